//! One link's life: how it comes about, and what is told of it in the end.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::operations::{Operation, When};
use super::support::Repo;

/// Where the link is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Trailer,
    Note,
    /// A note, in a repository with the hook that lets notes follow.
    Hooked,
}

impl Place {
    pub const ALL: [Place; 3] = [Place::Trailer, Place::Note, Place::Hooked];

    pub fn word(self) -> &'static str {
        match self {
            Place::Trailer => "trailer",
            Place::Note => "note",
            Place::Hooked => "hooked",
        }
    }
}

/// Which commits the operation is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The spec commit; the generated one comes after and names it as it was before.
    Spec,
    /// The generated commit; its spec commit stays.
    Generated,
    /// Both.
    Both,
    /// Spec and code are one commit.
    One,
}

impl Mode {
    pub const ALL: [Mode; 4] = [Mode::Spec, Mode::Generated, Mode::Both, Mode::One];
}

/// How many answers were right, withheld, or wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    pub right: usize,
    pub unknown: usize,
    pub lost: usize,
    pub wrong: usize,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.right += other.right;
        self.unknown += other.unknown;
        self.lost += other.lost;
        self.wrong += other.wrong;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { right, unknown, lost, wrong } = self;
        write!(f, "links after rewrites: right {right}, unknown {unknown}, lost by git {lost}, wrong {wrong}")
    }
}

/// First line of a generated commit.
pub const GENERATED: &str = "Generate sessions";
/// The words of the linked version, and of no other.
pub const LINKED: &str = "20 minutes";

/// A repository in which AUTH-2 came to say "20 minutes" and code was generated from that.
pub struct Story {
    pub repo: Repo,
    pub place: Place,
    pub mode: Mode,
    /// The commit before the story.
    pub base: String,
    /// The spec file, for operations that move it.
    pub spec: &'static str,
    /// The name that the meant clause bears at the end; `None` where it is gone.
    pub name: Option<&'static str>,
    /// The link, with the commit that was the spec commit when it was recorded.
    link: Option<String>,
    /// Whether the code is there.
    is_generated: bool,
}

impl Story {
    pub fn begin(place: Place, mode: Mode) -> Story {
        let repo = Repo::auth();
        repo.git(&["config", "spec.include", "**/specs/*.md"]);
        repo.write("src/main.rs", "fn main() {}\n");
        let base = repo.commit("Begin the program");
        repo.git(&["checkout", "-q", "-b", "work"]);
        if place == Place::Hooked {
            let hook = repo.path().join(".git/hooks/post-rewrite");
            std::fs::create_dir_all(hook.parent().expect("a directory")).expect("it can be made");
            let program = env!("CARGO_BIN_EXE_git-spec");
            std::fs::write(&hook, format!("#!/bin/sh\nexec '{program}' hook post-rewrite \"$@\"\n")).expect("a hook");
            std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("that runs");
        }
        Story { repo, place, mode, base, spec: "specs/auth.md", name: Some("AUTH-2"), link: None, is_generated: false }
    }

    /// The commit that makes AUTH-2 say what was linked.
    fn specify(&self) {
        self.repo.edit("specs/auth.md", "30 minutes", LINKED);
    }

    /// A link to what AUTH-2 says at HEAD.
    fn remember(&mut self, commit: Option<&str>) {
        let listed = self.repo.spec(&["ls", "--json"]).json();
        let clauses = listed["clauses"].as_array().expect("clauses");
        let clause = clauses.iter().find(|clause| clause["anchor"] == "AUTH-2").expect("AUTH-2");
        let version = clause["version"].as_str().expect("a version");
        let at = commit.map(|commit| format!("@{}", &commit[..16])).unwrap_or_default();
        self.link = Some(format!("Spec: specs/auth.md#AUTH-2{at} {version}"));
    }

    /// Commits what lies there as generated, and links it; once.
    pub fn generate(&mut self) {
        if std::mem::replace(&mut self.is_generated, true) {
            return;
        }
        self.repo.write("src/session.rs", "fn end() {\n    after(20 * MINUTE);\n    close();\n}\n");
        let link = self.link.as_deref().expect("a link");
        match self.place {
            Place::Trailer => {
                self.repo.commit(&format!("{GENERATED}\n\nAs the specification says.\n\n{link}"));
            }
            Place::Note | Place::Hooked => {
                self.repo.commit(GENERATED);
                let note = format!("{link} id:0123abcd");
                self.repo.git(&["notes", "--ref=spec", "add", "-m", &note]);
            }
        }
    }

    /// Does everything in the order that the mode asks for; `None` where the operation cannot be done here.
    pub fn tell(&mut self, operation: &Operation) -> Option<()> {
        if self.mode == Mode::One {
            self.specify();
            // The version has to be known before the commit is made.
            self.repo.commit("For a moment");
            self.remember(None);
            self.repo.git(&["reset", "-q", "--soft", "HEAD^"]);
            self.generate();
            self.treat(operation, &self.base.clone())?;
        } else {
            self.specify();
            let spec = self.repo.commit("Shorten sessions");
            self.remember(Some(&spec));
            let base = self.base.clone();
            match self.mode {
                Mode::Spec => {
                    self.treat(operation, &base)?;
                    self.generate();
                }
                Mode::Generated => {
                    self.generate();
                    self.treat(operation, &spec)?;
                }
                _ => {
                    self.generate();
                    self.treat(operation, &base)?;
                }
            }
        }
        self.forget();
        Some(())
    }

