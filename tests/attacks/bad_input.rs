//! By making the judge work: each has to end soon, by yes or by no.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::RULE;
use crate::objects::{WHO, commit, fed};
use crate::support::server::{POLICY, Server, remote};

/// Pushes, which has to end within some seconds of a slow build; what was said.
#[track_caller]
fn soon(server: &Server, words: &[&str]) -> (i32, String) {
    let start = Instant::now();
    let answer = server.push(words);
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
    assert!(!answer.stderr.contains("panicked") && !answer.stderr.contains("a bug"), "{answer:?}");
    (answer.status, remote(&answer))
}

#[test]
fn a_spec_that_makes_matching_quadratic() {
    // All clauses alike, each a little different from before, and a link that needs their history
    let server = Server::new();
    let spec = |turn: usize| -> String {
        let clause = |at: usize| format!("## Part\n\nThe system MUST do the same thing as ever {} {turn}.\n\n", at % 7);
        (0..1500).map(clause).collect()
    };
    server.repo.write("specs/many.md", spec(0));
    server.repo.commit("Many");
    server.repo.write("specs/many.md", spec(1));
    server.repo.commit("Many anew");
    let line = server.repo.spec_line("AUTH-1").replace("AUTH-1@", "AUTH-7@");
    server.repo.write("src/page.rs", "x\n");
    server.repo.commit(&format!("Page\n\n{line}"));
    let (status, said) = soon(&server, &["main"]);
    assert!(status != 0 && said.contains("(require-resolved)"), "{said}");
}

#[test]
fn a_spec_that_no_parser_likes() {
    let server = Server::new();
    for (name, text) in [
        ("deep.md", ">".repeat(50_000)),
        ("brackets.md", "[".repeat(50_000)),
        ("lists.md", (0..2000).map(|at| format!("{}- x\n", " ".repeat(at))).collect()),
        ("emphasis.md", "*a _b ".repeat(20_000)),
        ("ticks.md", (1..600).map(|at| format!("{} ", "`".repeat(at))).collect()),
        ("bytes.md", "\u{fffd}\0\u{1b}\r".repeat(5000)),
        ("tables.md", format!("|{}\n|{}\n{}", "a|".repeat(300), "-|".repeat(300), "|x\n".repeat(2000))),
        ("refs.md", (0..3000).map(|at| format!("[{at}]: x\n[{at}][{at}]\n\n")).collect()),
    ] {
        server.repo.write(format!("specs/{name}"), text);
    }
    let line = server.repo.spec_line("AUTH-1");
    server.repo.commit("Hostile");
    server.repo.write("src/page.rs", "x\n");
    // No link is exact, so that all of it is read
    let forged = format!("{}{}", &line[..line.len() - 32], "0".repeat(32));
    server.repo.commit(&format!("Page\n\n{forged}"));
    let (status, said) = soon(&server, &["main"]);
    assert!(status != 0 && said.contains("require-resolved"), "{said}");
}

#[test]
fn a_spec_file_that_is_huge() {
    let server = Server::new();
    server.repo.write("specs/huge.md", "word word word\n".repeat(300_000));
    server.repo.commit("Huge");
    server.linked();
    let (status, said) = soon(&server, &["main"]);
    assert_eq!(status, 0, "{said}");
}

