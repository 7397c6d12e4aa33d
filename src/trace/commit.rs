//! The name of a commit, without a Git library behind it.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A full commit id: SHA-1 (20 bytes) or SHA-256 (32 bytes).
///
/// Ids order by their bytes, so that all ids with a common prefix are neighbours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommitId {
    bytes: [u8; 32],
    len: u8,
}

/// As its raw bytes, for what is kept.
impl serde::Serialize for CommitId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_bytes().serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for CommitId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Vec::<u8>::deserialize(deserializer)?;
        CommitId::from_bytes(&raw).ok_or_else(|| serde::de::Error::custom(NotACommitId))
    }
}

/// The text isn't 40 or 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a full commit id has 40 or 64 hex digits")]
pub struct NotACommitId;

impl CommitId {
    /// Hex digits that writers put into a link: enough that no repository known has two commits with them.
    pub const WRITTEN: usize = 16;

    /// The id with these raw bytes; `None` unless there are 20 or 32.
    pub fn from_bytes(raw: &[u8]) -> Option<CommitId> {
        if raw.len() != 20 && raw.len() != 32 {
            return None;
        }
        let mut bytes = [0u8; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        let len = u8::try_from(raw.len()).ok()?;
        Some(CommitId { bytes, len })
    }

    /// The raw bytes, 20 or 32.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The first [`CommitId::WRITTEN`] hex digits, as a link carries them.
    pub fn abbreviated(&self) -> String {
        let mut hex = self.to_string();
        hex.truncate(Self::WRITTEN);
        hex
    }

    /// Whether the id's hex form starts with `prefix`, letter case aside. True for the empty prefix; false for one that
    /// isn't hex or is longer than the id.
    pub fn starts_with_hex(&self, prefix: &str) -> bool {
        prefix.bytes().all(|b| b.is_ascii_hexdigit()) && self.cmp_hex(prefix.as_bytes()) == Ordering::Equal
    }

    /// Compares the id's leading hex digits with `prefix`; equal means "starts with it". Bytes of `prefix` that aren't
    /// hex digits count as 0, so callers check first.
    pub(crate) fn cmp_hex(&self, prefix: &[u8]) -> Ordering {
        for (at, &digit) in prefix.iter().enumerate() {
            let Some(&byte) = self.as_bytes().get(at / 2) else {
                return Ordering::Less;
            };
            let own = if at % 2 == 0 { byte >> 4 } else { byte & 15 };
            match own.cmp(&hex_digit(digit).unwrap_or(0)) {
                Ordering::Equal => {}
                unequal => return unequal,
            }
        }
        Ordering::Equal
    }
}

/// The value of one hex digit of either case.
pub(crate) fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CommitId {
    type Err = NotACommitId;

    /// Reads 40 or 64 hex digits of either case; anything else, abbreviations too, is [`NotACommitId`].
    fn from_str(text: &str) -> Result<Self, NotACommitId> {
        if text.len() != 40 && text.len() != 64 {
            return Err(NotACommitId);
        }
        let mut raw = [0u8; 32];
        for (byte, pair) in raw.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let high = hex_digit(pair[0]).ok_or(NotACommitId)?;
            let low = hex_digit(pair[1]).ok_or(NotACommitId)?;
            *byte = high << 4 | low;
        }
        CommitId::from_bytes(&raw[..text.len() / 2]).ok_or(NotACommitId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_ids_of_both_hashes_read_back() {
        for hex in ["443d3707dde4c0ffee443d3707dde4c0ffee4437", &"ab".repeat(32)] {
            let id: CommitId = hex.parse().unwrap();
            assert_eq!(id.to_string(), hex);
            assert_eq!(hex.to_uppercase().parse(), Ok(id));
            assert_eq!(CommitId::from_bytes(id.as_bytes()), Some(id));
        }
        for bad in ["", "443d370", "443d3707dde4c0ffee443d3707dde4c0ffee443g", &"é".repeat(20)] {
            assert_eq!(bad.parse::<CommitId>(), Err(NotACommitId), "{bad}");
        }
    }

    #[test]
    fn prefixes_match_by_digit() {
        let id: CommitId = "443d3707dde4c0ffee443d3707dde4c0ffee4437".parse().unwrap();
        for yes in ["", "4", "443", "443D37", &id.to_string()] {
            assert!(id.starts_with_hex(yes), "{yes}");
        }
        for no in ["5", "444", "443x", &format!("{id}0"), "é"] {
            assert!(!id.starts_with_hex(no), "{no}");
        }
        assert_eq!(id.abbreviated(), "443d3707dde4c0ff");
    }
}
