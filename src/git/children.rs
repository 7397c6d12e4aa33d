//! The git processes that run, remembered where a clock may have to end them.
//!
//! A hook on a server must not outlive its time, and neither may what it started: whoever reads what a push says waits until
//! the last process is gone that could still write there.

use std::collections::BTreeSet;
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The longest pause between two looks at a process that has said all and has still to end.
const LONGEST_PAUSE: Duration = Duration::from_millis(5);

/// Process ids that are not given back yet, so that none of them can be another process's.
struct Running {
    remember: bool,
    ended: bool,
    ids: BTreeSet<u32>,
}

static RUNNING: Mutex<Running> = Mutex::new(Running { remember: false, ended: false, ids: BTreeSet::new() });

fn running() -> std::sync::MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on each git process has a group of its own, and is remembered for [`end_children`]. A person's Ctrl-C does not reach
/// such a group by itself: see [`super::tidy_when_ended`].
pub fn remember_children() {
    running().remember = true;
}

/// Ends the remembered processes with all that they started, and lets none begin any more. Does nothing where process groups
/// are unknown.
pub fn end_children() {
    let mut running = running();
    running.ended = true;
    running.ids.iter().for_each(|id| end_group(*id));
}

/// Starts a process.
pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    let mut running = running();
    if !running.remember {
        drop(running);
        return command.spawn();
    }
    if running.ended {
        return Err(io::ErrorKind::TimedOut.into());
    }
    own_group(command);
    let child = command.spawn()?;
    running.ids.insert(child.id());
    Ok(child)
}

/// Waits for the end of a process. It is reaped only where nobody can be about to end it: its id may be another's then.
pub(super) fn wait(child: &mut Child) -> io::Result<ExitStatus> {
    let mut pause = Duration::from_micros(50);
    loop {
        let mut running = running();
        if !running.ids.contains(&child.id()) {
            drop(running);
            return child.wait();
        }
        if let Some(status) = child.try_wait()? {
            running.ids.remove(&child.id());
            return Ok(status);
        }
        drop(running);
        std::thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(unix)]
fn end_group(id: u32) {
    let Ok(group) = libc::pid_t::try_from(id) else { return };
    #[expect(
        unsafe_code,
        reason = "kill(2) has no safe form in the standard library for a group of processes; it takes two plain numbers, and \
                  the group is that of a child which is not reaped yet, so that nobody else's can have its id"
    )]
    // SAFETY: no memory is passed.
    let _ = unsafe { libc::kill(-group, libc::SIGKILL) };
}

#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

#[cfg(not(unix))]
fn end_group(_id: u32) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// The only test of this process that may end what is remembered: it starts and forgets its own.
    #[test]
    fn a_group_ends_with_all_that_is_in_it() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & echo $!; wait"]).stdout(std::process::Stdio::piped());
        own_group(&mut command);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut out = io::BufReader::new(child.stdout.take().unwrap());
        io::BufRead::read_line(&mut out, &mut line).unwrap();
        end_group(child.id());
        assert!(!wait(&mut child).unwrap().success());
        // The pipe has no writer left
        assert_eq!(io::Read::read_to_end(&mut out, &mut Vec::new()).unwrap(), 0);
    }
}
