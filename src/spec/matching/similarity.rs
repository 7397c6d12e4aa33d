//! How alike two texts are: Dice's coefficient over multisets of words.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::SHORT_BODY;
use crate::spec::token::{Tokens, kind};

/// The words of a text as sorted multisets of hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bag {
    /// Words, literals and marks, a line of code as one.
    whole: Vec<u64>,
    /// The same with each line of code as its words; empty where there is no code.
    loose: Vec<u64>,
    /// The same with the words of code as those of prose are; empty where there is no code.
    read: Vec<u64>,
    /// How many words stand outside of code blocks.
    prose: usize,
}

impl Bag {
    /// The words, literals and marks of a token sequence; sentence ends and depths are layout, ticks and dashes no
    /// words. A line of code without its indentation is one word, for an example that moves on must not take the clause with it; where either
    /// of two texts has little but code, its words.
    pub fn of(tokens: &Tokens) -> Bag {
        let mut words: Vec<u64> = Vec::with_capacity(tokens.len());
        let (mut lines, mut code, mut read, mut prose) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for token in tokens.iter() {
            match token.kind {
                kind::SENTENCE | kind::DEPTH | kind::QUOTE => {}
                kind::WORD if !token.text.contains(char::is_alphanumeric) => {}
                kind::WORD if is_glued(token.text) => {
                    prose += 1;
                    words.extend(pieces(token.text).map(word_hash));
                }
                kind::CODE_LINE => {
                    lines.push(word_hash(token.text.trim()));
                    code.extend(token.text.split_whitespace().map(word_hash));
                    read.extend(words_of(token.text));
                }
                _ => {
                    prose += usize::from(matches!(token.kind, kind::WORD | kind::CODE));
                    words.push(word_hash(token.text));
                }
            }
        }
        if !lines.is_empty() {
            for list in [&mut code, &mut read] {
                list.extend_from_slice(&words);
                list.sort_unstable();
            }
            words.append(&mut lines);
        }
        words.sort_unstable();
        Bag { whole: words, loose: code, read, prose }
    }

    /// The words of plain text.
    pub fn of_text(text: &str) -> Bag {
        Bag::of(&Tokens::of_text(text))
    }

    /// The words of a title; an identifier (`get_head`, `BeaconBlock`) counts by its parts.
    pub fn of_title(title: &str) -> Bag {
        let mut parts = String::with_capacity(title.len() + 8);
        let mut before = ' ';
        for c in title.chars() {
            if c == '_' || (before.is_lowercase() && c.is_uppercase()) {
                parts.push(' ');
            }
            parts.push(if c == '_' { ' ' } else { c.to_lowercase().next().unwrap_or(c) });
            before = c;
        }
        Bag::of_text(&parts)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }

