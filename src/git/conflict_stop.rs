//! Where Git has stopped for a conflict: which commit could not be picked, until another takes its place.

use std::collections::HashSet;

use bstr::ByteSlice;

use super::{Oid, Repo};

/// A patch that could not be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unapplied {
    /// Its message.
    pub message: Vec<u8>,
    /// The commit that it was, where a rebase made it of one.
    pub commit: Option<Oid>,
}

impl Repo {
    /// The commit that a cherry-pick or a rebase could not pick for a conflict, while none was made in its place. None at a stop for
    /// an edit, where the commit was made and only a later conflict of something else can be.
    ///
    /// A cherry-pick names it until it is committed; a rebase goes on naming it, and only Git's message for it goes with the commit
    /// (sequencer.c, `error_with_patch` and `sequencer_post_commit_cleanup`).
    #[must_use]
    pub fn conflicted_pick(&self) -> Option<Oid> {
        if let Some(picked) = self.id_in("CHERRY_PICK_HEAD") {
            return Some(picked);
        }
        let stopped = self.id_in("rebase-merge/stopped-sha")?;
        let is = |name: &str| self.git_dir().join(name).exists();
        let (merges, rewords) = (self.last_done(&["merge", "m"]), self.last_done(&["reword", "r"]));
        let of_another = is("REVERT_HEAD") || (is("MERGE_HEAD") && !merges) || (is("rebase-merge/amend") && !rewords);
        if !is("MERGE_MSG") || of_another {
            return None;
        }
        let head = self.head().ok().flatten()?;
        let made = self.resolved_in_rebase().iter().any(|(known, before)| *known == stopped && *before != head);
        (!made).then_some(stopped)
    }

    /// The commit that a rebase could not join with HEAD for a conflict, while HEAD is the one that it was to be joined with: an
    /// amendment joins them, and a new commit has what it changed (sequencer.c, `error_failed_squash`).
    #[must_use]
    pub fn conflicted_join(&self) -> Option<Oid> {
        let stopped = self.id_in("rebase-merge/stopped-sha")?;
        let amended = self.id_in("rebase-merge/amend")?;
        let joins = self.last_done(&["squash", "s", "fixup", "f"]);
        (joins && self.head().ok().flatten() == Some(amended)).then_some(stopped)
    }

    /// The patch that `git am`, or a rebase by it, could not apply, while HEAD is what it was then: a commit that is made now takes
    /// its place (builtin/am.c, `am_run` and `am_next`).
    #[must_use]
    pub fn unapplied(&self) -> Option<Unapplied> {
        let directory = self.git_dir().join("rebase-apply");
        let head = self.head().ok().flatten();
        let has_patch = std::fs::metadata(directory.join("patch")).is_ok_and(|patch| patch.len() > 0);
        if !has_patch || head.is_none() || self.id_in("rebase-apply/abort-safety") != head {
            return None;
        }
        let message = std::fs::read(directory.join("final-commit")).ok()?;
        let rebases = directory.join("rebasing").exists();
        Some(Unapplied { message, commit: self.id_in("rebase-apply/original-commit").filter(|_| rebases) })
    }

    /// Whether the commit that is about to be made, which is no merge, changes nothing.
    #[must_use]
    pub fn commits_nothing(&self) -> bool {
        let head = self.head().ok().flatten();
        let merges = self.git_dir().join("MERGE_HEAD").exists();
        !merges && head.is_some_and(|head| self.staged_paths(head).is_ok_and(|paths| paths.is_empty()))
    }

    /// The commits whose messages a rebase, of which Git tells just now, has joined with others and shown to nobody: those of a
    /// fixup, and with `fixup -C` those before it (sequencer.c, `append_squash_message`). None where no rebase keeps a list.
    #[must_use]
    pub fn unshown_by_rebase(&self) -> Option<HashSet<Oid>> {
        let done = std::fs::read(self.git_dir().join("rebase-merge/done")).ok()?;
        Some(unshown(&done))
    }

    /// Whether the last command of a rebase is one of these.
    fn last_done(&self, commands: &[&str]) -> bool {
        let done = std::fs::read(self.git_dir().join("rebase-merge/done")).unwrap_or_default();
        let last = done.lines().rev().find_map(|line| line.fields().next());
        last.is_some_and(|last| commands.iter().any(|command| command.as_bytes() == last))
    }

    fn id_in(&self, file: &str) -> Option<Oid> {
        let bytes = std::fs::read(self.git_dir().join(file)).ok()?;
        Oid::from_hex(bytes.trim()).ok()
    }
}

fn unshown(done: &[u8]) -> HashSet<Oid> {
    let mut unshown = HashSet::new();
    // What the message is made of as yet, and whether a squash was among it.
    let (mut shown, mut squashed) = (Vec::new(), false);
    for line in done.lines() {
        let mut words = line.fields();
        let command = words.next();
        let rest: Vec<&[u8]> = words.collect();
        let Some(commit) = rest.iter().find_map(|word| Oid::from_hex(word).ok()) else { continue };
        let replaces = rest.first().is_some_and(|word| matches!(*word, b"-C" | b"-c"));
        match command {
            Some(b"pick" | b"p" | b"reword" | b"r" | b"edit" | b"e" | b"merge" | b"m") => {
                (shown, squashed) = (vec![commit], false);
            }
            Some(b"squash" | b"s") => {
                shown.push(commit);
                squashed = true;
            }
            Some(b"fixup" | b"f") if replaces && squashed => shown.push(commit),
            Some(b"fixup" | b"f") if replaces => unshown.extend(std::mem::replace(&mut shown, vec![commit])),
            Some(b"fixup" | b"f") => drop(unshown.insert(commit)),
            _ => {}
        }
    }
    unshown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_nobody_was_shown_are_told() {
        let id = |letter: char| letter.to_string().repeat(40);
        let unshown = |list: &[(&str, char)]| {
            let done: String =
                list.iter().map(|(command, letter)| format!("{command} {} words\n", id(*letter))).collect();
            let found = unshown(done.as_bytes());
            let of = |letter: &char| Oid::from_hex(id(*letter).as_bytes()).is_ok_and(|oid| found.contains(&oid));
            ['a', 'b', 'c', 'd'].iter().filter(|letter| of(letter)).collect::<String>()
        };
        assert_eq!(unshown(&[("pick", 'a'), ("fixup", 'b'), ("squash", 'c'), ("pick", 'd')]), "b");
        assert_eq!(unshown(&[("pick", 'a'), ("f", 'b'), ("fixup -c", 'c')]), "ab");
        assert_eq!(unshown(&[("pick", 'a'), ("squash", 'b'), ("fixup -C", 'c'), ("fixup", 'd')]), "d");
        assert_eq!(unshown(&[("pick", 'a'), ("fixup -C", 'b'), ("pick", 'c'), ("s", 'd')]), "a");
    }
}
