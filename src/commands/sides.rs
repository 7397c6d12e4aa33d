//! The two sides of a comparison, from the words that were typed.

use crate::error::Error;
use crate::git::{GitError, Oid, Range, Repo};

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// A commit.
    Commit(Oid),
    /// What is staged.
    Index,
    /// The files as they lie.
    WorkTree,
    /// Nothing: a branch without commits.
    Empty,
}

/// The two sides that a user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    /// Before.
    pub from: Side,
    /// After.
    pub to: Side,
}

impl Sides {
    /// What `diff` compares: `A..B`, `A...B`, `A B`, `A` with the work tree or the index, or HEAD with it.
    pub fn of(repo: &Repo, names: &[String], cached: bool) -> Result<Sides, Error> {
        let here = if cached { Side::Index } else { Side::WorkTree };
        let is_two = |one: &str| one.ends_with("^!") || one.contains("..") || but_parent(one).is_some();
        let one_side = names.is_empty() || matches!(names, [one] if !is_two(one));
        if one_side && !cached && repo.work_tree().is_none() {
            return Err(Error::Usage {
                message: "this repository has no work tree to compare with".to_owned(),
                help: "name two revisions, for example HEAD~1..HEAD".to_owned(),
            });
        }
        if cached && !one_side {
            return Err(Error::Usage {
                message: "--cached compares with what is staged, and two sides are named".to_owned(),
                help: "name one revision, or leave --cached out".to_owned(),
            });
        }
        Ok(match names {
            [] => Sides { from: repo.head()?.map_or(Side::Empty, Side::Commit), to: here },
            [one] if one.ends_with("^!") => {
                let commit = one.trim_end_matches("^!");
                let to = Side::Commit(repo.resolve(commit)?);
                // `X^!` is X without what its parents reach; a root has none.
                let from = repo.resolve(&format!("{commit}^1")).map_or(Side::Empty, Side::Commit);
                Sides { from, to }
            }
            [one] if but_parent(one).is_some() => {
                let (commit, parent) = but_parent(one).unwrap_or((one, "1"));
                Sides {
                    from: Side::Commit(repo.resolve(&format!("{commit}^{parent}"))?),
                    to: Side::Commit(repo.resolve(commit)?),
                }
            }
            [one] => match repo.range(one)? {
                Range::From(oid) => Sides { from: Side::Commit(oid), to: here },
                Range::Between(a, b) => Sides { from: Side::Commit(a), to: Side::Commit(b) },
            },
            // As git reads it, A..B in other words.
            [a, b] | [b, a] if a.starts_with('^') && !b.starts_with('^') => {
                match repo.resolve_all(&[&a[1..], b])?.as_slice() {
                    [a, b] => Sides { from: Side::Commit(*a), to: Side::Commit(*b) },
                    _ => return Err(GitError::UnknownRevision { name: a.clone() }.into()),
                }
            }
            [a, b] => match repo.resolve_all(&[a, b])?.as_slice() {
                [a, b] => Sides { from: Side::Commit(*a), to: Side::Commit(*b) },
                _ => return Err(GitError::UnknownRevision { name: a.clone() }.into()),
            },
            _ => {
                return Err(Error::Usage {
                    message: "diff compares two revisions".to_owned(),
                    help: "git spec diff A..B, or git spec diff A B".to_owned(),
                });
            }
        })
    }

    /// The sides swapped.
    pub fn swapped(self) -> Sides {
        Sides { from: self.to, to: self.from }
    }
}

/// `X^-N`: a commit, and the number of the parent whose history is left out; the first without a number.
fn but_parent(word: &str) -> Option<(&str, &str)> {
    let (commit, parent) = word.rsplit_once("^-")?;
    let is_number = parent.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !commit.is_empty()).then_some((commit, if parent.is_empty() { "1" } else { parent }))
}

/// Whether a word names a revision or a range.
pub fn is_revision(repo: &Repo, word: &str) -> bool {
    let known = |name: &str| {
        matches!(repo.resolve(name), Ok(_) | Err(GitError::MissingObject { .. } | GitError::AmbiguousRevision { .. }))
    };
    if word.contains("..") {
        return word != ".." && repo.range(word).is_ok();
    }
    let name = word.strip_prefix('^').unwrap_or(word);
    let name = ["^!", "^@"].iter().find_map(|mark| name.strip_suffix(mark)).unwrap_or(name);
    let name = but_parent(name).map_or(name, |(commit, _)| commit);
    !name.is_empty() && known(name)
}
