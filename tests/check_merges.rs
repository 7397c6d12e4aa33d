//! Merges under a policy: what brings code in past the commits that were judged, and what honest work looks like.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{AUTH, Answer, Repo, run};

const POLICY: &str = "[spec]\ninclude = [\"specs/**/*.md\"]\n[generated]\npaths = [\"src/**\"]\n[policy]\nrefs = [\"refs/heads/main\"]\n";

fn git(repo: &Repo, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "true").args(words);
    run(&mut command)
}

/// Ten lines, some of them replaced.
fn code(changes: &[(usize, &str)]) -> String {
    let line =
        |n: usize| changes.iter().find(|(at, _)| *at == n).map_or(format!("line {n}\n"), |(_, new)| format!("{new}\n"));
    (0..10).map(line).collect()
}

/// `ancient` is older than `old`, which is main's tip and has another `src/a.rs`, by a linked commit.
fn ruled() -> Repo {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    repo.write(".gitspec.toml", POLICY);
    repo.write("src/a.rs", code(&[]));
    repo.commit("Begin");
    repo.git(&["tag", "ancient"]);
    linked(&repo, "src/a.rs", &code(&[(0, "safe")]));
    repo.git(&["tag", "old"]);
    repo
}

/// A linked commit that writes a file.
fn linked(repo: &Repo, path: &str, content: &str) -> String {
    repo.write(path, content);
    repo.git(&["add", "-A"]);
    git(repo, &["spec", "commit", "-q", "-m", "Code", "--for", "AUTH-1"]).ok();
    repo.rev("HEAD")
}

fn branch(repo: &Repo, name: &str, at: &str) {
    repo.git(&["switch", "-q", "-c", name, at]);
}

/// A commit with the tree of a revision and these parents, as HEAD.
fn forge(repo: &Repo, tree: &str, parents: &[&str]) -> String {
    let tree = format!("{tree}^{{tree}}");
    let mut words = vec!["commit-tree", tree.as_str(), "-m", "Merge"];
    parents.iter().for_each(|parent| words.extend(["-p", *parent]));
    let commit = repo.git(&words);
    repo.git(&["checkout", "-q", "--detach", &commit]);
    commit
}

/// The commits that break a rule, with the rule.
fn found(repo: &Repo) -> Vec<(String, String)> {
    let answer = git(repo, &["spec", "check", "--json", "old..HEAD"]).json();
    let each = |key| support::each(&answer["findings"], key).into_iter().map(str::to_owned).collect::<Vec<_>>();
    each("/commit").into_iter().zip(each("/rule")).collect()
}

fn link(commit: &str) -> Vec<(String, String)> {
    vec![(commit.to_owned(), "require-link".to_owned())]
}

#[test]
fn a_merge_back_to_an_old_tree_wants_a_link() {
    let repo = ruled();
    for parents in [["old", "ancient"], ["ancient", "old"]] {
        let merge = forge(&repo, "ancient", &parents);
        assert_eq!(found(&repo), link(&merge), "{parents:?}");
    }
    let said = git(&repo, &["spec", "check", "--json", "old..HEAD"]).json();
    let what = "brings src/a.rs to a content that none of its sides explains, and links no clause";
    assert_eq!(said["findings"][0]["what"], what);
    git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]).ok();
    assert!(found(&repo).is_empty(), "linked");
}

#[test]
fn an_old_tree_does_not_come_back_by_way_of_a_side_branch() {
    let repo = ruled();
    // A harmless linked commit upon the old tree
    branch(&repo, "side", "ancient");
    linked(&repo, "src/b.rs", "b\n");
    for parents in [["old", "side"], ["side", "old"]] {
        let merge = forge(&repo, "side", &parents);
        assert_eq!(found(&repo), link(&merge), "{parents:?}");
    }
    // The side branch "merges" main and keeps its old tree, then comes home
    let inner = forge(&repo, "side", &["side", "old"]);
    forge(&repo, &inner, &["old", &inner]);
    assert!(found(&repo).iter().any(|(commit, _)| *commit == inner), "a merge of protected history alone");
    // The same with the protected commit hidden behind another side
    branch(&repo, "second", "old");
    linked(&repo, "src/c.rs", "c\n");
    let inner = forge(&repo, "side", &["side", "second"]);
    branch(&repo, "home", "old");
    linked(&repo, "src/d.rs", "d\n");
    forge(&repo, &inner, &["home", &inner]);
    assert!(!found(&repo).is_empty(), "a merge of side branches");
}

