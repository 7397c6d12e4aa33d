//! What a commit did to the specification: read from the index, or understood anew and kept there.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::joined;
use super::source::{EdgeDocuments, Source};
use crate::error::Error;
use crate::git::{CommitRecord, FileChange, Oid};
use crate::spec::change::ChangeKind;
use crate::trace::facts::{ChangeState, CommitFacts, EdgeState, FileState};

/// The facts of a commit. A commit at a shallow border has none.
pub fn facts(source: &Source, record: &CommitRecord) -> Result<Arc<CommitFacts>, Error> {
    if record.border {
        return Ok(Arc::default());
    }
    facts_of(source, record.oid, &record.parents)
}

/// The facts of a commit with these parents, which is at no border.
pub fn facts_of(source: &Source, commit: Oid, parents: &[Oid]) -> Result<Arc<CommitFacts>, Error> {
    if let Some(known) = source.known(commit, parents, true) {
        return Ok(known);
    }
    let real = source.repo.parents(commit)?;
    if real[..] != *parents {
        return Err(Error::OtherParents { commit: commit.to_string() });
    }
    let unseen = source.unseen_so_far();
    let facts = Arc::new(match parents[..] {
        [] => single(source, None, commit)?,
        [parent] => single(source, Some(parent), commit)?,
        _ => Merge::of(source, commit, parents)?.facts()?,
    });
    if source.unseen_so_far() == unseen {
        source.remember(commit, parents, &facts);
    }
    Ok(facts)
}

/// The facts of a commit for those who want its changes and no places.
pub fn changes(source: &Source, record: &CommitRecord) -> Result<Arc<CommitFacts>, Error> {
    match source.known(record.oid, &record.parents, false).filter(|_| !record.border) {
        Some(known) => Ok(known),
        None => facts(source, record),
    }
}

/// The facts of a commit as against its first parent alone, as `--first-parent` has it.
pub fn first_parent_facts(source: &Source, record: &CommitRecord) -> Result<Arc<CommitFacts>, Error> {
    match record.parents[..] {
        [first, _, ..] => single(source, Some(first), record.oid).map(Arc::new),
        _ => facts(source, record),
    }
}

fn single(source: &Source, parent: Option<Oid>, commit: Oid) -> Result<CommitFacts, Error> {
    let files = source.spec_changes(parent, commit)?;
    if files.is_empty() {
        return Ok(CommitFacts::default());
    }
    let edge = source.edge(&files)?;
    let mut state = state(&edge);
    let left = parent.and_then(|parent| left(source, (parent, commit), &files, &state));
    let new = edge.new.clone();
    // All files of a specification may have joined it at once: what was compared makes room.
    drop(edge);
    if let Some(parent) = parent {
        joined::tell(source, (parent, commit), &files, &new, &mut state)?;
    }
    Ok(CommitFacts { edges: vec![state], own: Vec::new(), left })
}

/// The files that left the specification, with where they went. What can't be told is asked again by whoever wants it.
fn left(source: &Source, edge: (Oid, Oid), files: &[FileChange], state: &EdgeState) -> Option<Vec<(BString, BString)>> {
    let removed = state.changes.iter().filter(|change| change.is(ChangeKind::Removed));
    let went: HashSet<&BString> = removed.filter_map(|change| Some(&change.old.as_ref()?.path)).collect();
    joined::left(source, edge, files, |path| went.contains(path)).ok()
}

fn state(edge: &EdgeDocuments) -> EdgeState {
    EdgeState::of(&edge.comparison, &edge.old, &edge.new)
}

/// A merge and what differs from each of its parents.
pub(super) struct Merge<'s> {
    pub(super) source: &'s Source,
    pub(super) commit: Oid,
    pub(super) parents: &'s [Oid],
    pub(super) differing: Vec<Vec<FileChange>>,
    /// The merge bases of two parents, which are those of either with the other.
    pub(super) bases_of_both: OnceCell<Option<Vec<Oid>>>,
}

