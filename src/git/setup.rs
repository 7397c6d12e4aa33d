//! How git is set up here: the programs that it finds.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::{GitError, Result};

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
