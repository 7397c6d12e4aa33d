//! Links whose spec file stands where today's specification names nothing: removed folders, rewritten paths, clones that
//! lack a part of history.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::{Value, json};
use support::{Repo, each};

/// A repository with code of both clauses: one by a trailer, one by a note.
fn generated() -> Repo {
    let repo = Repo::auth();
    repo.generate("src/lock.rs", "fn lock() {}\nfn unlock() {}\n", &["AUTH-1"]);
    repo.write("src/session.rs", "fn end() {}\nfn begin() {}\n");
    repo.commit("End sessions");
    repo.spec(&["link", "HEAD", "AUTH-2"]).ok();
    repo
}

/// Another folder of specifications, which is there after [`generated`] and stays.
fn other(repo: &Repo, path: &str) {
    repo.write(path, "# Other\n\n## O-1: Backups\n\nBackups MUST be made every night at two o'clock.\n");
    repo.commit("Specify backups");
}

fn findings(repo: &Repo) -> (i32, Value) {
    let answer = repo.spec(&["fsck", "--json"]);
    (answer.status, answer.json())
}

#[test]
fn the_links_of_a_folder_that_was_removed_are_exact_and_retired() {
    for configured in [false, true] {
        let repo = generated();
        other(&repo, "lib/spec/other.md");
        if configured {
            repo.write(".gitspec.toml", "[spec]\ninclude = [\"lib/spec/*.md\", \"specs/*.md\"]\n");
            repo.commit("Name the folders");
            repo.write(".gitspec.toml", "[spec]\ninclude = [\"lib/spec/*.md\"]\n");
        }
        repo.git(&["rm", "-qr", "specs"]);
        let gone = repo.commit("Ask for nothing any more");
        assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 2 exact\n", "{configured}");
        let blame = repo.spec(&["blame", "--json", "src/lock.rs"]).json();
        let link = &blame["lines"][0]["links"][0];
        assert_eq!((&link["resolution"], &link["freshness"]), (&json!("exact"), &json!("retired")));
        let status = repo.spec(&["status", "--json"]).json();
        assert_eq!(each(&status["retired"], "/anchor"), ["AUTH-1", "AUTH-2"], "{status:#}");
        assert_eq!(status["retired"][0]["removed_in"], json!(gone));
        assert_eq!(status["doubtful"], 0);
        let text = repo.spec(&["status"]).ok();
        assert!(text.contains("Code whose demand is gone:"), "{text}");
        // Asked again, after more commits, and without anything kept, it is the same.
        repo.write("README", "Nothing\n");
        repo.commit("Say nothing");
        let again = repo.spec(&["status", "--json"]).json();
        assert_eq!(again["retired"], status["retired"]);
        std::fs::remove_dir_all(repo.path().join(".git/spec")).unwrap();
        assert_eq!(repo.spec(&["status", "--json"]).json()["retired"], status["retired"]);
    }
}

#[test]
fn code_of_a_removed_folder_can_be_kept_on_purpose() {
    let repo = generated();
    other(&repo, "lib/spec/other.md");
    repo.git(&["rm", "-qr", "specs"]);
    repo.commit("Ask for nothing any more");
    let text = repo.spec(&["status"]).ok();
    let hint = text.split("kept on purpose: git spec ").nth(1).expect("a hint").split_whitespace();
    let words: Vec<&str> = hint.take(4).map(|word| word.trim_matches('\'')).collect();
    assert_eq!(words[..3], ["link", "--affirm", "HEAD"]);
    repo.spec(&words).ok();
    let status = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&status["retired"], "/anchor"), ["AUTH-2"], "{status:#}");
}

