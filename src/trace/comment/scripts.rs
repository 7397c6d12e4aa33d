//! Languages of scripts and of configuration, in which strings have many forms.

use bstr::ByteSlice;

use super::languages::{CSS, Language, SCRIPT, SCSS, SHELL};
use super::literals::{expects_value, long_bracket, regex};
use super::places::{Document, Scan, is_word};

pub fn shell(scan: &mut Scan) -> bool {
    match scan.peek(0) {
        Some(b'\\') => scan.skip(2),
        Some(b'\'') => scan.raw(1, b"'"),
        Some(b'"') => {
            scan.deeper(shell_double);
            true
        }
        Some(b'$') if scan.starts("$'") => {
            let start = scan.at;
            scan.skip(2);
            while let Some(byte) = scan.peek(0) {
                match byte {
                    b'\'' => return scan.skip(1),
                    b'\\' => _ = scan.skip(2),
                    _ => scan.at += 1,
                }
            }
            scan.give_up(start);
            true
        }
        Some(b'$') => shell_dollar(scan, false),
        Some(b'(') if scan.starts("((") => arithmetic(scan),
        Some(b'<') if scan.starts("<<<") => scan.skip(3),
        Some(b'<') if scan.starts("<<") => shell_document(scan),
        _ => false,
    }
}

/// `$((1 << 2))`: a shift names no document.
fn arithmetic(scan: &mut Scan) -> bool {
    let line = &scan.text[scan.at..scan.line_end()];
    let end = line.find("))");
    end.is_some_and(|end| !line[..end].contains(&b'#') && scan.skip(end + 2))
}

fn shell_dollar(scan: &mut Scan, in_double: bool) -> bool {
    if scan.starts("$((") && arithmetic(scan) {
        return true;
    }
    if scan.starts("$(") {
        scan.skip(2);
        scan.nested(b')');
        return true;
    }
    if scan.starts("${") {
        scan.deeper(|scan| shell_brace(scan, in_double));
        return true;
    }
    // `$#` and `$'` of a string are no marks.
    if scan.starts("$#") { scan.skip(2) } else { scan.skip(1) }
}

fn shell_brace(scan: &mut Scan, in_double: bool) -> bool {
    scan.skip(2);
    while let Some(byte) = scan.peek(0) {
        match byte {
            b'\\' => _ = scan.skip(2),
            b'}' => return scan.skip(1),
            b'"' => _ = scan.deeper(shell_double),
            b'\'' if !in_double => _ = scan.raw(1, b"'"),
            b'$' => _ = shell_dollar(scan, in_double),
            _ => scan.at += 1,
        }
    }
    false
}

fn shell_double(scan: &mut Scan) -> bool {
    scan.skip(1);
    while let Some(byte) = scan.peek(0) {
        match byte {
            b'\\' => _ = scan.skip(2),
            b'"' => return scan.skip(1),
            b'$' if scan.starts("$(") || scan.starts("${") => _ = shell_dollar(scan, true),
            b'`' => {
                // A command in its old form, whose own quotation marks close nothing here.
                scan.skip(1);
                while scan.peek(0).is_some_and(|byte| byte != b'`') {
                    scan.skip(if scan.peek(0) == Some(b'\\') { 2 } else { 1 });
                }
                scan.skip(1);
            }
            _ => scan.at += 1,
        }
    }
    false
}

fn shell_document(scan: &mut Scan) -> bool {
    let start = scan.at;
    scan.skip(2);
    let indented = scan.peek(0) == Some(b'-');
    if indented {
        scan.skip(1);
    }
    let blanks = scan.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    scan.skip(blanks);
    let mut word = Vec::new();
    while let Some(byte) = scan.peek(0) {
        match byte {
            b'\'' | b'"' => {
                let body = &scan.text[scan.at + 1..scan.line_end()];
                let Some(end) = body.find_byte(byte) else { return true };
                word.extend_from_slice(&body[..end]);
                scan.skip(end + 2);
            }
            b'\\' => {
                word.extend(scan.peek(1));
                scan.skip(2);
            }
            _ if byte.is_ascii_whitespace() || b";&|()<>".contains(&byte) => break,
            _ => {
                word.push(byte);
                scan.skip(1);
            }
        }
    }
    // A number is a shift.
    if !word.is_empty() && !word[0].is_ascii_digit() && !scan.opens_document(&word, indented) {
        scan.give_up(start);
    }
    true
}

