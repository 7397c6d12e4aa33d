//! Walks through history, with `git diff-tree` as the oracle.

use bstr::{BString, ByteSlice};

use crate::git::fixture::Fixture;
use crate::git::{CommitRecord, GitError, Oid, Repo, WalkQuery};

fn walk(repo: &Repo, query: &WalkQuery) -> Vec<CommitRecord> {
    repo.walk(query).unwrap().map(Result::unwrap).collect()
}

fn subjects(records: &[CommitRecord]) -> Vec<String> {
    records.iter().map(|record| record.subject.to_string()).collect()
}

/// Root, empty commit, chmod, a file that becomes a directory, a deletion, a merge, an evil merge, an octopus.
fn eventful() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("specs/a.md", "a");
    fixture.write("b", "b");
    fixture.write("turn", "file");
    fixture.commit("root");
    fixture.commit("empty");
    fixture.git(&["update-index", "--chmod=+x", "b"]);
    fixture.git(&["commit", "-q", "-m", "chmod"]);
    fixture.git(&["reset", "-q", "--hard"]);
    std::fs::remove_file(fixture.path().join("turn")).unwrap();
    fixture.write("turn/x", "directory");
    fixture.commit("turned");
    for branch in ["one", "two", "three"] {
        fixture.git(&["checkout", "-q", "-b", branch, "main"]);
        fixture.write(format!("specs/{branch}.md").as_bytes(), branch);
        fixture.commit(branch);
    }
    fixture.git(&["checkout", "-q", "main"]);
    fixture.git(&["merge", "-q", "--no-ff", "-m", "merge", "one"]);
    fixture.git(&["merge", "-q", "--no-ff", "-m", "octopus", "two", "three"]);
    fixture.git(&["checkout", "-q", "-b", "late", "main~1"]);
    fixture.write("c", "c");
    fixture.commit("late");
    fixture.git(&["checkout", "-q", "main"]);
    fixture.git(&["merge", "-q", "--no-ff", "--no-commit", "late"]);
    fixture.write("specs/a.md", "evil");
    fixture.commit("evil");
    std::fs::remove_file(fixture.path().join("b")).unwrap();
    fixture.commit("deleted");
    fixture
}

/// Every edge of every record says what `git diff-tree` says.
fn agrees_with_git(fixture: &Fixture, records: &[CommitRecord], paths: &[&str]) {
    for record in records {
        for edge in &record.edges {
            let commit = record.oid.to_string();
            let parent = edge.parent.map(|parent| parent.to_string());
            let mut args = vec!["diff-tree", "-r", "--root", "--no-commit-id", "--name-status", "--no-renames"];
            args.extend(parent.as_deref());
            args.extend([commit.as_str(), "--"]);
            args.extend(paths);
            let ours: Vec<String> = edge.files.iter().map(|file| file.path.to_string()).collect();
            let theirs = fixture.git(&args);
            let mut theirs: Vec<&str> = theirs.lines().map(|line| line.split_once('\t').unwrap().1).collect();
            theirs.sort_unstable();
            assert_eq!(ours, theirs, "{} from {parent:?}", record.subject);
        }
    }
}

#[test]
fn every_edge_of_every_commit_agrees_with_git() {
    let fixture = eventful();
    let repo = fixture.repo();
    let records = walk(&repo, &WalkQuery { topo: true, ..WalkQuery::default() });
    let found = subjects(&records);
    assert_eq!(found.len(), 12);
    assert_eq!((found[0].as_str(), found[11].as_str()), ("deleted", "root"));
    agrees_with_git(&fixture, &records, &[]);
    let by_subject = |subject: &str| records.iter().find(|record| record.subject == subject).unwrap();
    assert_eq!(by_subject("octopus").edges.len(), 3);
    assert_eq!(by_subject("root").edges[0].parent, None);
    assert_eq!(by_subject("root").edges[0].files.len(), 3);
    assert!(by_subject("empty").edges[0].files.is_empty());
    let evil = by_subject("evil");
    assert!(evil.edges.iter().all(|edge| edge.files.iter().any(|file| file.path == "specs/a.md")));
    assert_eq!(by_subject("turned").edges[0].files.len(), 2);
    let (old, new) = (by_subject("chmod").edges[0].files[0].old, by_subject("chmod").edges[0].files[0].new);
    assert_ne!(old.unwrap().0, new.unwrap().0);
    assert_eq!(old.unwrap().1, new.unwrap().1);
}