#[test]
fn a_folder_that_was_removed_is_told_by_what_compares_and_by_its_names() {
    let repo = generated();
    other(&repo, "lib/spec/other.md");
    repo.git(&["rm", "-qr", "specs"]);
    let gone = repo.commit("Ask for nothing any more");
    let diff = repo.spec(&["diff", "--json", "HEAD~", "HEAD"]).json();
    let kinds: Vec<&Value> = diff["changes"].as_array().unwrap().iter().map(|change| &change["kinds"]).collect();
    assert_eq!(kinds, [&json!(["removed"]); 4], "{diff:#}");
    assert!(repo.spec(&["diff", "HEAD~"]).ok().contains("4 removed"));
    assert!(repo.spec(&["diff", "-R", "HEAD~", "HEAD"]).ok().contains("4 added"));
    assert_eq!(repo.spec(&["impact", "--files", "HEAD~", "HEAD"]).ok(), "src/lock.rs\nsrc/session.rs\n");
    let shown = repo.spec(&["show", "AUTH-1@HEAD~"]).ok();
    assert!(shown.contains("AUTH-1  Lockout") && shown.contains("Generate src/lock.rs  fresh"), "{shown}");
    let life = repo.spec(&["log", "--oneline", "--clause", "specs/auth.md#AUTH-1@HEAD~"]).ok();
    assert!(life.contains("Write the specification down"), "{life}");
    // What did not stand in the specification of its time is none of it, and who says what to look at is answered about that.
    let asked = repo
        .spec_command(repo.path())
        .args(["diff", "HEAD~", "HEAD"])
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "spec.include")
        .env("GIT_CONFIG_VALUE_0", "lib/**/*.md")
        .output()
        .unwrap();
    assert_eq!(asked.stdout, b"", "{gone}");
    repo.write("notes/idea.md", "# Idea\n\nOne MUST do this or that.\n");
    repo.commit("Write an idea down");
    repo.git(&["rm", "-qr", "notes"]);
    repo.commit("Forget it");
    assert_eq!(repo.spec(&["diff", "HEAD~", "HEAD"]).ok(), "");
}

#[test]
fn a_file_that_no_specification_held_is_not_said_to_be_missing() {
    let repo = Repo::auth();
    repo.write("notes/idea.md", "# Ideas\n\n## X-1: Idea\n\nOne could MUST this for a while longer.\n");
    let at = repo.commit("Write an idea down");
    let trailer = format!("Spec: notes/idea.md#X-1@{} v1:00000000000000000000000000000000", &at[..16]);
    repo.write("src/x.rs", "fn x() {}\n");
    repo.commit(&format!("Do it\n\n{trailer}"));
    let (status, report) = findings(&repo);
    let finding = &report["findings"][0];
    assert_eq!((status, &finding["link"]["resolution"]), (1, &json!("dangling")));
    let reason = finding["reason"].as_str().unwrap();
    assert!(reason.contains("has notes/idea.md, which is no file of the specification"), "{reason}");
    assert_eq!(finding["mend"], Value::Null, "{finding:#}");
    assert!(!finding.to_string().contains("rebase") && !finding.to_string().contains("unlink"), "{finding:#}");
    // Where it is named, it is read.
    let named = repo
        .spec_command(repo.path())
        .args(["fsck", "--json"])
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "spec.include")
        .env("GIT_CONFIG_VALUE_0", "notes/*.md")
        .output()
        .unwrap();
    let named: Value = serde_json::from_slice(&named.stdout).unwrap();
    assert_eq!(named["findings"][0]["link"]["resolution"], "mismatch");
}

