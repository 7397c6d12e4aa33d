//! Files of a format nobody knows: each blank-line separated paragraph is a clause.
//!
//! Any text a project configures as specification gets history and blame this way, if only by paragraph: plain text and AsciiDoc have
//! no adapter of their own. No markup is interpreted, because what it means isn't known.

use super::super::clause::{Draft, Kind};
use super::super::token::Tokens;
use super::lines;

/// One draft per paragraph, in order; a paragraph has neither id nor title.
pub fn drafts(text: &str) -> Vec<Draft> {
    let lines = lines::split(text);
    let mut drafts = Vec::new();
    let mut from = 0;
    while from < lines.len() {
        if lines::is_blank(lines[from]) {
            from += 1;
            continue;
        }
        let length = lines[from..].iter().take_while(|line| !lines::is_blank(line)).count();
        drafts.push(paragraph(&lines, from, from + length));
        from += length;
    }
    drafts
}

fn paragraph(lines: &[&str], from: usize, to: usize) -> Draft {
    let mut draft = Draft::new(Kind::Paragraph, 1);
    draft.spans = lines::spans(lines, std::slice::from_ref(&(from..to)));
    draft.text = lines[from..to].join("\n");
    draft.tokens = Tokens::of_text(&draft.text);
    draft
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::clause::Span;
    use super::*;

    #[test]
    fn blank_lines_separate() {
        let text = "\r\nOne line\r\nand more.\r\n \r\n\r\nTwo.\r\n";
        let found = drafts(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].spans, [Span { first: 2, last: 3 }]);
        assert_eq!(found[0].text, "One line\nand more.");
        assert_eq!(found[1].spans, [Span { first: 6, last: 6 }]);
        assert_eq!(found, drafts(&text.replace('\r', "")));
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(drafts("").is_empty());
        assert!(drafts(" \n\t\n").is_empty());
    }

    proptest! {
        #[test]
        fn any_text(text in "(?s).{0,200}") {
            lines::assert_sound(&text, &drafts(&text));
        }

        #[test]
        fn wrapping_is_free(words in prop::collection::vec("[a-zA-Z0-9.*_-]{1,6}", 1..30), breaks in prop::collection::vec(any::<bool>(), 30)) {
            let wrapped: String = words.iter().zip(&breaks).map(|(word, &end)| format!("{word}{}", if end { "\n" } else { " " })).collect();
            prop_assert_eq!(&drafts(&wrapped)[0].tokens, &drafts(&words.join(" "))[0].tokens);
        }
    }
}
