use super::*;

/// Detects over files that are given as `(path, content)`.
fn over(files: &[(&str, &str)]) -> Detection {
    let paths: Vec<&[u8]> = files.iter().map(|(path, _)| path.as_bytes()).collect();
    detect(&paths, &mut |path| {
        let file = files.iter().find(|(name, _)| name.as_bytes() == path);
        file.map_or(Opening::Nothing, |(_, text)| Opening::Bytes(text.as_bytes().to_vec()))
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
fn a_folder_like_kiros_is_read_as_one() {
    let found = named_only(&[
        ".claude/specs/a/design.md",
        ".claude/specs/a/requirements.md",
        "x/.flow/specs/b/requirements.md",
    ]);
    assert_eq!(found.layout, Some(Layout::Kiro));
    assert_eq!(found.include, [".claude/specs/**/requirements.md", "x/.flow/specs/**/requirements.md"]);
    assert_eq!(named_only(&[".claude/requirements.md", ".github/specs/a/spec.md"]).layout, None);
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
fn gherkin_beside_markdown_or_alone() {
    let found = named_only(&["docs/spec/a.md", "features/x/a.feature", "features/b.feature", "tests/c.feature"]);
    assert_eq!(found.layout, Some(Layout::Gherkin));
    assert_eq!(found.include, ["docs/spec/**/*.md", "features/**/*.feature"]);
    assert_eq!(found.files, 3);
    let alone = named_only(&["features/a.feature", "features/b/c.feature", "e2e/d.feature", "src/main.rs"]);
    assert_eq!(alone.layout, Some(Layout::Features));
    assert_eq!(
        (alone.include.as_slice(), alone.files),
        (&["e2e/**/*.feature", "features/**/*.feature"].map(str::to_owned)[..], 3)
    );
    let tests = named_only(&["tests/features/a.feature", "src/test/resources/b.feature"]);
    assert_eq!((tests.layout, tests.include.len(), left(&tests)), (None, 0, vec!["**/*.feature"]));
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
fn a_readme_that_demands_is_a_part_like_others() {
    let found = over(&[
        ("README.md", NORMATIVE),
        ("spec/README.md", "# Parts\nHere the parts are named.\n"),
        ("spec/common/README.md", DEMANDING),
        ("spec/v1/README.md", "# Layers\nMUST is to be read as RFC 2119 has it.\n"),
        ("spec/a.md", "text"),
    ]);
    assert_eq!((found.include.as_slice(), found.files), (&["spec/**/*.md".to_owned()][..], 3));
    assert_eq!(found.exclude, ["spec/README.md"]);
    let found = over(&[
        ("README.md", "text"),
        ("kad/README.md", NORMATIVE),
        ("noise/README.md", NORMATIVE),
        ("ping/ping.md", NORMATIVE),
        ("relay/relay.md", NORMATIVE),
        ("tls/tls.md", NORMATIVE),
        ("tools/README.md", "text"),
    ]);
    assert_eq!(found.layout, Some(Layout::Documents));
    assert_eq!(found.include.len(), 5, "{found:?}");
    assert_eq!((found.files, found.exclude.len()), (5, 0));
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
    let found = named_only(&["_specifications/lsp/3.17/a.md", "_site/a.md", "_overviews/b.md"]);
    assert_eq!(found.include, ["_specifications/**/*.md"]);
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
fn the_other_files_of_a_specification_of_several() {
    let demands = "# A\nMUST\n# B\nSHALL NOT\n# C\nMAY\n";
    let some = format!("{demands}{}", "# D\nx\n".repeat(20));
    let few = format!("# A\nMUST\n{}", "# D\nx\n".repeat(20));
    let files = [("01-wire.md", demands), ("02-peers.md", &some), ("notes.md", &few), ("GOVERNANCE.md", demands)];
    let found = over(&files);
    assert_eq!(
        (found.layout, found.include.as_slice()),
        (Some(Layout::Demands), &paths(["01-wire.md", "02-peers.md"])[..])
    );
    let found =
        over(&[("spec.md", few.as_str()), ("config.md", &some), ("style.md", "# A\nx\n"), ("sub/a.md", demands)]);
    assert_eq!((found.layout, found.include.as_slice()), (Some(Layout::Named), &paths(["spec.md", "config.md"])[..]));
}

fn paths<const N: usize>(paths: [&str; N]) -> [String; N] {
    paths.map(str::to_owned)
}

#[test]
fn nothing_is_said_to_be_nothing() {
    let found = over(&[("src/main.rs", "r[a]"), ("README.md", MARKED)]);
    assert_eq!(found, Detection::default());
    assert_eq!(
        over(&[("docs/a.md", "# A\n"), ("docs/b.md", ""), ("rfc/x.adoc", "= X\n"), ("notes.txt", "")]).candidates,
        ["rfc/**/*.adoc", "docs/**/*.md"]
    );
    assert_eq!(detect(&[], &mut |_| Opening::Nothing), Detection::default());
}

#[test]
fn few_openings_are_read_of_many_files() {
    let names: Vec<String> = (0..100_000).map(|n| format!("docs/{}/{n}.md", n % 100)).collect();
    let paths: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
    let mut reads = 0;
    let found = detect(&paths, &mut |_| {
        reads += 1;
        Opening::Nothing
    });
    assert_eq!(found.layout, None);
    assert!(reads <= texts::ALL_OPENINGS + standards::ALL_OPENINGS + labels::ALL_OPENINGS, "{reads}");
}

#[test]
fn paths_that_are_not_text_do_no_harm() {
    assert_eq!(detect(&[b"spec/\xff.md", b"spec/a.md"], &mut |_| Opening::Nothing).include, ["spec/**/*.md"]);
}

#[test]
fn tools_are_found_in_the_packages_of_a_monorepo() {
    let found = named_only(&[
        "openspec/specs/a/spec.md",
        "packages/x/openspec/specs/tests/spec.md",
        "packages/x/openspec/changes/c/specs/a/spec.md",
        "tests/fixtures/openspec/specs/a/spec.md",
        "examples/y/openspec/specs/a/spec.md",
    ]);
    assert_eq!(found.layout, Some(Layout::OpenSpec));
    assert_eq!(found.include, ["openspec/specs/**/spec.md", "packages/x/openspec/specs/**/spec.md"]);
    assert_eq!((found.files, left(&found)), (2, vec!["packages/x/openspec/changes/**"]));

    let found = named_only(&[
        "apps/web/specs/001-login/plan.md",
        "apps/web/specs/001-login/spec.md",
        "apps/web/.specify/memory/constitution.md",
        "apps/web/.specify/specs/002-x/spec.md",
        ".claude/skills/specs/x/spec.md",
        "vendor/lib/specs/x/spec.md",
    ]);
    assert_eq!(found.layout, Some(Layout::SpecKit));
    assert_eq!(
        found.include,
        ["apps/web/specs/*/spec.md", "apps/web/.specify/specs/*/spec.md", "apps/web/.specify/memory/constitution.md"]
    );

    let found = named_only(&["services/a/.kiro/specs/f/requirements.md", "services/b/.kiro/specs/g/requirements.md"]);
    assert_eq!(
        found.include,
        ["services/a/.kiro/specs/**/requirements.md", "services/b/.kiro/specs/**/requirements.md"]
    );
    assert_eq!(named_only(&["packages/x/spec/a.md", "lib/x/spec/a.md"]).include, ["packages/x/spec/**/*.md"]);
}

#[test]
fn proposed_changes_alone_are_never_specification() {
    let changes = ["openspec/changes/x/specs/a/spec.md", "packages/x/openspec/changes/archive/specs/a/spec.md"];
    assert_eq!(named_only(&changes).layout, None);
}

const NORMATIVE: &str = "# A\nThe key words are those of RFC 2119: MUST, MAY.\n# B\nMUST\n# C\nSHOULD\n# D\n# E\nx\n# F\ny\n# G\nz\n# H\nz\n";

#[test]
fn nested_specifications_with_the_demands_below_their_folder() {
    let found = over(&[
        ("README.md", NORMATIVE),
        ("events/README.md", NORMATIVE),
        ("events/bindings/http.md", NORMATIVE),
        ("events/bindings/mqtt.md", NORMATIVE),
        ("events/languages/he/spec.md", NORMATIVE),
        ("events/primer.md", "# A\nwhy\n"),
        ("events/spec.md", NORMATIVE),
        ("events/webhook.md", NORMATIVE),
        ("events/working-drafts/xml.md", NORMATIVE),
        ("guide/intro.md", NORMATIVE),
        ("sql/spec.md", NORMATIVE),
        ("templates/spec.md", NORMATIVE),
        ("tools/fake/spec.md", "# Spec\n\nmyspec\n"),
    ]);
    assert_eq!(found.layout, Some(Layout::Nested));
    assert_eq!(found.include, ["events/spec.md", "sql/spec.md", "events/webhook.md", "events/bindings/*.md"]);
    assert_eq!((found.files, found.exclude.len()), (5, 0));
    assert_eq!(left(&found), ["events/*.md", "events/languages/he/**"]);
}

#[test]
fn a_nested_spec_that_demands_nothing_is_none() {
    assert_eq!(over(&[("a/spec.md", "# Spec\n\nWords.\n"), ("a/b.md", NORMATIVE)]).layout, None);
}

const NUMBERED: &str = "| # | Description | L1 |\n|---|---|---|\n| **1.1.1** | Verify that all is well. | x |\n| **1.1.2** | Verify that all stays well. | |\n| **1.1.3** | It MUST be so. | |\n";

#[test]
fn tables_of_numbered_demands_without_their_translations() {
    let found = over(&[
        ("4.0/de/V1.md", NUMBERED),
        ("4.0/en/V1.md", NUMBERED),
        ("4.0/zh-cn/V1.md", NUMBERED),
        ("5.0/en/V1.md", NUMBERED),
        ("5.0/en/V2.md", NUMBERED),
        ("5.0/en/preface.md", "# Preface\n"),
        ("SUPPORTERS.md", "| 1.2.3 | 2020 |\n| 1.2.4 | 2021 |\n| 1.2.5 | 2022 |\n"),
    ]);
    assert_eq!(found.layout, Some(Layout::NumberedDemands));
    assert_eq!(found.include, ["4.0/en/V1.md", "5.0/en/**/*.md"]);
    assert_eq!((found.files, left(&found)), (4, vec!["4.0/{de,zh-cn}/**"]));
}

#[test]
fn tables_of_releases_are_no_demands() {
    let table = "| Version | Changes |\n|-|-|\n| 1.0.2 | Fixed a leak in the parser |\n| 1.0.1 | Added options for the reader |\n| 1.0.0 | First release of the whole |\n";
    assert_eq!(over(&[("docs/versions.md", table)]).layout, None);
}

#[test]
fn what_lies_beside_an_internet_draft_is_named() {
    let draft = "---\ntitle: T\ndocname: draft-a-b-latest\n---\n--- abstract\n\nA.\n\n--- middle\n\n# Intro\n";
    let found = over(&[
        ("README.md", ""),
        (".github/SECURITY.md", ""),
        ("ietf/types.md", draft),
        ("specs/core.md", NORMATIVE),
        ("specs/validation.md", NORMATIVE),
        ("specs/output/machines.md", ""),
    ]);
    assert_eq!((found.include.as_slice(), found.layout), (&["ietf/*.md".to_owned()][..], Some(Layout::InternetDrafts)));
    assert_eq!(left(&found), ["specs/**"]);
    let why = &found.reasons.iter().find(|reason| !reason.taken).unwrap().why;
    assert!(why.contains("(3 files)"), "{why}");
}

#[test]
fn internet_drafts_at_the_top() {
    let draft = "---\ntitle: T\ndocname: draft-a-b-latest\n---\n--- abstract\n\nA.\n\n--- middle\n\n# Intro\n";
    let found = over(&[
        ("README.md", draft),
        ("archive/draft-x.md", draft),
        ("draft-a-b.md", draft),
        ("draft-c-d.md", draft),
        ("draft-of-a-letter.md", "Dear"),
        ("rfc9999.md", draft),
    ]);
    assert_eq!(found.layout, Some(Layout::InternetDrafts));
    assert_eq!((found.include.as_slice(), found.files), (&["draft-*.md", "rfc9999.md"].map(str::to_owned)[..], 4));
    assert_eq!(over(&[("draft-of-a-letter.md", "Dear")]).layout, None);
    let below = over(&[("1.0/a-1_0.md", draft), ("1.1/a-1_1.md", draft), ("archive/b.md", draft), ("docs/c.md", "x")]);
    assert_eq!((below.layout, below.include), (Some(Layout::InternetDrafts), paths(["1.0/*.md", "1.1/*.md"]).to_vec()));
}

#[test]
fn translations_in_a_folder_of_specifications_are_cut_out() {
    let found = named_only(&["spec/a.md", "spec/de/a.md", "spec/a.fr.md", "spec/go/a.md"]);
    assert_eq!((found.include.as_slice(), found.files), (&["spec/**/*.md".to_owned()][..], 2));
    assert_eq!(found.exclude, ["spec/a.fr.md", "spec/de/**"]);
}

#[test]
fn a_name_that_ends_in_spec() {
    for name in ["spec-v2.md", "Spec_1.0-rc2.md", "openapi-spec.en.md", "spec-draft.md"] {
        assert_eq!(named_only(&[name]).include, [name]);
    }
    for name in ["00-framework-01-spec-lifecycle.md", "spec-driven.md", "spec-template.md", "v2.md"] {
        assert_eq!(named_only(&[name]).layout, None, "{name}");
    }
    let prose = "# A\nx\n# B\ny\n# C\nz\n";
    assert_eq!(over(&[("spec.txt", prose)]).include, ["spec.txt"]);
    assert_eq!(over(&[("package-spec.txt", "a=1\nb=2\n"), ("requirements.txt", prose)]).layout, None);
}

#[test]
fn releases_by_file_and_by_folder() {
    let found = over(&[
        ("README.md", NORMATIVE),
        ("style-guide.md", "# A\nx\n"),
        ("versions/2.0.md", NORMATIVE),
        ("versions/3.1.0.md", NORMATIVE),
        ("versions/3.1.0-editors.md", "# Editors\n"),
        ("changes/v1.2.0.md", "# 1.2.0\n\nYou MUST upgrade.\n"),
    ]);
    assert_eq!(found.layout, Some(Layout::Releases));
    assert_eq!(found.include, ["versions/*.md"]);
    let found = over(&[
        ("content/v1.0.0/index.md", NORMATIVE),
        ("content/v1.0.0/index.xx.md", NORMATIVE),
        ("content/v1.0.0/index.hy.md", NORMATIVE),
        ("content/v1.0.0-beta.2/index.md", NORMATIVE),
    ]);
    assert_eq!((found.include.as_slice(), found.files), (&paths(["content/*/index.md"])[..], 2));
}

#[test]
fn sphinx_projects_that_are_called_specification() {
    let found = over(&[
        ("document/core/conf.py", "project = u'Wasm'\ntitle = u'Wasm Specification'\n"),
        ("document/core/index.rst", "Wasm\n====\n"),
        ("document/core/valid/types.rst", "Types\n=====\n"),
        ("docs/conf.py", "project = 'Needs'\n"),
        ("docs/index.rst", "Manual\n======\n\nSpecification\n=============\n"),
        ("tests/x/conf.py", "title = 'X Specification'\n"),
        ("tests/x/index.rst", "X Specification\n===============\n"),
    ]);
    assert_eq!((found.layout, found.include), (Some(Layout::Sphinx), vec!["document/core/**/*.rst".to_owned()]));
}

#[test]
fn a_document_beside_its_grammar() {
    let found = over(&[("README.md", ""), ("toml.abnf", "x = y\n"), ("toml.md", "# TOML\n"), ("docs/a.md", "")]);
    assert_eq!((found.layout, found.include), (Some(Layout::Grammar), vec!["toml.md".to_owned()]));
}

const DEMANDING: &str = "# A\nMUST\n# B\nSHALL NOT\n# C\nMAY\n# D\n# E\nx\n# F\nx\n# G\nx\n# H\nx\n";

#[test]
fn folders_of_documents_that_demand() {
    let found = over(&[
        ("README.md", DEMANDING),
        ("community/rules.md", "# A\nx\n"),
        ("proposals/next.md", DEMANDING),
        ("prompts/a.md", DEMANDING),
        ("standards/a.md", DEMANDING),
        ("standards/b.md", DEMANDING),
        ("standards/c.md", DEMANDING),
        ("standards/d.md", "# A\nx\n"),
        ("wire/frame.md", DEMANDING),
        ("wire/why.md", "# A\nx\n"),
    ]);
    assert_eq!(
        (found.layout, found.include),
        (Some(Layout::Documents), paths(["standards/*.md", "wire/frame.md"]).to_vec())
    );
    // what is shouted at coding agents, or demanded of contributors to a program, is no specification
    let prompts = ["agents/a.md", "agents/b.md", ".claude/c.md", "commands/d.md", "prompts/e.md"];
    assert_eq!(over(&prompts.map(|path| (path, DEMANDING))).layout, None);
    let docs = ["docs/api-conventions.md", "docs/b.md", "docs/c.md"].map(|path| (path, DEMANDING));
    let code: Vec<String> = (0..10).map(|n| format!("src/{n}.rs")).collect();
    let files: Vec<_> = docs.into_iter().chain(code.iter().map(|path| (path.as_str(), ""))).collect();
    assert_eq!(over(&files).layout, None);
}

#[test]
fn documents_in_folders_of_their_own() {
    let files = ["auth/a.md", "dns/b.md", "http/c.md", "relay/d.md", "tls/e.md"].map(|path| (path, DEMANDING));
    assert_eq!(over(&files).files, 5);
    assert_eq!(over(&files[..4]).layout, None);
}

#[test]
fn numbered_series() {
    let eip = |n: u32| format!("---\neip: {n}\ntitle: T\nstatus: Final\n---\n\n## Abstract\n\nx\n");
    let texts: Vec<(String, String)> =
        (1..8).map(|n| (format!("EIPS/eip-{n}.md"), eip(n))).chain([("EIPS/template.md".to_owned(), eip(0))]).collect();
    let files = |texts: &[(String, String)]| {
        over(&texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
    };
    let found = files(&texts);
    assert_eq!((found.layout, found.files), (Some(Layout::Series), 7));
    let demanding: Vec<_> = texts.iter().map(|(path, text)| (path.clone(), format!("{text}{DEMANDING}"))).collect();
    assert_eq!(files(&demanding).include, found.include);
    assert_eq!(found.include, ["EIPS/eip-*.md"]);

    let rfcs: Vec<(String, String)> =
        (1..8).map(|n| (format!("text/000{n}-x.md"), "# Summary\n\n# Detailed design\n\nx\n".to_owned())).collect();
    assert_eq!(files(&rfcs).include, ["text/*.md"]);
    let proposed: Vec<(String, String)> =
        (1..8).map(|n| (format!("proposals/100{n}-x.md"), "# MSC\n\n## Proposal\n\nx\n".to_owned())).collect();
    assert_eq!(files(&proposed).include, ["proposals/*.md"]);
    // beside code they are notes on how it was made
    let code = (0..20).map(|n| (format!("src/{n}.rs"), String::new()));
    assert_eq!(files(&rfcs.iter().cloned().chain(code).collect::<Vec<_>>()).layout, None);
    let adr = "# 12. Use a cache\n\n## Status\n\nAccepted\n\n## Decision\n\nWe will.\n".to_owned();
    let adrs: Vec<(String, String)> = (10..20).map(|n| (format!("docs/adr/00{n}-x.md"), adr.clone())).collect();
    assert_eq!(files(&adrs).layout, None);
    let posts: Vec<(String, String)> = (10..20).map(|n| (format!("posts/2020-01-{n}-x.md"), eip(2020))).collect();
    assert_eq!(files(&posts).layout, None);
}

#[test]
fn a_file_for_each_demand_titled_by_its_label() {
    let files = |texts: &[(String, String)]| {
        over(&texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
    };
    let readme = ("README.md".to_owned(), "# All of them\n\nx\n".to_owned());
    let nip = |n: u32| (format!("{n:02}.md"), format!("NIP-{n:02}\n======\n\nText\n----\n\n`draft`\n\n{DEMANDING}"));
    let nips: Vec<_> = (1..9).map(nip).chain([readme.clone()]).collect();
    let found = files(&nips);
    assert_eq!((found.layout, found.files), (Some(Layout::Series), 8));
    assert_eq!(found.include, ["*.md"]);

    let control = |n: u32| (format!("controls/APP-CODE-{n}.md"), format!("# APP-CODE-{n}\n\nThe app is up to date.\n"));
    let controls: Vec<_> = (1..7).map(control).chain([readme.clone()]).collect();
    assert_eq!(files(&controls).include, ["controls/APP-CODE-*.md"]);
    // beside more other prose they may be anything
    let book = (0..9).map(|n| (format!("book/chapter{n}.md"), "# Chapter\n\nx\n".to_owned()));
    assert_eq!(files(&controls.iter().cloned().chain(book).collect::<Vec<_>>()).layout, None);
    for label in ["ADR", "TASK"] {
        let others: Vec<_> =
            (1..7).map(|n| (format!("log/{label}-{n}.md"), format!("# {label}-{n}: Do it\n\nx\n"))).collect();
        assert_eq!(files(&others).layout, None, "{label}");
    }
}

#[test]
fn gherkin_beside_much_test_data() {
    assert_eq!(named_only(&["go/a.feature", "perl/t/data/b.feature", "testdata/c.feature"]).layout, None);
}

#[test]
fn labels_in_lists_are_numbered_demands() {
    let listed = "# Login\n\n- **FR-001**: The system MUST log in.\n- **FR-002**: It shall log out.\n- **FR-003**: It must lock up.\n";
    let found = over(&[("docs/requirements.md", listed), ("docs/guide.md", "# A\nx\n"), ("src/a.rs", "")]);
    assert_eq!((found.layout, found.include), (Some(Layout::NumberedDemands), vec!["docs/requirements.md".to_owned()]));
}

/// Whether the globs are such as a configuration may hold.
fn fits(found: &Detection) -> bool {
    let set = crate::config::SpecSet::new(found.include.clone(), found.exclude.clone(), "detection");
    let text = crate::config::spec_section(&found.include, &found.exclude);
    set.is_ok() && crate::config::Config::parse("x", text.as_bytes()).is_ok()
}

#[test]
fn thousands_of_translations_are_left_out_by_their_language() {
    let names = |count: usize, translated: &dyn Fn(usize) -> String| -> Vec<String> {
        (0..count).flat_map(|n| [format!("spec/{}/a{n}.md", n % 4), translated(n)]).collect()
    };
    let of = |paths: &[String]| named_only(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    // As they stand where they are few, with one that is a translation of nothing
    let mut few = names(400, &|n| format!("spec/{}/a{n}.de.md", n % 4));
    few.push("spec/1/b.de.md".to_owned());
    let found = of(&few);
    assert_eq!((found.files, found.exclude.len(), fits(&found)), (401, 400, true));
    let many = names(3000, &|n| format!("spec/{}/a{n}.{}.md", n % 4, if n % 2 == 0 { "de" } else { "pt-BR" }));
    let found = of(&many);
    assert_eq!((found.files, fits(&found)), (3000, true));
    assert_eq!(found.exclude, ["spec/0/*.de.md", "spec/1/*.pt-BR.md", "spec/2/*.de.md", "spec/3/*.pt-BR.md"]);
    // In more folders than that, and in folders of their own
    let wide: Vec<String> = (0..2000).flat_map(|n| [format!("spec/{n}/a.md"), format!("spec/{n}/a-zh.md")]).collect();
    let found = of(&wide);
    assert_eq!((found.files, found.exclude.as_slice()), (2000, &["**/*-zh.md".to_owned()][..]));
    let folders: Vec<String> =
        (0..2000).flat_map(|n| [format!("spec/{n}/en/a.md"), format!("spec/{n}/de/a.md")]).collect();
    let found = of(&folders);
    assert_eq!((found.files, found.exclude.as_slice()), (2000, &["**/de/**".to_owned()][..]));
    // More than can be told apart at all
    let hostile: Vec<String> =
        (0..4000).flat_map(|n| ["spec/a.md".to_owned(), format!("spec/a.de-{n:04}.md")]).collect();
    let found = of(&hostile);
    assert!(fits(&found) && left(&found).contains(&"3000 more globs"), "{:?}", found.exclude.len());
}

#[test]
fn names_that_no_configuration_may_hold_are_not_made_globs() {
    let long = format!("spec/{}", "x/".repeat(600));
    let (original, translated) = (format!("{long}a.md"), format!("{long}a.de.md"));
    let found = named_only(&["spec/b.md", &original, &translated, "spec/c.md", "spec/c.de.md"]);
    assert_eq!((found.files, fits(&found)), (3, true));
    assert_eq!(found.exclude, ["**/*.de.md", "spec/c.de.md"]);
    // Nothing but such a name
    let only = format!("{}-spec.md", "x".repeat(1200));
    assert_eq!(named_only(&[&only]).layout, None);
    let found = named_only(&["!spec.md", "a-spec.md", "../b-spec.md", "x//spec/c.md"]);
    assert_eq!(
        (found.include.as_slice(), fits(&found)),
        (&["\\!spec.md".to_owned(), "a-spec.md".to_owned()][..], true)
    );
}

#[test]
fn more_folders_than_a_configuration_may_hold_are_counted() {
    let paths: Vec<String> = (0..20_000).map(|n| format!("{n}/spec/a.md")).collect();
    let found = named_only(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(fits(&found) && found.include.len() == MOST_GLOBS);
    assert_eq!((found.files, left(&found).as_slice()), (MOST_GLOBS, &["19000 more files or folders"][..]));
    // Of long names fewer
    let paths: Vec<String> = (0..1000).map(|n| format!("{n}{}/spec/a.md", "\u{1}[".repeat(300))).collect();
    assert!(fits(&named_only(&paths.iter().map(String::as_str).collect::<Vec<_>>())));
}

#[test]
fn older_releases_come_with_the_one_that_demands() {
    let new = "# A\n\nMUST and MAY as in RFC 2119.\n\n## B\n\nIt MUST.\n\n## C\n\nIt MAY.\n";
    let old = "# A\n\nServers must answer.\n\n## B\n\nThey must go.\n";
    for (files, taken) in [
        (&[("v1.0/spec.md", old), ("v2.0/spec.md", new)][..], 2),
        (&[("docs/v1/spec.md", old), ("docs/v2/spec.md", new), ("docs/x/spec.md", old)], 2),
        (&[("1.0/spec.md", new), ("1.0/wire.md", old), ("2.0/spec.md", new), ("2.0/wire.md", new)], 4),
        (&[("1.0/core.md", new), ("2.0/core.md", new), ("src/core.md", old)], 2),
    ] {
        assert_eq!(over(files).files, taken, "{:?}", over(files).include);
    }
}

#[test]
fn a_package_may_lie_in_a_scope() {
    for (path, files) in [("packages/@acme/x/spec/a.md", 1), ("packages/x/spec/a.md", 1), ("packages/a/x/spec/a.md", 0)]
    {
        assert_eq!(named_only(&[path]).files, files, "{path}");
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    let paths: [&[u8]; 3] = [b"rules/a.md", b"spec.md", b"x.rs"];
    let found = detect(&paths, &mut |path| if path == b"spec.md" { Opening::Nothing } else { Opening::Unread });
    assert_eq!((found.layout, found.unread), (Some(Layout::Named), vec!["rules/a.md".to_owned()]));
    // where a tool fixes the place nothing has to be read
    let found = detect(&[b"openspec/specs/a/spec.md"], &mut |_| Opening::Unread);
    assert_eq!((found.files, found.unread.len()), (1, 0));
}
