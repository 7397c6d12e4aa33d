//! What is under way beside what is being committed: what the commit itself does to those clauses, and when it is not linked.

use bstr::ByteSlice;

use super::hook::of_picked;
use super::sides::Side;
use super::source::Source;
use super::started::{UnderWay, placed, typed_name, what_changed};
use crate::error::Error;
use crate::git::{Operation, Repo};
use crate::trace::draft::Draft;
use crate::trace::link::{Link, LinkVersion};
use crate::view::text::shell_quote;

/// Where the configuration stands, which belongs to no code either.
const CONFIG: &str = ".gitspec.toml";

/// What is said where nothing is generated.
pub const ALONE: &str = "this commit changes the specification alone, so what is under way is not linked to it";

/// Of what is under way, the links that the commit gets, and what is to be said.
pub fn weighed(repo: &Repo, links: Vec<Link>) -> (Vec<Link>, Vec<String>) {
    if links.is_empty() {
        return (links, Vec::new());
    }
    // What was recorded needs no specification to be written.
    let Ok(source) = Source::of_staged(repo.reopen()) else { return (links, Vec::new()) };
    if is_alone(&source).unwrap_or(false) {
        return (Vec::new(), vec![ALONE.to_owned()]);
    }
    let links = placed(&source, links);
    let said = warnings(&source, &links).unwrap_or_default();
    (links, said)
}

/// Whether what is staged differs from HEAD in the specification and nowhere else.
///
/// # Errors
/// What git says.
pub fn is_alone(source: &Source) -> Result<bool, Error> {
    let Some(head) = source.repo.head()? else { return Ok(false) };
    let paths = source.repo.staged_paths(head)?;
    Ok(!paths.is_empty() && paths.iter().all(|path| source.set.matches(path) || path == CONFIG))
}

/// What becomes of a linked clause in what is staged.
pub enum Becomes {
    /// It has other words, which these tell.
    Other(String),
    /// It is gone.
    Gone,
}

/// One line for each link whose clause has the linked version at HEAD, and another or none in what is staged.
///
/// # Errors
/// What reading the repository may give.
pub fn warnings(source: &Source, links: &[Link]) -> Result<Vec<String>, Error> {
    let line = |(link, becomes): (&Link, Becomes)| {
        let name = typed_name(link);
        let quoted = shell_quote(&name);
        match becomes {
            Becomes::Gone => format!(
                "{name} goes in this very commit, and is linked as it was; git spec start --done {quoted} forgets it"
            ),
            Becomes::Other(what) => together(&name, &what, &quoted),
        }
    };
    Ok(changed(source, links)?.into_iter().map(line).collect())
}

/// The links whose clause has the linked version at HEAD, and another or none in what is staged.
///
/// # Errors
/// What reading the repository may give.
pub fn changed<'l>(source: &Source, links: &'l [Link]) -> Result<Vec<(&'l Link, Becomes)>, Error> {
    let Some(head) = source.repo.head()? else { return Ok(Vec::new()) };
    changed_between(source, links, &Side::Commit(head), &Side::Index)
}

/// The same of any two sides.
///
/// # Errors
/// What reading the repository may give.
pub fn changed_between<'l>(
    source: &Source,
    links: &'l [Link],
    old: &Side,
    new: &Side,
) -> Result<Vec<(&'l Link, Becomes)>, Error> {
    let (old, new) = (source.documents(old)?, source.documents(new)?);
    let differing = |all: &[_], others: &[_]| -> Vec<_> {
        all.iter().filter(|one| !others.iter().any(|other| std::sync::Arc::ptr_eq(one, other))).cloned().collect()
    };
    let (old, new): (Vec<_>, Vec<_>) = (differing(&old, &new), differing(&new, &old));
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let comparison = source.compare(&old, &new);
    let mut found = Vec::new();
    for link in links {
        let change = comparison.changes.iter().find(|change| {
            change.old.is_some_and(|at| {
                let (document, anchor) = (&old[at.doc], link.anchor.as_ref());
                let clause = &document.clauses[at.at];
                let is_it = document.path == link.path && anchor.is_none_or(|anchor| clause.anchor == *anchor);
                is_it && (anchor.is_none() || link.version == LinkVersion::Known(clause.version()))
            })
        });
        let Some(change) = change else { continue };
        match change.new {
            None if link.anchor.is_some() => found.push((link, Becomes::Gone)),
            Some(at) if link.anchor.is_some() => {
                let now = new[at.doc].clauses[at.at].version();
                if link.version != LinkVersion::Known(now) {
                    found.push((link, Becomes::Other(what_changed(change))));
                }
            }
            _ => found.push((link, Becomes::Other("other clauses".to_owned()))),
        }
    }
    Ok(found)
}

pub(super) fn together(name: &str, what: &str, quoted: &str) -> String {
    format!(
        "{name} changes in this very commit: {what}; the link is to what it said before, and git spec commit --amend --no-edit \
         --for {quoted} links what it says now"
    )
}

/// What is to be said where what is under way is left out, for Git is in the middle of something else; but where the message
/// is what that has prepared, or `amends` HEAD, nothing new is being generated.
pub fn unfinished(repo: &Repo, draft: &Draft<'_>, amends: bool) -> Option<String> {
    let (doing, head) = match repo.operation()? {
        Operation::CherryPick => ("cherry-pick", "CHERRY_PICK_HEAD"),
        Operation::Revert => ("revert", "REVERT_HEAD"),
        Operation::Rebase if !amends && !draft.is_combination() => ("rebase", "REBASE_HEAD"),
        _ => return None,
    };
    let links = UnderWay::read(repo).ok()?.links;
    let known = draft.links();
    let left: Vec<&Link> = links.iter().filter(|link| !known.iter().any(|known| known.same_clause(link))).collect();
    let subject = |message: &[u8]| message.lines().next().map(<[u8]>::to_vec);
    let picked = repo.resolve(head).ok().and_then(|oid| subject(&repo.message(oid).ok()?.bytes));
    let prepared = repo.prepared_message().and_then(|message| subject(&message));
    let own = draft.subject();
    // It is what was picked, made anew.
    if of_picked(repo, !amends).iter().any(|link| known.iter().any(|known| known.same_clause(link))) {
        return None;
    }
    if left.is_empty() || [picked, prepared].iter().flatten().any(|given| given == own) {
        return None;
    }
    let named: String = left.iter().map(|link| format!(" --for {}", shell_quote(&typed_name(link)))).collect();
    Some(format!(
        "a {doing} has not ended, so what is under way is not linked to this commit; git spec commit --amend --no-edit{named} \
         links it"
    ))
}
