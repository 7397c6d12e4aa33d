//! What `git spec check` takes for generated code, and by which rules: spellings, links, submodules, sections, the map; messages
//! that hide something; reverts.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::time::Instant;

use support::{AUTH, Answer, Repo, run};

const POLICY: &str = "[spec]\ninclude = [\"specs/**/*.md\"]\n[generated]\npaths = [\"src/**\", \"web/**\"]\nexempt = [\"src/vendor/**\"]\n";

fn git(repo: &Repo, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "true").args(words);
    run(&mut command)
}

fn ruled(more: &str) -> Repo {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    repo.write(
        "specs/page.md",
        "# Pages\n\n## Home {#PAGE-1}\n\nThe home page MUST be shown at once to whoever comes.\n",
    );
    rule(&repo, more);
    repo.write("src/a.rs", "a\n");
    repo.commit("Begin");
    repo.git(&["tag", "begin"]);
    repo
}

/// Lines of `[policy]` and what comes behind.
fn rule(repo: &Repo, more: &str) {
    repo.write(".gitspec.toml", format!("{POLICY}[policy]\nrefs = [\"refs/heads/main\"]\n{more}"));
}

/// The rules that are broken, with what is said.
fn found(repo: &Repo) -> Vec<(String, String)> {
    let answer = git(repo, &["spec", "check", "--json", "begin..HEAD"]).json();
    let each = |key| support::each(&answer["findings"], key).into_iter().map(str::to_owned).collect::<Vec<_>>();
    each("/rule").into_iter().zip(each("/what")).collect()
}

fn rules(repo: &Repo) -> Vec<String> {
    found(repo).into_iter().map(|(rule, _)| rule).collect()
}

fn back(repo: &Repo) {
    repo.git(&["reset", "-q", "--hard", "begin"]);
}

/// A commit with an index entry that no checkout could make here.
fn stage(repo: &Repo, mode: &str, path: &str, object: &str) {
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("{mode},{object},{path}")]);
    repo.git(&["commit", "-q", "-m", "Staged"]);
}

