//! Counting at a slot, and the difference of two readings of the clock.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use super::local::Local;
use super::place::{self, Counters};
use super::{cold, recent};
use crate::bucket;
use crate::clock::Ticks;
use crate::layout::Slot;
use crate::site::Site;

/// This thread's slot of `site`, if it has one.
#[inline(always)]
pub(super) fn slot(local: &Local, site: &Site) -> Option<&'static Slot> {
    local.table.entry(site.id())?.slot.load(Relaxed)
}

/// Counts a completed call: calls, sum, maximum, bucket.
pub(super) fn call(local: &Local, slot: &'static Slot, site: &Site, ticks: u64) {
    sum(slot, ticks);
    bucket(local, slot, site, ticks);
}

#[inline(always)]
pub(super) fn sum(slot: &Slot, ticks: u64) {
    add(&slot.calls, 1);
    add(&slot.ticks, ticks);
    if ticks > slot.max.load(Relaxed) {
        slot.max.store(ticks, Relaxed);
    }
}

/// Out of line, so that the usual way needs no room on the stack.
#[inline(never)]
pub(super) fn elsewhere(local: &Local, slot: &'static Slot, site: &Site, ticks: u64) {
    bucket(local, slot, site, ticks);
}

#[inline(always)]
pub(super) fn bucket(local: &Local, slot: &'static Slot, site: &Site, ticks: u64) {
    let at = bucket::of(ticks);
    match place::chunk(slot, Counters::Low, at.chunk) {
        None => cold::spill(local, slot, site, ticks),
        Some(chunk) => {
            recent::remember(slot, chunk, at.chunk);
            increment(slot, &chunk[at.place], ticks);
        }
    }
}

/// `counter` is that of `ticks`.
#[inline(always)]
pub(super) fn increment(slot: &'static Slot, counter: &AtomicU32, ticks: u64) {
    let next = counter.load(Relaxed).wrapping_add(1);
    counter.store(next, Relaxed);
    if next == 0 {
        cold::carry(slot, ticks);
    }
}

/// This thread is the only writer, so a plain load and store will do.
#[inline(always)]
pub(super) fn add(counter: &AtomicU64, amount: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(amount), Relaxed);
}

/// Ticks from `start` (pauses before it already taken off), without the pauses since; zero when the clock went back.
#[inline(always)]
pub(super) fn elapsed(local: &Local, start: u64, end: Ticks) -> u64 {
    forward(difference(local, start, end))
}

#[inline(always)]
pub(super) fn difference(local: &Local, start: u64, end: Ticks) -> u64 {
    end.0.wrapping_sub(local.paused.get().wrapping_add(start))
}

/// A difference of readings; zero when the clock went back.
#[inline(always)]
pub(super) fn forward(ticks: u64) -> u64 {
    if is_backward(ticks) { 0 } else { ticks }
}

/// Did the clock go back between two readings of this difference?
#[inline(always)]
pub(super) fn is_backward(ticks: u64) -> bool {
    (ticks as i64) < 0
}
