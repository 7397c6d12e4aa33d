//! What is broken, hostile or missing gets a clear message or a sensible answer, and never a panic.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::io::Read as _;
use std::process::Stdio;

use support::{AUTH, Answer, Repo, changes, each, run};

#[track_caller]
fn contains(answer: &Answer, status: i32, parts: &[&str]) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.stderr.starts_with("error: "), "{answer:?}");
    for part in parts {
        assert!(answer.stderr.contains(part), "no {part:?} in {answer:?}");
    }
}

const COMMANDS: [&[&str]; 7] = [
    &["ls"],
    &["grep", "x"],
    &["show", "AUTH-1"],
    &["diff"],
    &["log"],
    &["log", "--clause", "AUTH-1"],
    &["blame", "specs/auth.md"],
];

#[test]
fn not_a_repository() {
    let repo = Repo::new();
    let outside = repo.beside("outside");
    std::fs::create_dir(&outside).unwrap();
    for command in COMMANDS.iter().chain(&[&["init"][..]]) {
        let said = repo.spec_in(&outside, command).fails(2);
        insta::allow_duplicates! { insta::assert_snapshot!(said, @r"
        error: not a git repository (or any of the parent directories)
        hint: change into a repository, or name one: git -C DIRECTORY spec …
        "); }
    }
}

#[test]
fn no_specification() {
    let repo = Repo::new();
    repo.write("main.c", "int main(void) { return 0; }\n");
    repo.commit("Code");
    for command in COMMANDS.iter().filter(|command| command[0] != "blame") {
        let answer = repo.spec(command);
        contains(
            &answer,
            3,
            &["no specification found at HEAD", "hint: looked for openspec/specs/**/spec.md", ".sdoc"],
        );
        assert_eq!(answer.stdout, "");
        assert!(answer.stderr.lines().all(|line| line.chars().count() <= 80), "{}", answer.stderr);
    }
}

#[test]
fn a_branch_without_commits() {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    repo.git(&["add", "-A"]);
    assert_eq!(repo.spec(&["ls"]).ok().lines().count(), 5);
    assert!(repo.spec(&["grep", "failed"]).ok().contains("AUTH-1"));
    let report = repo.spec(&["diff", "--json"]).json();
    assert_eq!(changes(&report), ["added authentication", "added AUTH-1", "added AUTH-2", "added reset"]);
    assert_eq!((&report["from"], &report["to"]), (&"empty".into(), &"worktree".into()));
    assert_eq!(changes(&repo.spec(&["diff", "--cached", "--json"]).json()).len(), 4);
    assert_eq!(repo.spec(&["diff", "--exit-code"]).status, 1, "an empty side is not incomplete");
    for command in [&["log"][..], &["show", "AUTH-1"], &["log", "--clause", "AUTH-1"]] {
        contains(&repo.spec(command), 2, &["has no commits yet", "hint: "]);
    }
}

#[test]
fn the_branch_without_commits_is_named() {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "-b", "new-branch"]);
    repo.write("specs/auth.md", AUTH);
    repo.git(&["add", "-A"]);
    contains(&repo.spec(&["log"]), 2, &["new-branch"]);
}

#[test]
fn an_untracked_specification_on_a_branch_without_commits() {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    assert_eq!(repo.spec(&["ls"]).ok().lines().count(), 5);
}

#[test]
fn a_configuration_that_is_no_toml() {
    let repo = Repo::auth();
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/**\"\n");
    insta::assert_snapshot!(repo.spec(&["ls"]).fails(2), @r#"
    error: .gitspec.toml: unclosed array, expected `]`
       ╭─[.gitspec.toml:2:22]
     1 │ [spec]
     2 │ include = ["specs/**"
       ·                      ▲
       ╰────
    hint: mend the line: docs/policy.md has all keys
    "#);
}

#[test]
fn a_configuration_with_an_unknown_key() {
    let repo = Repo::auth();
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/**/*.md\"]\nexlude = []\n");
    insta::assert_snapshot!(repo.spec(&["ls"]).fails(2), @r#"
    error: .gitspec.toml: unknown key exlude
       ╭─[.gitspec.toml:3:1]
     2 │ include = ["specs/**/*.md"]
     3 │ exlude = []
       · ──────
       ╰────
    hint: did you mean exclude?
    "#);
}

