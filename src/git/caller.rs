//! How the git was called that runs a hook, where the system shows it.

use std::ffi::OsString;
use std::path::PathBuf;

use bstr::{ByteSlice, ByteVec};

/// Processes that may stand between a hook and its git: a shell, and a manager of hooks.
const MOST: usize = 8;
/// Options of `git commit` whose value is a word of its own.
const WITH_VALUE: [&[u8]; 8] = [b"-m", b"--message", b"-F", b"--file", b"-C", b"-c", b"-t", b"--author"];

/// Another place than `/proc`; a test sets one that isn't there.
const PROC: &str = "GIT_SPEC_PROC";

/// Whether the `git commit` behind this process was called with `--amend`. None where neither `/proc` (proc(5)) nor ps(1) shows
/// it, or where what ps shows can be read in two ways.
#[must_use]
pub fn called_to_amend() -> Option<bool> {
    let (system, words) = caller()?;
    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    match system {
        System::Proc(_) => amends(&words),
        System::Ps => perhaps_amends(&words),
    }
}

/// The words behind `git commit`, where that is the git behind this process and the system shows each of them: `/proc` does,
/// ps(1) only where none can have a space in it.
#[must_use]
pub fn commit_words() -> Option<Vec<OsString>> {
    let (system, words) = caller()?;
    let at = words.iter().position(|word| word == b"commit")?;
    let words = words.into_iter().skip(at + 1);
    if matches!(system, System::Ps) && !words.clone().all(|word| has_no_value(&word)) {
        return None;
    }
    words.map(|word| word.into_os_string().ok()).collect()
}

/// Whether a word is one or several options of `git commit` without a value.
fn has_no_value(word: &[u8]) -> bool {
    let long: [&[u8]; 13] = [
        b"--no-verify",
        b"--verify",
        b"--amend",
        b"--all",
        b"--verbose",
        b"--signoff",
        b"--edit",
        b"--no-edit",
        b"--quiet",
        b"--allow-empty",
        b"--allow-empty-message",
        b"--no-status",
        b"--no-gpg-sign",
    ];
    let short = |rest: &[u8]| !rest.is_empty() && rest.iter().all(|letter| b"nqvseaipo".contains(letter));
    long.contains(&word) || word.strip_prefix(b"-").is_some_and(short)
}

/// The words that the git behind this process was called with, and what shows them.
fn caller() -> Option<(System, Vec<Vec<u8>>)> {
    let system = System::here();
    let (mut process, _) = system.look(&std::process::id().to_string())?;
    for _ in 0..MOST {
        let (parent, line) = system.look(&process)?;
        let words = system.words(&line);
        let program = words.first()?.rsplit(|byte| *byte == b'/').next()?;
        if program == b"git" && !is_ours(&words) {
            let words = words.into_iter().map(<[u8]>::to_vec).collect();
            return Some((system, words));
        }
        process = parent;
    }
    None
}

/// What shows the processes.
enum System {
    Proc(PathBuf),
    Ps,
}

impl System {
    fn here() -> System {
        let place = std::env::var_os(PROC).map_or_else(|| PathBuf::from("/proc"), PathBuf::from);
        if place.join("self").exists() { System::Proc(place) } else { System::Ps }
    }

    /// The words of a command; an empty one counts where it can be seen.
    fn words<'l>(&self, line: &'l [u8]) -> Vec<&'l [u8]> {
        match self {
            System::Proc(_) => line.strip_suffix(b"\0").unwrap_or(line).split(|byte| *byte == 0).collect(),
            System::Ps => line.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect(),
        }
    }

    /// The process that started one, and the words that one was called with.
    fn look(&self, process: &str) -> Option<(String, Vec<u8>)> {
        match self {
            System::Proc(place) => {
                let stat = std::fs::read(place.join(process).join("stat")).ok()?;
                // The second field behind its name, which stands in parentheses.
                let fields = &stat[stat.rfind_byte(b')')? + 1..];
                let parent = fields.fields().nth(1)?.to_str().ok()?.to_owned();
                Some((parent, std::fs::read(place.join(process).join("cmdline")).ok()?))
            }
            System::Ps => {
                let words = ["-p", process, "-o", "ppid=", "-o", "command="];
                let mut ps = std::process::Command::new("ps");
                let said = ps.args(words).stderr(std::process::Stdio::null()).output().ok()?;
                let line = said.stdout.lines().next()?.trim_start();
                let (parent, command) = line.split_once_str(" ")?;
                Some((parent.to_str().ok()?.to_owned(), command.trim_start().to_vec()))
            }
        }
    }
}

