//! Kiro: `### Requirement N` with ordered acceptance criteria, in a list or in paragraphs; each is an item `N.M`.

use std::ops::Range;

use super::requirements;
use crate::spec::clause::{Breed, Kind};
use crate::spec::cut::{Cut, ITEM_LEVEL};
use crate::spec::outline::{Heading, Outline};

/// The numbered requirement that is open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Open {
    /// The level of its heading, 0 outside of one.
    pub level: u8,
    /// Its number; 0 where it has none of its own, or has one that isn't as short as it can be.
    pub number: u32,
}

/// A heading "Acceptance Criteria": its line, and the requirement that it stands in.
pub type Criteria = (u32, Open);

/// Takes the "Acceptance Criteria" headings out, so that their text folds into what stands before. `open` is the requirement
/// that is open before; answers the one that is open behind, and the headings.
pub fn fold_criteria_headings(outline: &mut Outline, mut open: Open) -> (Open, Vec<Criteria>) {
    let (mut folded, mut criteria) = (Vec::new(), Vec::new());
    outline.headings.retain(|heading| {
        let title = heading.title.trim();
        let is_criteria = title.trim_end_matches([':', ' ']).eq_ignore_ascii_case("Acceptance Criteria");
        if open.level > 0 && heading.level > open.level && is_criteria {
            folded.push(heading.lines);
            criteria.push((heading.lines.0, open));
            return false;
        }
        let lower = title.to_ascii_lowercase();
        if lower.strip_prefix("requirement ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            open = Open { level: heading.level, number: number_of(heading).unwrap_or(0) };
        } else if heading.level <= open.level {
            open = Open::default();
        }
        true
    });
    for (first, last) in folded {
        for line in first..=last {
            outline.nobody[line as usize - 1] = true;
        }
    }
    (open, criteria)
}

/// The number that a requirement has for its id.
fn number_of(heading: &Heading) -> Option<u32> {
    let number = requirements::numbered(heading.title.trim()).filter(|_| heading.id.is_none())?;
    number.parse().ok().filter(|found: &u32| found.to_string() == number)
}

/// The criteria of numbered requirements; `sections` and `criteria` in document order.
pub fn cuts(outline: &Outline, sections: &[Cut], criteria: &[Criteria]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    // in document order: such a list ends before the next one begins
    let lists = outline.lists.iter().filter(|list| list.ordered && list.depth == 1);
    let items: Vec<(u32, u32)> =
        lists.flat_map(|list| list.items.iter().map(|&item| outline.items[item].lines)).collect();
    let between = |first: u32, end: u32| {
        let from = items.partition_point(|item| item.0 < first);
        &items[from..items.partition_point(|item| item.0 < end).max(from)]
    };
    for (at, section) in sections.iter().enumerate() {
        let end = sections.get(at + 1).map_or(outline.count() + 1, |next| next.first);
        let own = section.id.as_deref().filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
        if let Some(number) = own.filter(|_| section.kind == Kind::Requirement) {
            listed(outline, (number, ITEM_LEVEL), between(section.first, end), section.body..end, &mut cuts);
            continue;
        }
        // of a section in the requirement only what is said to be criteria
        let behind = &criteria[criteria.partition_point(|(line, _)| *line < section.first)..];
        if let Some((line, open)) = behind.first().filter(|(line, open)| *line < end && open.number > 0) {
            let number = open.number.to_string();
            listed(outline, (&number, open.level + 1), between(*line, end), *line..end, &mut cuts);
        }
    }
    cuts
}

/// The criteria of a requirement, given its number and their level: items of lists, and paragraphs among `lines`.
fn listed(
    outline: &Outline,
    (number, level): (&str, u8),
    items: &[(u32, u32)],
    lines: Range<u32>,
    cuts: &mut Vec<Cut>,
) {
    for (&(first, last), criterion) in items.iter().zip(1..) {
        let mut cut = Cut::item(first, last, level);
        cut.id = Some(format!("{number}.{criterion}"));
        cut.breed = Breed::Ordinal;
        cut.ordinal = Some(criterion);
        cuts.push(cut);
    }
    paragraphs(outline, (number, level), lines, items, cuts);
}

