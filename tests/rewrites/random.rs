//! Random histories against a model that knows which words each link was made for.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::Value;

use super::support::Repo;

const SUBJECTS: [&str; 5] = [
    "locking of accounts after failed attempts",
    "sending of invoices to buyers abroad",
    "rotation of signing keys on every server",
    "search through archived messages by date",
    "printing of labels for heavy parcels",
];

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// Other words for a clause.
    Edit(usize),
    /// The words that it had before.
    Back(usize),
    /// Two clauses exchange their names.
    Swap(usize, usize),
    /// Another name.
    Renumber(usize),
    /// The spec file gets another name.
    Rename,
    /// Code from a clause.
    Generate(usize),
    /// Code and other words in one commit.
    Both(usize),
    /// The newest commit anew.
    Amend,
    /// The newest commits anew.
    Reword(usize),
    /// A branch with other words and code comes back to the trunk, which went on meanwhile.
    Branch(Way, usize, usize),
    /// The newest code is taken back.
    Revert,
}

/// How a branch comes back.
#[derive(Clone, Copy, Debug)]
enum Way {
    Merge,
    Rebase,
    CherryPick,
    Squash,
}

fn step() -> impl Strategy<Value = Step> {
    let clause = 0..SUBJECTS.len();
    let way = prop_oneof![Just(Way::Merge), Just(Way::Rebase), Just(Way::CherryPick), Just(Way::Squash)];
    prop_oneof![
        2 => clause.clone().prop_map(Step::Edit),
        1 => clause.clone().prop_map(Step::Back),
        1 => (clause.clone(), clause.clone()).prop_map(|(a, b)| Step::Swap(a, b)),
        1 => clause.clone().prop_map(Step::Renumber),
        1 => Just(Step::Rename),
        4 => clause.clone().prop_map(Step::Generate),
        1 => clause.clone().prop_map(Step::Both),
        1 => Just(Step::Amend),
        2 => (1usize..5).prop_map(Step::Reword),
        4 => (way, clause.clone(), clause).prop_map(|(way, a, b)| Step::Branch(way, a, b)),
        1 => Just(Step::Revert),
    ]
}

/// A clause as a person knows it, whatever it is called.
#[derive(Clone, Debug)]
struct Clause {
    subject: &'static str,
    name: String,
    body: String,
    before: Option<String>,
}

struct World {
    repo: Repo,
    path: String,
    clauses: Vec<Clause>,
    /// By number of the generated commit: the clause, and the words that it was made for.
    made: HashMap<usize, (usize, String)>,
    fresh: usize,
}

impl World {
    fn new() -> World {
        let clauses = SUBJECTS.iter().enumerate().map(|(at, subject)| Clause {
            subject,
            name: format!("K-{at}"),
            body: body(subject, 10 + at),
            before: None,
        });
        let mut world = World {
            repo: Repo::new(),
            path: "specs/all.md".to_owned(),
            clauses: clauses.collect(),
            made: HashMap::new(),
            fresh: 100,
        };
        world.repo.git(&["config", "spec.include", "specs/*.md"]);
        world.write();
        world.repo.commit("Write it down");
        world.fresh();
        world
    }

    fn fresh(&mut self) -> usize {
        self.fresh += 1;
        self.fresh
    }

    fn write(&self) {
        let section =
            |clause: &Clause| format!("## About the {} {{#{}}}\n\n{}\n", clause.subject, clause.name, clause.body);
        let sections: Vec<String> = self.clauses.iter().map(section).collect();
        self.repo.write(&self.path, format!("# All of it\n\n{}", sections.join("\n")));
    }

    fn edit(&mut self, at: usize) {
        let number = self.fresh();
        let other = body(self.clauses[at].subject, number);
        self.clauses[at].before = Some(std::mem::replace(&mut self.clauses[at].body, other));
        self.write();
    }

