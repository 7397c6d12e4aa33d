//! What becomes of links where `git am`, or a rebase by it, could not apply a patch: by the real git with the hooks.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Answer, Repo, run};

fn git_with(repo: &Repo, editor: &str, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    let now: u64 = repo.git(&["rev-list", "--all", "--count"]).parse().unwrap();
    let date = format!("{} +0000", 1_800_000_000 + now);
    run(command.env("GIT_EDITOR", editor).env("GIT_AUTHOR_DATE", date).args(words))
}

fn git(repo: &Repo, words: &[&str]) -> Answer {
    git_with(repo, "true", words)
}

fn code(repo: &Repo, text: &str) {
    repo.write("src/a.rs", text);
    repo.git(&["add", "-A"]);
}

/// On `topic` a commit made from AUTH-1, by its message or by its note, that conflicts with main, where HEAD is `topic`.
fn conflicting(by_note: bool) -> Repo {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    code(&repo, "fn a() { base() }\n");
    repo.git(&["commit", "-q", "-m", "Base"]);
    repo.git(&["checkout", "-q", "-b", "topic"]);
    code(&repo, "fn a() { topic() }\n");
    if by_note {
        repo.git(&["commit", "-q", "-m", "Topic"]);
        repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    } else {
        git(&repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "Topic"]).ok();
    }
    repo.git(&["checkout", "-q", "main"]);
    code(&repo, "fn a() { main() }\n");
    repo.git(&["commit", "-q", "-m", "Main"]);
    repo.git(&["checkout", "-q", "topic"]);
    repo
}

fn stop(repo: &Repo, am: bool) {
    if am {
        let patch = repo.git(&["format-patch", "--stdout", "-1", "topic"]);
        let file = repo.beside("patch");
        std::fs::write(&file, patch + "\n").unwrap();
        repo.git(&["checkout", "-q", "-B", "other", "main"]);
        assert_ne!(git(repo, &["am", "-q", "-3", file.to_str().unwrap()]).status, 0);
    } else {
        assert_ne!(git(repo, &["rebase", "-q", "--apply", "main"]).status, 0);
    }
    assert!(repo.path().join(".git/rebase-apply").exists());
    code(repo, "fn a() { both() }\n");
}

fn linked(repo: &Repo, rev: &str) -> usize {
    let text = repo.git(&["log", "-1", "--format=%(trailers:key=Spec,valueonly,unfold)", rev]);
    text.lines().filter(|line| line.contains("#AUTH-1@")).count()
}

const WRITES: &str = "sh -c 'echo By hand >\"$1.new\"; cat \"$1\" >>\"$1.new\"; mv \"$1.new\" \"$1\"' --";

#[test]
fn a_commit_in_place_of_a_patch_that_did_not_apply_keeps_its_links() {
    let ways: [&[&str]; 4] = [
        &["commit", "-q", "-m", "By hand"],
        &["spec", "commit", "-q", "-m", "By hand"],
        &["commit", "-q"],
        &["spec", "commit", "-q"],
    ];
    for am in [false, true] {
        for words in ways {
            let repo = conflicting(false);
            stop(&repo, am);
            git_with(&repo, WRITES, words).ok();
            // Another commit there is none.
            repo.write("src/b.rs", "fn b() {}\n");
            repo.git(&["add", "-A"]);
            git(&repo, &["commit", "-q", "-m", "Another"]).ok();
            git(&repo, &[if am { "am" } else { "rebase" }, "--skip"]).ok();
            assert_eq!((linked(&repo, "HEAD~1"), linked(&repo, "HEAD")), (1, 0), "am {am}, {words:?}");
            assert_eq!(repo.git(&["log", "-2", "--format=%s"]), "Another\nBy hand", "am {am}, {words:?}");
        }
    }
}

#[test]
fn what_goes_on_by_itself_after_such_a_stop_has_its_links_once() {
    for (am, words) in [(false, ["rebase", "--continue"]), (true, ["am", "--continue"])] {
        let repo = conflicting(false);
        stop(&repo, am);
        git(&repo, &words).ok();
        assert_eq!(linked(&repo, "HEAD"), 1, "{words:?}");
    }
    // Skipped: nothing took its place.
    let repo = conflicting(false);
    stop(&repo, false);
    git(&repo, &["rebase", "--skip"]).ok();
    repo.write("src/b.rs", "fn b() {}\n");
    repo.git(&["add", "-A"]);
    git(&repo, &["commit", "-q", "-m", "Another"]).ok();
    assert_eq!(linked(&repo, "HEAD"), 0);
}

