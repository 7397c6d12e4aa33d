//! One long-lived `git cat-file --batch`, for what git2 cannot find: git fetches lazily, and knows every kind of store.

use std::io::Write;
use std::process::ChildStdin;

use bstr::ByteSlice;

use super::objects::Kind;
use super::process::{Git, Stream};
use super::{GitError, Oid, Result};

/// The running process. Each question is answered before the next is put, so neither side can block the other.
pub(super) struct CatFile {
    stream: Stream,
    questions: ChildStdin,
}

impl CatFile {
    /// Takes `git cat-file` and starts it.
    pub(super) fn start(git: Git) -> Result<Self> {
        let (stream, questions) = git.arg("--batch").converse()?;
        Ok(Self { stream, questions })
    }

    /// The object, or none where git hasn't got it either. After an error the process is of no more use.
    pub(super) fn read(&mut self, oid: Oid) -> Result<Option<(Kind, Vec<u8>)>> {
        // A process that died says why when it is read from.
        let _ = writeln!(self.questions, "{oid}").and_then(|()| self.questions.flush());
        let Some(head) = self.stream.piece(b'\n')? else {
            return Err(self.stream.garbled("it ends too early"));
        };
        if head.ends_with(b" missing") {
            return Ok(None);
        }
        let (kind, size) = self.parse(&head)?;
        let content = self.stream.exactly(size)?;
        self.stream.exactly(1)?;
        Ok(Some((kind, content)))
    }

    fn parse(&self, head: &[u8]) -> Result<(Kind, u64), GitError> {
        let words: Vec<&[u8]> = head.split(|byte| *byte == b' ').collect();
        let [_, kind, size] = words[..] else {
            return Err(self.stream.garbled("a strange header"));
        };
        let size = size.to_str().ok().and_then(|digits| digits.parse().ok());
        match (Kind::from_word(kind), size) {
            (Some(kind), Some(size)) => Ok((kind, size)),
            _ => Err(self.stream.garbled("a strange header")),
        }
    }
}
