//! Who descends from whom, asked of git as long as that is little, and of the whole history's graph from then on.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::commands::ledger::commit_id;
use crate::commands::source::Source;
use crate::error::Error;
use crate::git::Oid;
use crate::trace::Graph;

/// Questions that git is asked, each a process of five milliseconds or so; the graph of fifty thousand commits takes as
/// long as some thirty of them.
const ASKED: usize = 16;
/// Commits to be judged from which on the graph is read at once: so many ask more than that, if they ask at all.
const MANY: usize = 256;

/// Ancestry in the history of one commit.
pub struct Ancestry<'s> {
    source: &'s Source,
    tip: Oid,
    /// Commits that are to be judged, as far as they were counted.
    judged: Arc<AtomicUsize>,
    asked: Cell<usize>,
    known: RefCell<HashMap<(Oid, Oid), bool>>,
    graph: RefCell<Option<Arc<Graph>>>,
}

impl<'s> Ancestry<'s> {
    /// Nothing is read yet.
    pub fn new(source: &'s Source, tip: Oid) -> Ancestry<'s> {
        let (asked, known, graph) = (Cell::new(0), RefCell::default(), RefCell::default());
        Ancestry { source, tip, judged: Arc::default(), asked, known, graph }
    }

    /// Where the commits are counted that are to be judged.
    pub fn judged(&self) -> Arc<AtomicUsize> {
        self.judged.clone()
    }

    /// Whether `old` is `new` or behind it; `new` has to be behind the tip.
    pub fn is_behind(&self, old: Oid, new: Oid) -> Result<bool, Error> {
        if old == new {
            return Ok(true);
        }
        if let Some(&known) = self.known.borrow().get(&(old, new)) {
            return Ok(known);
        }
        let is = match self.graph()? {
            Some(graph) => {
                let pair = commit_id(old).zip(commit_id(new));
                return Ok(pair.and_then(|(old, new)| graph.is_ancestor(old, new)) == Some(true));
            }
            None => self.source.repo.is_behind(old, new)?,
        };
        self.known.borrow_mut().insert((old, new), is);
        Ok(is)
    }

    /// The best common ancestors of two commits behind the tip.
    pub fn merge_bases(&self, left: Oid, right: Oid) -> Result<Vec<Oid>, Error> {
        let Some(graph) = self.graph()? else { return Ok(self.source.repo.merge_bases(left, right)?) };
        let pair = commit_id(left).zip(commit_id(right));
        let bases = pair.and_then(|(left, right)| graph.merge_bases(left, right)).unwrap_or_default();
        Ok(bases.iter().filter_map(|base| Oid::from_raw(base.as_bytes()).ok()).collect())
    }

    /// The graph, once there were so many questions.
    fn graph(&self) -> Result<Option<Arc<Graph>>, Error> {
        if let Some(graph) = &*self.graph.borrow() {
            return Ok(Some(graph.clone()));
        }
        if self.asked.get() < ASKED && self.judged.load(Ordering::Relaxed) < MANY {
            self.asked.set(self.asked.get() + 1);
            return Ok(None);
        }
        let graph = self.source.graph_behind(self.tip)?;
        *self.graph.borrow_mut() = Some(graph.clone());
        Ok(Some(graph))
    }
}