    /// A link to what is committed, or to what is about to be.
    fn link(&self, at: usize, commit: Option<String>) -> String {
        let name = &self.clauses[at].name;
        let listed = self.repo.spec(&["ls", "--json"]).json();
        let clauses = listed["clauses"].as_array().expect("clauses");
        let found = clauses.iter().find(|clause| clause["anchor"] == **name).expect("the clause");
        let commit = commit.map(|commit| format!("@{}", &commit[..16])).unwrap_or_default();
        format!("Spec: {}#{name}{commit} {}", self.path, found["version"].as_str().expect("a version"))
    }

    fn generate(&mut self, at: usize) {
        let link = self.link(at, Some(self.repo.rev("HEAD")));
        self.code(at, &link);
    }

    fn code(&mut self, at: usize, link: &str) {
        let number = self.fresh();
        self.made.insert(number, (at, self.clauses[at].body.clone()));
        self.repo.write(format!("src/made_{number}.rs"), format!("// {number}\nfn made() {{}}\n"));
        self.repo.commit(&format!("Generate {number}\n\nFrom what is asked.\n\n{link}"));
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Edit(at) => {
                self.edit(at);
                self.repo.commit("Ask for something else");
            }
            Step::Back(at) => {
                let Some(before) = self.clauses[at].before.take() else { return };
                self.clauses[at].body = before;
                self.write();
                self.repo.commit("Ask for it again");
            }
            Step::Swap(a, b) if a != b => {
                let name = self.clauses[a].name.clone();
                self.clauses[a].name = std::mem::replace(&mut self.clauses[b].name, name);
                self.write();
                self.repo.commit("Exchange two names");
            }
            Step::Swap(..) => {}
            Step::Renumber(at) => {
                self.clauses[at].name = format!("K-{}", self.fresh());
                self.write();
                self.repo.commit("Number anew");
            }
            Step::Rename => {
                let to = format!("specs/all-{}.md", self.fresh());
                self.repo.git(&["mv", &self.path, &to]);
                self.path = to;
                self.repo.commit("Rename the file");
            }
            Step::Generate(at) => self.generate(at),
            Step::Both(at) => {
                self.edit(at);
                self.repo.commit("For a moment");
                let link = self.link(at, None);
                self.repo.git(&["reset", "-q", "--soft", "HEAD^"]);
                self.code(at, &link);
            }
            Step::Amend => {
                self.repo.git(&["commit", "-q", "--amend", "--no-edit", "--date=@1500000000 +0000"]);
            }
            Step::Reword(count) => self.reword(count),
            Step::Branch(way, edited, other) => self.branch(way, edited, other),
            Step::Revert => {
                let newest = self.repo.git(&["log", "-1", "--no-merges", "--grep=^Generate", "--format=%H"]);
                let only_code = !newest.is_empty()
                    && !self.repo.git(&["show", "--format=", "--name-only", &newest]).contains("specs/");
                if only_code && self.repo.git_in(self.repo.path(), &["revert", "--no-edit", &newest]).is_err() {
                    // There may be nothing to take back, and then nothing was begun.
                    let _ = self.repo.git_in(self.repo.path(), &["revert", "--abort"]);
                }
            }
        }
    }

    /// Where git can't, nothing has happened.
    fn reword(&self, count: usize) {
        let onto = format!("HEAD~{count}");
        if self.repo.git_in(self.repo.path(), &["rev-parse", "--verify", "-q", &onto]).is_err() {
            return;
        }
        let exec = "git commit -q --amend --no-edit --reset-author";
        if self.repo.git_in(self.repo.path(), &["rebase", "-q", "--exec", exec, &onto]).is_err() {
            self.repo.git(&["rebase", "--abort"]);
        }
    }

    fn branch(&mut self, way: Way, edited: usize, other: usize) {
        let repo = &self.repo;
        repo.git(&["checkout", "-q", "-b", "side"]);
        let (before, made) = (self.clauses.clone(), self.made.clone());
        self.edit(edited);
        self.repo.commit("Ask on the side");
        self.generate(edited);
        // The trunk meanwhile.
        let side = std::mem::replace(&mut self.clauses, before);
        self.repo.git(&["checkout", "-q", "main"]);
        if other != edited {
            self.edit(other);
            self.repo.commit("Ask on the trunk");
        }
        let trunk = self.repo.rev("HEAD");
        let done = match way {
            Way::Merge => self.tries(&["merge", "-q", "--no-ff", "-m", "Merge the side", "side"]),
            Way::Rebase => {
                self.tries(&["rebase", "-q", "main", "side"]) && self.tries(&["checkout", "-q", "-B", "main"])
            }
            Way::CherryPick => self.tries(&["cherry-pick", "main..side"]),
            Way::Squash => self.squash(),
        };
        if done {
            self.clauses[edited] = side[edited].clone();
        } else {
            for stop in ["merge", "rebase", "cherry-pick"] {
                let _ = self.repo.git_in(self.repo.path(), &[stop, "--abort"]);
            }
            self.repo.git(&["checkout", "-q", "-f", "-B", "main", &trunk]);
            self.made = made;
        }
        self.repo.git(&["branch", "-q", "-D", "side"]);
    }

    fn tries(&self, args: &[&str]) -> bool {
        self.repo.git_in(self.repo.path(), args).is_ok()
    }

    /// As a forge does it: a list of the messages below the title of the newest.
    fn squash(&self) -> bool {
        let log = self.repo.git(&["log", "--reverse", "--format=* %B", "main..side"]);
        let title = self.repo.git(&["log", "-1", "--format=%s", "side"]);
        self.tries(&["merge", "-q", "--squash", "side"])
            && self.tries(&["commit", "-q", "-m", &format!("{title} (#1)\n\n{log}")])
    }

    /// Holds every answer against what is known.
    fn check(&self) -> (usize, usize) {
        let (mut right, mut unknown) = (0, 0);
        for (at, clause) in self.clauses.iter().enumerate() {
            let shown = self.repo.spec(&["show", "--json", &format!("{}#{}", self.path, clause.name)]).json();
            assert_eq!(shown["text"].as_str().map(str::trim), Some(clause.body.as_str()), "the model and the file");
            for generated in shown["generated"].as_array().expect("a list") {
                let subject = generated["subject"].as_str().expect("a subject");
                let number = subject.strip_prefix("Generate ").and_then(|rest| rest.split(' ').next());
                let number: usize = number.and_then(|number| number.parse().ok()).expect("a number");
                let (meant, words) = &self.made[&number];
                for link in generated["links"].as_array().expect("links") {
                    assert_eq!(*meant, at, "{subject} was made for {}: {link:#}", self.clauses[*meant].name);
                    let truth = if *words == clause.body { "fresh" } else { "stale" };
                    match link["freshness"].as_str() {
                        Some("unknown") => unknown += 1,
                        told => {
                            assert_eq!(told, Some(truth), "{subject}: {link:#}");
                            right += 1;
                        }
                    }
                }
            }
        }
        (right, unknown)
    }

    fn links(&self) -> usize {
        let log = self.repo.git(&["log", "--format=%B"]);
        log.lines().filter(|line| line.trim_start().starts_with("Spec: ")).count()
    }
}

fn body(subject: &str, number: usize) -> String {
    format!("The {subject} MUST be finished within {number} minutes, and nobody else may see what is left of it.")
}

/// How many histories are told; the variable asks for more of them than a hurried run can have.
fn cases() -> u32 {
    std::env::var("REWRITES_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_histories(steps in prop::collection::vec(step(), 6..16)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        let repo = &world.repo;
        repo.git(&["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
        repo.git(&["gc", "-q", "--prune=now"]);
        prop_assert_eq!(repo.git(&["fsck", "--strict", "--no-dangling"]), "");
        let (right, unknown) = world.check();
        // Each link that is left stands under its clause; none is lost and none is doubted without need.
        prop_assert_eq!((right, unknown), (world.links(), 0), "{}", repo.git(&["log", "--graph", "--stat", "--format=%h %s%n%b"]));
        let _: Value = repo.spec(&["log", "--json"]).json();
    }
}
