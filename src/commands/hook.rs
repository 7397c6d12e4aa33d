//! `git spec hook NAME`: what Git's hooks on a person's machine do. Nothing in here stops Git but a typed clause that
//! nobody knows.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::check::check_push;
use super::cite::cite_staged;
use super::commit::{Call, WORDLESS};
use super::draft_file::{self, DraftFile, Template};
use super::rewritten::rewritten;
use super::source::Source;
use super::started::{UnderWay, warnings};
use super::taken_back::undone_links;
use crate::error::Error;
use crate::git::{Operation, Repo};
use crate::trace::draft::SpecTrailer;
use crate::trace::link::{Link, NotALink, Source as Origin};
use crate::view::check::CheckReport;
use crate::view::text::{one_line, shell_quote};

/// The hooks that are called here.
pub const CLIENT: [&str; 4] = ["prepare-commit-msg", "commit-msg", "post-rewrite", "pre-push"];

/// The hooks of a server, which are called elsewhere.
const SERVER: [&str; 4] = ["pre-receive", "update", "post-receive", "vref"];

/// Longest part of a value that is quoted to a person, in letters.
const QUOTED: usize = 60;

/// What a hook tells Git.
#[derive(Debug, Default)]
pub struct Told {
    /// Lines to say as warnings.
    pub warnings: Vec<String>,
    /// Why Git has to stop.
    pub refused: Option<Error>,
    /// What a policy says of a push.
    pub report: Option<CheckReport>,
}

impl Told {
    fn warn(line: impl Into<String>) -> Told {
        Told { warnings: vec![line.into()], ..Told::default() }
    }
}

/// Runs a hook with Git's own arguments.
///
/// # Errors
/// Everything but a refusal; the caller says so and lets Git go on.
pub fn hook(name: &str, args: &[OsString]) -> Result<Told, Error> {
    let word = |at: usize| args.get(at).map(|word| word.to_string_lossy().into_owned());
    match (name, args.first()) {
        ("prepare-commit-msg", Some(file)) => {
            // pre-commit hands on the file alone, and the rest by this variable.
            let source = word(1).or_else(|| std::env::var("PRE_COMMIT_COMMIT_MSG_SOURCE").ok());
            prepare(&PathBuf::from(file), source.as_deref().filter(|source| !source.is_empty()))
        }
        ("commit-msg", Some(file)) => complete(&PathBuf::from(file)),
        ("post-rewrite", _) => {
            let command = word(0).or_else(|| std::env::var("PRE_COMMIT_REWRITE_COMMAND").ok());
            commits_rewritten(command.as_deref() == Some("amend"))
        }
        ("pre-push", _) => pushed(&word(0).unwrap_or_default()),
        ("prepare-commit-msg" | "commit-msg", None) => Err(Error::Usage {
            message: format!("the hook {name} needs the words that git gives it"),
            help: format!("git spec hook {name} \"$@\""),
        }),
        _ => Err(Error::Usage {
            message: format!("there is no hook {name} here"),
            help: format!("one of: {}; on a server: {}", CLIENT.join(", "), SERVER.join(", ")),
        }),
    }
}

/// Whether a person will see the draft in an editor: git tells hooks by an editor that does nothing where not.
fn editing(call: Option<&Call>) -> bool {
    let editor = call.map(|call| call.editor.clone()).or_else(|| std::env::var("GIT_EDITOR").ok());
    editor.as_deref() != Some(":")
}

fn prepare(file: &Path, source: Option<&str>) -> Result<Told, Error> {
    if Call::about(file).is_some() {
        // A `git spec commit` knows what git doesn't tell a hook, and adds the links itself.
        return Ok(Told::default());
    }
    let repo = Repo::discover()?;
    let _ = std::fs::remove_file(repo.template_path());
    let editing = editing(None);
    if source == Some("squash") || repo.operation() == Some(Operation::Rebase) {
        let draft = DraftFile::read(&repo, file, editing)?;
        let joins = source == Some("squash") || draft.draft().is_some_and(|draft| draft.is_combination());
        if !joins {
            return Ok(Told::default());
        }
        let Some(new) = lifted(&repo, &draft) else { return Ok(unreadable("no link is lifted out of it")) };
        draft_file::write(file, &draft.bytes, &new)?;
        return Ok(Told::default());
    }
    if !matches!(source, None | Some("message" | "template")) {
        return Ok(Told::default());
    }
    let under_way = UnderWay::read(&repo)?;
    if under_way.links.is_empty() {
        return Ok(under_way.left.map(|at| left(&at.short(7))).unwrap_or_default());
    }
    let draft = DraftFile::read(&repo, file, editing)?;
    if !is_plain(&repo, &draft, source == Some("message")) {
        return Ok(Told::default());
    }
    let Some(new) = draft.with_links(&under_way.links) else { return Ok(unreadable("no link is added to it")) };
    if new.wordless {
        return Ok(Told::warn(WORDLESS));
    }
    draft_file::write(file, &draft.bytes, &new.bytes)?;
    if source == Some("template") {
        Template { original: draft.bytes.clone(), linked: new.bytes }.keep(&repo)?;
    }
    // The links are written; only what changed since cannot be told without a specification.
    let warnings = Source::of(repo, None).and_then(|source| warnings(&source, &under_way.links));
    let unseen =
        |error| vec![format!("whether a clause changed cannot be told: {}", crate::error::in_one_line(&error))];
    Ok(Told { warnings: warnings.unwrap_or_else(unseen), ..Told::default() })
}

