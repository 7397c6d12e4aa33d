//! By the policy itself.

use std::time::{Duration, Instant};

use crate::RULE;
use crate::objects::{commit, object, top_with, tree};
use crate::support::server::{POLICY, Server, flat, remote};

const TOLD: &str = "warning: this push changes .gitspec.toml; it is judged by the policy from before (policy-changed)";

fn loose() -> String {
    POLICY.replace("[policy]", "[policy]\nrequire-link = \"off\"")
}

#[test]
fn loosened_in_the_same_push() {
    let server = Server::new();
    server.repo.write(".gitspec.toml", loose());
    server.unlinked("Loosen");
    server.refused(&["main"], &[RULE, TOLD]);
    server.refused(&["main:release/1"], &[RULE]);
    // The policy to one ref and the code to another, in one push
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.write(".gitspec.toml", loose());
    server.repo.commit("Loosen");
    server.repo.git(&["branch", "policy"]);
    server.unlinked("Page");
    server.refused(&["policy:main", "main:release/1"], &[RULE, TOLD]);
    server.refused(&["--atomic", "policy:main", "main:release/1"], &[RULE]);
}

#[test]
fn loosened_in_two_pushes() {
    // Whoever may change the policy may loosen it: it is told, and holds from then on. A policy that the server keeps is
    // nobody's to change
    let server = Server::new();
    server.repo.write(".gitspec.toml", loose());
    server.repo.commit("Loosen");
    let answer = server.push(&["main"]);
    assert_eq!((answer.status, flat(&answer)), (0, TOLD.to_owned()));
    server.unlinked("Page");
    server.push(&["main"]).ok();
    let file = server.repo.beside("policy.toml");
    std::fs::write(&file, POLICY).unwrap();
    server.config("spec.policy", file.to_str().unwrap());
    server.repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/**/*.md\"]\n");
    server.repo.commit("Take the policy away");
    server.push(&["main"]).ok();
    server.unlinked("Page");
    server.refused(&["main"], &[RULE, "refused by the policy of this server"]);
}

#[test]
fn a_since_beside_the_branch() {
    let server = Server::new();
    server.repo.git(&["switch", "-q", "-c", "topic"]);
    let since = server.repo.commit("Aside");
    server.push(&["topic"]).ok();
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.write(".gitspec.toml", format!("{POLICY}since = \"{since}\"\n"));
    server.repo.commit("Judge from there");
    server.refused(&["main"], &["names a since that this branch does not contain", "(policy-broken)"]);
    server.repo.git(&["merge", "-q", "--no-ff", "-m", "Merge topic", "topic"]);
    assert_eq!(server.push(&["main"]).status, 0);
}

#[test]
fn another_policy_on_another_branch() {
    // A branch of one's own is not asked, whatever it says
    let server = Server::new();
    server.repo.git(&["switch", "-q", "-c", "release"]);
    server.repo.write(".gitspec.toml", "[policy]\nrefs = []\n");
    server.unlinked("Page");
    server.refused(&["release:release/1"], &[RULE]);
    server.repo.git(&["tag", "v1"]);
    server.refused(&["v1"], &[RULE]);
}

#[test]
fn a_permissive_first_release_branch() {
    let server = Server::new();
    server.repo.git(&["switch", "-q", "-c", "release"]);
    server.unlinked("Page");
    server.refused(&["release:release/1"], &[RULE]);
    // From before the default branch has a policy: what is new is judged by the one there now
    server.push(&["release:side"]).ok();
    server.refused(&["release:release/9"], &[RULE]);
    server.refused(&["release:main", "release:release/1"], &[RULE]);
}

