//! `git spec notes fetch` and `push`: what others linked and what was linked here, brought together without losing a
//! line.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::thread;
use std::time::Duration;

use bstr::ByteSlice;

use super::links::NOTES;
use crate::error::Error;
use crate::git::{BothSides, GitError, NotesEdit, NotesNow, Oid, Pushed, Record, Repo, random};
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
    let withdrawn = withdraw_copies(repo)?;
    Ok(NotesReport { fetched: changed.is_some(), changed: changed.unwrap_or(0) + withdrawn, ..report(repo, remote)? })
}

/// Pushes the notes here to a remote, after merging what it has.
pub fn push(repo: &Repo, remote: Option<&str>) -> Result<NotesReport, Error> {
    let remote = named(repo, remote, true)?;
    let mut report = report(repo, remote)?;
    if repo.notes_now(NOTES)?.tip().is_none() {
        return Ok(report);
    }
    let (mut attempts, mut refusals) = (0, 0);
    report.changed += withdraw_copies(repo)?;
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
                report.changed += changed.unwrap_or(0) + withdraw_copies(repo)?;
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

/// Withdraws the copies of lines that were withdrawn in the note of a commit which is gone: whoever rewrote it took the line along
/// and not yet the withdrawal, or the other way round. How many notes changed.
///
/// A copy is known by its id, and by standing at a commit that is not older: what a commit gave to one that is gone now, as a
/// squash, is none.
fn withdraw_copies(repo: &Repo) -> Result<usize, Error> {
    if repo.is_shallow() || repo.notes_now(NOTES)?.tip().is_none() {
        return Ok(0);
    }
    let mut changed = 0;
    let mut reached: Option<HashSet<Oid>> = None;
    let record =
        Record { message: "Notes added by 'git spec notes'", reflog: "spec notes: withdrawals of rewritten commits" };
    repo.change_notes(NOTES, &record, |now| -> Result<_, Error> {
        let all = now.all()?;
        let mut notes: BTreeMap<Oid, Vec<u8>> = BTreeMap::new();
        for (gone, copy, id) in copies(&all) {
            if reached.is_none() {
                reached = Some(repo.commit_graph(&[])?.into_iter().map(|(commit, _)| commit).collect());
            }
            let is_reached = |commit: &Oid| reached.as_ref().is_some_and(|all| all.contains(commit));
            let dates = (committed(repo, gone)?, committed(repo, copy)?);
            if is_reached(&gone) || !is_reached(&copy) || !matches!(dates, (Some(a), Some(b)) if a <= b) {
                continue;
            }
            let old = match notes.get(&copy) {
                Some(note) => note.clone(),
                None => now.note(copy)?.unwrap_or_default(),
            };
            if let Some(whole) = note::with_lines(&old, [note::unspec_line(&id).as_bytes()]) {
                notes.insert(copy, whole);
            }
        }
        changed = notes.len();
        Ok((changed > 0).then(|| NotesEdit { notes: notes.into_iter().collect(), merged: None }))
    })?;
    Ok(changed)
}

/// Lines that are withdrawn in one note and stand in another: both objects, and the id.
fn copies(all: &[(Oid, Vec<u8>)]) -> Vec<(Oid, Oid, String)> {
    let mut withdrawn: HashMap<String, Vec<(Oid, String)>> = HashMap::new();
    for (object, bytes) in all.iter().filter(|(_, bytes)| bytes.to_ascii_lowercase().contains_str("unspec")) {
        for link in note::read(bytes).withdrawn {
            if let Some(id) = link.id.clone() {
                withdrawn.entry(id).or_default().push((*object, link.to_string()));
            }
        }
    }
    if withdrawn.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (object, bytes) in all {
        for link in note::read(bytes).links {
            let Some(id) = link.id.as_ref() else { continue };
            for (gone, text) in withdrawn.get(id).into_iter().flatten() {
                if gone != object && *text == link.to_string() {
                    found.push((*gone, *object, id.clone()));
                }
            }
        }
    }
    found
}

/// When a commit was made, in seconds; none where it isn't here or is none.
fn committed(repo: &Repo, commit: Oid) -> Result<Option<i64>, Error> {
    let raw = match repo.raw_commit(commit) {
        Ok(raw) => raw,
        Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => return Ok(None),
        Err(other) => return Err(other.into()),
    };
    let line = raw.lines().find_map(|line| line.strip_prefix(b"committer "));
    Ok(line.and_then(|line| line.rsplit(|byte| *byte == b' ').nth(1)?.to_str().ok()?.parse().ok()))
}
