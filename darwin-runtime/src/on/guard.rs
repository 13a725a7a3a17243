//! A measured call that has begun: what its end has to know. Not all of it is written in every mode, so what can be read is
//! said by types that only the state of a call gives: [`Timed`], [`Placed`] and [`Framed`].
#![allow(unsafe_code, reason = "reads what was written when it began: what is not needed is not written")]

use std::mem::MaybeUninit;
use std::ops::Deref;

use super::count;
use super::graph::Frame;
use super::local::Local;
use super::memory::{Mark, Used};
use super::recent::Recent;
use super::special::State;
use crate::clock::{self, Ticks};
use crate::layout::Slot;
use crate::site::Site;

/// A measured call that has begun. Dropping it ends the call.
#[derive(Debug)]
pub struct Guard {
    pub(super) site: &'static Site,
    pub(super) state: State,
    /// That of the thread on which it began, to which it is bound.
    pub(super) local: &'static Local,
    /// If it is timed: when it began ...
    start: MaybeUninit<u64>,
    /// ... and what its thread had done with memory.
    memory: MaybeUninit<Mark>,
    /// If it is placed: where it will be counted.
    place: MaybeUninit<(&'static Slot, Recent)>,
    /// If it is framed.
    frame: MaybeUninit<Frame>,
}

impl Guard {
    /// One in exact mode whose time begins now, by the counter. Where it will be counted is looked up before, while the clock
    /// is being read; at the end everything would have to wait for it.
    #[inline(always)]
    pub(super) fn placed(local: &'static Local, site: &'static Site, slot: &'static Slot) -> Guard {
        let place = MaybeUninit::new((slot, Recent::of(slot)));
        let (state, frame) = (State::plain(local), MaybeUninit::uninit());
        Guard::now(local, site, state, place, frame, clock::start_by_counter)
    }

    /// The same in graph mode, in a state of placed frames.
    #[inline(always)]
    pub(super) fn framed(
        local: &'static Local,
        site: &'static Site,
        slot: &'static Slot,
        frame: Frame,
        state: fn(&Local) -> State,
    ) -> Guard {
        let place = MaybeUninit::new((slot, Recent::of(slot)));
        let (state, frame) = (state(local), MaybeUninit::new(frame));
        Guard::now(local, site, state, place, frame, clock::start_by_counter)
    }

    /// One whose place is looked up at its end. Its `state` is neither that of a placed call nor that of a framed one.
    #[inline(always)]
    pub(super) fn timed(
        local: &'static Local,
        site: &'static Site,
        state: State,
        frame: Option<Frame>,
        clock: impl Fn() -> Ticks,
    ) -> Guard {
        let (state, frame) = match frame {
            None => (state, MaybeUninit::uninit()),
            Some(frame) => (state.framed(local), MaybeUninit::new(frame)),
        };
        Guard::now(local, site, state, MaybeUninit::uninit(), frame, clock)
    }

    #[inline(always)]
    fn now(
        local: &'static Local,
        site: &'static Site,
        state: State,
        place: MaybeUninit<(&'static Slot, Recent)>,
        frame: MaybeUninit<Frame>,
        clock: impl Fn() -> Ticks,
    ) -> Guard {
        let (start, memory) = (MaybeUninit::uninit(), MaybeUninit::new(Mark::none()));
        let mut guard = Guard { site, state, local, start, memory, place, frame };
        if local.memory.is_used() {
            guard.memory.write(local.memory.enter());
        }
        guard.start.write(clock().0.wrapping_sub(local.paused.get()));
        guard
    }

    /// One that is counted already.
    #[inline(always)]
    pub(super) fn untimed(local: &'static Local, site: &'static Site, state: State) -> Guard {
        let (start, memory) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        let (place, frame) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        Guard { site, state: state.skipped(), local, start, memory, place, frame }
    }

    /// The call as one that is timed, if it is.
    #[inline(always)]
    pub(super) fn as_timed(&self) -> Option<Timed<'_>> {
        (!self.state.is_skipped()).then_some(Timed(self))
    }

