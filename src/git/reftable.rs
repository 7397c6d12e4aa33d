//! Symbolic references of a repository with reftables, those that lead to nothing among them: git lists them nowhere, and tells of
//! one name at a time.
//!
//! The format is git's `Documentation/technical/reftable.adoc`. Only what is needed is read: the blocks of references, one after
//! the other, of each table of the stack. What is not understood is left to git.

use std::collections::BTreeMap;
use std::path::Path;

use bstr::{BString, ByteSlice};

use super::Repo;

/// Times that the stack is read anew, as git puts tables together under one's feet.
const ATTEMPTS: usize = 5;
/// Symbolic references of symbolic ones that are followed; git follows as many (refs.c, `SYMREF_MAXDEPTH`).
const MOST_LINKS: usize = 5;
/// Bytes that begin a table, of either version.
const HEADERS: [(u8, usize, usize); 2] = [(1, 24, 20), (2, 28, 0)];

/// What a table says of a name: what it is a symbolic reference of, if it is one.
type Records = BTreeMap<BString, Option<BString>>;

impl Repo {
    /// All symbolic references with what they lead to in the end, be it there or not. None without reftables, and where they are not
    /// understood. No process.
    #[must_use]
    pub fn reftable_symrefs(&self) -> Option<BTreeMap<BString, BString>> {
        let stack = self.common_dir().join("reftable");
        if !stack.exists() {
            return None;
        }
        let records = (0..ATTEMPTS).find_map(|_| whole(&stack))?;
        let direct: BTreeMap<BString, BString> =
            records.into_iter().filter_map(|(name, target)| Some((name, target?))).collect();
        let end = |target: &BString| {
            (0..MOST_LINKS).try_fold(target, |at, _| direct.get(at).ok_or(at)).unwrap_or_else(|end| end).clone()
        };
        Some(direct.iter().map(|(name, target)| (name.clone(), end(target))).collect())
    }
}

/// What the tables of a stack say together: the later one has the last word.
fn whole(stack: &Path) -> Option<Records> {
    let list = std::fs::read(stack.join("tables.list")).ok()?;
    let mut all = Records::new();
    for name in list.lines().filter(|name| !name.is_empty()) {
        let path = stack.join(name.to_path().ok()?);
        all.extend(references(&std::fs::read(path).ok()?)?);
    }
    Some(all)
}

/// The references of a table.
fn references(table: &[u8]) -> Option<Records> {
    let rest = table.strip_prefix(b"REFT")?;
    let &(_, header, own) = HEADERS.iter().find(|(version, ..)| Some(version) == rest.first())?;
    // The second version names its kind of ids, the first has those of SHA-1.
    let digits = match own {
        20 => 20,
        _ => match table.get(24..28)? {
            b"sha1" => 20,
            b"s256" => 32,
            _ => return None,
        },
    };
    let size = number(table.get(5..8)?);
    let mut all = Records::new();
    // The first block has the header in it, and counts it.
    let (mut start, mut from) = (0, header);
    while table.get(start + from) == Some(&b'r') {
        let end = start + number(table.get(start + from + 1..start + from + 4)?);
        let restarts = number(table.get(end.checked_sub(2)?..end)?);
        let records = table.get(start + from + 4..end.checked_sub(2 + 3 * restarts)?)?;
        read_block(records, digits, &mut all)?;
        // Blocks are filled up to their size, unless the next one follows at once.
        let is_filled = size > 0 && table.get(end).is_none_or(|byte| *byte == 0);
        start = if is_filled { start + size.max(end - start) } else { end };
        from = 0;
    }
    Some(all)
}

fn read_block(mut rest: &[u8], digits: usize, all: &mut Records) -> Option<()> {
    let mut name: Vec<u8> = Vec::new();
    while !rest.is_empty() {
        let shared = varint(&mut rest)?;
        let suffix = varint(&mut rest)?;
        name.truncate((shared <= name.len()).then_some(shared)?);
        name.extend_from_slice(taken(&mut rest, suffix >> 3)?);
        varint(&mut rest)?;
        let target = match suffix & 7 {
            0 => None,
            1 => taken(&mut rest, digits).map(|_| None)?,
            2 => taken(&mut rest, 2 * digits).map(|_| None)?,
            3 => {
                let length = varint(&mut rest)?;
                Some(BString::from(taken(&mut rest, length)?))
            }
            _ => return None,
        };
        all.insert(BString::from(name.as_slice()), target);
    }
    Some(())
}

fn taken<'b>(rest: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

/// A number of any length, as packs write the distance to a base.
fn varint(rest: &mut &[u8]) -> Option<usize> {
    let mut byte = *taken(rest, 1)?.first()?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = *taken(rest, 1)?.first()?;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
    }
    Some(value)
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |value, byte| value << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::fixture::Fixture;

    #[test]
    fn symbolic_references_are_those_that_git_tells() {
        for format in ["sha1", "sha256"] {
            let options = ["--ref-format=reftable", &format!("--object-format={format}")];
            let Ok(fixture) = Fixture::with(&options) else { return };
            let tip = fixture.commit("Begin");
            let mut moves = String::new();
            (0..3000).for_each(|at| moves += &format!("create refs/heads/some/branch/{at} {tip}\n"));
            fixture.git_with(&["update-ref", "--stdin"], moves.as_bytes());
            for at in 0..40 {
                fixture.git(&["symbolic-ref", &format!("refs/heads/link/{at}"), &format!("refs/heads/to/{at}")]);
            }
            fixture.git(&["symbolic-ref", "refs/heads/far", "refs/heads/link/7"]);
            fixture.git(&["symbolic-ref", "--delete", "refs/heads/link/9"]);
            fixture.git(&["tag", "-a", "-m", "One", "one"]);
            for pack in [false, true] {
                if pack {
                    fixture.git(&["pack-refs", "--all"]);
                }
                let found = fixture.repo().reftable_symrefs().unwrap();
                let told = |name: &BString| fixture.git(&["symbolic-ref", &name.to_string()]);
                assert_eq!(found.len(), 41, "HEAD, forty, one more, and one less");
                assert!(found.iter().all(|(name, target)| told(name) == *target.to_string()), "{found:?}");
                assert_eq!(found[&BString::from("refs/heads/far")], "refs/heads/to/7");
            }
        }
    }

    #[test]
    fn what_is_no_table_is_left_to_git() {
        assert!(references(b"").is_none() && references(b"REFT\x03").is_none() && references(b"REFT\x01").is_none());
        let mut table = b"REFT\x01\0\x10\0".to_vec();
        table.resize(24, 0);
        table.extend(b"r\0\xff\xff\x80");
        assert!(references(&table).is_none());
    }
}
