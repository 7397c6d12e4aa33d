//! Numbers in step 2. Sentences of one mould (`WHEN … THEN the system SHALL …`) share half of their words, and one item
//! put in front gives each number to the neighbour's demand. So the numbers of a document are given out together: best
//! first, one to one, by what the clauses say, and the same number is but a little that speaks for two.

use std::collections::{BTreeMap, HashSet};

use super::similar::{TITLE_CLOSE, Words, candidates};
use super::similarity::Bag;
use super::{Edge, Entry, ORDINAL_HELD_BELOW, Rule, SHORT_BODY, SIMILAR_FROM};
use crate::spec::clause::{Breed, Kind};

/// What the same number is worth: a clause that is likelier than this by its words goes before it.
const SAME_NUMBER: f32 = 0.1;
/// What the same parent is worth.
const SAME_PARENT: f32 = 0.05;
/// Weight of the titles where both clauses have one.
const TITLE: f32 = 0.2;
/// Bodies under [`SHORT_BODY`] words under different parents are one from here on.
const SHORT_ALIKE: f32 = 0.7;

/// Bonds the ordinals among `named`, pairs of the same id, and those of their documents that are likelier one than these.
/// Answers the pairs of `named` that are left to wait.
pub(super) fn bond(edge: &mut Edge, named: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut documents: BTreeMap<usize, Left> = BTreeMap::new();
    for &(old, new) in named {
        documents.entry(edge.old[old].doc).or_default().named.push((old, new));
    }
    if documents.is_empty() {
        return Vec::new();
    }
    let mut of_new: BTreeMap<usize, usize> = BTreeMap::new();
    for &doc in documents.keys() {
        of_new.extend(edge.continues.get(&doc).map(|&new| (new, doc)));
    }
    for at in edge.free_old() {
        if let Some(left) = documents.get_mut(&edge.old[at].doc) {
            left.old.push(at);
        }
    }
    for at in edge.free_new() {
        if let Some(left) = of_new.get(&edge.new[at].doc).and_then(|doc| documents.get_mut(doc)) {
            left.new.push(at);
        }
    }
    for left in documents.values() {
        give_out(edge, left);
    }
    named.iter().copied().filter(|&(old, new)| edge.old_bond[old].is_none() && edge.new_bond[new].is_none()).collect()
}

/// What is left of a document and its successor.
#[derive(Default)]
struct Left {
    /// Pairs of one number.
    named: Vec<(usize, usize)>,
    old: Vec<usize>,
    new: Vec<usize>,
}

/// Gives out the numbers of one document: headings first, for what stands below them is counted anew under each.
fn give_out(edge: &mut Edge, left: &Left) {
    if let (&[from], &[to]) = (&left.old[..], &left.new[..]) {
        let body = edge.old[from].bag().dice(edge.new[to].bag());
        if body >= ORDINAL_HELD_BELOW {
            edge.bond(from, to, Rule::Key, body);
        }
        return;
    }
    let words = Words::among(left.old.iter().map(|&at| &edge.old[at]).chain(left.new.iter().map(|&at| &edge.new[at])));
    let mut doubtful = Vec::new();
    for &pair in &left.named {
        let pair = likeness(edge, &words, pair);
        // most that stays where it was is so much alike that nothing else can be likelier
        if pair.alike >= 1.0 - SAME_NUMBER && !waits_for_parents(edge, &pair) && is_same_number(edge, &pair) {
            edge.bond(pair.old, pair.new, Rule::Key, pair.body);
        } else {
            doubtful.push(pair);
        }
    }
    if doubtful.is_empty() {
        return;
    }
    let pairs = likely(edge, &words, &doubtful, left);
    let mut claimed = Claimed::default();
    for titled in [true, false] {
        let is_in = |pair: &&Likeness| (edge.old[pair.old].clause.titled && edge.new[pair.new].clause.titled) == titled;
        let mut scored: Vec<(f32, &Likeness)> =
            pairs.iter().filter(is_in).map(|pair| (score(edge, pair), pair)).collect();
        let merit = |pair: &Likeness| {
            let (old, new) = (edge.old[pair.old].at, edge.new[pair.new].at);
            (old.abs_diff(new), old + new)
        };
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| merit(a.1).cmp(&merit(b.1))));
        for pair in scored.into_iter().map(|(_, pair)| pair) {
            take(edge, &mut claimed, pair);
        }
    }
}

/// Clauses that are likelier one with a clause without a number, which the later steps decide.
#[derive(Default)]
struct Claimed {
    old: HashSet<usize>,
    new: HashSet<usize>,
}

/// Bonds a pair, or lets both wait, where both are still free and enough speaks for them.
fn take(edge: &mut Edge, claimed: &mut Claimed, pair: &Likeness) {
    let is_free = edge.old_bond[pair.old].is_none() && edge.new_bond[pair.new].is_none();
    if !is_free || claimed.old.contains(&pair.old) || claimed.new.contains(&pair.new) {
        return;
    }
    let (old, new) = (&edge.old[pair.old], &edge.new[pair.new]);
    let same_id = old.clause.id == new.clause.id;
    if is_same_number(edge, pair) && same_id {
        if pair.body >= ORDINAL_HELD_BELOW {
            edge.bond(pair.old, pair.new, Rule::Key, pair.body);
        }
        return;
    }
    let enough = match old.bag().sizes(new.bag()) {
        (_, 0) => TITLE_CLOSE,
        (short, _) if short < SHORT_BODY && !edge.same_parent(pair.old, pair.new) => SHORT_ALIKE,
        _ => SIMILAR_FROM,
    };
    if pair.alike < enough {
        return;
    }
    if is_number(old) && is_number(new) {
        let rule = if same_id { Rule::Key } else { Rule::Similar };
        let score = if same_id { pair.body } else { pair.alike };
        edge.bond(pair.old, pair.new, rule, score);
    } else {
        claimed.old.insert(pair.old);
        claimed.new.insert(pair.new);
    }
}

