//! Tables of reStructuredText: which text stands in which column, and what its header says.
//!
//! A cell is led by the words of its column's header, so that a mark in another column is another demand; where a column
//! has no header its number leads. Columns are found by position, as docutils does it, because a cell may span several;
//! where the plain count of `|` fits, that decides, because wide characters shift positions.

use std::collections::BTreeMap;

use super::super::token::{Tokens, kind};
use super::lines::is_blank;
use super::rst_body::is_grid_border;
use super::rst_inline::Prose;

/// A piece of a line: the column that it begins in, and its text.
type Piece<'a> = (usize, &'a str);

/// A table drawn with `+---+` and `|`, its lines with all borders.
pub(super) fn grid(table: &[&str], prose: &mut Prose) {
    let is_border = |line: &&str| is_grid_border(line.trim());
    let mut starts: Vec<usize> = table
        .iter()
        .filter(|line| is_border(line))
        .flat_map(|line| line.trim().char_indices().filter(|&(_, c)| c == '+').map(|(at, _)| at))
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let header_ends = table.iter().position(|line| is_border(line) && line.contains('='));
    let mut cells = Cells::new(starts.len().saturating_sub(1), header_ends.is_some());
    let mut row: Vec<Vec<Piece<'_>>> = Vec::new();
    for (at, line) in table.iter().enumerate() {
        if is_border(line) {
            cells.row(&std::mem::take(&mut row), prose);
            if header_ends == Some(at) {
                cells.in_header = false;
            }
        } else {
            row.push(grid_pieces(line.trim(), &starts));
        }
    }
    cells.row(&row, prose);
}

/// The pieces of a line between bars that stand where columns begin.
fn grid_pieces<'a>(line: &'a str, starts: &[usize]) -> Vec<Piece<'a>> {
    let inner = line.strip_prefix('|').unwrap_or(line);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    if inner.split('|').count() == starts.len().saturating_sub(1) && !inner.contains("+-") && !inner.contains("+=") {
        return inner.split('|').enumerate().collect();
    }
    let mut pieces = Vec::new();
    let (mut column, mut from) = (0, 0);
    let mut marks = starts.iter().enumerate().peekable();
    for (place, (at, c)) in line.char_indices().enumerate() {
        while marks.next_if(|&(_, &start)| start < place).is_some() {}
        let Some(&(next, _)) = marks.peek().filter(|&&(_, &start)| start == place) else { continue };
        if matches!(c, '|' | '+') {
            if at > from {
                pieces.push((column, &line[from..at]));
            }
            (column, from) = (next, at + 1);
        }
    }
    if from < line.len() {
        pieces.push((column, &line[from..]));
    }
    // the border of a cell beside one that goes on
    let is_rule = |text: &str| !is_blank(text) && text.bytes().all(|b| matches!(b, b'-' | b'=' | b'+'));
    pieces.retain(|(_, text)| !is_rule(text));
    pieces
}

/// A table between lines of `=`: its lines from the first border on, without the last one.
pub(super) fn simple(table: &[&str], prose: &mut Prose) {
    let Some((border, lines)) = table.split_first() else { return };
    let starts: Vec<usize> =
        border.char_indices().filter(|&(at, c)| c == '=' && !border[..at].ends_with('=')).map(|(at, _)| at).collect();
    let is_rule =
        |line: &str, marks: &[u8]| !is_blank(line) && line.trim().bytes().all(|b| b == b' ' || marks.contains(&b));
    let header_ends = lines.iter().position(|line| is_rule(line, b"="));
    let mut cells = Cells::new(starts.len(), header_ends.is_some());
    let mut row: Vec<Vec<Piece<'_>>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let is_rule = is_rule(line, b"=-");
        let pieces = if is_rule { Vec::new() } else { simple_pieces(line, &starts) };
        // a row goes on where its first column is empty
        if is_rule || pieces.first().is_some_and(|(column, text)| *column == 0 && !is_blank(text)) {
            cells.row(&std::mem::take(&mut row), prose);
        }
        if header_ends == Some(at) {
            cells.in_header = false;
        }
        row.push(pieces);
    }
    cells.row(&row, prose);
}

/// A line cut where columns begin, except where text crosses the cut.
fn simple_pieces<'a>(line: &'a str, starts: &[usize]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let (mut column, mut from) = (0, 0);
    let mut marks = starts.iter().enumerate().skip(1).peekable();
    let mut before = ' ';
    for (place, (at, c)) in line.char_indices().enumerate() {
        if let Some((next, _)) = marks.next_if(|&(_, &start)| start == place)
            && before.is_whitespace()
        {
            pieces.push((column, &line[from..at]));
            (column, from) = (next, at);
        }
        before = c;
    }
    pieces.push((column, &line[from..]));
    pieces
}

/// Turns rows into tokens and remembers the header.
struct Cells {
    /// The words of each column's header.
    titles: Vec<String>,
    in_header: bool,
}

impl Cells {
    fn new(columns: usize, has_header: bool) -> Cells {
        Cells { titles: vec![String::new(); columns], in_header: has_header }
    }

    /// Adds a row, whose lines are cut into pieces: what begins in the same column is one cell.
    fn row(&mut self, lines: &[Vec<Piece<'_>>], prose: &mut Prose) {
        let mut cells: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for &(column, text) in lines.iter().flatten() {
            // a backslash alone stands in an empty first cell
            if !matches!(text.trim(), "" | "\\") {
                cells.entry(column).or_default().push(text.trim());
            }
        }
        for (column, cell) in cells {
            let mut alone = prose.alone();
            alone.inline(&cell.join("\n"));
            prose.targets.append(&mut alone.targets);
            let tokens = alone.tokens.finish();
            if tokens.is_empty() {
                continue;
            }
            if self.in_header {
                self.title(column, &tokens);
            } else {
                let title = self.titles.get(column).filter(|title| !title.is_empty());
                match title {
                    Some(title) => prose.tokens.literal(kind::CELL, title),
                    None => prose.tokens.literal(kind::CELL, &(column + 1).to_string()),
                }
            }
            prose.tokens.append(&tokens);
        }
    }

    fn title(&mut self, column: usize, tokens: &Tokens) {
        let words: Vec<&str> = tokens.iter().map(|token| token.text).collect();
        if let Some(title) = self.titles.get_mut(column) {
            let space = if title.is_empty() { "" } else { " " };
            title.push_str(&format!("{space}{}", words.join(" ")));
        }
    }
}
