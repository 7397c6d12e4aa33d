//! What git's answer to a walk rests on besides the commits that it tells: as long as all of it is the same, so is the
//! answer.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use bstr::ByteSlice;

use super::{Repo, Result, WorkFile};

/// Settings that may have a say in which commits there are, in which order, and how they are told.
const SETTINGS: [&str; 7] = ["core.", "commitgraph.", "extensions.", "feature.", "i18n.", "log.", "mailmap."];
/// Object stores that are looked at, borrowed ones included.
const MOST_STORES: usize = 32;
/// How a script begins.
const SCRIPT: &[u8; 2] = b"#!";

impl Repo {
    /// The program, settings, mailmap and commit graphs of a walk, as bytes that are the same where these are. None where
    /// that cannot be told for certain, and in a shallow repository.
    ///
    /// # Errors
    ///
    /// Those of [`Repo::config`].
    pub fn ground(&self) -> Result<Option<Vec<u8>>> {
        if self.is_shallow() || self.is_bare() != self.work_tree().is_none() {
            return Ok(None);
        }
        let parts = [program(), self.settings()?, self.mailmap(), self.commit_graphs()];
        Ok(parts.into_iter().try_fold(Vec::new(), |mut all, part| {
            push(&mut all, &part?);
            Some(all)
        }))
    }

    fn settings(&self) -> Result<Option<Vec<u8>>> {
        let mut all = Vec::new();
        for (key, value) in self.config()?.entries().filter(|(key, _)| SETTINGS.iter().any(|one| key.starts_with(one)))
        {
            push(&mut all, key.as_bytes());
            push(&mut all, value.map_or(b"", |value| value.as_bytes()));
        }
        Ok(Some(all))
    }

    /// The mailmap where git looks for it by itself (gitmailmap(5)).
    fn mailmap(&self) -> Option<Vec<u8>> {
        let config = self.config().ok()?;
        if config.get("mailmap.file").is_some() || config.get("mailmap.blob").is_some() {
            return None;
        }
        if self.work_tree().is_some() {
            return match self.work_file(".mailmap".into()).ok()? {
                WorkFile::Missing => Some(Vec::new()),
                WorkFile::Regular(bytes) => Some([b"file ", &bytes[..]].concat()),
                _ => None,
            };
        }
        let found = match self.head().ok()? {
            Some(head) => self.file_at(head, &".mailmap".into()).ok()?,
            None => None,
        };
        Some(found.map(|(_, blob)| [b"blob ", blob.as_bytes()].concat()).unwrap_or_default())
    }

    /// The commit graphs of all object stores (gitformat-commit-graph(5)): git takes the parents and dates of commits from
    /// them.
    fn commit_graphs(&self) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        let mut stores: Vec<PathBuf> =
            std::iter::once(&self.place.objects_dir).chain(&self.place.alternates).cloned().collect();
        let mut at = 0;
        while let Some(store) = stores.get(at).cloned() {
            at += 1;
            push(&mut all, store.as_os_str().as_encoded_bytes());
            graphs(&store.join("info"), &mut all)?;
            for other in borrowed(&store)? {
                if !stores.contains(&other) {
                    stores.push(other);
                }
            }
            if stores.len() > MOST_STORES {
                return None;
            }
        }
        Some(all)
    }
}

fn push(all: &mut Vec<u8>, part: &[u8]) {
    all.extend_from_slice(&(part.len() as u64).to_le_bytes());
    all.extend_from_slice(part);
}

/// Which program the name `git` stands for. A script may start another one each time.
fn program() -> Option<Vec<u8>> {
    let name = format!("git{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|dir| dir.join(&name)).find(|path| path.is_file())?;
    let found = found.canonicalize().ok()?;
    let mut start = [0; 2];
    File::open(&found).ok()?.read_exact(&mut start).ok()?;
    if start == *SCRIPT {
        return None;
    }
    let mut all = found.as_os_str().as_encoded_bytes().to_vec();
    stamp(&found.metadata().ok()?, &mut all)?;
    Some(all)
}

/// Size and time of a file.
fn stamp(meta: &Metadata, all: &mut Vec<u8>) -> Option<()> {
    let time = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    all.extend_from_slice(&meta.len().to_le_bytes());
    all.extend_from_slice(&time.as_nanos().to_le_bytes());
    Some(())
}

/// The one commit graph of a store, and those of its chain.
fn graphs(info: &Path, all: &mut Vec<u8>) -> Option<()> {
    graph(&info.join("commit-graph"), all)?;
    let chain = info.join("commit-graphs");
    let Some(list) = unless_missing(fs::read(chain.join("commit-graph-chain")))? else { return Some(()) };
    push(all, &list);
    for name in list.lines() {
        graph(&chain.join(format!("graph-{}.graph", name.to_str().ok()?)), all)?;
    }
    Some(())
}

/// Size, time and own checksum of a commit graph.
fn graph(path: &Path, all: &mut Vec<u8>) -> Option<()> {
    let Some(mut file) = unless_missing(File::open(path))? else {
        push(all, b"");
        return Some(());
    };
    stamp(&file.metadata().ok()?, all)?;
    let mut check = Vec::new();
    if file.seek(SeekFrom::End(-20)).is_ok() {
        file.read_to_end(&mut check).ok()?;
    }
    push(all, &check);
    Some(())
}

/// The stores that one borrows from (gitrepository-layout(5), `objects/info/alternates`); none where a path is quoted.
fn borrowed(store: &Path) -> Option<Vec<PathBuf>> {
    let Some(list) = unless_missing(fs::read(store.join("info").join("alternates")))? else { return Some(Vec::new()) };
    let mut found = Vec::new();
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
        if line.starts_with(b"\"") {
            return None;
        }
        found.push(store.join(line.to_path().ok()?));
    }
    Some(found)
}

/// None where it cannot be read, `Some(None)` where it isn't there.
fn unless_missing<T>(read: std::io::Result<T>) -> Option<Option<T>> {
    match read {
        Ok(found) => Some(Some(found)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Some(None),
        Err(_) => None,
    }
}
