//! `git spec log`: spec commits, what each did to the demands, and what was generated from it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::change::{id_column, path_of, show_change, show_words, stat_lines, tally, worst};
use super::facts::{ChangeFact, DocumentFact, LinkFact};
use super::style::{Meaning, Sign, Style};
use super::text::{escape_controls, fill, fit, one_line, truncate, width};
use crate::error::Error;
use crate::spec::change::ChangeKind;

/// The whole answer of `git spec log --json`; written as a stream.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LogReport {
    /// `git-spec/log/1`.
    pub schema: &'static str,
    /// Newest first.
    pub entries: Vec<LogEntry>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// One spec commit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LogEntry {
    /// Full id.
    pub commit: String,
    /// Author, by mailmap.
    pub author: String,
    /// Author date: ISO 8601 in JSON, as `log.date` says on the screen.
    pub date: String,
    /// First line of the message.
    pub subject: String,
    /// What became of which clause.
    pub changes: Vec<ChangeFact>,
    /// Spec files that left the specification for a place outside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentFact>,
    /// Commits generated from these versions.
    pub generated: Vec<Generated>,
    /// Clauses of this commit, at the version that they still have, that no fresh link names; for the screen, and empty
    /// in a repository without links.
    #[serde(skip)]
    pub waiting: Vec<String>,
    /// Ref names that point here, for the screen.
    #[serde(skip)]
    pub decoration: String,
    /// The date as the screen shows it.
    #[serde(skip)]
    pub shown_date: String,
}

/// A commit generated from a spec commit's clauses.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Generated {
    /// Full id.
    pub commit: String,
    /// First line of its message.
    pub subject: String,
    /// Its links to those clauses.
    pub links: Vec<LinkFact>,
    /// Lines added, lines removed, and in how many files; for the screen of a log.
    #[serde(skip)]
    pub stat: Option<(u64, u64, u64)>,
    /// In `show`, of a commit in force, whether any line of code is left of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<bool>,
}

/// Which of the faces of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFace {
    /// One line per commit.
    pub oneline: bool,
    /// Counts per file.
    pub stat: bool,
    /// Unfold editorial and minor changes.
    pub all: bool,
    /// Show the marked words of each change: `-p`, and the biography of one clause.
    pub words: bool,
    /// Digits of abbreviated ids.
    pub abbrev: usize,
}

/// Clauses listed beneath a commit before the rest is counted.
const SHOWN_CHANGES: usize = 20;
/// Columns of a subject that `--oneline` keeps, however many refs stand before it.
const LEAST_SUBJECT: usize = 20;
/// Clauses named that nothing was generated from yet.
const SHOWN_NAMES: usize = 4;

impl LogEntry {
    /// Writes one entry for people.
    pub fn show(&self, face: LogFace, out: &mut Output) -> Result<(), Error> {
        if face.oneline {
            return self.oneline(face, out);
        }
        self.header(face, out)?;
        let visible: Vec<&ChangeFact> = self.changes.iter().filter(|c| face.all || !c.is_noise()).collect();
        if face.stat {
            self.stat(&visible, out)?;
        } else {
            self.list(&visible, face, out)?;
        }
        self.folded(visible.len(), out)?;
        for made in &self.generated {
            made.show(face, out)?;
        }
        self.waiting(out)
    }

