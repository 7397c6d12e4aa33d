//! What was understood once is not understood again: pieces of files and texts of clauses, by their bytes.
//!
//! A history repeats itself: from one version of a file to the next, nearly all clauses are the same. The memo holds two
//! generations; what is not asked for while a generation fills is forgotten, so that it stays small on any history.

use std::collections::HashMap;
use std::sync::Arc;

use super::clause::Content;
use super::outline::Structure;

/// Bytes of keys in one generation.
const GENERATION: usize = 6 << 20;

/// The memory of a run; it changes no answer, only how often one is computed.
#[derive(Debug, Default)]
pub struct Memo {
    structures: Generations<Structure>,
    contents: Generations<Content>,
}

impl Memo {
    /// The structure of a piece of Markdown.
    pub fn structure(&mut self, text: &str) -> Arc<Structure> {
        self.structures.get(text, || Structure::of(text))
    }

    /// The content of a text, made by `read` where it is new.
    pub fn content(&mut self, text: &str, read: impl FnOnce() -> Content) -> Arc<Content> {
        self.contents.get(text, read)
    }
}

type Kept<T> = HashMap<Box<str>, Arc<T>, foldhash::fast::RandomState>;

#[derive(Debug)]
struct Generations<T> {
    young: Kept<T>,
    old: Kept<T>,
    bytes: usize,
}

impl<T> Default for Generations<T> {
    fn default() -> Self {
        Generations { young: HashMap::default(), old: HashMap::default(), bytes: 0 }
    }
}

impl<T> Generations<T> {
    fn get(&mut self, text: &str, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(known) = self.young.get(text) {
            return known.clone();
        }
        let (key, value) = match self.old.remove_entry(text) {
            Some(kept) => kept,
            None => (text.into(), Arc::new(make())),
        };
        if self.bytes > GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += key.len() + 64;
        self.young.insert(key, value.clone());
        value
    }
}