/// Two clauses of one document and how much they say the same.
struct Likeness {
    old: usize,
    new: usize,
    /// The similarity of the bodies.
    body: f32,
    /// The same with rare words counted too, and the titles.
    alike: f32,
}

fn likeness(edge: &Edge, words: &Words, (from, to): (usize, usize)) -> Likeness {
    let (old, new) = (&edge.old[from], &edge.new[to]);
    let body = old.bag().dice(new.bag());
    let bodies = (body + words.alike(old, new)) / 2.0;
    let titles = || name(old).dice(&name(new));
    let alike = match (old.bag().is_empty(), new.bag().is_empty()) {
        (true, true) => titles(),
        (false, false) if old.clause.titled && new.clause.titled => (1.0 - TITLE) * bodies + TITLE * titles(),
        _ => bodies,
    };
    Likeness { old: from, new: to, body, alike }
}

/// The words of a title without the number that it may hold.
fn name(entry: &Entry) -> Bag {
    let id = entry.clause.id.as_deref().unwrap_or_default();
    let is_number = |word: &&str| word.trim_matches(|c: char| !c.is_alphanumeric()) == id;
    let words: Vec<&str> = entry.clause.title.split_whitespace().filter(|word| !is_number(word)).collect();
    Bag::of_title(&words.join(" "))
}

/// The doubtful pairs and what may be likelier than these, of which a number is part at least on one side.
fn likely(edge: &Edge, words: &Words, doubtful: &[Likeness], left: &Left) -> Vec<Likeness> {
    let old: Vec<usize> = left.old.iter().copied().filter(|&at| edge.old_bond[at].is_none()).collect();
    let new: Vec<usize> = left.new.iter().copied().filter(|&at| edge.new_bond[at].is_none()).collect();
    let titles = |entries: &[Entry], free: &[usize]| -> HashSet<String> {
        free.iter().map(|&at| &entries[at].clause).filter(|c| c.titled).map(|c| c.title.clone()).collect()
    };
    let (old_titles, new_titles) = (titles(&edge.old, &old), titles(&edge.new, &new));
    let may_be = |&(from, to): &(usize, usize)| {
        let (old, new) = (&edge.old[from], &edge.new[to]);
        // what has a title of its own on the other side is sought by it
        let is_named = |entry: &Entry, titles: &HashSet<String>| {
            !is_number(entry) && entry.clause.titled && titles.contains(&entry.clause.title)
        };
        (is_number(old) || is_number(new))
            && (old.clause.kind == Kind::Row) == (new.clause.kind == Kind::Row)
            && !is_named(old, &new_titles)
            && !is_named(new, &old_titles)
    };
    let named = doubtful.iter().map(|pair| (pair.old, pair.new));
    let mut pairs: Vec<(usize, usize)> = candidates(edge, &old, &new).into_iter().filter(may_be).chain(named).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().map(|pair| likeness(edge, words, pair)).collect()
}

/// How much speaks for two clauses.
fn score(edge: &Edge, pair: &Likeness) -> f32 {
    let number = if is_same_number(edge, pair) { SAME_NUMBER } else { 0.0 };
    let parent = if edge.same_parent(pair.old, pair.new) { SAME_PARENT } else { 0.0 };
    pair.alike + number + parent
}

pub(super) fn is_number(entry: &Entry) -> bool {
    entry.clause.id.is_some() && entry.clause.breed == Breed::Ordinal
}

/// The parent of a clause that is counted under it, and its number there: `2` of `4.2` under `4`.
fn below<'e>(entries: &[Entry<'e>], at: usize) -> Option<(usize, &'e str)> {
    let up = entries[at].parent?;
    let rest = entries[at].clause.id.as_deref()?.strip_prefix(entries[up].clause.id.as_deref()?)?;
    Some((up, rest.strip_prefix('.')?))
}

/// Whether two clauses have one number: where both are counted under their parents, below parents that are one.
fn is_same_number(edge: &Edge, pair: &Likeness) -> bool {
    let (old, new) = (&edge.old[pair.old].clause, &edge.new[pair.new].clause);
    let same_id = old.id.is_some() && old.id == new.id;
    match (below(&edge.old, pair.old), below(&edge.new, pair.new)) {
        (Some((over, number)), Some((under, other))) => match (edge.old_bond[over], edge.new_bond[under]) {
            (None, None) => same_id,
            (to, _) => to == Some(under) && number == other,
        },
        _ => same_id,
    }
}

/// Whether that can't be told before the parents are given out.
fn waits_for_parents(edge: &Edge, pair: &Likeness) -> bool {
    match (below(&edge.old, pair.old), below(&edge.new, pair.new)) {
        (Some((over, _)), Some((under, _))) => edge.old_bond[over].is_none() && edge.new_bond[under].is_none(),
        _ => false,
    }
}
