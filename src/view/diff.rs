//! `git spec diff`: what the demands became.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::facts::{ChangeFact, DocumentFact};
use super::style::{Meaning, Sign, Style};
use super::text::{escape_controls, fit, one_line, width};
use super::words;
use crate::error::Error;
use crate::spec::change::ChangeKind;
use crate::spec::grade::Grade;

/// The answer of `git spec diff`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiffReport {
    /// `git-spec/diff/1`.
    pub schema: &'static str,
    /// What stands before: a full commit id, `index`, `worktree` or `empty`.
    pub from: String,
    /// What stands after.
    pub to: String,
    /// Spec files that came, went or took another path.
    pub documents: Vec<DocumentFact>,
    /// Clause by clause, in order of the files.
    pub changes: Vec<ChangeFact>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// Which of the faces of a diff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiffFace {
    /// Show editorial and minor changes too.
    pub all: bool,
    /// Counts per file only.
    pub stat: bool,
    /// Names of clauses only.
    pub name_only: bool,
    /// NUL-ended names.
    pub nul: bool,
    /// Entries for `.gitspec.toml` that would overrule what was found.
    pub identity: bool,
}

impl DiffReport {
    /// Writes the text for people.
    pub fn show(&self, face: DiffFace, out: &mut Output) -> Result<(), Error> {
        if face.name_only {
            return self.names(face, out);
        }
        if face.identity {
            return out.text(&super::identity::entries(&self.changes, face.all));
        }
        if !face.stat {
            self.body(face, out)?;
        } else {
            self.files(out)?;
        }
        let summary = self.summary(face);
        if !summary.is_empty() {
            out.line(&summary)?;
        }
        Ok(())
    }

    fn names(&self, face: DiffFace, out: &mut Output) -> Result<(), Error> {
        let end = if face.nul { "\0" } else { "\n" };
        for change in self.changes.iter().filter(|c| face.all || !c.is_noise()) {
            if let Some(clause) = change.shown() {
                let name = format!("{}#{}", clause.path, clause.anchor);
                let name = if face.nul { name } else { one_line(&name).into_owned() };
                out.text(&format!("{name}{end}"))?;
            }
        }
        Ok(())
    }

    fn files(&self, out: &mut Output) -> Result<(), Error> {
        let groups = self.by_file();
        let widest = groups.iter().map(|(path, _)| width(path)).max().unwrap_or(0).min(out.width() / 2);
        for (path, changes) in groups {
            let counts: Vec<String> = counts(&changes, out.style());
            out.line(&format!(" {} | {}", fit(&one_line(path), widest, out.style()), counts.join(", ")))?;
        }
        Ok(())
    }

    fn body(&self, face: DiffFace, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        for document in &self.documents {
            let line = match (&document.was, &document.path) {
                (Some(was), Some(path)) => format!(
                    "{} {} {} {}",
                    style.signed(Sign::Renamed),
                    one_line(was),
                    style.sign(Sign::Becomes),
                    one_line(path)
                ),
                (None, Some(path)) => format!("{} {} joins the spec set", style.signed(Sign::Added), one_line(path)),
                (Some(was), None) => format!("{} {} leaves the spec set", style.signed(Sign::Removed), one_line(was)),
                (None, None) => continue,
            };
            out.line(&line)?;
        }
        for (path, changes) in self.by_file() {
            if changes.iter().all(|c| c.is_noise()) && !face.all {
                continue;
            }
            out.line(&style.paint(Meaning::Heading, one_line(path)))?;
            for change in changes.iter().filter(|c| face.all || !c.is_noise()) {
                show_change(change, 2, out)?;
                show_words(change, 6, out)?;
            }
        }
        Ok(())
    }

    fn by_file(&self) -> Vec<(&str, Vec<&ChangeFact>)> {
        let mut groups: Vec<(&str, Vec<&ChangeFact>)> = Vec::new();
        for change in &self.changes {
            let Some(clause) = change.shown() else { continue };
            match groups.last_mut().filter(|(path, _)| *path == clause.path) {
                Some((_, group)) => group.push(change),
                None => groups.push((&clause.path, vec![change])),
            }
        }
        groups
    }

