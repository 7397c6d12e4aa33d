//! Odd paths, the index, the work tree.

use bstr::BString;

use crate::git::fixture::Fixture;
use crate::git::{BlameQuery, GitError, Mode, WORK_FILE_LIMIT, WalkQuery, WorkFile};

const ODD: [&[u8]; 6] = [b"new\nline", b"not\xffutf8", b"quo\"te", b"\ttab", b"*[a]?", b"d\\ir/:(top)x"];

#[cfg(target_os = "linux")]
#[test]
fn odd_paths_pass_unharmed() {
    let fixture = Fixture::new();
    for path in ODD {
        fixture.write(path, path);
    }
    fixture.commit("odd");
    let repo = fixture.repo();
    let mut expected: Vec<BString> = ODD.iter().map(|path| BString::from(*path)).collect();
    expected.sort();
    let tree = repo.tree_files(fixture.oid("HEAD"), &|_| true, &|_| true).unwrap();
    assert_eq!(tree.iter().map(|file| file.path.clone()).collect::<Vec<_>>(), expected);
    let index = repo.index_files(&|_| true).unwrap();
    assert_eq!(index.iter().map(|file| file.path.clone()).collect::<Vec<_>>(), expected);
    let record = repo.walk(&WalkQuery::default()).unwrap().next().unwrap().unwrap();
    assert_eq!(record.edges[0].files.iter().map(|file| file.path.clone()).collect::<Vec<_>>(), expected);
    for path in expected {
        let lines = repo.blame(&BlameQuery { path: path.clone(), ..BlameQuery::default() }).unwrap();
        assert_eq!(lines[0].orig_path, path);
        assert_eq!(repo.work_file(path.as_ref()).unwrap(), WorkFile::Regular(path.to_vec()));
        let walked = repo.walk(&WalkQuery { paths: vec![path.clone()], ..WalkQuery::default() }).unwrap();
        let files = walked.flat_map(|record| record.unwrap().edges.remove(0).files);
        assert_eq!(files.map(|file| file.path).collect::<Vec<_>>(), [path], "paths are literal");
    }
    fixture.git(&["rm", "-q", "-r", "--cached", "."]);
    assert_eq!(repo.untracked_files(&[]).unwrap().len(), ODD.len());
    assert_eq!(repo.untracked_files(&["*[a]?".into()]).unwrap(), ["*[a]?"]);
}

#[test]
fn modes_and_directories_are_told_apart() {
    let fixture = Fixture::new();
    fixture.write("a.md", "a");
    fixture.write("a/x", "x");
    fixture.write("a-b", "-");
    fixture.git(&["add", "."]);
    fixture.git(&["update-index", "--chmod=+x", "a-b"]);
    let target = fixture.git_with(&["hash-object", "-w", "--stdin"], b"a.md");
    fixture.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{target},link")]);
    fixture.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},sub", "1".repeat(40))]);
    fixture.git(&["commit", "-q", "-m", "all"]);
    let repo = fixture.repo();
    let entries = repo.tree_files(fixture.oid("HEAD"), &|_| true, &|_| true).unwrap();
    let found: Vec<_> = entries.iter().map(|entry| (entry.path.to_string(), entry.mode)).collect();
    let expected = [
        ("a-b", Mode::Executable),
        ("a.md", Mode::File),
        ("a/x", Mode::File),
        ("link", Mode::Symlink),
        ("sub", Mode::Submodule),
    ];
    assert_eq!(found, expected.map(|(path, mode)| (path.to_owned(), mode)));
    let listed = fixture.git(&["ls-tree", "-r", "--name-only", "HEAD"]);
    assert_eq!(listed.lines().collect::<Vec<_>>(), expected.map(|(path, _)| path), "git's own order");
    let below = repo.tree_files(fixture.oid("HEAD"), &|_| true, &|dir| dir != "a").unwrap();
    assert_eq!(below.len(), 4);
    let record = repo.walk(&WalkQuery::default()).unwrap().next().unwrap().unwrap();
    let walked: Vec<_> = record.edges[0].files.iter().map(|file| file.new.unwrap().0).collect();
    assert_eq!(walked, expected.map(|(_, mode)| mode));
}

