//! `git spec impact` as a user and a generator read it: from changed demands to files and lines.

#![allow(clippy::expect_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::json;
use support::{Answer, Repo, each, run};

const SPEC: &str = "specs/auth.md";

fn lines(word: &str, count: usize) -> String {
    (1..=count).map(|n| format!("{word} {n}\n")).collect()
}

/// AUTH-1 changed after code was made of it, AUTH-2 is gone, and Reset is answered.
fn changed() -> Repo {
    let repo = Repo::auth();
    repo.generate("src/lock.rs", &lines("lock", 9), &["AUTH-1"]);
    repo.generate("src/session.rs", &lines("session", 4), &["AUTH-2"]);
    repo.generate("src/reset.rs", &lines("reset", 3), &["reset"]);
    repo.git(&["tag", "v1"]);
    repo.edit(SPEC, "after 5 failed", "after 3 failed");
    let text = std::fs::read_to_string(repo.path().join(SPEC)).expect("the spec");
    let (start, end) = (text.find("## Sessions").expect("it"), text.find("## Reset").expect("it"));
    repo.write(SPEC, format!("{}{}", &text[..start], &text[end..]));
    repo.commit("Lock sooner, drop sessions");
    repo.edit("src/lock.rs", "lock 3\n", "by hand\n");
    repo.commit("Mend by hand");
    repo
}

fn narrow(repo: &Repo, args: &[&str]) -> Answer {
    run(repo.spec_command(repo.path()).env("COLUMNS", "80").args(args))
}

#[test]
fn the_set_to_regenerate_is_told_worst_first() {
    let repo = changed();
    let (lock, session, change) = (repo.rev("v1~2"), repo.rev("v1~1"), repo.rev("HEAD~1"));
    let tame = |shown: String| {
        shown.replace(&lock[..7], "LOCKLOC").replace(&session[..7], "SESSION").replace(&change[..7], "CHANGED")
    };
    let shown = tame(narrow(&repo, &["impact"]).ok());
    insta::assert_snapshot!(shown, @r"
    - AUTH-2  Sessions                                            removed in CHANGED
        ↳ SESSION Generate src/session.rs                                 leftover 4
            src/session.rs:1-4
    ~ AUTH-1  Lockout                                      5 → 3, normative, CHANGED
        ↳ LOCKLOC Generate src/lock.rs                                    leftover 8
            src/lock.rs:1-2,4-9
    2 clauses, 12 lines in 2 files (git spec impact --files)
    ");
    assert_eq!(tame(narrow(&repo, &["impact", "v1..HEAD"]).ok()), shown);
    assert_eq!(tame(narrow(&repo, &["impact", "v1"]).ok()), shown, "the work tree is as HEAD");
}

#[test]
fn a_clause_that_only_got_a_title_is_told_where_status_calls_it_stale() {
    let repo = Repo::auth();
    let rest = "r[mark.two]\nA mark of the second kind is read behind one of the first.\n";
    repo.write("specs/marks.md", format!("# Marks\n\nr[mark]\n\n{rest}"));
    repo.commit("Specify marks");
    repo.generate("src/mark.rs", &lines("mark", 3), &["mark"]);
    repo.write("specs/marks.md", format!("r[mark]\n# Marks\n\n{rest}"));
    repo.commit("Put the marker before its heading");
    let stale = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&stale["stale"], "/anchor"), ["mark"], "{stale}");
    let report = repo.spec(&["impact", "--json", "HEAD~..HEAD"]).json();
    assert_eq!(each(&report["clauses"], "/anchor"), ["mark"]);
    assert_eq!(report["files"], json!(["src/mark.rs"]));
    let shown = repo.spec(&["log", "-1"]).ok();
    assert!(shown.contains("merged into mark"), "{shown}");
}

#[test]
fn files_are_for_programs() {
    let repo = changed();
    assert_eq!(repo.spec(&["impact", "--files"]).ok(), "src/lock.rs\nsrc/session.rs\n");
    assert_eq!(repo.spec(&["impact", "--files", "-z"]).ok(), "src/lock.rs\0src/session.rs\0");
    repo.generate("src/a\tb \u{fc}.rs", &lines("tab", 2), &["reset"]);
    repo.edit(SPEC, "one hour", "two hours");
    repo.commit("Ask for more time");
    let quoted = "\"src/a\\tb \u{fc}.rs\"";
    assert!(repo.spec(&["impact", "--files"]).ok().lines().any(|line| line == quoted));
    assert!(repo.spec(&["impact", "--files", "-z"]).ok().split('\0').any(|path| path == "src/a\tb \u{fc}.rs"));
    assert!(repo.spec(&["impact", "-z"]).status == 2);
}

