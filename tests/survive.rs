//! Links that survive conflicts that a person resolves, names that change meanwhile, and editors that write everything anew: by the
//! real git with the hooks.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Answer, Repo, run};

fn git_with(repo: &Repo, editor: &str, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    let now: u64 = repo.git(&["rev-list", "--all", "--count"]).parse().unwrap();
    let date = format!("{} +0000", 1_800_000_000 + now);
    command.env("GIT_SEQUENCE_EDITOR", "true").env("GIT_AUTHOR_DATE", date);
    run(command.env("GIT_EDITOR", editor).args(words))
}

fn git(repo: &Repo, words: &[&str]) -> Answer {
    git_with(repo, "true", words)
}

fn hooked() -> Repo {
    let repo = Repo::auth();
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    repo
}

fn code(repo: &Repo, name: &str, text: &str) {
    repo.write(format!("src/{name}"), text);
    repo.git(&["add", "-A"]);
}

fn body(repo: &Repo, rev: &str) -> String {
    repo.git(&["log", "-1", "--format=%B", rev]).trim_end().to_owned()
}

/// The links in the trailers of a commit, without their versions.
fn linked(repo: &Repo, rev: &str) -> Vec<String> {
    let text = repo.git(&["log", "-1", "--format=%(trailers:key=Spec,valueonly,unfold)", rev]);
    let name = |line: &str| line.split(" v1:").next().unwrap().split('@').next().unwrap().to_owned();
    text.lines().filter(|line| !line.is_empty()).map(name).collect()
}

/// On `topic` a commit made from AUTH-1 and one without a link, which conflict with main; AUTH-2 is under way.
fn conflicting() -> Repo {
    let repo = hooked();
    code(&repo, "a.rs", "fn a() { base() }\n");
    repo.git(&["commit", "-q", "-m", "Base"]);
    repo.git(&["checkout", "-q", "-b", "topic"]);
    code(&repo, "a.rs", "fn a() { topic() }\n");
    git(&repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "Topic"]).ok();
    repo.git(&["checkout", "-q", "main"]);
    code(&repo, "a.rs", "fn a() { main() }\n");
    repo.git(&["commit", "-q", "-m", "Main"]);
    repo
}

fn resolve(repo: &Repo) {
    code(repo, "a.rs", "fn a() { both() }\n");
}

#[test]
fn a_conflict_that_is_resolved_with_another_message_keeps_the_links_of_what_is_picked() {
    for way in [&["cherry-pick", "topic"][..], &["rebase", "-q", "main"], &["rebase", "-q", "-i", "main"]] {
        for words in [&["commit", "-q", "-m", "By hand"][..], &["spec", "commit", "-q", "-m", "By hand"]] {
            let repo = conflicting();
            if way[0] == "rebase" {
                repo.git(&["checkout", "-q", "topic"]);
            }
            git(&repo, &["spec", "start", "AUTH-2"]).ok();
            assert_ne!(git(&repo, way).status, 0);
            resolve(&repo);
            let said = git(&repo, words);
            assert_eq!(said.status, 0, "{way:?} {words:?} {said:?}");
            assert_eq!(linked(&repo, "HEAD"), ["specs/auth.md#AUTH-1"], "{way:?} {words:?} {said:?}");
            // What is under way has nothing to do with it.
            assert!(!said.stderr.contains("AUTH-2"), "{way:?} {words:?} {said:?}");
            if way[0] == "rebase" {
                // Another commit in the same place is one of its own.
                code(&repo, "b.rs", "fn b() {}\n");
                git(&repo, &["commit", "-q", "-m", "More"]).ok();
                assert!(linked(&repo, "HEAD").is_empty(), "{way:?} {}", body(&repo, "HEAD"));
                git(&repo, &["rebase", "--continue"]).ok();
                assert_eq!(linked(&repo, "HEAD~1"), ["specs/auth.md#AUTH-1"]);
            }
            repo.spec(&["fsck"]).ok();
        }
    }
}

