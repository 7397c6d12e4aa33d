//! `git spec blame`: whom each line comes from, and what the clauses of a specification say about it.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::path::Path;

use serde_json::Value;
use support::{AUTH, Repo, each};

/// The commit of each line, as `git blame --porcelain` tells.
fn by_git(repo: &Repo, directory: &Path, args: &[&str]) -> Vec<(u64, String)> {
    let text = repo.git_in(directory, &[&["blame", "--porcelain"], args].concat()).unwrap();
    let header = |line: &str| -> Option<(u64, String)> {
        let mut words = line.split(' ');
        let id = words.next().filter(|id| id.len() >= 40 && id.bytes().all(|b| b.is_ascii_hexdigit()))?;
        words.next()?.parse::<u64>().ok()?;
        Some((words.next()?.parse().ok()?, id.to_owned()))
    };
    text.lines().filter(|line| !line.starts_with('\t')).filter_map(header).collect()
}

#[track_caller]
fn report(repo: &Repo, directory: &Path, args: &[&str]) -> Value {
    let answer = repo.spec_in(directory, &[&["blame", "--json"], args].concat());
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{args:?}");
    answer.json()
}

/// Whether both attribute alike; gives back how many commits took part, so that a test can tell flags apart.
#[track_caller]
fn alike(repo: &Repo, args: &[&str]) -> Vec<(u64, String)> {
    alike_in(repo, repo.path(), args)
}

#[track_caller]
fn alike_in(repo: &Repo, directory: &Path, args: &[&str]) -> Vec<(u64, String)> {
    let expected = by_git(repo, directory, args);
    assert!(!expected.is_empty());
    let report = report(repo, directory, args);
    let lines = report["lines"].as_array().unwrap();
    let found: Vec<(u64, String)> =
        lines.iter().map(|l| (l["line"].as_u64().unwrap(), l["commit"].as_str().unwrap().to_owned())).collect();
    assert_eq!(found, expected, "{args:?}");
    expected
}

const FUNCTIONS: &str = "\
fn first_function_of_the_file(argument: u32) -> u32 {
    argument.wrapping_mul(17).wrapping_add(4)
}

fn second_function_of_the_file(argument: u32) -> u32 {
    argument.rotate_left(3).wrapping_sub(99)
}
";

/// Code and specification that were edited, indented, turned round and copied.
fn worked_on() -> Repo {
    let repo = Repo::auth();
    repo.write("src/lock.rs", FUNCTIONS);
    repo.commit("Write two functions");
    repo.edit("src/lock.rs", "wrapping_add(4)", "wrapping_add(5)");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Change both at once");
    repo.edit("src/lock.rs", "    argument", "        argument");
    repo.edit("specs/auth.md", "A session MUST", "A  session MUST");
    repo.commit("Indent");
    let text = std::fs::read_to_string(repo.path().join("src/lock.rs")).unwrap();
    let (first, second) = text.split_once("\n\n").unwrap();
    repo.write("src/lock.rs", format!("{second}\n{first}\n"));
    let (head, reset) = AUTH.split_once("## Reset").unwrap();
    let head = head.replace("5 failed", "3 failed").replace("A session", "A  session");
    repo.write("specs/auth.md", head.replacen("## Lockout", &format!("## Reset{reset}\n## Lockout"), 1));
    repo.commit("Turn round");
    repo.write("src/copy.rs", format!("// copied\n{second}"));
    repo.edit("src/lock.rs", "second_function", "renamed_function");
    repo.commit("Copy");
    repo
}

#[test]
fn lines_are_attributed_as_git_attributes_them() {
    let repo = worked_on();
    for file in ["src/lock.rs", "src/copy.rs", "specs/auth.md"] {
        for flags in [
            &[][..],
            &["-w"],
            &["-M"],
            &["-M5"],
            &["-C"],
            &["-C", "-C"],
            &["-C5", "-C5", "-C5"],
            &["-w", "-M", "-C"],
            &["-L", "2,4"],
            &["-L", "2,+2", "-L", "1,1"],
            &["-L", "/tion/,+1"],
            &["-L2,3", "-w"],
        ] {
            alike(&repo, &[flags, &["--", file]].concat());
            alike(&repo, &[flags, &["HEAD~1", "--", "src/lock.rs"]].concat());
        }
    }
}

