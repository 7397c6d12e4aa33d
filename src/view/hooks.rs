//! What `git spec hooks` shows.

use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use super::style::{Meaning, Sign};
use super::text::{one_line, pad, shell_quote};
use crate::error::Error;

/// The answer of `git spec hooks`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HooksReport {
    /// `git-spec/hooks/1`.
    pub schema: &'static str,
    /// `install`, `uninstall` or `status`.
    pub action: &'static str,
    /// Where hooks are: a directory, or `configuration`.
    pub place: String,
    /// The manager that owns the hooks, where there is one.
    pub manager: Option<String>,
    /// The hooks.
    pub hooks: Vec<HookFact>,
    /// What a person has to add where a manager owns the hooks: a file, and lines for it.
    pub to_add: Vec<ToAdd>,
    /// What a person has to take out of a manager's files, where `uninstall` cannot: a file, and lines of it.
    pub to_remove: Vec<ToAdd>,
    /// Sentences on what stops a hook from running.
    pub problems: Vec<String>,
    /// Nothing here can be beyond sight.
    pub incomplete: Vec<String>,
}

/// One hook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HookFact {
    /// Its name.
    pub name: &'static str,
    /// `installed`, `outdated`, `changed` by somebody else, or `missing`, as it is now.
    pub state: &'static str,
    /// What this run did: `written`, `replaced`, `removed`, `restored`, or null for nothing.
    pub done: Option<&'static str>,
    /// Whether it will run.
    pub runs: bool,
    /// The hook that stood there before and runs first.
    pub before: Option<String>,
    /// Whether another program has appended lines, which run behind it.
    pub appended: bool,
}

/// Lines for a file of a manager of hooks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ToAdd {
    /// The file.
    pub file: String,
    /// The lines.
    pub lines: Vec<String>,
}

impl HooksReport {
    /// Writes the text for people.
    pub fn show(&self, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let place = one_line(&self.place);
        if self.hooks.iter().any(|hook| hook.state != "missing" || hook.done.is_some()) || self.to_add.is_empty() {
            out.line(&style.paint(Meaning::Heading, format!("Hooks in {place}:")))?;
            for hook in &self.hooks {
                let sign = match hook.done {
                    Some("written") => style.signed(Sign::Added),
                    Some("replaced") => style.signed(Sign::Modified),
                    Some(_) => style.signed(Sign::Removed),
                    None => " ".to_owned(),
                };
                let state = match (hook.state, hook.runs) {
                    ("installed", false) => "installed, does not run".to_owned(),
                    (state, _) => state.to_owned(),
                };
                let meaning = if hook.runs { Meaning::Fresh } else { Meaning::Dim };
                let state = style.paint(meaning, state);
                let beside = match (&hook.before, hook.done) {
                    (Some(before), _) => format!(", after {}", one_line(before)),
                    (None, Some("restored")) => ", the hook from before is back".to_owned(),
                    (None, _) => String::new(),
                };
                let appended = match (hook.appended, hook.state) {
                    (false, _) => "",
                    (true, "missing") => ", the lines that another program appended stay",
                    (true, _) => ", then lines that another program appended",
                };
                out.line(&format!("  {sign} {}  {state}{beside}{appended}", pad(hook.name, 18)))?;
            }
        }
        if let Some(manager) = &self.manager
            && !self.to_add.is_empty()
        {
            out.line(&format!("{manager} owns the hooks here. Add to"))?;
        }
        if let Some(manager) = &self.manager
            && !self.to_remove.is_empty()
        {
            out.line(&format!("{manager} owns the hooks here. Take out of"))?;
        }
        for part in self.to_add.iter().chain(&self.to_remove) {
            out.line(&format!("{}:", one_line(&part.file)))?;
            for line in &part.lines {
                out.line(&format!("    {line}"))?;
            }
        }
        for problem in &self.problems {
            out.line(&format!("{} {}", style.paint(Meaning::Warning, "warning:"), one_line(problem)))?;
        }
        let installed = self.hooks.iter().any(|hook| hook.state == "installed");
        if self.hooks.iter().any(|hook| ["pre-receive", "update", "post-receive"].contains(&hook.name)) {
            return match self.action {
                "status" if !installed => {
                    out.line(&format!("Next: git spec hooks install --server {}", shell_quote(&place)))
                }
                _ => Ok(()),
            };
        }
        match self.action {
            "install" if installed => out.line("Next: git spec start CLAUSE, then git commit as usual."),
            "status" if !installed && self.to_add.is_empty() && self.problems.is_empty() => {
                out.line("Next: git spec hooks install")
            }
            _ => Ok(()),
        }
    }
}
