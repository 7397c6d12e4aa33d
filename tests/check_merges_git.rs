//! Merges that Git makes by itself and that need no link, whatever stands in the way of seeing that path by path; and what
//! nobody gets past that question.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use support::{AUTH, Answer, Repo, run};

const POLICY: &str = "[spec]\ninclude = [\"specs/**/*.md\"]\n[generated]\npaths = [\"src/**\"]\n[policy]\nrefs = [\"refs/heads/main\"]\n";

/// A repository with twenty lines of linked code in `src/a.rs`, tagged `old`, and a place for temporary files.
struct Merged {
    repo: Repo,
    temporary: PathBuf,
    /// Variables for the judgement.
    variables: Vec<(&'static str, String)>,
}

/// Twenty lines, some of them replaced.
fn code(changes: &[(usize, &str)]) -> String {
    let line =
        |n: usize| changes.iter().find(|(at, _)| *at == n).map_or(format!("line {n}\n"), |(_, new)| format!("{new}\n"));
    (0..20).map(line).collect()
}

/// Whether this Git can be asked what it makes of a merge.
fn asks() -> bool {
    let version = run(std::process::Command::new("git").arg("--version")).stdout;
    let number = |at| version.split([' ', '.', '\n']).nth(at).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    (number(2), number(3)) >= (2, 38)
}

impl Merged {
    fn new() -> Merged {
        let repo = Repo::new();
        repo.write("specs/auth.md", AUTH);
        repo.write(".gitspec.toml", POLICY);
        repo.commit("Begin");
        let temporary = repo.beside("temporary");
        std::fs::create_dir(&temporary).unwrap();
        let merged = Merged { repo, temporary, variables: Vec::new() };
        merged.linked(&[("src/a.rs", &code(&[]))]);
        merged.old();
        merged
    }

    /// All from here on is judged.
    fn old(&self) {
        self.repo.git(&["tag", "-f", "old"]);
    }

    fn git(&self, words: &[&str]) -> Answer {
        let mut command = self.repo.git_command(self.repo.path());
        run(command.env("GIT_EDITOR", "true").args(words))
    }

    fn linked(&self, files: &[(&str, &str)]) -> String {
        files.iter().for_each(|(path, text)| self.repo.write(path, text));
        self.repo.git(&["add", "-A"]);
        self.git(&["spec", "commit", "-q", "-m", "Code", "--for", "AUTH-1"]).ok();
        self.repo.rev("HEAD")
    }

    fn moved(&self, from: &str, to: &str) -> String {
        self.repo.git(&["mv", from, to]);
        self.linked(&[])
    }

    fn on(&self, branch: &str, at: &str) {
        self.repo.git(&["switch", "-q", "-C", branch, at]);
    }

    fn reverted(&self, commit: &str) {
        self.repo.git(&["revert", "--no-edit", commit]);
    }

    /// What is said of the commits behind `old`.
    fn judged(&self) -> serde_json::Value {
        let mut command = self.repo.spec_command(self.repo.path());
        command.env("TMPDIR", &self.temporary).args(["check", "--json", "old..HEAD"]);
        run(command.envs(self.variables.iter().map(|(key, value)| (*key, value.as_str())))).json()
    }

    /// The commits that want a link. Nothing is left of what was asked.
    fn found(&self) -> Vec<String> {
        let answer = self.judged();
        assert_eq!(std::fs::read_dir(&self.temporary).map_or(0, Iterator::count), 0);
        support::each(&answer["findings"], "/commit").into_iter().map(str::to_owned).collect()
    }

    fn said(&self) -> String {
        self.judged()["findings"][0]["what"].as_str().unwrap_or_default().to_owned()
    }

    /// A merge made by hand of what lies in the work tree.
    fn by_hand(&self, parents: &[&str]) -> String {
        self.repo.git(&["add", "-A"]);
        let tree = self.repo.git(&["write-tree"]);
        let mut words = vec!["commit-tree", tree.as_str(), "-m", "Merge"];
        parents.iter().for_each(|parent| words.extend(["-p", *parent]));
        let commit = self.repo.git(&words);
        self.repo.git(&["checkout", "-q", "-f", "--detach", &commit]);
        commit
    }

