//! Words marked inside a changed text: `[-5-]{+3+}`, wrapped to the screen, unchanged stretches folded.
//!
//! What begins a block in the text, such as a list item or a row of a table, begins a line here. Marks that only lay
//! the text out are never marked as a change: the delimiter row of a table is left out, and so is the `>` of a quote.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use similar::{Algorithm, ChangeTag, TextDiff};

use super::style::{Meaning, Sign, Style};
use super::text::{escape_controls, width};

/// Unchanged words kept on each side of a change.
const CONTEXT: usize = 12;
/// Huge rewritten texts are compared for no longer than this.
const PATIENCE: Duration = Duration::from_millis(200);
/// Lines shown of a new clause.
const OPENING_LINES: usize = 3;
/// Columns that a block is indented at most.
const DEEPEST: usize = 12;

/// A word of a text.
#[derive(Clone, Debug, PartialEq)]
struct Word<'t> {
    text: Cow<'t, str>,
    /// Where it begins a block: how far that is indented, and how far the lines after the first are.
    opens: Option<(usize, usize)>,
    /// A list marker: never a change by itself.
    layout: bool,
}

/// One run of words that were kept, taken out or put in.
#[derive(Debug, PartialEq)]
struct Run<'w> {
    tag: ChangeTag,
    words: Vec<&'w Word<'w>>,
}

/// A piece of a line: what it is and its text.
struct Piece<'w> {
    meaning: Meaning,
    text: Cow<'w, str>,
    opens: Option<(usize, usize)>,
}

/// The new text with the changed words marked as `git diff --word-diff` does, wrapped to `room` columns; nothing where
/// only the layout differs.
pub fn marked(before: &str, after: &str, room: usize, style: Style) -> Vec<String> {
    let (before, after) = (words(before, usize::MAX), words(after, usize::MAX));
    let runs = runs(&before, &after);
    if runs.iter().all(|run| run.tag == ChangeTag::Equal) {
        return Vec::new();
    }
    let last = runs.len().saturating_sub(1);
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        match run.tag {
            ChangeTag::Equal => fold(&run.words, at == 0, at == last, style, &mut pieces),
            ChangeTag::Delete => mark(&run.words, ("[-", "-]"), Meaning::Removed, &mut pieces),
            ChangeTag::Insert => mark(&run.words, ("{+", "+}"), Meaning::Added, &mut pieces),
        }
    }
    paint(&wrap(&pieces, room), style)
}

/// The first lines of a new text.
pub fn opening(text: &str, room: usize, style: Style) -> Vec<String> {
    // Each word takes a column and the gap before it, so that more of them fill more lines than are shown.
    let most = (OPENING_LINES + 1) * (room + 1);
    let words = words(text, most);
    let pieces: Vec<Piece> = words
        .iter()
        .map(|word| Piece { meaning: Meaning::Added, text: Cow::Borrowed(&word.text), opens: word.opens })
        .collect();
    let mut lines = wrap(&pieces, room);
    if lines.len() > OPENING_LINES {
        lines.truncate(OPENING_LINES);
        if let Some(line) = lines.last_mut() {
            line.end_with(style.sign(Sign::Ellipsis), room);
        }
    }
    paint(&lines, style)
}

/// The words of a text, line by line; no more lines once there are `most` words.
fn words(text: &str, most: usize) -> Vec<Word<'_>> {
    let mut found: Vec<Word> = Vec::new();
    let mut fence: Option<Fence> = None;
    let mut after_blank = false;
    let alone = !text.trim_start().lines().skip(1).any(|line| marker(line.trim_start()).is_some());
    for line in text.lines() {
        if found.len() > most {
            break;
        }
        let in_fence = fence.is_some();
        let line = without_quote(line, fence.as_ref().map_or(usize::MAX, |fence| fence.quotes));
        let closes = Fence::step(&mut fence, line);
        if line.text.trim().is_empty() {
            after_blank = true;
            continue;
        }
        let code = in_fence || closes || fence.is_some();
        if !code && is_drawing(line.text) {
            continue;
        }
        let bare = line.text.trim_start();
        let indent = (line.text.len() - bare.len()).min(DEEPEST);
        let item = marker(bare).filter(|_| !code);
        let label = bare.starts_with("[!");
        let opens = code || item.is_some() || after_blank || label || bare.starts_with(['|', '#']) || is_step(bare);
        after_blank = label;
        let hang = if code { indent } else { indent + item.map_or(0, |marker| marker.len() + 1) };
        for (at, word) in bare.split_whitespace().enumerate() {
            let layout = at == 0 && item.is_some();
            // The marker of a clause that is one list item says nothing.
            if layout && found.is_empty() && alone {
                continue;
            }
            let opens = (opens && at == 0 && !found.is_empty()).then_some((indent, hang.min(DEEPEST + 4)));
            found.push(Word { text: escape_controls(word), opens, layout });
        }
    }
    found
}

