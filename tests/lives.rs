//! Random histories against a model that knows which commit did what to which clause: the life of each clause tells them
//! all, and no others.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Stdio;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use support::Repo;

/// A clause: its words are its own by `key`, whatever else becomes of it.
#[derive(Clone, Debug, PartialEq)]
struct Clause {
    key: usize,
    name: usize,
    number: usize,
}

/// A file: how often it was renamed, and its clauses.
#[derive(Clone, Debug, PartialEq)]
struct File {
    path: usize,
    clauses: Vec<Clause>,
}

/// A specification of two files.
type Spec = [File; 2];

/// One thing that somebody does on one of the branches.
#[derive(Clone, Debug)]
enum Step {
    /// Another number in the words.
    Number(Index),
    /// Another title, and another id where there are ids.
    Name(Index),
    /// Into the other file.
    Move(Index),
    Remove(Index),
    /// A clause that was removed is put back as it was.
    Restore(Index),
    /// The same with another number in its words.
    Mend(Index),
    Add(Index),
    /// A file gets another path.
    Rename(Index),
    /// One more branch.
    Branch,
    /// What another branch did, where nobody has to decide anything.
    Merge(Index),
}

fn step() -> impl Strategy<Value = Step> {
    let at = any::<Index>;
    prop_oneof![
        4 => at().prop_map(Step::Number),
        2 => at().prop_map(Step::Name),
        2 => at().prop_map(Step::Move),
        2 => at().prop_map(Step::Remove),
        2 => at().prop_map(Step::Restore),
        1 => at().prop_map(Step::Mend),
        1 => at().prop_map(Step::Add),
        1 => at().prop_map(Step::Rename),
        2 => Just(Step::Branch),
        4 => at().prop_map(Step::Merge),
    ]
}

/// A commit of the model: its parents, what it holds, the clauses that it did something to, and those that it removed.
struct Made {
    parents: Vec<usize>,
    spec: Spec,
    touched: BTreeSet<usize>,
    removed: Vec<(usize, Clause)>,
}

struct World {
    with_ids: bool,
    /// Files are renamed, or else clauses move and come back: what a branch took back in a file that the other one renamed is
    /// known to be missed.
    renames: bool,
    commits: Vec<Made>,
    tips: Vec<usize>,
    next: usize,
}

impl World {
    fn new(with_ids: bool, renames: bool) -> World {
        let clause = |key: usize| Clause { key, name: key, number: 1 };
        let file = |keys: std::ops::Range<usize>| File { path: 0, clauses: keys.map(clause).collect() };
        let first =
            Made { parents: vec![], spec: [file(0..4), file(4..8)], touched: (0..8).collect(), removed: vec![] };
        World { with_ids, renames, commits: vec![first], tips: vec![0], next: 8 }
    }

