//! What a message, a squash, an amendment or a setting must not do to a link without a word: by the real git.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::os::unix::ffi::OsStringExt as _;

use support::{Answer, Repo, run};

/// An editor that writes a title above what is there.
const TITLE: &str = "sh -c '{ echo \"A title\"; cat \"$1\"; } >\"$1.new\" && mv \"$1.new\" \"$1\"' --";

fn git_with(repo: &Repo, editor: &str, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    run(command.env("GIT_EDITOR", editor).args(words))
}

fn git(repo: &Repo, words: &[&str]) -> Answer {
    git_with(repo, "true", words)
}

/// With hooks, and AUTH-1 under way.
fn hooked() -> Repo {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    git(&repo, &["spec", "start", "AUTH-1"]).ok();
    repo
}

fn code(repo: &Repo, name: &str) {
    repo.write(format!("src/{name}"), format!("fn {}() {{}}\n", name.replace('.', "_")));
    repo.git(&["add", "-A"]);
}

fn body(repo: &Repo, rev: &str) -> String {
    repo.git(&["log", "-1", "--format=%B", rev]).trim_end().to_owned()
}

/// The clauses that the trailers of a commit link.
fn linked(repo: &Repo, rev: &str) -> Vec<String> {
    let text = repo.git(&["log", "-1", "--format=%(trailers:key=Spec,valueonly,unfold)", rev]);
    let name = |line: &str| line.split(['@', ' ']).next().unwrap().rsplit('#').next().unwrap().to_owned();
    text.lines().filter(|line| !line.is_empty()).map(name).collect()
}

fn noted(repo: &Repo, rev: &str) -> String {
    repo.git_in(repo.path(), &["notes", "--ref=spec", "show", rev]).unwrap_or_default()
}

/// Specification and code in one commit, linked to itself.
fn together(repo: &Repo) {
    repo.edit("specs/auth.md", "after 5 failed", "after 4 failed");
    code(repo, "lock.rs");
    git(repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "Lock sooner"]).ok();
    assert!(body(repo, "HEAD").contains("auth.md#AUTH-1 v1:"), "{}", body(repo, "HEAD"));
}

#[test]
fn words_that_are_polished_with_their_code_are_told() {
    let hint = "AUTH-1 changes in this very commit: 4 → 3; the link is to what it said before, and git spec commit --amend \
                --no-edit --for AUTH-1 links what it says now";
    for hooks in [true, false] {
        let repo = Repo::auth();
        if hooks {
            git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
        }
        together(&repo);
        let before = body(&repo, "HEAD");
        repo.edit("specs/auth.md", "after 4 failed", "after 3 failed");
        for words in [&["commit", "-q", "-a", "--amend", "--no-edit"][..], &["commit", "-q", "-a", "--amend"]] {
            repo.git(&["tag", "-f", "was"]);
            let said = match hooks {
                true => git(&repo, words),
                false => git(&repo, &[&["spec"], words].concat()),
            };
            assert_eq!(said.status, 0, "{said:?}");
            let flat = said
                .stderr
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .replace("hint: ", "")
                .replace("warning: ", "");
            assert_eq!(flat.matches(hint).count(), 1, "{words:?} {hooks}: {}", said.stderr);
            assert_eq!(body(&repo, "HEAD"), before);
            repo.git(&["reset", "-q", "--soft", "was"]);
        }
        // A git spec commit says it once, be the hooks there or not; and what the hint says mends it.
        let said = git(&repo, &["spec", "commit", "-q", "-a", "--amend", "--no-edit"]);
        assert_eq!(said.stderr.matches("links what it says now").count(), 1, "{}", said.stderr);
        repo.spec(&["fsck"]).fails(1);
        let said = git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]);
        assert_eq!(said.status, 0, "{said:?}");
        assert!(!said.stderr.contains("links what it says now"), "{}", said.stderr);
        repo.spec(&["fsck"]).ok();
        // Nothing is said where the words stay.
        code(&repo, "more.rs");
        let said = git(&repo, &["commit", "-q", "--amend", "--no-edit"]);
        assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    }
}

