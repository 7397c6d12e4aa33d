//! From what was typed to an answer on the screen: the only place that knows all commands.

mod after;
mod check;
mod clock;
mod dress;
mod history;
mod server;

use std::ffi::{OsStr, OsString};

use bstr::{BStr, BString, ByteSlice, ByteVec};
use serde::Serialize;

use super::clause_name::at_another;
use super::doctor_server::doctor_server;
use super::ls::Pattern;
use super::sides::{Sides, is_revision};
use super::source::{Source, replaced};
use super::status::{StatusQuery, is_behind, status};
use super::{commit, doctor, hook, hooks, impact, init, ls, show, start};
use crate::cli::{
    Cli, Command, CommitArgs, CompletionsArgs, DoctorArgs, EditMessageArgs, Global, GrepArgs, HookArgs, HooksAction,
    HooksArgs, ImpactArgs, InitArgs, LsArgs, Shell, ShowArgs, Sorted, StartArgs, StatusArgs, Targets,
};
use crate::error::Error;
use crate::git::{GitError, Repo, git_version};
use crate::trace::link::named;
use crate::view::impact::ImpactFace;
use crate::view::ls::LsFace;
use crate::view::manual;
use crate::view::output::{Output, Surroundings, Wishes};
use crate::view::start::StartFace;
use crate::view::text::shell_quote;

pub use dress::{begin, error_style, help, note_of_failed};

/// How a command ended when nothing stopped it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// There are findings: status 1.
    pub findings: bool,
    /// What could not be seen: status 3.
    pub incomplete: Vec<String>,
    /// Said on standard error.
    pub notes: Vec<String>,
    /// The status of a program that did the work, where one did.
    pub status: Option<u8>,
}

/// The oldest git that this program understands.
const OLDEST_GIT: (u32, u32) = (2, 34);

/// Runs a command.
pub fn run(cli: Cli) -> Result<Outcome, Error> {
    run_command(cli).map_err(of_old_git)
}

/// A git that failed, or was not understood, may be too old; it is asked only then.
fn of_old_git(error: Error) -> Error {
    let is_gits = match &error {
        Error::GitFailed { .. } => true,
        Error::Git(inner) => matches!(inner, GitError::BadOutput { .. } | GitError::GitFailed { .. }),
        _ => false,
    };
    match is_gits.then(git_version) {
        Some(Ok((major, minor))) if major > 0 && (major, minor) < OLDEST_GIT => {
            Error::GitTooOld { found: format!("{major}.{minor}") }
        }
        _ => error,
    }
}

fn run_command(cli: Cli) -> Result<Outcome, Error> {
    super::heap::settle();
    let global = cli.global;
    match cli.command {
        Command::Init(args) => run_init(&global, &args),
        Command::Ls(args) => run_ls(&global, &args),
        Command::Grep(args) => run_grep(&global, &args),
        Command::Show(args) => run_show(&global, &args),
        Command::Diff(args) => history::run_diff(&global, &args),
        Command::Log(args) => history::run_log(&global, &args),
        Command::Blame(args) => history::run_blame(&global, &args),
        Command::Doctor(args) => run_doctor(&global, &args),
        Command::Status(args) => run_status(&global, &args),
        Command::Impact(args) => run_impact(&global, &args),
        Command::Link(args) => after::run_link(&global, &args),
        Command::Unlink(args) => after::run_unlink(&global, &args),
        Command::SquashMessage(args) => after::run_squash_message(&global, &args),
        Command::Notes(args) => after::run_notes(&global, &args),
        Command::Fsck(args) => after::run_fsck(&global, &args),
        Command::Start(args) => run_start(&global, &args),
        Command::Commit(args) => run_commit(&global, &args),
        Command::Check(args) => check::run_check(&global, &args),
        Command::Hooks(args) => run_hooks(&global, &args),
        Command::Hook(args) if server::JUDGES.contains(&args.name.as_str()) => Ok(server::judge(&args)),
        Command::Hook(args) if args.name == "post-receive" => Ok(server::tell(&global, &args)),
        Command::Hook(args) => Ok(run_hook(&args)),
        Command::EditMessage(args) => run_edit_message(&args),
        Command::InstallManPages(args) => {
            let written = manual::write_man_pages(crate::cli::command(), &args.directory);
            written
                .map_err(|error| Error::io(format!("write manual pages into {}", args.directory.display()), error))?;
            Ok(Outcome::default())
        }
        Command::Completions(args) => completions(&args),
    }
}

