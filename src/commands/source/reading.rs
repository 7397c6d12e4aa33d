//! Files of a side as clauses: each read at most once while it stays near, many on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bstr::{BStr, BString, ByteSlice};

use super::files::{FileKey, Files, Sorted};
use super::{Content, Source};
use crate::commands::sides::Side;
use crate::error::Error;
use crate::git::{GitError, IndexEntry, Mode, Oid, WorkFile};
use crate::spec::Clause;
use crate::spec::body::Lines;
use crate::spec::formats::{Format, lines_of, segment_with};
use crate::spec::matching::Document;
use crate::spec::sentences::Sentence;
use crate::spec::token::Version;
use crate::trace::facts::ClauseState;

/// More readers than this only share the memory bus.
const MOST_READERS: usize = 8;
/// Blobs of paths that are kept.
const KEPT_BLOBS: usize = 192;

/// A file that another thread read, and what it could not see.
type Read = Result<(Option<Arc<Document>>, Vec<String>), Error>;

impl Source {
    /// The spec files of a side, by path.
    pub fn files(&self, side: &Side) -> Result<Vec<(BString, Content)>, Error> {
        Ok(match side {
            Side::Empty => Vec::new(),
            Side::Commit(oid) => {
                let files = self.repo.tree_files(*oid, &|path| self.set.matches(path), &|dir| self.may_enter(dir))?;
                files
                    .into_iter()
                    .filter(|f| f.mode.is_file())
                    .map(|file| (file.path, Content::Blob(file.oid)))
                    .collect()
            }
            Side::Index => {
                let mut files: Vec<(BString, Content)> = Vec::new();
                for file in self.repo.index_files(&|path| self.set.matches(path))? {
                    if file.mode.is_file() && files.last().is_none_or(|(path, _)| *path != file.path) {
                        files.push((file.path, Content::Blob(file.oid)));
                    }
                }
                files
            }
            Side::WorkTree => self.work_files()?,
        })
    }

    fn work_files(&self) -> Result<Vec<(BString, Content)>, Error> {
        let mut files: Vec<(BString, Content)> = Vec::new();
        // Where no links are made, the file in the place of one has its target.
        let is_link = |entry: &IndexEntry| entry.mode == Mode::Symlink;
        let has_links = self.repo.config()?.get_bool("core.symlinks")? != Some(false);
        for entry in self.repo.index_files(&|path| self.set.matches(path))? {
            let is_read = entry.mode.is_file() || (is_link(&entry) && has_links && !entry.skip_worktree);
            if !is_read || files.last().is_some_and(|(path, _)| *path == entry.path) {
                continue;
            }
            if entry.skip_worktree {
                files.push((entry.path, Content::Blob(entry.oid)));
            } else if let Some(content) = self.work_content(entry.path.as_bstr())? {
                files.push((entry.path, content));
            }
        }
        for path in self.repo.untracked_files(&self.roots)? {
            if self.set.matches(&path)
                && let Some(content) = self.work_content(path.as_bstr())?
            {
                files.push((path, content));
            }
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(files)
    }

    fn work_content(&self, path: &BStr) -> Result<Option<Content>, Error> {
        Ok(match self.repo.work_file(path)? {
            WorkFile::Regular(bytes) => Some(Content::Bytes(bytes)),
            WorkFile::TooLarge(size) => {
                self.unseen(format!("{path} has {size} bytes, too many to read"));
                Some(Content::Unseen)
            }
            WorkFile::Missing | WorkFile::Symlink | WorkFile::NotRegular => None,
        })
    }

    /// A file as clauses; without any where it can't be seen, which is noted.
    pub fn document(&self, path: &BStr, content: &Content) -> Result<Arc<Document>, Error> {
        let empty = || Arc::new(Document { path: path.to_owned(), clauses: Vec::new() });
        Ok(self.seen_document(path, content)?.unwrap_or_else(empty))
    }

    /// A file as clauses, or none where it can't be seen, which is noted.
    pub fn seen_document(&self, path: &BStr, content: &Content) -> Result<Option<Arc<Document>>, Error> {
        let oid = match content {
            Content::Blob(oid) => oid,
            Content::Bytes(bytes) => return Ok(Some(Arc::new(self.read(path, bytes)))),
            Content::Unseen => return Ok(None),
        };
        let key = (path.to_owned(), *oid);
        if let Some(known) = self.documents.borrow_mut().get(&key) {
            return Ok(Some(known));
        }
        let (document, size) = match self.repo.blob(*oid) {
            Ok(bytes) => (Arc::new(self.read(path, &bytes)), bytes.len()),
            Err(GitError::MissingObject { oid }) => {
                self.unseen(format!("{path}: object {} is missing", oid.short(12)));
                return Ok(None);
            }
            Err(other) => return Err(other.into()),
        };
        self.documents.borrow_mut().keep(key, document.clone(), size);
        Ok(Some(document))
    }

    /// The versions that the clauses of a stored file have; none where it can't be seen, which is noted.
    pub fn versions(&self, path: &BStr, blob: Oid) -> Result<Arc<Sorted<Version>>, Error> {
        let versions = |document: &Document| document.clauses.iter().map(|clause| clause.version()).collect();
        self.gathered(&self.shared.versions, path, blob, versions)
    }

    /// The sentences of a stored file, short ones too; none where it can't be seen, which is noted.
    pub fn sentences(&self, path: &BStr, blob: Oid) -> Result<Arc<Sorted<Sentence>>, Error> {
        let all = |document: &Document| document.clauses.iter().flat_map(|c| c.sentences().all()).copied().collect();
        self.gathered(&self.shared.sentences, path, blob, all)
    }

    fn gathered<T: Ord>(
        &self,
        known: &Mutex<Files<Sorted<T>>>,
        path: &BStr,
        blob: Oid,
        of: impl Fn(&Document) -> Sorted<T>,
    ) -> Result<Arc<Sorted<T>>, Error> {
        let known = || known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path.to_owned(), blob);
        if let Some(known) = known().get(&key) {
            return Ok(known);
        }
        let Some(document) = self.seen_document(path, &Content::Blob(blob))? else {
            return Ok(Arc::new(Sorted(Box::default())));
        };
        let found = Arc::new(of(&document));
        known().keep(key, found.clone(), size_of_val(&*found.0));
        Ok(found)
    }

