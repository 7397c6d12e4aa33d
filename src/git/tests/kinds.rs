//! Every kind of repository that git knows.

use bstr::BString;

use crate::git::fixture::Fixture;
use crate::git::{BlameQuery, GitError, MessageQuery, Repo, WalkQuery};

/// Asks everything once. The history: a root, a change, a merge.
fn exercise(fixture: &Fixture) {
    fixture.write("specs/a.md", "one\n");
    fixture.write("b.txt", "b\n");
    let root = fixture.commit("root");
    fixture.git(&["checkout", "-q", "-b", "side"]);
    fixture.write("specs/a.md", "one\ntwo\n");
    let side = fixture.commit("side");
    fixture.git(&["checkout", "-q", "main"]);
    fixture.write("b.txt", "c\n");
    fixture.commit("main");
    fixture.git(&["merge", "-q", "-m", "merge", "side"]);
    fixture.git(&["notes", "--ref=spec", "add", "-m", "Spec: x", "HEAD"]);
    fixture.git(&["tag", "-a", "-m", "tag", "v1", "side"]);
    for packed in [false, true] {
        if packed {
            fixture.git(&["gc", "-q"]);
        }
        questions(&fixture.repo(), root, side);
    }
}

fn questions(repo: &Repo, root: crate::git::Oid, side: crate::git::Oid) {
    let head = repo.head().unwrap().unwrap();
    assert_eq!(repo.resolve_all(&["v1", "side"]).unwrap(), [side, side]);
    assert_eq!(repo.merge_base(head, side).unwrap(), Some(side));
    let files = repo.tree_files(head, &|path| path.ends_with(b".md"), &|_| true).unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(repo.blob(files[0].oid).unwrap(), b"one\ntwo\n");
    assert_eq!(repo.blob_size(files[0].oid).unwrap(), 8);
    let query = WalkQuery { paths: vec!["specs".into()], ..WalkQuery::default() };
    let walked: Vec<_> = repo.walk(&query).unwrap().map(|record| record.unwrap().oid).collect();
    assert_eq!(walked, [side, root]);
    assert_eq!(repo.walk(&WalkQuery::default()).unwrap().count(), 4);
    assert_eq!(repo.commit_graph(&["HEAD".to_owned()]).unwrap().len(), 4);
    let blame = BlameQuery { rev: Some("HEAD".to_owned()), path: "specs/a.md".into(), ..BlameQuery::default() };
    let lines = repo.blame(&blame).unwrap();
    assert_eq!([lines[0].commit, lines[1].commit], [root, side]);
    let query = MessageQuery { revs: vec!["HEAD".to_owned()], ..MessageQuery::default() };
    assert_eq!(repo.messages(&query).unwrap().filter(Result::is_ok).count(), 4);
    let notes = repo.notes("refs/notes/spec").unwrap();
    assert_eq!((notes[0].object, notes[0].bytes.as_slice()), (head, &b"Spec: x\n"[..]));
    assert!(!repo.has_replacements().unwrap());
}

#[test]
fn both_hashes_and_both_reference_stores_answer_alike() {
    let kinds: [&[&str]; 4] = [
        &[],
        &["--object-format=sha256"],
        &["--ref-format=reftable"],
        &["--object-format=sha256", "--ref-format=reftable"],
    ];
    for kind in kinds {
        match Fixture::with(kind) {
            Ok(fixture) => {
                exercise(&fixture);
                assert_eq!(fixture.repo().sha256(), kind.contains(&"--object-format=sha256"));
            }
            Err(reason) => println!("skipped {kind:?}: {reason}"),
        }
    }
}

#[test]
fn a_repository_is_found_from_everywhere_in_it() {
    let fixture = Fixture::new();
    fixture.write("a/b/c", "x");
    fixture.commit("one");
    let top = fixture.path();
    let below = Repo::discover_in(&top.join("a/b")).unwrap();
    assert_eq!(below.work_tree(), Some(top));
    assert_eq!(below.prefix(), "a/b/");
    assert_eq!(below.git_dir(), top.join(".git"));
    assert_eq!(below.index_files(&|_| true).unwrap()[0].path, "a/b/c");
    let query = WalkQuery { paths: vec!["a".into()], ..WalkQuery::default() };
    assert_eq!(below.walk(&query).unwrap().count(), 1, "paths are from the top");

    let inside = Repo::discover_in(&top.join(".git/refs")).unwrap();
    assert_eq!((inside.work_tree(), inside.is_bare()), (None, false));
    assert!(inside.head().unwrap().is_some());
    assert!(matches!(inside.untracked_files(&[]), Err(GitError::NoWorkTree)));
    assert!(matches!(inside.work_file("a".into()), Err(GitError::NoWorkTree)));
    assert!(matches!(inside.blame(&BlameQuery::default()), Err(GitError::NoWorkTree)));
    assert_eq!(inside.reopen().head().unwrap(), inside.head().unwrap());
}

