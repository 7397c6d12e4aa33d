//! Whether the work of carriers is undone: by a verified revert, unless the code stands all the same.
//!
//! The first question about any carrier is answered for all of them: what it takes is one walk through history and one
//! count of lines, however many were reverted.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::ledger::commit_id;
use super::lines;
use super::reverts;
use super::source::Source;
use crate::config::SpecSet;
use crate::error::Error;
use crate::git::Oid;
use crate::trace::revert::Reverts;
use crate::trace::{CommitId, Graph};

/// What is known of reverts at a revision.
pub(super) struct Undone<'s> {
    source: &'s Source,
    tip: Oid,
    graph: Arc<Graph>,
    reverts: Reverts,
    carriers: Vec<CommitId>,
    /// Of carriers that are said to be reverted, whether their code stands.
    standing: OnceCell<HashMap<CommitId, bool>>,
    /// The same of commits that nobody said would be asked about.
    others: RefCell<HashMap<CommitId, bool>>,
}

impl<'s> Undone<'s> {
    /// Nothing is known to be reverted.
    pub(super) fn none(source: &'s Source, tip: Oid, graph: Arc<Graph>) -> Undone<'s> {
        let (reverts, carriers) = (Reverts::default(), Vec::new());
        Undone { source, tip, graph, reverts, carriers, standing: OnceCell::new(), others: RefCell::default() }
    }

    /// The same with these reverts; these are the carriers that will be asked about.
    pub(super) fn knowing(self, reverts: Reverts, carriers: impl Iterator<Item = CommitId>) -> Undone<'s> {
        let carriers = carriers.collect();
        Undone { reverts, carriers, standing: OnceCell::new(), others: RefCell::default(), ..self }
    }

    /// What messages said.
    pub(super) fn into_reverts(self) -> Reverts {
        self.reverts
    }

    /// Whether a verified revert speaks of any of the carriers.
    pub(super) fn speaks_of_any(&self) -> bool {
        self.carriers.iter().any(|&carrier| self.reverts.undone_by(carrier, &self.graph).is_some())
    }

    /// The commit that undoes a carrier, unless its code stands all the same.
    pub(super) fn by(&self, carrier: CommitId) -> Option<CommitId> {
        let by = self.reverts.undone_by(carrier, &self.graph)?;
        if let Some(&stands) = self.standing.get_or_init(|| self.stand(&self.carriers)).get(&carrier) {
            return (!stands).then_some(by);
        }
        let known = self.others.borrow().get(&carrier).copied();
        let stands = known.unwrap_or_else(|| self.stand(&[carrier]).get(&carrier) == Some(&true));
        self.others.borrow_mut().insert(carrier, stands);
        (!stands).then_some(by)
    }

    /// A commit that says it reverts a carrier, where none verifiably does.
    pub(super) fn said(&self, carrier: CommitId) -> Option<CommitId> {
        let verified = self.reverts.undone_by(carrier, &self.graph).is_some();
        self.reverts.doubtful(carrier, &self.graph).filter(|_| !verified).map(|revert| revert.commit)
    }

    /// What was said of reverting a carrier, in words.
    pub(super) fn why(&self, carrier: CommitId) -> String {
        let short = |id: CommitId| id.to_string().get(..10).unwrap_or_default().to_owned();
        if let Some(by) = self.reverts.undone_by(carrier, &self.graph) {
            return match self.by(carrier) {
                Some(_) => format!("; undone by {}, which reverts it", short(by)),
                None if self.is_as_left(carrier) => {
                    format!("; {} reverts it, but its code stands as it left it", short(by))
                }
                None => format!("; {} reverts it, but a merge kept lines of its code", short(by)),
            };
        }
        match self.reverts.doubtful(carrier, &self.graph) {
            Some(revert) => {
                let (by, what) = (short(revert.commit), if revert.target == carrier { "it" } else { "its merge" });
                format!("; {by} says that it reverts {what}, but its change isn't the inverse")
            }
            None => String::new(),
        }
    }

    /// Of those that are said to be reverted, whether the code stands: each file as the carrier left it, or lines that a
    /// merge kept.
    fn stand(&self, carriers: &[CommitId]) -> HashMap<CommitId, bool> {
        let reverted = |&carrier: &CommitId| Some((carrier, self.reverts.undone_by(carrier, &self.graph)?));
        let reverted: Vec<(CommitId, CommitId)> = carriers.iter().filter_map(reverted).collect();
        let mut standing: HashMap<CommitId, bool> =
            reverted.iter().map(|&(carrier, _)| (carrier, self.is_as_left(carrier))).collect();
        let open: Vec<(CommitId, CommitId)> =
            reverted.into_iter().filter(|(carrier, _)| standing.get(carrier) == Some(&false)).collect();
        // Where no merge had a side that knew the carrier and not what reverts it, the revert reached all there is.
        let passed = commit_id(self.tip).map(|tip| self.graph.passed_by(tip, &open)).unwrap_or_default();
        let kept: BTreeSet<CommitId> =
            open.iter().zip(passed).filter(|(_, passed)| *passed).map(|((carrier, _), _)| *carrier).collect();
        for carrier in self.half_kept(&kept).unwrap_or_default() {
            standing.insert(carrier, true);
        }
        standing
    }

    fn is_as_left(&self, carrier: CommitId) -> bool {
        let oid = Oid::from_raw(carrier.as_bytes());
        oid.is_ok_and(|oid| reverts::stands(self.source, self.tip, oid) == Some(true))
    }

    /// Those of which half of the lines that they put in are left: single ones, such as a bracket, may stand by chance.
    fn half_kept(&self, carriers: &BTreeSet<CommitId>) -> Result<Vec<CommitId>, Error> {
        if carriers.is_empty() {
            return Ok(Vec::new());
        }
        let code = SpecSet::default();
        let left = lines::left(self.source, &code, self.tip, carriers, &self.reverts)?;
        let mut numstats = self.source.repo.numstats()?;
        let mut kept = Vec::new();
        for (carrier, files) in left {
            let ranges = files.values().flatten();
            let count: u64 = ranges.map(|&(first, last)| u64::from(last.saturating_sub(first)) + 1).sum();
            let Ok(oid) = Oid::from_raw(carrier.as_bytes()) else { continue };
            if count == 0 {
                continue;
            }
            match numstats.of(oid) {
                Ok(stat) if 2 * count >= stat.added => kept.push(carrier),
                Ok(_) => {}
                Err(error) => {
                    let missing = self.source.repo.unreadable_for(&error).ok_or(error)?;
                    self.source.unseen(format!("numbers of lines: object {} cannot be read", missing.short(12)));
                    numstats = self.source.repo.numstats()?;
                }
            }
        }
        Ok(kept)
    }
}
