//! Commits that touch generated files and say nothing of where they come from.

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::facts::facts_of;
use super::ledger::commit_id;
use super::links::Links;
use super::source::Source;
use crate::config::Config;
use crate::error::Error;
use crate::git::{Oid, WalkQuery};
use crate::trace::CommitId;

/// The sort of what is kept here.
const SORT: &str = "unlinked";

/// A commit without a link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unlinked {
    /// The commit.
    pub commit: CommitId,
    /// First line of its message.
    pub subject: String,
    /// The generated files that it changed.
    pub paths: Vec<BString>,
    /// Whether it changed clauses too.
    pub inferred: bool,
}

/// The commits without a link that `tip` reaches, newest first: since the policy was adopted, else since the first
/// carrier. None where no path is said to be generated, or nothing tells where to begin.
pub fn unlinked(source: &Source, config: &Config, links: &Links, tip: Oid) -> Result<Vec<Unlinked>, Error> {
    let generated = &config.generated.files;
    let since = config.policy.as_ref().and_then(|policy| policy.since.as_deref());
    if generated.is_empty() || (since.is_none() && links.by_carrier.is_empty()) {
        return Ok(Vec::new());
    }
    let name = name(links, config, tip);
    if let Some(kept) = source.index().and_then(|index| index.kept(SORT, &name))
        && let Ok(found) = postcard::from_bytes(&kept)
    {
        return Ok(found);
    }
    let unseen = source.unseen_so_far();
    let found = walk(source, config, links, tip)?;
    if let (Some(index), Ok(body)) = (source.index(), postcard::to_allocvec(&found))
        && source.unseen_so_far() == unseen
    {
        index.keep_answer(SORT, &name, &body);
    }
    Ok(found)
}

/// What the answer depends on: the revision, what is linked and reverted, and the configuration.
fn name(links: &Links, config: &Config, tip: Oid) -> String {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    links.passed_over.keys().for_each(|id| add(id.as_bytes()));
    links.by_carrier.keys().chain(&links.reverts.holding().collect::<Vec<_>>()).for_each(|id| add(id.as_bytes()));
    let globs = [config.generated.files.include(), config.generated.files.exclude()];
    globs.into_iter().for_each(|globs| add(globs.join("\0").as_bytes()));
    add(config.policy.as_ref().and_then(|policy| policy.since.as_deref()).unwrap_or_default().as_bytes());
    let digest = hash.finalize();
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{tip}-{hex}")
}

fn walk(source: &Source, config: &Config, links: &Links, tip: Oid) -> Result<Vec<Unlinked>, Error> {
    let generated = &config.generated.files;
    let graph = source.graph_behind(tip)?;
    let mut revs = vec![tip.to_string()];
    match config.policy.as_ref().and_then(|policy| policy.since.as_deref()) {
        Some(since) => match source.repo.resolve(since) {
            Ok(since) => revs.push(format!("^{since}")),
            Err(_) => source.unseen(format!("the commit {since} that the policy begins with isn't here")),
        },
        None => {
            let oldest = links.by_carrier.keys().max_by_key(|&&carrier| graph.position(carrier));
            revs.extend(oldest.map(|oldest| format!("^{oldest}")));
        }
    }
    let roots = generated.walk_roots().into_iter().map(BString::from).collect();
    let extra = vec!["--no-merges".into()];
    let query = WalkQuery { revs, paths: roots, full_history: true, extra, ..WalkQuery::default() };
    let mut found = Vec::new();
    for record in source.repo.walk(&query)? {
        let record = record?;
        let Some(commit) = commit_id(record.oid).filter(|_| !record.border) else { continue };
        let files = record.edges.iter().flat_map(|edge| &edge.files).map(|file| &file.path);
        let paths: Vec<BString> =
            files.filter(|path| generated.matches(path) && !source.set.matches(path)).cloned().collect();
        let excused = links.by_carrier.contains_key(&commit) && !links.passed_over.contains_key(&commit)
            || links.reverts.undone_by(commit, &graph).is_some()
            || links.reverts.holding().any(|revert| revert == commit);
        if paths.is_empty() || excused {
            continue;
        }
        let facts = facts_of(source, record.oid, &record.parents)?;
        let inferred = facts.shown().any(|(_, _, change)| !change.is_noise());
        found.push(Unlinked { commit, subject: record.subject.to_str_lossy().into_owned(), paths, inferred });
    }
    Ok(found)
}
