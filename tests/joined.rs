//! Commits that are joined into one, taken back together or amended within a rebase: which links go on, by the real git
//! with the hooks.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::collections::BTreeSet;

use support::{Answer, Repo, run};

/// `git …` with the program on the path and editors that take everything as it is.
fn git(repo: &Repo, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "true").args(words);
    run(&mut command)
}

/// Rebases onto `main` with a list of commands that a sed script makes of git's own.
fn rebase(repo: &Repo, sed: &str) {
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "true").env("GIT_SEQUENCE_EDITOR", format!("sed -i -e '{sed}'"));
    let said = run(command.args(["rebase", "-q", "-i", "main"]));
    assert_eq!(said.status, 0, "{said:?}");
}

fn state(repo: &Repo, anchor: &str) -> String {
    let listed = repo.spec(&["ls", "--json"]).json();
    let clauses = listed["clauses"].as_array().unwrap().iter();
    let found = clauses.into_iter().find(|clause| clause["anchor"] == anchor).unwrap();
    found["state"].as_str().unwrap().to_owned()
}

fn states(repo: &Repo) -> (String, String) {
    (state(repo, "AUTH-1"), state(repo, "AUTH-2"))
}

fn spec_lines(repo: &Repo) -> Vec<String> {
    let text = repo.git(&["log", "-1", "--format=%B"]);
    text.lines().filter(|line| line.contains("Spec:")).map(str::to_owned).collect()
}

