//! What became of each clause on one edge, in the words that every view uses.

mod words;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::clause::{Clause, Kind};
use super::formats::without_index;
use super::grade::{Grade, Verdict, grade, grade_row};
use super::matching::{Bond, ClauseAt, Document, Matching, Overrides, Rule, match_with};
use super::memo::Memo;
use super::order::{self, Weight};
use super::sentences::Sentence;
use super::token::Tokens;

/// What happened to a clause; several may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It came in.
    Added,
    /// It went.
    Removed,
    /// Its words differ.
    Modified,
    /// Its text differs, its words don't.
    Editorial,
    /// Its title differs.
    Renamed,
    /// Its id differs.
    IdChanged,
    /// It stands under another parent or in another order.
    Moved,
    /// It stands in another file.
    MovedFile,
    /// A link's target differs.
    Retargeted,
    /// Attributes differ.
    Metadata,
    /// Most of its sentences left another clause, which lives on.
    Split,
    /// Most of its sentences went into another clause.
    Merged,
}

/// What became of one clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// All that holds, in the order of [`ChangeKind`].
    pub kinds: Vec<ChangeKind>,
    /// The weight of a modification.
    pub grade: Option<Grade>,
    /// What made it normative.
    pub tipped: Vec<String>,
    /// What bonded the two; `None` for added and removed.
    pub rule: Option<Rule>,
    /// How sure, 0 to 1.
    pub score: Option<f32>,
    /// Before.
    pub old: Option<ClauseAt>,
    /// After.
    pub new: Option<ClauseAt>,
    /// Of an added clause: the old one that it was copied or split from; of a removed one: the new one that took it in.
    pub other: Option<ClauseAt>,
}

impl Change {
    /// Whether a kind holds.
    pub fn is(&self, kind: ChangeKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// [`is_noise`] of this change.
    pub fn is_noise(&self) -> bool {
        is_noise(&self.kinds, self.grade)
    }
}

/// Whether a change is layout, targets, attributes or spelling only: what views fold.
pub fn is_noise(kinds: &[ChangeKind], grade: Option<Grade>) -> bool {
    kinds.iter().all(|kind| match kind {
        ChangeKind::Editorial | ChangeKind::Retargeted | ChangeKind::Metadata => true,
        ChangeKind::Modified => grade == Some(Grade::Minor),
        _ => false,
    })
}

/// What became of the spec on one edge.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Changes in order of the new documents, removed clauses behind those of their file.
    pub changes: Vec<Change>,
    /// Documents that came, went or took another path, as `(old, new)` indices.
    pub documents: Vec<(Option<usize>, Option<usize>)>,
    /// All bonds, also of clauses that did not change.
    pub bonds: Vec<Bond>,
}

/// From so many bonds on, two cores share the work.
const MANY: usize = 2000;

/// Compares the documents of a parent with those of a commit.
pub fn compare(old: &[&Document], new: &[&Document]) -> Comparison {
    compare_with(old, new, &Overrides::default(), &Memo::default())
}

