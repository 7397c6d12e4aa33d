//! `git spec status` as a user reads it: what is behind, worst first, on one screen.

#![allow(clippy::expect_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::Value;
use support::{Answer, Repo, each, run};

const CONFIG: &str =
    "[spec]\ninclude = [\"specs/**\"]\n\n[generated]\npaths = [\"src/**\"]\nexempt = [\"src/vendor/**\"]\n";

const SPEC: &str = "\
# Signing in

How a person gets in.

## Log-in {#AUTH-1}

A user MUST log in with a password of at least 12 characters.

## Lockout {#AUTH-2}

The system MUST lock an account after 5 failed attempts.

## Session {#AUTH-3}

A session MUST end after 30 minutes without a request.

## Hashing {#AUTH-4}

Passwords MUST be hashed with MD5 before they are stored.

## Audit {#AUTH-6}

Every failed attempt SHOULD be written to the log.
";

fn lines(word: &str, count: usize) -> String {
    (1..=count).map(|n| format!("{word} {n}\n")).collect()
}

/// One of everything that a status can tell.
fn eventful() -> Repo {
    let repo = Repo::new();
    repo.write(".gitspec.toml", CONFIG);
    repo.write("specs/auth.md", SPEC);
    repo.commit("Specify signing in");
    repo.generate("src/lock.rs", &lines("lock", 40), &["AUTH-2"]);
    repo.generate("src/login.rs", &lines("login", 5), &["AUTH-1"]);
    repo.generate("src/md5.rs", &lines("md5", 80), &["AUTH-4"]);
    repo.generate("src/session.rs", &lines("session", 12), &["AUTH-3"]);
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).expect("the spec");
    let (start, end) = (text.find("## Hashing").expect("it"), text.find("## Audit").expect("it"));
    repo.write("specs/auth.md", format!("{}{}", &text[..start], &text[end..]));
    repo.commit("Lock sooner, hash no more");
    let note = format!("{} by:affirm id:0123abcd", repo.spec_line("AUTH-3"));
    repo.git(&["notes", "--ref=spec", "add", "-m", &note, "HEAD"]);
    repo.edit("src/lock.rs", "lock 20\n", "lock by hand\n");
    repo.commit("page ops");
    repo
}

fn narrow(repo: &Repo, args: &[&str]) -> Answer {
    run(repo.spec_command(repo.path()).env("COLUMNS", "80").args(args))
}

