//! By the shape of history: merges, reverts, roots, borders.

use std::path::Path;

use crate::objects::{commit, fed, tree_of};
use crate::support::Answer;
use crate::support::server::{POLICY, Server};
use crate::{LINK, RULE};

/// A server with a linked state of the code that replaced an older one, which a later linked commit replaced.
///
/// `v1` and `v2` are tags of the clone; both are on the server's `main`.
fn two_versions() -> Server {
    let server = Server::new();
    server.repo.generate("src/page.rs", "one\n", &["AUTH-1"]);
    server.repo.git(&["tag", "v1"]);
    server.repo.generate("src/page.rs", "two\n", &["AUTH-1"]);
    server.repo.git(&["tag", "v2"]);
    server.push(&["main"]).ok();
    server
}

/// Pushes a merge made by hand of a tree and parents; what is said when it is refused.
#[track_caller]
fn refused_merge(server: &Server, tree: &str, parents: &[&str]) {
    let merge = commit(server, &tree_of(server, tree), parents, b"", b"Merge\n");
    server.refused(&[&format!("{merge}:main")], &[LINK]);
}

#[test]
fn the_other_parent_of_a_merge() {
    let server = Server::new();
    server.repo.git(&["switch", "-q", "-c", "side"]);
    let bad = server.unlinked("Smuggle");
    server.push(&["side"]).ok();
    server.repo.git(&["switch", "-q", "main"]);
    server.linked();
    server.repo.git(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]);
    let said = server.refused(&["main"], &[RULE]);
    assert!(said.contains(&bad[..9]), "{said}");
    // With a link on the merge the commit itself still lacks one
    let message = format!("Merge side\n\n{}", server.repo.spec_line("AUTH-1"));
    server.repo.git(&["commit", "-q", "--amend", "-m", &message]);
    let said = server.refused(&["main"], &[RULE]);
    assert!(said.contains(&bad[..9]), "{said}");
}

