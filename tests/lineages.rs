//! One clause through the whole commit graph: merges of every shape, reverts, cherry-picks, copies, clocks and borders.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::collections::BTreeSet;

use serde_json::Value;
use support::{AUTH, Repo, run};

const SESSIONS: &str =
    "## Sessions {#AUTH-2}\n\nA session MUST end after 30 minutes without any activity of its user.\n\n";

fn log(repo: &Repo, args: &[&str]) -> Vec<Value> {
    let text = repo.spec(&[&["log", "--json"], args].concat()).ok();
    let report: Value = serde_json::from_str(&text).unwrap();
    report["entries"].as_array().unwrap().clone()
}

/// `subject: kinds`, newest first.
fn life(repo: &Repo, clause: &str) -> Vec<String> {
    let kinds = |change: &Value| -> String {
        let kinds: Vec<&str> = change["kinds"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let dropped = if change["dropped"].is_string() { ", dropped" } else { "" };
        let back = if change["returned"] == true { ", back" } else { "" };
        format!("{}{dropped}{back}", kinds.join(" "))
    };
    let of = |entry: &Value| -> String {
        let all: Vec<String> = entry["changes"].as_array().unwrap().iter().map(kinds).collect();
        format!("{}: {}", entry["subject"].as_str().unwrap(), all.join(" | "))
    };
    log(repo, &["--clause", clause]).iter().map(of).collect()
}

/// A branch `side` on which `edit` is committed, while `main` stays.
fn on_side(repo: &Repo, message: &str, edit: impl Fn(&Repo)) -> String {
    repo.git(&["checkout", "-q", "-B", "side"]);
    edit(repo);
    let id = repo.commit(message);
    repo.git(&["checkout", "-q", "main"]);
    id
}

#[test]
fn a_merge_that_takes_our_side_whole_drops_theirs() {
    let repo = Repo::auth();
    let side = on_side(&repo, "Sixty minutes", |repo| repo.edit("specs/auth.md", "30 minutes", "60 minutes"));
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["merge", "-q", "--no-edit", "-s", "ours", "side"]);
    assert_eq!(
        life(&repo, "AUTH-2"),
        ["Merge branch 'side': modified, dropped", "Sixty minutes: modified", "Write the specification down: added"]
    );
    let merge = &log(&repo, &["-n", "1"])[0];
    assert_eq!(merge["changes"][0]["dropped"], side.as_str());
    assert!(repo.spec(&["log", "-n", "1"]).ok().contains(&format!("drops the state of {}", &side[..7])));
    assert_eq!(life(&repo, "AUTH-1"), ["Lock sooner: modified", "Write the specification down: added"]);
}

#[test]
fn a_new_clause_that_a_merge_leaves_out_is_told() {
    let repo = Repo::auth();
    on_side(&repo, "Add codes", |repo| {
        repo.write(
            "specs/auth.md",
            format!("{AUTH}\n## Codes {{#AUTH-9}}\n\nA code MUST be used at most once by anybody.\n"),
        );
    });
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["merge", "-q", "--no-edit", "-s", "ours", "side"]);
    let merge = &log(&repo, &["-n", "1"])[0];
    assert_eq!(merge["changes"][0]["kinds"], serde_json::json!(["removed"]));
    assert_eq!(merge["changes"][0]["was"]["anchor"], "AUTH-9");
    assert!(merge["changes"][0]["dropped"].is_string());
}

#[test]
fn what_both_sides_have_by_a_cherry_pick_is_dropped_by_nobody() {
    let repo = Repo::auth();
    let picked = on_side(&repo, "Sixty minutes", |repo| repo.edit("specs/auth.md", "30 minutes", "60 minutes"));
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["cherry-pick", &picked]);
    repo.edit("specs/auth.md", "60 minutes", "90 minutes");
    repo.commit("Ninety minutes");
    repo.git(&["merge", "-q", "--no-edit", "-X", "ours", "side"]);
    assert!(repo.git(&["log", "-1", "--format=%P"]).contains(' '));
    let subjects: Vec<String> = log(&repo, &[]).iter().map(|e| e["subject"].as_str().unwrap().to_owned()).collect();
    assert!(!subjects.contains(&"Merge branch 'side'".to_owned()), "{subjects:?}");
    let life = life(&repo, "AUTH-2");
    assert_eq!(life.first().unwrap(), "Ninety minutes: modified");
    assert_eq!(life.last().unwrap(), "Write the specification down: added");
    assert_eq!(life.iter().filter(|line| line.starts_with("Sixty minutes")).count(), 2, "{life:?}");
}

