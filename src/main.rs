//! The `git-spec` binary: parse, run, report.

use std::ffi::OsString;
use std::process::ExitCode;

use git_spec::cli::{command, from_git, is_refusal, wrong_use};
use git_spec::commands::run::{Outcome, begin, error_style, help, note_of_failed, run};
use git_spec::error::{Error, notes, report};
use git_spec::git::limits_fail_writes;
use git_spec::view::progress;

fn main() -> ExitCode {
    limits_fail_writes();
    let words: Vec<OsString> = std::env::args_os().collect();
    let cli = match from_git(words.clone()) {
        Ok(cli) => cli,
        Err(refusal) if is_refusal(&refusal) => {
            begin(Err(&words));
            let mut known = command();
            known.build();
            let error = wrong_use(&refusal, &words, &known);
            say(&error);
            return ExitCode::from(error.exit_code());
        }
        Err(shown) => {
            begin(Err(&words));
            return ExitCode::from(help(&shown));
        }
    };
    begin(Ok(&cli));
    let ended = run(cli);
    progress::take_back();
    ExitCode::from(match ended {
        Ok(outcome) => close(&outcome),
        Err(error) => {
            let known = note_of_failed(&error);
            if !known.is_empty() {
                notes(&known, error_style().0);
            }
            say(&error);
            error.exit_code()
        }
    })
}

fn say(error: &Error) {
    if !matches!(error, Error::Closed) {
        let (style, width) = error_style();
        report(error, style, width);
    }
}

/// Says what could not be seen, and the exit status: 3 beats 1.
fn close(outcome: &Outcome) -> u8 {
    if !outcome.notes.is_empty() {
        notes(&outcome.notes, error_style().0);
    }
    if !outcome.incomplete.is_empty() {
        let error = Error::Incomplete { reasons: outcome.incomplete.clone() };
        say(&error);
        return error.exit_code();
    }
    outcome.status.unwrap_or_else(|| u8::from(outcome.findings))
}