    /// Clauses of this commit that nothing was generated from yet.
    fn waiting(&self, out: &mut Output) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let style = out.style();
        let names: Vec<&str> = self.waiting.iter().map(String::as_str).take(SHOWN_NAMES).collect();
        let more = match self.waiting.len() - names.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let end = format!("{more} not generated yet");
        let room = out.width().saturating_sub(7 + width(&end));
        let names = truncate(&one_line(&names.join(", ")), room, style);
        out.line(&format!("    {} {}", style.signed(Sign::Generated), style.paint(Meaning::Dim, names + &end)))
    }

    fn header(&self, face: LogFace, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let id = self.commit.get(..face.abbrev).unwrap_or(&self.commit);
        let refs =
            if self.decoration.is_empty() { String::new() } else { format!(" ({})", one_line(&self.decoration)) };
        let who = format!("{}, {}{refs}", one_line(&self.author), self.shown_date);
        let start = format!("spec {id}  ");
        let room = out.width().saturating_sub(width(&start));
        let subject = one_line(&self.subject);
        let line = if width(&subject) + width(&who) + 2 <= room {
            let subject = fit(&subject, room - width(&who) - 2, style);
            format!("{}  {}", style.paint(Meaning::Heading, subject), style.paint(Meaning::Dim, &who))
        } else {
            let subject = truncate(&subject, room, style);
            let who = truncate(&who, out.width().saturating_sub(5), style);
            format!("{}\n     {}", style.paint(Meaning::Heading, subject), style.paint(Meaning::Dim, &who))
        };
        out.line(&format!("spec {}  {line}", style.paint(Meaning::Commit, id)))
    }

    fn list(&self, visible: &[&ChangeFact], face: LogFace, out: &mut Output) -> Result<(), Error> {
        let whole = face.all || face.words;
        let shown = if whole { visible.to_vec() } else { worst(visible, SHOWN_CHANGES) };
        let style = out.style();
        for file in shown.chunk_by(|a, b| path_of(a) == path_of(b)) {
            let path = path_of(file[0]);
            let news = self.documents.iter().find(|document| document.is_at(path)).map(DocumentFact::news);
            let news = news.map_or(String::new(), |news| format!("  ({news})"));
            out.line(&format!("  {}", style.paint(Meaning::Dim, format!("{}{news}", one_line(path)))))?;
            let column = id_column(file);
            for change in file {
                show_change(change, 2, column, out)?;
                if face.words {
                    show_words(change, 6, out)?;
                }
            }
        }
        if visible.len() > shown.len() {
            let hidden = |change: &&&ChangeFact| !shown.iter().any(|other| std::ptr::eq(*other, **change));
            let hidden: Vec<&ChangeFact> = visible.iter().filter(hidden).copied().collect();
            let line = format!("{} more: {} (--unfold)", hidden.len(), tally(&hidden, style));
            out.line(&format!("  {} {line}", style.signed(Sign::Folded)))?;
        }
        Ok(())
    }

    fn stat(&self, visible: &[&ChangeFact], out: &mut Output) -> Result<(), Error> {
        stat_lines(visible, 2, out)
    }

    fn folded(&self, visible: usize, out: &mut Output) -> Result<(), Error> {
        let hidden = self.changes.len() - visible;
        if hidden == 0 {
            return Ok(());
        }
        let minor = self.changes.iter().filter(|c| c.is_noise() && c.is(ChangeKind::Modified)).count();
        let parts: Vec<String> = [(hidden - minor, "editorial"), (minor, "minor")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let style = out.style();
        out.line(&format!("  {} {}", style.signed(Sign::Folded), style.paint(Meaning::Dim, parts.join(", "))))
    }

    fn oneline(&self, face: LogFace, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let id = self.commit.get(..face.abbrev).unwrap_or(&self.commit);
        let changes: Vec<&ChangeFact> = self.changes.iter().filter(|c| !c.is_noise()).collect();
        let (plain, painted) = match changes.is_empty() {
            true => (style.sign(Sign::Folded).to_owned(), style.signed(Sign::Folded)),
            false => (tally(&changes, Style { color: false, ..style }), tally(&changes, style)),
        };
        let refs =
            if self.decoration.is_empty() { String::new() } else { format!("({}) ", one_line(&self.decoration)) };
        let start = format!("{id} {refs}");
        let room = out.width().saturating_sub(width(&start) + width(&plain) + 2).max(LEAST_SUBJECT);
        let subject = truncate(&one_line(&self.subject), room, style);
        out.line(&format!("{} {refs}{subject}  {painted}", style.paint(Meaning::Commit, id)))
    }
}

