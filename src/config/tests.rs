use super::*;
use crate::error::render;
use crate::spec::detect::escape_glob;
use crate::view::Style;

const FULL: &str = r#"
[spec]
include = ["docs/spec/**/*.md"]
exclude = ["docs/spec/old/**"]

[generated]
paths = ["src/**", "tests/**"]
exempt = ["src/vendor/**"]

[policy]
refs = ["refs/heads/main", "refs/heads/release/*"]
since = "443D3707dde4c0ffee443d3707dde4c0ffee4437"
require-link = "warn"
stale = "normative"
accept = ["foreign"]
"#;

fn parse(text: &str) -> Result<Config, Error> {
    Config::parse(FILE_NAME, text.as_bytes())
}

fn shown(text: &str) -> String {
    render(&parse(text).unwrap_err(), Style::PLAIN, 80)
}

fn set(include: &[&str]) -> SpecSet {
    SpecSet::new(include.iter().map(|&glob| glob.to_owned()).collect(), Vec::new(), "test").unwrap()
}

#[test]
fn the_documented_example_parses() {
    let config = parse(FULL).unwrap();
    let spec = config.spec.unwrap();
    assert!(spec.matches(b"docs/spec/a/b.md") && !spec.matches(b"docs/spec/old/b.md"));
    assert!(config.generated.files.matches(b"src/a.rs") && !config.generated.files.matches(b"src/vendor/a.rs"));
    let policy = config.policy.unwrap();
    assert_eq!(policy.since.as_deref(), Some("443d3707dde4c0ffee443d3707dde4c0ffee4437"));
    assert_eq!((policy.require_link, policy.require_resolved), (Severity::Warn, Severity::Deny));
    assert_eq!((policy.stale, policy.stale_tip), (StaleGrade::Normative, StaleGrade::Off));
    assert_eq!(policy.accept, [Accept::Foreign]);
}

#[test]
fn an_empty_file_configures_nothing() {
    let config = parse("").unwrap();
    assert!(config.spec.is_none() && config.policy.is_none() && config.generated.files.is_empty());
}

#[test]
fn a_misspelt_key_is_shown_with_its_line() {
    let text = "[spec]\ninclude = [\"a\"]\n\n[policy]\nrefs = [\"refs/heads/main\"]\nrequire-lnik = \"deny\"\n";
    let shown = shown(text);
    assert!(shown.starts_with("error: .gitspec.toml: unknown key require-lnik\n"), "{shown}");
    assert!(shown.contains(",-[.gitspec.toml:6:1]"), "{shown}");
    assert!(shown.contains("6 | require-lnik = \"deny\""), "{shown}");
    assert!(shown.contains(" ^^^^^^^^^^^^"), "{shown}");
    assert!(shown.ends_with("hint: did you mean require-link?\n"), "{shown}");
}

#[test]
fn a_misspelt_section_and_value_too() {
    assert!(shown("[polcy]\n").ends_with("hint: did you mean policy?\n"), "{}", shown("[polcy]\n"));
    let value = shown("[policy]\nrefs = [\"refs/heads/main\"]\nstale = \"normativ\"\n");
    assert!(
        value.contains("3 | stale = \"normativ\"") && value.ends_with("hint: did you mean normative?\n"),
        "{value}"
    );
    assert!(!shown("[zzzzzzzz]\n").contains("did you mean"));
}

#[test]
fn bad_globs_are_shown_with_their_line() {
    let glob = shown("[spec]\ninclude = [\n  \"a/*.md\",\n  \"b/[x\",\n]\n");
    assert!(glob.contains("4 |   \"b/[x\",") && glob.contains("^^^^^^"), "{glob}");
    assert!(shown("[spec]\ninclude = [\"docs/\"]\n").contains("did you mean docs/**?"));
    for outside in ["/etc/passwd", "../x.md", "a/../../x", "./a.md", "a//b.md", ""] {
        assert!(parse(&format!("[spec]\ninclude = [\"{outside}\"]\n")).is_err(), "{outside}");
    }
}

