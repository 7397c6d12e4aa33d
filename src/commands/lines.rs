//! The lines of code that are left of generated commits, as git blames them.
//!
//! Blame is the slow part of every question about code, so only files are blamed that such a commit touched and that hold
//! something of what it put in, on all cores, and what it said of a revision is kept. Lines that a verified revert brought
//! back are told as those of the commit that they came from.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::ledger::commit_id;
use super::source::Source;
use crate::config::SpecSet;
use crate::error::Error;
use crate::git::{BlameLine, BlameQuery, FileChange, GitError, Oid, Repo};
use crate::trace::revert::{Reverts, Sources};
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
    /// Files that hold none of the lines that a carrier put in.
    without: BTreeMap<BString, BTreeSet<CommitId>>,
    /// The reverts that lines were followed over.
    sources: Sources,
}

impl Known {
    /// Whether what is known of `before`, or of the same revision for `None`, holds with these reverts: none went, and
    /// those that came are newer.
    fn holds_with(&self, sources: &Sources, graph: &Graph, before: Option<CommitId>) -> bool {
        let is_known = |(revert, from): (&CommitId, &Vec<CommitId>)| sources.get(revert) == Some(from);
        let is_old = |revert: &CommitId| match before {
            Some(before) => graph.is_ancestor(*revert, before) != Some(false),
            None => true,
        };
        let mut others = sources.keys().filter(|revert| !self.sources.contains_key(revert));
        self.sources.iter().all(is_known) && !others.any(is_old)
    }
}

