//! Files that join the specification: a clause that stood outside of it in the parent is no new one.
//!
//! Asked only where a spec file appears with clauses that came from nowhere. A file outside that no specification held is not
//! followed any further: nothing is known of its earlier versions. One that the specification of its time held is a former
//! name of the file ([`super::source`]).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::source::{Content, Source};
use crate::error::Error;
use crate::git::{FileChange, Oid};
use crate::spec::change::{Change, ChangeKind};
use crate::spec::formats::Format;
use crate::spec::matching::{Bond, ClauseAt, Document, Rule};
use crate::spec::token::Tokens;
use crate::trace::facts::{ChangeState, EdgeState};

/// More files than this that went outside are looked at only where one with the same bytes or name came in.
const MOST_OUTSIDE: usize = 64;

/// What came into the specification with files that stood outside of it.
pub(super) struct Joined {
    /// The files outside, as they were in the parent.
    pub outside: Vec<Arc<Document>>,
    /// The spec files that came.
    pub came: Vec<Arc<Document>>,
    /// What became of the clauses on the way, from `outside` to `came`, by where they came to.
    pub changes: HashMap<ClauseAt, Change>,
    docs: HashMap<BString, usize>,
}

impl Joined {
    /// What became of the clause at this position of this spec file, if it came from outside.
    pub fn of(&self, path: &BStr, at: usize) -> Option<&Change> {
        self.changes.get(&ClauseAt { doc: *self.docs.get(path)?, at })
    }
}

/// Tells clauses that came with a file from outside by their place there. Which was which stays unsaid: their life goes
/// on only behind a commit that removed them.
pub(super) fn tell(
    source: &Source,
    (parent, commit): (Oid, Oid),
    files: &[FileChange],
    new: &[Arc<Document>],
    state: &mut EdgeState,
) -> Result<(), Error> {
    let is_new = |change: &&mut ChangeState| change.is(ChangeKind::Added) && change.other.is_none();
    let orphans: HashSet<BString> =
        state.changes.iter_mut().filter(is_new).filter_map(|change| Some(change.new.as_ref()?.path.clone())).collect();
    let Some(joined) = find(source, (parent, commit), files, new, &orphans)? else { return Ok(()) };
    for change in state.changes.iter_mut().filter(is_new) {
        let found = change.new.as_ref().and_then(|new| joined.of(new.path.as_bstr(), new.at as usize));
        if let Some(found) = found {
            *change = ChangeState::of(found, &joined.outside, &joined.came);
        }
    }
    Ok(())
}

/// What came from outside into the spec files that appear, of those with clauses that came from nowhere.
pub(super) fn find(
    source: &Source,
    edge: (Oid, Oid),
    files: &[FileChange],
    new: &[Arc<Document>],
    orphans: &HashSet<BString>,
) -> Result<Option<Joined>, Error> {
    let appears = |path: &BString| files.iter().any(|file| file.path == *path && file.old.is_none());
    let came: Vec<Arc<Document>> =
        new.iter().filter(|new| orphans.contains(&new.path) && appears(&new.path)).cloned().collect();
    if came.is_empty() {
        return Ok(None);
    }
    let outside = outside(source, edge, files, &came)?;
    let matched = source.compare(&outside, &came);
    let renamed: HashSet<(usize, usize)> = matched.documents.iter().filter_map(|&(old, new)| old.zip(new)).collect();
    let is_sure = |bond: &&Bond| {
        let words = || came[bond.new.doc].clauses[bond.new.at].tokens().len() >= Tokens::MEANINGFUL;
        renamed.contains(&(bond.old.doc, bond.new.doc)) || bond.rule == Rule::Exact && words()
    };
    let changes: HashMap<_, &Change> = matched
        .changes
        .iter()
        .filter_map(|change| Some((change.new.filter(|_| change.old.is_some())?, change)))
        .collect();
    let moved = |bond: &Bond| {
        let change = changes.get(&bond.new);
        let mut kinds = change.map(|change| change.kinds.clone()).unwrap_or_default();
        kinds.push(ChangeKind::MovedFile);
        kinds.sort_unstable();
        kinds.dedup();
        let (grade, tipped) = change.map(|change| (change.grade, change.tipped.clone())).unwrap_or_default();
        let (rule, score) = (Some(bond.rule), Some(bond.score));
        let (old, new) = (Some(bond.old), Some(bond.new));
        (bond.new, Change { kinds, grade, tipped, rule, score, old, new, other: None })
    };
    let changes = matched.bonds.iter().filter(is_sure).map(moved).collect();
    let docs = came.iter().enumerate().map(|(doc, document)| (document.path.clone(), doc)).collect();
    Ok(Some(Joined { outside, came, changes, docs }))
}

/// The files outside of the specification that went with a commit and that most clauses of a file that it brought in came
/// from: as they were called, and as they are now.
pub(super) fn renamed(
    source: &Source,
    (parent, commit): (Oid, Oid),
    files: &[FileChange],
) -> Result<Vec<(BString, BString)>, Error> {
    let came: Vec<&FileChange> = files.iter().filter(|file| file.old.is_none()).collect();
    let candidates = candidates(source, (parent, commit), &came)?;
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let read = |file: &&FileChange| {
        let blob = Content::Blob(blob(file.new)?);
        source.seen_document(file.path.as_bstr(), &blob).transpose()
    };
    let came = came.iter().filter_map(read).collect::<Result<Vec<_>, _>>()?;
    let outside = as_came(source, candidates)?;
    let pairs = source.compare(&outside, &came).documents;
    let pairs = pairs.into_iter().filter_map(|(old, new)| old.zip(new));
    Ok(pairs.map(|(old, new)| (outside[old].path.clone(), came[new].path.clone())).collect())
}

