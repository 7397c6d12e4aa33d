//! What is done step by step.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use git_spec::spec::formats::{Format, segment};
use serde_json::Value;

use super::{Fate, Made, SUBJECTS, World, body};
use crate::random::{How, Step};

impl World {
    pub fn take(&mut self, step: &Step) {
        self.script.borrow_mut().push(format!("\n# {step:?}"));
        self.step(step);
        self.read();
        let said = self.git(&["fsck", "--connectivity-only", "--no-dangling"]);
        assert_eq!(said, "", "git fsck\n{}", self.script());
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Edit(at) => self.edit(at, "Ask for something else"),
            Step::Back(at) => {
                let Some(before) = self.clauses[at].before.take() else { return };
                self.clauses[at].body = before;
                self.rewritten("back", "Ask for it again");
            }
            Step::Swap(a, b) => {
                if a != b && self.clauses[a].name.is_some() && self.clauses[b].name.is_some() {
                    let name = self.clauses[a].name.take();
                    self.clauses[a].name = std::mem::replace(&mut self.clauses[b].name, name);
                    self.rewritten("swap", "Exchange two names");
                }
            }
            Step::Renumber(at) => self.renumber(at),
            Step::Rename => {
                let to = format!("specs/all-{}.md", self.fresh());
                self.git(&["mv", &self.path, &to]);
                self.count("rename");
                self.commit("Rename the file");
            }
            Step::Remove(at) => {
                if self.clauses.iter().filter(|clause| clause.name.is_some()).count() > 3 {
                    self.clauses[at].name = None;
                    self.rewritten("remove", "Ask for it no more");
                }
            }
            Step::Generate(how, at) => self.generate(how, at),
            Step::Extra => {
                let number = self.fresh();
                self.put(&format!("other_{number}.txt"), &format!("{number}\n"));
                self.commit("Something else");
            }
            Step::Amend { message } => self.amend(message),
            Step::Reword(count) => {
                let exec = ["--exec", "git commit -q --amend --no-edit --reset-author"];
                self.again("reword", count, &exec);
            }
            Step::Again(count) => self.again("rebase anew", count, &["--force-rebase"]),
            Step::Interactive(ref jobs, swap) => self.interactive(jobs, swap),
            Step::Autosquash { squash, back, how, clause } => self.autosquash(squash, back, how, clause),
            Step::Branch { way, edited, other, how, more } => self.branch(way, edited, other, how, more),
            Step::Revert { which, again } => self.revert(which, again),
            Step::Reapply(which) => self.reapply(which),
            Step::Unlink(which) => {
                self.unlink(which, None);
            }
            Step::Share { clause, unlinked } => self.share(clause, unlinked),
            Step::Withdraw { which, again } => self.withdraw(which, again),
            Step::Filter => self.filter(),
            Step::Collect => {
                self.count("gc");
                self.collect();
            }
        }
    }

    fn rewritten(&mut self, operation: &'static str, message: &str) {
        self.count(operation);
        self.write();
        self.commit(message);
    }

    fn change(&mut self, at: usize) {
        let number = self.fresh();
        let other = body(self.clauses[at].subject, number);
        self.clauses[at].before = Some(std::mem::replace(&mut self.clauses[at].body, other));
        self.write();
    }

    pub(super) fn edit(&mut self, at: usize, message: &str) {
        if self.clauses[at].name.is_some() {
            self.change(at);
            self.rewritten("edit", message);
        }
    }

    pub(super) fn renumber(&mut self, at: usize) {
        if self.clauses[at].name.is_some() {
            self.clauses[at].name = Some(format!("K-{}", self.fresh()));
            self.rewritten("renumber", "Number anew");
        }
    }

    /// Writes code, which is now known to be made from the words as they are.
    pub(super) fn code(&mut self, at: usize, is_note: bool, directory: &Path) -> usize {
        let number = self.fresh();
        let clauses = segment(Format::Markdown, self.text().as_bytes());
        let words = self.clauses[at].body.clone();
        let version = clauses
            .iter()
            .find(|clause| clause.title.contains(SUBJECTS[at]))
            .expect("the clause")
            .version()
            .to_string();
        let made = Made {
            clause: at,
            words,
            version,
            is_note,
            is_withdrawn: false,
            is_lingering: false,
            fate: Fate::Kept,
            homes: BTreeSet::new(),
        };
        self.made.insert(number, made);
        let text = format!("// {number}\nfn made_{number}() {{\n    let x = {number};\n    go(x);\n}}\n");
        self.put_in(directory, &format!("src/made_{number}.rs"), &text);
        number
    }

    pub(super) fn generate(&mut self, how: How, at: usize) {
        self.generate_with(how, at, |number| format!("Generate {number}"), &[]);
    }

    /// Makes code and commits it, with more options for the commit; where one of them gives the message, none is given.
    pub(super) fn generate_with(&mut self, how: How, at: usize, message: impl Fn(usize) -> String, options: &[&str]) {
        let at = self.existing(at);
        if how == How::Both {
            self.change(at);
        }
        self.count(match how {
            How::For => "commit --for",
            How::Start => "start and commit",
            How::Typed => "typed link",
            How::Note => "link",
            How::Two => "trailer and note",
            How::Both => "words and code",
        });
        let directory = self.repo.path().to_owned();
        let number = self.code(at, how == How::Note, &directory);
        let reference = self.reference(at);
        let message = message(number);
        let title: Vec<&str> = if options.is_empty() { vec!["-m", &message] } else { options.to_vec() };
        let other = self.existing(at + 1);
        if how == How::Two && other != at {
            self.code(other, true, &directory);
        }
        self.git(&["add", "-A"]);
        match how {
            How::Start => {
                self.spec(&["start", &reference]);
                let commit = [&["commit", "-q"], &title[..]].concat();
                if self.hooks {
                    self.git(&commit)
                } else {
                    self.spec(&commit)
                };
                self.spec(&["start", "--done"]);
                if self.repo.path().join(".git/rebase-merge").exists() {
                    // Where a rebase stops nothing is added, and it is said what does.
                    self.spec(&["commit", "-q", "--amend", "--no-edit", "--for", &reference]);
                }
            }
            How::Typed if self.hooks && options.is_empty() => {
                self.git(&["commit", "-q", "-m", &format!("{message}\n\nSpec: {reference}")]);
            }
            How::Note => {
                self.git(&[&["commit", "-q"], &title[..]].concat());
                self.spec(&["link", "HEAD", &reference]);
            }
            _ => {
                self.spec(&[&["commit", "-q", "--for", &reference], &title[..]].concat());
                if how == How::Two && other != at {
                    self.spec(&["link", "HEAD", &self.reference(other)]);
                }
            }
        }
    }

    fn amend(&mut self, message: bool) {
        if self.line() == 0 {
            return;
        }
        let note = self.unless_hooks(Fate::Told);
        if message {
            self.count("amend -m");
            self.may_lose("HEAD^..HEAD", note, note);
            let subject = self.git(&["log", "-1", "--format=%s"]);
            self.git(&["commit", "-q", "--amend", "-m", &format!("{subject}\n\nSaid better.")]);
            self.hooks_noted("HEAD^..HEAD");
        } else {
            self.count("amend");
            self.may_lose("HEAD^..HEAD", note, Fate::Kept);
            self.git(&["commit", "-q", "--amend", "--no-edit", "--reset-author"]);
        }
    }

    /// The newest commits anew. Where git can't, nothing has happened.
    fn again(&mut self, operation: &'static str, count: usize, options: &[&str]) {
        let count = count.min(self.line());
        if count == 0 {
            return;
        }
        self.count(operation);
        let onto = format!("HEAD~{count}");
        self.may_lose(&format!("{onto}..HEAD"), self.unless_hooks(Fate::Told), Fate::Kept);
        self.git(&[&["rebase", "-q"], options, &[onto.as_str()]].concat());
    }

    // ---- taking back

    fn revert(&mut self, which: usize, again: bool) {
        let all = self.present(|_| true);
        let Some((commit, _)) = all.get(which % all.len().max(1)) else { return };
        if self.takes_back(commit) {
            self.count("revert");
            if again {
                self.count("re-apply");
                self.git(&["revert", "--no-edit", "HEAD"]);
            }
        }
    }

    /// Reverts a commit that has nothing but code in it.
    pub(super) fn takes_back(&self, commit: &str) -> bool {
        let files = self.git(&["show", "--format=", "--name-only", commit]);
        if files.is_empty() || !files.lines().all(|file| file.starts_with("src/made_")) {
            return false;
        }
        let is_done = self.tries(&["revert", "--no-edit", commit]);
        if !is_done {
            self.tries(&["revert", "--abort"]);
        }
        is_done
    }

    fn reapply(&mut self, which: usize) {
        let gone: Vec<usize> = self.made.keys().copied().filter(|&number| !self.has_code(number)).collect();
        let Some(&number) = gone.get(which % gone.len().max(1)) else { return };
        let commit =
            self.git(&["log", "-1", "--no-renames", "--diff-filter=D", "--format=%H", "--", &self.file(number)]);
        if !commit.is_empty() && self.takes_back(&commit) {
            self.count("re-apply");
        }
    }

    /// Withdraws a link in the repository, or in a clone of it; whether one was.
    fn unlink(&mut self, which: usize, clone: Option<&Path>) -> bool {
        let noted = self.present(|made| made.is_note && !made.is_withdrawn && self.clauses[made.clause].name.is_some());
        let Some((commit, number)) = noted.get(which % noted.len().max(1)).cloned() else { return false };
        let (clause, version) = (self.made[&number].clause, self.made[&number].version.clone());
        let directory = clone.unwrap_or(self.repo.path());
        let shown = self.spec_in(directory, &["show", "--json", &self.reference(clause)]).json();
        let generated = shown["generated"].as_array().into_iter().flatten().filter(|one| one["commit"] == *commit);
        let links: Vec<&Value> = generated.flat_map(|one| one["links"].as_array().into_iter().flatten()).collect();
        // Of several that are told under one name nobody knows which is meant.
        let [link] = links[..] else { return false };
        if link["source"] != "note" || link["version"] != *self.made[&number].version {
            return false;
        }
        let name =
            format!("{}#{}", link["path"].as_str().unwrap_or_default(), link["anchor"].as_str().unwrap_or_default());
        if self.spec_in(directory, &["unlink", &commit, &name]).status != 0 {
            return false;
        }
        self.count("unlink");
        // What was joined may have one link for two files.
        let together = self.brought(&format!("{commit}^!")).into_iter().flat_map(|(_, numbers)| numbers);
        for number in together.collect::<Vec<_>>() {
            let made = self.made.get_mut(&number).expect("known code");
            made.is_withdrawn |= made.clause == clause && made.version == version;
        }
        true
    }

    // ---- with others

    /// A clone that has what is here.
    fn clone_of_it(&self) -> PathBuf {
        let (origin, clone) = (self.repo.beside("origin.git"), self.repo.beside("clone"));
        if !origin.exists() {
            self.git(&["init", "-q", "--bare", "-b", "main", &origin.to_string_lossy()]);
        }
        if self.git(&["remote"]).is_empty() {
            self.git(&["remote", "add", "origin", &origin.to_string_lossy()]);
        }
        self.git(&["push", "-q", "-f", "--no-verify", "origin", "main"]);
        self.spec(&["notes", "push"]);
        if !clone.exists() {
            self.git(&["clone", "-q", &origin.to_string_lossy(), &clone.to_string_lossy()]);
        }
        for args in [&["fetch", "-q"][..], &["checkout", "-q", "-B", "main", "origin/main"]] {
            assert_eq!(self.git_in(&clone, args).status, 0, "{}", self.script());
        }
        assert_eq!(self.spec_in(&clone, &["notes", "fetch"]).status, 0, "{}", self.script());
        clone
    }

    fn share(&mut self, clause: usize, unlinked: usize) {
        self.count("share");
        let clone = self.clone_of_it();
        let at = self.existing(clause);
        let number = self.code(at, true, &clone);
        for args in [&["add", "-A"][..], &["commit", "-q", "-m", &format!("Generate {number}")]] {
            assert_eq!(self.git_in(&clone, args).status, 0, "{}", self.script());
        }
        assert_eq!(self.spec_in(&clone, &["link", "HEAD", &self.reference(at)]).status, 0, "{}", self.script());
        self.unlink(unlinked, None);
        assert_eq!(self.git_in(&clone, &["push", "-q", "origin", "main"]).status, 0, "{}", self.script());
        assert_eq!(self.spec_in(&clone, &["notes", "push"]).status, 0, "{}", self.script());
        self.git(&["fetch", "-q", "origin"]);
        self.git(&["merge", "-q", "--ff-only", "origin/main"]);
        // In any order.
        let order = if self.fresh.is_multiple_of(2) { ["push", "fetch"] } else { ["fetch", "push"] };
        for what in order {
            self.spec(&["notes", what]);
        }
    }

    fn withdraw(&mut self, which: usize, again: usize) {
        let clone = self.clone_of_it();
        if !self.unlink(which, Some(&clone)) {
            return;
        }
        self.count("withdraw while it is rewritten");
        self.again("rebase anew", again, &["--force-rebase"]);
        assert_eq!(self.spec_in(&clone, &["notes", "push"]).status, 0, "{}", self.script());
        // As long as the branch of the remote has the old commit, that counts for itself.
        self.git(&["push", "-q", "-f", "--no-verify", "origin", "main"]);
        self.spec(&["notes", "fetch"]);
    }

    // ---- everything at once

    fn filter(&mut self) {
        if !self.tries(&["filter-repo", "--version"]) {
            return;
        }
        self.count("filter-repo");
        self.may_lose("HEAD", Fate::Told, Fate::Kept);
        let callback = "commit.author_email = b'other@example.org'";
        self.git(&["filter-repo", "--quiet", "--force", "--commit-callback", callback]);
    }

    pub fn collect(&self) {
        self.git(&["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
        for left in ["ORIG_HEAD", "FETCH_HEAD", "CHERRY_PICK_HEAD", "SQUASH_MSG", "AUTO_MERGE"] {
            let _ = std::fs::remove_file(self.repo.path().join(".git").join(left));
        }
        let remote = self.git(&["for-each-ref", "--format=%(refname)", "refs/remotes/"]);
        for name in remote.lines() {
            self.git(&["update-ref", "-d", name]);
        }
        self.git(&["gc", "-q", "--prune=now"]);
    }

    /// Another repository takes this one in, below a directory.
    pub fn subtree(&mut self) {
        self.count("subtree");
        self.git(&["checkout", "-q", "--orphan", "outer"]);
        self.git(&["rm", "-q", "-r", "-f", "."]);
        self.put(".gitspec.toml", "[spec]\ninclude = [\"**/specs/*.md\"]\n\n[generated]\npaths = [\"**/src/**\"]\n");
        self.commit("Begin the outer project");
        self.git(&["merge", "-q", "-s", "ours", "--no-commit", "--allow-unrelated-histories", "main"]);
        self.git(&["read-tree", "--prefix=inner/", "-u", "main"]);
        self.git(&["commit", "-q", "-m", "Take the inner project in"]);
        self.read();
    }
}
