//! Lines of a file and who owns them, for the adapters that read line by line.
//!
//! Kept in one place so that every format agrees on what a line is (CRLF is LF, the last newline starts no line), on how blank edges
//! are trimmed and on when two parts of a clause are one span.

use std::ops::Range;

use super::super::clause::Span;

/// The lines of a text, their ends (`\n`, `\r\n`) off.
pub(super) fn split(text: &str) -> Vec<&str> {
    text.lines().map(|line| line.strip_suffix('\r').unwrap_or(line)).collect()
}

/// Whether nothing but white space stands on a line.
pub(super) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// The column of a line's first visible character, tabs to the next multiple of eight.
pub(super) fn indent(line: &str) -> usize {
    let mut column = 0;
    for byte in line.bytes() {
        match byte {
            b' ' => column += 1,
            b'\t' => column = (column / 8 + 1) * 8,
            _ => break,
        }
    }
    column
}

/// A line without its first `width` columns of indentation.
pub(super) fn dedent(line: &str, width: usize) -> &str {
    let mut column = 0;
    for (at, byte) in line.bytes().enumerate() {
        if column >= width {
            return &line[at..];
        }
        match byte {
            b' ' => column += 1,
            b'\t' => column = (column / 8 + 1) * 8,
            _ => return &line[at..],
        }
    }
    ""
}

/// A range (0-based, half-open) without the blank lines at its edges.
pub(super) fn trimmed(lines: &[&str], mut part: Range<usize>) -> Range<usize> {
    while part.start < part.end && is_blank(lines[part.start]) {
        part.start += 1;
    }
    while part.start < part.end && is_blank(lines[part.end - 1]) {
        part.end -= 1;
    }
    part
}

/// The spans of a clause whose parts come in order: blank edges off, parts with only blank lines between them joined.
pub(super) fn spans(lines: &[&str], parts: &[Range<usize>]) -> Vec<Span> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for part in parts {
        let part = trimmed(lines, part.clone());
        if part.is_empty() {
            continue;
        }
        match joined.last_mut() {
            Some(last) if lines[last.end..part.start].iter().all(|line| is_blank(line)) => last.end = part.end,
            _ => joined.push(part),
        }
    }
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    joined.into_iter().map(|part| Span { first: number(part.start + 1), last: number(part.end) }).collect()
}

/// The lines as they stand, blank edges off, joined with `\n`.
pub(super) fn joined(lines: &[&str]) -> String {
    lines[trimmed(lines, 0..lines.len())].join("\n")
}

/// Laws that every adapter keeps; a test of each calls this on what it made of some text.
#[cfg(test)]
pub(super) fn assert_sound(text: &str, drafts: &[super::super::clause::Draft]) {
    let lines = split(text);
    let mut owned = vec![false; lines.len()];
    let mut before = 0;
    for draft in drafts {
        for span in &draft.spans {
            assert!(
                1 <= span.first && span.first <= span.last && span.last as usize <= lines.len(),
                "{span:?} in {text:?}"
            );
            for line in [span.first, span.last] {
                assert!(!is_blank(lines[line as usize - 1]), "blank edge {line} in {text:?}");
            }
            for line in span.first..=span.last {
                assert!(!std::mem::replace(&mut owned[line as usize - 1], true), "line {line} owned twice in {text:?}");
            }
        }
        let first = draft.spans.first().map_or(before, |span| span.first);
        assert!(before <= first, "not in document order: {text:?}");
        assert!(
            draft.spans.windows(2).all(|pair| pair[0].last + 1 < pair[1].first),
            "spans touch: {:?} in {text:?}",
            draft.spans
        );
        assert!(!draft.text.contains('\r') || text.replace("\r\n", "").contains('\r'));
        before = first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_over_blank_lines_only() {
        let lines = ["", "a", "", "b", "# x", "c", ""];
        let span = |first, last| Span { first, last };
        assert_eq!(spans(&lines, &[0..2, 2..4, 5..7]), [span(2, 4), span(6, 6)]);
        assert_eq!(spans(&lines, std::slice::from_ref(&(2..3))), []);
    }

    #[test]
    fn indentation_counts_tabs() {
        assert_eq!(indent("\t x"), 9);
        assert_eq!(dedent("   x", 2), " x");
        assert_eq!(dedent("x", 4), "x");
        assert_eq!(dedent("  ", 4), "");
    }
}