    /// Two sides of files as clauses. Where one side of a file can't be seen, neither counts: nothing is known about the
    /// change.
    pub(super) fn pair(&self, path: &BStr, sides: [Option<&Content>; 2]) -> Result<[Option<Arc<Document>>; 2], Error> {
        let mut documents = [None, None];
        for (document, content) in documents.iter_mut().zip(sides) {
            let Some(content) = content else { continue };
            let Some(seen) = self.seen_document(path, content)? else { return Ok([None, None]) };
            *document = Some(seen);
        }
        Ok(documents)
    }

    /// The same of many files, read on all cores: the documents of both sides.
    pub fn pairs(&self, files: &[(BString, [Option<Content>; 2])]) -> Result<[Vec<Arc<Document>>; 2], Error> {
        let side = |at: usize| files.iter().filter_map(move |(path, sides)| Some((path, sides[at].as_ref()?)));
        // One side behind the other: what both sides of a file share isn't cut by two readers at the same time.
        let both: Vec<(&BString, &Content)> = side(0).chain(side(1)).collect();
        let mut read = self.read_all_and(&both, |clause| _ = clause.tokens())?;
        let mut after = read.split_off(side(0).count()).into_iter();
        let mut before = read.into_iter();
        let mut documents = [Vec::new(), Vec::new()];
        for (_, [old, new]) in files {
            let pair = [old.as_ref().and_then(|_| before.next()), new.as_ref().and_then(|_| after.next())];
            if pair.iter().flatten().all(Option::is_some) {
                for (documents, document) in documents.iter_mut().zip(pair) {
                    documents.extend(document.flatten());
                }
            }
        }
        Ok(documents)
    }

    fn read(&self, path: &BStr, bytes: &[u8]) -> Document {
        let clauses = segment_with(Format::of_path(path), bytes, &self.memo);
        Document { path: path.to_owned(), clauses }
    }

    /// The lines of a file, for people to read.
    pub fn lines(&self, content: &Content) -> Result<Vec<String>, Error> {
        let bytes = match content {
            Content::Blob(oid) => match self.repo.blob(*oid) {
                Ok(bytes) => bytes,
                Err(GitError::MissingObject { .. }) => Vec::new(),
                Err(other) => return Err(other.into()),
            },
            Content::Bytes(bytes) => bytes.clone(),
            Content::Unseen => Vec::new(),
        };
        Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
    }

