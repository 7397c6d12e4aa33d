//! By what Git renames in a merge: changes of which less was demanded than of the place where they land.

use crate::LINK;
use crate::objects::commit;
use crate::support::run;
use crate::support::server::{POLICY, Server};

/// Whether this Git can be asked what it makes of a merge.
fn asks() -> bool {
    let version = run(std::process::Command::new("git").arg("--version")).stdout;
    let number = |at| version.split([' ', '.', '\n']).nth(at).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    (number(2), number(3)) >= (2, 38)
}

/// Twenty lines, the tenth of them as given.
fn code(tenth: &str) -> String {
    (1..=20).map(|n| if n == 10 { format!("{tenth}\n") } else { format!("line {n}\n") }).collect()
}

/// A server with twenty lines at a path, tagged `old`, that `main` moves to another one with a link.
fn moved(policy: &str, from: &str, to: &str) -> Server {
    let server = Server::with(&[], policy).unwrap();
    server.repo.generate(from, &code("ten"), &["AUTH-1"]);
    server.repo.git(&["tag", "old"]);
    server.repo.git(&["rm", "-q", from]);
    server.repo.generate(to, &code("ten"), &["AUTH-1"]);
    server.push(&["main"]).ok();
    server
}

/// What a side does since `old` without any link.
fn beside(server: &Server, files: &[(&str, &str)]) {
    server.repo.git(&["switch", "-q", "-C", "side", "old"]);
    files.iter().for_each(|(path, text)| server.repo.write(path, text));
    server.repo.commit("No link");
}

/// Merges the side, with new files in the directories that `main` renamed.
fn merge(server: &Server) {
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.git(&["-c", "merge.directoryRenames=true", "merge", "-q", "--no-edit", "side"]);
}

#[test]
fn an_unlinked_file_that_is_renamed_into_the_code() {
    if !asks() {
        return;
    }
    let server = moved(POLICY, "lib/a.rs", "src/a.rs");
    beside(&server, &[("lib/a.rs", &code("evil"))]);
    merge(&server);
    assert!(server.repo.git(&["show", "HEAD:src/a.rs"]).contains("evil"));
    server.refused(&["main"], &[LINK]);
    // Where the merge itself keeps the file, so that nothing seems to have gone anywhere
    server.repo.write("lib/a.rs", code("evil"));
    server.repo.git(&["add", "-A"]);
    server.repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    server.refused(&["main"], &[LINK]);
    // What main has there may stay, with or without that file
    server.repo.write("src/a.rs", code("ten"));
    server.repo.git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    server.push(&["main"]).ok();
}

#[test]
fn a_mode_that_comes_with_a_renamed_file() {
    if !asks() {
        return;
    }
    let server = moved(POLICY, "lib/a.rs", "src/a.rs");
    server.repo.git(&["switch", "-q", "-C", "side", "old"]);
    server.repo.git(&["update-index", "--chmod=+x", "lib/a.rs"]);
    server.repo.git(&["commit", "-q", "-m", "Run it"]);
    server.repo.git(&["checkout", "-q", "-f", "side"]);
    merge(&server);
    assert!(server.repo.git(&["ls-tree", "HEAD", "src/a.rs"]).starts_with("100755"));
    server.refused(&["main"], &[LINK]);
}

#[test]
fn a_new_file_in_a_directory_that_is_renamed_into_the_code() {
    if !asks() {
        return;
    }
    let server = moved(POLICY, "lib/a.rs", "src/lib/a.rs");
    beside(&server, &[("lib/evil.rs", "evil\n")]);
    merge(&server);
    assert!(server.repo.git(&["ls-files", "src"]).contains("src/lib/evil.rs"));
    server.refused(&["main"], &[LINK]);
    // As an octopus
    let tree = server.repo.rev("HEAD^{tree}");
    server.repo.git(&["switch", "-q", "-C", "third", "old"]);
    server.repo.commit("Nothing");
    let (main, side, third) = (server.repo.rev("main^1"), server.repo.rev("side"), server.repo.rev("third"));
    let octopus = commit(&server, &tree, &[&main, &side, &third], b"", b"Merge\n");
    server.refused(&[&format!("{octopus}:main")], &[LINK]);
}

#[test]
fn a_revert_that_brings_back_what_was_moved_out() {
    if !asks() {
        return;
    }
    let server = moved(POLICY, "src/m/a.rs", "lib/m/a.rs");
    let out = server.repo.git(&["log", "-1", "--format=%H", "--", "lib"]);
    server.repo.git(&["tag", "-f", "old", "main"]);
    server.repo.git(&["switch", "-q", "-C", "back", "main"]);
    server.repo.git(&["revert", "--no-edit", &out]);
    beside(&server, &[("lib/m/a.rs", &code("evil")), ("lib/m/evil.rs", "evil\n")]);
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.git(&["merge", "-q", "--no-ff", "--no-edit", "back"]);
    merge(&server);
    assert!(server.repo.git(&["grep", "-l", "evil", "HEAD", "--", "src"]).contains("src/m"));
    server.refused(&["main"], &[LINK]);
}