#[test]
fn each_flag_makes_a_difference() {
    let repo = worked_on();
    let plain = alike(&repo, &["src/lock.rs"]);
    assert_ne!(alike(&repo, &["-w", "src/lock.rs"]), plain);
    assert_ne!(alike(&repo, &["-M", "src/lock.rs"]), plain);
    let copied = alike(&repo, &["src/copy.rs"]);
    assert_ne!(alike(&repo, &["-C", "-C", "-C", "src/copy.rs"]), copied);
    let spec = alike(&repo, &["specs/auth.md"]);
    assert_ne!(alike(&repo, &["-w", "specs/auth.md"]), spec);
    assert_ne!(alike(&repo, &["-M", "specs/auth.md"]), spec);
    assert_eq!(alike(&repo, &["-L", ":renamed_function", "src/lock.rs"]).len(), 4);
}

#[test]
fn renames_of_files_are_followed() {
    let repo = worked_on();
    repo.git(&["mv", "src/lock.rs", "src/bolt.rs"]);
    repo.git(&["mv", "specs/auth.md", "specs/login.md"]);
    repo.commit("Rename");
    assert!(!alike(&repo, &["src/bolt.rs"]).iter().any(|(_, id)| *id == repo.rev("HEAD")));
    alike(&repo, &["specs/login.md"]);
}

#[test]
fn the_work_tree_is_blamed_where_no_revision_is_named() {
    let repo = worked_on();
    repo.edit("src/lock.rs", "rotate_left(3)", "rotate_left(7)");
    repo.edit("specs/auth.md", "30 minutes", "25 minutes");
    for file in ["src/lock.rs", "specs/auth.md"] {
        let found = alike(&repo, &[file]);
        assert!(found.iter().any(|(_, id)| id.bytes().all(|b| b == b'0')), "the edited line isn't committed");
        assert!(!alike(&repo, &["HEAD", file]).iter().any(|(_, id)| id.bytes().all(|b| b == b'0')));
    }
    assert_eq!(report(&repo, repo.path(), &["src/lock.rs"])["rev"], "worktree");
    assert_eq!(report(&repo, repo.path(), &["HEAD", "src/lock.rs"])["rev"], repo.rev("HEAD"));
}

#[test]
fn arguments_come_in_gits_order() {
    let repo = worked_on();
    let expected = report(&repo, repo.path(), &["HEAD~2", "--", "src/lock.rs"]);
    assert_eq!(report(&repo, repo.path(), &["HEAD~2", "src/lock.rs"]), expected);
    assert_eq!(report(&repo, repo.path(), &["src/lock.rs", "HEAD~2"]), expected);
    assert_eq!(report(&repo, repo.path(), &["-L1,2", "HEAD~2", "--", "src/lock.rs"])["lines"][1], expected["lines"][1]);
    assert_eq!(expected["rev"], repo.rev("HEAD~2"));
    let said = repo.spec(&["blame"]).fails(2);
    assert!(said.contains("no file was named") && said.contains("hint: git spec blame"), "{said}");
    let said = repo.spec(&["blame", "a", "b", "c"]).fails(2);
    assert!(said.contains("more than one revision and one file"), "{said}");
}

#[test]
fn files_are_named_relative_to_the_subdirectory() {
    let repo = worked_on();
    let src = repo.path().join("src");
    assert_eq!(report(&repo, &src, &["lock.rs"])["path"], "src/lock.rs");
    assert_eq!(report(&repo, &src, &["../specs/auth.md"])["path"], "specs/auth.md");
    alike_in(&repo, &src, &["lock.rs"]);
    alike_in(&repo, &src, &["HEAD~1", "--", "./lock.rs"]);
}

#[test]
fn commits_that_are_to_be_ignored_are_looked_through() {
    let repo = worked_on();
    let indent = repo.rev("HEAD~2");
    repo.write("ignored", format!("# only white space\n{indent}\n"));
    let plain = alike(&repo, &["HEAD~2", "src/lock.rs"]);
    let looked_through = alike(&repo, &["--ignore-rev", &indent, "HEAD~2", "src/lock.rs"]);
    assert_ne!(looked_through, plain);
    assert_eq!(alike(&repo, &["--ignore-revs-file=ignored", "HEAD~2", "src/lock.rs"]), looked_through);
    repo.git(&["config", "blame.ignoreRevsFile", "ignored"]);
    assert_eq!(alike(&repo, &["HEAD~2", "src/lock.rs"]), looked_through);
    alike(&repo, &["HEAD~2", "specs/auth.md"]);
}

