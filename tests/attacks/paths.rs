//! By the names and kinds of files.

use crate::objects::{commit, fed, object, top_with, tree, tree_of};
use crate::support::server::{POLICY, Server};
use crate::{LINK, RULE};

/// Pushes a commit on top of the server's `main` with entries put behind those of the top directory.
#[track_caller]
fn refused_top(server: &Server, more: &[(&str, &[u8], &str)], said: &[&str]) -> String {
    let tip = commit(server, &top_with(server, more), &[&server.repo.rev("HEAD")], b"", b"Page\n");
    server.refused(&[&format!("{tip}:main")], said)
}

#[test]
fn a_renamed_file() {
    let server = Server::new();
    server.repo.write("notes/page.rs", "evil\n");
    server.repo.commit("Not generated there");
    server.push(&["main"]).ok();
    std::fs::create_dir(server.repo.path().join("src")).unwrap();
    server.repo.git(&["mv", "notes/page.rs", "src/page.rs"]);
    server.repo.commit("Move");
    server.refused(&["main"], &[RULE]);
    // Out of it, and by a copy
    server.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let tip = server.linked();
    server.push(&["main"]).ok();
    server.repo.git(&["mv", "src/lock.rs", "lock.rs"]);
    server.repo.commit("Move away");
    server.refused(&["main"], &["changes src/lock.rs", LINK]);
    server.repo.git(&["reset", "-q", "--hard", &tip]);
    server.repo.write("src/page.rs", "evil\n");
    server.repo.commit("Copy");
    server.refused(&["main"], &[RULE]);
}

#[test]
fn a_mode_alone() {
    let server = Server::new();
    server.linked();
    server.push(&["main"]).ok();
    server.repo.git(&["update-index", "--chmod=+x", "src/lock.rs"]);
    server.repo.git(&["commit", "-q", "-m", "Run it"]);
    server.refused(&["main"], &["changes src/lock.rs", LINK]);
}

#[test]
fn a_symbolic_link() {
    let server = Server::new();
    let target = object(&server, "blob", b"../elsewhere.rs");
    let src = tree(&server, &[("120000", b"page.rs", &target)]);
    refused_top(&server, &[("40000", b"src", &src)], &[RULE]);
    // Where the directory was
    let elsewhere = object(&server, "blob", b"docs");
    let said = refused_top(&server, &[("120000", b"src", &elsewhere)], &["(special-paths)"]);
    assert!(said.contains("a symbolic link at src,"), "{said}");
    // With a link, which says nothing of what lies behind
    let message = format!("Page\n\n{}\n", server.repo.spec_line("AUTH-1"));
    let tip = commit(
        &server,
        &top_with(&server, &[("120000", b"src", &elsewhere)]),
        &[&server.repo.rev("HEAD")],
        b"",
        message.as_bytes(),
    );
    server.refused(&[&format!("{tip}:main")], &["(special-paths)"]);
}

#[test]
fn a_submodule() {
    let server = Server::new();
    let other = server.repo.rev("HEAD");
    refused_top(&server, &[("160000", b"src", &other)], &["(special-paths)"]);
    let inner = tree(&server, &[("160000", b"page", &other)]);
    refused_top(&server, &[("40000", b"src", &inner)], &["(special-paths)"]);
    // One that asks not to be looked at
    let modules = object(&server, "blob", b"[submodule \"s\"]\n\tpath = src\n\turl = ../x\n\tignore = all\n");
    refused_top(&server, &[("100644", b".gitmodules", &modules), ("160000", b"src", &other)], &["(special-paths)"]);
}

#[test]
fn a_submodule_by_a_mode_that_git_does_not_know() {
    let server = Server::new();
    let main = server.repo.rev("HEAD");
    server.repo.git(&["switch", "-q", "-c", "side"]);
    let side = server.repo.commit("Nothing");
    for mode in ["10644", "60000", "20000", "1"] {
        let inner = tree(&server, &[(mode, b"x", &main)]);
        let top = top_with(&server, &[("40000", b"src", &inner)]);
        refused_top(&server, &[("40000", b"src", &inner)], &["(special-paths)"]);
        let merge = commit(&server, &top, &[&main, &side], b"", b"Merge\n");
        server.refused(&[&format!("{merge}:main")], &["(special-paths)"]);
    }
}