/// Gives all files of all commits other paths, as `git filter-repo --path-rename` and `--to-subdirectory-filter` do: with
/// other ids, and no object of before.
fn under_another_path(repo: &Repo, from: &str, to: &str) {
    let stream = repo.git(&["fast-export", "main"]);
    let moved: String = stream
        .lines()
        .map(|line| if line.starts_with("M ") { line.replacen(&format!(" {from}"), &format!(" {to}"), 1) } else { line.to_owned() } + "\n")
        .collect();
    repo.write(".git/stream", moved);
    repo.git(&["checkout", "-q", "--detach"]);
    repo.git(&["branch", "-q", "-D", "main"]);
    let import = "git fast-import --quiet --force <.git/stream && git checkout -q -f main && git clean -qdf";
    let said = std::process::Command::new("sh").args(["-c", import]).current_dir(repo.path()).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    repo.git(&["reflog", "expire", "--expire=all", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
}

#[test]
fn a_rewrite_with_other_paths_relocates_each_trailer() {
    let repo = Repo::auth();
    repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("End sooner");
    repo.generate("src/session.rs", "fn end() {}\n", &["AUTH-2"]);
    under_another_path(&repo, "specs/", "doc/specs/");
    let (status, report) = findings(&repo);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(each(&report["findings"], "/link/resolution"), ["relocated", "relocated"]);
    let status = repo.spec(&["status", "--json"]).json();
    assert_eq!((&status["counts"]["answered"], &status["doubtful"]), (&json!(2), &json!(0)), "{status:#}");
    // What is offered makes it exact, and settles it.
    for finding in report["findings"].as_array().unwrap() {
        let words: Vec<&str> = finding["mend"].as_str().expect("a mend").split(' ').collect();
        assert_eq!(words[..3], ["git", "spec", "link"]);
        repo.spec(&words[2..]).ok();
    }
    assert_eq!(repo.spec(&["fsck"]).ok(), "4 links: 2 exact, 2 mended\n");
}

#[test]
fn one_other_clause_with_the_words_is_named_and_not_taken() {
    let repo = Repo::auth();
    let version = repo.spec(&["show", "--json", "AUTH-2"]).json()["clause"]["version"].as_str().unwrap().to_owned();
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit(&format!("Lock\n\nSpec: specs/auth.md#AUTH-9@0123456789abcdef {version}"));
    let (status, report) = findings(&repo);
    let finding = &report["findings"][0];
    assert_eq!((status, &finding["link"]["resolution"]), (1, &json!("dangling")), "{finding:#}");
    assert!(finding["reason"].as_str().unwrap().contains("only specs/auth.md#AUTH-2 has had this version"));
    let link = finding["advice"].as_array().unwrap().last().unwrap().as_str().unwrap();
    assert!(link.ends_with("specs/auth.md#AUTH-2"), "{link}");
    repo.spec(&link.split(' ').skip(2).collect::<Vec<_>>()).ok();
    assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 1 exact, 1 mended\n");
}

#[test]
fn a_shallow_clone_says_what_it_cannot_tell() {
    let repo = Repo::auth();
    repo.write("README", "Nothing\n");
    repo.commit("Say nothing");
    repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    let clone = repo.beside("shallow");
    let from = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth", "1", &from, clone.to_str().unwrap()]);
    let answer = repo.spec_in(&clone, &["status"]);
    assert_eq!(answer.status, 3);
    assert!(answer.stdout.contains("4 clauses: 2 unanswered, 1 uncertain, 1 prose."), "{answer:?}");
    let (waiting, untold) = answer.stdout.split_once("Cannot be told").expect("a section");
    assert!(waiting.contains("AUTH-2") && !waiting.contains("AUTH-1"), "{}", answer.stdout);
    assert!(untold.contains("AUTH-1  Lockout") && untold.contains("unknown in "), "{}", answer.stdout);
    let report = repo.spec_in(&clone, &["status", "--json"]).json();
    assert_eq!(each(&report["untold"], "/clause/anchor"), ["AUTH-1"]);
    assert_eq!(report["untold"][0]["resolution"], "unknown");
}

#[test]
fn a_dangling_link_leaves_its_clause_untold_until_somebody_says_more() {
    let repo = Repo::auth();
    let gone = format!("Spec: specs/auth.md#AUTH-1@0123456789abcdef v1:{}", "0".repeat(32));
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit(&format!("Lock\n\n{gone}"));
    let status = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&status["untold"], "/clause/anchor"), ["AUTH-1"], "{status:#}");
    assert_eq!(each(&status["waiting"], "/clause/anchor"), ["AUTH-2", "reset"]);
    let counts = &status["counts"];
    assert_eq!((&counts["unanswered"], &counts["untold"], &counts["no_demand"]), (&json!(2), &json!(1), &json!(1)));
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    let status = repo.spec(&["status", "--json"]).json();
    assert_eq!((&status["untold"], &status["counts"]["answered"]), (&json!([]), &json!(1)));
}

