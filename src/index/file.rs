//! Opening what lies below `spec/`: in a repository that came from elsewhere it may be anything.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::Path;

/// More bytes than this are read of no file that is read whole: those of a million clauses are fewer.
const MOST: u64 = 512 << 20;

/// Opens a regular file, without waiting for the other end of a pipe.
pub(super) fn open(path: &Path) -> Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(Error::new(ErrorKind::NotFound, "no regular file")),
    }
}

/// All of a file, unless it is too large for one of ours.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let file = open(path)?;
    let size = file.metadata()?.len();
    if size > MOST {
        return Err(Error::new(ErrorKind::FileTooLarge, "larger than any that is written here"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
