//! The steps by which one link is judged, each ending the search or leaving it to the next.

use std::collections::BTreeSet;

use bstr::ByteSlice;

use super::{Facts, Found, Lookup, Resolution, Sighting, State};
use crate::spec::Version;
use crate::trace::commit::CommitId;
use crate::trace::link::{Link, clause_name};

/// Judges a link of this repository and a known scheme.
pub(super) fn judge(link: &Link, version: Version, carrier: CommitId, facts: &dyn Facts) -> Resolution {
    let case = Case { link, version, carrier, facts };
    case.target().and_then(|target| case.judge(target)).unwrap_or_else(|early| early)
}

fn unknown(reason: String) -> Resolution {
    Resolution::of(State::Unknown, reason)
}

/// A commit as sentences name it.
pub(super) fn short(commit: CommitId) -> String {
    let mut hex = commit.to_string();
    hex.truncate(10);
    hex
}

/// The commit that a link names, as seen from the carrier.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) commit: CommitId,
    /// Whether it is the carrier or its ancestor.
    pub(super) in_history: bool,
    /// What the link's clause is there.
    pub(super) clause: Lookup,
}

/// Where the link's version turned up in the carrier's history under the link's own clause.
enum Relocation<'a> {
    To(&'a Sighting),
    Carrier,
    Several,
    Empty,
    Unseen,
    Nowhere,
}

/// One link to judge. The steps return `Err` with a verdict that ends the search.
pub(super) struct Case<'a> {
    pub(super) link: &'a Link,
    pub(super) version: Version,
    pub(super) carrier: CommitId,
    pub(super) facts: &'a dyn Facts,
}

impl<'a> Case<'a> {
    /// The commit that the link names; `None` where it is certain that there is none.
    fn target(&self) -> Result<Option<Target>, Resolution> {
        let commit = match self.link.commit.as_deref() {
            None => self.carrier,
            Some(hex) => match self.facts.find_commit(hex) {
                Found::Commit(commit) => commit,
                Found::Several => {
                    let reason = format!("several commits start with {hex}");
                    return Err(Resolution::of(State::Ambiguous, reason));
                }
                Found::Absent if self.facts.sees_all(self.carrier) => return Ok(None),
                Found::Absent | Found::Unseen => {
                    let reason = format!(
                        "commit {hex} isn't here, and the history isn't complete (shallow border or missing objects)"
                    );
                    return Err(unknown(reason));
                }
            },
        };
        let in_history = commit == self.carrier
            || self
                .facts
                .is_ancestor(commit, self.carrier)
                .filter(|&is| is || self.facts.sees_all(self.carrier))
                .ok_or_else(|| {
                    unknown(format!("whether {} is in the carrier's history cannot be seen", short(commit)))
                })?;
        Ok(Some(Target { commit, in_history, clause: self.at(commit) }))
    }

    fn judge(&self, target: Option<Target>) -> Result<Resolution, Resolution> {
        if let Some(target) = target.filter(|t| t.in_history) {
            self.exact(target)?;
        }
        self.relocated(target)?;
        if !self.facts.sees_all(self.carrier) {
            return Err(unknown(format!(
                "{} doesn't have this version in the part of the history that can be seen",
                self.name()
            )));
        }
        if let Some(target) = target {
            self.not_here(target)?;
        }
        self.others()?;
        self.beyond(target)?;
        Ok(Resolution::of(State::Dangling, self.why_dangling(target)))
    }

    fn exact(&self, target: Target) -> Result<(), Resolution> {
        match target.clause {
            Lookup::Unseen => Err(self.unseen(target.commit)),
            Lookup::Version(version) if version == self.version => Err(Resolution {
                state: State::Exact,
                resolved_commit: Some(target.commit),
                lineage: self.named(target.commit),
                reason: if target.commit == self.carrier {
                    format!("{} has this version in the carrier itself", self.name())
                } else {
                    format!("{} has this version at {}, an ancestor of the carrier", self.name(), short(target.commit))
                },
            }),
            _ => Ok(()),
        }
    }