#[test]
fn polished_words_are_told_of_a_note_and_of_a_clause_that_goes() {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo.edit("specs/auth.md", "after 5 failed", "after 4 failed");
    code(&repo, "lock.rs");
    git(&repo, &["commit", "-q", "-m", "Lock sooner"]).ok();
    git(&repo, &["spec", "link", "HEAD", "AUTH-1"]).ok();
    repo.edit("specs/auth.md", "after 4 failed", "after 3 failed");
    let said = git(&repo, &["commit", "-q", "-a", "--amend", "--no-edit"]);
    let head = repo.rev("HEAD")[..9].to_owned();
    assert!(said.stderr.contains(&format!("git spec link {head} AUTH-1")), "{}", said.stderr);
    git(&repo, &["spec", "link", &head, "AUTH-1"]).ok();
    repo.spec(&["fsck"]).ok();
    // A clause that goes.
    together_with_new_clause(&repo);
    repo.write("specs/auth.md", support::AUTH);
    let said = git(&repo, &["commit", "-q", "-a", "--amend", "--no-edit"]);
    assert!(said.stderr.contains("AUTH-9 goes in this very commit"), "{}", said.stderr);
}

fn together_with_new_clause(repo: &Repo) {
    repo.write(
        "specs/auth.md",
        format!("{}\n## Audit {{#AUTH-9}}\n\nEach attempt MUST be written down.\n", support::AUTH),
    );
    code(repo, "audit.rs");
    git(repo, &["spec", "commit", "-q", "--for", "AUTH-9", "-m", "Audit"]).ok();
}

#[test]
fn words_that_another_branch_changed_too_are_told_after_a_rebase() {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo.git(&["checkout", "-q", "-b", "work"]);
    together(&repo);
    repo.git(&["checkout", "-q", "main"]);
    // In another line of the same clause, so that Git joins both.
    repo.edit(
        "specs/auth.md",
        "within ten minutes.\n",
        "within ten minutes.\n\nOne\n\ntwo\n\nthree\n\nIt MUST stay locked.\n",
    );
    repo.commit("Stay locked");
    repo.git(&["checkout", "-q", "work"]);
    let said = git(&repo, &["rebase", "-q", "main"]);
    assert_eq!(said.status, 0, "{said:?}");
    let head = repo.rev("HEAD")[..9].to_owned();
    assert!(said.stderr.contains(&format!("git spec link {head} AUTH-1")), "{}", said.stderr);
    repo.spec(&["fsck"]).fails(1);
    git(&repo, &["spec", "link", &head, "AUTH-1"]).ok();
    repo.spec(&["fsck"]).ok();
}

#[test]
fn a_link_that_is_taken_over_to_other_words_is_told() {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo.git(&["checkout", "-q", "-b", "work"]);
    together(&repo);
    repo.git(&["checkout", "-q", "main"]);
    repo.edit(
        "specs/auth.md",
        "within ten minutes.\n",
        "within ten minutes.\n\nOne\n\ntwo\n\nthree\n\nIt MUST stay locked.\n",
    );
    repo.commit("Stay locked");
    let told = "the message links AUTH-1 as this commit has it, which has other words for it or none";
    // Picked without a conflict.
    let said = git(&repo, &["cherry-pick", "work"]);
    assert_eq!(said.stderr.matches(told).count(), 1, "{said:?}");
    repo.spec(&["fsck"]).fails(1);
    // With one.
    repo.git(&["reset", "-q", "--hard", "HEAD^"]);
    repo.edit("specs/auth.md", "after 5 failed", "after 9 failed");
    repo.commit("Other number");
    assert_eq!(git(&repo, &["cherry-pick", "work"]).status, 1);
    let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).unwrap();
    let keeps = |line: &&str| {
        !["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) && !line.contains("after 4")
    };
    repo.write("specs/auth.md", text.lines().filter(keeps).map(|line| format!("{line}\n")).collect::<String>());
    repo.git(&["add", "-A"]);
    let said = git(&repo, &["commit", "-q", "--no-edit"]);
    let flat = said.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!((said.status, flat.matches(told).count()), (0, 1), "{said:?}");
    assert!(flat.contains("git spec commit --amend --no-edit --for AUTH-1 links what it says now"), "{said:?}");
    assert_eq!(git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]).status, 0);
    repo.spec(&["fsck"]).ok();
    // Nothing is said where the words are those; then it is used again for others.
    repo.git(&["checkout", "-q", "-b", "other", "work~1"]);
    let said = git(&repo, &["cherry-pick", "work"]);
    assert!(!said.stderr.contains("links"), "{said:?}");
    repo.edit("specs/auth.md", "after 4 failed", "after 7 failed");
    let said = git(&repo, &["commit", "-q", "-a", "-C", "HEAD"]);
    assert_eq!(said.stderr.matches("links what it says now").count(), 1, "{said:?}");
}

