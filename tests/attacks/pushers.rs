//! By pretending to be somebody.

use crate::RULE;
use crate::objects::{commit, object, top_with, tree};
use crate::support::run;
use crate::support::server::{Server, remote};

/// A server that exempts `bot` and lets it rewind.
fn with_bot() -> Server {
    let server = Server::new();
    server.config("receive.advertisePushOptions", "true");
    server.config("spec.exemptPusher", "bot");
    server.config("spec.allowRewind", "bot");
    server
}

#[test]
fn an_author_named_like_the_bot() {
    let server = with_bot();
    server.repo.write("src/page.rs", "evil\n");
    server.repo.commit_as("bot <bot@example.org>", "Page");
    let forged =
        [("GIT_AUTHOR_NAME", "bot"), ("GIT_COMMITTER_NAME", "bot"), ("GIT_COMMITTER_EMAIL", "bot"), ("EMAIL", "bot")];
    server.refused_with(&forged, &["main"], &[RULE]);
    server.refused_with(&[("REMOTE_USER", "Bot")], &["main"], &[RULE]);
    server.refused_with(&[("REMOTE_USER", "bot ")], &["main"], &[RULE]);
    server.refused_with(&[("REMOTE_USER", "bot\nbot")], &["main"], &[RULE]);
    server.refused_with(&[("REMOTE_USER", "")], &["main"], &[RULE]);
}

#[test]
fn a_bot_by_mailmap() {
    let server = with_bot();
    server
        .repo
        .write(".mailmap", "bot <bot> A U Thor <author@example.org>\nbot <bot> C O Mitter <committer@example.org>\n");
    server.repo.commit("Mailmap");
    server.push(&["main"]).ok();
    server.unlinked("Page");
    server.refused(&["main"], &[RULE]);
    // A large one costs every push a moment, and no more
    server.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    server.repo.write(".mailmap", "bot <bot> A U Thor <author@example.org>\n".repeat(100_000));
    server.repo.commit("Mailmap");
    server.push(&["main"]).ok();
    server.unlinked("Page");
    server.refused(&["main"], &[RULE]);
}

#[test]
fn a_push_option_that_anybody_may_send() {
    let server = with_bot();
    server.unlinked("Page");
    for option in ["spec.bypass", "spec.bypass=", "spec.bypass=bot", "spec.bypass=x\u{1b}[31m"] {
        server.refused(&["-o", option, "main"], &["is for those whom spec.exemptPusher of the server names"]);
    }
    for option in
        ["Spec.bypass=x", "spec.bypassed", " spec.bypass=x", "bypass", "spec.exemptPusher=bot", "REMOTE_USER=bot"]
    {
        server.refused(&["-o", option, "main"], &[RULE]);
    }
    // Not by the variables that git hands them on in
    let forged = [("GIT_PUSH_OPTION_COUNT", "1"), ("GIT_PUSH_OPTION_0", "spec.bypass=x")];
    server.refused_with(&forged, &["main"], &[RULE]);
    let both = [("GIT_PUSH_OPTION_COUNT", "2"), ("GIT_PUSH_OPTION_1", "spec.bypass=x")];
    server.refused_with(&both, &["-o", "ci.skip", "main"], &[RULE]);
}

#[test]
fn settings_that_the_pusher_sends() {
    let server = with_bot();
    server.unlinked("Page");
    let mut command = server.git();
    command.args(["-c", "spec.exemptPusher=x", "-c", "spec.pusherVariable=WHO", "-c", "spec.policy=/dev/null"]);
    command.env("WHO", "x").env("REMOTE_USER", "x").args(["push", "-q", "origin", "main"]);
    let answer = run(&mut command);
    assert!(answer.status != 0 && remote(&answer).contains(RULE), "{answer:?}");
    let counted = [
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "spec.exemptPusher"),
        ("GIT_CONFIG_VALUE_0", "x"),
        ("REMOTE_USER", "x"),
    ];
    server.refused_with(&counted, &["main"], &[RULE]);
    server.refused_with(
        &[("GIT_CONFIG_PARAMETERS", "'spec.exemptpusher'='x'"), ("REMOTE_USER", "x")],
        &["main"],
        &[RULE],
    );
}