    /// The text of a clause at a commit, read again; none where it cannot be seen, which is noted. `read_as` is the path
    /// whose format the clause was found by: that of its file, save where the file stood outside of the specification.
    pub fn text(&self, commit: Oid, state: &ClauseState, read_as: &BStr) -> Result<Option<String>, Error> {
        let key = (commit, state.path.clone());
        let known = self.blobs.borrow().get(&key).copied();
        let blob = match known {
            Some(blob) => blob,
            None => {
                let blob = self.repo.file_at(commit, &state.path)?.map(|(_, blob)| blob);
                let mut blobs = self.blobs.borrow_mut();
                if blobs.len() >= KEPT_BLOBS {
                    blobs.clear();
                }
                blobs.insert(key, blob);
                blob
            }
        };
        let Some(blob) = blob else { return Ok(None) };
        let key = (read_as.to_owned(), blob);
        let is_read = self.documents.borrow_mut().get(&key).is_some();
        if let Some(body) = state.body.as_ref().filter(|_| !is_read)
            && let Some(text) = self.lines_of(key, blob)?.and_then(|lines| lines.text(body))
        {
            return Ok(Some(text));
        }
        let document = self.seen_document(read_as, &Content::Blob(blob))?;
        Ok(document.and_then(|document| Some(document.clauses.get(state.at as usize)?.text.clone())))
    }

    /// The lines of a stored file; none where it can't be seen, which whoever reads it as clauses notes.
    fn lines_of(&self, key: FileKey, blob: Oid) -> Result<Option<Arc<Lines>>, Error> {
        if let Some(known) = self.lines.borrow_mut().get(&key) {
            return Ok(Some(known));
        }
        let bytes = match self.repo.blob(blob) {
            Ok(bytes) => bytes,
            Err(GitError::MissingObject { .. }) => return Ok(None),
            Err(other) => return Err(other.into()),
        };
        let Some(lines) = lines_of(&bytes).map(Arc::new) else { return Ok(None) };
        self.lines.borrow_mut().keep(key, lines.clone(), bytes.len());
        Ok(Some(lines))
    }

    /// Whether two contents hold the same bytes.
    pub fn same_bytes(&self, a: &Content, b: &Content) -> bool {
        match (a, b) {
            (Content::Blob(a), Content::Blob(b)) => a == b,
            (Content::Bytes(a), Content::Bytes(b)) => a == b,
            (Content::Blob(oid), Content::Bytes(bytes)) | (Content::Bytes(bytes), Content::Blob(oid)) => {
                self.repo.blob(*oid).is_ok_and(|stored| stored == *bytes)
            }
            (Content::Unseen, _) | (_, Content::Unseen) => false,
        }
    }

    /// All documents of a side.
    pub fn documents(&self, side: &Side) -> Result<Vec<Arc<Document>>, Error> {
        let files = self.files(side)?;
        let read = self.read_all(&files.iter().map(|(path, content)| (path, content)).collect::<Vec<_>>())?;
        let empty = |path: &BString| Arc::new(Document { path: path.clone(), clauses: Vec::new() });
        Ok(files.iter().zip(read).map(|((path, _), read)| read.unwrap_or_else(|| empty(path))).collect())
    }

    /// Files as clauses, in their order, read on all cores; none where one can't be seen, which is noted.
    pub fn read_all(&self, files: &[(&BString, &Content)]) -> Result<Vec<Option<Arc<Document>>>, Error> {
        self.read_all_and(files, |clause| _ = clause.version())
    }

    /// The same; `ask` asks each clause for what will be wanted of it, so that it too is found on all cores.
    fn read_all_and(
        &self,
        files: &[(&BString, &Content)],
        ask: impl Fn(&Clause) + Sync,
    ) -> Result<Vec<Option<Arc<Document>>>, Error> {
        let readers =
            std::thread::available_parallelism().map_or(1, usize::from).min(MOST_READERS).min(files.len() / 2);
        let read = |source: &Source, (path, content): &(&BString, &Content)| {
            let document = source.seen_document(path.as_bstr(), content)?;
            document.iter().flat_map(|document| &document.clauses).for_each(&ask);
            Ok((document, source.incomplete.take()))
        };
        if readers < 2 {
            return files.iter().map(|(path, content)| self.seen_document(path.as_bstr(), content)).collect();
        }
        let next = AtomicUsize::new(0);
        let take = |source: &Source| {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(file) = files.get(at) else { return done };
                done.push((at, read(source, file)));
            }
        };
        let mut all: Vec<(usize, Read)> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..readers)
                .map(|_| {
                    let seed = self.seed();
                    let take = &take;
                    scope.spawn(move || take(&Source::from_seed(seed)))
                })
                .collect();
            started
                .into_iter()
                .flat_map(|reader| reader.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
                .collect()
        });
        all.sort_by_key(|(at, _)| *at);
        let noted = |(_, read): (usize, Read)| {
            let (document, unseen) = read?;
            unseen.into_iter().for_each(|what| self.unseen(what));
            Ok(document)
        };
        all.into_iter().map(noted).collect()
    }
}
