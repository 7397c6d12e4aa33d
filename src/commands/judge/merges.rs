//! Which generated paths a merge brings to a content that nothing explains (docs/spec/check.md, `check.link.merge`).
//!
//! Explained is what git makes of both sides without help, and the solution of a conflict that the sides have commits of
//! their own for. Why that is enough: if a merge is what git makes of its sides, then whatever it brings to one
//! of them was done by the other since their merge base, by commits that are judged, or by merges of which the same holds.
//! It is not enough that a content was made by *some* commit since the merge base: an old merge, made once more, has a
//! content that is newer than all of its merge bases with the branch, and older than what the branch did since.
//!
//! Most merges are told path by path, here. What that leaves open, and renames, git is asked for ([`super::by_git`]).

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use bstr::{BString, ByteSlice};

use super::ancestry::Ancestry;
use super::own::{Own, Speaks};
use super::paths::{Paths, Touched};
use crate::commands::source::Source;
use crate::error::Error;
use crate::git::{FileChange, Mode, NotAsked, Oid, merged};
use crate::trace::order::keeps_order;

/// Parents that are compared with each other; of more each difference is the merge's own.
const MOST_PARENTS: usize = 16;
/// Bytes of a file whose lines are compared; a larger one is explained only as a whole.
pub(super) const MOST_BYTES: u64 = 1 << 20;
/// Pairs of paths of one merge of which it is asked whether a side renamed the one to the other: each reads three files.
const MOST_RENAMES: usize = 1000;
/// Pairs of paths of one merge that are looked at at all.
const MOST_PAIRS: usize = 10_000_000;

/// A file at one commit, or what git would make of several.
pub(super) type Version = Option<(Mode, Content)>;

/// Bytes, or where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Blob(Oid),
    Text(Rc<[u8]>),
}

/// What becomes of two sides of a path.
pub(super) enum Outcome {
    /// Git needs no help.
    Is(Version),
    /// Somebody has to decide.
    Conflict,
    /// It is too large to tell.
    Unknown,
}

/// How a path stands by what its sides have there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is explained.
    Explained,
    /// It is explained if no side renamed anything: one side alone has it, and the merge base hasn't.
    AsNew,
    /// Git has to tell.
    Open,
}

/// A merge with what its parents have of the paths in question.
pub struct Merge<'a> {
    pub(super) source: &'a Source,
    ancestry: &'a Ancestry<'a>,
    pub(super) paths: &'a Paths<'a>,
    pub(super) commit: Oid,
    pub(super) parents: &'a [Oid],
    /// What differs from each parent, among paths that somebody asks for.
    pub(super) differs: Vec<HashMap<BString, FileChange>>,
    /// By pair of parents: their merge bases, each with what either parent changed since.
    since: RefCell<HashMap<(usize, usize), Bases>>,
    /// Which commits have something to say.
    pub(super) speaks: Speaks<'a>,
    /// By pair of parents: whether a directory lies at or below one that the second renamed, of those that were asked for.
    pub(super) below_renamed: Answers<(usize, usize)>,
    pub(super) own: OnceCell<Own>,
    /// Whether a side has a commit of its own for a path, of those that were asked for.
    pub(super) asked_own: Answers<usize>,
    pub(super) renames: Cell<usize>,
    pub(super) pairs: Cell<usize>,
}

/// What was answered of paths, for a side or a pair of sides.
type Answers<Of> = RefCell<HashMap<(Of, BString), bool>>;

/// The merge bases of two parents.
pub(super) type Bases = Rc<Vec<Base>>;

/// A merge base of two parents, and what each of them changed since, among paths that somebody asks for.
pub(super) struct Base {
    pub(super) commit: Option<Oid>,
    pub(super) changed: [HashMap<BString, FileChange>; 2],
}

