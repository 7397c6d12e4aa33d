//! What a person may call a clause, a document and a repository without commits or work tree, and how programs get names.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{AUTH, Repo, run};

/// The names that are under way, and forgets them.
fn started(repo: &Repo, name: &str) -> Vec<String> {
    repo.spec(&["start", name]).ok();
    let listed = repo.spec(&["start", "--json"]).json();
    repo.spec(&["start", "--done"]).ok();
    let link =
        |clause: &serde_json::Value| clause["link"].as_str().unwrap().split(['@', ' ']).next().unwrap().to_owned();
    listed["started"].as_array().unwrap().iter().map(link).collect()
}

fn odd() -> Repo {
    let repo = Repo::new();
    for (path, prefix) in
        [("specs/a#b.md", "A"), ("specs/c@d.md", "C"), ("specs/e f.md", "E"), ("specs/100%25.md", "P")]
    {
        repo.write(path, AUTH.replace("AUTH", prefix));
    }
    repo.write(
        "specs/titled.md",
        "# All\n\n## T-1: Locking out {#T-1}\n\nThe door MUST be closed at night by its owner.\n",
    );
    repo.commit("Odd names");
    repo
}

#[test]
fn a_name_that_is_copied_from_a_link_or_an_address_is_understood() {
    let repo = odd();
    for (typed, link) in [
        ("specs/e%20f.md#E-1", "specs/e%20f.md#E-1"),
        ("specs/e%20f.md", "specs/e%20f.md"),
        ("specs/a%23b.md#A-2", "specs/a%23b.md#A-2"),
        ("specs/c%40d.md#C-2@HEAD", "specs/c%40d.md#C-2"),
        // What is there as it was typed goes first.
        ("specs/100%25.md#P-1", "specs/100%2525.md#P-1"),
    ] {
        assert_eq!(started(&repo, typed), [link], "{typed}");
        let linked = repo.spec(&["link", "-n", "--json", "HEAD", "--", typed]).json();
        let name = format!("{}#{}", linked["links"][0]["path"].as_str().unwrap(), linked["links"][0]["anchor"]);
        assert!(name.starts_with("specs/"), "{linked}");
    }
    for wrong in ["specs/e%2", "specs/e%zz.md#E-1", "%00", "specs/e%20f.md#E-9"] {
        repo.spec(&["start", wrong]).fails(2);
    }
}

#[test]
fn a_document_may_have_the_marks_of_links_in_its_name() {
    let repo = odd();
    for (typed, link) in [
        ("specs/a#b.md", "specs/a%23b.md"),
        ("specs/c@d.md", "specs/c%40d.md"),
        ("specs/c@d.md@HEAD", "specs/c%40d.md"),
        ("specs/a#b.md@HEAD", "specs/a%23b.md"),
        ("HEAD:specs/a#b.md", "specs/a%23b.md"),
    ] {
        assert_eq!(started(&repo, typed), [link], "{typed}");
        repo.spec(&["link", "HEAD", "--", typed]).ok();
    }
    assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 2 exact\n");
    for name in ["specs/a#b.md", "specs/c%40d.md"] {
        repo.spec(&["unlink", "HEAD", "--", name]).ok();
    }
    assert_eq!(repo.spec(&["fsck"]).ok(), "0 links: 0 exact; 2 withdrawn\n");
}

#[test]
fn of_a_document_at_no_revision_the_revision_is_wrong() {
    let repo = odd();
    for words in [&["start", "specs/titled.md@HEAD~9"][..], &["link", "HEAD", "--", "specs/a#b.md@HEAD~9"]] {
        assert!(repo.spec(words).fails(2).contains("unknown revision HEAD~9"), "{words:?}");
    }
}

#[test]
fn a_title_is_taken_as_the_screen_shows_it() {
    let repo = odd();
    for typed in ["T-1: Locking out", "Locking out", "locking out", "T-1  Locking out"] {
        assert_eq!(started(&repo, typed), ["specs/titled.md#T-1"], "{typed}");
    }
    assert!(repo.spec(&["start", "Lockout"]).fails(2).contains("Lockout names 4 clauses"));
}

#[cfg(unix)]
#[test]
fn with_nul_nothing_is_quoted() {
    let repo = Repo::new();
    let path = "specs/new\nline \"x\" \\ é.md";
    repo.write(path, AUTH);
    let first = repo.commit("An odd name");
    repo.write(path, AUTH.replace("30 minutes", "20 minutes"));
    repo.commit("Shorten");
    let expected = |anchor: &str| format!("{path}#{anchor}\0");
    let all: String = ["authentication", "AUTH-1", "AUTH-2", "reset"].map(expected).concat();
    assert_eq!(repo.spec(&["ls", "-z"]).ok(), all);
    assert_eq!(repo.spec(&["grep", "-z", "20 minutes"]).ok(), expected("AUTH-2"));
    assert_eq!(repo.spec(&["diff", "--name-only", "-z", &first, "HEAD"]).ok(), expected("AUTH-2"));
}

