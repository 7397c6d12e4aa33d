//! The last of step 3: what would be told as merged into a clause that was split from it is one clause.

use std::collections::HashMap;

use super::{Edge, Rule, SHORT_BODY};
use crate::spec::sentences::Sentence;

/// The share of the sentences of either that the other has too.
const MOSTLY: f32 = 0.7;

/// Where a sentence stands among what is left: in one clause, or in several, of which it tells nothing.
type Places = HashMap<Sentence, Option<usize>, foldhash::fast::RandomState>;

/// Bonds free clauses that have most of their sentences in common, and these with no other free clause.
pub(super) fn bond(edge: &mut Edge) {
    let (old, new) = (edge.free_old(), edge.free_new());
    if old.is_empty() || new.is_empty() {
        return;
    }
    let (mut old_places, mut new_places) = (Places::default(), Places::default());
    for (entries, free, places) in [(&edge.old, &old, &mut old_places), (&edge.new, &new, &mut new_places)] {
        for &at in free {
            for sentence in entries[at].clause.sentences().long() {
                let place = places.entry(*sentence).or_insert(Some(at));
                *place = place.filter(|&other| other == at);
            }
        }
    }
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    for (sentence, from) in &old_places {
        if let (Some(from), Some(Some(to))) = (from, new_places.get(sentence)) {
            *shared.entry((*from, *to)).or_default() += 1;
        }
    }
    let distinct = |entries: &[super::Entry], at: usize| {
        let mut all = entries[at].clause.sentences().long().to_vec();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    let mut pairs: Vec<(f32, usize, usize)> = shared
        .into_iter()
        .map(|((from, to), count)| {
            let most = distinct(&edge.old, from).max(distinct(&edge.new, to));
            (count as f32 / most as f32, from, to)
        })
        .filter(|&(share, from, to)| share >= MOSTLY && edge.old[from].bag().sizes(edge.new[to].bag()).0 >= SHORT_BODY)
        .collect();
    // more than half of either is in the other, so that no clause is in two pairs
    pairs.sort_by_key(|&(_, from, to)| (from, to));
    for (share, from, to) in pairs {
        edge.bond(from, to, Rule::Similar, share);
    }
}
