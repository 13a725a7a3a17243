//! The steps by which threads claim, fill, publish and leave what they share, each about one or two fields. They are
//! written against `super::sync`, so that loom can try every interleaving of this very file (`tests/tests/loom`).

use super::sync::Ordering::{AcqRel, Acquire, Relaxed, Release};
use super::sync::{AtomicBool, AtomicU32, AtomicU64, yield_now};
use crate::layout::{MAGIC, block_state};

/// Takes a lock, if nobody has it.
pub(super) fn try_lock(taken: &AtomicBool) -> bool {
    taken.compare_exchange(false, true, Acquire, Relaxed).is_ok()
}

/// Takes a lock; waits for the thread that has it, which must be another one.
pub(super) fn lock(taken: &AtomicBool) {
    while !try_lock(taken) {
        yield_now();
    }
}

/// Gives a lock back.
pub(super) fn unlock(taken: &AtomicBool) {
    taken.store(false, Release);
}

/// Takes over a block that its thread has left; what that one counted is seen.
pub(super) fn claim(state: &AtomicU32) -> bool {
    state.load(Relaxed) == block_state::FREE
        && state.compare_exchange(block_state::FREE, block_state::CLAIMED, Acquire, Relaxed).is_ok()
}

/// Leaves a block to the next thread.
pub(super) fn retire(state: &AtomicU32) {
    state.store(block_state::FREE, Release);
}

/// Puts the structure at offset `at`, complete but for its field `next`, at the head of a list that others lengthen too.
pub(super) fn push(first: &AtomicU64, next: &AtomicU64, at: u64) {
    let mut head = first.load(Relaxed);
    loop {
        next.store(head, Relaxed);
        match first.compare_exchange_weak(head, at, AcqRel, Relaxed) {
            Ok(_) => return,
            Err(other) => head = other,
        }
    }
}

/// Says that the structure `cells` away is complete. One thread writes the field.
pub(super) fn publish(field: &AtomicU32, cells: u32) {
    field.store(cells, Release);
}

/// The beginning and the end of `bytes` that nobody else gets; `None` behind the last address.
pub(super) fn reserve(used: &AtomicU64, bytes: u64) -> Option<(u64, u64)> {
    let at = used.fetch_add(bytes, AcqRel);
    Some((at, at.checked_add(bytes)?))
}

/// Is there memory up to `end`? If not, one thread asks `back` for it, which stores the new end in `backed`.
pub(super) fn cover(backed: &AtomicU64, growing: &AtomicBool, end: u64, back: impl FnOnce() -> bool) -> bool {
    if end <= backed.load(Acquire) {
        return true;
    }
    lock(growing);
    let is_enough = end <= backed.load(Acquire) || back();
    unlock(growing);
    is_enough
}

/// The map is complete.
pub(super) fn seal(magic: &AtomicU64) {
    magic.store(MAGIC, Release);
}

/// Is the map complete?
pub(super) fn is_sealed(magic: &AtomicU64) -> bool {
    magic.load(Acquire) == MAGIC
}

/// One thread makes what `is_missing`; the others wait until it no longer is.
pub(super) fn make_once(making: &AtomicBool, is_missing: impl Fn() -> bool, make: impl Fn()) {
    while is_missing() {
        if try_lock(making) {
            make();
            unlock(making);
        } else {
            yield_now();
        }
    }
}
