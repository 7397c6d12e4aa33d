//! Links in notes shared by several people, and kept when commits are rewritten.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use proptest::prelude::*;
use support::Repo;

/// A repository with commits to link, a bare one that all share, and clones of it.
struct Team {
    repo: Repo,
    clones: Vec<PathBuf>,
    commits: Vec<String>,
}

const CLAUSES: [&str; 3] = ["AUTH-1", "AUTH-2", "reset"];

impl Team {
    fn of(people: usize) -> Team {
        let repo = Repo::auth();
        let commits = (0..3)
            .map(|number| {
                repo.write("src/lock.rs", format!("fn lock() {{ {number} }}\n"));
                repo.commit(&format!("Step {number}"))
            })
            .collect();
        let team = Team { clones: (0..people).map(|n| repo.beside(&format!("clone-{n}"))).collect(), repo, commits };
        let bare = team.bare();
        team.repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
        for clone in &team.clones {
            team.repo.git(&["clone", "-q", bare.to_str().unwrap(), clone.to_str().unwrap()]);
        }
        team
    }

    fn bare(&self) -> PathBuf {
        self.repo.beside("shared.git")
    }

    #[track_caller]
    fn spec(&self, person: usize, args: &[&str]) -> String {
        self.repo.spec_in(&self.clones[person], args).ok()
    }

    fn git(&self, person: usize, args: &[&str]) -> String {
        self.repo.git_in(&self.clones[person], args).unwrap()
    }

    /// Every line of every note, with the commit it belongs to.
    fn lines(&self, place: &Path) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for commit in &self.commits {
            let note = self.repo.git_in(place, &["notes", "--ref=spec", "show", commit]).unwrap_or_default();
            all.extend(note.lines().filter(|line| !line.is_empty()).map(|line| format!("{commit} {line}")));
        }
        all
    }

    fn links(&self, person: usize) -> BTreeSet<String> {
        live(&self.lines(&self.clones[person]))
    }

    fn fsck(&self) {
        for place in self.clones.iter().chain([&self.bare()]) {
            let said = self.repo.git_in(place, &["fsck", "--strict", "--no-dangling", "--no-progress"]).unwrap();
            assert_eq!(said, "");
        }
    }
}

/// The links that stand: without those that were withdrawn, and without their ids.
fn live(lines: &BTreeSet<String>) -> BTreeSet<String> {
    let gone: BTreeSet<&str> =
        lines.iter().filter_map(|line| line.split_once(" Unspec: id:")).map(|(_, id)| id).collect();
    let links = lines.iter().filter_map(|line| line.rsplit_once(" id:").filter(|(link, _)| link.contains(" Spec: ")));
    links.filter(|(_, id)| !gone.contains(id)).map(|(link, _)| link.to_owned()).collect()
}

#[test]
fn what_two_people_linked_comes_together_in_any_order() {
    let team = Team::of(2);
    assert!(team.spec(0, &["notes", "fetch"]).contains("origin has no notes"));
    assert!(team.spec(0, &["notes", "push"]).contains("nothing to push"));
    team.spec(0, &["link", &team.commits[0], "AUTH-1"]);
    assert_eq!(team.spec(0, &["notes", "push"]), "pushed to origin\n");
    assert_eq!(team.spec(0, &["notes", "push"]), "nothing to push to origin\n");
    // the other one has no notes yet: unrelated histories
    team.spec(1, &["link", &team.commits[0], "AUTH-2"]);
    assert_eq!(team.spec(1, &["notes", "push"]), "pushed to origin; 1 note has new lines from origin\n");
    assert_eq!(team.links(1).len(), 2);
    // both go on at once: one takes back what the other made
    team.spec(1, &["unlink", &team.commits[0], "AUTH-1"]);
    team.spec(0, &["link", &team.commits[1], "reset"]);
    team.spec(0, &["notes", "push"]);
    assert_eq!(team.spec(1, &["notes", "fetch"]), "1 note has new lines from origin\n");
    team.spec(1, &["notes", "push", "origin"]);
    team.spec(0, &["notes", "fetch", "origin"]);
    assert_eq!(team.spec(0, &["notes", "fetch"]), "nothing new\n");
    assert_eq!(team.links(0), team.links(1));
    let names: Vec<bool> = team.links(0).iter().map(|link| link.contains("AUTH-1")).collect();
    assert_eq!(names, [false, false]);
    assert_eq!(team.git(0, &["rev-parse", "refs/notes/spec"]), team.git(1, &["rev-parse", "refs/notes/spec"]));
    assert_eq!(
        team.git(0, &["rev-parse", "refs/notes/remotes/origin/spec"]),
        team.git(0, &["rev-parse", "refs/notes/spec"])
    );
    team.fsck();
}

