//! Corners of what is asked: a side that is a link no more, two sides and `--cached`, ranges of `blame`, a configuration that is
//! left out of the work tree.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Answer, Repo, run};

/// Runs git in the repository.
fn git(repo: &Repo, words: &[&str]) -> Answer {
    run(repo.git_command(repo.path()).args(words))
}

#[test]
fn a_file_in_the_place_of_a_link_is_compared() {
    let repo = Repo::auth();
    std::os::unix::fs::symlink("auth.md", repo.path().join("specs/more.md")).unwrap();
    repo.commit("Link");
    std::fs::remove_file(repo.path().join("specs/more.md")).unwrap();
    repo.write("specs/more.md", "# More\n\nIt MUST be more than before.\n");
    let said = git(&repo, &["spec", "diff", "--exit-code", "--name-only"]);
    assert!(said.status == 1 && said.stdout.contains("specs/more.md#more"), "{said:?}");
    // Where no links are made, the file has the link's target
    repo.write("specs/more.md", "auth.md");
    assert_eq!(git(&repo, &["-c", "core.symlinks=false", "spec", "diff", "--exit-code"]).status, 0);
}

#[test]
fn two_sides_leave_nothing_to_compare_with_what_is_staged() {
    let repo = Repo::auth();
    repo.write("a", "a\n");
    repo.commit("Second");
    for sides in [&["HEAD~1..HEAD"][..], &["HEAD~1", "HEAD"], &["HEAD^!"]] {
        let said = git(&repo, &[&["spec", "diff", "--cached"], sides].concat()).fails(2);
        assert!(said.contains("--cached compares with what is staged"), "{said}");
    }
    assert_eq!(git(&repo, &["spec", "diff", "--cached", "HEAD~1"]).status, 0);
}

#[test]
fn one_line_more_of_the_same_is_a_change_to_grep_for() {
    let repo = Repo::new();
    let text = |lines: &str| format!("# One\n\nIt MUST be the first of all.\n\n```\n{lines}```\n");
    repo.write("specs/a.md", text("beta\n"));
    repo.commit("Once");
    repo.write("specs/a.md", text("beta\nbeta\n"));
    let twice = repo.commit("Twice");
    repo.write("specs/a.md", text("beta\nbeta\ngamma\n"));
    repo.commit("Other");
    let said = git(&repo, &["spec", "log", "--json", "-G", "beta"]).json();
    let commits = support::each(&said["entries"], "/commit");
    assert!(commits.len() == 2 && commits[0] == twice, "{commits:?}");
    let said = git(&repo, &["spec", "log", "--first-parent", "--clause", "specs/a.md#one"]).fails(2);
    assert!(said.contains("do not go together"), "{said}");
}

#[test]
fn blame_takes_a_range() {
    let repo = Repo::auth();
    repo.write("src/a.rs", "one\n");
    repo.commit("One");
    repo.write("src/a.rs", "one\ntwo\n");
    let two = repo.commit("Two");
    for range in ["HEAD~1..HEAD", "HEAD~1.."] {
        let said = git(&repo, &["spec", "blame", "--json", range, "src/a.rs"]).json();
        assert_eq!(said["rev"], two.as_str());
        let lines = support::each(&said["lines"], "/commit");
        assert_eq!((lines.len(), lines[1]), (2, two.as_str()), "{range}");
        assert_eq!(git(&repo, &["spec", "blame", range, "specs/auth.md"]).status, 0);
    }
}

#[test]
fn a_configuration_that_is_left_out_of_the_work_tree_counts() {
    let repo = Repo::auth();
    repo.write("notes/n.md", "# Note\n\nThis MUST be read as well.\n");
    repo.write("src/a.rs", "a\n");
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"notes/*.md\"]\n");
    repo.commit("Configured");
    let all = git(&repo, &["spec", "ls"]).ok();
    repo.git(&["sparse-checkout", "set", "--no-cone", "/src/"]);
    assert!(!repo.path().join(".gitspec.toml").exists());
    assert_eq!(git(&repo, &["spec", "ls"]).ok(), all);
}

#[test]
fn a_git_that_is_too_old_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = Repo::auth();
    let directory = repo.beside("old");
    std::fs::create_dir_all(&directory).unwrap();
    let text = "#!/bin/sh\nfor word; do test \"$word\" = version && { echo git version 2.20.1; exit; }; done\necho 'fatal: unknown option' >&2\nexit 128\n";
    std::fs::write(directory.join("git"), text).unwrap();
    std::fs::set_permissions(directory.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_git-spec"));
    command.env_clear().env("PATH", &directory).env("HOME", repo.path()).current_dir(repo.path()).arg("ls");
    let said = run(&mut command).fails(2);
    assert!(said.contains("this is git 2.20, git-spec needs 2.34 or newer"), "{said}");
}

