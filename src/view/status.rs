//! `git spec status`: one screen, worst first, each section with the command that mends it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::behind::{BehindClause, file_lines, row, row_and_beneath};
use super::facts::ClauseFact;
use super::start::{StartedClause, rows};
use super::style::{Meaning, Sign, Style};
use super::text::{cut_path, fill, fit, one_line, pad, shell_quote, truncate, width};
use crate::error::Error;
use crate::trace::answer::State;

/// The answer of `git spec status`.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct StatusReport {
    /// `git-spec/status/1`.
    pub schema: &'static str,
    /// Full commit id.
    pub rev: String,
    /// The revision as it was named, for the screen.
    #[serde(skip)]
    pub at: Option<String>,
    /// The branch of HEAD; `null` where it is detached or another revision was asked for.
    pub branch: Option<String>,
    /// With `--branch`, the commit that the branch is compared with.
    pub base: Option<String>,
    /// What that belongs to, for the screen.
    #[serde(skip)]
    pub base_name: Option<String>,
    /// Whether any link can be seen.
    pub linked: bool,
    /// How many clauses there are in which state.
    pub counts: Counts,
    /// What is being generated (`git spec start`), oldest first.
    pub started: Vec<StartedClause>,
    /// Clauses whose code was made from what they said before, the worst first.
    pub stale: Vec<BehindClause>,
    /// Clauses of whose code only a part was made from what they say now.
    pub contested: Vec<BehindClause>,
    /// Clauses that demand something and that nothing was generated from.
    pub waiting: Vec<WaitingClause>,
    /// Clauses of which it cannot be told whether something was generated from them.
    pub untold: Vec<UntoldClause>,
    /// Clauses that are gone, with what is left of their code.
    pub retired: Vec<BehindClause>,
    /// Clauses of which somebody said that no code had to change.
    pub affirmed: Vec<ClauseFact>,
    /// Answered clauses of a commit that another one says it reverts, without being its inverse.
    pub said: Vec<SaidReverted>,
    /// Answered clauses of whose code nothing is left.
    pub no_code: Vec<NoCodeClause>,
    /// Commits that touch generated files and have no link, newest first.
    pub unlinked: Vec<UnlinkedCommit>,
    /// Links that could not be tied to a clause for certain.
    pub doubtful: usize,
    /// Whole links that stand before the trailers of a message, where none is read, and that nothing else says.
    pub passed_over: usize,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// How many clauses there are in which state.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct Counts {
    /// All of them.
    pub clauses: usize,
    /// Those whose code was made from what they say now.
    pub answered: usize,
    /// Those whose code was made from what they said before.
    pub stale: usize,
    /// Those of which only a part was.
    pub contested: usize,
    /// Those that demand something and that nothing was generated from.
    pub unanswered: usize,
    /// Those of which it cannot be told, since a link that names them isn't tied for certain.
    pub untold: usize,
    /// Headings and prose that demand nothing and that nothing was generated from.
    pub no_demand: usize,
}

/// How a clause stands, for the first line.
#[derive(Clone, Copy, Debug)]
pub enum Counted {
    /// By the links that count.
    As(State),
    /// Unanswered, and a link names it that isn't tied for certain.
    Untold,
    /// Unanswered, and it demands nothing.
    NoDemand,
}

impl Counts {
    /// Counts states.
    pub fn of(states: impl Iterator<Item = Counted>) -> Counts {
        let mut counts = Counts::default();
        for state in states {
            counts.clauses += 1;
            *match state {
                Counted::As(State::Answered) => &mut counts.answered,
                Counted::As(State::Stale) => &mut counts.stale,
                Counted::As(State::Contested) => &mut counts.contested,
                Counted::As(State::Unanswered) => &mut counts.unanswered,
                Counted::Untold => &mut counts.untold,
                Counted::NoDemand => &mut counts.no_demand,
            } += 1;
        }
        counts
    }
}

/// A clause that nothing was generated from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WaitingClause {
    /// The clause.
    pub clause: ClauseFact,
    /// Whether the branch added or changed it.
    pub new: bool,
    /// What names it on the command line.
    #[serde(skip)]
    pub typed: String,
}

