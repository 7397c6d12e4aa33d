//! The commands in every kind of repository that Git knows: what is not there is named, never guessed.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::path::Path;

use support::{AUTH, Answer, Repo, changes, each};

/// Two spec commits and code, the second with AUTH-1 tightened.
fn fill(repo: &Repo) {
    repo.write("specs/auth.md", AUTH);
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit("Begin");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
}

fn filled() -> Repo {
    let repo = Repo::new();
    fill(&repo);
    repo
}

/// Every command that reads history answers here as in an ordinary repository.
#[track_caller]
fn answers_in_full(repo: &Repo, here: &Path) {
    let spec = |args: &[&str]| repo.spec_in(here, args);
    assert_eq!(spec(&["ls"]).ok().lines().count(), 5);
    assert!(spec(&["show", "AUTH-1"]).ok().contains("after 3 failed"));
    assert!(spec(&["grep", "failed"]).ok().contains("AUTH-1"));
    assert!(spec(&["diff", "HEAD~1..HEAD"]).ok().contains("[-5-]{+3+}"));
    let log = spec(&["log", "--json"]).json();
    assert_eq!(each(&log["entries"], "/subject"), ["Lock sooner", "Begin"]);
    assert_eq!(changes(&log["entries"][1]).len(), 4);
    let life = spec(&["log", "--clause", "AUTH-1", "--json"]).json();
    assert_eq!(each(&life["entries"], "/subject"), ["Lock sooner", "Begin"]);
    let blame = spec(&["blame", "--json", "HEAD", "--", ":/specs/auth.md"]);
    let blame = if blame.status == 0 { blame } else { spec(&["blame", "--json", "HEAD", "--", "specs/auth.md"]) };
    assert_eq!(each(&blame.json()["clauses"], "/last_meaning_change/subject")[1], "Lock sooner", "{blame:?}");
}

#[test]
fn an_ordinary_one() {
    let repo = filled();
    answers_in_full(&repo, repo.path());
}

#[test]
fn a_subdirectory() {
    let repo = filled();
    let here = repo.path().join("src");
    assert_eq!(repo.spec_in(&here, &["ls"]).ok().lines().count(), 5, "the whole repository's specification");
    assert!(repo.spec_in(&here, &["show", "../specs/auth.md#AUTH-1"]).ok().contains("after 3 failed"));
    assert!(repo.spec_in(&here, &["blame", "lock.rs"]).ok().contains("fn lock()"));
    assert_eq!(repo.spec_in(&here, &["log", "--oneline"]).ok().lines().count(), 2);
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    assert!(repo.spec_in(&here, &["diff"]).ok().contains("[-30-]{+20+}"));
    assert!(repo.spec_in(&here, &["diff", "--", "../specs"]).ok().contains("[-30-]{+20+}"));
    assert_eq!(repo.spec_in(&here, &["diff", "--", "."]).ok(), "");
}

