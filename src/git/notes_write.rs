//! Writing notes: read, change, and move the reference from what was read to what was written; again where another
//! process was faster.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::thread;
use std::time::Duration;

use super::note_tree::Other;
use super::objects::Kind;
use super::pack::NewObjects;
use super::{GitError, Oid, Repo, Result};

/// How often another process may be faster before a write gives up.
const LOST_RACES: u32 = 200;
/// How often the reference may be locked, or refuse for another reason, before a write gives up.
const REFUSALS: u32 = 12;
/// Longest pause after a failed attempt, in milliseconds; each one is drawn at random.
const LONGEST_PAUSE: u64 = 60;

/// The notes as they stand when a change begins.
pub struct NotesNow<'r> {
    repo: &'r Repo,
    tip: Option<Oid>,
    tree: Option<Oid>,
}

/// What is to become of notes.
#[derive(Clone, Debug, Default)]
pub struct NotesEdit {
    /// The new bytes of the notes of these objects, or none for a note that goes; all others stay.
    pub notes: Vec<(Oid, Vec<u8>)>,
    /// The tip of other notes that are taken in: the commit gets it as a second parent.
    pub merged: Option<Oid>,
}

/// A note that differs between two tips; none where a side has none.
#[derive(Clone, Debug)]
pub struct BothSides {
    /// The annotated object.
    pub object: Oid,
    /// The bytes here.
    pub ours: Option<Vec<u8>>,
    /// The bytes there.
    pub theirs: Option<Vec<u8>>,
}

/// How a write is recorded.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The message of the commit.
    pub message: &'a str,
    /// The entry in the reflog.
    pub reflog: &'a str,
}

impl NotesNow<'_> {
    /// The commit that the reference names.
    #[must_use]
    pub fn tip(&self) -> Option<Oid> {
        self.tip
    }

    /// The bytes of an object's note; of one that stands at two places of the tree, of both. None where it has none.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], [`GitError::BadObject`].
    pub fn note(&self, object: Oid) -> Result<Option<Vec<u8>>> {
        let Some(tree) = self.tree else { return Ok(None) };
        let mut whole: Option<Vec<u8>> = None;
        for blob in self.repo.note_blobs(tree, object)? {
            let bytes = self.repo.blob(blob)?;
            whole = Some(match whole {
                Some(before) => join(before, &bytes),
                None => bytes,
            });
        }
        Ok(whole)
    }

    /// All notes with their objects; of one that stands at two places, both.
    ///
    /// # Errors
    ///
    /// As [`NotesNow::note`].
    pub fn all(&self) -> Result<Vec<(Oid, Vec<u8>)>> {
        let Some(tree) = self.tree else { return Ok(Vec::new()) };
        let mut notes = Vec::new();
        for (object, blobs) in self.repo.all_notes(tree)?.0 {
            let mut whole = Vec::new();
            for blob in blobs {
                whole = join(whole, &self.repo.blob(blob)?);
            }
            notes.push((object, whole));
        }
        Ok(notes)
    }

    /// The objects whose notes differ between here and another tip, with the bytes of both sides.
    ///
    /// # Errors
    ///
    /// As [`NotesNow::note`].
    pub fn beside(&self, other: Oid) -> Result<Vec<BothSides>> {
        let repo = self.repo;
        let theirs = repo.all_notes(repo.tree_of(other)?)?.0;
        let ours = self.tree.map(|tree| repo.all_notes(tree)).transpose()?.unwrap_or_default().0;
        let read = |blobs: Option<&Vec<Oid>>| -> Result<Option<Vec<u8>>> {
            let mut whole: Option<Vec<u8>> = None;
            for blob in blobs.into_iter().flatten() {
                let bytes = repo.blob(*blob)?;
                whole = Some(whole.map_or(bytes.clone(), |before| join(before, &bytes)));
            }
            Ok(whole)
        };
        let mut objects: Vec<Oid> = ours.keys().chain(theirs.keys()).copied().collect();
        objects.sort_unstable();
        objects.dedup();
        let mut differ = Vec::new();
        for object in objects {
            let (a, b) = (ours.get(&object), theirs.get(&object));
            if a != b {
                differ.push(BothSides { object, ours: read(a)?, theirs: read(b)? });
            }
        }
        Ok(differ)
    }
}

