//! Pushes over `git http-backend`, as a web server runs it, and over what stands in for SSH.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::path::Path;

use support::http::Web;
use support::server::{Server, remote};
use support::{Answer, run};

const RULE: &str = "changes src/page.rs and links no clause (require-link)";

/// A server, and its web server. Anonymous pushes are taken, so that the hook alone says no.
fn web() -> (Server, Web) {
    let server = Server::new();
    server.config("http.receivepack", "true");
    server.config("receive.advertisePushOptions", "true");
    let web = Web::serve(server.bare.parent().unwrap());
    (server, web)
}

fn push(server: &Server, web: &Web, user: Option<&str>, words: &[&str]) -> Answer {
    let mut command = server.git();
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    command.env("GIT_ALLOW_PROTOCOL", "file:http").env("GIT_TERMINAL_PROMPT", "0").env("NO_PROXY", "127.0.0.1");
    let address = web.address(user, "server.git");
    run(command.args(["push", "-q", &address]).args(words))
}

#[test]
fn the_web_servers_hook_judges_and_knows_who_pushes() {
    let (server, web) = web();
    server.linked();
    push(&server, &web, None, &["main"]).ok();
    assert_eq!(server.at("main"), server.repo.rev("main"));
    server.unlinked("Page");
    let before = server.files();
    let answer = push(&server, &web, None, &["main", "main:release/1"]);
    assert!(answer.status != 0 && remote(&answer).contains(RULE), "{answer:?}");
    let answer = push(&server, &web, Some("bob"), &[":main"]);
    let said = remote(&answer);
    assert!(answer.status != 0 && said.contains("hint: the push is by bob (REMOTE_USER)"), "{answer:?}");
    let answer = push(&server, &web, None, &[":main"]);
    let said = remote(&answer);
    assert!(said.contains("nobody whom the server authenticated"), "{answer:?}");
    assert!(before == server.files(), "a refused push left something behind");
}

#[test]
fn a_bypass_over_the_web_is_for_whom_the_web_server_let_in() {
    let (server, web) = web();
    server.config("spec.exemptPusher", "ann");
    server.unlinked("Page");
    let words = ["-o", "spec.bypass=fire", "main"];
    for user in [None, Some("bob")] {
        let answer = push(&server, &web, user, &words);
        assert!(answer.status != 0 && remote(&answer).contains("the push option spec.bypass is for"), "{answer:?}");
    }
    let answer = push(&server, &web, Some("ann"), &words);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(remote(&answer).contains("bypass pusher=\"ann\" from=\"REMOTE_USER\""), "{answer:?}");
    assert!(remote(&answer).contains("reason=\"fire\""), "{answer:?}");
}

#[test]
fn a_large_push_comes_in_chunks() {
    let (server, web) = web();
    // Bytes that do not get smaller, over git's http.postBuffer
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 24).unwrap()
    })
    .take(3 << 20)
    .collect();
    server.repo.write("image", noise);
    server.linked();
    push(&server, &web, Some("bob"), &["main", "main:release/1"]).ok();
    server.unlinked("Page");
    assert!(remote(&push(&server, &web, Some("bob"), &["main"])).contains(RULE));
}

#[test]
fn over_ssh_the_account_is_the_pusher_unless_the_server_says_better() {
    let server = Server::new();
    let ssh = server.repo.beside("ssh");
    let tool = Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap().display().to_string();
    let text = format!(
        "#!/bin/sh\naccount=${{1%%@*}}; shift\nexec env -i PATH=\"{tool}:$PATH\" LOGNAME=\"$account\" KEY_OF=\"$KEY_OF\" sh -c \"$*\"\n"
    );
    server.script("../../ssh", &text);
    let push = |account: &str, key: &str, words: &[&str]| {
        let mut command = server.git();
        command.env("GIT_ALLOW_PROTOCOL", "file:ssh").env("GIT_SSH", &ssh).env("GIT_SSH_VARIANT", "simple");
        let address = format!("{account}@server:{}", server.bare.display());
        run(command.env("KEY_OF", key).args(["push", "-q", &address]).args(words))
    };
    server.linked();
    push("ann", "", &["main"]).ok();
    server.unlinked("Page");
    let answer = push("ann", "", &["main"]);
    assert!(answer.status != 0 && remote(&answer).contains(RULE), "{answer:?}");
    assert!(remote(&push("ann", "", &[":main"])).contains("the push is by ann (LOGNAME)"));
    server.config("spec.exemptPusher", "git");
    server.config("spec.pusherVariable", "KEY_OF");
    assert_ne!(push("git", "bob", &["main"]).status, 0, "the account of all is nobody's name any more");
    server.config("spec.exemptPusher", "bob");
    let answer = push("git", "bob", &["main"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(remote(&answer).contains("exempt pusher=\"bob\" from=\"KEY_OF\""), "{answer:?}");
}
