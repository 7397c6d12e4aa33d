//! `git spec hook NAME`: what Git's hooks on a person's machine do. Nothing in here stops Git but a typed clause that
//! nobody knows.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::check::check_push;
use super::commit::{Call, WORDLESS};
use super::draft_file::{self, DraftFile, Template};
use super::links::NOTES;
use super::offered;
use super::polished;
use super::rewritten::{of_pairs, of_unseen, rewritten};
use super::source::Source;
use super::squash_names::{by_themselves, in_force};
use super::squash_notes;
use super::staged::{self, ALONE, unfinished};
use super::started::{UnderWay, placed, typed_name, warnings};
use super::taken_back::{joined, undone_links};
use super::typed::{self, Typed};
use super::unseen;
use super::whole_squash::lacks_of_squash;
use crate::cli::GitWords;
use crate::error::Error;
use crate::git::{Oid, Operation, Repo, called_to_amend, commit_words};
use crate::trace::link::{Link, Source as Origin};
use crate::trace::message::links_as_trailers;
use crate::trace::note;
use crate::view::check::CheckReport;
use crate::view::text::{one_line, shell_quote};

/// The hooks that are called here.
pub const CLIENT: [&str; 4] = ["prepare-commit-msg", "commit-msg", "post-rewrite", "pre-push"];

/// The hooks of a server, which are called elsewhere.
const SERVER: [&str; 4] = ["pre-receive", "update", "post-receive", "vref"];

/// What is said of a squash that is not committed as the joined commits left it, which this tells.
pub fn part_of_squash(lacks: &str) -> String {
    format!(
        "this is not all that was squashed, as the joined commits left it ({lacks}), so it gets none of their links: \
         git spec link HEAD CLAUSE"
    )
}

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
            let object = word(2).or_else(|| std::env::var("PRE_COMMIT_COMMIT_OBJECT_NAME").ok());
            let reuses_head = source.as_deref() == Some("commit") && object.as_deref() == Some("HEAD");
            let file = PathBuf::from(file);
            let told = prepare(&file, source.as_deref().filter(|source| !source.is_empty()), reuses_head)?;
            if Call::about(&file).is_none() && editing(None) {
                offered::keep(&Repo::discover()?, &file);
            }
            Ok(told)
        }
        ("commit-msg", Some(file)) => complete(&PathBuf::from(file)),
        ("post-rewrite", Some(_)) if args.len() == 2 => carried_over(args),
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

fn prepare(file: &Path, source: Option<&str>, reuses_head: bool) -> Result<Told, Error> {
    let repo = Repo::discover()?;
    repo.keep_resolved();
    if Call::about(file).is_some() {
        // A `git spec commit` knows what git doesn't tell a hook, and adds the links itself.
        return Ok(Told::default());
    }
    let mut told = prepared(&repo, file, source, reuses_head)?;
    told.warnings.extend(left_in_note(&repo)?);
    if source == Some("commit") && repo.unapplied().is_some() {
        // HEAD is amended, or another message used again; neither gets links.
        told.warnings.extend(passed_by(&repo, &DraftFile::read(&repo, file, editing(None))?));
    }
    Ok(told)
}

