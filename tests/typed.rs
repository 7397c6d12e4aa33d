//! What a person types beside whole links, and what becomes of recorded ones where a commit takes the place of another: by the
//! real git, with the hooks and by `git spec commit` without them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Answer, Repo, run};

fn git_in(repo: &Repo, editor: &str, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", format!("sh -c '{editor}' --")).args(words);
    run(&mut command)
}

fn git(repo: &Repo, words: &[&str]) -> Answer {
    git_in(repo, "echo no editor was wanted >&2; exit 9", words)
}

fn hooked() -> Repo {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo
}

/// The two ways to commit: plain git with the hooks, and `git spec commit` without them.
fn ways() -> [(Repo, Vec<&'static str>); 2] {
    [(hooked(), vec!["commit", "-q"]), (Repo::auth(), vec!["spec", "commit", "-q"])]
}

fn code(repo: &Repo, name: &str) {
    repo.write(format!("src/{name}.rs"), format!("fn {name}() {{}}\n"));
    repo.git(&["add", "-A"]);
}

/// Another change of code, committed.
fn commit(repo: &Repo, way: &[&str], words: &[&str]) -> Answer {
    let path = repo.path().join("src/more.rs");
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    repo.write("src/more.rs", old + "line\n");
    repo.git(&["add", "-A"]);
    git(repo, &[way, words].concat())
}

fn body(repo: &Repo) -> String {
    repo.git(&["log", "-1", "--format=%B"]).trim_end().to_owned()
}

/// What the trailers of HEAD link: `AUTH-1@0123456789abcdef`, `AUTH-1` without a commit.
fn linked(repo: &Repo) -> Vec<String> {
    let text = repo.git(&["log", "-1", "--format=%(trailers:key=Spec,valueonly,unfold)"]);
    let name = |line: &str| line.split(' ').next().unwrap().rsplit('#').next().unwrap().to_owned();
    text.lines().filter(|line| !line.is_empty()).map(name).collect()
}

fn names(repo: &Repo) -> Vec<String> {
    linked(repo).iter().map(|name| name.split('@').next().unwrap().to_owned()).collect()
}

fn note(repo: &Repo, rev: &str) -> String {
    repo.git_in(repo.path(), &["notes", "--ref=spec", "show", rev]).unwrap_or_default()
}

#[test]
fn a_typed_name_is_completed_with_the_hooks_and_without() {
    for (repo, way) in ways() {
        let spec = repo.rev("HEAD")[..16].to_owned();
        commit(&repo, &way, &["-m", "Lock", "-m", "Spec: AUTH-2"]).ok();
        assert_eq!(linked(&repo), [format!("AUTH-2@{spec}")], "{way:?}");
        code(&repo, "b");
        git_in(&repo, "echo Lock >\"$1\"; echo >>\"$1\"; echo Spec: AUTH-1 >>\"$1\"", &way).ok();
        assert_eq!(names(&repo), ["AUTH-1"], "{way:?}");
        let head = repo.rev("HEAD");
        let said = commit(&repo, &way, &["-m", "Lock", "-m", "Spec: AUTH-9"]);
        assert!(said.status != 0 && said.stderr.contains("no clause AUTH-9"), "{said:?}");
        assert_eq!(repo.rev("HEAD"), head);
        // What is kept goes on where the message says so, below the top too.
        let mut again = repo.git_command(&repo.path().join("src"));
        again.env("GIT_EDITOR", "sed -i s/AUTH-9/AUTH-1/").env("GIT", way.join(" "));
        again.args(["-c", "alias.go=!cd src && git $GIT -e -F \"$(git rev-parse --git-path COMMIT_EDITMSG)\"", "go"]);
        run(&mut again).ok();
        assert_eq!(names(&repo), ["AUTH-1"], "{way:?}");
        commit(&repo, &way, &["--no-verify", "-m", "Lock", "-m", "Spec: AUTH-9"]);
        assert!(body(&repo).ends_with("Spec: AUTH-9"), "{}", body(&repo));
    }
}

#[test]
fn what_is_typed_in_an_earlier_paragraph_of_trailers_is_moved_to_the_last() {
    for (repo, way) in ways() {
        let text = ["-m", "Lock", "-m", "Why it is.", "-m", "Spec: AUTH-2", "-m", "Co-authored-by: B <b@example.org>"];
        commit(&repo, &way, &text).ok();
        assert_eq!(names(&repo), ["AUTH-2"], "{}", body(&repo));
        assert!(body(&repo).starts_with("Lock\n\nWhy it is.\n\nCo-authored-by: B <b@example.org>\nSpec: specs/"));
        let line = repo.spec_line("AUTH-1");
        commit(&repo, &way, &["-m", "Lock", "-m", &line, "-m", "Words behind it."]).ok();
        assert_eq!(body(&repo), format!("Lock\n\nWords behind it.\n\n{line}"));
        for text in ["Lock\n\nIt is so.\nSpec: AUTH-1", "Lock\nSpec: AUTH-1"] {
            let said = commit(&repo, &way, &["-m", text]);
            assert!(said.stderr.contains("--for AUTH-1 links it"), "{way:?} {said:?}");
            assert_eq!((said.status, body(&repo).as_str()), (0, text));
        }
        let said = commit(&repo, &way, &["-m", "Lock", "-m", "Spec: AUTH-9", "-m", "Words."]);
        assert!(said.stderr.contains("Spec: AUTH-9 is no link: no clause AUTH-9"), "{said:?}");
        let fenced = "Lock\n\n```\nSpec: AUTH-1\n```\n\n    Spec: AUTH-1\n\nSpec: two words\n\nWords.";
        let said = commit(&repo, &way, &["-m", fenced]);
        assert!(said.status == 0 && !said.stderr.contains("AUTH-1"), "{said:?}");
        assert_eq!(body(&repo), fenced);
    }
}

#[test]
fn a_name_that_is_typed_while_amending_does_not_name_what_goes() {
    for (repo, way) in ways() {
        repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
        code(&repo, "a");
        git(&repo, &["commit", "-q", "-m", "Both"]).ok();
        git_in(&repo, "echo >>\"$1\"; echo Spec: AUTH-1 >>\"$1\"", &[&way[..], &["--amend"]].concat()).ok();
        assert_eq!(linked(&repo), ["AUTH-1"], "{way:?}");
        git(&repo, &[&way[..], &["--amend", "-m", "Both", "-m", "Spec: AUTH-1", "--reset-author"]].concat()).ok();
        git(&repo, &[&way[..], &["--amend", "-m", "Both", "-m", "Spec: AUTH-1"]].concat()).ok();
        assert_eq!(linked(&repo), ["AUTH-1"], "{way:?}");
    }
}

#[test]
fn amending_with_another_message_keeps_the_links_and_adds_none() {
    for (repo, way) in ways() {
        git(&repo, &["spec", "start", "AUTH-2"]).ok();
        commit(&repo, &way, &["-m", "A"]).ok();
        let first = linked(&repo);
        assert_eq!(names(&repo), ["AUTH-2"]);
        git(&repo, &["spec", "start", "--done"]).ok();
        git(&repo, &["spec", "start", "AUTH-1"]).ok();
        for words in [&["--amend", "-m", "Better"][..], &["--amend", "-m", "Best", "-m", "Signed-off-by: A <a@b.c>"]] {
            git(&repo, &[&way[..], words].concat()).ok();
            assert_eq!(linked(&repo), first, "{way:?} {}", body(&repo));
        }
        git(&repo, &["spec", "start", "--done"]).ok();
        git(&repo, &["spec", "commit", "-q", "--amend", "-m", "Last", "--for", "AUTH-1"]).ok();
        assert_eq!(names(&repo), ["AUTH-2", "AUTH-1"], "{way:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_new_commit_of_the_same_author_and_date_is_no_amended_one() {
    let repo = hooked();
    git(&repo, &["spec", "start", "AUTH-2"]).ok();
    let dated = |name: &str, words: &[&str]| {
        code(&repo, name);
        let mut command = repo.git_command(repo.path());
        command.env("GIT_AUTHOR_DATE", "@1600000000 +0000").env_remove("GIT_COMMITTER_DATE");
        run(command.args(["commit", "-q"]).args(words)).ok();
        names(&repo)
    };
    assert_eq!(dated("one", &["-m", "One"]), ["AUTH-2"]);
    git(&repo, &["spec", "start", "--done"]).ok();
    assert_eq!(dated("two", &["-m", "Two, not to --amend"]), [""; 0]);
    git(&repo, &["spec", "start", "AUTH-1"]).ok();
    assert_eq!(dated("three", &["-m", "--amend"]), ["AUTH-1"]);
    git(&repo, &["spec", "start", "--done"]).ok();
    git(&repo, &["spec", "start", "AUTH-2"]).ok();
    assert_eq!(dated("four", &["--am", "-m", "Three and four"]), ["AUTH-1"]);
}

/// A git that nothing shows: there is no `/proc`, and ps fails or, with `ps`, shows it.
fn hidden(repo: &Repo, ps: bool, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    let place = repo.beside("no-ps");
    std::fs::create_dir_all(&place).unwrap();
    let script = place.join("ps");
    std::fs::write(&script, "#!/bin/sh\nexit 1\n").unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_str().unwrap().to_owned();
    let path = if ps { path } else { format!("{}:{path}", place.display()) };
    command.env("PATH", path).env("GIT_SPEC_PROC", repo.beside("no-proc")).env("GIT_AUTHOR_DATE", "@1600000000 +0000");
    run(command.env_remove("GIT_COMMITTER_DATE").args(words))
}

#[test]
fn where_nothing_shows_how_git_was_called_no_commit_gets_links_of_another() {
    for ps in [false, true] {
        let repo = hooked();
        git(&repo, &["spec", "start", "AUTH-2"]).ok();
        code(&repo, "one");
        hidden(&repo, ps, &["commit", "-q", "-m", "One"]).ok();
        assert_eq!(names(&repo), ["AUTH-2"], "{ps}");
        git(&repo, &["spec", "start", "--done"]).ok();
        code(&repo, "two");
        hidden(&repo, ps, &["commit", "-q", "-m", "Two"]).ok();
        assert_eq!((names(&repo), note(&repo, "HEAD")), (vec![], String::new()), "{ps}");
        // What is under way is left out of what may be an amendment, and that is said.
        git(&repo, &["spec", "start", "AUTH-1"]).ok();
        code(&repo, "three");
        let said = hidden(&repo, ps, &["commit", "-q", "-m", "Three"]);
        assert_eq!((said.status, names(&repo).is_empty()), (0, !ps), "{said:?}");
        assert_eq!(said.stderr.contains("git spec commit --amend --no-edit --for AUTH-1 links it"), !ps, "{said:?}");
        git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]).ok();
        // An amendment has the links of what it replaces.
        code(&repo, "four");
        let said = hidden(&repo, ps, &["commit", "-q", "--amend", "-m", "Three and four"]);
        assert_eq!(said.status, 0, "{said:?}");
        match ps {
            true => assert_eq!(names(&repo), ["AUTH-1"]),
            false => {
                assert_eq!(names(&repo), [""; 0], "{}", body(&repo));
                assert!(note(&repo, "HEAD").contains("#AUTH-1@"), "{said:?}");
                assert!(said.stderr.contains("in the note of"), "{said:?}");
            }
        }
        assert_eq!(repo.spec(&["fsck"]).ok(), "2 links: 2 exact\n", "{ps}");
        assert!(!repo.path().join(".git/spec-unseen").exists());
    }
}

#[test]
fn a_squash_that_is_amended_into_head_brings_its_links() {
    for (repo, way) in ways() {
        repo.git(&["checkout", "-q", "-b", "side"]);
        repo.generate("src/b.rs", "fn b() {}\n", &["AUTH-2"]);
        repo.git(&["checkout", "-q", "main"]);
        code(&repo, "a");
        git(&repo, &["spec", "commit", "-q", "-m", "Before", "--for", "AUTH-1"]).ok();
        let before = repo.rev("HEAD");
        for words in [&["--amend", "-m", "Both"][..], &["--amend", "--no-edit"], &["--amend"]] {
            repo.git(&["reset", "-q", "--hard", &before]);
            git(&repo, &["merge", "-q", "--squash", "side"]);
            let said = git_in(&repo, "true", &[&way[..], words].concat());
            assert_eq!(
                (said.status, names(&repo)),
                (0, vec!["AUTH-1".into(), "AUTH-2".into()]),
                "{way:?} {words:?} {said:?}"
            );
        }
    }
}

#[test]
fn an_editor_that_fails_is_named() {
    let repo = Repo::auth();
    code(&repo, "a");
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "exit 3;").args(["spec", "commit", "--for", "AUTH-1", "--", "src/a.rs"]);
    let said = run(&mut command);
    assert_eq!((said.status, repo.git(&["rev-list", "--count", "HEAD"]).as_str()), (1, "1"), "{said:?}");
    assert!(said.stderr.contains("your editor failed with status 3: exit 3;"), "{said:?}");
}

