//! Literals that only one language has, or few: raw strings, regular expressions, single characters.

use bstr::ByteSlice;

use super::languages::{Quote, SQL};
use super::places::{Scan, is_word};

/// `'a'`, and `'a` that is none: a lifetime, a label, a type variable, an attribute, a prime behind a name.
pub fn tick(scan: &mut Scan) -> bool {
    if scan.peek(0) != Some(b'\'') {
        return false;
    }
    let is_prime = scan.before().is_some_and(|byte| is_word(byte) || b"')]".contains(&byte));
    let Some(next) = scan.rest().get(1..).and_then(|rest| rest.chars().next()).map(char::len_utf8) else {
        return scan.skip(1);
    };
    if is_prime {
        return scan.skip(1);
    }
    if scan.peek(1) == Some(b'\\') {
        // `'\''`, `'\x41'`, `'\u{1F600}'`
        let end = scan.rest().get(3..).and_then(|rest| rest.find_byte(b'\''));
        return scan.skip(end.filter(|end| *end <= 12).map_or(1, |end| end + 4));
    }
    scan.skip(if scan.peek(1 + next) == Some(b'\'') { next + 2 } else { 1 })
}

/// A raw string: a name, as many `#` as there are, and a quotation mark.
fn raw_with_signs(scan: &mut Scan, names: &[&str]) -> bool {
    let Some(name) = names.iter().find(|name| scan.starts(name)) else { return false };
    let rest = &scan.rest()[name.len()..];
    let signs = rest.iter().take_while(|byte| **byte == b'#').count();
    if rest.get(signs) != Some(&b'"') || scan.in_word() {
        return false;
    }
    let close = [b"\"".as_slice(), &b"#".repeat(signs)].concat();
    scan.raw(name.len() + signs + 1, &close)
}

pub fn rust(scan: &mut Scan) -> bool {
    match scan.peek(0) {
        Some(b'r' | b'b' | b'c') => raw_with_signs(scan, &["r", "br", "cr"]),
        Some(b'\'') => {
            // Behind a `b` it is a byte.
            let is_byte = scan.before() == Some(b'b') && scan.peek(2).is_some() && !scan.starts("'\\");
            if is_byte && scan.peek(2) == Some(b'\'') { scan.skip(3) } else { rust_tick(scan) }
        }
        _ => false,
    }
}

fn rust_tick(scan: &mut Scan) -> bool {
    if scan.before() == Some(b'b') && scan.starts("'\\") {
        let end = scan.rest().get(3..).and_then(|rest| rest.find_byte(b'\''));
        return scan.skip(end.filter(|end| *end <= 12).map_or(1, |end| end + 4));
    }
    tick(scan)
}

/// `R"x(…)x"`, and `'` between digits.
pub fn c(scan: &mut Scan) -> bool {
    if scan.peek(0) == Some(b'\'') && scan.before().is_some_and(|byte| byte.is_ascii_hexdigit()) {
        // `u'x'` and `U'x'` begin with no digit.
        return scan.peek(1).is_some_and(|byte| byte.is_ascii_hexdigit()) && scan.skip(1);
    }
    if !scan.starts("R\"") {
        return false;
    }
    let prefix = scan.text[..scan.at].iter().rposition(|byte| !is_word(*byte)).map_or(0, |at| at + 1);
    if !matches!(&scan.text[prefix..scan.at], b"" | b"u8" | b"u" | b"U" | b"L") {
        return false;
    }
    let body = &scan.rest()[2..];
    let Some(open) = body.find_byte(b'(').filter(|len| *len <= 16) else { return false };
    let close = [b")".as_slice(), &body[..open], b"\""].concat();
    scan.raw(2 + open + 1, &close)
}

/// Raw strings, verbatim ones and such with code in braces.
pub fn csharp(scan: &mut Scan) -> bool {
    let signs = scan.rest().iter().take_while(|byte| **byte == b'$').count();
    let marks = scan.rest()[signs..].iter().take_while(|byte| **byte == b'"').count();
    if marks >= 3 {
        let close = b"\"".repeat(marks);
        return scan.raw(signs + marks, &close);
    }
    const CODE: &[(&str, u8)] = &[("{{", 0), ("{", b'}')];
    for (open, verbatim, code) in
        [("$@\"", true, true), ("@$\"", true, true), ("@\"", true, false), ("$\"", false, true)]
    {
        if scan.starts(open) {
            let inner = if code { CODE } else { &[] };
            let escape = (!verbatim).then_some(b'\\');
            braces(scan, &Quote { open, close: "\"", escape, lines: verbatim, inner }, verbatim);
            return true;
        }
    }
    false
}

