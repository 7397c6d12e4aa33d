//! Small repositories made by real git, the same on every machine and at any time.

use std::cell::Cell;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bstr::{BStr, ByteSlice};
use tempfile::TempDir;

use super::{Oid, Repo};

/// Keeps the user's and the machine's configuration out of a git process.
pub(super) fn seal(command: &mut Command) {
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
}

/// A repository with a work tree, in a directory that goes away with it.
pub(super) struct Fixture {
    _dir: TempDir,
    path: PathBuf,
    clock: Cell<u32>,
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self::with(&[]).unwrap()
    }

    /// With further options of `git init`; git's complaint where it can't.
    pub(super) fn with(options: &[&str]) -> Result<Self, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().canonicalize().unwrap().join("r");
        let mut args = vec!["init", "-q", "-b", "main", "r"];
        args.splice(1..1, options.iter().copied());
        let fixture = Self { path: dir.path().to_owned(), _dir: dir, clock: Cell::new(0) };
        fixture.attempt(&args, b"")?;
        Ok(Self { path, ..fixture })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A path beside the repository, for clones.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.path.with_file_name(name)
    }

    pub(super) fn repo(&self) -> Repo {
        Repo::discover_in(&self.path).unwrap()
    }

    /// Runs git here; the last line feed of its output is cut off.
    pub(super) fn git(&self, args: &[&str]) -> String {
        self.attempt(args, b"").unwrap()
    }

    /// The same with something on standard input.
    pub(super) fn git_with(&self, args: &[&str], input: &[u8]) -> String {
        self.attempt(args, input).unwrap()
    }

    pub(super) fn write(&self, path: impl AsRef<BStr>, content: impl AsRef<[u8]>) {
        let path = self.path.join(path.as_ref().to_path().unwrap());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Commits everything, even if it is nothing.
    pub(super) fn commit(&self, message: &str) -> Oid {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.oid("HEAD")
    }

    pub(super) fn oid(&self, name: &str) -> Oid {
        self.git(&["rev-parse", "--verify", name]).parse().unwrap()
    }

    fn attempt(&self, args: &[&str], input: &[u8]) -> Result<String, String> {
        let now = self.clock.get();
        self.clock.set(now + 1);
        let date = format!("{} +0100", 1_700_000_000 + now);
        let mut command = Command::new("git");
        seal(&mut command);
        for key in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
            command.env_remove(key);
        }
        command.current_dir(&self.path).args(["-c", "protocol.file.allow=always", "-c", "advice.diverging=false"]);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A U Thor").env(format!("GIT_{who}_EMAIL"), "a@example.org");
            command.env(format!("GIT_{who}_DATE"), &date);
        }
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            return Ok(stdout.strip_suffix('\n').unwrap_or(&stdout).to_owned());
        }
        Err(format!("git {args:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}