    fn relocated(&self, target: Option<Target>) -> Result<(), Resolution> {
        let lineage = self.lineage(target);
        match self.relocation(lineage) {
            // What the link means stands where it names it, and this one beside it.
            Relocation::To(found) if self.is_twin(target, found.lineage) => Ok(()),
            Relocation::To(found) => Err(Resolution {
                state: State::Relocated,
                resolved_commit: Some(found.commit),
                lineage: Some(found.lineage),
                reason: format!(
                    "{}, but {} took on this version at {}",
                    self.why_not_exact(target),
                    clause_name(found.path.as_bstr(), found.anchor.as_deref()),
                    short(found.commit)
                ),
            }),
            Relocation::Carrier => Err(Resolution {
                state: State::Relocated,
                resolved_commit: Some(self.carrier),
                lineage: self.named(self.carrier),
                reason: format!("{}, but {} has this version in the carrier", self.why_not_exact(target), self.name()),
            }),
            Relocation::Several => {
                let reason = format!("several clauses named {} have had this version", self.name());
                Err(Resolution::of(State::Ambiguous, reason))
            }
            Relocation::Empty => {
                let reason = format!(
                    "{}, and {} has an empty body, which proves nothing",
                    self.why_not_exact(target),
                    self.name()
                );
                Err(Resolution::of(State::Ambiguous, reason))
            }
            Relocation::Unseen => Err(unknown(format!(
                "whether {} has this version in the carrier's history cannot be seen",
                self.name()
            ))),
            Relocation::Nowhere if target.is_none_or(|t| t.clause == Lookup::NoFile || !t.in_history) => {
                self.renamed(target)
            }
            Relocation::Nowhere => Ok(()),
        }
    }

