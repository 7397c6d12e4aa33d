//! What Git itself copies by `notes.rewriteRef` when a rebase ends. It goes by what it tells the hook: that a commit at which
//! the rebase stopped became whatever HEAD was when it went on (sequencer.c, `sequencer_continue`).

use std::collections::BTreeMap;

use bstr::ByteSlice;

use super::links::NOTES;
use crate::error::Error;
use crate::git::{Oid, Repo};
use crate::trace::note;

/// The message of the commit by which Git copies notes at the end of a rebase (builtin/notes.c, `notes_copy_from_stdin`).
const COPIED: &[u8] = b"Notes added by 'git notes copy'";

/// The notes that new commits are to begin with where Git has just copied some for the pairs that it tells: without what it
/// copied to a commit that the old one did not become, and with what it wrote over. `right` are the pairs that hold.
///
/// # Errors
/// What reading notes may give.
pub fn undone(repo: &Repo, told: &[(Oid, Oid)], right: &[(Oid, Oid)]) -> Result<BTreeMap<Oid, Vec<u8>>, Error> {
    let mut begin = BTreeMap::new();
    let Some(before) = before(repo)? else { return Ok(begin) };
    let (before, now) = (repo.notes_of(before)?, repo.notes_now(NOTES)?);
    for &(old, new) in told {
        let was = before.note(new)?.unwrap_or_default();
        let is = now.note(new)?.unwrap_or_default();
        if was == is {
            continue;
        }
        if !right.contains(&(old, new)) {
            begin.insert(new, was);
        } else if let Some(whole) = note::union(&is, &was) {
            begin.entry(new).or_insert(whole);
        }
    }
    Ok(begin)
}

/// The notes before Git copied some just now; none where it didn't.
fn before(repo: &Repo) -> Result<Option<Oid>, Error> {
    let config = repo.config()?;
    let set = |variable: &str, key: &str| {
        let variable = std::env::var(variable).ok().map(|value| vec![value]);
        variable.unwrap_or_else(|| config.get_all(key).iter().map(|value| value.to_str_lossy().into_owned()).collect())
    };
    let refs = set("GIT_NOTES_REWRITE_REF", "notes.rewriteref");
    let covers = refs.iter().flat_map(|value| value.split(':')).any(|name| match name.split_once(['*', '?', '[']) {
        Some((begin, _)) => NOTES.starts_with(begin),
        None => name == NOTES,
    });
    // A note that is there stays then, and what is there may be a person's own copy.
    let ignores = set("GIT_NOTES_REWRITE_MODE", "notes.rewritemode").last().is_some_and(|mode| mode == "ignore");
    let off = config.get_bool("notes.rewrite.rebase").ok().flatten() == Some(false);
    if !covers || ignores || off {
        return Ok(None);
    }
    let Some(tip) = repo.notes_now(NOTES)?.tip() else { return Ok(None) };
    let is_copy = repo.message(tip).is_ok_and(|message| message.bytes.starts_with(COPIED));
    match repo.parents(tip) {
        Ok(parents) if is_copy => Ok(parents.first().copied()),
        _ => Ok(None),
    }
}
