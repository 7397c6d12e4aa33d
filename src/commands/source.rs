//! Where the answers of all commands begin: the repository, its spec set, and documents read at most once.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bstr::{BStr, BString, ByteSlice};

use super::ledger::commit_id;
use super::sides::Side;
use crate::config::{Config, SpecSet};
use crate::error::Error;
use crate::git::{FileChange, GitError, Mode, Oid, Repo, TreeEntry, WorkFile};
use crate::index::{Detected, Index, Key, detected, keep_detected};
use crate::spec::change::{Comparison, compare_with};
use crate::spec::detect::{self, Detection, detect};
use crate::spec::formats::{Format, segment_with};
use crate::spec::matching::Document;
use crate::spec::memo::Memo;
use crate::spec::sentences::Sentence;
use crate::spec::token::Version;
use crate::trace::Graph;
use crate::trace::facts::{ClauseState, CommitFacts};

/// The committed configuration file.
pub const CONFIG_FILE: &str = ".gitspec.toml";

/// More readers than this only share the memory bus.
const MOST_READERS: usize = 8;
/// Comparisons that are kept, if they hold no more clauses than this.
const KEPT_EDGES: usize = 8;
const KEPT_EDGE: usize = 4096;
/// Blobs of paths that are kept.
const KEPT_BLOBS: usize = 192;

/// A repository with its spec set.
pub struct Source {
    /// The door to Git.
    pub repo: Repo,
    /// Which files are the specification.
    pub set: SpecSet,
    /// What could not be seen, one line each.
    pub incomplete: RefCell<Vec<String>>,
    /// Directories and files that history walks are limited to; empty for the whole repository.
    pub roots: Vec<BString>,
    documents: RefCell<Files<Document>>,
    /// What was compared last.
    edges: RefCell<VecDeque<(Vec<FileChange>, Arc<EdgeDocuments>)>>,
    memo: SharedMemo,
    blobs: RefCell<HashMap<(Oid, BString), Option<Oid>>>,
    unseen_so_far: Cell<u64>,
    shared: Arc<Shared>,
}

/// What was read, for all threads; given back with the process, for taking it apart makes the end of a walk wait.
type SharedMemo = Arc<ManuallyDrop<Memo>>;

/// What all threads of a command have in common.
#[derive(Default)]
struct Shared {
    /// What earlier runs understood.
    index: Option<Index>,
    /// Where the command's walk begins: revisions without exclusions; none for every reference.
    tips: OnceLock<Vec<String>>,
    graphs: Mutex<Vec<Arc<Graph>>>,
    versions: Mutex<Files<Sorted<Version>>>,
    sentences: Mutex<Files<Sorted<Sentence>>>,
}

/// What another thread needs to open its own source.
pub struct Seed {
    repo: Repo,
    set: SpecSet,
    memo: SharedMemo,
    shared: Arc<Shared>,
}

/// A file that another thread read, and what it could not see.
type Read = Result<(Option<Arc<Document>>, Vec<String>), Error>;

/// What merges ask of many versions of a file: each once, in order.
#[derive(Debug)]
pub struct Sorted<T>(Box<[T]>);

impl<T: Ord> Sorted<T> {
    /// Whether one is among them.
    pub fn has(&self, one: &T) -> bool {
        self.0.binary_search(one).is_ok()
    }
}

impl<T: Ord> FromIterator<T> for Sorted<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut all: Vec<T> = all.into_iter().collect();
        all.sort_unstable();
        all.dedup();
        Sorted(all.into())
    }
}

type FileKey = (BString, Oid);
type Kept<V> = HashMap<FileKey, (Arc<V>, usize), foldhash::fast::RandomState>;

/// What is made of a file, and how many bytes of such things are kept in memory: so many of those asked for last, at most
/// twice as many.
trait OfFile {
    const KEPT: usize;
}

/// Counted by the text: a history walk parses each blob at most once while it stays near.
impl OfFile for Document {
    const KEPT: usize = 2 << 20;
}

impl<T> OfFile for Sorted<T> {
    const KEPT: usize = 1 << 20;
}

/// What was made of files, in two generations: what is not asked for while one fills is forgotten.
struct Files<V> {
    young: Kept<V>,
    old: Kept<V>,
    bytes: usize,
}

impl<V> Default for Files<V> {
    fn default() -> Self {
        Files { young: Kept::default(), old: Kept::default(), bytes: 0 }
    }
}

