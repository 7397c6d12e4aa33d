//! Which clause of a commit is which clause of its parent: content first, names second.
//!
//! Runs on one edge (parent → commit) over all spec files that differ on it. Each step bonds what the one before
//! left; every bond carries the rule that made it and a score, so that a wrong one can be seen.

mod exact;
#[cfg(test)]
mod fixture;
mod key;
mod ordinal;
mod overrides;
mod position;
mod same;
mod sentences;
mod similar;
pub mod similarity;
mod stub;
mod titles;
mod wording;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use bstr::BString;
use serde::{Deserialize, Serialize};

use super::clause::Clause;
use similarity::Bag;

pub use overrides::{Overrides, SaidTwice, State};
pub use same::Unchanged;

/// A spec file at one revision, as clauses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Repository-relative path.
    pub path: BString,
    /// In document order.
    pub clauses: Vec<Clause>,
}

/// A clause by its document and position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClauseAt {
    /// Index of the document.
    pub doc: usize,
    /// Index of the clause in it.
    pub at: usize,
}

/// What made a bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// The same tokens.
    Exact,
    /// The same id, title under the same parent, or anchor.
    Key,
    /// Words alike.
    Similar,
    /// Alone between the same two neighbours.
    Position,
    /// A person said so.
    Override,
}

/// An old clause and the new one that it became.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bond {
    /// In the parent.
    pub old: ClauseAt,
    /// In the commit.
    pub new: ClauseAt,
    /// What made it.
    pub rule: Rule,
    /// 0 to 1.
    pub score: f32,
}

/// The outcome of matching one edge.
#[derive(Clone, Debug, Default)]
pub struct Matching {
    /// Who became who, in order of the new clauses.
    pub bonds: Vec<Bond>,
    /// Old clauses without a successor, in order.
    pub removed: Vec<ClauseAt>,
    /// New clauses without a predecessor, in order.
    pub added: Vec<ClauseAt>,
    /// Old and new document that are one, under another path.
    pub renamed_documents: Vec<(usize, usize)>,
}

/// Below this similarity, an ordinal id does not bond before words have been compared: ordinals are renumbered and
/// reused in 3–12 % of text changes. The same as [`SIMILAR_FROM`], for rows of one table share that much less by chance.
pub const ORDINAL_HELD_BELOW: f32 = 0.5;
/// From here on an ordinal id that waits goes before the clauses of other files: what is merged into a numbered clause
/// from elsewhere may have more of its words, and doesn't take its place.
pub const ORDINAL_STAYS_FROM: f32 = 0.4;
/// The same for a slug, of which 0.4 % carry another clause's text after a change.
pub const SLUG_HELD_BELOW: f32 = 0.2;
/// Words alike from here on: precision .94–.99 at recall .87–.99, one to one and best first.
pub const SIMILAR_FROM: f32 = 0.5;
/// Bodies under this many words need the same title or parent to be bonded by similarity.
pub const SHORT_BODY: usize = 8;
/// More pairs of clauses with one name than this go in their order: comparing each with each takes too long.
const MOST_PAIRS: usize = 10_000;
/// Content does not leave a file whose old anchor survives there at this similarity: that is a copy, not a move.
pub const SURVIVES_FROM: f32 = 0.5;

/// Everything that the steps look at, and what they have bonded so far.
pub(crate) struct Edge<'a> {
    pub old: Vec<Entry<'a>>,
    pub new: Vec<Entry<'a>>,
    pub old_bond: Vec<Option<usize>>,
    pub new_bond: Vec<Option<(usize, Rule, f32)>>,
    /// Old document → new document that continues it: the same path, or a renamed document's.
    pub continues: HashMap<usize, usize, foldhash::fast::RandomState>,
    /// Rank of each document's path among all paths of both sides, so that a tie never depends on the order of files.
    old_rank: Vec<usize>,
    new_rank: Vec<usize>,
    /// Paths of the documents of both sides.
    old_paths: Vec<&'a BString>,
    new_paths: Vec<&'a BString>,
    /// Pairs that a person says are not one.
    apart: HashSet<(usize, usize)>,
}

/// One clause of one side.
pub(crate) struct Entry<'a> {
    pub doc: usize,
    pub at: usize,
    /// Index of the parent's entry on the same side.
    pub parent: Option<usize>,
    pub clause: &'a Clause,
    title: OnceCell<Bag>,
}

impl Entry<'_> {
    /// The body's words.
    pub fn bag(&self) -> &Bag {
        self.clause.bag()
    }

    /// The title's words.
    pub fn title(&self) -> &Bag {
        self.title.get_or_init(|| Bag::of_title(without_number(&self.clause.title)))
    }
}

