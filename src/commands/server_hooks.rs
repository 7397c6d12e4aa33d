//! `git spec hooks --server`: puts the hooks of a server in place, takes them away, and tells what keeps them from
//! protecting anything.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::doctor::aimed;
use super::doctor_server::owner_of;
use super::hooks::{check_place, is_executable, kept, on_path, put_text};
use super::receive::in_force::{InForce, Refs};
use super::receive::pusher::ServerSettings;
use crate::cli::HooksAction;
use crate::error::{Error, in_one_line};
use crate::git::{GitError, Repo, no_temporary_place};
use crate::view::hooks::{HookFact, HooksReport};
use crate::view::receive::ref_text;
use crate::view::text::shell_quote;

/// What a script of ours holds, of whatever version.
const MARK: &str = "# git-spec server hook ";
/// The hooks that a server gets.
const HOOKS: [&str; 2] = ["pre-receive", "post-receive"];
/// Where each may be one of many files.
pub(super) const PARTS: [&str; 3] = ["pre-receive", "update", "post-receive"];
/// What our file is called there.
pub(super) const PART: &str = "git-spec";
/// The line of a script that names the program, and how the one behind it begins that knows where it lies.
const TOOL: &str = "tool=git-spec\n";
const ELSE: &str = "command -v \"$tool\" >/dev/null || tool=";

/// Where hooks of a server are.
struct Place {
    directory: PathBuf,
    /// Hooks with their files.
    files: Vec<(&'static str, PathBuf)>,
    /// The repository that they belong to; none where it can't be told.
    repo: Option<Repo>,
    /// What was named, where something was.
    named: Option<String>,
}

/// Installs, removes or tells.
///
/// # Errors
/// [`Error::SharedHooks`], [`Error::HookInTheWay`], and what reading and writing may give.
pub fn server_hooks(action: &HooksAction, directory: Option<&Path>) -> Result<HooksReport, Error> {
    let mut place = Place::find(action, directory)?;
    place.named =
        directory.map(|named| named.canonicalize().unwrap_or_else(|_| named.to_owned()).display().to_string());
    if matches!(action, HooksAction::Status) {
        place.files.iter_mut().for_each(|(hook, path)| *path = part_of(&place.directory, hook, path));
    }
    match action {
        HooksAction::Install(args) => {
            if let Some(repo) = &place.repo {
                check_place(repo, &place.directory, args.force)?;
            }
            place.install()
        }
        HooksAction::Uninstall => place.uninstall(),
        HooksAction::Status => place.told("status", &[]),
    }
}

impl Place {
    fn find(action: &HooksAction, directory: Option<&Path>) -> Result<Place, Error> {
        let force = matches!(action, HooksAction::Install(args) if args.force);
        let Some(directory) = directory else {
            let repo = Repo::named(Path::new("."))?;
            return Ok(Place::of_hooks(repo.hooks_dir()?, Some(repo)));
        };
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        if let Some(hook) = name.strip_suffix(".d").and_then(|name| PARTS.into_iter().find(|hook| *hook == name)) {
            let files = vec![(hook, directory.join(PART))];
            return Ok(Place { directory: directory.to_owned(), files, repo: None, named: None });
        }
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let is_it = |repo: &Repo| {
            [Some(repo.git_dir()), repo.work_tree()].into_iter().flatten().any(|top| real(top) == real(directory))
        };
        match if directory.is_dir() { Repo::named(directory) } else { Err(GitError::NoWorkTree) } {
            Ok(repo) if is_it(&repo) => Ok(Place::of_hooks(repo.hooks_dir()?, Some(repo))),
            _ if is_for_hooks(directory) || (force && directory.is_dir()) => {
                Ok(Place::of_hooks(directory.to_owned(), None))
            }
            Err(GitError::NotARepository { stderr }) if stderr.contains("dubious ownership") => {
                let path = directory.display().to_string();
                Err(Error::OtherOwner { path, owner: owner_of(directory), action: word(action) })
            }
            _ => Err(Error::NoServer { path: directory.display().to_string() }),
        }
    }

    fn of_hooks(directory: PathBuf, repo: Option<Repo>) -> Place {
        let files = HOOKS.map(|hook| (hook, directory.join(hook))).to_vec();
        Place { directory, files, repo, named: None }
    }

