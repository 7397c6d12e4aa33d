//! From what a person typed to a complete link: the clause, its version, and the spec commit that gave it to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::clause_name::{self, Named, told_apart};
use super::links::document_version;
use super::lives;
use super::sides::Side;
use super::source::{Content, Source};
use crate::error::Error;
use crate::git::{Oid, from_top};
use crate::spec::matching::Document;
use crate::spec::{Clause, Version};
use crate::trace::Link;
use crate::trace::facts::ClauseState;
use crate::trace::lineage::Event;
use crate::trace::link::{LinkVersion, Source as Origin, decoded};
use crate::view::text::{one_line, quote_path, shell_quote};

/// Hex digits of the commit that a written link names (DESIGN.md §4).
const WRITTEN: usize = 16;
/// How many of the commits that changed a file are asked for at first, and how many times more then: most names are young.
const FIRST: usize = 16;
const MORE: usize = 16;

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
    if let Some(document) = document_named(source, &documents, typed)? {
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
    let mut found = None;
    lives::follow(source, tip, vec![named.place()], None, |_, events| {
        found = took_on(source, events, clause.version());
        Ok(found.is_none())
    })?;
    let mut commit = found.unwrap_or(tip);
    if !document_at(source, &path, commit)?.is_some_and(|document| has(&document, clause)) {
        commit = since_named(source, tip, &path, clause)?;
    }
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
    let mut commits = Vec::with_capacity(named.len());
    // Those that were called otherwise, by file: its history is read once for all of them.
    let mut renamed: BTreeMap<&BString, Vec<usize>> = BTreeMap::new();
    for (number, (clause, events)) in named.iter().zip(&lives.events).enumerate() {
        let commit = took_on(source, events, clause.clause().version()).unwrap_or(tip);
        let path = &clause.documents[clause.doc].path;
        if !document_at(source, path, commit)?.is_some_and(|document| has(&document, clause.clause())) {
            renamed.entry(path).or_default().push(number);
        }
        commits.push(commit);
    }
    for (path, numbers) in renamed {
        let clause = |at: usize| named[numbers[at]].clause();
        let since = since(source, tip, path, numbers.len(), |at, document| has(document, clause(at)))?;
        numbers.iter().zip(since).for_each(|(&number, commit)| commits[number] = commit);
    }
    let link = |(clause, commit): (&Named, Oid)| {
        let (path, anchor) = (clause.documents[clause.doc].path.clone(), clause.clause().anchor.clone());
        written(path, Some(anchor), clause.clause().version(), Some(commit))
    };
    Ok(named.iter().zip(commits).map(link).collect())
}

/// The newest commit at which a clause took on that version: with it, it came in, or its words became those of it.
fn took_on(source: &Source, events: &[Event<Oid>], version: Version) -> Option<Oid> {
    let took = |event: &&Event<Oid>| {
        let is_it = |state: &ClauseState| state.version == version;
        let (old, new) = (event.change().old.as_deref(), event.change().new.as_deref());
        new.is_some_and(is_it) && (!old.is_some_and(is_it) || lives::came_in(source, event))
    };
    events.iter().find(took).map(|event| event.commit)
}

/// Whether a file has a clause of that name at that version.
fn has(document: &Document, clause: &Clause) -> bool {
    document.clauses.iter().any(|other| other.anchor == clause.anchor && other.version() == clause.version())
}

/// The commits since which a file that `tip` has holds each of several things that it holds there; `tip` where the border of a
/// shallow history hides it.
fn since(
    source: &Source,
    tip: Oid,
    path: &BString,
    things: usize,
    holds: impl Fn(usize, &Document) -> bool,
) -> Result<Vec<Oid>, Error> {
    let mut found = vec![tip; things];
    let mut open: Vec<usize> = (0..things).collect();
    let (mut seen, mut limit) = (0, FIRST);
    while !open.is_empty() {
        let commits = source.repo.commits_of_path(tip, path.as_bstr(), limit)?;
        for &commit in commits.get(seen..).unwrap_or_default() {
            let document = document_at(source, path, commit)?;
            let is_border = document.is_some() && source.is_border(commit);
            open.retain(|&thing| {
                let stays = document.as_ref().is_some_and(|document| holds(thing, document));
                if stays {
                    found[thing] = if is_border { tip } else { commit };
                }
                stays
            });
            if open.is_empty() {
                break;
            }
        }
        if commits.len() < limit {
            break;
        }
        (seen, limit) = (commits.len(), limit.saturating_mul(MORE));
    }
    Ok(found)
}

/// The commit since which a clause of `tip` bears its name at its version, as the history of its file tells.
///
/// # Errors
/// What reading the repository may give.
pub fn since_named(source: &Source, tip: Oid, path: &BString, clause: &Clause) -> Result<Oid, Error> {
    let found = since(source, tip, path, 1, |_, document| has(document, clause))?;
    Ok(found.first().copied().unwrap_or(tip))
}

/// A spec file of a commit.
fn document_at(source: &Source, path: &BString, commit: Oid) -> Result<Option<Arc<Document>>, Error> {
    let file = source.repo.file_at(commit, path)?.filter(|(mode, _)| mode.is_file());
    file.map(|(_, blob)| source.document(path.as_bstr(), &Content::Blob(blob))).transpose()
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
        if let Some(document) = document_named(source, &documents, name)? {
            let version = document_version(&document.clauses);
            let is_so = |_, other: &Document| document_version(&other.clauses) == version;
            let commit = since(source, tip, &document.path, 1, is_so)?.first().copied();
            return Ok(Some(written(document.path.clone(), None, version, commit)));
        }
    }
    Ok(None)
}

/// The spec file of that path, seen from where the user stands or from the top.
fn document_named<'d>(
    source: &Source,
    documents: &'d [Arc<Document>],
    typed: &str,
) -> Result<Option<&'d Arc<Document>>, Error> {
    let prefix = source.repo.prefix();
    let named = |name: &[u8]| -> Vec<&'d Arc<Document>> {
        let relative = from_top(prefix, name);
        documents.iter().filter(|document| document.path == name || document.path == relative).collect()
    };
    let mut found = named(typed.as_bytes());
    if found.is_empty() {
        found = decoded(typed).map(|plain| named(&plain)).unwrap_or_default();
    }
    match found[..] {
        [] => Ok(None),
        [document] => Ok(Some(document)),
        ref many => {
            let apart = many.iter().filter_map(|document| told_apart(typed, &document.path, prefix));
            let names: Vec<String> = apart.map(|path| shell_quote(&quote_path(&path)).into_owned()).collect();
            Err(Error::Usage {
                message: format!("{} is a file here and at the top of the repository", one_line(typed)),
                help: format!("type one of: {}", names.join(", ")),
            })
        }
    }
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
