//! `git spec blame`: whose meaning a line is, and whether the demand behind it has changed since.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::facts::{ClauseFact, LinkFact, short_id};
use super::shared::Shared;
use super::style::Meaning;
use super::text::{cut_path, escape_controls, fit, one_line, pad, truncate, width};
use crate::error::Error;

/// The answer of `git spec blame`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlameReport {
    /// `git-spec/blame/1`.
    pub schema: &'static str,
    /// Repository-relative path.
    pub path: String,
    /// Full commit id, or `worktree`.
    pub rev: String,
    /// Line by line, as `git blame` attributes them.
    pub lines: Vec<BlamedLine>,
    /// Of a spec file: its clauses on those lines.
    pub clauses: Vec<BlamedClause>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// One line.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlamedLine {
    /// Number in the file, from 1.
    pub line: u32,
    /// The commit that it comes from; all zeros where it is not committed.
    pub commit: Shared<str>,
    /// Links of that commit, or of the one that `brought_back` names.
    pub links: Shared<Vec<LinkFact>>,
    /// The commit that the line came from, where a verified revert brought it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brought_back: Option<String>,
    /// The commit changed clauses and code together and has no link: guessed, never counted.
    pub inferred: bool,
    /// Author of the commit.
    pub author: Shared<str>,
    /// Author date, `YYYY-MM-DD` in the author's zone.
    pub date: Shared<str>,
    /// Of a spec file: the commit that last changed the meaning of the line's clause, and its index in `clauses`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<usize>,
    /// Clauses that an inferred commit changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inferred_from: Shared<Vec<String>>,
    /// The text.
    pub text: String,
}

/// A clause of a blamed spec file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlamedClause {
    /// The clause.
    pub clause: ClauseFact,
    /// Where it came in; `null` where history ends before.
    pub introduced: Option<Moment>,
    /// Where its meaning last changed.
    pub last_meaning_change: Option<Moment>,
    /// Where its text last changed.
    pub last_text_change: Option<Moment>,
    /// Commits generated from it.
    pub generated: Vec<super::log::Generated>,
}

/// A commit in short.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Moment {
    /// Full id.
    pub commit: String,
    /// Author.
    pub author: String,
    /// ISO 8601.
    pub date: String,
    /// First line of the message.
    pub subject: String,
}

impl Moment {
    /// `3f2a9c1 (2025-11-02, Ali Reza)`.
    pub fn short(&self, abbrev: usize) -> String {
        let day = self.date.get(..10).unwrap_or(&self.date);
        format!("{} ({day}, {})", self.commit.get(..abbrev).unwrap_or(&self.commit), one_line(&self.author))
    }
}

impl BlameReport {
    /// Writes the text for people.
    pub fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        if self.clauses.is_empty() { self.code(abbrev, out) } else { self.spec(abbrev, out) }
    }

    fn spec(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let mut before: Option<Option<usize>> = None;
        let mut previous: Option<&str> = None;
        let digits = self.lines.last().map_or(1, |line| line.line.to_string().len());
        let names = self.lines.iter().map(|line| width(&line.author)).max().unwrap_or(0).min(16);
        for line in &self.lines {
            if before != Some(line.clause) {
                if let Some(clause) = line.clause.and_then(|at| self.clauses.get(at)) {
                    if before.is_some() {
                        out.line("")?;
                    }
                    clause.header(abbrev, out)?;
                }
                before = Some(line.clause);
                previous = None;
            }
            let who = if previous == Some(&*line.commit) {
                format!("{:abbrev$} {} {:10}", "", fit("\"", names, style), "\"")
            } else {
                let id = line.commit.get(..abbrev).unwrap_or(&line.commit);
                format!(
                    "{} {} {}",
                    style.paint(Meaning::Commit, id),
                    fit(&one_line(&line.author), names, style),
                    &*line.date
                )
            };
            previous = Some(&line.commit);
            let text = format!("{who} {:>digits$}  {}", line.line, escape_controls(&line.text));
            out.line(if line.text.is_empty() { text.trim_end() } else { &text })?;
        }
        Ok(())
    }

    fn code(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let digits = self.lines.last().map_or(1, |line| line.line.to_string().len());
        let origins = self.origins();
        // A file before the name takes more room, and gives way before the name does.
        let room = if origins.iter().any(|origin| origin.has_file) { out.width() * 2 / 5 } else { out.width() / 4 };
        let names = origins.iter().map(|origin| width(&origin.name)).max().unwrap_or(1).min(room).max(1);
        let versions = origins.iter().map(|origin| width(&origin.version)).max().unwrap_or(0);
        let states = origins.iter().map(|origin| width(&origin.state)).max().unwrap_or(1);
        let version = |text: &str| if versions == 0 { String::new() } else { format!("{} ", pad(text, versions)) };
        let again = format!("{} {}{}", pad("  \"", names), version("\""), pad("\"", states));
        let (mut id, mut shown, mut text) = (String::new(), String::new(), String::new());
        let mut runs = origins.iter();
        for (at, line) in self.lines.iter().enumerate() {
            if at > 0 && line.is_behind(&self.lines[at - 1]) {
                if !line.links.is_empty() {
                    shown.clone_from(&again);
                }
            } else if let Some(origin) = runs.next() {
                id = style.paint(Meaning::Commit, line.commit.get(..abbrev).unwrap_or(&line.commit)).to_string();
                let state = style.paint(origin.meaning, pad(&origin.state, states));
                let version = style.paint(Meaning::Dim, version(&origin.version));
                let name = match origin.has_file {
                    true => pad(&cut_path(&origin.name, names, style), names),
                    false => fit(&origin.name, names, style),
                };
                shown = format!("{name} {version}{state}");
            }
            text.clear();
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{id} {shown} {:>digits$}  {}", line.line, escape_controls(&line.text));
            out.line(if line.text.is_empty() { text.trim_end() } else { &text })?;
        }
        Ok(())
    }

    /// Where each run of lines of one commit comes from.
    fn origins(&self) -> Vec<Origin> {
        let lines = self.lines.iter().enumerate();
        let begins = lines.filter(|(at, line)| *at == 0 || !line.is_behind(&self.lines[at - 1]));
        begins.map(|(_, line)| line.origin()).collect()
    }
}