#[test]
fn a_configuration_with_a_wrong_value_or_bytes() {
    let repo = Repo::auth();
    repo.write(".gitspec.toml", "[spec]\ninclude = \"specs/**/*.md\"\n");
    contains(&repo.spec(&["ls"]), 2, &[".gitspec.toml", "include = \"specs/**/*.md\""]);
    repo.write(".gitspec.toml", b"[spec]\ninclude = [\"sp\xe9cs/**\"]\n");
    contains(&repo.spec(&["ls"]), 2, &[".gitspec.toml", "UTF-8"]);
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/[\"]\n");
    contains(&repo.spec(&["ls"]), 2, &[".gitspec.toml", "specs/["]);
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"../outside/*.md\"]\n");
    contains(&repo.spec(&["ls"]), 2, &[".gitspec.toml", "../outside"]);
    repo.write(".gitspec.toml", format!("# {}\n", "x".repeat(1 << 20)));
    contains(&repo.spec(&["ls"]), 2, &[".gitspec.toml", "bytes long"]);
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"\u{1b}[31mred\"]\nwrong\u{202e} = 1\n");
    let answer = repo.spec(&["ls"]);
    assert!(answer.status == 2 && !answer.stderr.contains(['\u{1b}', '\u{202e}']), "{answer:?}");
}

#[test]
fn a_bad_glob_on_the_command_line() {
    let repo = Repo::auth();
    let mut command = repo.spec_command(repo.path());
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "spec.include").env("GIT_CONFIG_VALUE_0", "specs/[");
    contains(&run(command.arg("ls")), 2, &["specs/[", "spec.include"]);
}

