//! The lives of clauses: walking history back from one revision and following each through its names.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::facts::facts;
use super::joined::read_as;
use super::kept_bonds::KeptBonds;
use super::ledger::commit_id;
use super::parallel::{Told, in_order};
use super::sides::Side;
use super::source::{Content, Source};
use super::walks::Records;
use crate::error::Error;
use crate::git::{CommitRecord, Oid, WalkQuery};
use crate::spec::Version;
use crate::spec::change::{ChangeKind, Comparison};
use crate::spec::matching::{Bond, Document, State};
use crate::spec::token::Tokens;
use crate::trace::facts::{ChangeState, ClauseState, CommitFacts};
use crate::trace::lineage::{Bonded, Event, Lookup, Place, Tracker};
use crate::view::blame::Moment;
use crate::view::facts::ChangeFact;
use crate::view::show::PastChange;

/// What became of the followed clauses, and the commits it became so in.
pub struct Lives {
    /// Events per clause, newest first.
    pub events: Vec<Vec<Event<Oid>>>,
    /// Whether a clause was followed to where it came in.
    pub complete: Vec<bool>,
    /// The commits of the events.
    pub commits: HashMap<Oid, CommitRecord>,
}

/// Hands every commit that `tip` reaches with its facts to `each`, by date but children before parents, until it answers `false`.
/// Of a commit at a shallow border there are no facts. That git keeps to this order, which a commit-graph file may spoil, is
/// seen at the end of history.
pub fn all_facts(
    source: &Source,
    tip: Oid,
    date: Option<String>,
    mut each: impl FnMut(CommitRecord, Option<Arc<CommitFacts>>) -> Result<bool, Error>,
) -> Result<(), Error> {
    source.walks_from(&[tip.to_string()], false);
    let query =
        WalkQuery { revs: vec![tip.to_string()], by_date: true, commits_only: true, date, ..WalkQuery::default() };
    let mut records = match source.index() {
        Some(_) => Records::of(&source.repo, query)?,
        None => Records::from_git_alone(&source.repo, query)?,
    };
    // Parents that were named and not told yet; one that was told before waits for ever.
    let mut awaited: HashSet<Oid> = HashSet::new();
    let mut ended = false;
    in_order(source, records.by_ref(), facts, |told| {
        let Told::Commit(record, facts) = told else { return Ok(true) };
        let is_border = source.is_border(record.oid);
        awaited.remove(&record.oid);
        awaited.extend(record.parents.iter().filter(|_| !is_border));
        let facts = (!is_border).then_some(facts);
        ended = !each(record, facts)?;
        Ok(!ended)
    })?;
    if let Some(commit) = awaited.iter().min().filter(|_| !ended) {
        return Err(Error::OutOfOrder { commit: commit.to_string() });
    }
    records.close(source);
    Ok(())
}

/// A file that clauses left and came back to, compared: as it was before and behind.
type Rejoined = Option<Arc<(Arc<Document>, Arc<Document>, Comparison)>>;

/// From this score on a clause that was removed and one of its name that came later are one.
const REWORDED_FROM: f32 = 0.5;

/// Knows what a walk over facts cannot tell: whether a clause that came in may have come back, and which clause of a file was
/// which in another state of it.
pub struct Lookups<'s> {
    source: &'s Source,
    standing: HashMap<Oid, HashSet<Version>>,
    /// By the commit at which a file went, its path, and the commit and the path by which it came.
    rejoined: HashMap<(Oid, BString, Oid, BString), Rejoined>,
    /// By the file, the last commit that had a clause of it, and the one that has it again.
    reworded: HashMap<(BString, Oid, Oid), Rejoined>,
    bonds: KeptBonds,
}

