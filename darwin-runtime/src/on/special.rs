//! Calls that are not simply timed: those of the modes graph and adaptive, those that wait for a turn, those that unwind,
//! and the first ones.
#![allow(unsafe_code, reason = "reads what an entry in graph mode has written")]

use std::mem::MaybeUninit;
use std::thread::panicking;

use super::graph::{self, Frame};
use super::guard::Guard;
use super::local::{self, GENERATION_SHIFT, Local};
use super::mode::{self, way};
use super::{adaptive, cold, count, inject, turns};
use crate::clock;
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
/// It has a [`Frame`] ...
const FRAME: u64 = 1 << 3;
/// ... and ends by the counter where it began, if its thread still counts there.
const PLACED: u64 = 1 << 4;
/// It ends with work that was asked for.
const INJECTED: u64 = 1 << 5;
/// It is counted, and began as a timed one for the sake of that work.
const COUNTED: u64 = 1 << 6;
/// All of them.
const FLAGS: u64 = 0xff;
const UPPER_SHIFT: u32 = 32;

impl State {
    /// Timed by the counter, in exact mode, and not while unwinding: nothing else is to be done at the end.
    #[inline(always)]
    pub(super) fn plain(local: &Local) -> State {
        State(local.plain.get())
    }

    /// The same with a frame.
    #[inline(always)]
    pub(super) fn placed_frame(local: &Local) -> State {
        State(local.plain.get() | FRAME | PLACED)
    }

    /// Did it begin as a placed frame, in the block in which this thread counts?
    #[inline(always)]
    pub(super) fn is_placed_frame(self, local: &Local) -> bool {
        self.0 ^ local.plain.get() == FRAME | PLACED
    }

    #[inline(always)]
    pub(super) fn of(unwinding: bool) -> State {
        State(u64::from(unwinding))
    }

    /// Did it begin plainly, in the block in which this thread counts?
    #[inline(always)]
    pub(super) fn is_plain(self, local: &Local) -> bool {
        self.0 == local.plain.get()
    }

    #[inline(always)]
    pub(super) fn skipped(self) -> State {
        State(self.0 | SKIPPED)
    }

    /// Not timed?
    #[inline(always)]
    pub(super) fn is_skipped(self) -> bool {
        self.is(SKIPPED)
    }

    /// Is there nothing else to its end than to count it?
    fn is_timed_only(self) -> bool {
        self.0 & (FLAGS & !INJECTED) == 0
    }

