//! What `git spec check` shows: findings by commit, each with the command that mends it; and the same for programs.

mod github;
mod gitlab;
mod junit;
mod pages;
mod sarif;

use bstr::BString;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Output;
use super::style::Meaning;
use super::text::{fill, fill_hint, one_line, truncate};
use crate::error::Error;

pub use pages::{page, page_text, rule_named};

/// The answer of `git spec check`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckReport {
    /// `git-spec/check/1`.
    pub schema: &'static str,
    /// How many commits were judged.
    pub judged: usize,
    /// What breaks a rule, newest commit first.
    pub findings: Vec<FindingFact>,
    /// How many more there are, which are left out.
    pub left_out: usize,
    /// Exemptions by path that decided.
    pub exempt: Vec<ExemptFact>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
    /// The commits that were judged, as words of a command line.
    #[serde(skip)]
    pub range: Option<String>,
    /// How much there is of it, whether it is kept or not.
    #[serde(skip)]
    pub tally: Tally,
}

/// Findings in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All.
    pub findings: usize,
    /// Those that refuse.
    pub denied: usize,
    /// Commits that have one that refuses.
    pub refused: usize,
    /// Commits of which is only warned.
    pub warned: usize,
}

impl Tally {
    /// Counts the findings of one commit, each of which refuses or warns.
    pub fn count(&mut self, findings: usize, denied: usize) {
        self.findings += findings;
        self.denied += denied;
        self.refused += usize::from(denied > 0);
        self.warned += usize::from(findings > 0 && denied == 0);
    }
}

/// A rule that a commit breaks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FindingFact {
    /// The commit.
    pub commit: String,
    /// The first paragraph of its message.
    pub subject: String,
    /// The rule's code, which stays the same.
    pub code: &'static str,
    /// The rule, as `[policy]` names it.
    pub rule: &'static str,
    /// `deny` or `warn`.
    pub severity: &'static str,
    /// The clause in question; null where there is no link.
    pub clause: Option<String>,
    /// The generated file that the commit changes, else the file of the clause; null where there is neither.
    pub path: Option<String>,
    /// The first run of lines of that file at the newest commit that are the commit's, where any are left.
    pub lines: Option<[u32; 2]>,
    /// What is wrong.
    pub what: String,
    /// What to type or to do, each on a line of its own.
    pub mend: String,
    /// The path as Git stores it.
    #[serde(skip)]
    pub file: Option<BString>,
}

/// A glob of `generated.exempt` that is the only reason why commits need no link.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExemptFact {
    /// The glob.
    pub glob: String,
    /// How many commits.
    pub commits: usize,
    /// The first of them that was judged, the newest.
    pub commit: String,
    /// The first such path that it changes.
    pub path: String,
}

/// What a report is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// As docs/json.md describes it.
    Json,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// JUnit XML, for the test report of a continuous integration.
    Junit,
    /// Workflow commands of GitHub and Gitea actions.
    Github,
    /// A Code Quality report of GitLab.
    Gitlab,
}

/// What formats for programs say beside the findings.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The judged commits, newest first: id and subject.
    pub commits: Vec<(String, String)>,
    /// The newest of them.
    pub tip: Option<String>,
    /// The branch that they are on.
    pub branch: Option<String>,
    /// Where the repository is, without a password.
    pub repository: Option<String>,
}

/// Findings that a person is shown; the rest is a number.
pub const SHOWN: usize = 20;
/// Letters of a subject that are shown.
const SUBJECT: usize = 50;
/// Digits of a commit in formats for programs.
const SHORT: usize = 12;

impl FindingFact {
    fn is_refusal(&self) -> bool {
        self.severity == "deny"
    }

    /// The subject in quotes, short and on one line.
    fn title(&self) -> String {
        let subject: String = said(&self.subject).chars().take(SUBJECT * 2).collect();
        format!("\"{subject}\"")
    }

    /// What to type or to do, line by line.
    fn steps(&self) -> Vec<String> {
        self.mend.lines().map(said).collect()
    }

    /// Names the finding as long as its commit is there, whatever else is found.
    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.code, &self.commit, self.clause.as_deref().unwrap_or_default(), &self.what] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The path for a format that wants one: the policy's own file where a finding is about none.
    fn place(&self) -> &[u8] {
        self.file.as_ref().map_or(b".gitspec.toml", |file| file.as_slice())
    }
}

/// A text on one line, in which no runner of jobs finds a command: of its older form `##[…]` it looks for one anywhere in
/// a line, of `::…` only at the beginning, where no text of ours begins.
fn said(text: &str) -> String {
    one_line(text).replace("##[", "## [")
}

impl Default for CheckReport {
    fn default() -> CheckReport {
        CheckReport {
            schema: "git-spec/check/1",
            judged: 0,
            findings: Vec::new(),
            left_out: 0,
            exempt: Vec::new(),
            incomplete: Vec::new(),
            range: None,
            tally: Tally::default(),
        }
    }
}

impl CheckReport {
    /// Adds what was found in other commits.
    pub fn join(&mut self, other: CheckReport) {
        self.judged += other.judged;
        self.tally.findings += other.tally.findings;
        self.tally.denied += other.tally.denied;
        self.tally.refused += other.tally.refused;
        self.tally.warned += other.tally.warned;
        self.findings.extend(other.findings);
        self.left_out += other.left_out;
        for exempt in other.exempt {
            match self.exempt.iter_mut().find(|known| known.glob == exempt.glob) {
                Some(known) => known.commits += exempt.commits,
                None => self.exempt.push(exempt),
            }
        }
        self.incomplete = other.incomplete;
        self.range = self.range.take().or(other.range);
    }

