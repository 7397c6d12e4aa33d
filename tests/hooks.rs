//! The hooks on the client, called by the real git: what they add, complete and refuse, and how they come and go.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use support::{AUTH, Answer, Repo, run};

const NO_EDITOR: &str = "echo no editor was wanted >&2; exit 9";

fn git_in(repo: &Repo, directory: &Path, editor: &str, words: &[&str]) -> Answer {
    let mut command = repo.git_command(directory);
    command.env("GIT_EDITOR", format!("sh -c '{editor}' --")).args(words);
    run(&mut command)
}

fn git(repo: &Repo, words: &[&str]) -> Answer {
    git_in(repo, repo.path(), NO_EDITOR, words)
}

/// With hooks, and AUTH-1 under way on main.
fn hooked() -> Repo {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    git(&repo, &["spec", "start", "AUTH-1"]).ok();
    repo
}

fn code(repo: &Repo) {
    let path = repo.path().join("lock.rs");
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    repo.write("lock.rs", old + "line\n");
    repo.git(&["add", "lock.rs"]);
}

fn body(repo: &Repo, rev: &str) -> String {
    repo.git(&["log", "-1", "--format=%B", rev]).trim_end().to_owned()
}

/// The names that the trailers of a commit link.
fn names(repo: &Repo, rev: &str) -> Vec<String> {
    let text = repo.git(&["log", "-1", "--format=%(trailers:key=Spec,valueonly,unfold)", rev]);
    let name = |line: &str| line.split(['@', ' ']).next().unwrap().rsplit('#').next().unwrap().to_owned();
    text.lines().filter(|line| !line.is_empty()).map(name).collect()
}

/// Commits a change of code by plain git.
fn commit(repo: &Repo, editor: &str, words: &[&str]) -> Answer {
    code(repo);
    git_in(repo, repo.path(), editor, &[&["commit", "-q"], words].concat())
}

fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn hook(repo: &Repo, name: &str) -> PathBuf {
    repo.path().join(".git/hooks").join(name)
}

/// Runs a hook's command on a file, as git would.
fn on_file(repo: &Repo, words: &[&str], bytes: &[u8]) -> (Answer, Vec<u8>) {
    let file = repo.path().join(".git/MSG");
    std::fs::write(&file, bytes).unwrap();
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", ":").args(["spec", "hook", words[0], ".git/MSG"]).args(&words[1..]);
    let answer = run(&mut command);
    (answer, std::fs::read(file).unwrap())
}

#[test]
fn plain_commits_carry_what_is_under_way() {
    let repo = hooked();
    repo.write("../message", "From a file\n\n#1 is no comment\n");
    repo.write("../template", "\n# What for?\n");
    let title = "sed -i \"1s/^/Title/\" \"$1\"";
    for (editor, words, begins) in [
        (NO_EDITOR, &["-m", "Subject", "-m", "Body"][..], "Subject\n\nBody\n\nSpec: "),
        (NO_EDITOR, &["-F", "../message"], "From a file\n\n#1 is no comment\n\nSpec: "),
        (NO_EDITOR, &["-sm", "Signed"], "Signed\n\nSigned-off-by: C O Mitter <committer@example.org>\nSpec: "),
        (title, &[], "Title\n\nSpec: "),
        (title, &["-v"], "Title\n\nSpec: "),
        (title, &["-s"], "Title\n\nSigned-off-by: C O Mitter <committer@example.org>\nSpec: "),
        (title, &["-t", "../template"], "Title\n\nSpec: "),
        (title, &["--cleanup=scissors"], "Title\n\nSpec: "),
        (title, &["--cleanup=scissors", "-v"], "Title\n\nSpec: "),
        (NO_EDITOR, &["--cleanup=verbatim", "-m", "Verbatim"], "Verbatim\n\nSpec: "),
        (NO_EDITOR, &["-n", "-m", "Unverified"], "Unverified\n\nSpec: "),
    ] {
        commit(&repo, editor, words).ok();
        let text = body(&repo, "HEAD");
        assert!(text.starts_with(begins), "{words:?}: {text}");
        assert_eq!(names(&repo, "HEAD"), ["AUTH-1"], "{words:?}: {text}");
    }
    for (key, sign) in [("core.commentChar", ";"), ("core.commentChar", "auto"), ("core.commentString", "//")] {
        repo.git(&["config", key, sign]);
        // Newer gits say that `auto` will go.
        assert_eq!(commit(&repo, title, &["-v"]).status, 0);
        assert!(body(&repo, "HEAD").starts_with("Title\n\nSpec: "), "{sign}: {}", body(&repo, "HEAD"));
        repo.git(&["config", "--unset", key]);
    }
    for setting in ["trailer.separators=#", "trailer.spec.key=Other", "trailer.ifmissing=doNothing", "commit.verbose=2"]
    {
        code(&repo);
        git_in(&repo, repo.path(), title, &["-c", setting, "commit", "-q"]).ok();
        assert_eq!(names(&repo, "HEAD"), ["AUTH-1"], "{setting}");
    }
    assert_eq!(repo.git(&["fsck", "--strict"]), "");
}

