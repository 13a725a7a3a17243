//! Raw samples in the order of their ends: what a turn measured is told apart later, in the reader.
#![allow(unsafe_code, reason = "writes entries of this thread's log")]

use std::sync::atomic::AtomicU64;
#[cfg(not(target_arch = "x86_64"))]
use std::sync::atomic::Ordering::Relaxed;

use super::local::Local;
use super::thread;
use crate::layout::{LOG_NO_TURN, LOG_TICK_BITS, LOG_TURN_MARK};

/// Longest latency that an entry holds: 2^48 ticks are a day.
const LONGEST_TICKS: u64 = (1 << LOG_TICK_BITS) - 1;

/// Does this thread log?
#[inline]
pub(super) fn is_on(local: &Local) -> bool {
    !local.log_next.get().is_null()
}

/// Does the next entry need a new chunk?
#[inline]
pub(super) fn is_full(local: &Local) -> bool {
    local.log_next.get() == local.log_end.get()
}

/// Room for one entry, in a new chunk where needed; `false` when there is none. The caller is in the runtime.
pub(super) fn make_room(local: &Local) -> bool {
    if is_full(local) {
        // SAFETY: a thread that logs has claimed a block in the map.
        unsafe { local.block.get().as_ref() }.inspect(|block| thread::extend_log(local, block));
    }
    !is_full(local)
}

/// Writes one sample of site `id`; `false` when the log is full.
#[inline]
pub(super) fn append(local: &Local, id: u32, ticks: u64) -> bool {
    write(local, u64::from(id) << LOG_TICK_BITS | ticks.min(LONGEST_TICKS))
}

/// What follows belongs to turn `number`, or to none.
pub(super) fn mark_turn(local: &Local, number: Option<u32>) -> bool {
    write(local, LOG_TURN_MARK << LOG_TICK_BITS | number.map_or(LOG_NO_TURN, u64::from))
}

fn write(local: &Local, entry: u64) -> bool {
    if is_full(local) {
        return false;
    }
    let next = local.log_next.get();
    // A signal handler that interrupts behind this line takes the entry after this one.
    local.log_next.set(next.wrapping_add(1));
    // SAFETY: below `log_end`, inside this thread's chunk.
    unsafe { store(next, entry) };
    true
}

/// Stores around the caches: a log of a megabyte a turn would push the program's own data out of them.
#[cfg(target_arch = "x86_64")]
unsafe fn store(place: *const AtomicU64, entry: u64) {
    // SAFETY: promised by the caller. The store is weakly ordered; the reader waits for the end of the process.
    unsafe { std::arch::x86_64::_mm_stream_si64(place.cast_mut().cast(), entry.cast_signed()) };
}

#[cfg(not(target_arch = "x86_64"))]
unsafe fn store(place: *const AtomicU64, entry: u64) {
    // SAFETY: promised by the caller.
    unsafe { (*place).store(entry, Relaxed) };
}
