//! Which file is of which language, by its name and its first line.

use super::languages::{self as known, Language};

/// How a file is read.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Text for people, in which a comment of code is an example.
    Prose,
    /// No comments at all.
    Data,
    /// A language whose comments and strings are known.
    Code(&'static Language),
    /// Another, of which nothing is known.
    Unknown,
}

/// How a file is read.
pub fn kind(path: &str, text: &str) -> Kind {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    if let Some(language) = by_name(name) {
        return Kind::Code(language);
    }
    let ending = if stem.is_empty() { String::new() } else { ending.to_ascii_lowercase() };
    match ending.as_str() {
        "md" | "markdown" | "mdx" | "rst" | "txt" | "text" | "adoc" | "asciidoc" | "org" | "tex" | "textile"
        | "pod" | "wiki" | "feature" | "sdoc" | "bib" | "sty" | "lhs" => Kind::Prose,
        "json" | "ipynb" | "csv" | "tsv" | "lock" | "snap" | "patch" | "diff" | "svg" | "map" | "log" | "golden"
        | "po" | "pot" => Kind::Data,
        ending => match by_ending(ending).or_else(|| dialect(ending, text)) {
            Some(language) => Kind::Code(language),
            None => without_ending(stem, text),
        },
    }
}

fn by_name(name: &str) -> Option<&'static Language> {
    Some(match name {
        "Makefile" | "makefile" | "GNUmakefile" | "Kbuild" => &known::MAKE,
        "Dockerfile" | "Containerfile" => &known::DOCKER,
        "CMakeLists.txt" => &known::CMAKE,
        "BUILD" | "WORKSPACE" | "BUILD.bazel" | "WORKSPACE.bazel" | "SConstruct" | "SConscript" | "Tiltfile" => {
            &known::PYTHON
        }
        "meson.build" | "meson_options.txt" | "meson.options" => &known::MESON,
        "Rakefile" | "Gemfile" | "Vagrantfile" | "Podfile" | "Brewfile" | "Fastfile" => &known::RUBY,
        "Jenkinsfile" => &known::GROOVY,
        "Justfile" | "justfile" | ".gitignore" | ".gitattributes" | ".dockerignore" | ".env" | "CODEOWNERS"
        | "requirements.txt" | "Kconfig" => &known::HASH_LINES,
        ".gitconfig" | ".editorconfig" | ".npmrc" => &known::LINES,
        "go.mod" | "go.work" => &known::GO,
        ".bashrc" | ".bash_profile" | ".profile" | ".zshrc" | "PKGBUILD" | "configure.ac" => &known::SHELL,
        _ if name.starts_with("Dockerfile.") => &known::DOCKER,
        _ => return None,
    })
}

