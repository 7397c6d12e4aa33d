//! Clauses of a merge on their way into a parent whose file nobody compared, as another parent has it as the merge has it.
//!
//! Most often the parent has an older state that no commit of its side touched, and the other parent's line comes to that
//! state first. Only where a commit touched the file are the two states of it compared.

use std::collections::{BTreeSet, HashSet, hash_map};
use std::hash::Hash;
use std::sync::Arc;

use bstr::ByteSlice;

use super::marks::{Absent, Marks};
use super::{Lookup, Tracker};

/// A file of a merge that one parent has otherwise, on its way to a commit that touched it there.
#[derive(Clone, Debug)]
pub(super) struct Waiting<C> {
    /// The merge by its number, and the file: in this order.
    key: (usize, u32),
    merge: C,
    marks: Arc<Marks>,
    /// The files in which its clauses have ever stood, as of so many moves.
    homes: Arc<Vec<u32>>,
    moves: usize,
    /// The state of those that came in with which it was compared last.
    absent: usize,
}

impl<C: Copy + Eq + Hash> Tracker<C> {
    /// Follows a clause of a merge into a parent that has its file otherwise, as soon as somebody touched the file there.
    pub(super) fn wait(&mut self, parent: C, merge: C, (path, at): (u32, u32), numbers: &[u32]) {
        let mut marks = Marks::default();
        marks.put(at, numbers);
        self.wait_as(parent, merge, path, Arc::new(marks));
    }

    /// The same of all clauses of a file that are followed.
    pub(super) fn wait_file(&mut self, parent: C, merge: C, path: u32, marks: &Arc<Marks>) {
        let is_as_it_was = |number| self.guesses.settled(number) == number && !self.guesses.is_wrong(number);
        if marks.numbers().all(is_as_it_was) {
            return self.wait_as(parent, merge, path, marks.clone());
        }
        let (mut left, mut settled) = (Marks::default(), Vec::new());
        for (at, numbers) in marks.iter() {
            self.settle(numbers, &mut settled);
            left.put(at, &settled);
        }
        self.wait_as(parent, merge, path, Arc::new(left));
    }

    fn wait_as(&mut self, parent: C, merge: C, path: u32, marks: Arc<Marks>) {
        if marks.is_empty() {
            return;
        }
        let here = self.waiting.entry(parent).or_default();
        match here.iter_mut().rev().find(|known| known.merge == merge && known.key.1 == path) {
            Some(known) => put_all(&mut known.marks, &marks),
            None => {
                let key = (self.merges, path);
                let waiting = Waiting { key, merge, marks, homes: Arc::default(), moves: usize::MAX, absent: 0 };
                let at = here.partition_point(|known| known.key < key);
                here.insert(at, waiting);
            }
        }
    }

