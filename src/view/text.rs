//! Repository content never drives a terminal or a shell.
//!
//! Titles, subjects, paths and clause bodies were written by anyone who can push. Whatever goes to a screen or into
//! a command that the user may copy passes through here: controls become visible escapes, paths are quoted as git
//! quotes them, commands as a shell reads them back, and columns are counted as a terminal counts them.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::{Sign, Style};

/// A text of several lines with its controls made visible: C0, DEL and C1, the marks that turn the direction of
/// writing, and the byte order mark, as `\x1b` or `\u{202e}`.
///
/// Line feeds and tabs stay, and the carriage return of a CRLF line end is dropped: they are layout, and code blocks
/// need them. For a text that has to stay on its line see [`one_line`].
pub fn escape_controls(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(|c| is_control(c) && c != '\n' && c != '\t') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' if rest.peek() == Some(&'\n') => {}
            c => push_visible(&mut out, c),
        }
    }
    Cow::Owned(out)
}

/// A text as one line: runs of line ends and tabs become a space, all other controls visible escapes.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.trim_matches(['\n', '\r', '\t']).chars() {
        match c {
            '\n' | '\r' | '\t' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => push_visible(&mut out, c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character can drive a terminal or hide what a line says: see <https://trojansource.codes> for the
/// bidirectional ones.
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}')
}

fn push_visible(out: &mut String, c: char) {
    // Writing to a `String` cannot fail.
    let _ = match c {
        c if !is_control(c) => {
            out.push(c);
            Ok(())
        }
        c if c.is_ascii() => write!(out, "\\x{:02x}", u32::from(c)),
        c => write!(out, "\\u{{{:x}}}", u32::from(c)),
    };
}

/// A path as git shows it: bare, or in double quotes with C-style escapes where it holds a quote, a backslash or a
/// control (git-config, `core.quotePath`).
///
/// Letters beyond ASCII stay readable, as under `core.quotePath=false`, as long as the whole path is UTF-8; if it
/// isn't, all bytes from 0x80 up are octal, as under `core.quotePath=true`, so that any git command reads it back.
pub fn quote_path(path: &[u8]) -> String {
    let text = std::str::from_utf8(path).ok();
    let plain = |c: char| !is_control(c) && c != '"' && c != '\\';
    if let Some(text) = text.filter(|text| text.chars().all(plain)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(path.len() + 8);
    out.push('"');
    match text {
        Some(text) => {
            for c in text.chars() {
                if plain(c) {
                    out.push(c);
                } else {
                    c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_quoted(&mut out, byte));
                }
            }
        }
        None => path.iter().for_each(|&byte| push_quoted(&mut out, byte)),
    }
    out.push('"');
    out
}

/// One byte inside double quotes, by the table of git's `quote.c`.
fn push_quoted(out: &mut String, byte: u8) {
    let letter = match byte {
        0x07 => 'a',
        0x08 => 'b',
        b'\t' => 't',
        b'\n' => 'n',
        0x0b => 'v',
        0x0c => 'f',
        b'\r' => 'r',
        b'"' => '"',
        b'\\' => '\\',
        0x20..=0x7e => return out.push(byte as char),
        _ => {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "\\{byte:03o}");
            return;
        }
    };
    out.push('\\');
    out.push(letter);
}

/// One word of a command that the user may copy into a POSIX shell.
///
/// A word with controls takes the form `$'…'` (POSIX.1-2024, bash, zsh, ksh), because a control that is merely
/// quoted would still reach the terminal.
pub fn shell_quote(word: &str) -> Cow<'_, str> {
    let harmless =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | ',' | ':' | '/' | '@' | '%' | '=' | '#');
    if !word.is_empty() && !word.starts_with(['#', '=']) && word.chars().all(harmless) {
        return Cow::Borrowed(word);
    }
    if !word.chars().any(is_control) {
        return Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")));
    }
    let mut out = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if is_control(c) => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| octal(&mut out, byte)),
            c => out.push(c),
        }
    }
    out.push('\'');
    Cow::Owned(out)
}

