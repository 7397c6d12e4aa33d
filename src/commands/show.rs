//! `git spec show`.

use bstr::{BStr, ByteSlice};

use super::clause_name;
use super::links::Links;
use super::lives::{self, iso};
use super::source::Source;
use crate::error::Error;
use crate::spec::Clause;
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
    let generated = match judged == tip {
        true => Links::read(source, tip)?.from_clause(path, &clause.anchor),
        false => generated(&Links::read_anew(source, judged)?, path, clause),
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
        incomplete: source.incomplete.borrow().clone(),
    })
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
