//! `git spec check`: the policy over a range of commits, as it will be judged elsewhere.

use bstr::ByteSlice;

use super::judge::{Job, judge_commits};
use super::source::{Source, settings};
use crate::error::Error;
use crate::git::{Oid, Range, Repo, WalkQuery};
use crate::view::check::CheckReport;

/// Judges the commits of a range; without one those that the upstream branch lacks.
///
/// # Errors
/// [`Error::NoPolicy`], and what reading the repository may give.
pub fn check(repo: Repo, range: Option<&str>) -> Result<(CheckReport, Source), Error> {
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
    let report = judge_commits(&source, Job::new(&config, query, tip))?;
    Ok((report, source))
}

/// Judges what a push would bring to the protected refs among `lines`, each `<ref> <id> <remote ref> <remote id>`
/// (githooks(5)). None without a policy.
///
/// # Errors
/// What reading the repository may give.
pub fn check_push(repo: Repo, remote: &str, lines: &[u8]) -> Result<Option<CheckReport>, Error> {
    let Some(config) = settings(&repo)?.filter(|config| config.policy.is_some()) else { return Ok(None) };
    let Some(policy) = &config.policy else { return Ok(None) };
    let protected = crate::config::SpecSet::new(policy.refs.clone(), Vec::new(), "policy.refs")?;
    let source = Source::of(repo, None)?;
    let mut whole = CheckReport { schema: "git-spec/check/1", judged: 0, findings: Vec::new(), incomplete: Vec::new() };
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
        let found = judge_commits(&source, Job { old: known.then_some(old), ..Job::new(&config, query, new) })?;
        whole.judged += found.judged;
        whole.findings.extend(found.findings);
        whole.incomplete = found.incomplete;
    }
    Ok((whole.judged > 0).then_some(whole))
}
