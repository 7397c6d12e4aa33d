//! Clauses that nothing was generated from yet, told only where a repository has links at all.

use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::BString;

use super::links::Links;
use crate::spec::Version;
use crate::spec::change::ChangeKind;
use crate::spec::grade::Grade;
use crate::trace::{CommitId, Freshness};
use crate::view::facts::{ChangeFact, ClauseFact, short_id};

/// The clauses of the revision that links are judged at, with those left out that a fresh link names.
#[derive(Debug, Default)]
pub struct Waiting {
    by_version: HashMap<Version, Vec<(BString, String)>>,
    namesakes: HashSet<String>,
    /// Clauses that a message names and nobody completed to a link.
    typed: BTreeMap<(BString, String), CommitId>,
}

impl Waiting {
    /// Of a repository without links nothing waits.
    pub fn new(links: &Links) -> Waiting {
        let namesakes = links.namesakes().into_iter().map(str::to_owned).collect();
        let mut waiting = Waiting { namesakes, typed: links.typed.clone(), ..Waiting::default() };
        let fresh = links.claims().filter(|claim| claim.freshness == Freshness::Fresh);
        let fresh: HashSet<u32> = fresh.map(|claim| claim.lineage).collect();
        for standing in links.clauses.iter().filter(|standing| standing.demands) {
            if standing.lineage.is_some_and(|lineage| !fresh.contains(&lineage)) {
                let clause = &standing.clause;
                let names = waiting.by_version.entry(clause.version).or_default();
                names.push((clause.path.clone(), clause.anchor.clone()));
            }
        }
        waiting
    }

    /// Names of the clauses that a commit added, or changed in their meaning, and that stand at that version still; with
    /// the name that they have now, if it is another. Headings and prose without an id that demand nothing don't count.
    pub fn among(&self, changes: &[ChangeFact]) -> Vec<String> {
        changes
            .iter()
            .filter(|change| is_made(change))
            .filter_map(|change| self.name(change.clause.as_ref()?))
            .collect()
    }

    fn name(&self, clause: &ClauseFact) -> Option<String> {
        let now = self.by_version.get(&clause.version)?;
        let several = self.namesakes.contains(&clause.anchor);
        let name = if several { format!("{}#{}", clause.path, clause.name()) } else { clause.name().to_owned() };
        let here = |(path, anchor): &&(BString, String)| *path == clause.path && *anchor == clause.anchor;
        let (now, name) = match (now.iter().find(here), now.as_slice()) {
            (Some(now), _) => (now, name),
            (None, [now]) if now.1 == clause.anchor => (now, name),
            (None, [now]) => (now, format!("{name} (now {})", short_id(&now.1))),
            _ => return None,
        };
        Some(match self.typed.get(now) {
            Some(commit) => format!("{name} (only named in {})", &commit.to_string()[..7]),
            None => name,
        })
    }
}

fn is_made(change: &ChangeFact) -> bool {
    change.is(ChangeKind::Added) || (change.is(ChangeKind::Modified) && change.grade != Some(Grade::Minor))
}
