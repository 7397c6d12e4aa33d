//! Commits that bring files in, along the first parents.

use bstr::{BString, ByteSlice};

use super::{GitError, Oid, Repo, Result};

/// What a line with a commit begins with; git quotes a path that would.
const COMMIT: u8 = 1;

/// What keeps git from holding all of a large pack and of its trees for one pass over them: as fast with a quarter of the
/// memory.
const SPARING: [&str; 3] = ["core.packedGitWindowSize=4m", "core.packedGitLimit=32m", "core.deltaBaseCacheLimit=16m"];

/// A commit and its parents.
pub type Bringer = (Oid, Vec<Oid>);

impl Repo {
    /// The commits on the line of first parents that ends at `tip` which have a file below the roots, or anywhere without
    /// any, that their first parent lacks; the newest first. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`], for example where an object is missing; [`GitError::BadOutput`].
    pub fn bringers(&self, tip: Oid, since: Option<Oid>, roots: &[BString]) -> Result<Vec<Bringer>> {
        let words = [
            "--first-parent",
            "--diff-merges=first-parent",
            "--diff-filter=A",
            "--no-renames",
            "--no-relative",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=none",
            "-O/dev/null",
            "--no-color",
            "--no-show-signature",
            "--no-notes",
            "--name-only",
            "--format=%x01%H %P",
        ];
        let settings = [&["log.follow=false", "log.showRoot=true"][..], &SPARING].concat();
        let mut git = self.git_with("log", &settings).buffered().args(words).arg(tip.to_string());
        if let Some(since) = since {
            git = git.arg(format!("^{since}"));
        }
        let roots = roots.iter().map(|root| root.to_os_str_lossy());
        let out = git.arg("--").args(roots).literal_paths().output()?;
        let garbled = || GitError::bad_output("git log", "no commit and its parents");
        let mut found = Vec::new();
        for line in out.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(&[COMMIT])) {
            let mut ids = line.split(|byte| *byte == b' ').filter(|id| !id.is_empty()).map(Oid::from_hex);
            let commit = ids.next().and_then(std::result::Result::ok).ok_or_else(garbled)?;
            found.push((commit, ids.collect::<std::result::Result<_, _>>().map_err(|_| garbled())?));
        }
        Ok(found)
    }

    /// The newest commits on the line of first parents that ends at `tip`, itself among them. One process.
    ///
    /// # Errors
    ///
    /// As [`Repo::bringers`].
    pub fn first_parents(&self, tip: Oid, most: usize) -> Result<Vec<Oid>> {
        let count = format!("--max-count={most}");
        let out = self.git("rev-list").args(["--first-parent", &count, &tip.to_string()]).output()?;
        let lines = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| Oid::from_hex(line).map_err(|_| GitError::bad_output("git rev-list", "no commit"))).collect()
    }
}
