//! What `git spec check` shows: findings, each with the command that mends it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::style::Meaning;
use super::text::one_line;
use crate::error::Error;

/// The answer of `git spec check`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckReport {
    /// `git-spec/check/1`.
    pub schema: &'static str,
    /// How many commits were judged.
    pub judged: usize,
    /// What breaks a rule, newest commit first.
    pub findings: Vec<FindingFact>,
    /// Exemptions by path that decided.
    pub exempt: Vec<ExemptFact>,
    /// What could not be seen.
    pub incomplete: Vec<String>,
}

/// A rule that a commit breaks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FindingFact {
    /// The commit.
    pub commit: String,
    /// The first paragraph of its message.
    pub subject: String,
    /// The rule, as `[policy]` names it.
    pub rule: &'static str,
    /// `deny` or `warn`.
    pub severity: &'static str,
    /// The clause in question; null where there is no link.
    pub clause: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What to type.
    pub mend: String,
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

/// Findings that are shown; the rest is a number.
const SHOWN: usize = 20;
/// Letters of a subject that are shown.
const SUBJECT: usize = 50;

impl CheckReport {
    /// Whether something is refused.
    pub fn refuses(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == "deny")
    }

    /// Writes the text for people.
    pub fn show(&self, abbrev: usize, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        for finding in self.findings.iter().take(SHOWN) {
            let (label, meaning) = match finding.severity {
                "deny" => ("error:", Meaning::Error),
                _ => ("warning:", Meaning::Warning),
            };
            let short = finding.commit.get(..abbrev).unwrap_or(&finding.commit);
            let subject = super::text::truncate(&one_line(&finding.subject), SUBJECT, style);
            let what = one_line(&finding.what);
            out.line(&format!("{} {short} \"{subject}\" {what} ({})", style.paint(meaning, label), finding.rule))?;
            out.line(&format!("{} {}", style.paint(Meaning::Hint, "hint:"), one_line(&finding.mend)))?;
        }
        if self.findings.len() > SHOWN {
            out.line(&format!("and {} more findings: git spec check --json", self.findings.len() - SHOWN))?;
        }
        for exempt in &self.exempt {
            let short = exempt.commit.get(..abbrev).unwrap_or(&exempt.commit);
            let (path, commits) = (one_line(&exempt.path), exempt.commits);
            let many = if commits == 1 { String::new() } else { format!(" and {} more", commits - 1) };
            out.line(&format!("note: {} exempts {path} in {short}{many}", one_line(&exempt.glob)))?;
        }
        let count = |severity: &str| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let commits = if self.judged == 1 { "1 commit".to_owned() } else { format!("{} commits", self.judged) };
        out.line(&match (count("deny"), count("warn")) {
            (0, 0) => format!("{commits} judged, nothing found."),
            (errors, warnings) => format!("{commits} judged: {errors} refused, {warnings} warned of."),
        })
    }
}
