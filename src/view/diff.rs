//! `git spec diff`: what the demands became.

use std::io::Write as _;

use bstr::{BString, ByteSlice};
use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::change::{id_column, path_of, show_change, show_words, stat_lines};
use super::facts::{ChangeFact, DocumentFact, path_text};
use super::style::{Meaning, Sign};
use super::text::{cut_path, fill, one_line};
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
    /// Files that were generated from the older versions, for the screen.
    #[serde(skip)]
    pub generated: Vec<BString>,
    /// The command that tells their lines.
    #[serde(skip)]
    pub impact: String,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// Files that are named in the last line; the others are a number.
const SHOWN_FILES: usize = 4;

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

/// Changes that are laid out one after the other.
const FEW: usize = 16;

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
            stat_lines(&self.changes.iter().collect::<Vec<_>>(), 1, out)?;
        }
        let summary = self.summary(face);
        if !summary.is_empty() {
            for line in fill(&summary, out.width(), 2) {
                out.line(&line)?;
            }
        }
        self.generated(out)
    }

    /// The code that the changes leave behind.
    fn generated(&self, out: &mut Output) -> Result<(), Error> {
        if self.generated.is_empty() {
            return Ok(());
        }
        let style = out.style();
        let room = out.width().saturating_sub(2);
        let mut names: Vec<String> = self
            .generated
            .iter()
            .take(SHOWN_FILES)
            .map(|path| cut_path(&path_text(path.as_bstr()), room, style))
            .collect();
        if self.generated.len() > SHOWN_FILES {
            names.push(format!("{} more", self.generated.len() - SHOWN_FILES));
        }
        let line = format!("Generated from the old versions: {} ({})", names.join(", "), self.impact);
        fill(&one_line(&line), out.width(), 2).iter().try_for_each(|line| out.line(line))
    }

    fn names(&self, face: DiffFace, out: &mut Output) -> Result<(), Error> {
        for change in self.changes.iter().filter(|c| face.all || !c.is_noise()) {
            if let Some(clause) = change.shown() {
                if face.nul {
                    out.write_all(&[&clause.raw_name()[..], b"\0"].concat())?;
                } else {
                    out.line(&one_line(&format!("{}#{}", clause.path, clause.anchor)))?;
                }
            }
        }
        Ok(())
    }

    fn body(&self, face: DiffFace, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let visible: Vec<&ChangeFact> = self.changes.iter().filter(|c| face.all || !c.is_noise()).collect();
        let files: Vec<&[&ChangeFact]> = visible.chunk_by(|a, b| path_of(a) == path_of(b)).collect();
        let alone = |document: &&DocumentFact| !files.iter().any(|file| document.is_at(path_of(file[0])));
        for document in self.documents.iter().filter(alone) {
            document.line(out)?;
        }
        // Laying out takes as long as comparing; half of it is done beside the other.
        let half = halfway(&files);
        let (first, second) = files.split_at(if visible.len() < FEW { files.len() } else { half });
        if second.is_empty() {
            return first.iter().try_for_each(|file| self.file(file, out));
        }
        let width = out.width();
        let second = std::thread::scope(|scope| {
            let beside = scope.spawn(|| {
                let mut out = Output::in_memory(style, width);
                second.iter().try_for_each(|file| self.file(file, &mut out))?;
                Ok::<_, Error>(out.into_bytes())
            });
            first.iter().try_for_each(|file| self.file(file, out))?;
            beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        out.bytes(&second)
    }

    /// The changes of one file.
    fn file(&self, file: &[&ChangeFact], out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let path = path_of(file[0]);
        let news = self.documents.iter().find(|document| document.is_at(path)).map(DocumentFact::news);
        let news = news.map_or(String::new(), |news| format!("  ({news})"));
        out.line(&format!("{}{}", style.paint(Meaning::Heading, one_line(path)), style.paint(Meaning::Dim, news)))?;
        let column = id_column(file);
        for change in file {
            show_change(change, 2, column, out)?;
            show_words(change, 6, out)?;
        }
        Ok(())
    }

    fn summary(&self, face: DiffFace) -> String {
        let (noise, all): (Vec<&ChangeFact>, Vec<&ChangeFact>) = self.changes.iter().partition(|c| c.is_noise());
        let mut parts = counts(&all);
        let minor = noise.iter().filter(|c| c.is(ChangeKind::Modified)).count();
        let editorial = noise.len() - minor;
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

impl DocumentFact {
    /// Whether changes shown under a path are this file's.
    pub(super) fn is_at(&self, path: &str) -> bool {
        self.path.as_deref().or(self.was.as_deref()) == Some(path)
    }

    /// What became of the file, in words.
    pub(super) fn news(&self) -> String {
        match (&self.was, &self.path, &self.outside) {
            (None, Some(_), Some(outside)) => format!("joins the spec set, was {}", one_line(outside)),
            (None, Some(_), None) => "new file".to_owned(),
            (Some(_), None, Some(outside)) => format!("leaves the spec set, is {} now", one_line(outside)),
            (Some(_), None, None) => "file deleted".to_owned(),
            (Some(was), _, _) => format!("was {}", one_line(was)),
            (None, None, _) => String::new(),
        }
    }

    /// A line for a file none of whose clauses is shown.
    fn line(&self, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let line = match (&self.was, &self.path) {
            (Some(was), Some(path)) => {
                let arrow = style.sign(Sign::Becomes);
                format!("{} {} {arrow} {}", style.signed(Sign::Renamed), one_line(was), one_line(path))
            }
            (None, Some(path)) => format!("{} {}  ({})", style.signed(Sign::Added), one_line(path), self.news()),
            (Some(was), None) => format!("{} {}  ({})", style.signed(Sign::Removed), one_line(was), self.news()),
            (None, None) => return Ok(()),
        };
        out.line(&line)
    }
}

/// How many files hold about half of the texts.
fn halfway(files: &[&[&ChangeFact]]) -> usize {
    let size = |file: &&[&ChangeFact]| -> usize {
        let texts = file.iter().flat_map(|change| [&change.before, &change.after]);
        texts.flatten().map(String::len).sum()
    };
    let all: usize = files.iter().map(size).sum();
    let before = files.iter().scan(0, |sum, file| {
        *sum += size(file);
        Some(*sum)
    });
    before.take_while(|sum| sum * 2 <= all).count().max(1).min(files.len())
}

/// `3 added`, `2 modified (1 normative)` and so on, nothing for what didn't happen.
fn counts(changes: &[&ChangeFact]) -> Vec<String> {
    let kinds = [
        (ChangeKind::Modified, "modified"),
        (ChangeKind::Added, "added"),
        (ChangeKind::Removed, "removed"),
        (ChangeKind::Renamed, "renamed"),
        (ChangeKind::IdChanged, "renumbered"),
        (ChangeKind::Moved, "moved"),
        (ChangeKind::MovedFile, "moved to another file"),
    ];
    let mut parts = Vec::new();
    for (kind, word) in kinds {
        let holds = |change: &&&ChangeFact| match kind {
            ChangeKind::Renamed => change.is_renamed(),
            ChangeKind::Modified => change.is(kind) && change.grade != Some(Grade::Minor),
            _ => change.is(kind),
        };
        let count = changes.iter().filter(holds).count();
        let normative = changes.iter().filter(|c| c.grade == Some(Grade::Normative)).count();
        match (kind, count) {
            (_, 0) => {}
            (ChangeKind::Modified, _) if normative > 0 => parts.push(format!("{count} {word} ({normative} normative)")),
            _ => parts.push(format!("{count} {word}")),
        }
    }
    parts
}
