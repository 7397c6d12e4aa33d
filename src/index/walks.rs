//! Walks that git told before, a file each: found anew where they are missing or damaged, and the oldest go when there are
//! many.
//!
//! | part | bytes |
//! |---|---|
//! | mark | 8 |
//! | key | 16 |
//! | blocks | length of the body, its check, the body: up to 512 commits in `postcard`; the last block has none |
//!
//! A check is the CRC-32 of the number of the block and its body, so that no block stands for another.

use std::fs::File;
use std::io::{BufReader, BufWriter, Error, ErrorKind, Read, Result, Write};
use std::path::{Path, PathBuf};

use bstr::BString;
use serde::{Deserialize, Serialize};

use super::Key;

const MARK: [u8; 8] = *b"gspecwk1";
/// Commits of a block: the first ones are told when one was read.
const BLOCK: usize = 512;
/// Walks that are kept, and bytes of all of them together.
const MOST_WALKS: usize = 8;
const MOST_BYTES: u64 = 64 << 20;
/// Bytes of one walk; a longer one isn't kept.
const LARGEST: u64 = 32 << 20;
/// What a file is called while it is written.
const WRITING: &str = "writing-";
/// A file that was left behind by a process that was killed while it wrote, after this many seconds.
const LEFT_BEHIND: u64 = 3600;

/// A commit as git told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its id.
    pub commit: BString,
    /// The ids of its parents, one behind the other.
    pub parents: BString,
    /// The author, by mailmap.
    pub author: BString,
    /// The author date in seconds since 1970.
    pub time: i64,
    /// The author date in strict ISO 8601.
    pub strict: BString,
    /// First line of the message.
    pub subject: BString,
}

/// The key of a walk: what it rests on, where it begins, in which order it goes.
pub fn walk_key(ground: &[u8], tip: &[u8], order: &[u8]) -> Key {
    Key::of(&[b"walk", env!("GIT_SPEC_JUDGING").as_bytes(), ground, tip, order])
}

fn directory(common_dir: &Path) -> PathBuf {
    common_dir.join("spec").join("walks")
}

/// Whether any walk is kept.
pub fn has_walks(common_dir: &Path) -> bool {
    std::fs::read_dir(directory(common_dir)).is_ok_and(|mut files| files.next().is_some())
}

fn check(number: u32, body: &[u8]) -> u32 {
    let mut hash = crc32fast::Hasher::new();
    hash.update(&number.to_le_bytes());
    hash.update(body);
    hash.finalize()
}

/// A kept walk, read block by block.
#[derive(Debug)]
pub struct KeptWalk {
    file: BufReader<File>,
    path: PathBuf,
    left: u64,
    number: u32,
}

/// A block that isn't what was written.
#[derive(Debug)]
pub struct Damaged;

impl KeptWalk {
    /// Opens a walk, if it is kept.
    pub fn open(common_dir: &Path, key: Key) -> Option<KeptWalk> {
        let path = directory(common_dir).join(key.hex());
        let file = super::file::open(&path).ok()?;
        let left = file.metadata().ok()?.len();
        let mut walk = KeptWalk { file: BufReader::with_capacity(64 << 10, file), path, left, number: 0 };
        let head = walk.take(MARK.len() + key.0.len());
        if head.is_none_or(|head| head != [&MARK[..], &key.0].concat()) {
            walk.forget();
            return None;
        }
        Some(walk)
    }

    /// The next commits, in order; none at the end.
    ///
    /// # Errors
    /// [`Damaged`], when the walk is forgotten; what came before is sound.
    pub fn block(&mut self) -> std::result::Result<Vec<Step>, Damaged> {
        let block = self.sound_block();
        if block.is_none() {
            self.forget();
        }
        block.ok_or(Damaged)
    }

    /// The ids of the commits in the blocks that weren't read yet, in order; those before a damaged block.
    pub fn ids_behind(&self) -> Vec<BString> {
        let mut ids = Vec::new();
        let Ok(file) = super::file::open(&self.path) else { return ids };
        let Ok(left) = file.metadata().map(|facts| facts.len()) else { return ids };
        let file = BufReader::with_capacity(64 << 10, file);
        let mut again = KeptWalk { file, path: self.path.clone(), left, number: 0 };
        if again.take(MARK.len() + 16).is_none() {
            return ids;
        }
        while let Some(body) = again.body().filter(|body| !body.is_empty()) {
            if again.number > self.number {
                let steps: Vec<Step> = postcard::from_bytes(&body).unwrap_or_default();
                ids.extend(steps.into_iter().map(|step| step.commit));
            }
        }
        ids
    }

