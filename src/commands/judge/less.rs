//! What the sides of a merge changed where less is demanded than at a path that git put it to (docs/spec/check.md,
//! `check.link.merge.git.from`).
//!
//! Git is asked once more, for sides without such changes: what comes out the same does not come from there. That holds
//! whatever the merge itself has there; it may well keep a file whose change it takes elsewhere.

use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::merges::{Base, Merge, version};
use super::paths::Place;
use crate::error::Error;
use crate::git::{Bench, FileChange, Mode, NotAsked, Oid};

/// Files with what stands there, or nothing.
type Files = Vec<(BString, Option<(Mode, Oid)>)>;

/// What to merge in the place of the parents.
#[derive(Clone)]
pub(super) enum Instead {
    /// The parents themselves: nothing is to be left out.
    Same,
    /// These commits.
    Of(Vec<Oid>),
    /// Nobody can tell what they would be without it.
    Unknown,
}

/// The answers for a merge so far.
#[derive(Default)]
pub(super) struct Without {
    known: Vec<(Place, Instead)>,
}

impl Without {
    /// The parents without what they changed where less is demanded than at `place`.
    pub(super) fn parents(
        &mut self,
        merge: &Merge<'_>,
        bench: &Bench,
        place: Place,
    ) -> Result<Result<Instead, NotAsked>, Error> {
        if let Some((_, known)) = self.known.iter().find(|(known, _)| *known == place) {
            return Ok(Ok(known.clone()));
        }
        let made = match merge.less_demanded(place)? {
            None => Instead::Unknown,
            Some(all) if all.iter().all(Vec::is_empty) => Instead::Same,
            Some(all) => {
                let mut commits = Vec::with_capacity(all.len());
                for (&parent, files) in merge.parents.iter().zip(&all) {
                    match if files.is_empty() { Ok(parent) } else { bench.with_files(parent, files) } {
                        Ok(commit) => commits.push(commit),
                        Err(why) => return Ok(Err(why)),
                    }
                }
                Instead::Of(commits)
            }
        };
        self.known.push((place, made.clone()));
        Ok(Ok(made))
    }
}

impl Merge<'_> {
    /// Whether what a merge has at a generated path may come from other ones: no side has it there, and git may have put
    /// something to this path, which is not everywhere since the merge bases.
    pub(super) fn may_come_from_elsewhere(&self, file: &FileChange) -> Result<bool, Error> {
        let here = version(file.new);
        let sides = self.sides(&file.path, &here);
        if here.is_none() || sides.contains(&here) || !self.is_generated(&file.path) {
            return Ok(false);
        }
        if sides.iter().any(Option::is_none) {
            return Ok(true);
        }
        for at in 0..self.parents.len() {
            for other in at + 1..self.parents.len() {
                let lacks = |base: &Base| {
                    base.changed.iter().find_map(|changed| changed.get(&file.path)).is_some_and(|c| c.old.is_none())
                };
                if self.since(at, other)?.iter().any(lacks) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Of each parent the files of which less is demanded than at `place`, that it changed and from which git could take the
    /// change elsewhere, with what they were before. None where the merge bases don't agree on that.
    fn less_demanded(&self, place: Place) -> Result<Option<Vec<Files>>, Error> {
        let mut all = Vec::with_capacity(self.parents.len());
        for at in 0..self.parents.len() {
            let mut files: BTreeMap<BString, Option<(Mode, Oid)>> = BTreeMap::new();
            for other in (0..self.parents.len()).filter(|other| *other != at) {
                let Some(found) = self.less_demanded_of(at, other, place)? else { return Ok(None) };
                for (path, was) in found {
                    if files.insert(path, was).is_some_and(|known| known != was) {
                        return Ok(None);
                    }
                }
            }
            all.push(files.into_iter().collect());
        }
        Ok(Some(all))
    }

    /// The same of one parent against another. Only a file that the other one lacks can have been renamed there; a new file
    /// goes where the other one put a directory that it lacks.
    fn less_demanded_of(&self, at: usize, other: usize, place: Place) -> Result<Option<Files>, Error> {
        let repo = &self.source.repo;
        let (parent, its) = (self.parents[at], self.parents[other]);
        let lacked: HashMap<BString, Option<(Mode, Oid)>> = repo
            .tree_changes(Some(parent), Some(its), &[])?
            .into_iter()
            .filter(|file| file.new.is_none() && !self.paths.demands_as_much(file.path.as_bstr(), place))
            .map(|file| (file.path, file.old))
            .collect();
        if lacked.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let bases = self.since(at.min(other), at.max(other))?;
        let mut changed: Vec<HashMap<BString, Option<(Mode, Oid)>>> = Vec::with_capacity(bases.len());
        for base in bases.iter() {
            let files = repo.tree_changes(base.commit, Some(parent), &[])?;
            let there = files.into_iter().filter(|file| lacked.contains_key(&file.path));
            changed.push(there.map(|file| (file.path, file.old)).collect());
        }
        let paths: HashSet<&BString> = changed.iter().flat_map(HashMap::keys).collect();
        let mut files = Vec::new();
        for path in paths {
            let now = lacked[path];
            // A base by which the file did not change has what the parent has.
            let was: HashSet<_> = changed.iter().map(|files| files.get(path).copied().unwrap_or(now)).collect();
            if was == HashSet::from([None]) && !self.is_below_renamed(&bases, its, path)? {
                continue;
            }
            let [was] = was.into_iter().collect::<Vec<_>>()[..] else { return Ok(None) };
            files.push((path.clone(), was));
        }
        Ok(Some(files))
    }

    /// Whether a directory above a path was there at a merge base and is not on a side: a new file in it belongs elsewhere
    /// then. The top may be renamed, too, to one below it.
    fn is_below_renamed(&self, bases: &[Base], side: Oid, path: &BString) -> Result<bool, Error> {
        let repo = &self.source.repo;
        let mut above = path.rfind_byte(b'/').map(|end| BString::from(&path[..end]));
        if above.is_none() {
            return Ok(true);
        }
        while let Some(directory) = above {
            for commit in bases.iter().filter_map(|base| base.commit) {
                if repo.is_directory_at(commit, &directory)? && !repo.is_directory_at(side, &directory)? {
                    return Ok(true);
                }
            }
            above = directory.rfind_byte(b'/').map(|end| BString::from(&directory[..end]));
        }
        Ok(false)
    }
}
