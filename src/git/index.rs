//! The index, and files that nobody added to it.

use bstr::{BStr, BString, ByteSlice};
use serde::Serialize;

use super::{GitError, Mode, Oid, Repo, Result};

/// An entry of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IndexEntry {
    /// From the top of the repository, with `/`.
    pub path: BString,
    /// What it is.
    pub mode: Mode,
    /// Its blob; of a submodule, its commit.
    pub oid: Oid,
    /// 0, or in a conflict 1 (base), 2 (ours), 3 (theirs); a conflicted path has up to three entries.
    pub stage: u8,
    /// Whether the file is left out of the work tree on purpose (sparse checkout).
    pub skip_worktree: bool,
}

impl Repo {
    /// The paths at which what is staged differs from a commit. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn staged_paths(&self, commit: Oid) -> Result<Vec<BString>> {
        let git = self.git("diff-index").args(["--cached", "--name-only", "--no-renames", "-z"]);
        let git =
            git.args(["--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=none", "-O/dev/null"]);
        let out = git.arg(commit.to_string()).arg("--").output()?;
        Ok(out.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(BString::from).collect())
    }

    /// The entries of the index that `want` takes, by path and stage. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] where the index is damaged.
    pub fn index_files(&self, want: &dyn Fn(&BStr) -> bool) -> Result<Vec<IndexEntry>> {
        let git = self.git_with("ls-files", &["core.fsmonitor=false"]).args(["-s", "-v", "-z", "--full-name"]);
        let mut stream = git.stream()?;
        let mut entries = Vec::new();
        while let Some(line) = stream.piece(0)? {
            let Some((facts, path)) = line.split_once_str("\t") else {
                return Err(GitError::bad_output("git ls-files", "a line without a path"));
            };
            if want(path.as_bstr()) {
                let entry = parse(facts, path);
                entries.push(entry.ok_or_else(|| GitError::bad_output("git ls-files", "a strange entry"))?);
            }
        }
        Ok(entries)
    }

    /// Files of the work tree that are neither in the index nor ignored, below `paths` (literal files and directories
    /// from the top; none means everywhere). Nested repositories are left out. Sorted by the bytes of the path.
    ///
    /// # Errors
    ///
    /// [`GitError::NoWorkTree`], [`GitError::GitFailed`].
    pub fn untracked_files(&self, paths: &[BString]) -> Result<Vec<BString>> {
        if self.work_tree().is_none() {
            return Err(GitError::NoWorkTree);
        }
        let git = self.git_with("ls-files", &["core.fsmonitor=false"]).literal_paths();
        let git = git.args(["-o", "--exclude-standard", "-z", "--full-name", "--"]);
        let mut stream = git.args(paths.iter().map(|path| path.to_os_str_lossy())).stream()?;
        let mut files = Vec::new();
        while let Some(path) = stream.piece(0)? {
            if !path.ends_with(b"/") {
                files.push(BString::from(path));
            }
        }
        files.sort_unstable();
        Ok(files)
    }
}

/// `<tag> <mode> <id> <stage>`; the tag `S` means skip-worktree, a small letter assume-unchanged (git-ls-files(1)).
fn parse(facts: &[u8], path: &[u8]) -> Option<IndexEntry> {
    let words: Vec<&[u8]> = facts.split(|byte| *byte == b' ').collect();
    let [tag, mode, oid, stage] = words[..] else {
        return None;
    };
    Some(IndexEntry {
        path: path.into(),
        mode: Mode::from_octal(mode)?,
        oid: Oid::from_hex(oid).ok()?,
        stage: stage.to_str().ok()?.parse().ok()?,
        skip_worktree: tag.eq_ignore_ascii_case(b"S"),
    })
}
