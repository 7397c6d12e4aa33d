//! One clause through history, whatever it was called and wherever it stood.
//!
//! Walks commits, children before parents, and carries every clause that is followed from its place in the commit to its
//! place in each parent. A clause that is unchanged in some parents of a merge goes on into all of these; one that
//! differs from all parents changed in the merge. A clause that came in waits for an ancestor that removed it, for then
//! it only came back.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::facts::{ChangeState, ClauseState, CommitFacts, EdgeState};
use crate::spec::Version;
use crate::spec::change::ChangeKind;
use crate::spec::token::Tokens;

/// A clause at one commit: its file and its position in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Repository-relative path.
    pub path: BString,
    /// Position in the file, from 0.
    pub at: usize,
}

/// One thing that happened to a lineage.
#[derive(Clone, Debug)]
pub struct Event<C> {
    /// Where it happened.
    pub commit: C,
    /// The edge it is seen on, counted from 0.
    pub edge: usize,
    facts: Arc<CommitFacts>,
    number: usize,
    /// The clause came in here, and an ancestor had removed it: it only came back.
    pub returned: bool,
}

impl<C> Event<C> {
    /// A change of a commit, by its edge and its number there.
    pub fn new(commit: C, facts: &Arc<CommitFacts>, edge: usize, number: usize) -> Event<C> {
        Event { commit, edge, facts: facts.clone(), number, returned: false }
    }

    /// What happened.
    pub fn change(&self) -> &ChangeState {
        &self.facts.edges[self.edge].changes[self.number]
    }

    /// Whether it changed what is demanded.
    pub fn is_meaning(&self) -> bool {
        self.change().is_meaning()
    }

    /// Whether it changed the text at all.
    pub fn is_text(&self) -> bool {
        self.change().is_text()
    }
}

/// The followed clauses of a file, by position.
type Marks = HashMap<u32, Vec<u32>, foldhash::fast::RandomState>;
/// The followed clauses of a commit, by file.
type Followed = HashMap<BString, Arc<Marks>, foldhash::fast::RandomState>;

/// A clause that came in, as long as no ancestor is found that removed it.
#[derive(Debug)]
struct Newcomer<C> {
    lineage: u32,
    commit: C,
    event: usize,
    state: ClauseState,
}

/// Tells whether a clause may be the one that went: each with its commit.
pub type MayReturn<'m, C> = dyn FnMut((C, &ClauseState), (C, &ClauseState)) -> bool + 'm;

/// Follows a set of clauses back through history.
#[derive(Debug)]
pub struct Tracker<C> {
    interest: HashMap<C, Followed>,
    /// Events per followed clause, newest first.
    pub events: Vec<Vec<Event<C>>>,
    /// Which followed clauses have been traced to where they came in.
    pub complete: Vec<bool>,
    joined: Vec<(usize, usize)>,
    newcomers: HashMap<Version, Vec<Newcomer<C>>, foldhash::fast::RandomState>,
}

impl<C: Copy + Eq + Hash> Tracker<C> {
    /// Starts at `tip`; the lineages are numbered in the order of `places`.
    pub fn new(tip: C, places: impl IntoIterator<Item = Place>) -> Self {
        let mut tracker = Tracker {
            interest: HashMap::new(),
            events: Vec::new(),
            complete: Vec::new(),
            joined: Vec::new(),
            newcomers: HashMap::default(),
        };
        for place in places {
            tracker.follow_also(tip, place);
        }
        tracker
    }

    /// Whether nothing is left to follow, nor to wait for.
    pub fn is_done(&self) -> bool {
        self.interest.is_empty() && self.newcomers.is_empty()
    }

    /// Follows one more clause, from a commit that the walk hasn't come to; answers its number.
    pub fn follow_also(&mut self, commit: C, place: Place) -> usize {
        let number = self.events.len();
        self.events.push(Vec::new());
        self.complete.push(false);
        self.pass(commit, &place.path, position(place.at), &[position(number)]);
        number
    }

    /// Whether a clause of a commit is followed already.
    pub fn has(&self, commit: C, place: &Place) -> bool {
        let marks = self.interest.get(&commit).and_then(|here| here.get(&place.path));
        marks.is_some_and(|marks| marks.contains_key(&position(place.at)))
    }