#[test]
fn the_same_change_on_two_branches_is_told_of_both_whatever_else_their_files_say() {
    for other in [false, true] {
        let repo = Repo::auth();
        let picked = on_side(&repo, "Sixty minutes", |repo| repo.edit("specs/auth.md", "30 minutes", "60 minutes"));
        if other {
            repo.git(&["checkout", "-q", "side"]);
            repo.edit("specs/auth.md", "one hour", "two hours");
            repo.commit("Reset later");
            repo.git(&["checkout", "-q", "main"]);
        }
        repo.edit("specs/auth.md", "5 failed", "3 failed");
        repo.commit("Lock sooner");
        repo.git(&["cherry-pick", &picked]);
        repo.edit("specs/auth.md", "3 failed", "5 failed");
        repo.commit("Back to five");
        repo.git(&["merge", "-q", "--no-edit", "side"]);
        assert_eq!(
            life(&repo, "AUTH-2"),
            ["Sixty minutes: modified", "Sixty minutes: modified", "Write the specification down: added"],
            "{other}"
        );
        let locked = ["Back to five: modified", "Lock sooner: modified", "Write the specification down: added"];
        assert_eq!(life(&repo, "AUTH-1"), locked, "{other}");
        let shown = repo.spec(&["show", "--json", "AUTH-1"]).json();
        assert_eq!(shown["last_meaning_change"]["subject"], "Back to five");
    }
}

#[test]
fn a_clause_that_a_merge_removed_comes_back_as_either_parent_had_it() {
    for back in ["30 minutes", "60 minutes"] {
        let repo = Repo::auth();
        on_side(&repo, "Sixty minutes", |repo| repo.edit("specs/auth.md", "30 minutes", "60 minutes"));
        repo.edit("specs/auth.md", "5 failed", "3 failed");
        repo.commit("Lock sooner");
        repo.git(&["merge", "-q", "--no-commit", "side"]);
        repo.edit("specs/auth.md", &SESSIONS.replace("30 minutes", "60 minutes"), "");
        repo.commit("Merge without sessions");
        repo.edit("specs/auth.md", "## Reset\n", &format!("{}## Reset\n", SESSIONS.replace("30 minutes", back)));
        repo.commit("Sessions again");
        assert_eq!(
            life(&repo, "AUTH-2"),
            [
                "Sessions again: added, back",
                "Merge without sessions: removed",
                "Sixty minutes: modified",
                "Write the specification down: added"
            ],
            "{back}"
        );
    }
}

#[test]
fn a_clause_removed_and_put_back_on_one_side_only_tells_both() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit("specs/auth.md", SESSIONS, "");
    repo.commit("Drop sessions");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.edit("specs/auth.md", "30 minutes", "60 minutes");
    repo.commit("Sixty minutes");
    repo.git(&["merge", "-q", "--no-edit", "side"]);
    let mut life = life(&repo, "AUTH-2");
    life.sort();
    assert_eq!(
        life,
        [
            "Drop sessions: removed",
            "Revert \"Drop sessions\": added, back",
            "Sixty minutes: modified",
            "Write the specification down: added"
        ]
    );
}

