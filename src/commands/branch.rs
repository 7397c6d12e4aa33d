//! What a branch touched since it left the one that it goes back to.

use std::collections::HashSet;

use bstr::BString;

use super::ledger::commit_id;
use super::source::Source;
use crate::error::Error;
use crate::git::Oid;
use crate::spec::change::{ChangeKind, is_noise};
use crate::trace::CommitId;

/// A branch against its base.
#[derive(Debug)]
pub struct Branch {
    /// The merge base.
    pub base: Oid,
    /// What it is compared with, as it is called.
    pub name: String,
    /// Clauses of the tip that it added or changed in their meaning, by file and anchor.
    pub clauses: HashSet<(BString, String)>,
    /// Its commits.
    pub commits: HashSet<CommitId>,
}

/// Branches that others are commonly made from.
const COMMON: [&str; 2] = ["main", "master"];

impl Branch {
    /// The branch that ends at `tip` against `base`, else against its upstream, else against the default branch; none
    /// where there is nothing to compare with.
    pub fn of(source: &Source, tip: Oid, current: Option<&str>, base: Option<&str>) -> Result<Option<Branch>, Error> {
        let found = match base {
            Some(name) => Some((name.to_owned(), source.repo.resolve(name)?)),
            None => default_base(source, current)?,
        };
        let Some((name, other)) = found else { return Ok(None) };
        let base = if other == tip { Some(tip) } else { source.repo.merge_base(other, tip)? };
        let Some(base) = base else { return Ok(None) };
        let commits = source.repo.commits_since(tip, &[base])?.into_iter().filter_map(commit_id).collect();
        let files = source.repo.tree_changes(Some(base), Some(tip), &source.roots)?;
        let edge = source.edge(&files)?;
        let counts = |change: &&crate::spec::change::Change| {
            !is_noise(&change.kinds, change.grade) && (change.is(ChangeKind::Added) || change.is(ChangeKind::Modified))
        };
        let clause = |at: crate::spec::matching::ClauseAt| {
            let document = &edge.new[at.doc];
            (document.path.clone(), document.clauses[at.at].anchor.clone())
        };
        let changed = edge.comparison.changes.iter().filter(counts).filter_map(|change| change.new);
        Ok(Some(Branch { base, name, clauses: changed.map(clause).collect(), commits }))
    }
}

fn default_base(source: &Source, current: Option<&str>) -> Result<Option<(String, Oid)>, Error> {
    let config = source.repo.config()?;
    let configured = config.get("init.defaultbranch").map(|value| value.to_string());
    let common: Vec<&str> = configured.iter().map(String::as_str).chain(COMMON).collect();
    let own = |key: &str| current.and_then(|current| config.get(&format!("branch.{current}.{key}")));
    let remote = own("remote").map(|remote| remote.to_string()).filter(|remote| remote != ".");
    // What was pushed under the branch's own name has all that it has: nothing would ever be touched.
    let is_copy = remote.is_some()
        && own("merge").is_some_and(|merge| merge.strip_prefix(b"refs/heads/") == current.map(str::as_bytes));
    let is_default = current.is_some_and(|current| common.contains(&current));
    let upstream = current.map(|current| source.repo.upstream(current)).transpose()?.flatten();
    let mut names: Vec<String> = upstream.into_iter().filter(|_| is_default || !is_copy).collect();
    let remotes = [remote.as_deref().unwrap_or("origin"), "origin"];
    names.extend(remotes.iter().map(|remote| format!("refs/remotes/{remote}/HEAD")));
    let others = common.iter().filter(|name| Some(**name) != current);
    names.extend(others.clone().map(|name| format!("refs/heads/{name}")));
    names.extend(others.flat_map(|name| remotes.map(|remote| format!("refs/remotes/{remote}/{name}"))));
    let found = source.repo.first_commit(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    let short = |name: &str| {
        let parts = ["refs/heads/", "refs/remotes/"];
        parts.iter().find_map(|part| name.strip_prefix(part)).unwrap_or(name).to_owned()
    };
    Ok(found.map(|(at, oid)| (short(&names[at]), oid)))
}
