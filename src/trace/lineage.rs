//! One clause through history, whatever it was called and wherever it stood.
//!
//! Walks edges (commit → parent), newest commit first, children before parents, and carries every clause that is
//! followed from its name in the commit to its name in the parent. A clause that is unchanged in one parent of a merge
//! comes from there; one that differs from all parents changed in the merge.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use bstr::BString;

use crate::spec::change::{Change, ChangeKind, Comparison};
use crate::spec::matching::{ClauseAt, Document};

/// The spec files that differ between a commit and one of its parents, compared.
#[derive(Clone, Debug)]
pub struct EdgeFacts<C> {
    /// The parent; `None` for a root commit.
    pub parent: Option<C>,
    /// The files as the parent has them.
    pub old: Vec<Arc<Document>>,
    /// The files as the commit has them.
    pub new: Vec<Arc<Document>>,
    /// What became of their clauses.
    pub comparison: Arc<Comparison>,
}

/// A clause at one commit: its file and its position in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Repository-relative path.
    pub path: BString,
    /// Position in the file, from 0.
    pub at: usize,
}

/// One thing that happened to a lineage.
#[derive(Clone, Debug)]
pub struct Event<C> {
    /// Where it happened.
    pub commit: C,
    /// The edge it is seen on: an index into the commit's edges.
    pub edge: usize,
    /// What happened.
    pub change: Change,
    /// The files before and after, which `change` points into.
    pub old: Vec<Arc<Document>>,
    /// See `old`.
    pub new: Vec<Arc<Document>>,
}

/// Follows a set of clauses back through history.
#[derive(Debug)]
pub struct Tracker<C> {
    interest: HashMap<C, HashMap<Place, Vec<usize>>>,
    /// Events per followed clause, newest first.
    pub events: Vec<Vec<Event<C>>>,
    /// Which followed clauses have been traced to where they came in.
    pub complete: Vec<bool>,
    joined: Vec<(usize, usize)>,
}

impl<C: Copy + Eq + Hash> Tracker<C> {
    /// Starts at `tip`; the lineages are numbered in the order of `places`.
    pub fn new(tip: C, places: impl IntoIterator<Item = Place>) -> Self {
        let mut at_tip: HashMap<Place, Vec<usize>> = HashMap::new();
        let mut count = 0;
        for place in places {
            at_tip.entry(place).or_default().push(count);
            count += 1;
        }
        Tracker {
            interest: HashMap::from([(tip, at_tip)]),
            events: (0..count).map(|_| Vec::new()).collect(),
            complete: vec![false; count],
            joined: Vec::new(),
        }
    }

    /// Whether nothing is left to follow.
    pub fn is_done(&self) -> bool {
        self.interest.is_empty()
    }

    /// Whether the commit matters: a followed clause stands in it.
    pub fn follows(&self, commit: C) -> bool {
        self.interest.contains_key(&commit)
    }

    /// Follows one more clause, from a commit that the walk hasn't come to; answers its number.
    pub fn follow_also(&mut self, commit: C, place: Place) -> usize {
        let number = self.events.len();
        self.events.push(Vec::new());
        self.complete.push(false);
        self.interest.entry(commit).or_default().entry(place).or_default().push(number);
        number
    }

    /// Whether a clause of a commit is followed already.
    pub fn has(&self, commit: C, place: &Place) -> bool {
        self.interest.get(&commit).is_some_and(|here| here.contains_key(place))
    }

    /// Lineages that were found to be one clause, as pairs of numbers; taken out.
    pub fn joined(&mut self) -> Vec<(usize, usize)> {
        std::mem::take(&mut self.joined)
    }

    /// Moves what is followed at one commit to another, whose spec is the same.
    pub fn rename(&mut self, from: C, to: C) {
        if let Some(here) = self.interest.remove(&from) {
            self.interest.insert(to, here);
        }
    }

    /// Gives up what is followed at a commit: history can't be seen beyond it.
    pub fn abandon(&mut self, commit: C) {
        self.interest.remove(&commit);
    }

