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

/// What a finding says can be done.
fn advice(finding: &Value) -> Vec<&str> {
    finding["advice"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
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
    code(&repo, "Relocated", &format!("Spec: specs/auth.md#AUTH-1@0123456789abcdef {one}"));
    code(&repo, "Mismatch", &format!("Spec: specs/auth.md#AUTH-1@{spec} {NONE}"));
    code(&repo, "Dangling", &format!("Spec: specs/auth.md#AUTH-1@{spec} {two}").replace(&spec, "0123456789abcdef"));
    code(&repo, "Foreign", &format!("Spec: other:specs/auth.md#AUTH-1@{spec} {NONE}"));
    code(&repo, "Unknown", &format!("Spec: specs/auth.md#AUTH-1@{spec} v9:abc"));
    let (status, report) = findings(&repo, &[]);
    assert_eq!(status, 1);
    let mut states = each(&report["findings"], "/link/resolution");
    states.sort_unstable();
    assert_eq!(states, ["dangling", "foreign", "mismatch", "relocated", "unknown"]);
    assert_eq!((&report["links"], &report["exact"]), (&json!(5), &json!(0)));
    assert_eq!(report["rev"], json!(repo.rev("HEAD")));
    let text = repo.spec(&["fsck"]);
    assert_eq!(text.status, 1);
    assert!(text.stdout.contains("mismatch AUTH-1 (trailer)  Mismatch"), "{}", text.stdout);
    assert!(text.stdout.contains("another version"), "{}", text.stdout);
    for finding in report["findings"].as_array().unwrap() {
        if let Some(command) = finding["mend"].as_str() {
            assert_eq!(finding["link"]["resolution"], "relocated", "another version than the one that was written");
            mend(&repo, command);
        }
    }
    let (status, report) = findings(&repo, &[]);
    assert_eq!(status, 1, "what nobody knows stays");
    let mut states = each(&report["findings"], "/link/resolution");
    states.sort_unstable();
    assert_eq!(states, ["dangling", "foreign", "mismatch", "unknown"]);
    assert_eq!(report["mended"], 1);
    // Whoever knows can say so.
    let mismatch =
        report["findings"].as_array().unwrap().iter().find(|f| f["link"]["resolution"] == "mismatch").unwrap();
    let advice = advice(mismatch);
    assert_eq!(advice[0], "what it was made from is not known; make the code anew and name the clause:");
    assert_eq!(advice[2], "if you know that it was made from the words in its own tree:");
    mend(&repo, advice[3]);
    assert_eq!(findings(&repo, &[]).1["mended"], 2);
}

/// The commit that says `3 failed` in place of `5 failed`, and code made from it.
fn sooner(repo: &Repo) -> (String, String) {
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    let spec = repo.commit("Lock sooner");
    repo.write("src/lock.rs", "three\n");
    repo.git(&["add", "."]);
    repo.spec(&["commit", "-q", "-m", "Lock", "--for", "AUTH-1"]).ok();
    (spec, repo.rev("HEAD"))
}

#[test]
fn a_mend_never_says_what_is_not_true() {
    let repo = Repo::auth();
    repo.git(&["branch", "release"]);
    let (spec, code) = sooner(&repo);
    // On a branch that lacks the words
    repo.git(&["checkout", "-q", "release"]);
    repo.git(&["cherry-pick", &code]);
    let (status, report) = findings(&repo, &[]);
    let finding = &report["findings"][0];
    assert_eq!((status, &finding["link"]["resolution"], &finding["mend"]), (1, &json!("elsewhere"), &Value::Null));
    let bring = format!("git cherry-pick {}", &spec[..10]);
    let anew = "git spec commit --for specs/auth.md#AUTH-1";
    let words = ["bring the words over:", &bring, "or make the code anew and name the clause:", anew];
    assert_eq!(advice(finding), words);
    let text = repo.spec(&["fsck"]).stdout;
    assert!(!text.contains("mend:") && text.lines().all(|line| line.chars().count() <= 100), "{text}");

    // Where the code comes before its words, HEAD has them
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["cherry-pick", &code]);
    repo.git(&["cherry-pick", &spec]);
    repo.git(&["branch", "-D", "main"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    let (_, report) = findings(&repo, &[]);
    let finding = &report["findings"][0];
    assert_eq!((&finding["link"]["resolution"], &finding["mend"]), (&json!("elsewhere"), &Value::Null), "{finding:#}");
    assert_eq!(finding["link"]["resolved_commit"], json!(repo.rev("HEAD")));
    assert!(advice(finding)[0].starts_with("HEAD demands these very words"), "{finding:#}");
    mend(&repo, advice(finding)[1]);
    assert!(repo.spec(&["status"]).ok().contains("1 answered"));
    assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 1 exact, 1 mended\n");
}

#[test]
fn what_was_made_from_words_that_are_lost_is_not_said_to_be_made_from_others() {
    let repo = Repo::auth();
    sooner(&repo);
    // The spec commit gets other words, and the code comes after it
    let code = repo.rev("HEAD");
    repo.git(&["reset", "-q", "--hard", "HEAD~2"]);
    repo.edit("specs/auth.md", "5 failed", "4 failed");
    repo.commit("Lock sooner");
    repo.git(&["cherry-pick", &code]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    let (status, report) = findings(&repo, &[]);
    let finding = &report["findings"][0];
    assert_eq!((status, &finding["link"]["resolution"], &finding["mend"]), (1, &json!("dangling"), &Value::Null));
    assert!(advice(finding)[0].starts_with("what it was made from is not known; make the code anew"), "{finding:#}");
}

#[test]
fn a_message_is_opened_where_its_commit_stands() {
    let repo = Repo::auth();
    let trailer = |n: u8| format!("Spec: specs/auth.md#AUTH-9 v1:{}{n}", "f".repeat(31));
    repo.git(&["commit", "-q", "--amend", "-m", "Root", "-m", &trailer(0)]);
    let root = repo.rev("HEAD");
    let plain = code(&repo, "Plain", &trailer(1));
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/side.rs", "side\n");
    let side = repo.commit(&format!("Side\n\n{}", trailer(2)));
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "topic", "-m", "Merge", "-m", &trailer(3)]);
    let merge = repo.rev("HEAD");
    code(&repo, "After", "Signed-off-by: a");
    repo.git(&["checkout", "-q", "-b", "other", &plain]);
    repo.write("src/other.rs", "other\n");
    let other = repo.commit(&format!("Other\n\n{}", trailer(4)));
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&[
        "update-ref",
        "refs/hidden/only",
        &repo.git(&["commit-tree", "HEAD^{tree}", "-m", &format!("Hidden\n\n{}", trailer(5))]),
    ]);
    let (_, report) = findings(&repo, &["--all"]);
    let finding = |text: &str| {
        let all = report["findings"].as_array().unwrap();
        all.iter().find(|finding| finding["subject"] == text).unwrap().clone()
    };
    for (subject, id, command, word) in [
        ("Root", &root, "git rebase -i -r --root".to_owned(), "reword for pick"),
        ("Side", &side, format!("git rebase -i -r '{}^'", &side[..10]), "reword for pick"),
        ("Merge", &merge, format!("git rebase -i -r '{}^'", &merge[..10]), "merge -c for merge -C"),
        ("Other", &other, format!("git rebase -i '{}^' other", &other[..10]), "reword for pick"),
    ] {
        let finding = finding(subject);
        assert_eq!(finding["mend"], json!(command), "{subject}");
        let advice = format!("in the list that it opens, write {word} in the line of {}", &id[..7]);
        assert_eq!(finding["advice"], json!([advice]));
        let told = repo.spec(&["unlink", id]).fails(2);
        assert!(told.contains(&format!("the message: {command}\nhint: {advice}\n")), "{told}");
    }
    assert_eq!((&finding("Hidden")["mend"], &finding("Hidden")["advice"]), (&Value::Null, &json!([])));
    // Typed, each list has the line, and the merge stays
    let graph = || repo.git(&["log", "--format=%s", "--merges", "main"]);
    for (subject, verb, instead) in
        [("Side", "pick", "reword"), ("Merge", "merge -C", "merge -c"), ("Root", "pick", "reword")]
    {
        let (_, report) = findings(&repo, &["--all"]);
        let all = report["findings"].as_array().unwrap().clone();
        let finding = all.iter().find(|finding| finding["subject"] == subject).unwrap();
        let id = &finding["object"].as_str().unwrap()[..7];
        let list = format!("sed -i 's/^{verb} {id}/{instead} {id}/'");
        let command = finding["mend"].as_str().unwrap();
        mend(&repo, &format!("GIT_SEQUENCE_EDITOR=\"{list}\" GIT_EDITOR=\"sed -i /^Spec:/d\" {command} 2>&1"));
        assert_eq!(graph(), "Merge", "{subject}");
        let (_, report) = findings(&repo, &["main"]);
        assert!(!each(&report["findings"], "/subject").contains(&subject), "{report:#}");
    }
}

