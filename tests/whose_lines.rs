//! Whose lines of code are told, and what of a history may decide it: what is in force, what reverts bring back, what
//! merges keep.

#![allow(clippy::expect_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::{Value, json};
use support::{Repo, each, run};

const SPEC: &str = "specs/auth.md";
const CODE: &str = "src/lock.rs";

fn lines(word: &str, count: usize) -> String {
    (1..=count).map(|n| format!("{word} {n}\n")).collect()
}

fn ask(repo: &Repo, from: &str, to: &str) -> String {
    repo.edit(SPEC, from, to);
    repo.commit(&format!("Ask for {to}"))
}

fn narrow(repo: &Repo, args: &[&str]) -> String {
    run(repo.spec_command(repo.path()).env("COLUMNS", "80").args(args)).ok()
}

fn state(repo: &Repo, anchor: &str) -> String {
    repo.listed(anchor)["state"].as_str().expect("a state").to_owned()
}

/// The files and ranges that `impact` tells of the first clause, over all carriers.
fn told(repo: &Repo) -> Vec<Value> {
    let report = repo.spec(&["impact", "--json"]).json();
    let carriers = report["clauses"][0]["carriers"].as_array().expect("carriers").clone();
    carriers.iter().flat_map(|carrier| carrier["lines"].as_array().expect("lines").clone()).collect()
}

fn revert(repo: &Repo, commit: &str) -> String {
    repo.git(&["revert", "--no-edit", commit]);
    repo.rev("HEAD")
}

#[test]
fn what_was_superseded_decides_neither_words_nor_grade_nor_order() {
    let repo = Repo::auth();
    repo.generate(CODE, &lines("lock", 3), &["AUTH-1"]);
    repo.generate("src/session.rs", &lines("session", 3), &["AUTH-2"]);
    ask(&repo, "after 5 failed", "after 3 failed");
    repo.generate(CODE, &lines("sooner", 2), &["AUTH-1"]);
    repo.edit(SPEC, "A session MUST", "A user's session MUST");
    repo.edit(SPEC, "30 minutes", "20 minutes");
    repo.edit(SPEC, "failed attempts", "failing attempts");
    let typo = repo.commit("Mend words");

    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&report["stale"], "/anchor"), ["AUTH-2", "AUTH-1"], "the worst change first");
    let lock = &report["stale"][1];
    assert_eq!((&lock["grade"], &lock["tipped"]), (&json!("substantive"), &json!([])));
    assert_eq!(each(&lock["changes"], "/commit"), [typo.as_str()]);
    assert_eq!((&lock["in_force"], &lock["leftover"]), (&json!(1), &json!(2)));
    let shown = narrow(&repo, &["impact"]);
    assert!(!shown.contains("no code"), "a superseded carrier without lines is nobody's business: {shown}");
    let impact = repo.spec(&["impact", "--json"]).json();
    assert_eq!(impact["clauses"][1]["carriers"].as_array().map(Vec::len), Some(2), "JSON tells all");
    assert_eq!(impact["clauses"][1]["carriers"][1]["superseded"], true);
}

#[test]
fn lines_of_a_superseded_carrier_are_told_where_none_other_is_left() {
    let repo = Repo::auth();
    repo.generate(CODE, &lines("lock", 3), &["AUTH-1"]);
    ask(&repo, "after 5 failed", "after 3 failed");
    repo.spec(&["link", "--affirm", "HEAD", "AUTH-1"]).ok();
    let typo = ask(&repo, "failed attempts", "failing attempts");
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&report["stale"][0]["changes"], "/commit"), [typo.as_str()]);
    assert_eq!(report["stale"][0]["leftover"], 3, "an affirmation has no code of its own");
    assert_eq!(repo.spec(&["impact", "--files"]).ok(), "src/lock.rs\n");

    // Of the two files of code, the later carrier wrote one anew: both are to be made anew.
    repo.generate("src/more.rs", &lines("more", 2), &["AUTH-1"]);
    ask(&repo, "failing attempts", "wrong attempts");
    assert_eq!(repo.spec(&["impact", "--files"]).ok(), "src/lock.rs\nsrc/more.rs\n");
}

