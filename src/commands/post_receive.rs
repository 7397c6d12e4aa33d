//! `git spec hook post-receive`: what a push did to the specification, and what it was let through for.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use bstr::{BString, ByteSlice};
use serde::Serialize;

use super::diff::diff;
use super::receive::in_force::{InForce, Refs, own_spec_set};
use super::receive::pusher::{Pusher, ServerSettings};
use super::receive::{Push, Update, judge_push};
use super::sides::{Side, Sides};
use super::source::Source;
use crate::error::Error;
use crate::git::{Oid, PushFacts, Repo};
use crate::view::post_receive::{MovedRef, PostReceiveReport};
use crate::view::receive::Audit;

/// Tells of each branch what became of the specification.
///
/// # Errors
/// What reading may give.
pub fn post_receive(repo: &Repo, settings: &ServerSettings, updates: &[Update]) -> Result<PostReceiveReport, Error> {
    let mut report = PostReceiveReport { schema: "git-spec/post-receive/1", refs: Vec::new(), incomplete: Vec::new() };
    let refs = Refs::now(repo)?;
    let in_force = InForce::find(repo, &refs, settings)?;
    let mut source: Option<Source> = None;
    let default = refs.default.as_ref().and_then(|name| refs.object(name.as_bstr()));
    for update in updates.iter().filter(|update| update.name.starts_with(b"refs/heads/")) {
        let commit = |oid: Oid| -> Result<Option<Oid>, Error> { Ok(repo.peeled(&[oid])?.into_iter().next().flatten()) };
        let (old, new) = (commit(update.old)?, commit(update.new)?);
        let mut moved = MovedRef {
            name: update.name.to_str_lossy().into_owned(),
            old: old.map(|oid| oid.to_string()),
            new: new.map(|oid| oid.to_string()),
            base: None,
            changes: Vec::new(),
        };
        if let Some(new) = new {
            let left = |default: Oid| repo.merge_base(default, new);
            let base = match old {
                Some(old) => Some(old),
                None if refs.default.as_ref() == Some(&update.name) => None,
                None => default.map(left).transpose()?.flatten(),
            };
            let source = match &mut source {
                Some(source) => source,
                none => {
                    let set = match &in_force {
                        Some(policy) => policy.spec_set(repo, &refs, new)?,
                        None => own_spec_set(repo, &refs, new)?,
                    };
                    none.insert(Source::judging(repo.reopen(), set))
                }
            };
            moved.base = base.map(|oid| oid.to_string());
            let sides = Sides { from: base.map_or(Side::Empty, Side::Commit), to: Side::Commit(new) };
            moved.changes = diff(source, &sides, &[])?.changes;
        }
        report.refs.push(moved);
    }
    if let Some(source) = source {
        report.incomplete = source.incomplete.borrow().clone();
    }
    Ok(report)
}

/// A line of the audit log.
#[derive(Serialize)]
struct Line<'a> {
    /// Seconds since 1970 in UTC.
    time: u64,
    repository: String,
    #[serde(flatten)]
    audit: &'a Audit,
}

/// Adds to the server's log what the push was let through for, where it keeps one.
///
/// # Errors
/// What reading may give, and [`Error::Io`].
pub fn write_down(push: &Push<'_>, updates: &[Update]) -> Result<(), Error> {
    let Some(log) = &push.settings.audit_log else { return Ok(()) };
    let lists = [&push.settings.exempt, &push.settings.allow_rewind];
    if !lists.into_iter().any(|names| push.pusher.is_among(names)) {
        return Ok(());
    }
    let verdict = judge_push(push, updates)?;
    if verdict.audits.is_empty() {
        return Ok(());
    }
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let repository = push.repo.git_dir().display().to_string();
    let mut text = String::new();
    for audit in &verdict.audits {
        text += &serde_json::to_string(&Line { time, repository: repository.clone(), audit })?;
        text.push('\n');
    }
    let failed = |error| Error::io(format!("write {}", log.display()), error);
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(log).map_err(failed)?;
    // One write, so that the lines of two pushes never mix.
    file.write_all(text.as_bytes()).map_err(failed)
}

/// References before the push, from where they are now.
///
/// # Errors
/// What git says.
pub fn refs_before(repo: &Repo, updates: &[Update]) -> Result<Refs, Error> {
    let refs = Refs::now(repo)?;
    let mut moves: Vec<(BString, Option<Oid>)> = Vec::new();
    for update in updates {
        let name = refs.leads_to(repo, update.name.as_bstr())?;
        moves.push((name, (update.old != repo.zero_oid()).then_some(update.old)));
    }
    Ok(refs.before(&moves))
}

/// What a push is in the eyes of `post-receive`.
///
/// # Errors
/// What git says.
pub fn note_down(
    repo: &Repo,
    settings: &ServerSettings,
    updates: &[Update],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(), Error> {
    if settings.audit_log.is_none() {
        return Ok(());
    }
    let pusher = Pusher::of(settings, &variable);
    let facts = PushFacts::of(&variable);
    let refs = refs_before(repo, updates)?;
    write_down(&Push { repo, settings, pusher: &pusher, facts: &facts, refs: &refs }, updates)
}