#[test]
fn other_spellings_modes_and_deletions_are_generated_changes() {
    let repo = ruled("");
    let blob = repo.git(&["rev-parse", "HEAD:src/a.rs"]);
    for (mode, path) in
        [("100644", "SRC/evil.rs"), ("100755", "src/a.rs"), ("100644", "src/Vendor/x.rs"), ("100644", "\u{17f}rc/x.rs")]
    {
        stage(&repo, mode, path, &blob);
        assert_eq!(rules(&repo), ["require-link"], "{path}");
        back(&repo);
    }
    repo.git(&["rm", "-q", "src/a.rs"]);
    repo.git(&["commit", "-q", "-m", "Gone"]);
    assert_eq!(rules(&repo), ["require-link"]);
    back(&repo);
    stage(&repo, "100644", "src/vendor/x.rs", &blob);
    assert!(rules(&repo).is_empty());
    let said = git(&repo, &["spec", "check", "begin.."]).ok();
    assert!(said.contains("note: src/vendor/** exempts src/vendor/x.rs in "), "{said}");
    // Names that want to hurt
    stage(&repo, "100644", "src/a\n\u{1b}[31m\"'.rs", &blob);
    let said = git(&repo, &["spec", "check", "begin.."]).stdout;
    assert!(said.contains(r#"changes "src/a\n\033[31m\"'.rs" and links no clause"#), "{said}");
    // A first commit of its own
    repo.git(&["switch", "-q", "--orphan", "other"]);
    repo.write("src/a.rs", "a\n");
    rule(&repo, "");
    repo.write("specs/auth.md", AUTH);
    repo.commit("Root");
    assert_eq!(git(&repo, &["spec", "check", "HEAD"]).status, 1);
}

#[test]
fn links_and_submodules_do_not_stand_where_code_is_expected() {
    let repo = ruled("");
    let (target, head) = (repo.git(&["hash-object", "-w", "specs/auth.md"]), repo.rev("HEAD"));
    for (mode, object, path, other) in [
        ("120000", &target, "SRC", None),
        ("160000", &head, "web", None),
        ("120000", &target, "src/x.rs", Some("require-link")),
        ("160000", &head, "src/lib", Some("require-link")),
        ("160000", &head, "src/vendor", Some("require-link")),
    ] {
        stage(&repo, mode, path, object);
        let expected: Vec<&str> = std::iter::once("special-paths").chain(other).collect();
        assert_eq!(rules(&repo), expected, "{path}");
        back(&repo);
    }
    for (mode, object, path) in
        [("120000", &target, "src/vendor/x"), ("120000", &target, "docs"), ("160000", &head, "lib")]
    {
        stage(&repo, mode, path, object);
        assert!(rules(&repo).is_empty(), "{path}");
        back(&repo);
    }
    let said = git(&repo, &["spec", "check", "begin.."]);
    assert_eq!(said.status, 0);
    stage(&repo, "160000", "web", &head);
    rule(&repo, "special-paths = \"warn\"\n");
    let said = git(&repo, &["spec", "check", "begin.."]).ok();
    assert!(
        said.starts_with("warning: ") && said.contains("puts a submodule at web, where generated code is expected"),
        "{said}"
    );
}

#[test]
fn sections_have_rules_of_their_own() {
    let section = "[[policy.section]]\npaths = [\"web/**\"]\nrequire-link = \"warn\"\n";
    let repo = ruled(section);
    repo.write("web/a.js", "a\n");
    repo.commit("Page");
    assert_eq!(git(&repo, &["spec", "check", "begin.."]).status, 0);
    assert_eq!(rules(&repo), ["require-link"]);
    // Another spelling is judged by the stricter of both
    let blob = repo.git(&["rev-parse", "HEAD:web/a.js"]);
    stage(&repo, "100644", "Web/b.js", &blob);
    assert_eq!(git(&repo, &["spec", "check", "begin.."]).status, 1);
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // The strictest of all that a commit changes
    repo.write("src/a.rs", "b\n");
    repo.write("web/a.js", "b\n");
    repo.commit("Both");
    let said = git(&repo, &["spec", "check", "begin.."]);
    assert!(said.status == 1 && said.stdout.contains("changes src/a.rs and links no clause"), "{said:?}");
    // The first section decides
    rule(&repo, &format!("[[policy.section]]\npaths = [\"web/a.js\", \"src/**\"]\nrequire-link = \"off\"\n{section}"));
    assert!(rules(&repo).is_empty());
}

#[test]
fn bound_code_links_its_own_spec_files() {
    let map = "[[generated.map]]\ncode = [\"src/auth/**\"]\nspec = [\"specs/auth.md\"]\n[[generated.map]]\ncode = [\"web/**\"]\nspec = [\"specs/page.md\"]\n";
    let repo = ruled(map);
    let code = |path: &str, clauses: &[&str]| {
        repo.write(path, "x\n");
        repo.git(&["add", "-A"]);
        let mut words = vec!["spec", "commit", "-q", "-m", "Code"];
        clauses.iter().for_each(|clause| words.extend(["--for", *clause]));
        git(&repo, &words).ok();
    };
    code("src/Auth/lock.rs", &["PAGE-1"]);
    assert_eq!(
        found(&repo),
        [("require-map".to_owned(), "changes src/Auth/lock.rs and links no clause of specs/auth.md".to_owned())]
    );
    back(&repo);
    code("src/auth/lock.rs", &["PAGE-1", "AUTH-1"]);
    code("web/a.js", &["PAGE-1"]);
    code("src/other.rs", &["PAGE-1"]);
    assert!(rules(&repo).is_empty());
    rule(&repo, &format!("require-map = \"off\"\n{map}"));
    code("web/b.js", &["AUTH-1"]);
    assert!(rules(&repo).is_empty());
}

#[test]
fn messages_are_judged_by_their_bytes() {
    let repo = ruled("");
    let tree = |path: &str| {
        repo.write(path, "x\n");
        repo.git(&["add", "-A"]);
        repo.git(&["write-tree"])
    };
    let raw = |header: &str, message: &[u8]| {
        let head = format!(
            "tree {}\nparent {}\nauthor A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\n{header}\n",
            tree("README"),
            repo.rev("begin")
        );
        repo.write("../object", [head.as_bytes(), message].concat());
        let id = repo.git(&["hash-object", "-t", "commit", "-w", "--literally", "../object"]);
        repo.git(&["reset", "-q", "--hard", &id]);
        git(&repo, &["spec", "check", "--json", "begin..HEAD"])
    };
    let rule = |answer: &Answer| support::each(&answer.json()["findings"], "/rule").join(" ");
    assert_eq!(rule(&raw("", b"Plain\n\0Spec: x\n")), "message");
    assert_eq!(rule(&raw("encoding ISO-8859-1\n", b"Gr\xfc\xdfe\n")), "");
    assert_eq!(rule(&raw("encoding UTF-16\n", b"G\xff\xfe\n")), "");
    let start = Instant::now();
    let trailers =
        format!("Subject\n\n{}", "Spec: specs/auth.md#AUTH-1 v1:00000000000000000000000000000000\n".repeat(150_000));
    assert_eq!(rule(&raw("", trailers.as_bytes())), "message");
    assert_eq!(rule(&raw("", &trailers.as_bytes()[..200_000])), "message", "too many links");
    assert_eq!(rule(&raw("", &vec![b'x'; 10 << 20])), "message");
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}

#[test]
fn a_link_in_the_body_counts_for_nothing_and_that_is_said() {
    let repo = ruled("");
    git(&repo, &["spec", "start", "AUTH-1"]).ok();
    repo.write("src/b.rs", "b\n");
    repo.git(&["add", "-A"]);
    git(&repo, &["spec", "commit", "-q", "-m", "Code"]).ok();
    let message = repo.git(&["log", "-1", "--format=%B"]);
    repo.git(&["commit", "-q", "--amend", "-m", &format!("{message}\n\nMore words about it.")]);
    let said = found(&repo);
    assert_eq!(said[0].0, "require-link");
    assert!(said[0].1.ends_with("links no clause; a link in the body of a message counts for nothing"), "{said:?}");
}

#[test]
fn notes_count_where_the_policy_says_so() {
    let repo = ruled("");
    repo.write("src/b.rs", "b\n");
    repo.commit("Code");
    git(&repo, &["spec", "link", "HEAD", "AUTH-1"]).ok();
    assert_eq!(rules(&repo), ["require-link"]);
    rule(&repo, "accept-notes = true\n");
    assert!(rules(&repo).is_empty());
    let note = "Spec: specs/auth.md#AUTH-1@0123456789abcdef v1:00000000000000000000000000000000 id:00000000";
    assert_eq!(git(&repo, &["notes", "--ref=spec", "add", "-f", "-m", note]).status, 0);
    assert_eq!(rules(&repo), ["require-resolved"]);
}

#[test]
fn reverts_are_told_by_what_they_undo() {
    let repo = ruled("");
    let lines = |changed: &str| -> String {
        (0..30).map(|n| if n == 3 { format!("{changed}\n") } else { format!("line {n}\n") }).collect()
    };
    repo.write("src/a.rs", lines("one"));
    repo.commit("Lines");
    repo.git(&["tag", "-f", "begin"]);
    repo.write("src/a.rs", lines("two"));
    let bad = repo.commit("Two");
    repo.write("src/a.rs", lines("two") + "more\n");
    git(&repo, &["spec", "commit", "-q", "-a", "-m", "More", "--for", "AUTH-1"]).ok();
    // The file has moved on, so its blobs are others
    git(&repo, &["revert", "--no-edit", &bad]).ok();
    git(&repo, &["revert", "--no-edit", "HEAD"]).ok();
    git(&repo, &["revert", "--no-edit", "HEAD"]).ok();
    assert_eq!(found(&repo).len(), 1, "only what was reverted: {:?}", found(&repo));
    // The inverse of a commit that is not behind it puts in what nobody judged
    repo.git(&["switch", "-q", "-c", "elsewhere"]);
    repo.write("src/evil.rs", "evil\n");
    repo.commit("Evil");
    repo.git(&["rm", "-q", "src/evil.rs"]);
    let clean = repo.commit("Clean");
    repo.git(&["switch", "-q", "main"]);
    let before = found(&repo).len();
    repo.write("src/evil.rs", "evil\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", &format!("Revert \"Clean\"\n\nThis reverts commit {clean}.")]);
    assert_eq!(found(&repo).len(), before + 1);
    // A message that names many
    let start = Instant::now();
    let many: String = (0..20_000).map(|n| format!("This reverts commit {n:040x}.\n")).collect();
    repo.write("src/evil.rs", "more evil\n");
    repo.write("../message", format!("Revert\n\n{many}"));
    repo.git(&["commit", "-q", "-a", "-F", "../message"]);
    assert_eq!(found(&repo).len(), before + 2);
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}

#[test]
fn a_since_that_no_commit_has_is_an_error() {
    let id = "0123456789abcdef0123456789abcdef01234567";
    let repo = ruled(&format!("since = \"{id}\"\n"));
    // A tag of that name is none
    repo.git(&["update-ref", &format!("refs/tags/{id}"), "HEAD"]);
    let said = git(&repo, &["spec", "check", "begin..HEAD"]).fails(2);
    assert!(said.contains(&format!("the policy's since, {id}, is no commit of this repository")), "{said}");
}

#[test]
fn large_specifications_and_quadratic_ones_end() {
    let repo = ruled("");
    git(&repo, &["spec", "start", "AUTH-1"]).ok();
    let many: String = (0..3000)
        .map(|n| format!("## Part {n}\n\nThe system MUST do what part {n} of it says in words.\n\n"))
        .collect();
    repo.write("specs/many.md", many.repeat(4));
    repo.write("src/b.rs", "b\n");
    repo.git(&["add", "-A"]);
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    // It changes the clause too, which is told.
    assert_eq!(git(&repo, &["spec", "commit", "-q", "-a", "-m", "Code"]).status, 0);
    let start = Instant::now();
    assert!(!found(&repo).is_empty());
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn a_revert_takes_its_lines_out_where_they_came_in() {
    let repo = ruled("");
    let twice = "fn hello() {\n    a();\n    b();\n}\nfn admin() {\n    check();\n    a();\n    b();\n}\n";
    repo.write("src/twice.rs", twice);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "Twice"]);
    repo.git(&["tag", "-f", "begin"]);
    let checked = twice.replacen("hello() {\n", "hello() {\n    check();\n", 1);
    repo.write("src/twice.rs", &checked);
    git(&repo, &["spec", "commit", "-q", "-a", "-m", "Check", "--for", "AUTH-1"]).ok();
    let target = repo.rev("HEAD");
    assert!(found(&repo).is_empty());
    repo.write("src/twice.rs", checked.replacen("admin() {\n    check();\n", "admin() {\n", 1));
    repo.git(&["commit", "-q", "-a", "-m", &format!("Revert \"Check\"\n\nThis reverts commit {target}.")]);
    assert_eq!(found(&repo).len(), 1);
    repo.git(&["reset", "-q", "--hard", &target]);
    git(&repo, &["revert", "--no-edit", "HEAD"]).ok();
    assert!(found(&repo).is_empty());
}

