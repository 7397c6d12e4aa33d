//! Step 3: words alike, best first, one to one. Candidates come from a word index, so that many clauses never cost
//! the square of their number.

use std::collections::HashMap;

use super::{Edge, Entry, Rule, SHORT_BODY, SIMILAR_FROM};

/// Weight of the body's words.
const BODY: f32 = 0.8;
/// Weight of the title's words.
const TITLE: f32 = 0.2;
/// Added for the same parent.
const SAME_PARENT: f32 = 0.05;
/// How many clauses of the other side a clause chooses to be compared with: those that share the most rare words.
const CANDIDATES: usize = 24;
/// Words that stand in more clauses than this tell nothing apart.
const COMMON: usize = 200;

/// Bonds free clauses whose words are alike.
pub(super) fn bond(edge: &mut Edge) {
    let (old, new) = (edge.free_old(), edge.free_new());
    if old.is_empty() || new.is_empty() {
        return;
    }
    let mut scored: Vec<(f32, usize, usize)> = candidates(edge, &old, &new)
        .into_iter()
        .map(|(from, to)| (score(edge, from, to), from, to))
        .filter(|(score, ..)| *score >= SIMILAR_FROM)
        .collect();
    let merit = |&(_, from, to): &(f32, usize, usize)| {
        let (old, new) = (&edge.old[from], &edge.new[to]);
        (!edge.same_file(from, to), old.at.abs_diff(new.at), old.at + new.at, edge.tie_break(from, to))
    };
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| merit(a).cmp(&merit(b))));
    for (score, from, to) in scored {
        edge.bond(from, to, Rule::Similar, score.min(1.0));
    }
}

/// The pairs worth comparing in full: for each clause of either side, those of the other that share the most words
/// with it. Both sides choose, so that the pairs are the same when old and new are swapped.
fn candidates(edge: &Edge, old: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
    let (old_index, new_index) = (index(&edge.old, old), index(&edge.new, new));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for &to in new {
        pairs.extend(nearest(&edge.new[to], &old_index).into_iter().map(|from| (from, to)));
    }
    for &from in old {
        pairs.extend(nearest(&edge.old[from], &new_index).into_iter().map(|to| (from, to)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Word → the clauses that hold it, those of a word that is too common cut off.
fn index(entries: &[Entry], free: &[usize]) -> HashMap<u64, Vec<usize>> {
    let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
    for &at in free {
        for word in entries[at].bag().distinct().chain(entries[at].title().distinct()) {
            let places = index.entry(word).or_default();
            if places.last() != Some(&at) && places.len() <= COMMON {
                places.push(at);
            }
        }
    }
    index
}

/// The indexed clauses that share the most words with this one, rare words counting more.
fn nearest(entry: &Entry, index: &HashMap<u64, Vec<usize>>) -> Vec<usize> {
    let mut weight: HashMap<usize, f32> = HashMap::new();
    for word in entry.bag().distinct().chain(entry.title().distinct()) {
        let Some(places) = index.get(&word).filter(|places| places.len() <= COMMON) else { continue };
        for &at in places {
            *weight.entry(at).or_default() += 1.0 / places.len() as f32;
        }
    }
    let mut best: Vec<(usize, f32)> = weight.into_iter().collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    best.truncate(CANDIDATES);
    best.into_iter().map(|(at, _)| at).collect()
}

fn score(edge: &Edge, from: usize, to: usize) -> f32 {
    let (old, new) = (&edge.old[from], &edge.new[to]);
    let same_title = old.clause.title == new.clause.title;
    let same_parent = edge.same_parent(from, to) && edge.same_file(from, to);
    if old.bag().len().min(new.bag().len()) < SHORT_BODY && !same_title && !same_parent {
        return 0.0;
    }
    let bonus = if same_parent { SAME_PARENT } else { 0.0 };
    if old.bag().is_empty() && new.bag().is_empty() {
        return old.title().dice(new.title()) * (BODY + TITLE);
    }
    // a huge clause against many small ones would cost the product of their sizes, and can't be alike
    let (short, long) = (old.bag().len().min(new.bag().len()), old.bag().len().max(new.bag().len()));
    if BODY * 2.0 * short as f32 / (short + long) as f32 + TITLE + SAME_PARENT < SIMILAR_FROM {
        return 0.0;
    }
    BODY * old.bag().dice(new.bag()) + TITLE * old.title().dice(new.title()) + bonus
}
