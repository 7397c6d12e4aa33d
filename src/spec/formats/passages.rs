//! Cutting a Markdown file into passages that are cut into clauses each alone.
//!
//! From one version of a file to the next nearly all passages stay, so that nearly nothing of it is read again. A passage
//! begins where a clause begins whatever stands around it: at a heading or rule marker that no block can reach across.
//! What a passage must know of those before it is small ([`Before`](crate::spec::memo::Before)).

use super::markers;
use crate::spec::pieces::{Piece, is_heading, pieces};

/// The passages in order; together they are the whole text.
pub fn passages(text: &str) -> Vec<&str> {
    let mut passages = Vec::new();
    // What stands before the first clause belongs to it, so the first passage holds a clause at least.
    let (mut start, mut at, mut holds_clause) = (0, 0, false);
    for piece in pieces(text) {
        let (Piece::FrontMatter(piece) | Piece::Markdown(piece)) = piece;
        let first = piece.split('\n').next().unwrap_or("");
        let marker = first.starts_with(|c: char| c.is_ascii_lowercase()) && markers::of_line(first).is_some();
        // A heading "Acceptance Criteria" may be folded into its requirement and then begins nothing.
        let heading = is_heading(first.trim_end()) && !is_criteria(first);
        let alone = marker && !is_underlined(piece) || (marker || heading) && !markers::may_lead_on(&text[start..at]);
        if alone && holds_clause {
            passages.push(&text[start..at]);
            start = at;
        }
        holds_clause |= marker || heading;
        at += piece.len();
    }
    if start < text.len() {
        passages.push(&text[start..]);
    }
    passages
}

/// Whether a heading's plain text may be "Acceptance Criteria": all its letters stand in the line, or an entity does.
fn is_criteria(line: &str) -> bool {
    let mut bytes = line.bytes();
    line.contains('&') || b"acceptancecriteria".iter().all(|letter| bytes.any(|b| b.eq_ignore_ascii_case(letter)))
}

/// Whether the paragraph at the head of a piece may be a setext heading.
fn is_underlined(piece: &str) -> bool {
    let line = |line: &&str| !line.is_empty();
    let paragraph = piece.split('\n').map(str::trim).take_while(line);
    paragraph.skip(1).any(|line| line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'))
}
