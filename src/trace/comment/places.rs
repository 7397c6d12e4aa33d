//! Where in a file comments are: no tool of its own for each language, but enough of them all to tell a comment from a
//! string of several lines.

use std::ops::Range;

use bstr::ByteSlice;

/// How a file is read.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Text for people, in which a comment of code is an example.
    Prose,
    /// No comments at all.
    Data,
    /// A language whose comments and strings are known.
    Code(&'static Language),
    /// Another, told line by line.
    Unknown,
}

/// What begins and ends comments and strings.
pub struct Language {
    line: &'static [&'static str],
    block: &'static [(&'static str, &'static str)],
    strings: &'static [Quote],
    /// Blocks hold blocks.
    nested: bool,
    /// A mark of a line comment stands at the beginning of a word.
    word: bool,
    /// A quotation mark behind a letter is an apostrophe.
    apostrophes: bool,
    more: More,
}

/// What tables cannot say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum More {
    Nothing,
    /// `r#"…"#`, and `'a` that is no string.
    Rust,
    /// `R"x(…)x"`.
    Cpp,
    /// `/…/`.
    Regex,
    /// `<<END`.
    HereDocument,
}

/// A string.
struct Quote {
    open: &'static str,
    close: &'static str,
    /// A backslash takes the next character along.
    escapes: bool,
    /// It may have several lines.
    lines: bool,
}

const fn quote(open: &'static str, close: &'static str, escapes: bool, lines: bool) -> Quote {
    Quote { open, close, escapes, lines }
}

const DOUBLE: Quote = quote("\"", "\"", true, false);
const SINGLE: Quote = quote("'", "'", true, false);
const DOUBLES: Quote = quote("\"\"\"", "\"\"\"", true, true);
const SINGLES: Quote = quote("'''", "'''", true, true);

const PLAIN: Language = Language {
    line: &[],
    block: &[],
    strings: &[],
    nested: false,
    word: false,
    apostrophes: false,
    more: More::Nothing,
};
const SLASHES: Language = Language { line: &["//"], block: &[("/*", "*/")], strings: &[DOUBLE, SINGLE], ..PLAIN };
static C: Language = Language { more: More::Cpp, ..SLASHES };
static RUST: Language =
    Language { strings: &[quote("\"", "\"", true, true)], nested: true, more: More::Rust, ..SLASHES };
static JVM: Language =
    Language { strings: &[DOUBLES, quote("@\"", "\"", false, true), SINGLES, DOUBLE, SINGLE], nested: true, ..SLASHES };
static JAVA: Language = Language {
    nested: false,
    ..Language { strings: &[DOUBLES, quote("@\"", "\"", false, true), DOUBLE, SINGLE], ..SLASHES }
};
static GO: Language = Language { strings: &[DOUBLE, SINGLE, quote("`", "`", false, true)], ..SLASHES };
static SCRIPT: Language =
    Language { strings: &[DOUBLE, SINGLE, quote("`", "`", true, true)], more: More::Regex, ..SLASHES };
static PHP: Language = Language { line: &["//", "#"], more: More::HereDocument, ..SLASHES };
static PYTHON: Language = Language { line: &["#"], strings: &[DOUBLES, SINGLES, DOUBLE, SINGLE], ..PLAIN };
static RUBY: Language = Language { line: &["#"], strings: &[DOUBLE, SINGLE], more: More::HereDocument, ..PLAIN };
static PERL: Language =
    Language { word: true, ..Language { line: &["#"], strings: &[DOUBLE, SINGLE], more: More::HereDocument, ..PLAIN } };
static SHELL: Language = Language {
    line: &["#"],
    strings: &[quote("\"", "\"", true, true), quote("'", "'", false, true)],
    word: true,
    more: More::HereDocument,
    ..PLAIN
};
static HASH: Language =
    Language { line: &["#"], strings: &[DOUBLES, SINGLES, DOUBLE, SINGLE], word: true, apostrophes: true, ..PLAIN };
static SQL: Language =
    Language { line: &["--"], block: &[("/*", "*/")], strings: &[quote("'", "'", false, true), DOUBLE], ..PLAIN };
static LUA: Language = Language {
    line: &["--"],
    block: &[("--[[", "]]")],
    strings: &[quote("[[", "]]", false, true), DOUBLE, SINGLE],
    ..PLAIN
};
static DASHES: Language = Language { line: &["--"], block: &[("{-", "-}")], strings: &[DOUBLE], nested: true, ..PLAIN };
static LISP: Language =
    Language { line: &[";"], block: &[("#|", "|#")], strings: &[quote("\"", "\"", true, true)], ..PLAIN };