    fn install(&self) -> Result<HooksReport, Error> {
        let failed = |error| Error::io(format!("write {}", self.directory.display()), error);
        std::fs::create_dir_all(&self.directory).map_err(failed)?;
        // All is looked at before anything is written, so that one hook in the way leaves none half installed.
        let to_keep = self.files.iter().map(|(_, path)| self.is_to_keep(path)).collect::<Result<Vec<_>, _>>()?;
        let mut done = Vec::new();
        for ((hook, path), to_keep) in self.files.iter().zip(to_keep) {
            let text = script(hook);
            let written = match std::fs::read(path) {
                Ok(there) if there == text.as_bytes() && is_executable(path) => None,
                Ok(there) if is_ours(&there) => Some(put_text(path, &text, "replaced")?),
                _ => {
                    if to_keep {
                        kept::keep(&self.directory, &name_of(path))?;
                    }
                    Some(put_text(path, &text, "written")?)
                }
            };
            kept::move_old(&self.directory, &name_of(path))?;
            done.push((*hook, written));
        }
        self.told("install", &done)
    }

    /// Whether a hook of somebody else stands in a place, and is not kept yet.
    ///
    /// # Errors
    /// [`Error::HookInTheWay`].
    fn is_to_keep(&self, path: &Path) -> Result<bool, Error> {
        let there = std::fs::read(path).ok();
        if path.symlink_metadata().is_err() || there.as_deref().is_some_and(is_ours) {
            return Ok(false);
        }
        let Some(kept) = kept::kept(&self.directory, &name_of(path)) else {
            kept::check(&self.directory, path)?;
            return Ok(true);
        };
        if there.is_some() && std::fs::read(&kept).ok() == there {
            return Ok(false);
        }
        Err(Error::HookInTheWay { path: kept.display().to_string(), hook: path.display().to_string() })
    }

    fn uninstall(&self) -> Result<HooksReport, Error> {
        let mut done = Vec::new();
        for (hook, path) in &self.files {
            let failed = |error| Error::io(format!("remove {}", path.display()), error);
            let ours = std::fs::read(path).is_ok_and(|there| is_ours(&there));
            let free = ours || path.symlink_metadata().is_err();
            done.push(match ours {
                _ if free && kept::put_back(&self.directory, &name_of(path))? => (*hook, Some("restored")),
                true => {
                    std::fs::remove_file(path).map_err(failed)?;
                    (*hook, Some("removed"))
                }
                false => (*hook, None),
            });
        }
        kept::tidy(&self.directory);
        self.told("uninstall", &done)
    }

    /// How the hooks stand now.
    fn told(&self, action: &'static str, done: &[(&str, Option<&'static str>)]) -> Result<HooksReport, Error> {
        let mut problems = Vec::new();
        let mut hooks: Vec<HookFact> =
            self.files.iter().map(|(hook, path)| fact(hook, path, done, &mut problems)).collect();
        for (fact, (hook, path)) in hooks.iter_mut().zip(&self.files) {
            // Git itself calls no file in there.
            let caller = self.directory.join(hook);
            if path.parent() != Some(self.directory.as_path()) && fact.state != "missing" && !is_executable(&caller) {
                fact.runs = false;
                problems.push(format!(
                    "nothing calls {}, for {} is no executable file",
                    path.display(),
                    caller.display()
                ));
            }
        }
        if let Some(repo) = self.repo.as_ref().filter(|_| hooks.iter().any(|hook| hook.state != "missing")) {
            problems.extend(unprotected(repo)?);
        }
        if let Some(named) = &self.named {
            problems.iter_mut().for_each(|problem| *problem = aimed(problem, Some(named)));
        }
        Ok(HooksReport {
            schema: "git-spec/hooks/1",
            action,
            place: self.directory.display().to_string(),
            manager: None,
            hooks,
            to_add: Vec::new(),
            to_remove: Vec::new(),
            problems,
            incomplete: Vec::new(),
        })
    }
}

/// Where a hook of ours is: in its own place, or as one of the files that some hosts call from there.
fn part_of(directory: &Path, hook: &str, own: &Path) -> PathBuf {
    let part = directory.join(format!("{hook}.d")).join(PART);
    let is_part = std::fs::read(&part).is_ok_and(|there| is_ours(&there));
    let is_own = std::fs::read(own).is_ok_and(|there| is_ours(&there));
    if is_part && !is_own { part } else { own.to_owned() }
}

/// Whether hooks would be looked for in a directory: it, or the one around it, is called so, or one is there already.
fn is_for_hooks(directory: &Path) -> bool {
    let real = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let is_called = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("hooks"));
    let parent = real.parent().filter(|parent| parent.is_dir());
    let called = is_called(&real) || parent.is_some_and(is_called);
    (called && parent.is_some()) || PARTS.iter().any(|hook| real.join(hook).is_file())
}

