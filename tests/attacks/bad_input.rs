//! By making the judge work: each has to end soon, by yes or by no.

use std::time::{Duration, Instant};

use crate::RULE;
use crate::support::server::{POLICY, Server, remote};

/// Pushes, which has to end within some seconds of a slow build; what was said.
#[track_caller]
fn soon(server: &Server, words: &[&str]) -> (i32, String) {
    let start = Instant::now();
    let answer = server.push(words);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
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
                "#!/bin/sh\nfor word; do test \"$word\" = {command} && {{ sleep 15; exit 1; }}; done\n\
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
        assert!(start.elapsed().as_secs_f64() < 5.0, "{what}: {:?}", start.elapsed());
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