#[test]
fn json_tells_clauses_carriers_and_lines() {
    let repo = changed();
    let report = repo.spec(&["impact", "--json", "v1..HEAD"]).json();
    assert_eq!((&report["from"], &report["to"]), (&repo.rev("v1").into(), &repo.rev("HEAD").into()));
    assert_eq!(each(&report["clauses"], "/anchor"), ["AUTH-2", "AUTH-1"]);
    let clause = &report["clauses"][1];
    assert_eq!((&clause["grade"], &clause["tipped"]), (&json!("normative"), &json!(["5 \u{2192} 3"])));
    assert_eq!(clause["carriers"][0]["lines"][0]["ranges"], json!([[1, 2], [4, 9]]));
    assert_eq!(clause["leftover"], 8);
    assert_eq!(report["clauses"][0]["removed_in"], repo.rev("HEAD~1"));
    assert_eq!(report["files"], json!(["src/lock.rs", "src/session.rs"]));
    let all = repo.spec(&["impact", "--json"]).json();
    assert_eq!((&all["from"], &all["to"]), (&json!(null), &json!(null)));
}

#[test]
fn a_regenerated_clause_is_behind_in_its_range_alone() {
    let repo = changed();
    repo.write("src/more.rs", "");
    repo.generate("src/more.rs", "fn more() {}\n", &["AUTH-1"]);
    let shown = repo.spec(&["impact"]).ok();
    assert!(!shown.contains("AUTH-1"), "answered by the newer carrier: {shown}");
    let shown = repo.spec(&["impact", "v1.."]).ok();
    assert!(shown.contains("AUTH-1") && shown.contains("answered") && shown.contains("leftover 8"), "{shown}");
}

#[test]
fn what_the_work_tree_changes_is_told_before_it_is_committed() {
    let repo = changed();
    repo.edit(SPEC, "one hour", "two hours");
    let shown = repo.spec(&["impact", "HEAD"]).ok();
    assert!(shown.contains("Reset") && shown.contains("src/reset.rs:1-3") && !shown.contains("AUTH-1"), "{shown}");
    repo.edit(SPEC, "## Reset\n\nA reset link SHOULD expire after two hours of its creation.\n", "");
    let shown = repo.spec(&["impact", "HEAD"]).ok();
    assert!(shown.contains("- reset") || shown.contains("- Reset"), "{shown}");
}

#[test]
fn no_code_is_said_and_undone_carriers_are_left_out() {
    let repo = changed();
    repo.git(&["rm", "-q", "src/session.rs"]);
    repo.commit("Drop sessions");
    let shown = repo.spec(&["impact"]).ok();
    assert!(shown.contains("no code"), "{shown}");
    assert_eq!(repo.spec(&["impact", "--files"]).ok(), "src/lock.rs\n");
    repo.git(&["reset", "-q", "--hard", "v1"]);
    repo.git(&["revert", "--no-edit", "HEAD~2"]);
    repo.edit(SPEC, "after 5 failed", "after 3 failed");
    repo.commit("Lock sooner");
    assert_eq!(repo.spec(&["impact", "--json"]).json()["clauses"], json!([]));
}

#[test]
fn shared_code_is_told_as_shared() {
    let repo = Repo::auth();
    repo.generate("src/all.rs", &lines("all", 5), &["AUTH-1", "AUTH-2"]);
    repo.edit(SPEC, "after 5 failed", "after 3 failed");
    repo.commit("Lock sooner");
    assert!(narrow(&repo, &["impact"]).ok().contains("leftover 5, shared with AUTH-2"));
    assert!(narrow(&repo, &["status"]).ok().contains("src/all.rs:1-5, shared with AUTH-2"));
    let report = repo.spec(&["impact", "--json"]).json();
    assert_eq!(report["clauses"][0]["carriers"][0]["shared_with"], json!(["AUTH-2"]));
}

#[test]
fn nothing_behind_is_said_aside() {
    let repo = Repo::auth();
    let answer = repo.spec(&["impact"]);
    assert_eq!((answer.status, answer.stdout.as_str()), (0, ""));
    assert!(answer.stderr.contains("git spec link COMMIT CLAUSE"), "{answer:?}");
    repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    let answer = repo.spec(&["impact", "HEAD~1..HEAD"]);
    assert_eq!((answer.status, answer.stdout.as_str()), (0, ""));
    assert!(answer.stderr.contains("nothing was generated from older versions"), "{answer:?}");
    assert_eq!(repo.spec(&["impact", "--json"]).json()["clauses"], json!([]));
}

