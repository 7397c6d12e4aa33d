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
    repo.spec(&["hooks", "install", "--scripts"]);
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

/// A bare repository with a policy of so many more lines, to which the first one was pushed.
#[cfg(unix)]
fn served(more: &str) -> (Repo, std::path::PathBuf) {
    let repo = Repo::auth();
    let generated = "[generated]\npaths = [\"src/**\"]";
    repo.write("src/a.rs", "x\n");
    repo.write(".gitspec.toml", format!("[spec]\ninclude = [\"specs/**\"]\n\n{generated}\n\n[policy]\n{more}"));
    repo.commit("Adopt a policy");
    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", &bare.to_string_lossy()]);
    let installed = repo.spec(&["hooks", "install", "--server", &bare.to_string_lossy()]);
    assert_eq!(installed.status, 0, "{installed:?}");
    repo.git_in(&bare, &["config", "receive.fsckObjects", "true"]).expect("a setting");
    (repo, bare)
}

#[cfg(unix)]
const MAIN: &str = "refs = [\"refs/heads/main\"]\n";

#[cfg(unix)]
fn of_server(repo: &Repo, bare: &Path) -> Answer {
    doctor_in(repo, repo.path(), &["--json", "--server", &bare.to_string_lossy()])
}

#[cfg(unix)]
#[test]
fn a_server_that_protects_is_told_in_one_line() {
    let (repo, bare) = served(MAIN);
    let answer = doctor_in(&repo, &bare, &["--server"]);
    assert!(answer.status == 0 && answer.stdout.starts_with("In order: "), "{answer:?}");
    assert!(answer.stdout.contains("the policy in refs/heads/main:.gitspec.toml"), "{answer:?}");
    assert_eq!(findings(&of_server(&repo, &bare)), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_server_whose_hook_does_not_run() {
    use std::os::unix::fs::PermissionsExt;
    let (repo, bare) = served(MAIN);
    let hook = bare.join("hooks/pre-receive");
    let mode = |mode| std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(mode)).expect("its mode");
    mode(0o644);
    let answer = of_server(&repo, &bare);
    assert_eq!((findings(&answer), answer.status), (vec!["problem hooks".to_owned()], 1));
    assert!(what(&answer, "hooks")["what"].as_str().is_some_and(|what| what.contains("is not executable")));
    mode(0o757);
    let answer = of_server(&repo, &bare);
    assert_eq!(findings(&answer), ["problem owner"]);
    assert!(what(&answer, "owner")["hint"][0].as_str().is_some_and(|hint| hint.starts_with("chmod o-w ")));
    mode(0o755);

    // Without the program that it names, and without one on the search path
    let text = std::fs::read_to_string(&hook).expect("a script");
    let lost = text.replace(env!("CARGO_BIN_EXE_git-spec"), "/no/such/git-spec");
    assert_ne!(text, lost);
    std::fs::write(&hook, lost).expect("it can be written");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let without = std::env::split_paths(&path).filter(|directory| !directory.join("git-spec").exists());
    let path = std::env::join_paths(without).expect("a search path");
    let mut command = repo.spec_command(&bare);
    let answer = run(command.env("PATH", path).args(["doctor", "--json", "--server"]));
    assert!(what(&answer, "hooks")["what"].as_str().is_some_and(|what| what.contains("does not find git-spec")));
    std::fs::write(&hook, text).expect("it can be written");

    std::fs::remove_file(&hook).expect("it can go");
    let answer = of_server(&repo, &bare);
    assert_eq!(findings(&answer), ["problem hooks"]);
    let hint = format!("git spec hooks install --server {}", bare.display());
    assert_eq!(what(&answer, "hooks")["hint"][0], hint);
}

#[cfg(unix)]
#[test]
fn a_program_that_others_may_not_run() {
    use std::os::unix::fs::PermissionsExt;
    let (repo, bare) = served(MAIN);
    let home = repo.beside("home");
    std::fs::create_dir(&home).expect("a directory");
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).expect("its mode");
    std::fs::write(home.join("git-spec"), "#!/bin/sh\n").expect("a program");
    std::fs::set_permissions(home.join("git-spec"), std::fs::Permissions::from_mode(0o755)).expect("its mode");
    let hook = bare.join("hooks/pre-receive");
    let text = std::fs::read_to_string(&hook).expect("a script");
    let moved = text.replace(env!("CARGO_BIN_EXE_git-spec"), &home.join("git-spec").to_string_lossy());
    std::fs::write(&hook, moved).expect("it can be written");
    let answer = of_server(&repo, &bare);
    assert_eq!(findings(&answer), ["warning path"]);
    assert!(what(&answer, "path")["what"].as_str().is_some_and(|what| what.contains(&*home.to_string_lossy())));
}

