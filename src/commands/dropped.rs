//! What a merge drops: states that a parent had newer than all that the parents share, and the merge hasn't.
//!
//! Most merges drop nothing, and most that join two changes of one file are told so by looking at each clause alone: one
//! that is as a merge base has it is no newer state. Only for the others are the parents compared with their bases.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::facts::{Merge, Subject, SubjectOwned, find, own_subjects, subjects};
use super::ledger::commit_id;
use super::source::{Content, EdgeDocuments, Sorted};
use crate::error::Error;
use crate::git::{FileChange, Oid};
use crate::spec::change::{Change, ChangeKind};
use crate::spec::clause::Clause;
use crate::spec::matching::Unchanged;
use crate::spec::sentences::Sentence;
use crate::spec::{Grade, Version};
use crate::trace::facts::{ChangeState, ClauseState, EdgeState, Run};

/// How many commits of a side are looked through for a state that the side has left behind.
const MOST_LOOKED_THROUGH: usize = 512;

/// So many files are looked up by path; for more, whole trees are compared.
const FEW_FILES: usize = 4;

impl Merge<'_> {
    /// Marks what a parent had newer than all that the parents share, and the merge hasn't.
    pub(super) fn add_dropped(&self, edges: &mut [EdgeState], own: &mut Vec<(u32, u32)>) -> Result<(), Error> {
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
        let mut suspects: Vec<&Change> = edge.comparison.changes.iter().filter(|change| counts(change)).collect();
        for changes in &since {
            self.leave_out_unchanged(&mut suspects, &edge, changes)?;
        }
        if suspects.is_empty() {
            return Ok(found);
        }
        let since: Result<Vec<_>, Error> = since.iter().map(|changes| self.source.edge(changes)).collect();
        let since = since?;
        let changed: Vec<Changes> = since.iter().map(|edge| by_place(edge)).collect();
        let mut standing = Standing { merge: self, number, sides: None };
        let mut others: HashMap<&BString, OfOthers> = HashMap::new();
        for change in suspects {
            let Some(old) = change.old else { continue };
            let (document, clause) = (&edge.old[old.doc], &edge.old[old.doc].clauses[old.at]);
            let place = (document.path.as_bstr(), old.at);
            let news: Option<Vec<News>> = since
                .iter()
                .zip(&changed)
                .map(|(since, changed)| Some(News::of(since, changed.get(&place)?)))
                .collect();
            let Some(news) = news else { continue };
            let here: HashSet<Sentence> =
                change.new.map(|new| &edge.new[new.doc].clauses[new.at]).map(all_sentences).unwrap_or_default();
            let mut lost = true;
            for news in &news {
                lost = lost && news.is_lost(&here, &mut standing)?;
            }
            if !lost {
                continue;
            }
            let others = match others.get_mut(&document.path) {
                Some(known) => known,
                None => others.entry(&document.path).or_insert(self.of_others(number, bases, &document.path)?),
            };
            if !others.had(self, clause.version())? {
                found.push(ChangeState { dropped: true, ..ChangeState::of(change, &edge.old, &edge.new) });
            }
        }
        Ok(found)
    }

    /// Leaves out the changes of clauses that the parent has as a base has them: matching the two would bond these before
    /// all else. What a person says of identity might prevent that.
    fn leave_out_unchanged(
        &self,
        suspects: &mut Vec<&Change>,
        edge: &EdgeDocuments,
        since: &[FileChange],
    ) -> Result<(), Error> {
        if !self.source.set.overrides().is_empty() {
            return Ok(());
        }
        let mut bases: HashMap<usize, Option<Arc<_>>> = HashMap::new();
        for doc in suspects.iter().filter_map(|change| Some(change.old?.doc)) {
            if bases.contains_key(&doc) {
                continue;
            }
            let path = edge.old[doc].path.as_bstr();
            let blob = find(since, path).and_then(|file| file.old).filter(|(mode, _)| mode.is_file());
            let base = blob.map(|(_, blob)| self.source.seen_document(path, &Content::Blob(blob))).transpose()?;
            bases.insert(doc, base.flatten());
        }
        let unchanged: HashMap<usize, Unchanged> =
            bases.iter().filter_map(|(&doc, base)| Some((doc, Unchanged::since(base.as_deref()?)))).collect();
        suspects.retain(|change| {
            let old = change.old.and_then(|old| Some((old, unchanged.get(&old.doc)?)));
            !old.is_some_and(|(old, unchanged)| unchanged.is(&edge.old[old.doc], old.at))
        });
        Ok(())
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

    /// The states of a file that the other parents had since the bases.
    fn of_others(&self, number: usize, bases: &[Oid], path: &BString) -> Result<OfOthers, Error> {
        let mut blobs: VecDeque<Oid> = VecDeque::new();
        let graph = self.source.graph(self.commit);
        let ends: Vec<_> = bases.iter().filter_map(|&base| commit_id(base)).collect();
        let others = self.parents.iter().enumerate().filter(|(other, _)| *other != number);
        for (graph, from) in others.filter_map(|(_, &parent)| Some((graph.as_ref()?, commit_id(parent)?))) {
            for commit in graph.between(from, &ends, MOST_LOOKED_THROUGH) {
                let Ok(commit) = Oid::from_raw(commit.as_bytes()) else { continue };
                match self.source.repo.file_at(commit, path)? {
                    Some((mode, blob)) if mode.is_file() && !blobs.contains(&blob) => blobs.push_back(blob),
                    _ => {}
                }
            }
        }
        Ok(OfOthers { path: path.clone(), blobs, seen: Vec::new() })
    }
}

