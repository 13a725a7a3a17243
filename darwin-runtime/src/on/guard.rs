//! A measured call that has begun: what its end has to know.
#![allow(unsafe_code, reason = "reads what was written when it began")]

use std::mem::MaybeUninit;

use super::count;
use super::graph::Frame;
use super::local::Local;
use super::memory::{Mark, Used};
use super::recent::Recent;
use super::special::State;
use crate::clock::Ticks;
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
    pub(super) place: MaybeUninit<(*const Slot, Recent)>,
    /// Unless the call is not timed.
    begun: MaybeUninit<Begun>,
    /// In graph mode.
    pub(super) frame: MaybeUninit<Frame>,
}

/// What was counted, and the time, when a call began.
#[derive(Debug, Clone, Copy)]
struct Begun {
    memory: Mark,
    start: u64,
}

impl Guard {
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
        Guard::new(local, site, state, MaybeUninit::new(Begun { memory, start }))
    }

    /// One that is counted already.
    #[inline(always)]
    pub(super) fn untimed(local: &Local, site: &'static Site, state: State) -> Guard {
        Guard::new(local, site, state.skipped(), MaybeUninit::uninit())
    }

    #[inline(always)]
    fn new(local: &Local, site: &'static Site, state: State, begun: MaybeUninit<Begun>) -> Guard {
        Guard { site, state, local, place: MaybeUninit::uninit(), begun, frame: MaybeUninit::uninit() }
    }

    #[inline(always)]
    pub(super) fn local(&self) -> &Local {
        // SAFETY: a guard stays on its thread.
        unsafe { &*self.local }
    }

    /// Where it was to be counted when it began.
    ///
    /// # Safety
    /// It was `placed`, and its thread still counts in the same block of the map.
    #[inline(always)]
    pub(super) unsafe fn slot(&self) -> &Slot {
        // SAFETY: promised by the caller.
        unsafe { &*self.place.assume_init().0 }
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

    /// Its ticks up to `end`; zero when the clock went back.
    pub(super) fn elapsed(&self, local: &Local, end: Ticks) -> u64 {
        count::elapsed(local, self.begun().start, end)
    }

    /// The same without looking whether the clock went back.
    #[inline(always)]
    pub(super) fn difference(&self, local: &Local, end: Ticks) -> u64 {
        count::difference(local, self.begun().start, end)
    }

    /// Counts it, with what it allocated and freed.
    #[inline(always)]
    pub(super) fn count(&self, local: &Local, slot: &Slot, ticks: u64) {
        self.sum(local, slot, ticks);
        count::bucket(local, slot, self.site, ticks);
    }

    /// Adds it to all but the histogram.
    #[inline(always)]
    pub(super) fn sum(&self, local: &Local, slot: &Slot, ticks: u64) {
        if let Some(used) = self.used(local) {
            used.count(slot);
        }
        count::sum(slot, ticks);
    }
}
