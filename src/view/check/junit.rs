//! Findings as JUnit XML: each judged commit is a test case.
//!
//! The form is the one that Jenkins, GitLab and Azure read: a test case has at most one `failure`.

use std::collections::{HashMap, HashSet};

use super::{About, CheckReport, FindingFact, SHORT, said};
use crate::view::text::one_line;

/// The whole document.
pub(super) fn junit(report: &CheckReport, about: &About) -> String {
    let suite = "git spec check";
    let of: HashMap<&str, &[FindingFact]> =
        report.by_commit().filter_map(|findings| Some((findings.first()?.commit.as_str(), findings))).collect();
    let known: HashSet<&str> = about.commits.iter().map(|(commit, _)| commit.as_str()).collect();
    let class = about.branch.as_deref().unwrap_or(suite);
    let mut cases = String::new();
    let (mut tests, mut failures) = (0, 0);
    let mut case = |commit: &str, subject: &str, findings: &[FindingFact]| {
        let short = commit.get(..SHORT).unwrap_or(commit);
        let refused: Vec<&FindingFact> = findings.iter().filter(|finding| finding.is_refusal()).collect();
        let warned: Vec<&FindingFact> = findings.iter().filter(|finding| !finding.is_refusal()).collect();
        tests += 1;
        failures += usize::from(!refused.is_empty());
        let name = format!("{short} {}", one_line(subject));
        cases.push_str(&format!(
            "    <testcase classname=\"{}\" name=\"{}\" time=\"0\">\n",
            xml(class),
            xml(name.trim())
        ));
        if let Some(first) = refused.first() {
            let rules = refused.iter().map(|finding| finding.code).collect::<Vec<_>>().join(" ");
            let message = one_line(&first.what);
            cases.push_str(&format!("      <failure message=\"{}\" type=\"{}\">", xml(&message), xml(&rules)));
            cases.push_str(&xml(&lines(&refused)));
            cases.push_str("</failure>\n");
        }
        if !warned.is_empty() {
            cases.push_str(&format!("      <system-out>{}</system-out>\n", xml(&lines(&warned))));
        }
        cases.push_str("    </testcase>\n");
    };
    for (commit, subject) in &about.commits {
        case(commit, subject, of.get(commit.as_str()).copied().unwrap_or_default());
    }
    // What is wrong with a push as a whole belongs to none of its commits.
    for findings in report.by_commit() {
        let Some(first) = findings.first() else { continue };
        if !known.contains(first.commit.as_str()) {
            case(&first.commit, &first.subject, findings);
        }
    }
    let errors = report.incomplete.len() + usize::from(report.left_out > 0);
    let left_out = report.rest();
    for (name, what) in report
        .incomplete
        .iter()
        .map(|what| ("what could not be seen", what))
        .chain(left_out.iter().map(|what| ("what is left out", what)))
    {
        let name = xml(name);
        cases.push_str(&format!("    <testcase classname=\"{}\" name=\"{name}\" time=\"0\">\n", xml(class)));
        cases.push_str(&format!("      <error message=\"{}\"/>\n    </testcase>\n", xml(&one_line(what))));
    }
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"", tests + errors);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{suite}\" {counts} time=\"0\">\n  \
         <testsuite name=\"{suite}\" {counts} skipped=\"0\" time=\"0\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn lines(findings: &[&FindingFact]) -> String {
    let lines = |finding: &&FindingFact| {
        let steps: String = finding.steps().iter().map(|step| format!("hint: {step}\n")).collect();
        format!("{} ({} {})\n{steps}", said(&finding.what), finding.code, finding.rule)
    };
    findings.iter().map(lines).collect()
}

/// A text between tags or quotes. Characters that XML 1.0 knows in no form are replaced.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
