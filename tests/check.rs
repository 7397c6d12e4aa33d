//! `git spec check` and the hook before a push: what a policy says of commits.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{AUTH, Answer, Repo, run};

const POLICY: &str = "[spec]\ninclude = [\"specs/**/*.md\"]\n\n[generated]\npaths = [\"src/**\"]\nexempt = [\"src/vendor/**\"]\n\n\
                      [policy]\nrefs = [\"refs/heads/main\"]\n";

fn git(repo: &Repo, words: &[&str]) -> Answer {
    let mut command = repo.git_command(repo.path());
    command.env("GIT_EDITOR", "true").args(words);
    run(&mut command)
}

/// A specification and a policy of so many more lines.
fn ruled(more: &str) -> Repo {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    repo.write(".gitspec.toml", format!("{POLICY}{more}"));
    repo.commit("Begin");
    repo.git(&["tag", "begin"]);
    repo
}

fn code(repo: &Repo, words: &[&str]) {
    let path = repo.path().join("src/lock.rs");
    let old = std::fs::read_to_string(path).unwrap_or_default();
    repo.write("src/lock.rs", old + "line\n");
    repo.git(&["add", "-A"]);
    git(repo, &[&["spec", "commit", "-q"], words].concat());
}

fn check(repo: &Repo) -> Answer {
    git(repo, &["spec", "check", "begin..HEAD"])
}

fn rules(repo: &Repo) -> Vec<String> {
    let answer = git(repo, &["spec", "check", "--json", "begin.."]).json();
    support::each(&answer["findings"], "/rule").into_iter().map(str::to_owned).collect()
}

