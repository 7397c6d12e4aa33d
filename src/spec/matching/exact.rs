//! Step 1: the same tokens. Among equals the same id goes first, then title, file and nearest position.
//!
//! Many sections of one file may say the same (a table's header, `TBD`): what is equal by its words alone goes by the
//! likest title, so that one section more or less doesn't shift the identity of all behind it.

use std::collections::{HashMap, HashSet};

use super::{Edge, Rule, SURVIVES_FROM};
use crate::spec::token::Tokens;

/// More pairs of equal clauses than this go in their order: comparing the titles of each with each takes too long.
const MOST_PAIRS: usize = 10_000;

/// Bonds clauses with the same tokens; short and empty bodies need the same name too.
pub(super) fn bond(edge: &mut Edge) {
    let mut buckets: HashMap<&Tokens, (Vec<usize>, Vec<usize>), foldhash::fast::RandomState> = HashMap::default();
    let free = edge.new.iter().zip(&edge.new_bond).filter(|(_, bond)| bond.is_none());
    let sizes: Sizes = free.map(|(entry, _)| entry.clause.tokens().size()).collect();
    let may_be = |entry: &super::Entry| sizes.contains(&entry.clause.tokens().size());
    for (at, entry) in edge.old.iter().enumerate().filter(|(at, entry)| edge.old_bond[*at].is_none() && may_be(entry)) {
        buckets.entry(entry.clause.tokens()).or_default().0.push(at);
    }
    for (at, entry) in edge.new.iter().enumerate().filter(|(at, _)| edge.new_bond[*at].is_none()) {
        if let Some(bucket) = buckets.get_mut(entry.clause.tokens()) {
            bucket.1.push(at);
        }
    }
    let mut buckets: Vec<(bool, Vec<usize>, Vec<usize>)> = buckets
        .into_iter()
        .filter(|(_, (_, new))| !new.is_empty())
        .map(|(tokens, (old, new))| (tokens.len() >= Tokens::MEANINGFUL, old, new))
        .collect();
    if buckets.is_empty() {
        return;
    }
    let copies = Copies::new(edge);
    buckets.sort_by_key(|(_, old, _)| old.first().copied());
    for stays in [true, false] {
        for (meaningful, old, new) in &buckets {
            bond_equals(edge, &copies, old, new, *meaningful, stays);
        }
    }
}

/// Sizes of token sequences.
type Sizes = HashSet<(usize, usize), foldhash::fast::RandomState>;

/// What two equal clauses must share to be bonded, strongest first.
type Key<'e> = (Option<&'e str>, Option<&'e str>, Option<&'e str>, bool);
/// The key of a clause under a parent's title.
type KeyOf<'e> = fn(&super::Entry<'e>, Option<&'e str>) -> Option<Key<'e>>;
/// New clauses by their file, where that counts, and their key.
type Waiting<'e> = HashMap<(Option<usize>, Key<'e>), std::collections::VecDeque<usize>, foldhash::fast::RandomState>;

