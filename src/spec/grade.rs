//! How much a change of wording weighs, and which words tipped it.
//!
//! Similarity can't tell: a third of real changes of meaning score above .93. So single words decide: obligation,
//! negation, quantity, comparison, number, unit, literal. What remains is `minor` only where it is spelling.

mod form;
mod spelling;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::token::{Token, Tokens, kind};
use form::{Layout, Plain};
use spelling::{near, slipped};

/// The weight of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Layout, articles, spelling.
    Minor,
    /// Words differ.
    Substantive,
    /// What is demanded differs: obligation, negation, quantity, comparison, number, unit, literal.
    Normative,
}

impl Grade {
    /// The word used in reports and in the policy.
    pub fn word(self) -> &'static str {
        match self {
            Grade::Minor => "minor",
            Grade::Substantive => "substantive",
            Grade::Normative => "normative",
        }
    }
}

/// A grade and what tipped it, as `SHOULD → MUST`, `5 → 3`, `+not`, `-only`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The weight.
    pub grade: Grade,
    /// The words that made it normative, in order, at most [`MOST_TIPPED`].
    pub tipped: Vec<String>,
}

/// More reasons than these help nobody.
pub const MOST_TIPPED: usize = 6;

/// From so many tokens on, both sides together, the order of words is no longer looked at: comparing two rewritten
/// texts in order costs the product of their length and their difference.
const HUGE: usize = 20_000;

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
const CONDITIONS: [&str; 3] = ["if", "when", "whenever"];

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

/// Words that turn a demand round when one takes the place of the other.
#[rustfmt::skip]
const OPPOSITES: &[(&str, &str)] = &[
    ("and", "or"), ("if", "unless"), ("true", "false"), ("on", "off"), ("yes", "no"), ("enable", "disable"),
    ("enabled", "disabled"), ("enables", "disables"), ("allow", "deny"), ("allowed", "denied"), ("allow", "forbid"),
    ("allow", "refuse"), ("accept", "reject"), ("accepts", "rejects"), ("accepted", "rejected"),
    ("include", "exclude"), ("includes", "excludes"), ("included", "excluded"), ("including", "excluding"),
    ("inclusive", "exclusive"), ("first", "last"), ("start", "end"), ("begin", "end"), ("open", "closed"),
    ("success", "failure"), ("succeeds", "fails"), ("public", "private"), ("internal", "external"),
    ("increase", "decrease"), ("add", "remove"), ("added", "removed"), ("create", "delete"), ("left", "right"),
    ("upper", "lower"), ("early", "late"), ("same", "different"), ("present", "absent"), ("always", "never"),
    ("read", "write"), ("lock", "unlock"), ("locked", "unlocked"), ("with", "without"), ("positive", "negative"),
    ("ascending", "descending"), ("newest", "oldest"), ("shortest", "longest"), ("strict", "lax"),
    ("synchronous", "asynchronous"), ("synchronously", "asynchronously"), ("opt-in", "opt-out"), ("in", "out"),
    ("big", "little"), ("uppercase", "lowercase"), ("input", "output"), ("inbound", "outbound"),
    ("incoming", "outgoing"), ("source", "destination"), ("client", "server"), ("sender", "receiver"),
    ("sender", "recipient"), ("request", "response"), ("prefix", "suffix"), ("previous", "next"),
    ("preceding", "following"), ("parent", "child"), ("append", "prepend"), ("encrypt", "decrypt"),
    ("encode", "decode"), ("permit", "deny"), ("open", "close"), ("opens", "closes"), ("starts", "ends"),
    ("pass", "fail"), ("passes", "fails"), ("even", "odd"), ("static", "dynamic"), ("stateful", "stateless"),
    ("subset", "superset"), ("forward", "backward"), ("local", "remote"), ("allows", "denies"),
];

/// Beginnings that turn a word into its opposite: `valid`, `invalid`.
const NEGATING: &[&str] = &["un", "in", "im", "ir", "il", "non", "dis", "de", "mis", "not"];

