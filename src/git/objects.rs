//! Objects by id: git2's object database first, git itself for what that cannot find.

use std::path::Path;
use std::sync::{Arc, Once, PoisonError};

use bstr::ByteSlice;

use git2::{ErrorCode, ObjectFormat, ObjectType, Odb};

use super::cat_file::CatFile;
use super::discover::Place;
use super::repo::TreeAndParents;
use super::{GitError, Oid, Repo, Result};

/// The four kinds of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blob,
    Tree,
    Commit,
    Tag,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }

    pub(super) fn from_word(word: &[u8]) -> Option<Self> {
        [Self::Blob, Self::Tree, Self::Commit, Self::Tag].into_iter().find(|kind| kind.word().as_bytes() == word)
    }

    pub(super) fn from_type(kind: ObjectType) -> Option<Self> {
        Self::from_word(kind.str().as_bytes())
    }
}

impl Repo {
    /// The object for which a git process failed, as it is not here or damaged: the first that it names and that cannot be read. Its
    /// words, which may be in any language, are not asked.
    #[must_use]
    pub fn unreadable_for(&self, error: &GitError) -> Option<Oid> {
        match error {
            GitError::MissingObject { oid } | GitError::BadObject { oid, .. } => Some(*oid),
            GitError::GitFailed { stderr, .. } => self.unreadable_among(stderr),
            _ => None,
        }
    }

    /// The first object that a text names by its whole id and that cannot be read.
    #[must_use]
    pub fn unreadable_among(&self, text: &str) -> Option<Oid> {
        let mut ids =
            text.split(|c: char| !c.is_ascii_hexdigit()).filter_map(|word| Oid::from_hex(word.as_bytes()).ok());
        ids.find(|oid| {
            let found = self.any_object(*oid);
            matches!(found, Err(GitError::MissingObject { .. } | GitError::BadObject { .. }))
        })
    }

    /// The bytes of a blob, however large; ask [`Repo::blob_size`] first where that matters.
    ///
    /// In a partial clone a missing blob is fetched by git, unless `GIT_NO_LAZY_FETCH` is set.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], also where fetching failed; [`GitError::BadObject`] where the object is damaged or no
    /// blob.
    pub fn blob(&self, oid: Oid) -> Result<Vec<u8>> {
        self.object(oid, Kind::Blob)
    }

    /// The size of a blob in bytes. A blob that is only promised is fetched for it.
    ///
    /// # Errors
    ///
    /// As [`Repo::blob`].
    pub fn blob_size(&self, oid: Oid) -> Result<u64> {
        let Some(odb) = self.odb()? else {
            return Ok(self.blob(oid)?.len() as u64);
        };
        match odb.read_header(to_git2(oid)?) {
            Ok((size, ObjectType::Blob)) => Ok(size as u64),
            Ok((_, kind)) => Err(wrong_kind(oid, Kind::Blob, kind.str())),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(self.blob(oid)?.len() as u64),
            Err(error) => Err(GitError::BadObject { oid, problem: error.message().to_owned() }),
        }
    }

    /// A commit object as it is stored: header lines, an empty line, the message in its own encoding, NULs and all.
    ///
    /// # Errors
    ///
    /// As [`Repo::blob`].
    pub fn raw_commit(&self, oid: Oid) -> Result<Vec<u8>> {
        self.object(oid, Kind::Commit)
    }

    /// The tree of a commit or of what a tag names; a tree is its own.
    ///
    /// # Errors
    ///
    /// As [`Repo::blob`].
    pub fn tree_of(&self, oid: Oid) -> Result<Oid> {
        if let Some((tree, _)) = self.commits.lock().unwrap_or_else(PoisonError::into_inner).get(&oid) {
            return Ok(tree);
        }
        let mut here = oid;
        loop {
            let (kind, content) = self.any_object(here)?;
            let next = match kind {
                Kind::Tree => return Ok(here),
                Kind::Commit => Some(self.commit(here, &content)?.0),
                Kind::Tag => first_line(&content, b"object "),
                Kind::Blob => return Err(wrong_kind(here, Kind::Tree, kind.word())),
            };
            let damaged = || GitError::BadObject { oid: here, problem: format!("a damaged {}", kind.word()) };
            here = next.ok_or_else(damaged)?;
        }
    }

