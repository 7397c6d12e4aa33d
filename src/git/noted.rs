//! Which note had a line first.

use std::collections::BTreeSet;

use bstr::ByteSlice;

use super::{Oid, Repo, Result};

impl Repo {
    /// The ids of lines of notes and the objects whose notes got them, in the order in which the history behind `tip` brought
    /// them: of two that one process made after the other, the earlier is told first. One process.
    ///
    /// `ids` hold letters and digits alone; others are told nothing of.
    ///
    /// # Errors
    ///
    /// [`super::GitError::GitFailed`].
    pub fn first_noted(&self, tip: Oid, ids: &BTreeSet<&str>) -> Result<Vec<(String, Oid)>> {
        let plain = |id: &&&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let ids: Vec<&str> = ids.iter().filter(plain).copied().collect();
        let mut found: Vec<(String, Oid)> = Vec::new();
        // Notes may be a tree without a history.
        if ids.is_empty() || self.raw_commit(tip).is_err() {
            return Ok(found);
        }
        let git = self
            .git("log")
            .args(["-p", "-U0", "--text", "--no-renames", "--reverse", "--topo-order", "--format=", "--root", "-m"])
            .args([
                "--no-color",
                "--no-ext-diff",
                "--no-textconv",
                "--no-show-signature",
                "--no-notes",
                "--no-relative",
            ])
            .args(["--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules=none", "-O/dev/null"])
            .arg(format!("-Gid:({})", ids.join("|")))
            .args(["--end-of-options", &tip.to_string(), "--"]);
        let mut stream = git.stream()?;
        let mut object = None;
        while let Some(line) = stream.piece(b'\n')? {
            if let Some(path) = line.strip_prefix(b"+++ b/") {
                let hex: Vec<u8> = path.iter().copied().filter(|byte| *byte != b'/').collect();
                object = Oid::from_hex(&hex).ok();
            } else if let (Some(object), Some(added)) = (object, line.strip_prefix(b"+")) {
                let Some((_, id)) = added.trim_end().rsplit_once_str("id:") else { continue };
                let known = |(other, at): &(String, Oid)| other.as_bytes() == id && *at == object;
                if ids.iter().any(|own| own.as_bytes() == id) && !found.iter().any(known) {
                    found.push((id.to_str_lossy().into_owned(), object));
                }
            }
        }
        Ok(found)
    }
}
