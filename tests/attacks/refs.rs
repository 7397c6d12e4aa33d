//! By the names and values of refs.

use std::process::Stdio;

use crate::RULE;
use crate::objects::{raw_push, tree_of};
use crate::support::run;
use crate::support::server::{POLICY, Server};

#[test]
fn a_side_branch_first() {
    let server = Server::new();
    server.unlinked("Smuggle");
    server.push(&["main:side"]).ok();
    server.refused(&["main"], &[RULE]);
    // In two steps, by an old value that is not protected
    server.repo.commit("On top");
    server.push(&["main:side"]).ok();
    server.refused(&["main:main", "main:side2"], &[RULE]);
}

#[test]
fn a_tag_first() {
    let server = Server::new();
    server.unlinked("Smuggle");
    server.repo.git(&["tag", "-a", "-m", "x", "x"]);
    server.push(&["x"]).ok();
    server.refused(&["main"], &[RULE]);
    // A protected tag is judged itself, through as many tags as there are
    server.repo.git(&["tag", "-a", "-m", "y", "v1", "x"]);
    server.refused(&["v1"], &[RULE]);
    // Nor is a protected branch moved to a tag object
    server.refused(&["x:main"], &[]);
}

#[test]
fn a_notes_ref_first() {
    let server = Server::new();
    let bad = server.unlinked("Smuggle");
    server.push(&["main:refs/notes/commits", "main:refs/anything/else"]).ok();
    server.refused(&["main"], &[RULE]);
    // As the history of the notes of links
    server.push(&[&format!("{bad}:refs/notes/spec")]).ok();
    server.refused(&["main"], &[RULE]);
}