    /// Takes on what waits at a commit: a clause that is followed here already, or that had come in behind this commit,
    /// needs to wait no longer; one whose file this commit touched is looked for in it.
    pub(super) fn wait_on(&mut self, commit: C, parents: &[C], touched: &[u32], lookup: &mut dyn Lookup<C>) {
        self.merges += 1;
        if self.waiting.is_empty() && !self.guesses.any_open() {
            self.absent.clear();
            return;
        }
        let absent = self.absent.remove(&commit);
        let mut waiting = self.waiting.remove(&commit).unwrap_or_default();
        if self.guesses.any_open() {
            self.refute(commit, absent.as_deref());
        }
        waiting.retain_mut(|waiting| {
            self.drop_known(commit, waiting, absent.as_deref());
            !waiting.marks.is_empty()
        });
        if !waiting.is_empty() {
            let (here, further): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|waiting| touched.contains(&waiting.key.1));
            here.iter().for_each(|waiting| self.find_waiting(commit, waiting, lookup));
            if let [parents @ .., last] = parents {
                parents.iter().for_each(|&parent| self.wait_further(parent, further.clone()));
                self.wait_further(*last, further);
            }
        }
        if let Some(absent) = absent {
            parents.iter().for_each(|&parent| self.be_absent(parent, &absent));
        }
    }

    /// Finds guesses wrong that are no longer possible at a commit.
    fn refute(&mut self, commit: C, absent: Option<&Absent>) {
        let origins: BTreeSet<u32> = self.guesses.open().map(|guess| self.guesses.origin(guess)).collect();
        let homes = self.paths.homes(origins.iter().copied());
        let here = self.interest.get(&commit);
        let marks = homes.iter().filter_map(|path| here?.get(path)).flat_map(|marks| marks.numbers());
        let there: Vec<u32> = marks.filter(|&number| origins.contains(&self.guesses.origin(number))).collect();
        self.guesses.refute(&there, absent.into_iter().flat_map(|absent| &absent.guesses).copied());
    }

    /// Takes off those clauses of what waits that are followed at the commit, or came in behind it.
    fn drop_known(&self, commit: C, waiting: &mut Waiting<C>, absent: Option<&Absent>) {
        let origin = |number| self.guesses.origin(number);
        if let Some(absent) = absent.filter(|absent| absent.stamp != waiting.absent) {
            waiting.absent = absent.stamp;
            if waiting.marks.numbers().any(|number| absent.has(origin(number))) {
                Arc::make_mut(&mut waiting.marks).retain(|number| !absent.has(origin(number)));
            }
        }
        if waiting.moves != self.paths.moves {
            waiting.moves = self.paths.moves;
            waiting.homes = Arc::new(self.paths.homes(waiting.marks.numbers().map(origin)));
        }
        let Some(here) = self.interest.get(&commit) else { return };
        let marks = waiting.homes.iter().filter_map(|path| here.get(path));
        let known: HashSet<u32, foldhash::fast::RandomState> =
            marks.flat_map(|marks| marks.numbers()).map(origin).collect();
        if !known.is_empty() && waiting.marks.numbers().any(|number| known.contains(&origin(number))) {
            Arc::make_mut(&mut waiting.marks).retain(|number| !known.contains(&origin(number)));
        }
    }

    fn wait_further(&mut self, parent: C, further: Vec<Waiting<C>>) {
        let here = match self.waiting.entry(parent) {
            _ if further.is_empty() => return,
            hash_map::Entry::Vacant(place) => {
                place.insert(further);
                return;
            }
            hash_map::Entry::Occupied(place) => place.into_mut(),
        };
        let mut known = std::mem::take(here).into_iter().peekable();
        for waiting in further {
            while let Some(before) = known.next_if(|known| known.key < waiting.key) {
                here.push(before);
            }
            match known.next_if(|known| known.key == waiting.key) {
                Some(mut same) => {
                    if !Arc::ptr_eq(&same.marks, &waiting.marks) {
                        put_all(&mut same.marks, &waiting.marks);
                        (same.moves, same.absent) = (usize::MAX, 0);
                    }
                    here.push(same);
                }
                None => here.push(waiting),
            }
        }
        here.extend(known);
    }

    fn find_waiting(&mut self, commit: C, waiting: &Waiting<C>, lookup: &mut dyn Lookup<C>) {
        let path = self.paths.name(waiting.key.1).clone();
        for bonded in lookup.bonds(waiting.merge, commit, path.as_bstr()) {
            let numbers = waiting.marks.at(bonded.new);
            if !numbers.is_empty() {
                self.pass_surely_or_not(commit, (&path, bonded.old), numbers, bonded.exact);
            }
        }
    }

    /// Lineages that came in at a descendant of a commit.
    fn be_absent(&mut self, commit: C, absent: &Arc<Absent>) {
        match self.absent.entry(commit) {
            hash_map::Entry::Vacant(place) => {
                place.insert(absent.clone());
            }
            hash_map::Entry::Occupied(mut place) => {
                if !Arc::ptr_eq(place.get(), absent) && place.get().stamp != absent.stamp {
                    let known = Arc::make_mut(place.get_mut());
                    if known.join(absent) {
                        self.stamps += 1;
                        known.stamp = self.stamps;
                    }
                }
            }
        }
    }

    /// A lineage came in at a child of commits.
    pub(super) fn was_absent(&mut self, parents: &[C], number: u32) {
        if self.waiting.is_empty() && !self.guesses.any_open() {
            return;
        }
        let (origin, is_guess) = (self.guesses.origin(number), !self.guesses.is_certain(number));
        for &parent in parents {
            self.stamps += 1;
            let absent = Arc::make_mut(self.absent.entry(parent).or_default());
            absent.add(number, origin, is_guess);
            absent.stamp = self.stamps;
        }
    }
}

fn put_all(marks: &mut Arc<Marks>, others: &Marks) {
    let marks = Arc::make_mut(marks);
    others.iter().for_each(|(at, numbers)| marks.put(at, numbers));
}
