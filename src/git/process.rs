//! Runs one git process: streams what it says, keeps what it complains about, and never leaves one behind.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::{GitError, Oid, Result};

/// How much of a child's complaints is kept, in bytes: enough for any message a person reads.
const STDERR_LIMIT: u64 = 64 * 1024;

/// A file that holds nothing.
pub(super) const NOTHING: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// How long a dead child's complaints are waited for. A daemon that it left behind may hold the pipe open for ever.
const STDERR_PATIENCE: Duration = Duration::from_secs(1);

/// A git process about to be started.
pub(super) struct Git {
    command: Command,
    name: String,
}

impl Git {
    /// `git <subcommand>` in `dir`, with the settings that every child gets.
    pub(super) fn new(dir: &Path, subcommand: &str) -> Self {
        Self::with_config(dir, subcommand, &[])
    }

    /// The same, with `-c key=value` settings that win over every file.
    pub(super) fn with_config(dir: &Path, subcommand: &str, config: &[&str]) -> Self {
        let mut command = Command::new("git");
        // Replaced objects and grafts, which are older than those, would give commits other parents than they have.
        command.current_dir(dir).env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_GRAFT_FILE", NOTHING);
        // That an empty file of grafts is named is no news for anybody.
        command.args(["--no-optional-locks", "-c", "advice.graftFileDeprecated=false"]);
        if let Some(named) = super::setup::named_place() {
            command.env("GIT_DIR", named);
        }
        if super::receive::fetches_nothing() {
            command.env("GIT_NO_LAZY_FETCH", "1");
        }
        #[cfg(test)]
        super::fixture::seal(&mut command);
        for setting in config {
            command.args(["-c", setting]);
        }
        command.arg(subcommand).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, name: format!("git {subcommand}") }
    }

    pub(super) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(super) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Self {
        self.command.args(args);
        self
    }

    pub(super) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Lets the child see nothing of these variables.
    pub(super) fn without(mut self, keys: &[&str]) -> Self {
        for key in keys {
            self.command.env_remove(key);
        }
        self
    }

    /// Runs it in another directory than it was made for.
    pub(super) fn in_directory(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Makes pathspecs mean what they say, whatever the user's environment holds.
    pub(super) fn literal_paths(mut self) -> Self {
        for other in ["GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"] {
            self.command.env_remove(other);
        }
        self.env("GIT_LITERAL_PATHSPECS", "1")
    }

    /// Starts the process; its standard input stays open for the caller.
    pub(super) fn converse(mut self) -> Result<(Stream, ChildStdin)> {
        self.command.stdin(Stdio::piped());
        let mut stream = self.stream()?;
        let stdin = stream.child.stdin.take();
        match stdin {
            Some(stdin) => Ok((stream, stdin)),
            None => Err(GitError::bad_output(&stream.name, "no standard input")),
        }
    }

    /// Starts the process and feeds it `input` from a thread of its own.
    pub(super) fn feed(self, input: Vec<u8>) -> Result<Stream> {
        let (stream, mut stdin) = self.converse()?;
        // A child that stops reading says why by its exit status.
        thread::spawn(move || drop(stdin.write_all(&input)));
        Ok(stream)
    }

    /// Starts the process.
    pub(super) fn stream(mut self) -> Result<Stream> {
        let mut child = super::children::start(&mut self.command).map_err(|error| self.refused(error))?;
        let missing = || GitError::bad_output(&self.name, "no pipe");
        let out = child.stdout.take().ok_or_else(missing)?;
        let mut complaints = child.stderr.take().ok_or_else(missing)?;
        let (sender, stderr) = channel();
        thread::spawn(move || {
            let mut kept = Vec::new();
            let _ = complaints.by_ref().take(STDERR_LIMIT).read_to_end(&mut kept);
            let _ = std::io::copy(&mut complaints, &mut std::io::sink());
            let _ = sender.send(kept);
        });
        Ok(Stream { child, out: BufReader::with_capacity(64 * 1024, out), stderr, name: self.name, ended: false })
    }

    /// Runs the process to its end, which must be a good one.
    pub(super) fn output(self) -> Result<Vec<u8>> {
        self.stream()?.into_output()
    }

    /// Runs the process to its end, good or bad.
    pub(super) fn answer(self) -> Result<Answer> {
        self.stream()?.into_answer()
    }

    fn refused(&self, error: std::io::Error) -> GitError {
        let dir = self.command.get_current_dir().unwrap_or(Path::new("."));
        match error.kind() {
            ErrorKind::NotFound if dir.is_dir() => GitError::GitMissing,
            _ => GitError::io(dir, error),
        }
    }
}

