//! How clauses are answered, as a user sees it: which commits count, which were undone, and what superseded what.

#![allow(clippy::expect_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::Value;
use support::Repo;

const SPEC: &str = "specs/auth.md";
const CODE: &str = "src/lock.rs";

/// How a clause is answered at HEAD.
fn state(repo: &Repo, anchor: &str) -> String {
    repo.listed(anchor)["state"].as_str().expect("a state").to_owned()
}

/// Code for AUTH-1 as HEAD has it; the carrier's id.
fn generate(repo: &Repo, code: &str) -> String {
    let trailer = repo.spec_line("AUTH-1");
    repo.write(CODE, code);
    repo.commit(&format!("Lock accounts\n\n{trailer}"))
}

/// A specification with AUTH-1 generated.
fn generated() -> (Repo, String) {
    let repo = Repo::auth();
    let carrier = generate(&repo, "fn lock() {}\n");
    (repo, carrier)
}

/// Changes what AUTH-1 demands.
fn ask(repo: &Repo, from: &str, to: &str) -> String {
    repo.edit(SPEC, &format!("after {from} failed"), &format!("after {to} failed"));
    repo.commit(&format!("Ask for {to}"))
}

/// The links of a carrier, as the clause's page has them.
fn links(repo: &Repo, carrier: &str) -> Value {
    let shown = repo.spec(&["show", "--json", "AUTH-1"]).json();
    let made = shown["generated"].as_array().expect("generated");
    made.iter().find(|made| made["commit"] == carrier).expect("the carrier")["links"].clone()
}

#[test]
fn a_clause_is_answered_until_it_changes_and_again_when_it_changes_back() {
    let (repo, _) = generated();
    assert_eq!((state(&repo, "AUTH-1").as_str(), state(&repo, "AUTH-2").as_str()), ("answered", "unanswered"));
    ask(&repo, "5", "3");
    assert_eq!(state(&repo, "AUTH-1"), "stale");
    ask(&repo, "3", "5");
    assert_eq!(state(&repo, "AUTH-1"), "answered");
    assert!(repo.spec(&["ls", "-l"]).ok().contains("answered"));
}

#[test]
fn a_later_carrier_supersedes_an_earlier_one_and_a_parallel_one_does_not() {
    let (repo, _) = generated();
    ask(&repo, "5", "3");
    repo.git(&["branch", "side"]);
    generate(&repo, "fn lock() { three() }\n");
    assert_eq!(state(&repo, "AUTH-1"), "answered");

    // On a branch of its own, code is made for what the clause said before the branch changed it.
    repo.git(&["checkout", "-q", "side"]);
    ask(&repo, "3", "4");
    let trailer = repo.spec_line("AUTH-1");
    repo.write("src/other.rs", "fn other() {}\n");
    repo.commit(&format!("Lock elsewhere\n\n{trailer}"));
    repo.edit(SPEC, "after 4 failed", "after 3 failed");
    repo.commit("Ask for 3 again");
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge", "main"]);
    assert_eq!(state(&repo, "AUTH-1"), "contested");
}

#[test]
fn a_revert_undoes_and_a_revert_of_the_revert_brings_back() {
    let (repo, carrier) = generated();
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let revert = repo.rev("HEAD");
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
    let link = links(&repo, &carrier)[0].clone();
    assert_eq!((&link["resolution"], &link["freshness"]), (&"exact".into(), &"fresh".into()));
    assert_eq!(link["undone_by"], revert.as_str());
    assert!(link["reason"].as_str().expect("a reason").contains(&format!("undone by {}", &revert[..10])), "{link}");
    let undone = format!("fresh, undone by {}", &revert[..7]);
    for args in [&["log"][..], &["show", "AUTH-1"], &["blame", SPEC]] {
        let shown = repo.spec(args).ok();
        assert!(shown.contains(&undone), "{args:?}: {shown}");
    }

    repo.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(state(&repo, "AUTH-1"), "answered");
    assert_eq!(links(&repo, &carrier)[0]["undone_by"], Value::Null);
    repo.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
    // Judged where nothing was reverted yet, nothing is undone.
    let listed = repo.spec(&["ls", "--json", "--at", &carrier, &carrier]).json();
    assert!(listed["clauses"].as_array().expect("clauses").iter().any(|clause| clause["state"] == "answered"));
}

#[test]
fn a_revert_is_verified_where_the_file_changed_elsewhere_since() {
    let repo = Repo::auth();
    let lines: Vec<String> = (0..40).map(|n| format!("line {n}\n")).collect();
    repo.write(CODE, lines.concat());
    repo.commit("Write code");
    let carrier = generate(&repo, &lines.concat().replace("line 20\n", "line 20\n+++ lock\n"));
    repo.edit(CODE, "line 5\n", "line 5 and a half\n");
    repo.edit(CODE, "line 18\n", "line 18 and a half\n");
    repo.commit("Something else");
    repo.git(&["revert", "--no-edit", &carrier]);
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
}

