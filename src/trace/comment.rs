//! What comments in code say about clauses, in the forms that other tools have made common: Tracey's `r[impl a.b+2]`,
//! Duvet's `//= path#section`, OpenFastTrace's `[impl->req~x~1]`, Kiro's `_Requirements: 1.1, 1.2_`.

mod places;

use std::hash::{DefaultHasher, Hash, Hasher};

use places::{Kind, Places, kind};

/// A clause that a comment names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Comment {
    /// What stands there.
    pub text: String,
    /// The file that it names, if it does.
    pub path: Option<String>,
    /// The clause's id, or in a file its anchor.
    pub id: String,
    /// The version number that it names.
    pub number: Option<u32>,
}

/// A comment where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// From 1.
    pub line: u32,
    /// What it names.
    pub comment: Comment,
    /// A hash of the code that it stands at: the next two lines that are neither blank nor nothing but comments, white space
    /// aside. None where there is no code behind it.
    pub code: Option<u64>,
    /// Why it may be no comment at all.
    pub doubt: Option<&'static str>,
}

impl Comment {
    /// Whether it means another clause in another folder.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.text.starts_with(REQUIREMENTS)
    }
}

/// Extended regular expressions that together find every line on which [`in_file`] finds something, and few others.
pub const PATTERNS: [&str; 4] = [
    r"[a-z][a-z0-9_-]*\[[a-z]+ +[^] ]+\]",
    r"^[[:space:]]*(//|#|--)=[[:space:]]",
    r"\[[a-z]+(~[^]]*)?->",
    r"_Requirements:",
];

/// Verbs of rule comments; others would take `x[let y]` for one.
const VERBS: [&str; 6] = ["impl", "verify", "test", "depends", "related", "req"];

/// What is said of a comment behind a string or a block that never ends.
const NEVER_ENDS: &str =
    "whether it stands in a string cannot be told: one before it never ends, as far as is known of its language";
/// What is said of one in a file of an unknown language.
const UNKNOWN: &str = "whether it stands in a comment cannot be told: the language of the file is not known";

/// The clauses that comments of a file name, by line.
pub fn in_file(path: &str, text: &str) -> Vec<Stand> {
    let kind = kind(path, text);
    let read_all = |line: &str| read(line.trim_end_matches(['\n', '\r']));
    if matches!(kind, Kind::Data) || !text.lines().any(|line| !read_all(line).is_empty()) {
        return Vec::new();
    }
    let places = if let Kind::Code(language) = kind { places::places(language, text) } else { Places::default() };
    let (mut found, mut start, mut fenced) = (Vec::new(), 0, false);
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let begins = line.trim_start();
        fenced ^= begins.starts_with("```") || begins.starts_with("~~~");
        for (at, comment) in read_all(line) {
            let own = places.comment_at(start + at);
            let doubt = match kind {
                Kind::Code(_) if places.is_doubtful(start + at) => Some(NEVER_ENDS),
                Kind::Unknown if has_mark(&line[..at], line) => Some(UNKNOWN),
                _ => None,
            };
            let is_comment = match kind {
                Kind::Code(_) if doubt.is_some() => has_mark(&line[..at], line),
                Kind::Code(_) => own.is_some_and(|own| !is_quoted(&line[own.start.saturating_sub(start).min(at)..at])),
                Kind::Prose => !fenced && !is_quoted(&line[..at]) && line[at..].starts_with(REQUIREMENTS),
                Kind::Unknown => doubt.is_some() && !is_quoted(&line[..at]),
                Kind::Data => false,
            };
            if is_comment {
                found.push(Stand { line: number, comment, code: code_behind(text, start, &places), doubt });
            }
        }
        start += line.len();
    }
    found
}

/// How many lines of code tell one place from another; the first alone is too often `{` or a test's attribute.
const LINES_OF_CODE: usize = 2;

/// How far code is looked for behind a comment, so that a long list of comments is not read for each of them.
const FARTHEST: usize = 200;

