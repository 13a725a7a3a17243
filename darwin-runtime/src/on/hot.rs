//! What runs per measured call, and nothing else. The slow paths are in `cold`, other ways to count than one by one in
//! `special`.
#![allow(unsafe_code, reason = "counts into the shared map through the block that this thread has claimed")]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::thread::panicking;

use super::local::{self, Local};
use super::memory::{Mark, Used};
use super::mode::way;
use super::special::{self, State};
use super::{adaptive, cold, place, turns};
use crate::bucket;
use crate::clock::{self, Ticks};
use crate::layout::Slot;
use crate::site::Site;

/// A measured call that has begun. Dropping it ends the call.
#[derive(Debug)]
pub struct Guard {
    pub(super) site: &'static Site,
    pub(super) state: State,
    /// Unless the call is not timed.
    begun: MaybeUninit<Begun>,
    /// In graph mode.
    pub(super) selves: MaybeUninit<u64>,
    /// Bound to the thread on which it began.
    not_send: PhantomData<*const ()>,
}

/// What was counted, and the time, when a call began.
#[derive(Debug, Clone, Copy)]
struct Begun {
    memory: Mark,
    start: u64,
}

impl Guard {
    /// Begins a call of `site`; the clock is read last.
    #[inline(always)]
    pub fn enter(site: &'static Site) -> Guard {
        // SAFETY: used up to the end of this function, which does not wait for anything.
        let local = unsafe { local::here() };
        let state = State::of(panicking());
        let way = local.way.get();
        if way != way::PLAIN {
            if way == way::ADAPTIVE && adaptive::skip(local, site) {
                return Guard::untimed(site, state);
            }
            if way != way::TURNS {
                return special::enter(local, site, state);
            }
            turns::enter(local, site, true);
        }
        Guard::timed(local, site, state, clock::start_by_counter)
    }

    /// One whose time begins now.
    #[inline(always)]
    pub(super) fn timed(
        local: &Local,
        site: &'static Site,
        state: State,
        clock: impl Fn() -> Ticks,
    ) -> Guard {
        let memory = local.memory.enter();
        let start = clock().0.wrapping_sub(local.paused.get());
        Guard::new(site, state, MaybeUninit::new(Begun { memory, start }))
    }

    /// One that is counted already.
    #[inline(always)]
    pub(super) fn untimed(site: &'static Site, state: State) -> Guard {
        Guard::new(site, state.skipped(), MaybeUninit::uninit())
    }

    #[inline(always)]
    fn new(site: &'static Site, state: State, begun: MaybeUninit<Begun>) -> Guard {
        Guard { site, state, begun, selves: MaybeUninit::uninit(), not_send: PhantomData }
    }

    #[inline(always)]
    fn begun(&self) -> &Begun {
        // SAFETY: only of a call that is not timed nothing is written, and nobody asks.
        unsafe { self.begun.assume_init_ref() }
    }

    /// What it did with memory; `None`: nothing. To be asked once, at its end.
    #[inline(always)]
    pub(super) fn used(&self, local: &Local) -> Option<Used> {
        local.memory.leave(&self.begun().memory)
    }

    /// Ends the call at `end`.
    #[inline(never)]
    pub(super) fn leave(&self, end: Ticks) {
        local::with(|local| self.leave_in(local, end));
    }

    #[inline(always)]
    fn leave_in(&self, local: &Local, end: Ticks) {
        let ticks = self.elapsed(local, end);
        let block = local.block.get();
        if block.is_null() || panicking() || !self.state.is_plain() {
            return special::leave(self, ticks);
        }
        // SAFETY: `block` is this thread's own claimed block in the map, which stays mapped until the process ends.
        match unsafe { place::slot(block, self.site.id()) } {
            None => special::leave(self, ticks),
            Some(slot) => self.count(local, slot, ticks),
        }
    }

    /// Its ticks up to `end`.
    #[inline(always)]
    pub(super) fn elapsed(&self, local: &Local, end: Ticks) -> u64 {
        elapsed(local, self.begun().start, end)
    }

    /// Counts it, with what it allocated and freed.
    #[inline(always)]
    pub(super) fn count(&self, local: &Local, slot: &Slot, ticks: u64) {
        if let Some(used) = self.used(local) {
            used.count(slot);
        }
        count(local, slot, self.site, ticks);
    }
}

impl Drop for Guard {
    /// A call: inlined, it would let the compiler move the end of the body behind the clock.
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: used for this one question.
        let way = unsafe { local::here() }.way.get();
        if way & way::BY_COUNTER != 0 { self.leave(clock::end_by_counter()) } else { special::end(self) }
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
