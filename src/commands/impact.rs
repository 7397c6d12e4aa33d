//! `git spec impact`: from changed demands to the code that was made from what they said before.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::behind::{Behind, as_they_were, worst_first};
use super::diff::{self, side_name};
use super::ledger::Asked;
use super::lines::{self, Lines};
use super::links::{Links, unlinked};
use super::sides::{Side, Sides};
use super::source::{Source, settings};
use crate::error::Error;
use crate::git::Oid;
use crate::spec::Version;
use crate::spec::change::ChangeKind;
use crate::trace::answer::{Claim, State};
use crate::trace::{CommitId, Graph};
use crate::view::behind::BehindClause;
use crate::view::facts::{ChangeFact, ClauseFact};
use crate::view::impact::ImpactReport;

/// The code behind every clause that is stale, contested or gone at HEAD.
pub fn all(source: &Source) -> Result<ImpactReport, Error> {
    let tip = source.repo.resolve("HEAD")?;
    let links = Links::read(source, tip)?;
    if links.ledger.is_none() {
        unlinked(source, tip)?;
    }
    let behind = Behind::new(&links);
    let states = [None, Some(State::Stale), Some(State::Contested)];
    let lineages: Vec<u32> = states.into_iter().flat_map(|state| behind.lineages(state)).collect();
    let claims: Vec<(u32, Vec<&Claim>)> = lineages.iter().map(|&lineage| (lineage, behind.all(lineage))).collect();
    let carriers = claims.iter().flat_map(|(_, claims)| claims).map(|claim| claim.carrier).collect();
    let lines = left(source, tip, &carriers, &links)?;
    let mut clauses: Vec<BehindClause> =
        claims.iter().filter_map(|(lineage, claims)| behind.of_claims(*lineage, claims, &lines)).collect();
    as_they_were(source, &links, &mut clauses)?;
    Ok(report(source, tip, (None, None), clauses, &links))
}

/// The code behind what changed between two sides.
pub fn between(source: &Source, sides: &Sides) -> Result<ImpactReport, Error> {
    let changed = diff::diff(source, sides, &[])?;
    let tip = match &sides.to {
        Side::Commit(tip) => *tip,
        _ => source.repo.resolve("HEAD")?,
    };
    let links = links(source, sides, tip, &changed.changes)?;
    if links.ledger.is_none() {
        unlinked(source, tip)?;
    }
    let found = older(source, &links, sides, tip, &changed.changes)?;
    let behind = Behind::new(&links);
    let carriers = found.iter().flat_map(|older| &older.claims).map(|claim| claim.carrier).collect();
    let lines = left(source, tip, &carriers, &links)?;
    let clause = |older: &Older| {
        let told = behind.of_claims(older.lineage, &older.claims.iter().collect::<Vec<_>>(), &lines)?;
        Some(BehindClause {
            clause: older.change.clause.clone(),
            was: older.change.was.clone().filter(|_| older.change.clause.is_none()),
            grade: older.change.grade,
            tipped: older.change.tipped.clone(),
            ..told
        })
    };
    let clauses = found.iter().filter_map(clause).collect();
    Ok(report(source, tip, (Some(changed.from), Some(side_name(&sides.to))), clauses, &links))
}

/// The links of `tip`, and who bore the names of clauses that only the older side has.
fn links(source: &Source, sides: &Sides, tip: Oid, changes: &[ChangeFact]) -> Result<Links, Error> {
    let committed = matches!(sides.to, Side::Commit(_));
    let from = match &sides.from {
        Side::Commit(from) if *from != tip => *from,
        _ => return Links::read(source, tip),
    };
    let by_old_name = |change: &&ChangeFact| is_change(change) && !(committed && change.clause.is_some());
    let was = changes.iter().filter(by_old_name).filter_map(|change| change.was.as_ref());
    let names: BTreeSet<(BString, Option<String>)> =
        was.map(|was| (BString::from(was.path.as_str()), Some(was.anchor.clone()))).collect();
    let links = Links::read(source, tip)?;
    if names.is_empty() || links.ledger.is_none() {
        return Ok(links);
    }
    Links::read_asking(source, tip, Asked::from([(from, names)]))
}

/// A changed clause, and what was generated from older versions of it.
struct Older {
    change: ChangeFact,
    lineage: u32,
    claims: Vec<Claim>,
}

