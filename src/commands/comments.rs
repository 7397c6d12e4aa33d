//! `git spec link --from-annotations`: what comments in code already say, as links of their own source.

mod origin;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use origin::{Origin, Origins};

use super::clause_name::Named;
use super::link::{Carrier, Meant, Scribe, finish};
use super::sides::Side;
use super::source::{Content, Source};
use crate::error::Error;
use crate::git::{FoundLine, Oid, Pathspecs};
use crate::spec::formats::markers::of_line;
use crate::spec::matching::Document;
use crate::trace::Link;
use crate::trace::comment::{Comment, PATTERNS, Stand, numbered};
use crate::trace::link::Source as From;
use crate::view::facts::path_text;
use crate::view::link::{LinkReport, Untied};

/// Links the commits that wrote comments to the clauses that the comments name.
pub fn from_comments(
    source: &Source,
    rev: Option<&str>,
    paths: &[BString],
    dry_run: bool,
) -> Result<LinkReport, Error> {
    let tip = source.repo.resolve(rev.unwrap_or("HEAD"))?;
    let mut untied = Vec::new();
    let mut scribe = Scribe::new(source)?;
    let mut meant: BTreeMap<Oid, Vec<Named>> = BTreeMap::new();
    for (path, stand, origin) in written(source, tip, paths)? {
        let tied = match origin {
            Ok((commit, there, names)) => {
                // As it was written there.
                let comment = Comment { path: names.as_deref().map(str::to_owned), ..stand.comment.clone() };
                tie(source, &comment, commit, &there)?.map(|named| (commit, named))
            }

            Err(reason) => Err(reason),
        };
        match tied {
            Ok((commit, named)) => {
                let all = meant.entry(commit).or_default();
                if !all.iter().any(|known| known.place() == named.place()) {
                    scribe.announce(&named, commit);
                    all.push(named);
                }
            }
            Err(reason) => untied.push(Untied {
                place: path_text(path.as_bstr()),
                line: Some(stand.line),
                text: stand.comment.text,
                reason,
            }),
        }
    }
    let mut wanted = Vec::new();
    for (commit, all) in meant {
        let carrier = Carrier { word: commit.short(10), oid: commit };
        let mut links: Vec<Link> = Vec::new();
        for named in all {
            let mut link = scribe.cite(Meant::Clause(named), &carrier)?;
            link.source = From::Annotation;
            links.push(link);
        }
        wanted.extend(scribe.weigh(&carrier, links, true)?);
    }
    let mut report = finish(source, wanted, dry_run, "link --from-annotations")?;
    report.untied = untied;
    Ok(report)
}

/// The comments of all files that are no specification, each with where it was first written.
fn written(source: &Source, tip: Oid, paths: &[BString]) -> Result<Vec<(BString, Stand, Origin)>, Error> {
    let limits = Pathspecs::new(paths, &source.repo)?;
    let found = source.repo.grep(tip, &PATTERNS)?;
    let files: BTreeSet<BString> = found.into_iter().map(|FoundLine { path, .. }| path).collect();
    let mut origins = Origins::new(source);
    let mut all: Vec<(BString, Stand)> = Vec::new();
    for path in files.into_iter().filter(|path| !source.set.matches(path) && limits.matches(path)) {
        all.extend(origins.at_tip(tip, &path)?.into_iter().map(|stand| (path.clone(), stand)));
    }
    let (sure, doubtful): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, stand)| stand.doubt.is_none());
    let settled = origins.settle(tip, &sure)?;
    let mut written: Vec<(BString, Stand, Origin)> =
        sure.into_iter().zip(settled).map(|((path, stand), origin)| (path, stand, origin)).collect();
    written.extend(doubtful.into_iter().map(|(path, stand)| {
        let reason = stand.doubt.unwrap_or_default().to_owned();
        (path, stand, Err(reason))
    }));
    written.sort_by(|(a, one, _), (b, other, _)| (a, one.line).cmp(&(b, other.line)));
    Ok(written)
}

/// The clause that a comment names in the tree of its commit, or why there is none.
fn tie(source: &Source, comment: &Comment, commit: Oid, place: &BString) -> Result<Result<Named, String>, Error> {
    let documents = source.documents(&Side::Commit(commit))?;
    let at = commit.short(10);
    let found = match &comment.path {
        Some(path) if path.contains("://") => return Ok(Err("it names a document outside the repository".to_owned())),
        Some(path) => {
            let Some(doc) = documents.iter().position(|document| document.path == path.as_str()) else {
                return Ok(Err(format!("{path} is no file of the specification at {at}")));
            };
            matches(&documents, &comment.id).into_iter().filter(|&(found, _)| found == doc).collect()
        }
        None => nearest(matches(&documents, &comment.id), &documents, place.as_bstr()),
    };
    let (doc, clause) = match found.as_slice() {
        [only] => *only,
        [] => return Ok(Err(format!("{} is not in the specification at {at}, the commit of the comment", comment.id))),
        many => return Ok(Err(format!("{} names {} clauses at {at}", comment.id, many.len()))),
    };
    if let Some(number) = comment.number {
        let theirs = number_of(source, commit, &documents[doc], &comment.id)?.unwrap_or(1);
        if theirs != number {
            let reason = format!("it names version {number}, and the specification at {at} has version {theirs}");
            return Ok(Err(reason));
        }
    }
    Ok(Ok(Named { documents, doc, at: clause, commit: Some(commit) }))
}

/// All clauses with that id, or else that anchor.
fn matches(documents: &[Arc<Document>], id: &str) -> Vec<(usize, usize)> {
    let all = |test: &dyn Fn(&crate::spec::Clause) -> bool| {
        let mut found = Vec::new();
        for (doc, document) in documents.iter().enumerate() {
            found.extend(document.clauses.iter().enumerate().filter(|(_, c)| test(c)).map(|(at, _)| (doc, at)));
        }
        found
    };
    let by_id = all(&|c| c.id.as_deref() == Some(id) || c.aliases.iter().any(|alias| alias == id));
    if by_id.is_empty() { all(&|c| c.anchor == id) } else { by_id }
}

/// Of several, those in the file's own folder: the numbers of a feature's tasks are those of its requirements.
fn nearest(found: Vec<(usize, usize)>, documents: &[Arc<Document>], path: &BStr) -> Vec<(usize, usize)> {
    let folder = |path: &BStr| path.rsplit_once_str("/").map_or(BString::default(), |(folder, _)| folder.into());
    let here = folder(path);
    let near: Vec<(usize, usize)> =
        found.iter().copied().filter(|&(doc, _)| folder(documents[doc].path.as_bstr()) == here).collect();
    if near.is_empty() { found } else { near }
}

/// The version number that the specification writes behind an id, as in `r[a.b+2]` or `` `req~x~1` ``.
fn number_of(source: &Source, commit: Oid, document: &Document, id: &str) -> Result<Option<u32>, Error> {
    let Some((_, blob)) = source.repo.file_at(commit, &document.path)? else { return Ok(None) };
    let lines = source.lines(&Content::Blob(blob))?;
    let marker = lines.iter().find(|line| of_line(line).is_some_and(|(own, _)| own == id));
    Ok(marker.and_then(|line| {
        let whole = line.trim().trim_end_matches([']', '`']);
        numbered(whole, '+').1.or(numbered(whole, '~').1)
    }))
}
