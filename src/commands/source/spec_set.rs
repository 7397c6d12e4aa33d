//! Which files are the specification, and what the repository says about it.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use crate::config::{Config, SpecSet};
use crate::error::Error;
use crate::git::{Oid, Repo, TreeEntry, WorkFile};
use crate::index::{Detected, detected, keep_detected};
use crate::spec::detect::{self, Detection, detect};

/// The committed configuration file.
pub const CONFIG_FILE: &str = ".gitspec.toml";

/// The spec set with the overrides of identity that the committed file holds.
pub(super) fn spec_set(repo: &Repo, rev: Option<&str>) -> Result<SpecSet, Error> {
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
    let mut candidates = Vec::new();
    let head = repo.head()?;
    let named = rev.map(|rev| repo.resolve(rev)).transpose()?;
    for at in [head, named].into_iter().flatten() {
        let found = detect_once(repo, at)?;
        if !found.include.is_empty() {
            return SpecSet::new(found.include, found.exclude, "detection");
        }
        candidates = found.candidates;
    }
    if head.is_none() && named.is_none() {
        let found = detect_in_index(repo)?;
        if !found.include.is_empty() {
            return SpecSet::new(found.include, found.exclude, "detection");
        }
        candidates = found.candidates;
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
    let found = detect_once(repo, commit)?;
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
pub fn settings(repo: &Repo) -> Result<Option<Config>, Error> {
    let bytes = if repo.work_tree().is_some() {
        match repo.work_file(CONFIG_FILE.into())? {
            WorkFile::Regular(bytes) => Some(bytes),
            WorkFile::Missing => left_out(repo)?,
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

/// The configuration of the index, where a sparse checkout leaves it out of the work tree.
fn left_out(repo: &Repo) -> Result<Option<Vec<u8>>, Error> {
    if repo.config()?.get_bool("core.sparseCheckout")? != Some(true) {
        return Ok(None);
    }
    let entries = repo.index_files(&|path| path == CONFIG_FILE)?;
    let entry = entries.into_iter().find(|entry| entry.skip_worktree && entry.mode.is_file());
    Ok(entry.map(|entry| repo.blob(entry.oid)).transpose()?)
}

/// What detection says of a commit; of each tree it is asked once.
fn detect_once(repo: &Repo, commit: Oid) -> Result<Detected, Error> {
    let keeps = keeps(repo)?;
    let tree = repo.tree_of(commit)?;
    if let Some(found) = keeps.then(|| detected(repo.common_dir(), tree.as_bytes())).flatten() {
        return Ok(found);
    }
    let Detection { include, exclude, candidates, .. } = detect_at(repo, commit)?;
    let found = Detected { include, exclude, candidates };
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
pub fn detect_in_index(repo: &Repo) -> Result<Detection, Error> {
    detect_among(repo, true)
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
