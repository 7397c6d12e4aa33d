//! A wrong bond, or a missing one, is put right by a person in `.gitspec.toml`.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Repo, changes};

const BEFORE: &str = "\
# Rules

## Opening hours {#HOURS}

The office MUST open at eight in the morning on every working day.

## Visitors {#GUESTS}

A visitor MUST sign the book at the gate before going any further.

## Closing

The last one to leave locks the door and switches the lights off.
";

/// `HOURS` goes, `ACCESS` comes with other words altogether, `GUESTS` stays and is edited.
const AFTER: &str = "\
# Rules

## Visitors {#GUESTS}

A visitor MUST sign the book at the gate before entering.

## Closing

The last one to leave locks the door and switches the lights off.

## Doors {#ACCESS}

Staff with a card enter whenever they please.
";

fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("specs/rules.md", BEFORE);
    repo.commit("Write the rules");
    repo.write("specs/rules.md", AFTER);
    repo.commit("Let staff in at any time");
    repo
}

/// `path#anchor version` of a clause, as `show` and `diff --identity` have it.
fn state(repo: &Repo, name: &str, rev: &str) -> String {
    let clauses = repo.spec(&["ls", "--json", rev]).json();
    let clause = clauses["clauses"].as_array().unwrap().iter().find(|clause| clause["anchor"] == name).unwrap().clone();
    format!("specs/rules.md#{name} {}", clause["version"].as_str().unwrap())
}

fn configure(repo: &Repo, old: &str, new: &str, same: bool) {
    let spec = "[spec]\ninclude = [\"specs/**/*.md\"]\n";
    let entry = format!("[[identity]]\nold = \"{old}\"\nnew = \"{new}\"\nsame = {same}\nreason = \"read by hand\"\n");
    repo.write(".gitspec.toml", format!("{spec}\n{entry}"));
}

fn joined() -> Repo {
    let repo = repo();
    let (old, new) = (state(&repo, "HOURS", "HEAD~1"), state(&repo, "ACCESS", "HEAD"));
    configure(&repo, &old, &new, true);
    repo.commit("Say that the opening hours became the doors");
    repo
}

#[test]
fn without_an_override_two_clauses_are_two() {
    let answer = repo().spec(&["diff", "--json", "HEAD~1..HEAD"]).json();
    assert_eq!(changes(&answer), ["modified GUESTS", "added ACCESS", "removed HOURS"]);
}