#[test]
fn code_that_only_the_merge_has() {
    let server = Server::new();
    server.linked();
    server.repo.git(&["switch", "-q", "-c", "side", "begin"]);
    server.repo.commit("Nothing");
    server.repo.git(&["merge", "-q", "--no-ff", "--no-commit", "main"]);
    server.repo.write("src/page.rs", "evil\n");
    server.repo.commit("Merge main");
    server.refused(&["side:main"], &[LINK]);
    // In a file that both sides changed, beside their changes
    let server = Server::new();
    let text = |top: &str, end: &str| format!("{top}\n{}{end}\n", "line\n".repeat(20));
    server.repo.generate("src/page.rs", &text("top", "end"), &["AUTH-1"]);
    server.repo.git(&["branch", "side"]);
    server.repo.generate("src/page.rs", &text("TOP", "end"), &["AUTH-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "side"]);
    server.repo.generate("src/page.rs", &text("top", "END"), &["AUTH-1"]);
    server.repo.git(&["merge", "-q", "--no-ff", "--no-commit", "main"]);
    server.repo.write("src/page.rs", text("TOP", "END") + "evil\n");
    server.repo.commit("Merge main");
    server.refused(&["side:main"], &[LINK]);
    server.repo.write("src/page.rs", text("TOP", "END"));
    server.repo.git(&["commit", "-q", "-a", "--amend", "-m", "Merge main"]);
    server.push(&["side:main"]).ok();
}

#[test]
fn a_merge_back_to_an_older_tree() {
    let server = two_versions();
    // By hand, with parents in either order
    server.repo.git(&["switch", "-q", "-c", "side", "v1"]);
    let side = server.repo.commit("Nothing");
    let v2 = server.repo.rev("v2");
    refused_merge(&server, "v1", &[&v2, &side]);
    refused_merge(&server, "v1", &[&side, &v2]);
    // By a strategy
    server.repo.git(&["merge", "-q", "--no-ff", "-s", "ours", "-m", "Merge main", "main"]);
    server.refused(&["side:main"], &[LINK]);
    // To a tree from before the policy, which has no code at all
    refused_merge(&server, "begin", &[&v2, &side]);
    // With the older commit itself as the other parent
    refused_merge(&server, "v1", &[&v2, &server.repo.rev("v1")]);
    refused_merge(&server, "v1", &[&server.repo.rev("v1"), &v2]);
}

#[test]
fn a_merge_back_to_a_tree_from_before_since() {
    let server = Server::new();
    std::fs::remove_file(server.bare.join("hooks/pre-receive")).unwrap();
    let old = server.unlinked("Before");
    server.linked();
    let since = server.repo.commit("Adopt");
    server.repo.write(".gitspec.toml", format!("{POLICY}since = \"{since}\"\n"));
    server.repo.commit("Policy");
    server.push(&["main"]).ok();
    server.hook("pre-receive");
    server.repo.generate("src/page.rs", "new\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    let main = server.repo.rev("main");
    server.repo.git(&["switch", "-q", "-c", "side", &old]);
    let side = server.repo.commit("Nothing");
    refused_merge(&server, "side", &[&side, &main]);
    refused_merge(&server, "side", &[&main, &side]);
    refused_merge(&server, &old, &[&main, &old]);
}

#[test]
fn a_merge_by_way_of_another_protected_ref() {
    // To a release branch that is still at the older version the merge changes nothing; to main it would
    let server = two_versions();
    server.push(&["v1:refs/heads/release/1"]).ok();
    server.repo.git(&["switch", "-q", "-c", "side", "v1"]);
    let side = server.repo.commit("Nothing");
    let merge = commit(&server, &tree_of(&server, "v1"), &[&side, &server.repo.rev("v2")], b"", b"Merge\n");
    let release = format!("{merge}:refs/heads/release/1");
    server.refused(&[&release], &[LINK]);
    server.refused(&[&release, &format!("{merge}:refs/heads/main")], &[LINK]);
    server.refused(&[&format!("{merge}:refs/heads/release/2")], &[LINK]);
}

#[test]
fn swapped_parents() {
    let server = two_versions();
    // The old tip as the second parent of a merge whose first is the pusher's own line
    server.repo.git(&["switch", "-q", "-c", "side", "begin"]);
    let side = server.repo.commit("Nothing");
    refused_merge(&server, "begin", &[&side, &server.repo.rev("main")]);
    // A proper one with swapped parents changes nothing of main
    let merge = commit(&server, &tree_of(&server, "main"), &[&side, &server.repo.rev("main")], b"", b"Merge\n");
    server.push(&[&format!("{merge}:main")]).ok();
}

#[test]
fn a_criss_cross_of_merges() {
    let server = two_versions();
    let (v1, v2) = (server.repo.rev("v1"), server.repo.rev("v2"));
    // Two merges of the same parents that decide differently, so that each is a base of what follows
    server.repo.git(&["switch", "-q", "-c", "side", &v1]);
    let side = server.repo.commit("Nothing");
    let keeps = commit(&server, &tree_of(&server, "v2"), &[&v2, &side], b"", b"Merge\n");
    let loses = commit(&server, &tree_of(&server, "v1"), &[&side, &v2], b"", b"Merge\n");
    let on = commit(&server, &tree_of(&server, "v2"), &[&keeps], b"", b"On\n");
    let last = commit(&server, &tree_of(&server, "v1"), &[&on, &loses], b"", b"Merge\n");
    server.refused(&[&format!("{last}:main")], &[LINK]);
    server.push(&[&format!("{on}:main")]).ok();
    server.refused(&[&format!("{last}:main")], &[LINK]);
}

#[test]
fn an_octopus() {
    let server = two_versions();
    let v2 = server.repo.rev("v2");
    let mut sides = Vec::new();
    for name in ["a", "b", "c"] {
        server.repo.git(&["switch", "-q", "-c", name, "v1"]);
        sides.push(server.repo.commit(name));
    }
    let parents = [v2.as_str(), &sides[0], &sides[1], &sides[2]];
    refused_merge(&server, "v1", &parents);
    let swapped = [sides[2].as_str(), &sides[1], &v2, &sides[0]];
    refused_merge(&server, "v1", &swapped);
    let merge = commit(&server, &tree_of(&server, "v2"), &swapped, b"", b"Merge\n");
    server.push(&[&format!("{merge}:main")]).ok();
}

#[test]
fn parents_named_twice() {
    let server = two_versions();
    let (v1, v2) = (server.repo.rev("v1"), server.repo.rev("v2"));
    refused_merge(&server, "v1", &[&v2, &v2]);
    refused_merge(&server, "v1", &[&v2, &v1, &v1, &v2]);
    refused_merge(&server, "begin", &[&v1, &v1, &v2]);
}

#[test]
fn a_root_of_its_own() {
    let server = two_versions();
    server.repo.git(&["switch", "-q", "--orphan", "root"]);
    server.unlinked("Root");
    let root = server.repo.rev("HEAD");
    server.refused(&["root:release/1"], &[RULE]);
    refused_merge(&server, "root", &[&server.repo.rev("main"), &root]);
    refused_merge(&server, "root", &[&root, &server.repo.rev("main")]);
}

#[test]
fn an_empty_commit_over_a_bad_one() {
    let server = Server::new();
    let bad = server.unlinked("Page");
    let last = server.repo.commit("Nothing");
    // Undone at the tip, so that the trees of the ends are the same
    let undone = commit(&server, &tree_of(&server, "begin"), &[&last], b"", b"Undo\n");
    let said = server.refused(&[&format!("{undone}:main")], &[RULE]);
    assert!(said.contains(&bad[..9]), "{said}");
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.commit("Nothing");
    server.push(&["main"]).ok();
}

#[test]
fn a_tag_named_like_since() {
    let server = Server::new();
    let since = server.repo.rev("begin");
    server.repo.write(".gitspec.toml", format!("{POLICY}since = \"{since}\"\n"));
    server.repo.commit("Since");
    assert_eq!(server.push(&["main"]).status, 0);
    server.unlinked("Page");
    server.push(&[&format!("main:refs/tags/{since}"), &format!("main:refs/heads/{since}")]).ok();
    server.refused(&["main"], &[RULE]);
    server.refused(&["main:release/1"], &[RULE]);
}

#[test]
fn a_revert_that_is_none() {
    let server = two_versions();
    let (v1, v2) = (server.repo.rev("v1"), server.repo.rev("v2"));
    let says = |id: &str| format!("Revert \"Generate\"\n\nThis reverts commit {id}.\n");
    // More than the inverse
    server.repo.write("src/page.rs", "one\nevil\n");
    server.repo.commit(&says(&v2));
    server.refused(&["main"], &[RULE]);
    // Of a commit that is not behind it, made to have the wanted inverse
    server.repo.git(&["reset", "-q", "--hard", "v2"]);
    server.repo.write("src/page.rs", "evil\n");
    server.repo.commit("Wanted");
    let wanted = server.repo.rev("HEAD");
    server.repo.git(&["switch", "-q", "-c", "mirror"]);
    server.repo.write("src/page.rs", "two\n");
    let mirror = server.repo.commit("Mirror");
    server.push(&["mirror:side"]).ok();
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.git(&["commit", "-q", "--amend", "-m", &says(&mirror)]);
    server.refused(&["main"], &[RULE]);
    // Of a commit that the server never saw
    server.repo.git(&["commit", "-q", "--amend", "-m", &says(&"1".repeat(40))]);
    server.refused(&["main"], &[RULE]);
    // Of itself, by a name that is no id
    server.repo.git(&["commit", "-q", "--amend", "-m", &says("HEAD")]);
    server.refused(&["main"], &[RULE]);
    drop((v1, wanted));
    // A true one needs no link
    server.repo.git(&["reset", "-q", "--hard", "v2"]);
    server.repo.git(&["revert", "--no-edit", &v2]);
    server.push(&["main"]).ok();
}

#[test]
fn a_conflict_made_for_its_solution() {
    // A revert needs no link, and may make a conflict
    let server = two_versions();
    let v2 = server.repo.rev("v2");
    server.repo.generate("src/page.rs", "three\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    let main = server.repo.rev("main");
    server.repo.git(&["switch", "-q", "-c", "side", "v2"]);
    server.repo.git(&["revert", "--no-edit", &v2]);
    let side = server.repo.rev("HEAD");
    // Beside the file in conflict nothing is free
    server.repo.write("src/page.rs", "solved\n");
    server.repo.write("src/other.rs", "evil\n");
    server.repo.commit("Any tree");
    refused_merge(&server, "HEAD", &[&side, &main]);
    refused_merge(&server, "HEAD", &[&main, &side]);
    // Where there is none, because both did the same, the file is not free either
    server.repo.git(&["switch", "-q", "-c", "same", &main]);
    let same = server.repo.commit("Nothing");
    server.repo.write("src/page.rs", "evil\n");
    server.repo.commit("Any tree");
    refused_merge(&server, "HEAD", &[&main, &same]);
    // Nor the solution: a revert without a link is no side that has something to say
    refused_merge(&server, "side", &[&main, &side]);
    // With a link it is: `docs/security.md` says so
    let message = format!("Back\n\n{}", server.repo.spec_line("AUTH-1"));
    let linked = commit(&server, &tree_of(&server, &side), &[&v2], b"", message.as_bytes());
    let merge = commit(&server, &tree_of(&server, "HEAD"), &[&main, &linked], b"", b"Merge\n");
    server.push(&[&format!("{merge}:main")]).ok();
}

#[test]
fn a_conflict_of_reverts() {
    let server = two_versions();
    server.repo.generate("src/page.rs", "three\n", &["AUTH-1"]);
    let three = server.repo.rev("HEAD");
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "-c", "a"]);
    server.repo.git(&["revert", "--no-edit", &three]);
    server.repo.git(&["switch", "-q", "-c", "b", "main"]);
    server.repo.commit("Nothing");
    server.repo.git(&["revert", "--no-edit", &three]);
    server.repo.git(&["revert", "--no-edit", "v2"]);
    server.repo.write("src/page.rs", "evil\n");
    server.repo.commit("Any tree");
    refused_merge(&server, "HEAD", &["a", "HEAD~1"].map(|name| server.repo.rev(name)).each_ref().map(String::as_str));
}

/// A server with two sides that both changed a file, joined on `main`, and a later change upon that. `ours` and `theirs`
/// are tags of the sides.
fn joined(ours: &str, theirs: &str, both: &str, later: &str) -> Server {
    let server = Server::new();
    let path = "src/page.rs";
    server.repo.generate(path, "one\ntwo\nthree\nfour\nfive\n", &["AUTH-1"]);
    server.repo.git(&["switch", "-q", "-c", "side"]);
    server.repo.generate(path, theirs, &["AUTH-1"]);
    server.repo.git(&["tag", "theirs"]);
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.generate(path, ours, &["AUTH-1"]);
    server.repo.git(&["tag", "ours"]);
    server.repo.write(path, both);
    server.repo.git(&["add", "-A"]);
    let tree = server.repo.git(&["write-tree"]);
    let merge = server.repo.git(&["commit-tree", &tree, "-p", "ours", "-p", "theirs", "-m", "Merge side"]);
    server.repo.git(&["reset", "-q", "--hard", &merge]);
    server.repo.generate(path, later, &["AUTH-1"]);
    server.push(&["main"]).ok();
    server
}

#[test]
fn an_old_merge_made_once_more() {
    // One without a conflict, as git makes it again, and then taken whole
    let both = "ONE\ntwo\nthree\nfour\nFIVE\n";
    let (ours, theirs) = ("ONE\ntwo\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nFIVE\n");
    let server = joined(ours, theirs, both, "ONE\ntwo\nFIXED\nfour\nFIVE\n");
    let main = server.repo.rev("main");
    let again = commit(
        &server,
        &tree_of(&server, "main~1"),
        &["ours", "theirs"].map(|at| server.repo.rev(at)).each_ref().map(String::as_str),
        b"",
        b"Again\n",
    );
    refused_merge(&server, &again, &[&main, &again]);
    refused_merge(&server, &again, &[&again, &main]);
    // What git makes of it is main, and that is taken
    let honest = commit(&server, &tree_of(&server, &main), &[&main, &again], b"", b"Merge\n");
    server.push(&[&format!("{honest}:main")]).ok();
    // One with a conflict, decided anew as one likes
    let (ours, theirs) = ("one\ntwo\nOURS\nfour\nfive\n", "one\ntwo\nTHEIRS\nfour\nfive\n");
    let server = joined(ours, theirs, "one\ntwo\nBOTH\nfour\nfive\n", "one\ntwo\nBOTH\nfour\nFIXED\n");
    let main = server.repo.rev("main");
    server.repo.write("src/page.rs", "evil\n");
    server.repo.commit("Any tree");
    let again = commit(
        &server,
        &tree_of(&server, "HEAD"),
        &["ours", "theirs"].map(|at| server.repo.rev(at)).each_ref().map(String::as_str),
        b"",
        b"Again\n",
    );
    refused_merge(&server, &again, &[&main, &again]);
    refused_merge(&server, &again, &[&again, &main]);
}

#[test]
fn one_sides_file_taken_whole() {
    let (ours, theirs) = ("ONE\ntwo\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nFIVE\n");
    let both = "ONE\ntwo\nthree\nfour\nFIVE\n";
    let server = joined(ours, theirs, both, both);
    server.repo.git(&["switch", "-q", "-c", "topic", "theirs"]);
    server.repo.generate("src/page.rs", "one\ntwo\nthree\nfour\nFIVE more\n", &["AUTH-1"]);
    let (main, topic) = (server.repo.rev("main"), server.repo.rev("topic"));
    refused_merge(&server, "topic", &[&main, &topic]);
    refused_merge(&server, "topic", &[&topic, &main]);
}

#[test]
fn lines_that_a_merge_doubles_or_takes_from_elsewhere() {
    let server = Server::new();
    let text = |top: &str, end: &str| format!("{top}\nif admin {{\n    return true;\n}}\nmore\n{end}\n");
    server.repo.generate("src/page.rs", &text("top", "end"), &["AUTH-1"]);
    server.repo.generate("src/junk.rs", "x\ny\n", &["AUTH-1"]);
    server.repo.git(&["switch", "-q", "-c", "side"]);
    server.repo.generate("src/page.rs", &text("TOP", "end"), &["AUTH-1"]);
    server.repo.generate("src/junk.rs", "x\nevil();\ny\n", &["AUTH-1"]);
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.git(&["rm", "-q", "src/junk.rs"]);
    server.repo.generate("src/page.rs", &text("top", "END"), &["AUTH-1"]);
    server.push(&["main"]).ok();
    let (main, side) = (server.repo.rev("main"), server.repo.rev("side"));
    let honest = text("TOP", "END");
    for made in [format!("    return true;\n{honest}"), format!("evil();\n{honest}"), honest.replace("more\n", "")] {
        server.repo.write("src/page.rs", made);
        server.repo.commit("Any tree");
        refused_merge(&server, "HEAD", &[&main, &side]);
    }
    server.repo.write("src/page.rs", honest);
    server.repo.commit("As git makes it");
    let merge = commit(&server, &tree_of(&server, "HEAD"), &[&main, &side], b"", b"Merge\n");
    server.push(&[&format!("{merge}:main")]).ok();
}

#[test]
fn a_merge_reverted_for_its_other_parent() {
    let server = two_versions();
    server.repo.git(&["switch", "-q", "-c", "side", "v1"]);
    server.repo.write("README.md", "x\n");
    server.repo.commit("Read me");
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.git(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]);
    server.push(&["main"]).ok();
    server.repo.git(&["revert", "--no-edit", "-m", "2", "HEAD"]);
    assert_eq!(std::fs::read_to_string(server.repo.path().join("src/page.rs")).unwrap(), "one\n");
    server.refused(&["main"], &[LINK]);
    // The README alone is gone: that changes nothing generated
    server.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    server.repo.git(&["revert", "--no-edit", "-m", "1", "HEAD"]);
    server.push(&["main"]).ok();
}

#[test]
fn a_merge_reverted_whose_parents_are_swapped() {
    let server = two_versions();
    server.repo.git(&["switch", "-q", "-c", "side", "v1"]);
    server.repo.write("README.md", "x\n");
    server.repo.commit("Read me");
    server.repo.git(&["merge", "-q", "--no-edit", "main"]);
    server.repo.git(&["revert", "--no-edit", "-m", "1", "HEAD"]);
    assert_eq!(std::fs::read_to_string(server.repo.path().join("src/page.rs")).unwrap(), "one\n");
    server.refused(&["side:main"], &[LINK]);
}

/// A merge of what stands in the work tree, made by hand on `main` with `side`.
#[track_caller]
fn by_hand(server: &Server, change: impl FnOnce(&Path)) -> Answer {
    server.repo.git(&["switch", "-q", "main"]);
    let _ = server.repo.git_in(server.repo.path(), &["merge", "-q", "--no-ff", "--no-commit", "side"]);
    change(server.repo.path());
    server.repo.git(&["add", "-A"]);
    server.repo.git(&["commit", "-q", "-m", "Merge branch 'side'"]);
    server.push(&["main"])
}

#[track_caller]
fn wants_link(answer: &Answer) {
    assert!(answer.status != 0 && answer.stderr.contains("links no clause (require-link)"), "{answer:?}");
}

#[test]
fn files_moved_by_a_merge_though_nobody_renamed_a_directory() {
    let server = two_versions();
    server.repo.git(&["switch", "-q", "-c", "side"]);
    server.repo.write("README.md", "x\n");
    server.repo.commit("Read me");
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.generate("src/auth/mod.rs", "guard\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    wants_link(&by_hand(&server, |path| {
        std::fs::create_dir(path.join("src/attic")).unwrap();
        std::fs::rename(path.join("src/auth/mod.rs"), path.join("src/attic/mod.rs")).unwrap();
    }));
}