/// What `prepare-commit-msg` does but for what it says of notes.
fn prepared(repo: &Repo, file: &Path, source: Option<&str>, reuses_head: bool) -> Result<Told, Error> {
    begin(repo, reuses_head);
    let shown = editing(None) || matches!(source, None | Some("template"));
    let mut draft = DraftFile::read(repo, file, shown)?.apart(file)?;
    let amends = (source == Some("message")).then(called_to_amend).flatten();
    let editing = editing(None);
    let mut is_picked = false;
    let is_given = source == Some("message");
    // Git prepares no message where it could not apply a patch.
    let is_written = matches!(source, None | Some("template")) && repo.unapplied().is_some();
    if (is_given && amends != Some(true)) || is_written {
        match keep_picked(repo, file, editing, amends == Some(false))? {
            None if repo.unapplied().is_some() => is_picked = true,
            None => {}
            Some(Ok(kept)) => (draft, is_picked) = (kept, true),
            Some(Err(told)) => return Ok(told),
        }
    }
    if source == Some("message") && repo.operation() == Some(Operation::CherryPick) && commit_words().is_none() {
        // No other hook sees what is picked without a conflict.
        let links = draft.draft().map(|text| text.links()).unwrap_or_default();
        let warnings = polished::unheld(repo, &links, |_| "git spec fsck tells what can be done".to_owned())?;
        return Ok(Told { warnings, ..Told::default() });
    }
    let is_unseen = source == Some("message") && amends.is_none();
    if is_picked {
        return Ok(Told::default());
    }
    // Where a rebase commits by itself, its message is the prepared one or made of it.
    let is_typed = is_given && amends != Some(true) && commit_words().is_some();
    let passed = if is_typed { passed_by(repo, &draft) } else { None };
    if source == Some("squash") || repo.operation() == Some(Operation::Rebase) {
        let draft = DraftFile::read(repo, file, editing)?;
        let joins = source == Some("squash") || draft.draft().is_some_and(|draft| draft.is_combination());
        if !joins {
            if is_unseen {
                unseen::keep(repo);
            }
            within_rebase(repo, file, &draft, amends)?;
            return Ok(Told { warnings: passed.into_iter().collect(), ..Told::default() });
        }
        let Some(new) = lifted(repo, &draft) else { return Ok(unreadable("no link is lifted out of it")) };
        draft_file::write(file, &draft.bytes, &new)?;
        return Ok(Told { warnings: squash_notes::left_out(repo).into_iter().collect(), ..Told::default() });
    }
    let squashes = repo.operation() == Some(Operation::Squash);
    let is_new = matches!(source, None | Some("message" | "template"));
    let takes_squash = source == Some("commit") && squashes;
    if !is_new && !takes_squash {
        return Ok(Told::default());
    }
    if is_unseen {
        unseen::keep(repo);
    }
    if matches!(source, Some("message" | "commit")) {
        // Another message takes the place of one with links.
        let lacks = squashes.then(|| lacks_of_squash(repo)).flatten();
        let kept = match repo.operation() {
            Some(Operation::Squash) if lacks.is_some() => {
                return Ok(Told::warn(part_of_squash(lacks.as_deref().unwrap_or_default())));
            }
            Some(Operation::Squash) if amends == Some(true) => Some([of_head(repo), of_squash(repo)].concat()),
            Some(Operation::Squash) => Some(of_squash(repo)),
            None if amends == Some(true) => Some(of_head(repo)),
            None if is_unseen && amends_head(repo) => {
                let open = UnderWay::read(repo)?.links;
                return Ok(if open.is_empty() { Told::default() } else { Told::warn(unseen::left_out(&open)) });
            }
            _ => None,
        };
        if let Some(links) = kept {
            let draft = DraftFile::read(repo, file, editing)?;
            let Some(new) = draft.with_links(&unsaid(&draft, links)) else {
                return Ok(unreadable("no link is added to it"));
            };
            draft_file::write(file, &draft.bytes, &new.bytes)?;
            let warnings = if squashes { squash_notes::left_out(repo).into_iter().collect() } else { Vec::new() };
            return Ok(Told { warnings, ..Told::default() });
        }
    }
    let mut told = of_started(repo, file, source, editing)?;
    told.warnings.extend(passed);
    Ok(told)
}

/// Keeps the links of HEAD where it is amended with another message: a rebase picks by itself, only a person, or what it executes,
/// amends so. `amends`: whether it is, where the system shows it.
fn within_rebase(repo: &Repo, file: &Path, draft: &DraftFile, amends: Option<bool>) -> Result<(), Error> {
    if amends == Some(true)
        && let Some(new) = draft.with_links(&unsaid(draft, of_amended(repo)))
    {
        draft_file::write(file, &draft.bytes, &new.bytes)?;
    }
    Ok(())
}