#[test]
fn globs_that_leave_letters_out_or_have_choices() {
    let policy = POLICY.replace("\"src/**\"", "\"lib/[!a-z]*.rs\", \"{src,web/core}/**\"");
    let server = Server::with(&[], &policy).unwrap();
    server.repo.write("lib/Foo.rs", "evil\n");
    server.repo.commit("Foo");
    server.refused(&["main"], &["changes lib/Foo.rs", LINK]);
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.write("ext/x.rs", "evil\n");
    std::fs::create_dir_all(server.repo.path().join("web")).unwrap();
    std::os::unix::fs::symlink("../ext", server.repo.path().join("web/core")).unwrap();
    server.repo.commit("Tidy");
    server.refused(&["main"], &["(special-paths)"]);
}

#[test]
fn a_path_in_another_case() {
    let server = Server::new();
    let blob = object(&server, "blob", b"evil\n");
    let inner = tree(&server, &[("100644", b"page.rs", &blob)]);
    for name in ["SRC", "Src", "\u{17f}rc"] {
        refused_top(&server, &[("40000", name.as_bytes(), &inner)], &[LINK]);
    }
    // An exemption is taken by the letter
    let vendor = tree(&server, &[("40000", b"Vendor", &inner)]);
    refused_top(&server, &[("40000", b"src", &vendor)], &["changes src/Vendor/page.rs", LINK]);
    let vendor = tree(&server, &[("40000", b"vendor", &inner)]);
    let tip = commit(
        &server,
        &top_with(&server, &[("40000", b"src", &vendor)]),
        &[&server.repo.rev("HEAD")],
        b"",
        b"Vendor\n",
    );
    server.push(&[&format!("{tip}:main")]);
    assert_eq!(server.at("main"), tip);
}

#[test]
fn a_name_that_leads_elsewhere() {
    // Git itself refuses to check such trees out; the hook judges what they spell
    let server = Server::new();
    let blob = object(&server, "blob", b"evil\n");
    let page = tree(&server, &[("100644", b"page.rs", &blob)]);
    let nested = tree(&server, &[("40000", b"src", &page)]);
    // A slash in a name
    refused_top(&server, &[("100644", b"src/page.rs", &blob)], &[RULE]);
    // The same name twice
    let twice = tree(&server, &[("100644", b"page.rs", &blob), ("100644", b"page.rs", &blob)]);
    refused_top(&server, &[("40000", b"src", &twice)], &[RULE]);
    refused_top(&server, &[("40000", b"src", &page), ("40000", b"src", &page)], &[RULE]);
    // Around a corner: no generated path to anybody who reads it, and git lets nobody have it as a file
    let corner = tree(&server, &[("40000", b"..", &nested)]);
    let top = top_with(&server, &[("40000", b"docs", &corner)]);
    let tip = commit(&server, &top, &[&server.repo.rev("HEAD")], b"", b"Corner\n");
    server.config("receive.fsckObjects", "true");
    server.refused(&[&format!("{tip}:refs/heads/release/1")], &[]);
    server.on_server(&["config", "--unset", "receive.fsckObjects"]);
    server.push(&[&format!("{tip}:refs/heads/release/1")]).ok();
    let clone = server.repo.beside("clone");
    let from = server.bare.display().to_string();
    let words = ["clone", "-q", "-b", "release/1", &from, clone.to_str().unwrap()];
    assert!(server.repo.git_in(server.repo.path(), &words).unwrap_err().contains("invalid path"));
    assert!(!clone.join("src").exists());
}

