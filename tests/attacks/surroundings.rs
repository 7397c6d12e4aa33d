//! By what the hook runs in.

use std::path::Path;
use std::process::Command;

use crate::RULE;
use crate::support::run;
use crate::support::server::{Server, remote};

const TOOL: &str = env!("CARGO_BIN_EXE_git-spec");

/// A hook that is a line of shell.
fn hook(server: &Server, line: &str) {
    server.script("pre-receive", &format!("#!/bin/sh\n{line}\n"));
}

#[test]
fn a_repository_of_another_user() {
    let server = Server::new();
    server.unlinked("Page");
    let changed = Command::new("chown").arg("-R").arg("65534:65534").arg(&server.bare).output().unwrap();
    if !changed.status.success() {
        println!("skipped: only root can give a repository away");
        return;
    }
    // Git refuses it to whoever does not own it, before any hook runs
    let main = server.at("main");
    let answer = server.push(&["main"]);
    assert_ne!(answer.status, 0, "{answer:?}");
    assert_eq!(server.at("main"), main);
    // Where the server's settings allow it, the hook judges as ever
    let config = server.repo.beside("allowing");
    std::fs::write(&config, format!("[safe]\n\tdirectory = {}\n", server.bare.display())).unwrap();
    let allowing = [("GIT_CONFIG_GLOBAL", config.to_str().unwrap())];
    server.refused_with(&allowing, &["main"], &[RULE]);
}

#[test]
fn no_home() {
    let server = Server::new();
    server.unlinked("Page");
    hook(
        &server,
        &format!("unset HOME XDG_CONFIG_HOME LC_ALL LANG GIT_CONFIG_GLOBAL TMPDIR\nexec {TOOL} hook pre-receive"),
    );
    server.refused(&["main"], &[RULE]);
    hook(&server, &format!("HOME=/nonexistent exec {TOOL} hook pre-receive"));
    server.refused(&["main"], &[RULE]);
    hook(&server, &format!("HOME=/dev/null TMPDIR=/nonexistent exec {TOOL} hook pre-receive"));
    server.refused(&["main"], &[RULE]);
}

