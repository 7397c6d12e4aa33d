//! Commits with the files that each changed, streamed from one `git log`.

use bstr::{BString, ByteSlice};

use super::process::Stream;
use super::walk_query::FIELD_COUNT;
use super::{FileChange, GitError, Mode, Oid, Repo, Result, WalkQuery};

/// A commit of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRecord {
    /// The commit.
    pub oid: Oid,
    /// Its parents; with [`WalkQuery::parents`] the next commits that the walk shows.
    pub parents: Vec<Oid>,
    /// By mailmap, in UTF-8 as far as the commit says its encoding.
    pub author_name: BString,
    /// By mailmap.
    pub author_email: BString,
    /// As [`WalkQuery::date`] wants it.
    pub author_date: BString,
    /// Seconds since 1970 in UTC.
    pub author_time: i64,
    /// Seconds since 1970 in UTC.
    pub committer_time: i64,
    /// The author date in strict ISO 8601; empty unless asked for.
    pub author_strict: BString,
    /// The first paragraph of the message as one line, in UTF-8 as far as the commit says its encoding.
    pub subject: BString,
    /// The references that point here, as `git log --decorate` writes them without the brackets; empty unless asked for.
    pub decoration: BString,
    /// One for each of `parents` in their order (with `--first-parent` only for the first); a root has one without a
    /// parent. An edge on which none of the walk's paths changed has no files.
    pub edges: Vec<Edge>,
    /// The commit is at the border of a shallow clone: its parents exist but are not here, and its edge is no addition.
    pub border: bool,
    /// Shown only because `--boundary` asks for it.
    pub boundary: bool,
}

/// What a commit changed from one parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The parent; none for a root.
    pub parent: Option<Oid>,
    /// The files below the walk's paths that differ, by path.
    pub files: Vec<FileChange>,
}

/// A walk through history: an iterator of commits. Dropping it ends its process.
///
/// `git log -m` does not say which parent a list of files belongs to when another parent's list is empty. So git lists the
/// files of ordinary commits, and merges are compared tree by tree here, which reads nothing but directories that differ.
pub struct Walk<'repo> {
    repo: &'repo Repo,
    stream: Stream,
    paths: Vec<BString>,
    first_parent: bool,
    commits_only: bool,
    bare_merges: bool,
    head_only: bool,
    /// A chunk that was read ahead.
    ahead: Option<Vec<u8>>,
    /// The bytes of a record and where its fields end, used again for each.
    buffer: (Vec<u8>, Vec<usize>),
    ended: bool,
}

impl Repo {
    /// Walks through history with one process.
    ///
    /// # Errors
    ///
    /// [`GitError::UnknownRevision`] for a revision that looks like an option; all else comes out of the iterator:
    /// [`GitError::UnbornBranch`], [`GitError::GitFailed`] (also for an unknown revision), [`GitError::BadOutput`],
    /// [`GitError::MissingObject`]. After an error the iterator ends.
    pub fn walk(&self, query: &WalkQuery) -> Result<Walk<'_>> {
        Ok(Walk {
            repo: self,
            stream: self.log(query)?.stream()?,
            paths: if query.magic { Vec::new() } else { query.paths.iter().map(normal).collect() },
            first_parent: query.extra.iter().any(|option| option == "--first-parent"),
            commits_only: query.commits_only,
            bare_merges: query.bare_merges,
            head_only: query.revs.iter().all(|rev| rev == "HEAD" || rev == "@"),
            ahead: None,
            buffer: Default::default(),
            ended: false,
        })
    }
}

/// `.` is the top, as it is to git.
fn normal(path: &BString) -> BString {
    let plain = path.strip_prefix(b"./").unwrap_or(path);
    if plain == b"." { BString::default() } else { plain.into() }
}

