//! Laws of identity on an edge: one partner at most, the same backwards, whatever the order of files.

use std::collections::{BTreeSet, HashSet};

use git_spec::spec::change::{ChangeKind, compare};
use git_spec::spec::matching::{Document, Matching, Overrides, Rule, State, match_documents, match_with};
use proptest::prelude::*;

use super::{cases, document, refs};

/// A section as written into a file.
#[derive(Clone, Debug)]
struct Section {
    title: &'static str,
    level: usize,
    id: Option<&'static str>,
    /// Another name, where the format has such.
    alias: Option<&'static str>,
    words: Vec<&'static str>,
    /// Lines of code behind the words.
    code: Vec<Vec<&'static str>>,
}

type Files = Vec<(&'static str, Vec<Section>)>;

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "server", "client", "session", "token", "MUST", "MAY", "not", "reject", "answer", "5", "ms", "reply", "lock",
    "account", "after", "login", "network", "slow",
];
const TITLES: &[&str] = &["Login", "Logout", "Limits", "Errors", "Requirement: Lockout", "Scenario: Late"];
const IDS: &[&str] = &["FR-001", "FR-002", "login.limit", "A-1"];
const ALIASES: &[&str] = &["login.limit", "FR-001", "A-1", "former", "other"];
const PATHS: &[&str] = &["a.md", "b.md", "spec/c.md", "v2/a.md", "d.sdoc", "v2/d.sdoc", "e.rst", "f.feature", "g.txt"];

fn section() -> impl Strategy<Value = Section> {
    (
        prop::sample::select(TITLES),
        2usize..5,
        prop::option::weighted(0.3, prop::sample::select(IDS)),
        prop::option::weighted(0.2, prop::sample::select(ALIASES)),
        prop_oneof![3 => prop::collection::vec(prop::sample::select(WORDS), 0..14), 1 => prop::collection::vec(prop::sample::select(WORDS), 8..40)],
        prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(code(), 1..4)],
    )
        .prop_map(|(title, level, id, alias, words, code)| Section { title, level, id, alias, words, code })
}

fn code() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(WORDS), 1..6)
}

fn files() -> impl Strategy<Value = Files> {
    prop::sample::subsequence(PATHS, 1..4).prop_flat_map(|paths| {
        let count = paths.len();
        (Just(paths), prop::collection::vec(prop::collection::vec(section(), 1..5), count))
            .prop_map(|(paths, files)| paths.into_iter().zip(files).collect())
    })
}

