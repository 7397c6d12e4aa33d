//! A file of the index: bodies, then a table of commits, then where the table is. Written once, under a name that says
//! its content; never changed.
//!
//! | part | bytes |
//! |---|---|
//! | mark and format | 8 |
//! | key | 16 |
//! | bodies | the facts of commits, in `postcard` |
//! | table | by commit: length of the id, id, check of the parents, flags, place, length, check of the body |
//! | tail | tips and names of segments it rests on, in `postcard` |
//! | foot | places of table and tail, number of entries, width of the ids, check of all but the bodies |
//!
//! Checks are CRC-32, which notices every damaged byte.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The ending of a segment's name.
pub const ENDING: &str = ".facts";
const MARK: [u8; 8] = *b"gspecix1";
/// Table place, tail place, entries, width, check.
const FOOT: usize = 8 + 8 + 8 + 4 + 4;
const HEAD: usize = 8 + 16;
/// What a table row holds behind the id.
const ROW: usize = 4 + 1 + 8 + 4 + 4;
/// A file that was left behind by a process that was killed while it wrote, after this many seconds.
const LEFT_BEHIND: u64 = 3600;

const FACTS: u8 = 1;
const MESSAGE: u8 = 2;
const LINKS: u8 = 4;
const REVERTS: u8 = 8;

/// What is known of a commit.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    parents: u32,
    flags: u8,
    place: u64,
    /// Bytes of the body; 0 for a commit that did nothing to the specification.
    pub length: u32,
    check: u32,
    /// The body, as long as it isn't written.
    pub body: Vec<u8>,
}

impl Entry {
    /// Facts for these parents.
    pub fn of_facts(parents: &[u8], body: Vec<u8>) -> Entry {
        let (length, check) = (u32::try_from(body.len()).unwrap_or(u32::MAX), crc32fast::hash(&body));
        Entry { parents: crc32fast::hash(parents), flags: FACTS, place: 0, length, check, body }
    }

    /// Whether the message may hold a link, and whether it may say that it reverts a commit.
    pub fn of_message(may_link: bool, may_revert: bool) -> Entry {
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        Entry { flags: MESSAGE | flag(may_link, LINKS) | flag(may_revert, REVERTS), ..Entry::default() }
    }

    /// Whether the facts for these parents are known.
    pub fn has_facts(&self, parents: &[u8]) -> bool {
        self.flags & FACTS != 0 && self.parents == crc32fast::hash(parents)
    }

    /// Whether the message may hold a link, if it was looked at.
    pub fn may_link(&self) -> Option<bool> {
        (self.flags & MESSAGE != 0).then_some(self.flags & LINKS != 0)
    }

    /// Whether the message may say that it reverts a commit.
    fn may_revert(&self) -> bool {
        self.flags & MESSAGE != 0 && self.flags & REVERTS != 0
    }

    /// Adds what another entry of the same commit knows.
    pub fn join(&mut self, other: Entry) {
        if other.flags & FACTS != 0 {
            let flags = self.flags | other.flags;
            *self = Entry { flags, ..other };
        } else {
            self.flags |= other.flags;
        }
    }
}

/// A segment that is open for reading.
#[derive(Debug)]
pub struct Segment {
    name: String,
    file: File,
    table: Vec<u8>,
    width: usize,
    bodies: u64,
    tips: Vec<Vec<u8>>,
    rests_on: Vec<String>,
    /// How many bodies were asked for.
    asked: AtomicUsize,
    /// The bodies by blocks, each read when it is first asked for once many were; none where they are too many to be held.
    blocks: Vec<OnceLock<Option<Vec<u8>>>>,
}

/// So many bodies are read one by one: the first screen needs no more.
const FEW_BODIES: usize = 256;
/// Bytes of bodies that are held at most.
const MOST_HELD: u64 = 16 << 20;
/// Bytes that are read at once: few enough that no worker waits long for another one's block.
const BLOCK: u64 = 256 << 10;