#[test]
fn nothing_is_said_of_what_the_message_has_already() {
    for (repo, way) in ways() {
        // A stray line beside a trailer that says the same.
        for text in [
            "Lock\n\nIt is so.\nSpec: AUTH-1\nOr so.\n\nSpec: AUTH-1",
            "Lock\n\nAs in\nSpec: AUTH-1\nit is.\n\nSpec: specs/auth.md#AUTH-1",
        ] {
            let said = commit(&repo, &way, &["-m", text]);
            assert_eq!(
                (said.status, said.stderr.as_str(), names(&repo)),
                (0, "", vec!["AUTH-1".to_owned()]),
                "{way:?}"
            );
        }
        // The specification alone, with a link that was typed or named.
        git(&repo, &["spec", "start", "AUTH-1"]).ok();
        repo.edit("specs/auth.md", "30 minutes", "20 minutes");
        repo.git(&["add", "-A"]);
        let said = git(&repo, &[&way[..], &["-m", "Shorter", "-m", "Spec: AUTH-1"]].concat());
        assert!(said.status == 0 && !said.stderr.contains("alone"), "{said:?}");
        assert_eq!(names(&repo), ["AUTH-1"]);
        repo.edit("specs/auth.md", "20 minutes", "10 minutes");
        repo.git(&["add", "-A"]);
        let said = git(&repo, &["spec", "commit", "-q", "-m", "Shorter", "--for", "AUTH-1"]);
        assert!(said.status == 0 && !said.stderr.contains("alone"), "{said:?}");
        repo.edit("specs/auth.md", "10 minutes", "5 minutes");
        repo.git(&["add", "-A"]);
        let said = git(&repo, &[&way[..], &["-m", "Shorter"]].concat());
        assert!(said.stderr.contains("alone") && names(&repo).is_empty(), "{said:?}");
    }
}

