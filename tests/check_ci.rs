//! `git spec check --ci`: which commits a job judges, by what policy, and that the jobs in hooks/ci say what they should.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]
#![allow(clippy::print_stdout, reason = "a skipped test has to say so")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{AUTH, Answer, Repo, run};
use yaml_rust2::{Yaml, YamlLoader};

const POLICY: &str = "[spec]\ninclude = [\"specs/**/*.md\"]\n\n[generated]\npaths = [\"src/**\"]\n\n\
                      [policy]\nrefs = [\"refs/heads/main\"]\n";
const ZERO: &str = "0000000000000000000000000000000000000000";

/// A work tree and a bare repository beside it, with a policy on the default branch of both.
fn team() -> Repo {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    repo.write(".gitspec.toml", POLICY);
    repo.commit("Begin");
    repo.git(&["clone", "-q", "--bare", ".", &repo.beside("bare.git").to_string_lossy()]);
    repo.git(&["remote", "add", "origin", &repo.beside("bare.git").to_string_lossy()]);
    repo
}

/// The same where the release branches are protected as well.
fn team_with_releases() -> Repo {
    let repo = team();
    repo.write(".gitspec.toml", POLICY.replace("\"refs/heads/main\"", "\"refs/heads/main\", \"refs/heads/release/*\""));
    repo.commit("Protect releases");
    push(&repo, "main");
    repo
}

fn bad(repo: &Repo, name: &str) -> String {
    repo.write(format!("src/{name}.rs"), "x\n");
    repo.commit(&format!("Make {name}"))
}

fn push(repo: &Repo, spec: &str) {
    repo.git(&["push", "-q", "--force", "origin", spec]);
}

/// What a job has checked out: a clone at a commit.
fn checkout(repo: &Repo, name: &str, commit: &str, options: &[&str]) -> PathBuf {
    let place = repo.beside(name);
    let url = format!("file://{}", repo.beside("bare.git").display());
    repo.git(&[&["clone", "-q"], options, &[&url, &place.to_string_lossy()]].concat());
    repo.git_in(&place, &["checkout", "-q", "--detach", commit]).unwrap();
    place
}