#[test]
fn a_new_commit_where_a_rebase_stops_for_an_edit_gets_no_links_of_another() {
    let repo = hooked();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    code(&repo, "a.rs", "fn a() {}\n");
    git(&repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "Topic"]).ok();
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "true").env("GIT_SEQUENCE_EDITOR", "sed -i -e s/^pick/edit/");
    assert_eq!(run(command.args(["rebase", "-q", "-i", "main"])).status, 0);
    code(&repo, "b.rs", "fn b() {}\n");
    git(&repo, &["commit", "-q", "-m", "Another"]).ok();
    assert!(linked(&repo, "HEAD").is_empty(), "{}", body(&repo, "HEAD"));
    git(&repo, &["rebase", "--continue"]).ok();
    assert_eq!(linked(&repo, "HEAD~1"), ["specs/auth.md#AUTH-1"]);
}

#[test]
fn a_conflict_of_a_squash_that_is_amended_with_another_message_keeps_the_links_of_both() {
    let repo = hooked();
    code(&repo, "a.rs", "fn a() { base() }\n");
    repo.git(&["commit", "-q", "-m", "Base"]);
    repo.git(&["branch", "base"]);
    repo.git(&["checkout", "-q", "-b", "topic"]);
    code(&repo, "c.rs", "fn c() {}\n");
    git(&repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "First"]).ok();
    code(&repo, "a.rs", "fn a() { middle() }\n");
    git(&repo, &["commit", "-q", "-m", "Middle"]).ok();
    code(&repo, "a.rs", "fn a() { last() }\n");
    git(&repo, &["spec", "commit", "-q", "--for", "AUTH-2", "-m", "Last"]).ok();
    for amend in [true, false] {
        repo.git(&["reset", "-q", "--hard", "topic"]);
        let mut command = repo.git_command(repo.path());
        // The last one is joined with the first, before the one between them.
        let script = "sed -i -e '2{h;d};3{s/^pick/squash/;G}'";
        command.env("GIT_EDITOR", "true").env("GIT_SEQUENCE_EDITOR", script);
        assert_ne!(run(command.args(["rebase", "-q", "-i", "base"])).status, 0);
        resolve(&repo);
        if amend {
            git(&repo, &["commit", "-q", "--amend", "-m", "Both"]).ok();
            assert_eq!(linked(&repo, "HEAD"), ["specs/auth.md#AUTH-1", "specs/auth.md#AUTH-2"]);
        } else {
            git(&repo, &["commit", "-q", "-m", "Apart"]).ok();
            assert_eq!(linked(&repo, "HEAD"), ["specs/auth.md#AUTH-2"]);
        }
        repo.git(&["rebase", "--abort"]);
    }
}

/// How main goes on while a branch waits.
fn moved(repo: &Repo, what: &str) {
    match what {
        "file" => drop(repo.git(&["mv", "specs/auth.md", "specs/login.md"])),
        "folder" => drop(repo.git(&["mv", "specs", "spec"])),
        _ => repo.edit("specs/auth.md", "AUTH-1", "AUTH-8"),
    }
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", what]);
}

/// The name of AUTH-1 after that.
fn name_after(what: &str) -> &'static str {
    match what {
        "file" => "specs/login.md#AUTH-1",
        "folder" => "spec/auth.md#AUTH-1",
        _ => "specs/auth.md#AUTH-8",
    }
}

#[test]
fn a_squash_over_another_name_names_the_clause_as_it_is_there() {
    for together in [true, false] {
        for what in ["file", "folder", "number"] {
            for words in [
                &["commit", "-q", "--no-edit"][..],
                &["commit", "-q", "-m", "All"],
                &["spec", "commit", "-q", "-m", "All"],
            ] {
                let repo = hooked();
                code(&repo, "z.rs", "fn z() {}\n");
                repo.git(&["commit", "-q", "-m", "Base"]);
                repo.git(&["checkout", "-q", "-b", "topic"]);
                repo.edit("specs/auth.md", "after 5 failed", "after 4 failed");
                if !together {
                    repo.commit("Sooner");
                }
                code(&repo, "b.rs", "fn b() {}\n");
                git(&repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "Code"]).ok();
                repo.git(&["checkout", "-q", "main"]);
                moved(&repo, what);
                repo.git(&["merge", "-q", "--squash", "topic"]);
                let said = git(&repo, words);
                assert_eq!(said.status, 0, "{said:?}");
                let case = format!("{together} {what} {words:?} {said:?}");
                assert_eq!(linked(&repo, "HEAD"), [name_after(what)], "{case}");
                assert!(body(&repo, "HEAD").contains(&format!("Spec: {} v1:", name_after(what))), "{case}");
                repo.git(&["branch", "-q", "-D", "topic"]);
                assert_eq!(repo.spec(&["fsck"]).ok(), "1 link: 1 exact\n", "{case}");
            }
        }
    }
}

