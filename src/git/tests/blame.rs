//! Blame.

use crate::git::fixture::Fixture;
use crate::git::{BlameQuery, GitError, Repo};

fn at(path: &str) -> BlameQuery {
    BlameQuery { path: path.into(), ..BlameQuery::default() }
}

#[test]
fn lines_come_from_where_git_says() {
    let fixture = Fixture::new();
    fixture.write("old \"name\"", "one\ntwo\nthree\nfour\n");
    let first = fixture.commit("first");
    fixture.git(&["mv", "old \"name\"", "dir"]);
    let renamed = fixture.commit("renamed");
    fixture.write("dir", "one\nTWO\nthree\nfour\n");
    let second = fixture.commit("second");
    fixture.write("dir", "one\nTWO\nthree\r\nfour\nno line feed \0");
    let repo = fixture.repo();
    let lines = repo.blame(&at("dir")).unwrap();
    let commits: Vec<_> = lines.iter().map(|line| line.commit).collect();
    let zero = repo.zero_oid();
    assert_eq!(commits, [first, second, zero, first, zero]);
    assert_eq!(lines[0].orig_path, "old \"name\"");
    assert_eq!((lines[3].line, lines[3].orig_line), (4, 4));
    assert_eq!(lines[1].previous.as_ref().unwrap().0, renamed);
    assert_eq!(lines[0].previous, None);
    assert_eq!((lines[2].text.to_string(), lines[4].text.to_string()), ("three\r".into(), "no line feed \0".into()));
    assert_eq!(
        (lines[0].author.to_string(), lines[0].author_mail.to_string()),
        ("A U Thor".into(), "a@example.org".into())
    );
    assert_eq!((lines[0].summary.to_string(), lines[0].author_tz.to_string()), ("first".into(), "+0100".into()));

    let part = BlameQuery { rev: Some("HEAD~1".to_owned()), ranges: vec!["2,3".to_owned()], ..at("dir") };
    let lines = repo.blame(&part).unwrap();
    assert_eq!(lines.iter().map(|line| (line.line, line.commit)).collect::<Vec<_>>(), [(2, first), (3, first)]);
    let range = BlameQuery { rev: Some(format!("{renamed}..")), ..at("dir") };
    assert_eq!(repo.blame(&range).unwrap().iter().filter(|line| line.boundary).count(), 3);
    let given = BlameQuery { contents: Some(b"one\nnew\n".to_vec()), ..at("dir") };
    assert_eq!(repo.blame(&given).unwrap().iter().map(|line| line.commit).collect::<Vec<_>>(), [first, zero]);
    assert!(matches!(repo.blame(&at("nope")), Err(GitError::GitFailed { .. })));
    let below = Repo::discover_in(&fixture.path().join(".git")).unwrap();
    let query = BlameQuery { rev: Some("HEAD".to_owned()), ..at("dir") };
    assert_eq!(below.blame(&query).unwrap().len(), 4);
}

/// A commit whose lines come from two files: `-C` makes git repeat the path.
#[test]
fn one_commit_may_have_many_paths() {
    let fixture = Fixture::new();
    let long = |name: &str| (0..8).map(|n| format!("{name} line with many letters, number {n}\n")).collect::<String>();
    fixture.write("a", long("a"));
    fixture.write("b", long("b"));
    let first = fixture.commit("first");
    fixture.write("c", long("a") + "middle\n" + &long("b") + &long("a"));
    let second = fixture.commit("second");
    let query = BlameQuery { flags: vec!["-C".into(), "-C".into()], ..at("c") };
    let lines = fixture.repo().blame(&query).unwrap();
    let found: Vec<_> = [0, 8, 9, 17].map(|at| (lines[at].commit, lines[at].orig_path.to_string())).to_vec();
    assert_eq!(found, [(first, "a".into()), (second, "c".into()), (first, "b".into()), (first, "a".into())]);
}

#[test]
fn a_missing_file_of_ignored_revisions_is_passed_over() {
    let fixture = Fixture::new();
    fixture.write("a", "one\n");
    let first = fixture.commit("first");
    fixture.write("a", "One\n");
    let second = fixture.commit("second");
    fixture.git(&["config", "blame.ignoreRevsFile", "nowhere"]);
    fixture.git(&["config", "blame.showRoot", "false"]);
    fixture.git(&["config", "blame.coloring", "repeatedLines"]);
    let repo = fixture.repo();
    assert_eq!(repo.blame(&at("a")).unwrap()[0].commit, second);
    let ignoring = BlameQuery { flags: vec![format!("--ignore-rev={second}").into()], ..at("a") };
    assert_eq!(repo.blame(&ignoring).unwrap()[0].commit, first, "the user's own flags hold");
}