#[test]
fn honest_merges_need_no_link() {
    let repo = ruled();
    // Both sides change one file in different places, and main comes into the side first
    branch(&repo, "side", "ancient");
    linked(&repo, "src/a.rs", &code(&[(8, "side")]));
    git(&repo, &["merge", "-q", "--no-edit", "old"]).ok();
    linked(&repo, "src/side.rs", "side\n");
    repo.git(&["switch", "-q", "main"]);
    linked(&repo, "src/a.rs", &code(&[(0, "safe"), (4, "main")]));
    git(&repo, &["merge", "-q", "--no-ff", "--no-edit", "side"]).ok();
    assert!(found(&repo).is_empty(), "{:?}", found(&repo));
    // Two sides at once, and a merge that drops what a side did
    for name in ["one", "two", "three"] {
        branch(&repo, name, "main");
        linked(&repo, &format!("src/{name}.rs"), name);
    }
    repo.git(&["switch", "-q", "main"]);
    git(&repo, &["merge", "-q", "--no-edit", "one", "two"]).ok();
    assert!(found(&repo).is_empty(), "{:?}", found(&repo));
    // One that drops what a side did could take something back by way of another branch
    git(&repo, &["merge", "-q", "--no-edit", "-s", "ours", "three"]).ok();
    assert_eq!(found(&repo).len(), 1);
}

#[test]
fn both_sides_may_drop_what_looks_alike() {
    let repo = ruled();
    let functions =
        |names: &[&str]| names.iter().map(|n| format!("fn {n}() {{\n    do_{n}();\n}}\n\n")).collect::<String>();
    linked(&repo, "src/f.rs", &functions(&["one", "two", "three", "four", "five"]));
    repo.git(&["tag", "-f", "old"]);
    branch(&repo, "side", "old");
    linked(&repo, "src/f.rs", &functions(&["one", "three", "four", "five"]));
    repo.git(&["switch", "-q", "main"]);
    linked(&repo, "src/f.rs", &functions(&["one", "two", "three", "five"]));
    git(&repo, &["merge", "-q", "--no-edit", "side"]).ok();
    assert!(found(&repo).is_empty(), "{:?}", found(&repo));
}

#[test]
fn a_new_file_follows_a_renamed_directory() {
    let repo = ruled();
    (0..3).for_each(|n| repo.write(format!("src/old/{n}.rs"), code(&[(n, "own")])));
    linked(&repo, "src/x.rs", "x\n");
    repo.git(&["tag", "-f", "old"]);
    branch(&repo, "side", "old");
    linked(&repo, "src/old/new.rs", "new\n");
    repo.git(&["switch", "-q", "main"]);
    repo.git(&["mv", "src/old", "src/fresh"]);
    git(&repo, &["spec", "commit", "-q", "-m", "Move", "--for", "AUTH-1"]).ok();
    git(&repo, &["-c", "merge.directoryRenames=true", "merge", "-q", "--no-edit", "side"]).ok();
    assert!(repo.path().join("src/fresh/new.rs").exists());
    assert!(found(&repo).is_empty(), "{:?}", found(&repo));
    repo.write("src/fresh/new.rs", "evil\n");
    repo.git(&["commit", "-qa", "--amend", "--no-edit"]);
    assert_eq!(found(&repo).len(), 1);
}

#[test]
fn a_conflict_is_decided_by_the_merge_and_nothing_else_is() {
    let repo = ruled();
    branch(&repo, "side", "old");
    linked(&repo, "src/a.rs", &code(&[(0, "safe"), (4, "side"), (8, "far")]));
    repo.git(&["switch", "-q", "main"]);
    linked(&repo, "src/a.rs", &code(&[(0, "safe"), (4, "main")]));
    assert_ne!(git(&repo, &["merge", "-q", "side"]).status, 0);
    repo.write("src/a.rs", code(&[(0, "safe"), (4, "both, as somebody decided"), (8, "far")]));
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--no-edit"]);
    assert!(found(&repo).is_empty(), "{:?}", found(&repo));
    // One side of it, as `-X theirs` has it
    let merge = forge(&repo, "side", &["main^1", "side"]);
    assert!(found(&repo).is_empty(), "{merge}");
}