/// [`compare`] where a person has said what is one and what isn't, with a memory of what was graded before.
pub fn compare_with(old: &[&Document], new: &[&Document], said: &Overrides, memo: &Memo) -> Comparison {
    let matching = match_with(old, new, said);
    let view = View {
        old,
        new,
        matching: &matching,
        to_new: matching.bonds.iter().map(|b| (b.old, b.new)).collect(),
        renamed: matching.renamed_documents.iter().copied().collect(),
        memo,
    };
    let moved = view.moved();
    let changed = || -> Vec<Change> { matching.bonds.iter().filter_map(|bond| view.bonded(bond, &moved)).collect() };
    let whence = || {
        let (mut splits, mut merges) = view.splits_and_merges();
        view.add_headings(&mut splits, &mut merges);
        view.add_by_words(&mut splits, &mut merges);
        ((splits, merges), view.copies())
    };
    let (mut changes, ((splits, merges), copies)) = if matching.bonds.len() < MANY {
        (changed(), whence())
    } else {
        // Weighing the changes takes as long as finding where clauses came from.
        std::thread::scope(|scope| {
            let beside = scope.spawn(whence);
            (changed(), beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    };
    for &at in &matching.added {
        let origin = copies.get(&at).copied();
        let split = splits.get(&at).copied().filter(|_| origin.is_none());
        changes.push(lone(ChangeKind::Added, split.map(|_| ChangeKind::Split), None, Some(at), origin.or(split)));
    }
    for &at in &matching.removed {
        let into = merges.get(&at).copied();
        changes.push(lone(ChangeKind::Removed, into.map(|_| ChangeKind::Merged), Some(at), None, into));
    }
    let order = |change: &Change| match (change.new, change.old) {
        (Some(new), _) => (new_path(new, view.new), 0, new.at),
        (None, Some(old)) => (new_path(old, view.old), 1, old.at),
        (None, None) => (bstr::BString::default(), 2, 0),
    };
    changes.sort_by_cached_key(order);
    Comparison { changes, documents: view.documents(), bonds: matching.bonds }
}

fn new_path(at: ClauseAt, docs: &[&Document]) -> bstr::BString {
    docs[at.doc].path.clone()
}

/// A clause's tokens but those for the index of a book.
fn seen(clause: &Clause) -> Cow<'_, Tokens> {
    without_index(&clause.text, clause.tokens()).map_or(Cow::Borrowed(clause.tokens()), Cow::Owned)
}

fn lone(
    kind: ChangeKind,
    also: Option<ChangeKind>,
    old: Option<ClauseAt>,
    new: Option<ClauseAt>,
    other: Option<ClauseAt>,
) -> Change {
    let kinds = [kind].into_iter().chain(also).collect();
    Change { kinds, grade: None, tipped: Vec::new(), rule: None, score: None, old, new, other }
}

type Hashed = foldhash::fast::RandomState;

struct View<'v> {
    old: &'v [&'v Document],
    new: &'v [&'v Document],
    matching: &'v Matching,
    to_new: HashMap<ClauseAt, ClauseAt, Hashed>,
    renamed: HashSet<(usize, usize)>,
    memo: &'v Memo,
}

impl<'v> View<'v> {
    fn old_clause(&self, at: ClauseAt) -> &Clause {
        &self.old[at.doc].clauses[at.at]
    }

    fn new_clause(&self, at: ClauseAt) -> &Clause {
        &self.new[at.doc].clauses[at.at]
    }

    /// Whether both documents are one: the same path, or a rename of the whole file.
    fn one_document(&self, old: usize, new: usize) -> bool {
        self.old[old].path == self.new[new].path || self.renamed.contains(&(old, new))
    }

    fn bonded(&self, bond: &Bond, moved: &HashSet<ClauseAt, Hashed>) -> Option<Change> {
        let (a, b) = (self.old_clause(bond.old), self.new_clause(bond.new));
        let stays = !moved.contains(&bond.new) && self.one_document(bond.old.doc, bond.new.doc);
        if Arc::ptr_eq(&a.named, &b.named) && stays {
            return None;
        }
        let mut kinds = Vec::new();
        let verdict = self.verdict(a, b);
        if verdict.is_some() {
            kinds.push(ChangeKind::Modified);
        } else if !same_text(&a.text, &b.text) || a.titled != b.titled {
            kinds.push(ChangeKind::Editorial);
        }
        if a.titled && b.titled && a.title != b.title {
            kinds.push(ChangeKind::Renamed);
        }
        if a.id != b.id {
            kinds.push(ChangeKind::IdChanged);
        }
        if moved.contains(&bond.new) {
            kinds.push(ChangeKind::Moved);
        }
        if !self.one_document(bond.old.doc, bond.new.doc) {
            kinds.push(ChangeKind::MovedFile);
        }
        if a.targets() != b.targets() && verdict.is_none() {
            kinds.push(ChangeKind::Retargeted);
            kinds.retain(|kind| *kind != ChangeKind::Editorial);
        }
        if a.metadata() != b.metadata() {
            kinds.push(ChangeKind::Metadata);
        }
        if kinds.is_empty() {
            return None;
        }
        let (grade, tipped) = verdict.map_or((None, Vec::new()), |v| (Some(v.grade), v.tipped));
        Some(Change {
            kinds,
            grade,
            tipped,
            rule: Some(bond.rule),
            score: Some(bond.score),
            old: Some(bond.old),
            new: Some(bond.new),
            other: None,
        })
    }

