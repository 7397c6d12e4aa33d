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
    let rules = policy.rules;
    assert_eq!((rules.require_link, rules.require_resolved), (Severity::Warn, Severity::Deny));
    assert_eq!((rules.stale, rules.stale_tip), (StaleGrade::Normative, StaleGrade::Off));
    assert_eq!(rules.accept, [Accept::Foreign]);
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
    assert!(shown("[generated]\npaths = [\"!src/**\"]\n").contains("no glob begins with !"));
    for (glob, meant) in [
        ("docs/**.md", "docs/**/*.md"),
        ("docs/a**/*.md", "docs/a*/**/*.md"),
        ("docs/x**y.md", "docs/x*/**/*y.md"),
        ("{a,docs/**.md}", "docs/**/*.md"),
        ("{a,**}b/c", "**/*b/c"),
        ("***", "**"),
    ] {
        let said = shown(&format!("[spec]\ninclude = [\"{glob}\"]\n"));
        assert!(said.contains(&format!("did you mean {meant}?")), "{glob}: {said}");
    }
    for glob in ["docs/**/*.md", "**", "{a/**,b}/c.md", "{**/,}*.md", "[**]/x.md", r"\\**.md", "a*b*.md"] {
        let parsed = Config::parse("c", format!("[spec]\ninclude = [\"{glob}\"]\n").as_bytes());
        assert!(parsed.is_ok(), "{glob}");
    }
    let said = shown("spec = \"x\"\n");
    assert!(said.contains("expected a section") && !said.contains("struct"), "{said}");
    let table = shown("[policy]\nrefs = [\"refs/heads/main\"]\n[policy.section]\npaths = [\"a\"]\n");
    assert!(table.contains("[[policy.section]]"), "{table}");
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

/// A policy with these lines in `[generated]` and in `[policy]`, and what comes behind.
fn ruled(generated: &str, policy: &str, behind: &str) -> String {
    format!(
        "[spec]\ninclude = [\"specs/**/*.md\"]\n[generated]\n{generated}\n[policy]\nrefs = [\"refs/heads/main\"]\n{policy}\n{behind}"
    )
}

#[test]
fn sections_inherit_what_they_do_not_say() {
    let sections = "[[policy.section]]\npaths = [\"web/**\"]\nrequire-link = \"warn\"\naccept = []\n";
    let text = ruled("paths = [\"src/**\", \"web/**\"]", "accept = [\"foreign\"]\nstale = \"minor\"", sections);
    let policy = parse(&text).unwrap().policy.unwrap();
    let rules = &policy.sections[0].rules;
    assert_eq!((rules.require_link, rules.stale, rules.accept.len()), (Severity::Warn, StaleGrade::Minor, 0));
    assert!(policy.sections[0].paths.matches(b"web/a") && !policy.sections[0].paths.matches(b"Web/a"));
    assert!(policy.sections[0].paths.matches_folded(b"Web/a"));
}

#[test]
fn generated_paths_are_told_in_either_case_and_exempted_in_one() {
    let text = "[generated]\npaths = [\"src/**\"]\nexempt = [\"src/vendor/**\"]\n";
    let generated = parse(text).unwrap().generated;
    assert_eq!(generated.standing(b"SRC/a"), Standing::Generated);
    assert_eq!(generated.standing(b"src/vendor/a"), Standing::Exempt("src/vendor/**"));
    assert_eq!(generated.standing(b"src/Vendor/a"), Standing::Generated);
    assert_eq!(generated.standing(b"docs/a"), Standing::Other);
    assert!(generated.is_above(b"Src") && !generated.is_above(b"docs"));
}

