//! Calls that are not simply timed: those of the modes graph and adaptive, those that wait for a turn, those that unwind,
//! and the first ones.
#![allow(unsafe_code, reason = "reads what an entry in graph mode has written")]

use std::thread::panicking;

use super::hot::Guard;
use super::local::{self, Local};
use super::mode::{self, way};
use super::{adaptive, cold, graph, turns};
use crate::clock::{self, Ticks};
use crate::site::Site;

/// How a call began, in a word: flags, and above them what they are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u64);

/// It began while its thread was unwinding.
const UNWINDING: u64 = 1;
/// It is not timed.
const SKIPPED: u64 = 1 << 1;
/// It stands for as many calls as the upper half says.
const SAMPLED: u64 = 1 << 2;
/// Its caller is in the upper half ...
const FRAME: u64 = 1 << 3;
/// ... and no other call of the site was open ...
const OUTERMOST: u64 = 1 << 4;
/// ... by this caller.
const OUTERMOST_OF_EDGE: u64 = 1 << 5;
/// The thread's generation.
const GENERATION_SHIFT: u32 = 8;
const GENERATION: u64 = 0xff << GENERATION_SHIFT;
const UPPER_SHIFT: u32 = 32;

/// What an entry in graph mode noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// Id of the site that called, or zero.
    pub(super) caller: u32,
    /// No other call of this site was open.
    pub(super) is_outermost: bool,
    /// No other call of this site by this caller was open.
    pub(super) is_outermost_of_edge: bool,
    /// [`Local::selves`] at the entry.
    pub(super) selves: u64,
}

impl State {
    #[inline(always)]
    pub(super) fn of(unwinding: bool) -> State {
        State(u64::from(unwinding))
    }

    /// Timed, in exact mode, and not while unwinding?
    #[inline(always)]
    pub(super) fn is_plain(self) -> bool {
        self.0 == 0
    }

    #[inline(always)]
    pub(super) fn skipped(self) -> State {
        State(self.0 | SKIPPED)
    }

    #[inline(always)]
    fn is(self, flag: u64) -> bool {
        self.0 & flag != 0
    }

    /// Nothing but a frame that was opened in this process?
    #[inline(always)]
    pub(super) fn is_own_frame(self, local: &Local) -> bool {
        let generation = u64::from(local.generation.get()) << GENERATION_SHIFT;
        self.0 & (GENERATION | FRAME | SAMPLED | SKIPPED | UNWINDING) == FRAME | generation
    }

    #[inline(always)]
    fn upper(self) -> u32 {
        (self.0 >> UPPER_SHIFT) as u32
    }

    #[inline(always)]
    fn with(self, flags: u64, upper: u32, local: &Local) -> State {
        let generation = u64::from(local.generation.get()) << GENERATION_SHIFT;
        State(self.0 | flags | generation | u64::from(upper) << UPPER_SHIFT)
    }

    /// Did it begin in this very process?
    fn is_of(self, local: &Local) -> bool {
        (self.0 >> GENERATION_SHIFT) as u8 == local.generation.get()
    }

    /// Has a panic come up since?
    fn is_panicked(self) -> bool {
        panicking() && !self.is(UNWINDING)
    }
}

impl Frame {
    #[inline(always)]
    fn flags(&self) -> u64 {
        let if_so = |condition, flag| if condition { flag } else { 0 };
        FRAME | if_so(self.is_outermost, OUTERMOST) | if_so(self.is_outermost_of_edge, OUTERMOST_OF_EDGE)
    }
}

impl Guard {
    /// What an entry in graph mode noted.
    #[inline(always)]
    pub(super) fn frame(&self) -> Option<Frame> {
        self.state.is(FRAME).then(|| Frame {
            caller: self.state.upper(),
            is_outermost: self.state.is(OUTERMOST),
            is_outermost_of_edge: self.state.is(OUTERMOST_OF_EDGE),
            // SAFETY: `framed` writes it where it sets `FRAME`.
            selves: unsafe { self.selves.assume_init() },
        })
    }