/// Whether Git refuses a repository with a variable and options that older ones don't know.
fn minds(repo: &Repo, bare: &Path, (name, value): (&str, &str), options: &[&str]) -> bool {
    let mut command = repo.git_command(bare);
    run(command.env(name, value).args(options).arg("rev-parse")).status != 0
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user() {
    let (repo, bare) = served(MAIN);
    if !minds(&repo, &bare, ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"), &[]) {
        eprintln!("skipped: this Git does not ask whose a repository is");
        return;
    }
    let mut command = repo.spec_command(repo.path());
    // By this variable git's own tests make it believe so.
    command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").args(["doctor", "--json", "--server"]);
    let answer = run(command.arg(&bare));
    assert_eq!((findings(&answer), answer.status), (vec!["problem owner".to_owned()], 1), "{answer:?}");
    let hint = what(&answer, "owner")["hint"].to_string();
    assert!(hint.contains("safe.directory") && hint.contains("sudo -u '#"), "{hint}");
    // The files can be looked at all the same
    std::fs::remove_file(bare.join("hooks/pre-receive")).expect("it can go");
    let mut command = repo.spec_command(repo.path());
    command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").args(["doctor", "--json", "--server"]);
    assert_eq!(findings(&run(command.arg(&bare))), ["problem owner", "problem hooks"]);
}

#[cfg(unix)]
#[test]
fn a_policy_of_a_server_that_protects_nothing() {
    let (repo, bare) = served("refs = [\"refs/heads/release/*\"]\n");
    assert_eq!(findings(&of_server(&repo, &bare)), ["warning policy"]);
    let (repo, bare) = served(&format!("{MAIN}since = \"{}\"\n", "1".repeat(40)));
    let answer = of_server(&repo, &bare);
    assert_eq!((findings(&answer), answer.status), (vec!["problem policy".to_owned()], 1));
    let (repo, bare) = served("refz = []\n");
    let answer = of_server(&repo, &bare);
    assert_eq!(findings(&answer), ["problem policy"]);
    assert!(what(&answer, "policy")["what"].as_str().is_some_and(|what| what.contains("every push is refused")));
    repo.git_in(&bare, &["symbolic-ref", "HEAD", "refs/heads/nope"]).expect("a default branch");
    let answer = of_server(&repo, &bare);
    assert!(what(&answer, "policy")["what"].as_str().is_some_and(|what| what.contains("nothing is refused")));
}

#[cfg(unix)]
#[test]
fn settings_of_a_server_that_let_a_push_around_it() {
    let (repo, bare) = served(MAIN);
    let set = |words: &[&str]| repo.git_in(&bare, &[&["config"], words].concat()).expect("a setting");
    let about = |text: &str| {
        let answer = of_server(&repo, &bare);
        let all = answer.json()["findings"].to_string();
        assert!(all.contains(text), "{text} in {all}");
        findings(&answer)
    };
    set(&["receive.fsckObjects", "false"]);
    assert_eq!(about("receive.fsckObjects true"), ["warning settings"]);
    set(&["--unset", "receive.fsckObjects"]);
    set(&["transfer.fsckObjects", "true"]);
    assert_eq!(findings(&of_server(&repo, &bare)), [""; 0]);
    set(&["receive.shallowUpdate", "true"]);
    assert_eq!(about("receive.shallowUpdate false"), ["warning settings"]);
    set(&["--unset", "receive.shallowUpdate"]);
    set(&["transfer.hideRefs", "refs/notes"]);
    assert_eq!(about("hides refs/notes"), ["warning settings"]);
    set(&["--unset", "transfer.hideRefs"]);
    set(&["spec.exemptPusher", "bot"]);
    assert_eq!(about("receive.advertisePushOptions true"), ["warning hooks"]);
    set(&["--unset", "spec.exemptPusher"]);
    set(&["spec.allowRewind", "ann"]);
    set(&["receive.denyNonFastForwards", "true"]);
    assert_eq!(about("spec.allowRewind"), ["warning settings"]);
    set(&["--unset", "receive.denyNonFastForwards"]);
    let elsewhere = repo.beside("elsewhere");
    set(&["core.hooksPath", &elsewhere.to_string_lossy()]);
    // There is no post-receive either, which would tell of the rewinds.
    assert_eq!(about("core.hooksPath sends git to"), ["problem hooks", "problem hooks", "warning hooks"]);
}

#[cfg(unix)]
#[test]
fn a_policy_that_names_nothing_here() {
    let repo = Repo::auth();
    let policy = |more: &str| {
        let generated = "[generated]\npaths = [\"**\"]";
        repo.write(".gitspec.toml", format!("[spec]\ninclude = [\"specs/**\"]\n{generated}\n[policy]\n{more}"));
        doctor(&repo, &["--json"])
    };
    assert_eq!(findings(&policy(MAIN)), ["note hooks"]);
    assert_eq!(findings(&policy("refs = [\"refs/heads/master\"]\n")), ["warning policy", "note hooks"]);
    repo.git(&["update-ref", "refs/remotes/origin/master", "HEAD"]);
    assert_eq!(findings(&policy("refs = [\"refs/heads/master\"]\n")), ["note hooks"]);
    let since = format!("{MAIN}since = \"{}\"\n", "1".repeat(40));
    assert_eq!(findings(&policy(&since)), ["problem policy", "note hooks"]);
}

#[test]
fn a_large_history_without_its_shortcut() {
    let repo = Repo::auth();
    let mut stream = String::new();
    for number in 0..10_000 {
        let from = if number == 0 { "from refs/heads/main^0\n" } else { "" };
        stream += &format!(
            "commit refs/heads/main\ncommitter A <a@example.org> {} +0000\ndata 1\nx\n{from}",
            1_800_000_000 + number
        );
    }
    let mut command = repo.git_command(repo.path());
    let command = command.args(["fast-import", "--quiet"]);
    let fed = assert_cmd::Command::from_std(std::mem::replace(command, std::process::Command::new("true")))
        .write_stdin(stream)
        .output();
    assert!(fed.expect("git runs").status.success());
    let answer = doctor(&repo, &["--json"]);
    assert_eq!(what(&answer, "speed")["hint"][0], "git commit-graph write --reachable --changed-paths");
    repo.git(&["commit-graph", "write", "--reachable"]);
    assert_eq!(findings(&doctor(&repo, &["--json"])), ["note hooks", "note speed"]);
    repo.git(&["commit-graph", "write", "--reachable", "--changed-paths"]);
    assert_eq!(findings(&doctor(&repo, &["--json"])), ["note hooks"]);
}

#[cfg(unix)]
#[test]
fn settings_that_are_misspelt_or_cannot_work() {
    let (repo, bare) = served(MAIN);
    let set = |words: &[&str]| repo.git_in(&bare, &[&["config"], words].concat()).expect("a setting");
    let told = |text: &str| {
        let answer = of_server(&repo, &bare);
        let all = answer.json()["findings"].to_string();
        assert!(all.contains(text), "{text} in {all}");
        findings(&answer)
    };
    set(&["spec.alowRewind", "ann"]);
    assert_eq!(told("spec.alowrewind is no setting of git spec"), ["warning settings"]);
    told("perhaps spec.allowRewind is meant");
    set(&["--unset", "spec.alowRewind"]);
    set(&["spec.deadline", "soon"]);
    assert_eq!(told("spec.deadline is soon"), ["problem settings"]);
    told(&format!("git -C {} config spec.deadline VALUE", bare.display()));
    set(&["--unset", "spec.deadline"]);
    // An audit log that nobody could write
    let log = repo.beside("logs/audit.jsonl");
    set(&["spec.auditLog", &log.to_string_lossy()]);
    assert_eq!(told("is not there, so that exemptions leave no record"), ["problem settings"]);
    std::fs::create_dir(repo.beside("logs")).expect("a directory");
    assert_eq!(findings(&of_server(&repo, &bare)), [""; 0]);
    std::fs::create_dir(&log).expect("a directory");
    assert_eq!(told("spec.auditLog is a directory"), ["problem settings"]);
    set(&["--unset", "spec.auditLog"]);
    // Names that everybody has
    set(&["receive.advertisePushOptions", "true"]);
    set(&["spec.exemptPusher", "*"]);
    assert_eq!(told("which is nobody"), ["warning settings"]);
    set(&["--replace-all", "spec.exemptPusher", "git"]);
    let mut command = repo.spec_command(repo.path());
    command.env("LOGNAME", "git").args(["doctor", "--json", "--server"]);
    let answer = run(command.arg(&bare));
    assert!(what(&answer, "settings")["what"].as_str().is_some_and(|what| what.contains("over SSH everybody")));
}

#[cfg(unix)]
#[test]
fn globs_of_a_policy_that_name_nothing() {
    let (repo, bare) = served(MAIN);
    let policy = |generated: &str, rules: &str| {
        let text = format!("[spec]\ninclude = [\"specs/**\"]\n{generated}\n[policy]\n{MAIN}{rules}");
        repo.write(".gitspec.toml", text);
        repo.commit("Another policy");
        repo.git(&["push", "-q", "--force", &bare.to_string_lossy(), "main"]);
        let answer = of_server(&repo, &bare);
        let here = doctor(&repo, &["--json"]).json()["findings"].to_string();
        let there = answer.json()["findings"].to_string();
        (findings(&answer), here + &there)
    };
    std::fs::rename(bare.join("hooks/pre-receive"), bare.join("hooks/kept")).expect("the hook");
    let hook = |found: Vec<String>| found.into_iter().filter(|line| line != "problem hooks").collect::<Vec<_>>();
    let (found, all) = policy("[generated]\npaths = [\"src\"]\n", "");
    assert_eq!(hook(found), ["warning policy"]);
    assert_eq!(all.matches("names a directory, and nothing that lies in it").count(), 2, "{all}");
    assert!(all.contains("src/**"), "{all}");
    let (found, all) = policy("[generated]\npaths = [\"src/**\", \"web/*.ts\"]\n", "");
    assert_eq!(hook(found), ["note policy"]);
    assert!(all.contains("nothing at the tip matches \\\"web/*.ts\\\" in generated.paths"), "{all}");
    let (found, all) = policy("[generated]\npaths = [\"src/**\"]\nexempt = [\"src/*.rs\"]\n", "");
    assert_eq!(hook(found), ["warning policy"]);
    assert!(all.contains("all that is generated at the tip is exempt"), "{all}");
    let (found, all) = policy("", "");
    assert_eq!(hook(found), ["warning policy"]);
    assert!(all.contains("nothing is generated, so that no commit wants a link"), "{all}");
}

#[cfg(unix)]
#[test]
fn hints_act_on_the_repository_that_was_looked_at() {
    use std::os::unix::fs::PermissionsExt;
    let (repo, bare) = served(MAIN);
    repo.git_in(&bare, &["config", "receive.fsckObjects", "false"]).expect("a setting");
    let answer = of_server(&repo, &bare);
    let hint = format!("git -C {} config receive.fsckObjects true", bare.display());
    assert_eq!(what(&answer, "settings")["hint"][0], hint);
    // Typed elsewhere it helps
    repo.git(&["-C", &bare.to_string_lossy(), "config", "receive.fsckObjects", "true"]);
    assert_eq!(findings(&of_server(&repo, &bare)), [""; 0]);
    let mode = |name: &str, mode| {
        std::fs::set_permissions(bare.join(name), std::fs::Permissions::from_mode(mode)).expect("its mode");
    };
    for name in ["hooks", "config", "."] {
        let old = bare.join(name).metadata().expect("it is there").permissions().mode();
        mode(name, old | 0o002);
        assert_eq!(findings(&of_server(&repo, &bare)), ["problem owner"], "{name}");
        mode(name, old);
    }
    mode("hooks/pre-receive", 0o644);
    let status = repo.spec(&["hooks", "status", "--server", &bare.to_string_lossy()]);
    let flat = status.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(&format!("git spec hooks install --server {}", bare.display())), "{flat}");
    // A hook that was left where core.hooksPath leads away from is no problem
    mode("hooks/pre-receive", 0o755);
    std::fs::create_dir(bare.join("own")).expect("a directory");
    repo.git_in(&bare, &["config", "core.hooksPath", "own"]).expect("a setting");
    assert!(findings(&of_server(&repo, &bare)).contains(&"problem hooks".to_owned()));
    assert_eq!(repo.spec(&["hooks", "install", "--server", &bare.to_string_lossy()]).status, 0);
    let answer = of_server(&repo, &bare);
    assert_eq!((answer.status, what(&answer, "hooks")["level"].as_str()), (0, Some("note")), "{answer:?}");
}