impl Walk<'_> {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>> {
        match self.ahead.take() {
            Some(chunk) => Ok(Some(chunk)),
            None => self.stream.piece(0),
        }
    }

    fn needed(&mut self) -> Result<Vec<u8>> {
        match self.chunk()? {
            Some(chunk) => Ok(chunk),
            None => Err(self.stream.garbled("a record ends in the middle")),
        }
    }

    fn record(&mut self) -> Result<Option<CommitRecord>> {
        if self.commits_only {
            return self.bare_record();
        }
        let Some(head) = self.chunk()? else {
            return Ok(None);
        };
        let mut fields = vec![head];
        while fields.len() < FIELD_COUNT {
            fields.push(self.needed()?);
        }
        let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        let Some(mut record) = parse(&fields) else {
            return Err(self.stream.garbled("a strange record of a commit"));
        };
        let files = self.files()?;
        record.edges = self.edges(&record, files)?;
        record.border = record.parents.is_empty() && self.repo.shallow_borders()?.contains(&record.oid);
        Ok(Some(record))
    }

    /// A record of a walk of commits alone.
    fn bare_record(&mut self) -> Result<Option<CommitRecord>> {
        let (bytes, ends) = &mut self.buffer;
        if !self.stream.pieces(0, FIELD_COUNT, bytes, ends)? {
            return Ok(None);
        }
        let mut fields: [&[u8]; FIELD_COUNT] = [&[]; FIELD_COUNT];
        let mut start = 0;
        for (field, &end) in fields.iter_mut().zip(ends.iter()) {
            *field = &bytes[start..end];
            start = end;
        }
        let Some(mut record) = parse(&fields) else {
            return Err(self.stream.garbled("a strange record of a commit"));
        };
        record.border = record.parents.is_empty() && self.repo.shallow_borders()?.contains(&record.oid);
        Ok(Some(record))
    }

    /// The raw entries behind a commit's fields: `:<modes> <ids> <status>`, NUL, path; a newline leads the first.
    fn files(&mut self) -> Result<Vec<FileChange>> {
        let mut files = Vec::new();
        while let Some(chunk) = self.chunk()? {
            let raw = chunk.strip_prefix(b"\n").unwrap_or(&chunk);
            let Some(facts) = raw.strip_prefix(b":") else {
                self.ahead = Some(chunk);
                break;
            };
            let path = self.needed()?;
            let Some(file) = parse_file(facts, path) else {
                return Err(self.stream.garbled("a strange entry of a file"));
            };
            files.push(file);
        }
        Ok(files)
    }

    fn edges(&self, record: &CommitRecord, files: Vec<FileChange>) -> Result<Vec<Edge>> {
        match record.parents[..] {
            [] => Ok(vec![Edge { parent: None, files }]),
            [parent] => Ok(vec![Edge { parent: Some(parent), files }]),
            _ if self.bare_merges => {
                let bare = |&parent: &Oid| Edge { parent: Some(parent), files: Vec::new() };
                Ok(record.parents.iter().map(bare).collect())
            }
            [first, ..] if self.first_parent => Ok(vec![self.merge_edge(record.oid, first)?]),
            _ => record.parents.iter().map(|parent| self.merge_edge(record.oid, *parent)).collect(),
        }
    }

    fn merge_edge(&self, commit: Oid, parent: Oid) -> Result<Edge> {
        let files = self.repo.tree_changes(Some(parent), Some(commit), &self.paths)?;
        Ok(Edge { parent: Some(parent), files })
    }

    /// Git's complaint about a branch without commits is a situation of its own.
    fn explain(&self, error: GitError) -> GitError {
        match error {
            GitError::GitFailed { .. } if self.head_only && matches!(self.repo.head(), Ok(None)) => {
                self.repo.unborn().unwrap_or(error)
            }
            other => other,
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<CommitRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let record = self.record().map_err(|error| self.explain(error)).transpose();
        self.ended = !matches!(record, Some(Ok(_)));
        record
    }
}

fn parse(fields: &[&[u8]]) -> Option<CommitRecord> {
    let [head, parents, name, email, date, author_time, committer_time, decoration, strict, subject] = fields else {
        return None;
    };
    let [b'c', mark, hex @ ..] = head else {
        return None;
    };
    let parents: Result<Vec<Oid>, _> = parents.fields().map(Oid::from_hex).collect();
    Some(CommitRecord {
        oid: Oid::from_hex(hex).ok()?,
        parents: parents.ok()?,
        author_name: BString::from(*name),
        author_email: BString::from(*email),
        author_date: BString::from(*date),
        author_time: seconds(author_time),
        committer_time: seconds(committer_time),
        author_strict: BString::from(*strict),
        subject: BString::from(*subject),
        decoration: BString::from(*decoration),
        edges: Vec::new(),
        border: false,
        boundary: *mark == b'-',
    })
}

/// Git prints nothing for the time of a broken author line; that is 1970, as git shows it.
fn seconds(digits: &[u8]) -> i64 {
    digits.to_str().ok().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Reads an entry of git's raw form: what stands behind its colon, and the path.
pub(super) fn parse_file(facts: &[u8], path: Vec<u8>) -> Option<FileChange> {
    let words: Vec<&[u8]> = facts.split(|byte| *byte == b' ').collect();
    let [old_mode, new_mode, old, new, _status] = words[..] else {
        return None;
    };
    Some(FileChange { path: path.into(), old: parse_side(old_mode, old)?, new: parse_side(new_mode, new)? })
}

/// None for nonsense, `Some(None)` where there is no file on that side.
fn parse_side(mode: &[u8], oid: &[u8]) -> Option<Option<(Mode, Oid)>> {
    if mode == b"000000" {
        return Some(None);
    }
    Some(Some((Mode::from_octal(mode)?, Oid::from_hex(oid).ok()?)))
}