/// A hash of the first lines of code from the one that begins at `start`.
fn code_behind(text: &str, start: usize, places: &Places) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let (mut at, mut lines) = (start, 0);
    for line in text[start..].split_inclusive('\n').take(FARTHEST) {
        let bytes = line
            .bytes()
            .enumerate()
            .filter(|(byte, own)| !own.is_ascii_whitespace() && places.comment_at(at + byte).is_none());
        let code: Vec<u8> = bytes.map(|(_, own)| own).collect();
        at += line.len();
        if !code.is_empty() {
            code.hash(&mut hasher);
            lines += 1;
        }
        if lines == LINES_OF_CODE {
            break;
        }
    }
    (lines > 0).then(|| hasher.finish())
}

/// Whether what follows stands between backticks.
fn is_quoted(before: &str) -> bool {
    before.matches('`').count() % 2 == 1
}

/// What the list of Kiro's tasks begins with.
const REQUIREMENTS: &str = "_Requirements:";
/// What begins a comment, in one language or another.
const MARKS: [&str; 7] = ["//", "/*", "#", "--", "<!--", ";", "%"];

/// Whether a comment begins before, or with, or goes on.
fn has_mark(before: &str, line: &str) -> bool {
    let line = line.trim_start();
    MARKS.iter().any(|mark| before.contains(mark))
        || line.starts_with('*')
        || ["//=", "#=", "--="].iter().any(|mark| line.starts_with(mark))
}

/// The clauses that one line names, each with the byte where it begins.
fn read(line: &str) -> Vec<(usize, Comment)> {
    let mut found = rules(line);
    found.extend(openfasttrace(line));
    found.extend(sections(line));
    found.extend(requirements(line));
    found
}

