//! `git spec notes fetch` and `push`: what became of the notes.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::text::one_line;
use crate::error::Error;

/// The answer of `git spec notes`.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct NotesReport {
    /// `git-spec/notes/1`.
    pub schema: &'static str,
    /// The remote.
    pub remote: String,
    /// Whether notes were fetched from it.
    pub fetched: bool,
    /// How many notes got lines here.
    pub changed: usize,
    /// Whether the remote got something.
    pub pushed: bool,
    /// What threatens the notes here, in words.
    pub warnings: Vec<String>,
}

impl NotesReport {
    /// Writes a line for people.
    pub fn show(&self, pushes: bool, out: &mut Output) -> Result<(), Error> {
        let remote = one_line(&self.remote);
        let taken = match (self.changed, self.fetched) {
            (0, false) if !pushes => format!("{remote} has no notes"),
            (0, _) => "nothing new".to_owned(),
            (1, _) => format!("1 note has new lines from {remote}"),
            (n, _) => format!("{n} notes have new lines from {remote}"),
        };
        match (pushes, self.pushed, self.changed) {
            (false, ..) => out.line(&taken),
            (true, true, 0) => out.line(&format!("pushed to {remote}")),
            (true, true, _) => out.line(&format!("pushed to {remote}; {taken}")),
            (true, false, _) => out.line(&format!("nothing to push to {remote}")),
        }
    }
}
