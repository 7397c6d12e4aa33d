//! `git spec fsck`: what is wrong with links, and what mends it.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::{Value, json};
use support::{Repo, each};

const NONE: &str = "v1:00000000000000000000000000000000";

fn version(repo: &Repo, anchor: &str) -> String {
    let shown = repo.spec(&["show", "--json", anchor]).json();
    shown["clause"]["version"].as_str().unwrap().to_owned()
}

/// A commit of code with a trailer.
fn code(repo: &Repo, text: &str, trailers: &str) -> String {
    repo.write("src/lock.rs", format!("fn lock() {{}} // {text}\n"));
    repo.commit(&format!("{text}\n\n{trailers}"))
}

fn findings(repo: &Repo, args: &[&str]) -> (i32, Value) {
    let answer = repo.spec(&[&["fsck", "--json"], args].concat());
    (answer.status, answer.json())
}

/// Runs the commands that mend a finding, in a shell that finds the binary as `git spec`.
fn mend(repo: &Repo, command: &str) {
    let tool = std::path::Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap();
    let path = format!("{}:{}", tool.display(), std::env::var("PATH").unwrap());
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", command]).current_dir(repo.path()).env("PATH", path);
    for who in ["AUTHOR", "COMMITTER"] {
        shell.env(format!("GIT_{who}_NAME"), "x").env(format!("GIT_{who}_EMAIL"), "x@example.org");
    }
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
}

#[test]
fn where_all_is_well_there_is_only_a_number() {
    let repo = Repo::auth();
    assert_eq!(repo.spec(&["fsck"]).ok(), "0 links: 0 exact\n");
    code(&repo, "Lock", "Signed-off-by: a");
    repo.spec(&["link", "HEAD", "AUTH-1", "AUTH-2"]).ok();
    repo.spec(&["unlink", "HEAD", "AUTH-2"]).ok();
    assert_eq!(repo.spec(&["fsck"]).ok(), "1 link: 1 exact; 1 withdrawn\n");
    assert_eq!(repo.spec(&["fsck", "--all"]).ok(), "1 link: 1 exact; 1 withdrawn\n");
}

#[test]
fn every_state_is_listed_and_mended_by_its_command() {
    let repo = Repo::auth();
    let spec = repo.rev("HEAD")[..16].to_owned();
    let (one, two) = (version(&repo, "AUTH-1"), version(&repo, "AUTH-2"));
    code(&repo, "Mismatch", &format!("Spec: specs/auth.md#AUTH-1@{spec} {NONE}"));
    code(&repo, "Relocated", &format!("Spec: specs/auth.md#AUTH-1@0123456789abcdef {one}"));
    code(&repo, "Ambiguous", &format!("Spec: specs/auth.md#AUTH-1@{spec} {two}").replace(&spec, "0123456789abcdef"));
    code(&repo, "Foreign", &format!("Spec: other:specs/auth.md#AUTH-1@{spec} {NONE}"));
    code(&repo, "Unknown", &format!("Spec: specs/auth.md#AUTH-1@{spec} v9:abc"));
    let (status, report) = findings(&repo, &[]);
    assert_eq!(status, 1);
    let mut states = each(&report["findings"], "/link/resolution");
    states.sort_unstable();
    assert_eq!(states, ["ambiguous", "foreign", "mismatch", "relocated", "unknown"]);
    assert_eq!((&report["links"], &report["exact"]), (&json!(5), &json!(0)));
    assert_eq!(report["rev"], json!(repo.rev("HEAD")));
    let text = repo.spec(&["fsck"]);
    assert_eq!(text.status, 1);
    assert!(text.stdout.contains("mismatch AUTH-1 (trailer)  Mismatch"), "{}", text.stdout);
    assert!(text.stdout.contains("another version"), "{}", text.stdout);
    for finding in report["findings"].as_array().unwrap() {
        if let Some(command) = finding["mend"].as_str() {
            mend(&repo, command);
        }
    }
    let (status, report) = findings(&repo, &[]);
    assert_eq!(status, 1, "a scheme that nobody knows stays");
    assert_eq!(each(&report["findings"], "/link/resolution"), ["unknown", "foreign"]);
    assert_eq!(report["mended"], 3);
}