#[test]
fn a_squash_with_a_message_of_its_own_gets_the_links() {
    for (repo, way) in ways() {
        repo.git(&["checkout", "-q", "-b", "side"]);
        repo.generate("src/b.rs", "fn b() {}\n", &["AUTH-2"]);
        repo.git(&["checkout", "-q", "main"]);
        git(&repo, &["merge", "-q", "--squash", "side"]);
        git(&repo, &[&way[..], &["-m", "Squash it"]].concat()).ok();
        assert_eq!((names(&repo), body(&repo).lines().next()), (vec!["AUTH-2".to_owned()], Some("Squash it")));
    }
}

#[test]
fn a_squash_that_is_not_committed_as_a_whole_gets_none_of_the_links() {
    for (repo, way) in ways() {
        repo.git(&["checkout", "-q", "-b", "side"]);
        repo.generate("src/b.rs", "fn b() {}\n", &["AUTH-2"]);
        repo.generate("src/d.rs", "fn d() {}\n", &["AUTH-1"]);
        repo.git(&["checkout", "-q", "main"]);
        git(&repo, &["merge", "-q", "--squash", "side"]);
        let said = git(&repo, &[&way[..], &["-m", "Part one", "src/b.rs"]].concat());
        assert!(said.status == 0 && said.stderr.contains("git spec link HEAD CLAUSE"), "{said:?}");
        assert_eq!(names(&repo), [""; 0], "{way:?}");
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        git(&repo, &["merge", "-q", "--squash", "side"]);
        repo.git(&["restore", "-SW", "."]);
        code(&repo, "other");
        assert_eq!(git(&repo, &[&way[..], &["-m", "Something else"]].concat()).status, 0);
        assert_eq!(names(&repo), [""; 0], "{way:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn amending_at_a_stop_of_a_rebase_keeps_the_links() {
    let repo = hooked();
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-2"]);
    code(&repo, "z");
    repo.git(&["commit", "-q", "-m", "Z"]);
    let mut command = repo.git_command(repo.path());
    command.env("GIT_SEQUENCE_EDITOR", "sed -i 1s/pick/edit/").args(["rebase", "-q", "-i", "HEAD~2"]);
    assert_eq!(run(&mut command).status, 0);
    git(&repo, &["commit", "-q", "--amend", "-m", "A better"]);
    assert_eq!(names(&repo), ["AUTH-2"]);
    assert_eq!(git(&repo, &["rebase", "--continue"]).status, 0);
    assert_eq!(repo.git(&["log", "-1", "--format=%s"]).trim(), "Z");
}

#[test]
fn a_clause_that_the_commit_itself_changes_is_told() {
    for (repo, way) in ways() {
        git(&repo, &["spec", "start", "AUTH-1", "AUTH-2"]).ok();
        repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
        let said = commit(&repo, &way, &["-m", "Both"]);
        assert!(said.stderr.contains("AUTH-1 changes in this very commit: 5 → 3"), "{said:?}");
        assert!(said.stderr.contains("git spec commit --amend --no-edit --for AUTH-1"), "{said:?}");
        assert!(!said.stderr.contains("AUTH-2") && said.status == 0, "{said:?}");
        assert!(linked(&repo)[0].starts_with("AUTH-1@"));
        git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]);
        assert!(linked(&repo).contains(&"AUTH-1".to_owned()), "{:?}", linked(&repo));
        let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).unwrap();
        let (before, rest) = text.split_once("## Sessions").unwrap();
        repo.write("specs/auth.md", before.to_owned() + &rest[rest.find("## Reset").unwrap()..]);
        let said = commit(&repo, &way, &["-m", "Take it out"]);
        assert!(said.stderr.contains("AUTH-2 goes in this very commit"), "{said:?}");
    }
}

