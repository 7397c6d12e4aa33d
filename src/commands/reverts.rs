//! Which carriers were undone: what messages say is read, and what they say is verified.

use super::ledger::commit_id;
use super::source::Source;
use crate::error::Error;
use crate::git::{Change, GitError, Message, Oid};
use crate::trace::revert::{Revert, Reverts, reverted};
use crate::trace::{CommitId, Graph};

/// The reverts that `head` reaches, verified all together.
pub fn read(source: &Source, graph: &Graph, head: CommitId, messages: &[Message]) -> Result<Reverts, Error> {
    let mut said: Vec<Revert> = messages.iter().flat_map(|message| read_one(message, graph, head)).collect();
    said.sort_by_key(|revert| std::cmp::Reverse(graph.position(revert.commit)));
    said.dedup_by_key(|revert| (revert.commit, revert.target));
    verify(source, &mut said)?;
    Ok(Reverts::new(said, graph))
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

/// Compares each revert with what it says it reverts.
fn verify(source: &Source, reverts: &mut [Revert]) -> Result<(), Error> {
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