#[test]
fn one_screen_tells_all_worst_first() {
    let repo = eventful();
    let page = repo.rev("HEAD")[..7].to_owned();
    let changed = repo.rev("HEAD~1")[..7].to_owned();
    let shown = narrow(&repo, &["status"]).ok().replace(&page, "PAGEOPS").replace(&changed, "CHANGED");
    insta::assert_snapshot!(shown, @r"
    On branch main. 5 clauses: 2 answered, 1 stale, 1 unanswered, 1 prose.

    Stale, worst first:                                            (git spec impact)
      AUTH-2  Lockout                                      5 → 3, normative, CHANGED
          src/lock.rs:1-19,21-40

    Not generated yet:                                       (git spec start AUTH-6)
      AUTH-6  Audit                                                    specs/auth.md

    Code whose demand is gone:                                     (git spec impact)
      AUTH-4  Hashing                                             removed in CHANGED
          src/md5.rs:1-80
      kept on purpose: git spec link --affirm HEAD 'specs/auth.md#AUTH-4@CHANGED~1'

    Affirmed, no code had to change:                          (git spec show AUTH-3)
      AUTH-3  Session                                                  specs/auth.md

    Commits without a link:                           (git spec link PAGEOPS CLAUSE)
      PAGEOPS page ops                                                   src/lock.rs
    ");
    assert_eq!(repo.spec(&["status", "--exit-code"]).status, 1);
    assert_eq!(repo.spec(&["status", "--exit-code", "--at", "HEAD~3"]).status, 0);
    // The same from what was kept, and without it.
    for _ in 0..2 {
        assert_eq!(narrow(&repo, &["status"]).ok().replace(&page, "PAGEOPS").replace(&changed, "CHANGED"), shown);
    }
    let mut plain = repo.spec_command(repo.path());
    plain.env("COLUMNS", "80").env("GIT_CONFIG_COUNT", "1");
    plain.env("GIT_CONFIG_KEY_0", "spec.index").env("GIT_CONFIG_VALUE_0", "false");
    let plain = run(plain.arg("status")).ok();
    assert_eq!(plain.replace(&page, "PAGEOPS").replace(&changed, "CHANGED"), shown);
}

#[test]
fn json_tells_the_same_in_full() {
    let repo = eventful();
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(report["counts"]["stale"], 1);
    assert_eq!(each(&report["stale"], "/anchor"), ["AUTH-2"]);
    let lines = &report["stale"][0]["carriers"][0]["lines"];
    assert_eq!(lines[0]["ranges"], serde_json::json!([[1, 19], [21, 40]]));
    assert_eq!(report["stale"][0]["changes"][0]["commit"], repo.rev("HEAD~1"));
    assert_eq!(each(&report["retired"], "/anchor"), ["AUTH-4"]);
    assert_eq!(each(&report["affirmed"], "/anchor"), ["AUTH-3"]);
    assert_eq!(each(&report["unlinked"], "/subject"), ["page ops"]);
    assert_eq!(each(&report["waiting"], "/clause/anchor"), ["AUTH-6"]);
}

/// A change that was taken back on one side of a merge, in a file that the merge has as the other side has it: code that was
/// made in between is behind by the change that took it back, as the life of the clause tells it.
#[test]
fn what_a_side_took_back_is_told_as_the_life_tells_it() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit("specs/auth.md", "one hour", "two hours");
    repo.commit("Two hours");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["checkout", "-q", "main"]);
    repo.edit("specs/auth.md", "30 minutes", "60 minutes");
    repo.commit("Sixty minutes");
    repo.generate("src/session.rs", "fn sixty() {}\n", &["AUTH-2"]);
    repo.git(&["cherry-pick", "side~1"]);
    repo.edit("specs/auth.md", "60 minutes", "30 minutes");
    let back = repo.commit("Thirty again");
    repo.git(&["merge", "-q", "--no-edit", "side"]);
    let life = repo.spec(&["log", "--json", "--clause", "AUTH-2"]).json();
    assert_eq!(life["entries"][0]["commit"], back.as_str());
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&report["stale"], "/anchor"), ["AUTH-2"]);
    assert_eq!(each(&report["stale"][0]["changes"], "/commit"), [back.as_str()]);
    let impact = repo.spec(&["impact", "--json"]).json();
    assert_eq!(each(&impact["clauses"][0]["changes"], "/commit"), [back.as_str()]);
    assert!(repo.spec(&["show", "AUTH-2"]).ok().contains("stale 1"));
    // and so again with what was kept, and for a new commit
    repo.write("src/more.rs", "fn more() {}\n");
    repo.commit("More");
    assert_eq!(each(&repo.spec(&["status", "--json"]).json()["stale"][0]["changes"], "/commit"), [back.as_str()]);
}

#[test]
fn code_of_a_gone_demand_is_told_until_it_is_gone_too() {
    let repo = eventful();
    repo.git(&["rm", "-q", "src/md5.rs"]);
    repo.commit("Drop MD5");
    let shown = repo.spec(&["status"]).ok();
    assert!(!shown.contains("Code whose demand is gone"), "{shown}");
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!((&report["retired"][0]["leftover"], each(&report["retired"], "/anchor")), (&0.into(), vec!["AUTH-4"]));
}

#[test]
fn kept_lines_follow_edits_renames_and_merges() {
    let repo = eventful();
    let lines = |repo: &Repo| {
        let shown = repo.spec(&["status"]).ok();
        shown.lines().find(|line| line.contains("src/lo")).expect("lines of code").trim().to_owned()
    };
    assert_eq!(lines(&repo), "src/lock.rs:1-19,21-40");
    repo.write("README", "nothing of it\n");
    repo.commit("Something else");
    assert_eq!(lines(&repo), "src/lock.rs:1-19,21-40");
    repo.edit("src/lock.rs", "lock 1\n", "new\nlock 1\n");
    repo.commit("Put something in");
    assert_eq!(lines(&repo), "src/lock.rs:2-20,22-41");
    repo.git(&["mv", "src/lock.rs", "src/locking.rs"]);
    repo.commit("Rename");
    assert_eq!(lines(&repo), "src/locking.rs:2-20,22-41");
    // Another file takes the name: the lines are still where they went.
    repo.write("src/lock.rs", "fn other() {}\n");
    repo.commit("Use the name again");
    assert_eq!(lines(&repo), "src/locking.rs:2-20,22-41");
    // What a branch brings back counts for the branch, whatever was known before.
    repo.git(&["checkout", "-q", "-b", "side", "HEAD~4"]);
    repo.write("src/more.rs", "fn more() {}\n");
    repo.commit("A side");
    repo.git(&["merge", "-q", "-m", "Merge main the other way round", "main"]);
    assert_eq!(lines(&repo), "src/locking.rs:2-20,22-41");
}

