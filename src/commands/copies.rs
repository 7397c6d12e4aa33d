//! Lines of notes that went along to a rewritten commit while another person withdrew them at the old one, or linked that to another
//! clause: both count for the commit that it became, too.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bstr::ByteSlice;

use super::links::NOTES;
use crate::error::Error;
use crate::git::{GitError, NotesEdit, Oid, Record, Repo};
use crate::trace::Link;
use crate::trace::note::{self, Note};

/// Brings to the note of a commit what became of the note of one that is gone and from which it has lines: whoever rewrote it took
/// these along, and not yet a withdrawal or another link. How many notes changed.
///
/// A copy is known by its id, and by standing at a commit that is not older: what a commit gave to one that is gone now, as a
/// squash, is none. Where the object of the gone one is absent, the history of the notes tells which had the line first.
///
/// # Errors
/// What reading and writing may give.
pub fn bring_along(repo: &Repo, remote: &str) -> Result<usize, Error> {
    if repo.is_shallow() || repo.notes_now(NOTES)?.tip().is_none() {
        return Ok(0);
    }
    let mut changed = 0;
    let judge = Judge { repo, remote, reached: OnceCell::new(), has_all: OnceCell::new() };
    let record =
        Record { message: "Notes added by 'git spec notes'", reflog: "spec notes: lines of rewritten commits" };
    repo.change_notes(NOTES, &record, |now| -> Result<_, Error> {
        let pairs = pairs(&now.all()?);
        let mut notes: BTreeMap<Oid, Vec<u8>> = BTreeMap::new();
        for pair in judge.copies(pairs, now.tip())? {
            let old = match notes.get(&pair.copy) {
                Some(note) => note.clone(),
                None => now.note(pair.copy)?.unwrap_or_default(),
            };
            if let Some(whole) = note::with_lines(&old, pair.lines.iter().map(String::as_bytes)) {
                notes.insert(pair.copy, whole);
            }
        }
        changed = notes.len();
        Ok((changed > 0).then(|| NotesEdit { notes: notes.into_iter().collect(), merged: None }))
    })?;
    Ok(changed)
}

/// Two notes with a line in common.
struct Pair {
    /// Where something became of it that the other doesn't know.
    gone: Oid,
    /// The other.
    copy: Oid,
    /// The lines that are in both.
    ids: BTreeSet<String>,
    /// What the other lacks.
    lines: Vec<String>,
}

/// What becomes of a pair, as far as the objects tell.
enum Told {
    Copy,
    None,
    /// The object of the commit that is gone is absent.
    Absent,
}

/// Tells copies; what takes long is asked once, and only where there is something to tell.
struct Judge<'r> {
    repo: &'r Repo,
    remote: &'r str,
    reached: OnceCell<HashSet<Oid>>,
    has_all: OnceCell<bool>,
}

impl Judge<'_> {
    /// Of these pairs those that are an original and its copy.
    fn copies(&self, pairs: Vec<Pair>, tip: Option<Oid>) -> Result<Vec<Pair>, Error> {
        let (mut copies, mut absent) = (Vec::new(), Vec::new());
        for pair in pairs {
            match self.told(&pair)? {
                Told::Copy => copies.push(pair),
                Told::Absent => absent.push(pair),
                Told::None => {}
            }
        }
        if absent.is_empty() || !self.has_all()? {
            return Ok(copies);
        }
        let ids: BTreeSet<&str> = absent.iter().flat_map(|pair| &pair.ids).map(String::as_str).collect();
        let order = tip.map(|tip| self.repo.first_noted(tip, &ids)).transpose()?.unwrap_or_default();
        let at = |id: &str, object: Oid| order.iter().position(|known| known.0 == id && known.1 == object);
        let is_later = |pair: &Pair, id: &String| matches!((at(id, pair.gone), at(id, pair.copy)), (Some(gone), Some(copy)) if copy < gone);
        copies.extend(absent.into_iter().filter(|pair| !pair.ids.iter().any(|id| is_later(pair, id))));
        Ok(copies)
    }

    fn told(&self, pair: &Pair) -> Result<Told, Error> {
        let reached = self.reached()?;
        if reached.contains(&pair.gone) || !reached.contains(&pair.copy) {
            return Ok(Told::None);
        }
        Ok(match (committed(self.repo, pair.gone)?, committed(self.repo, pair.copy)?) {
            (Made::At(old), Made::At(new)) if old <= new => Told::Copy,
            (Made::Absent, _) => Told::Absent,
            _ => Told::None,
        })
    }

    fn reached(&self) -> Result<&HashSet<Oid>, Error> {
        if let Some(known) = self.reached.get() {
            return Ok(known);
        }
        let all = self.repo.commit_graph(&[])?.into_iter().map(|(commit, _)| commit).collect();
        Ok(self.reached.get_or_init(|| all))
    }

    /// Whether all that the branches and tags of the remote name is here, so that what is absent stands behind none of them.
    fn has_all(&self) -> Result<bool, Error> {
        if let Some(&known) = self.has_all.get() {
            return Ok(known);
        }
        let reached = self.reached()?;
        let named = self.repo.branches_and_tags_of(self.remote)?;
        let lacks = named.into_iter().any(|oid| !reached.contains(&oid) && is_absent(self.repo, oid));
        Ok(*self.has_all.get_or_init(|| !lacks))
    }
}

