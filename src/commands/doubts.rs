//! Links of which nobody can say for certain what they say, by the clauses that they may be about.

use std::collections::{BTreeSet, HashMap};

use bstr::{BString, ByteSlice};

use super::links::{Judged, Links};
use super::source::Source;
use super::standing::Standing;
use crate::error::Error;
use crate::git::Oid;
use crate::spec::Version;
use crate::trace::CommitId;
use crate::view::facts::path_text;

/// Whether nobody can say for certain what a link says of this specification.
pub(super) fn is_doubtful(judged: &Judged) -> bool {
    !matches!(judged.fact.resolution.as_str(), "exact" | "relocated" | "superseded" | "foreign")
}

/// Links that aren't tied for certain, by what they may be about.
pub(super) struct Doubts<'l> {
    links: &'l Links,
    by_lineage: HashMap<u32, (CommitId, &'l Judged)>,
    by_name: HashMap<(&'l str, &'l str), (CommitId, &'l Judged)>,
}

/// A link that isn't tied for certain, and that nothing of its commit settles.
pub(super) struct Open<'l> {
    pub(super) carrier: CommitId,
    pub(super) judged: &'l Judged,
    /// Whether a later commit is tied to the clause, as after the code was made anew.
    pub(super) superseded: bool,
}

impl<'l> Doubts<'l> {
    pub(super) fn of(links: &'l Links) -> Doubts<'l> {
        let mut doubts = Doubts { links, by_lineage: HashMap::new(), by_name: HashMap::new() };
        for (carrier, judged) in links.all().filter(|(_, judged)| is_doubtful(judged) && judged.is_live()) {
            if let Some(lineage) = judged.lineage {
                doubts.by_lineage.entry(lineage).or_insert((carrier, judged));
            } else if let Some(anchor) = &judged.fact.anchor {
                doubts.by_name.entry((judged.fact.path.as_str(), anchor.as_str())).or_insert((carrier, judged));
            }
        }
        doubts
    }

    /// The link that may be about a clause: of its lineage, else of its name.
    pub(super) fn about(&self, standing: &Standing) -> Option<(CommitId, &'l Judged)> {
        let by_lineage = standing.lineage.and_then(|lineage| self.by_lineage.get(&lineage));
        if by_lineage.is_some() || self.by_name.is_empty() {
            return by_lineage.copied();
        }
        let path = path_text(standing.clause.path.as_bstr());
        self.by_name.get(&(path.as_str(), standing.clause.anchor.as_str())).copied()
    }

    /// Those links of commits that aren't undone, affirmations left out, that no other link of the same commit settles; newest
    /// first.
    pub(super) fn open(&self, source: &Source, tip: Oid) -> Result<Vec<Open<'l>>, Error> {
        let is_open = |judged: &Judged| is_doubtful(judged) && judged.is_live() && judged.fact.source != "affirm";
        let mut open: Vec<(CommitId, &Judged)> = self.links.all().filter(|(_, judged)| is_open(judged)).collect();
        open.retain(|(carrier, judged)| !self.is_settled(*carrier, judged));
        if open.is_empty() {
            return Ok(Vec::new());
        }
        let graph = source.graph_behind(tip)?;
        open.sort_by_key(|(carrier, _)| graph.position(*carrier));
        let mut tied: HashMap<u32, Vec<CommitId>> = HashMap::new();
        for claim in self.links.claims() {
            tied.entry(claim.lineage).or_default().push(claim.carrier);
        }
        let told = |(carrier, judged): (CommitId, &'l Judged)| {
            // Of another scheme nobody knows what it says, whatever came later.
            let lineage = self.lineage(judged).filter(|_| judged.fact.resolution != "unknown");
            let mut later = lineage.and_then(|lineage| tied.get(&lineage)).into_iter().flatten();
            let is_later = |later: &CommitId| *later != carrier && graph.is_ancestor(carrier, *later) == Some(true);
            Open { carrier, judged, superseded: later.any(is_later) }
        };
        Ok(open.into_iter().map(told).collect())
    }

