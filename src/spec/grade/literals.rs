//! Literals whose quotes tokens don't hold, and values in short cells.
//!
//! A single quote at the edge of a word is no part of it, so that `'adopted'` and `'adopt'` look like a word and its other
//! ending. The version can't tell them from words without quotes; the grade looks at the text again.

use std::collections::HashMap;

use super::scale::{Scale, beyond};
use super::{Grade, MOST_TIPPED, Token, Tokens, Verdict, kind};

/// A quoted literal of more words than this is a quotation.
const LITERAL_WORDS: usize = 8;
/// A cell of more words than this is prose.
const VALUE_WORDS: usize = 3;
/// A literal's end is looked for within so many bytes, so that looking for all ends is linear.
const REACH: usize = 160;
/// So many literals that differ tell enough.
const MOST_LITERALS: usize = 32;

/// What opens a literal and what closes it, double quotes aside, which tokens hold. A German `‚…‘` closes with what opens
/// elsewhere.
const PAIRS: [(char, &[char]); 7] = [
    ('\'', &['\'']),
    ('\u{2018}', &['\u{2019}', '\'']),
    ('\u{201A}', &['\u{2018}', '\u{2019}']),
    ('\u{2039}', &['\u{203A}']),
    ('«', &['»']),
    ('「', &['」']),
    ('『', &['』']),
];

/// Elements that show code.
const CODE_TAGS: [&str; 5] = ["code", "kbd", "samp", "tt", "var"];

/// What an apostrophe stands before: endings, and words without their beginning.
const SHORTENED: [&str; 11] = ["s", "t", "d", "m", "ll", "re", "ve", "em", "til", "tis", "twas"];

impl Verdict {
    /// Weighs the literals that tokens don't hold as such, and the values in short cells, of a clause before and after.
    pub fn with_literals(self, old: (&str, &Tokens), new: (&str, &Tokens)) -> Verdict {
        let (was, now) = (literals(old.0), literals(new.0));
        let verdict = if was == now { self } else { self.tipped_by(&was, &now, old.1, new.1) };
        if verdict.grade != Grade::Minor {
            return verdict;
        }
        let (was, now) = (values(old.0), values(new.0));
        let exchanged = was != now && !beyond(&was, &now).is_empty() && !beyond(&now, &was).is_empty();
        if exchanged { Verdict { grade: Grade::Substantive, ..verdict } } else { verdict }
    }

    fn tipped_by(mut self, was: &[String], now: &[String], old: &Tokens, new: &Tokens) -> Verdict {
        let (mut gone, mut come) = (beyond(was, now), beyond(now, was));
        gone.truncate(MOST_LITERALS);
        come.truncate(MOST_LITERALS);
        let (old, new) = (Words::of(old), Words::of(new));
        // the words of a literal that has lost its quotes, or has others, stand on both sides
        let differ = |literals: &[String], own: &Words, other: &Words| -> Vec<String> {
            literals.iter().filter(|literal| own.count(literal) > other.count(literal)).cloned().collect()
        };
        let (lost, won) = (differ(&gone, &old, &new), differ(&come, &new, &old));
        if lost.is_empty() && won.is_empty() {
            return self;
        }
        let mut scale = Scale::default();
        if gone.len() == come.len() {
            scale.tip(&gone, &come)
        } else {
            scale.tip(&lost, &won)
        }
        self.grade = Grade::Normative;
        let is_named = |said: &String| {
            let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
            let named: Vec<String> = self.tipped.iter().flat_map(|tip| tip.split_whitespace().map(bare)).collect();
            said.split_whitespace().map(bare).any(|word| !word.is_empty() && named.contains(&word))
        };
        let unnamed: Vec<String> = scale.tipped.into_iter().filter(|said| !is_named(said)).collect();
        self.tipped.extend(unnamed);
        self.tipped.truncate(MOST_TIPPED);
        self
    }
}