    fn summary(&self, face: DiffFace) -> String {
        let all: Vec<&ChangeFact> = self.changes.iter().collect();
        let mut parts = counts(&all.iter().copied().filter(|c| !c.is_noise()).collect::<Vec<_>>(), Style::PLAIN);
        let editorial = all.iter().filter(|c| c.is_noise() && !c.is(ChangeKind::Modified)).count();
        let minor = all.iter().filter(|c| c.is_noise() && c.is(ChangeKind::Modified)).count();
        let folded: Vec<String> = [(editorial, "editorial"), (minor, "minor")]
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} {word}"))
            .collect();
        if parts.is_empty() && folded.is_empty() {
            return String::new();
        }
        if parts.is_empty() {
            parts.push("no change of meaning".to_owned());
        }
        let mut line = parts.join(", ");
        if !folded.is_empty() {
            let hint = if face.all { "" } else { " folded (--all)" };
            line.push_str(&format!("; {}{hint}", folded.join(", ")));
        }
        line
    }
}

/// `3 added`, `2 modified (1 normative)` and so on, nothing for what didn't happen.
fn counts(changes: &[&ChangeFact], style: Style) -> Vec<String> {
    let kinds = [
        (ChangeKind::Modified, "modified", Sign::Modified),
        (ChangeKind::Added, "added", Sign::Added),
        (ChangeKind::Removed, "removed", Sign::Removed),
        (ChangeKind::Renamed, "renamed", Sign::Renamed),
        (ChangeKind::IdChanged, "renumbered", Sign::Renamed),
        (ChangeKind::Moved, "moved", Sign::Moved),
        (ChangeKind::MovedFile, "moved to another file", Sign::Moved),
        (ChangeKind::Editorial, "editorial", Sign::Folded),
    ];
    let mut parts = Vec::new();
    for (kind, word, sign) in kinds {
        let count = changes.iter().filter(|c| c.is(kind)).count();
        if count == 0 {
            continue;
        }
        let normative = changes.iter().filter(|c| c.is(kind) && c.grade == Some(Grade::Normative)).count();
        let weight = if kind == ChangeKind::Modified && normative > 0 {
            format!(" ({normative} normative)")
        } else {
            String::new()
        };
        parts.push(style.paint(sign.meaning(), format!("{count} {word}{weight}")));
    }
    parts
}

/// The sign that says most about a change.
pub fn sign_of(change: &ChangeFact) -> Sign {
    let has = |kind| change.is(kind);
    if has(ChangeKind::Added) {
        Sign::Added
    } else if has(ChangeKind::Removed) {
        Sign::Removed
    } else if has(ChangeKind::Modified) && change.grade != Some(Grade::Minor) {
        Sign::Modified
    } else if has(ChangeKind::Renamed) || has(ChangeKind::IdChanged) {
        Sign::Renamed
    } else if has(ChangeKind::Moved) || has(ChangeKind::MovedFile) {
        Sign::Moved
    } else {
        Sign::Folded
    }
}