#[test]
fn a_merge_that_changes_line_ends_or_takes_a_file_for_a_renamed_one() {
    let server = two_versions();
    server.repo.generate("src/junk.rs", "a\nb\nc\nd\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "-c", "side"]);
    server.repo.generate("src/junk.rs", "A\nb\nc\nd\n", &["AUTH-1"]);
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.generate("src/junk.rs", "a\nb\nc\nD\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["tag", "before"]);
    wants_link(&by_hand(&server, |path| std::fs::write(path.join("src/junk.rs"), "A\r\nb\r\nc\r\nD\r\n").unwrap()));
    server.repo.git(&["reset", "-q", "--hard", "before"]);
    std::fs::remove_file(server.repo.path().join("src/junk.rs")).unwrap();
    server.repo.generate("src/p.rs", "other things\nof its own\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    wants_link(&by_hand(&server, |path| {
        std::fs::remove_file(path.join("src/junk.rs")).ok();
        std::fs::write(path.join("src/p.rs"), "anything();\n").unwrap();
    }));
}

/// Two sides that both changed a line of a long file, linked; `main` is pushed. What `text` gives is the file with the line.
fn in_conflict(text: impl Fn(&str) -> String) -> Server {
    let server = Server::new();
    for (branch, line) in [("main", "was"), ("side", "its"), ("main", "mine")] {
        if server.repo.git(&["branch", "--show-current"]) != branch {
            let made = server.repo.git(&["branch", "--list", branch]).is_empty();
            server.repo.git(&["switch", "-q", if made { "-c" } else { "--no-guess" }, branch]);
        }
        server.repo.generate("src/page.rs", &text(line), &["AUTH-1"]);
    }
    server.push(&["main"]).ok();
    server
}