fn completions(args: &CompletionsArgs) -> Result<Outcome, Error> {
    let script = match args.shell {
        Shell::Bash => manual::bash(crate::cli::command()),
        Shell::Zsh => manual::zsh(crate::cli::command()),
        Shell::Fish => manual::fish(crate::cli::command()),
    };
    let wishes = Wishes { color: None, color_spec: None, color_ui: None, paginate: false };
    let mut out = Output::open(&Surroundings::of_process(), &wishes, String::new);
    out.text(&String::from_utf8_lossy(&script))?;
    out.finish()?;
    Ok(Outcome::default())
}

/// Where the answer goes.
fn output(repo: &Repo, global: &Global) -> Result<Output, Error> {
    let config = repo.config()?;
    let get = |key: &str| config.get(key).map(|value| value.to_str_lossy().into_owned());
    let (spec, ui) = (get("color.spec"), get("color.ui"));
    let paginate = !global.no_pager && !global.json && config.get_bool("pager.spec").ok().flatten() != Some(false);
    dress::configured_as(&spec, &ui);
    let wishes = Wishes { color: global.color(), color_spec: spec.as_deref(), color_ui: ui.as_deref(), paginate };
    Ok(Output::open(&Surroundings::of_process(), &wishes, || repo.pager().unwrap_or_default()))
}

/// Writes one document of JSON.
fn json(out: &mut Output, report: &impl Serialize) -> Result<(), Error> {
    out.line(&serde_json::to_string_pretty(report)?)
}

/// Writes a report, as JSON or as the text that `show` writes.
fn answer(
    repo: &Repo,
    global: &Global,
    report: &impl Serialize,
    show: impl FnOnce(&mut Output) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut out = output(repo, global)?;
    if global.json {
        json(&mut out, report)?
    } else {
        show(&mut out)?
    }
    out.finish()
}

fn outcome(source: &Source) -> Outcome {
    Outcome { incomplete: source.incomplete.borrow().clone(), notes: source.notes(), ..Outcome::default() }
}

/// A word as text. One that is not UTF-8 is written as a link would, so that it means the same.
fn text(word: &OsStr) -> String {
    named(word.as_encoded_bytes())
}

fn bytes(word: OsString) -> BString {
    Vec::from_os_string(word).map_or_else(|word| BString::from(word.to_string_lossy().into_owned()), BString::from)
}

fn sorted(repo: &Repo, targets: &Targets) -> Result<(Vec<String>, Vec<BString>), Error> {
    let is_path = |word: &OsStr| {
        let magic = word.to_string_lossy().starts_with(':') || word.to_string_lossy().contains(['*', '?', '[']);
        magic || std::path::Path::new(word).symlink_metadata().is_ok()
    };
    let words: Vec<String> = targets.words.iter().map(|word| text(word)).collect();
    repo.look_ahead(&words.iter().map(String::as_str).filter(|word| !word.contains("..")).collect::<Vec<_>>())?;
    let sorted = targets.sort(|word| is_revision(repo, &text(word)), is_path);
    let Sorted { revisions, paths } = sorted.map_err(|error| of_unborn(repo, error))?;
    Ok((revisions.iter().map(|rev| text(rev)).collect(), paths.into_iter().map(bytes).collect()))
}

