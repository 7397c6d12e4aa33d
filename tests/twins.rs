//! One paragraph stands in several spec files: a link to it in one of them is none to it in another.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use support::Repo;

const CONFORMANCE: &str = "## Conformance\n\nThe words MUST and SHOULD are to be read as in RFC 2119, in all of it.\n";

/// A branch `release` that has `specs/auth.md` with the paragraph.
fn released() -> Repo {
    let repo = Repo::auth();
    let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).unwrap();
    repo.write("specs/auth.md", format!("{text}\n{CONFORMANCE}"));
    repo.commit("Say how it is to be read");
    repo.git(&["branch", "release"]);
    repo
}

/// Adds a spec file with the paragraph and code for it there.
fn code_for(repo: &Repo, path: &str) -> String {
    let own = "## Export\n\nThe export MUST hold all that a person has entered.\n";
    repo.write(path, format!("# Export\n\n{own}\n{CONFORMANCE}"));
    repo.commit("Specify the export");
    repo.write("src/export.rs", "fn export() {}\n");
    repo.git(&["add", "-A"]);
    repo.spec(&["commit", "-q", "-m", "Export", "--for", &format!("{path}#conformance")]).ok();
    repo.rev("HEAD")
}

fn pick(repo: &Repo, commit: &str) {
    repo.git(&["checkout", "-q", "release"]);
    repo.git(&["cherry-pick", commit]);
}

/// How the only link stands, and whether any clause is answered by it.
fn state(repo: &Repo) -> (String, bool) {
    let report = repo.spec(&["fsck", "--json"]).json();
    let status = repo.spec(&["status", "--json"]).json();
    let state = match report["findings"].as_array().unwrap().as_slice() {
        [] => "exact".to_owned(),
        [one] => one["link"]["resolution"].as_str().unwrap().to_owned(),
        more => panic!("{more:?}"),
    };
    (state, status["counts"]["answered"] != 0)
}

fn gone(repo: &Repo) {
    repo.git(&["branch", "-q", "-D", "main"]);
    repo.git(&["reflog", "expire", "--expire=all", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
}

#[test]
fn code_of_another_file_is_not_tied_to_the_same_paragraph() {
    let repo = released();
    let commit = code_for(&repo, "specs/export.md");
    pick(&repo, &commit);
    assert_eq!(state(&repo), ("elsewhere".to_owned(), false));
    gone(&repo);
    assert_eq!(state(&repo), ("dangling".to_owned(), false));
    // What is offered is for a person who knows.
    let finding = repo.spec(&["fsck", "--json"]).json()["findings"][0].clone();
    let advice: Vec<&str> = finding["advice"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert!(advice.contains(&"if you know which clause it was made from:"), "{advice:?}");
    assert!(finding["reason"].as_str().unwrap().contains("nobody knows whether that is the clause"), "{finding:#}");
}

#[test]
fn neither_where_the_file_of_the_same_words_came_in_by_itself() {
    // In a folder of the same name of file, too: a template.
    for path in ["specs/export.md", "other/auth.md", "pack/specs/auth.md"] {
        let repo = Repo::auth();
        repo.git(&["branch", "release"]);
        repo.git(&["checkout", "-q", "release"]);
        let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).unwrap();
        repo.write("specs/auth.md", format!("{text}\n{CONFORMANCE}"));
        repo.commit("Say how it is to be read");
        repo.git(&["checkout", "-q", "main"]);
        repo.write(".gitspec.toml", "[spec]\ninclude = [\"**/*.md\"]\n");
        repo.commit("Everything is specified");
        let commit = code_for(&repo, path);
        pick(&repo, &commit);
        assert_eq!(state(&repo), ("elsewhere".to_owned(), false), "{path}");
        gone(&repo);
        assert_eq!(state(&repo), ("dangling".to_owned(), false), "{path}");
    }
}

#[test]
fn neither_where_it_came_with_its_code_and_the_file_was_left_out() {
    let repo = released();
    repo.write("specs/export.md", format!("# Export\n\n{CONFORMANCE}"));
    repo.write("src/export.rs", "fn export() {}\n");
    repo.git(&["add", "-A"]);
    repo.spec(&["commit", "-q", "-m", "Export", "--for", "specs/export.md#conformance"]).ok();
    repo.git(&["checkout", "-q", "release"]);
    repo.git(&["cherry-pick", "-n", "main"]);
    repo.git(&["rm", "-q", "-f", "specs/export.md"]);
    repo.git(&["commit", "-q", "-C", "main"]);
    assert_eq!(state(&repo), ("dangling".to_owned(), false));
}

#[test]
fn a_file_that_bore_the_name_before_is_not_the_new_one() {
    let repo = released();
    repo.git(&["checkout", "-q", "release"]);
    repo.git(&["mv", "specs/auth.md", "specs/login.md"]);
    repo.commit("Call it by its name");
    repo.git(&["checkout", "-q", "-B", "main"]);
    let commit = code_for(&repo, "specs/auth.md");
    pick(&repo, &commit);
    assert_eq!(state(&repo), ("elsewhere".to_owned(), false));
}

#[test]
fn a_file_that_is_called_otherwise_there_is_found() {
    // Renamed where the code was made, with another file that has the same paragraph or without.
    let repo = Repo::auth();
    repo.git(&["branch", "release"]);
    repo.git(&["mv", "specs/auth.md", "specs/login.md"]);
    repo.commit("Call it by its name");
    let commit = repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    pick(&repo, &commit);
    assert_eq!(state(&repo), ("relocated".to_owned(), true));
    // A new file that the branch has in a folder of another name.
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "release"]);
    repo.git(&["mv", "specs", "spec"]);
    repo.commit("Call the folder otherwise");
    repo.git(&["checkout", "-q", "main"]);
    let commit = code_for(&repo, "specs/export.md");
    repo.git(&["checkout", "-q", "release"]);
    repo.git(&["-c", "merge.directoryRenames=true", "cherry-pick", &format!("{commit}~"), &commit]);
    assert!(repo.path().join("spec/export.md").exists());
    assert_eq!(state(&repo), ("relocated".to_owned(), true));
}

