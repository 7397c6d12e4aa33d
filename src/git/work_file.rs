//! Files of the work tree, read so that nothing planted there can lead outside or hang the reader.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use bstr::{BStr, ByteSlice};

use super::{GitError, Repo, Result};

/// The largest file that is read, in bytes. The largest specification in the corpora is far below a tenth of it.
pub const WORK_FILE_LIMIT: u64 = 64 * 1024 * 1024;

/// What stands at a path of the work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkFile {
    /// A regular file with its bytes, as they are on disk: no filter, no conversion of line ends.
    Regular(Vec<u8>),
    /// Nothing, or a path that goes through something that is no directory.
    Missing,
    /// A symbolic link, there or on the way to it. It is not followed.
    Symlink,
    /// A directory, a device, a pipe, or a path that leads out of the work tree.
    NotRegular,
    /// A regular file of so many bytes, more than [`WORK_FILE_LIMIT`].
    TooLarge(u64),
}

impl Repo {
    /// Reads a file of the work tree; `path` is from its top, with `/`. Symbolic links are followed nowhere below it.
    ///
    /// # Errors
    ///
    /// [`GitError::NoWorkTree`]; [`GitError::Io`] where a file that is there cannot be read.
    pub fn work_file(&self, path: &BStr) -> Result<WorkFile> {
        let top = self.work_tree().ok_or(GitError::NoWorkTree)?;
        let Some(relative) = inside(path) else {
            return Ok(WorkFile::NotRegular);
        };
        let full = top.join(&relative);
        match look(top, &relative).and_then(|found| found.map_or_else(|| read(&full), Ok)) {
            Ok(found) => Ok(found),
            Err(error) if is_missing(&error) => Ok(WorkFile::Missing),
            Err(error) => Err(GitError::io(full, error)),
        }
    }
}

/// The path as the operating system writes it; none where it is not a plain way downwards.
fn inside(path: &BStr) -> Option<PathBuf> {
    let relative = path.to_path().ok()?;
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let same = relative.components().count() == path.split(|byte| *byte == b'/').count();
    (plain && same && !path.contains(&0)).then(|| relative.to_owned())
}

/// Looks at each component without following any. None where a regular file may be there.
fn look(top: &Path, relative: &Path) -> std::io::Result<Option<WorkFile>> {
    let mut here = top.to_owned();
    for part in relative.components() {
        here.push(part);
        if here.symlink_metadata()?.file_type().is_symlink() {
            return Ok(Some(WorkFile::Symlink));
        }
    }
    let is_file = here.symlink_metadata()?.is_file();
    Ok((!is_file).then_some(WorkFile::NotRegular))
}

fn read(path: &Path) -> std::io::Result<WorkFile> {
    let file = open(path)?;
    // What was looked at may have been exchanged since; only what is open counts.
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Ok(WorkFile::NotRegular);
    }
    if facts.len() > WORK_FILE_LIMIT {
        return Ok(WorkFile::TooLarge(facts.len()));
    }
    let mut bytes = Vec::new();
    let size = file.take(WORK_FILE_LIMIT + 1).read_to_end(&mut bytes)? as u64;
    Ok(if size > WORK_FILE_LIMIT { WorkFile::TooLarge(size) } else { WorkFile::Regular(bytes) })
}

/// Opens without following a link and without waiting for the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC).open(path)
}

/// Elsewhere the look before the reading has to do.
#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename)
}