#[test]
fn a_link_in_a_note_is_mended_by_taking_it_back() {
    let repo = Repo::auth();
    let carrier = code(&repo, "Lock", "Signed-off-by: a");
    repo.git(&["notes", "--ref=spec", "add", "-m", &format!("Spec: specs/auth.md#AUTH-9 {NONE} id:0123abcd"), "HEAD"]);
    let (status, report) = findings(&repo, &[]);
    let finding = &report["findings"][0];
    assert_eq!((status, finding["broken"].as_bool(), finding["id"].as_str()), (1, Some(true), Some("0123abcd")));
    assert_eq!(finding["link"]["resolution"], "dangling");
    assert_eq!(finding["mend"], json!(format!("git spec unlink {} id:0123abcd", &carrier[..10])));
    mend(&repo, finding["mend"].as_str().unwrap());
    assert_eq!(repo.spec(&["fsck"]).ok(), "0 links: 0 exact; 1 withdrawn\n");
}

#[test]
fn a_trailer_whose_clause_nobody_has_is_mended_in_the_message() {
    let repo = Repo::auth();
    let carrier = code(&repo, "Lock", &format!("Spec: specs/auth.md#AUTH-9@0123456789abcdef {NONE}"));
    let (_, report) = findings(&repo, &[]);
    assert_eq!(report["findings"][0]["mend"], "git commit --amend");
    repo.commit("On top");
    let (_, report) = findings(&repo, &[]);
    assert_eq!(report["findings"][0]["mend"], json!(format!("git rebase -i '{}^' # reword", &carrier[..10])));
}

#[test]
fn what_is_no_link_is_told_apart() {
    let repo = Repo::auth();
    code(&repo, "Wiki", "Spec: see the wiki\nSpec: AUTH-1");
    code(&repo, "Broken", &format!("Spec: specs/auth.md#AUTH-1@xyz\n {NONE}\nSpec:"));
    repo.git(&["notes", "--ref=spec", "add", "-m", &format!("hello\nSpec: specs/auth.md {NONE}"), "HEAD"]);
    let (status, report) = findings(&repo, &[]);
    assert_eq!(status, 0, "{report}");
    let all = report["findings"].as_array().unwrap();
    let of = |what: &str| all.iter().filter(|finding| finding["what"] == what).collect::<Vec<_>>();
    assert_eq!((of("value").len(), of("line").len()), (4, 2), "{report}");
    assert!(of("value").iter().all(|finding| finding["reason"].as_str().unwrap().contains("somebody else's trailer")));
    assert!(of("line").iter().any(|finding| finding["reason"].as_str().unwrap().contains("id:<8")), "{report}");
    assert!(repo.spec(&["fsck"]).ok().contains("no link see the wiki"));
}

#[test]
fn notes_that_lost_their_commit_are_orphans() {
    let repo = Repo::auth();
    let old = code(&repo, "Lock", "Signed-off-by: a");
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    repo.git(&["commit", "-q", "--amend", "-m", "Lock accounts"]);
    let new = repo.rev("HEAD");
    let (status, report) = findings(&repo, &["--all"]);
    assert_eq!((status, &report["findings"][0]["what"]), (0, &json!("orphan")));
    assert_eq!(report["findings"][0]["reason"], "no reference reaches this commit");
    assert_eq!(findings(&repo, &[]).1["findings"], json!([]), "it is here, and another history's");
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    let (_, report) = findings(&repo, &[]);
    let finding = &report["findings"][0];
    assert_eq!((finding["object"].as_str(), &finding["mend"]), (Some(old.as_str()), &Value::Null));
    assert!(finding["reason"].as_str().unwrap().contains("nothing tells what became of it"));

    // filter-repo says what it became
    let map = repo.path().join(".git/filter-repo");
    std::fs::create_dir_all(&map).unwrap();
    std::fs::write(map.join("commit-map"), format!("old new\n{old} {new}\n")).unwrap();
    let (_, report) = findings(&repo, &[]);
    assert_eq!(report["findings"][0]["moved_to"], json!(new));
    mend(&repo, report["findings"][0]["mend"].as_str().unwrap());
    let (_, report) = findings(&repo, &[]);
    assert_eq!((&report["links"], &report["exact"]), (&json!(1), &json!(1)));
    assert_eq!(report["findings"], json!([]));
}

#[test]
fn a_note_on_something_that_is_no_commit_is_an_orphan() {
    let repo = Repo::auth();
    let blob = repo.rev("HEAD:specs/auth.md");
    repo.git(&["notes", "--ref=spec", "add", "-m", &format!("Spec: specs/auth.md {NONE} id:0123abcd"), &blob]);
    let (status, report) = findings(&repo, &[]);
    assert_eq!((status, &report["findings"][0]["reason"]), (0, &json!("the object is no commit")));
}