/// `r[impl a.b+2]`, with any lower-case prefix.
fn rules(line: &str) -> Vec<(usize, Comment)> {
    let mut found = Vec::new();
    for (open, _) in line.match_indices('[') {
        let before = line[..open].trim_end_matches(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let prefix = &line[before.len()..open];
        let Some((inner, _)) = line[open + 1..].split_once(']') else { continue };
        let Some((verb, name)) = inner.split_once(' ') else { continue };
        let name = name.trim();
        if !prefix.starts_with(|c: char| c.is_ascii_lowercase()) || !VERBS.contains(&verb) || !is_id(name) {
            continue;
        }
        let (id, number) = numbered(name, '+');
        let text = format!("{prefix}[{inner}]");
        found.push((before.len(), Comment { text, path: None, id: id.to_owned(), number }));
    }
    found
}

fn is_id(name: &str) -> bool {
    name.starts_with(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/' | '+'))
}

/// `[impl->req~x~1]`, also with a name of its own before the arrow and needed types behind.
fn openfasttrace(line: &str) -> Vec<(usize, Comment)> {
    let mut found = Vec::new();
    for (arrow, _) in line.match_indices("->") {
        let Some((before, own)) = line[..arrow].rsplit_once('[') else { continue };
        let Some((inner, _)) = line[arrow + 2..].split_once(']') else { continue };
        let name = inner.split(">>").next().unwrap_or(inner).trim();
        let kind = own.split('~').next().unwrap_or_default();
        let is_kind = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
        let (id, number) = numbered(name, '~');
        let is_item = id.split_once('~').is_some_and(|(artifact, rest)| is_kind(artifact) && !rest.is_empty());
        if is_kind(kind) && is_item && !name.contains(char::is_whitespace) {
            let text = format!("[{own}->{inner}]");
            found.push((before.len(), Comment { text, path: None, id: id.to_owned(), number }));
        }
    }
    found
}

/// `//= path#section`, at the beginning of a line.
fn sections(whole: &str) -> Option<(usize, Comment)> {
    let at = whole.len() - whole.trim_start().len();
    let line = whole.trim();
    let rest = ["//=", "#=", "--="].iter().find_map(|mark| line.strip_prefix(mark))?;
    let text = rest.strip_prefix([' ', '\t'])?.trim();
    let (path, anchor) = text.split_once('#')?;
    let is_name = !path.is_empty() && !anchor.is_empty() && !text.contains(char::is_whitespace);
    let comment =
        || Comment { text: line.to_owned(), path: Some(path.to_owned()), id: anchor.to_owned(), number: None };
    is_name.then(|| (at, comment()))
}

/// `_Requirements: 1.1, 1.2_`
fn requirements(line: &str) -> Vec<(usize, Comment)> {
    let at = line.find(REQUIREMENTS).unwrap_or_default();
    let list = line.split_once(REQUIREMENTS).and_then(|(_, rest)| rest.split_once('_'));
    let ids = list.map(|(list, _)| list.split(',')).into_iter().flatten().map(str::trim);
    let is_number =
        |id: &&str| id.starts_with(|c: char| c.is_ascii_digit()) && id.chars().all(|c| c.is_ascii_digit() || c == '.');
    ids.filter(is_number)
        .map(|id| (at, Comment { text: format!("_Requirements: {id}_"), path: None, id: id.to_owned(), number: None }))
        .collect()
}

/// A name and the number behind its last mark.
pub fn numbered(name: &str, mark: char) -> (&str, Option<u32>) {
    match name.rsplit_once(mark) {
        Some((id, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
            (id, number.parse().ok())
        }
        _ => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(line: &str) -> Vec<(String, Option<u32>)> {
        read(line).into_iter().map(|(_, comment)| (comment.id, comment.number)).collect()
    }

    #[test]
    fn every_form_is_read() {
        let one = |id: &str, number| vec![(id.to_owned(), number)];
        assert_eq!(ids("// r[impl auth.lock+2] here"), one("auth.lock", Some(2)));
        assert_eq!(ids("# req[verify auth.lock]"), one("auth.lock", None));
        assert_eq!(ids("  //= specs/auth.md#AUTH-1"), one("AUTH-1", None));
        assert_eq!(ids("/* [impl->req~lock~3>>utest] */"), one("req~lock", Some(3)));
        assert_eq!(ids("-- [impl~x~1->dsn~lock~1]"), one("dsn~lock", Some(1)));
        assert_eq!(ids("# - _Requirements: 1.1, 2.3_"), [one("1.1", None), one("2.3", None)].concat());
        assert_eq!(ids("// so-called \"r[impl a.b]\""), one("a.b", None));
        assert_eq!(ids("say(\"x\"); // r[impl a.b]"), one("a.b", None));
        assert_eq!(ids("; r[impl a.b] r[verify c.d]"), [one("a.b", None), one("c.d", None)].concat());
        assert_eq!(read("//= a.md#b")[0].1.path.as_deref(), Some("a.md"));
    }

    #[test]
    fn each_file_is_read_as_what_it_is() {
        let ids = |path: &str, text: &str| -> Vec<(u32, String)> {
            in_file(path, text).into_iter().map(|stand| (stand.line, stand.comment.id)).collect()
        };
        let one = |line| vec![(line, "a.b".to_owned())];
        assert_eq!(ids("a.rs", "let s = \"\n// r[impl a.b]\n\";\n// r[impl a.b]\n"), one(4));
        assert_eq!(ids("a.rs", "/* one\n r[impl a.b] */ r[impl c.d]"), one(2));
        assert_eq!(ids("a.rs", "/// `r[impl a.b]` is read, and\n// as `x` r[impl a.b]\n"), one(2));
        assert_eq!(ids("a.rs", "fn é() {} // é r[impl a.b]\r\n"), one(1));
        assert_eq!(ids("a.ts", "    //= specs/a.md#a.b\n`\n//= specs/a.md#a.b\n`"), one(1));
        for path in ["a.md", "a.txt", "a.json"] {
            assert_eq!(ids(path, "// r[impl a.b] <!-- [impl->req~x~1] -->\n//= a.md#b\n"), [], "{path}");
        }
        let tasks = "- _Requirements: 1.1_\n```\n- _Requirements: 2.1_\n```\nas `_Requirements: 3.1_` says\n";
        assert_eq!(ids("tasks.md", tasks), [(1, "1.1".to_owned())]);
    }

    #[test]
    fn code_is_left_alone() {
        for line in [
            "x[let y]",
            "r[impl]",
            "r[impl a b]",
            "a->b",
            "[a->b]",
            "fn f() -> [u8; 2]",
            "//= type=test",
            "//== a#b",
            "let x = a[impl_ b];",
            "_Requirements: all_",
            "#= x",
            "R[impl a.b]",
        ] {
            assert_eq!(ids(line), [], "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in any::<String>(), more in "[\\[\\]a-z~>_ +.#=/-]{0,40}") {
            let _ = (in_file("a.rs", &line), in_file("a.x", &more), in_file("a.md", &line), in_file("a.sh", &more));
        }
    }
}