const ARTICLES: &[&str] = &["a", "an", "the"];

/// Grades the change from one token sequence to another; `None` when they are equal.
pub fn grade<'t>(old: &'t Tokens, new: &'t Tokens) -> Option<Verdict> {
    if old == new {
        return None;
    }
    let (a, b) = (old.to_vec(), new.to_vec());
    let mut scale = Scale::default();
    let ops = if a.len() + b.len() > HUGE {
        vec![DiffOp::Replace { old_index: 0, old_len: a.len(), new_index: 0, new_len: b.len() }]
    } else {
        let quick = |tokens: &[Token<'t>]| -> Vec<Quick<'t>> { tokens.iter().copied().map(Quick::of).collect() };
        let (a, b) = (quick(&a), quick(&b));
        capture_diff_slices(Algorithm::Myers, &a, &b)
    };
    let layout = Layout::of(&a, &b);
    for op in ops {
        let (gone, come) = match op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete { old_index, old_len, .. } => (old_index..old_index + old_len, 0..0),
            DiffOp::Insert { new_index, new_len, .. } => (0..0, new_index..new_index + new_len),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                (old_index..old_index + old_len, new_index..new_index + new_len)
            }
        };
        scale.weigh(Side { all: &a, range: gone }, Side { all: &b, range: come }, &layout);
    }
    Some(scale.verdict())
}

/// A token that nearly always differs from another one in its head, which compares as a number.
#[derive(Clone, Copy)]
struct Quick<'t> {
    /// The first seven bytes and, above them, the length.
    head: u64,
    token: Token<'t>,
}

impl<'t> Quick<'t> {
    fn of(token: Token<'t>) -> Self {
        const HEAD: u64 = u64::MAX >> 8;
        let text = token.text.as_bytes();
        let head = match text.first_chunk::<8>() {
            Some(first) => u64::from_le_bytes(*first) & HEAD,
            None => text.iter().take(7).rev().fold(0, |head, &byte| head << 8 | u64::from(byte)),
        };
        Quick { head: head | u64::from(text.len() as u8) << 56, token }
    }
}

impl PartialEq for Quick<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.head == other.head && self.token == other.token
    }
}

impl Eq for Quick<'_> {}

impl std::hash::Hash for Quick<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.token.hash(state);
    }
}

/// A run of changed tokens within its sequence.
struct Side<'s, 't> {
    all: &'s [Token<'t>],
    range: std::ops::Range<usize>,
}

impl<'t> Side<'_, 't> {
    fn tokens(&self) -> &[Token<'t>] {
        &self.all[self.range.clone()]
    }

    /// The words that decide, each as it would be shown: whole tokens, and the keywords in a line of code.
    fn deciding(&self) -> Vec<String> {
        let mut deciding = Vec::new();
        for at in self.range.clone() {
            if self.all[at].kind == kind::CODE_LINE {
                deciding.extend(keywords(self.all[at].text).map(str::to_owned));
            } else if decides(self.all, at) {
                deciding.push(shown(self.all[at]));
            }
        }
        deciding
    }
}

#[derive(Default)]
struct Scale {
    tipped: Vec<String>,
    heavy: bool,
    spellings: usize,
}