#[test]
fn variables_of_another_server() {
    // A server that says by which variable it names people believes no other
    let server = with_bot();
    server.config("spec.pusherVariable", "SERVER_USER");
    server.unlinked("Page");
    for name in ["REMOTE_USER", "LOGNAME", "USER", "GL_USER", "GITEA_PUSHER_NAME", "GITHUB_USER_LOGIN"] {
        let text = server.refused_with(&[(name, "bot"), ("SERVER_USER", "eve")], &["main"], &[RULE]);
        assert!(!text.contains("audit"), "{text}");
        server.refused_with(&[(name, "bot")], &["+begin:main", "main:release/1"], &[RULE]);
    }
    let gitlab = [("GL_REPOSITORY", "p"), ("GL_ID", "user-1"), ("GL_USERNAME", "bot")];
    server.refused_with(&gitlab, &["main"], &[RULE]);
    // A deploy key is nobody, whatever it is called
    let server = with_bot();
    server.unlinked("Page");
    let key = [("GL_REPOSITORY", "p"), ("GL_ID", "key-1"), ("GL_USERNAME", "bot")];
    server.refused_with(&key, &["main"], &[RULE]);
    server.refused_with(&[("GITEA_PUSHER_NAME", "bot"), ("GITEA_DEPLOY_KEY_ID", "3")], &["main"], &[RULE]);
}

#[test]
fn a_locale_of_the_pusher() {
    // SSH servers often take these from the client: git's own words must not decide anything
    let server = Server::new();
    server.unlinked("Page");
    for locale in ["de_DE.UTF-8", "C", "tr_TR.UTF-8", "x\u{1b}[31m"] {
        let forged = [("LC_ALL", locale), ("LANG", locale), ("LANGUAGE", "de:tr"), ("GIT_PROTOCOL", "version=2:x")];
        server.refused_with(&forged, &["main"], &[RULE]);
    }
}