    /// The distinct words, those of code lines one by one.
    pub fn distinct(&self) -> impl Iterator<Item = u64> + '_ {
        self.loose().chunk_by(|a, b| a == b).map(|run| run[0])
    }

    /// [`Bag::distinct`], and those that code has where it is read as prose is.
    pub fn any_form(&self) -> impl Iterator<Item = u64> + '_ {
        let read = self.read.chunk_by(|a, b| a == b).map(|run| run[0]);
        self.distinct().chain(read.filter(|word| self.loose.binary_search(word).is_err()))
    }

    fn loose(&self) -> &[u64] {
        if self.loose.is_empty() { &self.whole } else { &self.loose }
    }

    /// Both sides' words in the form in which the two can be compared: code by its words where either side has little
    /// else, or where both have code and one has half of the other's prose, as when a fence that isn't closed turns prose
    /// into code. Where only one has code, and less prose, it may be the other's prose put into a block.
    fn with<'b>(&'b self, other: &'b Bag) -> (&'b [u64], &'b [u64]) {
        let (less, more) = (self.prose.min(other.prose), self.prose.max(other.prose));
        let plain = (&self.whole[..], &other.whole[..]);
        match (self.loose.is_empty(), other.loose.is_empty()) {
            (true, true) => plain,
            (false, false) if less < SHORT_BODY || less * 2 < more => (&self.loose, &other.loose),
            (false, false) => plain,
            (has_none, _) => {
                let read =
                    if has_none { (&self.whole[..], &other.read[..]) } else { (&self.read[..], &other.whole[..]) };
                let (with_code, without) = if has_none { (other, self) } else { (self, other) };
                let may_be_put_in = with_code.prose * 2 < without.prose;
                let is_closer = || dice(read.0, read.1) > dice(plain.0, plain.1);
                if less < SHORT_BODY || may_be_put_in && is_closer() { read } else { plain }
            }
        }
    }

    /// The size of the smaller and of the larger of two, as they would be compared.
    pub fn sizes(&self, other: &Bag) -> (usize, usize) {
        let (a, b) = self.with(other);
        (a.len().min(b.len()), a.len().max(b.len()))
    }

    /// Whether this one has more words than another, as they would be compared: where one counts a line of code as a word
    /// and the other its words, their own lengths say nothing of that.
    pub fn is_longer(&self, other: &Bag) -> bool {
        let (a, b) = self.with(other);
        a.len() > b.len()
    }

    /// Twice the shared words over all words: 1 for the same words, 0 for none in common; two empty bags are alike.
    pub fn dice(&self, other: &Bag) -> f32 {
        let (a, b) = self.with(other);
        dice(a, b)
    }

    /// [`Bag::dice`] with each word counted by its weight.
    pub fn dice_by(&self, other: &Bag, weight: impl Fn(u64) -> f32) -> f32 {
        let (a, b) = self.with(other);
        let sum = |words: &[u64]| words.iter().map(|&word| weight(word)).sum::<f32>();
        // each side for itself: one sum over both would round differently when old and new are swapped
        let total = sum(a) + sum(b);
        let mut shared = 0.0;
        each_shared(a, b, |word| shared += weight(word));
        if total == 0.0 { 1.0 } else { 2.0 * shared / total }
    }

    /// [`Bag::contained`] with each word counted by its weight.
    pub fn contained_by(&self, other: &Bag, weight: impl Fn(u64) -> f32) -> f32 {
        let (a, b) = self.with(other);
        let sum = |words: &[u64]| words.iter().map(|&word| weight(word)).sum::<f32>();
        let least = sum(a).min(sum(b));
        let mut shared = 0.0;
        each_shared(a, b, |word| shared += weight(word));
        if least == 0.0 { 0.0 } else { shared / least }
    }

    /// How many words both have, repeated ones counted.
    pub fn shared(&self, other: &Bag) -> usize {
        let (a, b) = self.with(other);
        let mut shared = 0;
        each_shared(a, b, |_| shared += 1);
        shared
    }

    /// What is left of this one when the other's words are taken out of it.
    pub fn without(&self, other: &Bag) -> Bag {
        let (whole, loose, read) = match (self.loose.is_empty(), other.loose.is_empty()) {
            (false, true) => (&other.whole, &other.whole, &other.whole),
            _ => (&other.whole, &other.loose, &other.read),
        };
        Bag {
            whole: rest(&self.whole, whole),
            loose: rest(&self.loose, loose),
            read: rest(&self.read, read),
            prose: self.prose.saturating_sub(other.prose),
        }
    }

    /// The share of the smaller one's words that the larger one has too; 0 where either has none.
    pub fn contained(&self, other: &Bag) -> f32 {
        let (short, _) = self.sizes(other);
        if short == 0 { 0.0 } else { self.shared(other) as f32 / short as f32 }
    }
}

/// What the first of two sorted lists has more often than the second.
fn rest(all: &[u64], others: &[u64]) -> Vec<u64> {
    let mut others = others.iter().peekable();
    let is_left = |word: &&u64| {
        while others.next_if(|other| other < word).is_some() {}
        others.next_if(|other| other == word).is_none()
    };
    all.iter().filter(is_left).copied().collect()
}

fn dice(a: &[u64], b: &[u64]) -> f32 {
    let total = a.len() + b.len();
    if total == 0 {
        return 1.0;
    }
    let mut shared = 0;
    each_shared(a, b, |_| shared += 1);
    2.0 * shared as f32 / total as f32
}

/// Marks that tie words of other notations into one: cells of tables, arguments, emphasis that is not read.
const GLUE: [char; 8] = ['|', ',', ';', '[', ']', '(', ')', '{'];