#[test]
fn a_link_on_a_merge_owns_the_lines_of_the_merge_alone() {
    let repo = Repo::auth();
    let trailer = repo.spec_line("AUTH-1");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/lock.rs", lines("topic", 5));
    repo.commit("Write code");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("src/lock.rs", lines("main", 5));
    repo.commit("Write other code");
    assert!(repo.git_in(repo.path(), &["merge", "-q", "topic"]).is_err(), "both wrote the file");
    repo.write("src/lock.rs", format!("{}merged 1\nmerged 2\n", lines("main", 5)));
    repo.commit(&format!("Merge topic\n\n{trailer}"));
    repo.edit(SPEC, "after 5 failed", "after 3 failed");
    repo.commit("Lock sooner");
    let shown = repo.spec(&["impact"]).ok();
    assert!(shown.contains("src/lock.rs:6-7") && shown.contains("leftover 2"), "{shown}");
}

/// AUTH-2 is asked for more after six commits named it, of which two are tied to it for certain.
fn unsure() -> Repo {
    let repo = Repo::auth();
    let (spec, whole) = (repo.rev("HEAD")[..16].to_owned(), repo.spec_line("AUTH-2"));
    let version = |anchor: &str| repo.listed(anchor)["version"].as_str().expect("it").to_owned();
    let (one, two) = (version("AUTH-1"), version("AUTH-2"));
    repo.generate("src/session.rs", &lines("session", 4), &["AUTH-2"]);
    for (name, link) in [
        ("mismatch", format!("Spec: {SPEC}#AUTH-2@{spec} {one}")),
        ("dangling", format!("Spec: {SPEC}#AUTH-2@ffffffffffffffff v1:00000000000000000000000000000000")),
        ("foreign", format!("Spec: lib:{SPEC}#AUTH-2@{spec} {two}")),
        ("other", format!("Spec: {SPEC}#AUTH-1@ffffffffffffffff v1:00000000000000000000000000000000")),
        ("relocated", whole.replace(&spec, "ffffffffffffffff")),
    ] {
        repo.write(format!("src/{name}.rs"), lines(name, 2));
        repo.commit(&format!("Code {name}\n\n{link}"));
    }
    repo.git(&["tag", "v1"]);
    repo.edit(SPEC, "30 minutes", "20 minutes");
    repo.commit("End sessions sooner");
    repo
}

#[test]
fn links_that_cannot_be_tied_are_told_beside_what_is_known() {
    let repo = unsure();
    let tame = |answer: Answer| {
        let mut shown = answer.ok();
        for (at, name) in
            ["CHANGED", "RELOCAT", "OTHEROT", "FOREIGN", "DANGLIN", "MISMATC", "SESSION", "SPECSPE"].iter().enumerate()
        {
            let commit = repo.rev(&format!("HEAD~{at}"));
            shown = shown.replace(&commit[..10], &format!("{name}...")).replace(&commit[..7], name);
        }
        shown
    };
    let shown = tame(narrow(&repo, &["impact", "v1..HEAD"]));
    let (known, untold) = shown.split_once("\nCannot be told, the link isn't certain:").expect("it");
    assert!(known.ends_with("1 clause, 6 lines in 2 files (git spec impact --files)\n"), "{shown}");
    let mut rows = untold.lines();
    assert_eq!(rows.next().map(str::trim), Some("(git spec fsck)"), "{shown}");
    let row = |line: Option<&str>| line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(row(rows.next()), "AUTH-2 Code dangling dangling in DANGLIN", "newest first: {shown}");
    let rest = row(Some(&rows.collect::<Vec<_>>().join(" ")));
    assert!(rest.starts_with("no reachable commit is ffffffffffffffff, and nothing in the carrier's"), "{shown}");
    assert!(
        rest.contains(" AUTH-2 Code mismatch mismatch in MISMATC specs/auth.md#AUTH-2 stands at SPECSPE"),
        "{shown}"
    );
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let report = repo.spec(&["impact", "--json", "v1..HEAD"]).json();
    let mut states = each(&report["untold"], "/link/resolution");
    states.sort_unstable();
    assert_eq!(states, ["dangling", "mismatch"]);
    assert_eq!(report["untold"][0]["clauses"], json!(["specs/auth.md#AUTH-2"]));
    assert!(report["untold"][0]["link"]["reason"].as_str().is_some_and(|reason| reason.contains("AUTH-2")));
    assert_eq!((repo.spec(&["impact", "--json", "v1..HEAD"]).status, &report["incomplete"]), (0, &json!([])));
    let answer = repo.spec(&["impact", "--files", "v1..HEAD"]);
    assert_eq!(answer.stdout, "src/relocated.rs\nsrc/session.rs\n");
    assert!(answer.stderr.contains("2 links that may be about these clauses aren't certain"), "{answer:?}");
    assert!(answer.stderr.contains(": git spec impact v1..HEAD"), "{answer:?}");
    // Of the whole specification the one that names AUTH-1 is of interest, too.
    let all = repo.spec(&["impact", "--json"]).json();
    assert_eq!(all["untold"].as_array().map(Vec::len), Some(3), "{all:#}");
    // A range in which AUTH-2 stays as it is has nothing to do with them.
    let other = repo.spec(&["impact", "--json", "HEAD~3..HEAD~1"]).json();
    assert_eq!(other["untold"], json!([]));
}