static ERLANG: Language = Language { line: &["%"], strings: &[quote("\"", "\"", true, true)], ..PLAIN };
static MARKUP: Language = Language { block: &[("<!--", "-->")], ..PLAIN };
static COMPONENT: Language = Language { line: &["//"], block: &[("<!--", "-->"), ("/*", "*/")], ..PLAIN };

/// How a file is read, by its name and its first line.
pub fn kind(path: &str, text: &str) -> Kind {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let by_name = match name {
        "Makefile" | "makefile" | "GNUmakefile" | "Dockerfile" | "Containerfile" | "CMakeLists.txt" | "Justfile"
        | "justfile" | "BUILD" | "WORKSPACE" => Some(&HASH),
        "Rakefile" | "Gemfile" | "Vagrantfile" => Some(&RUBY),
        "Jenkinsfile" => Some(&JAVA),
        _ => None,
    };
    if let Some(language) = by_name {
        return Kind::Code(language);
    }
    let ending = ending.to_ascii_lowercase();
    Kind::Code(match ending.as_str() {
        "rs" => &RUST,
        "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "hxx" | "m" | "mm" | "ino" | "cu" | "proto" | "css"
        | "scss" | "less" | "glsl" | "hlsl" | "wgsl" | "zig" | "sol" | "v" | "sv" | "d" | "jsonc" | "json5"
        | "rego" => &C,
        "java" | "cs" | "dart" | "groovy" | "gradle" => &JAVA,
        "kt" | "kts" | "swift" | "scala" | "sc" => &JVM,
        "go" => &GO,
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" => &SCRIPT,
        "php" => &PHP,
        "py" | "pyi" | "pyx" | "bzl" | "star" => &PYTHON,
        "rb" | "rake" | "gemspec" => &RUBY,
        "pl" | "pm" | "t" => &PERL,
        "sh" | "bash" | "zsh" | "ksh" | "bats" => &SHELL,
        "yml" | "yaml" | "toml" | "ini" | "cfg" | "conf" | "cmake" | "tf" | "hcl" | "nix" | "r" | "jl" | "ex"
        | "exs" | "coffee" | "awk" | "ps1" | "mk" | "fish" | "tcl" | "nim" | "cr" => &HASH,
        "sql" => &SQL,
        "lua" => &LUA,
        "hs" | "elm" | "adb" | "ads" | "vhd" | "vhdl" => &DASHES,
        "lisp" | "el" | "clj" | "cljs" | "scm" | "asm" | "s" => &LISP,
        "erl" | "hrl" => &ERLANG,
        "html" | "htm" | "xml" | "xsl" => &MARKUP,
        "vue" | "svelte" => &COMPONENT,
        "md" | "markdown" | "mdx" | "rst" | "txt" | "text" | "adoc" | "asciidoc" | "org" | "tex" | "textile"
        | "pod" | "wiki" | "feature" | "sdoc" => return Kind::Prose,
        "json" | "ipynb" | "csv" | "tsv" | "lock" | "snap" | "patch" | "diff" | "svg" | "map" | "log" => {
            return Kind::Data;
        }
        _ => return without_ending(stem, text),
    })
}

/// A file whose ending says nothing.
fn without_ending(stem: &str, text: &str) -> Kind {
    if ["README", "LICENSE", "LICENCE", "COPYING", "CHANGELOG", "CONTRIBUTING", "NOTICE", "AUTHORS", "NEWS", "HISTORY"]
        .contains(&stem)
    {
        return Kind::Prose;
    }
    let Some(first) = text.lines().next().filter(|line| line.starts_with("#!")) else { return Kind::Unknown };
    let known = [
        ("python", &PYTHON),
        ("node", &SCRIPT),
        ("deno", &SCRIPT),
        ("bun", &SCRIPT),
        ("ruby", &RUBY),
        ("perl", &PERL),
        ("sh", &SHELL),
    ];
    known.into_iter().find(|(word, _)| first.contains(word)).map_or(Kind::Unknown, |(_, language)| Kind::Code(language))
}

/// Where the comments of a text are.
#[derive(Default)]
pub struct Places {
    /// Their bytes, in order.
    pub comments: Vec<Range<usize>>,
    /// From where on it cannot be told.
    pub doubt: Option<usize>,
}

impl Places {
    /// The comment in which a byte stands.
    pub fn comment_at(&self, at: usize) -> Option<&Range<usize>> {
        let own = self.comments.partition_point(|comment| comment.end <= at);
        self.comments.get(own).filter(|comment| comment.start <= at)
    }

