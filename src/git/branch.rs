//! Where we are: the branch, and what it may be compared with.

use super::{GitError, Oid, Repo, Result};

impl Repo {
    /// The branch of HEAD, without `refs/heads/`; none where HEAD is detached. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn current_branch(&self) -> Result<Option<String>> {
        let answer = self.git("symbolic-ref").args(["-q", "--short", "HEAD"]).answer()?;
        match answer.status {
            Some(0) => Ok(Some(String::from_utf8_lossy(&answer.stdout).trim_end().to_owned())),
            Some(1) => Ok(None),
            status => {
                Err(GitError::GitFailed { command: "git symbolic-ref".to_owned(), stderr: answer.stderr, status })
            }
        }
    }

    /// The full name of the reference that a branch follows; none where it follows nothing. No process where nothing is
    /// configured, else one.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn upstream(&self, branch: &str) -> Result<Option<String>> {
        if self.config()?.get(&format!("branch.{branch}.merge")).is_none() {
            return Ok(None);
        }
        let git = self.git("for-each-ref").args(["--format=%(upstream)", "--end-of-options"]);
        let output = git.arg(format!("refs/heads/{branch}")).output()?;
        let name = String::from_utf8_lossy(&output);
        Ok(name.lines().next().filter(|name| !name.is_empty()).map(str::to_owned))
    }

    /// A branch that has a commit, by its short name, and where it ends; none where only other references have it, or
    /// nothing. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn branch_with(&self, commit: Oid) -> Result<Option<(String, Oid)>> {
        let git = self.git("for-each-ref").args(["--format=%(objectname) %(refname:short)", "--count=1", "--contains"]);
        let output = git.args([&commit.to_string(), "refs/heads/"]).output()?;
        let line = String::from_utf8_lossy(&output);
        let Some((tip, name)) = line.trim_end().split_once(' ') else { return Ok(None) };
        let tip =
            Oid::from_hex(tip.as_bytes()).map_err(|_| GitError::bad_output("git for-each-ref", "no object id"))?;
        Ok(Some((name.to_owned(), tip)))
    }

    /// The first of these names that is a commit, by its place. One process for all.
    ///
    /// # Errors
    ///
    /// As [`Repo::look_ahead`].
    pub fn first_commit(&self, names: &[&str]) -> Result<Option<(usize, Oid)>> {
        Ok(self.commits_if_any(names)?.into_iter().enumerate().find_map(|(at, oid)| Some((at, oid?))))
    }
}
