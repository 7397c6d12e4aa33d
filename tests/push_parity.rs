//! A push that the server would refuse is stopped before it leaves, and one that it takes is not: the same verdict of
//! `pre-push` and `pre-receive`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::server::{POLICY, Server};
use support::{Answer, run};

fn git(server: &Server, words: &[&str]) -> Answer {
    run(server.git().args(words))
}

/// A clone with hooks of its own, that knows the remote's default branch as `git clone` does, and `release/1` beside it.
fn team() -> Server {
    let server = Server::new();
    server.push(&["begin:refs/heads/release/1"]).ok();
    git(&server, &["spec", "hooks", "install", "--scripts"]).ok();
    server.repo.git(&["fetch", "-q", "origin"]);
    server.repo.git(&["remote", "set-head", "origin", "main"]);
    server
}

/// What both say of a push: whether each takes it.
#[track_caller]
fn both(what: &str, server: &Server, words: &[&str], takes: bool) {
    // Git runs the hook, and sends nothing.
    let before = git(server, &[&["push", "--dry-run", "-q", "origin"], words].concat());
    let after = git(server, &[&["push", "--no-verify", "-q", "origin"], words].concat());
    let verdicts = (before.status == 0, after.status == 0);
    assert_eq!(verdicts, (takes, takes), "{what}: {}\n{}", before.stderr, after.stderr);
    assert!(takes || before.stderr.contains("error: "), "{what}: {before:?}");
}

/// A commit with the tree of one revision and two parents.
fn merge(server: &Server, tree: &str, parents: [&str; 2]) -> String {
    let tree = format!("{tree}^{{tree}}");
    server.repo.git(&["commit-tree", &tree, "-m", "Merge", "-p", parents[0], "-p", parents[1]])
}

#[test]
fn plain_commits() {
    let server = team();
    server.linked();
    both("linked", &server, &["main"], true);
    both("a branch of what is known", &server, &["main:release/2"], true);
    server.unlinked("Page ops");
    both("unlinked", &server, &["main"], false);
    both("by an expression with blanks", &server, &["HEAD^{/Page ops}:refs/heads/main"], false);
    both("of several refs", &server, &["main~1:refs/heads/release/3", "main:side", "main:release/4"], false);
    both("on a side", &server, &["main:side"], true);
    both("from the side", &server, &["main:release/5"], false);
    both("to the branch itself", &server, &["main"], false);
    server.repo.git(&["tag", "x"]);
    both("a tag that nobody protects", &server, &["x"], true);
    both("one that is protected", &server, &["x:refs/tags/v1"], false);
    both("a deletion", &server, &[":side"], true);
    // By the address of the remote
    let address = server.bare.display().to_string();
    let words = ["push", "--dry-run", "-q", &address, "main~1:refs/heads/release/6"];
    assert_eq!(git(&server, &words).status, 0);
    let words = ["push", "--dry-run", "-q", &address, "main:refs/heads/release/6"];
    assert_eq!(git(&server, &words).status, 1);
}

#[test]
fn merges() {
    let server = team();
    server.linked();
    server.push(&["main"]).ok();
    // Takes nothing from the release branch, and much from main
    let ours = merge(&server, "begin", ["begin", "main"]);
    both("harmless to an old branch", &server, &[&format!("{ours}:refs/heads/release/1")], false);
    let swapped = merge(&server, "begin", ["main", "begin"]);
    both("the same swapped", &server, &[&format!("{swapped}:refs/heads/release/1")], false);
    let theirs = merge(&server, "main", ["begin", "main"]);
    both("what one side has", &server, &[&format!("{theirs}:refs/heads/release/1")], true);
    server.repo.git(&["switch", "-q", "-c", "topic", "begin"]);
    server.unlinked("Page");
    let hidden = merge(&server, "topic", ["main", "topic"]);
    both("an unlinked commit on the other side", &server, &[&format!("{hidden}:refs/heads/main")], false);
}

#[test]
fn policies() {
    let server = team();
    server.repo.write(".gitspec.toml", format!("{POLICY}require-link = \"off\"\n"));
    server.repo.commit("Ask for nothing");
    server.unlinked("Page");
    both("loosened in the same push", &server, &["main"], false);
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    std::fs::remove_file(server.repo.path().join(".gitspec.toml")).unwrap();
    server.repo.commit("Ask for nothing");
    server.unlinked("Page");
    both("taken away in the same push", &server, &["main:release/1"], false);
    // What the remote asks holds, whatever lies here
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.write(".gitspec.toml", POLICY.replace("src/**", "specs/**"));
    server.repo.commit("Ask for more");
    server.repo.write("specs/new.md", "# New\n");
    server.repo.commit("Write more");
    both("tightened in the same push", &server, &["main"], true);
}