    /// The call as one in exact mode, if its thread still counts where it began.
    #[inline(always)]
    pub(super) fn as_placed(&self, local: &Local) -> Option<Placed<'_>> {
        self.state.is_plain(local).then_some(Placed(Timed(self)))
    }

    /// The same in graph mode, for the usual call ...
    #[inline(always)]
    pub(super) fn as_framed(&self, local: &Local) -> Option<Framed<'_>> {
        self.state.is_placed_frame(local).then_some(Framed(Placed(Timed(self))))
    }

    /// ... and for one that is not.
    pub(super) fn as_unusually_framed(&self, local: &Local) -> Option<Framed<'_>> {
        self.state.is_unusual_frame(local).then_some(Framed(Placed(Timed(self))))
    }
}

/// A call that is timed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timed<'a>(&'a Guard);

/// One that was given its place by the counter, where its thread still counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a>(Timed<'a>);

/// One that was given its frame as well.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framed<'a>(Placed<'a>);

impl Timed<'_> {
    #[inline(always)]
    fn start(self) -> u64 {
        // SAFETY: written in every call but an untimed one, which `as_timed` and the others do not give.
        unsafe { self.start.assume_init() }
    }

    /// What it did with memory; `None`: nothing. To be asked once, at its end.
    #[inline(always)]
    pub(super) fn used(self, local: &Local) -> Option<Used> {
        // SAFETY: as above.
        local.memory.leave(unsafe { self.memory.assume_init_ref() })
    }

    /// Has it done nothing with memory? Then `used` need not be asked.
    #[inline(always)]
    pub(super) fn left_memory_alone(self, local: &Local) -> bool {
        // SAFETY: as above.
        local.memory.leave_unchanged(unsafe { self.memory.assume_init_ref() })
    }

    /// What an entry in graph mode noted.
    #[inline(always)]
    pub(super) fn frame(&self) -> Option<&Frame> {
        // SAFETY: whatever sets that state writes it.
        self.state.is_framed().then(|| unsafe { self.0.frame.assume_init_ref() })
    }

    /// Its ticks up to `end`; zero when the clock went back.
    pub(super) fn elapsed(self, local: &Local, end: Ticks) -> u64 {
        count::elapsed(local, self.start(), end)
    }

    /// The same without looking whether the clock went back.
    #[inline(always)]
    pub(super) fn difference(self, local: &Local, end: Ticks) -> u64 {
        count::difference(local, self.start(), end)
    }

    /// Counts it at `slot`, with what it allocated and freed.
    #[inline(never)]
    pub(super) fn count_at(self, local: &Local, slot: &'static Slot, ticks: u64) {
        if let Some(used) = self.used(local) {
            used.count(slot);
        }
        count::call(local, slot, self.site, ticks);
    }
}

impl<'a> Placed<'a> {
    #[inline(always)]
    pub(super) fn slot(self) -> &'static Slot {
        self.place().0
    }

    #[inline(always)]
    pub(super) fn recent(self) -> Recent {
        self.place().1
    }

    #[inline(always)]
    fn place(self) -> (&'static Slot, Recent) {
        // SAFETY: written in such a call.
        unsafe { self.place.assume_init() }
    }

    #[inline(always)]
    pub(super) fn timed(self) -> Timed<'a> {
        self.0
    }
}

impl Framed<'_> {
    #[inline(always)]
    pub(super) fn frame(&self) -> &Frame {
        // SAFETY: written in such a call.
        unsafe { self.0.0.0.frame.assume_init_ref() }
    }
}

impl Deref for Timed<'_> {
    type Target = Guard;

    #[inline(always)]
    fn deref(&self) -> &Guard {
        self.0
    }
}

impl<'a> Deref for Placed<'a> {
    type Target = Timed<'a>;

    #[inline(always)]
    fn deref(&self) -> &Timed<'a> {
        &self.0
    }
}

impl<'a> Deref for Framed<'a> {
    type Target = Placed<'a>;

    #[inline(always)]
    fn deref(&self) -> &Placed<'a> {
        &self.0
    }
}
