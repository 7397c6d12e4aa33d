//! `git spec show`, `ls` and `grep`: finding clauses and reading one.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{AUTH, Repo, each};

/// [`AUTH`] and a second file in a subdirectory, with history.
fn two_files() -> Repo {
    let repo = Repo::auth();
    repo.git(&["tag", "v1"]);
    repo.write("specs/deep/mail.md", "# Mail\n\nA mail MUST be sent within 10 seconds of its request.\n");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit_as("Ann <ann@example.org>", "Lock sooner, ask for mail");
    repo
}

#[track_caller]
fn names(repo: &Repo, args: &[&str]) -> Vec<String> {
    let answer = repo.spec(&[&["--json"], args].concat());
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    each(&answer.json()["clauses"], "/anchor").into_iter().map(str::to_owned).collect()
}

#[test]
fn ls_lists_clauses_by_file_and_line() {
    insta::assert_snapshot!(two_files().spec(&["ls"]).ok(), @r"
    specs/auth.md
       1          Authentication
       5  AUTH-1    Lockout
       9  AUTH-2    Sessions
      13            Reset
    specs/deep/mail.md
      1  Mail
    ");
}

#[test]
fn ls_takes_a_revision_and_paths() {
    let repo = two_files();
    assert_eq!(names(&repo, &["ls", "v1"]), ["authentication", "AUTH-1", "AUTH-2", "reset"]);
    assert_eq!(names(&repo, &["ls", "specs/deep"]), ["mail"]);
    assert_eq!(names(&repo, &["ls", "HEAD", "--", "specs/deep"]), ["mail"]);
    assert_eq!(names(&repo, &["ls", "--", ":!specs/auth.md"]), ["mail"]);
    assert_eq!(names(&repo, &["ls", "v1", "--", "specs/deep"]), [""; 0]);
    assert_eq!(repo.spec(&["ls", "v1", "--json"]).json()["rev"], repo.rev("v1"));
    let answer = repo.spec_in(&repo.path().join("specs/deep"), &["ls", "--json", "--", "."]);
    assert_eq!(each(&answer.json()["clauses"], "/path"), ["specs/deep/mail.md"]);
    let said = repo.spec(&["ls", "v1", "HEAD"]).fails(2);
    assert!(said.contains("ls takes at most one revision"), "{said}");
}

#[test]
fn ls_tells_what_is_committed() {
    let repo = two_files();
    repo.write("specs/draft.md", "# Draft\n\nA draft MUST NOT be listed before it is committed.\n");
    assert_eq!(names(&repo, &["ls"]).len(), 5);
}

#[test]
fn ls_ends_names_with_nul_and_quotes_nothing() {
    let repo = Repo::new();
    repo.write("specs/odd \"ü\".md", "# Odd\n\nAn odd name MUST come out as it is.\n");
    repo.commit("Odd");
    let answer = repo.spec(&["ls", "-z"]).ok();
    assert_eq!(answer, "specs/odd \"ü\".md#odd\0");
}

#[test]
fn ls_in_json_has_the_facts_of_each_clause() {
    let report = two_files().spec(&["ls", "--json", "--", "specs/auth.md"]).json();
    assert_eq!(report["schema"], "git-spec/ls/1");
    let clause = &report["clauses"][1];
    assert_eq!(clause["id"], "AUTH-1");
    assert_eq!(clause["title"], "Lockout");
    assert_eq!(clause["kind"], "section");
    assert_eq!(clause["headings"], serde_json::json!(["Authentication"]));
    assert_eq!(clause["lines"], serde_json::json!([5, 7]));
    assert_eq!(clause["ordinal"], serde_json::Value::Null);
    assert!(clause["version"].as_str().unwrap().starts_with("v1:"));
    assert_eq!(clause["state"], "unanswered");
    assert_eq!(report["clauses"][3]["id"], serde_json::Value::Null);
}

#[test]
fn ls_tells_when_each_clause_came_in_and_last_changed() {
    let repo = Repo::auth();
    let first = repo.rev("HEAD");
    repo.edit("specs/auth.md", "after 5", "after 3");
    repo.commit("Lock sooner");
    let meaning = repo.rev("HEAD");
    repo.edit("specs/auth.md", "MUST lock", "MUST  *lock*");
    repo.commit("Stress it");
    let text = repo.rev("HEAD");
    let told = |args: &[&str]| {
        let report = repo.spec(args).json();
        let clauses = report["clauses"].as_array().unwrap().clone();
        let one = clauses.into_iter().find(|clause| clause["id"] == "AUTH-1").unwrap();
        ["introduced", "last_meaning_change", "last_text_change"]
            .map(|moment| one[moment]["commit"].as_str().unwrap().to_owned())
    };
    assert_eq!(told(&["ls", "--json"]), [first.clone(), meaning.clone(), text.clone()]);
    assert_eq!(told(&["ls", "--json", "HEAD~1"]), [first.clone(), meaning.clone(), meaning.clone()]);
    assert_eq!(told(&["ls", "--json", "HEAD~2"]), [first.clone(), first.clone(), first.clone()]);
    // the same as show tells
    let shown = repo.spec(&["show", "--json", "AUTH-1"]).json();
    let listed = repo.spec(&["ls", "--json"]).json();
    let listed = listed["clauses"].as_array().unwrap().iter().find(|clause| clause["id"] == "AUTH-1").unwrap().clone();
    for moment in ["introduced", "last_meaning_change", "last_text_change"] {
        assert_eq!(shown[moment], listed[moment]);
    }
    let long = repo.spec(&["ls", "-l"]).ok();
    let said = format!("introduced {} (", &first[..7]);
    assert!(long.contains(&said) && long.contains(&format!("text {} (", &text[..7])), "{long}");
    // one commit is told once: here the meaning is as it came in, there nothing changed since
    let told = |rev: &str| {
        let long = repo.spec(&["ls", "-l", rev]).ok();
        let lines = long.lines().skip_while(|line| !line.contains("AUTH-1")).skip(2);
        let said: Vec<&str> = lines.take_while(|line| !line.contains("AUTH-")).map(str::trim).collect();
        said.join("  ")
    };
    let [first, meaning, text] = [&first, &meaning, &text].map(|commit| commit[..7].to_owned());
    let days =
        |line: String| line.split("  ").map(|piece| piece.split(" (").next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        days(told("HEAD")),
        [format!("introduced {first}"), format!("meaning {meaning}"), format!("text {text}")]
    );
    assert_eq!(days(told("HEAD~1")), [format!("introduced {first}"), format!("meaning {meaning}")]);
    assert_eq!(days(told("HEAD~2")), [format!("introduced {first}")]);
    // a plain list looks at no history, nor do names
    assert!(!repo.spec(&["ls"]).ok().contains("introduced"));
    assert!(!repo.spec(&["ls", "-lz"]).ok().contains("introduced"));
}

#[test]
fn ls_says_what_a_shallow_border_hides() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "after 5", "after 3");
    repo.commit("Lock sooner");
    let shallow = repo.beside("clone");
    let url = format!("file://{}", repo.path().display());
    repo.git_in(repo.path(), &["clone", "-q", "--depth=1", &url, shallow.to_str().unwrap()]).unwrap();
    let answer = repo.spec_in(&shallow, &["ls", "-l"]);
    assert_eq!(answer.status, 3, "{}", answer.stderr);
    assert!(answer.stdout.contains("introduced unknown"), "{}", answer.stdout);
    let answer = repo.spec_in(&shallow, &["ls", "--json"]);
    assert_eq!(answer.status, 3, "{}", answer.stderr);
    let report: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(report["clauses"][0]["introduced"], serde_json::Value::Null);
    assert_ne!(report["incomplete"], serde_json::json!([]));
    assert_eq!(repo.spec_in(&shallow, &["ls"]).status, 0, "a plain list misses nothing");
}