    #[inline(always)]
    fn is(self, flag: u64) -> bool {
        self.0 & flag != 0
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

impl Guard {
    /// What an entry in graph mode noted.
    #[inline(always)]
    pub(super) fn frame(&self) -> Option<&Frame> {
        // SAFETY: whatever sets `FRAME` writes it.
        self.state.is(FRAME).then(|| unsafe { self.frame.assume_init_ref() })
    }
}

/// Begins a call in any way; the clock is read last. Cold, so that plain ones run straight on.
#[cold]
#[inline(never)]
pub(super) fn enter(local: &Local, site: &'static Site) -> Guard {
    let state = State::of(panicking());
    match local.way.get() {
        way::TURNS => enter_in_turn(local, site, state),
        way::INJECTED_TURNS if !inject::meets(site) => enter_in_turn(local, site, state),
        way::INJECTED_PLAIN if !inject::meets(site) => enter_placed(local, site, state),
        _ => enter_slowly(local, site, state),
    }
}

#[inline(never)]
fn enter_in_turn(local: &Local, site: &'static Site, state: State) -> Guard {
    turns::enter(local, site, true);
    enter_placed(local, site, state)
}

#[inline(always)]
fn enter_placed(local: &Local, site: &'static Site, state: State) -> Guard {
    let frame = MaybeUninit::uninit();
    match count::slot(local, site).filter(|_| !state.is(UNWINDING)) {
        Some(slot) => Guard::placed(local, site, State::plain(local), slot, frame),
        None => Guard::timed(local, site, state, MaybeUninit::uninit(), frame, clock::start_by_counter),
    }
}

/// The same in every mode, by every clock, and for the first time.
#[inline(never)]
pub(super) fn enter_slowly(local: &Local, site: &'static Site, state: State) -> Guard {
    if local.way.get() == 0 {
        mode::settle(local);
    }
    let mut noted = MaybeUninit::uninit();
    let state = if inject::meets(site) { State(state.0 | INJECTED) } else { state };
    let state = match mode::bits() {
        // It is not settled yet, and the call will not be counted.
        _ if local.way.get() == 0 => state,
        mode::GRAPH => match graph::open(local, site) {
            None => state,
            Some(frame) => {
                noted.write(frame);
                state.with(FRAME, 0, local)
            }
        },
        mode::ADAPTIVE => match adaptive::sample(local, site) {
            None => state,
            Some(0) if state.is(INJECTED) => state.with(COUNTED, 0, local),
            Some(0) => return Guard::untimed(local, site, state),
            Some(weight) => state.with(SAMPLED, weight, local),
        },
        bits => {
            if bits & mode::TURNS != 0 {
                turns::enter(local, site, true);
            }
            state
        }
    };
    Guard::timed(local, site, state, MaybeUninit::uninit(), noted, clock::start)
}

/// Ends a call in any way.
#[inline(never)]
pub(super) fn end(guard: &Guard, unwinds: bool) {
    if guard.state.is_skipped() {
        return if unwinds {
            end_untimed(guard)
        };
    }
    if guard.state.is(INJECTED) && !guard.state.is_panicked() {
        local::with(|local| inject::work(|| guard.elapsed(local, clock::end())));
    }
    if guard.state.is(COUNTED) {
        return end_counted(guard);
    }
    let end = clock::end();
    local::with(|local| {
        let ticks = guard.elapsed(local, end);
        match count::slot(local, guard.site).filter(|_| guard.state.is_timed_only() && !unwinds) {
            Some(slot) => guard.count(local, slot, ticks),
            None => leave(guard, ticks),
        }
    });
}

/// What it did with memory is no call's, but the next ones are told apart from it.
#[cold]
#[inline(never)]
fn end_counted(guard: &Guard) {
    local::with(|local| guard.used(local));
    end_untimed(guard);
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
        let (state, used) = (guard.state, guard.used(local).unwrap_or_default());
        if let Some(frame) = guard.frame().filter(|_| state.is_of(local)) {
            graph::leave(local, guard.site, frame, ticks, (!panicked).then_some(used));
        } else if state.is(SAMPLED) && !panicked {
            let weight = if state.is_of(local) { state.upper() } else { 1 };
            adaptive::complete(local, guard.site, ticks, weight);
        } else {
            cold::leave(guard.site, ticks, used, panicked);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_keeps_what_the_entry_noted() {
        local::with(|local| {
            let state = State::of(true).with(SAMPLED, u32::MAX, local);
            assert_eq!(state.upper(), u32::MAX);
            let flags = [FRAME, SAMPLED, UNWINDING, SKIPPED];
            assert_eq!(flags.map(|flag| state.is(flag)), [false, true, true, false]);
            assert!(state.is_of(local) && !state.is_plain(local) && !state.is_timed_only(), "it unwinds");
            let own = local.generation.replace(local.generation.get().wrapping_add(1));
            assert!(!state.is_of(local), "a forked child does not close what its parent opened");
            local.generation.set(own);
        });
    }

    #[test]
    fn a_forked_child_closes_its_own_frames_and_not_those_of_its_parent() {
        std::thread::spawn(|| {
            local::with(|local| {
                let parents = State::placed_frame(local);
                assert!(parents.is_of(local) && parents.is_placed_frame(local));
                local.begin_generation();
                assert!(!parents.is_of(local) && !parents.is_placed_frame(local));
                let own = State::placed_frame(local);
                local.count_in(std::ptr::null());
                assert!(own.is_of(local) && !own.is_placed_frame(local), "also in another block");
            });
        })
        .join()
        .expect("the test passes");
    }

    #[test]
    fn a_plain_state_ends_with_the_block_in_which_it_began() {
        local::with(|local| {
            let state = State::plain(local);
            assert!(state.is_plain(local) && state.is_timed_only() && !State::of(false).is_plain(local));
            let block = local.count_in(std::ptr::null());
            assert!(!state.is_plain(local) && state.is_timed_only());
            local.count_in(block);
            assert!(!state.is_plain(local), "what is noted in the block may be another's");
        });
    }
}