#[test]
fn a_life_is_told_in_the_order_of_the_log() {
    let repo = Repo::auth();
    on_side(&repo, "Sixty minutes", |repo| repo.edit("specs/auth.md", "30 minutes", "60 minutes"));
    repo.edit("specs/auth.md", "any activity", "an action");
    repo.commit("Say action");
    repo.git(&["merge", "-q", "-s", "ours", "--no-commit", "side"]);
    repo.edit("specs/auth.md", "30 minutes", "60 minutes");
    repo.commit("Both");
    let subjects = |args: &[&str]| -> Vec<String> {
        log(&repo, args).iter().map(|entry| entry["subject"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(subjects(&[]), ["Both", "Say action", "Sixty minutes", "Write the specification down"]);
    assert_eq!(subjects(&["--clause", "AUTH-2"]), subjects(&[]));
    assert_eq!(subjects(&["--clause", "AUTH-2", "-n", "2"]), ["Both", "Say action"]);
}

#[test]
fn a_file_that_was_edited_outside_and_rejoins_keeps_its_clauses() {
    for at_once in [false, true] {
        let repo = Repo::auth();
        repo.git(&["mv", "specs/auth.md", "auth.md"]);
        repo.write("specs/other.md", "# Other\n\nAnother demand MUST stand here for good.\n");
        repo.commit("Out");
        let left = &log(&repo, &["-n", "1"])[0];
        let document = serde_json::json!([{ "was": "specs/auth.md", "path": null, "outside": "auth.md" }]);
        assert_eq!(left["documents"], document);
        let told = repo.spec(&["log", "-n", "1"]).ok();
        assert!(told.contains("specs/auth.md  (leaves the spec set, is auth.md now)"), "{told}");
        repo.edit("auth.md", "30 minutes", "60 minutes");
        if !at_once {
            repo.commit("Think about it");
        }
        repo.git(&["mv", "auth.md", "specs/auth.md"]);
        repo.commit("In again");
        assert_eq!(
            life(&repo, "AUTH-2"),
            ["In again: modified, back", "Out: removed", "Write the specification down: added"]
        );
        let back = &log(&repo, &["--clause", "AUTH-2"])[0]["changes"][0];
        assert_eq!((&back["grade"], &back["tipped"]), (&"normative".into(), &serde_json::json!(["30 → 60"])));
        assert!(back["before"].as_str().unwrap().contains("30 minutes"), "{back}");
        let shown = repo.spec(&["show", "--json", "AUTH-2"]).json();
        assert_eq!(shown["introduced"]["subject"], "Write the specification down");
        assert_eq!(shown["last_meaning_change"]["subject"], "In again");
        assert_eq!(
            life(&repo, "AUTH-1"),
            ["In again: moved-file, back", "Out: removed", "Write the specification down: added"]
        );
    }
}

#[test]
fn a_clause_that_comes_back_in_other_words_is_the_same() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", SESSIONS, "");
    repo.commit("Drop sessions");
    repo.write("other.txt", "meanwhile\n");
    repo.commit("Meanwhile");
    let back = SESSIONS.replace("30 minutes", "60 minutes");
    repo.edit("specs/auth.md", "## Reset", &format!("{back}## Reset"));
    repo.commit("Put it back with a longer time");
    let expected = [
        "Put it back with a longer time: modified, back",
        "Drop sessions: removed",
        "Write the specification down: added",
    ];
    assert_eq!(life(&repo, "AUTH-2"), expected);
    assert_eq!(life(&repo, "AUTH-2"), expected);
    let told = &log(&repo, &["--clause", "AUTH-2"])[0]["changes"][0];
    assert_eq!(told["tipped"], serde_json::json!(["30 → 60"]));
    let shown = repo.spec(&["show", "--json", "AUTH-2"]).json();
    assert_eq!(shown["introduced"]["subject"], "Write the specification down");
    assert_eq!(shown["last_meaning_change"]["subject"], "Put it back with a longer time");
    // one of the same name that says something else is another one
    let other =
        "## Sessions {#AUTH-2}\n\nWhoever signs in from elsewhere is asked for the number on the token again.\n\n";
    repo.edit("specs/auth.md", &back, "");
    repo.commit("Drop it again");
    repo.edit("specs/auth.md", "## Reset", &format!("{other}## Reset"));
    repo.commit("Sign in again");
    assert_eq!(life(&repo, "AUTH-2"), ["Sign in again: added"]);
}

/// A small generator of numbers, the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

/// A commit of a random history: its id, its parents, and a number for each clause, 0 where it isn't there.
type Made = (String, Vec<usize>, [usize; 4]);

const PARTS: [&str; 4] = [
    "An account is locked after so many failed attempts of anybody: N.",
    "A session without any activity of its user ends behind minutes of: N.",
    "Every log-in is written into the audit file together with number N.",
    "A token that was issued for somebody else must never hold longer than N.",
];

fn make(repo: &Repo, commits: &mut Vec<Made>, parents: Vec<usize>, state: [usize; 4]) {
    if let Some(&first) = parents.first() {
        repo.git(&["checkout", "-q", "--detach", &commits[first].0]);
    }
    if let Some(&second) = parents.get(1) {
        repo.git(&["merge", "-q", "-s", "ours", "--no-commit", &commits[second].0]);
    }
    let clause =
        |at: usize| format!("## Part {at} {{#P-{at}}}\n\n{}\n\n", PARTS[at].replace('N', &state[at].to_string()));
    let text: String = (0..4).filter(|&at| state[at] > 0).map(clause).collect();
    repo.write("specs/parts.md", format!("# Parts\n\n{text}"));
    let id = repo.commit(&format!("Commit {}", commits.len()));
    commits.push((id, parents, state));
}

fn ancestors(commits: &[Made], from: usize) -> BTreeSet<usize> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(at) = open.pop() {
        if found.insert(at) {
            open.extend(&commits[at].1);
        }
    }
    found
}

/// Branches, merges, cherry-picks and changes taken back; each clause has an id that stays.
fn random_history(seed: u64) -> Repo {
    let repo = Repo::new();
    let mut dice = Dice(seed);
    let mut commits: Vec<Made> = Vec::new();
    make(&repo, &mut commits, vec![], [1, 1, 1, 0]);
    for _ in 0..16 {
        let on = commits.len() - 1 - dice.below(commits.len().min(3));
        let other = dice.below(commits.len());
        let (mine, theirs) = (ancestors(&commits, on), ancestors(&commits, other));
        let (a, b) = (commits[on].2, commits[other].2);
        if dice.below(3) == 0 && !mine.contains(&other) && !theirs.contains(&on) {
            let common: Vec<usize> = mine.intersection(&theirs).copied().collect();
            let best = |at: &usize| !common.iter().any(|c| c != at && ancestors(&commits, *c).contains(at));
            let bases: Vec<usize> = common.iter().copied().filter(best).collect();
            let base = commits[bases[0]].2;
            if bases.len() == 1 && (0..4).all(|at| a[at] == b[at] || a[at] == base[at] || b[at] == base[at]) {
                let merged = std::array::from_fn(|at| if a[at] == base[at] { b[at] } else { a[at] });
                make(&repo, &mut commits, vec![on, other], merged);
            }
            continue;
        }
        // Few numbers, so that branches often make the same change, or take one back.
        let (at, mut state) = (dice.below(4), a);
        state[at] = 1 + (state[at] + dice.below(2)) % 3;
        if state != a {
            make(&repo, &mut commits, vec![on], state);
        }
    }
    repo.git(&["checkout", "-q", "-B", "main"]);
    repo
}

#[test]
fn a_life_and_the_log_tell_the_same_changes() {
    for seed in 1..=12 {
        let repo = random_history(seed);
        let all = log(&repo, &["--unfold"]);
        for clause in repo.spec(&["ls", "--json"]).json()["clauses"].as_array().unwrap() {
            let Some(id) = clause["id"].as_str() else { continue };
            let of = |change: &Value| change["clause"]["id"] == id || change["was"]["id"] == id;
            let told = |entry: &&Value| entry["changes"].as_array().unwrap().iter().any(of);
            let expected: Vec<&Value> = all.iter().filter(told).map(|entry| &entry["commit"]).collect();
            let life = log(&repo, &["--clause", id]);
            let life: Vec<&Value> = life.iter().map(|entry| &entry["commit"]).collect();
            assert_eq!(life, expected, "seed {seed}, {id}:\n{}", repo.git(&["log", "--graph", "--oneline"]));
        }
    }
}

#[test]
fn an_octopus_has_an_edge_for_each_parent() {
    let repo = Repo::auth();
    for (branch, from, to) in [("one", "5 failed", "3 failed"), ("two", "one hour", "two hours")] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        repo.edit("specs/auth.md", from, to);
        repo.commit(branch);
    }
    repo.git(&["checkout", "-q", "main"]);
    repo.write("specs/pay.md", "# Payments\n\nA refund MUST be paid within 14 days of its claim.\n");
    repo.commit("Payments");
    repo.git(&["merge", "-q", "--no-edit", "one", "two"]);
    assert_eq!(repo.git(&["log", "-1", "--format=%P"]).split(' ').count(), 3);
    assert_eq!(life(&repo, "AUTH-1"), ["one: modified", "Write the specification down: added"]);
    assert_eq!(life(&repo, "reset"), ["two: modified", "Write the specification down: added"]);
    assert_eq!(life(&repo, "payments"), ["Payments: added"]);
    assert!(!log(&repo, &[]).iter().any(|entry| entry["subject"].as_str().unwrap().starts_with("Merge")));
}

