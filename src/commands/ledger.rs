//! Every clause that history knows, with each state it was in: what links are resolved against.
//!
//! Built only where there are links, since it walks the whole history.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::lives::{Lookups, all_facts};
use super::source::{Content, Source};
use crate::error::Error;
use crate::git::Oid;
use crate::spec::change::ChangeKind;
use crate::spec::grade::Grade;
use crate::spec::{Clause, Version};
use crate::trace::facts::{ChangeState, ClauseState};
use crate::trace::lineage::{Event, Place, Tracker};
use crate::trace::resolve::Sighting;
use crate::trace::{CommitId, Graph};

/// One state of a clause: from this commit on, until the next state of its lineage.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// Where it took it on.
    pub commit: CommitId,
    /// Its name there; `None` where it went.
    pub name: Option<(BString, String)>,
    /// Its name just before, if it was another one: perhaps one that a renamed file gave it, which is no change of its own.
    pub was: Option<(BString, String)>,
    /// Its version there.
    pub version: Option<Version>,
    /// Whether its body holds no word.
    pub empty_body: bool,
    /// How its words changed.
    pub grade: Option<Grade>,
    /// What made that normative.
    pub tipped: Vec<String>,
}

/// All lineages that end at one revision or before it.
#[derive(Debug, Default)]
pub struct Ledger {
    /// States per lineage, newest first.
    pub lineages: Vec<Vec<State>>,
    /// What each lineage that lives at the tip is there.
    pub current: HashMap<u32, (BString, String, Version)>,
    /// States by version.
    pub sightings: HashMap<Version, Vec<Sighting>>,
    by_name: HashMap<(BString, String), Vec<u32>>,
    /// The same by names that a lineage had just before.
    by_former: HashMap<(BString, String), Vec<u32>>,
    by_tip: HashMap<(BString, String), u32>,
    /// The answers to what was [`Asked`].
    bearers: HashMap<NameAt, u32>,
}

/// Clauses by path and anchor whose lineage at a commit has to be known for certain. The states of a lineage don't tell
/// it: a file that is renamed, or a namesake that comes in before a clause, changes its name without changing it. Without
/// an anchor all clauses of the file are meant.
pub type Asked = HashMap<Oid, BTreeSet<(BString, Option<String>)>>;

/// An id as `trace` has it.
pub fn commit_id(oid: Oid) -> Option<CommitId> {
    CommitId::from_bytes(oid.as_bytes())
}

impl Ledger {
    /// Walks the history of `tip`.
    pub fn build(source: &Source, tip: Oid, asked: &Asked) -> Result<Ledger, Error> {
        let documents = source.documents(&super::sides::Side::Commit(tip))?;
        let mut places = Vec::new();
        let mut tips = Vec::new();
        for document in &documents {
            for (at, clause) in document.clauses.iter().enumerate() {
                places.push(Place { path: document.path.clone(), at });
                tips.push((document.path.clone(), clause.anchor.clone(), clause.version()));
            }
        }
        Ok(Ledger::of(walk(source, tip, places, asked)?, tips))
    }

    fn of(walked: Walked, tips: Vec<(BString, String, Version)>) -> Ledger {
        let Walked { events, joined, order, answers } = walked;
        let mut root: Vec<usize> = (0..events.len()).collect();
        for (a, b) in joined {
            let (a, b) = (find(&mut root, a), find(&mut root, b));
            root[a.max(b)] = a.min(b);
        }
        let mut together: BTreeMap<usize, Vec<&Event<Oid>>> = BTreeMap::new();
        for (number, events) in events.iter().enumerate() {
            together.entry(find(&mut root, number)).or_default().extend(events);
        }
        let mut merged: BTreeMap<usize, Vec<State>> = BTreeMap::new();
        for (number, mut events) in together {
            // Newest first, also where several lines of one clause came together.
            events.sort_by_key(|event| order.get(&event.commit).copied());
            let states = merged.entry(number).or_default();
            for state in events.into_iter().filter_map(state) {
                if !states.iter().any(|known| known.commit == state.commit && known.name == state.name) {
                    states.push(state);
                }
            }
        }
        let mut ledger = Ledger::default();
        let mut numbers: HashMap<usize, u32> = HashMap::new();
        for (root, states) in merged {
            numbers.insert(root, u32::try_from(ledger.lineages.len()).unwrap_or(u32::MAX));
            ledger.lineages.push(states);
        }
        for (number, (path, anchor, version)) in tips.into_iter().enumerate() {
            let Some(&lineage) = numbers.get(&find(&mut root, number)) else { continue };
            ledger.by_tip.insert((path.clone(), anchor.clone()), lineage);
            ledger.current.insert(lineage, (path, anchor, version));
        }
        for (name, number) in answers {
            if let Some(&lineage) = numbers.get(&find(&mut root, number)) {
                ledger.bearers.insert(name, lineage);
            }
        }
        ledger.index();
        ledger
    }

