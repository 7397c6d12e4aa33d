//! `git spec ls` and `git spec grep`: the clauses of a revision.

use std::io::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::blame::Moment;
use super::facts::ClauseFact;
use super::style::Meaning;
use super::text::{fit, one_line, truncate, width};
use crate::error::Error;
use crate::trace::answer::State;

/// The answer of `git spec ls` and `git spec grep`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LsReport {
    /// `git-spec/ls/1` or `git-spec/grep/1`.
    pub schema: &'static str,
    /// Full commit id, or `worktree`.
    pub rev: String,
    /// In order of files and lines.
    pub clauses: Vec<ListedClause>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// A clause and how it stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedClause {
    /// The clause.
    #[serde(flatten)]
    pub clause: ClauseFact,
    /// `unanswered`, `answered`, `contested` or `stale`.
    pub state: State,
    /// Since when it is so, where it was asked for.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub life: Option<Life>,
    /// The lines that match, for `grep`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<MatchedLine>,
}

/// The three moments of a clause; each `null` where history ends before.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Life {
    /// Where it came in.
    pub introduced: Option<Moment>,
    /// Where its meaning last changed.
    pub last_meaning_change: Option<Moment>,
    /// Where its text last changed.
    pub last_text_change: Option<Moment>,
}

/// A line that `grep` found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MatchedLine {
    /// Line number in the file, from 1.
    pub line: u32,
    /// The line.
    pub text: String,
}

/// Which of the faces of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LsFace {
    /// Names only, NUL-ended.
    pub nul: bool,
    /// Kind, version, state and the moments of its life too.
    pub long: bool,
    /// Digits of a commit id.
    pub abbrev: usize,
}

impl Life {
    /// The moments as pieces of a line, each if it isn't the one before: `introduced 3f2a9c1 (2025-11-02)`.
    fn pieces(&self, abbrev: usize) -> Vec<String> {
        let moments = [
            ("introduced", &self.introduced),
            ("meaning", &self.last_meaning_change),
            ("text", &self.last_text_change),
        ];
        let commit = |moment: &Option<Moment>| moment.as_ref().map(|moment| moment.commit.clone());
        let mut pieces = Vec::new();
        let mut last = None;
        for (what, moment) in moments {
            let told = moment.as_ref().map(|moment| {
                let day = moment.date.get(..10).unwrap_or(&moment.date);
                format!("{} ({day})", moment.commit.get(..abbrev).unwrap_or(&moment.commit))
            });
            if last.replace(commit(moment)) != Some(commit(moment)) {
                pieces.push(format!("{what} {}", told.as_deref().unwrap_or("unknown")));
            }
        }
        pieces
    }
}

/// Pieces on as few lines of a width as they take.
fn in_lines(pieces: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if width(line) + 2 + width(piece) <= room => {
                line.push_str("  ");
                line.push_str(piece);
            }
            _ => lines.push(piece.clone()),
        }
    }
    lines
}

impl LsReport {
    /// Writes the text for people: a block per file.
    pub fn show(&self, face: LsFace, out: &mut Output) -> Result<(), Error> {
        if face.nul {
            for listed in &self.clauses {
                out.write_all(&listed.clause.raw_name())?;
                out.write_all(b"\0")?;
            }
            return Ok(());
        }
        for file in self.clauses.chunk_by(|a, b| a.clause.path == b.clause.path) {
            self.file(file, face, out)?;
        }
        Ok(())
    }

    fn file(&self, file: &[ListedClause], face: LsFace, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        out.line(&style.paint(Meaning::Heading, one_line(&file[0].clause.path)))?;
        let digits = file.iter().map(|c| c.clause.lines.1.to_string().len()).max().unwrap_or(1);
        let named = file
            .iter()
            .filter_map(|c| c.clause.shown_id())
            .map(|id| width(&id))
            .max()
            .unwrap_or(0)
            .min(out.width() / 2);
        let depth = |c: &ListedClause| c.clause.headings.len();
        let least = file.iter().map(depth).min().unwrap_or(0);
        for listed in file {
            let clause = &listed.clause;
            let indent = (depth(listed) - least).min(6);
            let id = clause.shown_id().unwrap_or_default();
            let id = if named > 0 { format!("{}  ", fit(&id, named, style)) } else { String::new() };
            let title = format!("{:1$}{2}", "", 2 * indent, clause.shown_title());
            let room = out.width().saturating_sub(4 + digits + width(&id));
            let line = format!(
                "  {}  {}{}",
                style.paint(Meaning::Dim, format!("{:>digits$}", clause.lines.0)),
                style.paint(Meaning::Anchor, id),
                truncate(&title, room, style)
            );
            out.line(line.trim_end())?;
            if face.long {
                let kind = serde_json::to_value(clause.kind)?.as_str().unwrap_or_default().to_owned();
                let facts = format!("{kind}  {}  {}", clause.version, listed.state.word());
                out.line(&format!("  {:digits$}  {}", "", style.paint(Meaning::Dim, facts)))?;
                let pieces = listed.life.as_ref().map(|life| life.pieces(face.abbrev)).unwrap_or_default();
                for line in in_lines(&pieces, out.width().saturating_sub(digits + 4)) {
                    out.line(format!("  {:digits$}  {}", "", style.paint(Meaning::Dim, line)).trim_end())?;
                }
            }
            for matched in &listed.matches {
                let text =
                    truncate(one_line(matched.text.trim()).as_ref(), out.width().saturating_sub(digits + 6), style);
                out.line(&format!("  {:>digits$}    {text}", matched.line))?;
            }
        }
        Ok(())
    }
}
