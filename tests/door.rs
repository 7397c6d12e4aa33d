//! The door to Git, read by the letter: what its settings, limits and gaps may not change, and what is said of them.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{AUTH, Answer, Repo, each, run};

/// A repository whose specification moved to another folder.
fn moved() -> Repo {
    let repo = Repo::new();
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"old/**\"]\n");
    repo.write("old/auth.md", AUTH);
    repo.commit("Begin");
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"new/**\"]\n");
    repo.git(&["mv", "old", "new"]);
    repo.commit("Move");
    repo
}

/// The answer with settings as `git -c` gives them.
fn with(repo: &Repo, settings: &str, args: &[&str]) -> Answer {
    run(repo.spec_command(repo.path()).env("GIT_CONFIG_PARAMETERS", settings).args(args))
}

/// A directory with a `git` that does `script` before it is the real one.
fn wrapped(repo: &Repo, script: &str) -> PathBuf {
    let place = repo.beside("wrapped");
    std::fs::create_dir_all(&place).unwrap();
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|directory| directory.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    let whole = format!("#!/bin/sh\n{script}\nexec {} \"$@\"\n", real.display());
    std::fs::write(place.join("git"), whole).unwrap();
    run(Command::new("chmod").arg("+x").arg(place.join("git"))).ok();
    place
}

fn with_path(repo: &Repo, first: &Path, args: &[&str]) -> Answer {
    let rest = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(std::iter::once(first.to_owned()).chain(std::env::split_paths(&rest))).unwrap();
    run(repo.spec_command(repo.path()).env("PATH", path).args(args))
}

