//! Body elements of reStructuredText: paragraphs, lists, literal blocks, directives, tables.
//!
//! Shared by the adapters of `.rst` and of StrictDoc, whose fields hold the same markup. One pass over the lines without recursion: a
//! directive's content is simply what comes next, so that no nesting, however deep, can exhaust the stack. A line as indented as the
//! paragraph before it continues that paragraph whatever it looks like; so re-wrapping cannot turn a dash into a list.

use super::super::token::kind;
use super::lines::{dedent, indent, is_blank};
use super::rst_inline::{Dialect, Prose};
use super::rst_table;

/// Directives whose content is code; the argument is its language.
const CODE: [&str; 4] = ["code", "code-block", "sourcecode", "prompt"];

/// Directives whose content is kept verbatim for another reason; their name tells how to read it.
const VERBATIM: [&str; 7] = ["math", "raw", "parsed-literal", "literalinclude", "productionlist", "graphviz", "uml"];

/// Directives that only dress their content.
const DRESS: [&str; 22] = [
    "admonition",
    "attention",
    "caution",
    "centered",
    "container",
    "csv-table",
    "danger",
    "epigraph",
    "error",
    "hint",
    "image",
    "figure",
    "important",
    "list-table",
    "note",
    "replace",
    "rubric",
    "table",
    "tip",
    "topic",
    "warning",
    "compound",
];

/// Options that say how something looks or is called, not what it means.
const LAYOUT: [&str; 14] = [
    "align",
    "class",
    "emphasize-lines",
    "figclass",
    "figwidth",
    "header-rows",
    "height",
    "linenos",
    "name",
    "scale",
    "stub-columns",
    "target",
    "width",
    "widths",
];

/// The tokens and targets of a text's lines.
pub(super) fn read(lines: &[&str], prose: Prose) -> Prose {
    let mut body =
        Body { lines, at: 0, prose, paragraph: String::new(), column: 0, items: Vec::new(), endless_table: false };
    while body.at < lines.len() {
        body.line();
    }
    body.end_paragraph();
    body.prose
}

/// Tokens and targets of lines in plain reStructuredText.
pub(super) fn plain(lines: &[&str]) -> Prose {
    read(lines, Prose::new(Dialect::Plain))
}

struct Body<'a> {
    lines: &'a [&'a str],
    at: usize,
    prose: Prose,
    /// The open paragraph's lines, and the column they stand at.
    paragraph: String,
    column: usize,
    /// Columns of the markers of the list items around.
    items: Vec<usize>,
    /// A simple table once had no end: no later one has.
    endless_table: bool,
}

impl<'a> Body<'a> {
    /// Takes at least one line, or ends the open paragraph.
    fn line(&mut self) {
        let line = self.lines[self.at];
        let column = indent(line);
        let text = line.trim();
        let is_gap = text.is_empty() || is_adornment(text);
        if !self.paragraph.is_empty() && column == self.column && !is_gap {
            self.paragraph.push('\n');
            self.paragraph.push_str(text);
            self.at += 1;
        } else if !self.paragraph.is_empty() {
            // a literal block may take lines; what it leaves is looked at again as a new block
            self.end_paragraph();
        } else if is_gap {
            self.at += 1;
        } else {
            self.block(text, column);
        }
    }

    /// A line that begins something new.
    fn block(&mut self, text: &'a str, column: usize) {
        while self.items.last().is_some_and(|&marker| marker >= column) {
            self.items.pop();
        }
        if text == ".." || text.starts_with(".. ") {
            self.explicit(text[2..].trim_start(), column);
        } else if let Some(url) = text.strip_prefix("__ ") {
            self.prose.targets.push(url.trim().to_owned());
            self.at += 1;
        } else if text.starts_with("```") && !text[3..].contains('`') {
            self.fence(text[3..].trim(), column);
        } else if text.starts_with(">>> ") {
            self.prose.tokens.literal(kind::INFO, "");
            let to = self.at + self.lines[self.at..].iter().take_while(|line| !is_blank(line)).count();
            self.code(to);
        } else if text.starts_with("| ") {
            self.line_block();
        } else if is_grid_border(text) {
            self.grid_table();
        } else if is_simple_border(text) && !self.endless_table {
            self.simple_table();
        } else {
            self.item_or_paragraph(text, column);
        }
    }

