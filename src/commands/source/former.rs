//! What the files of the specification were called before it moved: a folder that got another name had other globs then.
//!
//! History is asked with today's globs. Where a commit on the line of first parents takes a file into the spec set that the
//! specification of its time held under a name outside of it, that name belongs to the set as well, in all of history; unless
//! something else stands there today.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use bstr::BString;

use super::super::joined::{is_read_by_paragraph, name_of, renamed};
use super::spec_set::{at_its_time, keeps};
use super::{Seed, Shared, SharedMemo, Source, open_index, set_key};
use crate::config::SpecSet;
use crate::error::Error;
use crate::git::{FileChange, Oid, Repo};
use crate::index::{FormerNames, former_names, keep_former_names};

/// How often a specification may have moved for its first folder to be found.
const MOST_MOVES: usize = 16;
/// So many commits later what was found is still looked for.
const MOST_SINCE: usize = 512;

/// The set with the former names of its files, as seen from HEAD, and from a revision that is not behind it. What is read
/// for it stays in `memo`.
pub(super) fn with_former(repo: &Repo, set: SpecSet, rev: Option<&str>, memo: &SharedMemo) -> Result<SpecSet, Error> {
    let head = repo.head()?;
    let named = rev.map(|rev| repo.resolve(rev)).transpose()?.filter(|named| Some(*named) != head);
    let mut names = BTreeSet::new();
    if let Some(head) = head {
        names.extend(former(repo, &set, head, memo)?);
    }
    if let Some(named) = named
        && !head.map(|head| repo.is_behind(named, head)).transpose()?.unwrap_or(false)
    {
        names.extend(former(repo, &set, named, memo)?);
    }
    Ok(if names.is_empty() { set } else { set.with_former(names) })
}

/// The set without them, where what they would be read from is missing or damaged: whoever asks for that history says so. Any other failure
/// would end a history at a renamed folder without a word.
pub(super) fn unless_missing(repo: &Repo, error: Error, set: SpecSet) -> Result<SpecSet, Error> {
    let is_missing = match &error {
        Error::MissingObject { .. } | Error::Incomplete { .. } => true,
        Error::GitFailed { stderr, .. } => repo.unreadable_among(stderr).is_some(),
        Error::Git(error) => repo.unreadable_for(error).is_some(),
        _ => false,
    };
    if is_missing { Ok(set) } else { Err(error) }
}

/// The former names of the files of a set, as seen from a commit.
fn former(repo: &Repo, set: &SpecSet, tip: Oid, memo: &SharedMemo) -> Result<Vec<BString>, Error> {
    let key = set_key(repo, set)?;
    let keeps = keeps(repo)?;
    let mut known = if keeps { former_names(repo.common_dir(), key) } else { Vec::new() };
    if let Some(at) = known.iter().position(|known| known.tip == tip.as_bytes()) {
        return Ok(known.swap_remove(at).names);
    }
    let (mut found, since) = since(repo, known, tip)?;
    let mut search = Search { repo, set, memo, tip, at_their_time: BTreeMap::new(), is_whole: true };
    let mut new = search.round(&found, None, since)?;
    for _ in 0..MOST_MOVES {
        if new.is_empty() {
            break;
        }
        found.extend(new.iter().cloned());
        new = search.round(&found, Some(&new), None)?;
    }
    let is_whole = search.is_whole;
    let mut names = Vec::new();
    for name in &found {
        if repo.file_at(tip, name)?.is_none() {
            names.push(name.clone());
        }
    }
    if keeps && is_whole {
        let found = found.into_iter().collect();
        let known = FormerNames { tip: tip.as_bytes().to_vec(), found, names: names.clone() };
        keep_former_names(repo.common_dir(), key, known);
    }
    Ok(names)
}