#[test]
fn an_order_that_hides_a_name() {
    // Whoever searches a tree by halves doesn't find what stands in the wrong place
    let server = Server::new();
    server.repo.generate("src/page.rs", "one\n", &["AUTH-1"]);
    server.push(&["main"]).ok();
    let kept = object(&server, "blob", b"one\n");
    let evil = object(&server, "blob", b"evil\n");
    for entries in [
        [("100644", &b"page.rs"[..], kept.as_str()), ("100644", b"page.rs", evil.as_str())],
        [("100644", b"page.rs", &evil), ("100644", b"page.rs", &kept)],
        [("100644", b"z.rs", &evil), ("100644", b"page.rs", &kept)],
    ] {
        let src = tree(&server, &entries);
        let specs = server.repo.rev("HEAD:specs");
        let policy = server.repo.rev("HEAD:.gitspec.toml");
        let top =
            [("100644", &b".gitspec.toml"[..], policy.as_str()), ("40000", b"specs", &specs), ("40000", b"src", &src)];
        let main = server.repo.rev("main");
        let plain = commit(&server, &tree(&server, &top), &[&main], b"", b"Page\n");
        server.refused(&[&format!("{plain}:main")], &[LINK]);
        // The same as a merge, which is compared in another way
        let side = commit(&server, &tree_of(&server, "main"), &[&main], b"", b"Side\n");
        let merge = commit(&server, &tree(&server, &top), &[&main, &side], b"", b"Merge\n");
        server.refused(&[&format!("{merge}:main")], &[LINK]);
    }
}

#[test]
fn names_with_line_ends_quotes_and_escape_codes() {
    let server = Server::new();
    let blob = object(&server, "blob", b"evil\n");
    for name in [
        &b"a\nerror: all is well\n"[..],
        b"a\"; rm -rf x; \"",
        b"$(touch pwned)`touch pwned`",
        b"\x1b[2J\x1b]0;pwned\x07",
        b"\xff\xfe.rs",
        "a\u{202e}sr.lived".as_bytes(),
        b"\r",
        b"-x",
        b" ",
        b":(exclude)x",
    ] {
        let src = tree(&server, &[("100644", name, &blob)]);
        let said = refused_top(&server, &[("40000", b"src", &src)], &[LINK]);
        assert!(
            said.lines()
                .all(|line| ["error: ", "hint: ", "1 commit ", "  "].iter().any(|start| line.starts_with(start))),
            "{said}"
        );
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']), "{said:?}");
    }
    assert!(!server.bare.join("pwned").exists() && !server.repo.path().join("pwned").exists());
}

#[test]
fn attributes_and_settings_in_the_tree() {
    // Nothing that is pushed can name a program or hide a file
    let server = Server::new();
    server.repo.write(
        ".gitattributes",
        "* filter=x diff=x merge=x textconv=x\n*.rs -diff binary export-ignore linguist-generated\nsrc/** export-ignore\n",
    );
    server.repo.write(".gitconfig", "[diff \"x\"]\n\ttextconv = touch pwned\n[core]\n\tfsmonitor = touch pwned\n");
    server.repo.write("config", "[core]\n\tfsmonitor = touch pwned\n[spec]\n\texemptPusher = x\n");
    server.repo.write(".gitignore", "src\n");
    server.repo.write(".mailmap", "Bot <bot@example.org> A U Thor <author@example.org>\n");
    server.repo.write("hooks/pre-receive", "#!/bin/sh\nexit 0\n");
    server.repo.commit("Settings");
    server.push(&["main"]).ok();
    server.unlinked("Page");
    server.repo.git(&["add", "-f", "src"]);
    server.repo.git(&["commit", "-q", "-m", "Page"]);
    server.refused(&["main"], &[RULE]);
    assert!(!server.bare.join("pwned").exists());
}

#[test]
fn a_directory_in_the_place_of_a_file() {
    let server = Server::with(&[], &POLICY.replace("src/**", "src")).unwrap();
    server.unlinked("Beside the glob");
    let blob = object(&server, "blob", b"evil\n");
    // The glob names a file; what takes its place, and goes, is judged
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    refused_top(&server, &[("100644", b"src", &blob)], &["changes src and links"]);
}

