//! What a person is in the middle of: the branch and what is recorded for it, and an operation that git has begun.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::{GitError, Oid, Repo, Result};

/// The key below `branch.<name>` that says what is being generated there.
const KEY: &str = "spec";
/// The same for a HEAD without a branch, in the worktree's own git directory.
const DETACHED: &str = "spec-started";
/// A longer file is somebody else's.
const DETACHED_LIMIT: u64 = 1 << 20;
/// Where a rebase keeps its state: what was made where it met conflicts.
const RESOLVED: &str = "spec-resolved";
/// How often, and how long after one another, a configuration is tried that another process holds.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(25);
/// How long another process is waited for that changes what is under way.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds that a commit may take from its date to its message, unless a person writes that.
const MOMENT: u64 = 2;

/// What git is in the middle of in this worktree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `git merge`.
    Merge,
    /// `git merge --squash`, not committed yet.
    Squash,
    /// `git cherry-pick`.
    CherryPick,
    /// `git revert`.
    Revert,
    /// `git rebase` or `git am`.
    Rebase,
}

/// What a rebase has picked.
#[derive(Debug)]
pub struct Picked {
    /// The commit that it builds on.
    pub onto: Option<Oid>,
    /// The commits that were to become commits of their own.
    pub picks: HashSet<Oid>,
}

/// What is under way, held so that no other process changes it.
#[derive(Debug)]
pub struct StartedLock(PathBuf);

