//! Which paths each side of a merge has something to say about: by a commit of its own that is no merge and no revert, or
//! that has a link.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};

use crate::error::Error;
use crate::git::{Oid, Repo, WalkQuery};
use crate::trace::message::extract;

/// Paths that git is told to look for, and their bytes: a command line has a bound.
const MOST_PATHS: usize = 256;
const MOST_BYTES: usize = 16 << 10;
/// Commits of a side that are looked at.
const MOST_COMMITS: usize = 100_000;

/// What the sides have commits of their own for.
pub struct Own {
    sides: [HashSet<BString>; 2],
}

impl Own {
    /// Looks through the commits of either parent that the other has not, for these paths. One process for each side,
    /// which ends as soon as each path is found.
    pub fn read(repo: &Repo, parents: [Oid; 2], paths: &HashSet<BString>) -> Result<Own, Error> {
        let [left, right] = parents;
        Ok(Own { sides: [side(repo, left, right, paths)?, side(repo, right, left, paths)?] })
    }

    /// Whether a side has one for a path.
    pub fn has(&self, side: usize, path: &BString) -> bool {
        self.sides[side].contains(path)
    }
}

fn side(repo: &Repo, side: Oid, other: Oid, paths: &HashSet<BString>) -> Result<HashSet<BString>, Error> {
    let mut found = HashSet::new();
    let few = paths.len() <= MOST_PATHS && paths.iter().map(|path| path.len() + 1).sum::<usize>() <= MOST_BYTES;
    let query = WalkQuery {
        revs: vec![side.to_string(), format!("^{other}")],
        paths: if few { paths.iter().cloned().collect() } else { Vec::new() },
        full_history: true,
        ..WalkQuery::default()
    };
    if paths.is_empty() {
        return Ok(found);
    }
    for record in repo.walk(&query)?.take(MOST_COMMITS) {
        let record = record?;
        let changed = record.edges.iter().flat_map(|edge| &edge.files).map(|file| &file.path);
        let fresh: Vec<&BString> = changed.filter(|path| paths.contains(*path) && !found.contains(*path)).collect();
        if fresh.is_empty() {
            continue;
        }
        let message = repo.message(record.oid)?.bytes;
        let reverts = message.contains_str("This reverts commit ") || message.contains_str("This reapplies commit ");
        if record.parents.len() > 1 || reverts {
            if extract(&message).links.is_empty() {
                continue;
            }
        }
        found.extend(fresh.into_iter().cloned());
        if found.len() == paths.len() {
            break;
        }
    }
    Ok(found)
}
