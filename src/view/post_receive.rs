//! What `post-receive` tells: what a push did to the specification, for the pusher, mail or chat.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::change::{id_column, path_of, show_change, tally, worst};
use super::facts::ChangeFact;
use super::text::{one_line, quote_path};
use crate::error::Error;

/// Changes of a branch that are shown; the rest is a number.
const SHOWN: usize = 20;
/// Digits of a commit.
const SHORT: usize = 9;

/// The answer of `git spec hook post-receive`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PostReceiveReport {
    /// `git-spec/post-receive/1`.
    pub schema: &'static str,
    /// The branches that the push moved, in its order.
    pub refs: Vec<MovedRef>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// A branch that a push moved.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MovedRef {
    /// Its full name.
    #[serde(rename = "ref")]
    pub name: String,
    /// Its commit before; null where it is new.
    pub old: Option<String>,
    /// Its commit after; null where it is gone.
    pub new: Option<String>,
    /// The commit that the changes are told from: the old one, of a new branch where it left the default branch; null
    /// where they are told from nothing.
    pub base: Option<String>,
    /// What became of the clauses.
    pub changes: Vec<ChangeFact>,
}

impl PostReceiveReport {
    /// Writes the text for people: nothing where the specification is as it was.
    pub fn show(&self, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        for moved in &self.refs {
            let changes: Vec<&ChangeFact> = moved.changes.iter().filter(|change| !change.is_noise()).collect();
            if changes.is_empty() {
                continue;
            }
            let short =
                |id: &Option<String>| id.as_ref().and_then(|id| id.get(..SHORT)).unwrap_or("nothing").to_owned();
            let name = quote_path(moved.name.as_bytes());
            let (from, to) = (short(&moved.base), short(&moved.new));
            out.line(&format!("Specification of {} from {from} to {to}: {}", one_line(&name), tally(&changes, style)))?;
            let shown = worst(&changes, SHOWN);
            let column = id_column(&shown);
            for file in shown.chunk_by(|a, b| path_of(a) == path_of(b)) {
                out.line(&format!("  {}", one_line(path_of(file[0]))))?;
                file.iter().try_for_each(|change| show_change(change, 4, column, out))?;
            }
            if changes.len() > SHOWN {
                out.line(&format!("  and {} more: git spec diff {from} {to}", changes.len() - SHOWN))?;
            }
        }
        Ok(())
    }
}