/// What stands before a line of code.
struct Origin {
    /// The clause; `-` where nothing is known.
    name: String,
    /// Whether the name begins with the clause's file.
    has_file: bool,
    /// How its version begins, where a link names one.
    version: String,
    /// State of the link.
    state: String,
    meaning: Meaning,
}

/// `v1:` and so many digits are shown of a version.
const VERSION_DIGITS: usize = 6;

/// How a version begins: `v1:40dcf0`.
fn short_version(version: &str) -> String {
    let end = version.find(':').map_or(VERSION_DIGITS, |at| at + 1 + VERSION_DIGITS);
    one_line(version.get(..end).unwrap_or(version)).into_owned()
}

impl BlamedLine {
    /// Whether it has the same origin as the line before it.
    fn is_behind(&self, before: &BlamedLine) -> bool {
        self.commit == before.commit && self.brought_back == before.brought_back
    }

    fn origin(&self) -> Origin {
        let version = String::new();
        if let Some(link) = self.links.first() {
            let name = more(one_line(&link.name_and_present()).into_owned(), self.links.len() - 1);
            let meaning = match link.freshness.as_str() {
                "fresh" => Meaning::Fresh,
                "retired" => Meaning::Retired,
                "stale" => Meaning::Stale,
                _ => Meaning::Unknown,
            };
            return Origin {
                name,
                has_file: link.namesakes,
                version: short_version(&link.version),
                state: link.state(),
                meaning,
            };
        }
        match self.inferred_from.first() {
            Some(name) if self.inferred => Origin {
                name: more(format!("~{}", one_line(short_id(name))), self.inferred_from.len() - 1),
                has_file: false,
                version,
                state: "inferred".to_owned(),
                meaning: Meaning::Inferred,
            },
            _ => Origin {
                name: "-".to_owned(),
                has_file: false,
                version,
                state: "no link".to_owned(),
                meaning: Meaning::Dim,
            },
        }
    }
}

fn more(name: String, others: usize) -> String {
    if others > 0 { format!("{name} +{others}") } else { name }
}

impl BlamedClause {
    fn header(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        out.line(&style.paint(Meaning::Heading, truncate(&self.clause.shown_name(), out.width(), style)))?;
        let introduced =
            self.introduced.as_ref().map_or("before the history that is here".to_owned(), |m| m.short(abbrev));
        let mut line = format!("  introduced {introduced}");
        if self.introduced.is_some() && self.last_meaning_change.is_none() {
            line.push_str(", meaning changed since, not committed");
        }
        if let Some(last) = &self.last_meaning_change
            && self.introduced.as_ref().map(|m| &m.commit) != Some(&last.commit)
        {
            let changed = format!("meaning last changed {}", last.short(abbrev));
            if width(&line) + 2 + width(&changed) <= out.width() {
                line.push_str(&format!(", {changed}"));
            } else {
                out.line(&style.paint(Meaning::Dim, line))?;
                line = format!("  {changed}");
            }
        }
        out.line(&style.paint(Meaning::Dim, line))?;
        for made in &self.generated {
            made.show_states(2, abbrev, out)?;
        }
        Ok(())
    }
}
