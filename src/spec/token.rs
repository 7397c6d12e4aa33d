//! The normal form of a clause's words, and the version that hashes it.
//!
//! The scheme `v1` is described with test vectors in `docs/format.md`. It errs towards "different": two texts with the
//! same tokens mean the same, two with different ones may still.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What a token stands for; the byte goes into the hash.
pub mod kind {
    /// A word of prose.
    pub const WORD: u8 = b'w';
    /// A double quote, a token of its own so that `"true"` and `true` differ.
    pub const QUOTE: u8 = b'"';
    /// A sentence end followed by a capital.
    pub const SENTENCE: u8 = b'.';
    /// A code span, verbatim.
    pub const CODE: u8 = b'c';
    /// A line of a code block, verbatim, trailing space off.
    pub const CODE_LINE: u8 = b'l';
    /// The info string of a code block.
    pub const INFO: u8 = b'i';
    /// Where a strike-through begins.
    pub const STRIKE: u8 = b's';
    /// Where a strike-through ends.
    pub const STRIKE_END: u8 = b'S';
    /// An HTML tag that isn't plain formatting.
    pub const TAG: u8 = b'<';
    /// An image, by its target.
    pub const IMAGE: u8 = b'm';
    /// The depth of a nested list's item.
    pub const DEPTH: u8 = b'd';
    /// A table cell, by its column header.
    pub const CELL: u8 = b't';
    /// A footnote that the text refers to; its words follow.
    pub const FOOTNOTE: u8 = b'f';
}

/// One normalised word, literal or mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token<'a> {
    /// One of [`kind`].
    pub kind: u8,
    /// The normalised text.
    pub text: &'a str,
}

/// A token sequence, packed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tokens {
    text: String,
    /// Kind and end of each token, [`MARK`] bytes: a history keeps very many of them.
    marks: Vec<u8>,
}

/// The kind, and where the token ends in the text as four bytes.
const MARK: usize = 5;

fn mark(mark: &[u8]) -> (u8, usize) {
    match *mark {
        [kind, a, b, c, d] => (kind, u32::from_le_bytes([a, b, c, d]) as usize),
        _ => (0, 0),
    }
}

impl Tokens {
    /// From this many tokens on, a body identifies a clause; below it, the title counts too.
    pub const MEANINGFUL: usize = 5;

    /// The tokens of plain prose, no markup interpreted.
    pub fn of_text(text: &str) -> Tokens {
        let mut builder = TokenBuilder::default();
        builder.text(text);
        builder.finish()
    }

    /// How many tokens.
    pub fn len(&self) -> usize {
        self.marks.len() / MARK
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// How many tokens and how many bytes: what two equal sequences share, by one look.
    pub fn size(&self) -> (usize, usize) {
        (self.len(), self.text.len())
    }

    /// The tokens in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Token<'_>> + ExactSizeIterator + Clone + '_ {
        (0..self.len()).map(|at| self.get(at))
    }

    /// All tokens, for those who look at each more than once.
    pub fn to_vec(&self) -> Vec<Token<'_>> {
        let mut from = 0;
        let mut tokens = Vec::with_capacity(self.len());
        for (kind, end) in self.marks.chunks_exact(MARK).map(mark) {
            tokens.push(Token { kind, text: &self.text[from..end] });
            from = end;
        }
        tokens
    }

    /// The token at a position; panics past the end, like a slice.
    pub fn get(&self, at: usize) -> Token<'_> {
        let from = if at == 0 { 0 } else { self.mark(at - 1).1 };
        let (kind, end) = self.mark(at);
        Token { kind, text: &self.text[from..end] }
    }

    fn mark(&self, at: usize) -> (u8, usize) {
        mark(&self.marks[at * MARK..(at + 1) * MARK])
    }

    /// Adds one token.
    pub fn push(&mut self, kind: u8, text: &str) {
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.marks.push(kind);
        self.marks.extend_from_slice(&end.to_le_bytes());
    }

    /// Adds all of another sequence.
    pub fn extend(&mut self, other: &Tokens) {
        for token in other.iter() {
            self.push(token.kind, token.text);
        }
    }

    /// The `v1` version: SHA-256 over kind byte, little-endian 32-bit length and bytes of each token.
    pub fn version(&self) -> Version {
        let mut bytes = Vec::with_capacity(self.text.len() + self.marks.len());
        for token in self.iter() {
            bytes.push(token.kind);
            bytes.extend_from_slice(&(token.text.len() as u32).to_le_bytes());
            bytes.extend_from_slice(token.text.as_bytes());
        }
        let digest = Sha256::digest(&bytes);
        let mut half = [0u8; 16];
        half.copy_from_slice(&digest[..16]);
        Version(half)
    }
}

