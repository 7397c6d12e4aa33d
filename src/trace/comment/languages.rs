//! What begins and ends comments and strings, language by language, as their own manuals have it.

use super::literals::{
    c, caml, csharp, css, dart, groovy, haskell, julia, lisp, lua, nim, nix, r_language, rust, script, sql, swift,
    tick, zig,
};
use super::places::Scan;
use super::scripts::{
    awk, cmake, docker, elixir, erlang, make, markup, nushell, perl, php, powershell, ruby, shell, tcl, terraform, yaml,
};

/// What begins and ends comments and strings.
pub struct Language {
    /// What begins a comment that ends with its line.
    pub line: &'static [Mark],
    /// What begins and ends one of several lines.
    pub block: &'static [(&'static str, &'static str)],
    /// Blocks hold blocks.
    pub nested: bool,
    /// What ends even a comment that would go on to the end of its line.
    pub ends_line: Option<&'static str>,
    /// Strings, those with longer marks first.
    pub strings: &'static [Quote],
    /// Reads what tables cannot say, and tells whether there was something.
    pub special: fn(&mut Scan) -> bool,
    /// `case` has patterns that end in a bracket.
    pub cases: bool,
    /// What stands around the code.
    pub outside: Outside,
}

/// What stands around code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// All is code.
    Nothing,
    /// Text, in which code stands between `<?php` and `?>`.
    Php,
}

/// What begins a comment.
pub struct Mark {
    pub text: &'static str,
    pub place: Where,
    /// A backslash at the end takes the next line into the comment.
    pub goes_on: bool,
}

/// Where a mark begins a comment.
#[derive(Clone, Copy)]
pub enum Where {
    Anywhere,
    /// At the beginning of a word.
    Word,
    /// At the beginning of a line.
    Line,
}

/// A string.
pub struct Quote {
    pub open: &'static str,
    pub close: &'static str,
    /// The byte behind which a mark is none.
    pub escape: Option<u8>,
    /// It may have several lines.
    pub lines: bool,
    /// What opens code in it, and the bracket that closes it.
    pub inner: &'static [(&'static str, u8)],
}

const fn mark(text: &'static str, place: Where) -> Mark {
    Mark { text, place, goes_on: false }
}

/// With backslashes, on one line.
pub const fn quote(mark: &'static str) -> Quote {
    Quote { open: mark, close: mark, escape: Some(b'\\'), lines: false, inner: &[] }
}

/// With backslashes, on several lines.
pub const fn lines(mark: &'static str) -> Quote {
    Quote { lines: true, ..quote(mark) }
}

/// Without backslashes, on several lines. Doubled marks are two strings side by side.
pub const fn raw(mark: &'static str) -> Quote {
    Quote { escape: None, ..lines(mark) }
}

const fn with(inner: &'static [(&'static str, u8)], quote: Quote) -> Quote {
    Quote { inner, ..quote }
}

const SLASH: Mark = mark("//", Where::Anywhere);
const HASH_SIGN: Mark = mark("#", Where::Anywhere);
const HASH_WORD: Mark = mark("#", Where::Word);
const HASH_LINE: Mark = mark("#", Where::Line);
const DASH: Mark = mark("--", Where::Anywhere);
const STARS: &[(&str, &str)] = &[("/*", "*/")];
const DOLLAR_BRACE: &[(&str, u8)] = &[("${", b'}')];

fn nothing(_: &mut Scan) -> bool {
    false
}

const PLAIN: Language = Language {
    line: &[],
    block: &[],
    nested: false,
    ends_line: None,
    strings: &[],
    special: nothing,
    cases: false,
    outside: Outside::Nothing,
};
const SLASHES: Language = Language { line: &[SLASH], block: STARS, strings: &[quote("\""), quote("'")], ..PLAIN };
const HASHES: Language = Language { line: &[HASH_SIGN], strings: &[quote("\""), quote("'")], ..PLAIN };