/// The words of a clause that may be a literal's, without quotes and letter case, and where each stands.
struct Words {
    all: Vec<String>,
    places: HashMap<String, Vec<usize>>,
}

impl Words {
    fn of(tokens: &Tokens) -> Words {
        let all = words(tokens);
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, word) in all.iter().enumerate() {
            places.entry(word.clone()).or_default().push(at);
        }
        Words { all, places }
    }

    /// How often the words of a literal stand here in their order.
    fn count(&self, literal: &str) -> usize {
        let sought = words(&Tokens::of_text(literal));
        let places = sought.first().and_then(|first| self.places.get(first)).map_or(&[][..], Vec::as_slice);
        places.iter().filter(|&&at| self.all[at..].starts_with(&sought)).count()
    }
}

fn words(tokens: &Tokens) -> Vec<String> {
    let is_quote = |c: char| matches!(c, '`' | '‹' | '›' | '«' | '»' | '「' | '」' | '『' | '』');
    let bare = |token: Token| token.text.trim_matches(is_quote).to_lowercase();
    let mut all = Vec::new();
    for token in tokens.iter() {
        match token.kind {
            kind::WORD => all.push(bare(token)),
            kind::CODE => all.extend(Tokens::of_text(token.text).iter().map(bare)),
            _ => {}
        }
    }
    all.retain(|word| !word.is_empty());
    all
}

/// The paragraphs of a text outside of fences, each on one line.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    let mut fenced = false;
    for line in text.lines() {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        let is_fence = bare.starts_with("```") || bare.starts_with("~~~");
        fenced ^= is_fence;
        if is_fence || fenced || bare.is_empty() {
            paragraphs.push(String::new());
        } else if let Some(last) = paragraphs.last_mut() {
            last.push_str(bare);
            last.push(' ');
        }
    }
    paragraphs
}

/// The literals of a text whose quotes tokens don't hold, sorted.
fn literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let quotes = |c: char| matches!(c, '`' | '<') || PAIRS.iter().any(|(open, _)| *open == c);
    if text.contains(quotes) {
        paragraphs(text).iter().for_each(|paragraph| scan(paragraph, &mut found));
        found.sort_unstable();
    }
    found
}

/// Finds the literals of a paragraph.
fn scan(text: &str, found: &mut Vec<String>) {
    let (mut at, mut before) = (0, None);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let piece = match c {
            '`' => ticks(rest, before),
            '<' => element(rest),
            _ => quoted(rest, c, before),
        };
        let Some((literal, length)) = piece else {
            at += c.len_utf8();
            before = Some(c);
            continue;
        };
        let literal = literal.trim();
        if !literal.is_empty() && !literal.contains('|') && literal.split_whitespace().count() <= LITERAL_WORDS {
            found.push(literal.to_owned());
        }
        at += length;
        // an apostrophe behind a literal opens none
        before = Some('x');
    }
}

