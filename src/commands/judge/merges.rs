//! Which generated paths a merge brings to a content that nothing explains (docs/spec/check.md, `check.link.merge`).
//!
//! Explained is what git makes of both sides without help, path by path, and the solution of a conflict that both sides have
//! commits of their own for. Why that is enough: if a merge is what git makes of its sides, then whatever it brings to one
//! of them was done by the other since their merge base, by commits that are judged, or by merges of which the same holds.
//! It is not enough that a content was made by *some* commit since the merge base: an old merge, made once more, has a
//! content that is newer than all of its merge bases with the branch, and older than what the branch did since.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use bstr::{BString, ByteSlice};

use super::ancestry::Ancestry;
use super::paths::{Paths, Touched};
use crate::commands::source::Source;
use crate::error::Error;
use crate::git::{FileChange, Mode, Oid, merged};
use crate::trace::message::extract;

/// Parents that are compared with each other; of more each difference is the merge's own.
const MOST_PARENTS: usize = 16;
/// Bytes of a file whose lines are compared; a larger one is explained only as a whole.
const MOST_BYTES: u64 = 1 << 20;
/// Pairs of paths of one merge of which it is asked whether a side renamed the one to the other: each reads three files.
const MOST_RENAMES: usize = 1000;
/// Pairs of paths of one merge that are looked at at all.
const MOST_PAIRS: usize = 10_000_000;
/// Commits of a side that are looked at for one that is no revert.
const MOST_COMMITS: usize = 64;

/// A file at one commit, or what git would make of several.
type Version = Option<(Mode, Content)>;

/// Bytes, or where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Blob(Oid),
    Text(Rc<[u8]>),
}

/// What becomes of two sides of a path.
enum Outcome {
    /// Git needs no help.
    Is(Version),
    /// Somebody has to decide.
    Conflict,
    /// It is too large to tell.
    Unknown,
}

/// A merge with what its parents have of the paths in question.
pub struct Merge<'a> {
    source: &'a Source,
    ancestry: &'a Ancestry<'a>,
    paths: &'a Paths<'a>,
    parents: &'a [Oid],
    /// What differs from each parent, among paths that somebody asks for.
    differs: Vec<HashMap<BString, FileChange>>,
    /// By pair of parents: their merge bases, each with what either parent changed since.
    since: RefCell<HashMap<(usize, usize), Bases>>,
    renames: Cell<usize>,
    pairs: Cell<usize>,
}

/// The merge bases of two parents.
type Bases = Rc<Vec<Base>>;

/// A merge base of two parents, and what each of them changed since, among paths that somebody asks for.
struct Base {
    commit: Option<Oid>,
    changed: [HashMap<BString, FileChange>; 2],
}