#[test]
fn a_partial_clone_says_what_it_lacks() {
    let repo = Repo::auth();
    sooner(&repo);
    repo.edit("specs/auth.md", "3 failed", "2 failed");
    repo.commit("Lock still sooner");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = repo.beside("partial");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--filter=blob:none", &url, clone.to_str().unwrap()]);
    repo.git_in(&clone, &["remote", "set-url", "origin", "file:///nowhere/at/all"]).unwrap();
    let told = repo.spec_in(&clone, &["link", "HEAD~1", "AUTH-1"]).fails(3);
    assert!(told.contains("is missing") && told.contains("git fetch --refetch") && !told.contains("--force"), "{told}");
    assert!(!told.contains("not in the specification"), "{told}");
    let answer = repo.spec_in(&clone, &["fsck", "--json"]);
    assert_eq!(answer.status, 3);
    let report = answer.json();
    assert_eq!(report["findings"][0]["mend"], "git fetch --refetch", "{report:#}");
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
    assert_eq!(report["findings"][0]["mend"], json!(format!("git rebase -i '{}^'", &carrier[..10])));
    assert!(repo.spec(&["fsck"]).stdout.contains(&format!("write reword for pick in the line of {}", &carrier[..7])));
}

#[test]
fn what_is_no_link_is_told_apart() {
    let repo = Repo::auth();
    code(&repo, "Wiki", "Spec: see the wiki\nSpec: AUTH-1");
    code(&repo, "Broken", &format!("Spec: specs/auth.md#AUTH-1@xyz\n {NONE}\nSpec:"));
    assert!(repo.spec(&["fsck"]).ok().contains("no link (empty)  Broken"));
    repo.git(&["notes", "--ref=spec", "add", "-m", &format!("hello\nSpec: specs/auth.md {NONE}"), "HEAD"]);
    let (status, report) = findings(&repo, &[]);
    assert_eq!(status, 0, "{report}");
    let all = report["findings"].as_array().unwrap();
    let of = |what: &str| all.iter().filter(|finding| finding["what"] == what).collect::<Vec<_>>();
    assert_eq!((of("value").len(), of("line").len()), (4, 2), "{report}");
    let reasons: Vec<&str> = of("value").iter().map(|finding| finding["reason"].as_str().unwrap()).collect();
    let (typed, strange): (Vec<&str>, Vec<&str>) =
        reasons.iter().partition(|reason| reason.contains("nobody completed it"));
    assert_eq!(typed.len(), 1, "{reasons:?}");
    assert!(strange.iter().all(|reason| reason.contains("somebody else's trailer")), "{reasons:?}");
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
    // a block in the middle is no block, which is told
    commit(format!("D\n\nSpec: specs/auth.md {NONE}\n\nThe end.\n").as_bytes(), "");
    // the same id twice, which is told: both are withdrawn
    let id = commit(b"E\n", "");
    let lines =
        format!("Spec: specs/auth.md#AUTH-1 {one} id:00000001\nSpec: specs/auth.md#AUTH-2 {NONE} id:00000001\n");
    repo.git(&["notes", "--ref=spec", "add", "-m", &lines, &id]);
    let (status, report) = findings(&repo, &[]);
    assert_eq!((status, &report["links"], &report["exact"]), (1, &json!(5), &json!(4)), "{report:#}");
    let all = report["findings"].as_array().unwrap();
    assert_eq!(all.len(), 4, "{report:#}");
    assert_eq!((&all[0]["link"]["resolution"], &all[1]["what"]), (&json!("mismatch"), &json!("value")));
    let middle = all.iter().find(|finding| finding["subject"] == "D").unwrap();
    assert!(
        middle["reason"]
            .as_str()
            .unwrap()
            .starts_with("it stands before the trailers, where no link is read; there it would be mismatch")
    );
    assert_eq!((&all[3]["what"], &all[3]["id"]), (&json!("line"), &json!("00000001")));
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

#[test]
fn words_of_another_branch_are_brought_over_from_where_they_came_in() {
    for merged in [false, true] {
        let repo = Repo::auth();
        repo.git(&["checkout", "-q", "-b", "next"]);
        repo.git(&["checkout", "-q", "-b", "side"]);
        let ask = |repo: &Repo| repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
        if !merged {
            ask(&repo);
            repo.commit("Ask for 3");
        }
        repo.write("other", "side\n");
        repo.commit("Something else");
        repo.git(&["checkout", "-q", "next"]);
        repo.write("README", "next\n");
        repo.commit("Something more");
        repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
        if merged {
            ask(&repo);
        }
        let merge = repo.commit("Merge side");
        let link = format!("Spec: specs/auth.md#AUTH-1@{} {}", &merge[..16], version(&repo, "AUTH-1"));
        let made = code(&repo, "Lock", &link);
        repo.git(&["checkout", "-q", "main"]);
        repo.git(&["cherry-pick", &made]);
        let (_, report) = findings(&repo, &[]);
        let finding = &report["findings"][0];
        assert_eq!(finding["link"]["resolution"], "elsewhere", "{finding:#}");
        assert!(!finding["reason"].as_str().unwrap().contains("not in that"));
        let told = advice(finding);
        let pick = *told.iter().find(|line| line.starts_with("git cherry-pick")).unwrap_or_else(|| panic!("{told:?}"));
        assert_eq!(pick.contains(" -m 1 "), merged, "{pick}");
        mend(&repo, pick);
        let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).unwrap();
        assert!(text.contains("after 3 failed"), "{pick}");
        // The words are there, and what is offered next ties the code to them.
        let (_, report) = findings(&repo, &[]);
        let told: Vec<String> = advice(&report["findings"][0]).iter().map(|line| (*line).to_owned()).collect();
        let affirm = told.iter().find(|line| line.starts_with("git spec link --affirm")).unwrap();
        mend(&repo, affirm);
        assert_eq!(repo.listed("AUTH-1")["state"], "answered");
        assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 1 exact, 1 mended\n");
    }
}

