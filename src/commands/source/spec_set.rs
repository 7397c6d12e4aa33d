//! Which files are the specification, and what the repository says about it.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use crate::config::{Config, SIZE_LIMIT, SpecSet};
use crate::error::Error;
use crate::git::{Oid, Repo, TreeEntry, WorkFile};
use crate::index::{Detected, detected, keep_detected};
use crate::spec::detect::{self, Detection, Opening, detect};

/// The committed configuration file.
pub const CONFIG_FILE: &str = ".gitspec.toml";

/// The spec set with the overrides of identity that the committed file holds, and the files that could not be read though they
/// may say that the specification is another one.
pub(super) fn spec_set(repo: &Repo, rev: Option<&str>) -> Result<(SpecSet, Vec<String>), Error> {
    let config = settings(repo)?.unwrap_or_default();
    let (set, unread) = files_of_set(repo, rev, config.spec)?;
    Ok((set.with_overrides(config.overrides), unread))
}

/// Says of files that could not be read what that means.
pub(super) fn blind(unread: &[String]) -> Error {
    let first = unread.first().cloned().unwrap_or_default();
    Error::Undetected { first, more: unread.len().saturating_sub(1) }
}

/// The spec set by precedence: git configuration, the committed file, detection.
fn files_of_set(repo: &Repo, rev: Option<&str>, configured: Option<SpecSet>) -> Result<(SpecSet, Vec<String>), Error> {
    if let Some(values) = repo.config()?.list("spec.include")
        && let Some(set) = SpecSet::from_includes(values.into_iter().map(|v| v.to_str_lossy().into_owned()).collect())?
    {
        return Ok((set, Vec::new()));
    }
    if let Some(set) = configured {
        return Ok((set, Vec::new()));
    }
    let (mut candidates, mut unread) = (Vec::new(), Vec::new());
    let head = repo.head()?;
    let named = rev.map(|rev| repo.resolve(rev)).transpose()?;
    for at in [head, named].into_iter().flatten() {
        let (found, missing) = detect_once(repo, at)?;
        unread.extend(missing);
        if !found.include.is_empty() {
            return Ok((SpecSet::new(found.include, found.exclude, "detection")?, unread));
        }
        candidates = found.candidates;
    }
    if head.is_none() && named.is_none() {
        let found = detect_among(repo, true)?;
        unread.extend(found.unread);
        if !found.include.is_empty() {
            return Ok((SpecSet::new(found.include, found.exclude, "detection")?, unread));
        }
        candidates = found.candidates;
    }
    if !unread.is_empty() {
        return Err(blind(&unread));
    }
    let looked_for = detect::looked_for();
    Err(Error::NoSpecSet { rev: rev.unwrap_or("HEAD").to_owned(), looked_for, candidates })
}

/// The spec set that a commit had by its own file, or by detection; none where neither names one.
pub fn at_its_time(repo: &Repo, commit: Oid) -> Result<Option<SpecSet>, Error> {
    // A file of another time may be a broken one.
    let configured = settings_of(repo, commit).ok().flatten().and_then(|config| config.spec);
    if configured.is_some() {
        return Ok(configured);
    }
    let (found, unread) = detect_once(repo, commit)?;
    if !unread.is_empty() {
        return Err(blind(&unread));
    }
    Ok(if found.include.is_empty() { None } else { SpecSet::new(found.include, found.exclude, "detection").ok() })
}

/// Whether what was understood is kept.
pub(super) fn keeps(repo: &Repo) -> Result<bool, Error> {
    Ok(repo.config()?.get_bool("spec.index")? != Some(false))
}

fn settings_of(repo: &Repo, commit: Oid) -> Result<Option<Config>, Error> {
    let file = repo.file_at(commit, &CONFIG_FILE.into())?.filter(|(mode, _)| mode.is_file());
    let bytes = file.map(|(_, oid)| repo.blob(oid)).transpose()?;
    bytes.map(|bytes| Config::parse(CONFIG_FILE, &bytes)).transpose()
}

/// The configuration: the work tree's, HEAD's in a bare repository.
///
/// # Errors
/// [`Error::ConfigNoFile`] for one that is a link or the like: it would silently count for nothing.
pub fn settings(repo: &Repo) -> Result<Option<Config>, Error> {
    let no_file = || Error::ConfigNoFile { name: CONFIG_FILE.to_owned() };
    let bytes = if repo.work_tree().is_some() {
        match repo.work_file(CONFIG_FILE.into())? {
            WorkFile::Regular(bytes) => Some(bytes),
            WorkFile::Missing => left_out(repo)?,
            WorkFile::TooLarge(size) => {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                return Err(Error::ConfigTooLarge { name: CONFIG_FILE.to_owned(), size, limit: SIZE_LIMIT });
            }
            WorkFile::Symlink | WorkFile::NotRegular => return Err(no_file()),
        }
    } else if let Some(head) = repo.head()? {
        let files = repo.tree_files(head, &|path| path == CONFIG_FILE, &|_| false)?;
        match files.into_iter().next() {
            Some(file) if !file.mode.is_file() => return Err(no_file()),
            Some(file) => Some(repo.blob(file.oid)?),
            None => None,
        }
    } else {
        None
    };
    bytes.map(|bytes| Config::parse(CONFIG_FILE, &bytes)).transpose()
}

