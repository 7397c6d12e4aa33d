//! Where the specification was found to be, by tree: looking for it opens hundreds of files.

use std::path::{Path, PathBuf};

use super::Key;

/// Trees that are kept.
const MOST_TREES: usize = 64;

/// The globs that detection gave for a tree.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Detected {
    /// What is included.
    pub include: Vec<String>,
    /// What is left out of that.
    pub exclude: Vec<String>,
    /// Where nothing is included: globs of the prose that there is.
    pub candidates: Vec<String>,
}

/// What detection said of a tree, if this build looked at it before and the note is whole.
pub fn detected(common_dir: &Path, tree: &[u8]) -> Option<Detected> {
    let bytes = super::file::read(&place(common_dir, tree)).ok()?;
    let (check, body) = bytes.split_first_chunk::<4>()?;
    let sound = u32::from_le_bytes(*check) == crc32fast::hash(body);
    let (name, found): (Vec<u8>, Detected) = postcard::from_bytes(sound.then_some(body)?).ok()?;
    (name == tree).then_some(found)
}

/// Keeps what detection said of a tree; where that is impossible, the next run looks again.
pub fn keep_detected(common_dir: &Path, tree: &[u8], found: &Detected) {
    let Ok(body) = postcard::to_allocvec(&(tree, found)) else { return };
    let bytes = [&crc32fast::hash(&body).to_le_bytes()[..], &body].concat();
    put(&place(common_dir, tree), &bytes);
}

/// Writes a small file whole, and takes the oldest of its directory away where there are many.
pub(super) fn put(path: &Path, bytes: &[u8]) {
    let Some(directory) = path.parent() else { return };
    if std::fs::create_dir_all(directory).is_err() {
        return;
    }
    let temporary = directory.join(format!("writing-{}", std::process::id()));
    let written = std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    forget_the_oldest(directory);
}

fn place(common_dir: &Path, tree: &[u8]) -> PathBuf {
    let name = Key::of(&[b"detected", tree]).hex();
    common_dir.join("spec").join("detected").join(name)
}

fn forget_the_oldest(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut files: Vec<_> =
        entries.flatten().filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    files.sort();
    let too_many = files.len().saturating_sub(MOST_TREES);
    for (_, path) in files.into_iter().take(too_many) {
        let _ = std::fs::remove_file(path);
    }
}
