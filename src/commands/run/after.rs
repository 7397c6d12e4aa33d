//! The commands about links after the fact, from what was typed to the screen.

use std::ffi::OsString;

use bstr::BString;

use super::{Outcome, answer, bytes, outcome, text};
use crate::cli::{FsckArgs, Global, LinkArgs, NotesAction, NotesArgs, SquashMessageArgs, UnlinkArgs};
use crate::commands::comments::from_comments;
use crate::commands::fsck::fsck;
use crate::commands::link::{LinkQuery, link};
use crate::commands::share;
use crate::commands::source::Source;
use crate::commands::squash::{squash_message, squashed};
use crate::commands::unlink::unlink;
use crate::error::Error;
use crate::git::Repo;

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
        None if args.from_annotations => {
            let ([] | [_]) = query.words.as_slice() else {
                return Err(Error::Usage {
                    message: "--from-annotations takes at most one revision".to_owned(),
                    help: "git spec link --from-annotations [REVISION] [-- PATH...]".to_owned(),
                });
            };
            let paths: Vec<BString> = args.behind.iter().cloned().map(bytes).collect();
            from_comments(&source, query.words.first().map(String::as_str), &paths, args.dry_run)?
        }
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
    answer(&source.repo, global, &report, |out| report.show(source.repo.abbrev_len()?, out))?;
    Ok(outcome(&source))
}

pub(super) fn run_unlink(global: &Global, args: &UnlinkArgs) -> Result<Outcome, Error> {
    let source = Source::open(None)?;
    let report = unlink(&source, &texts(&args.words), &texts(&args.behind), args.dry_run)?;
    answer(&source.repo, global, &report, |out| report.show(source.repo.abbrev_len()?, out))?;
    let mut outcome = outcome(&source);
    outcome.notes.extend(report.kept);
    Ok(outcome)
}

pub(super) fn run_squash_message(global: &Global, args: &SquashMessageArgs) -> Result<Outcome, Error> {
    let source = Source::open(None)?;
    let report = squash_message(&source, &text(&args.range))?;
    answer(&source.repo, global, &report, |out| report.show(out))?;
    let mut outcome = outcome(&source);
    outcome.notes.extend(report.notes());
    Ok(outcome)
}

pub(super) fn run_notes(global: &Global, args: &NotesArgs) -> Result<Outcome, Error> {
    let repo = Repo::discover()?;
    let remote = args.remote.as_deref().map(text);
    let pushes = args.action == NotesAction::Push;
    let report = if pushes { share::push(&repo, remote.as_deref())? } else { share::fetch(&repo, remote.as_deref())? };
    answer(&repo, global, &report, |out| report.show(pushes, out))?;
    Ok(Outcome { notes: report.warnings, ..Outcome::default() })
}

pub(super) fn run_fsck(global: &Global, args: &FsckArgs) -> Result<Outcome, Error> {
    let rev = args.revision.as_deref().map(text);
    let source = Source::open(rev.as_deref())?;
    let report = fsck(&source, rev.as_deref(), args.all)?;
    answer(&source.repo, global, &report, |out| report.show(source.repo.abbrev_len()?, out))?;
    let incomplete = report.incomplete.clone();
    Ok(Outcome { findings: report.is_broken(), incomplete, ..outcome(&source) })
}