/// A clause that a link names which isn't tied for certain, and no other one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UntoldClause {
    /// The clause.
    pub clause: ClauseFact,
    /// The commit that carries the link.
    pub commit: String,
    /// How the link stands: `unknown`, `dangling` and so on.
    pub resolution: String,
    /// Why, in words.
    pub reason: String,
}

/// An answered clause of a commit that is said to be reverted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SaidReverted {
    /// The clause.
    pub clause: ClauseFact,
    /// The commit that was generated from it.
    pub commit: String,
    /// The commit that says it reverts that.
    pub by: String,
    /// How many lines are left of the generated commit.
    pub leftover: u32,
    /// What names the clause on the command line.
    #[serde(skip)]
    pub typed: String,
}

/// An answered clause of whose code nothing is left.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NoCodeClause {
    /// The clause.
    pub clause: ClauseFact,
    /// The newest commit that was generated from it.
    pub commit: String,
    /// The commit that took its code away, where that can be told.
    pub went: Option<String>,
    /// Whether that commit put as much in its place.
    pub replaced: bool,
    /// What names the clause on the command line.
    #[serde(skip)]
    pub typed: String,
}

/// A commit without a link.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnlinkedCommit {
    /// Full id.
    pub commit: String,
    /// First line of its message.
    pub subject: String,
    /// The generated files that it changed.
    pub paths: Vec<String>,
    /// It changed clauses too, and was probably generated from them: guessed, never counted.
    pub inferred: bool,
    /// The clauses that its message names and that nobody completed to a link.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub typed: Vec<TypedName>,
    /// The clauses of links that stand before the trailers of its message, where none is read; another link of it may be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<String>,
}

/// A clause that a message names without its version.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TypedName {
    /// As it was typed.
    pub name: String,
    /// The command that links it as the commit's own tree has it.
    pub command: String,
}

/// Rows of a section that the whole screen must not drown in.
const SHOWN: usize = 10;
/// Lines of files beneath a clause.
const FILE_LINES: usize = 2;
/// Ids wider than this don't make the ids above and below them wider.
const WIDEST_ID: usize = 28;
/// Said of a clause whose older code is all gone.
const NO_CODE: &str = ", no code left";
/// Columns that files stand in from.
const INDENT: usize = 6;

