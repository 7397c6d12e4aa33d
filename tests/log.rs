//! `git spec log`: which spec commits are shown, in which order, and how.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::Value;
use support::{AUTH, Repo, changes, each, run};

/// Four spec commits, one that changes layout only, and one that touches no specification.
fn history() -> Repo {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.commit_as("Ann <ann@example.org>", "Lock sooner");
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit("Add code");
    repo.write("specs/mail.md", "# Mail\n\nA mail MUST be sent within 10 seconds of its request.\n");
    repo.commit_as("Bob <bob@example.org>", "Ask for mail");
    repo.edit("specs/auth.md", "A session MUST end", "A *session* MUST end");
    repo.commit("Stress a word");
    repo.edit("specs/auth.md", "30 minutes", "15 minutes");
    repo.edit("specs/mail.md", "10 seconds", "5 seconds");
    repo.commit_as("Ann <ann@example.org>", "Be quicker everywhere");
    repo
}

const SUBJECTS: [&str; 5] =
    ["Be quicker everywhere", "Stress a word", "Ask for mail", "Lock sooner", "Write the specification down"];

#[track_caller]
fn log(repo: &Repo, args: &[&str]) -> Value {
    let answer = repo.spec(&[&["log", "--json"], args].concat());
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    answer.json()
}

#[track_caller]
fn subjects(repo: &Repo, args: &[&str]) -> Vec<String> {
    each(&log(repo, args)["entries"], "/subject").into_iter().map(str::to_owned).collect()
}

