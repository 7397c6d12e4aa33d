//! Remotes: which there are, and a single reference fetched from or pushed to one.

use bstr::{BStr, BString, ByteSlice};

use super::{GitError, Oid, Repo, Result};

/// How a push ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The remote has it now.
    Done,
    /// The remote had it.
    UpToDate,
    /// The remote refused; in git's words.
    Rejected(String),
}

/// A refspec that forces fetched objects over a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forced {
    /// The remote.
    pub remote: String,
    /// The refspec as it is configured.
    pub refspec: BString,
}

impl Repo {
    /// The names of the configured remotes, in the order of the configuration.
    ///
    /// # Errors
    ///
    /// Those of [`Repo::config`].
    pub fn remotes(&self) -> Result<Vec<String>> {
        let mut names: Vec<String> = Vec::new();
        for key in self.config()?.keys() {
            let name = key.strip_prefix("remote.").and_then(|rest| rest.rsplit_once('.'));
            if let Some((name, "url" | "fetch" | "pushurl")) = name
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// The remote that git would fetch from, or push to, without being told: that of the branch, else the only one, else
    /// `origin`.
    ///
    /// # Errors
    ///
    /// Those of [`Repo::config`].
    pub fn default_remote(&self, for_push: bool) -> Result<Option<String>> {
        let config = self.config()?;
        let get = |key: &str| config.get(key).map(ToString::to_string).filter(|name| name != ".");
        let answer = self.git("symbolic-ref").args(["-q", "--short", "HEAD"]).answer()?;
        let branch = answer.stdout.to_str_lossy().trim_end().to_owned();
        let mut configured = None;
        if for_push {
            configured = get(&format!("branch.{branch}.pushremote")).or_else(|| get("remote.pushdefault"));
        }
        if let Some(name) = configured.or_else(|| get(&format!("branch.{branch}.remote"))) {
            return Ok(Some(name));
        }
        let remotes = self.remotes()?;
        Ok(match remotes.as_slice() {
            [only] => Some(only.clone()),
            names => names.iter().find(|name| *name == "origin").cloned(),
        })
    }

    /// Fetches one reference of a remote to one here, which follows it wherever it goes; `false` where the remote has no
    /// such reference. Configured refspecs have no effect, nor has a configured filter.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] with what git says.
    pub fn fetch_reference(&self, remote: &str, from: &str, to: &str) -> Result<bool> {
        let git = self.git("fetch").env("LC_ALL", "C");
        let git = git.args(["--quiet", "--no-tags", "--no-prune", "--no-recurse-submodules", "--no-write-fetch-head"]);
        let git = git.args(["--refmap=", "--no-filter", "--end-of-options", remote, &format!("+{from}:{to}")]);
        let answer = git.answer()?;
        match answer.status {
            Some(0) => Ok(true),
            _ if answer.stderr.contains("couldn't find remote ref") => Ok(false),
            status => Err(GitError::GitFailed { command: "git fetch".to_owned(), stderr: answer.stderr, status }),
        }
    }

    /// Pushes one reference under its own name, without force.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] where git fails for another reason than that the remote refuses.
    pub fn push_reference(&self, remote: &str, name: &str) -> Result<Pushed> {
        let git = self.git("push").env("LC_ALL", "C");
        let git = git.args(["--porcelain", "--no-follow-tags", "--recurse-submodules=no", "--end-of-options", remote]);
        let answer = git.arg(format!("{name}:{name}")).answer()?;
        let flag = |flag: &str| answer.stdout.lines().any(|line| line.starts_with(flag.as_bytes()));
        match answer.status {
            Some(0) if flag("=\t") => Ok(Pushed::UpToDate),
            Some(0) => Ok(Pushed::Done),
            _ if flag("!\t") => Ok(Pushed::Rejected(answer.stderr)),
            status => Err(GitError::GitFailed { command: "git push".to_owned(), stderr: answer.stderr, status }),
        }
    }

    /// What the branches and tags of a remote name, tags peeled too.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] with what git says.
    pub fn branches_and_tags_of(&self, remote: &str) -> Result<Vec<Oid>> {
        let git = self.git("ls-remote").args(["--quiet", "--heads", "--tags", "--end-of-options", remote]);
        let list = git.output()?;
        Ok(list.lines().filter_map(|line| Oid::from_hex(line.split_once_str("\t")?.0).ok()).collect())
    }

    /// The configured refspecs that a plain `git fetch` would force over this reference.
    ///
    /// # Errors
    ///
    /// Those of [`Repo::config`].
    pub fn forced_over(&self, reference: &str) -> Result<Vec<Forced>> {
        let mut forced = Vec::new();
        for remote in self.remotes()? {
            let values = self.config()?.list(&format!("remote.{remote}.fetch")).unwrap_or_default();
            for refspec in values.into_iter().filter(|refspec| forces(refspec, reference)) {
                forced.push(Forced { remote: remote.clone(), refspec: refspec.to_owned() });
            }
        }
        Ok(forced)
    }

    /// What all references but notes name, tags peeled: HEAD first, then each commit once.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn tips(&self) -> Result<Vec<Oid>> {
        let format = "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)";
        let list = self.git("for-each-ref").arg(format!("--format={format}")).output()?;
        let mut tips: Vec<Oid> = self.head()?.into_iter().collect();
        for line in list.lines() {
            let words: Vec<&[u8]> = line.split_str(" ").collect();
            let commit = match words[..] {
                [.., name] if name.starts_with(b"refs/notes/") => None,
                [oid, b"commit", ..] | [_, b"tag", oid, b"commit", ..] => Oid::from_hex(oid).ok(),
                _ => None,
            };
            tips.extend(commit.filter(|commit| !tips.contains(commit)));
        }
        Ok(tips)
    }
}

/// Whether a refspec begins with `+` and its target is, or by its star covers, this reference.
fn forces(refspec: &BStr, reference: &str) -> bool {
    let Some(target) = refspec.strip_prefix(b"+").and_then(|spec| spec.rsplit_once_str(":")) else { return false };
    match target.1.split_once_str("*") {
        Some((before, after)) => {
            reference.len() >= before.len() + after.len()
                && reference.as_bytes().starts_with(before)
                && reference.as_bytes().ends_with(after)
        }
        None => target.1 == reference.as_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forcing_refspecs_are_known() {
        for (refspec, forced) in [
            ("+refs/notes/*:refs/notes/*", true),
            ("+refs/*:refs/*", true),
            ("+refs/notes/spec:refs/notes/spec", true),
            ("refs/notes/*:refs/notes/*", false),
            ("+refs/notes/*:refs/notes/remotes/origin/*", false),
            ("+refs/heads/*:refs/remotes/origin/*", false),
            ("+refs/notes/spec", false),
        ] {
            assert_eq!(forces(refspec.into(), "refs/notes/spec"), forced, "{refspec}");
        }
    }
}
