//! `git spec check`, from what was typed to the screen.

use std::path::Path;

use super::{Outcome, outcome, output, text};
use crate::cli::{CheckArgs, Global};
use crate::commands::check::{Checked, check, check_pushed};
use crate::commands::ci::{self, Host};
use crate::commands::findings;
use crate::error::Error;
use crate::git::Repo;
use crate::view::Output;
use crate::view::check::{About, CheckReport, Format, page_text, rule_named};
use crate::view::output::{DEFAULT_WIDTH, Surroundings, Wishes};
use crate::view::text::shell_quote;

pub(super) fn run_check(global: &Global, args: &CheckArgs) -> Result<Outcome, Error> {
    if let Some(word) = &args.explain {
        return explain(global, word);
    }
    let (wanted, shown) = formats(global, args)?;
    let range = args.range.as_deref().map(text);
    let repo = Repo::discover()?;
    let mut notes = Vec::new();
    let checked = if args.ci { check_pushed(repo, &mut notes)? } else { Some(check(repo, range.as_deref())?) };
    let Some(Checked { mut report, source, query, tip, reference, unused }) = checked else {
        notes.push("the push deleted its reference, so there is nothing to judge".to_owned());
        return Ok(Outcome { notes, ..Outcome::default() });
    };
    notes.extend(unused);
    if wanted != Format::Text || shown != Format::Text {
        findings::place(&source.repo, &mut report, tip)?;
    }
    let about = match wanted {
        Format::Sarif | Format::Junit => findings::about(&source, &query, tip, reference.as_deref())?,
        _ => About::default(),
    };
    let abbrev = source.repo.abbrev_len()?;
    if let Some(file) = &args.output {
        write(file, source.repo.work_tree(), &report, wanted, &about, abbrev)?;
    }
    let mut out = output(&source.repo, &Global { json: shown != Format::Text, ..global.clone() })?;
    put(&report, shown, &about, abbrev, &mut out)?;
    out.finish()?;
    let mut outcome = outcome(&source);
    notes.append(&mut outcome.notes);
    Ok(Outcome { findings: report.refuses(), notes, ..outcome })
}

/// What is asked for, and what is shown: the same, unless the former goes into a file.
fn formats(global: &Global, args: &CheckArgs) -> Result<(Format, Format), Error> {
    let usual = match args.ci && ci::host(&ci::variables) == Host::Actions {
        true => Format::Github,
        false => Format::Text,
    };
    let wanted = match args.format {
        Some(format) if global.json && format != Format::Json => {
            return Err(Error::Usage {
                message: "--json and --format do not go together".to_owned(),
                help: "git spec check --format FORMAT".to_owned(),
            });
        }
        Some(format) => format,
        None if global.json => Format::Json,
        None => usual,
    };
    Ok(if args.output.is_some() { (wanted, usual) } else { (wanted, wanted) })
}

fn put(report: &CheckReport, format: Format, about: &About, abbrev: usize, out: &mut Output) -> Result<(), Error> {
    match report.written(format, about)? {
        Some(text) => out.text(&text),
        None => report.show(abbrev, out),
    }
}

fn write(
    file: &Path,
    top: Option<&Path>,
    report: &CheckReport,
    format: Format,
    about: &About,
    abbrev: usize,
) -> Result<(), Error> {
    if top.is_some_and(|top| leads_elsewhere(file, top)) {
        let what = std::io::Error::other("a symbolic link of the checkout leads elsewhere");
        return Err(Error::io(format!("write {}", file.display()), what));
    }
    let mut out = Output::in_memory(crate::view::Style::PLAIN, DEFAULT_WIDTH);
    put(report, format, about, abbrev, &mut out)?;
    std::fs::write(file, out.into_bytes()).map_err(|error| Error::io(format!("write {}", file.display()), error))
}

/// Whether a file in a work tree is, or lies behind, a symbolic link: those are the author's of what is checked out.
fn leads_elsewhere(file: &Path, top: &Path) -> bool {
    let (Ok(here), Ok(top)) = (std::env::current_dir().and_then(|here| here.canonicalize()), top.canonicalize()) else {
        return true;
    };
    let lies = here.join(file);
    if !lies.starts_with(&top) {
        return false;
    }
    let place = lies.parent().unwrap_or(&top);
    lies.symlink_metadata().is_ok_and(|facts| facts.is_symlink())
        || place.canonicalize().is_ok_and(|real| real.as_path() != place)
}

/// Prints the page of a rule. No repository is needed.
fn explain(global: &Global, word: &str) -> Result<Outcome, Error> {
    if global.json {
        let message = "--explain has no JSON: a page is prose".to_owned();
        return Err(Error::Usage { message, help: format!("git spec check --explain {}", shell_quote(word)) });
    }
    let rule = rule_named(word).ok_or_else(|| Error::NoSuchRule { name: word.to_owned() })?;
    let wishes = Wishes { color: global.color(), color_spec: None, color_ui: None, paginate: false };
    let mut out = Output::open(&Surroundings::of_process(), &wishes, String::new);
    let text = page_text(rule, out.style());
    out.text(&text)?;
    out.finish()?;
    Ok(Outcome::default())
}
