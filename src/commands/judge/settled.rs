//! Whether the solution of a conflict is one (docs/spec/check.md, `check.link.merge.conflict`).

use std::collections::{HashMap, HashSet};

use bstr::BString;

use super::merges::{Merge, Version};
use super::own::Own;
use crate::error::Error;
use crate::git::{Manner, conflicting};
use crate::trace::conflict::{Needs, marker, solved};

/// Ways to compare lines, of which whoever decided has seen one.
const MANNERS: [Manner; 4] = [
    Manner { patience: false, whole: false },
    Manner { patience: false, whole: true },
    Manner { patience: true, whole: false },
    Manner { patience: true, whole: true },
];

impl Merge<'_> {
    /// Whether a merge of two has at a path what may come of a conflict: all that fits, and for the rest what a side says
    /// that has something to say.
    pub(super) fn is_settled(
        &self,
        path: &BString,
        [base, left, right]: [&Version; 3],
        here: &Version,
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
                return match self.needs([&was, &mine, &its], &made) {
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

    /// What a solution asks of the sides, by the way to compare lines that asks least.
    fn needs(&self, [base, left, right]: [&[u8]; 3], made: &[u8]) -> Option<Needs> {
        let marker = marker(&[base, left, right])?;
        let mut best: Option<Needs> = None;
        for manner in MANNERS {
            let Some(text) = conflicting(base, left, right, manner, marker) else { continue };
            let Some(needs) = solved(&text, marker, made) else { continue };
            best = Some(best.map_or(needs, |best| if best.ours && best.theirs { needs } else { best }));
            if !(needs.ours && needs.theirs) {
                break;
            }
        }
        best
    }

    /// Whether a side has something to say about a path, or about one that the other side took away and that had what the
    /// base has of this one: a renamed file.
    fn has_its_own(&self, side: usize, path: &BString, base: &Version) -> Result<bool, Error> {
        let own = self.own()?;
        if own.has(side, path) {
            return Ok(true);
        }
        let bases = self.since(0, 1)?;
        let was = |file: &crate::git::FileChange| base.is_some() && super::merges::version(file.old) == *base;
        Ok(bases.iter().any(|one| {
            let [mine, its] = [&one.changed[side], &one.changed[1 - side]];
            let both = mine.iter().filter(|(from, file)| was(file) && its.contains_key(*from));
            both.into_iter().any(|(from, _)| own.has(side, from))
        }))
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
        let own = Own::read(&self.source.repo, [self.parents[0], self.parents[1]], &paths)?;
        Ok(self.own.get_or_init(|| own))
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
}