impl Scale {
    fn weigh<'t>(&mut self, mut gone: Side<'_, 't>, mut come: Side<'_, 't>, layout: &Layout) {
        form::trim(&mut gone, &mut come);
        let (gone, come) = (&gone, &come);
        let (mut was, mut now) = (gone.deciding(), come.deciding());
        let (a, b) = form::plain(gone, come);
        let is_kept = a == b && layout.is_kept(gone, come);
        if is_kept || was == now && form::are_written_together(&a, &b) || form::is_doubled(gone, come) {
            return;
        }
        balance_conditions(&mut was, &mut now);
        if was != now {
            self.tip(&was, &now);
        }
        self.turn(gone, come);
        self.compare_code(gone, come);
        if a.len() != b.len() {
            self.heavy = true;
            return;
        }
        for (a, b) in a.iter().map(Plain::text).zip(b.iter().map(Plain::text)) {
            if near(a, b) {
                self.spellings += usize::from(a != b && !slipped(a, b));
            } else {
                self.heavy |= a != b;
            }
        }
        let literal = |side: &Side| {
            side.tokens().iter().any(|t| {
                matches!(
                    t.kind,
                    kind::CODE_LINE
                        | kind::IMAGE
                        | kind::TAG
                        | kind::STRIKE
                        | kind::STRIKE_END
                        | kind::CELL
                        | kind::FOOTNOTE
                )
            })
        };
        self.heavy |= literal(gone) || literal(come);
    }

    /// Looks for values in lines of code of which nothing else differs.
    fn compare_code(&mut self, gone: &Side, come: &Side) {
        let (a, b) = (gone.tokens(), come.tokens());
        if a.len() != b.len() || !a.iter().chain(b).all(|token| token.kind == kind::CODE_LINE) {
            return;
        }
        for (old, new) in a.iter().zip(b) {
            let ((was, rest), (now, other)) = (values(old.text), values(new.text));
            if rest == other && was != now {
                let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
                self.tip(&owned(was), &owned(now));
            }
        }
    }

    /// Looks for words that were exchanged for their opposite.
    fn turn(&mut self, gone: &Side, come: &Side) {
        let words = |side: &Side| -> Vec<String> {
            let word = |t: &Token| (t.kind == kind::WORD).then(|| t.text.to_lowercase());
            side.tokens().iter().filter_map(word).take(LONGEST_TURN).collect()
        };
        let (was, now) = (words(gone), words(come));
        for old in was.iter().filter(|old| !now.contains(*old)) {
            if let Some(new) = now.iter().find(|new| !was.contains(*new) && are_opposites(old, new)) {
                let said = format!("{old} → {new}");
                if !self.tipped.contains(&said) {
                    self.tipped.push(said);
                }
            }
        }
    }

    fn tip(&mut self, was: &[String], now: &[String]) {
        let (mut gone, mut come) = (beyond(was, now), beyond(now, was));
        if gone.is_empty() && come.is_empty() {
            (gone, come) = (was.to_vec(), now.to_vec());
        }
        let pairs = gone.len().min(come.len());
        for (a, b) in gone.iter().zip(&come) {
            self.tipped.push(format!("{a} → {b}"));
        }
        self.tipped.extend(gone[pairs..].iter().map(|word| format!("-{word}")));
        self.tipped.extend(come[pairs..].iter().map(|word| format!("+{word}")));
    }

    fn verdict(mut self) -> Verdict {
        let grade = if !self.tipped.is_empty() {
            Grade::Normative
        } else if self.heavy || self.spellings > 2 {
            Grade::Substantive
        } else {
            Grade::Minor
        };
        self.tipped.truncate(MOST_TIPPED);
        Verdict { grade, tipped: self.tipped }
    }
}

/// In a longer run of changed words a word's opposite may be there by chance, and all pairs cost its square.
const LONGEST_TURN: usize = 12;

/// Whether one word says the opposite of the other, both in lower case.
fn are_opposites(a: &str, b: &str) -> bool {
    let negates =
        |a: &str, b: &str| a.len() >= 4 && NEGATING.iter().any(|not| b.strip_prefix(not).is_some_and(|rest| rest == a));
    OPPOSITES.iter().any(|&(x, y)| (a, b) == (x, y) || (a, b) == (y, x)) || negates(a, b) || negates(b, a)
}

