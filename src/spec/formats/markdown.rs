//! Markdown: headings are sections, and each dialect adds or refines cuts. Which one applies is decided by content.

use std::collections::HashSet;

use super::{internet_draft, kiro, lists, markers, openspec, requirements, speckit, tables};
use crate::spec::clause::{Breed, Draft};
use crate::spec::cut::{self, Cut};
use crate::spec::memo::Memo;
use crate::spec::outline::Outline;

/// The clauses of a Markdown file.
pub fn drafts(text: &str, memo: &mut Memo) -> Vec<Draft> {
    let mut outline = Outline::new(text, memo);
    internet_draft::mark(&mut outline);
    kiro::fold_criteria_headings(&mut outline);
    let mut cuts = sections(&outline);
    for cut in &mut cuts {
        openspec::refine(cut);
        speckit::refine(cut);
        requirements::refine(cut);
    }
    let kiro = kiro::cuts(&outline, &cuts);
    let marked = speckit::cuts(&outline);
    let demands = lists::cuts(&outline);
    let rows = tables::cuts(&outline);
    let mut taken: HashSet<u32> = HashSet::new();
    for more in [kiro, marked, demands, rows].into_iter().flatten() {
        if taken.insert(more.first) {
            cuts.push(more);
        }
    }
    cut::drafts(&outline, cuts, memo)
}

/// Headings and rule markers in document order.
fn sections(outline: &Outline) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    let marks = markers::find(outline);
    let mut marks = marks.into_iter().peekable();
    let mut section = 0;
    let mut claimed: Option<markers::Marker> = None;
    for heading in outline.headings.iter().map(Some).chain([None]) {
        let until = heading.map_or(u32::MAX, |h| h.lines.0);
        while let Some(mark) = marks.next_if(|mark| mark.line < until) {
            let leads = heading.is_some_and(|h| markers::leads_to(outline, mark.line, h.lines.0));
            if leads && claimed.is_none() {
                claimed = Some(mark);
            } else if let Some(named) =
                cuts.last_mut().filter(|_| mark.follows_heading && mark.after_heading(outline, section))
            {
                named.id = Some(mark.id);
                named.kind = crate::spec::Kind::Requirement;
                named.body = mark.line + 1;
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
            cut.breed = Breed::Slug;
            cut.id = Some(mark.id);
            cut.kind = crate::spec::Kind::Requirement;
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
