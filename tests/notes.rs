//! Links as notes, as a user writes, withdraws, shares and keeps them.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Answer, Repo, each};

/// A repository with the specification, and code that no message ties to it; the id of the code's commit.
fn coded() -> (Repo, String) {
    let repo = Repo::auth();
    repo.write("src/lock.rs", "fn lock() {}\n");
    let carrier = repo.commit("Lock accounts");
    (repo, carrier)
}

/// The note of a commit, line by line; none where it has none.
fn note(repo: &Repo, commit: &str) -> Vec<String> {
    let shown = repo.git_in(repo.path(), &["notes", "--ref=spec", "show", commit]);
    shown.map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default()
}

/// The links of a line of code, as `resolution freshness source`.
fn of_line(repo: &Repo) -> Vec<String> {
    let links = repo.spec(&["blame", "--json", "src/lock.rs"]).json()["lines"][0]["links"].clone();
    let words = |link: &serde_json::Value| {
        let word = |key: &str| link[key].as_str().unwrap().to_owned();
        format!("{} {} {}", word("resolution"), word("freshness"), word("source"))
    };
    links.as_array().unwrap().iter().map(words).collect()
}

fn fsck(repo: &Repo) {
    assert_eq!(repo.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]), "");
}

#[test]
fn a_commit_is_linked_to_the_clause_as_its_own_tree_has_it() {
    let (repo, carrier) = coded();
    let spec = repo.rev("HEAD~1");
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    let said = repo.spec(&["link", &carrier[..10], "AUTH-1"]).ok();
    assert!(said.contains("AUTH-1  linked  Lock accounts"), "{said}");
    let lines = note(&repo, &carrier);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with(&format!("Spec: specs/auth.md#AUTH-1@{} v1:", &spec[..16])), "{lines:?}");
    assert_eq!(of_line(&repo), ["exact stale note"]);
    fsck(&repo);

    let again = repo.spec(&["link", &carrier, "specs/auth.md#AUTH-1"]).ok();
    assert!(again.contains("already linked"), "{again}");
    assert_eq!(note(&repo, &carrier), lines);
    let reflog = repo.git(&["reflog", "refs/notes/spec"]);
    assert!(reflog.ends_with("spec link: specs/auth.md#AUTH-1"), "{reflog}");
    let who = repo.git(&["log", "-1", "--format=%an %cn %s", "refs/notes/spec"]);
    assert_eq!(who, "C O Mitter C O Mitter Notes added by 'git spec link'");
}

#[test]
fn spec_and_code_in_one_commit_are_linked_without_a_commit_id() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.write("src/lock.rs", "fn lock() {}\n");
    let carrier = repo.commit("Ask more, and do it");
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    assert!(note(&repo, &carrier)[0].starts_with("Spec: specs/auth.md#AUTH-1 v1:"));
    assert_eq!(of_line(&repo), ["exact fresh note"]);
}

#[test]
fn a_clause_that_was_renamed_without_other_words_is_linked_exactly() {
    let repo = Repo::auth();
    repo.git(&["mv", "specs/auth.md", "specs/login.md"]);
    repo.commit("Call it by its name");
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit("Lock accounts");
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    repo.spec(&["link", "HEAD", "specs/login.md"]).ok();
    assert_eq!(of_line(&repo), ["exact fresh note", "exact fresh note"]);
    assert!(note(&repo, "HEAD").iter().all(|line| line.contains(&format!("@{} ", &repo.rev("HEAD~1")[..16]))));
}

