//! Answers about one revision, a file each: found anew where they are missing, and the oldest go when there are many.

use std::path::{Path, PathBuf};

/// What a file begins with: it is ours, and of this form.
const MARK: [u8; 8] = *b"gspeckp1";
/// Who judged: another version of the tool may judge otherwise.
const JUDGE: &[u8; 32] = match env!("GIT_SPEC_JUDGING").as_bytes().first_chunk() {
    Some(judge) => judge,
    None => panic!("32 digits"),
};
/// Mark, judge and check.
const HEAD: usize = 8 + 32 + 4;
/// Files of one sort that are kept: a branch or a revision each.
const MOST: usize = 6;

/// What is kept under a name.
pub enum Kept {
    /// It is whole.
    Whole(Vec<u8>),
    /// It isn't there.
    Nothing,
    /// It is there and damaged.
    Damaged,
}

fn place(directory: &Path, sort: &str, name: &str) -> PathBuf {
    directory.join(format!("{name}.{sort}"))
}

/// Reads what was kept.
pub fn read(directory: &Path, sort: &str, name: &str) -> Kept {
    let Ok(bytes) = super::file::read(&place(directory, sort, name)) else { return Kept::Nothing };
    let check = |body: &[u8]| crc32fast::hash(body).to_le_bytes();
    match bytes.split_at_checked(HEAD) {
        Some((head, body)) if head[..8] == MARK && head[40..] == check(body) => match head[8..40] == *JUDGE {
            true => Kept::Whole(body.to_vec()),
            false => Kept::Nothing,
        },
        _ => {
            let _ = std::fs::remove_file(place(directory, sort, name));
            Kept::Damaged
        }
    }
}

/// The names of what is kept of a sort, those kept last first.
pub fn names(directory: &Path, sort: &str) -> Vec<String> {
    files(directory, sort).into_iter().map(|(_, name)| name).collect()
}

fn files(directory: &Path, sort: &str) -> Vec<(std::cmp::Reverse<std::time::SystemTime>, String)> {
    let ending = format!(".{sort}");
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .flatten()
        .filter_map(|entry| {
            let file = entry.file_name().into_string().ok()?;
            let written = entry.metadata().ok()?.modified().ok()?;
            Some((std::cmp::Reverse(written), file.strip_suffix(&ending)?.to_owned()))
        })
        .collect();
    found.sort();
    found
}

/// Keeps bytes under a name, whole or not at all; what of the sort was kept long ago goes.
///
/// # Errors
/// What the system says; nothing is left behind then.
pub fn write(directory: &Path, sort: &str, name: &str, body: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let temporary = directory.join(format!("writing-{}-{name}.{sort}.new", std::process::id()));
    let bytes = [&MARK[..], JUDGE, &crc32fast::hash(body).to_le_bytes(), body].concat();
    let written =
        std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, place(directory, sort, name)));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    for (_, old) in files(directory, sort).into_iter().skip(MOST) {
        let _ = std::fs::remove_file(place(directory, sort, &old));
    }
    written
}
