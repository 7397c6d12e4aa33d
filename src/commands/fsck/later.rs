//! What later commits say of the clause of a broken link.

use bstr::ByteSlice;

use super::Carried;
use crate::commands::links::Facts;
use crate::trace::link::LinkVersion;
use crate::trace::resolve::{Facts as _, State};
use crate::trace::{CommitId, Link, Resolution};

/// The exact links of all carriers that aren't undone.
pub(super) struct Later<'l>(Vec<(CommitId, &'l Link, Option<u32>)>);

impl<'l> Later<'l> {
    pub(super) fn of(
        carriers: &'l [(CommitId, Carried)],
        resolved: &[Vec<Resolution>],
        facts: &Facts<'_>,
    ) -> Later<'l> {
        let mut exact = Vec::new();
        for ((id, carried), resolutions) in carriers.iter().zip(resolved) {
            if facts.undone.by(*id).is_none() {
                let links = carried.links.iter().zip(resolutions).filter(|(_, to)| to.state == State::Exact);
                exact.extend(links.map(|(link, to)| (*id, link, to.lineage)));
            }
        }
        Later(exact)
    }

    /// Whether a later commit says of the clause of a broken link what it was made from, or that its code does what it demands.
    pub(super) fn settles(&self, link: &Link, to: &Resolution, carrier: CommitId, facts: &Facts<'_>) -> bool {
        if !matches!(to.state, State::Elsewhere | State::Ambiguous | State::Mismatch | State::Dangling) {
            return false;
        }
        let named = || facts.lineage_of(link.path.as_bstr(), link.anchor.as_deref(), carrier);
        // Not the one that bears the name in the carrier where only others ever had the words, as after names changed places.
        let had_it = |lineage: &u32| match &link.version {
            LinkVersion::Known(version) => {
                let mut all = facts.sightings(*version).iter().peekable();
                all.peek().is_none() || all.any(|sighting| sighting.lineage == *lineage)
            }
            LinkVersion::Unknown(_) => false,
        };
        let meant = to.lineage.or_else(|| named().filter(had_it));
        let is_meant = |other: &Link, lineage: Option<u32>| match meant {
            Some(_) => lineage == meant,
            None => other.same_clause(link) && other.version == link.version,
        };
        self.0.iter().any(|&(later, other, lineage)| {
            is_meant(other, lineage) && later != carrier && facts.graph.is_ancestor(carrier, later) == Some(true)
        })
    }
}
