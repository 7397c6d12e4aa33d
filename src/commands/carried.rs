//! What was judged of a commit, carried over to a later one where the answer is certainly the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::ByteSlice;

use super::ledger::commit_id;
use super::link_scan::is_word;
use super::links::{Carrier, Judged, Links, NOTES, subject};
use super::source::Source;
use super::standing;
use crate::error::Error;
use crate::git::Oid;
use crate::index::Index;
use crate::trace::answer::{Claim, answer};
use crate::trace::freshness::Freshness;
use crate::trace::link::{LinkVersion, SHORTEST_COMMIT, Source as Origin};
use crate::trace::message::Extracted;
use crate::trace::{CommitId, Link, message};
use crate::view::facts::{LinkFact, path_text};

/// Most commits over which judgements are carried.
const CARRIED: usize = 64;

/// A commit that came after what was judged, with its links.
struct Passed {
    commit: CommitId,
    subject: String,
    links: Vec<Link>,
}

/// What was judged of a commit, where nothing that has another say came after it. From there to `tip` leads one line of
/// commits that are no merges, leave the specification alone, and have no note nor say that they revert anything; none of
/// them begins as a commit that a link names; and no carrier was reverted before, for whether a reverted carrier's code
/// stands is told by the files of the tip. So no clause, lineage, link or ancestor differs, and of the references only that of
/// the tip has moved. Links that they have say what others said before, word by word, and are judged as those were.
pub(super) fn carried(source: &Source, index: &Index, tip: Oid, name: &str) -> Result<Option<Links>, Error> {
    let with = name.split_once('-').map_or("", |(_, notes)| notes);
    let ends: Vec<Oid> = (standing::names(index).iter())
        .filter_map(|name| Oid::from_hex(name.strip_suffix(with)?.strip_suffix('-')?.as_bytes()).ok())
        .collect();
    let notes = source.repo.notes_now(NOTES)?;
    let (mut at, mut passed) = (tip, Vec::new());
    while !ends.contains(&at) {
        let parents = source.repo.parents(at)?;
        let [parent] = parents.as_slice() else { return Ok(None) };
        let message = source.repo.message(at)?;
        let says = message.names_revert() || notes.note(at)?.is_some();
        if ends.is_empty() || passed.len() == CARRIED || says || !source.spec_changes(Some(*parent), at)?.is_empty() {
            return Ok(None);
        }
        let Some(commit) = commit_id(at) else { return Ok(None) };
        let read = if message.names_spec() { message::extract(&message.bytes) } else { Extracted::default() };
        if read.rejected.iter().any(is_word) || !read.passed_over.is_empty() {
            return Ok(None);
        }
        let links = read.links;
        passed.push(Passed { commit, subject: subject(&message.bytes), links });
        at = *parent;
    }
    let Some(mut links) = standing::kept_as(source, index, tip, &format!("{at}-{with}"))? else { return Ok(None) };
    let is_named = |passed: &Passed| {
        passed.commit.to_string().get(..SHORTEST_COMMIT).is_some_and(|start| links.named.contains(start))
    };
    if links.reverted || passed.iter().any(is_named) {
        return Ok(None);
    }
    let linked: Vec<Passed> = passed.into_iter().rev().filter(|passed| !passed.links.is_empty()).collect();
    let is_carried = linked.is_empty() || add(source, &mut links, linked)?;
    Ok(is_carried.then_some(links))
}

/// A link as it is told apart from others: path, anchor, version and the commit that it names, in full.
type Said = (String, String, String, String);

/// Adds the links of later commits, oldest first, where each says what a counted one said before; `false` where one doesn't,
/// and then what was added is of no use.
fn add(source: &Source, links: &mut Links, passed: Vec<Passed>) -> Result<bool, Error> {
    let known = said_before(links);
    let mut later: HashMap<CommitId, usize> = HashMap::new();
    let mut touched: BTreeSet<u32> = BTreeSet::new();
    for (number, Passed { commit, subject, links: own }) in passed.into_iter().enumerate() {
        let mut judged: Vec<Judged> = Vec::new();
        for link in &own {
            let Some(said) = said(source, link)? else { return Ok(false) };
            let Some(as_before) = known.get(&said) else { return Ok(false) };
            judged.push(said_by(commit, as_before));
        }
        // Two that speak of one clause are weighed against each other.
        let about: HashSet<Option<u32>> = judged.iter().map(|judged| judged.lineage).collect();
        if about.len() != judged.len() {
            return Ok(false);
        }
        later.insert(commit, number);
        touched.extend(judged.iter().filter_map(|judged| judged.lineage));
        links.by_carrier.insert(commit, Carrier { subject, links: judged });
    }
    // Each of them descends from all that was there before.
    let descends = |new: CommitId, old: CommitId| match (later.get(&new), later.get(&old)) {
        (Some(new), Some(old)) => new > old,
        (new, None) => new.is_some(),
        _ => false,
    };
    let mut answers = Vec::new();
    let by_lineage = links.by_lineage();
    for lineage in touched {
        let claims: Vec<Claim> = by_lineage.get(&lineage).into_iter().flatten().map(|claim| **claim).collect();
        answers.push((lineage, answer(&claims, descends)));
    }
    for (lineage, answer) in answers {
        links.answers.insert(lineage, answer);
        // Nothing in force is behind any more.
        links.changes.remove(&lineage);
    }
    Ok(true)
}

/// The links that may be said again: exact, fresh, of one clause, and nobody says that their commit was reverted.
fn said_before(links: &Links) -> HashMap<Said, Judged> {
    let mut known = HashMap::new();
    for (carrier, judged) in links.all() {
        let fact = &judged.fact;
        let is_plain = fact.resolution == "exact" && fact.undone_by.is_none() && fact.said_undone_by.is_none();
        let is_fresh = matches!(judged.claims.as_slice(), [claim] if claim.freshness == Freshness::Fresh);
        if let (true, true, Some(anchor), Some(at)) = (is_plain, is_fresh, &fact.anchor, &fact.resolved_commit)
            && *at != carrier.to_string()
        {
            let said = (fact.path.clone(), anchor.clone(), fact.version.clone(), at.clone());
            known.entry(said).or_insert_with(|| judged.clone());
        }
    }
    known
}

/// What a link says, if it is one that can say what was said before.
fn said(source: &Source, link: &Link) -> Result<Option<Said>, Error> {
    let (Origin::Trailer, None, LinkVersion::Known(version)) = (link.source, &link.foreign, &link.version) else {
        return Ok(None);
    };
    let (Some(anchor), Some(hex)) = (&link.anchor, &link.commit) else { return Ok(None) };
    let Some(commit) = source.repo.commit_starting(hex)? else { return Ok(None) };
    Ok(Some((path_text(link.path.as_bstr()), anchor.clone(), version.to_string(), commit.to_string())))
}

/// What was judged of a link, said by another commit in its trailers.
fn said_by(carrier: CommitId, before: &Judged) -> Judged {
    let fact = LinkFact { commit: carrier.to_string(), source: "trailer".to_owned(), ..before.fact.clone() };
    let claims = before.claims.iter().map(|claim| Claim { carrier, affirms: false, ..*claim }).collect();
    Judged { fact, claims, ..before.clone() }
}