impl Lookup<Oid> for Lookups<'_> {
    /// Whether the removal is behind the addition. From another file, a clause does not come back whose words stand
    /// elsewhere at that time: it is one more of the kind.
    fn may_return(&mut self, (gone, old): (Oid, &ClauseState), (came, new): (Oid, &ClauseState)) -> bool {
        self.is_behind(gone, came)
            && !self.are_apart(old, new)
            && (old.path == new.path || !self.stood_before(came, new.version))
    }

    fn bonds(&mut self, newer: Oid, older: Oid, path: &BStr) -> Vec<Bonded> {
        let (Some(is), Some(was)) = (self.blob(newer, path), self.blob(older, path)) else { return Vec::new() };
        let source = self.source;
        let document = |blob| source.seen_document(path, &Content::Blob(blob)).ok().flatten();
        self.bonds.of(source, (is, was, path), || {
            let (new, old) = document(is).zip(document(was))?;
            let bonded = source.bonds(&old, &new).into_iter().map(|bond| {
                let (was, is) = (&old.clauses[bond.old.at], &new.clauses[bond.new.at]);
                let telling = is.tokens().len() >= Tokens::MEANINGFUL || was.anchor == is.anchor;
                let exact = was.version() == is.version() && telling;
                Bonded { new: bond.new.at as u32, old: bond.old.at as u32, exact }
            });
            Some(bonded.collect())
        })
    }

    fn rejoined(
        &mut self,
        (gone, parent): (Oid, Oid),
        old: &ClauseState,
        (came, change): (Oid, &ChangeState),
    ) -> Option<Option<ChangeState>> {
        let (new, outside) = (change.new.as_deref()?, change.old.as_deref()?);
        if !self.is_behind(gone, came) || self.are_apart(old, new) {
            return None;
        }
        let key = (gone, old.path.clone(), came, new.path.clone());
        let compared = match self.rejoined.get(&key) {
            Some(known) => known.clone(),
            None => {
                let compared = self.compare_rejoined((gone, parent), old, (came, new), outside);
                self.rejoined.insert(key, compared.clone());
                compared
            }
        }?;
        bonded(&compared, old, new).map(|(_, change)| change)
    }

    fn reworded(
        &mut self,
        (gone, parent): (Oid, Oid),
        old: &ClauseState,
        (came, new): (Oid, &ClauseState),
    ) -> Option<ChangeState> {
        if !self.is_behind(gone, came) || self.are_apart(old, new) {
            return None;
        }
        let key = (old.path.clone(), parent, came);
        let compared = match self.reworded.get(&key) {
            Some(known) => known.clone(),
            None => {
                let both = self.document(parent, old.path.as_bstr()).zip(self.document(came, old.path.as_bstr()));
                let compared = both.map(|(was, is)| {
                    let compared = self.source.compare(std::slice::from_ref(&was), std::slice::from_ref(&is));
                    Arc::new((was, is, compared))
                });
                self.reworded.insert(key, compared.clone());
                compared
            }
        }?;
        bonded(&compared, old, new).filter(|(score, _)| *score >= REWORDED_FROM).and_then(|(_, change)| change)
    }
}

/// The score with which two clauses of a file are bonded, if they are, and how their words differ.
fn bonded(
    (was, is, comparison): &(Arc<Document>, Arc<Document>, Comparison),
    old: &ClauseState,
    new: &ClauseState,
) -> Option<(f32, Option<ChangeState>)> {
    let same = |bond: &&Bond| (bond.old.at, bond.new.at) == (old.at as usize, new.at as usize);
    let bond = comparison.bonds.iter().find(same)?;
    let found = comparison.changes.iter().find(|change| change.new.is_some_and(|at| at.at == new.at as usize));
    let modified = found.filter(|change| change.is(ChangeKind::Modified));
    let change = modified.map(|change| {
        let mut change = ChangeState::of(change, std::slice::from_ref(was), std::slice::from_ref(is));
        change.old = Some(Box::new(old.clone()));
        change
    });
    Some((bond.score, change))
}