/// The same of a word that may not be UTF-8: a byte that is none is written as an escape, which the shell reads back.
pub fn shell_quote_bytes(word: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(word) {
        return shell_quote(text);
    }
    let mut out = String::from("$'");
    for chunk in word.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '\\' => out.extend(['\\', c]),
                c if is_control(c) => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| octal(&mut out, byte)),
                c => out.push(c),
            }
        }
        chunk.invalid().iter().for_each(|&byte| octal(&mut out, byte));
    }
    out.push('\'');
    Cow::Owned(out)
}

/// Three octal digits end by themselves, hexadecimal ones don't.
fn octal(out: &mut String, byte: u8) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "\\{byte:03o}");
}

/// How many terminal columns a text takes.
pub fn width(text: &str) -> usize {
    if is_plain(text) { text.len() } else { text.width() }
}

/// Whether each byte is a visible character of one column, as it is in most texts.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// A text in at most `columns` columns, the rest replaced by `…` or `...`; a wide character is never halved.
pub fn truncate(text: &str, columns: usize, style: Style) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let sign = style.sign(Sign::Ellipsis);
    let Some(room) = columns.checked_sub(width(sign)) else {
        return sign.chars().take(columns).collect();
    };
    let mut used = 0;
    let end = text
        .char_indices()
        .find(|&(_, c)| {
            used += c.width().unwrap_or(0);
            used > room
        })
        .map_or(text.len(), |(at, _)| at);
    format!("{}{sign}", text[..end].trim_end())
}

/// A path in at most `columns` columns: its first directories are left out, as `git diff --stat` does, since the names
/// at its end tell it from others.
pub fn cut_path(path: &str, columns: usize, style: Style) -> String {
    let path = one_line(path);
    if width(&path) <= columns {
        return path.into_owned();
    }
    let sign = style.sign(Sign::Ellipsis);
    let room = columns.saturating_sub(width(sign));
    let fits = |at: &usize| width(&path[*at..]) <= room;
    // At a slash, unless that leaves out a long name that all but fits.
    let slash = path.match_indices('/').map(|(at, _)| at).find(fits).filter(|at| 2 * width(&path[*at..]) >= room);
    match slash.or_else(|| path.char_indices().map(|(at, _)| at).find(fits)) {
        Some(at) => format!("{sign}{}", &path[at..]),
        None => truncate(&path, columns, style),
    }
}

/// Words in lines of at most `columns` columns, broken at spaces; each line but the first is indented.
pub fn fill(text: &str, columns: usize, indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("{:indent$}{word}", "")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A hint on lines of at most `columns` columns, but for a command of git's, which somebody may copy: that one begins a line
/// where it is the longer, and stays whole.
pub fn fill_hint(text: &str, columns: usize) -> Vec<String> {
    let mut pieces: Vec<&str> = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(" git ") {
        pieces.push(&text[from..at]);
        from = at + 1;
    }
    pieces.push(&text[from..]);
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(piece) <= columns => {
                line.push(' ');
                line.push_str(piece);
            }
            _ if piece.starts_with("git ") => lines.push(piece.to_owned()),
            _ => lines.extend(fill(piece, columns, 0)),
        }
    }
    lines
}

/// A text filled up with spaces to `columns` columns; a longer one stays as it is. Pad first, then paint.
pub fn pad(text: &str, columns: usize) -> String {
    padded(text.to_owned(), columns)
}

