//! Step 2: the same name. Ids first, then the title under the same parent, then the anchor; doubtful ids wait.

use std::collections::HashMap;

use super::{Edge, ORDINAL_HELD_BELOW, Rule, SLUG_HELD_BELOW};
use crate::spec::clause::Breed;

/// Bonds by name inside files; returns pairs whose words are too different to trust the name yet.
pub(super) fn bond(edge: &mut Edge) -> Vec<(usize, usize)> {
    let mut held = Vec::new();
    for pair in pairs(edge, |e, at| edge_id(&e[at])) {
        let score = similarity(edge, pair);
        let ordinal = |entry: &super::Entry| entry.clause.breed == Breed::Ordinal;
        let limit =
            if ordinal(&edge.old[pair.0]) || ordinal(&edge.new[pair.1]) { ORDINAL_HELD_BELOW } else { SLUG_HELD_BELOW };
        if score < limit {
            held.push(pair);
        } else {
            edge.bond(pair.0, pair.1, Rule::Key, score);
        }
    }
    let by_title = pairs(edge, |e, at| {
        let clause = e[at].clause;
        let up = Edge::parent_title(e, at).unwrap_or("");
        (clause.id.is_none() && clause.titled).then(|| format!("{}\0{up}", clause.title))
    });
    let by_title: Vec<_> = by_title
        .into_iter()
        .chain(pairs(edge, |e, at| {
            let clause = e[at].clause;
            clause.titled.then(|| format!("{}\0{}", clause.title, Edge::parent_title(e, at).unwrap_or("")))
        }))
        .collect();
    for pair in by_title {
        let score = similarity(edge, pair);
        edge.bond(pair.0, pair.1, Rule::Key, score);
    }
    for pair in pairs(edge, |e, at| e[at].clause.id.is_none().then(|| e[at].clause.anchor.clone())) {
        let score = similarity(edge, pair);
        edge.bond(pair.0, pair.1, Rule::Key, score);
    }
    held
}

/// Bonds what was held back and is still free on both sides.
pub(super) fn release(edge: &mut Edge, held: Vec<(usize, usize)>) {
    for pair in held {
        let score = similarity(edge, pair);
        edge.bond(pair.0, pair.1, Rule::Key, score);
    }
}

fn edge_id(entry: &super::Entry) -> Option<String> {
    entry.clause.id.clone()
}

fn similarity(edge: &Edge, (old, new): (usize, usize)) -> f32 {
    edge.old[old].bag().dice(edge.new[new].bag())
}

/// Free clauses of a file and of its successor that share a name; repeated names pair up in order.
fn pairs<'a>(edge: &Edge<'a>, name: impl Fn(&[super::Entry<'a>], usize) -> Option<String>) -> Vec<(usize, usize)> {
    let mut waiting: HashMap<(usize, String), std::collections::VecDeque<usize>> = HashMap::new();
    for at in edge.free_new() {
        if let Some(name) = name(&edge.new, at) {
            waiting.entry((edge.new[at].doc, name)).or_default().push_back(at);
        }
    }
    edge.free_old()
        .into_iter()
        .filter_map(|at| {
            let doc = *edge.continues.get(&edge.old[at].doc)?;
            let to = waiting.get_mut(&(doc, name(&edge.old, at)?))?.pop_front()?;
            Some((at, to))
        })
        .collect()
}
