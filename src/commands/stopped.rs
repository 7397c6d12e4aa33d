//! What a commit became where a rebase stopped at it. Git tells the hook of whatever HEAD is when the rebase goes on
//! (sequencer.c, `sequencer_continue`), also where a person made a commit of its own behind it, or several in its place.

use std::collections::{HashMap, HashSet};

use bstr::ByteSlice;

use crate::error::Error;
use crate::git::{GitError, Oid, Picked, Repo};

/// What a commit became that a rebase picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// This commit.
    Became(Oid),
    /// It stands itself, or was dropped.
    Nothing,
    /// None of these certainly.
    Unclear(Vec<Oid>),
}

/// The pairs that Git told, each with what the old commit became in truth. `amended` are the pairs of amendments within the
/// rebase, in their order.
///
/// # Errors
/// What reading the repository may give.
pub fn fates(repo: &Repo, told: &[(Oid, Oid)], amended: &[(Oid, Oid)]) -> Result<Vec<(Oid, Fate)>, Error> {
    let Some(picked) = repo.picked_by_rebase() else {
        return Ok(told.iter().map(|&(old, new)| (old, Fate::Became(new))).collect());
    };
    let told_by_git = kept(&picked, told);
    let line = Line::read(repo, &picked, &told_by_git, amended)?;
    let mut fates = Vec::new();
    for &(old, new) in told {
        let fate = match told_by_git.contains(&(old, new)) {
            false => Fate::Nothing,
            true if !picked.picks.contains(&old) => Fate::Became(new),
            true => line.fate(old, new)?,
        };
        fates.push((old, fate));
    }
    Ok(fates)
}

/// The pairs without those of commits that a rebase skipped or dropped. Git tells of these that they became the commit before
/// them (sequencer.c, `record_in_rewritten`); each pick makes a commit of its own, and none is the one that the rebase builds on.
fn kept(picked: &Picked, told: &[(Oid, Oid)]) -> Vec<(Oid, Oid)> {
    let mut taken = HashSet::new();
    let is_older = |new: &Oid| picked.onto == Some(*new) || picked.picks.contains(new);
    let is_kept = |(old, new): &&(Oid, Oid)| !picked.picks.contains(old) || (!is_older(new) && taken.insert(*new));
    told.iter().filter(is_kept).copied().collect()
}

/// The commits that a rebase made.
struct Line<'r> {
    repo: &'r Repo,
    parents: HashMap<Oid, Vec<Oid>>,
    /// Commits that end what was made for another one.
    ends: HashSet<Oid>,
    /// How many old commits became a new one.
    joined: HashMap<Oid, usize>,
    /// What a commit was before it was amended.
    before: HashMap<Oid, Oid>,
    /// Commits whose pick met a conflict, each with what HEAD was then.
    resolved: Vec<(Oid, Oid)>,
}