#[test]
fn what_a_later_commit_or_a_note_settles_is_not_told_again() {
    let repo = unsure();
    repo.git(&["checkout", "-q", "v1"]);
    let (dangling, mismatch, other) = (repo.rev("v1~3"), repo.rev("v1~4"), repo.rev("v1~1"));
    repo.spec(&["link", &dangling, "AUTH-2"]).ok();
    assert_eq!(repo.spec(&["unlink", &dangling, "AUTH-2"]).status, 0);
    let states = |rev: &[&str]| {
        let report = repo.spec(&[&["impact", "--json"], rev].concat()).json();
        each(&report["untold"], "/link/commit").into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    repo.edit(SPEC, "30 minutes", "10 minutes");
    repo.commit("End sessions soon");
    assert_eq!(states(&["v1..HEAD"]).len(), 2);
    repo.spec(&["link", &mismatch, "AUTH-2"]).ok();
    assert_eq!(states(&["v1..HEAD"]), std::slice::from_ref(&dangling));
    repo.git(&["revert", "--no-edit", &dangling]);
    assert_eq!(states(&["v1..HEAD"]), Vec::<String>::new());
    assert_eq!(states(&[]), std::slice::from_ref(&other), "what nobody asks the range for");
    repo.generate("src/other.rs", &lines("anew", 3), &["AUTH-1"]);
    assert_eq!(states(&[]), Vec::<String>::new());
}

#[test]
fn a_link_of_another_scheme_leaves_the_answer_incomplete() {
    let repo = Repo::auth();
    repo.generate("src/reset.rs", &lines("reset", 3), &["reset"]);
    repo.write("src/lock.rs", lines("lock", 3));
    let spec = repo.rev("HEAD~1")[..16].to_owned();
    let commit = repo.commit(&format!("Lock\n\nSpec: {SPEC}#AUTH-1@{spec} v7:abc"));
    repo.edit(SPEC, "after 5 failed", "after 3 failed");
    repo.commit("Lock sooner");
    for words in [&["impact"][..], &["impact", "HEAD~1..HEAD"], &["impact", "--files", "HEAD~1"], &["impact", "--json"]]
    {
        let answer = repo.spec(words);
        assert_eq!(answer.status, 3, "{answer:?}");
        assert!(answer.stderr.contains(&commit[..10]) && answer.stderr.contains("scheme"), "{answer:?}");
    }
    let answer = repo.spec(&["impact"]);
    assert!(answer.stdout.starts_with("Cannot be told") && answer.stdout.contains("unknown in "), "{answer:?}");
    assert!(answer.stderr.contains("no other code is known to be generated from older versions"), "{answer:?}");
    // Where that clause stays as it is, nobody has to know.
    repo.edit(SPEC, "one hour", "two hours");
    repo.commit("Give more time");
    let answer = repo.spec(&["impact", "HEAD~1..HEAD"]);
    assert!(answer.status == 0 && answer.stdout.contains("src/reset.rs:1-3"), "{answer:?}");
}

#[test]
fn nothing_is_to_be_fetched_for_a_version_of_another_scheme() {
    let repo = Repo::auth();
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit("Lock\n\nSpec: specs/auth.md#AUTH-1 v9:abcdef0123456789");
    repo.edit("specs/auth.md", "5 failed", "6 failed");
    repo.commit("Lock later");
    let said = repo.spec(&["impact"]);
    assert_eq!(said.status, 3, "{said:?}");
    assert!(said.stderr.contains("a newer git-spec may know"), "{said:?}");
    assert!(!said.stderr.contains("git fetch"), "{said:?}");
}
