//! `git spec show`.

use std::collections::BTreeSet;

use bstr::{BStr, ByteSlice};

use super::behind::Behind;
use super::clause_name;
use super::doubts::{Likeness, is_doubtful};
use super::lines;
use super::links::{Judged, Links};
use super::lives::{self, iso};
use super::reverts;
use super::source::{Source, settings};
use crate::error::Error;
use crate::git::Oid;
use crate::spec::Clause;
use crate::trace::CommitId;
use crate::trace::resolve::Sighting;
use crate::view::facts::ClauseFact;
use crate::view::log::Generated;
use crate::view::show::ShowReport;

/// One clause, its text and its life; its links judged at `at`, or else where the clause was named.
pub fn show(source: &Source, typed: &str, at: Option<&str>) -> Result<ShowReport, Error> {
    let named = clause_name::find(source, typed, None)?;
    let Some(tip) = named.commit else { return Err(Error::UnknownRevision { name: typed.to_owned() }) };
    let lives = lives::follow(source, tip, vec![named.place()], iso(), |_, _| Ok(true))?;
    let judged = at.map_or(Ok(tip), |at| source.repo.resolve(at))?;
    let (path, clause) = (named.documents[named.doc].path.as_bstr(), named.clause());
    let (generated, untold) = match judged == tip {
        true => {
            let links = Links::read(source, tip)?;
            let lineage = links.ledger.as_ref().and_then(|ledger| ledger.at_tip(path, &clause.anchor));
            (with_code(source, &links, tip, (path, clause))?, untold(&links, lineage, (path, clause)))
        }
        false => {
            let links = Links::read_anew(source, judged)?;
            (generated(&links, path, clause), untold(&links, lineage(&links, path, clause), (path, clause)))
        }
    };
    let (introduced, last_meaning_change, last_text_change) = lives.moments(0);
    Ok(ShowReport {
        schema: "git-spec/show/1",
        rev: tip.to_string(),
        clause: ClauseFact::new(&named.documents[named.doc], named.at),
        text: named.clause().text.clone(),
        introduced,
        last_meaning_change,
        last_text_change,
        history: lives.history(source, 0)?,
        generated,
        untold,
        incomplete: source.incomplete.borrow().clone(),
    })
}

/// What was generated from a clause, and of which commits in force any code is left.
fn with_code(
    source: &Source,
    links: &Links,
    tip: Oid,
    (path, clause): (&BStr, &Clause),
) -> Result<Vec<Generated>, Error> {
    let mut generated = links.from_clause(path, &clause.anchor);
    let Some(lineage) = links.ledger.as_ref().and_then(|ledger| ledger.at_tip(path, &clause.anchor)) else {
        return Ok(generated);
    };
    let behind = Behind::new(links);
    let in_force: BTreeSet<CommitId> =
        behind.in_force(lineage).into_iter().filter(|claim| !claim.affirms).map(|claim| claim.carrier).collect();
    // Blame is asked only where the files aren't as the commit left them.
    let as_left = |carrier: &CommitId| {
        let commit = Oid::from_raw(carrier.as_bytes()).ok();
        commit.and_then(|commit| reverts::stands(source, tip, commit)) == Some(true)
    };
    let (as_left, other): (BTreeSet<CommitId>, BTreeSet<CommitId>) = in_force.into_iter().partition(as_left);
    let config = settings(&source.repo)?.unwrap_or_default();
    let lines = lines::left(source, &config.generated.files, tip, &other, &links.reverts)?;
    for made in &mut generated {
        let Ok(carrier) = made.commit.parse::<CommitId>() else { continue };
        let holds = as_left.contains(&carrier) || lines.contains_key(&carrier);
        made.code = (holds || other.contains(&carrier)).then_some(holds);
    }
    Ok(generated)
}

/// Links that may be about a clause and are tied to nothing for certain, by commit.
fn untold(links: &Links, lineage: Option<u32>, (path, clause): (&BStr, &Clause)) -> Vec<Generated> {
    let mut like = Likeness::of(links, lineage, None);
    like.add_name(&path.to_owned(), &clause.anchor);
    like.add_version(clause.version());
    let is_listed = |judged: &Judged| lineage.is_some_and(|lineage| judged.is_about(lineage));
    links.generated(|judged| is_doubtful(judged) && !is_listed(judged) && like.may_be(judged))
}

/// What was generated from a clause, where links are judged at another revision than the one it was named at: there it
/// may have another name, so the state that it is in tells it first.
fn generated(links: &Links, path: &BStr, clause: &Clause) -> Vec<Generated> {
    let lineage = lineage(links, path, clause);
    lineage.map(|lineage| links.generated(|judged| judged.is_about(lineage))).unwrap_or_default()
}

/// The lineage of a clause that was named at some revision, in the history that links were judged in.
pub(super) fn lineage(links: &Links, path: &BStr, clause: &Clause) -> Option<u32> {
    let ledger = links.ledger.as_ref()?;
    let named = |seen: &&Sighting| seen.path == path && seen.anchor.as_deref() == Some(&clause.anchor);
    let seen = ledger.sightings.get(&clause.version()).into_iter().flatten().find(named);
    seen.map(|seen| seen.lineage).or_else(|| ledger.at_tip(path, &clause.anchor))
}
