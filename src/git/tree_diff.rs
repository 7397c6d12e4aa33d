//! What differs between two trees: both are read in step, and only directories that differ are entered.
//!
//! A walk through history asks this for every commit, so nothing is made of entries that are the same.

use std::cmp::Ordering;
use std::sync::PoisonError;

use bstr::{BString, ByteSlice};

use super::trees::{FileChange, Mode, holds, join, leads};
use super::{GitError, Oid, Repo, Result};

/// An entry of a tree object as it is stored.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Entry<'a> {
    pub(super) bits: u32,
    pub(super) name: &'a [u8],
    pub(super) oid: &'a [u8],
}

impl Entry<'_> {
    fn is_directory(&self) -> bool {
        self.bits & 0o170_000 == 0o040_000
    }

    /// Git's order: a directory sorts as if its name ended in `/`.
    pub(super) fn order(&self, other: &Entry) -> Ordering {
        let shared = self.name.len().min(other.name.len());
        self.name[..shared].cmp(&other.name[..shared]).then_with(|| {
            let next = |entry: &Entry| match entry.name.get(shared) {
                Some(&byte) => u16::from(byte) + 1,
                None if entry.is_directory() => u16::from(b'/') + 1,
                None => 0,
            };
            next(self).cmp(&next(other))
        })
    }
}

/// The entries of a tree object; an error where it is damaged.
struct Entries<'a> {
    tree: Option<Oid>,
    rest: &'a [u8],
}

impl<'a> Entries<'a> {
    fn next(&mut self) -> Result<Option<Entry<'a>>> {
        let Some(tree) = self.tree.filter(|_| !self.rest.is_empty()) else { return Ok(None) };
        let (entry, rest) = one(self.rest, tree.as_bytes().len())
            .ok_or_else(|| GitError::BadObject { oid: tree, problem: "a damaged tree".to_owned() })?;
        self.rest = rest;
        Ok(Some(entry))
    }
}

/// Goes over the entries that both trees begin with, read once for both.
fn skip_the_same(old: &mut Entries, new: &mut Entries) -> Result<()> {
    let mut shared = shared_bytes(old.rest, new.rest);
    loop {
        let (before, others) = (old.rest, new.rest);
        if old.next()?.is_none() {
            return Ok(());
        }
        let length = before.len() - old.rest.len();
        if length > shared {
            old.rest = before;
            return Ok(());
        }
        shared -= length;
        new.rest = &others[length..];
    }
}

/// How many bytes two begin with alike.
fn shared_bytes(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 64;
    let steps = a.chunks_exact(STEP).zip(b.chunks_exact(STEP)).take_while(|(a, b)| a == b).count() * STEP;
    steps + a[steps..].iter().zip(&b[steps..]).take_while(|(a, b)| a == b).count()
}

/// The first entry of a tree object and what is behind it; none where it is damaged.
pub(super) fn one(bytes: &[u8], width: usize) -> Option<(Entry<'_>, &[u8])> {
    let mut bits = 0u32;
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b' ' if at > 0 => break,
            digit @ b'0'..=b'7' if at < 10 => bits = bits * 8 + u32::from(digit - b'0'),
            _ => return None,
        }
        at += 1;
    }
    let rest = &bytes[at + 1..];
    let end = rest.find_byte(0).filter(|&end| end > 0)?;
    let (name, rest) = (&rest[..end], &rest[end + 1..]);
    let (oid, rest) = rest.split_at_checked(width)?;
    Some((Entry { bits, name, oid }, rest))
}

impl Repo {
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
        let (old, new) = (top(old)?, top(new)?);
        let mut found = Vec::new();
        let mut open = Vec::new();
        if paths.iter().any(|path| path.is_empty()) || paths.is_empty() {
            open.push((BString::default(), old, new));
        } else if old != new {
            for path in paths {
                let below = |tree: Option<Oid>| tree.map(|tree| self.node(tree, path)).transpose();
                let (x, y) = (below(old)?.flatten(), below(new)?.flatten());
                if x != y {
                    differ(path.clone(), x, y, paths, &mut found, &mut open);
                }
            }
        }
        while let Some((dir, old, new)) = open.pop() {
            if old == new {
                continue;
            }
            let content = |oid: Option<Oid>| oid.map(|oid| self.tree(oid)).transpose();
            let (before, after) = (content(old)?, content(new)?);
            let mut old = Entries { tree: old, rest: before.as_deref().map_or(&[], Vec::as_slice) };
            let mut new = Entries { tree: new, rest: after.as_deref().map_or(&[], Vec::as_slice) };
            skip_the_same(&mut old, &mut new)?;
            let (mut a, mut b) = (old.next()?, new.next()?);
            while a.is_some() || b.is_some() {
                let order = match (&a, &b) {
                    (Some(a), Some(b)) => a.order(b),
                    (Some(_), None) => Ordering::Less,
                    _ => Ordering::Greater,
                };
                let x = a.filter(|_| order != Ordering::Greater);
                let y = b.filter(|_| order != Ordering::Less);
                let same = x.zip(y).is_some_and(|(x, y)| x.oid == y.oid && x.bits == y.bits);
                if !same && let Some(name) = x.or(y).map(|entry| entry.name) {
                    let node = |entry: Option<Entry>| entry.and_then(Node::of);
                    differ(join(dir.as_ref(), name.as_bstr()), node(x), node(y), paths, &mut found, &mut open);
                }
                if x.is_some() {
                    a = old.next()?;
                }
                if y.is_some() {
                    b = new.next()?;
                }
                if !same && a.is_some() && a == b && old.rest == new.rest {
                    break;
                }
            }
        }
        found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }
}