/// `<<EOT` where a line ends it.
fn document(scan: &mut Scan, open: &str, flags: &[u8], always_indented: bool) -> bool {
    if !scan.starts(open) {
        return false;
    }
    let rest = &scan.rest()[open.len()..];
    let flag = usize::from(rest.first().is_some_and(|byte| flags.contains(byte)));
    let quoted = rest.get(flag).copied().filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let begin = flag + usize::from(quoted.is_some());
    let body = rest.get(begin..).unwrap_or_default();
    let length = match quoted {
        Some(mark) => body.lines().next().and_then(|line| line.find_byte(mark)).unwrap_or_default(),
        None => body.iter().take_while(|byte| is_word(**byte)).count(),
    };
    let word = body[..length].to_vec();
    if word.is_empty() || (quoted.is_none() && word[0].is_ascii_digit()) {
        return false;
    }
    let used = open.len() + begin + length + usize::from(quoted.is_some());
    scan.opens_document(&word, always_indented || flag > 0) && scan.skip(used)
}

pub fn docker(scan: &mut Scan) -> bool {
    document(scan, "<<", b"-", false)
}

pub fn terraform(scan: &mut Scan) -> bool {
    document(scan, "<<", b"-", true)
}

pub fn php(scan: &mut Scan) -> bool {
    if scan.starts("?>") {
        scan.skip(2);
        scan.enter_php();
        return true;
    }
    if scan.starts("#[") {
        return scan.skip(2);
    }
    if scan.starts("<<<") {
        let blanks = scan.rest()[3..].iter().take_while(|byte| **byte == b' ').count();
        return document(scan, &format!("<<<{}", " ".repeat(blanks)), b"", true);
    }
    false
}

/// Where a literal between two marks ends; brackets hold brackets.
fn delimited(text: &[u8], open: usize) -> Option<usize> {
    let mark = *text.get(open)?;
    let close = match mark {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        other => other,
    };
    let (mut depth, mut at) = (1, open + 1);
    while let Some(&byte) = text.get(at) {
        at += match byte {
            b'\\' if mark != b'\\' => 2,
            _ => 1,
        };
        if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        } else if byte == mark {
            depth += 1;
        }
    }
    None
}

fn literal(scan: &mut Scan, open: usize) -> bool {
    match delimited(scan.text, scan.at + open) {
        Some(end) => scan.skip(end - scan.at),
        None => {
            scan.give_up(scan.at);
            true
        }
    }
}

/// Text between two lines that begin with these, as a comment or not.
fn between_lines(scan: &mut Scan, close: &str, is_comment: bool) -> bool {
    let needle = format!("\n{close}");
    let end = match scan.rest().find(&needle) {
        Some(end) => {
            let rest = &scan.rest()[end + 1..];
            scan.at + end + 1 + rest.find_byte(b'\n').unwrap_or(rest.len())
        }
        None => scan.text.len(),
    };
    if is_comment { scan.comment_to(end) } else { scan.skip(end - scan.at) }
}

fn at_line_start(scan: &Scan) -> bool {
    scan.before().is_none_or(|byte| byte == b'\n')
}

/// Whether a line is this word and nothing else.
fn is_line(scan: &Scan, word: &str) -> bool {
    at_line_start(scan) && scan.text[scan.at..scan.line_end()].trim_ascii_end() == word.as_bytes()
}

pub fn ruby(scan: &mut Scan) -> bool {
    let Some(byte) = scan.peek(0) else { return false };
    let next = scan.peek(1).unwrap_or_default();
    match byte {
        b'=' if at_line_start(scan) && scan.starts("=begin") => between_lines(scan, "=end", true),
        b'_' if is_line(scan, "__END__") => scan.skip(usize::MAX / 2),
        b'$' if b"\"'`;/#".contains(&next) => scan.skip(2),
        b'\\' => scan.skip(2),
        b'<' => document(scan, "<<", b"-~", false),
        b'?' if !scan.in_word() && scan.before() != Some(b')') && b"\"'#`/".contains(&next) => scan.skip(2),
        b'%' if !scan.in_word() && !scan.before().is_some_and(|byte| b")]}".contains(&byte)) => {
            let letter = usize::from(b"qQwWiIrxs".contains(&next));
            let mark = scan.peek(1 + letter).unwrap_or_default();
            let is_mark = mark.is_ascii_punctuation() && mark != b'_' && mark != b'=';
            let is_literal = is_mark && (letter > 0 || (b"([{<|!/".contains(&mark) && is_ruby_value(scan)));
            is_literal && literal(scan, 1 + letter)
        }
        b'/' => is_ruby_value(scan) && regex(scan),
        _ => false,
    }
}

