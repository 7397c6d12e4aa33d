//! Laws of every format on any bytes: each line belongs to at most one clause, anchors are unique, line ends are nothing.

use std::collections::HashSet;

use git_spec::spec::Clause;
use git_spec::spec::formats::{Format, segment};
use proptest::prelude::*;

use super::cases;

const FORMATS: [Format; 6] =
    [Format::Markdown, Format::Mdx, Format::StrictDoc, Format::Gherkin, Format::Rst, Format::Paragraphs];

/// Lines that mean something to one format or another.
#[rustfmt::skip]
const LINES: &[&str] = &[
    "", "", "", "# One", "## Two", "### Requirement 1.2", "### Requirement: Login", "#### Scenario: Fails", "Title",
    "=====", "-----", "---", "***", "r[a.b]", "r[a.b+2]", "> r[q]", "`req~x~1`", "- **FR-001**: MUST a",
    "- **FR-001**: MAY b", "  - **SC-2** c", "1. MUST x", "1. y", "   continued", "2) SHALL", "- a", "  - b", "* c",
    "| **1.1.1** | a |", "| id | b |", "|---|---|", "| 1.2 | ✓ |", "```", "````", "~~~", "````````````````````````````````",
    "  ```rust", "> quoted", "> > twice", "> # no", "- ```", "    indented", "\ttab", "<!-- c -->", "<!--", "-->",
    "<div>", "</div>", "<pre>", "[x]: y", "[^1]: note", "text[^1] more", "+++", "{: #id}", "## T {#id}", ":::", "import X",
    "#### Acceptance Criteria", "### Requirement 2", "[DOCUMENT]", "TITLE: x", "[REQUIREMENT]", "UID: A-1", "MID: f",
    "STATEMENT: >>>", "<<<", "STATEMENT: a MUST", "[[SECTION]]", "[SECTION]", "[[/SECTION]]", "[/SECTION]", "COMMENT: x",
    "RELATIONS:", "- TYPE: Parent", "  VALUE: A", "Feature: f", "Rule: r", "Background:", "Scenario: s",
    "Scenario Outline: o", "  Given a", "  When b", "  \"\"\"", "Examples:", "  | a | b |", "@id:a @tag", "# language: fr",
    ".. _anchor:", ".. note::", "   inside", "::", "====", "~~~~", "a::", "* item", "+---+---+", "| a | b |",
];

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        8 => prop::sample::select(LINES).prop_map(str::to_owned),
        1 => "(?s).{0,12}",
        1 => "[ >#*`~|=:\\[\\]<!-]{0,8}[a-z]{0,4}",
    ];
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.join("\n"))
}

/// How many lines a text has for a reader who numbers them as Git does.
fn line_count(text: &str) -> u32 {
    text.lines().count() as u32
}

fn assert_owned_once(clauses: &[Clause], count: u32) {
    let mut owned = HashSet::new();
    for clause in clauses {
        for span in &clause.spans {
            assert!(1 <= span.first && span.first <= span.last && span.last <= count, "{span:?} of {count}");
            assert!((span.first..=span.last).all(|line| owned.insert(line)), "{span:?} is owned twice");
        }
        assert!(clause.spans.windows(2).all(|pair| pair[0].last < pair[1].first), "{:?}", clause.spans);
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn each_line_has_one_owner(text in text()) {
        for format in FORMATS {
            assert_owned_once(&segment(format, text.as_bytes()), line_count(&text));
        }
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let count = line_count(&String::from_utf8_lossy(&bytes));
        for format in FORMATS {
            assert_owned_once(&segment(format, &bytes), count);
        }
    }

    #[test]
    fn anchors_are_unique(text in text()) {
        for format in FORMATS {
            let clauses = segment(format, text.as_bytes());
            let anchors: HashSet<&str> = clauses.iter().map(|clause| clause.anchor.as_str()).collect();
            prop_assert_eq!(anchors.len(), clauses.len(), "{:?}", format);
            prop_assert!(!anchors.contains(""), "{:?}", format);
        }
    }

    #[test]
    fn line_ends_never_matter(text in text()) {
        let text = text.replace('\r', "");
        for format in FORMATS {
            prop_assert_eq!(
                segment(format, text.as_bytes()),
                segment(format, text.replace('\n', "\r\n").as_bytes()),
                "{:?} {:?}", format, text
            );
        }
    }

    #[test]
    fn parents_stand_before_their_children(text in text()) {
        for format in FORMATS {
            let clauses = segment(format, text.as_bytes());
            for (at, clause) in clauses.iter().enumerate() {
                prop_assert!(clause.parent.is_none_or(|up| up < at));
                prop_assert_eq!(clause.parent.is_none(), git_spec::spec::clause::headings(&clauses, at).is_empty());
            }
        }
    }

    /// The clauses of a file depend on nothing but its bytes: not on what was read before, or how often.
    #[test]
    fn equal_bytes_give_equal_clauses(text in text(), other in text()) {
        for format in FORMATS {
            let first = segment(format, text.as_bytes());
            segment(format, other.as_bytes());
            prop_assert_eq!(&first, &segment(format, text.as_bytes()));
        }
    }

    #[test]
    fn a_byte_order_mark_is_nothing(text in text()) {
        prop_assume!(!text.starts_with('\u{feff}'));
        for format in FORMATS {
            prop_assert_eq!(segment(format, text.as_bytes()), segment(format, format!("\u{feff}{text}").as_bytes()));
        }
    }
}
