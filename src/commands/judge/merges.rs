//! Which generated paths a merge brings to a content that nothing explains (docs/spec/check.md, `check.link.merge`).
//!
//! Why it holds: say a path is *touched* between two commits if a judged commit that only the newer one has behind it
//! changes it. If each merge explains what differs from each of its parents, then a path that differs between a commit and one
//! behind it was touched between them: what a merge took from another parent came there since their merge base, so by a
//! commit that the first parent hasn't behind it. Of a merge that holds the tip that the reference had it is enough to
//! compare with the parent that holds it: then whatever path differs from that tip was touched since.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use bstr::{BString, ByteSlice};

use super::ancestry::Ancestry;
use super::paths::{Paths, Touched};
use crate::commands::source::Source;
use crate::error::Error;
use crate::git::{FileChange, Mode, Oid, fits};

/// Parents that are compared with each other; of more each difference is the merge's own.
const MOST_PARENTS: usize = 16;
/// Bytes of a file whose lines are compared; a larger one is explained only as a whole.
const MOST_BYTES: u64 = 1 << 20;
/// Files in which a line of a merge is looked for beside its own: those that a side renamed.
const MOST_SOURCES: usize = 16;

/// A file at one commit.
type Entry = Option<(Mode, Oid)>;

/// A merge with what its parents have of the paths in question.
pub struct Merge<'a> {
    source: &'a Source,
    ancestry: &'a Ancestry<'a>,
    paths: &'a Paths<'a>,
    parents: &'a [Oid],
    /// What differs from each parent, among paths that somebody asks for.
    differs: Vec<HashMap<BString, FileChange>>,
    /// By pair of parents: what the first changed since their merge bases.
    since: RefCell<HashMap<(usize, usize), Vec<Changed>>>,
    /// By pair of parents: the lines of files that the first changed and the second renamed.
    lent: RefCell<HashMap<(usize, usize), Lent>>,
}

/// Lines, and of how many files.
type Lent = Rc<(HashSet<Vec<u8>>, usize)>;

/// What one side changed since a merge base, by path.
type Changed = Rc<HashMap<BString, FileChange>>;