/// What is said of links that were recorded for a HEAD somewhere else.
pub fn left(at: &str) -> Told {
    Told::warn(format!(
        "what was started at {at} is not linked, for HEAD is not behind it; git spec start --done forgets it"
    ))
}

fn unreadable(what: &str) -> Told {
    Told::warn(format!("{what}: the message holds a NUL, or its encoding is not based on ASCII (i18n.commitEncoding)"))
}

/// Whether nothing but a new commit is being made: no merge, pick, revert or rebase, and no message for a later rebase.
pub fn is_plain(repo: &Repo, draft: &DraftFile, given: bool) -> bool {
    let Some(text) = draft.draft() else { return true };
    let subject = text.subject();
    let for_later = ["fixup! ", "squash! ", "amend! "].iter().any(|prefix| subject.starts_with(prefix.as_bytes()));
    // A revert that meets no conflict leaves no other trace than the message that it prepared.
    let prepared = repo.prepared_message().filter(|_| given);
    let reverts = prepared.is_some_and(|prepared| !subject.is_empty() && prepared.lines().next() == Some(subject));
    !for_later && !reverts && repo.operation().is_none()
}

/// The message of a squash with the links that it quotes among its trailers; none where it can't be read.
pub fn lifted(repo: &Repo, file: &DraftFile) -> Option<Vec<u8>> {
    let (mut links, rest) = file.draft()?.lifted();
    if links.is_empty() {
        return Some(file.bytes.clone());
    }
    if let Ok(undone) = undone_links(repo, &file.bytes) {
        links.retain(|link| !undone.contains(&link.to_string()));
    }
    let links = in_force(repo, links);
    let known: Vec<String> = file.draft()?.links().iter().map(ToString::to_string).collect();
    let new = links.iter().filter(|link| !known.contains(&link.to_string()));
    let lines: Vec<String> = new.map(|link| file.written(&link.line())).collect();
    file.with_bytes(rest).draft().map(|draft| draft.with_lines(&lines))
}

/// Links without those to versions of a clause of which another link names the one that is committed now.
fn in_force(repo: &Repo, mut links: Vec<Link>) -> Vec<Link> {
    let rivals = |a: &Link, b: &Link| a.same_clause(b) && a.version != b.version;
    if !links.iter().any(|a| links.iter().any(|b| rivals(a, b))) {
        return links;
    }
    let Ok(source) = Source::of(repo.reopen(), None) else { return links };
    let stands = |link: &Link| cite_staged(&source, &link.clause_name()).is_ok_and(|now| now.version == link.version);
    let standing: Vec<Link> = links.iter().filter(|link| stands(link)).cloned().collect();
    links.retain(|link| !standing.iter().any(|now| rivals(now, link)));
    links
}

fn complete(file: &Path) -> Result<Told, Error> {
    let repo = Repo::discover()?;
    let mut draft = DraftFile::read(&repo, file, editing(Call::about(file).as_ref()))?;
    let Some(text) = draft.draft() else {
        let named = draft.bytes.to_ascii_lowercase().contains_str("spec:");
        return Ok(if named { unreadable("links in it are not looked at") } else { Told::default() });
    };
    if let Some(template) = Template::take(&repo).filter(|template| template.linked == draft.bytes) {
        // Git has to see the template as it was, to refuse it.
        draft_file::write(file, &draft.bytes, &template.original)?;
        return Ok(Told::default());
    }
    if let Some(empty) = text.without_words() {
        draft_file::write(file, &draft.bytes, &empty)?;
        return Ok(Told::warn(WORDLESS));
    }
    if text.has_strays() && is_plain(&repo, &draft, false) {
        draft = gathered(&repo, draft, file)?;
    }
    let Some(text) = draft.draft() else { return Ok(Told::default()) };
    let trailers = text.spec_trailers();
    let (mut typed, mut other) = (Vec::new(), Vec::new());
    for trailer in &trailers {
        match Link::parse(&trailer.value, Origin::Trailer) {
            Ok(_) => {}
            Err(why) => match clause_of(trailer) {
                Some(clause) => typed.push((trailer, clause)),
                None => other.push((trailer, why)),
            },
        }
    }
    let warnings: Vec<String> = strangers(&other).into_iter().collect();
    if typed.is_empty() {
        return Ok(Told { warnings, ..Told::default() });
    }
    let source = Source::of(repo, None)?;
    let mut known: Vec<String> = text.links().iter().map(ToString::to_string).collect();
    let mut values = Vec::new();
    for (trailer, clause) in typed {
        let value = match cite_staged(&source, &clause) {
            Ok(link) => link.to_string(),
            Err(error) if is_refusal(&error) => {
                return Ok(Told { warnings, refused: Some(refusal(error, file)), report: None });
            }
            Err(error) => return Err(error),
        };
        let again = known.contains(&value);
        known.push(value.clone());
        values.push((trailer, (!again).then(|| draft.written(&value))));
    }
    draft_file::write(file, &draft.bytes, &text.with_values(&values))?;
    Ok(Told { warnings, ..Told::default() })
}