#[test]
fn a_commit_of_the_specification_alone_is_not_generated() {
    for (repo, way) in ways() {
        git(&repo, &["spec", "start", "AUTH-1"]).ok();
        repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
        let said = git(&repo, &[&way[..], &["-a", "-m", "Sooner"]].concat());
        assert!(said.status == 0 && said.stderr.contains("the specification alone"), "{said:?}");
        assert_eq!(body(&repo), "Sooner", "{way:?}");
    }
}

#[test]
fn what_is_left_out_for_something_that_has_not_ended_is_told() {
    for (repo, way) in ways() {
        code(&repo, "a");
        repo.commit("A");
        git(&repo, &["spec", "start", "AUTH-1"]).ok();
        git(&repo, &["revert", "--no-edit", "HEAD"]).ok();
        git(&repo, &["revert", "--no-edit", "HEAD"]).ok();
        git(&repo, &["revert", "-n", "HEAD"]).ok();
        let said = commit(&repo, &way, &["-m", "Something else"]);
        assert!(said.stderr.contains("a revert has not ended"), "{way:?} {said:?}");
        assert!(said.stderr.contains("--for AUTH-1 links it"), "{said:?}");
        assert!(names(&repo).is_empty());
        let mut command = repo.git_command(repo.path());
        command.env("GIT_SEQUENCE_EDITOR", "sed -i 1s/pick/edit/").args(["rebase", "-q", "-i", "HEAD~1"]);
        run(&mut command);
        git(&repo, &["spec", "start", "AUTH-2"]).ok();
        let said = commit(&repo, &way, &["-m", "Between"]);
        assert!(said.stderr.contains("a rebase has not ended") && said.stderr.contains("--for AUTH-2"), "{said:?}");
    }
}