#[test]
fn simplified_histories_agree_with_git() {
    let fixture = eventful();
    let repo = fixture.repo();
    let paths = vec![BString::from("specs")];
    for (parents, full_history, extra) in [
        (false, false, vec![]),
        (true, false, vec![]),
        (true, true, vec![]),
        (false, true, vec!["--first-parent".into()]),
        (true, true, vec!["--boundary".to_owned(), "-n3".to_owned()]),
    ] {
        let query = WalkQuery {
            paths: paths.clone(),
            parents,
            full_history,
            extra: extra.iter().map(Into::into).collect(),
            ..WalkQuery::default()
        };
        let records = walk(&repo, &query);
        agrees_with_git(&fixture, &records, &["specs"]);
        let mut args = vec!["log", "--format=%H %P"];
        args.extend(parents.then_some("--parents"));
        args.extend(full_history.then_some("--full-history"));
        args.extend(extra.iter().map(String::as_str));
        args.extend(["--", "specs"]);
        let ours: Vec<String> = records
            .iter()
            .map(|record| {
                let ids = std::iter::once(&record.oid).chain(&record.parents).map(Oid::to_string);
                ids.collect::<Vec<_>>().join(" ")
            })
            .collect();
        let theirs = fixture.git(&args);
        let theirs: Vec<&str> = theirs.lines().map(str::trim_end).collect();
        assert_eq!(ours, theirs, "{query:?}");
    }
    let first = WalkQuery { extra: vec!["--first-parent".into()], ..WalkQuery::default() };
    assert!(walk(&repo, &first).iter().all(|record| record.edges.len() == 1));
}

#[test]
fn fields_and_limits_are_git_s() {
    let fixture = eventful();
    fixture.write(".mailmap", "Mapped <m@example.org> <a@example.org>\n");
    fixture.commit("mailmap");
    fixture.git(&["tag", "v1"]);
    let repo = fixture.repo();
    let query = WalkQuery {
        extra: vec!["-n1".into(), "--author=Mapped".into()],
        date: Some("format:%Y".to_owned()),
        decorate: true,
        ..WalkQuery::default()
    };
    let records = walk(&repo, &query);
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(
        (record.author_name.as_bstr(), record.author_email.as_bstr()),
        ("Mapped".into(), "m@example.org".into())
    );
    assert_eq!(record.author_date, "2023");
    assert_eq!(record.decoration, "HEAD -> main, tag: v1");
    assert_eq!(record.author_time.to_string(), fixture.git(&["log", "-1", "--format=%at"]));
    let all = WalkQuery { extra: vec!["--reverse".into()], ..WalkQuery::default() };
    let records = walk(&repo, &all);
    assert_eq!(subjects(&records)[0], "root");
    assert!(records[0].decoration.is_empty());
    let range = WalkQuery { revs: vec!["main".to_owned(), "^main~1".to_owned()], ..WalkQuery::default() };
    assert_eq!(subjects(&walk(&repo, &range)), ["mailmap"]);
}

#[test]
fn the_user_s_configuration_does_not_change_the_answer() {
    let fixture = eventful();
    let repo = fixture.repo();
    let query = WalkQuery { paths: vec!["specs/a.md".into()], full_history: true, ..WalkQuery::default() };
    let plain = walk(&repo, &query);
    fixture.write("order", "*z\n");
    for (key, value) in [
        ("color.ui", "always"),
        ("log.showSignature", "true"),
        ("log.showRoot", "false"),
        ("log.follow", "true"),
        ("log.diffMerges", "first-parent"),
        ("log.abbrevCommit", "true"),
        ("log.decorate", "full"),
        ("format.pretty", "oneline"),
        ("diff.orderFile", "order"),
        ("diff.renames", "copies"),
        ("diff.external", "false"),
        ("diff.relative", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("core.quotePath", "true"),
        ("i18n.logOutputEncoding", "latin1"),
        ("notes.displayRef", "*"),
        ("core.abbrev", "4"),
    ] {
        fixture.git(&["config", key, value]);
    }
    assert_eq!(walk(&fixture.repo(), &query), plain);
}

#[test]
fn a_walk_may_be_left_and_a_broken_one_says_so() {
    let fixture = eventful();
    let repo = fixture.repo();
    drop(repo.walk(&WalkQuery::default()).unwrap().next());
    let unknown = repo.walk(&WalkQuery { revs: vec!["nope".to_owned()], ..WalkQuery::default() }).unwrap().next();
    assert!(matches!(unknown, Some(Err(GitError::GitFailed { status: Some(128), .. }))), "{unknown:?}");
    let garbled = WalkQuery { extra: vec!["--graph".into()], ..WalkQuery::default() };
    assert!(repo.walk(&garbled).unwrap().any(|record| record.is_err()), "--graph changes the form");

    let root = fixture.oid("main~4");
    let hex = root.to_string();
    std::fs::remove_file(fixture.path().join(".git/objects").join(&hex[..2]).join(&hex[2..])).unwrap();
    let mut results: Vec<_> = fixture.repo().walk(&WalkQuery::default()).unwrap().collect();
    assert!(
        matches!(results.pop(), Some(Err(GitError::MissingObject { oid })) if oid == root),
        "git died in mid-stream"
    );
    assert!(results.iter().all(Result::is_ok));
}