#[test]
fn lines_that_were_applied_again_belong_to_their_carrier() {
    let repo = Repo::auth();
    let carrier = repo.generate(CODE, &lines("lock", 3), &["AUTH-1"]);
    revert(&repo, "HEAD");
    let again = revert(&repo, "HEAD");
    let blamed = repo.spec(&["blame", "--json", CODE]).json();
    assert_eq!(each(&blamed["lines"], "/commit"), [again.as_str(); 3], "as git has it");
    assert_eq!(each(&blamed["lines"], "/brought_back"), [carrier.as_str(); 3]);
    assert_eq!(each(&blamed["lines"], "/links/0/anchor"), ["AUTH-1"; 3]);
    assert!(repo.spec(&["blame", CODE]).ok().contains("fresh"));
    ask(&repo, "after 5 failed", "after 3 failed");
    for _ in 0..2 {
        assert_eq!(told(&repo), [json!({"path": CODE, "ranges": [[1, 3]]})]);
        assert_eq!(repo.spec(&["impact", "--files"]).ok(), "src/lock.rs\n");
    }
    assert!(!repo.spec(&["status"]).ok().contains("no code left"));
}

#[test]
fn lines_that_a_reverted_regeneration_gave_back_belong_to_the_older_carrier() {
    let repo = Repo::auth();
    let first = repo.generate(CODE, &lines("lock", 3), &["AUTH-1"]);
    ask(&repo, "after 5 failed", "after 3 failed");
    assert_eq!(told(&repo), [json!({"path": CODE, "ranges": [[1, 3]]})]);
    repo.generate(CODE, &lines("other", 2), &["AUTH-1"]);
    assert_eq!(repo.spec(&["impact", "--json"]).json()["clauses"], json!([]));
    revert(&repo, "HEAD");
    let report = repo.spec(&["impact", "--json"]).json();
    assert_eq!(report["clauses"][0]["carriers"][0]["commit"], first);
    assert_eq!(told(&repo), [json!({"path": CODE, "ranges": [[1, 3]]})]);

    // A later line, and the file under another name: what is known is carried on.
    repo.edit(CODE, "lock 2\n", "by hand\nlock 2\n");
    repo.commit("Put something in");
    assert_eq!(told(&repo), [json!({"path": CODE, "ranges": [[1, 1], [3, 4]]})]);
}

#[test]
fn a_carrier_whose_code_a_merge_kept_is_not_undone() {
    let repo = Repo::auth();
    repo.write(CODE, lines("base", 2));
    repo.commit("Base");
    let carrier = repo.generate("src/f.rs", &lines("f", 3), &["AUTH-1"]);
    repo.git(&["branch", "release"]);
    repo.edit("src/f.rs", "f 3\n", "f 3\nmore\n");
    repo.commit("Go on");
    repo.git(&["checkout", "-q", "release"]);
    let reverted = revert(&repo, "HEAD");
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "-s", "ours", "-m", "Merge release back", "release"]);
    assert_eq!(state(&repo, "AUTH-1"), "answered");
    let link = repo.spec(&["show", "--json", "AUTH-1"]).json()["generated"][0]["links"][0].clone();
    assert_eq!((&link["commit"], &link["undone_by"]), (&json!(carrier), &Value::Null));
    let reason = link["reason"].as_str().expect("a reason");
    assert!(reason.contains(&format!("{} reverts it, but a merge kept lines", &reverted[..10])), "{reason}");

    // A revert behind the merge takes the rest.
    repo.git(&["rm", "-q", "src/f.rs"]);
    repo.commit("Take it out by hand");
    assert_eq!(state(&repo, "AUTH-1"), "unanswered", "no line is left, and a revert says so");
}

#[test]
fn a_bracket_that_a_merge_kept_is_no_code_that_stands() {
    let repo = Repo::auth();
    repo.write(CODE, lines("base", 2));
    repo.commit("Base");
    repo.generate("src/f.rs", "fn f() {\n  lock();\n}\n", &["AUTH-1"]);
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/f.rs", "fn g() {\n  g();\n}\n");
    repo.commit("Write it anew");
    repo.git(&["checkout", "-q", "main"]);
    revert(&repo, "HEAD");
    assert!(repo.git_in(repo.path(), &["merge", "-q", "topic"]).is_err(), "changed and deleted");
    repo.git(&["checkout", "-q", "topic", "--", "src/f.rs"]);
    repo.commit("Merge topic");
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
}