/// A string in which a doubled brace is none, and in a verbatim one a doubled mark.
fn braces(scan: &mut Scan, quote: &Quote, verbatim: bool) {
    let start = scan.at;
    scan.skip(quote.open.len());
    while let Some(byte) = scan.peek(0) {
        match byte {
            b'{' if !quote.inner.is_empty() && scan.peek(1) == Some(b'{') => _ = scan.skip(2),
            b'{' if !quote.inner.is_empty() => {
                scan.skip(1);
                if !scan.nested(b'}') {
                    return;
                }
            }
            b'"' if verbatim && scan.peek(1) == Some(b'"') => _ = scan.skip(2),
            b'"' => {
                scan.skip(1);
                return;
            }
            b'\n' if !quote.lines => return,
            _ if quote.escape == Some(byte) => _ = scan.skip(2),
            _ => scan.at += 1,
        }
    }
    scan.give_up(start);
}

/// `#"…"#`, with as many signs as there are.
pub fn swift(scan: &mut Scan) -> bool {
    let signs = scan.rest().iter().take_while(|byte| **byte == b'#').count();
    let marks = scan.rest()[signs..].iter().take_while(|byte| **byte == b'"').count();
    if signs == 0 || marks == 0 {
        return false;
    }
    let marks = if marks >= 3 { 3 } else { 1 };
    let close = [b"\"".repeat(marks), b"#".repeat(signs)].concat();
    scan.raw(signs + marks, &close)
}

pub fn dart(scan: &mut Scan) -> bool {
    if scan.peek(0) != Some(b'r') || scan.in_word() {
        return false;
    }
    for close in ["\"\"\"", "'''", "\"", "'"] {
        if scan.rest()[1..].starts_with(close.as_bytes()) {
            return scan.raw(1 + close.len(), close.as_bytes());
        }
    }
    false
}

pub fn groovy(scan: &mut Scan) -> bool {
    if scan.starts("$/") && !scan.in_word() {
        return scan.raw(2, b"/$");
    }
    let is_slash = scan.starts("/") && !scan.starts("//") && !scan.starts("/*");
    is_slash && expects_value(scan, &["return", "in"]) && regex(scan)
}

pub fn script(scan: &mut Scan) -> bool {
    match scan.peek(0) {
        Some(b'/') if !scan.starts("//") && !scan.starts("/*") => {
            const WORDS: [&str; 14] = [
                "return",
                "typeof",
                "case",
                "in",
                "of",
                "delete",
                "void",
                "throw",
                "new",
                "else",
                "do",
                "instanceof",
                "yield",
                "await",
            ];
            let is_tag = scan.peek(1) == Some(b'>') || scan.before() == Some(b'<');
            !is_tag && expects_value(scan, &WORDS) && regex(scan)
        }
        // An address in the text between tags.
        Some(b':') if scan.starts("://") && scan.in_word() && scan.peek(3).is_some_and(is_word) => scan.skip(3),
        _ => false,
    }
}

/// Whether a value comes next and no operator, as the last byte or word of code says.
pub fn expects_value(scan: &Scan, words: &[&str]) -> bool {
    let before = &scan.text[..scan.last];
    match before.last() {
        None => true,
        Some(byte) if is_word(*byte) => {
            let start = before.iter().rposition(|byte| !is_word(*byte)).map_or(0, |at| at + 1);
            words.iter().any(|word| word.as_bytes() == &before[start..])
        }
        Some(byte) => b"(,=:[!&|?{};+-*%~^<>".contains(byte),
    }
}

/// Longer than any that is written by hand; in a file of one long line each slash is looked at.
const LONGEST_REGEX: usize = 2000;

/// Reads a regular expression, where it ends on this line.
pub fn regex(scan: &mut Scan) -> bool {
    let line = scan.rest();
    let line = &line[..line.len().min(LONGEST_REGEX)];
    let (mut at, mut class) = (1, false);
    while let Some(byte) = line.get(at) {
        match byte {
            b'\n' => return false,
            b'\\' => at += 1,
            b'[' => class = true,
            b']' => class = false,
            b'/' if !class => return scan.skip(at + 1),
            _ => {}
        }
        at += 1;
    }
    false
}