impl<'a> Merge<'a> {
    /// Compares a merge with its parents.
    pub fn read(
        source: &'a Source,
        ancestry: &'a Ancestry<'a>,
        paths: &'a Paths<'a>,
        commit: Oid,
        parents: &'a [Oid],
    ) -> Result<Merge<'a>, Error> {
        let mut differs = Vec::with_capacity(parents.len());
        for &parent in parents {
            let mut files = source.repo.tree_changes(Some(parent), Some(commit), &[])?;
            files.retain(|file| paths.is_asked(file.path.as_bstr()) || paths.puts_special(file));
            differs.push(files.into_iter().map(|file| (file.path.clone(), file)).collect());
        }
        Ok(Merge { source, ancestry, paths, parents, differs, since: Default::default(), lent: Default::default() })
    }

    /// The paths that want a link on the merge itself; `old` is the tip that the reference had.
    pub fn touched(&self, old: Option<Oid>) -> Result<Touched, Error> {
        let mut touched = Touched::default();
        let mut open: Vec<BTreeMap<&BString, &FileChange>> = Vec::new();
        for at in 0..self.differs.len() {
            open.push(self.unexplained(at)?);
        }
        if open.iter().all(BTreeMap::is_empty) {
            return Ok(touched);
        }
        if let Some(held) = self.holder(old)? {
            open = vec![open.swap_remove(held)];
        }
        let all: BTreeMap<&BString, &FileChange> = open.into_iter().flatten().collect();
        for (path, file) in all {
            if self.paths.puts_special(file) {
                self.paths.add_special(file, &mut touched);
            }
            if self.paths.is_asked(path.as_bstr()) {
                self.paths.add_generated(path.as_bstr(), &mut touched);
            }
        }
        Ok(touched)
    }

    /// The first parent that is the old tip or descends from it.
    fn holder(&self, old: Option<Oid>) -> Result<Option<usize>, Error> {
        let Some(old) = old else { return Ok(None) };
        for (at, &parent) in self.parents.iter().enumerate() {
            if self.ancestry.is_behind(old, parent)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    fn is_in_all(&self, path: &BString) -> bool {
        self.differs.iter().all(|differs| differs.contains_key(path))
    }

    /// The paths that differ from one parent, and nothing says why.
    fn unexplained(&self, at: usize) -> Result<BTreeMap<&BString, &FileChange>, Error> {
        let mut open = BTreeMap::new();
        for (path, file) in &self.differs[at] {
            if self.parents.len() > MOST_PARENTS || !self.is_explained(at, path, file)? {
                open.insert(path, file);
            }
        }
        Ok(open)
    }

    fn is_explained(&self, at: usize, path: &BString, file: &FileChange) -> Result<bool, Error> {
        if !self.is_in_all(path) {
            for other in (0..self.differs.len()).filter(|&other| !self.differs[other].contains_key(path)) {
                let since = self.changed(other, at)?;
                if since.iter().all(|changed| changed.contains_key(path)) {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        // Gone from both sides' changes, or of a kind that no side has: nobody but the merge did that.
        let Some((mode, blob)) = file.new.filter(|(mode, _)| mode.is_file()) else { return Ok(false) };
        let entries: Vec<Entry> =
            self.differs.iter().map(|differs| differs.get(path).and_then(|file| file.old)).collect();
        if !entries.iter().flatten().any(|(known, _)| *known == mode) && entries.iter().any(Option::is_some) {
            return Ok(false);
        }
        for other in (0..self.differs.len()).filter(|&other| other != at) {
            if self.is_conflict(at, other, path, &entries)? {
                return Ok(true);
            }
        }
        self.has_no_new_line(at, path, blob, &entries)
    }

    /// Whether two sides changed a path in places that do not fit together.
    fn is_conflict(&self, at: usize, other: usize, path: &BString, entries: &[Entry]) -> Result<bool, Error> {
        let (ours, theirs) = (self.changed(at, other)?, self.changed(other, at)?);
        for (ours, theirs) in ours.iter().zip(theirs.iter()) {
            let (Some(mine), Some(its)) = (ours.get(path), theirs.get(path)) else { return Ok(false) };
            if mine.new == its.new {
                return Ok(false);
            }
            let texts = [self.text(mine.old)?, self.text(entries[at])?, self.text(entries[other])?];
            let [Some(base), Some(left), Some(right)] = texts else {
                // No text of a size that can be merged by lines, so that nobody can say that they don't fit.
                return Ok(false);
            };
            if fits(&base, &left, &right) {
                return Ok(false);
            }
        }
        Ok(!ours.is_empty())
    }

    /// Whether each line stands in the same file of a parent that changed it, or in one that a side changed and the
    /// other renamed.
    fn has_no_new_line(&self, at: usize, path: &BString, blob: Oid, entries: &[Entry]) -> Result<bool, Error> {
        if self.parents.len() < 2 {
            // One parent named twice: there are no two sides.
            return Ok(false);
        }
        let Some(text) = self.text(Some((Mode::File, blob)))? else { return Ok(false) };
        let mut known: HashSet<Vec<u8>> = HashSet::new();
        let mut sides = 0;
        for (other, entry) in entries.iter().enumerate().take(self.differs.len()) {
            let against = if other == at { usize::from(at == 0) } else { at };
            if self.changed(other, against)?.iter().all(|changed| changed.contains_key(path)) {
                sides += 1;
            }
            if let Some(text) = self.text(*entry)? {
                known.extend(text.lines().map(<[u8]>::to_vec));
            }
        }
        let (mut moved, mut lenders) = (0, Vec::new());
        for other in (0..self.differs.len()).filter(|&other| other != at) {
            for (from, to) in [(at, other), (other, at)] {
                let lent = self.renamed(from, to)?;
                moved += lent.1;
                lenders.push(lent);
            }
        }
        // A file that a side renamed lends its lines only to one that a side has touched.
        if sides < 2 && (moved == 0 || sides == 0) {
            return Ok(false);
        }
        let is_known = |line: &[u8]| known.contains(line) || lenders.iter().any(|lent| lent.0.contains(line));
        Ok(text.lines().all(is_known) && self.keeps_what_all_have(&text, entries)?)
    }

    /// Whether no line is gone that all parents have, as often as each of them has it.
    fn keeps_what_all_have(&self, text: &[u8], entries: &[Entry]) -> Result<bool, Error> {
        let mut common: Option<HashMap<Vec<u8>, usize>> = None;
        for entry in entries {
            let Some(text) = entry.map(|entry| self.text(Some(entry))).transpose()?.flatten() else { return Ok(true) };
            let counts = counted(&text);
            common = Some(match common {
                None => counts.into_iter().map(|(line, count)| (line.to_vec(), count)).collect(),
                Some(mut common) => {
                    common.retain(|line, count| {
                        *count = (*count).min(counts.get(line.as_slice()).copied().unwrap_or(0));
                        *count > 0
                    });
                    common
                }
            });
        }
        let counts = counted(text);
        let is_kept = |(line, count): (&Vec<u8>, &usize)| counts.get(line.as_slice()).is_some_and(|has| has >= count);
        Ok(common.iter().flatten().all(is_kept))
    }

    /// The lines of generated files that `from` changed and `to` took away, as a rename does, or that `from` made new; and
    /// how many files. Read once.
    fn renamed(&self, from: usize, to: usize) -> Result<Lent, Error> {
        if let Some(known) = self.lent.borrow().get(&(from, to)) {
            return Ok(known.clone());
        }
        let (changed, others) = (self.changed(from, to)?, self.changed(to, from)?);
        let (mut lines, mut count) = (HashSet::new(), 0);
        for (changed, others) in changed.iter().zip(others.iter()) {
            let gone = |path: &BString| others.get(path).is_some_and(|other| other.new.is_none());
            for file in changed.values().filter(|file| file.new.is_some() && gone(&file.path)).take(MOST_SOURCES) {
                if let Some(text) = self.text(file.new)? {
                    lines.extend(text.lines().map(<[u8]>::to_vec));
                    count += 1;
                }
            }
        }
        let lent = Lent::new((lines, count));
        self.lent.borrow_mut().insert((from, to), lent.clone());
        Ok(lent)
    }

    /// The content of a file; an empty one where there is none.
    fn text(&self, entry: Entry) -> Result<Option<Vec<u8>>, Error> {
        match entry {
            None => Ok(Some(Vec::new())),
            Some((mode, blob)) if mode.is_file() && self.source.repo.blob_size(blob)? <= MOST_BYTES => {
                Ok(Some(self.source.repo.blob(blob)?))
            }
            Some(_) => Ok(None),
        }
    }

    /// The paths that one parent changed since each of its merge bases with another.
    fn changed(&self, one: usize, other: usize) -> Result<Vec<Changed>, Error> {
        if let Some(known) = self.since.borrow().get(&(one, other)) {
            return Ok(known.clone());
        }
        let bases = self.ancestry.merge_bases(self.parents[one], self.parents[other])?;
        // Without a common history all was made since.
        let bases: Vec<Option<Oid>> = if bases.is_empty() { vec![None] } else { bases.into_iter().map(Some).collect() };
        for (from, to) in [(one, other), (other, one)] {
            let mut all = Vec::with_capacity(bases.len());
            for &base in &bases {
                let mut files = self.source.repo.tree_changes(base, Some(self.parents[from]), &[])?;
                files.retain(|file| self.paths.is_asked(file.path.as_bstr()) || self.paths.puts_special(file));
                all.push(Changed::new(files.into_iter().map(|file| (file.path.clone(), file)).collect()));
            }
            self.since.borrow_mut().insert((from, to), all);
        }
        Ok(self.since.borrow().get(&(one, other)).cloned().unwrap_or_default())
    }
}

/// How often a text has each of its lines.
fn counted(text: &[u8]) -> HashMap<&[u8], usize> {
    let mut counts = HashMap::new();
    for line in text.lines() {
        *counts.entry(line).or_default() += 1;
    }
    counts
}
