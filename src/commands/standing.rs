//! How every clause of a revision stands, and what is kept of it: the same commit with the same notes is judged once.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::carried;
use super::ledger::{Ledger, State as LedgerState};
use super::links::{Carrier, Links};
use super::sides::Side;
use super::source::Source;
use crate::error::Error;
use crate::git::Oid;
use crate::index::Index;
use crate::spec::matching::Document;
use crate::trace::answer::{Answer, State};
use crate::trace::facts::ClauseState;
use crate::trace::revert::Reverts;
use crate::trace::{CommitId, Graph};

/// The sort of what is kept here.
const SORT: &str = "links";

/// Words that make a demand of a text (RFC 2119).
const DEMANDS: [&str; 7] = ["MUST", "SHALL", "SHOULD", "REQUIRED", "RECOMMENDED", "MAY", "OPTIONAL"];

/// A clause of the revision.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// As the revision has it.
    pub clause: ClauseState,
    /// The lineage that it is the end of; none where nothing is linked.
    pub lineage: Option<u32>,
    /// Whether it demands anything: it has an id, or a word that demands.
    pub demands: bool,
}

/// Whether a clause demands anything. Headings and prose without an id don't.
pub fn demands(id: Option<&str>, text: &str) -> bool {
    let word = |word: &str| DEMANDS.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()));
    id.is_some() || text.split_whitespace().any(word)
}

/// Whether a clause of a document demands anything.
pub fn clause_demands(document: &Document, at: usize) -> bool {
    let clause = &document.clauses[at];
    if clause.tokens().is_empty() {
        return false;
    }
    // What only stands above other clauses is their title.
    let above = document.clauses.get(at + 1).is_some_and(|next| next.parent == Some(at));
    demands(clause.id.as_deref().filter(|_| !above), &clause.text)
}

/// All clauses of a revision, in order of files and lines.
pub fn clauses(source: &Source, tip: Oid, ledger: Option<&Ledger>) -> Result<Vec<Standing>, Error> {
    let mut all = Vec::new();
    for document in source.documents(&Side::Commit(tip))? {
        for (at, clause) in document.clauses.iter().enumerate() {
            let lineage = ledger.and_then(|ledger| ledger.at_tip(document.path.as_ref(), &clause.anchor));
            let state = ClauseState::of(&document, at);
            let demands = clause_demands(&document, at);
            all.push(Standing { clause: state, lineage, demands });
        }
    }
    Ok(all)
}

/// How many clauses a revision has, and how many of them demand something; counted once.
pub fn count(source: &Source, tip: Oid) -> Result<(usize, usize), Error> {
    const SORT: &str = "counts";
    let kept = source.index().and_then(|index| index.kept(SORT, &tip.to_string()));
    if let Some(count) = kept.and_then(|body| postcard::from_bytes(&body).ok()) {
        return Ok(count);
    }
    let unseen = source.unseen_so_far();
    let clauses = clauses(source, tip, None)?;
    let count = (clauses.len(), clauses.iter().filter(|standing| standing.demands).count());
    if let (Some(index), Ok(body)) = (source.index(), postcard::to_allocvec(&count))
        && source.unseen_so_far() == unseen
    {
        index.keep_answer(SORT, &tip.to_string(), &body);
    }
    Ok(count)
}

/// The changes of each lineage that is behind, since the claim in force that is furthest behind, newest first; of one
/// that went, its removal too.
pub fn changes(links: &Links, graph: &Graph) -> BTreeMap<u32, Vec<LedgerState>> {
    let mut changes: BTreeMap<u32, Vec<LedgerState>> = BTreeMap::new();
    let Some(ledger) = &links.ledger else { return changes };
    for (lineage, claims) in links.by_lineage() {
        let is_behind = |answer: &&Answer| matches!(answer.state, State::Stale | State::Contested);
        let Some(answer) = links.answers.get(&lineage).filter(is_behind) else { continue };
        let in_force = answer.in_force.iter().filter_map(|&at| claims.get(at));
        for claim in in_force.filter(|claim| claim.is_behind()) {
            let since = ledger.modified_since(graph, lineage, claim.since);
            let known = changes.entry(lineage).or_default();
            if since.len() > known.len() {
                *known = since.into_iter().cloned().collect();
            }
        }
    }
    changes
}

/// What is written of [`Links`]: states only of linked lineages.
#[derive(Serialize, Deserialize)]
struct Stored {
    by_carrier: Vec<(CommitId, Carrier)>,
    lineages: Option<Vec<Vec<LedgerState>>>,
    answers: Vec<(u32, Answer)>,
    changes: BTreeMap<u32, Vec<LedgerState>>,
    reverts: Reverts,
    clauses: Vec<Standing>,
    /// The references, hashed, where a link names a commit that the revision doesn't reach: then they have a say.
    references: Option<Vec<u8>>,
    /// See [`Links::named`].
    named: BTreeSet<String>,
    /// See [`Links::reverted`].
    reverted: bool,
    /// See [`Links::on_purpose`].
    on_purpose: BTreeSet<u32>,
    /// See [`Links::typed`].
    typed: Vec<(bstr::BString, String, CommitId)>,
    /// See [`Links::passed_over`].
    passed_over: BTreeMap<CommitId, Vec<String>>,
}

