//! A sign of life on standard error for what takes longer than a second. It never stands between a command and a pipe.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use super::output::Surroundings;

/// Nothing is said before this long.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the number changes.
const PACE: Duration = Duration::from_millis(100);

/// Counts commits or files on a line that is taken back at the end.
#[derive(Debug)]
pub struct Progress {
    enabled: bool,
    begun: Instant,
    said: Option<Instant>,
    count: usize,
    what: (&'static str, &'static str),
}

impl Progress {
    /// Progress on standard error, if that is a terminal and the answer goes elsewhere: on the same screen the answer
    /// itself is the sign of life.
    pub fn of_process() -> Progress {
        let enabled = std::io::stderr().is_terminal() && !Surroundings::of_process().terminal;
        Progress { enabled, begun: Instant::now(), said: None, count: 0, what: ("Reading history", "commits") }
    }

    /// The same for files that are blamed.
    pub fn of_files() -> Progress {
        let mut progress = Progress::of_process();
        progress.what = ("Blaming", "files");
        progress
    }

    /// One more is done.
    pub fn step(&mut self) {
        self.count += 1;
        if !self.enabled || self.begun.elapsed() < PATIENCE || self.said.is_some_and(|said| said.elapsed() < PACE) {
            return;
        }
        self.said = Some(Instant::now());
        let _ = write!(std::io::stderr(), "\r{}: {} {}", self.what.0, self.count, self.what.1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.said.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_early_or_where_nobody_looks() {
        let long_ago = Instant::now() - PATIENCE;
        for (enabled, begun, speaks) in
            [(true, Instant::now(), false), (false, long_ago, false), (true, long_ago, true)]
        {
            let mut progress = Progress { enabled, begun, said: None, count: 0, what: ("", "") };
            progress.step();
            assert_eq!(progress.said.is_some(), speaks);
        }
    }
}
