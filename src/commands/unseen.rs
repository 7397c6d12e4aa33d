//! Where nothing shows whether a commit that is being made takes the place of HEAD, that is only certain when Git tells of it
//! afterwards. Until then it is kept which commit may go.

use crate::git::{Oid, Repo};
use crate::trace::link::Link;

/// Keeps that HEAD may be about to go, with another message in the place of its own.
pub fn keep(repo: &Repo) {
    if let Ok(Some(head)) = repo.head() {
        // Without it the links of HEAD are lost where it is amended, as without the hooks.
        let _ = std::fs::write(repo.unseen_path(), head.to_string());
    }
}

/// Forgets it: another commit is being made.
pub fn forget(repo: &Repo) {
    let _ = std::fs::remove_file(repo.unseen_path());
}

/// Whether it was kept of this commit, which has been amended now; it is forgotten.
pub fn took(repo: &Repo, old: Oid) -> bool {
    let kept = std::fs::read_to_string(repo.unseen_path()).ok();
    forget(repo);
    kept.is_some_and(|kept| kept == old.to_string())
}

/// What is said of what is under way, where the commit may be one that takes the place of HEAD.
pub fn left_out(links: &[Link]) -> String {
    let named: String = links
        .iter()
        .map(|link| format!(" --for {}", crate::view::text::shell_quote(&super::started::typed_name(link))))
        .collect();
    format!(
        "whether this commit takes the place of HEAD cannot be seen here, so what is under way is not linked to it; \
         git spec commit --amend --no-edit{named} links it"
    )
}