/// The text up to where a literal's end is looked for.
fn reach(text: &str) -> &str {
    let mut end = text.len().min(REACH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Text between backticks: a literal between single ones, unless it is a reference of reStructuredText; what stands between
/// more is a code span everywhere.
fn ticks(rest: &str, before: Option<char>) -> Option<(&str, usize)> {
    let count = rest.bytes().take_while(|&b| b == b'`').count();
    let inner = reach(&rest[count..]);
    let mut from = 0;
    let end = loop {
        let start = from + inner[from..].find('`')?;
        let run = inner[start..].bytes().take_while(|&b| b == b'`').count();
        if run == count {
            break start;
        }
        from = start + run;
    };
    let length = count + end + count;
    let refers = before == Some(':') || rest[length..].starts_with(['_', ':']) || inner[..end].contains('<');
    Some((if count == 1 && !refers { &inner[..end] } else { "" }, length))
}

/// What an element of code holds.
fn element(rest: &str) -> Option<(&str, usize)> {
    let tag = reach(rest).find('>')?;
    let name = rest[1..tag].split_whitespace().next()?;
    let inner = reach(&rest[tag + 1..]);
    let end = inner.find('<').filter(|_| CODE_TAGS.iter().any(|code| name.eq_ignore_ascii_case(code)))?;
    Some((&inner[..end], tag + 1 + end))
}

/// What a quote holds, if it is one and no apostrophe.
fn quoted(rest: &str, open: char, before: Option<char>) -> Option<(&str, usize)> {
    let (_, closes) = PAIRS.iter().find(|(opens, _)| *opens == open)?;
    let is_single = matches!(open, '\'' | '\u{2018}' | '\u{201A}');
    let inner = reach(&rest[open.len_utf8()..]);
    let follows = |c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '}' | '\'' | '\u{2019}');
    if inner.starts_with(char::is_whitespace) || (is_single && before.is_some_and(follows)) {
        return None;
    }
    let word = inner.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_decade = word.trim_end_matches('s').bytes().all(|b| b.is_ascii_digit());
    let is_alone = inner[word.len()..].starts_with(*closes);
    if open == '\'' && !is_alone && !word.is_empty() && (is_decade || SHORTENED.contains(&word)) {
        return None;
    }
    let closing = inner.char_indices().skip(1).find(|&(at, c)| {
        let behind = inner[at + c.len_utf8()..].chars().next();
        let is_end = !inner[..at].ends_with(char::is_whitespace) && !behind.is_some_and(char::is_alphanumeric);
        closes.contains(&c) && (!is_single || is_end)
    });
    let (end, close) = closing?;
    Some((&inner[..end], open.len_utf8() + end + close.len_utf8()))
}

/// The values in short cells of tables, sorted.
fn values(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        fenced ^= bare.starts_with("```") || bare.starts_with("~~~");
        if !fenced && bare.starts_with('|') {
            // a link's target is no value
            let cells = bare.split('|').filter(|cell| !cell.contains("]("));
            values.extend(cells.filter_map(value));
        }
    }
    values.sort_unstable();
    values
}

/// The words of a cell, where they are few; emphasis aside.
fn value(cell: &str) -> Option<String> {
    if cell.split_whitespace().nth(VALUE_WORDS).is_some() {
        return None;
    }
    let dress = |word: &str| word.trim_matches(['*', '_', '`', '~']).to_owned();
    let bare = cell.split_whitespace().map(dress).collect::<Vec<_>>().join(" ");
    let words = words(&Tokens::of_text(&bare)).join(" ");
    words.contains(char::is_alphanumeric).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_told_from_an_apostrophe() {
        for (text, found) in [
            ("it is 'adopted' or 'lost' then", vec!["adopted", "lost"]),
            ("it is ‘adopted’, and ‚verloren‘ too", vec!["adopted", "verloren"]),
            ("«one two» 「三」", vec!["one two", "三"]),
            ("don't ask the users' or James' friend's view", vec![]),
            ("in the '90s and the servers' age, 'til it's over", vec![]),
            ("say 'don't' and 's' and '90'", vec!["90", "don't", "s"]),
            ("the `key`'s name, **bold**'s, (a)'s and 'x'", vec!["key", "x"]),
            ("<code>expires</code>, <KBD class=\"a\">F1</KBD>, <b>no</b>", vec!["F1", "expires"]),
            ("``it's`` `text <url>`_ :ref:`x` `y`:ref: `z`_ `data`", vec!["data"]),
            ("('a', 'b'): x='c'", vec!["a", "b", "c"]),
            ("```\n'a'\n```\n> over 'two\n> lines'", vec!["two lines"]),
            ("'one two three four five six seven eight nine'", vec![]),
            ("a | 'b | c' | ' d '", vec![]),
        ] {
            assert_eq!(literals(text), found, "{text}");
        }
    }

    #[test]
    fn a_short_cell_is_a_value() {
        assert_eq!(values("| Name | a whole long sentence |\n|---|:-:|\n| **a b** | [x](y) |"), ["a b", "name"]);
    }
}