impl<'s> Merge<'s> {
    fn of(source: &'s Source, commit: Oid, parents: &'s [Oid]) -> Result<Merge<'s>, Error> {
        let differing: Result<Vec<_>, Error> =
            parents.iter().map(|&parent| source.spec_changes(Some(parent), commit)).collect();
        Ok(Merge { source, commit, parents, differing: differing?, bases_of_both: OnceCell::new() })
    }

    fn facts(&self) -> Result<CommitFacts, Error> {
        if self.differing.iter().all(Vec::is_empty) {
            return Ok(CommitFacts::default());
        }
        let edges: Result<Vec<EdgeState>, Error> = (0..self.parents.len()).map(|at| self.edge(at, false)).collect();
        let mut edges = edges?;
        for number in self.without_origins(&edges) {
            edges[number] = self.edge(number, true)?;
        }
        let mut own = own(&edges);
        self.add_dropped(&mut edges, &mut own)?;
        Ok(CommitFacts { edges, own, left: None })
    }

    /// What differs from a parent in the files that differ from all parents. With `widely`, their clauses are looked for
    /// in all files that differ from this parent.
    fn edge(&self, number: usize, widely: bool) -> Result<EdgeState, Error> {
        let (own, others): (Vec<FileChange>, Vec<FileChange>) =
            self.differing[number].iter().cloned().partition(|file| self.differs_everywhere(file.path.as_bstr()));
        let compared = self.source.edge(if widely { &self.differing[number] } else { &own })?;
        let wanted = |path: &BStr| !widely || find(&own, path).is_some();
        let mut edge = EdgeState::of_files(&compared.comparison, &compared.old, &compared.new, wanted);
        edge.files.extend(others.into_iter().filter(|file| file.new.is_some()).map(|file| FileState {
            path: file.path,
            runs: Vec::new(),
            elsewhere: true,
        }));
        edge.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(edge)
    }

    /// The parents that seem to lack a clause which another one has otherwise than the merge: they may have it in another
    /// file, which that one renamed or took it from. Where all seem to lack it, one of which files are gone may have it: so
    /// the history of another project looks that is taken in below a directory.
    fn without_origins(&self, edges: &[EdgeState]) -> Vec<usize> {
        let known: Vec<HashMap<Subject, u32>> = edges.iter().map(subjects).collect();
        let bonded = |subject: Subject| {
            let at = known.iter().zip(edges).filter_map(|(known, edge)| Some((edge, *known.get(&subject)?)));
            at.into_iter().any(|(edge, at)| edge.changes[at as usize].old.is_some())
        };
        let is_new = |subject: Subject| known.iter().all(|known| known.contains_key(&subject)) && !bonded(subject);
        let lost_files = |number: usize| self.differing[number].iter().any(|file| file.new.is_none());
        let lacks = |number: usize| {
            let mut added = edges[number].changes.iter().filter(|change| change.is(ChangeKind::Added));
            let may_have = |subject: Subject| bonded(subject) || (lost_files(number) && is_new(subject));
            added.any(|change| Subject::of(change).is_some_and(may_have))
        };
        let all_own = |number: usize| self.differing[number].iter().all(|f| self.differs_everywhere(f.path.as_bstr()));
        (0..edges.len()).filter(|&number| lacks(number) && !all_own(number)).collect()
    }

    fn differs_everywhere(&self, path: &BStr) -> bool {
        self.differing.iter().all(|files| find(files, path).is_some())
    }
}

/// What a change is about: the clause as the commit has it, or the one that went. Two edges of a merge speak of the same
/// clause when their changes have the same subject.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject<'c> {
    Here(&'c BStr, u32),
    Gone(&'c BStr, &'c str),
}

pub(super) type SubjectOwned = (BString, Option<u32>, String);

impl<'c> Subject<'c> {
    pub(super) fn of(change: &'c ChangeState) -> Option<Subject<'c>> {
        match (&change.new, &change.old) {
            (Some(new), _) => Some(Subject::Here(new.path.as_bstr(), new.at)),
            (None, Some(old)) => Some(Subject::Gone(old.path.as_bstr(), &old.anchor)),
            (None, None) => None,
        }
    }

    pub(super) fn to_owned(self) -> SubjectOwned {
        match self {
            Subject::Here(path, at) => (path.to_owned(), Some(at), String::new()),
            Subject::Gone(path, anchor) => (path.to_owned(), None, anchor.to_owned()),
        }
    }
}

pub(super) fn subjects(edge: &EdgeState) -> HashMap<Subject<'_>, u32> {
    edge.changes.iter().zip(0..).filter_map(|(change, at)| Some((Subject::of(change)?, at))).collect()
}

/// The changes that a merge made itself: of clauses that differ from all parents, and in one respect from all that have
/// them. Words from one parent under a title or in a file from another one make no change.
fn own(edges: &[EdgeState]) -> Vec<(u32, u32)> {
    let known: Vec<HashMap<Subject, u32>> = edges.iter().map(subjects).collect();
    let mut own = Vec::new();
    for subject in edges.iter().take(1).flat_map(|edge| &edge.changes).filter_map(Subject::of) {
        let seen: Option<Vec<(u32, u32)>> =
            known.iter().zip(0..).map(|(known, edge)| Some((edge, *known.get(&subject)?))).collect();
        let Some(mut seen) = seen else { continue };
        let change = |&(edge, at): &(u32, u32)| &edges[edge as usize].changes[at as usize];
        if seen.iter().any(|at| !change(at).is(ChangeKind::Added)) {
            seen.retain(|at| !change(at).is(ChangeKind::Added));
        }
        let Some(&first) = seen.first() else { continue };
        if change(&first).kinds.iter().any(|&kind| seen.iter().all(|at| change(at).is(kind))) {
            own.push(first);
        }
    }
    own
}

pub(super) fn own_subjects(edges: &[EdgeState], own: &[(u32, u32)]) -> HashSet<SubjectOwned> {
    let subject = |&(edge, at): &(u32, u32)| Subject::of(edges[edge as usize].changes.get(at as usize)?);
    own.iter().filter_map(subject).map(Subject::to_owned).collect()
}

pub(super) fn find<'f>(files: &'f [FileChange], path: &BStr) -> Option<&'f FileChange> {
    files.binary_search_by(|file| file.path.as_bstr().cmp(path)).ok().map(|at| &files[at])
}
