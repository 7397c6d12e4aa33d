//! The shape of history.

use super::{GitError, Oid, Repo, Result};

impl Repo {
    /// The commits that `revs` reach with their parents, children before parents (topological order).
    ///
    /// `revs` are revisions, ranges, and exclusions as `^A`; none means what HEAD and all references reach. In a shallow clone the commits at the border have no
    /// parents; see [`Repo::shallow_borders`]. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] where a revision is unknown or history is broken.
    pub fn commit_graph(&self, revs: &[String]) -> Result<Vec<(Oid, Vec<Oid>)>> {
        let git = self.git("rev-list").buffered().args(["--topo-order", "--parents"]);
        let git = if revs.is_empty() { git.args(["--all", "HEAD"]) } else { git.arg("--end-of-options").args(revs) };
        let git = git.arg("--");
        let mut stream = git.stream()?;
        let mut graph = Vec::new();
        while let Some(line) = stream.piece(b'\n')? {
            let ids: Result<Vec<Oid>, _> = line.split(|byte| *byte == b' ').map(Oid::from_hex).collect();
            match ids.as_deref() {
                Ok([commit, parents @ ..]) => graph.push((*commit, parents.to_vec())),
                _ => {
                    return Err(GitError::bad_output("git rev-list", "a line that is no list of ids"));
                }
            }
        }
        Ok(graph)
    }
}