/// What is known at the nearest commit on the line of first parents, and that commit.
fn since(repo: &Repo, known: Vec<FormerNames>, tip: Oid) -> Result<(BTreeSet<BString>, Option<Oid>), Error> {
    if known.is_empty() {
        return Ok((BTreeSet::new(), None));
    }
    for commit in repo.first_parents(tip, MOST_SINCE)? {
        if let Some(known) = known.iter().find(|known| known.tip == commit.as_bytes()) {
            return Ok((known.found.iter().cloned().collect(), Some(commit)));
        }
    }
    Ok((BTreeSet::new(), None))
}

impl Source {
    /// The same repository with these names of files in the spec set as well, and an index of its own.
    ///
    /// # Errors
    /// What git says.
    pub fn wider(&self, names: BTreeSet<BString>) -> Result<Source, Error> {
        let mut all = self.set.former().clone();
        all.extend(names);
        let seed = Seed { set: self.set.clone().with_former(all), ..self.seed() };
        let index = match self.index() {
            Some(_) => open_index(&self.repo, &seed.set)?,
            None => None,
        };
        let graphs = self.shared.graphs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let shared = Arc::new(Shared { index, graphs: Mutex::new(graphs), ..Shared::default() });
        Ok(Source::from_seed(Seed { shared, ..seed }))
    }
}

struct Search<'a> {
    repo: &'a Repo,
    set: &'a SpecSet,
    memo: &'a SharedMemo,
    tip: Oid,
    /// The specification as a commit itself had it.
    at_their_time: BTreeMap<Oid, Option<SpecSet>>,
    /// Nothing was missing.
    is_whole: bool,
}

impl Search<'_> {
    /// The former names of files of the set, or of those alone that were found last.
    fn round(
        &mut self,
        found: &BTreeSet<BString>,
        last: Option<&BTreeSet<BString>>,
        since: Option<Oid>,
    ) -> Result<BTreeSet<BString>, Error> {
        let set = self.set.clone().with_former(found.clone());
        let (memo, shared) = (self.memo.clone(), Arc::default());
        let seed = Seed { repo: self.repo.reopen(), set, memo, shared, judges: true };
        let source = Source::from_seed(seed);
        let is_sought = |file: &FileChange| last.is_none_or(|last| last.contains(&file.path));
        let mut new = BTreeSet::new();
        for (commit, parents) in self.repo.bringers(self.tip, since, &source.roots)? {
            let [first, others @ ..] = &parents[..] else { continue };
            let mut files = source.spec_changes(Some(*first), commit)?;
            let brings = |file: &FileChange| file.old.is_none() && file.new.is_some() && is_sought(file);
            if !files.iter().any(brings) {
                continue;
            }
            new.extend(self.renamed(&source, (*first, commit), &files)?);
            for &other in others {
                // A project that is taken in below a directory.
                files = source.spec_changes(Some(other), commit)?;
                if files.iter().any(brings) {
                    new.extend(self.renamed(&source, (other, commit), &files)?);
                }
            }
        }
        self.is_whole &= source.unseen_so_far() == 0;
        Ok(new)
    }

    /// The names that spec files had in the parent's own specification.
    fn renamed(&mut self, source: &Source, edge: (Oid, Oid), files: &[FileChange]) -> Result<Vec<BString>, Error> {
        let mut names = Vec::new();
        for (was, is) in renamed(source, edge, files)? {
            let is_readable = name_of(&was).1.eq_ignore_ascii_case(name_of(&is).1)
                || !is_read_by_paragraph(&was) && !is_read_by_paragraph(&is);
            if is_readable && !self.set.excludes(&was) && self.was_specified(edge.0, &was)? {
                names.push(was);
            }
        }
        Ok(names)
    }

    fn was_specified(&mut self, commit: Oid, path: &BString) -> Result<bool, Error> {
        if !self.at_their_time.contains_key(&commit) {
            let set = match at_its_time(self.repo, commit) {
                Err(Error::Undetected { .. }) => {
                    self.is_whole = false;
                    None
                }
                other => other?,
            };
            self.at_their_time.insert(commit, set);
        }
        Ok(self.at_their_time.get(&commit).and_then(Option::as_ref).is_some_and(|set| set.matches(path)))
    }
}
