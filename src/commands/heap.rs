//! What the memory allocator is told, so that a long walk takes little room: it keeps what was freed, in pieces between what
//! is still used, and a heap for each thread.
//!
//! Only glibc's is told anything.

use std::sync::atomic::{AtomicU64, Ordering};

/// From so many bytes on, an allocation stands alone and goes back to the system when it is freed. Left to itself, glibc
/// takes the largest one that was ever freed for the limit, up to 32 MB, and such pieces leave holes behind.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ALONE: libc::c_int = 256 << 10;
/// So many free bytes at the end of a heap are kept for the next allocation.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: libc::c_int = 4 << 20;

/// Settles where large allocations go, once for the process.
pub fn settle() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(
            unsafe_code,
            reason = "mallopt(3) has no safe form; it takes two plain numbers, and is made to be called at any time"
        )]
        // SAFETY: no memory is passed.
        let set = |parameter, value| unsafe { libc::mallopt(parameter, value) };
        set(libc::M_MMAP_THRESHOLD, ALONE);
        set(libc::M_TRIM_THRESHOLD, KEPT);
    }
}

/// Bytes of memory up to which nothing is given back, and by which it has to have grown since it last was.
const SMALL: u64 = 112 << 20;
const GROWTH: u64 = 10 << 20;

/// How large the process was when memory was last given back.
static LAST: AtomicU64 = AtomicU64::new(0);

/// Gives back to the system what was freed, where the process has become large. To be called where much work is done.
pub fn look() {
    let Some(size) = resident() else { return };
    let last = LAST.load(Ordering::Relaxed);
    if size < last {
        LAST.store(size, Ordering::Relaxed);
    }
    // Of several threads that come at once, one does it.
    if size > SMALL.max(last + GROWTH)
        && LAST.compare_exchange(last, size, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    {
        give_back();
        LAST.store(resident().unwrap_or(size), Ordering::Relaxed);
    }
}

/// How much memory the process has, in bytes; nothing where that isn't known.
fn resident() -> Option<u64> {
    // Pages of 4 KiB: where they are larger it is looked more rarely than meant, no more.
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(pages.split(' ').nth(1)?.parse::<u64>().ok()?.saturating_mul(4096))
}

fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(
            unsafe_code,
            reason = "malloc_trim(3) has no safe form; it takes a plain number, and is made to be called at any time"
        )]
        // SAFETY: no memory is passed.
        let _ = unsafe { libc::malloc_trim(0) };
    }
}
