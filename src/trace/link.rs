//! One link on one line: `path#anchor@commit version key:value…`.
//!
//! The same parser reads trailers and notes, on a person's machine and on a server. The format is DESIGN.md §4's.

use std::fmt::{self, Write as _};

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::commit::hex_digit;
use crate::spec::Version;

/// The key of a link, in a trailer and in a note; matched without ASCII case.
pub const KEY: &str = "Spec";

/// Longest value that can be a link, in bytes. Git's own limit for a path is about 4 KiB, three times that when every
/// byte is encoded; what is longer comes from somebody who wants to hurt.
pub const LONGEST: usize = 16 * 1024;

/// Fewest hex digits of a commit, as few as Git itself abbreviates to.
pub const SHORTEST_COMMIT: usize = 7;

/// Most hex digits of a commit: SHA-256.
const LONGEST_COMMIT: usize = 64;

/// Hex digits of a note line's id.
const ID_DIGITS: usize = 8;

/// "This commit was generated from that clause at that version."
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link {
    /// The spec file, decoded: `/`-separated, relative to the repository's root, never empty, without `.` and `..`.
    pub path: BString,
    /// The clause inside the file, decoded; `None` is the whole document.
    pub anchor: Option<String>,
    /// 7 to 64 lower-case hex digits of the spec's commit; `None` is the carrier itself.
    pub commit: Option<String>,
    /// The clause's version.
    pub version: LinkVersion,
    /// The other repository whose spec this is, two characters or more.
    pub foreign: Option<String>,
    /// Further `key:value` fields in order, decoded.
    pub fields: Vec<(String, String)>,
    /// Where the link was found.
    pub source: Source,
    /// The 8 lower-case hex digits by which a note line can be withdrawn.
    pub id: Option<String>,
}

/// A version, of a scheme that this program knows or of another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkVersion {
    /// A version that can be compared.
    Known(Version),
    /// A version of another scheme, verbatim (`v2:…`).
    Unknown(String),
}

/// Where a link was found; how much it may prove depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A trailer of the commit message.
    Trailer,
    /// Elsewhere in a squash-shaped message; never enough for a policy.
    Body,
    /// A note.
    Note,
    /// A note taken from code comments (`by:annotation`).
    Annotation,
    /// A note that says "no code had to change" (`by:affirm`).
    Affirm,
}

/// The value of a `Spec:` line isn't a link; it may be somebody else's trailer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a link: {0}")]
pub struct NotALink(pub Reason);

/// Why a value isn't a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Reason {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// Over [`LONGEST`] bytes.
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
    /// Bytes that aren't UTF-8 and aren't percent-encoded.
    #[error("bytes that aren't UTF-8 must be percent-encoded")]
    NotUtf8,
    /// A raw control, line break or white space other than space and tab.
    #[error("white space and control characters must be percent-encoded")]
    RawControl,
    /// `%` without two hex digits.
    #[error("a % must be followed by two hex digits")]
    BadEscape,
    /// No second word.
    #[error("the version is missing")]
    NoVersion,
    /// A second word that isn't a version.
    #[error("the second word isn't a version such as v1:<32 hex digits>")]
    BadVersion,
    /// Nothing before `#`, `@` or the version.
    #[error("the path is empty")]
    EmptyPath,
    /// An absolute path, an empty, `.` or `..` component, or a NUL.
    #[error("the path isn't one that Git can store")]
    BadPath,
    /// A raw `#`, `@` or `:` in the wrong place.
    #[error("a #, @ or : inside a name must be percent-encoded")]
    RawMark,
    /// `#` with nothing behind it, or an anchor that isn't UTF-8 when decoded.
    #[error("the anchor is empty or isn't UTF-8")]
    BadAnchor,
    /// Not 7 to 64 hex digits after `@`.
    #[error("the commit isn't 7 to 64 hex digits")]
    BadCommit,
    /// `name:` under two characters, or not UTF-8 when decoded.
    #[error("the name of the other repository is too short or isn't UTF-8")]
    BadForeign,
    /// A word behind the version that isn't `key:value`.
    #[error("what follows the version must be key:value")]
    BadField,
    /// A note line without ` id:<8 hex digits>` at its end.
    #[error("a line of a note must end in id:<8 hex digits>")]
    NoId,
    /// A link of one of the commits that a squash joins, which another of them reverts.
    #[error("the same message says that its commit was reverted")]
    TakenBack,
    /// A line whose key is neither `Spec` nor `Unspec`.
    #[error("the line is neither a Spec: nor an Unspec: line")]
    UnknownKey,
}