#[test]
fn a_configured_list_that_is_not_there_hinders_nobody_and_one_asked_for_does() {
    let repo = worked_on();
    let plain = alike(&repo, &["src/lock.rs"]);
    repo.git(&["config", "blame.ignoreRevsFile", "no-such-list"]);
    assert!(repo.git_in(repo.path(), &["blame", "src/lock.rs"]).is_err(), "git gives up here");
    let report = report(&repo, repo.path(), &["src/lock.rs"]);
    let ids: Vec<&str> = plain.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(each(&report["lines"], "/commit"), ids);
    let said = repo.spec(&["blame", "--ignore-revs-file", "other-list", "src/lock.rs"]).fails(2);
    assert!(said.contains("other-list"), "{said}");
}

#[test]
fn a_spec_file_is_told_clause_by_clause() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit_as("Ann <ann@example.org>", "Lock sooner");
    repo.edit("specs/auth.md", "A session MUST end after 30 minutes", "A session MUST\nend after 30 minutes");
    repo.commit_as("Bob <bob@example.org>", "Wrap");
    insta::assert_snapshot!(repo.spec(&["blame", "specs/auth.md"]).ok(), @r#"
    Authentication
      introduced c6fff7c (2023-11-14, A U Thor)
    c6fff7c A U Thor 2023-11-14  1  # Authentication
            "        "           2
            "        "           3  Who may come in.
    c6fff7c A U Thor 2023-11-14  4

    AUTH-1  Lockout
      introduced c6fff7c (2023-11-14, A U Thor), meaning last changed 6d5204c (2023-11-15, Ann)
    c6fff7c A U Thor 2023-11-14  5  ## Lockout {#AUTH-1}
            "        "           6
    6d5204c Ann      2023-11-15  7  The system MUST lock an account after 3 failed attempts within ten minutes.
    c6fff7c A U Thor 2023-11-14  8

    AUTH-2  Sessions
      introduced c6fff7c (2023-11-14, A U Thor)
    c6fff7c A U Thor 2023-11-14  9  ## Sessions {#AUTH-2}
            "        "          10
    1396388 Bob      2023-11-16 11  A session MUST
            "        "          12  end after 30 minutes without any activity of its user.
    c6fff7c A U Thor 2023-11-14 13

    Reset
      introduced c6fff7c (2023-11-14, A U Thor)
    c6fff7c A U Thor 2023-11-14 14  ## Reset
            "        "          15
            "        "          16  A reset link SHOULD expire after one hour of its creation.
    "#);
}

#[test]
fn wrapping_changes_the_text_and_not_the_meaning() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "A session MUST end", "A session MUST\nend");
    repo.commit("Wrap");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    let report = report(&repo, repo.path(), &["specs/auth.md"]);
    let subjects = |moment: &str| {
        each(&report["clauses"], &format!("/{moment}/subject")).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let first = "Write the specification down";
    assert_eq!(each(&report["clauses"], "/clause/anchor"), ["authentication", "AUTH-1", "AUTH-2", "reset"]);
    assert_eq!(subjects("introduced"), [first; 4]);
    assert_eq!(subjects("last_meaning_change"), [first, "Lock sooner", first, first]);
    assert_eq!(subjects("last_text_change"), [first, "Lock sooner", "Wrap", first]);
}

#[test]
fn a_range_of_lines_tells_of_its_clauses_only() {
    let repo = Repo::auth();
    let report = report(&repo, repo.path(), &["-L", "9,11", "specs/auth.md"]);
    assert_eq!(each(&report["clauses"], "/clause/anchor"), ["AUTH-2"]);
    assert_eq!(report["lines"].as_array().unwrap().len(), 3);
}

