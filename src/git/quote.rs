//! Git's C-style quoting of paths, read back.

use bstr::BString;

/// Undoes the quoting that git puts round unusual paths; a text without a leading `"` is taken as it is.
///
/// The rules are those of `core.quotePath` in git-config(1). None where the quoting is broken.
pub(super) fn unquote(text: &[u8]) -> Option<BString> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        return Some(text.into());
    };
    let (path, rest) = unquote_prefix(quoted)?;
    rest.is_empty().then_some(path)
}

/// Reads up to the closing quote, and returns what is behind it too.
pub(super) fn unquote_prefix(mut rest: &[u8]) -> Option<(BString, &[u8])> {
    let mut path = Vec::new();
    loop {
        match rest {
            [b'"', tail @ ..] => return Some((path.into(), tail)),
            [b'\\', high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', tail @ ..] => {
                path.push((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'));
                rest = tail;
            }
            [b'\\', letter, tail @ ..] => {
                path.push(escaped(*letter)?);
                rest = tail;
            }
            [byte, tail @ ..] => {
                path.push(*byte);
                rest = tail;
            }
            [] => return None,
        }
    }
}

fn escaped(letter: u8) -> Option<u8> {
    Some(match letter {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        b'"' | b'\\' => letter,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_is_undone() {
        assert_eq!(unquote(b"plain path").unwrap(), "plain path");
        assert_eq!(unquote(b"\"a\\nb\\\"c\\\\d\\377\"").unwrap(), b"a\nb\"c\\d\xff".as_slice());
        for broken in [&b"\"open"[..], b"\"a\\q\"", b"\"a\" b", b"\"a\\9\""] {
            assert_eq!(unquote(broken), None);
        }
    }
}
