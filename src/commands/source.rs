//! Where the answers of all commands begin: the repository, its spec set, and documents read at most once.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::mem::ManuallyDrop;
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
use crate::trace::Graph;
use crate::trace::facts::{ClauseState, CommitFacts};

/// The committed configuration file.
pub const CONFIG_FILE: &str = ".gitspec.toml";

/// Documents kept in memory, so that a history walk parses each blob at most once while it stays near: at least so many
/// bytes of those asked for last, at most twice as many.
const KEPT_BYTES: usize = 2 << 20;
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
    documents: RefCell<Documents>,
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
}

/// What another thread needs to open its own source.
pub struct Seed {
    repo: Repo,
    set: SpecSet,
    memo: SharedMemo,
    shared: Arc<Shared>,
}

type DocumentKey = (BString, Oid);
type Kept = HashMap<DocumentKey, (Arc<Document>, usize), foldhash::fast::RandomState>;

/// Documents in two generations: what is not asked for while one fills is forgotten.
#[derive(Default)]
struct Documents {
    young: Kept,
    old: Kept,
    bytes: usize,
}

impl Documents {
    fn get(&mut self, key: &DocumentKey) -> Option<Arc<Document>> {
        if let Some((known, _)) = self.young.get(key) {
            return Some(known.clone());
        }
        let (key, (known, size)) = self.old.remove_entry(key)?;
        self.keep(key, known.clone(), size);
        Some(known)
    }

    fn keep(&mut self, key: DocumentKey, document: Arc<Document>, size: usize) {
        if self.bytes > KEPT_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += size;
        self.young.insert(key, (document, size));
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
    fn seen_document(&self, path: &BStr, content: &Content) -> Result<Option<Arc<Document>>, Error> {
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

    /// A file's two sides as clauses. Where one can't be seen, neither counts: nothing is known about the change.
    pub fn pair(
        &self,
        path: &BStr,
        old: Option<&Content>,
        new: Option<&Content>,
    ) -> Result<[Option<Arc<Document>>; 2], Error> {
        let mut sides = [None, None];
        for (side, content) in sides.iter_mut().zip([old, new]) {
            let Some(content) = content else { continue };
            let Some(document) = self.seen_document(path, content)? else { return Ok([None, None]) };
            *side = Some(document);
        }
        Ok(sides)
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

    /// The text of a clause at a commit, read again; none where it cannot be seen, which is noted.
    pub fn text(&self, commit: Oid, state: &ClauseState) -> Result<Option<String>, Error> {
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
        let document = self.seen_document(state.path.as_bstr(), &Content::Blob(blob))?;
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
        self.files(side)?.iter().map(|(path, content)| self.document(path.as_bstr(), content)).collect()
    }

    /// The spec files among the files that differ on an edge, compared.
    pub fn edge(&self, files: &[FileChange]) -> Result<EdgeDocuments, Error> {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        let blob =
            |side: Option<(Mode, Oid)>| side.filter(|(mode, _)| mode.is_file()).map(|(_, oid)| Content::Blob(oid));
        for file in files.iter().filter(|file| self.set.matches(&file.path)) {
            let [before, after] = self.pair(file.path.as_bstr(), blob(file.old).as_ref(), blob(file.new).as_ref())?;
            old.extend(before);
            new.extend(after);
        }
        let comparison = compare_documents(&self.set, &old, &new);
        Ok(EdgeDocuments { old, new, comparison })
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

/// [`compare_with`] over shared documents, with what the configuration says of identities.
pub fn compare_documents(set: &SpecSet, old: &[Arc<Document>], new: &[Arc<Document>]) -> Comparison {
    let old: Vec<&Document> = old.iter().map(Arc::as_ref).collect();
    let new: Vec<&Document> = new.iter().map(Arc::as_ref).collect();
    compare_with(&old, &new, set.overrides())
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
