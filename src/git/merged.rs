//! What a merge of two sides gives: the commits that they began from, and whether their texts fit together.

use bstr::{BString, ByteSlice};
use git2::{MergeFileInput, merge_file};

use super::{GitError, Oid, Repo, Result};

impl Repo {
    /// The best common ancestors of two commits (git-merge-base(1)); several in a criss-cross, none without common history.
    /// One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`], for example where an object is missing.
    pub fn merge_bases(&self, left: Oid, right: Oid) -> Result<Vec<Oid>> {
        let answer = self.git("merge-base").args(["--all", &left.to_string(), &right.to_string()]).answer()?;
        match answer.status {
            Some(0 | 1) => {
                let lines = answer.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
                let oid =
                    |line| Oid::from_hex(line).map_err(|_| GitError::bad_output("git merge-base", "no object id"));
                lines.map(oid).collect()
            }
            status => Err(GitError::GitFailed { command: "git merge-base".to_owned(), stderr: answer.stderr, status }),
        }
    }
}

impl Repo {
    /// The commits behind one side and not behind the other that change a path, newest first and at most so many, and
    /// whether each is a merge. No side is passed over for being like another. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`], [`GitError::BadOutput`].
    pub fn touching(&self, side: Oid, other: Oid, path: &BString, most: usize) -> Result<Vec<(Oid, bool)>> {
        let git = self.git("rev-list").literal_paths();
        let git = git.args(["--full-history", "--no-commit-header", "--format=%H %P", &format!("--max-count={most}")]);
        let list = git.arg(side.to_string()).arg(format!("^{other}")).arg("--").arg(path.to_os_str_lossy()).output()?;
        let lines = list.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let commit = |line: &[u8]| {
            let mut ids = line.split(|byte| *byte == b' ');
            let oid = ids.next().and_then(|id| Oid::from_hex(id).ok());
            let oid = oid.ok_or_else(|| GitError::bad_output("git rev-list", "no object id"))?;
            Ok((oid, ids.filter(|id| !id.is_empty()).count() > 1))
        };
        lines.map(commit).collect()
    }
}

/// Whether the changes that two sides made to a text touch different places of it; said as well where it can't be told.
#[must_use]
pub fn fits(base: &[u8], ours: &[u8], theirs: &[u8]) -> bool {
    merge(base, ours, theirs).is_none_or(|merged| merged.is_some())
}

/// The text with the changes of both sides; none where they don't fit together, or it can't be told.
#[must_use]
pub fn merged(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    merge(base, ours, theirs).flatten()
}

/// A line before each text: git2 must not be asked for a content that is empty, for it makes a slice of a null pointer. A NUL in it would make all texts binary.
const FIRST: &[u8] = b"git-spec: before the first line\n";

/// What libgit2 makes of it: nothing where it fails, `Some(None)` for a conflict.
fn merge(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Option<Vec<u8>>> {
    // Any call of libgit2's settings makes it ready; merge_file doesn't.
    git2::opts::enable_caching(false);
    let [base, ours, theirs] = [base, ours, theirs].map(|text| [FIRST, text].concat());
    let (mut old, mut left, mut right) = (MergeFileInput::new(), MergeFileInput::new(), MergeFileInput::new());
    old.content(&base);
    left.content(&ours);
    right.content(&theirs);
    let merged = merge_file(&old, &left, &right, None).ok()?;
    Some(if merged.is_automergeable() { merged.content().strip_prefix(FIRST).map(<[u8]>::to_vec) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_the_same_lines_do_not_fit() {
        assert!(fits(b"a\nb\nc\nd\ne\n", b"A\nb\nc\nd\ne\n", b"a\nb\nc\nd\nE\n"));
        assert!(!fits(b"a\nb\n", b"A\nb\n", b"X\nb\n"));
        assert!(!fits(b"", b"a\n", b"b\n"));
        assert!(fits(b"", b"", b""));
    }

    #[test]
    fn both_sides_changes_come_together() {
        assert_eq!(merged(b"a\nb\nc\nd\ne\n", b"A\nb\nc\nd\ne\n", b"a\nb\nc\nd\nE\n").unwrap(), b"A\nb\nc\nd\nE\n");
        assert_eq!(merged(b"a\n", b"a\n", b"").unwrap(), b"");
        assert_eq!(merged(b"", b"", b"").unwrap(), b"");
        assert_eq!(merged(b"a", b"a", b"b").unwrap(), b"b");
        assert!(merged(b"a\n", b"b\n", b"c\n").is_none());
    }
}