/// An open code block: how deep in quotes it stands, and what ends it.
struct Fence {
    quotes: usize,
    sign: char,
    length: usize,
}

impl Fence {
    /// Opens or closes a block at this line; whether it closed one.
    fn step(fence: &mut Option<Fence>, line: Line<'_>) -> bool {
        let bare = line.text.trim_start();
        let Some(sign) = bare.chars().next().filter(|c| matches!(c, '`' | '~')) else { return false };
        let length = bare.chars().take_while(|c| *c == sign).count();
        match fence {
            Some(open) if open.sign == sign && length >= open.length && bare[length..].trim().is_empty() => {
                *fence = None;
                true
            }
            None if length >= 3 => {
                *fence = Some(Fence { quotes: line.quotes, sign, length });
                false
            }
            _ => false,
        }
    }
}

/// A line without its quote marks, and how many there were.
#[derive(Clone, Copy)]
struct Line<'t> {
    text: &'t str,
    quotes: usize,
}

fn without_quote(line: &str, most: usize) -> Line<'_> {
    let (mut text, mut quotes) = (line, 0);
    while quotes < most
        && let Some(rest) = text.trim_start().strip_prefix('>').filter(|rest| rest.is_empty() || rest.starts_with(' '))
    {
        text = rest.strip_prefix(' ').unwrap_or(rest);
        quotes += 1;
    }
    Line { text, quotes }
}

/// The list marker that a line begins with: `-`, `*`, `+`, `1.` or `1)`.
fn marker(line: &str) -> Option<&str> {
    let word = line.split_whitespace().next()?;
    let digits = word.strip_suffix(['.', ')']).unwrap_or_default();
    let number = !digits.is_empty() && digits.len() < 4 && digits.bytes().all(|b| b.is_ascii_digit());
    (number || matches!(word, "-" | "*" | "+")).then_some(word)
}

/// A step of a Gherkin scenario. In prose, a line that begins so does no harm on a line of its own.
fn is_step(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    matches!(word, "Given" | "When" | "Then" | "And" | "But")
}

/// A line that draws and says nothing: the delimiter row of a table, the frame of a reST one, a rule.
fn is_drawing(line: &str) -> bool {
    let line = line.trim();
    line.bytes().all(|b| matches!(b, b'|' | b'+' | b':' | b'-' | b'=' | b' '))
        && line.bytes().filter(|b| matches!(b, b'-' | b'=')).count() >= 3
}

fn runs<'w>(before: &'w [Word<'w>], after: &'w [Word<'w>]) -> Vec<Run<'w>> {
    fn texts<'w>(words: &'w [Word]) -> Vec<&'w str> {
        words.iter().map(|word| &*word.text).collect()
    }
    let (old, new) = (texts(before), texts(after));
    let diff =
        TextDiff::configure().algorithm(Algorithm::Myers).deadline(Instant::now() + PATIENCE).diff_slices(&old, &new);
    let mut runs: Vec<Run> = Vec::new();
    for change in diff.iter_all_changes() {
        let word = match (change.new_index(), change.old_index()) {
            (Some(at), _) => &after[at],
            (None, Some(at)) => &before[at],
            (None, None) => continue,
        };
        // A list marker that went is no loss, one that came is shown and not marked.
        let tag = match change.tag() {
            ChangeTag::Delete if word.layout => continue,
            ChangeTag::Insert if word.layout => ChangeTag::Equal,
            tag => tag,
        };
        match runs.last_mut().filter(|run| run.tag == tag) {
            Some(run) => run.words.push(word),
            None => runs.push(Run { tag, words: vec![word] }),
        }
    }
    runs
}

