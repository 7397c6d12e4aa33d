//! Links come into messages: `start`, `commit`, and what a person sees of both.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::path::Path;

use support::{AUTH, Answer, Repo, run};

/// `git …` with the tool on the path and an editor that is a shell line about the file `$1`.
fn git_in(repo: &Repo, directory: &Path, editor: &str, words: &[&str]) -> Answer {
    let mut command = repo.git_command(directory);
    command.env("GIT_EDITOR", format!("sh -c '{editor}' --")).args(words);
    run(&mut command)
}

fn git(repo: &Repo, words: &[&str]) -> Answer {
    git_in(repo, repo.path(), "echo no editor was wanted >&2; exit 9", words)
}

fn spec(repo: &Repo, words: &[&str]) -> Answer {
    git(repo, &[&["spec"], words].concat())
}

/// The values of a commit's `Spec:` trailers, without the commit and the version: `specs/auth.md#AUTH-1`.
fn linked(repo: &Repo, rev: &str) -> Vec<String> {
    let format = "--format=%(trailers:key=Spec,valueonly,unfold)";
    let text = repo.git(&["log", "-1", format, rev]);
    text.lines().filter(|l| !l.is_empty()).map(|l| l.split(['@', ' ']).next().unwrap().to_owned()).collect()
}

fn names(repo: &Repo, rev: &str) -> Vec<String> {
    linked(repo, rev).iter().map(|name| name.rsplit('#').next().unwrap().to_owned()).collect()
}

fn body(repo: &Repo, rev: &str) -> String {
    repo.git(&["log", "-1", "--format=%B", rev])
}

/// A change of code, staged.
fn code(repo: &Repo) {
    let path = repo.path().join("lock.rs");
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    repo.write("lock.rs", old + "line\n");
    repo.git(&["add", "lock.rs"]);
}

fn value(repo: &Repo, branch: &str) -> String {
    repo.git_in(repo.path(), &["config", "--get-all", &format!("branch.{branch}.spec")]).unwrap_or_default()
}