    /// How many links of these commits are not tied for certain while nothing settles them: neither their commit nor, of those that
    /// are in force, a later one.
    pub(super) fn count(&self, source: &Source, tip: Oid, holds: impl Fn(CommitId) -> bool) -> Result<usize, Error> {
        let doubtful: Vec<_> =
            self.links.all().filter(|(carrier, judged)| is_doubtful(judged) && holds(*carrier)).collect();
        if doubtful.is_empty() {
            return Ok(0);
        }
        let open = self.open(source, tip)?;
        let is_superseded =
            |judged: &Judged| open.iter().any(|open| open.superseded && std::ptr::eq(open.judged, judged));
        Ok(doubtful
            .into_iter()
            .filter(|(carrier, judged)| !self.is_settled(*carrier, judged) && !is_superseded(judged))
            .count())
    }

    /// Whether another link of its commit says for certain what a link says.
    fn is_settled(&self, carrier: CommitId, judged: &Judged) -> bool {
        let own = self.links.by_carrier.get(&carrier).map_or(&[][..], |carrier| carrier.links.as_slice());
        own.iter().any(|other| other.is_resolved() && is_same_clause(judged, other))
    }

    /// The clause that a link means, else the one that bears its name at the revision.
    fn lineage(&self, judged: &Judged) -> Option<u32> {
        judged.lineage.or_else(|| {
            let anchor = judged.fact.anchor.as_deref()?;
            let named = |standing: &&Standing| {
                standing.clause.anchor == anchor && path_text(standing.clause.path.as_bstr()) == judged.fact.path
            };
            self.links.clauses.iter().find(named)?.lineage
        })
    }
}

/// Whether two links of one commit mean one clause.
fn is_same_clause(one: &Judged, other: &Judged) -> bool {
    (&one.fact.path, &one.fact.anchor) == (&other.fact.path, &other.fact.anchor)
        || one.lineage.is_some() && one.lineage == other.lineage
        // A person who says which clause is meant writes it at the same version.
        || other.fact.source != "trailer" && other.fact.source != "body" && one.fact.version == other.fact.version
}

/// All that a clause was called and said, as far as it is known: by these a link may be about it.
#[derive(Clone, Debug, Default)]
pub(super) struct Likeness {
    lineage: Option<u32>,
    names: BTreeSet<(String, String)>,
    paths: BTreeSet<String>,
    versions: BTreeSet<String>,
    now: Option<String>,
}

impl Likeness {
    /// Of a lineage, where that is known; `now` is the version that no code is behind.
    pub(super) fn of(links: &Links, lineage: Option<u32>, now: Option<Version>) -> Likeness {
        let mut like = Likeness { lineage, now: now.map(|now| now.to_string()), ..Likeness::default() };
        let states = lineage.and_then(|lineage| links.ledger.as_ref()?.lineages.get(lineage as usize));
        for state in states.into_iter().flatten() {
            if let Some((path, anchor)) = &state.name {
                like.add_name(path, anchor);
            }
            if let Some(version) = state.version.filter(|_| !state.empty_body) {
                like.versions.insert(version.to_string());
            }
        }
        like
    }

    /// Adds a name that it has, or had.
    pub(super) fn add_name(&mut self, path: &BString, anchor: &str) {
        self.add_shown(&path_text(path.as_bstr()), anchor);
    }

    /// The same with a path as it is shown.
    pub(super) fn add_shown(&mut self, path: &str, anchor: &str) {
        self.paths.insert(path.to_owned());
        self.names.insert((path.to_owned(), anchor.to_owned()));
    }

    /// Adds a version that it has, or had.
    pub(super) fn add_version(&mut self, version: Version) {
        self.versions.insert(version.to_string());
    }

    /// Whether a link that isn't tied for certain may be about it.
    pub(super) fn may_be(&self, judged: &Judged) -> bool {
        let fact = &judged.fact;
        match (judged.lineage, &fact.anchor) {
            (Some(lineage), _) if self.lineage.is_some() => self.lineage == Some(lineage),
            (_, None) => self.paths.contains(&fact.path),
            (_, Some(anchor)) => {
                self.versions.contains(&fact.version) || self.names.contains(&(fact.path.clone(), anchor.clone()))
            }
        }
    }

    /// Whether a link names the words that it has now.
    pub(super) fn is_current(&self, judged: &Judged) -> bool {
        self.now.as_ref() == Some(&judged.fact.version)
    }
}