impl Generated {
    fn show(&self, face: LogFace, out: &mut Output) -> Result<(), Error> {
        let links: Vec<String> = self.links.iter().map(|link| format!("{} {}", link.name(), link.state())).collect();
        let named: usize = links.iter().map(|link| width(link) + 2).sum();
        let many = links.len() > SHOWN_NAMES || (links.len() > 1 && named > out.width() / 2);
        let links = if many { self.tally() } else { links };
        let stat = self.stat.map(|(added, removed, files)| {
            format!("  +{added} -{removed} in {files} file{}", if files == 1 { "" } else { "s" })
        });
        self.line(4, face.abbrev, &links.join(", "), stat.as_deref().unwrap_or_default(), out)
    }

    /// How many of its links are in which state: `27 fresh, 1 stale 2`.
    fn tally(&self) -> Vec<String> {
        let mut counts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
        self.links.iter().for_each(|link| *counts.entry(link.state()).or_default() += 1);
        counts.into_iter().map(|(state, count)| format!("{count} {state}")).collect()
    }

    /// Beneath the clause that it was generated from: the states of its links alone.
    pub fn show_states(&self, indent: usize, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let mut states: Vec<String> = self.links.iter().map(LinkFact::state).collect();
        states.extend((self.code == Some(false)).then(|| "no code".to_owned()));
        self.line(indent, abbrev, &states.join(", "), "", out)
    }

    /// Beneath that: why its links stand so, but for what `before` has said last. What an exact one says is its reason.
    pub fn show_reasons<'s>(&'s self, before: &mut Option<&'s str>, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        for link in self.links.iter().filter(|link| link.resolution != "exact") {
            if before.replace(link.reason.as_str()) == Some(link.reason.as_str()) {
                continue;
            }
            for line in fill(&escape_controls(&link.reason), out.width().saturating_sub(4), 0) {
                out.line(&format!("    {}", style.paint(Meaning::Dim, line)))?;
            }
        }
        Ok(())
    }

    /// Sign, commit, subject, how its links stand, and how much it did, if there is room for that; the subject is cut first.
    fn line(&self, indent: usize, abbrev: usize, links: &str, stat: &str, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let id = self.commit.get(..abbrev).unwrap_or(&self.commit);
        let start = indent + width(style.sign(Sign::Generated)) + 1 + width(id) + 1;
        let subject = one_line(&self.subject);
        let room = out.width().saturating_sub(start + LEAST_SUBJECT.min(width(&subject)) + 2);
        let links = one_line(links);
        let stat = if width(&links) + width(stat) <= room { stat } else { "" };
        let links = truncate(&links, room, style) + stat;
        let room = out.width().saturating_sub(start + width(&links) + 2);
        let subject = truncate(&subject, room, style);
        let (id, links) = (style.paint(Meaning::Commit, id), style.paint(Meaning::Dim, links));
        out.line(&format!("{:indent$}{} {id} {subject}  {links}", "", style.signed(Sign::Generated)))
    }
}

/// The JSON of a log as a stream: head, entries, tail.
#[derive(Debug, Default)]
pub struct LogJson {
    written: usize,
}

impl LogJson {
    /// Writes one entry, which is JSON already, behind the head or a comma.
    pub fn entry(&mut self, entry: &[u8], out: &mut Output) -> Result<(), Error> {
        out.text(if self.written == 0 { HEAD } else { ",\n" })?;
        self.written += 1;
        out.bytes(entry)
    }

    /// Closes the document.
    pub fn end(&mut self, incomplete: &[String], out: &mut Output) -> Result<(), Error> {
        if self.written == 0 {
            out.text(HEAD)?;
        }
        out.line(&format!("],\"incomplete\":{}}}", serde_json::to_string(incomplete)?))
    }
}

const HEAD: &str = "{\"schema\":\"git-spec/log/1\",\"entries\":[\n";
