//! A file that both sides of a merge renamed, each to another name: git leaves what it makes of the content at both, and
//! somebody has to decide for one of them, or for both.

use bstr::{BString, ByteSlice};

use super::merges::{MOST_BYTES, Merge, Version, version};
use crate::error::Error;
use crate::git::{Bench, FileChange, MadeTree, Mode, Oid};

/// What stands at a path, if anything.
type Stage = Option<(Mode, Oid)>;

impl Merge<'_> {
    /// Whether a merge has at such a name what git makes of both sides, or a solution of its conflicts, or nothing where it has the
    /// other name; none where the path is no such name.
    pub(super) fn has_one_of_two_names(
        &self,
        bench: &Bench,
        made: &MadeTree,
        is_swapped: bool,
        file: &FileChange,
    ) -> Result<Option<bool>, Error> {
        let path = &file.path;
        let Some(&[None, first, second]) = made.conflicts.get(path) else { return Ok(None) };
        let (Some(own), None) = (first.or(second), first.and(second)) else { return Ok(None) };
        let is_twin = |(other, stages): &(&BString, &[Stage; 3])| {
            let (here, there) = if first.is_some() { (stages[1], stages[2]) } else { (stages[2], stages[1]) };
            *other != path && stages[0].is_none() && here.is_none() && there == Some(own)
        };
        let Some((twin, _)) = made.conflicts.iter().find(is_twin) else { return Ok(None) };
        let Some(place) = self.paths.place(path.as_bstr()) else { return Ok(None) };
        if !self.paths.demands_as_much(twin.as_bstr(), place) {
            return Ok(Some(false));
        }
        let repo = &self.source.repo;
        let here = version(file.new);
        if here.is_none() {
            // What it has there is judged for itself.
            return Ok(Some(repo.file_at(self.commit, twin)?.is_some()));
        }
        let names = if first.is_some() != is_swapped { [path, twin] } else { [twin, path] };
        let mut sides: [Version; 2] = [None, None];
        for ((side, parent), name) in sides.iter_mut().zip(self.parents).zip(names) {
            *side = version(repo.file_at(*parent, name)?);
        }
        let [left, right] = &sides;
        let text = bench.blob(own.1, MOST_BYTES)?;
        for [was, one, other] in made.conflicts.values() {
            if was.is_some()
                && one.is_none()
                && other.is_none()
                && self.is_settled(path, [&version(*was), left, right], &here, text.as_deref())?
            {
                return Ok(Some(true));
            }
        }
        Ok(Some(false))
    }
}