    /// How much the change of words weighs. A history asks it of the same two contents again and again: on a branch, in
    /// the merge that brings it in, and against the merge bases.
    fn verdict(&self, old: &Clause, new: &Clause) -> Option<Verdict> {
        if old.says_the_same(new) {
            return None;
        }
        let rows = old.kind == Kind::Row && new.kind == Kind::Row;
        let weigh = || {
            let (was, now) = (seen(old), seen(new));
            let verdict = if rows { grade_row(&was, &now) } else { grade(&was, &now) };
            // tokens that nobody sees differ, and no others
            let unseen = Verdict { grade: Grade::Minor, tipped: Vec::new() };
            let weighed = |verdict: Verdict| {
                verdict.with_names(&old.text, &new.text).with_literals((&old.text, &was), (&new.text, &now))
            };
            Some(verdict.map_or(unseen, weighed))
        };
        (*self.memo.verdict(&old.content, &new.content, weigh)).clone()
    }

    /// Clauses under another parent, or out of the longest run of siblings that kept their order.
    fn moved(&self) -> HashSet<ClauseAt, Hashed> {
        let bonded_new: HashSet<ClauseAt, Hashed> = self.matching.bonds.iter().map(|bond| bond.new).collect();
        let mut moved = HashSet::default();
        let mut siblings: HashMap<Family, Vec<(usize, ClauseAt)>, Hashed> = HashMap::default();
        for bond in &self.matching.bonds {
            let (a, b) = (self.old_clause(bond.old), self.new_clause(bond.new));
            if !self.one_document(bond.old.doc, bond.new.doc) {
                continue;
            }
            let old_parent = a.parent.map(|at| ClauseAt { doc: bond.old.doc, at });
            let new_parent = b.parent.map(|at| ClauseAt { doc: bond.new.doc, at });
            let successor = old_parent.and_then(|p| self.to_new.get(&p).copied());
            let same = successor == new_parent && old_parent.is_some() == new_parent.is_some();
            let took_over = || {
                let (was, is) = (old_parent.map(|p| self.old_clause(p)), new_parent.map(|p| self.new_clause(p)));
                let gone = old_parent.is_some_and(|p| !self.to_new.contains_key(&p));
                let came = new_parent.is_some_and(|p| !bonded_new.contains(&p));
                gone && took_over(was, is, b) || came && took_over(is, was, a)
            };
            if !same && !took_over() {
                moved.insert(bond.new);
            } else {
                siblings.entry((bond.old.doc, bond.new.doc, b.parent)).or_default().push((bond.old.at, bond.new));
            }
        }
        for ((old_doc, ..), mut group) in siblings {
            group.sort_by_key(|(_, new)| new.at);
            if group.is_sorted_by(|a, b| a.0 < b.0) {
                continue;
            }
            let weigh = |&(old, new): &(usize, ClauseAt)| {
                let bond = ClauseAt { doc: old_doc, at: old };
                (old, Weight::of(self.old_clause(bond), self.new_clause(new)))
            };
            let kept = order::kept(&group.iter().map(weigh).collect::<Vec<_>>());
            moved.extend(group.iter().enumerate().filter(|(at, _)| !kept.contains(at)).map(|(_, (_, new))| *new));
        }
        moved
    }

    /// Added clauses with the words of an old one that lives on.
    fn copies(&self) -> HashMap<ClauseAt, ClauseAt> {
        let mut lives_on: HashMap<&Tokens, ClauseAt, Hashed> = HashMap::default();
        let sizes: HashSet<(usize, usize), Hashed> =
            self.matching.added.iter().map(|&at| self.new_clause(at).tokens().size()).collect();
        for bond in self.matching.bonds.iter().filter(|_| !sizes.is_empty()) {
            let tokens = self.old_clause(bond.old).tokens();
            if tokens.len() >= Tokens::MEANINGFUL && sizes.contains(&tokens.size()) {
                lives_on.entry(tokens).and_modify(|at| *at = first(self.old, *at, bond.old)).or_insert(bond.old);
            }
        }
        let origin = |at: &ClauseAt| Some((*at, *lives_on.get(self.new_clause(*at).tokens())?));
        self.matching.added.iter().filter_map(origin).collect()
    }