/// A job with these variables and no others of any host.
fn job(repo: &Repo, place: &Path, words: &[&str], variables: &[(&str, &str)]) -> Answer {
    let mut command = repo.spec_command(place);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["CI", "GITHUB_", "GITEA_", "GITLAB_", "PRE_COMMIT"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    run(command.args(["check", "--ci"]).args(words).envs(variables.iter().copied()))
}

fn event(repo: &Repo, event: &Value) -> String {
    let file = repo.beside("event.json");
    std::fs::write(&file, event.to_string()).unwrap();
    file.to_string_lossy().into_owned()
}

fn action(repo: &Repo, place: &Path, name: &str, told: &Value) -> Answer {
    let file = event(repo, told);
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", name), ("GITHUB_EVENT_PATH", file.as_str())];
    job(repo, place, &["--format", "text"], &variables)
}

fn pushed(before: &str, after: &str, name: &str) -> Value {
    json!({"before": before, "after": after, "ref": format!("refs/heads/{name}"), "repository": {"default_branch": "main"}})
}

/// The subjects of the commits that were refused.
fn refused(answer: &Answer) -> Vec<&str> {
    answer.stdout.lines().filter_map(|line| line.strip_prefix("error: ")?.split('"').nth(1)).collect()
}

#[test]
fn exactly_the_pushed_commits_are_judged() {
    let repo = team();
    let before = bad(&repo, "old");
    push(&repo, "main");
    bad(&repo, "one");
    let after = bad(&repo, "two");
    push(&repo, "main");
    let place = checkout(&repo, "job", &after, &[]);
    let said = action(&repo, &place, "push", &pushed(&before, &after, "main"));
    assert_eq!((said.status, refused(&said)), (1, vec!["Make two", "Make one"]));
    let range = format!("note: judging refs/heads/main: {}..{}\n", &before[..12], &after[..12]);
    assert_eq!(said.stderr, range);

    // A pull request is judged from its base, whatever merge is checked out
    repo.git(&["switch", "-q", "-c", "topic", &before]);
    let head = bad(&repo, "topic");
    push(&repo, "topic");
    repo.git(&["switch", "-q", "--detach", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge", "topic"]);
    repo.git(&["push", "-q", "origin", "HEAD:refs/pull/1/merge"]);
    repo.git_in(&place, &["fetch", "-q", "origin", "refs/pull/1/merge"]).unwrap();
    repo.git_in(&place, &["checkout", "-q", "FETCH_HEAD"]).unwrap();
    let request = json!({"pull_request": {"base": {"sha": after}, "head": {"sha": head, "ref": "topic"}},
                         "repository": {"default_branch": "main"}});
    let said = action(&repo, &place, "pull_request", &request);
    assert_eq!((said.status, refused(&said)), (1, vec!["Make topic"]));

    // The same in GitLab, by a merge request and by a push
    let base = [("GITLAB_CI", "true"), ("CI_COMMIT_SHA", head.as_str())];
    let merge = [("CI_MERGE_REQUEST_DIFF_BASE_SHA", before.as_str()), ("CI_COMMIT_BEFORE_SHA", ZERO)];
    let said = job(&repo, &place, &[], &[base, merge].concat());
    assert_eq!((said.status, refused(&said)), (1, vec!["Make topic"]));
    let branch = [("CI_COMMIT_BEFORE_SHA", before.as_str()), ("CI_COMMIT_BRANCH", "topic")];
    assert_eq!(refused(&job(&repo, &place, &[], &[base, branch].concat())), ["Make topic"]);
    // And anywhere else
    let ends = [("GIT_SPEC_BEFORE", before.as_str()), ("GIT_SPEC_AFTER", head.as_str())];
    assert_eq!(refused(&job(&repo, &place, &[], &ends)), ["Make topic"]);
}

#[test]
fn a_first_push_and_a_forced_one_are_judged_by_what_other_protected_branches_lack() {
    let repo = team_with_releases();
    repo.git(&["switch", "-q", "-c", "side"]);
    bad(&repo, "smuggled");
    push(&repo, "side");
    repo.git(&["switch", "-q", "-c", "release/1"]);
    let tip = bad(&repo, "released");
    push(&repo, "release/1");
    let place = checkout(&repo, "job", &tip, &[]);
    let said = action(&repo, &place, "push", &pushed(ZERO, &tip, "release/1"));
    assert_eq!(refused(&said), ["Make released", "Make smuggled"], "an unprotected branch has judged nothing");
    assert!(said.stderr.contains("it is new; what the default branch lacks"), "{said:?}");
    // A branch that nobody protects is judged by what it alone has
    repo.git(&["push", "-q", "origin", &format!("{tip}:refs/heads/topic")]);
    repo.git(&["push", "-q", "origin", ":refs/heads/release/1"]);
    repo.git_in(&place, &["fetch", "-q", "--prune"]).unwrap();
    assert_eq!(refused(&action(&repo, &place, "push", &pushed(ZERO, &tip, "topic"))), ["Make released"]);
    // The old value of a forced push may be gone
    let gone = "1234567890123456789012345678901234567890";
    let said = action(&repo, &place, "push", &pushed(gone, &tip, "main"));
    said.fails(2);
    let said = action(&repo, &place, "push", &pushed(gone, &tip, "release/1"));
    assert_eq!(refused(&said), ["Make released", "Make smuggled"]);
    assert!(said.stderr.contains("123456789012 is gone, so a push was forced"), "{said:?}");
}

#[test]
fn two_new_branches_do_not_vouch_for_each_other() {
    let repo = team_with_releases();
    repo.git(&["switch", "-q", "-c", "x"]);
    let tip = bad(&repo, "evil");
    repo.git(&["push", "-q", "origin", "x:release/1", "x:release/2"]);
    let place = checkout(&repo, "job", &tip, &[]);
    for name in ["release/1", "release/2"] {
        assert_eq!(refused(&action(&repo, &place, "push", &pushed(ZERO, &tip, name))), ["Make evil"], "{name}");
    }
}

#[test]
fn a_request_from_an_old_commit_is_judged_by_the_branch_that_it_is_for() {
    let repo = team();
    repo.write(".gitspec.toml", POLICY.to_owned() + "require-link = \"warn\"\n");
    let old = repo.commit("Warn first");
    repo.write(".gitspec.toml", POLICY);
    repo.commit("Deny now");
    push(&repo, "main");
    repo.git(&["switch", "-q", "-c", "topic", &old]);
    let head = bad(&repo, "evil");
    push(&repo, "topic");
    let place = checkout(&repo, "job", &head, &[]);
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_COMMIT_SHA", head.as_str()),
        ("CI_COMMIT_BEFORE_SHA", ZERO),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", old.as_str()),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
    ];
    let said = job(&repo, &place, &[], &variables);
    assert_eq!((said.status, refused(&said)), (1, vec!["Make evil"]));
    let told = json!({"pull_request": {"base": {"sha": old, "ref": "main"}, "head": {"sha": head, "ref": "topic"}},
                      "repository": {"default_branch": "main"}});
    assert_eq!(action(&repo, &place, "pull_request", &told).status, 1);
}

#[test]
fn ends_that_say_nothing_are_no_success() {
    let repo = team();
    let tip = bad(&repo, "evil");
    push(&repo, "main");
    let place = checkout(&repo, "job", &tip, &[]);
    for before in [ZERO, "1111111111111111111111111111111111111111"] {
        let said = job(&repo, &place, &[], &[("GIT_SPEC_BEFORE", before)]).fails(2);
        assert!(said.contains("GIT_SPEC_REF is not set"), "{said}");
    }
    for name in ["main", "$CI_REF", "heads/main"] {
        let ends = [("GIT_SPEC_BEFORE", ZERO), ("GIT_SPEC_REF", name)];
        let said = job(&repo, &place, &[], &ends).fails(2);
        assert!(said.contains(&format!("no full name such as refs/heads/main: {name}")), "{said}");
    }
    for before in ["$OLD_REV", "${{ github.event.before }}", "1234567"] {
        let ends = [("GIT_SPEC_BEFORE", before), ("GIT_SPEC_REF", "refs/heads/main")];
        let said = job(&repo, &place, &[], &ends).fails(2);
        assert!(said.contains(&format!("the old value is no full commit id: {before}")), "{said}");
    }
}

#[test]
fn a_name_that_is_no_branch_does_not_let_the_push_vouch_for_itself() {
    let repo = team();
    let before = repo.rev("HEAD");
    let tip = bad(&repo, "evil");
    push(&repo, "main");
    push(&repo, "main:Topic");
    push(&repo, "main~1:refs/heads/side");
    let place = checkout(&repo, "job", &tip, &[]);
    let named =
        |before: &str, name: &str| job(&repo, &place, &[], &[("GIT_SPEC_BEFORE", before), ("GIT_SPEC_REF", name)]);
    for (name, meant) in [
        ("refs/heads/Main", "; perhaps refs/heads/main"),
        ("refs/heads/topic", "; perhaps refs/heads/Topic"),
        ("refs/heads/mian", ""),
        ("refs/tags/v1", ""),
    ] {
        let wrong = format!("names a reference that is not in this checkout: {name}{meant}");
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = flat(&named(ZERO, name).fails(2));
        assert!(said.contains(&format!("{wrong} hint: ")), "{said}");
        // With an old value the commits are known, and only the name is not
        let said = named(&before, name);
        assert_eq!((said.status, refused(&said)), (1, vec!["Make evil"]), "{said:?}");
        assert!(flat(&said.stderr).contains(&wrong), "{said:?}");
    }
    let said = named(ZERO, "refs/heads/side");
    assert!(
        said.stderr.contains(&format!("refs/heads/side, which GIT_SPEC_REF names, does not have {}", &tip[..12])),
        "{said:?}"
    );
    for name in ["refs/heads/main", "refs/heads/Topic"] {
        let said = named(ZERO, name);
        assert!(!said.stderr.contains("GIT_SPEC_REF"), "{said:?}");
    }
}

/// A push to main that was forced, with a looser policy, and what was there before; the clone of a job lacks that.
fn forced() -> (Repo, String, String) {
    let repo = team();
    let begin = repo.rev("HEAD");
    repo.write("README.md", "x\n");
    let before = repo.commit("Go on");
    push(&repo, "main");
    repo.git(&["reset", "-q", "--hard", &begin]);
    repo.write(".gitspec.toml", POLICY.to_owned() + "require-link = \"off\"\n");
    let after = bad(&repo, "free");
    push(&repo, "main");
    (repo, before, after)
}

#[test]
fn a_forced_push_does_not_choose_its_policy() {
    let (repo, before, after) = forced();
    let place = checkout(&repo, "job", &after, &[]);
    let told = pushed(&before, &after, "main");
    let said = action(&repo, &place, "push", &told).fails(2);
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("the push was forced and") && flat.contains("is gone"), "{said}");
    assert!(said.contains(&format!("git fetch origin {before}\n")), "{said}");
    // What is to be typed helps, where the host gives the commit out
    repo.git_in(&place, &["fetch", "-q", "origin", &before]).unwrap();
    assert_eq!(refused(&action(&repo, &place, "push", &told)), ["Make free"]);

    // Of another branch the policy of the default branch is known
    repo.git(&["reset", "-q", "--hard", &before]);
    push(&repo, "main");
    repo.git(&["switch", "-q", "-c", "topic", &after]);
    push(&repo, "topic");
    let place = checkout(&repo, "topic", &after, &[]);
    let gone = "1234567890123456789012345678901234567890";
    let said = action(&repo, &place, "push", &pushed(gone, &after, "topic"));
    assert_eq!((said.status, refused(&said)), (1, vec!["Make free"]));
    // Nor where nobody says which branch it was, or what the default branch is
    let ends = [("GIT_SPEC_BEFORE", gone), ("GIT_SPEC_AFTER", after.as_str())];
    job(&repo, &place, &[], &ends).fails(2);
    repo.git_in(&place, &["remote", "set-head", "origin", "--delete"]).unwrap();
    job(&repo, &place, &[], &[&ends[..], &[("GIT_SPEC_REF", "refs/heads/topic")]].concat()).fails(2);
}

#[test]
fn what_pushes_nothing_is_no_success_but_a_deletion() {
    let repo = team();
    let place = checkout(&repo, "job", "HEAD", &[]);
    let said = action(&repo, &place, "push", &pushed(&repo.rev("HEAD"), ZERO, "topic"));
    assert_eq!((said.status, said.stdout.as_str()), (0, ""));
    assert!(said.stderr.contains("nothing to judge"), "{said:?}");
    let said = action(&repo, &place, "schedule", &Value::Null).fails(2);
    assert!(said.contains("the event schedule pushes no commits") && said.contains("git spec check A..B"), "{said}");
    assert!(job(&repo, &place, &[], &[]).fails(2).contains("GIT_SPEC_BEFORE is not set"));
    let said = action(&repo, &place, "push", &pushed(ZERO, &"1".repeat(40), "main")).fails(2);
    assert!(said.contains("111111111111 is not in this checkout"), "{said}");
    let broken = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_EVENT_PATH", "/no/such/event")];
    assert!(job(&repo, &place, &[], &broken).fails(2).contains("/no/such/event"));
}

#[test]
fn a_shallow_checkout_is_told_what_to_fetch() {
    let repo = team();
    let after = bad(&repo, "one");
    push(&repo, "main");
    let place = checkout(&repo, "job", &after, &["--depth=1"]);
    let said = action(&repo, &place, "push", &pushed(ZERO, &after, "main")).fails(2);
    assert!(said.contains("the checkout is shallow") && said.contains("fetch-depth: 0"), "{said}");
    let gitlab = [("GITLAB_CI", "true"), ("CI_COMMIT_SHA", after.as_str())];
    assert!(job(&repo, &place, &[], &gitlab).fails(2).contains("GIT_DEPTH: 0"));
}

#[test]
fn nobody_loosens_the_policy_for_their_own_commits() {
    let repo = team();
    let before = repo.rev("HEAD");
    repo.write(".gitspec.toml", POLICY.to_owned() + "require-link = \"off\"\n");
    let after = bad(&repo, "free");
    push(&repo, "main");
    let place = checkout(&repo, "job", &after, &[]);
    assert_eq!(refused(&action(&repo, &place, "push", &pushed(&before, &after, "main"))), ["Make free"]);
    // From then on the new one holds
    let next = bad(&repo, "later");
    push(&repo, "main");
    let place = checkout(&repo, "next", &next, &[]);
    assert_eq!(action(&repo, &place, "push", &pushed(&after, &next, "main")).status, 0);
    // One that cannot be read is refused
    repo.write(".gitspec.toml", POLICY.to_owned() + "requre-link = \"off\"\n");
    let broken = repo.commit("Break it");
    push(&repo, "main");
    let place = checkout(&repo, "broken", &broken, &[]);
    assert!(action(&repo, &place, "push", &pushed(&next, &broken, "main")).fails(2).contains("requre-link"));
    // The first one of all is its own judge, and that is said
    let repo = Repo::auth();
    let before = repo.rev("HEAD");
    repo.git(&["clone", "-q", "--bare", ".", &repo.beside("bare.git").to_string_lossy()]);
    repo.git(&["remote", "add", "origin", &repo.beside("bare.git").to_string_lossy()]);
    repo.write(".gitspec.toml", POLICY);
    let after = repo.commit("Adopt");
    push(&repo, "main");
    let place = checkout(&repo, "job", &after, &[]);
    let said = action(&repo, &place, "push", &pushed(&before, &after, "main"));
    assert!(said.status == 0 && said.stderr.contains("nothing before the push has a policy"), "{said:?}");
}

#[test]
fn nobody_brings_a_specification_of_their_own() {
    let repo = team();
    let rest = POLICY.split_once("\n\n").unwrap().1;
    repo.write(".gitspec.toml", rest);
    let base = repo.commit("Detect the specification");
    push(&repo, "main");
    repo.write(".gitspec.toml", format!("[spec]\ninclude = [\"evil/*.md\"]\n{rest}"));
    repo.write("evil/e.md", "# E\n\n## Anything {#E-1}\n\nIt MUST do whatever it likes to do.\n");
    repo.commit("Mine");
    repo.write("src/evil.rs", "x\n");
    repo.git(&["add", "-A"]);
    repo.spec(&["commit", "-q", "-m", "Evil", "--for", "E-1"]).ok();
    let tip = repo.rev("HEAD");
    push(&repo, "main:topic");
    let place = checkout(&repo, "job", &tip, &[]);
    let told = json!({"pull_request": {"base": {"sha": base, "ref": "main"}, "head": {"sha": tip, "ref": "topic"}}});
    let answer = action(&repo, &place, "pull_request", &told);
    assert_eq!(answer.status, 1, "{answer:?}");
    assert!(answer.stdout.contains("(require-resolved)"), "{answer:?}");
}

#[test]
fn an_action_gets_workflow_commands_and_others_text() {
    let repo = team();
    let before = repo.rev("HEAD");
    let after = bad(&repo, "one");
    push(&repo, "main");
    let place = checkout(&repo, "job", &after, &[]);
    let file = event(&repo, &pushed(&before, &after, "main"));
    let actions = [("GITEA_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_EVENT_PATH", file.as_str())];
    assert!(job(&repo, &place, &[], &actions).stdout.starts_with("::error file=src/one.rs,line=1,endLine=1,title="));
    let report = repo.beside("report.sarif");
    let said = job(&repo, &place, &["-f", "sarif", "-o", report.to_str().unwrap()], &actions);
    assert!(said.stdout.starts_with("::error ") && std::fs::read_to_string(&report).unwrap().contains("\"GS001\""));
    let gitlab = [("GITLAB_CI", "true"), ("CI_COMMIT_SHA", after.as_str()), ("CI_COMMIT_BEFORE_SHA", before.as_str())];
    assert!(job(&repo, &place, &[], &gitlab).stdout.starts_with("error: "));
}

fn yaml(path: &str) -> Yaml {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    YamlLoader::load_from_str(&text).unwrap().remove(0)
}

/// Runs lines as a runner does, and ends at the first that fails.
fn bash(repo: &Repo, place: &Path, script: &str, variables: &[(String, String)]) -> Answer {
    let tool = Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap();
    let command = repo.git_command(place);
    let mut bash = std::process::Command::new("bash");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bash.env(name, value),
            None => bash.env_remove(name),
        };
    }
    bash.env("PATH", format!("{}:{}", tool.display(), std::env::var("PATH").unwrap()));
    run(bash
        .current_dir(place)
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .envs(variables.iter().cloned()))
}