impl<'a> Edge<'a> {
    fn new(old: &[&'a Document], new: &[&'a Document]) -> Self {
        let by_path: HashMap<&BString, usize> = new.iter().enumerate().map(|(at, doc)| (&doc.path, at)).collect();
        let continues = old.iter().enumerate().filter_map(|(at, doc)| Some((at, *by_path.get(&doc.path)?))).collect();
        let mut paths: Vec<&BString> = old.iter().chain(new).map(|doc| &doc.path).collect();
        paths.sort_unstable();
        let rank =
            |docs: &[&Document]| docs.iter().map(|doc| paths.partition_point(|path| **path < doc.path)).collect();
        let (old_rank, new_rank) = (rank(old), rank(new));
        let (old_paths, new_paths) = (old.iter().map(|d| &d.path).collect(), new.iter().map(|d| &d.path).collect());
        let (old, new) = (entries(old), entries(new));
        let (old_bond, new_bond) = (vec![None; old.len()], vec![None; new.len()]);
        let apart = HashSet::new();
        Edge { old, new, old_bond, new_bond, continues, old_rank, new_rank, old_paths, new_paths, apart }
    }

    /// Orders pairs of equal merit: alike for any order of files, and for old and new swapped.
    pub fn tie_break(&self, old: usize, new: usize) -> (usize, usize) {
        self.document_tie_break(self.old[old].doc, self.new[new].doc)
    }

    fn document_tie_break(&self, old: usize, new: usize) -> (usize, usize) {
        let (a, b) = (self.old_rank[old], self.new_rank[new]);
        (a.min(b), a.max(b))
    }

    /// Takes over what a person says of pairs of clauses.
    fn overrule(&mut self, said: &Overrides) {
        for (old, new, same) in said.on(self) {
            if same {
                self.bond(old, new, Rule::Override, 1.0);
            } else {
                self.apart.insert((old, new));
            }
        }
    }

    /// Bonds two free clauses; `false` when one is taken or a person says that they are not one.
    pub fn bond(&mut self, old: usize, new: usize, rule: Rule, score: f32) -> bool {
        if self.old_bond[old].is_some() || self.new_bond[new].is_some() || self.apart.contains(&(old, new)) {
            return false;
        }
        self.old_bond[old] = Some(new);
        self.new_bond[new] = Some((old, rule, score));
        true
    }

    pub fn free_old(&self) -> Vec<usize> {
        (0..self.old.len()).filter(|&at| self.old_bond[at].is_none()).collect()
    }

    pub fn free_new(&self) -> Vec<usize> {
        (0..self.new.len()).filter(|&at| self.new_bond[at].is_none()).collect()
    }

    /// Whether the new clause stands in the document that continues the old one's.
    pub fn same_file(&self, old: usize, new: usize) -> bool {
        self.continues.get(&self.old[old].doc) == Some(&self.new[new].doc)
    }

    /// The first clause of a new document.
    pub fn first_of(&self, new_doc: usize) -> Option<usize> {
        let rank = self.new_rank[new_doc];
        let first = self.new.partition_point(|entry| self.new_rank[entry.doc] < rank);
        self.new.get(first).filter(|entry| entry.doc == new_doc).map(|_| first)
    }

    /// The path of an old clause's document.
    pub fn old_path(&self, at: usize) -> &'a BString {
        self.old_paths[self.old[at].doc]
    }

    /// The path of a new clause's document.
    pub fn new_path(&self, at: usize) -> &'a BString {
        self.new_paths[self.new[at].doc]
    }

    pub fn parent_title(entries: &[Entry<'a>], at: usize) -> Option<&'a str> {
        entries[at].parent.map(|up| entries[up].clause.title.as_str())
    }

    /// Whether the parents are bonded, or both absent, or of the same title.
    pub fn same_parent(&self, old: usize, new: usize) -> bool {
        match (self.old[old].parent, self.new[new].parent) {
            (None, None) => true,
            (Some(o), Some(n)) => self.old_bond[o] == Some(n) || self.old[o].clause.title == self.new[n].clause.title,
            _ => false,
        }
    }

    /// Takes documents for one that lost their path but kept most of their content.
    fn pair_documents(&mut self, old_docs: usize, new_docs: usize) -> Vec<(usize, usize)> {
        let gone: HashSet<usize> = (0..old_docs).filter(|at| !self.continues.contains_key(at)).collect();
        let continued: HashSet<usize> = self.continues.values().copied().collect();
        let come: HashSet<usize> = (0..new_docs).filter(|at| !continued.contains(at)).collect();
        if gone.is_empty() || come.is_empty() {
            return Vec::new();
        }
        let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
        let (mut old_size, mut new_size) = (vec![0; old_docs], vec![0; new_docs]);
        self.new.iter().for_each(|entry| new_size[entry.doc] += 1);
        for (at, entry) in self.old.iter().enumerate() {
            old_size[entry.doc] += 1;
            if let Some(new) = self.old_bond[at] {
                *shared.entry((entry.doc, self.new[new].doc)).or_default() += 1;
            }
        }
        let mut pairs: Vec<((usize, usize), usize)> =
            shared.into_iter().filter(|((o, n), _)| gone.contains(o) && come.contains(n)).collect();
        pairs.sort_by_key(|&((old, new), count)| (std::cmp::Reverse(count), self.document_tie_break(old, new)));
        let mut renamed: Vec<(usize, usize)> = Vec::new();
        let mut taken: HashSet<usize> = HashSet::new();
        for ((old, new), count) in pairs {
            // the smaller side counts, so that a rename read backwards is a rename too
            let most = count * 2 >= old_size[old].min(new_size[new]);
            if most && !self.continues.contains_key(&old) && taken.insert(new) {
                self.continues.insert(old, new);
                renamed.push((old, new));
            }
        }
        renamed
    }
}

/// The clauses of all documents, in order of their paths.
fn entries<'a>(docs: &[&'a Document]) -> Vec<Entry<'a>> {
    let mut all = Vec::with_capacity(docs.iter().map(|d| d.clauses.len()).sum());
    let mut order: Vec<(usize, &'a Document)> = docs.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, document)| &document.path);
    for (doc, document) in order {
        let base = all.len();
        for (at, clause) in document.clauses.iter().enumerate() {
            all.push(Entry { doc, at, parent: clause.parent.map(|up| base + up), clause, title: OnceCell::new() });
        }
    }
    all
}

