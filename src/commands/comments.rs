//! `git spec link --from-annotations`: what comments in code already say, as links of their own source.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::clause_name::Named;
use super::link::{Carrier, Meant, Scribe, finish};
use super::sides::Side;
use super::source::{Content, Source};
use crate::error::Error;
use crate::git::{BlameQuery, FoundLine, Oid, Pathspecs};
use crate::spec::formats::markers::of_line;
use crate::spec::matching::Document;
use crate::trace::Link;
use crate::trace::comment::{Comment, PATTERNS, numbered, read};
use crate::trace::link::Source as Origin;
use crate::view::facts::path_text;
use crate::view::link::{LinkReport, Untied};

/// A comment with the commit that wrote it.
struct Written {
    path: BString,
    line: u32,
    comment: Comment,
    commit: Oid,
}

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
    for written in written(source, tip, paths)? {
        match tie(source, &written)? {
            Ok(named) => {
                let all = meant.entry(written.commit).or_default();
                if !all.iter().any(|known| known.place() == named.place()) {
                    scribe.announce(&named, written.commit);
                    all.push(named);
                }
            }
            Err(reason) => untied.push(Untied {
                place: path_text(written.path.as_bstr()),
                line: Some(written.line),
                text: written.comment.text,
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
            link.source = Origin::Annotation;
            links.push(link);
        }
        wanted.extend(scribe.weigh(&carrier, links, true)?);
    }
    let mut report = finish(source, wanted, dry_run, "link --from-annotations")?;
    report.untied = untied;
    Ok(report)
}

/// The comments of all files that are no specification, each with the commit that `git blame` gives its line to.
fn written(source: &Source, tip: Oid, paths: &[BString]) -> Result<Vec<Written>, Error> {
    let limits = Pathspecs::new(paths, source.repo.prefix());
    let mut by_file: BTreeMap<BString, Vec<(u32, Comment)>> = BTreeMap::new();
    for FoundLine { path, line, text } in source.repo.grep(tip, &PATTERNS)? {
        if !source.set.matches(&path) && limits.matches(&path) {
            let comments = read(&text.to_str_lossy()).into_iter().map(|comment| (line, comment));
            by_file.entry(path).or_default().extend(comments);
        }
    }
    let mut all = Vec::new();
    for (path, comments) in by_file.into_iter().filter(|(_, comments)| !comments.is_empty()) {
        let mut ranges: Vec<String> = comments.iter().map(|(line, _)| format!("{line},+1")).collect();
        ranges.dedup();
        let query = BlameQuery { rev: Some(tip.to_string()), path: path.clone(), ranges, ..BlameQuery::default() };
        let commits: BTreeMap<u32, Oid> =
            source.repo.blame(&query)?.into_iter().map(|line| (line.line, line.commit)).collect();
        for (line, comment) in comments {
            if let Some(&commit) = commits.get(&line) {
                all.push(Written { path: path.clone(), line, comment, commit });
            }
        }
    }
    Ok(all)
}

/// The clause that a comment names in the tree of its commit, or why there is none.
fn tie(source: &Source, written: &Written) -> Result<Result<Named, String>, Error> {
    let Written { comment, commit, .. } = written;
    let documents = source.documents(&Side::Commit(*commit))?;
    let at = commit.short(10);
    let found = match &comment.path {
        Some(path) if path.contains("://") => return Ok(Err("it names a document outside the repository".to_owned())),
        Some(path) => {
            let Some(doc) = documents.iter().position(|document| document.path == path.as_str()) else {
                return Ok(Err(format!("{path} is no file of the specification at {at}")));
            };
            matches(&documents, &comment.id).into_iter().filter(|&(found, _)| found == doc).collect()
        }
        None => nearest(matches(&documents, &comment.id), &documents, written.path.as_bstr()),
    };
    let (doc, clause) = match found.as_slice() {
        [only] => *only,
        [] => return Ok(Err(format!("{} is not in the specification at {at}, the commit of the comment", comment.id))),
        many => return Ok(Err(format!("{} names {} clauses at {at}", comment.id, many.len()))),
    };
    if let Some(number) = comment.number {
        let theirs = number_of(source, *commit, &documents[doc], &comment.id)?.unwrap_or(1);
        if theirs != number {
            let reason = format!("it names version {number}, and the specification at {at} has version {theirs}");
            return Ok(Err(reason));
        }
    }
    Ok(Ok(Named { documents, doc, at: clause, commit: Some(*commit) }))
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
