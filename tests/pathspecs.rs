//! Pathspecs, with git as the oracle.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::collections::BTreeSet;

use support::{Answer, Repo, run};

/// Runs git in the repository.
fn git(repo: &Repo, words: &[&str]) -> Answer {
    run(repo.git_command(repo.path()).args(words))
}

/// What git, and git spec, list in a directory for a pathspec; nothing where they refuse it.
fn listed(repo: &Repo, directory: &str, spec: &str, settings: &[&str]) -> [Option<BTreeSet<String>>; 2] {
    let of = |words: &[&str]| {
        let mut command = repo.git_command(&repo.path().join(directory));
        let said = run(command.args(settings).args(words).args(["--", spec]));
        (said.status == 0).then_some(said.stdout)
    };
    let git = of(&["ls-files", "-z", "--full-name"]);
    let git = git.map(|said| said.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect());
    let ours = of(&["spec", "ls", "--json"]).map(|said| {
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        support::each(&said["clauses"], "/path").into_iter().map(str::to_owned).collect()
    });
    [git, ours]
}

#[test]
fn a_pathspec_means_what_it_means_to_git() {
    let repo = Repo::new();
    for path in [
        "a.md",
        "b.md",
        "docs/a.md",
        "docs/b[1].md",
        "docs/b1.md",
        "docs/sub/c.md",
        "{a,b}.md",
        "Docs2/a.md",
        "x y/ä.md",
    ] {
        repo.write(path, format!("# {path}\n\nIt MUST be so in {path}.\n"));
    }
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"**/*.md\"]\n");
    repo.commit("Files");
    repo.git(&["rm", "-q", "--cached", ".gitspec.toml"]);
    let top = repo.path().canonicalize().unwrap().display().to_string();
    let absolute = [format!("{top}/docs"), format!("{top}/docs/../a.md"), top.clone(), format!("{top}x/a.md")];
    let specs = [
        "a.md",
        ".",
        "..",
        "../",
        "docs",
        "docs/",
        "a.md/",
        "docs/a.md/",
        "*.md",
        "*",
        "**/a.md",
        ":(glob)*.md",
        ":(glob)**/a.md",
        ":(glob)docs/**",
        ":(glob)**/sub/*",
        "docs/b[1].md",
        ":(literal)docs/b[1].md",
        "b[1].md",
        "{a,b}*",
        "[[:lower:]]*.md",
        "[!a]*",
        "doc?/*",
        "docs?a.md",
        "\\{a*",
        "\\*",
        ":(icase)DOCS",
        ":(icase,glob)docs*/A.md",
        ":/a.md",
        ":(top)docs/*",
        ":!a.md",
        ":^docs",
        ":(exclude,top)docs",
        "../a.md",
        "../../a.md",
        "",
        ":(bogus)a",
        ":(icase",
        ":",
        ":/",
        ":::a.md",
        ":%a",
        ":a.md",
        ":(glob,literal)a",
        "sub/../a.md",
        "./a.md",
        "docs//a.md",
        "x y",
        "x y/*",
        "nothing",
        "[a",
        "a.m[",
        ":()a.md",
        ":(top,icase)A.MD",
        "/",
    ];
    for directory in [".", "docs", "docs/sub"] {
        // git ls-files, and no other command, adds the directory to those that only leave out.
        let leaves_out = |spec: &&str| [":!", ":^", ":(exclude"].iter().any(|start| spec.starts_with(start));
        let specs = specs.into_iter().filter(|spec| directory == "." || !leaves_out(spec));
        for spec in specs.chain(absolute.iter().map(String::as_str)) {
            let [git, ours] = listed(&repo, directory, spec, &[]);
            assert_eq!(ours, git, "{spec:?} in {directory}");
        }
    }
    for setting in ["--literal-pathspecs", "--glob-pathspecs", "--noglob-pathspecs", "--icase-pathspecs"] {
        for spec in
            ["*.md", "A.md", ":/a.md", "docs/*", ":(glob)docs/*", ":(icase)A.md", "docs", "b[1].md", ":(literal)a.md"]
        {
            let [git, ours] = listed(&repo, ".", spec, &[setting]);
            assert_eq!(ours, git, "{spec:?} with {setting}");
        }
    }
    assert_eq!(listed(&repo, ".", ":(attr:text)a.md", &[])[1], None);
}

#[test]
fn a_file_is_found_by_its_absolute_path() {
    let repo = Repo::auth();
    repo.write("src/a.rs", "fn a() {}\n");
    repo.commit("Code");
    for path in ["src/a.rs", "specs/auth.md"] {
        let whole = repo.path().join(path).display().to_string();
        assert_eq!(git(&repo, &["spec", "blame", &whole]).ok(), git(&repo, &["spec", "blame", path]).ok());
    }
    let said = git(&repo, &["spec", "blame", "/nowhere/a.rs"]).fails(2);
    assert!(said.contains("is outside of the repository"), "{said}");
}

#[test]
fn a_name_that_is_two_files_is_told_apart() {
    let repo = Repo::new();
    repo.write("a.md", "# One\n\nIt MUST be at the top.\n\n# Two\n\nThis MUST be there alone.\n");
    repo.write("specs/a.md", "# One\n\nIt MUST be below the top.\n");
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"**/*.md\"]\n");
    repo.commit("Both");
    let of = |words: &[&str]| run(repo.git_command(&repo.path().join("specs")).args(["spec"]).args(words));
    let said = of(&["show", "a.md#one"]);
    assert!(said.status == 2 && said.stderr.contains("./a.md#one") && said.stderr.contains("../a.md#one"), "{said:?}");
    assert!(of(&["show", "./a.md#one"]).ok().contains("below the top"));
    assert!(of(&["show", "../a.md#one"]).ok().contains("at the top"));
    assert!(of(&["show", "specs/a.md#one"]).ok().contains("below the top"));
    assert!(of(&["show", "a.md#two"]).ok().contains("there alone"));
    // Nothing is linked by chance
    for name in ["a.md#one", "a.md"] {
        let said = of(&["link", "HEAD", name]);
        assert!(said.status == 2 && said.stderr.contains("../a.md"), "{said:?}");
    }
    of(&["link", "HEAD", "./a.md"]);
    assert!(repo.git(&["notes", "--ref=spec", "show", "HEAD"]).contains("Spec: specs/a.md "));
}