    /// Whether one of the changed paths holds a followed clause, so that the edge has to be compared.
    pub fn touches<'p>(&self, commit: C, mut paths: impl Iterator<Item = &'p BString>) -> bool {
        let Some(here) = self.interest.get(&commit) else { return false };
        paths.any(|path| here.keys().any(|place| place.path == *path))
    }

    /// Takes a commit's place in the walk; edges without facts (nothing followed changed there) come with empty lists.
    pub fn step(&mut self, commit: C, edges: &[EdgeFacts<C>]) {
        let Some(here) = self.interest.remove(&commit) else { return };
        let indexed: Vec<EdgeIndex> = edges.iter().map(EdgeIndex::new).collect();
        for (place, lineages) in here {
            let seen: Vec<Seen> = indexed.iter().map(|edge| edge.see(&place)).collect();
            if let Some(same) = seen.iter().position(|s| matches!(s, Seen::Same(_))) {
                if let Seen::Same(old) = &seen[same] {
                    self.pass(edges[same].parent, old.clone(), &lineages);
                }
                continue;
            }
            let shown = seen.iter().position(|s| !s.is_added()).unwrap_or(0);
            self.record(commit, edges, &seen, shown, &lineages);
            let mut went_on = false;
            for (edge, seen) in edges.iter().zip(&seen) {
                if let Seen::Changed(old, _) = seen {
                    self.pass(edge.parent, old.clone(), &lineages);
                    went_on = true;
                }
            }
            if !went_on {
                lineages.iter().for_each(|&lineage| self.complete[lineage] = true);
            }
        }
    }

    fn record(&mut self, commit: C, edges: &[EdgeFacts<C>], seen: &[Seen], shown: usize, lineages: &[usize]) {
        let (Some(edge), Some(seen)) = (edges.get(shown), seen.get(shown)) else { return };
        let change = match seen {
            Seen::Changed(_, change) | Seen::Added(change) => edge.comparison.changes[*change].clone(),
            Seen::Same(_) => return,
        };
        for &lineage in lineages {
            self.events[lineage].push(Event {
                commit,
                edge: shown,
                change: change.clone(),
                old: edge.old.clone(),
                new: edge.new.clone(),
            });
        }
    }

    fn pass(&mut self, parent: Option<C>, place: Place, lineages: &[usize]) {
        let Some(parent) = parent else {
            lineages.iter().for_each(|&lineage| self.complete[lineage] = true);
            return;
        };
        let there = self.interest.entry(parent).or_default().entry(place).or_default();
        for &lineage in lineages {
            if !there.contains(&lineage) {
                if let Some(&other) = there.first() {
                    self.joined.push((other, lineage));
                }
                there.push(lineage);
            }
        }
    }
}

/// How a clause of the commit stands to one parent.
enum Seen {
    /// Unchanged there, at this place.
    Same(Place),
    /// Bonded and changed: the place there, and the change.
    Changed(Place, usize),
    /// Not there.
    Added(usize),
}

impl Seen {
    fn is_added(&self) -> bool {
        matches!(self, Seen::Added(_))
    }
}

/// An edge's comparison, by new place.
struct EdgeIndex {
    changed_paths: HashMap<BString, usize>,
    changes: HashMap<ClauseAt, usize>,
    bonds: HashMap<ClauseAt, Place>,
}

impl EdgeIndex {
    fn new<C>(edge: &EdgeFacts<C>) -> Self {
        let comparison = &edge.comparison;
        EdgeIndex {
            changed_paths: edge.new.iter().enumerate().map(|(doc, d)| (d.path.clone(), doc)).collect(),
            changes: comparison.changes.iter().enumerate().filter_map(|(n, c)| Some((c.new?, n))).collect(),
            bonds: comparison
                .bonds
                .iter()
                .map(|b| (b.new, Place { path: edge.old[b.old.doc].path.clone(), at: b.old.at }))
                .collect(),
        }
    }

    fn see(&self, place: &Place) -> Seen {
        let Some(&doc) = self.changed_paths.get(&place.path) else { return Seen::Same(place.clone()) };
        let at = ClauseAt { doc, at: place.at };
        match (self.bonds.get(&at), self.changes.get(&at)) {
            (Some(old), Some(&change)) => Seen::Changed(old.clone(), change),
            (Some(old), None) => Seen::Same(old.clone()),
            (None, Some(&change)) => Seen::Added(change),
            (None, None) => Seen::Same(place.clone()),
        }
    }
}

impl<C> Event<C> {
    /// Whether it changed what is demanded: it came in, or its words differ by more than spelling.
    pub fn is_meaning(&self) -> bool {
        use crate::spec::grade::Grade;
        self.change.is(ChangeKind::Added)
            || (self.change.is(ChangeKind::Modified) && self.change.grade != Some(Grade::Minor))
    }

    /// Whether it changed the text at all.
    pub fn is_text(&self) -> bool {
        [ChangeKind::Added, ChangeKind::Modified, ChangeKind::Editorial, ChangeKind::Retargeted, ChangeKind::Renamed]
            .into_iter()
            .any(|kind| self.change.is(kind))
    }
}