#[test]
fn the_link_of_a_fixup_stays_as_a_note() {
    let repo = hooked();
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-1"]);
    repo.write("src/b.rs", "fn b() {}\n");
    repo.git(&["add", "-A"]);
    git(&repo, &["spec", "commit", "-q", "--fixup", "HEAD", "--for", "AUTH-2"]).ok();
    let mut command = repo.git_command(repo.path());
    command.env("GIT_SEQUENCE_EDITOR", ":").args(["rebase", "-q", "-i", "--autosquash", "HEAD~2"]);
    run(&mut command).ok();
    assert_eq!(names(&repo), ["AUTH-1"]);
    assert!(note(&repo, "HEAD").contains("#AUTH-2@"), "{}", note(&repo, "HEAD"));
    assert_eq!(
        (repo.listed("AUTH-1")["state"].clone(), repo.listed("AUTH-2")["state"].clone()),
        ("answered".into(), "answered".into())
    );
    // Joined once more, each is there once.
    repo.write("src/c.rs", "fn c() {}\n");
    repo.git(&["add", "-A"]);
    git(&repo, &["spec", "commit", "-q", "--fixup", "HEAD", "--for", "AUTH-2"]).ok();
    let mut command = repo.git_command(repo.path());
    command.env("GIT_SEQUENCE_EDITOR", ":").args(["rebase", "-q", "-i", "--autosquash", "HEAD~2"]);
    run(&mut command).ok();
    assert_eq!(
        note(&repo, "HEAD").lines().filter(|line| line.contains("AUTH-2")).count(),
        1,
        "{}",
        note(&repo, "HEAD")
    );
}

