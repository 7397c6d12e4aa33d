//! Words that decide what is demanded: obligation, negation, quantity, comparison, number, unit, literal.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use super::{Token, kind};

/// Words of obligation, permission, negation, quantity, comparison and order, and number words, lower case.
#[rustfmt::skip]
const NORMATIVE: &[&str] = &[
    "must", "shall", "should", "may", "can", "cannot", "can't", "could", "will", "would", "might", "required",
    "recommended", "optional", "require", "requires", "prohibited", "forbidden", "mandatory", "need", "needs",
    "not", "no", "never", "none", "nor", "neither", "without", "except", "unless", "mustn't", "shouldn't",
    "won't", "don't", "doesn't", "isn't", "aren't", "didn't", "shan't", "wouldn't", "couldn't", "all", "any",
    "each", "every", "some", "only", "both", "either", "most", "least", "exactly", "always", "more", "less",
    "fewer", "greater", "larger", "smaller", "higher", "lower", "than", "above", "below", "under", "over",
    "before", "after", "until", "within", "maximum", "minimum", "max", "min", "equal", "equals",
    "half", "twice", "double", "once", "nothing", "nobody", "many", "few", "several",
    "longer", "shorter", "newer", "older", "highest", "lowest", "largest", "smallest", "longest", "shortest",
    "greatest", "exceed", "exceeds", "exceeding", "exceeded", "unlimited", "default", "defaults", "deprecated",
    "optionally", "if", "when", "whenever",
];

/// Words that begin a condition: one that came or went is another demand, one for another is none.
pub(super) const CONDITIONS: [&str; 3] = ["if", "when", "whenever"];

/// Number words beside the digits, lower case.
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "million", "billion", "dozen",
];

/// Units that stand behind a number, lower case; the words themselves are compared with their case.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "ns", "us", "µs", "ms", "s", "sec", "min", "h", "d", "seconds", "minutes", "hours", "days", "weeks",
    "months", "years", "second", "minute", "hour", "day", "week", "month", "year", "millisecond", "milliseconds", "microseconds", "nanoseconds", "b", "kb", "mb", "gb", "tb", "kib", "mib",
    "gib", "tib", "bit", "bits", "byte", "bytes", "kilobytes", "megabytes", "gigabytes", "hz", "khz", "mhz",
    "ghz", "w", "mw", "kw", "v", "mv", "kv", "a", "ma", "m", "mm", "cm", "km", "g", "kg", "mg", "px", "percent",
    "%", "°c", "°f", "k", "kbps", "mbps", "gbps", "bps", "kbit", "mbit", "gbit", "kbit/s", "mbit/s", "gbit/s", "kb/s",
    "mb/s", "gb/s", "rpm", "fps", "db", "l", "ml", "j", "kj", "n", "pa", "ω", "mah", "pt", "em", "rem", "degrees",
];

const ARTICLES: &[&str] = &["a", "an", "the"];

// the lists are long: hashed once, they are looked up in one step
pub(super) static DECIDING: LazyLock<Words> = LazyLock::new(|| NORMATIVE.iter().chain(NUMBERS).copied().collect());
pub(super) static UNIT: LazyLock<Words> = LazyLock::new(|| UNITS.iter().copied().collect());

/// Whether a token alone makes a change normative, in its place.
pub(super) fn decides(all: &[Token], at: usize) -> bool {
    let token = all[at];
    match token.kind {
        kind::CODE | kind::QUOTE | kind::STRIKE | kind::STRIKE_END => return true,
        kind::WORD => {}
        _ => return false,
    }
    let lower = lower_case(bare(token.text));
    let behind_number = || at > 0 && is_number(all[at - 1]);
    DECIDING.contains(&*lower)
        || lower.ends_with("n't")
        // a tick is left where no markup is read: what it stands around is a literal
        || token.text.contains(|c: char| c.is_numeric() || is_sign(c) || c == '`')
        || (UNIT.contains(&*lower) && behind_number())
        || is_quoted(all, at)
}

