use std::cell::RefCell;

use super::*;
use crate::trace::Graph;
use crate::trace::link::Source;

/// A repository in memory. Commits are hex digits, newest first: `f` is the oldest.
///
/// ```text
///   a   carrier
///   b   side commit 5 branches off at c
///   c
///   f
/// ```
struct Fake {
    graph: Graph,
    trees: Vec<(char, &'static str, u8, u32)>,
    seen: HashMap<Version, Vec<Sighting>>,
    unseen: Vec<char>,
    complete: bool,
    linked: Vec<(&'static str, u8)>,
    lookups: RefCell<u32>,
}

fn id(digit: char) -> CommitId {
    String::from(digit).repeat(40).parse().unwrap()
}

fn version(n: u8) -> Version {
    Version([n; 16])
}

impl Fake {
    fn new() -> Fake {
        let line = [('a', "b"), ('b', "c"), ('5', "c"), ('c', "f"), ('f', "")];
        let graph = Graph::new(line.map(|(c, p)| (id(c), p.chars().map(id).collect())));
        Fake {
            graph,
            trees: Vec::new(),
            seen: HashMap::new(),
            unseen: Vec::new(),
            complete: true,
            linked: Vec::new(),
            lookups: RefCell::new(0),
        }
    }

    /// `name` (`path#anchor`) has version `n` and lineage in the trees of these commits.
    fn tree(mut self, commits: &str, name: &'static str, n: u8, lineage: u32) -> Fake {
        self.trees.extend(commits.chars().map(|c| (c, name, n, lineage)));
        self
    }

    /// `name` took on version `n` at a commit.
    fn took(self, commit: char, name: &'static str, n: u8, lineage: u32) -> Fake {
        self.sighting(commit, name, n, lineage, false)
    }

    fn sighting(mut self, c: char, name: &'static str, n: u8, lineage: u32, empty: bool) -> Fake {
        let (path, anchor) = split(name);
        self.seen.entry(version(n)).or_default().push(Sighting {
            commit: id(c),
            path: path.into(),
            anchor,
            lineage,
            empty_body: empty,
        });
        self
    }

    /// What [`Fake::took`] and [`Fake::tree`] say together.
    fn both(self, at: char, trees: &str, name: &'static str, n: u8, lineage: u32) -> Fake {
        self.took(at, name, n, lineage).tree(trees, name, n, lineage)
    }

    /// A link of the history names this at version `n`.
    fn link(mut self, name: &'static str, n: u8) -> Fake {
        self.linked.push((name, n));
        self
    }

    fn shallow(mut self) -> Fake {
        self.complete = false;
        self
    }

    fn without(mut self, commit: char) -> Fake {
        self.unseen.push(commit);
        self
    }

    fn at(&self, path: &BStr, anchor: Option<&str>, commit: CommitId) -> Option<(u8, u32)> {
        let is = |t: &&(char, &str, u8, u32)| {
            let (p, a) = split(t.1);
            id(t.0) == commit && p == path && a.as_deref() == anchor
        };
        self.trees.iter().find(is).map(|t| (t.2, t.3))
    }

    fn resolve(&self, link: &str) -> Resolution {
        resolve(&parse(link), id('a'), self)
    }
}

fn split(name: &str) -> (&str, Option<String>) {
    match name.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (name, None),
    }
}

impl Facts for Fake {
    fn is_ancestor(&self, a: CommitId, b: CommitId) -> Option<bool> {
        self.graph.is_ancestor(a, b)
    }
    fn find_commit(&self, hex: &str) -> Found {
        if hex == "ccccccc7" {
            return Found::Several;
        }
        match self.graph.resolve_prefix(hex) {
            Ok(Some(commit)) => Found::Commit(commit),
            _ => Found::Absent,
        }
    }
    fn clause_versions_at(&self, commit: CommitId, path: &BStr, anchor: Option<&str>) -> Lookup {
        *self.lookups.borrow_mut() += 1;
        if self.unseen.iter().any(|&c| id(c) == commit) {
            return Lookup::Unseen;
        }
        match self.at(path, anchor, commit) {
            Some((n, _)) => Lookup::Version(version(n)),
            None if self.knows_path(path) => Lookup::NoClause,
            None => Lookup::NoFile,
        }
    }
    fn sightings(&self, version: Version) -> &[Sighting] {
        self.seen.get(&version).map_or(&[], Vec::as_slice)
    }
    fn lineage_of(&self, path: &BStr, anchor: Option<&str>, commit: CommitId) -> Option<u32> {
        self.at(path, anchor, commit).map(|(_, lineage)| lineage)
    }
    fn only_bearer(&self, path: &BStr, anchor: &str, commit: CommitId) -> Option<u32> {
        let bears = |s: &&Sighting| s.path == path && s.anchor.as_deref() == Some(anchor);
        let reached = |s: &&Sighting| self.graph.is_ancestor(s.commit, commit) == Some(true);
        let mut all = self.seen.values().flatten().filter(bears).filter(reached).map(|s| s.lineage);
        let first = all.next()?;
        all.all(|lineage| lineage == first).then_some(first)
    }
    fn bearers_at(&self, commit: CommitId, wanted: Version) -> Option<Vec<Name>> {
        let there = self.trees.iter().filter(|t| id(t.0) == commit && version(t.2) == wanted);
        Some(there.filter_map(|t| split(t.1).1.map(|anchor| (split(t.1).0.into(), anchor))).collect())
    }
    fn clauses_in(&self, commit: CommitId, path: &BStr) -> Option<Vec<Clause>> {
        let there = self.trees.iter().filter(|t| id(t.0) == commit && split(t.1).0 == path);
        let clause = |anchor, n| Clause { anchor, version: version(n), has_id: false, empty_body: false };
        let all: Vec<Clause> = there.filter_map(|t| Some(clause(split(t.1).1?, t.2))).collect();
        (!all.is_empty()).then_some(all)
    }
    fn names_of(&self, lineage: u32) -> Vec<Name> {
        let name = |name: &str| split(name).1.map(|anchor| (split(name).0.into(), anchor));
        let seen = self.seen.values().flatten().filter(|s| s.lineage == lineage);
        let seen = seen.filter_map(|s| Some((s.path.clone(), s.anchor.clone()?)));
        seen.chain(self.trees.iter().filter(|t| t.3 == lineage).filter_map(|t| name(t.1))).collect()
    }
    fn linked(&self, path: &BStr) -> Vec<(String, Version)> {
        let of = self.linked.iter().filter(|(name, _)| split(name).0 == path);
        of.filter_map(|(name, n)| Some((split(name).1?, version(*n)))).collect()
    }
    fn knows_path(&self, path: &BStr) -> bool {
        let seen = self.seen.values().flatten().any(|s| s.path == path);
        let here = |commit| self.graph.is_ancestor(id(commit), id('a')) == Some(true);
        seen || self.trees.iter().any(|t| split(t.1).0 == path && here(t.0))
    }
    fn sees_all(&self, _: CommitId) -> bool {
        self.complete
    }
}

/// A link; `@c` is commit `c` and `v3` version 3.
fn parse(text: &str) -> Link {
    let (name, number) = text.rsplit_once(" v").unwrap();
    let name = match name.split_once('@') {
        Some((clause, c)) if c.len() == 1 => format!("{clause}@{}", c.repeat(16)),
        _ => name.to_owned(),
    };
    let version = match number.parse() {
        Ok(n) => version(n).to_string(),
        Err(_) => format!("v{number}"),
    };
    Link::parse(format!("{name} {version}").as_bytes(), Source::Trailer).unwrap()
}

#[track_caller]
fn check(facts: &Fake, link: &str, state: State, commit: Option<char>, lineage: Option<u32>) {
    let is = facts.resolve(link);
    assert_eq!((is.state, is.resolved_commit, is.lineage), (state, commit.map(id), lineage), "{link}: {}", is.reason);
    assert!(!is.reason.is_empty());
}

#[test]
fn exact_at_the_carrier_or_an_ancestor() {
    let facts = Fake::new().both('c', "cba", "s#x", 1, 7).both('c', "ca", "s", 9, 8);
    check(&facts, "s#x v1", State::Exact, Some('a'), Some(7));
    check(&facts, "s#x@a v1", State::Exact, Some('a'), Some(7));
    check(&facts, "s#x@c v1", State::Exact, Some('c'), Some(7));
    check(&facts, "s@c v9", State::Exact, Some('c'), Some(8));
    let is = facts.resolve("s#x@c v1");
    assert_eq!(is.reason, "s#x has this version at cccccccccc, an ancestor of the carrier");
}

#[test]
fn relocated_when_the_named_commit_is_gone() {
    let facts = Fake::new().both('b', "ba", "s#x", 1, 7).took('f', "s#x", 1, 7);
    check(&facts, "s#x@9 v1", State::Relocated, Some('b'), Some(7));
    let is = facts.resolve("s#x@9 v1");
    assert_eq!(is.reason, "no reachable commit is 9999999999999999, but s#x took on this version at bbbbbbbbbb");
}

#[test]
fn relocated_to_the_newest_whatever_the_order_of_sightings() {
    let facts = Fake::new().took('f', "s#x", 1, 7).took('b', "s#x", 1, 7);
    check(&facts, "s#x@9 v1", State::Relocated, Some('b'), Some(7));
}

#[test]
fn relocated_within_the_lineage_after_a_rename() {
    // the clause took on its version as old#y and is called s#x in the carrier
    let facts = Fake::new().took('c', "old#y", 1, 7).tree("a", "s#x", 2, 7);
    check(&facts, "s#x@9 v1", State::Relocated, Some('c'), Some(7));
    // no sighting covers a carrier on another branch; its own tree does
    let unseen = Fake::new().tree("a", "s#x", 1, 7);
    check(&unseen, "s#x@9 v1", State::Relocated, Some('a'), Some(7));
}

#[test]
fn relocated_although_the_named_commit_has_another_version() {
    let facts = Fake::new().both('b', "ba", "s#x", 1, 7).both('c', "c", "s#x", 2, 7);
    check(&facts, "s#x@c v1", State::Relocated, Some('b'), Some(7));
}

#[test]
fn a_cherry_pick_with_its_spec_is_relocated_and_one_without_is_elsewhere() {
    let side = || Fake::new().tree("5", "s#x", 1, 7);
    let with = side().both('b', "ba", "s#x", 1, 7);
    check(&with, "s#x@5 v1", State::Relocated, Some('b'), Some(7));
    let without = side().took('5', "s#x", 1, 7).both('c', "cba", "s#x", 2, 7);
    check(&without, "s#x@5 v1", State::Elsewhere, Some('5'), Some(7));
    // a twin in the carrier's history doesn't matter: the clause itself has it elsewhere
    let twin = side().both('c', "cba", "s#twin", 1, 8);
    check(&twin, "s#x@5 v1", State::Elsewhere, Some('5'), Some(7));
}

#[test]
fn ambiguous_when_only_others_have_it() {
    let facts = Fake::new().both('c', "cba", "s#y", 1, 8);
    // One alone leaves no choice, and no certainty either.
    check(&facts, "s#x@9 v1", State::Dangling, None, None);
    check(&facts, "s#x@c v1", State::Dangling, None, None);
    let is = facts.resolve("s#x@9 v1");
    assert!(is.reason.contains("only s#y has had this version"), "{}", is.reason);
    let several = facts.took('c', "s#z", 1, 9);
    check(&several, "s#x@9 v1", State::Ambiguous, None, None);
    let is = several.resolve("s#x@9 v1");
    assert!(is.reason.contains("s#y and 1 more"), "{}", is.reason);
}

#[test]
fn a_name_that_one_clause_alone_bore_before_tells_which_is_meant() {
    // Renumbered at c, changed at b under its new name, as after a rebase.
    let history = || Fake::new().took('f', "s#x", 2, 7).took('c', "s#y", 2, 7).both('b', "ba", "s#y", 1, 7);
    check(&history(), "s#x@9 v1", State::Relocated, Some('b'), Some(7));
    // Not where two clauses bore the name, or another one has the words, too.
    check(&history().took('c', "s#x", 3, 8), "s#x@9 v1", State::Dangling, None, None);
    check(&history().took('c', "s#z", 1, 8), "s#x@9 v1", State::Ambiguous, None, None);
    check(&history().shallow(), "s#x@9 v1", State::Unknown, None, None);
}

#[test]
fn a_rewrite_that_gave_the_files_other_paths_is_seen_through() {
    let moved = || Fake::new().both('c', "cba", "doc/s#x", 1, 7).both('c', "cba", "doc/s#y", 2, 8);
    let linked = || moved().link("s#x", 1).link("s#y", 2);
    check(&linked(), "s#x@9 v1", State::Relocated, Some('c'), Some(7));
    // git filter-repo gives messages the new ids, too.
    check(&moved(), "s#x@c v1", State::Relocated, Some('c'), Some(7));
    check(&moved(), "s#x@b v1", State::Dangling, None, None);
    check(&linked(), "s#x@b v1", State::Relocated, Some('c'), Some(7));
    // Not where the name is another one, the path is known, a twin has the words, or not all can be seen.
    check(&linked(), "s#z@9 v1", State::Dangling, None, None);
    check(&linked().took('e', "s#z", 3, 9), "s#x@9 v1", State::Dangling, None, None);
    check(&linked().took('b', "doc/s#z", 1, 9), "s#x@9 v1", State::Ambiguous, None, None);
    check(&linked().shallow(), "s#x@9 v1", State::Unknown, None, None);
    let hollow = Fake::new().sighting('c', "doc/s#x", 1, 7, true).tree("cba", "doc/s#x", 1, 7);
    check(&hollow, "s#x@9 v1", State::Dangling, None, None);
}

#[test]
fn one_paragraph_of_many_files_proves_no_other_path() {
    let twin = |name: &'static str| Fake::new().both('c', "cba", name, 1, 7);
    // A single link whose commit is gone, or that names none: another file may have had the words.
    check(&twin("doc/s#x"), "s#x@9 v1", State::Dangling, None, None);
    check(&twin("doc/s#x"), "s#x v1", State::Dangling, None, None);
    check(&twin("t#x").link("s#x", 1).link("s#y", 2), "s#x@9 v1", State::Dangling, None, None);
    // Another clause of the file is in no other one.
    let one = || twin("doc/s#x").link("s#x", 1).link("s#y", 2);
    check(&one(), "s#x@9 v1", State::Dangling, None, None);
    check(&one(), "s#x@b v1", State::Dangling, None, None);
    // Two clauses of one commit, of which a rewrite left one file out.
    check(&twin("t#x").link("s#x", 1), "s#x@c v1", State::Dangling, None, None);
}

#[test]
fn a_twin_beside_the_named_clause_is_another_one() {
    // Code of `s`, picked to where only `t` is, which stood beside it, or came in there by itself.
    let beside = Fake::new().both('c', "cba5", "t#x", 1, 7).tree("5", "s#x", 1, 9);
    check(&beside, "s#x@5 v1", State::Elsewhere, Some('5'), Some(9));
    let apart = Fake::new().both('b', "ba", "t#x", 1, 7).tree("5", "s#x", 1, 9);
    check(&apart, "s#x@5 v1", State::Elsewhere, Some('5'), Some(9));
    // The file was renamed on one side: it has other clauses, too.
    let renamed = |common: u8| {
        let two = Fake::new().both('c', "cba", "t#x", 1, 7).both('c', "cba", "t#y", 2, 8);
        two.tree("5", "s#x", 1, 9).tree("5", "s#y", common, 9)
    };
    check(&renamed(2), "s#x@5 v1", State::Relocated, Some('c'), Some(7));
    check(&renamed(3), "s#x@5 v1", State::Elsewhere, Some('5'), Some(9));
    // A file of the same name and most of the same clauses that came in there by itself, as of a template, and one that is the same.
    let template = |own: u8| {
        let both =
            Fake::new().both('b', "ba", "d/s#x", 1, 7).both('b', "ba", "d/s#y", 2, 8).both('b', "ba", "d/s#z", 4, 8);
        both.tree("5", "s#x", 1, 9).tree("5", "s#y", 2, 9).tree("5", "s#z", own, 9)
    };
    check(&template(5), "s#x@5 v1", State::Elsewhere, Some('5'), Some(9));
    check(&template(4), "s#x@5 v1", State::Relocated, Some('b'), Some(7));
    // A clause that bore the name before and stands beside its new bearer in other histories.
    let moved =
        Fake::new().took('c', "s#x", 1, 7).tree("ba", "t#x", 1, 7).tree("5", "s#x", 1, 9).tree("5", "t#x", 1, 7);
    check(&moved, "s#x@5 v1", State::Elsewhere, Some('5'), Some(9));
}

#[test]
fn ambiguous_when_two_clauses_bore_the_name_with_that_version() {
    let two = || Fake::new().took('c', "s#4", 1, 7).took('f', "s#4", 1, 8);
    check(&two(), "s#4@9 v1", State::Ambiguous, None, None);
    // the carrier's own clause of that name decides
    let named = two().tree("a", "s#4", 2, 8);
    check(&named, "s#4@9 v1", State::Relocated, Some('f'), Some(8));
}

#[test]
fn ambiguous_when_several_commits_start_so() {
    let facts = Fake::new().both('c', "cba", "s#x", 1, 7);
    check(&facts, "s#x@ccccccc7 v1", State::Ambiguous, None, None);
}

#[test]
fn empty_bodies_never_relocate() {
    let facts = Fake::new().sighting('c', "s#x", 1, 7, true).tree("cba", "s#x", 1, 7);
    check(&facts, "s#x@9 v1", State::Ambiguous, None, None);
    check(&facts, "s#x@c v1", State::Exact, Some('c'), Some(7));
    // one that isn't in the carrier's history says nothing
    let other = Fake::new().sighting('5', "s#x", 1, 7, true);
    check(&other, "s#x@9 v1", State::Dangling, None, None);
}

#[test]
fn mismatch_when_the_named_commit_says_otherwise() {
    let facts = Fake::new().both('c', "cba", "s#x", 2, 7).took('f', "s#y", 1, 8);
    check(&facts, "s#x@c v1", State::Mismatch, None, Some(7));
    check(&facts, "s#x v1", State::Mismatch, None, Some(7));
    let side = Fake::new().tree("5", "s#x", 2, 7);
    check(&side, "s#x@5 v1", State::Mismatch, None, Some(7));
}

#[test]
fn elsewhere_where_only_another_history_has_it() {
    let facts = Fake::new().both('c', "cba", "s#x", 2, 7).took('5', "s#x", 1, 7);
    check(&facts, "s#x@9 v1", State::Elsewhere, Some('5'), Some(7));
    // another clause that bears the name there, or several of that name where the carrier has none
    let other = Fake::new().both('c', "cba", "s#x", 2, 7).took('5', "s#x", 1, 8);
    check(&other, "s#x@9 v1", State::Dangling, None, None);
    let several = Fake::new().took('5', "s#x", 1, 8).took('5', "s#x", 1, 9);
    check(&several, "s#x@9 v1", State::Dangling, None, None);
}

#[test]
fn dangling_when_nothing_in_the_history_has_it() {
    let facts = Fake::new().both('c', "cba", "s#x", 2, 7).took('5', "s#z", 1, 9);
    check(&facts, "s#x@9 v1", State::Dangling, None, None);
    check(&facts, "s#gone@c v3", State::Dangling, None, None);
    check(&facts, "s#gone@5 v3", State::Dangling, None, None);
}

#[test]
fn foreign_and_other_schemes() {
    let facts = Fake::new().both('c', "cba", "s#x", 1, 7);
    check(&facts, "other:s#x@c v1", State::Foreign, None, None);
    check(&facts, "other:s#x@c v2:abc", State::Foreign, None, None);
    check(&facts, "s#x@c v2:abc", State::Unknown, None, None);
}

#[test]
fn what_cannot_be_seen_is_unknown() {
    let full = || Fake::new().both('c', "cba", "s#x", 1, 7);
    check(&full().without('c'), "s#x@c v1", State::Unknown, None, None);
    let shallow = full().shallow();
    check(&shallow, "s#x@c v1", State::Exact, Some('c'), Some(7));
    for link in ["s#x@9 v1", "s#x@5 v1", "s#x@c v3", "s#y@c v1"] {
        check(&shallow, link, State::Unknown, None, None);
    }
    // the carrier isn't in the graph
    let is = resolve(&parse("s#x@c v1"), id('0'), &full());
    assert_eq!(is.state, State::Unknown);
}

fn states(links: &[&str], facts: &Fake) -> Vec<State> {
    let links: Vec<Link> = links.iter().map(|l| parse(l)).collect();
    let all = resolve_all(&links, id('a'), facts);
    all.iter().map(|r| r.state).collect()
}

#[test]
fn superseded_by_what_the_squash_itself_has() {
    use State::*;
    // both spec commits were squashed into the carrier: only the second version was ever in a tree
    let facts = Fake::new().both('a', "a", "s#x", 2, 7).both('c', "cba", "s#y", 4, 8);
    assert_eq!(states(&["s#x@8 v1", "s#x@9 v2", "s#y@c v4"], &facts), [Superseded, Relocated, Exact]);
    // neither is in the tree, or only one version is named: each stands for itself
    assert_eq!(states(&["s#x@8 v1", "s#x@9 v3"], &facts), [Dangling, Dangling]);
    assert_eq!(states(&["s#x@9 v2", "s#x v2"], &facts), [Relocated, Exact]);
    // other repositories and other schemes aren't compared
    assert_eq!(states(&["s#x v2", "other:s#x v1", "s#x v2:abc"], &facts), [Exact, Foreign, Unknown]);
}

#[test]
fn superseded_within_a_lineage_and_across_ancestors() {
    use State::*;
    let facts = Fake::new().both('c', "c", "old#y", 1, 7).both('b', "ba", "s#x", 2, 7);
    assert_eq!(states(&["old#y@c v1", "s#x@b v2"], &facts), [Superseded, Exact]);
    let all = resolve_all(&[parse("old#y@c v1"), parse("s#x@b v2")], id('a'), &facts);
    assert_eq!(all[0].resolved_commit, Some(id('c')));
    // one name, two clauses: they don't compete
    let reused = Fake::new().both('c', "c", "s#4", 1, 7).both('b', "ba", "s#4", 2, 8);
    assert_eq!(states(&["s#4@c v1", "s#4@b v2"], &reused), [Exact, Exact]);
}

#[test]
fn ten_thousand_links_on_one_commit_are_no_trouble() {
    let facts = Fake::new().both('c', "cba", "s#x", 1, 7);
    let mut links = vec![parse("s#x@c v1"); 5000];
    links.extend(vec![parse("s#x@9 v2"); 5000]);
    let all = resolve_all(&links, id('a'), &facts);
    assert!(all[5000..].iter().all(|r| r.state == State::Superseded));
    assert!(*facts.lookups.borrow() < 40_000);
}

#[test]
fn words_are_the_serialised_ones() {
    for state in [State::Exact, State::Superseded, State::Unknown] {
        assert_eq!(serde_json::to_value(state).unwrap(), serde_json::json!(state.word()));
    }
}