impl Lookups<'_> {
    /// Nothing looked up yet.
    pub fn new(source: &Source) -> Lookups<'_> {
        Lookups {
            source,
            standing: HashMap::new(),
            rejoined: HashMap::new(),
            reworded: HashMap::new(),
            bonds: KeptBonds::default(),
        }
    }

    fn is_behind(&self, older: Oid, newer: Oid) -> bool {
        let graph = self.source.graph(newer).zip(commit_id(older).zip(commit_id(newer)));
        graph.is_some_and(|(graph, (older, newer))| graph.is_ancestor(older, newer) == Some(true))
    }

    /// A file at a commit; none where it isn't there.
    fn blob(&self, commit: Oid, path: &BStr) -> Option<Oid> {
        let (mode, blob) = self.source.repo.file_at(commit, &path.to_owned()).ok()??;
        mode.is_file().then_some(blob)
    }

    /// A spec file at a commit; none where it isn't there or cannot be seen.
    fn document(&self, commit: Oid, path: &BStr) -> Option<Arc<Document>> {
        self.source.seen_document(path, &Content::Blob(self.blob(commit, path)?)).ok()?
    }

    /// A file before it went and where it is back, if it went to where it came from, and all of it.
    fn compare_rejoined(
        &self,
        (gone, parent): (Oid, Oid),
        old: &ClauseState,
        (came, new): (Oid, &ClauseState),
        outside: &ClauseState,
    ) -> Rejoined {
        let stands = |commit, path: &BString| Some(self.source.repo.file_at(commit, path).ok()?.is_some());
        if stands(gone, &old.path)? || stands(parent, &outside.path)? || !stands(gone, &outside.path)? {
            return None;
        }
        let was = self.document(parent, old.path.as_bstr())?;
        let (mode, blob) = self.source.repo.file_at(gone, &outside.path).ok()??;
        let there =
            self.source.seen_document(old.path.as_bstr(), &Content::Blob(blob)).ok()?.filter(|_| mode.is_file())?;
        // Most of it went there.
        let went = self.source.compare(std::slice::from_ref(&was), std::slice::from_ref(&there)).bonds.len();
        if went * 2 < was.clauses.len() {
            return None;
        }
        let is = self.document(came, new.path.as_bstr())?;
        let compared = self.source.compare(std::slice::from_ref(&was), std::slice::from_ref(&is));
        Some(Arc::new((was, is, compared)))
    }

    /// Whether a person says that the two are not one.
    fn are_apart(&self, old: &ClauseState, new: &ClauseState) -> bool {
        let said = self.source.set.overrides();
        let state = |clause: &ClauseState| State {
            path: clause.path.clone(),
            anchor: clause.anchor.clone(),
            version: clause.version,
        };
        !said.is_empty() && said.of(&state(old), &state(new)) == Some(false)
    }

    fn stood_before(&mut self, commit: Oid, version: Version) -> bool {
        let source = self.source;
        let all = self.standing.entry(commit).or_insert_with(|| {
            let parents = source.repo.parents(commit).unwrap_or_default();
            let documents = parents.iter().filter_map(|&parent| source.documents(&Side::Commit(parent)).ok());
            let versions = |document: &Arc<Document>| document.clauses.iter().map(|clause| clause.version()).collect();
            documents.flatten().flat_map(|document| -> Vec<Version> { versions(&document) }).collect()
        });
        all.contains(&version)
    }
}

/// A commit of the walk with its events, each by lineage and number, that are not told yet.
type Held = (CommitRecord, Vec<(usize, usize)>);

/// After so many commits without an event it is looked again whether the events before can be told.
const LOOK_AGAIN: usize = 64;

/// Follows clauses from `tip` back to where they came in. `seen` is told of each event's commit as it is found and
/// ends the walk by answering `false`.
pub fn follow(
    source: &Source,
    tip: Oid,
    places: Vec<Place>,
    date: Option<String>,
    mut seen: impl FnMut(&CommitRecord, &[Event<Oid>]) -> Result<bool, Error>,
) -> Result<Lives, Error> {
    let count = places.len();
    let mut tracker = Tracker::everywhere(tip, places);
    let mut lookups = Lookups::new(source);
    let mut lives = Lives { events: Vec::new(), complete: Vec::new(), commits: HashMap::new() };
    let mut told: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
    let mut held: VecDeque<Held> = VecDeque::new();
    let mut since_event = 0_usize;
    let mut tell = |tracker: &Tracker<Oid>, held: &mut VecDeque<Held>| -> Result<bool, Error> {
        for (record, events) in held.drain(..) {
            let certain = events.into_iter().filter_map(|at| Some((tracker.settled(at.0)?, at)));
            let certain: Vec<(usize, (usize, usize))> = certain.collect();
            if certain.is_empty() {
                continue;
            }
            let events: Vec<_> = certain.iter().map(|(_, at)| tracker.events[at.0][at.1].clone()).collect();
            certain.into_iter().for_each(|(lineage, at)| told[lineage].push(at));
            let go_on = seen(&record, &events)?;
            lives.commits.insert(record.oid, record);
            if !go_on {
                return Ok(false);
            }
        }
        Ok(true)
    };
    all_facts(source, tip, date, |record, facts| {
        let Some(facts) = facts else {
            tracker.abandon(record.oid);
            return Ok(!tracker.is_done());
        };
        tracker.step(record.oid, &record.parents, &facts, &mut lookups);
        let found = tracker.take_untold();
        since_event += 1;
        if !found.is_empty() {
            held.push_back((record, found));
            since_event = 0;
        }
        let go_on = held.is_empty()
            || !since_event.is_multiple_of(LOOK_AGAIN)
            || tracker.is_guessing()
            || tell(&tracker, &mut held)?;
        Ok(go_on && !tracker.is_done())
    })?;
    tell(&tracker, &mut held)?;
    lookups.bonds.keep(source);
    // What is known of an event may have grown since it was told.
    let event = |&(number, at): &(usize, usize)| tracker.events[number][at].clone();
    lives.events = told.iter().map(|events| events.iter().map(event).collect()).collect();
    lives.complete = tracker.complete[..count].to_vec();
    Ok(lives)
}

