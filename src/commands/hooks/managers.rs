//! Programs that own the hooks of a repository: husky, lefthook, pre-commit. Their files call ours; nothing of theirs is
//! written here.

use std::path::Path;

use super::script::{Found, look};
use super::{CLIENT, is_executable};
use crate::git::Repo;
use crate::view::hooks::{HooksReport, ToAdd};
use crate::view::text::shell_quote;

/// The names that lefthook's file may have before its language; it may stand in `.config`, too.
const LEFTHOOK: [&str; 3] = ["lefthook", ".lefthook", ".config/lefthook"];
/// The languages that it may be in.
const LANGUAGES: [&str; 5] = ["yml", "yaml", "json", "jsonc", "toml"];

/// The files by which lefthook is known, or with `-local` behind the name those that a person keeps for herself.
fn lefthook_files(local: &str) -> impl Iterator<Item = String> {
    LEFTHOOK.into_iter().flat_map(move |name| LANGUAGES.map(|language| format!("{name}{local}.{language}")))
}

/// The file of pre-commit.
const PRE_COMMIT: &str = ".pre-commit-config.yaml";

/// Who else keeps hooks here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    Husky,
    Lefthook,
    PreCommit,
}

impl Manager {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Manager::Husky => "husky",
            Manager::Lefthook => "lefthook",
            Manager::PreCommit => "pre-commit",
        }
    }

    /// The manager that owns the whole directory.
    pub fn of(repo: &Repo, directory: &Path) -> Option<Manager> {
        let named = |path: Option<&Path>| path.and_then(Path::file_name).is_some_and(|name| name == ".husky");
        if named(Some(directory)) || named(directory.parent()) {
            return Some(Manager::Husky);
        }
        let top = repo.work_tree()?;
        let configured = lefthook_files("").any(|file| top.join(file).is_file());
        let written = CLIENT.iter().any(|name| look(&directory.join(name), name) == Found::Lefthook);
        (configured || written).then_some(Manager::Lefthook)
    }

    /// The manager that owns one hook.
    fn of_hook(repo: &Repo, whole: Option<Manager>, directory: &Path, name: &str) -> Option<Manager> {
        let by_pre_commit =
            || look(&directory.join(name), name) == Found::PreCommit || Manager::PreCommit.calls(repo, name).is_some();
        whole.or_else(|| by_pre_commit().then_some(Manager::PreCommit))
    }

    /// What puts the manager's own scripts there.
    fn puts(self) -> &'static str {
        match self {
            Manager::Husky => "npx husky",
            Manager::Lefthook => "lefthook install",
            Manager::PreCommit => "pre-commit install",
        }
    }

    /// Its files that may call us.
    fn files(self, name: &str) -> Vec<String> {
        match self {
            Manager::Husky => vec![format!(".husky/{name}")],
            Manager::Lefthook => lefthook_files("").chain(lefthook_files("-local")).collect(),
            Manager::PreCommit => vec![PRE_COMMIT.to_owned()],
        }
    }

    /// Its file that calls a hook of ours.
    fn calls(self, repo: &Repo, name: &str) -> Option<String> {
        let top = repo.work_tree()?;
        let calls = |text: String| text.lines().any(|line| self.is_call(line, name));
        self.files(name).into_iter().find(|file| std::fs::read_to_string(top.join(file)).is_ok_and(calls))
    }

    /// Whether a line of its file calls a hook of ours, or names one that pre-commit fetches.
    fn is_call(self, line: &str, name: &str) -> bool {
        let line = line.trim_start();
        if line.starts_with('#') {
            return false;
        }
        let is_entry = || ids(line).any(|id| id.strip_prefix("git-spec-") == Some(name));
        (self == Manager::PreCommit && is_entry()) || line.contains(&format!("git spec hook {name} "))
    }

    /// Whether its own script is there, without which nothing is called.
    fn runs(self, directory: &Path, name: &str) -> bool {
        let path = directory.join(name);
        let is_its = match self {
            Manager::Husky => true,
            Manager::Lefthook => look(&path, name) == Found::Lefthook,
            Manager::PreCommit => look(&path, name) == Found::PreCommit,
        };
        is_its && is_executable(&path)
    }
}

/// The values of `id` in a line of YAML, be its entries in lines of their own or in braces.
fn ids(line: &str) -> impl Iterator<Item = &str> {
    const QUOTES: [char; 2] = ['"', '\''];
    let line = line.split(" #").next().unwrap_or_default();
    line.match_indices("id").filter_map(move |(at, key)| {
        let before = line[..at].trim_end_matches(QUOTES).trim_end();
        let is_key = matches!(before, "" | "-") || before.ends_with(['{', ',']);
        let value = line[at + key.len()..].trim_start_matches(QUOTES).trim_start().strip_prefix(':')?;
        let value = value.trim_start().trim_start_matches(QUOTES);
        let end = value.find([',', '}', ' ', '"', '\'']).unwrap_or(value.len());
        is_key.then_some(&value[..end])
    })
}

