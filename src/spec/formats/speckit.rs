//! Spec Kit: `- **FR-001**: …` items, and `### User Story n` sections.

use super::requirements::is_label;
use crate::spec::clause::{Breed, Kind};
use crate::spec::cut::{Cut, ITEM_LEVEL};
use crate::spec::outline::Outline;

/// Marks user stories; their number is a label.
pub fn refine(cut: &mut Cut) {
    let title = cut.title.as_deref().unwrap_or("");
    if let Some(rest) = title.strip_prefix("User Story ") {
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        cut.ordinal = number.parse().ok();
        if cut.ordinal.is_some() {
            cut.kind = Kind::Requirement;
        }
    }
}

/// What is nested deeper stands beside what is nested so deep.
const DEEPEST: u8 = 32;

/// List items that begin with a bold id.
pub fn cuts(outline: &Outline) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for list in &outline.lists {
        for &at in &list.items {
            let item = &outline.items[at];
            let Some((id, rest)) = bold_id(&item.opening) else { continue };
            let level = ITEM_LEVEL.saturating_add(u8::try_from(list.depth).unwrap_or(DEEPEST).min(DEEPEST));
            let mut cut = Cut::item(item.lines.0, item.lines.1, level);
            cut.id = Some(id.to_owned());
            cut.breed = Breed::Ordinal;
            cut.opening = Some(format!("- {}", rest.trim_start()));
            cuts.push(cut);
        }
    }
    cuts
}

/// `FR-001` and what follows it, in `**FR-001**: …` or `**FR-001:** …`, behind a task mark too.
fn bold_id(opening: &str) -> Option<(&str, &str)> {
    let text = ["[ ] ", "[x] ", "[X] "].iter().find_map(|mark| opening.strip_prefix(mark)).unwrap_or(opening);
    let (inner, rest) = text.strip_prefix("**")?.split_once("**")?;
    let id = inner.trim().trim_end_matches(':');
    is_label(id).then(|| (id, rest.strip_prefix(':').unwrap_or(rest)))
}
