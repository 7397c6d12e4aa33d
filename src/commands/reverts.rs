//! Which carriers were undone: what messages say is read, and what they say is verified.

use std::collections::HashMap;

use super::ledger::commit_id;
use super::links::subject;
use super::source::Source;
use crate::error::Error;
use crate::git::{Change, FileChange, GitError, Message, Oid};
use crate::trace::revert::{Named, Revert, Reverts, quoted_subject, reverted};
use crate::trace::{CommitId, Graph};

/// The reverts that `head` reaches, verified all together. `others` are commits that may be meant where the named one is
/// gone, with their subjects.
pub fn read<'s>(
    source: &Source,
    graph: &Graph,
    head: CommitId,
    messages: &[Message],
    others: impl Iterator<Item = (CommitId, &'s str)>,
) -> Result<Reverts, Error> {
    let mut said: Vec<Revert> = messages.iter().flat_map(|message| read_one(message, graph, head)).collect();
    said.sort_by_key(|revert| std::cmp::Reverse(graph.position(revert.commit)));
    said.dedup_by_key(|revert| (revert.commit, revert.target));
    verify(source, graph, &mut said)?;
    said.extend(rewritten(source, graph, head, messages, others)?);
    Ok(Reverts::new(said, graph))
}

/// Reverts of commits that are gone, as after a rebase that took both along: of the commits behind one that have the quoted
/// subject, the newest that it is the inverse of.
fn rewritten<'s>(
    source: &Source,
    graph: &Graph,
    head: CommitId,
    messages: &[Message],
    others: impl Iterator<Item = (CommitId, &'s str)>,
) -> Result<Vec<Revert>, Error> {
    let reached = |old: CommitId, new: CommitId| graph.is_ancestor(old, new) == Some(true);
    // Perhaps it is there still, on the branch that both were picked from.
    let is_elsewhere = |hex: &str, commit: CommitId| match graph.resolve_prefix(hex) {
        Ok(found) => found.is_none_or(|target| !reached(target, commit)),
        Err(_) => false,
    };
    let subjects: Vec<(CommitId, String)> =
        messages.iter().filter_map(|message| Some((commit_id(message.commit)?, subject(&message.bytes)))).collect();
    let lost: Vec<(CommitId, String)> = messages
        .iter()
        .zip(&subjects)
        .filter(|(message, (commit, _))| {
            let named = reverted(&message.bytes);
            let is_lost = |one: &Named| one.parent.is_none() && is_elsewhere(&one.commit, *commit);
            reached(*commit, head) && matches!(named.as_slice(), [one] if is_lost(one))
        })
        .filter_map(|(_, (commit, subject))| Some((*commit, quoted_subject(subject)?)))
        .collect();
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    let mut by_subject: HashMap<&str, Vec<CommitId>> = HashMap::new();
    for (commit, subject) in &subjects {
        by_subject.entry(subject).or_default().push(*commit);
    }
    for (commit, subject) in others {
        by_subject.entry(subject).or_default().push(commit);
    }
    let mut maybe: Vec<Revert> = Vec::new();
    for (commit, quoted) in &lost {
        for &target in by_subject.get(quoted.as_str()).into_iter().flatten() {
            if target != *commit && reached(target, *commit) {
                maybe.push(Revert { commit: *commit, target, parent: None, verified: false });
            }
        }
    }
    // The newest first of each.
    maybe.sort_by_key(|revert| (revert.commit, graph.position(revert.target)));
    maybe.dedup_by_key(|revert| (revert.commit, revert.target));
    verify_each(source, &mut maybe)?;
    maybe.retain(|revert| revert.verified);
    maybe.dedup_by_key(|revert| revert.commit);
    Ok(maybe)
}

/// Whether a revision has each file outside the spec set as a commit left it; `None` where that cannot be said.
pub fn stands(source: &Source, tip: Oid, commit: Oid) -> Option<bool> {
    let repo = &source.repo;
    let parent = match repo.parents(commit).ok()?.as_slice() {
        [] => None,
        [parent] => Some(*parent),
        _ => return None,
    };
    let mut changes = repo.tree_changes(parent, Some(commit), &[]).ok()?;
    changes.retain(|file| !source.set.matches(&file.path));
    let stands = |file: &FileChange| repo.file_at(tip, &file.path).ok() == Some(file.new);
    Some(!changes.is_empty() && changes.iter().all(stands))
}