/// The word that was typed.
fn word(action: &HooksAction) -> &'static str {
    match action {
        HooksAction::Install(_) => "install",
        HooksAction::Uninstall => "uninstall",
        HooksAction::Status => "status",
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn template(hook: &str) -> &'static str {
    match hook {
        "pre-receive" => include_str!("../../hooks/pre-receive"),
        "update" => include_str!("../../hooks/update"),
        _ => include_str!("../../hooks/post-receive"),
    }
}

/// The script of a hook, which knows where this program lies, for the search path of a server is often a short one.
fn script(hook: &str) -> String {
    let here = std::env::current_exe().ok().and_then(|path| path.into_os_string().into_string().ok());
    let known = here.map(|path| format!("{TOOL}{ELSE}{}\n", shell_quote(&path)));
    template(hook).replacen(TOOL, &known.unwrap_or_else(|| TOOL.to_owned()), 1)
}

fn is_ours(script: &[u8]) -> bool {
    script.contains_str(MARK)
}

/// How one hook stands; adds what keeps it from running.
fn fact(
    hook: &'static str,
    path: &Path,
    done: &[(&str, Option<&'static str>)],
    problems: &mut Vec<String>,
) -> HookFact {
    let text = std::fs::read(path).unwrap_or_default();
    let without_place =
        |text: &str| text.split_inclusive('\n').filter(|line| !line.starts_with(ELSE)).collect::<String>();
    let state = match text.to_str() {
        Ok(text) if is_ours(text.as_bytes()) && without_place(text) == template(hook) => "installed",
        _ if is_ours(&text) => "outdated",
        _ => "missing",
    };
    let installed = state != "missing";
    let executable = is_executable(path);
    if installed && !executable {
        problems.push(format!(
            "{} is not executable, so Git passes over it: git spec hooks install --server",
            path.display()
        ));
    }
    let program = finds_program(&text);
    if installed && !program {
        problems.push(format!("{} does not find git-spec: git spec hooks install --server", path.display()));
    }
    let kept = path.parent().and_then(|directory| kept::kept(directory, &name_of(path)));
    if let Some(kept) = kept.as_ref().filter(|kept| installed && kept.is_file() && !is_executable(kept)) {
        let shown = kept.display().to_string();
        problems.push(format!("{shown} is not executable, so that it does not run: chmod +x {}", shell_quote(&shown)));
    }
    HookFact {
        name: hook,
        state,
        done: done.iter().find(|(name, _)| *name == hook).and_then(|(_, done)| *done),
        runs: installed && executable && program,
        before: kept.filter(|_| installed).map(|kept| kept.display().to_string()),
        appended: false,
    }
}

/// Whether a script finds the program, by the search path here or where it says.
fn finds_program(script: &[u8]) -> bool {
    on_path("git-spec") || program_of(script).is_some_and(|path| is_executable(&path))
}

/// Where a script of ours says that the program lies.
pub fn program_of(script: &[u8]) -> Option<PathBuf> {
    let told = script.lines().find_map(|line| line.strip_prefix(ELSE.as_bytes()))?;
    Some(PathBuf::from(told.to_str_lossy().trim_matches('\'').replace("'\\''", "'")))
}

/// What keeps hooks that run from protecting anything.
fn unprotected(repo: &Repo) -> Result<Vec<String>, Error> {
    let settings = match ServerSettings::read(repo.config()?) {
        Ok(settings) => settings,
        Err(error) => return Ok(vec![format!("every push is refused: {}", in_one_line(&error))]),
    };
    let refs = Refs::now(repo)?;
    let mut problems = Vec::new();
    if let Some(why) = no_temporary_place() {
        problems.push(format!(
            "there is no directory for temporary files, so that renames in merges are not seen as Git sees them: {why}"
        ));
    }
    if let Some(default) = refs.default.as_ref().filter(|name| refs.object(name.as_bstr()).is_none())
        && settings.policy.is_none()
    {
        let name = ref_text(default.as_bstr());
        problems.push(format!(
            "the default branch {name} does not exist, so that there is no policy: push to it, or git symbolic-ref HEAD refs/heads/NAME"
        ));
    } else {
        match InForce::find(repo, &refs, &settings) {
            Ok(Some(_)) => {}
            Ok(None) => problems.push(
                "there is no policy, so that nothing is refused: write [policy] into .gitspec.toml, or git config spec.policy FILE"
                    .to_owned(),
            ),
            Err(error) => problems.push(format!("every push is refused: {}", in_one_line(&error))),
        }
    }
    if !settings.exempt.is_empty() && repo.config()?.get_bool("receive.advertisePushOptions")? != Some(true) {
        problems.push(
            "spec.bypass cannot be asked for, as push options are off: git config receive.advertisePushOptions true"
                .to_owned(),
        );
    }
    Ok(problems)
}
