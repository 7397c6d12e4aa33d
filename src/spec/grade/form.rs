//! What two runs of tokens say without their form: code spans and letter case, hyphens and dashes, where an image lies.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::Token;
use super::deciding::{DECIDING, UNIT, emphasised, is_layout, is_number, is_quoted, is_sign, lower_case};
use super::scale::Side;
use crate::spec::token::kind;

/// Values that are something else between double quotes: `true` and `"true"`.
const VALUES: [&str; 9] = ["true", "false", "null", "nil", "none", "yes", "no", "on", "off"];

/// In longer runs than this, words written together say nothing.
const MOST_TOGETHER: usize = 8;

/// A word, literal or mark without its form.
#[derive(Debug)]
pub(super) struct Plain<'t> {
    kind: u8,
    text: Cow<'t, str>,
}

impl Plain<'_> {
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Plain<'_> {
    /// A code span equals another one letter by letter, and a word by what one would read.
    fn eq(&self, other: &Self) -> bool {
        if self.kind == other.kind {
            return self.text == other.text;
        }
        let is_text = |plain: &Self| matches!(plain.kind, kind::WORD | kind::CODE);
        let bare = |plain: &Self| plain.text.trim_matches(EDGES).to_lowercase();
        is_text(self) && is_text(other) && bare(self) == bare(other)
    }
}

/// What words lose at their edges, and the mark of what follows a hyphen in a code span.
const EDGES: [char; 13] = ['.', ',', ';', ':', '!', '?', '\'', '(', ')', '[', ']', '{', '}'];

/// Both runs without their form. Quotes around what became a code span, or was one, are form.
pub(super) fn plain<'t>(gone: &Side<'_, 't>, come: &Side<'_, 't>) -> (Vec<Plain<'t>>, Vec<Plain<'t>>) {
    let has = |side: &Side, kind: u8| side.tokens().iter().any(|token| token.kind == kind);
    let spanned = has(gone, kind::CODE) != has(come, kind::CODE) && !holds_value(gone) && !holds_value(come);
    (of(gone, spanned), of(come, spanned))
}

fn holds_value(side: &Side) -> bool {
    side.tokens().iter().any(|token| is_number(*token) || VALUES.contains(&&*lower_case(token.text)))
}

fn of<'t>(side: &Side<'_, 't>, spanned: bool) -> Vec<Plain<'t>> {
    let mut all = Vec::new();
    for at in side.range.clone() {
        let token = side.all[at];
        let mut put = |text: Cow<'t, str>| all.push(Plain { kind: token.kind, text });
        match token.kind {
            kind::QUOTE if spanned => {}
            kind::WORD if (is_layout(token) && !is_quoted(side.all, at)) || is_rule(side.all, at) => {}
            kind::WORD => words(side.all, at).for_each(put),
            kind::CODE => token.text.split_whitespace().flat_map(hyphened).for_each(|piece| put(number(piece))),
            kind::CODE_LINE => Some(closed(token.text)).filter(|line| !line.is_empty()).into_iter().for_each(put),
            kind::IMAGE => put(Cow::Borrowed(file_name(token.text))),
            _ if is_layout(token) => {}
            _ => put(Cow::Borrowed(token.text)),
        }
    }
    all
}

/// A dash, bar or bullet alone that is no sign between numbers, nor a literal between ticks where no markup is read.
fn is_rule(all: &[Token], at: usize) -> bool {
    let is_mark = |c: char| matches!(c, '-' | '–' | '—' | '|' | '·' | '•' | '*' | '_' | '…' | '`');
    let counts = |at: Option<usize>| at.and_then(|at| all.get(at)).is_some_and(|token| is_number(*token));
    let ticked = all[at].text.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    let is_literal = ticked.is_some_and(|inside| inside.contains(|c| c != '`'));
    all[at].text.chars().all(is_mark) && !is_literal && !counts(at.checked_sub(1)) && !counts(Some(at + 1))
}

/// A word in small letters, unless its case tells; around a long dash two.
fn words<'t>(all: &[Token<'t>], at: usize) -> impl Iterator<Item = Cow<'t, str>> {
    let whole = all[at].text.trim_matches('`');
    let whole = emphasised(whole).unwrap_or(whole);
    let keeps = keeps_case(all, at, whole);
    let pieces = whole.split(['—', '–']).filter(|piece| !piece.is_empty());
    pieces.map(move |piece| match (keeps, is_hexadecimal(piece)) {
        (true, false) => joined(piece),
        _ => lower_case(piece),
    })
}

/// Whether a word is a number such as `0xE`, which is `0xe`.
fn is_hexadecimal(word: &str) -> bool {
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A piece of a code span, in small letters where it is a hexadecimal number.
fn number(piece: &str) -> Cow<'_, str> {
    if is_hexadecimal(piece) { lower_case(piece) } else { Cow::Borrowed(piece) }
}

/// A name without the hyphen before its number: `UTF-8` is `UTF8`.
fn joined(word: &str) -> Cow<'_, str> {
    match word.split_once('-') {
        Some((name, number))
            if name.len() > 1
                && name.bytes().all(|b| b.is_ascii_alphabetic())
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            Cow::Owned(format!("{name}{number}"))
        }
        _ => Cow::Borrowed(word),
    }
}

/// Whether a run on one side alone is a word that stands beside it too, written twice.
pub(super) fn is_doubled(gone: &Side, come: &Side) -> bool {
    let side = match (gone.range.len(), come.range.len()) {
        (1, 0) => gone,
        (0, 1) => come,
        _ => return false,
    };
    let (all, at) = (side.all, side.range.start);
    let is_same = |other: Option<&Token>| other.is_some_and(|other| *other == all[at]);
    all[at].kind == kind::WORD
        && all[at].text.chars().all(char::is_alphabetic)
        && (is_same(at.checked_sub(1).and_then(|before| all.get(before))) || is_same(all.get(at + 1)))
}

