//! `git spec show`.

use bstr::ByteSlice;

use super::clause_name;
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
    let (introduced, last_meaning_change, last_text_change) = lives.moments(0);
    let path = &named.documents[named.doc].path;
    Ok(ShowReport {
        schema: "git-spec/show/1",
        rev: tip.to_string(),
        clause: ClauseFact::new(path.as_bstr(), named.clause()),
        text: named.clause().text.clone(),
        introduced,
        last_meaning_change,
        last_text_change,
        history: lives.history(0),
        generated: Vec::new(),
        incomplete: source.incomplete.borrow().clone(),
    })
}
