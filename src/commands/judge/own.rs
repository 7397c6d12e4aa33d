//! Which paths each side of a merge has something to say about: by a commit of its own that has links which hold; or that `since` has
//! behind it, and that is no merge and no revert. A commit that was only warned of, or that nobody judged, decides nothing.

use std::collections::HashSet;
use std::rc::Rc;

use bstr::{BString, ByteSlice};

use crate::error::Error;
use crate::git::{CommitRecord, Oid, Repo, WalkQuery};

/// Paths that are looked up one by one; for more of them all that a commit changed is read.
const FEW_PATHS: usize = 8;
/// Commits of a side that are looked at.
const MOST_COMMITS: usize = 100_000;

/// What a commit has to say.
pub type Files = Option<Rc<Vec<BString>>>;

/// Which commits count.
#[derive(Clone, Copy)]
pub struct Speaks<'a> {
    /// The commit from which on the policy asks.
    pub since: Option<Oid>,
    /// The spec files that a commit links; none where it has no link, or one by which it would break a rule.
    pub files: &'a dyn Fn(Oid) -> Result<Files, Error>,
    /// Whether links into these files do for a path.
    pub is_bound: &'a dyn Fn(&BString, &[BString]) -> bool,
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

/// Commits are listed without their files, and of those that count it is asked what they did: in a history without links that
/// is none.
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
    let list = |since: Option<Oid>| WalkQuery {
        revs: [side.to_string(), format!("^{other}")]
            .into_iter()
            .chain(since.map(|since| format!("^{since}")))
            .collect(),
        commits_only: true,
        ..WalkQuery::default()
    };
    let mut seen = HashSet::new();
    for record in repo.walk(&list(speaks.since))?.take(MOST_COMMITS) {
        let record = record?;
        seen.insert(record.oid);
        if let Some(files) = (speaks.files)(record.oid)? {
            add_changed(repo, &record, paths, &mut found, |path| (speaks.is_bound)(path, &files))?;
        }
        if found.len() == paths.len() {
            return Ok(found);
        }
    }
    if speaks.since.is_none() || seen.len() >= MOST_COMMITS {
        return Ok(found);
    }
    // What `since` has behind it is trusted, with a link or without.
    for record in repo.walk(&list(None))?.take(MOST_COMMITS) {
        let record = record?;
        if seen.contains(&record.oid) {
            continue;
        }
        let message = repo.message(record.oid)?.bytes;
        let reverts = message.contains_str("This reverts commit ") || message.contains_str("This reapplies commit ");
        if record.parents.len() <= 1 && !reverts || (speaks.files)(record.oid)?.is_some() {
            add_changed(repo, &record, paths, &mut found, |_| true)?;
        }
        if found.len() == paths.len() {
            break;
        }
    }
    Ok(found)
}

/// Adds those of the paths that a commit has otherwise than one of its parents.
fn add_changed(
    repo: &Repo,
    record: &CommitRecord,
    paths: &HashSet<BString>,
    found: &mut HashSet<BString>,
    counts: impl Fn(&BString) -> bool,
) -> Result<(), Error> {
    if record.border {
        return Ok(());
    }
    let parents: Vec<Option<Oid>> = match &record.parents[..] {
        [] => vec![None],
        parents => parents.iter().copied().map(Some).collect(),
    };
    for parent in parents {
        if paths.len() <= FEW_PATHS {
            for path in paths.iter().filter(|path| !found.contains(*path) && counts(path)).collect::<Vec<_>>() {
                let before = parent.map(|parent| repo.file_at(parent, path)).transpose()?.flatten();
                if before != repo.file_at(record.oid, path)? {
                    found.insert(path.clone());
                }
            }
        } else {
            let changed = repo.tree_changes(parent, Some(record.oid), &[])?;
            let changed = changed.into_iter().map(|file| file.path);
            found.extend(changed.filter(|path| paths.contains(path) && counts(path)));
        }
    }
    Ok(())
}