pub static C: Language = Language { line: &[Mark { goes_on: true, ..SLASH }], special: c, ..SLASHES };
pub static SIMPLE: Language = SLASHES;
pub static RUST: Language = Language { strings: &[lines("\"")], nested: true, special: rust, ..SLASHES };
pub static JAVA: Language = Language { strings: &[lines("\"\"\""), quote("\""), quote("'")], ..SLASHES };
pub static KOTLIN: Language = Language {
    strings: &[with(DOLLAR_BRACE, raw("\"\"\"")), with(DOLLAR_BRACE, quote("\"")), quote("'")],
    nested: true,
    ..SLASHES
};
pub static SCALA: Language = Language {
    strings: &[with(DOLLAR_BRACE, raw("\"\"\"")), with(DOLLAR_BRACE, quote("\"")), raw("`")],
    nested: true,
    special: tick,
    ..SLASHES
};
pub static SWIFT: Language = Language {
    strings: &[with(&[("\\(", b')')], lines("\"\"\"")), with(&[("\\(", b')')], quote("\""))],
    nested: true,
    special: swift,
    ..SLASHES
};
pub static CSHARP: Language = Language { special: csharp, ..SLASHES };
pub static DART: Language = Language {
    strings: &[
        with(DOLLAR_BRACE, lines("\"\"\"")),
        with(DOLLAR_BRACE, lines("'''")),
        with(DOLLAR_BRACE, quote("\"")),
        with(DOLLAR_BRACE, quote("'")),
    ],
    nested: true,
    special: dart,
    ..SLASHES
};
pub static GROOVY: Language = Language {
    strings: &[with(DOLLAR_BRACE, lines("\"\"\"")), lines("'''"), with(DOLLAR_BRACE, quote("\"")), quote("'")],
    special: groovy,
    ..SLASHES
};
pub static GO: Language = Language { strings: &[quote("\""), quote("'"), raw("`")], ..SLASHES };
pub static SCRIPT: Language =
    Language { strings: &[quote("\""), quote("'"), with(DOLLAR_BRACE, lines("`"))], special: script, ..SLASHES };
pub static CSS: Language = Language { line: &[], special: css, ..SLASHES };
pub static SCSS: Language = Language { special: css, ..SLASHES };
pub static PHP: Language = Language {
    line: &[SLASH, HASH_SIGN],
    ends_line: Some("?>"),
    strings: &[lines("\""), lines("'"), lines("`")],
    special: php,
    outside: Outside::Php,
    ..SLASHES
};
pub static ZIG: Language = Language { block: &[], special: zig, ..SLASHES };
pub static VERILOG: Language = Language { strings: &[quote("\"")], ..SLASHES };
pub static D: Language = Language { strings: &[lines("\""), quote("'"), raw("`")], special: c, ..SLASHES };
pub static THRIFT: Language = Language { line: &[SLASH, HASH_SIGN], ..SLASHES };
pub static TERRAFORM: Language = Language {
    line: &[SLASH, HASH_SIGN],
    strings: &[with(&[("${", b'}'), ("%{", b'}')], quote("\""))],
    special: terraform,
    ..SLASHES
};
pub static NIX: Language =
    Language { line: &[HASH_SIGN], block: STARS, strings: &[with(DOLLAR_BRACE, lines("\""))], special: nix, ..PLAIN };
pub static PASCAL: Language = Language {
    line: &[SLASH],
    block: &[("{", "}"), ("(*", "*)")],
    strings: &[Quote { escape: None, ..quote("'") }],
    ..PLAIN
};
pub static PYTHON: Language = Language { strings: &[lines("\"\"\""), lines("'''"), quote("\""), quote("'")], ..HASHES };
pub static RUBY: Language = Language {
    strings: &[with(&[("#{", b'}')], lines("\"")), lines("'"), with(&[("#{", b'}')], lines("`"))],
    special: ruby,
    ..HASHES
};
pub static PERL: Language = Language { strings: &[lines("\""), lines("'"), lines("`")], special: perl, ..HASHES };
pub static SHELL: Language = Language { line: &[HASH_WORD], special: shell, cases: true, ..PLAIN };
pub static FISH: Language = Language { line: &[HASH_WORD], strings: &[lines("\""), lines("'")], special: tcl, ..PLAIN };
pub static YAML: Language = Language { line: &[HASH_WORD], special: yaml, ..PLAIN };
pub static TOML: Language =
    Language { strings: &[lines("\"\"\""), raw("'''"), quote("\""), Quote { escape: None, ..quote("'") }], ..HASHES };
