//! Which clauses have code that was made from what they say now.
//!
//! Of all commits that were generated from a clause, the latest ones speak: one that another such commit descends from was
//! superseded by it. Where those agree that nothing changed since, the clause is answered.

use serde::{Deserialize, Serialize};

use super::commit::CommitId;
use super::freshness::Freshness;
use crate::spec::{Grade, Version};

/// How a clause stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing was generated from it.
    #[default]
    Unanswered,
    /// All commits in force were generated from what it says now.
    Answered,
    /// Some of them were, others from what it said before.
    Contested,
    /// None of them was.
    Stale,
}

impl State {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            State::Unanswered => "unanswered",
            State::Answered => "answered",
            State::Contested => "contested",
            State::Stale => "stale",
        }
    }
}

/// What one counted link says of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The commit that carries the link.
    pub carrier: CommitId,
    /// The clause.
    pub lineage: u32,
    /// The version of the clause that the link names.
    pub version: Version,
    /// The commit at which the clause has that version.
    pub since: CommitId,
    /// Whether the clause still has it.
    pub freshness: Freshness,
    /// Whether the link only says that no code had to change.
    pub affirms: bool,
}

impl Claim {
    /// Whether the clause is there and says something else.
    pub fn is_behind(&self) -> bool {
        matches!(self.freshness, Freshness::Stale { .. } | Freshness::Retired)
    }
}

/// How a clause is answered, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The state.
    pub state: State,
    /// How often the clause changed since the link in force that is furthest behind; 0 where none is.
    pub changes: u32,
    /// The worst of those changes.
    pub worst: Option<Grade>,
    /// Whether nothing but affirmations makes it answered or contested.
    pub affirmed: bool,
    /// The claims in force, as positions.
    pub in_force: Vec<usize>,
}

/// How a clause stands by the claims about it, all of one lineage. `descends(a, b)` tells whether `a` is a descendant of
/// `b` and not `b` itself. Claims whose freshness isn't known count for nothing.
pub fn answer(claims: &[Claim], descends: impl Fn(CommitId, CommitId) -> bool) -> Answer {
    let known: Vec<usize> = (0..claims.len()).filter(|&at| claims[at].freshness != Freshness::Unknown).collect();
    let superseded = |at: usize| known.iter().any(|&other| descends(claims[other].carrier, claims[at].carrier));
    let in_force: Vec<usize> = known.iter().copied().filter(|&at| !superseded(at)).collect();
    let fresh = |&&at: &&usize| claims[at].freshness == Freshness::Fresh;
    let fresh: Vec<usize> = in_force.iter().filter(fresh).copied().collect();
    let state = match (in_force.len(), fresh.len()) {
        (0, _) => State::Unanswered,
        (all, some) if all == some => State::Answered,
        (_, 0) => State::Stale,
        _ => State::Contested,
    };
    let behind = in_force.iter().filter_map(|&at| match claims[at].freshness {
        Freshness::Stale { changes, worst } => Some((worst, changes)),
        _ => None,
    });
    let (worst, changes) = behind.max().unwrap_or_default();
    let affirmed = !fresh.is_empty() && fresh.iter().all(|&at| claims[at].affirms);
    Answer { state, changes, worst, affirmed, in_force }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STALE: Freshness = Freshness::Stale { changes: 1, worst: Some(Grade::Normative) };

    fn claim(carrier: u8, freshness: Freshness) -> Claim {
        let carrier = CommitId::from_bytes(&[carrier; 20]).unwrap();
        Claim { carrier, lineage: 0, version: Version([0; 16]), since: carrier, freshness, affirms: false }
    }

    /// Carriers are numbered along one line, but for those from 100 on, which stand on branches of their own.
    fn on_a_line(a: CommitId, b: CommitId) -> bool {
        let (a, b) = (a.as_bytes()[0], b.as_bytes()[0]);
        a < 100 && b < 100 && a > b
    }

    #[test]
    fn the_latest_carriers_decide() {
        for (claims, expected) in [
            (vec![], State::Unanswered),
            (vec![claim(1, Freshness::Fresh)], State::Answered),
            (vec![claim(1, STALE)], State::Stale),
            (vec![claim(1, STALE), claim(2, Freshness::Fresh)], State::Answered),
            (vec![claim(1, Freshness::Fresh), claim(2, STALE)], State::Stale),
            (vec![claim(1, Freshness::Fresh), claim(100, STALE)], State::Contested),
            (vec![claim(100, Freshness::Fresh), claim(101, Freshness::Fresh)], State::Answered),
            (vec![claim(1, Freshness::Fresh), claim(1, STALE)], State::Contested),
            (vec![claim(1, Freshness::Fresh), claim(2, Freshness::Unknown)], State::Answered),
            (vec![claim(1, Freshness::Unknown)], State::Unanswered),
        ] {
            assert_eq!(answer(&claims, on_a_line).state, expected, "{claims:?}");
        }
    }

    #[test]
    fn the_one_furthest_behind_is_told() {
        let far = Freshness::Stale { changes: 3, worst: Some(Grade::Normative) };
        let near = Freshness::Stale { changes: 5, worst: Some(Grade::Minor) };
        let answer = answer(&[claim(100, near), claim(101, far)], on_a_line);
        assert_eq!((answer.changes, answer.worst), (3, Some(Grade::Normative)));
    }

    #[test]
    fn an_affirmation_is_told_where_nothing_else_answers() {
        let affirmed = Claim { affirms: true, ..claim(2, Freshness::Fresh) };
        assert!(answer(&[claim(1, STALE), affirmed], on_a_line).affirmed);
        let both = [affirmed, claim(100, Freshness::Fresh)];
        assert!(!answer(&both, on_a_line).affirmed);
        assert!(!answer(&[Claim { freshness: STALE, ..affirmed }], on_a_line).affirmed);
    }
}
