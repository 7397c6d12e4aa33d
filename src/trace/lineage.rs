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
mod marks;
mod returns;
mod step;
mod waiting;

use std::collections::{BTreeMap, HashMap, hash_map};
use std::hash::Hash;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::facts::{ChangeState, ClauseState, CommitFacts};
use crate::spec::Version;
use guess::Guesses;
use marks::{Absent, Followed, Marks, Paths};
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
    interest: HashMap<C, Arc<Followed>>,
    paths: Paths,
    /// Events per followed clause, newest first.
    pub events: Vec<Vec<Event<C>>>,
    /// Which followed clauses have been traced to where they came in.
    pub complete: Vec<bool>,
    joined: Vec<(usize, usize)>,
    newcomers: HashMap<Version, Vec<Newcomer<C>>, foldhash::fast::RandomState>,
    /// The versions of newcomers by file and name.
    named: HashMap<(BString, String), Vec<Version>, foldhash::fast::RandomState>,
    /// Those that came from outside of the specification, by lineage and event.
    from_outside: BTreeMap<(u32, usize), Version>,
    /// Whether clauses are followed into parents of which a merge took nothing.
    everywhere: bool,
    guesses: Guesses,
    waiting: HashMap<C, Vec<Waiting<C>>>,
    /// How many merges made anything wait.
    merges: usize,
    /// The lineages that have come in at a descendant, as long as any wait.
    absent: HashMap<C, Arc<Absent>>,
    stamps: usize,
    /// The events that nobody has asked for yet.
    untold: Vec<(usize, usize)>,
}

impl<C: Copy + Eq + Hash> Tracker<C> {
    /// Starts at `tip`; the lineages are numbered in the order of `places`.
    pub fn new(tip: C, places: impl IntoIterator<Item = Place>) -> Self {
        let mut tracker = Tracker {
            interest: HashMap::new(),
            paths: Paths::default(),
            events: Vec::new(),
            complete: Vec::new(),
            joined: Vec::new(),
            newcomers: HashMap::default(),
            named: HashMap::default(),
            from_outside: BTreeMap::new(),
            everywhere: false,
            guesses: Guesses::default(),
            waiting: HashMap::new(),
            merges: 0,
            absent: HashMap::new(),
            stamps: 0,
            untold: Vec::new(),
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
        let files = || self.interest.values().flat_map(|files| files.values());
        let marks = || files().flat_map(|marks| marks.numbers());
        let newcomers = || self.newcomers.values().flatten().map(|new| new.lineage);
        let is_open = |number: u32| {
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
        !self.at(commit, place.path.as_bstr(), position(place.at)).is_empty()
    }

    /// The lineages of the clause that stands at a place of a commit which the walk hasn't stepped over yet.
    pub fn at(&self, commit: C, path: &BStr, at: u32) -> &[u32] {
        let marks = self.interest.get(&commit).zip(self.paths.known(path)).and_then(|(here, path)| here.get(&path));
        marks.map_or(&[], |marks| marks.at(at))
    }

    /// The events that were found since this was last asked, each by lineage and number, in their order.
    pub fn take_untold(&mut self) -> Vec<(usize, usize)> {
        let mut untold = std::mem::take(&mut self.untold);
        untold.sort_unstable();
        untold
    }

    fn push_event(&mut self, number: u32, event: Event<C>) {
        let events = &mut self.events[number as usize];
        if self.everywhere {
            self.untold.push((number as usize, events.len()));
        }
        events.push(event);
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
        let touched = self.touched(facts);
        self.wait_on(commit, parents, &touched, lookup);
        let Some(mut here) = self.interest.remove(&commit) else { return };
        let is_touched = touched.iter().any(|path| here.contains_key(path));
        let files = is_touched.then(|| {
            let here = Arc::make_mut(&mut here);
            touched.iter().filter_map(|path| Some((*path, here.remove(path)?))).collect::<Vec<_>>()
        });
        // What is as it was goes on by whole files.
        match parents {
            [] => here.values().for_each(|marks| self.end(marks)),
            [parents @ .., last] => {
                parents.iter().for_each(|&parent| self.pass_files(parent, here.clone()));
                self.pass_files(*last, here);
            }
        }
        if let Some(files) = files {
            self.step_files(commit, parents, facts, files);
        }
    }

    /// The files that differ on any edge, if a clause was ever followed in them, by path.
    fn touched(&self, facts: &CommitFacts) -> Vec<u32> {
        let mut paths: Vec<&BString> = facts.edges.iter().flat_map(|e| &e.files).map(|file| &file.path).collect();
        if facts.edges.len() > 1 {
            paths.sort_unstable();
            paths.dedup();
        }
        paths.into_iter().filter_map(|path| self.paths.known(path.as_bstr())).collect()
    }

    /// History ends here for clauses.
    fn end(&mut self, marks: &Marks) {
        marks.numbers().for_each(|number| self.complete[self.guesses.settled(number) as usize] = true);
    }

    /// Follows all marked clauses of files from a commit on.
    fn pass_files(&mut self, commit: C, files: Arc<Followed>) {
        if files.is_empty() {
            return;
        }
        match self.interest.entry(commit) {
            hash_map::Entry::Vacant(place) => {
                place.insert(files);
            }
            hash_map::Entry::Occupied(mut place) => {
                let same = |(path, marks)| place.get().get(path).is_some_and(|known| Arc::ptr_eq(known, marks));
                if Arc::ptr_eq(place.get(), &files) || files.iter().all(same) {
                    return;
                }
                let known = Arc::make_mut(place.get_mut());
                for (&path, marks) in files.iter() {
                    join(known, (path, marks), &mut self.guesses, &mut self.joined);
                }
            }
        }
    }

    /// Follows all marked clauses of a file from a commit on.
    fn pass_file(&mut self, commit: C, path: u32, marks: &Arc<Marks>) {
        let known = Arc::make_mut(self.interest.entry(commit).or_default());
        join(known, (path, marks), &mut self.guesses, &mut self.joined);
    }

    fn pass(&mut self, commit: C, path: &BString, at: u32, numbers: &[u32]) {
        let path = self.paths.number(path);
        numbers.iter().for_each(|&number| self.paths.settle(self.guesses.origin(number), path));
        let marks = Arc::make_mut(self.interest.entry(commit).or_default()).entry(path).or_default();
        add(marks, at, numbers, &mut self.guesses, &mut self.joined);
    }
}

/// Joins the marks of a file with those that are there.
fn join(
    files: &mut Followed,
    (path, marks): (u32, &Arc<Marks>),
    guesses: &mut Guesses,
    joined: &mut Vec<(usize, usize)>,
) {
    match files.entry(path) {
        hash_map::Entry::Vacant(place) => {
            place.insert(marks.clone());
        }
        hash_map::Entry::Occupied(mut place) => {
            if !Arc::ptr_eq(place.get(), marks) {
                marks.iter().for_each(|(at, numbers)| add(place.get_mut(), at, numbers, guesses, joined));
            }
        }
    }
}

/// Adds numbers to those of a place; tells which lineages turn out to be one.
fn add(marks: &mut Arc<Marks>, at: u32, numbers: &[u32], guesses: &mut Guesses, joined: &mut Vec<(usize, usize)>) {
    if marks.has(at, numbers) {
        return;
    }
    let marks = Arc::make_mut(marks);
    for &number in numbers {
        if let Some(other) = marks.add(guesses, at, number) {
            joined.push((other as usize, number as usize));
        }
    }
}

/// A number as it is stored; no history holds 2³² clauses.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
