//! What a clause says sentence by sentence: by it a clause that was split, joined or lost in a merge is known.

use sha2::{Digest, Sha256};

use super::token::{Tokens, kind};

/// A sentence or a line of code, normalised, by the hash of its words: a history asks for the same ones again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sentence([u8; 16]);

impl Sentence {
    fn of(words: &str) -> Sentence {
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::digest(words)[..16]);
        Sentence(half)
    }
}

/// The sentences and code lines of a clause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentences {
    /// Those of [`LONG`] words or more in order, then the others.
    all: Box<[Sentence]>,
    long: usize,
}

/// A sentence of so many words hardly stands in two clauses by chance.
const LONG: usize = 3;

impl Sentences {
    /// Those of a token sequence.
    pub fn of(tokens: &Tokens) -> Sentences {
        let mut found = Found::default();
        for token in tokens.iter() {
            match token.kind {
                kind::SENTENCE | kind::DEPTH => found.close(),
                kind::CELL => found.cell(token.text),
                kind::CODE_LINE => {
                    found.close();
                    token.text.split_whitespace().for_each(|word| found.add(word));
                    found.close();
                }
                _ => found.add(token.text),
            }
        }
        found.close();
        found.close_cells();
        let long = found.long.len();
        found.long.append(&mut found.short);
        Sentences { all: found.long.into(), long }
    }

    /// Those of one and two words as well.
    pub fn all(&self) -> &[Sentence] {
        &self.all
    }

    /// Those of three words or more, in order.
    pub fn long(&self) -> &[Sentence] {
        &self.all[..self.long]
    }
}

/// What was read so far, and the sentence that is being read.
#[derive(Default)]
struct Found {
    long: Vec<Sentence>,
    short: Vec<Sentence>,
    text: String,
    words: usize,
    /// All words from the first cell of a table on, with the titles of the columns, and how many they are.
    cells: Option<(String, usize)>,
    /// Whether a cell has too few words for a sentence.
    few: bool,
}

impl Found {
    /// A cell ends what stands before it, and its column's title is no part of it.
    fn cell(&mut self, title: &str) {
        self.close();
        let (cells, _) = self.cells.get_or_insert_default();
        cells.push('|');
        cells.push_str(title);
    }

    fn add(&mut self, word: &str) {
        if let Some((cells, words)) = &mut self.cells {
            cells.push(' ');
            cells.push_str(word);
            *words += 1;
        }
        if self.words > 0 {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.words += 1;
    }

    fn close(&mut self) {
        match self.words {
            0 => {}
            LONG.. => self.long.push(Sentence::of(&self.text)),
            _ if self.cells.is_some() => self.few = true,
            _ => self.short.push(Sentence::of(&self.text)),
        }
        self.text.clear();
        self.words = 0;
    }

    /// Cells of a word or two (`3`, `yes`) stand anywhere, and tell something only together with the others.
    fn close_cells(&mut self) {
        let Some((cells, words)) = self.cells.take() else { return };
        let sentence = Sentence::of(&cells);
        if self.long.is_empty() && words >= LONG {
            self.long.push(sentence);
        } else if self.few {
            self.short.push(sentence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_told_apart_by_their_words_alone() {
        let of = |text: &str| Sentences::of(&Tokens::of_text(text)).long().to_vec();
        let all = |text: &str| Sentences::of(&Tokens::of_text(text)).all().len();
        assert_eq!(all("One is here. The other  stands\nthere. No."), 3);
        assert_eq!(of("One is here. The other  stands\nthere. No.").len(), 2);
        assert_eq!(of("It comes later on. One is here."), [of("It comes later on."), of("One is  here")].concat());
        assert_ne!(of("One is here."), of("One was here."));
    }
}
