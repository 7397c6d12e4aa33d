//! A repository in which random steps are done, and what is known of it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::random::How;
use super::support::{Answer, Repo, run};

mod branches;
mod lists;
mod steps;

pub const SUBJECTS: [&str; 5] = [
    "locking of accounts after failed attempts",
    "sending of invoices to buyers abroad",
    "rotation of signing keys on every server",
    "search through archived messages by date",
    "printing of labels for heavy parcels",
];

/// A clause as a person knows it, whatever it is called.
#[derive(Clone, Debug)]
pub struct Clause {
    pub subject: &'static str,
    /// `None` where it is gone.
    pub name: Option<String>,
    pub body: String,
    before: Option<String>,
}

/// What git, the hooks and the tool may make of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It may be lost, and is told then.
    Told,
    /// It may be lost, and nothing is left that could tell.
    Untold,
}

/// Code that was made.
#[derive(Clone, Debug)]
pub struct Made {
    pub clause: usize,
    pub words: String,
    pub version: String,
    /// Whether the link stands, or may have come, into a note.
    is_note: bool,
    pub is_withdrawn: bool,
    /// Whether it was joined with what took the code away in a way that nobody can verify.
    pub is_lingering: bool,
    pub fate: Fate,
    /// Commits that had the link and were rewritten.
    pub homes: BTreeSet<String>,
}

pub struct World {
    repo: Repo,
    pub path: String,
    pub clauses: Vec<Clause>,
    /// By the number that the code bears.
    pub made: BTreeMap<usize, Made>,
    /// The clauses that ever bore a name.
    pub bearers: BTreeMap<String, BTreeSet<usize>>,
    pub operations: BTreeMap<&'static str, usize>,
    fresh: usize,
    hooks: bool,
    clock: Cell<u64>,
    script: RefCell<Vec<String>>,
}

// ---- git

impl World {
    pub fn new(hooks: bool) -> World {
        let clause = |(at, &subject): (usize, &&'static str)| Clause {
            subject,
            name: Some(format!("K-{at}")),
            body: body(subject, 10 + at),
            before: None,
        };
        let mut world = World {
            repo: Repo::new(),
            path: "specs/all.md".to_owned(),
            clauses: SUBJECTS.iter().enumerate().map(clause).collect(),
            made: BTreeMap::new(),
            bearers: BTreeMap::new(),
            operations: BTreeMap::new(),
            fresh: 100,
            hooks,
            clock: Cell::new(1_700_000_000),
            script: RefCell::default(),
        };
        world.put(".gitspec.toml", "[spec]\ninclude = [\"**/specs/*.md\"]\n\n[generated]\npaths = [\"**/src/**\"]\n");
        world.write();
        world.commit("Write it down");
        world.generate(How::For, 0);
        if hooks {
            world.spec(&["hooks", "install"]);
        }
        world
    }

    /// What was done, as a shell would do it.
    pub fn script(&self) -> String {
        self.script.borrow().join("\n")
    }

