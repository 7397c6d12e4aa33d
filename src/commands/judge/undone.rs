//! Whether a commit undoes another one, as its message says.

use std::cell::Cell;
use std::collections::HashMap;

use bstr::BString;

use super::ancestry::Ancestry;
use crate::commands::source::Source;
use crate::error::Error;
use crate::git::{Change, FileChange, GitError, Mode, Oid, merged};
use crate::trace::revert::{Named, reverted};

/// Commits of one message that are compared, and of a whole judgement: comparing costs, and anybody may write names.
const OF_MESSAGE: usize = 16;
const OF_ALL: usize = 4096;
/// Bytes of a file that is compared by lines.
const MOST_BYTES: u64 = 1 << 20;

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
            Ok(inverse) => {
                let exact =
                    pairs.iter().zip(inverse).filter(|(_, is)| *is).map(|((commit, target), _)| (commit, target));
                for (commit, target) in exact {
                    if self.undoes_in_place(commit, target)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Err(GitError::MissingObject { oid }) => {
                self.source.unseen(format!("whether commits were reverted: object {} is missing", oid.short(12)));
                Ok(false)
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Whether each file becomes what `git revert` would make of it: the same lines elsewhere in it are another change.
    fn undoes_in_place(&self, commit: &Change, target: &Change) -> Result<bool, Error> {
        let repo = &self.source.repo;
        let theirs: HashMap<BString, FileChange> = repo
            .tree_changes(target.parent, Some(target.commit), &[])?
            .into_iter()
            .map(|file| (file.path.clone(), file))
            .collect();
        for file in repo.tree_changes(commit.parent, Some(commit.commit), &[])? {
            let Some(their) = theirs.get(&file.path) else { return Ok(false) };
            if (file.old, file.new) == (their.new, their.old) {
                continue;
            }
            let texts = [their.new, file.old, their.old, file.new].map(|side| self.text(side));
            let [Some(base), Some(ours), Some(back), Some(made)] = texts else { return Ok(false) };
            if merged(&base?, &ours?, &back?) != Some(made?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A text of a size that can be merged.
    fn text(&self, side: Option<(Mode, Oid)>) -> Option<Result<Vec<u8>, Error>> {
        let (mode, blob) = side?;
        if !mode.is_file() {
            return None;
        }
        match self.source.repo.blob_size(blob) {
            Ok(size) if size > MOST_BYTES => None,
            Ok(_) => Some(self.source.repo.blob(blob).map_err(Error::from)),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// The change that is said to be undone; none where that is a merge, or there is none.
    fn target(&self, named: &Named) -> Result<Option<Change>, Error> {
        let Some(commit) = self.source.repo.commit_starting(&named.commit)? else { return Ok(None) };
        let parents = self.source.repo.parents(commit)?;
        let parent = match (parents.as_slice(), &named.parent) {
            ([], None) => None,
            ([only], None) => Some(*only),
            // Whoever pushes a merge chose the order of its parents; to undo it for one takes back what that one has not,
            // which may be the whole of a branch.
            _ => return Ok(None),
        };
        Ok(Some(Change { commit, parent }))
    }
}