/// Tells of the hooks that managers call as of installed ones. Those of `wanted` that no file calls yet have lines to add.
pub fn tell(repo: &Repo, directory: &Path, report: &mut HooksReport, wanted: &[&str]) {
    let owner = Manager::of(repo, directory);
    let (mut to_add, mut without): (Vec<(Manager, Vec<&str>)>, Vec<String>) = (Vec::new(), Vec::new());
    let mut puts = None;
    let mut push = |owner: Manager, name| match to_add.iter_mut().find(|(known, _)| *known == owner) {
        Some((_, names)) => names.push(name),
        None => to_add.push((owner, vec![name])),
    };
    for hook in report.hooks.iter_mut().filter(|hook| hook.state == "missing") {
        let Some(owner) = Manager::of_hook(repo, owner, directory, hook.name) else { continue };
        if owner.calls(repo, hook.name).is_none() {
            if wanted.contains(&hook.name) {
                push(owner, hook.name);
            }
            continue;
        }
        hook.state = "installed";
        let there = owner.runs(directory, hook.name);
        hook.runs = there && super::on_path("git-spec");
        if !there {
            without.push(hook.name.to_owned());
            puts = Some(owner);
        }
    }
    if let Some(owner) = puts {
        let (names, name) = (without.join(", "), owner.name());
        let do_not = if without.len() == 1 { "does not run" } else { "do not run" };
        report.problems.push(format!("{names} {do_not}, for {name}'s own script is not there: {}", owner.puts()));
    }
    for (owner, names) in to_add {
        report.manager = Some(owner.name().to_owned());
        report.to_add.extend(lines(repo, owner, &names));
    }
}

/// Whether pre-commit's file calls a hook of ours, which its own script does then.
pub fn is_with_pre_commit(repo: &Repo, name: &str) -> bool {
    Manager::PreCommit.calls(repo, name).is_some()
}

/// Names the lines that call us, for a person to take out.
pub fn tell_to_remove(repo: &Repo, directory: &Path, report: &mut HooksReport) {
    let owner = Manager::of(repo, directory);
    for name in CLIENT {
        let Some(owner) = Manager::of_hook(repo, owner, directory, name) else { continue };
        let Some(file) = owner.calls(repo, name) else { continue };
        report.manager = Some(owner.name().to_owned());
        let text = repo.work_tree().and_then(|top| std::fs::read_to_string(top.join(&file)).ok()).unwrap_or_default();
        let own = |line: &&str| owner.is_call(line, name);
        let lines = text.lines().filter(own).map(|line| line.trim().to_owned()).collect();
        let file = match owner {
            Manager::Husky => file,
            Manager::Lefthook => format!("{file}, the command below {name}"),
            Manager::PreCommit => format!("{file}, the entry git-spec-{name}"),
        };
        report.to_remove.push(ToAdd { file, lines });
    }
}

/// What to write into a manager's own files.
fn lines(repo: &Repo, owner: Manager, names: &[&str]) -> Vec<ToAdd> {
    let guarded = |name: &str| format!("if command -v git-spec >/dev/null; then git spec hook {name} \"$@\"; fi");
    match owner {
        Manager::Husky => {
            let part =
                |name: &&str| ToAdd { file: format!(".husky/{}", shell_quote(name)), lines: vec![guarded(name)] };
            names.iter().map(part).collect()
        }
        Manager::Lefthook => {
            let top = repo.work_tree();
            let file = lefthook_files("").find(|file| top.is_some_and(|top| top.join(file).is_file()));
            let file = file.unwrap_or_else(|| "lefthook.yml".to_owned());
            let (name, language) = file.rsplit_once('.').unwrap_or((&file, "yml"));
            let mut lines: Vec<String> = names.iter().flat_map(|name| lefthook_lines(name, language)).collect();
            if language.starts_with("json") {
                let last = lines.len().saturating_sub(1);
                lines.iter_mut().take(last).for_each(|line| line.push(','));
            }
            vec![ToAdd { file: format!("{file}, or {name}-local.{language} for you alone"), lines }]
        }
        Manager::PreCommit => {
            let mut lines = vec!["- repo: local".to_owned(), "  hooks:".to_owned()];
            for name in names {
                lines.push(format!("    - id: git-spec-{name}"));
                lines.push(format!("      name: git spec {name}"));
                let run = format!("git spec hook {name} \"$@\"");
                lines.push(format!("      entry: sh -c 'if command -v git-spec >/dev/null; then {run}; fi' --"));
                lines.push("      language: system".to_owned());
                lines.push(format!("      stages: [{name}]"));
                lines.push("      always_run: true".to_owned());
            }
            vec![ToAdd { file: ".pre-commit-config.yaml, below repos".to_owned(), lines }]
        }
    }
}

/// A hook of ours in the language of lefthook's file.
fn lefthook_lines(name: &str, language: &str) -> Vec<String> {
    // One line: whoever has no git-spec is not stopped.
    let run = format!("if command -v git-spec >/dev/null; then git spec hook {name} {{0}}; fi");
    let reads = matches!(name, "post-rewrite" | "pre-push");
    let mut lines = match language {
        "toml" => vec![format!("[{name}.commands.git-spec]"), format!("run = '{run}'")],
        "json" | "jsonc" => {
            let stdin = if reads { ", \"use_stdin\": true" } else { "" };
            return vec![format!("\"{name}\": {{\"commands\": {{\"git-spec\": {{\"run\": \"{run}\"{stdin}}}}}}}")];
        }
        _ => {
            vec![format!("{name}:"), "  commands:".to_owned(), "    git-spec:".to_owned(), format!("      run: {run}")]
        }
    };
    match language {
        _ if !reads => {}
        "toml" => lines.push("use_stdin = true".to_owned()),
        _ => lines.push("      use_stdin: true".to_owned()),
    }
    lines
}