#[test]
fn a_criss_cross_shows_each_change_once() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit("specs/auth.md", "one hour", "two hours");
    let side = repo.commit("Reset later");
    repo.git(&["checkout", "-q", "main"]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    let main = repo.commit("Lock sooner");
    repo.git(&["merge", "-q", "-m", "First cross", &side]);
    repo.git(&["checkout", "-q", "side"]);
    repo.git(&["merge", "-q", "-m", "Second cross", &main]);
    repo.edit("specs/auth.md", "two hours", "three hours");
    repo.commit("Later still");
    repo.git(&["checkout", "-q", "main"]);
    repo.edit("specs/auth.md", "ten minutes", "one minute");
    repo.commit("Lock shorter");
    repo.git(&["merge", "-q", "-m", "Third cross", "side"]);
    let subjects: Vec<String> = log(&repo, &[]).iter().map(|e| e["subject"].as_str().unwrap().to_owned()).collect();
    assert!(!subjects.iter().any(|subject| subject.contains("cross")), "{subjects:?}");
    assert_eq!(
        life(&repo, "reset"),
        ["Later still: modified", "Reset later: modified", "Write the specification down: added"]
    );
    assert_eq!(
        life(&repo, "AUTH-1"),
        ["Lock shorter: modified", "Lock sooner: modified", "Write the specification down: added"]
    );
}

#[test]
fn a_clause_goes_and_comes_back_twice() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", SESSIONS, "");
    repo.commit("Drop sessions");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.commit("Nothing");
    repo.edit("specs/auth.md", SESSIONS, "");
    repo.commit("Drop again");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let life = life(&repo, "AUTH-2");
    assert_eq!(
        life,
        [
            "Revert \"Drop again\": added, back",
            "Drop again: removed",
            "Revert \"Drop sessions\": added, back",
            "Drop sessions: removed",
            "Write the specification down: added"
        ]
    );
    let shown: Value = serde_json::from_str(&repo.spec(&["show", "--json", "AUTH-2"]).ok()).unwrap();
    assert_eq!(shown["introduced"]["subject"], "Write the specification down");
}

