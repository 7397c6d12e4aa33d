//! Walks through history that git told before are told again, without git.
//!
//! Git's own walk is most of what a command waits for that finds all else in the index. It is kept whole, with what it rests
//! on (`git::Repo::ground`); a walk that anything limits is git's alone.

use std::collections::VecDeque;
use std::io;

use bstr::BString;

use super::names::Names;
use super::source::Source;
use crate::git::{CommitRecord, DateForm, GitError, Oid, Repo, Walk, WalkQuery};
use crate::index::{Damaged, KeptWalk, Key, Step, WalkKeeper, has_walks, walk_key};

/// Commits of one line that may come before a kept walk.
const MOST_LATER: usize = 64;

/// Commits in git's order: from the index, or from git, and then perhaps kept.
pub struct Records<'r> {
    repo: &'r Repo,
    query: WalkQuery,
    /// What is told before anything else is asked.
    ready: VecDeque<CommitRecord>,
    kept: Option<Kept<'r>>,
    walk: Option<Walk<'r>>,
    keeper: Option<(Oid, WalkKeeper)>,
    /// Commits that were told.
    told: usize,
    trouble: Option<Trouble>,
}

/// What is worth a line at the end.
enum Trouble {
    Damaged,
    Unwritten(io::Error),
}

/// A kept walk that is being told.
struct Kept<'r> {
    walk: KeptWalk,
    form: DateForm,
    names: Names<'r>,
}

/// A walk whose answer may be kept.
struct Place {
    ground: Vec<u8>,
    tip: Oid,
    by_date: bool,
    form: DateForm,
}

impl Place {
    /// None for a walk that is git's alone.
    fn of(repo: &Repo, query: &WalkQuery) -> Result<Option<Place>, GitError> {
        let limited =
            !query.extra.is_empty() || !query.paths.is_empty() || query.parents || query.full_history || query.topo;
        let (true, [rev]) = (query.commits_only && !limited, &query.revs[..]) else { return Ok(None) };
        let marks = ["..", "^!", "^@", "^-"];
        if rev.starts_with(['^', '-']) || marks.iter().any(|mark| rev.contains(mark)) {
            return Ok(None);
        }
        if repo.config()?.get_bool("spec.index")? == Some(false) {
            return Ok(None);
        }
        let Some(form) = query.date.as_deref().and_then(DateForm::of) else { return Ok(None) };
        // A name that means nothing is git's to complain about.
        let Ok(tip) = repo.resolve(rev) else { return Ok(None) };
        let place = |ground| Place { ground, tip, by_date: query.by_date, form };
        Ok(repo.ground()?.map(place))
    }

    fn key(&self, tip: Oid) -> Key {
        walk_key(&self.ground, tip.as_bytes(), if self.by_date { b"date-order" } else { b"date" })
    }

    /// The kept walk from the tip or, behind a line of commits without merges, from an earlier commit. While git's queue
    /// holds a single commit, no order has a choice; so the line comes first, and then all is as if the walk began there.
    fn kept(&self, repo: &Repo) -> Option<(Vec<Oid>, KeptWalk)> {
        if !has_walks(repo.common_dir()) {
            return None;
        }
        let mut line = Vec::new();
        let mut here = self.tip;
        while line.len() <= MOST_LATER {
            if let Some(walk) = KeptWalk::open(repo.common_dir(), self.key(here)) {
                return Some((line, walk));
            }
            let parents = repo.parents(here).ok()?;
            let [parent] = parents[..] else { return None };
            line.push(here);
            here = parent;
        }
        None
    }
}