#[test]
fn a_generated_change_wants_a_link() {
    let repo = ruled("");
    code(&repo, &["-m", "Lock", "--for", "AUTH-1"]);
    assert_eq!(check(&repo).ok(), "1 commit judged, nothing found.\n");
    repo.write("src/page.rs", "x\n");
    let bad = repo.commit("Page \u{1b}[31mops");
    repo.write("src/vendor/x.rs", "x\n");
    repo.write("README.md", "x\n");
    let exempt = repo.commit("Nothing generated");
    let said = check(&repo);
    assert_eq!((said.status, said.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(said.stdout.replace(&bad[..9], "LONGID").replace(&bad[..7], "SHORT").replace(&exempt[..7], "VENDOR"), @r#"
    error: SHORT "Page \x1b[31mops"
      changes src/page.rs and links no clause (require-link)
      hint: git rebase -i -r LONGID^
      hint: there, edit LONGID; where it stops:
      hint: git spec commit --amend --no-edit --for CLAUSE
    note: src/vendor/** exempts src/vendor/x.rs in VENDOR
    3 commits judged: 1 refused, 0 warned of.
    "#);
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert!(check(&repo).stdout.contains("hint: git spec commit --amend --no-edit --for CLAUSE\n"));
    git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]);
    assert_eq!(check(&repo).status, 0);
}

#[test]
fn severities_and_since_are_obeyed() {
    let repo = ruled("require-link = \"warn\"\n");
    code(&repo, &["-m", "Lock"]);
    let said = check(&repo);
    assert_eq!(said.status, 0);
    assert!(
        said.stdout.starts_with("warning: ") && said.stdout.ends_with("1 commit judged: 0 refused, 1 warned of.\n")
    );
    repo.write(".gitspec.toml", format!("{POLICY}require-link = \"off\"\n"));
    assert!(rules(&repo).is_empty());
    repo.write(".gitspec.toml", format!("{POLICY}since = \"{}\"\n", repo.rev("HEAD")));
    assert_eq!(check(&repo).ok(), "0 commits judged, nothing found.\n");
}

#[test]
fn reverts_and_merges_are_judged_by_what_they_change() {
    let repo = ruled("");
    code(&repo, &["-m", "Lock", "--for", "AUTH-1"]);
    git(&repo, &["revert", "--no-edit", "HEAD"]);
    assert!(rules(&repo).is_empty(), "an exact revert");
    git(&repo, &["revert", "--no-commit", "HEAD"]);
    repo.write("src/more.rs", "x\n");
    repo.git(&["add", "-A"]);
    git(&repo, &["commit", "-q", "-m", &format!("Reapply\n\nThis reverts commit {}.", repo.rev("HEAD"))]);
    assert_eq!(rules(&repo), ["require-link"], "more than a revert");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["switch", "-q", "-c", "side"]);
    code(&repo, &["-m", "Side", "--for", "AUTH-2"]);
    repo.git(&["switch", "-q", "main"]);
    repo.write("other", "x\n");
    repo.commit("Other");
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge", "side"]);
    assert!(rules(&repo).is_empty(), "a merge that changes nothing");
    repo.write("src/evil.rs", "x\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    assert_eq!(rules(&repo), ["require-link"], "a merge that adds something");
}

#[test]
fn a_link_before_the_trailers_is_told_where_it_would_be_wanted() {
    let repo = ruled("");
    let (whole, said) = (repo.spec_line("AUTH-1"), "; a link in the body of a message counts for nothing");
    code(&repo, &["--no-verify", "-m", &format!("Lock\n\n{whole}\n\nEnd.")]);
    assert_eq!(rules(&repo), ["require-link"]);
    let shown = || check(&repo).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown().contains(&format!("links no clause{said}")), "{}", shown());
    repo.git(&["reset", "-q", "--hard", "begin"]);
    let broken = format!("Spec: specs/auth.md#AUTH-2@{} v1:{}", &repo.rev("HEAD")[..16], "0".repeat(32));
    code(&repo, &["--no-verify", "-m", &format!("Lock\n\n{whole}\n\nReviewed-by: B\n{broken}")]);
    assert_eq!(rules(&repo), ["require-resolved"]);
    assert!(shown().contains(said), "{}", shown());
}

#[test]
fn links_have_to_be_found_and_young() {
    let repo = ruled("");
    let version = "v1:00000000000000000000000000000000";
    code(&repo, &["-m", &format!("Lock\n\nSpec: specs/auth.md#AUTH-1@{} {version}", &repo.rev("HEAD")[..16])]);
    assert_eq!(rules(&repo), ["require-resolved"]);
    assert!(check(&repo).stdout.contains("links AUTH-1, and the link is mismatch: "));
    repo.write(".gitspec.toml", format!("{POLICY}accept = [\"mismatch\"]\n"));
    assert!(rules(&repo).is_empty());
    repo.git(&["reset", "-q", "--hard", "begin"]);
    // What was under way is older than what the commit's own tree demands
    git(&repo, &["spec", "start", "AUTH-1"]).ok();
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.git(&["commit", "-qam", "Sooner"]);
    code(&repo, &["-m", "Old words"]);
    assert_eq!(rules(&repo), ["stale"]);
    let said = check(&repo).stdout;
    assert!(said.contains("links AUTH-1, which in the commit's own tree changed since: 5 → 3 (stale)"), "{said}");
    assert!(said.contains("hint: git spec commit --amend --no-edit --for AUTH-1\n"), "{said}");
    // The hint is true: the link goes where the clause is now
    let old = repo.rev("HEAD");
    git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]);
    assert!(rules(&repo).is_empty(), "{:?}", check(&repo));
    repo.git(&["reset", "-q", "--hard", &old]);
    repo.write(".gitspec.toml", format!("{POLICY}stale = \"off\"\n"));
    assert!(rules(&repo).is_empty());
}

#[test]
fn the_tip_is_asked_where_the_policy_wants_it() {
    let repo = ruled("stale-tip = \"normative\"\n");
    code(&repo, &["-m", "Lock", "--for", "AUTH-1"]);
    assert!(rules(&repo).is_empty());
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.commit("Sooner");
    assert_eq!(rules(&repo), ["stale-tip"]);
    assert!(check(&repo).stdout.contains("hint: git spec start AUTH-1\n  hint: git spec commit -a\n"));
}

#[test]
fn code_made_anew_makes_older_links_count_no_more() {
    let repo = ruled("stale-tip = \"normative\"\n");
    code(&repo, &["-m", "Lock", "--for", "AUTH-1"]);
    code(&repo, &["-m", "Stay", "--for", "AUTH-2"]);
    repo.edit("specs/auth.md", "after 5 failed", "after 3 failed");
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("Sooner");
    assert_eq!(rules(&repo), ["stale-tip", "stale-tip"]);
    code(&repo, &["-m", "Lock sooner", "--for", "AUTH-1"]);
    let said = check(&repo).stdout;
    assert!(said.contains("links AUTH-2, which") && !said.contains("links AUTH-1, which"), "{said}");
    // Only what comes after can make a thing anew
    repo.git(&["switch", "-q", "-c", "side", "begin"]);
    repo.write("src/side.rs", "x\n");
    repo.git(&["add", "-A"]);
    git(&repo, &["spec", "commit", "-q", "-m", "Lock beside", "--for", "AUTH-1"]).ok();
    repo.git(&["switch", "-q", "main"]);
    repo.git(&["merge", "-q", "-m", "Merge", "side"]);
    let said = check(&repo).stdout;
    assert_eq!(said.matches("links AUTH-1, which").count(), 1, "{said}");
    assert!(said.contains("\"Lock beside\"\n  links AUTH-1, which"), "{said}");
}

#[test]
fn code_of_a_clause_that_is_gone_can_be_deleted() {
    let repo = ruled("stale-tip = \"minor\"\n");
    code(&repo, &["-m", "Lock", "--for", "AUTH-1"]);
    repo.git(&["tag", "-f", "begin"]);
    let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).unwrap();
    let at = text.find("## Sessions").unwrap();
    let start = text.find("## Lockout").unwrap();
    repo.write("specs/auth.md", text[..start].to_owned() + &text[at..]);
    repo.commit("Drop the lock");
    repo.git(&["rm", "-q", "src/lock.rs"]);
    git(&repo, &["spec", "commit", "-q", "-m", "Drop its code", "--for", "AUTH-1@HEAD~1"]).ok();
    assert!(rules(&repo).is_empty(), "{:?}", check(&repo));
    repo.write("src/other.rs", "x\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    assert_eq!(rules(&repo), ["stale"], "what is written for it is another thing");
}

#[test]
fn commits_are_counted_and_not_what_is_wrong_with_them() {
    let repo = ruled("");
    let version = "v1:00000000000000000000000000000000";
    let link = |name: &str| format!("Spec: specs/auth.md#{name}@{} {version}", &repo.rev("HEAD")[..16]);
    code(&repo, &["-m", &format!("Lock\n\n{}\n{}", link("AUTH-1"), link("AUTH-2"))]);
    assert_eq!(rules(&repo).len(), 2);
    assert!(check(&repo).stdout.ends_with("1 commit judged: 1 refused, 0 warned of.\n"));
}

#[test]
fn wrong_use_says_what_to_write() {
    let repo = Repo::auth();
    insta::assert_snapshot!(git(&repo, &["spec", "check", "HEAD"]).fails(2), @r#"
    error: there is no [policy] in .gitspec.toml
    hint: write one, for example:
    hint:   [generated]
    hint:   paths = ["src/**"]
    hint:   [policy]
    hint:   refs = ["refs/heads/main"]
    "#);
    let repo = ruled("");
    assert!(git(&repo, &["spec", "check"]).fails(2).contains("no upstream"));
    assert!(git(&repo, &["spec", "check", "nope..HEAD"]).fails(2).contains("unknown revision nope"));
}

#[test]
fn a_push_that_would_be_refused_is_stopped_before() {
    let repo = ruled("");
    git(&repo, &["spec", "hooks", "install", "--scripts"]).ok();
    let bare = repo.beside("bare.git");
    repo.git(&["init", "-q", "--bare", bare.to_str().unwrap()]);
    repo.git(&["remote", "add", "origin", bare.to_str().unwrap()]);
    git(&repo, &["push", "-q", "-u", "origin", "main"]).ok();
    code(&repo, &["-m", "Page ops"]);
    let said = git(&repo, &["push", "-q", "origin", "main"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.starts_with("error: "), "{said:?}");
    assert!(said.stderr.contains("changes src/lock.rs and links no clause"), "{said:?}");
    assert_eq!(git(&repo, &["spec", "check"]).status, 1, "against the upstream");
    // Another branch is nobody's business, a deleted one neither
    git(&repo, &["push", "-q", "origin", "HEAD:refs/heads/side"]).ok();
    git(&repo, &["push", "-q", "origin", ":refs/heads/side"]).ok();
    git(&repo, &["spec", "commit", "-q", "--amend", "--no-edit", "--for", "AUTH-1"]);
    git(&repo, &["push", "-q", "origin", "main"]).ok();
    // A broken configuration is said and stops nothing
    code(&repo, &["-m", "Page ops"]);
    repo.write(".gitspec.toml", "[policy]\nnope = 1\n");
    let said = git(&repo, &["push", "-q", "origin", "main"]);
    assert_eq!(said.status, 0);
    assert!(said.stderr.starts_with("warning: pre-push did not do its work: .gitspec.toml: "), "{said:?}");
}

#[test]
fn a_glob_that_names_a_directory_is_told() {
    let repo = ruled("");
    repo.edit(".gitspec.toml", "src/**", "src");
    code(&repo, &["-m", "Lock"]);
    let said = check(&repo);
    assert_eq!(said.status, 0);
    let note = "\"src\" in generated.paths names a directory and nothing that lies in it; write \"src/**\"";
    assert!(said.stderr.contains(note), "{said:?}");
}

#[test]
fn an_unknown_hook_is_told_all_that_there_are() {
    let said = git(&ruled(""), &["spec", "hook", "nope"]);
    for name in ["prepare-commit-msg", "pre-push", "pre-receive", "update", "post-receive", "vref"] {
        assert!(said.stderr.contains(name), "{said:?}");
    }
}

#[test]
fn a_link_under_an_older_name_grows_old_as_well() {
    let repo = ruled("");
    let line = repo.spec_line("AUTH-1");
    let version = line.rsplit(' ').next().unwrap().to_owned();
    repo.git(&["mv", "specs/auth.md", "specs/access.md"]);
    repo.commit("Rename the file");
    repo.edit("specs/access.md", "5 failed", "3 failed");
    repo.commit("Three");
    for name in ["specs/access.md#AUTH-1@deadbeef01", "specs/access.md#AUTH-1", "specs/auth.md#AUTH-1"] {
        repo.write("src/lock.rs", name);
        repo.commit(&format!("Lock\n\nSpec: {name} {version}"));
        assert_eq!(rules(&repo), ["stale"], "{name}");
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
}

#[test]
fn many_findings_are_a_number() {
    let repo = ruled("");
    for _ in 0..22 {
        code(&repo, &["-m", "Lock"]);
    }
    let said = check(&repo).stdout;
    assert_eq!(said.matches("error: ").count(), 20);
    let typed = said.split_once("and 2 more findings:\n  git spec ").unwrap().1;
    let typed: Vec<&str> = typed.lines().next().unwrap().split(' ').collect();
    assert_eq!(repo.spec(&typed).json()["findings"].as_array().map(Vec::len), Some(22), "{typed:?}");
    assert!(said.ends_with("22 commits judged: 22 refused, 0 warned of.\n"));
    assert_eq!(rules(&repo).len(), 22);
}
