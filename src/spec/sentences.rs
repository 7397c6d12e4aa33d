//! What a clause says sentence by sentence: by it a clause that was split, joined or lost in a merge is known.

use sha2::{Digest, Sha256};

use super::token::{Tokens, kind};

/// A sentence or a line of code, normalised, by the hash of its words: a history asks for the same ones again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sentence([u8; 16]);

impl Sentence {
    fn of(words: &str) -> Sentence {
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::digest(words)[..16]);
        Sentence(half)
    }
}

/// The sentences and code lines of a token sequence in order, those of under three words left out.
pub fn sentences(tokens: &Tokens) -> Vec<Sentence> {
    let mut all = Vec::new();
    let mut open = Open::default();
    for token in tokens.iter() {
        match token.kind {
            kind::SENTENCE | kind::DEPTH => open.close(&mut all),
            kind::CODE_LINE => {
                open.close(&mut all);
                token.text.split_whitespace().for_each(|word| open.add(word));
                open.close(&mut all);
            }
            _ => open.add(token.text),
        }
    }
    open.close(&mut all);
    all
}

/// The sentence that is being read.
#[derive(Default)]
struct Open {
    text: String,
    words: usize,
}

impl Open {
    fn add(&mut self, word: &str) {
        if self.words > 0 {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.words += 1;
    }

    fn close(&mut self, all: &mut Vec<Sentence>) {
        if self.words >= 3 {
            all.push(Sentence::of(&self.text));
        }
        self.text.clear();
        self.words = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_told_apart_by_their_words_alone() {
        let of = |text: &str| sentences(&Tokens::of_text(text));
        assert_eq!(of("One is here. The other  stands\nthere. No.").len(), 2);
        assert_eq!(of("It comes later on. One is here."), [of("It comes later on."), of("One is  here")].concat());
        assert_ne!(of("One is here."), of("One was here."));
    }
}
