//! Clauses that were split or merged by their words, where an edit left none of the sentences whole.

use std::collections::HashMap;

use super::{Bond, ClauseAt, View};
use crate::spec::clause::{Clause, Kind};
use crate::spec::matching::SHORT_BODY;
use crate::spec::matching::similarity::Bag;

/// What a clause lost or got is another one from this similarity on.
const PIECE_FROM: f32 = 0.65;

/// More pairs than this are not compared.
const MOST_PAIRS: usize = 10_000;

impl View<'_> {
    /// Adds added clauses whose words another clause of the document lost, and removed ones whose words one got.
    pub(super) fn add_by_words(
        &self,
        splits: &mut HashMap<ClauseAt, ClauseAt>,
        merges: &mut HashMap<ClauseAt, ClauseAt>,
    ) {
        let (added, removed) = (&self.matching.added, &self.matching.removed);
        if added.is_empty() && removed.is_empty() {
            return;
        }
        let is_changed = |bond: &&Bond| {
            let (old, new) = (self.old_clause(bond.old), self.new_clause(bond.new));
            self.one_document(bond.old.doc, bond.new.doc) && !old.says_the_same(new)
        };
        let changed: Vec<&Bond> = self.matching.bonds.iter().filter(is_changed).collect();
        if changed.len() * (added.len() + removed.len()) > MOST_PAIRS {
            return;
        }
        let pieces = |of: fn(&Bond) -> (ClauseAt, ClauseAt), is_removed: bool| -> Vec<(ClauseAt, usize, Bag)> {
            let piece = |bond: &&Bond| {
                let (old, new) = (self.old_clause(bond.old).bag(), self.new_clause(bond.new).bag());
                let piece = if is_removed { new.without(old) } else { old.without(new) };
                let (whole, beside) = of(bond);
                (piece.sizes(&piece).0 >= SHORT_BODY).then_some((whole, beside.doc, piece))
            };
            changed.iter().filter_map(piece).collect()
        };
        let nearest = |clause: &Clause, doc: usize, pieces: &[(ClauseAt, usize, Bag)]| {
            let bag = clause.bag();
            if clause.kind == Kind::Row {
                return None;
            }
            let alike = pieces.iter().filter(|piece| piece.1 == doc).map(|(at, _, piece)| (piece.dice(bag), *at));
            let alike = alike.filter(|(alike, _)| *alike >= PIECE_FROM && bag.sizes(bag).0 >= SHORT_BODY);
            // of equals the first
            alike.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.at.cmp(&a.1.at))).map(|(_, at)| at)
        };
        let lost = if added.is_empty() { Vec::new() } else { pieces(|bond| (bond.old, bond.new), false) };
        for &at in added.iter().filter(|_| !lost.is_empty()) {
            if !splits.contains_key(&at)
                && let Some(from) = nearest(self.new_clause(at), at.doc, &lost)
            {
                splits.insert(at, from);
            }
        }
        let got = if removed.is_empty() { Vec::new() } else { pieces(|bond| (bond.new, bond.old), true) };
        for &at in removed.iter().filter(|_| !got.is_empty()) {
            if !merges.contains_key(&at)
                && let Some(into) = nearest(self.old_clause(at), at.doc, &got)
            {
                merges.insert(at, into);
            }
        }
    }
}