    /// Starts a paragraph, after the markers of the list items that begin on its line.
    fn item_or_paragraph(&mut self, mut text: &'a str, mut column: usize) {
        while let Some(width) = list_marker(text) {
            self.items.push(column);
            if self.items.len() > 1 {
                self.prose.tokens.literal(kind::DEPTH, &self.items.len().to_string());
            }
            let rest = text[width..].trim_start();
            column += text.len() - rest.len();
            text = rest;
        }
        self.at += 1;
        if text == ".." || text.starts_with(".. ") {
            self.at -= 1;
            self.explicit(text[2..].trim_start(), column);
        } else {
            self.open_paragraph(text, column);
        }
    }

    /// Starts a paragraph whose other lines stand at a column.
    fn open_paragraph(&mut self, text: &str, column: usize) {
        self.paragraph.push_str(text);
        self.column = column;
    }

    /// Gives the open paragraph to the tokens; `::` at its end makes a literal block of what is indented below.
    fn end_paragraph(&mut self) {
        if self.paragraph.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.paragraph);
        self.prose.inline(&text);
        if text.ends_with("::") {
            self.literal_block();
        }
    }

    fn literal_block(&mut self) {
        let Some(skipped) = self.lines[self.at..].iter().position(|line| !is_blank(line)) else { return };
        let first = self.lines[self.at + skipped];
        let to = if indent(first) > self.column {
            self.below(self.column, self.at + skipped)
        } else if let Some(mark) =
            first.chars().next().filter(|c| skipped > 0 && matches!(c, '>' | '|' | '#' | '$' | '%' | '!'))
        {
            // a quoted literal block: unindented lines that all begin with the same mark
            let quoted = self.lines[self.at + skipped..].iter().take_while(|line| line.starts_with(mark)).count();
            self.at + skipped + quoted
        } else {
            return;
        };
        self.prose.tokens.literal(kind::INFO, "");
        self.code(to);
    }

    /// The end of the lines from `from` on that are blank or stand deeper than a column.
    fn below(&self, column: usize, from: usize) -> usize {
        from + self.lines[from..].iter().take_while(|line| is_blank(line) || indent(line) > column).count()
    }

    /// Takes the lines up to `to` verbatim, without blank edges and common indentation.
    fn code(&mut self, to: usize) {
        let part = super::lines::trimmed(self.lines, self.at..to);
        let width =
            self.lines[part.clone()].iter().filter(|line| !is_blank(line)).map(|line| indent(line)).min().unwrap_or(0);
        for line in &self.lines[part] {
            self.prose.tokens.literal(kind::CODE_LINE, dedent(line, width).trim_end());
        }
        self.at = to;
    }

    fn fence(&mut self, info: &str, column: usize) {
        self.prose.tokens.literal(kind::INFO, info);
        self.at += 1;
        let length = self.lines[self.at..].iter().take_while(|line| !line.trim().starts_with("```")).count();
        for line in &self.lines[self.at..self.at + length] {
            self.prose.tokens.literal(kind::CODE_LINE, dedent(line, column).trim_end());
        }
        self.at = (self.at + length + 1).min(self.lines.len());
    }

    /// What two dots begin: a target, footnote, substitution, directive or comment.
    fn explicit(&mut self, text: &'a str, column: usize) {
        self.at += 1;
        if let Some(name) = text.strip_prefix('_') {
            self.target(name, column);
        } else if let Some((label, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            self.prose.tokens.literal(kind::FOOTNOTE, label);
            self.nested_paragraph(rest, column);
        } else if let Some((name, rest)) = text.strip_prefix('|').and_then(|rest| rest.split_once("| ")) {
            self.prose.inline(name);
            match directive(rest.trim_start()) {
                Some((name, argument)) => self.directive(name, argument, column),
                None => self.nested_paragraph(rest, column),
            }
        } else if let Some((name, argument)) = directive(text) {
            self.directive(name, argument, column);
        } else if !text.is_empty() || self.lines.get(self.at).is_some_and(|line| !is_blank(line)) {
            self.at = self.below(column, self.at);
        }
    }

    /// A paragraph that begins after a marker; its other lines stand wherever the next one does.
    fn nested_paragraph(&mut self, text: &str, column: usize) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let next = self.lines.get(self.at).filter(|line| !is_blank(line)).map(|line| indent(line));
        self.open_paragraph(text, next.filter(|&next| next > column).unwrap_or(column + 3));
    }

    /// `_name: url` without its underscore; the URL may go on below.
    fn target(&mut self, name: &str, column: usize) {
        let rest = match name.strip_prefix('`').and_then(|quoted| quoted.split_once("`:")) {
            Some((_, rest)) => rest,
            None => name.split_once(": ").map_or("", |(_, rest)| rest),
        };
        let length = self.lines[self.at..].iter().take_while(|line| !is_blank(line) && indent(line) > column).count();
        let below = &self.lines[self.at..self.at + length];
        let url: String = std::iter::once(rest).chain(below.iter().copied()).map(str::trim).collect();
        if !url.is_empty() {
            self.prose.targets.push(url);
        }
        self.at += length;
    }

    fn directive(&mut self, name: &str, argument: &str, column: usize) {
        if CODE.contains(&name) || VERBATIM.contains(&name) {
            let info = if CODE.contains(&name) { argument.to_owned() } else { format!("{name} {argument}") };
            self.prose.tokens.literal(kind::INFO, info.trim());
            self.options(column);
            let to = self.below(column, self.at);
            self.code(to);
            return;
        }
        if !DRESS.contains(&name) {
            self.prose.tokens.literal(kind::TAG, name);
        }
        if matches!(name, "image" | "figure") {
            self.prose.tokens.literal(kind::IMAGE, argument);
            self.prose.targets.push(argument.to_owned());
            self.options(column);
        } else if argument.is_empty() {
            self.options(column);
        } else {
            // an argument may be followed by options right away, or go on
            self.nested_paragraph(argument, column);
            if self.lines.get(self.at).is_some_and(|line| indent(line) > column && option(line).is_some()) {
                self.end_paragraph();
                self.options(column);
            }
        }
    }

    /// The `:name: value` lines right below a directive.
    fn options(&mut self, column: usize) {
        while let Some(line) = self.lines.get(self.at).filter(|line| indent(line) > column)
            && let Some((name, value)) = option(line)
        {
            if name == "target" {
                self.prose.targets.push(value.to_owned());
            } else if !LAYOUT.contains(&name) {
                self.prose.tokens.text(name);
                self.prose.tokens.word_end();
                self.prose.inline(value);
            }
            self.at += 1;
        }
    }

    fn line_block(&mut self) {
        let length = self.lines[self.at..].iter().take_while(|line| line.trim_start().starts_with('|')).count();
        for line in &self.lines[self.at..self.at + length] {
            let text = line.trim();
            self.prose.inline(text.strip_prefix('|').unwrap_or(text).trim());
        }
        self.at += length;
    }

    fn grid_table(&mut self) {
        let length = self.lines[self.at..].iter().take_while(|line| line.trim_start().starts_with(['+', '|'])).count();
        rst_table::grid(&self.lines[self.at..self.at + length], &mut self.prose);
        self.at += length;
    }

    /// A table between lines of `=`, unless it never ends.
    fn simple_table(&mut self) {
        let is_end = |at: usize| {
            is_simple_border(self.lines[at].trim()) && self.lines.get(at + 1).is_none_or(|line| is_blank(line))
        };
        let Some(end) = (self.at + 2..self.lines.len()).find(|&at| is_end(at)) else {
            self.endless_table = true;
            return;
        };
        rst_table::simple(&self.lines[self.at..end], &mut self.prose);
        self.at = end + 1;
    }
}

