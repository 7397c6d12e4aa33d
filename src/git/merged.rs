//! What a merge of two sides gives: the commits that they began from, and whether their texts fit together.

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

/// Whether the changes that two sides made to a text touch different places of it; said as well where it can't be told.
#[must_use]
pub fn fits(base: &[u8], ours: &[u8], theirs: &[u8]) -> bool {
    // Any call of libgit2's settings makes it ready; merge_file doesn't.
    git2::opts::enable_caching(false);
    let (mut old, mut left, mut right) = (MergeFileInput::new(), MergeFileInput::new(), MergeFileInput::new());
    old.content(base);
    left.content(ours);
    right.content(theirs);
    merge_file(&old, &left, &right, None).map_or(true, |merged| merged.is_automergeable())
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
}