#[cfg(unix)]
#[test]
fn the_administrator_sees_the_line_of_a_broken_policy() {
    let (repo, bare) = served(MAIN);
    let file = repo.beside("policy.toml");
    std::fs::write(&file, "[policy]\nrefs = [\"refs/heads/main\"]\nstail = \"off\"\n").expect("a policy");
    repo.git_in(&bare, &["config", "spec.policy", &file.to_string_lossy()]).expect("a setting");
    let answer = of_server(&repo, &bare);
    assert!(what(&answer, "policy")["what"].as_str().is_some_and(|what| what.contains("line 3: stail")), "{answer:?}");
}

#[cfg(unix)]
#[test]
fn exemptions_that_nobody_writes_down() {
    let (repo, bare) = served(MAIN);
    repo.git_in(&bare, &["config", "spec.allowRewind", "ann"]).expect("a setting");
    assert_eq!(findings(&of_server(&repo, &bare)), [""; 0]);
    std::fs::remove_file(bare.join("hooks/post-receive")).expect("it can go");
    let answer = of_server(&repo, &bare);
    assert_eq!(findings(&answer), ["warning hooks"]);
    assert!(what(&answer, "hooks")["what"].as_str().is_some_and(|what| what.contains("spec.allowRewind")));
    let install = format!("git spec hooks install --server {}", bare.display());
    assert_eq!(what(&answer, "hooks")["hint"][0], install);
    repo.spec(&install.split(' ').skip(2).collect::<Vec<_>>());
    assert_eq!(findings(&of_server(&repo, &bare)), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_repository_that_git_takes_only_by_name() {
    let (repo, bare) = served(MAIN);
    if !minds(&repo, &bare, ("LC_ALL", "C"), &["-c", "safe.bareRepository=explicit"]) {
        eprintln!("skipped: this Git finds every bare repository");
        return;
    }
    let explicit = |words: &[&str]| {
        let mut command = repo.spec_command(repo.path());
        command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "safe.bareRepository");
        run(command.env("GIT_CONFIG_VALUE_0", "explicit").args(words).arg(&bare))
    };
    let answer = explicit(&["doctor", "--json", "--server"]);
    assert_eq!(findings(&answer), [""; 0], "{answer:?}");
    let status = explicit(&["hooks", "status", "--server"]);
    assert!(status.status == 0 && status.stdout.contains("pre-receive         installed"), "{status:?}");
    repo.git_in(&bare, &["config", "receive.fsckObjects", "false"]).expect("a setting");
    let hint = format!("git --git-dir {} config receive.fsckObjects true", bare.display());
    assert_eq!(what(&explicit(&["doctor", "--json", "--server"]), "settings")["hint"][0], hint);
}

#[cfg(unix)]
#[test]
fn hooks_of_a_server_say_whose_repository_it_is_and_what_will_not_run() {
    use std::os::unix::fs::PermissionsExt;
    let (repo, bare) = served(MAIN);
    if minds(&repo, &bare, ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"), &[]) {
        let mut command = repo.spec_command(repo.path());
        command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").args(["hooks", "status", "--server"]);
        let answer = run(command.arg(&bare));
        assert!(answer.status == 2 && answer.stderr.contains("belongs to another user"), "{answer:?}");
        assert!(answer.stderr.contains("' git spec hooks status --server"), "{answer:?}");
    }
    let kept = bare.join("hooks/before-spec/pre-receive");
    std::fs::create_dir(bare.join("hooks/before-spec")).expect("a directory");
    std::fs::write(&kept, "#!/bin/sh\n").expect("a hook");
    std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(0o644)).expect("its mode");
    let status = repo.spec(&["hooks", "status", "--server", &bare.to_string_lossy()]);
    assert!(status.stdout.contains(&format!("chmod +x {}", kept.display())), "{status:?}");
    let answer = of_server(&repo, &bare);
    assert_eq!(findings(&answer), ["warning hooks"]);
    assert_eq!(what(&answer, "hooks")["hint"][0], format!("chmod +x {}", kept.display()));
    std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    let hook = bare.join("hooks/pre-receive");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o775)).expect("its mode");
    let answer = of_server(&repo, &bare);
    assert_eq!(findings(&answer), ["warning owner"]);
    assert_eq!(what(&answer, "owner")["hint"][0], format!("chmod g-w {}", hook.display()));
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    // A group in which others are, which only root can set up here
    let settings = bare.join("config");
    let shared = [bare.clone(), bare.join("hooks"), settings.clone()];
    if shared.iter().all(|path| std::os::unix::fs::chown(path, None, Some(1)).is_ok()) {
        for (path, mode) in shared.iter().zip([0o775, 0o775, 0o664]) {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its mode");
        }
        let answer = of_server(&repo, &bare);
        assert_eq!(findings(&answer), ["warning owner", "warning owner", "note owner"]);
        let hints = answer.json()["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|f| f["hint"].clone())
            .collect::<Vec<_>>();
        assert_eq!(hints[0][0], format!("chmod g-w {}", settings.display()));
        assert_eq!(hints[1][0], format!("chmod g-w {}", shared[1].display()));
        for hint in hints.iter().flat_map(|hint| hint.as_array().expect("lines")).filter_map(Value::as_str) {
            if let Some(words) = hint.strip_prefix("chmod ") {
                assert!(std::process::Command::new("chmod").args(words.split(' ')).status().expect("chmod").success());
            }
        }
        assert_eq!(findings(&of_server(&repo, &bare)), [""; 0]);
    }
    // What is to be typed names the repository once
    repo.git_in(&bare, &["config", "spec.exemptPusher", "bob"]).expect("a setting");
    let hint = what(&of_server(&repo, &bare), "hooks")["hint"][0].clone();
    assert_eq!(hint, format!("git -C {} config receive.advertisePushOptions true", bare.display()));
    repo.git_in(&bare, &["config", "--unset", "spec.exemptPusher"]).expect("a setting");
    // What is told to be next can be typed anywhere
    repo.spec(&["hooks", "uninstall", "--server", &bare.to_string_lossy()]);
    std::fs::remove_file(&hook).ok();
    let status = repo.spec(&["hooks", "status", "--server", &bare.to_string_lossy()]);
    let next = status.stdout.lines().find_map(|line| line.strip_prefix("Next: git spec ")).expect("a command");
    repo.spec(&next.split(' ').collect::<Vec<_>>());
    assert_eq!(findings(&of_server(&repo, &bare)), [""; 0]);
    let updates = bare.join("hooks/update.d");
    std::fs::create_dir(&updates).expect("a directory");
    let installed = repo.spec(&["hooks", "install", "--server", &updates.to_string_lossy()]);
    assert!(!installed.stdout.contains("git spec start"), "{installed:?}");
}

