//! Whole links that stand in a message where none is read: before the trailers, as after a squash by hand or where a forge has put
//! a paragraph of its own below them.

use bstr::ByteSlice;

use super::Carried;
use super::mends::{Mend, mend};
use crate::commands::links::Facts;
use crate::commands::source::Source;
use crate::error::Error;
use crate::git::Oid;
use crate::trace::link::LinkVersion;
use crate::trace::resolve::{Facts as _, Found, Lookup, State, resolve};
use crate::trace::{CommitId, Link, Resolution};
use crate::view::fsck::{Finding, What};
use crate::view::text::shell_quote;

/// What is wrong with it.
const WHERE: &str = "it stands before the trailers, where no link is read";

/// The findings about one commit, as a tip has it: those of its links to clauses that it doesn't link otherwise, nor did.
pub(super) fn findings(
    source: &Source,
    carried: &Carried,
    (carrier, tip): (CommitId, CommitId),
    facts: &Facts<'_>,
) -> Result<Vec<Finding>, Error> {
    let object = carried.oid.map(|oid| oid.to_string()).unwrap_or_default();
    let mut findings: Vec<Finding> = Vec::new();
    for link in &carried.passed {
        let text = link.to_string();
        let is_said = carried.links.iter().chain(&carried.note.withdrawn).any(|own| own.same_clause(link));
        if is_said || findings.iter().any(|known| known.text.as_ref() == Some(&text)) {
            continue;
        }
        let to = resolve(link, carrier, facts);
        let (reason, mended) = match linking(link, &to, carrier, facts) {
            Some(command) if carried.reverts => {
                let advice = vec![
                    "if the commit was generated from this clause, and does not only quote what it reverts:".to_owned(),
                    command,
                ];
                (WHERE.to_owned(), Mend { command: None, advice })
            }
            Some(command) => (WHERE.to_owned(), Some(command).into()),
            None => {
                let reason = format!("{WHERE}; there it would be {}: {}", to.state.word(), to.reason);
                (reason, mend(source, link, &to, (carrier, tip), facts)?)
            }
        };
        findings.push(Finding {
            subject: Some(carried.subject.clone()),
            text: Some(text),
            reason,
            mend: mended.command,
            advice: mended.advice,
            ..Finding::new(What::Value, object.clone())
        });
    }
    Ok(findings)
}

/// The command that links a carrier to what a link names at its version: as the carrier has it, or the commit that it names, or
/// the one in which the words were found again; none where it would be tied to nothing, or not for certain.
fn linking(link: &Link, to: &Resolution, carrier: CommitId, facts: &Facts<'_>) -> Option<String> {
    if !to.state.is_resolved() {
        return None;
    }
    let has_it = |commit: &CommitId| {
        let there = facts.clause_versions_at(*commit, link.path.as_bstr(), link.anchor.as_deref());
        matches!(there, Lookup::Version(version) if link.version == LinkVersion::Known(version))
    };
    let (commit, name) = (short(carrier), link.clause_name());
    if has_it(&carrier) {
        return Some(format!("git spec link {commit} {}", shell_quote(&name)));
    }
    let named = match link.commit.as_deref().map(|hex| facts.find_commit(hex)) {
        Some(Found::Commit(commit)) if to.state == State::Exact => Some(commit),
        _ => None,
    };
    let at = [named, to.resolved_commit].into_iter().flatten().find(has_it)?;
    Some(format!("git spec link {commit} {}", shell_quote(&format!("{name}@{}", short(at)))))
}

fn short(commit: CommitId) -> String {
    Oid::from_raw(commit.as_bytes()).map(|oid| oid.short(10)).unwrap_or_default()
}
