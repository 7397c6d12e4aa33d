//! One clause through history, whatever it was called and wherever it stood.
//!
//! Walks commits, children before parents, and carries every clause that is followed from its place in the commit to its
//! place in each parent. One that differs from all parents of a merge changed in the merge, and goes on into each of them.
//! Where some parents have it as the merge has it, it goes on into these, and into others where the two turn out to be one
//! (`lineage/guess.rs`). In a parent whose file differs and that nobody compared ([`FileState::elsewhere`]) it waits for the next
//! commit that touched the file; most often the line from the other parent comes first. A clause that came in waits for an
//! ancestor that removed it, for then it only came back.
//!
//! [`FileState::elsewhere`]: super::facts::FileState::elsewhere

mod guess;
mod returns;
mod waiting;

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::facts::{ChangeState, ClauseState, CommitFacts, EdgeState};
use crate::spec::Version;
use crate::spec::token::Tokens;
use guess::Guesses;
use returns::Newcomer;
use waiting::Waiting;

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
    /// It came back from outside of the specification in other words than it left with.
    pub since: Option<Arc<Since<C>>>,
}

/// What became of a clause between a commit that had it and one by which it came back.
#[derive(Clone, Debug)]
pub struct Since<C> {
    /// Where it stood last.
    pub commit: C,
    /// What differs.
    pub change: ChangeState,
}

impl<C> Event<C> {
    /// A change of a commit, by its edge and its number there.
    pub fn new(commit: C, facts: &Arc<CommitFacts>, edge: usize, number: usize) -> Event<C> {
        Event { commit, edge, facts: facts.clone(), number, returned: false, since: None }
    }

    /// What happened.
    pub fn change(&self) -> &ChangeState {
        self.since.as_ref().map_or_else(|| self.told(), |since| &since.change)
    }

