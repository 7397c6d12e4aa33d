//! Commits that are made one: which of them another of them takes back, so that their links don't go along.

use std::collections::{HashMap, HashSet};

use bstr::ByteSlice;

use super::ledger::commit_id;
use super::links::subject;
use super::reverts;
use super::source::Source;
use crate::error::Error;
use crate::git::{GitError, Message, Oid, Repo};
use crate::trace::{CommitId, Graph, message};

/// Of commits that become one, those that another of them verifiably reverts, each with that one. `end` is what becomes of
/// them; where it isn't there yet, the newest of them counts. What is kept of the code that a commit wrote has not been
/// taken back.
///
/// # Errors
/// What reading the repository may give.
pub fn taken_back(source: &Source, commits: &[Oid], end: Option<Oid>) -> Result<HashMap<Oid, CommitId>, Error> {
    let mut messages = Vec::new();
    for &commit in commits {
        match source.repo.message(commit) {
            Ok(message) => messages.push(message),
            // It was thrown away since.
            Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    if messages.len() < 2 || !messages.iter().any(Message::names_revert) {
        return Ok(HashMap::new());
    }
    let all: Vec<Oid> = messages.iter().map(|message| message.commit).collect();
    // They come in the order of a rebase, or newest first; only in a history of one line is it certain what came later.
    for &tip in all.iter().rev() {
        let graph = source.graph_behind(tip)?;
        if all.iter().all(|&commit| is_behind(&graph, commit, tip)) {
            return taken_back_at(source, tip, &messages, end.unwrap_or(tip));
        }
    }
    Ok(HashMap::new())
}

fn is_behind(graph: &Graph, commit: Oid, tip: Oid) -> bool {
    let ids = commit_id(commit).zip(commit_id(tip));
    ids.is_some_and(|(commit, tip)| graph.is_ancestor(commit, tip) == Some(true))
}

/// [`taken_back`] of commits behind `tip`, whose messages are at hand.
///
/// # Errors
/// What reading the repository may give.
pub fn taken_back_at(
    source: &Source,
    tip: Oid,
    messages: &[Message],
    end: Oid,
) -> Result<HashMap<Oid, CommitId>, Error> {
    let Some(head) = commit_id(tip).filter(|_| messages.iter().any(Message::names_revert)) else {
        return Ok(HashMap::new());
    };
    let graph = source.graph_behind(tip)?;
    let subjects: Vec<(CommitId, String)> =
        messages.iter().filter_map(|message| Some((commit_id(message.commit)?, subject(&message.bytes)))).collect();
    let others = subjects.iter().map(|(commit, subject)| (*commit, subject.as_str()));
    let reverts = reverts::read(source, &graph, head, messages, others)?;
    let commits = messages.iter().map(|message| message.commit);
    let undone = commits.filter_map(|commit| Some((commit, reverts.undone_by(commit_id(commit)?, &graph)?)));
    Ok(undone.filter(|(commit, _)| !reverts::stands(source, end, *commit).unwrap_or(false)).collect())
}

/// Links, as they are written, that only commits have which others of a joined message take back.
///
/// # Errors
/// What reading the repository may give.
pub fn undone_links(repo: &Repo, message: &[u8]) -> Result<HashSet<String>, Error> {
    let commits = joined(repo, message);
    if commits.len() < 2 {
        return Ok(HashSet::new());
    }
    let source = match Source::of(repo.reopen(), None) {
        Err(Error::NoSpecSet { .. }) => Source::without_set(repo.reopen()),
        opened => opened?,
    };
    let taken = taken_back(&source, &commits, None)?;
    if taken.is_empty() {
        return Ok(HashSet::new());
    }
    let (mut dead, mut alive) = (HashSet::new(), HashSet::new());
    for commit in commits {
        let links = message::extract(&repo.message(commit)?.bytes).links;
        let side = if taken.contains_key(&commit) { &mut dead } else { &mut alive };
        side.extend(links.iter().map(ToString::to_string));
    }
    dead.retain(|link| !alive.contains(link));
    Ok(dead)
}

/// The commits that a message joins which Git prepared, for a squash or in a rebase.
pub fn joined(repo: &Repo, message: &[u8]) -> Vec<Oid> {
    let mut commits = named(message);
    commits.extend(repo.joined_by_rebase());
    commits
}

/// The commits of the log that `git merge --squash` writes down, newest first.
pub fn named(message: &[u8]) -> Vec<Oid> {
    message.lines().filter_map(|line| Oid::from_hex(line.strip_prefix(b"commit ")?).ok()).collect()
}
