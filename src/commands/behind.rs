//! Which carriers of a clause are behind it, and what is left of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bstr::ByteSlice;

use super::lines::{self, Lines};
use super::links::Links;
use super::source::{Content, Source};
use super::standing::Standing;
use crate::error::Error;
use crate::git::{GitError, Oid};
use crate::spec::{Grade, Version};
use crate::trace::answer::{Claim, State};
use crate::trace::{CommitId, Freshness};
use crate::view::behind::{BehindCarrier, BehindClause, ClauseChange, FileLines};
use crate::view::facts::{ClauseFact, path_text};

/// Links with what is asked of them again and again.
pub struct Behind<'l> {
    links: &'l Links,
    by_lineage: BTreeMap<u32, Vec<&'l Claim>>,
    standing: HashMap<u32, &'l Standing>,
    namesakes: HashSet<&'l str>,
}

impl<'l> Behind<'l> {
    /// Sorts links by what they are about.
    pub fn new(links: &'l Links) -> Behind<'l> {
        let by_lineage = links.by_lineage();
        let standing = links.clauses.iter().filter_map(|standing| Some((standing.lineage?, standing))).collect();
        Behind { links, by_lineage, standing, namesakes: links.namesakes() }
    }

    /// Lineages in a state; for `None` those that are gone and whose code isn't kept on purpose. In the order of files and lines, those gone by name.
    pub fn lineages(&self, state: Option<State>) -> Vec<u32> {
        let is_gone = |claim: &&Claim| claim.freshness == Freshness::Retired && !claim.affirms;
        match state {
            Some(state) => {
                let holds = |lineage: &u32| self.links.answers.get(lineage).is_some_and(|answer| answer.state == state);
                self.links.clauses.iter().filter_map(|standing| standing.lineage).filter(holds).collect()
            }
            None => {
                let gone = self.by_lineage.iter().filter(|(_, claims)| claims.iter().any(&is_gone));
                let mut gone: Vec<u32> = gone.map(|(&lineage, _)| lineage).collect();
                gone.retain(|lineage| !self.links.on_purpose.contains(lineage));
                gone.sort_by_key(|&lineage| self.name(lineage));
                gone
            }
        }
    }

    /// The clause of a lineage, as long as it lives.
    pub fn standing(&self, lineage: u32) -> Option<&'l Standing> {
        self.standing.get(&lineage).copied()
    }

    /// Where a lineage stands, or stood last.
    pub fn name(&self, lineage: u32) -> Option<(bstr::BString, String)> {
        if let Some(standing) = self.standing(lineage) {
            return Some((standing.clause.path.clone(), standing.clause.anchor.clone()));
        }
        let states = self.links.ledger.as_ref()?.lineages.get(lineage as usize)?;
        states.iter().find_map(|state| state.name.clone())
    }

    /// The commit in which a lineage went.
    pub fn removed_in(&self, lineage: u32) -> Option<CommitId> {
        let states = self.links.ledger.as_ref()?.lineages.get(lineage as usize)?;
        states.first().filter(|state| state.name.is_none()).map(|state| state.commit)
    }