#[test]
fn many_commits_and_clauses_are_linked_at_once() {
    let (repo, first) = coded();
    repo.write("src/lock.rs", "fn lock() { now() }\n");
    let second = repo.commit("Lock now");
    repo.spec(&["link", &first, "HEAD", "AUTH-1", "AUTH-2", "HEAD"]).fails(2);
    let answer = repo.spec(&["link", "--json", &first, "HEAD", "HEAD", "AUTH-1", "AUTH-2"]).json();
    assert_eq!(each(&answer["links"], "/resolution"), ["exact"; 4]);
    assert_eq!((note(&repo, &first).len(), note(&repo, &second).len()), (2, 2));
    assert_eq!(repo.git(&["rev-list", "--count", "refs/notes/spec"]), "1");
    // one bad word, and nothing is written
    repo.spec(&["link", &first, "reset", "AUTH-9"]).fails(2);
    assert_eq!(repo.git(&["rev-list", "--count", "refs/notes/spec"]), "1");
}

#[test]
fn what_cannot_be_linked_says_what_to_type() {
    let (repo, carrier) = coded();
    repo.edit("specs/auth.md", "## Reset", "## Unlock {#AUTH-7}\n\nA user MUST be able to unlock.\n\n## Reset");
    repo.commit("Unlock");
    let fails = |args: &[&str]| repo.spec(&[&["link"], args].concat()).fails(2);
    let said = fails(&["HEAD", "AUTH-22"]);
    assert!(said.contains("no clause AUTH-22 in the spec set at HEAD") && said.contains("AUTH-2"), "{said}");
    let said = fails(&[&carrier, "AUTH-7"]);
    assert!(said.contains(&format!("AUTH-7 is not in the specification at {carrier}")), "{said}");
    assert!(said.contains("AUTH-7@REVISION"), "{said}");
    let said = fails(&[&carrier, "AUTH-7@HEAD"]);
    assert!(said.contains("would be elsewhere") && said.contains("--force"), "{said}");
    let said = fails(&["0123456789", "AUTH-1"]);
    assert!(said.contains("unknown revision 0123456789"), "{said}");
    let said = fails(&["AUTH-1"]);
    assert!(said.contains("the commit comes first") && said.contains("git spec link HEAD AUTH-1"), "{said}");
    let said = repo.spec(&["link", "--affirm", "AUTH-1"]).fails(2);
    assert!(said.contains("git spec link --affirm HEAD AUTH-1"), "{said}");
    let said = fails(&["HEAD"]);
    assert!(said.contains("no clause was named"), "{said}");
    let said = fails(&["HEAD~1..HEAD", "AUTH-1"]);
    assert!(said.contains("is a range"), "{said}");
    repo.git(&["branch", "AUTH-1"]);
    let said = fails(&["AUTH-1", "AUTH-2"]);
    assert!(said.contains("is a revision and a clause") && said.contains("--"), "{said}");
    assert!(repo.git_in(repo.path(), &["rev-parse", "--verify", "-q", "refs/notes/spec"]).is_err());
    repo.spec(&["link", "AUTH-1", "--", "AUTH-2"]).ok();

    let forced = repo.spec(&["link", "--force", &carrier, "AUTH-7@HEAD"]).ok();
    assert!(forced.contains("elsewhere: "), "{forced}");
}

