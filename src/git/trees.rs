//! Files of a tree, and what differs between two trees.

use bstr::{BStr, BString, ByteSlice};
use serde::Serialize;

use super::{GitError, Oid, Repo, Result};

/// What a tree or index entry is. Git stores no other permissions than these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A regular file.
    File,
    /// A regular file that may be executed.
    Executable,
    /// A symbolic link; its blob is the target.
    Symlink,
    /// A submodule (gitlink); its id is a commit of another repository.
    Submodule,
}

impl Mode {
    /// Whether the blob is the content of a regular file.
    #[must_use]
    pub fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Executable)
    }

    /// As trees and git's output have it.
    pub(super) fn octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Submodule => "160000",
        }
    }

    /// Reads octal digits as trees and git's output have them. None for a directory and for nonsense.
    pub(super) fn from_octal(digits: &[u8]) -> Option<Self> {
        Self::from_bits(u32::from_str_radix(digits.to_str().ok()?, 8).ok()?)
    }

    /// The same of the number. A kind that git doesn't know is a submodule to it (`canon_mode` of its `cache.h`).
    pub(super) fn from_bits(bits: u32) -> Option<Self> {
        match bits & 0o170_000 {
            _ if bits == 0 => None,
            0o100_000 if bits & 0o100 != 0 => Some(Self::Executable),
            0o100_000 => Some(Self::File),
            0o120_000 => Some(Self::Symlink),
            0o040_000 => None,
            _ => Some(Self::Submodule),
        }
    }
}

/// A file of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TreeEntry {
    /// From the top of the repository, with `/`.
    pub path: BString,
    /// What it is.
    pub mode: Mode,
    /// Its blob; of a submodule, its commit.
    pub oid: Oid,
}

/// A path that differs between two trees. Renames are not looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// From the top of the repository, with `/`.
    pub path: BString,
    /// What it was; none where it is new.
    pub old: Option<(Mode, Oid)>,
    /// What it is; none where it is gone.
    pub new: Option<(Mode, Oid)>,
}

/// An entry of one tree object.
struct Node<'a> {
    name: &'a BStr,
    /// None for a directory.
    mode: Option<Mode>,
    oid: Oid,
}

impl Repo {
    /// The files below a commit or tree that `want` takes, in directories that `enter` takes, both asked with the path
    /// from the top. Symbolic links and submodules are files here; look at the mode. Sorted by the bytes of the path.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], [`GitError::BadObject`].
    pub fn tree_files(
        &self,
        commit_or_tree: Oid,
        want: &dyn Fn(&BStr) -> bool,
        enter: &dyn Fn(&BStr) -> bool,
    ) -> Result<Vec<TreeEntry>> {
        let mut files = Vec::new();
        let mut open = vec![(BString::default(), self.tree_of(commit_or_tree)?)];
        while let Some((dir, oid)) = open.pop() {
            let content = self.tree(oid)?;
            for node in parse(oid, &content)? {
                let path = join(dir.as_ref(), node.name);
                match node.mode {
                    Some(mode) if want(path.as_ref()) => files.push(TreeEntry { path, mode, oid: node.oid }),
                    None if enter(path.as_ref()) => open.push((path, node.oid)),
                    _ => {}
                }
            }
        }
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

/// Reads a tree object: octal mode, space, name, NUL, raw id, again and again (gitformat-pack does not say it; git's
/// `tree-walk.c` does).
fn parse(oid: Oid, mut rest: &[u8]) -> Result<Vec<Node<'_>>> {
    let width = oid.as_bytes().len();
    let mut nodes = Vec::new();
    while !rest.is_empty() {
        let Some((node, tail)) = parse_one(rest, width) else {
            return Err(GitError::BadObject { oid, problem: "a damaged tree".to_owned() });
        };
        nodes.push(node);
        rest = tail;
    }
    Ok(nodes)
}

fn parse_one(bytes: &[u8], width: usize) -> Option<(Node<'_>, &[u8])> {
    let (octal, rest) = bytes.split_once_str(" ")?;
    let (name, rest) = rest.split_once_str("\0")?;
    let (raw, rest) = rest.split_at_checked(width)?;
    let mode = Mode::from_octal(octal);
    let directory = u32::from_str_radix(octal.to_str().ok()?, 8).ok()? & 0o170_000 == 0o040_000;
    if name.is_empty() || (mode.is_none() && !directory) {
        return None;
    }
    Some((Node { name: name.as_bstr(), mode, oid: Oid::from_raw(raw).ok()? }, rest))
}

pub(super) fn join(dir: &BStr, name: &BStr) -> BString {
    let mut path = BString::new(Vec::with_capacity(dir.len() + 1 + name.len()));
    if !dir.is_empty() {
        path.extend_from_slice(dir);
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// Whether the file `path` is one of `paths` or below one of them.
pub(super) fn holds(paths: &[BString], path: &BStr) -> bool {
    paths.is_empty() || paths.iter().any(|wanted| within(path, wanted.as_ref()))
}

/// Whether something of `paths` may be in the directory `dir`.
pub(super) fn leads(paths: &[BString], dir: &BStr) -> bool {
    paths.is_empty() || paths.iter().any(|wanted| within(dir, wanted.as_ref()) || within(wanted.as_ref(), dir))
}

fn within(path: &BStr, dir: &BStr) -> bool {
    let dir = dir.strip_suffix(b"/").unwrap_or(dir);
    match path.strip_prefix(dir) {
        Some(rest) => dir.is_empty() || rest.is_empty() || rest[0] == b'/',
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_end_at_a_slash() {
        let wanted = [BString::from("specs/"), BString::from("a.md")];
        for (path, inside) in
            [("specs/x", true), ("specs", true), ("specs2/x", false), ("a.md", true), ("a.mdx", false)]
        {
            assert_eq!(holds(&wanted, path.into()), inside, "{path}");
        }
        assert!(leads(&[BString::from("a/b/c")], "a/b".into()));
        assert!(!leads(&[BString::from("a/b/c")], "a/bc".into()));
        assert!(holds(&[BString::default()], "x".into()));
    }

    #[test]
    fn damaged_trees_are_refused() {
        let oid = Oid::from_raw(&[1; 20]).unwrap();
        for bad in [&b"100644"[..], b"100644 a", b"100644 a\0short", b"100644 \0aaaaaaaaaaaaaaaaaaaa"] {
            assert!(matches!(parse(oid, bad), Err(GitError::BadObject { .. })));
        }
    }
}