impl Verdict {
    /// Weighs names in braces too, which a specification's own notation may have for what others put into code spans:
    /// tokens don't hold the braces, so that `{errors}` and `{error}` look like a word and its plural.
    pub fn with_names(self, old: &str, new: &str) -> Verdict {
        if self.grade == Grade::Normative {
            return self;
        }
        let has_names = |text: &str| memchr::memchr(b'{', text.as_bytes()).is_some();
        if !has_names(old) && !has_names(new) {
            return self;
        }
        let (was, now) = (names(old), names(new));
        if was == now {
            return self;
        }
        let mut scale = Scale::default();
        scale.tip(&was, &now);
        if scale.tipped.is_empty() { self } else { scale.verdict() }
    }
}

/// [`grade`] of a table row, which has the titles of its columns among its tokens: where only those differ, the row
/// itself says what it said, and the clause of the table tells of the titles. A title that decides (`L1`, `max`) counts.
pub fn grade_row<'t>(old: &'t Tokens, new: &'t Tokens) -> Option<Verdict> {
    let verdict = grade(old, new)?;
    let (a, b) = (old.to_vec(), new.to_vec());
    let is_title = |(old, new): (&Token, &Token)| old.kind == kind::CELL && new.kind == kind::CELL;
    let only_titles = a.len() == b.len() && a.iter().zip(&b).all(|pair| pair.0 == pair.1 || is_title(pair));
    if verdict.grade != Grade::Substantive || !only_titles {
        return Some(verdict);
    }
    let renamed = a.iter().zip(&b).filter(|(old, new)| old != new);
    let decides = renamed.filter_map(|(old, new)| grade(&Tokens::of_text(old.text), &Tokens::of_text(new.text)));
    let grade = if decides.into_iter().any(|v| v.grade == Grade::Normative) { verdict.grade } else { Grade::Minor };
    Some(Verdict { grade, ..verdict })
}

/// The names in braces, sorted: letters, digits and `_ - . ( )`, a letter first.
fn names(text: &str) -> Vec<String> {
    let name = |piece: &str| {
        let (name, _) = piece.split_once('}')?;
        let within = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '(' | ')');
        (name.starts_with(char::is_alphabetic) && name.chars().all(within)).then(|| format!("{{{name}}}"))
    };
    let mut names: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        if bare.starts_with("```") || bare.starts_with("~~~") {
            fenced = !fenced;
        } else if !fenced {
            // code spans and blocks are weighed by their tokens
            let prose = line.split('`').step_by(2);
            names.extend(prose.flat_map(|prose| prose.split('{').skip(1)).filter_map(name));
        }
    }
    names.sort_unstable();
    names
}

/// What the first list has more often than the second, in order.
fn beyond(all: &[String], others: &[String]) -> Vec<String> {
    let mut spare: HashMap<&str, usize> = HashMap::new();
    for word in others {
        *spare.entry(word).or_default() += 1;
    }
    let mut kept = Vec::new();
    for word in all {
        match spare.get_mut(word.as_str()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => kept.push(word.clone()),
        }
    }
    kept
}

/// RFC 2119, sections 1 to 5. In capitals they demand in code too, where the comments of an interface hold the rules for
/// each of its fields; other words of code are the program's.
const KEYWORDS: [&str; 7] = ["MUST", "SHALL", "SHOULD", "MAY", "REQUIRED", "RECOMMENDED", "OPTIONAL"];

/// The capital keywords in a line of code, `NOT` where it stands behind one.
fn keywords(line: &str) -> impl Iterator<Item = &str> {
    let mut demands = false;
    line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).filter(move |word| {
        let before = std::mem::replace(&mut demands, KEYWORDS.contains(word));
        demands || (before && *word == "NOT")
    })
}

/// The values in a line of code (numbers, signs of comparison, literals in quotes) and what is left of it.
fn values(line: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut values, mut rest) = (Vec::new(), Vec::new());
    for (at, quoted) in line.split('"').enumerate() {
        if at % 2 == 1 {
            values.push(quoted);
            continue;
        }
        let pieces = quoted.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '|'));
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            let bare = piece.trim_start_matches(['-', '+', '.']);
            let is_sign = piece.chars().all(|c| matches!(c, '<' | '>' | '=' | '!' | '≤' | '≥' | '≠'));
            let is_value = bare.starts_with(|c: char| c.is_ascii_digit()) || is_sign;
            if is_value { values.push(piece) } else { rest.push(piece) }
        }
    }
    (values, rest)
}

