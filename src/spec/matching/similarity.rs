//! How alike two texts are: Dice's coefficient over multisets of words.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::SHORT_BODY;
use crate::spec::token::{Tokens, kind};

/// The words of a text as a sorted multiset of hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bag {
    words: Vec<u64>,
}

impl Bag {
    /// The words, literals and marks of a token sequence; sentence ends and depths are layout. A line of code is one
    /// word, for an example that moves on must not take the clause with it; where there is little but code, its words.
    pub fn of(tokens: &Tokens) -> Bag {
        let prose = tokens.iter().filter(|t| matches!(t.kind, kind::WORD | kind::CODE)).count();
        let mut words: Vec<u64> = Vec::with_capacity(tokens.len());
        for token in tokens.iter() {
            match token.kind {
                kind::SENTENCE | kind::DEPTH | kind::QUOTE => {}
                kind::CODE_LINE if prose < SHORT_BODY => words.extend(token.text.split_whitespace().map(word_hash)),
                _ => words.push(word_hash(token.text)),
            }
        }
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

    /// [`Bag::dice`] with each word counted by its weight.
    pub fn dice_by(&self, other: &Bag, weight: impl Fn(u64) -> f32) -> f32 {
        let total: f32 = self.words.iter().chain(&other.words).map(|&word| weight(word)).sum();
        let mut shared = 0.0;
        self.each_shared(other, |word| shared += weight(word));
        if total == 0.0 { 1.0 } else { 2.0 * shared / total }
    }

    /// How many words both have, repeated ones counted.
    pub fn shared(&self, other: &Bag) -> usize {
        let mut shared = 0;
        self.each_shared(other, |_| shared += 1);
        shared
    }

    fn each_shared(&self, other: &Bag, mut found: impl FnMut(u64)) {
        let (mut a, mut b) = (0, 0);
        while a < self.words.len() && b < other.words.len() {
            match self.words[a].cmp(&other.words[b]) {
                std::cmp::Ordering::Less => a += 1,
                std::cmp::Ordering::Greater => b += 1,
                std::cmp::Ordering::Equal => {
                    found(self.words[a]);
                    a += 1;
                    b += 1;
                }
            }
        }
    }
}

fn word_hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_counts_by_its_words_where_there_is_little_else() {
        let tokens = |prose: &str, line: &str| {
            let mut tokens = Tokens::of_text(prose);
            tokens.push(kind::CODE_LINE, line);
            tokens
        };
        let (old, new) = (tokens("", "git clone a.git && cd a"), tokens("", "git clone b.git && cd b"));
        assert_eq!(Bag::of(&old).dice(&Bag::of(&new)), 8.0 / 12.0);
        let prose = "one two three four five six seven eight";
        let (old, new) = (tokens(prose, "cd a"), tokens(prose, "cd b"));
        assert_eq!(Bag::of(&old).dice(&Bag::of(&new)), 16.0 / 18.0);
    }
}
