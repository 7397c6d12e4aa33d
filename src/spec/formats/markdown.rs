//! Markdown: headings are sections, and each dialect adds or refines cuts. Which one applies is decided by content.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::passages::passages;
use super::{internet_draft, kiro, lists, markers, mdx, openspec, requirements, speckit, tables};
use crate::spec::clause::{Breed, Clause, Part, place};
use crate::spec::cut::{self, Cut};
use crate::spec::memo::{Before, Memo, Passage};
use crate::spec::outline::Outline;
use crate::spec::prose::Footnote;

/// The clauses of a Markdown file; `jsx` says whether it is MDX.
pub fn clauses(text: &str, jsx: bool, memo: &Memo) -> Vec<Clause> {
    // The marks of an Internet-Draft are known only from the whole of it.
    let texts = if internet_draft::is_draft(text) { vec![text] } else { passages(text) };
    let has_notes = text.contains("[^");
    let footnotes = if has_notes { Footnotes::of(&texts, memo) } else { Footnotes::default() };
    let mut before = Before { jsx, ..Before::default() };
    let mut read: Vec<Arc<Passage>> = Vec::with_capacity(texts.len());
    for text in texts {
        let notes = if has_notes && text.contains("[^") { footnotes.key.as_str() } else { "" };
        let passage = memo.passage(text, before, notes, || passage(text, before, &footnotes.texts, memo));
        before = passage.after;
        read.push(passage);
    }
    let mut line = 0;
    place(read.iter().flat_map(|passage| {
        let above = line;
        line += passage.lines;
        passage.parts.iter().map(move |part| (part, above))
    }))
}

/// The footnotes of a file, on which a clause that refers to one depends.
#[derive(Default)]
struct Footnotes {
    texts: HashMap<String, Footnote>,
    /// All of them as one text.
    key: String,
}

impl Footnotes {
    fn of(passages: &[&str], memo: &Memo) -> Footnotes {
        let mut footnotes = Footnotes::default();
        for text in passages.iter().filter(|text| text.contains("[^")) {
            for (label, note) in memo.notes(text, || Outline::new(text).footnotes).iter() {
                footnotes.key.extend([label.as_str(), "\0", note.as_str(), "\0"]);
                // of two with one label the first counts
                footnotes.texts.entry(label.clone()).or_insert_with(|| Footnote::new(note.clone()));
            }
        }
        footnotes
    }
}

fn passage(text: &str, before: Before, footnotes: &HashMap<String, Footnote>, memo: &Memo) -> Passage {
    let shown = if before.jsx { mdx::without_tags(text) } else { Cow::Borrowed(text) };
    let mut outline = Outline::shown_as(text, &shown);
    internet_draft::mark(&mut outline);
    let open = kiro::Open { level: before.requirement, number: before.number };
    let (open, criteria) = kiro::fold_criteria_headings(&mut outline, open);
    let mut cuts = sections(&outline, before.section);
    for cut in &mut cuts {
        openspec::refine(cut);
        speckit::refine(cut);
        requirements::refine(cut, outline.line(cut.first));
    }
    let kiro = kiro::cuts(&outline, &cuts, &criteria);
    let marked = speckit::cuts(&outline);
    let demands = lists::cuts(&outline);
    let rows = tables::cuts(&outline, footnotes);
    let mut taken: HashSet<u32> = HashSet::new();
    for more in [kiro, marked, demands, rows].into_iter().flatten() {
        if taken.insert(more.first) {
            cuts.push(more);
        }
    }
    let section = outline.headings.last().map_or(before.section, |heading| heading.level);
    let parts = cut::drafts(&outline, cuts, footnotes, memo).into_iter().map(Part::of).collect();
    let after = Before { section, requirement: open.level, number: open.number, ..before };
    Passage { parts, lines: outline.count(), after }
}

/// Headings and rule markers in document order, `section` being the level of the last heading before.
fn sections(outline: &Outline, mut section: u8) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    let marks = markers::find(outline);
    let mut marks = marks.into_iter().peekable();
    let mut claimed: Option<markers::Marker> = None;
    for heading in outline.headings.iter().map(Some).chain([None]) {
        let until = heading.map_or(u32::MAX, |h| h.lines.0);
        while let Some(mark) = marks.next_if(|mark| mark.line < until) {
            let leads = || heading.is_some_and(|h| markers::leads_to(outline, mark.line, h.lines.0));
            if let Some(named) =
                cuts.last_mut().filter(|_| mark.follows_heading && mark.after_heading(outline, section))
            {
                named.body = mark.line + 1;
                mark.name(named);
            } else if claimed.is_none() && leads() {
                claimed = Some(mark);
            } else {
                cuts.push(mark.cut(section + 1));
            }
        }
        let Some(heading) = heading else { break };
        section = heading.level;
        let mut cut = Cut::section(heading.lines.0, heading.lines.1 + 1, heading.level);
        cut.title = Some(heading.title.trim().to_owned());
        if let Some(id) = &heading.id {
            cut.breed = breed_of(id);
            cut.id = Some(id.clone());
        }
        if let Some(mark) = claimed.take() {
            cut.first = mark.line;
            mark.name(&mut cut);
        }
        cuts.push(cut);
    }
    cuts
}

