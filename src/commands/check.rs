//! `git spec check`: the policy over a range of commits, as it will be judged elsewhere.

use bstr::ByteSlice;

use super::ci::{self, Pushed};
use super::doctor_policy::{directory_glob, path_globs};
use super::judge::{Job, judge_commits};
use super::source::{Source, detect_at, settings};
use crate::config::{Config, SpecSet};
use crate::error::Error;
use crate::git::{Oid, Range, Repo, WalkQuery};
use crate::view::check::{CheckReport, SHOWN};

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
    /// Globs that name nothing, each in a sentence.
    pub unused: Vec<String>,
}

/// What is said of globs that name a directory and nothing in it.
fn unused(repo: &Repo, tip: Oid, config: &Config) -> Result<Vec<String>, Error> {
    let mut said = Vec::new();
    for (key, glob) in path_globs(config) {
        if let Some(better) = directory_glob(repo, tip, glob)? {
            said.push(format!("{glob:?} in {key} names a directory and nothing that lies in it; write {better:?}"));
        }
    }
    Ok(said)
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
    let (revs, tip) = match repo.range(&range)? {
        Range::From(tip) => (vec![tip.to_string()], tip),
        Range::Between(from, tip) => (vec![tip.to_string(), format!("^{from}")], tip),
    };
    let source = Source::of(repo, None)?;
    let query = WalkQuery { revs, ..WalkQuery::default() };
    let job = Job { notes: notes_count(&config), ..Job::new(&config, query.clone(), tip) };
    let report = judge_commits(&source, job)?;
    let unused = unused(&source.repo, tip, &config)?;
    Ok(Checked { report, source, query, tip, reference: None, unused })
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
    let source = of_policy(repo, &task.config, task.old.into_iter().chain([task.tip]))?;
    let query = WalkQuery { revs: task.revs, ..WalkQuery::default() };
    let notes = notes_count(&task.config);
    let job = Job { notes, ..Job::new(&task.config, query.clone(), task.tip) };
    let report = judge_commits(&source, job)?;
    let unused = unused(&source.repo, task.tip, &task.config)?;
    Ok(Some(Checked { report, source, query, tip: task.tip, reference: span.reference, unused }))
}

/// The specification that a policy of another commit belongs to: which files are it is that policy's business too.
fn of_policy(repo: Repo, config: &Config, commits: impl Iterator<Item = Oid>) -> Result<Source, Error> {
    let set = match config.spec.clone() {
        Some(set) => set,
        None if repo.config()?.list("spec.include").is_some() => return Source::of(repo, None),
        None => detected(&repo, commits)?,
    };
    Ok(Source::judging(repo, set.with_overrides(config.overrides.clone())))
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
/// (githooks(5)), as the server would. None without a policy, and where nothing is to be judged.
///
/// # Errors
/// What reading the repository may give.
pub fn check_push(repo: Repo, remote: &str, lines: &[u8]) -> Result<Option<CheckReport>, Error> {
    // Git names a remote that was typed as an address by that address.
    let remotes = repo.remotes()?;
    let named = |name: &&String| {
        repo.config()
            .is_ok_and(|config| config.get_all(&format!("remote.{name}.url")).iter().any(|url| **url == remote))
    };
    let remote = match remotes.iter().find(|name| *name == remote).or_else(|| remotes.iter().find(named)) {
        Some(name) => name.clone(),
        None => remote.to_owned(),
    };
    let remote = remote.as_str();
    let theirs = ci::default_branch(&repo, remote, None)?.and_then(|default| default.tip);
    let config = theirs.map(|tip| ci::config_of(&repo, tip)).transpose()?.flatten();
    let (config, theirs) = match config.filter(|config| config.policy.is_some()) {
        Some(config) => (config, theirs),
        None => match settings(&repo)?.filter(|config| config.policy.is_some()) {
            Some(config) => (config, None),
            None => return Ok(None),
        },
    };
    let refs = config.policy.as_ref().map(|policy| policy.refs.clone()).unwrap_or_default();
    let protected = SpecSet::new(refs, Vec::new(), "policy.refs")?;
    let mut known = ci::tracked(&repo, remote, |name| protected.matches(name))?;
    let mut news: Vec<Oid> = Vec::new();
    for line in lines.lines() {
        // The first word is what a person typed, which may have blanks.
        let words: Vec<&[u8]> = line.rsplitn(4, |byte| *byte == b' ').collect();
        let [old, name, new, ..] = words[..] else { continue };
        let (Ok(new), Ok(old)) = (Oid::from_hex(new), Oid::from_hex(old)) else { continue };
        if !protected.matches(name) {
            continue;
        }
        if old != repo.zero_oid() && repo.resolve(&old.to_string()).is_ok() {
            known.push(old.to_string());
        }
        if new != repo.zero_oid() {
            news.push(new);
        }
    }
    let source = match theirs {
        Some(tip) => of_policy(repo, &config, std::iter::once(tip).chain(news.first().copied()))?,
        None => Source::of(repo, None)?,
    };
    let mut whole = CheckReport::default();
    for new in news {
        let revs = std::iter::once(new.to_string()).chain(known.iter().map(|known| format!("^{known}"))).collect();
        let query = WalkQuery { revs, ..WalkQuery::default() };
        let job = Job { notes: notes_count(&config), most: SHOWN, ..Job::new(&config, query, new) };
        whole.join(judge_commits(&source, job)?);
        whole.keep_shown();
        known.push(new.to_string());
    }
    Ok((whole.judged > 0).then_some(whole))
}

/// Whether links in notes count, as the policy says.
fn notes_count(config: &Config) -> bool {
    config.policy.as_ref().is_some_and(|policy| policy.accept_notes)
}
