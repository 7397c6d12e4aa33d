//! Step 3: words alike, best first, one to one. Candidates come from a word index, so that many clauses never cost
//! the square of their number.

use std::collections::HashMap;

use super::{Edge, Rule, SHORT_BODY, SIMILAR_FROM};

/// Weight of the body's words.
const BODY: f32 = 0.8;
/// Weight of the title's words.
const TITLE: f32 = 0.2;
/// Added for the same parent.
const SAME_PARENT: f32 = 0.05;
/// How many old clauses a new one is compared with in full: those that share the most rare words.
const CANDIDATES: usize = 24;
/// Words that stand in more old clauses than this tell nothing apart.
const COMMON: usize = 200;

/// Bonds free clauses whose words are alike.
pub(super) fn bond(edge: &mut Edge) {
    let (old, new) = (edge.free_old(), edge.free_new());
    if old.is_empty() || new.is_empty() {
        return;
    }
    let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
    for &at in &old {
        let entry = &edge.old[at];
        for word in entry.bag().distinct().chain(entry.title().distinct()) {
            let places = index.entry(word).or_default();
            if places.last() != Some(&at) && places.len() <= COMMON {
                places.push(at);
            }
        }
    }
    let mut scored: Vec<(f32, usize, usize)> = Vec::new();
    for &to in &new {
        for from in candidates(edge, &index, to, old.len()) {
            let score = score(edge, from, to);
            if score >= SIMILAR_FROM {
                scored.push((score, from, to));
            }
        }
    }
    let nearness =
        |edge: &Edge, from: usize, to: usize| (!edge.same_file(from, to), edge.old[from].at.abs_diff(edge.new[to].at));
    scored.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then_with(|| nearness(edge, a.1, a.2).cmp(&nearness(edge, b.1, b.2)))
            .then((a.1, a.2).cmp(&(b.1, b.2)))
    });
    for (score, from, to) in scored {
        edge.bond(from, to, Rule::Similar, score.min(1.0));
    }
}

/// The old clauses that share the most words with a new one, rare words counting more.
fn candidates(edge: &Edge, index: &HashMap<u64, Vec<usize>>, to: usize, all: usize) -> Vec<usize> {
    let entry = &edge.new[to];
    let mut weight: HashMap<usize, f32> = HashMap::new();
    for word in entry.bag().distinct().chain(entry.title().distinct()) {
        let Some(places) = index.get(&word) else { continue };
        if places.len() > COMMON && all > COMMON {
            continue;
        }
        for &from in places {
            *weight.entry(from).or_default() += 1.0 / places.len() as f32;
        }
    }
    let mut best: Vec<(usize, f32)> = weight.into_iter().collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    best.truncate(CANDIDATES);
    best.into_iter().map(|(from, _)| from).collect()
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
    BODY * old.bag().dice(new.bag()) + TITLE * old.title().dice(new.title()) + bonus
}
