//! `git spec log`: history as a stream, each spec commit with what it did to the demands.

use std::collections::{BTreeMap, HashSet};

use bstr::{BString, ByteSlice};

use super::blame::missing_object;
use super::clause_name;
use super::doubts::{Doubts, Likeness};
use super::facts::{self, first_parent_facts};
use super::joined;
use super::links::{Judged, Links};
use super::lives;
use super::ls::Pattern;
use super::parallel::{Told, in_order};
use super::source::Source;
use super::walks::Records;
use crate::error::Error;
use crate::git::{CommitRecord, GitError, NumStats, Oid, Pathspecs, Repo, WalkQuery};
use crate::spec::change::ChangeKind;
use crate::trace::facts::{ChangeState, ClauseState};
use crate::view::facts::{ChangeFact, DocumentFact, path_text};
use crate::view::log::{Generated, LogEntry};

/// What to show of history.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Revisions and ranges; HEAD where none.
    pub revs: Vec<String>,
    /// Pathspecs as typed.
    pub paths: Vec<BString>,
    /// Links are judged as of this revision; HEAD where none.
    pub at: Option<String>,
    /// One clause only.
    pub clause: Option<String>,
    /// At most so many entries.
    pub count: Option<usize>,
    /// Entries left out first.
    pub skip: usize,
    /// Oldest first.
    pub reverse: bool,
    /// Git's own limits, handed through.
    pub limits: Vec<std::ffi::OsString>,
    /// Tell which refs point at the commits.
    pub decorate: bool,
    /// `--date`.
    pub date: Option<String>,
    /// `-S`: the number of occurrences in clause texts differs.
    pub pickaxe: Option<String>,
    /// `-G`: a changed line of clause text matches.
    pub grep_text: Option<String>,
    /// The texts of the clauses are wanted.
    pub texts: bool,
    /// How much generated commits did is wanted.
    pub stats: bool,
}

impl LogQuery {
    fn has(&self, option: &str) -> bool {
        self.limits.iter().any(|limit| limit == option)
    }

    /// The revisions and ranges to walk from.
    fn starts(&self) -> Vec<String> {
        match self.revs.is_empty() {
            // HEAD is among all, unless it has no commits.
            true if self.has("--all") => Vec::new(),
            true => vec!["HEAD".to_owned()],
            false => self.revs.clone(),
        }
    }

    /// Whether git's own limits add references to the revisions.
    fn walks_references(&self) -> bool {
        let of_many = ["--all", "--branches", "--tags", "--remotes", "--glob", "--reflog"];
        self.limits.iter().any(|limit| of_many.iter().any(|many| limit.to_string_lossy().starts_with(many)))
    }
}

/// Writes an entry as it is shown; all cores do it.
pub type Face<'f> = dyn Fn(&LogEntry) -> Result<Vec<u8>, Error> + Sync + 'f;

/// Takes entries as their [`Face`] wrote them, in order, and none where the next one is not ready yet: then those so far
/// may be shown.
pub type Sink<'s> = dyn FnMut(Option<Vec<u8>>) -> Result<(), Error> + 's;

/// An entry on its way.
enum Made {
    /// Nothing that is shown.
    Nothing,
    /// An entry, to which something is added before it is written.
    Entry(Box<LogEntry>),
    /// An entry as it is shown.
    Written(Vec<u8>),
}

/// Begins to walk, before the specification is looked for: most of the time until the first line is git's, unless the walk
/// is kept. Nothing where no walk is needed.
///
/// # Errors
/// Those of [`Records::of`].
pub fn walk_ahead<'repo>(repo: &'repo Repo, query: &LogQuery) -> Result<Option<Records<'repo>>, Error> {
    let walks = query.clause.is_none() && query.count != Some(0);
    Ok(if walks { Some(Records::of(repo, walk_query(query))?) } else { None })
}

/// Hands each entry to `sink`, newest first, as soon as it is known. `walk` is what [`walk_ahead`] began. Comes back with the
/// number of links that stand beneath none of them, for they are tied to nothing for certain: with one clause, of those that may
/// be about it.
///
/// # Errors
/// What the repository, the walk and `sink` say.
pub fn log(
    source: &Source,
    query: &LogQuery,
    walk: Option<Records>,
    face: &Face,
    sink: &mut Sink,
) -> Result<usize, Error> {
    if query.reverse {
        let mut entries = Vec::new();
        let untold = stream(source, query, walk, face, &mut |entry| {
            entries.extend(entry);
            Ok(())
        })?;
        entries.into_iter().rev().try_for_each(|entry| sink(Some(entry)))?;
        return Ok(untold);
    }
    stream(source, query, walk, face, sink)
}

