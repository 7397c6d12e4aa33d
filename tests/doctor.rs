//! What `git spec doctor` finds wrong, and that it finds nothing where nothing is.

#![allow(clippy::expect_used, reason = "a script that fails is a test that fails")]

mod support;

use std::path::Path;

use serde_json::Value;
use support::{Answer, Repo, each, run};

/// Runs doctor with this program on the search path, and outside of any continuous integration.
fn doctor_in(repo: &Repo, directory: &Path, args: &[&str]) -> Answer {
    let program = Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().expect("a directory");
    let mut path = vec![program.to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = repo.spec_command(directory);
    command.env("PATH", std::env::join_paths(path).expect("a search path"));
    run(command.env_remove("CI").env_remove("TF_BUILD").env_remove("JENKINS_URL").arg("doctor").args(args))
}

fn doctor(repo: &Repo, args: &[&str]) -> Answer {
    doctor_in(repo, repo.path(), args)
}

/// The findings, as `level about`.
fn findings(answer: &Answer) -> Vec<String> {
    let all = answer.json()["findings"].clone();
    let pairs =
        each(&all, "/level").into_iter().map(str::to_owned).zip(each(&all, "/about").into_iter().map(str::to_owned));
    pairs.map(|(level, about)| format!("{level} {about}")).collect()
}

fn what(answer: &Answer, about: &str) -> Value {
    let all = answer.json()["findings"].clone();
    let found = all.as_array().expect("findings").iter().find(|finding| finding["about"] == about);
    found.unwrap_or_else(|| panic!("nothing about {about} in {all:#}")).clone()
}

#[test]
fn a_set_up_that_works_is_told_in_one_line() {
    let repo = Repo::auth();
    let answer = doctor(&repo, &[]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(answer.stdout.starts_with("note     hooks: none is installed"), "{}", answer.stdout);
    let last = answer.stdout.lines().last().expect("a line");
    assert!(last.starts_with("In order: git 2.") && last.contains("1 spec file"), "{last}");
}

#[test]
fn a_program_that_git_does_not_find_is_a_problem() {
    let repo = Repo::auth();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let without = std::env::split_paths(&path).filter(|directory| !directory.join("git-spec").exists());
    let path = std::env::join_paths(without).expect("a search path");
    let answer = run(repo.spec_command(repo.path()).env("PATH", path).arg("doctor"));
    let first = answer.stdout.lines().next().expect("a line");
    assert!(first.starts_with("problem  path: git-spec is not on the search path"), "{}", answer.stdout);
    assert_eq!(answer.status, 1);
}

#[test]
fn a_shallow_history_is_a_problem_and_a_job_is_told_what_to_fetch() {
    let repo = Repo::auth();
    repo.write("more.txt", "x");
    repo.commit("More");
    let shallow = repo.beside("shallow");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth=1", &url, &shallow.to_string_lossy()]);
    let answer = doctor_in(&repo, &shallow, &["--json"]);
    assert_eq!(what(&answer, "history")["hint"], serde_json::json!(["git fetch --unshallow"]));
    assert_eq!(answer.status, 1);
    let mut command = repo.spec_command(&shallow);
    let in_job = run(command.env("CI", "true").args(["doctor", "--json"]));
    assert!(what(&in_job, "history")["hint"][1].as_str().is_some_and(|hint| hint.contains("fetch-depth: 0")));
}

#[test]
fn a_configuration_that_says_nothing_true() {
    let repo = Repo::auth();
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/*.md\", \"docs/*.md\"]\n");
    let answer = doctor(&repo, &["--json"]);
    assert!(
        what(&answer, "specification")["what"].as_str().is_some_and(|what| what.contains("docs/*.md")),
        "{answer:?}"
    );
    assert_eq!((findings(&answer).first().map(String::as_str), answer.status), (Some("warning specification"), 0));

    repo.write(".gitspec.toml", "[spec]\ninclude = [\"docs/*.md\"]\n");
    assert_eq!(findings(&doctor(&repo, &["--json"])).first().map(String::as_str), Some("problem specification"));

    repo.write(".gitspec.toml", "[spec]\ninclud = []\n");
    let answer = doctor(&repo, &[]);
    assert!(answer.stdout.starts_with("problem  specification: .gitspec.toml cannot be read"), "{}", answer.stdout);
    assert_eq!(answer.status, 1);
}

#[cfg(unix)]
#[test]
fn a_hook_that_git_passes_over_is_a_problem() {
    use std::os::unix::fs::PermissionsExt;
    let repo = Repo::auth();
    let hook = repo.path().join(".git/hooks/commit-msg");
    repo.spec(&["hooks", "install"]);
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o644)).expect("its mode");
    let answer = doctor(&repo, &["--json"]);
    assert_eq!(findings(&answer), ["problem hooks"]);
    assert!(what(&answer, "hooks")["what"].as_str().is_some_and(|what| what.contains("is not executable")));
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    assert_eq!(findings(&doctor(&repo, &["--json"])), [""; 0]);
    std::fs::remove_file(&hook).expect("it can go");
    assert_eq!(findings(&doctor(&repo, &["--json"])), ["warning hooks"]);
}

#[test]
fn notes_that_may_be_lost() {
    let repo = Repo::auth();
    repo.git(&["notes", "--ref=spec", "add", "-m", "x"]);
    let answer = doctor(&repo, &["--json"]);
    assert_eq!(findings(&answer), ["warning notes", "note hooks"]);
    repo.git(&["config", "notes.rewriteRef", "refs/notes/spec"]);
    assert_eq!(findings(&doctor(&repo, &["--json"])), ["note hooks"]);

    repo.git(&["config", "remote.origin.url", "https://example.org/x"]);
    assert_eq!(findings(&doctor(&repo, &["--json"])), ["note hooks", "note notes"]);
    repo.git(&["config", "remote.origin.fetch", "+refs/notes/*:refs/notes/*"]);
    let answer = doctor(&repo, &["--json"]);
    assert_eq!(findings(&answer), ["problem notes", "note hooks", "note notes"]);
    assert_eq!(answer.status, 1);
}

#[test]
fn it_writes_nothing_but_the_index() {
    let repo = Repo::auth();
    let listed = || {
        let all = run(std::process::Command::new("find").arg(repo.path()).args([
            "-path",
            "*/.git/spec",
            "-prune",
            "-o",
            "-print",
        ]));
        all.stdout
    };
    let before = (listed(), repo.git(&["config", "--list"]));
    doctor(&repo, &[]);
    assert_eq!((listed(), repo.git(&["config", "--list"])), before);
}