#[test]
fn a_broken_policy_that_locks_everybody_out() {
    let server = Server::new();
    for text in [
        "[policy]\n".to_owned(),
        "not toml \u{1b}[31m".to_owned(),
        POLICY.replace("refs/heads/main", "refs/heads/["),
        POLICY.replace("refs/heads/main", "refs/heads/[Z-a]*"),
        POLICY.replace("refs/heads/main", &format!("refs/heads/{}", "\u{149}".repeat(490))),
        format!("{POLICY}since = \"{}\"\n", "1".repeat(40)),
        format!("{POLICY}since = \"main\"\n"),
        "\u{feff}[policy]\nrefs = 1\n".to_owned(),
        "a = [".repeat(100_000),
        format!("{}x = 1", "[a.".repeat(1000)),
    ] {
        server.repo.git(&["reset", "-q", "--hard", "begin"]);
        server.repo.write(".gitspec.toml", &text);
        server.repo.commit("Break");
        let said = server.refused(&["main"], &["(policy-broken)"]);
        assert!(said.len() < 5000 && !said.contains('\u{1b}'), "{said}");
        // Through a merge, too
        let tip = server.repo.rev("HEAD");
        let merge = commit(&server, &server.repo.rev("HEAD^{tree}"), &[&server.at("main"), &tip], b"", b"Merge\n");
        server.refused(&[&format!("{merge}:main")], &["(policy-broken)"]);
    }
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.linked();
    server.push(&["main"]).ok();
}

#[test]
fn a_policy_of_a_hundred_megabytes() {
    let server = Server::new();
    server.repo.write(".gitspec.toml", vec![b'#'; 100 << 20]);
    server.repo.commit("Blow up");
    let start = Instant::now();
    server.refused(&["main"], &["a configuration may have 1048576", "(policy-broken)"]);
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
    // On another branch it costs nobody anything
    server.push(&["main:side"]).ok();
}

#[test]
fn globs_that_would_blow_up() {
    let server = Server::new();
    let deep = format!("{}a{}", "{a,".repeat(500), "}".repeat(500));
    let wide = format!("src/{}", "{a,b,c,d,e,f,g,h}".repeat(40));
    let stars = format!("src/{}x", "*a".repeat(2000));
    let many = (0..20_000).map(|at| format!("\"src/{at}/**/*{at}*\"")).collect::<Vec<_>>().join(", ");
    for glob in [format!("\"{deep}\""), format!("\"{wide}\""), format!("\"{stars}\""), many] {
        for key in ["paths = [\"src/**\"]", "refs = [\"refs/heads/main\"", "include = [\"specs/**/*.md\"]"] {
            let text = match key.starts_with("refs") {
                true => POLICY.replace(key, &format!("{key}, {glob}")),
                false => POLICY.replace(key, &format!("{}, {glob}]", key.trim_end_matches(']'))),
            };
            server.repo.git(&["reset", "-q", "--hard", "begin"]);
            server.repo.write(".gitspec.toml", &text);
            server.repo.commit("Globs");
            let start = Instant::now();
            let answer = server.push(&["main:refs/heads/main"]);
            // It is refused as broken, or it holds and costs no more than a moment; never a way around
            if answer.status == 0 {
                server.unlinked("Page");
                server.refused(&["main"], &[]);
                server.on_server(&["update-ref", "refs/heads/main", &server.repo.rev("begin")]);
            } else {
                assert!(remote(&answer).contains("(policy-broken)"), "{answer:?}");
            }
            assert!(start.elapsed() < Duration::from_secs(120), "{:?} {key} {}", start.elapsed(), &glob[..20]);
        }
    }
}

#[test]
fn a_policy_that_is_no_file() {
    // After it there would be no policy
    let server = Server::new();
    let target = object(&server, "blob", b"/etc/passwd");
    let commit_of = |mode: &str, oid: &str| {
        let page = object(&server, "blob", b"evil\n");
        let src = tree(&server, &[("100644", b"page.rs", &page)]);
        let specs = server.repo.rev("HEAD:specs");
        let top = tree(&server, &[(mode, b".gitspec.toml", oid), ("40000", b"specs", &specs), ("40000", b"src", &src)]);
        commit(&server, &top, &[&server.repo.rev("HEAD")], b"", b"Page\n")
    };
    let empty = tree(&server, &[]);
    for (mode, oid) in [("120000", &target), ("160000", &server.repo.rev("HEAD")), ("40000", &empty)] {
        let tip = commit_of(mode, oid);
        let said =
            server.refused(&[&format!("{tip}:main")], &[RULE, "is no regular file, so that there would be no policy"]);
        assert!(!said.contains("root:"), "{said}");
    }
    // Twice in one tree: the one that is read is told, and what is new is judged by the one from before
    let loose = object(&server, "blob", loose().as_bytes());
    let tip = commit(
        &server,
        &top_with(&server, &[("100644", b".gitspec.toml", &loose)]),
        &[&server.repo.rev("HEAD")],
        b"",
        b"Two\n",
    );
    let answer = server.push(&[&format!("{tip}:main")]);
    // Git reads the first, or this tool the other: whoever loosens is told
    assert!(answer.status != 0 || remote(&answer).is_empty() || flat(&answer).contains(TOLD), "{answer:?}");
    assert_eq!(answer.status, 0, "{answer:?}");
    if remote(&answer).is_empty() {
        server.repo.git(&["reset", "-q", "--soft", &tip]);
        server.unlinked("Page");
        server.refused(&["main"], &[RULE]);
    }
}