fn stream(
    source: &Source,
    query: &LogQuery,
    walk: Option<Records>,
    face: &Face,
    sink: &mut Sink,
) -> Result<usize, Error> {
    let filter = TextFilter::new(query)?;
    let mut left = query.count.unwrap_or(usize::MAX);
    let mut skip = query.skip;
    if left == 0 {
        return Ok(0);
    }
    if query.clause.is_none() {
        source.walks_from(&query.starts(), query.walks_references());
    }
    let (links, tip) = match source.repo.resolve(query.at.as_deref().unwrap_or("HEAD")) {
        Ok(tip) => (Links::read(source, tip)?, Some(tip)),
        Err(GitError::UnbornBranch { .. }) if query.at.is_none() => (Links::default(), None),
        Err(other) => return Err(other.into()),
    };
    let waiting = super::waiting::Waiting::new(&links);
    let mut like = None;
    let about = match &query.clause {
        Some(clause) => {
            let named = clause_name::find(source, clause, end_of(query)?)?;
            let path = &named.documents[named.doc].path;
            let lineage = super::show::lineage(&links, path.as_bstr(), named.clause());
            let like = like.insert(Likeness::of(&links, lineage, None));
            like.add_name(path, &named.clause().anchor);
            like.add_version(named.clause().version());
            lineage
        }
        None => None,
    };
    let mut stats = Stats { source, process: None };
    let made = |mut entry: LogEntry| -> Result<Made, Error> {
        if entry.changes.is_empty() || !filter.keeps(&entry.changes) {
            return Ok(Made::Nothing);
        }
        entry.generated = match about {
            // Of a biography, only what was made from that clause.
            Some(lineage) => links.about(&entry.commit, lineage),
            None => links.from_commit(&entry.commit),
        };
        entry.waiting = waiting.among(&entry.changes);
        if query.stats && !entry.generated.is_empty() {
            return Ok(Made::Entry(Box::new(entry)));
        }
        face(&entry).map(Made::Written)
    };
    let mut take = |made: Option<Made>| -> Result<bool, Error> {
        let Some(made) = made else { return sink(None).map(|()| true) };
        if !matches!(made, Made::Nothing) && skip > 0 {
            skip -= 1;
            return Ok(true);
        }
        let written = match made {
            Made::Nothing => return Ok(true),
            Made::Entry(mut entry) => {
                stats.count(&mut entry.generated)?;
                face(&entry)?
            }
            Made::Written(written) => written,
        };
        left -= 1;
        sink(Some(written))?;
        Ok(left > 0)
    };
    if let Some(clause) = &query.clause {
        let mut take = |entry: Option<LogEntry>| take(entry.map(&made).transpose()?);
        one_clause(source, query, clause, &mut take)?;
        return untold(source, &links, tip, like.as_ref());
    }
    let specs = Pathspecs::new(&query.paths, &source.repo)?;
    let texts = query.texts || filter.reads_texts();
    let wanted = Wanted { specs, first_parent: query.has("--first-parent"), texts };
    let Some(mut walk) = walk else { return untold(source, &links, tip, None) };
    // An entry is written where its commit was read: then what was allocated for it goes where it came from.
    let work = |source: &Source, record: &CommitRecord| {
        let (changes, documents) = changes(source, record, &wanted)?;
        made(entry(record, changes, documents))
    };
    in_order(source, walk.by_ref(), work, |told| match told {
        Told::Commit(_, made) => take(Some(made)),
        Told::Pause => take(None),
    })?;
    walk.close(source);
    untold(source, &links, tip, None)
}

/// How many links behind `tip` are tied to nothing for certain, of those that are `like` what was asked for. It is looked for
/// behind the last entry, which must not wait for it.
fn untold(source: &Source, links: &Links, tip: Option<Oid>, like: Option<&Likeness>) -> Result<usize, Error> {
    let Some(tip) = tip else { return Ok(0) };
    let open = Doubts::of(links).open(source, tip)?;
    let is_meant = |judged: &Judged| like.is_none_or(|like| like.may_be(judged));
    Ok(open.iter().filter(|open| !open.superseded && is_meant(open.judged)).count())
}

/// Counts what generated commits did, as far as they are shown: by one process, started for the first of them.
struct Stats<'s> {
    source: &'s Source,
    process: Option<NumStats<'s>>,
}

