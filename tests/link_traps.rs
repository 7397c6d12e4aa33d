//! Traps about links that readers fell into, each as they found it.

#![allow(clippy::expect_used, reason = "a script that fails is a test that fails")]

mod support;

use std::process::Command;

use support::{Answer, Repo, each, run};

/// `git` with this program on its search path; what it said where it succeeded.
fn git(repo: &Repo, args: &[&str]) -> Answer {
    run(repo.git_command(repo.path()).args(args))
}

fn message(repo: &Repo) -> String {
    repo.git(&["log", "-1", "--format=%B"])
}

fn state(repo: &Repo, anchor: &str) -> String {
    let listed = repo.spec(&["ls", "--json"]).json();
    let clauses = listed["clauses"].as_array().expect("clauses").iter();
    let found = clauses.into_iter().find(|clause| clause["anchor"] == anchor).expect("the clause");
    found["state"].as_str().expect("a state").to_owned()
}

#[test]
fn an_amended_commit_is_not_linked_to_the_one_that_it_replaces() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.write("src/a.rs", "fn a() {}\n");
    let gone = repo.commit("Both at once");
    assert_eq!(git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-2"]).status, 0);
    let said = message(&repo);
    assert!(said.contains("#AUTH-2 v1:") && !said.contains(&gone[..16]), "{said}");
    assert_eq!(repo.spec(&["fsck"]).ok(), "1 link: 1 exact\n");
}

#[test]
fn after_a_rename_links_name_a_commit_that_has_the_name() {
    let repo = Repo::auth();
    repo.git(&["mv", "specs/auth.md", "specs/login.md"]);
    repo.commit("Call it login");
    repo.edit("specs/login.md", "{#AUTH-2}", "{#AUTH-9}");
    repo.commit("Number anew");
    repo.write("src/a.rs", "fn a() {}\n");
    repo.git(&["add", "-A"]);
    assert_eq!(git(&repo, &["spec", "commit", "-qm", "Code", "--for", "AUTH-1", "--for", "AUTH-9"]).status, 0);
    assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 2 exact\n");
    // What is under way is known after an edit, too
    repo.spec(&["start", "AUTH-1"]).ok();
    repo.edit("specs/login.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    assert!(run(repo.spec_command(repo.path()).arg("start")).stdout.contains("5 → 3"));
}

#[test]
fn a_template_that_nobody_edited_makes_no_commit() {
    let repo = Repo::auth();
    let template = repo.beside("template");
    std::fs::write(&template, "subject\n\nbody\n").expect("a template");
    repo.spec(&["start", "AUTH-1"]).ok();
    repo.write("src/a.rs", "fn a() {}\n");
    repo.git(&["add", "-A"]);
    let before = repo.rev("HEAD");
    let mut command: Command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "true").args(["spec", "commit", "-t"]).arg(&template);
    let refused = run(&mut command);
    assert!(refused.status == 1 && refused.stderr.contains("you did not edit the message"), "{refused:?}");
    assert_eq!(repo.rev("HEAD"), before);
    let mut command: Command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "echo more >>").args(["spec", "commit", "-q", "-t"]).arg(&template);
    assert_eq!(run(&mut command).status, 0);
    assert!(message(&repo).contains("#AUTH-1@"), "{}", message(&repo));
}

