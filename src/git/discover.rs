//! Where the repository is and what kind it is: one `git rev-parse`.

use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};

use super::process::{Answer, Git, Stream};
use super::quote::unquote_prefix;
use super::{GitError, Result};

/// Parts the answers. `rev-parse` repeats an option that it doesn't know, and a path may hold a newline.
const MARK: &str = "--git-spec-next";

/// What is known about a repository before any object is read. All paths are absolute.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) git_dir: PathBuf,
    pub(super) common_dir: PathBuf,
    pub(super) objects_dir: PathBuf,
    /// Set by receive-pack while pushed objects are in quarantine.
    pub(super) alternates: Vec<PathBuf>,
    pub(super) shallow_file: PathBuf,
    pub(super) work_tree: Option<PathBuf>,
    pub(super) prefix: BString,
    pub(super) is_bare: bool,
    pub(super) is_shallow: bool,
    pub(super) sha256: bool,
}

impl Place {
    /// Begins to ask git about the repository that `start` belongs to; `GIT_DIR` and its like are honoured.
    pub(super) fn ask(start: &Path) -> Result<Stream> {
        Git::new(start, "rev-parse")
            .args(["--is-bare-repository", "--is-shallow-repository", "--show-object-format", MARK])
            .args(["--path-format=absolute", "--git-dir", MARK, "--git-common-dir", MARK])
            .args(["--git-path", "objects", MARK, "--git-path", "shallow", MARK])
            // The last one fails where there is no work tree, after everything else has been said.
            .args(["--show-prefix", MARK, "--show-toplevel"])
            .stream()
    }

    /// What git told to [`Place::ask`].
    pub(super) fn told(start: &Path, asked: Stream) -> Result<Self> {
        let mut place = Self::parse(asked.into_answer()?)?;
        if let Some(list) = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
            let bytes = <[u8]>::from_os_str(&list).unwrap_or_default();
            place.alternates = split_alternates(bytes).into_iter().map(|path| start.join(path)).collect();
        }
        Ok(place)
    }

    fn parse(answer: Answer) -> Result<Self> {
        let mark = format!("{MARK}\n");
        let parts: Vec<&[u8]> = answer.stdout.split_str(&mark).map(chomp).collect();
        let [facts, git_dir, common_dir, objects, shallow, prefix, top] = parts[..] else {
            return Err(GitError::NotARepository { stderr: answer.stderr });
        };
        let facts: Vec<&[u8]> = facts.split(|byte| *byte == b'\n').collect();
        let [bare, is_shallow, format] = facts[..] else {
            return Err(GitError::bad_output("git rev-parse", "not one line for each question"));
        };
        let path = |bytes: &[u8]| bytes.to_path_lossy().into_owned();
        Ok(Self {
            git_dir: path(git_dir),
            common_dir: path(common_dir),
            objects_dir: path(objects),
            alternates: Vec::new(),
            shallow_file: path(shallow),
            work_tree: (!top.is_empty()).then(|| path(top)),
            prefix: prefix.into(),
            is_bare: bare == b"true",
            is_shallow: is_shallow == b"true",
            sha256: format == b"sha256",
        })
    }
}

fn chomp(part: &[u8]) -> &[u8] {
    part.strip_suffix(b"\n").unwrap_or(part)
}

/// Splits `GIT_ALTERNATE_OBJECT_DIRECTORIES` as git(1) describes it: colons (semicolons on Windows), C-quoting allowed.
fn split_alternates(mut list: &[u8]) -> Vec<PathBuf> {
    let separator = if cfg!(windows) { b';' } else { b':' };
    let mut paths = Vec::new();
    while !list.is_empty() {
        let quoted = list.strip_prefix(b"\"").and_then(unquote_prefix);
        let (path, rest) = match quoted {
            Some((path, rest)) => (path, rest.strip_prefix(&[separator]).unwrap_or(rest)),
            None => match list.split_once_str(&[separator]) {
                Some((path, rest)) => (path.into(), rest),
                None => (list.into(), &b""[..]),
            },
        };
        if !path.is_empty() {
            paths.push(path.to_path_lossy().into_owned());
        }
        list = rest;
    }
    paths
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn alternates_are_split_as_git_does() {
        let paths = split_alternates(b"/a b:\"/c:\\td\":/e::");
        assert_eq!(paths, ["/a b", "/c:\td", "/e"].map(PathBuf::from));
    }
}