#[test]
fn what_only_the_merge_has_wants_a_link() {
    let repo = ruled();
    branch(&repo, "side", "old");
    linked(&repo, "src/a.rs", &code(&[(0, "safe"), (8, "side")]));
    linked(&repo, "src/only.rs", &code(&[]));
    repo.git(&["switch", "-q", "main"]);
    linked(&repo, "src/a.rs", &code(&[(0, "safe"), (4, "main")]));
    git(&repo, &["merge", "-q", "--no-edit", "side"]).ok();
    assert!(found(&repo).is_empty());
    let clean = repo.rev("HEAD");
    let amend = |change: &dyn Fn()| {
        repo.git(&["reset", "-q", "--hard", &clean]);
        change();
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "--amend", "--no-edit"]);
        let merge = repo.rev("HEAD");
        assert_eq!(found(&repo), link(&merge));
    };
    // A line more where all fitted, in a file of one side, in a new one; a file less; another mode
    amend(&|| repo.edit("src/a.rs", "line 2\n", "line 2\nevil\n"));
    amend(&|| repo.edit("src/only.rs", "line 2\n", "line 2\nevil\n"));
    amend(&|| repo.write("src/evil.rs", "evil\n"));
    amend(&|| std::fs::remove_file(repo.path().join("src/a.rs")).unwrap());
    amend(&|| {
        repo.git(&["update-index", "--chmod=+x", "src/a.rs"]);
        repo.git(&["checkout", "-q", "--", "src/a.rs"]);
    });
    repo.git(&["reset", "-q", "--hard", &clean]);
    std::fs::remove_dir_all(repo.path().join("src")).unwrap();
    std::os::unix::fs::symlink("specs", repo.path().join("src")).unwrap();
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    let rules: Vec<String> = found(&repo).into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, ["special-paths", "require-link"]);
}

#[test]
fn a_renamed_file_takes_the_other_sides_changes_along() {
    let repo = ruled();
    branch(&repo, "side", "old");
    repo.git(&["mv", "src/a.rs", "src/b.rs"]);
    git(&repo, &["spec", "commit", "-q", "-m", "Rename", "--for", "AUTH-1"]).ok();
    repo.git(&["switch", "-q", "main"]);
    linked(&repo, "src/a.rs", &code(&[(0, "safe"), (4, "main")]));
    git(&repo, &["merge", "-q", "--no-edit", "side"]).ok();
    assert!(repo.path().join("src/b.rs").exists() && found(&repo).is_empty(), "{:?}", found(&repo));
    repo.edit("src/b.rs", "line 2\n", "evil\n");
    repo.git(&["commit", "-qa", "--amend", "--no-edit"]);
    assert_eq!(found(&repo).len(), 1);
}

#[test]
fn many_parents_are_bounded() {
    let repo = ruled();
    let sides: Vec<String> = (0..20)
        .map(|n| {
            branch(&repo, &format!("side-{n}"), "old");
            linked(&repo, &format!("src/{n}.rs"), "x\n")
        })
        .collect();
    let mut parents = vec!["old"];
    parents.extend(sides.iter().map(String::as_str));
    // All that is new came with one of the sides, but not all sides are looked at.
    repo.git(&["checkout", "-q", "--detach", "old"]);
    for n in 0..20 {
        repo.write(format!("src/{n}.rs"), "x\n");
    }
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "Tree"]);
    let merge = forge(&repo, "HEAD", &parents);
    assert_eq!(found(&repo), link(&merge));
    let merge = forge(&repo, "HEAD", &parents[..10]);
    assert_eq!(found(&repo), link(&merge), "files of sides that are no parents");
}

/// A merge of two branches with these files in the place of what git makes of it.
fn evil(repo: &Repo, strategy: &[&str], files: &[(&str, &str)]) -> String {
    git(repo, &[&["merge", "-q", "--no-commit"], strategy, &["side"]].concat());
    for (path, content) in files {
        repo.write(path, content);
    }
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "Merge"]);
    repo.rev("HEAD")
}

