//! Branches, and how they come back.

use super::{Fate, World};
use crate::random::{BODY_FOLLOWS, How, More, Way};

impl World {
    pub(super) fn branch(&mut self, way: Way, edited: usize, other: usize, how: How, more: More) {
        let (edited, other) = (self.existing(edited), self.existing(other));
        let base = self.git(&["rev-parse", "HEAD"]);
        self.git(&["checkout", "-q", "-b", "side"]);
        let before = (self.clauses.clone(), self.path.clone());
        let is_conflict = way == Way::Conflict;
        if is_conflict {
            self.generate(How::Both, edited);
        } else {
            self.edit(edited, "Ask on the side");
            self.generate(how, edited);
        }
        let first = self.git(&["rev-parse", "HEAD"]);
        match more {
            More::Nothing => {}
            More::Same(how) => self.generate(how, edited),
            More::Other(how) => self.generate(how, other),
            More::Renumber => self.renumber(edited),
            More::Revert => {
                self.takes_back(&first);
            }
        }
        // The trunk meanwhile.
        (self.clauses, self.path) = before;
        self.git(&["checkout", "-q", "main"]);
        if is_conflict || other != edited {
            self.edit(other, "Ask on the trunk");
            if is_conflict {
                self.edit(edited, "Ask on the trunk");
            }
        }
        let trunk = self.git(&["rev-parse", "HEAD"]);
        if !self.comes_back(way, &base) {
            for stop in ["merge", "rebase", "cherry-pick", "am"] {
                self.tries(&[stop, "--abort"]);
            }
            self.git(&["checkout", "-q", "-f", "-B", "main", &trunk]);
        }
        self.git(&["branch", "-q", "-D", "side"]);
    }

    fn comes_back(&mut self, way: Way, base: &str) -> bool {
        let range = format!("{base}..side");
        let note = self.unless_hooks(Fate::Told);
        let (name, of_note) = match way {
            Way::Merge => ("merge", Fate::Kept),
            Way::Rebase => ("rebase", note),
            Way::Conflict => ("rebase with a conflict", note),
            Way::CherryPick => ("cherry-pick", Fate::Told),
            Way::CherryPickX => ("cherry-pick -x", Fate::Told),
            Way::Am => ("am", Fate::Told),
            Way::Squash => ("merge --squash", note),
            Way::Forge => ("forge squash, list", Fate::Told),
            Way::ForgeTail => ("forge squash, tail", Fate::Told),
            Way::ForgeLog => ("forge squash, log", Fate::Told),
            Way::Title => ("link --squashed", Fate::Kept),
            Way::SquashMessage => ("squash-message", Fate::Kept),
        };
        self.count(name);
        let is_body = matches!(way, Way::Forge | Way::ForgeTail | Way::ForgeLog);
        let of_message = if is_body && !BODY_FOLLOWS { Fate::Told } else { Fate::Kept };
        self.may_lose(&range, of_note, of_message);
        match way {
            Way::Merge => self.tries(&["merge", "-q", "--no-ff", "-m", "Merge the side", "side"]),
            Way::Rebase => {
                self.tries(&["rebase", "-q", "main", "side"]) && self.tries(&["checkout", "-q", "-B", "main"])
            }
            Way::Conflict => self.conflict(),
            Way::CherryPick => self.tries(&["cherry-pick", &range]),
            Way::CherryPickX => self.tries(&["cherry-pick", "-x", &range]),
            Way::Am => {
                let patches = self.git(&["format-patch", "--stdout", &range]);
                self.put("../patches", &format!("{patches}\n"));
                self.tries(&["am", "-q", &self.repo.beside("patches").to_string_lossy()])
            }
            Way::Squash => {
                self.tries(&["merge", "-q", "--squash", "side"]) && {
                    self.git(&["commit", "-q", "--no-edit"]);
                    true
                }
            }
            Way::Forge => {
                let list = self.git(&["log", "--reverse", "--format=* %B", &range]);
                self.forge(&list)
            }
            Way::ForgeTail => {
                let list = self.git(&["log", "--reverse", "--format=* %B", &range]);
                let tail = "Co-authored-by: A U Thor <author@example.org>";
                self.forge(&format!("{}\n\n---------\n\n{tail}", list.trim_end()))
            }
            Way::ForgeLog => {
                let log = self.git(&["log", &range]);
                self.forge(&format!("Squashed commit of the following:\n\n{log}"))
            }
            Way::Title => {
                let is_done = self.forge("");
                if is_done {
                    let linked = self.spec_in(self.repo.path(), &["link", "--squashed", &range, "HEAD"]);
                    // What was taken back on the branch leaves nothing to link.
                    let is_left = !self.brought("HEAD^!").is_empty();
                    assert!(linked.status == 0 || !is_left, "{linked:?}\n{}", self.script());
                    self.now_in_notes("HEAD^!");
                }
                is_done
            }
            Way::SquashMessage => {
                let answer = self.spec_in(self.repo.path(), &["squash-message", &range]);
                assert_eq!(answer.status, 0, "{answer:?}\n{}", self.script());
                // A link to words that the branch itself replaced is left out, and that is said.
                for (_, numbers) in self.brought(&range) {
                    for number in numbers {
                        let made = self.made.get_mut(&number).expect("known code");
                        let is_said = answer.stderr.contains(&made.version);
                        made.fate = if is_said { Fate::Untold } else { made.fate };
                    }
                }
                self.forge(&answer.stdout)
            }
        }
    }

    /// As a forge does it: without hooks.
    fn forge(&self, message: &str) -> bool {
        let title = self.git(&["log", "-1", "--format=%s", "side"]);
        self.tries(&["merge", "-q", "--squash", "side"])
            && self.tries(&[
                "-c",
                "core.hooksPath=/dev/null",
                "commit",
                "-q",
                "-m",
                &format!("{title} (#1)\n\n{message}"),
            ])
    }

    /// Words and code come onto a trunk that has other words for the same clause; those of the side are taken.
    fn conflict(&mut self) -> bool {
        let by_message = self.fresh % 2 == 1;
        let trunk = self.git(&["rev-parse", "main"]);
        if self.tries(&["rebase", "-q", "main", "side"]) {
            return self.tries(&["checkout", "-q", "-B", "main"]);
        }
        let unmerged = self.git(&["diff", "--name-only", "--diff-filter=U"]);
        if unmerged.is_empty() {
            return false;
        }
        self.git(&["checkout", "-q", "--theirs", "--", &unmerged]);
        self.git(&["add", "-A"]);
        if by_message {
            self.count("commit -m at a conflict");
            let lost = self.unless_hooks(Fate::Told);
            self.may_lose("REBASE_HEAD^!", lost, lost);
            self.git(&["commit", "-q", "-m", "Settle it"]);
        }
        if !self.tries(&["rebase", "--continue"]) {
            return false;
        }
        let is_done = self.tries(&["checkout", "-q", "-B", "main"]);
        self.hooks_noted(&format!("{trunk}..HEAD"));
        is_done
    }
}
