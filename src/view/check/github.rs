//! Findings as workflow commands, which GitHub and Gitea actions show beside the code.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use super::{CheckReport, SHORT, SHOWN, said};

/// A line for each finding that is shown, then what is left out and the summary.
pub(super) fn commands(report: &CheckReport) -> String {
    let mut lines = String::new();
    for finding in report.findings.iter().take(SHOWN) {
        let command = if finding.is_refusal() { "error" } else { "warning" };
        let mut properties = Vec::new();
        if let Some(file) = &finding.file {
            properties.push(format!("file={}", property(&String::from_utf8_lossy(file))));
            if let Some([first, last]) = finding.lines {
                properties.push(format!("line={first},endLine={last}"));
            }
        }
        properties.push(format!("title={}", property(&format!("{} ({})", finding.rule, finding.code))));
        let short = finding.commit.get(..SHORT).unwrap_or(&finding.commit);
        let text = format!("{short} {} {}", finding.title(), said(&finding.what));
        let steps: String = finding.steps().iter().map(|step| format!("\nhint: {step}")).collect();
        let text = data(&(text + &steps));
        lines.push_str(&format!("::{command} {}::{text}\n", properties.join(",")));
    }
    if report.findings.len() > SHOWN {
        lines.push_str(&format!(
            "and {} more findings: git spec check --json {}\n",
            report.findings.len() - SHOWN,
            report.span()
        ));
    }
    lines + &report.summary() + "\n"
}

/// What stands behind the second `::`, as the runner reads it back.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before it. A path has to stay one that the host knows, so that its controls are not shown but encoded.
fn property(text: &str) -> String {
    let text = data(text).replace(':', "%3A").replace(',', "%2C");
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