/// Forgets what was kept for another commit, and keeps whether the message of this one is HEAD's.
fn begin(repo: &Repo, reuses_head: bool) {
    let _ = std::fs::remove_file(repo.template_path());
    let _ = offered::take(repo);
    unseen::forget(repo);
    keep_amended(repo, reuses_head);
}

/// Adds the links of what could not be picked for a conflict, or joined, if there are some: the message with them, or what is said
/// where it can't be read. What is picked without a conflict has them in its message.
fn keep_picked(repo: &Repo, file: &Path, editing: bool, anew: bool) -> Result<Option<Result<DraftFile, Told>>, Error> {
    let picked = of_picked(repo, anew);
    if picked.is_empty() || repo.commits_nothing() {
        return Ok(None);
    }
    let draft = DraftFile::read(repo, file, editing)?;
    let Some(new) = draft.with_links(&unsaid(&draft, picked)) else {
        return Ok(Some(Err(unreadable("no link is added to it"))));
    };
    draft_file::write(file, &draft.bytes, &new.bytes)?;
    Ok(Some(Ok(draft.with_bytes(new.bytes))))
}

/// Adds what is under way to the message of a plain commit.
fn of_started(repo: &Repo, file: &Path, source: Option<&str>, editing: bool) -> Result<Told, Error> {
    let under_way = UnderWay::read(repo)?;
    if under_way.links.is_empty() {
        return Ok(under_way.left.map(|at| left(&at.short(7))).unwrap_or_default());
    }
    // Where git asks for an editor, its comments are there, also where that is one that does nothing.
    let words = commit_words().map(|words| GitWords::read(&words)).unwrap_or_default();
    let draft = DraftFile::read(repo, file, editing || source != Some("message") || words.edits)?;
    if !is_plain(repo, &draft, source == Some("message")) {
        return Ok(Told::default());
    }
    let is_wordless = draft.draft().is_some_and(|text| text.is_wordless());
    if !editing && is_wordless {
        draft_file::has_room(file)?;
        return Ok(Told::warn(WORDLESS));
    }
    if (is_wordless || source == Some("template")) && words.unverified {
        return Ok(Told::warn(unchecked(&under_way.links)));
    }
    let specified = Source::of_staged(repo.reopen());
    let open = match &specified {
        Ok(source) => placed(source, under_way.links),
        Err(_) => under_way.links,
    };
    let Some(new) = draft.with_links(&open) else { return Ok(unreadable("no link is added to it")) };
    if new.wordless {
        return Ok(Told::warn(WORDLESS));
    }
    if new.added.is_empty() {
        // The message has or names them all.
        return Ok(Told::default());
    }
    if specified.as_ref().is_ok_and(|specified| staged::is_alone(specified).unwrap_or(false)) {
        return Ok(Told::warn(ALONE));
    }
    draft_file::write(file, &draft.bytes, &new.bytes)?;
    if source == Some("template") {
        Template { original: draft.bytes.clone(), linked: new.bytes }.keep(repo)?;
    }
    // The links are written; only what changed since cannot be told without a specification.
    let warnings = specified.and_then(|source| {
        let mut lines = warnings(&source, &open)?;
        lines.extend(staged::warnings(&source, &open)?);
        Ok(lines)
    });
    let unseen =
        |error| vec![format!("whether a clause changed cannot be told: {}", crate::error::in_one_line(&error))];
    Ok(Told { warnings: warnings.unwrap_or_else(unseen), ..Told::default() })
}

/// What is said of links that nobody could take out again where no word is written.
fn unchecked(links: &[Link]) -> String {
    let named: String = links.iter().map(|link| format!(" --for {}", shell_quote(&typed_name(link)))).collect();
    format!(
        "with --no-verify nobody looks whether words are written, so what is under way is not linked; \
         git spec commit --amend --no-edit{named} links it"
    )
}

