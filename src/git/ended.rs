//! What is tidied up when a signal asks the program to end.

/// From now on the git processes that are remembered are ended, and temporary files are taken away, before a signal that asks
/// for it ends this program as if nobody had looked. One that was ignored from the start, as `nohup` has it, stays so.
#[cfg(unix)]
pub fn tidy_when_ended() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let _ = watch();
    });
}

/// Signals that end a program are another thing there.
#[cfg(not(unix))]
pub fn tidy_when_ended() {}

/// From now on a write beyond a limit on the size of files (`ulimit -f`) fails with a reason, here and in the git processes, and
/// does not end the program in the middle of its answer.
#[cfg(unix)]
pub fn limits_fail_writes() {
    #[expect(
        unsafe_code,
        reason = "signal(2) has no safe form in the standard library, and signal-hook sets handlers alone, which git processes \
                  would not inherit; it takes two plain numbers, before there are other threads"
    )]
    // SAFETY: no memory is passed.
    let _ = unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

/// There is no such signal.
#[cfg(not(unix))]
pub fn limits_fail_writes() {}

#[cfg(unix)]
fn watch() -> std::io::Result<()> {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let (mut rung, bell) = UnixStream::pair()?;
    let which = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&which);
    // Before a signal is caught there has to be somebody who acts upon it.
    std::thread::Builder::new().spawn(move || {
        while rung.read_exact(&mut [0]).is_ok() {
            let signal = i32::try_from(told.load(Ordering::SeqCst)).unwrap_or_default();
            super::end_children();
            super::close_benches();
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    })?;
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        if is_ignored(signal) {
            continue;
        }
        signal_hook::flag::register_usize(signal, Arc::clone(&which), usize::try_from(signal).unwrap_or_default())?;
        signal_hook::low_level::pipe::register(signal, bell.try_clone()?)?;
    }
    Ok(())
}

#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    #[expect(
        unsafe_code,
        reason = "sigaction(2) has no safe form in the standard library; asked without a new action it only fills in what it is \
                  given, which is zeroed memory of the right type"
    )]
    // SAFETY: `old` is valid for writes, and an all-zero `sigaction` is a valid one.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut old) == 0 && old.sa_sigaction == libc::SIG_IGN
    }
}