#[test]
fn a_link_that_a_person_takes_out_of_a_squash_stays_out() {
    let repo = hooked();
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-1"]);
    repo.generate("src/b.rs", "fn b() {}\n", &["AUTH-2"]);
    let mut command = repo.git_command(repo.path());
    command.env("GIT_SEQUENCE_EDITOR", "sed -i 2s/pick/squash/").env("GIT_EDITOR", "sed -i /AUTH-2/d");
    let said = run(command.args(["rebase", "-q", "-i", "HEAD~2"]));
    assert!(said.status == 0 && said.stderr.contains("the link to AUTH-2 was taken out of the message"), "{said:?}");
    assert_eq!((names(&repo), note(&repo, "HEAD")), (vec!["AUTH-1".to_owned()], String::new()));
}

#[test]
fn a_fixup_that_takes_code_back_is_told() {
    let repo = hooked();
    repo.git(&["checkout", "-q", "-b", "work"]);
    code(&repo, "begin");
    repo.commit("Begin");
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-1"]);
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let mut command = repo.git_command(repo.path());
    // The message of the commit that is taken back is the one that stays.
    command.env("GIT_SEQUENCE_EDITOR", "sed -i -e 1d -e 3s/pick/fixup/ -e 2a\\\"x true\"").env("GIT_EDITOR", ":");
    let said = run(command.args(["rebase", "-q", "-i", "--keep-empty", "--empty=keep", "main"]));
    if names(&repo) == ["AUTH-1"] {
        assert!(said.stderr.contains("whose code was taken back"), "{said:?}");
    }
}

#[test]
fn a_commit_that_a_rebase_skips_leaves_its_links_nowhere() {
    for skips in [true, false] {
        let repo = hooked();
        repo.git(&["checkout", "-q", "-b", "work"]);
        for (number, clause) in [(1, "AUTH-1"), (2, "AUTH-2"), (3, "reset")] {
            code(&repo, &format!("t{number}"));
            repo.commit(&format!("T{number}"));
            repo.spec(&["link", "HEAD", clause]).ok();
        }
        repo.git(&["checkout", "-q", "main"]);
        if skips {
            repo.write("src/t2.rs", "something else\n");
        } else {
            code(&repo, "t1");
            code(&repo, "t2");
            code(&repo, "zz");
        }
        repo.commit("Upstream");
        repo.git(&["checkout", "-q", "work"]);
        let said = git(&repo, &["rebase", "-q", "main"]);
        if skips {
            assert_ne!(said.status, 0);
            assert_eq!(git(&repo, &["rebase", "--skip"]).status, 0);
            assert!(note(&repo, "HEAD~1").contains("#AUTH-1@") && !note(&repo, "HEAD~1").contains("#AUTH-2@"));
        }
        assert_eq!(note(&repo, "main"), "", "{skips}");
        assert!(note(&repo, "HEAD").contains("#reset@") && note(&repo, "HEAD").lines().count() == 1, "{skips}");
    }
}

