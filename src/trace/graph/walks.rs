//! Questions that take a walk: common ancestors, what lies between, which merges passed a commit by.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::build::number;
use super::{CommitId, Graph};

impl Graph {
    /// The best common ancestors of two commits: those that no other common ancestor descends from (git-merge-base(1)).
    /// Several in a criss-cross, none without common history; `None` when either isn't in the graph.
    pub fn merge_bases(&self, a: CommitId, b: CommitId) -> Option<Vec<CommitId>> {
        const BOTH: u8 = 3;
        const STALE: u8 = 4;
        let mut marks: HashMap<u32, u8, foldhash::fast::RandomState> = HashMap::default();
        let mut open: BinaryHeap<Reverse<u32>> = BinaryHeap::new();
        let mut fresh = 0usize;
        for (at, mark) in [(self.find(a)?, 1u8), (self.find(b)?, 2u8)] {
            let known = marks.entry(at).or_default();
            if *known == 0 {
                open.push(Reverse(at));
                fresh += 1;
            }
            *known |= mark;
        }
        let mut bases = Vec::new();
        // Positions run from new to old, so a commit is taken when all that lead to it have been.
        while fresh > 0 {
            let Some(Reverse(at)) = open.pop() else { break };
            let mut mark = marks.get(&at).copied().unwrap_or(0);
            if mark & STALE == 0 {
                fresh -= 1;
                if mark & BOTH == BOTH {
                    bases.push(self.ids[at as usize]);
                    mark |= STALE;
                }
            }
            for &parent in &self.parents[self.range(at)] {
                let known = marks.entry(parent).or_insert(0);
                let before = *known;
                *known |= mark;
                if before == 0 {
                    open.push(Reverse(parent));
                }
                match (before == 0 || before & STALE != 0, *known & STALE != 0) {
                    (true, false) if before == 0 => fresh += 1,
                    (false, true) => fresh -= 1,
                    _ => {}
                }
            }
        }
        Some(bases)
    }

    /// Of each pair of commits, an older and a newer one that undoes it, whether any merge that `tip` reaches joins what has the
    /// newer one with a side that has only the older. One walk over the graph for 64 pairs.
    pub fn passed_by(&self, tip: CommitId, pairs: &[(CommitId, CommitId)]) -> Vec<bool> {
        let mut passed = Vec::with_capacity(pairs.len());
        let mut reached = vec![false; self.ids.len()];
        if let Some(tip) = self.find(tip) {
            reached[tip as usize] = true;
            for at in tip as usize..self.ids.len() {
                if reached[at] {
                    self.parents[self.range(number(at))].iter().for_each(|&parent| reached[parent as usize] = true);
                }
            }
        }
        for pairs in pairs.chunks(64) {
            // A bit for each pair: what has the older one, and what has the newer one.
            let mut has = vec![(0_u64, 0_u64); self.ids.len()];
            for (bit, (older, newer)) in pairs.iter().enumerate() {
                if let Some(older) = self.find(*older) {
                    has[older as usize].0 |= 1 << bit;
                }
                if let Some(newer) = self.find(*newer) {
                    has[newer as usize].1 |= 1 << bit;
                }
            }
            let mut found = 0_u64;
            // Parents stand behind their children.
            for at in (0..self.ids.len()).rev() {
                let parents = &self.parents[self.range(number(at))];
                for &parent in parents {
                    let (older, newer) = has[parent as usize];
                    has[at].0 |= older;
                    has[at].1 |= newer;
                }
                if parents.len() > 1 && reached[at] {
                    let only_older = parents.iter().map(|&parent| has[parent as usize]).map(|(old, new)| old & !new);
                    found |= has[at].1 & only_older.fold(0, |all, one| all | one);
                }
            }
            passed.extend((0..pairs.len()).map(|bit| found & (1 << bit) != 0));
        }
        passed
    }

    /// The commits that `from` reaches and none of `without` does, `from` included, nearest first; at most `most`.
    pub fn between(&self, from: CommitId, without: &[CommitId], most: usize) -> Vec<CommitId> {
        let left_out = |at: u32| without.iter().filter_map(|&id| self.find(id)).any(|end| self.reaches(end, at));
        let mut found = Vec::new();
        let mut open: BinaryHeap<Reverse<u32>> = self.find(from).map(Reverse).into_iter().collect();
        let mut seen: HashSet<u32> = HashSet::new();
        while let Some(Reverse(at)) = open.pop() {
            if found.len() >= most || left_out(at) || !seen.insert(at) {
                continue;
            }
            found.push(self.ids[at as usize]);
            open.extend(self.parents[self.range(at)].iter().map(|&parent| Reverse(parent)));
        }
        found
    }
}
