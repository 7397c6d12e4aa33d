//! What a commit did to the specification: read from the index, or understood anew and kept there.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::ledger::commit_id;
use super::source::{Content, EdgeDocuments, Source};
use crate::error::Error;
use crate::git::{CommitRecord, FileChange, Oid};
use crate::spec::change::{Change, ChangeKind, phrases};
use crate::spec::clause::Clause;
use crate::spec::matching::{ClauseAt, Document};
use crate::spec::{Grade, Version};
use crate::trace::facts::{ChangeState, ClauseState, CommitFacts, EdgeState, FileState, Run};

/// How many commits of a side are looked through for a state that the side has left behind.
const MOST_LOOKED_THROUGH: usize = 512;

/// So many files are looked up by path; for more, whole trees are compared.
const FEW_FILES: usize = 4;

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
    Ok(CommitFacts { edges: vec![state(&edge)], own: Vec::new() })
}

fn state(edge: &EdgeDocuments) -> EdgeState {
    EdgeState::of(&edge.comparison, &edge.old, &edge.new)
}

/// A merge and what differs from each of its parents.
struct Merge<'s> {
    source: &'s Source,
    commit: Oid,
    parents: &'s [Oid],
    differing: Vec<Vec<FileChange>>,
    /// The merge bases of two parents, which are those of either with the other.
    bases_of_both: OnceCell<Option<Vec<Oid>>>,
}