    /// One whose caller is noted, and whose time begins now.
    #[inline(always)]
    pub(super) fn framed(
        local: &Local,
        site: &'static Site,
        (state, frame): (State, &Frame),
        clock: impl Fn() -> Ticks,
    ) -> Guard {
        let mut guard = Guard::timed(local, site, state.with(frame.flags(), frame.caller, local), clock);
        guard.selves.write(frame.selves);
        guard
    }
}

/// Begins a call, if not plainly; the clock is read last. Cold, so that plain ones run straight on.
#[cold]
#[inline(never)]
pub(super) fn enter(local: &Local, site: &'static Site, state: State) -> Guard {
    if local.way.get() == way::GRAPH {
        graph::enter(local, site, state)
    } else {
        enter_slowly(local, site, state)
    }
}

/// The same in every mode, by every clock, and for the first time.
#[inline(never)]
pub(super) fn enter_slowly(local: &Local, site: &'static Site, state: State) -> Guard {
    if local.way.get() == 0 {
        mode::settle(local);
    }
    let timed = |state| Guard::timed(local, site, state, clock::start);
    match mode::bits() {
        // It is not settled yet, and the call will not be counted.
        _ if local.way.get() == 0 => timed(state),
        mode::GRAPH => match graph::open(local, site) {
            None => timed(state),
            Some(frame) => Guard::framed(local, site, (state, &frame), clock::start),
        },
        mode::ADAPTIVE => match adaptive::sample(local, site) {
            None => timed(state),
            Some(0) => Guard::untimed(site, state),
            Some(weight) => timed(state.with(SAMPLED, weight, local)),
        },
        bits => {
            if bits & mode::TURNS != 0 {
                turns::enter(local, site, true);
            }
            timed(state)
        }
    }
}

/// Ends a call where it is not always the counter that does.
#[inline(never)]
pub(super) fn end(guard: &Guard) {
    if !guard.state.is(SKIPPED) {
        return end_timed(guard);
    }
    if panicking() {
        end_untimed(guard);
    }
}

#[inline(never)]
fn end_timed(guard: &Guard) {
    if local::with(|local| local.way.get()) == way::GRAPH {
        return graph::end(guard);
    }
    guard.leave(clock::end());
}

#[cold]
#[inline(never)]
fn end_untimed(guard: &Guard) {
    if guard.state.is_panicked() {
        adaptive::unfinished(guard.site, |slot| &slot.panicked);
    }
}

/// Ends a call of `ticks` that no faster way could count.
#[inline(never)]
pub(super) fn leave(guard: &Guard, ticks: u64) {
    local::with(|local| {
        let panicked = guard.state.is_panicked();
        let (state, allocated) = (guard.state, guard.allocated(local));
        if let Some(frame) = guard.frame().filter(|_| state.is_of(local)) {
            graph::leave(local, guard.site, &frame, ticks, (!panicked).then_some(allocated));
        } else if state.is(SAMPLED) && !panicked {
            let weight = if state.is_of(local) { state.upper() } else { 1 };
            adaptive::complete(local, guard.site, ticks, weight);
        } else {
            cold::leave(guard.site, ticks, allocated, panicked);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_keeps_what_the_entry_noted() {
        local::with(|local| {
            let frame =
                Frame { caller: u32::MAX, is_outermost: false, is_outermost_of_edge: true, selves: 0 };
            let state = State::of(true).with(frame.flags(), frame.caller, local);
            assert_eq!(state.upper(), u32::MAX);
            let flags = [FRAME, OUTERMOST, OUTERMOST_OF_EDGE, UNWINDING, SKIPPED, SAMPLED];
            assert_eq!(flags.map(|flag| state.is(flag)), [true, false, true, true, false, false]);
            assert!(state.is_of(local) && !state.is_plain() && !state.is_own_frame(local), "it unwinds");
            assert!(State::of(false).with(frame.flags(), 0, local).is_own_frame(local));
            let own = local.generation.replace(local.generation.get().wrapping_add(1));
            assert!(!state.is_of(local), "a forked child does not close what its parent opened");
            local.generation.set(own);
        });
    }
}
