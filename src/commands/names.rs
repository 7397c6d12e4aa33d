//! What references are called that point at the commits of a kept walk.
//!
//! Git reads each commit that it names references of. Where there are very many references, as one for each request to pull,
//! it is asked only of the commits of the walk that any points at, in the order of the walk: so nobody waits for the last one.

use std::collections::{HashMap, HashSet, VecDeque};

use bstr::BString;

use crate::git::{GitError, Oid, PointedAt, Repo, Walk, WalkQuery};
use crate::index::Step;

/// Commits that are asked for by name; more don't go onto a command line.
const MOST_NAMED: usize = if cfg!(windows) { 700 } else { 10_000 };

/// The names of references, as far as they were learnt.
pub struct Names<'r> {
    repo: &'r Repo,
    query: WalkQuery,
    asked: Asked<'r>,
    known: HashMap<Oid, BString>,
}

/// Git cannot tell names, as where a reference is broken.
pub struct Untold;

impl From<GitError> for Untold {
    fn from(_: GitError) -> Untold {
        Untold
    }
}

/// What git is asked of references.
enum Asked<'r> {
    /// Nothing, or nothing any more.
    Nothing,
    /// What they point at: then of the first commits, since the first screen waits for these alone.
    OfTheFirst(PointedAt),
    /// Of these commits, in this order.
    OfThese(Box<Walk<'r>>, VecDeque<Oid>),
    /// Of all that there are.
    OfAll(Box<Walk<'r>>),
}

impl<'r> Names<'r> {
    /// Begins to ask, if names are wanted.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn ask(repo: &'r Repo, query: WalkQuery) -> Result<Names<'r>, GitError> {
        let (wanted, many) = (query.decorate, repo.has_many_references());
        let mut names = Names { repo, query, asked: Asked::Nothing, known: HashMap::new() };
        if wanted {
            names.asked = if many { Asked::OfTheFirst(repo.pointed_at()?) } else { names.of_all()? };
        }
        Ok(names)
    }

    /// The names of a commit of a block that was learnt of, as git writes them.
    pub fn of(&mut self, commit: Oid) -> BString {
        self.known.remove(&commit).unwrap_or_default()
    }

    fn of_all(&self) -> Result<Asked<'r>, GitError> {
        let extra = ["--no-walk=unsorted", "--all"].map(Into::into).to_vec();
        Ok(Asked::OfAll(Box::new(self.repo.walk(&WalkQuery { extra, ..self.query.clone() })?)))
    }

    fn of_these(&self, commits: VecDeque<Oid>) -> Result<Asked<'r>, GitError> {
        if commits.is_empty() {
            return Ok(Asked::Nothing);
        }
        if commits.len() > MOST_NAMED {
            return self.of_all();
        }
        let revs = commits.iter().map(Oid::to_string).collect();
        let extra = vec!["--no-walk=unsorted".into()];
        let walk = self.repo.walk(&WalkQuery { revs, extra, ..self.query.clone() })?;
        Ok(Asked::OfThese(Box::new(walk), commits))
    }

    /// Learns the names that the commits of a block have, if they aren't known yet; `behind` tells the ids behind the first one.
    ///
    /// # Errors
    /// [`Untold`].
    pub fn learn(&mut self, block: &[Step], behind: impl FnOnce() -> Vec<BString>) -> Result<(), Untold> {
        match std::mem::replace(&mut self.asked, Asked::Nothing) {
            Asked::Nothing => {}
            Asked::OfAll(walk) => {
                for record in *walk {
                    self.keep(record?);
                }
            }
            Asked::OfTheFirst(pointed_at) => {
                let pointed_at = pointed_at.read()?;
                let oid = |id: &BString| Oid::from_raw(id).ok().filter(|oid| pointed_at.contains(oid));
                let first: VecDeque<Oid> = block.iter().filter_map(|step| oid(&step.commit)).collect();
                self.asked = self.of_these(first)?;
                self.take(block)?;
                // The next block comes while these are shown.
                self.asked = self.of_these(behind().iter().filter_map(oid).collect())?;
            }
            asked @ Asked::OfThese(..) => {
                self.asked = asked;
                self.take(block)?;
            }
        }
        Ok(())
    }

    /// Reads on until all is told of a block that was asked for.
    fn take(&mut self, block: &[Step]) -> Result<(), Untold> {
        if let Asked::OfAll(_) = self.asked {
            return self.learn(block, Vec::new);
        }
        let Asked::OfThese(walk, awaited) = &mut self.asked else { return Ok(()) };
        let here: HashSet<Oid> = block.iter().filter_map(|step| Oid::from_raw(&step.commit).ok()).collect();
        let mut told = Vec::new();
        while let Some(next) = awaited.front().copied().filter(|next| here.contains(next)) {
            match walk.next().transpose()? {
                Some(record) if record.oid == next => told.push(record),
                // Another commit than was asked for, or none.
                _ => return Err(Untold),
            }
            awaited.pop_front();
        }
        told.into_iter().for_each(|record| self.keep(record));
        Ok(())
    }

    fn keep(&mut self, record: crate::git::CommitRecord) {
        if !record.decoration.is_empty() {
            self.known.insert(record.oid, record.decoration);
        }
    }
}