#[test]
fn a_hundred_thousand_files() {
    let server = Server::new();
    let blob = object(&server, "blob", b"evil\n");
    let names: Vec<String> = (0..100_000).map(|at| format!("{at:06}.rs")).collect();
    let all: Vec<(&str, &[u8], &str)> = names.iter().map(|name| ("100644", name.as_bytes(), blob.as_str())).collect();
    let src = tree(&server, &all);
    let said = refused_top(&server, &[("40000", b"src", &src)], &[LINK]);
    assert!(said.len() < 2000, "{said}");
}

#[test]
fn a_deep_tree() {
    let server = Server::new();
    let blob = object(&server, "blob", b"evil\n");
    let mut stream = format!("commit refs/heads/deep\ncommitter {}\ndata 4\nDeep\n", crate::objects::WHO);
    stream += &format!("from {}\n", server.repo.rev("HEAD"));
    stream += &format!("M 100644 {blob} src/{}x.rs\n\n", "d/".repeat(1500));
    fed(&server, &["fast-import", "--quiet"], stream.as_bytes());
    let said = server.refused(&["deep:main"], &[LINK]);
    assert!(said.len() < 8000, "{}", said.len());
}

#[test]
fn a_directory_above_a_strict_section_as_a_symbolic_link() {
    let more = "special-paths = \"off\"\n[[policy.section]]\npaths = [\"src/core/**\"]\nspecial-paths = \"deny\"\n";
    let server = Server::with(&[], &(POLICY.to_owned() + more)).unwrap();
    server.repo.write("lib/a.rs", "one\n");
    std::fs::create_dir(server.repo.path().join("src")).unwrap();
    std::os::unix::fs::symlink("../lib", server.repo.path().join("src/core")).unwrap();
    let line = server.repo.spec_line("AUTH-1");
    server.repo.commit(&format!("Link\n\n{line}"));
    server.refused(&["main"], &["puts a symbolic link at src/core"]);
    // Elsewhere nobody asks
    server.repo.git(&["mv", "src/core", "src/other"]);
    server.repo.git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    server.push(&["main"]).ok();
}

#[test]
fn an_exempt_folder_as_a_symbolic_link() {
    let policy = POLICY.replace("src/vendor/**", "src/*\", \"src/docs/**");
    let server = Server::with(&[], &policy).unwrap();
    server.repo.write("lib/a.rs", "one\n");
    std::fs::create_dir(server.repo.path().join("src")).unwrap();
    std::os::unix::fs::symlink("../lib", server.repo.path().join("src/core")).unwrap();
    let line = server.repo.spec_line("AUTH-1");
    server.repo.commit(&format!("Link\n\n{line}"));
    server.refused(&["main"], &["puts a symbolic link at src/core"]);
    // What lies behind this one is exempt as well, and nobody asks about a file
    server.repo.git(&["mv", "src/core", "src/docs"]);
    server.repo.write("src/by_hand.rs", "two\n");
    server.repo.git(&["add", "-A"]);
    server.repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    server.push(&["main"]).ok();
}

#[test]
fn a_directory_behind_a_double_star_as_a_symbolic_link() {
    let globs = "paths = [\"**/core/**\", \"**/gen/*.rs\", \"apps/*/made*/**\"]";
    let server = Server::with(&[], &POLICY.replace("paths = [\"src/**\"]", globs)).unwrap();
    server.repo.write("lib/a.rs", "one\n");
    let line = server.repo.spec_line("AUTH-1");
    for (path, target) in
        [("core", "lib"), ("x/y/Core", "../../lib"), ("x/gen", "../lib"), ("apps/a/made-1", "../../lib")]
    {
        let link = server.repo.path().join(path);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, link).unwrap();
        server.repo.commit(&format!("Link\n\n{line}"));
        server.refused(&["main"], &[&format!("puts a symbolic link at {path}")]);
        // By a merge as well
        let tree = server.repo.rev("HEAD^{tree}");
        let message = format!("Merge\n\n{line}\n");
        let side = commit(&server, &server.repo.rev("begin^{tree}"), &[&server.repo.rev("begin")], b"", b"Side\n");
        let merge = commit(&server, &tree, &[&server.repo.rev("begin"), &side], b"", message.as_bytes());
        server.refused(&[&format!("{merge}:main")], &[&format!("puts a symbolic link at {path}")]);
        server.repo.git(&["reset", "-q", "--hard", "begin"]);
        server.repo.write("lib/a.rs", "one\n");
    }
    // Nobody asks about others, nor about files that are no more than called so
    for path in ["docs/latest", "x/core.md", "gen.md", "x/made-1"] {
        let link = server.repo.path().join(path);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("lib", link).unwrap();
    }
    server.repo.commit("Links");
    server.push(&["main"]).ok();
}

