//! The clauses of the files that a commit touched, carried to its parents.

use std::hash::Hash;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::marks::Marks;
use super::{Event, Tracker, add, join};
use crate::spec::token::Tokens;
use crate::trace::facts::{ChangeState, CommitFacts, EdgeState, FileState};

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

/// The changes of an edge by new place.
struct EdgeIndex<'e> {
    edge: &'e EdgeState,
    changes: Vec<(&'e BStr, u32, usize)>,
}

impl<'e> EdgeIndex<'e> {
    fn new(edge: &'e EdgeState) -> Self {
        let of = |(number, change): (usize, &'e ChangeState)| {
            let new = change.new.as_ref()?;
            Some((new.path.as_bstr(), new.at, number))
        };
        let mut changes: Vec<_> = edge.changes.iter().enumerate().filter_map(of).collect();
        changes.sort_unstable();
        EdgeIndex { edge, changes }
    }

    fn file(&'e self, path: &'e BString) -> FileIndex<'e> {
        let from = self.changes.partition_point(|change| change.0 < path.as_bstr());
        let len = self.changes[from..].partition_point(|change| change.0 == path.as_bstr());
        FileIndex {
            edge: self.edge,
            path,
            file: self.edge.file(path.as_bstr()),
            changes: &self.changes[from..from + len],
        }
    }
}

/// What an edge says of one file of the commit.
struct FileIndex<'e> {
    edge: &'e EdgeState,
    path: &'e BString,
    file: Option<&'e FileState>,
    changes: &'e [(&'e BStr, u32, usize)],
}

impl<'e> FileIndex<'e> {
    fn change(&self, at: u32) -> Option<usize> {
        let after = self.changes.partition_point(|change| change.1 <= at);
        let (_, place, number) = self.changes.get(after.checked_sub(1)?)?;
        (*place == at).then_some(*number)
    }

    fn see(&self, at: u32) -> Seen<'e> {
        let Some(file) = self.file else { return Seen::Same(self.path, at) };
        match (self.edge.old_place(file, at), self.change(at)) {
            (Some((path, at)), Some(change)) => Seen::Changed(path, at, change),
            (Some((path, at)), None) => Seen::Same(path, at),
            (None, Some(change)) => Seen::Added(change),
            (None, None) if file.elsewhere => Seen::Elsewhere,
            (None, None) => Seen::Same(self.path, at),
        }
    }

    /// Whether each of its clauses that the parent has stands at the same place there.
    fn keeps_places(&self) -> bool {
        let stays = |path: u32| self.edge.old_paths.get(path as usize) == Some(self.path);
        self.file.is_none_or(|file| file.runs.iter().all(|run| run.old == run.new && stays(run.old_path)))
    }

    /// Whether nobody compared the file with the parent's.
    fn is_elsewhere(&self) -> bool {
        self.changes.is_empty() && self.file.is_some_and(|file| file.elsewhere && file.runs.is_empty())
    }
}

/// A file of a parent that clauses are being passed to, taken out of what is followed there.
struct Target<'e> {
    path: &'e BString,
    number: u32,
    marks: Arc<Marks>,
}

/// A commit, as clauses of one of its files are carried on.
struct Step<'e, C> {
    commit: C,
    parents: &'e [C],
    facts: &'e Arc<CommitFacts>,
    edges: &'e [FileIndex<'e>],
    number: u32,
    targets: Vec<Option<Target<'e>>>,
}

impl<C: Copy + Eq + Hash> Tracker<C> {
    /// Carries the followed clauses of files that a commit touched to its parents.
    pub(super) fn step_files(
        &mut self,
        commit: C,
        parents: &[C],
        facts: &Arc<CommitFacts>,
        files: Vec<(u32, Arc<Marks>)>,
    ) {
        let edges: Vec<EdgeIndex> = facts.edges.iter().map(EdgeIndex::new).collect();
        for (number, marks) in files {
            let path = self.paths.name(number).clone();
            let edges: Vec<FileIndex> = edges.iter().map(|edge| edge.file(&path)).collect();
            let targets = edges.iter().map(|_| None).collect();
            let mut step = Step { commit, parents, facts, edges: &edges, number, targets };
            if self.stays(&step, &marks) {
                continue;
            }
            let (mut numbers, mut seen) = (Vec::new(), Vec::new());
            for (at, there) in marks.iter() {
                self.settle(there, &mut numbers);
                if numbers.is_empty() {
                    continue;
                }
                seen.clear();
                seen.extend(edges.iter().map(|edge| edge.see(at)));
                self.step_one(&mut step, at, &seen, &numbers);
            }
            (0..edges.len()).for_each(|edge| self.put_back(&mut step, edge));
        }
    }

    /// What numbers turned out to be, without those that turned out wrong.
    pub(super) fn settle(&self, numbers: &[u32], settled: &mut Vec<u32>) {
        settled.clear();
        settled.extend(numbers.iter().map(|&number| self.guesses.settled(number)));
        settled.retain(|&number| !self.guesses.is_wrong(number));
        settled.sort_unstable();
        settled.dedup();
    }

    /// Passes a file on as a whole, if the clauses that go on keep their places in it; answers whether that was so.
    fn stays(&mut self, step: &Step<C>, marks: &Arc<Marks>) -> bool {
        match (step.edges, step.parents) {
            ([edge], &[parent]) if edge.keeps_places() && !edge.file.is_some_and(|file| file.elsewhere) => {
                self.stays_in(step, edge, parent, marks);
                true
            }
            (edges, parents)
                if self.everywhere
                    && edges.len() == parents.len()
                    && edges.iter().any(|edge| edge.file.is_none())
                    && edges.iter().all(|edge| edge.file.is_none() || edge.is_elsewhere()) =>
            {
                for (edge, &parent) in edges.iter().zip(parents) {
                    match edge.file {
                        None => self.pass_file(parent, step.number, marks),
                        Some(_) => self.wait_file(parent, step.commit, step.number, marks),
                    }
                }
                true
            }
            _ => false,
        }
    }

