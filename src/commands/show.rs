//! `git spec show`.

use bstr::ByteSlice;

use super::clause_name;
use super::links::Links;
use super::lives::{self, iso};
use super::source::Source;
use crate::error::Error;
use crate::view::facts::ClauseFact;
use crate::view::show::ShowReport;

/// One clause, its text and its life.
pub fn show(source: &Source, typed: &str, rev: Option<&str>) -> Result<ShowReport, Error> {
    let named = clause_name::find(source, typed, rev)?;
    let Some(tip) = named.commit else { return Err(Error::UnknownRevision { name: typed.to_owned() }) };
    let lives = lives::follow(source, tip, vec![named.place()], iso(), |_, _| Ok(true))?;
    let links = Links::read(source, tip)?;
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
        generated: links.from_clause(named.documents[named.doc].path.as_bstr(), &named.clause().anchor),
        incomplete: source.incomplete.borrow().clone(),
    })
}
