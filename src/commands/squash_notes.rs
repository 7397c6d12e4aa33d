//! What stands in the notes of the commits that `git merge --squash` joins: no message quotes it, and no note goes along.

use std::collections::HashSet;

use super::links::NOTES;
use super::sides::Side;
use super::source::Source;
use super::staged::changed_between;
use super::taken_back::{named, taken_back};
use crate::error::Error;
use crate::git::{Oid, Operation, Repo};
use crate::trace::link::{Link, Source as Origin};
use crate::trace::note;

/// Hex digits of the commit that a written link names (DESIGN.md §4).
const WRITTEN: usize = 16;

/// The links in the notes of the commits that a message joins which Git prepared for a squash, oldest commit first, as
/// trailers have them. Affirmations are none.
///
/// # Errors
/// What reading the repository may give.
pub fn links(repo: &Repo, message: &[u8]) -> Result<Vec<Link>, Error> {
    let (found, _) = read(repo, message)?;
    Ok(found)
}

/// What is said of affirmations that a squash leaves out, if it does.
pub fn left_out(repo: &Repo) -> Option<String> {
    let message = std::fs::read(repo.squash_path()).ok()?;
    let (_, affirmations) = read(repo, &message).ok()?;
    let tip = named(&message).first()?.short(10);
    let (what, it) = match affirmations {
        0 => return None,
        1 => ("an affirmation".to_owned(), "it"),
        many => (format!("{many} affirmations"), "them"),
    };
    Some(format!(
        "{what} of the joined commits stays behind, for no trailer can make one; git spec link --squashed {tip} HEAD brings \
         {it} along"
    ))
}

fn read(repo: &Repo, message: &[u8]) -> Result<(Vec<Link>, usize), Error> {
    let mut found = Vec::new();
    let mut affirmations = 0;
    if repo.operation() != Some(Operation::Squash) {
        return Ok((found, 0));
    }
    let mut commits = named(message);
    commits.reverse();
    let notes = repo.notes_now(NOTES)?;
    let mut linked: Vec<(Oid, Vec<Link>)> = Vec::new();
    for &commit in &commits {
        let links = note::read(&notes.note(commit)?.unwrap_or_default()).links;
        if !links.is_empty() {
            linked.push((commit, links));
        }
    }
    if linked.is_empty() {
        return Ok((found, 0));
    }
    let source = match Source::of_staged(repo.reopen()) {
        Err(Error::NoSpecSet { .. }) => Source::without_set(repo.reopen()),
        opened => opened?,
    };
    let taken = taken_back(&source, &commits, None)?;
    let mut seen = HashSet::new();
    for (commit, links) in linked.into_iter().filter(|(commit, _)| !taken.contains_key(commit)) {
        for mut link in links {
            if link.source == Origin::Affirm {
                affirmations += 1;
                continue;
            }
            link.id = None;
            link.source = Origin::Trailer;
            link.fields.retain(|(key, _)| !key.eq_ignore_ascii_case("by"));
            // What the commit gave to its own clause, and the squash doesn't, only the commit has.
            let old = [link.clone()];
            if link.commit.is_none() && !changed_between(&source, &old, &Side::Commit(commit), &Side::Index)?.is_empty()
            {
                link.commit = Some(commit.short(WRITTEN));
            }
            if seen.insert(link.to_string()) {
                found.push(link);
            }
        }
    }
    Ok((found, affirmations))
}
