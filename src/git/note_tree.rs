//! The tree of a notes reference: files named by the ids of what they annotate, fanned out over directories of two digits
//! each, to any depth (git's `notes.c`).

use std::collections::{BTreeMap, HashSet};

use bstr::{BString, ByteSlice};

use super::objects::Kind;
use super::pack::NewObjects;
use super::tree_diff::{Entry, one};
use super::trees::join;
use super::{GitError, Oid, Repo, Result};

/// Notes that one directory may hold before they are fanned out; git's own heuristic begins at as many.
const MOST_IN_DIRECTORY: usize = 256;

/// Mode of a regular file.
const FILE: u32 = 0o100_644;
/// Mode of a directory.
const DIRECTORY: u32 = 0o040_000;

/// An entry of a tree, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    bits: u32,
    name: Vec<u8>,
    oid: Oid,
}

impl Owned {
    fn is_directory(&self) -> bool {
        self.bits & 0o170_000 == DIRECTORY
    }

    fn is_file(&self) -> bool {
        self.bits & 0o170_000 == 0o100_000
    }

    /// Whether it is a note, at a level where names have this many digits.
    fn is_note(&self, digits: usize) -> bool {
        self.is_file() && self.name.len() == digits && self.name.iter().all(u8::is_ascii_hexdigit)
    }

    fn as_entry(&self) -> Entry<'_> {
        Entry { bits: self.bits, name: &self.name, oid: self.oid.as_bytes() }
    }
}

/// A note to be put in its place: the digits of its id that the directories above don't tell, in lower case, and its
/// blob; none where it goes.
type Placed = (Vec<u8>, Option<Oid>);

/// The blobs of each object's note; more than one where it is annotated at several places.
pub(super) type Blobs = BTreeMap<Oid, Vec<Oid>>;

/// An entry that is no note: path, mode bits, object.
pub(super) type Other = (BString, u32, Oid);

impl Repo {
    /// The blobs of an object's note, wherever in the tree they stand.
    pub(super) fn note_blobs(&self, tree: Oid, object: Oid) -> Result<Vec<Oid>> {
        let hex = object.to_string().into_bytes();
        let objects = NewObjects::new(self.sha256());
        let mut blobs = Vec::new();
        let (mut here, mut rest) = (Some(tree), &hex[..]);
        while let Some(tree) = here.take() {
            for entry in self.level(tree, &objects)? {
                if entry.is_note(rest.len()) && entry.name.eq_ignore_ascii_case(rest) {
                    blobs.push(entry.oid);
                }
                if rest.len() > 2 && entry.is_directory() && entry.name.eq_ignore_ascii_case(&rest[..2]) {
                    here = Some(entry.oid);
                }
            }
            rest = rest.get(2..).unwrap_or_default();
        }
        Ok(blobs)
    }

    /// A tree of notes with these notes set, each in one place only, or taken away; everything else stays.
    pub(super) fn with_notes(
        &self,
        tree: Option<Oid>,
        notes: Vec<(Oid, Option<Oid>)>,
        objects: &mut NewObjects,
    ) -> Result<Oid> {
        let digits = self.zero_oid().to_string().len();
        let placed = notes.into_iter().map(|(object, blob)| (object.to_string().into_bytes(), blob)).collect();
        self.place(tree, digits, placed, objects)
    }

    fn place(&self, tree: Option<Oid>, digits: usize, notes: Vec<Placed>, objects: &mut NewObjects) -> Result<Oid> {
        let mut entries = tree.map(|tree| self.level(tree, objects)).transpose()?.unwrap_or_default();
        let set: HashSet<&[u8]> = notes.iter().map(|(rest, _)| rest.as_slice()).collect();
        entries.retain(|entry| !(entry.is_note(digits) && set.contains(entry.name.to_ascii_lowercase().as_slice())));
        drop(set);
        let mut down: BTreeMap<Vec<u8>, Vec<Placed>> = BTreeMap::new();
        for (rest, blob) in notes {
            let goes_down = digits > 2 && {
                let prefix = &rest[..2];
                let taken = |entry: &Owned| entry.name == rest;
                let fans = |entry: &Owned| entry.is_directory() && entry.name.eq_ignore_ascii_case(prefix);
                entries.iter().any(|entry| fans(entry) || taken(entry))
            };
            if goes_down {
                down.entry(rest[..2].to_vec()).or_default().push((rest[2..].to_vec(), blob));
            } else if let Some(blob) = blob {
                entries.push(Owned { bits: FILE, name: rest, oid: blob });
            }
        }
        if digits > 2 && entries.iter().filter(|entry| entry.is_note(digits)).count() > MOST_IN_DIRECTORY {
            fan_out(&mut entries, digits, &mut down);
        }
        for (prefix, notes) in down {
            let at = entries.iter().position(|entry| entry.is_directory() && entry.name.eq_ignore_ascii_case(&prefix));
            let below = self.place(at.map(|at| entries[at].oid), digits - 2, notes, objects)?;
            let is_empty = self.level(below, objects)?.is_empty();
            match at {
                Some(at) if is_empty => drop(entries.remove(at)),
                Some(at) => entries[at].oid = below,
                None if is_empty => {}
                None => entries.push(Owned { bits: DIRECTORY, name: prefix, oid: below }),
            }
        }
        write(entries, objects)
    }

