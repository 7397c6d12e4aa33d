//! A directory of one side where the other one has a file of that name: both cannot stay. Whoever keeps the file and finds the
//! directory another name writes nothing by that, as who does it the other way round ([`super::moved_aside`]).

use std::collections::HashSet;

use bstr::{BStr, BString, ByteSlice};

use super::merges::Merge;
use crate::error::Error;
use crate::git::{FileChange, MadeTree, Mode, Oid, TreeEntry};

/// Such files of one merge that are looked at.
const MOST_NAMES: usize = 16;
/// Files of such a directory.
const MOST_FILES: usize = 4096;
/// Places that it may have gone to.
const MOST_PLACES: usize = 8;

/// A file that a side has, and where the other one has a directory.
type Kept = (BString, usize, (Mode, Oid));

impl Merge<'_> {
    /// The paths of a merge of two at which a file stayed, a directory of that name was, and where that went as it was.
    pub(super) fn moved_directories(&self, made: &MadeTree, is_swapped: bool) -> Result<HashSet<BString>, Error> {
        let mut moved = HashSet::new();
        if self.parents.len() != 2 {
            return Ok(moved);
        }
        let kept = |(path, stages): (&BString, &[Option<(Mode, Oid)>; 3])| -> Option<Kept> {
            let name = BString::from(&path[..path.rfind_byte(b'~')?]);
            match stages {
                [_, Some(own), None] => Some((name, usize::from(is_swapped), *own)),
                [_, None, Some(own)] => Some((name, usize::from(!is_swapped), *own)),
                _ => None,
            }
        };
        let mut names: Vec<Kept> = made.conflicts.iter().filter_map(kept).collect();
        names.sort_by(|a, b| a.0.cmp(&b.0));
        names.truncate(MOST_NAMES);
        for kept in names {
            moved.extend(self.moved_directory(made, &kept)?.into_iter().flatten());
        }
        Ok(moved)
    }

    /// The same for one file; none where the directory went nowhere, or not as it was.
    fn moved_directory(&self, made: &MadeTree, (name, side, was): &Kept) -> Result<Option<Vec<BString>>, Error> {
        let (repo, other) = (&self.source.repo, self.parents[1 - side]);
        let stays = |commit| repo.file_at(commit, name).map(|file| file == Some(*was));
        if !was.0.is_file()
            || !stays(self.commit)?
            || !stays(self.parents[*side])?
            || !repo.is_directory_at(other, name)?
        {
            return Ok(None);
        }
        // Of one that was there before, the other side took files away, and all of it would come back.
        for base in self.since(0, 1)?.iter() {
            if let Some(base) = base.commit
                && repo.is_directory_at(base, name)?
            {
                return Ok(None);
            }
        }
        let files = self.below(other, name.as_bstr())?;
        // Where git has one otherwise, as a renamed file with what the first side changed in it, the directory is not all there is.
        let is_gits = |file: &TreeEntry| {
            let gits = made.differs.get(&file.path).and_then(|differs| differs.old);
            gits == Some((file.mode, file.oid)) && !made.conflicts.contains_key(&file.path)
        };
        let is_plain = files.len() <= MOST_FILES && files.iter().all(|file| file.mode.is_file() && is_gits(file));
        let Some(first) = files.iter().find(|file| self.is_generated(&file.path)).filter(|_| is_plain) else {
            return Ok(None);
        };
        for place in self.places_of(first, name.as_bstr()) {
            let Some(paths) = self.has_gone_to(&files, name.as_bstr(), &place)? else { continue };
            if self.has_own_at(*side, name)? && self.has_own_below(1 - side, name)? {
                return Ok(Some([vec![name.clone()], paths].concat()));
            }
        }
        Ok(None)
    }

    /// The directories in which a file of another one may be found now.
    fn places_of(&self, file: &TreeEntry, name: &BStr) -> Vec<BString> {
        let rest = &file.path[name.len()..];
        let place = |change: &FileChange| {
            let is_it = change.old.is_none() && change.new == Some((file.mode, file.oid));
            change.path.strip_suffix(rest).filter(|place| is_it && !place.is_empty()).map(BString::from)
        };
        let mut places: Vec<BString> =
            self.differs.iter().flat_map(|differs| differs.values()).filter_map(place).collect();
        places.sort_unstable();
        places.dedup();
        places.truncate(MOST_PLACES);
        places
    }

    /// Where all files of a directory were and are, if they are all that is in one that no side has, and as much is demanded of each.
    fn has_gone_to(&self, files: &[TreeEntry], name: &BStr, place: &BString) -> Result<Option<Vec<BString>>, Error> {
        let repo = &self.source.repo;
        for &parent in self.parents {
            if repo.file_at(parent, place)?.is_some() || repo.is_directory_at(parent, place)? {
                return Ok(None);
            }
        }
        let there = self.below(self.commit, place.as_bstr())?;
        if there.len() != files.len() {
            return Ok(None);
        }
        let demands = |one: &BString, other: &BString| {
            self.paths.place(other.as_bstr()).is_none_or(|place| self.paths.demands_as_much(one.as_bstr(), place))
        };
        let mut paths = Vec::with_capacity(2 * files.len());
        for (was, is) in files.iter().zip(&there) {
            let is_same = was.path[name.len()..] == is.path[place.len()..] && (was.mode, was.oid) == (is.mode, is.oid);
            if !is_same || !demands(&was.path, &is.path) || !demands(&is.path, &was.path) {
                return Ok(None);
            }
            paths.extend([was.path.clone(), is.path.clone()]);
        }
        Ok(Some(paths))
    }

    /// The files of a directory, in order.
    fn below(&self, commit: Oid, directory: &BStr) -> Result<Vec<TreeEntry>, Error> {
        let start = [directory.as_bytes(), b"/"].concat();
        let is_below = |path: &BStr| path.starts_with(&start);
        let leads_there = |path: &BStr| is_below(path) || start.starts_with(&[path.as_bytes(), b"/"].concat());
        Ok(self.source.repo.tree_files(commit, &is_below, &leads_there)?)
    }
}