/// Keeps [`CONTEXT`] words next to changes and folds the rest to an ellipsis.
fn fold<'w>(kept: &[&'w Word<'w>], first: bool, last: bool, style: Style, pieces: &mut Vec<Piece<'w>>) {
    let head = if first { 0 } else { CONTEXT };
    let tail = if last { 0 } else { CONTEXT };
    let plain =
        |word: &&'w Word<'w>| Piece { meaning: Meaning::Plain, text: Cow::Borrowed(&*word.text), opens: word.opens };
    if kept.len() <= head + tail + 3 {
        pieces.extend(kept.iter().map(plain));
        return;
    }
    pieces.extend(kept[..head].iter().map(plain));
    pieces.push(Piece { meaning: Meaning::Dim, text: style.sign(Sign::Ellipsis).into(), opens: None });
    pieces.extend(kept[kept.len() - tail..].iter().map(plain));
}

fn mark<'w>(run: &[&'w Word<'w>], (open, close): (&str, &str), meaning: Meaning, pieces: &mut Vec<Piece<'w>>) {
    let last = run.len().saturating_sub(1);
    for (at, word) in run.iter().enumerate() {
        let before = if at == 0 { open } else { "" };
        let after = if at == last { close } else { "" };
        let text = match (before, after) {
            ("", "") => Cow::Borrowed(&*word.text),
            _ => format!("{before}{}{after}", word.text).into(),
        };
        pieces.push(Piece { meaning, text, opens: word.opens });
    }
}

/// A line of the screen before it is coloured.
#[derive(Default)]
struct Row<'w> {
    indent: usize,
    /// What each part is, whether there is a gap before it, and its text.
    pieces: Vec<(Meaning, bool, &'w str)>,
    used: usize,
}

impl<'w> Row<'w> {
    fn of(indent: usize) -> Row<'w> {
        Row { indent, pieces: Vec::new(), used: indent }
    }

    fn push(&mut self, meaning: Meaning, text: &'w str, gap: bool) {
        self.used += usize::from(gap) + width(text);
        self.pieces.push((meaning, gap, text));
    }

    /// Puts a sign at the end, in place of the last words where the room is too small.
    fn end_with(&mut self, sign: &'w str, room: usize) {
        while self.used + width(sign) + 1 > room
            && self.pieces.len() > 1
            && let Some((_, gap, last)) = self.pieces.pop()
        {
            self.used -= usize::from(gap) + width(last);
        }
        let left = room.saturating_sub(self.indent + width(sign) + 1);
        if let [(_, _, only)] = self.pieces.as_mut_slice() {
            *only = parts(only, left, left).next().unwrap_or_default();
        }
        self.push(Meaning::Dim, sign, true);
    }
}

fn wrap<'w>(pieces: &'w [Piece], room: usize) -> Vec<Row<'w>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut row = Row::default();
    let mut hang = 0;
    let mut glue = false;
    for piece in pieces {
        let wide = width(&piece.text);
        let glued = glue && piece.text.starts_with("{+");
        glue = piece.text.ends_with("-]");
        let gap = !row.pieces.is_empty() && !glued;
        if let Some((indent, next)) = piece.opens.filter(|_| !row.pieces.is_empty()) {
            hang = next.min(room / 2);
            rows.push(std::mem::replace(&mut row, Row::of(indent.min(room / 2))));
        } else if !row.pieces.is_empty() && row.used + usize::from(gap) + wide > room {
            rows.push(std::mem::replace(&mut row, Row::of(hang)));
        }
        let gap = gap && !row.pieces.is_empty();
        // A word that is wider than the screen, such as an address, is broken.
        for (at, part) in parts(&piece.text, room.saturating_sub(row.used + usize::from(gap)), room - hang).enumerate()
        {
            if at > 0 {
                rows.push(std::mem::replace(&mut row, Row::of(hang)));
            }
            row.push(piece.meaning, part, gap && at == 0);
        }
    }
    if !row.pieces.is_empty() {
        rows.push(row);
    }
    rows
}