/// Words behind which a value comes in Ruby and Perl.
fn expects(scan: &Scan) -> bool {
    const WORDS: [&str; 21] = [
        "return", "when", "if", "unless", "and", "or", "not", "while", "until", "in", "elsif", "then", "do", "puts",
        "split", "grep", "map", "else", "begin", "x", "push",
    ];
    expects_value(scan, &WORDS)
}

/// `puts /x/`, `puts %(x)`: behind a name, a blank before and none behind. What begins a line is no operator.
fn is_ruby_value(scan: &Scan) -> bool {
    let argument = scan.before() == Some(b' ') && scan.peek(1).is_some_and(|next| !b" =".contains(&next));
    let begins_line = scan.text[scan.last..scan.at].contains(&b'\n');
    let is_name = scan.text[..scan.last].last().is_some_and(|byte| byte.is_ascii_alphabetic());
    begins_line || expects(scan) || (argument && is_name)
}

pub fn perl(scan: &mut Scan) -> bool {
    let Some(byte) = scan.peek(0) else { return false };
    let next = scan.peek(1).unwrap_or_default();
    match byte {
        b'=' if at_line_start(scan) && next.is_ascii_alphabetic() => between_lines(scan, "=cut", false),
        b'_' if is_line(scan, "__END__") || is_line(scan, "__DATA__") => scan.skip(usize::MAX / 2),
        b'$' if next.is_ascii_punctuation() && !b"{_$:".contains(&next) => scan.skip(2),
        b'$' if next == b'$' => scan.skip(1),
        b'\\' => scan.skip(2),
        b'<' => document(scan, "<<", b"~", false),
        b'/' => expects(scan) && regex(scan),
        b'\'' if scan.before().is_some_and(is_word) => scan.skip(1),
        _ if byte.is_ascii_lowercase() && !scan.in_word() => perl_quote(scan),
        _ => false,
    }
}

