//! What runs per measured call, and nothing else. The slow paths are in `cold`.
#![allow(unsafe_code, reason = "counts into the shared map through the block that this thread has claimed")]

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::thread::panicking;

use super::local::{self, Local};
use super::{cold, place, turns};
use crate::bucket;
use crate::clock::{self, Ticks};
use crate::layout::Slot;
use crate::site::Site;

/// A measured call that has begun. Dropping it ends the call.
#[derive(Debug)]
pub struct Guard {
    site: &'static Site,
    allocs: u64,
    bytes: u64,
    unwinding: bool,
    start: u64,
    /// Bound to the thread on which it began.
    not_send: PhantomData<*const ()>,
}

impl Guard {
    /// Begins a call of `site`; the clock is read last.
    #[inline(always)]
    pub fn enter(site: &'static Site) -> Guard {
        local::with(|local| {
            if turns::are_taken() {
                turns::enter(local, site, true);
            }
            Guard {
                site,
                allocs: local.allocs.get(),
                bytes: local.bytes.get(),
                unwinding: panicking(),
                start: clock::start().0.wrapping_sub(local.paused.get()),
                not_send: PhantomData,
            }
        })
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        let end = clock::end();
        local::with(|local| leave(local, self, end));
    }
}

#[inline(always)]
fn leave(local: &Local, guard: &Guard, end: Ticks) {
    let ticks = elapsed(local, guard.start, end);
    let block = local.block.get();
    if block.is_null() || panicking() != guard.unwinding {
        return cold::leave(guard.site, ticks, allocated(local, guard), panicking() && !guard.unwinding);
    }
    // SAFETY: `block` is this thread's own claimed block in the map, which stays mapped until the process ends.
    match unsafe { place::slot(block, guard.site.id()) } {
        None => cold::leave(guard.site, ticks, allocated(local, guard), false),
        Some(slot) => {
            if local.allocs.get() != guard.allocs {
                add(&slot.allocs, local.allocs.get() - guard.allocs);
                add(&slot.bytes, local.bytes.get() - guard.bytes);
            }
            count(local, slot, guard.site, ticks);
        }
    }
}

/// Counts a completed call: calls, sum, maximum, bucket.
#[inline(always)]
pub(super) fn count(local: &Local, slot: &Slot, site: &Site, ticks: u64) {
    add(&slot.calls, 1);
    add(&slot.ticks, ticks);
    if ticks > slot.max.load(Relaxed) {
        slot.max.store(ticks, Relaxed);
    }
    let bucket = bucket::of(ticks);
    // SAFETY: `slot` lies in the map.
    match unsafe { place::counter(slot, &slot.chunks_cells, bucket) } {
        None => cold::spill(local, slot, site, ticks),
        Some(counter) => increment(slot, counter, bucket),
    }
}

#[inline(always)]
pub(super) fn increment(slot: &Slot, counter: &AtomicU32, bucket: bucket::Bucket) {
    let next = counter.load(Relaxed).wrapping_add(1);
    counter.store(next, Relaxed);
    if next == 0 {
        cold::carry(slot, bucket);
    }
}

/// This thread is the only writer, so a plain load and store will do.
#[inline(always)]
pub(super) fn add(counter: &AtomicU64, amount: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(amount), Relaxed);
}

/// Ticks from `start` (pauses before it already taken off), without the pauses since.
#[inline(always)]
pub(super) fn elapsed(local: &Local, start: u64, end: Ticks) -> u64 {
    forward(end.0.wrapping_sub(local.paused.get()).wrapping_sub(start))
}

/// A difference of readings; zero when the clock went back.
#[inline(always)]
pub(super) fn forward(ticks: u64) -> u64 {
    if (ticks as i64) < 0 { 0 } else { ticks }
}

/// Allocations and bytes since the guard began.
#[inline(always)]
fn allocated(local: &Local, guard: &Guard) -> (u64, u64) {
    (local.allocs.get().wrapping_sub(guard.allocs), local.bytes.get().wrapping_sub(guard.bytes))
}
