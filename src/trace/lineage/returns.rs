//! Clauses that came in and only came back: an ancestor removed them, or took their file out of the specification.
//! Somebody may have given them other words meanwhile.

use std::hash::Hash;
use std::sync::Arc;

use bstr::BString;

use super::{Event, Lookup, Since, Tracker};
use crate::spec::Version;
use crate::spec::change::ChangeKind;
use crate::spec::token::Tokens;
use crate::trace::facts::{ChangeState, ClauseState, CommitFacts};

/// A clause that came in, as long as no ancestor is found that removed it.
#[derive(Debug)]
pub(super) struct Newcomer<C> {
    pub lineage: u32,
    commit: C,
    event: usize,
    state: ClauseState,
}

impl<C: Copy + Eq + Hash> Tracker<C> {
    /// The life ends here, unless an ancestor turns out to have removed the clause.
    pub(super) fn came_in(&mut self, commit: C, parents: &[C], lineages: &[u32]) {
        for &lineage in lineages {
            self.complete[lineage as usize] = true;
            self.was_absent(parents, lineage);
            let Some(event) = self.events[lineage as usize].len().checked_sub(1) else { continue };
            let change = self.events[lineage as usize][event].change();
            if let Some(state) = change.new.clone() {
                if change.old.is_some() {
                    self.from_outside.insert((lineage, event), state.version);
                }
                self.named.entry(name(&state)).or_default().push(state.version);
                let newcomer = Newcomer { lineage, commit, event, state: *state };
                self.newcomers.entry(newcomer.state.version).or_default().push(newcomer);
            }
        }
    }

    /// Ties what this commit removed to what a descendant of it added in the same words, or brought in from where it went.
    pub(super) fn bring_back(
        &mut self,
        commit: C,
        parents: &[C],
        facts: &Arc<CommitFacts>,
        lookup: &mut dyn Lookup<C>,
    ) {
        if self.newcomers.is_empty() {
            return;
        }
        let mut back: Vec<(usize, usize)> = Vec::new();
        // What is word for word as any parent had it goes before what isn't.
        for in_other_words in [false, true] {
            for (edge, number, old, own) in removals(facts) {
                let Some(&parent) = parents.get(edge).filter(|_| !in_other_words || !back.contains(&own)) else {
                    continue;
                };
                let found = self.take_newcomer((commit, parent), old, in_other_words, lookup);
                let Some((newcomer, since)) = found else { continue };
                back.push(own);
                let came = &mut self.events[newcomer.lineage as usize][newcomer.event];
                came.returned = true;
                came.since = since.map(|change| Arc::new(Since { commit: parent, change }));
                self.push_event(newcomer.lineage, Event::new(commit, facts, own.0, own.1));
                self.complete[newcomer.lineage as usize] = false;
                self.pass(parent, &old.path, old.at, &[newcomer.lineage]);
                // The other parents from which a merge removed it.
                for (other, _, old, _) in removals(facts).filter(|of| of.3 == own && (of.0, of.1) != (edge, number)) {
                    if let Some(&parent) = parents.get(other) {
                        self.pass(parent, &old.path, old.at, &[newcomer.lineage]);
                    }
                }
            }
        }
    }

