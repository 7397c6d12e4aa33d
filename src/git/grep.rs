//! Lines that match, in the files of a commit: `git grep`.

use bstr::{BString, ByteSlice};

use super::{GitError, Oid, Repo, Result};

/// A line that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLine {
    /// From the top of the repository, with `/`.
    pub path: BString,
    /// From 1.
    pub line: u32,
    /// Without its line feed.
    pub text: BString,
}

impl Repo {
    /// The lines in a commit's text files that match any of these extended regular expressions, by file. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] with what git says.
    pub fn grep(&self, commit: Oid, patterns: &[&str]) -> Result<Vec<FoundLine>> {
        let git = self.git("grep").args(["-z", "-n", "-I", "--no-color", "--full-name", "--no-textconv", "-E"]);
        let git = git.args(["--no-column", "--no-recurse-submodules"]);
        let git = git.args(patterns.iter().flat_map(|pattern| ["-e", pattern]));
        let answer = git.args([&commit.to_string(), "--"]).answer()?;
        match answer.status {
            // Nothing matches.
            Some(1) if answer.stderr.is_empty() => return Ok(Vec::new()),
            Some(0) => {}
            status => {
                return Err(GitError::GitFailed { command: "git grep".to_owned(), stderr: answer.stderr, status });
            }
        }
        let prefix = format!("{commit}:");
        let line = |line: &[u8]| {
            let mut parts = line.splitn(3, |byte| *byte == 0);
            let path = parts.next()?.strip_prefix(prefix.as_bytes())?;
            let number = parts.next()?.to_str().ok()?.parse().ok()?;
            Some(FoundLine { path: path.into(), line: number, text: parts.next()?.into() })
        };
        let lines: Option<Vec<FoundLine>> = answer.stdout.lines().map(line).collect();
        lines.ok_or_else(|| GitError::bad_output("git grep", "a strange line"))
    }
}
