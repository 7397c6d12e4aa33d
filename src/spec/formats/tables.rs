//! Tables whose first column is id-like in most rows (ASVS `**1.1.1**`, CSF `ID.AM-1`): each row is a clause.

use std::collections::HashMap;

use crate::spec::clause::{Breed, Kind};
use crate::spec::cut::{Cut, ITEM_LEVEL};
use crate::spec::outline::Outline;
use crate::spec::prose::{self, Footnote};
use crate::spec::token::{Tokens, kind};

/// The rows of tables of demands; a row's tokens carry their column's header, so that a new column changes no row.
pub fn cuts(outline: &Outline, footnotes: &HashMap<String, Footnote>) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for table in &outline.tables {
        let ids: Vec<Option<String>> =
            table.rows.iter().map(|(_, cells)| cells.first().and_then(|cell| row_id(cell))).collect();
        if ids.iter().flatten().count() * 2 <= ids.len() {
            continue;
        }
        let titles: Vec<String> = table.header.iter().enumerate().map(|(at, cell)| title(cell, at)).collect();
        for ((line, cells), id) in table.rows.iter().zip(ids) {
            let Some(id) = id else { continue };
            let mut cut = Cut::item(*line, *line, ITEM_LEVEL);
            cut.kind = Kind::Row;
            cut.breed = Breed::Ordinal;
            cut.id = Some(id);
            cut.ready = Some(row(&titles, cells, footnotes));
            cuts.push(cut);
        }
    }
    cuts
}

/// The words of a column's header, or its number where it has none.
fn title(cell: &str, at: usize) -> String {
    let words = words(cell, &HashMap::new());
    if words.is_empty() {
        return (at + 1).to_string();
    }
    words.iter().map(|t| t.text).collect::<Vec<_>>().join(" ")
}

/// Tokens and text of a row without its id cell.
fn row(titles: &[String], cells: &[String], footnotes: &HashMap<String, Footnote>) -> (Tokens, String) {
    let mut tokens = Tokens::default();
    for (column, cell) in cells.iter().enumerate().skip(1) {
        let words = words(cell, footnotes);
        if words.is_empty() {
            continue;
        }
        match titles.get(column) {
            Some(title) => tokens.push(kind::CELL, title),
            None => tokens.push(kind::CELL, &(column + 1).to_string()),
        }
        tokens.extend(&words);
    }
    let text: Vec<&str> = cells.iter().skip(1).map(String::as_str).filter(|cell| !cell.is_empty()).collect();
    (tokens, text.join(" | "))
}

/// The words of a cell. Most cells are a plain word or two, for which no parser is set up.
fn words(cell: &str, footnotes: &HashMap<String, Footnote>) -> Tokens {
    let is_plain = cell.starts_with(|c: char| c.is_ascii_alphabetic())
        && cell.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b','));
    if is_plain { Tokens::of_text(cell) } else { prose::read(cell, footnotes).tokens }
}

/// An id such as `1.1.1`, `V2.3`, `ID.AM-1`, bold or in code: two or more parts, the last one a number. Bare numbers with a
/// hyphen between are a range (`1-4`) or a date, as are those of four, two and two digits.
fn row_id(cell: &str) -> Option<String> {
    let id = cell.trim_matches(|c| matches!(c, '*' | '`' | '_' | ' ' | '[' | ']'));
    let parts: Vec<&str> = id.split(['.', '-', '_']).collect();
    let last = parts.last()?;
    let sound =
        parts.iter().all(|part| !part.is_empty() && part.len() <= 12 && part.chars().all(char::is_alphanumeric));
    let capital = id.chars().all(|c| !c.is_lowercase() || id.starts_with(|c: char| c.is_ascii_digit()));
    let bare = !id.contains(char::is_alphabetic);
    let is_date = || parts.iter().map(|part| part.len()).eq([4, 2, 2]);
    let is_range = bare && (id.contains('-') || is_date());
    (sound && capital && !is_range && parts.len() > 1 && last.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::spec::formats::{Format, segment};

    #[test]
    fn a_footnote_is_part_of_what_a_row_says() {
        let row = |note: &str| {
            let text = format!(
                "# A\n\n| id | text |\n|---|---|\n| 1.1 | It must end[^1] there |\n\n[^1]: {note}\n\n[^1]: other\n"
            );
            segment(Format::Markdown, text.as_bytes())[1].version()
        };
        assert_ne!(row("after five"), row("after six"));
        assert_eq!(row("after five"), row("after  *five*"));
    }

    #[test]
    fn what_is_no_id_of_a_row() {
        for (cell, id) in [
            ("1.1", true),
            ("V2.3", true),
            ("2024.5.1", true),
            ("2024-05-01", false),
            ("2024.05.01", false),
            ("1-4", false),
            ("[FR-2](#x)", false),
        ] {
            assert_eq!(super::row_id(cell).is_some(), id, "{cell}");
        }
    }
}
