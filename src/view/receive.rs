//! What a pusher reads when the server refuses, warns or lets something through.

use bstr::{BStr, ByteSlice};
use serde::Serialize;

use super::Output;
use super::check::CheckReport;
use super::style::Style;
use super::text::{fill, fill_hint, is_control, one_line};
use crate::error::Error;
use crate::trace::policy::Rule;

/// What begins each line that GitLab's pages show.
const GITLAB: &str = "GL-HOOK-ERR: ";
/// Refusals of refs that are shown; the rest is a number.
const SHOWN: usize = 20;
/// Digits of a commit that are shown.
const SHORT: usize = 9;
/// Columns, where nobody's terminal is known: of 80, what is left behind git's `remote: `.
const WIDTH: usize = 72;

/// What a push is told.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What is refused beside commits, worst first.
    pub refusals: Vec<Refusal>,
    /// What was found in commits.
    pub check: Option<CheckReport>,
    /// Whose policy it is.
    pub policy: Option<String>,
    /// What else mends it, each with its lines.
    pub hints: Vec<String>,
    /// What the pusher should know.
    pub warnings: Vec<String>,
    /// What was let through.
    pub audits: Vec<Audit>,
}

/// Why a ref, or the whole push, is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule; none for wrong use.
    pub rule: Option<Rule>,
    /// What is wrong.
    pub what: String,
    /// What to do; may have several lines.
    pub hint: String,
    /// Lines of a configuration with a mark, safe to show.
    pub excerpt: String,
}

impl Refusal {
    /// One without an excerpt.
    pub fn new(rule: impl Into<Option<Rule>>, what: impl Into<String>, hint: impl Into<String>) -> Refusal {
        Refusal { rule: rule.into(), what: what.into(), hint: hint.into(), excerpt: String::new() }
    }
}

/// Something that the rules would have refused, and the server's configuration let through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// `exempt`, `bypass`, `rewind` or `delete`.
    pub what: &'static str,
    /// Who pushed.
    pub pusher: String,
    /// The variable that told it.
    pub from: String,
    /// The ref.
    #[serde(rename = "ref")]
    pub name: String,
    /// Its object before.
    pub old: String,
    /// Its object after.
    pub new: String,
    /// How many findings did not count; none where nothing was judged.
    pub findings: Option<usize>,
    /// The reason that was given.
    pub reason: Option<String>,
}

impl Audit {
    /// One line, for people and for a log.
    pub fn line(&self) -> String {
        let reason = self.reason.as_ref().map(|reason| format!(" reason={}", quoted(reason))).unwrap_or_default();
        let findings = self.findings.map(|count| format!(" findings={count}")).unwrap_or_default();
        format!(
            "git-spec audit: {} pusher={} from={} ref={} old={} new={}{findings}{reason}",
            self.what,
            quoted(&self.pusher),
            quoted(&self.from),
            quoted(&self.name),
            self.old,
            self.new
        )
    }
}

/// A text in double quotes on one line, whatever it holds.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_control(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out + "\""
}

/// The name of a ref as a person reads it, behind other words: quoted where it holds a blank or worse.
pub fn ref_text(name: &BStr) -> String {
    super::text::quote_path(name.as_bytes())
}

impl Verdict {
    /// Whether the push is refused.
    pub fn refuses(&self) -> bool {
        !self.refusals.is_empty() || self.check.as_ref().is_some_and(CheckReport::refuses)
    }

    /// All that is to be said, in lines; empty where nothing is.
    pub fn text(&self, unicode: bool, gitlab: bool) -> String {
        let style = Style { color: false, unicode };
        let mut out = Output::in_memory(style, WIDTH);
        // Memory takes everything.
        let _ = self.show(&mut out);
        let text = String::from_utf8_lossy(&out.into_bytes()).into_owned();
        if !gitlab {
            return text;
        }
        text.lines().map(|line| format!("{GITLAB}{line}\n")).collect()
    }

    fn show(&self, out: &mut Output) -> Result<(), Error> {
        for refusal in self.refusals.iter().take(SHOWN) {
            let rule = refusal.rule.map(|rule| format!(" ({})", rule.key())).unwrap_or_default();
            filled(out, &format!("error: {}{rule}", one_line(&refusal.what)))?;
            out.text(&refusal.excerpt)?;
            hinted(out, &refusal.hint)?;
        }
        if self.refusals.len() > SHOWN {
            out.line(&format!("and {} more refs are refused", self.refusals.len() - SHOWN))?;
        }
        match &self.check {
            Some(check) if check.findings.is_empty() => check.show_exempt(SHORT, SHOWN, out)?,
            Some(check) => check.show(SHORT, out)?,
            None => {}
        }
        self.hints.iter().try_for_each(|hint| hinted(out, hint))?;
        for warning in &self.warnings {
            let warning = one_line(warning);
            // What is to be typed stands behind the last colon, and stays whole.
            match warning.rsplit_once(": git ") {
                Some((what, command)) if warning.len() + "warning: ".len() > WIDTH => {
                    filled(out, &format!("warning: {what}:"))?;
                    out.line(&format!("  git {command}"))?;
                }
                _ => filled(out, &format!("warning: {warning}"))?,
            }
        }
        for audit in &self.audits {
            out.line(&audit.line())?;
        }
        match &self.policy {
            Some(policy) if self.refuses() => filled(out, &format!("error: refused by {}", one_line(policy))),
            _ => Ok(()),
        }
    }
}

/// Writes the lines of a hint.
fn hinted(out: &mut Output, hint: &str) -> Result<(), Error> {
    let lines = hint.lines().map(one_line);
    let mut filled = lines.flat_map(|line| fill_hint(&line, WIDTH - "hint: ".len()));
    filled.try_for_each(|line| out.line(&format!("hint: {line}")))
}

/// Writes a text on as many lines as it takes.
fn filled(out: &mut Output, text: &str) -> Result<(), Error> {
    fill(text, WIDTH, 2).iter().try_for_each(|line| out.line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_stays_on_its_line() {
        let audit = Audit {
            what: "bypass",
            pusher: "ann\nroot".to_owned(),
            from: "REMOTE_USER".to_owned(),
            name: "refs/heads/main".to_owned(),
            old: "1".to_owned(),
            new: "2".to_owned(),
            findings: None,
            reason: Some("\"fire\" \u{202e}".to_owned()),
        };
        assert_eq!(
            audit.line(),
            "git-spec audit: bypass pusher=\"ann\\u{a}root\" from=\"REMOTE_USER\" ref=\"refs/heads/main\" old=1 new=2 \
             reason=\"\\\"fire\\\" \\u{202e}\""
        );
    }

    #[test]
    fn gitlab_gets_its_mark_on_every_line() {
        let refusals = vec![Refusal::new(Rule::Deleted, "no\u{1b}[31m", "do this\nor that")];
        let verdict = Verdict { refusals, ..Verdict::default() };
        assert_eq!(
            verdict.text(false, false),
            "error: no\\x1b[31m (protected-deleted)\nhint: do this\nhint: or that\n"
        );
        assert_eq!(verdict.text(false, true).lines().filter(|line| line.starts_with(GITLAB)).count(), 3);
        assert_eq!(Verdict::default().text(true, true), "");
    }
}