/// HEAD that is no revision is a branch without commits, and that is what is said.
fn of_unborn(repo: &Repo, error: Error) -> Error {
    let (Error::UnknownRevision { name } | Error::AmbiguousArgument { name, .. }) = &error else { return error };
    let is_head = |side: &str| {
        let side = side.trim_start_matches(['^', '.']);
        let name = side.split(['~', '^', ':']).next().unwrap_or_default();
        matches!(name, "HEAD" | "@") || name.starts_with("HEAD@{") || name.starts_with("@{")
    };
    match name.split("..").any(is_head).then(|| repo.head()) {
        Some(Ok(None)) => repo.resolve("HEAD").err().map_or(error, Error::from),
        _ => error,
    }
}

fn at_most_one(mut revisions: Vec<String>, command: &str) -> Result<Option<String>, Error> {
    if revisions.len() > 1 {
        let message = format!("{command} takes at most one revision");
        return Err(Error::Usage { message, help: format!("git spec {command} REVISION -- PATH…") });
    }
    Ok(revisions.pop())
}

fn run_init(global: &Global, args: &InitArgs) -> Result<Outcome, Error> {
    let repo = Repo::discover()?;
    let report = init::init(&repo, args.force, args.dry_run)?;
    answer(&repo, global, &report, |out| report.show(out))?;
    Ok(Outcome { notes: replaced(&repo).into_iter().collect(), ..Outcome::default() })
}

fn run_doctor(global: &Global, args: &DoctorArgs) -> Result<Outcome, Error> {
    let report = match &args.server {
        Some(directory) => {
            let report = doctor_server(directory.as_deref())?;
            // The repository may be one that git refuses to use, and so has no say in how it is shown.
            let wishes = Wishes { color: global.color(), ..Wishes::default() };
            let mut out = Output::open(&Surroundings::of_process(), &wishes, String::new);
            if global.json {
                json(&mut out, &report)?
            } else {
                report.show(&mut out)?
            }
            out.finish()?;
            report
        }
        None => {
            let repo = Repo::discover()?;
            let report = doctor::doctor(&repo)?;
            answer(&repo, global, &report, |out| report.show(out))?;
            report
        }
    };
    Ok(Outcome { findings: report.has_problems(), ..Outcome::default() })
}

fn run_ls(global: &Global, args: &LsArgs) -> Result<Outcome, Error> {
    let repo = Repo::discover()?;
    let (revisions, paths) = sorted(&repo, &args.targets)?;
    let rev = at_most_one(revisions, "ls")?;
    let at = args.at.as_deref().map(text);
    let source = Source::of(repo, rev.as_deref())?;
    let report = ls::ls(&source, rev.as_deref(), at.as_deref(), &paths, (args.long && !args.null) || global.json)?;
    let abbrev = if args.long { source.repo.abbrev_len()? } else { 0 };
    let face = LsFace { nul: args.null, long: args.long, abbrev };
    answer(&source.repo, global, &report, |out| report.show(face, out))?;
    let mut outcome = outcome(&source);
    let ids = report.clauses.iter().map(|listed| &listed.clause);
    let ids = ids.filter_map(|clause| Some((BStr::new(&clause.path), clause.id.as_deref()?, clause.lines.0)));
    outcome.notes.extend(ls::borne_twice(ids));
    if report.clauses.is_empty() && paths.is_empty() {
        // Mistyped globs would look like a specification without demands.
        outcome.notes.push(format!(
            "no clause at {}, where the spec set is {}",
            rev.as_deref().unwrap_or("HEAD"),
            globs(&source)
        ));
    }
    Ok(outcome)
}

/// The globs of the spec set on one line.
fn globs(source: &Source) -> String {
    crate::view::text::one_line(&source.set.include().join(", ")).into_owned()
}

fn run_grep(global: &Global, args: &GrepArgs) -> Result<Outcome, Error> {
    let repo = Repo::discover()?;
    let (pattern, targets) = args.pattern_and_targets();
    let (revisions, paths) = sorted(&repo, &targets)?;
    let rev = at_most_one(revisions, "grep PATTERN")?;
    let source = Source::of(repo, rev.as_deref())?;
    let pattern = Pattern {
        text: pattern.to_string_lossy().into_owned(),
        ignore_case: args.ignore_case,
        fixed: args.fixed_strings,
    };
    let report = ls::grep(&source, &pattern, rev.as_deref(), &paths)?;
    answer(&source.repo, global, &report, |out| report.show(LsFace { nul: args.null, ..LsFace::default() }, out))?;
    Ok(outcome(&source))
}

