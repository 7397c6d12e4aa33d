//! From what a person typed to one clause: `AUTH-2`, `specs/auth.md#AUTH-2`, `AUTH-2@v1.0`.

use std::sync::Arc;

use bstr::BStr;

use super::sides::Side;
use super::source::Source;
use crate::error::{Candidate, Error};
use crate::git::{Oid, Repo};
use crate::spec::matching::{Document, similarity::Bag};
use crate::trace::lineage::Place;
use crate::trace::link::decoded;
use crate::view::facts::{beside_id, is_machine_id};
use crate::view::text::{one_line, shell_quote};

/// A clause that was named, at a revision.
pub struct Named {
    /// The documents of the revision.
    pub documents: Vec<Arc<Document>>,
    /// The document among them.
    pub doc: usize,
    /// The clause in it.
    pub at: usize,
    /// The commit; `None` for the work tree.
    pub commit: Option<Oid>,
}

impl Named {
    /// The clause's place.
    pub fn place(&self) -> Place {
        Place { path: self.documents[self.doc].path.clone(), at: self.at }
    }

    /// The clause.
    pub fn clause(&self) -> &crate::spec::Clause {
        &self.documents[self.doc].clauses[self.at]
    }
}

/// How many near misses an error lists.
const NEAREST: usize = 5;

/// Finds the clause. The whole name is tried first; else the last `@` splits off the revision, or the first `:` as in
/// `git show REVISION:PATH`.
pub fn find(source: &Source, typed: &str, rev: Option<&str>) -> Result<Named, Error> {
    if let Some((name, rev)) = at_another(&source.repo, typed).filter(|_| rev.is_none()) {
        return find(source, name, Some(rev));
    }
    let default = rev.unwrap_or("HEAD");
    let tip = source.repo.resolve(default)?;
    let documents = source.documents(&Side::Commit(tip))?;
    let prefix = source.repo.prefix();
    match matches(&documents, typed, prefix).as_slice() {
        [(doc, at)] => return Ok(Named { doc: *doc, at: *at, commit: Some(tip), documents }),
        [] => {}
        many => return Err(ambiguous(typed, &documents, many, prefix)),
    }
    let behind = typed.rsplit_once('@').filter(|(name, _)| !name.is_empty());
    let before = typed.split_once(':').filter(|(rev, _)| !rev.is_empty()).map(|(rev, name)| (name, rev));
    for (name, at_rev) in [behind, before].into_iter().flatten() {
        let commit = match source.repo.resolve(at_rev) {
            Ok(commit) => commit,
            // The clause or document is there, so it was the revision that was mistyped.
            Err(error) if is_there(source, &documents, name) => return Err(error.into()),
            Err(_) => continue,
        };
        let documents = source.documents(&Side::Commit(commit))?;
        return match matches(&documents, name, source.repo.prefix()).as_slice() {
            [(doc, at)] => Ok(Named { doc: *doc, at: *at, commit: Some(commit), documents }),
            [] => Err(something_else(source, name, at_rev, &documents)
                .unwrap_or_else(|| unknown(source, name, at_rev, &documents))),
            many => Err(ambiguous(name, &documents, many, prefix)),
        };
    }
    if let Some(error) = something_else(source, typed, default, &documents) {
        return Err(error);
    }
    Err(unknown(source, typed, default, &documents))
}

/// Where HEAD has no commits, a name and the other revision that it is asked at: nothing of HEAD is wanted for it.
pub fn at_another<'t>(repo: &Repo, typed: &'t str) -> Option<(&'t str, &'t str)> {
    if !matches!(repo.head(), Ok(None)) {
        return None;
    }
    let behind = typed.rsplit_once('@').filter(|(name, _)| !name.is_empty());
    let before = typed.split_once(':').filter(|(rev, _)| !rev.is_empty()).map(|(rev, name)| (name, rev));
    [behind, before].into_iter().flatten().find(|(_, rev)| repo.resolve(rev).is_ok())
}

/// Whether a clause or a document has that name.
fn is_there(source: &Source, documents: &[Arc<Document>], name: &str) -> bool {
    let relative = crate::git::from_top(source.repo.prefix(), name.as_bytes());
    let is_document = documents.iter().any(|document| document.path == name || document.path == relative);
    is_document || !matches(documents, name, source.repo.prefix()).is_empty()
}

