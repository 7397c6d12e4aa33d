//! Objects that git's own commands would not write, and pushes that its own client would not make.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::Answer;
use crate::support::server::Server;

/// Who made a commit by hand.
pub const WHO: &str = "A U Thor <author@example.org> 1700000000 +0000";

/// Runs git in the clone with something on its standard input; its output without the last line end.
pub fn fed(server: &Server, words: &[&str], input: &[u8]) -> String {
    let answer = with_input(server, words, input);
    assert_eq!(answer.status, 0, "{words:?}: {answer:?}");
    answer.stdout.trim_end().to_owned()
}

/// The same, however it ends.
pub fn with_input(server: &Server, words: &[&str], input: &[u8]) -> Answer {
    let mut command = server.git();
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = input.to_vec();
    // A child that reads no further has said why.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Answer {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        status: output.status.code().unwrap_or(-1),
    }
}

/// Writes an object as it is; its id.
pub fn object(server: &Server, kind: &str, bytes: &[u8]) -> String {
    fed(server, &["hash-object", "-t", kind, "-w", "--stdin", "--literally"], bytes)
}

/// Writes a tree of entries in the order given: mode, name, object.
pub fn tree(server: &Server, entries: &[(&str, &[u8], &str)]) -> String {
    let mut bytes = Vec::new();
    for (mode, name, oid) in entries {
        bytes.extend_from_slice(mode.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(name);
        bytes.push(0);
        let digits = |at: usize| u8::from_str_radix(&oid[at..at + 2], 16).unwrap();
        bytes.extend((0..oid.len()).step_by(2).map(digits));
    }
    object(server, "tree", &bytes)
}

/// The entries of a tree of the clone, for another one to be made of them.
pub fn entries(server: &Server, tree: &str) -> Vec<(String, String, String)> {
    let list = server.repo.git(&["ls-tree", tree]);
    let entry = |line: &str| {
        let (facts, name) = line.split_once('\t').unwrap();
        let words: Vec<&str> = facts.split(' ').collect();
        (words[0].trim_start_matches('0').to_owned(), name.to_owned(), words[2].to_owned())
    };
    list.lines().map(entry).collect()
}

/// The tree at the top of `HEAD` with entries put behind what it has, whatever their order.
pub fn top_with(server: &Server, more: &[(&str, &[u8], &str)]) -> String {
    let kept = entries(server, "HEAD");
    let mut all: Vec<(&str, &[u8], &str)> =
        kept.iter().map(|(mode, name, oid)| (mode.as_str(), name.as_bytes(), oid.as_str())).collect();
    all.extend(more);
    tree(server, &all)
}

/// Writes a commit byte by byte: tree, parents, further header lines, message.
pub fn commit(server: &Server, tree: &str, parents: &[&str], header: &[u8], message: &[u8]) -> String {
    let mut bytes = format!("tree {tree}\n").into_bytes();
    parents.iter().for_each(|parent| bytes.extend(format!("parent {parent}\n").into_bytes()));
    bytes.extend(format!("author {WHO}\ncommitter {WHO}\n").into_bytes());
    bytes.extend_from_slice(header);
    bytes.push(b'\n');
    bytes.extend_from_slice(message);
    object(server, "commit", &bytes)
}

/// The tree of a revision of the clone.
pub fn tree_of(server: &Server, rev: &str) -> String {
    server.repo.rev(&format!("{rev}^{{tree}}"))
}

/// Pushes as a client that says what it likes: old and new value and name of each ref, and a pack of what `objects` reach.
pub fn raw_push(server: &Server, commands: &[(&str, &str, &[u8])], objects: &[&str]) -> Answer {
    let mut input = Vec::new();
    for (at, (old, new, name)) in commands.iter().enumerate() {
        let mut line = format!("{old} {new} ").into_bytes();
        line.extend_from_slice(name);
        if at == 0 {
            line.extend_from_slice(b"\0 report-status");
        }
        input.extend(format!("{:04x}", line.len() + 4).into_bytes());
        input.extend(line);
    }
    input.extend_from_slice(b"0000");
    if !objects.is_empty() {
        let list = objects.iter().map(|oid| format!("{oid}\n")).collect::<String>();
        let mut command = assert_cmd::Command::from_std(server.git());
        command.args(["pack-objects", "--revs", "--stdout", "-q"]).write_stdin(list);
        input.extend(command.output().unwrap().stdout);
    }
    with_input(server, &["receive-pack", server.bare.to_str().unwrap()], &input)
}