#[test]
fn a_file_that_leaves_the_specification_and_rejoins_keeps_its_clauses() {
    let repo = Repo::auth();
    repo.git(&["mv", "specs/auth.md", "auth.md"]);
    repo.write("specs/other.md", "# Other\n\nAnother demand MUST stand here for good.\n");
    repo.commit("Out");
    repo.git(&["mv", "auth.md", "specs/auth.md"]);
    repo.commit("In again");
    assert_eq!(
        life(&repo, "AUTH-1"),
        ["In again: moved-file, back", "Out: removed", "Write the specification down: added"]
    );
}

#[test]
fn a_file_that_joins_the_specification_brings_its_clauses_along() {
    let repo = Repo::auth();
    let text = "# Notes\n\nThese notes are read by nobody at all.\n\n## Backup\n\nA backup MUST be made every night.\n\n\
                ## Restore\n\nA restore MUST take less than 2 hours.\n";
    repo.write("notes/ops.md", text);
    repo.write("README.md", "# Read me\n\n## Backup\n\nSomething else stands here.\n");
    repo.commit("Take notes");
    repo.git(&["mv", "notes/ops.md", "specs/operations.md"]);
    repo.edit("specs/operations.md", "2 hours", "1 hour");
    repo.git(&["rm", "-q", "README.md"]);
    repo.commit("Make them demands");
    let entry = &log(&repo, &["-n", "1"])[0];
    let told: Vec<String> = entry["changes"].as_array().unwrap().iter().map(|c| c["kinds"].to_string()).collect();
    assert_eq!(told, ["[\"moved-file\"]", "[\"moved-file\"]", "[\"modified\",\"moved-file\"]"], "{entry}");
    let restore = &entry["changes"][2];
    assert_eq!(restore["was"]["path"], "notes/ops.md");
    assert_eq!(restore["before"], "A restore MUST take less than 2 hours.");
    assert!(repo.spec(&["log", "-n", "1"]).ok().contains("from notes/ops.md"));
    assert_eq!(life(&repo, "specs/operations.md#backup"), ["Make them demands: added moved-file"]);
    let blame = repo.spec(&["blame", "--json", "specs/operations.md"]).json();
    for when in ["introduced", "last_meaning_change", "last_text_change"] {
        assert_eq!(blame["clauses"][1][when]["subject"], "Make them demands", "{when}");
    }
}

#[test]
fn what_a_proposal_brings_into_the_specification_is_new_where_the_proposal_is_kept() {
    let repo = Repo::auth();
    let demands =
        "### Backup\n\nA backup MUST be made every night.\n\n### Restore\n\nA restore MUST take less than 2 hours.\n";
    repo.write("changes/backups/spec.md", format!("# Proposal\n\n{demands}"));
    repo.commit("Propose backups");
    repo.git(&["mv", "changes/backups", "archive"]);
    repo.write("specs/backups/spec.md", format!("# Backups\n\n{demands}"));
    repo.commit("Carry it out");
    let entry = &log(&repo, &["-n", "1"])[0];
    let told: Vec<String> = entry["changes"].as_array().unwrap().iter().map(|c| c["kinds"].to_string()).collect();
    assert_eq!(told, ["[\"added\"]", "[\"added\"]", "[\"added\"]"], "{entry}");
}

#[test]
fn a_note_that_joins_is_read_by_the_format_of_its_new_name() {
    let repo = Repo::auth();
    repo.write("ops.txt", "# Operations\n\n## Backup\n\nA backup MUST be made every night.\n");
    repo.commit("Take notes");
    repo.git(&["mv", "ops.txt", "specs/ops.md"]);
    repo.edit("specs/ops.md", "# Operations\n\n", "# Operations\n\nIn short.\n\n");
    repo.commit("Make them demands");
    let entry = &log(&repo, &["-n", "1"])[0];
    assert_eq!(entry["changes"][1]["was"]["anchor"], "backup", "{entry}");
    assert_eq!(entry["changes"][1]["before"], entry["changes"][1]["after"]);
    assert_eq!(entry["changes"][1]["kinds"], serde_json::json!(["moved-file"]));
    assert_eq!(entry["changes"][0]["kinds"], serde_json::json!(["modified", "moved-file"]));
}

#[test]
fn words_that_stood_under_another_name_did_not_come_back() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", SESSIONS, "");
    repo.commit("Drop sessions");
    repo.commit("Nothing");
    let other = SESSIONS.replace("Sessions {#AUTH-2}", "Devices {#DEV-1}");
    repo.write("specs/devices.md", format!("# Devices\n\n{other}"));
    repo.commit("Specify devices");
    assert_eq!(life(&repo, "DEV-1"), ["Specify devices: added"]);
}