/// Finds the clause among documents at hand, which an error calls `at`; no revision is split off.
pub fn find_in(source: &Source, documents: &[Arc<Document>], typed: &str, at: &str) -> Result<(usize, usize), Error> {
    match matches(documents, typed, source.repo.prefix()).as_slice() {
        [only] => Ok(*only),
        [] => Err(unknown(source, typed, at, documents)),
        many => Err(ambiguous(typed, documents, many, source.repo.prefix())),
    }
}

/// Says so where a commit or a file was named instead of a clause.
fn something_else(source: &Source, typed: &str, rev: &str, documents: &[Arc<Document>]) -> Option<Error> {
    let path = typed.rsplit_once(':').map_or(typed, |(_, path)| path);
    let relative = crate::git::from_top(source.repo.prefix(), path.as_bytes());
    let (message, help) = if documents.iter().any(|d| d.path == path || d.path == relative) {
        let rev = typed.rsplit_once(':').map_or(rev, |(rev, _)| rev);
        let list = format!("list its clauses: git spec ls {} -- {}", shell_quote(rev), shell_quote(path));
        (format!("{path} is a file, not a clause"), list)
    } else if source.repo.resolve(typed).is_ok() {
        let name = shell_quote(typed);
        let show = format!("show what it did: git spec log -1 -p {name}\nlist its clauses: git spec ls {name}");
        (format!("{typed} is a revision, not a clause"), show)
    } else {
        return None;
    };
    Some(Error::Usage { message, help })
}

/// All clauses that a name can mean: `path#anchor`, else anchor, id, alias or exact title, best kind of match only.
fn matches(documents: &[Arc<Document>], typed: &str, prefix: &BStr) -> Vec<(usize, usize)> {
    let splits = typed.match_indices('#').rev().map(|(at, _)| (&typed[..at], &typed[at + 1..]));
    for (path, anchor) in splits {
        let relative = crate::git::from_top(prefix, path.as_bytes());
        // Seen from here and from the top, from where paths are shown, it may be two files: neither wins without a word.
        let is_meant = |document: &&Arc<Document>| document.path == path || document.path == relative;
        let found: Vec<usize> = (0..documents.len()).filter(|&doc| is_meant(&&documents[doc])).collect();
        if !found.is_empty() {
            let clauses = || {
                found.iter().flat_map(|&doc| documents[doc].clauses.iter().enumerate().map(move |(at, c)| (doc, at, c)))
            };
            let exact: Vec<(usize, usize)> = found
                .iter()
                .filter_map(|&doc| Some((doc, documents[doc].clauses.iter().position(|c| c.anchor == anchor)?)))
                .collect();
            if !exact.is_empty() {
                return exact;
            }
            return clauses().filter(|(_, _, c)| has_short(c, anchor)).map(|(doc, at, _)| (doc, at)).collect();
        }
    }
    let all = || {
        documents.iter().enumerate().flat_map(|(doc, d)| d.clauses.iter().enumerate().map(move |(at, c)| (doc, at, c)))
    };
    type Test<'t> = Box<dyn Fn(&crate::spec::Clause) -> bool + 't>;
    let tests: [Test; 4] = [
        // One id at two places of a file gives the second another anchor; which of them is meant, nobody can know.
        Box::new(|c| c.anchor == typed || c.id.as_deref() == Some(typed)),
        Box::new(|c| c.id.as_deref() == Some(typed) || c.aliases.iter().any(|alias| alias == typed)),
        Box::new(|c| has_short(c, typed)),
        Box::new(|c| is_titled(c, typed)),
    ];
    for test in tests {
        let found: Vec<(usize, usize)> = all().filter(|(_, _, c)| test(c)).map(|(doc, at, _)| (doc, at)).collect();
        if !found.is_empty() {
            return found;
        }
    }
    matches_decoded(documents, typed, prefix)
}

