//! Whether the clause that a link means still says what it said.

use serde::{Deserialize, Serialize};

use super::commit::CommitId;
use super::link::{Link, LinkVersion};
use super::resolve::Resolution;
use crate::spec::{Grade, Version};

/// How a link stands to the spec at a later revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Freshness {
    /// The clause has the link's version.
    Fresh,
    /// The clause has another version.
    Stale {
        /// How many commits changed it since; 0 where they cannot be counted.
        changes: u32,
        /// The gravest of those changes; `None` where that cannot be told.
        worst: Option<Grade>,
    },
    /// The clause is gone.
    Retired,
    /// Which clause is meant, or what it says now, isn't certain.
    Unknown,
}

impl Freshness {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Freshness::Fresh => "fresh",
            Freshness::Stale { .. } => "stale",
            Freshness::Retired => "retired",
            Freshness::Unknown => "unknown",
        }
    }
}

/// What a clause is at a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Current {
    /// It has this version.
    Version(Version),
    /// It isn't there any more.
    Gone,
    /// Something is missing.
    Unseen,
}

/// What happened to a clause between two commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// How many commits changed its version.
    pub count: u32,
    /// The gravest change.
    pub worst: Option<Grade>,
}

/// What freshness needs to know of a repository.
pub trait Facts {
    /// What the clause is at a revision.
    fn current(&self, lineage: u32, at: CommitId) -> Current;
    /// The changes of the clause's version in the commits that `at` reaches and `since` doesn't; `None` if they cannot
    /// all be seen.
    fn changes_since(&self, lineage: u32, since: CommitId, at: CommitId) -> Option<Changes>;
}

/// How a resolved link stands at revision `at`.
///
/// Only a link whose clause and commit are certain is judged: one without `lineage` or `resolved_commit` is
/// [`Freshness::Unknown`]. A clause that changed and came back to the link's version is fresh.
pub fn freshness(link: &Link, resolution: &Resolution, at: CommitId, facts: &dyn Facts) -> Freshness {
    let (Some(lineage), Some(since)) = (resolution.lineage, resolution.resolved_commit) else {
        return Freshness::Unknown;
    };
    let LinkVersion::Known(version) = link.version else {
        return Freshness::Unknown;
    };
    match facts.current(lineage, at) {
        Current::Unseen => Freshness::Unknown,
        Current::Gone => Freshness::Retired,
        Current::Version(now) if now == version => Freshness::Fresh,
        Current::Version(_) => {
            let Changes { count, worst } = facts.changes_since(lineage, since, at).unwrap_or_default();
            Freshness::Stale { changes: count, worst }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::link::Source;
    use crate::trace::resolve::State;

    struct Fake(Current, Option<Changes>);

    impl Facts for Fake {
        fn current(&self, _: u32, _: CommitId) -> Current {
            self.0
        }
        fn changes_since(&self, lineage: u32, since: CommitId, at: CommitId) -> Option<Changes> {
            assert_eq!((lineage, since, at), (7, commit(1), commit(2)));
            self.1
        }
    }

    fn commit(n: u8) -> CommitId {
        CommitId::from_bytes(&[n; 20]).unwrap()
    }

    fn link(version: &str) -> Link {
        Link::parse(format!("a#b {version}").as_bytes(), Source::Trailer).unwrap()
    }

    fn resolved(lineage: Option<u32>) -> Resolution {
        Resolution { state: State::Exact, resolved_commit: Some(commit(1)), lineage, reason: String::new() }
    }

    #[test]
    fn one_of_each() {
        let old = Version([1; 16]);
        let new = Current::Version(Version([2; 16]));
        let changes = Changes { count: 3, worst: Some(Grade::Normative) };
        let stale = |changes, worst| Freshness::Stale { changes, worst };
        for (current, changes, expected) in [
            (Current::Version(old), None, Freshness::Fresh),
            (new, Some(changes), stale(3, Some(Grade::Normative))),
            (new, None, stale(0, None)),
            (Current::Gone, None, Freshness::Retired),
            (Current::Unseen, None, Freshness::Unknown),
        ] {
            let facts = Fake(current, changes);
            let link = link(&old.to_string());
            let is = freshness(&link, &resolved(Some(7)), commit(2), &facts);
            assert_eq!(is, expected);
        }
    }

    #[test]
    fn what_isnt_certain_is_unknown() {
        let facts = Fake(Current::Version(Version([1; 16])), None);
        let known = link(&Version([1; 16]).to_string());
        let nowhere = Resolution { resolved_commit: None, ..resolved(Some(7)) };
        for (link, resolution) in [(&known, resolved(None)), (&known, nowhere), (&link("v2:abc"), resolved(Some(7)))] {
            let is = freshness(link, &resolution, commit(2), &facts);
            assert_eq!(is.word(), "unknown");
        }
    }
}
