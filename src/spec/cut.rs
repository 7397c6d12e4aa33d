//! From cuts to drafts: which lines belong to which clause of a Markdown file.
//!
//! A dialect says where a clause begins; sections run to the next cut, items and rows end where they end, and what
//! stands behind them falls back to the section around them. So each line belongs to at most one clause.

use std::collections::HashMap;
use std::sync::Arc;

use super::body::{Body, indentation};
use super::clause::{Breed, Content, Draft, Kind, Span};
use super::memo::Memo;
use super::outline::Outline;
use super::prose::{self, Footnote};
use super::token::Tokens;

/// Level of list items and table rows, below every section; nested ones are deeper.
pub const ITEM_LEVEL: u8 = 100;

/// Where a clause begins, and what its dialect knows of it.
#[derive(Clone, Debug)]
pub struct Cut {
    /// First line, with marker and title.
    pub first: u32,
    /// First line of the body.
    pub body: u32,
    /// Last line of an item or row; `None` for a section.
    pub last: Option<u32>,
    /// Nesting depth.
    pub level: u8,
    /// What sort of clause.
    pub kind: Kind,
    /// Explicit id.
    pub id: Option<String>,
    /// How far the id can be trusted.
    pub breed: Breed,
    /// Title.
    pub title: Option<String>,
    /// Position in its list.
    pub ordinal: Option<u32>,
    /// The body's first line with the id taken out, where it stands inside the line.
    pub opening: Option<String>,
    /// Ready tokens and text, where they can't be had from the lines (table rows).
    pub ready: Option<(Tokens, String)>,
}

impl Cut {
    /// A section from `first` with its body from `body` on.
    pub fn section(first: u32, body: u32, level: u8) -> Cut {
        Cut {
            first,
            body,
            last: None,
            level,
            kind: Kind::Section,
            id: None,
            breed: Breed::Slug,
            title: None,
            ordinal: None,
            opening: None,
            ready: None,
        }
    }

    /// An item that ends at `last`.
    pub fn item(first: u32, last: u32, level: u8) -> Cut {
        Cut { last: Some(last), kind: Kind::Item, ..Cut::section(first, first, level) }
    }
}

/// Drafts in document order; a text without any cut is one section. `footnotes` are those of the whole file.
pub fn drafts(outline: &Outline, mut cuts: Vec<Cut>, footnotes: &HashMap<String, Footnote>, memo: &Memo) -> Vec<Draft> {
    if cuts.is_empty() {
        if (1..=outline.count()).all(|n| outline.is_edge(n)) {
            return Vec::new();
        }
        cuts.push(Cut::section(1, 1, 1));
    }
    if cuts.iter().all(|cut| cut.last.is_some()) {
        cuts.extend(rest(outline, &cuts, footnotes, memo));
    }
    cuts.sort_by_key(|cut| (cut.first, cut.last.is_some(), std::cmp::Reverse(cut.last)));
    cuts.dedup_by(|b, a| a.first == b.first && a.last == b.last);
    let owners = paint(outline, &cuts);
    let mut lines: Vec<Vec<u32>> = vec![Vec::new(); cuts.len()];
    for (at, owner) in owners.iter().enumerate() {
        if let Some(owner) = owner {
            lines[*owner].push(at as u32 + 1);
        }
    }
    cuts.into_iter().zip(lines).map(|(cut, own)| draft(outline, cut, &own, footnotes, memo)).collect()
}

/// What a file without headings and markers says beside its items and rows, as a section from its first such line on. The
/// headers of tables are said by their rows.
fn rest(outline: &Outline, items: &[Cut], footnotes: &HashMap<String, Footnote>, memo: &Memo) -> Option<Cut> {
    let mut is_said = vec![false; outline.count() as usize];
    let held = items.iter().filter_map(|cut| Some((cut.first, cut.last?)));
    let headers = outline.tables.iter().filter_map(|table| {
        let (first, _) = table.rows.first()?;
        items
            .iter()
            .any(|cut| table.first < cut.first && table.rows.iter().any(|(row, _)| *row == cut.first))
            .then_some((table.first, first - 1))
    });
    for (first, last) in held.chain(headers) {
        let from = (first as usize).saturating_sub(1).min(is_said.len());
        let to = (last as usize).min(is_said.len()).max(from);
        is_said[from..to].fill(true);
    }
    let rest: Vec<u32> = (1..=outline.count()).filter(|&n| !is_said[n as usize - 1] && !outline.is_edge(n)).collect();
    let first = *rest.first()?;
    let text = Body { runs: spans(outline, &rest).into(), shift: 0 }.text(|number| outline.line(number));
    (!content(&text, footnotes, memo).tokens().is_empty()).then(|| Cut::section(first, first, 1))
}

