//! `git spec show`: one clause, its life in short, and what was generated from it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::blame::Moment;
use super::change::what_happened;
use super::facts::{ChangeFact, ClauseFact, is_machine_id};
use super::log::Generated;
use super::style::{Meaning, Sign};
use super::text::{escape_controls, fill, one_line, truncate, width};
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
    /// Commits with links that may be about it and are tied to nothing for certain.
    pub untold: Vec<Generated>,
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
/// Columns of a subject that are kept beside what happened; on a narrow screen a third of what there is.
const LEAST_SUBJECT: usize = 24;

/// The lines of a text, long ones of prose wrapped; code and tables stay as they are.
fn laid_out(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut code = false;
    for line in text.lines() {
        let line = escape_controls(line);
        let bare = line.trim_start_matches([' ', '\t', '>']);
        let fence = bare.starts_with("```") || bare.starts_with("~~~");
        code ^= fence;
        if fence || code || bare.starts_with('|') || width(&line) <= room {
            lines.push(line.into_owned());
        } else {
            let quote = &line[..line.len() - bare.len()];
            let rest = fill(bare, room.saturating_sub(width(quote)), 0);
            lines.extend(rest.into_iter().map(|part| format!("{quote}{part}")));
        }
    }
    lines
}

impl ShowReport {
    /// Writes the text for people.
    pub fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let clause = &self.clause;
        out.line(&style.paint(Meaning::Heading, truncate(&clause.shown_name(), out.width(), style)))?;
        let lines = format!(":{}-{}", clause.lines.0, clause.lines.1);
        let version = clause.version.to_string();
        let place = width(&clause.path) + width(&lines) + 2 + width(&version);
        let path = one_line(&clause.path);
        if place <= out.width() {
            out.line(&style.paint(Meaning::Dim, format!("{path}{lines}  {version}")))?;
        } else {
            out.line(&style.paint(Meaning::Dim, format!("{path}{lines}")))?;
            out.line(&style.paint(Meaning::Dim, &version))?;
        }
        if let Some(id) = clause.id.as_deref().filter(|id| is_machine_id(id)) {
            out.line(&style.paint(Meaning::Dim, id))?;
        }
        out.line("")?;
        for line in laid_out(&self.text, out.width().saturating_sub(4)) {
            out.line(format!("    {line}").trim_end())?;
        }
        if !self.text.is_empty() {
            out.line("")?;
        }
        self.life(abbrev, out)?;
        let mut told = None;
        for made in self.generated.iter().chain(&self.untold) {
            made.show_states(0, abbrev, out)?;
            made.show_reasons(&mut told, out)?;
        }
        Ok(())
    }

    fn life(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        for past in self.history.iter().take(SHOWN) {
            let id = past.moment.commit.get(..abbrev).unwrap_or(&past.moment.commit);
            let day = past.moment.date.get(..10).unwrap_or(&past.moment.date);
            let room = out.width().saturating_sub(2 + width(id) + 1 + width(day) + 2);
            let what = what_happened(&past.change, room.saturating_sub(LEAST_SUBJECT.min(room / 3) + 2), style);
            let what = if what.is_empty() { kinds(&past.change) } else { what };
            let subject = truncate(&one_line(&past.moment.subject), room.saturating_sub(width(&what) + 2), style);
            let (sign, id) = (style.signed(super::change::sign_of(&past.change)), style.paint(Meaning::Commit, id));
            out.line(&format!("{sign} {id} {day}  {what}  {subject}"))?;
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
