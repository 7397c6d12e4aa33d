//! `git spec hooks`: puts the client hooks in place so that what was there goes on to run, and takes them away again.

pub(super) mod kept;
mod managers;
mod script;

use std::path::{Path, PathBuf};

use managers::Manager;
use script::{Found, look, template, with, without};

use super::hook::CLIENT;
use crate::cli::{HooksAction, InstallArgs};
use crate::error::Error;
use crate::git::{Repo, git_version};
use crate::view::hooks::{HookFact, HooksReport};

/// What the name of a hook gets that stood there before.
const BEFORE: &str = "before-spec";
/// What pre-commit calls the hook that it found, and runs first.
const LEGACY: &str = "legacy";
/// From this version on Git has hooks in its configuration (githooks(5)).
const CONFIGURED: (u32, u32) = (2, 54);

/// Installs, removes or tells.
///
/// # Errors
/// [`Error::SharedHooks`], [`Error::HooksOff`], and what reading and writing may give.
pub fn hooks(repo: &Repo, action: &HooksAction) -> Result<HooksReport, Error> {
    match action {
        HooksAction::Install(args) => install(repo, args),
        HooksAction::Uninstall => uninstall(repo),
        HooksAction::Status => status(repo),
    }
}

/// Refuses a directory that more than this clone would feel, unless it is wanted so.
pub(super) fn check_place(repo: &Repo, directory: &Path, force: bool) -> Result<(), Error> {
    let shown = directory.display().to_string();
    if directory.exists() && !directory.is_dir() {
        return Err(Error::HooksOff { path: shown });
    }
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let within = |outer: &Path| nearest(directory).starts_with(real(outer));
    if force || within(repo.common_dir()) || within(repo.git_dir()) {
        return Ok(());
    }
    let why = if repo.work_tree().is_some_and(within) {
        "it lies in the work tree, so that hooks in it would be committed"
    } else {
        "it lies outside the repository, so that every repository which uses it would run them"
    };
    Err(Error::SharedHooks { path: shown, why })
}

/// A path without symbolic links, as far as it is there.
fn nearest(path: &Path) -> PathBuf {
    match (path.canonicalize(), path.parent(), path.file_name()) {
        (Ok(real), ..) => real,
        (Err(_), Some(parent), Some(name)) => nearest(parent).join(name),
        _ => path.to_owned(),
    }
}

