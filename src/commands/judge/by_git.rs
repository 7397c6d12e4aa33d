//! What git makes of a merge's parents, for what the paths alone don't tell (docs/spec/check.md, `check.link.merge.git`).

use std::collections::HashSet;
use std::sync::Arc;

use bstr::BString;

use super::merges::{Content, MOST_BYTES, Merge, Version, version};
use crate::error::Error;
use crate::git::{Bench, FileChange, GitError, MadeTree, NotAsked, Oid, Scratch};

/// Bytes that git may have to merge for one merge: as much is written into the directory for temporary files.
const MOST_MERGED: u64 = 256 << 20;

impl Merge<'_> {
    /// The files of a merge that git's answer leaves unexplained, by the answer that leaves least.
    pub(super) fn unexplained_by_git<'f>(
        &self,
        scratch: &Arc<Scratch>,
        files: Vec<&'f FileChange>,
    ) -> Result<Result<Vec<&'f FileChange>, NotAsked>, Error> {
        let mut bases = Vec::new();
        for (at, &other) in self.parents.iter().enumerate().skip(1) {
            bases.extend(self.since(0, at)?.iter().map(|base| (other, base.commit)));
        }
        match self.would_merge(&bases) {
            Ok(bytes) if bytes <= MOST_MERGED => {}
            Ok(_) => return Ok(Err(NotAsked::TooMuch)),
            // What a remote promised is not fetched for it.
            Err(GitError::MissingObject { .. }) => return Ok(Err(NotAsked::Failed)),
            Err(error) => return Err(error.into()),
        }
        let bench = match scratch.open(&self.source.repo) {
            Ok(bench) => bench,
            Err(why) => return Ok(Err(why)),
        };
        let mut backwards = self.parents.to_vec();
        backwards.reverse();
        let mut least = None;
        for (parents, moves) in
            [(self.parents, true), (self.parents, false), (&backwards[..], true), (&backwards[..], false)]
        {
            let made = match bench.merge(parents, self.commit, moves) {
                Ok(Some(made)) => made,
                Ok(None) => continue,
                Err(why) => return Ok(Err(why)),
            };
            let is_swapped = parents != self.parents;
            let mut left = Vec::new();
            for &file in &files {
                if !self.is_of_answer(&bench, &made, is_swapped, file)? {
                    left.push(file);
                }
            }
            let is_all = left.is_empty();
            if least.as_ref().is_none_or(|least: &Vec<_>| left.len() < least.len()) {
                least = Some(left);
            }
            if is_all {
                break;
            }
        }
        Ok(Ok(least.unwrap_or(files)))
    }

    /// Whether a merge has of a file what git made of it, or a solution of its conflict.
    fn is_of_answer(&self, bench: &Bench, made: &MadeTree, is_swapped: bool, file: &FileChange) -> Result<bool, Error> {
        let path = &file.path;
        let here = version(file.new);
        if let Some(&[base, mut left, mut right]) = made.conflicts.get(path) {
            if is_swapped {
                std::mem::swap(&mut left, &mut right);
            }
            let [base, left, right] = [base, left, right].map(version);
            let Some(base) = self.here_or_there(bench, base)? else { return Ok(false) };
            let (Some(left), Some(right)) = (self.here_or_there(bench, left)?, self.here_or_there(bench, right)?)
            else {
                return Ok(false);
            };
            return self.is_settled(path, [&base, &left, &right], &here);
        }
        let Some(other) = made.differs.get(path) else { return Ok(true) };
        let sides = self.sides(path, &here);
        let gits = version(other.old);
        if sides.iter().any(|side| side.is_none() || *side == gits) {
            return Ok(false);
        }
        match self.here_or_there(bench, gits)? {
            Some(gits) => self.has_lines_of(&gits, &here),
            None => Ok(false),
        }
    }

    /// The content of a file that git may have written itself: none where it is too large.
    fn here_or_there(&self, bench: &Bench, version: Version) -> Result<Option<Version>, Error> {
        let Some((mode, Content::Blob(blob))) = &version else { return Ok(Some(version)) };
        if !mode.is_file() || self.source.repo.blob_size(*blob).is_ok() {
            return Ok(Some(version));
        }
        let text = bench.blob(*blob, MOST_BYTES)?;
        Ok(text.map(|text| Some((*mode, Content::Text(text.into())))))
    }

    /// How many bytes of files differ on both sides.
    fn would_merge(&self, bases: &[(Oid, Option<Oid>)]) -> Result<u64, GitError> {
        let repo = &self.source.repo;
        let mut bytes = 0;
        for &(other, base) in bases {
            let [left, right] = [self.parents[0], other].map(|side| repo.tree_changes(base, Some(side), &[]));
            let (left, right) = (left?, right?);
            let theirs: HashSet<&BString> = right.iter().map(|file| &file.path).collect();
            let both: HashSet<&BString> =
                left.iter().map(|file| &file.path).filter(|path| theirs.contains(path)).collect();
            for file in left.iter().chain(&right).filter(|file| both.contains(&file.path)) {
                if let Some((mode, blob)) = file.new
                    && mode.is_file()
                {
                    bytes += repo.blob_size(blob)?;
                }
            }
        }
        Ok(bytes)
    }
}
