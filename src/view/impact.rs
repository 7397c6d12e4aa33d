//! `git spec impact`: changed demands, and the code that was made from what they said before.

use bstr::BString;
use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::behind::{BehindCarrier, BehindClause, row_and_beneath};
use super::facts::LinkFact;
use super::status::{column, more, title};
use super::style::{Meaning, Sign};
use super::text::{escape_controls, fill, fit, one_line, quote_path, truncate, width};
use crate::error::Error;
use crate::trace::answer::State;

/// The answer of `git spec impact`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImpactReport {
    /// `git-spec/impact/1`.
    pub schema: &'static str,
    /// Of a range what stands before: a full commit id; else `null`.
    pub from: Option<String>,
    /// What stands after: a full commit id or `worktree`; else `null`.
    pub to: Option<String>,
    /// The commit whose lines are told.
    pub rev: String,
    /// Clauses with links to what they said before, the worst first.
    pub clauses: Vec<BehindClause>,
    /// Links that may be about these clauses and are not tied for certain, so that code may be missing above.
    pub untold: Vec<UntoldLink>,
    /// The files of all lines, each once, sorted.
    pub files: Vec<String>,
    /// The same as Git has them.
    #[serde(skip)]
    pub raw_files: Vec<BString>,
    /// Whether any link can be seen.
    #[serde(skip)]
    pub linked: bool,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// A link of which nobody can say for certain what it says, and that nothing settles.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UntoldLink {
    /// The clauses that it may be about, among those that were asked for; what it names where that is none that stands.
    pub clauses: Vec<String>,
    /// First line of its commit's message.
    pub subject: String,
    /// The link, with its commit, state and reason.
    pub link: LinkFact,
}

/// Links that are shown before the rest is counted.
const SHOWN_UNTOLD: usize = 10;

/// Which of the faces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImpactFace {
    /// Only the paths.
    pub files: bool,
    /// Each ended by a NUL, as it is.
    pub nul: bool,
    /// Digits of abbreviated ids.
    pub abbrev: usize,
}

impl ImpactReport {
    /// Writes the text for people, or the paths for a program.
    pub fn show(&self, face: ImpactFace, out: &mut Output) -> Result<(), Error> {
        if face.files {
            return self.paths(face, out);
        }
        for clause in &self.clauses {
            clause.impact(face.abbrev, out)?;
        }
        if self.clauses.is_empty() {
            return self.uncertain(face.abbrev, out);
        }
        let count = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let lines: u32 = self.all_lines();
        let (clauses, files) = (count(self.clauses.len(), "clause"), count(self.files.len(), "file"));
        let summary = format!("{clauses}, {} in {files} (git spec impact --files)", count(lines as usize, "line"));
        fill(&summary, out.width(), 2).iter().try_for_each(|line| out.line(line))?;
        if !self.untold.is_empty() {
            out.line("")?;
        }
        self.uncertain(face.abbrev, out)
    }

    /// The links that nobody can tie for certain.
    fn uncertain(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        if self.untold.is_empty() {
            return Ok(());
        }
        let style = out.style();
        title("Cannot be told, the link isn't certain:", "git spec fsck", out)?;
        let column = column(self.untold.iter().map(|untold| one_line(&untold.link.name()).into_owned()));
        for UntoldLink { subject, link, .. } in self.untold.iter().take(SHOWN_UNTOLD) {
            let what = format!("{} in {}", link.resolution, link.commit.get(..abbrev).unwrap_or(&link.commit));
            let what = |room: usize| truncate(&what, room, style);
            let (name, subject) = (one_line(&link.name()).into_owned(), one_line(subject));
            let rows = row_and_beneath((Some(name), &subject), column, what, out.width(), style);
            rows.iter().try_for_each(|row| out.line(row))?;
            for line in fill(&escape_controls(&link.reason), out.width().saturating_sub(6), 0) {
                out.line(&format!("      {}", style.paint(Meaning::Dim, line)))?;
            }
        }
        more(self.untold.len(), "git spec impact --json", out)
    }

    /// What to say where there is nothing to list.
    pub fn nothing(&self) -> Option<String> {
        let nothing = self.clauses.is_empty();
        nothing.then(|| match (self.linked, self.untold.is_empty()) {
            (false, _) => "no commit says which clause it was generated from: git spec link COMMIT CLAUSE".to_owned(),
            (true, true) => "nothing was generated from older versions".to_owned(),
            (true, false) => "no other code is known to be generated from older versions".to_owned(),
        })
    }

    /// What a list of paths alone leaves out; `command` lists it.
    pub fn beside_files(&self, command: &str) -> Option<String> {
        let left_out = match self.untold.len() {
            0 => return None,
            1 => "1 link that may be about these clauses isn't certain, and its code is".to_owned(),
            count => format!("{count} links that may be about these clauses aren't certain, and their code is"),
        };
        Some(format!("{left_out} not listed: {command}"))
    }

    fn all_lines(&self) -> u32 {
        let mut seen: Vec<&BehindCarrier> = Vec::new();
        for carrier in self.clauses.iter().flat_map(|clause| &clause.carriers) {
            if !seen.iter().any(|known| known.commit == carrier.commit) {
                seen.push(carrier);
            }
        }
        let ranges = seen.iter().flat_map(|carrier| &carrier.lines).flat_map(|file| &file.ranges);
        ranges.map(|(first, last)| last - first + 1).sum()
    }

    fn paths(&self, face: ImpactFace, out: &mut Output) -> Result<(), Error> {
        use std::io::Write as _;
        for path in &self.raw_files {
            if face.nul {
                out.write_all(path)?;
                out.write_all(b"\0")?;
            } else {
                out.line(&quote_path(path))?;
            }
        }
        Ok(())
    }
}

impl BehindClause {
    fn impact(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let sign = if self.clause.is_none() { Sign::Removed } else { Sign::Modified };
        let (id, title) = self.label();
        let state = match self.state {
            Some(State::Answered) => "answered, ",
            Some(State::Contested) => "contested, ",
            _ => "",
        };
        let what = |room: usize| format!("{state}{}", self.what(abbrev, room.saturating_sub(state.len()), style));
        for (at, row) in row_and_beneath((id, &title), 0, what, out.width(), style).iter().enumerate() {
            match row.strip_prefix("  ").filter(|_| at == 0) {
                Some(row) => out.line(&format!("{} {row}", style.signed(sign)))?,
                None => out.line(row)?,
            }
        }
        // Of a superseded commit without code there is nothing to make anew.
        for carrier in self.carriers.iter().filter(|carrier| !carrier.superseded || !carrier.lines.is_empty()) {
            carrier.impact(abbrev, out)?;
        }
        if self.carriers.iter().all(|carrier| carrier.superseded && carrier.lines.is_empty()) {
            out.line(&format!("    {}", style.paint(Meaning::Dim, "no code left")))?;
        }
        Ok(())
    }
}

impl BehindCarrier {
    fn impact(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let id = self.commit.get(..abbrev).unwrap_or(&self.commit);
        let left = self.left();
        let sign = style.sign(Sign::Generated);
        let room = out.width().saturating_sub(4 + width(sign) + 1 + width(id) + 1 + width(&left) + 2);
        let subject = fit(&one_line(&self.subject), room, style);
        let (id, left) = (style.paint(Meaning::Commit, id), style.paint(Meaning::Dim, left));
        out.line(&format!("    {} {id} {subject}  {left}", style.signed(Sign::Generated)))?;
        for file in &self.lines {
            out.line(&format!("        {}", file.text(out.width().saturating_sub(8), style)))?;
        }
        Ok(())
    }
}