#[test]
fn the_index_shows_conflicts_and_sparse_files() {
    let fixture = Fixture::new();
    fixture.write("a", "1");
    fixture.write("b", "1");
    fixture.commit("one");
    fixture.git(&["checkout", "-q", "-b", "side"]);
    fixture.write("a", "2");
    fixture.commit("two");
    fixture.git(&["checkout", "-q", "main"]);
    fixture.write("a", "3");
    fixture.commit("three");
    fixture.git(&["update-index", "--skip-worktree", "b"]);
    fixture.git(&["merge", "-q", "-s", "ours", "--no-commit", "side"]);
    let staged = |stage: u8, rev: &str| format!("100644 {} {stage}\ta\n", fixture.oid(&format!("{rev}:a")));
    let info = format!("0 {}\ta\n{}{}{}", "0".repeat(40), staged(1, "main~1"), staged(2, "main"), staged(3, "side"));
    fixture.git_with(&["update-index", "--index-info"], info.as_bytes());
    let entries = fixture.repo().index_files(&|_| true).unwrap();
    let found: Vec<_> =
        entries.iter().map(|entry| (entry.path.to_string(), entry.stage, entry.skip_worktree)).collect();
    let expected = [("a", 1, false), ("a", 2, false), ("a", 3, false), ("b", 0, true)];
    assert_eq!(found, expected.map(|(path, stage, skip)| (path.to_owned(), stage, skip)));
    assert_eq!(entries[2].oid, fixture.oid("side:a"));
}

#[test]
fn untracked_files_respect_ignores_and_nested_repositories() {
    let fixture = Fixture::new();
    fixture.write(".gitignore", "*.tmp\n");
    fixture.commit("one");
    fixture.write("specs/new.md", "x");
    fixture.write("other.md", "x");
    fixture.write("x.tmp", "x");
    fixture.git(&["init", "-q", "nested"]);
    fixture.write("nested/a.md", "x");
    let repo = fixture.repo();
    assert_eq!(repo.untracked_files(&[]).unwrap(), ["other.md", "specs/new.md"]);
    assert_eq!(repo.untracked_files(&["specs".into()]).unwrap(), ["specs/new.md"]);
}

#[cfg(unix)]
#[test]
fn only_regular_files_inside_the_work_tree_are_read() {
    use std::os::unix::fs::symlink;
    let fixture = Fixture::new();
    let top = fixture.path();
    fixture.write("dir/a", "a\r\n");
    std::fs::write(fixture.beside("secret"), "secret").unwrap();
    symlink("../secret", top.join("link")).unwrap();
    symlink(".", top.join("loop")).unwrap();
    symlink("dir", top.join("dirlink")).unwrap();
    symlink("nowhere", top.join("dangling")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(top.join("pipe")).status().unwrap().success());
    let big = std::fs::File::create(top.join("big")).unwrap();
    big.set_len(WORK_FILE_LIMIT + 1).unwrap();
    let repo = fixture.repo();
    let read = |path: &str| repo.work_file(path.into()).unwrap();
    assert_eq!(read("dir/a"), WorkFile::Regular(b"a\r\n".to_vec()));
    for link in ["link", "loop", "dangling", "dirlink/a", "loop/dir/a", "dangling/x"] {
        assert_eq!(read(link), WorkFile::Symlink, "{link}");
    }
    for missing in ["nope", "dir/nope", "dir/a/b", "nope/x", &"x".repeat(5000)] {
        assert_eq!(read(missing), WorkFile::Missing, "{missing}");
    }
    for odd in
        ["dir", "pipe", "", "/etc/passwd", "../secret", "dir/../../secret", "./dir/a", "dir//a", "dir/a/", "a\0b"]
    {
        assert_eq!(read(odd), WorkFile::NotRegular, "{odd:?}");
    }
    assert_eq!(read("big"), WorkFile::TooLarge(WORK_FILE_LIMIT + 1));
}

#[test]
fn a_damaged_index_is_an_error() {
    let fixture = Fixture::new();
    fixture.write("a", "1");
    fixture.commit("one");
    std::fs::write(fixture.path().join(".git/index"), "garbage").unwrap();
    assert!(matches!(fixture.repo().index_files(&|_| true), Err(GitError::GitFailed { .. })));
}