#[test]
fn a_branch_is_told_what_it_touched_and_not_the_old_debt() {
    let repo = eventful();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).expect("the spec");
    repo.write("specs/auth.md", format!("{text}\n## Passkeys {{#AUTH-8}}\n\nA user MAY log in with a passkey.\n"));
    repo.commit("Allow passkeys");
    repo.write("src/new.rs", "fn new() {}\n");
    repo.commit("Forgot the link");
    let shown = repo.spec(&["status", "--branch"]).ok();
    assert!(shown.starts_with("On branch topic, since main ("), "{shown}");
    assert!(shown.contains("1 clause: 1 unanswered") && shown.contains("AUTH-8  Passkeys"), "{shown}");
    assert!(shown.contains("Forgot the link") && !shown.contains("page ops") && !shown.contains("AUTH-2"), "{shown}");
    // Without the limit, what is new comes first.
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&report["waiting"], "/clause/anchor"), ["AUTH-8", "AUTH-6"]);
    assert!(repo.spec(&["status"]).ok().contains("of this branch"));
    let based = repo.spec(&["status", "--branch=main~1", "--json"]).json();
    assert_eq!(each(&based["unlinked"], "/subject"), ["Forgot the link", "page ops"]);

    repo.git(&["checkout", "-q", "main"]);
    assert!(repo.spec(&["status", "--branch"]).fails(2).contains("git spec status --branch=BASE"));
    repo.git(&["clone", "-q", ".", repo.beside("clone").to_str().expect("a path")]);
    let clone = repo.beside("clone");
    let shown = repo.spec_in(&clone, &["status", "--branch"]);
    assert!(shown.stdout.contains("since origin/main"), "{shown:?}");
}

#[test]
fn a_branch_owns_what_its_carriers_link() {
    let repo = eventful();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.generate("src/lock.rs", &lines("sooner", 3), &["AUTH-2"]);
    let shown = repo.spec(&["status", "--branch"]).ok();
    assert!(shown.contains("1 clause: 1 answered."), "{shown}");
}

