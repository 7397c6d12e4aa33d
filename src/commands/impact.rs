//! `git spec impact`: from changed demands to the code that was made from what they said before.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::behind::{Behind, as_they_were, worst_first};
use super::diff::{self, side_name};
use super::doubts::{Doubts, Likeness, Open};
use super::ledger::Asked;
use super::lines::{self, Lines};
use super::links::{Judged, Links, unlinked};
use super::no_code;
use super::sides::{Side, Sides};
use super::source::{Source, settings};
use crate::error::Error;
use crate::git::Oid;
use crate::spec::Version;
use crate::spec::change::ChangeKind;
use crate::trace::answer::{Claim, State};
use crate::trace::{CommitId, Graph};
use crate::view::behind::BehindClause;
use crate::view::facts::{ChangeFact, ClauseFact, path_text};
use crate::view::impact::{ImpactReport, UntoldLink};
use crate::view::text::one_line;

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
    let mut lines = left(source, tip, &carriers, &links)?;
    by_words(
        source,
        tip,
        claims.iter().map(|(_, claims)| claims.iter().map(|claim| claim.carrier).collect()),
        &mut lines,
    )?;
    let mut clauses: Vec<BehindClause> =
        claims.iter().filter_map(|(lineage, claims)| behind.of_claims(*lineage, claims, &lines)).collect();
    as_they_were(source, &links, &mut clauses)?;
    let untold = untold(source, &links, tip, |judged| nobody_knows(&links, judged))?;
    Ok(report(source, tip, (None, None), (clauses, untold), &links))
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
    let mut lines = left(source, tip, &carriers, &links)?;
    by_words(
        source,
        tip,
        found.iter().map(|older| older.claims.iter().map(|claim| claim.carrier).collect()),
        &mut lines,
    )?;
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
    let alike = likenesses(source, &links, sides, tip, &changed.changes)?;
    let untold = untold(source, &links, tip, |judged| {
        let alike = alike.iter().filter(|(_, like)| like.may_be(judged) && !like.is_current(judged));
        alike.map(|(name, _)| name.clone()).collect()
    })?;
    Ok(report(source, tip, (Some(changed.from), Some(side_name(&sides.to))), (clauses, untold), &links))
}

/// The links that nobody can tie for certain and nothing settles, with the clauses that they may be about. Left out are those that
/// are about none, and superseded ones of whose commits no line is left.
fn untold(
    source: &Source,
    links: &Links,
    tip: Oid,
    clauses: impl Fn(&Judged) -> Vec<String>,
) -> Result<Vec<UntoldLink>, Error> {
    if links.ledger.is_none() {
        return Ok(Vec::new());
    }
    let open: Vec<(Open, Vec<String>)> = (Doubts::of(links).open(source, tip)?.into_iter())
        .map(|open| (clauses(open.judged), open))
        .filter(|(clauses, _)| !clauses.is_empty())
        .map(|(clauses, open)| (open, clauses))
        .collect();
    let superseded = open.iter().filter(|(open, _)| open.superseded).map(|(open, _)| open.carrier).collect();
    let lines = left(source, tip, &superseded, links)?;
    let told = |(open, clauses): (Open, Vec<String>)| UntoldLink {
        clauses,
        subject: links.by_carrier.get(&open.carrier).map(|carrier| carrier.subject.clone()).unwrap_or_default(),
        link: open.judged.fact.clone(),
    };
    let is_left = |open: &Open| !open.superseded || lines.contains_key(&open.carrier);
    let untold: Vec<UntoldLink> = open.into_iter().filter(|(open, _)| is_left(open)).map(told).collect();
    let mut unseen = untold.iter().map(|untold| &untold.link).filter(|link| link.resolution == "unknown");
    if let Some(link) = unseen.next().filter(|_| source.incomplete.borrow().is_empty()) {
        let (name, commit) = (one_line(&link.name()).into_owned(), link.commit.get(..10).unwrap_or(&link.commit));
        let more = match unseen.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        source.unseen(format!("what the link of {commit} to {name} says: {}{more}", link.reason));
    }
    Ok(untold)
}