    /// The parents of a commit, as its object names them.
    ///
    /// # Errors
    ///
    /// As [`Repo::blob`].
    pub fn parents(&self, commit: Oid) -> Result<Arc<Vec<Oid>>> {
        if let Some((_, parents)) = self.commits.lock().unwrap_or_else(PoisonError::into_inner).get(&commit) {
            return Ok(parents);
        }
        let raw = self.raw_commit(commit)?;
        Ok(self.commit(commit, &raw)?.1)
    }

    /// Reads the tree and the parents out of a commit object, and keeps them.
    pub(super) fn commit(&self, oid: Oid, raw: &[u8]) -> Result<TreeAndParents> {
        let damaged = || GitError::BadObject { oid, problem: "a damaged commit".to_owned() };
        let tree = first_line(raw, b"tree ").ok_or_else(damaged)?;
        let header = raw.lines().take_while(|line| !line.is_empty());
        let parents = header.filter_map(|line| line.strip_prefix(b"parent "));
        let parents: Result<Vec<Oid>> = parents.map(|hex| Oid::from_hex(hex).map_err(|_| damaged())).collect();
        let facts = (tree, Arc::new(parents?));
        self.commits.lock().unwrap_or_else(PoisonError::into_inner).keep(oid, facts.clone());
        Ok(facts)
    }

    /// The bytes of a tree object, read again only when others have taken its place.
    pub(super) fn tree(&self, oid: Oid) -> Result<Arc<Vec<u8>>> {
        if let Some(known) = self.trees.lock().unwrap_or_else(PoisonError::into_inner).get(&oid) {
            return Ok(known);
        }
        let content = Arc::new(self.object(oid, Kind::Tree)?);
        self.trees.lock().unwrap_or_else(PoisonError::into_inner).keep(oid, content.clone());
        Ok(content)
    }

    /// The bytes of an object of a known kind.
    pub(super) fn object(&self, oid: Oid, wanted: Kind) -> Result<Vec<u8>> {
        match self.any_object(oid)? {
            (kind, content) if kind == wanted => Ok(content),
            (kind, _) => Err(wrong_kind(oid, wanted, kind.word())),
        }
    }

    fn any_object(&self, oid: Oid) -> Result<(Kind, Vec<u8>)> {
        let Some(odb) = self.odb()? else {
            return self.ask_git(oid);
        };
        match odb.read(to_git2(oid)?) {
            Ok(object) => match Kind::from_type(object.kind()) {
                Some(kind) => Ok((kind, object.data().to_vec())),
                None => Err(GitError::BadObject { oid, problem: "an unknown type".to_owned() }),
            },
            Err(error) if error.code() == ErrorCode::NotFound => self.ask_git(oid),
            Err(error) => Err(GitError::BadObject { oid, problem: error.message().to_owned() }),
        }
    }

    /// Git has the last word: it fetches what a remote promised. Costs a process only where something is missing.
    fn ask_git(&self, oid: Oid) -> Result<(Kind, Vec<u8>)> {
        let mut place = self.fetcher.lock().unwrap_or_else(PoisonError::into_inner);
        let mut child = match place.take() {
            Some(child) => child,
            None => CatFile::start(self.git("cat-file"))?,
        };
        let found = match child.read(oid) {
            // Git dies where the remote that promised the object doesn't deliver; then nobody is asked again.
            Err(GitError::GitFailed { stderr, .. }) if stderr.contains("promisor remote") => {
                child = CatFile::start(self.git("cat-file").env("GIT_NO_LAZY_FETCH", "1"))?;
                None
            }
            other => other?,
        };
        *place = Some(child);
        found.ok_or(GitError::MissingObject { oid })
    }

