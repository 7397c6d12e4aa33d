//! `git spec diff`: two sides read, compared, told. What became of the clauses between two commits is kept.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::joined::{self, Joined};
use super::sides::{Side, Sides};
use super::source::{Content, Source};
use crate::error::Error;
use crate::git::{Mode, Oid, Pathspecs};
use crate::spec::change::{Change, ChangeKind};
use crate::spec::matching::{ClauseAt, Document};
use crate::trace::facts::{ChangeState, ClauseState};
use crate::view::diff::DiffReport;
use crate::view::facts::{ChangeFact, DocumentFact, path_text};

/// The sort of what is kept here.
const SORT: &str = "diff";
/// From so many changes on, texts are read on all cores.
const MANY: usize = 64;
/// More readers than this only share the memory bus.
const MOST_READERS: usize = 8;

/// A file that came, went or took another path: before, after, and outside of the specification.
type Moved = (Option<BString>, Option<BString>, Option<String>);

/// Compares two sides, limited to paths. Two commits that were compared before are told from the index.
pub fn diff(source: &Source, sides: &Sides, paths: &[BString]) -> Result<DiffReport, Error> {
    let specs = Pathspecs::new(paths, &source.repo)?;
    let is_meant = |path: &BString| specs.is_empty() || specs.matches(path);
    let wanted = |change: &ChangeState| {
        let states = [change.new.as_deref(), change.old.as_deref()];
        states.into_iter().flatten().any(|state| is_meant(&state.path))
    };
    let (documents, changes) = match known(source, sides) {
        Some((documents, mut changes)) => {
            changes.retain(wanted);
            (documents, with_texts(source, sides, changes)?)
        }
        None => found(source, sides, &wanted)?,
    };
    let documents = documents.into_iter();
    let documents = documents.filter(|(was, path, _)| [was, path].into_iter().flatten().any(is_meant));
    Ok(DiffReport {
        schema: "git-spec/diff/1",
        from: side_name(&sides.from),
        to: side_name(&sides.to),
        documents: documents
            .map(|(was, path, outside)| DocumentFact {
                was: was.map(|was| path_text(was.as_bstr())),
                path: path.map(|path| path_text(path.as_bstr())),
                outside,
            })
            .collect(),
        changes,
        generated: Vec::new(),
        impact: String::new(),
        incomplete: source.incomplete.borrow().clone(),
    })
}

/// Compares two sides, and keeps what was found of two commits, unless something of it could not be seen.
fn found(
    source: &Source,
    sides: &Sides,
    wanted: &dyn Fn(&ChangeState) -> bool,
) -> Result<(Vec<Moved>, Vec<ChangeFact>), Error> {
    let [old, new] = differing(source, sides)?;
    let comparison = source.compare(&old, &new);
    let joined = from_outside(source, sides, &comparison.changes, &new)?;
    let moved = |&(was, is): &(Option<usize>, Option<usize>)| -> Moved {
        (was.map(|was| old[was].path.clone()), is.map(|is| new[is].path.clone()), None)
    };
    let mut documents: Vec<Moved> = comparison.documents.iter().map(moved).collect();
    if let (Side::Commit(a), Side::Commit(b)) = (&sides.from, &sides.to) {
        join_and_leave(source, (*a, *b), &mut documents)?;
    }
    let place = source.index().zip(kept_name(sides)).filter(|_| source.unseen_so_far() == 0);
    let mut body = place.as_ref().and_then(|_| postcard::to_allocvec(&documents).ok());
    let mut changes = Vec::new();
    for change in &comparison.changes {
        let came = change.new.filter(|_| change.is(ChangeKind::Added) && change.other.is_none());
        let found = came.zip(joined.as_ref()).and_then(|(at, joined)| {
            let change = joined.of(new[at.doc].path.as_bstr(), at.at)?;
            Some((change, &joined.outside, &joined.came))
        });
        let (change, old, new) = found.unwrap_or((change, &old, &new));
        let state = ChangeState::of(change, old, new);
        body = body.and_then(|body| postcard::to_extend(&state, body).ok());
        if wanted(&state) {
            let text = |docs: &[Arc<Document>], at: ClauseAt| docs[at.doc].clauses[at.at].text.clone();
            let (before, after) = (change.old.map(|at| text(old, at)), change.new.map(|at| text(new, at)));
            changes.push(ChangeFact { before, after, ..ChangeFact::of(state, None) });
        }
    }
    if let (Some((index, name)), Some(body)) = (place, body) {
        index.keep_answer(SORT, &name, &body);
    }
    Ok((documents, changes))
}

/// What is kept of two commits under which name.
fn kept_name(sides: &Sides) -> Option<String> {
    match (&sides.from, &sides.to) {
        (Side::Commit(a), Side::Commit(b)) => Some(format!("{a}-{b}")),
        _ => None,
    }
}

/// What was found of two commits before.
fn known(source: &Source, sides: &Sides) -> Option<(Vec<Moved>, Vec<ChangeState>)> {
    let body = source.index()?.kept(SORT, &kept_name(sides)?)?;
    let (documents, mut rest) = postcard::take_from_bytes(&body).ok()?;
    let mut changes = Vec::new();
    while !rest.is_empty() {
        let (change, behind) = postcard::take_from_bytes(rest).ok()?;
        changes.push(change);
        rest = behind;
    }
    Some((documents, changes))
}