#[test]
fn all_references_are_looked_at_with_all() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "side"]);
    code(&repo, "Side", &format!("Spec: specs/auth.md#AUTH-1 {NONE}"));
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(findings(&repo, &[]).0, 0);
    assert_eq!(findings(&repo, &["side"]).0, 1);
    let (status, report) = findings(&repo, &["--all"]);
    assert_eq!((status, &report["rev"]), (1, &Value::Null));
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn messages_and_notes_of_every_sort_have_a_defined_answer() {
    let repo = Repo::auth();
    let (spec, one) = (repo.rev("HEAD")[..16].to_owned(), version(&repo, "AUTH-1"));
    let commit = |message: &[u8], headers: &str| {
        let (tree, parent) = (repo.rev("HEAD^{tree}"), repo.rev("HEAD"));
        let head = format!(
            "tree {tree}\nparent {parent}\nauthor a <a@b> 1700000000 +0000\ncommitter a <a@b> 1700000000 +0000\n{headers}\n"
        );
        repo.write("../object", [head.as_bytes(), message].concat());
        let id = repo.git(&["hash-object", "-w", "-t", "commit", "--literally", "../object"]);
        repo.git(&["update-ref", "refs/heads/main", &id]);
        id
    };
    // CRLF, folded
    commit(format!("A\r\n\r\nSpec: specs/auth.md#AUTH-1@{spec}\r\n  {one}\r\n").as_bytes(), "");
    // behind a NUL nothing counts
    commit(format!("B\n\nSpec: specs/auth.md#AUTH-1@{spec} {one}\n\0\n\nSpec: specs/auth.md {NONE}\n").as_bytes(), "");
    // another encoding, with bytes that are no UTF-8
    commit(
        &[b"C \xe9\n\nSpec: specs/auth.md#AUTH-1@".as_slice(), format!("{spec} {one}\nSpec: ").as_bytes(), b"\xe9\n"]
            .concat(),
        "encoding ISO-8859-1\n",
    );
    // a block in the middle is no block
    commit(format!("D\n\nSpec: specs/auth.md {NONE}\n\nThe end.\n").as_bytes(), "");
    // the same id twice: both are withdrawn
    let id = commit(b"E\n", "");
    let lines =
        format!("Spec: specs/auth.md#AUTH-1 {one} id:00000001\nSpec: specs/auth.md#AUTH-2 {NONE} id:00000001\n");
    repo.git(&["notes", "--ref=spec", "add", "-m", &lines, &id]);
    let (status, report) = findings(&repo, &[]);
    assert_eq!((status, &report["links"], &report["exact"]), (1, &json!(5), &json!(4)), "{report:#}");
    let all = report["findings"].as_array().unwrap();
    assert_eq!(all.len(), 2, "{report:#}");
    assert_eq!((&all[0]["link"]["resolution"], &all[1]["what"]), (&json!("mismatch"), &json!("value")));
    let shown = repo.spec(&["fsck"]).stdout;
    assert!(shown.is_ascii() || std::str::from_utf8(shown.as_bytes()).is_ok());
    repo.spec(&["unlink", &id, "id:00000001"]).ok();
    assert_eq!(findings(&repo, &[]).1["withdrawn"], 2);
}

#[test]
fn a_shallow_history_is_incomplete() {
    let repo = Repo::auth();
    let spec = repo.rev("HEAD")[..16].to_owned();
    let one = version(&repo, "AUTH-1");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Ask more");
    code(&repo, "Lock", &format!("Spec: specs/auth.md#AUTH-1@{spec} {one}"));
    let clone = repo.beside("shallow");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth=1", &url, clone.to_str().unwrap()]);
    let answer = repo.spec_in(&clone, &["fsck", "--json"]);
    assert_eq!(answer.status, 3, "{answer:?}");
    let report = answer.json();
    assert_eq!(report["findings"][0]["link"]["resolution"], "unknown");
    assert_eq!(report["findings"][0]["mend"], "git fetch --unshallow");
}

#[test]
fn a_link_of_an_undone_commit_is_marked() {
    let repo = Repo::auth();
    repo.write("src/a.rs", "fn a() {}\n");
    let digits = "1".repeat(32);
    repo.commit(&format!("Code\n\nSpec: specs/auth.md#AUTH-1@{} v1:{digits}", &digits[..16]));
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let by = repo.rev("HEAD");
    for all in [&["fsck", "--json"][..], &["fsck", "--json", "--all"]] {
        let told = repo.spec(all).json();
        assert_eq!(told["findings"][0]["link"]["undone_by"], by.as_str(), "{told}");
    }
    let text = repo.spec(&["fsck"]).stdout;
    assert!(
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(&format!("undone by {}, which reverts it", &by[..10])),
        "{text}"
    );
}
