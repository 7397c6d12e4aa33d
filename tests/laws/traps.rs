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
        prop_assert!(clauses.iter().all(|clause| clause.tokens().iter().all(|token| !token.text.contains("example"))));
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

/// What became of the clauses of two files, by their anchors before and after; `-` where there is none.
fn fates(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<(String, String)> {
    let (old, new) = (documents(old), documents(new));
    let done = compare(&refs(&old), &refs(&new));
    let name = |side: &[git_spec::spec::matching::Document], at: git_spec::spec::matching::ClauseAt| {
        side[at.doc].clauses[at.at].anchor.clone()
    };
    let mut fates: Vec<(String, String)> =
        done.bonds.iter().map(|bond| (name(&old, bond.old), name(&new, bond.new))).collect();
    for change in &done.changes {
        match (change.old, change.new) {
            (Some(at), None) => fates.push((name(&old, at), "-".to_owned())),
            (None, Some(at)) => fates.push(("-".to_owned(), name(&new, at))),
            _ => {}
        }
    }
    fates.sort();
    fates
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = expected.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect();
    pairs.sort();
    pairs
}

/// Titles say what a reader looks for, text says what is demanded: where two clauses swap their texts, the text wins.
#[test]
fn swapped_texts_take_their_lineage_along() {
    let file = |a: &str, b: &str| format!("# Spec\n\n## Login\n\n{a}\n\n## Sessions\n\n{b}\n");
    let fates = fates(&[("s.md", &file(ONE, TWO))], &[("s.md", &file(TWO, ONE))]);
    assert_eq!(fates, pairs(&[("spec", "spec"), ("login", "sessions"), ("sessions", "login")]));
}

#[test]
fn a_spec_moved_to_another_folder_and_edited_lives_on() {
    let file = |title: &str, three: &str| {
        format!(
            "# {title}\n\nWhat is demanded of servers.\n\n## Login\n\n{ONE}\n\n## Sessions\n\n{TWO}\n\n## Replies\n\n{three}\n"
        )
    };
    let old = file("Spec", THREE);
    let edits = [
        file("Spec", "Every reply MUST carry the time at which it was sent."),
        file("The spec", THREE),
        file("Spec", THREE).replace("MUST", "SHALL"),
        file("Spec", THREE).replace("## Login", "## Sign-in"),
    ];
    for new in edits {
        let (old, new) = (documents(&[("draft/spec.md", &old)]), documents(&[("spec/v1/spec.md", &new)]));
        let done = compare(&refs(&old), &refs(&new));
        assert_eq!(done.bonds.len(), 4, "{:?}", done.changes);
        assert_eq!(done.documents, [(Some(0), Some(0))]);
        assert!(!done.changes.iter().any(|change| change.is(ChangeKind::MovedFile)), "{:?}", done.changes);
    }
}

#[test]
fn a_strictdoc_file_that_becomes_markdown_keeps_its_clauses() {
    let node = |uid: &str, title: &str, text: &str| {
        format!("[REQUIREMENT]\nUID: {uid}\nTITLE: {title}\nSTATEMENT: >>>\n{text}\n<<<\n\n")
    };
    let sdoc = format!(
        "[DOCUMENT]\nTITLE: Spec\n\n{}{}{}",
        node("LOGIN", "Login", ONE),
        node("SESSION", "Sessions", TWO),
        node("REPLY", "Replies", THREE)
    );
    let md = format!("# Spec\n\n## Login\n\n{ONE}\n\n## Sessions\n\n{TWO}\n\n## Replies\n\n{THREE}\n");
    for (old, new, at) in [(("s.sdoc", &sdoc), ("s.md", &md), 0), (("s.md", &md), ("s.sdoc", &sdoc), 1)] {
        let fates = fates(&[(old.0, old.1)], &[(new.0, new.1)]);
        for (node, section) in [("LOGIN", "login"), ("SESSION", "sessions"), ("REPLY", "replies")] {
            let pair = if at == 0 { (node, section) } else { (section, node) };
            assert!(fates.contains(&(pair.0.to_owned(), pair.1.to_owned())), "{pair:?} in {fates:?}");
        }
    }
}

#[test]
fn headings_that_become_rule_markers_keep_their_text() {
    let old = format!("# Spec\n\n## Login\n\n{ONE}\n\n## Sessions\n\n{TWO}\n");
    let under = format!("# Spec\n\n## Login\n\nr[login.lock]\n{ONE}\n\n## Sessions\n\nr[session.end]\n{TWO}\n");
    let before = format!("# Spec\n\nr[login.lock]\n## Login\n\n{ONE}\n\nr[session.end]\n## Sessions\n\n{TWO}\n");
    for new in [under, before] {
        let fates = fates(&[("s.md", &old)], &[("s.md", &new)]);
        for pair in [("login", "login.lock"), ("sessions", "session.end")] {
            assert!(fates.contains(&(pair.0.to_owned(), pair.1.to_owned())), "{pair:?} in {fates:?}");
        }
    }
}

#[test]
fn a_file_split_into_several_keeps_every_clause() {
    let old = format!("# Spec\n\n## Login\n\n{ONE}\n\n## Sessions\n\n{TWO}\n\n## Replies\n\n{THREE}\n");
    let login = format!("# Login\n\n## Login\n\n{ONE}\n");
    let rest = format!("# The rest\n\n## Sessions\n\n{TWO}\n\n## Replies\n\n{}\n", THREE.replace("SHOULD", "MUST"));
    let fates = fates(&[("spec.md", &old)], &[("spec/login.md", &login), ("spec/rest.md", &rest)]);
    for clause in ["sessions", "replies"] {
        assert!(fates.contains(&(clause.to_owned(), clause.to_owned())), "{clause} in {fates:?}");
    }
    assert!(fates.iter().any(|(old, new)| old == "login" && new.contains("login")), "{fates:?}");
}

#[test]
fn several_files_joined_into_one_keep_every_clause() {
    let login = format!("# Login\n\n## Lockout\n\n{ONE}\n");
    let rest = format!("# The rest\n\n## Sessions\n\n{TWO}\n\n## Replies\n\n{THREE}\n");
    let new = format!(
        "# Spec\n\n## Lockout\n\n{ONE}\n\n## Sessions\n\n{}\n\n## Replies\n\n{THREE}\n",
        TWO.replace("thirty", "twenty")
    );
    let fates = fates(&[("spec/login.md", &login), ("spec/rest.md", &rest)], &[("spec.md", &new)]);
    for clause in ["lockout", "sessions", "replies"] {
        assert!(fates.contains(&(clause.to_owned(), clause.to_owned())), "{clause} in {fates:?}");
    }
}

/// One clause cut into new ones names them as split; new words around the pieces don't matter.
#[test]
fn one_clause_cut_into_two_new_ones_is_split() {
    let old = format!("# Spec\n\n## All of it\n\n{ONE} {TWO}\n\n## End\n\n{THREE}\n");
    let new = format!("# Spec\n\n## Lockout\n\n{ONE}\n\n## Sessions\n\n{TWO}\n\n## End\n\n{THREE}\n");
    let done = changes(&[("s.md", &old)], &[("s.md", &new)]);
    let split: Vec<_> = done.iter().filter(|change| change.is(ChangeKind::Split)).collect();
    assert!(!split.is_empty() && split.iter().all(|change| change.other.is_some()), "{done:?}");
    let back = changes(&[("s.md", &new)], &[("s.md", &old)]);
    assert!(back.iter().any(|change| change.is(ChangeKind::Merged) && change.other.is_some()), "{back:?}");
}

/// A section put in front shifts the number of every section behind it, in titles and in ids.
#[test]
fn an_inserted_section_renumbers_and_breaks_nothing() {
    let file = |sections: &[(&str, &str)]| -> String {
        let section = |(at, (title, text)): (usize, &(&str, &str))| {
            let n = at + 1;
            format!("## {n}. {title}\n\n#### Requirement {n}.1\n\n> {text}\n\n")
        };
        format!("# Spec\n\n{}", sections.iter().enumerate().map(section).collect::<String>())
    };
    let all = [("Login", ONE), ("Sessions", TWO), ("Replies", THREE)];
    let fourth = ("Names", "A name MUST NOT hold any sign but letters and digits.");
    let old = file(&all);
    let new = file(&[fourth, all[0], all[1], all[2]]);
    let fates = fates(&[("s.md", &old)], &[("s.md", &new)]);
    for n in 1..=3 {
        let pair = (format!("{n}.1"), format!("{}.1", n + 1));
        assert!(fates.contains(&pair), "{pair:?} in {fates:?}");
    }
    assert_eq!(fates.iter().filter(|(old, _)| old == "-").count(), 2, "{fates:?}");
    assert!(!fates.iter().any(|(_, new)| new == "-"), "{fates:?}");
}

/// A number that gets another demand is a new clause, also when the words of every row around are shared.
#[test]
fn a_reused_number_is_another_demand() {
    let table = |rows: &[(&str, &str)]| -> String {
        let rows: String = rows.iter().map(|(id, text)| format!("| **{id}** | {text} | ✓ | ✓ |\n")).collect();
        format!("# Rows\n\n| # | Description | L1 | L2 |\n|---|---|---|---|\n{rows}")
    };
    let stays = [
        ("1.1.1", "Verify that the application logs every attempt to log in with the time."),
        ("1.1.2", "Verify that the application refuses passwords from the list of stolen ones."),
        ("1.1.3", "Verify that the application encrypts the keys with which it signs tokens."),
        ("1.1.4", "Verify that the application shows no stack traces to its users."),
    ];
    let with = |text| table(&[stays[0], stays[1], ("1.1.9", text), stays[2], stays[3]]);
    let old = with("Verify that mail settings are changed only after a second log-in with another device.");
    let reused = with("Verify that the application names external systems on a list before it connects to any.");
    let reworded = with("Verify that only somebody after a second log-in with a device changes settings of the mail.");
    let withdrawn = with("[DELETED, MERGED TO 1.1.1]");
    let fate =
        |new: &str| fates(&[("r.md", &old)], &[("r.md", new)]).contains(&("1.1.9".to_owned(), "1.1.9".to_owned()));
    assert!(!fate(&reused), "another demand under the number");
    assert!(fate(&reworded), "the same demand in other words");
    assert!(fate(&withdrawn), "a mark that the demand is withdrawn");
}

/// What stands in many files tells nothing about which of them is which.
#[test]
fn a_notice_of_many_files_binds_none_of_them() {
    let notice = "This document is a work in progress for researchers and implementers.";
    let gone = format!("# Alpha node\n\n{notice}\n\n## Alpha part\n\n{ONE}\n");
    let also_gone = format!("# Beta node\n\n{notice}\n\n## Beta part\n\n{TWO}\n");
    let come = format!("# Gamma chain\n\n{notice}\n\n## Gamma part\n\n{THREE}\n");
    let also_come = format!("# Delta chain\n\n{notice}\n\n## Delta part\n\nNothing that was here before is said.\n");
    let fates = fates(&[("a.md", &gone), ("b.md", &also_gone)], &[("c.md", &come), ("d.md", &also_come)]);
    assert!(fates.iter().all(|(old, new)| old == "-" || new == "-"), "{fates:?}");
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
        assert!(clauses[0].tokens().iter().any(|token| token.text == "thirty"), "{:?}", clauses[0]);
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
        let is_marker = |line: &str| ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
        let bare: String = text.lines().filter(|line| !is_marker(line)).map(|line| format!("{line}\n")).collect();
        let of = |text: &str| super::document(&format!("a.{ending}"), text).clauses;
        let named = |text: &str| of(text).into_iter().map(|clause| clause.named).collect::<Vec<_>>();
        prop_assert_eq!(named(&text), named(&bare));
        let lines: Vec<&str> = text.lines().collect();
        for span in of(&text).iter().flat_map(|clause| clause.spans.iter()) {
            prop_assert!((span.first..=span.last).all(|number| !is_marker(lines[number as usize - 1])));
        }
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
