//! Links of a commit that takes the place of another one, where it has other words for their clauses: a link is never
//! refreshed behind a person's back, and a commit that is gone was the only one that had its version.

use std::collections::HashSet;

use super::cite::cite_staged;
use super::commit::Call;
use super::links::NOTES;
use super::rewritten::opens_message;
use super::sides::Side;
use super::source::Source;
use super::staged::{Becomes, changed, changed_between, together};
use super::started::typed_name;
use crate::error::Error;
use crate::git::{Oid, Repo};
use crate::trace::link::{Link, LinkVersion, Source as Origin};
use crate::trace::{message, note};
use crate::view::text::{one_line, shell_quote};

/// Rewritten commits that are looked at; a map of a whole history is no rebase.
const MOST: usize = 2000;
/// Links that are named; the rest is a number.
const SHOWN: usize = 5;

/// What is to be said of the links of a message, where what is staged takes the place of HEAD.
///
/// # Errors
/// What reading the repository may give.
pub fn staged(repo: &Repo, links: &[Link]) -> Result<Vec<String>, Error> {
    let links: Vec<Link> = links.iter().filter(|link| link.foreign.is_none()).cloned().collect();
    if links.is_empty() {
        return Ok(Vec::new());
    }
    // Without a specification nothing can have changed in it.
    let Ok(source) = Source::of_staged(repo.reopen()) else { return Ok(Vec::new()) };
    Ok(changed(&source, &links)?.into_iter().map(|(link, becomes)| amended(link, &becomes)).collect())
}

/// What is to be said of the links of a new commit's message that name no commit, so that they mean the new one, where what is
/// staged has other words for their clauses. `how` is what a person can do.
///
/// # Errors
/// What reading the repository may give.
pub fn unheld(repo: &Repo, links: &[Link], how: impl Fn(&str) -> String) -> Result<Vec<String>, Error> {
    let is_own = |link: &&Link| link.commit.is_none() && link.foreign.is_none();
    let is_known = |link: &&Link| matches!(link.version, LinkVersion::Known(_));
    let own: Vec<&Link> = links.iter().filter(is_own).filter(is_known).collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let Ok(source) = Source::of_staged(repo.reopen()) else { return Ok(Vec::new()) };
    let mut said = Vec::new();
    for link in own {
        let differs = match cite_staged(&source, &link.clause_name()) {
            Ok(now) => now.version != link.version,
            Err(Error::NoSuchClause { .. }) => true,
            Err(error) => return Err(error),
        };
        if differs {
            let name = typed_name(link);
            let how = how(&shell_quote(&name));
            said.push(
                one_line(&format!(
                    "the message links {name} as this commit has it, which has other words for it or none; {how}"
                ))
                .into_owned(),
            );
        }
    }
    Ok(said)
}

/// The command that links what a clause says now.
pub fn amend(quoted: &str) -> String {
    format!("git spec commit --amend --no-edit --for {quoted} links what it says now")
}

/// What is said where a person can still type `--amend`.
fn amended(link: &Link, becomes: &Becomes) -> String {
    let name = typed_name(link);
    let said = match becomes {
        Becomes::Other(what) => together(&name, what, &shell_quote(&name)),
        Becomes::Gone => {
            format!("{name} goes in this very commit, which still links it: git commit --amend opens the message")
        }
    };
    one_line(&said).into_owned()
}

/// What is to be said after commits were rewritten, each old one with the one that it became: by an amendment of HEAD, or
/// in a rebase.
///
/// # Errors
/// What git says; what cannot be read is passed over.
pub fn rewritten(repo: &Repo, pairs: &[(Oid, Oid)], amends: bool) -> Result<Vec<String>, Error> {
    if pairs.len() > MOST || (amends && Call::around().is_some_and(|call| call.amend)) {
        // A `git spec commit --amend` has said it.
        return Ok(Vec::new());
    }
    let between: HashSet<Oid> = pairs.iter().map(|&(old, _)| old).collect();
    let notes = repo.notes_now(NOTES)?;
    let (mut source, mut said, mut known) = (None, Vec::new(), HashSet::new());
    for &(old, new) in pairs.iter().filter(|(_, new)| !between.contains(new)) {
        let Ok(message) = repo.message(new) else { continue };
        let counts = |link: &Link| {
            let is_known = link.foreign.is_none() && matches!(link.version, LinkVersion::Known(_));
            is_known && link.source != Origin::Body && (amends || link.commit.is_none())
        };
        let mut links = message::extract(&message.bytes).links;
        links.extend(note::read(&notes.note(new)?.unwrap_or_default()).links);
        links.retain(counts);
        let trees = (repo.tree_of(old), repo.tree_of(new));
        if links.is_empty() || matches!(trees, (Ok(old), Ok(new)) if old == new) {
            continue;
        }
        let source = match &source {
            Some(source) => source,
            None => match Source::of(repo.reopen(), None) {
                Ok(opened) => &*source.insert(opened),
                Err(_) => return Ok(Vec::new()),
            },
        };
        let Ok(found) = changed_between(source, &links, &Side::Commit(old), &Side::Commit(new)) else { continue };
        for (link, becomes) in found {
            if !known.insert((new, link.clause_name(), link.version.to_string())) {
                continue;
            }
            said.push(match (amends, link.source) {
                (true, Origin::Trailer) => amended(link, &becomes),
                _ => later(repo, (old, new), link, &becomes)?,
            });
        }
    }
    let more = said.len().saturating_sub(SHOWN);
    if more > 0 {
        said.truncate(SHOWN);
        said.push(format!("{more} more links are to what a clause said before; git spec fsck lists them"));
    }
    Ok(said)
}

/// What is said of a commit that may not be HEAD any more, and of a note.
fn later(repo: &Repo, (old, new): (Oid, Oid), link: &Link, becomes: &Becomes) -> Result<String, Error> {
    let name = typed_name(link);
    let (before, now, quoted) = (old.short(9), new.short(9), shell_quote(&name));
    let said = match becomes {
        Becomes::Other(what) => format!(
            "{name} has other words in {now} than in {before}, whose place it took: {what}; the link is to what it said \
             before, and git spec link {now} {quoted} links what it says now"
        ),
        Becomes::Gone if link.source == Origin::Trailer => format!(
            "{name} is not in {now}, which took the place of {before} and still links it: {}",
            opens_message(repo, new)?
        ),
        Becomes::Gone => format!(
            "{name} is not in {now}, which took the place of {before} and still links it: git spec unlink {now} {quoted}"
        ),
    };
    Ok(one_line(&said).into_owned())
}