    /// Removed clauses whose sentences turn up in another one, added ones whose sentences left another one. The other may
    /// have gone or come itself: one clause split into several new ones, several joined into a new one.
    fn splits_and_merges(&self) -> (HashMap<ClauseAt, ClauseAt>, HashMap<ClauseAt, ClauseAt>) {
        let (mut splits, mut merges) = (HashMap::new(), HashMap::new());
        if self.matching.added.is_empty() && self.matching.removed.is_empty() {
            return (splits, merges);
        }
        let changed: Vec<&Bond> = self
            .matching
            .bonds
            .iter()
            .filter(|b| !self.old_clause(b.old).says_the_same(self.new_clause(b.new)))
            .collect();
        let added: Vec<(ClauseAt, &[Sentence])> =
            self.matching.added.iter().map(|&at| (at, self.new_clause(at).sentences().long())).collect();
        let removed: Vec<(ClauseAt, &[Sentence])> =
            self.matching.removed.iter().map(|&at| (at, self.old_clause(at).sentences().long())).collect();
        let (mut left, mut came) = (Places::default(), Places::default());
        // What lives on goes before what went or came, the first by path before the others.
        let put = |all: &mut Places, docs: &[&Document], sentence: Sentence, at: ClauseAt| {
            let place = all.entry(sentence).or_insert(at);
            *place = first(docs, *place, at);
        };
        for bond in changed {
            let set =
                |clause: &Clause| clause.sentences().long().iter().copied().collect::<HashSet<Sentence, Hashed>>();
            let (old, new) = (set(self.old_clause(bond.old)), set(self.new_clause(bond.new)));
            old.difference(&new).for_each(|&sentence| put(&mut left, self.old, sentence, bond.old));
            new.difference(&old).for_each(|&sentence| put(&mut came, self.new, sentence, bond.new));
        }
        for (all, docs, lone) in [(&mut left, self.old, &removed), (&mut came, self.new, &added)] {
            let mut of_lone = Places::default();
            for (at, sentences) in lone {
                sentences.iter().for_each(|&sentence| put(&mut of_lone, docs, sentence, *at));
            }
            of_lone.into_iter().for_each(|(sentence, at)| {
                all.entry(sentence).or_insert(at);
            });
        }
        for (at, sentences) in &added {
            if let Some(from) = mostly_in(sentences, &left, self.old) {
                splits.insert(*at, from);
            }
        }
        for (at, sentences) in &removed {
            if let Some(into) = mostly_in(sentences, &came, self.new) {
                merges.insert(*at, into);
            }
        }
        (splits, merges)
    }

    /// Headings without a body that a clause beneath took over with their title, or that a clause let go.
    fn add_headings(&self, splits: &mut HashMap<ClauseAt, ClauseAt>, merges: &mut HashMap<ClauseAt, ClauseAt>) {
        if self.matching.added.is_empty() && self.matching.removed.is_empty() {
            return;
        }
        let titled = |bond: &&Bond| (self.old_clause(bond.old).titled, self.new_clause(bond.new).titled);
        let (got, lost): (Vec<&Bond>, Vec<&Bond>) = self
            .matching
            .bonds
            .iter()
            .filter(|bond| titled(bond).0 != titled(bond).1)
            .filter(|bond| self.one_document(bond.old.doc, bond.new.doc))
            .partition(|bond| titled(bond).1);
        let is_heading = |clause: &Clause| clause.titled && clause.tokens().is_empty();
        for &at in self.matching.removed.iter().filter(|&&at| is_heading(self.old_clause(at))) {
            let heirs = got
                .iter()
                .filter(|bond| bond.old.doc == at.doc && self.new_clause(bond.new).title == self.old_clause(at).title);
            if let Some(heir) = heirs.min_by_key(|bond| (bond.old.at.abs_diff(at.at), bond.old.at)) {
                merges.entry(at).or_insert(heir.new);
            }
        }
        for &at in self.matching.added.iter().filter(|&&at| is_heading(self.new_clause(at))) {
            let givers = lost
                .iter()
                .filter(|bond| bond.new.doc == at.doc && self.old_clause(bond.old).title == self.new_clause(at).title);
            if let Some(giver) = givers.min_by_key(|bond| (bond.new.at.abs_diff(at.at), bond.new.at)) {
                splits.entry(at).or_insert(giver.old);
            }
        }
    }