/// A word in parts of at most `first`, then `room` columns.
fn parts(word: &str, first: usize, room: usize) -> impl Iterator<Item = &str> {
    let mut rest = word;
    let mut limit = first;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut used = 0;
        let end = rest
            .char_indices()
            .find(|(at, c)| {
                used += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
                used > limit && *at > 0
            })
            .map_or(rest.len(), |(at, _)| at);
        let (part, left) = rest.split_at(end);
        (rest, limit) = (left, room);
        Some(part)
    })
}

fn paint(rows: &[Row], style: Style) -> Vec<String> {
    let line = |row: &Row| {
        let mut line = " ".repeat(row.indent);
        for (meaning, gap, text) in &row.pieces {
            let gap = if *gap { " " } else { "" };
            if style.color {
                line += &style.paint(*meaning, format_args!("{gap}{text}"));
            } else {
                line += gap;
                line += text;
            }
        }
        line
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_words_are_marked_in_place() {
        let lines = marked("lock after 5 tries", "lock after 3 tries", 60, Style::PLAIN);
        assert_eq!(lines, ["lock after [-5-]{+3+} tries"]);
    }

    #[test]
    fn long_unchanged_stretches_fold() {
        let long = (0..60).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        let lines = marked(&format!("a {long} b"), &format!("c {long} d"), 400, Style::PLAIN);
        assert!(lines[0].contains(" ... ") && lines[0].starts_with("[-a-]{+c+} w0"), "{lines:?}");
    }

    #[test]
    fn the_row_that_draws_a_table_is_no_word() {
        let (before, after) = ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|:----|-----|\n| 1 | 3 |");
        assert_eq!(marked(before, after, 60, Style::PLAIN), ["| a | b |", "| 1 | [-2-]{+3+} |"]);
        assert_eq!(opening(after, 60, Style::PLAIN), ["| a | b |", "| 1 | 3 |"]);
        assert!(marked("a\n|--|--|", "a\n|---|---|", 60, Style::PLAIN).is_empty());
    }

    #[test]
    fn list_items_and_code_begin_lines_and_keep_their_indent() {
        let text = "Do:\n\n- WHEN a very long\n  item wraps\n  1. THEN\n\n```\nif x {\n    y\n}\n```";
        assert_eq!(
            opening(text, 14, Style::PLAIN),
            ["Do:", "- WHEN a very", "  long ..."],
            "cut after three lines, within the room"
        );
        let lines = marked(text, &text.replace("y\n", "z\n"), 40, Style::PLAIN);
        assert_eq!(
            lines,
            [
                "Do:",
                "- WHEN a very long item wraps",
                "  1. THEN",
                "```",
                "if x {",
                "    [-y-]",
                "    {+z+}",
                "}",
                "```"
            ]
        );
    }

    #[test]
    fn markers_of_lists_and_quotes_are_no_change() {
        assert!(marked("1. a b\n2. c", "- a b\n- c", 60, Style::PLAIN).is_empty());
        assert!(marked("a\nb", "> a\n> b", 60, Style::PLAIN).is_empty());
        assert_eq!(marked("a b", "- a\n- c", 60, Style::PLAIN), ["- a [-b-]", "- {+c+}"]);
        assert_eq!(marked("x > 3", "x > 4", 60, Style::PLAIN), ["x > [-3-]{+4+}"]);
    }

    #[test]
    fn a_word_wider_than_the_screen_is_broken() {
        let lines = opening("see https://example.org/a/very/long/address now", 20, Style::PLAIN);
        assert_eq!(lines, ["see", "https://example.org/", "a/very/long/addr ..."]);
        assert!(lines.iter().all(|line| width(line) <= 20), "{lines:?}");
    }
}