#[test]
fn a_link_to_a_document_grows_old_with_its_clauses() {
    let repo = ruled("");
    git(&repo, &["spec", "start", "specs/auth.md"]).ok();
    repo.edit("specs/auth.md", "MUST lock", "MUST NOT lock");
    repo.git(&["commit", "-q", "-a", "-m", "Don't"]);
    repo.write("src/old.rs", "x\n");
    repo.git(&["add", "-A"]);
    git(&repo, &["spec", "commit", "-q", "-m", "Old words"]);
    assert_eq!(rules(&repo), ["stale"]);
    git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "specs/auth.md"]);
    assert!(rules(&repo).is_empty(), "{:?}", found(&repo));
}

#[test]
fn a_finding_shows_a_file_that_is_there() {
    let repo = ruled("");
    repo.git(&["mv", "src/a.rs", "src/z.rs"]);
    repo.git(&["commit", "-q", "-m", "Move"]);
    assert_eq!(found(&repo), [("require-link".to_owned(), "changes src/z.rs and links no clause".to_owned())]);
    let said = git(&repo, &["spec", "check", "--format=github", "begin..HEAD"]).stdout;
    assert!(said.contains("file=src/z.rs,line=1,"), "{said}");
    // Of what is gone alone, that
    back(&repo);
    repo.git(&["rm", "-q", "src/a.rs"]);
    repo.git(&["commit", "-q", "-m", "Gone"]);
    assert_eq!(found(&repo)[0].1, "changes src/a.rs and links no clause");
}