    /// What the commit's facts say of it.
    fn told(&self) -> &ChangeState {
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

/// A clause of a file and the clause of an older state of that file that it was.
#[derive(Clone, Copy, Debug)]
pub struct Bonded {
    /// Position in the newer state.
    pub new: u32,
    /// Position in the older one.
    pub old: u32,
    /// The words are the same.
    pub exact: bool,
}

/// Answers what a walk over facts alone cannot tell.
pub trait Lookup<C> {
    /// Whether a clause that was removed may be the one that was added in the same words, each with its commit.
    fn may_return(&mut self, gone: (C, &ClauseState), came: (C, &ClauseState)) -> bool;

    /// Which clauses of a file at one commit were which at an older one.
    fn bonds(&mut self, newer: C, older: C, path: &BStr) -> Vec<Bonded>;

    /// Whether a clause that `commit` removed, and `parent` had, is the one that came from outside of the specification by a
    /// change of a later commit; and what became of it in between, where the words differ.
    fn rejoined(&mut self, went: (C, C), old: &ClauseState, came: (C, &ChangeState)) -> Option<Option<ChangeState>>;

    /// What became of a clause that `commit` removed, and `parent` had, where it is the one that a later commit added in the
    /// same file in other words.
    fn reworded(&mut self, went: (C, C), old: &ClauseState, came: (C, &ClauseState)) -> Option<ChangeState>;
}

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
    /// The versions of newcomers by file and name.
    named: HashMap<(BString, String), Vec<Version>, foldhash::fast::RandomState>,
    /// Those that came from outside of the specification.
    from_outside: usize,
    /// Whether clauses are followed into parents of which a merge took nothing.
    everywhere: bool,
    guesses: Guesses,
    waiting: HashMap<C, Vec<Waiting<C>>>,
    /// The lineages that have come in at a descendant, as long as any wait.
    absent: HashMap<C, HashSet<u32>>,
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
            named: HashMap::default(),
            from_outside: 0,
            everywhere: false,
            guesses: Guesses::default(),
            waiting: HashMap::new(),
            absent: HashMap::new(),
        };
        for place in places {
            tracker.follow_also(tip, place);
        }
        tracker
    }

    /// The same, which follows clauses also into those parents of a merge that have them otherwise than the merge, while
    /// another parent has them as it has. Then events are to be asked for by [`Tracker::settled`].
    pub fn everywhere(tip: C, places: impl IntoIterator<Item = Place>) -> Self {
        Tracker { everywhere: true, ..Tracker::new(tip, places) }
    }

    /// Whether nothing is left to follow, nor to wait for.
    pub fn is_done(&self) -> bool {
        self.interest.is_empty() && self.newcomers.is_empty() && self.waiting.is_empty()
    }

    /// The followed clause that events of a number belong to; none where that is not known yet.
    pub fn settled(&self, number: usize) -> Option<usize> {
        let number = position(number);
        self.guesses.is_certain(number).then(|| self.guesses.settled(number) as usize)
    }

    /// Whether any clause is followed of which it is not known yet whether it is a followed one.
    pub fn is_guessing(&self) -> bool {
        let marks = || self.interest.values().flat_map(HashMap::values).flat_map(|marks| marks.values().flatten());
        let newcomers = || self.newcomers.values().flatten().map(|new| &new.lineage);
        let is_open = |&number: &u32| {
            let number = self.guesses.settled(number);
            !self.guesses.is_certain(number) && !self.guesses.is_wrong(number)
        };
        self.guesses.any_open() && (marks().any(is_open) || newcomers().any(is_open))
    }

    /// Follows one more clause, from a commit that the walk hasn't come to; answers its number.
    pub fn follow_also(&mut self, commit: C, place: Place) -> usize {
        let number = self.number(None);
        self.pass(commit, &place.path, position(place.at), &[number]);
        number as usize
    }

    fn number(&mut self, guess_at: Option<u32>) -> u32 {
        let number = position(self.events.len());
        self.events.push(Vec::new());
        self.complete.push(false);
        self.guesses.add(guess_at);
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
        self.waiting.remove(&commit);
    }

    /// Takes a commit's place in the walk.
    pub fn step(&mut self, commit: C, parents: &[C], facts: &Arc<CommitFacts>, lookup: &mut dyn Lookup<C>) {
        self.bring_back(commit, parents, facts, lookup);
        self.wait_on(commit, parents, facts, lookup);
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
                    marks.values().flatten().for_each(|&n| self.complete[self.guesses.settled(n) as usize] = true);
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
        let mut lineages: Vec<u32> = lineages.iter().map(|&number| self.guesses.settled(number)).collect();
        lineages.retain(|&number| !self.guesses.is_wrong(number));
        lineages.sort_unstable();
        lineages.dedup();
        let lineages = &lineages[..];
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
                    let change = &edges[edge].edge.changes[*change];
                    if unchanged && !change.dropped {
                        if let Some(&parent) = parents.get(edge).filter(|_| self.everywhere) {
                            self.pass_surely_or_not(parent, (*path, *at), lineages, has_same_words(change));
                        }
                        continue;
                    }
                    (*path, *at)
                }
                Seen::Elsewhere => {
                    if let Some(&parent) = parents.get(edge).filter(|_| self.everywhere) {
                        self.wait(parent, commit, place, lineages);
                    }
                    continue;
                }
                Seen::Added(_) => continue,
            };
            went_on = true;
            match parents.get(edge) {
                Some(&parent) => self.pass(parent, path, at, lineages),
                None => lineages.iter().for_each(|&lineage| self.complete[lineage as usize] = true),
            }
        }
        if !went_on {
            self.came_in(commit, parents, lineages);
        }
    }

    /// Follows what matching takes for a clause: as the clause itself where it is sure, or else as a guess.
    fn pass_surely_or_not(&mut self, commit: C, (path, at): (&BString, u32), lineages: &[u32], sure: bool) {
        if sure {
            return self.pass(commit, path, at, lineages);
        }
        for &lineage in lineages {
            let settled = self.guesses.settled(lineage);
            let known = self.at(commit, path.as_bstr(), at);
            if !known.iter().any(|&known| self.guesses.settled(known) == settled) {
                let guess = self.number(Some(settled));
                self.pass(commit, path, at, &[guess]);
            }
        }
    }

    fn record(&mut self, commit: C, facts: &Arc<CommitFacts>, edge: usize, number: usize, lineages: &[u32]) {
        for &lineage in lineages {
            self.events[lineage as usize].push(Event::new(commit, facts, edge, number));
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
            if let Some(other) = self.guesses.meet(there, lineage) {
                self.joined.push((other as usize, lineage as usize));
            }
        }
    }
}

/// Whether a clause kept its words on an edge, whatever else changed.
fn has_same_words(change: &ChangeState) -> bool {
    let (Some(old), Some(new)) = (&change.old, &change.new) else { return false };
    old.version == new.version && (new.tokens as usize >= Tokens::MEANINGFUL || old.anchor == new.anchor)
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
