//! `git spec squash-message`: trailers for the message of a squash.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::link::Untied;
use crate::error::Error;

/// The answer of `git spec squash-message`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SquashReport {
    /// `git-spec/squash-message/1`.
    pub schema: &'static str,
    /// The lines, each once.
    pub trailers: Vec<String>,
    /// Links to versions of a clause that the tip no longer has.
    pub outdated: Vec<Untied>,
    /// How many affirmations were left out.
    pub affirmations: usize,
}

impl SquashReport {
    /// Writes the lines.
    pub fn show(&self, out: &mut Output) -> Result<(), Error> {
        for line in &self.trailers {
            out.line(line)?;
        }
        Ok(())
    }

    /// What was left out, in sentences.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self
            .outdated
            .iter()
            .map(|link| format!("{}: the link to {} is left out: {}", link.place, link.text, link.reason))
            .collect();
        if self.affirmations > 0 {
            notes.push(format!(
                "left out {} affirmation{}, which no trailer can make: git spec link --affirm COMMIT CLAUSE",
                self.affirmations,
                if self.affirmations == 1 { "" } else { "s" }
            ));
        }
        if self.trailers.is_empty() {
            notes.push("no commit of the range has a link".to_owned());
        }
        notes
    }
}
