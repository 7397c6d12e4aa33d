//! `git commit` itself: started in the place of this process or beside it, and the editor that it would start.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use super::process::Git;
use super::{GitError, Repo, Result};

/// What the tool gives `git commit` beside a person's own words.
#[derive(Clone, Debug, Default)]
pub struct CommitCall {
    /// Settings that win over every file, `key=value`.
    pub settings: Vec<String>,
    /// The words behind `git commit`.
    pub words: Vec<OsString>,
    /// Variables of its environment.
    pub variables: Vec<(&'static str, OsString)>,
}

impl CommitCall {
    /// In the directory where the person stands, with all that they have set: it is their commit.
    fn command(&self) -> Command {
        let mut command = Command::new("git");
        for setting in &self.settings {
            command.arg("-c").arg(setting);
        }
        command.arg("commit").args(&self.words);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Becomes `git commit`: its status, its signals and its terminal are then those of this process. Returns only with
    /// the reason why it could not start, and where there is no such thing with the status.
    ///
    /// # Errors
    ///
    /// [`GitError::GitMissing`].
    pub fn become_it(&self) -> Result<ExitStatus> {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            Err(refused(self.command().exec()))
        }
        #[cfg(not(unix))]
        self.command().status().map_err(refused)
    }

    /// Runs `git commit`, with what it prints sent to `output`, and waits.
    ///
    /// # Errors
    ///
    /// [`GitError::GitMissing`].
    pub fn run_aside(&self, output: Stdio) -> Result<ExitStatus> {
        self.command().stdout(output).status().map_err(refused)
    }
}

fn refused(error: std::io::Error) -> GitError {
    match error.kind() {
        std::io::ErrorKind::NotFound => GitError::GitMissing,
        _ => GitError::io("git", error),
    }
}

impl Repo {
    /// The editor that git would start, a shell command; none where git would refuse to start one. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitMissing`].
    pub fn editor(&self) -> Result<Option<String>> {
        let answer = self.git("var").arg("GIT_EDITOR").answer()?;
        let name = String::from_utf8_lossy(&answer.stdout).trim_end_matches('\n').to_owned();
        Ok((answer.status == Some(0)).then_some(name))
    }
}

/// Runs an editor as git does (editor.c, `launch_specified_editor`): by the shell, with the file behind its words.
///
/// # Errors
///
/// [`GitError::Io`] where there is no shell.
pub fn run_editor(editor: &str, file: &Path, original: Option<&OsString>, hidden: &str) -> Result<ExitStatus> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{editor} \"$@\"")).arg(editor).arg(file).env_remove(hidden);
    match original {
        Some(value) => shell.env("GIT_EDITOR", value),
        None => shell.env_remove("GIT_EDITOR"),
    };
    shell.status().map_err(|error| GitError::io("sh", error))
}

/// Git's version as two numbers, as `git version` prints it; (0, 0) where it can't be read. One process.
///
/// # Errors
///
/// [`GitError::GitMissing`].
pub fn git_version() -> Result<(u32, u32)> {
    let text = Git::new(Path::new("."), "version").output()?;
    let text = String::from_utf8_lossy(&text);
    let number = text.trim().trim_start_matches("git version ");
    let mut parts = number.split(|c: char| !c.is_ascii_digit());
    let mut next = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    Ok((next(), next()))
}