    fn documents(&self) -> Vec<(Option<usize>, Option<usize>)> {
        let renamed = &self.matching.renamed_documents;
        let mut documents: Vec<_> = renamed.iter().map(|&(o, n)| (Some(o), Some(n))).collect();
        let paths = |docs: &[&'v Document]| -> HashSet<&'v bstr::BString> { docs.iter().map(|d| &d.path).collect() };
        let (old_paths, new_paths) = (paths(self.old), paths(self.new));
        let (was, is): (HashSet<usize>, HashSet<usize>) = renamed.iter().copied().unzip();
        let gone = (0..self.old.len()).filter(|&o| !new_paths.contains(&self.old[o].path) && !was.contains(&o));
        documents.extend(gone.map(|o| (Some(o), None)));
        let come = (0..self.new.len()).filter(|&n| !old_paths.contains(&self.new[n].path) && !is.contains(&n));
        documents.extend(come.map(|n| (None, Some(n))));
        documents
    }
}

/// Whether a heading that is no clause on the other side gave its title to the parent there or to the clause itself, as when
/// a rule marker is put right before it: then nothing moved.
fn took_over(gone: Option<&Clause>, parent: Option<&Clause>, clause: &Clause) -> bool {
    let heir = |heir: &Clause| gone.is_some_and(|gone| gone.titled && heir.titled && heir.title == gone.title);
    heir(clause) || parent.is_some_and(heir)
}

/// The share of a clause's sentences that must stand in another one: split, merged.
const MOSTLY: f32 = 0.7;

/// The clause that comes first by path and position, whatever the order of the files.
fn first(docs: &[&Document], a: ClauseAt, b: ClauseAt) -> ClauseAt {
    std::cmp::min_by(a, b, |a, b| (&docs[a.doc].path, a.at).cmp(&(&docs[b.doc].path, b.at)))
}

/// Where sentences stand.
type Places = HashMap<Sentence, ClauseAt, Hashed>;

/// The clause that most of the sentences point to, if it holds [`MOSTLY`] of them.
fn mostly_in(sentences: &[Sentence], places: &Places, docs: &[&Document]) -> Option<ClauseAt> {
    let mut count: HashMap<ClauseAt, usize> = HashMap::new();
    for sentence in sentences {
        if let Some(&at) = places.get(sentence) {
            *count.entry(at).or_default() += 1;
        }
    }
    let order = |&(at, count): &(&ClauseAt, &usize)| (*count, std::cmp::Reverse((&docs[at.doc].path, at.at)));
    let (&at, &most) = count.iter().max_by_key(order)?;
    (!sentences.is_empty() && most as f32 >= MOSTLY * sentences.len() as f32).then_some(at)
}

/// Equal but for space at line ends and blank lines.
fn same_text(a: &str, b: &str) -> bool {
    let lines = |text: &'_ str| -> Vec<String> {
        text.lines().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    a == b || lines(a) == lines(b)
}

/// Siblings: old document, new document, parent in the new one.
type Family = (usize, usize, Option<usize>);

#[cfg(test)]
mod tests {
    use super::super::formats::{Format, segment};
    use super::*;

    fn document(path: &str, text: &str) -> Document {
        Document { path: path.into(), clauses: segment(Format::Markdown, text.as_bytes()) }
    }

