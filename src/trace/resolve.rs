//! Which clause of the history a link means, and how sure that is.
//!
//! A wrong answer is worse than none: a state that rests on something's absence is only given where the whole history
//! can be seen, and where two candidates remain, none is chosen.

mod case;
mod renamed;

use std::collections::HashMap;
use std::hash::Hash;

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::commit::CommitId;
use super::link::{Link, LinkVersion, clause_name};
use crate::spec::Version;

/// What is said of a version that cannot be read.
pub const OTHER_SCHEME: &str = "is of a scheme that this program doesn't know";

/// How a link stands to the history of its carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The named commit is the carrier or its ancestor, and the clause has that version there.
    Exact,
    /// Not so, but the clause has that version in the carrier or another ancestor.
    Relocated,
    /// Several other clauses have that version, or several could be meant.
    Ambiguous,
    /// The clause has that version only outside the carrier's history: at the named commit, or at another one.
    Elsewhere,
    /// The clause stands at the named commit with another version.
    Mismatch,
    /// Another link of the carrier has the version that the carrier's own tree has.
    Superseded,
    /// Nothing reachable has that version.
    Dangling,
    /// The link names another repository's spec.
    Foreign,
    /// A version of another scheme, or something that would decide cannot be seen.
    Unknown,
}

impl State {
    /// Whether the link is tied to a version in the carrier's own history.
    pub fn is_resolved(self) -> bool {
        matches!(self, State::Exact | State::Relocated)
    }

    /// The word used in reports and in the policy.
    pub fn word(self) -> &'static str {
        match self {
            State::Exact => "exact",
            State::Relocated => "relocated",
            State::Ambiguous => "ambiguous",
            State::Elsewhere => "elsewhere",
            State::Mismatch => "mismatch",
            State::Superseded => "superseded",
            State::Dangling => "dangling",
            State::Foreign => "foreign",
            State::Unknown => "unknown",
        }
    }
}

/// What became of one link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// How it stands.
    pub state: State,
    /// The commit at which the clause has the link's version: the named one if exact or elsewhere, else the newest in
    /// the carrier's history.
    pub resolved_commit: Option<CommitId>,
    /// The clause that is meant, where that is certain.
    pub lineage: Option<u32>,
    /// Why, as a sentence. Names of clauses are percent-encoded, so it holds no controls.
    pub reason: String,
}

impl Resolution {
    fn of(state: State, reason: String) -> Resolution {
        Resolution { state, resolved_commit: None, lineage: None, reason }
    }
}

/// What a search for a commit by its leading hex digits gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The only reachable commit.
    Commit(CommitId),
    /// Several reachable commits start so.
    Several,
    /// No reachable commit starts so.
    Absent,
    /// It may lie beyond a shallow border.
    Unseen,
}

/// What stands at one place of one revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The clause (or whole document) has this version.
    Version(Version),
    /// The file is a spec file and has no such clause.
    NoClause,
    /// There is no such file.
    NoFile,
    /// The file is there, and no specification holds it.
    Unspecified,
    /// The commit, tree or blob is missing.
    Unseen,
}

/// A commit at which a clause took on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The commit.
    pub commit: CommitId,
    /// The clause's file there.
    pub path: BString,
    /// The clause's name there; `None` for the whole document.
    pub anchor: Option<String>,
    /// Which clause it is.
    pub lineage: u32,
    /// Whether its body holds no word: such a version proves nothing.
    pub empty_body: bool,
}

/// A clause by path and anchor.
pub type Name = (BString, String);

/// A clause of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Its name in the file.
    pub anchor: String,
    /// What it says.
    pub version: Version,
    /// Whether its author gave it an id.
    pub has_id: bool,
    /// Whether its body holds no word.
    pub empty_body: bool,
}

