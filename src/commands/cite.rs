//! From what a person typed to a complete link: the clause, its version, and the spec commit that gave it to it.

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::clause_name::{self, Named};
use super::links::document_version;
use super::lives;
use super::sides::Side;
use super::source::{Content, Source};
use crate::error::Error;
use crate::git::{Oid, from_top};
use crate::spec::Version;
use crate::spec::matching::Document;
use crate::trace::Link;
use crate::trace::lineage::Place;
use crate::trace::link::{LinkVersion, Source as Origin, decoded};

/// Hex digits of the commit that a written link names (DESIGN.md §4).
const WRITTEN: usize = 16;

/// The link to a clause, or to a whole spec file, as it stands at `rev` (HEAD if there is none); `typed` may name
/// another revision itself, as in `AUTH-2@v1.0`.
///
/// The link's source is that of a trailer, and it has no id.
///
/// # Errors
/// [`Error::NoSuchClause`], [`Error::AmbiguousClause`], and what reading the repository may give.
pub fn cite(source: &Source, typed: &str, rev: Option<&str>) -> Result<Link, Error> {
    if let Some(link) = cite_document(source, typed, rev)? {
        return Ok(link);
    }
    let named = clause_name::find(source, typed, rev)?;
    let Some(tip) = named.commit else { return Err(Error::UnknownRevision { name: typed.to_owned() }) };
    cite_named(source, &named, tip)
}

/// The link to a clause as the next commit will have it: what is staged, without a commit where that differs from HEAD.
///
/// # Errors
/// As [`cite`].
pub fn cite_staged(source: &Source, typed: &str) -> Result<Link, Error> {
    let documents = source.documents(&Side::Index)?;
    if let Some(document) = document_named(source, &documents, typed) {
        let staged = document_version(&document.clauses);
        let link = written(document.path.clone(), None, staged, None);
        let stored = source.repo.head()?.map(|_| cite_document(source, typed, None)).transpose()?.flatten();
        return Ok(stored.filter(|stored| stored.version == link.version).unwrap_or(link));
    }
    let (doc, at) = match clause_name::find_in(source, &documents, typed, "the index") {
        Ok(found) => found,
        // It may name a revision, and its error knows more.
        Err(error @ Error::NoSuchClause { .. }) if source.repo.head()?.is_none() => return Err(error),
        Err(Error::NoSuchClause { .. }) => return cite(source, typed, None),
        Err(error) => return Err(error),
    };
    let (path, clause) = (&documents[doc].path, &documents[doc].clauses[at]);
    let staged = written(path.clone(), Some(clause.anchor.clone()), clause.version(), None);
    let Some(head) = source.repo.head()? else { return Ok(staged) };
    let stored = source.documents(&Side::Commit(head))?;
    let place = stored.iter().enumerate().find_map(|(doc, document)| {
        let at = document.clauses.iter().position(|stored| stored.anchor == clause.anchor);
        at.filter(|_| document.path == *path).map(|at| (doc, at))
    });
    match place.filter(|&(doc, at)| stored[doc].clauses[at].version() == clause.version()) {
        Some((doc, at)) => cite_named(source, &Named { documents: stored, doc, at, commit: Some(head) }, head),
        None => Ok(staged),
    }
}

/// The link to a clause that was found at `tip`.
///
/// # Errors
/// What reading the repository may give.
pub fn cite_named(source: &Source, named: &Named, tip: Oid) -> Result<Link, Error> {
    let (path, clause) = (named.documents[named.doc].path.clone(), named.clause());
    let commit = took_on(source, tip, named.place(), clause.version())?;
    let commit = so_named(source, commit, (&path, &clause.anchor), clause.version(), tip)?;
    Ok(written(path, Some(clause.anchor.clone()), clause.version(), Some(commit)))
}

