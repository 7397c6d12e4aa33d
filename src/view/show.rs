//! `git spec show`: one clause, its life in short, and what was generated from it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::blame::Moment;
use super::diff::what_happened;
use super::facts::{ChangeFact, ClauseFact};
use super::log::Generated;
use super::style::{Meaning, Sign};
use super::text::{escape_controls, one_line, truncate};
use crate::error::Error;

/// The answer of `git spec show`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShowReport {
    /// `git-spec/show/1`.
    pub schema: &'static str,
    /// Full commit id, or `worktree`.
    pub rev: String,
    /// The clause.
    pub clause: ClauseFact,
    /// Its own text.
    pub text: String,
    /// Where it came in; `null` where history ends before.
    pub introduced: Option<Moment>,
    /// Where its meaning last changed.
    pub last_meaning_change: Option<Moment>,
    /// Where its text last changed.
    pub last_text_change: Option<Moment>,
    /// Its changes, newest first.
    pub history: Vec<PastChange>,
    /// Commits generated from it.
    pub generated: Vec<Generated>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// A change in the life of a clause.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PastChange {
    /// Where.
    #[serde(flatten)]
    pub moment: Moment,
    /// What.
    pub change: ChangeFact,
}

/// Changes shown before the rest is counted.
const SHOWN: usize = 10;

impl ShowReport {
    /// Writes the text for people.
    pub fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let clause = &self.clause;
        let title = one_line(&clause.title).into_owned();
        let name = match &clause.id {
            Some(id) if !title.contains(id.as_str()) => format!("{}  {title}", one_line(id)),
            _ => title,
        };
        out.line(&style.paint(Meaning::Heading, name))?;
        let place = format!("{}:{}-{}  {}", one_line(&clause.path), clause.lines.0, clause.lines.1, clause.version);
        out.line(&style.paint(Meaning::Dim, place))?;
        out.line("")?;
        for line in self.text.lines() {
            out.line(format!("    {}", escape_controls(line)).trim_end())?;
        }
        if !self.text.is_empty() {
            out.line("")?;
        }
        self.life(abbrev, out)?;
        for made in &self.generated {
            let states: Vec<String> = made.links.iter().map(super::facts::LinkFact::state).collect();
            let id = made.commit.get(..abbrev).unwrap_or(&made.commit);
            out.line(&format!(
                "{} {id} {}: {}",
                style.signed(Sign::Generated),
                one_line(&made.subject),
                states.join(", ")
            ))?;
        }
        Ok(())
    }

    fn life(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        for past in self.history.iter().take(SHOWN) {
            let id = past.moment.commit.get(..abbrev).unwrap_or(&past.moment.commit);
            let day = past.moment.date.get(..10).unwrap_or(&past.moment.date);
            let what = what_happened(&past.change, style);
            let what = if what.is_empty() { kinds(&past.change) } else { what };
            let line = format!("{day}  {what}  {}", one_line(&past.moment.subject));
            let line = truncate(&line, out.width().saturating_sub(abbrev + 3), style);
            let sign = super::diff::sign_of(&past.change);
            out.line(&format!("{} {} {line}", style.signed(sign), style.paint(Meaning::Commit, id)))?;
        }
        if self.history.len() > SHOWN {
            let name = format!("{}#{}", self.clause.path, self.clause.anchor);
            let name = super::text::shell_quote(&name).into_owned();
            out.line(&format!(
                "{} {} more (git spec log --clause {name})",
                style.signed(Sign::Folded),
                self.history.len() - SHOWN
            ))?;
        }
        Ok(())
    }
}

fn kinds(change: &ChangeFact) -> String {
    let names: Vec<String> =
        change.kinds.iter().filter_map(|kind| serde_json::to_value(kind).ok()?.as_str().map(str::to_owned)).collect();
    names.join(", ")
}