/// A clause's place in a parent: its file and its position.
type OldPlace = (BString, usize);

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
        Ok(CommitFacts { edges, own })
    }

    /// What differs from a parent in the files that differ from all parents. With `widely`, their clauses are looked for
    /// in all files that differ from this parent.
    fn edge(&self, number: usize, widely: bool) -> Result<EdgeState, Error> {
        let (own, others): (Vec<FileChange>, Vec<FileChange>) =
            self.differing[number].iter().cloned().partition(|file| self.differs_everywhere(file.path.as_bstr()));
        let mut edge = state(&self.source.edge(if widely { &self.differing[number] } else { &own })?);
        if widely {
            edge.files.retain(|file| find(&own, file.path.as_bstr()).is_some());
            edge.changes.retain(|change| {
                let path = change.new.as_ref().or(change.old.as_ref()).map(|state| state.path.as_bstr());
                path.is_some_and(|path| find(&own, path).is_some())
            });
        }
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

    /// Marks what a parent had newer than all that the parents share, and the merge hasn't.
    fn add_dropped(&self, edges: &mut [EdgeState], own: &mut Vec<(u32, u32)>) -> Result<(), Error> {
        for number in 0..self.parents.len() {
            let Some(bases) = self.bases(number) else { continue };
            let shown: HashSet<SubjectOwned> = own_subjects(edges, own);
            let mut found = self.dropped(number, &bases, false)?;
            if !found.is_empty() {
                // What seems to be gone may stand in another file.
                found = self.dropped(number, &bases, true)?;
            }
            found.retain(|dropped| Subject::of(dropped).is_some_and(|subject| !shown.contains(&subject.to_owned())));
            mark(&mut edges[number], number as u32, found, own);
        }
        own.sort_unstable();
        own.dedup();
        Ok(())
    }

    /// What a parent had newer than these merge bases, and the merge hasn't; looked for in the files of the same name, or
    /// `widely` in all that differ.
    fn dropped(&self, number: usize, bases: &[Oid], widely: bool) -> Result<Vec<ChangeState>, Error> {
        let mut found = Vec::new();
        let Some((files, since)) = self.changed_since(number, bases, widely)? else { return Ok(found) };
        let edge = self.source.edge(&files)?;
        if !edge.comparison.changes.iter().any(counts) {
            return Ok(found);
        }
        let news: Result<Vec<AllNews>, Error> =
            since.iter().map(|changes| Ok(news(&self.source.edge(changes)?))).collect();
        let since = news?;
        // Read only where there is something to look for.
        let mut phrases: Option<[HashSet<String>; 2]> = None;
        for change in edge.comparison.changes.iter().filter(|change| counts(change)) {
            let Some(old) = change.old else { continue };
            let place = (edge.old[old.doc].path.clone(), old.at);
            if !since.iter().all(|news| news.contains_key(&place)) {
                continue;
            }
            let [had, standing] = match &mut phrases {
                Some(known) => known,
                unread => unread.insert(self.phrases(number)?),
            };
            let here: HashSet<String> =
                change.new.map(|new| all_phrases(&edge.new[new.doc].clauses[new.at])).into_iter().flatten().collect();
            let stands = Standing { here: &here, anywhere: standing, before: had };
            if !since.iter().all(|news| news.get(&place).is_some_and(|news| news.is_lost(&stands))) {
                continue;
            }
            let version = edge.old[old.doc].clauses[old.at].version();
            if !self.had_since(number, bases, &place.0, version)? {
                found.push(ChangeState { dropped: true, ..ChangeState::of(change, &edge.old, &edge.new) });
            }
        }
        Ok(found)
    }

    /// The merge bases of a parent with each other one; none where the graph cannot be had.
    fn bases(&self, number: usize) -> Option<Vec<Oid>> {
        if self.differing[number].is_empty() {
            return None;
        }
        if let ([_, _], Some(both)) = (self.parents, self.bases_of_both.get()) {
            return both.clone();
        }
        let bases = self.find_bases(number);
        let _ = self.bases_of_both.set(bases.clone());
        bases
    }

    fn find_bases(&self, number: usize) -> Option<Vec<Oid>> {
        let graph = self.source.graph(self.commit)?;
        let mut bases = Vec::new();
        for (_, &parent) in self.parents.iter().enumerate().filter(|(other, _)| *other != number) {
            let found = graph.merge_bases(commit_id(self.parents[number])?, commit_id(parent)?)?;
            bases.extend(found.iter().filter_map(|id| Oid::from_raw(id.as_bytes()).ok()));
        }
        bases.sort_unstable();
        bases.dedup();
        (!bases.is_empty()).then_some(bases)
    }

    /// The files that the merge has otherwise than this parent, and this parent otherwise than every base; and of each
    /// base, how this parent's files changed since then. `widely`: all files that differ.
    fn changed_since(&self, number: usize, bases: &[Oid], widely: bool) -> Result<Option<Changed>, Error> {
        let parent = self.parents[number];
        let mut files: Vec<FileChange> = self.differing[number].clone();
        files.retain(|file| widely || file.old.is_some());
        let mut changed = Vec::new();
        for &base in bases {
            let since = match files.len() {
                ..=FEW_FILES if !widely => self.changes_of(&files, base, parent)?,
                _ => self.source.spec_changes(Some(base), parent)?,
            };
            files.retain(|file| widely || find(&since, file.path.as_bstr()).is_some());
            if files.is_empty() {
                return Ok(None);
            }
            changed.push(since);
        }
        for changes in &mut changed {
            changes.retain(|file| widely || find(&files, file.path.as_bstr()).is_some());
        }
        Ok(Some((files, changed)))
    }

    /// How these files differ between a base and a parent: other files that differ are not looked for.
    fn changes_of(&self, files: &[FileChange], base: Oid, parent: Oid) -> Result<Vec<FileChange>, Error> {
        let mut changes = Vec::new();
        for file in files {
            let at = |commit| self.source.repo.file_at(commit, &file.path);
            let (old, new) = (at(base)?, at(parent)?);
            if old != new {
                changes.push(FileChange { path: file.path.clone(), old, new });
            }
        }
        Ok(changes)
    }

    /// The sentences of a parent and of the merge in all files in which they differ.
    fn phrases(&self, number: usize) -> Result<[HashSet<String>; 2], Error> {
        let mut all = [HashSet::new(), HashSet::new()];
        for file in &self.differing[number] {
            for (side, all) in [file.old, file.new].into_iter().zip(&mut all) {
                let Some((_, blob)) = side.filter(|(mode, _)| mode.is_file()) else { continue };
                let document = self.source.document(file.path.as_bstr(), &Content::Blob(blob))?;
                document.clauses.iter().for_each(|clause| all.extend(all_phrases(clause)));
            }
        }
        Ok(all)
    }

    /// Whether another parent had a state of a clause since the bases, and went on from it.
    fn had_since(&self, number: usize, bases: &[Oid], path: &BString, version: Version) -> Result<bool, Error> {
        let Some(graph) = self.source.graph(self.commit) else { return Ok(false) };
        let ends: Vec<_> = bases.iter().filter_map(|&base| commit_id(base)).collect();
        for (_, &parent) in self.parents.iter().enumerate().filter(|(other, _)| *other != number) {
            let Some(from) = commit_id(parent) else { continue };
            let mut looked_at: Option<Oid> = None;
            for commit in graph.between(from, &ends, MOST_LOOKED_THROUGH) {
                let Ok(commit) = Oid::from_raw(commit.as_bytes()) else { continue };
                let Some((mode, blob)) = self.source.repo.file_at(commit, path)? else { continue };
                if !mode.is_file() || looked_at == Some(blob) {
                    continue;
                }
                looked_at = Some(blob);
                let document = self.source.document(path.as_bstr(), &Content::Blob(blob))?;
                if document.clauses.iter().any(|clause| clause.version() == version) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// What a clause of a parent says since a base, and what it says no more.
struct News {
    came: Vec<String>,
    went: Vec<String>,
}

/// The sentences that a merge has in a clause and anywhere, and those that the parent has anywhere.
struct Standing<'s> {
    here: &'s HashSet<String>,
    anywhere: &'s HashSet<String>,
    before: &'s HashSet<String>,
}

impl News {
    /// Whether a merge knows nothing of some of it. What went from one clause may well stand in another one.
    fn is_lost(&self, stands: &Standing) -> bool {
        let back = |sentence: &String| stands.anywhere.contains(sentence) && !stands.before.contains(sentence);
        self.came.iter().any(|sentence| !stands.anywhere.contains(sentence))
            || self.went.iter().any(|sentence| stands.here.contains(sentence) || back(sentence))
    }
}

/// All sentences and code lines of a clause, short ones too.
fn all_phrases(clause: &Clause) -> Vec<String> {
    phrases(clause, 1)
}

/// The news of a parent's clauses since a base, by their place in the parent.
type AllNews = HashMap<OldPlace, News>;

/// Files that a parent and the merge have otherwise, and how the parent's changed since each base.
type Changed = (Vec<FileChange>, Vec<Vec<FileChange>>);

fn news(edge: &EdgeDocuments) -> AllNews {
    let clause = |documents: &[Arc<Document>], at: ClauseAt| all_phrases(&documents[at.doc].clauses[at.at]);
    let mut all = AllNews::new();
    for change in edge.comparison.changes.iter().filter(|change| change.is(ChangeKind::Added) || counts(change)) {
        let Some(new) = change.new else { continue };
        let before: HashSet<String> = change.old.map(|at| clause(&edge.old, at)).into_iter().flatten().collect();
        let after: HashSet<String> = clause(&edge.new, new).into_iter().collect();
        let came = after.difference(&before).cloned().collect();
        let went = before.difference(&after).cloned().collect();
        all.insert((edge.new[new.doc].path.clone(), new.at), News { came, went });
    }
    all
}

/// Whether a change takes a demand away or alters it by more than spelling.
fn counts(change: &Change) -> bool {
    change.is(ChangeKind::Removed) || (change.is(ChangeKind::Modified) && change.grade != Some(Grade::Minor))
}

/// Puts dropped states on their edge, and tells of them among the merge's own changes.
fn mark(edge: &mut EdgeState, number: u32, found: Vec<ChangeState>, own: &mut Vec<(u32, u32)>) {
    if found.is_empty() {
        return;
    }
    let known: HashMap<SubjectOwned, u32> =
        subjects(edge).into_iter().map(|(subject, at)| (subject.to_owned(), at)).collect();
    for dropped in found {
        let at = Subject::of(&dropped).and_then(|subject| known.get(&subject.to_owned())).copied();
        if let Some(at) = at {
            edge.changes[at as usize].dropped = true;
            own.push((number, at));
            continue;
        }
        if let (Some(old), Some(new)) = (&dropped.old, &dropped.new) {
            add_bond(edge, old, new);
        }
        own.push((number, edge.changes.len() as u32));
        edge.changes.push(dropped);
    }
}

fn add_bond(edge: &mut EdgeState, old: &ClauseState, new: &ClauseState) {
    let old_path = edge.old_paths.iter().position(|path| *path == old.path).unwrap_or_else(|| {
        edge.old_paths.push(old.path.clone());
        edge.old_paths.len() - 1
    });
    if let Ok(at) = edge.files.binary_search_by(|file| file.path.cmp(&new.path)) {
        let runs = &mut edge.files[at].runs;
        let place = runs.partition_point(|run| run.new < new.at);
        runs.insert(place, Run { new: new.at, len: 1, old_path: old_path as u32, old: old.at });
    }
}

/// What a change is about: the clause as the commit has it, or the one that went. Two edges of a merge speak of the same
/// clause when their changes have the same subject.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Subject<'c> {
    Here(&'c BStr, u32),
    Gone(&'c BStr, &'c str),
}

type SubjectOwned = (BString, Option<u32>, String);

impl<'c> Subject<'c> {
    fn of(change: &'c ChangeState) -> Option<Subject<'c>> {
        match (&change.new, &change.old) {
            (Some(new), _) => Some(Subject::Here(new.path.as_bstr(), new.at)),
            (None, Some(old)) => Some(Subject::Gone(old.path.as_bstr(), &old.anchor)),
            (None, None) => None,
        }
    }

    fn to_owned(self) -> SubjectOwned {
        match self {
            Subject::Here(path, at) => (path.to_owned(), Some(at), String::new()),
            Subject::Gone(path, anchor) => (path.to_owned(), None, anchor.to_owned()),
        }
    }
}

fn subjects(edge: &EdgeState) -> HashMap<Subject<'_>, u32> {
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

fn own_subjects(edges: &[EdgeState], own: &[(u32, u32)]) -> HashSet<SubjectOwned> {
    let subject = |&(edge, at): &(u32, u32)| Subject::of(edges[edge as usize].changes.get(at as usize)?);
    own.iter().filter_map(subject).map(Subject::to_owned).collect()
}

fn find<'f>(files: &'f [FileChange], path: &BStr) -> Option<&'f FileChange> {
    files.binary_search_by(|file| file.path.as_bstr().cmp(path)).ok().map(|at| &files[at])
}