/// Takes out words of condition of which one stands for another on the other side.
fn balance_conditions(was: &mut Vec<String>, now: &mut Vec<String>) {
    let is_condition = |word: &String| CONDITIONS.iter().any(|c| word.eq_ignore_ascii_case(c));
    let count = |words: &[String]| words.iter().filter(|word| is_condition(word)).count();
    let both = count(was).min(count(now));
    for words in [was, now] {
        let mut left = both;
        words.retain(|word| {
            let goes = left > 0 && is_condition(word);
            left -= usize::from(goes);
            !goes
        });
    }
}

// the lists are long: hashed once, they are looked up in one step
static DECIDING: LazyLock<Words> = LazyLock::new(|| NORMATIVE.iter().chain(NUMBERS).copied().collect());
static UNIT: LazyLock<Words> = LazyLock::new(|| UNITS.iter().copied().collect());

/// Whether a token alone makes a change normative, in its place.
fn decides(all: &[Token], at: usize) -> bool {
    let token = all[at];
    match token.kind {
        kind::CODE | kind::QUOTE | kind::STRIKE | kind::STRIKE_END => return true,
        kind::WORD => {}
        _ => return false,
    }
    let lower = lower_case(token.text);
    let behind_number = || at > 0 && is_number(all[at - 1]);
    DECIDING.contains(&*lower)
        || lower.ends_with("n't")
        // a tick is left where no markup is read: what it stands around is a literal
        || token.text.contains(|c: char| c.is_numeric() || is_sign(c) || c == '`')
        || (UNIT.contains(&*lower) && behind_number())
        || is_quoted(all, at)
}

type Words = HashSet<&'static str, foldhash::fast::RandomState>;

/// A word in lower case, as it is where it is so already.
fn lower_case(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(word.to_lowercase())
}

/// Digits or a number word.
fn is_number(token: Token) -> bool {
    let word = || NUMBERS.contains(&&*lower_case(token.text));
    token.kind == kind::WORD && (token.text.ends_with(|c: char| c.is_ascii_digit()) || word())
}

/// A quoted literal of more words than this is a quotation.
const QUOTED_WORDS: usize = 8;

/// Whether a word stands inside a quoted literal: an odd number of quotes before it in its sentence, the next one near.
fn is_quoted(all: &[Token], at: usize) -> bool {
    let ends = |token: &&Token| matches!(token.kind, kind::SENTENCE | kind::DEPTH | kind::CELL | kind::CODE_LINE);
    let is_quote = |token: &&Token| token.kind == kind::QUOTE;
    let near = |tokens: &mut dyn Iterator<Item = &Token>| {
        tokens.take(QUOTED_WORDS).take_while(|t| !ends(t)).any(|t| is_quote(&t))
    };
    near(&mut all[..at].iter().rev())
        && near(&mut all[at + 1..].iter())
        && all[..at].iter().rev().take(SENTENCE_WORDS).take_while(|t| !ends(t)).filter(is_quote).count() % 2 == 1
}

/// Quotes are paired no further back than this.
const SENTENCE_WORDS: usize = 200;

/// Signs of comparison and arithmetic, ticks and crosses.
fn is_sign(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '≤' | '≥' | '≠' | '±' | '%' | '✓' | '✔' | '✗' | '✘' | '✅' | '❌' | '≈' | '∞')
}

/// Tokens that carry no meaning of their own.
fn is_layout(token: Token) -> bool {
    matches!(token.kind, kind::DEPTH | kind::INFO | kind::SENTENCE)
        || (token.kind == kind::WORD && ARTICLES.contains(&token.text))
}