/// Whether a word in other case is another word: one that decides, a sign or number, a unit, a letter alone, a literal, a
/// name such as `entryPoint`.
fn keeps_case(all: &[Token], at: usize, word: &str) -> bool {
    let lower = lower_case(word);
    let mut chars = word.chars();
    let is_name = word.starts_with(char::is_lowercase) && word.contains(char::is_uppercase) && word.len() > 3;
    DECIDING.contains(&*lower)
        || word.contains(|c: char| c.is_numeric() || is_sign(c))
        || (at > 0 && is_number(all[at - 1]) && (UNIT.contains(&*lower) || word.len() <= 3))
        || (chars.next().is_some() && chars.next().is_none())
        || is_name
        || word.contains('_')
        || is_quoted(all, at)
}

/// The pieces of a name in a code span, cut where prose is: `a-b` is two words there.
fn hyphened(name: &str) -> impl Iterator<Item = &str> {
    let bytes = name.as_bytes();
    let is_cut = |at: usize| {
        let letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
        bytes[at] == b'-' && letter(at.checked_sub(1)) && letter(Some(at + 1))
    };
    let cuts: Vec<usize> = (0..bytes.len()).filter(|&at| is_cut(at)).collect();
    let starts: Vec<usize> = std::iter::once(0).chain(cuts.iter().map(|at| at + 1)).collect();
    let ends: Vec<usize> = cuts.iter().copied().chain([bytes.len()]).collect();
    starts.into_iter().zip(ends).map(move |(from, to)| &name[from..to])
}

fn file_name(target: &str) -> &str {
    let path = target.split(['?', '#']).next().unwrap_or(target);
    path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty()).unwrap_or(target)
}

/// A line of code without the space at its edges and beside signs.
fn closed(line: &str) -> Cow<'_, str> {
    let line = line.trim();
    if !line.contains(char::is_whitespace) {
        return Cow::Borrowed(line);
    }
    let mut closed = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if is_letter(closed.chars().next_back()) && is_letter(word.chars().next()) {
            closed.push(' ');
        }
        closed.push_str(word);
    }
    Cow::Owned(closed)
}

/// Whether both say the same words, some of them written together or with an apostrophe: `cleanup`, `clean up`.
pub(super) fn are_written_together(a: &[Plain], b: &[Plain]) -> bool {
    let is_short = |side: &[Plain]| !side.is_empty() && side.len() <= MOST_TOGETHER;
    if !is_short(a) || !is_short(b) || !a.iter().chain(b).all(|plain| plain.kind == kind::WORD) {
        return false;
    }
    let together = |side: &[Plain]| {
        side.iter().flat_map(|p| p.text.chars()).filter(|c| !matches!(c, '-' | '\'')).collect::<String>()
    };
    let (one, other) = (together(a), together(b));
    !one.is_empty() && one == other
}

/// Takes what both runs begin and end with in another form off them, word by word.
pub(super) fn trim(gone: &mut Side, come: &mut Side) {
    fn one<'t>(side: &Side<'_, 't>, at: usize) -> Vec<Plain<'t>> {
        of(&Side { all: side.all, range: at..at + 1 }, false)
    }
    let alike = |gone: &Side, old: usize, come: &Side, new: usize| {
        let single = |side: &Side, at: usize| matches!(side.all[at].kind, kind::WORD | kind::CODE);
        single(gone, old) && single(come, new) && {
            let (a, b) = (one(gone, old), one(come, new));
            a.len() == 1 && a == b
        }
    };
    while !gone.range.is_empty() && !come.range.is_empty() && alike(gone, gone.range.start, come, come.range.start) {
        gone.range.start += 1;
        come.range.start += 1;
    }
    while !gone.range.is_empty() && !come.range.is_empty() && alike(gone, gone.range.end - 1, come, come.range.end - 1)
    {
        gone.range.end -= 1;
        come.range.end -= 1;
    }
}

/// Below which line each line of code stands, on both sides.
pub(super) struct Layout<'s, 't> {
    old: &'s [Token<'t>],
    new: &'s [Token<'t>],
    kept: OnceCell<bool>,
}

impl<'s, 't> Layout<'s, 't> {
    pub fn of(old: &'s [Token<'t>], new: &'s [Token<'t>]) -> Self {
        Layout { old, new, kept: OnceCell::new() }
    }

    /// Whether the lines of code of two runs, which are the same but for spaces, lie as they lay.
    pub fn is_kept(&self, gone: &Side, come: &Side) -> bool {
        let has_code = |side: &Side| side.tokens().iter().any(|token| token.kind == kind::CODE_LINE);
        (!has_code(gone) && !has_code(come)) || *self.kept.get_or_init(|| depths(self.old) == depths(self.new))
    }
}

/// Columns of a tab, where it takes the place of spaces.
const TAB: usize = 4;

/// The column behind white space.
fn column(space: &str) -> usize {
    space.chars().fold(0, |column, c| if c == '\t' { (column / TAB + 1) * TAB } else { column + 1 })
}

/// How deep each line of code lies that isn't blank, by the lines above it in its block.
fn depths(all: &[Token]) -> Vec<usize> {
    let mut depths = Vec::new();
    let mut above: Vec<usize> = Vec::new();
    for token in all {
        if token.kind != kind::CODE_LINE {
            above.clear();
            continue;
        }
        let line = token.text.trim_start();
        if line.is_empty() {
            continue;
        }
        let indent = column(&token.text[..token.text.len() - line.len()]);
        while above.last().is_some_and(|&up| up >= indent) {
            above.pop();
        }
        depths.push(above.len());
        above.push(indent);
    }
    depths
}