#[test]
fn a_meaning_that_is_not_committed_is_nobody_s() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    let said = git(&repo, &["spec", "blame", "--json", "specs/auth.md"]).json();
    let of = |said: &serde_json::Value, key: &str| {
        let clause =
            said["clauses"].as_array().unwrap().iter().find(|clause| clause["clause"]["anchor"] == "AUTH-1").unwrap();
        !clause[key].is_null()
    };
    let all =
        |said: &serde_json::Value| ["introduced", "last_meaning_change", "last_text_change"].map(|key| of(said, key));
    assert_eq!(all(&said), [true, false, false]);
    assert!(git(&repo, &["spec", "blame", "specs/auth.md"]).ok().contains("meaning changed since, not committed"));
    repo.git(&["checkout", "-q", "specs/auth.md"]);
    repo.edit("specs/auth.md", "The system MUST lock", "The system  MUST\nlock");
    let said = git(&repo, &["spec", "blame", "--json", "specs/auth.md"]).json();
    assert_eq!(all(&said), [true, true, false]);
    let said = git(&repo, &["spec", "blame", "--json", "HEAD", "specs/auth.md"]).json();
    assert_eq!(all(&said), [true, true, true]);
}

#[test]
fn ranges_are_taken_in_each_form() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.commit("Three");
    let wanted = git(&repo, &["spec", "diff", "HEAD~1..HEAD"]).ok();
    assert!(wanted.contains("AUTH-1"));
    for words in [&["HEAD^-"][..], &["HEAD^-1"], &["^HEAD~1", "HEAD"], &["HEAD", "^HEAD~1"], &["HEAD^!"]] {
        assert_eq!(git(&repo, &[&["spec", "diff"], words].concat()).ok(), wanted, "{words:?}");
    }
    let log = git(&repo, &["spec", "log", "--oneline", "HEAD~1..HEAD"]).ok();
    assert_eq!(git(&repo, &["spec", "log", "--oneline", "HEAD^-"]).ok(), log);
}

#[test]
fn a_file_that_is_left_out_of_the_work_tree_is_blamed() {
    let repo = Repo::auth();
    repo.write("src/a.rs", "a\n");
    repo.commit("Code");
    let all = git(&repo, &["spec", "blame", "specs/auth.md"]).ok();
    repo.git(&["sparse-checkout", "set", "src"]);
    assert!(!repo.path().join("specs/auth.md").exists());
    assert_eq!(git(&repo, &["spec", "blame", "specs/auth.md"]).ok(), all);
    let said = git(&repo, &["spec", "blame", "specs/none.md"]).fails(2);
    assert!(said.contains("no file specs/none.md"), "{said}");
}

#[test]
fn what_blame_cannot_read_makes_it_incomplete() {
    let repo = Repo::auth();
    let blob = repo.rev("HEAD:specs/auth.md");
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.commit("Three");
    let object = repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    std::fs::remove_file(object).unwrap();
    let said = git(&repo, &["spec", "blame", "specs/auth.md"]).fails(3);
    assert!(said.contains(&blob), "{said}");
}

#[test]
fn a_clause_without_a_heading_is_found_by_its_id() {
    let repo = Repo::new();
    repo.write("specs/a.md", "# All\n\nr[a.one]\nIt MUST be the first of all.\n\nr[a.two]\nIt MUST be the second.\n");
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/*.md\"]\n");
    repo.commit("Rules");
    let said = git(&repo, &["spec", "grep", "--json", "^a\\.one$"]).json();
    assert_eq!(support::each(&said["clauses"], "/anchor"), ["a.one"]);
    assert!(
        git(&repo, &["spec", "grep", "--json", "^It MUST be the$"]).json()["clauses"].as_array().unwrap().is_empty()
    );
}

#[test]
fn code_that_is_missing_takes_only_the_numbers_away() {
    let repo = Repo::auth();
    repo.generate("src/a.rs", "one\ntwo\n", &["AUTH-1"]);
    let blob = repo.rev("HEAD:src/a.rs");
    std::fs::remove_file(repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    // Else git takes the file that lies there for it.
    repo.write("src/a.rs", "another\n");
    let said = git(&repo, &["spec", "log"]);
    assert!(said.status == 3 && said.stdout.contains("AUTH-1") && said.stderr.contains(&blob[..12]), "{said:?}");
}
