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
    /// Unless the call is not timed: when it began ...
    start: MaybeUninit<u64>,
    /// ... and what its thread had done with memory.
    memory: MaybeUninit<Mark>,
    /// Where it will be counted, if it is placed.
    pub(super) place: MaybeUninit<(*const Slot, Recent)>,
    /// In graph mode.
    pub(super) frame: MaybeUninit<Frame>,
}

impl Guard {
    /// One whose time begins now.
    #[inline(always)]
    pub(super) fn timed(
        local: &Local,
        site: &'static Site,
        state: State,
        place: MaybeUninit<(*const Slot, Recent)>,
        frame: MaybeUninit<Frame>,
        clock: impl Fn() -> Ticks,
    ) -> Guard {
        let memory = MaybeUninit::new(local.memory.enter());
        let start = MaybeUninit::new(clock().0.wrapping_sub(local.paused.get()));
        Guard { site, state, local, start, memory, place, frame }
    }

    /// One that is counted already.
    #[inline(always)]
    pub(super) fn untimed(local: &Local, site: &'static Site, state: State) -> Guard {
        let (start, memory) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        let (place, frame) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        Guard { site, state: state.skipped(), local, start, memory, place, frame }
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
    fn start(&self) -> u64 {
        // SAFETY: only of a call that is not timed nothing is written, and nobody asks.
        unsafe { self.start.assume_init() }
    }

    /// What it did with memory; `None`: nothing. To be asked once, at its end.
    #[inline(always)]
    pub(super) fn used(&self, local: &Local) -> Option<Used> {
        // SAFETY: only of a call that is not timed nothing is written, and nobody asks.
        local.memory.leave(unsafe { self.memory.assume_init_ref() })
    }

    /// Its ticks up to `end`; zero when the clock went back.
    pub(super) fn elapsed(&self, local: &Local, end: Ticks) -> u64 {
        count::elapsed(local, self.start(), end)
    }

    /// The same without looking whether the clock went back.
    #[inline(always)]
    pub(super) fn difference(&self, local: &Local, end: Ticks) -> u64 {
        count::difference(local, self.start(), end)
    }

    /// Counts it, with what it allocated and freed.
    #[inline(never)]
    pub(super) fn count(&self, local: &Local, slot: &Slot, ticks: u64) {
        if let Some(used) = self.used(local) {
            used.count(slot);
        }
        count::call(local, slot, self.site, ticks);
    }
}