#[test]
fn each_spec_commit_comes_with_what_it_did() {
    insta::assert_snapshot!(history().spec(&["log", "--date=short"]).ok(), @r"
    spec b1a772c  Be quicker everywhere                                   Ann, 2023-11-19 (HEAD -> main)
      specs/auth.md
      ~ AUTH-2  Sessions                                                              normative: 30 → 15
      specs/mail.md
      ~ Mail                                                                           normative: 10 → 5

    spec 20e2562  Stress a word                                                     A U Thor, 2023-11-18
      · 1 editorial

    spec e6963ec  Ask for mail                                                           Bob, 2023-11-17
      specs/mail.md
      + Mail

    spec 6d5204c  Lock sooner                                                            Ann, 2023-11-15
      specs/auth.md
      ~ AUTH-1  Lockout                                                                 normative: 5 → 3

    spec c6fff7c  Write the specification down                                      A U Thor, 2023-11-14
      specs/auth.md
      + Authentication
      + AUTH-1  Lockout
      + AUTH-2  Sessions
      + Reset
    ");
}

#[test]
fn commits_come_in_gits_order_and_without_those_that_change_no_clause() {
    let repo = history();
    assert_eq!(subjects(&repo, &[]), SUBJECTS);
    let order = repo.git(&["log", "--format=%s", "--", "specs"]);
    assert_eq!(order.lines().collect::<Vec<_>>(), SUBJECTS);
}

#[test]
fn a_number_counts_the_spec_commits_shown() {
    let repo = history();
    repo.write("README", "no specification\n");
    repo.commit("Touch no clause");
    assert_eq!(subjects(&repo, &["-n", "2"]), SUBJECTS[..2]);
    assert_eq!(subjects(&repo, &["-n2"]), SUBJECTS[..2]);
    assert_eq!(subjects(&repo, &["-2"]), SUBJECTS[..2]);
    assert_eq!(subjects(&repo, &["--max-count=1"]), SUBJECTS[..1]);
    assert_eq!(subjects(&repo, &["-n", "0"]), [""; 0]);
    assert_eq!(subjects(&repo, &["--skip=3"]), SUBJECTS[3..]);
    assert_eq!(subjects(&repo, &["--skip", "1", "-1"]), SUBJECTS[1..2]);
}

#[test]
fn reverse_is_oldest_first_after_counting() {
    let repo = history();
    let reversed: Vec<&str> = SUBJECTS.into_iter().rev().collect();
    assert_eq!(subjects(&repo, &["--reverse"]), reversed);
    assert_eq!(subjects(&repo, &["--reverse", "-2"]), ["Stress a word", "Be quicker everywhere"]);
}

#[test]
fn dates_limit_as_in_git() {
    let repo = history();
    let date = |rev: &str| repo.git(&["log", "-1", "--format=%cI", rev]);
    let third = date("HEAD~2");
    assert_eq!(subjects(&repo, &["--since", &third]), SUBJECTS[..3]);
    assert_eq!(subjects(&repo, &[&format!("--after={third}")]), SUBJECTS[..3]);
    assert_eq!(subjects(&repo, &["--until", &date("HEAD~4")]), SUBJECTS[3..]);
    assert_eq!(subjects(&repo, &["--before", &third, "--since", &third]), SUBJECTS[2..3]);
}

#[test]
fn author_and_message_limit_as_in_git() {
    let repo = history();
    assert_eq!(subjects(&repo, &["--author=Ann"]), ["Be quicker everywhere", "Lock sooner"]);
    assert_eq!(subjects(&repo, &["--author", "bob@", "--author", "^Ann"]).len(), 3);
    assert_eq!(subjects(&repo, &["--grep=mail"]), ["Ask for mail"]);
    assert_eq!(subjects(&repo, &["--grep=MAIL"]), [""; 0]);
    assert_eq!(subjects(&repo, &["-i", "--grep=MAIL"]), ["Ask for mail"]);
    assert_eq!(subjects(&repo, &["--grep", "sooner", "--author", "Bob"]), [""; 0]);
}

#[test]
fn a_range_and_revisions_choose_commits() {
    let repo = history();
    assert_eq!(subjects(&repo, &["HEAD~2..HEAD"]), SUBJECTS[..2]);
    assert_eq!(subjects(&repo, &["HEAD~2.."]), SUBJECTS[..2]);
    assert_eq!(subjects(&repo, &["HEAD", "^HEAD~2"]), SUBJECTS[..2]);
    assert_eq!(subjects(&repo, &["HEAD~4"]), SUBJECTS[3..]);
    assert_eq!(subjects(&repo, &["HEAD..HEAD"]), [""; 0]);
    let said = repo.spec(&["log", "HEAD..nowhere"]).fails(2);
    assert!(said.contains("nowhere"), "{said}");
}

#[test]
fn paths_limit_commits_and_the_changes_shown() {
    let repo = history();
    let report = log(&repo, &["--", "specs/mail.md"]);
    assert_eq!(each(&report["entries"], "/subject"), ["Be quicker everywhere", "Ask for mail"]);
    assert_eq!(changes(&report["entries"][0]), ["modified mail"]);
    assert_eq!(subjects(&repo, &["specs/mail.md"]).len(), 2);
    assert_eq!(subjects(&repo, &["HEAD~1", "specs/mail.md"]), ["Ask for mail"]);
    assert_eq!(subjects(&repo, &["--", ":!specs/auth.md"]), ["Be quicker everywhere", "Ask for mail"]);
    assert_eq!(subjects(&repo, &["--", ":(icase)SPECS/MAIL.md"]).len(), 2);
    assert_eq!(subjects(&repo, &["--", "src"]), [""; 0]);
    let answer = repo.spec_in(&repo.path().join("specs"), &["log", "--oneline", "--", "mail.md"]);
    assert_eq!(answer.ok().lines().count(), 2);
}

#[test]
fn pickaxe_wants_another_count_in_a_clause() {
    let repo = history();
    assert_eq!(subjects(&repo, &["-S", "5 failed"]), ["Lock sooner", "Write the specification down"]);
    assert_eq!(subjects(&repo, &["-S15 minutes"]), ["Be quicker everywhere"]);
    assert_eq!(subjects(&repo, &["-S", "never written"]), [""; 0]);
    repo.edit("specs/auth.md", "Who may come in.", "Who may come in, and fn lock() when.");
    repo.commit("Name code");
    assert_eq!(subjects(&repo, &["-S", "fn lock()"]), ["Name code"], "code doesn't count");
}

#[test]
fn changed_lines_match_a_pattern() {
    let repo = history();
    assert_eq!(subjects(&repo, &["-G", "with(in|out) [0-9]+ seconds"]), ["Be quicker everywhere", "Ask for mail"]);
    assert_eq!(subjects(&repo, &["-G", "ten minutes"]), ["Lock sooner", "Write the specification down"]);
    assert_eq!(subjects(&repo, &["-S", "ten minutes"]), ["Write the specification down"], "-S counts, -G looks");
    let said = repo.spec(&["log", "-G", "("]).fails(2);
    assert!(said.contains("'(' is no regular expression"), "{said}");
}

#[test]
fn oneline_and_stat_are_short() {
    let repo = history();
    insta::assert_snapshot!(repo.spec(&["log", "--oneline"]).ok(), @r"
    b1a772c (HEAD -> main) Be quicker everywhere  ~2
    20e2562 Stress a word  ·
    e6963ec Ask for mail  +1
    6d5204c Lock sooner  ~1
    c6fff7c Write the specification down  +4
    ");
    insta::assert_snapshot!(repo.spec(&["log", "--stat", "--date=short", "-2"]).ok(), @r"
    spec b1a772c  Be quicker everywhere                                   Ann, 2023-11-19 (HEAD -> main)
      specs/auth.md | ~1  1 normative
      specs/mail.md | ~1  1 normative

    spec 20e2562  Stress a word                                                     A U Thor, 2023-11-18
      · 1 editorial
    ");
}

#[test]
fn dates_are_written_as_log_date_and_date_say() {
    let repo = history();
    let first = |args: &[&str]| repo.spec(&[&["log", "-1"], args].concat()).ok().lines().next().unwrap().to_owned();
    repo.git(&["config", "log.date", "format:%Y/%m/%d"]);
    assert!(first(&[]).contains("2023/11/19"), "{}", first(&[]));
    assert!(first(&["--date=short"]).contains("2023-11-19"), "--date goes before log.date");
    assert!(first(&["--date", "iso"]).contains("2023-11-19 22:13:20 +0000"), "{}", first(&["--date", "iso"]));
    let report = log(&repo, &["-1", "--date=short"]);
    let date = report["entries"][0]["date"].as_str().unwrap();
    assert!(date.starts_with("2023-11-19T22:13:20"), "JSON has one form of dates: {date}");
}

#[test]
fn names_go_through_the_mailmap() {
    let repo = history();
    repo.write(".mailmap", "Ann Example <ann@new.example> <ann@example.org>\n");
    assert_eq!(each(&log(&repo, &["-1"])["entries"], "/author"), ["Ann Example"]);
    assert!(repo.spec(&["log", "-1"]).ok().contains("Ann Example"));
}

/// A merge of two branches, each of which changed one clause; what the merge itself does is up to the test.
fn merging(amend: impl Fn(&Repo)) -> Repo {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit("specs/auth.md", "one hour", "two hours");
    repo.commit("Reset later");
    repo.git(&["checkout", "-q", "main"]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    amend(&repo);
    repo.commit("Merge side");
    repo
}

#[test]
fn a_clean_merge_is_not_shown() {
    let repo = merging(|_| ());
    assert_eq!(subjects(&repo, &[]), ["Lock sooner", "Reset later", "Write the specification down"]);
    assert_eq!(subjects(&repo, &["--merges"]), [""; 0]);
}

#[test]
fn a_merge_that_adds_something_is_shown_with_that_alone() {
    let repo = merging(|repo| repo.edit("specs/auth.md", "30 minutes", "60 minutes"));
    let report = log(&repo, &["-1"]);
    assert_eq!(each(&report["entries"], "/subject"), ["Merge side"]);
    assert_eq!(changes(&report["entries"][0]), ["modified AUTH-2"]);
    assert_eq!(subjects(&repo, &["--merges"]), ["Merge side"]);
    assert_eq!(subjects(&repo, &["--no-merges"]), ["Lock sooner", "Reset later", "Write the specification down"]);
}

#[test]
fn a_merge_that_drops_one_parents_change_is_shown() {
    let repo = merging(|repo| repo.edit("specs/auth.md", "two hours", "one hour"));
    let report = log(&repo, &["-1"]);
    assert_eq!(each(&report["entries"], "/subject"), ["Merge side"]);
    assert_eq!(changes(&report["entries"][0]), ["modified reset"]);
}

#[test]
fn gits_short_ranges_are_taken() {
    let repo = history();
    let short = subjects(&repo, &["HEAD~1^!"]);
    assert_eq!(short, subjects(&repo, &["HEAD~2..HEAD~1"]));
    assert_eq!(short.len(), 1);
}

#[test]
fn first_parent_leaves_the_side_out() {
    let repo = merging(|_| ());
    let report = log(&repo, &["--first-parent"]);
    assert_eq!(each(&report["entries"], "/subject"), ["Merge side", "Lock sooner", "Write the specification down"]);
    assert_eq!(changes(&report["entries"][0]), ["modified reset"], "the merge brings the side's change");
}

#[test]
fn all_begins_at_every_ref() {
    let repo = merging(|_| ());
    repo.git(&["checkout", "-q", "-b", "other", "HEAD~1"]);
    repo.edit("specs/auth.md", "ten minutes", "one minute");
    repo.commit("Elsewhere");
    repo.git(&["checkout", "-q", "main"]);
    assert!(!subjects(&repo, &[]).contains(&"Elsewhere".to_owned()));
    assert!(subjects(&repo, &["--all"]).contains(&"Elsewhere".to_owned()));
}

/// One clause that is renamed, renumbered, moved to another file whose name changes, taken out and put back.
fn adventures() -> Repo {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "## Sessions {#AUTH-2}", "## Ends of sessions {#AUTH-2}");
    repo.commit("Rename");
    repo.edit("specs/auth.md", "{#AUTH-2}", "{#AUTH-9}");
    repo.commit("Renumber");
    let clause =
        "## Ends of sessions {#AUTH-9}\n\nA session MUST end after 30 minutes without any activity of its user.\n\n";
    repo.edit("specs/auth.md", clause, "");
    repo.write("specs/session.md", format!("# All about sessions\n\n{clause}"));
    repo.commit("Move");
    repo.git(&["mv", "specs/session.md", "specs/sessions.md"]);
    repo.commit("Rename the file");
    repo.edit("specs/sessions.md", "30 minutes", "15 minutes");
    repo.commit("Modify");
    repo.edit("specs/sessions.md", "15 minutes", "30 minutes");
    repo.commit("Revert");
    repo.edit("specs/auth.md", "5 failed", "4 failed");
    repo.commit("Touch another clause");
    repo
}

#[test]
fn a_clause_is_followed_through_all_its_names() {
    let repo = adventures();
    let report = log(&repo, &["--clause", "AUTH-9"]);
    assert_eq!(
        each(&report["entries"], "/subject"),
        ["Revert", "Modify", "Move", "Renumber", "Rename", "Write the specification down"]
    );
    let did: Vec<String> = report["entries"].as_array().unwrap().iter().flat_map(changes).collect();
    assert_eq!(
        did,
        [
            "modified AUTH-9",
            "modified AUTH-9",
            "moved-file AUTH-9",
            "id-changed AUTH-9",
            "renamed AUTH-2",
            "added AUTH-2"
        ]
    );
}

#[test]
fn the_biography_of_a_clause_shows_its_words() {
    insta::assert_snapshot!(adventures().spec(&["log", "--clause", "AUTH-9", "--date=short"]).ok(), @r#"
    spec 770a4c2  Revert                                                            A U Thor, 2023-11-20
      specs/sessions.md
      ~ AUTH-9  Ends of sessions                                                      normative: 15 → 30
          A session MUST end after [-15-]{+30+} minutes without any activity of its user.

    spec c7e4154  Modify                                                            A U Thor, 2023-11-19
      specs/sessions.md
      ~ AUTH-9  Ends of sessions                                                      normative: 30 → 15
          A session MUST end after [-30-]{+15+} minutes without any activity of its user.

    spec b181cd4  Move                                                              A U Thor, 2023-11-17
      specs/session.md
      > AUTH-9  Ends of sessions                                                      from specs/auth.md

    spec e97f9f8  Renumber                                                          A U Thor, 2023-11-16
      specs/auth.md
      # AUTH-9  Ends of sessions                                                              was AUTH-2

    spec 9d37e64  Rename                                                            A U Thor, 2023-11-15
      specs/auth.md
      # AUTH-2  Ends of sessions                                                          was "Sessions"

    spec c6fff7c  Write the specification down                                      A U Thor, 2023-11-14
      specs/auth.md
      + AUTH-2  Sessions
          A session MUST end after 30 minutes without any activity of its user.
    "#);
}

#[test]
fn a_clause_may_be_named_in_every_way() {
    let repo = adventures();
    let whole = log(&repo, &["--clause", "AUTH-9"]);
    assert_eq!(log(&repo, &["--clause", "specs/sessions.md#AUTH-9"]), whole);
    assert_eq!(log(&repo, &["--clause=Ends of sessions"]), whole);
    assert_eq!(log(&repo, &["HEAD", "--clause", "AUTH-9"]), whole);
    let then = subjects(&repo, &["--clause", "AUTH-2@HEAD~6"]);
    assert_eq!(then, ["Rename", "Write the specification down"]);
    assert_eq!(subjects(&repo, &["HEAD~6", "--clause", "AUTH-2"]), then);
}

#[test]
fn limits_hold_for_one_clause_too() {
    let repo = adventures();
    assert_eq!(subjects(&repo, &["--clause", "AUTH-9", "-2"]), ["Revert", "Modify"]);
    assert_eq!(subjects(&repo, &["--clause", "AUTH-9", "--skip=4", "-1"]), ["Rename"]);
    assert_eq!(
        subjects(&repo, &["--clause", "AUTH-9", "--reverse", "-2"]),
        ["Modify", "Revert"],
        "counted before turned round"
    );
    assert_eq!(subjects(&repo, &["--clause", "AUTH-9", "-S", "15 minutes"]), ["Revert", "Modify"]);
}

#[test]
fn gits_limits_hold_for_one_clause_too() {
    let repo = adventures();
    assert_eq!(subjects(&repo, &["--clause", "AUTH-9", "--grep=^Re"]), ["Revert", "Renumber", "Rename"]);
    let date = repo.git(&["log", "-1", "--format=%cI", "HEAD~2"]);
    assert_eq!(subjects(&repo, &["--clause", "AUTH-9", "--since", &date]), ["Revert", "Modify"]);
    assert_eq!(subjects(&repo, &["--clause", "AUTH-9", "HEAD~5..HEAD"]), ["Revert", "Modify", "Move"]);
}

#[test]
fn a_clause_is_followed_through_a_merge_to_the_parent_that_has_it() {
    let repo = merging(|_| ());
    assert_eq!(subjects(&repo, &["--clause", "reset"]), ["Reset later", "Write the specification down"]);
    assert_eq!(subjects(&repo, &["--clause", "AUTH-1"]), ["Lock sooner", "Write the specification down"]);
    assert_eq!(subjects(&repo, &["--clause", "AUTH-2"]), ["Write the specification down"]);
}

#[test]
fn a_clause_that_a_revert_brings_back_is_the_same() {
    let repo = Repo::auth();
    let clause = "## Sessions {#AUTH-2}\n\nA session MUST end after 30 minutes without any activity of its user.\n\n";
    repo.edit("specs/auth.md", clause, "");
    repo.commit("Drop sessions");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let found = subjects(&repo, &["--clause", "AUTH-2"]);
    assert_eq!(found.last().unwrap(), "Write the specification down", "{found:?}");
}

#[test]
fn unknown_and_ambiguous_clauses_list_candidates() {
    let repo = Repo::auth();
    repo.write("specs/copy.md", AUTH.replace("Authentication", "Copy").replace("5 failed", "7 failed"));
    repo.commit("Copy");
    insta::assert_snapshot!(repo.spec(&["log", "--clause", "ATH-2"]).fails(2), @r"
    error: no clause ATH-2 in the spec set at HEAD
    hint: nearest:
    hint:   AUTH-2 Sessions (specs/auth.md)
    hint:   AUTH-2 Sessions (specs/copy.md)
    hint:   AUTH-1 Lockout (specs/auth.md)
    hint:   AUTH-1 Lockout (specs/copy.md)
    ");
    insta::assert_snapshot!(repo.spec(&["log", "--clause", "AUTH-2"]).fails(2), @r"
    error: AUTH-2 names 2 clauses
    hint: name the file too:
    hint:   specs/auth.md#AUTH-2  Sessions
    hint:   specs/copy.md#AUTH-2  Sessions
    ");
    insta::assert_snapshot!(repo.spec(&["log", "--clause", "specs/auth.md#none"]).fails(2), @r"
    error: no clause specs/auth.md#none in the spec set at HEAD
    hint: list the clauses: git spec ls HEAD
    ");
}

#[test]
fn json_is_one_document_even_where_nothing_is_found() {
    let repo = history();
    assert_eq!(
        log(&repo, &["--author=nobody"]),
        serde_json::json!({"schema": "git-spec/log/1", "entries": [], "incomplete": []})
    );
}

#[test]
fn the_first_entry_is_written_before_the_walk_ends() {
    use std::io::{BufRead as _, BufReader};
    let repo = history();
    let mut command = repo.spec_command(repo.path());
    let mut child = command.args(["log", "--oneline"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains(SUBJECTS[0]), "{line}");
    assert!(child.wait().unwrap().success(), "a reader who leaves is no failure");
}

#[test]
fn tags_and_branches_stand_beside_their_commits() {
    let repo = history();
    repo.git(&["tag", "v1.0", "HEAD~2"]);
    let text = run(repo.spec_command(repo.path()).args(["log", "--oneline"])).ok();
    assert!(text.lines().next().unwrap().contains("HEAD -> main"), "{text}");
    assert!(text.lines().nth(2).unwrap().contains("tag: v1.0"), "{text}");
}

#[test]
fn a_name_that_nobody_completed_is_told_beside_what_waits() {
    let repo = Repo::auth();
    repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    assert!(repo.spec(&["log"]).ok().contains("AUTH-2, reset not generated yet"));
    repo.write("src/session.rs", "fn end() {}\n");
    let commit = repo.commit("End sessions\n\nSpec: AUTH-2\nSpec: nobody/knows");
    let named = format!("AUTH-2 (only named in {}), reset not generated yet", &commit[..7]);
    let shown = repo.spec(&["log"]).ok();
    assert!(shown.contains(&named), "{shown}");
    repo.write("README", "Nothing\n");
    repo.commit("Say nothing");
    assert!(repo.spec(&["log"]).ok().contains(&named), "as kept");
    repo.spec(&["link", &commit, "AUTH-2"]).ok();
    let shown = repo.spec(&["log"]).ok();
    assert!(!shown.contains("only named") && !shown.contains("AUTH-2 not"), "{shown}");
}