    fn sound_block(&mut self) -> Option<Vec<Step>> {
        let body = self.body()?;
        if body.is_empty() {
            return Some(Vec::new());
        }
        let steps: Vec<Step> = postcard::from_bytes(&body).ok()?;
        (!steps.is_empty()).then_some(steps)
    }

    fn body(&mut self) -> Option<Vec<u8>> {
        let head = self.take(8)?;
        let (length, sum) = head.split_first_chunk::<4>()?;
        let body = self.take(u32::from_le_bytes(*length) as usize)?;
        let sound = sum == check(self.number, &body).to_le_bytes();
        self.number += 1;
        sound.then_some(body)
    }

    fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        // A damaged length asks for no more than there is.
        self.left = self.left.checked_sub(length as u64)?;
        let mut bytes = vec![0; length];
        self.file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Nobody can use it any more; where it cannot be removed it is passed over each time.
    fn forget(&self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A walk that is being kept: it gets its name when it is whole, and goes when it doesn't become so.
#[derive(Debug)]
pub struct WalkKeeper {
    directory: PathBuf,
    key: Key,
    waiting: Vec<Step>,
    file: Option<(PathBuf, BufWriter<File>)>,
    written: u64,
    number: u32,
}

impl WalkKeeper {
    /// Nothing is written yet.
    pub fn new(common_dir: &Path, key: Key) -> WalkKeeper {
        WalkKeeper { directory: directory(common_dir), key, waiting: Vec::new(), file: None, written: 0, number: 0 }
    }

    /// Whether it is kept under this key.
    pub fn is_for(&self, key: Key) -> bool {
        self.key == key
    }

    /// Adds a commit. `false` where the walk is too long to be kept.
    ///
    /// # Errors
    /// What the system says.
    pub fn add(&mut self, step: Step) -> Result<bool> {
        self.waiting.push(step);
        if self.waiting.len() >= BLOCK {
            self.write_block()?;
        }
        Ok(self.written <= LARGEST)
    }

    /// The walk is whole.
    ///
    /// # Errors
    /// What the system says; nothing is left behind then.
    pub fn finish(mut self) -> Result<()> {
        if !self.waiting.is_empty() {
            self.write_block()?;
        }
        self.write_body(&[])?;
        let Some((path, file)) = self.file.take() else { return Ok(()) };
        let written = file.into_inner().map_err(std::io::IntoInnerError::into_error);
        let named = written.and_then(|_| std::fs::rename(&path, self.directory.join(self.key.hex())));
        if named.is_err() {
            let _ = std::fs::remove_file(&path);
        }
        forget_the_oldest(&self.directory);
        named
    }

    fn write_block(&mut self) -> Result<()> {
        let body = postcard::to_allocvec(&self.waiting).map_err(Error::other)?;
        self.waiting.clear();
        self.write_body(&body)
    }

    fn write_body(&mut self, body: &[u8]) -> Result<()> {
        let length = u32::try_from(body.len()).map_err(Error::other)?;
        let sum = check(self.number, body);
        let file = self.file()?;
        file.write_all(&length.to_le_bytes())?;
        file.write_all(&sum.to_le_bytes())?;
        file.write_all(body)?;
        self.number += 1;
        self.written += u64::from(length) + 8;
        Ok(())
    }

    fn file(&mut self) -> Result<&mut BufWriter<File>> {
        if self.file.is_none() {
            std::fs::create_dir_all(&self.directory)?;
            let name = format!("{WRITING}{}-{}-{:08x}", self.key.hex(), std::process::id(), super::segment::noise());
            let path = self.directory.join(name);
            let mut file = BufWriter::new(File::create_new(&path)?);
            let head = file.write_all(&MARK).and_then(|()| file.write_all(&self.key.0));
            // Kept before anything can fail, so that it goes with the rest.
            self.file = Some((path, file));
            head?;
        }
        self.file.as_mut().map(|(_, file)| file).ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl Drop for WalkKeeper {
    fn drop(&mut self) {
        if let Some((path, file)) = self.file.take() {
            // What is still held back for it is for nobody.
            let _ = file.into_parts();
            let _ = std::fs::remove_file(path);
        }
    }
}

fn forget_the_oldest(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut walks = Vec::new();
    for entry in entries.flatten() {
        let Some((meta, time)) = entry.metadata().ok().and_then(|meta| Some((meta.len(), meta.modified().ok()?)))
        else {
            continue;
        };
        if !entry.file_name().to_string_lossy().starts_with(WRITING) {
            walks.push((std::cmp::Reverse(time), meta, entry.path()));
        } else if time.elapsed().is_ok_and(|age| age.as_secs() > LEFT_BEHIND) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    walks.sort();
    let mut bytes = 0;
    for (at, (_, size, path)) in walks.into_iter().enumerate() {
        bytes += size;
        if at >= MOST_WALKS || bytes > MOST_BYTES {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(number: u32) -> Step {
        Step {
            commit: vec![1; 20].into(),
            parents: vec![2; 40].into(),
            author: "A".into(),
            time: i64::from(number),
            strict: "2026-01-31T12:00:00+01:00".into(),
            subject: format!("Commit {number}").into(),
        }
    }

    fn kept(directory: &Path, key: Key, count: u32) {
        let mut keeper = WalkKeeper::new(directory, key);
        (0..count).for_each(|number| assert!(keeper.add(step(number)).unwrap()));
        keeper.finish().unwrap();
    }

    /// All commits until the end or the first damage, and whether the end was reached.
    fn read(directory: &Path, key: Key) -> (Vec<Step>, bool) {
        let Some(mut walk) = KeptWalk::open(directory, key) else { return (Vec::new(), false) };
        let mut all = Vec::new();
        loop {
            match walk.block() {
                Ok(block) if block.is_empty() => return (all, true),
                Ok(block) => all.extend(block),
                Err(Damaged) => return (all, false),
            }
        }
    }

    #[test]
    fn what_is_kept_is_told_again() {
        let directory = tempfile::tempdir().unwrap();
        for count in [1_u32, 511, 512, 513, 2000] {
            let key = walk_key(b"ground", &count.to_le_bytes(), b"");
            assert_eq!(read(directory.path(), key), (Vec::new(), false));
            kept(directory.path(), key, count);
            assert_eq!(read(directory.path(), key), ((0..count).map(step).collect(), true));
        }
    }

    #[test]
    fn what_is_not_finished_is_not_kept() {
        let directory = tempfile::tempdir().unwrap();
        let key = walk_key(b"", b"", b"");
        let mut keeper = WalkKeeper::new(directory.path(), key);
        (0..1000).for_each(|number| assert!(keeper.add(step(number)).unwrap()));
        assert!(has_walks(directory.path()), "it is being written");
        drop(keeper);
        assert!(!has_walks(directory.path()));
    }

    #[test]
    fn any_damage_is_noticed_before_what_it_belongs_to_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let key = walk_key(b"ground", b"tip", b"");
        kept(directory.path(), key, 600);
        let path = directory.path().join("spec/walks").join(key.hex());
        let whole = std::fs::read(&path).unwrap();
        let truth: Vec<Step> = (0..600).map(step).collect();
        for at in (0..whole.len()).filter(|at| at % 61 == 0 || *at < 64 || at + 64 >= whole.len()) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            for bytes in [&damaged[..], &whole[..at]] {
                std::fs::write(&path, bytes).unwrap();
                let (told, ended) = read(directory.path(), key);
                assert!(!ended && truth.starts_with(&told), "byte {at}");
                assert!(!path.exists(), "it is forgotten");
            }
        }
    }

    #[test]
    fn the_oldest_go() {
        let directory = tempfile::tempdir().unwrap();
        let key = |number: u32| walk_key(b"", &number.to_le_bytes(), b"");
        (0..12).for_each(|number| {
            kept(directory.path(), key(number), 1);
            std::thread::sleep(std::time::Duration::from_millis(5));
        });
        let there: Vec<u32> =
            (0..12).filter(|&number| KeptWalk::open(directory.path(), key(number)).is_some()).collect();
        assert_eq!(there, (4..12).collect::<Vec<_>>());
    }
}
