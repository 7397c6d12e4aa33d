//! `git spec link --from-annotations`: comments in code become links of their own source, or are told why not.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use serde_json::{Value, json};
use support::{Repo, each};

const RULES: &str = "\
# Rules

r[lock.attempts+2]
The system MUST lock an account after 5 failed attempts within ten minutes.

r[lock.time]
The lock MUST last for one hour at least, whatever else happens.
";

fn spec() -> Repo {
    let repo = Repo::new();
    repo.write("specs/rules.md", RULES);
    repo.write("specs/auth.md", support::AUTH);
    repo.write(
        "specs/oft.md",
        "# Items\n\n## Mail\n`req~mail~2`\n\nA mail MUST be sent to the owner of the account at once.\n",
    );
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/**/*.md\"]\n");
    repo.commit("Specify");
    repo
}

fn run(repo: &Repo, args: &[&str]) -> Value {
    let answer = repo.spec(&[&["link", "--json", "--from-annotations"], args].concat());
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{answer:?}");
    answer.json()
}

#[test]
fn comments_of_every_form_become_links_of_the_commits_that_wrote_them() {
    let repo = spec();
    repo.write("src/lock.rs", "// r[impl lock.attempts+2]\nfn lock() {}\n");
    let first = repo.commit("Lock");
    repo.write("src/lock.rs", "// r[impl lock.attempts+2]\nfn lock() {}\n//= specs/auth.md#AUTH-1\nfn more() {}\n");
    repo.write("src/mail.py", "# [impl->req~mail~2]\n# x[verify lock.time] and again x[impl lock.time]\n");
    let second = repo.commit("Mail");
    let dry = run(&repo, &["--dry-run"]);
    assert_eq!((dry["written"].as_bool(), dry["links"].as_array().unwrap().len()), (Some(false), 4), "{dry:#}");
    assert!(repo.git_in(repo.path(), &["rev-parse", "-q", "--verify", "refs/notes/spec"]).is_err());

    let report = run(&repo, &[]);
    let mut links: Vec<(&str, &str)> =
        each(&report["links"], "/commit").into_iter().zip(each(&report["links"], "/anchor")).collect();
    links.sort_by_key(|(commit, anchor)| (*commit != first, *anchor));
    let wanted = [(&first, "lock.attempts"), (&second, "AUTH-1"), (&second, "lock.time"), (&second, "req~mail")];
    assert_eq!(links, wanted.map(|(commit, anchor)| (commit.as_str(), anchor)));
    assert_eq!(each(&report["links"], "/resolution"), ["exact"; 4]);
    assert_eq!(report["untied"], json!([]));
    let blamed = repo.spec(&["blame", "--json", "src/lock.rs"]).json();
    assert_eq!(blamed["lines"][0]["links"][0]["source"], "annotation");
    let note = repo.git(&["notes", "--ref=spec", "show", &first]);
    assert!(note.contains(" by:annotation id:"), "{note}");

    let again = run(&repo, &[]);
    assert_eq!(each(&again["links"], "/already"), ["note"; 4]);
    assert_eq!(repo.git(&["rev-list", "--count", "refs/notes/spec"]), "1");
}

#[test]
fn what_cannot_be_tied_is_listed_with_its_reason() {
    let repo = spec();
    repo.write(
        "src/a.rs",
        "// r[impl lock.attempts+1]\n// r[impl nothing.there]\n//= specs/gone.md#x\n//= https://example.org/rfc#section-1\n\
         // [impl->req~mail~1]\nlet x = a[let y];\n",
    );
    let commit = repo.commit("Code");
    repo.edit(
        "specs/rules.md",
        "# Rules\n",
        "# Rules\n\nr[nothing.there]\nIt MUST be there now, but it was not when the code was written.\n",
    );
    repo.commit("Specify later");
    let report = run(&repo, &[]);
    assert_eq!(report["links"], json!([]));
    let reasons = each(&report["untied"], "/reason");
    assert_eq!(reasons.len(), 5, "{report:#}");
    let at = &commit[..10];
    assert_eq!(reasons[0], format!("it names version 1, and the specification at {at} has version 2"));
    assert_eq!(reasons[1], format!("nothing.there is not in the specification at {at}, the commit of the comment"));
    assert!(reasons[2].contains("specs/gone.md is no file of the specification"));
    assert!(reasons[3].contains("outside the repository"));
    assert!(reasons[4].contains("names version 1"), "{report:#}");
    assert_eq!(report["untied"][0]["line"], 1);
    let text = repo.spec(&["link", "--from-annotations"]).ok();
    assert!(text.contains("src/a.rs:1: r[impl lock.attempts+1]\n  no link: it names version 1"), "{text}");
}