    /// The lineages of the clause that stands at a place of a commit which the walk hasn't stepped over yet.
    pub fn at(&self, commit: C, path: &BStr, at: u32) -> &[u32] {
        let marks = self.interest.get(&commit).and_then(|here| here.get(path.as_bytes().as_bstr()));
        marks.and_then(|marks| marks.get(&at)).map_or(&[], Vec::as_slice)
    }

    /// Lineages that were found to be one clause, as pairs of numbers; taken out.
    pub fn joined(&mut self) -> Vec<(usize, usize)> {
        std::mem::take(&mut self.joined)
    }

    /// Gives up what is followed at a commit: history can't be seen beyond it.
    pub fn abandon(&mut self, commit: C) {
        self.interest.remove(&commit);
    }

    /// Takes a commit's place in the walk. `may_return(a, b)` tells whether a clause that was removed at `a` may
    /// be the one that was added at `b` in the same words.
    pub fn step(&mut self, commit: C, parents: &[C], facts: &Arc<CommitFacts>, may_return: &mut MayReturn<C>) {
        self.bring_back(commit, parents, facts, may_return);
        let Some(here) = self.interest.remove(&commit) else { return };
        let edges: Vec<EdgeIndex> = facts.edges.iter().map(EdgeIndex::new).collect();
        for (path, marks) in here {
            if edges.iter().any(|edge| edge.edge.file(path.as_bstr()).is_some()) {
                let mut marks: Vec<(&u32, &Vec<u32>)> = marks.iter().collect();
                marks.sort_unstable();
                for (&at, lineages) in marks {
                    self.step_one(commit, parents, facts, &edges, (&path, at), lineages);
                }
            } else {
                parents.iter().for_each(|&parent| self.pass_file(parent, &path, &marks));
                if parents.is_empty() {
                    marks.values().flatten().for_each(|&lineage| self.complete[lineage as usize] = true);
                }
            }
        }
    }

    fn step_one(
        &mut self,
        commit: C,
        parents: &[C],
        facts: &Arc<CommitFacts>,
        edges: &[EdgeIndex],
        place: (&BString, u32),
        lineages: &[u32],
    ) {
        let seen: Vec<Seen> = edges.iter().map(|edge| edge.see(place)).collect();
        let unchanged = seen.iter().any(|seen| matches!(seen, Seen::Same(..)));
        for (edge, seen) in seen.iter().enumerate() {
            if let Seen::Changed(_, _, number) | Seen::Added(number) = *seen
                && facts.made(edge, number)
            {
                self.record(commit, facts, edge, number, lineages);
            }
        }
        let mut went_on = false;
        for (edge, seen) in seen.iter().enumerate() {
            let (path, at) = match seen {
                Seen::Same(path, at) => (*path, *at),
                Seen::Changed(path, at, change) => {
                    let dropped = edges[edge].edge.changes[*change].dropped;
                    if unchanged && !dropped {
                        continue;
                    }
                    (*path, *at)
                }
                Seen::Added(_) | Seen::Elsewhere => continue,
            };
            went_on = true;
            match parents.get(edge) {
                Some(&parent) => self.pass(parent, path, at, lineages),
                None => lineages.iter().for_each(|&lineage| self.complete[lineage as usize] = true),
            }
        }
        if !went_on {
            self.came_in(commit, lineages);
        }
    }

    fn record(&mut self, commit: C, facts: &Arc<CommitFacts>, edge: usize, number: usize, lineages: &[u32]) {
        for &lineage in lineages {
            self.events[lineage as usize].push(Event::new(commit, facts, edge, number));
        }
    }

    /// The life ends here, unless an ancestor turns out to have removed the clause.
    fn came_in(&mut self, commit: C, lineages: &[u32]) {
        for &lineage in lineages {
            self.complete[lineage as usize] = true;
            let Some(event) = self.events[lineage as usize].len().checked_sub(1) else { continue };
            if let Some(state) = self.events[lineage as usize][event].change().new.clone() {
                let newcomer = Newcomer { lineage, commit, event, state };
                self.newcomers.entry(newcomer.state.version).or_default().push(newcomer);
            }
        }
    }