fn padded(mut text: String, columns: usize) -> String {
    let missing = columns.saturating_sub(width(&text));
    text.reserve(missing);
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// A text in exactly `columns` columns: cut or filled.
pub fn fit(text: &str, columns: usize, style: Style) -> String {
    padded(truncate(text, columns, style), columns)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UNICODE: Style = Style { color: false, unicode: true };

    #[test]
    fn commands_of_a_hint_stay_whole() {
        let fix =
            "git rebase -i -r d7f4c0846^, edit d7f4c0846 there, and git spec commit --amend --no-edit --for CLAUSE";
        assert_eq!(
            fill_hint(fix, 100),
            [
                "git rebase -i -r d7f4c0846^, edit d7f4c0846 there, and",
                "git spec commit --amend --no-edit --for CLAUSE"
            ]
        );
        assert_eq!(fill_hint(fix, 120), [fix]);
        let long = format!("git spec commit --for {}", "x".repeat(80));
        assert_eq!(fill_hint(&format!("do this: {long}"), 40), ["do this:", &long]);
        assert_eq!(fill_hint("put the files themselves there", 12), ["put the", "files", "themselves", "there"]);
    }

    #[test]
    fn controls_become_visible() {
        assert_eq!(escape_controls("a\u{1b}[31mb\u{7f}\u{9b}c\n\td"), "a\\x1b[31mb\\x7f\\u{9b}c\n\td");
        assert_eq!(
            escape_controls("x\u{202e}y\u{2066}\u{200f}\u{61c}\u{feff}"),
            "x\\u{202e}y\\u{2066}\\u{200f}\\u{61c}\\u{feff}"
        );
        assert_eq!(escape_controls("a\r\nb\rc"), "a\nb\\x0dc");
        assert!(matches!(escape_controls("日本 “ok”\n"), Cow::Borrowed(_)));
        assert_eq!(one_line("\na\r\n\tb\u{7}\n"), "a b\\x07");
    }

    #[test]
    fn paths_are_quoted_as_git_does() {
        assert_eq!(quote_path(b"a b/c.md"), "a b/c.md");
        assert_eq!(quote_path("gr\u{fc}n/日本.md".as_bytes()), "gr\u{fc}n/日本.md");
        assert_eq!(quote_path(b"a\"b\\c\td\x01"), r#""a\"b\\c\td\001""#);
        assert_eq!(quote_path(b"caf\xe9 \xc3\xa9.md"), r#""caf\351 \303\251.md""#);
        assert_eq!(quote_path("x\u{202e}ü".as_bytes()), "\"x\\342\\200\\256ü\"");
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_quote("specs/auth.md#AUTH-2@HEAD"), "specs/auth.md#AUTH-2@HEAD");
        assert_eq!(shell_quote(""), "''");
        assert_eq!(shell_quote("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(shell_quote("#x"), "'#x'");
        assert_eq!(shell_quote("a\u{1b}1'"), r"$'a\0331\''");
        assert_eq!(shell_quote_bytes(b"nosuch/latin\xe9.md"), r"$'nosuch/latin\351.md'");
        assert_eq!(shell_quote_bytes(b"it's\\\xff1"), r"$'it\'s\\\3771'");
        assert_eq!(shell_quote_bytes(b"a b"), "'a b'");
    }

    #[test]
    fn columns_count_as_a_terminal_counts() {
        assert_eq!(truncate("Lockout", 7, UNICODE), "Lockout");
        assert_eq!(truncate("Lock accounts", 8, UNICODE), "Lock ac…");
        assert_eq!(truncate("Lock accounts", 6, UNICODE), "Lock…");
        assert_eq!(truncate("Lock accounts", 8, Style::PLAIN), "Lock...");
        assert_eq!(truncate("日本語仕様", 6, UNICODE), "日本…");
        assert_eq!(truncate("abcdef", 2, Style::PLAIN), "..");
        assert_eq!(truncate("abcdef", 0, UNICODE), "");
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(fit("abcdef", 4, UNICODE), "abc…");
        assert_eq!(cut_path("specs/deep/auth/spec.md", 16, UNICODE), "…/auth/spec.md");
        assert_eq!(cut_path("specs/a-very-long-name/a.md", 14, UNICODE), "…ong-name/a.md");
        assert_eq!(cut_path("specs/auth.md", 13, UNICODE), "specs/auth.md");
        assert_eq!(cut_path("specification.md", 8, UNICODE), "…tion.md");
        assert_eq!(fill("3 modified, 2 added; 1 folded", 14, 2), ["3 modified, 2", "  added; 1", "  folded"]);
    }

    proptest! {
        #[test]
        fn nothing_shown_holds_a_control(text in any::<String>()) {
            prop_assert!(!escape_controls(&text).chars().any(|c| is_control(c) && c != '\n' && c != '\t'));
            prop_assert!(!one_line(&text).chars().any(is_control));
            prop_assert!(!shell_quote(&text).chars().any(is_control));
        }

        #[test]
        fn any_path_can_be_shown(path in any::<Vec<u8>>()) {
            prop_assert!(!quote_path(&path).chars().any(is_control));
        }

        #[test]
        fn a_truncated_text_fits(text in "\\PC*", columns in 0usize..40) {
            prop_assert!(width(&truncate(&text, columns, UNICODE)) <= columns);
        }
    }
}
