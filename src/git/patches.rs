//! What changes do, file by file, so that two can be compared wherever they stand.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use super::objects::Kind;
use super::pack::NewObjects;
use super::quote::unquote;
use super::{GitError, Oid, Repo, Result};

/// What a change does to each file: its lines without white space and line numbers, its modes, and of binary files the
/// blobs.
pub type Patch = BTreeMap<BString, Vec<u8>>;

impl Repo {
    /// What changes do, from one commit or tree (none: from nothing) to another each. What counts is what counts for the
    /// stable id of git-patch-id(1), and binary content too. Renames are a removal and an addition. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], [`GitError::GitFailed`].
    pub fn patches(&self, pairs: &[(Option<Oid>, Oid)]) -> Result<Vec<Patch>> {
        let empty = NewObjects::new(self.sha256()).add(Kind::Tree, b"")?;
        let mut input = String::new();
        for (old, new) in pairs {
            let old = old.map_or(Ok(empty), |old| self.tree_of(old))?;
            input += &format!("{old} {}\n", self.tree_of(*new)?);
        }
        let git = self.git("diff-tree").args(["--stdin", "-r", "-p", "--full-index", "--no-renames", "--no-color"]);
        let git = git.args(["--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--unified=3"]);
        let git = git.args(["--src-prefix=a/", "--dst-prefix=b/", "--no-indent-heuristic"]);
        let mut stream = git.feed(input.into_bytes())?;
        let mut patches: Vec<Patch> = Vec::new();
        let mut file: Option<BString> = None;
        let mut blobs = Vec::new();
        let mut heads = false;
        let garbled = |problem: &str| GitError::bad_output("git diff-tree", problem);
        while let Some(line) = stream.piece(b'\n')? {
            if let Some(names) = line.strip_prefix(b"diff --git ") {
                file = Some(path(names).ok_or_else(|| garbled("a file without a name"))?);
            } else if is_pair(&line, empty.as_bytes().len() * 2) {
                patches.push(Patch::new());
                file = None;
                continue;
            }
            let (Some(patch), Some(file)) = (patches.last_mut(), &file) else { continue };
            let lines = patch.entry(file.clone()).or_default();
            match line.as_slice() {
                line if line.starts_with(b"diff --git ") => heads = true,
                line if line.starts_with(b"@@ ") => heads = false,
                // The name is told by the key, and whether the file is new or goes by its mode.
                line if heads && (line.starts_with(b"--- ") || line.starts_with(b"+++ ")) => {}
                line if line.starts_with(b"\\ ") => {}
                line if line.starts_with(b"index ") => blobs = line.to_vec(),
                line if line.starts_with(b"Binary files ") => lines.extend_from_slice(&blobs),
                line => {
                    lines.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
                    lines.push(b'\n');
                }
            }
        }
        if patches.len() == pairs.len() { Ok(patches) } else { Err(garbled("not an answer for each pair")) }
    }
}

/// `<tree> <tree>`, which begins an answer; no line of a patch does so.
fn is_pair(line: &[u8], digits: usize) -> bool {
    let hex = |part: &[u8]| part.len() == digits && part.iter().all(u8::is_ascii_hexdigit);
    line.split_once_str(" ").is_some_and(|(a, b)| hex(a) && hex(b))
}

/// The path of `a/PATH b/PATH`, which is the same twice, each in quotes or not.
fn path(names: &[u8]) -> Option<BString> {
    let first = names.get(..names.len().checked_sub(1)? / 2)?;
    let name = if first.starts_with(b"\"") { unquote(first)? } else { first.into() };
    Some(name.strip_prefix(b"a/")?.into())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn the_same_change_elsewhere_is_the_same() {
        let fixture = Fixture::new();
        fixture.write("a", "1\n2\n3\n4\n5\n6\n7\n8\n");
        fixture.write("tab\there \"x\"", "x\n");
        let first = fixture.commit("one");
        fixture.write("a", "1\n2\n3\n4\nfive\n6\n7\n8\n");
        fixture.write("b", b"\0\x01");
        let second = fixture.commit("two");
        fixture.git(&["checkout", "-q", "-b", "other", "HEAD~1"]);
        fixture.write("a", "0\n0\n1\n2\n3\n4\n5\n6\n7\n8\n");
        let third = fixture.commit("three");
        fixture.write("a", "0\n0\n1\n2\n3\n4\n  five\n6\n7\n8\n");
        fixture.write("b", b"\0\x01");
        let fourth = fixture.commit("four");
        fixture.write("b", b"\0\x02");
        fixture.write("tab\there \"x\"", "y\n");
        let fifth = fixture.commit("five");
        let pairs = [(Some(first), second), (Some(third), fourth), (Some(fourth), fifth), (None, first)];
        let patches = fixture.repo().patches(&pairs).unwrap();
        assert_eq!(patches[0], patches[1]);
        assert_eq!(patches[2].keys().collect::<Vec<_>>(), ["b", "tab\there \"x\""]);
        assert_ne!(patches[2][b"b".as_bstr()], patches[1][b"b".as_bstr()]);
        assert_eq!(patches[3].len(), 2);
        // Git agrees.
        let id = |a: Oid, b: Oid| {
            let diff = fixture.git(&["diff-tree", "-p", "--full-index", &a.to_string(), &b.to_string(), "--", "a"]);
            fixture.git_with(&["patch-id", "--stable"], (diff + "\n").as_bytes())
        };
        assert_eq!(id(first, second), id(third, fourth));
    }
}
