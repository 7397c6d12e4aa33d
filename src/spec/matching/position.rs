//! Step 4: what is alone between the same two neighbours. The weakest rule, shown as such.

use super::{Edge, Rule, SHORT_BODY};
use crate::spec::clause::Breed;

/// Between the same neighbours stands the same clause rewritten or another one in its place. Under this share of common
/// words, and no word of the title in common, each of three that were read was another one.
const REWRITTEN_FROM: f32 = 0.2;
/// A clause that lost most of its text keeps this share of the shorter side's words.
const KEPT_FROM: f32 = 0.6;

/// Bonds one left-over old and one left-over new clause between the same bonded neighbours, of the same kind and level.
pub(super) fn bond(edge: &mut Edge) {
    let singles: Vec<(usize, usize)> = edge
        .free_old()
        .into_iter()
        .filter_map(|old| {
            let before = neighbour(edge.old.len(), old, -1, |a| edge.old[a].doc == edge.old[old].doc);
            let after = neighbour(edge.old.len(), old, 1, |a| edge.old[a].doc == edge.old[old].doc);
            let doc = *edge.continues.get(&edge.old[old].doc)?;
            let new = match (before, after) {
                (Some(before), _) => edge.old_bond[before]? + 1,
                (None, Some(after)) => edge.old_bond[after]?.checked_sub(1)?,
                (None, None) => return None,
            };
            let entry = edge.new.get(new).filter(|e| e.doc == doc && edge.new_bond[new].is_none())?;
            let next = neighbour(edge.new.len(), new, 1, |a| edge.new[a].doc == doc);
            let previous = neighbour(edge.new.len(), new, -1, |a| edge.new[a].doc == doc);
            let tied = |old: Option<usize>, new: Option<usize>| match (old, new) {
                (None, None) => true,
                (Some(old), Some(new)) => edge.old_bond[old] == Some(new),
                _ => false,
            };
            let fits = tied(before, previous) && tied(after, next);
            let alike = entry.clause.kind == edge.old[old].clause.kind && edge.same_parent(old, new);
            (fits && alike && continues(edge, old, new)).then_some((old, new))
        })
        .collect();
    for (old, new) in singles {
        let (old_entry, new_entry) = (&edge.old[old], &edge.new[new]);
        let bodies = old_entry.bag().dice(new_entry.bag());
        let empty = old_entry.bag().is_empty() && new_entry.bag().is_empty();
        edge.bond(old, new, Rule::Position, if empty { old_entry.title().dice(new_entry.title()) } else { bodies });
    }
}

/// Whether anything but the place speaks for the two: words, the title, a name from the same family, the head of the
/// document. A number that
/// gave way to another number speaks against them, for it would have stayed.
fn continues(edge: &Edge, old: usize, new: usize) -> bool {
    let (from, to) = (&edge.old[old], &edge.new[new]);
    let (a, b) = (from.clause, to.clause);
    if a.id.is_some() && b.id.is_some() && a.id != b.id && a.breed == Breed::Ordinal && b.breed == Breed::Ordinal {
        return false;
    }
    let related = || {
        if a.breed == Breed::Ordinal || b.breed == Breed::Ordinal {
            return None;
        }
        let (old, new) = (a.id.as_ref()?.rsplit_once('.')?, b.id.as_ref()?.rsplit_once('.')?);
        Some(old.0 == new.0 || old.1 == new.1)
    };
    let shorter = from.bag().len().min(to.bag().len());
    from.bag().is_empty() && to.bag().is_empty()
        || from.at == 0 && to.at == 0
        || from.bag().dice(to.bag()) >= REWRITTEN_FROM
        || shorter >= SHORT_BODY && from.bag().shared(to.bag()) as f32 >= KEPT_FROM * shorter as f32
        || a.titled && b.titled && from.title().shared(to.title()) > 0
        || related() == Some(true)
}

/// The entry next to `at` in a direction, if it is of the same document.
fn neighbour(count: usize, at: usize, step: isize, same: impl Fn(usize) -> bool) -> Option<usize> {
    at.checked_add_signed(step).filter(|&next| next < count && same(next))
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::super::fixture::bonds;

    fn by_position(old: &str, new: &str) -> bool {
        let text = |middle: &str| {
            format!(
                "# T\n\n## A\nfirst words that stay as they are\n\n{middle}\n## Z\nlast words that stay as they are\n"
            )
        };
        let (old, new) = (text(old), text(new));
        bonds(&[("a.md", &old)], &[("a.md", &new)]).iter().any(|bond| bond.2 == Rule::Position)
    }

    #[test]
    fn the_place_alone_is_not_enough() {
        assert!(!by_position(
            "## Characters\nA few names may hold signs outside of ASCII.\n",
            "## Grammar\nThese notations are used by snippets: capitals stand for tokens.\n"
        ));
    }

    #[test]
    fn a_word_of_the_title_is() {
        assert!(by_position(
            "## End: finish it\nNo parameters.\n",
            "## End\nTakes the current time as that of the end.\n"
        ));
    }
}