#[test]
fn a_file_that_a_side_took_away_lends_no_lines_to_others() {
    let repo = ruled();
    linked(&repo, "src/old.rs", "one\n");
    repo.git(&["tag", "-f", "old"]);
    branch(&repo, "side", "HEAD");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.git(&["switch", "-q", "main"]);
    linked(&repo, "src/old.rs", "one\ntwo\n");
    let cut = code(&[(0, "safe")]).replace("line 4\n", "");
    let merge = evil(&repo, &["-s", "ours"], &[("src/a.rs", &cut)]);
    assert_eq!(found(&repo), link(&merge));
}

#[test]
fn what_both_sides_have_stays() {
    let repo = ruled();
    branch(&repo, "side", "old");
    linked(&repo, "src/a.rs", &code(&[(0, "safe"), (9, "its")]));
    repo.git(&["switch", "-q", "main"]);
    linked(&repo, "src/a.rs", &code(&[(0, "mine")]));
    let whole = code(&[(0, "mine"), (9, "its")]);
    for cut in [String::new(), whole.replace("line 4\n", "")] {
        let merge = evil(&repo, &[], &[("src/a.rs", &cut)]);
        assert_eq!(found(&repo), link(&merge), "{cut}");
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
    evil(&repo, &[], &[("src/a.rs", &whole)]);
    assert!(found(&repo).is_empty());
}

#[test]
fn size_is_no_conflict() {
    let repo = ruled();
    let large = |first: &str, last: &str| format!("{first}\n{}{last}\n", "a line of code\n".repeat(90_000));
    linked(&repo, "src/large.rs", &large("a", "b"));
    repo.git(&["tag", "-f", "old"]);
    branch(&repo, "side", "HEAD");
    linked(&repo, "src/large.rs", &large("a", "its"));
    repo.git(&["switch", "-q", "main"]);
    linked(&repo, "src/large.rs", &large("mine", "b"));
    let merge = evil(&repo, &[], &[("src/large.rs", "evil();\n")]);
    assert_eq!(found(&repo), link(&merge));
}

#[test]
fn renamed_files_are_read_once_for_all_paths() {
    let repo = ruled();
    let lines = |n: usize| (0..20_000).map(|at| format!("line {n} {at}\n")).collect::<String>();
    (0..12).for_each(|n| repo.write(format!("src/r{n}.rs"), lines(n)));
    linked(&repo, "src/x.rs", "x\n");
    repo.git(&["tag", "-f", "old"]);
    branch(&repo, "side", "HEAD");
    (0..12).for_each(|n| std::fs::remove_file(repo.path().join(format!("src/r{n}.rs"))).unwrap());
    linked(&repo, "src/y.rs", "y\n");
    repo.git(&["switch", "-q", "main"]);
    (0..12).for_each(|n| repo.write(format!("src/r{n}.rs"), lines(n) + "more\n"));
    linked(&repo, "src/z.rs", "z\n");
    let files: Vec<(String, String)> = (0..60).map(|n| (format!("src/n{n}.rs"), format!("new {n}\n"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let start = std::time::Instant::now();
    let merge = evil(&repo, &["-s", "ours"], &files);
    assert_eq!(found(&repo), link(&merge));
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}

#[test]
fn a_merge_of_more_parents_than_can_be_compared_is_refused() {
    let repo = ruled();
    let many: Vec<String> = (0..130).map(|_| "old".to_owned()).collect();
    forge(&repo, "old", &many.iter().map(String::as_str).collect::<Vec<_>>());
    // git leaves out what it sees twice; by hand it stays
    let commit = repo.git(&["cat-file", "commit", "HEAD"]);
    let parent = format!("parent {}\n", repo.rev("old"));
    let text = commit.replacen(&parent, &parent.repeat(130), 1);
    repo.write("../commit", text + "\n");
    let merge = repo.git(&["hash-object", "-t", "commit", "-w", "../commit"]);
    repo.git(&["checkout", "-q", "--detach", &merge]);
    assert_eq!(found(&repo), vec![(merge, "message".to_owned())]);
}