    fn fresh(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn ancestors(&self, from: usize) -> BTreeSet<usize> {
        let (mut found, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            if found.insert(at) {
                open.extend(&self.commits[at].parents);
            }
        }
        found
    }

    fn take(&mut self, tip: Index, step: &Step) {
        let tip = tip.index(self.tips.len());
        match step {
            Step::Branch if self.tips.len() < 3 => self.tips.push(self.tips[tip]),
            Step::Branch => {}
            Step::Merge(other) => self.merge(tip, other.index(self.tips.len())),
            _ => self.edit(tip, step),
        }
    }

    fn edit(&mut self, tip: usize, step: &Step) {
        let parent = self.tips[tip];
        let mut spec = self.commits[parent].spec.clone();
        let places: Vec<(usize, usize)> =
            (0..2).flat_map(|file| (0..spec[file].clauses.len()).map(move |at| (file, at))).collect();
        let (mut touched, mut removed) = (BTreeSet::new(), vec![]);
        let place = |at: &Index| places[at.index(places.len())];
        match step {
            Step::Number(at) => {
                let (file, at) = place(at);
                spec[file].clauses[at].number = self.fresh();
                touched.insert(spec[file].clauses[at].key);
            }
            Step::Name(at) => {
                let (file, at) = place(at);
                spec[file].clauses[at].name = self.fresh();
                touched.insert(spec[file].clauses[at].key);
            }
            Step::Move(at) | Step::Remove(at) => {
                let (file, at) = place(at);
                if spec[file].clauses.len() < 4 || self.renames && matches!(step, Step::Move(_)) {
                    return;
                }
                let clause = spec[file].clauses.remove(at);
                touched.insert(clause.key);
                match step {
                    Step::Move(_) => spec[1 - file].clauses.push(clause),
                    _ => removed.push((file, clause)),
                }
            }
            Step::Restore(at) | Step::Mend(at) => {
                let there = |key: usize| spec.iter().flat_map(|file| &file.clauses).any(|clause| clause.key == key);
                let past = self.ancestors(parent);
                let removed = past.iter().flat_map(|&at| &self.commits[at].removed);
                // as it was when it went last
                let gone: BTreeMap<usize, &(usize, Clause)> = removed.map(|gone| (gone.1.key, gone)).collect();
                let gone: Vec<_> = gone.into_values().filter(|gone| !there(gone.1.key)).collect();
                if gone.is_empty() || self.renames {
                    return;
                }
                let (file, mut clause) = gone[at.index(gone.len())].clone();
                if matches!(step, Step::Mend(_)) {
                    clause.number = self.fresh();
                }
                touched.insert(clause.key);
                spec[file].clauses.push(clause);
            }
            Step::Add(at) => {
                let (file, at) = place(at);
                let key = self.fresh();
                spec[file].clauses.insert(at, Clause { key, name: key, number: 1 });
                touched.insert(key);
            }
            Step::Rename(at) if self.renames => spec[at.index(2)].path = self.fresh(),
            Step::Rename(_) | Step::Branch | Step::Merge(_) => return,
        }
        self.commits.push(Made { parents: vec![parent], spec, touched, removed });
        self.tips[tip] = self.commits.len() - 1;
    }

    fn merge(&mut self, tip: usize, other: usize) {
        let (ours, theirs) = (self.tips[tip], self.tips[other]);
        let (mine, others) = (self.ancestors(ours), self.ancestors(theirs));
        if mine.contains(&theirs) || others.contains(&ours) {
            return;
        }
        let common: Vec<usize> = mine.intersection(&others).copied().collect();
        let is_best = |at: &usize| !common.iter().any(|c| c != at && self.ancestors(*c).contains(at));
        let bases: Vec<usize> = common.iter().copied().filter(is_best).collect();
        let [base] = bases[..] else { return };
        // What both did something to somebody has to decide, also where one of them took it back.
        let by = |past: &BTreeSet<usize>| -> BTreeSet<usize> {
            past.iter().filter(|at| !common.contains(at)).flat_map(|&at| &self.commits[at].touched).copied().collect()
        };
        if !by(&mine).is_disjoint(&by(&others)) {
            return;
        }
        let spec = |at: usize| &self.commits[at].spec;
        let Some(merged) = merged(spec(base), spec(ours), spec(theirs)) else { return };
        let made = Made { parents: vec![ours, theirs], spec: merged, touched: BTreeSet::new(), removed: vec![] };
        self.commits.push(made);
        let merge = self.commits.len() - 1;
        self.tips[tip] = merge;
        self.tips.retain(|&at| at != theirs);
    }

    /// What `git fast-import` makes the history of, up to `head`.
    fn stream(&self, head: usize) -> String {
        let mut all = String::new();
        for (at, made) in self.commits.iter().enumerate() {
            let message = format!("Commit {at}");
            all += &format!(
                "{}commit refs/heads/all\nmark :{}\n",
                if at == 0 { "reset refs/heads/all\n" } else { "" },
                at + 1
            );
            all += &format!("committer C <c@example.org> {} +0000\n", 1_700_000_000 + 1_000 * at);
            all += &format!("data {}\n{message}\n", message.len());
            for (number, parent) in made.parents.iter().enumerate() {
                all += &format!("{} :{}\n", if number == 0 { "from" } else { "merge" }, parent + 1);
            }
            all += "deleteall\n";
            for (number, file) in made.spec.iter().enumerate() {
                let text = self.text(number, file);
                all += &format!("M 100644 inline {}\ndata {}\n{text}\n", path(number, file), text.len());
            }
        }
        all + &format!("reset refs/heads/main\nfrom :{}\n\n", head + 1)
    }

    fn text(&self, number: usize, file: &File) -> String {
        let mut text = format!("# Document {number}\n\nThis is file {} of all.\n\n", ["one", "two"][number]);
        for Clause { key, name, number } in &file.clauses {
            let id = if self.with_ids { format!(" {{#P-{name}}}") } else { String::new() };
            let words =
                |range: std::ops::Range<usize>| range.map(|at| word(key * 20 + at)).collect::<Vec<_>>().join(" ");
            text += &format!("## {} {}{id}\n\n", word(10_000 + name), word(20_000 + name));
            text += &format!("The system MUST {} within {number} seconds {}.\n\n", words(0..6), words(6..14));
        }
        text
    }

    fn name(&self, number: usize, file: &File, clause: &Clause) -> String {
        let Clause { name, .. } = clause;
        let title = format!("{}-{}", word(10_000 + name), word(20_000 + name));
        format!("{}#{}", path(number, file), if self.with_ids { format!("P-{name}") } else { title })
    }
}

fn path(number: usize, file: &File) -> String {
    format!("specs/{}-{}.md", ["one", "two"][number], file.path)
}

/// A word of its own for each number.
fn word(number: usize) -> String {
    const SYLLABLES: [&str; 20] = [
        "ba", "ke", "di", "fo", "gu", "ha", "je", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "wa", "xe", "zi",
        "cho", "tru",
    ];
    let mut number = number.wrapping_mul(7_919) % 160_000;
    let mut word = String::new();
    for _ in 0..4 {
        word += SYLLABLES[number % 20];
        number /= 20;
    }
    word
}

/// What a merge has where at most one side did something to each clause and each file.
fn merged(base: &Spec, ours: &Spec, theirs: &Spec) -> Option<Spec> {
    let of = |spec: &Spec| -> BTreeMap<usize, (usize, Clause)> {
        let all = spec.iter().enumerate().flat_map(|(file, of)| of.clauses.iter().map(move |clause| (file, clause)));
        all.map(|(file, clause)| (clause.key, (file, clause.clone()))).collect()
    };
    let (was, mine, other) = (of(base), of(ours), of(theirs));
    let mut spec = ours.clone();
    for (file, place) in spec.iter_mut().enumerate() {
        let paths = [base, ours, theirs].map(|spec| spec[file].path);
        place.path = match paths {
            [was, mine, other] if mine == was || mine == other => other,
            [was, mine, other] if other == was => mine,
            _ => return None,
        };
    }
    let keys: BTreeSet<usize> = was.keys().chain(mine.keys()).chain(other.keys()).copied().collect();
    for key in keys {
        let (was, mine, other) = (was.get(&key), mine.get(&key), other.get(&key));
        if mine == other || other == was {
            continue;
        }
        if mine != was {
            return None;
        }
        let stays = mine.zip(other).filter(|(mine, other)| mine.0 == other.0);
        if let Some((mine, other)) = stays {
            let place = spec[mine.0].clauses.iter_mut().find(|clause| clause.key == key)?;
            *place = other.1.clone();
            continue;
        }
        spec.iter_mut().for_each(|file| file.clauses.retain(|clause| clause.key != key));
        if let Some((file, clause)) = other {
            // behind the one that it stands behind there
            let there = &theirs[*file].clauses;
            let at = there.iter().position(|clause| clause.key == key)?;
            let here = |key: usize| spec[*file].clauses.iter().position(|clause| clause.key == key);
            let behind = there[..at].iter().rev().find_map(|clause| here(clause.key));
            spec[*file].clauses.insert(behind.map_or(0, |at| at + 1), clause.clone());
        }
    }
    Some(spec)
}

fn import(repo: &Repo, stream: &str) -> BTreeMap<String, usize> {
    let mut command = repo.git_command(repo.path());
    let mut child =
        command.args(["fast-import", "--quiet", "--export-marks=.git/marks"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    repo.git(&["reset", "-q", "--hard"]);
    let marks = std::fs::read_to_string(repo.path().join(".git/marks")).unwrap();
    let mark = |line: &str| {
        let (mark, id) = line.split_once(' ').unwrap();
        (id.to_owned(), mark[1..].parse::<usize>().unwrap() - 1)
    };
    marks.lines().map(mark).collect()
}

/// A sibling that comes or goes may leave a clause out of the order of the others.
fn only_moved(change: &Value) -> bool {
    change["kinds"] == serde_json::json!(["moved"])
}

/// How many histories are told, times `LAW_TIMES` where that is set.
fn cases() -> u32 {
    let times = std::env::var("LAW_TIMES").ok().and_then(|times| times.parse::<u32>().ok()).unwrap_or(1);
    12 * times
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_life_tells_what_was_done_and_nothing_else(
        with_ids in any::<bool>(), renames in any::<bool>(),
        steps in prop::collection::vec((any::<Index>(), step()), 10..36), head in any::<Index>(),
    ) {
        let mut world = World::new(with_ids, renames);
        for (tip, step) in &steps {
            world.take(*tip, step);
        }
        let head = world.tips[head.index(world.tips.len())];
        let repo = Repo::new();
        let marks = import(&repo, &world.stream(head));
        let graph = || repo.git(&["log", "--graph", "--format=%s", "--name-status", "-p"]);
        let past = world.ancestors(head);
        let entries = |args: &[&str]| -> Vec<(usize, Value)> {
            let report = repo.spec(&[&["log", "--json", "--unfold"], args].concat()).json();
            let all = report["entries"].as_array().unwrap().iter();
            all.map(|entry| (marks[entry["commit"].as_str().unwrap()], entry["changes"].clone())).collect()
        };
        let told = |changes: &Value| changes.as_array().unwrap().iter().any(|change| !only_moved(change));
        let shown: BTreeSet<usize> =
            entries(&[]).into_iter().filter(|(_, changes)| told(changes)).map(|(at, _)| at).collect();
        let done: BTreeSet<usize> = past.iter().copied().filter(|&at| !world.commits[at].touched.is_empty()).collect();
        prop_assert_eq!(&shown, &done, "{}", graph());
        for (number, file) in world.commits[head].spec.iter().enumerate() {
            for clause in &file.clauses {
                let name = world.name(number, file, clause);
                let life: Vec<(usize, Value)> = entries(&["--clause", &name]).into_iter().filter(|(_, changes)| told(changes)).collect();
                let order: Vec<usize> = life.iter().map(|(at, _)| *at).collect();
                let touched = past.iter().rev().copied().filter(|&at| world.commits[at].touched.contains(&clause.key));
                prop_assert_eq!(&order, &touched.collect::<Vec<_>>(), "{}\n{}", name, graph());
                let first = life.last().unwrap().1.to_string();
                prop_assert!(first.contains("\"added\""), "{} {}\n{}", name, first, graph());
            }
        }
    }
}
