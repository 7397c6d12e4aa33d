//! What git makes of a merge's parents, for what the paths alone don't tell (docs/spec/check.md, `check.link.merge.git`).

use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::less::{Instead, Without};
use super::merges::{Content, MOST_BYTES, Merge, Version, version};
use super::paths::Place;
use crate::error::Error;
use crate::git::{Bench, FileChange, GitError, MadeTree, NotAsked, Oid};

/// Bytes that git may have to merge for one merge: as much is written into the directory for temporary files.
const MOST_MERGED: u64 = 256 << 20;

impl Merge<'_> {
    /// The files of a merge that git's answer leaves unexplained, by the answer that leaves least.
    ///
    /// A file that git has and that neither the merge nor a parent has is among them.
    pub(super) fn unexplained_by_git(
        &self,
        files: Vec<&FileChange>,
    ) -> Result<Result<Vec<FileChange>, NotAsked>, Error> {
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
        let bench = match Bench::open(&self.source.repo) {
            Ok(bench) => bench,
            Err(why) => return Ok(Err(why)),
        };
        // Git may be told the base where it is the only one, and needs not look for it.
        let base = match &bases[..] {
            [(_, base)] => *base,
            _ => None,
        };
        let mut without = Without::default();
        let mut least = None;
        for (is_swapped, moves) in [(false, true), (false, false), (true, true), (true, false)] {
            let ask = |parents: &[Oid]| {
                let mut parents = parents.to_vec();
                if is_swapped {
                    parents.reverse();
                }
                bench.merge(&parents, self.commit, moves, base)
            };
            let made = match ask(self.parents) {
                Ok(Some(made)) => made,
                Ok(None) => continue,
                Err(why) => return Ok(Err(why)),
            };
            let moved = self.moved_directories(&made, is_swapped)?;
            let is_lost = |file: &&FileChange| {
                let path = &file.path;
                let is_known = self.differs.iter().any(|differs| differs.contains_key(path));
                self.is_generated(path) && !is_known && !made.conflicts.contains_key(path)
            };
            let mut left: Vec<FileChange> = made.differs.values().filter(is_lost).cloned().collect();
            // The same without what less is demanded of, by place.
            let mut again: Vec<(Place, Option<Vec<MadeTree>>)> = Vec::new();
            for &file in &files {
                if moved.contains(&file.path) {
                    continue;
                }
                let is_left_out = file.new.is_none() && made.conflicts.contains_key(&file.path);
                if !(is_left_out || self.may_be_there(file)?) || !self.is_of_answer(&bench, &made, is_swapped, file)? {
                    left.push(file.clone());
                    continue;
                }
                let Some(place) = self.paths.place(file.path.as_bstr()) else { continue };
                if !self.may_come_from_elsewhere(file)? {
                    continue;
                }
                if !again.iter().any(|(known, _)| *known == place) {
                    let instead = match without.parents(self, &bench, place)? {
                        Ok(Instead::Same) => continue,
                        Ok(Instead::Unknown) => None,
                        Ok(Instead::Of(instead)) => Some(instead),
                        Err(why) => return Ok(Err(why)),
                    };
                    match instead.map_or(Ok(None), |instead| instead.iter().map(|parents| ask(parents)).collect()) {
                        Ok(made) => again.push((place, made)),
                        Err(why) => return Ok(Err(why)),
                    }
                }
                let answers = again.iter().find(|(known, _)| *known == place).and_then(|(_, made)| made.as_deref());
                if !self.is_of_all(&bench, answers, is_swapped, file)? {
                    left.push(file.clone());
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
        Ok(Ok(least.unwrap_or_else(|| files.into_iter().cloned().collect())))
    }

    /// Whether what git puts at a path may be there, wherever it comes from: no link or submodule where no side has it, if anybody
    /// asks; and of what a side has there anew, which is gone, as much is demanded where it went.
    fn may_be_there(&self, file: &FileChange) -> Result<bool, Error> {
        let path = &file.path;
        let here = version(file.new);
        let sides = self.sides(path, &here);
        if here.is_some() && self.paths.asks_about_special(file) && !sides.contains(&here) {
            return Ok(false);
        }
        let Some(place) = self.paths.place(path.as_bstr()) else { return Ok(true) };
        if here.is_some() {
            return Ok(true);
        }
        for (at, side) in sides.iter().enumerate().filter(|(_, side)| side.is_some()) {
            let mut is_its_own = false;
            for other in (0..sides.len()).filter(|other| *other != at && sides[*other].is_none()) {
                let which = usize::from(at > other);
                let bases = self.since(at.min(other), at.max(other))?;
                is_its_own |= bases.iter().any(|base| base.changed[which].get(path).is_some_and(|c| c.old.is_none()));
            }
            let goes_on = |differs: &HashMap<BString, FileChange>| {
                let is_there = |(to, file): (&BString, &FileChange)| {
                    file.old.is_none()
                        && version(file.new) == *side
                        && self.is_generated(to)
                        && self.paths.demands_as_much(to.as_bstr(), place)
                };
                differs.iter().any(is_there)
            };
            if is_its_own && !self.differs.iter().any(goes_on) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a merge has of a file what git made of it in each of these answers; not where there are none.
    fn is_of_all(
        &self,
        bench: &Bench,
        answers: Option<&[MadeTree]>,
        is_swapped: bool,
        file: &FileChange,
    ) -> Result<bool, Error> {
        let Some(answers) = answers else { return Ok(false) };
        for made in answers {
            if !self.is_of_answer(bench, made, is_swapped, file)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a merge has of a file what git made of it, or a solution of its conflict.
    fn is_of_answer(&self, bench: &Bench, made: &MadeTree, is_swapped: bool, file: &FileChange) -> Result<bool, Error> {
        let path = &file.path;
        let here = version(file.new);
        if let Some(is) = self.has_one_of_two_names(bench, made, is_swapped, file)? {
            return Ok(is);
        }
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
            // With its markers, where it is a text.
            let text = match made.differs.get(path).and_then(|file| file.old) {
                Some((mode, blob)) if mode.is_file() => bench.blob(blob, MOST_BYTES)?,
                _ => None,
            };
            return self.is_settled(path, [&base, &left, &right], &here, text.as_deref());
        }
        let Some(other) = made.differs.get(path) else { return Ok(true) };
        if self.is_moved_aside(made, is_swapped, file)? {
            return Ok(true);
        }
        let sides = self.sides(path, &here);
        let gits = version(other.old);
        if sides.iter().any(|side| side.is_none() || *side == gits) {
            return Ok(false);
        }
        match self.here_or_there(bench, gits)? {
            Some(gits) => self.has_lines_of(&gits, &sides.iter().collect::<Vec<_>>(), &here),
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
