//! Files of a format nobody knows: each blank-line separated paragraph is a clause.
//!
//! Any text a project configures as specification gets history and blame this way, if only by paragraph: plain text and AsciiDoc have
//! no adapter of their own. No markup is interpreted, because what it means isn't known.

use std::ops::Range;
use std::sync::Arc;

use super::super::clause::{Clause, Draft, Kind, Part, Span, place};
use super::super::memo::Memo;
use super::super::token::Tokens;
use super::lines;

/// A clause for each paragraph, in order; a paragraph has neither id nor title.
pub fn clauses(text: &str, memo: &Memo) -> Vec<Clause> {
    let lines = lines::split(text);
    let part = |run: Range<usize>| {
        let above = u32::try_from(run.start).unwrap_or(u32::MAX);
        let text = lines[run.clone()].join("\n");
        (memo.paragraph(&text, || Part::of(paragraph(&lines[run], 0, &text))), above)
    };
    let parts: Vec<(Arc<Part>, u32)> = runs(&lines).into_iter().map(part).collect();
    place(parts.iter().map(|(part, above)| (&**part, *above)))
}

/// The same as drafts, for a file of another format that holds nothing of it.
pub fn drafts(text: &str) -> Vec<Draft> {
    let lines = lines::split(text);
    let draft = |run: Range<usize>| paragraph(&lines[run.clone()], run.start, &lines[run].join("\n"));
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

fn paragraph(lines: &[&str], above: usize, text: &str) -> Draft {
    let line = |at: usize| u32::try_from(above + at).unwrap_or(u32::MAX);
    let mut draft = Draft::new(Kind::Paragraph, 1);
    draft.spans = vec![Span { first: line(1), last: line(lines.len()) }];
    draft.text = text.to_owned();
    draft.tokens = Tokens::of_text(text);
    draft
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
