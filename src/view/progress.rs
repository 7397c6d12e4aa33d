//! A sign of life on standard error for what takes longer than a second. It never stands between a command and a pipe: a thread
//! of its own writes it, which nobody waits for.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, TryLockError};
use std::time::{Duration, Instant};

use super::output::Surroundings;

/// Nothing is said before this long.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the number changes.
const PACE: Duration = Duration::from_millis(100);
/// How long a terminal that takes nothing is waited for at the end.
const LONGEST: Duration = Duration::from_millis(50);

/// What is counted: nothing but the time, or these.
const COUNTED: [(&str, &str); 2] = [("Reading history", "commits"), ("Blaming", "files")];

/// Which of them, from 1, and how many.
static WHAT: AtomicUsize = AtomicUsize::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// Nothing more is to be said.
static OVER: AtomicBool = AtomicBool::new(false);
/// Whether a line stands there.
static SAID: Mutex<bool> = Mutex::new(false);

/// Counts commits or files of what is shown on the line.
#[derive(Debug)]
pub struct Progress {
    what: usize,
}

impl Progress {
    /// Counts commits of a walk through history.
    pub fn of_process() -> Progress {
        Progress::of(1)
    }

    /// The same for files that are blamed.
    pub fn of_files() -> Progress {
        Progress::of(2)
    }

    fn of(what: usize) -> Progress {
        COUNT.store(0, Ordering::Relaxed);
        Progress { what }
    }

    /// One more is done.
    pub fn step(&mut self) {
        WHAT.store(self.what, Ordering::Relaxed);
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        WHAT.store(0, Ordering::Relaxed);
    }
}

/// Begins to watch the time, if standard error is a terminal and the answer goes elsewhere: on the same screen the answer itself
/// is the sign of life.
pub fn watch() {
    if !std::io::stderr().is_terminal() || Surroundings::of_process().terminal {
        return;
    }
    let begun = Instant::now();
    // Without a thread there is no sign.
    let _ = std::thread::Builder::new().spawn(move || {
        std::thread::sleep(PATIENCE);
        while say(begun.elapsed(), &mut std::io::stderr()) {
            std::thread::sleep(PACE);
        }
    });
}

/// Writes the line; answers whether there is more to say.
fn say(elapsed: Duration, out: &mut impl Write) -> bool {
    let Ok(mut said) = SAID.lock() else { return false };
    if OVER.load(Ordering::Relaxed) {
        return false;
    }
    *said = true;
    let what = WHAT.load(Ordering::Relaxed).checked_sub(1).and_then(|at| COUNTED.get(at));
    write!(out, "\r{}\x1b[K", line(what, COUNT.load(Ordering::Relaxed), elapsed)).is_ok()
}

fn line(what: Option<&(&str, &str)>, count: usize, elapsed: Duration) -> String {
    match what {
        Some((what, unit)) => format!("{what}: {count} {unit}"),
        None => format!("Working: {} s", elapsed.as_secs()),
    }
}

/// Takes the line back for good: something else is said, or all is said.
pub fn take_back() {
    OVER.store(true, Ordering::Relaxed);
    let begun = Instant::now();
    loop {
        match SAID.try_lock() {
            Ok(mut said) => {
                if std::mem::take(&mut *said) {
                    let _ = write!(std::io::stderr(), "\r\x1b[K");
                }
                return;
            }
            Err(TryLockError::WouldBlock) if begun.elapsed() < LONGEST => std::thread::sleep(Duration::from_millis(1)),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_or_else_the_time() {
        let three = Duration::from_millis(3400);
        assert_eq!(line(COUNTED.first(), 12, three), "Reading history: 12 commits");
        assert_eq!(line(None, 0, three), "Working: 3 s");
    }
}