fn run_show(global: &Global, args: &ShowArgs) -> Result<Outcome, Error> {
    if global.json && args.clauses.len() > 1 {
        return Err(Error::Usage {
            message: "show --json answers for one clause at a time".to_owned(),
            help: "git spec show --json CLAUSE".to_owned(),
        });
    }
    let since = |source: Source, typed: &OsString| source.with_gone_since(&text(typed));
    let repo = Repo::discover()?;
    // On a branch without commits the specification is that of the revision that is named, if any.
    let typed: Vec<String> = args.clauses.iter().map(|typed| text(typed)).collect();
    let rev = typed.iter().find_map(|typed| at_another(&repo, typed)).map(|(_, rev)| rev.to_owned());
    let source = args.clauses.iter().try_fold(Source::of(repo, rev.as_deref())?, since)?;
    let mut out = output(&source.repo, global)?;
    let abbrev = source.repo.abbrev_len()?;
    for (at, typed) in args.clauses.iter().enumerate() {
        let report = show::show(&source, &text(typed), args.at.as_deref().map(text).as_deref())?;
        if global.json {
            json(&mut out, &report)?;
        } else {
            if at > 0 {
                out.line("")?;
            }
            report.show(abbrev, &mut out)?;
        }
    }
    out.finish()?;
    Ok(outcome(&source))
}

fn run_status(global: &Global, args: &StatusArgs) -> Result<Outcome, Error> {
    let repo = Repo::discover()?;
    let at = args.at.as_deref().map(text);
    let source = Source::of(repo, at.as_deref())?;
    let query = StatusQuery {
        at,
        branch: args.branch.is_some(),
        base: args.branch.as_deref().map(text).filter(|base| !base.is_empty()),
        paths: args.paths.iter().cloned().map(bytes).collect(),
    };
    let report = status(&source, &query)?;
    answer(&source.repo, global, &report, |out| report.show(source.repo.abbrev_len()?, out))?;
    Ok(Outcome { findings: args.exit_code && is_behind(&report), ..outcome(&source) })
}

fn run_impact(global: &Global, args: &ImpactArgs) -> Result<Outcome, Error> {
    let repo = Repo::discover()?;
    let revisions: Vec<String> = args.revisions.iter().map(|word| text(word)).collect();
    if revisions.len() > 2 {
        let message = "impact compares two revisions".to_owned();
        return Err(Error::Usage { message, help: "git spec impact A..B, or git spec impact A B".to_owned() });
    }
    let sides = if revisions.is_empty() { None } else { Some(Sides::of(&repo, &revisions, false)?) };
    let newest = match sides.as_ref().map(|sides| &sides.to) {
        Some(super::sides::Side::Commit(oid)) => Some(oid.to_string()),
        _ => None,
    };
    let mut source = Source::of(repo, newest.as_deref())?;
    if let Some(sides) = &sides {
        source = source.with_gone_between(sides)?;
    }
    let report = match &sides {
        Some(sides) => impact::between(&source, sides)?,
        None => impact::all(&source)?,
    };
    answer(&source.repo, global, &report, |out| {
        let face = ImpactFace { files: args.files, nul: args.null, abbrev: source.repo.abbrev_len()? };
        report.show(face, out)
    })?;
    let mut outcome = outcome(&source);
    outcome.notes.extend(report.nothing().filter(|_| !global.json));
    if args.files && !global.json {
        let words = revisions.iter().map(|word| format!(" {}", shell_quote(word)));
        outcome.notes.extend(report.beside_files(&format!("git spec impact{}", words.collect::<String>())));
    }
    Ok(outcome)
}

