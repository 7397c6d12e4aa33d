//! Links as a user sees them: from messages and notes to the clause, each state with the operation that leads to it.

#![allow(clippy::expect_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::Value;
use support::{AUTH, Repo, each, run};

/// The version of a clause at HEAD.
fn version(repo: &Repo, anchor: &str) -> String {
    let listed = repo.spec(&["ls", "--json"]).json();
    let clauses = listed["clauses"].as_array().expect("clauses");
    let found = clauses.iter().find(|clause| clause["anchor"] == anchor).expect("the clause");
    found["version"].as_str().expect("a version").to_owned()
}

/// A link to a clause as HEAD has it.
fn link(repo: &Repo, anchor: &str) -> String {
    format!("Spec: specs/auth.md#{anchor}@{} {}", &repo.rev("HEAD")[..16], version(repo, anchor))
}

/// Code generated from AUTH-1 with a trailer; the carrier's id.
fn generate(repo: &Repo) -> String {
    let trailer = link(repo, "AUTH-1");
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit(&format!("Lock accounts\n\n{trailer}"))
}

/// The links of line 1 of the code.
fn of_line(repo: &Repo) -> Value {
    repo.spec(&["blame", "--json", "src/lock.rs"]).json()["lines"][0]["links"].clone()
}

/// Resolution and freshness of the only link of line 1.
fn state(repo: &Repo) -> (String, String) {
    let links = of_line(repo);
    assert_eq!(links.as_array().map(Vec::len), Some(1), "{links}");
    let word = |key: &str| links[0][key].as_str().expect("a word").to_owned();
    (word("resolution"), word("freshness"))
}

fn words(resolution: &str, freshness: &str) -> (String, String) {
    (resolution.to_owned(), freshness.to_owned())
}

#[test]
fn an_exact_link_is_fresh_until_its_clause_changes_and_retired_when_it_goes() {
    let repo = Repo::auth();
    let carrier = generate(&repo);
    assert_eq!(state(&repo), words("exact", "fresh"));
    let log = repo.spec(&["log", "--json"]).json();
    assert_eq!(each(&log["entries"][0]["generated"], "/commit"), [carrier.as_str()]);
    assert!(repo.spec(&["log"]).ok().contains("Lock accounts  AUTH-1 fresh"));
    assert!(repo.spec(&["show", "AUTH-1"]).ok().contains("Lock accounts  fresh"));

    let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).expect("the spec");
    repo.write("specs/auth.md", text.replacen("MUST", "SHOULD", 1));
    repo.commit("Ask less");
    assert_eq!(state(&repo), words("exact", "stale"));
    let links = of_line(&repo);
    assert_eq!((&links[0]["changes"], &links[0]["worst"]), (&Value::from(1), &Value::from("normative")));
    assert!(repo.spec(&["blame", "src/lock.rs"]).ok().contains("AUTH-1 v1:7f5a90 stale 1"));

    repo.write("specs/auth.md", "# Authentication\n\nNothing is asked here any more.\n");
    repo.commit("Ask nothing");
    assert_eq!(state(&repo), words("exact", "retired"));
}

#[test]
fn a_clause_that_changes_back_is_fresh_again() {
    let repo = Repo::auth();
    generate(&repo);
    let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).expect("the spec");
    repo.write("specs/auth.md", text.replacen("MUST", "SHOULD", 1));
    repo.commit("Ask less");
    repo.write("specs/auth.md", &text);
    repo.commit("Ask as before");
    assert_eq!(state(&repo), words("exact", "fresh"));
}