/// `q{…}`, `qw(…)`, `s/…/…/` and their like.
fn perl_quote(scan: &mut Scan) -> bool {
    let name = scan.rest().iter().take_while(|byte| is_word(**byte)).count();
    let parts = match &scan.rest()[..name] {
        b"q" | b"qq" | b"qw" | b"qx" | b"qr" | b"m" => 1,
        b"s" | b"tr" | b"y" => 2,
        _ => return scan.skip(name),
    };
    let is_name = scan.before().is_some_and(|byte| b"$@%&>{-:".contains(&byte));
    let blanks = scan.rest()[name..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let mark = scan.peek(name + blanks).unwrap_or_default();
    let is_mark = mark.is_ascii_punctuation() && !b",;)_".contains(&mark) && !(mark == b'#' && blanks > 0);
    let is_assigned = mark == b'=' && (blanks > 0 || scan.peek(name + 1) == Some(b'>'));
    let is_key = scan.before() == Some(b'{') && mark == b'}';
    if !is_mark || is_assigned || is_key || (is_name && scan.before() != Some(b'{')) {
        return scan.skip(name);
    }
    let start = scan.at;
    let Some(mut end) = delimited(scan.text, start + name + blanks) else {
        scan.give_up(start);
        return true;
    };
    if parts == 2 {
        let open = if b"([{<".contains(&mark) {
            end + scan.text[end..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
        } else {
            end - 1
        };
        let Some(second) = delimited(scan.text, open) else {
            scan.give_up(start);
            return true;
        };
        end = second;
    }
    scan.skip(end - start)
}

/// Block scalars, and strings only where a value begins.
pub fn yaml(scan: &mut Scan) -> bool {
    let Some(byte) = scan.peek(0) else { return false };
    if matches!(byte, b'|' | b'>') && is_block_header(scan) {
        scan.documents.push(Document::Deeper(parent_indent(scan)));
        return scan.skip(1);
    }
    if !matches!(byte, b'"' | b'\'') {
        return false;
    }
    let line = scan.text[..scan.at].rfind_byte(b'\n').map_or(0, |at| at + 1);
    let before = scan.text[line..scan.at].trim_ascii_end();
    let begins = before.last().is_none_or(|last| b"[{,".contains(last))
        || (scan.before().is_some_and(|byte| byte.is_ascii_whitespace())
            && (before.last().is_some_and(|last| b":-?".contains(last)) || is_tag(before)));
    if !begins {
        return scan.skip(1);
    }
    let start = scan.at;
    scan.skip(1);
    while let Some(inner) = scan.peek(0) {
        let escaped = inner == b'\\' && byte == b'"';
        let doubled = inner == byte && byte == b'\'' && scan.peek(1) == Some(b'\'');
        if escaped || doubled {
            scan.skip(2);
        } else if inner == byte {
            return scan.skip(1);
        } else {
            scan.at += 1;
        }
    }
    scan.give_up(start);
    true
}

/// Whether a line ends in `!tag` or `&anchor`.
fn is_tag(line: &[u8]) -> bool {
    line.rsplit(|byte| byte.is_ascii_whitespace()).next().is_some_and(|word| matches!(word.first(), Some(b'!' | b'&')))
}

/// `|`, `>-`, `|2+` as the last thing of its line but for a comment, behind a key, a dash, or a tag.
fn is_block_header(scan: &Scan) -> bool {
    let line = &scan.text[scan.at + 1..scan.line_end()];
    let signs = line.iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'1'..=b'9')).count();
    let rest = &line[signs..];
    let behind = rest.trim_ascii();
    let ends = behind.is_empty() || (behind.starts_with(b"#") && rest[0].is_ascii_whitespace());
    let start = scan.text[..scan.at].rfind_byte(b'\n').map_or(0, |at| at + 1);
    let before = &scan.text[start..scan.at];
    let trimmed = before.trim_ascii_end();
    let opens = trimmed.is_empty()
        || (before.len() > trimmed.len() && (trimmed.ends_with(b":") || trimmed.ends_with(b"-") || is_tag(trimmed)));
    ends && signs <= 2 && opens
}

/// The column of what a block scalar belongs to: its key, or else its dash; -1 for a whole document.
fn parent_indent(scan: &Scan) -> isize {
    let start = scan.text[..scan.at].rfind_byte(b'\n').map_or(0, |at| at + 1);
    let line = &scan.text[start..scan.at];
    let (mut at, mut parent) = (0, -1);
    loop {
        at += line[at..].iter().take_while(|byte| **byte == b' ').count();
        let column = isize::try_from(at).unwrap_or(-1);
        match line.get(at..).unwrap_or_default() {
            [b'-', b' ', ..] | [b'-'] => (at, parent) = (at + 1, column),
            [] => return parent,
            rest if rest.starts_with(b"---") => return -1,
            rest => return if rest.contains(&b':') { column } else { parent },
        }
    }
}

/// A recipe is a shell's.
pub fn make(scan: &mut Scan) -> bool {
    if scan.peek(0) == Some(b'\\') {
        return scan.skip(2);
    }
    if scan.peek(0) != Some(b'\t') || !at_line_start(scan) {
        return false;
    }
    let mut end = scan.line_end();
    while scan.text[..end].ends_with(b"\\") && end < scan.text.len() {
        end += 1 + scan.text[end + 1..].find_byte(b'\n').unwrap_or(scan.text.len() - end - 1);
    }
    scan.embed(&SHELL, end);
    true
}

pub fn cmake(scan: &mut Scan) -> bool {
    let sign = usize::from(scan.starts("#"));
    let Some(level) = long_bracket(&scan.rest()[sign..]) else {
        return scan.starts("\\") && scan.skip(2);
    };
    let close = [b"]".as_slice(), &b"=".repeat(level), b"]"].concat();
    match scan.rest().find(&close).map(|end| scan.at + end + close.len()) {
        Some(end) if sign > 0 => scan.comment_to(end),
        Some(end) => scan.skip(end - scan.at),
        None => {
            scan.give_up(scan.at);
            true
        }
    }
}

