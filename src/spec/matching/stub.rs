//! Titles in step 2. A title that stays above a new introduction, while its words go below another title, is a stub: the
//! demand lives on where its words are.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::key::similarity;
use super::similar::candidates;
use super::{Edge, Entry, Rule, SHORT_BODY};
use crate::spec::clause::Breed;

/// A title whose body is less like than this may have stayed above other words, while its own went below another title.
const STUB_BELOW: f32 = 0.35;
/// Where the longer body has this share of the shorter one's words, the title kept words of its own, however few.
const KEPT_FROM: f32 = 0.6;
/// They went where this much stands, which the step `similar` finds under any title,
const WENT_FROM: f32 = 0.65;
/// and this much more than under the title.
const WENT_BY: f32 = 0.25;

/// Whether a title may have stayed above other words. That of a whole document is none of a section.
pub(super) fn may_be(edge: &Edge, pair: (usize, usize)) -> bool {
    let (old, new) = (&edge.old[pair.0], &edge.new[pair.1]);
    let heads = old.at == 0 && new.at == 0;
    !heads
        && has_words(old)
        && has_words(new)
        && similarity(edge, pair) < STUB_BELOW
        && old.bag().contained(new.bag()) < KEPT_FROM
}

/// Bonds pairs of one title, but for those whose words stand below another title of the document: these are answered, and
/// wait until words have been compared.
pub(super) fn bond(edge: &mut Edge, mut stubs: Vec<(usize, usize)>) -> BTreeSet<(usize, usize)> {
    if stubs.is_empty() {
        return BTreeSet::new();
    }
    let (old, new) = likest_of_each(edge, &stubs);
    let best = |best: &Best, at: usize| best.get(&at).copied().unwrap_or_default();
    for &pair in &stubs {
        let own = similarity(edge, pair);
        let elsewhere = best(&old, pair.0).max(best(&new, pair.1));
        if elsewhere < WENT_FROM.max(own + WENT_BY) {
            edge.bond(pair.0, pair.1, Rule::Key, own);
        }
    }
    stubs.retain(|&(from, to)| edge.old_bond[from].is_none() && edge.new_bond[to].is_none());
    stubs.into_iter().collect()
}

/// Whether a clause is none of numbers and says enough for its words to be looked for elsewhere.
fn has_words(entry: &Entry) -> bool {
    entry.clause.breed != Breed::Ordinal && entry.bag().sizes(entry.bag()).0 >= SHORT_BODY
}

/// Clause → the similarity of what is likest to it.
type Best = HashMap<usize, f32, foldhash::fast::RandomState>;

/// How much the likest clause of the other side is like each clause that is left of the documents of some pairs.
fn likest_of_each(edge: &Edge, stubs: &[(usize, usize)]) -> (Best, Best) {
    let docs: HashSet<usize> = stubs.iter().map(|&(from, _)| edge.old[from].doc).collect();
    let new_docs: HashSet<usize> = docs.iter().filter_map(|doc| edge.continues.get(doc).copied()).collect();
    let (mut old, mut new) = (edge.free_old(), edge.free_new());
    old.retain(|&at| docs.contains(&edge.old[at].doc) && has_words(&edge.old[at]));
    new.retain(|&at| new_docs.contains(&edge.new[at].doc) && has_words(&edge.new[at]));
    let (mut of_old, mut of_new) = (Best::default(), Best::default());
    for (from, to) in candidates(edge, &old, &new).into_iter().filter(|&(from, to)| edge.same_file(from, to)) {
        let alike = similarity(edge, (from, to));
        for (best, at) in [(&mut of_old, from), (&mut of_new, to)] {
            let best = best.entry(at).or_default();
            *best = best.max(alike);
        }
    }
    (of_old, of_new)
}
