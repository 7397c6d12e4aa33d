//! HEAD without a process, where its files leave no doubt.

use std::fs;
use std::path::Path;

use bstr::{BStr, ByteSlice};

use super::{Oid, Repo};

/// Branches are looked for in no longer list than this, in bytes.
const LARGEST_LIST: u64 = 16 << 20;
/// A list of some thousand references, in bytes.
const LONG_LIST: u64 = 128 << 10;

impl Repo {
    /// The commit of HEAD, as its file, that of its branch, or the list of packed references name it (gitrepository-layout).
    /// None in all other cases: git is to be asked then. So it is where references are kept in tables, whose HEAD names a
    /// branch that has no file.
    pub(super) fn head_in_files(&self) -> Option<Oid> {
        let head = plain_file(&self.git_dir().join("HEAD"))?;
        let hex = match head.strip_prefix(b"ref: ") {
            None => head,
            Some(line) => self.branch_in_files(line.strip_suffix(b"\n")?.as_bstr())?,
        };
        self.full_id(hex.strip_suffix(b"\n")?.to_str().ok()?)
    }

    /// Whether the list of packed references is a long one, of some thousand at least.
    #[must_use]
    pub fn has_many_references(&self) -> bool {
        self.common_dir().join("packed-refs").symlink_metadata().is_ok_and(|list| list.len() > LONG_LIST)
    }

    fn branch_in_files(&self, name: &BStr) -> Option<Vec<u8>> {
        if !is_branch(name) {
            return None;
        }
        let path = self.common_dir().join(name.to_path().ok()?);
        match path.symlink_metadata() {
            Ok(_) => plain_file(&path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => packed(self.common_dir(), name),
            Err(_) => None,
        }
    }
}

/// The bytes of a file that is no link to another.
fn plain_file(path: &Path) -> Option<Vec<u8>> {
    path.symlink_metadata().ok().filter(fs::Metadata::is_file)?;
    fs::read(path).ok()
}

/// The line's id of a packed reference, with a line feed behind it as in the reference's own file.
fn packed(directory: &Path, name: &BStr) -> Option<Vec<u8>> {
    let path = directory.join("packed-refs");
    path.symlink_metadata().ok().filter(|meta| meta.is_file() && meta.len() <= LARGEST_LIST)?;
    let list = fs::read(path).ok()?;
    let wanted = [b" ", name.as_bytes(), b"\n"].concat();
    let at = list.find(&wanted)?;
    let start = list[..at].rfind_byte(b'\n').map_or(0, |feed| feed + 1);
    Some([&list[start..at], b"\n"].concat())
}

/// Whether a name is certainly that of a branch (git-check-ref-format(1)), and no way out of the directory.
fn is_branch(name: &BStr) -> bool {
    let fine = |part: &[u8]| {
        let odd = |byte: u8| byte <= b' ' || byte == 0x7f || b"~^:?*[\\".contains(&byte);
        !part.is_empty() && !part.starts_with(b".") && !part.ends_with(b".lock") && !part.bytes().any(odd)
    };
    let rest = name.strip_prefix(b"refs/heads/");
    rest.is_some_and(|rest| rest.split(|&byte| byte == b'/').all(fine) && !rest.contains_str(".."))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_no_branches() {
        for name in ["refs/heads/a", "refs/heads/a/b.c", "refs/heads/ä"] {
            assert!(is_branch(name.into()), "{name}");
        }
        for name in ["refs/heads/", "refs/heads/../x", "refs/heads/a//b", "refs/tags/a", "refs/heads/a.lock", "HEAD"] {
            assert!(!is_branch(name.into()), "{name}");
        }
    }

    /// What git says of HEAD.
    fn asked(fixture: &Fixture) -> String {
        fixture.git(&["rev-parse", "HEAD"])
    }

    #[test]
    fn head_is_read_as_git_reads_it() {
        let fixture = Fixture::new();
        assert_eq!(fixture.repo().head_in_files(), None, "a branch without commits");
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "one"]);
        let read = |fixture: &Fixture| fixture.repo().head_in_files().map(|oid| oid.to_string());
        assert_eq!(read(&fixture), Some(asked(&fixture)), "loose");
        fixture.git(&["branch", "main2"]);
        fixture.git(&["pack-refs", "--all"]);
        assert_eq!(read(&fixture), Some(asked(&fixture)), "packed");
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "two"]);
        assert_eq!(read(&fixture), Some(asked(&fixture)), "the file wins over the list");
        fixture.git(&["checkout", "-q", "--detach", "HEAD~1"]);
        assert_eq!(read(&fixture), Some(asked(&fixture)), "detached");
        fixture.git(&["symbolic-ref", "HEAD", "refs/heads/none"]);
        assert_eq!(read(&fixture), None, "no such branch");
        fixture.git(&["symbolic-ref", "refs/heads/other", "refs/heads/main"]);
        fixture.git(&["symbolic-ref", "HEAD", "refs/heads/other"]);
        assert_eq!(read(&fixture), None, "a branch that stands for another one");
    }

    #[test]
    fn in_a_linked_work_tree_it_is_the_own_head() {
        let fixture = Fixture::new();
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "one"]);
        let other = fixture.beside("other");
        let path = other.to_string_lossy();
        fixture.git(&["worktree", "add", "-q", "-b", "side", &path]);
        fixture.git(&["-C", &path, "commit", "-q", "--allow-empty", "-m", "two"]);
        let head = fixture.git(&["-C", &path, "rev-parse", "HEAD"]);
        let repo = Repo::discover_in(&other).unwrap();
        assert_eq!(repo.head_in_files().map(|oid| oid.to_string()), Some(head));
    }

    #[test]
    fn where_references_are_kept_in_tables_git_is_asked() {
        let Ok(fixture) = Fixture::with(&["--ref-format=reftable"]) else { return };
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "one"]);
        assert_eq!(fixture.repo().head_in_files(), None);
        assert_eq!(fixture.repo().head().unwrap().map(|oid| oid.to_string()), Some(asked(&fixture)));
    }
}
