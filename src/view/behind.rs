//! Clauses that code is behind of, with the commits and lines it is about: what `status` and `impact` have in common.

use bstr::BString;
use schemars::JsonSchema;
use serde::Serialize;

use super::facts::{ClauseFact, short_id};
use super::style::{Meaning, Style};
use super::text::{cut_path, one_line, truncate, width};
use crate::spec::Grade;
use crate::trace::answer::State;

/// A clause with links to what it said before.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BehindClause {
    /// The clause's file; where it stood last if it is gone.
    pub path: String,
    /// Its name there.
    pub anchor: String,
    /// The clause as the revision has it; `null` where it is gone.
    pub clause: Option<ClauseFact>,
    /// Whether several clauses of the set have this anchor, for the screen.
    #[serde(skip)]
    pub namesakes: bool,
    /// The clause as it stood last where it is gone; `null` where it is there, or cannot be read.
    pub was: Option<ClauseFact>,
    /// `stale`, `contested` or `answered`; `null` where it is gone.
    pub state: Option<State>,
    /// The worst change since the version furthest behind; of a range the change between its sides.
    pub grade: Option<Grade>,
    /// What made that normative.
    pub tipped: Vec<String>,
    /// Its changes since the version furthest behind, newest first.
    pub changes: Vec<ClauseChange>,
    /// The commit in which it went, where it is gone.
    pub removed_in: Option<String>,
    /// Commits that were generated from older versions.
    pub carriers: Vec<BehindCarrier>,
    /// How many carriers are in force; others were superseded by them.
    pub in_force: usize,
    /// Lines of code that are left of those commits.
    pub leftover: u32,
}

/// A change of a clause's meaning.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClauseChange {
    /// Where.
    pub commit: String,
    /// How grave.
    pub grade: Option<Grade>,
    /// What made it normative.
    pub tipped: Vec<String>,
}

/// A commit that was generated from an older version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BehindCarrier {
    /// Full id.
    pub commit: String,
    /// First line of its message.
    pub subject: String,
    /// The version that it was generated from.
    pub version: String,
    /// Whether a later commit was generated from the clause too, so that only its lines are of interest.
    pub superseded: bool,
    /// Other clauses that it was generated from: nobody can tell which of its lines belong to which.
    pub shared_with: Vec<String>,
    /// What is left of it; empty where no line is.
    pub lines: Vec<FileLines>,
}

/// Lines of a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FileLines {
    /// Repository-relative path.
    pub path: String,
    /// Runs of lines, first and last; none where no line is left and the file holds the words of it.
    pub ranges: Vec<(u32, u32)>,
    /// The path as Git has it.
    #[serde(skip)]
    pub raw: BString,
}

/// Runs of lines that are shown of a file before the rest is left out.
const SHOWN_RANGES: usize = 4;
/// Columns before a row.
const ROW_INDENT: usize = 2;
/// Of a title at least so much is shown before what is said is cut.
const LEAST_TITLE: usize = 14;
/// Words that tipped a grade, shown at most.
const SHOWN_TIPS: usize = 3;

impl FileLines {
    /// `src/lock.rs:10-48,60`.
    pub fn text(&self, columns: usize, style: Style) -> String {
        let range = |&(first, last): &(u32, u32)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        };
        let mut ranges: Vec<String> = self.ranges.iter().take(SHOWN_RANGES).map(range).collect();
        if self.ranges.len() > SHOWN_RANGES {
            ranges.push(style.sign(super::Sign::Ellipsis).to_owned());
        }
        let colon = if ranges.is_empty() { "" } else { ":" };
        let ranges = format!("{colon}{}", ranges.join(","));
        format!("{}{ranges}", cut_path(&self.path, columns.saturating_sub(width(&ranges)), style))
    }
}

impl BehindClause {
    /// What a person calls it.
    pub fn name(&self) -> &str {
        self.clause.as_ref().map_or_else(|| short_id(&self.anchor), ClauseFact::name)
    }

    /// The id column and the title column of the screen.
    pub fn label(&self) -> (Option<String>, String) {
        if self.namesakes {
            let name = format!("{}#{}", self.path, short_id(&self.anchor));
            return (Some(one_line(&name).into_owned()), self.title());
        }
        match &self.clause {
            Some(clause) => (clause.shown_id(), clause.shown_title()),
            None => (Some(one_line(short_id(&self.anchor)).into_owned()), self.title()),
        }
    }

    fn title(&self) -> String {
        self.clause.as_ref().or(self.was.as_ref()).map(ClauseFact::shown_title).unwrap_or_default()
    }

    /// `5 → 3, normative, 3f2a9c1`, or where it went; in at most `room` columns, where the words that tipped go first.
    pub fn what(&self, abbrev: usize, room: usize, style: Style) -> String {
        let told = (0..=SHOWN_TIPS).rev().map(|tips| self.told(abbrev, tips, style));
        let fitting = told.into_iter().find(|told| width(told) <= room);
        fitting.unwrap_or_else(|| truncate(&self.told(abbrev, 0, style), room, style))
    }

