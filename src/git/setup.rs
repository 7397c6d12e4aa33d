//! How git is set up here: its version, the hooks that lie ready, the programs that it finds.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::process::Git;
use super::{GitError, Repo, Result};

/// Most bytes of a hook that are read: a shim has a few lines.
const HOOK_SIZE: u64 = 1 << 20;

/// A hook as it lies in the directory that git looks into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookFile {
    /// Its name, such as `commit-msg`.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Whether git runs it: without the bit it is passed over.
    pub executable: bool,
    /// Its text, as far as it can be read.
    pub text: Vec<u8>,
}

/// The version of the git that is on the search path, major and minor.
///
/// # Errors
///
/// [`GitError::GitMissing`], [`GitError::BadGitOutput`] where it tells none.
pub fn git_version() -> Result<(u32, u32)> {
    let said = Git::new(Path::new("."), "version").output()?;
    let word = said.to_str_lossy().split(' ').nth(2).unwrap_or_default().to_owned();
    let mut numbers = word.split('.').map_while(|number| number.trim().parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => Ok((major, minor)),
        _ => Err(GitError::bad_output("git version", "no version")),
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

impl Repo {
    /// The hooks of these names that are there, in the directory that git looks into (`core.hooksPath`, else `hooks`).
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn hook_files(&self, names: &[&str]) -> Result<Vec<HookFile>> {
        let directory = self.git("rev-parse").args(["--path-format=absolute", "--git-path", "hooks"]).output()?;
        let directory = directory.trim_end_with(|c| c == '\n').to_path_lossy().into_owned();
        let hook = |name: &&str| {
            let path = directory.join(name);
            let size = path.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
            let text = if size <= HOOK_SIZE { std::fs::read(&path).unwrap_or_default() } else { Vec::new() };
            Some(HookFile { name: (*name).to_owned(), executable: is_executable(&path), path, text })
        };
        Ok(names.iter().filter_map(hook).collect())
    }
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