#[test]
fn code_that_makes_a_merge_slow() {
    // Two sides that change the same file of many equal lines
    let server = Server::new();
    let code = |first: &str, last: &str| format!("{first}\n{}{last}\n", "{\n}\n".repeat(50_000));
    server.repo.generate("src/page.rs", &code("a", "z"), &["AUTH-1"]);
    server.repo.git(&["branch", "side"]);
    server.repo.generate("src/page.rs", &code("b", "z"), &["AUTH-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "side"]);
    server.repo.generate("src/page.rs", &code("a", "y"), &["AUTH-1"]);
    server.repo.git(&["merge", "-q", "--no-ff", "--no-commit", "main"]);
    server.repo.write("src/page.rs", code("b", "y").replace("{\n}\n{", "}\n{\n{") + "evil\n");
    server.repo.commit("Merge main");
    let (status, said) = soon(&server, &["side:main"]);
    assert!(status != 0 && said.contains("(require-link)"), "{said}");
}

#[test]
fn a_merge_of_thousands_of_renamed_files() {
    let server = Server::new();
    let all = |directory: &str, line: &dyn Fn(usize) -> String| {
        for at in 0..3000 {
            server.repo.write(format!("src/{directory}/{at}.rs"), line(at));
        }
    };
    let text = |at: usize, last: &str| format!("{at}\n{}{last}\n", "a line\n".repeat(20));
    let linked = |message: &str| {
        server.repo.git(&["add", "-A"]);
        server.repo.commit(&format!("{message}\n\n{}", server.repo.spec_line("AUTH-1")));
    };
    all("old", &|at| text(at, "was"));
    linked("Code");
    server.repo.git(&["branch", "side"]);
    all("old", &|at| text(at, "mine"));
    linked("Mine");
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "side"]);
    server.repo.git(&["rm", "-q", "-r", "src/old"]);
    all("fresh", &|at| text(at + 1, "was"));
    linked("Renamed");
    // All of it in conflict, or renamed with more than is looked at, and decided so that nothing fits
    let tree = server.repo.git(&["rev-parse", "HEAD^{tree}"]);
    let merge = server.repo.git(&["commit-tree", &tree, "-p", "main", "-p", "HEAD", "-m", "Merge"]);
    server.repo.git(&["reset", "-q", "--hard", &merge]);
    server.repo.write("src/fresh/7.rs", "evil\n");
    server.repo.git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    let (status, said) = soon(&server, &["side:main"]);
    assert!(status != 0 && said.contains("(require-link)"), "{said}");
}

#[test]
fn many_reverts_that_are_none() {
    let server = Server::new();
    let first = server.linked();
    let says: String = (0..1500).map(|_| format!("This reverts commit {first}.\n")).collect();
    for at in 0..20 {
        server.repo.write("src/page.rs", format!("{at}\n"));
        server.repo.commit(&format!("Page\n\n{says}"));
    }
    let (status, said) = soon(&server, &["main"]);
    assert!(status != 0 && said.contains(RULE), "{said}");
}

#[test]
fn time_that_runs_out() {
    let server = Server::with(&[], POLICY).unwrap();
    server.config("spec.deadline", "0.001");
    server.linked();
    let (status, said) = soon(&server, &["main"]);
    assert!(status != 0 && said.contains("(out-of-time)"), "{said}");
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    // Whatever it waits for: a git that answers nothing, before anything is judged and while it is
    let real = std::env::var("PATH").unwrap();
    let hangs_at = |command: &str| {
        server.script(
            "bin/git",
            &format!(
                "#!/bin/sh\nfor word; do test \"$word\" = {command} && {{ sleep 600; exit 1; }}; done\n\
                 exec /usr/bin/env PATH='{real}' git \"$@\"\n"
            ),
        );
    };
    // Some gits leave open what the push writes to, and whoever reads it waits for the last process that has it
    let hook = |name: &str| {
        let place = server.bare.join("hooks/bin");
        let (place, tool) = (place.display(), env!("CARGO_BIN_EXE_git-spec"));
        let text = format!("#!/bin/sh\nexec 8>&2\nPATH='{place}':'{real}' exec {tool} hook {name} --deadline 0.5\n");
        server.script(name, &text);
    };
    let in_time = |what: &str, start: Instant| {
        assert!(start.elapsed().as_secs() < 120, "{what}: {:?}", start.elapsed());
    };
    hook("pre-receive");
    for command in ["config", "for-each-ref", "symbolic-ref", "log"] {
        hangs_at(command);
        let start = Instant::now();
        server.refused(&["main"], &["error: judging took longer than 0.5 s (out-of-time)"]);
        in_time(command, start);
    }
    std::fs::remove_file(server.bare.join("hooks/pre-receive")).unwrap();
    hook("post-receive");
    hangs_at("config");
    let start = Instant::now();
    let (status, said) = soon(&server, &["main"]);
    in_time("post-receive", start);
    assert!(status == 0 && said.contains("post-receive did not do its work: it took longer than 0.5 s"), "{said}");
}