pub(super) type Words = HashSet<&'static str, foldhash::fast::RandomState>;

/// A word in lower case, as it is where it is so already.
pub(super) fn lower_case(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(word.to_lowercase())
}

/// Digits or a number word.
pub(super) fn is_number(token: Token) -> bool {
    let word = || NUMBERS.contains(&&*lower_case(token.text));
    token.kind == kind::WORD && (token.text.ends_with(|c: char| c.is_ascii_digit()) || word())
}

/// A quoted literal of more words than this is a quotation.
const QUOTED_WORDS: usize = 8;

/// Whether a word stands inside a quoted literal: a quote is open before it in its sentence, and both ends are near.
pub(super) fn is_quoted(all: &[Token], at: usize) -> bool {
    let is_quote = |at: usize| all[at].kind == kind::QUOTE;
    let is_block = |at: &usize| matches!(all[*at].kind, kind::DEPTH | kind::CELL | kind::CODE_LINE);
    let is_near = (at + 1..all.len()).take(QUOTED_WORDS).take_while(|at| !ends(&all[*at])).any(is_quote)
        // the mark of a sentence that begins with a quote stands behind the quote
        && (0..at).rev().take(QUOTED_WORDS + 1).take_while(|at| !is_block(at)).any(is_quote);
    if !is_near {
        return false;
    }
    let from = (0..at).rev().take(SENTENCE_WORDS).take_while(|at| !is_block(at)).last().unwrap_or(at);
    let mut open: Option<usize> = None;
    for (before, token) in all.iter().enumerate().take(at).skip(from) {
        match token.kind {
            kind::QUOTE => open = if open.is_some() { None } else { Some(before) },
            kind::SENTENCE => open = open.filter(|quote| quote + 1 == before),
            _ => {}
        }
    }
    open.is_some_and(|quote| at - quote <= QUOTED_WORDS + 1)
}

fn ends(token: &Token) -> bool {
    matches!(token.kind, kind::SENTENCE | kind::DEPTH | kind::CELL | kind::CODE_LINE)
}

/// Quotes are paired no further back than this.
const SENTENCE_WORDS: usize = 200;

/// Signs of comparison and arithmetic, ticks and crosses.
pub(super) fn is_sign(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '≤' | '≥' | '≠' | '±' | '%' | '✓' | '✔' | '✗' | '✘' | '✅' | '❌' | '≈' | '∞')
}

/// Tokens that carry no meaning of their own.
pub(super) fn is_layout(token: Token) -> bool {
    matches!(token.kind, kind::DEPTH | kind::INFO | kind::SENTENCE)
        || (token.kind == kind::WORD && ARTICLES.contains(&token.text))
}

pub(super) fn shown(token: Token) -> String {
    match token.kind {
        kind::CODE => format!("`{}`", token.text),
        kind::STRIKE | kind::STRIKE_END => "~~".to_owned(),
        _ => unmarked(token.text).to_owned(),
    }
}

/// A word without the marks of emphasis that stay where no markup is read, if it decides without them.
fn bare(word: &str) -> &str {
    let bare = word.trim_matches(MARKS);
    if bare.len() < word.len() && DECIDING.contains(&*lower_case(bare)) { bare } else { word }
}

const MARKS: [char; 2] = ['*', '_'];

/// The same, where the marks are no part of a name such as `*max`: around the word, or at one side of a capital word, as in
/// `*MUST NOT*`.
fn unmarked(word: &str) -> &str {
    let bare = bare(word);
    let is_capital = bare.bytes().all(|b| b.is_ascii_uppercase());
    if is_capital { bare } else { emphasised(word).unwrap_or(word) }
}

/// The word that decides between marks of emphasis: `MUST` of `*MUST*`.
pub(super) fn emphasised(word: &str) -> Option<&str> {
    let bare = bare(word);
    let (before, after) = word.split_once(bare)?;
    (!before.is_empty() && before == after).then_some(bare)
}
