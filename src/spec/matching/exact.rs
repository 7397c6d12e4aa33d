//! Step 1: the same tokens. Among equals the same id goes first, then title, file and nearest position.
//!
//! Many sections of one file may say the same (a table's header, `TBD`): what is equal by its words alone goes by the
//! likest title, so that one section more or less doesn't shift the identity of all behind it.

use std::collections::{HashMap, HashSet};

use super::{Edge, Entry, MOST_PAIRS, Rule, SLUG_HELD_BELOW, SURVIVES_FROM, titles};
use crate::spec::token::Tokens;

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
        if stays {
            for &(old, new) in &copies.originals {
                let score = edge.old[old].bag().dice(edge.new[new].bag());
                edge.bond(old, new, Rule::Key, score);
            }
        }
    }
}

/// Sizes of token sequences.
type Sizes = HashSet<(usize, usize), foldhash::fast::RandomState>;

/// What two equal clauses must share to be bonded, strongest first.
type Key<'e> = (Option<&'e str>, Option<&'e str>, Option<&'e str>, Option<u64>);
/// The key of a clause.
type KeyOf<'e> = fn(&[Entry<'e>], usize) -> Option<Key<'e>>;
/// New clauses by their file, where that counts, and their key.
type Waiting<'e> = HashMap<(Option<usize>, Key<'e>), std::collections::VecDeque<usize>, foldhash::fast::RandomState>;

/// Bonds within one bucket, first inside files (`stays`), then across them.
fn bond_equals<'e>(edge: &mut Edge<'e>, copies: &Copies, old: &[usize], new: &[usize], meaningful: bool, stays: bool) {
    if !stays && !meaningful {
        return;
    }
    let keys: &[KeyOf<'e>] = &[
        |e, at| Some((Some(e[at].clause.id.as_deref()?), Some(&e[at].clause.title), Edge::parent_title(e, at), None)),
        |e, at| Some((Some(e[at].clause.id.as_deref()?), None, None, None)),
        |e, at| e[at].clause.titled.then(|| (None, None, None, Some(titles::path(e, at)))),
        |e, at| {
            let titled = Some(u64::from(e[at].clause.titled));
            Some((None, Some(&e[at].clause.title), Edge::parent_title(e, at), titled))
        },
        |e, at| e[at].clause.titled.then_some((None, Some(&e[at].clause.title), None, None)),
        |_, _| Some((None, None, None, None)),
    ];
    let limit = if meaningful { keys.len() } else { 4 };
    // Where very many clauses say the same, which of them was edited where it stands isn't asked.
    let few = old.len() * new.len() <= MOST_PAIRS;
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
                && let Some(key) = key(&edge.new, at)
            {
                waiting.entry((stays.then_some(edge.new[at].doc), key)).or_default().push_back(at);
            }
        }
        for &at in old {
            if edge.old_bond[at].is_some() {
                continue;
            }
            let Some(key) = key(&edge.old, at) else { continue };
            let place = if stays {
                let Some(&to) = edge.continues.get(&edge.old[at].doc) else { continue };
                Some(to)
            } else {
                if copies.old[at] {
                    continue;
                }
                None
            };
            let Some(equals) = waiting.get_mut(&(place, key)) else { continue };
            let to = equals.iter().position(|&to| !(few && copies.stay_apart(edge, at, to)));
            if let Some(to) = to.and_then(|to| equals.remove(to)) {
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
            if copies.stay_apart(edge, from, to) {
                continue;
            }
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
    /// Clauses that were reworded in the commit that copied their file.
    originals: Vec<(usize, usize)>,
}

impl Copies {
    /// Whether two clauses of one title below different headings are two, as one of them was edited where it stands: below
    /// each endpoint of an interface an `Example` may say the same.
    fn stay_apart(&self, edge: &Edge, old: usize, new: usize) -> bool {
        let (from, to) = (&edge.old[old], &edge.new[new]);
        let one_name = from.clause.titled && to.clause.titled && from.clause.title == to.clause.title;
        (self.old[old] || self.new[new])
            && one_name
            && from.clause.id.is_none()
            && to.clause.id.is_none()
            && edge.same_file(old, new)
            && from.clause.anchor != to.clause.anchor
            && titles::path(&edge.old, old) != titles::path(&edge.new, new)
    }

    /// A clause survives in its file when the other side has its anchor there with much the same words: then equal
    /// content elsewhere is a copy, not a move. Seen from both sides, so that a copy undone is the copy read backwards.
    fn new(edge: &Edge) -> Copies {
        let anchors: HashMap<(usize, &str), usize, foldhash::fast::RandomState> =
            edge.new.iter().enumerate().map(|(at, e)| ((e.doc, e.clause.anchor.as_str()), at)).collect();
        let mut copies =
            Copies { old: vec![false; edge.old.len()], new: vec![false; edge.new.len()], originals: Vec::new() };
        let mut reworded = Vec::new();
        for (at, entry) in edge.old.iter().enumerate() {
            let Some(&doc) = edge.continues.get(&entry.doc) else { continue };
            let Some(&to) = anchors.get(&(doc, entry.clause.anchor.as_str())) else { continue };
            // what is bonded already, or has the same words, need not be compared word by word
            let same = edge.old_bond[at] == Some(to) || entry.clause.tokens() == edge.new[to].clause.tokens();
            let alike = if same { 1.0 } else { edge.new[to].bag().dice(entry.bag()) };
            if alike >= SURVIVES_FROM {
                copies.old[at] = true;
                copies.new[to] = true;
            } else if alike >= SLUG_HELD_BELOW && is_named_alike(entry, &edge.new[to]) {
                reworded.push((at, to));
            }
        }
        copies.take_originals(edge, &reworded);
        copies
    }

    /// Where a file as a whole was copied, what it copied stays too, however much it was reworded in the same commit.
    fn take_originals(&mut self, edge: &Edge, reworded: &[(usize, usize)]) {
        if reworded.is_empty() {
            return;
        }
        let continuing: HashSet<usize> = edge.continues.values().copied().collect();
        let come = Shared::of(&edge.old, &edge.new, &self.old, |entry| !continuing.contains(&entry.doc));
        let gone = Shared::of(&edge.new, &edge.old, &self.new, |entry| !edge.continues.contains_key(&entry.doc));
        for &(old, new) in reworded {
            if come.is_copied(&edge.old[old]) || gone.is_copied(&edge.new[new]) {
                self.old[old] = true;
                self.new[new] = true;
                self.originals.push((old, new));
            }
        }
    }
}

/// Whether id or title say that two clauses at one anchor are one.
fn is_named_alike(old: &super::Entry, new: &super::Entry) -> bool {
    old.clause.id.is_some() && old.clause.id == new.clause.id
        || old.clause.titled && new.clause.titled && old.clause.title == new.clause.title
}

/// What files of one side have in common with strange files of the other side, and how much of that is copied.
struct Shared<'e> {
    /// Tokens → strange files that have them.
    holders: HashMap<&'e Tokens, Vec<usize>, foldhash::fast::RandomState>,
    /// File and strange file → clauses that both have, and how many of these stay in the file.
    common: HashMap<(usize, usize), (usize, usize), foldhash::fast::RandomState>,
}