/// Bonds within one bucket, first inside files (`stays`), then across them.
fn bond_equals<'e>(edge: &mut Edge<'e>, copies: &Copies, old: &[usize], new: &[usize], meaningful: bool, stays: bool) {
    if !stays && !meaningful {
        return;
    }
    let keys: &[KeyOf<'e>] = &[
        |e, up| Some((Some(e.clause.id.as_deref()?), Some(e.clause.title.as_str()), up, true)),
        |e, _| Some((Some(e.clause.id.as_deref()?), None, None, true)),
        |e, up| Some((None, Some(e.clause.title.as_str()), up, e.clause.titled)),
        |e, _| e.clause.titled.then_some((None, Some(e.clause.title.as_str()), None, true)),
        |_, _| Some((None, None, None, true)),
    ];
    let limit = if meaningful { keys.len() } else { 3 };
    for (at, key) in keys[..limit].iter().enumerate() {
        if at + 1 == keys.len() {
            // what stands in many files ("This document is a draft.") doesn't tell into which of them a clause went
            if !stays && old.len().max(new.len()) > 1 {
                return;
            }
            bond_by_likest_title(edge, copies, old, new, stays);
        }
        let mut waiting = Waiting::default();
        for &at in new {
            if edge.new_bond[at].is_none()
                && (stays || !copies.new[at])
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
                if copies.old[at] {
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

/// Bonds what has nothing but its words in common with more than one, the likest title first, then the nearest.
fn bond_by_likest_title(edge: &mut Edge, copies: &Copies, old: &[usize], new: &[usize], stays: bool) {
    let old: Vec<usize> =
        old.iter().copied().filter(|&at| edge.old_bond[at].is_none() && (stays || !copies.old[at])).collect();
    let new: Vec<usize> =
        new.iter().copied().filter(|&at| edge.new_bond[at].is_none() && (stays || !copies.new[at])).collect();
    if old.len() * new.len() < 2 || old.len() * new.len() > MOST_PAIRS {
        return;
    }
    let mut pairs: Vec<(f32, usize, usize, usize)> = Vec::new();
    for &from in &old {
        for &to in new.iter().filter(|&&to| !stays || edge.same_file(from, to)) {
            let alike = edge.old[from].title().dice(edge.new[to].title());
            pairs.push((alike, edge.old[from].at.abs_diff(edge.new[to].at), from, to));
        }
    }
    // Ties go to the nearest, the first, and what reads the same backwards.
    let tie = |edge: &Edge, &(_, far, from, to): &(f32, usize, usize, usize)| {
        (far, edge.old[from].at + edge.new[to].at, edge.tie_break(from, to))
    };
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| tie(edge, a).cmp(&tie(edge, b))));
    for (_, _, from, to) in pairs {
        edge.bond(from, to, Rule::Exact, 1.0);
    }
}

/// Which clauses must not be bonded into another file, because their own file has them on both sides.
struct Copies {
    old: Vec<bool>,
    new: Vec<bool>,
}

impl Copies {
    /// A clause survives in its file when the other side has its anchor there with much the same words: then equal
    /// content elsewhere is a copy, not a move. Seen from both sides, so that a copy undone is the copy read backwards.
    fn new(edge: &Edge) -> Copies {
        let anchors: HashMap<(usize, &str), usize, foldhash::fast::RandomState> =
            edge.new.iter().enumerate().map(|(at, e)| ((e.doc, e.clause.anchor.as_str()), at)).collect();
        let mut copies = Copies { old: vec![false; edge.old.len()], new: vec![false; edge.new.len()] };
        for (at, entry) in edge.old.iter().enumerate() {
            let Some(&doc) = edge.continues.get(&entry.doc) else { continue };
            let Some(&to) = anchors.get(&(doc, entry.clause.anchor.as_str())) else { continue };
            // what is bonded already, or has the same words, need not be compared word by word
            let same = edge.old_bond[at] == Some(to) || entry.clause.tokens() == edge.new[to].clause.tokens();
            if same || edge.new[to].bag().dice(entry.bag()) >= SURVIVES_FROM {
                copies.old[at] = true;
                copies.new[to] = true;
            }
        }
        copies
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::became;

    #[test]
    fn of_equal_bodies_the_likest_titles_go_together() {
        let table = "the table below lists every demand of this chapter\n";
        let old: String = ["Threats", "Login design", "Session design", "Access design"]
            .map(|t| format!("## {t}\n{table}\n"))
            .concat();
        let new: String =
            ["Login papers", "Session papers", "Access papers"].map(|t| format!("## {t}\n{table}\n")).concat();
        for name in ["login", "session", "access"] {
            let (from, to) = (format!("{name}-design"), format!("{name}-papers"));
            assert!(became(&[("a.md", &old)], &[("a.md", &new)], &from, &to), "{name}");
        }
    }
}