/// What one message says, of commits that are there.
fn read_one(message: &Message, graph: &Graph, head: CommitId) -> Vec<Revert> {
    let Some(commit) = commit_id(message.commit) else { return Vec::new() };
    let find = |hex: &str| graph.resolve_prefix(hex).ok().flatten();
    let reached = |old: CommitId, new: CommitId| graph.is_ancestor(old, new) == Some(true);
    let said = reverted(&message.bytes).into_iter().filter_map(|named| {
        let target = find(&named.commit)?;
        Some(Revert { commit, target, parent: named.parent.as_deref().and_then(find), verified: false })
    });
    said.filter(|revert| commit != revert.target && reached(commit, head) && reached(revert.target, commit)).collect()
}

/// Compares each revert with what it says it reverts, and one that names several with all of them.
fn verify(source: &Source, graph: &Graph, reverts: &mut [Revert]) -> Result<(), Error> {
    verify_each(source, reverts)?;
    for group in reverts.chunk_by_mut(|a, b| a.commit == b.commit).filter(|group| group.len() > 1) {
        if !group.iter().any(|revert| revert.verified) && is_inverse_of_all(source, graph, group)? {
            group.iter_mut().for_each(|revert| revert.verified = true);
        }
    }
    Ok(())
}

fn verify_each(source: &Source, reverts: &mut [Revert]) -> Result<(), Error> {
    let mut pairs = Vec::new();
    let mut places = Vec::new();
    for (at, revert) in reverts.iter().enumerate() {
        if let Some(pair) = pair(source, revert)? {
            pairs.push(pair);
            places.push(at);
        }
    }
    let inverse = match source.repo.are_inverse(&pairs) {
        Ok(inverse) => inverse,
        Err(GitError::MissingObject { oid }) => {
            source.unseen(format!("whether commits were reverted: object {} is missing", oid.short(12)));
            return Ok(());
        }
        Err(other) => return Err(other.into()),
    };
    for (at, inverse) in places.into_iter().zip(inverse) {
        reverts[at].verified = inverse;
    }
    Ok(())
}

/// Whether one commit takes back all that it names, the newest first.
fn is_inverse_of_all(source: &Source, graph: &Graph, group: &[Revert]) -> Result<bool, Error> {
    let mut newest_first = group.to_vec();
    newest_first.sort_by_key(|revert| graph.position(revert.target));
    let mut commit = None;
    let mut targets = Vec::new();
    for revert in &newest_first {
        let Some((own, target)) = pair(source, revert)? else { return Ok(false) };
        commit = Some(own);
        targets.push(target);
    }
    let Some(commit) = commit else { return Ok(false) };
    match source.repo.undoes_all(&commit, &targets) {
        Err(GitError::MissingObject { oid }) => {
            source.unseen(format!("whether commits were reverted: object {} is missing", oid.short(12)));
            Ok(false)
        }
        other => Ok(other?),
    }
}

/// The two changes; `None` where it isn't said which ones are meant: a merge without a parent, or another's parent.
fn pair(source: &Source, revert: &Revert) -> Result<Option<(Change, Change)>, Error> {
    let oid = |id: CommitId| Oid::from_raw(id.as_bytes()).ok();
    let (Some(commit), Some(target)) = (oid(revert.commit), oid(revert.target)) else { return Ok(None) };
    let parents = source.repo.parents(target)?;
    let parent = match (parents.as_slice(), revert.parent.and_then(oid)) {
        ([], None) => None,
        ([only], None) => Some(*only),
        (several, Some(named)) if several.contains(&named) => Some(named),
        _ => return Ok(None),
    };
    let own = source.repo.parents(commit)?;
    let [own] = own.as_slice() else { return Ok(None) };
    let (commit, target) = (Change { commit, parent: Some(*own) }, Change { commit: target, parent });
    Ok(Some((commit, target)))
}