/// Whether a hook called this git, to find us.
fn is_ours(words: &[&[u8]]) -> bool {
    words.windows(2).any(|pair| pair == [&b"spec"[..], b"hook"])
}

/// Whether these are the words of a `git commit --amend`; none where they are those of another command.
fn amends(words: &[&[u8]]) -> Option<bool> {
    let at = words.iter().position(|word| *word == b"commit")?;
    let mut options = words[at + 1..].iter().take_while(|word| **word != b"--");
    while let Some(word) = options.next() {
        if WITH_VALUE.contains(word) {
            options.next();
        } else if word.len() > b"--a".len() && b"--amend".starts_with(word) {
            return Some(true);
        }
    }
    Some(false)
}

/// The same of words of which several may have been one, as of a message; none where they can be read in two ways.
fn perhaps_amends(words: &[&[u8]]) -> Option<bool> {
    let at = words.iter().position(|word| *word == b"commit")?;
    let options = &words[at + 1..];
    let is_it = |word: &&[u8]| word.len() > b"--a".len() && b"--amend".starts_with(word);
    if !options.iter().any(is_it) {
        return Some(false);
    }
    // Before the first option that may have a value, each word is one.
    let plain = |word: &&&[u8]| word.starts_with(b"--") || **word == b"-q" || **word == b"-a" || **word == b"-n";
    let takes = |word: &&&[u8]| WITH_VALUE.contains(*word) || !plain(word);
    let first = options.iter().take_while(|word| !takes(word)).any(is_it);
    first.then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<bool> {
        amends(&line.split(' ').map(str::as_bytes).collect::<Vec<_>>())
    }

    #[test]
    fn words_that_may_have_been_one_tell_only_what_is_certain() {
        let of = |line: &str| perhaps_amends(&line.split(' ').map(str::as_bytes).collect::<Vec<_>>());
        assert_eq!(of("git commit -q -m some words"), Some(false));
        assert_eq!(of("git -c a.b=c commit -q --amend -m some words"), Some(true));
        assert_eq!(of("git commit -m not to --amend"), None);
        assert_eq!(of("git commit -qm x --amend"), None);
        assert_eq!(of("git rebase --amend"), None);
    }

    #[test]
    fn only_options_without_a_value_are_certain_words() {
        assert!(["-n", "-qn", "--no-verify", "--amend"].iter().all(|word| has_no_value(word.as_bytes())));
        assert!(
            !["-m", "-nm", "--author", "x", "-", "--", "--cleanup=strip"]
                .iter()
                .any(|word| has_no_value(word.as_bytes()))
        );
    }

    #[test]
    fn empty_words_are_words() {
        let system = System::Proc(PathBuf::new());
        let words = system.words(b"git\0commit\0-m\0\0--amend\0");
        assert_eq!((words.len(), amends(&words)), (5, Some(true)));
        assert_eq!(System::Ps.words(b"git  commit"), [b"git".as_slice(), b"commit"]);
    }

    #[test]
    fn the_words_of_git_tell() {
        assert_eq!(of("git commit --amend -m x"), Some(true));
        assert_eq!(of("git -c a.b=c commit -m x --am"), Some(true));
        assert_eq!(of("git commit -qam x"), Some(false));
        assert_eq!(of("git commit -m --amend"), Some(false));
        assert_eq!(of("git commit -m x -- --amend"), Some(false));
        assert_eq!(of("git commit --all --author x --allow-empty -m y"), Some(false));
        assert_eq!(of("git ci --amend"), None);
        assert_eq!(of("git rebase -i HEAD~2"), None);
    }
}
