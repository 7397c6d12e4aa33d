//! The messages of commits as they are stored.

use bstr::{BStr, BString, ByteSlice};

use super::process::Stream;
use super::{GitError, Oid, Repo, Result};

/// Which messages.
#[derive(Clone, Debug, Default)]
pub struct MessageQuery {
    /// Revisions, ranges and exclusions (`^A`); none only where `extra` says what to list. One that begins with `-` is refused.
    pub revs: Vec<String>,
    /// Git's own options that choose or order commits (`--all`, `--since`, `--no-merges` …), passed on as they are.
    pub extra: Vec<String>,
    /// Only messages in which `Spec` in any case, then blanks or none, then a colon occurs: a sieve with holes for
    /// everything that could be a link, wherever it stands in its line; and those that say which commit they revert.
    pub grep_spec: bool,
}

/// A commit's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The commit.
    pub commit: Oid,
    /// The bytes behind the header: not re-encoded, NULs included.
    pub bytes: BString,
}

impl Message {
    /// Whether `Spec` in any case, blanks or none, and a colon occur: without them it holds no link.
    #[must_use]
    pub fn names_spec(&self) -> bool {
        names_spec(&self.bytes)
    }

    /// Whether it says, as git does, that it reverts a commit.
    #[must_use]
    pub fn names_revert(&self) -> bool {
        names_revert(&self.bytes)
    }
}

/// An iterator of messages. Dropping it ends its process.
///
/// `git log` re-encodes a message and cuts it at a NUL without saying so, so git only lists the commits here, and the
/// messages are cut from the objects.
pub struct Messages<'repo> {
    repo: &'repo Repo,
    stream: Stream,
    grep_spec: bool,
    ended: bool,
}

impl Repo {
    /// Streams messages, newest first unless `extra` says otherwise. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::UnknownRevision`] for a revision that looks like an option. The iterator yields
    /// [`GitError::GitFailed`] where git fails (also for an unknown revision) and [`GitError::MissingObject`]; then it ends.
    pub fn messages(&self, query: &MessageQuery) -> Result<Messages<'_>> {
        if let Some(name) = query.revs.iter().find(|rev| rev.starts_with('-') || rev.is_empty()) {
            return Err(GitError::UnknownRevision { name: name.clone() });
        }
        let git =
            self.git("rev-list").buffered().args(&query.extra).arg("--end-of-options").args(&query.revs).arg("--");
        Ok(Messages { repo: self, stream: git.stream()?, grep_spec: query.grep_spec, ended: false })
    }

    /// The commits that `tip` reaches and none of `known` does, newest first. One process. Those of `known` that are gone
    /// are passed over.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] where history is broken.
    pub fn commits_since(&self, tip: Oid, known: &[Oid]) -> Result<Vec<Oid>> {
        let known: Vec<String> = known.iter().map(|oid| format!("^{oid}")).collect();
        let git = self.git("rev-list").buffered().args(["--ignore-missing", "--end-of-options"]).arg(tip.to_string());
        oids(git.args(known).arg("--").stream()?)
    }

    /// The newest `count` commits that `tip` reaches and that changed a file, as git simplifies its history: in the first
    /// of them the file is as it is in `tip`. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] where history is broken.
    pub fn commits_of_path(&self, tip: Oid, path: &BStr, count: usize) -> Result<Vec<Oid>> {
        let git = self.git("rev-list").literal_paths().arg(format!("--max-count={count}")).arg("--end-of-options");
        oids(git.arg(tip.to_string()).arg("--").arg(path.to_os_str_lossy()).stream()?)
    }

    /// One commit's message as it is stored.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], [`GitError::BadObject`].
    pub fn message(&self, commit: Oid) -> Result<Message> {
        let raw = self.raw_commit(commit)?;
        // Whoever reads a message mostly asks for the tree too.
        let _ = self.commit(commit, &raw);
        Ok(Message { commit, bytes: behind_header(&raw).into() })
    }
}

impl Messages<'_> {
    fn message(&mut self) -> Result<Option<Message>> {
        while let Some(line) = self.stream.piece(b'\n')? {
            let commit = Oid::from_hex(&line).map_err(|_| GitError::bad_output("git rev-list", "no object id"))?;
            let raw = self.repo.raw_commit(commit)?;
            let bytes = behind_header(&raw);
            if !self.grep_spec || names_spec(bytes) || names_revert(bytes) {
                return Ok(Some(Message { commit, bytes: bytes.into() }));
            }
        }
        Ok(None)
    }
}

impl Iterator for Messages<'_> {
    type Item = Result<Message>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let message = self.message().transpose();
        self.ended = !matches!(message, Some(Ok(_)));
        message
    }
}

/// Ids, one to a line.
fn oids(mut stream: Stream) -> Result<Vec<Oid>> {
    let mut commits = Vec::new();
    while let Some(line) = stream.piece(b'\n')? {
        commits.push(Oid::from_hex(&line).map_err(|_| GitError::bad_output("git rev-list", "no object id"))?);
    }
    Ok(commits)
}

/// A header holds no empty line: continued lines begin with a space.
fn behind_header(commit: &[u8]) -> &[u8] {
    commit.split_once_str("\n\n").map_or(b"", |(_, message)| message)
}

fn names_revert(message: &[u8]) -> bool {
    message.find(b"This reverts commit ").is_some()
}

/// Whether `spec`, blanks or none, and a colon occur.
fn names_spec(message: &[u8]) -> bool {
    message.find_iter(":").any(|colon| {
        let before = message[..colon].trim_end_with(|letter| matches!(letter, ' ' | '\t'));
        before.len() >= 4 && before[before.len() - 4..].eq_ignore_ascii_case(b"spec")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sieve_keeps_whatever_could_be_a_link() {
        for kept in ["Spec: a", "x\n\n    * sPEC \t: b", "> Spec:", "\0Spec: a", "a: b Unspec:"] {
            assert!(names_spec(kept.as_bytes()), "{kept:?}");
        }
        for dropped in ["", "Spec", "spe: x", ":", "Specs: a", "Spec\n: a"] {
            assert!(!names_spec(dropped.as_bytes()), "{dropped:?}");
        }
    }
}