/// What happened in words: `SHOULD → MUST`, `was CHK-12`, `moved from specs/a.md`.
pub fn what_happened(change: &ChangeFact, style: Style) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(grade) = change.grade {
        let name = match grade {
            Grade::Normative => "normative",
            Grade::Substantive => "reworded",
            Grade::Minor => "minor",
        };
        let arrow = |tip: &String| if style.unicode { tip.clone() } else { tip.replace('→', "->") };
        let tips: Vec<String> = change.tipped.iter().take(3).map(arrow).collect();
        let more = change.tipped.len().saturating_sub(3);
        let tips = if more > 0 { format!("{} and {more} more", tips.join(", ")) } else { tips.join(", ") };
        parts.push(if tips.is_empty() { name.to_owned() } else { format!("{name}: {tips}") });
    } else if change.is(ChangeKind::Editorial) {
        parts.push("editorial".to_owned());
    }
    if let (Some(was), Some(now)) = (&change.was, &change.clause) {
        if change.is(ChangeKind::IdChanged) {
            parts.push(was.id.as_ref().map_or("got its id".to_owned(), |id| format!("was {id}")));
        }
        if change.is(ChangeKind::Renamed) && was.title_beside_id() != now.title_beside_id() {
            parts.push(format!("was \"{}\"", was.title));
        }
        if change.is(ChangeKind::MovedFile) {
            parts.push(format!("from {}", was.path));
        } else if change.is(ChangeKind::Moved) {
            let from = was.headings.last().filter(|up| now.headings.last() != Some(up));
            parts.push(from.map_or("moved".to_owned(), |up| format!("moved from \"{up}\"")));
        }
    }
    for (kind, word) in [(ChangeKind::Retargeted, "link target"), (ChangeKind::Metadata, "attributes")] {
        if change.is(kind) {
            parts.push(word.to_owned());
        }
    }
    if let Some(other) = &change.other {
        let verb = if change.is(ChangeKind::Split) {
            "split from"
        } else if change.is(ChangeKind::Merged) {
            "merged into"
        } else {
            "copy of"
        };
        parts.push(format!("{verb} {}", other.name()));
    }
    if change.returned {
        parts.push("back again".to_owned());
    }
    if let Some(parent) = &change.dropped {
        parts.push(format!("drops the state of {}", parent.get(..7).unwrap_or(parent)));
    }
    one_line(&parts.join("; ")).into_owned()
}

/// One line: sign, name, title, and at the right what happened.
pub fn show_change(change: &ChangeFact, indent: usize, out: &mut Output) -> Result<(), Error> {
    let style = out.style();
    let Some(clause) = change.shown() else { return Ok(()) };
    let sign = sign_of(change);
    let what = what_happened(change, style);
    let room = out.width().saturating_sub(indent + 2);
    let label = label(clause);
    let what_width = width(&what).min(room * 6 / 10);
    let what = fit(&what, what_width, style);
    let label_width = room.saturating_sub(if what.trim().is_empty() { 0 } else { what_width + 2 });
    let label = if what.trim().is_empty() {
        super::text::truncate(&label, label_width, style)
    } else {
        fit(&label, label_width, style)
    };
    let meaning = if change.grade == Some(Grade::Normative) { Meaning::Normative } else { Meaning::Dim };
    let line = format!(
        "{:indent$}{} {}  {}",
        "",
        style.signed(sign),
        style.paint(sign.meaning(), label),
        style.paint(meaning, what.trim_end())
    );
    out.line(line.trim_end())
}

/// The id and the title, the id not twice.
fn label(clause: &super::facts::ClauseFact) -> String {
    let title = one_line(&clause.title).into_owned();
    match (&clause.id, clause.ordinal) {
        (Some(id), _) => {
            let id = one_line(id).into_owned();
            let rest = clause.title_beside_id();
            if rest.is_empty() || rest == id { id } else { format!("{id}  {rest}") }
        }
        (None, Some(n)) if !title.starts_with("User Story") => format!("{n}. {title}"),
        (None, _) => title,
    }
}

/// The text with its changed words marked, for modified clauses; the new text of added ones is left to `show`.
pub fn show_words(change: &ChangeFact, indent: usize, out: &mut Output) -> Result<(), Error> {
    let style = out.style();
    let room = out.width().saturating_sub(indent).max(20);
    let lines = match (&change.before, &change.after) {
        (Some(before), Some(after)) if before != after => words::marked(before, after, room, style),
        (None, Some(after)) => words::opening(after, room, style),
        _ => return Ok(()),
    };
    for line in lines {
        out.line(&format!("{:indent$}{}", "", line))?;
    }
    Ok(())
}

/// Keeps the escape rule in one place for texts that go out as they are.
pub fn safe(text: &str) -> String {
    escape_controls(text).into_owned()
}