/// Runs the steps of the action in a checkout after a push to main, as a runner would; what the last one said.
fn steps(repo: &Repo, place: &Path, sarif: &Path, before: &str, after: &str) -> Answer {
    let file = event(repo, &pushed(before, after, "main"));
    let told = |name: &str| match name {
        "github.event.before" => before.to_owned(),
        "github.action_path" => format!("{}/hooks/ci/github", env!("CARGO_MANIFEST_DIR")),
        other => panic!("{other}"),
    };
    let definition = yaml("hooks/ci/github/action.yml");
    assert_eq!(definition["runs"]["using"].as_str(), Some("composite"));
    let input = |name: &str| match name {
        "directory" => place.to_string_lossy().into_owned(),
        "sarif" => sarif.to_string_lossy().into_owned(),
        name => definition["inputs"][name]["default"].as_str().unwrap().to_owned(),
    };
    let mut last = Answer { stdout: String::new(), stderr: String::new(), status: -1 };
    for step in definition["runs"]["steps"].as_vec().unwrap() {
        assert_eq!(step["shell"].as_str(), Some("bash"));
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "an input belongs into a variable, where it is no code: {script}");
        let host = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_EVENT_PATH", file.as_str())];
        let mut variables: Vec<(String, String)> = host.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec();
        for (name, value) in step["env"].as_hash().unwrap() {
            let expression = value.as_str().unwrap();
            let wanted = expression.trim_start_matches("${{ ").trim_end_matches(" }}");
            let value = wanted.strip_prefix("inputs.").map_or_else(|| told(wanted), &input);
            variables.push((name.as_str().unwrap().to_owned(), value));
        }
        last = bash(repo, repo.path(), script, &variables);
    }
    last
}

