//! From a list of commits to a graph whose every question is quick.

use std::collections::HashMap;

use super::{CommitId, Graph, NONE};

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
pub(super) fn number(at: usize) -> u32 {
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