impl<'r> Records<'r> {
    /// Begins a walk, which may be kept or have been kept.
    ///
    /// # Errors
    /// Those of [`Repo::walk`], and those of the configuration.
    pub fn of(repo: &'r Repo, query: WalkQuery) -> Result<Records<'r>, GitError> {
        let Some(place) = Place::of(repo, &query)? else { return Records::from_git_alone(repo, query) };
        let mut records = Records::nothing(repo, query);
        if !records.begin_kept(&place)? {
            records.query.exact_dates = true;
            records.keeper = Some((place.tip, WalkKeeper::new(repo.common_dir(), place.key(place.tip))));
            records.walk = Some(repo.walk(&records.query)?);
        }
        Ok(records)
    }

    /// Begins a walk that is neither kept nor was.
    ///
    /// # Errors
    /// Those of [`Repo::walk`].
    pub fn from_git_alone(repo: &'r Repo, query: WalkQuery) -> Result<Records<'r>, GitError> {
        let walk = Some(repo.walk(&query)?);
        Ok(Records { walk, ..Records::nothing(repo, query) })
    }

    fn nothing(repo: &'r Repo, query: WalkQuery) -> Records<'r> {
        let ready = VecDeque::new();
        Records { repo, query, ready, kept: None, walk: None, keeper: None, told: 0, trouble: None }
    }

    /// Begins with what is kept, if that can be used.
    fn begin_kept(&mut self, place: &Place) -> Result<bool, GitError> {
        let Some((line, walk)) = place.kept(self.repo) else { return Ok(false) };
        let names = Names::ask(self.repo, self.unordered(place, Vec::new()))?;
        if !line.is_empty() {
            let extra = vec![format!("--max-count={}", line.len()).into()];
            let newest = self.repo.walk(&self.unordered(place, extra))?;
            let newest: Vec<CommitRecord> = newest.collect::<Result<_, _>>()?;
            // A commit graph may say otherwise than the commits.
            if !newest.iter().map(|record| record.oid).eq(line.iter().copied())
                || newest.iter().any(|r| r.parents.len() != 1)
            {
                return Ok(false);
            }
            self.ready = newest.into();
        }
        self.kept = Some(Kept { walk, form: place.form, names });
        Ok(true)
    }

    /// The question for some commits of the walk, whose order is known.
    fn unordered(&self, place: &Place, extra: Vec<std::ffi::OsString>) -> WalkQuery {
        WalkQuery { extra, revs: vec![place.tip.to_string()], by_date: false, ..self.query.clone() }
    }

    /// The next commit that git tells.
    fn told_by_git(&mut self) -> Option<Result<CommitRecord, GitError>> {
        let record = self.walk.as_mut()?.next();
        match &record {
            Some(Ok(record)) => self.keep(record),
            Some(Err(_)) => self.keeper = None,
            None => self.finish(),
        }
        record
    }

    fn keep(&mut self, record: &CommitRecord) {
        let Some((tip, keeper)) = &mut self.keeper else { return };
        // A branch may have moved since its name was looked up, and a broken date is told in other ways in each form.
        let odd = (self.told == 0 && record.oid != *tip) || record.author_strict.is_empty() || record.border;
        let added = if odd { Ok(false) } else { keeper.add(step(record)) };
        match added {
            Ok(true) => {}
            Ok(false) => self.keeper = None,
            Err(error) => (self.keeper, self.trouble) = (None, Some(Trouble::Unwritten(error))),
        }
    }

    /// All was told. Where anything changed meanwhile that the walk rests on, nobody knows which of both it saw.
    fn finish(&mut self) {
        let Some((tip, keeper)) = self.keeper.take() else { return };
        let now = WalkQuery { revs: vec![tip.to_string()], ..self.query.clone() };
        let same = Place::of(self.repo, &now).ok().flatten().is_some_and(|place| keeper.is_for(place.key(tip)));
        if let Some(Err(error)) = same.then(|| keeper.finish()) {
            self.trouble = Some(Trouble::Unwritten(error));
        }
    }

    /// Reads the next block of a kept walk. Where that cannot be told, git tells the rest.
    fn read_on(&mut self) -> Result<(), GitError> {
        let Some(kept) = &mut self.kept else { return Ok(()) };
        let block = kept.block();
        match block {
            Ok(block) if block.is_empty() => self.kept = None,
            Ok(block) => self.ready.extend(block),
            Err(trouble) => {
                (self.kept, self.trouble) = (None, trouble);
                let mut walk = self.repo.walk(&self.query)?;
                for told in walk.by_ref().take(self.told) {
                    told?;
                }
                self.walk = Some(walk);
            }
        }
        Ok(())
    }

    /// Tells the index what went wrong.
    pub fn close(self, source: &Source) {
        match (self.trouble, source.index()) {
            (Some(Trouble::Damaged), Some(index)) => index.note_damage(),
            (Some(Trouble::Unwritten(error)), Some(index)) => index.note_unwritten(&error),
            _ => {}
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<CommitRecord, GitError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty()
            && let Err(error) = self.read_on()
        {
            self.kept = None;
            return Some(Err(error));
        }
        let record = match self.ready.pop_front() {
            Some(record) => Some(Ok(record)),
            None => self.told_by_git(),
        };
        self.told += 1;
        record
    }
}

impl Kept<'_> {
    /// The next commits; none at the end. In an error, what there is to say about it: nothing where git could not tell
    /// what references point at, as one may that is broken.
    fn block(&mut self) -> Result<Vec<CommitRecord>, Option<Trouble>> {
        let block = self.walk.block().map_err(|Damaged| Some(Trouble::Damaged))?;
        self.names.learn(&block, || self.walk.ids_behind()).map_err(|_| None)?;
        let records = block.into_iter().map(|step| {
            let mut record = record(step, self.form)?;
            record.decoration = self.names.of(record.oid);
            Some(record)
        });
        records.collect::<Option<Vec<_>>>().ok_or(Some(Trouble::Damaged))
    }
}

/// A commit as a walk of commits alone tells it.
fn record(step: Step, form: DateForm) -> Option<CommitRecord> {
    let oid = Oid::from_raw(&step.commit).ok()?;
    let parents: Result<Vec<Oid>, _> = step.parents.chunks(oid.as_bytes().len()).map(Oid::from_raw).collect();
    Some(CommitRecord {
        oid,
        parents: parents.ok()?,
        author_name: step.author,
        author_email: BString::default(),
        author_date: form.written(step.time, step.strict.as_ref()),
        author_time: step.time,
        committer_time: 0,
        author_strict: step.strict,
        subject: step.subject,
        decoration: BString::default(),
        edges: Vec::new(),
        border: false,
        boundary: false,
    })
}

/// A commit as it is kept.
fn step(record: &CommitRecord) -> Step {
    Step {
        commit: record.oid.as_bytes().into(),
        parents: record.parents.iter().flat_map(|parent| parent.as_bytes().to_vec()).collect::<Vec<u8>>().into(),
        author: record.author_name.clone(),
        time: record.author_time,
        strict: record.author_strict.clone(),
        subject: record.subject.clone(),
    }
}