#[test]
fn a_revert_that_was_edited_undoes_nothing_and_is_named() {
    let (repo, carrier) = generated();
    for (edited, by_blanks) in [("fn lock() { later() }\n", false), ("fn  lock() {}\n", true)] {
        repo.git(&["revert", "--no-edit", "HEAD"]);
        let message = repo.git(&["log", "-1", "--format=%B"]);
        repo.write(CODE, edited);
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "--amend", "-m", &message]);
        assert_eq!(state(&repo, "AUTH-1"), "answered", "{by_blanks}");
        let link = links(&repo, &carrier)[0].clone();
        let reason = link["reason"].as_str().expect("a reason");
        assert!(reason.contains("its change isn't the inverse") && reason.contains(&repo.rev("HEAD")[..10]), "{link}");
        repo.git(&["reset", "-q", "--hard", &carrier]);
    }
    // Whoever only says so reverts nothing either.
    repo.commit(&format!("A word\n\nThis reverts commit {carrier}."));
    assert_eq!(state(&repo, "AUTH-1"), "answered");
}

#[test]
fn binary_files_modes_and_strange_names_are_compared_too() {
    let repo = Repo::auth();
    let trailer = repo.spec_line("AUTH-1");
    repo.write("src/\u{fc} \"quoted\".bin", [0, 1, 2]);
    repo.write("src/plain.rs", "@@ -1 +1 @@\n--- a\n+++ b\nno end");
    let carrier = repo.commit(&format!("Lock accounts\n\n{trailer}"));
    repo.write("src/plain.rs", "@@ -1 +1 @@\n--- a\n+++ b\nno end\nmore\n");
    repo.commit("More");
    repo.write("src/plain.rs", "@@ -1 +1 @@\n--- a\n+++ b\nno end");
    repo.commit("Less");
    repo.git(&["revert", "--no-edit", &carrier]);
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
}