#[test]
fn a_squash_takes_the_links_of_notes_along() {
    for words in
        [&["commit", "-q", "--no-edit"][..], &["commit", "-q", "-m", "All"], &["spec", "commit", "-q", "-m", "All"]]
    {
        let repo = Repo::auth();
        git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
        repo.git(&["checkout", "-q", "-b", "topic"]);
        code(&repo, "a.rs");
        git(&repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "First"]).ok();
        code(&repo, "b.rs");
        git(&repo, &["commit", "-q", "-m", "Second"]).ok();
        git(&repo, &["spec", "link", "HEAD", "AUTH-2"]).ok();
        git(&repo, &["spec", "link", "--affirm", "HEAD", "specs/auth.md#reset"]).ok();
        // Withdrawn, it is no link.
        git(&repo, &["spec", "link", "HEAD~1", "AUTH-2"]).ok();
        git(&repo, &["spec", "unlink", "HEAD~1", "AUTH-2"]).ok();
        let message = git(&repo, &["spec", "squash-message", "main..topic"]).stdout;
        repo.git(&["checkout", "-q", "main"]);
        repo.git(&["merge", "-q", "--squash", "topic"]);
        let said = git(&repo, words);
        assert_eq!(said.status, 0, "{said:?}");
        assert_eq!(linked(&repo, "HEAD"), ["AUTH-1", "AUTH-2"], "{words:?} {}", body(&repo, "HEAD"));
        for line in message.lines() {
            assert!(body(&repo, "HEAD").contains(line), "{line}\n{}", body(&repo, "HEAD"));
        }
        let tip = repo.rev("topic")[..10].to_owned();
        let command = format!("git spec link --squashed {tip} HEAD");
        assert_eq!(said.stderr.matches(&command).count(), 1, "{words:?} {}", said.stderr);
        git(&repo, &["spec", "link", "--squashed", &tip, "HEAD"]).ok();
        assert!(noted(&repo, "HEAD").contains("by:affirm"), "{}", noted(&repo, "HEAD"));
        repo.spec(&["fsck"]).ok();
    }
}

#[test]
fn links_in_notes_of_a_squash_that_changes_the_specification_name_no_commit() {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.edit("specs/auth.md", "after 5 failed", "after 4 failed");
    repo.commit("Sooner");
    code(&repo, "a.rs");
    git(&repo, &["commit", "-q", "-m", "First"]).ok();
    git(&repo, &["spec", "link", "HEAD", "AUTH-1"]).ok();
    code(&repo, "b.rs");
    git(&repo, &["commit", "-q", "-m", "Second"]).ok();
    git(&repo, &["spec", "link", "HEAD", "AUTH-2"]).ok();
    git(&repo, &["revert", "--no-edit", "HEAD"]).ok();
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--squash", "topic"]);
    git(&repo, &["commit", "-q", "--no-edit"]).ok();
    // That of the commit that is reverted does not go along.
    assert_eq!(linked(&repo, "HEAD"), ["AUTH-1"], "{}", body(&repo, "HEAD"));
    assert!(body(&repo, "HEAD").contains("Spec: specs/auth.md#AUTH-1 v1:"));
    repo.spec(&["fsck"]).ok();
}