/// A title without the section number before it (`2.1. Purpose`, `V5.3 Output`): numbers shift, names stay.
fn without_number(title: &str) -> &str {
    let Some((first, rest)) = title.split_once(' ') else { return title };
    let number = first.trim_start_matches(|c: char| c.is_ascii_uppercase()).trim_end_matches([':', ')', '.']);
    let numbered = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    if numbered && number.len() + 3 > first.len() { rest.trim_start() } else { title }
}

/// Matches the documents of a parent with those of a commit; only files that differ need be given.
pub fn match_documents(old: &[&Document], new: &[&Document]) -> Matching {
    match_with(old, new, &Overrides::default())
}

/// [`match_documents`] where a person has said what is one and what isn't.
pub fn match_with(old: &[&Document], new: &[&Document], said: &Overrides) -> Matching {
    let mut edge = Edge::new(old, new);
    edge.overrule(said);
    same::bond(&mut edge);
    exact::bond(&mut edge);
    let mut renamed_documents = edge.pair_documents(old.len(), new.len());
    let mut held = key::bond(&mut edge);
    similar::bond(&mut edge, &held);
    let renamed_and_edited = edge.pair_documents(old.len(), new.len());
    if !renamed_and_edited.is_empty() {
        renamed_documents.extend(renamed_and_edited);
        held.extend(key::bond(&mut edge));
        similar::bond(&mut edge, &held);
    }
    key::release(&mut edge, &held);
    key::bond_titles_across(&mut edge);
    wording::bond(&mut edge);
    sentences::bond(&mut edge);
    position::bond(&mut edge);
    key::bond_nodes(&mut edge);
    let place = |entry: &Entry| ClauseAt { doc: entry.doc, at: entry.at };
    let mut bonds: Vec<Bond> = (0..edge.new.len())
        .filter_map(|new| {
            let (old, rule, score) = edge.new_bond[new]?;
            Some(Bond { old: place(&edge.old[old]), new: place(&edge.new[new]), rule, score })
        })
        .collect();
    bonds.sort_by_key(|bond| bond.new);
    let mut removed: Vec<ClauseAt> = edge.free_old().into_iter().map(|at| place(&edge.old[at])).collect();
    removed.sort_unstable();
    let mut added: Vec<ClauseAt> = edge.free_new().into_iter().map(|at| place(&edge.new[at])).collect();
    added.sort_unstable();
    Matching { bonds, removed, added, renamed_documents }
}

#[cfg(test)]
mod tests {
    use super::fixture::became;
    use super::*;

    #[test]
    fn a_file_renamed_and_edited_throughout_is_one_file() {
        let old = "# Guide\n\n## Install\nInstall alpha with pip, then run alpha once before anything else.\n\n## Run\nalpha go\n";
        let new = old.replace("alpha", "omega");
        assert!(became(&[("alpha.md", old)], &[("omega.md", &new)], "run", "run"));
    }

    #[test]
    fn section_numbers_are_no_part_of_a_title() {
        assert_eq!(without_number("2.1. Purpose"), "Purpose");
        assert_eq!(without_number("V5.3 Output"), "Output");
        assert_eq!(without_number("HTTP/3 frames"), "HTTP/3 frames");
        assert_eq!(without_number("Purpose"), "Purpose");
        assert_eq!(without_number("12"), "12");
    }
}