    fn told(&self, abbrev: usize, tips: usize, style: Style) -> String {
        let short = |id: &str| id.get(..abbrev).unwrap_or(id).to_owned();
        if self.clause.is_none() {
            return match &self.removed_in {
                Some(commit) => format!("removed in {}", short(commit)),
                None => "removed".to_owned(),
            };
        }
        let arrow = |tip: &String| if style.unicode { tip.clone() } else { tip.replace('→', "->") };
        let mut parts: Vec<String> = self.tipped.iter().take(tips).map(arrow).collect();
        parts.push(self.grade.map_or("changed", Grade::word).to_owned());
        if let Some(worst) = self.changes.iter().find(|change| change.grade == self.grade) {
            parts.push(short(&worst.commit));
        }
        if self.changes.len() > 1 {
            parts.push(format!("{} changes", self.changes.len()));
        }
        one_line(&parts.join(", ")).into_owned()
    }

    /// Other clauses that what is left was generated from too: `AUTH-1`, `AUTH-1 +2`.
    pub fn shared_with(&self) -> Option<String> {
        let left = self.carriers.iter().filter(|carrier| !carrier.lines.is_empty());
        names(&left.flat_map(|carrier| &carrier.shared_with).collect::<std::collections::BTreeSet<_>>())
    }

    /// What is left of all its carriers, file by file.
    pub fn files(&self) -> Vec<FileLines> {
        let mut all: Vec<FileLines> = Vec::new();
        for file in self.carriers.iter().flat_map(|carrier| &carrier.lines) {
            match all.iter_mut().find(|known| known.raw == file.raw) {
                Some(known) => known.ranges.extend(&file.ranges),
                None => all.push(file.clone()),
            }
        }
        all.sort_by(|a, b| a.raw.cmp(&b.raw));
        for file in &mut all {
            file.ranges.sort_unstable();
            file.ranges.dedup_by(|next, before| {
                let joins = before.1 + 1 >= next.0;
                if joins {
                    before.1 = before.1.max(next.1);
                }
                joins
            });
        }
        all
    }
}

/// One name, and how many there are besides.
fn names(all: &std::collections::BTreeSet<&String>) -> Option<String> {
    let first = one_line(short_id(all.first()?)).into_owned();
    Some(if all.len() > 1 { format!("{first} +{}", all.len() - 1) } else { first })
}

impl BehindCarrier {
    /// `leftover 12`, `reworked`, `no code`, and whom it is shared with.
    pub fn left(&self) -> String {
        let ranges = self.lines.iter().flat_map(|file| &file.ranges);
        let count: u32 = ranges.map(|(first, last)| last - first + 1).sum();
        match (count, names(&self.shared_with.iter().collect())) {
            (0, _) if !self.lines.is_empty() => "reworked".to_owned(),
            (0, _) => "no code".to_owned(),
            (count, None) => format!("leftover {count}"),
            (count, Some(others)) => format!("leftover {count}, shared with {others}"),
        }
    }
}

/// Files with their lines in at most `most` lines of the screen, the others counted.
pub fn file_lines(files: &[FileLines], columns: usize, most: usize, style: Style) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let text = file.text(columns, style);
        let line = lines.last_mut().filter(|line| width(line) + 2 + width(&text) <= columns);
        if let Some(line) = line {
            line.push_str(&format!(", {text}"));
        } else if lines.len() < most {
            lines.push(text);
        } else {
            let left = files.len() - at;
            lines.push(format!("and {left} more file{}", if left == 1 { "" } else { "s" }));
            break;
        }
    }
    lines
}

/// A row: id, title, and at the right what there is to say, which is asked for with the room that there is for it. Titles
/// are cut before ids.
pub fn row(
    label: (Option<String>, &str),
    column: usize,
    what: impl FnOnce(usize) -> String,
    columns: usize,
    style: Style,
) -> String {
    let (id, title, room) = left_of_row(label, column, columns, style);
    let what = what(room.saturating_sub(width(title).min(LEAST_TITLE) + 2));
    let title = super::text::fit(title, room.saturating_sub(width(&what) + 2), style);
    format!("{:ROW_INDENT$}{id}{title}  {}", "", style.paint(Meaning::Dim, what)).trim_end().to_owned()
}

/// The same, but what would be cut stands beneath, where there is more room.
pub fn row_and_beneath(
    label: (Option<String>, &str),
    column: usize,
    what: impl Fn(usize) -> String,
    columns: usize,
    style: Style,
) -> Vec<String> {
    let (_, title, room) = left_of_row(label.clone(), column, columns, style);
    let whole = what(usize::MAX);
    if width(&whole) + 2 + width(title).min(LEAST_TITLE) <= room {
        return vec![row(label, column, |_| whole, columns, style)];
    }
    let indent = 3 * ROW_INDENT;
    let beneath = style.paint(Meaning::Dim, what(columns.saturating_sub(indent)));
    vec![row(label, column, |_| String::new(), columns, style), format!("{:indent$}{beneath}", "")]
}

/// The id as it is shown, the title, and the columns that are left for it and what follows.
fn left_of_row(
    (id, title): (Option<String>, &str),
    column: usize,
    columns: usize,
    style: Style,
) -> (String, &str, usize) {
    let room = columns.saturating_sub(ROW_INDENT);
    let id = id.map(|id| super::text::pad(&truncate(&id, room * 2 / 3, style), column) + "  ").unwrap_or_default();
    let left = room.saturating_sub(width(&id));
    (style.paint(Meaning::Anchor, id), title, left)
}
