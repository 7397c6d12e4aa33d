//! Real pushes to a bare repository with the server's hooks: what gets in, what doesn't, and what is said.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::fmt::Write as _;
use std::path::Path;

use support::server::{POLICY, Server, flat, remote};
use support::{AUTH, run};

const RULE: &str = "changes src/page.rs and links no clause (require-link)";

#[test]
fn a_push_that_keeps_the_policy_gets_no_word() {
    let server = Server::new();
    let tip = server.linked();
    server.push(&["main"]).ok();
    server.repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    server.repo.commit("Demand more");
    server.push(&["main", "main:release/1", "main:side"]).ok();
    assert_eq!(server.at("main~1"), tip);
}

#[test]
fn a_push_that_breaks_it_says_what_is_wrong_and_what_mends_it() {
    let server = Server::new();
    let bad = server.unlinked("Page \u{1b}[31mops");
    let policy = server.at("main");
    let said = server.refused(&["main"], &[]);
    let said = said.replace(&bad[..9], "BAD").replace(&policy[..9], "POLICY");
    insta::assert_snapshot!(said, @r#"
    error: BAD "Page \x1b[31mops"
      changes src/page.rs and links no clause (require-link)
      hint: git spec commit --amend --no-edit --for CLAUSE
    1 commit judged: 1 refused, 0 warned of.
    error: refused by the policy in refs/heads/main:.gitspec.toml
      (POLICY)
    "#);
    run(server.git().args(["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"])).ok();
    server.push(&["main"]).ok();
}

#[test]
fn a_link_into_another_repository_is_named_with_it_and_taken_out() {
    let server = Server::new();
    server.repo.write("src/page.rs", "line\n");
    // Its clause is called as one of ours, which is none of its business
    let foreign = format!("Spec: other:specs/auth.md#AUTH-1@{} v1:{}", "1".repeat(16), "1".repeat(32));
    server.repo.commit(&format!("Page\n\n{foreign}"));
    let said = server.refused(
        &["main"],
        &[
            "links other:specs/auth.md#AUTH-1, and the link is foreign",
            "take the line with other:specs/auth.md#AUTH-1 out of the",
            "accept = [\"foreign\"] below [policy]",
            "git commit --amend\n",
        ],
    );
    assert!(!said.contains("--for AUTH-1"), "{said}");
    // As it says
    server.repo.git(&["commit", "-q", "--amend", "-m", "Page"]);
    run(server.git().args(["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"])).ok();
    server.push(&["main"]).ok();
}

#[test]
fn a_path_exemption_that_decides_is_told() {
    let server = Server::new();
    run(server.git().args(["spec", "hooks", "install", "--scripts"])).ok();
    server.repo.write("src/vendor/x.rs", "line\n");
    let first = server.repo.commit("Vendor");
    let answer = server.push(&["main"]);
    let note = format!("note: src/vendor/** exempts src/vendor/x.rs in {}\n", &first[..9]);
    assert_eq!((answer.status, remote(&answer)), (0, note.clone()));
    // By `pre-push`, before the server says it
    assert!(answer.stderr.starts_with(&note), "{answer:?}");
    // Beside a link it decides nothing
    server.repo.write("src/vendor/x.rs", "line\nline\n");
    server.linked();
    server.push(&["main"]).ok();
    // And beside what is refused
    server.repo.write("src/vendor/x.rs", "\n");
    server.repo.commit("Vendor");
    server.unlinked("Page");
    server.refused(&["--no-verify", "main"], &["note: src/vendor/** exempts src/vendor/x.rs in", "(require-link)"]);
}

#[test]
fn many_findings_are_a_number_and_warnings_refuse_nothing() {
    let server = Server::with(&[], &format!("{POLICY}require-link = \"warn\"\n")).unwrap();
    for _ in 0..22 {
        server.unlinked("Page");
    }
    let answer = server.push(&["main"]);
    let said = remote(&answer);
    assert_eq!((answer.status, said.matches("warning: ").count()), (0, 20), "{said}");
    assert!(said.contains("22 commits judged: 0 refused, 22 warned of."), "{said}");
    // They are on the branch now, where nobody may amend them
    assert!(!said.contains("hint:"), "{said}");
}

#[test]
fn what_is_said_fits_a_terminal() {
    let server = Server::new();
    for n in 0..2 {
        server.unlinked(&format!(
            "A subject that is as long as such subjects tend to become when somebody tells a lot {n}"
        ));
    }
    server.push(&["main:side"]).ok();
    let all = [
        server.refused(&["main"], &[RULE]),
        server.refused(&["begin~0:refs/replace/1111111111111111111111111111111111111111"], &[]),
        server.refused(&[":main"], &[]),
        server.refused(&["begin^{tree}:refs/tags/v1"], &[]),
    ];
    for line in all.iter().flat_map(|text| text.lines()) {
        assert!(line.len() <= 72 || line.contains("git "), "{line}");
    }
    let text = &all[0];
    assert!(text.lines().any(|line| line == "  hint: git spec commit --amend --no-edit --for CLAUSE"), "{text}");
}

#[test]
fn nothing_is_smuggled_past_by_another_ref_first() {
    let server = Server::new();
    server.unlinked("Smuggle");
    server.push(&["main:side", "main:refs/tags/x", "main:refs/notes/x"]).ok();
    server.refused(&["main"], &[RULE]);
    server.refused(&["main:release/2"], &[RULE]);
    server.repo.git(&["tag", "-a", "-m", "t", "v1"]);
    server.refused(&["v1"], &[RULE]);
    // Nor in the message of a merge, nor from a root of its own
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.git(&["checkout", "-q", "--orphan", "root"]);
    server.unlinked("Root");
    server.refused(&["root:release/2"], &[RULE]);
}

#[test]
fn what_a_protected_ref_has_is_not_judged_again() {
    let server = Server::new();
    server.linked();
    server.push(&["main"]).ok();
    server.push(&["main:release/1"]).ok();
    server.repo.git(&["switch", "-q", "-c", "release"]);
    server.linked();
    server.push(&["release:release/1"]).ok();
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.git(&["merge", "-q", "--no-ff", "-m", "Merge", "release"]);
    server.push(&["main"]).ok();
}

#[test]
fn protected_refs_are_neither_deleted_nor_rewound() {
    let server = Server::new();
    let tip = server.linked();
    server.push(&["main", "main:release/1", "main:side"]).ok();
    let said =
        server.refused(&[":main"], &["error: refs/heads/main is protected and cannot be deleted (protected-deleted)"]);
    assert!(said.contains("hint: the push is by nobody whom the server authenticated"), "{said}");
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.linked();
    let lost = "refs/heads/main is protected and would lose commits that it has (protected-rewound)";
    server.refused(&["-f", "main"], &[lost, "hint: bring in what is there: git pull --rebase origin main"]);
    server.refused(&["-f", "main:release/1"], &["refs/heads/release/1 is protected"]);
    server.push(&["-f", "main:side"]).ok();
    server.push(&[":side"]).ok();
    // The server's configuration names who may, whoever the author is
    server.config("spec.allowRewind", "ann");
    server.refused_with(
        &[("REMOTE_USER", "bob"), ("GIT_AUTHOR_NAME", "ann")],
        &["-f", "main"],
        &[lost, "by bob (REMOTE_USER)"],
    );
    let answer = server.push_by("ann", &["-f", "main"]);
    let said = remote(&answer);
    assert_eq!(answer.status, 0, "{said}");
    let audit = format!(
        "git-spec audit: rewind pusher=\"ann\" from=\"REMOTE_USER\" ref=\"refs/heads/main\" old={tip} new={}",
        server.at("main")
    );
    assert!(said.contains(&audit), "{said}");
    assert!(remote(&server.push_by("ann", &[":release/1"])).contains("git-spec audit: delete"));
}

#[test]
fn many_refs_are_judged_together() {
    let server = Server::new();
    server.linked();
    server.repo.git(&["branch", "good"]);
    let bad = server.unlinked("Page");
    let said = server.refused(&["good:release/1", "main", "main:release/2", "main:side"], &[RULE]);
    assert_eq!(said.matches(&bad[..9]).count(), 1, "{said}");
    server.refused(&["--atomic", "good:release/1", "main"], &[RULE]);
    server.push(&["--atomic", "good:main", "good:release/1", "main:side"]).ok();
}

#[test]
fn tags_are_peeled() {
    let server = Server::new();
    server.linked();
    server.repo.git(&["tag", "-a", "-m", "one", "one"]);
    server.repo.git(&["tag", "-a", "-m", "two", "v1", "one"]);
    server.push(&["v1"]).ok();
    server.repo.git(&["tag", "-a", "-m", "blob", "v2", "HEAD:specs/auth.md"]);
    server.repo.git(&["tag", "tree", "HEAD:specs"]);
    server.refused(&["v2"], &["refs/tags/v2 is protected", "is no commit"]);
    server.push(&["tree"]).ok();
    server.refused(&[":v1"], &["refs/tags/v1 is protected and cannot be deleted"]);
    server.repo.git(&["tag", "-f", "v1", "begin"]);
    server.refused(&["-f", "v1"], &["(protected-rewound)"]);
    server.unlinked("Page");
    server.repo.git(&["tag", "-a", "-m", "one", "-f", "one"]);
    server.repo.git(&["tag", "-a", "-m", "two", "v3", "one"]);
    server.refused(&["v3"], &[RULE]);
}

#[test]
fn notes_with_links_only_grow() {
    let server = Server::new();
    let commit = server.linked();
    server.push(&["main"]).ok();
    let line = server.repo.spec_line("AUTH-1");
    let note = |text: &str| server.repo.git(&["notes", "--ref=spec", "add", "-f", "-m", text, &commit]);
    note(&format!("{line} id:00000001\n\nReviewed-by: ann"));
    server.push(&["refs/notes/spec"]).ok();
    let first = server.at("refs/notes/spec");
    note(&format!("{line} id:00000001\nReviewed-by: ann\nUnspec: id:00000001"));
    server.push(&["refs/notes/spec"]).ok();
    note("Reviewed-by: ann");
    server.refused(
        &["refs/notes/spec"],
        &[&format!("error: the note of {} loses the line \"Spec: ", &commit[..9]), "(notes)"],
    );
    server.repo.git(&["notes", "--ref=spec", "remove", &commit]);
    server.refused(&["refs/notes/spec"], &["loses the line"]);
    server.repo.git(&["update-ref", "refs/notes/spec", &server.at("refs/notes/spec")]);
    note(&format!("{line} id:00000001\nReviewed-by: ann\nUnspec: id:00000001\nSpec: nonsense"));
    server.refused(&["refs/notes/spec"], &["gets the line \"Spec: nonsense\": the version is missing"]);
    server.refused(&["-f", &format!("{first}:refs/notes/spec")], &["(protected-rewound)"]);
    server.refused(&[":refs/notes/spec"], &["(protected-deleted)"]);
    server.repo.git(&["symbolic-ref", "refs/notes/other", "refs/notes/spec"]);
    server.on_server(&["symbolic-ref", "refs/notes/other", "refs/notes/spec"]);
    server.refused(&[":refs/notes/other"], &["(protected-deleted)"]);
    server.refused(&["main:refs/notes/Spec"], &["to some file systems"]);
    // A note that moves to another place of the fan-out is not lost
    server.repo.git(&["update-ref", "refs/notes/spec", &server.at("refs/notes/spec")]);
    let blob = server.repo.git(&["rev-parse", &format!("refs/notes/spec:{commit}")]);
    let tree = |entry: String| {
        let mut command = assert_cmd::Command::from_std(server.git());
        let output = command.arg("mktree").write_stdin(entry + "\n").output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let inner = tree(format!("100644 blob {blob}\t{}", &commit[2..]));
    let outer = tree(format!("040000 tree {inner}\t{}", &commit[..2]));
    let moved = server.repo.git(&["commit-tree", "-p", "refs/notes/spec", "-m", "Fan out", &outer]);
    server.push(&[&format!("{moved}:refs/notes/spec")]).ok();
}

#[test]
fn symbolic_refs_are_what_they_lead_to() {
    let server = Server::new();
    server.on_server(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    server.on_server(&["symbolic-ref", "refs/heads/second", "refs/heads/alias"]);
    server.on_server(&["symbolic-ref", "refs/heads/later", "refs/heads/release/9"]);
    server.unlinked("Page");
    for name in ["alias", "second", "later"] {
        server.refused(&[&format!("main:{name}")], &[RULE]);
    }
    server.refused(&[":alias"], &["refs/heads/alias is protected and cannot be deleted"]);
    // A protected name that leads to another ref protects that one
    server.push(&["begin:refs/heads/side"]).ok();
    server.on_server(&["symbolic-ref", "refs/heads/release/side", "refs/heads/side"]);
    server.refused(&["main:side"], &[RULE]);
}

#[test]
fn refs_beside_the_policy_are_refused() {
    let server = Server::new();
    let tip = server.repo.rev("HEAD");
    for (name, said) in [
        ("refs/heads/MAIN", "refs/heads/MAIN is the same as a protected ref to some file systems (symbolic-ref)"),
        ("refs/heads/ma\u{200d}in", "to some file systems"),
        ("refs/heads/Release/1", "to some file systems"),
        ("refs/tags/V1", "to some file systems"),
        ("refs/namespaces/x/refs/heads/main", "lies in a namespace, where no policy is asked (namespace)"),
        ("refs/replace/0123456789012345678901234567890123456789", "replaces objects"),
        ("refs/Replace/x", "replaces objects"),
    ] {
        server.refused(&[&format!("{tip}:{name}")], &[said]);
    }
    server.script(
        "pre-receive",
        &format!("#!/bin/sh\nGIT_NAMESPACE=fork exec {} hook pre-receive\n", env!("CARGO_BIN_EXE_git-spec")),
    );
    server.linked();
    server.refused(&["main"], &["the push goes into a namespace", "(namespace)"]);
}

#[test]
fn a_shallow_push_is_refused() {
    let server = Server::new();
    server.linked();
    server.linked();
    server.push(&["main"]).ok();
    let target = Server::empty(&[]).unwrap();
    target.config("receive.shallowUpdate", "true");
    let policy = server.repo.beside("policy.toml");
    std::fs::write(&policy, POLICY).unwrap();
    target.config("spec.policy", policy.to_str().unwrap());
    let clone = server.repo.beside("shallow");
    let from = format!("file://{}", server.bare.display());
    server.repo.git(&["clone", "-q", "--depth=1", &from, clone.to_str().unwrap()]);
    let mut command = server.git();
    command.current_dir(&clone).args(["push", "-q", target.bare.to_str().unwrap(), "main"]);
    let answer = run(&mut command);
    assert!(answer.status != 0 && remote(&answer).contains("git fetch --unshallow"), "{answer:?}");
    assert_eq!(target.at("main"), "");
}

#[test]
fn the_policy_from_before_the_push_decides() {
    let server = Server::new();
    // Loosened in the same push, on the default branch and on a new release branch
    let loose = POLICY.replace("[policy]", "[policy]\nrequire-link = \"off\"");
    server.repo.write(".gitspec.toml", &loose);
    server.unlinked("Loosen");
    let told = "warning: this push changes .gitspec.toml; it is judged by the policy from before (policy-changed)";
    server.refused(&["main"], &[RULE, told]);
    server.refused(&["main:release/1"], &[RULE]);
    server.refused(&["main", "main:release/1"], &[RULE, told]);
    // Taken away, or made a symbolic link
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    std::fs::remove_file(server.repo.path().join(".gitspec.toml")).unwrap();
    server.unlinked("Take away");
    server.refused(&["main"], &[RULE, told]);
    // A change of the policy alone keeps it, and is told
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.write(".gitspec.toml", &loose);
    server.repo.commit("Loosen");
    let answer = server.push(&["main"]);
    assert_eq!((answer.status, flat(&answer)), (0, told.to_owned()));
    server.unlinked("Free");
    server.push(&["main"]).ok();
}

#[test]
fn a_policy_that_locks_everybody_out_does_not_get_in() {
    let server = Server::new();
    for (policy, said) in [
        ("[policy]\nrefs = [\"refs/heads/main\"]\nrequre-link = \"deny\"\n", "unknown key requre-link (policy-broken)"),
        ("[policy]\nrefs = [\"refs/heads/[\"]\n", "(policy-broken)"),
        (
            "[policy]\nrefs = [\"refs/heads/main\"]\nsince = \"0123456789012345678901234567890123456789\"\n",
            "names a since that the repository does not have",
        ),
    ] {
        server.repo.git(&["reset", "-q", "--hard", "begin"]);
        server.repo.write(".gitspec.toml", policy);
        server.repo.commit("Break");
        let text = server.refused(&["main"], &[said]);
        assert!(text.lines().all(|line| line.starts_with(' ') || line.contains(": ")), "{text}");
        // Elsewhere it locks nobody out
        server.push(&["-f", "main:side"]).ok();
    }
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.write(".gitspec.toml", "#".repeat(3 << 20));
    server.repo.commit("Blow up");
    server.refused(&["main"], &["a configuration may have 1048576"]);
    // Nor into a repository without a policy
    let server = Server::with(&[], "[spec]\ninclude = [\"specs/**/*.md\"]\n").unwrap();
    server.unlinked("Free");
    server.push(&["main"]).ok();
    server.repo.write(".gitspec.toml", "[policy]\n");
    server.repo.commit("Break");
    server.refused(&["main"], &["the new .gitspec.toml cannot be read"]);
}

#[test]
fn a_policy_that_cannot_be_read_refuses_everything_but_a_bypass() {
    let server = Server::empty(&[]).unwrap();
    std::fs::rename(server.bare.join("hooks/pre-receive"), server.bare.join("kept")).unwrap();
    server.repo.write("specs/auth.md", AUTH);
    server.repo.write(".gitspec.toml", "[policy]\n");
    server.repo.commit("Begin");
    server.push(&["main"]).ok();
    server.hook("pre-receive");
    server.repo.write(".gitspec.toml", POLICY);
    server.repo.commit("Mend");
    let text = server
        .refused(&["main"], &["error: the policy cannot be read: refs/heads/main:.gitspec.toml: missing field `refs`"]);
    assert!(text.contains("hint: git config spec.policy FILE"), "{text}");
    server.config("receive.advertisePushOptions", "true");
    server.config("spec.exemptPusher", "ann");
    let answer = server.push_by("ann", &["-o", "spec.bypass=lock-out", "main"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(remote(&answer).contains("git-spec audit: bypass pusher=\"ann\""), "{answer:?}");
}

#[test]
fn the_servers_own_policy_wins() {
    let server = Server::with(&[], "[spec]\ninclude = [\"specs/**/*.md\"]\n").unwrap();
    let file = server.repo.beside("policy.toml");
    std::fs::write(&file, POLICY.split_once("[generated]").map(|(_, rest)| format!("[generated]{rest}")).unwrap())
        .unwrap();
    server.config("spec.policy", file.to_str().unwrap());
    server.linked();
    server.push(&["main"]).ok();
    server.unlinked("Page");
    server.refused(&["main"], &[RULE, "error: refused by the policy of this server"]);
    // Its faults are the server's, and nothing gets in meanwhile; its lines are not shown
    std::fs::write(&file, "secret = 1\n").unwrap();
    let text = server.refused(&["main:side"], &["the policy of this server, ", "unknown key secret"]);
    assert!(!text.contains("secret = 1"), "{text}");
    std::fs::write(&file, "[spec]\ninclude = [\"a\"]\n").unwrap();
    server.refused(&["main:side"], &["has no [policy]"]);
    std::fs::remove_file(&file).unwrap();
    server.refused(&["main:side"], &["cannot read the policy"]);
    server.config("spec.policy", "policy.toml");
    server.refused(&["main:side"], &["spec.policy is policy.toml, which is not an absolute path"]);
}

#[test]
fn since_is_the_id_of_a_commit() {
    let server = Server::new();
    let old = server.unlinked("Before");
    server.push(&["main:side"]).ok();
    let file = server.repo.beside("policy.toml");
    std::fs::write(&file, format!("{POLICY}since = \"{old}\"\n")).unwrap();
    server.config("spec.policy", file.to_str().unwrap());
    let bad = server.unlinked("After");
    // A tag that is named like it, and a branch, lead to another commit
    server.push(&[&format!("main:refs/tags/{old}"), &format!("main:refs/heads/{old}")]).ok();
    let text = server.refused(&["main"], &[RULE, "1 commit judged: 1 refused"]);
    assert!(text.contains(&bad[..9]), "{text}");
    std::fs::write(&file, format!("{POLICY}since = \"{}\"\n", "1".repeat(40))).unwrap();
    server.refused(&["main"], &["names a since that the repository does not have"]);
    let tree = server.repo.rev("HEAD^{tree}");
    std::fs::write(&file, format!("{POLICY}since = \"{tree}\"\n")).unwrap();
    server.refused(&["main"], &["names a since that the repository does not have"]);
}

#[test]
fn the_first_push_meets_no_policy() {
    let server = Server::empty(&[]).unwrap();
    server.repo.write(".gitspec.toml", POLICY);
    server.repo.write("specs/auth.md", AUTH);
    server.unlinked("Begin with code");
    server.push(&["main"]).ok();
    server.unlinked("Go on");
    server.refused(&["main"], &[RULE, "1 commit judged"]);
}

#[test]
fn hints_are_for_the_ref_that_they_are_about() {
    let server = Server::new();
    server.repo.write(".gitspec.toml", POLICY.replace("\"refs/heads/main\"", "\"refs/heads/main\", \"refs/tags/*\""));
    server.repo.commit("Protect tags");
    assert_eq!(server.push(&["main"]).status, 0);
    server.repo.git(&["tag", "v1"]);
    server.push(&["v1"]).ok();
    let said = server.refused(&["-f", "begin:refs/tags/v1"], &["would lose commits that it has"]);
    assert!(!said.contains("git pull"), "{said}");
    // The newest commit of a push is the one that its pusher has at hand
    server.unlinked("Page");
    server.refused(&["main"], &["hint: git spec commit --amend --no-edit --for CLAUSE"]);
}

#[test]
fn a_bypass_is_for_those_whom_the_server_names() {
    let server = Server::new();
    server.config("receive.advertisePushOptions", "true");
    server.unlinked("Page");
    let option = "spec.bypass=fire \"in\" the\u{202e} house";
    let words = ["-o", "ci.skip", "-o", option, "main"];
    server.refused(
        &words,
        &["error: the push option spec.bypass is for those whom spec.exemptPusher of the server names"],
    );
    server.config("spec.exemptPusher", "ann");
    server.config("spec.exemptPusher", "build bot");
    server.refused_with(&[("REMOTE_USER", "bob"), ("GIT_COMMITTER_NAME", "ann")], &words, &["by bob (REMOTE_USER)"]);
    for empty in ["spec.bypass", "spec.bypass= "] {
        let options = ["-o", empty, "main"];
        server.refused_with(&[("REMOTE_USER", "ann")], &options, &["the push option spec.bypass gives no reason"]);
    }
    let answer = server.push_by("ann", &words);
    let said = remote(&answer);
    assert_eq!(answer.status, 0, "{said}");
    assert!(!said.contains("findings="), "nothing was judged: {said}");
    assert!(
        said.contains("git-spec audit: bypass pusher=\"ann\" from=\"REMOTE_USER\" ref=\"refs/heads/main\" old="),
        "{said}"
    );
    assert!(said.contains("reason=\"fire \\\"in\\\" the\\u{202e} house\""), "{said}");
    // An exempt pusher who asks for nothing is judged, and let through
    server.unlinked("Robot");
    let answer = server.push_by("build bot", &["main"]);
    let said = remote(&answer);
    assert_eq!(answer.status, 0, "{said}");
    assert!(
        said.starts_with("warning: ")
            && said.contains("audit: exempt pusher=\"build bot\"")
            && said.contains("findings=1"),
        "{said}"
    );
    server.linked();
    server.push_by("build bot", &["main"]).ok();
    // Neither may take anything away
    server.refused_with(
        &[("REMOTE_USER", "ann")],
        &["-f", "-o", "spec.bypass=x", "begin:main"],
        &["(protected-rewound)"],
    );
}

#[test]
fn the_pusher_has_the_name_that_the_server_gave() {
    let server = Server::new();
    server.config("spec.exemptPusher", "ann");
    server.unlinked("Page");
    server.refused_with(
        &[("GL_REPOSITORY", "p"), ("GL_ID", "key-1"), ("GL_USERNAME", "ann")],
        &["main"],
        &["GL-HOOK-ERR: "],
    );
    server.config("spec.pusherVariable", "WHO");
    server.refused_with(&[("REMOTE_USER", "ann")], &["main"], &[RULE]);
    assert_eq!(server.push_with(&[("WHO", "ann")], &["main"]).status, 0);
}

#[test]
fn gitlab_shows_what_begins_with_its_mark() {
    let server = Server::new();
    server.unlinked("Page");
    let gitlab = [("GL_REPOSITORY", "project-1"), ("GL_ID", "user-1"), ("GL_USERNAME", "ann")];
    let text = server.refused_with(&gitlab, &["main"], &["GL-HOOK-ERR: error: "]);
    assert!(text.lines().all(|line| line.starts_with("GL-HOOK-ERR: ")), "{text}");
    server.script(
        "pre-receive",
        &format!("#!/bin/sh\nexec {} hook pre-receive --gitlab\n", env!("CARGO_BIN_EXE_git-spec")),
    );
    server.refused(&["main"], &["GL-HOOK-ERR: error: "]);
}

#[test]
fn the_clock_refuses() {
    let server = Server::new();
    server.config("spec.deadline", "0.0001");
    server.linked();
    let text = server.refused(&["main"], &["error: judging took longer than 0.0001 s (out-of-time)"]);
    assert_eq!(text.matches("error: ").count(), 1, "{text}");
    server.script(
        "pre-receive",
        &format!("#!/bin/sh\nexec {} hook pre-receive --deadline 60\n", env!("CARGO_BIN_EXE_git-spec")),
    );
    server.push(&["main"]).ok();
    server.on_server(&["config", "--replace-all", "spec.deadline", "soon"]);
    server.hook("pre-receive");
    server.linked();
    server.refused(&["main"], &["spec.deadline is soon, which is not a number of seconds above zero"]);
}

#[test]
fn whatever_goes_wrong_refuses() {
    let server = Server::new();
    server.linked();
    let tool = env!("CARGO_BIN_EXE_git-spec");
    // Killed
    server.script("git-spec", "#!/bin/sh\nkill -9 $$\n");
    let killed = format!("{}:{}", server.bare.join("hooks").display(), std::env::var("PATH").unwrap());
    server.refused_with(&[("PATH", &killed)], &["main"], &[]);
    // Missing
    let shim = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks/pre-receive")).unwrap();
    server.script("pre-receive", &shim.replace("tool=git-spec", "tool=git-spec-of-nowhere"));
    server.refused(&["main"], &["error: git-spec is not on the search path of this server"]);
    // Without git
    server.script("pre-receive", &format!("#!/bin/sh\nPATH=/nowhere exec {tool} hook pre-receive\n"));
    server.refused(&["main"], &["error: the push cannot be judged: git was not found on PATH"]);
    // Words that git never gives
    server.script("pre-receive", &format!("#!/bin/sh\necho a b | {tool} hook pre-receive\n"));
    server.refused(&["main"], &["error: the push cannot be judged: what the hook was given"]);
    // Nobody listens: what breaks the policy is refused all the same
    server.script("pre-receive", &format!("#!/bin/sh\nexec {tool} hook pre-receive >&- 2>&-\n"));
    server.push(&["main"]).ok();
    server.unlinked("Page");
    server.refused(&["main"], &[]);
    server.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // A disk without room
    server.script("pre-receive", &format!("#!/bin/sh\nulimit -f 0\nexec {tool} hook pre-receive\n"));
    server.linked();
    server.push(&["main"]).ok();
    server.unlinked("Page");
    server.refused(&["main"], &[RULE]);
}

#[test]
fn a_warning_that_nobody_hears_refuses() {
    let server = Server::with(&[], &format!("{POLICY}require-link = \"warn\"\n")).unwrap();
    server.unlinked("Page");
    let tool = env!("CARGO_BIN_EXE_git-spec");
    server.script("pre-receive", &format!("#!/bin/sh\nexec {tool} hook pre-receive 2>/dev/full\n"));
    if Path::new("/dev/full").exists() {
        server.refused(&["main"], &[]);
    } else {
        println!("skipped: there is no /dev/full");
    }
}

#[test]
fn a_bare_surrounding_is_enough() {
    let server = Server::new();
    server.unlinked("Page");
    let tool = env!("CARGO_BIN_EXE_git-spec");
    let path = std::env::var("PATH").unwrap();
    // No home, no locale, nothing but what git itself hands on
    let text = format!(
        "#!/bin/sh\nunset HOME XDG_CONFIG_HOME LC_ALL LANG GIT_CONFIG_GLOBAL\nPATH='{path}' exec {tool} hook pre-receive\n"
    );
    server.script("pre-receive", &text);
    server.refused(&["main"], &[RULE]);
    // Somebody else's repository: receive-pack has looked at the owner already
    server
        .script("pre-receive", &format!("#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {tool} hook pre-receive\n"));
    server.refused(&["main"], &[RULE]);
}

#[test]
fn other_kinds_of_repository_are_judged_alike() {
    for options in [&["--object-format=sha256"][..], &["--ref-format=reftable"]] {
        let server = match Server::with(options, POLICY) {
            Ok(server) => server,
            Err(why) => {
                println!("skipped {options:?}: {why}");
                continue;
            }
        };
        server.linked();
        server.push(&["main"]).ok();
        server.unlinked("Page");
        server.refused(&["main"], &[RULE]);
        server.refused(&["main:release/1"], &[RULE]);
        server.refused(&[":main"], &["(protected-deleted)"]);
        server.on_server(&["symbolic-ref", "refs/heads/later", "refs/heads/release/9"]);
        server.refused(&["main:later"], &[RULE]);
    }
}

#[test]
fn replaced_objects_and_missing_ones_change_nothing() {
    let server = Server::new();
    let good = server.linked();
    server.repo.git(&["switch", "-q", "-c", "bad", "begin"]);
    let bad = server.unlinked("Page");
    server.push(&["main:side", "bad:refs/heads/other"]).ok();
    // A replacement that somebody put there before the hook
    server.on_server(&["update-ref", &format!("refs/replace/{bad}"), &good]);
    server.refused(&["bad:main"], &[RULE]);
    server.on_server(&["update-ref", "-d", &format!("refs/replace/{bad}")]);
    let tree = server.repo.rev("bad^{tree}");
    let object = server.bare.join("objects").join(&tree[..2]).join(&tree[2..]);
    if object.exists() {
        std::fs::remove_file(object).unwrap();
        let answer = server.push(&["bad:main"]);
        assert_ne!(answer.status, 0, "{answer:?}");
    }
}

#[test]
fn update_judges_its_one_ref() {
    let server = Server::new();
    std::fs::remove_file(server.bare.join("hooks/pre-receive")).unwrap();
    server.hook("update");
    server.linked();
    server.repo.git(&["branch", "good"]);
    server.unlinked("Page");
    let answer = server.push(&["good:release/1", "main"]);
    assert_ne!(answer.status, 0);
    assert!(remote(&answer).contains(RULE) && answer.stderr.contains("main -> main (hook declined)"), "{answer:?}");
    assert_eq!(server.at("release/1"), server.repo.rev("good"), "its siblings get in");
    let answer = server.push(&[":release/1"]);
    assert!(remote(&answer).contains("(protected-deleted)"), "{answer:?}");
}

#[test]
fn the_vref_prints_its_refex_and_fails() {
    let server = Server::new();
    std::fs::remove_file(server.bare.join("hooks/pre-receive")).unwrap();
    server.config("spec.allowRewind", "ann");
    let good = server.linked();
    let bad = server.unlinked("Page");
    server.push(&["main:side"]).ok();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks/VREF");
    let vref = |new: &str| {
        let mut command = std::process::Command::new(&script);
        command.env_clear().envs(server.git().get_envs().filter_map(|(name, value)| Some((name, value?))));
        let words = ["refs/heads/main", &server.at("main"), new, "t", "t", "W", "VREF/git-spec"];
        run(command.args(words).current_dir(&server.bare).env("GIT_DIR", ".").env("GL_USER", "ann"))
    };
    let answer = vref(&bad);
    assert_eq!(
        (answer.status, answer.stdout.as_str()),
        (1, "VREF/git-spec the push breaks the policy of the specification\n")
    );
    assert!(answer.stderr.contains(RULE), "{answer:?}");
    vref(&good).ok();
    // gitolite's name for the pusher is taken
    let answer = vref(&"0".repeat(40));
    assert!(answer.status == 0 && answer.stderr.contains("delete pusher=\"ann\" from=\"GL_USER\""), "{answer:?}");
}

#[test]
fn only_the_word_of_the_repository_counts() {
    // A name that begins like an option, and one with quotes and controls
    let server = Server::new();
    server.unlinked("Page");
    let mut long = String::new();
    for at in 0..30 {
        write!(long, "{at}").unwrap();
    }
    server
        .push(&[
            "main:refs/heads/--upload-pack=x",
            &format!("main:refs/heads/\"{long}'$(touch${{IFS}}x)"),
            "main:refs/heads/-",
        ])
        .ok();
    server.refused(&["main:release/-x"], &[RULE]);
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.write("src/a\nerror: b\u{1b}[31m\".rs", "x\n");
    server.repo.commit("Page\n\nerror: c");
    let said = server.refused(&["main:refs/heads/release/\"x"], &["links no clause"]);
    assert!(!said.contains('\u{1b}') && !said.lines().any(|line| line.starts_with("error: b")), "{said}");
}

#[test]
fn the_old_value_is_the_repositorys_own() {
    let server = Server::new();
    let begin = server.at("main");
    server.linked();
    server.push(&["main", &format!("{begin}:refs/heads/side")]).ok();
    // What no client of git would send: a new branch in the place of one that is there
    let lines = format!("{} {begin} refs/heads/main\n", "0".repeat(40));
    let mut command = assert_cmd::Command::from_std(server.repo.spec_command(&server.bare));
    let output = command.args(["hook", "pre-receive"]).env("GIT_DIR", ".").write_stdin(lines).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("(protected-rewound)"), "{said}");
}

#[test]
fn a_hint_that_is_typed_leaves_the_commits_of_others_as_they_are() {
    let server = Server::new();
    let bad = server.unlinked("Bad");
    server.repo.git(&["switch", "-q", "-c", "other", "begin"]);
    let theirs = server.linked();
    server.push(&["other:main"]).ok();
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.git(&["merge", "-q", "-m", "Merge what is there", "other"]);
    let said = server.refused(&["main"], &["changes src/page.rs and links no clause (require-link)"]);
    let steps: Vec<&str> = said.lines().filter_map(|line| line.trim().strip_prefix("hint: ")).collect();
    let rebase = format!("git rebase -i -r {}", &theirs[..9]);
    assert_eq!(steps[0], rebase, "{said}");
    assert_eq!(steps[2], "git spec commit --amend --no-edit --for CLAUSE");
    let typed = |line: &str| {
        let mut command = server.git();
        let editor = format!("sed -i 's/^pick \\({}\\)/edit \\1/'", &bad[..7]);
        command.env("GIT_SEQUENCE_EDITOR", editor).env("GIT_EDITOR", "true").args(line.split(' ').skip(1));
        // Git tells on its standard error how it goes on.
        let answer = run(&mut command);
        assert_eq!(answer.status, 0, "{line}: {answer:?}");
    };
    typed(steps[0]);
    typed(&steps[2].replace("CLAUSE", "AUTH-1"));
    typed("git rebase --continue");
    assert_eq!(server.repo.rev("HEAD^2"), theirs);
    assert_ne!(server.repo.rev("HEAD^1"), bad);
    server.push(&["main"]).ok();
}

#[test]
fn the_command_that_shows_the_rest_is_told_and_helps() {
    let server = Server::new();
    for _ in 0..22 {
        server.unlinked("Page");
    }
    let said = server.refused(&["main:release/1"], &["and 2 more findings:"]);
    let typed = said.lines().find_map(|line| line.trim().strip_prefix("git spec ")).unwrap();
    let answer = server.repo.spec(&typed.split(' ').collect::<Vec<_>>());
    assert_eq!(answer.json()["findings"].as_array().map(Vec::len), Some(22), "{typed}");
}

#[test]
fn a_deadline_that_is_none_is_told_by_an_example() {
    let server = Server::new();
    let said = server.repo.spec(&["hook", "--deadline", "0", "pre-receive"]).stderr;
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("git spec hook --deadline 50 pre-receive") && !flat.contains("--show-origin"), "{said}");
}

#[test]
fn notes_count_once_the_server_has_them() {
    let server = Server::new();
    server.config("spec.acceptNotes", "true");
    let bad = server.unlinked("Page");
    server.repo.spec(&["link", "HEAD", "AUTH-1"]);
    // Git may move one ref of a push and not the other
    let said = server.refused(&["main", "refs/notes/spec"], &["(require-link)"]);
    insta::assert_snapshot!(said.replace(&bad[..9], "BAD").split("error: refused by").next().unwrap(), @r#"
    error: BAD "Page"
      changes src/page.rs and links no clause (require-link)
      hint: its link is in the notes of this same push; push those first:
      hint: git spec notes push
    1 commit judged: 1 refused, 0 warned of.
    "#);
    let said = server.refused(&["main"], &["(require-link)"]);
    let rest = said.split("0 warned of.\n").nth(1).unwrap().split("error: refused by").next().unwrap();
    insta::assert_snapshot!(rest, @r"
    hint: a link in a note counts here as well, once the notes are pushed:
    hint: git spec link COMMIT CLAUSE
    hint: git spec notes push
    ");
    // What is to be typed helps
    assert_eq!(run(server.git().args(["spec", "notes", "push"])).status, 0);
    server.push(&["main"]).ok();
    // Where notes don't count, nothing is said of them
    let server = Server::new();
    server.unlinked("Page");
    server.repo.spec(&["link", "HEAD", "AUTH-1"]);
    let said = server.refused(&["main", "refs/notes/spec"], &["(require-link)"]);
    assert!(!said.contains("notes"), "{said}");
}

#[test]
fn a_default_branch_that_is_not_there_is_told_to_whoever_pushes_a_policy() {
    let server = Server::empty(&[]).unwrap();
    server.on_server(&["symbolic-ref", "HEAD", "refs/heads/Main"]);
    server.unlinked("Begin");
    assert_eq!(remote(&server.push(&["main"])), "");
    server.repo.write(".gitspec.toml", POLICY);
    server.repo.commit("Ask");
    let said = flat(&server.push(&["main"]));
    let wrong = "the default branch refs/heads/Main of the server does not exist, so that no policy is asked";
    assert!(said.contains(wrong) && said.ends_with("git symbolic-ref HEAD refs/heads/main"), "{said}");
    server.on_server(&["symbolic-ref", "HEAD", "refs/heads/main"]);
    server.unlinked("Page");
    server.refused(&["main"], &[RULE]);
    // The push that makes it needs no word
    let server = Server::empty(&[]).unwrap();
    server.repo.write(".gitspec.toml", POLICY);
    server.repo.commit("Ask");
    assert_eq!(remote(&server.push(&["main:side", "main"])), "");
}

#[test]
fn what_is_not_shown_is_counted_all_the_same() {
    let server = Server::new();
    let begin = server.repo.rev("HEAD");
    for _ in 0..25 {
        server.unlinked("Page");
    }
    server.repo.git(&["switch", "-q", "-c", "side", &begin]);
    for _ in 0..25 {
        server.unlinked("Side");
    }
    let said = server.refused(&["main", "side:release/1"], &["50 commits judged: 50 refused, 0 warned of."]);
    assert!(said.matches("error: ").count() == 21 && said.contains("and 30 more findings:"), "{said}");
    server.config("spec.exemptPusher", "ann");
    let said = remote(&server.push_by("ann", &["main", "side:release/1"]));
    assert!(said.contains("50 commits judged: 0 refused, 50 warned of."), "{said}");
    assert_eq!(said.matches(" findings=25").count(), 2, "{said}");
}

#[test]
fn what_is_said_of_refused_notes_stands_there_once() {
    let server = Server::new();
    server.unlinked("Page");
    server.repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    let push = || run(server.git().args(["spec", "notes", "push"]));
    assert_eq!(push().status, 0);
    server.repo.git(&["notes", "--ref=spec", "add", "-f", "-m", "nothing", "HEAD"]);
    let answer = push();
    assert_ne!(answer.status, 0);
    assert!(answer.stderr.contains("(notes)") && answer.stderr.contains("git spec notes fetch"), "{answer:?}");
    assert!(!answer.stderr.contains("remote:") && !answer.stderr.contains("error: error:"), "{answer:?}");
}

#[test]
fn a_link_into_a_specification_that_moves_in_the_same_push_is_told_what_to_push_first() {
    let server = Server::new();
    std::fs::create_dir(server.repo.path().join("docs")).unwrap();
    server.repo.git(&["mv", "specs", "docs/spec"]);
    server.repo.write(".gitspec.toml", POLICY.replace("specs/**/*.md", "docs/spec/**/*.md"));
    let moved = server.repo.commit("Move the specification");
    server.repo.generate("src/lock.rs", "line\n", &["AUTH-1"]);
    let said = server.refused(&["main"], &["does not know docs/spec/auth.md yet"]);
    assert!(said.contains(&format!("git push REMOTE {}:BRANCH", &moved[..9])), "{said}");
    // What it says helps
    assert_eq!(server.push(&[&format!("{moved}:main")]).status, 0);
    server.push(&["main"]).ok();
}

#[test]
fn a_policy_that_cannot_be_read_is_told_what_amends_it() {
    let server = Server::new();
    server.repo.write(".gitspec.toml", POLICY.replace("refs = ", "reffs = "));
    server.repo.commit("Loosen");
    let said = server.refused(&["main"], &["(policy-broken)"]);
    let amend = "git commit --amend --no-edit .gitspec.toml";
    assert!(said.contains(amend) && !said.contains("git spec check"), "{said}");
    server.repo.write(".gitspec.toml", POLICY.to_owned() + "stale-tip = \"off\"\n");
    server.repo.git(&["commit", "-q", "--amend", "--no-edit", ".gitspec.toml"]);
    assert_eq!(server.push(&["main"]).status, 0);
}

#[test]
fn a_missing_place_for_temporary_files_is_told() {
    let server = Server::new();
    let place = server.bare.to_str().unwrap();
    for (value, why) in [
        ("", "TMPDIR is set to nothing"),
        ("tmp", "TMPDIR is no absolute path"),
        ("/nonexistent", "nothing can be written"),
    ] {
        for words in [["hooks", "status", "--server", place], ["doctor", "--server", place, "--json"]] {
            let mut command = server.repo.spec_command(server.repo.path());
            let answer = run(command.env("TMPDIR", value).args(words));
            let said = answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains("no directory for temporary files") && said.contains(why), "{value}: {answer:?}");
        }
    }
}

#[test]
fn a_commit_that_moves_the_specification_and_links_to_it_is_told_to_be_split() {
    let server = Server::new();
    std::fs::create_dir(server.repo.path().join("docs")).unwrap();
    server.repo.git(&["mv", "specs", "docs/spec"]);
    server.repo.write(".gitspec.toml", POLICY.replace("specs/**/*.md", "docs/spec/**/*.md"));
    server.repo.write("src/lock.rs", "line\n");
    let words = ["spec", "commit", "-q", "-a", "--for", "AUTH-1", "-m", "Move and change"];
    server.repo.git(&["add", "-A"]);
    assert_eq!(run(server.git().args(words)).status, 0);
    let said = server.refused(&["main"], &["commit makes it known itself; split it"]);
    // What it says helps
    let mut typed = Vec::new();
    for line in said.lines().filter_map(|line| line.trim().strip_prefix("hint: git ")) {
        let line = line.replace("REMOTE HEAD:BRANCH", "origin HEAD:main");
        let line = if line == "commit" { "commit -q -m Move".to_owned() } else { line };
        let line = line.replace("spec commit", "spec commit -q -m Change");
        let answer = run(server.git().args(line.split(' ')));
        assert_eq!(answer.status, 0, "{line}: {answer:?}");
        typed.push(line);
    }
    assert_eq!(typed.len(), 6, "{said}");
    server.push(&["main"]).ok();
}

#[test]
fn a_specification_that_moves_in_a_merged_branch_is_merged_first() {
    let server = Server::new();
    server.repo.git(&["switch", "-q", "-c", "side"]);
    std::fs::create_dir(server.repo.path().join("docs")).unwrap();
    server.repo.git(&["mv", "specs", "docs/spec"]);
    server.repo.write(".gitspec.toml", POLICY.replace("specs/**/*.md", "docs/spec/**/*.md"));
    server.repo.commit("Move the specification");
    server.repo.generate("src/lock.rs", "line\n", &["AUTH-1"]);
    server.repo.git(&["switch", "-q", "main"]);
    server.repo.write("README", "read\n");
    server.repo.commit("Read");
    server.push(&["main"]).ok();
    server.repo.git(&["fetch", "-q", "origin"]);
    server.repo.git(&["merge", "-q", "--no-ff", "--no-edit", "side"]);
    let said = server.refused(&["main"], &["does not know docs/spec/auth.md yet"]);
    for line in said.lines().filter_map(|line| line.trim().strip_prefix("hint: git ")) {
        let line = line.replace("REMOTE", "origin").replace("BRANCH", "main");
        let line = line.replace("merge ", "merge -q --no-edit ");
        let answer = run(server.git().args(line.split(' ')));
        assert_eq!(answer.status, 0, "{line}: {answer:?}");
    }
    server.push(&["main"]).ok();
}

#[test]
fn a_link_to_a_clause_that_is_gone_is_told_to_be_taken_out() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-2");
    let rest = AUTH.replace(
        "## Sessions {#AUTH-2}\n\nA session MUST end after 30 minutes without any activity of its user.\n\n",
        "",
    );
    server.repo.write("specs/auth.md", rest);
    server.repo.commit("Take sessions out");
    server.push(&["main"]).ok();
    server.repo.write("src/a.rs", "one\n");
    server.repo.commit(&format!("End sessions\n\n{line}"));
    let said =
        server.refused(&["main"], &["is gone", "take the line with AUTH-2 out of the message", "git commit --amend"]);
    assert!(!said.contains("--for AUTH-2"), "{said}");
    // As it is told
    server.repo.git(&["commit", "-q", "--amend", "-m", "End sessions"]);
    server.repo.spec(&["commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]).ok();
    server.push(&["main"]).ok();
}
