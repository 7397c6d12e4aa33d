//! What spec files were called before, by the commit from which it was looked for.

use std::path::Path;

use bstr::BString;

use super::Key;

/// Commits that are kept.
const MOST_TIPS: usize = 8;

/// The former names of the files of a spec set.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FormerNames {
    /// The commit from which history was searched.
    pub tip: Vec<u8>,
    /// All names.
    pub found: Vec<BString>,
    /// Those at which nothing else stands now.
    pub names: Vec<BString>,
}

/// What was found for a spec set, the newest first; nothing where the note is damaged.
pub fn former_names(common_dir: &Path, key: Key) -> Vec<FormerNames> {
    read(common_dir, key).unwrap_or_default()
}

fn read(common_dir: &Path, key: Key) -> Option<Vec<FormerNames>> {
    let bytes = super::file::read(&common_dir.join("spec").join("former").join(key.hex())).ok()?;
    let (check, body) = bytes.split_first_chunk::<4>()?;
    let sound = u32::from_le_bytes(*check) == crc32fast::hash(body);
    let (name, found): ([u8; 16], Vec<FormerNames>) = postcard::from_bytes(sound.then_some(body)?).ok()?;
    (name == key.0).then_some(found)
}

/// Keeps what was found; where that is impossible, the next run looks again.
pub fn keep_former_names(common_dir: &Path, key: Key, found: FormerNames) {
    let mut all = former_names(common_dir, key);
    all.retain(|known| known.tip != found.tip);
    all.insert(0, found);
    all.truncate(MOST_TIPS);
    let Ok(body) = postcard::to_allocvec(&(key.0, all)) else { return };
    let bytes = [&crc32fast::hash(&body).to_le_bytes()[..], &body].concat();
    super::detected::put(&common_dir.join("spec").join("former").join(key.hex()), &bytes);
}