/// Two texts, one behind the other on lines of its own.
fn join(mut first: Vec<u8>, second: &[u8]) -> Vec<u8> {
    if first.last().is_some_and(|byte| *byte != b'\n') {
        first.push(b'\n');
    }
    first.extend_from_slice(second);
    first
}

/// How an attempt to move the reference ended.
enum Moved {
    Yes,
    /// Another process was faster.
    Lost,
    /// Git refused for another reason, such as a lock.
    Refused(GitError),
}

impl Repo {
    /// The notes of a full reference name as they stand.
    ///
    /// # Errors
    ///
    /// As [`NotesNow::note`].
    pub fn notes_now(&self, reference: &str) -> Result<NotesNow<'_>> {
        let tip = self.reference(reference)?;
        let tree = tip.map(|tip| self.tree_of(tip).map_err(|error| no_notes(reference, tip, error))).transpose()?;
        Ok(NotesNow { repo: self, tip, tree })
    }

    /// The notes that a commit holds.
    ///
    /// # Errors
    ///
    /// As [`NotesNow::note`].
    pub fn notes_of(&self, tip: Oid) -> Result<NotesNow<'_>> {
        Ok(NotesNow { repo: self, tip: Some(tip), tree: Some(self.tree_of(tip)?) })
    }

    /// Whether an object is a commit or tree of notes: one that holds some, or nothing.
    ///
    /// # Errors
    ///
    /// As [`NotesNow::note`].
    pub fn holds_notes(&self, tip: Oid) -> Result<bool> {
        let tree = match self.tree_of(tip) {
            Ok(tree) => tree,
            Err(GitError::BadObject { .. }) => return Ok(false),
            Err(other) => return Err(other),
        };
        let (notes, others) = self.all_notes(tree)?;
        Ok(!notes.is_empty() || others.is_empty())
    }

    /// Changes the notes of a full reference name. `change` is asked what to do with the notes as they stand, again
    /// whenever another process has moved the reference meanwhile; `None` means nothing. Tells the new tip.
    ///
    /// Nothing is changed on failure: the reference is moved last, and only from the value that was read.
    ///
    /// # Errors
    ///
    /// What `change` fails with; [`GitError::NoIdentity`]; [`GitError::GitFailed`] where git cannot write;
    /// [`GitError::Contended`] after too many lost races.
    pub fn change_notes<E: From<GitError>>(
        &self,
        reference: &str,
        record: &Record<'_>,
        mut change: impl FnMut(&NotesNow<'_>) -> Result<Option<NotesEdit>, E>,
    ) -> Result<Option<Oid>, E> {
        let (mut lost, mut refusals) = (0, 0);
        let mut identity = None;
        loop {
            let now = self.notes_now(reference)?;
            let Some(edit) = change(&now)? else { return Ok(None) };
            let (tip, tree) = (now.tip, now.tree);
            let who = match identity.take() {
                Some(who) => who,
                None => self.identity()?,
            };
            let new = self.write_notes(tip, tree, edit, record.message, &who)?;
            identity = Some(who);
            match self.move_reference(reference, new, tip, record.reflog)? {
                Moved::Yes => return Ok(Some(new)),
                Moved::Lost if lost < LOST_RACES => lost += 1,
                Moved::Lost => return Err(GitError::Contended { reference: reference.to_owned() }.into()),
                Moved::Refused(_) if refusals < REFUSALS => refusals += 1,
                Moved::Refused(error) => return Err(error.into()),
            }
            thread::sleep(Duration::from_millis(random() % LONGEST_PAUSE));
        }
    }

    /// Moves a reference forward to a commit that contains it, as a fetch does; `false` where it has moved meanwhile.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn forward(&self, reference: &str, new: Oid, old: Option<Oid>, reflog: &str) -> Result<bool> {
        let mut refusals = 0;
        loop {
            match self.move_reference(reference, new, old, reflog)? {
                Moved::Yes => return Ok(true),
                Moved::Lost => return Ok(false),
                Moved::Refused(_) if refusals < REFUSALS => refusals += 1,
                Moved::Refused(error) => return Err(error),
            }
            thread::sleep(Duration::from_millis(random() % LONGEST_PAUSE));
        }
    }

    /// Writes blobs, trees and the commit.
    fn write_notes(
        &self,
        tip: Option<Oid>,
        tree: Option<Oid>,
        edit: NotesEdit,
        message: &str,
        who: &[u8],
    ) -> Result<Oid> {
        let mut objects = NewObjects::new(self.sha256());
        let mut notes = Vec::with_capacity(edit.notes.len());
        for (object, bytes) in &edit.notes {
            let blob = (!bytes.is_empty()).then(|| objects.add(Kind::Blob, bytes)).transpose()?;
            notes.push((*object, blob));
        }
        let mut tree = self.with_notes(tree, notes, &mut objects)?;
        if let Some(merged) = edit.merged {
            let others: Vec<Other> = self.all_notes(self.tree_of(merged)?)?.1;
            if !others.is_empty() {
                tree = self.with_others(Some(tree), &others, &mut objects)?;
            }
        }
        let mut commit = format!("tree {tree}\n").into_bytes();
        for parent in tip.into_iter().chain(edit.merged) {
            commit.extend_from_slice(format!("parent {parent}\n").as_bytes());
        }
        for role in ["author", "committer"] {
            commit.extend_from_slice(role.as_bytes());
            commit.push(b' ');
            commit.extend_from_slice(who);
            commit.push(b'\n');
        }
        commit.extend_from_slice(format!("\n{message}\n").as_bytes());
        let commit = objects.add(Kind::Commit, &commit)?;
        self.store(objects)?;
        Ok(commit)
    }

    /// Who commits, with the time, as a commit object has it.
    fn identity(&self) -> Result<Vec<u8>> {
        let answer = self.git("var").arg("GIT_COMMITTER_IDENT").answer()?;
        match answer.status {
            Some(0) => Ok(answer.stdout.strip_suffix(b"\n").unwrap_or(&answer.stdout).to_vec()),
            _ => Err(GitError::NoIdentity { stderr: answer.stderr }),
        }
    }

    /// Moves a reference from a value, or from nothing, to another.
    fn move_reference(&self, reference: &str, new: Oid, old: Option<Oid>, reflog: &str) -> Result<Moved> {
        let old_value = old.unwrap_or_else(|| self.zero_oid());
        let git = self.git("update-ref").args(["-m", reflog, "--end-of-options", reference]);
        let answer = git.args([new.to_string(), old_value.to_string()]).answer()?;
        if answer.status == Some(0) {
            return Ok(Moved::Yes);
        }
        if self.reference(reference)? != old {
            return Ok(Moved::Lost);
        }
        let (command, stderr) = ("git update-ref".to_owned(), format!("{}; nothing was written", answer.stderr));
        Ok(Moved::Refused(GitError::GitFailed { command, stderr, status: answer.status }))
    }
}

/// Says of a reference that it names no notes, where the object that it names is the one that is bad.
pub(super) fn no_notes(reference: &str, tip: Oid, error: GitError) -> GitError {
    match error {
        GitError::BadObject { oid, problem } if oid == tip => {
            GitError::NoNotes { reference: reference.to_owned(), problem }
        }
        other => other,
    }
}

/// A random number: each of the standard library's hash states has keys of its own, drawn from the system's randomness.
#[must_use]
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