/// The states of a file that other parents had, nearest first, read as far as they were asked for.
struct OfOthers {
    path: BString,
    blobs: VecDeque<Oid>,
    seen: Vec<Arc<Sorted<Version>>>,
}

impl OfOthers {
    /// Whether a clause had this version.
    fn had(&mut self, merge: &Merge, version: Version) -> Result<bool, Error> {
        if self.seen.iter().any(|versions| versions.has(&version)) {
            return Ok(true);
        }
        while let Some(blob) = self.blobs.pop_front() {
            let versions = merge.source.versions(self.path.as_bstr(), blob)?;
            self.seen.push(versions.clone());
            if versions.has(&version) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The sentences of a parent and of the merge in all files in which they differ, read where they are asked for.
struct Standing<'m> {
    merge: &'m Merge<'m>,
    number: usize,
    sides: Option<[Vec<Arc<Sorted<Sentence>>>; 2]>,
}

impl Standing<'_> {
    fn sides(&mut self) -> Result<&[Vec<Arc<Sorted<Sentence>>>; 2], Error> {
        if self.sides.is_none() {
            let mut all = [Vec::new(), Vec::new()];
            for file in &self.merge.differing[self.number] {
                for (side, all) in [file.old, file.new].into_iter().zip(&mut all) {
                    let Some((_, blob)) = side.filter(|(mode, _)| mode.is_file()) else { continue };
                    all.push(self.merge.source.sentences(file.path.as_bstr(), blob)?);
                }
            }
            self.sides = Some(all);
        }
        Ok(self.sides.get_or_insert_default())
    }

    /// Whether the merge has a sentence.
    fn has(&mut self, sentence: &Sentence) -> Result<bool, Error> {
        Ok(self.sides()?[1].iter().any(|known| known.has(sentence)))
    }

    /// Whether the merge has a sentence that the parent hasn't.
    fn has_anew(&mut self, sentence: &Sentence) -> Result<bool, Error> {
        Ok(self.has(sentence)? && !self.sides()?[0].iter().any(|known| known.has(sentence)))
    }
}

/// What a clause of a parent says since a base, and what it says no more.
struct News {
    came: Vec<Sentence>,
    went: Vec<Sentence>,
}

impl News {
    fn of(edge: &EdgeDocuments, change: &Change) -> News {
        let before = change.old.map(|old| &edge.old[old.doc].clauses[old.at]).map(all_sentences).unwrap_or_default();
        let after = change.new.map(|new| &edge.new[new.doc].clauses[new.at]).map(all_sentences).unwrap_or_default();
        News { came: after.difference(&before).copied().collect(), went: before.difference(&after).copied().collect() }
    }

    /// Whether a merge that has these sentences in the clause knows nothing of some of it. What went from one clause may
    /// well stand in another one.
    fn is_lost(&self, here: &HashSet<Sentence>, standing: &mut Standing) -> Result<bool, Error> {
        if self.went.iter().any(|sentence| here.contains(sentence)) {
            return Ok(true);
        }
        for sentence in &self.came {
            if !here.contains(sentence) && !standing.has(sentence)? {
                return Ok(true);
            }
        }
        for sentence in &self.went {
            if standing.has_anew(sentence)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// All sentences and code lines of a clause, short ones too.
fn all_sentences(clause: &Clause) -> HashSet<Sentence> {
    clause.sentences().all().iter().copied().collect()
}

/// Files that a parent and the merge have otherwise, and how the parent's changed since each base.
type Changed = (Vec<FileChange>, Vec<Vec<FileChange>>);

/// Changes by the place of the clause after them.
type Changes<'e> = HashMap<(&'e BStr, usize), &'e Change>;

/// The changes of an edge that brought a state in.
fn by_place(edge: &EdgeDocuments) -> Changes<'_> {
    let news = edge.comparison.changes.iter().filter(|change| change.is(ChangeKind::Added) || counts(change));
    news.filter_map(|change| Some(((edge.new[change.new?.doc].path.as_bstr(), change.new?.at), change))).collect()
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