#[cfg(unix)]
#[test]
fn a_repository_of_gitolite_may_be_judged_where_nobody_sees_it() {
    let (repo, bare) = served(MAIN);
    std::fs::remove_file(bare.join("hooks/pre-receive")).expect("the hook");
    assert_eq!(
        (findings(&of_server(&repo, &bare)), of_server(&repo, &bare).status),
        (vec!["problem hooks".to_owned()], 1)
    );
    std::fs::write(bare.join("hooks/update"), "#!/usr/bin/perl\nuse Gitolite::Hooks::Update;\n").expect("a hook");
    let answer = of_server(&repo, &bare);
    assert_eq!((findings(&answer), answer.status), (vec!["warning hooks".to_owned()], 0));
    let told = what(&answer, "hooks")["what"].to_string();
    assert!(told.contains("whether gitolite calls it as a VREF"), "{told}");
}

#[test]
fn a_mode_of_git_that_loses_links_is_told() {
    let repo = Repo::auth();
    repo.spec(&["link", "HEAD", "AUTH-1"]);
    repo.git(&["config", "notes.rewriteRef", "refs/notes/spec"]);
    for (mode, is_told) in [("ignore", true), ("Overwrite", true), ("concatenate", false), ("cat_sort_uniq", false)] {
        repo.git(&["config", "notes.rewriteMode", mode]);
        let said = repo.spec(&["doctor"]);
        let told = said.stdout.contains("git config notes.rewriteMode concatenate");
        assert_eq!(told, is_told, "{mode} {said:?}");
    }
    repo.git(&["config", "notes.rewriteMode", "ignore"]);
    repo.git(&["config", "--unset", "notes.rewriteRef"]);
    assert!(!repo.spec(&["doctor"]).stdout.contains("rewriteMode"));
}
