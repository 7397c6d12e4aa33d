//! By the environment that a server lets a client set, and by the kinds of servers that nobody tries first.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::RULE;
use crate::support::run;
use crate::support::server::{POLICY, Server, remote};

/// Pushes to a `git receive-pack` that a line of shell starts, as a server's front door does.
fn push_by(server: &Server, door: &str, words: &[&str]) -> crate::support::Answer {
    let path = server.repo.beside("door");
    std::fs::write(&path, format!("#!/bin/sh\n{door}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let option = format!("--receive-pack={}", path.display());
    run(server.git().args(["push", "-q", &option, "origin"]).args(words))
}

#[test]
fn variables_that_reach_the_hook() {
    // As with `AcceptEnv GIT_*` in sshd_config. Each is tried against a commit without a link, and with a link
    let server = Server::new();
    let good = server.linked();
    let bad = server.unlinked("Page");
    let other = server.repo.path().join(".git");
    let other = other.display();
    let objects = format!("GIT_ALTERNATE_OBJECT_DIRECTORIES={other}/objects");
    for variable in [
        "GIT_NOTES_REF=refs/heads/main",
        "GIT_NOTES_DISPLAY_REF=refs/*",
        "GIT_REPLACE_REF_BASE=refs/heads/",
        "GIT_NO_REPLACE_OBJECTS=",
        &format!("GIT_GRAFT_FILE={other}/HEAD"),
        &objects,
        &format!("GIT_INDEX_FILE={other}/index"),
        &format!("GIT_WORK_TREE={}", server.repo.path().display()),
        "GIT_ATTR_SOURCE=refs/heads/main",
        "GIT_ICASE_PATHSPECS=1",
        "GIT_NOGLOB_PATHSPECS=1",
        "GIT_DIFF_OPTS=-u0",
        "GIT_EXTERNAL_DIFF=true",
        "GIT_MERGE_VERBOSITY=5",
        "GIT_PAGER=false",
        "GIT_REDIRECT_STDOUT=/dev/null",
        "GIT_OPTIONAL_LOCKS=1",
        "GIT_NO_LAZY_FETCH=0",
        "GIT_DEFAULT_REF_FORMAT=reftable",
        "GIT_DEFAULT_HASH=sha256",
        "GIT_PUSH_OPTION_COUNT=1 GIT_PUSH_OPTION_0=spec.bypass=x",
        "GIT_SPEC_BYPASS=1 GIT_SPEC_POLICY=/dev/null GIT_SPEC_DEADLINE=0 GIT_SPEC_INDEX=/tmp",
        "GIT_CEILING_DIRECTORIES=/ GIT_DISCOVERY_ACROSS_FILESYSTEM=1",
        "COLUMNS=1 LINES=1 CLICOLOR_FORCE=1 FORCE_COLOR=1",
        "CI=true GITHUB_ACTIONS=true GITHUB_SHA=x GITHUB_REF=refs/heads/other GITLAB_CI=true CI_COMMIT_SHA=x",
        "PRE_COMMIT_FROM_REF=x PRE_COMMIT_TO_REF=x",
        "RUST_BACKTRACE=full RUST_LOG=trace RAYON_NUM_THREADS=0",
    ] {
        let door = format!("export {variable}\nexec git receive-pack \"$@\"");
        let answer = push_by(&server, &door, &[&format!("{bad}:refs/heads/main")]);
        assert_ne!(answer.status, 0, "{variable}: {answer:?}");
        assert!(remote(&answer).contains(RULE), "{variable}: {answer:?}");
        assert!(!answer.stderr.contains("\u{1b}[3"), "{variable}: {answer:?}");
        let answer = push_by(&server, &door, &[&format!("{good}:refs/heads/main")]);
        assert_eq!(answer.status, 0, "{variable}: {answer:?}");
        server.on_server(&["update-ref", "refs/heads/main", &server.repo.rev("begin")]);
    }
    // Nobody can tell by these what there is, so that nothing is let through
    for variable in [
        "GIT_NAMESPACE=x",
        &format!("GIT_SHALLOW_FILE={other}/HEAD"),
        "PATH=/nonexistent",
        "GIT_ICASE_PATHSPECS=1 GIT_LITERAL_PATHSPECS=1",
    ] {
        let git = run(Command::new("sh").args(["-c", "command -v git"])).stdout;
        let door = format!("export {variable}\nexec {} receive-pack \"$@\"", git.trim());
        let answer = push_by(&server, &door, &[&format!("{bad}:refs/heads/main")]);
        assert_ne!(answer.status, 0, "{variable}: {answer:?}");
        assert_eq!(server.at("main"), server.repo.rev("begin"), "{variable}");
    }
}

#[test]
fn settings_in_variables_of_the_server() {
    // They are the server's own settings, and that of hooks is among them: whoever may set them needs no bypass. Only the server
    // may, as Gitaly does
    let server = Server::new();
    let bad = server.unlinked("Page");
    let set = |key: &str, value: &str| {
        format!("GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0={key} GIT_CONFIG_VALUE_0={value} REMOTE_USER=eve")
    };
    let push = |variables: &str| {
        push_by(
            &server,
            &format!("export {variables}\nexec git receive-pack \"$@\""),
            &[&format!("{bad}:refs/heads/main")],
        )
    };
    for (key, value) in
        [("spec.include", "nothing/**"), ("spec.acceptNotes", "true"), ("spec.deadline", "0"), ("core.abbrev", "4")]
    {
        let answer = push(&set(key, value));
        assert_ne!(answer.status, 0, "{key}: {answer:?}");
    }
    let told = remote(&push(&set("spec.exemptPusher", "eve")));
    assert!(told.contains("audit: exempt") && told.contains("eve"), "not without a word: {told}");
}

#[test]
fn ids_of_sha256() {
    let Ok(server) = Server::with(&["--object-format=sha256"], POLICY) else {
        println!("skipped: this git has no SHA-256");
        return;
    };
    let good = server.linked();
    assert_eq!(good.len(), 64);
    server.push(&["main"]).ok();
    let line = server.repo.spec_line("AUTH-1");
    server.unlinked("Page");
    server.refused(&["main"], &[RULE]);
    server.push(&["main:side"]).ok();
    server.refused(&["main"], &[RULE]);
    server.refused(&["+begin:main"], &["would lose commits"]);
    server.refused(&[":main"], &["cannot be deleted"]);
    // A link that names its commit as in a repository of the other kind, or by nothing: by its words it is found again, or not
    let at = line.find('@').unwrap();
    let version = line.rsplit(' ').next().unwrap();
    for commit in ["0".repeat(40), good[..40].to_owned(), "f".repeat(64)] {
        for (version, holds) in [(version.to_owned(), true), (format!("v1:{}", "0".repeat(32)), false)] {
            server.repo.git(&["reset", "-q", "--hard", &good]);
            server.repo.write("src/page.rs", "line\n");
            server.repo.commit(&format!("Page\n\n{}@{commit} {version}", &line[..at]));
            if holds {
                server.push(&["main"]).ok();
                server.on_server(&["update-ref", "refs/heads/main", &good]);
            } else {
                server.refused(&["main"], &["(require-resolved)"]);
            }
        }
    }
    // `since` by an id of the other kind is no commit of this repository
    server.repo.git(&["reset", "-q", "--hard", &good]);
    server.repo.write(".gitspec.toml", format!("{POLICY}since = \"{}\"\n", &good[..40]));
    server.repo.commit("Since");
    server.refused(&["main"], &["names a since that the repository does not have", "(policy-broken)"]);
    server.repo.write(".gitspec.toml", format!("{POLICY}since = \"{good}\"\n"));
    server.repo.commit("Since");
    server.repo.git(&["reset", "-q", "--soft", "HEAD~2"]);
    server.repo.git(&["commit", "-q", "-m", "Since"]);
    assert_eq!(server.push(&["main"]).status, 0);
    server.unlinked("Page");
    server.refused(&["main"], &[RULE]);
}

#[test]
fn a_hook_that_runs_as_another_user() {
    // All of a group push into what one of them owns
    let server = Server::new();
    let good = server.linked();
    let bad = server.unlinked("Page");
    let everybody = |path: &std::path::Path| run(Command::new("chmod").args(["-R", "a+rwX"]).arg(path));
    assert_eq!(everybody(server.bare.parent().unwrap()).status, 0);
    let tool = std::path::Path::new(env!("CARGO_BIN_EXE_git-spec"));
    let as_other = |words: &[&str]| {
        run(Command::new("setpriv").args(["--reuid=65534", "--regid=65534", "--clear-groups"]).args(words))
    };
    let can_run = Command::new("setpriv").arg("--version").output().is_ok_and(|out| out.status.success())
        && as_other(&[tool.to_str().unwrap(), "--version"]).status == 0
        && as_other(&["test", "-w", server.bare.to_str().unwrap()]).status == 0;
    if !can_run {
        println!("skipped: only root can run as another user, who has to reach this build");
        return;
    }
    let door = "exec setpriv --reuid=65534 --regid=65534 --clear-groups git receive-pack \"$@\"";
    // Git refuses what belongs to somebody else
    let answer = push_by(&server, door, &[&format!("{good}:refs/heads/main")]);
    assert!(answer.status != 0 && answer.stderr.contains("dubious ownership"), "{answer:?}");
    // Where the server's settings let it, it is judged as ever
    let config = server.repo.beside("allowing");
    std::fs::write(&config, format!("[safe]\n\tdirectory = {}\n", server.bare.display())).unwrap();
    let door = format!("export GIT_CONFIG_GLOBAL={} HOME=/nonexistent\n{door}", config.display());
    let answer = push_by(&server, &door, &[&format!("{bad}:refs/heads/main")]);
    assert!(answer.status != 0 && remote(&answer).contains(RULE), "{answer:?}");
    let answer = push_by(&server, &door, &[&format!("{good}:refs/heads/main")]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert_eq!(server.at("main"), good);
}

#[test]
fn refs_that_a_proc_receive_hook_takes() {
    let server = Server::new();
    let bad = server.unlinked("Page");
    // It would do everything that is asked of it, and needs no words for that
    let taken = server.repo.beside("taken");
    server.script("proc-receive", &format!("#!/bin/sh\necho taken >> {}\nexit 1\n", taken.display()));
    for prefix in ["refs/heads/main", "refs/heads", "refs", "!refs/none"] {
        server.on_server(&["config", "--replace-all", "receive.procReceiveRefs", prefix]);
        server.refused(&["main"], &[RULE]);
        server.refused(&["--atomic", "main", "main:refs/for/main"], &[RULE]);
    }
    // What it takes under another name is judged where the policy names that
    server.on_server(&["config", "--replace-all", "receive.procReceiveRefs", "refs/for"]);
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.edit(".gitspec.toml", "\"refs/heads/main\"", "\"refs/heads/main\", \"refs/for/**\"");
    server.repo.commit("Protect what is sent for review");
    assert_eq!(server.push(&["main"]).status, 0);
    server.refused(&[&format!("{bad}:refs/for/main")], &[RULE]);
    assert!(!taken.exists(), "asked before the hook had judged");
}

#[test]
fn a_pack_that_comes_slowly() {
    // Who sends slowly keeps nobody waiting, and the time of the judgement begins when all is there
    let server = Server::new();
    server.config("spec.deadline", "60");
    let old = server.at("main");
    let bad = server.unlinked("Page");
    let list = format!("{bad}\n^{old}\n");
    let mut packing = assert_cmd::Command::from_std(server.git());
    let pack = packing.args(["pack-objects", "--revs", "--stdout", "-q"]).write_stdin(list).output().unwrap().stdout;
    let line = format!("{old} {bad} refs/heads/main\0 report-status");
    let head = format!("{:04x}{line}0000", line.len() + 4);
    let start = || {
        let mut command = server.git();
        command.args(["receive-pack", server.bare.to_str().unwrap()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(head.as_bytes()).unwrap();
        stdin.write_all(&pack[..pack.len() / 2]).unwrap();
        stdin.flush().unwrap();
        (child, stdin)
    };
    let ((slow, mut rest), (mut cut, cut_rest)) = (start(), start());
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    let good = server.linked();
    server.push(&["main"]).ok();
    // One that ends in the middle leaves nothing
    drop(cut_rest);
    cut.wait().unwrap();
    assert_eq!(server.at("main"), good);
    for byte in &pack[pack.len() / 2..] {
        std::thread::sleep(Duration::from_millis(2));
        rest.write_all(&[*byte]).unwrap();
    }
    drop(rest);
    let output = slow.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("ng refs/heads/main pre-receive hook declined"), "{said}");
    assert_eq!(server.at("main"), good);
    assert!(server.repo.git_in(&server.bare, &["cat-file", "-e", &bad]).is_err(), "objects of a refused push stay");
}