pub static LINES: Language = Language { line: &[HASH_LINE, mark(";", Where::Line)], ..PLAIN };
pub static HASH_LINES: Language = Language { line: &[HASH_LINE], ..PLAIN };
pub static MAKE: Language = Language { line: &[Mark { goes_on: true, ..HASH_SIGN }], special: make, ..PLAIN };
pub static DOCKER: Language = Language { line: &[HASH_LINE], special: docker, ..PLAIN };
pub static CMAKE: Language = Language { strings: &[lines("\"")], special: cmake, ..HASHES };
pub static MESON: Language = Language { strings: &[lines("'''"), quote("'")], ..HASHES };
pub static R: Language = Language { strings: &[lines("\""), lines("'"), raw("`")], special: r_language, ..HASHES };
pub static JULIA: Language = Language {
    block: &[("#=", "=#")],
    nested: true,
    strings: &[with(&[("$(", b')')], lines("\"\"\"")), with(&[("$(", b')')], lines("\"")), lines("`")],
    special: julia,
    ..HASHES
};
pub static ELIXIR: Language = Language {
    strings: &[with(&[("#{", b'}')], lines("\"\"\"")), lines("'''"), with(&[("#{", b'}')], lines("\"")), lines("'")],
    special: elixir,
    ..HASHES
};
pub static COFFEE: Language = Language {
    block: &[("###", "###")],
    strings: &[lines("\"\"\""), lines("'''"), with(&[("#{", b'}')], lines("\"")), lines("'"), lines("`")],
    ..HASHES
};
pub static NIM: Language = Language {
    block: &[("##[", "]##"), ("#[", "]#")],
    nested: true,
    strings: &[raw("\"\"\""), quote("\"")],
    special: nim,
    ..HASHES
};
pub static AWK: Language = Language { strings: &[quote("\"")], special: awk, ..HASHES };
pub static POWERSHELL: Language = Language {
    line: &[HASH_WORD],
    block: &[("<#", "#>")],
    strings: &[with(&[("$(", b')')], Quote { escape: Some(b'`'), ..lines("\"") }), raw("'")],
    special: powershell,
    ..PLAIN
};
pub static TCL: Language = Language { line: &[HASH_LINE], special: tcl, strings: &[lines("\"")], ..PLAIN };
pub static NUSHELL: Language =
    Language { line: &[HASH_WORD], strings: &[lines("\""), raw("'"), raw("`")], special: nushell, ..PLAIN };
pub static GRAPHQL: Language = Language { strings: &[lines("\"\"\""), quote("\"")], ..HASHES };
pub static REGO: Language = Language { strings: &[quote("\""), raw("`")], ..HASHES };
pub static SQL: Language =
    Language { line: &[DASH], block: STARS, strings: &[raw("\""), raw("`")], special: sql, ..PLAIN };
pub static LUA: Language = Language { line: &[DASH], strings: &[quote("\""), quote("'")], special: lua, ..PLAIN };
pub static HASKELL: Language =
    Language { block: &[("{-", "-}")], nested: true, strings: &[quote("\"")], special: haskell, ..PLAIN };
pub static ELM: Language = Language {
    line: &[DASH],
    block: &[("{-", "-}")],
    nested: true,
    strings: &[lines("\"\"\""), quote("\"")],
    special: tick,
    ..PLAIN
};
pub static ADA: Language =
    Language { line: &[DASH], block: &[], strings: &[Quote { escape: None, ..quote("\"") }], special: tick, ..PLAIN };
pub static LEAN: Language =
    Language { line: &[DASH], block: &[("/-", "-/")], nested: true, strings: &[lines("\"")], special: tick, ..PLAIN };
pub static CAML: Language = Language { strings: &[lines("\"")], special: caml, ..PLAIN };
pub static COQ: Language = Language { block: &[("(*", "*)")], nested: true, strings: &[raw("\"")], ..PLAIN };
pub static FSHARP: Language = Language {
    line: &[SLASH],
    strings: &[raw("\"\"\""), Quote { open: "@\"", close: "\"", ..raw("\"") }, lines("\"")],
    special: caml,
    ..PLAIN
};
pub static LISP: Language = Language {
    line: &[mark(";", Where::Anywhere)],
    block: &[("#|", "|#")],
    nested: true,
    strings: &[lines("\"")],
    special: lisp,
    ..PLAIN
};
pub static WAT: Language = Language {
    line: &[mark(";;", Where::Anywhere)],
    block: &[("(;", ";)")],
    nested: true,
    strings: &[lines("\"")],
    ..PLAIN
};
pub static ERLANG: Language = Language {
    line: &[mark("%", Where::Anywhere)],
    strings: &[lines("\"\"\""), lines("\""), lines("'")],
    special: erlang,
    ..PLAIN
};
pub static FORTRAN: Language = Language {
    line: &[mark("!", Where::Anywhere)],
    strings: &[Quote { escape: None, ..quote("\"") }, Quote { escape: None, ..quote("'") }],
    ..PLAIN
};
pub static VIM: Language = Language { line: &[mark("\"", Where::Line), HASH_LINE], ..PLAIN };
pub static BATCH: Language = Language {
    line: &[
        mark("::", Where::Line),
        mark("rem ", Where::Line),
        mark("REM ", Where::Line),
        mark("Rem ", Where::Line),
        mark("@rem ", Where::Line),
        mark("@REM ", Where::Line),
    ],
    ..PLAIN
};
pub static ASSEMBLER: Language = Language {
    line: &[
        SLASH,
        HASH_LINE,
        mark("# ", Where::Word),
        mark("##", Where::Word),
        mark(";", Where::Anywhere),
        mark("@ ", Where::Word),
    ],
    block: STARS,
    strings: &[quote("\"")],
    ..PLAIN
};
pub static MARKUP: Language = Language { block: &[("<!--", "-->")], special: markup, ..PLAIN };