#[test]
fn bare_repositories_and_linked_work_trees_answer() {
    let fixture = Fixture::new();
    exercise(&fixture);
    let bare = fixture.beside("bare.git");
    fixture.git(&["clone", "-q", "--mirror", ".", bare.to_str().unwrap()]);
    let repo = Repo::discover_in(&bare).unwrap();
    assert!(repo.is_bare() && repo.work_tree().is_none());
    questions(&repo, fixture.oid("side~1"), fixture.oid("side"));

    let linked = fixture.beside("linked");
    fixture.git(&["worktree", "add", "-q", linked.to_str().unwrap(), "-b", "other"]);
    let repo = Repo::discover_in(&linked.join("specs")).unwrap();
    assert_eq!(repo.work_tree(), Some(linked.as_path()));
    assert_eq!(repo.common_dir(), fixture.path().join(".git"));
    assert_ne!(repo.git_dir(), repo.common_dir());
    questions(&repo, fixture.oid("side~1"), fixture.oid("side"));
}

#[test]
fn nowhere_is_no_repository() {
    let dir = tempfile::tempdir().unwrap();
    match Repo::discover_in(dir.path()) {
        Err(GitError::NotARepository { stderr }) => assert!(!stderr.is_empty()),
        other => panic!("{:?}", other.map(|_| ())),
    }
    assert!(matches!(Repo::discover_in(&dir.path().join("none")), Err(GitError::Io { .. })));
}

#[cfg(unix)]
#[test]
fn a_directory_may_have_any_name() {
    use bstr::ByteSlice as _;
    let fixture = Fixture::new();
    exercise(&fixture);
    for name in [&b"new\nline"[..], b"not\xffutf8"] {
        let odd = fixture.path().with_file_name(name.to_os_str().unwrap());
        if let Err(error) = std::fs::create_dir(&odd) {
            println!("skipped {name:?}: {error}");
            continue;
        }
        let copied = std::process::Command::new("cp").arg("-r").arg(fixture.path()).arg(odd.join("r")).status();
        assert!(copied.unwrap().success());
        let repo = Repo::discover_in(&odd.join("r/specs")).unwrap();
        assert_eq!(repo.work_tree(), Some(odd.join("r").as_path()));
        questions(&repo, fixture.oid("side~1"), fixture.oid("side"));
    }
}

#[test]
fn a_shallow_border_is_no_root() {
    let fixture = Fixture::new();
    for text in ["one\n", "one\ntwo\n", "one\ntwo\nthree\n"] {
        fixture.write("a", text);
        fixture.commit(text.trim_end());
    }
    let clone = fixture.beside("shallow");
    let url = format!("file://{}", fixture.path().display());
    fixture.git(&["clone", "-q", "--depth=2", &url, clone.to_str().unwrap()]);
    let repo = Repo::discover_in(&clone).unwrap();
    assert!(repo.is_shallow());
    assert_eq!(repo.shallow_borders().unwrap().iter().collect::<Vec<_>>(), [&fixture.oid("HEAD~1")]);
    let records: Vec<_> = repo.walk(&WalkQuery::default()).unwrap().map(Result::unwrap).collect();
    assert_eq!(records.iter().map(|record| record.border).collect::<Vec<_>>(), [false, true]);
    let lines = repo.blame(&BlameQuery { path: "a".into(), ..BlameQuery::default() }).unwrap();
    assert_eq!(lines.iter().map(|line| line.boundary).collect::<Vec<_>>(), [true, true, false]);
    let whole = fixture.repo().blame(&BlameQuery { path: "a".into(), ..BlameQuery::default() }).unwrap();
    assert!(whole.iter().all(|line| !line.boundary), "a root is no boundary");
}

