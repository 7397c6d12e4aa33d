//! Which commits were undone by later ones.
//!
//! A message only says that it reverts; whether it does is told by the change itself, which is compared elsewhere. A revert
//! that was reverted undoes nothing any more.

use std::collections::BTreeMap;

use bstr::ByteSlice;
use serde::{Deserialize, Serialize};

use super::commit::CommitId;
use super::graph::Graph;

/// What Git writes into the message of a revert, before the id.
const SAYS: &[u8] = b"This reverts commit ";
/// What it writes behind the id of a merge, before the id of the parent.
const REVERSING: [&[u8]; 4] = [b"reversing", b"changes", b"made", b"to"];

/// What a message says that it reverts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// 7 to 64 lower-case hex digits.
    pub commit: String,
    /// Of a merge: the parent whose state comes back.
    pub parent: Option<String>,
}

/// Most commits that one message is believed to revert; what names more wants to hurt.
const MOST: usize = 64;

/// The commits that a message says it reverts, each once, in its order; at most [`MOST`].
pub fn reverted(message: &[u8]) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for found in message.find_iter(SAYS).filter_map(|at| named(&message[at + SAYS.len()..])) {
        if all.len() == MOST {
            break;
        }
        if !all.contains(&found) {
            all.push(found);
        }
    }
    all
}

/// The subject that Git's own subject of a revert quotes: `Revert "X"`, and of a revert of that `Reapply "X"`
/// (sequencer.c, `do_pick_commit`).
pub fn quoted_subject(subject: &str) -> Option<String> {
    let inner = |prefix: &str| subject.strip_prefix(prefix)?.strip_prefix('"')?.strip_suffix('"');
    let again = || inner("Reapply ").map(|subject| format!("Revert \"{subject}\""));
    inner("Revert ").map(str::to_owned).or_else(again)
}

fn named(text: &[u8]) -> Option<Named> {
    let commit = hex(text)?;
    let mut rest = &text[commit.len()..];
    let mut parent = None;
    if let Some(behind) = rest.strip_prefix(b",") {
        rest = behind.trim_start();
        let said = REVERSING.iter().all(|word| match rest.strip_prefix(*word) {
            Some(behind) => {
                rest = behind.trim_start();
                true
            }
            None => false,
        });
        parent = said.then(|| hex(rest)).flatten();
    }
    Some(Named { commit, parent })
}

fn hex(text: &[u8]) -> Option<String> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let hex = (7..=64).contains(&digits).then(|| &text[..digits])?;
    Some(hex.to_str().ok()?.to_ascii_lowercase())
}

/// A commit that says it reverts another one in its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revert {
    /// The commit that says so.
    pub commit: CommitId,
    /// What it reverts.
    pub target: CommitId,
    /// Of a reverted merge: the parent whose state comes back.
    pub parent: Option<CommitId>,
    /// Whether its change is the inverse.
    pub verified: bool,
}

impl Revert {
    /// Whether it speaks of a commit: of its target, and of what a reverted merge brought in.
    pub fn covers(&self, commit: CommitId, graph: &Graph) -> bool {
        let behind = |tip: CommitId| graph.is_ancestor(commit, tip) == Some(true);
        commit == self.target || self.parent.is_some_and(|parent| behind(self.target) && !behind(parent))
    }
}

/// Commits with the parents that lines may have come from.
pub type Sources = BTreeMap<CommitId, Vec<CommitId>>;

/// The reverts of a history, and which of them hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Reverts {
    /// Those that hold: verified and not undone themselves; newest first.
    holding: Vec<Revert>,
    /// Those that don't hold though their change is the inverse: they are undone themselves.
    undone: Vec<Revert>,
    unverified: Vec<Revert>,
}

impl Reverts {
    /// Sorts out which reverts hold.
    pub fn new(mut all: Vec<Revert>, graph: &Graph) -> Reverts {
        // Whatever undoes a revert is newer than it.
        all.sort_by_key(|revert| graph.position(revert.commit));
        let (verified, mut unverified): (Vec<Revert>, Vec<Revert>) =
            all.into_iter().partition(|revert| revert.verified);
        let (mut holding, mut undone): (Vec<Revert>, Vec<Revert>) = (Vec::new(), Vec::new());
        for revert in verified {
            let is_undone = holding.iter().any(|newer| newer.covers(revert.commit, graph));
            if is_undone { &mut undone } else { &mut holding }.push(revert);
        }
        // What took itself back says nothing any more.
        unverified.retain(|revert| !holding.iter().any(|newer| newer.covers(revert.commit, graph)));
        Reverts { holding, undone, unverified }
    }

