//! The commands about links after the fact, from what was typed to the screen.

use std::ffi::OsString;

use super::{Outcome, json, outcome, output, text};
use crate::cli::{Global, LinkArgs, SquashMessageArgs, UnlinkArgs};
use crate::commands::link::{LinkQuery, link};
use crate::commands::source::Source;
use crate::commands::squash::{squash_message, squashed};
use crate::commands::unlink::unlink;
use crate::error::Error;

fn texts(words: &[OsString]) -> Vec<String> {
    words.iter().map(|word| text(word)).collect()
}

pub(super) fn run_link(global: &Global, args: &LinkArgs) -> Result<Outcome, Error> {
    let source = Source::open(None)?;
    let query = LinkQuery {
        words: texts(&args.words),
        behind: texts(&args.behind),
        affirm: args.affirm,
        force: args.force,
        dry_run: args.dry_run,
    };
    let report = match &args.squashed {
        Some(range) => {
            let [commit] = query.words.as_slice() else {
                return Err(Error::Usage {
                    message: "--squashed takes a range and the commit that replaced it".to_owned(),
                    help: "git spec link --squashed RANGE COMMIT".to_owned(),
                });
            };
            squashed(&source, &text(range), commit, args.dry_run)?
        }
        None => link(&source, &query)?,
    };
    let mut out = output(&source.repo, global)?;
    if global.json {
        json(&mut out, &report)?
    } else {
        report.show(source.repo.abbrev_len()?, &mut out)?
    }
    out.finish()?;
    Ok(outcome(&source))
}

pub(super) fn run_unlink(global: &Global, args: &UnlinkArgs) -> Result<Outcome, Error> {
    let source = Source::open(None)?;
    let report = unlink(&source, &texts(&args.words), &texts(&args.behind), args.dry_run)?;
    let mut out = output(&source.repo, global)?;
    if global.json {
        json(&mut out, &report)?
    } else {
        report.show(source.repo.abbrev_len()?, &mut out)?
    }
    out.finish()?;
    let mut outcome = outcome(&source);
    outcome.notes.extend(report.kept);
    Ok(outcome)
}

pub(super) fn run_squash_message(global: &Global, args: &SquashMessageArgs) -> Result<Outcome, Error> {
    let source = Source::open(None)?;
    let report = squash_message(&source, &text(&args.range))?;
    let mut out = output(&source.repo, global)?;
    if global.json {
        json(&mut out, &report)?
    } else {
        report.show(&mut out)?
    }
    out.finish()?;
    let mut outcome = outcome(&source);
    outcome.notes.extend(report.notes());
    Ok(outcome)
}
