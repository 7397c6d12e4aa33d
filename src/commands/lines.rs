//! The lines of code that are left of generated commits, as git blames them.
//!
//! Blame is the slow part of every question about code, so only files are blamed that such a commit touched, on all cores,
//! and what it said of a revision is kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use bstr::BString;
use serde::{Deserialize, Serialize};

use super::ledger::commit_id;
use super::source::Source;
use crate::config::SpecSet;
use crate::error::Error;
use crate::git::{BlameQuery, FileChange, GitError, Oid, Repo};
use crate::trace::{CommitId, Graph};
use crate::view::progress::Progress;

/// The sort of what is kept here.
const SORT: &str = "lines";
/// Commits between two revisions that are looked through for files that stay as they are; beyond, blame is as fast.
const MOST_STEPS: usize = 500;
/// More processes than this only share the disk.
const MOST_WORKERS: usize = 8;

/// Runs of lines, first and last, of one file.
pub type Ranges = Vec<(u32, u32)>;
/// The lines of each carrier, by file.
pub type Lines = BTreeMap<CommitId, BTreeMap<BString, Ranges>>;

/// Lines that stand together and come from one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    commit: CommitId,
    first: u32,
    last: u32,
}

/// What is known of a revision.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Known {
    /// Blamed files.
    files: BTreeMap<BString, Vec<Run>>,
    /// Where the files of a carrier may be: those that it touched, and what they were renamed to.
    places: BTreeMap<CommitId, BTreeSet<BString>>,
}

/// The lines at `tip` that are left of carriers in files that count as code: none of the specification, and where
/// `generated` names any, only those.
pub fn left(source: &Source, generated: &SpecSet, tip: Oid, carriers: &BTreeSet<CommitId>) -> Result<Lines, Error> {
    let mut lines = Lines::new();
    if carriers.is_empty() {
        return Ok(lines);
    }
    let store = Store::of(source, tip)?;
    let (mut known, mut changed) = store.load(source, tip)?;
    let unplaced: BTreeSet<CommitId> =
        carriers.iter().copied().filter(|carrier| !known.places.contains_key(carrier)).collect();
    if !unplaced.is_empty() {
        changed = true;
        known.places.extend(places(source, tip, &unplaced)?);
    }
    let is_code = |path: &BString| !source.set.matches(path) && (generated.is_empty() || generated.matches(path));
    let wanted: BTreeSet<&BString> = carriers
        .iter()
        .filter_map(|carrier| known.places.get(carrier))
        .flatten()
        .filter(|path| is_code(path))
        .collect();
    let mut open = Vec::new();
    for path in wanted.into_iter().filter(|path| !known.files.contains_key(*path)) {
        match source.repo.file_at(tip, path)? {
            Some((mode, _)) if mode.is_file() => open.push(path.clone()),
            _ => {}
        }
    }
    if !open.is_empty() {
        changed = true;
        known.files.extend(blame(source, tip, open)?);
    }
    for (path, runs) in known.files.iter().filter(|(path, _)| is_code(path)) {
        for run in runs.iter().filter(|run| carriers.contains(&run.commit)) {
            let ranges = lines.entry(run.commit).or_default().entry(path.clone()).or_default();
            match ranges.last_mut().filter(|(_, last)| *last + 1 == run.first) {
                Some((_, last)) => *last = run.last,
                None => ranges.push((run.first, run.last)),
            }
        }
    }
    if changed {
        store.keep(source, &known);
    }
    Ok(lines)
}

/// Where the files of carriers may be at `tip`.
fn places(
    source: &Source,
    tip: Oid,
    carriers: &BTreeSet<CommitId>,
) -> Result<BTreeMap<CommitId, BTreeSet<BString>>, Error> {
    let mut places = BTreeMap::new();
    for &carrier in carriers {
        places.insert(carrier, touched(source, carrier)?);
    }
    let graph = source.graph_behind(tip)?;
    for (from, to) in source.repo.renames(tip, &behind_all(&graph, carriers))? {
        for paths in places.values_mut().filter(|paths| paths.contains(&from)) {
            paths.insert(to.clone());
        }
    }
    Ok(places)
}

/// The files that a commit gave another content; of a merge, those that it has otherwise than all parents.
pub fn touched(source: &Source, commit: CommitId) -> Result<BTreeSet<BString>, Error> {
    let Ok(commit) = Oid::from_raw(commit.as_bytes()) else { return Ok(BTreeSet::new()) };
    let parents = source.repo.parents(commit)?;
    let files = |parent: Option<Oid>| -> Result<BTreeSet<BString>, Error> {
        let files = source.repo.tree_changes(parent, Some(commit), &[])?;
        let is_there = |file: &FileChange| file.new.is_some_and(|(mode, _)| mode.is_file());
        Ok(files.into_iter().filter(is_there).map(|file| file.path).collect())
    };
    let [first, others @ ..] = parents.as_slice() else { return files(None) };
    let mut touched = files(Some(*first))?;
    for &other in others {
        let there = files(Some(other))?;
        touched.retain(|path| there.contains(path));
    }
    Ok(touched)
}

/// A carrier that all others descend from, if there is one: nothing before it is of interest.
fn behind_all(graph: &Graph, carriers: &BTreeSet<CommitId>) -> Vec<Oid> {
    let oldest = carriers.iter().copied().max_by_key(|&carrier| graph.position(carrier));
    let is_behind = |&old: &CommitId| carriers.iter().all(|&carrier| graph.is_ancestor(old, carrier) == Some(true));
    oldest.filter(is_behind).and_then(|oldest| Oid::from_raw(oldest.as_bytes()).ok()).into_iter().collect()
}

