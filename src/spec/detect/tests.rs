use super::*;

/// Detects over files that are given as `(path, content)`.
fn over(files: &[(&str, &str)]) -> Detection {
    let paths: Vec<&[u8]> = files.iter().map(|(path, _)| path.as_bytes()).collect();
    detect(&paths, &mut |path| {
        files.iter().find(|(name, _)| name.as_bytes() == path).map(|(_, text)| text.as_bytes().to_vec())
    })
}

fn named_only(paths: &[&str]) -> Detection {
    over(&paths.iter().map(|path| (*path, "")).collect::<Vec<_>>())
}

fn left(detection: &Detection) -> Vec<&str> {
    detection.reasons.iter().filter(|reason| !reason.taken).map(|reason| reason.what.as_str()).collect()
}

const MARKED: &str = "r[a]\nx\n\nr[b]\ny\n\nr[c]\nz\n";

#[test]
fn open_spec_never_takes_changes() {
    let found = named_only(&[
        "openspec/specs/tests/spec.md",
        "openspec/specs/a/b/spec.md",
        "openspec/changes/x/specs/a/spec.md",
        "specs/x/spec.md",
    ]);
    assert_eq!((found.layout, found.files), (Some(Layout::OpenSpec), 2));
    assert_eq!((found.include.as_slice(), found.exclude.len()), (&["openspec/specs/**/spec.md".to_owned()][..], 0));
    assert_eq!(left(&found), ["openspec/changes/**"]);
    assert!(found.reasons[0].why.ends_with("(2 files)"));
    assert_eq!(named_only(&["openspec/changes/x/specs/a/spec.md"]).layout, None);
}

#[test]
fn spec_kit_takes_specs_and_constitution() {
    let found = named_only(&[
        ".specify/memory/constitution.md",
        ".specify/templates/spec-template.md",
        "specs/001-x/checklists/requirements.md",
        "specs/001-x/plan.md",
        "specs/001-x/spec.md",
        "specs/001-x/tasks.md",
    ]);
    assert_eq!(found.layout, Some(Layout::SpecKit));
    assert_eq!(found.include, ["specs/*/spec.md", ".specify/memory/constitution.md"]);
    assert_eq!(left(&found), ["specs/*/plan.md", "specs/*/tasks.md", "specs/**/*.md", ".specify/templates/**"]);
    assert_eq!(found.files, 2);
}

#[test]
fn kiro_takes_requirements() {
    let found = named_only(&[".kiro/specs/a/design.md", ".kiro/specs/a/requirements.md", ".kiro/steering/product.md"]);
    assert_eq!(
        (found.layout, found.include.as_slice()),
        (Some(Layout::Kiro), &[".kiro/specs/**/requirements.md".to_owned()][..])
    );
}

#[test]
fn strict_doc_without_its_tests() {
    let found = named_only(&["docs/a.sdoc", "docs/sub/b.sdoc", "tests/integration/x.sdoc", "docs/examples/e.sdoc"]);
    assert_eq!((found.layout, found.include.as_slice()), (Some(Layout::StrictDoc), &["docs/**/*.sdoc".to_owned()][..]));
    assert_eq!((found.exclude.as_slice(), found.files), (&["**/examples/**".to_owned()][..], 2));
    assert_eq!(named_only(&["a.sdoc", "b/c.sdoc"]).include, ["**/*.sdoc"]);
    assert_eq!(named_only(&["tests/x.sdoc"]).layout, None);
}

#[test]
fn gherkin_only_beside_markdown() {
    let found = named_only(&["docs/spec/a.md", "features/x/a.feature", "features/b.feature", "tests/c.feature"]);
    assert_eq!(found.layout, Some(Layout::Gherkin));
    assert_eq!(found.include, ["docs/spec/**/*.md", "features/**/*.feature"]);
    assert_eq!(found.files, 3);
    let alone = named_only(&["features/a.feature", "src/main.rs"]);
    assert_eq!((alone.layout, alone.include.len(), left(&alone)), (None, 0, vec!["**/*.feature"]));
}