impl<'a> Merge<'a> {
    /// Compares a merge with its parents, of which none is named twice.
    pub fn read(
        source: &'a Source,
        ancestry: &'a Ancestry<'a>,
        paths: &'a Paths<'a>,
        commit: Oid,
        parents: &'a [Oid],
    ) -> Result<Merge<'a>, Error> {
        let mut merge = Merge {
            source,
            ancestry,
            paths,
            parents,
            differs: Vec::with_capacity(parents.len()),
            since: RefCell::default(),
            renames: Cell::new(MOST_RENAMES),
            pairs: Cell::new(MOST_PAIRS),
        };
        for &parent in parents {
            let differs = merge.asked_changes(Some(parent), commit)?;
            merge.differs.push(differs);
        }
        Ok(merge)
    }

    /// The paths that want a link on the merge itself.
    pub fn touched(&self) -> Result<Touched, Error> {
        let mut touched = Touched::default();
        let all: BTreeMap<&BString, &FileChange> = self.differs.iter().flatten().collect();
        for (path, file) in all {
            if self.is_explained(path, file)? {
                continue;
            }
            if self.paths.puts_special(file) {
                self.paths.add_special(file, &mut touched);
            }
            if self.paths.is_asked(path.as_bstr()) {
                self.paths.add_generated(path.as_bstr(), &mut touched);
            }
        }
        Ok(touched)
    }

    fn asked_changes(&self, old: Option<Oid>, new: Oid) -> Result<HashMap<BString, FileChange>, Error> {
        let mut files = self.source.repo.tree_changes(old, Some(new), &[])?;
        files.retain(|file| self.paths.is_asked(file.path.as_bstr()) || self.paths.puts_special(file));
        Ok(files.into_iter().map(|file| (file.path.clone(), file)).collect())
    }

    /// What a parent has at a path, of which the merge has `here`.
    fn entry(&self, parent: usize, path: &BString, here: &Version) -> Version {
        match self.differs[parent].get(path) {
            Some(file) => version(file.old),
            None => here.clone(),
        }
    }

    fn is_explained(&self, path: &BString, file: &FileChange) -> Result<bool, Error> {
        // One parent alone, named twice, is no two sides.
        if !(2..=MOST_PARENTS).contains(&self.parents.len()) {
            return Ok(false);
        }
        let here = version(file.new);
        let sides: Vec<Version> = (0..self.parents.len()).map(|at| self.entry(at, path, &here)).collect();
        let [left, right] = &sides[..] else { return self.is_of_many(path, &sides, &here) };
        let bases = self.since(0, 1)?;
        let explained = match self.base(path, &bases, left)? {
            Outcome::Is(base) => self.is_made_of(path, path, [&base, left, right], &here)?,
            // What the bases have does not fit together itself.
            Outcome::Conflict => self.is_decided(path, path, &here, left, right)?,
            Outcome::Unknown => false,
        };
        if explained || left.is_some() && right.is_some() {
            return Ok(explained);
        }
        self.is_renamed(path, &bases, [left, right], &here)
    }

    /// Whether a merge of three or more has what one of them has, of which no other knows anything newer; or, where all
    /// began at the same commit, what git makes of them one after the other.
    fn is_of_many(&self, path: &BString, sides: &[Version], here: &Version) -> Result<bool, Error> {
        for (at, side) in sides.iter().enumerate().filter(|(_, side)| *side == here) {
            let mut is_newest = true;
            for (other, old) in sides.iter().enumerate().filter(|&(other, old)| other != at && old != side) {
                let (one, two) = (at.min(other), at.max(other));
                let base = self.base(path, &self.since(one, two)?, &sides[one])?;
                is_newest &= matches!(base, Outcome::Is(base) if base == *old);
            }
            if is_newest {
                return Ok(true);
            }
        }
        let mut start = None;
        for at in 0..sides.len() {
            for other in at + 1..sides.len() {
                let bases = self.since(at, other)?;
                let [base] = &bases[..] else { return Ok(false) };
                if *start.get_or_insert(base.commit) != base.commit
                    || self.parents.iter().any(|p| Some(*p) == base.commit)
                {
                    return Ok(false);
                }
            }
        }
        let Outcome::Is(base) = self.base(path, &self.since(0, 1)?, &sides[0])? else { return Ok(false) };
        let mut joined = sides[0].clone();
        for side in &sides[1..] {
            let Outcome::Is(next) = self.join(&base, &joined, side)? else { return Ok(false) };
            joined = next;
        }
        self.is_same(&joined, here)
    }

    /// Whether a merge has at a path what git makes of two sides, or of a conflict that they have commits of their own
    /// for. `ours` and `theirs` are what the sides call it.
    fn is_made_of(
        &self,
        ours: &BString,
        theirs: &BString,
        [base, left, right]: [&Version; 3],
        here: &Version,
    ) -> Result<bool, Error> {
        match self.join(base, left, right)? {
            Outcome::Is(joined) if self.is_same(&joined, here)? => Ok(true),
            Outcome::Unknown => Ok(false),
            Outcome::Is(_) if left == base || right == base || left == right => Ok(false),
            // Other ways to compare lines than this program's fit in other places; what they leave is the same.
            Outcome::Is(joined) => self.has_lines_of(&joined, here),
            Outcome::Conflict => Ok(self.has_lines_of_both([base, left, right], here)?
                || self.is_decided(ours, theirs, here, left, right)?),
        }
    }

    /// Whether what conflicts may have been decided so: each side has something to say, and no link or submodule comes in
    /// that no side has.
    fn is_decided(
        &self,
        ours: &BString,
        theirs: &BString,
        here: &Version,
        left: &Version,
        right: &Version,
    ) -> Result<bool, Error> {
        let is_of_a_side = here == left || here == right;
        let of_a_kind = |side: &Version| matches!((here, side), (Some((mode, _)), Some((known, _))) if mode.is_file() && mode == known);
        if !is_of_a_side && !of_a_kind(left) && !of_a_kind(right) {
            return Ok(false);
        }
        // What is too large to compare is too large to look at as well.
        for version in [here, left, right] {
            if matches!(version, Some((mode, _)) if mode.is_file()) && self.text(version)?.is_none() {
                return Ok(false);
            }
        }
        Ok(self.has_its_own(0, 1, ours)? && self.has_its_own(1, 0, theirs)?)
    }

    /// Whether a side has a commit, which the other hasn't, that changes a path and is no merge and no revert, or has a
    /// link.
    fn has_its_own(&self, side: usize, other: usize, path: &BString) -> Result<bool, Error> {
        let repo = &self.source.repo;
        for (commit, is_merge) in repo.touching(self.parents[side], self.parents[other], path, MOST_COMMITS)? {
            let message = repo.message(commit)?.bytes;
            let reverts =
                message.contains_str("This reverts commit ") || message.contains_str("This reapplies commit ");
            if !(is_merge || reverts) || !extract(&message).links.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a path that a side lacks is one to which the other side renamed a file, with what the former did to that;
    /// or one that git put into a directory that the other side renamed.
    fn is_renamed(
        &self,
        path: &BString,
        bases: &[Base],
        [left, right]: [&Version; 2],
        here: &Version,
    ) -> Result<bool, Error> {
        let [base] = bases else { return Ok(false) };
        let most = base.changed.iter().chain(&self.differs).map(HashMap::len).max().unwrap_or_default();
        let Some(left_over) = self.pairs.get().checked_sub(most) else { return Ok(false) };
        self.pairs.set(left_over);
        let name = |path: &BString| path.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec);
        if here.is_none() {
            // The one place of what git put into another one; a side that had it before the other took it away is no such.
            let made = if left.is_some() { left } else { right };
            let is_new =
                base.changed.iter().find_map(|changed| changed.get(path)).is_some_and(|file| file.old.is_none());
            let renamer = &base.changed[usize::from(left.is_some())];
            let went = |(to, file): (&BString, &FileChange)| {
                name(to) == name(path)
                    && Self::is_directory_renamed(renamer, path, to)
                    && file.old.is_none()
                    && version(file.new) == *made
                    && self.differs[1].get(to).is_some_and(|file| file.old.is_none())
            };
            return Ok(is_new && made.is_some() && self.differs[0].iter().any(went));
        }
        for (renamer, has, lacks) in [(0, left, right), (1, right, left)] {
            if lacks.is_some() {
                continue;
            }
            for (from, change) in &base.changed[1 - renamer] {
                let Some(new) = change.new else { continue };
                let new = version(Some(new));
                if has.is_none() {
                    // The merge has it elsewhere than the side that made it.
                    let is_moved = change.old.is_none()
                        && new == *here
                        && name(from) == name(path)
                        && Self::is_directory_renamed(&base.changed[renamer], from, path)
                        && self.differs[1 - renamer].get(from).is_some_and(|file| file.new.is_none());
                    if is_moved {
                        return Ok(true);
                    }
                    continue;
                }
                let gone = base.changed[renamer].get(from).is_some_and(|other| other.new.is_none());
                if !gone || self.renames.get() == 0 {
                    continue;
                }
                self.renames.set(self.renames.get() - 1);
                if !self.is_like(&version(change.old), has)? {
                    continue;
                }
                let (ours, theirs) = if renamer == 0 { (path, from) } else { (from, path) };
                let sides = if renamer == 0 { [has, &new] } else { [&new, has] };
                if self.is_made_of(ours, theirs, [&version(change.old), sides[0], sides[1]], here)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// What git makes of two sides.
    fn join(&self, base: &Version, left: &Version, right: &Version) -> Result<Outcome, Error> {
        if left == right || right == base {
            return Ok(Outcome::Is(left.clone()));
        }
        if left == base {
            return Ok(Outcome::Is(right.clone()));
        }
        let (Some((mine, _)), Some((its, _))) = (left, right) else { return Ok(Outcome::Conflict) };
        let was = base.as_ref().map(|(mode, _)| *mode);
        if !mine.is_file() || !its.is_file() || was.is_some_and(|mode| !mode.is_file()) {
            return Ok(Outcome::Conflict);
        }
        let mode = match () {
            () if mine == its || was == Some(*its) => *mine,
            () if was == Some(*mine) => *its,
            () => return Ok(Outcome::Conflict),
        };
        let texts = [self.text(base)?, self.text(left)?, self.text(right)?];
        let [Some(base), Some(left), Some(right)] = texts else { return Ok(Outcome::Unknown) };
        Ok(match merged(&base, &left, &right) {
            Some(text) => Outcome::Is(Some((mode, Content::Text(text.into())))),
            None => Outcome::Conflict,
        })
    }

    /// Whether a text has the lines of another one, each as often, in whatever order.
    fn has_lines_of(&self, one: &Version, other: &Version) -> Result<bool, Error> {
        let (Some((mode, _)), Some((its, _))) = (one, other) else { return Ok(false) };
        let (Some(one), Some(other)) = (self.text(one)?, self.text(other)?) else { return Ok(false) };
        Ok(mode == its && mode.is_file() && counted(&one) == counted(&other))
    }

    /// Whether a text has at least half of its lines from another one, which git takes for a rename.
    fn is_like(&self, old: &Version, new: &Version) -> Result<bool, Error> {
        let (Some(old), Some(new)) = (self.text(old)?, self.text(new)?) else { return Ok(false) };
        let (old, new) = (counted(&old), counted(&new));
        let common: usize = old.iter().map(|(line, count)| new.get(line).map_or(0, |its| *count.min(its))).sum();
        Ok(2 * common >= old.values().sum::<usize>().max(new.values().sum()))
    }

    /// Whether a side renamed a directory so that what was or came at `from` belongs at `to`.
    fn is_directory_renamed(renamer: &HashMap<BString, FileChange>, from: &BString, to: &BString) -> bool {
        let parts = |path: &BString| path.split(|byte| *byte == b'/').map(BString::from).collect::<Vec<_>>();
        let (old, new) = (parts(from), parts(to));
        let rest = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other).count();
        let directory = |parts: &[BString]| {
            parts[..parts.len() - rest].iter().flat_map(|part| [&part[..], b"/"].concat()).collect::<Vec<u8>>()
        };
        let (old, new) = (directory(&old), directory(&new));
        rest > 0
            && renamer.iter().any(|(path, file)| {
                let moved = path.strip_prefix(&old[..]).map(|rest| BString::from([&new[..], rest].concat()));
                file.new.is_none()
                    && moved.is_some_and(|to| renamer.get(&to).is_some_and(|to| to.old.is_none() && to.new.is_some()))
            })
    }

    /// Whether a text has each line as often as two sides leave it there, in whatever order.
    fn has_lines_of_both(&self, [base, left, right]: [&Version; 3], here: &Version) -> Result<bool, Error> {
        let (Some((mode, _)), Some((mine, _)), Some((its, _))) = (here, left, right) else { return Ok(false) };
        // Of two modes the one that a side changed.
        let was = base.as_ref().map(|(mode, _)| mode);
        let is_joined = if was == Some(mine) { mode == its } else { mode == mine || (mode == its && was != Some(its)) };
        if !mode.is_file() || !is_joined {
            return Ok(false);
        }
        let texts = [self.text(base)?, self.text(left)?, self.text(right)?, self.text(here)?];
        let [Some(base), Some(left), Some(right), Some(here)] = texts else { return Ok(false) };
        let mut counts: HashMap<&[u8], [i64; 4]> = HashMap::new();
        for (at, text) in [&base, &left, &right, &here].into_iter().enumerate() {
            for line in text.split(|byte| *byte == b'\n') {
                counts.entry(line).or_default()[at] += 1;
            }
        }
        Ok(counts.values().all(|&[base, left, right, here]| {
            let (mine, its) = (left - base, right - base);
            // What both sides did in the same way may be one change or two.
            let (least, most) = match (mine.signum(), its.signum()) {
                (1, 1) => (base + mine.max(its), base + mine + its),
                (-1, -1) => ((base + mine + its).max(0), base + mine.min(its)),
                _ => (base + mine + its, base + mine + its),
            };
            (least..=most).contains(&here)
        }))
    }

    fn is_same(&self, one: &Version, other: &Version) -> Result<bool, Error> {
        Ok(one == other
            || match (one, other) {
                (Some((mode, _)), Some((its, _))) if mode == its && mode.is_file() => {
                    self.text(one)?.is_some_and(|text| self.text(other).is_ok_and(|its| its.as_ref() == Some(&text)))
                }
                _ => false,
            })
    }

    /// The content of a file, an empty one where there is none; nothing where it is no file or too large.
    fn text(&self, version: &Version) -> Result<Option<Rc<[u8]>>, Error> {
        match version {
            None => Ok(Some(Rc::from([]))),
            Some((_, Content::Text(text))) => Ok(Some(text.clone())),
            Some((mode, Content::Blob(blob))) if mode.is_file() && self.source.repo.blob_size(*blob)? <= MOST_BYTES => {
                Ok(Some(self.source.repo.blob(*blob)?.into()))
            }
            Some(_) => Ok(None),
        }
    }

    /// What the merge bases have at a path, joined as git joins them; unknown where it would take more than two of them.
    /// `left` is what the first parent has.
    fn base(&self, path: &BString, bases: &[Base], left: &Version) -> Result<Outcome, Error> {
        let of = |base: &Base| {
            let file = base.changed.iter().find_map(|changed| changed.get(path));
            file.map_or_else(|| left.clone(), |file| version(file.old))
        };
        let mut all: Vec<(&Base, Version)> = bases.iter().map(|base| (base, of(base))).collect();
        all.dedup_by(|a, b| a.1 == b.1);
        let [(one, left), (other, right)] = &all[..] else {
            return Ok(match all.pop() {
                Some((_, only)) if all.is_empty() => Outcome::Is(only),
                _ => Outcome::Unknown,
            });
        };
        let (Some(one), Some(other)) = (one.commit, other.commit) else { return Ok(Outcome::Unknown) };
        let older = self.ancestry.merge_bases(one, other)?;
        let mut found = Vec::with_capacity(older.len());
        for commit in older {
            found.push(version(self.source.repo.file_at(commit, path)?));
        }
        found.dedup();
        match &found[..] {
            [] => self.join(&None, left, right),
            [only] => self.join(only, left, right),
            _ => Ok(Outcome::Unknown),
        }
    }

    /// The merge bases of two parents. Without a common history all was made since.
    fn since(&self, one: usize, other: usize) -> Result<Bases, Error> {
        if let Some(known) = self.since.borrow().get(&(one, other)) {
            return Ok(known.clone());
        }
        let (left, right) = (self.parents[one], self.parents[other]);
        let bases = self.ancestry.merge_bases(left, right)?;
        let bases: Vec<Option<Oid>> = if bases.is_empty() { vec![None] } else { bases.into_iter().map(Some).collect() };
        let mut all = Vec::with_capacity(bases.len());
        for commit in bases {
            let changed = [self.asked_changes(commit, left)?, self.asked_changes(commit, right)?];
            all.push(Base { commit, changed });
        }
        let all = Rc::new(all);
        self.since.borrow_mut().insert((one, other), all.clone());
        Ok(all)
    }
}

fn version(file: Option<(Mode, Oid)>) -> Version {
    file.map(|(mode, oid)| (mode, Content::Blob(oid)))
}

/// How often a text has each of its lines.
fn counted(text: &[u8]) -> HashMap<&[u8], usize> {
    let mut counts = HashMap::new();
    for line in text.split(|byte| *byte == b'\n') {
        *counts.entry(line).or_default() += 1;
    }
    counts
}