#[test]
fn values_are_checked() {
    assert!(shown("[policy]\nrefs = [\"main\"]\n").contains("refs/heads/main"));
    assert!(shown("[policy]\nrefs = [\"refs/heads/main\"]\nsince = \"443d370\"\n").contains("git rev-parse 443d370"));
    assert!(shown("[policy]\nrefs = []\n").contains("protects no ref"));
    assert!(shown("[spec]\ninclude = []\n").contains("includes no files"));
    assert!(shown("[spec]\nexclude = []\n").contains("include"));
}

#[test]
fn hostile_files_are_refused() {
    assert!(matches!(Config::parse("c", &vec![b'#'; SIZE_LIMIT + 1]), Err(Error::ConfigTooLarge { .. })));
    assert!(matches!(Config::parse("c", b"[spec]\n# \xff\n"), Err(Error::BadConfig { .. })));
    let many = format!("[spec]\ninclude = [{}]\n", "\"a\",".repeat(GLOB_LIMIT + 1));
    assert!(matches!(parse(&many), Err(Error::BadConfig { .. })));
    let deep = format!("[spec]\ninclude = [\"{}\"]\n", "{a,b}".repeat(10_000));
    let _ = parse(&deep);
}

#[test]
fn stars_stay_in_their_folder() {
    let one = set(&["specs/*/spec.md"]);
    assert!(
        one.matches(b"specs/a/spec.md") && !one.matches(b"specs/a/b/spec.md") && !one.matches(b"x/specs/a/spec.md")
    );
    let two = set(&["docs/**/*.md"]);
    assert!(two.matches(b"docs/a.md") && two.matches(b"docs/a/b/c.md") && !two.matches(b"docs/A.MD"));
    assert!(set(&["**/*.sdoc"]).matches(b"a.sdoc"));
}

#[test]
fn paths_are_bytes() {
    let set = set(&["docs/**/*.md"]);
    assert!(set.matches(b"docs/caf\xe9/\xff.md") && set.matches(b"docs/a\nb.md"));
}

#[test]
fn walks_are_limited_to_literal_folders() {
    let roots = |globs: &[&str]| -> Vec<String> {
        set(globs).walk_roots().into_iter().map(|root| String::from_utf8(root).unwrap()).collect()
    };
    assert_eq!(roots(&["docs/spec/**/*.md", "docs/spec/a.md", "docs/spec-2/*.md"]), ["docs/spec", "docs/spec-2"]);
    assert_eq!(roots(&["semver.md"]), ["semver.md"]);
    assert_eq!(roots(&["a\\*b/x?.md", "specs/*/spec.md"]), ["a*b", "specs"]);
    assert!(roots(&["docs/**", "**/*.sdoc"]).is_empty());
}

#[test]
fn git_configuration_replaces_and_clears() {
    let values = |values: &[&str]| SpecSet::from_includes(values.iter().map(|&v| v.to_owned()).collect());
    assert!(values(&[]).unwrap().is_none() && values(&["a", ""]).unwrap().is_none());
    assert_eq!(values(&["a", "", "b", "c"]).unwrap().unwrap().include(), ["b", "c"]);
    assert!(matches!(values(&["[a"]), Err(Error::BadGlob { glob, .. }) if glob == "[a"));
}

#[test]
fn what_init_writes_reads_back() {
    let globs = ["a \"q\"/*.md".to_owned(), "b\\*.md".to_owned()];
    let config = parse(&spec_section(&globs, &globs[..1])).unwrap().spec.unwrap();
    assert_eq!((config.include(), config.exclude()), (&globs[..], &globs[..1]));
    assert!(parse(&spec_section(&globs[..1], &[])).is_ok());
    assert!(set(&[&escape_glob("a[1]{b}*.md")]).matches(b"a[1]{b}*.md"));
}
