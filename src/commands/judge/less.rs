//! What the sides of a merge changed where less is demanded than at a path that git put it to (docs/spec/check.md,
//! `check.link.merge.git.from`).
//!
//! Git is asked once more, for sides without such changes: what comes out the same does not come from there. That holds
//! whatever the merge itself has there; it may well keep a file whose change it takes elsewhere.
//!
//! Behind a criss-cross there are several befores, one for each merge base. Which of them would do nobody knows, so that each is
//! asked for, and what depends on that is not explained; what has nothing to do with such a file comes out the same.

use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::merges::{Base, Merge, version};
use super::paths::Place;
use crate::error::Error;
use crate::git::{Bench, FileChange, Mode, NotAsked, Oid};

/// What stands at a path, if anything.
type Stage = Option<(Mode, Oid)>;
/// Files with what stood there, by the merge bases; each once.
type Files = BTreeMap<BString, Vec<Stage>>;

/// Befores of one file that are asked for: each is a merge.
const MOST_BEFORES: usize = 4;

/// What to merge in the place of the parents.
#[derive(Clone)]
pub(super) enum Instead {
    /// The parents themselves: nothing is to be left out.
    Same,
    /// Each of these: it has to come out the same.
    Of(Vec<Vec<Oid>>),
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
            Some(all) if all.iter().all(BTreeMap::is_empty) => Instead::Same,
            Some(all) => {
                let befores = all.iter().flat_map(BTreeMap::values).map(Vec::len).max().unwrap_or_default();
                let mut instead = Vec::with_capacity(befores);
                for before in 0..befores {
                    let each = merge.parents.iter().zip(&all);
                    match each.map(|(&parent, files)| as_before(bench, parent, files, before)).collect() {
                        Ok(commits) => instead.push(commits),
                        Err(why) => return Ok(Err(why)),
                    }
                }
                Instead::Of(instead)
            }
        };
        self.known.push((place, made.clone()));
        Ok(Ok(made))
    }
}

/// A commit with files as they were at one of the merge bases, or at the last one where they were otherwise at fewer.
fn as_before(bench: &Bench, commit: Oid, files: &Files, before: usize) -> Result<Oid, NotAsked> {
    if files.is_empty() {
        return Ok(commit);
    }
    let then = |stages: &Vec<Stage>| stages.get(before).or(stages.last()).copied().flatten();
    let files: Vec<(BString, Stage)> = files.iter().map(|(path, stages)| (path.clone(), then(stages))).collect();
    bench.with_files(commit, &files)
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
    /// change elsewhere, with what they were before. None where that is more than can be asked for.
    fn less_demanded(&self, place: Place) -> Result<Option<Vec<Files>>, Error> {
        let mut all = Vec::with_capacity(self.parents.len());
        for at in 0..self.parents.len() {
            let mut files = Files::new();
            for other in (0..self.parents.len()).filter(|other| *other != at) {
                for (path, before) in self.less_demanded_of(at, other, place)? {
                    let known = files.entry(path).or_default();
                    known.extend(before);
                    known.sort_unstable();
                    known.dedup();
                }
            }
            if files.values().any(|before| before.len() > MOST_BEFORES) {
                return Ok(None);
            }
            all.push(files);
        }
        Ok(Some(all))
    }

    /// The same of one parent against another. Only a file that the other one lacks can have been renamed there; a new file
    /// goes where the other one put a directory that it lacks.
    fn less_demanded_of(&self, at: usize, other: usize, place: Place) -> Result<Files, Error> {
        let repo = &self.source.repo;
        let (parent, its) = (self.parents[at], self.parents[other]);
        let lacked: HashMap<BString, Stage> = repo
            .tree_changes(Some(parent), Some(its), &[])?
            .into_iter()
            .filter(|file| file.new.is_none() && !self.paths.demands_as_much(file.path.as_bstr(), place))
            .map(|file| (file.path, file.old))
            .collect();
        if lacked.is_empty() {
            return Ok(Files::new());
        }
        let bases = self.since(at.min(other), at.max(other))?;
        let mut changed: Vec<HashMap<BString, Stage>> = Vec::with_capacity(bases.len());
        for base in bases.iter() {
            let files = repo.tree_changes(base.commit, Some(parent), &[])?;
            let there = files.into_iter().filter(|file| lacked.contains_key(&file.path));
            changed.push(there.map(|file| (file.path, file.old)).collect());
        }
        let paths: HashSet<&BString> = changed.iter().flat_map(HashMap::keys).collect();
        let mut files = Files::new();
        for path in paths {
            let now = lacked[path];
            // A base by which the file did not change has what the parent has.
            let was: HashSet<_> = changed.iter().map(|files| files.get(path).copied().unwrap_or(now)).collect();
            if was == HashSet::from([None]) && !self.is_below_renamed(&bases, (at, other), path)? {
                continue;
            }
            files.insert(path.clone(), was.into_iter().collect());
        }
        Ok(files)
    }

    /// Whether a directory above a path was there at a merge base and is not on the second of two sides: a new file in it belongs elsewhere
    /// then. The top may be renamed, too, to one below it.
    ///
    /// Where a directory is missing so is all below it. So the topmost one that the side lacks tells for all, and it is looked for
    /// by halves: anybody may push a thousand directories in each other.
    fn is_below_renamed(&self, bases: &[Base], pair: (usize, usize), path: &BString) -> Result<bool, Error> {
        let Some(end) = path.rfind_byte(b'/') else { return Ok(true) };
        let directory = BString::from(&path[..end]);
        let (key, side) = ((pair, directory.clone()), self.parents[pair.1]);
        if let Some(&known) = self.below_renamed.borrow().get(&key) {
            return Ok(known);
        }
        let repo = &self.source.repo;
        let mut ends: Vec<usize> = directory.find_iter(b"/").collect();
        ends.push(directory.len());
        let (mut there, mut missing) = (0, ends.len());
        while there < missing {
            let half = (there + missing) / 2;
            if repo.is_directory_at(side, &BString::from(&directory[..ends[half]]))? {
                there = half + 1;
            } else {
                missing = half;
            }
        }
        let mut is = false;
        if let Some(&end) = ends.get(missing) {
            let topmost = BString::from(&directory[..end]);
            for commit in bases.iter().filter_map(|base| base.commit) {
                is |= repo.is_directory_at(commit, &topmost)?;
            }
        }
        self.below_renamed.borrow_mut().insert(key, is);
        Ok(is)
    }
}
