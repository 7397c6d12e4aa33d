//! The repository: what is known about it, and how its children are started.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bstr::{BStr, BString, ByteSlice};

use super::cat_file::CatFile;
use super::discover::Place;
use super::process::{Git, Stream};
use super::tree_diff::Node;
use super::{Config, GitError, Oid, Result};

/// One repository. `Send` and `Sync`; for work on several threads give each its own by [`Repo::reopen`].
pub struct Repo {
    pub(super) place: Arc<Place>,
    pub(super) odb: OnceLock<Option<git2::Odb<'static>>>,
    pub(super) fetcher: Mutex<Option<CatFile>>,
    config: Arc<OnceLock<Config>>,
    ahead: Arc<Ahead>,
    borders: OnceLock<HashSet<Oid>>,
    /// Trees that were read, for the next commit has most of them too.
    pub(super) trees: Mutex<Kept<Oid, Arc<Vec<u8>>>>,
    /// The tree and the parents of commits that were read.
    pub(super) commits: Mutex<Kept<Oid, TreeAndParents>>,
    /// What stands at paths of trees that were looked at.
    pub(super) nodes: Mutex<Kept<(Oid, BString), Option<Node>>>,
    /// Names that were resolved: a run sees each as it was when it first asked.
    pub(super) resolved: Arc<Mutex<HashMap<String, Oid>>>,
}

/// Questions that nearly every command puts, asked before they are put: their processes run while others are waited for.
#[derive(Default)]
struct Ahead {
    config: Mutex<Option<Stream>>,
    refs: Mutex<Option<Stream>>,
    /// The replacements and the notes of links, where git could tell.
    known_refs: OnceLock<Option<Vec<(String, Oid)>>>,
    told_notes: AtomicBool,
}

/// Trees that are kept: the directories of a few neighbouring commits.
const KEPT_TREES: usize = 64;
/// Commits that are kept.
const KEPT_COMMITS: usize = 2048;
/// Commits whose tree and parents are kept: those of all carriers of most repositories, 100 bytes each.
const KEPT_HEADS: usize = 32_768;

/// The notes that hold links.
pub const LINK_NOTES: &str = "refs/notes/spec";

/// The namespace of replacements (git-replace(1)).
fn replacements() -> String {
    std::env::var("GIT_REPLACE_REF_BASE").unwrap_or_else(|_| "refs/replace/".to_owned())
}

fn list_config(git: Git) -> Git {
    git.args(["-z", "--list", "--includes"])
}

/// What a commit names.
pub(super) type TreeAndParents = (Oid, Arc<Vec<Oid>>);

/// Values by key, all forgotten when there are too many.
pub(super) struct Kept<K, T> {
    values: HashMap<K, T, foldhash::fast::RandomState>,
    most: usize,
}

impl<K: Eq + Hash, T: Clone> Kept<K, T> {
    fn new(most: usize) -> Self {
        Self { values: HashMap::default(), most }
    }

    pub(super) fn get(&self, key: &K) -> Option<T> {
        self.values.get(key).cloned()
    }

    pub(super) fn keep(&mut self, key: K, value: T) {
        if self.values.len() >= self.most {
            self.values.clear();
        }
        self.values.insert(key, value);
    }
}

impl Repo {
    /// Finds the repository of the current directory, as git would: `GIT_DIR`, `safe.directory` and so on hold.
    ///
    /// # Errors
    ///
    /// [`GitError::NotARepository`] with git's reason; [`GitError::GitMissing`].
    pub fn discover() -> Result<Self> {
        Self::discover_in(Path::new("."))
    }