#[test]
fn contested_clauses_name_the_carriers_that_are_behind() {
    let repo = eventful();
    repo.git(&["checkout", "-q", "-b", "side", "HEAD~3"]);
    let old = repo.generate("src/guard.rs", &lines("guard", 3), &["AUTH-2"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.generate("src/lock.rs", &lines("sooner", 3), &["AUTH-2"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge", "side"]);
    let shown = narrow(&repo, &["status"]).ok();
    let section: Vec<&str> = shown.lines().skip_while(|line| !line.starts_with("Contested")).take(3).collect();
    assert!(section[0].ends_with("(git spec impact)"), "{shown}");
    assert!(section[1].contains("AUTH-2") && section[1].contains(&old[..7]), "{shown}");
    assert_eq!(section[2].trim(), "src/guard.rs:1-3", "{shown}");
}

#[test]
fn without_any_link_the_way_in_is_told() {
    let repo = Repo::auth();
    let shown = repo.spec(&["status"]).ok();
    insta::assert_snapshot!(shown, @r"
    On branch main. 4 clauses, no links.

    No commit says which clause it was generated from. To say so:
      git spec start CLAUSE         before generating, and commit as ever
      git spec link COMMIT CLAUSE   for a commit that is there
    ");
    assert_eq!(repo.spec(&["status", "--exit-code"]).status, 0);
}

#[test]
fn what_wants_a_link_is_limited_by_the_configuration() {
    let repo = eventful();
    repo.write("src/vendor/a.rs", "fn a() {}\n");
    repo.commit("Vendor something");
    repo.write("docs/guide.md", "A guide.\n");
    repo.commit("Write a guide");
    repo.write("src/both.rs", "fn both() {}\n");
    repo.edit("specs/auth.md", "at least 12", "at least 16");
    repo.commit("Ask for more, and do it");
    repo.write("src/wrong.rs", "fn wrong() {}\n");
    repo.commit("A mistake");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&report["unlinked"], "/subject"), ["Ask for more, and do it", "page ops"]);
    assert_eq!((&report["unlinked"][0]["inferred"], &report["unlinked"][1]["inferred"]), (&true.into(), &false.into()));
    let inferred = format!(" ~{}", &report["unlinked"][0]["commit"].as_str().expect("an id")[..7]);
    assert!(repo.spec(&["status"]).ok().contains(&inferred));

    let since = repo.rev("HEAD~3");
    let policy = format!("{CONFIG}\n[policy]\nrefs = [\"refs/heads/main\"]\nsince = \"{since}\"\n");
    repo.write(".gitspec.toml", policy);
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&report["unlinked"], "/subject"), ["Ask for more, and do it"]);
    std::fs::remove_file(repo.path().join(".gitspec.toml")).expect("it was there");
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(report["unlinked"], Value::Array(Vec::new()), "nothing says what is generated");
}

#[test]
fn pathspecs_limit_clauses_and_commits() {
    let repo = eventful();
    repo.write("specs/mail.md", "# Mail {#MAIL-1}\n\nA mail MUST be sent at once.\n");
    repo.write("src/mail.rs", "fn mail() {}\n");
    repo.commit("Send mail");
    let report = repo.spec(&["status", "--json", "--", "specs/mail.md", "src/mail.rs"]).json();
    assert_eq!((&report["counts"]["clauses"], &report["counts"]["stale"]), (&1.into(), &0.into()));
    assert_eq!(each(&report["unlinked"], "/subject"), ["Send mail"]);
    assert_eq!(report["retired"], Value::Array(Vec::new()));
}

#[test]
fn doubtful_links_are_a_number_with_a_command() {
    let repo = eventful();
    let none = "v1:00000000000000000000000000000000";
    repo.write("src/x.rs", "fn x() {}\n");
    repo.commit(&format!("X\n\nSpec: specs/auth.md#AUTH-99@0123456789abcdef {none}"));
    let shown = repo.spec(&["status"]).ok();
    let last = shown.lines().last().expect("a line");
    assert!(last.starts_with("1 link could not be tied") && last.ends_with("(git spec fsck)"), "{shown}");
}

#[test]
fn every_line_fits_whatever_titles_and_paths_there_are() {
    let repo = Repo::new();
    let long = "a very long title that goes on and on ".repeat(6);
    let path = format!("src/{}/lock.rs", "deep/er/".repeat(14));
    let hostile = "bad \u{1b}[31m \u{202e} title";
    let clauses: String = (1..=30).map(|n| format!("## {long} {n} {{#A-{n}}}\n\nIt MUST be {n} times.\n\n")).collect();
    repo.write(".gitspec.toml", CONFIG);
    let spec = format!(
        "# S\n\n## {hostile} {{#B-1}}\n\nIt MUST be 5 times.\n\n## 日本語の長い題名 {{#B-2}}\n\nIt MUST be 5 times now.\n\n"
    );
    repo.write("specs/a.md", format!("{spec}{clauses}"));
    repo.commit("Specify");
    repo.generate(&path, &lines("lock", 9), &["B-1", "B-2", "A-1"]);
    repo.edit("specs/a.md", "5 times", "3 times");
    repo.commit("Change");
    repo.write(&path, "by hand\n".to_owned() + &lines("lock", 5));
    repo.commit(&format!("{hostile} {long}"));
    for columns in ["80", "50"] {
        for args in [&["status"][..], &["status", "--branch=HEAD~2"], &["impact"]] {
            let mut command = repo.spec_command(repo.path());
            let shown = run(command.env("COLUMNS", columns).args(args)).ok();
            for line in shown.lines() {
                assert!(unicode_width::UnicodeWidthStr::width(line) <= columns.parse().expect("a number"), "{line}");
            }
            assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
        }
    }
    let shown = narrow(&repo, &["status"]).ok();
    assert!(shown.lines().count() < 40 && shown.contains("19 more (git spec ls --long)"), "{shown}");
}

#[test]
fn shallow_bare_empty_and_detached_repositories() {
    let repo = eventful();
    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().expect("a path")]);
    repo.git_in(&bare, &["fetch", "-q", "origin", "refs/notes/spec:refs/notes/spec"]).expect("notes");
    let shown = repo.spec_in(&bare, &["status"]).ok();
    assert!(shown.contains("src/lock.rs:1-19,21-40"), "{shown}");

    let shallow = repo.beside("shallow");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth=2", &url, shallow.to_str().expect("a path")]);
    let answer = repo.spec_in(&shallow, &["status"]);
    assert_eq!(answer.status, 3, "that there is no link cannot be known: {answer:?}");
    repo.git_in(&shallow, &["fetch", "-q", "origin", "refs/notes/spec:refs/notes/spec"]).expect("notes");
    let answer = repo.spec_in(&shallow, &["status"]);
    assert!(answer.stderr.contains("the history is shallow and ends at"), "{answer:?}");
    assert_eq!(answer.status, 3);
    assert_eq!(repo.spec_in(&shallow, &["status", "--exit-code"]).status, 3, "3 goes before 1");

    repo.git(&["checkout", "-q", "--detach"]);
    assert!(repo.spec(&["status"]).ok().starts_with("HEAD detached at "));
    let empty = Repo::new();
    assert!(empty.spec(&["status"]).fails(3).contains("no specification"));
    empty.write("specs/auth.md", SPEC);
    assert!(empty.spec(&["status"]).fails(2).contains("no commits yet"));
    let other = repo.spec(&["status", "--at", "nowhere"]);
    assert_eq!(other.status, 2, "{other:?}");
}

