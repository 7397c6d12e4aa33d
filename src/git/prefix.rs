//! Commits by the first digits of their id.

use git2::ObjectType;

use super::objects::to_git2;
use super::{Oid, Repo, Result};

impl Repo {
    /// The only object whose id starts with these 7 to 64 hexadecimal digits, if it is a commit; never what a reference of
    /// that name is. None where there is no such object, or several, or where only git could tell. No process.
    ///
    /// # Errors
    ///
    /// [`super::GitError::Io`] where the object store cannot be opened.
    pub fn commit_starting(&self, hex: &str) -> Result<Option<Oid>> {
        let Some(odb) = self.odb()? else { return Ok(None) };
        let digits = if self.sha256() { 64 } else { 40 };
        let Ok(padded) = Oid::from_hex(format!("{hex:0<digits$}").as_bytes()) else { return Ok(None) };
        if hex.len() < 7 || padded.as_bytes().len() * 2 != digits {
            return Ok(None);
        }
        let Ok(found) = odb.exists_prefix(to_git2(padded)?, hex.len()) else { return Ok(None) };
        let is_commit = odb.read_header(found).is_ok_and(|(_, kind)| kind == ObjectType::Commit);
        Ok(is_commit.then(|| Oid::from_raw(found.as_bytes()).ok()).flatten())
    }
}