#[test]
fn a_later_commit_from_the_clause_settles_what_is_broken_and_no_other_one_does() {
    let repo = Repo::auth();
    code(&repo, "Lock", &format!("Spec: specs/auth.md#AUTH-1@0123456789abcdef {NONE}"));
    // Another clause, a commit of another branch, and one that was reverted say nothing of it.
    repo.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    repo.generate("src/side.rs", "fn side() {}\n", &["AUTH-1"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "Take side", "side"]);
    repo.generate("src/session.rs", "fn end() {}\n", &["AUTH-2"]);
    repo.generate("src/again.rs", "fn again() {}\n", &["AUTH-1"]);
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let (status, report) = findings(&repo, &[]);
    assert_eq!(
        (status, &report["mended"], each(&report["findings"], "/link/resolution")),
        (1, &json!(0), vec!["dangling"])
    );
    // What is offered
    let told = advice(&report["findings"][0]);
    assert_eq!(told[1], "git spec commit --for specs/auth.md#AUTH-1");
    repo.generate("src/lock.rs", "fn lock_anew() {}\n", &["AUTH-1"]);
    let (status, report) = findings(&repo, &[]);
    assert_eq!((status, &report["mended"], &report["findings"]), (0, &json!(1), &json!([])));
}

#[test]
fn notes_that_an_amendment_took_along_are_no_orphans() {
    let repo = Repo::auth();
    code(&repo, "Lock", "Signed-off-by: a");
    repo.spec(&["link", "HEAD", "AUTH-1", "AUTH-2"]).ok();
    repo.spec(&["unlink", "HEAD", "AUTH-2"]).ok();
    repo.spec(&["hooks", "install"]).ok();
    let tool = std::path::Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap();
    let path = format!("{}:{}", tool.display(), std::env::var("PATH").unwrap());
    for message in ["Lock accounts", "Lock all accounts", "Lock each account"] {
        let mut amend = repo.git_command(repo.path());
        assert!(amend.env("PATH", &path).args(["commit", "-q", "--amend", "-m", message]).status().unwrap().success());
    }
    assert_eq!(repo.spec(&["fsck", "--all"]).ok(), "1 link: 1 exact; 1 withdrawn\n");
}