/// A branch with a carrier, merged into main, which went on meanwhile.
fn merged() -> (Repo, String) {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    let carrier = generate(&repo, "fn lock() {}\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("README", "read me\n");
    repo.commit("Go on");
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge topic", "topic"]);
    (repo, carrier)
}

#[test]
fn a_reverted_merge_undoes_what_it_brought_in() {
    let (repo, carrier) = merged();
    assert_eq!(state(&repo, "AUTH-1"), "answered");
    repo.git(&["revert", "--no-edit", "-m", "1", "HEAD"]);
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
    assert_eq!(links(&repo, &carrier)[0]["undone_by"], repo.rev("HEAD").as_str());
    repo.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(state(&repo, "AUTH-1"), "answered");
}

#[test]
fn a_reverted_merge_without_its_parent_is_unverified() {
    let (repo, carrier) = merged();
    let merge = repo.rev("HEAD");
    repo.git(&["revert", "--no-commit", "-m", "1", "HEAD"]);
    repo.git(&["commit", "-q", "-m", &format!("Undo\n\nThis reverts commit {merge}.")]);
    assert_eq!(state(&repo, "AUTH-1"), "answered");
    assert_eq!(links(&repo, &carrier)[0]["undone_by"], Value::Null);
}

#[test]
fn a_link_on_a_merge_counts_and_is_undone_with_it() {
    let repo = Repo::auth();
    let trailer = repo.spec_line("AUTH-1");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write(CODE, "fn lock() {}\n");
    repo.commit("Lock accounts");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", &format!("Merge topic\n\n{trailer}"), "topic"]);
    assert_eq!(state(&repo, "AUTH-1"), "answered");
    repo.git(&["revert", "--no-edit", "-m", "1", "HEAD"]);
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
}

#[test]
fn an_affirmation_answers_and_is_told() {
    let (repo, _) = generated();
    ask(&repo, "5", "3");
    assert_eq!(state(&repo, "AUTH-1"), "stale");
    let note = format!("{} by:affirm id:0123abcd", repo.spec_line("AUTH-1"));
    repo.git(&["notes", "--ref=spec", "add", "-m", &note, "HEAD"]);
    assert_eq!(state(&repo, "AUTH-1"), "answered");
    assert!(repo.spec(&["log"]).ok().contains("AUTH-1 affirmed fresh"));
    repo.git(&["notes", "--ref=spec", "append", "-m", "Unspec: id:0123abcd", "HEAD"]);
    assert_eq!(state(&repo, "AUTH-1"), "stale");
}

#[test]
fn renumbered_and_moved_clauses_stay_answered_and_twins_do_not_answer_each_other() {
    let (repo, _) = generated();
    repo.edit(SPEC, "{#AUTH-1}", "{#AUTH-9}");
    repo.commit("Renumber");
    assert_eq!(state(&repo, "AUTH-9"), "answered");
    repo.git(&["mv", SPEC, "specs/access.md"]);
    repo.commit("Rename the file");
    assert_eq!(state(&repo, "AUTH-9"), "answered");

    let twin = "## Lockout of machines {#AUTH-7}\n\n\
                The system MUST lock an account after 5 failed attempts within ten minutes.\n";
    repo.write("specs/twin.md", format!("# Twins\n\nMore demands.\n\n{twin}"));
    repo.commit("Say it twice");
    assert_eq!((state(&repo, "AUTH-9").as_str(), state(&repo, "AUTH-7").as_str()), ("answered", "unanswered"));
}

#[test]
fn a_squash_with_two_versions_counts_for_the_one_in_its_tree() {
    let repo = Repo::auth();
    let old = repo.spec_line("AUTH-1");
    ask(&repo, "5", "3");
    let new = repo.spec_line("AUTH-1");
    repo.write(CODE, "fn lock() {}\n");
    repo.commit(&format!("Lock accounts\n\n{old}\n{new}"));
    assert_eq!(state(&repo, "AUTH-1"), "answered");
    ask(&repo, "3", "5");
    assert_eq!(state(&repo, "AUTH-1"), "stale");
}

#[test]
fn a_link_to_a_document_answers_its_clauses_as_they_were() {
    use git_spec::spec::formats::{Format, segment};
    let repo = Repo::auth();
    let whole = git_spec::commands::links::document_version(&segment(Format::Markdown, support::AUTH.as_bytes()));
    repo.write("src/auth.rs", "fn auth() {}\n");
    repo.commit(&format!("Build all of it\n\nSpec: {SPEC} {whole}"));
    assert_eq!((state(&repo, "AUTH-1").as_str(), state(&repo, "AUTH-2").as_str()), ("answered", "answered"));
    ask(&repo, "5", "3");
    assert_eq!((state(&repo, "AUTH-1").as_str(), state(&repo, "AUTH-2").as_str()), ("stale", "answered"));
}

#[test]
fn doubtful_links_answer_nothing() {
    let repo = Repo::auth();
    let none = "v1:00000000000000000000000000000000";
    repo.write(CODE, "fn lock() {}\n");
    repo.commit(&format!("Lock accounts\n\nSpec: {SPEC}#AUTH-1@{} {none}", &repo.rev("HEAD")[..16]));
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
}

#[test]
fn answers_are_the_same_with_the_index_and_without() {
    let (repo, _) = generated();
    let indexed = || repo.spec(&["ls", "--json"]).ok();
    let plain = || {
        let mut command = repo.spec_command(repo.path());
        command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "spec.index").env("GIT_CONFIG_VALUE_0", "false");
        support::run(command.args(["ls", "--json"])).ok()
    };
    for _ in 0..3 {
        repo.git(&["revert", "--no-edit", "HEAD"]);
        for _ in 0..2 {
            assert_eq!(indexed(), plain());
        }
    }
    repo.git(&["reset", "-q", "--hard", "HEAD~2"]);
    assert_eq!(indexed(), plain());
}

#[test]
fn log_tells_how_much_was_generated_and_diff_what_it_leaves_behind() {
    let (repo, carrier) = generated();
    ask(&repo, "5", "3");
    repo.write(CODE, "fn lock() {}\nfn three() {}\n");
    repo.write("src/more.rs", "fn more() {}\n");
    let trailer = repo.spec_line("AUTH-1");
    repo.commit(&format!("Lock sooner\n\n{trailer}"));
    let shown = repo.spec(&["log"]).ok();
    let line = |start: &str| shown.lines().find(|line| line.contains(start)).expect("a line").to_owned();
    assert!(line(&carrier[..7]).ends_with("AUTH-1 stale 1  +1 -0 in 1 file"), "{shown}");
    assert!(line("Lock sooner").ends_with("AUTH-1 fresh  +2 -0 in 2 files"), "{shown}");
    assert!(!repo.spec(&["log", "--oneline"]).ok().contains("in 1 file"));

    let closing = "Generated from the old versions: src/lock.rs (git spec impact 'HEAD~2')";
    let shown = repo.spec(&["diff", "HEAD~2"]).ok();
    assert!(shown.contains(closing), "{shown}");
    assert!(!repo.spec(&["diff", "--stat", "HEAD~2"]).ok().contains("Generated from"));
    repo.edit(SPEC, "after 3 failed", "after 4 failed");
    let shown = repo.spec(&["diff"]).ok();
    assert!(
        shown.contains("Generated from the old versions: src/lock.rs, src/more.rs (git spec impact HEAD)"),
        "{shown}"
    );
    repo.edit(SPEC, "after 4 failed", "after 3 failed");
    repo.edit(SPEC, "30 minutes", "20 minutes");
    assert!(!repo.spec(&["diff"]).ok().contains("Generated from"), "nothing was generated from AUTH-2");
}

