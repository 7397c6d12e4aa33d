//! The commands about history, from what was typed to the screen.

use std::ffi::{OsStr, OsString};

use bstr::ByteSlice;

use super::{Outcome, answer, bytes, globs, json, outcome, output, sorted, text};
use crate::cli::{BlameArgs, DiffArgs, Global, LogArgs};
use crate::commands::link_scan::Ahead;
use crate::commands::log::{LogQuery, log, walk_ahead};
use crate::commands::sides::{Side, Sides};
use crate::commands::source::Source;
use crate::commands::{blame, diff, impact};
use crate::error::Error;
use crate::git::{BlameAhead, BlameQuery, Repo};
use crate::view::diff::DiffFace;
use crate::view::log::{LogEntry, LogFace, LogJson};
use crate::view::output::Output;
use crate::view::text::shell_quote;

pub(super) fn run_diff(global: &Global, args: &DiffArgs) -> Result<Outcome, Error> {
    let repo = Repo::discover()?;
    let (revisions, paths) = sorted(&repo, &args.targets)?;
    let mut sides = Sides::of(&repo, &revisions, args.cached)?;
    if args.reverse {
        sides = sides.swapped();
    }
    let newest = match &sides.to {
        Side::Commit(oid) => Some(oid.to_string()),
        _ => None,
    };
    let source = Source::of(repo, newest.as_deref())?.with_gone_between(&sides)?;
    let mut report = diff::diff(&source, &sides, &paths)?;
    if !(global.json || args.quiet || args.stat || args.name_only || args.identity || args.reverse) {
        let from = revisions.first().map(|rev| shell_quote(rev).into_owned()).unwrap_or_else(|| "HEAD".to_owned());
        let typed = revisions.get(1).map(|rev| format!("{from} {}", shell_quote(rev))).unwrap_or(from);
        report.generated = impact::touched_files(&source, &sides, &report.changes)?;
        report.impact = format!("git spec impact {typed}");
    }
    let differs = !report.changes.is_empty() || !report.documents.is_empty();
    if !args.quiet {
        let mut out = output(&source.repo, global)?;
        let face = DiffFace {
            all: args.all,
            stat: args.stat,
            name_only: args.name_only,
            nul: args.null,
            identity: args.identity,
        };
        if global.json {
            json(&mut out, &report)?
        } else {
            report.show(face, &mut out)?
        }
        out.finish()?;
    }
    let mut outcome = outcome(&source);
    let is_bare = |side: &Side| source.files(side).is_ok_and(|files| files.is_empty());
    if !differs && paths.is_empty() && is_bare(&sides.from) && is_bare(&sides.to) {
        // The specification may have had other names then; without a word it would look like one that nobody touched.
        outcome.notes.push(format!("no clause on either side, where the spec set is {}", globs(&source)));
    }
    Ok(Outcome { findings: differs && (args.exit_code || args.quiet), ..outcome })
}