    fn answer(&self, mut command: Command, args: &[&str]) -> Answer {
        self.clock.set(self.clock.get() + 60);
        let date = format!("{} +0000", self.clock.get());
        command.args(args).env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date).env("GIT_EDITOR", "true");
        let name = Path::new(command.get_program()).file_name().map(|name| name.to_string_lossy().into_owned());
        let quoted: Vec<String> = args.iter().map(|arg| format!("'{}'", arg.replace('\'', "'\\''"))).collect();
        let directory =
            command.get_current_dir().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let answer = run(command.stdin(Stdio::null()));
        let mut line =
            format!("(cd {} && {} {})", directory.unwrap_or_default(), name.unwrap_or_default(), quoted.join(" "));
        if answer.status != 0 || !answer.stderr.is_empty() {
            let said: Vec<String> = answer.stderr.lines().map(|line| format!("\n#   {line}")).collect();
            line += &format!(" # {}{}", answer.status, said.concat());
        }
        self.script.borrow_mut().push(line);
        answer
    }

    fn git_in(&self, directory: &Path, args: &[&str]) -> Answer {
        self.answer(self.repo.git_command(directory), args)
    }

    /// Runs git, which has to succeed.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        let answer = self.git_in(self.repo.path(), args);
        assert_eq!(answer.status, 0, "git {args:?}: {}\n{}", answer.stderr, self.script());
        answer.stdout.strip_suffix('\n').unwrap_or(&answer.stdout).to_owned()
    }

    pub fn tries(&self, args: &[&str]) -> bool {
        self.git_in(self.repo.path(), args).status == 0
    }

    fn spec_in(&self, directory: &Path, args: &[&str]) -> Answer {
        let mut command = self.repo.spec_command(directory);
        let tool = Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().expect("a directory");
        command.env("PATH", format!("{}:{}", tool.display(), std::env::var("PATH").expect("a search path")));
        self.answer(command, args)
    }

    #[track_caller]
    fn spec(&self, args: &[&str]) -> String {
        let answer = self.spec_in(self.repo.path(), args);
        assert_eq!(answer.status, 0, "git spec {args:?}: {}\n{}", answer.stderr, self.script());
        answer.stdout
    }

    #[track_caller]
    pub fn spec_json(&self, args: &[&str]) -> Value {
        self.spec_in(self.repo.path(), args).json()
    }

    fn put_in(&self, directory: &Path, path: &str, text: &str) {
        let name = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.script
            .borrow_mut()
            .push(format!("mkdir -p {name}/{path}; rmdir {name}/{path}; cat > {name}/{path} <<'E'\n{text}E"));
        let path = directory.join(path);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    }

    fn put(&self, path: &str, text: &str) {
        self.put_in(self.repo.path(), path, text);
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn fresh(&mut self) -> usize {
        self.fresh += 1;
        self.fresh
    }

    fn count(&mut self, operation: &'static str) {
        *self.operations.entry(operation).or_default() += 1;
    }
}

// ---- what is known

impl World {
    /// The spec file as it ought to be.
    fn text(&self) -> String {
        let section = |clause: &Clause| {
            let name = clause.name.as_ref()?;
            Some(format!("## About the {} {{#{name}}}\n\n{}\n", clause.subject, clause.body))
        };
        let sections: Vec<String> = self.clauses.iter().filter_map(section).collect();
        format!("# All of it\n\n{}", sections.join("\n"))
    }

    fn write(&mut self) {
        self.put(&self.path, &self.text());
        for (at, clause) in self.clauses.iter().enumerate() {
            if let Some(name) = &clause.name {
                self.bearers.entry(name.clone()).or_default().insert(at);
            }
        }
    }

    /// What a rewrite left: which words each clause has now, and under which name.
    fn read(&mut self) {
        // After each step the work tree is what HEAD has.
        let directory =
            ["specs", "inner/specs"].into_iter().find(|directory| self.repo.path().join(directory).exists());
        let directory = directory.expect("a place for the specification");
        let mut entries = std::fs::read_dir(self.repo.path().join(directory)).expect("it can be listed");
        let entry = entries.next().expect("a spec file").expect("it can be listed");
        let text = std::fs::read_to_string(entry.path()).expect("it can be read");
        self.path = format!("{directory}/{}", entry.file_name().to_string_lossy());
        for clause in &mut self.clauses {
            let start = format!("## About the {} {{#", clause.subject);
            let section = text.split_once(&start).map(|(_, rest)| rest.split("\n## ").next().unwrap_or(rest));
            clause.name = section.and_then(|section| section.split('}').next()).map(str::to_owned);
            if let Some((_, body)) = section.and_then(|section| section.split_once("\n\n")) {
                clause.body = body.trim().to_owned();
            }
        }
    }

    fn reference(&self, at: usize) -> String {
        format!("{}#{}", self.path, self.clauses[at].name.as_deref().unwrap_or_default())
    }

    /// The clause, or the next that there is.
    fn existing(&self, at: usize) -> usize {
        let mut all = (0..SUBJECTS.len()).map(|step| (at + step) % SUBJECTS.len());
        all.find(|&at| self.clauses[at].name.is_some()).unwrap_or_default()
    }

    pub fn file(&self, number: usize) -> String {
        let before = self.path.strip_suffix(self.path.trim_start_matches("inner/")).unwrap_or_default();
        format!("{before}src/made_{number}.rs")
    }

    pub fn has_code(&self, number: usize) -> bool {
        self.repo.path().join(self.file(number)).exists()
    }

    pub fn made_with(&self, version: &str) -> &Made {
        self.made.values().find(|made| made.version == version).expect("a version that is linked")
    }

