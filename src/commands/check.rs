//! `git spec check`: the policy over a range of commits, as it will be judged elsewhere.

use bstr::ByteSlice;

use super::ci::{self, Pushed};
use super::judge::{Job, judge_commits};
use super::source::{Source, detect_at, settings};
use crate::config::{Config, SpecSet};
use crate::error::Error;
use crate::git::{Oid, Range, Repo, WalkQuery};
use crate::view::check::CheckReport;

/// A judgement, and what was judged.
pub struct Checked {
    /// What was found.
    pub report: CheckReport,
    /// Where.
    pub source: Source,
    /// The commits.
    pub query: WalkQuery,
    /// The newest of them.
    pub tip: Oid,
    /// The full name of the reference that they are on, where it is known.
    pub reference: Option<String>,
}

/// Judges the commits of a range; without one those that the upstream branch lacks.
///
/// # Errors
/// [`Error::NoPolicy`], and what reading the repository may give.
pub fn check(repo: Repo, range: Option<&str>) -> Result<Checked, Error> {
    let config = settings(&repo)?.filter(|config| config.policy.is_some()).ok_or(Error::NoPolicy)?;
    let range = match range {
        Some(range) => range.to_owned(),
        None if repo.resolve("@{upstream}").is_ok() => "@{upstream}..HEAD".to_owned(),
        None => {
            return Err(Error::Usage {
                message: "this branch has no upstream, so the range has to be named".to_owned(),
                help: "git spec check main..".to_owned(),
            });
        }
    };
    let (revs, tip, old) = match repo.range(&range)? {
        Range::From(tip) => (vec![tip.to_string()], tip, None),
        Range::Between(from, tip) => (vec![tip.to_string(), format!("^{from}")], tip, Some(from)),
    };
    let source = Source::of(repo, None)?;
    let query = WalkQuery { revs, ..WalkQuery::default() };
    let job = Job { old, notes: notes_count(&config), ..Job::new(&config, query.clone(), tip) };
    let report = judge_commits(&source, job)?;
    Ok(Checked { report, source, query, tip, reference: None })
}

/// Judges what a job was started for; none where its push deleted a reference. What was chosen and why is added to the
/// notes.
///
/// # Errors
/// Those of [`ci::pushed`] and [`ci::task`].
pub fn check_pushed(repo: Repo, notes: &mut Vec<String>) -> Result<Option<Checked>, Error> {
    let host = ci::host(&ci::variables);
    let Pushed::Commits(span) = ci::pushed(host, &ci::variables)? else { return Ok(None) };
    let task = ci::task(&repo, host, &span)?;
    notes.extend(task.notes);
    // Which files are the specification is the old policy's business too.
    let source = match task.config.spec.clone() {
        Some(set) => Source::judging(repo, set.with_overrides(task.config.overrides.clone())),
        None if repo.config()?.list("spec.include").is_some() => Source::of(repo, None)?,
        None => {
            let set = detected(&repo, task.old.into_iter().chain([task.tip]))?;
            Source::judging(repo, set.with_overrides(task.config.overrides.clone()))
        }
    };
    let query = WalkQuery { revs: task.revs, ..WalkQuery::default() };
    let notes = notes_count(&task.config);
    let job = Job { old: task.old, notes, ..Job::new(&task.config, query.clone(), task.tip) };
    let report = judge_commits(&source, job)?;
    Ok(Some(Checked { report, source, query, tip: task.tip, reference: span.reference }))
}

/// What the first of these commits holds that looks like a specification.
fn detected(repo: &Repo, commits: impl Iterator<Item = Oid>) -> Result<SpecSet, Error> {
    for commit in commits {
        let found = detect_at(repo, commit)?;
        if !found.include.is_empty() {
            return SpecSet::new(found.include, found.exclude, "detection");
        }
    }
    Ok(SpecSet::default())
}

/// Judges what a push would bring to the protected refs among `lines`, each `<ref> <id> <remote ref> <remote id>`
/// (githooks(5)). None without a policy.
///
/// # Errors
/// What reading the repository may give.
pub fn check_push(repo: Repo, remote: &str, lines: &[u8]) -> Result<Option<CheckReport>, Error> {
    let Some(config) = settings(&repo)?.filter(|config| config.policy.is_some()) else { return Ok(None) };
    let Some(policy) = &config.policy else { return Ok(None) };
    let protected = SpecSet::new(policy.refs.clone(), Vec::new(), "policy.refs")?;
    let source = Source::of(repo, None)?;
    let mut whole = CheckReport {
        schema: "git-spec/check/1",
        judged: 0,
        findings: Vec::new(),
        exempt: Vec::new(),
        incomplete: Vec::new(),
    };
    for line in lines.lines() {
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let [_, new, name, old] = words[..] else { continue };
        let (Ok(new), Ok(old)) = (Oid::from_hex(new), Oid::from_hex(old)) else { continue };
        if new == source.repo.zero_oid() || !protected.matches(name) {
            continue;
        }
        let known = old != source.repo.zero_oid() && source.repo.resolve(&old.to_string()).is_ok();
        let mut query = WalkQuery { revs: vec![new.to_string()], ..WalkQuery::default() };
        if known {
            query.revs.push(format!("^{old}"));
        } else {
            query.extra = vec!["--not".into(), format!("--remotes={remote}").into(), "--not".into()];
        }
        let found = judge_commits(
            &source,
            Job { old: known.then_some(old), notes: notes_count(&config), ..Job::new(&config, query, new) },
        )?;
        whole.judged += found.judged;
        whole.findings.extend(found.findings);
        whole.exempt.extend(found.exempt);
        whole.incomplete = found.incomplete;
    }
    Ok((whole.judged > 0).then_some(whole))
}

/// Whether links in notes count, as the policy says.
fn notes_count(config: &Config) -> bool {
    config.policy.as_ref().is_some_and(|policy| policy.accept_notes)
}
