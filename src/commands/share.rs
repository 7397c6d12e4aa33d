//! `git spec notes fetch` and `push`: what others linked and what was linked here, brought together without losing a
//! line.

use std::thread;
use std::time::Duration;

use super::copies;
use super::links::NOTES;
use crate::error::Error;
use crate::git::{BothSides, NotesEdit, NotesNow, Oid, Pushed, Record, Repo, random};
use crate::trace::note;
use crate::view::notes::NotesReport;
use crate::view::text::shell_quote;

/// How often a push is tried again after the remote has moved.
const PUSHES: u32 = 40;
/// How often it may refuse although it has nothing new: a hook of the remote, or a lock.
const REFUSALS: u32 = 3;
/// Longest pause between two attempts, in milliseconds.
const LONGEST_PAUSE: u64 = 80;

/// Fetches the notes of a remote and merges them with those here.
pub fn fetch(repo: &Repo, remote: Option<&str>) -> Result<NotesReport, Error> {
    let remote = named(repo, remote, false)?;
    let changed = take_in(repo, &remote)?;
    let brought = copies::bring_along(repo, &remote)?;
    Ok(NotesReport { fetched: changed.is_some(), changed: changed.unwrap_or(0) + brought, ..report(repo, remote)? })
}

/// Pushes the notes here to a remote, after merging what it has.
pub fn push(repo: &Repo, remote: Option<&str>) -> Result<NotesReport, Error> {
    let remote = named(repo, remote, true)?;
    let mut report = report(repo, remote)?;
    if repo.notes_now(NOTES)?.tip().is_none() {
        return Ok(report);
    }
    let (mut attempts, mut refusals) = (0, 0);
    report.changed += copies::bring_along(repo, &report.remote)?;
    loop {
        match repo.push_reference(&report.remote, NOTES)? {
            Pushed::Done => {
                report.pushed = true;
                return Ok(report);
            }
            Pushed::UpToDate => return Ok(report),
            Pushed::Rejected(stderr) => {
                let before = repo.notes_now(NOTES)?.tip();
                let changed = take_in(repo, &report.remote)?;
                report.fetched = true;
                report.changed += changed.unwrap_or(0) + copies::bring_along(repo, &report.remote)?;
                if repo.notes_now(NOTES)?.tip() == before {
                    refusals += 1;
                }
                attempts += 1;
                if refusals > REFUSALS || attempts > PUSHES {
                    let command = format!("push {}", shell_quote(&report.remote));
                    return Err(Error::GitFailed { command, stderr: words_of(&stderr) });
                }
                thread::sleep(Duration::from_millis(random() % LONGEST_PAUSE));
            }
        }
    }
}

/// What a remote said of a push, without the words that Git and the remote put before its lines; all where it said nothing.
fn words_of(stderr: &str) -> String {
    let bare = |line: &str| line.trim_end().strip_prefix("error: ").unwrap_or(line.trim_end()).to_owned();
    let told: Vec<String> = stderr.lines().filter_map(|line| line.strip_prefix("remote: ")).map(bare).collect();
    match told.join("\n").trim() {
        "" => stderr.to_owned(),
        told => told.to_owned(),
    }
}

fn report(repo: &Repo, remote: String) -> Result<NotesReport, Error> {
    let forced = repo.forced_over(NOTES)?;
    let warnings = forced.iter().map(|forced| {
        let refspec = forced.refspec.to_string();
        format!(
            "git fetch {} forces what it fetches over {NOTES} by {refspec}, which loses links that were not pushed; take it \
             out: git config --fixed-value --unset remote.{}.fetch {}",
            shell_quote(&forced.remote),
            forced.remote,
            shell_quote(&refspec)
        )
    });
    Ok(NotesReport { schema: "git-spec/notes/1", remote, warnings: warnings.collect(), ..NotesReport::default() })
}