impl StatusReport {
    /// Writes the text for people.
    pub fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        for line in fill(&self.summary(), out.width(), 2) {
            out.line(&line)?;
        }
        if !self.started.is_empty() {
            heading("Under way:", "git spec start --done", out)?;
            rows(&self.started, None, SHOWN, out)?;
        }
        if !self.linked {
            out.line("")?;
            out.line("No commit says which clause it was generated from. To say so:")?;
            out.line("  git spec start CLAUSE         before generating, and commit as ever")?;
            out.line("  git spec link COMMIT CLAUSE   for a commit that is there")?;
            return self.unread(out);
        }
        self.behind("Stale, worst first:", &self.stale, abbrev, out)?;
        self.contested(abbrev, out)?;
        self.said(abbrev, out)?;
        self.no_code(abbrev, out)?;
        self.waiting(out)?;
        self.untold(abbrev, out)?;
        let left: Vec<&BehindClause> = self.retired.iter().filter(|clause| clause.leftover > 0).collect();
        self.clauses("Code whose demand is gone:", &left, abbrev, out)?;
        if let Some((clause, gone)) = left.first().and_then(|clause| Some((clause, clause.removed_in.as_ref()?))) {
            let gone = gone.get(..abbrev).unwrap_or(gone);
            let name = shell_quote(&format!("{}#{}@{gone}~1", clause.path, clause.anchor)).into_owned();
            let style = out.style();
            let on_purpose = format!("kept on purpose: git spec link --affirm HEAD {name}");
            for line in fill(&on_purpose, out.width().saturating_sub(2), 4) {
                out.line(&format!("  {}", style.paint(Meaning::Hint, line)))?;
            }
        }
        self.affirmed(out)?;
        self.unlinked(abbrev, out)?;
        if self.doubtful > 0 {
            let links = if self.doubtful == 1 { "1 link" } else { &format!("{} links", self.doubtful) };
            heading(&format!("{links} could not be tied to a clause for certain."), "git spec fsck", out)?;
        }
        self.unread(out)
    }

    /// Links that stand where none is read.
    fn unread(&self, out: &mut Output) -> Result<(), Error> {
        let links = match self.passed_over {
            0 => return Ok(()),
            1 => "1 link stands before the trailers of its message, where none is read.".to_owned(),
            count => format!("{count} links stand before the trailers of a message, where none is read."),
        };
        heading(&links, "git spec fsck", out)
    }

    fn summary(&self) -> String {
        let place = match (&self.at, &self.branch) {
            (Some(at), _) => format!("At {}", one_line(at)),
            (None, Some(branch)) => format!("On branch {}", one_line(branch)),
            (None, None) => format!("HEAD detached at {}", self.rev.get(..7).unwrap_or(&self.rev)),
        };
        let since = match (&self.base, &self.base_name) {
            (Some(base), Some(name)) => {
                format!(", since {} ({})", one_line(name), base.get(..7).unwrap_or(base))
            }
            _ => String::new(),
        };
        let Counts { clauses, answered, stale, contested, unanswered, untold, no_demand } = self.counts;
        let all = if clauses == 1 { "1 clause".to_owned() } else { format!("{clauses} clauses") };
        if !self.linked {
            return format!("{place}{since}. {all}, no links.");
        }
        let words = [
            (answered, "answered"),
            (stale, "stale"),
            (contested, "contested"),
            (unanswered, "unanswered"),
            (untold, "uncertain"),
            (no_demand, "prose"),
        ];
        let parts: Vec<String> =
            words.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        format!("{place}{since}. {all}{parts}.")
    }

    fn behind(&self, title: &str, all: &[BehindClause], abbrev: usize, out: &mut Output) -> Result<(), Error> {
        self.clauses(title, &all.iter().collect::<Vec<_>>(), abbrev, out)
    }

    fn clauses(&self, title: &str, all: &[&BehindClause], abbrev: usize, out: &mut Output) -> Result<(), Error> {
        if all.is_empty() {
            return Ok(());
        }
        let style = out.style();
        heading(title, "git spec impact", out)?;
        let column = column(all.iter().filter_map(|clause| clause.label().0));
        for clause in all.iter().take(SHOWN) {
            let (id, label) = clause.label();
            let what = |room: usize| match clause.leftover {
                0 if clause.carriers.iter().all(|carrier| carrier.lines.is_empty()) => {
                    clause.what(abbrev, room.saturating_sub(NO_CODE.len()), style) + NO_CODE
                }
                _ => clause.what(abbrev, room, style),
            };
            let rows = row_and_beneath((id, &label), column, what, out.width(), style);
            rows.iter().try_for_each(|row| out.line(row))?;
            files(clause, out)?;
        }
        more(all.len(), "git spec impact", out)
    }

    fn contested(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        if self.contested.is_empty() {
            return Ok(());
        }
        let style = out.style();
        heading("Contested, only a part of the code is from now:", "git spec impact", out)?;
        let column = column(self.contested.iter().filter_map(|clause| clause.label().0));
        for clause in self.contested.iter().take(SHOWN) {
            let (id, label) = clause.label();
            let ids: Vec<&str> =
                clause.carriers.iter().map(|carrier| carrier.commit.get(..abbrev).unwrap_or(&carrier.commit)).collect();
            let what = |room: usize| truncate(&format!("behind: {}", ids.join(", ")), room, style);
            let rows = row_and_beneath((id, &label), column, what, out.width(), style);
            rows.iter().try_for_each(|row| out.line(row))?;
            files(clause, out)?;
        }
        more(self.contested.len(), "git spec impact", out)
    }

    fn said(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let Some(first) = self.said.first() else { return Ok(()) };
        let style = out.style();
        let show = format!("git spec show {}", shell_quote(&first.typed));
        heading("Answered, but said to be reverted:", &show, out)?;
        let column = column(self.said.iter().filter_map(|said| said.clause.shown_id()));
        for said in self.said.iter().take(SHOWN) {
            let short = |id: &'_ str| id.get(..abbrev).unwrap_or(id).to_owned();
            let none = if said.leftover == 0 { NO_CODE } else { "" };
            let what = format!("{} by {}{none}", short(&said.commit), short(&said.by));
            let what = |room: usize| truncate(&what, room, style);
            let title = said.clause.shown_title();
            let rows = row_and_beneath((said.clause.shown_id(), &title), column, what, out.width(), style);
            rows.iter().try_for_each(|row| out.line(row))?;
        }
        more(self.said.len(), "git spec status --json", out)
    }

    fn no_code(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let Some(first) = self.no_code.first() else { return Ok(()) };
        let style = out.style();
        let name = shell_quote(&first.typed);
        heading("Answered, but nothing of its code is left:", &format!("git spec start {name}"), out)?;
        let short = |id: &'_ str| id.get(..abbrev).unwrap_or(id).to_owned();
        let column = column(self.no_code.iter().filter_map(|gone| gone.clause.shown_id()));
        for gone in self.no_code.iter().take(SHOWN) {
            let what = match &gone.went {
                Some(went) => {
                    let how = if gone.replaced { "replaced" } else { "gone" };
                    format!("made in {}, {how} in {}", short(&gone.commit), short(went))
                }
                None => format!("made in {}, gone", short(&gone.commit)),
            };
            let what = |room: usize| truncate(&what, room, style);
            let title = gone.clause.shown_title();
            let rows = row_and_beneath((gone.clause.shown_id(), &title), column, what, out.width(), style);
            rows.iter().try_for_each(|row| out.line(row))?;
        }
        more(self.no_code.len(), "git spec status --json", out)?;
        let anew = |went: &String| format!("if {0} made it anew: git spec link {0} {name}", short(went));
        let anew = first.went.as_ref().map(anew);
        let none = format!("if no code is needed: git spec link --affirm HEAD {name}");
        for hint in anew.into_iter().chain([none]) {
            for line in fill(&hint, out.width().saturating_sub(2), 4) {
                out.line(&format!("  {}", style.paint(Meaning::Hint, line)))?;
            }
        }
        Ok(())
    }

    fn waiting(&self, out: &mut Output) -> Result<(), Error> {
        let Some(first) = self.waiting.first() else { return Ok(()) };
        let style = out.style();
        heading("Not generated yet:", &format!("git spec start {}", shell_quote(&first.typed)), out)?;
        let shown = &self.waiting[..self.waiting.len().min(SHOWN)];
        let column = column(shown.iter().filter_map(|waiting| waiting.clause.shown_id()));
        for waiting in shown {
            let clause = &waiting.clause;
            let columns = out.width() / 3;
            let what = |room: usize| match (waiting.new, self.base.is_some()) {
                (true, false) => truncate("of this branch", room, style),
                _ => cut_path(&clause.path, columns.min(room), style),
            };
            out.line(&row((clause.shown_id(), &clause.shown_title()), column, what, out.width(), style))?;
        }
        more(self.waiting.len(), "git spec ls --long", out)
    }

    fn untold(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        if self.untold.is_empty() {
            return Ok(());
        }
        let style = out.style();
        heading("Cannot be told, the link isn't certain:", "git spec fsck", out)?;
        let column = column(self.untold.iter().filter_map(|untold| untold.clause.shown_id()));
        for untold in self.untold.iter().take(SHOWN) {
            let what = format!("{} in {}", untold.resolution, untold.commit.get(..abbrev).unwrap_or(&untold.commit));
            let what = |room: usize| truncate(&what, room, style);
            let title = untold.clause.shown_title();
            let rows = row_and_beneath((untold.clause.shown_id(), &title), column, what, out.width(), style);
            rows.iter().try_for_each(|row| out.line(row))?;
        }
        more(self.untold.len(), "git spec status --json", out)
    }

    fn affirmed(&self, out: &mut Output) -> Result<(), Error> {
        let Some(first) = self.affirmed.first() else { return Ok(()) };
        let style = out.style();
        let show = format!("git spec show {}", shell_quote(&first.anchor));
        heading("Affirmed, no code had to change:", &show, out)?;
        let column = column(self.affirmed.iter().filter_map(ClauseFact::shown_id));
        for clause in self.affirmed.iter().take(SHOWN) {
            let columns = out.width() / 3;
            let path = |room: usize| cut_path(&clause.path, columns.min(room), style);
            out.line(&row((clause.shown_id(), &clause.shown_title()), column, path, out.width(), style))?;
        }
        more(self.affirmed.len(), "git spec status --json", out)
    }

    fn unlinked(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let Some(first) = self.unlinked.first() else { return Ok(()) };
        let style = out.style();
        let short = |id: &'_ str| id.get(..abbrev).unwrap_or(id).to_owned();
        heading("Commits without a link:", &format!("git spec link {} CLAUSE", short(&first.commit)), out)?;
        for commit in self.unlinked.iter().take(SHOWN) {
            let mark = if commit.inferred { "~" } else { " " };
            let id = short(&commit.commit);
            let room = out.width().saturating_sub(2 + width(&id) + 1);
            let others = match commit.paths.len() {
                0 | 1 => String::new(),
                all => format!(" +{}", all - 1),
            };
            let path = commit.paths.first().map_or("", String::as_str);
            let path = format!("{}{others}", cut_path(path, room / 2, style));
            let subject = fit(&one_line(&commit.subject), room.saturating_sub(width(&path) + 2), style);
            let (id, path) = (style.paint(Meaning::Commit, id), style.paint(Meaning::Dim, path));
            let mark = style.paint(Meaning::Inferred, mark);
            out.line(format!(" {mark}{id} {subject}  {path}").trim_end())?;
            for typed in &commit.typed {
                let name = one_line(&typed.name);
                let hint = style.paint(Meaning::Hint, one_line(&typed.command));
                out.line(&format!("      names {name}, which nobody completed: {hint}"))?;
            }
            if let Some(first) = commit.passed_over.first() {
                let more = match commit.passed_over.len() - 1 {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let hint = style.paint(Meaning::Hint, "git spec fsck");
                let name = cut_path(&one_line(first), room / 2, style);
                out.line(&format!("      links {name}{more} before its trailers: {hint}"))?;
            }
        }
        more(self.unlinked.len(), "git spec status --json", out)
    }
}

