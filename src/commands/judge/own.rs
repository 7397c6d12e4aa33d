//! Which paths each side of a merge has something to say about: by a commit of its own that has a link; or that `since` has
//! behind it, and that is no merge and no revert. A commit that was only warned of, or that nobody judged, decides nothing.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};

use crate::error::Error;
use crate::git::{CommitRecord, Oid, Repo, WalkQuery};
use crate::trace::link::Source;
use crate::trace::message::extract;

/// Paths that git is told to look for, and their bytes: a command line has a bound.
const MOST_PATHS: usize = 256;
const MOST_BYTES: usize = 16 << 10;
/// Commits of a side that are looked at.
const MOST_COMMITS: usize = 100_000;

/// Which commits count.
#[derive(Clone, Copy)]
pub struct Speaks<'a> {
    /// The commit from which on the policy asks.
    pub since: Option<Oid>,
    /// Whether a commit has a link in a note that counts.
    pub is_noted: &'a dyn Fn(Oid) -> Result<bool, Error>,
}

impl Speaks<'_> {
    fn has_link(&self, repo: &Repo, commit: Oid) -> Result<bool, Error> {
        let links = extract(&repo.message(commit)?.bytes).links;
        Ok(links.iter().any(|link| link.source == Source::Trailer) || (self.is_noted)(commit)?)
    }
}

/// What the sides have commits of their own for.
pub struct Own {
    sides: [HashSet<BString>; 2],
}

impl Own {
    /// Looks through the commits of either parent that the other has not, for these paths. One process for each side,
    /// which ends as soon as each path is found.
    pub fn read(repo: &Repo, parents: [Oid; 2], paths: HashSet<BString>, speaks: &Speaks<'_>) -> Result<Own, Error> {
        let [left, right] = parents;
        let sides = [side(repo, left, right, &paths, speaks)?, side(repo, right, left, &paths, speaks)?];
        Ok(Own { sides })
    }

    /// The same of the first parent, for one path.
    pub fn of_side(repo: &Repo, parents: [Oid; 2], path: &BString, speaks: &Speaks<'_>) -> Result<bool, Error> {
        let paths = HashSet::from([path.clone()]);
        Ok(!side(repo, parents[0], parents[1], &paths, speaks)?.is_empty())
    }

    /// Whether a side has one for a path.
    pub fn has(&self, side: usize, path: &BString) -> bool {
        self.sides[side].contains(path)
    }
}

fn side(
    repo: &Repo,
    side: Oid,
    other: Oid,
    paths: &HashSet<BString>,
    speaks: &Speaks<'_>,
) -> Result<HashSet<BString>, Error> {
    let mut found = HashSet::new();
    if paths.is_empty() {
        return Ok(found);
    }
    let few = paths.len() <= MOST_PATHS && paths.iter().map(|path| path.len() + 1).sum::<usize>() <= MOST_BYTES;
    let query = WalkQuery {
        revs: vec![side.to_string(), format!("^{other}")],
        paths: if few { paths.iter().cloned().collect() } else { Vec::new() },
        full_history: true,
        ..WalkQuery::default()
    };
    let judged = WalkQuery {
        revs: query.revs.iter().cloned().chain(speaks.since.map(|since| format!("^{since}"))).collect(),
        ..query.clone()
    };
    let mut seen = HashSet::new();
    let fresh = |record: &CommitRecord, found: &HashSet<BString>| -> Vec<BString> {
        let changed = record.edges.iter().flat_map(|edge| &edge.files).map(|file| &file.path);
        changed.filter(|path| paths.contains(*path) && !found.contains(*path)).cloned().collect()
    };
    for record in repo.walk(&judged)?.take(MOST_COMMITS) {
        let record = record?;
        seen.insert(record.oid);
        let fresh = fresh(&record, &found);
        if !fresh.is_empty() && speaks.has_link(repo, record.oid)? {
            found.extend(fresh);
        }
        if found.len() == paths.len() {
            return Ok(found);
        }
    }
    if speaks.since.is_none() || seen.len() >= MOST_COMMITS {
        return Ok(found);
    }
    // What `since` has behind it is trusted, with a link or without.
    for record in repo.walk(&query)?.take(MOST_COMMITS) {
        let record = record?;
        let fresh = fresh(&record, &found);
        if fresh.is_empty() || seen.contains(&record.oid) {
            continue;
        }
        let message = repo.message(record.oid)?.bytes;
        let reverts = message.contains_str("This reverts commit ") || message.contains_str("This reapplies commit ");
        if (record.parents.len() > 1 || reverts) && !speaks.has_link(repo, record.oid)? {
            continue;
        }
        found.extend(fresh);
        if found.len() == paths.len() {
            break;
        }
    }
    Ok(found)
}