#[test]
fn what_is_under_way_goes_with_its_folder() {
    let repo = Repo::auth();
    repo.spec(&["start", "AUTH-1"]).ok();
    for (from, to) in [("specs", "spec"), ("spec", "specs")] {
        repo.git(&["mv", from, to]);
        repo.commit("Call the folder otherwise");
        let shown = repo.spec(&["start", "--json"]).json();
        assert_eq!(each(&shown["started"], "/state"), ["current"], "{to}: {shown:#}");
    }
    // Begun where the folder had its other name
    repo.git(&["mv", "specs", "spec"]);
    repo.commit("Call the folder otherwise");
    repo.spec(&["start", "--done"]).ok();
    repo.spec(&["start", "AUTH-2"]).ok();
    repo.git(&["mv", "spec", "specs"]);
    repo.commit("Call it as before");
    let shown = repo.spec(&["start", "--json"]).json();
    assert_eq!(each(&shown["started"], "/state"), ["current"], "{shown:#}");
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("End sooner");
    let shown = repo.spec(&["start", "--json"]).json();
    assert_eq!(each(&shown["started"], "/changed"), ["30 → 20"], "{shown:#}");
}

/// On `work`: a demand is changed, and code made from it. On `main`, `rename` gives the clause another name.
fn rebased_over(rename: impl Fn(&Repo)) -> Repo {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.commit("Lock sooner");
    repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    repo.git(&["checkout", "-q", "main"]);
    rename(&repo);
    repo.commit("Call it otherwise");
    repo.git(&["checkout", "-q", "work"]);
    repo.git(&["rebase", "-q", "main"]);
    repo.git(&["reflog", "expire", "--expire=all", "--all"]);
    repo
}

#[test]
fn a_rebase_over_another_name_relocates_the_link() {
    let names: [&dyn Fn(&Repo); 3] = [
        &|repo: &Repo| drop(repo.git(&["mv", "specs", "spec"])),
        &|repo: &Repo| drop(repo.git(&["mv", "specs/auth.md", "specs/login.md"])),
        &|repo: &Repo| repo.edit("specs/auth.md", "{#AUTH-1}", "{#AUTH-8}"),
    ];
    for (at, rename) in names.into_iter().enumerate() {
        let repo = rebased_over(rename);
        let (status, report) = findings(&repo);
        assert_eq!((status, each(&report["findings"], "/link/resolution")), (0, vec!["relocated"]), "{at}: {report:#}");
        let counts = repo.spec(&["status", "--json"]).json()["counts"].clone();
        assert_eq!((&counts["answered"], &counts["untold"]), (&json!(1), &json!(0)), "{at}");
        let mend = report["findings"][0]["mend"].as_str().expect("a mend");
        repo.spec(&mend.split(' ').skip(2).collect::<Vec<_>>()).ok();
        assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 1 exact, 1 mended\n", "{at}");
    }
}

#[test]
fn code_that_is_picked_to_where_the_folder_has_its_old_name_is_relocated() {
    let repo = Repo::auth();
    repo.git(&["branch", "release"]);
    repo.git(&["mv", "specs", "spec"]);
    repo.commit("Call the folder otherwise");
    let made = repo.generate("src/session.rs", "fn end() {}\n", &["AUTH-2"]);
    repo.git(&["checkout", "-q", "release"]);
    repo.git(&["cherry-pick", &made]);
    let (status, report) = findings(&repo);
    assert_eq!((status, each(&report["findings"], "/link/resolution")), (0, vec!["relocated"]), "{report:#}");
    assert_eq!(repo.listed("AUTH-2")["state"], "answered");
}