    /// Finds the repository that `start`, a directory, belongs to. Costs one process, and starts those that tell its
    /// configuration and what every command wants to know of its references.
    ///
    /// # Errors
    ///
    /// As [`Repo::discover`].
    pub fn discover_in(start: &Path) -> Result<Self> {
        let start = std::path::absolute(start).map_err(|error| GitError::io(start, error))?;
        // Nothing can be done before this is told.
        let place = Place::ask(&start)?;
        // Git finds the same repository from here; where there is none, nobody reads what these say.
        let config = list_config(Git::new(&start, "config")).stream().ok();
        let refs =
            Git::new(&start, "for-each-ref").args(["--format=%(refname) %(objectname)", &replacements(), LINK_NOTES]);
        let refs = refs.stream().ok();
        let place = Arc::new(Place::told(&start, place)?);
        let ahead = Ahead { config: Mutex::new(config), refs: Mutex::new(refs), ..Ahead::default() };
        Ok(Self::at(place, Arc::default(), Arc::default(), Arc::new(ahead)))
    }

    /// What was asked ahead of the references: the replacements and the notes of links; none where git failed.
    fn known_refs(&self) -> Option<&[(String, Oid)]> {
        let read = || {
            let stream = self.ahead.refs.lock().unwrap_or_else(PoisonError::into_inner).take()?;
            let list = stream.into_output().ok()?;
            let parse = |line: &[u8]| {
                let (name, oid) = line.rsplit_once_str(" ")?;
                Some((name.to_str_lossy().into_owned(), Oid::from_hex(oid).ok()?))
            };
            list.lines().map(parse).collect()
        };
        self.ahead.known_refs.get_or_init(read).as_deref()
    }

    /// The object of [`LINK_NOTES`], if that was asked ahead. Told once: whoever asks again may have written notes.
    pub(super) fn link_notes(&self) -> Option<Option<Oid>> {
        if self.ahead.told_notes.swap(true, Ordering::Relaxed) {
            return None;
        }
        let refs = self.known_refs()?;
        Some(refs.iter().find(|(name, _)| name == LINK_NOTES).map(|(_, oid)| *oid))
    }

    /// A second door to the same repository, for another thread. Starts no process and opens nothing yet.
    #[must_use]
    pub fn reopen(&self) -> Self {
        Self::at(self.place.clone(), self.config.clone(), self.resolved.clone(), self.ahead.clone())
    }

    fn at(
        place: Arc<Place>,
        config: Arc<OnceLock<Config>>,
        resolved: Arc<Mutex<HashMap<String, Oid>>>,
        ahead: Arc<Ahead>,
    ) -> Self {
        Self {
            place,
            odb: OnceLock::new(),
            fetcher: Mutex::new(None),
            config,
            ahead,
            borders: OnceLock::new(),
            trees: Mutex::new(Kept::new(KEPT_TREES)),
            commits: Mutex::new(Kept::new(KEPT_HEADS)),
            nodes: Mutex::new(Kept::new(KEPT_COMMITS)),
            resolved,
        }
    }