/// What resolution needs to know of a repository. Everything is about commits that some reference reaches; unreachable
/// objects are never consulted.
pub trait Facts {
    /// Whether `a` is `b` or its ancestor; `None` if that cannot be told. A commit on another branch is `Some(false)`.
    fn is_ancestor(&self, a: CommitId, b: CommitId) -> Option<bool>;
    /// The commit that starts with these 7 to 64 lower-case hex digits; never a reference of that name.
    fn find_commit(&self, hex: &str) -> Found;
    /// What the clause, or the whole document where `anchor` is `None`, is at a commit.
    fn clause_versions_at(&self, commit: CommitId, path: &BStr, anchor: Option<&str>) -> Lookup;
    /// Every commit of the history at which some clause took on that version, newest first.
    fn sightings(&self, version: Version) -> &[Sighting];
    /// Which clause bears that name at a commit.
    fn lineage_of(&self, path: &BStr, anchor: Option<&str>, commit: CommitId) -> Option<u32>;
    /// The clause that bore that name in a commit's history, if it was one alone.
    fn only_bearer(&self, path: &BStr, anchor: &str, commit: CommitId) -> Option<u32>;
    /// The clauses with that version in a commit's tree; `None` where not all of it can be read.
    fn bearers_at(&self, commit: CommitId, version: Version) -> Option<Vec<Name>>;
    /// The clauses of a file at a commit; `None` where it isn't there or cannot be read.
    fn clauses_in(&self, commit: CommitId, path: &BStr) -> Option<Vec<Clause>>;
    /// What a clause is or was called in the history.
    fn names_of(&self, lineage: u32) -> Vec<Name>;
    /// The clauses of a file that links of the history name, each at its version.
    fn linked(&self, path: &BStr) -> Vec<(String, Version)>;
    /// Whether any clause of the history ever stood in this file.
    fn knows_path(&self, path: &BStr) -> bool;
    /// Whether all of the commit's ancestors can be seen, so that "nowhere" may be said.
    fn sees_all(&self, of: CommitId) -> bool;
}

/// Resolves one link of a commit on its own; [`resolve_all`] also knows [`State::Superseded`].
pub fn resolve(link: &Link, carrier: CommitId, facts: &dyn Facts) -> Resolution {
    if let Some(name) = &link.foreign {
        let name = clause_name(name.as_bytes().as_bstr(), None);
        let reason = format!("the spec belongs to another repository, {name}");
        return Resolution::of(State::Foreign, reason);
    }
    let LinkVersion::Known(version) = link.version else {
        let reason = format!("version {} {OTHER_SCHEME}", link.version);
        return Resolution::of(State::Unknown, reason);
    };
    case::judge(link, version, carrier, facts)
}

/// Resolves all links of one commit, in their order.
///
/// Where two of them give one clause different versions, as in a squash, the one that the commit's own tree has makes
/// the others [`State::Superseded`]; where it has neither, each stands for itself.
pub fn resolve_all(links: &[Link], carrier: CommitId, facts: &dyn Facts) -> Vec<Resolution> {
    let mut all: Vec<Resolution> = links.iter().map(|l| resolve(l, carrier, facts)).collect();
    let own: Vec<usize> = (0..links.len()).filter(|&at| links[at].foreign.is_none()).collect();
    let by_name = groups(&own, |at| Some((&links[at].path, &links[at].anchor)));
    let by_lineage = groups(&own, |at| all[at].lineage);
    let mut lost: Vec<(usize, usize)> = Vec::new();
    for group in by_name.into_values().chain(by_lineage.into_values()) {
        if group.iter().all(|&at| !rivals(&links[at], &links[group[0]])) {
            continue; // most clauses have one version, and then no tree needs to be read
        }
        let wins = |&&at: &&usize| stands_in_tree(&links[at], &all[at], carrier, facts);
        if let Some(&winner) = group.iter().find(wins) {
            let is_other = |at: usize| {
                let (a, b) = (all[at].lineage, all[winner].lineage);
                a.is_some() && b.is_some() && a != b
            };
            let loses = |at: &usize| rivals(&links[*at], &links[winner]) && !is_other(*at);
            lost.extend(group.iter().copied().filter(loses).map(|at| (at, winner)));
        }
    }
    for (at, winner) in lost {
        all[at].state = State::Superseded;
        all[at].reason = format!(
            "the carrier's own tree has {} at {}, which another link of it names",
            links[winner].clause_name(),
            links[winner].version,
        );
    }
    all
}

/// Whether two links have versions that can be compared and differ.
fn rivals(a: &Link, b: &Link) -> bool {
    match (&a.version, &b.version) {
        (LinkVersion::Known(a), LinkVersion::Known(b)) => a != b,
        _ => false,
    }
}

/// The positions that share a key.
fn groups<K: Eq + Hash>(positions: &[usize], key: impl Fn(usize) -> Option<K>) -> HashMap<K, Vec<usize>> {
    let mut out: HashMap<K, Vec<usize>> = HashMap::new();
    for &at in positions {
        if let Some(key) = key(at) {
            out.entry(key).or_default().push(at);
        }
    }
    out
}

/// Whether a link is tied to the version that its clause has in the carrier's own tree.
fn stands_in_tree(link: &Link, resolution: &Resolution, carrier: CommitId, facts: &dyn Facts) -> bool {
    let (path, anchor) = (link.path.as_bstr(), link.anchor.as_deref());
    let Lookup::Version(own) = facts.clause_versions_at(carrier, path, anchor) else {
        return false;
    };
    let named = facts.lineage_of(path, anchor, carrier);
    let is_same = match (named, resolution.lineage) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    resolution.state.is_resolved() && link.version == LinkVersion::Known(own) && is_same
}

#[cfg(test)]
mod tests;
