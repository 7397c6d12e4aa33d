//! Findings as a Code Quality report of GitLab.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde_json::{Value, json};

use super::{CheckReport, SHORT, said};

/// The report: a list, empty where nothing was found.
pub(super) fn code_quality(report: &CheckReport) -> Value {
    let issue = |finding: &super::FindingFact| {
        let short = finding.commit.get(..SHORT).unwrap_or(&finding.commit);
        let [first, last] = finding.lines.unwrap_or([1, 1]);
        // Markdown, in which a step by step list of commands is code.
        let steps: String = finding.steps().iter().map(|step| format!("    {step}\n")).collect();
        json!({
            "type": "issue",
            "check_name": finding.code,
            "description": format!("{}: {short} {} {}", finding.rule, finding.title(), said(&finding.what)),
            "content": { "body": steps },
            "categories": ["Style"],
            "fingerprint": finding.fingerprint(),
            "severity": if finding.is_refusal() { "major" } else { "minor" },
            "location": {
                "path": String::from_utf8_lossy(finding.place()),
                "lines": { "begin": first, "end": last },
            },
        })
    };
    let rest = report.rest().map(|rest| {
        json!({
            "type": "issue",
            "check_name": "GS000",
            "description": rest,
            "content": { "body": "" },
            "categories": ["Style"],
            "fingerprint": "0".repeat(32),
            "severity": if report.refuses() { "major" } else { "minor" },
            "location": { "path": ".gitspec.toml", "lines": { "begin": 1, "end": 1 } },
        })
    });
    report.findings.iter().map(issue).chain(rest).collect()
}