/// Whether a word has marks around or glue inside it, as `*bold*`, `|cell` or `sb.w[rs2,rs1]` in text without markup.
fn is_glued(word: &str) -> bool {
    !word.starts_with(char::is_alphanumeric) || !word.ends_with(char::is_alphanumeric) || word.contains(GLUE)
}

/// The words in a word that has marks around or between them.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    word.split(GLUE).map(|piece| piece.trim_matches(|c: char| !c.is_alphanumeric())).filter(|piece| !piece.is_empty())
}

/// Calls `found` for each word of two sorted lists that both have, repeated ones as often as both have them.
fn each_shared(one: &[u64], other: &[u64], mut found: impl FnMut(u64)) {
    let (mut a, mut b) = (0, 0);
    while a < one.len() && b < other.len() {
        match one[a].cmp(&other[b]) {
            std::cmp::Ordering::Less => a += 1,
            std::cmp::Ordering::Greater => b += 1,
            std::cmp::Ordering::Equal => {
                found(one[a]);
                a += 1;
                b += 1;
            }
        }
    }
}

/// The words of a line of code, read as text is.
fn words_of(line: &str) -> Vec<u64> {
    let tokens = Tokens::of_text(line);
    let words = tokens.iter().filter(|token| token.kind == kind::WORD && token.text.contains(char::is_alphanumeric));
    words.flat_map(|token| pieces(token.text).map(word_hash).collect::<Vec<_>>()).collect()
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
        // a sentence put before the code doesn't change how the code is compared
        let (old, new) = (tokens("", "git clone a.git && cd a"), tokens(prose, "git clone a.git && cd a"));
        assert_eq!(Bag::of(&old).dice(&Bag::of(&new)), 12.0 / 20.0);
    }

    #[test]
    fn weighted_words_are_as_alike_backwards_to_the_last_bit() {
        let bag = |from: u64, to: u64| Bag { whole: (from..to).collect(), ..Bag::default() };
        let weight = |word: u64| 1.0 / (1.0 + word as f32);
        for length in 2..60 {
            let (one, other) = (bag(0, length), bag(length / 2, 2 * length + 3));
            assert_eq!(one.dice_by(&other, weight).to_bits(), other.dice_by(&one, weight).to_bits(), "{length}");
            assert_eq!(one.contained_by(&other, weight).to_bits(), other.contained_by(&one, weight).to_bits());
        }
    }

    #[test]
    fn which_is_longer_hangs_on_how_two_are_compared() {
        let body = |prose: usize, lines: &[String]| {
            let mut tokens = Tokens::of_text(&(0..prose).map(|at| format!("w{at} ")).collect::<String>());
            lines.iter().for_each(|line| tokens.push(kind::CODE_LINE, line));
            Bag::of(&tokens)
        };
        let word = |at: usize| format!("x{at} ");
        let (one, other) = (body(20, &[(0..30).map(word).collect()]), body(8, &(0..13).map(word).collect::<Vec<_>>()));
        assert_eq!((one.sizes(&other), one.whole.len()), ((21, 50), other.whole.len()));
        assert!(one.is_longer(&other) && !other.is_longer(&one));
    }

    #[test]
    fn marks_around_and_between_words_of_plain_text_do_not_count() {
        let bag = |words: &[&str]| {
            let mut tokens = Tokens::default();
            words.iter().for_each(|word| tokens.push(kind::WORD, word));
            Bag::of(&tokens)
        };
        let (old, new) = (bag(&["|010", "|uimm[5]", "_rd_"]), bag(&["!010!", "uimm[5]!", "*rd*"]));
        assert_eq!(old.dice(&new), 1.0);
        assert_eq!(bag(&["sb.w[rs2,(rs1)]"]).dice(&bag(&["sb.w", "rs2", "rs1"])), 1.0);
    }

    #[test]
    fn an_identifier_in_a_title_counts_by_its_parts() {
        let alike = |a: &str, b: &str| Bag::of_title(a).dice(&Bag::of_title(b));
        assert_eq!(alike("get_default_state", "get_genesis_state"), 4.0 / 6.0);
        assert_eq!(alike("BeaconBlock", "BeaconBlockBody"), 4.0 / 5.0);
        assert_eq!(alike("Login Limits", "login limits"), 1.0);
    }
}