/// The links to clauses that stand at `tip`, found by one walk.
///
/// # Errors
/// What reading the repository may give.
pub fn cite_all(source: &Source, named: &[Named], tip: Oid) -> Result<Vec<Link>, Error> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let places = named.iter().map(Named::place).collect();
    let lives = lives::follow(source, tip, places, None, |_, _| Ok(true))?;
    let mut links = Vec::with_capacity(named.len());
    for (clause, events) in named.iter().zip(&lives.events) {
        let version = clause.clause().version();
        let gave =
            |state: Option<&crate::trace::facts::ClauseState>| state.is_some_and(|state| state.version == version);
        let event = events.iter().find(|event| event.is_meaning() && gave(event.change().new.as_deref()));
        let commit = event.map_or(tip, |event| event.commit);
        let (path, anchor) = (clause.documents[clause.doc].path.clone(), clause.clause().anchor.clone());
        let commit = so_named(source, commit, (&path, &anchor), version, tip)?;
        links.push(written(path, Some(anchor), version, Some(commit)));
    }
    Ok(links)
}

/// The commit at which the clause that stands at `place` of `tip` took on that version; `tip` where it cannot be seen.
fn took_on(source: &Source, tip: Oid, place: Place, version: Version) -> Result<Oid, Error> {
    let mut found = None;
    lives::follow(source, tip, vec![place], None, |_, events| {
        let gave =
            |state: Option<&crate::trace::facts::ClauseState>| state.is_some_and(|state| state.version == version);
        let event = events.iter().find(|event| event.is_meaning() && gave(event.change().new.as_deref()));
        found = event.map(|event| event.commit);
        Ok(found.is_none())
    })?;
    Ok(found.unwrap_or(tip))
}

/// The commit at which the clause took on its version, if it bore its name there already; else, since its file or it was
/// renamed without another word, the newest that changed its file.
fn so_named(
    source: &Source,
    commit: Oid,
    (path, anchor): (&BString, &str),
    version: Version,
    tip: Oid,
) -> Result<Oid, Error> {
    let file = source.repo.file_at(commit, path)?.filter(|(mode, _)| mode.is_file());
    let document = file.map(|(_, blob)| source.document(path.as_bstr(), &Content::Blob(blob))).transpose()?;
    let is_so = |clause: &crate::spec::Clause| clause.anchor == anchor && clause.version() == version;
    match document.is_some_and(|document| document.clauses.iter().any(is_so)) {
        true => Ok(commit),
        false => last_touched(source, tip, path),
    }
}

/// The link to a whole document, if that was named.
pub(super) fn cite_document(source: &Source, typed: &str, rev: Option<&str>) -> Result<Option<Link>, Error> {
    let default = rev.unwrap_or("HEAD");
    let splits = [Some((typed, default)), typed.rsplit_once('@'), typed.split_once(':').map(|(rev, path)| (path, rev))];
    for (name, rev) in splits.into_iter().flatten() {
        if rev.is_empty() {
            continue;
        }
        let Ok(tip) = source.repo.resolve(rev) else { continue };
        let documents = source.documents(&Side::Commit(tip))?;
        if let Some(document) = document_named(source, &documents, name) {
            let version = document_version(&document.clauses);
            let commit = last_touched(source, tip, &document.path)?;
            return Ok(Some(written(document.path.clone(), None, version, Some(commit))));
        }
    }
    Ok(None)
}

/// The spec file of that path, seen from where the user stands or from the top.
fn document_named<'d>(source: &Source, documents: &'d [Arc<Document>], typed: &str) -> Option<&'d Arc<Document>> {
    let named = |name: &[u8]| {
        let relative = from_top(source.repo.prefix(), name);
        documents.iter().find(|document| document.path == name || document.path == relative)
    };
    named(typed.as_bytes()).or_else(|| named(&decoded(typed)?))
}

/// The newest commit that changed a file: there its bytes are those that `tip` has.
fn last_touched(source: &Source, tip: Oid, path: &BString) -> Result<Oid, Error> {
    let commits = source.repo.commits_of_path(tip, path.as_bstr(), 1)?;
    Ok(commits.first().copied().unwrap_or(tip))
}

fn written(path: BString, anchor: Option<String>, version: Version, commit: Option<Oid>) -> Link {
    Link {
        path,
        anchor,
        commit: commit.map(|commit| commit.short(WRITTEN)),
        version: LinkVersion::Known(version),
        foreign: None,
        fields: Vec::new(),
        source: Origin::Trailer,
        id: None,
    }
}
