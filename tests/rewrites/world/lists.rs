//! `rebase -i`.

use super::{Fate, World};
use crate::random::{How, Job, Stop};

impl World {
    pub(super) fn interactive(&mut self, jobs: &[Job], swap: Option<usize>) {
        let count = jobs.len().min(self.line());
        if count < 2 {
            return;
        }
        let onto = format!("HEAD~{count}");
        let range = format!("{onto}..HEAD");
        let log = self.git(&["log", "--reverse", "--format=%H %s", &range]);
        let mut commits: Vec<&str> = log.lines().collect();
        if let Some(at) = swap.filter(|at| at + 1 < commits.len()) {
            commits.swap(at, at + 1);
            self.count("reorder");
        }
        let jobs = permitted(commits.len(), jobs);
        let mut list = String::new();
        for (commit, job) in commits.iter().zip(&jobs) {
            let (word, counted) = match job {
                Job::Pick => ("pick", "pick"),
                Job::Reword => ("reword", "rebase -i reword"),
                Job::Squash => ("squash", "rebase -i squash"),
                Job::Fixup => ("fixup", "rebase -i fixup"),
                Job::FixupMessage if count % 2 == 1 => ("fixup -c", "rebase -i fixup -c"),
                Job::FixupMessage => ("fixup -C", "rebase -i fixup -C"),
                Job::Drop => ("drop", "rebase -i drop"),
                Job::Edit(_) => ("edit", "rebase -i edit"),
            };
            self.count(counted);
            list += &format!("{word} {commit}\n");
        }
        for (at, commit) in commits.iter().enumerate() {
            let is_joined = |at: usize| matches!(jobs.get(at), Some(Job::Squash | Job::Fixup | Job::FixupMessage));
            let message = match (is_joined(at), jobs[at]) {
                (true, Job::Squash) => Fate::Told,
                (true, _) => Fate::Untold,
                // The message stays, in the middle of another.
                _ if is_joined(at + 1) => Fate::Told,
                _ => Fate::Kept,
            };
            let id = commit.split(' ').next().unwrap_or_default();
            let message = self.unless_hooks(message);
            self.may_lose(&format!("{id}^!"), self.unless_hooks(Fate::Told), message);
        }
        let ids: Vec<&str> = commits.iter().filter_map(|commit| commit.split(' ').next()).collect();
        let mut group: Vec<&str> = Vec::new();
        for (id, job) in ids.iter().zip(&jobs) {
            match job {
                Job::Squash | Job::Fixup | Job::FixupMessage => group.push(id),
                Job::Drop => {}
                _ => {
                    self.joins(&group);
                    group = vec![id];
                }
            }
        }
        self.joins(&group);
        let head = self.git(&["rev-parse", "HEAD"]);
        self.put("../list", &list);
        let file = self.repo.beside("list");
        let editor = format!("sequence.editor=cp '{}'", file.display());
        let joins = |job: Option<&Job>| matches!(job, Some(Job::Squash | Job::Fixup | Job::FixupMessage));
        let stop = |(at, job): (usize, &Job)| match job {
            Job::Edit(stop) => Some((*stop, joins(jobs.get(at + 1)))),
            _ => None,
        };
        let stops: Vec<(Stop, bool)> = jobs.iter().enumerate().filter_map(stop).collect();
        if self.tries(&["-c", &editor, "rebase", "-q", "-i", &onto])
            && stops.iter().all(|&(stop, is_joined)| self.stopped(stop, is_joined))
        {
            self.hooks_noted(&range_since(&onto, &head));
        } else {
            self.tries(&["rebase", "--abort"]);
            self.git(&["reset", "-q", "--hard", &head]);
        }
    }

    /// What is done where the rebase stopped, which then goes on, perhaps to join what is there with the next; whether it
    /// could.
    fn stopped(&mut self, stop: Stop, is_joined: bool) -> bool {
        self.read();
        let note = self.unless_hooks(Fate::Told);
        match stop {
            Stop::Amend => {
                self.count("amend at a stop");
                self.git(&["commit", "-q", "--amend", "--no-edit", "--reset-author"]);
            }
            Stop::Message => {
                self.count("amend -m at a stop");
                self.may_lose("HEAD^..HEAD", note, note);
                let subject = self.git(&["log", "-1", "--format=%s"]);
                self.git(&["commit", "-q", "--amend", "-m", &format!("{subject}\n\nSaid better.")]);
            }
            Stop::More(how, at) => self.generate(how, at),
            Stop::Into(at) => {
                self.count("amend with more at a stop");
                let at = self.existing(at);
                let directory = self.repo.path().to_owned();
                self.code(at, false, &directory);
                self.git(&["add", "-A"]);
                let reference = self.reference(at);
                self.spec(&["commit", "-q", "--amend", "--no-edit", "--for", &reference]);
            }
        }
        if is_joined {
            self.may_lose("HEAD^..HEAD", note, note);
        }
        self.tries(&["rebase", "--continue"])
    }

    pub(super) fn autosquash(&mut self, squash: bool, back: usize, how: How, clause: usize) {
        let line = self.line();
        if line == 0 {
            return;
        }
        let target = self.git(&["rev-parse", &format!("HEAD~{}", back % line)]);
        self.count(if squash { "autosquash squash!" } else { "autosquash fixup!" });
        let option = format!("--{}={target}", if squash { "squash" } else { "fixup" });
        // What is under way is nothing to a commit that is folded into another.
        let how = if matches!(how, How::Both | How::Start) { How::For } else { how };
        let head = self.git(&["rev-parse", "HEAD"]);
        self.generate_with(how, clause, |_| String::new(), &[&option]);
        let middle = if squash { Fate::Told } else { Fate::Untold };
        let range = format!("{target}^..HEAD");
        let (note, message) = (self.unless_hooks(Fate::Told), self.unless_hooks(middle));
        self.may_lose(&range, note, Fate::Kept);
        self.may_lose("HEAD^!", note, message);
        if squash {
            self.may_lose(&format!("{target}^!"), note, message);
        }
        let onto = self.git(&["rev-parse", &format!("{target}^")]);
        if self.tries(&["-c", "sequence.editor=true", "rebase", "-q", "-i", "--autosquash", &onto]) {
            self.hooks_noted(&format!("{onto}..HEAD"));
        } else {
            self.tries(&["rebase", "--abort"]);
            self.git(&["reset", "-q", "--hard", &head]);
        }
    }
}

/// What may be asked of a list of so many commits: something to join goes before what joins it.
fn permitted(count: usize, jobs: &[Job]) -> Vec<Job> {
    let mut permitted: Vec<Job> = Vec::new();
    for at in 0..count {
        let job = jobs.get(at).copied().unwrap_or(Job::Pick);
        let is_first = permitted.iter().all(|job| *job == Job::Drop);
        let joins = matches!(job, Job::Squash | Job::Fixup | Job::FixupMessage);
        permitted.push(if is_first && joins { Job::Pick } else { job });
    }
    permitted
}

/// What a rewrite made of the commits since one that is named relative to the head that was.
fn range_since(onto: &str, head: &str) -> String {
    format!("{}..HEAD", onto.replacen("HEAD", head, 1))
}