#[test]
fn a_broken_link_is_not_settled_by_the_clause_that_only_bears_its_name() {
    let repo = Repo::auth();
    let version = repo.listed("AUTH-1")["version"].as_str().unwrap().to_owned();
    // Made where AUTH-1 was called AUTH-2, before two names changed places.
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit(&format!("Lock\n\nSpec: specs/auth.md#AUTH-2@0123456789abcdef {version}"));
    repo.generate("src/session.rs", "fn end() {}\n", &["AUTH-2"]);
    let report = repo.spec(&["fsck", "--json"]).json();
    assert_eq!((report["mended"].as_u64(), report["findings"].as_array().map(Vec::len)), (Some(0), Some(1)));
    // The commit's own link to the clause that had the words settles it, and status agrees.
    let commit = repo.rev("HEAD~");
    repo.spec(&["link", &commit, "AUTH-1"]).ok();
    assert_eq!(repo.spec(&["fsck", "--json"]).json()["findings"].as_array().map(Vec::len), Some(0));
    assert_eq!(repo.spec(&["status", "--json"]).json()["doubtful"], 0);
}

#[test]
fn a_name_that_a_renamed_file_gave_is_known_by_the_commit_that_gave_it_up() {
    for renames in [false, true] {
        let repo = Repo::auth();
        let path = if renames { "specs/login.md" } else { "specs/auth.md" };
        if renames {
            repo.git(&["mv", "specs/auth.md", path]);
            repo.commit("Call it by its name");
        }
        repo.git(&["checkout", "-q", "-b", "side"]);
        repo.edit(path, "5 failed", "3 failed");
        repo.commit("Lock sooner");
        repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
        repo.edit(path, "{#AUTH-1}", "{#AUTH-8}");
        repo.commit("Number anew");
        let log = repo.git(&["log", "main..side"]);
        repo.git(&["checkout", "-q", "main"]);
        repo.git(&["merge", "-q", "--squash", "side"]);
        let message = format!("Lock sooner (#1)\n\nSquashed commit of the following:\n\n{log}");
        repo.git(&["commit", "-q", "-m", &message]);
        repo.git(&["branch", "-q", "-D", "side"]);
        repo.git(&["reflog", "expire", "--expire=all", "--all"]);
        repo.git(&["gc", "-q", "--prune=now"]);
        assert_eq!(state(&repo), ("relocated".to_owned(), true), "renames {renames}");
    }
}