#[test]
fn a_section_that_only_warns() {
    if !asks() {
        return;
    }
    let policy = POLICY.to_owned() + "[[policy.section]]\npaths = [\"src/web/**\"]\nrequire-link = \"warn\"\n";
    let server = moved(&policy, "src/web/a.rs", "src/core/a.rs");
    beside(&server, &[("src/web/a.rs", &code("evil")), ("src/web/new.rs", "evil\n")]);
    merge(&server);
    let said = server.refused(&["main"], &[LINK]);
    assert!(said.contains("brings src/core/"), "{said}");
    // Nor does such a commit decide a conflict there
    let server = moved(&policy, "src/web/a.rs", "src/core/a.rs");
    server.repo.generate("src/core/a.rs", &code("main"), &["AUTH-1"]);
    server.push(&["main"]).ok();
    for evil in ["evil", "side"] {
        beside(&server, &[("src/web/a.rs", &code("side"))]);
        server.repo.git(&["switch", "-q", "--detach", "main"]);
        server.repo.write("src/core/a.rs", code(evil));
        server.repo.git(&["add", "-A"]);
        let merge = commit(
            &server,
            &server.repo.git(&["write-tree"]),
            &[&server.repo.rev("main"), &server.repo.rev("side")],
            b"",
            b"Merge\n",
        );
        server.refused(&[&format!("{merge}:main")], &["brings src/core/a.rs"]);
        server.repo.git(&["checkout", "-q", "-f", "main"]);
    }
}

#[test]
fn an_exempt_file_that_is_renamed_into_the_code() {
    if !asks() {
        return;
    }
    let server = moved(POLICY, "src/vendor/a.rs", "src/core/a.rs");
    beside(&server, &[("src/vendor/a.rs", &code("evil")), ("src/vendor/new.rs", "evil\n")]);
    merge(&server);
    server.refused(&["main"], &[LINK]);
}

#[test]
fn code_that_is_bound_to_other_spec_files() {
    if !asks() {
        return;
    }
    let map = |code: &str, spec: &str| format!("[[generated.map]]\ncode = [\"{code}\"]\nspec = [\"{spec}\"]\n");
    let policy = POLICY.replace(
        "\n[policy]\n",
        &format!(
            "{}{}\n[policy]\nrequire-map = \"deny\"\n",
            map("src/auth/**", "specs/auth.md"),
            map("src/pay/**", "specs/p*.md")
        ),
    );
    let server = Server::with(&[], &policy).unwrap();
    server.repo.write("specs/pay.md", "# Pay\n\n## Once {#PAY-1}\n\nA customer MUST pay once.\n");
    server.repo.commit("Demand more");
    server.repo.generate("src/auth/a.rs", &code("ten"), &["AUTH-1"]);
    server.repo.git(&["tag", "old"]);
    server.repo.git(&["mv", "src/auth", "src/pay"]);
    server.repo.generate("src/pay/a.rs", &code("ten"), &["AUTH-1", "PAY-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "-C", "side", "old"]);
    server.repo.generate("src/auth/a.rs", &code("of auth"), &["AUTH-1"]);
    merge(&server);
    assert!(server.repo.git(&["show", "HEAD:src/pay/a.rs"]).contains("of auth"));
    server.refused(&["main"], &[LINK]);
}

#[test]
fn special_files_that_come_by_a_rename() {
    if !asks() {
        return;
    }
    let server = moved(POLICY, "lib/a.rs", "src/lib/a.rs");
    server.repo.git(&["switch", "-q", "-C", "side", "old"]);
    std::os::unix::fs::symlink("/etc/passwd", server.repo.path().join("lib/link")).unwrap();
    let (old, link) = (server.repo.rev("old"), "lib/module");
    server.repo.git(&["add", "-A"]);
    server.repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{old},{link}")]);
    server.repo.git(&["commit", "-q", "-m", "Nothing generated"]);
    merge(&server);
    let there = server.repo.git(&["ls-tree", "-r", "HEAD", "src"]);
    assert!(there.contains("120000") && there.contains("160000"), "{there}");
    server.refused(&["main"], &["puts a symbolic link at src/lib/link", "puts a submodule at src/lib/module"]);
}

#[test]
fn linked_code_that_a_renamed_directory_takes_out_of_the_question() {
    if !asks() {
        return;
    }
    let policy = POLICY.replace("src/**\"]\nexempt", "src/**/*.rs\"]\nexempt");
    let server = Server::with(&[], &policy).unwrap();
    server.repo.write("src/gen/index.md", code("ten"));
    server.repo.commit("Nothing generated");
    server.repo.git(&["tag", "old"]);
    server.repo.generate("src/gen/check.rs", "check\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "-C", "side", "old"]);
    std::fs::create_dir(server.repo.path().join("doc")).unwrap();
    server.repo.git(&["mv", "src/gen", "doc/gen"]);
    server.repo.commit("Move a page");
    merge(&server);
    assert!(server.repo.git(&["ls-files"]).contains("doc/gen/check.rs"));
    server.refused(&["main"], &[LINK]);
}

#[test]
fn a_tree_moved_as_a_whole_needs_no_link() {
    if !asks() {
        return;
    }
    // Generated and other files go to another place while a side changes both, and adds to both
    let policy = POLICY.replace("src/**\"]\nexempt", "**/src/**\"]\nexempt");
    let server = Server::with(&[], &policy).unwrap();
    server.repo.write("doc/a.md", code("ten"));
    server.repo.generate("src/a.rs", &code("ten"), &["AUTH-1"]);
    server.repo.git(&["tag", "old"]);
    std::fs::create_dir(server.repo.path().join("part")).unwrap();
    server.repo.git(&["mv", "src", "doc", "part/"]);
    server.repo.generate("part/src/b.rs", "new\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    server.repo.git(&["switch", "-q", "-C", "side", "old"]);
    server.repo.write("doc/a.md", code("other"));
    server.repo.write("doc/new.md", "new\n");
    server.repo.commit("Documents");
    server.repo.write("src/new.rs", "new\n");
    server.repo.generate("src/a.rs", &code("other"), &["AUTH-1"]);
    merge(&server);
    let there = server.repo.git(&["ls-files", "part"]);
    assert!(there.contains("part/src/new.rs") && there.contains("part/doc/new.md"), "{there}");
    server.push(&["main"]).ok();
}