/// The remote that is meant.
fn named(repo: &Repo, remote: Option<&str>, for_push: bool) -> Result<String, Error> {
    let remotes = repo.remotes()?;
    let help = match remotes.as_slice() {
        [] => "git remote add origin URL".to_owned(),
        names => format!("the remotes here: {}", names.join(", ")),
    };
    let name = match remote {
        Some(name) => name.to_owned(),
        None => repo
            .default_remote(for_push)?
            .ok_or_else(|| Error::Usage { message: "no remote was named".to_owned(), help: help.clone() })?,
    };
    if remotes.contains(&name) {
        return Ok(name);
    }
    Err(Error::Usage { message: format!("{name} is no configured remote"), help })
}

/// Fetches and merges; how many notes changed here, or none where the remote has no notes.
fn take_in(repo: &Repo, remote: &str) -> Result<Option<usize>, Error> {
    let tracking = format!("refs/notes/remotes/{remote}/spec");
    if !repo.fetch_reference(remote, NOTES, &tracking)? {
        return Ok(None);
    }
    let Some(theirs) = repo.reference(&tracking)? else { return Ok(None) };
    if !repo.holds_notes(theirs)? {
        let message = format!("{NOTES} of {remote} names no commit or tree with notes, so nothing of it was taken in");
        let help = format!("git ls-remote {} {NOTES} tells what it is; take it away there", shell_quote(remote));
        return Err(Error::Usage { message, help });
    }
    merge(repo, theirs, &format!("spec notes: fetch {remote}")).map(Some)
}

/// How two tips of notes stand to each other.
enum Stand {
    /// Here is all that there is.
    Contained,
    /// There is all that here is, in this many notes more.
    Behind(usize),
    /// Each has something.
    Apart,
}

/// Brings a tip of notes into those here; how many notes changed.
pub fn merge(repo: &Repo, theirs: Oid, reflog: &str) -> Result<usize, Error> {
    loop {
        let now = repo.notes_now(NOTES)?;
        match stand(repo, &now, theirs)? {
            Stand::Contained => return Ok(0),
            Stand::Behind(changed) => {
                if repo.forward(NOTES, theirs, now.tip(), reflog)? {
                    return Ok(changed);
                }
            }
            Stand::Apart => {
                let mut changed = 0;
                let record = Record { message: "Notes merged by 'git spec notes fetch'", reflog };
                repo.change_notes(NOTES, &record, |now| -> Result<_, Error> {
                    let notes = united(now, theirs)?;
                    changed = notes.len();
                    Ok(Some(NotesEdit { notes, merged: Some(theirs) }))
                })?;
                return Ok(changed);
            }
        }
    }
}

fn stand(repo: &Repo, now: &NotesNow<'_>, theirs: Oid) -> Result<Stand, Error> {
    let Some(ours) = now.tip() else { return Ok(Stand::Behind(now.beside(theirs)?.len())) };
    match repo.merge_base(ours, theirs)? {
        Some(base) if base == theirs => Ok(Stand::Contained),
        Some(base) if base == ours => {
            let differ = now.beside(theirs)?;
            // Somebody took lines out there; they stay here.
            let loses = |both: &BothSides| {
                let theirs = both.theirs.as_deref().unwrap_or_default();
                both.ours.as_ref().is_some_and(|ours| note::union(theirs, ours).is_some())
            };
            let lost = differ.iter().any(loses);
            Ok(if lost { Stand::Apart } else { Stand::Behind(differ.len()) })
        }
        _ => Ok(Stand::Apart),
    }
}

/// The notes that get lines from the other side.
fn united(now: &NotesNow<'_>, theirs: Oid) -> Result<Vec<(Oid, Vec<u8>)>, Error> {
    let mut notes = Vec::new();
    for BothSides { object, ours, theirs } in now.beside(theirs)? {
        let whole = match (ours, theirs) {
            (None, theirs) => theirs,
            (Some(ours), Some(theirs)) => note::union(&ours, &theirs),
            (Some(_), None) => None,
        };
        notes.extend(whole.map(|whole| (object, whole)));
    }
    Ok(notes)
}