#[test]
fn a_withdrawal_holds_for_a_commit_that_another_person_rewrote_meanwhile() {
    for order in [[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1]] {
        let team = Team::of(2);
        let old = team.commits[2].clone();
        team.spec(0, &["link", &old, "AUTH-1"]);
        team.spec(0, &["link", &old, "AUTH-2"]);
        team.spec(0, &["notes", "push"]);
        team.spec(1, &["notes", "fetch"]);
        // One takes a link back, the other makes another commit of it.
        team.spec(0, &["unlink", &old, "AUTH-1"]);
        team.git(1, &["commit", "-q", "--amend", "-m", "In other words"]);
        let new = team.git(1, &["rev-parse", "HEAD"]);
        team.spec(1, &["hook", "post-rewrite", &old, &new]);
        team.git(1, &["push", "-q", "-f", "origin", "main"]);
        for person in order {
            team.spec(person, &["notes", "push"]);
            if person == 0 {
                team.git(0, &["fetch", "-q"]);
                team.git(0, &["reset", "-q", "--hard", "origin/main"]);
            }
        }
        for person in [0, 1, 0, 1] {
            team.spec(person, &["notes", "fetch"]);
            team.spec(person, &["notes", "push"]);
        }
        for person in 0..2 {
            let note = team.git(person, &["notes", "--ref=spec", "show", &new]);
            let live = live(&note.lines().map(|line| format!("{new} {line}")).collect());
            assert_eq!(live.len(), 1, "{order:?} {person} {note}");
            assert!(live.iter().all(|line| line.contains("AUTH-2")), "{order:?} {person} {note}");
        }
        team.fsck();
    }
}

#[test]
fn a_withdrawal_on_one_branch_is_none_on_another() {
    let team = Team::of(1);
    let old = team.commits[2].clone();
    team.spec(0, &["link", &old, "AUTH-1"]);
    team.git(0, &["branch", "kept"]);
    team.git(0, &["commit", "-q", "--amend", "-m", "In other words"]);
    team.spec(0, &["hook", "post-rewrite", &old, "HEAD"]);
    // The new commit goes, but the old one, which is older, stays: what was said of the new one says nothing of it.
    team.spec(0, &["unlink", "HEAD", "AUTH-1"]);
    team.git(0, &["reset", "-q", "--hard", "kept"]);
    team.spec(0, &["notes", "push"]);
    assert_eq!(team.links(0).len(), 1);
}

/// One amends a linked commit and its note goes along, the other takes the link to AUTH-1 back at the old one; both are pushed. The new
/// commit.
fn withdrawn_at_the_old(team: &Team) -> String {
    let old = team.commits[2].clone();
    team.spec(0, &["link", &old, "AUTH-1"]);
    team.spec(0, &["link", &old, "AUTH-2"]);
    team.spec(0, &["notes", "push"]);
    team.spec(1, &["notes", "fetch"]);
    team.git(1, &["commit", "-q", "--amend", "-m", "In other words"]);
    let new = team.git(1, &["rev-parse", "HEAD"]);
    team.spec(1, &["hook", "post-rewrite", &old, &new]);
    team.git(1, &["push", "-q", "-f", "origin", "main"]);
    team.spec(1, &["notes", "push"]);
    team.spec(0, &["unlink", &old, "AUTH-1"]);
    team.spec(0, &["notes", "push"]);
    new
}

