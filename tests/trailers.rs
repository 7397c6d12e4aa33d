//! Git as the oracle: what `git_spec` takes for trailers is what `git log` does, on messages made to be awkward.

#![expect(clippy::unwrap_used, reason = "a test that cannot start should stop")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use git_spec::trace::message::trailers;

/// Pieces that messages are made of.
const LINES: [&str; 20] = [
    "Subject",
    "",
    "",
    "Spec: a",
    "spec :b",
    "  folded",
    "\tmore  ",
    "   ",
    "# comment",
    "Text, with comma",
    "Signed-off-by: A <a@b.c>",
    "(cherry picked from commit 1234567)",
    "---",
    "Conflicts:",
    "\tpath",
    "Key-1 \t: x\r",
    "\r",
    "# ------------------------ >8 ------------------------",
    "a:",
    "* x: y",
];

/// Messages of up to 14 lines, from a fixed seed (Marsaglia's xorshift).
fn messages(count: usize) -> Vec<String> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below
    };
    let mut message = || {
        let lines: Vec<&str> = (0..1 + next(14)).map(|_| LINES[next(LINES.len())]).collect();
        let end = if next(3) == 0 { "" } else { "\n" };
        format!("{}{end}", lines.join("\n"))
    };
    (0..count).map(|_| message()).collect()
}

fn git(dir: &Path, args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("git")
        .args(["-c", "core.commentChar=#", "-C"])
        .arg(dir)
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).unwrap();
    drop(stdin);
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "git {args:?}");
    out.stdout
}

/// `key:value` lines with white space collapsed, as both sides are compared.
fn shown(lines: impl Iterator<Item = String>) -> Vec<String> {
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty()).collect()
}

#[test]
fn trailers_are_those_of_git_log() {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "--bare"], b"");
    let messages = messages(6000);
    let mut stream = Vec::new();
    for (n, message) in messages.iter().enumerate() {
        let head =
            format!("commit refs/heads/m\nmark :{}\ncommitter A <a@b.c> {n} +0000\ndata {}\n", n + 1, message.len());
        stream.extend_from_slice(head.as_bytes());
        stream.extend_from_slice(message.as_bytes());
        stream.push(b'\n');
    }
    git(dir.path(), &["fast-import", "--quiet", "--force"], &stream);
    let format = "--format=%(trailers:only,unfold,key_value_separator=%x01)";
    let log = git(dir.path(), &["log", "-z", "--reverse", "--topo-order", format, "m"], b"");
    let log = String::from_utf8(log).unwrap();
    let mut answers = log.split('\0');
    let mut with_trailers = 0;
    for message in &messages {
        let theirs = shown(answers.next().unwrap().lines().map(|l| l.replace('\u{1}', ": ")));
        let ours = trailers(message.as_bytes());
        let ours = shown(ours.iter().map(|t| format!("{}: {}", t.key, t.value)));
        assert_eq!(ours, theirs, "{message:?}");
        with_trailers += usize::from(!ours.is_empty());
    }
    assert!(with_trailers > 300, "too few cases: {with_trailers}");
}
