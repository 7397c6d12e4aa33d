//! Who descends from whom.
//!
//! Ancestry is asked for every link of a history. Walking parents from a commit to a far ancestor would make that
//! quadratic on a long line, so each commit also knows its place in the tree of first parents, where ancestry is a
//! comparison of two numbers, and the nearest merge below it, the only place where a search has to branch.

mod build;
mod prefix;
mod walks;

use std::collections::HashSet;
use std::ops::Range;

use super::commit::CommitId;

pub use prefix::Ambiguous;

/// No commit.
const NONE: u32 = u32::MAX;

/// The commits of a history and their ancestry; about 60 bytes a commit.
///
/// Positions run from new to old: a parent's is always greater than its child's.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    ids: Vec<CommitId>,
    /// Positions in the order of ids, for look-ups.
    by_id: Vec<u32>,
    /// Parents of all commits one behind the other, and where each commit's begin.
    parents: Vec<u32>,
    first: Vec<u32>,
    /// Longest way down to a root: greater than any ancestor's.
    generation: Vec<u32>,
    /// Number of the commit in the tree of first parents, and how many it has at and above it.
    place: Vec<u32>,
    weight: Vec<u32>,
    /// The nearest commit along first parents, itself included, that has several parents.
    merge: Vec<u32>,
}

impl Graph {
    /// How many commits.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The commits, each before its parents.
    pub fn commits(&self) -> impl Iterator<Item = CommitId> + '_ {
        self.ids.iter().copied()
    }

    /// Whether the commit is one of the graph.
    pub fn contains(&self, id: CommitId) -> bool {
        self.find(id).is_some()
    }

    /// The position of a commit: newer ones come before older ones of the same line. `None` if it isn't in the graph.
    pub fn position(&self, id: CommitId) -> Option<u32> {
        self.find(id)
    }

    /// The parents that are in the graph, in order; empty for a commit that isn't.
    pub fn parents(&self, id: CommitId) -> impl Iterator<Item = CommitId> + '_ {
        let range = self.find(id).map_or(0..0, |at| self.range(at));
        self.parents[range].iter().map(|&p| self.ids[p as usize])
    }

    /// Whether `a` is `b` or one of its ancestors; `None` when either isn't in the graph.
    ///
    /// Constant time along first parents, else linear in the merges between the two.
    pub fn is_ancestor(&self, a: CommitId, b: CommitId) -> Option<bool> {
        Some(self.reaches(self.find(b)?, self.find(a)?))
    }

    fn find(&self, id: CommitId) -> Option<u32> {
        let hit = self.by_id.binary_search_by_key(&id, |&at| self.ids[at as usize]);
        hit.ok().map(|at| self.by_id[at])
    }

    fn range(&self, at: u32) -> Range<usize> {
        self.first[at as usize] as usize..self.first[at as usize + 1] as usize
    }

    /// Whether `old` can be reached from `new` along first parents alone.
    fn on_line(&self, new: u32, old: u32) -> bool {
        let (from, weight) = (self.place[old as usize], self.weight[old as usize]);
        (from..from + weight).contains(&self.place[new as usize])
    }

    /// Whether `old` can be reached from `new` along any parents.
    fn reaches(&self, new: u32, old: u32) -> bool {
        let may_reach =
            |at: u32| at == old || (at < old && self.generation[at as usize] > self.generation[old as usize]);
        let mut seen: HashSet<u32> = HashSet::new();
        let mut open = vec![new];
        while let Some(at) = open.pop() {
            if !may_reach(at) {
                continue;
            }
            if self.on_line(at, old) {
                return true;
            }
            let merge = self.merge[at as usize];
            if merge != NONE && may_reach(merge) && seen.insert(merge) {
                // the first parent last, to be followed first: the merges next to `old` are then tried before others
                open.extend(self.parents[self.range(merge)].iter().rev());
            }
        }
        false
    }
}

#[cfg(test)]
mod tests;