#[test]
fn an_older_version_is_linked_by_its_revision() {
    let repo = Repo::auth();
    repo.git(&["tag", "v1"]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.write("src/lock.rs", "fn lock() {}\n");
    let carrier = repo.commit("Lock accounts");
    repo.spec(&["link", "HEAD", "AUTH-1@v1"]).ok();
    assert!(note(&repo, &carrier)[0].contains(&format!("@{} ", &repo.rev("v1")[..16])));
    assert_eq!(of_line(&repo), ["exact stale note"]);
    // both of one clause: the own tree's version wins, so the older cannot be linked beside it
    repo.spec(&["unlink", "HEAD"]).ok();
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    assert!(repo.spec(&["link", "HEAD", "AUTH-1@v1"]).fails(2).contains("would be superseded"));
}

#[test]
fn an_affirmation_is_shown_as_one() {
    let (repo, carrier) = coded();
    let said = repo.spec(&["link", "--affirm", "HEAD", "AUTH-1"]).ok();
    assert!(said.contains("AUTH-1  affirmed"), "{said}");
    assert!(note(&repo, &carrier)[0].contains(" by:affirm id:"));
    assert_eq!(of_line(&repo), ["exact fresh affirm"]);
}

#[test]
fn links_are_withdrawn_by_name_by_id_or_all() {
    let (repo, carrier) = coded();
    repo.spec(&["link", "HEAD", "AUTH-1", "AUTH-2", "reset"]).ok();
    let lines = note(&repo, &carrier);
    let id = lines[1].rsplit_once("id:").unwrap().1;
    assert!(repo.spec(&["unlink", "-n", "HEAD", "AUTH-1"]).ok().contains("would be unlinked"));
    assert_eq!(note(&repo, &carrier), lines);
    assert!(repo.spec(&["unlink", "HEAD", "AUTH-1"]).ok().contains("AUTH-1  unlinked"));
    repo.spec(&["unlink", "HEAD", &format!("id:{id}")]).ok();
    let after = note(&repo, &carrier);
    assert_eq!(after[..3], lines);
    assert!(after[3].starts_with("Unspec: id:") && after[4] == format!("Unspec: id:{id}"), "{after:?}");
    assert_eq!(of_line(&repo), ["exact fresh note"]);
    let said = repo.spec(&["unlink", "HEAD", "AUTH-1"]).fails(2);
    assert!(said.contains("HEAD has no link to AUTH-1") && said.contains("specs/auth.md#reset (id:"), "{said}");
    repo.spec(&["unlink", "HEAD"]).ok();
    assert_eq!(of_line(&repo), [""; 0]);
    // and a withdrawn link can be made again
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    assert_eq!(of_line(&repo), ["exact fresh note"]);
    fsck(&repo);
}

#[test]
fn a_trailer_is_not_withdrawn_and_its_link_not_written_twice() {
    let (repo, _) = coded();
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    let line = note(&repo, "HEAD")[0].rsplit_once(" id:").unwrap().0.to_owned();
    repo.write("src/lock.rs", "fn lock() { now() }\n");
    repo.commit(&format!("Lock now\n\n{line}"));
    let said = repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    assert!(said.contains("already linked by its message"), "{said}");
    let said = repo.spec(&["unlink", "HEAD", "AUTH-1"]).fails(2);
    assert!(said.contains("in its message") && said.contains("git commit --amend"), "{said}");
    let said = repo.spec(&["unlink", "HEAD"]).fails(2);
    assert!(said.contains("in its message"), "{said}");
    repo.commit("On top");
    let below = repo.rev("HEAD~1");
    let told = repo.spec(&["unlink", "HEAD~1", "AUTH-1"]).fails(2);
    assert!(told.contains(&format!("the message: git rebase -i '{}^'\n", &below[..10])), "{told}");
    assert!(told.contains(&format!("write reword for pick in the line of {}\n", &below[..7])), "{told}");
    repo.spec(&["link", "HEAD~1", "AUTH-2"]).ok();
    let answer = repo.spec(&["unlink", "HEAD~1"]);
    assert_eq!(answer.status, 0);
    assert!(answer.stderr.contains("in the message stays"), "{answer:?}");
}

#[test]
fn a_note_that_is_not_ours_stays_byte_for_byte() {
    let (repo, carrier) = coded();
    let foreign = "Reviewed on Monday.\r\n\r\nSpec: not a link\n\nlast";
    repo.write("../note", foreign);
    let blob = repo.git(&["hash-object", "-w", "../note"]);
    repo.git(&["notes", "--ref=spec", "add", "-C", &blob, &carrier]);
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    let shown = repo.git(&["notes", "--ref=spec", "show", &carrier]);
    assert!(shown.starts_with(&format!("{foreign}\nSpec: specs/auth.md#AUTH-1@")), "{shown:?}");
    assert_eq!(of_line(&repo), ["exact fresh note"]);
}

#[test]
fn any_fan_out_is_read_and_written_and_git_rewrites_it() {
    let repo = Repo::auth();
    let spec = repo.rev("HEAD");
    // 700 commits on top of each other
    let mut stream = String::new();
    for number in 0..700 {
        stream += &format!("commit refs/heads/main\ncommitter a <a@b> {} +0000\ndata 1\nx", 1_700_000_000 + number);
        stream += &if number == 0 { format!("\nfrom {spec}\n\n") } else { "\n\n".to_owned() };
    }
    repo.write("../stream", stream);
    let script = "git fast-import --quiet <../stream && git reset -q --hard";
    assert!(std::process::Command::new("sh").args(["-c", script]).current_dir(repo.path()).status().unwrap().success());
    let commits = repo.git(&["rev-list", "HEAD"]);
    let commits: Vec<&str> = commits.lines().collect();
    // something that is no note
    let blob = repo.git(&["hash-object", "-w", "specs/auth.md"]);
    let tree = |script: &str| {
        let git = format!("{script} | git mktree");
        let out = std::process::Command::new("sh").args(["-c", &git]).current_dir(repo.path()).output().unwrap();
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    };
    let inner = tree(&format!("printf '100644 blob {blob}\\tx\\n'"));
    let top = tree(&format!(
        "printf '100644 blob {blob}\\tREADME\\n040000 tree {inner}\\tab\\n040000 tree {inner}\\tdir\\n'"
    ));
    let first = repo.git(&["commit-tree", "-m", "x", &top]);
    repo.git(&["update-ref", "refs/notes/spec", &first]);

    let words: Vec<&str> = ["link"].into_iter().chain(commits[..300].iter().copied()).chain(["AUTH-1"]).collect();
    repo.spec(&words).ok();
    fsck(&repo);
    assert_eq!(repo.git(&["notes", "--ref=spec", "list"]).lines().count(), 300);
    let files = repo.git(&["ls-tree", "-r", "--name-only", "refs/notes/spec"]);
    assert!(files.lines().filter(|file| file.contains('/')).count() > 290, "fanned out");
    // git adds one and lays all out anew, and we go on
    repo.git(&["notes", "--ref=spec", "add", "-m", "of git", commits[300]]);
    let words: Vec<&str> = ["link"].into_iter().chain(commits[250..].iter().copied()).chain(["AUTH-2"]).collect();
    repo.spec(&words).ok();
    fsck(&repo);
    assert_eq!(repo.git(&["notes", "--ref=spec", "list"]).lines().count(), commits.len());
    assert_eq!(note(&repo, commits[0]).len(), 1);
    assert_eq!(note(&repo, commits[260]).len(), 2);
    assert_eq!(note(&repo, commits[300])[0], "of git");
    for kept in ["README", "ab/x", "dir/x"] {
        assert_eq!(repo.rev(&format!("refs/notes/spec:{kept}")), blob, "{kept}");
    }
}

#[test]
fn an_object_that_is_annotated_at_two_places_keeps_both() {
    let (repo, carrier) = coded();
    let blob = |text: &str| {
        repo.write("../note", text);
        repo.git(&["hash-object", "-w", "../note"])
    };
    let script = format!(
        "t=$(printf '100644 blob {}\\t{}\\n' | git mktree) && printf \"040000 tree $t\\t{}\\n100644 blob {}\\t{carrier}\\n\" \
         | git mktree",
        blob("one\n"),
        &carrier[2..],
        &carrier[..2],
        blob("two\n"),
    );
    let out = std::process::Command::new("sh").args(["-c", &script]).current_dir(repo.path()).output().unwrap();
    let tree = String::from_utf8(out.stdout).unwrap().trim().to_owned();
    let commit = repo.git(&["commit-tree", "-m", "x", &tree]);
    repo.git(&["update-ref", "refs/notes/spec", &commit]);
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    let lines = note(&repo, &carrier);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines.iter().any(|line| line == "one") && lines.iter().any(|line| line == "two"));
    fsck(&repo);
}