/// `name:: argument`, as a directive has it; docutils allows a space before the colons.
fn directive(text: &str) -> Option<(&str, &str)> {
    let length =
        text.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+')).count();
    // a domain's directives have a colon inside (`c:function::`)
    let domain =
        text[length..].strip_prefix(':').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_alphanumeric).count());
    let length = if domain > 0 { length + 1 + domain } else { length };
    let (name, rest) = text.split_at(length);
    let rest = rest.strip_prefix(' ').unwrap_or(rest).strip_prefix("::")?;
    let is_directive = !name.is_empty() && (rest.is_empty() || rest.starts_with(char::is_whitespace));
    is_directive.then(|| (name, rest.trim()))
}

/// `:name: value` on a line of its own.
fn option(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim().strip_prefix(':')?.split_once(':')?;
    let is_option = !name.is_empty() && (value.is_empty() || value.starts_with(' '));
    is_option.then(|| (name, value.trim()))
}

/// The length of a list item's marker with the space after it: a bullet, or a number or letter in front of `.` or `)`.
fn list_marker(text: &str) -> Option<usize> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if matches!(first, '-' | '*' | '+' | '\u{2022}' | '\u{2023}' | '\u{2043}') {
        return chars.next().map_or(Some(first.len_utf8()), |c| (c == ' ').then(|| first.len_utf8() + 1));
    }
    let bare = text.strip_prefix('(').unwrap_or(text);
    let name = bare.bytes().take(6).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
    let label = &bare[..name];
    let is_label = label == "#"
        || (label.len() <= 3 && !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit()))
        || (label.len() == 1 && label.bytes().all(|b| b.is_ascii_alphabetic()))
        || (!label.is_empty() && label.bytes().all(|b| matches!(b, b'i' | b'v' | b'x')));
    let after = &bare[name..];
    let is_closed = if bare.len() < text.len() {
        after.starts_with(") ")
    } else {
        after.starts_with(". ") || after.starts_with(") ")
    };
    (is_label && is_closed).then(|| text.len() - bare.len() + name + 2)
}

