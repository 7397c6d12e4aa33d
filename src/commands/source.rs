//! Where the answers of all commands begin: the repository, its spec set, and documents read at most once.

mod files;
mod former;
mod reading;
mod spec_set;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bstr::{BStr, BString, ByteSlice};

use super::ledger::commit_id;
use super::link_scan::Ahead;
use crate::config::SpecSet;
use crate::error::Error;
use crate::git::{FileChange, GitError, Mode, Oid, Repo};
use crate::index::{Index, Key};
use crate::spec::body::Lines;
use crate::spec::change::{Comparison, compare_with};
use crate::spec::matching::{Bond, Document, match_with};
use crate::spec::memo::Memo;
use crate::spec::sentences::Sentence;
use crate::spec::token::Version;
use crate::trace::Graph;
use crate::trace::facts::CommitFacts;
use files::Files;
use spec_set::spec_set;

pub use files::Sorted;
pub use spec_set::at_its_time;
pub use spec_set::{CONFIG_FILE, detect_at, detect_in_index, settings};

/// Comparisons that are kept, if they hold no more clauses than this.
const KEPT_EDGES: usize = 8;
const KEPT_EDGE: usize = 4096;

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
    /// Whether others are judged: then nothing counts that the judged commits say of what is specified.
    pub judges: bool,
    documents: RefCell<Files<Document>>,
    lines: RefCell<Files<Lines>>,
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
    /// Messages that are being read.
    messages: Mutex<Option<Ahead>>,
    versions: Mutex<Files<Sorted<Version>>>,
    sentences: Mutex<Files<Sorted<Sentence>>>,
}

/// What another thread needs to open its own source.
pub struct Seed {
    repo: Repo,
    set: SpecSet,
    memo: SharedMemo,
    shared: Arc<Shared>,
    judges: bool,
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
        let (set, unread) = spec_set(&repo, rev)?;
        let memo = SharedMemo::default();
        let set = former::with_former(&repo, set.clone(), rev, &memo)
            .or_else(|error| former::unless_missing(&repo, error, set))?;
        let index = open_index(&repo, &set)?;
        let shared = Arc::new(Shared { index, ..Shared::default() });
        let source = Source::from_seed(Seed { repo, set, memo, shared, judges: false });
        if !unread.is_empty() {
            source.unseen(spec_set::blind(&unread).to_string());
        }
        Ok(source)
    }

    /// The repository with HEAD's specification and what is staged to come into it, for what is about to be committed.
    ///
    /// # Errors
    /// As [`Source::of`].
    pub fn of_staged(repo: Repo) -> Result<Source, Error> {
        let source = match Source::of(repo.reopen(), None) {
            Ok(source) => source,
            Err(error @ Error::NoSpecSet { .. }) => {
                let names = spec_set::brought(&repo, &SpecSet::default())?;
                let seed = Source::without_set(repo).seed();
                return match names.is_empty() {
                    true => Err(error),
                    false => Ok(Source::from_seed(Seed { set: SpecSet::default().with_former(names), ..seed })),
                };
            }
            Err(error) => return Err(error),
        };
        let mut names = spec_set::brought(&repo, &source.set)?;
        if names.is_empty() {
            return Ok(source);
        }
        names.extend(source.set.former().iter().cloned());
        // Nobody will ask with this set again, so nothing is kept for it.
        let seed = source.seed();
        let staged =
            Source::from_seed(Seed { set: source.set.clone().with_former(names), shared: Arc::default(), ..seed });
        source.incomplete.take().into_iter().for_each(|what| staged.unseen(what));
        Ok(staged)
    }

    /// The repository with no specification at all, for what can be done without one.
    pub fn without_set(repo: Repo) -> Source {
        let (set, memo, shared) = (SpecSet::default(), Arc::default(), Arc::default());
        Source::from_seed(Seed { repo, set, memo, shared, judges: false })
    }

    /// The repository with this spec set and no index, for a judge who leaves no trace.
    pub fn judging(repo: Repo, set: SpecSet) -> Source {
        Source::from_seed(Seed { repo, set, memo: Arc::default(), shared: Arc::default(), judges: true })
    }

    /// What another thread needs to open its own.
    pub fn seed(&self) -> Seed {
        Seed {
            repo: self.repo.reopen(),
            set: self.set.clone(),
            memo: self.memo.clone(),
            shared: self.shared.clone(),
            judges: self.judges,
        }
    }

    /// A source of the same repository and spec set, which shares the memory of what was read.
    pub fn from_seed(Seed { repo, set, memo, shared, judges }: Seed) -> Source {
        let roots = set.walk_roots().into_iter().map(BString::from).collect();
        Source {
            repo,
            set,
            roots,
            judges,
            incomplete: RefCell::default(),
            documents: RefCell::default(),
            lines: RefCell::default(),
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

    /// Takes over messages that are being read already, for whoever asks for links.
    pub fn with_messages(self, ahead: Option<Ahead>) -> Source {
        *self.shared.messages.lock().unwrap_or_else(PoisonError::into_inner) = ahead;
        self
    }

    /// The messages that are being read. Told once.
    pub(super) fn messages_ahead(&self) -> Option<Ahead> {
        self.shared.messages.lock().unwrap_or_else(PoisonError::into_inner).take()
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
        notes.extend(replaced(&self.repo));
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

    /// Which clause of a file was which, by [`Source::compare`], without what became of them.
    pub fn bonds(&self, old: &Document, new: &Document) -> Vec<Bond> {
        match_with(&[old], &[new], self.set.overrides()).bonds
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

/// What is said once in a run where `git replace` has put others in the place of objects.
pub fn replaced(repo: &Repo) -> Option<String> {
    let note = || "this repository has replacements (git replace); the answer is about the real objects".to_owned();
    repo.has_replacements().unwrap_or(false).then(note)
}

/// The index of a spec set, unless `spec.index` is off.
fn open_index(repo: &Repo, set: &SpecSet) -> Result<Option<Index>, Error> {
    if repo.config()?.get_bool("spec.index")? == Some(false) {
        return Ok(None);
    }
    let key = set_key(repo, set)?;
    Ok(Some(Index::open(repo.common_dir(), key)))
}

/// What the facts about a spec set rest on.
fn set_key(repo: &Repo, set: &SpecSet) -> Result<Key, Error> {
    let globs = |globs: &[String]| globs.join("\0").into_bytes();
    let mut borders: Vec<&Oid> = repo.shallow_borders()?.iter().collect();
    borders.sort_unstable();
    let borders: Vec<u8> = borders.into_iter().flat_map(|border| border.as_bytes().to_vec()).collect();
    let (include, exclude, said) = (globs(set.include()), globs(set.exclude()), set.overrides().fingerprint());
    let former = bstr::join("\0", set.former());
    let parts: [&[u8]; 5] = [&include, &exclude, &said, &borders, &former];
    // Without such names the key is what it was.
    let count = if former.is_empty() { 4 } else { 5 };
    Ok(Key::of(&parts[..count]))
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
