//! How errors, warnings, hints and notes are said on standard error.

use std::io::{self, Write};

use miette::Diagnostic;

use super::Error;
use super::excerpt::excerpt;
use crate::view::progress;
use crate::view::style::{Meaning, Style};
use crate::view::text::{escape_controls, one_line};

/// Says what a person should look at, a line each.
pub fn warnings(lines: &[String], style: Style) {
    said("warning:", Meaning::Warning, lines, style);
}

/// Says what a person could do, a line each.
pub fn hints(lines: &[String], style: Style) {
    said("hint:", Meaning::Hint, lines, style);
}

fn said(label: &str, meaning: Meaning, lines: &[String], style: Style) {
    progress::take_back();
    let mut stderr = io::stderr().lock();
    for line in lines {
        let _ = writeln!(stderr, "{} {}", style.paint(meaning, label), one_line(line));
    }
}

/// An error and the first line of its hint on one line, for a program that goes on in spite of it.
pub fn in_one_line(error: &Error) -> String {
    let help = error.help().map(|help| help.to_string()).unwrap_or_default();
    let first = help.lines().last().unwrap_or_default();
    if first.is_empty() { error.to_string() } else { format!("{error} ({first})") }
}

/// Says something that is worth knowing and no error, a line each.
pub fn notes(notes: &[String], style: Style) {
    progress::take_back();
    let mut stderr = io::stderr().lock();
    for note in notes {
        let _ = writeln!(stderr, "{} {}", style.paint(Meaning::Warning, "note:"), one_line(note));
    }
}

/// Prints an error to standard error: `error:`, for a configuration the line in question, then `hint:`. Nothing for
/// [`Error::Closed`].
pub fn report(error: &Error, style: Style, width: usize) {
    progress::take_back();
    // If standard error is closed too, there is nobody to tell.
    let _ = io::stderr().write_all(render(error, style, width).as_bytes());
}

/// What [`report`] prints.
pub fn render(error: &Error, style: Style, width: usize) -> String {
    if matches!(error, Error::Closed) {
        return String::new();
    }
    let mut out = labelled("error:", Meaning::Error, &error.to_string(), style);
    if let Error::BadConfig { file, span, .. } = error {
        out.push_str(&excerpt(file, *span, style, width));
    }
    if let Some(help) = error.help() {
        out.push_str(&labelled("hint:", Meaning::Hint, &help.to_string(), style));
    }
    out
}

/// Each line behind the label, as git prefixes its own.
fn labelled(label: &str, meaning: Meaning, text: &str, style: Style) -> String {
    let text = escape_controls(text);
    let text = if style.unicode { text } else { text.replace('…', "...").into() };
    text.lines().map(|line| format!("{} {line}\n", style.paint(meaning, label))).collect()
}