/// The anchors that the note of a commit links, seen from a place.
fn anchors(team: &Team, place: &Path, commit: &str) -> Vec<String> {
    let note = team.repo.git_in(place, &["notes", "--ref=spec", "show", commit]).unwrap_or_default();
    let live = live(&note.lines().map(|line| format!("{commit} {line}")).collect());
    live.iter().filter_map(|line| Some(line.split_once('#')?.1.split_once(['@', ' '])?.0.to_owned())).collect()
}

#[test]
fn a_withdrawal_holds_where_the_old_commit_is_not_here_any_more() {
    let team = Team::of(2);
    let new = withdrawn_at_the_old(&team);
    // a clone that never had the old commit
    let fresh = team.repo.beside("fresh");
    let url = format!("file://{}", team.bare().display());
    team.repo.git(&["clone", "-q", &url, fresh.to_str().unwrap()]);
    team.repo.spec_in(&fresh, &["notes", "fetch"]).ok();
    assert_eq!(anchors(&team, &fresh, &new), ["AUTH-2"]);
    assert_eq!(team.repo.spec_in(&fresh, &["notes", "fetch"]).ok(), "nothing new\n");
    // and one that has it no longer
    team.git(0, &["fetch", "-q"]);
    team.git(0, &["reset", "-q", "--hard", "origin/main"]);
    team.git(0, &["reflog", "expire", "--expire=all", "--all"]);
    team.git(0, &["gc", "-q", "--prune=now"]);
    team.spec(0, &["notes", "push"]);
    assert_eq!(anchors(&team, &team.clones[0], &new), ["AUTH-2"]);
    team.spec(1, &["notes", "fetch"]);
    assert_eq!(anchors(&team, &team.clones[1], &new), ["AUTH-2"]);
    team.fsck();
}

#[test]
fn a_link_that_was_made_while_another_rewrote_the_commit_follows() {
    for gone in [false, true] {
        let team = Team::of(2);
        let old = team.commits[2].clone();
        team.spec(0, &["link", &old, "AUTH-1"]);
        team.spec(0, &["notes", "push"]);
        team.spec(1, &["notes", "fetch"]);
        team.spec(0, &["link", &old, "AUTH-2"]);
        team.spec(0, &["link", &old, "reset"]);
        team.spec(0, &["unlink", &old, "reset"]);
        team.spec(0, &["notes", "push"]);
        team.git(1, &["commit", "-q", "--amend", "-m", "In other words"]);
        let new = team.git(1, &["rev-parse", "HEAD"]);
        team.spec(1, &["hook", "post-rewrite", &old, &new]);
        team.git(1, &["push", "-q", "-f", "origin", "main"]);
        if gone {
            team.git(1, &["reflog", "expire", "--expire=all", "--all"]);
            team.git(1, &["update-ref", "-d", "ORIG_HEAD"]);
            team.git(1, &["gc", "-q", "--prune=now"]);
        }
        team.spec(1, &["notes", "push"]);
        assert_eq!(anchors(&team, &team.clones[1], &new), ["AUTH-1", "AUTH-2"], "{gone}");
        assert_eq!(team.spec(1, &["notes", "push"]), "nothing to push to origin\n");
        team.spec(1, &["unlink", &new, "AUTH-2"]);
        team.spec(1, &["notes", "push"]);
        assert_eq!(anchors(&team, &team.clones[1], &new), ["AUTH-1"], "{gone}");
        team.spec(0, &["notes", "fetch"]);
        assert_eq!(anchors(&team, &team.clones[0], &new), ["AUTH-1"], "{gone}");
    }
}

