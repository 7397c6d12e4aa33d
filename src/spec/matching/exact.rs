//! Step 1: the same tokens. Among equals the same id goes first, then title, file and nearest position.

use std::collections::HashMap;

use super::{Edge, Rule, SURVIVES_FROM};
use crate::spec::token::Tokens;

/// Bonds clauses with the same tokens; short and empty bodies need the same name too.
pub(super) fn bond(edge: &mut Edge) {
    let mut buckets: HashMap<&Tokens, (Vec<usize>, Vec<usize>), foldhash::fast::RandomState> = HashMap::default();
    for (at, entry) in edge.old.iter().enumerate().filter(|(at, _)| edge.old_bond[*at].is_none()) {
        buckets.entry(&entry.clause.tokens).or_default().0.push(at);
    }
    for (at, entry) in edge.new.iter().enumerate().filter(|(at, _)| edge.new_bond[*at].is_none()) {
        if let Some(bucket) = buckets.get_mut(&entry.clause.tokens) {
            bucket.1.push(at);
        }
    }
    let mut buckets: Vec<(bool, Vec<usize>, Vec<usize>)> = buckets
        .into_iter()
        .filter(|(_, (_, new))| !new.is_empty())
        .map(|(tokens, (old, new))| (tokens.len() >= Tokens::MEANINGFUL, old, new))
        .collect();
    buckets.sort_by_key(|(_, old, _)| old.first().copied());
    for stays in [true, false] {
        for (meaningful, old, new) in &buckets {
            bond_equals(edge, old, new, *meaningful, stays);
        }
    }
}

/// What two equal clauses must share to be bonded, strongest first.
type Key = (Option<String>, Option<String>, Option<String>, bool);

/// A key of a clause whose parent has that title; `None` where it lacks what the key needs.
type KeyOf = fn(&super::Entry, Option<&str>) -> Option<Key>;

/// Bonds within one bucket, first inside files (`stays`), then across them.
fn bond_equals(edge: &mut Edge, old: &[usize], new: &[usize], meaningful: bool, stays: bool) {
    let keys: &[KeyOf] = &[
        |e, up| {
            Some((e.clause.id.clone()?, e.clause.title.clone(), up))
                .map(|(i, t, u)| (Some(i), Some(t), u.map(str::to_owned), true))
        },
        |e, _| e.clause.id.clone().map(|id| (Some(id), None, None, true)),
        |e, up| Some((None, Some(e.clause.title.clone()), up.map(str::to_owned), e.clause.titled)),
        |e, _| e.clause.titled.then(|| (None, Some(e.clause.title.clone()), None, true)),
        |_, _| Some((None, None, None, true)),
    ];
    let limit = if meaningful { keys.len() } else { 3 };
    for key in &keys[..limit] {
        let mut waiting: HashMap<(Option<usize>, Key), std::collections::VecDeque<usize>> = HashMap::new();
        for &at in new {
            if edge.new_bond[at].is_none()
                && let Some(key) = key(&edge.new[at], Edge::parent_title(&edge.new, at))
            {
                waiting.entry((stays.then_some(edge.new[at].doc), key)).or_default().push_back(at);
            }
        }
        for &at in old {
            if edge.old_bond[at].is_some() {
                continue;
            }
            let Some(key) = key(&edge.old[at], Edge::parent_title(&edge.old, at)) else { continue };
            let place = if stays {
                let Some(&to) = edge.continues.get(&edge.old[at].doc) else { continue };
                Some(to)
            } else {
                if !meaningful || survives(edge, at) {
                    continue;
                }
                None
            };
            if let Some(to) = waiting.get_mut(&(place, key)).and_then(std::collections::VecDeque::pop_front) {
                edge.bond(at, to, Rule::Exact, 1.0);
            }
        }
    }
}

/// Whether the old clause's file still has its anchor with much the same words: then its content was copied, not moved.
fn survives(edge: &Edge, old: usize) -> bool {
    let entry = &edge.old[old];
    let Some(&doc) = edge.continues.get(&entry.doc) else { return false };
    edge.new
        .iter()
        .any(|n| n.doc == doc && n.clause.anchor == entry.clause.anchor && n.bag().dice(entry.bag()) >= SURVIVES_FROM)
}
