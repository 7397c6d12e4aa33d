//! `git spec blame`: whose meaning a line is, and whether the demand behind it has changed since.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::facts::{ClauseFact, LinkFact};
use super::style::{Meaning, Sign};
use super::text::{escape_controls, fit, one_line, truncate, width};
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
    pub commit: String,
    /// Links of that commit.
    pub links: Vec<LinkFact>,
    /// The commit changed clauses and code together and has no link: guessed, never counted.
    pub inferred: bool,
    /// Author of the commit.
    pub author: String,
    /// Author date, `YYYY-MM-DD` in the author's zone.
    pub date: String,
    /// Of a spec file: the commit that last changed the meaning of the line's clause, and its index in `clauses`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<usize>,
    /// Clauses that an inferred commit changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inferred_from: Vec<String>,
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
            let who = if previous == Some(line.commit.as_str()) {
                format!("{:abbrev$} {} {:10}", "", fit("\"", names, style), "\"")
            } else {
                let id = line.commit.get(..abbrev).unwrap_or(&line.commit);
                format!(
                    "{} {} {}",
                    style.paint(Meaning::Commit, id),
                    fit(&one_line(&line.author), names, style),
                    line.date
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
        let names: Vec<(String, String, Meaning)> = self.lines.iter().map(BlamedLine::origin).collect();
        let widest = names.iter().map(|(name, ..)| width(name)).max().unwrap_or(1).min(out.width() / 4).max(1);
        let states = names.iter().map(|(_, state, _)| state.len()).max().unwrap_or(1);
        let mut previous: Option<&str> = None;
        for (line, (name, state, meaning)) in self.lines.iter().zip(&names) {
            let id = style.paint(Meaning::Commit, line.commit.get(..abbrev).unwrap_or(&line.commit));
            let origin = if previous == Some(line.commit.as_str()) && !line.links.is_empty() {
                format!("{} {:states$}", fit("  \"", widest, style), "\"")
            } else {
                format!("{} {}", fit(name, widest, style), style.paint(*meaning, format!("{state:states$}")))
            };
            previous = Some(&line.commit);
            let text = format!("{id} {origin} {:>digits$}  {}", line.line, escape_controls(&line.text));
            out.line(if line.text.is_empty() { text.trim_end() } else { &text })?;
        }
        Ok(())
    }
}

impl BlamedLine {
    /// Name of the clause, state of the link, and how to paint it.
    fn origin(&self) -> (String, String, Meaning) {
        if let Some(link) = self.links.first() {
            let name = one_line(link.name()).into_owned();
            let name = if self.links.len() > 1 { format!("{name} +{}", self.links.len() - 1) } else { name };
            let meaning = match link.freshness.as_str() {
                "fresh" => Meaning::Fresh,
                "retired" => Meaning::Retired,
                "stale" => Meaning::Stale,
                _ => Meaning::Unknown,
            };
            return (name, link.state(), meaning);
        }
        match self.inferred_from.first() {
            Some(name) if self.inferred => {
                let more = self.inferred_from.len() - 1;
                let name =
                    if more > 0 { format!("~{} +{more}", one_line(name)) } else { format!("~{}", one_line(name)) };
                (name, "inferred".to_owned(), Meaning::Inferred)
            }
            _ => ("-".to_owned(), "no link".to_owned(), Meaning::Dim),
        }
    }
}

impl BlamedClause {
    fn header(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let title = one_line(&self.clause.title).into_owned();
        let name = match &self.clause.id {
            Some(id) if !title.contains(id.as_str()) => format!("{} {title}", one_line(id)),
            _ => title,
        };
        out.line(&style.paint(Meaning::Heading, truncate(&name, out.width(), style)))?;
        let introduced =
            self.introduced.as_ref().map_or("before the history that is here".to_owned(), |m| m.short(abbrev));
        let mut line = format!("  introduced {introduced}");
        if let Some(last) = &self.last_meaning_change
            && self.introduced.as_ref().map(|m| &m.commit) != Some(&last.commit)
        {
            line.push_str(&format!(", meaning last changed {}", last.short(abbrev)));
        }
        out.line(&style.paint(Meaning::Dim, line))?;
        for made in &self.generated {
            let links: Vec<String> = made.links.iter().map(super::facts::LinkFact::state).collect();
            let id = made.commit.get(..abbrev).unwrap_or(&made.commit);
            out.line(&format!(
                "  {} {id} {}: {}",
                style.signed(Sign::Generated),
                one_line(&made.subject),
                links.join(", ")
            ))?;
        }
        Ok(())
    }
}