    /// A tree with entries added where it has none of that path.
    pub(super) fn with_others(&self, tree: Option<Oid>, others: &[Other], objects: &mut NewObjects) -> Result<Oid> {
        let mut entries = tree.map(|tree| self.level(tree, objects)).transpose()?.unwrap_or_default();
        let mut below: BTreeMap<&[u8], Vec<Other>> = BTreeMap::new();
        for (path, bits, oid) in others {
            match path.split_once_str("/") {
                Some((name, rest)) => below.entry(name).or_default().push((rest.into(), *bits, *oid)),
                None if entries.iter().any(|entry| entry.name == path.as_slice()) => {}
                None => entries.push(Owned { bits: *bits, name: path.to_vec(), oid: *oid }),
            }
        }
        for (name, others) in below {
            match entries.iter().position(|entry| entry.name == name) {
                Some(at) if entries[at].is_directory() => {
                    entries[at].oid = self.with_others(Some(entries[at].oid), &others, objects)?;
                }
                Some(_) => {}
                None => {
                    let oid = self.with_others(None, &others, objects)?;
                    entries.push(Owned { bits: DIRECTORY, name: name.to_vec(), oid });
                }
            }
        }
        write(entries, objects)
    }

    /// All of a tree of notes: the blobs of each object's note, and what is no note.
    pub(super) fn all_notes(&self, tree: Oid) -> Result<(Blobs, Vec<Other>)> {
        let objects = NewObjects::new(self.sha256());
        let (mut notes, mut others): (Blobs, Vec<Other>) = Default::default();
        let mut open = vec![(BString::default(), tree, self.zero_oid().to_string().len())];
        while let Some((dir, oid, digits)) = open.pop() {
            for entry in self.level(oid, &objects)? {
                let path = join(dir.as_bstr(), entry.name.as_bstr());
                let fans = digits > 2 && entry.name.len() == 2 && entry.name.iter().all(u8::is_ascii_hexdigit);
                match (entry.is_directory(), digits) {
                    (true, 1..) if fans => open.push((path, entry.oid, digits - 2)),
                    // Below a directory that is no fan-out nothing is a note.
                    (true, _) => open.push((path, entry.oid, 0)),
                    (false, 1..) if entry.is_note(digits) => match Oid::from_hex(&path.replace("/", "")) {
                        Ok(object) => notes.entry(object).or_default().push(entry.oid),
                        Err(_) => others.push((path, entry.bits, entry.oid)),
                    },
                    _ => others.push((path, entry.bits, entry.oid)),
                }
            }
        }
        Ok((notes, others))
    }

    /// The entries of one tree object.
    fn level(&self, oid: Oid, objects: &NewObjects) -> Result<Vec<Owned>> {
        let content = match objects.tree(oid) {
            Some(new) => new,
            None => self.tree(oid)?,
        };
        let damaged = || GitError::BadObject { oid, problem: "a damaged tree".to_owned() };
        let (mut entries, mut rest) = (Vec::new(), content.as_slice());
        while !rest.is_empty() {
            let (entry, tail) = one(rest, oid.as_bytes().len()).ok_or_else(damaged)?;
            let id = Oid::from_raw(entry.oid).map_err(|_| damaged())?;
            entries.push(Owned { bits: entry.bits, name: entry.name.to_vec(), oid: id });
            rest = tail;
        }
        Ok(entries)
    }
}

/// Puts the notes of a full directory into directories of their own; not those that are in such a one already.
fn fan_out(entries: &mut Vec<Owned>, digits: usize, down: &mut BTreeMap<Vec<u8>, Vec<Placed>>) {
    let taken: HashSet<Vec<u8>> =
        entries.iter().filter(|entry| !entry.is_note(digits)).map(|entry| entry.name.to_ascii_lowercase()).collect();
    entries.retain(|entry| {
        let name = entry.name.to_ascii_lowercase();
        let stays = !entry.is_note(digits) || taken.contains(&name[..2]);
        if !stays {
            down.entry(name[..2].to_vec()).or_default().push((name[2..].to_vec(), Some(entry.oid)));
        }
        stays
    });
}

/// A tree object of these entries, in git's order.
fn write(mut entries: Vec<Owned>, objects: &mut NewObjects) -> Result<Oid> {
    entries.sort_by(|a, b| a.as_entry().order(&b.as_entry()));
    let mut content = Vec::new();
    for entry in entries {
        content.extend_from_slice(format!("{:o} ", entry.bits).as_bytes());
        content.extend_from_slice(&entry.name);
        content.push(0);
        content.extend_from_slice(entry.oid.as_bytes());
    }
    objects.add(Kind::Tree, &content)
}
