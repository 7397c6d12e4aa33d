//! `git spec log`: spec commits, what each did to the demands, and what was generated from it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::diff::{show_change, show_words, sign_of};
use super::facts::{ChangeFact, LinkFact};
use super::style::{Meaning, Sign};
use super::text::{fit, one_line, truncate, width};
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
    /// Commits generated from these versions.
    pub generated: Vec<Generated>,
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
    /// Show the marked words of each change: the biography of one clause.
    pub words: bool,
    /// Digits of abbreviated ids.
    pub abbrev: usize,
}

/// Clauses listed beneath a commit before the rest is counted.
const SHOWN_CHANGES: usize = 20;

impl LogEntry {
    /// Writes one entry for people.
    pub fn show(&self, face: LogFace, first: bool, out: &mut Output) -> Result<(), Error> {
        if face.oneline {
            return self.oneline(face, out);
        }
        if !first {
            out.line("")?;
        }
        self.header(face, out)?;
        let visible: Vec<&ChangeFact> =
            self.changes.iter().filter(|c| face.all || face.words || !c.is_noise()).collect();
        if face.stat {
            self.stat(&visible, out)?;
        } else {
            self.list(&visible, face, out)?;
        }
        self.folded(visible.len(), out)?;
        for made in &self.generated {
            made.show(face, out)?;
        }
        Ok(())
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
        let mut path = String::new();
        let limit = if face.all { usize::MAX } else { SHOWN_CHANGES };
        for change in visible.iter().take(limit) {
            let Some(clause) = change.shown() else { continue };
            if clause.path != path {
                path.clone_from(&clause.path);
                out.line(&format!("  {}", out.style().paint(Meaning::Dim, one_line(&path))))?;
            }
            show_change(change, 2, out)?;
            if face.words {
                show_words(change, 6, out)?;
            }
        }
        if visible.len() > limit {
            let line =
                format!("  {} {} more changes (--unfold)", out.style().signed(Sign::Folded), visible.len() - limit);
            out.line(&line)?;
        }
        Ok(())
    }

    fn stat(&self, visible: &[&ChangeFact], out: &mut Output) -> Result<(), Error> {
        let mut files: Vec<(&str, [usize; 5])> = Vec::new();
        for change in visible {
            let Some(clause) = change.shown() else { continue };
            let column = match sign_of(change) {
                Sign::Added => 0,
                Sign::Removed => 1,
                Sign::Modified => 2,
                Sign::Renamed => 3,
                _ => 4,
            };
            match files.iter_mut().find(|(path, _)| *path == clause.path) {
                Some((_, counts)) => counts[column] += 1,
                None => {
                    let mut counts = [0; 5];
                    counts[column] = 1;
                    files.push((&clause.path, counts));
                }
            }
        }
        let widest = files.iter().map(|(path, _)| width(path)).max().unwrap_or(0).min(out.width() / 2);
        for (path, counts) in files {
            let signs = [Sign::Added, Sign::Removed, Sign::Modified, Sign::Renamed, Sign::Moved];
            let style = out.style();
            let shown: Vec<String> = counts
                .iter()
                .zip(signs)
                .filter(|(count, _)| **count > 0)
                .map(|(count, sign)| style.paint(sign.meaning(), format!("{}{count}", style.sign(sign))))
                .collect();
            out.line(&format!("  {} | {}", fit(&one_line(path), widest, style), shown.join(" ")))?;
        }
        Ok(())
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
        let mut tally: Vec<(Sign, usize)> = Vec::new();
        for change in self.changes.iter().filter(|c| !c.is_noise()) {
            let sign = sign_of(change);
            match tally.iter_mut().find(|(s, _)| *s == sign) {
                Some((_, count)) => *count += 1,
                None => tally.push((sign, 1)),
            }
        }
        let tally: Vec<String> = if tally.is_empty() {
            vec![style.signed(Sign::Folded)]
        } else {
            tally.iter().map(|(sign, n)| style.paint(sign.meaning(), format!("{}{n}", style.sign(*sign)))).collect()
        };
        let refs =
            if self.decoration.is_empty() { String::new() } else { format!("({}) ", one_line(&self.decoration)) };
        out.line(&format!(
            "{} {refs}{}  {}",
            style.paint(Meaning::Commit, id),
            one_line(&self.subject),
            tally.join(" ")
        ))
    }
}

impl Generated {
    fn show(&self, face: LogFace, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let id = self.commit.get(..face.abbrev).unwrap_or(&self.commit);
        let links: Vec<String> =
            self.links.iter().map(|link| format!("{} {}", one_line(link.name()), link.state())).collect();
        out.line(&format!(
            "    {} {} {}  {}",
            style.signed(Sign::Generated),
            style.paint(Meaning::Commit, id),
            one_line(&self.subject),
            style.paint(Meaning::Dim, links.join(", "))
        ))
    }
}

/// The JSON of a log as a stream: head, entries, tail.
#[derive(Debug, Default)]
pub struct LogJson {
    written: usize,
}

impl LogJson {
    /// Writes one entry, behind the head or a comma.
    pub fn entry(&mut self, entry: &LogEntry, out: &mut Output) -> Result<(), Error> {
        out.text(if self.written == 0 { HEAD } else { ",\n" })?;
        self.written += 1;
        out.text(&serde_json::to_string(entry)?)
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