#[test]
fn rule_markers_name_their_common_folder() {
    let found = over(&[
        ("README.md", MARKED),
        ("src/SUMMARY.md", "# Summary"),
        ("src/a.md", MARKED),
        ("src/b/c.md", MARKED),
        ("src/intro.md", "text"),
        ("docs/other.md", "text"),
    ]);
    assert_eq!(found.layout, Some(Layout::RuleMarkers));
    assert_eq!(
        (found.include.as_slice(), found.exclude.as_slice()),
        (&["src/**/*.md".to_owned()][..], &["**/SUMMARY.md".to_owned()][..])
    );
    assert_eq!(found.files, 3);
}

#[test]
fn rare_rule_markers_name_their_files() {
    let mut files = vec![("docs/a.md", MARKED), ("docs/x/b[1].md", MARKED)];
    files.extend(["docs/c.md", "docs/d.md", "docs/e.md"].map(|path| (path, "text")));
    assert_eq!(over(&files).include, ["docs/a.md", "docs/x/b\\[1\\].md"]);
    assert_eq!(over(&[("a.md", MARKED), ("x/b.md", MARKED)]).include, ["a.md", "x/b.md"]);
}

#[test]
fn folders_at_the_top_and_one_level_down() {
    let found = named_only(&[
        "api/spec/a.md",
        "docs/spec-2.0/b.rst",
        "docs/special/c.md",
        "spec/README.md",
        "spec/a.md",
        "spec/fixtures/x.md",
        "vendor/spec/d.md",
        "x/y/spec/e.md",
        ".github/spec/f.md",
    ]);
    assert_eq!(found.layout, Some(Layout::Folder));
    assert_eq!(found.include, ["api/spec/**/*.md", "docs/spec-2.0/**/*.rst", "spec/**/*.md"]);
    assert_eq!(found.exclude, ["**/README.md", "**/fixtures/**"]);
    assert_eq!(found.files, 3);
    assert_eq!(named_only(&["spec/a_spec.rb", "spec/notes.md", "spec/spec_helper.rb"]).layout, None);
}

#[test]
fn a_top_level_file_by_name() {
    assert_eq!(named_only(&["SPEC.md", "inspect.md", "special.md", "README.md", "sub/spec.md"]).include, ["SPEC.md"]);
    assert_eq!(named_only(&["openapi-specification.md"]).layout, Some(Layout::Named));
    assert_eq!(named_only(&["README.spec.md", "special.md"]).layout, None);
}

#[test]
fn a_top_level_file_by_its_demands() {
    let demands = "# A\nMUST\n# B\nSHALL NOT\n# C\nMAY\n";
    let found = over(&[("protocol.md", demands), ("AGENTS.md", demands), ("notes.md", "# A\nx\n")]);
    assert_eq!((found.layout, found.include.as_slice()), (Some(Layout::Demands), &["protocol.md".to_owned()][..]));
    assert_eq!(found.reasons[0].why, "RFC 2119 words in 3 of 3 sections (1 file)");
}

#[test]
fn nothing_is_said_to_be_nothing() {
    let found = over(&[("src/main.rs", "r[a]"), ("README.md", MARKED)]);
    assert_eq!(found, Detection::default());
    assert_eq!(detect(&[], &mut |_| None), Detection::default());
}

#[test]
fn few_openings_are_read_of_many_files() {
    let names: Vec<String> = (0..100_000).map(|n| format!("docs/{}/{n}.md", n % 100)).collect();
    let paths: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
    let mut reads = 0;
    let found = detect(&paths, &mut |_| {
        reads += 1;
        None
    });
    assert_eq!(found.layout, None);
    assert!(reads <= OPENINGS + TOP_OPENINGS, "{reads}");
}

#[test]
fn paths_that_are_not_text_do_no_harm() {
    assert_eq!(detect(&[b"spec/\xff.md", b"spec/a.md"], &mut |_| None).include, ["spec/**/*.md"]);
}