/// The name under which the links of a revision are kept: they depend on the commit and on the notes.
fn name(source: &Source, tip: Oid) -> Result<String, Error> {
    let notes = source.repo.link_notes_tip()?;
    Ok(format!("{tip}-{}", notes.map_or_else(|| "none".to_owned(), |notes| notes.to_string())))
}

/// What was judged before of the same commit and notes.
pub fn kept(source: &Source, tip: Oid) -> Result<Option<Links>, Error> {
    let Some(index) = source.index().filter(|index| !index.kept_names(SORT).is_empty()) else { return Ok(None) };
    let name = name(source, tip)?;
    if let Some(stored) = index.kept(SORT, &name).and_then(|body| postcard::from_bytes::<Stored>(&body).ok()) {
        return Ok(hold(source, tip, &stored)?.then(|| links(stored)));
    }
    let Some(links) = carried::carried(source, index, tip, &name)? else { return Ok(None) };
    keep(source, tip, &links)?;
    Ok(Some(links))
}

/// What was judged of a commit with notes, under this name, if the references have no say or are what they were; `tip` is the one that is asked about.
pub(super) fn kept_as(source: &Source, index: &Index, tip: Oid, name: &str) -> Result<Option<Links>, Error> {
    let stored = index.kept(SORT, name).and_then(|body| postcard::from_bytes::<Stored>(&body).ok());
    match stored {
        Some(stored) if hold(source, tip, &stored)? => Ok(Some(links(stored))),
        _ => Ok(None),
    }
}

/// The names under which judgements are kept.
pub(super) fn names(index: &Index) -> Vec<String> {
    index.kept_names(SORT)
}

/// Whether the references are what they were, as far as they had a say.
fn hold(source: &Source, tip: Oid, stored: &Stored) -> Result<bool, Error> {
    Ok(match &stored.references {
        Some(known) => *known == references(source, tip)?,
        None => true,
    })
}

/// What was written, as it was judged.
fn links(stored: Stored) -> Links {
    let looked_everywhere = stored.references.is_some();
    let tips = stored.clauses.iter().filter_map(|standing| {
        let clause = &standing.clause;
        Some((&clause.path, clause.anchor.as_str(), clause.version, standing.lineage?))
    });
    let ledger = stored.lineages.map(|lineages| Ledger::of_kept(lineages, tips));
    Links {
        ledger,
        by_carrier: stored.by_carrier.into_iter().collect(),
        answers: stored.answers.into_iter().collect(),
        changes: stored.changes,
        reverts: stored.reverts,
        clauses: stored.clauses,
        looked_everywhere,
        named: stored.named,
        reverted: stored.reverted,
        on_purpose: stored.on_purpose,
        typed: stored.typed.into_iter().map(|(path, anchor, commit)| ((path, anchor), commit)).collect(),
        passed_over: stored.passed_over,
    }
}

/// All references and what they point to, hashed; those of the tip by that word, as they move with it.
fn references(source: &Source, tip: Oid) -> Result<Vec<u8>, Error> {
    let all = source.repo.references()?.replace(tip.to_string(), "tip");
    Ok(Sha256::digest(all).to_vec())
}

/// Keeps what was judged.
pub fn keep(source: &Source, tip: Oid, links: &Links) -> Result<(), Error> {
    let Some(index) = source.index() else { return Ok(()) };
    let linked: BTreeSet<u32> = links.all().filter_map(|(_, judged)| judged.lineage).collect();
    let claimed: BTreeSet<u32> = links.all().flat_map(|(_, judged)| &judged.claims).map(|c| c.lineage).collect();
    let of_linked = |(lineage, states): (usize, &Vec<LedgerState>)| {
        let lineage = lineage as u32;
        if linked.contains(&lineage) || claimed.contains(&lineage) { states.clone() } else { Vec::new() }
    };
    let lineages = links.ledger.as_ref().map(|ledger| ledger.lineages.iter().enumerate().map(of_linked).collect());
    let mut answers: Vec<(u32, Answer)> = links.answers.iter().map(|(&lineage, a)| (lineage, a.clone())).collect();
    answers.sort_by_key(|(lineage, _)| *lineage);
    let stored = Stored {
        by_carrier: links.by_carrier.iter().map(|(&id, carrier)| (id, carrier.clone())).collect(),
        lineages,
        answers,
        changes: links.changes.clone(),
        reverts: links.reverts.clone(),
        clauses: links.clauses.clone(),
        references: links.looked_everywhere.then(|| references(source, tip)).transpose()?,
        named: links.named.clone(),
        reverted: links.reverted,
        on_purpose: links.on_purpose.clone(),
        typed: links.typed.iter().map(|((path, anchor), &commit)| (path.clone(), anchor.clone(), commit)).collect(),
        passed_over: links.passed_over.clone(),
    };
    if let Ok(body) = postcard::to_allocvec(&stored) {
        index.keep_answer(SORT, &name(source, tip)?, &body);
    }
    Ok(())
}
