//! What was understood once of a commit, kept for the next run.
//!
//! Facts about immutable objects: each can be missing, none can be out of date. Another parser, spec set or set of
//! overrides has an index of its own, and a fact holds only for the parents with which it was found. Nothing is locked:
//! a run writes what it found into a file of its own, a *segment*, and gives it its name when it is whole; where there are
//! many, they are joined into one. Every byte that is used was checked before.

mod detected;
mod file;
mod former;
mod kept;
mod segment;
mod walks;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use bstr::BString;

use crate::trace::facts::{ChangeState, CommitFacts, EdgeState, FileState};
use segment::{Entry, Segment};

pub use detected::{Detected, detected, keep_detected};
pub use former::{FormerNames, former_names, keep_former_names};
pub use walks::{Damaged, KeptWalk, Step, WalkKeeper, has_walks, walk_key};

/// Names what makes an index another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of what this build understands of commits under these settings (globs, overrides), in their order.
    pub fn of(settings: &[&[u8]]) -> Key {
        let mut hash = Sha256::new();
        for part in [env!("GIT_SPEC_PARSER").as_bytes()].iter().chain(settings) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Key(key)
    }

    fn hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Segments that stand side by side before they are joined.
const MOST_SEGMENTS: usize = 6;
/// Keys that are kept; the one that was written longest ago goes first.
const MOST_KEYS: usize = 8;
/// Bytes of facts that wait to be written before a segment is made of them.
const MOST_WAITING: usize = 8 << 20;

/// The facts of a history under one key. All methods take what a crowd of threads and processes can do to it.
#[derive(Debug)]
pub struct Index {
    directory: PathBuf,
    key: Key,
    segments: Vec<Segment>,
    waiting: Mutex<Waiting>,
    notes: Mutex<Vec<String>>,
}

/// What is not written yet.
#[derive(Debug, Default)]
struct Waiting {
    entries: HashMap<Vec<u8>, Entry>,
    bytes: usize,
    /// Tips behind which every message is known.
    tips: Vec<Vec<u8>>,
    /// Names of the segments that stand beside what is written next, those of this run included.
    standing: Vec<String>,
    failed: bool,
    /// A segment holds something damaged, which goes when all are joined.
    damaged: bool,
}

impl Index {
    /// Opens the index below a git directory; an absent or damaged one is an empty one.
    pub fn open(common_dir: &Path, key: Key) -> Index {
        let directory = common_dir.join("spec").join("index").join(key.hex());
        let mut index =
            Index { directory, key, segments: Vec::new(), waiting: Mutex::default(), notes: Mutex::default() };
        for name in segment_names(&index.directory) {
            match Segment::open(&index.directory.join(&name), key.0) {
                Ok(Some(segment)) => index.segments.push(segment),
                Ok(None) => {
                    // Nobody can use it any more; where it cannot be removed it is passed over each time.
                    let _ = std::fs::remove_file(index.directory.join(&name));
                    index.note_damage();
                }
                // It went between the listing and now: another process joined it into a larger one.
                Err(_) => {}
            }
        }
        let standing = index.segments.iter().map(|segment| segment.name().to_owned()).collect();
        index.waiting = Mutex::new(Waiting { standing, ..Waiting::default() });
        index
    }

    /// The facts of a commit with these parents, if they are known; without `places` only the changes, not which clause
    /// was which.
    pub fn facts(&self, commit: &[u8], parents: &[u8], places: bool) -> Option<Arc<CommitFacts>> {
        for segment in &self.segments {
            let Some(entry) = segment.find(commit).filter(|entry| entry.has_facts(parents)) else { continue };
            if entry.length == 0 {
                return Some(Arc::default());
            }
            match segment.body(&entry).and_then(|body| read(&body, places)) {
                Some(facts) => return Some(Arc::new(facts)),
                None => {
                    self.waiting.lock().unwrap_or_else(PoisonError::into_inner).damaged = true;
                    self.note_damage();
                }
            }
        }
        None
    }

    /// Keeps the facts of a commit with these parents.
    pub fn keep_facts(&self, commit: &[u8], parents: &[u8], facts: &CommitFacts) {
        if let Some(body) = written(facts) {
            self.keep(commit, Entry::of_facts(parents, body));
        }
    }

    /// Whether the message of a commit may hold a link, if it was looked at.
    pub fn may_link(&self, commit: &[u8]) -> Option<bool> {
        self.segments.iter().find_map(|segment| segment.find(commit)?.may_link())
    }

    /// Keeps whether the message of a commit may hold a link, and whether it may say that it reverts another commit.
    pub fn keep_message(&self, commit: &[u8], may_link: bool, may_revert: bool) {
        self.keep(commit, Entry::of_message(may_link, may_revert));
    }

    /// All commits whose message may hold a link, as far as they are known.
    pub fn may_all_link(&self) -> Vec<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = self.segments.iter().flat_map(Segment::may_all_link).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// All commits whose message may say that it reverts another, as far as they are known.
    pub fn may_all_revert(&self) -> Vec<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = self.segments.iter().flat_map(Segment::may_all_revert).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The commits behind which every message was looked at.
    pub fn tips(&self) -> Vec<Vec<u8>> {
        let names: Vec<&str> = self.segments.iter().map(Segment::name).collect();
        let whole = |segment: &&Segment| segment.rests_on().iter().all(|name| names.contains(&name.as_str()));
        self.segments.iter().filter(whole).flat_map(|segment| segment.tips().iter().cloned()).collect()
    }

    /// Keeps that every message behind a commit was looked at.
    pub fn keep_tip(&self, commit: &[u8]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.tips.push(commit.to_vec());
    }

