//! Commits that became others: their notes go along (`git spec hook post-rewrite`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::ByteSlice;

use super::links::NOTES;
use super::source::Source;
use super::taken_back::taken_back;
use crate::error::Error;
use crate::git::{NotesEdit, Oid, Record, Repo};
use crate::trace::note;

/// Copies the note lines of old commits to the new ones. `input` is what git hands to the hook: a line for each with the
/// old and the new id, and perhaps more. How many notes changed; none did where git has copied them itself. Links of a
/// commit that another one takes back, where both became one, are withdrawn there.
///
/// A new id of zeros, as `git filter-repo` writes for a commit that it dropped, is passed over, and so is the head line of
/// its map.
///
/// # Errors
/// [`Error::Usage`] for a line that is no pair of ids, and what writing notes may give; then nothing was written.
pub fn rewritten(repo: &Repo, input: &[u8]) -> Result<usize, Error> {
    let pairs = pairs(input)?;
    let mut changed = 0;
    if pairs.is_empty() || repo.notes_now(NOTES)?.tip().is_none() {
        return Ok(changed);
    }
    let undone = undone(repo, &pairs)?;
    let record = Record { message: "Notes added by 'git spec hook post-rewrite'", reflog: "spec: post-rewrite" };
    repo.change_notes(NOTES, &record, |now| -> Result<_, Error> {
        // In the order of the lines, so that a commit that was rewritten twice hands on what it got.
        let mut notes: BTreeMap<Oid, Vec<u8>> = BTreeMap::new();
        for &(old, new) in &pairs {
            let known = |object: Oid| match notes.get(&object) {
                Some(bytes) => Ok(bytes.clone()),
                None => now.note(object).map(Option::unwrap_or_default),
            };
            let from = known(old)?;
            if from.is_empty() {
                continue;
            }
            if let Some(whole) = note::union(&known(new)?, &from) {
                notes.insert(new, whole);
            }
        }
        for (new, gone, kept) in &undone {
            let live = |commit: &Oid| -> Result<_, Error> {
                let note = note::read(&now.note(*commit)?.unwrap_or_default());
                Ok(note.links.into_iter().filter_map(|link| link.id).collect::<BTreeSet<String>>())
            };
            let mut ids = BTreeSet::new();
            for commit in gone {
                ids.extend(live(commit)?);
            }
            for commit in kept {
                let kept = live(commit)?;
                ids.retain(|id| !kept.contains(id));
            }
            let lines: Vec<String> = ids.iter().map(|id| note::unspec_line(id)).collect();
            let old = match notes.get(new) {
                Some(bytes) => bytes.clone(),
                None => now.note(*new)?.unwrap_or_default(),
            };
            if let Some(whole) = note::with_lines(&old, lines.iter().map(String::as_bytes)) {
                notes.insert(*new, whole);
            }
        }
        changed = notes.len();
        Ok((changed > 0).then(|| NotesEdit { notes: notes.into_iter().collect(), merged: None }))
    })?;
    Ok(changed)
}

/// New commits that several became, with those of them that another takes back, and the others.
type Undone = (Oid, Vec<Oid>, Vec<Oid>);

fn undone(repo: &Repo, pairs: &[(Oid, Oid)]) -> Result<Vec<Undone>, Error> {
    let mut became: BTreeMap<Oid, Vec<Oid>> = BTreeMap::new();
    // A rebase that joins commits makes one after another, which it tells as amendments of its own.
    let between: BTreeSet<Oid> = pairs.iter().map(|&(_, new)| new).collect();
    for &(old, new) in pairs.iter().filter(|(old, _)| !between.contains(old)) {
        became.entry(new).or_default().push(old);
    }
    became.retain(|_, old| old.len() > 1);
    if became.is_empty() {
        return Ok(Vec::new());
    }
    let source = match Source::of(repo.reopen(), None) {
        Ok(source) => source,
        // Whether code stands is asked of all files then.
        Err(_) => Source::without_set(repo.reopen()),
    };
    let mut found = Vec::new();
    for (new, old) in became {
        let taken: HashMap<_, _> = taken_back(&source, &old, Some(new))?;
        if !taken.is_empty() {
            let (gone, kept) = old.into_iter().partition(|old| taken.contains_key(old));
            found.push((new, gone, kept));
        }
    }
    Ok(found)
}

fn pairs(input: &[u8]) -> Result<Vec<(Oid, Oid)>, Error> {
    let mut pairs = Vec::new();
    for (number, line) in input.lines().enumerate() {
        let words: Vec<&[u8]> = line.fields().take(2).collect();
        let [old, new] = words[..] else {
            if words.is_empty() {
                continue;
            }
            return Err(no_pair(number));
        };
        if (old, new) == (b"old", b"new") {
            continue;
        }
        let id = |hex: &[u8]| Oid::from_hex(hex).map_err(|_| no_pair(number));
        let (old, new) = (id(old)?, id(new)?);
        if old != new && !new.is_zero() {
            pairs.push((old, new));
        }
    }
    Ok(pairs)
}

fn no_pair(number: usize) -> Error {
    Error::Usage {
        message: format!("line {} of the input is no pair of an old and a new commit id", number + 1),
        help: "git calls this hook itself; see what runs: git spec hook -h".to_owned(),
    }
}
