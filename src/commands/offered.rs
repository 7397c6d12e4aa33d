//! The links that a message had when a person got it to see: what an editor takes away is told.

use std::path::Path;

use bstr::ByteSlice;

use super::draft_file::DraftFile;
use super::started::typed_name;
use crate::git::Repo;
use crate::trace::link::{Link, Source as Origin};
use crate::view::text::{one_line, shell_quote};

/// Keeps what the message offers for the hook that follows.
pub fn keep(repo: &Repo, file: &Path) {
    let read = DraftFile::read(repo, file, true).ok();
    let links = read.and_then(|read| Some(read.draft()?.all_links())).unwrap_or_default();
    let lines: String = links.iter().map(|link| format!("{link}\n")).collect();
    let path = repo.offered_path();
    // Where it cannot be kept, nothing is told.
    let _ = if lines.is_empty() { std::fs::remove_file(path) } else { std::fs::write(path, lines) };
}

/// What was kept; it is forgotten.
#[must_use]
pub fn take(repo: &Repo) -> Vec<Link> {
    let path = repo.offered_path();
    let kept = std::fs::read(&path).unwrap_or_default();
    let _ = std::fs::remove_file(path);
    kept.lines().filter_map(|line| Link::parse(line, Origin::Trailer).ok()).collect()
}

/// What is said of offered links that the message in `file` has no more, neither they nor others to their clauses.
#[must_use]
pub fn lost(repo: &Repo, offered: &[Link], file: &Path) -> Option<String> {
    let read = DraftFile::read(repo, file, true).ok().filter(|_| !offered.is_empty())?;
    let text = read.draft().filter(|text| !text.is_wordless())?;
    let there = text.all_links();
    let mut names: Vec<String> = Vec::new();
    for link in offered.iter().filter(|link| !there.iter().any(|own| own.same_clause(link))) {
        let name = typed_name(link);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let links = match names.as_slice() {
        [] => return None,
        [one] => format!("the link to {one} was"),
        many => format!("the links to {} were", many.join(", ")),
    };
    let quoted: Vec<String> = names.iter().map(|name| shell_quote(name).into_owned()).collect();
    let named: String = quoted.iter().map(|name| format!(" --for {name}")).collect();
    let it = if names.len() > 1 { "them" } else { "it" };
    let mend = format!("git spec commit --amend --no-edit{named} brings {it} back");
    Some(one_line(&format!("{links} taken out of the message in the editor; {mend}")).into_owned())
}