type Blamed = Vec<(BString, Vec<Run>)>;

/// Blames files on all cores, a process each.
fn blame(source: &Source, tip: Oid, paths: Vec<BString>) -> Result<Blamed, Error> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS).min(paths.len());
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let progress = Mutex::new(Progress::of_files());
    let work = |repo: &Repo| -> Result<(), GitError> {
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let query = BlameQuery { rev: Some(tip.to_string()), path: path.clone(), ..BlameQuery::default() };
            let runs = runs(repo, &query)?;
            done.lock().unwrap_or_else(PoisonError::into_inner).push((path.clone(), runs));
            progress.lock().unwrap_or_else(PoisonError::into_inner).step();
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers)
            .map(|_| {
                let repo = source.repo.reopen();
                scope.spawn(move || work(&repo))
            })
            .collect();
        let own = work(&source.repo);
        others.into_iter().fold(own, |all, other| match other.join() {
            Ok(ended) => all.and(ended),
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn runs(repo: &Repo, query: &BlameQuery) -> Result<Vec<Run>, GitError> {
    let mut runs: Vec<Run> = Vec::new();
    for line in repo.blame(query)? {
        let Some(commit) = commit_id(line.commit) else { continue };
        match runs.last_mut().filter(|run| run.commit == commit && run.last + 1 == line.line) {
            Some(run) => run.last = line.line,
            None => runs.push(Run { commit, first: line.line, last: line.line }),
        }
    }
    Ok(runs)
}

/// Where the lines of a revision are kept.
struct Store {
    /// None where nothing may be kept: what is blamed depends on a file outside of the repository's objects.
    name: Option<String>,
}

impl Store {
    fn of(source: &Source, tip: Oid) -> Result<Store, Error> {
        let config = source.repo.config()?;
        let ignores = config.list("blame.ignorerevsfile").is_some_and(|files| !files.is_empty());
        let keeps = source.index().is_some() && !ignores && config.get("diff.algorithm").is_none();
        Ok(Store { name: keeps.then(|| tip.to_string()) })
    }

    /// What is known of the revision, or of one before it as far as it holds; and whether that is news.
    fn load(&self, source: &Source, tip: Oid) -> Result<(Known, bool), Error> {
        let (Some(name), Some(index)) = (&self.name, source.index()) else { return Ok((Known::default(), false)) };
        let read = |name: &str| postcard::from_bytes::<Known>(&index.kept(SORT, name)?).ok();
        if let Some(known) = read(name) {
            return Ok((known, false));
        }
        for other in index.kept_names(SORT) {
            let Ok(before) = Oid::from_hex(other.as_bytes()) else { continue };
            let Some(changed) = changed_on_the_way(source, before, tip)? else { continue };
            let Some(mut known) = read(&other) else { continue };
            known.files.retain(|path, _| !changed.contains(path));
            for (from, to) in source.repo.renames(tip, &[before])? {
                for paths in known.places.values_mut().filter(|paths| paths.contains(&from)) {
                    paths.insert(to.clone());
                }
            }
            return Ok((known, true));
        }
        Ok((Known::default(), false))
    }

    fn keep(&self, source: &Source, known: &Known) {
        if let (Some(name), Some(index), Ok(body)) = (&self.name, source.index(), postcard::to_allocvec(known)) {
            index.keep_answer(SORT, name, &body);
        }
    }
}

/// The files that commits changed on the way from one revision to a later one along first parents; `None` where that isn't
/// the way. A file that none of them changed is passed on as a whole by blame, which looks at the first parent first.
fn changed_on_the_way(source: &Source, before: Oid, tip: Oid) -> Result<Option<BTreeSet<BString>>, Error> {
    let mut changed = BTreeSet::new();
    let mut here = tip;
    for _ in 0..MOST_STEPS {
        if here == before {
            return Ok(Some(changed));
        }
        let Some(&parent) = source.repo.parents(here)?.first() else { return Ok(None) };
        changed.extend(source.repo.tree_changes(Some(parent), Some(here), &[])?.into_iter().map(|file| file.path));
        here = parent;
    }
    Ok(None)
}

/// The files of lines, each once.
pub fn files(lines: &Lines) -> BTreeSet<&BString> {
    lines.values().flat_map(BTreeMap::keys).collect()
}

/// How many lines.
pub fn count(files: &BTreeMap<BString, Ranges>) -> u32 {
    files.values().flatten().map(|(first, last)| last - first + 1).sum()
}

/// Lines of several carriers put together, by file.
pub fn together<'l>(lines: &'l Lines, carriers: impl Iterator<Item = &'l CommitId>) -> BTreeMap<BString, Ranges> {
    let mut all: HashMap<BString, Ranges> = HashMap::new();
    for (path, ranges) in carriers.filter_map(|carrier| lines.get(carrier)).flatten() {
        all.entry(path.clone()).or_default().extend(ranges);
    }
    let join = |mut ranges: Ranges| {
        ranges.sort_unstable();
        ranges.dedup_by(|next, before| {
            let joins = before.1 + 1 >= next.0;
            if joins {
                before.1 = before.1.max(next.1);
            }
            joins
        });
        ranges
    };
    all.into_iter().map(|(path, ranges)| (path, join(ranges))).collect()
}