fn run_start(global: &Global, args: &StartArgs) -> Result<Outcome, Error> {
    let (report, source) = start::start(args)?;
    let mut out = output(&source.repo, global)?;
    let asks = !args.clauses.is_empty() || args.changed.is_some() || args.open || args.done;
    if global.json {
        json(&mut out, &report)?
    } else {
        report.show(StartFace { list: !asks }, &mut out)?
    }
    out.finish()?;
    if !global.json {
        let (style, _) = error_style();
        crate::error::warnings(&report.unread, style);
        crate::error::hints(&report.hints, style);
    }
    Ok(outcome(&source))
}

fn run_commit(global: &Global, args: &CommitArgs) -> Result<Outcome, Error> {
    match commit::commit(args, global.json, &mut hint)? {
        commit::Ended::Status(status) => Ok(Outcome { status: Some(status), ..Outcome::default() }),
        commit::Ended::Made(report) => {
            let mut out = output(&Repo::discover()?, global)?;
            json(&mut out, &report)?;
            out.finish()?;
            Ok(Outcome::default())
        }
    }
}

fn hint(line: &str) {
    crate::error::hints(&[line.to_owned()], error_style().0);
}

fn run_edit_message(args: &EditMessageArgs) -> Result<Outcome, Error> {
    match commit::edit(std::path::Path::new(&args.file), &mut hint) {
        Ok(status) => Ok(Outcome { status: Some(status), ..Outcome::default() }),
        Err(refused @ Error::TypedClause { .. }) => {
            let (style, width) = error_style();
            crate::error::report(&refused, style, width);
            // Git knows only that its editor failed, and advises -m or -F, which may be what was typed.
            hint("what git says next, of a problem with the editor, means this name; your editor is all right");
            Ok(Outcome { status: Some(REFUSED), ..Outcome::default() })
        }
        Err(error) => Err(error),
    }
}

/// The status by which this program as an editor makes git stop.
const REFUSED: u8 = 2;

/// Digits of a commit that a hook shows.
const SHORT: usize = 9;

/// Nothing that goes wrong in a hook stops git, but a refusal does.
fn run_hook(args: &HookArgs) -> Outcome {
    match hook::hook(&args.name, &args.words) {
        // Most have nothing to say, and ask nothing of how.
        Ok(told) if told.warnings.is_empty() && told.refused.is_none() && told.report.is_none() => Outcome::default(),
        Ok(told) => {
            let (style, width) = error_style();
            crate::error::warnings(&told.warnings, style);
            if let Some(refused) = &told.refused {
                crate::error::report(refused, style, width);
            }
            let mut findings = told.refused.is_some();
            if let Some(report) = told.report {
                findings |= report.refuses();
                let mut out = crate::view::Output::in_memory(style, width);
                let _ = match report.findings.is_empty() {
                    true => report.show_exempt(SHORT, crate::view::check::SHOWN, &mut out),
                    false => report.show(SHORT, &mut out),
                };
                let _ = std::io::Write::write_all(&mut std::io::stderr(), &out.into_bytes());
            }
            Outcome { findings, ..Outcome::default() }
        }
        Err(error) => {
            let line = format!("{} did not do its work: {}", args.name, crate::error::in_one_line(&error));
            crate::error::warnings(&[line], error_style().0);
            // A hook of another name may be meant to refuse something.
            Outcome { findings: !hook::CLIENT.contains(&args.name.as_str()), ..Outcome::default() }
        }
    }
}

fn run_hooks(global: &Global, args: &HooksArgs) -> Result<Outcome, Error> {
    let action = args.action.clone().unwrap_or(HooksAction::Status);
    if let Some(place) = &args.server {
        return server::run_hooks(global, &action, place.as_deref());
    }
    let repo = Repo::discover()?;
    let report = hooks::hooks(&repo, &action)?;
    answer(&repo, global, &report, |out| report.show(out))?;
    let left = match action {
        HooksAction::Install(_) => !report.to_add.is_empty(),
        HooksAction::Uninstall => !report.to_remove.is_empty(),
        HooksAction::Status => false,
    };
    Ok(Outcome { findings: left, ..Outcome::default() })
}