#[test]
fn the_action_judges_what_was_pushed_from_a_shallow_checkout() {
    let repo = team();
    let before = repo.rev("HEAD");
    bad(&repo, "one");
    let after = bad(&repo, "two");
    push(&repo, "main");
    let place = checkout(&repo, "job", &after, &["--depth=1"]);
    let sarif = repo.beside("it's.sarif");
    let said = steps(&repo, &place, &sarif, &before, &after);
    assert_eq!(said.status, 1, "{said:?}");
    assert_eq!(said.stdout.matches("::error file=src/").count(), 2, "{said:?}");
    let log: Value = serde_json::from_str(&std::fs::read_to_string(&sarif).unwrap()).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 2);
}

#[test]
fn jobs_fetch_the_old_value_of_a_forced_push() {
    let (repo, before, after) = forced();
    let place = checkout(&repo, "job", &after, &[]);
    let said = steps(&repo, &place, &repo.beside("forced.sarif"), &before, &after);
    assert_eq!((said.status, said.stdout.matches("::error file=src/free.rs").count()), (1, 1), "{said:?}");

    let place = checkout(&repo, "pipeline", &after, &[]);
    let job = &yaml("hooks/ci/gitlab/check.yml")["git-spec-check"];
    let lines = ["before_script", "script"].map(|key| job[key].as_vec().unwrap().iter());
    let script: Vec<&str> = lines.into_iter().flatten().map(|line| line.as_str().unwrap()).collect();
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_COMMIT_SHA", after.as_str()),
        ("CI_COMMIT_BEFORE_SHA", before.as_str()),
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_DEFAULT_BRANCH", "main"),
    ];
    let said = bash(&repo, &place, &script.join("\n"), &variables.map(|(k, v)| (k.to_owned(), v.to_owned())));
    assert_eq!((said.status, refused(&said)), (1, vec!["Make free"]), "{said:?}");
}