#[test]
fn a_squash_keeps_the_link_to_what_it_commits() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-2"]);
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("Shorten sessions");
    repo.generate("src/b.rs", "fn b() {}\n", &["AUTH-2"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--squash", "work"]);
    let mut command = repo.git_command(repo.path());
    assert_eq!(run(command.env("GIT_EDITOR", "true").args(["spec", "commit", "-q"])).status, 0);
    let trailers = repo.git(&["log", "-1", "--format=%(trailers:key=Spec)"]);
    assert_eq!(trailers.lines().filter(|line| line.contains("#AUTH-2")).count(), 1, "{trailers}");
    assert_eq!(state(&repo, "AUTH-2"), "answered");
}

#[test]
fn what_a_range_takes_back_is_not_carried_over() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-1"]);
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.generate("src/b.rs", "fn b() {}\n", &["AUTH-2"]);
    let trailers = repo.spec(&["squash-message", "main..work"]).stdout;
    assert!(trailers.contains("#AUTH-2") && !trailers.contains("Spec: specs/auth.md#AUTH-1"), "{trailers}");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--squash", "work"]);
    repo.git(&["commit", "-q", "-m", "All of it"]);
    repo.spec(&["link", "--squashed", "main~1..work", "HEAD"]);
    assert_eq!((state(&repo, "AUTH-1"), state(&repo, "AUTH-2")), ("unanswered".to_owned(), "answered".to_owned()));
}

#[test]
fn a_shallow_history_without_a_visible_link_is_no_answer() {
    let repo = Repo::auth();
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-2"]);
    repo.write("src/b.rs", "fn b() {}\n");
    repo.commit("Something else");
    let shallow = repo.beside("shallow");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth=1", &url, &shallow.to_string_lossy()]);
    for command in ["status", "impact", "ls"] {
        let answer = repo.spec_in(&shallow, &[command, "--json"]);
        assert_eq!(answer.status, 3, "{command}");
        assert!(answer.json()["incomplete"][0].as_str().is_some_and(|what| what.contains("shallow")), "{command}");
    }
}

#[test]
fn grafts_change_nothing() {
    let repo = Repo::auth();
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-2"]);
    repo.write("src/b.rs", "fn b() {}\n");
    repo.commit("Something else");
    std::fs::create_dir_all(repo.path().join(".git/info")).expect("a directory");
    let graft = format!("{} {}\n", repo.rev("HEAD"), repo.rev("HEAD~2"));
    std::fs::write(repo.path().join(".git/info/grafts"), graft).expect("grafts");
    assert_eq!(state(&repo, "AUTH-2"), "answered");
}

#[test]
fn lines_are_followed_through_the_renames_of_a_merge() {
    let repo = Repo::auth();
    repo.write("src/a.rs", "fn a() {}\n");
    repo.commit("Begin");
    repo.git(&["checkout", "-q", "-b", "moved"]);
    repo.git(&["mv", "src", "lib"]);
    repo.commit("Move the directory");
    repo.git(&["checkout", "-q", "main"]);
    repo.generate("src/n.rs", "one\ntwo\nthree\n", &["AUTH-2"]);
    repo.git(&["-c", "merge.directoryRenames=true", "merge", "-q", "--no-edit", "moved"]);
    assert!(repo.path().join("lib/n.rs").exists(), "git moved it");
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("Shorten sessions");
    assert_eq!(repo.spec(&["impact", "--files"]).ok(), "lib/n.rs\n");
}

#[test]
fn a_link_to_a_whole_document_is_shown_with_its_clauses() {
    let repo = Repo::auth();
    repo.write("src/a.rs", "fn a() {}\n");
    repo.git(&["add", "-A"]);
    assert_eq!(git(&repo, &["spec", "commit", "-qm", "All of it", "--for", "specs/auth.md"]).status, 0);
    let shown = repo.spec(&["show", "--json", "AUTH-2"]).json();
    assert_eq!(each(&shown["generated"], "/subject"), ["All of it"]);
    let log = repo.spec(&["log", "--json"]).json();
    assert_eq!(each(&log["entries"][0]["generated"], "/subject"), ["All of it"]);
    assert!(!repo.spec(&["start", "--open"]).stdout.contains("AUTH-2"));
}