#[test]
fn start_records_complete_links_with_the_branch() {
    let repo = Repo::auth();
    let spec_commit = repo.rev("HEAD");
    code(&repo);
    repo.commit("Code");
    insta::assert_snapshot!(spec(&repo, &["start", "AUTH-1", "specs/auth.md#reset"]).ok(), @r"
      + AUTH-1  Lockout                                                specs/auth.md
      + reset                                                          specs/auth.md
    2 clauses are under way on main.
    ");
    let recorded = value(&repo, "main");
    let link = format!("specs/auth.md#AUTH-1@{} v1:", &spec_commit[..16]);
    assert!(recorded.starts_with(&link), "{recorded}");
    insta::assert_snapshot!(spec(&repo, &["start"]).ok(), @r"
    Under way on main:
      AUTH-1  Lockout                                                  specs/auth.md
      reset                                                            specs/auth.md
    ");
    insta::assert_snapshot!(spec(&repo, &["start", "AUTH-1"]).ok(), @r"
      · 1 under way already
    2 clauses are under way on main.
    ");
    assert_eq!(value(&repo, "main"), recorded);
    insta::assert_snapshot!(spec(&repo, &["start", "--done", "AUTH-1"]).ok(), @r"
      - AUTH-1  Lockout                                                specs/auth.md
    1 clause is under way on main.
    ");
    insta::assert_snapshot!(spec(&repo, &["start", "--done", "AUTH-1"]).fails(2), @r"
    error: AUTH-1 is not under way
    hint: under way: reset
    ");
    insta::assert_snapshot!(spec(&repo, &["start", "--done"]).ok(), @r"
      - reset                                                          specs/auth.md
    Nothing is under way on main.
    ");
    assert_eq!(value(&repo, "main"), "");
    insta::assert_snapshot!(spec(&repo, &["start", "--list"]).ok(), @"Nothing is under way on main.");
}

#[test]
fn one_wrong_name_records_nothing() {
    let repo = Repo::auth();
    insta::assert_snapshot!(spec(&repo, &["start", "AUTH-1", "AUTH-9"]).fails(2), @r"
    error: no clause AUTH-9 in the spec set at HEAD
    hint: nearest: AUTH-1 Lockout (specs/auth.md), AUTH-2 Sessions (specs/auth.md)
    ");
    assert_eq!(value(&repo, "main"), "");
}

#[test]
fn of_several_starts_at_once_none_is_lost_and_none_is_recorded_twice() {
    let repo = Repo::auth();
    spec(&repo, &["start", "AUTH-1"]).ok();
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.commit("Lock sooner");
    let starts = [&["AUTH-1"][..], &["AUTH-2"], &["reset"], &["AUTH-1", "AUTH-2"], &["reset", "AUTH-1"]];
    let children: Vec<_> = [starts, starts]
        .concat()
        .iter()
        .map(|clauses| {
            let mut command = repo.spec_command(repo.path());
            command.arg("start").args(*clauses).stdout(std::process::Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut names: Vec<String> =
        value(&repo, "main").lines().map(|line| line.split(['#', '@']).nth(1).unwrap().into()).collect();
    names.sort();
    assert_eq!(names, ["AUTH-1", "AUTH-2", "reset"]);
    assert!(!repo.path().join(".git/spec-started.lock").exists());
}

#[test]
fn a_lock_that_was_left_behind_is_named_with_what_to_type() {
    let repo = Repo::auth();
    let lock = repo.path().join(".git/spec-started.lock");
    std::fs::write(&lock, "").unwrap();
    assert_eq!(spec(&repo, &["start"]).status, 0, "to look, nothing has to be held");
    let said = spec(&repo, &["start", "AUTH-1"]).fails(2);
    assert!(said.contains("nothing was changed") && value(&repo, "main").is_empty(), "{said}");
    let command =
        said.split("away: ").nth(1).unwrap().replace("\n", "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(run(std::process::Command::new("sh").arg("-c").arg(&command)).status == 0 && !lock.exists(), "{said}");
    spec(&repo, &["start", "AUTH-1"]).ok();
}

#[test]
fn a_branch_carries_and_drops_what_was_started() {
    let repo = Repo::auth();
    repo.git(&["switch", "-q", "-c", "lock.out"]);
    spec(&repo, &["start", "AUTH-1"]).ok();
    repo.git(&["branch", "-m", "other"]);
    assert!(value(&repo, "other").contains("AUTH-1") && value(&repo, "lock.out").is_empty());
    code(&repo);
    spec(&repo, &["commit", "-qm", "Lock"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
    repo.git(&["switch", "-q", "main"]);
    assert_eq!(spec(&repo, &["start"]).ok(), "Nothing is under way on main.\n");
    repo.git(&["branch", "-q", "-D", "other"]);
    assert_eq!(value(&repo, "other"), "");
}

#[test]
fn worktrees_have_their_own() {
    let repo = Repo::auth();
    let (side, loose) = (repo.beside("side"), repo.beside("loose"));
    repo.git(&["worktree", "add", "-q", "-b", "side", side.to_str().unwrap()]);
    repo.git(&["worktree", "add", "-q", "--detach", loose.to_str().unwrap()]);
    spec(&repo, &["start", "AUTH-1"]).ok();
    let there = |directory: &Path, words: &[&str]| git_in(&repo, directory, "exit 9", &[&["spec"], words].concat());
    there(&side, &["start", "AUTH-2"]).ok();
    there(&loose, &["start", "reset"]).ok();
    assert_eq!(there(&loose, &["start"]).ok().lines().next().unwrap(), "Under way on a detached HEAD:");
    for (directory, name) in [(repo.path(), "AUTH-1"), (side.as_path(), "AUTH-2"), (loose.as_path(), "reset")] {
        there(directory, &["commit", "-q", "--allow-empty", "-m", "Work"]).ok();
        let head = repo.git_in(directory, &["rev-parse", "HEAD"]).unwrap();
        assert_eq!(names(&repo, &head), [name]);
    }
    there(&loose, &["start", "--done"]).ok();
    let left = std::fs::read_dir(repo.path().join(".git/worktrees/loose")).unwrap();
    assert!(!left.into_iter().any(|entry| entry.unwrap().file_name().to_str().unwrap().starts_with("spec-started")));
}

#[test]
fn a_detached_head_elsewhere_links_nothing() {
    let repo = Repo::auth();
    let first = repo.rev("HEAD");
    code(&repo);
    let second = repo.commit("Code");
    repo.git(&["checkout", "-q", &second]);
    spec(&repo, &["start", "AUTH-1"]).ok();
    repo.git(&["checkout", "-q", &first]);
    let said = spec(&repo, &["commit", "-q", "--allow-empty", "-m", "Elsewhere"]);
    assert_eq!(said.status, 0);
    assert!(said.stderr.contains("is not linked, for HEAD is not behind it"), "{said:?}");
    assert!(names(&repo, "HEAD").is_empty());
    repo.git(&["checkout", "-q", &second]);
    spec(&repo, &["commit", "-q", "--allow-empty", "-m", "There"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
}

#[test]
fn a_recorded_version_is_kept_until_it_is_named_again() {
    let repo = Repo::auth();
    spec(&repo, &["start", "AUTH-1"]).ok();
    let before = value(&repo, "main");
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.commit("Lock sooner");
    let hint = "hint: AUTH-1 changed since you started: 5 → 3; git spec start AUTH-1 takes the new version\n";
    let list = spec(&repo, &["start"]);
    assert_eq!((list.status, list.stderr.as_str()), (0, hint));
    insta::assert_snapshot!(list.stdout, @r"
    Under way on main:
      AUTH-1  Lockout                                           changed since: 5 → 3
    ");
    code(&repo);
    let made = spec(&repo, &["commit", "-qm", "Old words"]);
    assert_eq!((made.status, made.stderr.as_str()), (0, hint));
    assert_eq!(body(&repo, "HEAD").trim_end(), format!("Old words\n\nSpec: {before}"));
    assert_eq!(value(&repo, "main"), before);
    insta::assert_snapshot!(spec(&repo, &["start", "AUTH-1"]).ok(), @r"
      ~ AUTH-1  Lockout                                                        5 → 3
    1 clause is under way on main.
    ");
    assert_ne!(value(&repo, "main"), before);
    assert_eq!(spec(&repo, &["start"]).stderr, "");
}

#[test]
fn a_clause_that_went_is_told_and_can_be_forgotten() {
    let repo = Repo::auth();
    spec(&repo, &["start", "AUTH-2"]).ok();
    repo.write("specs/auth.md", AUTH.split("## Sessions").next().unwrap());
    repo.commit("Sessions are nobody's business");
    let list = spec(&repo, &["start"]);
    assert_eq!(list.stderr, "hint: AUTH-2 is gone since you started; git spec start --done AUTH-2 forgets it\n");
    spec(&repo, &["start", "--done", "AUTH-2"]).ok();
    assert_eq!(value(&repo, "main"), "");
}

#[test]
fn a_clause_without_a_commit_is_told_as_such() {
    let repo = Repo::auth();
    repo.write(
        "specs/auth.md",
        format!("{AUTH}\n## Unlock {{#AUTH-7}}\n\nA user MUST be able to unlock the account.\n"),
    );
    insta::assert_snapshot!(spec(&repo, &["start", "AUTH-7"]).fails(2), @r"
    error: AUTH-7 is in the work tree only, and no commit has it yet
    hint: commit the specification first: git commit
    hint: or record both in one commit: git spec commit --for AUTH-7
    ");
    insta::assert_snapshot!(spec(&repo, &["commit", "-m", "x", "--for", "AUTH-7"]).fails(2), @r"
    error: AUTH-7 is in the work tree only, and not in what is to be committed
    hint: stage its file: git add FILE, or commit with -a
    ");
    repo.git(&["add", "-A"]);
    assert!(spec(&repo, &["start", "AUTH-7"]).fails(2).starts_with("error: AUTH-7 is in the index only"));
    code(&repo);
    spec(&repo, &["commit", "-qm", "Unlock", "--for", "AUTH-7", "--for=AUTH-1"]).ok();
    let text = body(&repo, "HEAD");
    assert!(text.contains("\nSpec: specs/auth.md#AUTH-7 v1:"), "{text}");
    assert!(text.contains("\nSpec: specs/auth.md#AUTH-1@"), "{text}");
    let state = &repo.spec(&["log", "--json"]).json()["entries"][0]["generated"][0]["links"];
    assert_eq!(support::each(state, "/resolution"), ["exact"]);
}

#[test]
fn what_is_committed_counts_and_not_what_lies_in_the_index() {
    let repo = Repo::auth();
    code(&repo);
    repo.commit("Code");
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    // -a takes the edit along
    spec(&repo, &["commit", "-qam", "Both", "--for", "AUTH-1"]).ok();
    assert!(body(&repo, "HEAD").contains("#AUTH-1 v1:"));
    // the staged edit is left out by naming another path
    repo.edit("specs/auth.md", "after 3 failed", "after 2 failed");
    repo.git(&["add", "specs"]);
    repo.write("lock.rs", "other\n");
    spec(&repo, &["commit", "-qm", "Code alone", "--for", "AUTH-1", "--", "lock.rs"]).ok();
    assert!(body(&repo, "HEAD").contains("#AUTH-1@"), "{}", body(&repo, "HEAD"));
}

#[test]
fn a_branch_without_commits_says_what_to_do() {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    let said = spec(&repo, &["start", "AUTH-1"]).fails(2);
    assert!(said.starts_with("error: AUTH-1 is in the work tree only, and no commit has it yet\n"), "{said}");
    repo.git(&["add", "-A"]);
    spec(&repo, &["commit", "-qm", "Begin", "--for", "AUTH-1"]).ok();
    assert!(body(&repo, "HEAD").starts_with("Begin\n\nSpec: specs/auth.md#AUTH-1 v1:"));
}

#[test]
fn changed_takes_what_a_range_added_and_modified() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.edit("specs/auth.md", "## Reset\n", "## Unlock {#AUTH-7}\n\nA user MUST be able to unlock it.\n\n## Reset\n");
    let two = repo.commit("Change");
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("Change more");
    spec(&repo, &["start", "--changed", "HEAD~2..HEAD~1"]).ok();
    let recorded = value(&repo, "main");
    assert_eq!(recorded.lines().count(), 2, "{recorded}");
    assert!(recorded.lines().all(|line| line.contains(&format!("@{} v1:", &two[..16]))), "{recorded}");
    assert!(spec(&repo, &["start", "--changed", "HEAD~2"]).ok().contains("+ AUTH-2"));
    assert!(spec(&repo, &["start", "--changed", "nope..HEAD"]).fails(2).contains("unknown revision nope"));
}

#[test]
fn open_takes_what_nothing_was_generated_from() {
    let repo = Repo::auth();
    code(&repo);
    spec(&repo, &["commit", "-qm", "Lock", "--for", "AUTH-1"]).ok();
    code(&repo);
    spec(&repo, &["commit", "-qm", "Sessions", "--for", "AUTH-2"]).ok();
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("Shorter");
    let said = spec(&repo, &["start", "--open"]).ok();
    assert!(!said.contains("AUTH-1") && said.contains("+ AUTH-2") && said.contains("+ reset"), "{said}");
    assert!(!said.contains("authentication"), "a heading demands nothing: {said}");
}

#[test]
fn commit_is_gits_own() {
    let repo = Repo::auth();
    spec(&repo, &["start", "AUTH-1"]).ok();
    // Nothing to commit: git's words and status
    let theirs = git(&repo, &["commit", "-m", "x"]);
    let ours = spec(&repo, &["commit", "-m", "x"]);
    assert_eq!((ours.status, &ours.stdout), (theirs.status, &theirs.stdout));
    assert!(ours.stdout.contains("nothing to commit"), "{ours:?}");
    // Wrong use
    assert_eq!(spec(&repo, &["commit", "--no-such"]).status, 129);
    assert_eq!(spec(&repo, &["commit", "-m"]).status, 129);
    // A rehearsal
    code(&repo);
    assert!(spec(&repo, &["commit", "--dry-run"]).ok().contains("new file:   lock.rs"));
    assert_eq!(spec(&repo, &["commit", "--short"]).status, 0);
    // A hook that refuses
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\necho no >&2\nexit 1\n");
    repo.git(&["config", "core.fileMode", "true"]);
    std::fs::set_permissions(
        repo.path().join(".git/hooks/pre-commit"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    assert_eq!(spec(&repo, &["commit", "-m", "x"]).fails(1), "no\n");
    spec(&repo, &["commit", "-nqm", "Past it"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
}

#[test]
fn messages_come_from_everywhere() {
    let repo = Repo::auth();
    repo.write("../message", "From a file\n\n#1 is not a comment\n\nSigned-off-by: A <a@b.c>\n");
    repo.write("../template", "\n# What for?\n");
    spec(&repo, &["start", "AUTH-1"]).ok();
    let editor = |text: &str| format!("cat \"$1\" >>../seen; {text}");
    let commit = |edit: &str, words: &[&str]| {
        code(&repo);
        let editor = if edit.is_empty() { "exit 9".to_owned() } else { editor(edit) };
        // Newer gits say that core.commentChar=auto will go.
        assert_eq!(git_in(&repo, repo.path(), &editor, &[&["spec", "commit", "-q"], words].concat()).status, 0);
        assert_eq!(names(&repo, "HEAD"), ["AUTH-1"], "{words:?}: {}", body(&repo, "HEAD"));
        body(&repo, "HEAD")
    };
    let write = "sed -i \"1s/^/Title/\" \"$1\"";
    assert!(commit("", &["-m", "Subject", "-m", "Body"]).starts_with("Subject\n\nBody\n\nSpec: "));
    let file = commit("", &["-F", "../message"]);
    assert!(file.starts_with("From a file\n\n#1 is not a comment\n\nSigned-off-by: A <a@b.c>\nSpec: "), "{file}");
    assert!(commit(write, &[]).starts_with("Title\n\nSpec: "));
    assert!(commit(write, &["-v"]).starts_with("Title\n\nSpec: "));
    assert!(commit(write, &["-s"]).starts_with("Title\n\nSigned-off-by: C O Mitter <committer@example.org>\nSpec: "));
    assert!(commit(write, &["-t", "../template"]).starts_with("Title\n\nSpec: "));
    assert!(commit("true", &["-e", "-m", "Given"]).starts_with("Given\n\nSpec: "));
    for mode in ["strip", "whitespace", "verbatim", "scissors", "default"] {
        let body = commit("", &["--cleanup", mode, "-m", "By the mode"]);
        assert!(body.starts_with("By the mode\n\nSpec: "), "{mode}: {body}");
        repo.git(&["config", "commit.cleanup", mode]);
        assert!(commit("", &["-m", "By the setting"]).starts_with("By the setting\n\nSpec: "), "{mode}");
        assert!(commit(write, &[]).starts_with("Title"), "{mode}");
        repo.git(&["config", "--unset", "commit.cleanup"]);
    }
    for sign in [";", "auto", "//"] {
        let key = if sign == "//" { "core.commentString" } else { "core.commentChar" };
        repo.git(&["config", key, sign]);
        assert!(commit(write, &[]).starts_with("Title\n\nSpec: "), "{sign}");
        assert!(commit("", &["-m", "#5 is solved"]).starts_with("#5 is solved\n\nSpec: "), "{sign}");
        repo.git(&["config", "--unset", key]);
    }
    let seen = std::fs::read_to_string(repo.beside("seen")).unwrap();
    assert!(seen.contains("\nSpec: ") && seen.contains("# Please enter"), "{seen}");
    repo.git(&["fsck", "--strict"]);
}

#[test]
fn settings_for_trailers_change_nothing() {
    let repo = Repo::auth();
    for (key, value) in [
        ("trailer.separators", "#="),
        ("trailer.where", "start"),
        ("trailer.ifexists", "doNothing"),
        ("trailer.ifmissing", "doNothing"),
        ("trailer.specification.key", "Specification: "),
        ("trailer.spec.key", "Spezifikation"),
        ("trailer.spec.ifmissing", "doNothing"),
        ("trailer.ran.cmd", "touch ran; echo x"),
    ] {
        repo.git(&["config", key, value]);
    }
    spec(&repo, &["start", "AUTH-1"]).ok();
    code(&repo);
    spec(&repo, &["commit", "-qm", "One\n\nSigned-off-by: A <a@b.c>"]).ok();
    let text = body(&repo, "HEAD");
    assert!(text.starts_with("One\n\nSigned-off-by: A <a@b.c>\nSpec: specs/auth.md#AUTH-1@"), "{text}");
    assert!(!repo.path().join("ran").exists());
}

#[test]
fn an_editor_that_is_left_at_once_makes_no_commit() {
    let repo = Repo::auth();
    spec(&repo, &["start", "AUTH-1"]).ok();
    let head = repo.rev("HEAD");
    code(&repo);
    for words in
        [&["spec", "commit"][..], &["spec", "commit", "-s"], &["spec", "commit", "-n"], &["spec", "commit", "-v"]]
    {
        let said = git_in(&repo, repo.path(), "true", words);
        assert_eq!(said.status, 1, "{words:?} {said:?}");
        assert!(said.stderr.contains("Aborting commit due to empty commit message"), "{said:?}");
    }
    assert_eq!(git_in(&repo, repo.path(), "exit 9", &["spec", "commit"]).status, 1);
    assert_eq!(spec(&repo, &["commit", "-m", ""]).status, 1);
    assert_eq!(repo.rev("HEAD"), head);
}

#[test]
fn amending_and_reusing_add_only_what_is_named() {
    let repo = Repo::auth();
    code(&repo);
    let plain = repo.commit("Lock");
    spec(&repo, &["start", "AUTH-1"]).ok();
    for words in [&["--amend", "--no-edit"][..], &["--amend", "-m", "Lock"], &["-C", &plain, "--allow-empty"]] {
        spec(&repo, &[&["commit", "-q"], words].concat());
        assert!(names(&repo, "HEAD").is_empty(), "{words:?}");
    }
    git_in(&repo, repo.path(), "true", &["spec", "commit", "-q", "--amend", "--allow-empty"]).ok();
    git_in(&repo, repo.path(), "true", &["spec", "commit", "-q", "--allow-empty", "-c", &plain]).ok();
    assert!(names(&repo, "HEAD").is_empty());
    let author = repo.git(&["log", "-1", "--format=%an %ad"]);
    spec(&repo, &["commit", "-q", "--amend", "--allow-empty", "--no-edit", "--for", "AUTH-2"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-2"]);
    assert_eq!(repo.git(&["log", "-1", "--format=%an %ad"]), author);
    // Once more is the same, and a link to an older version goes only where it is named
    let before = body(&repo, "HEAD");
    spec(&repo, &["commit", "-q", "--amend", "--allow-empty", "--no-edit", "--for", "AUTH-2"]).ok();
    assert_eq!(body(&repo, "HEAD"), before);
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("Shorter");
    spec(&repo, &["commit", "-q", "--allow-empty", "-C", "HEAD~1", "--for", "AUTH-1"]).ok();
    assert!(body(&repo, "HEAD").starts_with(&before), "the link to AUTH-2 stays");
    assert_eq!(names(&repo, "HEAD"), ["AUTH-2", "AUTH-1"]);
    let said = spec(&repo, &["commit", "-q", "--allow-empty", "-C", "HEAD~2", "--for", "AUTH-2"]);
    assert_eq!(names(&repo, "HEAD"), ["AUTH-2"]);
    assert_ne!(body(&repo, "HEAD"), before);
    let hint = "hint: the link to AUTH-2 is to the version that --for names now, no longer v1:";
    assert!(said.stderr.starts_with(hint), "{said:?}");
}

#[test]
fn fixups_are_left_alone_and_fold_away() {
    let repo = Repo::auth();
    spec(&repo, &["start", "AUTH-1"]).ok();
    code(&repo);
    spec(&repo, &["commit", "-qm", "Lock"]).ok();
    let before = body(&repo, "HEAD");
    for words in [&["--fixup", "HEAD"][..], &["-m", "fixup! Lock"]] {
        code(&repo);
        spec(&repo, &[&["commit", "-q"], words].concat()).ok();
        assert_eq!(body(&repo, "HEAD").trim_end(), "fixup! Lock");
    }
    git_in(&repo, repo.path(), "true", &["rebase", "-q", "-i", "--autosquash", "HEAD~3"]);
    assert_eq!(body(&repo, "HEAD"), before);
}

#[test]
fn for_stands_anywhere_but_in_the_place_of_a_value() {
    let repo = Repo::auth();
    code(&repo);
    spec(&repo, &["commit", "-q", "-m", "--for", "--for", "AUTH-1", "--author", "X <x@y.z>"]).ok();
    assert_eq!(
        (body(&repo, "HEAD").lines().next().unwrap(), names(&repo, "HEAD")),
        ("--for", vec!["AUTH-1".to_owned()])
    );
    assert_eq!(repo.git(&["log", "-1", "--format=%an"]), "X");
    assert!(spec(&repo, &["commit", "-m", "x", "--for"]).fails(2).starts_with("error: --for"));
    assert!(spec(&repo, &["commit", "-m", "x", "--for", "AUTH-9"]).fails(2).starts_with("error: no clause AUTH-9"));
    assert!(spec(&repo, &["commit", "-h"]).ok().contains("--for <CLAUSE>"));
    // From a folder, a path is seen from there
    code(&repo);
    let specs = repo.path().join("specs");
    git_in(&repo, &specs, "exit 9", &["spec", "commit", "-qm", "y", "--for", "auth.md#AUTH-2"]).ok();
    assert_eq!(linked(&repo, "HEAD"), ["specs/auth.md#AUTH-2"]);
}

#[test]
fn merges_picks_and_reverts_are_not_generated() {
    let repo = Repo::auth();
    repo.git(&["switch", "-qc", "side"]);
    repo.write("side.rs", "x\n");
    let side = repo.commit("Side");
    repo.git(&["switch", "-q", "main"]);
    spec(&repo, &["start", "AUTH-1"]).ok();
    code(&repo);
    spec(&repo, &["commit", "-qm", "Lock"]).ok();
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    git_in(&repo, repo.path(), "true", &["spec", "commit", "-q"]).ok();
    assert!(names(&repo, "HEAD").is_empty() && repo.git(&["log", "-1", "--format=%p"]).contains(' '));
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["cherry-pick", "-n", &side]);
    git_in(&repo, repo.path(), "true", &["spec", "commit", "-q"]).ok();
    assert!(names(&repo, "HEAD").is_empty());
    // A merge can be linked by name
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    git_in(&repo, repo.path(), "true", &["spec", "commit", "-q", "--for", "AUTH-2"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-2"]);
}

#[test]
fn hunks_are_edited_in_the_persons_own_editor() {
    let repo = Repo::auth();
    repo.write("lock.rs", "one\n");
    repo.commit("Code");
    repo.write("lock.rs", "one\ntwo\n");
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "sh -c 'echo $1 >../seen; sed -i s/two/three/ \"$1\"' --");
    command.args(["spec", "commit", "-q", "-p", "-m", "Part", "--for", "AUTH-1"]);
    let answer = assert_cmd::Command::from_std(command).write_stdin("e\n").output().unwrap();
    assert!(answer.status.success(), "{answer:?}");
    assert!(std::fs::read_to_string(repo.beside("seen")).unwrap().contains("addp-hunk-edit.diff"));
    assert_eq!((repo.git(&["show", "HEAD:lock.rs"]).as_str(), names(&repo, "HEAD").len()), ("one\nthree", 1));
}

#[test]
fn programs_get_json() {
    let repo = Repo::auth();
    spec(&repo, &["start", "AUTH-1"]).ok();
    code(&repo);
    let made = spec(&repo, &["commit", "-m", "Lock", "--json"]);
    assert_eq!(made.status, 0);
    let report = made.json();
    assert_eq!(report["commit"].as_str().unwrap(), repo.rev("HEAD"));
    assert!(report["links"][0].as_str().unwrap().starts_with("specs/auth.md#AUTH-1@"), "{report}");
    let refused = spec(&repo, &["commit", "-m", "Nothing", "--json"]);
    assert_eq!((refused.status, refused.stdout.as_str()), (1, ""));
    let list = spec(&repo, &["start", "--json"]).json();
    assert_eq!((list["branch"].as_str(), list["started"][0]["state"].as_str()), (Some("main"), Some("current")));
}

#[test]
fn hostile_names_reach_neither_terminal_nor_configuration() {
    let repo = Repo::new();
    let title = "Stop\u{1b}[31m \"now\" ; rm -rf $HOME `id`";
    repo.write("specs/a b#c\n%.md", format!("# Doc\n\n## {title}\n\nIt MUST hold whatever its name may be here.\n"));
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/*.md\"]\n");
    repo.commit("Begin");
    let listed = repo.spec(&["ls", "--json"]).json();
    let name = listed["clauses"][1]["anchor"].as_str().unwrap();
    let said = spec(&repo, &["start", name]).ok();
    assert!(!said.contains('\u{1b}'), "{said:?}");
    code(&repo);
    spec(&repo, &["commit", "-qm", "Hold"]).ok();
    let link = &repo.spec(&["log", "--json"]).json()["entries"][0]["generated"][0]["links"][0];
    assert_eq!(link["resolution"], "exact", "{link}");
    assert!(body(&repo, "HEAD").contains("Spec: specs/a%20b%23c%0A%25.md#"));
}

#[test]
fn many_at_once_lose_nothing() {
    let repo = Repo::auth();
    for branch in ["a", "b", "c", "d"] {
        repo.git(&["worktree", "add", "-q", "-b", branch, repo.beside(branch).to_str().unwrap()]);
    }
    let running: Vec<_> = ["a", "b", "c", "d"]
        .map(|branch| {
            let mut command = repo.git_command(&repo.beside(branch));
            command.args(["spec", "start", "AUTH-1", "AUTH-2", "reset"]);
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .into_iter()
        .collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    for branch in ["a", "b", "c", "d"] {
        assert_eq!(value(&repo, branch).lines().count(), 3, "{branch}");
    }
}

#[test]
fn a_message_without_words_carries_no_link() {
    let repo = Repo::auth();
    let head = repo.rev("HEAD");
    code(&repo);
    let no_words = "a message without words can carry no link";
    for words in [&["-m", ""][..], &["-m", "", "-m", " "], &["-F", "/dev/null"], &[]] {
        let words = [&["spec", "commit", "-q", "--allow-empty-message", "--for", "AUTH-1"], words].concat();
        let said = git_in(&repo, repo.path(), "true", &words);
        assert!(said.status != 0 && said.stderr.contains(no_words), "{words:?} {said:?}");
    }
    assert_eq!(repo.rev("HEAD"), head);
    spec(&repo, &["start", "AUTH-1"]).ok();
    for words in [&["-m", ""][..], &["-s", "-m", ""], &[]] {
        let words = [&["spec", "commit", "-q", "--allow-empty", "--allow-empty-message"], words].concat();
        let said = git_in(&repo, repo.path(), "true", &words);
        assert!(said.status == 0 && said.stderr.contains("so it carries no link"), "{words:?} {said:?}");
        assert_eq!(names(&repo, "HEAD"), [""; 0]);
    }
    let said = git_in(&repo, repo.path(), "true", &["spec", "commit", "--allow-empty", "--for", "AUTH-1", "-m", ""]);
    assert!(said.stderr.contains("Aborting commit due to empty commit message"), "{said:?}");
}

#[test]
fn a_link_that_was_cut_off_from_the_trailers_is_moved_back() {
    let repo = Repo::auth();
    spec(&repo, &["start", "AUTH-1"]).ok();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    let template = repo.beside("template");
    std::fs::write(&template, "Subject\n\nWhat:\n").unwrap();
    for first in [&["commit", "-q"][..], &["spec", "commit", "-q"], &["spec", "commit", "-q", "-n"]] {
        for (editor, body_begins) in [
            ("sed -i -e \"s/^What:/What: this\\nand that/\" \"$1\"", "Subject\n\nWhat: this\nand that\n\nSpec: "),
            ("sed -i -e \"s/^Spec:.*/&\\n\\nMore words/\" \"$1\"", "Subject\n\nWhat:\n\nMore words\n\nSpec: "),
        ] {
            code(&repo);
            let words = [first, &["-t", template.to_str().unwrap()]].concat();
            git_in(&repo, repo.path(), editor, &words).ok();
            assert_eq!(names(&repo, "HEAD"), ["AUTH-1"], "{words:?} {}", body(&repo, "HEAD"));
            assert!(body(&repo, "HEAD").starts_with(body_begins), "{words:?} {}", body(&repo, "HEAD"));
        }
    }
}

#[test]
fn an_editor_that_does_nothing_makes_no_commit_of_links_alone() {
    for hooks in [false, true] {
        let repo = Repo::auth();
        if hooks {
            spec(&repo, &["hooks", "install", "--scripts"]).ok();
        }
        spec(&repo, &["start", "AUTH-1"]).ok();
        let head = repo.rev("HEAD");
        code(&repo);
        for words in [&["commit", "-q"][..], &["spec", "commit", "-q"], &["spec", "commit", "-q", "--for", "AUTH-2"]] {
            let mut command = repo.git_command(repo.path());
            let said = run(command.env("GIT_EDITOR", ":").args(words));
            assert_eq!((said.status, repo.rev("HEAD")), (1, head.clone()), "{hooks} {words:?} {said:?}");
            assert!(said.stderr.contains("empty commit message"), "{hooks} {words:?} {said:?}");
        }
    }
}

#[test]
fn a_link_that_the_editor_takes_out_is_told() {
    let repo = Repo::auth();
    code(&repo);
    let said = git_in(&repo, repo.path(), "echo Title >\"$1\"", &["spec", "commit", "-q", "--for", "AUTH-2"]);
    assert!(said.status == 0 && names(&repo, "HEAD").is_empty(), "{said:?}");
    assert!(said.stderr.contains("the link to AUTH-2 was taken out of the message in the editor"), "{said:?}");
}

#[test]
fn what_was_started_before_a_rebase_names_the_commit_that_came_out_of_it() {
    for hooks in [false, true] {
        let repo = Repo::auth();
        repo.git(&["checkout", "-q", "-b", "work"]);
        repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
        repo.commit("Lock sooner");
        spec(&repo, &["start", "AUTH-1"]).ok();
        if hooks {
            spec(&repo, &["hooks", "install", "--scripts"]).ok();
        }
        repo.git(&["checkout", "-q", "main"]);
        repo.write("README", "text\n");
        repo.commit("Something else");
        repo.git(&["checkout", "-q", "work"]);
        repo.git(&["rebase", "-q", "main"]);
        let given = repo.rev("HEAD")[..16].to_owned();
        code(&repo);
        let way = if hooks { &["commit", "-q", "-m", "Code"][..] } else { &["spec", "commit", "-q", "-m", "Code"] };
        git(&repo, way).ok();
        assert!(body(&repo, "HEAD").contains(&format!("#AUTH-1@{given} ")), "{hooks} {}", body(&repo, "HEAD"));
        assert_eq!(repo.spec(&["fsck"]).ok(), "1 link: 1 exact\n");
    }
}

#[test]
fn a_refused_name_is_told_apart_from_a_broken_editor() {
    let repo = Repo::auth();
    for words in [&["commit", "-m", "Lock\n\nSpec: AUTH-22"][..], &["commit", "-F", "../message"]] {
        code(&repo);
        repo.write("../message", "Lock\n\nSpec: AUTH-22\n");
        let said = spec(&repo, words);
        assert_eq!(said.status, 1, "{said:?}");
        let at = |part: &str| said.stderr.find(part).unwrap_or_else(|| panic!("{part} in {}", said.stderr));
        let (refusal, means) = (at("no clause AUTH-22"), at("hint: what git says next, of a problem with the editor"));
        assert!(refusal < means && means < at("problem with the editor '"), "{said:?}");
    }
}