/// A `v1` version: the first 16 bytes of the hash of a clause's tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(pub [u8; 16]);

/// As text where people may read it, as its 16 bytes elsewhere.
impl serde::Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
    }
}

impl<'de> serde::Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return <[u8; 16]>::deserialize(deserializer).map(Version);
        }
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|()| serde::de::Error::custom("no version of this scheme"))
    }
}

impl schemars::JsonSchema for Version {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

impl Version {
    /// The 32 digits without the scheme.
    pub fn digits(&self) -> String {
        self.to_string().split_off("v1:".len())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v1:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Version {
    type Err = ();

    /// Reads `v1:` and 32 hex digits.
    fn from_str(text: &str) -> Result<Self, ()> {
        let hex = text.strip_prefix("v1:").ok_or(())?;
        if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(());
        }
        let mut bytes = [0u8; 16];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).map_err(|_| ())?;
        }
        Ok(Version(bytes))
    }
}

/// Turns running prose and marks into [`Tokens`]; a word may arrive in pieces (`**bo**ld`).
#[derive(Debug, Default)]
pub struct TokenBuilder {
    tokens: Tokens,
    word: String,
    sentence_ended: bool,
    after_number: bool,
}

impl TokenBuilder {
    /// A builder for a text of about so many bytes.
    pub fn for_text(bytes: usize) -> TokenBuilder {
        let tokens = Tokens { text: String::with_capacity(bytes), marks: Vec::with_capacity(bytes / 5 * MARK) };
        TokenBuilder { tokens, ..TokenBuilder::default() }
    }

    /// Adds prose; white space ends words, the last word stays open.
    pub fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(end) = rest.find(char::is_whitespace) {
            let (part, behind) = rest.split_at(end);
            if self.word.is_empty() && part.is_ascii() {
                self.word(part);
            } else {
                self.word.extend(part.chars().map(straight));
                self.word_end();
            }
            rest = behind.trim_start();
        }
        self.word.extend(rest.chars().map(straight));
    }

    /// Ends the open word, as a line break or a block boundary does.
    pub fn word_end(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let mut word = std::mem::take(&mut self.word);
        if word.is_ascii() || is_nfc(&word) {
            self.word(&word);
        } else {
            self.word(&word.nfc().collect::<String>());
        }
        // reuse the allocation for the next word
        word.clear();
        self.word = word;
    }

    /// A whole word in normal form: split at quotes, between CJK characters and at inner hyphens.
    fn word(&mut self, word: &str) {
        if word.bytes().all(|b| b.is_ascii() && !matches!(b, b'"' | b'-')) {
            return self.piece(word);
        }
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        let mut from = 0;
        for (at, c) in word.char_indices() {
            let behind = at + c.len_utf8();
            let joins =
                |word: &str| is_letter(word[..at].chars().next_back()) && is_letter(word[behind..].chars().next());
            if c == '"' {
                self.piece(&word[from..at]);
                self.mark(kind::QUOTE, "\"");
            } else if is_cjk(c) {
                self.piece(&word[from..at]);
                self.piece(&word[at..behind]);
            } else if is_hyphen(c) && joins(word) {
                self.piece(&word[from..at]);
            } else {
                continue;
            }
            from = behind;
        }
        self.piece(&word[from..]);
    }

    /// Adds a mark or literal that isn't prose, after ending the open word.
    pub fn mark(&mut self, kind: u8, text: &str) {
        self.tokens.push(kind, text);
        self.after_number = false;
        if !matches!(kind, kind::QUOTE | kind::DEPTH | kind::CELL) {
            self.sentence_ended = false;
        }
    }

    /// [`Self::mark`] after [`Self::word_end`].
    pub fn literal(&mut self, kind: u8, text: &str) {
        self.word_end();
        self.mark(kind, text);
    }

    /// Adds tokens that were read alone.
    pub fn append(&mut self, tokens: &Tokens) {
        self.word_end();
        self.tokens.extend(tokens);
        self.after_number = false;
        self.sentence_ended = false;
    }

    /// The finished sequence.
    pub fn finish(mut self) -> Tokens {
        self.word_end();
        self.tokens.text.shrink_to_fit();
        self.tokens.marks.shrink_to_fit();
        self.tokens
    }

    /// One word without quotes, CJK neighbours or inner hyphens: edges off, capital folded.
    fn piece(&mut self, piece: &str) {
        let (word, ends_sentence) = trim_edges(piece);
        if word.is_empty() {
            self.sentence_ended |= ends_sentence;
            return;
        }
        if self.sentence_ended && word.chars().next().is_some_and(char::is_uppercase) {
            self.tokens.push(kind::SENTENCE, "");
        }
        if self.after_number || !is_capitalised(word) {
            self.tokens.push(kind::WORD, word);
        } else if word.is_ascii() {
            let from = self.tokens.text.len();
            self.tokens.push(kind::WORD, word);
            self.tokens.text[from..].make_ascii_lowercase();
        } else {
            self.tokens.push(kind::WORD, &word.to_lowercase());
        }
        self.after_number = word.ends_with(|c: char| c.is_ascii_digit());
        self.sentence_ended = ends_sentence;
    }
}