#[test]
fn a_note_from_a_stranger() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-1");
    let bad = server.unlinked("Page");
    server.repo.git(&["notes", "--ref=spec", "add", "-m", &format!("{line} id:00000001"), &bad]);
    server.push(&["refs/notes/spec"]).ok();
    server.refused(&["main"], &[RULE]);
    server.refused(&["main", "refs/notes/spec:refs/notes/other"], &[RULE]);
    // Not even where the repository's own policy would take them
    server.repo.git(&["reset", "-q", "--hard", "begin"]);
    server.repo.edit(".gitspec.toml", "[policy]", "[policy]\naccept-notes = true");
    server.repo.commit("Take notes");
    let answer = server.push(&["main"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    let bad = server.unlinked("Page");
    server.repo.git(&["notes", "--ref=spec", "add", "-f", "-m", &format!("{line} id:00000002"), &bad]);
    server.push(&["refs/notes/spec"]).ok();
    server.refused(&["main"], &[RULE]);
    server.config("spec.acceptNotes", "true");
    server.push(&["main"]).ok();
}

#[test]
fn a_forged_note_beside_a_good_link() {
    let server = Server::new();
    let good = server.repo.spec_line("AUTH-1");
    let forged =
        |id: &str| format!("Spec: specs/auth.md#AUTH-9@{} v1:{} id:{id}", server.repo.rev("HEAD"), "0".repeat(32));
    let add = |commit: &str, line: &str| server.repo.git(&["notes", "--ref=spec", "append", "-m", line, commit]);
    let linked = server.linked();
    add(&linked, &forged("00000001"));
    server.push(&["refs/notes/spec"]).ok();
    // Where notes count for nothing a stranger's keeps nobody out
    server.push(&["main:main"]).ok();
    server.config("spec.acceptNotes", "true");
    // Beside a trailer, beside a good note, with one that says what the trailer says, and of a commit that nobody asks for a link
    let linked = server.linked();
    add(&linked, &forged("00000002"));
    let noted = server.unlinked("Page");
    add(&noted, &format!("{good} id:00000003"));
    add(&noted, &forged("00000004"));
    server.repo.write("README", "words\n");
    let words = server.repo.commit("Words");
    add(&words, &forged("00000005"));
    server.push(&["refs/notes/spec"]).ok();
    let said =
        ["links AUTH-9, and the link is", "(require-resolved)", "its link stands in a note; take it back there:"];
    for (tip, id) in [(&linked, "00000002"), (&noted, "00000004"), (&words, "00000005")] {
        let what = server.refused(&[&format!("{tip}:main")], &said);
        let hints = ["notes fetch".to_owned(), format!("unlink {} id:{id}", &tip[..9]), "notes push".to_owned()];
        for hint in hints {
            assert!(what.contains(&format!("git spec {hint}\n")), "{hint} is not in {what}");
            let words: Vec<&str> = hint.split(' ').collect();
            assert_eq!(run(server.git().arg("spec").args(words)).status, 0, "{hint}");
        }
        assert!(!what.contains("amend"), "{what}");
        server.push(&[&format!("{tip}:main")]).ok();
    }
}

#[test]
fn notes_that_take_away_or_say_nothing() {
    let server = Server::new();
    let commit_id = server.linked();
    server.push(&["main"]).ok();
    let line = server.repo.spec_line("AUTH-1");
    server.repo.git(&["notes", "--ref=spec", "add", "-m", &format!("{line} id:00000001"), &commit_id]);
    server.push(&["refs/notes/spec"]).ok();
    let first = server.repo.rev("refs/notes/spec");
    let notes = |entries: &[(&str, &[u8], &str)]| {
        let tip = commit(&server, &tree(&server, entries), &[&server.at("refs/notes/spec")], b"", b"Notes\n");
        format!("{tip}:refs/notes/spec")
    };
    let kept = server.repo.rev(&format!("refs/notes/spec:{commit_id}"));
    let evil = object(&server, "blob", b"Spec: nonsense\n");
    let name = commit_id.as_bytes();
    server.refused(&[&notes(&[])], &["loses the line"]);
    server.refused(&[&notes(&[("100644", name, &evil)])], &["(notes)"]);
    server.refused(&[&notes(&[("120000", name, &kept)])], &["is no file"]);
    server.refused(&[&notes(&[("160000", name, &first)])], &["is no file"]);
    // A second note of the same commit, by capitals or in a directory
    let upper = commit_id.to_uppercase();
    server.refused(&[&notes(&[("100644", upper.as_bytes(), &evil), ("100644", name, &kept)])], &["gets the line"]);
    let inner = tree(&server, &[("100644", &name[2..], &evil)]);
    server.refused(&[&notes(&[("40000", &name[..2], &inner), ("100644", name, &kept)])], &["gets the line"]);
    // The same in two directories whose names differ in case
    let moved = tree(&server, &[("100644", &name[2..], &kept)]);
    let fanned = notes(&[("40000", &name[..2], &moved)]);
    server.push(&[&fanned]).ok();
    let (low, high) = (commit_id[..2].to_lowercase(), commit_id[..2].to_uppercase());
    if low != high {
        let tip = fanned.split(':').next().unwrap();
        let both = tree(&server, &[("40000", high.as_bytes(), &inner), ("40000", low.as_bytes(), &moved)]);
        let tip = commit(&server, &both, &[tip], b"", b"Notes\n");
        server.refused(&[&format!("{tip}:refs/notes/spec")], &["gets the line"]);
    }
    let large = object(&server, "blob", &vec![b'x'; 5 << 20]);
    server.refused(&[&notes(&[("100644", name, &large)])], &["(notes)"]);
    let page = top_with(&server, &[]);
    server.refused(&[&format!("{page}:refs/notes/spec")], &[]);
}