/// Puts a symbolic link into the work tree.
fn link(server: &Server, path: &str, target: &str) {
    let link = server.repo.path().join(path);
    std::fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(target, link).unwrap();
}

#[test]
fn a_directory_whose_name_is_half_spelt_out_as_a_symbolic_link() {
    let globs = "paths = [\"**/gen*/*.rs\", \"app/**/*_gen/*.go\", \"**/[cd]ore/*/*.c\", \"lib/[!a-z]*/x.h\"]";
    let server = Server::with(&[], &POLICY.replace("paths = [\"src/**\"]", globs)).unwrap();
    let line = server.repo.spec_line("AUTH-1");
    for path in ["x/gen1", "GENERATED", "app/a/api_gen", "x/Core", "x/dore/sub", "lib/Other"] {
        for said in ["Nothing linked", &format!("Link\n\n{line}")] {
            server.repo.write("elsewhere/a.rs", "evil\n");
            link(&server, path, "../elsewhere");
            server.repo.commit(said);
            server.refused(&["main"], &[&format!("puts a symbolic link at {path},"), "(special-paths)"]);
            server.repo.git(&["reset", "-q", "--hard", "begin"]);
        }
        // As a submodule, and by a merge
        let head = server.repo.rev("begin");
        server.repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},{path}")]);
        server.repo.git(&["commit", "-q", "-m", "Submodule"]);
        server.refused(&["main"], &[&format!("puts a submodule at {path},")]);
        let side = commit(&server, &server.repo.rev("begin^{tree}"), &[&head], b"", b"Side\n");
        let message = format!("Merge\n\n{line}\n");
        let merge = commit(&server, &server.repo.rev("HEAD^{tree}"), &[&head, &side], b"", message.as_bytes());
        server.refused(&[&format!("{merge}:main")], &[&format!("puts a submodule at {path},")]);
        server.repo.git(&["reset", "-q", "--hard", "begin"]);
    }
    // Behind these no glob reaches anything, or it says nothing of what they are called
    for path in ["x/gem1", "x/regen", "x/api_gen", "x/more/sub", "lib/other", "x/y/core.c"] {
        link(&server, path, "../elsewhere");
    }
    server.repo.commit("Links");
    server.push(&["main"]).ok();
}

#[test]
fn a_symbolic_link_where_all_behind_it_is_exempt_or_only_some() {
    let globs = "paths = [\"**/core/**\", \"app/*/gen*/*.rs\"]\n\
                 exempt = [\"third/**\", \"{own,app/made}/**/*\", \"some/**/*.rs\", \"some/*/core/*\", \"lib/core\", \
                 \"top/core\", \"top/core/**\"]";
    let policy = POLICY.replace("paths = [\"src/**\"]", globs).replace("exempt = [\"src/vendor/**\"]\n", "");
    let server = Server::with(&[], &policy).unwrap();
    for (path, is_open) in [
        ("some/a/core", true),
        ("some/core", true),
        ("Third/a/core", true),
        ("other/third/core", true),
        ("app/else/gen1", true),
        ("lib/core", true),
        ("third/core", false),
        ("third/a/b/core", false),
        ("own/core", false),
        ("app/made/gen1", false),
        ("top/core", false),
    ] {
        server.repo.write("elsewhere/a.rs", "one\n");
        link(&server, path, "../elsewhere");
        server.repo.commit("Link");
        if is_open {
            server.refused(&["main"], &[&format!("puts a symbolic link at {path},")]);
            server.repo.git(&["reset", "-q", "--hard", "origin/main"]);
        } else {
            server.push(&["main"]).ok();
        }
    }
}