    /// The commits whose change is the inverse of another's, each with its parents and, behind them, the commits before what
    /// it took back: there the lines that it brings back came from. Those that are undone themselves are among them.
    pub fn sources(&self, graph: &Graph) -> Sources {
        let mut sources = Sources::new();
        for revert in self.holding.iter().chain(&self.undone) {
            let parents: Vec<CommitId> = graph.parents(revert.target).collect();
            let before = revert.parent.or(if let [only] = parents.as_slice() { Some(*only) } else { None });
            let from = sources.entry(revert.commit).or_insert_with(|| graph.parents(revert.commit).collect());
            if let Some(before) = before.filter(|before| !from.contains(before)) {
                from.push(before);
            }
        }
        sources
    }

    /// The commit that undoes another one, the newest if there are several.
    pub fn undone_by(&self, commit: CommitId, graph: &Graph) -> Option<CommitId> {
        self.holding.iter().find(|revert| revert.covers(commit, graph)).map(|revert| revert.commit)
    }

    /// A commit that says it reverts another one, and doesn't, as far as can be told.
    pub fn doubtful(&self, commit: CommitId, graph: &Graph) -> Option<&Revert> {
        self.unverified.iter().find(|revert| revert.covers(commit, graph))
    }

    /// The commits that verifiably revert others, those that hold no more left out.
    pub fn holding(&self) -> impl Iterator<Item = CommitId> + '_ {
        self.holding.iter().map(|revert| revert.commit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> CommitId {
        CommitId::from_bytes(&[n; 20]).unwrap()
    }

    fn revert(commit: u8, target: u8) -> Revert {
        Revert { commit: id(commit), target: id(target), parent: None, verified: true }
    }

    #[test]
    fn messages_name_what_they_revert() {
        let named = |commit: &str, parent: Option<&str>| {
            vec![Named { commit: commit.to_owned(), parent: parent.map(str::to_owned) }]
        };
        let none = Vec::new;
        for (message, expected) in [
            ("Revert \"x\"\n\nThis reverts commit 0123ABCdef.\n", named("0123abcdef", None)),
            (
                "Revert\n\nThis reverts commit 0123abc, reversing\nchanges made to 7654321.\n",
                named("0123abc", Some("7654321")),
            ),
            ("This reverts commit 0123abc, which was wrong", named("0123abc", None)),
            (
                "This reverts commit 0123abc and\nThis reverts commit 0123abd",
                [named("0123abc", None), named("0123abd", None)].concat(),
            ),
            ("This reverts commit 0123abc.\nThis reverts commit 0123abc.", named("0123abc", None)),
            ("This reverts commit 0123", none()),
            ("This reverts commit the wrong one", none()),
            ("Nothing of the kind", none()),
            ("This reverts commit ", none()),
        ] {
            assert_eq!(reverted(message.as_bytes()), expected, "{message}");
        }
    }

    #[test]
    fn subjects_quote_what_they_revert() {
        for (subject, expected) in [
            ("Revert \"Add x\"", Some("Add x")),
            ("Revert \"Revert \"Add x\"\"", Some("Revert \"Add x\"")),
            ("Reapply \"Add x\"", Some("Revert \"Add x\"")),
            ("Revert Add x", None),
            ("Revert \"Add x", None),
            ("Add x", None),
        ] {
            assert_eq!(quoted_subject(subject).as_deref(), expected, "{subject}");
        }
    }

    #[test]
    fn a_reverted_revert_undoes_nothing() {
        let line = |from: u8, to: u8| {
            (from..=to).rev().map(move |n| (id(n), (n > from).then(|| id(n - 1)).into_iter().collect()))
        };
        let graph = Graph::new(line(1, 6));
        let undone = |all: Vec<Revert>| Reverts::new(all, &graph).undone_by(id(1), &graph);
        assert_eq!(undone(vec![revert(2, 1)]), Some(id(2)));
        assert_eq!(undone(vec![revert(2, 1), revert(3, 2)]), None);
        assert_eq!(undone(vec![revert(2, 1), revert(3, 2), revert(4, 3)]), Some(id(2)));
        assert_eq!(undone(vec![revert(2, 1), revert(3, 2), revert(5, 1)]), Some(id(5)));
        assert_eq!(undone(vec![Revert { verified: false, ..revert(2, 1) }]), None);
        let doubtful = Reverts::new(vec![Revert { verified: false, ..revert(2, 1) }], &graph);
        assert_eq!(doubtful.doubtful(id(1), &graph).map(|r| r.commit), Some(id(2)));
    }

    #[test]
    fn a_reverted_merge_takes_its_branch_along() {
        // 1 - 2 - 4 (merge of 2 and 3) - 5 (revert)
        let graph = Graph::new([
            (id(5), vec![id(4)]),
            (id(4), vec![id(2), id(3)]),
            (id(3), vec![id(1)]),
            (id(2), vec![id(1)]),
            (id(1), Vec::new()),
        ]);
        let reverts = Reverts::new(vec![Revert { parent: Some(id(2)), ..revert(5, 4) }], &graph);
        let undone: Vec<Option<CommitId>> = (1..=4).map(|n| reverts.undone_by(id(n), &graph)).collect();
        assert_eq!(undone, [None, None, Some(id(5)), Some(id(5))]);
    }
}
