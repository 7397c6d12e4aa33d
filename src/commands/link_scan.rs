//! Where links stand: all messages and notes of a history, read and not resolved yet.

use std::collections::BTreeMap;
use std::thread::JoinHandle;

use bstr::ByteSlice;

use super::ledger::commit_id;
use super::links::NOTES;
use super::source::Source;
use super::typed::word;
use crate::error::Error;
use crate::git::{GitError, Message, MessageQuery, Oid, Repo};
use crate::index::Index;
use crate::trace::link::{Reason, Source as Origin};
use crate::trace::message::Rejected;
use crate::trace::{CommitId, Link, message, note};

/// Carriers with their subjects and links.
pub(super) type Scanned = BTreeMap<CommitId, (String, Vec<Link>)>;

/// Whole links of commits that stand where none is read, and that nothing else says.
pub(super) type PassedOver = BTreeMap<CommitId, Vec<Link>>;

/// Words in trailers that may be names of clauses, with their commits.
pub(super) type Words = Vec<(Oid, Rejected)>;

/// How many links the history of `tip` and the notes hold: all of them are read, and none is resolved. For measuring what
/// reading alone costs.
///
/// # Errors
/// What reading the repository may give.
pub fn count(source: &Source, tip: Oid) -> Result<usize, Error> {
    Ok(scan(source, tip)?.found.values().map(|(_, links)| links.len()).sum())
}

/// What was read of messages and notes.
#[derive(Default)]
pub(super) struct Scan {
    /// All links, not resolved yet.
    pub(super) found: Scanned,
    /// The commits whose messages say that they revert another.
    pub(super) reverting: Vec<Reverting>,
    /// What may be names of clauses that nobody completed.
    pub(super) names: Words,
    /// Links that were not read.
    pub(super) passed_over: PassedOver,
}

/// Reads all messages and notes.
pub(super) fn scan(source: &Source, tip: Oid) -> Result<Scan, Error> {
    let mut found: Scanned = BTreeMap::new();
    let (mut names, mut passed_over) = (Vec::new(), PassedOver::new());
    let (messages, reverting) = messages(source, tip)?;
    for message in messages {
        let read = message::extract(&message.bytes);
        let links = read.links;
        // What a revert quotes nobody wrote there as a link of its own.
        if let Some(id) = commit_id(message.commit).filter(|_| !read.passed_over.is_empty() && !message.names_revert())
        {
            passed_over.insert(id, read.passed_over);
        }
        let typed = read.rejected.into_iter().filter(is_word).map(|value| (message.commit, value));
        names.extend(typed);
        if let Some(id) = commit_id(message.commit).filter(|_| !links.is_empty()) {
            found.insert(id, (subject(&message.bytes), links));
        }
    }
    for note in source.repo.notes(NOTES)? {
        let read = note::read(&note.bytes);
        let Some(id) = commit_id(note.object) else { continue };
        if let Some(passed) = passed_over.get_mut(&id) {
            passed.retain(|link| !read.links.iter().chain(&read.withdrawn).any(|own| own.same_clause(link)));
        }
        let links = read.links;
        if links.is_empty() {
            continue;
        }
        match found.get_mut(&id) {
            Some((_, known)) => known.extend(links),
            None => {
                let message = match source.repo.message(note.object) {
                    Ok(message) => subject(&message.bytes),
                    Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => continue,
                    Err(other) => return Err(other.into()),
                };
                found.insert(id, (message, links));
            }
        }
    }
    passed_over.retain(|_, links| !links.is_empty());
    Ok(Scan { found, reverting, names, passed_over })
}

/// Whether a value of a trailer may be the name of a clause that a person typed.
pub(super) fn is_word(value: &Rejected) -> bool {
    value.source == Origin::Trailer && value.reason != Reason::TakenBack && word(&value.value).is_some()
}

/// A message that says it reverts a commit, or the commit whose message does.
pub(super) enum Reverting {
    Known(Oid),
    Read(Message),
}

/// The messages themselves. Few commands come so far: where nothing is linked, nobody asks.
pub(super) fn all_messages(source: &Source, reverting: Vec<Reverting>) -> Result<Vec<Message>, Error> {
    let mut messages = Vec::new();
    for one in reverting {
        match one {
            Reverting::Read(message) => messages.push(message),
            Reverting::Known(commit) => match source.repo.message(commit) {
                Ok(message) => messages.push(message),
                // It was thrown away since.
                Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => {}
                Err(other) => return Err(other.into()),
            },
        }
    }
    Ok(messages)
}