    /// Keeps no more findings than a person is shown.
    pub fn keep_shown(&mut self) {
        self.left_out += self.findings.len().saturating_sub(SHOWN);
        self.findings.truncate(SHOWN);
    }

    /// Lets what would be refused through; how many findings that are.
    pub fn forgive(&mut self) -> usize {
        self.findings.iter_mut().for_each(|finding| finding.severity = "warn");
        self.tally.warned += std::mem::take(&mut self.tally.refused);
        std::mem::take(&mut self.tally.denied)
    }

    /// Whether something is refused.
    pub fn refuses(&self) -> bool {
        self.tally.denied > 0
    }

    /// The range from before the oldest commit with a finding to the newest, for where not all are shown.
    fn span(&self) -> String {
        let ends = [self.range.as_deref(), self.findings.first().map(|finding| finding.commit.as_str())];
        ends.into_iter().flatten().next().map(|range| one_line(range).into_owned()).unwrap_or_default()
    }

    /// The sentence at the end.
    fn summary(&self) -> String {
        let commits = if self.judged == 1 { "1 commit".to_owned() } else { format!("{} commits", self.judged) };
        let Tally { findings, refused, warned, .. } = self.tally;
        if findings == 0 {
            return format!("{commits} judged, nothing found.");
        }
        format!("{commits} judged: {refused} refused, {warned} warned of.")
    }

    /// What is said where findings are left out.
    fn rest(&self) -> Option<String> {
        let shown = self.findings.len();
        (self.left_out > 0).then(|| format!("{} more findings are left out; {shown} are shown at most", self.left_out))
    }

    /// The findings of each commit. Findings of a commit stand side by side.
    fn by_commit(&self) -> impl Iterator<Item = &[FindingFact]> {
        self.findings.chunk_by(|a, b| a.commit == b.commit)
    }

    /// Writes the report for a program; none where [`CheckReport::show`] has to write it.
    ///
    /// # Errors
    /// None that a report of ours would give.
    pub fn written(&self, format: Format, about: &About) -> Result<Option<String>, Error> {
        Ok(Some(match format {
            Format::Text => return Ok(None),
            Format::Json => serde_json::to_string_pretty(self)? + "\n",
            Format::Sarif => serde_json::to_string_pretty(&sarif::sarif(self, about))? + "\n",
            Format::Junit => junit::junit(self, about),
            Format::Github => github::commands(self),
            Format::Gitlab => serde_json::to_string_pretty(&gitlab::code_quality(self))? + "\n",
        }))
    }

    /// Writes the text for people.
    pub fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let (style, room) = (out.style(), out.width().saturating_sub(2));
        let mut left = SHOWN;
        for findings in self.by_commit() {
            let findings = &findings[..findings.len().min(left)];
            let Some(first) = findings.first() else { break };
            left -= findings.len();
            let (label, meaning) = match findings.iter().any(FindingFact::is_refusal) {
                true => ("error:", Meaning::Error),
                false => ("warning:", Meaning::Warning),
            };
            let short = first.commit.get(..abbrev).unwrap_or(&first.commit);
            let subject = truncate(&said(&first.subject), SUBJECT, style);
            out.line(&format!("{} {short} \"{subject}\"", style.paint(meaning, label)))?;
            let mut typed: Vec<&str> = Vec::new();
            for finding in findings {
                let warned = if !finding.is_refusal() && meaning == Meaning::Error { ", a warning" } else { "" };
                let what = format!("{} ({}{warned})", said(&finding.what), finding.rule);
                for line in fill(&what, room, 2) {
                    // A runner of jobs would take the begin of such a line for a command.
                    let line = if line.trim_start().starts_with("::") { line.replacen("::", ": :", 1) } else { line };
                    out.line(&format!("  {line}"))?;
                }
                if !finding.mend.is_empty() && !typed.contains(&finding.mend.as_str()) {
                    typed.push(&finding.mend);
                }
            }
            for mend in typed.iter().flat_map(|mend| mend.lines()) {
                for line in fill_hint(&said(mend), out.width().saturating_sub("  hint: ".len())) {
                    out.line(&format!("  {} {line}", style.paint(Meaning::Hint, "hint:")))?;
                }
            }
        }
        if self.tally.findings > SHOWN {
            out.line(&format!("and {} more findings:", self.tally.findings - SHOWN))?;
            out.line(&format!("  git spec check --json {}", self.span()))?;
        }
        self.show_exempt(abbrev, self.exempt.len(), out)?;
        out.line(&self.summary())
    }

    /// Writes which globs alone keep commits from needing a link, so many of them.
    pub fn show_exempt(&self, abbrev: usize, most: usize, out: &mut Output) -> Result<(), Error> {
        for exempt in self.exempt.iter().take(most) {
            let short = exempt.commit.get(..abbrev).unwrap_or(&exempt.commit);
            let (path, commits) = (said(&exempt.path), exempt.commits);
            let many = if commits == 1 { String::new() } else { format!(" and {} more", commits - 1) };
            let note = format!("note: {} exempts {path} in {short}{many}", said(&exempt.glob));
            for line in fill(&note, out.width(), 2) {
                out.line(&line)?;
            }
        }
        match self.exempt.len().saturating_sub(most) {
            0 => Ok(()),
            more => out.line(&format!("note: and {more} more globs exempt paths")),
        }
    }
}
