//! Conflicts that nobody has resolved yet.
//!
//! A file in the middle of a merge is still read, by `git spec diff` before all. Its `=======` would make a heading of
//! the line above, in Markdown and in reStructuredText, and its marker lines would end a table or a paragraph. So the file is
//! read as if they were not there, and what was found is put back to the lines where it stands.

use std::collections::HashSet;

use super::lines::is_blank;
use crate::spec::body::Body;
use crate::spec::clause::Clause;
use crate::spec::spans::Span;

/// A text without the marker lines of its conflicts.
pub(super) struct Parted {
    /// The text that is left.
    pub text: String,
    /// How many of its lines stand above each marker line, in order.
    above: Vec<u32>,
}

/// The text without the marker lines of conflicts; those inside a code block stay, since they are an example. None where there
/// are no such lines.
pub(super) fn without_markers(text: &str) -> Option<Parted> {
    if !text.starts_with(BEGIN) && memchr::memmem::find(text.as_bytes(), b"\n<<<<<<<").is_none() {
        return None;
    }
    let markers = markers(text);
    if markers.is_empty() {
        return None;
    }
    let mut parted = Parted { text: String::with_capacity(text.len()), above: Vec::with_capacity(markers.len()) };
    let mut left = 0;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        if markers.contains(&at) {
            parted.above.push(left);
        } else {
            parted.text.push_str(line);
            left += 1;
        }
    }
    Some(parted)
}

impl Parted {
    /// The clauses of what is left, on the lines where they stand in the whole text.
    pub(super) fn put_back(&self, mut clauses: Vec<Clause>) -> Vec<Clause> {
        let lines: Vec<&str> = self.text.lines().collect();
        for clause in &mut clauses {
            let is_parted = clause.body.as_ref().is_some_and(|body| body.runs.iter().any(|run| self.parts(*run)));
            clause.body = clause.body.take().filter(|_| !is_parted).map(|body| Body {
                runs: body.runs.iter().map(|run| self.moved(*run)).collect::<Vec<_>>().into(),
                ..body
            });
            clause.spans = clause.spans.iter().flat_map(|span| self.runs(*span, &lines)).collect::<Vec<_>>().into();
        }
        clauses
    }

    /// Whether a marker line stands inside a run of lines.
    fn parts(&self, run: Span) -> bool {
        let at = self.above.partition_point(|&above| above < run.first);
        self.above.get(at).is_some_and(|&above| above < run.last)
    }

    /// A run in which no marker line stands, where it stands in the whole text.
    fn moved(&self, run: Span) -> Span {
        let more = self.above.partition_point(|&above| above < run.first);
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        Span { first: run.first.saturating_add(more), last: run.last.saturating_add(more) }
    }

    /// The parts of a run between the marker lines, without the blank lines at their edges.
    fn runs(&self, run: Span, lines: &[&str]) -> Vec<Span> {
        let from = self.above.partition_point(|&above| above < run.first);
        let ends = self.above[from..].iter().copied().take_while(|&above| above < run.last).chain([run.last]);
        let is_edge = |&number: &u32| lines.get(number as usize - 1).is_some_and(|line| is_blank(line));
        let mut first = run.first;
        let mut runs = Vec::new();
        for last in ends {
            let begin = (first..=last).find(|number| !is_edge(number));
            let end = (first..=last).rev().find(|number| !is_edge(number));
            if let (Some(first), Some(last)) = (begin, end) {
                runs.push(self.moved(Span { first, last }));
            }
            first = last + 1;
        }
        runs
    }
}

const BEGIN: &str = "<<<<<<<";
const BASE: &str = "|||||||";
const BETWEEN: &str = "=======";
const END: &str = ">>>>>>>";

/// The marker lines of all conflicts that begin, part and end, from 0.
fn markers(text: &str) -> HashSet<usize> {
    let mut found = HashSet::new();
    let mut open: Vec<usize> = Vec::new();
    let mut is_parted = false;
    let mut fence: Option<(u8, usize)> = None;
    for (at, line) in text.lines().enumerate() {
        let is = |mark: &str| line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        if is(BEGIN) && fence.is_none() {
            open = vec![at];
            is_parted = false;
        } else if !open.is_empty() && (is(BASE) || line == BETWEEN) {
            open.push(at);
            is_parted |= line == BETWEEN;
        } else if !open.is_empty() && is(END) {
            open.push(at);
            found.extend(open.drain(..).filter(|_| is_parted));
            // a side may have left a fence open that the other one closes
            fence = None;
        } else {
            fence = fence_after(line, fence);
        }
    }
    found
}

