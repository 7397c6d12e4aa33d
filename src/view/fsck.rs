//! `git spec fsck`: what is wrong with links, and what would mend it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::facts::LinkFact;
use super::style::Meaning;
use super::text::{escape_controls, fill, one_line, truncate, width};
use crate::error::Error;

/// The answer of `git spec fsck`.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct FsckReport {
    /// `git-spec/fsck/1`.
    pub schema: &'static str,
    /// Full commit id; `null` with `--all`.
    pub rev: Option<String>,
    /// How many links there are, withdrawn ones not counted.
    pub links: usize,
    /// How many of them are exact.
    pub exact: usize,
    /// How many are not, but a note links the same commit to the same clause exactly.
    pub mended: usize,
    /// How many were withdrawn.
    pub withdrawn: usize,
    /// What is not as it should be, broken links first.
    pub findings: Vec<Finding>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A link that is not exact.
    Link,
    /// A `Spec:` value in a message that is no link.
    Value,
    /// A line of a note that is neither a link nor a withdrawal, or several links with one id.
    Line,
    /// A note on an object that is gone, is no commit, or that no reference reaches.
    Orphan,
}

/// Something that is not as it should be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// What it is about.
    pub what: What,
    /// Whether it makes the exit status 1: a link that is dangling, ambiguous, unknown, a mismatch or elsewhere.
    pub broken: bool,
    /// The carrier, or the annotated object.
    pub object: String,
    /// First line of the carrier's message.
    pub subject: Option<String>,
    /// The link, where it is about one.
    pub link: Option<LinkFact>,
    /// The id of the line in the note.
    pub id: Option<String>,
    /// What stands there: the value or the line.
    pub text: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// The command that mends it; `null` where none does or nothing has to be done.
    pub mend: Option<String>,
    /// What a person can do where no command alone mends it, or in the list that the command opens: sentences, and
    /// commands, each whole.
    pub advice: Vec<String>,
    /// The commit that a lost one became, where that is certain.
    pub moved_to: Option<String>,
}

impl Finding {
    /// A finding about an object, with nothing said yet.
    pub fn new(what: What, object: String) -> Finding {
        Finding {
            what,
            broken: false,
            object,
            subject: None,
            link: None,
            id: None,
            text: None,
            reason: String::new(),
            mend: None,
            advice: Vec::new(),
            moved_to: None,
        }
    }
}

impl FsckReport {
    /// Whether a link is broken.
    pub fn is_broken(&self) -> bool {
        self.findings.iter().any(|finding| finding.broken)
    }

    /// Writes the text for people: the findings, the worst first, then the numbers.
    pub fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        for finding in &self.findings {
            finding.show(abbrev, out)?;
        }
        if !self.findings.is_empty() {
            out.line("")?;
        }
        out.line(&self.summary())
    }

    fn summary(&self) -> String {
        let mut states: Vec<(&str, usize)> = Vec::new();
        for link in self.findings.iter().filter_map(|finding| finding.link.as_ref()) {
            match states.iter_mut().find(|(state, _)| *state == link.resolution) {
                Some((_, count)) => *count += 1,
                None => states.push((&link.resolution, 1)),
            }
        }
        let mut parts = vec![format!("{} exact", self.exact)];
        parts.extend(states.into_iter().map(|(state, count)| format!("{count} {state}")));
        parts.extend((self.mended > 0).then(|| format!("{} mended", self.mended)));
        let links = if self.links == 1 { "1 link" } else { &format!("{} links", self.links) };
        let withdrawn = if self.withdrawn > 0 { format!("; {} withdrawn", self.withdrawn) } else { String::new() };
        format!("{links}: {}{withdrawn}", parts.join(", "))
    }
}

impl Finding {
    fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let id = self.object.get(..abbrev).unwrap_or(&self.object);
        let (state, name) = match (&self.link, self.what) {
            (Some(link), _) => (link.resolution.as_str(), format!("{} ({})", link.name(), link.source)),
            (None, What::Value | What::Line) => {
                let text = self.text.as_deref().filter(|text| !text.trim().is_empty());
                ("no link", text.unwrap_or("(empty)").to_owned())
            }
            (None, _) => ("orphan", "a note".to_owned()),
        };
        let meaning = if self.broken { Meaning::Error } else { Meaning::Warning };
        let room = out.width().saturating_sub(width(id) + width(state) + 2).max(16);
        let what = truncate(&one_line(&name), room, style);
        let used = width(id) + width(state) + width(&what) + 4;
        let subject = self.subject.as_deref().map(one_line).unwrap_or_default();
        let left = out.width().saturating_sub(used);
        let subject = if left < 8 { String::new() } else { truncate(&subject, left, style) };
        let head = format!("{} {} {what}  {subject}", style.paint(Meaning::Commit, id), style.paint(meaning, state));
        out.line(head.trim_end())?;
        for line in fill(&escape_controls(&self.reason), out.width().saturating_sub(4), 0) {
            out.line(&format!("    {line}"))?;
        }
        if let Some(mend) = &self.mend {
            out.line(&format!("    {} {}", style.paint(Meaning::Hint, "mend:"), one_line(mend)))?;
        }
        for advice in &self.advice {
            if advice.starts_with("git ") {
                out.line(&format!("      {}", one_line(advice)))?;
                continue;
            }
            for line in fill(&escape_controls(advice), out.width().saturating_sub(4), 0) {
                out.line(&format!("    {line}"))?;
            }
        }
        Ok(())
    }
}