#[test]
fn a_line_whose_commit_has_no_link_says_so_and_one_that_came_with_clauses_is_inferred() {
    let repo = worked_on();
    insta::assert_snapshot!(repo.spec(&["blame", "HEAD~3", "src/lock.rs"]).ok(), @r"
    3d8e7af -       no link  1  fn first_function_of_the_file(argument: u32) -> u32 {
    c5029b1 ~AUTH-1 inferred 2      argument.wrapping_mul(17).wrapping_add(5)
    3d8e7af -       no link  3  }
    3d8e7af -       no link  4
    3d8e7af -       no link  5  fn second_function_of_the_file(argument: u32) -> u32 {
    3d8e7af -       no link  6      argument.rotate_left(3).wrapping_sub(99)
    3d8e7af -       no link  7  }
    ");
    let report = report(&repo, repo.path(), &["HEAD~3", "src/lock.rs"]);
    let inferred: Vec<bool> =
        report["lines"].as_array().unwrap().iter().map(|line| line["inferred"].as_bool().unwrap()).collect();
    assert_eq!(inferred, [false, true, false, false, false, false, false]);
    assert_eq!(report["lines"][1]["inferred_from"], serde_json::json!(["AUTH-1"]));
}

#[test]
fn code_is_blamed_even_where_there_is_no_specification() {
    let repo = Repo::new();
    repo.write("main.c", "int main(void) { return 0; }\n");
    repo.commit("Code alone");
    alike(&repo, &["main.c"]);
    let text = repo.spec(&["blame", "main.c"]).ok();
    assert!(text.contains("no link"), "{text}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let repo = Repo::auth();
    let said = repo.spec(&["blame", "nowhere.md"]).fails(2);
    assert!(said.starts_with("error: no file nowhere.md in HEAD\n"), "{said}");
    let said = repo.spec(&["blame", "HEAD", "--", "nowhere.md"]).fails(2);
    assert!(said.contains("nowhere.md"), "{said}");
    let said = repo.spec(&["blame", "nothing", "--", "specs/auth.md"]).fails(2);
    assert!(said.contains("unknown revision nothing"), "{said}");
    let said = repo.spec(&["blame", "-L", "500,600", "specs/auth.md"]).fails(2);
    assert!(said.contains("has only 15 lines"), "{said}");
}

#[test]
fn authors_are_shown_with_the_day_in_their_own_zone() {
    let repo = Repo::auth();
    repo.write(".mailmap", "Renamed Author <new@example.org> <author@example.org>\n");
    let report = report(&repo, repo.path(), &["specs/auth.md"]);
    assert_eq!(report["lines"][0]["author"], "Renamed Author");
    assert_eq!(report["lines"][0]["date"], "2023-11-14");
}

#[test]
fn of_two_versions_in_a_squash_the_one_that_holds_is_shown() {
    let repo = Repo::auth();
    let old = repo.spec_line("AUTH-1");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Sooner");
    let new = repo.spec_line("AUTH-1");
    repo.write("src/lock.rs", "fn lock() {}\n");
    let lines = [&old, &new].map(|line| format!("* Lock\n\n{line}\n\n")).concat();
    repo.commit(&format!("All of it (#12)\n\n{lines}Co-authored-by: Bob <bob@example.org>"));
    let report = report(&repo, repo.path(), &["src/lock.rs"]);
    assert_eq!(each(&report["lines"][0]["links"], "/freshness"), ["fresh"], "{report}");
    let text = repo.spec(&["blame", "src/lock.rs"]).ok();
    assert!(text.contains(" AUTH-1 v1:") && text.contains(" fresh ") && !text.contains('+'), "{text}");
}

#[test]
fn a_clause_that_was_renumbered_is_shown_with_its_present_name() {
    let repo = Repo::auth();
    repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    repo.edit("specs/auth.md", "{#AUTH-1}", "{#AUTH-7}");
    repo.edit("specs/auth.md", "## Sessions", "## Captcha {#AUTH-1}\n\nA user MUST solve a captcha.\n\n## Sessions");
    repo.commit("Renumber");
    assert!(repo.spec(&["blame", "src/lock.rs"]).ok().contains(" AUTH-1 (now AUTH-7) v1:"));
    let report = report(&repo, repo.path(), &["src/lock.rs"]);
    assert_eq!(each(&report["lines"][0]["links"], "/now_anchor"), ["AUTH-7"]);
    assert_eq!(each(&report["lines"][0]["links"], "/now_path"), ["specs/auth.md"]);
    repo.edit(
        "specs/auth.md",
        "## Lockout {#AUTH-7}\n\nThe system MUST lock an account after 5 failed attempts within ten minutes.\n\n",
        "",
    );
    repo.commit("Drop it");
    let gone = repo.spec(&["blame", "--json", "src/lock.rs"]).json();
    assert!(gone["lines"][0]["links"][0]["now_anchor"].is_null(), "{gone}");
}
