//! Whether all that `git merge --squash` staged is about to be committed, wherever Git put it.

use std::collections::{HashMap, HashSet};

use bstr::{BStr, BString};

use super::taken_back::named;
use crate::error::Error;
use crate::git::{FileChange, GitError, Mode, Oid, Repo};
use crate::view::facts::path_text;

/// A file of the squash that is not staged as the joined commits left it, or words that tell why that cannot be known; none where
/// all are: each file that the joined commits changed, and HEAD hasn't got so, is staged, and as they left it where nobody else
/// changed it.
pub fn lacks_of_squash(repo: &Repo) -> Option<String> {
    lacking(repo).unwrap_or_else(|_| Some("which cannot be told here".to_owned()))
}

fn lacking(repo: &Repo) -> Result<Option<String>, Error> {
    let path = repo.squash_path();
    let message = std::fs::read(&path).map_err(|error| Error::io(format!("read {}", path.display()), error))?;
    let (Some(&tip), Some(head)) = (named(&message).first(), repo.head()?) else {
        return Ok(Some("no commit is named that was joined".to_owned()));
    };
    let [base] = repo.merge_bases(head, tip)?[..] else {
        return Ok(Some("there is not one merge base".to_owned()));
    };
    let staged: HashSet<BString> = repo.staged_paths(head)?.into_iter().collect();
    let entries = repo.index_files(&|path| staged.contains(path))?;
    let entries = entries.into_iter().filter(|entry| entry.stage == 0);
    let index: HashMap<BString, (Mode, Oid)> =
        entries.map(|entry| (entry.path.clone(), (entry.mode, entry.oid))).collect();
    let mut moved: Option<Moved> = None;
    for file in repo.tree_changes(Some(base), Some(tip), &[])? {
        if stands(repo, head, &file, &file.path, (&staged, &index))? {
            continue;
        }
        if moved.is_none() {
            moved = Some(Moved::since(repo, base, head)?);
        }
        let target = moved.as_ref().and_then(|moved| moved.target(&file.path, file.old.is_none()));
        let stands = match &target {
            Some(target) => stands(repo, head, &file, target, (&staged, &index))?,
            None => false,
        };
        if !stands {
            return Ok(Some(path_text(file.path.as_ref())));
        }
    }
    Ok(None)
}

/// Whether a change of the joined commits is staged at this path, or HEAD has it there.
fn stands(
    repo: &Repo,
    head: Oid,
    file: &FileChange,
    path: &BString,
    (staged, index): (&HashSet<BString>, &HashMap<BString, (Mode, Oid)>),
) -> Result<bool, GitError> {
    let here = repo.file_at(head, path)?;
    Ok(here == file.new || (staged.contains(path) && (here != file.old || index.get(path).copied() == file.new)))
}

/// Where files went since a commit.
pub struct Moved(HashMap<BString, BString>);

impl Moved {
    /// Since `base`, in the history of `tip`.
    ///
    /// # Errors
    /// What git says.
    pub fn since(repo: &Repo, base: Oid, tip: Oid) -> Result<Moved, GitError> {
        let mut known: HashMap<BString, BString> = HashMap::new();
        for (from, to) in repo.renames(tip, &[base])? {
            // Renames one after the other are one.
            for target in known.values_mut().filter(|target| **target == from) {
                target.clone_from(&to);
            }
            known.insert(from, to);
        }
        Ok(Moved(known))
    }

    /// Where a file is now: under its new name, or if it `is_new` in the folder to which most of the files went that were beside
    /// it, as Git has it (merge-ort.c, `get_provisional_directory_renames`). None where as many went to another one.
    #[must_use]
    pub fn target(&self, path: &BString, is_new: bool) -> Option<BString> {
        if let Some(target) = self.0.get(path) {
            return Some(target.clone());
        }
        let (folder, name) = split(path.as_ref());
        let mut folders: HashMap<&[u8], usize> = HashMap::new();
        for (_, target) in self.0.iter().filter(|(from, _)| is_new && split(from.as_ref()).0 == folder) {
            *folders.entry(split(target.as_ref()).0).or_default() += 1;
        }
        let most = folders.values().max()?;
        let mut best = folders.iter().filter(|(_, count)| *count == most);
        let (target, _) = best.next()?;
        best.next().is_none().then(|| [target, name].concat().into())
    }
}

/// The folder of a path, with its slash, and the name.
fn split(path: &BStr) -> (&[u8], &[u8]) {
    let at = path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    path.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_goes_where_most_files_beside_it_went() {
        let moved = |pairs: &[(&str, &str)]| Moved(pairs.iter().map(|&(from, to)| (from.into(), to.into())).collect());
        let target = |moved: &Moved, path: &str| moved.target(&path.into(), true).map(|path| path.to_string());
        for _ in 0..8 {
            // Each map has an order of its own.
            let most = moved(&[("s/a", "x/a"), ("s/b", "y/b"), ("s/c", "y/c"), ("t/d", "x/d"), ("t/e", "x/e")]);
            assert_eq!(target(&most, "s/new").as_deref(), Some("y/new"));
            let even = moved(&[("s/a", "x/a"), ("s/b", "y/b")]);
            assert_eq!(target(&even, "s/new"), None);
        }
        let most = moved(&[("s/a", "x/a")]);
        assert_eq!(target(&most, "other/new"), None);
        assert_eq!(most.target(&"s/b".into(), false), None);
        assert_eq!(most.target(&"s/a".into(), false), Some("x/a".into()));
    }
}
