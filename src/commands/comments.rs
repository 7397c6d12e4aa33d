//! `git spec link --from-annotations`: what comments in code already say, as links of their own source.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::clause_name::Named;
use super::link::{Carrier, Meant, Scribe, finish};
use super::sides::Side;
use super::source::{Content, Source};
use crate::error::Error;
use crate::git::{BlameLine, BlameQuery, FoundLine, Oid, Pathspecs};
use crate::spec::formats::markers::of_line;
use crate::spec::matching::Document;
use crate::trace::Link;
use crate::trace::comment::{Comment, PATTERNS, in_file, numbered};
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

/// The comments of all files that are no specification, each with the commit that brought it.
fn written(source: &Source, tip: Oid, paths: &[BString]) -> Result<Vec<Written>, Error> {
    let limits = Pathspecs::new(paths, source.repo.prefix());
    let found = source.repo.grep(tip, &PATTERNS)?;
    let files: BTreeSet<BString> = found.into_iter().map(|FoundLine { path, .. }| path).collect();
    let mut files_read = Files { source, known: HashMap::new() };
    let mut all = Vec::new();
    for path in files.into_iter().filter(|path| !source.set.matches(path) && limits.matches(path)) {
        let comments = files_read.comments(tip, &path)?;
        if comments.is_empty() {
            continue;
        }
        let lines: BTreeSet<u32> = comments.iter().map(|(line, _)| *line).collect();
        let blamed = blame(source, tip, &path, lines)?;
        for (line, comment) in comments.iter() {
            if let Some(blamed) = blamed.iter().find(|blamed| blamed.line == *line) {
                let commit = files_read.brought(comment, blamed.clone())?;
                all.push(Written { path: path.clone(), line: *line, comment: comment.clone(), commit });
            }
        }
    }
    Ok(all)
}

/// Who wrote these lines, white space aside.
fn blame(source: &Source, at: Oid, path: &BString, lines: BTreeSet<u32>) -> Result<Vec<BlameLine>, Error> {
    let ranges = lines.iter().map(|line| format!("{line},+1")).collect();
    let (rev, path, flags) = (Some(at.to_string()), path.clone(), vec!["-w".into()]);
    Ok(source.repo.blame(&BlameQuery { rev, path, ranges, flags, ..BlameQuery::default() })?)
}

/// The comments of a file, with their lines.
type Found = Rc<Vec<(u32, Comment)>>;

/// Files with their comments, each read once.
struct Files<'s> {
    source: &'s Source,
    known: HashMap<(Oid, BString), Found>,
}

impl Files<'_> {
    fn comments(&mut self, commit: Oid, path: &BString) -> Result<Found, Error> {
        let Some((_, blob)) = self.source.repo.file_at(commit, path)? else { return Ok(Found::default()) };
        let key = (blob, path.clone());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let bytes = self.source.repo.blob(blob)?;
        let found = Rc::new(in_file(&path.to_str_lossy(), &bytes.to_str_lossy()));
        self.known.insert(key, found.clone());
        Ok(found)
    }

    /// The commit that brought a comment into its file. A line that was moved or changed around it is new to blame, while
    /// the file had an equal comment before; only where there are more of them than before did one come in.
    fn brought(&mut self, comment: &Comment, mut blamed: BlameLine) -> Result<Oid, Error> {
        while let Some((parent, was)) = blamed.previous.clone() {
            let equal = |found: &Found| -> Vec<u32> {
                found.iter().filter(|(_, other)| other == comment).map(|(line, _)| *line).collect()
            };
            let now = equal(&self.comments(blamed.commit, &blamed.orig_path)?);
            let then = equal(&self.comments(parent, &was)?);
            let at = now.iter().position(|line| *line == blamed.orig_line).unwrap_or_default();
            let Some(&line) = then.get(at.min(then.len().saturating_sub(1))).filter(|_| then.len() >= now.len()) else {
                break;
            };
            match blame(self.source, parent, &was, BTreeSet::from([line]))?.pop() {
                Some(older) => blamed = older,
                None => break,
            }
        }
        Ok(blamed.commit)
    }
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