impl Segment {
    /// Opens a segment; `None` for one that is damaged or of another key.
    ///
    /// # Errors
    /// What the system says of a file that isn't there or cannot be read.
    pub fn open(path: &Path, key: [u8; 16]) -> std::io::Result<Option<Segment>> {
        let mut file = super::file::open(path)?;
        let size = file.metadata()?.len();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Segment::read(&mut file, size, key)?.map(|(table, width, bodies, (tips, rests_on))| Segment {
            name,
            file,
            table,
            width,
            bodies,
            tips,
            rests_on,
            asked: AtomicUsize::new(0),
            blocks: (0..if bodies <= MOST_HELD { bodies.div_ceil(BLOCK) } else { 0 })
                .map(|_| OnceLock::new())
                .collect(),
        }))
    }

    #[allow(clippy::type_complexity, reason = "the parts of a file, taken apart by the only caller")]
    fn read(
        file: &mut File,
        size: u64,
        key: [u8; 16],
    ) -> std::io::Result<Option<(Vec<u8>, usize, u64, (Vec<Vec<u8>>, Vec<String>))>> {
        if size < (HEAD + FOOT) as u64 {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        file.read_exact(&mut head)?;
        let mut foot = [0; FOOT];
        file.seek(SeekFrom::Start(size - FOOT as u64))?;
        file.read_exact(&mut foot)?;
        let Some(Foot { table, tail, entries, width, check }) = Foot::parse(&foot) else { return Ok(None) };
        let end = size - FOOT as u64;
        let row = width as u64 + ROW as u64;
        let sound = table >= HEAD as u64 && table <= tail && tail <= end && matches!(width, 20 | 32);
        if !sound || head[..8] != MARK || head[8..] != key || entries.checked_mul(row) != Some(tail - table) {
            return Ok(None);
        }
        let mut rest = vec![0; usize::try_from(end - table).unwrap_or(0)];
        file.seek(SeekFrom::Start(table))?;
        file.read_exact(&mut rest)?;
        let mut hash = crc32fast::Hasher::new();
        hash.update(&head);
        hash.update(&rest);
        hash.update(&foot[..FOOT - 4]);
        if hash.finalize() != check {
            return Ok(None);
        }
        let tail = rest.split_off(usize::try_from(tail - table).unwrap_or(0));
        let Ok(lists) = postcard::from_bytes(&tail) else { return Ok(None) };
        Ok(Some((rest, width as usize, table, lists)))
    }

    /// The name of its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Commits behind which every message is known to it and to those it rests on.
    pub fn tips(&self) -> &[Vec<u8>] {
        &self.tips
    }

    /// The segments that were there when it was written.
    pub fn rests_on(&self) -> &[String] {
        &self.rests_on
    }

    fn rows(&self) -> impl Iterator<Item = (&[u8], Entry)> {
        let rows = self.table.chunks_exact(self.width + ROW);
        rows.map(|row| (&row[..self.width], entry(&row[self.width..])))
    }

    /// The entry of a commit.
    pub fn find(&self, commit: &[u8]) -> Option<Entry> {
        let row = self.width + ROW;
        let count = self.table.len() / row;
        let id = |at: usize| &self.table[at * row..at * row + self.width];
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if id(middle) < commit { low = middle + 1 } else { high = middle }
        }
        (low < count && id(low) == commit).then(|| entry(&self.table[low * row + self.width..(low + 1) * row]))
    }

    /// Commits whose message may hold a link.
    pub fn may_all_link(&self) -> Vec<Vec<u8>> {
        self.rows().filter(|(_, entry)| entry.may_link() == Some(true)).map(|(id, _)| id.to_vec()).collect()
    }

    /// Commits whose message may say that it reverts another.
    pub fn may_all_revert(&self) -> Vec<Vec<u8>> {
        self.rows().filter(|(_, entry)| entry.may_revert()).map(|(id, _)| id.to_vec()).collect()
    }

    /// The facts of an entry; `None` where they are damaged.
    pub fn body(&self, entry: &Entry) -> Option<Cow<'_, [u8]>> {
        let end = entry.place.checked_add(u64::from(entry.length))?;
        if end > self.bodies {
            return None;
        }
        let body = match self.in_memory(entry.place, end) {
            Some(body) => Cow::Borrowed(body),
            None => {
                let mut body = vec![0; entry.length as usize];
                read_at(&self.file, &mut body, entry.place).ok()?;
                Cow::Owned(body)
            }
        };
        (crc32fast::hash(&body) == entry.check).then_some(body)
    }

    /// A body, if it lies in a block that is held. A walk through all of history asks for nearly each of them, in no order.
    fn in_memory(&self, start: u64, end: u64) -> Option<&[u8]> {
        if self.blocks.is_empty() || self.asked.fetch_add(1, Ordering::Relaxed) < FEW_BODIES {
            return None;
        }
        let number = start / BLOCK;
        let from = number * BLOCK;
        let block = self.blocks.get(usize::try_from(number).ok()?)?;
        let block = block.get_or_init(|| {
            let mut block = vec![0; usize::try_from(BLOCK.min(self.bodies - from)).ok()?];
            read_at(&self.file, &mut block, from).ok()?;
            Some(block)
        });
        block.as_ref()?.get(usize::try_from(start - from).ok()?..usize::try_from(end - from).ok()?)
    }
}

/// Reads from a place of a file that others read at the same time.
#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], place: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, place)
}

/// Reads from a place of a file that others read at the same time.
#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut place: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, place)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                place += read as u64;
            }
        }
    }
    Ok(())
}

fn entry(row: &[u8]) -> Entry {
    let number = |from: usize| u32::from_le_bytes([row[from], row[from + 1], row[from + 2], row[from + 3]]);
    Entry {
        parents: number(0),
        flags: row[4],
        place: u64::from(number(5)) | u64::from(number(9)) << 32,
        length: number(13),
        check: number(17),
        body: Vec::new(),
    }
}

struct Foot {
    table: u64,
    tail: u64,
    entries: u64,
    width: u32,
    check: u32,
}

impl Foot {
    fn parse(foot: &[u8; FOOT]) -> Option<Foot> {
        let long = |at: usize| Some(u64::from_le_bytes(foot.get(at..at + 8)?.try_into().ok()?));
        let short = |at: usize| Some(u32::from_le_bytes(foot.get(at..at + 4)?.try_into().ok()?));
        Some(Foot { table: long(0)?, tail: long(8)?, entries: long(16)?, width: short(24)?, check: short(28)? })
    }
}