#[test]
fn a_bare_one() {
    let repo = Repo::new();
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/*.md\"]\n");
    repo.write("docs/spec/other.md", "# Not configured\n\nThis MUST NOT be listed.\n");
    fill(&repo);
    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    answers_in_full(&repo, &bare);
    let said = repo.spec_in(&bare, &["blame", "HEAD", "src/lock.rs"]).ok();
    assert!(said.contains("fn lock()"), "HEAD is a revision, though a file of that name lies here: {said}");
    for command in [&["diff"][..], &["blame", "specs/auth.md"]] {
        let said = repo.spec_in(&bare, command).fails(2);
        assert!(said.starts_with("error: ") && said.contains("work tree"), "{said}");
    }
    let said = repo.spec_in(&bare, &["init"]).fails(2);
    assert!(said.contains("bare repository") && said.contains("--dry-run"), "{said}");
}

#[test]
fn a_linked_worktree() {
    let repo = filled();
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]);
    answers_in_full(&repo, &linked);
    let text = AUTH.replace("5 failed", "3 failed").replace("30 minutes", "20 minutes");
    std::fs::write(linked.join("specs/auth.md"), text).unwrap();
    assert!(repo.spec_in(&linked, &["diff"]).ok().contains("[-30-]{+20+}"), "its own files");
    assert_eq!(repo.spec(&["diff"]).ok(), "");
    repo.git_in(&linked, &["commit", "-q", "-a", "-m", "In the linked worktree"]).unwrap();
    let text = repo.spec_in(&linked, &["log", "--oneline"]).ok();
    assert!(text.lines().count() == 3 && text.contains("HEAD -> other"), "its own HEAD: {text}");
    assert_eq!(repo.spec(&["log", "--oneline"]).ok().lines().count(), 2);
}

#[test]
fn a_sparse_checkout() {
    let repo = filled();
    repo.write("specs/more/mail.md", "# Mail\n\nA mail MUST be sent within 10 seconds of its request.\n");
    repo.commit("Ask for mail");
    repo.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/specs/more/"]);
    assert!(!repo.path().join("specs/more/mail.md").exists());
    assert_eq!(repo.spec(&["diff", "--exit-code"]).ok(), "", "a file left out is not removed");
    assert_eq!(repo.spec(&["ls"]).ok().lines().count(), 7);
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    assert_eq!(changes(&repo.spec(&["diff", "--json"]).json()), ["modified AUTH-2"]);
    assert_eq!(changes(&repo.spec(&["diff", "--json", "HEAD~1"]).json()), ["modified AUTH-2", "added mail"]);
}

/// Both in one: what a border or a missing object lets see, and that it is called incomplete.
#[track_caller]
fn incomplete(answer: &Answer, about: &str) {
    assert_eq!(answer.status, 3, "{answer:?}");
    assert!(answer.stderr.starts_with("error: the answer is incomplete: "), "{answer:?}");
    assert!(answer.stderr.contains(about), "{answer:?}");
}

#[test]
fn a_shallow_clone() {
    let repo = filled();
    repo.edit("specs/auth.md", "one hour", "two hours");
    repo.commit("Reset later");
    let shallow = repo.beside("shallow");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth=2", &url, shallow.to_str().unwrap()]);
    let border = repo.rev("HEAD~1");

    let log = repo.spec_in(&shallow, &["log", "--json"]);
    incomplete(&log, &border[..12]);
    assert_eq!(each(&log.json()["entries"], "/subject"), ["Reset later"], "nothing is told of the border");
    assert!(log.json()["incomplete"][0].as_str().unwrap().contains("shallow"));

    let life = repo.spec_in(&shallow, &["log", "--clause", "AUTH-1", "--json"]);
    incomplete(&life, &border[..12]);
    assert_eq!(life.json()["entries"], serde_json::json!([]), "never added at the border");

    let blame = repo.spec_in(&shallow, &["blame", "--json", "specs/auth.md"]);
    incomplete(&blame, &border[..12]);
    let report = blame.json();
    assert!(report["clauses"].as_array().unwrap().iter().all(|clause| clause["introduced"].is_null()), "{report}");
    assert_eq!(each(&report["clauses"], "/last_meaning_change/subject"), ["", "", "", "Reset later"]);

    let show = repo.spec_in(&shallow, &["show", "AUTH-2", "--json"]);
    incomplete(&show, &border[..12]);
    assert!(show.json()["introduced"].is_null());

    assert!(repo.spec_in(&shallow, &["diff", "HEAD~1..HEAD"]).ok().contains("{+two hours+}"), "both sides are here");
    assert_eq!(repo.spec_in(&shallow, &["ls"]).ok().lines().count(), 5);
    let newest = repo.spec_in(&shallow, &["log", "--oneline", "-1"]);
    assert!(newest.stdout.contains("Reset later"));
}

#[test]
fn a_partial_clone() {
    let repo = filled();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let partial = repo.beside("partial");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--filter=blob:none", "--no-checkout", &url, partial.to_str().unwrap()]);
    let missing = || {
        let list = ["rev-list", "--objects", "--all", "--missing=print"];
        repo.git_in(&partial, &list).unwrap().lines().filter(|line| line.starts_with('?')).count()
    };
    assert_eq!(missing(), 3);
    answers_in_full(&repo, &partial);
}

#[test]
fn a_partial_clone_whose_remote_is_gone() {
    let repo = filled();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let partial = repo.beside("partial");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--filter=blob:none", &url, partial.to_str().unwrap()]);
    repo.git_in(&partial, &["remote", "set-url", "origin", "file:///nowhere/at/all"]).unwrap();
    let old = repo.rev("HEAD~1:specs/auth.md");
    assert!(repo.spec_in(&partial, &["show", "AUTH-2", "--json"]).json()["clause"]["id"] == "AUTH-2");
    let diff = repo.spec_in(&partial, &["diff", "--json", "HEAD~1..HEAD"]);
    incomplete(&diff, &old[..12]);
    assert_eq!(changes(&diff.json()), [""; 0], "nothing is called added for want of the other side");
}

#[test]
fn other_object_and_ref_formats() {
    for options in [
        &["--object-format=sha256"][..],
        &["--ref-format=reftable"],
        &["--object-format=sha256", "--ref-format=reftable"],
    ] {
        match Repo::with(options) {
            Ok(repo) => {
                fill(&repo);
                answers_in_full(&repo, repo.path());
                repo.edit("specs/auth.md", "30 minutes", "20 minutes");
                repo.git(&["add", "-A"]);
                assert_eq!(changes(&repo.spec(&["diff", "--cached", "--json"]).json()), ["modified AUTH-2"]);
                let digits = if options[0].contains("sha256") { 64 } else { 40 };
                assert_eq!(repo.spec(&["ls", "--json"]).json()["rev"].as_str().unwrap().len(), digits);
            }
            Err(said) => println!("skipped {options:?}, which this git doesn't know: {said}"),
        }
    }
}

#[test]
fn one_with_a_submodule_and_symlinks_beside_the_specs() {
    let repo = filled();
    let clean = repo.spec(&["ls", "--json"]).json()["clauses"].clone();
    let other = Repo::auth();
    let url = format!("file://{}", other.path().display());
    repo.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "specs/sub.md"]);
    std::os::unix::fs::symlink("auth.md", repo.path().join("specs/link.md")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", repo.path().join("specs/outside.md")).unwrap();
    repo.commit("Add a submodule and links");
    assert_eq!(repo.spec(&["ls", "--json"]).json()["clauses"], clean);
    assert_eq!(repo.spec(&["diff", "HEAD~1"]).ok(), "");
    assert_eq!(repo.spec(&["diff"]).ok(), "");
    assert_eq!(repo.spec(&["log", "--oneline"]).ok().lines().count(), 2);
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    assert_eq!(changes(&repo.spec(&["diff", "--json"]).json()), ["modified AUTH-2"]);
}

#[test]
fn nothing_is_written() {
    let repo = filled();
    let before = repo.git(&["for-each-ref"]);
    let touched = |path: &str| std::fs::metadata(repo.path().join(path)).unwrap().modified().unwrap();
    let index = touched(".git/index");
    answers_in_full(&repo, repo.path());
    repo.spec(&["diff"]).ok();
    assert_eq!(repo.git(&["for-each-ref"]), before);
    assert_eq!(touched(".git/index"), index);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}
