//! Which siblings kept their order, when some of them moved.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::clause::Clause;

/// What speaks for a clause to have stayed where others passed it: the same when old and new are swapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight {
    clauses: u64,
    bytes: u64,
    /// Decides between as many bytes, by the texts alone.
    mark: u64,
}

impl Weight {
    /// That of an old clause that became a new one.
    pub fn of(old: &Clause, new: &Clause) -> Weight {
        // Cut so that the sum over a million clauses stays in bounds.
        let mark = |clause: &Clause| {
            let mut hasher = DefaultHasher::new();
            (&clause.title, &clause.text).hash(&mut hasher);
            hasher.finish() >> 24
        };
        let bytes = |clause: &Clause| (clause.title.len() + clause.text.len()) as u64;
        Weight { clauses: 1, bytes: bytes(old) + bytes(new), mark: mark(old) + mark(new) }
    }

    fn with(self, other: Weight) -> Weight {
        Weight { clauses: self.clauses + other.clauses, bytes: self.bytes + other.bytes, mark: self.mark + other.mark }
    }
}

/// Of siblings in their new order, each with its old place and weight, the positions of those that kept their order: as many
/// as possible, and of as many the heaviest.
pub fn kept(siblings: &[(usize, Weight)]) -> HashSet<usize> {
    let mut places: Vec<usize> = siblings.iter().map(|(old, _)| *old).collect();
    places.sort_unstable();
    // The best row that ends at an old place or before it, as a tree of maxima: what it weighs and its last sibling.
    let mut best: Vec<(Weight, Option<usize>)> = vec![Default::default(); places.len() + 1];
    let mut before: Vec<Option<usize>> = Vec::with_capacity(siblings.len());
    for (at, (old, weight)) in siblings.iter().enumerate() {
        let rank = places.partition_point(|place| place < old);
        let (mut sum, mut last) = Default::default();
        let mut node = rank;
        while node > 0 {
            if best[node].0 > sum {
                (sum, last) = best[node];
            }
            node -= node & node.wrapping_neg();
        }
        before.push(last);
        let row = sum.with(*weight);
        let mut node = rank + 1;
        while node < best.len() {
            if row > best[node].0 {
                best[node] = (row, Some(at));
            }
            node += node & node.wrapping_neg();
        }
    }
    let heaviest = best.into_iter().max_by(|a, b| a.0.cmp(&b.0));
    let mut kept = HashSet::new();
    let mut next = heaviest.and_then(|(_, last)| last);
    while let Some(at) = next {
        kept.insert(at);
        next = before[at];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(bytes: u64) -> Weight {
        Weight { clauses: 1, bytes, mark: bytes }
    }

    fn of(siblings: &[(usize, u64)]) -> Vec<usize> {
        let weighed: Vec<(usize, Weight)> = siblings.iter().map(|&(old, bytes)| (old, weight(bytes))).collect();
        let mut kept: Vec<usize> = kept(&weighed).into_iter().collect();
        kept.sort_unstable();
        kept
    }

    #[test]
    fn as_many_as_possible_keep_their_order() {
        assert_eq!(of(&[]), [0; 0]);
        assert_eq!(of(&[(3, 1), (5, 1), (9, 1)]), [0, 1, 2]);
        assert_eq!(of(&[(9, 100), (3, 1), (5, 1)]), [1, 2]);
        assert_eq!(of(&[(3, 1), (9, 100), (5, 1), (7, 1)]), [0, 2, 3]);
    }

    #[test]
    fn of_two_that_swap_the_heavier_stays_in_either_direction() {
        assert_eq!(of(&[(1, 20), (0, 10)]), [0]);
        assert_eq!(of(&[(1, 10), (0, 20)]), [1]);
    }
}