#[test]
fn no_road_leads_to_a_commit_of_links_alone() {
    let roads: [&[&str]; 12] = [
        &["-n"],
        &["--no-verify", "--cleanup=scissors"],
        &["-n", "-s"],
        &["-nv"],
        &["-qn", "-m", "", "-e"],
        &["--no-verif"],
        &["-m", "", "-n"],
        &["-F", "/dev/null", "-n"],
        &["-m", "# only a comment", "--cleanup=strip"],
        &["-m", "# only a comment", "--cleanup=strip", "-n"],
        &["--cleanup=strip"],
        &[],
    ];
    for road in roads {
        for (editor, spec) in [("true", false), (":", false), ("true", true), (":", true)] {
            let repo = hooked();
            code(&repo, "a.rs");
            let head = repo.rev("HEAD");
            let said =
                git_with(&repo, editor, &[if spec { &["spec", "commit"][..] } else { &["commit"] }, road].concat());
            assert_eq!(said.status, 1, "{road:?} {editor} {said:?} {}", body(&repo, "HEAD"));
            assert_eq!(repo.rev("HEAD"), head, "{road:?}");
        }
    }
    // Where /proc does not show how Git was called, ps does.
    if std::process::Command::new("ps").output().is_ok() {
        let repo = hooked();
        code(&repo, "a.rs");
        let mut command = repo.git_command(repo.path());
        command.env("GIT_EDITOR", "true").env("GIT_SPEC_PROC", "/nowhere").args(["commit", "-n"]);
        assert_eq!(run(&mut command).status, 1);
    }
    // A setting says the same as an option.
    let repo = hooked();
    repo.git(&["config", "commit.cleanup", "strip"]);
    code(&repo, "a.rs");
    assert_eq!(git(&repo, &["commit", "-m", "# only a comment"]).status, 1);
    assert_eq!(git(&repo, &["spec", "commit", "-m", "# only a comment"]).status, 1);
    git(&repo, &["commit", "-q", "-m", "Words\n\n# and a comment"]).ok();
    assert_eq!(linked(&repo, "HEAD"), ["AUTH-1"]);
    assert!(!body(&repo, "HEAD").contains('#') || body(&repo, "HEAD").contains("auth.md#AUTH-1"));
}

#[test]
fn a_message_that_nobody_looks_at_says_how_to_link_the_commit() {
    let repo = hooked();
    code(&repo, "a.rs");
    let said = git_with(&repo, TITLE, &["commit", "-q", "-n"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(linked(&repo, "HEAD").is_empty());
    assert!(said.stderr.contains("git spec commit --amend --no-edit --for AUTH-1 links it"), "{}", said.stderr);
    git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]).ok();
    assert_eq!(linked(&repo, "HEAD"), ["AUTH-1"]);
    // With words there is nothing to look at, and git spec commit looks by itself.
    code(&repo, "b.rs");
    git(&repo, &["commit", "-q", "-n", "-m", "Words"]).ok();
    assert_eq!(linked(&repo, "HEAD"), ["AUTH-1"]);
    code(&repo, "c.rs");
    git_with(&repo, TITLE, &["spec", "commit", "-q", "-n"]).ok();
    assert_eq!(linked(&repo, "HEAD"), ["AUTH-1"]);
    // A template that nobody edits goes back to Git, which refuses it.
    repo.write("../template", "Why:\n");
    let template = repo.path().join("../template");
    code(&repo, "d.rs");
    let said = git(&repo, &["commit", "-q", "-n", "-t", template.to_str().unwrap()]);
    assert_ne!(said.status, 0, "{said:?} {}", body(&repo, "HEAD"));
}

