//! Whether a commit undoes another one, as its message says.

use std::cell::Cell;

use super::ancestry::Ancestry;
use crate::commands::source::Source;
use crate::error::Error;
use crate::git::{Change, GitError, Oid};
use crate::trace::revert::{Named, reverted};

/// Commits of one message that are compared, and of a whole judgement: comparing costs, and anybody may write names.
const OF_MESSAGE: usize = 16;
const OF_ALL: usize = 4096;

/// Compares reverts with what they revert.
pub struct Undone<'s> {
    source: &'s Source,
    left: Cell<usize>,
}

impl<'s> Undone<'s> {
    /// Nothing is compared yet.
    pub fn new(source: &'s Source) -> Undone<'s> {
        Undone { source, left: Cell::new(OF_ALL) }
    }

    /// Whether a commit, which has one parent, is the inverse of a commit behind it that its message names. One that isn't
    /// behind it was never judged here.
    pub fn is_revert(&self, commit: Oid, parent: Oid, message: &[u8], ancestry: &Ancestry) -> Result<bool, Error> {
        let mut pairs = Vec::new();
        for named in reverted(message).into_iter().take(OF_MESSAGE.min(self.left.get())) {
            self.left.set(self.left.get() - 1);
            let Some(target) = self.target(&named)? else { continue };
            if ancestry.is_behind(target.commit, parent)? {
                pairs.push((Change { commit, parent: Some(parent) }, target));
            }
        }
        match self.source.repo.are_inverse(&pairs) {
            Ok(inverse) => Ok(inverse.contains(&true)),
            Err(GitError::MissingObject { oid }) => {
                self.source.unseen(format!("whether commits were reverted: object {} is missing", oid.short(12)));
                Ok(false)
            }
            Err(other) => Err(other.into()),
        }
    }

    /// The change that is said to be undone; none where it isn't said which one: a merge without a parent, or another's.
    fn target(&self, named: &Named) -> Result<Option<Change>, Error> {
        let Some(commit) = self.source.repo.commit_starting(&named.commit)? else { return Ok(None) };
        let parents = self.source.repo.parents(commit)?;
        let said = named.parent.as_deref().map(|hex| self.source.repo.commit_starting(hex)).transpose()?.flatten();
        let parent = match (parents.as_slice(), said) {
            ([], None) => None,
            ([only], None) => Some(*only),
            (several, Some(said)) if several.contains(&said) => Some(said),
            _ => return Ok(None),
        };
        Ok(Some(Change { commit, parent }))
    }
}