#[test]
fn a_link_and_the_note_that_mends_it_are_told_once() {
    let repo = Repo::auth();
    let version = version(&repo, "AUTH-1");
    let made = code(&repo, "Lock", &format!("Spec: specs/auth.md#AUTH-1@{} {version}", "0123456789abcdef"));
    repo.spec(&["link", "--force", &made, "AUTH-1"]);
    let shown = repo.spec(&["show", "--json", "AUTH-1"]).json();
    assert_eq!(shown["generated"][0]["links"].as_array().map(Vec::len), Some(1), "{:#}", shown["generated"]);
    assert_eq!(shown["generated"][0]["links"][0]["resolution"], "exact");
    let blame = repo.spec(&["blame", "--json", "src/lock.rs"]).json();
    assert_eq!(blame["lines"][0]["links"].as_array().map(Vec::len), Some(1));
}

/// What fsck says of links before the trailers, each as commit, clause and command.
fn passed_over(repo: &Repo) -> Vec<(String, String)> {
    let report = findings(repo, &[]).1;
    let all = report["findings"].as_array().unwrap().iter();
    let passed = all.filter(|finding| finding["reason"].as_str().unwrap().contains("before the trailers"));
    let told = passed.map(|finding| {
        assert_eq!(
            (&finding["what"], &finding["broken"], &finding["link"]),
            (&json!("value"), &json!(false), &Value::Null)
        );
        (finding["subject"].as_str().unwrap().to_owned(), finding["mend"].as_str().unwrap_or_default().to_owned())
    });
    told.collect()
}