#[test]
fn words_that_every_file_repeats_do_not_come_back_in_a_new_one() {
    let repo = Repo::new();
    let file = |name: &str| {
        let conformance = "## Conformance\n\nThe key words of this document are to be read as RFC 2119 has them.\n";
        (format!("specs/{name}.md"), format!("# The {name} binding\n\n{conformance}"))
    };
    for name in ["amqp", "http"] {
        let (path, text) = file(name);
        repo.write(path, text);
    }
    repo.commit("Two bindings");
    repo.git(&["rm", "-q", "specs/amqp.md"]);
    repo.commit("One binding");
    repo.commit("Nothing");
    let (path, text) = file("avro");
    repo.write(path, text);
    repo.commit("Another binding");
    assert_eq!(life(&repo, "specs/avro.md#conformance"), ["Another binding: added"]);
    let (path, text) = file("amqp");
    repo.write(path, text);
    repo.commit("The old binding");
    assert_eq!(life(&repo, "specs/amqp.md#conformance")[0], "The old binding: added, back");
}

#[test]
fn a_clock_that_runs_backwards_changes_no_life() {
    let repo = Repo::auth();
    let commit = |message: &str, time: u32| {
        repo.git(&["add", "-A"]);
        let tree = repo.git(&["write-tree"]);
        let date = format!("{time} +0000");
        let mut command = std::process::Command::new("git");
        command.current_dir(repo.path()).args(["commit-tree", &tree, "-p", "HEAD", "-m", message]);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_DATE"), &date).env(format!("GIT_{who}_NAME"), "A");
            command.env(format!("GIT_{who}_EMAIL"), "a@example.org");
        }
        let id = run(&mut command).ok();
        repo.git(&["reset", "-q", "--hard", id.trim()]);
    };
    for (at, time) in [900_000_000u32, 800_000_000, 1_000_000_000, 700_000_000].into_iter().enumerate() {
        repo.edit("specs/auth.md", &format!("{} failed", 5 + at), &format!("{} failed", 6 + at));
        commit(&format!("Step {at}"), time);
    }
    assert_eq!(
        life(&repo, "AUTH-1"),
        [
            "Step 3: modified",
            "Step 2: modified",
            "Step 1: modified",
            "Step 0: modified",
            "Write the specification down: added"
        ]
    );
}