impl Line<'_> {
    fn read<'r>(
        repo: &'r Repo,
        picked: &Picked,
        told: &[(Oid, Oid)],
        amended: &[(Oid, Oid)],
    ) -> Result<Line<'r>, Error> {
        let mut known: HashSet<Oid> = told.iter().map(|&(_, new)| new).collect();
        for (old, new) in amended {
            // What Git has told of was amended since.
            if known.contains(old) {
                known.insert(*new);
            }
        }
        let ends = known.into_iter().chain(picked.picks.iter().copied()).collect();
        let mut joined = HashMap::new();
        told.iter().for_each(|&(_, new)| *joined.entry(new).or_default() += 1);
        let mut revs: Vec<String> = joined.keys().map(Oid::to_string).collect();
        revs.extend(picked.onto.map(|onto| format!("^{onto}")));
        let parents = match told.is_empty() {
            true => HashMap::new(),
            false => repo.commit_graph(&revs)?.into_iter().collect(),
        };
        let before = amended.iter().map(|&(old, new)| (new, old)).collect();
        Ok(Line { repo, parents, ends, joined, before, resolved: repo.resolved_in_rebase() })
    }

    fn fate(&self, old: Oid, new: Oid) -> Result<Fate, Error> {
        if self.parents.contains_key(&old) {
            // It is in the history that came out, and others were made behind it.
            return Ok(Fate::Nothing);
        }
        let made = self.made_for(new);
        if made.len() == 1 {
            let is_joined = self.joined.get(&new) > Some(&1);
            if is_joined || or_gone(self.same_author(old, new))? || or_gone(self.same_message(old, new))? {
                return Ok(Fate::Became(new));
            }
        }
        let mut left = made.clone();
        let mut is_known = false;
        let tests = [Line::same_patch, Line::same_author, Line::same_message, Line::is_resolved];
        for (at, test) in tests.into_iter().enumerate() {
            if is_known && at == tests.len() - 1 {
                break;
            }
            let mut found = Vec::new();
            for &commit in &left {
                let mut is_it = false;
                for form in self.forms(commit) {
                    is_it |= form == old || or_gone(test(self, old, form))?;
                }
                found.extend(is_it.then_some(commit));
            }
            if !found.is_empty() {
                (left, is_known) = (found, true);
            }
        }
        Ok(match left[..] {
            [only] if is_known => Fate::Became(only),
            _ => Fate::Unclear(made),
        })
    }

    /// The commits that were made for a pick, the last first.
    fn made_for(&self, new: Oid) -> Vec<Oid> {
        let mut made = vec![new];
        let mut at = new;
        while let Some(&before) = self.parents.get(&at).and_then(|parents| parents.first()) {
            if !self.parents.contains_key(&before) || self.ends.contains(&before) {
                break;
            }
            made.push(before);
            at = before;
        }
        made
    }

    /// A commit and what it was before each amendment.
    fn forms(&self, commit: Oid) -> Vec<Oid> {
        let mut forms = vec![commit];
        while let Some(&before) = forms.last().and_then(|last| self.before.get(last)) {
            if forms.contains(&before) {
                break;
            }
            forms.push(before);
        }
        forms
    }

    fn same_patch(&self, a: Oid, b: Oid) -> Result<bool, Error> {
        let mut pairs = Vec::new();
        for commit in [a, b] {
            match self.repo.parents(commit)?[..] {
                [] => pairs.push((None, commit)),
                [parent] => pairs.push((Some(parent), commit)),
                // What a merge changes is not one patch.
                _ => return Ok(false),
            }
        }
        let patches = self.repo.patches(&pairs)?;
        Ok(patches[0] == patches[1])
    }

    fn same_author(&self, a: Oid, b: Oid) -> Result<bool, Error> {
        let author = |commit: Oid| -> Result<_, Error> {
            let raw = self.repo.raw_commit(commit)?;
            let header = raw.lines().take_while(|line| !line.is_empty());
            Ok(header.into_iter().find(|line| line.starts_with(b"author ")).map(<[u8]>::to_vec))
        };
        Ok(author(a)? == author(b)?)
    }

    fn same_message(&self, a: Oid, b: Oid) -> Result<bool, Error> {
        let (a, b) = (self.repo.message(a)?, self.repo.message(b)?);
        // Without an editor Git leaves a list of conflicts below it, as a comment.
        let rest = b.bytes.strip_prefix(a.bytes.trim_end());
        Ok(rest.is_some_and(|rest| rest.lines().all(|line| line.trim().is_empty() || line.starts_with(b"#"))))
    }

    /// Whether it is the first commit that was made where the pick of the old one met a conflict.
    fn is_resolved(&self, old: Oid, commit: Oid) -> Result<bool, Error> {
        let behind = self.repo.parents(commit)?;
        Ok(self.resolved.iter().any(|&(stopped, head)| stopped == old && behind.first() == Some(&head)))
    }
}

/// What was thrown away since is the same as nothing.
fn or_gone(answer: Result<bool, Error>) -> Result<bool, Error> {
    match answer {
        Err(Error::Git(GitError::MissingObject { .. } | GitError::BadObject { .. })) => Ok(false),
        other => other,
    }
}
