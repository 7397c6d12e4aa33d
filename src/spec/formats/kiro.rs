//! Kiro: `### Requirement N` with ordered acceptance criteria; each criterion is an item `N.M`.

use crate::spec::clause::{Breed, Kind};
use crate::spec::cut::{Cut, ITEM_LEVEL};
use crate::spec::outline::Outline;

/// Takes the "Acceptance Criteria" headings out, so that their text folds into the requirement.
pub fn fold_criteria_headings(outline: &mut Outline) {
    let mut inside = 0;
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
}

/// The criteria of numbered requirements; `sections` in document order.
pub fn cuts(outline: &Outline, sections: &[Cut]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for (at, section) in sections.iter().enumerate() {
        let Some(number) = section.id.as_deref().filter(|id| id.bytes().all(|b| b.is_ascii_digit())) else { continue };
        if section.kind != Kind::Requirement {
            continue;
        }
        let end = sections.get(at + 1).map_or(u32::MAX, |next| next.first);
        let mut criterion = 0;
        for list in outline.lists.iter().filter(|list| list.ordered && list.depth == 1) {
            for &item in &list.items {
                let lines = outline.items[item].lines;
                if lines.0 < section.first || lines.0 >= end {
                    continue;
                }
                criterion += 1;
                let mut cut = Cut::item(lines.0, lines.1, ITEM_LEVEL);
                cut.id = Some(format!("{number}.{criterion}"));
                cut.breed = Breed::Ordinal;
                cut.ordinal = Some(criterion);
                cuts.push(cut);
            }
        }
    }
    cuts
}
