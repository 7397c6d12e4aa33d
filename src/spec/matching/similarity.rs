//! How alike two texts are: Dice's coefficient over multisets of words.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::spec::token::{Tokens, kind};

/// The words of a text as a sorted multiset of hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bag {
    words: Vec<u64>,
}

impl Bag {
    /// The words, literals and marks of a token sequence; sentence ends and depths are layout.
    pub fn of(tokens: &Tokens) -> Bag {
        let mut words: Vec<u64> = tokens
            .iter()
            .filter(|t| !matches!(t.kind, kind::SENTENCE | kind::DEPTH | kind::QUOTE))
            .map(|t| word_hash(t.text))
            .collect();
        words.sort_unstable();
        Bag { words }
    }

    /// The words of plain text.
    pub fn of_text(text: &str) -> Bag {
        Bag::of(&Tokens::of_text(text))
    }

    /// How many words, repeated ones counted.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The distinct words.
    pub fn distinct(&self) -> impl Iterator<Item = u64> + '_ {
        self.words.chunk_by(|a, b| a == b).map(|run| run[0])
    }

    /// Twice the shared words over all words: 1 for the same words, 0 for none in common; two empty bags are alike.
    pub fn dice(&self, other: &Bag) -> f32 {
        let total = self.len() + other.len();
        if total == 0 {
            return 1.0;
        }
        2.0 * self.shared(other) as f32 / total as f32
    }

    /// How many words both have, repeated ones counted.
    pub fn shared(&self, other: &Bag) -> usize {
        let (mut a, mut b, mut shared) = (0, 0, 0);
        while a < self.words.len() && b < other.words.len() {
            match self.words[a].cmp(&other.words[b]) {
                std::cmp::Ordering::Less => a += 1,
                std::cmp::Ordering::Greater => b += 1,
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    a += 1;
                    b += 1;
                }
            }
        }
        shared
    }
}

fn word_hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}
