//! Dependencies point one way: `main → commands → {view, git, index} → trace → spec`, and each outside thing has one
//! door. What a file may not name is searched for in its code, comments aside.

#![allow(clippy::unwrap_used, reason = "a file that cannot be read is a test that fails")]

use std::path::{Path, PathBuf};

/// Files that hold nothing but tests and what tests need; they may name anything.
fn is_for_tests(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs") || name.ends_with("/fixture.rs")
}

/// All files below `src`, as a path from there and the code without comments and tests.
fn sources() -> Vec<(String, String)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut left = vec![top.clone()];
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(&top).unwrap().to_str().unwrap().replace('\\', "/");
                let text = std::fs::read_to_string(path).unwrap();
                let shipped = text.split_once("#[cfg(test)]\nmod tests {").map_or(text.as_str(), |(code, _)| code);
                if !is_for_tests(&name) {
                    found.push((name, code(shipped)));
                }
            }
        }
    }
    found.sort();
    found
}

/// A source without its comments, and `use crate::{a, b::c};` written out as `crate::a crate::b::c`.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut whole = String::new();
    let mut rest = text.as_str();
    while let Some((before, group)) = rest.split_once("crate::{") {
        whole.push_str(before);
        let (mut depth, mut word) = (1, String::new());
        let mut end = group.len();
        for (at, sign) in group.char_indices() {
            match sign {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                end = at;
                break;
            }
            if sign == ',' && depth == 1 {
                whole.push_str(&format!("crate::{} ", word.trim()));
                word.clear();
            } else {
                word.push(sign);
            }
        }
        whole.push_str(&format!("crate::{} ", word.trim()));
        rest = &group[end..];
    }
    whole + rest
}

/// The rooms of the crate that a code names.
fn rooms(code: &str) -> Vec<&str> {
    let word = |rest: &'_ str| rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    code.match_indices("crate::")
        .map(|(at, start)| {
            let rest = &code[at + start.len()..];
            &rest[..word(rest)]
        })
        .collect()
}

/// Whether a code names a path such as `std::fs`, at the beginning of a word.
fn names(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !inside(code[..at].chars().next_back()) && !inside(code[at + path.len()..].chars().next())
    })
}

#[track_caller]
fn none_of(found: Vec<String>) {
    assert!(found.is_empty(), "against the rule:\n  {}", found.join("\n  "));
}

/// The files of a room that name another one than these.
fn strangers(room: &str, known: &[&str]) -> Vec<String> {
    let of_room = |name: &str| name == format!("{room}.rs") || name.starts_with(&format!("{room}/"));
    let mut found = Vec::new();
    for (name, code) in sources().into_iter().filter(|(name, _)| of_room(name)) {
        for other in rooms(&code).into_iter().filter(|other| *other != room && !known.contains(other)) {
            found.push(format!("{name} names crate::{other}"));
        }
    }
    found
}

#[track_caller]
fn only_in(door: &str, allowed: impl Fn(&str) -> bool) {
    let sources = sources();
    assert!(sources.iter().any(|(name, code)| allowed(name) && names(code, door)), "nothing names {door} any more");
    none_of(
        sources
            .into_iter()
            .filter(|(name, code)| !allowed(name) && names(code, door))
            .map(|(name, _)| format!("{name} names {door}"))
            .collect(),
    );
}

#[test]
fn the_searcher_finds_what_it_looks_for() {
    let text =
        "use crate::{git::Repo, spec::{a, b}};\nuse crate::view; // crate::trace\nfn f() { crate::index::g() }\n";
    assert_eq!(rooms(&code(text)), ["git", "spec", "view", "index"]);
    assert!(names("use std::fs;", "std::fs") && names("std::fs::read()", "std::fs"));
    assert!(!names("mystd::fs", "std::fs") && !names("std::fsx", "std::fs"));
    assert!(sources().len() > 40);
}

#[test]
fn spec_knows_nothing_of_the_rest() {
    none_of(strangers("spec", &[]));
}

#[test]
fn trace_knows_spec_alone() {
    none_of(strangers("trace", &["spec"]));
}

#[test]
fn git_knows_no_other_room() {
    none_of(strangers("git", &[]));
}

#[test]
fn view_knows_what_it_shows_and_errors() {
    none_of(strangers("view", &["spec", "trace", "error"]));
}

#[test]
fn view_never_asks_the_repository() {
    let asks = |code: &str| names(code, "git::Repo") || names(code, "git2") || rooms(code).contains(&"git");
    none_of(sources().into_iter().filter(|(n, code)| n.starts_with("view/") && asks(code)).map(|(n, _)| n).collect());
}

#[test]
fn nothing_but_main_and_the_commands_names_the_commands() {
    let allowed = |name: &str| name == "main.rs" || name == "lib.rs" || name.starts_with("commands/");
    none_of(
        sources()
            .into_iter()
            .filter(|(name, code)| !allowed(name) && rooms(code).contains(&"commands"))
            .map(|(name, _)| name)
            .collect(),
    );
}

#[test]
fn spec_and_trace_are_pure() {
    let impure = ["std::process", "std::fs", "std::env", "std::net", "std::io", "git2", "owo_colors"];
    let mut found = Vec::new();
    for (name, code) in sources().into_iter().filter(|(n, _)| n.starts_with("spec/") || n.starts_with("trace/")) {
        found.extend(impure.iter().filter(|path| names(&code, path)).map(|path| format!("{name} names {path}")));
        let prints = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];
        found.extend(prints.iter().filter(|print| code.contains(*print)).map(|print| format!("{name} calls {print}")));
    }
    none_of(found);
}

#[test]
fn spec_and_trace_read_no_clock() {
    let pure = |name: &str| name.starts_with("spec/") || name.starts_with("trace/");
    none_of(sources().into_iter().filter(|(n, code)| pure(n) && names(code, "std::time")).map(|(n, _)| n).collect());
}

#[test]
fn git_prints_nothing() {
    let prints = ["println!", "eprintln!", "print!", "stdout()", "stderr()"];
    let quiet = |code: &str| !prints.iter().any(|print| names(code, print));
    none_of(sources().into_iter().filter(|(n, code)| n.starts_with("git/") && !quiet(code)).map(|(n, _)| n).collect());
}

#[test]
fn git2_is_behind_the_door() {
    only_in("git2", |name| name.starts_with("git/"));
}

#[test]
fn git_processes_are_behind_the_door() {
    only_in("Command::new(\"git\")", |name| name.starts_with("git/"));
}

#[test]
fn colours_are_known_in_one_file() {
    only_in("owo_colors", |name| name == "view/style.rs");
}

#[test]
fn terminal_pager_and_width_are_known_in_one_file() {
    only_in("terminal_size", |name| name == "view/output.rs");
    only_in("io::stdout", |name| name == "view/output.rs");
}