/// The open code fence behind a line: its character and length.
fn fence_after(line: &str, open: Option<(u8, usize)>) -> Option<(u8, usize)> {
    let text = line.trim_start_matches(' ');
    let mark = *text.as_bytes().first().filter(|b| matches!(b, b'`' | b'~') && line.len() - text.len() < 4)?;
    let length = text.bytes().take_while(|&b| b == mark).count();
    let rest = &text[length..];
    match open {
        Some((begun, least)) if begun == mark && length >= least && rest.trim().is_empty() => None,
        Some(_) => open,
        None => (length >= 3 && !(mark == b'`' && rest.contains('`'))).then_some((mark, length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::super::{Format, lines_of, segment};
    use proptest::prelude::*;

    fn left(text: &str) -> String {
        without_markers(text).map_or_else(|| text.to_owned(), |parted| parted.text)
    }

    #[test]
    fn markers_are_taken_out() {
        let text = "# A\n<<<<<<< HEAD\none\n||||||| base\nzero\n=======\ntwo\n>>>>>>> theirs\nz\n";
        assert_eq!(left(text), "# A\none\nzero\ntwo\nz\n");
        assert_eq!(left("<<<<<<<\na\n=======\nb\n>>>>>>>"), "a\nb\n");
    }

    #[test]
    fn what_is_no_conflict_stays() {
        for text in [
            "Lockout\n=======\n\ntext\n",
            "<<<<<<< HEAD\nLockout\n=======\n",
            "<<<<<<< HEAD\na\n>>>>>>> b\n",
            "```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> c\n```\n",
            "<<<<<<<<\na\n=======\nb\n>>>>>>> c\n",
        ] {
            assert_eq!(left(text), text);
        }
        assert_eq!(left("<<<<<<< a\n<<<<<<< b\nx\n=======\ny\n>>>>>>> b\n"), "<<<<<<< a\nx\ny\n");
    }

    #[test]
    fn a_table_goes_on_behind_a_conflict() {
        let text = "# A\n\n|id|t|\n|-|-|\n|1.1|x|\n<<<<<<< HEAD\n|1.2|y|\n=======\n|1.2|z|\n>>>>>>> b\n|1.3|w|\n";
        let found = segment(Format::Markdown, text.as_bytes());
        let rows: Vec<_> = found.iter().skip(1).map(|clause| (clause.anchor.as_str(), clause.lines())).collect();
        assert_eq!(rows, [("1.1", (5, 5)), ("1.2", (7, 7)), ("1.2-2", (9, 9)), ("1.3", (11, 11))]);
    }

    #[test]
    fn marker_lines_belong_to_nobody() {
        let text = "# A\n\none\n<<<<<<< HEAD\n\ntwo\n=======\n>>>>>>> b\nfour\n\n# B\n\nfive\n";
        let found = segment(Format::Markdown, text.as_bytes());
        let span = |first, last| Span { first, last };
        assert_eq!(*found[0].spans, [span(1, 3), span(6, 6), span(9, 9)]);
        assert_eq!((found[0].text.as_str(), &*found[1].spans), ("one\n\ntwo\nfour", &[span(11, 13)][..]));
        let lines = lines_of(text.as_bytes()).unwrap();
        assert_eq!(found[1].body.as_ref().and_then(|body| lines.text(body)).as_deref(), Some("five"));
    }

    proptest! {
        /// A clause has its words from the lines that it owns, and never a marker line, whatever the format.
        #[test]
        fn what_is_found_stands_where_it_is_said_to(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "||||||| c\n", "# T\n", "\n", "text\n", "| 1.1 | x |\n", "|-|-|\n",
                "r[a.b]\n", "- **FR-1**: x\n", "```\n", "---\n", "Scenario: s\n",
            ]), 0..24),
            format in prop::sample::select(vec![Format::Markdown, Format::Rst, Format::Gherkin, Format::StrictDoc, Format::Paragraphs]),
        ) {
            let text: String = parts.concat();
            let marks = markers(&text);
            let bare = left(&text);
            let (found, plain) = (segment(format, text.as_bytes()), segment(format, bare.as_bytes()));
            prop_assert_eq!(found.len(), plain.len());
            let (lines, rest): (Vec<&str>, Vec<&str>) = (text.lines().collect(), bare.lines().collect());
            let said = |clause: &Clause, lines: &[&str]| -> Vec<String> {
                let owned = clause.spans.iter().flat_map(|span| span.first..=span.last);
                owned.map(|number| lines[number as usize - 1].to_owned()).filter(|line| !line.trim().is_empty()).collect()
            };
            let kept = lines_of(text.as_bytes()).unwrap();
            for (clause, plain) in found.iter().zip(&plain) {
                prop_assert_eq!((&clause.anchor, &clause.text), (&plain.anchor, &plain.text));
                prop_assert_eq!(said(clause, &lines), said(plain, &rest));
                prop_assert!(clause.spans.iter().all(|span| (span.first..=span.last).all(|n| !marks.contains(&(n as usize - 1)))));
                if let Some(body) = &clause.body {
                    prop_assert_eq!(kept.text(body), Some(clause.text.clone()));
                }
            }
        }
    }
}