#[test]
fn a_link_before_the_trailers_is_told_and_linked_by_its_command() {
    let repo = Repo::auth();
    let (one, two) = (repo.spec_line("AUTH-1"), repo.spec_line("AUTH-2"));
    let forges = [
        format!("Lock (#12)\n\nWhy.\n\n{one}\n\nCo-authored-by: B <b@example.com>\n"),
        format!("Lock (!12)\n\n{one}\n\nSee merge request g/p!12\n"),
        format!("Lock\n\n{one}\nReviewed-on: https://x/1\n\nReviewed-by: B\n"),
        format!("Lock\n\n{one}\n\nChange-Id: I123\n"),
        format!("Lock\n\n{one}\n\nEnd\n\n{two}\n\nmore\n"),
        format!("Lock\n{one}\nThis is text\n"),
        one.clone(),
        format!("Lock\r\n\r\n{}\r\n\r\nThe end.\r\n", one.replace(' ', "\r\n ").replacen("\r\n ", " ", 1)),
    ];
    for message in &forges {
        let id = code(&repo, "x", "");
        repo.write("../message", message);
        repo.git(&["commit", "-q", "--amend", "--cleanup=verbatim", "-F", "../message"]);
        let told = passed_over(&repo);
        let wanted = message.matches("Spec:").count();
        assert_eq!(told.len(), wanted, "{message:?}: {told:?}");
        let short = repo.rev("HEAD")[..10].to_owned();
        assert_eq!(told[0].1, format!("git spec link {short} specs/auth.md#AUTH-1"), "{message:?}");
        assert_ne!(id, repo.rev("HEAD"));
        for (_, command) in told {
            mend(&repo, &command);
        }
        assert!(passed_over(&repo).is_empty(), "{message:?}");
        let links = findings(&repo, &[]).1;
        assert_eq!((&links["links"], &links["exact"]), (&json!(wanted), &json!(wanted)), "{message:?}");
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
}

#[test]
fn quoted_and_squashed_lines_are_not_told_as_links_that_nobody_reads() {
    let repo = Repo::auth();
    let (one, two) = (repo.spec_line("AUTH-1"), repo.spec_line("AUTH-2"));
    for message in [
        format!("Lock\n\nAs in\n\n    {one}\n\nSigned-off-by: a\n"),
        format!("Lock\n\n> {one}\n\nSigned-off-by: a\n"),
        format!("Lock\n\n```\n{one}\n```\n\nSigned-off-by: a\n"),
        format!("Lock\n\nThe line\n{two} and more words\n\nSpec: AUTH-1\n\nend\n"),
        format!("Lock (#1)\n\n* Lock\n\n{one}\n\n* End\n\n{two}\n"),
        format!("Lock\n\n{one}\n\nand so\n\n{one}\n"),
        "Lock\n\nSpec: specs/auth.md#AUTH-1\n\nend\n".to_owned(),
    ] {
        code(&repo, &message, "");
        repo.write("../message", &message);
        repo.git(&["commit", "-q", "--amend", "--cleanup=verbatim", "-F", "../message"]);
        assert!(passed_over(&repo).is_empty(), "{message:?}");
    }
    // A revert may quote what it reverts: what to do is said, and nothing is offered.
    let done = code(&repo, "Lock again", &two);
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.git(&["commit", "-q", "--amend", "-m", &format!("Revert\n\nThis reverts commit {done}.\n\n{two}\n\nEnd.")]);
    assert_eq!(passed_over(&repo), [("Revert".to_owned(), String::new())]);
    // What was taken away again is not asked for.
    let id = code(&repo, "Lock once more", &format!("{one}\n\nEnd."));
    assert_eq!(passed_over(&repo).len(), 2);
    repo.spec(&["link", &id, "AUTH-1"]).ok();
    repo.spec(&["unlink", &id, "AUTH-1"]).ok();
    assert_eq!(passed_over(&repo).len(), 1);
}

#[test]
fn an_older_version_before_the_trailers_is_linked_by_that_version() {
    let repo = Repo::auth();
    let (spec, old) = (repo.rev("HEAD")[..10].to_owned(), repo.spec_line("AUTH-1"));
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Ask more");
    code(&repo, "Lock", &format!("{old}\n\nChange-Id: I1"));
    let told = passed_over(&repo);
    assert!(
        told[0].1.ends_with(&format!(" 'specs/auth.md#AUTH-1@{spec}'"))
            || told[0].1.ends_with(&format!(" specs/auth.md#AUTH-1@{spec}")),
        "{told:?}"
    );
    mend(&repo, &told[0].1);
    let report = findings(&repo, &[]).1;
    assert_eq!((&report["exact"], &report["findings"]), (&json!(1), &json!([])), "{report:#}");
    assert!(repo.spec(&["blame", "src/lock.rs"]).ok().contains("AUTH-1 v1:"));
}