impl Link {
    /// Reads the value of a `Spec:` line, unfolded and without the key.
    ///
    /// `source` is kept in the link. Accepted beyond what [`fmt::Display`] writes: runs of spaces and tabs, any encoded
    /// byte, either case of hex digits. Linear in the length, never panics.
    ///
    /// # Errors
    /// [`NotALink`] with the first reason found.
    pub fn parse(value: &[u8], source: Source) -> Result<Link, NotALink> {
        read(value, source).map_err(NotALink)
    }

    /// The line as it stands in a message or note: `Spec: ` and the value.
    pub fn line(&self) -> String {
        format!("{KEY}: {self}")
    }

    /// [`clause_name`], behind the other repository's name if there is one.
    pub fn clause_name(&self) -> String {
        let mut name = String::new();
        // writing to a String never fails
        let _ = self.write_name(&mut name);
        name
    }

    /// The value of the first further field of that name, letter case aside.
    pub fn field(&self, key: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(k, _)| k.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether both name the same clause of the same repository.
    pub fn same_clause(&self, other: &Link) -> bool {
        self.foreign == other.foreign && self.path == other.path && self.anchor == other.anchor
    }

    fn write_name(&self, out: &mut impl fmt::Write) -> fmt::Result {
        if let Some(name) = &self.foreign {
            encode(out, name.as_bytes(), is_mark)?;
            out.write_char(':')?;
        }
        write_clause(out, self.path.as_bstr(), self.anchor.as_deref())
    }
}

/// A clause's name as links write it: `path#anchor`, encoded, hence without controls or white space.
pub fn clause_name(path: &BStr, anchor: Option<&str>) -> String {
    let mut name = String::new();
    // writing to a String never fails
    let _ = write_clause(&mut name, path, anchor);
    name
}

fn write_clause(out: &mut impl fmt::Write, path: &BStr, anchor: Option<&str>) -> fmt::Result {
    encode(out, path, is_mark)?;
    match anchor {
        None => Ok(()),
        Some(anchor) => {
            out.write_char('#')?;
            encode(out, anchor.as_bytes(), is_mark)
        }
    }
}

impl fmt::Display for Link {
    /// The value of a `Spec:` line: one line without controls, whatever the link holds. Reads back as the same link if
    /// the fields keep what their descriptions promise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_name(f)?;
        if let Some(commit) = &self.commit {
            f.write_char('@')?;
            encode(f, commit.as_bytes(), is_mark)?;
        }
        write!(f, " {}", self.version)?;
        for (key, value) in &self.fields {
            f.write_char(' ')?;
            encode(f, key.as_bytes(), is_mark)?;
            f.write_char(':')?;
            encode(f, value.as_bytes(), |_| false)?;
        }
        match &self.id {
            None => Ok(()),
            Some(id) => {
                f.write_str(" id:")?;
                encode(f, id.as_bytes(), is_mark)
            }
        }
    }
}

impl fmt::Display for LinkVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkVersion::Known(version) => version.fmt(f),
            LinkVersion::Unknown(text) => encode(f, text.as_bytes(), |_| false),
        }
    }
}

fn read(value: &[u8], source: Source) -> Result<Link, Reason> {
    if value.len() > LONGEST {
        return Err(Reason::TooLong);
    }
    let text = std::str::from_utf8(value).map_err(|_| Reason::NotUtf8)?;
    let mut words = words(text)?;
    let name = words.next().ok_or(Reason::Empty)?;
    let version = read_version(words.next().ok_or(Reason::NoVersion)?)?;
    let (name, commit) = split_commit(name)?;
    let (name, anchor) = split_anchor(name)?;
    let (foreign, path) = split_foreign(name)?;
    let (fields, id) = read_fields(words)?;
    Ok(Link { path: read_path(path)?, anchor, commit, version, foreign, fields, source, id })
}

/// The words of a value between spaces and tabs, after a check that nothing hidden stands in them.
pub(super) fn words(text: &str) -> Result<impl Iterator<Item = &str>, Reason> {
    if text.chars().any(|c| !matches!(c, ' ' | '\t') && is_hidden(c)) {
        return Err(Reason::RawControl);
    }
    Ok(text.split([' ', '\t']).filter(|word| !word.is_empty()))
}

fn read_version(word: &str) -> Result<LinkVersion, Reason> {
    if let Ok(version) = word.parse() {
        return Ok(LinkVersion::Known(version));
    }
    let (scheme, hash) = word.split_once(':').ok_or(Reason::BadVersion)?;
    let number = scheme.strip_prefix('v').ok_or(Reason::BadVersion)?;
    let is_number = (1..=9).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let is_other = is_number && !number.starts_with('0') && number != "1";
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.=+/".contains(&b);
    if is_other && !hash.is_empty() && hash.bytes().all(is_plain) {
        Ok(LinkVersion::Unknown(word.to_owned()))
    } else {
        Err(Reason::BadVersion)
    }
}