/// What a name means that is encoded as in a link or an address.
fn matches_decoded(documents: &[Arc<Document>], typed: &str, prefix: &BStr) -> Vec<(usize, usize)> {
    let plain = |text: &str| decoded(text).unwrap_or_else(|| text.as_bytes().to_vec());
    if decoded(typed).is_none() {
        return Vec::new();
    }
    let (path, anchor) = match typed.split_once('#') {
        Some((path, anchor)) => (Some(plain(path)), plain(anchor)),
        None => (None, plain(typed)),
    };
    let is_there = |document: &Document| match &path {
        None => true,
        Some(path) => document.path == *path || document.path == crate::git::from_top(prefix, path),
    };
    let there = documents.iter().enumerate().filter(|(_, document)| is_there(document));
    let clauses = there.flat_map(|(doc, d)| d.clauses.iter().enumerate().map(move |(at, c)| (doc, at, c)));
    clauses.filter(|(_, _, c)| c.anchor.as_bytes() == anchor).map(|(doc, at, _)| (doc, at)).collect()
}

/// Whether a title is what was typed: as it stands, without its id, or as the screen shows both.
fn is_titled(clause: &crate::spec::Clause, typed: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let title = beside_id(&clause.title, clause.id.as_deref());
    let both = clause.id.as_deref().map(|id| words(&format!("{id} {title}")));
    let typed = words(typed);
    clause.titled && (words(&clause.title) == typed || words(title) == typed || both == Some(typed))
}

/// Digits that a machine-made id has to be typed with at least, as git takes no fewer than four of a commit.
const LEAST_DIGITS: usize = 7;

/// Whether a machine-made id of the clause begins with what was typed.
fn has_short(clause: &crate::spec::Clause, typed: &str) -> bool {
    let mut ids = clause.id.iter().chain(&clause.aliases);
    typed.len() >= LEAST_DIGITS && ids.any(|id| is_machine_id(id) && id.starts_with(typed))
}

fn candidate(document: &Document, at: usize) -> Candidate {
    let clause = &document.clauses[at];
    Candidate { anchor: clause.anchor.clone(), title: clause.title.clone(), path: document.path.to_vec() }
}

fn ambiguous(name: &str, documents: &[Arc<Document>], found: &[(usize, usize)], prefix: &BStr) -> Error {
    let typed = name.rsplit_once('#').map_or(name, |(path, _)| path);
    let candidates = found.iter().map(|&(doc, at)| {
        let candidate = candidate(&documents[doc], at);
        Candidate { path: told_apart(typed, &documents[doc].path, prefix).unwrap_or(candidate.path), ..candidate }
    });
    let candidates = candidates.collect();
    Error::AmbiguousClause { name: name.to_owned(), candidates }
}

/// A path as it has to be typed where seen from here and from the top what was typed is two files; nothing for another one.
pub fn told_apart(typed: &str, path: &[u8], prefix: &BStr) -> Option<Vec<u8>> {
    let depth = prefix.iter().filter(|byte| **byte == b'/').count();
    if path == typed.as_bytes() && depth > 0 {
        return Some([&b"../".repeat(depth), path].concat());
    }
    (depth > 0 && path == crate::git::from_top(prefix, typed.as_bytes())).then(|| [b"./", typed.as_bytes()].concat())
}

/// Says that there is no such clause, or where it may stand unseen.
fn unknown(source: &Source, name: &str, rev: &str, documents: &[Arc<Document>]) -> Error {
    let mut reasons = source.incomplete.borrow().clone();
    if !reasons.is_empty() {
        reasons.push(format!("whether {} has a clause {} is not known", one_line(rev), one_line(name)));
        return Error::Incomplete { reasons };
    }
    let wanted = name.rsplit('#').next().unwrap_or(name);
    let bag = Bag::of_text(wanted);
    let mut near: Vec<(f64, usize, usize)> = Vec::new();
    for (doc, document) in documents.iter().enumerate() {
        for (at, clause) in document.clauses.iter().enumerate() {
            let names = [clause.anchor.as_str(), clause.id.as_deref().unwrap_or(""), clause.title.as_str()];
            let lower = wanted.to_lowercase();
            let letters = names
                .iter()
                .map(|n| strsim::normalized_damerau_levenshtein(&lower, &n.to_lowercase()))
                .fold(0.0, f64::max);
            let words = f64::from(bag.dice(&Bag::of_text(&clause.title)));
            near.push((letters.max(words), doc, at));
        }
    }
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let nearest = near
        .iter()
        .take(NEAREST)
        .filter(|(score, ..)| *score > 0.3)
        .map(|&(_, doc, at)| candidate(&documents[doc], at));
    Error::NoSuchClause { name: name.to_owned(), rev: rev.to_owned(), nearest: nearest.collect() }
}