#[test]
fn an_amendment_at_such_a_stop_keeps_the_links_of_both_or_tells() {
    let repo = conflicting(false);
    stop(&repo, false);
    git(&repo, &["commit", "-q", "--amend", "-m", "Both"]).ok();
    assert_eq!(linked(&repo, "HEAD"), 1);
    let repo = conflicting(false);
    stop(&repo, false);
    let said = git(&repo, &["commit", "-q", "--amend", "--no-edit"]);
    assert!(said.stderr.contains("git spec commit --amend --no-edit --for AUTH-1 writes it"), "{said:?}");
}

#[test]
fn a_link_in_the_note_of_such_a_commit_is_said_to_stay() {
    let repo = conflicting(true);
    stop(&repo, false);
    let said = git(&repo, &["commit", "-q", "-m", "By hand"]);
    let command = said.stderr.lines().find_map(|line| Some(line.split_once("git spec hook ")?.1)).expect("a command");
    let command: Vec<&str> = command.split(' ').take(3).collect();
    repo.spec(&[&["hook"], &command[..]].concat()).ok();
    git(&repo, &["rebase", "--skip"]).ok();
    let shown = repo.spec(&["show", "--json", "AUTH-1"]).json();
    let head = repo.rev("HEAD");
    assert!(shown["generated"].as_array().unwrap().iter().any(|made| made["commit"] == head.as_str()), "{shown:#}");
}

#[test]
fn a_commit_of_nothing_in_place_of_a_pick_gets_no_link() {
    for (am, words) in [(false, &["cherry-pick", "topic"][..]), (true, &[])] {
        let repo = conflicting(false);
        if am {
            stop(&repo, true);
        } else {
            repo.git(&["checkout", "-q", "main"]);
            assert_ne!(git(&repo, words).status, 0);
        }
        code(&repo, "fn a() { main() }\n");
        let said = git(&repo, &["commit", "-q", "--allow-empty", "-m", "Nothing of it"]);
        assert_eq!(said.status, 0, "{said:?}");
        assert_eq!(linked(&repo, "HEAD"), 0, "am {am}");
    }
}

#[test]
fn links_that_a_pick_leaves_behind_are_told() {
    // Git prepared a message, and another one takes its place.
    let repo = conflicting(false);
    repo.git(&["checkout", "-q", "-B", "other", "topic~"]);
    repo.git(&["cherry-pick", "-n", "topic"]);
    for commit in [&["commit", "-q", "-m", "Early"][..], &["spec", "commit", "-q", "-m", "Early"]] {
        let said = git(&repo, commit);
        assert!(
            said.stderr.contains("git spec commit --amend --no-edit --for AUTH-1 writes it"),
            "{commit:?}: {said:?}"
        );
        assert_eq!(linked(&repo, "HEAD"), 0);
        repo.git(&["reset", "-q", "--hard", "HEAD~"]);
        repo.git(&["cherry-pick", "-n", "topic"]);
    }
    let said = git(&repo, &["commit", "-q", "--no-edit"]);
    assert!(said.status == 0 && !said.stderr.contains("AUTH-1"), "{said:?}");
    assert_eq!(linked(&repo, "HEAD"), 1);
    // Its note is copied to no pick, with a conflict or without.
    for conflicts in [false, true] {
        let repo = conflicting(true);
        repo.git(&["checkout", "-q", "-B", "other", if conflicts { "main" } else { "topic~" }]);
        let mut said = git(&repo, &["cherry-pick", "topic"]);
        assert_eq!(said.status != 0, conflicts, "{said:?}");
        if conflicts {
            code(&repo, "fn a() { both() }\n");
            said = git(&repo, &["commit", "-q", "-m", "By hand"]);
        }
        let command = said.stderr.lines().find_map(|line| Some(line.split_once("git spec hook ")?.1));
        let command: Vec<&str> = command.unwrap_or_else(|| panic!("{said:?}")).split(' ').take(3).collect();
        repo.spec(&[&["hook"], &command[..]].concat()).ok();
        let shown = repo.spec(&["show", "--json", "AUTH-1"]).json();
        let head = repo.rev("HEAD");
        assert!(shown["generated"].as_array().unwrap().iter().any(|made| made["commit"] == head.as_str()));
    }
}
