//! The hooks of a server: how they come and go, and what is told after a push.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;
use support::server::{POLICY, Server, remote};
use support::{Answer, run};

/// A server without hooks, and `git spec hooks` with these words.
fn bare() -> Server {
    let server = Server::empty(&[]).unwrap();
    std::fs::remove_file(server.bare.join("hooks/pre-receive")).unwrap();
    server
}

fn hooks(server: &Server, words: &[&str]) -> Answer {
    run(server.git().args(["spec", "hooks"]).args(words))
}

fn text(answer: Answer, server: &Server) -> String {
    answer.ok().replace(server.bare.parent().unwrap().to_str().unwrap(), "TOP")
}

#[test]
fn hooks_come_and_go_in_a_repository() {
    let server = bare();
    let place = server.bare.to_str().unwrap();
    insta::assert_snapshot!(text(hooks(&server, &["install", "--server", place]), &server), @r"
    Hooks in TOP/server.git/hooks:
      + pre-receive         installed
      + post-receive        installed
    warning: the default branch refs/heads/main does not exist, so that there is no policy: push to it, or git -C TOP/server.git symbolic-ref HEAD refs/heads/NAME
    ");
    server.repo.write(".gitspec.toml", POLICY);
    server.repo.write("specs/a.md", "# A\n");
    server.unlinked("Begin");
    server.push(&["main"]);
    server.unlinked("Page");
    server.refused(&["main"], &["(require-link)"]);
    insta::assert_snapshot!(text(hooks(&server, &["--server", place]), &server), @r"
    Hooks in TOP/server.git/hooks:
        pre-receive         installed
        post-receive        installed
    ");
    let again = hooks(&server, &["install", "--server", place, "--json"]).json();
    assert!(again["hooks"].as_array().unwrap().iter().all(|hook| hook["done"].is_null() && hook["runs"] == true));
    insta::assert_snapshot!(text(hooks(&server, &["uninstall", "--server", place]), &server), @r"
    Hooks in TOP/server.git/hooks:
      - pre-receive         missing
      - post-receive        missing
    ");
    server.push(&["main"]).ok();
}

#[test]
fn a_hook_that_is_there_runs_first_and_comes_back() {
    let server = bare();
    let seen = server.repo.beside("seen");
    let own = format!("#!/bin/sh\ncat >'{}'\ntest ! -e '{}/no'\n", seen.display(), server.bare.display());
    server.script("pre-receive", &own);
    server.script("post-receive", "#!/bin/sh\necho mine\nexit 1\n");
    let place = server.bare.to_str().unwrap();
    let told = text(hooks(&server, &["install", "--server", place]), &server);
    assert!(
        told.contains("+ pre-receive         installed, after TOP/server.git/hooks/before-spec/pre-receive"),
        "{told}"
    );
    server.repo.write(".gitspec.toml", POLICY);
    server.unlinked("Begin");
    assert!(remote(&server.push(&["main"])).contains("mine"));
    let line = std::fs::read_to_string(&seen).unwrap();
    assert_eq!(line, format!("{} {} refs/heads/main\n", "0".repeat(40), server.at("main")));
    server.unlinked("Page");
    server.refused(&["main"], &["(require-link)"]);
    std::fs::write(server.bare.join("no"), "").unwrap();
    assert_ne!(server.push(&["main:side"]).status, 0, "the one from before refuses too");
    hooks(&server, &["uninstall", "--server", place]).ok();
    assert_eq!(std::fs::read_to_string(server.bare.join("hooks/pre-receive")).unwrap(), own);
    assert!(!server.bare.join("hooks/before-spec").exists());
}

#[test]
fn a_hook_that_an_older_version_kept_runs_and_comes_back() {
    let server = bare();
    let place = server.bare.to_str().unwrap();
    let own = "#!/bin/sh\necho mine, called ${0##*/}\n. \"${0%/*}/words\"\n";
    server.script("words", "echo and beside it\n");
    server.script("pre-receive.before-spec", own);
    // Its script looks for it at the old place, and so does ours until it is installed anew
    server.repo.write("a", "a\n");
    server.repo.commit("Begin");
    server.hook("pre-receive");
    assert!(remote(&server.push(&["main"])).contains("mine, called pre-receive.before-spec"));
    hooks(&server, &["install", "--server", place]).ok();
    assert!(!server.bare.join("hooks/pre-receive.before-spec").exists());
    server.repo.write("a", "b\n");
    server.repo.commit("More");
    let said = remote(&server.push(&["main"]));
    assert!(said.contains("mine, called pre-receive\nand beside it\n"), "{said}");
    hooks(&server, &["uninstall", "--server", place]).ok();
    assert_eq!(std::fs::read_to_string(server.bare.join("hooks/pre-receive")).unwrap(), own);
    assert!(!server.bare.join("hooks/before-spec").exists());
    // Uninstalled without ever having been moved
    server.script("pre-receive.before-spec", own);
    server.hook("pre-receive");
    hooks(&server, &["uninstall", "--server", place]).ok();
    assert_eq!(std::fs::read_to_string(server.bare.join("hooks/pre-receive")).unwrap(), own);
}

#[test]
fn a_kept_hook_that_another_one_would_replace_stops_before_anything_is_written() {
    let server = bare();
    let place = server.bare.to_str().unwrap();
    server.script("post-receive", "#!/bin/sh\necho new\n");
    server.script("before-spec/post-receive", "#!/bin/sh\necho old\n");
    let told = hooks(&server, &["install", "--server", place]).fails(2);
    assert!(told.contains("before-spec/post-receive is in the way"), "{told}");
    assert!(!server.bare.join("hooks/pre-receive").exists());
    // In a directory whose every file runs, what is kept must not run twice
    let parts = server.bare.join("hooks/update.d");
    server.script("update.d/git-spec", "#!/bin/sh\nexit 0\n");
    hooks(&server, &["install", "--server", parts.to_str().unwrap()]).ok();
    let mut files: Vec<_> = std::fs::read_dir(&parts).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["before-spec", "git-spec"]);
}

#[test]
fn hooks_that_nobody_would_run_are_not_installed() {
    let server = bare();
    std::fs::create_dir_all(server.repo.path().join("specs")).unwrap();
    let places =
        [server.bare.with_file_name("typo.git"), server.repo.path().join("specs"), server.bare.join("objects")];
    for place in places {
        let there = place.exists();
        for action in ["install", "status", "uninstall"] {
            let said = hooks(&server, &[action, "--server", place.to_str().unwrap()]);
            assert_eq!(said.status, 2, "{action} {said:?}");
            assert!(said.stderr.contains("is no repository and no directory of hooks"), "{said:?}");
        }
        assert_eq!(place.exists(), there);
    }
    let place = server.bare.join("custom_hooks");
    hooks(&server, &["install", "--server", place.to_str().unwrap()]).ok();
    assert!(place.join("pre-receive").is_file());
}

#[test]
fn hooks_of_one_name_are_a_file_among_others() {
    let server = bare();
    // As Gitea and GitLab lay them out
    for (directory, hook) in [("custom_hooks/pre-receive.d", "pre-receive"), ("hooks/post-receive.d", "post-receive")] {
        let place = server.bare.join(directory);
        std::fs::create_dir_all(&place).unwrap();
        let told = text(hooks(&server, &["install", "--server", place.to_str().unwrap()]), &server);
        assert_eq!(told, format!("Hooks in TOP/server.git/{directory}:\n  + {hook:<18}  installed\n"));
        let mode = place.join("git-spec").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
    }
    // Of the repository as well, and that nothing calls it there
    let told = text(hooks(&server, &["status", "--server", server.bare.to_str().unwrap()]), &server);
    assert!(told.contains("post-receive        installed"), "{told}");
    assert!(told.contains("nothing calls TOP/server.git/hooks/post-receive.d/git-spec"), "{told}");
    server.script("post-receive", "#!/bin/sh\nexec \"$0.d/git-spec\"\n");
    let told = text(hooks(&server, &["status", "--server", server.bare.to_str().unwrap()]), &server);
    assert!(!told.contains("nothing calls"), "{told}");
    std::fs::remove_file(server.bare.join("hooks/post-receive")).unwrap();
    let place = server.bare.join("custom_hooks/pre-receive.d");
    server.script("pre-receive", &format!("#!/bin/sh\nexec '{}/git-spec'\n", place.display()));
    server.repo.write(".gitspec.toml", POLICY);
    server.unlinked("Begin");
    server.push(&["main"]).ok();
    server.unlinked("Page");
    server.refused(&["main"], &["(require-link)"]);
    hooks(&server, &["uninstall", "--server", place.to_str().unwrap()]).ok();
    assert!(!place.join("git-spec").exists());
    // A directory that all repositories share
    let shared = server.repo.beside("shared");
    server.on_server(&["config", "core.hooksPath", shared.to_str().unwrap()]);
    let refused = hooks(&server, &["install", "--server", server.bare.to_str().unwrap()]).fails(2);
    assert!(refused.contains("it lies outside the repository"), "{refused}");
    std::fs::create_dir(&shared).unwrap();
    hooks(&server, &["install", "--server", shared.to_str().unwrap()]).fails(2);
    hooks(&server, &["install", "--force", "--server", shared.to_str().unwrap()]).ok();
    hooks(&server, &["status", "--server", shared.to_str().unwrap()]).ok();
    server.refused(&["main"], &["(require-link)"]);
}

#[test]
fn status_tells_what_keeps_the_hooks_from_protecting() {
    let server = bare();
    let place = server.bare.to_str().unwrap();
    hooks(&server, &["install", "--server", place]).ok();
    let problems = || -> String {
        let report = hooks(&server, &["status", "--server", place, "--json"]).json();
        report["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|problem| problem.as_str().unwrap().to_owned() + "\n")
            .collect()
    };
    server.repo.write("specs/a.md", "# A\n");
    server.repo.commit("Begin");
    server.push(&["main"]);
    assert!(problems().contains("there is no policy, so that nothing is refused"), "{}", problems());
    server.repo.write(".gitspec.toml", POLICY);
    server.repo.commit("Ask");
    server.push(&["main"]);
    assert_eq!(problems(), "");
    server.config("spec.exemptPusher", "ann");
    assert!(problems().contains("git config receive.advertisePushOptions true"));
    server.config("spec.policy", "/nowhere/policy.toml");
    assert!(
        problems().contains("every push is refused: cannot read the policy /nowhere/policy.toml"),
        "{}",
        problems()
    );
    let hook = server.bare.join("hooks/pre-receive");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(problems().contains("hooks/pre-receive is not executable, so Git passes over it"), "{}", problems());
    let script = std::fs::read_to_string(&hook).unwrap();
    assert!(script.contains(&format!("tool={}", env!("CARGO_BIN_EXE_git-spec"))), "{script}");
}

#[test]
fn after_a_push_everybody_can_read_what_the_specification_became() {
    let server = Server::new();
    server.hook("post-receive");
    let before = server.at("main");
    server.repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    server.repo.write(
        "specs/new.md",
        "# New\n\n## Log \u{1b}[31m {#LOG-1}\n\nEach attempt MUST be written down for a year.\n",
    );
    server.repo.commit("Demand more");
    let said = remote(&server.push(&["main", "main:topic"]));
    let said = said.replace(&before[..9], "BEFORE").replace(&server.at("main")[..9], "AFTER");
    insta::assert_snapshot!(said, @r"
    Specification of refs/heads/main from BEFORE to AFTER: ~1 +2
      specs/auth.md
        ~ AUTH-1  Lockout                                           normative: 5 → 3
      specs/new.md
        + New
        + LOG-1   Log \x1b[31m
    ");
    server.linked();
    server.push(&["main"]).ok();
    server.push(&[":topic"]).ok();
}

#[test]
fn post_receive_tells_programs_and_never_fails() {
    let server = Server::new();
    let log = server.repo.beside("told");
    server.script(
        "post-receive",
        &format!(
            "#!/bin/sh\n{} hook post-receive --json >'{}'\necho \"status $?\"\n",
            env!("CARGO_BIN_EXE_git-spec"),
            log.display()
        ),
    );
    server.repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    server.repo.commit("Sooner");
    assert_eq!(remote(&server.push(&["main"])), "status 0\n");
    let told: Value = serde_json::from_str(&std::fs::read_to_string(&log).unwrap()).unwrap();
    assert_eq!(told["schema"], "git-spec/post-receive/1");
    assert_eq!(told["refs"][0]["ref"], "refs/heads/main");
    assert_eq!(told["refs"][0]["changes"][0]["grade"], "normative");
    let tool = env!("CARGO_BIN_EXE_git-spec");
    for broken in [
        "echo nonsense | TOOL hook post-receive",
        "TOOL hook post-receive >&- 2>&-",
        "PATH=/nowhere TOOL hook post-receive",
    ] {
        server.script("post-receive", &format!("#!/bin/sh\n{}\necho \"status $?\"\n", broken.replace("TOOL", tool)));
        server.linked();
        let answer = server.push(&["main"]);
        assert!(answer.status == 0 && remote(&answer).ends_with("status 0\n"), "{answer:?}");
    }
    // A policy that cannot be read any more
    server.config("spec.policy", "policy.toml");
    std::fs::remove_file(server.bare.join("hooks/pre-receive")).unwrap();
    server.linked();
    let answer = server.push(&["main"]);
    assert_eq!(answer.status, 0, "{answer:?}");
}

#[test]
fn what_was_let_through_is_written_down() {
    let server = Server::new();
    server.hook("post-receive");
    let log = server.repo.beside("audit.log");
    server.config("spec.auditLog", log.to_str().unwrap());
    server.config("spec.exemptPusher", "ann");
    server.config("spec.allowRewind", "ann");
    server.config("receive.advertisePushOptions", "true");
    let lines = || -> Vec<Value> {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    server.linked();
    server.push_by("ann", &["main"]).ok();
    assert!(lines().is_empty(), "nothing had to be let through");
    let old = server.at("main");
    let new = server.unlinked("Page");
    assert_eq!(server.push_by("ann", &["main"]).status, 0);
    server.unlinked("Fire");
    assert_eq!(server.push_by("ann", &["-o", "spec.bypass=fire\t\"now\"", "main"]).status, 0);
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    server.repo.commit("Anew");
    assert_eq!(server.push_by("ann", &["-f", "main", "main:release/1"]).status, 0);
    assert_eq!(server.push_by("ann", &[":release/1"]).status, 0);
    let lines = lines();
    let all: Vec<&str> = lines.iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(all, ["exempt", "bypass", "rewind", "delete"]);
    assert_eq!((lines[0]["old"].as_str(), lines[0]["new"].as_str()), (Some(old.as_str()), Some(new.as_str())));
    assert_eq!((lines[0]["findings"].as_u64(), lines[0]["pusher"].as_str()), (Some(1), Some("ann")));
    assert_eq!(lines[1]["reason"], "fire\t\"now\"");
    assert_eq!(lines[3]["ref"], "refs/heads/release/1");
    assert!(lines[0]["repository"].as_str().is_some_and(|path| Path::new(path).ends_with("server.git")));
    // A log that cannot be written stops nothing, and is said
    server.on_server(&["config", "--replace-all", "spec.auditLog", "/nowhere/audit.log"]);
    server.unlinked("More");
    let answer = server.push_by("ann", &["main"]);
    assert!(answer.status == 0 && remote(&answer).contains("cannot write /nowhere/audit.log"), "{answer:?}");
}