/// Whether a trimmed line is a run of at least four of the same mark: a transition, or a title's underline.
fn is_adornment(text: &str) -> bool {
    text.len() >= 4 && is_run(text)
}

/// Whether a text is one ASCII mark, repeated.
pub(super) fn is_run(text: &str) -> bool {
    let first = text.bytes().next().unwrap_or(b' ');
    first.is_ascii_punctuation() && text.bytes().all(|b| b == first)
}

pub(super) fn is_grid_border(text: &str) -> bool {
    text.len() >= 3
        && text.starts_with('+')
        && text.ends_with('+')
        && text.bytes().all(|b| matches!(b, b'+' | b'-' | b'='))
}

fn is_simple_border(text: &str) -> bool {
    text.starts_with('=') && text.ends_with('=') && text.contains(' ') && text.bytes().all(|b| matches!(b, b'=' | b' '))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(text: &str) -> String {
        let lines: Vec<&str> = text.lines().collect();
        let tokens = plain(&lines).tokens.finish();
        let words: Vec<String> = tokens
            .iter()
            .map(|t| if t.kind == kind::WORD { t.text.to_owned() } else { format!("{}:{}", t.kind as char, t.text) })
            .collect();
        words.join(" ")
    }

    #[test]
    fn lists_leave_their_text_and_depth() {
        assert_eq!(
            show("- one\n  more\n- two\n\n  - inner\n\n1. first\n2. second"),
            "one more two d:2 inner first second"
        );
        assert_eq!(show("a\n- b"), "a - b");
        assert_eq!(show("(a) x\n(b) y"), "x y");
    }

    #[test]
    fn literal_blocks_are_verbatim() {
        assert_eq!(show("Run::\n\n    A b\n\n      C  \n\nafter"), "run i: l:A b l: l:  C after");
        assert_eq!(show("Run:\n\n.. code-block:: sh\n   :linenos:\n\n   - X\n\nend"), "run i:sh l:- X end");
        assert_eq!(show("::\n\n> q\n> r\n\nz"), "i: l:> q l:> r z");
        assert_eq!(show("```sh\n  - A\n```\nb"), "i:sh l:  - A b");
        assert_eq!(show(">>> f(1)\n1\n\nb"), "i: l:>>> f(1) l:1 b");
        assert_eq!(show("- item::\n\n      code\n\n  text"), "item i: l:code text");
    }

    #[test]
    fn comments_and_targets_vanish() {
        let lines = [
            "a",
            "",
            ".. note to self",
            "   and more",
            "",
            "   still",
            "",
            ".. _x: http://y",
            "   /z",
            "",
            "..",
            "",
            "   quote",
        ];
        let prose = plain(&lines);
        assert_eq!(prose.targets, ["http://y/z"]);
        assert_eq!(prose.tokens.finish().len(), 2);
    }

    #[test]
    fn directives_keep_their_text() {
        assert_eq!(show(".. note:: It shall\n   work.\n\n   Always."), "it shall work .: always");
        assert_eq!(show(".. note ::\n\n   Text."), "text");
        assert_eq!(show(".. versionadded:: 1.2\n   With this."), "<:versionadded 1.2 With this");
        assert_eq!(show(".. image:: a.png\n   :width: 5\n   :alt: A picture"), "m:a.png alt a picture");
        assert_eq!(show(".. |v| replace:: 1.0"), "v 1.0");
        assert_eq!(show(".. [1] Foot\n   note"), "f:1 foot note");
    }

    #[test]
    fn tables_leave_cells_with_their_headers() {
        assert_eq!(
            show("+----+------+\n| a  | one  |\n| b  | two  |\n+====+======+\n| c  | d    |\n+----+------+"),
            "a b one two t:a b c t:one two d"
        );
        assert_eq!(
            show("====  =====\nkey   value\n====  =====\na     one\n      two\nb     é\n====  =====\n\nend"),
            "key value t:key a t:value one two t:key b t:value é end"
        );
        assert_eq!(show("=== ===\na"), "=== === a");
    }

    #[test]
    fn a_tick_in_another_column_is_seen() {
        let grid = |row: &str| format!("+---+----+----+\n|   | L1 | L2 |\n+===+====+====+\n{row}\n+---+----+----+");
        assert_eq!(show(&grid("| a | ✓  |    |")), "L1 L2 t:1 a t:L1 ✓");
        assert_eq!(show(&grid("| a |    | ✓  |")), "L1 L2 t:1 a t:L2 ✓");
        let simple = |row: &str| format!("===  ==  ==\n{row}\n===  ==  ==");
        assert_eq!(show(&simple("a    x")), "t:1 a t:2 x");
        assert_eq!(show(&simple("a        x")), "t:1 a t:3 x");
        assert_eq!(show(&simple("\\        x")), "t:3 x");
    }

    #[test]
    fn cells_may_span_columns() {
        assert_eq!(
            show(
                "+---+---+---+\n| a | b | c |\n+===+===+===+\n| d e f | g |\n+-------+---+\n| h | i | j |\n+---+---+---+"
            ),
            "a b c t:a d e f t:c g t:a h t:b i t:c j"
        );
        assert_eq!(
            show("===  ===  ===\na    b    c\n===  ===  ===\nd e f g   h\n===  ===  ==="),
            "a b c t:a d e f g t:c h"
        );
        // a cell that goes on over two rows of its neighbour
        assert_eq!(
            show("+---+---+\n| a | b |\n+---+---+\n| c | d |\n|   +---+\n|   | e |\n+---+---+"),
            "t:1 a t:2 b t:1 c t:2 d e"
        );
    }

    #[test]
    fn list_table_cells_are_nested_items() {
        assert_eq!(show(".. list-table:: T\n   :widths: 1 2\n\n   * - a\n     - b\n   * - c"), "T d:2 a d:2 b d:2 c");
    }

    #[test]
    fn deep_nesting_and_endless_markup_are_harmless() {
        show(&"- ".repeat(20_000));
        show(&(0..600).map(|at| format!("{}.. a::\n", " ".repeat(at))).collect::<String>());
        show(&"=== ===\na\n".repeat(20_000));
        show(&"+--+\n| a".repeat(20_000));
        show(&"a::\n\n".repeat(20_000));
        show(&"..\n".repeat(20_000));
    }

    proptest! {
        #[test]
        fn any_text(text in "(?s).{0,200}") {
            show(&text);
        }

        #[test]
        fn wrapping_is_free(
            words in prop::collection::vec("[a-zA-Z0-9*`|:_.(\\[+=-]{1,6}|-|\\*|[0-9]\\.|\\.\\.|``a b``", 1..20),
            breaks in prop::collection::vec(any::<bool>(), 20),
        ) {
            // what begins a paragraph may be a marker, so it begins with a word
            let wrapped: String = words.iter().zip(&breaks).map(|(word, &end)| format!("{}{word}", if end { "\n" } else { " " })).collect();
            prop_assume!(!words.iter().any(|word| is_adornment(word)));
            prop_assume!(!words.last().is_some_and(|word| word.ends_with("::")));
            prop_assert_eq!(show(&format!("word{wrapped}")), show(&format!("word {}", words.join(" "))));
        }

        #[test]
        fn a_changed_word_is_seen(words in prop::collection::vec("[a-z]{1,6}|[0-9]{1,3}|``[a-zA-Z ]{1,5}x``", 2..12), at in any::<prop::sample::Index>()) {
            let mut other = words.clone();
            let at = at.index(words.len() - 1) + 1;
            other[at] = if words[at].starts_with('`') { "``other thing``".to_owned() } else { format!("{}7", words[at]) };
            prop_assert_ne!(show(&words.join(" ")), show(&other.join(" ")));
        }
    }
}