impl Lives {
    /// A commit in short.
    pub fn moment(&self, commit: Oid) -> Option<Moment> {
        self.commits.get(&commit).map(moment)
    }

    /// Where the clause came in, its meaning last changed, its text last changed.
    pub fn moments(&self, lineage: usize) -> (Option<Moment>, Option<Moment>, Option<Moment>) {
        let events = &self.events[lineage];
        let at = |event: Option<&Event<Oid>>| event.and_then(|event| self.moment(event.commit));
        let introduced = events.last().filter(|_| self.complete[lineage]);
        let last = |is: fn(&Event<Oid>) -> bool| at(events.iter().find(|event| is(event)).or(introduced));
        (at(introduced), last(Event::is_meaning), last(Event::is_text))
    }

    /// All changes of a clause with their texts, newest first.
    pub fn history(&self, source: &Source, lineage: usize) -> Result<Vec<PastChange>, Error> {
        let mut history = Vec::new();
        for event in &self.events[lineage] {
            let Some(record) = self.commits.get(&event.commit) else { continue };
            history.push(PastChange { moment: moment(record), change: event_fact(source, record, event)? });
        }
        Ok(history)
    }
}

/// The date format of moments and JSON.
pub fn iso() -> Option<String> {
    Some("iso-strict".to_owned())
}

/// A record as a moment.
pub fn moment(record: &CommitRecord) -> Moment {
    Moment {
        commit: record.oid.to_string(),
        author: record.author_name.to_string(),
        date: record.author_date.to_string(),
        subject: record.subject.to_string(),
    }
}

/// Whether a clause came into the specification by an event, from nowhere or from a file outside.
pub fn came_in(source: &Source, event: &Event<Oid>) -> bool {
    let outside = |old: &ClauseState| !source.set.matches(&old.path);
    event.change().is(ChangeKind::Added) || event.change().old.as_deref().is_some_and(outside)
}

/// An event as a fact, with its texts.
pub fn event_fact(source: &Source, record: &CommitRecord, event: &Event<Oid>) -> Result<ChangeFact, Error> {
    let returned = event.returned;
    let told = ChangeFact { returned, ..fact(source, record, event.edge, event.change().clone(), true)? };
    let Some(since) = &event.since else { return Ok(told) };
    let before =
        since.change.old.as_deref().map(|old| source.text(since.commit, old, old.path.as_bstr())).transpose()?;
    Ok(ChangeFact { before: before.flatten(), ..told })
}

/// A change of a commit as a fact; with its texts, which are read again, if they are wanted.
pub fn fact(
    source: &Source,
    record: &CommitRecord,
    edge: usize,
    change: ChangeState,
    texts: bool,
) -> Result<ChangeFact, Error> {
    let parent = record.parents.get(edge).copied();
    let text = |commit: Option<Oid>, state: Option<&ClauseState>| match commit.zip(state).filter(|_| texts) {
        Some((commit, state)) if source.set.matches(&state.path) => source.text(commit, state, state.path.as_bstr()),
        // It joined the specification.
        Some((commit, state)) => {
            let path = read_as(&state.path, &change.new.as_deref().unwrap_or(state).path);
            source.text(commit, state, path.as_bstr())
        }
        None => Ok(None),
    };
    let before = text(parent, change.old.as_deref())?;
    let after = text(Some(record.oid), change.new.as_deref())?;
    let dropped = parent.filter(|_| change.dropped).map(|parent| parent.to_string());
    Ok(ChangeFact { before, after, ..ChangeFact::of(change, dropped) })
}
