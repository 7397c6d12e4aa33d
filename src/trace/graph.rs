//! Who descends from whom.
//!
//! Ancestry is asked for every link of a history. Walking parents from a commit to a far ancestor would make that
//! quadratic on a long line, so each commit also knows its place in the tree of first parents, where ancestry is a
//! comparison of two numbers, and the nearest merge below it, the only place where a search has to branch.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::ops::Range;

use super::commit::CommitId;

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

/// An abbreviated id that several commits share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} commits have an id that starts so", .0.len())]
pub struct Ambiguous(pub Vec<CommitId>);

impl Graph {
    /// Builds the graph from commits with their parents, as `git rev-list --topo-order --parents` lists them, newest
    /// first.
    ///
    /// Parents that aren't commits of the list (beyond a range or a shallow border) are left out; so is a second
    /// mention of a commit. Another order is put right, at some cost. Linear in commits and edges, up to 2³² − 2.
    pub fn new(commits: impl IntoIterator<Item = (CommitId, Vec<CommitId>)>) -> Graph {
        let mut ids: Vec<CommitId> = Vec::new();
        let mut index: HashMap<CommitId, u32> = HashMap::new();
        let mut named: Vec<CommitId> = Vec::new();
        let mut ends: Vec<usize> = Vec::new();
        for (id, parents) in commits {
            let at = number(ids.len());
            if at == NONE || index.contains_key(&id) {
                continue;
            }
            index.insert(id, at);
            ids.push(id);
            named.extend(parents);
            ends.push(named.len());
        }
        let mut edges = Edges::default();
        let mut from = 0;
        for end in ends {
            let known = named[from..end].iter().filter_map(|id| index.get(id));
            edges.push(known.copied());
            from = end;
        }
        let (ids, edges) = in_order(ids, edges);
        Graph::label(ids, edges)
    }

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

    /// The commit whose id starts with these hex digits of either case. `Ok(None)` when there is none or `hex` is
    /// empty or isn't hex.
    ///
    /// # Errors
    /// [`Ambiguous`] with all of them when there are several.
    pub fn resolve_prefix(&self, hex: &str) -> Result<Option<CommitId>, Ambiguous> {
        if hex.is_empty() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let against = |at: u32| self.ids[at as usize].cmp_hex(hex.as_bytes());
        let from = self.by_id.partition_point(|&at| against(at) == Ordering::Less);
        let hits = &self.by_id[from..];
        let hits = &hits[..hits.partition_point(|&at| against(at) == Ordering::Equal)];
        match hits {
            [] => Ok(None),
            [one] => Ok(Some(self.ids[*one as usize])),
            several => Err(Ambiguous(several.iter().map(|&at| self.ids[at as usize]).collect())),
        }
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

    /// Computes what the queries rest on; `edges` lead from lower to higher positions only.
    fn label(ids: Vec<CommitId>, edges: Edges) -> Graph {
        let count = ids.len();
        let mut by_id: Vec<u32> = (0..number(count)).collect();
        by_id.sort_unstable_by_key(|&at| ids[at as usize]);
        let mut weight = vec![1u32; count];
        for at in 0..count {
            if let Some(&parent) = edges.of(at).first() {
                weight[parent as usize] += weight[at];
            }
        }
        let mut generation = vec![0u32; count];
        let mut merge = vec![NONE; count];
        let mut place = vec![0u32; count];
        let mut next_root = 0;
        let mut next_child = vec![0u32; count];
        for at in (0..count).rev() {
            let parents = edges.of(at);
            let below = parents.iter().map(|&p| generation[p as usize] + 1);
            generation[at] = below.max().unwrap_or(0);
            let first = parents.first().map(|&p| p as usize);
            let slot = first.map_or(&mut next_root, |p| &mut next_child[p]);
            place[at] = *slot;
            *slot += weight[at];
            next_child[at] = place[at] + 1;
            merge[at] = match first {
                Some(_) if parents.len() > 1 => number(at),
                Some(p) => merge[p],
                None => NONE,
            };
        }
        Graph { ids, by_id, parents: edges.to, first: edges.first, generation, place, weight, merge }
    }
}

/// A position as it is stored; [`NONE`] past the limit.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

/// The parents of each commit, packed.
#[derive(Debug)]
struct Edges {
    to: Vec<u32>,
    first: Vec<u32>,
}

impl Default for Edges {
    fn default() -> Self {
        Edges { to: Vec::new(), first: vec![0] }
    }
}

impl Edges {
    fn push(&mut self, parents: impl IntoIterator<Item = u32>) {
        self.to.extend(parents);
        self.first.push(number(self.to.len()));
    }