/// Curly quotes as straight ones.
fn straight(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' => '\'',
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{201F}' => '"',
        other => other,
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

/// Scripts written without spaces: each character is a word.
fn is_cjk(c: char) -> bool {
    matches!(c as u32,
        0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Whether a word begins as a number does: a digit or `∞`, behind a sign or a point too.
fn is_numeric(word: &str) -> bool {
    let word = word.trim_start_matches(['-', '+', '−']);
    let word = word.strip_prefix('.').unwrap_or(word);
    word.starts_with(|c: char| c.is_ascii_digit() || c == '∞')
}

/// Strips edge punctuation and tells whether it ended a sentence.
///
/// Kept because they carry meaning: a leading `.` before a digit, a leading `!` (`!=`, `!ready`), and the bracket of a
/// half-open interval of numbers (`[0,`, `[-1,` and `5]`, `50%]`), which Markdown has left standing because it closes no link.
fn trim_edges(piece: &str) -> (&str, bool) {
    let digit_at = |text: &str, n: usize| text.as_bytes().get(n).is_some_and(u8::is_ascii_digit);
    let mut word = piece;
    let mut ends_sentence = false;
    while let Some(c) = word.chars().next_back() {
        let closes = || {
            let inside = &word[..word.len() - 1];
            inside.ends_with(|c: char| c.is_ascii_digit() || c == '∞') || is_numeric(inside)
        };
        let keeps = c == ']' && !word.contains('[') && closes();
        if !is_edge(c) || keeps {
            break;
        }
        ends_sentence |= matches!(c, '.' | '!' | '?');
        word = &word[..word.len() - c.len_utf8()];
    }
    while let Some(c) = word.chars().next() {
        let keeps = (c == '.' && digit_at(word, 1)) || (c == '[' && is_numeric(&word[1..])) || c == '!';
        if !is_edge(c) || keeps {
            break;
        }
        word = &word[c.len_utf8()..];
    }
    (word, ends_sentence)
}

fn is_edge(c: char) -> bool {
    matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '(' | ')' | '[' | ']' | '{' | '}')
}

/// `Word` and `A`, but not `MUST`, `iOS`, `V2` or `X`.
fn is_capitalised(word: &str) -> bool {
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return false };
    if !first.is_uppercase() {
        return false;
    }
    let rest = chars.as_str();
    if rest.is_empty() {
        first == 'A'
    } else {
        rest.chars().all(|c| c == '\'' || (c.is_alphabetic() && !c.is_uppercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Tokens::of_text(text).iter().map(|t| format!("{}{}", t.kind as char, t.text)).collect()
    }

    fn same(a: &str, b: &str) -> bool {
        Tokens::of_text(a).version() == Tokens::of_text(b).version()
    }

    #[test]
    fn layout_and_capitals_fold() {
        assert!(same("The user  may\nlog in", "the user may log in"));
        assert!(same("re-try, now", "re try now"));
        assert!(same("don\u{2019}t", "don't"));
    }

    #[test]
    fn meaning_does_not_fold() {
        for (a, b) in [
            ("a <= b", "a >= b"),
            ("5 mW", "5 MW"),
            ("1.5", "15"),
            (".5", "5"),
            ("-5", "5"),
            ("\"true\"", "true"),
            ("x != y", "x = y"),
            ("50%", "50"),
            ("MUST", "must"),
            ("5 Amps", "5 amps"),
            ("It stops. Do go", "It stops do go"),
            ("in [0, 5)", "in (0, 5]"),
            ("in [-1, 5)", "in (-1, 5)"),
            ("in [.5, 1)", "in (.5, 1)"),
            ("in (0, ∞]", "in (0, ∞)"),
            ("in [-∞, 0)", "in (-∞, 0)"),
            ("in (0%, 50%]", "in (0%, 50%)"),
            ("in (5, 10ms]", "in (5, 10ms)"),
            ("X", "x"),
        ] {
            assert!(!same(a, b), "{a} == {b}");
        }
    }

    #[test]
    fn cjk_is_split_by_character() {
        assert_eq!(words("認証 x"), ["w認", "w証", "wx"]);
    }

    #[test]
    fn versions_read_back() {
        let version = Tokens::of_text("a b c").version();
        assert_eq!(version.to_string().parse(), Ok(version));
        assert_eq!("v1:xyz".parse::<Version>(), Err(()));
    }
}