/// Whether the commit takes the place of HEAD though its message is given: git tells no hook. Where the system doesn't show it
/// either, the author and the date are HEAD's then, which is likely and not certain. A new commit of the same moment has them
/// too; what it does is something else.
fn amends_head(repo: &Repo) -> bool {
    if let Some(amends) = called_to_amend() {
        return amends;
    }
    let Ok(Some(head)) = repo.head() else { return false };
    repo.has_author_of(head).unwrap_or(false)
        && (repo.staged_paths(head).is_ok_and(|paths| paths.is_empty()) || repo.is_dated_long_ago())
}

/// Keeps for the hook that follows that the message is HEAD's, which then perhaps goes.
fn keep_amended(repo: &Repo, reuses_head: bool) {
    let path = repo.amended_path();
    let _ = match repo.head() {
        Ok(Some(head)) if reuses_head => std::fs::write(path, head.to_string()),
        _ => std::fs::remove_file(path),
    };
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
    let (links, rest) = quoted(repo, file)?;
    let rest = file.with_bytes(rest);
    let rest = rest.with_bytes(owned(repo, &rest, &joined(repo, &file.bytes))?);
    let draft = rest.draft()?;
    let known: Vec<String> = draft.links().iter().map(ToString::to_string).collect();
    let new = links.iter().filter(|link| !known.contains(&link.to_string()));
    let lines: Vec<String> = new.map(|link| file.line(&link.line())).collect();
    Some(draft.with_lines(&lines))
}

/// The message where those of its links that stood among the trailers already leave out a commit that is joined, too.
fn owned(repo: &Repo, file: &DraftFile, joined: &[Oid]) -> Option<Vec<u8>> {
    let draft = file.draft()?;
    let trailers = draft.spec_trailers();
    let old: Vec<Option<Link>> =
        trailers.iter().map(|trailer| Link::parse(&trailer.value, Origin::Trailer).ok()).collect();
    let new = by_themselves(repo, old.iter().flatten().cloned().collect(), joined);
    let of = trailers.iter().zip(&old).filter(|(_, old)| old.is_some()).map(|(trailer, _)| trailer);
    let (mut values, mut seen) = (Vec::new(), Vec::new());
    for ((trailer, new), old) in of.zip(&new).zip(old.iter().flatten()) {
        let text = new.to_string();
        if new != old {
            values.push((trailer, (!seen.contains(&text)).then(|| file.written(&text))));
        }
        seen.push(text);
    }
    Some(draft.with_values(&values))
}

/// The links that the message of a squash quotes or that stand in the notes of the joined commits, without those that it
/// took back, and the other bytes of the message.
fn quoted(repo: &Repo, file: &DraftFile) -> Option<(Vec<Link>, Vec<u8>)> {
    let (mut links, rest) = file.draft()?.lifted();
    let noted = squash_notes::links(repo, &file.bytes).unwrap_or_default();
    if links.is_empty() && noted.is_empty() {
        return Some((links, rest));
    }
    if let Ok(undone) = undone_links(repo, &file.bytes) {
        links.retain(|link| !undone.contains(&link.to_string()));
    }
    links.extend(noted);
    let mut seen = HashSet::new();
    let mut links = by_themselves(repo, links, &joined(repo, &file.bytes));
    links.retain(|link| seen.insert(link.to_string()));
    Some((in_force(repo, links, &joined(repo, &file.bytes)), rest))
}

/// The links of the message that git prepared for a squash, of which another message takes the place.
pub fn of_squash(repo: &Repo) -> Vec<Link> {
    let read = DraftFile::read(repo, &repo.squash_path(), false).ok();
    read.and_then(|file| quoted(repo, &file)).map(|(links, _)| links).unwrap_or_default()
}

/// The links of HEAD's message.
pub fn of_head(repo: &Repo) -> Vec<Link> {
    repo.head().ok().flatten().map(|head| of_message(repo, head)).unwrap_or_default()
}

/// The links of the message of the commit that could not be picked for a conflict, in whose place one is being made; or of the
/// one that could not be joined, if `anew` it is surely no amendment.
pub fn of_picked(repo: &Repo, anew: bool) -> Vec<Link> {
    if let Some(patch) = repo.unapplied() {
        return links_as_trailers(&patch.message);
    }
    let picked = repo.conflicted_pick().or_else(|| repo.conflicted_join().filter(|_| anew));
    picked.map(|picked| of_message(repo, picked)).unwrap_or_default()
}