    /// What was kept of a sort under a name: an answer about one revision.
    pub fn kept(&self, sort: &str, name: &str) -> Option<Vec<u8>> {
        match kept::read(&self.directory, sort, name) {
            kept::Kept::Whole(body) => Some(body),
            kept::Kept::Nothing => None,
            kept::Kept::Damaged => {
                self.note_damage();
                None
            }
        }
    }

    /// The names of what is kept of a sort, those kept last first.
    pub fn kept_names(&self, sort: &str) -> Vec<String> {
        kept::names(&self.directory, sort)
    }

    /// Keeps an answer of a sort under a name; the oldest of many go.
    pub fn keep_answer(&self, sort: &str, name: &str, body: &[u8]) {
        if let Err(error) = make_room(&self.directory).and_then(|()| kept::write(&self.directory, sort, name, body)) {
            self.note_unwritten(&error);
        }
    }

    /// Notes that something could not be written, where that is more than a matter of rights.
    pub fn note_unwritten(&self, error: &std::io::Error) {
        if !matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) {
            self.note(format!("the index could not be written ({error}); the answer is complete without it"));
        }
    }

    fn keep(&self, commit: &[u8], entry: Entry) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.failed {
            return;
        }
        waiting.bytes += entry.body.len() + commit.len() + 64;
        match waiting.entries.get_mut(commit) {
            Some(known) => known.join(entry),
            None => {
                waiting.entries.insert(commit.to_vec(), entry);
            }
        }
        if waiting.bytes > MOST_WAITING {
            self.write(&mut waiting);
        }
    }

    /// Writes what was found, and answers what there is to say about it, one line at most for each trouble.
    pub fn close(&self) -> Vec<String> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.entries.is_empty() || !waiting.tips.is_empty() {
            self.write(&mut waiting);
        } else if waiting.standing.len() > MOST_SEGMENTS && !waiting.failed {
            // Many processes that began together each wrote one.
            self.join(&mut waiting);
        }
        std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, waiting: &mut Waiting) {
        let entries = std::mem::take(&mut waiting.entries);
        let tips = std::mem::take(&mut waiting.tips);
        waiting.bytes = 0;
        if waiting.failed {
            return;
        }
        let written = make_room(&self.directory)
            .and_then(|()| segment::write(&self.directory, self.key.0, &entries, &tips, &waiting.standing));
        match written {
            Ok(name) => waiting.standing.push(name),
            Err(error) => {
                waiting.failed = true;
                self.note_unwritten(&error);
            }
        }
        if (waiting.standing.len() > MOST_SEGMENTS || waiting.damaged) && !waiting.failed {
            self.join(waiting);
        }
    }

    /// Joins all segments into one. Another process may join the same ones at the same time; then both results hold all,
    /// and the next one joins those.
    fn join(&self, waiting: &mut Waiting) {
        if let Ok(name) = segment::join(&self.directory, self.key.0) {
            waiting.standing = vec![name];
            waiting.damaged = false;
        }
    }

    /// Notes that something was damaged.
    pub fn note_damage(&self) {
        self.note("the index was damaged; what is lost is found anew".to_owned());
    }

    fn note(&self, line: String) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if !notes.contains(&line) {
            notes.push(line);
        }
    }
}

/// The changes of all edges, which of a merge's are its own, and which files left the specification.
type Changes = (Vec<Vec<ChangeState>>, Vec<(u32, u32)>, Option<Vec<(BString, BString)>>);
/// Which clause was which on all edges.
type Places = Vec<(Vec<FileState>, Vec<BString>)>;

/// Facts as bytes: changes, then places, so that whoever wants only the changes reads only these.
fn written(facts: &CommitFacts) -> Option<Vec<u8>> {
    if *facts == CommitFacts::default() {
        return Some(Vec::new());
    }
    let changes: Vec<&[ChangeState]> = facts.edges.iter().map(|edge| edge.changes.as_slice()).collect();
    let places: Vec<(&[FileState], &[BString])> =
        facts.edges.iter().map(|edge| (edge.files.as_slice(), edge.old_paths.as_slice())).collect();
    let body = postcard::to_allocvec(&(changes, &facts.own, &facts.left)).ok()?;
    postcard::to_extend(&places, body).ok()
}

fn read(body: &[u8], places: bool) -> Option<CommitFacts> {
    let ((changes, own, left), rest): (Changes, &[u8]) = postcard::take_from_bytes(body).ok()?;
    let mut edges: Vec<EdgeState> =
        changes.into_iter().map(|changes| EdgeState { changes, ..EdgeState::default() }).collect();
    if places {
        let places: Places = postcard::from_bytes(rest).ok()?;
        for (edge, (files, old_paths)) in edges.iter_mut().zip(places) {
            (edge.files, edge.old_paths) = (files, old_paths);
        }
    }
    Some(CommitFacts { edges, own, left })
}

impl Drop for Index {
    fn drop(&mut self) {
        self.close();
    }
}

/// The segments of a directory, the largest first: most of what is asked for is there.
fn segment_names(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut found: Vec<(std::cmp::Reverse<u64>, String)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let size = entry.metadata().ok()?.len();
            name.ends_with(segment::ENDING).then_some((std::cmp::Reverse(size), name))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

/// Makes the directory of a key; the first time, the key that was written longest ago goes if there are too many.
fn make_room(directory: &Path) -> std::io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(directory)?;
    let Some(above) = directory.parent() else { return Ok(()) };
    let mut keys: Vec<(std::time::SystemTime, PathBuf)> = std::fs::read_dir(above)?
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .filter(|(_, path)| path != directory)
        .collect();
    keys.sort();
    let too_many = (keys.len() + 1).saturating_sub(MOST_KEYS);
    for (_, path) in keys.into_iter().take(too_many) {
        let _ = std::fs::remove_dir_all(path);
    }
    Ok(())
}
