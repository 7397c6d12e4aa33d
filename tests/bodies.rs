//! The links in the body of a forge's squash go where those of trailers go: by the real git with the hooks.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Answer, Repo, run};

fn git(repo: &Repo, words: &[&str]) -> Answer {
    git_with(repo, ("true", "true"), words)
}

fn git_with(repo: &Repo, (editor, list): (&str, &str), words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    let now: u64 = repo.git(&["rev-list", "--all", "--count"]).parse().unwrap();
    command.env("GIT_SEQUENCE_EDITOR", list).env("GIT_AUTHOR_DATE", format!("{} +0000", 1_800_000_000 + now));
    run(command.env("GIT_EDITOR", editor).args(words))
}

fn code(repo: &Repo, name: &str, subject: &str) {
    repo.write(format!("src/{name}"), format!("fn {subject}() {{}}\n"));
    repo.git(&["add", "-A"]);
    repo.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", subject]);
}

/// Two commits without links and a forge's squash, whose body links AUTH-1; `topic` is there, too.
fn squashed() -> Repo {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    code(&repo, "base.rs", "base");
    code(&repo, "k.rs", "k");
    let version = repo.spec(&["show", "--json", "AUTH-1"]).json()["clause"]["version"].as_str().unwrap().to_owned();
    code(&repo, "f.rs", &format!("F (#1)\n\n* Generate x\n\nSpec: specs/auth.md#AUTH-1 {version}\n\n* Something else"));
    repo.git(&["branch", "topic"]);
    assert!(is_linked(&repo));
    repo
}

/// Whether HEAD is linked to AUTH-1, in whatever way.
fn is_linked(repo: &Repo) -> bool {
    let clause = repo.spec(&["show", "--json", "AUTH-1"]).json();
    let head = repo.rev("HEAD");
    clause["generated"].as_array().unwrap().iter().any(|made| made["commit"] == head.as_str())
}

#[test]
fn a_message_that_takes_the_place_of_a_forges_squash_keeps_its_links() {
    let ways: [(&str, &[&str]); 4] = [
        ("true", &["commit", "-q", "--amend", "-m", "F anew"]),
        ("true", &["spec", "commit", "-q", "--amend", "-m", "F anew"]),
        ("true", &["rebase", "-q", "-x", "git commit -q --amend -m anew", "HEAD~1"]),
        ("sed -i -e '2s/pick/fixup/'", &["rebase", "-q", "-i", "HEAD~2"]),
    ];
    for (list, words) in ways {
        let repo = squashed();
        git_with(&repo, ("true", list), words).ok();
        assert!(is_linked(&repo), "{words:?}");
        let fsck = repo.spec(&["fsck"]);
        assert!(fsck.stdout.contains("1 link"), "{words:?}: {fsck:?}");
    }
    // The message that says it by itself gets no second one.
    let repo = squashed();
    repo.git(&["log", "-1", "--format=%B"]);
    repo.write("message", repo.git(&["log", "-1", "--format=%B"]).replace("F (#1)", "F better (#1)"));
    git(&repo, &["commit", "-q", "--amend", "-F", "message"]).ok();
    assert_eq!(repo.git(&["log", "-1", "--format=%B"]).matches("Spec:").count(), 1);
    assert!(is_linked(&repo));
}

#[test]
fn a_conflict_that_is_resolved_with_another_message_keeps_the_links_of_a_forges_squash() {
    for words in [&["cherry-pick", "topic"][..], &["rebase", "-q", "other", "topic"]] {
        let repo = squashed();
        repo.git(&["checkout", "-q", "-b", "other", "HEAD~1"]);
        code(&repo, "f.rs", "other");
        assert_ne!(git(&repo, words).status, 0);
        repo.write("src/f.rs", "fn both() {}\n");
        repo.git(&["add", "-A"]);
        git(&repo, &["commit", "-q", "-m", "By hand"]).ok();
        assert!(is_linked(&repo), "{words:?}");
    }
}

#[test]
fn a_link_of_a_forges_squash_that_an_editor_takes_away_is_told() {
    let anew = "sh -c 'echo Brand new > \"$1\"' --";
    let ways: [(&str, &[&str]); 3] = [
        ("true", &["commit", "-q", "--amend"]),
        ("true", &["spec", "commit", "-q", "--amend"]),
        ("sed -i -e '1s/pick/reword/'", &["rebase", "-q", "-i", "HEAD~1"]),
    ];
    for (list, words) in ways {
        let repo = squashed();
        let said = git_with(&repo, (anew, list), words);
        assert!(said.stderr.contains("AUTH-1 was taken out of the message"), "{words:?}: {said:?}");
    }
}