#[test]
fn git_spec_commit_and_the_hooks_get_along() {
    let repo = hooked();
    code(&repo);
    git(&repo, &["spec", "commit", "-qm", "Both", "--for", "AUTH-2"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1", "AUTH-2"]);
    git(&repo, &["spec", "commit", "-q", "--amend", "-m", "Anew", "--for", "AUTH-2"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1", "AUTH-2"], "what is linked stays");
    git(&repo, &["spec", "start", "reset"]).ok();
    git(&repo, &["spec", "commit", "-q", "--amend", "-m", "Once more", "--for", "AUTH-2"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1", "AUTH-2"], "an amended message is no plain one");
}

#[test]
fn a_message_without_words_is_refused() {
    let repo = hooked();
    let head = repo.rev("HEAD");
    for words in [&[][..], &["-s"], &["-v"], &["--cleanup=scissors"]] {
        let said = commit(&repo, "true", words);
        assert!(said.stderr.contains("Aborting commit due to empty commit message"), "{words:?} {said:?}");
    }
    assert!(commit(&repo, NO_EDITOR, &["-m", ""]).stderr.contains("empty commit message"));
    assert_eq!(repo.rev("HEAD"), head);
    let said = commit(&repo, NO_EDITOR, &["--allow-empty-message", "-m", ""]);
    assert_eq!((said.status, said.stderr.as_str()), (0, "warning: the message has no words, so it carries no link\n"));
    assert_eq!(body(&repo, "HEAD"), "");
}

#[test]
fn a_template_that_nobody_edits_is_refused() {
    let repo = hooked();
    let head = repo.rev("HEAD");
    let template = repo.beside("template");
    std::fs::write(&template, "\nWhy:\n\nWhat was done\n# a comment\n").unwrap();
    repo.git(&["config", "commit.template", template.to_str().unwrap()]);
    for words in [&[][..], &["-s"], &["-v"]] {
        let said = commit(&repo, "true", words);
        assert!(said.status == 1 && said.stderr.contains("you did not edit the message"), "{words:?} {said:?}");
    }
    assert_eq!(repo.rev("HEAD"), head);
    // What was kept is no hindrance to another message, nor to the same template when somebody fills it in.
    assert_eq!(commit(&repo, "exit 1", &[]).status, 1);
    commit(&repo, NO_EDITOR, &["-m", "Lock"]).ok();
    commit(&repo, "sed -i s/^Why:/Because/ \"$1\"", &[]).ok();
    assert!(body(&repo, "HEAD").starts_with("Because\n\nWhat was done\n\nSpec: "), "{}", body(&repo, "HEAD"));
    assert_eq!([names(&repo, "HEAD"), names(&repo, "HEAD~1")], [["AUTH-1"], ["AUTH-1"]]);
    assert!(!repo.path().join(".git/spec-template").exists());
}

#[test]
fn amended_and_reused_messages_stay() {
    let repo = hooked();
    repo.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", "x"]);
    repo.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend", "--allow-empty", "-m", "Without"]);
    let plain = repo.rev("HEAD");
    for words in [&["--amend", "--no-edit"][..], &["--amend"], &["-C", &plain], &["-c", &plain]] {
        commit(&repo, "true", words).ok();
        assert_eq!(body(&repo, "HEAD"), "Without", "{words:?}");
    }
    commit(&repo, NO_EDITOR, &["-m", "With"]).ok();
    let with = body(&repo, "HEAD");
    for words in [&["--amend", "--no-edit"][..], &["--amend"], &["-C", "HEAD"], &["-F", ".git/COMMIT_EDITMSG"]] {
        commit(&repo, "true", words).ok();
        assert_eq!(body(&repo, "HEAD"), with, "{words:?}");
    }
}

#[test]
fn rewriting_history_changes_no_message() {
    let repo = hooked();
    commit(&repo, NO_EDITOR, &["-m", "Lock"]).ok();
    let with = body(&repo, "HEAD");
    for words in [&["--fixup", "HEAD"][..], &["-m", "squash! Lock\n\nMore"]] {
        commit(&repo, NO_EDITOR, words).ok();
        assert!(names(&repo, "HEAD").is_empty(), "{words:?}");
    }
    git(&repo, &["spec", "start", "AUTH-2"]).ok();
    git_in(&repo, repo.path(), "true", &["rebase", "-q", "-i", "--autosquash", "HEAD~3"]);
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"], "{}", body(&repo, "HEAD"));
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    commit(&repo, NO_EDITOR, &["-m", "Lock"]).ok();
    let both = body(&repo, "HEAD");
    git(&repo, &["spec", "start", "reset"]).ok();
    // Reword, rebase, pick, patch: the message is another commit's
    git_in(&repo, repo.path(), "sed -i s/^pick/reword/ \"$1\"", &["rebase", "-q", "-i", "HEAD~1"]);
    assert_eq!(body(&repo, "HEAD"), both);
    repo.git(&["switch", "-q", "-c", "side", "HEAD~1"]);
    repo.write("side.rs", "x\n");
    repo.git(&["add", "-A"]);
    repo.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "Side"]);
    git(&repo, &["spec", "start", "AUTH-2"]).ok();
    git(&repo, &["cherry-pick", "main"]);
    assert_eq!(body(&repo, "HEAD"), both);
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    git(&repo, &["rebase", "-q", "main"]);
    assert_eq!(body(&repo, "HEAD"), "Side");
    let patch = repo.git(&["format-patch", "-1", "--stdout", "main"]);
    repo.write("../patch", patch + "\n");
    repo.git(&["reset", "-q", "--hard", "main~1"]);
    git(&repo, &["am", "-q", "../patch"]);
    assert_eq!(body(&repo, "HEAD"), both);
    assert_ne!(with, both);
    assert_eq!(repo.git(&["fsck", "--strict"]), "");
}

#[test]
fn reverts_and_merges_get_no_links() {
    let repo = hooked();
    commit(&repo, NO_EDITOR, &["-m", "Lock"]).ok();
    commit(&repo, NO_EDITOR, &["-m", "Lock more"]).ok();
    for words in [
        &["revert", "--no-edit", "HEAD"][..],
        &["revert", "--edit", "HEAD"],
        &["revert", "--no-edit", "HEAD", "HEAD~1"],
    ] {
        git_in(&repo, repo.path(), "true", words);
        assert!(names(&repo, "HEAD").is_empty(), "{words:?} {}", body(&repo, "HEAD"));
        assert!(body(&repo, "HEAD").contains("This reverts commit"), "{words:?}");
    }
    repo.git(&["switch", "-q", "-c", "side", "HEAD~1"]);
    repo.write("side.rs", "x\n");
    repo.git(&["add", "-A"]);
    git(&repo, &["commit", "-q", "-m", "Side"]).ok();
    repo.git(&["switch", "-q", "main"]);
    git_in(&repo, repo.path(), "true", &["merge", "-q", "--no-ff", "side"]);
    assert!(repo.git(&["log", "-1", "--format=%p"]).contains(' ') && names(&repo, "HEAD").is_empty());
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    git(&repo, &["merge", "-q", "--no-ff", "--no-commit", "side"]);
    git(&repo, &["commit", "-qm", "Merged by hand"]).ok();
    assert!(names(&repo, "HEAD").is_empty());
}

#[test]
fn a_squash_keeps_the_links_of_what_it_joins() {
    let repo = hooked();
    repo.git(&["switch", "-q", "-c", "side"]);
    for (name, title) in [("AUTH-2", "One"), ("reset", "Two"), ("AUTH-2", "Three")] {
        git(&repo, &["spec", "start", "--done"]).ok();
        git(&repo, &["spec", "start", name]).ok();
        commit(&repo, NO_EDITOR, &["-m", title]).ok();
    }
    repo.git(&["switch", "-q", "main"]);
    git(&repo, &["merge", "-q", "--squash", "side"]);
    git_in(&repo, repo.path(), "sed -i \"1iAll three\\n\" \"$1\"", &["commit", "-q"]).ok();
    let text = body(&repo, "HEAD");
    assert_eq!(names(&repo, "HEAD"), ["AUTH-2", "reset"], "{text}");
    assert!(text.starts_with("All three\n\nSquashed commit of the following:\n"), "{text}");
    assert_eq!(text.matches("Spec:").count(), 2, "{text}");
    // The same without the hook, by git spec commit
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    git(&repo, &["spec", "hooks", "uninstall"]).ok();
    git(&repo, &["merge", "-q", "--squash", "side"]);
    git_in(&repo, repo.path(), "sed -i \"1iAll three\\n\" \"$1\"", &["spec", "commit", "-q"]).ok();
    assert_eq!(body(&repo, "HEAD"), text);
}

#[test]
fn the_hook_tells_of_a_clause_that_changed() {
    let repo = hooked();
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    git(&repo, &["commit", "-qam", "Sooner"]);
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock"]);
    assert_eq!(
        said.stderr,
        "warning: AUTH-1 changed since you started: 5 → 3; git spec start AUTH-1 takes the new version\n"
    );
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
}

#[test]
fn typed_clauses_become_links() {
    let repo = hooked();
    git(&repo, &["spec", "start", "--done"]).ok();
    let first = repo.rev("HEAD");
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    let second = repo.commit("Sooner");
    let at = |commit: &str, name: &str| format!("Spec: specs/auth.md#{name}@{} v1:", &commit[..16]);
    let text = format!("Lock\n\nspec : AUTH-1\nSpec: AUTH-2\nSpec: AUTH-1@{}\nReviewed-by: A <a@b.c>", &first[..9]);
    commit(&repo, NO_EDITOR, &["-m", &text]).ok();
    let made = body(&repo, "HEAD");
    let lines: Vec<&str> = made.lines().collect();
    assert!(lines[2].starts_with(&at(&second, "AUTH-1").replace("Spec:", "spec :")), "{made}");
    assert!(lines[3].starts_with(&at(&first, "AUTH-2")) && lines[4].starts_with(&at(&first, "AUTH-1")), "{made}");
    assert_eq!(lines[5], "Reviewed-by: A <a@b.c>");
    // A full link, folded or not, and a second run
    let folded = made.replace(" v1:", "\n  v1:");
    commit(&repo, NO_EDITOR, &["-m", &folded]).ok();
    assert_eq!(body(&repo, "HEAD"), folded);
    // Twice the same, a file, a folded name
    commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: reset\nSpec:\n  reset\nSpec: specs/auth.md"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["reset", "specs/auth.md"], "{}", body(&repo, "HEAD"));
    assert_eq!(repo.git(&["fsck", "--strict"]), "");
}

#[test]
fn a_clause_of_the_same_commit_needs_no_commit() {
    let repo = hooked();
    git(&repo, &["spec", "start", "--done"]).ok();
    repo.write("specs/auth.md", format!("{AUTH}\n## Unlock {{#AUTH-7}}\n\nA user MUST be able to unlock it.\n"));
    git(&repo, &["commit", "-qam", "Unlock\n\nSpec: AUTH-7\nSpec: AUTH-2"]).ok();
    let text = body(&repo, "HEAD");
    assert!(text.contains("\nSpec: specs/auth.md#AUTH-7 v1:") && text.contains("#AUTH-2@"), "{text}");
}

#[test]
fn an_unknown_clause_stops_the_commit() {
    let repo = hooked();
    let head = repo.rev("HEAD");
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: AUTH-22"]);
    insta::assert_snapshot!(said.fails(1), @r#"
    error: in the commit message: no clause AUTH-22 in the spec set at HEAD
    hint: nearest: AUTH-2 Sessions (specs/auth.md), AUTH-1 Lockout (specs/auth.md)
    hint: the message is kept; mend it: git commit -e -F "$(git rev-parse --git-path COMMIT_EDITMSG)"
    hint: with your other options, but without -m, -F, -c and -C; to let it pass as it is: with --no-verify
    "#);
    assert_eq!(repo.rev("HEAD"), head);
    let mend = "sed -i s/AUTH-22/AUTH-2/ \"$1\"";
    git_in(&repo, repo.path(), mend, &["commit", "-q", "-e", "-F", ".git/COMMIT_EDITMSG"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-2", "AUTH-1"]);
    commit(&repo, NO_EDITOR, &["-nm", "Lock\n\nSpec: AUTH-22"]).ok();
    assert!(body(&repo, "HEAD").contains("Spec: AUTH-22\n"));
    repo.write("specs/more.md", "# More\n\n## Other {#AUTH-2}\n\nIt MUST be another clause of this name.\n");
    repo.commit("Twice");
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: AUTH-2"]).fails(1);
    assert!(said.contains("AUTH-2 names 2 clauses") && said.contains("specs/more.md#AUTH-2"), "{said}");
    assert!(commit(&repo, NO_EDITOR, &["-m", "x\n\nSpec: AUTH-1@nope"]).fails(1).contains("unknown revision nope"));
}

#[test]
fn trailers_of_others_are_left_alone() {
    let repo = hooked();
    git(&repo, &["spec", "start", "--done"]).ok();
    let text = "Lock\n\nSpec: see the wiki\nSpec: https://example.org/x\nSpec: a.md#x@1234567 v1:12";
    let said = commit(&repo, NO_EDITOR, &["-m", text]);
    assert_eq!((said.status, body(&repo, "HEAD").as_str()), (0, text));
    assert_eq!(said.stderr, "warning: no link, left as it is: Spec: see the wiki, and 2 more\n");
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: a.md#x@1234567 v1:12"]);
    assert!(said.stderr.contains("the second word isn't a version"), "{said:?}");
    for text in ["spec: make it clear", "Lock\n\nSpec: AUTH-9\n\nThe paragraph behind it is the last."] {
        let said = commit(&repo, NO_EDITOR, &["-m", text]);
        assert_eq!((said.status, body(&repo, "HEAD").as_str()), (0, text), "{said:?}");
    }
}

#[test]
fn bytes_of_messages_are_kept() {
    let repo = hooked();
    let line = |name: &str, text: &[u8]| {
        let text = String::from_utf8_lossy(text).into_owned();
        text.lines().find(|line| line.starts_with("Spec: ") && line.contains(name)).map(str::to_owned)
    };
    // CRLF
    let (said, new) = on_file(&repo, &["prepare-commit-msg", "message"], b"Lock\r\n\r\nBody\r\n");
    said.ok();
    assert!(new.starts_with(b"Lock\r\n\r\nBody\r\n\r\nSpec: ") && new.ends_with(b"\r\n"), "{new:?}");
    let (said, new) = on_file(&repo, &["commit-msg"], b"Lock\r\n\r\nSpec: AUTH-2\r\n");
    said.ok();
    assert!(new.starts_with(b"Lock\r\n\r\nSpec: specs/auth.md#AUTH-2@") && new.ends_with(b"\r\n"), "{new:?}");
    // Latin-1, and a name beyond ASCII
    repo.write("specs/größe.md", "# Größe\n\n## Weite {#W-1}\n\nSie MUST weit sein und bleiben, solange sie steht.\n");
    repo.commit("Mehr");
    git(&repo, &["spec", "start", "W-1"]).ok();
    repo.git(&["config", "i18n.commitEncoding", "ISO-8859-1"]);
    let (said, new) = on_file(&repo, &["prepare-commit-msg", "message"], b"Gr\xf6\xdfe\n");
    said.ok();
    assert!(new.starts_with(b"Gr\xf6\xdfe\n\nSpec: "), "{new:?}");
    assert!(line("W-1", &new).unwrap().contains("specs/gr%C3%B6%C3%9Fe.md#W-1@"), "{new:?}");
    repo.write("../latin", b"Gr\xf6\xdfe\n");
    commit(&repo, NO_EDITOR, &["-F", "../latin"]).ok();
    let links = repo.spec(&["log", "--json", "-n1"]).json();
    assert_eq!(links["entries"][0]["generated"][0]["links"][0]["path"], "specs/größe.md", "{links}");
    // What can't be read
    repo.git(&["config", "i18n.commitEncoding", "UTF-16"]);
    let wide: Vec<u8> = "Lock\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, words) in
        [(&wide[..], &["prepare-commit-msg", "message"][..]), (b"Lock\n\nSpec: AUTH-1\n", &["commit-msg"])]
    {
        let (said, new) = on_file(&repo, words, bytes);
        assert_eq!((said.status, new.as_slice()), (0, bytes));
        assert!(said.stderr.starts_with("warning: ") && said.stderr.lines().count() == 1, "{said:?}");
    }
    repo.git(&["config", "--unset", "i18n.commitEncoding"]);
    let (said, new) = on_file(&repo, &["commit-msg"], b"Lock\0\n\nSpec: AUTH-22\n");
    assert_eq!((said.status, new.as_slice()), (0, &b"Lock\0\n\nSpec: AUTH-22\n"[..]));
    assert!(said.stderr.contains("NUL"), "{said:?}");
    let (said, _) = on_file(&repo, &["commit-msg"], b"Lock\0\n");
    said.ok();
}

#[test]
fn failures_of_their_own_stop_nothing() {
    let repo = hooked();
    // A broken configuration
    repo.write(".gitspec.toml", "[spec]\ninclude = 3\n");
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: AUTH-2"]);
    assert_eq!(said.status, 0);
    let lines: Vec<&str> = said.stderr.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("warning: ")) && lines.len() == 2, "{said:?}");
    assert!(body(&repo, "HEAD").contains("Spec: AUTH-2\nSpec: specs/auth.md#AUTH-1@"), "{}", body(&repo, "HEAD"));
    // No specification
    std::fs::remove_file(repo.path().join(".gitspec.toml")).unwrap();
    git(&repo, &["spec", "start", "--done"]).ok();
    repo.git(&["rm", "-rq", "specs"]);
    repo.git(&["-c", "core.hooksPath=/dev/null", "commit", "-qm", "No specification"]);
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: AUTH-2"]);
    assert_eq!(said.status, 0);
    assert!(said.stderr.contains("no specification found"), "{said:?}");
    assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
    commit(&repo, NO_EDITOR, &["-m", "Lock"]).ok();
    // Wrong words
    assert!(git(&repo, &["spec", "hook", "nope"]).stderr.contains("there is no hook nope"));
    assert_eq!(git(&repo, &["spec", "hook", "commit-msg", "no/such/file"]).status, 0);
}

#[test]
fn without_the_program_git_goes_on_and_is_told_once() {
    let repo = hooked();
    code(&repo);
    let mut command = repo.git_command(repo.path());
    command.env("PATH", without_tool()).args(["commit", "-qm", "Lock"]);
    let said = run(&mut command);
    assert_eq!(said.status, 0);
    assert!(
        said.stderr.starts_with("warning: git-spec is not on PATH") && said.stderr.lines().count() == 1,
        "{said:?}"
    );
    let mut command = repo.git_command(repo.path());
    command.env("PATH", without_tool()).args(["commit", "-q", "--amend", "-m", "Lock"]);
    assert_eq!(run(&mut command).stderr.lines().count(), 1);
}

/// The search path without this tool's directories.
fn without_tool() -> String {
    let path = std::env::var("PATH").unwrap();
    let has_not = |directory: &&str| !Path::new(directory).join("git-spec").exists();
    path.split(':').filter(has_not).collect::<Vec<_>>().join(":")
}

/// Names, modes, link targets and bytes of everything in a directory.
fn picture(directory: &Path) -> Vec<(String, u32, Option<PathBuf>, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(directory)
        .into_iter()
        .flatten()
        .map(|entry| {
            let entry = entry.unwrap();
            let mode = entry.path().symlink_metadata().unwrap().permissions().mode();
            let name = entry.file_name().to_str().unwrap().to_owned();
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            (name, mode, std::fs::read_link(entry.path()).ok(), bytes)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn installing_chains_and_uninstalling_restores() {
    let repo = Repo::auth();
    let hooks = repo.path().join(".git/hooks");
    script(&hooks.join("commit-msg"), "#!/bin/sh\necho \"old $# $1\" >&2\ngrep -q bad \"$1\" && exit 7\nexit 0\n");
    std::fs::set_permissions(hooks.join("commit-msg"), std::fs::Permissions::from_mode(0o751)).unwrap();
    script(&hooks.join("real"), "#!/bin/sh\necho \"linked $0\" >&2\ncat >&2\n");
    std::os::unix::fs::symlink("real", hooks.join("pre-push")).unwrap();
    std::fs::write(hooks.join("post-rewrite"), b"\xff not a script, not executable").unwrap();
    let before = picture(&hooks);
    insta::assert_snapshot!(git(&repo, &["spec", "hooks", "install", "--scripts"]).ok(), @r"
    Hooks in .git/hooks:
      + prepare-commit-msg  installed
      + commit-msg          installed, after .git/hooks/before-spec/commit-msg
      + post-rewrite        installed
      + pre-push            installed, after .git/hooks/before-spec/pre-push
    warning: .git/hooks/before-spec/post-rewrite is not executable, so it does not run
    Next: git spec start CLAUSE, then git commit as usual.
    ");
    let installed = picture(&hooks);
    let again = git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    assert!(!again.contains('+'), "{again}");
    assert_eq!(picture(&hooks), installed);
    // The old hook is asked first, with the same words, and obeyed
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: AUTH-1"]);
    assert_eq!((said.status, said.stderr.as_str()), (0, "old 1 .git/COMMIT_EDITMSG\n"));
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
    let said = commit(&repo, NO_EDITOR, &["-m", "bad\n\nSpec: AUTH-1"]);
    assert_eq!(said.status, 1);
    let bare = repo.beside("bare.git");
    repo.git(&["init", "-q", "--bare", bare.to_str().unwrap()]);
    let said = git(&repo, &["push", "-q", bare.to_str().unwrap(), "main"]);
    assert!(said.stderr.contains("linked .git/hooks/before-spec/pre-push\nrefs/heads/main "), "{said:?}");
    insta::assert_snapshot!(git(&repo, &["spec", "hooks", "uninstall"]).ok(), @r"
    Hooks in .git/hooks:
      - prepare-commit-msg  missing
      - commit-msg          missing, the hook from before is back
      - post-rewrite        missing, the hook from before is back
      - pre-push            missing, the hook from before is back
    ");
    assert_eq!(picture(&hooks), before);
    git(&repo, &["spec", "hooks", "uninstall"]).ok();
    assert_eq!(picture(&hooks), before);
}

#[test]
fn an_older_script_is_replaced_and_a_broken_one_mended() {
    let repo = hooked();
    let path = hook(&repo, "commit-msg");
    let now = std::fs::read_to_string(&path).unwrap();
    script(&path, include_str!("../hooks/earlier/commit-msg"));
    std::fs::set_permissions(hook(&repo, "pre-push"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let status = git(&repo, &["spec", "hooks"]).ok();
    assert!(status.contains("commit-msg          outdated"), "{status}");
    assert!(status.contains("pre-push            installed, does not run"), "{status}");
    assert!(status.contains("warning: ") && status.contains("is not executable"), "{status}");
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), now);
    assert!(git(&repo, &["spec", "hooks", "status", "--json"]).json()["hooks"][3]["runs"].as_bool().unwrap());
}

#[test]
fn a_file_in_the_way_is_not_lost() {
    let repo = Repo::auth();
    script(&hook(&repo, "commit-msg"), "#!/bin/sh\n");
    script(&hook(&repo, "commit-msg.before-spec"), "mine\n");
    assert!(
        git(&repo, &["spec", "hooks", "install", "--scripts"])
            .fails(2)
            .contains("commit-msg.before-spec is in the way")
    );
    assert_eq!(std::fs::read_to_string(hook(&repo, "commit-msg.before-spec")).unwrap(), "mine\n");
    // Nothing is half installed
    assert!(!hook(&repo, "prepare-commit-msg").exists() && !hook(&repo, "before-spec").exists());
}

#[test]
fn a_hook_goes_by_its_own_name_and_finds_what_lies_beside_it() {
    let repo = Repo::auth();
    let hooks = repo.path().join(".git/hooks");
    script(
        &repo.path().join("dispatch.sh"),
        "#!/bin/sh\n. \"$(dirname \"$0\")/common\"\nhook \"$(basename \"$0\")\"\n",
    );
    script(&hooks.join("common"), "hook() { echo \"is $1\" >&2; test \"$1\" != commit-msg || exit 1; }\n");
    std::os::unix::fs::symlink("../../dispatch.sh", hooks.join("commit-msg")).unwrap();
    std::os::unix::fs::symlink("commit-msg", hooks.join("pre-push")).unwrap();
    let before = picture(&hooks);
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock"]);
    assert_eq!((said.status, said.stderr.as_str()), (1, "is commit-msg\n"));
    for _ in 0..2 {
        git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
        let said = commit(&repo, NO_EDITOR, &["-m", "Lock"]);
        assert_eq!((said.status, said.stderr.as_str()), (1, "is commit-msg\n"));
    }
    git(&repo, &["spec", "hooks", "uninstall"]).ok();
    assert_eq!(picture(&hooks), before);
}

/// What an earlier version left: its script, and the hook from before beside it.
fn earlier(repo: &Repo) {
    script(&hook(repo, "commit-msg"), include_str!("../hooks/earlier/commit-msg"));
    script(&hook(repo, "commit-msg.before-spec"), "#!/bin/sh\necho before >&2\n");
}

#[test]
fn what_an_earlier_version_installed_goes_on_and_goes_away() {
    let repo = Repo::auth();
    earlier(&repo);
    let status = git(&repo, &["spec", "hooks"]).ok();
    assert!(status.contains("commit-msg          outdated, after .git/hooks/commit-msg.before-spec"), "{status}");
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    assert!(!hook(&repo, "commit-msg.before-spec").exists());
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: AUTH-1"]);
    assert_eq!((said.status, said.stderr.as_str()), (0, "before\n"));
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
    for installed_by_now in [true, false] {
        if !installed_by_now {
            earlier(&repo);
        }
        git(&repo, &["spec", "hooks", "uninstall"]).ok();
        assert!(std::fs::read_to_string(hook(&repo, "commit-msg")).unwrap().contains("echo before"));
        assert!(!hook(&repo, "commit-msg.before-spec").exists() && !hook(&repo, "before-spec").exists());
    }
}

#[test]
fn what_others_append_stays() {
    let repo = hooked();
    let path = hook(&repo, "commit-msg");
    let append = |path: &Path, text: &str| {
        let script = std::fs::read_to_string(path).unwrap() + text;
        std::fs::write(path, script).unwrap();
    };
    append(&path, "\n# added by acme\necho \"acme $1\" >&2\n");
    append(&hook(&repo, "pre-push"), "cat >&2\n");
    let installed = picture(&repo.path().join(".git/hooks"));
    let said = git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    assert!(said.contains("    commit-msg          installed, then lines that another program appended\n"), "{said}");
    assert_eq!(picture(&repo.path().join(".git/hooks")), installed);
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: AUTH-1"]);
    assert_eq!((said.status, said.stderr.as_str()), (0, "acme .git/COMMIT_EDITMSG\n"));
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
    // A refusal is one all the same, and whoever has no git-spec has the lines too
    let said = commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: AUTH-99"]);
    assert_eq!((said.status, said.stderr.contains("acme")), (1, false), "{said:?}");
    let mut command = repo.git_command(repo.path());
    command.env("PATH", without_tool()).args(["commit", "-q", "--amend", "-m", "Lock"]);
    assert!(run(&mut command).stderr.ends_with("acme .git/COMMIT_EDITMSG\n"));
    let bare = repo.beside("bare.git");
    repo.git(&["init", "-q", "--bare", bare.to_str().unwrap()]);
    let said = git(&repo, &["push", "-q", bare.to_str().unwrap(), "main"]);
    assert!(said.stderr.starts_with("refs/heads/main "), "{said:?}");
    // Behind an older script too
    script(&path, &(include_str!("../hooks/earlier/commit-msg").to_owned() + "echo acme >&2\n"));
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(include_str!("../hooks/commit-msg")) && text.ends_with("\necho acme >&2\n"), "{text}");
    let said = git(&repo, &["spec", "hooks", "uninstall"]).ok();
    assert!(said.contains("  - commit-msg          missing, the lines that another program appended stay\n"), "{said}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "#!/bin/sh\necho acme >&2\n");
    assert!(!hook(&repo, "prepare-commit-msg").exists());
}

#[test]
fn what_others_changed_is_left_to_them() {
    let repo = hooked();
    let path = hook(&repo, "post-rewrite");
    let changed = std::fs::read_to_string(&path).unwrap().replace("#!/bin/sh\n", "#!/bin/sh\nacme first\n");
    script(&path, &changed);
    std::fs::remove_file(hook(&repo, "commit-msg")).unwrap();
    let installed = picture(&repo.path().join(".git/hooks"));
    for action in ["install", "uninstall"] {
        let args: &[&str] = if action == "install" { &["--scripts"] } else { &[] };
        let told = git(&repo, &[&["spec", "hooks", action], args].concat()).fails(2);
        assert!(told.contains("post-rewrite holds more than the hook of git spec") && told.contains(": mv "), "{told}");
        assert_eq!(picture(&repo.path().join(".git/hooks")), installed, "{action}");
    }
    assert!(git(&repo, &["spec", "hooks"]).ok().contains("post-rewrite        changed"));
    // Over a hook from before, what was appended has no place of its own
    let repo = Repo::auth();
    let path = hook(&repo, "commit-msg");
    script(&path, "#!/bin/sh\n");
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    let text = std::fs::read_to_string(&path).unwrap() + "echo acme\n";
    script(&path, &text);
    assert!(git(&repo, &["spec", "hooks", "uninstall"]).fails(2).contains("commit-msg holds more than"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_hook_that_somebody_wrote_over_is_not_lost() {
    let repo = Repo::auth();
    let (path, kept) = (hook(&repo, "commit-msg"), hook(&repo, "before-spec/commit-msg"));
    script(&path, "#!/bin/sh\nexit 0\n");
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    script(&path, "#!/bin/sh\nexit 0\n");
    let status = git(&repo, &["spec", "hooks"]).ok();
    assert!(status.contains("before-spec/commit-msg is the hook from before ours, which is gone"), "{status}");
    // The same hook was put back by its owner.
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    assert!(std::fs::read_to_string(&path).unwrap().contains("git spec hook commit-msg"));
    script(&path, "#!/bin/sh\n# another\n");
    let told = git(&repo, &["spec", "hooks", "install", "--scripts"]).fails(2);
    assert!(told.contains("before-spec/commit-msg is in the way") && told.contains("hint: to run "), "{told}");
    let mend = told.lines().find_map(|line| line.split_once(" before it: mv ")).unwrap().1.to_owned();
    assert_eq!(run(std::process::Command::new("sh").args(["-c", &format!("mv {mend}")])).status, 0);
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    assert!(std::fs::read_to_string(&kept).unwrap().contains("another"));
    git(&repo, &["spec", "hooks", "uninstall"]).ok();
    assert!(std::fs::read_to_string(&path).unwrap().contains("another"));
}

#[test]
fn hooks_that_are_switched_off_are_told_as_such() {
    let repo = Repo::auth();
    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    let status = git(&repo, &["spec", "hooks"]).ok();
    assert!(status.contains("hooks are switched off, for /dev/null is no directory"), "{status}");
    assert!(status.contains("git config --show-origin core.hooksPath") && !status.contains("install"), "{status}");
    let doctor = repo.spec(&["doctor"]).stdout;
    assert!(
        doctor.contains("git config --show-origin core.hooksPath") && !doctor.contains("hooks install"),
        "{doctor}"
    );
}

#[test]
fn directories_that_others_share_are_asked_for() {
    let repo = Repo::auth();
    repo.git(&["config", "core.hooksPath", "githooks"]);
    insta::assert_snapshot!(git(&repo, &["spec", "hooks", "install", "--scripts"]).fails(2).replace(repo.path().to_str().unwrap(), "HERE"), @r"
    error: hooks belong into HERE/githooks here: it lies in the work tree, so that hooks in it would be committed
    hint: if that is wanted: git spec hooks install --force
    hint: see who set it: git config --show-origin core.hooksPath
    ");
    git(&repo, &["spec", "hooks", "install", "--scripts", "--force"]).ok();
    assert!(repo.path().join("githooks/commit-msg").is_file());
    git(&repo, &["spec", "start", "AUTH-1"]).ok();
    commit(&repo, NO_EDITOR, &["-m", "Lock"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
    git(&repo, &["spec", "hooks", "uninstall"]).ok();
    assert!(!repo.path().join("githooks/commit-msg").exists());
    let outside = repo.beside("global");
    repo.git(&["config", "core.hooksPath", outside.to_str().unwrap()]);
    assert!(git(&repo, &["spec", "hooks", "install", "--scripts"]).fails(2).contains("it lies outside the repository"));
    assert!(!outside.exists());
    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    assert!(git(&repo, &["spec", "hooks", "install", "--scripts"]).fails(2).contains("hooks are switched off"));
}

#[test]
fn worktrees_and_subdirectories_use_the_common_hooks() {
    let repo = Repo::auth();
    let side = repo.beside("side");
    repo.git(&["worktree", "add", "-q", "-b", "side", side.to_str().unwrap()]);
    git_in(&repo, &side.join("specs"), NO_EDITOR, &["spec", "hooks", "install", "--scripts"]).ok();
    assert!(hook(&repo, "commit-msg").is_file());
    git_in(&repo, &side, NO_EDITOR, &["spec", "start", "AUTH-2"]).ok();
    let specs = side.join("specs");
    git_in(&repo, &specs, NO_EDITOR, &["commit", "-q", "--allow-empty", "-m", "Side\n\nSpec: AUTH-1"]).ok();
    assert_eq!(names(&repo, "side"), ["AUTH-1", "AUTH-2"]);
    commit(&repo, NO_EDITOR, &["-m", "Main"]).ok();
    assert!(names(&repo, "main").is_empty());
}

#[test]
fn lines_for_lefthook_are_for_the_file_and_language_that_are_there() {
    let toml = "[commit-msg.commands.git-spec]\n    run = 'if command -v git-spec >/dev/null; then git spec hook commit-msg {0}; fi'\n";
    let json = "\"pre-push\": {\"commands\": {\"git-spec\": {\"run\": \"if command -v git-spec >/dev/null; then git spec hook \
                pre-push {0}; fi\", \"use_stdin\": true}}}\n";
    for (file, local, part) in [
        (".lefthook.yml", ".lefthook-local.yml", "      run: if command"),
        ("lefthook.yaml", "lefthook-local.yaml", "      run: if command"),
        (".config/lefthook.yml", ".config/lefthook-local.yml", "      use_stdin: true"),
        ("lefthook.toml", "lefthook-local.toml", toml),
        ("lefthook.json", "lefthook-local.json", json),
    ] {
        let repo = Repo::auth();
        repo.write(file, "");
        let said = git(&repo, &["spec", "hooks", "install", "--scripts"]);
        assert_eq!(said.status, 1, "{file}: {said:?}");
        assert!(said.stdout.contains(&format!("{file}, or {local} for you alone:\n")), "{file}: {said:?}");
        assert!(said.stdout.contains(part), "{file}: {said:?}");
        let lines: Vec<&str> = said.stdout.lines().filter_map(|line| line.strip_prefix("    ")).collect();
        repo.write(file, lines.join("\n"));
        let said = git(&repo, &["spec", "hooks"]).ok();
        assert!(said.contains("    commit-msg          installed, does not run\n"), "{file}: {said}");
    }
}

#[test]
fn husky_and_lefthook_keep_their_hooks() {
    let repo = Repo::auth();
    script(&repo.path().join(".husky/_/commit-msg"), "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n");
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    let before = picture(&repo.path().join(".husky/_"));
    let said = git(&repo, &["spec", "hooks", "install", "--scripts"]);
    assert_eq!(said.status, 1);
    insta::assert_snapshot!(said.stdout, @r#"
    husky owns the hooks here. Add to
    .husky/prepare-commit-msg:
        if command -v git-spec >/dev/null; then git spec hook prepare-commit-msg "$@"; fi
    .husky/commit-msg:
        if command -v git-spec >/dev/null; then git spec hook commit-msg "$@"; fi
    .husky/post-rewrite:
        if command -v git-spec >/dev/null; then git spec hook post-rewrite "$@"; fi
    .husky/pre-push:
        if command -v git-spec >/dev/null; then git spec hook pre-push "$@"; fi
    "#);
    assert_eq!(picture(&repo.path().join(".husky/_")), before);
    repo.git(&["config", "--unset", "core.hooksPath"]);
    repo.write("lefthook.yml", "pre-commit:\n");
    let before = picture(&repo.path().join(".git/hooks"));
    let said = git(&repo, &["spec", "hooks", "install", "--scripts"]);
    assert_eq!(said.status, 1);
    assert!(
        said.stdout.contains(
            "    commit-msg:\n      commands:\n        git-spec:\n          run: if command -v git-spec >/dev/null; then git \
             spec hook commit-msg {0}; fi\n"
        ),
        "{said:?}"
    );
    assert_eq!(picture(&repo.path().join(".git/hooks")), before);
    // Once the lines are there, that is seen.
    let lines: Vec<&str> = said.stdout.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    repo.write("lefthook.yml", lines.join("\n"));
    let said = git(&repo, &["spec", "hooks"]).ok();
    assert!(said.contains("    commit-msg          installed, does not run\n") && !said.contains("Add to"), "{said}");
    let why = "do not run, for lefthook's own script is not there: lefthook install\n";
    assert!(
        said.contains(why) && said.contains("warning: prepare-commit-msg, commit-msg, post-rewrite, pre-push "),
        "{said}"
    );
    for name in ["prepare-commit-msg", "commit-msg", "post-rewrite", "pre-push"] {
        script(&hook(&repo, name), "#!/bin/sh\ncall_lefthook run \"$0\"\n");
    }
    let said = git(&repo, &["spec", "hooks"]).ok();
    assert!(said.contains("    commit-msg          installed\n") && !said.contains("warning"), "{said}");
    // Nothing is asked for twice, and what cannot be taken out here is named
    let again = git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    assert!(again.contains("    pre-push            installed\n") && !again.contains("Add to"), "{again}");
    let said = git(&repo, &["spec", "hooks", "uninstall"]);
    assert_eq!(said.status, 1);
    let part = "lefthook.yml, the command below commit-msg:\n    run: if command -v git-spec >/dev/null; then git spec hook commit-msg {0}; fi\n";
    assert!(
        said.stdout.contains("lefthook owns the hooks here. Take out of\n") && said.stdout.contains(part),
        "{said:?}"
    );
    assert!(said.stdout.contains("    commit-msg          installed\n"), "{said:?}");
}

#[test]
fn husky_is_asked_only_for_what_lacks() {
    let repo = Repo::auth();
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    let line = |name: &str| format!("if command -v git-spec >/dev/null; then git spec hook {name} \"$@\"; fi\n");
    for name in ["prepare-commit-msg", "commit-msg", "post-rewrite"] {
        repo.write(format!(".husky/{name}"), line(name));
        script(&repo.path().join(".husky/_").join(name), "#!/bin/sh\n. \"$(dirname \"$0\")/h\"\n");
    }
    std::fs::remove_file(repo.path().join(".husky/_/post-rewrite")).unwrap();
    let said = git(&repo, &["spec", "hooks", "install", "--scripts"]);
    assert_eq!(said.status, 1);
    insta::assert_snapshot!(said.stdout, @r#"
    Hooks in .husky/_:
        prepare-commit-msg  installed
        commit-msg          installed
        post-rewrite        installed, does not run
        pre-push            missing
    husky owns the hooks here. Add to
    .husky/pre-push:
        if command -v git-spec >/dev/null; then git spec hook pre-push "$@"; fi
    warning: post-rewrite does not run, for husky's own script is not there: npx husky
    Next: git spec start CLAUSE, then git commit as usual.
    "#);
    let runs = git(&repo, &["spec", "hooks", "--json"]).json();
    let runs: Vec<bool> =
        runs["hooks"].as_array().unwrap().iter().map(|hook| hook["runs"].as_bool().unwrap()).collect();
    assert_eq!(runs, [true, true, false, false]);
    let said = git(&repo, &["spec", "hooks", "uninstall"]);
    assert_eq!(said.status, 1);
    assert!(
        said.stdout.contains(&format!("Take out of\n.husky/prepare-commit-msg:\n    {}", line("prepare-commit-msg"))),
        "{said:?}"
    );
}

#[test]
fn a_rewrite_without_its_input_is_found_where_git_keeps_it() {
    // pre-commit runs the hook that it found, and doesn't hand the input of post-rewrite on.
    let repo = hooked();
    script(&hook(&repo, "post-rewrite"), "#!/bin/sh\nexec git spec hook post-rewrite \"$@\" </dev/null\n");
    repo.git(&["checkout", "-q", "-b", "work"]);
    let link = |anchor: &str| {
        code(&repo);
        repo.commit("Code");
        git(&repo, &["spec", "link", "HEAD", anchor]).ok();
    };
    link("AUTH-1");
    link("AUTH-2");
    let noted = |rev: &str| repo.git_in(repo.path(), &["notes", "--ref=spec", "show", rev]).unwrap_or_default();
    let (first, second) = (noted("HEAD~1"), noted("HEAD"));
    git(&repo, &["commit", "-q", "--amend", "-m", "Amended"]).ok();
    assert_eq!(noted("HEAD"), second);
    repo.git(&["checkout", "-q", "main"]);
    repo.write("README", "text\n");
    repo.commit("Something else");
    for backend in ["--merge", "--apply"] {
        repo.git(&["checkout", "-q", "-B", "again", "work"]);
        git(&repo, &["rebase", "-q", backend, "main"]).ok();
        assert_eq!([noted("HEAD~1"), noted("HEAD")], [first.clone(), second.clone()], "{backend}");
        repo.git(&["notes", "--ref=spec", "remove", "HEAD", "HEAD~1"]);
    }
}

#[test]
fn pre_commit_runs_ours_as_the_hook_that_it_found() {
    let repo = Repo::auth();
    let theirs = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n\
                  if [ -x \"$0.legacy\" ]; then \"$0.legacy\" \"$@\" || exit; fi\n";
    script(&hook(&repo, "commit-msg"), theirs);
    script(&hook(&repo, "pre-commit"), theirs);
    let before = picture(&repo.path().join(".git/hooks"));
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    assert_eq!(std::fs::read_to_string(hook(&repo, "commit-msg")).unwrap(), theirs);
    commit(&repo, NO_EDITOR, &["-m", "Lock\n\nSpec: AUTH-1"]).ok();
    assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    git(&repo, &["spec", "hooks", "uninstall"]).ok();
    assert_eq!(picture(&repo.path().join(".git/hooks")), before);
    script(&hook(&repo, "commit-msg.legacy"), "#!/bin/sh\n");
    let said = git(&repo, &["spec", "hooks", "install", "--scripts"]);
    assert_eq!(said.status, 1);
    let entry = "entry: sh -c 'if command -v git-spec >/dev/null; then git spec hook commit-msg \"$@\"; fi' --\n";
    assert!(said.stdout.contains(entry), "{said:?}");
    // It names the file alone, and the rest by a variable
    git(&repo, &["spec", "start", "AUTH-1"]).ok();
    std::fs::write(repo.path().join(".git/MSG"), "Lock\n").unwrap();
    let mut command = repo.git_command(repo.path());
    command.env("PRE_COMMIT_COMMIT_MSG_SOURCE", "commit").args(["spec", "hook", "prepare-commit-msg", ".git/MSG"]);
    run(&mut command).ok();
    assert_eq!(std::fs::read_to_string(repo.path().join(".git/MSG")).unwrap(), "Lock\n");
}

#[test]
fn entries_that_pre_commit_fetches_are_installed_hooks() {
    let repo = Repo::auth();
    repo.write(
        ".pre-commit-config.yaml",
        "repos:\n  - repo: https://example.org/o/git-spec\n    rev: 0123abcd\n    hooks:\n      - id: git-spec-prepare-commit-msg\n      \
         - id: 'git-spec-commit-msg'\n      - id: git-spec-pre-push # at last\n#     - id: git-spec-post-rewrite\n",
    );
    let block = std::fs::read_to_string(repo.path().join(".pre-commit-config.yaml")).unwrap();
    let states = |repo: &Repo| {
        let told = git(repo, &["spec", "hooks", "status", "--json"]).json();
        let state = |hook: &serde_json::Value| {
            format!("{}: {}", hook["name"].as_str().unwrap(), hook["state"].as_str().unwrap())
        };
        let hooks = told["hooks"].as_array().unwrap().iter().map(state).collect::<Vec<_>>().join(", ");
        (hooks, told["problems"].as_array().unwrap().len())
    };
    let three = "prepare-commit-msg: installed, commit-msg: installed, post-rewrite: missing, pre-push: installed";
    // They run once pre-commit has put its own scripts there
    assert_eq!(states(&repo), (three.to_owned(), 1));
    // In braces as well, and in JSON, which is YAML
    let start = "repos:\n- repo: https://example.org/o/git-spec\n  rev: 0123abcd\n  ";
    for hooks in [
        "hooks: [{id: git-spec-prepare-commit-msg}, {id: 'git-spec-commit-msg'}, {stages: [pre-push], id: git-spec-pre-push}]",
        "hooks:\n  - {id: git-spec-prepare-commit-msg}\n  - { \"id\": \"git-spec-commit-msg\", name: x }\n  - {\n      id: git-spec-pre-push }",
    ] {
        repo.write(".pre-commit-config.yaml", format!("{start}{hooks}\n"));
        assert_eq!(states(&repo), (three.to_owned(), 1), "{hooks}");
    }
    repo.write(
        ".pre-commit-config.yaml",
        format!("{start}hooks: [{{name: id, args: [git-spec-pre-push]}}] # id: git-spec-pre-push\n"),
    );
    assert!(states(&repo).0.contains("pre-push: missing"));
    repo.write(".pre-commit-config.yaml", block);
    assert!(git(&repo, &["spec", "hooks", "status"]).stdout.contains("pre-commit install"));
    let theirs = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n";
    for name in ["prepare-commit-msg", "commit-msg", "pre-push"] {
        script(&hook(&repo, name), theirs);
    }
    assert_eq!(states(&repo), (three.to_owned(), 0));
    let doctor = git(&repo, &["spec", "doctor"]).stdout;
    assert!(doctor.contains("others are installed, but not post-rewrite") && !doctor.contains("none is"), "{doctor}");
    // Nothing of ours runs a second time
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    for name in ["prepare-commit-msg", "commit-msg", "pre-push"] {
        assert!(!hook(&repo, name).with_extension("legacy").exists(), "{name}");
    }
    assert_eq!(states(&repo).0, three.replace("missing", "installed"));
}

/// A git that says that it is newer, and else is the one that is there.
fn newer_git(repo: &Repo) -> PathBuf {
    let real = run(std::process::Command::new("sh").args(["-c", "command -v git"])).ok();
    let directory = repo.beside("newer");
    let text = format!(
        "#!/bin/sh\nfor word; do if test \"$word\" = version; then echo git version 2.54.1; exit; fi; done\nexec {} \"$@\"\n",
        real.trim()
    );
    script(&directory.join("git"), &text);
    directory
}

#[test]
fn a_git_that_knows_hooks_in_its_configuration_gets_them_there() {
    let repo = hooked();
    let newer = newer_git(&repo);
    std::fs::remove_file(hook(&repo, "pre-push")).unwrap();
    let spec = |words: &[&str]| {
        let mut command = repo.spec_command(repo.path());
        let tool = Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap();
        let path = format!("{}:{}:{}", newer.display(), tool.display(), std::env::var("PATH").unwrap());
        run(command.env("PATH", path).args(words))
    };
    insta::assert_snapshot!(spec(&["hooks", "install"]).ok(), @r"
    Hooks in Git's configuration:
      + prepare-commit-msg  installed
      + commit-msg          installed
      + post-rewrite        installed
      + pre-push            installed
    Next: git spec start CLAUSE, then git commit as usual.
    ");
    // What such a git would do with it
    let command = repo.git(&["config", "hook.git-spec-commit-msg.command"]);
    std::fs::write(repo.path().join(".git/MSG"), "Lock\n\nSpec: AUTH-22\n").unwrap();
    let shell = |path: &str| {
        let mut shell = repo.git_command(repo.path());
        shell.args(["-c", &format!("alias.x=!{command}"), "x", ".git/MSG"]).env("GIT_EDITOR", ":");
        run(if path.is_empty() { &mut shell } else { shell.env("PATH", path) })
    };
    assert!(shell("").fails(1).contains("no clause AUTH-22"));
    shell(&without_tool()).ok();
    assert!(!hook(&repo, "commit-msg").exists(), "it would run twice");
    assert_eq!(repo.git(&["config", "hook.git-spec-commit-msg.event"]), "commit-msg");
    let config = std::fs::read_to_string(repo.path().join(".git/config")).unwrap();
    assert!(!spec(&["hooks", "install"]).ok().contains('+'));
    assert_eq!(std::fs::read_to_string(repo.path().join(".git/config")).unwrap(), config);
    // An older git says that it will not run them
    let version = repo.git(&["version"]);
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok()).unwrap();
    if version.contains(" 2.") && minor < 54 {
        assert!(git(&repo, &["spec", "hooks"]).ok().contains("does not know hooks in its configuration"));
    }
    spec(&["hooks", "uninstall"]).ok();
    let config = std::fs::read_to_string(repo.path().join(".git/config")).unwrap();
    assert!(!config.contains("hook"), "{config}");
    assert!(spec(&["hooks", "install", "--scripts"]).ok().contains("Hooks in .git/hooks:"));
}

#[test]
fn what_git_rewrote_and_pushes_is_taken_and_said_nothing_about() {
    let repo = hooked();
    let pairs = format!("{0} {0}\n", repo.rev("HEAD"));
    for (name, input) in [("post-rewrite", pairs.as_str()), ("pre-push", "refs/heads/main 1 refs/heads/main 2\n")] {
        let mut command = repo.git_command(repo.path());
        command.args(["spec", "hook", name, "amend"]).stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{name} {output:?}");
    }
}

#[test]
fn a_clause_that_a_person_names_is_not_added_beside() {
    let repo = hooked();
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.git(&["commit", "-qam", "Sooner"]);
    for typed in ["AUTH-1", "specs/auth.md#AUTH-1"] {
        commit(&repo, NO_EDITOR, &["-m", "Lock", "-m", &format!("Spec: {typed}")]);
        assert_eq!(names(&repo, "HEAD"), ["AUTH-1"]);
        let now =
            git(&repo, &["spec", "show", "--json", "AUTH-1"]).json()["clause"]["version"].as_str().unwrap().to_owned();
        assert!(body(&repo, "HEAD").ends_with(&now), "{now} {}", body(&repo, "HEAD"));
    }
}
