//! Ordered lists of demands (Semantic Versioning, Conventional Commits): each top-level item is a clause.
//!
//! The number is a label and never an identity: in real specs every marker may be `1.`.

use crate::spec::cut::{Cut, ITEM_LEVEL};
use crate::spec::outline::Outline;

/// The capital words of RFC 2119.
const CAPITALS: &[&str] = &["MUST", "SHALL", "SHOULD", "MAY", "REQUIRED", "RECOMMENDED", "OPTIONAL"];

/// Items of ordered lists at least half of whose items hold a capital RFC 2119 word.
pub fn cuts(outline: &Outline) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for list in outline.lists.iter().filter(|list| list.ordered && list.depth == 1) {
        let lines: Vec<(u32, u32)> = list.items.iter().map(|&at| outline.items[at].lines).collect();
        let demanding = lines.iter().filter(|(first, last)| (*first..=*last).any(|n| demands(outline.line(n)))).count();
        if lines.is_empty() || demanding * 2 < lines.len() {
            continue;
        }
        for (at, (first, last)) in lines.into_iter().enumerate() {
            let mut cut = Cut::item(first, last, ITEM_LEVEL);
            cut.ordinal = u32::try_from(at + 1).ok();
            cuts.push(cut);
        }
    }
    cuts
}

/// Whether a line holds a capital RFC 2119 word.
pub fn demands(line: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric()).any(|word| CAPITALS.contains(&word))
}