fn by_ending(ending: &str) -> Option<&'static Language> {
    Some(match ending {
        "rs" => &known::RUST,
        "c" | "h" | "cc" | "cpp" | "cxx" | "c++" | "hpp" | "hh" | "hxx" | "ipp" | "inl" | "tpp" | "ixx" | "cppm"
        | "mm" | "ino" | "cu" | "cuh" | "cl" | "metal" | "hlsl" | "dts" | "dtsi" => &known::C,
        "proto" | "glsl" | "vert" | "frag" | "comp" | "wgsl" | "sol" | "jsonc" | "json5" | "gleam" | "move"
        | "cairo" => &known::SIMPLE,
        "sv" | "svh" | "vh" => &known::VERILOG,
        "css" => &known::CSS,
        "scss" | "less" => &known::SCSS,
        "zig" | "zon" => &known::ZIG,
        "d" => &known::D,
        "java" => &known::JAVA,
        "cs" | "csx" => &known::CSHARP,
        "dart" => &known::DART,
        "groovy" | "gradle" => &known::GROOVY,
        "kt" | "kts" => &known::KOTLIN,
        "swift" => &known::SWIFT,
        "scala" | "sc" | "sbt" => &known::SCALA,
        "go" | "cue" => &known::GO,
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" => &known::SCRIPT,
        "php" | "phtml" => &known::PHP,
        "thrift" => &known::THRIFT,
        "tf" | "tfvars" | "hcl" => &known::TERRAFORM,
        "nix" => &known::NIX,
        "pas" | "dpr" => &known::PASCAL,
        "py" | "pyi" | "pyx" | "pxd" | "bzl" | "star" | "smk" => &known::PYTHON,
        "rb" | "rake" | "gemspec" | "cr" | "podspec" => &known::RUBY,
        "pl" | "pm" => &known::PERL,
        "sh" | "bash" | "zsh" | "ksh" | "bats" | "ebuild" => &known::SHELL,
        "fish" => &known::FISH,
        "yml" | "yaml" => &known::YAML,
        "toml" => &known::TOML,
        "ini" | "cfg" | "service" | "desktop" => &known::LINES,
        "properties" | "conf" | "env" | "robot" | "just" | "gitignore" | "dockerignore" => &known::HASH_LINES,
        "mk" | "mak" => &known::MAKE,
        "dockerfile" => &known::DOCKER,
        "cmake" => &known::CMAKE,
        "r" => &known::R,
        "jl" => &known::JULIA,
        "ex" | "exs" => &known::ELIXIR,
        "coffee" => &known::COFFEE,
        "nim" | "nims" => &known::NIM,
        "awk" | "gawk" => &known::AWK,
        "ps1" | "psm1" | "psd1" => &known::POWERSHELL,
        "tcl" => &known::TCL,
        "nu" => &known::NUSHELL,
        "graphql" | "gql" | "graphqls" => &known::GRAPHQL,
        "rego" => &known::REGO,
        "sql" => &known::SQL,
        "lua" => &known::LUA,
        "hs" | "hsc" | "purs" | "idr" | "agda" | "dhall" => &known::HASKELL,
        "elm" => &known::ELM,
        "adb" | "ads" | "vhd" | "vhdl" => &known::ADA,
        "lean" => &known::LEAN,
        "ml" | "mli" | "sml" | "fun" | "sig" => &known::CAML,
        "fs" | "fsi" | "fsx" => &known::FSHARP,
        "lisp" | "el" | "clj" | "cljs" | "cljc" | "edn" | "scm" | "ss" | "rkt" | "sld" => &known::LISP,
        "wat" | "wast" => &known::WAT,
        "erl" | "hrl" => &known::ERLANG,
        "f90" | "f95" | "f03" | "f08" => &known::FORTRAN,
        "vim" => &known::VIM,
        "bat" | "cmd" => &known::BATCH,
        "asm" | "s" => &known::ASSEMBLER,
        "html" | "htm" | "xhtml" | "xml" | "xsl" | "xslt" | "xsd" | "csproj" | "vue" | "svelte" => &known::MARKUP,
        _ => return None,
    })
}

/// Endings that several languages have, told by what only one of them begins with.
fn dialect(ending: &str, text: &str) -> Option<&'static Language> {
    let begins = |words: &[&str]| text.lines().any(|line| words.iter().any(|word| line.starts_with(word)));
    match ending {
        "m" if begins(&["#import", "#include", "@interface", "@implementation", "@import"]) => Some(&known::C),
        "v" if begins(&["module ", "`timescale", "`include", "`define"]) => Some(&known::VERILOG),
        "v" if begins(&["Require ", "From ", "Theorem ", "Lemma ", "Definition "]) => Some(&known::COQ),
        "t" if begins(&["use strict", "use Test", "use warnings", "#!/usr/bin/perl", "#!perl"]) => Some(&known::PERL),
        _ => None,
    }
}

/// A file whose ending says nothing.
fn without_ending(stem: &str, text: &str) -> Kind {
    if ["README", "LICENSE", "LICENCE", "COPYING", "CHANGELOG", "CONTRIBUTING", "NOTICE", "AUTHORS", "NEWS", "HISTORY"]
        .contains(&stem)
    {
        return Kind::Prose;
    }
    let Some(first) = text.lines().next().filter(|line| line.starts_with("#!")) else { return Kind::Unknown };
    let shells: [(&str, &'static Language); 14] = [
        ("python", &known::PYTHON),
        ("node", &known::SCRIPT),
        ("deno", &known::SCRIPT),
        ("bun", &known::SCRIPT),
        ("ruby", &known::RUBY),
        ("perl", &known::PERL),
        ("fish", &known::FISH),
        ("pwsh", &known::POWERSHELL),
        ("awk", &known::AWK),
        ("lua", &known::LUA),
        ("tclsh", &known::TCL),
        ("php", &known::PHP),
        ("/nu", &known::NUSHELL),
        ("sh", &known::SHELL),
    ];
    shells
        .into_iter()
        .find(|(word, _)| first.contains(word))
        .map_or(Kind::Unknown, |(_, language)| Kind::Code(language))
}
