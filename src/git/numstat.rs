//! How many lines commits added and removed.

use std::io::Write as _;
use std::process::ChildStdin;

use super::process::Stream;
use super::{GitError, Oid, Repo, Result};

/// What a commit did to files, as `git diff --numstat` counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NumStat {
    /// Lines that came.
    pub added: u64,
    /// Lines that went.
    pub removed: u64,
    /// Files that differ, binary ones included.
    pub files: u64,
}

/// A process that counts commit by commit, as it is asked.
pub struct NumStats<'repo> {
    repo: &'repo Repo,
    stream: Stream,
    stdin: ChildStdin,
}

/// What is no object id, `git diff-tree --stdin` writes back as it is, and lets go what it has written.
const END: &[u8] = b"end";

impl Repo {
    /// Starts the process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitMissing`], [`GitError::Io`].
    pub fn numstats(&self) -> Result<NumStats<'_>> {
        let git = self
            .git_with("diff-tree", &["core.quotePath=true"])
            .args(["--stdin", "--root", "-r", "--numstat", "--no-renames", "--no-color", "--no-ext-diff"])
            .args(["--no-textconv", "--ignore-submodules=none", "--no-commit-id"]);
        let (stream, stdin) = git.converse()?;
        Ok(NumStats { repo: self, stream, stdin })
    }
}

impl NumStats<'_> {
    /// What a commit did, of a merge against its first parent.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], [`GitError::GitFailed`], [`GitError::BadOutput`].
    pub fn of(&mut self, commit: Oid) -> Result<NumStat> {
        let parent = self.repo.parents(commit)?.first().map(|parent| format!(" {parent}")).unwrap_or_default();
        let asked = format!("{commit}{parent}\n{}\n", END.escape_ascii());
        self.stdin.write_all(asked.as_bytes()).map_err(|error| GitError::io("git diff-tree", error))?;
        let mut stat = NumStat::default();
        while let Some(line) = self.stream.piece(b'\n')? {
            if line == END {
                return Ok(stat);
            }
            let (added, removed) = counts(&line).ok_or_else(|| self.stream.garbled("a strange count of lines"))?;
            stat.added += added;
            stat.removed += removed;
            stat.files += 1;
        }
        Err(self.stream.garbled("it ends in the middle"))
    }
}

/// `12<TAB>3<TAB>path`; of a binary file both are `-`.
fn counts(line: &[u8]) -> Option<(u64, u64)> {
    let mut words = line.splitn(3, |byte| *byte == b'\t');
    let mut count = || match words.next()? {
        b"-" => Some(0),
        digits => std::str::from_utf8(digits).ok()?.parse().ok(),
    };
    Some((count()?, count()?))
}