/// Writes a segment under a temporary name and gives it its own when it is whole. Answers the name.
///
/// # Errors
/// What the system says; nothing is left behind then.
pub fn write(
    directory: &Path,
    key: [u8; 16],
    entries: &HashMap<Vec<u8>, Entry>,
    tips: &[Vec<u8>],
    rests_on: &[String],
) -> std::io::Result<String> {
    let temporary = directory.join(format!("writing-{}-{:08x}", std::process::id(), noise()));
    let written = write_to(&temporary, key, entries, tips, rests_on).and_then(|check| {
        let name = format!("{check:08x}-{:08x}{ENDING}", noise());
        std::fs::rename(&temporary, directory.join(&name)).map(|()| name)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn write_to(
    path: &Path,
    key: [u8; 16],
    entries: &HashMap<Vec<u8>, Entry>,
    tips: &[Vec<u8>],
    rests_on: &[String],
) -> std::io::Result<u32> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create_new(path)?);
    let mut hash = crc32fast::Hasher::new();
    let head = [&MARK[..], &key[..]].concat();
    hash.update(&head);
    out.write_all(&head)?;
    let mut place = HEAD as u64;
    let mut sorted: Vec<(&Vec<u8>, &Entry)> = entries.iter().collect();
    sorted.sort_unstable_by_key(|(id, _)| *id);
    let width = sorted.first().map_or(20, |(id, _)| id.len());
    sorted.retain(|(id, _)| id.len() == width);
    let mut table = Vec::with_capacity(sorted.len() * (width + ROW));
    for (id, entry) in &sorted {
        out.write_all(&entry.body)?;
        table.extend_from_slice(id);
        table.extend_from_slice(&entry.parents.to_le_bytes());
        table.push(entry.flags);
        table.extend_from_slice(&place.to_le_bytes());
        table.extend_from_slice(&entry.length.to_le_bytes());
        table.extend_from_slice(&entry.check.to_le_bytes());
        place += entry.body.len() as u64;
    }
    let tail = postcard::to_allocvec(&(tips, rests_on)).map_err(std::io::Error::other)?;
    let mut foot = Vec::with_capacity(FOOT);
    foot.extend_from_slice(&place.to_le_bytes());
    foot.extend_from_slice(&(place + table.len() as u64).to_le_bytes());
    foot.extend_from_slice(&(sorted.len() as u64).to_le_bytes());
    foot.extend_from_slice(&(width as u32).to_le_bytes());
    hash.update(&table);
    hash.update(&tail);
    hash.update(&foot);
    let check = hash.finalize();
    out.write_all(&table)?;
    out.write_all(&tail)?;
    out.write_all(&foot)?;
    out.write_all(&check.to_le_bytes())?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    Ok(check)
}

/// Joins all segments of a directory into one and removes them. Answers its name.
///
/// # Errors
/// What the system says; then the segments stay.
pub fn join(directory: &Path, key: [u8; 16]) -> std::io::Result<String> {
    let mut entries: HashMap<Vec<u8>, Entry> = HashMap::new();
    let mut tips: Vec<Vec<u8>> = Vec::new();
    let mut joined = Vec::new();
    for name in super::segment_names(directory) {
        // What can't be opened stays where it is.
        let Ok(Some(segment)) = Segment::open(&directory.join(&name), key) else { continue };
        for (id, mut entry) in segment.rows() {
            match segment.body(&entry) {
                Some(body) => entry.body = body.into_owned(),
                None => entry = Entry { flags: entry.flags & !FACTS, ..Entry::default() },
            }
            match entries.get_mut(id) {
                Some(known) => known.join(entry),
                None => {
                    entries.insert(id.to_vec(), entry);
                }
            }
        }
        joined.push(segment);
    }
    let names: Vec<&str> = joined.iter().map(Segment::name).collect();
    for segment in &joined {
        if segment.rests_on().iter().all(|name| names.contains(&name.as_str())) {
            tips.extend(segment.tips().iter().cloned());
        }
    }
    tips.dedup();
    let tips = &tips[tips.len().saturating_sub(MOST_TIPS)..];
    let name = write(directory, key, &entries, tips, &[])?;
    for segment in joined {
        let gone = segment.name.clone();
        drop(segment);
        let _ = std::fs::remove_file(directory.join(gone));
    }
    remove_left_behind(directory);
    Ok(name)
}

/// Tips that are kept when segments are joined: a branch each, the newest.
const MOST_TIPS: usize = 64;

fn remove_left_behind(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let old = entry.metadata().and_then(|facts| facts.modified()).ok().and_then(|time| time.elapsed().ok());
        let is_old = old.is_some_and(|age| age.as_secs() > LEFT_BEHIND);
        if is_old && entry.file_name().to_string_lossy().starts_with("writing-") {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Something that two names don't share.
pub(super) fn noise() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    RandomState::new().hash_one((time, std::process::id())) as u32
}