/// What is said of links in the note of a commit that is cherry-picked, or whose patch could not be applied: Git copies them to no
/// commit that is made of it, of which it tells nobody.
pub fn left_in_note(repo: &Repo) -> Result<Option<String>, Error> {
    let commit = match repo.operation() {
        Some(Operation::CherryPick) => repo.conflicted_pick(),
        _ => repo.unapplied().and_then(|patch| patch.commit),
    };
    let Some(commit) = commit else { return Ok(None) };
    let note = repo.notes_now(NOTES)?.note(commit)?.unwrap_or_default();
    Ok((!note::read(&note).links.is_empty()).then(|| {
        format!(
            "the links in the note of {} don't go to the commit that is made of it here; git spec hook post-rewrite {} HEAD carries \
             them over, once HEAD is that commit",
            commit.short(9),
            commit.short(10)
        )
    }))
}

/// What is said of links in the message that Git prepared, as for `cherry-pick -n`, whose place this one takes.
pub fn passed_by(repo: &Repo, draft: &DraftFile) -> Option<String> {
    let unapplied = repo.unapplied().map(|patch| patch.message);
    let (what, prepared) = match unapplied {
        Some(message) => ("message of the patch that could not be applied", message),
        None => ("message that Git prepared", repo.prepared_message()?),
    };
    let text = draft.draft().filter(|text| !text.is_wordless())?;
    let own = text.all_links();
    let mut missing = links_as_trailers(&prepared);
    missing.retain(|link| !own.iter().any(|own| own.same_clause(link)));
    let mut names: Vec<String> = missing.iter().map(typed_name).collect();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let named: String = names.iter().map(|name| format!(" --for {}", shell_quote(name))).collect();
    let (links, them) = if names.len() > 1 { ("links", "them") } else { ("a link", "it") };
    Some(
        one_line(&format!(
            "the {what} has {links} to {}, and this one doesn't; git spec commit --amend --no-edit{named} writes \
             {them}",
            names.join(", ")
        ))
        .into_owned(),
    )
}

/// The links of HEAD's message, and of what a rebase could not join with it, or pick, for a conflict: it is joined now.
pub fn of_amended(repo: &Repo) -> Vec<Link> {
    let head = of_head(repo);
    if let Some(patch) = repo.unapplied() {
        let mut links = [head, links_as_trailers(&patch.message)].concat();
        let mut seen = HashSet::new();
        links.retain(|link| seen.insert(link.to_string()));
        return links;
    }
    let Some(joined) = repo.conflicted_join().or_else(|| repo.conflicted_pick()) else { return head };
    let mut commits = repo.joined_by_rebase();
    commits.push(joined);
    let mut links = by_themselves(repo, [head, of_message(repo, joined)].concat(), &commits);
    let mut seen = HashSet::new();
    links.retain(|link| seen.insert(link.to_string()));
    in_force(repo, links, &commits)
}

/// The links of a message, be it that of a squash with some in its body.
fn of_message(repo: &Repo, commit: Oid) -> Vec<Link> {
    repo.message(commit).map(|message| links_as_trailers(&message.bytes)).unwrap_or_default()
}

/// Of the links that a message is to keep those that its body, as that of a squash, doesn't say by itself.
pub fn unsaid(draft: &DraftFile, mut links: Vec<Link>) -> Vec<Link> {
    let said = draft.draft().map(|text| text.body_links()).unwrap_or_default();
    links.retain(|link| !said.iter().any(|own| own.same_clause(link)));
    links
}

fn complete(file: &Path) -> Result<Told, Error> {
    let repo = Repo::discover()?;
    let offered = offered::take(&repo);
    completed(&repo, file, &offered)
}

