//! Whether the solution of a conflict is one (docs/spec/check.md, `check.link.merge.conflict`).

use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::merges::{Merge, Version};
use super::own::Own;
use crate::error::Error;
use crate::git::{MARKER, Manner, conflicting};
use crate::trace::conflict::{Needs, marker, solved};
use crate::trace::order::keeps_order_of_both;

/// Paths of a side that are asked for one by one, each by a process or two.
const FEW: usize = 16;

/// Ways to compare lines, of which whoever decided has seen one.
const MANNERS: [Manner; 4] = [
    Manner { patience: false, whole: false },
    Manner { patience: false, whole: true },
    Manner { patience: true, whole: false },
    Manner { patience: true, whole: true },
];

impl Merge<'_> {
    /// Whether a merge of two has at a path what may come of a conflict: all that fits, and for the rest what a side says
    /// that has something to say. `gits` is the text with its conflicts that git made, where it was asked.
    pub(super) fn is_settled(
        &self,
        path: &BString,
        [base, left, right]: [&Version; 3],
        here: &Version,
        gits: Option<&[u8]>,
    ) -> Result<bool, Error> {
        if left == right {
            return Ok(here == left);
        }
        let has = |needs: Needs| {
            Ok::<_, Error>(
                (!needs.ours || self.has_its_own(0, path, base)?)
                    && (!needs.theirs || self.has_its_own(1, path, base)?),
            )
        };
        let (ours, theirs) = (here == left, here == right);
        let of_a_kind = |side: &Version| matches!((here, side), (Some((mode, _)), Some((known, _))) if mode.is_file() && mode == known);
        // No link or submodule comes in that no side has.
        if !(ours || theirs || of_a_kind(left) || of_a_kind(right)) {
            return Ok(false);
        }
        // What is too large to compare is too large to look at as well.
        for version in [here, left, right] {
            if matches!(version, Some((mode, _)) if mode.is_file()) && self.text(version)?.is_none() {
                return Ok(false);
            }
        }
        let are_files = [base, left, right].iter().all(|side| side.as_ref().is_none_or(|(mode, _)| mode.is_file()));
        if left.is_some() && right.is_some() && are_files {
            if here.is_none() {
                return Ok(false);
            }
            if self.has_lines_of_both([base, left, right], here)? {
                return Ok(true);
            }
            let texts = [self.text(base)?, self.text(left)?, self.text(right)?, self.text(here)?];
            let [Some(was), Some(mine), Some(its), Some(made)] = texts else { return Ok(false) };
            let is_text = [&was, &mine, &its, &made].iter().all(|text| !text.contains(&0));
            if is_text {
                return match needs([&was, &mine, &its], gits, &made) {
                    Some(needs) => has(needs),
                    None => Ok(false),
                };
            }
            if !ours && !theirs {
                return Ok(false);
            }
        }
        has(Needs { ours: !theirs, theirs: !ours })
    }

    /// Whether a side has something to say about a path, or about one that the other side took away and that had what the
    /// base has of this one: a renamed file.
    fn has_its_own(&self, side: usize, path: &BString, base: &Version) -> Result<bool, Error> {
        let bases = self.since(0, 1)?;
        if bases.iter().any(|one| one.changed.iter().all(|changed| changed.contains_key(path))) {
            return self.has_own_at(side, path);
        }
        let Some(place) = self.paths.place(path.as_bstr()) else { return Ok(false) };
        let was = |file: &crate::git::FileChange| base.is_some() && super::merges::version(file.old) == *base;
        for one in bases.iter() {
            let [mine, its] = [&one.changed[side], &one.changed[1 - side]];
            for (from, _) in mine.iter().filter(|(from, file)| was(file) && its.contains_key(*from)) {
                if self.paths.demands_as_much(from.as_bstr(), place) && self.has_own_at(side, from)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether a side has a commit of its own for a path that both changed. The first few are looked for one by one, which ends
    /// at the first such commit; all together need all commits.
    pub(super) fn has_own_at(&self, side: usize, path: &BString) -> Result<bool, Error> {
        let key = (side, path.clone());
        if let Some(&known) = self.asked_own.borrow().get(&key) {
            return Ok(known);
        }
        if self.asked_own.borrow().len() >= FEW {
            return Ok(self.own()?.has(side, path));
        }
        let parents = [self.parents[side], self.parents[1 - side]];
        let has = Own::of_side(&self.source.repo, parents, path, &self.speaks)?;
        self.asked_own.borrow_mut().insert(key, has);
        Ok(has)
    }

    /// What the sides have commits of their own for, among what either changed.
    fn own(&self) -> Result<&Own, Error> {
        if let Some(own) = self.own.get() {
            return Ok(own);
        }
        let bases = self.since(0, 1)?;
        let mut paths: HashSet<BString> = HashSet::new();
        for base in bases.iter() {
            let [left, right] = &base.changed;
            paths.extend(left.keys().filter(|path| right.contains_key(*path)).cloned());
        }
        let own = Own::read(&self.source.repo, [self.parents[0], self.parents[1]], paths, &self.speaks)?;
        Ok(self.own.get_or_init(|| own))
    }

    /// Whether a text has each line as often as two sides leave it there, none past another one of its side.
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
        let is_as_often = counts.values().all(|&[base, left, right, here]| {
            let (mine, its) = (left - base, right - base);
            // What both sides did in the same way may be one change or two.
            let (least, most) = match (mine.signum(), its.signum()) {
                (1, 1) => (base + mine.max(its), base + mine + its),
                (-1, -1) => ((base + mine + its).max(0), base + mine.min(its)),
                _ => (base + mine + its, base + mine + its),
            };
            (least..=most).contains(&here)
        });
        Ok(is_as_often && keeps_order_of_both([&base, &left, &right], &here))
    }
}

/// What a solution asks of the sides, by the way to compare lines that asks least. `gits` is what git itself made.
fn needs([base, left, right]: [&[u8]; 3], gits: Option<&[u8]>, made: &[u8]) -> Option<Needs> {
    let marker = marker(&[base, left, right])?;
    let mut least: Option<Needs> = None;
    for manner in MANNERS.map(Some).into_iter().chain([None]) {
        let solution = match (manner, gits) {
            (Some(manner), _) => {
                conflicting(base, left, right, manner, marker).and_then(|text| solved(&text, marker, made))
            }
            (None, Some(text)) if marker <= MARKER => solved(text, MARKER, made),
            (None, _) => None,
        };
        let Some(needs) = solution else { continue };
        least = Some(least.filter(|least| !(least.ours && least.theirs)).unwrap_or(needs));
        if !(needs.ours && needs.theirs) {
            break;
        }
    }
    least
}