/// `url(http://…)`
pub fn css(scan: &mut Scan) -> bool {
    if !scan.starts("url(") || scan.in_word() || matches!(scan.peek(4), Some(b'"' | b'\'')) {
        return false;
    }
    let end = scan.text[scan.at..scan.line_end()].find_byte(b')');
    end.is_some_and(|end| scan.skip(end + 1))
}

/// `''…''`
pub fn nix(scan: &mut Scan) -> bool {
    if !scan.starts("''") || scan.in_word() {
        return false;
    }
    let start = scan.at;
    scan.skip(2);
    while scan.at < scan.text.len() {
        if scan.starts("'''") || scan.starts("''$") || scan.starts("''\\") {
            scan.skip(3);
        } else if scan.starts("''") {
            return scan.skip(2);
        } else if scan.starts("${") {
            scan.skip(2);
            if !scan.nested(b'}') {
                return true;
            }
        } else {
            scan.at += 1;
        }
    }
    scan.give_up(start);
    true
}

/// `\\…` to the end of the line.
pub fn zig(scan: &mut Scan) -> bool {
    if scan.starts("\\\\") {
        let end = scan.line_end();
        return scan.skip(end - scan.at);
    }
    false
}

pub fn julia(scan: &mut Scan) -> bool {
    if scan.peek(0) == Some(b'\'') { tick(scan) } else { false }
}

pub fn nim(scan: &mut Scan) -> bool {
    if scan.starts("r\"") && !scan.in_word() {
        return scan.raw(2, b"\"");
    }
    tick(scan)
}

/// `r"(…)"`, also with dashes and other brackets.
pub fn r_language(scan: &mut Scan) -> bool {
    if !matches!(scan.peek(0), Some(b'r' | b'R')) || scan.in_word() {
        return false;
    }
    let Some(mark @ (b'"' | b'\'')) = scan.peek(1) else { return false };
    let dashes = scan.rest()[2..].iter().take_while(|byte| **byte == b'-').count();
    let close = match scan.peek(2 + dashes) {
        Some(b'(') => b")",
        Some(b'[') => b"]",
        Some(b'{') => b"}",
        _ => return false,
    };
    let close = [close.as_slice(), &b"-".repeat(dashes), &[mark]].concat();
    scan.raw(3 + dashes, &close)
}

/// `[==[…]==]`, and `--[==[…]==]` for comments.
pub fn lua(scan: &mut Scan) -> bool {
    let dashes = if scan.starts("--") { 2 } else { 0 };
    let Some(level) = long_bracket(&scan.rest()[dashes..]) else { return false };
    let close = [b"]".as_slice(), &b"=".repeat(level), b"]"].concat();
    let end = scan.rest().find(&close).map(|end| scan.at + end + close.len());
    match end {
        Some(end) if dashes > 0 => scan.comment_to(end),
        Some(end) => scan.skip(end - scan.at),
        None => {
            scan.give_up(scan.at);
            true
        }
    }
}

/// The number of `=` in a bracket that opens a long one.
pub fn long_bracket(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"[")?;
    let level = rest.iter().take_while(|byte| **byte == b'=').count();
    (rest.get(level) == Some(&b'[')).then_some(level)
}

/// Strings in which a backslash may or may not stand for itself, and `$tag$…$tag$`.
pub fn sql(scan: &mut Scan) -> bool {
    match scan.peek(0) {
        Some(b'$') if !scan.in_word() => {
            let name = scan.rest()[1..].iter().take_while(|byte| is_word(**byte)).count();
            let tag = scan.rest()[..(name + 2).min(scan.rest().len())].to_vec();
            let is_tag = tag.len() == name + 2 && tag.ends_with(b"$") && !tag[1].is_ascii_digit();
            if !is_tag {
                return false;
            }
            let body = scan.at + tag.len();
            match scan.text[body..].find(&tag) {
                // The body of a function is code.
                Some(length) if is_body(&scan.text[..scan.last]) => {
                    scan.at = body;
                    scan.embed(&SQL, body + length);
                    scan.skip(tag.len())
                }
                _ => scan.raw(tag.len(), &tag),
            }
        }
        Some(b'\'') => {
            let Some(end) = scan.rest()[1..].find_byte(b'\'') else {
                scan.give_up(scan.at);
                return true;
            };
            let slashes = scan.rest()[1..=end].iter().rev().take_while(|byte| **byte == b'\\').count();
            // In one dialect the string goes on behind `\'`, in others it ends there.
            if slashes % 2 == 1 {
                scan.give_up(scan.at);
                return true;
            }
            scan.skip(end + 2)
        }
        _ => false,
    }
}

