//! Clauses of a merge on their way into a parent whose file nobody compared, as another parent has it as the merge has it.
//!
//! Most often the parent has an older state that no commit of its side touched, and the other parent's line comes to that
//! state first. Only where a commit touched the file are the two states of it compared.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::guess::Guesses;
use super::{Lookup, Marks, Tracker};
use crate::trace::facts::CommitFacts;

/// A file of a merge that one parent has otherwise, on its way to a commit that touched it there.
#[derive(Debug)]
pub(super) struct Waiting<C> {
    path: BString,
    merge: C,
    marks: Arc<Marks>,
}

impl<C: Copy + Eq + Hash> Tracker<C> {
    /// Follows a clause of a merge into a parent that has its file otherwise, as soon as somebody touched the file there.
    pub(super) fn wait(&mut self, parent: C, merge: C, (path, at): (&BString, u32), lineages: &[u32]) {
        let here = self.waiting.entry(parent).or_default();
        let known = here.iter().position(|waiting| waiting.merge == merge && waiting.path == *path);
        let number = known.unwrap_or_else(|| {
            here.push(Waiting { path: path.clone(), merge, marks: Arc::default() });
            here.len() - 1
        });
        Arc::make_mut(&mut here[number].marks).entry(at).or_default().extend_from_slice(lineages);
    }

    /// Takes on what waits at a commit: a clause that is followed here already, or that had come in behind this commit,
    /// needs to wait no longer; one whose file this commit touched is looked for in it.
    pub(super) fn wait_on(&mut self, commit: C, parents: &[C], facts: &CommitFacts, lookup: &mut dyn Lookup<C>) {
        if self.waiting.is_empty() && !self.guesses.any_open() {
            self.absent.clear();
            return;
        }
        let absent = self.absent.remove(&commit).unwrap_or_default();
        let waiting = self.waiting.remove(&commit);
        if waiting.is_some() || self.guesses.any_open() {
            let followed = self.interest.get(&commit).into_iter().flat_map(HashMap::values);
            let followed: Vec<u32> = followed.flat_map(|marks| marks.values().flatten()).copied().collect();
            if self.guesses.any_open() {
                self.guesses.refute(&followed, absent.iter().copied());
            }
            let numbers = absent.iter().chain(&followed);
            let known: HashSet<u32> = numbers.map(|&number| self.guesses.origin(number)).collect();
            let is_known = |guesses: &Guesses, number: u32| known.contains(&guesses.origin(number));
            for mut waiting in waiting.into_iter().flatten() {
                if waiting.marks.values().flatten().any(|&number| is_known(&self.guesses, number)) {
                    let left = Arc::make_mut(&mut waiting.marks);
                    left.values_mut().for_each(|numbers| numbers.retain(|&n| !is_known(&self.guesses, n)));
                    left.retain(|_, numbers| !numbers.is_empty());
                }
                if waiting.marks.is_empty() {
                    continue;
                }
                if facts.edges.iter().any(|edge| edge.file(waiting.path.as_bstr()).is_some()) {
                    self.find_waiting(commit, &waiting, lookup);
                } else {
                    parents.iter().for_each(|&parent| self.wait_further(parent, &waiting));
                }
            }
        }
        for &parent in parents.iter().filter(|_| !absent.is_empty()) {
            self.absent.entry(parent).or_default().extend(&absent);
        }
    }

    fn wait_further(&mut self, parent: C, waiting: &Waiting<C>) {
        let here = self.waiting.entry(parent).or_default();
        let same = |known: &&mut Waiting<C>| known.path == waiting.path && known.merge == waiting.merge;
        match here.iter_mut().find(same) {
            None => {
                here.push(Waiting { path: waiting.path.clone(), merge: waiting.merge, marks: waiting.marks.clone() })
            }
            Some(known) if Arc::ptr_eq(&known.marks, &waiting.marks) => {}
            Some(known) => {
                let marks = Arc::make_mut(&mut known.marks);
                for (&at, numbers) in waiting.marks.iter() {
                    let there = marks.entry(at).or_default();
                    there.extend(numbers);
                    there.sort_unstable();
                    there.dedup();
                }
            }
        }
    }

    fn find_waiting(&mut self, commit: C, waiting: &Waiting<C>, lookup: &mut dyn Lookup<C>) {
        for bonded in lookup.bonds(waiting.merge, commit, waiting.path.as_bstr()) {
            if let Some(lineages) = waiting.marks.get(&bonded.new) {
                self.pass_surely_or_not(commit, (&waiting.path, bonded.old), lineages, bonded.exact);
            }
        }
    }
}