#[test]
fn directories_above_generated_paths_are_told_in_either_case_and_those_of_exempt_ones_in_one() {
    let text = "[generated]\npaths = [\"**/gen*/*.rs\", \"lib/**/[!a-z]*/**\"]\n\
                exempt = [\"third/**\", \"{x,y}/*/deep/**/*\", \"some/**/*.rs\", \"one/*\"]\n";
    let generated = parse(text).unwrap().generated;
    for path in ["gen", "a/b/gen-1", "Gen1", "a/GENERATED", "lib/x/Core", "third/gen"] {
        assert!(generated.is_above(path.as_bytes()), "{path}");
    }
    for path in ["x/general/y", "agen", "lib/x/core", "a/b"] {
        assert!(!generated.is_above(path.as_bytes()), "{path}");
    }
    for path in ["third", "third/gen", "third/a/b/gen", "x/1/deep", "y/1/deep/gen/2"] {
        assert!(generated.is_exempt_behind(path.as_bytes()), "{path}");
    }
    for path in ["Third/gen", "thirds", "a/third", "x/1", "x/1/2/deep", "some", "some/gen", "one", "one/gen"] {
        assert!(!generated.is_exempt_behind(path.as_bytes()), "{path}");
    }
    assert!(
        parse("[generated]\npaths = [\"src/**\"]\nexempt = [\"**\"]\n").unwrap().generated.is_exempt_behind(b"a/b")
    );
}

#[test]
fn what_cannot_mean_anything_is_shown_with_its_line() {
    let paths = "paths = [\"src/**\"]";
    let map = |code: &str, spec: &str| format!("[[generated.map]]\ncode = [\"{code}\"]\nspec = [\"{spec}\"]\n");
    let section = |paths: &str, rule: &str| format!("[[policy.section]]\npaths = [{paths}]\n{rule}\n");
    for (text, line, said) in [
        (ruled(paths, "", &section("\"web/**\"", "stale = \"off\"")), 9, "nothing that this matches is generated"),
        (ruled(paths, "", &section("\"src\"", "stale = \"off\"")), 9, "nothing that this matches is generated"),
        (ruled(paths, "", &section("\"src/a/**\"", "")), 8, "the section says nothing"),
        (ruled(paths, "", &section("", "stale = \"off\"")), 9, "the section has no paths"),
        (ruled(paths, "", &map("web/**", "specs/a.md")), 9, "nothing that this matches is generated"),
        (ruled(paths, "", &map("src/a/**", "docs/a.md")), 10, "no file of [spec] can match this"),
        (ruled(paths, "", &map("src/a/**", "specs/a.txt")), 10, "no file of [spec] can match this"),
        (ruled(paths, "require-resolved = \"off\"\naccept = [\"foreign\"]", ""), 8, "every link is accepted"),
        (ruled(paths, "require-map = \"warn\"", ""), 7, "there is no map"),
        (ruled("", "require-link = \"deny\"", ""), 7, "nothing is generated that could want a link"),
        (ruled("exempt = [\"src/x\"]", "", ""), 4, "nothing is generated that could be exempt"),
        (ruled(paths, "", &section("\"src/a/**\"", "require-lnik = \"off\"")), 10, "unknown key require-lnik"),
    ] {
        let shown = shown(&text);
        assert!(shown.contains(said) && shown.contains(&format!(",-[.gitspec.toml:{line}:")), "{text}\n{shown}");
    }
    assert!(parse(&ruled(paths, "", &map("src/a/**", "specs/a.md"))).is_ok());
    assert!(parse(&ruled(paths, "", &map("src/a/**", "**/a.md"))).is_ok());
}

#[test]
fn globs_that_would_blow_up_are_refused_at_once() {
    let start = std::time::Instant::now();
    for glob in ["{a,b}".repeat(10_000), "?".repeat(1001), "*/".repeat(600) + "x"] {
        assert!(shown(&format!("[generated]\npaths = [\"{glob}\"]\n")).contains("1000 are the most"), "{glob}");
    }
    let many = format!("\"{}x\",", "*?".repeat(490)).repeat(GLOB_LIMIT);
    let _ = parse(&format!("[generated]\npaths = [{many}]\n"));
    // Far from the hours that it would take, and far enough for a machine that does other things.
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}

#[test]
fn the_page_of_all_keys_is_right() {
    let page = include_str!("../../docs/policy.md");
    let text = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let config = parse(text).unwrap();
    let policy = config.policy.unwrap();
    assert_eq!((policy.sections.len(), config.generated.map.len()), (1, 1));
    let plain = format!("[policy]\nrefs = [\"refs/heads/main\"]\n[generated]\npaths = [\"src/**\"]\n{}", "");
    let rules = parse(&plain).unwrap().policy.unwrap().rules;
    assert_eq!(rules, RuleSettings { accept: Vec::new(), ..policy.rules }, "what holds without a key");
}