#[test]
fn an_id_that_stands_twice_in_a_file_means_neither() {
    let repo = Repo::auth();
    let text = format!("{}\n## Again {{#AUTH-2}}\n\nSomething else MUST be done within one day.\n", support::AUTH);
    repo.write("specs/auth.md", text);
    repo.commit("Twice");
    let said = git(&repo, &["spec", "start", "AUTH-2"]).fails(2);
    assert!(said.contains("specs/auth.md#AUTH-2 ") && said.contains("specs/auth.md#AUTH-2-2"), "{said}");
    git(&repo, &["spec", "start", "specs/auth.md#AUTH-2", "AUTH-2-2"]).ok();
    let started = repo.spec(&["start", "--json"]).json();
    assert_eq!(support::each(&started["started"], "/anchor"), ["AUTH-2", "AUTH-2-2"]);
}

#[test]
fn a_note_that_was_copied_on_is_no_orphan() {
    let repo = hooked();
    code(&repo, "a");
    git(&repo, &["commit", "-q", "-m", "A"]).ok();
    repo.spec(&["link", "HEAD", "AUTH-2"]).ok();
    for number in 0..2 {
        code(&repo, &format!("b{number}"));
        git(&repo, &["commit", "-q", "--amend", "--no-edit"]).ok();
    }
    for words in [&["fsck"][..], &["fsck", "--all"]] {
        let said = repo.spec(words).ok();
        assert!(said.contains("1 exact") && !said.contains("orphan"), "{said}");
    }
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    assert!(!repo.spec(&["fsck"]).ok().contains("orphan"));
}

#[test]
fn a_name_that_nobody_completed_is_found_and_what_is_offered_mends_it() {
    let repo = Repo::auth();
    repo.write(".gitspec.toml", "[spec]\ninclude = [\"specs/**\"]\n\n[generated]\npaths = [\"src/**\"]\n");
    repo.commit("Configure");
    repo.generate("src/first.rs", "fn first() {}\n", &["reset"]);
    let mut commits = Vec::new();
    for value in ["AUTH-2", "specs/auth.md#AUTH-1", "AUTH-9", "two words", "AUTH-1@HEAD~1"] {
        code(&repo, &format!("f{}", commits.len()));
        commits.push(repo.commit(&format!("Code\n\nSpec: {value}")));
    }
    // What it says now is not what the commit was made from.
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("Shorter");
    let answer = repo.spec(&["fsck", "--json"]).json();
    let findings = answer["findings"].as_array().unwrap();
    let mends: Vec<(&str, &str)> =
        findings.iter().filter_map(|finding| Some((finding["object"].as_str()?, finding["mend"].as_str()?))).collect();
    let of = |at: usize, name: &str| format!("git spec link {} {name}", &commits[at][..10]);
    let expected = [of(0, "AUTH-2"), of(1, "specs/auth.md#AUTH-1"), of(4, "'AUTH-1@HEAD~1'")];
    for (at, (commit, command)) in [0, 1, 4].into_iter().zip(expected.iter().enumerate()) {
        let found = mends.iter().find(|(object, _)| *object == commits[at]).map(|(_, mend)| mend.replace('\'', ""));
        assert_eq!(found, Some(command.replace('\'', "")), "{commit} {findings:#?}");
    }
    assert_eq!(mends.len(), 3, "{findings:#?}");
    let status = repo.spec(&["status"]).ok();
    assert!(status.contains(&format!("names AUTH-2, which nobody completed: {}", expected[0])), "{status}");
    for (_, command) in &mends {
        let mut shell = repo.git_command(repo.path());
        shell.args(["-c", &format!("alias.go=!{command}"), "go"]);
        assert_eq!(run(&mut shell).status, 0, "{command}");
    }
    let answer = repo.spec(&["fsck", "--json"]).json();
    assert_eq!((answer["exact"].as_u64(), answer["findings"].as_array().unwrap().len()), (Some(4), 2), "{answer:#}");
    assert!(!repo.spec(&["status"]).ok().contains("nobody completed"));
    let listed = repo.spec(&["ls", "--json"]).json();
    let states: Vec<_> = listed["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clause| (clause["anchor"].clone(), clause["state"].clone()))
        .collect();
    assert!(states.contains(&("AUTH-2".into(), "stale".into())), "{states:?}");
}
