//! What becomes of notes where a rebase stops and a person makes other commits there: by the real git with the hooks.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Answer, Repo, run};

/// `git …` with the program on the path, editors that take everything as it is, and a clock that goes on.
fn git(repo: &Repo, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    let now: u64 = repo.git(&["rev-list", "--all", "--count"]).parse().unwrap();
    let date = format!("{} +0000", 1_800_000_000 + now);
    run(command.env("GIT_EDITOR", "true").env("GIT_AUTHOR_DATE", date).args(words))
}

/// On `work`: code for AUTH-1 in two files and code for AUTH-2, with the links in notes; with `moves` main has gone on.
fn noted(moves: bool) -> Repo {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.write("src/a1.rs", "fn a1() {}\n");
    repo.write("src/a2.rs", "fn a2() {}\n");
    repo.commit("Code for the first");
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    repo.write("src/b.rs", "fn b() {}\n");
    repo.commit("Code for the second");
    repo.spec(&["link", "HEAD", "AUTH-2"]).ok();
    if moves {
        repo.git(&["checkout", "-q", "main"]);
        repo.write("README", "text\n");
        repo.commit("Something else");
        repo.git(&["checkout", "-q", "work"]);
    }
    repo
}

/// Rebases onto main with a script of sed for the list, and stops.
fn rebase(repo: &Repo, sed: &str) {
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "true").env("GIT_SEQUENCE_EDITOR", format!("sed -i -e '{sed}'"));
    run(command.args(["rebase", "-q", "-i", "main"]));
    assert!(repo.path().join(".git/rebase-merge").exists());
}

fn new_file(repo: &Repo, name: &str, subject: &str) {
    repo.write(format!("src/{name}"), "text\n");
    repo.git(&["add", "-A"]);
    let said = git(repo, &["commit", "-q", "-m", subject]);
    assert_eq!(said.status, 0, "{said:?}");
}

