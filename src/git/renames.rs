//! Files that took another path.

use bstr::BString;

use super::{Oid, Repo, Result};

impl Repo {
    /// The renames in the commits that `tip` reaches and none of `without` does, oldest first: where a file stood, and where
    /// it went. As similarity has it (`-M`), which is how blame follows a file, however many files are renamed; a merge is
    /// compared with each of its parents. One process.
    ///
    /// # Errors
    ///
    /// [`super::GitError::GitFailed`].
    pub fn renames(&self, tip: Oid, without: &[Oid]) -> Result<Vec<(BString, BString)>> {
        let git = self
            .git("log")
            .args(["-M", "-l0", "--diff-filter=R", "--raw", "-r", "-z", "--no-abbrev", "--format="])
            .arg("--diff-merges=separate")
            .args(["--reverse", "--topo-order", "--no-color", "--no-ext-diff", "--no-textconv", "--no-show-signature"])
            .args(["--no-notes", "--no-relative", "--ignore-submodules=none", "-O/dev/null", "--end-of-options"])
            .arg(tip.to_string())
            .args(without.iter().map(|oid| format!("^{oid}")))
            .arg("--");
        let mut stream = git.stream()?;
        let mut renames = Vec::new();
        while let Some(piece) = stream.piece(0)? {
            if !piece.trim_ascii_start().starts_with(b":") {
                continue;
            }
            match (stream.piece(0)?, stream.piece(0)?) {
                (Some(from), Some(to)) => renames.push((from.into(), to.into())),
                _ => return Err(stream.garbled("a rename without its paths")),
            }
        }
        Ok(renames)
    }
}