    /// Whether it cannot be told of that byte.
    pub fn is_doubtful(&self, at: usize) -> bool {
        self.doubt.is_some_and(|doubt| doubt <= at)
    }
}

/// Where the comments of a text are.
pub fn places(language: &Language, text: &str) -> Places {
    Places { comments: comments(language, text), doubt: None }
}

/// The bytes of all comments, in order.
pub fn comments(language: &Language, text: &str) -> Vec<Range<usize>> {
    let text = text.as_bytes();
    let mut found = Vec::new();
    let mut documents: Vec<(Vec<u8>, bool)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest[0] == b'\n' {
            at += 1;
            for (end, indented) in documents.drain(..) {
                at = behind_document(text, at, &end, indented);
            }
        } else if let Some(end) = comment_end(language, text, at) {
            found.push(at..end);
            at = end;
        } else if let Some(end) = special_end(language.more, text, at) {
            at = end;
        } else if let Some((end, indented, next)) = here_document(language, text, at) {
            documents.push((end, indented));
            at = next;
        } else {
            let is_apostrophe = language.apostrophes && at > 0 && text[at - 1].is_ascii_alphanumeric();
            let open = |quote: &&Quote| !is_apostrophe && rest.starts_with(quote.open.as_bytes());
            at = language.strings.iter().find(open).map_or(at + 1, |quote| string_end(quote, text, at));
        }
    }
    found
}

fn comment_end(language: &Language, text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    for (open, close) in language.block {
        if rest.starts_with(open.as_bytes())
            && let Some(end) = block_end(text, at, (open, close), language.nested)
        {
            return Some(end);
        }
    }
    let begins = !language.word || at == 0 || text[at - 1].is_ascii_whitespace() || text[at - 1] == b';';
    let is_line = begins && language.line.iter().any(|mark| rest.starts_with(mark.as_bytes()));
    is_line.then(|| at + rest.find_byte(b'\n').unwrap_or(rest.len()))
}

/// The end of a block; none where it never ends, as of what only looks like one.
fn block_end(text: &[u8], start: usize, (open, close): (&str, &str), nested: bool) -> Option<usize> {
    let mut depth = 1;
    let mut at = start + open.len();
    while at < text.len() {
        if text[at..].starts_with(close.as_bytes()) {
            at += close.len();
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        } else if nested && text[at..].starts_with(open.as_bytes()) {
            at += open.len();
            depth += 1;
        } else {
            at += 1;
        }
    }
    None
}

/// The end of a string. One that never ends is none, so that the rest of the file is read all the same.
fn string_end(quote: &Quote, text: &[u8], start: usize) -> usize {
    let mut at = start + quote.open.len();
    while at < text.len() {
        match text[at] {
            b'\\' if quote.escapes => at += 2,
            b'\n' if !quote.lines => return at,
            _ if text[at..].starts_with(quote.close.as_bytes()) => return at + quote.close.len(),
            _ => at += 1,
        }
    }
    start + quote.open.len()
}

/// The end of a literal that only one language has.
fn special_end(more: More, text: &[u8], at: usize) -> Option<usize> {
    let (rest, before) = (&text[at..], &text[..at]);
    let in_word = before.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    match more {
        More::Rust if rest[0] == b'\'' => {
            let next = rest.get(1..)?.chars().next().map_or(1, char::len_utf8);
            let is_char = rest.get(1) == Some(&b'\\') || rest.get(1 + next) == Some(&b'\'');
            let end = if is_char { string_end(&SINGLE, text, at) } else { at + 1 };
            Some(end)
        }
        More::Rust if !in_word => {
            let name = [&b"r"[..], b"br", b"cr"].into_iter().find(|name| rest.starts_with(name))?;
            let signs = rest[name.len()..].iter().take_while(|byte| **byte == b'#').count();
            let open = name.len() + signs;
            let body = rest.get(open..)?.strip_prefix(b"\"")?;
            let close = [b"\"".as_slice(), &b"#".repeat(signs)].concat();
            Some(at + open + 1 + body.find(&close)? + close.len())
        }
        More::Cpp if !in_word => {
            let body = rest.strip_prefix(b"R\"")?;
            let name = &body[..body.find_byte(b'(').filter(|len| *len <= 16)?];
            let close = [b")".as_slice(), name, b"\""].concat();
            Some(at + 2 + body.find(&close)? + close.len())
        }
        More::Regex if rest[0] == b'/' => {
            let last = before.trim_end().last().copied();
            let is_operand = last.is_none_or(|byte| b"(,=:[!&|?{};+-*%~^<>".contains(&byte))
                || before.trim_end().ends_with(b"return");
            is_operand.then(|| string_end(&quote("/", "/", true, false), text, at))
        }
        _ => None,
    }
}