#[test]
fn the_job_of_gitlab_judges_and_leaves_a_report() {
    let repo = team();
    let before = repo.rev("HEAD");
    let after = bad(&repo, "one");
    push(&repo, "main");
    let place = checkout(&repo, "job", &after, &[]);
    let definition = yaml("hooks/ci/gitlab/check.yml");
    let job = &definition["git-spec-check"];
    assert_eq!(job["variables"]["GIT_DEPTH"].as_str(), Some("0"));
    let lines =
        |key: &str| job[key].as_vec().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let script = [lines("before_script"), lines("script")].concat().join("\n");
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_COMMIT_SHA", after.as_str()),
        ("CI_COMMIT_BEFORE_SHA", before.as_str()),
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_DEFAULT_BRANCH", "main"),
    ];
    let said = bash(&repo, &place, &script, &variables.map(|(k, v)| (k.to_owned(), v.to_owned())));
    assert_eq!((said.status, refused(&said)), (1, vec!["Make one"]), "{said:?}");
    let file = job["artifacts"]["reports"]["codequality"].as_str().unwrap();
    let report: Value = serde_json::from_str(&std::fs::read_to_string(place.join(file)).unwrap()).unwrap();
    assert_eq!(report[0]["location"]["path"], "src/one.rs");
    assert_eq!(job["artifacts"]["when"].as_str(), Some("always"));
}