#[test]
fn diff_takes_two_for_one_where_a_person_says_so() {
    let repo = joined();
    let answer = repo.spec(&["diff", "--json", "HEAD~2..HEAD~1"]).json();
    assert_eq!(changes(&answer), ["modified GUESTS", "modified,renamed,id-changed,moved ACCESS"]);
    let change = &answer["changes"][1];
    assert_eq!((&change["rule"], &change["score"]), (&"override".into(), &1.0.into()));
    assert_eq!(change["was"]["id"], "HOURS");
    let back = repo.spec(&["diff", "--json", "-R", "HEAD~2..HEAD~1"]).json();
    let rules: Vec<&str> = back["changes"].as_array().unwrap().iter().map(|c| c["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"override"), "{back}");
}

#[test]
fn diff_keeps_two_apart_where_a_person_says_so() {
    let repo = repo();
    let (old, new) = (state(&repo, "GUESTS", "HEAD~1"), state(&repo, "GUESTS", "HEAD"));
    configure(&repo, &old, &new, false);
    let answer = repo.spec(&["diff", "--json", "HEAD~1..HEAD"]).json();
    assert_eq!(changes(&answer), ["added GUESTS", "added ACCESS", "removed HOURS", "removed GUESTS"]);
}

#[test]
fn the_life_of_a_clause_goes_on_through_an_override() {
    let repo = joined();
    let life = repo.spec(&["log", "--json", "--clause", "specs/rules.md#ACCESS"]).json();
    let subjects = support::each(&life["entries"], "/subject");
    assert_eq!(subjects, ["Let staff in at any time", "Write the rules"]);
    let blame = repo.spec(&["blame", "--json", "specs/rules.md"]).json();
    let clause = blame["clauses"].as_array().unwrap().iter().find(|c| c["clause"]["anchor"] == "ACCESS").unwrap();
    assert_eq!(clause["introduced"]["subject"], "Write the rules");
    assert_eq!(clause["last_meaning_change"]["subject"], "Let staff in at any time");
}

#[test]
fn an_override_survives_a_rebase_and_a_bare_clone() {
    let repo = joined();
    repo.git(&["checkout", "-q", "--orphan", "anew", "HEAD~2"]);
    repo.commit("Write the rules, once more");
    repo.git(&["cherry-pick", "main~1"]);
    repo.git(&["cherry-pick", "main"]);
    let answer = repo.spec(&["diff", "--json", "HEAD~2..HEAD~1"]).json();
    assert!(changes(&answer).contains(&"modified,renamed,id-changed,moved ACCESS".to_owned()), "{answer}");
    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let answer = repo.spec_in(&bare, &["diff", "--json", "HEAD~2..HEAD~1"]).json();
    assert!(changes(&answer).contains(&"modified,renamed,id-changed,moved ACCESS".to_owned()), "{answer}");
}

#[test]
fn an_override_holds_where_git_configuration_names_the_files() {
    let repo = joined();
    let mut command = repo.spec_command(repo.path());
    command
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "spec.include")
        .env("GIT_CONFIG_VALUE_0", "specs/*.md");
    let answer = support::run(command.args(["diff", "--json", "HEAD~2..HEAD~1"])).json();
    assert!(changes(&answer).contains(&"modified,renamed,id-changed,moved ACCESS".to_owned()), "{answer}");
}

#[test]
fn a_version_that_never_meets_another_is_no_error() {
    let repo = repo();
    let unknown = format!("specs/gone.md#A v1:{}", "0".repeat(32));
    configure(&repo, &unknown, &state(&repo, "ACCESS", "HEAD"), true);
    let answer = repo.spec(&["diff", "--json", "HEAD~1..HEAD"]).json();
    assert_eq!(changes(&answer), ["modified GUESTS", "added ACCESS", "removed HOURS"]);
}

#[test]
fn the_entries_are_there_to_be_copied() {
    let repo = repo();
    let printed = repo.spec(&["diff", "--identity", "HEAD~1..HEAD"]).ok();
    insta::assert_snapshot!(printed, @r#"
    # taken for one: key, 0.83
    [[identity]]
    old = "specs/rules.md#GUESTS v1:1b77b289c92e642caf7c4f842d423b85"
    new = "specs/rules.md#GUESTS v1:be3c89787d4f6ba0865bfcaa5886f7d6"
    same = false

    # removed, and added: one of each in an [[identity]] with same = true makes them one
    #   old = "specs/rules.md#HOURS v1:4cfbf66ffc3995afbd691e406d91cbf9"
    #   new = "specs/rules.md#ACCESS v1:45b231dcda29198fc87fc0b496c98c27"
    "#);
    // as printed it says that GUESTS is two
    repo.write(".gitspec.toml", format!("[spec]\ninclude = [\"specs/**\"]\n\n{printed}"));
    let answer = repo.spec(&["diff", "--json", "HEAD~1..HEAD"]).json();
    assert_eq!(changes(&answer), ["added GUESTS", "added ACCESS", "removed HOURS", "removed GUESTS"]);
}

#[test]
fn a_wrong_entry_is_shown_with_its_line() {
    let repo = repo();
    let (good, hours) = (state(&repo, "ACCESS", "HEAD"), state(&repo, "HOURS", "HEAD~1"));
    let said = |old: &str| {
        configure(&repo, old, &good, true);
        repo.spec(&["diff", "HEAD~1..HEAD"]).fails(2)
    };
    let no_version = said("specs/rules.md#HOURS");
    assert!(no_version.contains("the version is missing") && no_version.contains("old = "), "{no_version}");
    let commit = said(&hours.replacen(' ', "@1234567 ", 1));
    assert!(commit.contains("it names no commit"), "{commit}");
    let no_clause = said(&hours.replacen("#HOURS", "", 1));
    assert!(no_clause.contains("the clause is missing"), "{no_clause}");
    repo.write(
        ".gitspec.toml",
        format!("[[identity]]\nold = \"{good}\"\nnew = \"{good}\"\nsame = true\nwhy = \"x\"\n"),
    );
    let unknown = repo.spec(&["diff", "HEAD~1..HEAD"]).fails(2);
    assert!(unknown.contains("unknown key why") && unknown.contains("why = \"x\""), "{unknown}");
    let entry = format!("[[identity]]\nold = \"{good}\"\nnew = \"{good}\"\nsame = false\n");
    repo.write(".gitspec.toml", format!("{entry}\n{entry}"));
    let twice = repo.spec(&["diff", "HEAD~1..HEAD"]).fails(2);
    assert!(twice.contains("has an [[identity]] already"), "{twice}");
}

#[test]
fn a_clause_does_not_come_back_where_a_person_says_that_it_is_another() {
    let repo = repo();
    repo.write(
        "specs/rules.md",
        AFTER.replace("## Visitors {#GUESTS}\n\nA visitor MUST sign the book at the gate before entering.\n\n", ""),
    );
    repo.commit("Drop guests");
    repo.write("specs/rules.md", AFTER);
    repo.commit("Guests once more");
    let subjects = |repo: &Repo| {
        let life = repo.spec(&["log", "--json", "--clause", "specs/rules.md#GUESTS"]).json();
        support::each(&life["entries"], "/subject").iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(subjects(&repo).len(), 4, "{:?}", subjects(&repo));
    let same = state(&repo, "GUESTS", "HEAD");
    configure(&repo, &same, &same, false);
    assert_eq!(subjects(&repo), ["Guests once more"]);
}
