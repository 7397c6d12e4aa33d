//! Answered clauses of whose code nothing is left, as `status` tells them: what is moved or reworked is not gone.

#![allow(clippy::expect_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::Value;
use support::{Answer, Repo, each, run};

const CONFIG: &str = "[spec]\ninclude = [\"specs/**\"]\n\n[generated]\npaths = [\"src/**\"]\n";

const SPEC: &str = "\
# Signing in

## Lockout {#AUTH-2}

The system MUST lock an account after 5 failed attempts.

## Session {#AUTH-3}

A session MUST end after 30 minutes without a request.
";

const LOCK: &str = "\
pub fn lock(account: &mut Account) -> Result<(), Error> {
    if account.failures >= 5 {
        audit(\"locked after five attempts\");
        account.state = State::Locked;
    }
    Ok(())
}
";

const OTHER: &str = "\
pub fn greet(name: &str) -> String {
    let text = format!(\"Hello, {name}, how are you today?\");
    text.trim().to_owned()
}
";

fn answered() -> Repo {
    let repo = Repo::new();
    repo.write(".gitspec.toml", CONFIG);
    repo.write("specs/auth.md", SPEC);
    repo.write("src/greet.rs", OTHER);
    repo.commit("Specify signing in");
    repo.generate("src/lock.rs", LOCK, &["AUTH-2"]);
    repo
}

fn narrow(repo: &Repo, args: &[&str]) -> Answer {
    run(repo.spec_command(repo.path()).env("COLUMNS", "80").args(args))
}

fn told(repo: &Repo) -> Vec<String> {
    let report: Value = repo.spec(&["status", "--json"]).json();
    let told = each(&report["no_code"], "/clause/anchor").into_iter().map(|id| id.to_string()).collect();
    let mut plain = repo.spec_command(repo.path());
    plain.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "spec.index").env("GIT_CONFIG_VALUE_0", "false");
    let plain: Value = run(plain.args(["status", "--json"])).json();
    assert_eq!(plain["no_code"], report["no_code"], "with the index and without");
    told
}