fn shown(token: Token) -> String {
    match token.kind {
        kind::CODE => format!("`{}`", token.text),
        kind::STRIKE | kind::STRIKE_END => "~~".to_owned(),
        _ => token.text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(a: &str, b: &str) -> Option<(Grade, Vec<String>)> {
        grade(&Tokens::of_text(a), &Tokens::of_text(b)).map(|v| (v.grade, v.tipped))
    }

    #[test]
    fn what_counts_is_normative_and_named() {
        for (a, b, tipped) in [
            ("it SHOULD stop", "it MUST stop", "SHOULD → MUST"),
            ("after 5 tries", "after 3 tries", "5 → 3"),
            ("at least ten", "at most ten", "least → most"),
            ("it may stop", "it may not stop", "+not"),
            ("5 ms", "5 s", "ms → s"),
            ("a <= b", "a >= b", "<= → >="),
            ("is \"on\"", "is \"off\"", "on → off"),
        ] {
            assert_eq!(of(a, b), Some((Grade::Normative, vec![tipped.to_owned()])), "{a} / {b}");
        }
    }

    #[test]
    fn spelling_and_articles_are_minor() {
        assert_eq!(of("the version is kept", "the versions is kept"), Some((Grade::Minor, vec![])));
        assert_eq!(of("in a file", "in the file"), Some((Grade::Minor, vec![])));
        assert_eq!(of("one", "one"), None);
    }

    #[test]
    fn another_form_is_minor() {
        let minor = Some((Grade::Minor, vec![]));
        for (a, b) in [
            ("a Websocket is opened by unix", "a WebSocket is opened by UNIX"),
            ("they cleanup and login", "they clean up and log in"),
            ("several users' IDs at it's lifecycle", "several users' ID's at its life-cycle"),
            ("the meta data of a homeserver", "the metadata of a home-server"),
            ("UTF8 as in NIP04 or SHA256", "UTF-8 as in NIP-04 or SHA-256"),
            ("KEY_UPDATE_ERROR (0xE) is 0X1f", "KEY_UPDATE_ERROR (0xe) is 0x1F"),
            ("for cases when when it may not", "for cases when it may not"),
            ("the options — those below — count", "the options, those below | count"),
            (
                "it was ommitted, recieved and seperated by an accident",
                "it was omitted, received and separated by an accident",
            ),
        ] {
            assert_eq!(of(a, b), minor, "{a} / {b}");
        }
        for (a, b) in [
            ("maybe it stops", "may be it stops"),
            ("from x-5 on", "from x5 on"),
            ("the code 0xE is sent", "the code 0xF is sent"),
            ("the code 0xE is sent", "the code xE is sent"),
            ("from 2-5 on", "from 25 on"),
            ("it may not", "it may"),
            ("the entryPoint is read", "the entrypoint is read"),
            ("it takes 5 MW", "it takes 5 mW"),
            ("it must stop", "it MUST stop"),
            ("from 5 - 3 of them", "from 5 3 of them"),
            ("the point T is read", "the point t is read"),
            ("a synchronous reply", "asynchronous reply"),
        ] {
            assert_ne!(of(a, b), minor, "{a} / {b}");
        }
    }

    /// Words with code spans in backticks.
    fn spans(text: &str) -> Tokens {
        let mut tokens = Tokens::default();
        for (at, piece) in text.split('`').enumerate() {
            if at % 2 == 1 { tokens.push(kind::CODE, piece) } else { tokens.extend(&Tokens::of_text(piece)) }
        }
        tokens
    }

    #[test]
    fn what_is_only_put_into_backticks_is_the_same() {
        let of = |a: &str, b: &str| grade(&spans(a), &spans(b)).map(|v| v.grade);
        for (a, b) in [
            ("if (OP_DATA1) is used by adr-tools", "if (`OP_DATA1`) is used by `adr-tools`"),
            ("the key \"scope\" is read", "the key `scope` is read"),
            ("the scope of Retry-After is sha256", "the `scope` of `Retry-After` is `sha256`"),
            ("the code `0xE` is sent", "the code `0xe` is sent"),
            ("the code 0xE is sent", "the code `0xe` is sent"),
        ] {
            assert_eq!((of(a, b), of(b, a)), (Some(Grade::Minor), Some(Grade::Minor)), "{a} / {b}");
        }
        for (a, b) in [
            ("the key `HMAC` is read", "the key `hmac` is read"),
            ("the key hmac is read", "the key `hmacs` is read"),
            ("it is \"true\" here", "it is `true` here"),
            ("it is `a-b` here", "it is `a_b` here"),
        ] {
            assert_eq!(of(a, b), Some(Grade::Normative), "{a} / {b}");
        }
    }

    #[test]
    fn code_that_is_laid_out_anew_is_the_same() {
        let code = |text: &str| {
            let mut tokens = Tokens::of_text("The file is");
            text.lines().for_each(|line| tokens.push(kind::CODE_LINE, line));
            tokens
        };
        let of = |a: &str, b: &str| grade(&code(a), &code(b)).map(|v| v.grade);
        let was = "a:\n  b: [ 1,2 ]\n  c: 3";
        assert_eq!(of(was, "a:\n\n    b: [1, 2]\n    c: 3"), Some(Grade::Minor));
        assert_eq!(of(was, "a:\n  b: [1, 2]\n    c: 3"), Some(Grade::Substantive));
        assert_eq!(of(was, "a:\n  b: [1, 2]\nc: 3"), Some(Grade::Substantive));
        assert_eq!(
            of("a:\n    b:\n\t\tc: 3\n        d: 4", "a:\n    b:\n        c: 3\n        d: 4"),
            Some(Grade::Minor)
        );
        assert_eq!(of("let x = 1", "letx = 1"), Some(Grade::Substantive));
    }

    #[test]
    fn an_image_at_another_place_is_the_same() {
        let image = |target: &str| {
            let mut tokens = Tokens::of_text("The states are these");
            tokens.push(kind::IMAGE, target);
            tokens
        };
        let of = |a: &str, b: &str| grade(&image(a), &image(b)).map(|v| v.grade);
        assert_eq!(of("img/states.png", "https://example.org/1/states.png"), Some(Grade::Minor));
        assert_eq!(of("img/states.png", "img/flow.png"), Some(Grade::Substantive));
    }

    #[test]
    fn an_opposite_turns_the_demand() {
        for (a, b, tipped) in [
            ("reads and writes", "reads or writes", "and → or"),
            ("is valid today", "is invalid today", "valid → invalid"),
            ("the request is accepted", "the request is rejected", "accepted → rejected"),
        ] {
            assert_eq!(of(a, b), Some((Grade::Normative, vec![tipped.to_owned()])), "{a} / {b}");
        }
    }

    #[test]
    fn a_keyword_in_a_line_of_code_demands() {
        let code = |line: &str| {
            let mut tokens = Tokens::of_text("The message is");
            tokens.push(kind::CODE_LINE, line);
            tokens
        };
        let of = |old: &str, new: &str| grade(&code(old), &code(new)).map(|v| (v.grade, v.tipped)).unwrap();
        let was = "string id = 1; // This field is OPTIONAL.";
        let tipped = vec!["OPTIONAL → REQUIRED".to_owned()];
        assert_eq!(of(was, "string id = 1; // This field is REQUIRED."), (Grade::Normative, tipped));
        let tipped = vec!["+NOT".to_owned()];
        assert_eq!(of("// It MUST be set.", "// It MUST NOT be set."), (Grade::Normative, tipped));
        assert_eq!(of(was, "string name = 1; // This field is OPTIONAL.").0, Grade::Substantive);
        assert_eq!(of("id INT NULL", "id INT NOT NULL").0, Grade::Substantive);
        assert_eq!(of("MAY_FAIL = 1", "MUST_FAIL = 1").0, Grade::Substantive);
    }

    #[test]
    fn a_condition_that_came_or_went_is_another_demand() {
        let normative = |tipped: &str| Some((Grade::Normative, vec![tipped.to_owned()]));
        assert_eq!(of("it is sent", "it is sent when asked for"), normative("+when"));
        assert_eq!(of("if the network fails it stops", "it stops"), normative("-if"));
        assert_eq!(
            of("if the network fails it stops", "when the network fails it stops").map(|v| v.0),
            Some(Grade::Substantive)
        );
        assert_eq!(of("it is kept currently", "it is kept by default"), normative("+default"));
    }

    #[test]
    fn a_literal_of_plain_text_is_one() {
        let of = |a: &str, b: &str| {
            let tokens = |text: &str| {
                let mut tokens = Tokens::default();
                text.split(' ').for_each(|word| tokens.push(kind::WORD, word));
                tokens
            };
            grade(&tokens(a), &tokens(b)).map(|v| v.grade)
        };
        assert_eq!(of("write `vstap` first", "write `vsatp` first"), Some(Grade::Normative));
        assert_eq!(of("it was recieved", "it was received"), Some(Grade::Minor));
    }

    #[test]
    fn a_value_in_a_line_of_code_is_one() {
        let code = |line: &str| {
            let mut tokens = Tokens::of_text("The file is");
            tokens.push(kind::CODE_LINE, line);
            tokens
        };
        let of = |old: &str, new: &str| grade(&code(old), &code(new)).map(|v| (v.grade, v.tipped.join(", "))).unwrap();
        assert_eq!(of("mode: 0440", "mode: 0o440"), (Grade::Normative, "0440 → 0o440".to_owned()));
        assert_eq!(of("\"level\": [\"L3\"],", "\"level\": [\"L4\"],"), (Grade::Normative, "L3 → L4".to_owned()));
        assert_eq!(of("if n <= limit:", "if n < limit:"), (Grade::Normative, "<= → <".to_owned()));
        assert_eq!(of("n = first(1)", "n = second(1)").0, Grade::Substantive);
        assert_eq!(of("let n = 1;", "let m = 2;").0, Grade::Substantive);
    }

    #[test]
    fn a_column_with_another_title_is_no_other_row() {
        let row = |titles: [&str; 2], words: &str| {
            let mut tokens = Tokens::default();
            for (title, cell) in titles.iter().zip([words, "x"]) {
                tokens.push(kind::CELL, title);
                tokens.extend(&Tokens::of_text(cell));
            }
            tokens
        };
        let of = |old: &Tokens, new: &Tokens| grade_row(old, new).map(|v| v.grade);
        let old = row(["code", "level"], "the app is signed");
        assert_eq!(of(&old, &row(["key", "level"], "the app is signed")), Some(Grade::Minor));
        assert_eq!(of(&old, &row(["key", "level"], "the app is sealed")), Some(Grade::Substantive));
        assert_eq!(of(&old, &row(["code", "L2"], "the app is signed")), Some(Grade::Substantive));
        assert_eq!(of(&old, &row(["key", "level"], "the app is not signed")), Some(Grade::Normative));
    }

    #[test]
    fn a_name_in_braces_is_a_literal() {
        let (a, b) = ("the {errors} of it are kept", "the {error} of it are kept");
        let verdict = grade(&Tokens::of_text(a), &Tokens::of_text(b)).map(|v| v.with_names(a, b));
        assert_eq!(
            verdict.map(|v| (v.grade, v.tipped)),
            Some((Grade::Normative, vec!["{errors} → {error}".to_owned()]))
        );
    }

    #[test]
    fn other_words_are_substantive() {
        assert_eq!(of("the user logs in", "the admin logs in").map(|v| v.0), Some(Grade::Substantive));
    }
}