impl<V: OfFile> Files<V> {
    fn get(&mut self, key: &FileKey) -> Option<Arc<V>> {
        if let Some((known, _)) = self.young.get(key) {
            return Some(known.clone());
        }
        let (key, (known, size)) = self.old.remove_entry(key)?;
        self.keep(key, known.clone(), size);
        Some(known)
    }

    fn keep(&mut self, key: FileKey, value: Arc<V>, size: usize) {
        if self.bytes > V::KEPT {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += size;
        self.young.insert(key, (value, size));
    }
}

/// The spec files that differ between a commit and one of its parents, compared.
#[derive(Clone, Debug)]
pub struct EdgeDocuments {
    /// The files as the parent has them.
    pub old: Vec<Arc<Document>>,
    /// The files as the commit has them.
    pub new: Vec<Arc<Document>>,
    /// What became of their clauses.
    pub comparison: Comparison,
}

/// A spec file on one side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A stored blob.
    Blob(Oid),
    /// Bytes of the work tree.
    Bytes(Vec<u8>),
    /// A file of the work tree that is there but not read.
    Unseen,
}

impl Source {
    /// Opens the repository of the current directory and finds its spec set: `spec.include`, the configuration file, or
    /// detection at `rev`.
    pub fn open(rev: Option<&str>) -> Result<Source, Error> {
        let repo = Repo::discover()?;
        Source::of(repo, rev)
    }

    /// [`Source::open`] for a repository that is open already.
    pub fn of(repo: Repo, rev: Option<&str>) -> Result<Source, Error> {
        let set = spec_set(&repo, rev)?;
        let index = open_index(&repo, &set)?;
        let shared = Arc::new(Shared { index, ..Shared::default() });
        Ok(Source::from_seed(Seed { repo, set, memo: Arc::new(ManuallyDrop::new(Memo::default())), shared }))
    }

    /// The repository with no specification at all, for what can be done without one.
    pub fn without_set(repo: Repo) -> Source {
        let (set, memo) = (SpecSet::default(), Arc::new(ManuallyDrop::new(Memo::default())));
        Source::from_seed(Seed { repo, set, memo, shared: Arc::default() })
    }

    /// The repository with this spec set and no index, for a judge who leaves no trace.
    pub fn judging(repo: Repo, set: SpecSet) -> Source {
        let memo = Arc::new(ManuallyDrop::new(Memo::default()));
        Source::from_seed(Seed { repo, set, memo, shared: Arc::default() })
    }

    /// What another thread needs to open its own.
    pub fn seed(&self) -> Seed {
        Seed { repo: self.repo.reopen(), set: self.set.clone(), memo: self.memo.clone(), shared: self.shared.clone() }
    }

    /// A source of the same repository and spec set, which shares the memory of what was read.
    pub fn from_seed(Seed { repo, set, memo, shared }: Seed) -> Source {
        let roots = set.walk_roots().into_iter().map(BString::from).collect();
        Source {
            repo,
            set,
            roots,
            incomplete: RefCell::default(),
            documents: RefCell::default(),
            edges: RefCell::default(),
            memo,
            blobs: RefCell::default(),
            unseen_so_far: Cell::new(0),
            shared,
        }
    }

    /// Says where the command's walk begins, so that the graph behind it can be had: revisions and ranges as typed, and
    /// whether references are walked too.
    pub fn walks_from(&self, revs: &[String], references: bool) {
        let tips = if references { Vec::new() } else { revs.iter().flat_map(|rev| starts(rev)).collect() };
        let _ = self.shared.tips.set(tips);
    }

    /// The commits behind a commit, and more: those behind the command's walk where it is among them. Read once for all
    /// threads; none where git can't tell them.
    pub fn graph(&self, commit: Oid) -> Option<Arc<Graph>> {
        self.graph_behind(commit).ok()
    }

    /// [`Source::graph`] where there is no answer without it.
    ///
    /// # Errors
    /// What git says.
    pub fn graph_behind(&self, commit: Oid) -> Result<Arc<Graph>, Error> {
        let mut graphs = self.shared.graphs.lock().unwrap_or_else(PoisonError::into_inner);
        let has = |graph: &Arc<Graph>| commit_id(commit).is_some_and(|id| graph.contains(id));
        if graphs.is_empty()
            && let Some(Ok(graph)) = self.shared.tips.get().map(|tips| read_graph(&self.repo, tips))
        {
            graphs.push(Arc::new(graph));
        }
        if let Some(graph) = graphs.iter().find(|graph| has(graph)) {
            return Ok(graph.clone());
        }
        let graph = Arc::new(read_graph(&self.repo, &[commit.to_string()])?);
        graphs.push(graph.clone());
        Ok(graph)
    }