#[test]
fn what_was_kept_may_be_damaged_or_go_at_any_time() {
    let (repo, _) = generated();
    ask(&repo, "5", "3");
    let whole = repo.spec(&["status"]).ok();
    let folders = || {
        let index = repo.path().join(".git/spec/index");
        let keys = std::fs::read_dir(index).expect("the index").flatten();
        keys.flat_map(|key| std::fs::read_dir(key.path()).expect("a key").flatten()).map(|file| file.path())
    };
    let of_sort = |sort: &str| -> Vec<std::path::PathBuf> {
        folders().filter(|path| path.extension().is_some_and(|ending| ending == sort)).collect()
    };
    for sort in ["links", "lines"] {
        let files = of_sort(sort);
        assert_eq!(files.len(), 1, "{sort}");
        let bytes = std::fs::read(&files[0]).expect("it");
        for at in (0..bytes.len()).step_by(13) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x20;
            std::fs::write(&files[0], damaged).expect("written");
            let answer = repo.spec(&["status"]);
            assert_eq!((answer.status, &answer.stdout), (0, &whole), "{sort} {at}: {answer:?}");
            assert!(answer.stderr.lines().count() <= 1, "{answer:?}");
        }
        std::fs::write(&files[0], &bytes[..bytes.len() / 2]).expect("written");
        assert_eq!(repo.spec(&["status"]).stdout, whole);
        std::fs::remove_file(&files[0]).expect("removed");
        assert_eq!(repo.spec(&["status"]).ok(), whole);
    }
    // Many revisions leave few files.
    for n in 0..9 {
        repo.write("README", format!("{n}\n"));
        repo.commit("Go on");
        assert_eq!(repo.spec(&["status"]).ok(), whole);
    }
    assert!(of_sort("links").len() <= 6 && of_sort("lines").len() <= 6);
}

#[test]
fn notes_that_change_are_judged_anew() {
    let (repo, carrier) = generated();
    assert_eq!(state(&repo, "AUTH-2"), "unanswered");
    let note = repo.spec_line("AUTH-2").replace(&repo.rev("HEAD")[..16], &repo.rev("HEAD~1")[..16]);
    repo.git(&["notes", "--ref=spec", "add", "-m", &format!("{note} id:00000001"), &carrier]);
    assert_eq!(state(&repo, "AUTH-2"), "answered");
    repo.git(&["update-ref", "-d", "refs/notes/spec"]);
    assert_eq!(state(&repo, "AUTH-2"), "unanswered");
}

/// Two branches make a clause normative in two ways, with code from each, and are merged; `text` stands in the merge.
fn merged_by_hand(text: &str) -> (Repo, [String; 3]) {
    let repo = Repo::auth();
    let old = generate(&repo, "fn old() {}\n");
    let from = |path: &str, code: &str| {
        let link = repo.spec_line("AUTH-1");
        repo.write(path, code);
        repo.commit(&format!("Make {path}\n\n{link}"))
    };
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit(SPEC, "MUST lock", "SHOULD lock");
    repo.commit("Ask less");
    let side = from("src/side.rs", "fn side() {}\n");
    repo.git(&["checkout", "-q", "main"]);
    ask(&repo, "5", "3");
    let main = from("src/main.rs", "fn main() {}\n");
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "-s", "ours", "side"]);
    repo.git(&["checkout", "side", "--", "src/side.rs"]);
    repo.edit(SPEC, "The system MUST lock an account after 3 failed", text);
    repo.commit("Merge side");
    (repo, [old, side, main])
}

#[test]
fn a_merge_that_ties_changes_together_is_none_of_its_own() {
    let (repo, carriers) = merged_by_hand("The system SHOULD lock an account after 3 failed");
    let changes = |carriers: &[String]| -> Vec<Value> {
        carriers.iter().map(|carrier| links(&repo, carrier)[0]["changes"].clone()).collect()
    };
    assert_eq!(changes(&carriers), [2, 1, 1]);
    // One that changes more counts.
    let (repo, carriers) = merged_by_hand("The system SHOULD lock an account after 4 failed");
    let changes: Vec<Value> = carriers.iter().map(|carrier| links(&repo, carrier)[0]["changes"].clone()).collect();
    assert_eq!(changes, [3, 2, 2]);
}
