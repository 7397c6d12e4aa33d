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

/// What the line shows, and whether it may stand there.
#[derive(Debug)]
struct Line {
    /// Which of [`COUNTED`], from 1, and how many.
    what: AtomicUsize,
    count: AtomicUsize,
    /// Nothing more is to be said.
    is_over: AtomicBool,
    /// The answer is being written, and whoever reads it may be a pager that has the screen and takes its time.
    is_writing: AtomicBool,
    /// Whether a line stands there.
    said: Mutex<bool>,
}

static LINE: Line = Line::new();

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
        LINE.count.store(0, Ordering::Relaxed);
        Progress { what }
    }

    /// One more is done.
    pub fn step(&mut self) {
        LINE.what.store(self.what, Ordering::Relaxed);
        LINE.count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        LINE.what.store(0, Ordering::Relaxed);
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
        while LINE.say(begun.elapsed(), &mut std::io::stderr()) {
            std::thread::sleep(PACE);
        }
    });
}

impl Line {
    const fn new() -> Line {
        Line {
            what: AtomicUsize::new(0),
            count: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            is_writing: AtomicBool::new(false),
            said: Mutex::new(false),
        }
    }

    /// Writes the line, or takes it back while the answer is written; answers whether there is more to say.
    fn say(&self, elapsed: Duration, out: &mut impl Write) -> bool {
        let Ok(mut said) = self.said.lock() else { return false };
        if self.is_over.load(Ordering::Relaxed) {
            return false;
        }
        if self.is_writing.load(Ordering::Relaxed) {
            return !std::mem::take(&mut *said) || write!(out, "\r\x1b[K").is_ok();
        }
        *said = true;
        let what = self.what.load(Ordering::Relaxed).checked_sub(1).and_then(|at| COUNTED.get(at));
        write!(out, "\r{}\x1b[K", line(what, self.count.load(Ordering::Relaxed), elapsed)).is_ok()
    }
}

fn line(what: Option<&(&str, &str)>, count: usize, elapsed: Duration) -> String {
    match what {
        Some((what, unit)) => format!("{what}: {count} {unit}"),
        None => format!("Working: {} s", elapsed.as_secs()),
    }
}

/// Writes a piece of the answer, beside which no line is shown.
pub fn beside<T>(write: impl FnOnce() -> T) -> T {
    LINE.is_writing.store(true, Ordering::Relaxed);
    let written = write();
    LINE.is_writing.store(false, Ordering::Relaxed);
    written
}

/// Takes the line back for good: something else is said, or all is said.
pub fn take_back() {
    LINE.is_over.store(true, Ordering::Relaxed);
    let begun = Instant::now();
    loop {
        match LINE.said.try_lock() {
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

    #[test]
    fn nothing_is_said_while_the_answer_waits_for_its_reader() {
        let (line, mut out) = (Line::new(), Vec::new());
        let mut said = || {
            assert!(line.say(Duration::from_secs(3), &mut out));
            std::mem::take(&mut out)
        };
        assert!(said().starts_with(b"\rWorking"));
        line.is_writing.store(true, Ordering::Relaxed);
        assert_eq!(said(), b"\r\x1b[K", "the line is taken back");
        assert_eq!(said(), b"");
        line.is_writing.store(false, Ordering::Relaxed);
        assert!(said().starts_with(b"\rWorking"));
        line.is_over.store(true, Ordering::Relaxed);
        assert!(!line.say(Duration::from_secs(3), &mut Vec::new()));
    }
}
