//! `git spec commit`: git's own command, with links among the trailers.
//!
//! Settings for trailers (git-interpret-trailers(1)) can rename, move and drop what `git commit --trailer` is given, and
//! hooks may not be installed. So the links come in where git hands the message to a person: `GIT_EDITOR` is this
//! program, which adds them and starts the real editor, if one is wanted at all. All the rest is git.

use std::ffi::OsString;
use std::path::Path;

use bstr::{BString, ByteSlice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cite::cite_staged;
use super::clause_name::find_in;
use super::draft_file::{self, DraftFile};
use super::hook::{
    is_plain, is_squash, left, left_in_note, lifted, of_amended, of_head, of_picked, of_squash, part_of_squash,
    passed_by, unsaid,
};
use super::offered;
use super::polished;
use super::sides::Side;
use super::source::Source;
use super::squash_notes;
use super::staged::{self, unfinished};
use super::started::{UnderWay, typed_name, warnings};
use super::typed;
use super::whole_squash::lacks_of_squash;
use crate::cli::{CommitArgs, GitWords};
use crate::error::Error;
use crate::git::{CommitCall, Repo, run_editor};
use crate::trace::link::{Link, named};
use crate::trace::message::extract;
use crate::view::text::{one_line, shell_quote};

/// The variable by which a `git spec commit` speaks to the editor and the hooks that its git starts.
const VARIABLE: &str = "GIT_SPEC_COMMIT";

/// The command, hidden from people, that git starts as the editor.
pub const EDITOR_COMMAND: &str = "edit-message";

/// What a `git spec commit` wants of the message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Call {
    /// The file that git keeps the message in; another file is another commit's.
    message: String,
    /// The editor to start; `:` for none.
    pub editor: String,
    /// The editor for any other file, such as a hunk of `-p`.
    other: String,
    /// `GIT_EDITOR` as it was.
    variable: Option<String>,
    /// Where the person stands, below the top.
    prefix: String,
    /// The clauses of `--for`, as typed.
    clauses: Vec<String>,
    /// Whether it is a new commit with a message of its own, as far as the words tell.
    pub plain: bool,
    /// Whether the message is given by `-m` or `-F`.
    given: bool,
    /// Whether it is the message of a squash.
    squash: bool,
    /// Whether the commit takes the place of HEAD.
    pub amend: bool,
    /// Whether names that are typed are completed here, and not left to a hook.
    pub completes: bool,
    /// Whether nothing is under way or named, so that a message without links is told as such.
    bare: bool,
    /// Whether git will refuse a message that is its template still.
    template: bool,
    /// Whether git will take a message without words.
    wordless: bool,
    /// Whether git has put its comments there, for it was to start an editor.
    edits: bool,
    /// `--cleanup`.
    pub cleanup: Option<String>,
}

impl Call {
    /// The call that a message file belongs to, if any.
    pub fn about(file: &Path) -> Option<Call> {
        Call::around().filter(|call| place(file) == call.message)
    }

    /// The call whose git has started this process, be it for the message or for a hook.
    pub fn around() -> Option<Call> {
        serde_json::from_str(&std::env::var(VARIABLE).ok()?).ok()
    }
}

/// A file by one name. Git names it from the top or in full.
fn place(file: &Path) -> String {
    // It need not be there yet, its directory is.
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    directory.join(file.file_name().unwrap_or_default()).to_string_lossy().into_owned()
}

/// The answer of `git spec commit --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CommitReport {
    /// `git-spec/commit/1`.
    pub schema: &'static str,
    /// The commit that was made.
    pub commit: String,
    /// The links in its message, as they are written.
    pub links: Vec<String>,
    /// Nothing here can be beyond sight.
    pub incomplete: Vec<String>,
}

/// What became of it, where this process goes on after git.
pub enum Ended {
    /// Git ended so; it has said why.
    Status(u8),
    /// The commit was made.
    Made(CommitReport),
}