/// Takes an object out of the repository.
fn lose(repo: &Repo, object: &str) -> String {
    let id = repo.rev(object);
    std::fs::remove_file(repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    id
}

/// A command of a shell in the repository, behind what the shell does first.
fn in_shell(repo: &Repo, first: &str, words: &str) -> Answer {
    let script = format!("{first}; exec {} {words}", env!("CARGO_BIN_EXE_git-spec"));
    let command = repo.spec_command(repo.path());
    let environment = command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let mut shell = Command::new("sh");
    shell.current_dir(repo.path()).args(["-c", &script]).envs(environment);
    run(&mut shell)
}

#[test]
fn no_setting_ends_a_history_at_a_renamed_folder() {
    let repo = moved();
    let plain = repo.spec(&["log", "--json"]).ok();
    assert_eq!(each(&serde_json::from_str::<serde_json::Value>(&plain).unwrap()["entries"], "/subject"), ["Begin"]);
    for setting in ["'diff.orderFile=no/such/file'", "'diff.ignoreSubmodules=all'", "'diff.external=false'"] {
        for index in ["'spec.index=false'", "'spec.index=true'"] {
            let answer = with(&repo, &format!("{setting} {index}"), &["log", "--json"]);
            assert_eq!((answer.status, &answer.stdout), (0, &plain), "{setting}: {answer:?}");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_search_for_former_names_that_fails_is_a_failure() {
    let repo = moved();
    let git = wrapped(&repo, "case \"$*\" in *--diff-filter=A*) echo 'fatal: out of order' >&2; exit 128;; esac");
    let answer = with_path(&repo, &git, &["log", "--oneline"]);
    assert_eq!(answer.status, 2, "{answer:?}");
    assert!(answer.stderr.contains("out of order"), "{answer:?}");
}

#[test]
fn a_screen_without_end_is_one_of_a_thousand_columns() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    for command in [&["log"][..], &["diff"], &["status"], &["log", "--stat"]] {
        let wide = |columns: &str| run(repo.spec_command(repo.path()).env("COLUMNS", columns).args(command)).ok();
        let widest = wide("999999999999");
        assert!(widest.lines().all(|line| line.chars().count() <= 1000), "{command:?}");
        assert_eq!(widest, wide("1000"), "{command:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_limit_on_files_fails_a_write_and_ends_nothing() {
    let repo = Repo::auth();
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit("Code");
    let plain = with(&repo, "'spec.index=false'", &["log", "--json"]).ok();
    let log = in_shell(&repo, "ulimit -f 0", "log --json");
    assert_eq!((log.status, log.stdout), (0, plain), "{}", log.stderr);
    assert!(log.stderr.contains("the index could not be written"), "{}", log.stderr);
    for words in ["link HEAD AUTH-1", "start AUTH-1", "init --force"] {
        let refused = in_shell(&repo, "ulimit -f 0", words);
        assert_eq!(refused.status, 2, "{words}: {refused:?}");
        // Git's own words, or the system's.
        let says_why = ["too large", "failed to write"].iter().any(|why| refused.stderr.contains(why));
        assert!(refused.stderr.starts_with("error: ") && says_why, "{words}: {refused:?}");
    }
}

#[test]
fn the_lines_of_a_file_that_is_missing_are_left_out() {
    let repo = Repo::auth();
    repo.generate("src/lock.rs", "fn lock() {\n    tries(5);\n}\n", &["AUTH-1"]);
    repo.generate("src/expire.rs", "fn expire() {\n    minutes(30);\n}\n", &["AUTH-2"]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("Tighten");
    let id = lose(&repo, "HEAD:src/lock.rs");
    std::fs::remove_file(repo.path().join("src/lock.rs")).unwrap();
    for command in [&["status"][..], &["impact"], &["impact", "HEAD~1..HEAD"]] {
        let answer = with(&repo, "'spec.index=false'", command);
        assert_eq!(answer.status, 3, "{command:?}: {answer:?}");
        assert!(answer.stderr.contains(&id[..12]), "{command:?}: {answer:?}");
        assert!(answer.stdout.contains("AUTH-1") && answer.stdout.contains("AUTH-2"), "{command:?}: {answer:?}");
    }
    let blame = repo.spec(&["blame", "HEAD", "src/lock.rs"]);
    assert_eq!(blame.status, 3, "{blame:?}");
    assert!(blame.stderr.contains(&id), "{blame:?}");
}

#[test]
fn the_nearest_commands_are_those_that_a_word_begins() {
    let repo = Repo::auth();
    let said = |word: &str| repo.spec(&[word]).fails(2);
    assert!(said("st").contains("the nearest is: git spec status, git spec start\n"), "{}", said("st"));
    assert!(!said("i-am-no-command").contains("nearest"), "{}", said("i-am-no-command"));
}

#[test]
#[cfg(unix)]
fn a_hint_has_the_bytes_that_were_typed() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::auth();
    let word = std::ffi::OsStr::from_bytes(b"no such/latin\xe9.md");
    let said = repo.spec(&[std::ffi::OsStr::new("ls"), word]).fails(2);
    assert!(said.contains(r"-- $'no such/latin\351.md'"), "{said}");
}

#[test]
fn of_a_bad_value_in_gits_configuration_its_place_can_be_asked() {
    let repo = Repo::auth();
    let said = with(&repo, "'spec.include=a['", &["ls"]).fails(2);
    assert!(
        said.contains("spec.include") && said.contains("git config --show-origin --get-all spec.include"),
        "{said}"
    );
}

#[test]
fn help_is_ascii_where_the_locale_is() {
    let repo = Repo::auth();
    for command in ["log", "ls", "blame", "check", "start", "commit"] {
        let help = run(repo.spec_command(repo.path()).env("LC_ALL", "C").args([command, "-h"])).ok();
        assert!(help.is_ascii(), "{command}: {help}");
    }
}

/// A repository with history whose HEAD is a branch without commits.
fn orphan() -> Repo {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["checkout", "-q", "--orphan", "fresh"]);
    repo
}

#[test]
fn beside_an_unborn_branch_other_revisions_answer() {
    let repo = orphan();
    assert_eq!(repo.spec(&["log", "--oneline", "--all"]).ok().lines().count(), 2);
    assert_eq!(repo.spec(&["log", "--oneline", "main"]).ok().lines().count(), 2);
    assert!(repo.spec(&["show", "AUTH-1@main"]).ok().contains("3 failed"));
    assert!(repo.spec(&["show", "main~1:AUTH-1"]).ok().contains("5 failed"));
    assert!(repo.spec(&["show", "AUTH-9@main"]).fails(2).contains("no clause AUTH-9"));
    for command in
        [&["log", "HEAD"][..], &["log", "@"], &["ls", "HEAD", "--"], &["diff", "HEAD"], &["diff", "main..HEAD"]]
    {
        let said = repo.spec(command).fails(2);
        assert!(said.contains("the branch fresh has no commits yet"), "{command:?}: {said}");
    }
    assert!(repo.spec(&["ls", "HEADER", "--"]).fails(2).contains("unknown revision HEADER"));
    // Nothing is left of the specification here.
    repo.git(&["rm", "-q", "-r", "-f", "."]);
    assert!(repo.spec(&["show", "AUTH-1@main"]).ok().contains("3 failed"));
    assert_eq!(repo.spec(&["log", "--oneline", "main"]).ok().lines().count(), 2);
}

#[test]
fn replacements_are_told_beside_errors_too() {
    let repo = Repo::auth();
    let replacement = repo.git(&["commit-tree", "-m", "Replaced", &repo.git(&["mktree"])]);
    repo.git(&["replace", "HEAD", &replacement]);
    for (command, status) in [(&["show", "AUTH-9"][..], 2), (&["ls", "nosuch"], 2), (&["init"], 0), (&["ls"], 0)] {
        let answer = repo.spec(command);
        assert_eq!(answer.status, status, "{command:?}: {answer:?}");
        assert_eq!(answer.stderr.matches("git replace").count(), 1, "{command:?}: {answer:?}");
    }
}

#[test]
fn errors_and_help_are_coloured_as_it_was_asked_for() {
    let repo = Repo::auth();
    let colored = |settings: &str, no_color: &str, args: &[&str]| {
        let mut command = repo.spec_command(repo.path());
        let Answer { stdout, stderr, .. } = run(command
            .env("GIT_CONFIG_PARAMETERS", settings)
            .env("NO_COLOR", no_color)
            .env("TERM", "xterm")
            .args(args));
        (stdout + &stderr).contains('\u{1b}')
    };
    for what in [&["ls", "nosuch"][..], &["bogus"], &["log", "-h"], &["ls", "--bogus"]] {
        let ask = |settings: &str, no_color: &str, flag: &[&str]| colored(settings, no_color, &[flag, what].concat());
        assert!(!ask("'a.b=c'", "", &[]), "{what:?}: no terminal");
        assert!(ask("'a.b=c'", "", &["--color=always"]), "{what:?}");
        assert!(ask("'color.ui=always'", "", &[]), "{what:?}");
        assert!(ask("'color.ui=never' 'color.spec=always'", "", &[]), "{what:?}");
        assert!(!ask("'color.ui=always'", "", &["--no-color"]), "{what:?}");
        assert!(!ask("'color.ui=always'", "1", &[]), "{what:?}");
        assert!(ask("'color.ui=never'", "1", &["--color=always"]), "{what:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_squash_looks_all_its_commits_up_at_once() {
    let processes = |commits: usize| {
        let repo = Repo::auth();
        let start = repo.rev("HEAD");
        for number in 0..commits {
            repo.edit("specs/auth.md", &format!("{} failed", 5 + number), &format!("{} failed", 6 + number));
            repo.commit("Count");
            repo.generate(&format!("src/a{number}.rs"), "fn a() {}\n", &["AUTH-1"]);
        }
        let trace = repo.beside("trace");
        let mut command = repo.spec_command(repo.path());
        let answer = run(command.env("GIT_TRACE", &trace).args(["squash-message", &format!("{start}..HEAD")]));
        assert_eq!(answer.status, 0, "{answer:?}");
        std::fs::read_to_string(trace).unwrap().matches("git cat-file").count()
    };
    assert_eq!(processes(2), processes(6));
}