/// What was read of messages.
type Told = Result<Vec<Result<Message, GitError>>, GitError>;

/// The messages behind `tip` that may hold a link or say that they revert a commit.
fn telling(repo: &Repo, tip: Oid) -> Told {
    let query = MessageQuery { revs: vec![tip.to_string()], grep_spec: true, ..MessageQuery::default() };
    Ok(repo.messages(&query)?.collect())
}

/// Messages that are read by a thread of their own, while the specification is looked for.
pub struct Ahead {
    tip: Oid,
    reader: JoinHandle<Told>,
}

impl Ahead {
    /// Begins to read what is behind `tip`. Nothing where the index may know it.
    ///
    /// # Errors
    /// Those of [`Repo::config`].
    pub fn begin(repo: &Repo, tip: Oid) -> Result<Option<Ahead>, GitError> {
        if repo.config()?.get_bool("spec.index")? != Some(false) {
            return Ok(None);
        }
        let repo = repo.reopen();
        Ok(Some(Ahead { tip, reader: std::thread::spawn(move || telling(&repo, tip)) }))
    }

    /// What was read; nothing where the thread failed.
    fn end(self) -> Option<Told> {
        self.reader.join().ok()
    }
}

/// The messages that may hold a link, and those that say they revert a commit: of all commits that `tip` reaches, and
/// perhaps of others that the index knows.
fn messages(source: &Source, tip: Oid) -> Result<(Vec<Message>, Vec<Reverting>), Error> {
    let Some(index) = source.index() else {
        let mut all = Vec::new();
        let read = match source.messages_ahead().filter(|ahead| ahead.tip == tip).and_then(Ahead::end) {
            Some(read) => read,
            None => telling(&source.repo, tip),
        };
        for message in read? {
            match message {
                Ok(message) => all.push(message),
                Err(GitError::MissingObject { oid }) => hidden(source, oid),
                Err(other) => return Err(other.into()),
            }
        }
        let reverting = all.iter().filter(|message| message.names_revert()).cloned().map(Reverting::Read).collect();
        return Ok((all, reverting));
    };
    let known = index.may_all_revert();
    let known = known.iter().filter_map(|commit| Oid::from_raw(commit).ok());
    let mut reverting: Vec<Reverting> = known.map(Reverting::Known).collect();
    let mut carriers: Vec<Oid> = index.may_all_link().iter().filter_map(|commit| Oid::from_raw(commit).ok()).collect();
    let tips: Vec<Oid> = index.tips().iter().filter_map(|tip| Oid::from_raw(tip).ok()).collect();
    let mut found = Vec::new();
    if !tips.contains(&tip) {
        match read_since(source, index, (tip, &tips), &mut reverting, &mut found) {
            Ok(()) => index.keep_tip(tip.as_bytes()),
            Err(GitError::MissingObject { oid }) => hidden(source, oid),
            Err(other) => return Err(other.into()),
        }
    }
    carriers.sort_unstable();
    for carrier in carriers {
        match source.repo.message(carrier) {
            Ok(message) => found.push(message),
            // It was thrown away since.
            Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok((found, reverting))
}

/// Reads the messages of commits behind which nothing was read yet, as far as the index doesn't know what is in them.
fn read_since(
    source: &Source,
    index: &Index,
    (tip, tips): (Oid, &[Oid]),
    reverting: &mut Vec<Reverting>,
    found: &mut Vec<Message>,
) -> Result<(), GitError> {
    for commit in source.repo.commits_since(tip, tips)? {
        if index.may_link(commit.as_bytes()).is_some() {
            continue;
        }
        let message = source.repo.message(commit)?;
        let (may_link, may_revert) = (message.names_spec(), message.names_revert());
        index.keep_message(commit.as_bytes(), may_link, may_revert);
        if may_revert {
            reverting.push(Reverting::Read(message.clone()));
        }
        found.extend(may_link.then_some(message));
    }
    Ok(())
}

/// Notes that the walk for messages ended at a commit that isn't there.
fn hidden(source: &Source, missing: Oid) {
    source.unseen(format!("links behind commit {}, which is missing", missing.short(12)));
}

/// The first paragraph of a message on one line.
pub(super) fn subject(message: &[u8]) -> String {
    let paragraph =
        message.lines().skip_while(|line| line.trim().is_empty()).take_while(|line| !line.trim().is_empty());
    paragraph.map(|line| line.trim().to_str_lossy()).collect::<Vec<_>>().join(" ")
}
