//! What mends a link that is not exact, or what a person can do about it.

use std::collections::BTreeSet;

use bstr::ByteSlice;

use crate::commands::ledger::commit_id;
use crate::commands::links::Facts;
use crate::commands::reword::{Reword, reword};
use crate::commands::source::Source;
use crate::error::Error;
use crate::git::Oid;
use crate::trace::link::LinkVersion;
use crate::trace::resolve::{Facts as _, Found, Lookup, State};
use crate::trace::{CommitId, Link, Resolution};
use crate::view::text::shell_quote;

/// What can be done about a link.
#[derive(Default)]
pub(super) struct Mend {
    /// The command that makes it exact, or takes it away.
    pub(super) command: Option<String>,
    /// What a person can do: sentences, and commands.
    pub(super) advice: Vec<String>,
}

impl From<Option<String>> for Mend {
    fn from(command: Option<String>) -> Mend {
        Mend { command, advice: Vec::new() }
    }
}

impl From<Option<Reword>> for Mend {
    fn from(how: Option<Reword>) -> Mend {
        how.map_or_else(Mend::default, |how| Mend {
            command: Some(how.command),
            advice: how.then.into_iter().collect(),
        })
    }
}

/// What mends a link of a carrier, as a tip has it. Another version than the one that was written is never offered as the
/// command: nobody here knows whether the code was made from it.
pub(super) fn mend(
    source: &Source,
    link: &Link,
    to: &Resolution,
    (carrier, tip): (CommitId, CommitId),
    facts: &Facts<'_>,
) -> Result<Mend, Error> {
    let at = |commit: CommitId| facts.clause_versions_at(commit, link.path.as_bstr(), link.anchor.as_deref());
    let has_it =
        |found: Lookup| matches!(found, Lookup::Version(version) if link.version == LinkVersion::Known(version));
    let stands = |found: Lookup| matches!(found, Lookup::Version(_));
    let commit = short(carrier);
    let name = match &link.anchor {
        Some(anchor) => format!("{}#{anchor}", link.path),
        None => link.path.to_string(),
    };
    let name = shell_quote(&name);
    let add = format!("git spec link {commit} {name}");
    let withdraw = link.id.as_ref().map(|id| format!("git spec unlink {commit} id:{id}"));
    let anew = |first: &str| match stands(at(tip)) {
        true => {
            vec![format!("{first}make the code anew and name the clause:"), format!("git spec commit --for {name}")]
        }
        false => Vec::new(),
    };
    Ok(match to.state {
        State::Exact | State::Foreign => Mend::default(),
        State::Superseded => withdraw.into(),
        State::Relocated if has_it(at(carrier)) => Some(add).into(),
        State::Relocated => to.lineage.and_then(|lineage| called(lineage, link, carrier, facts)).into(),
        State::Unknown if facts.sees_all(carrier) => Mend::default(),
        State::Unknown => Some(fetch(source).to_owned()).into(),
        State::Elsewhere if has_it(at(tip)) => {
            let is_head = oid(tip) == source.repo.head()?;
            let here = if is_head { "HEAD".to_owned() } else { short(tip) };
            let advice = vec![
                format!("{here} demands these very words; where the code does what they say, say so:"),
                format!("git spec link --affirm {here} {name}"),
            ];
            Mend { command: None, advice }
        }
        State::Elsewhere => {
            let pick = match to.resolved_commit {
                Some(commit) => pick(source, commit, &|commit| has_it(at(commit)))?,
                None => None,
            };
            let mut advice: Vec<String> =
                pick.into_iter().flat_map(|pick| ["bring the words over:".to_owned(), pick]).collect();
            let first = if advice.is_empty() { "" } else { "or " };
            advice.extend(anew(first));
            Mend { command: None, advice }
        }
        State::Ambiguous | State::Mismatch | State::Dangling => {
            let mut advice = anew("what it was made from is not known; ");
            if stands(at(carrier)) {
                advice.push("if you know that it was made from the words in its own tree:".to_owned());
                advice.push(add);
            }
            let others = namesakes(link, carrier, facts);
            if !others.is_empty() {
                advice.push("if you know which clause it was made from:".to_owned());
                advice.extend(others);
            }
            if target(link, carrier, facts).is_some_and(|commit| at(commit) == Lookup::Unspecified) {
                let path = &link.path;
                advice.push(format!("if {path} belongs to the specification, name it in [spec] of .gitspec.toml"));
                return Ok(Mend { command: None, advice });
            }
            match oid(carrier).filter(|_| withdraw.is_none() && advice.is_empty()) {
                // Nothing but its message can be changed.
                Some(carrier) => reword(source, carrier)?.into(),
                None => Mend { command: withdraw, advice },
            }
        }
    })
}