    /// The ledger of what was kept of one: states per lineage, and the lineage of each clause at the tip.
    pub fn of_kept<'c>(
        lineages: Vec<Vec<State>>,
        tips: impl Iterator<Item = (&'c BString, &'c str, Version, u32)>,
    ) -> Ledger {
        let mut ledger = Ledger { lineages, ..Ledger::default() };
        for (path, anchor, version, lineage) in tips {
            ledger.by_tip.insert((path.clone(), anchor.to_owned()), lineage);
            ledger.current.insert(lineage, (path.clone(), anchor.to_owned(), version));
        }
        ledger.index();
        ledger
    }

    /// The modifications of a lineage that a commit doesn't have yet, newest first.
    pub fn modified_since(&self, graph: &Graph, lineage: u32, since: CommitId) -> Vec<&State> {
        let states = self.lineages.get(lineage as usize).into_iter().flatten();
        let states: Vec<&State> = states.collect();
        let is_change = |state: &&&State| state.grade.is_some() && !is_joined(graph, &states, state);
        let is_since = |state: &&&State| graph.is_ancestor(state.commit, since) != Some(true);
        states.iter().filter(is_change).filter(is_since).copied().collect()
    }

    fn index(&mut self) {
        for (lineage, states) in self.lineages.iter().enumerate() {
            let lineage = lineage as u32;
            for state in states {
                if let Some(was) = &state.was {
                    let bearers = self.by_former.entry(was.clone()).or_default();
                    if !bearers.contains(&lineage) {
                        bearers.push(lineage);
                    }
                }
                let (Some((path, anchor)), Some(version)) = (&state.name, state.version) else { continue };
                self.sightings.entry(version).or_default().push(Sighting {
                    commit: state.commit,
                    path: path.clone(),
                    anchor: Some(anchor.clone()),
                    lineage,
                    empty_body: state.empty_body,
                });
                let bearers = self.by_name.entry((path.clone(), anchor.clone())).or_default();
                if !bearers.contains(&lineage) {
                    bearers.push(lineage);
                }
            }
        }
    }

    /// The lineage that bears a name at the tip.
    pub fn at_tip(&self, path: &BStr, anchor: &str) -> Option<u32> {
        self.by_tip.get(&(path.to_owned(), anchor.to_owned())).copied()
    }

    /// The lineage that took on a name, or another state under it, or gave it up, at a commit or before, if it was one alone.
    pub fn only_bearer(&self, graph: &Graph, path: &BStr, anchor: &str, commit: CommitId) -> Option<u32> {
        let name = (path.to_owned(), anchor.to_owned());
        let bore = |lineage: &&u32| {
            let states = self.lineages.get(**lineage as usize).into_iter().flatten();
            let is = |of: &Option<(BString, String)>| of.as_ref() == Some(&name);
            let mut named = states.filter(|state| is(&state.name) || is(&state.was));
            named.any(|state| graph.is_ancestor(state.commit, commit) == Some(true))
        };
        let known = [&self.by_name, &self.by_former].map(|by| by.get(&name).into_iter().flatten());
        let bearers: BTreeSet<u32> = known.into_iter().flatten().filter(bore).copied().collect();
        bearers.first().copied().filter(|_| bearers.len() == 1)
    }

    /// Whether any clause ever stood in this file.
    pub fn knows_path(&self, path: &BStr) -> bool {
        self.by_name.keys().any(|(known, _)| known == path)
    }

    /// What a lineage was called at a commit, and the version that it had there, as far as its states tell.
    pub fn called(&self, graph: &Graph, lineage: u32, commit: CommitId) -> Option<(&(BString, String), Version)> {
        let mut states = self.lineages.get(lineage as usize)?.iter();
        let state = states.find(|state| graph.is_ancestor(state.commit, commit) == Some(true))?;
        state.name.as_ref().zip(state.version)
    }

    /// The lineage that bears a name at a commit, if it can only be one.
    pub fn bearer(&self, graph: &Graph, path: &BStr, anchor: &str, commit: CommitId) -> Option<u32> {
        if let Some(&known) = self.bearers.get(&(commit, path.to_owned(), anchor.to_owned())) {
            return Some(known);
        }
        let name = (path.to_owned(), anchor.to_owned());
        let before = |state: &&State| graph.is_ancestor(state.commit, commit) == Some(true);
        let mut found = None;
        for &lineage in self.by_name.get(&name).into_iter().flatten() {
            // States are newest first: the first one that the commit reaches is the one in force.
            let state = self.lineages[lineage as usize].iter().find(before);
            if state.is_some_and(|state| state.name.as_ref() == Some(&name)) {
                if found.is_some() {
                    return None;
                }
                found = Some(lineage);
            }
        }
        found
    }

    /// Modifications of a lineage that `at` reaches and `since` doesn't: how many and the worst.
    pub fn changes_since(&self, graph: &Graph, lineage: u32, since: CommitId, at: CommitId) -> (u32, Option<Grade>) {
        let reached = |from: CommitId, to: CommitId| graph.is_ancestor(from, to) == Some(true);
        let states: Vec<&State> = self.lineages.get(lineage as usize).into_iter().flatten().collect();
        let grades: Vec<Grade> = states
            .iter()
            .filter(|state| reached(state.commit, at) && !reached(state.commit, since))
            .filter(|state| !is_joined(graph, &states, state))
            .filter_map(|state| state.grade)
            .collect();
        (grades.len() as u32, grades.into_iter().max())
    }

    /// The oldest commit since which a lineage has had this name and this version without a break, as `commit` sees it.
    pub fn named_since(
        &self,
        graph: &Graph,
        lineage: u32,
        (name, version): (&(BString, String), Version),
        commit: CommitId,
    ) -> Option<CommitId> {
        let states = self.lineages.get(lineage as usize)?;
        let reached = states.iter().filter(|state| graph.is_ancestor(state.commit, commit) == Some(true));
        let same = |state: &&State| state.name.as_ref() == Some(name) && state.version == Some(version);
        reached.take_while(same).last().map(|state| state.commit)
    }

    /// The spec commit at which a lineage took on the version that it has at `commit`.
    pub fn origin(&self, graph: &Graph, lineage: u32, version: Version, commit: CommitId) -> Option<CommitId> {
        let states = self.lineages.get(lineage as usize)?;
        let mut origin = None;
        for state in states.iter().filter(|state| graph.is_ancestor(state.commit, commit) == Some(true)) {
            if state.version != Some(version) {
                break;
            }
            let meaning = state.grade.is_some() || origin.is_none();
            if meaning || states.last().is_some_and(|first| first.commit == state.commit) {
                origin = Some(state.commit);
            }
        }
        origin
    }
}

