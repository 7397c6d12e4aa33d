//! What was made of files and is kept in memory, so that history parses each of them at most once while it stays near.

use std::collections::HashMap;
use std::sync::Arc;

use bstr::BString;

use crate::git::Oid;
use crate::spec::body::Lines;
use crate::spec::matching::Document;

/// What merges ask of many versions of a file: each once, in order.
#[derive(Debug)]
pub struct Sorted<T>(pub(super) Box<[T]>);

impl<T: Ord> Sorted<T> {
    /// Whether one is among them.
    pub fn has(&self, one: &T) -> bool {
        self.0.binary_search(one).is_ok()
    }
}

impl<T: Ord> FromIterator<T> for Sorted<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut all: Vec<T> = all.into_iter().collect();
        all.sort_unstable();
        all.dedup();
        Sorted(all.into())
    }
}

pub(super) type FileKey = (BString, Oid);
type Kept<V> = HashMap<FileKey, (Arc<V>, usize), foldhash::fast::RandomState>;

/// What is made of a file, and how many bytes of such things are kept in memory: so many of those asked for last, at most
/// twice as many.
pub(super) trait OfFile {
    const KEPT: usize;
}

/// Counted by the text: a history walk parses each blob at most once while it stays near.
impl OfFile for Document {
    const KEPT: usize = 2 << 20;
}

/// Counted by the text.
impl OfFile for Lines {
    const KEPT: usize = 1 << 20;
}

impl<T> OfFile for Sorted<T> {
    const KEPT: usize = 1 << 20;
}

/// What was made of files, in two generations: what is not asked for while one fills is forgotten.
pub(super) struct Files<V> {
    young: Kept<V>,
    old: Kept<V>,
    bytes: usize,
}

impl<V> Default for Files<V> {
    fn default() -> Self {
        Files { young: Kept::default(), old: Kept::default(), bytes: 0 }
    }
}

impl<V: OfFile> Files<V> {
    pub(super) fn get(&mut self, key: &FileKey) -> Option<Arc<V>> {
        if let Some((known, _)) = self.young.get(key) {
            return Some(known.clone());
        }
        let (key, (known, size)) = self.old.remove_entry(key)?;
        self.keep(key, known.clone(), size);
        Some(known)
    }

    pub(super) fn keep(&mut self, key: FileKey, value: Arc<V>, size: usize) {
        if self.bytes > V::KEPT {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += size;
        self.young.insert(key, (value, size));
    }
}