#[test]
fn a_rewritten_spec_commit_is_found_again() {
    let repo = Repo::auth();
    generate(&repo);
    // The spec commit gets another id, the code is picked on top, and the old ones are pruned.
    repo.git(&["checkout", "-q", "--orphan", "fresh-start", "HEAD~1"]);
    repo.git(&["commit", "-q", "-m", "Specify it again"]);
    repo.git(&["cherry-pick", "main"]);
    repo.git(&["branch", "-q", "-D", "main"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(state(&repo), words("relocated", "fresh"));
    // Views for people say so, too.
    assert!(repo.spec(&["blame", "src/lock.rs"]).ok().contains(" relocated fresh 1"));
    assert!(repo.spec(&["log"]).ok().contains("AUTH-1 relocated fresh"));
    let shown = repo.spec(&["show", "AUTH-1"]).ok();
    let told = flat(&shown);
    assert!(shown.contains("  relocated fresh\n    no reachable commit is "), "{shown}");
    assert!(told.contains(", but specs/auth.md#AUTH-1 took on this version at "), "{shown}");
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn show_and_log_tell_of_links_that_are_tied_to_nothing() {
    let repo = Repo::auth();
    generate(&repo);
    let spec = repo.rev("HEAD~1")[..16].to_owned();
    let none = "v1:00000000000000000000000000000000";
    for (name, link) in [
        ("dangling", format!("Spec: specs/auth.md#AUTH-1@ffffffffffffffff {none}")),
        ("unknown", format!("Spec: specs/auth.md#AUTH-1@{spec} v7:abc")),
        ("mismatch", format!("Spec: specs/auth.md#AUTH-1@{spec} {none}")),
        ("other", format!("Spec: specs/auth.md#AUTH-2@ffffffffffffffff {none}")),
        ("foreign", format!("Spec: lib:specs/auth.md#AUTH-1@{spec} {none}")),
    ] {
        repo.write(format!("src/{name}.rs"), format!("fn {name}() {{}}\n"));
        repo.commit(&format!("Code {name}\n\n{link}"));
    }
    let shown = repo.spec(&["show", "AUTH-1"]).ok();
    let told = flat(&shown);
    for word in ["dangling", "unknown", "mismatch"] {
        assert!(told.contains(&format!("Code {word} {word} ")), "{shown}");
    }
    for why in ["no reachable commit is ffffffffffffffff", "scheme that this program", "with another version"] {
        assert!(told.contains(why), "{shown}");
    }
    assert!(!told.contains("Code other") && !told.contains("Code foreign"), "{shown}");
    let report = repo.spec(&["show", "--json", "AUTH-1"]).json();
    let mut states: Vec<&str> = ["generated", "untold"]
        .iter()
        .flat_map(|list| report[*list].as_array().expect("it"))
        .map(|made| made["links"][0]["resolution"].as_str().expect("it"))
        .collect();
    states.sort_unstable();
    assert_eq!(states, ["dangling", "exact", "mismatch", "unknown"]);
    let log = repo.spec(&["log"]);
    assert_eq!(log.status, 0);
    assert!(log.stderr.contains("4 links could not be tied to a clause for certain: git spec fsck"), "{log:?}");
    let life = repo.spec(&["log", "--clause", "AUTH-2"]);
    assert!(life.stderr.contains("1 link that may be about this clause could not be tied"), "{life:?}");
    assert!(life.stderr.contains("git spec show AUTH-2"), "{life:?}");
    for quiet in [&["log", "--oneline"][..], &["log", "--json"], &["log", "--clause", "reset"]] {
        assert_eq!(repo.spec(quiet).stderr, "");
    }
}

#[test]
fn links_in_squashes_and_notes_are_read_and_withdrawn() {
    let repo = Repo::auth();
    let trailer = link(&repo, "AUTH-1");
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit(&format!(
        "Squash (#7)\n\n* Lock accounts\n\n  {trailer}\n\n---------\n\nCo-authored-by: B <b@example.com>"
    ));
    assert_eq!(of_line(&repo)[0]["source"], "body");

    let other = link(&repo, "AUTH-2").replace(&repo.rev("HEAD")[..16], &repo.rev("HEAD~1")[..16]);
    repo.git(&["notes", "--ref=spec", "add", "-m", &format!("{other} id:0123abcd"), "HEAD"]);
    assert_eq!(each(&of_line(&repo), "/source"), ["body", "note"]);
    repo.git(&["notes", "--ref=spec", "append", "-m", "Unspec: id:0123abcd", "HEAD"]);
    assert_eq!(each(&of_line(&repo), "/source"), ["body"]);
}

#[test]
fn what_cannot_be_tied_says_so() {
    let repo = Repo::auth();
    let spec = repo.rev("HEAD")[..16].to_owned();
    let none = "v1:00000000000000000000000000000000";
    for (value, resolution) in [
        (format!("specs/auth.md#AUTH-1@{spec} {none}"), "mismatch"),
        (format!("specs/auth.md#AUTH-9@0123456789abcdef {none}"), "dangling"),
        (format!("other:specs/auth.md#AUTH-1@{spec} {none}"), "foreign"),
        (format!("specs/auth.md#AUTH-1@{spec} v9:abc"), "unknown"),
    ] {
        repo.write("src/lock.rs", format!("fn lock() {{}} // {resolution}\n"));
        repo.commit(&format!("Lock accounts\n\nSpec: {value}"));
        assert_eq!(state(&repo), words(resolution, "unknown"), "{value}");
    }
    repo.write("src/lock.rs", "fn lock() {} // somebody else's trailer\n");
    repo.commit("Lock accounts\n\nSpec: see the wiki");
    assert_eq!(of_line(&repo), Value::Array(Vec::new()));
}

#[test]
fn spec_and_code_in_one_commit_need_no_commit_id() {
    let repo = Repo::auth();
    let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).expect("the spec");
    repo.write("specs/auth.md", text.replacen("MUST", "SHOULD", 1));
    repo.commit("Rehearsal, to learn the version");
    let version = version(&repo, "AUTH-1");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.write("specs/auth.md", text.replacen("MUST", "SHOULD", 1));
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit(&format!("Ask less, and do it\n\nSpec: specs/auth.md#AUTH-1 {version}"));
    assert_eq!(state(&repo), words("exact", "fresh"));
    let listed = repo.spec(&["ls", "--json"]).json();
    let linked: Vec<&str> = each(&listed["clauses"], "/state");
    assert_eq!(linked.iter().filter(|state| **state == "answered").count(), 1);
}

#[test]
fn a_link_to_a_whole_document_is_fresh_stale_or_retired() {
    use git_spec::spec::formats::{Format, segment};
    let repo = Repo::auth();
    let version = git_spec::commands::links::document_version(&segment(Format::Markdown, support::AUTH.as_bytes()));
    repo.write("src/auth.rs", "fn auth() {}\n");
    repo.commit(&format!("Build all of it\n\nSpec: specs/auth.md {version}"));
    let freshness = |repo: &Repo| {
        let report: serde_json::Value =
            serde_json::from_str(&repo.spec(&["blame", "--json", "HEAD", "src/auth.rs"]).ok()).unwrap();
        let link = &report["lines"][0]["links"][0];
        assert_eq!(link["resolution"], "exact", "{link}");
        link["freshness"].as_str().unwrap().to_owned()
    };
    assert_eq!(freshness(&repo), "fresh");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    assert_eq!(freshness(&repo), "stale");
    repo.git(&["rm", "-q", "specs/auth.md"]);
    repo.write("specs/other.md", "# Other\n\nAnother demand MUST stand here.\n");
    repo.commit("Start over");
    assert_eq!(freshness(&repo), "retired");
}

/// The freshness of the link to the whole document, as it is shown with a clause of it.
fn document_state(repo: &Repo) -> String {
    let shown = repo.spec(&["show", "--json", "AUTH-1"]).json();
    shown["generated"][0]["links"][0]["freshness"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_link_to_a_whole_document_follows_its_clauses() {
    let repo = Repo::auth();
    repo.spec(&["start", "specs/auth.md"]).ok();
    repo.write("src/a.rs", "fn a() {}\n");
    repo.commit("Code");
    repo.spec(&["link", "HEAD", "specs/auth.md"]).ok();
    assert_eq!(document_state(&repo), "fresh");
    repo.git(&["mv", "specs/auth.md", "specs/login.md"]);
    repo.commit("Call it login");
    assert_eq!(document_state(&repo), "fresh");
    assert!(!run(repo.spec_command(repo.path()).arg("start")).stdout.contains("since"));
    let status = repo.spec(&["status"]).ok();
    assert!(status.starts_with("On branch main. 4 clauses: 4 answered.\n") && !status.contains("since"), "{status}");
    // Another file takes the name: it is another document.
    repo.write("specs/auth.md", "# Others\n\n## Doors {#DOOR-1}\n\nA door MUST be closed at night by its owner.\n");
    repo.commit("Doors");
    assert_eq!(document_state(&repo), "fresh");
    repo.edit("specs/login.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    assert_eq!(document_state(&repo), "stale");
    assert!(run(repo.spec_command(repo.path()).arg("start")).stdout.contains("changed since: other clauses"));
}

#[test]
fn a_document_whose_clauses_are_gone_is_retired() {
    let repo = Repo::auth();
    repo.write("src/a.rs", "fn a() {}\n");
    let code = repo.commit("Code");
    repo.spec(&["link", "HEAD", "specs/auth.md"]).ok();
    repo.write("specs/auth.md", "# Others\n\n## Doors {#DOOR-1}\n\nA door MUST be closed at night by its owner.\n");
    repo.commit("Something else in its place");
    let blamed = repo.spec(&["blame", "--json", "src/a.rs"]).json();
    assert_eq!(blamed["lines"][0]["commit"], code.as_str());
    assert_eq!(blamed["lines"][0]["links"][0]["freshness"], "retired", "{blamed}");
}

/// What `start`, `start --changed`, `commit --for` and `link` say of a clause, each the commit that they name.
fn cited(repo: &Repo, clause: &str) -> Vec<String> {
    let commit = |line: &str| line.split(['@', ' ']).find(|word| word.len() == 16).unwrap_or("none").to_owned();
    let head = repo.rev("HEAD");
    let mut found = vec![commit(&repo.spec(&["start", "--json", clause]).json()["started"][0]["link"].to_string())];
    repo.spec(&["start", "--done"]).ok();
    let root = repo.git(&["rev-list", "--max-parents=0", "HEAD"]);
    let changed = repo.spec(&["start", "--json", "--changed", &format!("{root}..HEAD")]).json();
    let links = changed["started"].as_array().expect("links").iter();
    let mine = links.filter_map(|link| link["link"].as_str()).find(|link| link.contains(&format!("#{clause}@")));
    found.push(mine.map_or_else(|| "none".to_owned(), commit));
    repo.spec(&["start", "--done"]).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "Code"]);
    repo.spec(&["link", "HEAD", clause]).ok();
    let note = repo.git(&["notes", "--ref=spec", "show", "HEAD"]);
    let mine = note.lines().find(|line| line.contains(&format!("#{clause}@")));
    found.push(mine.map_or_else(|| "none".to_owned(), commit));
    repo.git(&["reset", "-q", "--hard", &head]);
    repo.spec(&["commit", "-q", "--allow-empty", "-m", "Code", "--for", clause]).ok();
    found.push(commit(&repo.git(&["log", "-1", "--format=%(trailers:key=Spec)"])));
    repo.git(&["reset", "-q", "--hard", &head]);
    found
}

#[test]
fn a_clause_takes_on_its_version_with_a_file_that_joins_and_with_a_spelling() {
    let repo = Repo::new();
    repo.write("specs/other.md", "# Other\n\nThe system MUST do something else as well.\n");
    repo.write("drafts/auth.md", AUTH);
    repo.commit("Draft");
    repo.git(&["mv", "drafts/auth.md", "specs/auth.md"]);
    let joined = repo.commit("Take it into the specification")[..16].to_owned();
    repo.edit("specs/auth.md", "activity", "activities");
    let spelled = repo.commit("Spell it otherwise")[..16].to_owned();
    repo.edit("specs/other.md", "else as well", "else");
    repo.commit("Change another clause");
    assert_eq!(cited(&repo, "AUTH-1"), [joined.as_str(); 4]);
    assert_eq!(cited(&repo, "AUTH-2"), [spelled.as_str(); 4]);
}

#[test]
fn a_clause_of_a_renamed_file_is_cited_where_it_came_to_its_name() {
    let repo = Repo::auth();
    repo.git(&["mv", "specs/auth.md", "specs/login.md"]);
    let renamed = repo.commit("Rename it")[..16].to_owned();
    repo.edit("specs/login.md", "5 failed", "3 failed");
    let changed = repo.commit("Change another clause")[..16].to_owned();
    let ways = |clause: &str| {
        let all = cited(&repo, clause);
        [all[0].clone(), all[2].clone(), all[3].clone()]
    };
    assert_eq!(ways("AUTH-2"), [renamed.as_str(); 3]);
    assert_eq!(ways("AUTH-1"), [changed.as_str(); 3]);
    repo.edit("specs/login.md", "within ten minutes", "within\nten minutes");
    repo.commit("Wrap");
    let listed = repo.spec(&["start", "--json", "specs/login.md"]).json();
    let link = listed["started"][0]["link"].as_str().expect("a link").to_owned();
    assert!(link.starts_with(&format!("specs/login.md@{changed} v1:")), "{link}");
}

#[test]
fn a_commit_beyond_the_border_of_a_shallow_history_is_not_guessed() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "## Sessions {#AUTH-2}", "# Part\n\n## Sessions {#AUTH-2}");
    repo.commit("Move it below another heading");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    let changed = repo.commit("Change another clause")[..16].to_owned();
    repo.write("src/other.rs", "fn other() {}\n");
    let tip = repo.commit("Code")[..16].to_owned();
    let shallow = repo.beside("shallow");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth=4", &url, &shallow.to_string_lossy()]);
    repo.git_in(&shallow, &["fetch", "-q", "--depth=3"]).expect("a shallower history");
    for (clause, commit) in [("AUTH-1", &changed), ("AUTH-2", &tip), ("specs/auth.md", &changed)] {
        let said = repo.spec_in(&shallow, &["start", "--json", clause]).json();
        let link = said["started"][0]["link"].to_string();
        assert!(link.contains(&format!("@{commit} v1:")), "{clause} {commit}: {link}");
        repo.spec_in(&shallow, &["start", "--done"]).ok();
        let said = repo.spec_in(&shallow, &["link", "--json", "-n", "--force", "HEAD", "--", clause]);
        let own = format!("{clause} v1:").replace("AUTH", "specs/auth.md#AUTH");
        let named = if *commit == tip { own } else { format!("@{commit} v1:") };
        assert!(said.stdout.contains(&named), "{clause} {commit}: {said:?}");
    }
}