#[test]
fn a_merge_that_brought_the_revert_undoes() {
    let repo = Repo::auth();
    repo.write(CODE, lines("base", 2));
    repo.commit("Base");
    repo.generate("src/f.rs", &lines("f", 3), &["AUTH-1"]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    revert(&repo, "HEAD");
    repo.git(&["checkout", "-q", "main"]);
    repo.write(CODE, lines("other", 2));
    repo.commit("Go on");
    repo.git(&["merge", "-q", "-m", "Merge", "side"]);
    assert_eq!(state(&repo, "AUTH-1"), "unanswered");
}

#[test]
fn a_revert_that_is_not_the_inverse_is_told_wherever_the_link_is() {
    let repo = Repo::auth();
    repo.write(".gitspec.toml", "[generated]\npaths = [\"src/**\"]\n");
    let carrier = repo.generate(CODE, "a\nb\nc\n", &["AUTH-1"]);
    repo.edit(CODE, "b\n", "bb\n");
    repo.commit("Edit");
    repo.git(&["rm", "-q", CODE]);
    let by = repo.commit(&format!("Revert \"Generate {CODE}\"\n\nThis reverts commit {carrier}."));
    assert_eq!(state(&repo, "AUTH-1"), "answered");
    let told = format!("unverified revert {}", &by[..7]);
    for args in [&["log"][..], &["show", "AUTH-1"], &["blame", SPEC]] {
        let shown = repo.spec(args).ok();
        assert!(shown.contains(&told), "{args:?}: {shown}");
    }
    assert!(repo.spec(&["show", "AUTH-1"]).ok().contains(&format!("{told}, no code")));
    let (short, by) = (&carrier[..7], &by[..7]);
    let shown = narrow(&repo, &["status"]);
    assert!(shown.contains("Answered, but said to be reverted:"), "{shown}");
    assert!(shown.contains(&format!("{short} by {by}, no code left")), "{shown}");
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&report["said"], "/clause/anchor"), ["AUTH-1"]);

    // What was made anew since is not in doubt.
    repo.generate(CODE, "d\n", &["AUTH-1"]);
    let shown = narrow(&repo, &["status"]);
    assert!(!shown.contains("said to be reverted"), "{shown}");
    let shown = repo.spec(&["show", "AUTH-1"]).ok();
    assert_eq!(shown.matches("no code").count(), 0, "of what is superseded nobody asks: {shown}");
}

#[test]
fn code_that_was_taken_out_is_missed_beside_its_clause() {
    let repo = Repo::auth();
    repo.generate(CODE, &lines("lock", 3), &["AUTH-1"]);
    assert!(!repo.spec(&["show", "AUTH-1"]).ok().contains("no code"));
    repo.git(&["rm", "-q", CODE]);
    repo.commit("Drop it");
    assert!(repo.spec(&["show", "AUTH-1"]).ok().contains("fresh, no code"));
    assert_eq!(repo.spec(&["show", "--json", "AUTH-1"]).json()["generated"][0]["code"], false);
}

#[test]
fn code_of_a_gone_clause_can_be_kept_on_purpose() {
    let repo = Repo::auth();
    repo.generate(CODE, &lines("lock", 3), &["AUTH-1"]);
    let text = std::fs::read_to_string(repo.path().join(SPEC)).expect("the spec");
    let (start, end) = (text.find("## Lockout").expect("it"), text.find("## Sessions").expect("it"));
    repo.write(SPEC, format!("{}{}", &text[..start], &text[end..]));
    let gone = repo.commit("Drop lockout");
    let shown = narrow(&repo, &["status"]);
    let way_out = format!("git spec link --affirm HEAD '{SPEC}#AUTH-1@{}~1'", &gone[..7]);
    assert!(shown.split_whitespace().collect::<Vec<_>>().join(" ").contains(&way_out), "{shown}");
    assert_eq!(repo.spec(&["status", "--exit-code"]).status, 1);
    repo.spec(&["link", "--affirm", "HEAD", &format!("{SPEC}#AUTH-1@{}~1", &gone[..7])]).ok();
    assert!(!narrow(&repo, &["status"]).contains("demand is gone"));
    assert_eq!(repo.spec(&["status", "--exit-code"]).status, 0);
    assert_eq!(repo.spec(&["impact", "--json"]).json()["clauses"], json!([]));
    repo.write("README", "more\n");
    repo.commit("Something else");
    assert_eq!(repo.spec(&["status", "--exit-code"]).status, 0);
}