fn note(repo: &Repo, commit: &str) -> BTreeSet<String> {
    let shown = repo.git_in(repo.path(), &["notes", "--ref=spec", "show", commit]).unwrap_or_default();
    shown.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn answered() -> (String, String) {
    ("unanswered".to_owned(), "answered".to_owned())
}

/// On `work`: a beginning, code for AUTH-1, its revert, code for AUTH-2. The links are trailers, or else notes.
fn taken_back(trailers: bool) -> Repo {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.write("src/begin.rs", "fn begin() {}\n");
    repo.commit("Begin");
    for (path, anchor) in [("src/a.rs", "AUTH-1"), ("src/b.rs", "AUTH-2")] {
        if trailers {
            repo.generate(path, "fn it() {}\n", &[anchor]);
        } else {
            repo.write(path, "fn it() {}\n");
            repo.commit(&format!("Generate {path}"));
            repo.spec(&["link", "HEAD", anchor]).ok();
        }
        if anchor == "AUTH-1" {
            repo.git(&["revert", "--no-edit", "HEAD"]);
        }
    }
    repo
}

#[test]
fn a_squash_leaves_out_what_its_commits_take_back() {
    for words in [&["commit", "-q"][..], &["spec", "commit", "-q"]] {
        let repo = taken_back(true);
        repo.git(&["checkout", "-q", "main"]);
        git(&repo, &["merge", "-q", "--squash", "work"]);
        assert_eq!(git(&repo, words).status, 0);
        let lines = spec_lines(&repo);
        assert!(lines.len() == 1 && lines[0].contains("#AUTH-2 v1:"), "{lines:?}");
        assert_eq!(states(&repo), answered());
    }
}

#[test]
fn a_rebase_that_joins_leaves_out_what_its_commits_take_back() {
    let repo = taken_back(true);
    rebase(&repo, "2,$s/^pick/squash/");
    let lines = spec_lines(&repo);
    assert!(lines.len() == 1 && lines[0].contains("#AUTH-2 v1:"), "{lines:?}");
    assert_eq!(states(&repo), answered());
}

#[test]
fn notes_of_what_is_taken_back_are_withdrawn_where_they_are_joined() {
    for git_copies in [false, true] {
        let repo = taken_back(false);
        if git_copies {
            repo.git(&["config", "notes.rewriteRef", "refs/notes/spec"]);
        }
        let old: BTreeSet<String> = [note(&repo, "HEAD"), note(&repo, "HEAD~2")].into_iter().flatten().collect();
        assert_eq!(old.len(), 2);
        rebase(&repo, "2,$s/^pick/squash/");
        let new = note(&repo, "HEAD");
        assert!(old.is_subset(&new), "{git_copies} {new:?}");
        assert_eq!(new.iter().filter(|line| line.starts_with("Unspec: ")).count(), 1, "{git_copies} {new:?}");
        assert_eq!(states(&repo), answered());
        let tip = repo.rev("refs/notes/spec");
        git(&repo, &["commit", "-q", "--amend", "-m", "Amended"]);
        assert_eq!(states(&repo), answered());
        assert_ne!(repo.rev("refs/notes/spec"), tip);
    }
}

#[test]
fn code_that_was_written_again_keeps_its_link() {
    let repo = taken_back(true);
    repo.write("src/a.rs", "fn it() {}\n");
    repo.commit("Write it again");
    let squash = repo.spec(&["squash-message", "main..work"]).stdout;
    assert!(squash.contains("Spec: specs/auth.md#AUTH-1 "), "{squash}");
    repo.git(&["checkout", "-q", "main"]);
    git(&repo, &["merge", "-q", "--squash", "work"]);
    assert_eq!(git(&repo, &["commit", "-q"]).status, 0);
    assert_eq!(spec_lines(&repo).len(), 2);
    assert_eq!(states(&repo), ("answered".to_owned(), "answered".to_owned()));
}

#[test]
fn a_link_that_another_commit_gives_too_goes_on() {
    let repo = taken_back(true);
    repo.generate("src/c.rs", "fn c() {}\n", &[]);
    let line = repo.git(&["log", "-1", "--format=%(trailers:key=Spec)", "HEAD~3"]);
    repo.git(&["commit", "-q", "--amend", "-m", &format!("Another\n\n{line}")]);
    repo.git(&["checkout", "-q", "main"]);
    git(&repo, &["merge", "-q", "--squash", "work"]);
    assert_eq!(git(&repo, &["commit", "-q"]).status, 0);
    assert_eq!(spec_lines(&repo).len(), 2);
    assert_eq!(states(&repo), ("answered".to_owned(), "answered".to_owned()));
}

#[test]
fn an_amendment_by_exec_within_a_rebase_keeps_the_note() {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.write("src/a.rs", "fn a() {}\n");
    repo.commit("Code");
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    repo.write("src/b.rs", "fn b() {}\n");
    repo.commit("More");
    repo.spec(&["link", "HEAD", "AUTH-2"]).ok();
    repo.git(&["checkout", "-q", "main"]);
    repo.write("README", "text\n");
    repo.commit("Something else");
    repo.git(&["checkout", "-q", "work"]);
    let said = git(&repo, &["rebase", "-q", "-x", "git commit -q --amend -m \"Amended $(cat src/*)\"", "main"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(repo.git(&["log", "--format=%s", "main.."]).lines().all(|line| line.starts_with("Amended")));
    assert_eq!((note(&repo, "HEAD~1").len(), note(&repo, "HEAD").len()), (1, 1));
    assert_eq!(states(&repo), ("answered".to_owned(), "answered".to_owned()));
    assert!(!repo.path().join(".git/rebase-merge").exists());
}

/// Code for AUTH-1 and, in the file that it is given, for AUTH-2.
fn two(second: &str) -> (Repo, String, String) {
    let repo = Repo::auth();
    let first = repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-1"]);
    let old = std::fs::read_to_string(repo.path().join(second)).unwrap_or_default();
    let second = repo.generate(second, &(old + "fn b() {}\n"), &["AUTH-2"]);
    (repo, first, second)
}

#[test]
fn one_commit_takes_back_two() {
    for file in ["src/b.rs", "src/a.rs"] {
        let (repo, first, second) = two(file);
        repo.git(&["revert", "-n", "HEAD", "HEAD~1"]);
        let says = format!("Take both back\n\nThis reverts commit {second}.\nThis reverts commit {first}.");
        let both = repo.commit(&says);
        assert_eq!(states(&repo), ("unanswered".to_owned(), "unanswered".to_owned()), "{file}");
        let shown = repo.spec(&["show", "--json", "AUTH-1"]).json();
        assert_eq!(shown["generated"][0]["links"][0]["undone_by"], both.as_str());
        repo.git(&["revert", "--no-edit", "HEAD"]);
        assert_eq!(states(&repo), ("answered".to_owned(), "answered".to_owned()), "{file}");
    }
}

#[test]
fn one_commit_that_does_more_than_take_back_two_undoes_nothing() {
    for more in ["src/c.rs", "src/a.rs"] {
        let (repo, first, second) = two("src/b.rs");
        repo.git(&["revert", "-n", "HEAD", "HEAD~1"]);
        repo.write(more, "something else\n");
        repo.commit(&format!("Nearly\n\nThis reverts commit {first}.\nThis reverts commit {second}."));
        assert_eq!(states(&repo), ("answered".to_owned(), "answered".to_owned()), "{more}");
        let shown = repo.spec(&["show", "--json", "AUTH-2"]).json();
        let reason = shown["generated"][0]["links"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("says that it reverts it, but its change isn't the inverse"), "{reason}");
    }
}

#[test]
fn a_revert_that_was_rebased_with_its_commit_still_undoes_it() {
    for trailers in [true, false] {
        let repo = taken_back(trailers);
        repo.git(&["checkout", "-q", "main"]);
        repo.write("README", "text\n");
        repo.commit("Something else");
        repo.git(&["checkout", "-q", "work"]);
        git(&repo, &["rebase", "-q", "main"]).ok();
        assert_eq!(states(&repo), answered(), "{trailers}");
        assert_eq!(git(&repo, &["revert", "--no-edit", "HEAD~1"]).status, 0);
        assert_eq!(states(&repo).0, "answered", "{trailers}");
        repo.git(&["checkout", "-q", "main"]);
        repo.write("README", "more text\n");
        repo.commit("Something else again");
        repo.git(&["checkout", "-q", "work"]);
        git(&repo, &["rebase", "-q", "main"]).ok();
        assert_eq!(states(&repo), ("answered".to_owned(), "answered".to_owned()), "{trailers}");
        // Once more joined: what was written in the end is what the squash has.
        repo.git(&["checkout", "-q", "main"]);
        git(&repo, &["merge", "-q", "--squash", "work"]);
        assert_eq!(git(&repo, &["commit", "-q"]).status, 0);
        assert_eq!(spec_lines(&repo).len(), 2, "{trailers}");
    }
}

/// On `work`: the specification changes, code is made from the new words and from others; `git spec commit` links both.
fn specified() -> Repo {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.commit("Lock sooner");
    for (path, anchor) in [("src/a.rs", "AUTH-1"), ("src/b.rs", "AUTH-2")] {
        repo.write(path, "fn f() {}\n");
        repo.git(&["add", "-A"]);
        git(&repo, &["spec", "commit", "-q", "--for", anchor, "-m", path]).ok();
    }
    repo
}

#[test]
fn what_is_squashed_with_its_spec_commit_does_not_name_it() {
    for words in [&["commit", "-q"][..], &["commit", "-q", "-m", "All"], &["spec", "commit", "-q"]] {
        let repo = specified();
        let spec = repo.rev("work~2")[..16].to_owned();
        repo.git(&["checkout", "-q", "main"]);
        git(&repo, &["merge", "-q", "--squash", "work"]);
        let said = git(&repo, words);
        assert_eq!(said.status, 0, "{said:?}");
        let mut lines = spec_lines(&repo);
        lines.sort_by_key(|line| line.contains("AUTH-2"));
        assert_eq!(lines.len(), 2, "{words:?} {lines:?}");
        assert!(lines[0].starts_with("Spec: specs/auth.md#AUTH-1 v1:"), "{words:?} {lines:?}");
        assert!(lines[1].starts_with("Spec: specs/auth.md#AUTH-2@"), "{words:?} {lines:?}");
        assert!(!lines.concat().contains(&spec));
        assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 2 exact\n", "{words:?}");
        let composed = repo.spec(&["squash-message", "HEAD~1..work"]).ok();
        assert_eq!(lines, composed.lines().collect::<Vec<_>>(), "{words:?}");
    }
    let repo = specified();
    rebase(&repo, "2,3s/pick/squash/");
    assert_eq!(repo.git(&["rev-list", "--count", "main.."]), "1");
    assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 2 exact\n", "{:?}", spec_lines(&repo));
}