impl<'a> Merge<'a> {
    /// Compares a merge with its parents, of which none is named twice.
    pub fn read(
        source: &'a Source,
        ancestry: &'a Ancestry<'a>,
        paths: &'a Paths<'a>,
        commit: Oid,
        parents: &'a [Oid],
        speaks: Speaks<'a>,
    ) -> Result<Merge<'a>, Error> {
        let mut merge = Merge {
            source,
            ancestry,
            paths,
            commit,
            parents,
            differs: Vec::with_capacity(parents.len()),
            since: RefCell::default(),
            speaks,
            below_renamed: RefCell::default(),
            own: OnceCell::new(),
            asked_own: RefCell::default(),
            renames: Cell::new(MOST_RENAMES),
            pairs: Cell::new(MOST_PAIRS),
        };
        for &parent in parents {
            let differs = merge.asked_changes(Some(parent), commit)?;
            merge.differs.push(differs);
        }
        Ok(merge)
    }

    /// The paths that want a link on the merge itself; and why git could not be asked, where it should have been.
    pub fn touched(&self) -> Result<(Touched, Option<NotAsked>), Error> {
        let mut touched = Touched::default();
        let all: BTreeMap<&BString, &FileChange> = self.differs.iter().flatten().collect();
        let (mut open, mut new) = (Vec::new(), Vec::new());
        for (path, file) in all {
            match self.standing(path, file)? {
                Standing::Explained => {}
                Standing::AsNew => new.push(file),
                Standing::Open => open.push(file.clone()),
            }
        }
        let mut unasked = None;
        if !open.is_empty() && self.has_sides() {
            let asked: Vec<&FileChange> = open.iter().chain(new).collect();
            match self.unexplained_by_git(asked)? {
                Ok(left) => open = left,
                Err(why) => {
                    unasked = Some(why);
                    if why.is_lasting() || self.source.repo.is_partial()? {
                        open = self.unexplained_without_git(open)?;
                    }
                }
            }
        }
        for file in open {
            if self.paths.puts_special(&file) {
                self.paths.add_special(&file, &mut touched);
            }
            if self.paths.is_asked(file.path.as_bstr()) {
                self.paths.add_generated(file.path.as_bstr(), &mut touched);
            }
        }
        Ok((touched, unasked))
    }

    /// Whether there are sides to compare: one parent alone, named twice, is no two of them.
    fn has_sides(&self) -> bool {
        (2..=MOST_PARENTS).contains(&self.parents.len())
    }

    pub(super) fn is_generated(&self, path: &BString) -> bool {
        self.paths.is_asked(path.as_bstr())
    }

    fn asked_changes(&self, old: Option<Oid>, new: Oid) -> Result<HashMap<BString, FileChange>, Error> {
        let mut files = self.source.repo.tree_changes(old, Some(new), &[])?;
        files.retain(|file| self.paths.is_asked(file.path.as_bstr()) || self.paths.moves_special(file));
        Ok(files.into_iter().map(|file| (file.path.clone(), file)).collect())
    }

    /// What a parent has at a path, of which the merge has `here`.
    fn entry(&self, parent: usize, path: &BString, here: &Version) -> Version {
        match self.differs[parent].get(path) {
            Some(file) => version(file.old),
            None => here.clone(),
        }
    }

    /// What the sides of a merge have at a path, of which the merge has `here`.
    pub(super) fn sides(&self, path: &BString, here: &Version) -> Vec<Version> {
        (0..self.parents.len()).map(|at| self.entry(at, path, here)).collect()
    }

    fn standing(&self, path: &BString, file: &FileChange) -> Result<Standing, Error> {
        if !self.has_sides() {
            return Ok(Standing::Open);
        }
        let here = version(file.new);
        let sides = self.sides(path, &here);
        let [left, right] = &sides[..] else {
            let is = self.is_of_many(path, &sides, &here)?;
            let is_new = sides.iter().any(Option::is_none);
            return Ok(if is && is_new { Standing::AsNew } else { of(is) });
        };
        let Outcome::Is(base) = self.base(path, &self.since(0, 1)?, left)? else { return Ok(Standing::Open) };
        let is_new = base.is_none() && (left.is_none() || right.is_none());
        Ok(match self.join(&base, left, right)? {
            Outcome::Is(joined) if self.is_same(&joined, &here)? => {
                if is_new {
                    Standing::AsNew
                } else {
                    Standing::Explained
                }
            }
            Outcome::Unknown => Standing::Open,
            Outcome::Is(_) if *left == base || *right == base || left == right => Standing::Open,
            // Other ways to compare lines than this program's fit in other places; what they leave is the same.
            Outcome::Is(joined) => of(self.has_lines_of(&joined, &[left, right], &here)?),
            // Perhaps the other side's change belongs to a file of another name.
            Outcome::Conflict if left.is_none() || right.is_none() => Standing::Open,
            Outcome::Conflict => of(self.is_settled(path, [&base, left, right], &here, None)?),
        })
    }

    /// The files of these that nothing explains that can be seen without git, renames included.
    fn unexplained_without_git(&self, files: Vec<FileChange>) -> Result<Vec<FileChange>, Error> {
        let mut left = Vec::new();
        for file in files {
            if !self.is_explained_without_git(&file.path, &file)? {
                left.push(file);
            }
        }
        Ok(left)
    }

    fn is_explained_without_git(&self, path: &BString, file: &FileChange) -> Result<bool, Error> {
        let here = version(file.new);
        let sides = self.sides(path, &here);
        let [left, right] = &sides[..] else { return Ok(false) };
        let bases = self.since(0, 1)?;
        let explained = match self.base(path, &bases, left)? {
            Outcome::Is(base) => self.is_made_of(path, [&base, left, right], &here)?,
            // What the bases have does not fit together itself.
            Outcome::Conflict => self.is_settled(path, [&None, left, right], &here, None)?,
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

    /// Whether a merge has at a path what git makes of two sides, or a solution of their conflict.
    pub(super) fn is_made_of(
        &self,
        path: &BString,
        [base, left, right]: [&Version; 3],
        here: &Version,
    ) -> Result<bool, Error> {
        match self.join(base, left, right)? {
            Outcome::Is(joined) if self.is_same(&joined, here)? => Ok(true),
            Outcome::Unknown => Ok(false),
            Outcome::Is(_) if left == base || right == base || left == right => Ok(false),
            Outcome::Is(joined) => self.has_lines_of(&joined, &[left, right], here),
            Outcome::Conflict => self.is_settled(path, [base, left, right], here, None),
        }
    }

    /// What git makes of two sides.
    pub(super) fn join(&self, base: &Version, left: &Version, right: &Version) -> Result<Outcome, Error> {
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

    /// Whether a text has the lines of another one, which was made of these sides, each as often; and in an order in which no
    /// line goes past another one of its side.
    pub(super) fn has_lines_of(&self, made: &Version, sides: &[&Version], here: &Version) -> Result<bool, Error> {
        let (Some((mode, _)), Some((its, _))) = (made, here) else { return Ok(false) };
        let (Some(made), Some(here)) = (self.text(made)?, self.text(here)?) else { return Ok(false) };
        if mode != its || !mode.is_file() || counted(&made) != counted(&here) {
            return Ok(false);
        }
        let mut texts = Vec::with_capacity(sides.len());
        for side in sides {
            let Some(text) = self.text(side)? else { return Ok(false) };
            texts.push(text);
        }
        let texts: Vec<&[u8]> = texts.iter().map(|text| &**text).collect();
        Ok(keeps_order(&texts, &made, &here))
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
    pub(super) fn text(&self, version: &Version) -> Result<Option<Rc<[u8]>>, Error> {
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
    pub(super) fn since(&self, one: usize, other: usize) -> Result<Bases, Error> {
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

/// Explained, or left to git.
fn of(explained: bool) -> Standing {
    if explained { Standing::Explained } else { Standing::Open }
}

/// A file as a tree has it.
pub(super) fn version(file: Option<(Mode, Oid)>) -> Version {
    file.map(|(mode, oid)| (mode, Content::Blob(oid)))
}

/// How often a text has each of its lines.
pub(super) fn counted(text: &[u8]) -> HashMap<&[u8], usize> {
    let mut counts = HashMap::new();
    for line in text.split(|byte| *byte == b'\n') {
        *counts.entry(line).or_default() += 1;
    }
    counts
}