#[test]
fn code_beside_a_conflict() {
    let text = |line: &str| format!("{}{line}\n{}", "top\n".repeat(9), "end\n".repeat(9));
    let server = in_conflict(text);
    let (main, side) = (server.repo.rev("main"), server.repo.rev("side"));
    let honest = text("decided");
    for made in
        [format!("evil\n{honest}"), format!("{honest}evil\n"), "evil\n".to_owned(), honest.replacen("end\n", "", 5)]
    {
        server.repo.write("src/page.rs", made);
        server.repo.commit("Any tree");
        refused_merge(&server, "HEAD", &[&main, &side]);
        refused_merge(&server, "HEAD", &[&side, &main]);
    }
    server.repo.write("src/page.rs", honest);
    server.repo.commit("Decided");
    let merge = commit(&server, &tree_of(&server, "HEAD"), &[&main, &side], b"", b"Merge\n");
    server.push(&[&format!("{merge}:main")]).ok();
}

#[test]
fn markers_of_conflicts_in_a_file() {
    // All sides have them, of the usual length and of those that are used for comparing
    let marks = |sign: &str| [7, 8, 199, 200].map(|count| sign.repeat(count) + "\n").concat();
    let text = |line: &str| {
        let far = "end\n".repeat(9);
        format!("{}{line}\n{far}{}a\n{}b\n{}c\n{far}", "top\n".repeat(9), marks("<"), marks("="), marks(">"))
    };
    let server = in_conflict(text);
    let (main, side) = (server.repo.rev("main"), server.repo.rev("side"));
    for (old, new) in [("a\n", "evil\n"), ("b\n", "evil\n"), ("c\n", "evil\nc\n")] {
        server.repo.write("src/page.rs", text("decided").replace(&format!("\n{old}"), &format!("\n{new}")));
        server.repo.commit("Any tree");
        refused_merge(&server, "HEAD", &[&main, &side]);
        refused_merge(&server, "HEAD", &[&side, &main]);
    }
    server.repo.write("src/page.rs", text("decided"));
    server.repo.commit("Decided");
    let merge = commit(&server, &tree_of(&server, "HEAD"), &[&main, &side], b"", b"Merge\n");
    server.push(&[&format!("{merge}:main")]).ok();
}