#[test]
fn a_joining_that_is_taken_back_gives_nothing_to_what_it_joined() {
    for gone in [false, true] {
        let team = Team::of(1);
        let made = |what: &[&str]| {
            team.git(0, what);
            team.git(0, &["rev-parse", "HEAD"])
        };
        let one = made(&["commit", "-q", "--allow-empty", "-m", "One"]);
        team.spec(0, &["link", &one, "AUTH-1"]);
        let other = made(&["commit", "-q", "--allow-empty", "-m", "Other"]);
        team.spec(0, &["link", &other, "AUTH-2"]);
        // Both are joined, which is taken back, and then each is made anew.
        team.git(0, &["reset", "-q", "--soft", "HEAD~2"]);
        let both = made(&["commit", "-q", "--allow-empty", "-m", "Both"]);
        team.spec(0, &["hook", "post-rewrite", &one, &both]);
        team.spec(0, &["hook", "post-rewrite", &other, &both]);
        assert_eq!(anchors(&team, &team.clones[0], &both), ["AUTH-1", "AUTH-2"]);
        team.git(0, &["reset", "-q", "--hard", &one]);
        let new_one = made(&["commit", "-q", "--allow-empty", "--amend", "-m", "One again"]);
        team.spec(0, &["hook", "post-rewrite", &one, &new_one]);
        let new_other = made(&["commit", "-q", "--allow-empty", "-m", "Other again"]);
        team.spec(0, &["hook", "post-rewrite", &other, &new_other]);
        if gone {
            team.git(0, &["reflog", "expire", "--expire=all", "--all"]);
            team.git(0, &["update-ref", "-d", "ORIG_HEAD"]);
            team.git(0, &["gc", "-q", "--prune=now"]);
        }
        team.git(0, &["push", "-q", "-f", "origin", "main"]);
        team.spec(0, &["notes", "push"]);
        assert_eq!(anchors(&team, &team.clones[0], &new_one), ["AUTH-1"], "{gone}");
        assert_eq!(anchors(&team, &team.clones[0], &new_other), ["AUTH-2"], "{gone}");
    }
}

#[test]
fn nothing_is_withdrawn_while_a_branch_that_is_not_here_may_have_the_commit() {
    let team = Team::of(2);
    team.git(1, &["push", "-q", "origin", "HEAD:refs/heads/kept"]);
    let new = withdrawn_at_the_old(&team);
    let single = team.repo.beside("single");
    let url = format!("file://{}", team.bare().display());
    team.repo.git(&["clone", "-q", "--single-branch", "-b", "main", &url, single.to_str().unwrap()]);
    team.repo.spec_in(&single, &["notes", "fetch"]).ok();
    assert_eq!(anchors(&team, &single, &new), ["AUTH-1", "AUTH-2"]);
    team.repo.git_in(&single, &["fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*"]).unwrap();
    assert_eq!(team.repo.spec_in(&single, &["notes", "fetch"]).ok(), "nothing new\n");
    assert_eq!(anchors(&team, &single, &new), ["AUTH-1", "AUTH-2"]);
}

#[test]
fn what_was_said_of_a_new_commit_that_is_not_here_any_more_says_nothing_of_the_old() {
    let team = Team::of(1);
    let old = team.commits[2].clone();
    team.spec(0, &["link", &old, "AUTH-1"]);
    team.git(0, &["branch", "kept"]);
    team.git(0, &["commit", "-q", "--amend", "-m", "In other words"]);
    team.spec(0, &["hook", "post-rewrite", &old, "HEAD"]);
    team.spec(0, &["unlink", "HEAD", "AUTH-1"]);
    team.git(0, &["reset", "-q", "--hard", "kept"]);
    team.git(0, &["reflog", "expire", "--expire=all", "--all"]);
    team.git(0, &["gc", "-q", "--prune=now"]);
    team.spec(0, &["notes", "push"]);
    assert_eq!(team.links(0).len(), 1);
    let fresh = team.repo.beside("fresh");
    team.repo.git(&["clone", "-q", &format!("file://{}", team.bare().display()), fresh.to_str().unwrap()]);
    team.repo.spec_in(&fresh, &["notes", "fetch"]).ok();
    assert_eq!(anchors(&team, &fresh, &old), ["AUTH-1"]);
}