/// What a commit does to a spec.
#[derive(Clone, Debug)]
enum Edit {
    Word(prop::sample::Index, &'static str),
    Drop(prop::sample::Index),
    Insert(prop::sample::Index, Section),
    Swap(prop::sample::Index, prop::sample::Index),
    Copy(prop::sample::Index, prop::sample::Index),
    Title(prop::sample::Index, &'static str),
    Id(prop::sample::Index, Option<&'static str>),
    Alias(prop::sample::Index, Option<&'static str>),
    Code(prop::sample::Index, Vec<&'static str>),
    /// Two sections become one, with the names of both.
    Join(prop::sample::Index),
    Path(prop::sample::Index, &'static str),
    CopyFile(prop::sample::Index, &'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        3 => (index(), prop::sample::select(WORDS)).prop_map(|(at, word)| Edit::Word(at, word)),
        1 => index().prop_map(Edit::Drop),
        1 => (index(), section()).prop_map(|(at, section)| Edit::Insert(at, section)),
        1 => (index(), index()).prop_map(|(a, b)| Edit::Swap(a, b)),
        1 => (index(), index()).prop_map(|(a, b)| Edit::Copy(a, b)),
        1 => (index(), prop::sample::select(TITLES)).prop_map(|(at, title)| Edit::Title(at, title)),
        1 => (index(), prop::option::of(prop::sample::select(IDS))).prop_map(|(at, id)| Edit::Id(at, id)),
        1 => (index(), prop::option::of(prop::sample::select(ALIASES))).prop_map(|(at, alias)| Edit::Alias(at, alias)),
        1 => (index(), code()).prop_map(|(at, line)| Edit::Code(at, line)),
        1 => index().prop_map(Edit::Join),
        1 => (index(), prop::sample::select(PATHS)).prop_map(|(at, path)| Edit::Path(at, path)),
        1 => (index(), prop::sample::select(PATHS)).prop_map(|(at, path)| Edit::CopyFile(at, path)),
    ]
}

/// Puts a section and its name into the next one.
fn join(sections: &mut Vec<Section>, at: usize) {
    if at + 1 < sections.len() {
        let gone = sections.remove(at);
        let kept = &mut sections[at];
        kept.alias = gone.id.or(kept.alias);
        kept.words.splice(0..0, gone.words);
    }
}

fn edited(files: &Files, edits: &[Edit]) -> Files {
    let mut files = files.clone();
    for edit in edits {
        let mut places: Vec<(usize, usize)> =
            files.iter().enumerate().flat_map(|(f, (_, all))| (0..all.len()).map(move |s| (f, s))).collect();
        if places.is_empty() {
            places.push((0, 0));
            files[0].1.push(Section {
                title: "Login",
                level: 2,
                id: None,
                alias: None,
                words: Vec::new(),
                code: Vec::new(),
            });
        }
        let place = |at: &prop::sample::Index| places[at.index(places.len())];
        match edit {
            Edit::Word(at, word) => {
                let (f, s) = place(at);
                let words = &mut files[f].1[s].words;
                let at = at.index(words.len() + 1);
                words.insert(at, word);
            }
            Edit::Drop(at) => {
                let (f, s) = place(at);
                files[f].1.remove(s);
            }
            Edit::Insert(at, section) => {
                let (f, s) = place(at);
                files[f].1.insert(s, section.clone());
            }
            Edit::Swap(a, b) => {
                let (a, b) = (place(a), place(b));
                let one = files[a.0].1[a.1].clone();
                files[a.0].1[a.1] = std::mem::replace(&mut files[b.0].1[b.1], one);
            }
            Edit::Copy(a, b) => {
                let (a, b) = (place(a), place(b));
                let one = files[a.0].1[a.1].clone();
                files[b.0].1.insert(b.1, one);
            }
            Edit::Title(at, title) => {
                let (f, s) = place(at);
                files[f].1[s].title = title;
            }
            Edit::Id(at, id) => {
                let (f, s) = place(at);
                files[f].1[s].id = *id;
            }
            Edit::Alias(at, alias) => {
                let (f, s) = place(at);
                files[f].1[s].alias = *alias;
            }
            Edit::Code(at, line) => {
                let (f, s) = place(at);
                let code = &mut files[f].1[s].code;
                code.insert(at.index(code.len() + 1), line.clone());
            }
            Edit::Join(at) => {
                let (f, s) = place(at);
                join(&mut files[f].1, s);
            }
            Edit::Path(at, path) => {
                if files.iter().all(|(other, _)| other != path) {
                    let at = at.index(files.len());
                    files[at].0 = path;
                }
            }
            Edit::CopyFile(at, path) => {
                if files.iter().all(|(other, _)| other != path) {
                    let all = files[at.index(files.len())].1.clone();
                    files.push((path, all));
                }
            }
        }
    }
    files
}

fn read(files: &Files) -> Vec<Document> {
    files.iter().map(|(path, sections)| document(path, &text(path, sections))).collect()
}

/// A file in the format of its name; rows of a table where Markdown has a longer path.
fn text(path: &str, sections: &[Section]) -> String {
    let ending = path.rsplit('.').next().unwrap_or_default();
    let head = match ending {
        "sdoc" => "[DOCUMENT]\nTITLE: File\n",
        "rst" => "File\n====\n",
        "feature" => "Feature: File\n",
        "txt" => "File\n",
        _ if path == "spec/c.md" => "# File\n\n| # | Rule |\n|---|---|\n",
        _ => "# File\n",
    };
    let mut text = head.to_owned();
    for (at, Section { title, level, id, alias, words, code }) in sections.iter().enumerate() {
        let words = words.join(" ");
        let code: Vec<String> = code.iter().map(|line| line.join(" ")).collect();
        text += &match (ending, id) {
            ("sdoc", id) => {
                let mid = alias.map(str::to_owned).or(id.is_none().then(|| at.to_string()));
                let mid = mid.map_or(String::new(), |mid| format!("MID: {mid}\n"));
                let id = id.map_or(String::new(), |id| format!("UID: {id}\n"));
                format!("\n[REQUIREMENT]\n{mid}{id}TITLE: {title}\nSTATEMENT: >>>\n{words}\n<<<\n")
            }
            ("rst", id) => {
                let ids: String = id.iter().chain(alias).map(|id| format!(".. _{id}:\n")).collect();
                let code: String = code.iter().map(|line| format!("   {line}\n")).collect();
                let code = if code.is_empty() { code } else { format!("\n.. code-block:: text\n\n{code}\n") };
                format!("\n{ids}\n{title}\n{}\n\n{words}\n{code}", ["-", "~", "\""][level % 3].repeat(title.len()))
            }
            ("feature", id) => {
                let id = id.map_or(String::new(), |id| format!("  @{id}\n"));
                format!("\n{id}  Scenario: {title}\n    Given {words}\n")
            }
            ("txt", _) => format!("\n{title}: {words}\n"),
            _ if path == "spec/c.md" => format!("| {}.{level} | {words} |\n", at + 1),
            (_, id) => {
                let id = id.map_or(String::new(), |id| format!(" {{#{id}}}"));
                let code = if code.is_empty() { String::new() } else { format!("\n```\n{}\n```\n", code.join("\n")) };
                format!("\n{} {title}{id}\n\n{words}\n{code}", "#".repeat(*level))
            }
        };
    }
    text
}

/// A clause by its file and position, which don't depend on the order of files.
type Name = (String, usize);
/// All bonds with rule and score.
type Bonds = BTreeSet<(Name, Name, String)>;

fn bonds(old: &[Document], new: &[Document]) -> Bonds {
    named(old, new, &match_documents(&refs(old), &refs(new)))
}

fn named(old: &[Document], new: &[Document], matching: &Matching) -> Bonds {
    let name = |docs: &[Document], at: git_spec::spec::matching::ClauseAt| (docs[at.doc].path.to_string(), at.at);
    matching
        .bonds
        .iter()
        .map(|bond| (name(old, bond.old), name(new, bond.new), format!("{:?} {:.4}", bond.rule, bond.score)))
        .collect()
}

fn inverse(bonds: Bonds) -> Bonds {
    bonds.into_iter().map(|(old, new, rule)| (new, old, rule)).collect()
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn identity_is_the_same_backwards(files in files(), edits in prop::collection::vec(edit(), 1..6)) {
        let (old, new) = (read(&files), read(&edited(&files, &edits)));
        prop_assert_eq!(bonds(&old, &new), inverse(bonds(&new, &old)));
    }

    #[test]
    fn identity_is_the_same_backwards_between_strangers(one in files(), two in files()) {
        let (old, new) = (read(&one), read(&two));
        prop_assert_eq!(bonds(&old, &new), inverse(bonds(&new, &old)));
    }

    /// Of sections in another order the same ones moved, whichever side comes first.
    #[test]
    fn what_moved_is_the_same_backwards(
        sizes in prop::collection::vec(3usize..20, 2..8), order in prop::collection::vec(any::<prop::sample::Index>(), 8),
    ) {
        let section = |(at, size): (usize, &usize)| {
            let words: String = (0..*size).map(|word| format!(" word{at}x{word}")).collect();
            format!("## Part {}\n\nSays{words}.\n\n", ["one", "two", "three", "four", "five", "six", "seven"][at])
        };
        let parts: Vec<String> = sizes.iter().enumerate().map(section).collect();
        let mut turned = parts.clone();
        for (at, other) in order.iter().take(parts.len()).enumerate() {
            turned.swap(at, other.index(parts.len()));
        }
        let of = |parts: &[String]| vec![document("a.md", &format!("# A\n\n{}", parts.concat()))];
        let (old, new) = (of(&parts), of(&turned));
        let moved = |old: &[Document], new: &[Document]| -> Vec<(usize, usize)> {
            let changes = compare(&refs(old), &refs(new)).changes;
            let moved = changes.iter().filter(|change| change.is(ChangeKind::Moved));
            moved.filter_map(|change| Some((change.old?.at, change.new?.at))).collect()
        };
        let mut back: Vec<(usize, usize)> = moved(&new, &old).into_iter().map(|(old, new)| (new, old)).collect();
        back.sort_by_key(|pair| pair.1);
        prop_assert_eq!(moved(&old, &new), back);
    }

    #[test]
    fn renamed_documents_are_the_same_backwards(files in files(), edits in prop::collection::vec(edit(), 1..6)) {
        let (old, new) = (read(&files), read(&edited(&files, &edits)));
        let forth: BTreeSet<_> = match_documents(&refs(&old), &refs(&new)).renamed_documents.into_iter().collect();
        let back = match_documents(&refs(&new), &refs(&old)).renamed_documents;
        prop_assert_eq!(forth, back.into_iter().map(|(old, new)| (new, old)).collect());
    }

    #[test]
    fn the_order_of_files_changes_nothing(files in files(), edits in prop::collection::vec(edit(), 1..6), turn in 0usize..4) {
        let (old, new) = (read(&files), read(&edited(&files, &edits)));
        let turned = |docs: &[Document], by: usize| {
            let mut docs = docs.to_vec();
            let by = by % docs.len();
            docs.rotate_left(by);
            docs
        };
        let (old_turned, new_turned) = (turned(&old, turn), turned(&new, turn + 1));
        prop_assert_eq!(bonds(&old, &new), bonds(&old_turned, &new_turned));
        prop_assert_eq!(told(&old, &new), told(&old_turned, &new_turned));
    }

    #[test]
    fn each_clause_has_one_partner_at_most(files in files(), edits in prop::collection::vec(edit(), 1..8)) {
        let (old, new) = (read(&files), read(&edited(&files, &edits)));
        let matching = match_documents(&refs(&old), &refs(&new));
        let mut before: HashSet<_> = matching.removed.iter().copied().collect();
        let mut after: HashSet<_> = matching.added.iter().copied().collect();
        for bond in &matching.bonds {
            prop_assert!((0.0..=1.0).contains(&bond.score), "{:?}", bond);
            prop_assert!(before.insert(bond.old) && after.insert(bond.new), "{:?}", bond);
        }
        let count = |docs: &[Document]| docs.iter().map(|doc| doc.clauses.len()).sum::<usize>();
        prop_assert_eq!((before.len(), after.len()), (count(&old), count(&new)));
    }

    /// What a person says holds, read forwards and backwards, and each clause still has one partner at most.
    #[test]
    fn an_override_is_obeyed_both_ways(
        files in files(), edits in prop::collection::vec(edit(), 1..6), picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 1..4),
    ) {
        let (old, new) = (read(&files), read(&edited(&files, &edits)));
        let states = |docs: &[Document]| -> Vec<State> {
            let state = |doc: &Document, clause: &git_spec::spec::Clause| State { path: doc.path.clone(), anchor: clause.anchor.clone(), version: clause.version() };
            docs.iter().flat_map(|doc| doc.clauses.iter().map(move |clause| state(doc, clause))).collect()
        };
        let (before, after) = (states(&old), states(&new));
        // a file may hold no clause
        prop_assume!(!before.is_empty() && !after.is_empty());
        let said: Vec<(State, State, bool)> = picks
            .iter()
            .map(|(a, b, same)| (before[a.index(before.len())].clone(), after[b.index(after.len())].clone(), *same))
            .collect();
        let Ok(overrides) = Overrides::new(said.clone()) else { return Ok(()) };
        let forth = match_with(&refs(&old), &refs(&new), &overrides);
        let back = match_with(&refs(&new), &refs(&old), &overrides);
        prop_assert_eq!(named(&old, &new, &forth), inverse(named(&new, &old, &back)));
        let state = |docs: &[Document], at: git_spec::spec::matching::ClauseAt| {
            let clause = &docs[at.doc].clauses[at.at];
            State { path: docs[at.doc].path.clone(), anchor: clause.anchor.clone(), version: clause.version() }
        };
        for bond in &forth.bonds {
            let (a, b) = (state(&old, bond.old), state(&new, bond.new));
            let word = said.iter().find(|(x, y, _)| (x == &a && y == &b) || (x == &b && y == &a));
            if let Some((.., same)) = word {
                prop_assert!(*same, "{:?} was said to be apart", bond);
                prop_assert_eq!(bond.rule, Rule::Override);
            } else {
                prop_assert!(bond.rule != Rule::Override, "{:?}", bond);
            }
        }
        if let [(a, b, true)] = &said[..] {
            prop_assert!(forth.bonds.iter().any(|bond| &state(&old, bond.old) == a && &state(&new, bond.new) == b));
        }
        let olds: HashSet<_> = forth.bonds.iter().map(|bond| bond.old).collect();
        prop_assert_eq!(olds.len(), forth.bonds.len());
    }

    #[test]
    fn nothing_changes_between_equals(files in files()) {
        let docs = read(&files);
        let same = compare(&refs(&docs), &refs(&docs));
        prop_assert!(same.changes.is_empty() && same.documents.is_empty(), "{:?}", same.changes);
        let clauses: usize = docs.iter().map(|doc| doc.clauses.len()).sum();
        prop_assert_eq!(same.bonds.len(), clauses);
    }
}

/// The changes of an edge as a reader is told of them.
fn told(old: &[Document], new: &[Document]) -> BTreeSet<String> {
    let name = |docs: &[Document], at: git_spec::spec::matching::ClauseAt| format!("{}#{}", docs[at.doc].path, at.at);
    compare(&refs(old), &refs(new))
        .changes
        .iter()
        .map(|change| {
            let (was, is) = (change.old.map(|at| name(old, at)), change.new.map(|at| name(new, at)));
            let other = change.other.map(|at| name(if is.is_some() { old } else { new }, at));
            format!("{was:?} {is:?} {:?} {:?} {:?} {other:?}", change.kinds, change.grade, change.tipped)
        })
        .collect()
}