fn split_commit(name: &str) -> Result<(&str, Option<String>), Reason> {
    let Some((rest, commit)) = name.split_once('@') else {
        return Ok((name, None));
    };
    let is_hex = commit.bytes().all(|b| b.is_ascii_hexdigit());
    if commit.contains(['@', '#']) {
        Err(Reason::RawMark)
    } else if !is_hex || !(SHORTEST_COMMIT..=LONGEST_COMMIT).contains(&commit.len()) {
        Err(Reason::BadCommit)
    } else {
        Ok((rest, Some(commit.to_ascii_lowercase())))
    }
}

fn split_anchor(name: &str) -> Result<(&str, Option<String>), Reason> {
    let Some((rest, anchor)) = name.split_once('#') else {
        return Ok((name, None));
    };
    if anchor.contains(is_mark) {
        return Err(Reason::RawMark);
    }
    let anchor = String::from_utf8(decode(anchor)?).map_err(|_| Reason::BadAnchor)?;
    if anchor.is_empty() {
        return Err(Reason::BadAnchor);
    }
    Ok((rest, Some(anchor)))
}

fn split_foreign(name: &str) -> Result<(Option<String>, &str), Reason> {
    let Some((foreign, path)) = name.split_once(':') else {
        return Ok((None, name));
    };
    if path.contains(is_mark) {
        return Err(Reason::RawMark);
    }
    let foreign = String::from_utf8(decode(foreign)?).map_err(|_| Reason::BadForeign)?;
    if foreign.chars().nth(1).is_none() {
        return Err(Reason::BadForeign);
    }
    Ok((Some(foreign), path))
}

fn read_path(encoded: &str) -> Result<BString, Reason> {
    let path = decode(encoded)?;
    if path.is_empty() {
        return Err(Reason::EmptyPath);
    }
    let is_plain = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    if path.contains(&0) || !path.split_str("/").all(is_plain) {
        return Err(Reason::BadPath);
    }
    Ok(path.into())
}

/// The fields behind the version, and the `id:` that ends them.
type Fields = (Vec<(String, String)>, Option<String>);

fn read_fields<'a>(words: impl Iterator<Item = &'a str>) -> Result<Fields, Reason> {
    let mut fields = words.map(read_field).collect::<Result<Vec<_>, _>>()?;
    let id = fields.last().and_then(as_id);
    if id.is_some() {
        fields.pop();
    }
    Ok((fields, id))
}

/// One `key:value`, decoded.
pub(super) fn read_field(word: &str) -> Result<(String, String), Reason> {
    let (key, value) = word.split_once(':').ok_or(Reason::BadField)?;
    let is_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if key.is_empty() || value.is_empty() || !key.bytes().all(is_key) {
        return Err(Reason::BadField);
    }
    let value = String::from_utf8(decode(value)?).map_err(|_| Reason::BadField)?;
    Ok((key.to_owned(), value))
}

/// The 8 hex digits of an `id:` field, in lower case.
pub(super) fn as_id((key, value): &(String, String)) -> Option<String> {
    let is_hex = value.len() == ID_DIGITS && value.bytes().all(|b| b.is_ascii_hexdigit());
    (key.eq_ignore_ascii_case("id") && is_hex).then(|| value.to_ascii_lowercase())
}

/// The characters that divide a link's name.
fn is_mark(c: char) -> bool {
    matches!(c, '#' | '@' | ':')
}

/// White space, C0 and C1 controls, and what turns the direction of writing (UAX #9): all that a reader cannot see.
fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_whitespace() || c.is_control()
}

/// Writes bytes with `%`, what [`is_hidden`], what is `special` and what isn't UTF-8 as `%XX`.
fn encode(out: &mut impl fmt::Write, bytes: &[u8], special: fn(char) -> bool) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '%' || special(c) || is_hidden(c) {
                escape(out, c.encode_utf8(&mut [0; 4]).as_bytes())?;
            } else {
                out.write_char(c)?;
            }
        }
        escape(out, chunk.invalid())?;
    }
    Ok(())
}

fn escape(out: &mut impl fmt::Write, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(out, "%{byte:02X}"))
}

/// A name that was typed, as text: one that is not UTF-8 with its percent signs and foreign bytes as `%XX`, as links write them.
pub fn named(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(&chunk.valid().replace('%', "%25"));
        // writing to a String never fails
        let _ = escape(&mut out, chunk.invalid());
    }
    out
}

/// A part of a link's name, or of an address, without its percent-encoding; none where it has none or a broken one.
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    text.contains('%').then(|| decode(text).ok()).flatten()
}

fn decode(text: &str) -> Result<Vec<u8>, Reason> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(hex_digit).ok_or(Reason::BadEscape);
        out.push(digit()? << 4 | digit()?);
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