    fn kinds(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<(String, Vec<ChangeKind>)> {
        let old: Vec<Document> = old.iter().map(|(p, t)| document(p, t)).collect();
        let new: Vec<Document> = new.iter().map(|(p, t)| document(p, t)).collect();
        let (old, new): (Vec<&Document>, Vec<&Document>) = (old.iter().collect(), new.iter().collect());
        let done = compare(&old, &new);
        done.changes
            .iter()
            .map(|c| {
                let at = c.new.map(|n| &new[n.doc].clauses[n.at]).or(c.old.map(|o| &old[o.doc].clauses[o.at])).unwrap();
                (at.anchor.clone(), c.kinds.clone())
            })
            .collect()
    }

    const ONE: &str = "the account is locked after five failed attempts";
    const TWO: &str = "a session ends after thirty minutes of silence";

    #[test]
    fn swapped_ids_follow_the_text() {
        let old = format!("r[a]\n{ONE}\n\nr[b]\n{TWO}\n");
        let new = format!("r[b]\n{ONE}\n\nr[a]\n{TWO}\n");
        use ChangeKind::*;
        assert_eq!(
            kinds(&[("s.md", &old)], &[("s.md", &new)]),
            [("b".to_owned(), vec![IdChanged]), ("a".to_owned(), vec![IdChanged])]
        );
    }

    #[test]
    fn a_renamed_file_renames_no_clause() {
        let text = format!("# T\n\n## A\n{ONE}\n\n## B\n{TWO}\n");
        assert_eq!(kinds(&[("a.md", &text)], &[("b.md", &text)]), []);
    }

    #[test]
    fn a_copy_leaves_the_original_where_it_is() {
        let text = format!("# T\n\n## A\n{ONE}\n\n## B\n{TWO}\n");
        let edited = text.replace("five", "six");
        let got = kinds(&[("a.md", &text)], &[("a.md", &edited), ("b.md", &text)]);
        assert!(got.contains(&("a".to_owned(), vec![ChangeKind::Modified])), "{got:?}");
        assert_eq!(got.iter().filter(|(_, k)| k == &[ChangeKind::Added]).count(), 3, "{got:?}");
        assert_eq!(got.len(), 4, "{got:?}");
    }

    #[test]
    fn order_and_parents_move_clauses() {
        let old = format!("# T\n\n## A\n{ONE}\n\n## B\n{TWO}\n\n## C\nlast words of all\n");
        let new = format!("# T\n\n## C\nlast words of all\n\n## A\n{ONE}\n\n## B\n{TWO}\n");
        assert_eq!(kinds(&[("a.md", &old)], &[("a.md", &new)]), [("c".to_owned(), vec![ChangeKind::Moved])]);
    }

    #[test]
    fn a_marker_put_before_its_heading_moves_nothing() {
        let old = format!("# Unions\n\nr[union]\n\nr[union.intro]\n{ONE}\n\nr[union.layout]\n{TWO}\n");
        let new = format!("r[union]\n# Unions\n\nr[union.intro]\n{ONE}\n\nr[union.layout]\n{TWO}\n");
        for (old, new) in [(&old, &new), (&new, &old)] {
            let moved = kinds(&[("a.md", old)], &[("a.md", new)]).into_iter();
            let moved: Vec<_> = moved.filter(|(_, kinds)| kinds.contains(&ChangeKind::Moved)).collect();
            assert_eq!(moved, []);
        }
    }

    #[test]
    fn a_heading_that_a_marker_takes_over_goes_into_its_clause() {
        let old = format!("# Unions\n\nr[union]\n\nr[union.intro]\n{ONE}\n\nr[union.layout]\n{TWO}\n");
        let new = format!("r[union]\n# Unions\n\nr[union.intro]\n{ONE}\n\nr[union.layout]\n{TWO}\n");
        let told = |old: &str, new: &str, anchor: &str| {
            let all = kinds(&[("a.md", old)], &[("a.md", new)]);
            all.into_iter().filter(|(name, _)| name == anchor).map(|(_, kinds)| kinds).collect::<Vec<_>>()
        };
        use ChangeKind::*;
        assert_eq!(told(&old, &new, "unions"), [vec![Removed, Merged]]);
        assert_eq!(told(&new, &old, "unions"), [vec![Added, Split]]);
        // a heading with a body, or one whose title no clause got, is only removed
        assert_eq!(
            told(&old.replace("Unions\n", "Unions\n\nSomething that was said here.\n"), &new, "unions"),
            [vec![Removed]]
        );
        assert_eq!(told(&old, &new.replace("# Unions", "# Enumerations"), "unions"), [vec![Removed]]);
    }
}