#[test]
fn the_links_of_a_branch_come_to_a_squash_over_another_name() {
    for what in ["file", "folder"] {
        let repo = Repo::auth();
        repo.git(&["checkout", "-q", "-b", "topic"]);
        repo.edit("specs/auth.md", "after 5 failed", "after 4 failed");
        code(&repo, "b.rs", "fn b() {}\n");
        repo.git(&["commit", "-q", "-m", "Code"]);
        repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
        repo.git(&["checkout", "-q", "main"]);
        moved(&repo, what);
        repo.git(&["merge", "-q", "--squash", "topic"]);
        repo.git(&["commit", "-q", "-m", "All"]);
        repo.spec(&["link", "--squashed", "topic", "HEAD"]).ok();
        let note = repo.git(&["notes", "--ref=spec", "show", "HEAD"]);
        assert!(note.contains(&format!("Spec: {} v1:", name_after(what))), "{what} {note}");
        repo.git(&["branch", "-q", "-D", "topic"]);
        assert_eq!(repo.spec(&["fsck"]).ok(), "1 link: 1 exact\n");
    }
}

#[test]
fn the_message_of_a_squash_follows_a_name_that_changed_in_its_range() {
    for what in ["file", "folder", "number"] {
        let repo = hooked();
        repo.git(&["checkout", "-q", "-b", "topic"]);
        repo.edit("specs/auth.md", "after 5 failed", "after 4 failed");
        repo.commit("Sooner");
        code(&repo, "b.rs", "fn b() {}\n");
        git(&repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "Code"]).ok();
        moved(&repo, what);
        let message = repo.spec(&["squash-message", "main..topic"]).ok();
        assert!(message.starts_with(&format!("Spec: {} v1:", name_after(what))), "{what} {message}");
        assert_eq!(message.lines().count(), 1, "{what} {message}");
    }
}

#[test]
fn a_squash_of_a_part_names_what_differs() {
    let repo = hooked();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    code(&repo, "b.rs", "fn b() {}\n");
    code(&repo, "c.rs", "fn c() {}\n");
    git(&repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "Code"]).ok();
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--squash", "topic"]);
    repo.git(&["rm", "-q", "-f", "src/c.rs"]);
    let said = git(&repo, &["commit", "-q", "-m", "A part"]);
    assert!(said.status == 0 && said.stderr.contains("(src/c.rs)"), "{said:?}");
    assert!(linked(&repo, "HEAD").is_empty());
}

#[test]
fn a_clause_under_way_that_gets_another_name_is_one_clause() {
    for what in ["file", "folder", "number"] {
        let repo = hooked();
        git(&repo, &["spec", "start", "AUTH-1"]).ok();
        moved(&repo, what);
        let name = name_after(what);
        let short = if what == "number" { "AUTH-8" } else { name.split('#').next().unwrap() };
        let list = git(&repo, &["spec", "start"]).ok();
        assert!(list.contains(&format!("AUTH-1 (now {short})")) && list.contains("Lockout"), "{what} {list}");
        let said = git(&repo, &["spec", "start", name]);
        assert!(said.stdout.contains("1 clause is under way"), "{what} {said:?}");
        let json = git(&repo, &["spec", "start", "--json"]).json();
        let started = json["started"].as_array().unwrap();
        assert_eq!(started.len(), 1, "{json}");
        assert!(started[0]["link"].as_str().unwrap().starts_with(name), "{json}");
        code(&repo, "a.rs", "fn a() {}\n");
        git(&repo, &["commit", "-q", "-m", "Code"]).ok();
        assert_eq!(linked(&repo, "HEAD"), [name]);

        // either name is known
        for done in [name, "specs/auth.md#AUTH-1"] {
            let repo = hooked();
            git(&repo, &["spec", "start", "AUTH-1"]).ok();
            moved(&repo, what);
            let said = git(&repo, &["spec", "start", "--done", done]);
            assert!(said.status == 0 && said.stdout.contains("Nothing is under way"), "{what} {done} {said:?}");
        }
    }
}