#[test]
fn a_partial_clone_fetches_what_is_asked_for_and_says_what_it_cannot_get() {
    let fixture = Fixture::new();
    fixture.git(&["config", "uploadpack.allowFilter", "true"]);
    fixture.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    fixture.write("a", "old");
    fixture.commit("one");
    fixture.write("a", "middle");
    fixture.commit("two");
    fixture.write("a", "new");
    fixture.commit("three");
    let url = format!("file://{}", fixture.path().display());
    for filter in ["blob:none", "tree:0"] {
        let clone = fixture.beside(&filter.replace(':', "-"));
        fixture.git(&["clone", "-q", "--no-checkout", "--filter", filter, &url, clone.to_str().unwrap()]);
        let repo = Repo::discover_in(&clone).unwrap();
        assert!(repo.is_partial().unwrap());
        assert_eq!(repo.blob(fixture.oid("HEAD~2:a")).unwrap(), b"old");
        assert_eq!(repo.blob_size(fixture.oid("HEAD:a")).unwrap(), 3);
        let files = repo.tree_files(fixture.oid("HEAD"), &|_| true, &|_| true).unwrap();
        assert_eq!(files[0].path, BString::from("a"));
    }
    assert!(!fixture.repo().is_partial().unwrap());

    let clone = fixture.beside("cut-off");
    fixture.git(&["clone", "-q", "--no-checkout", "--filter=blob:none", &url, clone.to_str().unwrap()]);
    fixture.git(&["-C", clone.to_str().unwrap(), "config", "remote.origin.url", "file:///nowhere"]);
    let repo = Repo::discover_in(&clone).unwrap();
    for _ in 0..2 {
        let failed = repo.blob(fixture.oid("HEAD~1:a"));
        assert!(matches!(failed, Err(GitError::GitFailed { .. } | GitError::MissingObject { .. })), "{failed:?}");
    }
}

#[test]
fn alternates_are_read() {
    let fixture = Fixture::new();
    exercise(&fixture);
    let clone = fixture.beside("shared");
    fixture.git(&["clone", "-q", "--shared", ".", clone.to_str().unwrap()]);
    let repo = Repo::discover_in(&clone).unwrap();
    assert_eq!(repo.blob(fixture.oid("HEAD:b.txt")).unwrap(), b"c\n");
}

/// Runs inside the hook of the next test, where the pushed objects are in quarantine.
#[test]
#[ignore = "run by incoming_objects_are_seen_in_quarantine"]
fn in_quarantine() {
    if std::env::var_os("GIT_QUARANTINE_PATH").is_none() {
        println!("skipped: no quarantine");
        return;
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let new = line.split(' ').nth(1).unwrap();
    let repo = Repo::discover().unwrap();
    let query = WalkQuery { revs: vec![new.to_owned()], ..WalkQuery::default() };
    let records: Vec<_> = repo.walk(&query).unwrap().map(Result::unwrap).collect();
    let (_, blob) = records[0].edges[0].files[0].new.unwrap();
    assert_eq!(repo.blob(blob).unwrap(), b"pushed", "in quarantine");
    let (_, blob) = records[1].edges[0].files[0].new.unwrap();
    assert_eq!(repo.blob(blob).unwrap(), b"old", "in the store");
    std::fs::write(repo.git_dir().join("seen"), "").unwrap();
}

#[cfg(unix)]
#[test]
fn incoming_objects_are_seen_in_quarantine() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new();
    fixture.write("a", "old");
    fixture.commit("one");
    let bare = fixture.beside("server.git");
    fixture.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let hook = bare.join("hooks/pre-receive");
    let test = std::env::current_exe().unwrap();
    let name = "git::tests::kinds::in_quarantine";
    let script = format!("#!/bin/sh\nexec '{}' --exact {name} --ignored --nocapture\n", test.display());
    std::fs::create_dir_all(bare.join("hooks")).unwrap();
    std::fs::write(&hook, script).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    fixture.write("a", "pushed");
    fixture.commit("two");
    fixture.git(&["push", "-q", bare.to_str().unwrap(), "main"]);
    assert!(bare.join("seen").exists(), "the hook ran the test above");
}

#[test]
fn a_repository_may_be_used_from_many_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let fixture = Fixture::new();
    exercise(&fixture);
    let repo = fixture.repo();
    shared(&repo);
    let (root, side) = (fixture.oid("side~1"), fixture.oid("side"));
    std::thread::scope(|scope| {
        for own in [repo.reopen(), repo.reopen()] {
            scope.spawn(move || questions(&own, root, side));
        }
        scope.spawn(|| questions(&repo, root, side));
    });
}