#[test]
fn a_biography_shows_only_what_was_made_from_its_clause() {
    let repo = Repo::auth();
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-1"]);
    repo.generate("src/b.rs", "fn b() {}\n", &["AUTH-2"]);
    let log = repo.spec(&["log", "--json", "--clause", "AUTH-1"]).json();
    let made = log["entries"][0]["generated"].as_array().expect("a list");
    assert_eq!(made.len(), 1, "{made:#?}");
    assert_eq!(made[0]["links"][0]["anchor"], "AUTH-1");
}

#[test]
fn what_is_under_way_can_be_forgotten_without_a_specification() {
    let repo = Repo::auth();
    repo.spec(&["start", "AUTH-1"]).ok();
    repo.git(&["rm", "-rq", "specs"]);
    repo.commit("Do without");
    assert!(run(repo.spec_command(repo.path()).args(["start", "--done"])).stdout.contains("Nothing is under way"));
}

/// The reason that is told with the link of AUTH-2.
fn reason(repo: &Repo) -> String {
    let shown = repo.spec(&["show", "--json", "AUTH-2"]).json();
    shown["generated"][0]["links"][0]["reason"].as_str().expect("a reason").to_owned()
}

#[test]
fn code_that_a_merge_kept_is_not_undone_by_the_side_that_took_it_back() {
    let repo = Repo::auth();
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-2"]);
    repo.git(&["checkout", "-q", "-b", "release"]);
    repo.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(state(&repo, "AUTH-2"), "unanswered");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("src/b.rs", "fn b() {}\n");
    repo.commit("Something else");
    repo.git(&["merge", "-q", "-s", "ours", "-m", "Keep ours", "release"]);
    assert_eq!(state(&repo, "AUTH-2"), "answered");
    assert!(reason(&repo).contains("its code stands as it left it"), "{}", reason(&repo));
}

/// How often a run asks git for anything but the lines of a file.
fn processes(repo: &Repo) -> usize {
    let _ = std::fs::remove_dir_all(repo.path().join(".git/spec"));
    let trace = repo.beside("trace");
    let _ = std::fs::remove_file(&trace);
    run(repo.spec_command(repo.path()).env("GIT_TRACE", &trace).arg("status")).ok();
    let trace = std::fs::read_to_string(&trace).expect("a trace");
    trace.lines().filter(|line| line.contains("built-in: git") && !line.contains("git blame")).count()
}

#[test]
fn reverted_commits_whose_code_a_merge_kept_are_looked_at_together() {
    let count = |reverted: usize| {
        let repo = Repo::auth();
        let code = |n: usize| format!("fn f{n}() {{\n    let a = {n};\n    b(a);\n}}\n");
        for n in 0..reverted {
            repo.generate(&format!("src/{n}.rs"), &code(n), &["AUTH-1", "AUTH-2"]);
        }
        repo.git(&["branch", "side"]);
        for n in 0..reverted {
            repo.git(&["revert", "--no-edit", &format!("HEAD~{}", 2 * n)]);
        }
        repo.git(&["checkout", "-q", "side"]);
        repo.write("src/other.rs", "fn other() {}\n");
        repo.commit("Something else");
        repo.git(&["merge", "-q", "-s", "ours", "-m", "Keep ours", "main"]);
        for n in 0..reverted {
            repo.write(format!("src/{n}.rs"), code(n).replace("let a", "let bcd"));
        }
        repo.commit("Touch all");
        assert_eq!(state(&repo, "AUTH-2"), "answered");
        assert!(reason(&repo).contains("a merge kept lines of its code"), "{}", reason(&repo));
        processes(&repo)
    };
    assert_eq!(count(2), count(5));
}

#[test]
fn a_string_of_code_is_no_annotation() {
    let repo = Repo::auth();
    repo.write("src/a.rs", "let t = \"r[impl AUTH-1]\";\n// r[impl AUTH-2]\n");
    repo.commit("Code");
    let told = repo.spec(&["link", "--from-annotations", "-n", "--json"]).json();
    assert_eq!(each(&told["links"], "/anchor"), ["AUTH-2"]);
}
