//! `git spec diff`: two sides read, compared, told.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::joined::{self, Joined};
use super::sides::{Side, Sides};
use super::source::{Content, Source};
use crate::error::Error;
use crate::git::{FileChange, Mode, Oid, Pathspecs};
use crate::spec::change::{Change, ChangeKind};
use crate::spec::matching::Document;
use crate::view::diff::DiffReport;
use crate::view::facts::{ChangeFact, DocumentFact, path_text};

/// Compares two sides, limited to paths.
pub fn diff(source: &Source, sides: &Sides, paths: &[BString]) -> Result<DiffReport, Error> {
    let specs = Pathspecs::new(paths, source.repo.prefix());
    let [old, new] = differing(source, sides)?;
    let comparison = source.compare(&old, &new);
    let joined = from_outside(source, sides, &comparison.changes, &new)?;
    let wanted = |fact: &ChangeFact, path: &[u8]| {
        specs.is_empty() || specs.matches(path) || fact.was.as_ref().is_some_and(|w| specs.matches(w.path.as_bytes()))
    };
    let changes = comparison
        .changes
        .iter()
        .filter_map(|change| {
            let came = change.new.filter(|_| change.is(ChangeKind::Added) && change.other.is_none());
            let found = came.zip(joined.as_ref()).and_then(|(at, joined)| {
                let change = joined.of(new[at.doc].path.as_bstr(), at.at)?;
                Some(ChangeFact::new(change, &joined.outside, &joined.came))
            });
            let fact = found.unwrap_or_else(|| ChangeFact::new(change, &old, &new));
            let path = change.new.map(|at| &new[at.doc].path).or(change.old.map(|at| &old[at.doc].path))?;
            wanted(&fact, path).then_some(fact)
        })
        .collect();
    let mut documents: Vec<DocumentFact> = comparison
        .documents
        .iter()
        .filter(|(o, n)| {
            specs.is_empty()
                || [o.map(|o| &old[o].path), n.map(|n| &new[n].path)]
                    .into_iter()
                    .flatten()
                    .any(|path| specs.matches(path))
        })
        .map(|(o, n)| DocumentFact {
            was: o.map(|o| path_text(old[o].path.as_bstr())),
            path: n.map(|n| path_text(new[n].path.as_bstr())),
            outside: None,
        })
        .collect();
    if let (Side::Commit(a), Side::Commit(b)) = (&sides.from, &sides.to) {
        join_and_leave(source, (*a, *b), &mut documents)?;
    }
    Ok(DiffReport {
        schema: "git-spec/diff/1",
        from: side_name(&sides.from),
        to: side_name(&sides.to),
        documents,
        changes,
        generated: Vec::new(),
        impact: String::new(),
        incomplete: source.incomplete.borrow().clone(),
    })
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
pub(super) fn join_and_leave(source: &Source, (a, b): (Oid, Oid), documents: &mut [DocumentFact]) -> Result<(), Error> {
    let one_sided = |document: &DocumentFact| document.was.is_none() || document.path.is_none();
    if !documents.iter().any(one_sided) {
        return Ok(());
    }
    let files = source.repo.tree_changes(Some(a), Some(b), &[])?;
    let text = |file: &FileChange| path_text(file.path.as_bstr());
    for document in documents.iter_mut().filter(|document| one_sided(document)) {
        let here = document.path.as_ref().or(document.was.as_ref());
        let Some(file) = files.iter().find(|file| Some(&text(file)) == here) else { continue };
        let partner = files.iter().find(|other| {
            let moved = match document.path {
                Some(_) => other.new.is_none() && other.old.map(|(_, oid)| oid) == file.new.map(|(_, oid)| oid),
                None => other.old.is_none() && other.new.map(|(_, oid)| oid) == file.old.map(|(_, oid)| oid),
            };
            moved && !source.set.matches(&other.path)
        });
        document.outside = partner.map(text);
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