#[test]
fn every_kind_of_repository_takes_notes() {
    let kinds = [
        &["--object-format=sha256"][..],
        &["--ref-format=reftable"],
        &["--ref-format=reftable", "--object-format=sha256"],
    ];
    for options in kinds {
        let Ok(repo) = Repo::with(options) else {
            println!("skipped: this git knows no {options:?}");
            continue;
        };
        repo.write("specs/auth.md", support::AUTH);
        repo.commit("Write the specification down");
        repo.write("src/lock.rs", "fn lock() {}\n");
        repo.commit("Lock accounts");
        repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
        repo.spec(&["link", "HEAD", "AUTH-2"]).ok();
        repo.spec(&["unlink", "HEAD", "AUTH-1"]).ok();
        assert_eq!(of_line(&repo), ["exact fresh note"], "{options:?}");
        fsck(&repo);
    }
    let (repo, carrier) = coded();
    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    repo.spec_in(&bare, &["link", "HEAD", "AUTH-1"]).ok();
    assert!(
        repo.git_in(&bare, &["notes", "--ref=spec", "show", &carrier])
            .unwrap()
            .starts_with("Spec: specs/auth.md#AUTH-1@")
    );
    let tree = repo.beside("tree");
    repo.git(&["worktree", "add", "-q", tree.to_str().unwrap()]);
    repo.spec_in(&tree, &["link", "HEAD", "AUTH-1"]).ok();
    assert_eq!(of_line(&repo), ["exact fresh note"]);
    repo.spec_in(&repo.path().join("src"), &["link", "HEAD", "AUTH-2"]).ok();
    assert_eq!(note(&repo, &carrier).len(), 2);
}