#[test]
fn what_has_no_commit_or_work_tree_is_said_in_our_words() {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    let told = repo.spec(&["blame", "specs/auth.md"]).fails(2);
    assert!(told.contains("main has no commits yet") || told.contains("no commit"), "{told}");
    assert!(!told.contains("git blame failed"), "{told}");
    repo.commit("Begin");
    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    for words in [&["diff", "HEAD"][..], &["diff"], &["impact", "HEAD"]] {
        let told = repo.spec_in(&bare, words).fails(2);
        assert_eq!(
            told,
            "error: this repository has no work tree to compare with\nhint: name two revisions, for example HEAD~1..HEAD\n",
            "{words:?}"
        );
    }
    assert_eq!(repo.spec_in(&bare, &["diff", "HEAD..HEAD"]).status, 0);
}

#[test]
fn what_git_refuses_is_told_without_its_hints() {
    let repo = Repo::auth();
    let head = repo.rev("HEAD");
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},sub")]);
    repo.git(&["commit", "-q", "-m", "A submodule"]);
    std::fs::create_dir(repo.path().join("sub")).unwrap();
    let told = repo.spec(&["blame", "sub"]).fails(2);
    assert!(told.contains("unsupported file type sub") && !told.contains("graft"), "{told}");
}

#[test]
fn link_without_words_says_what_it_needs() {
    let repo = Repo::auth();
    let said = |words: &[&str]| repo.spec(words).fails(2).lines().take(2).collect::<Vec<_>>().join("\n");
    assert_eq!(said(&["link"]), "error: git spec link needs a commit and a clause\nhint: git spec link COMMIT CLAUSE");
    assert_eq!(said(&["unlink"]), "error: git spec unlink needs a commit\nhint: git spec unlink COMMIT [CLAUSE]");
}

#[test]
fn what_a_commit_did_is_told_where_it_fits() {
    let repo = Repo::auth();
    let line = repo.spec_line("AUTH-1");
    repo.write("src/a.rs", "fn a() {}\n");
    repo.commit(&format!("Lock\n\n{line}"));
    let mut command = repo.spec_command(repo.path());
    let log = run(command.env("COLUMNS", "54").arg("log")).stdout;
    assert!(log.contains("AUTH-1 fresh  +1 -0 in 1 file\n"), "{log}");
    assert!(log.lines().all(|line| line.chars().count() <= 54), "{log}");
}

#[test]
fn names_that_say_their_title_leave_room_for_the_path() {
    let repo = Repo::new();
    let text = "# All\n\n## Cross platform detection of the tool on all windows\n\nThe door MUST be closed.\n\n\
                ## Modified omits an existing scenario\n\nThe window MUST be open.\n";
    repo.write("specs/cli-feedback-and-more/spec.md", text);
    repo.commit("Doors");
    repo.spec(&["start", "cross-platform-detection-of-the-tool-on-all-windows"]).ok();
    repo.spec(&["start", "modified-omits-an-existing-scenario"]).ok();
    for columns in [80, 70, 60, 55] {
        let mut command = repo.spec_command(repo.path());
        let shown = run(command.env("COLUMNS", columns.to_string()).arg("start")).stdout;
        let widths: Vec<usize> = shown.lines().skip(1).map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|&wide| wide <= columns), "{columns} {shown}");
    }
}

#[test]
fn what_changed_since_is_told_beneath_a_long_name() {
    let repo = Repo::new();
    let long = "a-very-long-name-of-a-clause-that-takes-more-or-less-all-of-the-line";
    let text = format!("# All\n\n## One {{#{long}}}\n\nThe door MUST be closed after 5 minutes.\n");
    repo.write("specs/doors.md", &text);
    repo.commit("Doors");
    repo.spec(&["start", long]).ok();
    repo.write("specs/doors.md", text.replace("5 minutes", "3 minutes"));
    repo.commit("Sooner");
    for columns in ["80", "60", "40"] {
        let mut command = repo.spec_command(repo.path());
        let shown = run(command.env("COLUMNS", columns).arg("start")).stdout;
        assert!(shown.contains("changed since: 5 → 3"), "{shown}");
        let width: usize = columns.parse().unwrap();
        assert!(shown.lines().all(|line| line.chars().count() <= width), "{shown}");
    }
}
