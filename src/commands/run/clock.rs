//! The time that a hook has, and what happens when it is over: the one place that looks at it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::git::{close_benches, end_children, remember_children, tidy_when_ended};

/// How long a hook may take where nobody says so. A push that waits for ever is worse than one that is refused, and no
/// honest one takes so long (docs/performance.md).
const PATIENCE: Duration = Duration::from_secs(600);

/// A clock that ends the process when the time is over and the hook has not said its word.
///
/// It is a thread of its own, for nothing else looks at the time: not git, not a parser, not a read of what nobody sends.
pub struct Clock {
    stopped: Arc<AtomicBool>,
    /// How long it may take, and whom to wake when that changes.
    limit: Arc<(Mutex<Duration>, Condvar)>,
}

impl Clock {
    /// Starts it. When the time is over `last_word` is said with the time that was given, the git processes are ended,
    /// and so is this one with the status that `last_word` gives.
    pub fn start(last_word: impl FnOnce(Duration) -> i32 + Send + 'static) -> Clock {
        tidy_when_ended();
        remember_children();
        let clock = Clock { stopped: Arc::default(), limit: Arc::new((Mutex::new(PATIENCE), Condvar::new())) };
        let (stopped, limit, started) = (clock.stopped.clone(), clock.limit.clone(), Instant::now());
        std::thread::spawn(move || {
            let (limit, changed) = &*limit;
            let mut time = limit.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some(left) = time.checked_sub(started.elapsed()).filter(|left| !left.is_zero()) {
                time = changed.wait_timeout(time, left).unwrap_or_else(PoisonError::into_inner).0;
            }
            if stopped.swap(true, Ordering::SeqCst) {
                return;
            }
            let status = last_word(*time);
            end_children();
            close_benches();
            std::process::exit(status);
        });
        clock
    }

    /// Sets the time, counted from the start.
    pub fn allow(&self, time: Duration) {
        *self.limit.0.lock().unwrap_or_else(PoisonError::into_inner) = time;
        self.limit.1.notify_all();
    }

    /// Stops it before the hook says its own word. Where the time is over this never comes back.
    pub fn stop(&self) {
        if self.stopped.swap(true, Ordering::SeqCst) {
            loop {
                std::thread::park();
            }
        }
    }
}
