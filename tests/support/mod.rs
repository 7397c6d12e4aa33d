//! Repositories scripted for tests, and the binary run in them as a user would run it.
//!
//! Names, mail addresses and dates are fixed, so that a script gives the same commit ids wherever and whenever it runs.

#![allow(dead_code, reason = "each file of tests needs only a part of it")]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

use std::cell::Cell;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

#[cfg(unix)]
pub mod http;
#[cfg(unix)]
pub mod server;

/// A small specification: three clauses beneath a title, two of them with an id.
pub const AUTH: &str = "\
# Authentication

Who may come in.

## Lockout {#AUTH-1}

The system MUST lock an account after 5 failed attempts within ten minutes.

## Sessions {#AUTH-2}

A session MUST end after 30 minutes without any activity of its user.

## Reset

A reset link SHOULD expire after one hour of its creation.
";

/// A repository in a directory that goes away with it.
pub struct Repo {
    directory: TempDir,
    path: PathBuf,
    clock: Cell<u64>,
}

impl Repo {
    /// An empty one with the branch `main`.
    pub fn new() -> Repo {
        Repo::with(&[]).unwrap()
    }

    /// One with [`AUTH`] as `specs/auth.md`, committed.
    pub fn auth() -> Repo {
        let repo = Repo::new();
        repo.write("specs/auth.md", AUTH);
        repo.commit("Write the specification down");
        repo
    }

    /// One with further options of `git init`; what git said where it doesn't know them.
    pub fn with(options: &[&str]) -> Result<Repo, String> {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path().canonicalize().unwrap();
        let repo = Repo { directory, path: top.join("repo"), clock: Cell::new(1_700_000_000) };
        std::fs::create_dir(&repo.path).unwrap();
        repo.git_in(&repo.path, &[&["init", "-q", "-b", "main"], options].concat())?;
        Ok(repo)
    }

    /// Its top directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A place next to it, for clones and linked worktrees.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.path.with_file_name(name)
    }

    /// Writes a file and the directories above it.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Replaces a text in a file; it has to be there.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path.join(path)).unwrap();
        assert!(text.contains(from), "{path} doesn't hold {from:?}");
        self.write(path, text.replace(from, to));
    }

    /// Commits everything that lies there, even if nothing changed, and gives the full id. Each commit is a day
    /// younger than the one before.
    pub fn commit(&self, message: &str) -> String {
        self.commit_as("A U Thor <author@example.org>", message)
    }

    /// The same by somebody else.
    pub fn commit_as(&self, author: &str, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "--author", author, "-m", message]);
        self.clock.set(self.clock.get() + 86_400);
        self.rev("HEAD")
    }

    /// The full id of a revision.
    pub fn rev(&self, name: &str) -> String {
        self.git(&["rev-parse", "--verify", name])
    }

    /// Runs git here; its output without the last line end.
    pub fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.path, args).unwrap()
    }

    /// Runs git in a directory; on failure what it said.
    pub fn git_in(&self, directory: &Path, args: &[&str]) -> Result<String, String> {
        let mut command = Command::new("git");
        self.seal(&mut command);
        let output = command.current_dir(directory).args(args).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        match output.status.success() {
            true => Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned()),
            false => Err(format!("git {args:?}: {}", String::from_utf8_lossy(&output.stderr))),
        }
    }

    /// `git spec` at the top of the work tree.
    pub fn spec(&self, args: &[impl AsRef<OsStr>]) -> Answer {
        self.spec_in(&self.path, args)
    }

    /// `git spec` in another directory.
    pub fn spec_in(&self, directory: &Path, args: &[impl AsRef<OsStr>]) -> Answer {
        run(self.spec_command(directory).args(args.iter().map(AsRef::as_ref)))
    }

    /// `git spec` about to start, for tests that add to its surroundings.
    pub fn spec_command(&self, directory: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_git-spec"));
        self.seal(&mut command);
        command.current_dir(directory).env("NO_COLOR", "1").env("COLUMNS", "100").env("LC_ALL", "C.UTF-8");
        command
    }

    /// git about to start with this build of `git spec` on its search path, for hooks and editors.
    pub fn git_command(&self, directory: &Path) -> Command {
        let mut command = Command::new("git");
        self.seal(&mut command);
        let tool = Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap();
        let path = format!("{}:{}", tool.display(), std::env::var("PATH").unwrap());
        command.current_dir(directory).env("PATH", path).env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8");
        command
    }

    /// Keeps the user's and the machine's settings out, and fixes who commits and when.
    fn seal(&self, command: &mut Command) {
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        let date = format!("{} +0000", self.clock.get());
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CEILING_DIRECTORIES", self.directory.path())
            .env("GIT_ALLOW_PROTOCOL", "file")
            .env("HOME", self.directory.path())
            .env("TZ", "UTC")
            .env("GIT_AUTHOR_NAME", "A U Thor")
            .env("GIT_AUTHOR_EMAIL", "author@example.org")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_NAME", "C O Mitter")
            .env("GIT_COMMITTER_EMAIL", "committer@example.org")
            .env("GIT_COMMITTER_DATE", &date);
    }
}

