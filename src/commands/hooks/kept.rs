//! Where hooks go that were there before ours: each under its own name, for many a script tells by its name what it is to
//! do, and with the files beside it that it had beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{BEFORE, CLIENT, beside};
use crate::commands::server_hooks::{PART, PARTS};
use crate::error::Error;

/// The directory in that of the hooks.
const HOME: &str = "before-spec";

/// Where a hook is kept: in our directory, or as an earlier version did it; none where none is.
pub fn kept(directory: &Path, name: &str) -> Option<PathBuf> {
    places(directory, name).into_iter().find(|path| path.symlink_metadata().is_ok())
}

fn places(directory: &Path, name: &str) -> [PathBuf; 2] {
    [directory.join(HOME).join(name), beside(&directory.join(name), BEFORE)]
}

/// Whether a hook is kept as an earlier version did it.
pub fn is_old(directory: &Path, name: &str) -> bool {
    let [new, old] = places(directory, name);
    new.symlink_metadata().is_err() && old.symlink_metadata().is_ok()
}

/// Whether a name is that of a hook that may be kept.
fn is_hook(name: &str) -> bool {
    CLIENT.into_iter().chain(PARTS).chain([PART]).any(|hook| hook == name)
}

/// Whether hooks can be kept here.
///
/// # Errors
/// [`Error::HookInTheWay`] where something else has the name.
pub fn check(directory: &Path, hook: &Path) -> Result<(), Error> {
    let home = directory.join(HOME);
    if home.symlink_metadata().is_ok() && !home.is_dir() {
        return Err(Error::HookInTheWay { path: home.display().to_string(), hook: hook.display().to_string() });
    }
    Ok(())
}

/// Keeps the hook that stands at its place. It stays there too, until ours is written over it in one step.
pub fn keep(directory: &Path, name: &str) -> Result<(), Error> {
    let (path, [to, _]) = (directory.join(name), places(directory, name));
    let failed = |error| Error::io(format!("keep {} as {}", path.display(), to.display()), error);
    fs::create_dir_all(directory.join(HOME)).map_err(failed)?;
    deeper(&path, &to).map_err(failed)?;
    if name != PART {
        companions(directory);
    }
    Ok(())
}

/// Moves what an earlier version kept beside the hooks.
pub fn move_old(directory: &Path, name: &str) -> Result<(), Error> {
    if !is_old(directory, name) {
        return Ok(());
    }
    let [to, old] = places(directory, name);
    let failed = |error| Error::io(format!("keep {} as {}", old.display(), to.display()), error);
    fs::create_dir_all(directory.join(HOME)).map_err(failed)?;
    deeper(&old, &to)
        .and_then(|()| if old.symlink_metadata().is_ok() { fs::remove_file(&old) } else { Ok(()) })
        .map_err(failed)?;
    companions(directory);
    Ok(())
}

/// Puts the hook that is kept back to its place; whether there was one.
pub fn put_back(directory: &Path, name: &str) -> Result<bool, Error> {
    let path = directory.join(name);
    let Some(kept) = kept(directory, name) else { return Ok(false) };
    let failed = |error| Error::io(format!("put {} back", path.display()), error);
    let inner = kept.parent().is_some_and(|parent| parent.file_name().is_some_and(|name| name == HOME));
    let link = fs::read_link(&kept).ok().filter(|target| inner && target.is_relative());
    match link.as_deref().and_then(|target| target.strip_prefix("..").ok()) {
        Some(target) => {
            let new = beside(&path, &format!("{}.tmp", std::process::id()));
            symlink(target, &new).and_then(|()| fs::rename(&new, &path)).map_err(failed)?;
            fs::remove_file(&kept).map_err(failed)?;
        }
        None => fs::rename(&kept, &path).map_err(failed)?,
    }
    Ok(true)
}

/// Takes our directory away where no hook is kept in it any more.
pub fn tidy(directory: &Path) {
    let home = directory.join(HOME);
    if CLIENT.into_iter().chain(PARTS).chain([PART]).any(|name| home.join(name).symlink_metadata().is_ok()) {
        return;
    }
    for entry in fs::read_dir(&home).into_iter().flatten().flatten() {
        if fs::read_link(entry.path()).is_ok_and(|target| target == Path::new("..").join(entry.file_name())) {
            let _ = fs::remove_file(entry.path());
        }
    }
    // What else is in it somebody put there.
    let _ = fs::remove_dir(&home);
}

/// The same file one directory deeper: by a link of either kind, so that it comes back as it was; where links are unknown
/// it moves.
fn deeper(from: &Path, to: &Path) -> io::Result<()> {
    match fs::read_link(from) {
        Ok(target) if target.is_relative() => symlink(&Path::new("..").join(target), to),
        _ => fs::hard_link(from, to).or_else(|_| fs::rename(from, to)),
    }
}

/// Lets the kept hooks find beside them what they had beside them.
fn companions(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        let endings = [".sample", ".tmp", ".legacy", BEFORE];
        let to = directory.join(HOME).join(&name);
        if !is_hook(&text)
            && text != HOME
            && !endings.iter().any(|end| text.ends_with(end))
            && to.symlink_metadata().is_err()
        {
            // Most hooks need none.
            let _ = symlink(&Path::new("..").join(&name), &to);
        }
    }
}

#[cfg(unix)]
fn symlink(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn symlink(_target: &Path, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
