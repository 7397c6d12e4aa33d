//! Names, ranges, configuration.

use crate::git::fixture::Fixture;
use crate::git::{BlameQuery, GitError, MessageQuery, Range, Repo, WalkQuery};

/// main: one - two; side: one - three.
fn forked() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("a", "1");
    fixture.commit("one");
    fixture.git(&["checkout", "-q", "-b", "side"]);
    fixture.write("dir/c", "3");
    fixture.commit("three");
    fixture.git(&["checkout", "-q", "main"]);
    fixture.write("b", "2");
    fixture.commit("two a..b");
    fixture
}

#[test]
fn ranges_read_as_git_reads_them() {
    let fixture = forked();
    let repo = fixture.repo();
    let [base, main, side] = ["main~1", "main", "side"].map(|name| fixture.oid(name));
    let range = |text: &str| repo.range(text).unwrap();
    assert_eq!(range("main..side"), Range::Between(main, side));
    assert_eq!(range("main...side"), Range::Between(base, side));
    assert_eq!(range("..side"), Range::Between(main, side));
    assert_eq!(range("side.."), Range::Between(side, main));
    assert_eq!(range("side"), Range::From(side));
    assert_eq!(range(":/three"), Range::From(side));
    assert_eq!(range("main~1..:/three"), Range::Between(base, side));
    assert_eq!(range("main^{/a..b}"), Range::From(main));
    for (text, wrong) in [("main..nope", "nope"), ("nope..main", "nope"), ("nope", "nope")] {
        let error = repo.range(text).unwrap_err();
        assert!(matches!(&error, GitError::UnknownRevision { name } if name == wrong), "{error:?}");
    }
    fixture.git(&["checkout", "-q", "--orphan", "island"]);
    fixture.commit("island");
    assert!(matches!(repo.range("main...island"), Err(GitError::NoMergeBase { .. })));
    assert_eq!(repo.merge_base(main, fixture.oid("island")).unwrap(), None);
}

#[test]
fn each_way_to_fail_has_its_own_error() {
    let fixture = forked();
    let repo = fixture.repo();
    for name in ["nope", "", "main~99", "-n", "--all", "a\nb", "a\0b", "main missing", &"1".repeat(40), "x commit"] {
        let error = repo.resolve(name).unwrap_err();
        assert!(matches!(error, GitError::UnknownRevision { .. }), "{name:?}: {error:?}");
    }
    assert!(matches!(repo.resolve("HEAD:a"), Err(GitError::WrongKind { wanted: "commit", .. })));
    assert!(matches!(repo.resolve("HEAD^{tree}"), Err(GitError::WrongKind { .. })));
    assert!(matches!(repo.resolve_tree_ish("HEAD:a"), Err(GitError::WrongKind { wanted: "tree", .. })));
    assert_eq!(repo.resolve_tree_ish("side:dir").unwrap(), fixture.oid("side:dir"));
    assert_eq!(repo.resolve_tree_ish("side").unwrap(), fixture.oid("side^{tree}"));
    let error = repo.resolve_all(&["main", "nope", "side"]).unwrap_err();
    assert!(matches!(error, GitError::UnknownRevision { name } if name == "nope"));
    assert!(repo.blob(repo.zero_oid()).is_err());
    assert!(matches!(repo.blob(fixture.oid("HEAD")), Err(GitError::BadObject { .. })));
    let missing = "1".repeat(40).parse().unwrap();
    assert!(matches!(repo.blob(missing), Err(GitError::MissingObject { oid }) if oid == missing));
    assert!(matches!(repo.blob_size(missing), Err(GitError::MissingObject { .. })));
}

#[test]
fn an_option_in_place_of_a_revision_does_nothing() {
    let fixture = forked();
    let repo = fixture.repo();
    let target = fixture.beside("written");
    let evil = format!("--output={}", target.display());
    let walk = repo.walk(&WalkQuery { revs: vec![evil.clone()], ..WalkQuery::default() });
    assert!(matches!(walk.map(|_| ()), Err(GitError::UnknownRevision { .. })));
    let blame = repo.blame(&BlameQuery { rev: Some(evil.clone()), path: "a".into(), ..BlameQuery::default() });
    assert!(matches!(blame, Err(GitError::UnknownRevision { .. })));
    let messages = repo.messages(&MessageQuery { revs: vec![evil.clone()], ..MessageQuery::default() });
    assert!(matches!(messages.map(|_| ()), Err(GitError::UnknownRevision { .. })));
    assert!(matches!(repo.range(&evil), Err(GitError::UnknownRevision { .. })));
    assert!(repo.commit_graph(&[evil]).is_err());
    assert!(!target.exists());
}

#[test]
fn an_unborn_branch_is_said_to_be_one() {
    let fixture = Fixture::new();
    let repo = fixture.repo();
    assert_eq!(repo.head().unwrap(), None);
    assert!(matches!(repo.resolve("HEAD"), Err(GitError::UnbornBranch { .. })));
    assert!(matches!(repo.range("HEAD.."), Err(GitError::UnbornBranch { .. })));
    let mut walk = repo.walk(&WalkQuery::default()).unwrap();
    assert!(matches!(walk.next(), Some(Err(GitError::UnbornBranch { .. }))));
    assert!(walk.next().is_none());
    assert!(repo.index_files(&|_| true).unwrap().is_empty());
    assert!(repo.notes("refs/notes/spec").unwrap().is_empty());
}

#[test]
fn a_missing_commit_of_head_is_no_unborn_branch() {
    let fixture = forked();
    let head = fixture.oid("HEAD");
    let hex = head.to_string();
    std::fs::remove_file(fixture.path().join(".git/objects").join(&hex[..2]).join(&hex[2..])).unwrap();
    assert!(matches!(fixture.repo().head(), Err(GitError::MissingObject { oid }) if oid == head));
}

#[test]
fn configuration_is_git_s() {
    let fixture = forked();
    fixture.git(&["config", "--add", "spec.include", "a"]);
    fixture.git(&["config", "--add", "spec.include", ""]);
    fixture.git(&["config", "--add", "spec.include", "b"]);
    fixture.git(&["config", "core.abbrev", "12"]);
    fixture.git(&["config", "core.pager", "less -X"]);
    std::fs::write(fixture.beside("more"), "[spec]\n\tinclude = c\n\tflag\n").unwrap();
    fixture.git(&["config", "include.path", "../../more"]);
    let repo = Repo::discover_in(fixture.path()).unwrap();
    let config = repo.config().unwrap();
    assert_eq!(config.list("spec.include").unwrap(), ["b", "c"]);
    assert_eq!(config.get_bool("spec.flag").unwrap(), Some(true));
    assert_eq!(repo.abbrev_len().unwrap(), 12);
    if std::env::var_os("GIT_PAGER").is_none() {
        assert_eq!(repo.pager().unwrap(), "less -X");
    }
}

#[test]
fn replacements_are_seen_and_not_followed() {
    let fixture = forked();
    let repo = fixture.repo();
    let before = repo.walk(&WalkQuery::default()).unwrap().map(Result::unwrap).collect::<Vec<_>>();
    assert!(!repo.has_replacements().unwrap());
    fixture.git(&["replace", "main", "side"]);
    let repo = fixture.repo();
    assert!(repo.has_replacements().unwrap());
    let after = repo.walk(&WalkQuery::default()).unwrap().map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(before, after);
}