    fn treat(&mut self, operation: &Operation, from: &str) -> Option<()> {
        if operation.when == When::After {
            if self.place == Place::Note {
                // Or the note would be lost before anything is done to it.
                self.repo.git(&["config", "notes.rewriteRef", "refs/notes/spec"]);
            }
            super::operations::reword(self, from)?;
        }
        (operation.run)(self, from)
    }

    /// Keeps only what the branch and the notes reach, as a clone would have it.
    fn forget(&self) {
        let repo = &self.repo;
        let head = repo.git(&["symbolic-ref", "HEAD"]);
        let all = repo.git(&["for-each-ref", "--format=%(refname)"]);
        for name in all.lines().filter(|name| *name != head && !name.starts_with("refs/notes/spec")) {
            if !name.starts_with("refs/heads/kept") {
                repo.git(&["update-ref", "-d", name]);
            }
        }
        repo.git(&["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
        for left in ["ORIG_HEAD", "FETCH_HEAD", "CHERRY_PICK_HEAD", "SQUASH_MSG", "AUTO_MERGE"] {
            let _ = std::fs::remove_file(repo.path().join(".git").join(left));
        }
        repo.git(&["gc", "-q", "--prune=now"]);
        let said = repo.git(&["fsck", "--strict", "--no-dangling"]);
        assert_eq!(said, "", "git fsck");
    }

    /// What is told of the links, and how much of it is right.
    pub fn judge(&self, case: &str) -> (String, Count) {
        let listed = self.repo.spec(&["ls", "--json"]).json();
        let anchors: Vec<&str> = super::support::each(&listed["clauses"], "/anchor");
        let mut count = Count::default();
        let mut told: BTreeMap<String, String> = BTreeMap::new();
        let truth = self.truth();
        let is_there = !self.repo.git(&["ls-files", "--", "*session.rs"]).is_empty();
        for anchor in anchors {
            let shown = self.repo.spec(&["show", "--json", &format!("{}#{anchor}", self.spec)]).json();
            for link in links(&shown["generated"]) {
                let said = words(&link);
                let is_meant = self.name == Some(anchor);
                let is_wrong = !is_meant || (link["freshness"] != truth && link["freshness"] != "unknown");
                assert!(!is_wrong, "{case}: {anchor} is told to be linked as {said}; {:?} is {truth}", self.name);
                let is_undone = !link["undone_by"].is_null();
                assert_eq!(is_undone, !is_there, "{case}: told as {said}; is the code there: {is_there}");
                told.insert(key(&link), said);
            }
        }
        for link in self.all_links() {
            let resolved = link["resolution"] == "exact" || link["resolution"] == "relocated";
            let is_wrong = resolved && link["freshness"] != "unknown" && link["freshness"] != truth;
            assert!(!is_wrong, "{case}: told as {}, but it is {truth}", words(&link));
            told.entry(key(&link)).or_insert_with(|| words(&link));
        }
        for said in told.values() {
            if said.starts_with("exact") || said.starts_with("relocated") {
                count.right += 1;
            } else {
                count.unknown += 1;
            }
        }
        if told.is_empty() {
            count.lost += 1;
        }
        let mut cell: Vec<&str> = told.values().map(String::as_str).collect();
        cell.sort_unstable();
        (if cell.is_empty() { "lost".to_owned() } else { cell.join(" + ") }, count)
    }

    /// How the link stands, by the words that lie at HEAD.
    fn truth(&self) -> &'static str {
        let Some(name) = self.name else { return "retired" };
        let text = self.repo.git(&["show", &format!("HEAD:{}", self.spec)]);
        let own = text.split("\n## ").find(|section| section.contains(&format!("{{#{name}}}")));
        match own {
            None => "retired",
            Some(own) if own.contains(LINKED) => "fresh",
            Some(_) => "stale",
        }
    }

    /// All links of the commits that left lines, also those that are tied to no clause.
    fn all_links(&self) -> Vec<Value> {
        let lists = self.repo.git(&["ls-files", "--", "*session.rs"]);
        let mut all = Vec::new();
        for path in lists.lines() {
            let blamed = self.repo.spec(&["blame", "--json", "--", path]).json();
            for line in blamed["lines"].as_array().expect("lines") {
                all.extend(line["links"].as_array().expect("links").iter().cloned());
            }
        }
        all
    }
}

fn links(generated: &Value) -> Vec<Value> {
    let all = generated.as_array().expect("generated commits").iter();
    all.flat_map(|one| one["links"].as_array().expect("links").clone()).collect()
}

fn key(link: &Value) -> String {
    format!("{} {} {} {} {}", link["commit"], link["path"], link["anchor"], link["version"], link["source"])
}

fn words(link: &Value) -> String {
    let word = |key: &str| link[key].as_str().unwrap_or("?").to_owned();
    let place = if link["source"] == "body" { " (body)" } else { "" };
    let undone = if link["undone_by"].is_null() { "" } else { " undone" };
    format!("{} {}{place}{undone}", word("resolution"), word("freshness"))
}
