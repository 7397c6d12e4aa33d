//! Notes: blobs that git ties to objects (git-notes(1)).

use std::collections::HashMap;

use bstr::{BStr, ByteSlice};

use super::notes_write::no_notes;
use super::repo::LINK_NOTES;
use super::{Oid, Repo, Result};

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The annotated object, which need not exist.
    pub object: Oid,
    /// The note's bytes.
    pub bytes: Vec<u8>,
}

impl Repo {
    /// All notes of a full reference name such as `refs/notes/spec`, by object; none where there is no such reference.
    ///
    /// The fan-out (`ab/cd…`) may have any depth. Entries that are no notes are passed over. An object that is annotated
    /// in two places of the fan-out, which git joins, comes twice.
    ///
    /// # Errors
    ///
    /// [`super::GitError::MissingObject`], [`super::GitError::BadObject`], [`super::GitError::GitFailed`].
    pub fn notes(&self, ref_name: &str) -> Result<Vec<Note>> {
        let tip = if ref_name == LINK_NOTES { self.link_notes_tip()? } else { self.reference(ref_name)? };
        let Some(tip) = tip else { return Ok(Vec::new()) };
        let files = self.tree_files(tip, &|path| self.annotated(path).is_some(), &is_fan_out);
        let files = files.map_err(|error| no_notes(ref_name, tip, error))?;
        let mut notes = Vec::new();
        for file in files.into_iter().filter(|file| file.mode.is_file()) {
            if let Some(object) = self.annotated(file.path.as_ref()) {
                notes.push(Note { object, bytes: self.blob(file.oid)? });
            }
        }
        notes.sort_by_key(|note| note.object);
        Ok(notes)
    }

    /// What the reference of the notes of links points to, if it exists.
    ///
    /// # Errors
    ///
    /// [`super::GitError::GitFailed`].
    pub fn link_notes_tip(&self) -> Result<Option<Oid>> {
        self.link_notes().map_or_else(|| self.reference(LINK_NOTES), Ok)
    }

    /// Where `git filter-repo` says that commits went: old to new, zeros for one that it dropped. Empty where it never ran.
    #[must_use]
    pub fn filtered(&self) -> HashMap<Oid, Oid> {
        // filter-repo's documentation calls this file its map of commits; its first line is a heading.
        let map = std::fs::read(self.common_dir().join("filter-repo/commit-map")).unwrap_or_default();
        let pair = |line: &[u8]| {
            let (old, new) = line.split_once_str(" ")?;
            Some((Oid::from_hex(old).ok()?, Oid::from_hex(new.trim()).ok()?))
        };
        map.lines().filter_map(pair).collect()
    }

    /// The object that a path of a notes tree names.
    pub(super) fn annotated(&self, path: &BStr) -> Option<Oid> {
        let (dirs, _) = path.rsplit_once_str("/").unwrap_or_default();
        if !dirs.is_empty() && !is_fan_out(dirs.as_bstr()) {
            return None;
        }
        let oid = Oid::from_hex(&path.replace("/", "")).ok()?;
        (oid.as_bytes().len() == self.zero_oid().as_bytes().len()).then_some(oid)
    }
}

/// Directories of two hexadecimal digits each.
fn is_fan_out(dir: &BStr) -> bool {
    dir.split(|byte| *byte == b'/').all(|part| part.len() == 2 && part.iter().all(u8::is_ascii_hexdigit))
}