    /// The code that each commit of a range brought.
    pub fn brought(&self, range: &str) -> Vec<(String, Vec<usize>)> {
        let log = self.git(&["log", "--no-renames", "--diff-filter=A", "--name-only", "--format=%x00%H", range]);
        let number = |line: &str| line.rsplit_once("src/made_")?.1.strip_suffix(".rs")?.parse::<usize>().ok();
        let commits = log.split('\0').filter_map(|commit| {
            let (id, files) = commit.split_once('\n')?;
            Some((id.to_owned(), files.lines().filter_map(number).collect::<Vec<usize>>()))
        });
        commits.filter(|(_, numbers)| !numbers.is_empty()).collect()
    }

    /// What a commit did to which file: a letter, a tab and the path each.
    pub fn changes(&self, commit: &str) -> BTreeSet<String> {
        let listed = self.git(&["show", "--no-renames", "--format=", "--name-status", commit]);
        listed.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    pub fn says_revert(&self, commit: &str) -> bool {
        self.git(&["log", "-1", "--format=%B", commit]).contains("This reverts commit")
    }

    /// Commits become one. Where one takes away what another brought, and it can't be seen that it reverts it, the link
    /// may linger.
    fn joins(&mut self, commits: &[&str]) {
        let all: Vec<BTreeSet<String>> = commits.iter().map(|commit| self.changes(commit)).collect();
        for (at, taken) in all.iter().enumerate() {
            let gone = files("D\t", taken);
            let is_inverse = |one: &BTreeSet<String>| one.len() == taken.len() && files("A\t", one) == gone;
            if gone.is_empty() || (all.iter().any(is_inverse) && self.says_revert(commits[at])) {
                continue;
            }
            let is_gone = |number: &usize| gone.contains(&self.file(*number));
            let gone: Vec<usize> = self.made.keys().copied().filter(is_gone).collect();
            for number in gone {
                self.made.get_mut(&number).expect("known code").is_lingering = true;
            }
        }
    }

    /// A rewrite of a range may lose links: of notes, and of messages.
    fn may_lose(&mut self, range: &str, of_note: Fate, of_message: Fate) {
        for (commit, numbers) in self.brought(range) {
            for number in numbers {
                let made = self.made.get_mut(&number).expect("known code");
                made.homes.insert(commit.clone());
                let fate = if made.is_note { of_note.max(of_message) } else { of_message };
                made.fate = made.fate.max(fate);
            }
        }
    }

    /// What hooks keep, and what is lost without them.
    fn unless_hooks(&self, fate: Fate) -> Fate {
        if self.hooks { Fate::Kept } else { fate }
    }

    /// The hooks, or `link --squashed`, may have put links of messages into notes.
    fn now_in_notes(&mut self, range: &str) {
        for (_, numbers) in self.brought(range) {
            for number in numbers {
                self.made.get_mut(&number).expect("known code").is_note = true;
            }
        }
    }

    fn hooks_noted(&mut self, range: &str) {
        if self.hooks {
            self.now_in_notes(range);
        }
    }

    /// How many of the newest commits are in a line, without those that the history began with.
    fn line(&self) -> usize {
        let parents = self.git(&["log", "-8", "--format=%P"]);
        let count =
            parents.lines().take_while(|parents| parents.split(' ').count() == 1 && !parents.is_empty()).count();
        let all: usize = self.git(&["rev-list", "--count", "HEAD"]).parse().expect("a number");
        count.min(all.saturating_sub(2))
    }

    /// Code that is there, with the one commit that brought it.
    fn present(&self, is_wanted: impl Fn(&Made) -> bool) -> Vec<(String, usize)> {
        let all = self.brought("HEAD").into_iter();
        let all = all.flat_map(|(commit, numbers)| numbers.into_iter().map(move |number| (commit.clone(), number)));
        all.filter(|&(_, number)| self.has_code(number) && is_wanted(&self.made[&number])).collect()
    }
}

/// The paths of the changes of one kind.
fn files(letter: &str, changes: &BTreeSet<String>) -> BTreeSet<String> {
    changes.iter().filter_map(|change| change.strip_prefix(letter)).map(str::to_owned).collect()
}

fn body(subject: &str, number: usize) -> String {
    format!("The {subject} MUST be finished within {number} minutes, and nobody else may see what is left of it.")
}