/// Changes between two commits as facts, with their texts, which are read again.
fn with_texts(source: &Source, sides: &Sides, changes: Vec<ChangeState>) -> Result<Vec<ChangeFact>, Error> {
    let facts = |source: &Source, changes: Vec<ChangeState>| -> Result<Vec<ChangeFact>, Error> {
        changes.into_iter().map(|change| fact(source, sides, change)).collect()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_READERS);
    if cores < 2 || changes.len() < MANY {
        return facts(source, changes);
    }
    let share = changes.len().div_ceil(cores);
    let mut rest = changes.into_iter();
    let read = std::thread::scope(|scope| {
        let mut begun = Vec::new();
        while rest.len() > 0 {
            let (seed, changes) = (source.seed(), rest.by_ref().take(share).collect());
            begun.push(scope.spawn(|| {
                let source = Source::from_seed(seed);
                (facts(&source, changes), source.incomplete.take())
            }));
        }
        let end = |reader: std::thread::ScopedJoinHandle<'_, _>| {
            reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        begun.into_iter().map(end).collect::<Vec<_>>()
    });
    let mut all = Vec::new();
    for (facts, unseen) in read {
        all.extend(facts?);
        unseen.into_iter().for_each(|what| source.unseen(what));
    }
    Ok(all)
}

/// A change between two commits as a fact. Texts that cannot be seen are noted.
fn fact(source: &Source, sides: &Sides, change: ChangeState) -> Result<ChangeFact, Error> {
    let text =
        |side: &Side, state: Option<&ClauseState>, read_as: Option<&ClauseState>| match (side, state.zip(read_as)) {
            (Side::Commit(commit), Some((state, read_as))) => source.text(*commit, state, read_as.path.as_bstr()),
            _ => Ok(None),
        };
    let (old, new) = (change.old.as_deref(), change.new.as_deref());
    // What joined the specification was read as what it became.
    let joined = new.filter(|_| old.is_some_and(|old| !source.set.matches(&old.path)));
    let (before, after) = (text(&sides.from, old, joined.or(old))?, text(&sides.to, new, new)?);
    Ok(ChangeFact { before, after, ..ChangeFact::of(change, None) })
}

/// What came into the spec set between two commits with files that stood outside of it, as `log` tells it.
fn from_outside(
    source: &Source,
    sides: &Sides,
    changes: &[Change],
    new: &[Arc<Document>],
) -> Result<Option<Joined>, Error> {
    let (Side::Commit(a), Side::Commit(b)) = (&sides.from, &sides.to) else { return Ok(None) };
    let is_new = |change: &&Change| change.is(ChangeKind::Added) && change.other.is_none();
    let orphans: HashSet<BString> =
        changes.iter().filter(is_new).filter_map(|change| Some(new[change.new?.doc].path.clone())).collect();
    if orphans.is_empty() {
        return Ok(None);
    }
    joined::find(source, (*a, *b), &source.spec_changes(Some(*a), *b)?, new, &orphans)
}

/// Tells files that came from outside the spec set, or went there, with the same bytes, from new and deleted ones. Only
/// between two commits: what lies in the work tree has no history yet.
fn join_and_leave(source: &Source, (a, b): (Oid, Oid), documents: &mut [Moved]) -> Result<(), Error> {
    let one_sided = |(was, path, _): &Moved| was.is_none() || path.is_none();
    if !documents.iter().any(one_sided) {
        return Ok(());
    }
    let files = source.repo.tree_changes(Some(a), Some(b), &[])?;
    for document in documents.iter_mut().filter(|document| one_sided(document)) {
        let (was, path, outside) = document;
        let here = path.as_ref().or(was.as_ref());
        let Some(file) = files.iter().find(|file| Some(&file.path) == here) else { continue };
        let partner = files.iter().find(|other| {
            let moved = match path {
                Some(_) => other.new.is_none() && other.old.map(|(_, oid)| oid) == file.new.map(|(_, oid)| oid),
                None => other.old.is_none() && other.new.map(|(_, oid)| oid) == file.old.map(|(_, oid)| oid),
            };
            moved && !source.set.matches(&other.path)
        });
        *outside = partner.map(|partner| path_text(partner.path.as_bstr()));
    }
    Ok(())
}

/// What a side is called in JSON.
pub fn side_name(side: &Side) -> String {
    match side {
        Side::Commit(oid) => oid.to_string(),
        Side::Index => "index".to_owned(),
        Side::WorkTree => "worktree".to_owned(),
        Side::Empty => "empty".to_owned(),
    }
}

type Documents = Vec<Arc<Document>>;

/// The documents of both sides, those left out that are byte for byte the same under the same path.
fn differing(source: &Source, sides: &Sides) -> Result<[Documents; 2], Error> {
    let mut files: Vec<(BString, [Option<Content>; 2])> = Vec::new();
    if let (Side::Commit(a), Side::Commit(b)) = (&sides.from, &sides.to) {
        let blob = |(mode, oid): (Mode, Oid)| mode.is_file().then_some(Content::Blob(oid));
        for file in source.spec_changes(Some(*a), *b)? {
            files.push((file.path, [file.old.and_then(blob), file.new.and_then(blob)]));
        }
        return source.pairs(&files);
    }
    let mut both: BTreeMap<BString, [Option<Content>; 2]> = BTreeMap::new();
    for (at, side) in [&sides.from, &sides.to].into_iter().enumerate() {
        for (path, content) in source.files(side)? {
            both.entry(path).or_default()[at] = Some(content);
        }
    }
    both.retain(|_, [from, to]| !from.as_ref().zip(to.as_ref()).is_some_and(|(from, to)| source.same_bytes(from, to)));
    source.pairs(&both.into_iter().collect::<Vec<_>>())
}