/// Whether an id is a chosen name or a number in a sequence.
pub fn breed_of(id: &str) -> Breed {
    let number = id.rsplit(['-', '_', '.', '~']).next().unwrap_or(id);
    let numbered = number.starts_with(|c: char| c.is_ascii_digit());
    let head = id[..id.len() - number.len()].trim_end_matches(['-', '_', '.', '~']);
    let sequence = head.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_'));
    if numbered && sequence { Breed::Ordinal } else { Breed::Slug }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The whole file as one passage.
    fn whole(text: &str) -> Vec<Clause> {
        let memo = Memo::default();
        let footnotes = Footnotes::of(&[text], &memo);
        let read = passage(text, Before::default(), &footnotes.texts, &memo);
        place(read.parts.iter().map(|part| (part, 0)))
    }

    /// Lines that a passage could end or begin at, and what reaches from one into the next.
    const SNIPPETS: &[&str] = &[
        "# A\n",
        "## B\n",
        "### B\n",
        "r[a.b]\n",
        "r[c]\n## C\n",
        "> r[q]\n",
        "    r[code]\n",
        "`req~x~1`\n",
        "see [x]\n",
        "\n",
        "\n\n",
        "\n# A\n",
        "\nr[d]\n",
        "\n### B\n\n",
        "The server MUST answer within five seconds.\n",
        "text\n",
        "<!-- comment -->\n",
        "<!--\n",
        "-->\n",
        "```\n",
        "  ```\n",
        "- item\n",
        "  more\n",
        "1. MUST one\n",
        "2. two\n",
        "\n# Requirement 1\n",
        "\n## Requirement 2: Login\n",
        "\n### User Story\n",
        "\n### Acceptance Criteria:\n",
        "2.1\nmore\n",
        "  2.2 indented\n",
        "<!-- one\ntwo -->\n",
        "r[e]\nUnder\n---\n",
        "in r[f]\nr[g]\nprose\n",
        "\n#### Acceptance Criteria\n",
        "\n#### [Acceptance](x) *Crit*eria\n",
        "\n## Other\n",
        "- **FR-001**: MUST do\n",
        "| id | b |\n|-|-|\n| 1.1 | 2 |\n",
        "Title\n===\n",
        "Title\n---\n",
        "---\n",
        "---\ntitle: x\n---\n",
        "a[^1] b\n",
        "[^1]: note\n",
        "[^1]: other\n",
        "[^2]: see[^1]\n",
        "[x]: y\n",
        "<div>\n",
        "</div>\n",
        "> # Q\n",
        "{: #id}\n",
        "# D {#d}\n",
        "\n#### Requirement: x\n",
    ];

    fn file() -> impl Strategy<Value = Vec<&'static str>> {
        prop::collection::vec(prop::sample::select(SNIPPETS), 0..30)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn passages_read_as_the_whole_does(parts in file()) {
            let text: String = parts.concat();
            prop_assert_eq!(passages(&text).concat(), text.clone());
            prop_assert_eq!(clauses(&text, false, &Memo::default()), whole(&text), "{:?}", text);
        }

        #[test]
        fn a_text_stands_where_its_body_says(parts in file(), crlf in any::<bool>()) {
            let text: String = parts.concat();
            let text = if crlf { text.replace('\n', "\r\n") } else { text };
            let lines = super::super::lines_of(text.as_bytes());
            for clause in super::super::segment(super::super::Format::Markdown, text.as_bytes()) {
                if let (Some(body), Some(lines)) = (&clause.body, &lines) {
                    prop_assert_eq!(lines.text(body), Some(clause.text.clone()), "{:?}", text);
                }
            }
        }

        #[test]
        fn what_was_read_before_changes_nothing(
            parts in file(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(prop::sample::select(SNIPPETS))), 1..6),
        ) {
            let memo = Memo::default();
            let mut parts = parts;
            for (at, edit) in edits {
                let text: String = parts.concat();
                prop_assert_eq!(clauses(&text, false, &memo), whole(&text), "{:?}", text);
                match edit {
                    Some(line) => parts.insert(at.index(parts.len() + 1), line),
                    None if !parts.is_empty() => drop(parts.remove(at.index(parts.len()))),
                    None => {}
                }
            }
        }
    }
}
