//! `git spec init`: what it detects, writes and says.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{AUTH, Repo};

const CONFIG: &str = ".gitspec.toml";

fn written(repo: &Repo) -> Option<String> {
    std::fs::read_to_string(repo.path().join(CONFIG)).ok()
}

#[test]
fn init_writes_what_it_detects_and_says_why() {
    let repo = Repo::auth();
    repo.write("README.md", "# A program\n\nIt MUST NOT count as specification at all.\n");
    repo.write("specs/CHANGELOG.md", "# Changes\n\nNothing here MUST be read as a demand.\n");
    repo.write("tests/fixtures/specs/x.md", "# X\n\nA fixture MUST be left out.\n");
    repo.commit("Add what is no specification");
    insta::assert_snapshot!(repo.spec(&["init"]).ok(), @r#"
    a specification folder: 1 file
      + specs/**/*.md  a folder that is called specification (1 file)
      - **/CHANGELOG.md  a changelog

    [spec]
    include = ["specs/**/*.md"]
    exclude = ["**/CHANGELOG.md"]

    Wrote .gitspec.toml. Next: git spec ls; git add .gitspec.toml && git commit
    For links in plain git commits: git spec hooks install
    "#);
    insta::assert_snapshot!(written(&repo).unwrap(), @r#"
    [spec]
    include = ["specs/**/*.md"]
    exclude = ["**/CHANGELOG.md"]
    "#);
}

#[test]
fn what_is_written_names_the_same_clauses_as_detection() {
    let repo = Repo::auth();
    repo.write("specs/CHANGELOG.md", "# Changes\n\nNothing here MUST be read as a demand.\n");
    repo.commit("Add a changelog");
    let detected = repo.spec(&["ls", "--json"]).ok();
    repo.spec(&["init"]).ok();
    assert_eq!(repo.spec(&["ls", "--json"]).ok(), detected);
}

#[test]
fn a_rehearsal_writes_nothing() {
    let repo = Repo::auth();
    for flag in ["-n", "--dry-run"] {
        let text = repo.spec(&["init", flag]).ok();
        assert!(text.contains("include = [\"specs/**/*.md\"]") && text.contains("Nothing was written"), "{text}");
        assert_eq!(written(&repo), None);
    }
    assert_eq!(repo.spec(&["init", "-n", "--json"]).json()["written"], false);
}

#[test]
fn an_existing_configuration_is_kept_unless_forced() {
    let repo = Repo::auth();
    repo.write(CONFIG, "# mine\n");
    insta::assert_snapshot!(repo.spec(&["init"]).fails(2), @r"
    error: .gitspec.toml exists already
    hint: edit it, or write it anew: git spec init --force
    ");
    assert_eq!(written(&repo).unwrap(), "# mine\n");
    repo.spec(&["init", "--force"]).ok();
    assert!(written(&repo).unwrap().contains("[spec]"));
}

#[test]
fn even_a_dangling_link_is_an_existing_configuration() {
    let repo = Repo::auth();
    std::os::unix::fs::symlink("../outside", repo.path().join(CONFIG)).unwrap();
    assert!(repo.spec(&["init"]).fails(2).contains("exists already"));
    assert!(!repo.beside("outside").exists());
}

#[test]
fn where_nothing_is_found_nothing_is_written() {
    let repo = Repo::new();
    repo.write("main.c", "int main(void) { return 0; }\n");
    repo.commit("Code");
    let said = repo.spec(&["init"]).fails(3);
    assert!(said.starts_with("error: no specification found at HEAD\n"), "{said}");
    assert!(said.contains("openspec/specs/**/spec.md") && said.contains(".sdoc"), "{said}");
    assert_eq!(written(&repo), None);
}

#[test]
fn init_works_from_a_subdirectory_and_before_the_first_commit() {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    repo.git(&["add", "-A"]);
    repo.spec_in(&repo.path().join("specs"), &["init"]).ok();
    assert!(written(&repo).unwrap().contains("specs/**/*.md"));
}

#[test]
fn what_is_written_is_read_whatever_the_names_are() {
    let marked = "r[a.one]\nIt MUST be one.\n\nr[a.two]\nIt MUST be two.\n\nr[a.three]\nIt MUST be three.\n";
    for name in [
        "!neg.md",
        "a[b].md",
        "{a,b}.md",
        "a\\b.md",
        "*?.md",
        "#x.md",
        "\"q\".md",
        "a\tb.md",
        "ä\u{1b}.md",
        "**.md",
        " .md",
    ] {
        let repo = Repo::new();
        repo.write(name, marked);
        repo.commit("Add one");
        let detected = repo.spec(&["ls", "--json"]).json();
        assert_eq!(detected["clauses"].as_array().map(Vec::len), Some(3), "{name:?}");
        repo.spec(&["init"]).ok();
        assert_eq!(repo.spec(&["ls", "--json"]).json(), detected, "{name:?}");
    }
}

#[test]
fn a_file_with_few_markers_is_taken_or_named() {
    let marked = |count: usize| (0..count).map(|n| format!("r[a.n{n}]\nIt MUST be one.\n\n")).collect::<String>();
    let repo = Repo::new();
    repo.write("specs/auth.md", marked(3));
    repo.write("specs/sub/pay.md", marked(2).replace("a.n", "b.n"));
    repo.write("specs/plain.md", "# Plain\n\nNothing is marked here.\n");
    repo.write("docs/how.md", "# How\n\nr[c.d]\nOne alone.\n");
    repo.commit("Begin");
    let listed = repo.spec(&["ls", "--json"]).json();
    let has_id = |clause: &&serde_json::Value| clause["id"].is_string();
    assert_eq!(listed["clauses"].as_array().unwrap().iter().filter(has_id).count(), 5, "{listed}");
    let said = repo.spec(&["init", "-n"]).ok();
    assert!(said.contains("+ specs/**/*.md"), "{said}");
    assert!(said.contains("- docs/how.md  rule markers on only 1 line;"), "{said}");
    // Where most of the folder bears no marker, the others are named.
    for n in 0..4 {
        repo.write(format!("specs/more/{n}.md"), "# More\n\nNothing is marked here.\n");
    }
    repo.commit("More");
    let said = repo.spec(&["init", "-n"]).ok();
    assert!(said.contains("+ specs/auth.md") && said.contains("+ specs/sub/pay.md"), "{said}");
    assert!(said.contains("- specs/**  other Markdown (5 files)"), "{said}");
}

/// Without the openings that decide nobody can tell which files are the specification.
#[test]
fn detection_without_the_files_that_decide_is_incomplete() {
    let marked = "r[a.one]\nIt MUST be one.\n\nr[a.two]\nIt MUST be two.\n\nr[a.three]\nIt MUST be three.\n";
    let repo = Repo::new();
    repo.write("rules/a.md", marked);
    repo.write("spec.md", "# A\n\nIt MUST be one.\n");
    repo.commit("Begin");
    let whole = repo.spec(&["ls", "--json"]).json();
    let blob = repo.git(&["rev-parse", "HEAD:rules/a.md"]);
    let blob = blob.trim();
    let object = repo.path().join(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
    let kept = repo.beside("kept");
    std::fs::rename(&object, &kept).unwrap();
    let _ = std::fs::remove_dir_all(repo.path().join(".git/spec"));
    for command in [&["ls"][..], &["log"], &["status"]] {
        let said = repo.spec(command);
        assert_eq!(said.status, 3, "{said:?}");
        assert!(said.stderr.contains("cannot be told: rules/a.md cannot be read"), "{said:?}");
    }
    assert!(repo.spec(&["init"]).fails(3).contains("rules/a.md cannot be read"));
    assert_eq!(written(&repo), None);
    // Nothing of that is kept.
    std::fs::rename(&kept, &object).unwrap();
    assert_eq!(repo.spec(&["ls", "--json"]).json(), whole);
}

#[test]
fn layouts_are_told_apart() {
    for (path, text, layout) in [
        ("openspec/specs/a/spec.md", "# A\n\n### Requirement: One\nIt MUST be one.\n", "OpenSpec"),
        ("specs/001-a/spec.md", "# A\n\n- **FR-001**: It MUST be one.\n", "Spec Kit"),
        (".kiro/specs/a/requirements.md", "# A\n\n### Requirement 1\n\n1. It MUST be one.\n", "Kiro"),
        ("docs/a.sdoc", "[DOCUMENT]\nTITLE: A\n\n[REQUIREMENT]\nUID: A-1\nSTATEMENT: It shall be one.\n", "StrictDoc"),
        (
            "book/a.md",
            "r[a.one]\nIt MUST be one.\n\nr[a.two]\nIt MUST be two.\n\nr[a.three]\nIt MUST be three.\n",
            "rule markers",
        ),
        ("packages/x/openspec/specs/a/spec.md", "# A\n\n### Requirement: One\nIt MUST be one.\n", "OpenSpec"),
        (
            "events/spec.md",
            "# A\n\nMUST and MAY as in RFC 2119.\n\n## B\n\nIt MUST.\n\n## C\n\nIt MAY.\n",
            "specifications in folders",
        ),
        (
            "5.0/en/V1.md",
            "| # | Description |\n|---|---|\n| 1.1.1 | It must be one. |\n| 1.1.2 | It must be two. |\n| 1.1.3 | It must be three. |\n",
            "numbered demands",
        ),
        (
            "versions/3.1.0.md",
            "# A\n\nMUST and MAY as in RFC 2119.\n\n## B\n\nIt MUST.\n\n## C\n\nIt MAY.\n",
            "releases of a specification",
        ),
        ("toml.md", "# TOML\n\nA file is text.\n", "a document beside its grammar"),
        (
            "draft-a-b.md",
            "---\ntitle: T\n---\n\n--- abstract\n\nA.\n\n--- middle\n\n# One\n\nIt MUST.\n",
            "Internet-Drafts",
        ),
        ("features/a.feature", "Feature: One\n  Scenario: S\n    Given a\n", "Gherkin"),
    ] {
        let repo = Repo::new();
        repo.write(path, text);
        repo.write("toml.abnf", "toml = *line\n");
        repo.commit("Begin");
        let answer = repo.spec(&["init", "-n", "--json"]);
        assert_eq!(answer.status, 0, "{path}: {answer:?}");
        let report = answer.json();
        let found = report["layout"].as_str().unwrap();
        assert!(found.to_lowercase().contains(&layout.to_lowercase()), "{path}: {found}");
        assert_eq!(report["files"], 1, "{path}");
        assert!(repo.spec(&["ls"]).ok().contains(path.rsplit('/').next().unwrap()), "{path}");
    }
}

#[test]
fn json_says_what_the_text_says() {
    let repo = Repo::auth();
    let report = repo.spec(&["init", "--json"]).json();
    assert_eq!(report["schema"], "git-spec/init/1");
    assert_eq!(report["config"].as_str(), written(&repo).as_deref());
    assert_eq!(report["written"], true);
    assert_eq!(report["reasons"][0]["taken"], true);
}

#[test]
fn a_repository_without_a_specification_is_told_globs_of_what_it_has() {
    let repo = Repo::new();
    repo.write("README.md", "# A program\n");
    repo.write("src/main.c", "int main(void) { return 0; }\n");
    repo.write("proposals of ours/it's.adoc", "= One\n\nIt must be one.\n");
    repo.write("manual/use.md", "# Use\n\nRun it.\n");
    repo.commit("Begin");
    for command in [&["init"][..], &["ls"], &["ls"], &["log"]] {
        let said = repo.spec(command).fails(3);
        assert!(said.contains("git -c spec.include='proposals of ours/**/*.adoc' spec ls"), "{said}");
        assert!(said.contains(r#"include = ["proposals of ours/**/*.adoc", "manual/**/*.md"]"#), "{said}");
    }
}