/// Runs `git commit`. Without `json` this process becomes git and does not come back. `say` prints a hint.
///
/// # Errors
/// A clause of `--for` that isn't there, before git is started.
pub fn commit(args: &CommitArgs, json: bool, say: &mut dyn FnMut(&str)) -> Result<Ended, Error> {
    let repo = Repo::discover()?;
    let words = GitWords::read(&args.words);
    let clauses: Vec<String> = args.clauses.iter().map(|clause| named(clause.as_encoded_bytes())).collect();
    let prepared = || repo.prepared_message().is_some() && !words.given;
    let plain = !words.amend && !words.reuses && repo.operation().is_none() && !prepared();
    let squash = !words.amend && !words.reuses && is_squash(&repo);
    let anew = words.amend && words.given;
    let under_way = UnderWay::read(&repo);
    let started = under_way.as_ref().map(|found| found.links.clone()).unwrap_or_default();
    if words.rehearsal || words.cut_off {
        return run(&plainly(args), json);
    }
    let completes = !words.unverified;
    let mut bare = false;
    let joins = is_squash(&repo);
    // The commit that takes the place of HEAD may change what the links of its message say.
    let polishes = words.amend && !of_head(&repo).is_empty();
    // So may the one that is made where a commit could not be picked.
    let stands_in = words.given || repo.unapplied().is_some();
    let picks = stands_in && !words.amend && !of_picked(&repo, true).is_empty();
    if clauses.is_empty() && (!plain || started.is_empty()) && !joins && !polishes && !picks {
        if let Some(at) = under_way.ok().filter(|_| plain).and_then(|found| found.left) {
            left(&at.short(7)).warnings.iter().for_each(|line| say(line));
        } else {
            bare = plain;
        }
        // A message that is only used again holds nothing that a person types.
        if !anew && (!completes || !(words.edits || words.given)) {
            if bare {
                say(BARE);
            }
            return run(&plainly(args), json);
        }
    }
    let other = repo.editor()?;
    let Some(editor) = (if words.edits { other.clone() } else { Some(":".to_owned()) }) else {
        // Git will say that it has no editor for this terminal.
        return run(&plainly(args), json);
    };
    let call = Call {
        message: place(&repo.draft_path()),
        editor,
        other: other.unwrap_or_else(|| "vi".to_owned()),
        variable: std::env::var("GIT_EDITOR").ok(),
        prefix: repo.prefix().to_str_lossy().into_owned(),
        clauses,
        plain,
        given: words.given,
        squash,
        amend: words.amend,
        completes,
        bare,
        wordless: words.wordless,
        edits: words.edits,
        cleanup: words.cleanup.clone(),
        template: words.template || repo.config()?.get("commit.template").is_some(),
    };
    let cleanup = repo.config()?.get("commit.cleanup").map(|value| value.to_str_lossy().into_owned());
    if call.clauses.is_empty() && started.is_empty() {
        return run(&with_editor(args, &words, &call, cleanup)?, json);
    }
    match Source::of_staged(repo.reopen()) {
        Ok(source) => {
            check(&source, &call.clauses, words.picks)?;
            if words.blank && words.wordless && !words.edits && !call.clauses.is_empty() {
                return Err(Error::WordlessMessage);
            }
            if plain {
                warnings(&source, &started)?.iter().for_each(|line| say(line));
            }
        }
        // What was recorded needs no specification to be written.
        Err(_) if call.clauses.is_empty() => {}
        Err(error) => return Err(error),
    }
    run(&with_editor(args, &words, &call, cleanup)?, json)
}