fn completed(repo: &Repo, file: &Path, offered: &[Link]) -> Result<Told, Error> {
    let mut draft = DraftFile::read(repo, file, editing(Call::about(file).as_ref()))?.apart(file)?;
    let Some(text) = draft.draft() else {
        let named = draft.bytes.to_ascii_lowercase().contains_str("spec:");
        return Ok(if named { unreadable("links in it are not looked at") } else { Told::default() });
    };
    if let Some(template) = Template::take(repo).filter(|template| template.linked == draft.bytes) {
        // Git has to see the template as it was, to refuse it.
        draft_file::write(file, &draft.bytes, &template.original)?;
        return Ok(Told::default());
    }
    if let Some(empty) = text.without_words() {
        draft_file::write(file, &draft.bytes, &empty)?;
        return Ok(Told::warn(WORDLESS));
    }
    let call = Call::about(file);
    if call.as_ref().is_some_and(|call| call.completes) {
        // A `git spec commit` has done it already.
        return Ok(Told::default());
    }
    let begun = takes_message_of_head(repo);
    let by_author = || repo.head().ok().flatten().is_some_and(|head| repo.has_author_of(head).unwrap_or(false));
    let amends = || called_to_amend().unwrap_or_else(|| begun || by_author());
    let amends = call.as_ref().map_or_else(amends, |call| call.amend);
    let surely = call.as_ref().map_or_else(|| begun || amends_head(repo), |call| call.amend);
    let (unfinished, links) = (unfinished(repo, &text, surely), text.links());
    let moves = is_plain(repo, &draft, false);
    if text.has_strays() && moves {
        draft = gathered(repo, draft, file)?;
    }
    let Typed { mut warnings, refused } = typed::complete(repo, draft, file, (amends, moves))?;
    warnings.extend(unfinished);
    if !amends {
        warnings.extend(polished::unheld(repo, &links, polished::amend)?);
    }
    // Of a rebase the hook tells that runs when it has ended, and then knows the commit.
    if refused.is_none() && repo.operation() != Some(Operation::Rebase) {
        warnings.extend(offered::lost(repo, offered, file));
    }
    Ok(Told { warnings, refused, report: None })
}

/// Whether the message began as that of HEAD, as the hook before has kept.
fn takes_message_of_head(repo: &Repo) -> bool {
    let path = repo.amended_path();
    let begun = std::fs::read_to_string(&path).ok();
    let _ = std::fs::remove_file(path);
    let head = repo.head().ok().flatten();
    begun.zip(head).is_some_and(|(begun, head)| begun == head.to_string())
}

/// The message with what is under way among its trailers, where a person's words have cut it off from them.
fn gathered(repo: &Repo, draft: DraftFile, file: &Path) -> Result<DraftFile, Error> {
    let links = UnderWay::read(repo)?.links;
    let Some(whole) = draft.gathered(&links) else { return Ok(draft) };
    draft_file::write(file, &draft.bytes, &whole)?;
    Ok(draft.with_bytes(whole))
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
    let mut amended = Vec::new();
    if let Some(kept) = repo.amended_in_rebase() {
        let mut known = std::fs::read(&kept).unwrap_or_default();
        if amends {
            known.extend_from_slice(&input);
            std::fs::write(&kept, known).map_err(|error| Error::io(format!("write {}", kept.display()), error))?;
        } else {
            amended = known;
        }
    }
    let (told, amended) = if amends { (&b""[..], &input) } else { (input.as_slice(), &amended) };
    let mut result = rewritten(&repo, told, amended)?;
    if amends {
        result.warnings.extend(of_unseen(&repo, &input)?);
    }
    let warnings = result.warnings;
    Ok(Told { warnings, ..Told::default() })
}

/// A person says which commit another one became.
fn carried_over(args: &[OsString]) -> Result<Told, Error> {
    let repo = Repo::discover()?;
    let commit = |at: usize| repo.resolve(&args[at].to_string_lossy());
    let warnings = of_pairs(&repo, &[(commit(0)?, commit(1)?)], &BTreeMap::new())?.warnings;
    Ok(Told { warnings, ..Told::default() })
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