#[test]
fn without_an_identity_nothing_is_written() {
    let (repo, _) = coded();
    let mut command = repo.spec_command(repo.path());
    for who in ["AUTHOR", "COMMITTER"] {
        command.env_remove(format!("GIT_{who}_NAME")).env_remove(format!("GIT_{who}_EMAIL"));
    }
    repo.git(&["config", "user.useConfigOnly", "true"]);
    let said = support::run(command.args(["link", "HEAD", "AUTH-1"])).fails(2);
    assert!(said.contains("does not know who you are") && said.contains("git config --global user.email"), "{said}");
    assert!(repo.git_in(repo.path(), &["rev-parse", "--verify", "-q", "refs/notes/spec"]).is_err());
}

/// A `git` that does something else for one subcommand, before all others on the path.
#[cfg(unix)]
fn with_git(repo: &Repo, subcommand: &str, does: &str, args: &[&str]) -> Answer {
    use std::os::unix::fs::PermissionsExt as _;
    let real =
        String::from_utf8(std::process::Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout);
    let folder = repo.beside("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let script = format!(
        "#!/bin/sh\nfor word; do case $word in {subcommand}) {does};; -c|--no-optional-locks|*=*) ;; *) break;; esac; done\n\
         exec {} \"$@\"\n",
        real.unwrap().trim()
    );
    std::fs::write(folder.join("git"), script).unwrap();
    std::fs::set_permissions(folder.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    support::run(repo.spec_command(repo.path()).env("PATH", path).args(args))
}

#[cfg(unix)]
#[test]
fn a_write_that_is_killed_leaves_the_old_notes() {
    let (repo, carrier) = coded();
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    let (before, tip) = (note(&repo, &carrier), repo.rev("refs/notes/spec"));
    for (subcommand, does) in [
        ("update-ref", "kill -KILL $PPID; exit 1"),
        ("unpack-objects", "kill -KILL $PPID; exit 1"),
        ("unpack-objects", "head -c 40 >/dev/null; exit 128"),
        ("unpack-objects", "ulimit -f 0; break"),
    ] {
        let answer = with_git(&repo, subcommand, does, &["link", "HEAD", "AUTH-2"]);
        assert_ne!(answer.status, 0, "{subcommand} {does}: {answer:?}");
        assert_eq!((note(&repo, &carrier), repo.rev("refs/notes/spec")), (before.clone(), tip.clone()), "{does}");
        fsck(&repo);
    }
    repo.spec(&["link", "HEAD", "AUTH-2"]).ok();
    assert_eq!(note(&repo, &carrier).len(), 2);
}

#[cfg(unix)]
#[test]
fn a_lock_that_stays_is_named_after_a_while() {
    let (repo, carrier) = coded();
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    let lock = repo.path().join(".git/refs/notes/spec.lock");
    std::fs::write(&lock, "").unwrap();
    let said = repo.spec(&["link", "HEAD", "AUTH-2"]).fails(2);
    assert!(said.contains("spec.lock") && said.contains("nothing was written"), "{said}");
    std::fs::remove_file(lock).unwrap();
    assert_eq!(note(&repo, &carrier).len(), 1);
}

#[test]
fn twenty_at_once_lose_nothing() {
    let (repo, carrier) = coded();
    let mut text = String::from("# Many\n\n");
    for number in 0..20 {
        text += &format!("## Demand {number} {{#M-{number}}}\n\nThe system MUST do thing number {number} in time.\n\n");
    }
    repo.write("specs/many.md", text);
    let second = repo.commit("Ask for more");
    repo.spec(&["ls"]).ok();
    let children: Vec<_> = (0..20)
        .map(|number| {
            let mut command = repo.spec_command(repo.path());
            command.args(["link", &second, &format!("M-{number}")]);
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let lines = note(&repo, &second);
    let ids: std::collections::BTreeSet<&str> = lines.iter().map(|line| line.rsplit_once(" id:").unwrap().1).collect();
    assert_eq!((lines.len(), ids.len()), (20, 20));
    assert_eq!(note(&repo, &carrier).len(), 0);
    assert_eq!(repo.git(&["rev-list", "--count", "refs/notes/spec"]), "20");
    fsck(&repo);
}

#[test]
fn links_of_a_branch_are_carried_over_to_its_squash() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit("Lock accounts");
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    let line = note(&repo, "HEAD")[0].rsplit_once(" id:").unwrap().0.to_owned();
    repo.edit("specs/auth.md", "5 failed", "4 failed");
    repo.write("src/lock.rs", "fn lock() { four() }\n");
    repo.commit("Ask for four");
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    repo.write("src/end.rs", "fn end() {}\n");
    repo.commit(&format!("End sessions\n\n{}", line.replace("AUTH-1", "AUTH-2")));
    repo.spec(&["link", "HEAD", "AUTH-2"]).ok();
    repo.spec(&["link", "--affirm", "HEAD", "reset"]).ok();
    let message = repo.spec(&["squash-message", "main..topic"]);
    assert_eq!(message.status, 0, "{message:?}");
    assert!(
        message.stderr.contains("was another version of it") && message.stderr.contains("1 affirmation"),
        "{message:?}"
    );

    repo.git(&["checkout", "-q", "main"]);
    repo.write("src/other.rs", "fn other() {}\n");
    repo.commit("Something else");
    repo.git(&["merge", "-q", "--squash", "topic"]);
    let squash = repo.commit("Lock, and end (#7)");
    let dry = repo.spec(&["link", "-n", "--squashed", "main~1..topic", "HEAD"]);
    assert_eq!(note(&repo, &squash).len(), 0, "{dry:?}");
    let said = repo.spec(&["link", "--squashed", "main~1..topic", "HEAD"]).ok();
    assert!(said.contains("AUTH-1  linked") && said.contains("reset   affirmed"), "{said}");
    let lines = note(&repo, &squash);
    assert!(
        lines.iter().any(|line| line.starts_with("Spec: specs/auth.md#AUTH-1 v1:")),
        "its spec commit is in the squash: {lines:?}"
    );
    assert_eq!(lines.iter().filter(|line| line.contains("#AUTH-1")).count(), 1, "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("#reset@") && line.contains("by:affirm")), "{lines:?}");
    assert_eq!(of_line(&repo).first().map(String::as_str), Some("exact fresh note"));

    // the message does the same by trailers
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["merge", "-q", "--squash", "topic"]);
    repo.commit(&format!("Lock, and end (#7)\n\n{}", message.stdout));
    let links = repo.spec(&["blame", "--json", "src/lock.rs"]).json()["lines"][0]["links"].clone();
    assert!(each(&links, "/resolution").iter().all(|state| *state != "dangling" && *state != "superseded"), "{links}");

    // another change is refused
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["merge", "-q", "--squash", "topic"]);
    repo.write("src/end.rs", "fn end() { later() }\n");
    repo.commit("Lock, and end otherwise (#7)");
    let said = repo.spec(&["link", "--squashed", "main~1..topic", "HEAD"]).fails(2);
    assert!(said.contains("does not do the same") && said.contains("differs in src/end.rs"), "{said}");
}

#[test]
fn bytes_of_every_sort_beside_links_do_no_harm() {
    let (repo, carrier) = coded();
    repo.write("../note", b"Spec: \xff\xfe\0\r\nUnspec: id:zz\r\nSpec: a v1:00 id:00000000\n\tfolded\n".as_slice());
    let blob = repo.git(&["hash-object", "-w", "../note"]);
    repo.git(&["notes", "--ref=spec", "add", "-C", &blob, &carrier]);
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
    assert_eq!(of_line(&repo), ["exact fresh note"]);
    repo.spec(&["unlink", "HEAD"]).ok();
    assert_eq!(of_line(&repo), [""; 0]);
    let kept = std::process::Command::new("git")
        .args(["notes", "--ref=spec", "show", &carrier])
        .current_dir(repo.path())
        .output()
        .unwrap();
    assert!(kept.stdout.starts_with(b"Spec: \xff\xfe\0\r\nUnspec: id:zz\r\n"), "{:?}", kept.stdout);
}

#[test]
fn a_hint_can_be_typed_as_it_stands() {
    let (repo, carrier) = coded();
    let told = repo.spec(&["unlink", &carrier]).fails(2);
    let hint = told.split_once(": git log ").unwrap().1.trim_end();
    assert!(
        repo.git(&[&["log"][..], &hint.split(' ').collect::<Vec<_>>()].concat()).contains("Lock accounts"),
        "{told}"
    );
    let lock = repo.path().join(".git/refs/notes/spec.lock");
    std::fs::create_dir_all(lock.parent().unwrap()).unwrap();
    std::fs::write(&lock, "").unwrap();
    let told = repo.spec(&["link", "HEAD", "AUTH-1"]).fails(2);
    assert!(told.contains("another Git is at work here") && !told.contains("GIT_TRACE"), "{told}");
    let command = told.lines().find_map(|line| line.split_once("if none is: ")).unwrap().1;
    let done = std::process::Command::new("sh").args(["-c", command]).current_dir(repo.path()).status().unwrap();
    assert!(done.success(), "{command}");
    repo.spec(&["link", "HEAD", "AUTH-1"]).ok();
}

#[test]
fn what_is_said_of_a_link_fits_the_screen() {
    let (repo, _) = coded();
    repo.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("src/a.rs", "// r[impl auth.a-clause.that.nobody.knows.of-here]\n");
    repo.commit("Annotate");
    for args in [&["link", "--force", "HEAD", "AUTH-1@side"][..], &["link", "--from-annotations"]] {
        let mut command = repo.spec_command(repo.path());
        command.env("COLUMNS", "80").args(args);
        let text = support::run(&mut command).ok();
        assert!(text.lines().count() > 2 && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}