#[test]
fn a_refspec_that_destroys_notes_has_no_effect_and_is_named() {
    let team = Team::of(2);
    team.spec(0, &["link", &team.commits[0], "AUTH-1"]);
    team.spec(0, &["notes", "push"]);
    team.git(1, &["config", "--add", "remote.origin.fetch", "+refs/notes/*:refs/notes/*"]);
    team.spec(1, &["link", &team.commits[0], "AUTH-2"]);
    let answer = team.repo.spec_in(&team.clones[1], &["notes", "fetch"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    let mend = "git config --fixed-value --unset remote.origin.fetch '+refs/notes/*:refs/notes/*'";
    assert!(answer.stderr.contains(mend), "{answer:?}");
    assert_eq!(team.links(1).len(), 2);
    let run = std::process::Command::new("sh").args(["-c", mend]).current_dir(&team.clones[1]).status().unwrap();
    assert!(run.success());
    assert!(team.spec(1, &["notes", "push"]).starts_with("pushed"));
}

#[test]
fn lines_that_were_taken_out_elsewhere_stay() {
    let team = Team::of(2);
    team.spec(0, &["link", &team.commits[0], "AUTH-1", "AUTH-2"]);
    team.spec(0, &["notes", "push"]);
    team.spec(1, &["notes", "fetch"]);
    let before = team.links(1);
    team.git(0, &["notes", "--ref=spec", "remove", &team.commits[0]]);
    team.git(0, &["push", "-q", "origin", "refs/notes/spec"]);
    team.spec(1, &["notes", "fetch"]);
    team.spec(1, &["notes", "push"]);
    team.spec(0, &["notes", "fetch"]);
    assert_eq!((team.links(0), team.links(1)), (before.clone(), before));
}

#[test]
fn notes_of_a_remote_that_are_none_are_told_and_left() {
    let team = Team::of(1);
    team.spec(0, &["link", &team.commits[0], "AUTH-1"]);
    let bare = team.bare();
    let here = team.git(0, &["rev-parse", "refs/notes/spec"]);
    for strange in ["HEAD", "HEAD:src/lock.rs"] {
        let oid = team.git(0, &["rev-parse", strange]);
        team.repo.git_in(&bare, &["update-ref", "refs/notes/spec", &oid]).unwrap();
        for what in ["fetch", "push"] {
            let said = team.repo.spec_in(&team.clones[0], &["notes", what]);
            assert!(said.status == 2 && said.stderr.contains("refs/notes/spec of origin names no commit"), "{said:?}");
        }
        assert_eq!(team.git(0, &["rev-parse", "refs/notes/spec"]), here);
    }
}

#[test]
fn remotes_that_refuse_or_are_not_there_are_told() {
    let team = Team::of(1);
    team.spec(0, &["link", &team.commits[0], "AUTH-1"]);
    let fails = |args: &[&str]| team.repo.spec_in(&team.clones[0], args).fails(2);
    let said = fails(&["notes", "push", "upstream"]);
    assert!(said.contains("upstream is no configured remote") && said.contains("the remotes here: origin"), "{said}");
    team.git(0, &["config", "remote.origin.url", team.repo.beside("nowhere").to_str().unwrap()]);
    assert!(fails(&["notes", "fetch"]).contains("nowhere"));
    assert!(fails(&["notes", "push"]).contains("nowhere"));
    team.git(0, &["config", "remote.origin.url", team.bare().to_str().unwrap()]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let hook = team.bare().join("hooks/update");
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, "#!/bin/sh\necho no notes today >&2\nexit 1\n").unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(fails(&["notes", "push"]).contains("no notes today"));
    }
    team.git(0, &["remote", "remove", "origin"]);
    let said = fails(&["notes", "fetch"]);
    assert!(said.contains("no remote was named") && said.contains("git remote add"), "{said}");
    assert_eq!(team.links(0).len(), 1);
}

#[test]
fn pushes_at_the_same_time_all_arrive() {
    let team = Team::of(4);
    for (person, clause) in [(0, "AUTH-1"), (1, "AUTH-2"), (2, "reset"), (3, "specs/auth.md")] {
        team.spec(person, &["link", &team.commits[0], clause]);
    }
    let start = |clone: &PathBuf| {
        let mut command = team.repo.spec_command(clone);
        command.args(["notes", "push"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = team.clones.iter().map(start).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(team.lines(&team.bare()).len(), 4);
}

#[derive(Clone, Debug)]
enum Step {
    Link(usize, usize, usize),
    Unlink(usize, usize, usize),
    Fetch(usize),
    Push(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (person, commit, clause) = (0..3usize, 0..3usize, 0..3usize);
    prop_oneof![
        3 => (person.clone(), commit.clone(), clause.clone()).prop_map(|(p, c, l)| Step::Link(p, c, l)),
        2 => (person.clone(), commit, clause).prop_map(|(p, c, l)| Step::Unlink(p, c, l)),
        1 => person.clone().prop_map(Step::Fetch),
        2 => person.prop_map(Step::Push),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_ends_with_the_union_minus_what_was_withdrawn(steps in prop::collection::vec(step(), 4..16)) {
        let team = Team::of(3);
        // The model: every line that anybody ever had.
        let mut ever: BTreeSet<String> = BTreeSet::new();
        for step in steps {
            let person = match step {
                Step::Link(person, commit, clause) => {
                    team.spec(person, &["link", &team.commits[commit], CLAUSES[clause]]);
                    person
                }
                Step::Unlink(person, commit, clause) => {
                    let answer = team.repo.spec_in(&team.clones[person], &["unlink", &team.commits[commit], CLAUSES[clause]]);
                    let has = team.links(person).iter().any(|link| link.starts_with(&team.commits[commit]) && link.contains(&format!("#{}", CLAUSES[clause])));
                    prop_assert!(answer.status == 0 || answer.stderr.contains("has no link"), "{:?}", answer);
                    prop_assert!(!has, "withdrawn");
                    person
                }
                Step::Fetch(person) => { team.spec(person, &["notes", "fetch"]); person }
                Step::Push(person) => { team.spec(person, &["notes", "push"]); person }
            };
            let now = team.lines(&team.clones[person]);
            prop_assert!(now.is_superset(&now.intersection(&ever).cloned().collect()), "nothing is lost");
            ever.extend(now);
        }
        for _ in 0..2 {
            for person in [2, 0, 1] {
                team.spec(person, &["notes", "push"]);
                team.spec(person, &["notes", "fetch"]);
            }
        }
        let expected = live(&ever);
        for person in 0..3 {
            prop_assert_eq!(&team.lines(&team.clones[person]), &ever);
            prop_assert_eq!(&team.links(person), &expected);
        }
        team.fsck();
    }
}

/// The lines of a commit's note.
fn note(repo: &Repo, commit: &str) -> Vec<String> {
    let shown = repo.git_in(repo.path(), &["notes", "--ref=spec", "show", commit]).unwrap_or_default();
    shown.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Runs the hook with an input.
fn hook(repo: &Repo, input: &str) -> (i32, String) {
    let mut command = repo.spec_command(repo.path());
    command.args(["hook", "post-rewrite", "rebase"]).stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn notes_go_along_with_rewritten_commits() {
    let team = Team::of(0);
    let (repo, old) = (&team.repo, &team.commits);
    repo.spec(&["link", &old[1], "AUTH-1"]).ok();
    repo.spec(&["link", &old[2], "AUTH-2"]).ok();
    repo.spec(&["unlink", &old[2], "AUTH-2"]).ok();
    let (one, two) = (note(repo, &old[1]), note(repo, &old[2]));
    assert_eq!((one.len(), two.len()), (1, 2));
    repo.git(&["commit", "-q", "--amend", "-m", "Amended"]);
    let new = repo.rev("HEAD");
    let input = format!("{} {new}\n{} {new} extra\n\n", old[2], old[1]);
    assert_eq!(hook(repo, &input), (0, String::new()));
    let both = [two.clone(), one.clone()].concat();
    assert_eq!(note(repo, &new), both, "of two that became one");
    let tip = repo.rev("refs/notes/spec");
    assert_eq!(hook(repo, &input), (0, String::new()));
    assert_eq!(repo.rev("refs/notes/spec"), tip, "again");
    assert_eq!(note(repo, &old[2]), two, "the old one keeps its note");

    // git has copied them itself, in its own form
    repo.git(&["config", "notes.rewriteRef", "refs/notes/spec"]);
    repo.git(&["commit", "-q", "--amend", "-m", "Amended again"]);
    let (tip, newest) = (repo.rev("refs/notes/spec"), repo.rev("HEAD"));
    assert_eq!(note(repo, &newest), both);
    assert_eq!(hook(repo, &format!("{new} {newest}\n")), (0, String::new()));
    assert_eq!(repo.rev("refs/notes/spec"), tip);

    // filter-repo's map: a heading, and zeros for what was dropped
    let map =
        format!("old                                      new\n{newest} {}\n{newest} {}\n", "0".repeat(40), old[0]);
    assert_eq!(hook(repo, &map), (0, String::new()));
    assert_eq!(note(repo, &old[0]), both);
    let (status, said) = hook(repo, "what is this\n");
    assert!(status == 0 && said.contains("line 1 of the input is no pair"), "a hook does not stop git: {said}");
    assert_eq!(hook(repo, ""), (0, String::new()));
}

#[cfg(unix)]
#[test]
fn the_hook_keeps_notes_through_gits_own_amend_and_rebase() {
    use std::os::unix::fs::PermissionsExt as _;
    let team = Team::of(0);
    let (repo, old) = (&team.repo, &team.commits);
    let script = format!("#!/bin/sh\nexec {} hook post-rewrite \"$@\"\n", env!("CARGO_BIN_EXE_git-spec"));
    let hook = repo.path().join(".git/hooks/post-rewrite");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, script).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    repo.spec(&["link", &old[1], "AUTH-1"]).ok();
    repo.spec(&["link", &old[2], "AUTH-2"]).ok();
    repo.git(&["commit", "-q", "--amend", "-m", "Amended"]);
    assert_eq!(note(repo, "HEAD"), note(repo, &old[2]));
    for rewrite_ref in [None, Some("refs/notes/spec")] {
        if let Some(name) = rewrite_ref {
            repo.git(&["config", "notes.rewriteRef", name]);
        }
        repo.git(&[
            "-c",
            "sequence.editor=sed -i -e 2s/pick/squash/",
            "-c",
            "core.editor=true",
            "rebase",
            "-q",
            "-i",
            "HEAD~2",
        ]);
        // Git repeats lines that the new commit has from the first round; a repetition means nothing.
        let lines: BTreeSet<String> = note(repo, "HEAD").into_iter().collect();
        let wanted: BTreeSet<String> = [note(repo, &old[1]), note(repo, &old[2])].concat().into_iter().collect();
        assert_eq!(lines, wanted, "{rewrite_ref:?}");
        repo.git(&["reset", "-q", "--hard", "ORIG_HEAD"]);
    }
    // a link that names no commit of its own is exact on the new one
    let links = repo.spec(&["fsck", "--json"]).json();
    assert_eq!(links["findings"], serde_json::json!([]));
}