/// The lines at `tip` that are left of carriers in files that count as code: none of the specification, and where
/// `generated` names any, only those.
pub fn left(
    source: &Source,
    generated: &SpecSet,
    tip: Oid,
    carriers: &BTreeSet<CommitId>,
    reverts: &Reverts,
) -> Result<Lines, Error> {
    let mut lines = Lines::new();
    if carriers.is_empty() {
        return Ok(lines);
    }
    let sources = reverts.sources(source.graph_behind(tip)?.as_ref());
    let store = Store::of(source, tip, &sources)?;
    let (mut known, mut changed) = store.load(source, tip)?;
    let unplaced: BTreeSet<CommitId> =
        carriers.iter().copied().filter(|carrier| !known.places.contains_key(carrier)).collect();
    if !unplaced.is_empty() {
        changed = true;
        known.places.extend(places(source, tip, &unplaced)?);
    }
    let is_code = |path: &BString| !source.set.matches(path) && (generated.is_empty() || generated.matches(path));
    let mut wanted: BTreeMap<BString, BTreeSet<CommitId>> = BTreeMap::new();
    for &carrier in carriers {
        for path in known.places.get(&carrier).into_iter().flatten().filter(|path| is_code(path)) {
            let is_open = !known.files.contains_key(path)
                && known.without.get(path).is_none_or(|without| !without.contains(&carrier));
            if is_open {
                wanted.entry(path.clone()).or_default().insert(carrier);
            }
        }
    }
    if !wanted.is_empty() {
        changed = true;
        let open = store.holding(source, tip, wanted, &mut known)?;
        known.files.extend(blame(source, tip, open, &sources)?);
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
pub(super) fn behind_all(graph: &Graph, carriers: &BTreeSet<CommitId>) -> Vec<Oid> {
    let oldest = carriers.iter().copied().max_by_key(|&carrier| graph.position(carrier));
    let is_behind = |&old: &CommitId| carriers.iter().all(|&carrier| graph.is_ancestor(old, carrier) == Some(true));
    oldest.filter(is_behind).and_then(|oldest| Oid::from_raw(oldest.as_bytes()).ok()).into_iter().collect()
}

type Blamed = Vec<(BString, Vec<Run>)>;

/// Blames files on all cores, a process each; a second one where lines were brought back.
fn blame(source: &Source, tip: Oid, paths: Vec<BString>, sources: &Sources) -> Result<Blamed, Error> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS).min(paths.len());
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let (progress, unseen) = (Mutex::new(Progress::of_files()), Mutex::new(Vec::new()));
    let work = |repo: &Repo| -> Result<(), GitError> {
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let query = BlameQuery { rev: Some(tip.to_string()), path: path.clone(), ..BlameQuery::default() };
            let lines = match repo.blame(&query) {
                Ok(lines) => lines,
                Err(error) => {
                    let oid = repo.unreadable_for(&error).ok_or(error)?;
                    unseen.lock().unwrap_or_else(PoisonError::into_inner).push(gone(path, oid));
                    continue;
                }
            };
            let runs = runs(&brought_back(repo, &query, &lines, sources)?.unwrap_or(lines));
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
    unseen.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().for_each(|what| source.unseen(what));
    Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What is said of a file whose lines cannot be told.
fn gone(path: &BString, oid: Oid) -> String {
    format!("the lines of {path}: object {} cannot be read", oid.short(12))
}

/// The same lines where those that reverts brought back are told as those of the commits that they came from: a revert is
/// taken for a merge with the commit before what it takes back. None where no line comes from a revert.
pub fn brought_back(
    repo: &Repo,
    query: &BlameQuery,
    lines: &[BlameLine],
    sources: &Sources,
) -> Result<Option<Vec<BlameLine>>, GitError> {
    let is_source = |line: &BlameLine| commit_id(line.commit).is_some_and(|commit| sources.contains_key(&commit));
    if sources.is_empty() || !lines.iter().any(is_source) {
        return Ok(None);
    }
    let oid = |commit: &CommitId| Oid::from_raw(commit.as_bytes()).ok();
    let parents =
        sources.iter().filter_map(|(commit, from)| Some((oid(commit)?, from.iter().filter_map(oid).collect())));
    repo.blame(&BlameQuery { parents: parents.collect(), ..query.clone() }).map(Some)
}

fn runs(lines: &[BlameLine]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for line in lines {
        let Some(commit) = commit_id(line.commit) else { continue };
        match runs.last_mut().filter(|run| run.commit == commit && run.last + 1 == line.line) {
            Some(run) => run.last = line.line,
            None => runs.push(Run { commit, first: line.line, last: line.line }),
        }
    }
    runs
}

/// The lines that a commit put into files, or more of them: all of a file but what it begins and ends with as before. Where
/// a diff moves the place of what was put in, it puts in the same lines.
fn put_in(source: &Source, commit: CommitId) -> Result<HashSet<Vec<u8>>, Error> {
    let Ok(commit) = Oid::from_raw(commit.as_bytes()) else { return Ok(HashSet::new()) };
    let parents = source.repo.parents(commit)?;
    let mut put_in = HashSet::new();
    for file in source.repo.tree_changes(parents.first().copied(), Some(commit), &[])? {
        let content = |side: Option<(crate::git::Mode, Oid)>| match side.filter(|(mode, _)| mode.is_file()) {
            Some((_, blob)) => source.repo.blob(blob),
            None => Ok(Vec::new()),
        };
        // What a merge has otherwise than one of its parents is no bound for what it has otherwise than all.
        let old = if parents.len() == 1 { content(file.old)? } else { Vec::new() };
        let new = content(file.new)?;
        let lines = |content: &'_ [u8]| content.lines_with_terminator().map(<[u8]>::to_vec).collect::<Vec<_>>();
        let (old, new) = (lines(&old), lines(&new));
        let same = |pair: &(&Vec<u8>, &Vec<u8>)| pair.0 == pair.1;
        let head = old.iter().zip(&new).take_while(same).count();
        let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(same).count();
        put_in.extend(new[head..new.len() - tail].iter().cloned());
    }
    Ok(put_in)
}

/// Where the lines of a revision are kept.
struct Store<'s> {
    /// None where nothing may be kept: what is blamed depends on a file outside of the repository's objects.
    name: Option<String>,
    /// Whether a line that blame gives to a commit is one that it put in, as it stands.
    is_plain: bool,
    sources: &'s Sources,
}

impl Store<'_> {
    fn of<'s>(source: &Source, tip: Oid, sources: &'s Sources) -> Result<Store<'s>, Error> {
        let config = source.repo.config()?;
        let ignores = config.list("blame.ignorerevsfile").is_some_and(|files| !files.is_empty());
        let is_plain = !ignores && config.get("diff.algorithm").is_none();
        let keeps = source.index().is_some() && is_plain;
        Ok(Store { name: keeps.then(|| tip.to_string()), is_plain, sources })
    }

    /// The files that are there and hold something of what a carrier put in that touched them.
    fn holding(
        &self,
        source: &Source,
        tip: Oid,
        wanted: BTreeMap<BString, BTreeSet<CommitId>>,
        known: &mut Known,
    ) -> Result<Vec<BString>, Error> {
        let mut open = Vec::new();
        let mut by_carrier: HashMap<CommitId, HashSet<Vec<u8>>> = HashMap::new();
        for (path, carriers) in wanted {
            let blob = match source.repo.file_at(tip, &path)? {
                Some((mode, blob)) if mode.is_file() => blob,
                _ => continue,
            };
            if !self.is_plain {
                open.push(path);
                continue;
            }
            let content = match source.repo.blob(blob) {
                Ok(content) => content,
                Err(error) => {
                    let oid = source.repo.unreadable_for(&error).ok_or(error)?;
                    source.unseen(gone(&path, oid));
                    continue;
                }
            };
            let lines: HashSet<&[u8]> = content.lines_with_terminator().collect();
            let mut holds = false;
            for &carrier in &carriers {
                let put_in = match by_carrier.entry(carrier) {
                    std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                    std::collections::hash_map::Entry::Vacant(free) => match put_in(source, carrier) {
                        Ok(put_in) => free.insert(put_in),
                        // What it put in cannot be told without an object; blame needs others.
                        Err(Error::MissingObject { .. } | Error::Git(GitError::BadObject { .. })) => {
                            holds = true;
                            break;
                        }
                        Err(error) => return Err(error),
                    },
                };
                holds = put_in.iter().any(|line| lines.contains(line.as_slice()));
                if holds {
                    break;
                }
            }
            if holds {
                open.push(path);
            } else {
                known.without.entry(path).or_default().extend(carriers);
            }
        }
        Ok(open)
    }

    /// What is known of the revision, or of one before it as far as it holds; and whether that is news.
    fn load(&self, source: &Source, tip: Oid) -> Result<(Known, bool), Error> {
        let (Some(name), Some(index)) = (&self.name, source.index()) else { return Ok((Known::default(), false)) };
        let read = |name: &str| postcard::from_bytes::<Known>(&index.kept(SORT, name)?).ok();
        let graph = source.graph_behind(tip)?;
        let anew = || Known { sources: self.sources.clone(), ..Known::default() };
        if let Some(known) = read(name).filter(|known| known.holds_with(self.sources, &graph, None)) {
            return Ok((known, false));
        }
        for other in index.kept_names(SORT) {
            let Ok(before) = Oid::from_hex(other.as_bytes()) else { continue };
            let Some(changed) = changed_on_the_way(source, before, tip)? else { continue };
            let Some(mut known) = read(&other) else { continue };
            if !known.holds_with(self.sources, &graph, commit_id(before)) {
                continue;
            }
            known.sources.clone_from(self.sources);
            known.files.retain(|path, _| !changed.contains(path));
            known.without.retain(|path, _| !changed.contains(path));
            for (from, to) in source.repo.renames(tip, &[before])? {
                for paths in known.places.values_mut().filter(|paths| paths.contains(&from)) {
                    paths.insert(to.clone());
                }
            }
            return Ok((known, true));
        }
        Ok((anew(), false))
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
