//! Files of a format nobody knows: each blank-line separated paragraph is a clause.
//!
//! Any text a project configures as specification gets history and blame this way, if only by paragraph: plain text and AsciiDoc have
//! no adapter of their own. No markup is interpreted, because what it means isn't known.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::super::clause::{Clause, Content, Draft, Kind, Part, Span, place};
use super::super::memo::Memo;
use super::super::token::Tokens;
use super::lines;

/// A clause for each paragraph, in order; a paragraph has neither id nor title.
pub fn clauses(text: &str, memo: &Memo) -> Vec<Clause> {
    let part = |(above, text): (usize, Cow<str>)| {
        let lines = || text.bytes().filter(|&byte| byte == b'\n').count() + 1;
        // Its words are read when somebody asks for them: of most paragraphs of a history nobody does.
        let content = || Some(Arc::new(Content::of_plain(text.clone().into_owned())));
        let read = || Part::of(Draft { content: content(), ..paragraph(0..lines()) });
        (memo.paragraph(&text, read), u32::try_from(above).unwrap_or(u32::MAX))
    };
    let parts: Vec<(Arc<Part>, u32)> = texts(text).into_iter().map(part).collect();
    place(parts.iter().map(|(part, above)| (&**part, *above)))
}

/// The paragraphs as they stand, each with the number of lines above it. History asks this of every version of a file, so
/// that nothing is copied where it needn't be.
fn texts(text: &str) -> Vec<(usize, Cow<'_, str>)> {
    if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        let lines = lines::split(text);
        return runs(&lines).into_iter().map(|run| (run.start, Cow::Owned(lines[run].join("\n")))).collect();
    }
    let mut found = Vec::new();
    // Where the paragraph that is open begins, and how many lines are above it.
    let mut open: Option<(usize, usize)> = None;
    let (mut from, mut number) = (0, 0);
    while from <= text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |length| from + length);
        let is_blank = match text.as_bytes()[from..end].first() {
            Some(first) if first.is_ascii_graphic() => false,
            _ => lines::is_blank(&text[from..end]),
        };
        match open {
            Some((start, above)) if is_blank => {
                found.push((above, Cow::Borrowed(&text[start..from - 1])));
                open = None;
            }
            None if !is_blank => open = Some((from, number)),
            _ => {}
        }
        (from, number) = (end + 1, number + 1);
    }
    if let Some((start, above)) = open {
        found.push((above, Cow::Borrowed(&text[start..])));
    }
    found
}

/// The same as drafts, for a file of another format that holds nothing of it.
pub fn drafts(text: &str) -> Vec<Draft> {
    let lines = lines::split(text);
    let draft = |run: Range<usize>| {
        let text = lines[run.clone()].join("\n");
        Draft { tokens: Tokens::of_text(&text), text, ..paragraph(run) }
    };
    runs(&lines).into_iter().map(draft).collect()
}

/// The lines between blank ones.
fn runs(lines: &[&str]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut from = 0;
    while from < lines.len() {
        let length = lines[from..].iter().take_while(|line| !lines::is_blank(line)).count();
        if length > 0 {
            runs.push(from..from + length);
        }
        from += length + 1;
    }
    runs
}

/// A clause on these lines, counted from 0, that says nothing yet.
fn paragraph(lines: Range<usize>) -> Draft {
    let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    let spans = vec![Span { first: number(lines.start + 1), last: number(lines.end) }];
    Draft { spans, ..Draft::new(Kind::Paragraph, 1) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::clause::assemble;
    use super::*;

    fn found(text: &str) -> Vec<Clause> {
        clauses(text, &Memo::default())
    }

    #[test]
    fn blank_lines_separate() {
        let text = "\r\nOne line\r\nand more.\r\n \r\n\r\nTwo.\r\n";
        let clauses = found(text);
        assert_eq!(clauses.len(), 2);
        assert_eq!(*clauses[0].spans, [Span { first: 2, last: 3 }]);
        assert_eq!(clauses[0].text, "One line\nand more.");
        assert_eq!(*clauses[1].spans, [Span { first: 6, last: 6 }]);
        assert_eq!(clauses, found(&text.replace('\r', "")));
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(found("").is_empty());
        assert!(found(" \n\t\n").is_empty());
    }

    proptest! {
        #[test]
        fn any_text(text in "(?s).{0,200}") {
            let memo = Memo::default();
            lines::assert_sound(&text, &drafts(&text));
            for _ in 0..2 {
                prop_assert_eq!(clauses(&text, &memo), assemble(drafts(&text)));
            }
        }

        #[test]
        fn wrapping_is_free(words in prop::collection::vec("[a-zA-Z0-9.*_-]{1,6}", 1..30), breaks in prop::collection::vec(any::<bool>(), 30)) {
            let wrapped: String = words.iter().zip(&breaks).map(|(word, &end)| format!("{word}{}", if end { "\n" } else { " " })).collect();
            let (wrapped, plain) = (found(&wrapped), found(&words.join(" ")));
            prop_assert_eq!(wrapped[0].tokens(), plain[0].tokens());
        }
    }
}