/// The files that went outside of the specification and may be what came into it.
fn outside(
    source: &Source,
    edge: (Oid, Oid),
    files: &[FileChange],
    came: &[Arc<Document>],
) -> Result<Vec<Arc<Document>>, Error> {
    let came: Vec<&FileChange> =
        files.iter().filter(|file| came.iter().any(|document| document.path == file.path)).collect();
    as_came(source, candidates(source, edge, &came)?)
}

/// Files outside of the specification, read as what came into it.
fn as_came(source: &Source, candidates: Vec<(FileChange, BString)>) -> Result<Vec<Arc<Document>>, Error> {
    let mut documents = Vec::new();
    for (file, read_as) in candidates {
        let Some(blob) = blob(file.old) else { continue };
        let read = source.seen_document(read_as.as_bstr(), &Content::Blob(blob))?;
        documents.extend(read.map(|read| Arc::new(Document { path: file.path, clauses: read.clauses.clone() })));
    }
    Ok(documents)
}

/// The files of `went` that left the specification, and where outside of it the same bytes appear. In the order of `files`,
/// which differ.
pub(super) fn left(
    source: &Source,
    (parent, commit): (Oid, Oid),
    files: &[FileChange],
    went: impl Fn(&BString) -> bool,
) -> Result<Vec<(BString, BString)>, Error> {
    let gone: Vec<&FileChange> = files.iter().filter(|file| file.new.is_none() && went(&file.path)).collect();
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let changed = source.repo.tree_changes(Some(parent), Some(commit), &[])?;
    let mut came: HashMap<Oid, &BString> = HashMap::new();
    for file in changed.iter().filter(|file| file.old.is_none()) {
        if let Some((_, oid)) = file.new.filter(|_| !source.set.matches(&file.path)) {
            came.entry(oid).or_insert(&file.path);
        }
    }
    let to = |file: &&FileChange| Some((file.path.clone(), (*came.get(&file.old?.1)?).clone()));
    Ok(gone.iter().filter_map(to).collect())
}

/// The files that went outside of the specification and have something in common with one that came into it, which is named.
fn candidates(
    source: &Source,
    (parent, commit): (Oid, Oid),
    came: &[&FileChange],
) -> Result<Vec<(FileChange, BString)>, Error> {
    if came.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<(Likeness, FileChange, BString)> = Vec::new();
    let changed = source.repo.tree_changes(Some(parent), Some(commit), &[])?;
    // What the commit only puts elsewhere outside goes on there: OpenSpec archives a proposal so that it carries out.
    let put_elsewhere: HashSet<Oid> = changed
        .iter()
        .filter(|file| file.old.is_none() && !source.set.matches(&file.path))
        .filter_map(|file| blob(file.new))
        .collect();
    for file in changed {
        let gone = blob(file.old).filter(|oid| file.new.is_none() && !put_elsewhere.contains(oid));
        if gone.is_none() || source.set.matches(&file.path) {
            continue;
        }
        let (stem, ending) = name_of(&file.path);
        let likeness = |new: &FileChange| match name_of(&new.path) {
            _ if blob(new.new) == blob(file.old) => Some(Likeness::Bytes),
            (other, _) if other == stem => Some(Likeness::Name),
            (_, other) if other.eq_ignore_ascii_case(ending) => Some(Likeness::Ending),
            _ => None,
        };
        let best =
            came.iter().filter_map(|new| Some((likeness(new)?, &new.path))).min_by_key(|(likeness, _)| *likeness);
        if let Some((likeness, new)) = best {
            let read_as = read_as(&file.path, new).clone();
            found.push((likeness, file, read_as));
        }
    }
    found.sort_by_key(|(likeness, ..)| *likeness);
    let sure = found.iter().filter(|(likeness, ..)| *likeness < Likeness::Ending).count();
    found.truncate(sure + MOST_OUTSIDE);
    Ok(found.into_iter().map(|(_, file, read_as)| (file, read_as)).collect())
}

/// By which name a file is read that went as `was` and came into the specification as `is`: its own, where that tells how.
pub(super) fn read_as<'p>(was: &'p BString, is: &'p BString) -> &'p BString {
    if is_read_by_paragraph(was) { is } else { was }
}

/// Whether the name of a file doesn't tell how to read it.
pub(super) fn is_read_by_paragraph(path: &BString) -> bool {
    Format::of_path(path) == Format::Paragraphs
}

fn blob(side: Option<(crate::git::Mode, Oid)>) -> Option<Oid> {
    side.filter(|(mode, _)| mode.is_file()).map(|(_, oid)| oid)
}

/// What a file that went has in common with one that came, the most first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    Bytes,
    Name,
    Ending,
}

/// A file's name without its ending, and the ending.
pub(super) fn name_of(path: &BString) -> (&[u8], &[u8]) {
    let name = path.rsplit_once_str("/").map_or(path.as_slice(), |(_, name)| name);
    name.rsplit_once_str(".").unwrap_or((name, b""))
}
