//! `git spec link`: the links that were written, or would be.

use bstr::ByteSlice;
use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::facts::{path_text, short_id};
use super::style::Meaning;
use super::text::{fill, one_line, truncate, width};
use crate::error::Error;
use crate::trace::{Link, Resolution};

/// The answer of `git spec link`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkReport {
    /// `git-spec/link/1`.
    pub schema: &'static str,
    /// Whether something may have been written: not with `--dry-run`.
    pub written: bool,
    /// The links, by carrier.
    pub links: Vec<WrittenLink>,
    /// What could not be tied, for `--from-annotations` and `--squashed`.
    pub untied: Vec<Untied>,
}

/// A link that was written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WrittenLink {
    /// The carrier.
    pub commit: String,
    /// First line of its message.
    pub subject: String,
    /// The spec file.
    pub path: String,
    /// The clause in it; `null` for the whole document.
    pub anchor: Option<String>,
    /// The version.
    pub version: String,
    /// The spec commit that the link names, 16 digits; `null` for the carrier itself.
    pub spec_commit: Option<String>,
    /// `note`, `annotation` or `affirm`.
    pub source: String,
    /// How the link will be found again.
    pub resolution: String,
    /// That in words.
    pub reason: String,
    /// Where the carrier said the same before, so that nothing was written: `note` or `trailer`; else `null`.
    pub already: Option<String>,
    /// The value of the `Spec:` line.
    pub value: String,
}

/// A comment, or a link of a range, that became no link.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Untied {
    /// The file or the commit where it stands.
    pub place: String,
    /// Its line, from 1; `null` for a commit.
    pub line: Option<u32>,
    /// What it says.
    pub text: String,
    /// Why it is no link.
    pub reason: String,
}

impl WrittenLink {
    /// A link as the views show it.
    pub fn new(
        commit: String,
        subject: String,
        link: &Link,
        resolution: &Resolution,
        already: Option<&'static str>,
    ) -> WrittenLink {
        let source = serde_json::to_value(link.source).ok().and_then(|v| v.as_str().map(str::to_owned));
        WrittenLink {
            commit,
            subject,
            path: path_text(link.path.as_bstr()),
            anchor: link.anchor.clone(),
            version: link.version.to_string(),
            spec_commit: link.commit.clone(),
            source: source.unwrap_or_default(),
            resolution: resolution.state.word().to_owned(),
            reason: resolution.reason.clone(),
            already: already.map(str::to_owned),
            value: link.to_string(),
        }
    }

    /// What it names, as the screen shows it.
    pub fn name(&self) -> String {
        one_line(self.anchor.as_deref().map_or(&self.path, short_id)).into_owned()
    }

    /// The same, with the file where another of these has the name.
    fn name_among(&self, all: &[WrittenLink]) -> String {
        match &self.anchor {
            Some(anchor) if all.iter().any(|other| other.anchor == self.anchor && other.path != self.path) => {
                one_line(&format!("{}#{}", self.path, short_id(anchor))).into_owned()
            }
            _ => self.name(),
        }
    }
}

impl LinkReport {
    /// Writes the text for people: the commit, the clause, and what happened.
    pub fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let name = |link: &WrittenLink| link.name_among(&self.links);
        let names = self.links.iter().map(|link| width(&name(link))).max().unwrap_or(0).min(out.width() / 3);
        for link in &self.links {
            let what = self.what(link);
            let id = link.commit.get(..abbrev).unwrap_or(&link.commit);
            let name = super::text::fit(&name(link), names, style);
            let used = width(id) + width(&name) + width(&what) + 6;
            let subject = truncate(&one_line(&link.subject), out.width().saturating_sub(used).max(8), style);
            let (id, name) = (style.paint(Meaning::Commit, id), style.paint(Meaning::Anchor, name));
            out.line(format!("{id} {name}  {what}  {subject}").trim_end())?;
            if link.already.is_none() && link.resolution != "exact" {
                self.why(&format!("{}: {}", link.resolution, one_line(&link.reason)), out)?;
            }
        }
        for untied in &self.untied {
            let line = untied.line.map(|line| format!(":{line}")).unwrap_or_default();
            let place = format!("{}{line}", one_line(&untied.place));
            out.line(&format!("{} {}", style.paint(Meaning::Dim, format!("{place}:")), one_line(&untied.text)))?;
            self.why(&format!("no link: {}", one_line(&untied.reason)), out)?;
        }
        Ok(())
    }

    fn why(&self, text: &str, out: &mut Output) -> Result<(), Error> {
        for line in fill(text, out.width().saturating_sub(2), 2) {
            out.line(&out.style().paint(Meaning::Warning, format!("  {line}")))?;
        }
        Ok(())
    }

    fn what(&self, link: &WrittenLink) -> String {
        match (link.already.as_deref(), self.written, link.source.as_str()) {
            (Some("withdrawn"), ..) => "withdrawn, left out".to_owned(),
            (Some("trailer"), ..) => "already linked by its message".to_owned(),
            (Some(_), ..) => "already linked".to_owned(),
            (None, true, "affirm") => "affirmed".to_owned(),
            (None, true, _) => "linked".to_owned(),
            (None, false, "affirm") => "would be affirmed".to_owned(),
            (None, false, _) => "would be linked".to_owned(),
        }
    }
}
