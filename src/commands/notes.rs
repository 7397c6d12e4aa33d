//! Lines in notes: links that are added, and withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use super::links::NOTES;
use crate::error::Error;
use crate::git::{NotesEdit, NotesNow, Oid, Record, Repo, random};
use crate::trace::link::Source;
use crate::trace::{Link, note};

/// Adds links to the notes of commits, all in one commit. What a note has already is not added again; tells for each
/// pair whether it was.
///
/// # Errors
/// What writing notes may give; then nothing was written.
pub fn record(repo: &Repo, wanted: &[(Oid, Link)], record: &Record<'_>) -> Result<Vec<bool>, Error> {
    let mut by_object: BTreeMap<Oid, Vec<usize>> = BTreeMap::new();
    for (at, (object, _)) in wanted.iter().enumerate() {
        by_object.entry(*object).or_default().push(at);
    }
    let mut added = vec![false; wanted.len()];
    repo.change_notes(NOTES, record, |now| {
        added.fill(false);
        edit(now, &by_object, |object, places, bytes| {
            let mut live = note::read(bytes).links;
            let mut ids = note::ids(bytes);
            let mut lines = Vec::new();
            for &at in places {
                let link = &wanted[at].1;
                if live.iter().any(|known| same_claim(known, link, object)) {
                    continue;
                }
                lines.push(note::spec_line(link, &new_id(&mut ids)));
                live.push(link.clone());
                added[at] = true;
            }
            lines
        })
    })?;
    Ok(added)
}

/// Withdraws lines of notes by their ids, all in one commit. What is withdrawn already stays so.
///
/// # Errors
/// What writing notes may give; then nothing was written.
pub fn withdraw(repo: &Repo, wanted: &BTreeMap<Oid, Vec<String>>, record: &Record<'_>) -> Result<(), Error> {
    repo.change_notes(NOTES, record, |now| {
        edit(now, wanted, |_, ids, bytes| {
            let gone = note::read(bytes).unspec;
            ids.iter().filter(|id| !gone.contains(*id)).map(|id| note::unspec_line(id)).collect()
        })
    })?;
    Ok(())
}

/// The notes of these objects with the lines that `lines` wants behind them; `None` where there is none to add.
fn edit<T>(
    now: &NotesNow<'_>,
    wanted: &BTreeMap<Oid, Vec<T>>,
    mut lines: impl FnMut(Oid, &[T], &[u8]) -> Vec<String>,
) -> Result<Option<NotesEdit>, Error> {
    let mut edit = NotesEdit::default();
    for (&object, wanted) in wanted {
        let bytes = now.note(object)?.unwrap_or_default();
        let lines = lines(object, wanted, &bytes);
        if let Some(whole) = note::with_lines(&bytes, lines.iter().map(String::as_bytes)) {
            edit.notes.push((object, whole));
        }
    }
    Ok((!edit.notes.is_empty()).then_some(edit))
}

/// The lines that add links to the note of a commit, but for those to a version of a clause that it links already.
pub fn new_lines(note: &[u8], links: &[Link], commit: Oid) -> Vec<String> {
    let (mut live, mut ids) = (note::read(note).links, note::ids(note));
    let mut lines = Vec::new();
    for link in links {
        let is_same = |known: &Link| {
            same_claim(known, link, commit) || (known.same_clause(link) && known.version == link.version)
        };
        if !live.iter().any(is_same) {
            lines.push(note::spec_line(link, &new_id(&mut ids)));
            live.push(link.clone());
        }
    }
    lines
}

/// An id that no line has or withdraws yet: eight hexadecimal digits.
fn new_id(known: &mut BTreeSet<String>) -> String {
    loop {
        let id = format!("{:08x}", random() as u32);
        if known.insert(id.clone()) {
            return id;
        }
    }
}

/// Whether two links of one carrier say the same: the same clause, version, spec commit and sort of claim.
pub fn same_claim(a: &Link, b: &Link, carrier: Oid) -> bool {
    let carrier = carrier.to_string();
    let commit = |link: &Link| link.commit.clone().unwrap_or_else(|| carrier.clone());
    let (one, other) = (commit(a), commit(b));
    let affirms = |link: &Link| link.source == Source::Affirm;
    a.same_clause(b)
        && a.version == b.version
        && affirms(a) == affirms(b)
        && (one.starts_with(&other) || other.starts_with(&one))
}