    /// The claims about a clause that name another version than `now`; affirmations, and commits that name both, have no
    /// code that is behind.
    pub fn older(&self, lineage: u32, now: Option<Version>) -> Vec<&'l Claim> {
        let all = self.by_lineage.get(&lineage).map_or(&[][..], Vec::as_slice);
        let current: BTreeSet<CommitId> =
            all.iter().filter(|claim| Some(claim.version) == now).map(|claim| claim.carrier).collect();
        let is_older =
            |claim: &&&Claim| Some(claim.version) != now && !claim.affirms && !current.contains(&claim.carrier);
        all.iter().filter(is_older).copied().collect()
    }

    /// The claims about a clause that name another version than the revision has.
    pub fn all(&self, lineage: u32) -> Vec<&'l Claim> {
        self.older(lineage, self.standing(lineage).map(|standing| standing.clause.version))
    }

    /// All claims about a clause that come with code.
    pub fn counted(&self, lineage: u32) -> Vec<&'l Claim> {
        let all = self.by_lineage.get(&lineage).map_or(&[][..], Vec::as_slice);
        all.iter().filter(|claim| !claim.affirms).copied().collect()
    }

    /// Those of them that no later one superseded.
    pub fn front(&self, lineage: u32) -> Vec<&'l Claim> {
        let in_force: BTreeSet<CommitId> = self.in_force(lineage).iter().map(|claim| claim.carrier).collect();
        self.all(lineage).into_iter().filter(|claim| in_force.contains(&claim.carrier)).collect()
    }

    /// The claims in force about a clause.
    pub fn in_force(&self, lineage: u32) -> Vec<&'l Claim> {
        let claims = self.by_lineage.get(&lineage).map_or(&[][..], Vec::as_slice);
        let places = self.links.answers.get(&lineage).map_or(&[][..], |answer| answer.in_force.as_slice());
        places.iter().filter_map(|&at| claims.get(at)).copied().collect()
    }

    /// A clause with the carriers of these claims.
    pub fn of_claims(&self, lineage: u32, claims: &[&Claim], lines: &Lines) -> Option<BehindClause> {
        let (path, anchor) = self.name(lineage)?;
        let standing = self.standing(lineage);
        let answer = self.links.answers.get(&lineage);
        let changes: Vec<ClauseChange> =
            self.links.changes.get(&lineage).map_or(&[][..], Vec::as_slice).iter().map(change).collect();
        let worst: Option<Grade> = changes.iter().filter_map(|change| change.grade).max();
        let tipped = changes.iter().find(|change| change.grade == worst).map(|change| change.tipped.clone());
        let in_force: BTreeSet<CommitId> = self.in_force(lineage).iter().map(|claim| claim.carrier).collect();
        let carriers = self.carriers_of(claims, &in_force, lines);
        let all: BTreeSet<CommitId> = claims.iter().map(|claim| claim.carrier).collect();
        Some(BehindClause {
            path: path_text(path.as_bstr()),
            namesakes: self.namesakes.contains(anchor.as_str()),
            anchor,
            clause: standing.map(|standing| ClauseFact::of(standing.clause.clone())),
            was: None,
            state: standing.map(|_| answer.map(|answer| answer.state).unwrap_or_default()),
            grade: worst,
            tipped: tipped.unwrap_or_default(),
            changes,
            removed_in: self.removed_in(lineage).filter(|_| standing.is_none()).map(|commit| commit.to_string()),
            carriers,
            in_force: answer.map_or(0, |answer| answer.in_force.len()),
            leftover: lines::count(&lines::together(lines, all.iter())),
        })
    }

    /// The names of other clauses that a claim's carrier links.
    fn shared_with(&self, claim: &Claim) -> Vec<String> {
        let carrier = self.links.by_carrier.get(&claim.carrier);
        let claims = carrier.iter().flat_map(|carrier| &carrier.links).flat_map(|judged| &judged.claims);
        let others: BTreeSet<u32> =
            claims.filter(|other| !other.affirms).map(|other| other.lineage).filter(|&l| l != claim.lineage).collect();
        let name = |lineage: u32| {
            let (path, anchor) = self.name(lineage)?;
            let several = self.namesakes.contains(anchor.as_str());
            Some(if several { format!("{}#{anchor}", path_text(path.as_bstr())) } else { anchor })
        };
        others.into_iter().filter_map(name).collect()
    }

    fn carriers_of(&self, claims: &[&Claim], in_force: &BTreeSet<CommitId>, lines: &Lines) -> Vec<BehindCarrier> {
        let mut carriers: Vec<BehindCarrier> = Vec::new();
        for claim in claims {
            let commit = claim.carrier.to_string();
            if carriers.iter().any(|known| known.commit == commit) {
                continue;
            }
            let files = lines.get(&claim.carrier).into_iter().flatten();
            let files = files.map(|(path, ranges)| FileLines {
                path: path_text(path.as_bstr()),
                ranges: ranges.clone(),
                raw: path.clone(),
            });
            let subject = self.links.by_carrier.get(&claim.carrier).map(|carrier| carrier.subject.clone());
            carriers.push(BehindCarrier {
                commit,
                subject: subject.unwrap_or_default(),
                version: claim.version.to_string(),
                superseded: !in_force.contains(&claim.carrier),
                shared_with: self.shared_with(claim),
                lines: files.collect(),
            });
        }
        // Those of which something is left first, and of these those in force.
        carriers.sort_by_key(|carrier| (carrier.lines.is_empty(), carrier.superseded));
        carriers
    }
}

fn change(state: &super::ledger::State) -> ClauseChange {
    ClauseChange { commit: state.commit.to_string(), grade: state.grade, tipped: state.tipped.clone() }
}

/// Tells of clauses that are gone how they stood last.
///
/// # Errors
/// What reading may give; what cannot be seen is left out.
pub fn as_they_were(source: &Source, links: &Links, clauses: &mut [BehindClause]) -> Result<(), Error> {
    let paths = links.paths();
    for gone in clauses.iter_mut().filter(|clause| clause.clause.is_none() && clause.was.is_none()) {
        let Some(commit) = gone.removed_in.as_ref().and_then(|commit| commit.parse::<CommitId>().ok()) else {
            continue;
        };
        let Some(&path) = paths.get(&gone.path) else { continue };
        let Ok(commit) = Oid::from_raw(commit.as_bytes()) else { continue };
        for &parent in source.repo.parents(commit)?.iter() {
            let blob = match source.repo.file_at(parent, path) {
                Ok(Some((mode, blob))) if mode.is_file() => blob,
                Ok(_) | Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => continue,
                Err(other) => return Err(other.into()),
            };
            let document = source.document(path.as_bstr(), &Content::Blob(blob))?;
            let at = document.clauses.iter().position(|clause| clause.anchor == gone.anchor);
            if let Some(at) = at {
                gone.was = Some(ClauseFact::new(&document, at));
                break;
            }
        }
    }
    Ok(())
}

/// Sorts clauses, the worst first: gone, then by grade, then by how often they changed; else as they come.
pub fn worst_first(clauses: &mut [BehindClause]) {
    let weight = |clause: &BehindClause| (clause.clause.is_none(), clause.grade, clause.changes.len());
    clauses.sort_by_key(|clause| std::cmp::Reverse(weight(clause)));
}
