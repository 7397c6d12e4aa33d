//! `git spec doctor`: what is wrong with this set-up, and the command that mends it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::style::Meaning;
use super::text::{escape_controls, fill, pad};
use crate::error::Error;

/// The answer of `git spec doctor`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DoctorReport {
    /// `git-spec/doctor/1`.
    pub schema: &'static str,
    /// What is wrong, worst first.
    pub findings: Vec<Trouble>,
    /// What is in order, in a few words each.
    pub fine: Vec<String>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Answers are wrong or missing, or something is about to be lost.
    Problem,
    /// Something may be lost later.
    Warning,
    /// Worth knowing.
    Note,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Trouble {
    /// How bad it is.
    pub level: Level,
    /// What was looked at: `hooks`, `notes`, `history` …
    pub about: &'static str,
    /// What is wrong with it, and what that costs.
    pub what: String,
    /// What to type, or what to do; one to a line.
    pub hint: Vec<String>,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Problem => "problem",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }

    fn meaning(self) -> Meaning {
        match self {
            Level::Problem => Meaning::Error,
            Level::Warning => Meaning::Warning,
            Level::Note => Meaning::Hint,
        }
    }
}

/// Columns of the word before what is wrong.
const WORD: usize = 9;

impl DoctorReport {
    /// Whether something is wrong that should not wait.
    pub fn has_problems(&self) -> bool {
        self.findings.iter().any(|trouble| trouble.level == Level::Problem)
    }

    /// Writes the text for people.
    pub fn show(&self, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let room = out.width().saturating_sub(WORD);
        let blank = " ".repeat(WORD);
        for trouble in &self.findings {
            let said = format!("{}: {}", trouble.about, escape_controls(&trouble.what));
            for (number, line) in fill(&said, room, 0).into_iter().enumerate() {
                let before = if number == 0 {
                    style.paint(trouble.level.meaning(), pad(trouble.level.word(), WORD))
                } else {
                    blank.clone()
                };
                out.line(&format!("{before}{line}"))?;
            }
            for hint in &trouble.hint {
                out.line(&format!("{blank}{}", style.paint(Meaning::Hint, escape_controls(hint))))?;
            }
        }
        for (number, line) in fill(&format!("In order: {}.", self.fine.join(", ")), out.width(), 2).iter().enumerate() {
            if number == 0 && !self.findings.is_empty() {
                out.line("")?;
            }
            out.line(&escape_controls(line))?;
        }
        Ok(())
    }
}