pub(super) fn run_log(global: &Global, args: &LogArgs) -> Result<Outcome, Error> {
    let repo = Repo::discover()?;
    let (revs, paths) = sorted(&repo, &args.targets)?;
    let is_plain =
        |rev: &&String| !rev.starts_with('^') && !["..", "^!", "^@", "^-"].iter().any(|mark| rev.contains(mark));
    let newest = revs.iter().find(is_plain).cloned();
    let configured = repo.config()?.get("log.date").map(|value| value.to_str_lossy().into_owned());
    let shown = args.date.as_deref().map(text).or(configured).unwrap_or_else(|| "relative".to_owned());
    let query = LogQuery {
        revs,
        paths,
        clause: args.clause.as_deref().map(text),
        at: args.at.as_deref().map(text),
        count: args.max_count,
        skip: args.skip,
        reverse: args.reverse,
        limits: args.walk_options(),
        decorate: !global.json,
        date: Some(if global.json { "iso-strict".to_owned() } else { shown }),
        pickaxe: args.pickaxe.as_deref().map(text),
        grep_text: args.changed.as_deref().map(text),
        texts: global.json || args.patch,
        stats: !global.json && !args.oneline,
    };
    let walks = repo.reopen();
    let walk = walk_ahead(&walks, &query)?;
    if query.revs.is_empty() && !args.all {
        repo.resolve("HEAD")?;
    }
    // Where that fails, whoever asks for the links says why.
    let tip = repo.resolve(query.at.as_deref().unwrap_or("HEAD")).ok();
    let messages = tip.map(|tip| Ahead::begin(&repo, tip)).transpose()?.flatten();
    let mut source = Source::of(repo, newest.as_deref())?;
    if let Some(clause) = &query.clause {
        source = source.with_gone_since(clause)?;
    }
    let source = source.with_messages(messages);
    let mut out = output(&source.repo, global)?;
    let abbrev = source.repo.abbrev_len()?;
    let life = query.clause.is_some();
    let face =
        LogFace { oneline: args.oneline, stat: args.stat, all: args.unfold || life, words: args.patch || life, abbrev };
    let mut untold = 0;
    if global.json {
        let mut stream = LogJson::default();
        let json = |entry: &LogEntry| Ok(serde_json::to_vec(entry)?);
        log(&source, &query, walk, &json, &mut |entry| match entry {
            Some(entry) => stream.entry(&entry, &mut out),
            None => out.pause(),
        })?;
        stream.end(&source.incomplete.borrow(), &mut out)?;
    } else {
        let (style, width) = (out.style(), out.width());
        let screen = |entry: &LogEntry| {
            let mut out = Output::in_memory(style, width);
            entry.show(face, &mut out)?;
            Ok(out.into_bytes())
        };
        let mut first = true;
        untold = log(&source, &query, walk, &screen, &mut |entry| match entry {
            Some(entry) => {
                if !std::mem::take(&mut first) && !face.oneline {
                    out.line("")?;
                }
                out.bytes(&entry)
            }
            None => out.pause(),
        })?;
    }
    out.finish()?;
    let mut outcome = outcome(&source);
    if untold > 0 && !args.oneline {
        let links = if untold == 1 { "1 link".to_owned() } else { format!("{untold} links") };
        outcome.notes.push(match &query.clause {
            Some(clause) => format!(
                "{links} that may be about this clause could not be tied for certain: git spec show {}",
                shell_quote(clause)
            ),
            None => format!("{links} could not be tied to a clause for certain: git spec fsck"),
        });
    }
    Ok(outcome)
}

/// Begins to blame what is most likely meant, and says what that is: most of the time until the answer is git's.
fn blame_ahead(args: &BlameArgs) -> Option<(BlameAhead, (Option<OsString>, OsString))> {
    let is_path = |word: &OsStr| std::path::Path::new(word).symlink_metadata().is_ok();
    let (rev, file) = args.revision_and_file(is_path).ok()?;
    let (path, typed) = (bytes(file.clone()), rev.as_deref().map(text));
    let query = BlameQuery { rev: typed, path, flags: args.git_options(), ..BlameQuery::default() };
    Some((BlameAhead::begin(&query)?, (rev, file)))
}

pub(super) fn run_blame(global: &Global, args: &BlameArgs) -> Result<Outcome, Error> {
    let ahead = blame_ahead(args);
    let repo = Repo::discover()?;
    // A bare repository's own HEAD lies beside it, and is no file to blame.
    let is_path = |word: &OsStr| repo.work_tree().is_some() && std::path::Path::new(word).symlink_metadata().is_ok();
    let (rev, file) = args.revision_and_file(is_path)?;
    let ahead = ahead.filter(|(_, begun)| *begun == (rev.clone(), file.clone())).map(|(ahead, _)| ahead);
    let path = repo.path_from_top(&bytes(file))?;
    let rev = rev.as_deref().map(text);
    let query = BlameQuery { rev, path, flags: args.git_options(), ..BlameQuery::default() };
    let at = args.at.as_deref().map(text);
    let (report, source) = blame::blame(repo, &query, at.as_deref(), ahead)?;
    let repo = source.as_ref().map_or_else(|repo| repo, |source| &source.repo);
    answer(repo, global, &report, |out| report.show(repo.abbrev_len()?, out))?;
    Ok(source.as_ref().map(outcome).unwrap_or_default())
}