#[test]
fn a_life_ends_without_added_at_a_shallow_border() {
    let repo = Repo::auth();
    for at in 5..9 {
        repo.edit("specs/auth.md", &format!("{at} failed"), &format!("{} failed", at + 1));
        repo.commit(&format!("Step {at}"));
    }
    let clone = repo.beside("clone");
    let source = format!("file://{}", repo.path().display());
    repo.git_in(repo.path(), &["clone", "-q", "--depth", "3", &source, clone.to_str().unwrap()]).unwrap();
    let answer = repo.spec_in(&clone, &["log", "--json", "--clause", "AUTH-1"]);
    assert_eq!(answer.status, 3);
    let report: Value = serde_json::from_str(&answer.stdout).unwrap();
    let entries = report["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "{report}");
    assert!(entries.iter().all(|entry| entry["changes"][0]["kinds"] == serde_json::json!(["modified"])), "{report}");
    assert_eq!(report["incomplete"].as_array().unwrap().len(), 1);
}

#[test]
fn a_release_folder_copies_a_specification() {
    let repo = Repo::auth();
    repo.write("specs/v1/auth.md", AUTH);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Release one");
    assert_eq!(life(&repo, "specs/auth.md#AUTH-1"), ["Release one: modified", "Write the specification down: added"]);
    assert_eq!(life(&repo, "specs/v1/auth.md#AUTH-2"), ["Release one: added"]);
    let copies = log(&repo, &["-n", "1"]);
    let mut all = copies[0]["changes"].as_array().unwrap().iter();
    let copy = all.find(|c| c["clause"]["path"] == "specs/v1/auth.md" && c["clause"]["anchor"] == "AUTH-1");
    assert_eq!(copy.unwrap()["other"]["path"], "specs/auth.md");
}

#[test]
fn a_commit_of_many_clauses_neither_hangs_nor_eats_the_memory() {
    let repo = Repo::new();
    let clause = |at: usize, word: &str| {
        format!("## Clause {at}\n\nThe {word} of part {at} MUST answer within {} seconds of request {at}.\n\n", at % 97)
    };
    let text = |word: &str| -> String { (0..20_000).map(|at| clause(at, word)).collect() };
    repo.write("specs/big.md", text("server"));
    repo.commit("Big");
    repo.write("specs/big.md", text("client"));
    repo.commit("Bigger");
    let entries = log(&repo, &[]);
    assert_eq!(entries[0]["changes"].as_array().unwrap().len(), 20_000);
    assert_eq!(life(&repo, "clause-777"), ["Bigger: modified", "Big: added"]);
}

/// The entry of the newest commit, if it is a merge that the log shows.
fn shown_merge(repo: &Repo) -> Option<Value> {
    let head = repo.rev("HEAD");
    assert!(repo.git(&["log", "-1", "--format=%P"]).contains(' '), "no merge");
    log(repo, &[]).into_iter().find(|entry| entry["commit"] == head.as_str())
}

#[test]
fn a_file_renamed_on_one_side_and_edited_on_the_other_merges_without_a_change() {
    for renamer_merges in [true, false] {
        let repo = Repo::auth();
        on_side(&repo, "Rename", |repo| {
            repo.git(&["mv", "specs/auth.md", "specs/login.md"]);
        });
        repo.edit("specs/auth.md", "30 minutes", "60 minutes");
        repo.commit("Sixty minutes");
        let other = if renamer_merges { "main" } else { "side" };
        if renamer_merges {
            repo.git(&["checkout", "-q", "side"]);
        }
        repo.git(&["merge", "-q", "--no-edit", other]);
        assert_eq!(shown_merge(&repo), None);
        let life = life(&repo, "AUTH-2");
        assert!(life.contains(&"Sixty minutes: modified".to_owned()), "{life:?}");
        assert_eq!(life.last().unwrap(), "Write the specification down: added");
        assert!(!life.iter().any(|line| line.starts_with("Merge")), "{life:?}");
    }
}

#[test]
fn a_clause_moved_on_one_side_and_edited_on_the_other_lives_on_from_both() {
    let repo = Repo::auth();
    repo.write("specs/other.md", "# Other\n\nAnother demand MUST stand here for good.\n");
    repo.commit("Other");
    let other = |words: &str| {
        let sessions = SESSIONS.replace("30 minutes", words);
        format!("# Other\n\nAnother demand MUST stand here for good.\n\n{}", sessions.trim_end().to_owned() + "\n")
    };
    on_side(&repo, "Move sessions", |repo| {
        repo.edit("specs/auth.md", SESSIONS, "");
        repo.write("specs/other.md", other("30 minutes"));
    });
    repo.edit("specs/auth.md", "30 minutes", "60 minutes");
    repo.commit("Sixty minutes");
    repo.git(&["merge", "-q", "--no-commit", "-s", "ours", "side"]);
    repo.git(&["checkout", "-q", "side", "--", "specs"]);
    repo.write("specs/other.md", other("60 minutes"));
    repo.commit("Bring both");
    assert_eq!(shown_merge(&repo), None);
    let life = life(&repo, "AUTH-2");
    assert!(life.contains(&"Sixty minutes: modified".to_owned()), "{life:?}");
    assert!(life.contains(&"Move sessions: moved-file".to_owned()), "{life:?}");
}

#[test]
fn a_title_from_one_side_and_words_from_the_other_are_no_change_of_the_merge() {
    let repo = Repo::auth();
    on_side(&repo, "Title", |repo| repo.edit("specs/auth.md", "## Sessions", "## Ends of sessions"));
    repo.edit("specs/auth.md", "30 minutes", "60 minutes");
    repo.commit("Words");
    repo.git(&["merge", "-q", "--no-edit", "side"]);
    assert_eq!(shown_merge(&repo), None);
    let mut life = life(&repo, "AUTH-2");
    life.sort();
    assert_eq!(life, ["Title: renamed", "Words: modified", "Write the specification down: added"]);
}

#[test]
fn a_sentence_that_one_side_took_elsewhere_is_not_brought_back() {
    let repo = Repo::auth();
    let telling = "\n\nThe server MUST tell the user of it.";
    repo.edit("specs/auth.md", "any activity of its user.", &format!("any activity of its user.{telling}"));
    repo.commit("Tell the user");
    let take_out = |repo: &Repo| {
        repo.edit("specs/auth.md", telling, "");
        let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).unwrap();
        repo.write("specs/auth.md", format!("{text}\n## Telling {{#AUTH-8}}{telling}\n"));
    };
    on_side(&repo, "Tell elsewhere", take_out);
    take_out(&repo);
    repo.edit("specs/auth.md", "A session MUST", "Each session MUST");
    repo.commit("Tell elsewhere of each session");
    repo.git(&["merge", "-q", "--no-edit", "-X", "ours", "side"]);
    assert_eq!(shown_merge(&repo), None);
}

#[test]
fn a_short_line_that_a_merge_leaves_out_is_told() {
    let repo = Repo::auth();
    let code = "\n## Code {#AUTH-7}\n\nRun this:\n\n```python\ndef on_tick(store, time):\n    store.time = time\n```\n";
    repo.write("specs/auth.md", format!("{AUTH}{code}"));
    repo.commit("Code");
    on_side(&repo, "Print", |repo| repo.edit("specs/auth.md", "    store.time", "    print(time)\n    store.time"));
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["merge", "-q", "--no-edit", "-s", "ours", "side"]);
    assert_eq!(life(&repo, "AUTH-7"), ["Merge branch 'side': modified, dropped", "Print: modified", "Code: added"]);
}

