//! `git spec unlink`: the links that were withdrawn, or would be.

use bstr::ByteSlice;
use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::facts::{path_text, short_id};
use super::style::Meaning;
use super::text::{one_line, truncate, width};
use crate::error::Error;
use crate::trace::Link;

/// The answer of `git spec unlink`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnlinkReport {
    /// `git-spec/unlink/1`.
    pub schema: &'static str,
    /// Whether it was written: not with `--dry-run`.
    pub written: bool,
    /// The links that were withdrawn, by carrier.
    pub links: Vec<WithdrawnLink>,
    /// Links that stand in messages and so were not, in words.
    pub kept: Vec<String>,
}

/// A link that was withdrawn.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WithdrawnLink {
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
    /// The id of its line in the note.
    pub id: String,
}

impl WithdrawnLink {
    /// A link as the views show it.
    pub fn new(commit: String, subject: String, link: &Link) -> WithdrawnLink {
        WithdrawnLink {
            commit,
            subject,
            path: path_text(link.path.as_bstr()),
            anchor: link.anchor.clone(),
            version: link.version.to_string(),
            id: link.id.clone().unwrap_or_default(),
        }
    }
}

impl UnlinkReport {
    /// Writes the text for people: the commit, the clause, and what happened.
    pub fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let what = if self.written { "unlinked" } else { "would be unlinked" };
        for link in &self.links {
            let id = link.commit.get(..abbrev).unwrap_or(&link.commit);
            let name = one_line(link.anchor.as_deref().map_or(&link.path, short_id)).into_owned();
            let room = out.width().saturating_sub(width(id) + width(&name) + width(what) + 6).max(8);
            let subject = truncate(&one_line(&link.subject), room, style);
            let (id, name) = (style.paint(Meaning::Commit, id), style.paint(Meaning::Anchor, name));
            out.line(format!("{id} {name}  {what}  {subject}").trim_end())?;
        }
        Ok(())
    }
}