/// Runs lines where there is no git-spec, and a cargo that writes down what it is told; that, and how it ended.
fn installing(repo: &Repo, script: &str, variables: &[(&str, &str)]) -> Option<(String, i32)> {
    let bin = repo.beside("bin-without");
    std::fs::create_dir_all(&bin).unwrap();
    let (cargo, told) = (bin.join("cargo"), repo.beside("told"));
    std::fs::write(&cargo, format!("#!/bin/sh\necho \"$@\" > {}\n", told.display())).unwrap();
    std::fs::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    if run(std::process::Command::new("sh").args(["-c", "command -v git-spec"]).env("PATH", &path)).status == 0 {
        println!("skipped: git-spec is on the search path of the system");
        return None;
    }
    let mut bash = std::process::Command::new("bash");
    bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).env("PATH", path).current_dir(repo.path());
    let said = run(bash.envs(variables.iter().copied()));
    Some((std::fs::read_to_string(told).unwrap_or_default().trim_end().to_owned(), said.status))
}

#[test]
fn jobs_build_what_the_workflow_pins_and_no_package_of_that_name() {
    let repo = team();
    let action = yaml("hooks/ci/github/action.yml");
    let script = action["runs"]["steps"][0]["run"].as_str().unwrap();
    let place = format!("{}/hooks/ci/github", env!("CARGO_MANIFEST_DIR"));
    let Some((told, _)) = installing(&repo, script, &[("ACTION", &place)]) else { return };
    let path = told.strip_prefix("install --locked --path ").unwrap();
    assert!(Path::new(path).join("Cargo.toml").is_file(), "{told}");
    let job = &yaml("hooks/ci/gitlab/check.yml")["git-spec-check"];
    let script = job["before_script"][0].as_str().unwrap();
    let pinned = [("GIT_SPEC_SOURCE", "https://example.org/o/git-spec.git"), ("GIT_SPEC_VERSION", "0123abcd")];
    let (told, _) = installing(&repo, &format!("{script}pwd"), &pinned).unwrap();
    assert_eq!(told, "install --locked --git https://example.org/o/git-spec.git --rev 0123abcd git-spec");
    // Without them it says so and ends, and runs nothing of anybody's
    std::fs::remove_file(repo.beside("told")).unwrap();
    let (told, status) = installing(&repo, script, &pinned[..1]).unwrap();
    assert!(told.is_empty() && status != 0, "{told}");
}