/// A server, with a merge that Git has to be asked about; and a place for temporary files.
fn merge_for_git() -> (Server, PathBuf) {
    let server = Server::new();
    server.repo.generate("src/page.rs", "one\n", &["AUTH-1"]);
    server.repo.git(&["branch", "side"]);
    server.repo.generate("src/page.rs", "two\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "side"]);
    server.repo.git(&["rm", "-q", "src/page.rs"]);
    server.repo.generate("src/fresh.rs", "one\n", &["AUTH-1"]);
    server.repo.git(&["merge", "-q", "--no-ff", "-s", "ours", "-m", "Merge", "main"]);
    let temporary = server.repo.beside("temporary");
    std::fs::create_dir(&temporary).unwrap();
    (server, temporary)
}

/// Lets the hook run as given, with a git that does something before it merges.
fn with_git(server: &Server, temporary: &Path, before_merging: &str, run: &str) {
    let real = std::env::var("PATH").unwrap();
    let git = format!(
        "#!/bin/sh\nfor word; do test \"$word\" = merge-tree && {before_merging}; done\n\
         exec /usr/bin/env PATH='{real}' git \"$@\"\n"
    );
    server.script("bin/git", &git);
    let hook = format!(
        "#!/bin/sh\nTMPDIR='{}' PATH='{}':'{real}'\nexport TMPDIR PATH\n{run}\n",
        temporary.display(),
        server.bare.join("hooks/bin").display(),
    );
    server.script("pre-receive", &hook);
}

#[test]
fn time_that_runs_out_while_git_merges() {
    // What was written for it does not stay behind
    let (server, temporary) = merge_for_git();
    let asked = server.repo.beside("asked");
    let before = format!("ls '{}' >'{}' && exec sleep 30", temporary.display(), asked.display());
    let run = format!("exec {} hook pre-receive --deadline 3", env!("CARGO_BIN_EXE_git-spec"));
    with_git(&server, &temporary, &before, &run);
    server.refused(&["side:main"], &["(out-of-time)"]);
    assert!(std::fs::read_to_string(&asked).unwrap().starts_with("git-spec-"), "git was asked there");
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}

/// Whether this process, and so what it starts, was told to ignore a signal.
fn is_ignored(number: u32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0").trim();
    u64::from_str_radix(mask, 16).unwrap_or(0) >> (number - 1) & 1 == 1
}

#[test]
fn a_hook_that_is_ended_while_git_merges() {
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        if is_ignored(number) {
            // What is started in a shell's background is told to ignore an interrupt, and a hook that it starts does so.
            continue;
        }
        let (server, temporary) = merge_for_git();
        let asked = server.repo.beside("asked");
        let before =
            format!("ls '{}' >'{}' && kill -{signal} $PPID && exec sleep 180", temporary.display(), asked.display());
        with_git(&server, &temporary, &before, &format!("exec {} hook pre-receive", env!("CARGO_BIN_EXE_git-spec")));
        let started = std::time::Instant::now();
        server.refused(&["side:main"], &[]);
        assert!(started.elapsed().as_secs() < 120, "{signal}: somebody waited for git");
        assert!(std::fs::read_to_string(&asked).unwrap().starts_with("git-spec-"), "{signal}: git was asked there");
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "{signal}");
    }
}

#[test]
fn documents_in_a_thousand_directories_beside_an_honest_merge() {
    // Somebody pushes deep documents that nobody asks about; then a branch from before is merged, to a file that main renamed
    let server = Server::new();
    let text: String = (0..30).map(|line| format!("line {line}\n")).collect();
    server.repo.generate("src/a.rs", &text, &["AUTH-1"]);
    server.repo.git(&["branch", "side"]);
    server.repo.git(&["mv", "src/a.rs", "src/b.rs"]);
    let line = server.repo.spec_line("AUTH-1");
    server.repo.commit(&format!("Rename\n\n{line}"));
    let mut stream = format!("commit refs/heads/main\ncommitter {WHO}\ndata 4\nDeep\n");
    stream += &format!("from {}\n", server.repo.rev("HEAD"));
    for at in 0..500 {
        stream += &format!("M 100644 inline docs/{}{at}.md\ndata 2\nx\n\n", "d/".repeat(1200));
    }
    fed(&server, &["fast-import", "--quiet"], format!("{stream}\n").as_bytes());
    server.push(&["main"]).ok();
    server.repo.git(&["symbolic-ref", "HEAD", "refs/heads/side"]);
    server.repo.git(&["reset", "-q", "--hard", "side"]);
    let side = server.repo.generate("src/a.rs", &text.replace("line 9\n", "nine\n"), &["AUTH-1"]);
    let tree = server.repo.git(&["merge-tree", "--write-tree", "main", &side]);
    let merge = commit(&server, tree.lines().next().unwrap(), &[&server.repo.rev("main"), &side], b"", b"Merge\n");
    server.config("spec.deadline", "60");
    server.push(&[&format!("{merge}:main")]).ok();
}