/// The part of a file in which its pragmas stand.
const OPENING: usize = 4096;

/// `AS`, `DO`, `LANGUAGE plpgsql`
fn is_body(before: &[u8]) -> bool {
    let word = before.iter().rposition(|byte| !is_word(*byte)).map_or(before, |at| &before[at + 1..]);
    [&b"as"[..], b"do", b"plpgsql", b"sql"].iter().any(|name| word.eq_ignore_ascii_case(name))
}

pub fn haskell(scan: &mut Scan) -> bool {
    const SYMBOLS: &[u8] = b"!#$%&*+./<=>?@\\^|-~:";
    match scan.peek(0) {
        Some(b'-') if scan.starts("--") => {
            let dashes = scan.rest().iter().take_while(|byte| **byte == b'-').count();
            let is_operator = scan.before().is_some_and(|byte| SYMBOLS.contains(&byte))
                || scan.peek(dashes).is_some_and(|byte| SYMBOLS.contains(&byte));
            if is_operator { scan.skip(dashes) } else { scan.comment_to(scan.line_end()) }
        }
        Some(b'"') => {
            // White space between two backslashes belongs to no string.
            let start = scan.at;
            scan.skip(1);
            while let Some(byte) = scan.peek(0) {
                match byte {
                    b'"' => return scan.skip(1),
                    b'\\' if scan.peek(1).is_some_and(|next| next.is_ascii_whitespace()) => {
                        let gap = scan.rest()[1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                        scan.skip(gap + 2);
                    }
                    b'\\' => _ = scan.skip(2),
                    b'\n' => return true,
                    _ => scan.at += 1,
                }
            }
            scan.give_up(start);
            true
        }
        Some(b'[') => {
            let name = scan.rest()[1..].iter().take_while(|byte| is_word(**byte) || **byte == b'.').count();
            let is_quote = name > 0
                && scan.peek(1 + name) == Some(b'|')
                && scan.text[..scan.text.len().min(OPENING)].contains_str("QuasiQuotes");
            is_quote && scan.raw(name + 2, b"|]")
        }
        Some(b'\'') => tick(scan),
        _ => false,
    }
}

/// Comments that hold strings, `{x|…|x}`, and `'a` that is no string.
pub fn caml(scan: &mut Scan) -> bool {
    match scan.peek(0) {
        Some(b'(') if scan.starts("(*") && !scan.starts("(*)") => match caml_comment_end(scan.text, scan.at) {
            Some(end) => scan.comment_to(end),
            None => {
                scan.give_up(scan.at);
                true
            }
        },
        Some(b'(') if scan.starts("(*)") => scan.skip(3),
        Some(b'{') => {
            let name = scan.rest()[1..].iter().take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_').count();
            if scan.peek(1 + name) != Some(b'|') {
                return false;
            }
            let close = [b"|".as_slice(), &scan.rest()[1..=name], b"}"].concat();
            scan.raw(name + 2, &close)
        }
        Some(b'\'') => tick(scan),
        _ => false,
    }
}

fn caml_comment_end(text: &[u8], start: usize) -> Option<usize> {
    let (mut depth, mut at) = (1, start + 2);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(b"*)") {
            at += 2;
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        } else if rest.starts_with(b"(*") {
            at += 2;
            depth += 1;
        } else if rest[0] == b'"' && text[at - 1] != b'\'' {
            let mut end = at + 1;
            while text.get(end).is_some_and(|byte| *byte != b'"') {
                end += if text[end] == b'\\' { 2 } else { 1 };
            }
            at = end + 1;
        } else {
            at += 1;
        }
    }
    None
}

/// Characters: `#\;` of Scheme, `\;` of Clojure, `?;` of Emacs.
pub fn lisp(scan: &mut Scan) -> bool {
    match scan.peek(0) {
        Some(b'\\') => scan.skip(2),
        Some(b'?') if scan.before().is_none_or(|byte| byte.is_ascii_whitespace() || b"('[,`".contains(&byte)) => {
            scan.skip(if scan.peek(1) == Some(b'\\') { 3 } else { 2 })
        }
        _ => false,
    }
}