/// How many times a run asks git to blame.
fn blames(repo: &Repo, args: &[&str]) -> usize {
    let trace = repo.beside("trace");
    let _ = std::fs::remove_file(&trace);
    run(repo.spec_command(repo.path()).env("GIT_TRACE", &trace).args(args));
    let trace = std::fs::read_to_string(&trace).unwrap_or_default();
    trace.lines().filter(|line| line.contains("built-in: git blame")).count()
}

#[test]
fn files_that_nobody_needs_are_not_blamed() {
    let repo = Repo::auth();
    for n in 1..6 {
        repo.generate(&format!("src/{n}.rs"), &lines(&format!("code {n}:"), 3), &["AUTH-1"]);
    }
    // Two were written anew by something else, and of those nothing is left.
    for n in 2..4 {
        repo.write(format!("src/{n}.rs"), lines("else", 3));
    }
    repo.commit("Write anew");
    ask(&repo, "after 5 failed", "after 3 failed");
    assert_eq!(blames(&repo, &["status"]), 1, "the one in force");
    assert_eq!(blames(&repo, &["status"]), 0, "it is kept");
    assert_eq!(blames(&repo, &["impact"]), 2, "the others that may hold something");
    assert_eq!(repo.spec(&["impact", "--files"]).ok(), "src/1.rs\nsrc/4.rs\nsrc/5.rs\n");
    assert_eq!(blames(&repo, &["impact"]), 0);
}

#[test]
fn clauses_of_one_name_are_shown_with_their_files() {
    let repo = Repo::new();
    let spec = |what: &str| {
        format!(
            "# Feature\n\n- **FR-001**: System MUST store the {what} data for thirty days.\n- **FR-002{what}**: Answer MUST come.\n"
        )
    };
    repo.write("specs/001-a/spec.md", spec("a"));
    repo.write("specs/002-b/spec.md", spec("b"));
    repo.write(".specify/memory/constitution.md", "# Constitution\n");
    repo.commit("Specify");
    let names = ["specs/001-a/spec.md#FR-001", "specs/002-b/spec.md#FR-001"];
    repo.write(CODE, lines("code", 3));
    repo.commit("Code");
    let linked = repo.spec(&["link", "HEAD", "--", names[0], names[1]]).ok();
    assert!(names.iter().all(|name| linked.contains(name)), "{linked}");
    let blamed = narrow(&repo, &["blame", CODE]);
    assert!(names.iter().any(|name| blamed.contains(name)), "{blamed}");
    repo.edit("specs/001-a/spec.md", "thirty", "forty");
    repo.edit("specs/002-b/spec.md", "thirty", "forty");
    repo.commit("Keep it longer");
    for args in [&["status"][..], &["impact"], &["log", "-n1"]] {
        let shown = run(repo.spec_command(repo.path()).env("COLUMNS", "160").args(args)).ok();
        assert!(names.iter().all(|name| shown.contains(name)), "{args:?}: {shown}");
    }
    let shown = run(repo.spec_command(repo.path()).env("COLUMNS", "160").args(["impact"])).ok();
    assert!(shown.contains(&format!("shared with {}", names[1])), "{shown}");
}

#[test]
fn a_squash_that_says_it_took_a_commit_back_answers_nothing_by_it() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.generate("src/a.rs", &lines("a", 3), &["AUTH-1"]);
    repo.generate("src/b.rs", &lines("b", 3), &["AUTH-2"]);
    revert(&repo, "HEAD");
    repo.generate("src/d.rs", &lines("d", 3), &["reset"]);
    let list = repo.git(&["log", "--reverse", "--format=* %s%n%n%b", "main..topic"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--squash", "topic"]);
    repo.commit(&format!("Topic (#7)\n\n{list}"));
    let states = ["AUTH-1", "AUTH-2", "reset"].map(|anchor| state(&repo, anchor));
    assert_eq!(states, ["answered", "unanswered", "answered"]);
    let found = repo.spec(&["fsck"]);
    let told = found.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("the same message says that its commit was reverted"), "{found:?}");
}
