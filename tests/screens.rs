//! What the screens look like with real-life content: long ids, long titles, wide tables, many changes, narrow terminals.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Answer, Repo, run};

const MID: &str = "58595abe6ff148afbb45e2b6adc25110";

/// StrictDoc with machine-made ids, as its own documents have them.
fn machine_ids() -> Repo {
    let repo = Repo::new();
    let text = format!(
        "[DOCUMENT]\nTITLE: Guide\n\n[TEXT]\nMID: {MID}\nSTATEMENT: >>>\nA node MUST be exported within 5 seconds.\n<<<\n\n\
         [REQUIREMENT]\nMID: 0123456789abcdef0123456789abcdef\nUID: SDOC-1\nTITLE: Order\nSTATEMENT: The order MUST be kept.\n"
    );
    repo.write("docs/guide.sdoc", text);
    repo.commit("Write a guide");
    repo
}

fn narrow(repo: &Repo, args: &[&str]) -> Answer {
    run(repo.spec_command(repo.path()).env("COLUMNS", "80").args(args))
}

#[test]
fn a_machine_made_id_is_shown_and_taken_by_its_first_digits() {
    let repo = machine_ids();
    insta::assert_snapshot!(repo.spec(&["ls"]).ok(), @r"
    docs/guide.sdoc
       4  58595abe  A node MUST be exported within 5 seconds.
      10  SDOC-1    Order
    ");
    for name in ["58595ab", "58595abe", MID, "docs/guide.sdoc#58595abe", "58595abe@HEAD"] {
        let shown = repo.spec(&["show", name]).ok();
        assert!(shown.starts_with("58595abe  A node") && shown.contains(&format!("\n{MID}\n")), "{name}: {shown}");
    }
    assert!(repo.spec(&["show", "01234567"]).ok().starts_with("SDOC-1"), "an alias has a short form too");
    assert!(repo.spec(&["show", "58595a"]).fails(2).contains("no clause 58595a"));
    assert!(repo.spec(&["ls", "-z"]).ok().contains(MID), "lists for programs hold it whole");
    repo.edit("docs/guide.sdoc", "5 seconds", "3 seconds");
    insta::assert_snapshot!(repo.spec(&["diff"]).ok(), @r"
    docs/guide.sdoc
      ~ 58595abe  A node MUST be exported within 3 seconds.                             normative: 5 → 3
          A node MUST be exported within [-5-]{+3+} seconds.
    1 modified (1 normative)
    ");
}

#[test]
fn a_short_id_that_two_have_lists_both() {
    let repo = machine_ids();
    repo.edit("docs/guide.sdoc", "0123456789abcdef0123456789abcdef", &MID.replace("5110", "5111"));
    repo.commit("Choose a similar id");
    let said = repo.spec(&["show", "58595abe"]).fails(2);
    assert!(said.contains("58595abe names 2 clauses") && said.contains(&format!("guide.sdoc#{MID}")), "{said}");
}

#[test]
fn a_row_that_draws_a_table_is_not_marked() {
    let repo = Repo::new();
    repo.write("specs/a.md", "# Codes\n\n| code | meaning |\n|---|---|\n| 4 | gone MUST be kept |\n");
    repo.commit("Write");
    repo.write("specs/a.md", "# Codes\n\n| code | meaning |\n|:-----|--------:|\n| 5 | gone MUST be kept |\n");
    insta::assert_snapshot!(repo.spec(&["diff"]).ok(), @r"
    specs/a.md
      ~ Codes                                                                           normative: 4 → 5
          | code | meaning |
          | [-4-]{+5+} | gone MUST be kept |
    1 modified (1 normative)
    ");
}

#[test]
fn stat_counts_folded_changes_too() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "after 5 failed", "after\n5 failed");
    insta::assert_snapshot!(repo.spec(&["diff", "--stat"]).ok(), @r"
     specs/auth.md | ·1
    no change of meaning; 1 editorial folded (--all)
    ");
}

#[test]
fn a_new_file_is_new_and_one_from_outside_joins() {
    let repo = Repo::auth();
    let draft = "# Mail\n\nA mail MUST be sent within 10 seconds of its request.\n";
    repo.write("drafts/mail.md", draft);
    repo.commit("Draft");
    std::fs::remove_file(repo.path().join("drafts/mail.md")).unwrap();
    repo.write("specs/mail.md", draft);
    repo.write("specs/new.md", "# New\n\nWhat is new MUST be called so in the answer.\n");
    repo.commit("Accept");
    let shown = repo.spec(&["diff", "HEAD~1", "HEAD"]).ok();
    assert!(shown.contains("specs/mail.md  (joins the spec set, was drafts/mail.md)\n"), "{shown}");
    assert!(shown.contains("specs/new.md  (new file)\n"), "{shown}");
    assert!(shown.contains("> Mail") && shown.contains("+ New"), "{shown}");
    let (diff, log) =
        (repo.spec(&["diff", "--json", "HEAD~1", "HEAD"]).json(), repo.spec(&["log", "--json", "-1"]).json());
    let kinds = |changes: &serde_json::Value| -> Vec<String> {
        changes
            .as_array()
            .unwrap()
            .iter()
            .map(|change| format!("{} {}", change["kinds"], change["was"]["path"]))
            .collect()
    };
    assert_eq!(kinds(&diff["changes"]), kinds(&log["entries"][0]["changes"]));
    let back = repo.spec(&["diff", "-R", "HEAD~1", "HEAD"]).ok();
    assert!(back.contains("specs/mail.md  (leaves the spec set, is drafts/mail.md now)\n"), "{back}");
    assert!(back.contains("specs/new.md  (file deleted)\n"), "{back}");
    let documents = repo.spec(&["diff", "--json", "HEAD~1", "HEAD"]).json()["documents"].clone();
    let joined = serde_json::json!({"was": null, "path": "specs/mail.md", "outside": "drafts/mail.md"});
    assert_eq!(documents, serde_json::json!([joined, {"was": null, "path": "specs/new.md"}]));
}

#[test]
fn of_a_long_list_the_worst_is_shown() {
    let repo = Repo::new();
    let items = |from: u32, word: &str| {
        let item = |n| format!("## R-{n}: Demand {n}\n\nThe part number {n} {word} be painted in its colour.\n\n");
        (from..30).map(item).collect::<String>()
    };
    repo.write("specs/a.md", format!("# Parts\n\nParts.\n\n{}", items(29, "MUST")));
    repo.commit("One");
    repo.write("specs/a.md", format!("# Parts\n\nParts.\n\n{}", items(1, "MUST").replace("29 MUST", "29 SHOULD")));
    repo.commit("Many");
    let shown = repo.spec(&["log", "-1"]).ok();
    assert!(shown.contains("~ R-29  Demand 29") && shown.contains("MUST → SHOULD"), "{shown}");
    assert!(shown.contains("\n  · 9 more: +9 (--unfold)\n"), "{shown}");
}

#[test]
fn a_patch_marks_words_in_the_log() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.edit("specs/auth.md", "Who may come in.", "*Who* may come in.");
    repo.commit("Lock sooner");
    insta::assert_snapshot!(repo.spec(&["log", "-p", "-1", "--date=short"]).ok(), @r"
    spec d0be1a0  Lock sooner                                        A U Thor, 2023-11-15 (HEAD -> main)
      specs/auth.md
      ~ AUTH-1  Lockout                                                                 normative: 5 → 3
          The system MUST lock an account after [-5-]{+3+} failed attempts within ten minutes.
      · 1 editorial
    ");
}

/// A repository whose AUTH-1 has code, and links judged at several revisions.
fn generated() -> Repo {
    let repo = Repo::auth();
    let listed = repo.spec(&["ls", "--json"]).json();
    let version = listed["clauses"][1]["version"].as_str().unwrap().to_owned();
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit(&format!("Lock accounts\n\nSpec: specs/auth.md#AUTH-1@{} {version}", &repo.rev("HEAD")[..16]));
    repo.git(&["tag", "first"]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo
}

#[test]
fn clauses_without_code_are_named_where_a_repository_has_links() {
    insta::assert_snapshot!(generated().spec(&["log", "--date=short"]).ok(), @r"
    spec 3ecd442  Lock sooner                                        A U Thor, 2023-11-16 (HEAD -> main)
      specs/auth.md
      ~ AUTH-1  Lockout                                                                 normative: 5 → 3
        ↳ AUTH-1 not generated yet

    spec c6fff7c  Write the specification down                                      A U Thor, 2023-11-14
      specs/auth.md
      + Authentication
      + AUTH-1  Lockout
      + AUTH-2  Sessions
      + Reset
        ↳ 5e11cf9 Lock accounts  AUTH-1 stale 1  +1 -0 in 1 file
        ↳ AUTH-2, reset not generated yet
    ");
    assert!(!Repo::auth().spec(&["log"]).ok().contains("not generated"), "no links, no nagging");
}

#[test]
fn links_are_judged_at_the_revision_that_is_named() {
    let repo = generated();
    let blame = |args: &[&str]| repo.spec(&[&["blame", "src/lock.rs"], args].concat()).ok();
    assert!(blame(&[]).contains(" AUTH-1 v1:7f5a90 stale 1 1  fn lock"), "{}", blame(&[]));
    assert!(blame(&["--at", "first"]).contains(" AUTH-1 v1:7f5a90 fresh 1  fn lock"), "{}", blame(&["--at", "first"]));
    assert!(repo.spec(&["show", "AUTH-1@first"]).ok().contains("Lock accounts  fresh"));
    assert!(repo.spec(&["show", "AUTH-1@first", "--at", "HEAD"]).ok().contains("Lock accounts  stale 1"));
    assert!(repo.spec(&["show", "AUTH-1", "--at", "first"]).ok().contains("Lock accounts  fresh"));
    assert!(repo.spec(&["show", "AUTH-1", "--at", "nowhere"]).fails(2).contains("unknown revision nowhere"));
}

#[test]
fn every_line_fits_the_screen() {
    let repo = Repo::new();
    let long = "a/very/long/folder/that/nobody/wanted/to/shorten/because/it/was/generated";
    let spec = |words: &str, title: &str| {
        format!(
            "# A title that goes on and on, far beyond the edge of any terminal that people {title} use\n\n\
             See https://example.org/{long}/{long}/{long} {words}.\n\n- an item MUST `{words}`\n\n| a | b |\n|---|---|\n| {words} | 2 |\n"
        )
    };
    repo.write(format!("specs/{long}/spec.md"), spec("at most 5 times", "still"));
    repo.write("specs/old.md", "# Old\n\nThis MUST go away before anybody sees it on a screen.\n");
    repo.commit("Write a subject that is longer than any terminal that people use is wide, as people do");
    repo.git(&["rm", "-q", "specs/old.md"]);
    repo.write(format!("specs/{long}/spec.md"), spec("at least 3 times and never again without leave", "do"));
    repo.commit("Write another subject that is longer than any terminal that people use is wide");
    // A path above its clauses is whole, so that it can be copied.
    let is_path = |line: &str| line.trim_start().starts_with("specs/") && !line.contains('|');
    for args in [
        &["log"][..],
        &["log", "-p"],
        &["log", "--stat"],
        &["log", "--oneline"],
        &["diff", "HEAD~1", "HEAD"],
        &["diff", "--stat", "HEAD~1", "HEAD"],
        &["ls"],
        &["ls", "-l"],
        &["grep", "item|https"],
    ] {
        let shown = narrow(&repo, args).ok();
        let wide: Vec<&str> = shown.lines().filter(|line| line.chars().count() > 80 && !is_path(line)).collect();
        assert!(wide.is_empty(), "{args:?}: {wide:#?}");
    }
}

#[test]
fn on_a_narrow_screen_show_still_tells_what_happened() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock accounts sooner than they were locked before");
    let shown = run(repo.spec_command(repo.path()).env("COLUMNS", "50").args(["show", "AUTH-1"])).ok();
    let life = shown.lines().find(|line| line.starts_with('~')).unwrap();
    assert!(life.contains("normative: 5") && life.contains("Lock") && life.chars().count() <= 50, "{shown}");
}