    /// The commits that any reference reaches. Read anew at each call.
    ///
    /// # Errors
    /// What git says.
    pub fn graph_of_all(&self) -> Result<Graph, Error> {
        Ok(read_graph(&self.repo, &[])?)
    }

    /// What earlier runs understood, unless it is switched off.
    pub fn index(&self) -> Option<&Index> {
        self.shared.index.as_ref()
    }

    /// The facts of a commit, where the index has them; without `places` only the changes.
    pub fn known(&self, commit: Oid, parents: &[Oid], places: bool) -> Option<Arc<CommitFacts>> {
        self.index()?.facts(commit.as_bytes(), &ids(parents), places)
    }

    /// Keeps the facts of a commit.
    pub fn remember(&self, commit: Oid, parents: &[Oid], facts: &CommitFacts) {
        if let Some(index) = self.index() {
            index.keep_facts(commit.as_bytes(), &ids(parents), facts);
        }
    }

    /// A count that grows whenever something could not be seen, said before or not.
    pub fn unseen_so_far(&self) -> u64 {
        self.unseen_so_far.get()
    }

    /// The spec files that differ between a parent, or nothing, and a commit. Sorted by path.
    pub fn spec_changes(&self, parent: Option<Oid>, commit: Oid) -> Result<Vec<FileChange>, Error> {
        let is_file = |side: &Option<(Mode, Oid)>| side.is_some_and(|(mode, _)| mode.is_file());
        let mut files = self.repo.tree_changes(parent, Some(commit), &self.roots)?;
        files.retain(|file| (is_file(&file.old) || is_file(&file.new)) && self.set.matches(&file.path));
        Ok(files)
    }