/// Whether a state is a merge's that only ties together what its branches did: all that made it normative did so before, in
/// commits that one of its parents lacks.
fn is_joined(graph: &Graph, states: &[&State], state: &State) -> bool {
    let parents: Vec<CommitId> = graph.parents(state.commit).collect();
    if parents.len() < 2 || state.tipped.is_empty() {
        return false;
    }
    let reached = |from: CommitId, to: CommitId| graph.is_ancestor(from, to) == Some(true);
    let before: Vec<&&State> = states
        .iter()
        .filter(|other| {
            other.commit != state.commit && other.grade == state.grade && reached(other.commit, state.commit)
        })
        .collect();
    parents.iter().any(|&parent| {
        let brought = before.iter().filter(|other| !reached(other.commit, parent)).flat_map(|other| &other.tipped);
        let brought: BTreeSet<&String> = brought.collect();
        state.tipped.iter().all(|tipped| brought.contains(tipped))
    })
}

/// A clause's name at a commit.
type NameAt = (CommitId, BString, String);

/// What a walk over all of history gives.
#[derive(Default)]
struct Walked {
    events: Vec<Vec<Event<Oid>>>,
    joined: Vec<(usize, usize)>,
    order: HashMap<Oid, usize>,
    answers: Vec<(NameAt, usize)>,
}

