//! The `git-spec` binary: parse, run, report.

use std::ffi::OsString;
use std::process::ExitCode;

use git_spec::cli::{command, from_git, is_refusal, wrong_use};
use git_spec::commands::run::{Outcome, error_style, run};
use git_spec::error::{Error, report};

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let cli = match from_git(words.clone()) {
        Ok(cli) => cli,
        Err(refusal) if is_refusal(&refusal) => {
            let (style, width) = error_style();
            let mut known = command();
            known.build();
            let error = wrong_use(&refusal, &words, &known);
            report(&error, style, width);
            return ExitCode::from(error.exit_code());
        }
        Err(shown) => {
            let _ = shown.print();
            return ExitCode::from(if shown.use_stderr() { 2 } else { 0 });
        }
    };
    let ended = run(cli);
    let (style, width) = error_style();
    ExitCode::from(match ended {
        Ok(outcome) => close(&outcome, style, width),
        Err(error) => {
            report(&error, style, width);
            error.exit_code()
        }
    })
}

/// Says what could not be seen, and the exit status: 3 beats 1.
fn close(outcome: &Outcome, style: git_spec::view::Style, width: usize) -> u8 {
    git_spec::error::notes(&outcome.notes, style);
    if !outcome.incomplete.is_empty() {
        let error = Error::Incomplete { reasons: outcome.incomplete.clone() };
        report(&error, style, width);
        return error.exit_code();
    }
    outcome.status.unwrap_or_else(|| u8::from(outcome.findings))
}
