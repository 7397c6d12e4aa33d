//! Habits of git's command line in clap's terms.
//!
//! `-5` is `-n5` for git, and `-M` and `-C` take a number only if it is glued on. Neither can be said in clap, so the
//! words are rewritten before it sees them.

use std::ffi::{OsStr, OsString};

use clap::{CommandFactory, FromArgMatches};

use super::{Cli, Command, Targets};

/// Options of `log` whose value is the next word, and so may look like `-5`.
const WITH_VALUE: [&str; 13] = [
    "-n",
    "-S",
    "-G",
    "--max-count",
    "--skip",
    "--since",
    "--after",
    "--until",
    "--before",
    "--author",
    "--grep",
    "--date",
    "--clause",
];

/// Parses the words of a command line, the program's name first.
///
/// # Errors
/// clap's, which knows how to print itself: help and version are among them. Their exit status is 0, that of wrong
/// use is 2.
pub fn from_git(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let words = rewritten(words.into_iter().collect());
    let separated = words.iter().any(|word| word == "--");
    let mut cli = Cli::from_arg_matches(&Cli::command().try_get_matches_from(words)?)?;
    if let Some(targets) = cli.command.targets_mut() {
        targets.separated = separated;
    }
    Ok(cli)
}

impl Command {
    fn targets_mut(&mut self) -> Option<&mut Targets> {
        match self {
            Command::Ls(args) => Some(&mut args.targets),
            Command::Grep(args) => Some(&mut args.targets),
            Command::Diff(args) => Some(&mut args.targets),
            Command::Log(args) => Some(&mut args.targets),
            Command::Blame(args) => Some(&mut args.targets),
            _ => None,
        }
    }
}

fn rewritten(mut words: Vec<OsString>) -> Vec<OsString> {
    let Some(at) = words.iter().skip(1).position(|word| !word.as_encoded_bytes().starts_with(b"-")).map(|at| at + 1)
    else {
        return words;
    };
    if words[at] == "commit" {
        let git = words.split_off(at + 1);
        words.extend(super::commit::sorted(&git));
        return words;
    }
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len()).max(at);
    let command = words[at].clone();
    for here in at + 1..end {
        let is_value = WITH_VALUE.iter().any(|option| words[here - 1] == *option);
        let new = match command.to_str() {
            Some("log") if !is_value => digits_after(&words[here], "-").map(|digits| format!("-n{digits}")),
            Some("blame") if words[here - 1] != "-L" => glued_number(&words[here]),
            _ => None,
        };
        if let Some(new) = new {
            words[here] = new.into();
        }
    }
    words
}

/// `-M5` as `-M=5`, and the same for `-C`.
fn glued_number(word: &OsStr) -> Option<String> {
    ["-M", "-C"].iter().find_map(|option| digits_after(word, option).map(|digits| format!("{option}={digits}")))
}

fn digits_after<'a>(word: &'a OsStr, option: &str) -> Option<&'a str> {
    word.to_str()?.strip_prefix(option).filter(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}
