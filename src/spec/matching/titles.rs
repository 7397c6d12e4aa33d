//! Titles in step 2. `Example` stands below the `Response` of each endpoint: such a title is told by all headings above it,
//! then by the heading right above it once that is bonded, and only then by its words.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use super::key::similarity;
use super::{Edge, Entry, MOST_PAIRS, Rule, stub};

type Hasher = foldhash::fast::FixedState;

/// What a clause is called, as one number.
type Name = u64;

fn name_of(what: impl Hash) -> Name {
    Hasher::default().hash_one(what)
}

/// The titles above a clause and its own, the nearest first.
fn titles_up<'s, 'e>(entries: &'s [Entry<'e>], at: usize) -> impl Iterator<Item = &'e str> + use<'s, 'e> {
    std::iter::successors(Some(at), |&at| entries[at].parent).map(|at| entries[at].clause.title.as_str())
}

/// The path of headings that leads to a clause.
pub(super) fn path(entries: &[Entry], at: usize) -> Name {
    name_of(titles_up(entries, at).collect::<Vec<_>>())
}

/// The same without the topmost heading, which is the title of a document; at least two.
fn path_below_top(entries: &[Entry], at: usize) -> Option<Name> {
    let mut titles: Vec<&str> = titles_up(entries, at).collect();
    titles.pop();
    (titles.len() > 1).then(|| name_of(titles))
}

/// Bonds clauses of a file and its successor with the same title, and answers those that wait until words have been compared.
pub(super) fn bond(edge: &mut Edge) -> BTreeSet<(usize, usize)> {
    let titled = |entries: &[Entry], mut free: Vec<usize>| {
        free.retain(|&at| entries[at].clause.titled);
        free
    };
    let (old, new) = (titled(&edge.old, edge.free_old()), titled(&edge.new, edge.free_new()));
    let mut left = Left { old, new, ..Left::default() };
    for nameless in [true, false] {
        left.bond(edge, nameless, |entries, at| Some(path(entries, at)));
    }
    for nameless in [true, false] {
        left.bond(edge, nameless, path_below_top);
    }
    while left.bond_below_parents(edge) {}
    for nameless in [true, false] {
        left.bond_likest(edge, nameless);
    }
    stub::bond(edge, left.stubs)
}

/// Titled clauses that are left.
#[derive(Default)]
struct Left {
    old: Vec<usize>,
    new: Vec<usize>,
    /// Pairs that may be stubs.
    stubs: Vec<(usize, usize)>,
    stubs_of_old: HashSet<usize>,
    stubs_of_new: HashSet<usize>,
}

/// New document and name → clauses that have it.
type Named = HashMap<(usize, Name), VecDeque<usize>, foldhash::fast::RandomState>;

impl Left {
    fn retain_free(&mut self, edge: &Edge) {
        self.old.retain(|at| edge.old_bond[*at].is_none() && !self.stubs_of_old.contains(at));
        self.new.retain(|at| edge.new_bond[*at].is_none() && !self.stubs_of_new.contains(at));
    }

    /// Bonds clauses of one name, those without an id alone where `nameless`; repeated names in order.
    fn bond(&mut self, edge: &mut Edge, nameless: bool, name: impl Fn(&[Entry], usize) -> Option<Name>) {
        let counts = |entries: &[Entry], at: usize| !nameless || entries[at].clause.id.is_none();
        self.bond_by(
            edge,
            |edge, at| counts(&edge.old, at).then(|| name(&edge.old, at)).flatten(),
            |edge, at| counts(&edge.new, at).then(|| name(&edge.new, at)).flatten(),
        );
    }

    /// Bonds equal titles below parents that are one.
    fn bond_below_parents(&mut self, edge: &mut Edge) -> bool {
        self.bond_by(
            edge,
            |edge, at| Some(name_of((edge.old_bond[edge.old[at].parent?]?, &edge.old[at].clause.title))),
            |edge, at| Some(name_of((edge.new[at].parent?, &edge.new[at].clause.title))),
        )
    }

    fn bond_by(
        &mut self,
        edge: &mut Edge,
        old_name: impl Fn(&Edge, usize) -> Option<Name>,
        new_name: impl Fn(&Edge, usize) -> Option<Name>,
    ) -> bool {
        self.retain_free(edge);
        if self.old.is_empty() || self.new.is_empty() {
            return false;
        }
        let mut named = Named::default();
        for &at in &self.new {
            if let Some(name) = new_name(edge, at) {
                named.entry((edge.new[at].doc, name)).or_default().push_back(at);
            }
        }
        let partner = |&at: &usize| {
            let doc = *edge.continues.get(&edge.old[at].doc)?;
            let to = named.get_mut(&(doc, old_name(edge, at)?))?.pop_front()?;
            Some((at, to))
        };
        let pairs: Vec<(usize, usize)> = self.old.iter().filter_map(partner).collect();
        let mut bonded = false;
        for pair in pairs {
            bonded |= self.take(edge, pair);
        }
        bonded
    }

    /// Bonds equal titles below equal titles: of several the likest, then the nearest.
    fn bond_likest(&mut self, edge: &mut Edge, nameless: bool) {
        self.retain_free(edge);
        if self.old.is_empty() || self.new.is_empty() {
            return;
        }
        let name = |entries: &[Entry], at: usize| {
            let counts = !nameless || entries[at].clause.id.is_none();
            counts.then(|| name_of(titles_up(entries, at).take(2).collect::<Vec<_>>()))
        };
        let mut named = Named::default();
        for &at in &self.new {
            if let Some(name) = name(&edge.new, at) {
                named.entry((edge.new[at].doc, name)).or_default().push_back(at);
            }
        }
        let mut groups: HashMap<(usize, Name), Vec<usize>, foldhash::fast::RandomState> = HashMap::default();
        for &at in &self.old {
            if let (Some(&doc), Some(name)) = (edge.continues.get(&edge.old[at].doc), name(&edge.old, at)) {
                groups.entry((doc, name)).or_default().push(at);
            }
        }
        let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
        for (key, old) in groups {
            let Some(new) = named.get(&key) else { continue };
            if old.len() * new.len() > MOST_PAIRS {
                pairs.extend(old.iter().zip(new).map(|(&from, &to)| (1.0, from, to)));
                continue;
            }
            let all = old.iter().flat_map(|&from| new.iter().map(move |&to| (from, to)));
            pairs.extend(all.map(|pair| (similarity(edge, pair), pair.0, pair.1)));
        }
        let merit = |&(_, from, to): &(f32, usize, usize)| {
            let (old, new) = (edge.old[from].at, edge.new[to].at);
            (old.abs_diff(new), old + new, edge.tie_break(from, to))
        };
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| merit(a).cmp(&merit(b))));
        for (_, from, to) in pairs {
            let is_stub = self.stubs_of_old.contains(&from) || self.stubs_of_new.contains(&to);
            let is_free = edge.old_bond[from].is_none() && edge.new_bond[to].is_none();
            if is_free && !is_stub {
                self.take(edge, (from, to));
            }
        }
    }

    /// Bonds a pair that is no stub; `false` where it may be one.
    fn take(&mut self, edge: &mut Edge, pair: (usize, usize)) -> bool {
        if stub::may_be(edge, pair) {
            self.stubs.push(pair);
            self.stubs_of_old.insert(pair.0);
            self.stubs_of_new.insert(pair.1);
            return false;
        }
        let score = similarity(edge, pair);
        edge.bond(pair.0, pair.1, Rule::Key, score)
    }
}
