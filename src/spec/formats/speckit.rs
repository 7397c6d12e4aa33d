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

/// `FR-001` and what follows it, in `**FR-001**: …`, `**FR-001:** …`, `***FR-001***` or ``**`FR-001`**``, behind a task mark too.
fn bold_id(opening: &str) -> Option<(&str, &str)> {
    let text = ["[ ] ", "[x] ", "[X] "].iter().find_map(|mark| opening.strip_prefix(mark)).unwrap_or(opening);
    let mark = ["***", "___", "**", "__"].into_iter().find(|mark| text.starts_with(mark))?;
    let (inner, rest) = text[mark.len()..].split_once(mark)?;
    let id = inner.trim().trim_end_matches(':');
    let id = id.strip_prefix('`').and_then(|id| id.strip_suffix('`')).unwrap_or(id);
    is_label(id).then(|| (id, rest.strip_prefix(':').unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use crate::spec::formats::{Format, segment};

    #[test]
    fn a_bold_id_however_it_is_marked() {
        let id = |item: &str| {
            segment(Format::Markdown, format!("# A\n\n{item}\n").as_bytes())[1..].first().and_then(|c| c.id.clone())
        };
        for item in [
            "- **FR-6**: x",
            "* __FR-6__: x",
            "- **`FR-6`** x",
            "- ***FR-6***: x",
            "- [ ] ___FR-6___: x",
            "1. **FR-6:** x",
        ] {
            assert_eq!(id(item).as_deref(), Some("FR-6"), "{item}");
        }
        for item in ["- *FR-6*: x", "- `FR-6`: x", "- _FR-6_ x", "- **FR-6 [P]**: x"] {
            assert_eq!(id(item), None, "{item}");
        }
    }
}