impl<'e> Shared<'e> {
    fn of(
        side: &[super::Entry<'e>],
        other: &[super::Entry<'e>],
        stays: &[bool],
        is_strange: impl Fn(&super::Entry) -> bool,
    ) -> Self {
        let mut shared = Shared { holders: HashMap::default(), common: HashMap::default() };
        for entry in other.iter().filter(|entry| is_strange(entry)) {
            let tokens = entry.clause.tokens();
            if tokens.len() >= Tokens::MEANINGFUL {
                let holders = shared.holders.entry(tokens).or_default();
                if holders.last() != Some(&entry.doc) {
                    holders.push(entry.doc);
                }
            }
        }
        for (entry, stays) in side.iter().zip(stays) {
            for &strange in shared.holders.get(entry.clause.tokens()).into_iter().flatten() {
                let (all, copied) = shared.common.entry((entry.doc, strange)).or_default();
                *all += 1;
                *copied += usize::from(*stays);
            }
        }
        shared
    }

    /// Whether a strange file has the clause's words and is a copy of its file: half of what both have stays in the file.
    fn is_copied(&self, entry: &super::Entry) -> bool {
        self.holders
            .get(entry.clause.tokens())
            .into_iter()
            .flatten()
            .any(|&strange| self.common.get(&(entry.doc, strange)).is_some_and(|&(all, copied)| copied * 2 >= all))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{became, bonds};

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

    #[test]
    fn a_release_is_a_copy_though_the_draft_goes_on_in_the_same_commit() {
        let file = |locking: &str, session: &str| {
            format!(
                "# Access\n\nHow people get into the system and what keeps others out.\n\n## Locking\n\n{locking}\n\n## Session\n\n{session}\n\n## Audit\n\nEvery log-in is written into the audit log of the day.\n"
            )
        };
        let old = file(
            "The system SHOULD lock the account of a user after five failed attempts.",
            "A session ends after thirty minutes without any request by the user.",
        );
        let new = file(
            "After three wrong passwords the system MUST refuse all log-ins of that account for an hour.",
            "Without a request for ten minutes, or on log-out, the server MUST end a session and delete its cookie.",
        );
        let (old, new) = ([("draft/a.md", &old[..])], [("1.0/a.md", &old[..]), ("draft/a.md", &new[..])]);
        let stays = |bonds: Vec<(String, String, super::Rule)>| {
            bonds.len() == 4 && bonds.iter().all(|(from, to, _)| from == to)
        };
        let there = bonds(&old, &new);
        assert!(stays(there.clone()), "{there:?}");
        assert_eq!(there.iter().filter(|bond| bond.2 == super::Rule::Exact).count(), 2, "{there:?}");
        assert!(stays(bonds(&new, &old)));
    }
}