impl Stats<'_> {
    fn count(&mut self, generated: &mut [Generated]) -> Result<(), Error> {
        for made in generated {
            let Ok(commit) = Oid::from_hex(made.commit.as_bytes()) else { continue };
            let process = match &mut self.process {
                Some(process) => process,
                place => place.insert(self.source.repo.numstats()?),
            };
            match process.of(commit) {
                Ok(stat) => made.stat = Some((stat.added, stat.removed, stat.files)),
                // Without the numbers the rest can be told; the process is gone.
                Err(error) => {
                    let missing = match &error {
                        GitError::GitFailed { stderr, .. } => missing_object(stderr),
                        _ => None,
                    };
                    let Some(missing) = missing else { return Err(error.into()) };
                    self.source.unseen(format!("numbers of lines: object {} is missing", missing.short(12)));
                    self.process = None;
                }
            }
        }
        Ok(())
    }
}

fn walk_query(query: &LogQuery) -> WalkQuery {
    WalkQuery {
        revs: query.starts(),
        extra: query.limits.clone(),
        decorate: query.decorate,
        date: query.date.clone(),
        commits_only: true,
        ..WalkQuery::default()
    }
}

/// The revision that one clause is followed back from.
fn end_of(query: &LogQuery) -> Result<Option<&str>, Error> {
    Ok(match query.revs.as_slice() {
        [] => None,
        [one] if !one.contains("..") => Some(one.as_str()),
        [range] if !range.contains("...") => range.split_once("..").map(|(_, end)| end).filter(|end| !end.is_empty()),
        _ => {
            return Err(Error::Usage {
                message: "--clause follows one clause back from one revision".to_owned(),
                help: "git spec log REVISION --clause CLAUSE".to_owned(),
            });
        }
    })
}

/// The life of one clause.
fn one_clause(
    source: &Source,
    query: &LogQuery,
    clause: &str,
    take: &mut dyn FnMut(Option<LogEntry>) -> Result<bool, Error>,
) -> Result<(), Error> {
    if query.has("--first-parent") {
        return Err(Error::Usage {
            message: "--clause and --first-parent do not go together".to_owned(),
            help: "the life of a clause goes through every parent: leave --first-parent out".to_owned(),
        });
    }
    let named = clause_name::find(source, clause, end_of(query)?)?;
    let Some(tip) = named.commit else { return Ok(()) };
    let date = query.date.clone();
    let allowed = allowed(source, query)?;
    // Whether a clause came in or came back is known only behind the commit that may have removed it.
    let mut held: Vec<(LogEntry, Vec<usize>)> = Vec::new();
    let mut told = 0;
    let lives = lives::follow(source, tip, vec![named.place()], date, |record, events| {
        let numbers: Vec<usize> = (told..told + events.len()).collect();
        told += events.len();
        if allowed.as_ref().is_some_and(|allowed| !allowed.contains(&record.oid)) {
            return Ok(true);
        }
        let changes: Result<Vec<ChangeFact>, Error> =
            events.iter().map(|event| lives::event_fact(source, record, event)).collect();
        let changes = changes?;
        let documents = left(source, record, &changes, None)?;
        let entry = entry(record, changes, documents);
        if held.is_empty() && !events.iter().any(|event| lives::came_in(source, event)) {
            return Ok(take(Some(entry))? && take(None)?);
        }
        held.push((entry, numbers));
        Ok(true)
    })?;
    let oldest = lives.events[0].len().saturating_sub(1);
    for (mut entry, numbers) in held {
        for (change, number) in entry.changes.iter_mut().zip(numbers) {
            let event = lives.events[0].get(number);
            if let Some((event, record)) = event.and_then(|event| Some((event, lives.commits.get(&event.commit)?)))
                && event.since.is_some()
            {
                *change = lives::event_fact(source, record, event)?;
            }
            change.returned = event.is_some_and(|event| event.returned);
            let begins = number == oldest && event.is_some_and(|event| lives::came_in(source, event));
            if begins && !change.is(ChangeKind::Added) {
                change.kinds.insert(0, ChangeKind::Added);
            }
        }
        if !take(Some(entry))? {
            break;
        }
    }
    Ok(())
}

/// The commits that ranges and git's own limits leave; `None` for all. A clause is followed through the others too.
fn allowed(source: &Source, query: &LogQuery) -> Result<Option<HashSet<Oid>>, Error> {
    let ranged = query.revs.iter().any(|rev| rev.contains(".."));
    if query.limits.is_empty() && query.paths.is_empty() && !ranged {
        return Ok(None);
    }
    // Here the paths choose commits as git has it: the clause is followed, not the file.
    let limited = WalkQuery { paths: query.paths.clone(), magic: !query.paths.is_empty(), ..walk_query(query) };
    let walk = source.repo.walk(&limited)?;
    let found: Result<HashSet<Oid>, GitError> = walk.map(|record| record.map(|record| record.oid)).collect();
    Ok(Some(found?))
}