#[test]
fn a_full_disk() {
    let server = Server::new();
    hook(&server, &format!("ulimit -f 0\nexec {TOOL} hook pre-receive"));
    server.unlinked("Page");
    server.refused(&["main"], &[RULE]);
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    // What needs no disk is judged as ever
    server.linked();
    server.push(&["main"]).ok();
    // Where git itself cannot store the objects, nothing is asked and nothing is left
    let mut command = Command::new("sh");
    let main = server.at("main");
    std::fs::write(server.repo.path().join("large"), (0..400_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>())
        .unwrap();
    server.repo.commit("Large");
    command.args(["-c", "ulimit -f 100 && exec git receive-pack \"$@\"", "sh"]);
    let wrapper = server.repo.beside("small-disk");
    std::fs::write(&wrapper, "#!/bin/sh\nulimit -f 100\nexec git-receive-pack \"$@\"\n").unwrap();
    std::fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let answer = server.push(&[&format!("--receive-pack={}", wrapper.display()), "main"]);
    assert_ne!(answer.status, 0, "{answer:?}");
    assert_eq!(server.at("main"), main);
}

#[test]
fn a_disk_that_is_full_in_truth() {
    // A file system of a few blocks in a place of its own, which goes away with the process; else `a_full_disk` has to do
    let server = Server::new();
    let can = run(Command::new("unshare").args(["-m", "true"]));
    if can.status != 0 {
        println!("skipped: only root can mount a small file system");
        return;
    }
    let (small, told) = (server.repo.beside("small"), server.repo.beside("told"));
    std::fs::create_dir(&small).unwrap();
    server.linked();
    let (good, main) = (server.repo.rev("HEAD"), server.at("main"));
    let push = |size: &str, fill: &str| {
        let bare = server.bare.display();
        let at = small.display();
        let script = format!(
            "mount -t tmpfs -o size={size} tmpfs {at} || exit 9\ncp -r {bare} {at}/ || exit 9\n{fill}\n\
             git receive-pack {at}/server.git\ngit --git-dir={at}/server.git rev-parse refs/heads/main > {}\n",
            told.display()
        );
        let door = server.repo.beside("door");
        std::fs::write(&door, format!("#!/bin/sh\nexec unshare -m sh -c '{script}'\n")).unwrap();
        std::fs::set_permissions(&door, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let answer = server.push(&[&format!("--receive-pack={}", door.display()), "main"]);
        (answer, std::fs::read_to_string(&told).unwrap_or_default().trim_end().to_owned())
    };
    let filled = format!("dd if=/dev/zero of={}/rest bs=1k count=100000 2>/dev/null", small.display());
    let (answer, at) = push("4m", &filled);
    assert_eq!((answer.status != 0, at), (true, main.clone()), "{answer:?}");
    // With room it goes through; what has no link does not, with room for nothing but its objects
    let (answer, at) = push("16m", "");
    assert_eq!((answer.status, at), (0, good), "{answer:?}");
    server.unlinked("Page");
    let (answer, at) = push("16m", "");
    assert!(answer.status != 0 && remote(&answer).contains(RULE) && at == main, "{answer:?}");
}

#[test]
fn little_memory_and_few_processes() {
    let server = Server::new();
    server.unlinked("Page");
    for limit in ["-v 60000", "-n 8", "-s 64"] {
        hook(&server, &format!("ulimit {limit} || exit 1\nexec {TOOL} hook pre-receive"));
        server.refused(&["main"], &[]);
    }
}

#[test]
fn a_hook_that_is_killed() {
    let server = Server::new();
    server.linked();
    // Not by SIGPIPE, which newer gits have their hooks ignore
    for signal in ["KILL", "TERM", "SEGV", "ABRT", "XCPU"] {
        server.script("git-spec", &format!("#!/bin/sh\nkill -{signal} $$\n"));
        let path = format!("{}:{}", server.bare.join("hooks").display(), std::env::var("PATH").unwrap());
        server.refused_with(&[("PATH", &path)], &["main"], &[]);
    }
    // While it judges
    hook(&server, &format!("{TOOL} hook pre-receive & kill -9 $!\nwait $!"));
    server.refused(&["main"], &[]);
    // Git under it
    server.script(
        "bin/git",
        "#!/bin/sh\ncase \"$*\" in *log*|*rev-list*) kill -9 $$ ;; esac\nexec /usr/bin/env PATH=\"$REAL\" git \"$@\"\n",
    );
    let real = std::env::var("PATH").unwrap();
    hook(
        &server,
        &format!(
            "REAL='{real}' PATH='{}':'{real}' exec {TOOL} hook pre-receive",
            server.bare.join("hooks/bin").display()
        ),
    );
    server.refused(&["main"], &["error: the push cannot be judged"]);
}

#[test]
fn git_that_fails_or_lies_in_its_status() {
    let server = Server::new();
    server.unlinked("Page");
    let real = std::env::var("PATH").unwrap();
    let under = |script: &str| {
        server.script("bin/git", &format!("#!/bin/sh\n{script}\nexec /usr/bin/env PATH=\"$REAL\" git \"$@\"\n"));
        hook(
            &server,
            &format!(
                "REAL='{real}' PATH='{}':'{real}' exec {TOOL} hook pre-receive",
                server.bare.join("hooks/bin").display()
            ),
        );
        server.refused(&["main"], &[]);
    };
    for command in ["config", "rev-parse", "for-each-ref", "symbolic-ref", "log", "cat-file"] {
        under(&format!("for word; do test \"$word\" = {command} && exit 128; done"));
        under(&format!("for word; do test \"$word\" = {command} && exit 3; done"));
    }
    // Without git at all
    hook(&server, &format!("PATH=/nonexistent exec {TOOL} hook pre-receive"));
    server.refused(&["main"], &["git was not found"]);
}

#[test]
fn nobody_listens() {
    let server = Server::new();
    server.unlinked("Page");
    for shut in [">&-", "2>&-", ">&- 2>&-", "2>/dev/full >/dev/full", "2>&1 | head -c 0", "<&-"] {
        let line = match shut.contains('|') {
            true => format!("{TOOL} hook pre-receive {shut}; exit 1"),
            false => format!("exec {TOOL} hook pre-receive {shut}"),
        };
        hook(&server, &line);
        server.refused(&["main"], &[]);
    }
}

#[test]
fn input_that_git_never_gives() {
    let server = Server::new();
    server.unlinked("Page");
    let zero = "0".repeat(40);
    // Another hook that read what was meant for this one leaves nothing to judge
    for input in [
        String::new(),
        "\n".to_owned(),
        "x".to_owned(),
        format!("{zero} {zero}"),
        format!("{zero} {zero} "),
        format!("{zero}  refs/heads/main"),
        format!("{} {zero} refs/heads/main", &zero[1..]),
        format!("{zero} refs/heads/main {zero}"),
    ] {
        let file = server.repo.beside("input");
        std::fs::write(&file, input).unwrap();
        hook(&server, &format!("exec {TOOL} hook pre-receive <'{}'", file.display()));
        server.refused(&["main"], &["error: the push cannot be judged: what the hook was given"]);
    }
    hook(&server, &format!("cat >/dev/null\nexec {TOOL} hook pre-receive"));
    server.refused(&["main"], &["error: the push cannot be judged: what the hook was given"]);
    hook(&server, &format!("exec {TOOL} hook update"));
    server.refused(&["main"], &[]);
    hook(&server, &format!("exec {TOOL} hook update refs/heads/main"));
    server.refused(&["main"], &[]);
}

#[test]
fn a_hook_by_a_wrong_name() {
    let server = Server::new();
    server.unlinked("Page");
    for words in [
        "hook prereceive",
        "hook pre-recieve",
        "hook",
        "hook pre-receive --unknown",
        "hook Pre-Receive",
        "hooks pre-receive",
    ] {
        hook(&server, &format!("exec {TOOL} {words}"));
        server.refused(&["main"], &[]);
    }
}

#[test]
fn a_path_with_a_colon_and_quotes() {
    // Git hands the objects in quarantine on in a list whose separator is a colon
    let server = Server::new();
    let odd = server.repo.beside("ser:ver \"x\"\u{e9}.git");
    std::fs::rename(&server.bare, &odd).unwrap();
    let push = |words: &[&str]| {
        let mut command = server.git();
        run(command.args(["push", "-q", &format!("file://{}", odd.display())]).args(words))
    };
    server.linked();
    let answer = push(&["main"]);
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{answer:?}");
    server.unlinked("Page");
    assert!(remote(&push(&["main"])).contains(RULE));
}

#[test]
fn a_work_tree_that_is_pushed_into() {
    let server = Server::new();
    let work = server.repo.beside("work");
    let from = server.bare.display().to_string();
    server.repo.git(&["clone", "-q", &from, work.to_str().unwrap()]);
    server.repo.git_in(&work, &["config", "receive.denyCurrentBranch", "updateInstead"]).unwrap();
    let shim = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks/pre-receive")).unwrap();
    let place = work.join(".git/hooks/pre-receive");
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(&place, shim).unwrap();
    std::fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    // What lies in the work tree has no say
    std::fs::write(work.join(".gitspec.toml"), "[spec]\ninclude = []\n").unwrap();
    server.repo.git_in(&work, &["update-index", "--assume-unchanged", ".gitspec.toml"]).unwrap();
    server.unlinked("Page");
    let answer = run(server.git().args(["push", "-q", work.to_str().unwrap(), "main"]));
    assert!(answer.status != 0 && remote(&answer).contains(RULE), "{answer:?}");
    assert!(!work.join("src").exists());
}
