//! Names of clauses that a person typed into a message and that nobody completed, for the hooks were not there or were passed
//! over: no links, but certain words for one.

use super::cite::cite_document;
use super::clause_name;
use super::link::Meant;
use super::source::Source;
use super::typed::word;
use crate::error::Error;
use crate::git::Oid;
use crate::trace::link::Link;
use crate::trace::message::Rejected;
use crate::trace::{link::Source as Origin, message};
use crate::view::text::shell_quote;

/// A clause that a message names without its version.
#[derive(Clone, Debug)]
pub struct Uncompleted {
    /// As it was typed.
    pub typed: String,
    /// The command that links it as the commit's own tree has it, which is what the hook would have written.
    pub command: String,
    what: (bstr::BString, Option<String>),
}

impl Uncompleted {
    /// What a value of a commit's trailer names in the tree of that commit; none where it names nothing, or more than one.
    ///
    /// # Errors
    /// What reading the repository may give.
    pub fn read(source: &Source, commit: Oid, value: &Rejected) -> Result<Option<Uncompleted>, Error> {
        let Some(typed) = word(&value.value).filter(|_| value.source == Origin::Trailer) else { return Ok(None) };
        let hex = commit.to_string();
        let found = match cite_document(source, typed, Some(&hex)) {
            Ok(Some(link)) => Ok(Meant::Document(link)),
            Ok(None) => clause_name::find(source, typed, Some(&hex)).map(Meant::Clause),
            Err(error) => Err(error),
        };
        let what = match found {
            Ok(Meant::Document(link)) => (link.path, link.anchor),
            Ok(Meant::Clause(named)) => (named.documents[named.doc].path.clone(), Some(named.clause().anchor.clone())),
            Err(
                Error::NoSuchClause { .. }
                | Error::AmbiguousClause { .. }
                | Error::UnknownRevision { .. }
                | Error::AmbiguousArgument { .. }
                | Error::Usage { .. },
            ) => return Ok(None),
            Err(other) => return Err(other),
        };
        let command = format!("git spec link {} {}", commit.short(10), shell_quote(typed));
        Ok(Some(Uncompleted { typed: typed.to_owned(), command, what }))
    }

    /// The clause by its path and anchor there; none where a whole document is named.
    pub fn clause(&self) -> Option<(bstr::BString, String)> {
        let (path, anchor) = &self.what;
        Some((path.clone(), anchor.clone()?))
    }

    /// Whether a link is to this clause.
    pub fn is_named_by(&self, link: &Link) -> bool {
        link.foreign.is_none() && (&link.path, &link.anchor) == (&self.what.0, &self.what.1)
    }
}

/// The clauses that the message of a commit names so.
///
/// # Errors
/// What reading the repository may give.
pub fn of_commit(source: &Source, commit: Oid) -> Result<Vec<Uncompleted>, Error> {
    let found = message::extract(&source.repo.message(commit)?.bytes);
    let mut all = Vec::new();
    for value in &found.rejected {
        all.extend(Uncompleted::read(source, commit, value)?);
    }
    Ok(all)
}
