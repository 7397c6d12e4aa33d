//! Kiro: `### Requirement N` with ordered acceptance criteria, in a list or in paragraphs; each is an item `N.M`.

use std::ops::Range;

use crate::spec::clause::{Breed, Kind};
use crate::spec::cut::{Cut, ITEM_LEVEL};
use crate::spec::outline::Outline;

/// Takes the "Acceptance Criteria" headings out, so that their text folds into the requirement. `inside` is the level of
/// the numbered requirement that is open before, 0 outside of one; answers the same for what follows.
pub fn fold_criteria_headings(outline: &mut Outline, mut inside: u8) -> u8 {
    let mut folded = Vec::new();
    outline.headings.retain(|heading| {
        let title = heading.title.trim();
        if inside > 0 && heading.level > inside && title.eq_ignore_ascii_case("Acceptance Criteria") {
            folded.push(heading.lines);
            return false;
        }
        let lower = title.to_ascii_lowercase();
        let number =
            lower.strip_prefix("requirement ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if number {
            inside = heading.level;
        } else if heading.level <= inside {
            inside = 0;
        }
        true
    });
    for (first, last) in folded {
        for line in first..=last {
            outline.nobody[line as usize - 1] = true;
        }
    }
    inside
}

/// The criteria of numbered requirements; `sections` in document order.
pub fn cuts(outline: &Outline, sections: &[Cut]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    // in document order: such a list ends before the next one begins
    let criteria: Vec<(u32, u32)> = outline
        .lists
        .iter()
        .filter(|list| list.ordered && list.depth == 1)
        .flat_map(|list| list.items.iter().map(|&item| outline.items[item].lines))
        .collect();
    for (at, section) in sections.iter().enumerate() {
        let Some(number) = section.id.as_deref().filter(|id| id.bytes().all(|b| b.is_ascii_digit())) else { continue };
        if section.kind != Kind::Requirement {
            continue;
        }
        let end = sections.get(at + 1).map_or(outline.count() + 1, |next| next.first);
        let from = criteria.partition_point(|lines| lines.0 < section.first);
        let to = criteria.partition_point(|lines| lines.0 < end);
        for (&(first, last), criterion) in criteria[from..to].iter().zip(1..) {
            let mut cut = Cut::item(first, last, ITEM_LEVEL);
            cut.id = Some(format!("{number}.{criterion}"));
            cut.breed = Breed::Ordinal;
            cut.ordinal = Some(criterion);
            cuts.push(cut);
        }
        paragraphs(outline, number, section.body..end, &criteria[from..to], &mut cuts);
    }
    cuts
}

/// Criteria that are no list: lines that begin with `N.M` or `N.M.`, each with what belongs to it.
fn paragraphs(outline: &Outline, number: &str, lines: Range<u32>, listed: &[(u32, u32)], cuts: &mut Vec<Cut>) {
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
        let mut cut = Cut::item(first, last, ITEM_LEVEL);
        cut.id = Some(format!("{number}.{criterion}"));
        cut.breed = Breed::Ordinal;
        cut.ordinal = Some(criterion);
        cut.opening = Some(rest.to_owned());
        cuts.push(cut);
    }
}

/// `M` and the text in `N.M. text`, `N.M text` or `**N.M** text`.
fn criterion<'l>(line: &'l str, number: &str) -> Option<(u32, &'l str)> {
    let bold = line.strip_prefix("**");
    let rest = bold.unwrap_or(line).strip_prefix(number)?.strip_prefix('.')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (criterion, rest) = rest.split_at(end);
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let rest = if bold.is_some() { rest.strip_prefix("**")? } else { rest };
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    rest.starts_with(' ').then(|| Some((criterion.parse().ok()?, rest.trim_start())))?
}