#[test]
fn a_version_depends_on_the_words_alone() {
    let repo = Repo::auth();
    let version =
        |rev: &str| repo.spec(&["show", &format!("AUTH-1@{rev}"), "--json"]).json()["clause"]["version"].clone();
    let first = version("HEAD");
    repo.write("specs/other.md", AUTH.replace("an account after 5", "*an*\r\naccount\r\nafter 5"));
    std::fs::remove_file(repo.path().join("specs/auth.md")).unwrap();
    repo.commit("Wrap, stress and rename");
    assert_eq!(version("HEAD"), first);
    repo.edit("specs/other.md", "MUST lock", "MUST NOT lock");
    repo.commit("Negate");
    assert_ne!(version("HEAD"), first);
}

#[test]
fn grep_looks_into_ids_titles_and_texts() {
    let repo = two_files();
    assert_eq!(names(&repo, &["grep", "AUTH-2"]), ["AUTH-2"], "an id");
    assert_eq!(names(&repo, &["grep", "Lockout"]), ["AUTH-1"], "a title");
    assert_eq!(names(&repo, &["grep", "[0-9]+ (failed|seconds)"]), ["AUTH-1", "mail"], "texts");
    insta::assert_snapshot!(repo.spec(&["grep", "session|link"]).ok(), @r"
    specs/auth.md
       9  AUTH-2  Sessions
      11    A session MUST end after 30 minutes without any activity of its user.
      13          Reset
      15    A reset link SHOULD expire after one hour of its creation.
    ");
}

#[test]
fn grep_takes_flags_a_revision_and_paths() {
    let repo = two_files();
    assert_eq!(names(&repo, &["grep", "MAIL"]), [""; 0]);
    assert_eq!(names(&repo, &["grep", "-i", "MAIL"]), ["mail"]);
    assert_eq!(names(&repo, &["grep", "-F", "[0-9]"]), [""; 0]);
    assert_eq!(names(&repo, &["grep", "-F", "creation."]), ["reset"]);
    assert_eq!(names(&repo, &["grep", "5 failed"]), [""; 0]);
    assert_eq!(names(&repo, &["grep", "5 failed", "v1"]), ["AUTH-1"]);
    assert_eq!(names(&repo, &["grep", "-e", "5 failed", "v1"]), ["AUTH-1"]);
    assert_eq!(names(&repo, &["grep", "MUST", "HEAD", "--", "specs/deep"]), ["mail"]);
    assert_eq!(names(&repo, &["grep", "MUST", "specs/deep"]), ["mail"]);
    let matches = &repo.spec(&["grep", "--json", "seconds"]).json()["clauses"][0]["matches"];
    let line = serde_json::json!([{"line": 3, "text": "A mail MUST be sent within 10 seconds of its request."}]);
    assert_eq!(*matches, line);
    assert_eq!(repo.spec(&["grep", "-z", "seconds"]).ok(), "specs/deep/mail.md#mail\0");
}

#[test]
fn grep_that_finds_nothing_is_no_failure_and_a_bad_pattern_is_one() {
    let repo = two_files();
    assert_eq!(repo.spec(&["grep", "no such words"]).ok(), "");
    let said = repo.spec(&["grep", "(("]).fails(2);
    assert!(said.starts_with("error: '((' is no regular expression: unclosed group\n"), "{said}");
    assert!(said.contains("-F"), "{said}");
}

#[test]
fn show_prints_a_clause_and_its_life() {
    insta::assert_snapshot!(two_files().spec(&["show", "AUTH-1"]).ok(), @r"
    AUTH-1  Lockout
    specs/auth.md:5-7  v1:9208fb1734de2bfc92fc5cbd0e9902ed

        The system MUST lock an account after 3 failed attempts within ten minutes.

    ~ 41c25dc 2023-11-15  normative: 5 → 3  Lock sooner, ask for mail
    + c6fff7c 2023-11-14  added  Write the specification down
    ");
}

#[test]
fn show_takes_every_form_of_a_clauses_name() {
    let repo = two_files();
    let text = |name: &str| repo.spec(&["show", name, "--json"]).json()["text"].as_str().unwrap().to_owned();
    let now = "The system MUST lock an account after 3 failed attempts within ten minutes.";
    let then = now.replace('3', "5");
    assert_eq!(text("AUTH-1"), now);
    assert_eq!(text("specs/auth.md#AUTH-1"), now);
    assert_eq!(text("lockout"), now, "the title, in any case");
    assert_eq!(text("AUTH-1@v1"), then);
    assert_eq!(text("specs/auth.md#AUTH-1@v1"), then);
    assert_eq!(text("specs/auth.md#AUTH-1@HEAD~1"), then);
    let answer = repo.spec_in(&repo.path().join("specs/deep"), &["show", "mail.md#mail", "--json"]);
    assert_eq!(answer.json()["clause"]["path"], "specs/deep/mail.md", "{answer:?}");
}

#[test]
fn show_takes_gits_form_of_a_revision_and_a_path() {
    let repo = two_files();
    let report = repo.spec(&["show", "v1:specs/auth.md#AUTH-1", "--json"]).json();
    assert!(report["text"].as_str().unwrap().contains("after 5 failed"));
}

#[test]
fn the_longest_path_wins_and_then_the_last_at_sign() {
    let repo = Repo::auth();
    repo.write("specs/a#b@v1.md", AUTH.replace("5 failed", "8 failed"));
    repo.commit("Odd name");
    repo.git(&["tag", "v1"]);
    let shown = |name: &str| repo.spec(&["show", name]).ok();
    assert!(shown("specs/a#b@v1.md#AUTH-1").contains("after 8 failed"));
    assert!(shown("specs/a#b@v1.md#AUTH-1@v1").contains("after 8 failed"));
}

#[test]
fn show_takes_several_clauses() {
    let text = two_files().spec(&["show", "AUTH-2", "mail"]).ok();
    assert!(text.starts_with("AUTH-2  Sessions\n") && text.contains("\n\nMail\n"), "{text}");
}

#[test]
fn show_in_json_has_the_moments_of_a_life() {
    let repo = two_files();
    let report = repo.spec(&["show", "AUTH-1", "--json"]).json();
    assert_eq!(report["schema"], "git-spec/show/1");
    assert_eq!(report["rev"], repo.rev("HEAD"));
    assert_eq!(report["introduced"]["commit"], repo.rev("v1"));
    assert_eq!(report["last_meaning_change"]["commit"], repo.rev("HEAD"));
    assert_eq!(report["last_meaning_change"]["author"], "Ann");
    assert_eq!(each(&report["history"], "/subject"), ["Lock sooner, ask for mail", "Write the specification down"]);
}

#[test]
fn a_name_that_fits_none_or_several_lists_candidates() {
    let repo = two_files();
    repo.write("specs/deep/more.md", "## Lockouts {#AUTH-1}\n\nAnother demand MUST have the same id as the first.\n");
    repo.commit("Repeat an id");
    insta::assert_snapshot!(repo.spec(&["show", "AUTH-1"]).fails(2), @r"
    error: AUTH-1 names 2 clauses
    hint: name the file too:
    hint:   specs/auth.md#AUTH-1  Lockout
    hint:   specs/deep/more.md#AUTH-1  Lockouts
    ");
    insta::assert_snapshot!(repo.spec(&["show", "Sesions"]).fails(2), @r"
    error: no clause Sesions in the spec set at HEAD
    hint: nearest: AUTH-2 Sessions (specs/auth.md)
    ");
    insta::assert_snapshot!(repo.spec(&["show", "mail@v1"]).fails(2), @r"
    error: no clause mail in the spec set at v1
    hint: list the clauses: git spec ls v1
    ");
    let said = repo.spec(&["show", "AUTH-2@nowhere"]).fails(2);
    assert!(said.starts_with("error: unknown revision nowhere\n"), "{said}");
    let answer = repo.spec(&["show", "specs/deep/more.md#AUTH-1"]);
    assert!(answer.ok().contains("Another demand"));
}

#[test]
fn diff_names_the_globs_where_they_match_nothing() {
    let repo = Repo::new();
    repo.write("old/rules.md", AUTH);
    repo.commit("Rules");
    repo.edit("old/rules.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["rm", "-q", "-r", "old"]);
    repo.write("specs/other.md", "# Other\n\nAnother MUST be written.\n");
    repo.commit("Write it anew");
    let answer = repo.spec(&["diff", "HEAD~2", "HEAD~1"]);
    assert_eq!((answer.status, answer.stdout.as_str()), (0, ""));
    assert!(answer.stderr.contains("no clause on either side, where the spec set is specs"), "{}", answer.stderr);
    assert_eq!(repo.spec(&["diff", "HEAD", "HEAD"]).stderr, "", "a side with clauses needs no word");
}

#[test]
fn ls_names_the_globs_where_they_match_nothing() {
    let repo = two_files();
    repo.git(&["config", "spec.include", "nope/*.md"]);
    let answer = repo.spec(&["ls"]);
    assert_eq!((answer.status, answer.stdout.as_str()), (0, ""));
    assert!(answer.stderr.contains("no clause") && answer.stderr.contains("nope/*.md"), "{answer:?}");
    assert_eq!(repo.spec(&["ls", "--", "specs"]).stderr, "", "paths may leave nothing");
}

#[test]
fn an_id_that_stands_twice_in_a_file_is_told() {
    let repo = Repo::auth();
    assert!(!repo.spec(&["ls"]).stderr.contains("bear the id"));
    let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).expect("the spec");
    repo.write("specs/auth.md", format!("{text}\n## Once more {{#AUTH-1}}\n\nAn account MUST be locked twice.\n"));
    repo.commit("Say it twice");
    let said = repo.spec(&["ls"]).stderr;
    assert!(said.contains("2 clauses of specs/auth.md bear the id AUTH-1 (lines "), "{said}");
    assert!(said.contains("give each its own"), "{said}");
    let doctor = repo.spec(&["doctor"]).stdout;
    let words: Vec<&str> = doctor.split_whitespace().collect();
    assert!(words.join(" ").contains("2 clauses of specs/auth.md bear the id AUTH-1"), "{doctor}");
}