/// What is to be done at the place of one hook.
enum Step {
    /// It is as it should be, or a manager's file calls us.
    Leave,
    /// Our script is written there.
    Write { at: PathBuf, text: Vec<u8>, what: &'static str },
    /// The hook that stands there is kept, and ours written.
    Chain,
}

fn install(repo: &Repo, args: &InstallArgs) -> Result<HooksReport, Error> {
    let directory = repo.hooks_dir()?;
    if !args.scripts && git_version()? >= CONFIGURED {
        return configure(repo, &directory);
    }
    if !args.force && Manager::of(repo, &directory).is_some() {
        let mut report = told(repo, "install", &directory)?;
        managers::tell(repo, &directory, &mut report, &CLIENT);
        return Ok(report);
    }
    check_place(repo, &directory, args.force)?;
    // All is looked at before anything is written, so that one hook in the way leaves none half installed.
    let mut steps: Vec<(&str, Step)> = Vec::new();
    for name in CLIENT {
        // Once more beside pre-commit it would run twice.
        let is_there =
            managers::is_with_pre_commit(repo, name) && look(&directory.join(name), name) == Found::PreCommit;
        steps.push((name, if is_there { Step::Leave } else { step(&directory, name)? }));
    }
    std::fs::create_dir_all(&directory).map_err(|error| Error::io(format!("write {}", directory.display()), error))?;
    let mut done = Vec::new();
    for (name, step) in steps {
        let written = match step {
            Step::Leave => None,
            Step::Write { at, text, what } => Some(put_bytes(&at, &text, what)?),
            Step::Chain => {
                kept::keep(&directory, name)?;
                Some(put_bytes(&directory.join(name), template(name).as_bytes(), "written")?)
            }
        };
        kept::move_old(&directory, name)?;
        done.push((name, written));
    }
    let mut report = told(repo, "install", &directory)?;
    mark(&mut report, &done);
    managers::tell(repo, &directory, &mut report, &CLIENT);
    Ok(report)
}

/// What is to be done for a hook.
///
/// # Errors
/// [`Error::HookChanged`], [`Error::HookInTheWay`].
fn step(directory: &Path, name: &str) -> Result<Step, Error> {
    let path = directory.join(name);
    let changed = |path: &Path| Error::HookChanged { path: path.display().to_string() };
    let ours = |at: &Path, is_current: bool, appended: &[u8]| match is_current && is_executable(at) {
        true => Step::Leave,
        false => Step::Write { at: at.to_owned(), text: with(name, appended), what: "replaced" },
    };
    let new = |at: &Path| Step::Write { at: at.to_owned(), text: with(name, b""), what: "written" };
    Ok(match look(&path, name) {
        Found::Ours { is_current, appended } => ours(&path, is_current, &appended),
        Found::Changed => return Err(changed(&path)),
        Found::Nothing => new(&path),
        Found::PreCommit => {
            let legacy = beside(&path, LEGACY);
            match look(&legacy, name) {
                Found::Ours { is_current, appended } => ours(&legacy, is_current, &appended),
                Found::Changed => return Err(changed(&legacy)),
                Found::Nothing => new(&legacy),
                _ => Step::Leave,
            }
        }
        Found::Lefthook | Found::Other => match kept::kept(directory, name) {
            Some(kept) if std::fs::read(&path).ok().is_some_and(|now| std::fs::read(&kept).ok() == Some(now)) => {
                new(&path)
            }
            Some(kept) => {
                let (path, hook) = (kept.display().to_string(), path.display().to_string());
                return Err(Error::HookInTheWay { path, hook });
            }
            None => {
                kept::check(directory, &path)?;
                Step::Chain
            }
        },
    })
}

fn mark(report: &mut HooksReport, done: &[(&str, Option<&'static str>)]) {
    for hook in &mut report.hooks {
        hook.done = done.iter().find(|(name, _)| *name == hook.name).and_then(|(_, done)| *done);
    }
}

/// Where Git has hooks in its configuration they are there, and scripts of an earlier time go.
fn configure(repo: &Repo, directory: &Path) -> Result<HooksReport, Error> {
    let mut done = Vec::new();
    can_take_away(directory)?;
    for name in CLIENT {
        take_away(directory, name)?;
        let (section, command) = (section(name), command(name));
        let values = [("event", name), ("command", command.as_str())];
        let mut written = None;
        for (key, value) in values {
            let key = format!("{section}.{key}");
            let old = repo.local_config(&key)?;
            if old.as_ref().is_none_or(|old| old != value) {
                repo.set_config(&key, Some(value))?;
                written = Some(if old.is_some() { "replaced" } else { written.unwrap_or("written") });
            }
        }
        done.push((name, written));
    }
    kept::tidy(directory);
    let mut report = told(repo, "install", directory)?;
    mark(&mut report, &done);
    Ok(report)
}

fn section(name: &str) -> String {
    format!("hook.git-spec-{name}")
}

/// The command of a configured hook, which does what the script does. Git puts the words of the hook behind it.
fn command(name: &str) -> String {
    let missing = match name {
        "prepare-commit-msg" => "echo 'warning: git-spec is not on PATH, so no link is written' >&2; exit 0",
        "pre-push" => "echo 'warning: git-spec is not on PATH, so the policy is not checked' >&2; exit 0",
        _ => "exit 0",
    };
    format!(
        "f() {{ command -v git-spec >/dev/null || {{ {missing}; }}; git spec hook {name} \"$@\"; test $? -ne 1; }}; f"
    )
}

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

/// Writes a script in one step.
pub(super) fn put_text(path: &Path, text: &str, what: &'static str) -> Result<&'static str, Error> {
    put_bytes(path, text.as_bytes(), what)
}

fn put_bytes(path: &Path, text: &[u8], what: &'static str) -> Result<&'static str, Error> {
    let new = beside(path, &format!("{}.tmp", std::process::id()));
    let written =
        std::fs::write(&new, text).and_then(|()| make_executable(&new)).and_then(|()| std::fs::rename(&new, path));
    match written {
        Ok(()) => Ok(what),
        Err(error) => {
            let _ = std::fs::remove_file(&new);
            Err(Error::io(format!("write {}", path.display()), error))
        }
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Whether all our scripts can be taken away, without anything of others.
///
/// # Errors
/// [`Error::HookChanged`].
fn can_take_away(directory: &Path) -> Result<(), Error> {
    for name in CLIENT {
        let path = directory.join(name);
        for (at, before) in [(path.clone(), kept::kept(directory, name)), (beside(&path, LEGACY), None)] {
            // The place is the other hook's, so that what was appended has none.
            let has_no_place = |appended: &[u8]| !appended.is_empty() && before.is_some();
            match look(&at, name) {
                Found::Changed => return Err(Error::HookChanged { path: at.display().to_string() }),
                Found::Ours { appended, .. } if has_no_place(&appended) => {
                    return Err(Error::HookChanged { path: at.display().to_string() });
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Takes our script of a hook away; what was there before comes back, and what others appended stays. Tells what was done.
fn take_away(directory: &Path, name: &str) -> Result<Option<&'static str>, Error> {
    let path = directory.join(name);
    let mut done = None;
    for at in [beside(&path, LEGACY), path.clone()] {
        let Found::Ours { appended, .. } = look(&at, name) else { continue };
        if at == path && kept::put_back(directory, name)? {
            return Ok(Some("restored"));
        }
        done = Some("removed");
        if appended.is_empty() {
            std::fs::remove_file(&at).map_err(|error| Error::io(format!("remove {}", at.display()), error))?;
        } else {
            put_bytes(&at, &without(&appended), "removed")?;
        }
    }
    if done.is_none() && look(&path, name) == Found::Nothing && kept::put_back(directory, name)? {
        return Ok(Some("restored"));
    }
    Ok(done)
}

fn uninstall(repo: &Repo) -> Result<HooksReport, Error> {
    let directory = repo.hooks_dir()?;
    can_take_away(&directory)?;
    let before = told(repo, "uninstall", &directory)?;
    let mut done = Vec::new();
    for name in CLIENT {
        let mut what = take_away(&directory, name)?;
        if repo.local_config(&format!("{}.event", section(name)))?.is_some() {
            repo.set_config(&section(name), None)?;
            what = what.or(Some("removed"));
        }
        done.push((name, what));
    }
    kept::tidy(&directory);
    let mut report = told(repo, "uninstall", &directory)?;
    mark(&mut report, &done);
    report.hooks.iter_mut().zip(&before.hooks).for_each(|(now, before)| now.appended = before.appended);
    managers::tell(repo, &directory, &mut report, &[]);
    managers::tell_to_remove(repo, &directory, &mut report);
    Ok(report)
}

fn status(repo: &Repo) -> Result<HooksReport, Error> {
    let directory = repo.hooks_dir()?;
    let mut report = told(repo, "status", &directory)?;
    // Without a manager of the whole directory, `install` can do it.
    let wanted: &[&str] = if Manager::of(repo, &directory).is_some() { &CLIENT } else { &[] };
    managers::tell(repo, &directory, &mut report, wanted);
    Ok(report)
}

/// How the hooks stand now.
fn told(repo: &Repo, action: &'static str, directory: &Path) -> Result<HooksReport, Error> {
    let found = on_path("git-spec");
    let mut problems = Vec::new();
    let mut hooks = Vec::new();
    let mut configured = false;
    for name in CLIENT {
        let path = directory.join(name);
        let legacy = beside(&path, LEGACY);
        let mut more = false;
        let (at, state) = [path.clone(), legacy]
            .into_iter()
            .find_map(|at| match look(&at, name) {
                Found::Ours { is_current, appended } => {
                    more |= !appended.is_empty();
                    Some((at, if is_current { "installed" } else { "outdated" }))
                }
                Found::Changed => {
                    problems.push(format!("{} was changed by hand or by another program", shown(repo, &at)));
                    Some((at, "changed"))
                }
                _ => None,
            })
            .map_or((None, "missing"), |(at, state)| (Some(at), state));
        let kept = kept::kept(directory, name);
        let by_setting = repo.local_config(&format!("{}.event", section(name)))?.is_some();
        configured |= by_setting;
        let can = at.as_deref().is_none_or(is_executable);
        if !can {
            problems
                .push(format!("{} is not executable, so Git passes over it: git spec hooks install", path.display()));
        }
        if let Some(kept) = &kept {
            let before = shown(repo, kept);
            if at.is_none() {
                let place = shown(repo, &path);
                problems.push(format!(
                    "{before} is the hook from before ours, which is gone from {place}: git spec hooks install"
                ));
            } else if !is_executable(kept) {
                problems.push(format!("{before} is not executable, so it does not run"));
            }
        }
        hooks.push(HookFact {
            name,
            state: if by_setting { "installed" } else { state },
            done: None,
            runs: found && (by_setting || (at.is_some() && can)),
            before: kept.filter(|kept| at.is_some() && is_executable(kept)).map(|kept| shown(repo, &kept)),
            appended: more,
        });
    }
    if directory.exists() && !directory.is_dir() && !configured {
        let what = format!("hooks are switched off, for {} is no directory", directory.display());
        problems.push(format!("{what}: git config --show-origin core.hooksPath"));
    }
    if !found && hooks.iter().any(|hook| hook.state != "missing") {
        problems.push("git-spec is not on PATH, so the hooks do nothing".to_owned());
    }
    if configured && git_version()? < CONFIGURED {
        problems.push("this Git does not know hooks in its configuration: git spec hooks install --scripts".to_owned());
    }
    let place = if configured { "Git's configuration".to_owned() } else { shown(repo, directory) };
    Ok(HooksReport {
        schema: "git-spec/hooks/1",
        action,
        place,
        manager: None,
        hooks,
        to_add: Vec::new(),
        to_remove: Vec::new(),
        problems,
        incomplete: Vec::new(),
    })
}

/// A path from the top of the work tree where it lies below it.
fn shown(repo: &Repo, path: &Path) -> String {
    let below = repo.work_tree().and_then(|top| path.strip_prefix(top).ok());
    below.unwrap_or(path).display().to_string()
}

/// Whether the shell of a hook finds a program.
pub(super) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| {
        is_executable(&directory.join(program)) || (cfg!(windows) && directory.join(format!("{program}.exe")).is_file())
    })
}
