//! What runs per measured call, and nothing else. The slow paths are in `cold`, other ways to count than one by one in
//! `special`.
#![allow(unsafe_code, reason = "counts into the shared map through the block that this thread has claimed")]

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::thread::panicking;

use super::local::{self, Local};
use super::mode::way;
use super::recent::{self, Recent};
use super::special::{self, State};
use super::{adaptive, cold, place};
use crate::bucket;
use crate::clock::{self, Ticks};
use crate::layout::Slot;
use crate::site::Site;

/// A measured call that has begun. Dropping it ends the call.
#[derive(Debug)]
pub struct Guard {
    pub(super) site: &'static Site,
    pub(super) state: State,
    /// That of the thread on which it began, to which it is bound.
    local: *const Local,
    /// Where it will be counted, if it began plainly.
    place: MaybeUninit<(*const Slot, Recent)>,
    /// Unless the call is not timed.
    begun: MaybeUninit<Begun>,
    /// In graph mode.
    pub(super) selves: MaybeUninit<u64>,
}

/// What was counted, and the time, when a call began.
#[derive(Debug, Clone, Copy)]
struct Begun {
    allocs: u64,
    bytes: u64,
    start: u64,
}

impl Guard {
    /// Begins a call of `site`; the clock is read last.
    #[inline(always)]
    pub fn enter(site: &'static Site) -> Guard {
        // SAFETY: used up to the end of this function, which does not wait for anything.
        let local = unsafe { local::here() };
        let way = local.way.get();
        if way == way::PLAIN && !panicking() {
            if let Some(slot) = slot(local, site) {
                return Guard::plain(local, site, slot);
            }
        } else if way == way::ADAPTIVE && !panicking() && adaptive::skip(local, site) {
            return Guard::untimed(local, site, State::of(false));
        }
        special::enter(local, site)
    }

    /// One that ends plainly, and whose time begins now. Where it will be counted is looked up here, beside reading the
    /// clock; at the end everything would have to wait for it.
    #[inline(always)]
    pub(super) fn plain(local: &Local, site: &'static Site, slot: &Slot) -> Guard {
        let place = (std::ptr::from_ref(slot), Recent::of(slot));
        let mut guard = Guard::timed(local, site, State::plain(local), clock::start_by_counter);
        guard.place.write(place);
        guard
    }

    /// One whose time begins now.
    #[inline(always)]
    pub(super) fn timed(
        local: &Local,
        site: &'static Site,
        state: State,
        clock: impl Fn() -> Ticks,
    ) -> Guard {
        let (allocs, bytes) = (local.allocs.get(), local.bytes.get());
        let start = clock().0.wrapping_sub(local.paused.get());
        Guard::new(local, site, state, MaybeUninit::new(Begun { allocs, bytes, start }))
    }

    /// One that is counted already.
    #[inline(always)]
    pub(super) fn untimed(local: &Local, site: &'static Site, state: State) -> Guard {
        Guard::new(local, site, state.skipped(), MaybeUninit::uninit())
    }

    #[inline(always)]
    fn new(local: &Local, site: &'static Site, state: State, begun: MaybeUninit<Begun>) -> Guard {
        Guard { site, state, local, place: MaybeUninit::uninit(), begun, selves: MaybeUninit::uninit() }
    }

    #[inline(always)]
    fn begun(&self) -> &Begun {
        // SAFETY: only of a call that is not timed nothing is written, and nobody asks.
        unsafe { self.begun.assume_init_ref() }
    }

    /// Allocations and bytes since it began.
    #[inline(always)]
    pub(super) fn allocated(&self, local: &Local) -> (u64, u64) {
        let begun = self.begun();
        (local.allocs.get().wrapping_sub(begun.allocs), local.bytes.get().wrapping_sub(begun.bytes))
    }

    /// Its ticks up to `end`.
    #[inline(always)]
    pub(super) fn elapsed(&self, local: &Local, end: Ticks) -> u64 {
        elapsed(local, self.begun().start, end)
    }

