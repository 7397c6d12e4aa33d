//! What was understood once is not understood again: passages of files and texts of clauses, by their bytes.
//!
//! A history repeats itself: from one version of a file to the next, nearly all clauses are the same. The memo holds two
//! generations; what is not asked for while a generation fills is forgotten, so that it stays small on any history. All
//! workers of a run share one.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use super::clause::{Content, Part};
use super::grade::Verdict;

/// Bytes of text in one generation of one shard.
const GENERATION: usize = (6 << 20) / SHARDS;
/// Tables that are locked apart, so that workers rarely wait for each other.
const SHARDS: usize = 16;
/// What an entry takes besides its text.
const OVERHEAD: usize = 64;

/// A verdict counts so many times the texts that it keeps from being forgotten.
const VERDICT: usize = 4;

/// What the passages before it tell a passage of Markdown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Before {
    /// Level of the last heading, 0 where there was none.
    pub section: u8,
    /// Level of the numbered requirement that is open (Kiro), 0 outside of one.
    pub requirement: u8,
    /// Its number, 0 where it has none that is as short as it can be.
    pub number: u32,
    /// Whether the file is MDX.
    pub jsx: bool,
}

/// A passage as clauses.
#[derive(Debug)]
pub struct Passage {
    /// Its clauses, lines counted from its own first line.
    pub parts: Vec<Part>,
    /// How many lines it has.
    pub lines: u32,
    /// What it tells the passage behind it.
    pub after: Before,
}

/// Footnotes: label and text.
pub type Notes = Vec<(String, String)>;

/// The memory of a run; it changes no answer, only how often one is computed.
#[derive(Debug, Default)]
pub struct Memo {
    passages: Table<PassageKey, Passage>,
    contents: Table<(), Content>,
    notes: Table<Box<str>, Notes>,
    paragraphs: Table<(), Part>,
    verdicts: Table<[Arc<Content>; 2], Option<Verdict>>,
    hasher: foldhash::fast::RandomState,
}

#[derive(Debug)]
struct PassageKey {
    text: Box<str>,
    before: Before,
    notes: Box<str>,
}

impl Memo {
    /// A passage as clauses, read by `read` where it is new. They depend on its text, on what stands before it and, where
    /// it refers to footnotes, on `notes`, which tells those of the whole file apart from any others.
    pub fn passage(&self, text: &str, before: Before, notes: &str, read: impl FnOnce() -> Passage) -> Arc<Passage> {
        let hash = self.hasher.hash_one((text, before, notes));
        let known = |key: &PassageKey, _: &Passage| *key.text == *text && key.before == before && *key.notes == *notes;
        let key = || PassageKey { text: text.into(), before, notes: notes.into() };
        self.passages.get(hash, text.len() + notes.len(), known, || (key(), read()))
    }

    /// The content of a text, made by `read` where it is new.
    pub fn content(&self, text: &str, read: impl FnOnce() -> Content) -> Arc<Content> {
        let hash = self.hasher.hash_one(text);
        self.contents.get(hash, text.len(), |(), content| content.text == text, || ((), read()))
    }

    /// A paragraph without markup as a clause that says just that, made by `read` where it is new.
    pub fn paragraph(&self, text: &str, read: impl FnOnce() -> Part) -> Arc<Part> {
        let hash = self.hasher.hash_one(text);
        self.paragraphs.get(hash, text.len(), |(), part| part.text() == text, || ((), read()))
    }

    /// What `weigh` says of the change from one content to another; the same two objects are weighed once.
    pub fn verdict(
        &self,
        old: &Arc<Content>,
        new: &Arc<Content>,
        weigh: impl FnOnce() -> Option<Verdict>,
    ) -> Arc<Option<Verdict>> {
        let hash = self.hasher.hash_one((Arc::as_ptr(old) as usize, Arc::as_ptr(new) as usize));
        // They live at least as long as the entry, so nothing else is at their place meanwhile.
        let known = |[a, b]: &[Arc<Content>; 2], _: &_| Arc::ptr_eq(a, old) && Arc::ptr_eq(b, new);
        let size = VERDICT * (old.text.len() + new.text.len());
        self.verdicts.get(hash, size, known, || ([old.clone(), new.clone()], weigh()))
    }

    /// The footnotes that a text defines, found by `read` where it is new.
    pub fn notes(&self, text: &str, read: impl FnOnce() -> Notes) -> Arc<Notes> {
        let hash = self.hasher.hash_one(text);
        self.notes.get(hash, text.len(), |key, _| **key == *text, || (text.into(), read()))
    }
}

/// Values by the hash of their key. Of two keys with one hash only the later is remembered.
#[derive(Debug)]
struct Table<K, V> {
    shards: [Mutex<Generations<K, V>>; SHARDS],
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Table { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl<K, V> Table<K, V> {
    /// The value that `is` takes for the right one, or the one that `make` makes, without holding the lock meanwhile.
    fn get(&self, hash: u64, size: usize, is: impl Fn(&K, &V) -> bool, make: impl FnOnce() -> (K, V)) -> Arc<V> {
        let shard = &self.shards[(hash >> 40) as usize % SHARDS];
        let size = size + OVERHEAD;
        if let Some(known) = shard.lock().unwrap_or_else(PoisonError::into_inner).get(hash, size, is) {
            return known;
        }
        let (key, value) = make();
        let value = Arc::new(value);
        shard.lock().unwrap_or_else(PoisonError::into_inner).put(hash, size, (key, value.clone()));
        value
    }
}

type Kept<K, V> = HashMap<u64, (K, Arc<V>), BuildHasherDefault<Hashed>>;

#[derive(Debug)]
struct Generations<K, V> {
    young: Kept<K, V>,
    old: Kept<K, V>,
    bytes: usize,
}

impl<K, V> Default for Generations<K, V> {
    fn default() -> Self {
        Generations { young: HashMap::default(), old: HashMap::default(), bytes: 0 }
    }
}

impl<K, V> Generations<K, V> {
    fn get(&mut self, hash: u64, size: usize, is: impl Fn(&K, &V) -> bool) -> Option<Arc<V>> {
        if let Some((key, value)) = self.young.get(&hash) {
            return is(key, value).then(|| value.clone());
        }
        let kept = self.old.remove(&hash)?;
        if !is(&kept.0, &kept.1) {
            return None;
        }
        let value = kept.1.clone();
        self.put(hash, size, kept);
        Some(value)
    }

    fn put(&mut self, hash: u64, size: usize, entry: (K, Arc<V>)) {
        if self.bytes > GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += size;
        self.young.insert(hash, entry);
    }
}

/// Passes on a key that is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = self.0.rotate_left(8) ^ u64::from(byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