#[test]
fn no_comment_sign_takes_a_link_away() {
    for (key, sign) in [
        ("core.commentChar", "S"),
        ("core.commentChar", "s"),
        ("core.commentString", "Spec"),
        ("core.commentChar", "auto"),
        ("core.commentChar", ";"),
    ] {
        let repo = hooked();
        repo.git(&["config", key, sign]);
        code(&repo, "a.rs");
        let said = git_with(&repo, TITLE, &["commit", "-q"]);
        assert_eq!((said.status, linked(&repo, "HEAD")), (0, vec!["AUTH-1".to_owned()]), "{sign} {said:?}");
        code(&repo, "b.rs");
        let said = git_with(&repo, TITLE, &["spec", "commit", "-q", "--for", "AUTH-2"]);
        assert_eq!(linked(&repo, "HEAD"), ["AUTH-1", "AUTH-2"], "{sign} {said:?}");
        code(&repo, "c.rs");
        assert_eq!(git(&repo, &["commit", "-q", "-m", "Words", "--cleanup=strip"]).status, 0);
        assert_eq!(linked(&repo, "HEAD"), ["AUTH-1"], "{sign} {}", body(&repo, "HEAD"));
        // What a message has stays when it is opened again.
        git(
            &repo,
            &["-c", "core.commentChar=#", "-c", "core.commentString=#", "commit", "-q", "--amend", "-m", "Words"],
        )
        .ok();
        assert!(body(&repo, "HEAD").contains("\nSpec: "), "{}", body(&repo, "HEAD"));
        for words in [&["commit", "-q", "--amend"][..], &["spec", "commit", "-q", "--amend"]] {
            let said = git(&repo, words);
            assert_eq!(linked(&repo, "HEAD"), ["AUTH-1"], "{sign} {words:?} {said:?} {}", body(&repo, "HEAD"));
        }
    }
}

#[test]
fn a_full_disk_is_told_as_one() {
    let repo = hooked();
    code(&repo, "a.rs");
    git(&repo, &["commit", "-q", "-m", "Code"]).ok();
    for words in ["commit --allow-empty -m x", "spec commit --allow-empty -m x"] {
        let mut command = repo.git_command(repo.path());
        let script = format!("exec 2>&1; (ulimit -f 0; trap '' XFSZ; git {words}) | cat");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script]).current_dir(repo.path());
        for (name, value) in command.env("GIT_EDITOR", "true").get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let said = run(&mut shell);
        assert!(said.stdout.contains("COMMIT_EDITMSG: File too large"), "{words}: {said:?}");
    }
}

#[test]
fn two_lines_of_one_id_are_told() {
    let repo = Repo::auth();
    code(&repo, "a.rs");
    repo.commit("Code");
    let line = |anchor: &str| format!("{} id:11111111", repo.spec_line(anchor));
    let note = format!("{}\n{}\n", line("AUTH-1"), line("AUTH-2"));
    repo.git(&["notes", "--ref=spec", "add", "-m", &note]);
    let said = repo.spec(&["fsck"]);
    let flat = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("id:11111111") && flat.contains("AUTH-1, AUTH-2"), "{said:?}");
    let said = repo.spec(&["unlink", "HEAD", "AUTH-1"]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(
        said.stderr.contains("AUTH-1, AUTH-2") && said.stderr.contains("git spec unlink HEAD id:11111111"),
        "{said:?}"
    );
    let said = repo.spec(&["unlink", "HEAD", "id:11111111"]).ok();
    assert!(said.contains("AUTH-1") && said.contains("AUTH-2"), "{said}");
    // A reference that names no notes is called by its name.
    let blob = repo.rev("HEAD:specs/auth.md");
    repo.git(&["update-ref", "refs/notes/spec", &blob]);
    for words in [&["fsck"][..], &["link", "HEAD", "AUTH-1"], &["status"]] {
        let said = repo.spec(words);
        assert!(said.stderr.contains("refs/notes/spec"), "{words:?} {said:?}");
    }
}

