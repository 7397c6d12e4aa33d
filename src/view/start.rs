//! What `git spec start` shows: what came in and went, and what is under way.

use schemars::JsonSchema;
use serde::Serialize;

use super::style::{Meaning, Sign};
use super::text::{fit, one_line, truncate, width};
use super::{Output, facts};
use crate::error::Error;

/// The answer of `git spec start`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StartReport {
    /// `git-spec/start/1`.
    pub schema: &'static str,
    /// The branch; null on a detached HEAD.
    pub branch: Option<String>,
    /// What is under way now, oldest first.
    pub started: Vec<StartedClause>,
    /// What this run recorded anew.
    pub added: Vec<StartedClause>,
    /// What this run recorded at another version than before.
    pub renewed: Vec<StartedClause>,
    /// What this run forgot.
    pub done: Vec<StartedClause>,
    /// How many of the named clauses were under way already, at this version.
    pub already: usize,
    /// Values that are no links, and links that do not count at this HEAD, one sentence each.
    pub unread: Vec<String>,
    /// Sentences on what else a person should know.
    pub hints: Vec<String>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// A clause that is under way.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StartedClause {
    /// The spec file.
    pub path: String,
    /// The clause; null for the whole document.
    pub anchor: Option<String>,
    /// The clause that it is at HEAD, where it has another name there; else null.
    pub now: Option<NamedNow>,
    /// What it was recorded as before this run, where that was another name; else null.
    pub was: Option<NamedNow>,
    /// Its title at HEAD; null where it is gone, and for a document.
    pub title: Option<String>,
    /// The version that was recorded.
    pub version: String,
    /// The link, as it is written into messages.
    pub link: String,
    /// `current`, `changed`, `gone` or `unknown`.
    pub state: String,
    /// What changed since, where it did.
    pub changed: Option<String>,
}

/// Another name of a clause.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NamedNow {
    /// The spec file.
    pub path: String,
    /// The clause.
    pub anchor: String,
}

/// What to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct StartFace {
    /// Everything that is under way, not only what this run changed.
    pub list: bool,
}

/// Columns that the names of clauses share at most.
const WIDEST: usize = 40;
/// Columns without which what changed goes beneath its clause.
const LEAST_STATE: usize = 32;
/// Columns that a title keeps at least.
const LEAST_TITLE: usize = 12;
/// Lines of one kind that are shown; the rest is a number.
const SHOWN: usize = 20;

impl StartedClause {
    /// Its name at HEAD alone.
    fn present(&self) -> String {
        let anchor = self.now.as_ref().map(|now| now.anchor.as_str()).or(self.anchor.as_deref());
        one_line(anchor.map_or(&self.path, facts::short_id)).into_owned()
    }

    fn name(&self) -> String {
        let name = one_line(self.anchor.as_deref().map_or(&self.path, facts::short_id)).into_owned();
        let other = |other: &NamedNow| {
            let same = Some(&other.anchor) == self.anchor.as_ref();
            one_line(if same { &other.path } else { facts::short_id(&other.anchor) }).into_owned()
        };
        match (&self.now, &self.was) {
            (Some(now), _) => format!("{name} (now {})", other(now)),
            (None, Some(was)) => format!("{name} (was {})", other(was)),
            (None, None) => name,
        }
    }

    fn title(&self) -> String {
        let title = self.title.as_deref().map(one_line).unwrap_or_default();
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let (of_title, of_name): (String, String) = (letters(&title), letters(&self.present()));
        if of_name.ends_with(&of_title) {
            // A name that was made of the title says it all.
            return String::new();
        }
        facts::beside(&title, &self.present()).to_owned()
    }

    fn state(&self) -> String {
        match (self.state.as_str(), &self.changed) {
            ("current", what) => what.as_deref().map(|what| one_line(what).into_owned()).unwrap_or_default(),
            (_, Some(what)) => format!("changed since: {}", one_line(what)),
            ("gone", None) => "gone since".to_owned(),
            (_, None) => "not found at that version".to_owned(),
        }
    }
}

impl StartReport {
    /// Writes the text for people.
    pub fn show(&self, face: StartFace, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let place = self.branch.as_deref().map_or("a detached HEAD".to_owned(), |branch| one_line(branch).into_owned());
        if face.list {
            if self.started.is_empty() {
                return out.line(&format!("Nothing is under way on {place}."));
            }
            out.line(&style.paint(Meaning::Heading, format!("Under way on {place}:")))?;
            return rows(&self.started, None, usize::MAX, out);
        }
        rows(&self.added, Some(Sign::Added), SHOWN, out)?;
        rows(&self.renewed, Some(Sign::Modified), SHOWN, out)?;
        rows(&self.done, Some(Sign::Removed), SHOWN, out)?;
        if self.already > 0 {
            let sign = style.signed(Sign::Folded);
            out.line(&format!(
                "  {sign} {}",
                style.paint(Meaning::Dim, format!("{} under way already", self.already))
            ))?;
        }
        match self.started.len() {
            0 => out.line(&format!("Nothing is under way on {place}.")),
            1 => out.line(&format!("1 clause is under way on {place}.")),
            count => out.line(&format!("{count} clauses are under way on {place}.")),
        }
    }
}

/// A line for each clause; of more than `most` the rest is a number.
pub(super) fn rows(clauses: &[StartedClause], sign: Option<Sign>, most: usize, out: &mut Output) -> Result<(), Error> {
    let style = out.style();
    let shown = &clauses[..clauses.len().min(most)];
    let column = shown.iter().map(|clause| width(&clause.name())).filter(|&wide| wide <= WIDEST).max().unwrap_or(0);
    for clause in shown {
        let mark = sign.map_or(String::new(), |sign| format!("{} ", style.signed(sign)));
        let before = 2 + if sign.is_some() { 2 } else { 0 };
        let name = truncate(&super::text::pad(&clause.name(), column), out.width().saturating_sub(before), style);
        let state = clause.state();
        let room = out.width().saturating_sub(before + width(&name) + 2);
        let title = clause.title();
        let beneath = !state.is_empty() && room < width(&state).min(LEAST_STATE);
        let tail = if beneath {
            truncate(&title, room, style)
        } else if !state.is_empty() {
            let state = truncate(&state, room.saturating_sub(LEAST_TITLE + 2).max(LEAST_TITLE), style);
            let title = fit(&title, room.saturating_sub(width(&state) + 2), style);
            format!("{title}  {}", style.paint(Meaning::Stale, state))
        } else if clause.anchor.is_some() {
            let path = super::text::cut_path(&clause.path, if title.is_empty() { room } else { room / 2 }, style);
            let gap = if title.is_empty() { 0 } else { 2 };
            let title = fit(&title, room.saturating_sub(width(&path) + gap), style);
            format!("{title}{:gap$}{}", "", style.paint(Meaning::Dim, path))
        } else {
            "the whole document".to_owned()
        };
        let line = format!("  {mark}{}  {}", style.paint(Meaning::Anchor, name), tail.trim_end());
        out.line(line.trim_end())?;
        if beneath {
            let state = truncate(&state, out.width().saturating_sub(before + 4), style);
            out.line(&format!("{:1$}{2}", "", before + 4, style.paint(Meaning::Stale, state)))?;
        }
    }
    if clauses.len() > shown.len() {
        let sign = style.signed(sign.unwrap_or(Sign::Folded));
        out.line(&format!("  {sign} and {} more: git spec start --list", clauses.len() - shown.len()))?;
    }
    Ok(())
}
