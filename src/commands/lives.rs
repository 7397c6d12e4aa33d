//! The lives of clauses: walking history back from one revision and following each through its names.

use std::collections::HashMap;

use super::source::Source;
use crate::error::Error;
use crate::git::{CommitRecord, Oid, WalkQuery};
use crate::trace::lineage::{EdgeFacts, Event, Place, Tracker};
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
    let mut commits = HashMap::new();
    let query = WalkQuery {
        revs: vec![tip.to_string()],
        paths: source.roots.clone(),
        topo: true,
        parents: true,
        date,
        ..WalkQuery::default()
    };
    let mut counts = vec![0; tracker.events.len()];
    let mut first = true;
    for record in source.repo.walk(&query)? {
        let record = record?;
        if std::mem::take(&mut first) && record.oid != tip {
            tracker.rename(tip, record.oid);
        }
        if !tracker.follows(record.oid) {
            continue;
        }
        if source.is_border(record.oid) {
            tracker.abandon(record.oid);
            continue;
        }
        let edges = edges(source, &tracker, &record)?;
        tracker.step(record.oid, &edges);
        let mut found = Vec::new();
        for (events, count) in tracker.events.iter().zip(&mut counts) {
            found.extend_from_slice(&events[*count..]);
            *count = events.len();
        }
        if !found.is_empty() {
            let go_on = seen(&record, &found)?;
            commits.insert(record.oid, record);
            if !go_on {
                break;
            }
        }
        if tracker.is_done() {
            break;
        }
    }
    Ok(Lives { events: tracker.events, complete: tracker.complete, commits })
}

/// The commit's edges; those on which no followed clause's file differs are left uncompared.
fn edges(source: &Source, tracker: &Tracker<Oid>, record: &CommitRecord) -> Result<Vec<EdgeFacts<Oid>>, Error> {
    record
        .edges
        .iter()
        .map(|edge| {
            let touched = tracker.touches(record.oid, edge.files.iter().map(|file| &file.path));
            source.edge(edge.parent, if touched { &edge.files } else { &[] })
        })
        .collect()
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
        (at(introduced), at(events.iter().find(|e| e.is_meaning())), at(events.iter().find(|e| e.is_text())))
    }

    /// All changes of a clause, newest first.
    pub fn history(&self, lineage: usize) -> Vec<PastChange> {
        self.events[lineage]
            .iter()
            .filter_map(|event| Some(PastChange { moment: self.moment(event.commit)?, change: fact(event) }))
            .collect()
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

/// An event as a fact.
pub fn fact(event: &Event<Oid>) -> ChangeFact {
    ChangeFact::new(&event.change, &event.old, &event.new)
}