#[test]
fn what_is_under_way_comes_first() {
    let repo = Repo::auth();
    repo.spec(&["start", "AUTH-2"]).ok();
    let shown = repo.spec(&["status"]).ok();
    assert!(shown.contains("Under way:") && shown.contains("  AUTH-2  Sessions"), "{shown}");
    let told = repo.spec(&["status", "--json"]).json();
    assert_eq!(told["started"][0]["anchor"], "AUTH-2");
    assert!(repo.spec(&["status", "--at", "HEAD", "--json"]).json()["started"].as_array().is_some_and(Vec::is_empty));
}

#[test]
fn a_branch_that_was_pushed_is_not_compared_with_its_own_copy() {
    let repo = eventful();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.edit("specs/auth.md", "20 minutes", "10 minutes");
    repo.commit("Sooner still");
    let bare = repo.beside("remote.git");
    let bare = bare.to_str().expect("a path");
    repo.git(&["init", "-q", "--bare", "-b", "main", bare]);
    repo.git(&["remote", "add", "origin", bare]);
    repo.git(&["push", "-q", "-u", "origin", "main", "topic"]);
    let shown = repo.spec(&["status", "--branch"]).ok();
    assert!(shown.starts_with("On branch topic, since main (") && shown.contains("1 clause"), "{shown}");
    // In a clone that has no other branch.
    let clone = repo.beside("clone");
    repo.git(&["clone", "-q", "-b", "topic", bare, clone.to_str().expect("a path")]);
    let shown = repo.spec_in(&clone, &["status", "--branch"]);
    assert!(
        shown.stdout.starts_with("On branch topic, since origin/HEAD (") && shown.stdout.contains("1 clause"),
        "{shown:?}"
    );
    // The default branch has nothing else to be compared with.
    repo.git(&["checkout", "-q", "main"]);
    repo.write("src/new.rs", "fn new() {}\n");
    repo.commit("Not pushed");
    let shown = repo.spec(&["status", "--branch"]).ok();
    assert!(
        shown.contains("since origin/main") && shown.contains("Not pushed") && !shown.contains("page ops"),
        "{shown}"
    );
}

#[test]
fn a_path_that_is_not_there_is_no_clean_bill() {
    let repo = eventful();
    assert!(repo.spec(&["status", "nope"]).fails(2).contains("nope"));
    let said = repo.spec(&["status", "--branch", "main"]).fails(2);
    assert!(said.contains("--branch=main"), "{said}");
    assert_eq!(repo.spec(&["status", "specs/auth.md", "src"]).status, 0);
    assert_eq!(repo.spec(&["status", ":(glob)specs/*.md"]).status, 0);
}

#[test]
fn what_is_under_way_leaves_room_for_the_rest() {
    let repo = Repo::new();
    let clause = |n: usize| format!("\n## P-{n}: Demand\n\nThe system MUST do thing {n} within {n} seconds of it.\n");
    repo.write("specs/p.md", format!("# P\n{}", (1..=30).map(clause).collect::<String>()));
    repo.commit("Specify");
    repo.spec(&["start", "--open"]).ok();
    repo.edit("specs/p.md", "thing 25 within 25", "thing 25 within 9");
    repo.commit("Sooner");
    let shown = repo.spec(&["status"]).ok();
    let rows: Vec<&str> = shown.lines().skip_while(|line| !line.starts_with("Under way")).skip(1).take(11).collect();
    assert!(rows[0].contains("P-25") && rows[10].contains("and 20 more"), "{shown}");
}
