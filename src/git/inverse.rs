//! Whether one change undoes another, by what they do to files.

use std::collections::{BTreeMap, HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::{FileChange, GitError, Oid, Repo, Result};

/// What a commit did, seen from a parent; from nothing where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// The commit.
    pub commit: Oid,
    /// One of its parents.
    pub parent: Option<Oid>,
}

impl Repo {
    /// Of each pair, whether the first change takes out what the second put in and puts in what that took out, white
    /// space, modes and binary content included; where in its file a line stands doesn't matter. A change of nothing
    /// undoes nothing.
    ///
    /// Where both meet the same files, their trees tell. Else two processes compare the lines, however many pairs there
    /// are.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], [`GitError::BadObject`], [`GitError::GitFailed`], [`GitError::BadOutput`].
    pub fn are_inverse(&self, pairs: &[(Change, Change)]) -> Result<Vec<bool>> {
        let mut inverse = Vec::with_capacity(pairs.len());
        let mut open: Vec<usize> = Vec::new();
        for (at, (first, second)) in pairs.iter().enumerate() {
            let (first, second) = (self.files_of(first)?, self.files_of(second)?);
            let same_files = first.len() == second.len() && first.iter().zip(&second).all(|(a, b)| a.path == b.path);
            inverse.push(same_files && !first.is_empty() && first.iter().zip(&second).all(|(a, b)| undoes(a, b)));
            if same_files && !inverse[at] && !first.is_empty() {
                open.push(at);
            }
        }
        if open.is_empty() {
            return Ok(inverse);
        }
        let undoing = self.digests(open.iter().map(|&at| pairs[at].0), false)?;
        let undone = self.digests(open.iter().map(|&at| pairs[at].1), true)?;
        for at in open {
            let (first, second) = (undoing.get(&pairs[at].0), undone.get(&pairs[at].1));
            inverse[at] = first.is_some() && first == second;
        }
        Ok(inverse)
    }

    /// Whether a change takes each file back through all of these, the newest first, and does nothing else.
    ///
    /// # Errors
    ///
    /// As [`Repo::are_inverse`].
    pub fn undoes_all(&self, change: &Change, targets: &[Change]) -> Result<bool> {
        // Of each file: how far it was taken back, and where it has to end.
        let own = self.files_of(change)?.into_iter().map(|file| (file.path, (file.old, file.new, false)));
        let mut files: BTreeMap<_, _> = own.collect();
        for target in targets {
            for file in self.files_of(target)? {
                let (now, _, met) = files.entry(file.path).or_insert((file.new, file.new, true));
                if *now != file.new {
                    return Ok(false);
                }
                (*now, *met) = (file.old, true);
            }
        }
        Ok(!files.is_empty() && files.values().all(|(now, end, met)| now == end && *met))
    }

    fn files_of(&self, change: &Change) -> Result<Vec<FileChange>> {
        let mut files = self.tree_changes(change.parent, Some(change.commit), &[])?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// A digest of the lines of each change, of its inverse if `reversed`. A commit that comes with several parents gets
    /// one for the first of them only: git doesn't say which parent it compares with.
    fn digests(&self, changes: impl Iterator<Item = Change>, reversed: bool) -> Result<HashMap<Change, [u8; 32]>> {
        let mut seen = HashSet::new();
        let changes: Vec<Change> = changes.filter(|change| seen.insert(change.commit)).collect();
        let line = |change: &Change| match change.parent {
            Some(parent) => format!("{} {parent}\n", change.commit),
            None => format!("{}\n", change.commit),
        };
        let input: String = changes.iter().map(line).collect();
        let git = self
            .git_with("diff-tree", &["core.quotePath=true"])
            .args(["--stdin", "--root", "-r", "-p", "-U0", "--full-index", "--no-renames", "--no-prefix"])
            .args(["--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--submodule=short"])
            .args(["--diff-algorithm=default", "--no-indent-heuristic"])
            .args(reversed.then_some("-R"));
        let mut stream = git.feed(input.into_bytes())?;
        let mut patch = Patch::default();
        while let Some(line) = stream.piece(b'\n')? {
            patch.line(&line).ok_or_else(|| GitError::bad_output("git diff-tree", "a strange line"))?;
        }
        let digests = patch.end();
        Ok(changes.into_iter().filter_map(|change| Some((change, *digests.get(&change.commit)?))).collect())
    }
}

fn undoes(first: &FileChange, second: &FileChange) -> bool {
    first.path == second.path && first.old == second.new && first.new == second.old
}

/// Reads patches line by line, and keeps a digest of each.
#[derive(Default)]
struct Patch {
    digests: HashMap<Oid, [u8; 32]>,
    commit: Option<Oid>,
    hash: Sha256,
    /// Lines of the hunk that are still to come: taken out, put in.
    left: (u64, u64),
    /// The ids of the file's contents, which count where git shows no lines.
    ids: Vec<u8>,
}

impl Patch {
    /// None for a line that has no place in a patch.
    fn line(&mut self, line: &[u8]) -> Option<()> {
        let left = match line.first() {
            Some(b'-') if self.left.0 > 0 => &mut self.left.0,
            Some(b'+') if self.left.1 > 0 => &mut self.left.1,
            _ => return self.outside(line),
        };
        *left -= 1;
        self.add(line);
        Some(())
    }

    /// A line that is no line of a file.
    fn outside(&mut self, line: &[u8]) -> Option<()> {
        if let Ok(commit) = Oid::from_hex(line) {
            self.close();
            self.commit = Some(commit);
        } else if line.starts_with(b"@@ ") {
            self.left = counts(line)?;
            self.add(b"@@");
        } else if let Some(ids) = line.strip_prefix(b"index ") {
            let mut words = ids.split(|byte| *byte == b' ');
            self.ids = words.next()?.to_vec();
            words.for_each(|mode| self.add(mode));
        } else if line.starts_with(b"Binary files ") {
            let ids = std::mem::take(&mut self.ids);
            self.add(&ids);
        } else if !line.starts_with(b"--- ") && !line.starts_with(b"+++ ") {
            // `diff --git`, modes, and "\ No newline at end of file".
            self.add(line);
        }
        Some(())
    }

    fn add(&mut self, line: &[u8]) {
        self.hash.update((line.len() as u64).to_le_bytes());
        self.hash.update(line);
    }

    fn close(&mut self) {
        let hash = std::mem::take(&mut self.hash).finalize();
        if let Some(commit) = self.commit.take() {
            self.digests.insert(commit, hash.into());
        }
        self.left = (0, 0);
    }

    fn end(mut self) -> HashMap<Oid, [u8; 32]> {
        self.close();
        self.digests
    }
}

/// `@@ -1,2 +3 @@`: two lines out, one in.
fn counts(head: &[u8]) -> Option<(u64, u64)> {
    let mut words = std::str::from_utf8(head.get(..head.len().min(80))?).ok().or_else(|| ascii(head))?.split(' ');
    let mut count = |sign: char| -> Option<u64> {
        let word = words.find(|word| word.starts_with(sign))?;
        word.split_once(',').map_or(Some(1), |(_, count)| count.parse().ok())
    };
    Some((count('-')?, count('+')?))
}

/// The part before the name of a function, which may be cut in the middle of a letter.
fn ascii(head: &[u8]) -> Option<&str> {
    let end = head.iter().position(|byte| !byte.is_ascii()).unwrap_or(head.len());
    std::str::from_utf8(&head[..end]).ok()
}