/// The ids' column.
pub(super) fn column(ids: impl Iterator<Item = String>) -> usize {
    ids.map(|id| width(&id)).filter(|&wide| wide <= WIDEST_ID).max().unwrap_or(0)
}

/// A section's title, and at the right the command that mends it; beneath it where both don't fit.
fn heading(words: &str, command: &str, out: &mut Output) -> Result<(), Error> {
    out.line("")?;
    title(words, command, out)
}

/// The same without the line that parts it from what stands above.
pub(super) fn title(title: &str, command: &str, out: &mut Output) -> Result<(), Error> {
    let style = out.style();
    let hint = format!("({command})");
    let painted = style.paint(Meaning::Hint, &hint);
    if width(title) + 2 + width(&hint) <= out.width() {
        let title = pad(title, out.width() - width(&hint));
        return out.line(&format!("{}{painted}", style.paint(Meaning::Heading, title)));
    }
    out.line(&style.paint(Meaning::Heading, title))?;
    out.line(&style.paint(Meaning::Hint, truncate(&hint, out.width(), style)))
}

/// What is left of a clause's code.
fn files(clause: &BehindClause, out: &mut Output) -> Result<(), Error> {
    let style = out.style();
    let files = clause.files();
    let mut lines = file_lines(&files, out.width().saturating_sub(INDENT), FILE_LINES, style);
    let shared = clause.shared_with().map(|others| format!("shared with {others}"));
    if let Some(shared) = shared {
        match lines.last_mut().filter(|line| INDENT + width(line) + 2 + width(&shared) <= out.width()) {
            Some(line) => line.push_str(&format!(", {shared}")),
            None => lines.push(truncate(&shared, out.width().saturating_sub(INDENT), style)),
        }
    }
    for line in lines {
        out.line(&format!("{:INDENT$}{line}", ""))?;
    }
    Ok(())
}

/// How many rows were left out.
pub(super) fn more(all: usize, command: &str, out: &mut Output) -> Result<(), Error> {
    if all <= SHOWN {
        return Ok(());
    }
    let style: Style = out.style();
    let line = format!("{} more ({command})", all - SHOWN);
    out.line(&format!("  {} {}", style.signed(Sign::Folded), style.paint(Meaning::Dim, line)))
}