#[test]
fn requirements_of_tasks_are_those_of_the_same_folder() {
    let repo = Repo::new();
    for feature in ["one", "two"] {
        repo.write(
            format!(".kiro/specs/{feature}/requirements.md"),
            format!(
                "# Requirements\n\n### Requirement 1\n\n**User Story:** As a user of {feature}, I want in.\n\n\
                 #### Acceptance Criteria\n\n1. WHEN a user of {feature} comes THEN the system SHALL open the door.\n"
            ),
        );
    }
    repo.commit("Specify");
    repo.write(".kiro/specs/one/tasks.md", "- [ ] 1. Build the door\n  - _Requirements: 1.1, 9.9_\n");
    repo.commit("Plan");
    let report = run(&repo, &["HEAD", "--", ".kiro"]);
    assert_eq!(each(&report["links"], "/path"), [".kiro/specs/one/requirements.md"], "{report:#}");
    assert_eq!(each(&report["untied"], "/text"), ["_Requirements: 9.9_"]);
    assert_eq!(run(&repo, &["--", "src"])["links"], json!([]));
}

#[test]
fn what_stands_in_strings_and_texts_is_no_comment() {
    let repo = spec();
    for (path, text) in [
        ("src/raw.rs", "const S: &str = r#\"\n// r[impl lock.time]\n\"#;\n"),
        ("src/plain.rs", "const S: &str = \"\n// r[impl lock.time]\n\";\n"),
        ("src/doc.rs", "/// To annotate, write `r[impl lock.time]`.\nfn f() {}\n"),
        ("src/t.js", "const s = `\n//= specs/auth.md#AUTH-1\n`;\n"),
        ("src/m.py", "S = \"\"\"\nr[impl lock.time]\n# r[impl lock.time]\n\"\"\"\n"),
        ("src/g.go", "var s = `\n// r[impl lock.time]\n`\n"),
        ("src/h.sh", "cat <<E\n# r[impl lock.time]\nE\n"),
        (
            "HOWTO.md",
            "To annotate, write `r[impl lock.time]` behind // or r[impl lock.time].\n\n    // r[impl lock.time]\n",
        ),
        ("data.json", "{\"a\": \"// r[impl lock.time]\"}\n"),
    ] {
        repo.write(path, text);
    }
    repo.commit("Code");
    let report = run(&repo, &[]);
    assert_eq!((&report["links"], &report["untied"]), (&json!([]), &json!([])), "{report:#}");
}

