//! A file of one side where the other one has a directory of that name: both cannot stay, and git puts the file beside it under
//! a name that nobody wants. Whoever merges finds it another one, and writes nothing by that.

use bstr::{BString, ByteSlice};

use super::merges::{Merge, version};
use crate::error::Error;
use crate::git::{FileChange, MadeTree};

/// Files below such a directory that are looked at, for one that the other side has a commit of its own for.
const MOST_BELOW: usize = 8;

impl Merge<'_> {
    /// Whether a new file of a merge of two is the one of a side that had to go out of a directory's way, by content and mode, at
    /// its only place.
    pub(super) fn is_moved_aside(&self, made: &MadeTree, is_swapped: bool, file: &FileChange) -> Result<bool, Error> {
        let (Some(here), 2) = (file.new, self.parents.len()) else { return Ok(false) };
        let is_new = |file: &FileChange| file.new == Some(here) && self.sides_of(file).iter().all(Option::is_none);
        let Some(place) = self.paths.place(file.path.as_bstr()).filter(|_| here.0.is_file() && is_new(file)) else {
            return Ok(false);
        };
        let mut aside = Vec::new();
        for (path, stages) in &made.conflicts {
            let Some(end) = path.rfind_byte(b'~') else { continue };
            let (was, side) = match stages {
                [_, Some(own), None] => (*own, usize::from(is_swapped)),
                [_, None, Some(own)] => (*own, usize::from(!is_swapped)),
                _ => continue,
            };
            let name = BString::from(&path[..end]);
            let repo = &self.source.repo;
            if was == here
                && repo.file_at(self.parents[side], &name)? == Some(here)
                && repo.is_directory_at(self.parents[1 - side], &name)?
                && repo.is_directory_at(self.commit, &name)?
                && repo.file_at(self.commit, path)?.is_none()
                && self.paths.demands_as_much(name.as_bstr(), place)
            {
                aside.push((name, side));
            }
        }
        // Two files of one content, and nobody could say which is which: a copy would be one more than there were.
        let mut places: Vec<&BString> = self
            .differs
            .iter()
            .flat_map(|differs| differs.values())
            .filter(|file| is_new(file))
            .map(|file| &file.path)
            .collect();
        places.sort_unstable();
        places.dedup();
        if aside.is_empty() || places.len() > aside.len() {
            return Ok(false);
        }
        for (name, side) in aside {
            if !self.has_own_at(side, &name)? || !self.has_own_below(1 - side, &name)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a side has a commit of its own for a file of a directory that it made.
    pub(super) fn has_own_below(&self, side: usize, directory: &BString) -> Result<bool, Error> {
        let start = [directory.as_slice(), b"/"].concat();
        let bases = self.since(0, 1)?;
        let mut below: Vec<&BString> =
            bases.iter().flat_map(|base| base.changed[side].keys()).filter(|path| path.starts_with(&start)).collect();
        below.sort_unstable();
        below.dedup();
        for path in below.into_iter().take(MOST_BELOW) {
            if self.has_own_at(side, path)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn sides_of(&self, file: &FileChange) -> Vec<super::merges::Version> {
        self.sides(&file.path, &version(file.new))
    }
}