#[test]
fn a_folder_that_is_renamed_there_and_back_takes_its_links_along() {
    let repo = Repo::auth();
    repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    for (from, to) in [("specs", "spec"), ("spec", "doc/specs"), ("doc/specs", "specs")] {
        std::fs::create_dir_all(repo.path().join("doc")).unwrap();
        repo.git(&["mv", from, to]);
        repo.commit(to);
        assert_eq!(repo.spec(&["fsck"]).ok(), "1 link: 1 exact\n", "{to}");
        assert!(repo.spec(&["status"]).ok().contains("1 answered"), "{to}");
        // Between two moves nothing else stands where it stood.
        let other = repo.spec(&["ls", "HEAD~1"]).ok();
        assert!(other.contains(from), "{other}");
    }
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Sooner");
    let status = repo.spec(&["status"]).ok();
    assert!(status.contains("1 stale") && status.contains("5 → 3") && status.contains("src/lock.rs:1"), "{status}");
}

#[test]
fn a_project_that_is_taken_in_below_a_directory_keeps_its_history() {
    let (repo, other) = (Repo::auth(), Repo::new());
    repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    other.write("README.md", "# Whole\n");
    other.commit("Begin");
    let place = repo.path().to_str().unwrap();
    other.git(&["fetch", "-q", place, "HEAD"]);
    other.git(&["merge", "-q", "-s", "ours", "--no-commit", "--allow-unrelated-histories", "FETCH_HEAD"]);
    other.git(&["read-tree", "--prefix=part/", "-u", "FETCH_HEAD"]);
    other.git(&["commit", "-q", "-m", "Take it in"]);
    assert_eq!(other.spec(&["fsck"]).ok(), "1 link: 1 exact\n");
    let status = other.spec(&["status"]).ok();
    assert!(status.contains("1 answered"), "{status}");
    assert_eq!(life(&other, "AUTH-2").last().unwrap(), "Write the specification down: added");
}

#[test]
fn a_specification_keeps_its_history_when_its_folder_is_renamed() {
    for configured in [false, true] {
        let repo = Repo::auth();
        if configured {
            repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/*.md\"]\n");
            repo.commit("Configure");
        }
        repo.edit("specs/auth.md", "30 minutes", "20 minutes");
        repo.commit("Sooner");
        repo.git(&["mv", "specs", "spec"]);
        if configured {
            repo.edit(".gitspec.toml", "specs/", "spec/");
        }
        repo.edit("spec/auth.md", "20 minutes", "10 minutes");
        repo.commit("Rename the folder");
        repo.edit("spec/auth.md", "10 minutes", "15 minutes");
        repo.commit("Later");
        let expected = [
            "Later: modified",
            "Rename the folder: modified",
            "Sooner: modified",
            "Write the specification down: added",
        ];
        assert_eq!(life(&repo, "AUTH-2"), expected);
        // With what is kept, without it, and with what is damaged.
        assert_eq!(life(&repo, "AUTH-2"), expected);
        repo.git(&["config", "spec.index", "false"]);
        assert_eq!(life(&repo, "AUTH-2"), expected);
        repo.git(&["config", "--unset", "spec.index"]);
        for note in std::fs::read_dir(repo.path().join(".git/spec/former")).unwrap() {
            std::fs::write(note.unwrap().path(), b"what").unwrap();
        }
        assert_eq!(life(&repo, "AUTH-2"), expected);
        let blame = repo.spec(&["blame", "--json", "spec/auth.md"]).json();
        assert_eq!(blame["clauses"][1]["introduced"]["subject"], "Write the specification down", "{blame}");
    }
}

#[test]
fn a_specification_keeps_its_history_when_it_is_converted() {
    let repo = Repo::new();
    repo.write(
        "specs/a.md",
        "# Access\n\nHow people get into the system and what keeps others out.\n\n## Locking\n\nThe system SHOULD lock an account after five failed attempts.\n\n## Session\n\nA session ends after thirty minutes without any request.\n",
    );
    repo.commit("Write");
    repo.edit("specs/a.md", "thirty", "twenty");
    repo.commit("Sooner");
    repo.git(&["rm", "-q", "specs/a.md"]);
    repo.write(
        "specs/a.rst",
        "Access\n======\n\nHow people get into the system and what keeps others out.\n\nLocking\n-------\n\nThe system SHOULD lock an account after five failed attempts.\n\nSession\n-------\n\nA session ends after twenty minutes without any request.\n",
    );
    repo.commit("Convert");
    repo.edit("specs/a.rst", "twenty", "ten");
    repo.commit("Sooner still");
    assert_eq!(life(&repo, "session"), ["Sooner still: modified", "Sooner: modified", "Write: added"]);
    let entries = repo.spec(&["diff", "--json", "HEAD~2", "HEAD~"]).json();
    assert_eq!(entries["changes"].as_array().unwrap().len(), 0, "{entries}");
}