/// The owner of each line, by index into `cuts`.
fn paint(outline: &Outline, cuts: &[Cut]) -> Vec<Option<usize>> {
    let count = outline.count() as usize;
    let mut owners: Vec<Option<usize>> = vec![None; count];
    let mut fill = |first: u32, last: u32, owner: usize| {
        let from = (first as usize).saturating_sub(1).min(count);
        let to = (last as usize).min(count).max(from);
        owners[from..to].fill(Some(owner));
    };
    let sections: Vec<usize> = (0..cuts.len()).filter(|&at| cuts[at].last.is_none()).collect();
    for (n, &at) in sections.iter().enumerate() {
        let first = if n == 0 { 1 } else { cuts[at].first };
        let last = sections.get(n + 1).map_or(count as u32, |&next| cuts[next].first - 1);
        fill(first, last, at);
    }
    for (at, cut) in cuts.iter().enumerate() {
        if let Some(last) = cut.last {
            fill(cut.first, last, at);
        }
    }
    for (at, owner) in owners.iter_mut().enumerate() {
        if outline.nobody[at] {
            *owner = None;
        }
    }
    owners
}

fn draft(outline: &Outline, cut: Cut, own: &[u32], footnotes: &HashMap<String, Footnote>, memo: &Memo) -> Draft {
    let spans = spans(outline, own);
    let mut draft = Draft::new(cut.kind, cut.level);
    match cut.ready {
        Some((tokens, text)) => {
            draft.tokens = tokens;
            draft.text = text;
        }
        None => {
            let is_title = |n: u32| cut.first <= n && n < cut.body;
            let body: Vec<u32> = own.iter().copied().filter(|&n| !is_title(n)).collect();
            let shift = if cut.last.is_some() { indentation(outline.line(cut.body)) } else { 0 };
            let body =
                Body { runs: self::spans(outline, &body).into(), shift: u32::try_from(shift).unwrap_or(u32::MAX) };
            let text = body.text(|number| match cut.opening.as_deref() {
                Some(opening) if number == cut.body => opening,
                _ => outline.line(number),
            });
            draft.content = Some(content(&text, footnotes, memo));
            draft.body = cut.opening.is_none().then_some(body);
        }
    }
    draft.spans = spans;
    draft.id = cut.id;
    draft.breed = cut.breed;
    draft.title = cut.title;
    draft.ordinal = cut.ordinal;
    draft
}

/// What a text says; only a text with footnotes depends on more than itself.
fn content(text: &str, footnotes: &HashMap<String, Footnote>, memo: &Memo) -> Arc<Content> {
    if text.contains("[^") {
        return Arc::new(Content::of(text.to_owned(), prose::read(text, footnotes)));
    }
    memo.content(text, || Content::of_markdown(text.to_owned()))
}

/// Runs of consecutive lines, blank edges, thematic breaks and nobody's lines off.
fn runs<'l>(outline: &Outline, lines: &'l [u32]) -> Vec<&'l [u32]> {
    lines
        .chunk_by(|a, b| a + 1 == *b)
        .map(|run| {
            let from = run.iter().position(|&n| !outline.is_edge(n)).unwrap_or(run.len());
            let to = run.iter().rposition(|&n| !outline.is_edge(n)).map_or(from, |at| at + 1);
            &run[from..to]
        })
        .filter(|run| !run.is_empty())
        .collect()
}

fn spans(outline: &Outline, own: &[u32]) -> Vec<Span> {
    runs(outline, own).into_iter().map(|run| Span { first: run[0], last: run[run.len() - 1] }).collect()
}

#[cfg(test)]
mod tests {
    use crate::spec::clause::Span;
    use crate::spec::formats::{Format, segment};

    #[test]
    fn what_stands_beside_items_without_a_heading_is_a_clause() {
        let found = |text: &str| -> Vec<(String, Vec<Span>)> {
            let clauses = segment(Format::Markdown, text.as_bytes());
            clauses.iter().map(|clause| (clause.title.clone(), clause.spans.to_vec())).collect()
        };
        let span = |first, last| Span { first, last };
        let list = "1. The x MUST y\n2. b\n";
        let told = found(&format!("The server MUST answer in 5 s.\n\n{list}\nAnd end.\n"));
        assert_eq!(told.len(), 3);
        assert_eq!(told[0], ("The server MUST answer in 5 s. And".to_owned(), vec![span(1, 1), span(6, 6)]));
        assert_eq!(found(&format!("{list}\nAnd end.\n"))[2], ("And end.".to_owned(), vec![span(4, 4)]));
        assert_eq!(found("- **FR-1**: x\n\n## no\n").len(), 2);
        // nothing is said beside these
        let table = "| id | text |\n|---|---|\n| 1.1 | x |\n| 1.2 | y |\n";
        assert_eq!(found(table).len(), 2);
        for more in ["<!-- generated -->\n", "[a]: b\n", "---\n"] {
            assert_eq!(found(&format!("{more}\n{list}\n{table}\n{more}")).len(), 4, "{more}");
        }
        assert_eq!(found(&format!("{table}| see | also |\n")).len(), 3, "a row without an id says something too");
    }
}
