//! One law for each trap that real histories set: what is seen in FACTS is kept from coming back.

use git_spec::spec::change::{Change, ChangeKind, compare};
use git_spec::spec::matching::Rule;
use proptest::prelude::*;

use super::{cases, changes, documents, markdown, refs};

const ONE: &str = "The account MUST be locked after five failed attempts.";
const TWO: &str = "A session MUST end after thirty minutes of silence.";
const THREE: &str = "Every reply SHOULD carry the time at which it was made.";

fn anchors(text: &str) -> Vec<String> {
    markdown(text).into_iter().map(|clause| clause.anchor.clone()).collect()
}

/// The lines that no clause owns.
fn nobodys(text: &str) -> Vec<u32> {
    let clauses = markdown(text);
    (1..=text.lines().count() as u32).filter(|line| !clauses.iter().any(|clause| clause.owns(*line))).collect()
}

fn kinds(changes: &[Change]) -> Vec<&[ChangeKind]> {
    changes.iter().map(|change| change.kinds.as_slice()).collect()
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn a_marker_before_a_heading_takes_its_place(level in 1usize..6, gap in prop::sample::select(vec!["", "\n", "<!-- c -->\n", "\n<!-- c -->\n\n"])) {
        let text = format!("r[login.lock]\n{gap}{} Lockout\n\n{ONE}\n", "#".repeat(level));
        let clauses = markdown(&text);
        prop_assert_eq!(clauses.len(), 1);
        prop_assert_eq!((clauses[0].id.as_deref(), clauses[0].title.as_str()), (Some("login.lock"), "Lockout"));
        prop_assert!(clauses[0].text.contains("five failed"));
    }

    #[test]
    fn a_marker_in_a_quote_counts(depth in 1usize..3, space in prop::sample::select(vec!["", " "])) {
        let quote = format!(">{space}").repeat(depth);
        let text = format!("# Rules\n\nBefore.\n\n{quote}r[login.lock]\n{quote}{ONE}\n\nr[login.end]\n{TWO}\n");
        prop_assert_eq!(anchors(&text), ["rules", "login.lock", "login.end"]);
    }

    /// In a list, in a quote, never closed, or of 32 backticks: what looks like a heading or a marker in code is none.
    #[test]
    fn nothing_begins_in_a_fence(
        length in 3usize..=32, tick in prop::sample::select(vec!["`", "~"]), prefix in prop::sample::select(vec!["", "> ", "  ", "- "]),
        closed in any::<bool>(), inner in prop::sample::select(vec!["# No heading", "r[no.rule]", "- **FR-009**: no item", "Setext\n======", "1. MUST not", "```"]),
    ) {
        prop_assume!(inner != "```" || (tick == "`" && length > 3) || tick == "~");
        let fence = tick.repeat(length);
        let behind = if prefix == "- " { "  " } else { prefix };
        let code = inner.lines().map(|line| format!("{behind}{line}\n")).collect::<String>();
        let close = if closed { format!("{behind}{fence}\n") } else { String::new() };
        let text = format!("# A\n\n{ONE}\n\n{prefix}{fence}\n{code}{close}");
        prop_assert_eq!(anchors(&text), ["a"], "{}", text);
        let more = format!("{text}\n# B\n\n{TWO}\n");
        // a quote and a list end without their fence being closed, the file's own fence doesn't
        let last = closed || matches!(prefix, "> " | "- ");
        prop_assert_eq!(anchors(&more).len(), if last { 2 } else { 1 }, "{}", more);
    }

    #[test]
    fn breaks_and_definitions_at_the_end_belong_to_nobody(
        rule in prop::sample::select(vec!["---", "***", "___", "- - -"]), definitions in 1usize..4,
    ) {
        let definitions: String = (0..definitions).map(|n| format!("[label-{n}]: https://example.org/{n}\n")).collect();
        let text = format!("# A\n\n{ONE}\n\n{rule}\n\n# B\n\n{TWO}\n\n{rule}\n\n{definitions}");
        let clauses = markdown(&text);
        prop_assert_eq!(clauses.iter().map(git_spec::spec::Clause::lines).collect::<Vec<_>>(), [(1, 3), (7, 9)]);
        prop_assert!(clauses.iter().all(|clause| clause.tokens.iter().all(|token| !token.text.contains("example"))));
    }

    /// Ids that are swapped or reused in one commit don't take the history of their text with them.
    #[test]
    fn text_wins_over_ids(ids in prop::sample::select(vec![("FR-001", "FR-002"), ("FR-009", "FR-010"), ("SC-1", "SC-2")])) {
        let (a, b) = ids;
        let old = format!("# Spec\n\n- **{a}**: {ONE}\n- **{b}**: {TWO}\n");
        let swapped = format!("# Spec\n\n- **{b}**: {ONE}\n- **{a}**: {TWO}\n");
        let done = changes(&[("spec.md", &old)], &[("spec.md", &swapped)]);
        prop_assert_eq!(kinds(&done), [&[ChangeKind::IdChanged], &[ChangeKind::IdChanged]]);
        let reused = format!("# Spec\n\n- **{a}**: {THREE}\n- **{b}**: {ONE}\n");
        let done = changes(&[("spec.md", &old)], &[("spec.md", &reused)]);
        let kept: Vec<_> = done.iter().filter(|change| change.is(ChangeKind::IdChanged)).collect();
        prop_assert_eq!(kept.len(), 1, "{:?}", done);
        prop_assert_eq!(kept[0].rule, Some(Rule::Exact));
        prop_assert!(!done.iter().any(|change| change.is(ChangeKind::Modified)), "{:?}", done);
    }

    /// Every marker may be `1.`: items are told apart by their words.
    #[test]
    fn a_list_of_ones_is_told_apart(first in 0usize..3, style in prop::sample::select(vec!["1.", "1)"])) {
        let write = |items: &[&str]| {
            let items: String = items.iter().map(|item| format!("{style} {item}\n")).collect();
            format!("# Spec\n\n{items}")
        };
        let mut items = vec![ONE, TWO, THREE];
        let old = write(&items);
        prop_assert_eq!(markdown(&old).iter().filter_map(|clause| clause.ordinal).collect::<Vec<_>>(), [1, 2, 3]);
        items.remove(first);
        let done = changes(&[("spec.md", &old)], &[("spec.md", &write(&items))]);
        prop_assert_eq!(kinds(&done), [&[ChangeKind::Removed]]);
    }

    #[test]
    fn a_new_column_changes_no_row(at in 1usize..4, filled in any::<bool>()) {
        let header = ["Id", "Demand", "Level"];
        let rows = [["**1.1.1**", ONE, "✓"], ["**1.1.2**", TWO, ""], ["**1.1.3**", THREE, "✓"]];
        let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
        let table = |header: &[&str], rows: &[Vec<&str>]| {
            format!("# Spec\n\n{}{}{}", line(header), line(&vec!["---"; header.len()]), rows.iter().map(|row| line(row)).collect::<String>())
        };
        let old = table(&header, &rows.map(|row| row.to_vec()));
        let with = |cells: &[&'static str], cell: &'static str| {
            let mut cells: Vec<&str> = cells.to_vec();
            cells.insert(at.min(cells.len()), cell);
            cells
        };
        let new = table(&with(&header, "Since"), &rows.map(|row| with(&row, if filled { "now" } else { "" })).map(|row| row));
        let done = changes(&[("spec.md", &old)], &[("spec.md", &new)]);
        let identities = done.iter().all(|change| change.old.is_some() && change.new.is_some());
        prop_assert!(identities, "{:?}", done);
        if !filled {
            // the header itself is text of the section around
            let rows = done.iter().filter(|change| change.new.is_some_and(|at| at.at > 0));
            prop_assert!(rows.clone().all(|change| !change.is(ChangeKind::Modified)), "{:?}", done);
        }
    }

    #[test]
    fn a_version_in_the_title_renames_one_clause(old in "[0-9]\\.[0-9]\\.[0-9]", new in "[0-9]\\.[0-9]\\.[0-9]") {
        prop_assume!(old != new);
        let file = |version: &str| format!("# The Protocol {version}\n\nThis page says what the protocol demands.\n\n## Login\n\n{ONE}\n\n## Sessions\n\n{TWO}\n");
        let done = changes(&[("spec.md", &file(&old))], &[("spec.md", &file(&new))]);
        prop_assert_eq!(kinds(&done), [&[ChangeKind::Renamed]]);
    }

    #[test]
    fn line_ends_change_nothing(cr in any::<bool>()) {
        let unix = format!("---\na: b\n---\n# Spec\n\nr[a.b]\n{ONE}\n\n1. MUST a\n   b\n2. MUST c\n\n```\ncode\n```\n\n[x]: y\n");
        let dos = unix.replace('\n', "\r\n");
        let (old, new) = if cr { (&unix, &dos) } else { (&dos, &unix) };
        prop_assert_eq!(changes(&[("spec.md", old)], &[("spec.md", new)]), []);
    }
}

/// Link definitions and breaks between clauses are lines of the file and of no clause.
#[test]
fn nobody_owns_what_holds_clauses_apart() {
    let text = format!("# A\n{ONE}\n\n---\n\n# B\n{TWO}\n\n[x]: y\n[z]: w\n");
    assert_eq!(nobodys(&text), [3, 4, 5, 8, 9, 10]);
}

/// A release folder that copies a whole spec adds clauses that name their origin, also when the original is edited in
/// the same commit, and the original stays where it is.
#[test]
fn a_release_folder_is_a_copy() {
    let spec =
        format!("# Spec\n\nWhat this protocol demands of servers.\n\n## Login\n\n{ONE}\n\n## Sessions\n\n{TWO}\n");
    for edited in [spec.clone(), spec.replace("five", "six"), spec.replace("## Login", "## Sign in")] {
        let old = documents(&[("next/spec.md", &spec)]);
        let new = documents(&[("next/spec.md", &edited), ("v1.0/spec.md", &spec)]);
        let done = compare(&refs(&old), &refs(&new));
        let copies: Vec<&Change> = done
            .changes
            .iter()
            .filter(|change| change.new.is_some_and(|at| new[at.doc].path == "v1.0/spec.md"))
            .collect();
        assert_eq!(copies.len(), 3, "{copies:?}");
        for copy in copies {
            assert_eq!(copy.kinds, [ChangeKind::Added]);
            assert!(copy.other.is_some(), "no origin: {copy:?}");
        }
        assert!(!done.changes.iter().any(|change| change.is(ChangeKind::MovedFile) || change.is(ChangeKind::Removed)));
        assert_eq!(done.documents, [(None, Some(1))]);
    }
}

/// A copy that is taken away again is removed, and the original doesn't move out of its file.
#[test]
fn a_copy_undone_is_a_removal() {
    let spec = format!("# Spec\n\n## Login\n\n{ONE}\n\n## Sessions\n\n{TWO}\n");
    let edited = spec.replace("five", "six");
    let old = documents(&[("next/spec.md", &edited), ("v1.0/spec.md", &spec)]);
    let new = documents(&[("next/spec.md", &spec)]);
    let done = compare(&refs(&old), &refs(&new));
    assert!(!done.changes.iter().any(|change| change.is(ChangeKind::MovedFile)), "{:?}", done.changes);
    assert_eq!(done.changes.iter().filter(|change| change.is(ChangeKind::Modified)).count(), 1);
}

/// Converted from reStructuredText to Markdown, each clause goes on living.
#[test]
fn a_converted_file_keeps_its_clauses() {
    let rst = format!(
        "Spec\n====\n\nThis page says what the protocol demands of servers.\n\nLogin\n-----\n\n{ONE} See ``lock()`` for more.\n\nSessions\n--------\n\n{TWO}\n\n* First point of the list here\n* Second point of the list here\n"
    );
    let md = format!(
        "# Spec\n\nThis page says what the protocol demands of servers.\n\n## Login\n\n{ONE} See `lock()` for more.\n\n## Sessions\n\n{TWO}\n\n- First point of the list here\n- Second point of the list here\n"
    );
    for (old, new) in [(("spec.rst", &rst), ("spec.md", &md)), (("spec.md", &md), ("spec.rst", &rst))] {
        let (old, new) = (documents(&[(old.0, old.1)]), documents(&[(new.0, new.1)]));
        let done = compare(&refs(&old), &refs(&new));
        assert_eq!(done.bonds.len(), 3, "{:?}", done.changes);
        assert_eq!(done.documents, [(Some(0), Some(0))]);
        assert!(done.changes.iter().all(|change| !change.is(ChangeKind::Modified)), "{:?}", done.changes);
    }
}

/// A line end in a code span is a space, CRLF too.
#[test]
fn a_code_span_over_two_lines_is_one_literal() {
    let text = "# A `b\nc`\n\nThe server MUST answer with `one\ntwo` to every request.\n";
    assert_eq!(markdown(text), markdown(&text.replace('\n', "\r\n")));
    assert_eq!(markdown(text)[0].version(), markdown(&text.replace("one\ntwo", "one two"))[0].version());
}

/// Front matter stands at the top of a file; what stands between two breaks further down is text.
#[test]
fn text_between_breaks_is_no_front_matter() {
    for rule in ["---", "+++"] {
        let text = format!("# A\n\n{ONE}\n\n{rule}\n{TWO}\n\n{rule}\n\n# B\n\n{THREE}\n");
        let clauses = markdown(&text);
        assert!(clauses[0].text.contains("thirty minutes"), "{:?}", clauses[0]);
        assert!(clauses[0].tokens.iter().any(|token| token.text == "thirty"), "{:?}", clauses[0]);
    }
}

#[test]
fn kiro_criteria_in_paragraphs_are_items() {
    let text = "# Login\n\n### Requirement 1: Lock\n\n**User Story:** As a user I wait.\n\n#### Acceptance Criteria\n\n\
        1.1. WHEN five attempts fail THEN the system SHALL lock\nthe account.\n\n1.2 IF it is locked THEN it SHALL say so:\n\n  - at once\n\n\
        A note on both.\n\n### Requirement 12\n\n**12.1** WHEN a THEN b\n12.2. WHEN c THEN d\n1.3. is no criterion here\n";
    let clauses = markdown(text);
    let seen: Vec<_> = clauses.iter().map(|c| (c.anchor.as_str(), c.ordinal, c.lines())).collect();
    assert_eq!(
        seen,
        [
            ("login", None, (1, 1)),
            ("1", None, (3, 16)),
            ("1.1", Some(1), (9, 10)),
            ("1.2", Some(2), (12, 14)),
            ("12", None, (18, 18)),
            ("12.1", Some(1), (20, 20)),
            ("12.2", Some(2), (21, 22)),
        ]
    );
    assert_eq!(clauses[2].text, "WHEN five attempts fail THEN the system SHALL lock\nthe account.");
    assert!(clauses[1].text.ends_with("A note on both."));
    // the same criterion in a list says the same
    let listed = markdown("### Requirement 1\n\n1. WHEN five attempts fail THEN the system SHALL lock the account.\n");
    assert_eq!(clauses[2].version(), listed[1].version());
}

#[test]
fn the_parts_of_an_internet_draft() {
    let text = "---\ntitle: \"A title\"\ndocname: draft-x-y-latest\nnormative:\n  RFC2119:\n\n--- abstract\n\nIt says how.\n\n\
        --- note_Note_to_Readers\n\nTo be removed.\n\n--- middle\n\n# Introduction\n\nIt MUST.\n\n--- back\n\n# Thanks\n\nAll.\n";
    let clauses = markdown(text);
    let seen: Vec<_> = clauses.iter().map(|c| (c.anchor.as_str(), c.text.as_str(), c.lines())).collect();
    assert_eq!(
        seen,
        [
            ("abstract", "It says how.", (7, 9)),
            ("note-to-readers", "To be removed.", (11, 13)),
            ("introduction", "It MUST.", (17, 19)),
            ("thanks", "All.", (23, 25)),
        ]
    );
    let mmark =
        "%%%\ntitle = \"A title\"\n%%%\n\n.# Abstract\n\nIt says how.\n\n{mainmatter}\n\n# Introduction\n\nIt MUST.\n";
    let seen: Vec<_> = markdown(mmark).iter().map(|c| (c.anchor.clone(), c.text.clone())).collect();
    let expected = [("abstract", "It says how."), ("introduction", "It MUST.")];
    assert_eq!(seen, expected.map(|(anchor, text)| (anchor.to_owned(), text.to_owned())));
    // where nothing says draft, the marks are text
    assert_eq!(anchors("# A\n\n--- middle\n\n.# B\n"), ["a"]);
}

proptest! {
    #![proptest_config(cases(64))]

    /// Both sides of a conflict are read, its markers by nobody; so no setext heading comes from them.
    #[test]
    fn conflict_markers_make_no_clauses(
        side in prop::sample::select(vec!["one text MUST stand", "## Ours\n\ntext", "- a\n- b", "| a | b |", "> quoted", "", "    code"]),
        base in any::<bool>(), ending in prop::sample::select(vec!["md", "rst", "txt", "sdoc", "feature"]),
    ) {
        let middle = if base { "||||||| 1234567\nwas\n" } else { "" };
        let whole = format!("before\n<<<<<<< HEAD\n{side}\n{middle}=======\nother text\n>>>>>>> theirs\nafter\n");
        let text = format!("Title\n-----\n\n{whole}");
        let bare: String = text.lines().map(|line| {
            let is_marker = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
            format!("{}\n", if is_marker { "" } else { line })
        }).collect();
        let of = |text: &str| super::document(&format!("a.{ending}"), text).clauses;
        prop_assert_eq!(of(&text), of(&bare));
    }
}

#[test]
fn a_conflict_shown_in_code_is_an_example() {
    let of = |name: &str| format!("# Conflicts\n\n```\n<<<<<<< {name}\na\n=======\nb\n>>>>>>> c\n```\n");
    assert_ne!(super::version_of(&of("ours"), "Conflicts"), super::version_of(&of("HEAD"), "Conflicts"));
}

#[test]
fn names_have_bounds() {
    let long = "word ".repeat(100_000);
    let text = format!("# {long}\n\n## {long}\n\n### {long}\n\n- **x**\n");
    for clause in markdown(&text) {
        assert!(clause.anchor.chars().count() <= 3 * 257, "{}", clause.anchor.len());
        assert!(clause.title.len() > 1000 || clause.title == "x");
    }
    let depth = 40;
    let nested: String = (0..depth).map(|_| "[[SECTION]]\nTITLE: Same\n\n").collect();
    let clauses = super::document("a.sdoc", &format!("[DOCUMENT]\nTITLE: D\n\n{nested}")).clauses;
    assert_eq!(clauses.len(), depth);
    assert!(clauses.iter().all(|clause| clause.anchor.len() <= 9 * "same/".len() + 3));
}

#[test]
fn untitled_clauses_keep_their_names() {
    for (text, title) in [
        (
            "r[a]\nThe `snake_case` and `*args` of _one_ snake_case **word**.",
            "The snake_case and *args of one snake_case word.",
        ),
        ("r[a]\nSee [the page](https://example.org/a_b) and [that][x] too.", "See the page and that too."),
        ("r[a]\n```grammar,items\nRule -> Name\n```\n", "Rule -> Name"),
        ("r[a]\n__init__ is _not_.", "init is not."),
    ] {
        assert_eq!(markdown(text)[0].title, title, "{text}");
    }
}

#[test]
fn ranges_and_dates_are_no_ids() {
    for ids in [["1-4", "5-8"], ["2024-05-01", "2024-06-01"]] {
        let text = format!(
            "# Levels\n\n| Range | Name |\n|-|-|\n| {} | It MUST trace. |\n| {} | It MUST warn. |\n",
            ids[0], ids[1]
        );
        assert_eq!(anchors(&text), ["levels"], "{text}");
    }
    assert_eq!(anchors("# L\n\n| # | Text |\n|-|-|\n| **1.1.1** | a |\n| V-2 | b |\n"), ["l", "1.1.1", "V-2"]);
}