/// Of so many clauses with the words of a link it is said how they would be linked.
const MOST_OTHERS: usize = 3;

/// The commit that a link names.
fn target(link: &Link, carrier: CommitId, facts: &Facts<'_>) -> Option<CommitId> {
    match link.commit.as_deref().map(|hex| facts.find_commit(hex)) {
        None => Some(carrier),
        Some(Found::Commit(commit)) => Some(commit),
        Some(_) => None,
    }
}

/// The command that links a carrier to a clause at the version of another link, by the name that the clause has in the
/// carrier's tree; none where it has another version there.
fn called(lineage: u32, link: &Link, carrier: CommitId, facts: &Facts<'_>) -> Option<String> {
    let ((path, anchor), version) = facts.ledger.called(&facts.graph, lineage, carrier)?;
    if link.version != LinkVersion::Known(version) {
        return None;
    }
    // A file that was renamed changes no state, so that its name may be an older one.
    let stands = facts.clause_versions_at(carrier, path.as_bstr(), Some(anchor)) == Lookup::Version(version);
    let name = shell_quote(&format!("{path}#{anchor}")).into_owned();
    stands.then(|| format!("git spec link {} {name}", short(carrier)))
}

/// The commands that link a carrier to the clauses that had the words of a link there, none of which is the one it names.
fn namesakes(link: &Link, carrier: CommitId, facts: &Facts<'_>) -> Vec<String> {
    let LinkVersion::Known(version) = link.version else { return Vec::new() };
    let lineages: BTreeSet<u32> = facts.sightings(version).iter().map(|sighting| sighting.lineage).collect();
    lineages.into_iter().filter_map(|lineage| called(lineage, link, carrier, facts)).take(MOST_OTHERS).collect()
}

/// Commits that are gone back over to where a clause took on its words.
const MOST_STEPS: usize = 1000;

/// The command that brings words over from where they came in: the commit that a link names may only have them, and of a
/// merge git has to be told the parent that has not. None where that commit cannot be found.
fn pick(source: &Source, commit: CommitId, has_it: &dyn Fn(CommitId) -> bool) -> Result<Option<String>, Error> {
    let mut here = commit;
    for _ in 0..MOST_STEPS {
        let Some(commit) = oid(here) else { return Ok(None) };
        let parents: Vec<CommitId> = source.repo.parents(commit)?.iter().filter_map(|&id| commit_id(id)).collect();
        match parents.iter().position(|&parent| !has_it(parent)) {
            None if parents.is_empty() => return Ok(Some(format!("git cherry-pick {}", short(here)))),
            None => here = parents[0],
            Some(_) if parents.len() == 1 => return Ok(Some(format!("git cherry-pick {}", short(here)))),
            Some(at) => match parents.iter().find(|&&parent| has_it(parent)) {
                Some(&side) => here = side,
                None => return Ok(Some(format!("git cherry-pick -m {} {}", at + 1, short(here)))),
            },
        }
    }
    Ok(None)
}

fn oid(commit: CommitId) -> Option<Oid> {
    Oid::from_raw(commit.as_bytes()).ok()
}

fn short(commit: CommitId) -> String {
    let mut hex = commit.to_string();
    hex.truncate(10);
    hex
}

/// What brings the objects that are missing here.
fn fetch(source: &Source) -> &'static str {
    if source.repo.is_shallow() { "git fetch --unshallow" } else { "git fetch --refetch" }
}
