//! The lives of clauses: walking history back from one revision and following each through its names.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bstr::ByteSlice;

use super::facts::facts;
use super::joined::read_as;
use super::ledger::commit_id;
use super::parallel::{Told, in_order};
use super::sides::Side;
use super::source::Source;
use super::walks::Records;
use crate::error::Error;
use crate::git::{CommitRecord, Oid, WalkQuery};
use crate::spec::Version;
use crate::spec::change::ChangeKind;
use crate::spec::matching::{Document, State};
use crate::trace::facts::{ChangeState, ClauseState, CommitFacts};
use crate::trace::lineage::{Event, Place, Tracker};
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

/// Hands every commit that `tip` reaches with its facts to `each`, children before parents, until it answers `false`.
/// Of a commit at a shallow border there are no facts. That git keeps to this order, which a commit-graph file may spoil, is
/// seen at the end of history.
pub fn all_facts(
    source: &Source,
    tip: Oid,
    date: Option<String>,
    mut each: impl FnMut(CommitRecord, Option<Arc<CommitFacts>>) -> Result<bool, Error>,
) -> Result<(), Error> {
    source.walks_from(&[tip.to_string()], false);
    let query = WalkQuery { revs: vec![tip.to_string()], topo: true, commits_only: true, date, ..WalkQuery::default() };
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

/// Knows of a clause that came in whether it may have come back.
pub struct Returns<'s> {
    source: &'s Source,
    standing: HashMap<Oid, HashSet<Version>>,
}

impl Returns<'_> {
    /// Nothing looked up yet.
    pub fn new(source: &Source) -> Returns<'_> {
        Returns { source, standing: HashMap::new() }
    }

    /// Whether the removal is behind the addition. From another file, a clause does not come back whose words stand
    /// elsewhere at that time: it is one more of the kind.
    pub fn may(&mut self, (gone, old): (Oid, &ClauseState), (came, new): (Oid, &ClauseState)) -> bool {
        let ends = commit_id(gone).zip(commit_id(came));
        let graph = self.source.graph(came);
        graph.zip(ends).is_some_and(|(graph, (gone, came))| graph.is_ancestor(gone, came) == Some(true))
            && !self.are_apart(old, new)
            && (old.path == new.path || !self.stood_before(came, new.version))
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

/// Follows clauses from `tip` back to where they came in. `seen` is told of each event's commit as it is found and
/// ends the walk by answering `false`.
pub fn follow(
    source: &Source,
    tip: Oid,
    places: Vec<Place>,
    date: Option<String>,
    mut seen: impl FnMut(&CommitRecord, &[Event<Oid>]) -> Result<bool, Error>,
) -> Result<Lives, Error> {
    let mut tracker = Tracker::new(tip, places);
    let mut returns = Returns::new(source);
    let mut commits = HashMap::new();
    let mut counts = vec![0; tracker.events.len()];
    all_facts(source, tip, date, |record, facts| {
        let Some(facts) = facts else {
            tracker.abandon(record.oid);
            return Ok(!tracker.is_done());
        };
        tracker.step(record.oid, &record.parents, &facts, &mut |gone, came| returns.may(gone, came));
        let mut found = Vec::new();
        for (events, count) in tracker.events.iter().zip(&mut counts) {
            found.extend_from_slice(&events[*count..]);
            *count = events.len();
        }
        if !found.is_empty() {
            let go_on = seen(&record, &found)?;
            commits.insert(record.oid, record);
            return Ok(go_on && !tracker.is_done());
        }
        Ok(!tracker.is_done())
    })?;
    Ok(Lives { events: tracker.events, complete: tracker.complete, commits })
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
    Ok(ChangeFact { returned, ..fact(source, record, event.edge, event.change().clone(), true)? })
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