#[test]
fn a_comment_that_is_only_moved_says_nothing_new() {
    let repo = spec();
    repo.write(
        "src/a.rs",
        "fn lock() {\n//= specs/auth.md#AUTH-1\n    if failures >= 5 {}\n    more(); // r[impl lock.time]\n}\n",
    );
    let first = repo.commit("Code");
    run(&repo, &[]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.edit("specs/rules.md", "one hour", "two hours");
    repo.commit("Specify anew");
    assert!(repo.spec(&["status"]).ok().contains("2 stale"));
    let still = |what: &str| {
        repo.commit(what);
        let report = run(&repo, &[]);
        assert_eq!(each(&report["links"], "/already"), ["note"; 2], "{what}: {report:#}");
        assert_eq!(each(&report["links"], "/commit"), [first.as_str(); 2], "{what}");
    };
    // Indented, with the line around it changed, moved, in a file of another name
    repo.write(
        "src/a.rs",
        "fn lock() {\n    //= specs/auth.md#AUTH-1\n    if failures >= 5 {}\n    more(1); // r[impl lock.time]\n}\n",
    );
    still("Indent");
    repo.write("src/a.rs", "// Moved\nfn more_of_it(all: &[u8]) {\n    more(1);    // r[impl lock.time]\n}\n\nfn lock() {\n        //= specs/auth.md#AUTH-1\n    if failures >= 5 {}\n}\n");
    still("Move");
    repo.git(&["mv", "src/a.rs", "src/b.rs"]);
    repo.edit("src/b.rs", "more(1);    // r[impl lock.time]", "more(1); // r[impl lock.time]");
    still("Rename");
    assert!(repo.spec(&["status"]).ok().contains("2 stale"));
    // One more of it is a new one
    repo.edit("src/b.rs", "    if failures >= 5 {}\n", "    //= specs/auth.md#AUTH-1\n    if failures >= 3 {}\n");
    let second = repo.commit("Lock sooner");
    let report = run(&repo, &[]);
    let links = report["links"].as_array().unwrap();
    let new: Vec<&Value> = links.iter().filter(|link| link["already"].is_null()).collect();
    assert_eq!((new.len(), &new[0]["commit"], &new[0]["anchor"]), (1, &json!(second), &json!("AUTH-1")), "{report:#}");
}

/// A repository in which a comment and its code are stale, and one file beside.
fn stale() -> (Repo, String) {
    let repo = spec();
    repo.write("src/a.rs", LOCK);
    repo.write("src/other.rs", "fn other() {}\n");
    let first = repo.commit("Code");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Specify anew");
    (repo, first)
}

const LOCK: &str = "\
fn before() {}

//= specs/auth.md#AUTH-1
fn lock(failures: u32) {
    if failures >= 5 {}
}
";

fn carriers(repo: &Repo) -> Vec<String> {
    let report = run(repo, &[]);
    assert_eq!(report["untied"], json!([]), "{report:#}");
    each(&report["links"], "/commit").into_iter().map(str::to_owned).collect()
}

#[test]
fn a_comment_that_is_taken_into_another_file_stays_that_of_its_first_commit() {
    type Change = fn(&Repo);
    let ways: [(&str, Change); 5] = [
        ("into a file that is there", |repo| {
            repo.write("src/a.rs", "fn before() {}\n");
            repo.write("src/other.rs", format!("fn other() {{}}\n\n{}", &LOCK[16..]));
        }),
        ("into a new file, and changed", |repo| {
            repo.write("src/a.rs", "fn before() {}\n");
            repo.write("src/lock/deep.rs", "//! New\n\n    //= specs/auth.md#AUTH-1\n    fn lock_it(all: &[u8]) {}\n");
        }),
        ("split in two, the file itself gone", |repo| {
            repo.git(&["rm", "-q", "src/a.rs"]);
            repo.write("src/x.rs", "fn before() {}\n");
            repo.write("src/y.rs", &LOCK[16..]);
        }),
        ("renamed and moved within", |repo| {
            repo.git(&["mv", "src/a.rs", "src/b.rs"]);
            repo.write("src/b.rs", format!("{}\nfn before() {{}}\n", &LOCK[16..]));
        }),
        ("copied with its code", |repo| repo.write("src/copy.rs", &LOCK[16..])),
    ];
    for (way, change) in ways {
        let (repo, first) = stale();
        change(&repo);
        repo.commit(way);
        assert_eq!(carriers(&repo), [first.as_str()], "{way}");
        assert!(repo.spec(&["status"]).ok().contains("1 stale"), "{way}");
        // And once more, on top of that
        repo.write("src/more.rs", "fn more() {}\n");
        repo.git(&["mv", "-k", "src/lock/deep.rs", "src/other.rs", "src/b.rs", "src/y.rs", "src/copy.rs", "."]);
        repo.commit("Move all");
        assert_eq!(carriers(&repo), [first.as_str()], "{way}, and moved");
    }
}

#[test]
fn a_comment_on_other_code_is_new_also_where_its_like_stays() {
    let (repo, first) = stale();
    repo.write("src/web.rs", "//= specs/auth.md#AUTH-1\nfn lock_in_browser() {\n    if failures >= 3 {}\n}\n");
    let second = repo.commit("Lock in the browser");
    let mut both = carriers(&repo);
    both.sort();
    let mut wanted = [first, second];
    wanted.sort();
    assert_eq!(both, wanted);
}

#[test]
fn a_comment_that_a_merge_moves_and_one_that_a_revert_brings_back_are_no_new_ones() {
    let (repo, first) = stale();
    repo.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    repo.write("src/side.rs", "fn side() {}\n");
    repo.commit("Side");
    repo.git(&["merge", "-q", "--no-commit", "main"]);
    repo.write("src/a.rs", "fn before() {}\n");
    repo.write("src/side.rs", format!("fn side() {{}}\n{}", &LOCK[16..]));
    repo.commit("Merge main, and move");
    assert_eq!(carriers(&repo), [first.as_str()]);

    repo.git(&["rm", "-q", "src/side.rs"]);
    repo.commit("Remove the lock");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(carriers(&repo), [first.as_str()]);
}

#[test]
fn a_comment_behind_a_shallow_border_is_listed() {
    let (repo, _) = stale();
    let clone = repo.beside("shallow");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth", "1", &url, &clone.to_string_lossy()]);
    let answer = repo.spec_in(&clone, &["link", "--json", "--from-annotations", "-n"]);
    let report = answer.json();
    assert_eq!(report["links"], json!([]), "{report:#}");
    let reason = report["untied"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("the history is cut off there"), "{reason}");
}

#[test]
fn where_it_cannot_be_told_whether_it_is_a_comment_it_is_listed() {
    let repo = spec();
    repo.write("src/a.xyz", "// r[impl lock.time]\n");
    repo.commit("Code");
    let report = run(&repo, &[]);
    assert_eq!(report["links"], json!([]));
    assert_eq!(each(&report["untied"], "/place"), ["src/a.xyz"], "{report:#}");
    assert!(report["untied"][0]["reason"].as_str().unwrap().contains("the language of the file is not known"));
}

#[test]
fn in_each_language_its_strings_are_left_out_and_its_comments_read() {
    let repo = spec();
    for (path, text) in [
        ("a.sh", "echo it\\'s\n# r[impl lock.time]\n"),
        ("b.sh", "cat <<'E O F'\n# r[verify lock.attempts+2]\nE O F\n"),
        ("c.lua", "s = [==[\n-- r[verify lock.attempts+2]\n]==]\n"),
        ("d.php", "<?php $s = <<<E\n// r[verify lock.attempts+2]\n  E;\n"),
        ("e.yml", "run: |\n  # r[verify lock.attempts+2]\n"),
        ("f.ts", "const s = `${f(`\n// r[verify lock.attempts+2]\n`)}\n// r[verify lock.attempts+2]\n`;\n"),
        ("g.rb", "s = 'a\n# r[verify lock.attempts+2]\n'\n"),
        ("h.cs", "var s = @\"\\\"; var t = @\"\n// r[verify lock.attempts+2]\n\";\n"),
        ("i.bat", "rem [impl->req~mail~2]\r\n"),
    ] {
        repo.write(path, text);
    }
    repo.commit("Code");
    let report = run(&repo, &[]);
    let mut found = each(&report["links"], "/anchor");
    found.sort_unstable();
    assert_eq!(found, ["lock.time", "req~mail"], "{report:#}");
    assert_eq!(report["untied"], json!([]));
    let note = repo.git(&["notes", "--ref=spec", "show", "HEAD"]);
    assert_eq!(note.lines().count(), 2, "{note}");
}

#[test]
fn a_comment_in_another_form_says_nothing_new() {
    let (repo, first) = stale();
    repo.git(&["mv", "specs", "docs"]);
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"docs/**/*.md\", \"specs/**/*.md\"]\n");
    repo.edit("src/a.rs", "//= specs/auth.md#AUTH-1", "//= docs/auth.md#AUTH-1");
    repo.commit("Move the specification");
    let report = run(&repo, &[]);
    assert_eq!(report["untied"], json!([]), "{report:#}");
    assert_eq!(each(&report["links"], "/commit"), [first.as_str()]);
    assert_eq!(each(&report["links"], "/path"), ["specs/auth.md"]);

    repo.write("src/b.rs", "// r[impl lock.time]\nfn time() {}\n");
    let second = repo.commit("Time");
    repo.edit("docs/rules.md", "one hour", "two hours");
    repo.write("src/b.rs", "// rule[verify lock.time]\nfn time() {}\n");
    repo.commit("Rename the prefix");
    let report = run(&repo, &["--", "src/b.rs"]);
    assert_eq!(each(&report["links"], "/commit"), [second.as_str()], "{report:#}");
}

#[test]
fn what_a_person_withdrew_no_comment_brings_back() {
    let repo = spec();
    repo.write("src/lock.rs", "//= specs/auth.md#AUTH-1\nfn lock() {}\n//= specs/auth.md#AUTH-2\nfn end() {}\n");
    let commit = repo.commit("Lock");
    run(&repo, &[]);
    repo.spec(&["unlink", &commit, "AUTH-1"]).ok();
    let report = run(&repo, &[]);
    assert_eq!(each(&report["links"], "/already"), ["withdrawn", "note"]);
    assert!(repo.spec(&["link", "--from-annotations"]).ok().contains("AUTH-1  withdrawn, left out  Lock"));
    let blamed = repo.spec(&["blame", "--json", "src/lock.rs"]).json();
    assert_eq!(each(&blamed["lines"][0]["links"], "/anchor"), ["AUTH-2"]);
    // Whoever means it says so by name, and from then on the comment is right again.
    repo.spec(&["link", &commit, "AUTH-1"]).ok();
    assert_eq!(each(&run(&repo, &[])["links"], "/already"), ["note", "note"]);
}