    /// The object database, opened at the first use; none where git2 cannot name its directory.
    pub(super) fn odb(&self) -> Result<Option<&Odb<'static>>> {
        if self.odb.get().is_none() {
            let _ = self.odb.set(open(&self.place)?);
        }
        Ok(self.odb.get().and_then(Option::as_ref))
    }
}

/// Opens the object store without git2's idea of a repository, so that no format extension stands in the way.
///
/// A directory added as an alternate brings its own alternates with it. None where a path isn't UTF-8, which git2 cannot
/// take.
fn open(place: &Place) -> Result<Option<Odb<'static>>> {
    map_little();
    // As git itself: an object is hashed when it comes in, not at each read. 1.1 to 4 times faster.
    git2::opts::strict_hash_verification(false);
    // What is asked for again is kept here, read; git2 would keep each commit and small tree of a history once a thread.
    git2::opts::enable_caching(false);
    let format = if place.sha256 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
    let refused = |error: git2::Error| GitError::io(&place.objects_dir, std::io::Error::other(error));
    let odb = Odb::new_ext(format).map_err(refused)?;
    // In a quarantine the repository's own objects are one of the alternates; GIT_OBJECT_DIRECTORY is `objects_dir`.
    for dir in std::iter::once(&place.objects_dir).chain(&place.alternates) {
        let Some(dir) = Path::to_str(dir) else {
            return Ok(None);
        };
        odb.add_disk_alternate(dir).map_err(refused)?;
    }
    Ok(Some(odb))
}

/// A blob of one store and its alternates; none where it has more bytes than `most`.
pub(super) fn lone_blob(store: &Path, sha256: bool, blob: Oid, most: u64) -> Result<Option<Vec<u8>>> {
    let refused = |error: git2::Error| GitError::io(store, std::io::Error::other(error));
    let format = if sha256 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
    let odb = Odb::new_ext(format).map_err(refused)?;
    odb.add_disk_alternate(&store.to_string_lossy()).map_err(refused)?;
    let id = to_git2(blob)?;
    let (size, kind) = odb.read_header(id).map_err(refused)?;
    if kind != ObjectType::Blob || size as u64 > most {
        return Ok(None);
    }
    Ok(Some(odb.read(id).map_err(refused)?.data().to_vec()))
}

/// Bytes of a pack that are mapped as one window, and of all windows together. libgit2's own limits are 1 GB and 8 GB:
/// the system counts what was read of a mapped pack as memory of the process, until it needs the room.
const WINDOW: usize = 4 << 20;
const WINDOWS: usize = 24 << 20;

/// Makes libgit2 map little of a pack at a time, once for the process.
fn map_little() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[expect(
            unsafe_code,
            reason = "git2 marks these two unsafe as they set plain globals of libgit2: nobody may read them meanwhile, \
                      and nobody does, since each of our object databases is opened behind this"
        )]
        // SAFETY: as the reason says; the values are valid sizes, the window being the smaller one.
        let set = unsafe { git2::opts::set_mwindow_size(WINDOW).and(git2::opts::set_mwindow_mapped_limit(WINDOWS)) };
        // Without it the answers are the same.
        drop(set);
    });
}

pub(super) fn to_git2(oid: Oid) -> Result<git2::Oid> {
    git2::Oid::from_bytes(oid.as_bytes())
        .map_err(|error| GitError::BadObject { oid, problem: error.message().to_owned() })
}

fn wrong_kind(oid: Oid, wanted: Kind, found: &str) -> GitError {
    GitError::BadObject { oid, problem: format!("it is a {found}, not a {}", wanted.word()) }
}

/// The id that the first line of a commit or tag names.
fn first_line(content: &[u8], key: &[u8]) -> Option<Oid> {
    let line = content.strip_prefix(key)?.split(|byte| *byte == b'\n').next()?;
    Oid::from_hex(line).ok()
}
