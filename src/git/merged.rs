//! What a merge of two sides gives: the commits that they began from, and whether their texts fit together.

use git2::{MergeFileInput, MergeFileOptions, merge_file};

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
    merge(base, ours, theirs).is_none_or(|merged| merged.is_some())
}

/// The text with the changes of both sides; none where they don't fit together, or it can't be told.
#[must_use]
pub fn merged(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    merge(base, ours, theirs).flatten()
}

/// A line before each text: git2 must not be asked for a content that is empty, for it makes a slice of a null pointer. A NUL in it would make all texts binary.
const FIRST: &[u8] = b"git-spec: before the first line\n";

/// How lines are compared, and how much of what lies around it a conflict takes in: whoever had to decide has seen one of
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Lines that are there once are found first (`--diff-algorithm=patience`).
    pub patience: bool,
    /// What both sides have in the same way at a border of a conflict belongs to it (`merge.conflictStyle=diff3`).
    pub whole: bool,
}

/// The text with the changes of both sides where they don't fit together: a conflict begins with a line of `marker` signs
/// `<`, as git writes it. None where all fits, or it can't be told.
///
/// No line of the texts may begin with as many of `<`, `|`, `=` or `>`: see [`Manner`] for the rest.
#[must_use]
pub fn conflicting(base: &[u8], ours: &[u8], theirs: &[u8], manner: Manner, marker: u16) -> Option<Vec<u8>> {
    // Of what is no text there are no places in conflict, and libgit2 gives no content that git2 could take.
    if [base, ours, theirs].iter().any(|text| text.contains(&0)) {
        return None;
    }
    let mut options = MergeFileOptions::new();
    options.marker_size(marker).patience(manner.patience).style_diff3(manner.whole).style_standard(!manner.whole);
    merge_as(base, ours, theirs, Some(&mut options)).filter(|(fits, _)| !fits).map(|(_, text)| text)
}

/// What libgit2 makes of it: nothing where it fails, `Some(None)` for a conflict.
fn merge(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Option<Vec<u8>>> {
    merge_as(base, ours, theirs, None).map(|(fits, text)| fits.then_some(text))
}

/// Whether all fits, and what comes of it.
fn merge_as(
    base: &[u8],
    ours: &[u8],
    theirs: &[u8],
    options: Option<&mut MergeFileOptions>,
) -> Option<(bool, Vec<u8>)> {
    // Any call of libgit2's settings makes it ready; merge_file doesn't.
    git2::opts::enable_caching(false);
    let wanted = options.is_some();
    let [base, ours, theirs] = [base, ours, theirs].map(|text| [FIRST, text].concat());
    let (mut old, mut left, mut right) = (MergeFileInput::new(), MergeFileInput::new(), MergeFileInput::new());
    old.content(&base);
    left.content(&ours);
    right.content(&theirs);
    let merged = merge_file(&old, &left, &right, options).ok()?;
    let fits = merged.is_automergeable();
    if !fits && !wanted {
        return Some((false, Vec::new()));
    }
    Some((fits, merged.content().strip_prefix(FIRST)?.to_vec()))
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
