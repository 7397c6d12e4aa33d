//! The name of an object, as bytes, for either hash.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An object id: 20 bytes (SHA-1) or 32 (SHA-256).
///
/// Written and serialized as lower-case hexadecimal digits, never abbreviated.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid {
    bytes: [u8; 32],
    len: u8,
}

/// What was given is not 40 or 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a full object id of 40 or 64 hexadecimal digits")]
pub struct BadOid;

impl Oid {
    /// Takes the raw 20 or 32 bytes.
    ///
    /// # Errors
    ///
    /// [`BadOid`] for any other length.
    pub fn from_raw(raw: &[u8]) -> Result<Self, BadOid> {
        if raw.len() != 20 && raw.len() != 32 {
            return Err(BadOid);
        }
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        let len = if raw.len() == 20 { 20 } else { 32 };
        Ok(Self { bytes, len })
    }

    /// Takes 40 or 64 hexadecimal digits of either case.
    ///
    /// # Errors
    ///
    /// [`BadOid`] for anything else, an abbreviation included.
    pub fn from_hex(hex: &[u8]) -> Result<Self, BadOid> {
        if hex.len() != 40 && hex.len() != 64 {
            return Err(BadOid);
        }
        let mut raw = [0; 32];
        for (byte, pair) in raw.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Self::from_raw(&raw[..hex.len() / 2])
    }

    /// The all-zero id of SHA-256 or of SHA-1.
    #[must_use]
    pub fn zero(sha256: bool) -> Self {
        Self { bytes: [0; 32], len: if sha256 { 32 } else { 20 } }
    }

    /// The raw 20 or 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether this is git's word for "no object": all zeros. In a blame it means "not committed yet".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.as_bytes().iter().all(|byte| *byte == 0)
    }

    /// The first `digits` hexadecimal digits, or all if there are fewer. Uniqueness is not looked at.
    #[must_use]
    pub fn short(&self, digits: usize) -> String {
        let mut hex = self.to_string();
        hex.truncate(digits);
        hex
    }
}

fn digit(byte: u8) -> Result<u8, BadOid> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        b'A'..=b'F' => Ok(byte - b'A' + 10),
        _ => Err(BadOid),
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for byte in self.as_bytes() {
            f.write_char(char::from(DIGITS[usize::from(byte >> 4)]))?;
            f.write_char(char::from(DIGITS[usize::from(byte & 15)]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

impl FromStr for Oid {
    type Err = BadOid;

    fn from_str(hex: &str) -> Result<Self, BadOid> {
        Self::from_hex(hex.as_bytes())
    }
}

impl Serialize for Oid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Oid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        hex.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_goes_in_and_out() {
        for hex in ["00ff10a0b1c2d3e4f5061728394a5b6c7d8e9f00".to_owned(), "ab".repeat(32)] {
            let oid: Oid = hex.parse().unwrap();
            assert_eq!(oid.to_string(), hex);
            assert_eq!(oid.short(7), hex[..7]);
            assert_eq!(serde_json::to_string(&oid).unwrap(), format!("\"{hex}\""));
            assert_eq!(serde_json::from_str::<Oid>(&format!("\"{hex}\"")).unwrap(), oid);
        }
        let upper = "AB".repeat(20);
        assert_eq!(upper.parse::<Oid>().unwrap().to_string(), upper.to_lowercase());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for bad in ["", "abcdef", &"g".repeat(40), &"a".repeat(41), &"é".repeat(20)] {
            assert_eq!(bad.parse::<Oid>(), Err(BadOid), "{bad}");
        }
    }
}
