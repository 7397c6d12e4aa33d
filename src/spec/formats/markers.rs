//! Rule markers: `r[a.b.c]` (any lower-case prefix) and OpenFastTrace `` `req~name~1` ``, alone on a line.

use crate::spec::clause::Kind;
use crate::spec::cut::Cut;
use crate::spec::outline::{Heading, Outline};

/// A marker found on a line of its own.
#[derive(Clone, Debug)]
pub struct Marker {
    /// Its line.
    pub line: u32,
    /// The id it gives, version suffix stripped.
    pub id: String,
    /// OpenFastTrace puts its id behind the heading that it names, rule markers put it before.
    pub follows_heading: bool,
}

impl Marker {
    /// The clause that begins here, inside a section of which it is one level below.
    pub fn cut(self, level: u8) -> Cut {
        Cut { id: Some(self.id), kind: Kind::Requirement, ..Cut::section(self.line, self.line + 1, level) }
    }

    /// Whether only blank lines stand between the last heading and this marker.
    pub fn after_heading(&self, outline: &Outline, section: u8) -> bool {
        let behind = outline.headings.partition_point(|h| h.lines.1 < self.line);
        // backwards, so that many markers behind one heading don't each walk the whole way from it
        let blank = |h: &Heading| (h.lines.1 + 1..self.line).rev().all(|n| outline.line(n).trim().is_empty());
        section > 0 && outline.headings[..behind].last().is_some_and(blank)
    }
}

/// Whether a marker stands right before a heading: nothing but blank lines and comments between.
pub fn leads_to(outline: &Outline, marker: u32, heading: u32) -> bool {
    (marker + 1..heading).all(|n| is_passed_over(outline.line(n)))
}

/// Whether a line may stand between a marker and its heading: blank, or a comment.
pub fn is_passed_over(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || (line.starts_with("<!--") && line.ends_with("-->"))
}

/// All markers outside code, HTML and front matter.
pub fn find(outline: &Outline) -> Vec<Marker> {
    let mut found = Vec::new();
    for number in 1..=outline.count() {
        if outline.verbatim[number as usize - 1] {
            continue;
        }
        if let Some((id, follows_heading)) = of_line(outline.line(number)) {
            found.push(Marker { line: number, id: id.to_owned(), follows_heading });
        }
    }
    found
}

/// The id that a line gives as a marker, and whether it stands behind its heading.
pub fn of_line(line: &str) -> Option<(&str, bool)> {
    // most lines are told apart by their last byte
    if !matches!(line.trim_end().as_bytes().last(), Some(b']' | b'`')) {
        return None;
    }
    let line = line.trim_start_matches(['>', ' ', '\t']).trim_end();
    rule(line).map(|id| (id, false)).or_else(|| Some((openfasttrace(line)?, true)))
}

/// The id in `r[a.b.c+2]`, without the version suffix.
fn rule(line: &str) -> Option<&str> {
    let (prefix, rest) = line.split_once('[')?;
    let inner = rest.strip_suffix(']')?;
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !prefix.starts_with(|c: char| c.is_ascii_lowercase()) || !prefix.chars().all(word) {
        return None;
    }
    let id = match inner.rsplit_once('+') {
        Some((id, version)) if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) => id,
        _ => inner,
    };
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/');
    let named = id.starts_with(|c: char| c.is_alphabetic()) && id.chars().all(part);
    named.then_some(id)
}

/// The id in `` `req~name~1` ``, without the revision.
fn openfasttrace(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('`')?.strip_suffix('`')?;
    let (id, revision) = inner.rsplit_once('~')?;
    let (artifact, name) = id.split_once('~')?;
    let kind = !artifact.is_empty() && artifact.chars().all(|c| c.is_ascii_lowercase());
    let named = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let numbered = !revision.is_empty() && revision.bytes().all(|b| b.is_ascii_digit());
    (kind && named && numbered).then_some(id)
}