#[test]
fn a_policy_that_is_taken_away() {
    // Whoever may change it may; but not without a word
    let server = Server::new();
    server.repo.git(&["rm", "-q", ".gitspec.toml"]);
    server.repo.git(&["commit", "-q", "-m", "No policy"]);
    let told = flat(&server.push(&["main"]));
    assert!(told.contains("after this push nothing is refused any more: .gitspec.toml has no [policy]"), "{told}");
    server.repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/**\"]\n");
    server.repo.commit("Still none");
    assert_eq!(remote(&server.push(&["main"])), "");
}

#[test]
fn refs_that_come_under_a_wider_policy() {
    // What stood on a branch before the policy named it was never judged by it, and counts as judged; that is told
    let server = Server::new();
    server.repo.git(&["switch", "-q", "-c", "side"]);
    let bad = server.unlinked("Smuggle");
    server.push(&["side"]).ok();
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.write(".gitspec.toml", POLICY.replace("refs/heads/main\"", "refs/heads/*\""));
    server.repo.commit("Protect all branches");
    let told = flat(&server.push(&["main"]));
    assert!(told.starts_with(TOLD) && told.contains("the new policy protects refs/heads/side as well"), "{told}");
    assert!(told.contains("git spec check HEAD..side"), "{told}");
    // The check that it names finds what was smuggled in
    let checked = server.repo.spec(&["check", "HEAD..side"]);
    assert!(checked.status == 1 && checked.stdout.contains(&bad[..9]), "{checked:?}");
    // From then on it is known
    server.repo.git(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]);
    server.push(&["main"]).ok();
}

#[test]
fn a_policy_of_refs_that_cannot_be() {
    let Ok(server) = Server::with(&["--ref-format=reftable"], POLICY) else { return };
    for name in ["refs/heads/\\u0000x", "refs/heads/a b", "refs/heads/x..y", "refs/heads/x.lock", "refs/heads/x^y"] {
        let refs = format!("refs = [\"{name}\", ");
        server.repo.write(".gitspec.toml", POLICY.replace("refs = [", &refs));
        server.repo.commit("Lock out");
        server.refused(&["main"], &["(policy-broken)"]);
        server.repo.git(&["reset", "-q", "--hard", "HEAD^"]);
    }
    server.linked();
    server.push(&["main"]).ok();
}

#[test]
fn a_policy_that_no_later_push_could_be_judged_by() {
    // Each reads well. The first two name the default branch in other letters, so that every push to it would be that of a twin
    let long = format!("refs/heads/{}*", "\u{149}".repeat(320));
    let many: Vec<String> = (0..900).map(|at| format!("\"{long}{at}\"")).collect();
    for refs in ["\"refs/heads/Main\"".to_owned(), "\"refs/heads/MA*\"".to_owned(), many.join(", ")] {
        let server = Server::new();
        server.repo.write(".gitspec.toml", POLICY.replace("\"refs/heads/main\"", &refs));
        server.repo.commit("Lock out");
        let answer = server.push(&["main"]);
        if answer.status == 0 {
            server.linked();
            server.push(&["main"]).ok();
        } else {
            let said = flat(&answer);
            assert!(said.contains("(policy-broken)") && said.contains("after this push nobody could push"), "{said}");
        }
        assert!(!refs.contains("refs/heads/M") || answer.status != 0, "{refs:.40}");
    }
    // A name that is protected under its own letters as well is no twin
    let server = Server::new();
    server.repo.write(".gitspec.toml", POLICY.replace("refs/heads/main\"", "refs/heads/main\", \"refs/heads/Main\""));
    server.repo.commit("Both");
    assert_eq!(server.push(&["main"]).status, 0);
    server.linked();
    server.push(&["main"]).ok();
}

#[test]
fn names_of_which_no_glob_can_be_made() {
    // Without [spec] it is detected, at the default branch: nobody could push behind such names, were they made globs
    let policy = POLICY.replace("[spec]\ninclude = [\"specs/**/*.md\"]\n\n", "");
    let server = Server::with(&[], &policy).unwrap();
    server.linked();
    server.push(&["main"]).ok();
    let file = object(&server, "blob", b"# Words\n\nIt MUST be long.\n");
    let long = "x".repeat(1100);
    let paths = [format!("docs/spec{long}/a.md"), format!("specs/{long}.md"), format!("specs/{long}.de.md")];
    let translations = (0..1100).flat_map(|n| [format!("specs/{n}.md"), format!("specs/{n}.de.md")]);
    for path in paths.into_iter().chain(translations) {
        server.repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{file},{path}")]);
    }
    server.repo.git(&["commit", "-q", "-m", "Long"]);
    let tip = server.repo.rev("HEAD");
    server.push(&[&format!("{tip}:main")]).ok();
    // The next one is judged, by the same demands
    let blob = object(&server, "blob", b"more\n");
    server.repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},src/more.rs")]);
    server.repo.git(&["commit", "-q", "-m", "More"]);
    let tip = server.repo.rev("HEAD");
    server.refused(&[&format!("{tip}:main")], &["changes src/more.rs", "(require-link)"]);
    let line = server.repo.spec_line("AUTH-1");
    server.repo.git(&["commit", "-q", "--amend", "-m", &format!("More\n\n{line}")]);
    server.push(&[&format!("{}:main", server.repo.rev("HEAD"))]).ok();
}