/// An editor that writes everything anew.
const ANEW: &str = "sh -c 'echo Brand new >\"$1\"' --";

#[test]
fn links_that_an_editor_takes_away_are_told() {
    let repo = hooked();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    for (file, clause) in [("a.rs", "AUTH-1"), ("b.rs", "AUTH-2")] {
        code(&repo, file, "fn f() {}\n");
        git(&repo, &["spec", "commit", "-q", "--for", clause, "-m", file]).ok();
    }
    let both = "the links to AUTH-1, AUTH-2 were taken out of the message";
    let one =
        "the link to AUTH-2 was taken out of the message in the editor; git spec commit --amend --no-edit --for AUTH-2";
    let said = git_with(&repo, ANEW, &["commit", "-q", "--amend"]);
    assert!(said.status == 0 && said.stderr.matches(one).count() == 1, "{said:?}");
    repo.git(&["reset", "-q", "--hard", "HEAD@{1}"]);
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", ANEW).env("GIT_SEQUENCE_EDITOR", "sed -i -e 2s/pick/squash/");
    let said = run(command.args(["rebase", "-q", "-i", "main"]));
    assert!(said.status == 0 && said.stderr.contains(both), "{said:?}");
    let mend = format!("git spec link {} AUTH-1 AUTH-2 brings them back", &repo.rev("HEAD")[..9]);
    assert!(said.stderr.contains(&mend), "{said:?}");
    repo.git(&["reset", "-q", "--hard", "ORIG_HEAD"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--squash", "topic"]);
    let said = git_with(&repo, ANEW, &["commit", "-q"]);
    let newest_first = both.replace("AUTH-1, AUTH-2", "AUTH-2, AUTH-1");
    assert!(said.status == 0 && said.stderr.contains(&newest_first), "{said:?}");
    git(&repo, &["spec", "start", "AUTH-2"]).ok();
    code(&repo, "c.rs", "fn c() {}\n");
    let said = git_with(&repo, ANEW, &["commit", "-q"]);
    assert!(said.status == 0 && said.stderr.matches(one).count() == 1, "{said:?}");
    // What a person leaves or names anew is not lost, and nothing is said twice.
    code(&repo, "d.rs", "fn d() {}\n");
    let named = "sh -c 'printf \"Title\\n\\nSpec: AUTH-2\\n\" >\"$1\"' --";
    let said = git_with(&repo, named, &["commit", "-q"]);
    assert!(said.status == 0 && !said.stderr.contains("taken out"), "{said:?}");
    assert_eq!(linked(&repo, "HEAD"), ["specs/auth.md#AUTH-2"]);
    code(&repo, "e.rs", "fn e() {}\n");
    let said = git_with(&repo, ANEW, &["spec", "commit", "-q"]);
    assert!(said.status == 0 && said.stderr.matches(one).count() == 1, "{said:?}");
    code(&repo, "f.rs", "fn f() {}\n");
    let said = git(&repo, &["commit", "-q", "-m", "Given"]);
    assert!(said.status == 0 && !said.stderr.contains("taken out"), "{said:?}");
}

#[test]
fn a_fixup_beside_a_squash_keeps_its_link() {
    // Of AUTH-1, AUTH-2 and the third, in this order: what becomes of them, and the links of the message and of the note.
    let cases = [
        ("2s/pick/fixup/;3s/pick/squash/", "true", "AUTH-1 reset", "AUTH-2"),
        ("2s/pick/squash/;3s/pick/fixup/", "true", "AUTH-1 AUTH-2", "reset"),
        ("2s/pick/fixup/;3s/pick/fixup -c/", "sed -i -e s/third/3rd/", "reset", "AUTH-1 AUTH-2"),
        ("2s/pick/fixup/;3s/pick/fixup -C/", "true", "reset", "AUTH-1 AUTH-2"),
        ("2s/pick/fixup/;3s/pick/fixup/", "true", "AUTH-1", "AUTH-2 reset"),
    ];
    for (sed, editor, in_message, in_note) in cases {
        let repo = hooked();
        repo.git(&["checkout", "-q", "-b", "topic"]);
        for (subject, clause) in [("first", "AUTH-1"), ("second", "AUTH-2"), ("third", "reset")] {
            code(&repo, &format!("{subject}.rs"), "fn f() {}\n");
            git(&repo, &["spec", "commit", "-q", "--for", clause, "-m", subject]).ok();
        }
        let mut command = repo.git_command(repo.path());
        command.env("GIT_EDITOR", editor).env("GIT_SEQUENCE_EDITOR", format!("sed -i -e '{sed}'"));
        let said = run(command.args(["rebase", "-q", "-i", "main"]));
        assert_eq!(said.status, 0, "{sed} {said:?}");
        let names = |links: Vec<String>| -> String {
            let mut names: Vec<&str> = links.iter().filter_map(|link| link.split('#').nth(1)).collect();
            names.sort_unstable();
            names.join(" ")
        };
        let note = repo.git_in(repo.path(), &["notes", "--ref=spec", "show", "HEAD"]).unwrap_or_default();
        let noted = note.lines().filter_map(|line| Some(line.split(['@', ' ']).nth(1)?.to_owned())).collect();
        assert_eq!((names(linked(&repo, "HEAD")), names(noted)), (in_message.into(), in_note.into()), "{sed} {said:?}");
        assert_eq!(repo.spec(&["fsck"]).ok(), "3 links: 3 exact\n");
    }
}

#[test]
fn nothing_is_open_that_may_be_answered_behind_a_shallow_border() {
    let repo = Repo::auth();
    code(&repo, "a.rs", "fn a() {}\n");
    git(&repo, &["spec", "commit", "-q", "--for", "AUTH-1", "-m", "Code"]).ok();
    repo.edit("specs/auth.md", "after 30 minutes", "after 20 minutes");
    repo.commit("Sooner");
    let shallow = repo.beside("shallow");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth", "1", &url, shallow.to_str().unwrap()]);
    let said = repo.spec_in(&shallow, &["start", "--open"]);
    assert!(said.stdout.contains("Nothing is under way"), "{said:?}");
    assert!(said.status == 3 && said.stderr.contains("3 clauses that no link here answers are left out"), "{said:?}");
    assert!(said.stderr.contains("git fetch --unshallow"), "{said:?}");
    // What took on its version since then is open.
    repo.git_in(&shallow, &["fetch", "-q", "--depth", "2"]).unwrap();
    let said = repo.spec_in(&shallow, &["start", "--open"]);
    assert!(said.stdout.contains("AUTH-2") && said.stdout.contains("1 clause is under way"), "{said:?}");
    repo.git_in(&shallow, &["fetch", "-q", "--unshallow"]).unwrap();
    let said = repo.spec_in(&shallow, &["start", "--open"]);
    assert!(said.status == 0 && !said.stdout.contains("AUTH-1"), "{said:?}");
}

#[test]
fn a_clause_that_is_started_at_an_older_version_tells_what_changed_since() {
    let repo = hooked();
    repo.edit("specs/auth.md", "after 30 minutes", "after 20 minutes");
    repo.commit("Sooner");
    git(&repo, &["spec", "start", "AUTH-2"]).ok();
    let said = git(&repo, &["spec", "start", "AUTH-2@HEAD~"]);
    assert!(said.stdout.contains("changed since: 30 \u{2192} 20"), "{said:?}");
}
