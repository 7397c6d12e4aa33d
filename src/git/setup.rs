//! How git is set up here: the programs that it finds.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bstr::ByteSlice;

use super::{GitError, Repo, Result};

/// The one repository that git is told by name, as it finds none by itself.
static NAMED: OnceLock<PathBuf> = OnceLock::new();

/// What [`Repo::named`] had to name.
pub(super) fn named_place() -> Option<&'static Path> {
    NAMED.get().map(PathBuf::as_path)
}

/// Whether git takes a bare repository only where it is named.
#[must_use]
pub fn is_explicit() -> bool {
    NAMED.get().is_some()
}

impl Repo {
    /// The repository in a directory that a person named. Where git takes a bare one only by name (git-config(1),
    /// `safe.bareRepository`), all git processes from here on are told this one.
    ///
    /// # Errors
    ///
    /// As [`Repo::discover`].
    pub fn named(place: &Path) -> Result<Repo> {
        match Repo::discover_in(place) {
            Err(GitError::NotARepository { stderr }) if stderr.contains("safe.bareRepository") => {
                let whole = std::path::absolute(place).map_err(|error| GitError::io(place, error))?;
                let _ = NAMED.set(whole);
                Repo::discover_in(place)
            }
            found => found,
        }
    }
}

/// The programs called `name` in the order in which git looks for them: beside its own, then on the search path. The
/// first is what `git NAME` runs.
///
/// # Errors
///
/// [`GitError::GitMissing`].
pub fn programs(name: &str) -> Result<Vec<PathBuf>> {
    let own = std::process::Command::new("git").arg("--exec-path").output();
    let own = own.map_err(|_| GitError::GitMissing)?.stdout;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = std::iter::once(own.trim_end().to_path_lossy().into_owned());
    let mut found: Vec<PathBuf> = Vec::new();
    for directory in own.chain(std::env::split_paths(&path)) {
        let program = directory.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        if is_executable(&program) && !found.contains(&program) {
            found.push(program);
        }
    }
    Ok(found)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
