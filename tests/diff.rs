//! `git spec diff`: which two sides are compared, and what the answer looks like.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{AUTH, Repo, changes, each, run};

/// Two commits on `main`, the second of which tightens AUTH-1, and a branch `side` that tightens AUTH-2.
fn forked() -> Repo {
    let repo = Repo::auth();
    repo.git(&["tag", "base"]);
    repo.git(&["branch", "side"]);
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.commit("Lock sooner");
    repo.git(&["checkout", "-q", "side"]);
    repo.edit("specs/auth.md", "30 minutes", "15 minutes");
    repo.commit("End sessions sooner");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

#[track_caller]
fn changed(repo: &Repo, args: &[&str]) -> Vec<String> {
    let answer = repo.spec(&[&["diff", "--json"], args].concat());
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    changes(&answer.json())
}

#[test]
fn the_words_that_changed_are_marked_in_the_text() {
    let repo = forked();
    insta::assert_snapshot!(repo.spec(&["diff", "base..main"]).ok(), @r"
    specs/auth.md
      ~ AUTH-1  Lockout                                                                 normative: 5 → 3
          The system MUST lock an account after [-5-]{+3+} failed attempts within ten minutes.
    1 modified (1 normative)
    ");
}

#[test]
fn two_dots_compare_the_two_revisions() {
    let repo = forked();
    assert_eq!(changed(&repo, &["base..main"]), ["modified AUTH-1"]);
    assert_eq!(changed(&repo, &["main..side"]), ["modified AUTH-1", "modified AUTH-2"]);
    assert_eq!(changed(&repo, &["base.."]), ["modified AUTH-1"], "an end left out is HEAD");
    assert_eq!(changed(&repo, &["..base"]), ["modified AUTH-1"]);
    let report = repo.spec(&["diff", "--json", "base..main"]).json();
    assert_eq!((&report["from"], &report["to"]), (&repo.rev("base").into(), &repo.rev("main").into()));
}

#[test]
fn three_dots_compare_with_the_merge_base() {
    let repo = forked();
    assert_eq!(changed(&repo, &["main...side"]), ["modified AUTH-2"]);
    assert_eq!(changed(&repo, &["side...main"]), ["modified AUTH-1"]);
    assert_eq!(changed(&repo, &["side..."]), ["modified AUTH-1"]);
}

#[test]
fn two_words_are_two_revisions() {
    let repo = forked();
    assert_eq!(changed(&repo, &["base", "side"]), ["modified AUTH-2"]);
    assert_eq!(changed(&repo, &["base", "side", "--"]), ["modified AUTH-2"]);
}

#[test]
fn three_revisions_are_wrong_use() {
    let said = forked().spec(&["diff", "base", "side", "main"]).fails(2);
    insta::assert_snapshot!(said, @r"
    error: diff compares two revisions
    hint: git spec diff A..B, or git spec diff A B
    ");
}

#[test]
fn one_revision_is_compared_with_the_work_tree() {
    let repo = forked();
    repo.edit("specs/auth.md", "one hour", "two hours");
    assert_eq!(changed(&repo, &["base"]), ["modified AUTH-1", "modified reset"]);
    let report = repo.spec(&["diff", "--json", "base"]).json();
    assert_eq!((&report["from"], &report["to"]), (&repo.rev("base").into(), &"worktree".into()));
}

#[test]
fn without_a_revision_head_is_compared_with_the_work_tree() {
    let repo = forked();
    assert_eq!(repo.spec(&["diff"]).ok(), "");
    repo.edit("specs/auth.md", "one hour", "two hours");
    assert_eq!(changed(&repo, &[]), ["modified reset"]);
    repo.git(&["add", "-A"]);
    assert_eq!(changed(&repo, &[]), ["modified reset"], "staged or not");
}

#[test]
fn cached_compares_with_the_index() {
    let repo = forked();
    repo.edit("specs/auth.md", "one hour", "two hours");
    assert_eq!(changed(&repo, &["--cached"]), [""; 0]);
    repo.git(&["add", "-A"]);
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    assert_eq!(changed(&repo, &["--cached"]), ["modified reset"]);
    assert_eq!(changed(&repo, &["--staged", "base"]), ["modified AUTH-1", "modified reset"]);
    assert_eq!(repo.spec(&["diff", "--json", "--cached"]).json()["to"], "index");
}

#[test]
fn files_that_come_and_go_in_the_work_tree_count() {
    let repo = Repo::auth();
    repo.write("specs/new.md", "# New\n\nA new file MUST count before it is added.\n");
    repo.write("specs/ignored.md", "# Ignored\n\nAn ignored file MUST NOT count at all here.\n");
    repo.write(".gitignore", "ignored.md\n");
    let report = repo.spec(&["diff", "--json"]).json();
    assert_eq!(changes(&report), ["added new"]);
    assert_eq!(report["documents"], serde_json::json!([{"was": null, "path": "specs/new.md"}]));
    std::fs::remove_file(repo.path().join("specs/new.md")).unwrap();
    std::fs::remove_file(repo.path().join("specs/auth.md")).unwrap();
    let report = repo.spec(&["diff", "--json"]).json();
    assert_eq!(each(&report["changes"], "/was/anchor"), ["authentication", "AUTH-1", "AUTH-2", "reset"]);
    assert_eq!(report["documents"], serde_json::json!([{"was": "specs/auth.md", "path": null}]));
}

#[test]
fn reverse_swaps_the_sides() {
    let repo = forked();
    let text = repo.spec(&["diff", "-R", "base..main"]).ok();
    assert!(text.contains("[-3-]{+5+}"), "{text}");
    repo.edit("specs/auth.md", "one hour", "two hours");
    let text = repo.spec(&["diff", "-R"]).ok();
    assert!(text.contains("[-two hours-]{+one hour+}"), "{text}");
    assert_eq!(repo.spec(&["diff", "-R", "--json"]).json()["from"], "worktree");
}

/// Changes in two files and a subdirectory, for paths to choose from.
fn three_files() -> Repo {
    let repo = Repo::new();
    for name in ["specs/a.md", "specs/B.md", "specs/deep/c.md"] {
        repo.write(name, format!("# {name}\n\nThe file {name} MUST be read 5 times a day by everyone.\n"));
    }
    repo.write("specs/odd ü.md", "# Odd\n\nAn odd name MUST be no hindrance to anybody at all.\n");
    repo.commit("Begin");
    for name in ["specs/a.md", "specs/B.md", "specs/deep/c.md"] {
        repo.edit(name, "5 times", "6 times");
    }
    repo.edit("specs/odd ü.md", "no hindrance", "a hindrance");
    repo
}

#[track_caller]
fn files(repo: &Repo, directory: &str, args: &[&str]) -> Vec<String> {
    let answer = repo.spec_in(&repo.path().join(directory), &[&["diff", "--json"], args].concat());
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    each(&answer.json()["changes"], "/clause/path").into_iter().map(str::to_owned).collect()
}

#[test]
fn pathspecs_choose_files_with_gits_magic() {
    let repo = three_files();
    assert_eq!(files(&repo, "", &["--", "specs/a.md"]), ["specs/a.md"]);
    assert_eq!(files(&repo, "", &["specs/a.md"]), ["specs/a.md"], "-- may be left out");
    assert_eq!(files(&repo, "", &["--", "specs/deep"]), ["specs/deep/c.md"]);
    assert_eq!(files(&repo, "", &["HEAD", "--", "specs/deep"]), ["specs/deep/c.md"]);
    assert_eq!(files(&repo, "", &["--", "*.md", ":!specs/a.md", ":(exclude)*odd*"]), ["specs/B.md", "specs/deep/c.md"]);
    assert_eq!(files(&repo, "", &["--", ":(icase)specs/b.MD"]), ["specs/B.md"]);
    assert_eq!(files(&repo, "", &["--", ":(glob)specs/?.md"]), ["specs/B.md", "specs/a.md"]);
    assert_eq!(files(&repo, "", &["--", ":(literal)specs/*.md"]), [""; 0]);
    assert_eq!(files(&repo, "", &["--", "specs/none.md"]), [""; 0]);
}

#[test]
fn paths_are_relative_to_the_subdirectory() {
    let repo = three_files();
    assert_eq!(files(&repo, "specs/deep", &["--", "c.md"]), ["specs/deep/c.md"]);
    assert_eq!(files(&repo, "specs/deep", &["--", "."]), ["specs/deep/c.md"]);
    assert_eq!(files(&repo, "specs/deep", &["--", "../a.md"]), ["specs/a.md"]);
    assert_eq!(files(&repo, "specs/deep", &["--", ":/specs/B.md"]), ["specs/B.md"]);
    assert_eq!(files(&repo, "specs/deep", &["--", ":(top)specs/a.md"]), ["specs/a.md"]);
    assert_eq!(files(&repo, "specs/deep", &[]).len(), 4, "without paths everything counts");
}

#[test]
fn a_word_that_is_neither_revision_nor_path_is_named() {
    let said = three_files().spec(&["diff", "no-such-thing"]).fails(2);
    assert!(said.starts_with("error: ") && said.contains("no-such-thing") && said.contains("hint: "), "{said}");
    let said = three_files().spec(&["diff", "no-such-thing", "--"]).fails(2);
    assert!(said.contains("unknown revision no-such-thing"), "{said}");
}

#[test]
fn stat_counts_by_file() {
    insta::assert_snapshot!(three_files().spec(&["diff", "--stat"]).ok(), @r"
     specs/B.md      | ~1  1 normative
     specs/a.md      | ~1  1 normative
     specs/deep/c.md | ~1  1 normative
     specs/odd ü.md  | ~1  1 normative
    4 modified (4 normative)
    ");
}

#[test]
fn name_only_names_clauses_and_z_ends_them_with_nul() {
    let repo = forked();
    assert_eq!(repo.spec(&["diff", "--name-only", "main..side"]).ok(), "specs/auth.md#AUTH-1\nspecs/auth.md#AUTH-2\n");
    let names = repo.spec(&["diff", "--name-only", "-z", "main..side"]).ok();
    assert_eq!(names, "specs/auth.md#AUTH-1\0specs/auth.md#AUTH-2\0");
    let said = repo.spec(&["diff", "--name-only", "--stat"]).fails(2);
    assert!(said.contains("--name-only") && said.contains("--stat"), "{said}");
}

#[test]
fn exit_code_tells_of_any_change_and_quiet_says_nothing() {
    let repo = Repo::auth();
    assert_eq!(repo.spec(&["diff", "--exit-code"]).status, 0);
    assert_eq!(repo.spec(&["diff", "--quiet"]).status, 0);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    assert_eq!(repo.spec(&["diff"]).status, 0);
    let answer = repo.spec(&["diff", "--exit-code"]);
    assert!(answer.status == 1 && answer.stdout.contains("AUTH-1"), "{answer:?}");
    let answer = repo.spec(&["diff", "-q"]);
    assert_eq!((answer.status, answer.stdout.as_str(), answer.stderr.as_str()), (1, "", ""));
}

#[test]
fn editorial_and_minor_changes_are_folded_until_all_is_given() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "after 5 failed attempts", "after\n*5* failed attempts");
    insta::assert_snapshot!(repo.spec(&["diff"]).ok(), @r"
    no change of meaning; 1 editorial folded (--all)
    ");
    insta::assert_snapshot!(repo.spec(&["diff", "--all"]).ok(), @r"
    specs/auth.md
      · AUTH-1  Lockout                                                                        editorial
          The system MUST lock an account after [-5-]{+*5*+} failed attempts within ten minutes.
    no change of meaning; 1 editorial
    ");
    assert_eq!(repo.spec(&["diff", "--name-only"]).ok(), "");
    assert_eq!(repo.spec(&["diff", "--exit-code"]).status, 1, "a folded change is a change");
    assert_eq!(changed(&repo, &[]), ["editorial AUTH-1"], "JSON folds nothing");
}

#[test]
fn line_ends_alone_are_no_change() {
    let repo = Repo::auth();
    repo.write("specs/auth.md", AUTH.replace('\n', "\r\n"));
    assert_eq!(changed(&repo, &[]), [""; 0]);
    assert_eq!(repo.spec(&["diff", "--exit-code"]).status, 0);
}

#[test]
fn renames_renumberings_and_moves_are_shown_as_such() {
    let repo = Repo::auth();
    repo.write(
        "specs/auth.md",
        "# Authentication

Who may come in.

## Locking out {#AUTH-1}

The system MUST lock an account after 5 failed attempts within ten minutes.

## Sessions {#AUTH-7}

A session MUST end after 30 minutes without any activity of its user.
",
    );
    repo.write("specs/reset.md", "## Reset\n\nA reset link SHOULD expire after one hour of its creation.\n");
    insta::assert_snapshot!(repo.spec(&["diff"]).ok(), @r#"
    specs/auth.md
      # AUTH-1  Locking out                                                                was "Lockout"
      # AUTH-7  Sessions                                                                      was AUTH-2
    specs/reset.md  (new file)
      > Reset                                                                         from specs/auth.md
    1 renamed, 1 renumbered, 1 moved to another file
    "#);
    assert_eq!(changed(&repo, &[]), ["renamed AUTH-1", "id-changed AUTH-7", "moved-file reset"]);
}

#[test]
fn a_renamed_file_is_one_document() {
    let repo = Repo::auth();
    repo.git(&["mv", "specs/auth.md", "specs/login.md"]);
    let report = repo.spec(&["diff", "--json", "--cached"]).json();
    assert_eq!(report["documents"], serde_json::json!([{"was": "specs/auth.md", "path": "specs/login.md"}]));
    assert_eq!(changes(&report), [""; 0], "no clause became another");
    assert_eq!(repo.spec(&["diff", "--cached"]).ok(), "# specs/auth.md → specs/login.md\n");
}

#[test]
fn json_holds_both_sides_of_a_change() {
    let repo = forked();
    let report = repo.spec(&["diff", "--json", "base..main"]).json();
    let change = &report["changes"][0];
    assert_eq!(report["schema"], "git-spec/diff/1");
    assert_eq!(change["grade"], "normative");
    assert_eq!(change["tipped"], serde_json::json!(["5 → 3"]));
    assert_eq!(change["before"], "The system MUST lock an account after 5 failed attempts within ten minutes.");
    assert_eq!(change["after"], "The system MUST lock an account after 3 failed attempts within ten minutes.");
    assert_ne!(change["clause"]["version"], change["was"]["version"]);
    assert_eq!(change["clause"]["lines"], serde_json::json!([5, 7]));
}

#[test]
fn spec_include_on_the_command_line_replaces_the_set() {
    let repo = Repo::auth();
    repo.write("notes/plan.txt", "The plan MUST be a paragraph of its own in this file.\n");
    repo.commit("Plan");
    repo.edit("notes/plan.txt", "MUST", "SHOULD");
    assert_eq!(repo.spec(&["diff"]).ok(), "");
    let mut command = repo.spec_command(repo.path());
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "spec.include").env("GIT_CONFIG_VALUE_0", "notes/*");
    let text = support::run(command.args(["diff", "--name-only"])).ok();
    assert!(text.starts_with("notes/plan.txt#"), "{text}");
}

#[test]
fn revisions_are_looked_up_by_one_process() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    let id = repo.git(&["rev-parse", "HEAD"]);
    for args in [&["HEAD~1", "HEAD"][..], &["HEAD~1..HEAD"], &["HEAD~1", id.trim()]] {
        let trace = repo.beside("trace");
        let _ = std::fs::remove_file(&trace);
        let mut command = repo.spec_command(repo.path());
        command.arg("diff").args(args).env("GIT_TRACE", &trace);
        assert!(run(&mut command).ok().contains("[-5-]{+3+}"), "{args:?}");
        let trace = std::fs::read_to_string(&trace).unwrap();
        assert_eq!(trace.matches("cat-file").count(), 1, "{args:?}: {trace}");
    }
}