/// The configuration of the index, where a sparse checkout leaves it out of the work tree.
fn left_out(repo: &Repo) -> Result<Option<Vec<u8>>, Error> {
    if repo.config()?.get_bool("core.sparseCheckout")? != Some(true) {
        return Ok(None);
    }
    let entries = repo.index_files(&|path| path == CONFIG_FILE)?;
    let entry = entries.into_iter().find(|entry| entry.skip_worktree && entry.mode.is_file());
    Ok(entry.map(|entry| repo.blob(entry.oid)).transpose()?)
}

/// What detection says of a commit, with the files that it could not read; of each tree it is asked once.
fn detect_once(repo: &Repo, commit: Oid) -> Result<(Detected, Vec<String>), Error> {
    let keeps = keeps(repo)?;
    let tree = repo.tree_of(commit)?;
    if let Some(found) = keeps.then(|| detected(repo.common_dir(), tree.as_bytes())).flatten() {
        return Ok((found, Vec::new()));
    }
    let Detection { include, exclude, candidates, unread, .. } = detect_tree(repo, commit)?;
    let found = Detected { include, exclude, candidates };
    // Without all objects, detection may have seen less than there is.
    if keeps && unread.is_empty() && !repo.is_partial()? {
        keep_detected(repo.common_dir(), tree.as_bytes(), &found);
    }
    Ok((found, unread))
}

/// What detection says of a commit.
///
/// # Errors
/// [`Error::Undetected`] where it could not read what decides.
pub fn detect_at(repo: &Repo, commit: Oid) -> Result<Detection, Error> {
    whole(detect_tree(repo, commit)?)
}

fn whole(found: Detection) -> Result<Detection, Error> {
    if found.unread.is_empty() { Ok(found) } else { Err(blind(&found.unread)) }
}

fn detect_tree(repo: &Repo, commit: Oid) -> Result<Detection, Error> {
    Ok(detect_files(repo, &repo.tree_files(commit, &|_| true, &|_| true)?))
}

/// Files that what is staged brings into a specification that is detected: those that are new and that this set, HEAD's, does
/// not have.
pub(super) fn brought(repo: &Repo, set: &SpecSet) -> Result<BTreeSet<BString>, Error> {
    let none = Ok(BTreeSet::new());
    let Some(head) = repo.head()? else { return none };
    if repo.config()?.list("spec.include").is_some() || settings(repo)?.is_some_and(|config| config.spec.is_some()) {
        return none;
    }
    let mut new = Vec::new();
    for path in repo.staged_paths(head)? {
        if !set.matches(&path) && repo.file_at(head, &path)?.is_none() {
            new.push(path);
        }
    }
    if new.is_empty() {
        return none;
    }
    let found = detect_among(repo, false)?;
    if found.include.is_empty() {
        return none;
    }
    let staged = SpecSet::new(found.include, found.exclude, "detection")?;
    Ok(new.into_iter().filter(|path| staged.matches(path)).collect())
}

/// What detection says of the index and of untracked files, for a branch without commits.
///
/// # Errors
/// As [`detect_at`].
pub fn detect_in_index(repo: &Repo) -> Result<Detection, Error> {
    whole(detect_among(repo, true)?)
}

fn detect_among(repo: &Repo, with_untracked: bool) -> Result<Detection, Error> {
    let staged = repo.index_files(&|_| true)?;
    let looks = with_untracked && repo.work_tree().is_some();
    let untracked = if looks { repo.untracked_files(&[])? } else { Vec::new() };
    let mut files: Vec<(BString, Option<Oid>)> =
        staged.into_iter().filter(|file| file.mode.is_file()).map(|file| (file.path, Some(file.oid))).collect();
    files.extend(untracked.into_iter().map(|path| (path, None)));
    files.sort();
    files.dedup_by(|a, b| a.0 == b.0);
    let paths: Vec<&[u8]> = files.iter().map(|(path, _)| path.as_slice()).collect();
    Ok(detect(&paths, &mut |path: &[u8]| match files
        .binary_search_by(|(other, _)| other.as_slice().cmp(path))
        .ok()
        .map(|at| files[at].1)
    {
        Some(Some(oid)) => opening(repo, oid),
        Some(None) => match repo.work_file(path.into()) {
            Ok(WorkFile::Regular(bytes)) => Opening::Bytes(bytes),
            Ok(_) => Opening::Nothing,
            Err(_) => Opening::Unread,
        },
        None => Opening::Nothing,
    }))
}

fn opening(repo: &Repo, blob: Oid) -> Opening {
    repo.blob(blob).map_or(Opening::Unread, Opening::Bytes)
}

fn detect_files(repo: &Repo, files: &[TreeEntry]) -> Detection {
    let files: Vec<&TreeEntry> = files.iter().filter(|file| file.mode.is_file()).collect();
    let paths: Vec<&[u8]> = files.iter().map(|file| file.path.as_ref()).collect();
    detect(&paths, &mut |path: &[u8]| {
        let at = files.binary_search_by(|file| file.path.as_slice().cmp(path)).ok();
        let at = at.or_else(|| files.iter().position(|file| file.path == path));
        at.map_or(Opening::Nothing, |at| opening(repo, files[at].oid))
    })
}