/// Whether an object of any type is absent.
fn is_absent(repo: &Repo, oid: Oid) -> bool {
    matches!(repo.raw_commit(oid), Err(GitError::MissingObject { .. }))
}

/// Notes that have a line in common, of which the second lacks what became of it in the first, or another line of it.
fn pairs(all: &[(Oid, Vec<u8>)]) -> Vec<Pair> {
    let notes: Vec<(Oid, Note)> = all.iter().map(|(object, bytes)| (*object, note::read(bytes))).collect();
    let mut bearers: HashMap<&str, Vec<(usize, &Link)>> = HashMap::new();
    for (at, (_, note)) in notes.iter().enumerate() {
        for link in note.links.iter().chain(&note.withdrawn) {
            if let Some(id) = &link.id {
                bearers.entry(id).or_default().push((at, link));
            }
        }
    }
    let mut common: BTreeMap<(usize, usize), BTreeSet<&str>> = BTreeMap::new();
    for (id, bearers) in bearers.iter().filter(|(_, bearers)| bearers.len() > 1) {
        for (gone, one) in bearers {
            for (copy, _) in bearers.iter().filter(|(at, other)| at != gone && other.to_string() == one.to_string()) {
                common.entry((*gone, *copy)).or_default().insert(id);
            }
        }
    }
    let mut found = Vec::new();
    for (&(gone, copy), ids) in &common {
        if is_of_several(&notes[gone].1, (gone, copy), ids, &bearers) {
            continue;
        }
        let ((gone, from), (copy, to)) = (&notes[gone], &notes[copy]);
        let has = |note: &[Link], id: &str| note.iter().any(|link| link.id.as_deref() == Some(id));
        let withdrawn = ids.iter().filter(|id| has(&from.withdrawn, id) && has(&to.links, id));
        let mut lines: Vec<String> = withdrawn.map(|id| note::unspec_line(id)).collect();
        let says = |a: &Link, b: &Link| Link { id: None, ..a.clone() } == Link { id: None, ..b.clone() };
        for link in &from.links {
            let Some(id) = &link.id else { continue };
            let is_known = to.unspec.contains(id) || has(&to.links, id) || to.links.iter().any(|own| says(own, link));
            lines.extend((!is_known).then(|| link.line()));
        }
        if !lines.is_empty() {
            let ids = ids.iter().map(|&id| id.to_owned()).collect();
            found.push(Pair { gone: *gone, copy: *copy, ids, lines });
        }
    }
    found
}

/// Whether a note also has a line of a commit that has none of `ids`, those which it has in common with another note: then it is
/// that of a commit into which several were joined, and what it has of one is nothing to the others. Whoever takes the joining back
/// has the notes of all of them again.
fn is_of_several(
    from: &Note,
    (gone, copy): (usize, usize),
    ids: &BTreeSet<&str>,
    bearers: &HashMap<&str, Vec<(usize, &Link)>>,
) -> bool {
    let at = |id: &str| bearers.get(id).into_iter().flatten().map(|(at, _)| *at);
    let is_kin = |other: usize| ids.iter().any(|id| at(id).any(|at| at == other));
    let lines = from.links.iter().chain(&from.withdrawn).filter_map(|link| link.id.as_deref());
    lines.filter(|id| !ids.contains(id)).any(|id| at(id).any(|at| at != gone && at != copy && !is_kin(at)))
}

/// When a commit was made.
enum Made {
    /// In seconds.
    At(i64),
    /// Its object isn't here.
    Absent,
    /// It is no commit.
    Never,
}

fn committed(repo: &Repo, commit: Oid) -> Result<Made, Error> {
    let raw = match repo.raw_commit(commit) {
        Ok(raw) => raw,
        Err(GitError::MissingObject { .. }) => return Ok(Made::Absent),
        Err(GitError::BadObject { .. }) => return Ok(Made::Never),
        Err(other) => return Err(other.into()),
    };
    let line = raw.lines().find_map(|line| line.strip_prefix(b"committer "));
    let time = line.and_then(|line| line.rsplit(|byte| *byte == b' ').nth(1)?.to_str().ok()?.parse().ok());
    Ok(time.map_or(Made::Never, Made::At))
}