/// How a process ended.
pub(super) struct Answer {
    /// The exit status; none where a signal ended it.
    pub(super) status: Option<i32>,
    pub(super) stdout: Vec<u8>,
    /// Read only after a failure.
    pub(super) stderr: String,
}

/// A running git process. Dropping it ends it, which is no error: the consumer had enough.
pub(super) struct Stream {
    child: Child,
    out: BufReader<ChildStdout>,
    stderr: Receiver<Vec<u8>>,
    name: String,
    ended: bool,
}

impl Stream {
    /// The next piece of output without its `delimiter`, which must be there; none at the good end of the stream.
    pub(super) fn piece(&mut self, delimiter: u8) -> Result<Option<Vec<u8>>> {
        let mut piece = Vec::new();
        self.out.read_until(delimiter, &mut piece).map_err(|error| GitError::io(&self.name, error))?;
        match piece.pop() {
            Some(last) if last == delimiter => Ok(Some(piece)),
            None => self.finish().map(|()| None),
            Some(_) => {
                self.finish()?;
                Err(self.garbled("it ends in the middle"))
            }
        }
    }

    /// The next `count` pieces of output, each ended by `delimiter`, one behind the other in `bytes` without it; `ends`
    /// says where each ends. `false` at the good end of the stream.
    pub(super) fn pieces(
        &mut self,
        delimiter: u8,
        count: usize,
        bytes: &mut Vec<u8>,
        ends: &mut Vec<usize>,
    ) -> Result<bool> {
        bytes.clear();
        ends.clear();
        while ends.len() < count {
            self.out.read_until(delimiter, bytes).map_err(|error| GitError::io(&self.name, error))?;
            match bytes.last() {
                Some(last) if *last == delimiter && bytes.len() > ends.last().copied().unwrap_or(0) => {
                    bytes.pop();
                    ends.push(bytes.len());
                }
                None if ends.is_empty() => return self.finish().map(|()| false),
                _ => {
                    self.finish()?;
                    return Err(self.garbled("it ends in the middle"));
                }
            }
        }
        Ok(true)
    }

    /// The output, for whoever takes it apart.
    pub(super) fn out(&mut self) -> &mut impl BufRead {
        &mut self.out
    }

    /// Exactly `size` bytes of output.
    pub(super) fn exactly(&mut self, size: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.out.by_ref().take(size).read_to_end(&mut bytes).map_err(|error| GitError::io(&self.name, error))?;
        if bytes.len() as u64 == size {
            return Ok(bytes);
        }
        self.finish()?;
        Err(self.garbled("it ends in the middle"))
    }

    /// All remaining output; the end must be a good one.
    pub(super) fn into_output(mut self) -> Result<Vec<u8>> {
        let bytes = self.read_rest()?;
        self.finish()?;
        Ok(bytes)
    }

    /// Runs to its end, good or bad.
    pub(super) fn into_answer(mut self) -> Result<Answer> {
        let stdout = self.read_rest()?;
        let status = self.wait()?;
        let stderr = if status == Some(0) { String::new() } else { self.complaints() };
        Ok(Answer { status, stdout, stderr })
    }

    /// An error that says that this process was not understood.
    pub(super) fn garbled(&self, problem: &str) -> GitError {
        GitError::bad_output(&self.name, problem)
    }

    fn read_rest(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.out.read_to_end(&mut bytes).map_err(|error| GitError::io(&self.name, error))?;
        Ok(bytes)
    }

    /// Waits for the end after the last byte of output. A process that failed in mid-stream is an error here.
    fn finish(&mut self) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        match self.wait()? {
            Some(0) => Ok(()),
            status => {
                let stderr = self.complaints();
                Err(match missing_commit(&stderr) {
                    Some(oid) => GitError::MissingObject { oid },
                    None => GitError::GitFailed { command: self.name.clone(), stderr, status },
                })
            }
        }
    }

    fn wait(&mut self) -> Result<Option<i32>> {
        let status = super::children::wait(&mut self.child).map_err(|error| GitError::io(&self.name, error))?;
        self.ended = true;
        Ok(status.code())
    }

    fn complaints(&self) -> String {
        let bytes = self.stderr.recv_timeout(STDERR_PATIENCE).unwrap_or_default();
        String::from_utf8_lossy(&bytes).trim_end().to_owned()
    }
}

/// The commit at which a walk ended since it isn't there.
fn missing_commit(complaints: &str) -> Option<Oid> {
    let named = complaints.lines().find_map(|line| line.strip_prefix("error: Could not read "))?;
    Oid::from_hex(named.trim_end().as_bytes()).ok()
}

impl Drop for Stream {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.child.kill();
            let _ = super::children::wait(&mut self.child);
        }
    }
}