/// The end that a document in place names, whether it may be indented, and where the text goes on.
fn here_document(language: &Language, text: &[u8], at: usize) -> Option<(Vec<u8>, bool, usize)> {
    let rest = text[at..].strip_prefix(b"<<").filter(|_| language.more == More::HereDocument)?;
    let more = rest.iter().take_while(|byte| b"<-~".contains(byte)).count();
    // `<<<` gives a shell a word, and PHP a document.
    let indented = rest[..more].iter().any(|byte| b"-~<".contains(byte));
    let quoted = rest[more..].iter().take_while(|byte| b"'\"\\ ".contains(byte)).count();
    let name = &rest[more + quoted..];
    let name = &name[..name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()];
    let is_name = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let closing = usize::from(matches!(rest.get(more + quoted + name.len()), Some(b'\'' | b'"')));
    let next = at + 2 + more + quoted + name.len() + closing;
    // A shift in code names no line that follows.
    let ends = text[next..].lines().skip(1).any(|line| is_end(line, name, indented));
    (is_name && ends).then(|| (name.to_vec(), indented, next))
}

fn is_end(line: &[u8], name: &[u8], indented: bool) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = if indented { line.trim_start().trim_end_with(|c| matches!(c, ';' | ',' | ')')) } else { line };
    line == name
}

fn behind_document(text: &[u8], start: usize, end: &[u8], indented: bool) -> usize {
    let mut at = start;
    for line in text[start..].lines_with_terminator() {
        at += line.len();
        if is_end(line.trim_end_with(|c| c == '\n'), end, indented) {
            return at;
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(path: &str, text: &str) -> Vec<String> {
        match kind(path, text) {
            Kind::Code(language) => comments(language, text).into_iter().map(|at| text[at].to_owned()).collect(),
            _ => vec!["no code".to_owned()],
        }
    }

    #[test]
    fn strings_of_several_lines_hold_no_comments() {
        for (path, text) in [
            ("a.rs", "let s = r#\"\n// no\n\"#; let t = \"\n// no\n\"; fn f<'a>(c: char) { c == '\"' } // yes"),
            ("a.rs", "/* yes /* more */ */ let u = '\\''; let b = br\"// no\"; let v = 'x'; let r = r; // yes"),
            ("a.ts", "const s = `\n//= no\n`; x.replace(/[`'\"]/g, '') // yes"),
            ("a.js", "a = b / c; d = e / f // yes"),
            ("a.py", "S = \"\"\"\n# no\n\"\"\"; t = f'# no' # yes"),
            ("a.go", "var s = `\n// no\n`\nvar c = '\"' // yes"),
            ("a.cpp", "auto s = R\"x(\n// no\n)\" // no\n)x\"; // yes"),
            ("a.kt", "val s = \"\"\"\n// no\n\"\"\" // yes"),
            ("a.sh", "cat <<E && cat <<-'F'\n# no\nE\n# no\n\tF\necho \"\n# no\n\" ${a#no} $((1<<2)) # yes"),
            ("a.rb", "s = <<~TEXT\n  # no\n  TEXT\na << b # yes"),
            ("a.yml", "a: don't # yes\n"),
            ("a.lua", "s = [[\n-- no\n]] -- yes"),
            ("a.html", "// no\n<!-- yes -->"),
            ("tool", "#!/usr/bin/env python3\n'''\n# no\n''' # yes"),
        ] {
            let found = of(path, text);
            assert!(found.iter().any(|comment| comment.contains("yes")), "{path}: {found:?}");
            assert!(
                !found.iter().any(|comment| comment.contains("no\n") || comment.ends_with("no")),
                "{path}: {found:?}"
            );
        }
        assert_eq!(of("a.c", "char *s = \"never ends\n// yes\n"), ["// yes"]);
        assert_eq!(of("a.py", "\"\"\" never ends\n# yes\n"), ["# yes"]);
        assert_eq!([of("a.md", "// x"), of("a.json", "// x"), of("README", "# x")], [["no code"]; 3]);
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "[a-z<>'\"`/*#(){}\\\\\\[\\]\n\\-R é]{0,80}", at in 0usize..16) {
            let name = ["a.rs", "a.c", "a.ts", "a.py", "a.go", "a.sh", "a.rb", "a.php", "a.kt", "a.yml", "a.sql", "a.lua",
                "a.hs", "a.el", "a.erl", "a.html"][at];
            of(name, &text);
        }
    }
}