pub fn elixir(scan: &mut Scan) -> bool {
    let next = scan.peek(1).unwrap_or_default();
    match scan.peek(0) {
        Some(b'?') if !scan.in_word() && b"\"'#".contains(&next) => scan.skip(2),
        Some(b'?') if !scan.in_word() && next == b'\\' => scan.skip(3),
        Some(b'~') if next.is_ascii_alphabetic() => {
            let name = scan.rest()[1..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            for close in ["\"\"\"", "'''"] {
                if scan.rest()[1 + name..].starts_with(close.as_bytes()) {
                    return scan.raw(1 + name + 3, close.as_bytes());
                }
            }
            scan.peek(1 + name).is_some_and(|mark| b"/|\"'([{<".contains(&mark)) && literal(scan, 1 + name)
        }
        _ => false,
    }
}

/// `$"` is a character.
pub fn erlang(scan: &mut Scan) -> bool {
    scan.peek(0) == Some(b'$') && scan.skip(if scan.peek(1) == Some(b'\\') { 3 } else { 2 })
}

pub fn awk(scan: &mut Scan) -> bool {
    scan.peek(0) == Some(b'/') && expects_value(scan, &["return", "in", "print", "case"]) && regex(scan)
}

/// `@"…"@`, whose mark at its end begins a line.
pub fn powershell(scan: &mut Scan) -> bool {
    for (open, close) in [("@\"", "\n\"@"), ("@'", "\n'@")] {
        if scan.starts(open) && scan.text[scan.at + 2..scan.line_end()].trim_ascii().is_empty() {
            return scan.raw(2, close.as_bytes());
        }
    }
    scan.starts("`") && scan.skip(2)
}

/// Escapes outside of strings; a mark within a word is none.
pub fn tcl(scan: &mut Scan) -> bool {
    match scan.peek(0) {
        Some(b'\\') => scan.skip(2),
        Some(b'"') => scan.in_word() && scan.skip(1),
        Some(b'#') if scan.text[..scan.last].ends_with(b";") => scan.comment_to(scan.line_end()),
        _ => false,
    }
}

/// `r#'…'#` and `$'…'`; a mark within a word is none.
pub fn nushell(scan: &mut Scan) -> bool {
    if scan.starts("r#") && !scan.in_word() {
        let signs = scan.rest()[1..].iter().take_while(|byte| **byte == b'#').count();
        if scan.peek(1 + signs) == Some(b'\'') {
            let close = [b"'".as_slice(), &b"#".repeat(signs)].concat();
            return scan.raw(signs + 2, &close);
        }
    }
    matches!(scan.peek(0), Some(b'\'' | b'"' | b'`')) && scan.in_word() && scan.skip(1)
}

/// Scripts and styles in markup, and text that is data.
pub fn markup(scan: &mut Scan) -> bool {
    if scan.peek(0) != Some(b'<') {
        return false;
    }
    if scan.starts("<![CDATA[") {
        return scan.raw(9, b"]]>");
    }
    let begins = |name: &str| {
        scan.rest().get(1..=name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
            && scan.peek(1 + name.len()).is_some_and(|next| next == b'>' || next.is_ascii_whitespace())
    };
    let Some(name) = ["script", "style"].into_iter().find(|name| begins(name)) else { return false };
    let Some(open) = scan.rest().find_byte(b'>') else { return scan.skip(1) };
    let tag = scan.rest()[..open].to_vec();
    scan.skip(open + 1);
    if tag.ends_with(b"/") {
        return true;
    }
    let close = name.as_bytes();
    let is_close =
        |at: &usize| scan.rest().get(at + 2..at + 2 + close.len()).is_some_and(|own| own.eq_ignore_ascii_case(close));
    let Some(end) = scan.rest().find_iter("</").find(is_close) else {
        scan.give_up(scan.at);
        return true;
    };
    let has = |word: &str| tag.contains_str(word);
    let language: Option<&'static Language> = match name {
        "style" if has("scss") || has("less") || has("stylus") => Some(&SCSS),
        "style" => Some(&CSS),
        // Data and templates.
        _ if has("type=") && !has("javascript") && !has("module") && !has("babel") && !has("typescript") => None,
        _ => Some(&SCRIPT),
    };
    match language {
        Some(language) => scan.embed(language, scan.at + end),
        None => _ = scan.skip(end),
    }
    true
}