/// What was generated from older versions of clauses that were changed or removed.
fn older(source: &Source, links: &Links, sides: &Sides, tip: Oid, changes: &[ChangeFact]) -> Result<Vec<Older>, Error> {
    let Some(ledger) = &links.ledger else { return Ok(Vec::new()) };
    let graph = source.graph_behind(tip)?;
    let paths: BTreeMap<String, &BString> = links.paths();
    let behind = Behind::new(links);
    let committed = matches!(sides.to, Side::Commit(_));
    let lineage = |change: &ChangeFact| -> Option<u32> {
        if let (true, Some(clause)) = (committed, &change.clause) {
            return ledger.at_tip(paths.get(&clause.path)?.as_bstr(), &clause.anchor);
        }
        let was = change.was.as_ref()?;
        // A file that was only renamed has no state under its older name.
        let path = paths.get(&was.path).map_or_else(|| BString::from(was.path.as_str()), |path| (*path).clone());
        let path = path.as_bstr();
        match &sides.from {
            Side::Commit(from) if *from == tip => ledger.at_tip(path, &was.anchor),
            Side::Commit(from) => {
                let from = reached(&graph, *from)?;
                ledger.bearer(&graph, path, &was.anchor, from)
            }
            _ => None,
        }
    };
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| is_change(change)) {
        let Some(lineage) = lineage(change) else { continue };
        let now: Option<Version> = change.clause.as_ref().map(|clause| clause.version);
        let claims: Vec<Claim> = behind.older(lineage, now).into_iter().copied().collect();
        if !claims.is_empty() {
            found.push(Older { change: ChangeFact { before: None, after: None, ..change.clone() }, lineage, claims });
        }
    }
    Ok(found)
}

/// The files that commits touched which were generated from older versions of changed clauses, with no regard to what is
/// left of them.
pub fn touched_files(source: &Source, sides: &Sides, changes: &[ChangeFact]) -> Result<Vec<BString>, Error> {
    let Some(tip) = tip_of(source, sides)?.filter(|_| changes.iter().any(is_change)) else { return Ok(Vec::new()) };
    let links = links(source, sides, tip, changes)?;
    if links.ledger.is_none() {
        return Ok(Vec::new());
    }
    let generated = settings(&source.repo)?.unwrap_or_default().generated.files;
    let found = older(source, &links, sides, tip, changes)?;
    let carriers: BTreeSet<CommitId> =
        found.iter().flat_map(|older| &older.claims).map(|claim| claim.carrier).collect();
    let mut files = BTreeSet::new();
    for carrier in carriers {
        files.extend(lines::touched(source, carrier)?);
    }
    files.retain(|path| !source.set.matches(path) && (generated.is_empty() || generated.matches(path)));
    let is_there = |path: &BString| source.repo.file_at(tip, path).is_ok_and(|file| file.is_some());
    Ok(files.into_iter().filter(is_there).collect())
}

/// Whether code may be behind it. A clause of few words has another version, and its links are stale, where its title alone
/// differs.
fn is_change(change: &ChangeFact) -> bool {
    let version = |clause: &Option<ClauseFact>| clause.as_ref().map(|clause| clause.version);
    let has_another = change.was.is_some() && version(&change.was) != version(&change.clause);
    change.is(ChangeKind::Removed) || change.is(ChangeKind::Modified) || has_another
}

fn tip_of(source: &Source, sides: &Sides) -> Result<Option<Oid>, Error> {
    Ok(match &sides.to {
        Side::Commit(tip) => Some(*tip),
        _ => source.repo.head()?,
    })
}

fn reached(graph: &Graph, commit: Oid) -> Option<CommitId> {
    super::ledger::commit_id(commit).filter(|&commit| graph.contains(commit))
}

fn left(source: &Source, tip: Oid, carriers: &BTreeSet<CommitId>, links: &Links) -> Result<Lines, Error> {
    let config = settings(&source.repo)?.unwrap_or_default();
    lines::left(source, &config.generated.files, tip, carriers, &links.reverts)
}

fn report(
    source: &Source,
    tip: Oid,
    (from, to): (Option<String>, Option<String>),
    mut clauses: Vec<BehindClause>,
    links: &Links,
) -> ImpactReport {
    worst_first(&mut clauses);
    let files: BTreeMap<BString, String> = clauses
        .iter()
        .flat_map(|clause| &clause.carriers)
        .flat_map(|carrier| &carrier.lines)
        .map(|file| (file.raw.clone(), file.path.clone()))
        .collect();
    let (raw_files, files) = files.into_iter().unzip();
    ImpactReport {
        schema: "git-spec/impact/1",
        from,
        to,
        rev: tip.to_string(),
        clauses,
        files,
        raw_files,
        linked: links.ledger.is_some(),
        incomplete: source.incomplete.borrow().clone(),
    }
}