#[test]
fn a_specification_that_is_not_utf8() {
    let repo = Repo::new();
    let bytes =
        [b"# Caf\xe9\n\nThe caf\xe9 MUST open at 8 \xff\xfe on every day of the week.\n\n".as_slice(), b"\0\0\xc3"]
            .concat();
    repo.write("specs/cafe.md", &bytes);
    repo.commit("Begin");
    repo.write("specs/cafe.md", bytes.iter().map(|&byte| if byte == b'8' { b'9' } else { byte }).collect::<Vec<u8>>());
    assert!(repo.spec(&["ls"]).ok().contains("Caf\u{fffd}"));
    assert!(repo.spec(&["diff"]).ok().contains("[-8-]{+9+}"));
    repo.spec(&["log"]).ok();
    repo.spec(&["grep", "MUST"]).ok();
    repo.spec(&["blame", "specs/cafe.md"]).ok();
    assert!(repo.spec(&["ls", "--json"]).json()["clauses"][0]["title"].is_string());
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::auth();
    repo.write(
        std::ffi::OsStr::from_bytes(b"specs/caf\xe9.md"),
        "# Odd\n\nAn odd name MUST be no hindrance to anybody.\n",
    );
    repo.commit("Odd");
    let report = repo.spec(&["ls", "--json"]).json();
    assert!(each(&report["clauses"], "/path").contains(&r#""specs/caf\351.md""#), "{report}");
    repo.spec(&["log"]).ok();
    repo.spec(&["diff", "HEAD~1"]).ok();
}

#[test]
fn a_specification_of_50_megabytes() {
    let repo = Repo::auth();
    // A comment, which is cheap to read without optimisation too.
    let filler = format!("<!--\n{}-->\n", "not to be read as a demand MUST be what stands in here\n".repeat(925_000));
    let big = format!("# Big\n\n{filler}\n## Last {{#BIG-2}}\n\nThe end MUST be found.\n");
    assert!(big.len() > 50_000_000);
    repo.write("specs/big.md", big);
    let report = repo.spec(&["diff", "--json"]).json();
    assert_eq!(changes(&report), ["added big", "added BIG-2"]);
}

#[test]
fn a_specification_beyond_the_limit_is_named_and_not_called_removed() {
    let repo = Repo::auth();
    let file = std::fs::OpenOptions::new().write(true).open(repo.path().join("specs/auth.md")).unwrap();
    file.set_len(65 << 20).unwrap();
    let answer = repo.spec(&["diff", "--json"]);
    contains(&answer, 3, &["specs/auth.md", "68157440 bytes"]);
    assert_eq!(changes(&answer.json()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn links_to_devices_and_pipes_are_not_opened() {
    let repo = Repo::auth();
    std::os::unix::fs::symlink("/dev/zero", repo.path().join("specs/zero.md")).unwrap();
    let pipe = repo.path().join("specs/pipe.md");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(repo.spec(&["diff"]).ok(), "");
    repo.git(&["add", "specs/zero.md"]);
    assert_eq!(repo.spec(&["diff"]).ok(), "");
    repo.git(&["commit", "-q", "-m", "Link"]);
    assert_eq!(repo.spec(&["ls"]).ok().lines().count(), 5);
    std::fs::remove_file(repo.path().join("specs/auth.md")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", repo.path().join("specs/auth.md")).unwrap();
    assert_eq!(repo.spec(&["diff", "--json"]).status, 0);
    std::os::unix::fs::symlink("/dev/zero", repo.path().join(".gitspec.toml")).unwrap();
    assert!(repo.spec(&["ls"]).fails(2).contains("error: .gitspec.toml is no regular file"));
}

/// A configuration behind a link is not read, and never taken for none.
#[cfg(unix)]
#[test]
fn a_configuration_that_is_a_link() {
    let repo = Repo::auth();
    let plain = "[spec]\ninclude = [\"specs/**\"]\n[policy]\nrefs = [\"refs/heads/main\"]\n";
    repo.write("real.toml", plain);
    std::os::unix::fs::symlink("real.toml", repo.path().join(".gitspec.toml")).unwrap();
    for command in [&["ls"][..], &["check"], &["status"], &["diff"]] {
        let said = repo.spec(command).fails(2);
        assert!(
            said.contains(".gitspec.toml is no regular file, and no configuration is read through a link"),
            "{said}"
        );
    }
    repo.commit("Link the configuration");
    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    assert!(repo.spec_in(&bare, &["ls"]).fails(2).contains("is no regular file"));
    // a directory of that name is none either; a file is
    std::fs::remove_file(repo.path().join(".gitspec.toml")).unwrap();
    std::fs::create_dir(repo.path().join(".gitspec.toml")).unwrap();
    assert!(repo.spec(&["ls"]).fails(2).contains("is no regular file"));
    std::fs::remove_dir(repo.path().join(".gitspec.toml")).unwrap();
    repo.write(".gitspec.toml", plain);
    assert_eq!(repo.spec(&["ls"]).ok().lines().count(), 5);
}

#[test]
fn a_fence_that_is_never_closed() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "## Sessions", "```\n## Sessions");
    repo.commit("Open a fence");
    assert_eq!(each(&repo.spec(&["ls", "--json"]).json()["clauses"], "/anchor"), ["authentication", "AUTH-1"]);
    let life = repo.spec(&["diff", "--json", "HEAD~1..HEAD"]).json();
    assert_eq!(changes(&life).iter().filter(|change| change.starts_with("removed")).count(), 2);
}

#[test]
fn a_file_in_conflict() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit("specs/auth.md", "5 failed", "7 failed");
    repo.commit("Side");
    repo.git(&["checkout", "-q", "main"]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Main");
    assert!(repo.git_in(repo.path(), &["merge", "side"]).is_err());
    let report = repo.spec(&["diff", "--json"]).json();
    assert_eq!(changes(&report)[0], "modified AUTH-1");
    let after = report["changes"][0]["after"].as_str().unwrap();
    assert!(after.contains("after 3 failed") && after.contains("after 7 failed"), "both sides: {report}");
    assert!(!report.to_string().contains("<<<<<<<"), "the markers are nobody's: {report}");
    let cached = repo.spec(&["diff", "--cached", "--json"]).json();
    assert!(cached["changes"][0]["after"].as_str().unwrap().contains("after 5 failed"), "the first stage: {cached}");
    assert_eq!(repo.spec(&["ls"]).ok().lines().count(), 5);
    repo.spec(&["blame", "specs/auth.md"]).ok();
    repo.spec(&["log"]).ok();
}

#[test]
fn a_table_in_conflict_loses_no_row() {
    let table = |second: &str| {
        let row = |id: u32, what: &str| format!("| 1.{id} | The {what} there now. |\n");
        let rows = [row(1, "x MUST go"), row(2, second), row(3, "z MUST stop"), row(4, "w MUST wait")].concat();
        format!("# Rules\n\n| id | text |\n|---|---|\n{rows}")
    };
    let repo = Repo::new();
    repo.write("specs/rules.md", table("y MUST run"));
    repo.commit("Begin");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("specs/rules.md", table("y MUST walk"));
    repo.commit("Side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("specs/rules.md", table("y MUST fly"));
    repo.commit("Main");
    assert!(repo.git_in(repo.path(), &["merge", "side"]).is_err());
    let report = repo.spec(&["diff", "--json"]).json();
    assert!(!changes(&report).iter().any(|change| change.starts_with("removed")), "{report}");
    assert_eq!(each(&repo.spec(&["diff", "--json"]).json()["changes"], "/kind").len(), changes(&report).len());
}

#[test]
fn escape_codes_reach_no_terminal() {
    let repo = Repo::new();
    let evil = "\u{1b}[31mred\u{1b}]0;title\u{7}\u{9b}2J\u{202e}txet";
    let text = format!("# {evil} {{#ID{evil}}}\n\nThe {evil} MUST be 5 times as {evil} as any other of them.\n");
    repo.write(format!("specs/{}.md", "\u{1b}[2J"), text.clone());
    repo.write("src/x.rs", format!("// {evil}\n"));
    repo.commit_as(&format!("A{evil} <a@example.org>"), &format!("Begin {evil}"));
    repo.write(format!("specs/{}.md", "\u{1b}[2J"), text.replace('5', "6"));
    repo.write(".mailmap", format!("Mapped{evil} <a@example.org>\n"));
    let path = "specs/\u{1b}[2J.md";
    for command in [
        &["ls"][..],
        &["grep", "MUST"],
        &["diff"],
        &["diff", "--stat"],
        &["diff", "--name-only"],
        &["log"],
        &["log", "--oneline"],
        &["log", "--stat"],
        &["blame", path],
        &["blame", "src/x.rs"],
        &["init", "-n"],
        &["show", evil],
        &["show", "nothing like it"],
        &["diff", "no\u{1b}such\u{202e}thing"],
        &["log", "--clause", evil],
    ] {
        let answer = repo.spec(command);
        assert!(!(answer.stdout.clone() + &answer.stderr).is_empty(), "{command:?}");
        for text in [&answer.stdout, &answer.stderr] {
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{command:?}: {text:?}");
        }
    }
    assert!(repo.spec(&["ls"]).ok().contains(r"\x1b[31mred"));
}

#[test]
fn escape_codes_reach_no_reader_of_json() {
    let repo = Repo::new();
    repo.write("specs/a.md", "# A\u{1b}[31m\n\nThis \u{1b}[2J MUST be escaped.\n");
    repo.commit("Begin");
    for command in ["ls", "log", "diff"] {
        assert!(!repo.spec(&[command, "--json"]).ok().contains('\u{1b}'));
    }
}

/// Takes an object out of the repository.
fn lose(repo: &Repo, object: &str) {
    let id = repo.rev(object);
    std::fs::remove_file(repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
}

#[test]
fn a_missing_blob_is_named_and_its_clauses_are_not_called_removed() {
    let repo = Repo::auth();
    repo.write("specs/mail.md", "# Mail\n\nA mail MUST be sent within 10 seconds of its request.\n");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner, ask for mail");
    let id = repo.rev("HEAD:specs/auth.md");
    lose(&repo, "HEAD:specs/auth.md");

    let diff = repo.spec(&["diff", "--json", "HEAD~1..HEAD"]);
    contains(&diff, 3, &["specs/auth.md", &id[..12], "missing"]);
    assert_eq!(changes(&diff.json()), ["added mail"]);
    assert_eq!(diff.json()["documents"], serde_json::json!([{"was": null, "path": "specs/mail.md"}]));

    let log = repo.spec(&["log", "--json"]);
    contains(&log, 3, &[&id[..12]]);
    assert_eq!(changes(&log.json()["entries"][0]), ["added mail"]);

    let ls = repo.spec(&["ls", "--json"]);
    contains(&ls, 3, &[&id[..12]]);
    assert_eq!(each(&ls.json()["clauses"], "/anchor"), ["mail"]);
    contains(&repo.spec(&["diff", "--exit-code", "HEAD~1..HEAD"]), 3, &[&id[..12]]);
}

#[test]
fn a_missing_blob_of_code_is_no_hindrance() {
    let repo = Repo::auth();
    repo.write("src/x.rs", "fn x() {}\n");
    repo.commit("Code");
    lose(&repo, "HEAD:src/x.rs");
    repo.spec(&["ls"]).ok();
    repo.spec(&["log"]).ok();
    repo.spec(&["diff", "HEAD~1..HEAD"]).ok();
}

#[test]
fn a_missing_tree_is_an_incomplete_answer() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    lose(&repo, "HEAD:specs");
    let answer = repo.spec(&["ls"]);
    assert_eq!(answer.status, 3, "{answer:?}");
    assert!(answer.stderr.contains("missing") || answer.stderr.contains("unable to read"), "{answer:?}");
}

#[test]
fn a_clause_that_cannot_be_seen_is_not_called_absent() {
    let repo = Repo::auth();
    repo.write("specs/mail.md", "# Mail\n\n## Sending {#M-1}\n\nA mail MUST be sent within 10 seconds.\n");
    repo.commit("Ask for mail");
    let id = repo.rev("HEAD:specs/auth.md");
    lose(&repo, "HEAD:specs/auth.md");
    let questions: [&[&str]; 5] = [
        &["show", "AUTH-1"],
        &["show", "specs/auth.md#AUTH-1"],
        &["show", "AUTH-1@HEAD~"],
        &["log", "--clause", "AUTH-1"],
        &["start", "AUTH-1"],
    ];
    for question in questions {
        contains(&repo.spec(question), 3, &[&id[..12], "AUTH-1 is not known"]);
    }
    repo.git(&["checkout", "-q", "--", "specs/mail.md"]);
    assert!(repo.spec(&["show", "M-1"]).stdout.contains("10 seconds"));
}

#[test]
fn a_missing_commit_hides_what_is_behind_it_alone() {
    let repo = Repo::auth();
    for number in [4, 3, 2] {
        repo.edit("specs/auth.md", &format!("{} failed", number + 1), &format!("{number} failed"));
        repo.commit(&format!("Lock after {number}"));
    }
    let id = repo.rev("HEAD~2");
    lose(&repo, "HEAD~2");
    for index in ["false", "true"] {
        let setting = format!("spec.index={index}");
        let ask = |question: &[&str], shown: &str| {
            let mut command = repo.spec_command(repo.path());
            let answer = run(command.env("GIT_CONFIG_PARAMETERS", format!("'{setting}'")).args(question));
            contains(&answer, 3, &[&id[..12]]);
            assert!(answer.stdout.contains(shown), "{question:?}: {answer:?}");
        };
        ask(&["ls"], "AUTH-1");
        ask(&["diff", "HEAD~", "HEAD"], "3 → 2");
        ask(&["log", "--oneline", "-n1"], "Lock after 2");
        ask(&["log", "--oneline", "HEAD~..HEAD"], "Lock after 2");
        ask(&["log", "--oneline"], "Lock after 2");
        ask(&["show", "AUTH-1"], "");
    }
}

#[test]
fn replacements_change_no_answer_and_are_told_once() {
    let repo = Repo::auth();
    let plain = repo.spec(&["log", "--json"]).ok();
    let replacement = repo.git(&["commit-tree", "-m", "Replaced", &repo.git(&["mktree"])]);
    repo.git(&["replace", "HEAD", &replacement]);
    for command in
        [&["log", "--json"][..], &["ls"], &["show", "AUTH-1"], &["diff"], &["blame", "HEAD", "specs/auth.md"]]
    {
        let answer = repo.spec(command);
        assert_eq!(answer.status, 0, "{command:?}: {answer:?}");
        assert_eq!(answer.stderr.matches("git replace").count(), 1, "{command:?}: {answer:?}");
    }
    assert_eq!(repo.spec(&["log", "--json"]).stdout, plain);
    assert_eq!(repo.spec(&["ls"]).stdout.lines().count(), 5);
}

/// Enough history that the answer doesn't fit into a pipe.
fn long() -> Repo {
    let repo = Repo::new();
    let clauses = |n: u32| {
        (0..2000)
            .map(|c| format!("## Clause {c}\n\nThe clause {c} MUST be read {n} times by all who come.\n\n"))
            .collect::<String>()
    };
    repo.write("specs/long.md", clauses(1));
    repo.commit("Begin");
    repo.write("specs/long.md", clauses(2));
    repo.commit("Go on");
    repo
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let repo = long();
    for command in
        [&["ls"][..], &["ls", "--json"], &["grep", "MUST"], &["diff", "HEAD~1..HEAD"], &["blame", "specs/long.md"]]
    {
        let mut child =
            repo.spec_command(repo.path()).args(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut start = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut start).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command:?}: {output:?}");
        assert_eq!(output.stderr, b"", "{command:?}");
    }
}

#[test]
fn wrong_use_is_told_with_status_2() {
    let repo = Repo::auth();
    for wrong in [&["no-such-command"][..], &["diff", "--no-such-option"], &["log", "-n", "many"], &["show"], &["grep"]]
    {
        let said = repo.spec(wrong).fails(2);
        assert!(said.starts_with("error: "), "{wrong:?}: {said}");
    }
}

#[test]
fn nothing_named_is_taken_for_an_option_of_git() {
    let repo = Repo::auth();
    repo.write("specs/--output=stolen", "x");
    for hostile in ["--output=stolen", "--upload-pack=touch stolen", "-O/dev/null"] {
        for command in ["log", "diff", "ls", "blame"] {
            assert_ne!(repo.spec(&[command, "--", hostile]).status, 101);
            assert_ne!(repo.spec(&[command, &format!("^{hostile}"), "--"]).status, 0);
        }
    }
    assert!(!repo.path().join("stolen").exists());
}

#[test]
fn wrong_use_says_what_to_type() {
    let repo = Repo::auth();
    let said = |args: &[&str]| repo.spec(args).fails(2);
    insta::assert_snapshot!(said(&["logg"]), @r"
    error: git spec has no command logg
    hint: the nearest is: git spec log
    hint: all commands: git spec -h
    ");
    assert!(said(&["lgo"]).contains("the nearest is: git spec log\n"), "letters that changed places");
    assert!(said(&["hooks", "instal"]).contains("the nearest is: git spec hooks install\n"), "a command's own words");
    assert!(!said(&["frobnicate"]).contains("nearest"), "nothing is near");
    insta::assert_snapshot!(said(&["log", "--colour"]), @r"
    error: git spec log has no option --colour
    hint: the nearest is: git spec log --color
    hint: all options: git spec log -h
    ");
    insta::assert_snapshot!(said(&["diff", "--nam", "--stat"]), @r"
    error: --name-only and --stat do not go together
    hint: all options: git spec diff -h
    ");
    insta::assert_snapshot!(said(&["--json", "log", "-n", "many"]), @r"
    error: --max-count N cannot be many: a whole number is wanted
    hint: all options: git spec log -h
    ");
    insta::assert_snapshot!(said(&["completions", "csh"]), @r"
    error: SHELL cannot be csh
    hint: one of: bash, zsh, fish
    ");
    insta::assert_snapshot!(said(&["show"]), @r"
    error: git spec show needs CLAUSE[@REVISION]
    hint: git spec show CLAUSE[@REVISION]
    hint: all options: git spec show -h
    ");
    assert!(!said(&["lo\u{1b}[31mg"]).contains('\u{1b}'), "what was typed drives no terminal");
}

#[test]
fn a_revision_or_a_file_is_no_clause() {
    let repo = Repo::auth();
    let said = |name: &str| repo.spec(&["show", name]).fails(2);
    insta::assert_snapshot!(said("HEAD"), @r"
    error: HEAD is a revision, not a clause
    hint: show what it did: git spec log -1 -p HEAD
    hint: list its clauses: git spec ls HEAD
    ");
    insta::assert_snapshot!(said("HEAD:specs/auth.md"), @r"
    error: specs/auth.md is a file, not a clause
    hint: list its clauses: git spec ls HEAD -- specs/auth.md
    ");
    insta::assert_snapshot!(said("specs/auth.md"), @r"
    error: specs/auth.md is a file, not a clause
    hint: list its clauses: git spec ls HEAD -- specs/auth.md
    ");
}

#[test]
fn of_a_clause_at_no_revision_the_revision_is_wrong() {
    let repo = Repo::auth();
    for name in ["AUTH-1@v9", "specs/auth.md#AUTH-1@v9", "v9:specs/auth.md#AUTH-1"] {
        let said = repo.spec(&["show", name]).fails(2);
        assert!(said.starts_with("error: unknown revision v9\n"), "{name}: {said}");
    }
    assert!(repo.spec(&["show", "AUTH-99@v9"]).fails(2).starts_with("error: no clause AUTH-99@v9"));
}
