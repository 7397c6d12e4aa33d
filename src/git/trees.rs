//! Files of a tree, and what differs between two trees.

use bstr::{BStr, BString, ByteSlice};
use serde::Serialize;

use super::objects::Kind;
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

    /// Reads octal digits as trees and git's output have them. None for a directory and for nonsense.
    pub(super) fn from_octal(digits: &[u8]) -> Option<Self> {
        Self::from_bits(bits(digits)?)
    }

    fn from_bits(bits: u32) -> Option<Self> {
        match bits & 0o170_000 {
            0o100_000 if bits & 0o100 != 0 => Some(Self::Executable),
            0o100_000 => Some(Self::File),
            0o120_000 => Some(Self::Symlink),
            0o160_000 => Some(Self::Submodule),
            _ => None,
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

impl Node<'_> {
    fn leaf(&self) -> Option<(Mode, Oid)> {
        self.mode.map(|mode| (mode, self.oid))
    }

    fn subtree(&self) -> Option<Oid> {
        self.mode.is_none().then_some(self.oid)
    }
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
            let content = self.object(oid, Kind::Tree)?;
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

    /// What differs between two commits or trees, of which none is the empty one, below `paths` (literal files and
    /// directories; no path at all means everywhere). Renames are not looked for. Sorted by the bytes of the path.
    ///
    /// Reads only directories that differ, so its cost is that of the difference.
    ///
    /// # Errors
    ///
    /// As [`Repo::tree_files`].
    pub fn tree_changes(&self, old: Option<Oid>, new: Option<Oid>, paths: &[BString]) -> Result<Vec<FileChange>> {
        let top = |side: Option<Oid>| side.map(|oid| self.tree_of(oid)).transpose();
        let mut changes = Vec::new();
        let mut open = vec![(BString::default(), top(old)?, top(new)?)];
        while let Some((dir, old, new)) = open.pop() {
            if old == new {
                continue;
            }
            let (old, new) = (self.tree(old)?, self.tree(new)?);
            for (a, b) in pairs(old.nodes()?, new.nodes()?) {
                let Some(name) = a.as_ref().or(b.as_ref()).map(|node| node.name) else {
                    continue;
                };
                let leaves = (a.as_ref().and_then(Node::leaf), b.as_ref().and_then(Node::leaf));
                let trees = (a.as_ref().and_then(Node::subtree), b.as_ref().and_then(Node::subtree));
                if leaves.0 == leaves.1 && trees.0 == trees.1 {
                    continue;
                }
                let path = join(dir.as_ref(), name);
                if leaves.0 != leaves.1 && holds(paths, path.as_ref()) {
                    changes.push(FileChange { path: path.clone(), old: leaves.0, new: leaves.1 });
                }
                if trees.0 != trees.1 && leads(paths, path.as_ref()) {
                    open.push((path, trees.0, trees.1));
                }
            }
        }
        changes.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    fn tree(&self, oid: Option<Oid>) -> Result<Side> {
        let content = oid.map(|oid| self.object(oid, Kind::Tree).map(|content| (oid, content))).transpose()?;
        Ok(Side { content })
    }
}

/// One side of a comparison: a tree object or nothing.
struct Side {
    content: Option<(Oid, Vec<u8>)>,
}

impl Side {
    fn nodes(&self) -> Result<Vec<Node<'_>>> {
        let mut nodes = match &self.content {
            Some((oid, content)) => parse(*oid, content)?,
            None => Vec::new(),
        };
        // Git sorts a directory as if its name ended in `/`; by plain name both sides of a file that became a
        // directory meet.
        // Nearly sorted: the stable sort takes one pass.
        nodes.sort_by_key(|node| node.name);
        Ok(nodes)
    }
}

/// Pairs two sorted lists by name.
fn pairs<'a>(old: Vec<Node<'a>>, new: Vec<Node<'a>>) -> Vec<(Option<Node<'a>>, Option<Node<'a>>)> {
    let mut pairs = Vec::new();
    let mut new = new.into_iter().peekable();
    for a in old {
        while let Some(b) = new.next_if(|b| b.name < a.name) {
            pairs.push((None, Some(b)));
        }
        let b = new.next_if(|b| b.name == a.name);
        pairs.push((Some(a), b));
    }
    pairs.extend(new.map(|b| (None, Some(b))));
    pairs
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
    let bits = bits(octal)?;
    let mode = Mode::from_bits(bits);
    let directory = bits & 0o170_000 == 0o040_000;
    if name.is_empty() || (mode.is_none() && !directory) {
        return None;
    }
    Some((Node { name: name.as_bstr(), mode, oid: Oid::from_raw(raw).ok()? }, rest))
}

/// The number that octal digits write, `None` for anything else.
fn bits(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 10 {
        return None;
    }
    digits.iter().try_fold(0, |bits, digit| matches!(digit, b'0'..=b'7').then(|| bits * 8 + u32::from(digit - b'0')))
}

fn join(dir: &BStr, name: &BStr) -> BString {
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
fn leads(paths: &[BString], dir: &BStr) -> bool {
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
        for bad in [
            &b"100644"[..],
            b"100644 a",
            b"100644 a\0short",
            b"100644 \0aaaaaaaaaaaaaaaaaaaa",
            b"7 a\0aaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(matches!(parse(oid, bad), Err(GitError::BadObject { .. })));
        }
    }
}