fn go_on(repo: &Repo) -> String {
    let said = git(repo, &["rebase", "--continue"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(!repo.path().join(".git/rebase-merge").exists());
    said.stderr
}

/// The commits of the branch, oldest first, with the clauses that their notes link.
fn noted_at(repo: &Repo) -> Vec<String> {
    let log = repo.git(&["log", "--reverse", "--format=%H %s", "main.."]);
    let of = |line: &str| {
        let (commit, subject) = line.split_once(' ').unwrap();
        let note = repo.git_in(repo.path(), &["notes", "--ref=spec", "show", commit]).unwrap_or_default();
        let names: Vec<&str> =
            note.lines().filter_map(|line| Some(line.split_once('#')?.1.split_once(['@', ' '])?.0)).collect();
        format!("{subject}: {}", names.join(" "))
    };
    log.lines().map(of).collect()
}

#[test]
fn a_commit_that_is_made_behind_the_stopped_one_does_not_take_its_note() {
    for moves in [false, true] {
        let repo = noted(moves);
        rebase(&repo, "1s/pick/edit/");
        new_file(&repo, "other", "Another thing");
        new_file(&repo, "third", "A third thing");
        let said = go_on(&repo);
        assert!(!said.contains("no commit"), "{said}");
        let expected =
            ["Code for the first: AUTH-1", "Another thing: ", "A third thing: ", "Code for the second: AUTH-2"];
        assert_eq!(noted_at(&repo), expected, "{moves}");
    }
}

#[test]
fn a_commit_that_is_made_before_the_stopped_one_does_not_take_its_note() {
    for moves in [false, true] {
        let repo = noted(moves);
        rebase(&repo, "2s/pick/edit/");
        repo.git(&["reset", "-q", "--soft", "HEAD^"]);
        repo.git(&["reset", "-q"]);
        repo.write("src/other", "text\n");
        repo.git(&["add", "src/other"]);
        git(&repo, &["commit", "-q", "-m", "Before it"]).ok();
        repo.git(&["add", "-A"]);
        git(&repo, &["commit", "-q", "-m", "In other words"]).ok();
        go_on(&repo);
        assert_eq!(noted_at(&repo), ["Code for the first: AUTH-1", "Before it: ", "In other words: AUTH-2"]);
    }
}

#[test]
fn a_commit_that_is_split_keeps_its_note_until_a_person_says_what_it_became() {
    for moves in [false, true] {
        let repo = noted(moves);
        let old = repo.rev("HEAD~1");
        rebase(&repo, "1s/pick/edit/");
        repo.git(&["reset", "-q", "HEAD^"]);
        for (file, subject) in [("src/a1.rs", "One half"), ("src/a2.rs", "Other half")] {
            repo.git(&["add", file]);
            git(&repo, &["commit", "-q", "-m", subject]).ok();
        }
        let said = go_on(&repo);
        assert_eq!(noted_at(&repo), ["One half: ", "Other half: ", "Code for the second: AUTH-2"], "{said}");
        let command = format!("git spec hook post-rewrite {} COMMIT", &old[..10]);
        assert!(said.contains(&command), "{said}");
        let halves = ["HEAD~2", "HEAD~1"].map(|rev| repo.rev(rev)[..9].to_owned());
        assert!(said.contains(&halves.join(", ")), "{said}");
        let listed = repo.spec(&["fsck", "--all"]);
        assert!(listed.stdout.contains(&command), "{listed:?}");
        // As it is typed, once for each half.
        for half in &halves {
            let typed = command.replace("COMMIT", half);
            git(&repo, &typed.split(' ').skip(1).collect::<Vec<_>>()).ok();
        }
        let all = ["One half: AUTH-1", "Other half: AUTH-1", "Code for the second: AUTH-2"];
        assert_eq!(noted_at(&repo), all);
        assert_eq!(repo.spec(&["fsck", "--all"]).ok(), "3 links: 3 exact\n");
    }
}

#[test]
fn what_is_amended_at_the_stop_has_the_note() {
    for moves in [false, true] {
        let repo = noted(moves);
        rebase(&repo, "1s/pick/edit/");
        // Half of it, in other words and by somebody else; the rest and more behind it.
        repo.git(&["rm", "-q", "--cached", "src/a2.rs"]);
        git(&repo, &["commit", "-q", "--amend", "--reset-author", "-m", "One half"]).ok();
        new_file(&repo, "more", "The rest");
        go_on(&repo);
        assert_eq!(noted_at(&repo), ["One half: AUTH-1", "The rest: ", "Code for the second: AUTH-2"], "{moves}");
    }
}

#[test]
fn a_part_that_a_person_gave_the_old_message_is_the_commit() {
    let repo = noted(true);
    rebase(&repo, "1s/pick/edit/");
    repo.git(&["reset", "-q", "HEAD^"]);
    repo.git(&["add", "src/a1.rs"]);
    git(&repo, &["commit", "-q", "-m", "Prepare"]).ok();
    repo.git(&["add", "-A"]);
    git(&repo, &["commit", "-q", "-C", "ORIG_HEAD"]).ok();
    go_on(&repo);
    assert_eq!(noted_at(&repo), ["Prepare: ", "Code for the first: AUTH-1", "Code for the second: AUTH-2"]);
}

#[test]
fn what_a_conflict_made_of_a_commit_has_its_note_and_not_what_follows() {
    for words in [&["commit", "-q", "--no-edit"][..], &["commit", "-q", "-m", "In other words"]] {
        let repo = noted(false);
        repo.git(&["checkout", "-q", "main"]);
        repo.write("src/a1.rs", "fn other() {}\n");
        repo.commit("Something else");
        repo.git(&["checkout", "-q", "work"]);
        run(repo.git_command(repo.path()).args(["rebase", "-q", "main"]));
        repo.write("src/a1.rs", "fn other() {}\nfn a1() {}\n");
        repo.git(&["add", "-A"]);
        let said = git(&repo, words);
        assert_eq!(said.status, 0, "{said:?}");
        let first = repo.git(&["log", "-1", "--format=%s"]);
        new_file(&repo, "more", "Another thing");
        let said = go_on(&repo);
        let expected = [format!("{first}: AUTH-1"), "Another thing: ".into(), "Code for the second: AUTH-2".into()];
        assert_eq!(noted_at(&repo), expected, "{words:?} {said}");
    }
}

#[test]
fn one_commit_that_takes_the_place_of_another_is_it_only_where_something_says_so() {
    let repo = noted(true);
    rebase(&repo, "1s/pick/edit/");
    repo.git(&["reset", "-q", "--soft", "HEAD^"]);
    git(&repo, &["commit", "-q", "-m", "The same in other words"]).ok();
    go_on(&repo);
    assert_eq!(noted_at(&repo), ["The same in other words: AUTH-1", "Code for the second: AUTH-2"]);
    rebase(&repo, "2s/pick/edit/");
    repo.git(&["reset", "-q", "--hard", "HEAD^"]);
    new_file(&repo, "strange", "Something new");
    let said = go_on(&repo);
    assert!(said.contains("go to no commit"), "{said}");
    assert_eq!(noted_at(&repo), ["The same in other words: AUTH-1", "Something new: "]);
}

#[test]
fn a_fixup_behind_what_was_made_at_a_stop_joins_that() {
    let repo = noted(true);
    rebase(&repo, "1s/pick/edit/;2s/pick/fixup/");
    new_file(&repo, "other", "Another thing");
    go_on(&repo);
    assert_eq!(noted_at(&repo), ["Code for the first: AUTH-1", "Another thing: AUTH-2"]);
}

#[test]
fn commits_that_are_executed_between_picks_take_nothing() {
    let repo = noted(true);
    let script = "echo $$ >>src/log && git add -A && git commit -q -m Between";
    let said = git(&repo, &["rebase", "-q", "-x", script, "main"]);
    assert_eq!(said.status, 0, "{said:?}");
    let expected = ["Code for the first: AUTH-1", "Between: ", "Code for the second: AUTH-2", "Between: "];
    assert_eq!(noted_at(&repo), expected);
}

#[test]
fn what_git_itself_copies_to_a_wrong_commit_is_taken_back() {
    for (name, mode) in
        [("refs/notes/*", "concatenate"), ("refs/notes/spec", "overwrite"), ("refs/notes/s*", "cat_sort_uniq")]
    {
        let repo = noted(true);
        repo.git(&["config", "notes.rewriteRef", name]);
        repo.git(&["config", "notes.rewriteMode", mode]);
        rebase(&repo, "1s/pick/edit/");
        new_file(&repo, "other", "Another thing");
        repo.spec(&["link", "HEAD", "specs/auth.md#reset"]).ok();
        new_file(&repo, "third", "A third thing");
        go_on(&repo);
        let expected =
            ["Code for the first: AUTH-1", "Another thing: reset", "A third thing: ", "Code for the second: AUTH-2"];
        assert_eq!(noted_at(&repo), expected, "{name} {mode}");
        let list = repo.git(&["notes", "--ref=spec", "list"]);
        assert!(!list.contains(&repo.rev("HEAD~1")), "{list}");
        assert_eq!(repo.spec(&["fsck"]).ok(), "3 links: 3 exact\n");
        // Its own lines are there again where Git wrote over them.
        rebase(&repo, "1s/pick/edit/");
        new_file(&repo, "fourth", "A fourth thing");
        repo.spec(&["link", "HEAD", "specs/auth.md#reset"]).ok();
        go_on(&repo);
        let expected = [
            "Code for the first: AUTH-1",
            "A fourth thing: reset",
            "Another thing: reset",
            "A third thing: ",
            "Code for the second: AUTH-2",
        ];
        assert_eq!(noted_at(&repo), expected, "{name} {mode}");
    }
}

#[test]
fn what_a_person_copies_by_hand_at_a_stop_stays() {
    let repo = noted(true);
    let old = repo.rev("HEAD~1");
    rebase(&repo, "1s/pick/edit/");
    new_file(&repo, "other", "Another thing");
    repo.git(&["notes", "--ref=spec", "copy", &old, "HEAD"]);
    go_on(&repo);
    let expected = ["Code for the first: AUTH-1", "Another thing: AUTH-1", "Code for the second: AUTH-2"];
    assert_eq!(noted_at(&repo), expected);
}

#[test]
fn the_note_of_a_commit_that_came_early_and_is_skipped_is_said_to_stay() {
    let repo = noted(true);
    repo.git(&["branch", "kept", "work"]);
    rebase(&repo, "1i break");
    repo.git(&["cherry-pick", "-n", "kept"]);
    git(&repo, &["commit", "-q", "-m", "The second, early"]).ok();
    assert_ne!(git(&repo, &["rebase", "--continue"]).status, 0);
    let said = git(&repo, &["rebase", "--skip"]);
    assert_eq!(said.status, 0, "{said:?}");
    let command = said.stderr.lines().find_map(|line| Some(line.split_once("git spec hook ")?.1));
    let command: Vec<&str> = command.unwrap_or_else(|| panic!("{said:?}")).split([' ', ',']).take(2).collect();
    repo.spec(&[&["hook"], &command[..], &["HEAD~"]].concat()).ok();
    assert_eq!(noted_at(&repo), ["The second, early: AUTH-2", "Code for the first: AUTH-1"]);
}

#[test]
fn a_link_that_goes_with_code_that_another_commit_brings_back_is_told() {
    let repo = noted(false);
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.git(&["branch", "before"]);
    // Code and revert become one with the commit before them; what brings the code back stays apart.
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "true").env("GIT_SEQUENCE_EDITOR", "sed -i -e '2,3s/^pick/fixup/'");
    let said = run(command.args(["rebase", "-q", "-i", "main"]));
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.stderr.contains("git spec link COMMIT AUTH-2, with the commit that brought"), "{said:?}");
    repo.spec(&["link", "HEAD", "AUTH-2"]).ok();
    assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 2 exact; 1 withdrawn\n");
}