    fn of(&self, at: usize) -> &[u32] {
        &self.to[self.first[at] as usize..self.first[at + 1] as usize]
    }
}

/// Puts children before parents, if they aren't yet, and drops what would make a circle, which no real history has.
fn in_order(ids: Vec<CommitId>, edges: Edges) -> (Vec<CommitId>, Edges) {
    let is_sorted = |at: usize| edges.of(at).iter().all(|&p| p as usize > at);
    if (0..ids.len()).all(is_sorted) {
        return (ids, edges);
    }
    let mut children = vec![0u32; ids.len()];
    for &parent in &edges.to {
        children[parent as usize] += 1;
    }
    let mut order: Vec<u32> = (0..number(ids.len())).filter(|&at| children[at as usize] == 0).collect();
    let mut done = 0;
    while let Some(&at) = order.get(done) {
        done += 1;
        for &parent in edges.of(at as usize) {
            children[parent as usize] -= 1;
            if children[parent as usize] == 0 {
                order.push(parent);
            }
        }
    }
    order.extend((0..number(ids.len())).filter(|&at| children[at as usize] > 0));
    let mut moved = vec![0u32; ids.len()];
    for (to, &from) in order.iter().enumerate() {
        moved[from as usize] = number(to);
    }
    let mut sorted = Edges::default();
    for (to, &from) in order.iter().enumerate() {
        let parents = edges.of(from as usize).iter().map(|&p| moved[p as usize]);
        sorted.push(parents.filter(|&p| p as usize > to));
    }
    (order.iter().map(|&at| ids[at as usize]).collect(), sorted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(n: u32) -> CommitId {
        let mut raw = [0u8; 20];
        raw[..4].copy_from_slice(&n.wrapping_mul(0x9E37_79B1).to_be_bytes());
        raw[16..].copy_from_slice(&n.to_be_bytes());
        CommitId::from_bytes(&raw).unwrap()
    }

    /// Commit `n` with parents that are greater numbers, newest first.
    fn graph(parents: &[&[u32]]) -> Graph {
        Graph::new(parents.iter().enumerate().map(|(n, p)| (id(n as u32), p.iter().copied().map(id).collect())))
    }

    #[test]
    fn a_merge_has_both_sides_as_ancestors() {
        // 0 merges 1 and 2, both on 3; 4 is a root of its own, 9 isn't there
        let g = graph(&[&[1, 2], &[3], &[3], &[9], &[]]);
        for (a, b, is) in
            [(0, 0, true), (3, 0, true), (2, 0, true), (1, 2, false), (0, 3, false), (4, 0, false), (3, 4, false)]
        {
            assert_eq!(g.is_ancestor(id(a), id(b)), Some(is), "{a} {b}");
        }
        assert_eq!(g.is_ancestor(id(9), id(0)), None);
        assert_eq!(g.is_ancestor(id(0), id(9)), None);
        assert!(g.contains(id(3)) && !g.contains(id(9)));
        assert_eq!(g.parents(id(0)).collect::<Vec<_>>(), [id(1), id(2)]);
        assert_eq!(g.parents(id(3)).count() + g.parents(id(9)).count(), 0);
        assert_eq!(g.commits().count(), g.len());
    }

    #[test]
    fn prefixes_are_resolved_or_said_to_be_ambiguous() {
        let named = |hex: &str| hex.repeat(40 / hex.len()).parse::<CommitId>().unwrap();
        let (ab, ac, b) = (named("abab"), named("acac"), named("b"));
        let g = Graph::new([(ab, vec![ac]), (ac, vec![]), (b, vec![])]);
        assert_eq!(g.resolve_prefix("ABA"), Ok(Some(ab)));
        assert_eq!(g.resolve_prefix(&b.to_string()), Ok(Some(b)));
        assert_eq!(g.resolve_prefix("a"), Err(Ambiguous(vec![ab, ac])));
        for none in ["", "c", "abc", "xyz", &format!("{b}0")] {
            assert_eq!(g.resolve_prefix(none), Ok(None), "{none}");
        }
    }

    #[test]
    fn odd_input_is_put_right() {
        let empty = Graph::new([]);
        assert!(empty.is_empty() && empty.is_ancestor(id(0), id(0)).is_none());
        let twice = Graph::new([(id(0), vec![id(1)]), (id(1), vec![]), (id(0), vec![])]);
        assert_eq!(twice.len(), 2);
        assert_eq!(twice.is_ancestor(id(1), id(0)), Some(true));
        let circle = Graph::new([(id(0), vec![id(1)]), (id(1), vec![id(0)])]);
        assert_eq!(circle.is_ancestor(id(0), id(0)), Some(true));
    }

    #[test]
    fn a_long_line_with_merges_is_answered_at_once() {
        // even numbers are the trunk, each merging the odd one after it, which branches off two commits below
        let count = 200_000u32;
        let parents = |n: u32| match n {
            n if n + 4 >= count => vec![],
            n if n % 2 == 0 => vec![id(n + 2), id(n + 1)],
            n => vec![id(n + 3)],
        };
        let g = Graph::new((0..count).map(|n| (id(n), parents(n))));
        for n in (0..count - 8).step_by(7) {
            let trunk = n + n % 2;
            assert_eq!(g.is_ancestor(id(trunk), id(0)), Some(true));
            assert_eq!(g.is_ancestor(id(n), id(n - n % 2)), Some(true));
        }
        assert_eq!(g.is_ancestor(id(count / 2 + 1), id(0)), Some(true));
        assert_eq!(g.is_ancestor(id(count / 2 + 1), id(1)), Some(true));
        assert_eq!(g.is_ancestor(id(1), id(3)), Some(false));
    }

    #[test]
    fn a_criss_cross_has_two_merge_bases() {
        // 0 and 1 both merge 2 and 3, which stand on 4
        let g = graph(&[&[2, 3], &[3, 2], &[4], &[4], &[]]);
        let mut bases = g.merge_bases(id(0), id(1)).unwrap();
        bases.sort_unstable();
        let mut both = [id(2), id(3)];
        both.sort_unstable();
        assert_eq!(bases, both);
        assert_eq!(g.between(id(0), &[id(2)], 9), [id(0), id(3)]);
        assert_eq!(g.between(id(0), &[], 2).len(), 2);
    }

    fn any_history() -> impl Strategy<Value = Vec<Vec<u32>>> {
        prop::collection::vec(prop::collection::vec(1u32..9, 0..3), 1..25).prop_map(|all| {
            let count = all.len() as u32;
            let below = |(n, steps): (usize, Vec<u32>)| {
                let parents = steps.into_iter().map(|step| n as u32 + step);
                parents.filter(|&p| p < count).collect()
            };
            all.into_iter().enumerate().map(below).collect()
        })
    }

    fn reachable(parents: &[Vec<u32>], from: u32) -> HashSet<u32> {
        let mut seen = HashSet::new();
        let mut open = vec![from];
        while let Some(n) = open.pop() {
            if seen.insert(n) {
                open.extend(&parents[n as usize]);
            }
        }
        seen
    }

    proptest! {
        #[test]
        fn a_merge_passes_by_what_one_of_its_sides_does_not_have(parents in any_history()) {
            let g = Graph::new(parents.iter().enumerate()
                .map(|(n, p)| (id(n as u32), p.iter().copied().map(id).collect())));
            let count = parents.len() as u32;
            let pairs: Vec<(u32, u32)> = (0..count).flat_map(|a| (0..count).map(move |b| (a, b))).collect();
            let ids: Vec<(CommitId, CommitId)> = pairs.iter().map(|&(a, b)| (id(a), id(b))).collect();
            let behind: Vec<HashSet<u32>> = (0..count).map(|at| reachable(&parents, at)).collect();
            for tip in 0..count {
                let passed = g.passed_by(id(tip), &ids);
                for (&(older, newer), passed) in pairs.iter().zip(passed) {
                    let has = |at: u32, what: u32| behind[at as usize].contains(&what);
                    let expected = behind[tip as usize].iter().any(|&merge| {
                        let sides = &parents[merge as usize];
                        sides.len() > 1 && has(merge, newer) && sides.iter().any(|&side| has(side, older) && !has(side, newer))
                    });
                    prop_assert_eq!(passed, expected, "{} past {} at {}", older, newer, tip);
                }
            }
        }

        #[test]
        fn merge_bases_are_the_common_ancestors_that_no_other_reaches(parents in any_history()) {
            let g = Graph::new(parents.iter().enumerate()
                .map(|(n, p)| (id(n as u32), p.iter().copied().map(id).collect())));
            let count = parents.len() as u32;
            for a in 0..count {
                for b in 0..count {
                    let common: HashSet<u32> =
                        reachable(&parents, a).intersection(&reachable(&parents, b)).copied().collect();
                    let best: HashSet<CommitId> = common.iter().copied()
                        .filter(|&n| !common.iter().any(|&other| other != n && reachable(&parents, other).contains(&n)))
                        .map(id).collect();
                    prop_assert_eq!(g.merge_bases(id(a), id(b)).unwrap().into_iter().collect::<HashSet<_>>(), best);
                }
            }
        }

        #[test]
        fn ancestry_is_reachability_in_any_order(parents in any_history(), shuffle in any::<u64>()) {
            let mut commits: Vec<(CommitId, Vec<CommitId>)> = parents.iter().enumerate()
                .map(|(n, p)| (id(n as u32), p.iter().copied().map(id).collect())).collect();
            let ordered = Graph::new(commits.clone());
            let len = commits.len();
            for at in 0..len {
                commits.swap(at, (shuffle.rotate_left(at as u32) % len as u64) as usize);
            }
            let shuffled = Graph::new(commits);
            for b in 0..len as u32 {
                let below = reachable(&parents, b);
                for a in 0..len as u32 {
                    prop_assert_eq!(ordered.is_ancestor(id(a), id(b)), Some(below.contains(&a)));
                    prop_assert_eq!(shuffled.is_ancestor(id(a), id(b)), Some(below.contains(&a)));
                }
            }
        }
    }
}