/// What stands at a path of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Directory(Oid),
    Leaf(Mode, Oid),
}

impl Node {
    fn of(entry: Entry) -> Option<Node> {
        let oid = Oid::from_raw(entry.oid).ok()?;
        if entry.is_directory() {
            return Some(Node::Directory(oid));
        }
        // Without any mode it is what git takes it for.
        Some(Node::Leaf(Mode::from_bits(entry.bits).unwrap_or(Mode::Submodule), oid))
    }

    fn leaf(self) -> Option<(Mode, Oid)> {
        if let Node::Leaf(mode, oid) = self { Some((mode, oid)) } else { None }
    }

    fn directory(self) -> Option<Oid> {
        if let Node::Directory(oid) = self { Some(oid) } else { None }
    }
}

impl Repo {
    /// What stands at a path of a tree. Kept, for the top directory of a commit is asked for the same paths as child,
    /// as parent and as merge base.
    fn node(&self, tree: Oid, path: &BString) -> Result<Option<Node>> {
        let key = (tree, path.clone());
        if let Some(known) = self.nodes.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known);
        }
        let mut here = Some(Node::Directory(tree));
        for name in path.split_str("/").filter(|name| !name.is_empty()) {
            let Some(directory) = here.and_then(Node::directory) else { return Ok(None) };
            let content = self.tree(directory)?;
            let mut entries = Entries { tree: Some(directory), rest: &content };
            here = None;
            while let Some(entry) = entries.next()? {
                if entry.name == name {
                    here = Node::of(entry);
                    break;
                }
            }
        }
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner).keep(key, here);
        Ok(here)
    }

    /// What stands at a path of a commit or tree; none where nothing or a directory does.
    ///
    /// # Errors
    ///
    /// As [`Repo::tree_files`].
    pub fn file_at(&self, commit_or_tree: Oid, path: &BString) -> Result<Option<(Mode, Oid)>> {
        let tree = self.tree_of(commit_or_tree)?;
        Ok(self.node(tree, path)?.and_then(Node::leaf))
    }

    /// Whether a directory stands at a path of a commit or tree.
    ///
    /// # Errors
    ///
    /// As [`Repo::tree_files`].
    pub fn is_directory_at(&self, commit_or_tree: Oid, path: &BString) -> Result<bool> {
        let tree = self.tree_of(commit_or_tree)?;
        Ok(self.node(tree, path)?.is_some_and(|node| node.directory().is_some()))
    }

    /// Whether something that is no regular file stands at a path of a commit or tree.
    ///
    /// # Errors
    ///
    /// As [`Repo::tree_files`].
    pub fn is_odd_at(&self, commit_or_tree: Oid, path: &BString) -> Result<bool> {
        let tree = self.tree_of(commit_or_tree)?;
        let is_file = |node: Node| node.leaf().is_some_and(|(mode, _)| mode.is_file());
        Ok(self.node(tree, path)?.is_some_and(|node| !is_file(node)))
    }
}

/// Notes what differs at a path, or what is to be entered.
fn differ(
    path: BString,
    x: Option<Node>,
    y: Option<Node>,
    paths: &[BString],
    found: &mut Vec<FileChange>,
    open: &mut Vec<(BString, Option<Oid>, Option<Oid>)>,
) {
    let (old, new) = (x.and_then(Node::leaf), y.and_then(Node::leaf));
    if old != new && holds(paths, path.as_bstr()) {
        found.push(FileChange { path: path.clone(), old, new });
    }
    let (old, new) = (x.and_then(Node::directory), y.and_then(Node::directory));
    if old != new && leads(paths, path.as_bstr()) {
        open.push((path, old, new));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_sorts_behind_what_begins_like_it() {
        let entry = |name: &'static str, bits| Entry { bits, name: name.as_bytes(), oid: &[] };
        let (file, dir) = (entry("a", 0o100_644), entry("a", 0o040_000));
        let dotted = entry("a.md", 0o100_644);
        assert_eq!(file.order(&dotted), Ordering::Less);
        assert_eq!(dir.order(&dotted), Ordering::Greater);
        assert_eq!(file.order(&dir), Ordering::Less);
        assert_eq!(dir.order(&dir), Ordering::Equal);
    }

    #[test]
    fn damaged_entries_are_refused() {
        for bad in
            [&b"100644"[..], b"100644 a", b"100644 a\0short", b"100644 \0aaaaaaaaaaaaaaaaaaaa", b" a\0", b"9 a\0"]
        {
            assert!(one(bad, 20).is_none(), "{bad:?}");
        }
    }
}