    /// Ties what this commit removed to what a descendant of it added in the same words.
    fn bring_back(&mut self, commit: C, parents: &[C], facts: &Arc<CommitFacts>, may_return: &mut MayReturn<C>) {
        if self.newcomers.is_empty() {
            return;
        }
        for (edge, state) in facts.edges.iter().enumerate() {
            for (number, change) in state.changes.iter().enumerate() {
                let Some(old) = change.old.as_ref().filter(|_| change.is(ChangeKind::Removed)) else { continue };
                let Some(waiting) = self.newcomers.get_mut(&old.version) else { continue };
                let own = facts.made(edge, number);
                let back = waiting.iter().position(|new| {
                    own && is_same(old, &new.state) && may_return((commit, old), (new.commit, &new.state))
                });
                let Some(newcomer) = back.map(|at| waiting.remove(at)) else { continue };
                if waiting.is_empty() {
                    self.newcomers.remove(&old.version);
                }
                let events = &mut self.events[newcomer.lineage as usize];
                events[newcomer.event].returned = true;
                events.push(Event::new(commit, facts, edge, number));
                self.complete[newcomer.lineage as usize] = false;
                if let Some(&parent) = parents.get(edge) {
                    self.pass(parent, &old.path, old.at, &[newcomer.lineage]);
                }
            }
        }
    }

    /// Follows all marked clauses of a file from a commit on.
    fn pass_file(&mut self, commit: C, path: &BString, marks: &Arc<Marks>) {
        let here = self.interest.entry(commit).or_default();
        match here.get(path) {
            None => {
                here.insert(path.clone(), marks.clone());
            }
            Some(known) if Arc::ptr_eq(known, marks) => {}
            Some(_) => marks.iter().for_each(|(&at, lineages)| self.pass(commit, path, at, lineages)),
        }
    }

    fn pass(&mut self, commit: C, path: &BString, at: u32, lineages: &[u32]) {
        let here = self.interest.entry(commit).or_default();
        if !here.contains_key(path) {
            here.insert(path.clone(), Arc::default());
        }
        let Some(marks) = here.get_mut(path) else { return };
        if marks.get(&at).is_some_and(|there| lineages.iter().all(|lineage| there.contains(lineage))) {
            return;
        }
        let there = Arc::make_mut(marks).entry(at).or_default();
        for &lineage in lineages {
            if !there.contains(&lineage) {
                if let Some(&other) = there.first() {
                    self.joined.push((other as usize, lineage as usize));
                }
                there.push(lineage);
            }
        }
    }
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

/// How a clause of the commit stands to one parent.
enum Seen<'e> {
    /// Unchanged there, at this place.
    Same(&'e BString, u32),
    /// Bonded and changed: the place there, and the change.
    Changed(&'e BString, u32, usize),
    /// Not there.
    Added(usize),
    /// Another parent has its file as it is.
    Elsewhere,
}

/// An edge with its changes by new place.
struct EdgeIndex<'e> {
    edge: &'e EdgeState,
    changes: HashMap<(&'e BString, u32), usize, foldhash::fast::RandomState>,
}

impl<'e> EdgeIndex<'e> {
    fn new(edge: &'e EdgeState) -> Self {
        let of = |(number, change): (usize, &'e ChangeState)| {
            let new = change.new.as_ref()?;
            Some(((&new.path, new.at), number))
        };
        EdgeIndex { edge, changes: edge.changes.iter().enumerate().filter_map(of).collect() }
    }

    fn see(&self, (path, at): (&'e BString, u32)) -> Seen<'e> {
        let Some(file) = self.edge.file(path.as_bstr()) else { return Seen::Same(path, at) };
        match (self.edge.old_place(file, at), self.changes.get(&(path, at))) {
            (Some((path, at)), Some(&change)) => Seen::Changed(path, at, change),
            (Some((path, at)), None) => Seen::Same(path, at),
            (None, Some(&change)) => Seen::Added(change),
            (None, None) if file.elsewhere => Seen::Elsewhere,
            (None, None) => Seen::Same(path, at),
        }
    }
}

/// A number as it is stored; no history holds 2³² clauses.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