/// Criteria that are no list: lines that begin with `N.M` or `N.M.`, each with what belongs to it.
fn paragraphs(
    outline: &Outline,
    (number, level): (&str, u8),
    lines: Range<u32>,
    listed: &[(u32, u32)],
    cuts: &mut Vec<Cut>,
) {
    let of = |at: u32| {
        let before = &listed[..listed.partition_point(|&(first, _)| first <= at)];
        let is_listed = || before.last().is_some_and(|&(_, last)| at <= last);
        criterion(outline.line(at), number).filter(|_| !outline.verbatim[at as usize - 1] && !is_listed())
    };
    let mut at = lines.start;
    while at < lines.end {
        let Some((criterion, rest)) = of(at) else {
            at += 1;
            continue;
        };
        let first = at;
        let mut last = at;
        at += 1;
        while at < lines.end && of(at).is_none() && !outline.nobody[at as usize - 1] {
            let line = outline.line(at);
            // behind a blank line only what is indented goes on
            if !line.trim().is_empty() && (last + 1 == at || line.starts_with([' ', '\t'])) {
                last = at;
            } else if !line.trim().is_empty() {
                break;
            }
            at += 1;
        }
        let mut cut = Cut::item(first, last, level);
        cut.id = Some(format!("{number}.{criterion}"));
        cut.breed = Breed::Ordinal;
        cut.ordinal = Some(criterion);
        match rest {
            "" => cut.body = first + 1,
            rest => cut.opening = Some(rest.to_owned()),
        }
        cuts.push(cut);
    }
}

/// `M` and the text in `N.M. text`, `N.M text` or `**N.M** text`, which may be empty.
fn criterion<'l>(line: &'l str, number: &str) -> Option<(u32, &'l str)> {
    let text = line.trim_start_matches(' ');
    let line = if line.len() - text.len() < 4 { text } else { line };
    let bold = line.strip_prefix("**");
    let rest = bold.unwrap_or(line).strip_prefix(number)?.strip_prefix('.')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (criterion, rest) = rest.split_at(end);
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let rest = if bold.is_some() { rest.strip_prefix("**")? } else { rest };
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| Some((criterion.parse().ok()?, rest.trim_start())))?
}

#[cfg(test)]
mod tests {
    use crate::spec::formats::{Format, segment};

    fn found(text: &str) -> Vec<(String, String, Vec<String>)> {
        let clauses = segment(Format::Markdown, text.as_bytes());
        let named = |at: usize| {
            (clauses[at].anchor.clone(), clauses[at].text.clone(), crate::spec::clause::headings(&clauses, at))
        };
        (0..clauses.len()).map(named).collect()
    }

    fn anchors(text: &str) -> Vec<String> {
        found(text).into_iter().map(|(anchor, _, _)| anchor).collect()
    }

    #[test]
    fn criteria_behind_a_user_story_are_those_of_the_requirement() {
        let story = "### Requirement 1\n\n#### User Story\n\nAs one\n\n";
        for heading in ["#### Acceptance Criteria", "#### Acceptance criteria:", "#### **Acceptance Criteria** :"] {
            let text = format!("{story}{heading}\n\n1. WHEN x\n2. WHEN y\n\n### Notes\n\n1. no\n");
            let found = found(&text);
            let told: Vec<_> =
                found.iter().map(|(anchor, text, up)| (anchor.as_str(), text.as_str(), up.len())).collect();
            let notes = ("notes", "1. no", 0);
            let wanted =
                [("1", "", 0), ("user-story", "As one", 1), ("1.1", "1. WHEN x", 1), ("1.2", "2. WHEN y", 1), notes];
            assert_eq!(told, wanted, "{heading}");
        }
        assert_eq!(anchors(&format!("{story}1. not said\n")), ["1", "user-story"]);
    }

    #[test]
    fn numbers_of_criteria_in_paragraphs() {
        let text = "### Requirement 1\n\n1.1 WHEN x\n\n  1.2 indented\n\n1.3\ttab\n\n1.4\nalone\n\n**1.5**\n\n    1.6 code\n\n1.7WHEN\n";
        let told: Vec<_> = found(text).into_iter().map(|(anchor, text, _)| (anchor, text)).skip(1).collect();
        let wanted =
            [("1.1", "WHEN x"), ("1.2", "indented"), ("1.3", "tab"), ("1.4", "alone"), ("1.5", "    1.6 code")];
        assert_eq!(told.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect::<Vec<_>>(), wanted);
    }
}