#[test]
fn a_symbolic_link_that_a_merge_brings_back() {
    let server = Server::new();
    // From before anybody asked
    let head = server.repo.rev("HEAD");
    let paths = ["gen", "a/core", "x/made1"];
    paths.iter().for_each(|path| link(&server, path, "../lib"));
    server.repo.write("lib/a.rs", "evil\n");
    server.repo.git(&["add", "-A"]);
    server.repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},y/core")]);
    server.repo.git(&["commit", "-q", "-m", "Links"]);
    server.push(&["main"]).ok();
    let globs = POLICY.replace("\"src/**\"", "\"src/**\", \"gen/**\", \"**/core/**\", \"**/made*/*.rs\"");
    server.repo.write(".gitspec.toml", globs);
    server.repo.git(&["add", ".gitspec.toml"]);
    server.repo.git(&["commit", "-q", "-m", "Ask"]);
    assert_eq!(server.push(&["main"]).status, 0);
    let before = server.repo.rev("HEAD");
    for path in ["gen", "a/core", "x/made1", "y/core"] {
        server.repo.git(&["reset", "-q", "--hard", &before]);
        server.repo.git(&["rm", "-q", "--cached", "--", path]);
        server.repo.git(&["commit", "-q", "-m", "Away"]);
        let main = server.repo.rev("HEAD");
        let side = commit(&server, &server.repo.rev(&format!("{before}^{{tree}}")), &[&before], b"", b"Side\n");
        let other = commit(&server, &server.repo.rev(&format!("{before}^{{tree}}")), &[&before], b"", b"Other\n");
        let tree = server.repo.rev(&format!("{before}^{{tree}}"));
        for parents in [&[main.as_str(), &side][..], &[side.as_str(), &main], &[main.as_str(), &side, &other]] {
            let merge = commit(&server, &tree, parents, b"", b"Merge\n");
            server.refused(&[&format!("{merge}:main")], &[&format!("at {path},"), "(special-paths)"]);
        }
        // Git leaves it away
        let merge = commit(&server, &server.repo.rev("HEAD^{tree}"), &[&main, &side], b"", b"Merge\n");
        server.push(&[&format!("{merge}:refs/heads/release/{}", path.replace('/', "-"))]).ok();
    }
}

#[test]
fn many_symbolic_links_where_nobody_asks_and_one_where_somebody_does() {
    for rule in ["off", "warn"] {
        let section = format!(
            "[[policy.section]]\npaths = [\"app/**\"]\nspecial-paths = \"{rule}\"\nrequire-link = \"{rule}\"\n"
        );
        let policy = POLICY.replace("\"src/**\"", "\"app/**\", \"**/gen*/*.rs\"") + &section;
        let server = Server::with(&[], &policy).unwrap();
        server.repo.write("lib/a.rs", "evil\n");
        (0..50).for_each(|at| link(&server, &format!("app/l{at}"), "../lib"));
        link(&server, "x/gen1", "../lib");
        server.repo.commit("Links");
        let tree = server.repo.rev("HEAD^{tree}");
        server.refused(&["main"], &["puts a symbolic link at x/gen1, where", "(special-paths)"]);
        let side = commit(&server, &server.repo.rev("begin^{tree}"), &[&server.repo.rev("begin")], b"", b"Side\n");
        let merge = commit(&server, &tree, &[&server.repo.rev("begin"), &side], b"", b"Merge\n");
        server.refused(&[&format!("{merge}:main")], &["puts a symbolic link at x/gen1, where", "(special-paths)"]);
    }
    // A section whose class leaves letters out
    let more =
        "special-paths = \"off\"\n[[policy.section]]\npaths = [\"src/[!a-z]*/gen/**\"]\nspecial-paths = \"deny\"\n";
    let server = Server::with(&[], &(POLICY.replace("src/**", "src/*/gen/**") + more)).unwrap();
    link(&server, "src/X", "../lib");
    server.repo.commit("Link");
    server.refused(&["main"], &["puts a symbolic link at src/X,"]);
}
