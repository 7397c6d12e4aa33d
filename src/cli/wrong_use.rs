//! What clap says about wrong use, in the words and the form of this tool: what is wrong, then what to type.

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::Error;
use crate::view::text::{one_line, shell_quote};

/// How alike two options are that one may be taken for the other.
const NEAR: f64 = 0.75;
/// The same of commands, which are short: two letters that changed places in `log` leave two thirds.
const NEAR_COMMAND: f64 = 0.6;

/// Whether clap refuses what was typed, and isn't asked for help or the version.
pub fn is_refusal(shown: &clap::Error) -> bool {
    shown.use_stderr() && shown.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}

/// Turns a refusal of clap's into an error with a hint. Help and version are no refusals; they print themselves.
///
/// `words` are those of the command line, the program's name first; `root` is the definition, built.
pub fn wrong_use(refusal: &clap::Error, words: &[OsString], root: &Command) -> Error {
    let command = command_of(words, root);
    let whole = command.map_or("git spec".to_owned(), |command| format!("git spec {}", command.get_name()));
    let one = |kind| strings(refusal, kind).into_iter().next();
    let arg = bare(&one(ContextKind::InvalidArg).unwrap_or_default());
    let value = one(ContextKind::InvalidValue).unwrap_or_default();
    let options = format!("all options: {whole} -h");
    let (message, help) = match refusal.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = one(ContextKind::InvalidSubcommand).unwrap_or_default();
            // A command may have words of its own, as `hooks install`.
            let (above, whole) = match command.filter(|command| command.has_subcommands()) {
                Some(command) => (command, whole.as_str()),
                None => (root, "git spec"),
            };
            let near: Vec<String> = near_commands(above, &name).iter().map(|near| format!("{whole} {near}")).collect();
            let near = (!near.is_empty()).then(|| near.join(", "));
            (format!("{whole} has no command {name}"), near_or(near, &format!("all commands: {whole} -h")))
        }
        ErrorKind::UnknownArgument => {
            let near = near_options(command.unwrap_or(root), &arg, one(ContextKind::SuggestedArg));
            let near: Vec<String> = near.iter().map(|near| format!("{whole} {near}")).collect();
            let near = (!near.is_empty()).then(|| near.join(", "));
            (format!("{whole} has no option {arg}"), near_or(near, &options))
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = bare(&strings(refusal, ContextKind::InvalidArg).join(" "));
            let (needs, form) = match (missing.as_str(), whole.as_str()) {
                ("COMMIT|CLAUSE", "git spec unlink") => ("a commit", "COMMIT [CLAUSE]"),
                ("COMMIT|CLAUSE", _) => ("a commit and a clause", "COMMIT CLAUSE"),
                (other, _) => (other, other),
            };
            (format!("{whole} needs {needs}"), format!("{whole} {form}\n{options}"))
        }
        ErrorKind::ArgumentConflict => {
            let prior = one(ContextKind::PriorArg).unwrap_or_default();
            (format!("{arg} and {prior} do not go together"), options)
        }
        ErrorKind::InvalidValue if value.is_empty() => (format!("{arg} needs a value"), options),
        ErrorKind::InvalidValue => {
            let valid: Vec<String> =
                strings(refusal, ContextKind::ValidValue).iter().map(|value| shell_quote(value).into_owned()).collect();
            (format!("{arg} cannot be {value}"), format!("one of: {}", valid.join(", ")))
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(refusal);
            let why = match why.and_then(|why| why.downcast_ref::<std::num::ParseIntError>()) {
                Some(_) => ": a whole number is wanted".to_owned(),
                None => why.map(|why| format!(": {why}")).unwrap_or_default(),
            };
            (format!("{arg} cannot be {value}{why}"), options)
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues => (format!("{arg} takes no value"), options),
        _ => {
            let text = refusal.to_string();
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            (first, options)
        }
    };
    Error::Usage { message: one_line(&message).into_owned(), help }
}

/// The nearest thing to type, and where all are listed.
fn near_or(near: Option<String>, all: &str) -> String {
    near.map_or_else(|| all.to_owned(), |near| format!("the nearest is: {near}\n{all}"))
}

/// `<CLAUSE[@REVISION]>...` as a usage line of ours names it.
fn bare(argument: &str) -> String {
    match argument.split_once("[=") {
        Some((name, _)) => name.to_owned(),
        None => argument.trim_end_matches("...").replace(['<', '>'], ""),
    }
}

/// The command that was spoken to: the first word that names one.
fn command_of<'c>(words: &[OsString], root: &'c Command) -> Option<&'c Command> {
    words.iter().skip(1).find_map(|word| root.find_subcommand(word))
}

/// The commands that an unknown one may have meant: those that it begins, else the most alike. What clap takes for near is not: it
/// knows no swapped letters, and of `st` it thinks of `install-man-pages`.
fn near_commands<'c>(root: &'c Command, typed: &str) -> Vec<&'c str> {
    let names = || root.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name);
    let begun: Vec<&str> = names().filter(|name| !typed.is_empty() && name.starts_with(typed)).collect();
    if !begun.is_empty() {
        return begun;
    }
    let alike = |name: &str| strsim::normalized_damerau_levenshtein(typed, name);
    let best = names().max_by(|a, b| alike(a).total_cmp(&alike(b)));
    best.filter(|best| alike(best) >= NEAR_COMMAND).into_iter().collect()
}

/// Options that an unknown one may have meant: those that it begins, else the one that clap finds, if it is near.
fn near_options(command: &Command, typed: &str, suggested: Option<String>) -> Vec<String> {
    let longs = command.get_arguments().filter_map(|argument| argument.get_long_and_visible_aliases()).flatten();
    let longs = longs.map(|long| format!("--{long}"));
    let begun: Vec<String> = longs.filter(|long| typed.len() > 2 && long.starts_with(typed)).collect();
    let near = |other: &String| strsim::normalized_damerau_levenshtein(typed, other) >= NEAR;
    if begun.is_empty() { suggested.filter(near).into_iter().collect() } else { begun }
}

fn strings(refusal: &clap::Error, kind: ContextKind) -> Vec<String> {
    match refusal.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(many)) => many.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        _ => Vec::new(),
    }
}
