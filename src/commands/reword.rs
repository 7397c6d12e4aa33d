//! The command that opens the message of a commit, wherever the commit stands.

use super::ledger::commit_id;
use super::source::Source;
use crate::error::Error;
use crate::git::Oid;
use crate::view::text::shell_quote;

/// Of more commits than this it is not asked whether merges are among them; keeping merges does no harm.
const MOST: usize = 10_000;

/// What to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reword {
    /// The command.
    pub command: String,
    /// What to do in the list that it opens, as a sentence without its end.
    pub then: Option<String>,
}

/// The command that opens the message of a commit; none where no branch has the commit, or nothing can be rebased here.
///
/// # Errors
/// What Git says.
pub fn reword(source: &Source, commit: Oid) -> Result<Option<Reword>, Error> {
    let repo = &source.repo;
    if repo.work_tree().is_none() || repo.shallow_borders()?.contains(&commit) {
        return Ok(None);
    }
    let head = repo.head()?;
    if head == Some(commit) {
        return Ok(Some(Reword { command: "git commit --amend".to_owned(), then: None }));
    }
    let Some(id) = commit_id(commit) else { return Ok(None) };
    let mut found = None;
    if let Some(head) = head {
        let behind = source.graph_behind(head)?;
        let is_reached = commit_id(head).is_some_and(|head| behind.is_ancestor(id, head) == Some(true));
        found = is_reached.then_some((head, None));
    }
    if found.is_none() {
        found = repo.branch_with(commit)?.map(|(name, tip)| (tip, Some(name)));
    }
    let Some((tip, branch)) = found else { return Ok(None) };
    let graph = source.graph_behind(tip)?;
    let parents: Vec<_> = graph.parents(id).collect();
    let first: Vec<_> = parents.first().copied().into_iter().collect();
    let rewritten = commit_id(tip).map(|tip| graph.between(tip, &first, MOST)).unwrap_or_default();
    let merges = rewritten.len() >= MOST || rewritten.iter().any(|&commit| graph.parents(commit).nth(1).is_some());
    let short = commit.short(10);
    let onto = if parents.is_empty() { "--root".to_owned() } else { shell_quote(&format!("{short}^")).into() };
    let keep = if merges { " -r" } else { "" };
    let branch = branch.map(|name| format!(" {}", shell_quote(&name))).unwrap_or_default();
    let then = match parents.len() {
        0 | 1 => format!("in the list that it opens, write reword for pick in the line of {}", commit.short(7)),
        _ => format!("in the list that it opens, write merge -c for merge -C in the line of {}", commit.short(7)),
    };
    Ok(Some(Reword { command: format!("git rebase -i{keep} {onto}{branch}"), then: Some(then) }))
}