/// Runs a command and keeps what it said.
pub fn run(command: &mut Command) -> Answer {
    let output = assert_cmd::Command::from_std(std::mem::replace(command, Command::new("true"))).output().unwrap();
    Answer {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap_or(-1),
    }
}

/// What a run said and how it ended.
#[derive(Debug)]
pub struct Answer {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit status; -1 for a signal.
    pub status: i32,
}

impl Answer {
    /// Standard output of a run that succeeded and complained about nothing.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// Standard error of a run that ended with this status.
    #[track_caller]
    pub fn fails(self, status: i32) -> String {
        assert_eq!(self.status, status, "{self:?}");
        self.stderr
    }

    /// Standard output as JSON, however the run ended.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// The strings at a path of keys below each element of a JSON array; `""` where one is missing or null.
pub fn each<'v>(array: &'v Value, pointer: &str) -> Vec<&'v str> {
    let text = |value: &'v Value| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    array.as_array().unwrap().iter().map(text).collect()
}

/// The changes of a JSON answer as `kind,kind anchor`, the anchor before where there is none after.
pub fn changes(answer: &Value) -> Vec<String> {
    let change = |change: &Value| {
        let kinds: Vec<&str> = change["kinds"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
        let side = if change["clause"].is_null() { &change["was"] } else { &change["clause"] };
        format!("{} {}", kinds.join(","), side["anchor"].as_str().unwrap())
    };
    answer["changes"].as_array().unwrap().iter().map(change).collect()
}

impl Repo {
    /// A clause as HEAD has it, as `ls --json` tells it.
    #[track_caller]
    pub fn listed(&self, anchor: &str) -> Value {
        let listed = self.spec(&["ls", "--json"]).json();
        let clauses = listed["clauses"].as_array().unwrap();
        clauses.iter().find(|clause| clause["anchor"] == anchor).unwrap().clone()
    }

    /// A `Spec:` line for a clause as HEAD has it.
    #[track_caller]
    pub fn spec_line(&self, anchor: &str) -> String {
        let clause = self.listed(anchor);
        let text = |key: &str| clause[key].as_str().unwrap();
        format!("Spec: {}#{anchor}@{} {}", text("path"), &self.rev("HEAD")[..16], text("version"))
    }

    /// Writes code and commits it as generated from clauses as HEAD has them; the full id.
    #[track_caller]
    pub fn generate(&self, path: &str, code: &str, anchors: &[&str]) -> String {
        let lines: Vec<String> = anchors.iter().map(|anchor| self.spec_line(anchor)).collect();
        self.write(path, code);
        self.commit(&format!("Generate {path}\n\n{}", lines.join("\n")))
    }
}