#[test]
fn code_that_was_deleted_is_told_with_what_there_is_to_do() {
    let repo = answered();
    assert!(told(&repo).is_empty());
    let made = repo.rev("HEAD")[..7].to_owned();
    repo.git(&["rm", "-q", "src/lock.rs"]);
    repo.commit("Tidy up");
    let tidy = repo.rev("HEAD")[..7].to_owned();
    let shown = narrow(&repo, &["status"]).ok().replace(&made, "CARRIER").replace(&tidy, "TIDYING");
    insta::assert_snapshot!(shown, @r"
    On branch main. 3 clauses: 1 answered, 1 unanswered, 1 prose.

    Answered, but nothing of its code is left:               (git spec start AUTH-2)
      AUTH-2  Lockout                               made in CARRIER, gone in TIDYING
      if TIDYING made it anew: git spec link TIDYING AUTH-2
      if no code is needed: git spec link --affirm HEAD AUTH-2

    Not generated yet:                                       (git spec start AUTH-3)
      AUTH-3  Session                                                  specs/auth.md

    Commits without a link:                           (git spec link TIDYING CLAUSE)
      TIDYING Tidy up                                                    src/lock.rs
    ");
    repo.spec(&["link", "HEAD", "AUTH-3"]).ok();
    let exit = |repo: &Repo| repo.spec(&["status", "--exit-code"]).status;
    assert_eq!(exit(&repo), 1, "what has no code isn't done");
    repo.spec(&["unlink", "HEAD", "AUTH-3"]).ok();
    for unrelated in ["one", "two"] {
        repo.write("src/greet.rs", format!("{OTHER}// {unrelated}\n"));
        repo.commit("Greet otherwise");
        assert_eq!(told(&repo), ["AUTH-2"]);
    }
    // What is offered for code that isn't needed any more ends it.
    repo.spec(&["link", "--affirm", "HEAD", "AUTH-2"]).ok();
    assert!(told(&repo).is_empty());
    assert_eq!(each(&repo.spec(&["status", "--json"]).json()["affirmed"], "/anchor"), ["AUTH-2"]);
}

#[test]
fn code_that_is_back_is_left() {
    let repo = answered();
    repo.git(&["rm", "-q", "src/lock.rs"]);
    repo.commit("Tidy up");
    assert_eq!(told(&repo), ["AUTH-2"]);
    repo.write("src/security/lock.rs", format!("{OTHER}\nmod inner {{\n{}}}\n", LOCK.replace("    ", "\t\t")));
    repo.commit("Bring it back elsewhere");
    assert!(told(&repo).is_empty());
    repo.git(&["rm", "-q", "src/security/lock.rs"]);
    repo.commit("Tidy up again");
    assert_eq!(told(&repo), ["AUTH-2"]);
}

#[test]
fn a_part_of_a_file_goes_too() {
    let repo = answered();
    repo.generate("src/greet.rs", &format!("{OTHER}\n{LOCK}"), &["AUTH-3"]);
    assert!(told(&repo).is_empty());
    repo.write("src/greet.rs", OTHER);
    repo.commit("Tidy up");
    // Its very words stand in the other file.
    assert!(told(&repo).is_empty());
    repo.git(&["rm", "-q", "src/lock.rs"]);
    repo.commit("Tidy up more");
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!(each(&report["no_code"], "/clause/anchor"), ["AUTH-2", "AUTH-3"]);
    assert_eq!(report["no_code"][0]["went"], repo.rev("HEAD"));
    assert_eq!(report["no_code"][1]["went"], repo.rev("HEAD~1"));
}

#[test]
fn code_that_was_made_anew_by_another_commit_is_told_and_can_be_linked() {
    let repo = answered();
    repo.write(
        "src/lock.rs",
        "struct Locker { tries: u8 }\n\nimpl Locker {\n    fn blocked(&self) -> bool { self.tries > 4 }\n}\n",
    );
    repo.commit("Write it from scratch");
    assert_eq!(told(&repo), ["AUTH-2"]);
    repo.spec(&["link", "HEAD", "AUTH-2"]).ok();
    assert!(told(&repo).is_empty());
}

#[test]
fn what_is_moved_wrapped_or_reworked_is_left() {
    let wrapped = LOCK.replace(", Error>", ",\n    Error,\n>").replace("    ", "\t").replace(" >= ", "\n\t\t>= ");
    let reworked = LOCK.replace("fn lock", "fn lock_out").replace("five", "5").replace("State::", "");
    for text in [wrapped, reworked, format!("impl Accounts {{\n{LOCK}}}\n")] {
        let repo = answered();
        repo.git(&["rm", "-q", "src/lock.rs"]);
        repo.write("lib/accounts.rs", &text);
        repo.commit("Move it");
        assert!(told(&repo).is_empty(), "{text}");
        repo.git(&["mv", "lib/accounts.rs", "lib/people.rs"]);
        repo.commit("Move it on");
        assert!(told(&repo).is_empty(), "{text}");
    }
    // Cut into several files.
    let repo = answered();
    repo.git(&["rm", "-q", "src/lock.rs"]);
    for (at, line) in LOCK.lines().filter(|line| line.len() > 20).enumerate() {
        repo.write(format!("lib/{at}.rs"), format!("// Part {at}.\n{line}\n{OTHER}"));
    }
    repo.commit("Cut it to pieces");
    assert!(told(&repo).is_empty());
}

#[test]
fn a_superseded_commit_counts_and_so_does_one_that_takes_code_away() {
    let repo = answered();
    repo.generate("src/audit.rs", &LOCK.replace("account", "person").replace("lock", "audit"), &["AUTH-2"]);
    repo.git(&["rm", "-q", "src/audit.rs"]);
    repo.commit("Tidy up");
    assert!(told(&repo).is_empty(), "the older code is left");
    let line = repo.spec_line("AUTH-2");
    repo.git(&["rm", "-q", "src/lock.rs"]);
    repo.commit(&format!("Let the gateway lock\n\n{line}"));
    assert!(told(&repo).is_empty(), "the clause was answered by taking code away");
}

#[test]
fn what_cannot_be_looked_for_is_not_told() {
    for content in ["x = 1\n".to_owned(), format!("\0{LOCK}"), LOCK.repeat(6000)] {
        let repo = Repo::new();
        repo.write(".gitspec.toml", CONFIG);
        repo.write("specs/auth.md", SPEC);
        repo.commit("Specify signing in");
        repo.generate("src/data", &content, &["AUTH-2"]);
        repo.git(&["rm", "-q", "src/data"]);
        repo.commit("Tidy up");
        assert!(told(&repo).is_empty(), "{} bytes", content.len());
    }
}

#[test]
fn an_affirmation_from_before_does_not_hide_it() {
    let repo = answered();
    repo.edit("specs/auth.md", "The system MUST lock", "The system MUST at once lock");
    repo.commit("At once");
    repo.spec(&["link", "--affirm", "HEAD", "AUTH-2"]).ok();
    assert!(told(&repo).is_empty());
    repo.git(&["rm", "-q", "src/lock.rs"]);
    repo.commit("Tidy up");
    assert_eq!(told(&repo), ["AUTH-2"]);
    assert_eq!(told(&repo), ["AUTH-2"]);
}

#[test]
fn a_revert_that_is_the_inverse_leaves_the_clause_unanswered_and_nothing_to_tell() {
    let repo = answered();
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let report = repo.spec(&["status", "--json"]).json();
    assert_eq!((&report["counts"]["answered"], report["no_code"].as_array().map(Vec::len)), (&0.into(), Some(0)));
    repo.git(&["revert", "--no-edit", "HEAD"]);
    assert!(told(&repo).is_empty());
}

#[test]
fn a_damaged_index_changes_nothing() {
    let repo = answered();
    repo.git(&["rm", "-q", "src/lock.rs"]);
    repo.commit("Tidy up");
    assert_eq!(told(&repo), ["AUTH-2"]);
    let index = repo.path().join(".git/spec/index");
    let key = std::fs::read_dir(index).expect("an index").flatten().next().expect("a key").path();
    let kept: Vec<_> = (std::fs::read_dir(key).expect("files").flatten().map(|file| file.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "code"))
        .collect();
    assert_eq!(kept.len(), 1);
    let whole = std::fs::read(&kept[0]).expect("what was kept");
    for at in (0..whole.len()).step_by(9) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&kept[0], bytes).expect("damage");
        let report: Value = repo.spec(&["status", "--json"]).json();
        assert_eq!(each(&report["no_code"], "/clause/anchor"), ["AUTH-2"]);
    }
}

#[test]
fn code_that_was_written_anew_is_said_to_be_replaced() {
    let anew = |from: &str| -> String {
        let words: Vec<String> = (0..40).map(|n| format!("const {from}{n} = make(\"{from}\", {n} * {n});")).collect();
        words.join("\n") + "\n"
    };
    for (path, replaced) in [("src/lock.rs", true), ("src/lock.ts", true), ("other/lock.ts", false)] {
        let repo = answered();
        repo.git(&["rm", "-q", "src/lock.rs"]);
        repo.write(path, anew("typed"));
        repo.commit("Write it in another language");
        let report = repo.spec(&["status", "--json"]).json();
        assert_eq!(report["no_code"][0]["replaced"], replaced, "{path}: {:#}", report["no_code"]);
        let word = if replaced { ", replaced in " } else { ", gone in " };
        assert!(repo.spec(&["status"]).stdout.contains(word), "{path}");
    }
}
