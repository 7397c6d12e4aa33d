//! What to type next, for the situations where one line in [`Error`] does not say it.

use miette::Diagnostic;

use super::{Candidate, Error};
use crate::trace::resolve::OTHER_SCHEME;
use crate::view::text::{fill, one_line, shell_quote, width};

/// Columns of a hint beside its label, on a screen of 80.
const HINT_COLUMNS: usize = 72;

pub(super) fn no_spec_set_help(looked_for: &[String], candidates: &[String]) -> String {
    // It is long, and a terminal would break it anywhere.
    let looked_for =
        format!("looked for {}", if looked_for.is_empty() { "nothing".to_owned() } else { looked_for.join(", ") });
    let looked_for = fill(&looked_for, HINT_COLUMNS, 2).join("\n");
    // names of folders are the repository's, and the first glob is a command's
    let globs: Vec<String> = candidates.iter().map(|glob| one_line(glob).into_owned()).collect();
    let first = globs.first().map_or("docs/**/*.md", String::as_str);
    let list: Vec<String> = globs.iter().map(|glob| format!("{glob:?}")).collect();
    let list = if list.is_empty() { format!("{first:?}") } else { list.join(", ") };
    format!(
        "{looked_for}\n\
         name the files once: git -c spec.include={} spec ls\n\
         or for good, in .gitspec.toml, under [spec]: include = [{list}]",
        shell_quote(first)
    )
}

/// What completes an answer: what is fetched brings back nothing of a version that this program cannot read.
pub(super) fn incomplete_help(reasons: &[String]) -> String {
    let unread = reasons.iter().filter(|reason| reason.contains(OTHER_SCHEME)).count();
    let mut lines = Vec::new();
    if unread < reasons.len() || reasons.is_empty() {
        lines.push("in a shallow clone: git fetch --unshallow; in a partial one: git fetch --refetch");
    }
    if unread > 0 {
        lines.push("a newer git-spec may know the scheme of that version; else git spec link COMMIT CLAUSE links the commit anew");
    }
    lines.join("\n")
}

/// So many files are listed; the rest is a number.
const FILES_SHOWN: usize = 8;

pub(super) fn listed(files: &[String]) -> String {
    let shown = files.iter().take(FILES_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(FILES_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(super) fn reword_help(how: Option<&(String, Option<String>)>) -> String {
    match how {
        Some((command, None)) => format!("take the line out of the message: {command}"),
        Some((command, Some(then))) => format!("take the line out of the message: {command}\n{then}"),
        None => "no branch here has the commit, so that its message stays as it is".to_owned(),
    }
}

/// Where a value comes from, or one that would do.
pub(super) fn setting_help(key: &str) -> String {
    match key.strip_prefix("--") {
        Some(option) => format!("for example: git spec hook --{option} 50 pre-receive"),
        None => format!("on the server: git config --show-origin {key}"),
    }
}

pub(super) fn glob_help(origin: &str) -> &'static str {
    match origin {
        "spec.include" => {
            "see where it is set: git config --show-origin --get-all spec.include\n\
             for example: git -c spec.include='docs/spec/**/*.md' spec ls"
        }
        "policy.refs" => "for example: refs = [\"refs/heads/main\", \"refs/heads/release/*\"]",
        _ => "for example: git -c spec.include='docs/spec/**/*.md' spec ls",
    }
}

/// How many more there are, to be put behind the first.
pub(super) fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(", and {more} more") }
}

pub(super) fn shallow_help(in_action: bool, in_gitlab: bool) -> String {
    let setting = match (in_action, in_gitlab) {
        (true, _) => "for every run: fetch-depth: 0 below with: of actions/checkout\n",
        (_, true) => "for every run: GIT_DEPTH: 0 below variables: of the job\n",
        _ => "",
    };
    format!("{setting}here and now: git fetch --unshallow")
}

/// What to do where git fails. What was pushed is not for a person to repeat by hand: other refs could go along.
pub(super) fn failed_help(command: &str, stderr: &str) -> String {
    let lock = stderr.split('\'').find(|word| word.ends_with(".lock"));
    let command = command.trim_start_matches("git ");
    match lock.filter(|_| stderr.contains("File exists")) {
        Some(lock) => format!(
            "another Git is at work here: type the same again when it is done\nor if none is: rm {}",
            shell_quote(lock)
        ),
        None if ["push", "fetch"].iter().any(|remote| command.starts_with(remote)) => {
            "mend what the other side names, and type the same again".to_owned()
        }
        None => "mend what Git names, and type the same again\nto have each of its steps in a file before that: export GIT_TRACE=\"$PWD/git.trace\"".to_owned(),
    }
}

pub(super) fn rules_help() -> String {
    let names: Vec<&str> = crate::trace::policy::Rule::ALL.iter().map(|rule| rule.key()).collect();
    fill(&names.join(", "), HINT_COLUMNS, 0).join("\n")
}

pub(super) fn links_help(commit: &str, links: &[String]) -> String {
    match links {
        [] => format!("it has no link; see its message and its note: git log -1 --notes=spec {}", shell_quote(commit)),
        links => format!("its links:\n  {}", links.join("\n  ")),
    }
}

pub(super) fn inexact_help(commit: &str, clause: &str, is_here: bool) -> String {
    let commit = shell_quote(commit);
    let own = format!("link the version in the commit's own tree: git spec link {commit} {}\n", shell_quote(clause));
    let forced = format!("write it all the same: git spec link --force {commit} CLAUSE@REVISION");
    if is_here { own + &forced } else { forced }
}

pub(super) fn no_such_clause_help(nearest: &[Candidate], rev: &str) -> String {
    if nearest.is_empty() {
        return format!("list the clauses: git spec ls {}", shell_quote(rev));
    }
    let names: Vec<String> = nearest.iter().map(Candidate::short).collect();
    match names.iter().map(|name| width(name) + 2).sum::<usize>() {
        0..=72 => format!("nearest: {}", names.join(", ")),
        _ => format!("nearest:\n  {}", names.join("\n  ")),
    }
}

/// So many candidates are listed; the rest is a number.
const CANDIDATES_SHOWN: usize = 10;

pub(super) fn ambiguous_clause_help(candidates: &[Candidate]) -> String {
    let mut lines = vec!["name the file too:".to_owned()];
    lines.extend(candidates.iter().take(CANDIDATES_SHOWN).map(|candidate| format!("  {}", candidate.full())));
    if candidates.len() > CANDIDATES_SHOWN {
        lines.push(format!("  and {} more: git spec grep PATTERN", candidates.len() - CANDIDATES_SHOWN));
    }
    lines.join("\n")
}

pub(super) fn not_under_way_help(started: &[String]) -> String {
    match started {
        [] => "nothing is under way; list the clauses: git spec ls".to_owned(),
        some => format!("under way: {}", some.iter().map(|name| one_line(name)).collect::<Vec<_>>().join(", ")),
    }
}

pub(super) fn typed_clause_help(source: &Error, again: &str) -> String {
    let help = source.help().map(|help| format!("{help}\n")).unwrap_or_default();
    format!(
        "{help}the message is kept; mend it: {again}\nwith your other options, but without -m, -F, -c and -C; to let it pass as it \
         is: with --no-verify"
    )
}