#[test]
fn a_pipeline_that_nobody_pushed_is_an_error() {
    let repo = team();
    let (before, after) = (repo.rev("HEAD"), bad(&repo, "one"));
    push(&repo, "main");
    let place = checkout(&repo, "job", &after, &[]);
    let of = |source: &str, old: &str| {
        let variables = [
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_SHA", after.as_str()),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_COMMIT_BEFORE_SHA", old),
            ("CI_PIPELINE_SOURCE", source),
        ];
        job(&repo, &place, &[], &variables)
    };
    for source in ["schedule", "web", "api", "trigger", "pipeline", "chat", "parent_pipeline"] {
        let said = of(source, ZERO).fails(2);
        assert!(said.contains(&format!("a pipeline that was started by {source} pushes no commits")), "{said}");
    }
    for source in ["push", "parent_pipeline"] {
        assert_eq!(refused(&of(source, &before)), ["Make one"], "{source}");
    }
}

#[test]
fn pre_commit_knows_a_hook_for_each_that_it_can_feed() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let stages: Vec<&str> = hooks.as_vec().unwrap().iter().map(|hook| hook["stages"][0].as_str().unwrap()).collect();
    assert_eq!(stages, ["prepare-commit-msg", "commit-msg", "pre-push"]);
    for hook in hooks.as_vec().unwrap() {
        let stage = hook["stages"][0].as_str().unwrap();
        assert_eq!(hook["id"].as_str(), Some(format!("git-spec-{stage}").as_str()));
        assert_eq!(hook["entry"].as_str(), Some(format!("git-spec hook {stage}").as_str()));
    }
    // pre-commit reads the lines of a push itself, and tells them in variables
    let repo = team();
    let (before, after) = (repo.rev("HEAD"), bad(&repo, "one"));
    let told = [
        ("PRE_COMMIT_REMOTE_NAME", "origin"),
        ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"),
        ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main"),
        ("PRE_COMMIT_FROM_REF", before.as_str()),
        ("PRE_COMMIT_TO_REF", after.as_str()),
    ];
    for variables in [&told[..], &told[..3]] {
        let mut command = repo.spec_command(repo.path());
        let said = run(command.args(["hook", "pre-push"]).envs(variables.iter().copied()));
        assert_eq!(said.status, 1, "{said:?}");
        assert!(said.stderr.contains("changes src/one.rs and links no clause"), "{said:?}");
    }
}

