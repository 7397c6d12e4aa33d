//! `git spec doctor --server`: what keeps a repository that is pushed to from refusing what breaks the policy.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::doctor::{Findings, git, policy_facts, speed};
use super::doctor_policy;
use super::hooks::is_executable;
use super::receive::in_force::{InForce, Refs};
use super::receive::pusher::ServerSettings;
use super::server_hooks::{program_of, server_hooks};
use crate::cli::HooksAction;
use crate::error::{Error, in_one_line};
use crate::git::{GitError, Repo, no_temporary_place};
use crate::view::doctor::{DoctorReport, Level};
use crate::view::text::shell_quote;

/// Looks at everything. Writes nothing and asks no other machine.
///
/// # Errors
/// Only what leaves nothing to look at: no repository, no git.
pub fn doctor_server(directory: Option<&Path>) -> Result<DoctorReport, Error> {
    let at = directory.map(|place| place.canonicalize().unwrap_or_else(|_| place.to_owned()).display().to_string());
    let mut found = Findings::of(at);
    git(&mut found)?;
    let place = directory.unwrap_or(Path::new("."));
    match Repo::named(place) {
        Ok(repo) => look(&repo, directory, &mut found)?,
        Err(GitError::NotARepository { stderr }) if stderr.contains("dubious ownership") => {
            somebody_elses(place, &mut found)?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(found.report())
}

/// Words of problems of the hooks that are findings of their own.
const TOLD_APART: [&str; 3] = ["policy", "every push", "temporary files"];

/// Git looks at no repository of another user, but files can be looked at all the same.
fn somebody_elses(place: &Path, found: &mut Findings) -> Result<(), Error> {
    let shown = place.canonicalize().unwrap_or_else(|_| place.to_owned()).display().to_string();
    let what = format!(
        "{shown} belongs to another user, so that git refuses to use it for this one; a push by another user than the owner \
         is refused in the same way"
    );
    let quoted = shell_quote(&shown);
    let own = format!("as the owner: sudo -u {} git spec doctor --server {quoted}", owner_of(place));
    let trust = format!("for users who push to it by themselves: git config --system --add safe.directory {quoted}");
    found.add(Level::Problem, "owner", what, &[&own, &trust]);
    let inner = place.join(".git");
    let hooks = if inner.is_dir() { inner.join("hooks") } else { place.join("hooks") };
    installed(Some(&hooks), found).map(drop)
}

fn look(repo: &Repo, directory: Option<&Path>, found: &mut Findings) -> Result<(), Error> {
    if repo.is_shallow() {
        let what = "it is shallow: links into what is cut off cannot be judged, so that pushes are refused";
        found.add(Level::Problem, "history", what, &["git fetch --unshallow"]);
    }
    let hooks = repo.hooks_dir()?;
    let runs = installed(directory.is_some().then_some(repo.git_dir()), found)?;
    hooks_path(repo, &hooks, found)?;
    for name in ["pre-receive", "post-receive"] {
        owners(repo, &hooks.join(name), found);
    }
    open_to_others(repo, &hooks, found);
    temporary(found);
    in_force(repo, found)?;
    settings(repo, found)?;
    doctor_policy::settings(repo, found)?;
    speed(repo, found)?;
    if runs {
        found.is_fine("the hooks");
    }
    Ok(())
}

/// A script that refuses pushes by git-spec and is none of those that are installed here: of gitolite, of a dispatcher.
fn other_caller(hooks: &Path) -> Option<String> {
    let beside = hooks.parent().map(|top| top.join("custom_hooks/pre-receive.d/git-spec"));
    let names = ["pre-receive", "pre-receive.d/git-spec", "update", "update.d/git-spec"];
    let mut scripts = names.iter().map(|name| hooks.join(name)).chain(beside);
    let calls = |path: &PathBuf| {
        let text = std::fs::read(path).unwrap_or_default();
        is_executable(path) && text.contains_str("git-spec")
    };
    scripts.find(calls).map(|path| path.display().to_string())
}

/// Whether gitolite keeps the hook `update` for itself, which may call others by its own rules.
fn is_gitolites(hooks: &Path) -> bool {
    std::fs::read(hooks.join("update")).is_ok_and(|text| text.contains_str("Gitolite::"))
}

/// What the hooks themselves say; whether a push will be judged.
fn installed(place: Option<&Path>, found: &mut Findings) -> Result<bool, Error> {
    let report = server_hooks(&HooksAction::Status, place)?;
    let install = match place {
        Some(place) => format!("git spec hooks install --server {}", shell_quote(&place.display().to_string())),
        None => "git spec hooks install --server".to_owned(),
    };
    let judge = report.hooks.iter().find(|hook| hook.name == "pre-receive");
    if judge.is_none_or(|hook| hook.state == "missing")
        && let Some(other) = other_caller(Path::new(&report.place))
    {
        let what = format!("{other} calls git-spec: whether the server runs it, only a push can show");
        found.add(Level::Note, "hooks", what, &["push a commit that breaks the policy to a copy of the repository"]);
        return Ok(false);
    }
    if judge.is_none_or(|hook| hook.state == "missing") {
        let what = format!("no pre-receive of git spec is in {}, so that nothing is refused", report.place);
        if is_gitolites(Path::new(&report.place)) {
            let what = format!(
                "no pre-receive of git spec is in {}; whether gitolite calls it as a VREF, only a push can show",
                report.place
            );
            let asked = "- VREF/git-spec = @all in the rules of the repository, in conf/gitolite.conf, would do (docs/hosting/gitolite.md)";
            found.add(Level::Warning, "hooks", what, &[&install, asked]);
            return Ok(false);
        }
        let elsewhere = "in a pre-receive.d it goes by another name: git spec hooks status --server DIR";
        found.add(Level::Problem, "hooks", what, &[&install, elsewhere]);
        return Ok(false);
    }
    if report.hooks.iter().any(|hook| hook.state == "outdated") {
        found.add(Level::Warning, "hooks", "a hook is of another version of git spec", &[&install]);
    }
    // Each of these is told by itself.
    for problem in report.problems.iter().filter(|problem| !TOLD_APART.iter().any(|word| problem.contains(word))) {
        let command = [": git ", ": chmod "].into_iter().find_map(|word| problem.rfind(word));
        let (what, hint) =
            command.map_or((problem.as_str(), install.as_str()), |at| (&problem[..at], &problem[at + 2..]));
        let hint = hint.to_owned();
        let mild = problem.contains("push options") || problem.contains("before-spec");
        let level = if mild { Level::Warning } else { Level::Problem };
        found.add(level, "hooks", what, &[if hint.starts_with("git spec hooks install") { &install } else { &hint }]);
    }
    Ok(judge.is_some_and(|hook| hook.runs))
}

/// Whether git can be asked what it makes of a merge. The hooks may have other variables than this command.
fn temporary(found: &mut Findings) {
    if let Some(why) = no_temporary_place() {
        let what = format!(
            "there is no directory for temporary files, so that renames in merges are not seen as Git sees them: {why}"
        );
        let set =
            "let TMPDIR of the hooks name a directory that they can write to, from the top, or none: unset TMPDIR";
        found.add(Level::Warning, "temporary", what, &[set]);
    }
}

/// Hooks that lie where git doesn't look.
fn hooks_path(repo: &Repo, hooks: &Path, found: &mut Findings) -> Result<(), Error> {
    let Some(set) = repo.config()?.get("core.hookspath") else { return Ok(()) };
    let own = repo.git_dir().join("hooks");
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if real(hooks) == real(&own) {
        return Ok(());
    }
    let set = set.to_str_lossy();
    let is_ours = |path: &Path| std::fs::read(path).is_ok_and(|text| text.contains_str("git-spec server hook"));
    let left = own.join("pre-receive");
    if is_ours(&left) && is_ours(&hooks.join("pre-receive")) {
        let what = format!("a hook is left in {}, where git does not look: core.hooksPath is {set}", own.display());
        found.add(Level::Note, "hooks", what, &[&format!("rm {}", shell_quote(&left.display().to_string()))]);
    } else if is_ours(&left) {
        let what = format!("a hook is in {}, but core.hooksPath sends git to {set}", own.display());
        found.add(Level::Problem, "hooks", what, &["git spec hooks install --server"]);
    } else {
        let what = format!("they are taken from {set} (core.hooksPath), for every repository that names it");
        found.add(Level::Note, "hooks", what, &["git config --show-origin core.hooksPath"]);
    }
    Ok(())
}

/// Who can change a hook, and whether everybody can run its program.
#[cfg(unix)]
fn owners(repo: &Repo, hook: &Path, found: &mut Findings) {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(facts), Ok(top)) = (hook.metadata(), repo.git_dir().metadata()) else { return };
    let shown = hook.display().to_string();
    let quoted = shell_quote(&shown);
    if facts.uid() != top.uid() && facts.uid() != 0 {
        let what = format!("{shown} belongs to another user than the repository, who can change what it does");
        let chown = format!("chown --reference={} {quoted}", shell_quote(&repo.git_dir().display().to_string()));
        found.add(Level::Warning, "owner", what, &[&chown]);
    }
    if facts.mode() & 0o002 != 0 {
        let what = format!("every user of this machine can change {shown}");
        found.add(Level::Problem, "owner", what, &[&format!("chmod o-w {quoted}")]);
    } else if facts.mode() & 0o020 != 0 {
        let what = format!("every user of its group can change {shown}");
        found.add(Level::Warning, "owner", what, &[&format!("chmod g-w {quoted}")]);
    }
    let Some(program) = std::fs::read(hook).ok().and_then(|text| program_of(&text)) else { return };
    let closed = |place: &&Path| place.metadata().is_ok_and(|facts| facts.mode() & 0o001 == 0);
    if let Some(place) = program.ancestors().find(closed) {
        let what =
            format!("{shown} runs {}, which users who may not enter {} cannot", program.display(), place.display());
        found.add(
            Level::Warning,
            "path",
            what,
            &["put git-spec into /usr/local/bin, then: git spec hooks install --server"],
        );
    }
}

#[cfg(not(unix))]
fn owners(_repo: &Repo, _hook: &Path, _found: &mut Findings) {}

/// Who else than the owner can change what decides: the hooks, the settings, the refs.
#[cfg(unix)]
fn open_to_others(repo: &Repo, hooks: &Path, found: &mut Findings) {
    use std::os::unix::fs::MetadataExt as _;
    let top = repo.git_dir();
    for path in [top.to_owned(), top.join("config"), hooks.to_owned()] {
        if path.metadata().is_ok_and(|facts| facts.mode() & 0o002 != 0 && facts.mode() & 0o1000 == 0) {
            let shown = path.display().to_string();
            let what = format!("every user of this machine can change {shown}, and with it what is refused");
            found.add(Level::Problem, "owner", what, &[&format!("chmod o-w {}", shell_quote(&shown))]);
        }
    }
    // Where each user has a group of the same number, nobody else is in it.
    let is_open =
        |path: &Path| path.metadata().is_ok_and(|facts| facts.mode() & 0o020 != 0 && facts.gid() != facts.uid());
    for path in [top.join("config"), hooks.to_owned()].iter().filter(|path| is_open(path)) {
        let what = format!("every user of its group can change {}, and with it what is refused", path.display());
        found.add(Level::Warning, "owner", what, &[&format!("chmod g-w {}", quoted(path))]);
    }
    if is_open(top) {
        let what = format!(
            "users of its group can put other files into {}, as into each repository that is shared so: they can push around the \
             hooks",
            top.display()
        );
        let hint = "where that is too much trust, let all push by one account (docs/hosting/ssh.md), then:";
        found.add(Level::Note, "owner", what, &[hint, &format!("chmod -R g-w {}", quoted(top))]);
    }
}

/// Who owns a place, as sudo takes it.
#[cfg(unix)]
pub(super) fn owner_of(place: &Path) -> String {
    use std::os::unix::fs::MetadataExt as _;
    place.metadata().map_or_else(|_| "OWNER".to_owned(), |facts| format!("'#{}'", facts.uid()))
}

#[cfg(not(unix))]
pub(super) fn owner_of(_place: &Path) -> String {
    "OWNER".to_owned()
}

#[cfg(not(unix))]
fn open_to_others(_repo: &Repo, _hooks: &Path, _found: &mut Findings) {}

/// Where exemptions are written down: whether the owner of the repository, whose account runs hooks, can.
fn audit_log(repo: &Repo, log: &Path, found: &mut Findings) {
    let shown = log.display().to_string();
    let place = log.parent().unwrap_or(log);
    let (what, hint) = match (log.metadata(), place.metadata()) {
        (Ok(facts), _) if facts.is_dir() => {
            (format!("spec.auditLog is a directory: {shown}"), "git config spec.auditLog FILE".to_owned())
        }
        (Ok(facts), _) if !can_write(repo, &facts) => {
            let chown = format!("chown --reference={} {}", quoted(repo.git_dir()), quoted(log));
            (format!("the owner of the repository cannot write {shown}"), chown)
        }
        (Ok(_), _) => return,
        (Err(_), Ok(facts)) if facts.is_dir() && can_write(repo, &facts) => return,
        (Err(_), Ok(facts)) if facts.is_dir() => {
            let chown = format!("chown --reference={} {}", quoted(repo.git_dir()), quoted(place));
            (format!("the owner of the repository cannot write to the directory of {shown}"), chown)
        }
        (Err(_), _) => (format!("the directory of {shown} is not there"), format!("mkdir -p {}", quoted(place))),
    };
    let what = format!("{what}, so that exemptions leave no record (spec.auditLog)");
    found.add(Level::Problem, "settings", what, &[&hint]);
}

fn quoted(path: &Path) -> String {
    shell_quote(&path.display().to_string()).into_owned()
}

/// Whether the owner of a repository can write a file or into a directory, as far as its mode tells: of a group that the
/// owner may be in it is taken for granted.
#[cfg(unix)]
fn can_write(repo: &Repo, facts: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(top) = repo.git_dir().metadata() else { return true };
    let (owner, mode) = (top.uid(), facts.mode());
    owner == 0 || mode & 0o022 != 0 || (owner == facts.uid() && mode & 0o200 != 0)
}

#[cfg(not(unix))]
fn can_write(_repo: &Repo, _facts: &std::fs::Metadata) -> bool {
    true
}

/// Whether somebody writes down what is let through.
fn written_down(repo: &Repo, settings: &ServerSettings, found: &mut Findings) -> Result<(), Error> {
    let used = [
        (settings.audit_log.is_some(), "spec.auditLog"),
        (!settings.exempt.is_empty(), "spec.exemptPusher"),
        (!settings.allow_rewind.is_empty(), "spec.allowRewind"),
    ];
    let Some((_, key)) = used.into_iter().find(|(is_set, _)| *is_set) else { return Ok(()) };
    let hooks = repo.hooks_dir()?;
    let beside = hooks.parent().map(|top| top.join("custom_hooks/post-receive.d/git-spec"));
    let mut files = ["post-receive", "post-receive.d/git-spec"].map(|name| hooks.join(name)).into_iter().chain(beside);
    if !files.any(|path| std::fs::read(path).is_ok_and(|text| text.contains_str("git-spec"))) {
        let what = format!("{key} is set, and no post-receive of git spec writes down what is let through");
        found.add(Level::Warning, "hooks", what, &["git spec hooks install --server"]);
    }
    Ok(())
}

/// Names that everybody has who pushes by the account of the server.
fn shared_names(settings: &ServerSettings, found: &mut Findings) {
    if settings.pusher_variable.is_some() {
        return;
    }
    let account = ["LOGNAME", "USER"].into_iter().find_map(|name| std::env::var(name).ok());
    let lists = [("spec.exemptPusher", &settings.exempt), ("spec.allowRewind", &settings.allow_rewind)];
    for (key, names) in lists {
        for name in names {
            let what = match name.as_str() {
                "*" => format!("{key} names {name:?}, which is nobody: names are compared letter by letter"),
                _ if Some(name) == account.as_ref() => format!(
                    "{key} names {name}, the account that is logged in to here: over SSH everybody has that name who pushes by it"
                ),
                _ => continue,
            };
            let hint = "git config spec.pusherVariable NAME, the variable in which the server says who pushes";
            found.add(Level::Warning, "settings", what, &[hint]);
        }
    }
}

/// Whose policy holds, and whether it protects something.
fn in_force(repo: &Repo, found: &mut Findings) -> Result<(), Error> {
    let settings = match ServerSettings::read(repo.config()?) {
        Ok(settings) => settings,
        Err(error) => {
            let what = format!("one cannot be read, so that every push is refused: {}", in_one_line(&error));
            let hint = match &error {
                Error::ServerSetting { key, .. } => format!("git config {key} VALUE"),
                _ => "git config --show-origin --get-regexp '^spec[.]'".to_owned(),
            };
            found.add(Level::Problem, "settings", what, &[&hint]);
            return Ok(());
        }
    };
    if let Some(log) = &settings.audit_log {
        audit_log(repo, log, found);
    }
    shared_names(&settings, found);
    written_down(repo, &settings, found)?;
    let refs = Refs::now(repo)?;
    let in_force = match InForce::find(repo, &refs, &settings) {
        Ok(read) => read,
        Err(error) => {
            // Who looks at a server may see its own file, which pushers don't.
            let own = settings.policy.as_ref().and_then(|path| {
                let bytes = std::fs::read(path).ok()?;
                crate::config::Config::parse(&path.display().to_string(), &bytes).err()
            });
            let line = doctor_policy::line_of(own.as_ref().unwrap_or(&error)).map(|line| format!(" ({line})"));
            let why = in_one_line(own.as_ref().unwrap_or(&error));
            let what = format!("it cannot be read, so that every push is refused: {why}{}", line.unwrap_or_default());
            found.add(Level::Problem, "policy", what, &["mend it, or name another: git config spec.policy FILE"]);
            return Ok(());
        }
    };
    let Some(in_force) = in_force else {
        let what = match &refs.default {
            Some(name) if refs.object(name.as_bstr()).is_none() => format!(
                "the default branch {} does not exist, so that there is no policy and nothing is refused",
                crate::view::receive::ref_text(name.as_bstr())
            ),
            _ => "there is none at the tip of the default branch, so that nothing is refused".to_owned(),
        };
        let hints = [
            "push a .gitspec.toml with [policy] to it",
            "or git config spec.policy FILE; or git symbolic-ref HEAD refs/heads/NAME",
        ];
        found.add(Level::Problem, "policy", what, &hints);
        return Ok(());
    };
    found.is_fine(in_force.origin.clone());
    policy_facts(repo, &in_force.policy, found)?;
    if let Some(tip) = refs.default_tip(repo)? {
        doctor_policy::paths(repo, tip, &in_force.config, found)?;
    }
    let config = repo.config()?;
    let refuses_all = ["receive.denynonfastforwards", "receive.denydeletes"];
    for key in refuses_all.iter().filter(|_| !settings.allow_rewind.is_empty()) {
        if config.get_bool(key)? == Some(true) {
            let what = format!("{key} refuses what spec.allowRewind would let through");
            found.add(Level::Warning, "settings", what, &[&format!("git config --unset {key}")]);
        }
    }
    Ok(())
}

/// Settings of git that let a push around the policy, or in the dark.
fn settings(repo: &Repo, found: &mut Findings) -> Result<(), Error> {
    let config = repo.config()?;
    let is_on = |key: &str| config.get_bool(key).map(|value| value == Some(true));
    let mut well = true;
    if is_on("receive.shallowupdate")? {
        well = false;
        let what =
            "receive.shallowUpdate lets a push make this repository shallow, whose pushes are refused from then on";
        found.add(Level::Warning, "settings", what, &["git config receive.shallowUpdate false"]);
    }
    let checked = match config.get_bool("receive.fsckobjects")? {
        Some(checked) => checked,
        None => is_on("transfer.fsckobjects")?,
    };
    if !checked {
        well = false;
        let what = "objects are taken unchecked, so that malformed ones, which tools read differently, are first met by the hook";
        found.add(Level::Warning, "settings", what, &["git config receive.fsckObjects true"]);
    }
    for key in ["transfer.hiderefs", "receive.hiderefs", "uploadpack.hiderefs"] {
        for value in config.get_all(key) {
            let hidden = value.trim_start_with(|c| c == '^').trim_end_with(|c| c == '/').as_bstr();
            let covers = |name: &str| name == hidden.to_str_lossy() || name.starts_with(&format!("{hidden}/"));
            let in_heads = hidden.starts_with(b"refs/heads/");
            if !value.starts_with(b"!") && (covers("refs/notes/spec") || covers("refs/heads") || in_heads) {
                well = false;
                let what =
                    format!("{key} hides {hidden}, so that links or branches there can neither be pushed nor fetched");
                let unset = format!("git config --unset-all {key} {}", shell_quote(&format!("^{hidden}$")));
                found.add(Level::Warning, "settings", what, &[&unset]);
            }
        }
    }
    if well {
        found.is_fine("the settings");
    }
    Ok(())
}