    /// Looks under the same name first, then under the same lineage, then into the carrier's own tree, which tells for
    /// a carrier that the sightings don't cover.
    fn relocation(&self, lineage: Option<u32>) -> Relocation<'a> {
        let all = self.facts.sightings(self.version);
        let same_name = |s: &&Sighting| s.path == self.link.path && s.anchor == self.link.anchor;
        let same_lineage = |s: &&Sighting| Some(s.lineage) == lineage;
        let full = |s: &&Sighting| !s.empty_body;
        let (mut named, hidden) = self.reached(all.iter().filter(full).filter(same_name));
        if named.iter().any(|s| s.lineage != named[0].lineage) {
            named.retain(|s| same_lineage(s));
            if named.is_empty() {
                return Relocation::Several;
            }
        }
        let mut unseen = hidden;
        let mut found = self.newest(&named);
        if found.is_none() {
            let (kin, hidden) = self.reached(all.iter().filter(full).filter(same_lineage));
            unseen |= hidden;
            found = self.newest(&kin);
        }
        if let Some(found) = found {
            return Relocation::To(found);
        }
        let own = |s: &&Sighting| same_name(s) || same_lineage(s);
        let (hollow, hidden) = self.reached(all.iter().filter(|s| s.empty_body).filter(own));
        unseen |= hidden;
        if !hollow.is_empty() {
            return Relocation::Empty;
        }
        match self.at(self.carrier) {
            Lookup::Version(own) if own == self.version => Relocation::Carrier,
            Lookup::Unseen => Relocation::Unseen,
            _ if unseen => Relocation::Unseen,
            _ => Relocation::Nowhere,
        }
    }

    /// Those sightings that are in the carrier's history, and whether that couldn't be told of some.
    pub(super) fn reached(&self, all: impl Iterator<Item = &'a Sighting>) -> (Vec<&'a Sighting>, bool) {
        let mut hidden = false;
        let mut is_reached = |s: &&Sighting| {
            let is = self.facts.is_ancestor(s.commit, self.carrier);
            hidden |= is.is_none();
            is == Some(true)
        };
        (all.filter(|s| is_reached(s)).collect(), hidden)
    }

    /// The sighting that no other descends from; of several such, the first.
    pub(super) fn newest(&self, all: &[&'a Sighting]) -> Option<&'a Sighting> {
        let newer = |best: &'a Sighting, next: &'a Sighting| {
            let is_newer = best.commit != next.commit && self.facts.is_ancestor(best.commit, next.commit) == Some(true);
            if is_newer { next } else { best }
        };
        all.iter().copied().reduce(newer)
    }

    /// What the named commit says where the carrier's history says nothing.
    fn not_here(&self, target: Target) -> Result<(), Resolution> {
        let at = short(target.commit);
        match target.clause {
            Lookup::Unseen => Err(self.unseen(target.commit)),
            Lookup::Version(version) if version == self.version => Err(Resolution {
                state: State::Elsewhere,
                resolved_commit: Some(target.commit),
                lineage: self.named(target.commit),
                reason: format!(
                    "{} has this version at {at}, which isn't in the carrier's history; there it never had it",
                    self.name()
                ),
            }),
            Lookup::Version(version) => Err(Resolution {
                lineage: self.named(target.commit),
                ..Resolution::of(
                    State::Mismatch,
                    format!("{} stands at {at} with another version, {version}", self.name()),
                )
            }),
            Lookup::NoClause | Lookup::NoFile | Lookup::Unspecified => Ok(()),
        }
    }

    /// Whether several other clauses have the version.
    fn others(&self) -> Result<(), Resolution> {
        let (others, hidden) = self.reached(self.facts.sightings(self.version).iter());
        let clauses: BTreeSet<u32> = others.iter().map(|s| s.lineage).collect();
        match others.first().filter(|_| clauses.len() > 1) {
            Some(first) => {
                let reason = format!(
                    "not {} but {} and {} more took on this version, at {}",
                    self.name(),
                    clause_name(first.path.as_bstr(), first.anchor.as_deref()),
                    clauses.len() - 1,
                    short(first.commit)
                );
                Err(Resolution::of(State::Ambiguous, reason))
            }
            None if hidden => Err(unknown("whether another clause has this version cannot be seen".to_owned())),
            None => Ok(()),
        }
    }

    /// Whether the clause took on the version outside the carrier's history, as where commits have changed places.
    fn beyond(&self, target: Option<Target>) -> Result<(), Resolution> {
        let lineage = self.lineage(target);
        let is_own = |s: &&Sighting| match lineage {
            Some(lineage) => s.lineage == lineage,
            None => s.path == self.link.path && s.anchor == self.link.anchor,
        };
        let all = self.facts.sightings(self.version).iter().filter(|s| !s.empty_body);
        let found: Vec<&Sighting> = all.filter(is_own).collect();
        let Some(newest) = self.newest(&found).filter(|_| found.iter().all(|s| s.lineage == found[0].lineage)) else {
            return Ok(());
        };
        Err(Resolution {
            state: State::Elsewhere,
            resolved_commit: Some(newest.commit),
            lineage: Some(newest.lineage),
            reason: format!(
                "{} took on this version at {}, which isn't in the carrier's history; there it never had it",
                clause_name(newest.path.as_bstr(), newest.anchor.as_deref()),
                short(newest.commit)
            ),
        })
    }

    pub(super) fn why_not_exact(&self, target: Option<Target>) -> String {
        match target {
            None => format!("no reachable commit is {}", self.commit_name()),
            Some(t) if !t.in_history => {
                format!("{} isn't in the carrier's history", short(t.commit))
            }
            Some(t) => format!("{} isn't so at {}", self.name(), short(t.commit)),
        }
    }

    fn why_dangling(&self, target: Option<Target>) -> String {
        let path = clause_name(self.link.path.as_bstr(), None);
        let first = match target {
            Some(t) if t.clause == Lookup::NoFile => format!("{} has no file {path}", short(t.commit)),
            Some(t) if t.clause == Lookup::Unspecified => {
                format!("{} has {path}, which is no file of the specification", short(t.commit))
            }
            Some(t) => format!("{} has no such clause", short(t.commit)),
            None => format!("no reachable commit is {}", self.commit_name()),
        };
        let (others, _) = self.reached(self.facts.sightings(self.version).iter());
        match self.newest(&others) {
            Some(other) => format!(
                "{first}; only {} has had this version, since {}, and nobody knows whether that is the clause",
                clause_name(other.path.as_bstr(), other.anchor.as_deref()),
                short(other.commit)
            ),
            None => format!("{first}, and nothing in the carrier's history has this version of {}", self.name()),
        }
    }

    fn unseen(&self, commit: CommitId) -> Resolution {
        unknown(format!("{} at {} cannot be read: an object is missing", self.name(), short(commit)))
    }

    /// The clause that the link means: the one of that name at the named commit, else in the carrier, else the only one that
    /// ever bore it in the carrier's history.
    fn lineage(&self, target: Option<Target>) -> Option<u32> {
        let before = || {
            let anchor = self.link.anchor.as_deref()?;
            let only = self.facts.only_bearer(self.link.path.as_bstr(), anchor, self.carrier)?;
            let (have_it, _) = self.reached(self.facts.sightings(self.version).iter());
            have_it.iter().all(|s| s.lineage == only).then_some(only)
        };
        target.and_then(|t| self.named(t.commit)).or_else(|| self.named(self.carrier)).or_else(before)
    }

    pub(super) fn named(&self, commit: CommitId) -> Option<u32> {
        let anchor = self.link.anchor.as_deref();
        self.facts.lineage_of(self.link.path.as_bstr(), anchor, commit)
    }

    pub(super) fn at(&self, commit: CommitId) -> Lookup {
        let anchor = self.link.anchor.as_deref();
        self.facts.clause_versions_at(commit, self.link.path.as_bstr(), anchor)
    }

    fn name(&self) -> String {
        self.link.clause_name()
    }

    fn commit_name(&self) -> &str {
        self.link.commit.as_deref().unwrap_or("the carrier")
    }
}