#[test]
fn the_pages_about_jobs_name_what_is_there() {
    let page = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/hosting/{name}.md"));
        let text = std::fs::read_to_string(path).unwrap();
        let blocks = text.split("\n```yaml\n").skip(1).map(|part| part.split("\n```").next().unwrap().to_owned());
        blocks.map(|block| YamlLoader::load_from_str(&block).unwrap().remove(0)).collect::<Vec<Yaml>>()
    };
    let workflows = page("github-actions");
    let steps = |steps: &Yaml| steps.as_vec().unwrap().clone();
    let whole = steps(&workflows[0]["jobs"]["check"]["steps"]);
    let plain = steps(&workflows[1]["steps"]);
    for steps in [&whole, &plain] {
        assert_eq!(steps[0]["with"]["fetch-depth"].as_i64(), Some(0));
    }
    let uses = whole[1]["uses"].as_str().unwrap();
    let folder = uses.strip_prefix("OWNER/git-spec/").unwrap().strip_suffix("@VERSION").unwrap();
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("action.yml").is_file());
    assert_eq!(plain[1]["run"].as_str(), Some("git spec check --ci"));
    let pipeline = &page("gitlab-ci")[0];
    let remote = pipeline["include"][0]["remote"].as_str().unwrap();
    let file = remote.split("/VERSION/").nth(1).unwrap();
    assert!(!yaml(file)["git-spec-check"].is_badvalue() && !pipeline["git-spec-check"].is_badvalue());
}