#[test]
fn a_policy_that_nobody_could_mend() {
    // The policy itself would want a link, and there is nothing that one could name
    let policy = POLICY.replace("\"src/**\"", "\"**\"");
    let server = Server::new();
    for include in ["nowhere/*.md", ".gitspec.toml/*.md"] {
        server.repo.write(".gitspec.toml", policy.replace("specs/**/*.md", include));
        server.repo.commit("Everything");
        server.refused(
            &["main"],
            &[".gitspec.toml itself wants a link", "(policy-broken)", "exempt = [\".gitspec.toml\"]"],
        );
        server.repo.git(&["reset", "-q", "--hard", "begin"]);
    }
    // Where that is exempt, or only warned of, or some file of the specification is there, it can be mended
    let exempt = policy.replace("src/vendor/**", ".gitspec.toml").replace("specs/**/*.md", "nowhere/*.md");
    server.repo.write(".gitspec.toml", &exempt);
    server.repo.commit("But the policy");
    assert_eq!(server.push(&["main"]).status, 0);
    server.repo.write(
        ".gitspec.toml",
        exempt.replace("[policy]", "[policy]\nrequire-link = \"warn\"").replace(".gitspec.toml\"]", "x\"]"),
    );
    server.repo.commit("Warn");
    assert_eq!(server.push(&["main"]).status, 0);
    server.repo.write(".gitspec.toml", &policy);
    server.repo.commit("Everything");
    assert_eq!(server.push(&["main"]).status, 0);
    server.repo.write(".gitspec.toml", POLICY);
    server.repo.commit("Mend");
    server.refused(&["main"], &["changes .gitspec.toml"]);
    let line = server.repo.spec_line("AUTH-1");
    server.repo.git(&["commit", "-q", "--amend", "-m", &format!("Mend\n\n{line}")]);
    assert_eq!(server.push(&["main"]).status, 0);
}