    /// Passes a file of a commit with one parent on, of which only the changed clauses are looked at.
    fn stays_in(&mut self, step: &Step<C>, edge: &FileIndex, parent: C, marks: &Arc<Marks>) {
        let (mut marks, mut numbers) = (marks.clone(), Vec::new());
        for (order, &(_, at, change)) in edge.changes.iter().enumerate() {
            let is_last = edge.changes.get(order + 1).is_none_or(|next| next.1 != at);
            if !is_last || marks.at(at).is_empty() {
                continue;
            }
            self.settle(marks.at(at), &mut numbers);
            self.record(step, 0, change, &numbers);
            if edge.file.is_some_and(|file| edge.edge.old_place(file, at).is_none()) {
                Arc::make_mut(&mut marks).remove(at);
                self.came_in(step.commit, step.parents, &numbers);
            }
        }
        if !marks.is_empty() {
            self.pass_file(parent, step.number, &marks);
        }
    }

    fn step_one<'e>(&mut self, step: &mut Step<'e, C>, at: u32, seen: &[Seen<'e>], numbers: &[u32]) {
        let unchanged = seen.iter().any(|seen| matches!(seen, Seen::Same(..)));
        for (edge, seen) in seen.iter().enumerate() {
            if let Seen::Changed(_, _, number) | Seen::Added(number) = *seen
                && step.facts.made(edge, number)
            {
                self.record(step, edge, number, numbers);
            }
        }
        let mut went_on = false;
        for (edge, seen) in seen.iter().enumerate() {
            let (path, at) = match *seen {
                Seen::Same(path, at) => (path, at),
                Seen::Changed(path, at, change) => {
                    let change = &step.edges[edge].edge.changes[change];
                    if unchanged && !change.dropped {
                        if let Some(&parent) = step.parents.get(edge).filter(|_| self.everywhere) {
                            self.put_back(step, edge);
                            self.pass_surely_or_not(parent, (path, at), numbers, has_same_words(change));
                        }
                        continue;
                    }
                    (path, at)
                }
                Seen::Elsewhere => {
                    if let Some(&parent) = step.parents.get(edge).filter(|_| self.everywhere) {
                        self.wait(parent, step.commit, (step.number, at), numbers);
                    }
                    continue;
                }
                Seen::Added(_) => continue,
            };
            went_on = true;
            match step.parents.get(edge) {
                Some(&parent) => self.pass_to(step, (edge, parent), (path, at), numbers),
                None => numbers.iter().for_each(|&number| self.complete[number as usize] = true),
            }
        }
        if !went_on {
            self.came_in(step.commit, step.parents, numbers);
        }
    }

    fn record(&mut self, step: &Step<C>, edge: usize, change: usize, numbers: &[u32]) {
        for &number in numbers {
            self.push_event(number, Event::new(step.commit, step.facts, edge, change));
        }
    }

    /// [`Tracker::pass`] to a parent, whose file stays at hand for the next clause.
    fn pass_to<'e>(
        &mut self,
        step: &mut Step<'e, C>,
        (edge, parent): (usize, C),
        (path, at): (&'e BString, u32),
        numbers: &[u32],
    ) {
        if step.targets[edge].as_ref().is_none_or(|target| target.path != path) {
            self.put_back(step, edge);
            let number = self.paths.number(path);
            let here = Arc::make_mut(self.interest.entry(parent).or_default());
            let marks = here.remove(&number).unwrap_or_default();
            step.targets[edge] = Some(Target { path, number, marks });
        }
        let Some(target) = &mut step.targets[edge] else { return };
        if target.number != step.number {
            numbers.iter().for_each(|&number| self.paths.settle(self.guesses.origin(number), target.number));
        }
        add(&mut target.marks, at, numbers, &mut self.guesses, &mut self.joined);
    }

    /// Puts the file of a parent back among what is followed there.
    fn put_back(&mut self, step: &mut Step<C>, edge: usize) {
        let taken = step.targets[edge].take().filter(|target| !target.marks.is_empty());
        if let Some((target, &parent)) = taken.zip(step.parents.get(edge)) {
            let here = Arc::make_mut(self.interest.entry(parent).or_default());
            join(here, (target.number, &target.marks), &mut self.guesses, &mut self.joined);
        }
    }

    /// Follows what matching takes for a clause: as the clause itself where it is sure, or else as a guess.
    pub(super) fn pass_surely_or_not(&mut self, commit: C, (path, at): (&BString, u32), numbers: &[u32], sure: bool) {
        if sure {
            return self.pass(commit, path, at, numbers);
        }
        for &number in numbers {
            let settled = self.guesses.settled(number);
            let known = self.at(commit, path.as_bstr(), at);
            if !known.iter().any(|&known| self.guesses.settled(known) == settled) {
                let guess = self.number(Some(settled));
                self.pass(commit, path, at, &[guess]);
            }
        }
    }
}

/// Whether a clause kept its words on an edge, whatever else changed.
fn has_same_words(change: &ChangeState) -> bool {
    let (Some(old), Some(new)) = (&change.old, &change.new) else { return false };
    old.version == new.version && (new.tokens as usize >= Tokens::MEANINGFUL || old.anchor == new.anchor)
}