/// Files that left the specification with a commit, with their clauses, and stand outside of it in the same bytes. They are
/// looked for where nobody knows them yet.
fn left(
    source: &Source,
    record: &CommitRecord,
    changes: &[ChangeFact],
    known: Option<Vec<(BString, BString)>>,
) -> Result<Vec<DocumentFact>, Error> {
    let [parent] = record.parents[..] else { return Ok(Vec::new()) };
    if known.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let went = changes.iter().filter(|change| change.is(ChangeKind::Removed));
    let went: HashSet<&str> = went.filter_map(|change| Some(change.was.as_ref()?.path.as_str())).collect();
    if went.is_empty() {
        return Ok(Vec::new());
    }
    let told = |path: &BString| went.contains(path_text(path.as_bstr()).as_str());
    let left = match known {
        Some(known) => known,
        None => joined::left(source, (parent, record.oid), &source.spec_changes(Some(parent), record.oid)?, told)?,
    };
    let left = left.into_iter().filter(|(was, _)| told(was)).map(|(was, outside)| DocumentFact {
        was: Some(path_text(was.as_bstr())),
        path: None,
        outside: Some(path_text(outside.as_bstr())),
    });
    Ok(left.collect())
}

fn entry(record: &CommitRecord, changes: Vec<ChangeFact>, documents: Vec<DocumentFact>) -> LogEntry {
    LogEntry {
        documents,
        commit: record.oid.to_string(),
        author: record.author_name.to_string(),
        date: record.author_date.to_string(),
        subject: record.subject.to_string(),
        changes,
        generated: Vec::new(),
        waiting: Vec::new(),
        decoration: record.decoration.to_string(),
        shown_date: record.author_date.to_string(),
    }
}

/// Which changes of a commit are looked at, and how.
struct Wanted {
    specs: Pathspecs,
    first_parent: bool,
    texts: bool,
}

/// What a commit did: against its parent; of a merge, what it did itself.
fn changes(
    source: &Source,
    record: &CommitRecord,
    wanted: &Wanted,
) -> Result<(Vec<ChangeFact>, Vec<DocumentFact>), Error> {
    if source.is_border(record.oid) {
        return Ok(Default::default());
    }
    let facts = if wanted.first_parent { first_parent_facts(source, record)? } else { facts::changes(source, record)? };
    let limited = |change: &ChangeState| {
        let within =
            |state: &Option<Box<ClauseState>>| state.as_ref().is_some_and(|state| wanted.specs.matches(&state.path));
        wanted.specs.is_empty() || within(&change.new) || within(&change.old)
    };
    let mut facts = std::sync::Arc::unwrap_or_clone(facts);
    let known = facts.left.take();
    let shown = facts.into_shown().into_iter().filter(|(_, change)| limited(change));
    let shown = shown.map(|(edge, change)| lives::fact(source, record, edge, change, wanted.texts));
    let changes = shown.collect::<Result<Vec<_>, _>>()?;
    let documents = left(source, record, &changes, known)?;
    Ok((changes, documents))
}

/// `-S` and `-G` over clause texts.
struct TextFilter {
    pickaxe: Option<String>,
    grep: Option<regex::Regex>,
}

/// The lines of a text that match, with how often each is there.
fn matching<'t>(text: &'t str, regex: &regex::Regex) -> BTreeMap<&'t str, usize> {
    let mut lines = BTreeMap::new();
    for line in text.lines().filter(|line| regex.is_match(line)) {
        *lines.entry(line).or_default() += 1;
    }
    lines
}

impl TextFilter {
    fn reads_texts(&self) -> bool {
        self.pickaxe.is_some() || self.grep.is_some()
    }

    fn new(query: &LogQuery) -> Result<Self, Error> {
        let compile = |text: &String| Pattern { text: text.clone(), ..Pattern::default() }.compile();
        Ok(TextFilter { pickaxe: query.pickaxe.clone(), grep: query.grep_text.as_ref().map(compile).transpose()? })
    }

    fn keeps(&self, changes: &[ChangeFact]) -> bool {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let pickaxe = self.pickaxe.as_ref().is_none_or(|wanted| {
            changes.iter().any(|c| {
                text(&c.before).matches(wanted.as_str()).count() != text(&c.after).matches(wanted.as_str()).count()
            })
        });
        let grep = self.grep.as_ref().is_none_or(|regex| {
            changes.iter().any(|c| {
                let (before, after) = (text(&c.before), text(&c.after));
                let (before, after) = (matching(&before, regex), matching(&after, regex));
                before != after
            })
        });
        pickaxe && grep
    }
}