/// The message with what is under way among its trailers, where a person's words have cut it off from them.
fn gathered(repo: &Repo, draft: DraftFile, file: &Path) -> Result<DraftFile, Error> {
    let links = UnderWay::read(repo)?.links;
    let Some(whole) = draft.gathered(&links) else { return Ok(draft) };
    draft_file::write(file, &draft.bytes, &whole)?;
    Ok(draft.with_bytes(whole))
}

/// The clause that a value names: one word that is no URL.
fn clause_of(trailer: &SpecTrailer) -> Option<String> {
    let text = trailer.value.to_str().ok()?;
    let one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    (one_word && !text.contains("://")).then(|| text.to_owned())
}

/// One line about all values that are somebody else's.
fn strangers(other: &[(&SpecTrailer, NotALink)]) -> Option<String> {
    let (first, why) = other.first()?;
    let value: String = one_line(&first.value.to_str_lossy()).chars().take(QUOTED).collect();
    // Two words of which the second begins like a version were meant as a link.
    let meant = first.value.split_str(" ").nth(1).is_some_and(|word| word.starts_with(b"v1:"));
    let reason = if meant { format!(": {}", why.0) } else { String::new() };
    let more = if other.len() > 1 { format!(", and {} more", other.len() - 1) } else { String::new() };
    Some(format!("no link, left as it is: Spec: {value}{reason}{more}"))
}

/// Whether the person who typed it has to look at it again.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error,
        Error::NoSuchClause { .. }
            | Error::AmbiguousClause { .. }
            | Error::UnknownRevision { .. }
            | Error::AmbiguousArgument { .. }
            | Error::Usage { .. }
    )
}

/// The same refusal with what becomes of the message.
fn refusal(error: Error, file: &Path) -> Error {
    let kept = file.display().to_string();
    Error::TypedClause { source: Box::new(error), again: format!("-e -F {}", shell_quote(&kept)) }
}

/// Commits were rewritten: `<old> <new>` lines on standard input.
fn commits_rewritten(amends: bool) -> Result<Told, Error> {
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input).map_err(|error| Error::io("read standard input", error))?;
    let repo = Repo::discover()?;
    if input.trim().is_empty() {
        // Git has always something to tell; pre-commit doesn't hand it on.
        input = repo.rewritten_now(amends)?;
    }
    // Within a rebase git tells of an amendment at once, and at the end what each commit was before it.
    if let Some(kept) = repo.amended_in_rebase() {
        let mut known = std::fs::read(&kept).unwrap_or_default();
        if amends {
            known.extend_from_slice(&input);
            std::fs::write(&kept, known).map_err(|error| Error::io(format!("write {}", kept.display()), error))?;
        } else {
            input.extend_from_slice(&known);
        }
    }
    rewritten(&repo, &input)?;
    Ok(Told::default())
}

/// Refs are about to be pushed; without a policy nothing is asked of them.
fn pushed(remote: &str) -> Result<Told, Error> {
    let mut lines = Vec::new();
    std::io::stdin().read_to_end(&mut lines).map_err(|error| Error::io("read what git pushes", error))?;
    let repo = Repo::discover()?;
    let mut remote = remote.to_owned();
    if lines.is_empty()
        && let Some((name, line)) = pushed_by_pre_commit(&repo)
    {
        (remote, lines) = (name, line.into_bytes());
    }
    let report = check_push(repo, &remote, &lines)?;
    Ok(Told { report, ..Told::default() })
}

/// The remote and the line of a push that pre-commit read, from what it hands on in its place. It leaves the ends out where
/// a whole history is pushed.
fn pushed_by_pre_commit(repo: &Repo) -> Option<(String, String)> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (remote, local) = (set("PRE_COMMIT_REMOTE_NAME")?, set("PRE_COMMIT_LOCAL_BRANCH")?);
    let name = set("PRE_COMMIT_REMOTE_BRANCH")?;
    let zero = repo.zero_oid().to_string();
    let new = set("PRE_COMMIT_TO_REF").or_else(|| repo.resolve(&local).ok().map(|oid| oid.to_string()))?;
    let old = set("PRE_COMMIT_FROM_REF").unwrap_or(zero);
    Some((remote, format!("{local} {new} {name} {old}\n")))
}

/// Whether a squash is being made, whose message joins others.
pub fn is_squash(repo: &Repo) -> bool {
    repo.operation() == Some(Operation::Squash)
}