#[test]
fn a_path_that_is_no_utf_8_can_be_typed() {
    let repo = Repo::auth();
    let path = std::ffi::OsString::from_vec(b"specs/\xff b.md".to_vec());
    repo.write(&path, "# T\n\n## B-1: X\n\nIt MUST x in each of the cases.\n");
    repo.commit("Specify");
    code(&repo, "a.rs");
    repo.commit("Code");
    let clause = |tail: &str| {
        let mut clause = path.clone();
        clause.push(tail);
        clause
    };
    let typed = |words: &[&str], last: std::ffi::OsString| {
        let mut all: Vec<std::ffi::OsString> = words.iter().map(|word| (*word).into()).collect();
        all.push(last);
        repo.spec(&all)
    };
    typed(&["start"], clause("#B-1")).ok();
    typed(&["start", "--done"], clause("#B-1")).ok();
    assert!(typed(&["show"], clause("#B-1")).ok().contains("It MUST x"));
    assert!(typed(&["show"], clause("#B-1@HEAD~1")).ok().contains("It MUST x"));
    assert!(typed(&["log", "--clause"], clause("#B-1")).ok().contains("B-1"));
    typed(&["link", "HEAD"], clause("#B-1")).ok();
    typed(&["link", "HEAD"], clause("")).ok();
    typed(&["unlink", "HEAD"], clause("#B-1")).ok();
    typed(&["unlink", "HEAD"], clause("")).ok();
    code(&repo, "b.rs");
    typed(&["commit", "-q", "-m", "Code", "--for"], clause("#B-1")).ok();
    assert!(body(&repo, "HEAD").contains("Spec: specs/%FF%20b.md#B-1@"), "{}", body(&repo, "HEAD"));
    let said = typed(&["show"], clause("#B-2"));
    assert!(said.stderr.contains("specs/%FF b.md#B-2"), "{said:?}");
}

#[test]
fn a_folder_that_moves_with_the_commit_is_read_where_it_goes() {
    // Moved, with other words and code for them.
    let repo = hooked();
    repo.git(&["mv", "specs", "spec"]);
    repo.edit("spec/auth.md", "after 5 failed", "after 6 failed");
    code(&repo, "a.rs");
    let said = git(&repo, &["spec", "commit", "-q", "-m", "All", "--for", "AUTH-1"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(body(&repo, "HEAD").contains("Spec: spec/auth.md#AUTH-1 v1:"), "{}", body(&repo, "HEAD"));
    repo.spec(&["fsck"]).ok();
    // Moved alone, with a clause under way.
    let repo = hooked();
    repo.git(&["mv", "specs", "spec"]);
    let said = git(&repo, &["commit", "-q", "-m", "Move"]);
    assert!(said.stderr.contains("changes the specification alone") && !said.stderr.contains("goes"), "{said:?}");
    assert!(linked(&repo, "HEAD").is_empty(), "{}", body(&repo, "HEAD"));
    // Moved with code, and with a name that is typed.
    let repo = hooked();
    repo.git(&["mv", "specs", "spec"]);
    code(&repo, "a.rs");
    let said = git(&repo, &["commit", "-q", "-m", "Move", "-m", "Spec: AUTH-2"]);
    assert!(!said.stderr.contains("goes"), "{said:?}");
    assert_eq!(linked(&repo, "HEAD").len(), 2, "{}", body(&repo, "HEAD"));
    repo.spec(&["fsck"]).ok();
    // A new folder beside the old one.
    let repo = Repo::auth();
    repo.write("lib/spec/o.md", "# O\n\n## O-1: X\n\nIt MUST x in each of the cases.\n");
    code(&repo, "o.rs");
    git(&repo, &["spec", "commit", "-q", "-m", "All", "--for", "O-1"]).ok();
    assert!(body(&repo, "HEAD").contains("Spec: lib/spec/o.md#O-1 v1:"), "{}", body(&repo, "HEAD"));
    repo.spec(&["fsck"]).ok();
    // The first specification of a history.
    let repo = Repo::new();
    code(&repo, "a.rs");
    repo.commit("Code");
    repo.write("specs/auth.md", support::AUTH);
    code(&repo, "b.rs");
    git(&repo, &["spec", "commit", "-q", "-m", "Both", "--for", "AUTH-1"]).ok();
    assert!(body(&repo, "HEAD").contains("Spec: specs/auth.md#AUTH-1 v1:"), "{}", body(&repo, "HEAD"));
}