    /// Git merges the branches without a conflict, and neither that merge nor one with swapped parents wants a link; but
    /// one with another line does.
    #[track_caller]
    fn is_honest(&self, branches: &[&str], file: &str, line: &str) {
        self.repo.git(&["checkout", "-q", "--detach", branches[0]]);
        self.git(&[&["merge", "-q", "--no-edit", "--no-ff"], &branches[1..]].concat()).ok();
        assert_eq!(self.found(), Vec::<String>::new());
        let swapped: Vec<&str> = branches.iter().rev().copied().collect();
        self.by_hand(&swapped);
        assert_eq!(self.found(), Vec::<String>::new(), "swapped");
        self.repo.edit(file, line, "evil\n");
        let merge = self.by_hand(branches);
        assert_eq!(self.found(), [merge]);
    }
}

#[test]
fn a_rename_against_a_revert() {
    if !asks() {
        return;
    }
    let merged = Merged::new();
    let many: String = (0..12).map(|n| format!("new {n}\n")).collect();
    let change = merged.linked(&[("src/a.rs", &(code(&[]) + &many))]);
    merged.on("side", "HEAD");
    merged.reverted(&change);
    merged.on("main", "main");
    merged.repo.git(&["mv", "src/a.rs", "src/b.rs"]);
    merged.linked(&[("src/b.rs", &(code(&[(1, "mine")]) + &many))]);
    merged.is_honest(&["main", "side"], "src/b.rs", "line 9\n");
    assert_eq!(merged.repo.git(&["show", "main:src/b.rs"]).lines().count(), 32);
}

#[test]
fn a_rename_behind_a_criss_cross() {
    if !asks() {
        return;
    }
    let merged = Merged::new();
    merged.on("one", "old");
    merged.linked(&[("src/one.rs", "1\n")]);
    merged.on("two", "old");
    merged.linked(&[("src/two.rs", "2\n")]);
    let (one, two) = (merged.repo.rev("one"), merged.repo.rev("two"));
    for (branch, other) in [("one", &two), ("two", &one)] {
        merged.on(branch, branch);
        merged.git(&["merge", "-q", "--no-edit", other]).ok();
    }
    merged.linked(&[("src/a.rs", &code(&[(3, "two")]))]);
    merged.on("one", "one");
    merged.moved("src/a.rs", "src/b.rs");
    merged.is_honest(&["one", "two"], "src/b.rs", "line 9\n");
}

#[test]
fn topics_that_build_upon_each_other() {
    if !asks() {
        return;
    }
    let merged = Merged::new();
    merged.on("first", "old");
    merged.linked(&[("src/a.rs", &code(&[(2, "first")]))]);
    merged.on("second", "first");
    merged.linked(&[("src/a.rs", &code(&[(2, "first"), (9, "second")]))]);
    merged.on("first", "first");
    merged.linked(&[("src/a.rs", &code(&[(2, "first"), (16, "first")]))]);
    merged.on("main", "old");
    merged.linked(&[("src/x.rs", "x\n")]);
    merged.is_honest(&["main", "first", "second"], "src/a.rs", "line 5\n");
}

#[test]
fn merge_bases_that_differ() {
    if !asks() {
        return;
    }
    let merged = Merged::new();
    // Three branches of one line each; two merges of all of them, in which the lines come together
    let names = ["one", "two", "three"];
    for (at, name) in names.iter().enumerate() {
        merged.on(name, "old");
        merged.linked(&[("src/a.rs", &code(&[(5 * at, name)]))]);
    }
    for side in ["left", "right"] {
        merged.on(side, "one");
        merged.linked(&[(&format!("src/{side}.rs"), side)]);
        for other in ["two", "three"] {
            merged.git(&["merge", "-q", "--no-edit", other]).ok();
        }
    }
    assert_eq!(merged.repo.git(&["merge-base", "--all", "left", "right"]).lines().count(), 3);
    let all = |more: (usize, &str)| code(&[(0, "one"), (5, "two"), (10, "three"), more]);
    merged.linked(&[("src/a.rs", &all((14, "right")))]);
    merged.on("left", "left");
    merged.linked(&[("src/a.rs", &all((18, "left")))]);
    merged.is_honest(&["left", "right"], "src/a.rs", "line 7\n");
}

#[test]
fn a_conflict_with_a_revert_is_decided_for_the_side_that_has_something_to_say() {
    let merged = Merged::new();
    let change = merged.linked(&[("src/a.rs", &code(&[(4, "first")]))]);
    merged.on("side", "main");
    merged.linked(&[("src/a.rs", &code(&[(4, "first, and better")]))]);
    merged.on("main", "main");
    merged.reverted(&change);
    for (line, wants_link) in [("first, and better", false), ("line 4", true), ("anything", true)] {
        merged.repo.write("src/a.rs", code(&[(4, line)]));
        for parents in [["main", "side"], ["side", "main"]] {
            let merge = merged.by_hand(&parents);
            assert_eq!(merged.found(), if wants_link { vec![merge] } else { Vec::new() }, "{line} {parents:?}");
        }
    }
}

#[test]
fn a_conflict_frees_nothing_elsewhere_in_its_file() {
    let merged = Merged::new();
    merged.on("side", "old");
    merged.linked(&[("src/a.rs", &code(&[(4, "side"), (14, "far")]))]);
    merged.on("main", "old");
    merged.linked(&[("src/a.rs", &code(&[(4, "main"), (19, "end")]))]);
    let honest = [(4, "both"), (14, "far"), (19, "end")];
    let cases: [(&[(usize, &str)], bool); 7] = [
        (&honest, false),
        // What a person sees with the conflict
        (&[(4, "both"), (5, "adapted"), (14, "far"), (19, "end")], false),
        (&[(4, "main"), (14, "far"), (19, "end")], false),
        (&[(4, "both"), (9, "evil"), (14, "far"), (19, "end")], true),
        (&[(4, "both"), (14, "far"), (19, "evil")], true),
        // One side's file as a whole
        (&[(4, "side"), (14, "far")], true),
        (&[(4, "main"), (19, "end")], true),
    ];
    for (changes, wants_link) in cases {
        merged.repo.write("src/a.rs", code(changes));
        for parents in [["main", "side"], ["side", "main"]] {
            let merge = merged.by_hand(&parents);
            assert_eq!(merged.found(), if wants_link { vec![merge] } else { Vec::new() }, "{changes:?} {parents:?}");
        }
    }
}

#[test]
fn a_file_that_is_renamed_loses_nothing_of_the_other_side() {
    if !asks() {
        return;
    }
    let merged = Merged::new();
    merged.on("side", "old");
    merged.moved("src/a.rs", "src/b.rs");
    merged.on("main", "old");
    merged.linked(&[("src/a.rs", &code(&[(7, "fixed")]))]);
    // As if nothing had been renamed, and one had been taken away against a change
    merged.on("bad", "side");
    let merge = merged.by_hand(&["side", "main"]);
    assert_eq!(merged.found(), [merge]);
    merged.is_honest(&["main", "side"], "src/b.rs", "line 9\n");
}

#[test]
fn a_file_in_a_renamed_directory_is_in_one_place() {
    if !asks() {
        return;
    }
    let merged = Merged::new();
    let texts: Vec<(String, String)> = (0..3).map(|n| (format!("src/old/{n}.rs"), code(&[(n, "own")]))).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    merged.linked(&texts);
    merged.old();
    merged.on("side", "old");
    merged.linked(&[("src/old/new.rs", "new\n")]);
    merged.on("main", "old");
    merged.moved("src/old", "src/fresh");
    for (places, wants_link) in
        [(&["old"][..], false), (&["fresh"], false), (&[], true), (&["old", "fresh"], true), (&["other"], true)]
    {
        merged.repo.git(&["checkout", "-q", "-f", "--detach", "main"]);
        places.iter().for_each(|place| merged.repo.write(format!("src/{place}/new.rs"), "new\n"));
        let merge = merged.by_hand(&["main", "side"]);
        assert_eq!(merged.found(), if wants_link { vec![merge] } else { Vec::new() }, "{places:?}");
    }
}

/// A merge of a rename with a change, as Git makes it, with a line that it does not make.
fn dishonest() -> Merged {
    let merged = Merged::new();
    merged.on("side", "old");
    merged.moved("src/a.rs", "src/b.rs");
    merged.on("main", "old");
    merged.linked(&[("src/a.rs", &code(&[(7, "fixed")]))]);
    merged.git(&["merge", "-q", "--no-edit", "side"]).ok();
    merged
}

#[test]
fn a_git_that_cannot_be_asked_is_told_with_the_finding() {
    let mut merged = dishonest();
    let bin = merged.repo.beside("bin");
    std::fs::create_dir(&bin).unwrap();
    let tool = std::path::Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap().display().to_string();
    let real = format!("{tool}:{}", std::env::var("PATH").unwrap());
    let script = |status: &str| {
        format!(
            "#!/bin/sh\nfor word; do test \"$word\" = merge-tree && {status}; done\n\
             exec /usr/bin/env PATH='{real}' git \"$@\"\n"
        )
    };
    merged.variables = vec![("PATH", format!("{}:{real}", bin.display()))];
    for (status, words) in [
        ("exit 129", "it is older than 2.38"),
        ("exit 128", "`git merge-tree` failed"),
        (
            "{ echo 'error: unable to write file: No space left on device' >&2; exit 128; }",
            "there is no room for its temporary files",
        ),
    ] {
        std::fs::write(bin.join("git"), script(status)).unwrap();
        std::fs::set_permissions(bin.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
        // A rename that is plain; whoever can let Git fail gets nothing by it
        assert_eq!(merged.found().is_empty(), status == "exit 129", "{status}");
        merged.repo.edit("src/b.rs", "line 9\n", "evil\n");
        merged.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
        let what = format!("; Git could not be asked what it makes of them: {words}");
        assert!(merged.said().contains(&what), "{}", merged.said());
        merged.repo.edit("src/b.rs", "evil\n", "line 9\n");
        merged.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
    }
    merged.variables.clear();
    merged.temporary = PathBuf::from("/nonexistent");
    merged.repo.edit("src/b.rs", "line 9\n", "evil\n");
    merged.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
    assert!(merged.said().contains("no directory for temporary files can be written to"), "{}", merged.said());
}

#[test]
fn attributes_and_drivers_have_no_say() {
    let merged = Merged::new();
    let ran = merged.repo.beside("ran");
    merged.repo.write(".gitattributes", "*.rs merge=mine conflict-marker-size=2\n");
    merged.repo.commit("Attributes");
    merged.old();
    merged.repo.git(&["config", "merge.mine.driver", &format!("touch '{}'; echo evil >%A", ran.display())]);
    merged.on("side", "old");
    merged.linked(&[("src/a.rs", &code(&[(4, "side")]))]);
    merged.on("main", "old");
    merged.linked(&[("src/a.rs", &code(&[(14, "main")])), ("src/b.rs", &code(&[]))]);
    merged.git(&["merge", "-q", "--no-edit", "side"]).ok();
    assert!(ran.exists(), "the driver is in force");
    std::fs::remove_file(&ran).unwrap();
    let merge = merged.repo.rev("HEAD");
    assert_eq!(merged.found(), [merge]);
    assert!(!ran.exists(), "run by the judge");
}

#[test]
fn a_repository_with_sha256_is_asked_as_any() {
    if !asks() {
        return;
    }
    let Ok(repo) = Repo::with(&["--object-format=sha256"]) else { return };
    let temporary = repo.beside("temporary");
    std::fs::create_dir(&temporary).unwrap();
    repo.write("specs/auth.md", AUTH);
    repo.write(".gitspec.toml", POLICY);
    repo.commit("Begin");
    let merged = Merged { repo, temporary, variables: Vec::new() };
    merged.linked(&[("src/a.rs", &code(&[]))]);
    merged.old();
    merged.on("side", "old");
    merged.moved("src/a.rs", "src/b.rs");
    merged.on("main", "old");
    merged.linked(&[("src/a.rs", &code(&[(7, "fixed")]))]);
    merged.is_honest(&["main", "side"], "src/b.rs", "line 9\n");
}

#[test]
fn a_rename_carries_no_change_past_the_question() {
    if !asks() {
        return;
    }
    let merged = Merged::new();
    for n in 0..3 {
        merged.repo.write(format!("lib/{n}.rs"), code(&[(n, "own")]));
    }
    merged.repo.commit("No generated code");
    merged.old();
    // What was changed or came in where nobody asks for a link, and goes where one is asked for.
    merged.on("side", "old");
    merged.repo.write("lib/0.rs", code(&[(0, "own"), (12, "evil")]));
    merged.repo.write("lib/new.rs", "evil\n");
    merged.repo.commit("No generated code either");
    merged.on("main", "old");
    merged.moved("lib", "src/lib");
    merged.git(&["merge", "-q", "--no-edit", "side"]);
    if merged.repo.git(&["status", "--porcelain"]).contains("new.rs") {
        merged.repo.git(&["commit", "-qam", "Merge"]);
    }
    assert!(merged.repo.git(&["ls-files", "src"]).contains("src/lib/new.rs"));
    assert_eq!(merged.found(), [merged.repo.rev("HEAD")]);
    // Linked code that a renamed directory takes out of the question.
    merged.on("side", "old");
    merged.linked(&[("src/old/0.rs", &code(&[(3, "here")])), ("doc/index.md", "Read\n")]);
    merged.repo.git(&["tag", "-f", "old"]);
    merged.on("main", "old");
    merged.moved("src/old", "doc/old");
    merged.on("side", "old");
    merged.linked(&[("src/old/new.rs", "linked\n")]);
    for place in ["doc/old/new.rs", ""] {
        merged.repo.git(&["checkout", "-q", "-f", "--detach", "main"]);
        if !place.is_empty() {
            merged.repo.write(place, "linked\n");
        }
        let merge = merged.by_hand(&["main", "side"]);
        assert_eq!(merged.found(), [merge], "{place}");
    }
}

#[test]
fn a_renamed_file_that_the_other_side_took_away_may_be_left_out() {
    if !asks() {
        return;
    }
    let merged = Merged::new();
    merged.on("side", "old");
    merged.moved("src/a.rs", "src/b.rs");
    merged.on("main", "old");
    merged.repo.git(&["rm", "-q", "src/a.rs"]);
    merged.linked(&[]);
    merged.by_hand(&["main", "side"]);
    assert_eq!(merged.found(), Vec::<String>::new());
}

#[test]
fn a_file_that_both_sides_renamed_may_have_either_name() {
    if !asks() {
        return;
    }
    let merged = Merged::new();
    merged.on("side", "old");
    merged.repo.git(&["mv", "src/a.rs", "src/side.rs"]);
    merged.linked(&[("src/side.rs", &code(&[(3, "side")]))]);
    merged.on("main", "old");
    merged.repo.git(&["mv", "src/a.rs", "src/main.rs"]);
    merged.linked(&[("src/main.rs", &code(&[(15, "main")]))]);
    let both = code(&[(3, "side"), (15, "main")]);
    let at = |files: &[(&str, &str)]| {
        merged.repo.git(&["checkout", "-q", "-f", "--detach", "main"]);
        merged.repo.git(&["rm", "-q", "src/main.rs"]);
        files.iter().for_each(|(path, text)| merged.repo.write(path, text));
        merged.by_hand(&["main", "side"])
    };
    for files in
        [&[("src/main.rs", &*both)][..], &[("src/side.rs", &both)], &[("src/main.rs", &both), ("src/side.rs", &both)]]
    {
        at(files);
        assert_eq!(merged.found(), Vec::<String>::new(), "{files:?}");
    }
    let (mine, evil) = (code(&[(15, "main")]), code(&[(3, "side"), (15, "main"), (9, "evil")]));
    for files in [&[][..], &[("src/main.rs", &*mine)], &[("src/side.rs", &evil)], &[("src/third.rs", &both)]] {
        let merge = at(files);
        assert_eq!(merged.found(), [merge], "{files:?}");
    }
}

/// Two branches, `one` and `two`, with two merge bases, by which `docs/a.md` differs.
fn crossed_documents() -> Merged {
    let merged = Merged::new();
    merged.repo.write("docs/a.md", code(&[]));
    merged.repo.commit("Document");
    merged.old();
    for (branch, line) in [("one", 2), ("two", 17)] {
        merged.on(branch, "old");
        merged.repo.write("docs/a.md", code(&[(line, branch)]));
        merged.repo.commit("Words");
    }
    let (one, two) = (merged.repo.rev("one"), merged.repo.rev("two"));
    for (branch, other) in [("one", &two), ("two", &one)] {
        merged.on(branch, branch);
        merged.git(&["merge", "-q", "--no-edit", other]).ok();
    }
    merged
}

#[test]
fn a_document_that_moves_behind_a_criss_cross() {
    if !asks() {
        return;
    }
    // It has nothing to do with the code, which is renamed by one and changed by the other
    let merged = crossed_documents();
    merged.repo.edit("docs/a.md", "line 9\n", "more words\n");
    merged.repo.commit("More words");
    merged.linked(&[("src/a.rs", &code(&[(3, "two")]))]);
    merged.on("one", "one");
    merged.repo.git(&["mv", "docs/a.md", "docs/z.md"]);
    merged.repo.commit("Move the document");
    merged.moved("src/a.rs", "src/b.rs");
    merged.is_honest(&["one", "two"], "src/b.rs", "line 9\n");
}

#[test]
fn a_document_that_moves_into_the_code_behind_a_criss_cross() {
    if !asks() {
        return;
    }
    // What is changed in it by the other side comes into the code with the merge: since the bases, or in one of them
    for late in [true, false] {
        let merged = crossed_documents();
        if late {
            merged.repo.edit("docs/a.md", "line 9\n", "evil\n");
            merged.repo.commit("Words");
        } else {
            merged.repo.write("docs/a.md", code(&[(2, "one"), (9, "evil")]));
            merged.repo.commit("Words");
        }
        merged.on("one", "one");
        merged.moved("docs/a.md", "src/z.rs");
        merged.git(&["merge", "-q", "--no-edit", "two"]).ok();
        assert!(merged.repo.git(&["show", "HEAD:src/z.rs"]).contains("evil"));
        assert_eq!(merged.found(), [merged.repo.rev("HEAD")], "{late}");
    }
}

/// `side` has a file where `main` has a directory; either with a link or without.
fn in_the_way(file: bool, directory: bool) -> Merged {
    let merged = Merged::new();
    let put = |branch: &str, path: &str, linked: bool| {
        merged.on(branch, "old");
        if linked {
            merged.linked(&[(path, &code(&[(1, branch)]))]);
        } else {
            merged.repo.write(path, code(&[(1, branch)]));
            merged.repo.commit("No link");
        }
    };
    put("side", "src/x", file);
    put("main", "src/x/y.rs", directory);
    merged
}

#[test]
fn a_file_that_makes_room_for_a_directory() {
    if !asks() {
        return;
    }
    let merged = in_the_way(true, true);
    let text = code(&[(1, "side")]);
    let evil = text.clone() + "evil\n";
    let cases: [(&[(&str, &str)], bool); 7] = [
        (&[("src/x.rs", &text)], false),
        (&[("src/x/x.rs", &text)], false),
        (&[("src/x.rs", &evil)], true),
        (&[("src/x.rs", &text), ("src/copy.rs", &text)], true),
        // Gone, or where nobody asks
        (&[], true),
        (&[("docs/x", &text)], true),
        (&[("src/x.rs", &text), ("src/x/y.rs", &evil)], true),
    ];
    for (files, wants_link) in cases {
        for parents in [["main", "side"], ["side", "main"]] {
            merged.repo.git(&["checkout", "-q", "-f", "--detach", "main"]);
            files.iter().for_each(|(path, text)| merged.repo.write(path, text));
            let merge = merged.by_hand(&parents);
            let names: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
            assert_eq!(merged.found(), if wants_link { vec![merge] } else { Vec::new() }, "{names:?} {parents:?}");
        }
    }
}

#[test]
fn a_file_that_makes_room_without_a_link_of_its_own() {
    if !asks() {
        return;
    }
    for (file, directory) in [(false, true), (true, false)] {
        let merged = in_the_way(file, directory);
        merged.repo.write("src/x.rs", code(&[(1, "side")]));
        let merge = merged.by_hand(&["main", "side"]);
        assert!(merged.found().contains(&merge), "{file} {directory}");
    }
}

#[test]
fn a_directory_that_makes_room_for_a_file() {
    if !asks() {
        return;
    }
    let merged = in_the_way(true, true);
    merged.on("main", "main");
    merged.linked(&[("src/x/deep/z.rs", "z\n")]);
    let (file, first) = (code(&[(1, "side")]), code(&[(1, "main")]));
    let evil = first.clone() + "evil\n";
    let cases: [(&[(&str, &str)], bool); 8] = [
        (&[("src/x", &file), ("src/d/y.rs", &first), ("src/d/deep/z.rs", "z\n")], false),
        (&[("src/x", &file), ("src/a/b/y.rs", &first), ("src/a/b/deep/z.rs", "z\n")], false),
        // Another content, one file less, one more, the file changed, into a directory that was there, or where nobody asks
        (&[("src/x", &file), ("src/d/y.rs", &evil), ("src/d/deep/z.rs", "z\n")], true),
        (&[("src/x", &file), ("src/d/y.rs", &first)], true),
        (&[("src/x", &file), ("src/d/y.rs", &first), ("src/d/deep/z.rs", "z\n"), ("src/d/e.rs", "evil\n")], true),
        (&[("src/x", &evil), ("src/d/y.rs", &first), ("src/d/deep/z.rs", "z\n")], true),
        (&[("src/x", &file), ("src/y.rs", &first), ("src/deep/z.rs", "z\n")], true),
        (&[("src/x", &file), ("docs/d/y.rs", &first), ("docs/d/deep/z.rs", "z\n")], true),
    ];
    for (files, wants_link) in cases {
        for parents in [["main", "side"], ["side", "main"]] {
            merged.repo.git(&["checkout", "-q", "-f", "--detach", "side"]);
            merged.repo.git(&["clean", "-q", "-f", "-d"]);
            files.iter().for_each(|(path, text)| merged.repo.write(path, text));
            let merge = merged.by_hand(&parents);
            let names: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
            assert_eq!(merged.found(), if wants_link { vec![merge] } else { Vec::new() }, "{names:?} {parents:?}");
        }
    }
}

#[test]
fn a_directory_that_makes_room_without_a_link_of_its_own() {
    if !asks() {
        return;
    }
    for (file, directory) in [(false, true), (true, false)] {
        let merged = in_the_way(file, directory);
        merged.repo.git(&["checkout", "-q", "-f", "--detach", "side"]);
        merged.repo.write("src/d/y.rs", code(&[(1, "main")]));
        let merge = merged.by_hand(&["main", "side"]);
        assert!(merged.found().contains(&merge), "{file} {directory}");
    }
}

#[test]
fn a_directory_that_makes_room_brings_nothing_back() {
    if !asks() {
        return;
    }
    // `main` takes a directory away and has a file there; what `side` never touched would be in the code again
    let merged = Merged::new();
    let all = [("src/d/x.rs", "x\n"), ("src/d/y.rs", "bad\n"), ("src/d/z.rs", "z\n")];
    merged.linked(&all);
    merged.old();
    merged.on("side", "old");
    merged.linked(&[("src/d/x.rs", "x\nmore\n")]);
    merged.on("main", "old");
    merged.repo.git(&["rm", "-q", "-r", "src/d"]);
    merged.linked(&[("src/d", "file\n")]);
    merged.repo.write("src/e/x.rs", "x\nmore\n");
    all[1..].iter().for_each(|(path, text)| merged.repo.write(path.replace("/d/", "/e/"), text));
    for parents in [["main", "side"], ["side", "main"]] {
        let merge = merged.by_hand(&parents);
        assert!(merged.found().contains(&merge), "{parents:?}");
    }
}

#[test]
fn a_directory_that_makes_room_keeps_what_was_changed_in_its_files() {
    if !asks() {
        return;
    }
    // `side` renames a file into a directory, `main` mends the file under its old name and has another one in the directory's place
    let merged = Merged::new();
    let text = code(&[]);
    merged.linked(&[("src/d0/x.rs", &text)]);
    merged.old();
    merged.on("side", "old");
    merged.repo.git(&["mv", "src/d0", "src/d"]);
    merged.linked(&[]);
    merged.on("main", "old");
    merged.linked(&[("src/d0/x.rs", &code(&[(3, "mended")]))]);
    merged.linked(&[("src/d", "file\n")]);
    merged.repo.git(&["rm", "-q", "-r", "src/d0"]);
    merged.repo.write("src/e/x.rs", &text);
    for parents in [["main", "side"], ["side", "main"]] {
        let merge = merged.by_hand(&parents);
        assert!(merged.found().contains(&merge), "{parents:?}");
    }
}