    /// Counts it, with what it allocated.
    #[inline(always)]
    pub(super) fn count(&self, local: &Local, slot: &Slot, ticks: u64) {
        self.sum(local, slot, ticks);
        count_bucket(local, slot, self.site, ticks);
    }

    /// Adds it to all but the histogram.
    #[inline(always)]
    fn sum(&self, local: &Local, slot: &Slot, ticks: u64) {
        if local.allocs.get() != self.begun().allocs {
            let (allocs, bytes) = self.allocated(local);
            add(&slot.allocs, allocs);
            add(&slot.bytes, bytes);
        }
        sum(slot, ticks);
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        end(self, panicking());
    }
}

/// Ends a call. A call itself: inlined, it would let the compiler move the end of the body behind the clock.
#[inline(never)]
fn end(guard: &Guard, unwinds: bool) {
    // SAFETY: a guard stays on its thread.
    let local = unsafe { &*guard.local };
    if unwinds || !guard.state.is_plain(local) {
        return special::end(guard, unwinds);
    }
    let ticks = guard.elapsed(local, clock::end_by_counter());
    // SAFETY: it began plainly, and its thread still counts in the same block.
    let (slot, recent) = unsafe { guard.place.assume_init() };
    // SAFETY: as above; the block lies in the map.
    let slot = unsafe { &*slot };
    guard.sum(local, slot, ticks);
    // SAFETY: as above.
    match unsafe { recent.counter(ticks) } {
        None => count_elsewhere(local, slot, guard.site, ticks),
        Some(counter) => increment(slot, counter, ticks),
    }
}

/// This thread's slot of `site`, if it has one.
#[inline(always)]
pub(super) fn slot<'a>(local: &Local, site: &Site) -> Option<&'a Slot> {
    let id = site.id();
    // SAFETY: so many entries has the table of the thread's own claimed block in the map, which stays mapped.
    unsafe {
        let block = local.block.get();
        if id >= local.slots.get() { None } else { place::slot_of(block, place::known_entry(block, id)) }
    }
}

/// Counts a completed call: calls, sum, maximum, bucket.
pub(super) fn count(local: &Local, slot: &Slot, site: &Site, ticks: u64) {
    sum(slot, ticks);
    count_bucket(local, slot, site, ticks);
}

#[inline(always)]
fn sum(slot: &Slot, ticks: u64) {
    add(&slot.calls, 1);
    add(&slot.ticks, ticks);
    if ticks > slot.max.load(Relaxed) {
        slot.max.store(ticks, Relaxed);
    }
}

/// Out of line, so that the usual way needs no room on the stack.
#[inline(never)]
fn count_elsewhere(local: &Local, slot: &Slot, site: &Site, ticks: u64) {
    count_bucket(local, slot, site, ticks);
}

#[inline(always)]
fn count_bucket(local: &Local, slot: &Slot, site: &Site, ticks: u64) {
    let bucket = bucket::of(ticks);
    // SAFETY: `slot` lies in the map.
    match unsafe { place::counter(slot, &slot.chunks_cells, bucket) } {
        None => cold::spill(local, slot, site, ticks),
        Some(counter) => {
            recent::remember(slot, counter, bucket);
            increment(slot, counter, ticks);
        }
    }
}

/// `counter` is that of `ticks`.
#[inline(always)]
pub(super) fn increment(slot: &Slot, counter: &AtomicU32, ticks: u64) {
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

/// Ticks from `start` (pauses before it already taken off), without the pauses since.
#[inline(always)]
pub(super) fn elapsed(local: &Local, start: u64, end: Ticks) -> u64 {
    forward(end.0.wrapping_sub(local.paused.get()).wrapping_sub(start))
}

/// A difference of readings; zero when the clock went back.
#[inline(always)]
pub(super) fn forward(ticks: u64) -> u64 {
    if (ticks as i64) < 0 { backward() } else { ticks }
}

/// A branch that is never taken costs less than a choice that every call waits for.
#[cold]
#[inline(never)]
fn backward() -> u64 {
    0
}
