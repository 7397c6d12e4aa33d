//! One adapter per format; all yield the same [`Draft`]s, which become the same [`Clause`]s.

mod conflicts;
mod gherkin;
mod internet_draft;
mod kiro;
mod lines;
mod lists;
mod markdown;
pub mod markers;
mod mdx;
mod openspec;
mod paragraphs;
mod passages;
mod requirements;
mod rst;
mod rst_body;
mod rst_inline;
mod rst_table;
mod speckit;
mod strictdoc;
mod tables;

use std::borrow::Cow;

use super::body::Lines;
use super::clause::{Clause, assemble};
use super::memo::Memo;

pub use rst::without_index;

/// Which adapter reads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Markdown with all its dialects; which one is decided by the content.
    Markdown,
    /// The same with JSX in it.
    Mdx,
    /// StrictDoc.
    StrictDoc,
    /// Gherkin.
    Gherkin,
    /// reStructuredText.
    Rst,
    /// Anything else: blank-line separated paragraphs.
    Paragraphs,
}

impl Format {
    /// The format of a file, by the ending of its name, letter case aside.
    pub fn of_path(path: &[u8]) -> Format {
        let name = path.rsplit(|&b| b == b'/').next().unwrap_or(path);
        let ending = name.rsplit(|&b| b == b'.').next().filter(|e| e.len() < name.len()).unwrap_or(b"");
        match ending.to_ascii_lowercase().as_slice() {
            b"md" | b"markdown" | b"mkd" | b"mdown" | b"mdc" => Format::Markdown,
            b"mdx" => Format::Mdx,
            b"sdoc" => Format::StrictDoc,
            b"feature" => Format::Gherkin,
            b"rst" | b"rest" => Format::Rst,
            _ => Format::Paragraphs,
        }
    }
}

/// The clauses of a file's bytes; bytes that aren't UTF-8 become U+FFFD. Never panics.
pub fn segment(format: Format, bytes: &[u8]) -> Vec<Clause> {
    segment_with(format, bytes, &Memo::default())
}

/// [`segment`] with a memory of what was read before; the answer is the same.
pub fn segment_with(format: Format, bytes: &[u8], memo: &Memo) -> Vec<Clause> {
    with_text(bytes, |text| match conflicts::without_markers(text) {
        None => clauses(format, text, memo),
        Some(parted) => parted.put_back(clauses(format, &parted.text, memo)),
    })
}

fn clauses(format: Format, text: &str, memo: &Memo) -> Vec<Clause> {
    match format {
        Format::Markdown => markdown::clauses(text, false, memo),
        Format::Mdx => markdown::clauses(text, true, memo),
        Format::StrictDoc => assemble(strictdoc::drafts(text)),
        Format::Gherkin => assemble(gherkin::drafts(text)),
        Format::Rst => assemble(rst::drafts(text)),
        Format::Paragraphs => paragraphs::clauses(text, memo),
    }
}

/// The lines of a file's bytes as [`Body`](super::body::Body) counts them.
pub fn lines_of(bytes: &[u8]) -> Option<Lines> {
    with_text(bytes, Lines::of)
}

/// What is made of the text of a file, with the marker lines of its conflicts.
fn with_text<T>(bytes: &[u8], make: impl FnOnce(&str) -> T) -> T {
    let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // a parser takes a CRLF inside a code span for two spaces; line numbers stay
    let has_crlf = memchr::memchr(b'\r', text.as_bytes()).is_some() && text.contains("\r\n");
    let text = if has_crlf { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    make(&text)
}