#[test]
fn a_symbolic_ref_to_a_protected_one() {
    let server = Server::new();
    server.on_server(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    server.on_server(&["symbolic-ref", "refs/tags/alias", "refs/heads/alias"]);
    server.unlinked("Page");
    server.refused(&["main:refs/heads/alias"], &[RULE]);
    server.refused(&["+main:refs/tags/alias"], &[RULE]);
    server.refused(&[":refs/heads/alias"], &["cannot be deleted"]);
    server.refused(&["-f", "begin^{tree}:refs/tags/alias"], &[]);
}

#[test]
fn a_protected_name_that_leads_to_nothing_yet() {
    for options in [&[][..], &["--ref-format=reftable"]] {
        let Ok(server) = Server::with(options, POLICY) else { continue };
        // By a name of the policy's own letters, and by one that a glob of it has
        server.on_server(&["symbolic-ref", "refs/heads/release/1", "refs/heads/hidden"]);
        server.on_server(&["symbolic-ref", "refs/heads/trunk", "refs/heads/aside"]);
        server.repo.edit(".gitspec.toml", "\"refs/heads/main\"", "\"refs/heads/main\", \"refs/heads/trunk\"");
        server.repo.commit("Protect the trunk");
        assert_eq!(server.push(&["main"]).status, 0);
        server.unlinked("Page");
        server.refused(&["main:aside"], &[RULE]);
        server.refused(&["main:hidden"], &[RULE]);
        server.push(&["begin:refs/heads/aside", "main:side"]).ok();
        server.refused(&["main:refs/heads/aside"], &[RULE]);
    }
}

#[test]
fn a_thousand_names_that_lead_to_nothing() {
    // With reftables git lists no symbolic ref to nothing, and a process for each name of a policy, or of a push, takes too long
    let names: Vec<String> = (0..900).map(|at| format!("\"refs/heads/name/{at}\"")).collect();
    let policy = POLICY.replace("\"refs/heads/main\"", &format!("\"refs/heads/main\", {}", names.join(", ")));
    let Ok(server) = Server::with(&["--ref-format=reftable"], &policy) else {
        println!("skipped: this git has no reftables");
        return;
    };
    server.on_server(&["symbolic-ref", "refs/heads/name/7", "refs/heads/hidden"]);
    server.linked();
    let trace = server.repo.beside("trace");
    let mut words = vec!["main".to_owned()];
    words.extend((0..100).map(|at| format!("main:refs/heads/topic/{at}")));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    server.push_with(&[("GIT_TRACE", trace.to_str().unwrap())], &words).ok();
    let traced = std::fs::read_to_string(&trace).unwrap();
    assert!(traced.contains("for-each-ref"), "the hook is not traced: {traced}");
    assert!(traced.matches("git symbolic-ref").count() < 10, "{}", traced.matches("git symbolic-ref").count());
    server.unlinked("Page");
    server.refused(&["main:hidden"], &[RULE]);
    server.push(&["main:visible"]).ok();
}

#[test]
fn pushes_of_many_at_once() {
    // Eight people, of whom one has no link, to one branch: whoever is late is told so, and nothing comes in by the hurry
    let server = Server::new();
    let bad = server.unlinked("Page");
    let mut tips = vec![bad.clone()];
    for _ in 0..7 {
        server.repo.git(&["reset", "-q", "--hard", "begin"]);
        tips.push(server.linked());
    }
    let start = |(at, tip): (usize, &String)| {
        let own = format!("{tip}:refs/heads/release/{at}");
        let shared = format!("{tip}:refs/heads/main");
        server.git().args(["push", "-q", "origin", &shared, &own]).stderr(Stdio::null()).spawn().unwrap()
    };
    let pushes: Vec<_> = tips.iter().enumerate().map(start).collect();
    let ended: Vec<bool> = pushes.into_iter().map(|mut push| push.wait().unwrap().success()).collect();
    assert!(!ended[0], "{ended:?}");
    assert!(tips[1..].contains(&server.at("main")), "{ended:?}");
    let reached = server.on_server(&["rev-list", "--all"]);
    assert!(!reached.contains(&bad));
    server.on_server(&["fsck", "--strict"]);
}

#[test]
fn notes_that_the_policy_names() {
    for globs in ["refs/**", "refs/heads/main\", \"refs/notes/*"] {
        let server = Server::with(&[], &POLICY.replace("refs/heads/main", globs)).unwrap();
        server.unlinked("Page");
        server.refused(&["main"], &[RULE]);
        // Whether or not the notes are taken, what is behind them is judged by nobody
        server.push(&["main:refs/notes/spec"]);
        server.refused(&["main"], &[RULE]);
    }
}

#[test]
fn a_request_that_the_forge_wrote_down() {
    let server = Server::with(&[], &POLICY.replace("refs/heads/main", "refs/**")).unwrap();
    server.unlinked("Page");
    server.refused(&["main"], &[RULE]);
    // Without a hook, as forges do
    let from = server.repo.path().to_str().unwrap().to_owned();
    server.on_server(&["fetch", "-q", &from, "main:refs/pull/1/head"]);
    server.refused(&["main"], &[RULE]);
}

#[test]
fn a_replacement() {
    let server = Server::new();
    let good = server.linked();
    server.push(&["main"]).ok();
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    let bad = server.unlinked("Page");
    server.refused(&[&format!("{good}:refs/replace/{bad}")], &["(replace-ref)"]);
    server.refused(&[&format!("{good}:refs/Replace/{bad}")], &["(replace-ref)"]);
    // One that is there hides nothing from the hook, whatever git itself shows
    server.on_server(&["update-ref", &format!("refs/replace/{bad}"), &good]);
    server.refused(&["main:release/1"], &[RULE]);
    server.refused(&["-f", "main"], &["(protected-rewound)"]);
}

#[test]
fn grafts() {
    let server = Server::new();
    let bad = server.unlinked("Page");
    server.repo.commit("On top");
    server.push(&["main:side"]).ok();
    // Were they looked at, the history would end before the bad commit
    std::fs::write(server.bare.join("info/grafts"), format!("{} {}\n", server.repo.rev("main"), server.at("main")))
        .unwrap();
    let said = server.refused(&["main"], &[RULE]);
    assert!(said.contains(&bad[..9]), "{said}");
}

#[test]
fn a_protected_ref_rewound_deleted_and_made_anew() {
    let server = Server::new();
    server.linked();
    server.push(&["main", "main:release/1"]).ok();
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.unlinked("Page");
    for name in ["main", "release/1"] {
        server.refused(&[&format!("+begin:refs/heads/{name}")], &["(protected-rewound)"]);
        server.refused(&[&format!("+main:{name}")], &["(protected-rewound)"]);
        server.refused(&[&format!(":{name}")], &["(protected-deleted)"]);
    }
    // In one push: git takes one command for each ref, and a symbolic one is the same ref
    server.on_server(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    server.refused(&[":alias", "+main:main"], &[]);
    server.refused(&[":alias", "+main:refs/heads/release/2"], &["(protected-deleted)", RULE]);
    let (zero, main, bad) = ("0".repeat(40), server.at("main"), server.repo.rev("main"));
    let before = server.files();
    let twice = [(main.as_str(), zero.as_str(), &b"refs/heads/main"[..]), (&zero, &bad, b"refs/heads/main")];
    let answer = raw_push(&server, &twice, &[&bad]);
    assert!(answer.stdout.contains("ng refs/heads/main"), "{answer:?}");
    assert_eq!(server.at("main"), main);
    assert!(before.keys().eq(server.files().keys()));
}

#[test]
fn an_old_value_that_the_pusher_made_up() {
    let server = Server::new();
    let zero = "0".repeat(40);
    let main = server.at("main");
    let bad = server.unlinked("Page");
    // To have it skipped as known, or taken for a new ref
    for old in [&bad, &zero] {
        let answer = raw_push(&server, &[(old, &bad, b"refs/heads/main")], &[&bad]);
        assert!(answer.stdout.contains("ng refs/heads/main pre-receive hook declined"), "{answer:?}");
        assert_eq!(server.at("main"), main);
    }
}

#[test]
fn two_pushes_at_once() {
    // One push is judged while the ref is still at A; it names B as the old value, to which another one moves the ref
    // before this one does. By A nothing is lost, by B all of it.
    let server = Server::new();
    let a = server.at("main");
    let b = server.linked();
    server.push(&["main:side"]).ok();
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    let c = server.linked();
    let answer = raw_push(&server, &[(&b, &c, b"refs/heads/main")], &[&c]);
    assert!(answer.stderr.contains("refs/heads/main is not where the push says that it was"), "{answer:?}");
    assert!(answer.stdout.contains("ng refs/heads/main pre-receive hook declined"), "{answer:?}");
    assert_eq!(server.at("main"), a);
    // And in truth at once: whoever comes second is told by git
    server.repo.git(&["branch", "other", &b]);
    let mut first = server.git();
    let mut first = first.args(["push", "-q", "origin", "main"]).stderr(Stdio::null()).spawn().unwrap();
    let second = run(server.git().args(["push", "-q", "origin", "other:main"])).status;
    let one = (first.wait().unwrap().code().unwrap(), second);
    assert!([(0, 1), (1, 0)].contains(&one), "{one:?}");
    assert!([&b, &c].contains(&&server.at("main")));
}

#[test]
fn a_name_that_differs_in_case_only() {
    // One that is there already can go
    let server = Server::new();
    server.on_server(&["update-ref", "refs/heads/Main", "main"]);
    server.push(&[":refs/heads/Main"]).ok();
    assert_eq!(server.at("refs/heads/Main"), "");
    let server = Server::new();
    let tip = server.repo.rev("HEAD");
    for name in [
        "refs/heads/Main",
        "refs/heads/ma\u{200c}in",
        "refs/heads/Release/1",
        "refs/tags/V1",
        "refs/heads/relea\u{17f}e/1",
    ] {
        server.refused(&[&format!("{tip}:{name}")], &["is the same as a protected ref to some file systems"]);
    }
    server.refused(&[&format!("{tip}:refs/notes/Spec")], &["is the same as a protected ref to some file systems"]);
}

#[test]
fn a_name_that_looks_like_an_option() {
    let server = Server::new();
    server.unlinked("Page");
    let (zero, tip) = ("0".repeat(40), server.repo.rev("main"));
    server.refused(&[&format!("{tip}:refs/heads/release/-x")], &[RULE]);
    server.refused(&[&format!("{tip}:refs/heads/release/--upload-pack=x")], &[RULE]);
    // On no protected ref it does no harm; git itself takes such names from a client that sends them
    server.push(&[&format!("{tip}:refs/heads/-x"), &format!("{tip}:refs/tags/--all")]).ok();
    // Git refuses these itself, before or beside the hook
    for name in [
        &b"-x"[..],
        b"--all",
        b"HEAD",
        b"refs/heads/a..b",
        b"refs/heads/x y",
        b"refs/heads/x\x1b[31m",
        b"refs/../config",
        b"refs/heads/.x",
    ] {
        let answer = raw_push(&server, &[(&zero, &tip, name)], &[&tip]);
        assert!(!answer.stdout.contains("\nok "), "{answer:?}");
        assert!(!answer.stdout.contains("ok refs"), "{answer:?}");
    }
    assert_eq!(server.on_server(&["for-each-ref", "--format=%(refname)"]).lines().count(), 3);
}

#[test]
fn a_name_with_a_line_of_its_own() {
    let server = Server::new();
    server.unlinked("Page");
    let (zero, tip) = ("0".repeat(40), server.repo.rev("main"));
    let name = format!("refs/heads/x\n{zero} {} refs/heads/main", server.at("main"));
    let answer =
        raw_push(&server, &[(&zero, &tip, name.as_bytes()), (&server.at("main"), &tip, b"refs/heads/main")], &[&tip]);
    assert!(!answer.stdout.contains("ok refs/heads/main"), "{answer:?}");
    assert_ne!(server.at("main"), tip);
    assert_eq!(server.on_server(&["for-each-ref", "--format=%(refname)"]).lines().count(), 1);
}

#[test]
fn a_namespace() {
    let server = Server::new();
    server.unlinked("Page");
    server.refused_with(&[("GIT_NAMESPACE", "x")], &["main"], &["(namespace)"]);
    server.refused(&["main:refs/namespaces/x/refs/heads/main"], &["(namespace)"]);
    server.refused(&["main:refs/Namespaces/x/refs/heads/main"], &["(namespace)"]);
}

#[test]
fn hidden_refs() {
    let server = Server::new();
    server.unlinked("Page");
    server.push(&["main:refs/keep/1"]).ok();
    server.config("transfer.hideRefs", "refs/keep");
    // What nobody sees is not known for that
    server.refused(&["main"], &[RULE]);
    server.config("receive.hideRefs", "refs/heads/main");
    let answer = server.push(&["main"]);
    assert!(answer.status != 0 && answer.stderr.contains("deny updating a hidden ref"), "{answer:?}");
}

#[test]
fn the_head_of_the_server() {
    let server = Server::new();
    let main = server.at("main");
    server.unlinked("Page");
    // Git's client makes a branch of that name, which leads nowhere else; as a name of its own git refuses it
    server.push(&["main:HEAD"]).ok();
    let answer = raw_push(&server, &[(&main, &server.repo.rev("main"), b"HEAD")], &[]);
    assert!(answer.stdout.contains("ng HEAD"), "{answer:?}");
    server.refused(&["main:refs/heads/main"], &[RULE]);
    assert_eq!(server.at("HEAD"), main);
    assert_eq!(server.on_server(&["symbolic-ref", "HEAD"]), "refs/heads/main");
}

#[test]
fn a_default_branch_that_is_not_protected() {
    let policy = POLICY.replace("\"refs/heads/main\", ", "");
    let server = Server::with(&[], &policy).unwrap();
    // Its policy is in force for the others, so that it stays where it is
    server.unlinked("Page");
    server.push(&["main"]).ok();
    server.refused(&[":main"], &["(protected-deleted)"]);
    server.refused(&["+begin:main"], &["(protected-rewound)"]);
    server.refused(&["main:release/1"], &[RULE]);
}

#[test]
fn two_thousand_refs() {
    let server = Server::new();
    server.linked();
    server.push(&["main"]).ok();
    let tip = server.repo.rev("main");
    let good: Vec<String> = (0..1000).map(|at| format!("{tip}:refs/heads/release/{at}")).collect();
    let side: Vec<String> = (0..1000).map(|at| format!("{tip}:refs/heads/side/{at}")).collect();
    let all: Vec<&str> = good.iter().chain(&side).map(String::as_str).collect();
    let bad = server.unlinked("Page");
    let last = format!("{bad}:refs/heads/release/x");
    let with_bad: Vec<&str> = all.iter().copied().chain([last.as_str()]).collect();
    let said = server.refused(&with_bad, &[RULE]);
    assert!(said.lines().count() < 10, "{said}");
    server.push(&all).ok();
    // Deleted at once: as many refusals, of which a few are shown
    let gone: Vec<String> = (0..1000).map(|at| format!(":refs/heads/release/{at}")).collect();
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    let said = server.refused(&gone, &["and 980 more refs are refused"]);
    assert!(said.lines().count() < 130, "{said}");
}

#[test]
fn a_tree_or_a_blob_as_a_protected_ref() {
    let server = Server::new();
    let tree = tree_of(&server, "HEAD");
    let blob = server.repo.rev("HEAD:specs/auth.md");
    for object in [&tree, &blob] {
        server.refused(&[&format!("{object}:refs/tags/v1")], &["is no commit"]);
        server.push(&[&format!("{object}:refs/tags/x-{}", &object[..4])]).ok();
    }
}