    /// Ends a run: writes the index, and tells what is worth a line. Says once that the answer is about the real
    /// objects, where `git replace` has put others in their place.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.index().map(Index::close).unwrap_or_default();
        if self.repo.has_replacements().unwrap_or(false) {
            notes.push(
                "this repository has replacements (git replace); the answer is about the real objects".to_owned(),
            );
        }
        notes
    }

    /// Notes that something could not be seen.
    pub fn unseen(&self, what: String) {
        self.unseen_so_far.set(self.unseen_so_far.get() + 1);
        let mut incomplete = self.incomplete.borrow_mut();
        if !incomplete.contains(&what) {
            incomplete.push(what);
        }
    }

    /// Whether a tree's directory can hold spec files.
    pub fn may_enter(&self, directory: &BStr) -> bool {
        let within = |root: &BString, dir: &[u8]| {
            dir.strip_prefix(root.as_slice())
                .is_some_and(|rest| rest.is_empty() || rest[0] == b'/' || root.ends_with(b"/"))
        };
        self.roots.is_empty() || self.roots.iter().any(|root| root.starts_with(directory) || within(root, directory))
    }

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
        for entry in self.repo.index_files(&|path| self.set.matches(path))? {
            if !entry.mode.is_file() || files.last().is_some_and(|(path, _)| *path == entry.path) {
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
    fn pair(&self, path: &BStr, sides: [Option<&Content>; 2]) -> Result<[Option<Arc<Document>>; 2], Error> {
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
        let mut read = self.read_all(&side(0).chain(side(1)).collect::<Vec<_>>())?;
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
        let document = self.seen_document(read_as, &Content::Blob(blob))?;
        Ok(document.and_then(|document| Some(document.clauses.get(state.at as usize)?.text.clone())))
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
        let readers =
            std::thread::available_parallelism().map_or(1, usize::from).min(MOST_READERS).min(files.len() / 2);
        let read = |source: &Source, (path, content): &(&BString, &Content)| {
            let document = source.seen_document(path.as_bstr(), content)?;
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

    /// The spec files among the files that differ on an edge, compared. A merge differs from its parent in what its branch
    /// did, so the same files come again a few commits on.
    pub fn edge(&self, files: &[FileChange]) -> Result<Arc<EdgeDocuments>, Error> {
        let known = self.edges.borrow().iter().find(|(known, _)| known == files).map(|(_, edge)| edge.clone());
        if let Some(known) = known {
            return Ok(known);
        }
        let unseen = self.unseen_so_far();
        let edge = Arc::new(self.compared(files)?);
        let clauses: usize = edge.old.iter().chain(&edge.new).map(|document| document.clauses.len()).sum();
        if self.unseen_so_far() == unseen && clauses <= KEPT_EDGE {
            let mut edges = self.edges.borrow_mut();
            edges.truncate(KEPT_EDGES - 1);
            edges.push_front((files.to_vec(), edge.clone()));
        }
        Ok(edge)
    }

    fn compared(&self, files: &[FileChange]) -> Result<EdgeDocuments, Error> {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        let blob =
            |side: Option<(Mode, Oid)>| side.filter(|(mode, _)| mode.is_file()).map(|(_, oid)| Content::Blob(oid));
        for file in files.iter().filter(|file| self.set.matches(&file.path)) {
            let [before, after] = self.pair(file.path.as_bstr(), [blob(file.old).as_ref(), blob(file.new).as_ref()])?;
            old.extend(before);
            new.extend(after);
        }
        let comparison = self.compare(&old, &new);
        Ok(EdgeDocuments { old, new, comparison })
    }

    /// [`compare_with`] over shared documents, with what the configuration says of identities.
    pub fn compare(&self, old: &[Arc<Document>], new: &[Arc<Document>]) -> Comparison {
        let old: Vec<&Document> = old.iter().map(Arc::as_ref).collect();
        let new: Vec<&Document> = new.iter().map(Arc::as_ref).collect();
        compare_with(&old, &new, self.set.overrides(), &self.memo)
    }

    /// Whether a shallow history ends at this commit; notes it once.
    pub fn is_border(&self, commit: Oid) -> bool {
        let border = self.repo.shallow_borders().is_ok_and(|borders| borders.contains(&commit));
        if border {
            self.unseen(format!("the history is shallow and ends at {}", commit.short(12)));
        }
        border
    }
}

/// The index of a spec set, unless `spec.index` is off.
fn open_index(repo: &Repo, set: &SpecSet) -> Result<Option<Index>, Error> {
    if repo.config()?.get_bool("spec.index")? == Some(false) {
        return Ok(None);
    }
    let globs = |globs: &[String]| globs.join("\0").into_bytes();
    let mut borders: Vec<&Oid> = repo.shallow_borders()?.iter().collect();
    borders.sort_unstable();
    let borders: Vec<u8> = borders.into_iter().flat_map(|border| border.as_bytes().to_vec()).collect();
    let key = Key::of(&[&globs(set.include()), &globs(set.exclude()), &set.overrides().fingerprint(), &borders]);
    Ok(Some(Index::open(repo.common_dir(), key)))
}

fn read_graph(repo: &Repo, tips: &[String]) -> Result<Graph, GitError> {
    let commits = repo.commit_graph(tips)?;
    Ok(Graph::new(commits.into_iter().filter_map(|(commit, parents)| {
        Some((commit_id(commit)?, parents.into_iter().filter_map(commit_id).collect()))
    })))
}

/// Ids one behind the other, as the index tells parents apart.
fn ids(commits: &[Oid]) -> Vec<u8> {
    commits.iter().flat_map(|commit| commit.as_bytes().to_vec()).collect()
}

/// The revisions that a revision or range begins from, exclusions left out.
fn starts(rev: &str) -> Vec<String> {
    let or_head = |side: &str| if side.is_empty() { "HEAD".to_owned() } else { side.to_owned() };
    if rev.starts_with('^') {
        return Vec::new();
    }
    if let Some((left, right)) = rev.split_once("...") {
        return vec![or_head(left), or_head(right)];
    }
    if let Some((_, right)) = rev.split_once("..") {
        return vec![or_head(right)];
    }
    let plain = rev.strip_suffix("^!").or_else(|| rev.split_once("^-").map(|(plain, _)| plain));
    vec![or_head(plain.unwrap_or(rev))]
}

/// The spec set with the overrides of identity that the committed file holds.
fn spec_set(repo: &Repo, rev: Option<&str>) -> Result<SpecSet, Error> {
    let config = settings(repo)?.unwrap_or_default();
    Ok(files_of_set(repo, rev, config.spec)?.with_overrides(config.overrides))
}

/// The spec set by precedence: git configuration, the committed file, detection.
fn files_of_set(repo: &Repo, rev: Option<&str>, configured: Option<SpecSet>) -> Result<SpecSet, Error> {
    if let Some(values) = repo.config()?.list("spec.include")
        && let Some(set) = SpecSet::from_includes(values.into_iter().map(|v| v.to_str_lossy().into_owned()).collect())?
    {
        return Ok(set);
    }
    if let Some(set) = configured {
        return Ok(set);
    }
    let head = repo.head()?;
    let named = rev.map(|rev| repo.resolve(rev)).transpose()?;
    for at in [head, named].into_iter().flatten() {
        let found = detect_once(repo, at)?;
        if !found.include.is_empty() {
            return SpecSet::new(found.include, found.exclude, "detection");
        }
    }
    if head.is_none() && named.is_none() {
        let found = detect_in_index(repo)?;
        if !found.include.is_empty() {
            return SpecSet::new(found.include, found.exclude, "detection");
        }
    }
    let looked_for = detect::looked_for();
    Err(Error::NoSpecSet { rev: rev.unwrap_or("HEAD").to_owned(), looked_for })
}

/// The configuration: the work tree's, HEAD's in a bare repository.
pub fn settings(repo: &Repo) -> Result<Option<Config>, Error> {
    let bytes = if repo.work_tree().is_some() {
        match repo.work_file(CONFIG_FILE.into())? {
            WorkFile::Regular(bytes) => Some(bytes),
            _ => None,
        }
    } else if let Some(head) = repo.head()? {
        let files = repo.tree_files(head, &|path| path == CONFIG_FILE, &|_| false)?;
        let file = files.into_iter().find(|file| file.mode.is_file());
        file.map(|file| repo.blob(file.oid)).transpose()?
    } else {
        None
    };
    bytes.map(|bytes| Config::parse(CONFIG_FILE, &bytes)).transpose()
}

/// What detection says of a commit; of each tree it is asked once.
fn detect_once(repo: &Repo, commit: Oid) -> Result<Detected, Error> {
    let keeps = repo.config()?.get_bool("spec.index")? != Some(false);
    let tree = repo.tree_of(commit)?;
    if let Some(found) = keeps.then(|| detected(repo.common_dir(), tree.as_bytes())).flatten() {
        return Ok(found);
    }
    let Detection { include, exclude, .. } = detect_at(repo, commit)?;
    let found = Detected { include, exclude };
    // Without the objects of a partial clone, detection may have seen less than there is.
    if keeps && !repo.is_partial()? {
        keep_detected(repo.common_dir(), tree.as_bytes(), &found);
    }
    Ok(found)
}

/// What detection says of a commit.
pub fn detect_at(repo: &Repo, commit: Oid) -> Result<Detection, Error> {
    Ok(detect_files(repo, &repo.tree_files(commit, &|_| true, &|_| true)?))
}

/// What detection says of the index and of untracked files, for a branch without commits.
pub fn detect_in_index(repo: &Repo) -> Result<Detection, Error> {
    let staged = repo.index_files(&|_| true)?;
    let untracked = if repo.work_tree().is_some() { repo.untracked_files(&[])? } else { Vec::new() };
    let mut files: Vec<(BString, Option<Oid>)> =
        staged.into_iter().filter(|file| file.mode.is_file()).map(|file| (file.path, Some(file.oid))).collect();
    files.extend(untracked.into_iter().map(|path| (path, None)));
    files.sort();
    files.dedup_by(|a, b| a.0 == b.0);
    let paths: Vec<&[u8]> = files.iter().map(|(path, _)| path.as_slice()).collect();
    Ok(detect(&paths, &mut |path: &[u8]| {
        let at = files.binary_search_by(|(other, _)| other.as_slice().cmp(path)).ok()?;
        match files[at].1 {
            Some(oid) => repo.blob(oid).ok(),
            None => match repo.work_file(path.into()) {
                Ok(WorkFile::Regular(bytes)) => Some(bytes),
                _ => None,
            },
        }
    }))
}

fn detect_files(repo: &Repo, files: &[TreeEntry]) -> Detection {
    let files: Vec<&TreeEntry> = files.iter().filter(|file| file.mode.is_file()).collect();
    let paths: Vec<&[u8]> = files.iter().map(|file| file.path.as_ref()).collect();
    detect(&paths, &mut |path: &[u8]| {
        let at = files.binary_search_by(|file| file.path.as_slice().cmp(path)).ok();
        let at = at.or_else(|| files.iter().position(|file| file.path == path))?;
        repo.blob(files[at].oid).ok()
    })
}