/// Of a link that isn't tied for certain the clause that it names, where that has other words now or is not there.
fn nobody_knows(links: &Links, judged: &Judged) -> Vec<String> {
    let fact = &judged.fact;
    let by_lineage = judged.lineage.is_some();
    let mut standing = links.clauses.iter().filter(|standing| match by_lineage {
        true => standing.lineage == judged.lineage,
        false => {
            fact.anchor.as_ref() == Some(&standing.clause.anchor)
                && path_text(standing.clause.path.as_bstr()) == fact.path
        }
    });
    match standing.next() {
        Some(standing) if standing.clause.version.to_string() == fact.version => Vec::new(),
        Some(standing) => vec![name_of(&path_text(standing.clause.path.as_bstr()), Some(&standing.clause.anchor))],
        None => vec![name_of(&fact.path, fact.anchor.as_deref())],
    }
}

fn name_of(path: &str, anchor: Option<&str>) -> String {
    anchor.map_or_else(|| path.to_owned(), |anchor| format!("{path}#{anchor}"))
}

/// The clauses that changed, by name, and what tells that a link may be about one of them.
fn likenesses(
    source: &Source,
    links: &Links,
    sides: &Sides,
    tip: Oid,
    changes: &[ChangeFact],
) -> Result<Vec<(String, Likeness)>, Error> {
    let lineages = lineages(source, links, sides, tip, changes)?;
    let like = |(change, lineage): (&ChangeFact, Option<u32>)| {
        let mut like = Likeness::of(links, lineage, change.clause.as_ref().map(|clause| clause.version));
        for clause in change.was.iter().chain(&change.clause) {
            like.add_shown(&clause.path, &clause.anchor);
            like.add_version(clause.version);
        }
        let shown = change.shown()?;
        Some((name_of(&shown.path, Some(&shown.anchor)), like))
    };
    Ok(lineages.into_iter().filter_map(like).collect())
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

/// The clauses that were changed or removed, each with its lineage where that is known.
fn lineages<'c>(
    source: &Source,
    links: &Links,
    sides: &Sides,
    tip: Oid,
    changes: &'c [ChangeFact],
) -> Result<Vec<(&'c ChangeFact, Option<u32>)>, Error> {
    let Some(ledger) = &links.ledger else { return Ok(Vec::new()) };
    let graph = source.graph_behind(tip)?;
    let paths: BTreeMap<String, &BString> = links.paths();
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
    Ok(changes.iter().filter(|change| is_change(change)).map(|change| (change, lineage(change))).collect())
}

/// What was generated from older versions of clauses that were changed or removed.
fn older(source: &Source, links: &Links, sides: &Sides, tip: Oid, changes: &[ChangeFact]) -> Result<Vec<Older>, Error> {
    let behind = Behind::new(links);
    let mut found = Vec::new();
    for (change, lineage) in lineages(source, links, sides, tip, changes)? {
        let Some(lineage) = lineage else { continue };
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

/// Adds the files of clauses of whose code no line is left, where its words are.
fn by_words(
    source: &Source,
    tip: Oid,
    clauses: impl Iterator<Item = BTreeSet<CommitId>>,
    lines: &mut Lines,
) -> Result<(), Error> {
    let config = settings(&source.repo)?.unwrap_or_default();
    no_code::add_by_words(source, &config.generated.files, tip, &clauses.collect::<Vec<_>>(), lines)
}

fn report(
    source: &Source,
    tip: Oid,
    (from, to): (Option<String>, Option<String>),
    (mut clauses, untold): (Vec<BehindClause>, Vec<UntoldLink>),
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
        untold,
        files,
        raw_files,
        linked: links.ledger.is_some(),
        incomplete: source.incomplete.borrow().clone(),
    }
}