#[test]
fn a_rename_that_drops_a_change() {
    let text = |line: &str| format!("{}{line}\n{}", "top\n".repeat(9), "end\n".repeat(9));
    let server = Server::new();
    server.repo.generate("src/page.rs", &text("was"), &["AUTH-1"]);
    server.repo.git(&["branch", "side"]);
    server.repo.generate("src/page.rs", &text("fixed"), &["AUTH-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "side"]);
    server.repo.git(&["mv", "src/page.rs", "src/fresh.rs"]);
    server.repo.generate("src/fresh.rs", &text("was"), &["AUTH-1"]);
    let (main, side) = (server.repo.rev("main"), server.repo.rev("side"));
    if server.repo.git_in(server.repo.path(), &["merge-tree", "--write-tree", &main, &side]).is_err() {
        eprintln!("skipped: this Git cannot be asked what it makes of a merge");
        return;
    }
    refused_merge(&server, "side", &[&main, &side]);
    refused_merge(&server, "side", &[&side, &main]);
    server.repo.write("src/fresh.rs", text("fixed"));
    server.repo.commit("As Git makes it");
    let merge = commit(&server, &tree_of(&server, "HEAD"), &[&main, &side], b"", b"Merge\n");
    server.push(&[&format!("{merge}:main")]).ok();
}

#[test]
fn an_octopus_with_a_head_that_is_behind_another() {
    let server = two_versions();
    server.repo.git(&["switch", "-q", "-c", "side", "v1"]);
    server.repo.write("README.md", "x\n");
    let side = server.repo.commit("Read me");
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.generate("src/page.rs", "three\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    let (main, v2) = (server.repo.rev("main"), server.repo.rev("v2"));
    refused_merge(&server, "v2", &[side.as_str(), &main, &v2]);
    refused_merge(&server, "v2", &[v2.as_str(), &side, &main]);
}

#[test]
fn a_shallow_push() {
    let server = Server::new();
    server.unlinked("Page");
    let tip = server.repo.commit("On top");
    let clone = server.repo.beside("shallow");
    let from = format!("file://{}", server.repo.path().display());
    server.repo.git(&["clone", "-q", "--depth=1", &from, clone.to_str().unwrap()]);
    let push = |words: &[&str]| {
        let before = server.files();
        let mut command = server.git();
        command.current_dir(&clone).args(["push", "-q", server.bare.to_str().unwrap()]).args(words);
        let answer = crate::support::run(&mut command);
        assert_ne!(answer.status, 0, "{answer:?}");
        assert!(before == server.files(), "written");
        answer
    };
    // Git refuses one itself, unless it is told to take such pushes
    push(&[&format!("{tip}:refs/heads/main")]);
    server.config("receive.shallowUpdate", "true");
    let answer = push(&[&format!("{tip}:refs/heads/release/1")]);
    assert!(answer.stderr.contains("git fetch --unshallow"), "{answer:?}");
}

#[test]
fn objects_of_an_alternate() {
    // The server borrows objects from another repository, whose refs say nothing of what was judged
    let server = Server::new();
    server.unlinked("Page");
    let pool = server.repo.path().join(".git/objects");
    std::fs::write(server.bare.join("objects/info/alternates"), format!("{}\n", pool.display())).unwrap();
    server.refused(&["main"], &[RULE]);
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.linked();
    server.push(&["main"]).ok();
}

#[test]
fn many_parents_and_a_deep_line() {
    let server = two_versions();
    let v1 = server.repo.rev("v1");
    let tree = tree_of(&server, "v1");
    let mut parents: Vec<String> =
        (0..40).map(|at| commit(&server, &tree, &[&v1], b"", format!("Side {at}\n").as_bytes())).collect();
    parents.push(server.repo.rev("main"));
    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
    refused_merge(&server, "v1", &parents);
    // A long line of commits that change nothing, with a bad one at its beginning
    server.repo.git(&["reset", "-q", "--hard", "v2"]);
    let bad = server.unlinked("Page");
    let mut stream = String::from("reset refs/heads/long\n");
    stream += &format!("from {bad}\n\n");
    for at in 0..2000 {
        stream += &format!("commit refs/heads/long\ncommitter {}\ndata 2\n{}\n\n", crate::objects::WHO, at % 10);
    }
    fed(&server, &["fast-import", "--quiet"], stream.as_bytes());
    let said = server.refused(&["long:main"], &[RULE, "2001 commits judged: 1 refused"]);
    assert!(said.contains(&bad[..9]), "{said}");
}

#[test]
fn lines_in_another_order() {
    let text = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let old = ["f() {", "  if bad {", "    return deny();", "  }", "  a", "  b", "  c", "  return ok();", "}"];
    let server = Server::new();
    server.repo.generate("src/page.rs", &text(&old), &["AUTH-1"]);
    server.repo.git(&["branch", "side"]);
    server.repo.generate("src/page.rs", &text(&[&["head"], &old[..]].concat()), &["AUTH-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "side"]);
    server.repo.generate("src/page.rs", &text(&[&old[..], &["tail"]].concat()), &["AUTH-1"]);
    let (main, side) = (server.repo.rev("main"), server.repo.rev("side"));
    let merged = |lines: &[&str]| {
        server.repo.write("src/page.rs", text(lines));
        server.repo.git(&["add", "-A"]);
        let tree = server.repo.git(&["write-tree"]);
        commit(&server, &tree, &[&main, &side], b"", b"Merge\n")
    };
    let evil = ["head", old[0], old[7], old[1], old[2], old[3], old[4], old[5], old[6], old[8], "tail"];
    server.refused(&[&format!("{}:main", merged(&evil))], &[LINK]);
    server.push(&[&format!("{}:main", merged(&[&["head"], &old[..], &["tail"]].concat()))]).ok();
}

#[test]
fn a_conflict_that_an_unlinked_commit_decides() {
    // It came to a release under a milder policy, or by somebody who is exempt, and nobody asked for its link
    let server = two_versions();
    server.config("spec.exemptPusher", "bot");
    server.repo.git(&["switch", "-q", "-c", "release/1", "v1"]);
    server.repo.write("src/page.rs", "unlinked\n");
    server.repo.commit("No link");
    assert_eq!(server.push_by("bot", &["release/1"]).status, 0);
    server.repo.git(&["switch", "-q", "--detach", "main"]);
    for text in ["unlinked\n", "evil\n"] {
        server.repo.write("src/page.rs", text);
        server.repo.git(&["add", "-A"]);
        let tree = server.repo.git(&["write-tree"]);
        let merge = commit(&server, &tree, &[&server.repo.rev("main"), &server.repo.rev("release/1")], b"", b"Merge\n");
        server.refused(&[&format!("{merge}:main")], &[LINK]);
    }
    let merge = commit(
        &server,
        &tree_of(&server, "main"),
        &[&server.repo.rev("main"), &server.repo.rev("release/1")],
        b"",
        b"Merge\n",
    );
    server.push(&[&format!("{merge}:main")]).ok();
}

#[test]
fn a_conflict_that_a_commit_with_a_forged_link_decides() {
    let server = two_versions();
    server.config("spec.exemptPusher", "bot");
    server.repo.git(&["switch", "-q", "-c", "release/1", "v1"]);
    server.repo.write("src/page.rs", "forged\n");
    let line = server.repo.spec_line("AUTH-1");
    let forged = format!("{} v1:{}", line.split(" v1:").next().unwrap(), "0".repeat(32));
    server.repo.commit(&format!("Forged\n\n{forged}"));
    assert_eq!(server.push_by("bot", &["release/1"]).status, 0);
    server.repo.git(&["switch", "-q", "--detach", "main"]);
    for text in ["forged\n", "evil\n"] {
        server.repo.write("src/page.rs", text);
        server.repo.git(&["add", "-A"]);
        let tree = server.repo.git(&["write-tree"]);
        let merge = commit(&server, &tree, &[&server.repo.rev("main"), &server.repo.rev("release/1")], b"", b"Merge\n");
        server.refused(&[&format!("{merge}:main")], &[LINK]);
    }
}
