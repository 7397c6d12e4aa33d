//! Step 4: what is alone between the same two neighbours. The weakest rule, shown as such.

use super::{Edge, Rule};

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
            (fits && alike).then_some((old, new))
        })
        .collect();
    for (old, new) in singles {
        let score = edge.old[old].bag().dice(edge.new[new].bag());
        edge.bond(old, new, Rule::Position, score);
    }
}

/// The entry next to `at` in a direction, if it is of the same document.
fn neighbour(count: usize, at: usize, step: isize, same: impl Fn(usize) -> bool) -> Option<usize> {
    at.checked_add_signed(step).filter(|&next| next < count && same(next))
}