/// Looks whether the clauses will be there, so that a wrong name stops everything before git begins. Where the words
/// pick what is committed, the work tree may bring a clause that the index hasn't yet.
fn check(source: &Source, clauses: &[String], picks: bool) -> Result<(), Error> {
    for clause in clauses {
        match cite_staged(source, clause) {
            Ok(_) => {}
            Err(error @ Error::NoSuchClause { .. }) => {
                let lying = source.documents(&Side::WorkTree)?;
                match find_in(source, &lying, clause, "the work tree") {
                    Ok(_) if picks => {}
                    Ok(_) => return Err(Error::NotStaged { name: clause.clone() }),
                    Err(_) => return Err(error),
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn plainly(args: &CommitArgs) -> CommitCall {
    CommitCall { words: args.words.clone(), ..CommitCall::default() }
}

/// The call with this program as the editor. Where git would start none, it is told to, and to leave out all that it
/// does only for an editor.
fn with_editor(args: &CommitArgs, words: &GitWords, call: &Call, cleanup: Option<String>) -> Result<CommitCall, Error> {
    let mut made = plainly(args);
    if !words.edits {
        let mut more: Vec<OsString> = vec!["--edit".into(), "--no-status".into()];
        // Without an editor git only strips white space, unless told otherwise (builtin/commit.c, get_cleanup_mode).
        let cleanup = words.cleanup.clone().or(cleanup);
        if matches!(cleanup.as_deref(), None | Some("default" | "scissors")) {
            more.push("--cleanup=whitespace".into());
        }
        let at = made.words.iter().position(|word| word == "--").unwrap_or(made.words.len());
        made.words.splice(at..at, more);
        // Nobody has to be told to close an editor.
        made.settings.push("advice.waitingForEditor=false".to_owned());
    }
    let program = std::env::current_exe().map_err(|error| Error::io("find this program", error))?;
    let editor = format!("{} {EDITOR_COMMAND}", shell_quote(&program.to_string_lossy()));
    made.variables = vec![("GIT_EDITOR", editor.into()), (VARIABLE, serde_json::to_string(call)?.into())];
    Ok(made)
}

fn run(call: &CommitCall, json: bool) -> Result<Ended, Error> {
    let status = if json { call.run_aside(std::io::stderr().into())? } else { call.become_it()? };
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(128);
    if code != 0 || !json {
        return Ok(Ended::Status(code));
    }
    let repo = Repo::discover()?;
    let head = repo.resolve("HEAD")?;
    let message = repo.message(head)?;
    let links = extract(&message.bytes).links.iter().map(ToString::to_string).collect();
    let (schema, commit) = ("git-spec/commit/1", head.to_string());
    Ok(Ended::Made(CommitReport { schema, commit, links, incomplete: Vec::new() }))
}

/// What git starts as its editor: adds the links, lets the person write, and leaves nothing where nothing was written.
/// The exit status is that of the editor.
///
/// # Errors
/// A clause that what is committed doesn't have, and what reading and writing may give.
pub fn edit(file: &Path, say: &mut dyn FnMut(&str)) -> Result<u8, Error> {
    let Some(call) = Call::about(file) else {
        // A hunk that is edited for -p, or a git that a hook has started.
        let known = Call::around();
        let editor = known.as_ref().map_or_else(|| "vi".to_owned(), |call| call.other.clone());
        let status = start(&editor, file, known.and_then(|call| call.variable))?;
        if status != 0 {
            say(&failed(&editor, status));
        }
        return Ok(status);
    };
    let repo = Repo::discover()?.seen_from(BString::from(call.prefix.clone()));
    let draft = DraftFile::read(&repo, file, call.edits)?;
    let original = draft.bytes.clone();
    if call.editor == ":" && draft.draft().is_some_and(|text| text.is_wordless()) {
        draft_file::has_room(file)?;
        if call.edits {
            // Nobody will write words into it.
            without_words(&call, !call.clauses.is_empty(), say)?;
            return Ok(0);
        }
    }
    let mut draft = draft.apart(file)?;
    let mut links = Vec::new();
    if call.given && call.amend {
        // Another message takes the place of one with links.
        links = of_amended(&repo);
    } else if call.given || (!call.amend && repo.unapplied().is_some()) {
        // What Git could not pick, or apply, without a message for it.
        links = if repo.commits_nothing() { Vec::new() } else { of_picked(&repo, true) };
        let passed = if links.is_empty() { passed_by(&repo, &draft) } else { None };
        passed.iter().for_each(|line| say(line));
        left_in_note(&repo)?.iter().for_each(|line| say(line));
    }
    let mut links = unsaid(&draft, links);
    if call.given || !call.squash {
        let lacks = if is_squash(&repo) { Some(lacks_of_squash(&repo)) } else { None };
        match lacks {
            Some(None) => {
                links.extend(of_squash(&repo));
                squash_notes::left_out(&repo).iter().for_each(|line| say(line));
            }
            Some(Some(lacks)) => say(&part_of_squash(&lacks)),
            None => {}
        }
    } else {
        squash_notes::left_out(&repo).iter().for_each(|line| say(line));
        let new = lifted(&repo, &draft).ok_or(Error::UnreadableMessage)?;
        draft_file::write(file, &draft.bytes, &new)?;
        draft = draft.with_bytes(new);
    }
    let (mut named, mut source) = (Vec::new(), None);
    if !call.clauses.is_empty() {
        let source = source.insert(Source::of_staged(repo.reopen().seen_from(BString::from(call.prefix.clone())))?);
        named = call.clauses.iter().map(|clause| cite_staged(source, clause)).collect::<Result<Vec<Link>, _>>()?;
    }
    if call.plain && is_plain(&repo, &draft, call.given) {
        let mut open = UnderWay::read(&repo)?.links;
        // Of what is named just now, or stands in the message, nothing has to be said.
        open.retain(|link| !named.iter().any(|other: &Link| other.same_clause(link)));
        let open = draft.with_links(&open).filter(|new| !new.wordless).map_or(open, |new| new.added);
        let (weighed, said) = staged::weighed(&repo, open);
        said.iter().for_each(|line| say(line));
        links = weighed;
    }
    if let Some(source) = source {
        if call.amend {
            let gone = source.repo.resolve("HEAD")?.to_string();
            // What HEAD gave to its clauses, the commit that takes its place will have given.
            let is_gone = |commit: &mut String| gone.starts_with(commit.as_str());
            named.iter_mut().for_each(|link| drop(link.commit.take_if(is_gone)));
        }
        // What was named just now says more than what was recorded before.
        links.retain(|link| !named.iter().any(|other| other.same_clause(link)));
        links.extend(named.iter().cloned());
        add(&call, file, &draft, (&links, &named), say)?;
        return write_and_close(&source.repo, file, &call, (&original, &links), say);
    }
    add(&call, file, &draft, (&links, &[]), say)?;
    write_and_close(&repo, file, &call, (&original, &links), say)
}

/// What is said where nobody has named a clause.
const BARE: &str =
    "nothing is under way, so no link is written: git spec start CLAUSE, or git spec commit --for CLAUSE";

/// What is said where links have no place, for the message has no words; git refuses it unless it is told not to.
pub const WORDLESS: &str = "the message has no words, so it carries no link";

fn without_words(call: &Call, named: bool, say: &mut dyn FnMut(&str)) -> Result<(), Error> {
    match (call.wordless, named) {
        (true, true) => return Err(Error::WordlessMessage),
        (true, false) => say(WORDLESS),
        (false, _) => {}
    }
    Ok(())
}

/// Adds links to the file. Those that a person has named take the place of others to the same clause, and that is said.
fn add(
    call: &Call,
    file: &Path,
    draft: &DraftFile,
    (links, named): (&[Link], &[Link]),
    say: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    if links.is_empty() {
        return Ok(());
    }
    let (bytes, gone) = draft.renewed(named).ok_or(Error::UnreadableMessage)?;
    let new = draft.with_bytes(bytes).with_links(links).ok_or(Error::UnreadableMessage)?;
    if new.wordless {
        return without_words(call, !named.is_empty(), say);
    }
    draft_file::write(file, &draft.bytes, &new.bytes)?;
    for link in &gone {
        let name = typed_name(link);
        say(&one_line(&format!(
            "the link to {name} is to the version that --for names now, no longer {}",
            link.version
        )));
    }
    Ok(())
}

fn write_and_close(
    repo: &Repo,
    file: &Path,
    call: &Call,
    (original, links): (&[u8], &[Link]),
    say: &mut dyn FnMut(&str),
) -> Result<u8, Error> {
    if call.editor == ":" {
        finish(repo, file, call, say)?;
        return Ok(0);
    }
    let given = std::fs::read(file).map_err(|error| Error::io(format!("read {}", file.display()), error))?;
    let status = start(&call.editor, file, call.variable.clone())?;
    if status != 0 {
        say(&failed(&call.editor, status));
    }
    let draft = DraftFile::read(repo, file, true)?;
    if status == 0 && call.template && !call.given && draft.bytes == given {
        // Git has to see the template as it was, to refuse it.
        draft_file::write(file, &draft.bytes, original)?;
        return Ok(status);
    }
    let draft = if status == 0 { draft.apart(file)? } else { draft };
    if let Some(empty) = draft.draft().and_then(|draft| draft.without_words()).filter(|_| status == 0) {
        without_words(call, !call.clauses.is_empty(), say)?;
        draft_file::write(file, &draft.bytes, &empty)?;
    } else if let Some(whole) = draft.gathered(links).filter(|_| status == 0) {
        draft_file::write(file, &draft.bytes, &whole)?;
    }
    if status == 0 {
        finish(repo, file, call, say)?;
        let offered = draft.with_bytes(given).draft().map(|text| text.all_links()).unwrap_or_default();
        offered::lost(repo, &offered, file).iter().for_each(|line| say(line));
    }
    Ok(status)
}

/// What is said of an editor that failed: Git will name this program.
fn failed(editor: &str, status: u8) -> String {
    one_line(&format!("your editor failed with status {status}: {editor}")).into_owned()
}

/// Does with what a person typed what the hook would do, and says so where the message has no link in the end.
fn finish(repo: &Repo, file: &Path, call: &Call, say: &mut dyn FnMut(&str)) -> Result<(), Error> {
    let draft = || DraftFile::read(repo, file, call.edits);
    let read = draft()?;
    if let Some(text) = read.draft() {
        let said = match call.amend {
            true => polished::staged(repo, &text.links())?,
            false => polished::unheld(repo, &text.links(), polished::amend)?,
        };
        said.iter().for_each(|line| say(line));
    }
    let Some(text) = read.draft().filter(|text| call.completes && !text.is_wordless()) else { return Ok(()) };
    let unfinished = unfinished(repo, &text, call.amend);
    // Names are seen from the top, as those that a hook completes.
    let (top, moves) = (repo.reopen().seen_from(BString::default()), is_plain(repo, &read, false));
    let done = typed::complete(&top, draft()?, file, (call.amend, moves))?;
    done.warnings.iter().chain(&unfinished).for_each(|line| say(line));
    if let Some(refused) = done.refused {
        return Err(refused);
    }
    if call.bare && draft()?.draft().is_some_and(|text| text.links().is_empty()) {
        say(BARE);
    }
    Ok(())
}

fn start(editor: &str, file: &Path, variable: Option<String>) -> Result<u8, Error> {
    // Ctrl-C is the editor's; a handler, unlike a signal that is ignored, is not handed down to it.
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGQUIT] {
        let _ = signal_hook::flag::register(signal, std::sync::Arc::default());
    }
    let status = run_editor(editor, file, variable.map(OsString::from).as_ref(), VARIABLE)?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