impl Drop for StartedLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Repo {
    /// Holds what is under way, in all worktrees, until the lock is dropped; waits for another process that does, for a while.
    ///
    /// # Errors
    ///
    /// [`GitError::Locked`], [`GitError::Unwritable`].
    pub fn lock_started(&self) -> Result<StartedLock> {
        let path = self.common_dir().join(format!("{DETACHED}.lock"));
        let begun = std::time::Instant::now();
        loop {
            match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(_) => return Ok(StartedLock(path)),
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(GitError::unwritable(path, error));
                }
                Err(_) if begun.elapsed() > PATIENCE => return Err(GitError::Locked { path }),
                Err(_) => std::thread::sleep(LOCK_PAUSE),
            }
        }
    }

    /// The branch that HEAD names, also one without commits; none on a detached HEAD.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn head_branch(&self) -> Result<Option<BString>> {
        let answer = self.git("symbolic-ref").args(["-q", "HEAD"]).answer()?;
        match answer.status {
            Some(0) => {
                let name = answer.stdout.trim_end();
                Ok(Some(name.strip_prefix(b"refs/heads/").unwrap_or(name).into()))
            }
            Some(1) => Ok(None),
            status => {
                Err(GitError::GitFailed { command: "git symbolic-ref".to_owned(), stderr: answer.stderr, status })
            }
        }
    }

    /// The values recorded for a branch, oldest first. Only the repository's own configuration counts.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] where the configuration is broken.
    pub fn branch_values(&self, branch: &BStr) -> Result<Vec<BString>> {
        let git = self.git("config").args(["--local", "-z", "--get-all"]).arg(key(branch));
        let answer = git.answer()?;
        match answer.status {
            Some(0) => {
                Ok(answer.stdout.split(|byte| *byte == 0).filter(|v| !v.is_empty()).map(BString::from).collect())
            }
            Some(1) => Ok(Vec::new()),
            status => Err(GitError::GitFailed { command: "git config".to_owned(), stderr: answer.stderr, status }),
        }
    }

    /// Makes the values recorded for a branch these. Each step is git's own and leaves a whole file.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`], also where another process holds the configuration for long.
    pub fn set_branch_values(&self, branch: &BStr, values: &[BString]) -> Result<()> {
        let old = self.branch_values(branch)?;
        for value in values.iter().filter(|value| !old.contains(value)) {
            self.configure(&["--add".into(), key(branch), os(value)])?;
        }
        if values.is_empty() && !old.is_empty() {
            return self.configure(&["--unset-all".into(), key(branch)]);
        }
        for value in old.iter().filter(|value| !values.contains(value)) {
            self.configure(&["--fixed-value".into(), "--unset-all".into(), key(branch), os(value)])?;
        }
        Ok(())
    }

    /// Sets, in the repository's own configuration, a key to one value; `None` takes its whole section away.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn set_config(&self, key: &str, value: Option<&str>) -> Result<()> {
        match value {
            Some(value) => self.configure(&["--replace-all".into(), key.into(), value.into()]),
            None => self.configure(&["--remove-section".into(), key.into()]),
        }
    }

    /// A value of the repository's own configuration.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn local_config(&self, key: &str) -> Result<Option<BString>> {
        let answer = self.git("config").args(["--local", "-z", "--get", key]).answer()?;
        Ok((answer.status == Some(0)).then(|| answer.stdout.strip_suffix(b"\0").unwrap_or(&answer.stdout).into()))
    }

    fn configure(&self, args: &[OsString]) -> Result<()> {
        let mut tries = 0;
        loop {
            let answer = self.git("config").arg("--local").args(args).answer()?;
            match answer.status {
                Some(0) => return Ok(()),
                // git-config(1) has no status for it; the lock is another process that is done in a moment.
                _ if answer.stderr.contains("File exists") && tries < LOCK_TRIES => {
                    tries += 1;
                    std::thread::sleep(LOCK_PAUSE);
                }
                status => {
                    let command = "git config".to_owned();
                    return Err(GitError::GitFailed { command, stderr: answer.stderr, status });
                }
            }
        }
    }

    /// What is recorded for a HEAD without a branch: the commit at which it was, and the values.
    ///
    /// # Errors
    ///
    /// [`GitError::Io`] where the file is there and cannot be read.
    pub fn detached_values(&self) -> Result<Option<(Oid, Vec<BString>)>> {
        let path = self.git_dir().join(DETACHED);
        let size = match path.symlink_metadata() {
            Ok(facts) if facts.is_file() => facts.len(),
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(GitError::io(path, error)),
        };
        if size > DETACHED_LIMIT {
            return Ok(None);
        }
        let bytes = std::fs::read(&path).map_err(|error| GitError::io(&path, error))?;
        let mut lines = bytes.lines();
        let at = lines.next().and_then(|line| Oid::from_hex(line.strip_prefix(b"at ")?).ok());
        Ok(at.map(|at| (at, lines.filter(|line| !line.is_empty()).map(BString::from).collect())))
    }

    /// Records values for a HEAD without a branch; without values the file goes.
    ///
    /// # Errors
    ///
    /// [`GitError::Unwritable`].
    pub fn set_detached_values(&self, at: Oid, values: &[BString]) -> Result<()> {
        let path = self.git_dir().join(DETACHED);
        if values.is_empty() {
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(GitError::unwritable(path, error)),
                _ => Ok(()),
            };
        }
        let mut text = format!("at {at}\n").into_bytes();
        for value in values {
            text.extend_from_slice(value);
            text.push(b'\n');
        }
        // Beside the target and renamed over it, so that a killed process leaves the old file whole.
        let beside = self.git_dir().join(format!("{DETACHED}.{}.tmp", std::process::id()));
        let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, &path));
        written.map_err(|error| {
            let _ = std::fs::remove_file(&beside);
            GitError::unwritable(path, error)
        })
    }

    /// Whether `ancestor` is `commit` or behind it. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`], for example where an object is missing.
    pub fn is_behind(&self, ancestor: Oid, commit: Oid) -> Result<bool> {
        let (ancestor, commit) = (ancestor.to_string(), commit.to_string());
        let answer = self.git("merge-base").args(["--is-ancestor", &ancestor, &commit]).answer()?;
        match answer.status {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            status => Err(GitError::GitFailed { command: "git merge-base".to_owned(), stderr: answer.stderr, status }),
        }
    }

    /// What git is in the middle of here, by the files that gitrepository-layout(5) and wt-status.c know.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        let is = |name: &str| self.git_dir().join(name).exists();
        if is("rebase-merge") || is("rebase-apply") {
            Some(Operation::Rebase)
        } else if is("CHERRY_PICK_HEAD") {
            Some(Operation::CherryPick)
        } else if is("REVERT_HEAD") {
            Some(Operation::Revert)
        } else if is("MERGE_HEAD") {
            Some(Operation::Merge)
        } else if is("sequencer") {
            Some(Operation::CherryPick)
        } else {
            is("SQUASH_MSG").then_some(Operation::Squash)
        }
    }

    /// The commits that a rebase is joining into one, in their order; none where it isn't doing so.
    #[must_use]
    pub fn joined_by_rebase(&self) -> Vec<Oid> {
        let done = std::fs::read(self.git_dir().join("rebase-merge/done")).unwrap_or_default();
        let mut chain = Vec::new();
        for line in done.lines() {
            let mut words = line.fields();
            let begins = match words.next() {
                Some(b"pick" | b"p" | b"reword" | b"r" | b"edit" | b"e" | b"merge" | b"m") => true,
                Some(b"squash" | b"s" | b"fixup" | b"f") => false,
                _ => continue,
            };
            if begins {
                chain.clear();
            }
            // An option such as -C may stand before the id, which git writes in full.
            chain.extend(words.find_map(|word| Oid::from_hex(word).ok()));
        }
        if chain.len() > 1 { chain } else { Vec::new() }
    }

    /// What git tells a post-rewrite hook, from where it keeps it while the hook runs: for programs that call the hook without
    /// its input. Empty where there is nothing.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn rewritten_now(&self, amends: bool) -> Result<Vec<u8>> {
        if !amends {
            let lists = ["rebase-merge/rewritten-list", "rebase-apply/rewritten"];
            return Ok(lists.iter().find_map(|list| std::fs::read(self.git_dir().join(list)).ok()).unwrap_or_default());
        }
        // Two entries of the reflog: the amendment, and where HEAD was before.
        let git = self.git("log").args(["-g", "-2", "--no-show-signature", "--format=%H %gs", "HEAD", "--"]);
        let answer = git.answer()?;
        let mut lines = answer.stdout.lines().map(|line| line.split_once_str(" ").unwrap_or((line, b"")));
        Ok(match (lines.next(), lines.next()) {
            (Some((new, says)), Some((old, _))) if says.starts_with(b"commit (amend)") => {
                [old, b" ", new, b"\n"].concat()
            }
            _ => Vec::new(),
        })
    }

    /// Where what an amendment within a rebase made of a commit is kept until git tells of the rebase; the directory goes
    /// with it. None where no such rebase is under way.
    #[must_use]
    pub fn amended_in_rebase(&self) -> Option<PathBuf> {
        let directory = self.git_dir().join("rebase-merge");
        directory.is_dir().then(|| directory.join("spec-amended"))
    }

    /// Keeps, where a rebase has stopped for a conflict, at which commit, and what HEAD is before the first commit that is made
    /// there: Git keeps neither until it tells of the rebase. At a stop for an edit nothing is kept (sequencer.c,
    /// `intend_to_amend`).
    pub fn keep_resolved(&self) {
        let directory = self.git_dir().join("rebase-merge");
        let Ok(stopped) = std::fs::read(directory.join("stopped-sha")) else { return };
        let Some(stopped) = Oid::from_hex(stopped.trim()).ok().filter(|_| !directory.join("amend").exists()) else {
            return;
        };
        let known = self.resolved_in_rebase().iter().any(|(known, _)| *known == stopped);
        if let Ok(Some(head)) = self.head()
            && !known
        {
            let path = directory.join(RESOLVED);
            let mut lines = std::fs::read(&path).unwrap_or_default();
            lines.extend_from_slice(format!("{stopped} {head}\n").as_bytes());
            // Without it notes stay where they are.
            let _ = std::fs::write(path, lines);
        }
    }

    /// What [`Repo::keep_resolved`] kept: the commits, each with what HEAD was.
    #[must_use]
    pub fn resolved_in_rebase(&self) -> Vec<(Oid, Oid)> {
        let lines = std::fs::read(self.git_dir().join("rebase-merge").join(RESOLVED)).unwrap_or_default();
        let pair = |line: &[u8]| {
            let (stopped, head) = line.split_once_str(" ")?;
            Some((Oid::from_hex(stopped).ok()?, Oid::from_hex(head).ok()?))
        };
        lines.lines().filter_map(pair).collect()
    }

    /// The message that git has prepared for a merge, a revert or a cherry-pick; none where there is none.
    #[must_use]
    pub fn prepared_message(&self) -> Option<Vec<u8>> {
        std::fs::read(self.git_dir().join("MERGE_MSG")).ok()
    }

    /// Where this repository's hooks are, absolute, as core.hooksPath and worktrees have it. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn hooks_dir(&self) -> Result<PathBuf> {
        let path = self.git("rev-parse").args(["--path-format=absolute", "--git-path", "hooks"]).output()?;
        Ok(path.strip_suffix(b"\n").unwrap_or(&path).to_path_lossy().into_owned())
    }

    /// The message that git has prepared for a squash.
    #[must_use]
    pub fn squash_path(&self) -> PathBuf {
        self.git_dir().join("SQUASH_MSG")
    }

    /// Whether the commit that git is making has an author's date that it did not take from the clock: one of another moment,
    /// where no surroundings set the dates.
    #[must_use]
    pub fn is_dated_long_ago(&self) -> bool {
        let date = std::env::var("GIT_AUTHOR_DATE").unwrap_or_default();
        let seconds = date.trim_start_matches('@').split(' ').next().and_then(|text| text.parse::<u64>().ok());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs());
        std::env::var_os("GIT_COMMITTER_DATE").is_none()
            && seconds.is_some_and(|then| then.saturating_add(MOMENT) < now)
    }

    /// What a rebase whose commits are told of just now has picked; none where it isn't one that keeps a list.
    #[must_use]
    pub fn picked_by_rebase(&self) -> Option<Picked> {
        let directory = self.git_dir().join("rebase-merge");
        let done = std::fs::read(directory.join("done")).ok()?;
        let onto = std::fs::read(directory.join("onto")).ok().and_then(|text| Oid::from_hex(text.trim()).ok());
        let picks = done.lines().filter_map(|line| {
            let mut words = line.fields();
            matches!(words.next()?, b"pick" | b"p" | b"reword" | b"r" | b"edit" | b"e" | b"merge" | b"m")
                .then(|| words.find_map(|word| Oid::from_hex(word).ok()))?
        });
        Some(Picked { onto, picks: picks.collect() })
    }

    /// Where the draft of a commit message is.
    #[must_use]
    pub fn draft_path(&self) -> PathBuf {
        self.git_dir().join("COMMIT_EDITMSG")
    }

    /// Where a template of a commit message is kept while somebody writes.
    #[must_use]
    pub fn template_path(&self) -> PathBuf {
        self.git_dir().join("spec-template")
    }

    /// Where it is kept while somebody writes that the message is HEAD's.
    #[must_use]
    pub fn amended_path(&self) -> PathBuf {
        self.git_dir().join("spec-amended")
    }

    /// Where it is kept while somebody writes which links the message had.
    #[must_use]
    pub fn offered_path(&self) -> PathBuf {
        self.git_dir().join("spec-offered")
    }

    /// Where it is kept that HEAD may be about to be amended.
    #[must_use]
    pub fn unseen_path(&self) -> PathBuf {
        self.git_dir().join("spec-unseen")
    }

    /// Whether the commit that git is making has the author and the date of this one, as one that is amended has: git tells
    /// its hooks both (builtin/commit.c, `determine_author_info`).
    ///
    /// # Errors
    ///
    /// As [`Repo::raw_commit`].
    pub fn has_author_of(&self, commit: Oid) -> Result<bool> {
        let told = |name: &str| std::env::var_os(name).and_then(|value| Vec::from_os_string(value).ok());
        let all = (told("GIT_AUTHOR_NAME"), told("GIT_AUTHOR_EMAIL"), told("GIT_AUTHOR_DATE"));
        let (Some(name), Some(email), Some(date)) = all else { return Ok(false) };
        let date = date.strip_prefix(b"@").unwrap_or(&date);
        let line = [b"author ", name.as_slice(), b" <", &email, b"> ", date].concat();
        let raw = self.raw_commit(commit)?;
        let header = raw.lines().take_while(|line| !line.is_empty());
        Ok(header.into_iter().any(|own| own == line))
    }

    /// The same repository seen from another directory below its top: empty, or ending in `/`.
    #[must_use]
    pub fn seen_from(mut self, prefix: BString) -> Self {
        std::sync::Arc::make_mut(&mut self.place).prefix = prefix;
        self
    }
}

fn key(branch: &BStr) -> OsString {
    let mut key = BString::from("branch.");
    key.extend_from_slice(branch);
    key.extend_from_slice(b".");
    key.extend_from_slice(KEY.as_bytes());
    os(&key)
}

fn os(bytes: &BString) -> OsString {
    Vec::from(bytes.clone()).into_os_string().unwrap_or_else(|error| error.into_vec().to_os_str_lossy().into_owned())
}