    /// The newcomer that is the clause which went with a commit, and what became of it outside.
    fn take_newcomer(
        &mut self,
        (commit, parent): (C, C),
        old: &ClauseState,
        in_other_words: bool,
        lookup: &mut dyn Lookup<C>,
    ) -> Option<(Newcomer<C>, Option<ChangeState>)> {
        let mut found = None;
        if in_other_words {
            found = self.find_reworded((commit, parent), old, lookup);
        } else if let Some(waiting) = self.newcomers.get(&old.version) {
            let mut same = |new: &Newcomer<C>, certain: bool| {
                self.guesses.is_certain(new.lineage) == certain
                    && !self.guesses.is_wrong(new.lineage)
                    && is_same(old, &new.state)
                    && lookup.may_return((commit, old), (new.commit, &new.state))
            };
            let certain = waiting.iter().position(|new| same(new, true));
            let at = certain.or_else(|| waiting.iter().position(|new| same(new, false)));
            found = at.map(|at| (old.version, at, None));
        }
        if found.is_none() && !in_other_words {
            found = self.from_outside.iter().find_map(|(&(lineage, event), &version)| {
                let is_it = |new: &Newcomer<C>| (new.lineage, new.event) == (lineage, event);
                let at = self.newcomers.get(&version)?.iter().position(is_it)?;
                let new = &self.newcomers[&version][at];
                let told = self.events[lineage as usize][event].told();
                let named = if old.id.is_some() { old.id == new.state.id } else { old.anchor == new.state.anchor };
                if !named {
                    return None;
                }
                Some((version, at, lookup.rejoined((commit, parent), old, (new.commit, told))?))
            });
        }
        let (version, at, since) = found?;
        let waiting = self.newcomers.get_mut(&version)?;
        let newcomer = waiting.remove(at);
        if waiting.is_empty() {
            self.newcomers.remove(&version);
        }
        self.from_outside.remove(&(newcomer.lineage, newcomer.event));
        Some((newcomer, since))
    }

    /// The newcomer of the same name in the same file that is the clause which went, in other words.
    fn find_reworded(&self, went: (C, C), old: &ClauseState, lookup: &mut dyn Lookup<C>) -> Option<Found> {
        for version in self.named.get(&name(old))? {
            for (at, new) in self.newcomers.get(version).into_iter().flatten().enumerate() {
                let told = self.events[new.lineage as usize][new.event].told();
                let came_alone = told.old.is_none() && told.other.is_none();
                let is_named = new.state.path == old.path && new.state.id == old.id;
                if !came_alone || !is_named || !self.guesses.is_certain(new.lineage) {
                    continue;
                }
                if let Some(since) = lookup.reworded(went, old, (new.commit, &new.state)) {
                    return Some((*version, at, Some(since)));
                }
            }
        }
        None
    }
}

/// A newcomer by its version and its place among those of this version, and what became of it.
type Found = (Version, usize, Option<ChangeState>);

/// A clause's file and its id, or else its anchor.
fn name(state: &ClauseState) -> (BString, String) {
    (state.path.clone(), state.id.as_ref().unwrap_or(&state.anchor).clone())
}

/// What a commit removed: edge, number and state, and the change of the commit's own that this is. What a merge removed from
/// several parents is told of one of them.
fn removals(facts: &CommitFacts) -> impl Iterator<Item = (usize, usize, &ClauseState, (usize, usize))> {
    let removed = |change: &'_ ChangeState| change.is(ChangeKind::Removed);
    let same = |a: &ClauseState, b: &ClauseState| a.path == b.path && a.anchor == b.anchor;
    let all = facts.edges.iter().enumerate().flat_map(|(edge, state)| {
        let numbered = state.changes.iter().enumerate();
        numbered.filter_map(move |(number, change)| Some((edge, number, change, change.old.as_deref()?)))
    });
    all.filter_map(move |(edge, number, change, old)| {
        if !removed(change) {
            return None;
        }
        if facts.made(edge, number) {
            return Some((edge, number, old, (edge, number)));
        }
        let own = facts.own.iter().map(|&(edge, number)| (edge as usize, number as usize));
        let is_it = |&(edge, number): &(usize, usize)| {
            let change = facts.edges.get(edge).and_then(|edge| edge.changes.get(number));
            change.is_some_and(|own| removed(own) && own.old.as_deref().is_some_and(|own| same(own, old)))
        };
        own.into_iter().find(is_it).map(|own| (edge, number, old, own))
    })
}

/// Whether a clause that came in is the one that went: the same words, and something of its name.
fn is_same(old: &ClauseState, new: &ClauseState) -> bool {
    if (old.tokens as usize) < Tokens::MEANINGFUL {
        return old.path == new.path && old.anchor == new.anchor;
    }
    old.anchor == new.anchor
        || (old.id.is_some() && old.id == new.id)
        || (old.titled && new.titled && old.title == new.title)
}