/// Follows all clauses at the tip, and each removed one from the commit before it went.
fn walk(source: &Source, tip: Oid, places: Vec<Place>, asked: &Asked) -> Result<Walked, Error> {
    let mut tracker = Tracker::new(tip, places);
    let mut lookups = Lookups::new(source);
    let mut removals: Vec<(usize, Event<Oid>)> = Vec::new();
    let mut order = HashMap::new();
    let mut answers = Vec::new();
    all_facts(source, tip, None, |record, facts| {
        for name in asked.get(&record.oid).into_iter().flatten() {
            answers.extend(bearers_at(source, &tracker, record.oid, name)?);
        }
        let Some(facts) = facts else {
            tracker.abandon(record.oid);
            return Ok(true);
        };
        order.insert(record.oid, order.len());
        tracker.step(record.oid, &record.parents, &facts, &mut lookups);
        for (edge, number, change) in facts.shown() {
            let Some(old) = change.old.as_ref().filter(|_| change.is(ChangeKind::Removed)) else { continue };
            let Some(&parent) = record.parents.get(edge) else { continue };
            let place = Place { path: old.path.clone(), at: old.at as usize };
            if !tracker.has(parent, &place) {
                removals.push((tracker.follow_also(parent, place), Event::new(record.oid, &facts, edge, number)));
            }
        }
        Ok(true)
    })?;
    let joined = tracker.joined();
    let mut events = tracker.events;
    for (lineage, event) in removals {
        events[lineage].insert(0, event);
    }
    Ok(Walked { events, joined, order, answers })
}

/// What was asked of a commit: names, and the lineage that the tracker follows there under each.
fn bearers_at(
    source: &Source,
    tracker: &Tracker<Oid>,
    commit: Oid,
    (path, anchor): &(BString, Option<String>),
) -> Result<Vec<(NameAt, usize)>, Error> {
    let file = source.repo.file_at(commit, path)?.filter(|(mode, _)| mode.is_file() && source.set.matches(path));
    let (Some((_, blob)), Some(id)) = (file, commit_id(commit)) else { return Ok(Vec::new()) };
    let document = source.document(path.as_bstr(), &Content::Blob(blob))?;
    let asked = document.clauses.iter().enumerate().filter(|(_, c)| anchor.as_ref().is_none_or(|a| c.anchor == *a));
    let bearer = |(at, clause): (usize, &Clause)| {
        let lineage = *tracker.at(commit, path.as_bstr(), at as u32).first()?;
        Some(((id, path.clone(), clause.anchor.clone()), lineage as usize))
    };
    Ok(asked.filter_map(bearer).collect())
}

fn find(root: &mut [usize], mut at: usize) -> usize {
    while root[at] != at {
        root[at] = root[root[at]];
        at = root[at];
    }
    at
}

fn state(event: &Event<Oid>) -> Option<State> {
    let ChangeState { old, new, grade, tipped, .. } = event.change();
    let name = |state: &ClauseState| (state.path.clone(), state.anchor.clone());
    let (was, is) = (old.as_deref().map(name), new.as_deref().map(name));
    Some(State {
        commit: commit_id(event.commit)?,
        was: was.filter(|was| is.as_ref() != Some(was)),
        name: is,
        version: new.as_ref().map(|state| state.version),
        empty_body: new.as_ref().is_some_and(|state| state.tokens == 0),
        grade: *grade,
        tipped: tipped.clone(),
    })
}