    /// The git directory of this work tree, absolute.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.place.git_dir
    }

    /// The git directory that all linked work trees share, absolute.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.place.common_dir
    }

    /// The top of the work tree, absolute; none in a bare repository and inside a git directory.
    #[must_use]
    pub fn work_tree(&self) -> Option<&Path> {
        self.place.work_tree.as_deref()
    }

    /// Where the start directory lies below the top of the work tree: empty, or ending in `/`.
    #[must_use]
    pub fn prefix(&self) -> &BStr {
        self.place.prefix.as_ref()
    }

    /// Whether the repository is bare.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.place.is_bare
    }

    /// Whether history is cut off somewhere; [`Repo::shallow_borders`] tells where.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.place.is_shallow
    }

    /// Whether object ids are SHA-256.
    #[must_use]
    pub fn sha256(&self) -> bool {
        self.place.sha256
    }

    /// The all-zero id of this repository's hash.
    #[must_use]
    pub fn zero_oid(&self) -> Oid {
        Oid::zero(self.sha256())
    }

    /// Whether objects may be absent because a remote promises them (gitrepository-layout, partial clone). Reads the
    /// configuration.
    ///
    /// # Errors
    ///
    /// Those of [`Repo::config`].
    pub fn is_partial(&self) -> Result<bool> {
        let config = self.config()?;
        Ok(config.get("extensions.partialclone").is_some()
            || config.keys().any(|key| key.starts_with("remote.") && key.ends_with(".promisor")))
    }

    /// Whether objects are replaced (git-replace(1)), which all answers here disregard.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn has_replacements(&self) -> Result<bool> {
        let base = replacements();
        if let Some(refs) = self.known_refs() {
            return Ok(refs.iter().any(|(name, _)| name.starts_with(&base)));
        }
        let found = self.git("for-each-ref").args(["--count=1", "--format=%(refname)", &base]).output()?;
        Ok(!found.is_empty())
    }

    /// The configuration, read by one process at the first call and kept.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] where a configuration file is broken.
    pub fn config(&self) -> Result<&Config> {
        if self.config.get().is_none() {
            // Another thread that came first reads it while this one waits here.
            let mut ahead = self.ahead.config.lock().unwrap_or_else(PoisonError::into_inner);
            if self.config.get().is_none() {
                let list = match ahead.take() {
                    Some(stream) => stream.into_output()?,
                    None => list_config(self.git("config")).output()?,
                };
                let _ = self.config.set(Config::parse(&list));
            }
        }
        Ok(self.config.get_or_init(Config::default))
    }

    /// The pager that git would start (`git var GIT_PAGER`), a shell command. Costs one process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn pager(&self) -> Result<String> {
        let name = self.git("var").arg("GIT_PAGER").output()?;
        Ok(String::from_utf8_lossy(&name).trim_end_matches('\n').to_owned())
    }

    /// How many digits of an object id git shows by default: `core.abbrev`, else 7. Uniqueness is not looked at.
    ///
    /// # Errors
    ///
    /// Those of [`Repo::config`].
    pub fn abbrev_len(&self) -> Result<usize> {
        let full = if self.sha256() { 64 } else { 40 };
        let value = self.config()?.get("core.abbrev").map(|value| value.to_string().to_ascii_lowercase());
        Ok(match value.as_deref() {
            Some("no" | "off" | "false") => full,
            Some(number) => number.parse::<usize>().map_or(7, |digits| digits.clamp(4, full)),
            None => 7,
        })
    }

    /// The commits whose parents a shallow clone leaves out. To git they look like roots.
    ///
    /// # Errors
    ///
    /// [`GitError::Io`] where the list cannot be read.
    pub fn shallow_borders(&self) -> Result<&HashSet<Oid>> {
        if self.borders.get().is_none() {
            let _ = self.borders.set(self.read_borders()?);
        }
        Ok(self.borders.get_or_init(HashSet::new))
    }

    fn read_borders(&self) -> Result<HashSet<Oid>> {
        if !self.is_shallow() {
            return Ok(HashSet::new());
        }
        let file = &self.place.shallow_file;
        let list = std::fs::read(file).map_err(|error| GitError::io(file, error))?;
        Ok(list.split(|byte| *byte == b'\n').filter_map(|line| Oid::from_hex(line).ok()).collect())
    }

    /// `git <subcommand>` at the top of the work tree, or in the git directory where there is none.
    pub(super) fn git(&self, subcommand: &str) -> Git {
        self.git_with(subcommand, &[])
    }

    /// The same with `-c` settings.
    pub(super) fn git_with(&self, subcommand: &str, config: &[&str]) -> Git {
        let place = &self.place;
        let dir = place.work_tree.as_ref().unwrap_or(&place.git_dir);
        // Discovery has applied safe.directory; from here on relative values of the environment would mislead, as
        // the children run elsewhere.
        let mut git = Git::with_config(dir, subcommand, config).env("GIT_DIR", &place.git_dir);
        if let Some(work_tree) = &place.work_tree {
            git = git.env("GIT_WORK_TREE", work_tree);
        }
        for (key, path) in [("GIT_COMMON_DIR", &place.common_dir), ("GIT_OBJECT_DIRECTORY", &place.objects_dir)] {
            if std::env::var_os(key).is_some() {
                git = git.env(key, path);
            }
        }
        git
    }
}
