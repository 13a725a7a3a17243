//! What runs per measured call, from its entry to its end. What it is made of is in `guard` and `count`, other ways to
//! begin and to end in `special`, what is done once in `cold`.
//!
//! What costs are the waits: the second reading of the clock waits for all before it, the next call's first one for the
//! counting of this. So places are looked up before the clock is read, and nothing at the end waits for a division, a
//! logarithm or a table.
#![allow(unsafe_code, reason = "counts into the shared map through the block that this thread has claimed")]

use std::mem::MaybeUninit;
use std::thread::panicking;

use super::count;
use super::graph::Frame;
use super::guard::Guard;
use super::local::{self, Local};
use super::mode::way;
use super::recent::Recent;
use super::special::{self, State};
use super::{adaptive, graph};
use crate::clock;
use crate::layout::Slot;
use crate::site::Site;

impl Guard {
    /// Begins a call of `site`; the clock is read last. Not inlined where nothing is optimized: what it works with would be
    /// on the stack as long as the call lasts, and a deep recursion would end earlier than without measurement.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn enter(site: &'static Site) -> Guard {
        // SAFETY: used up to the end of this function, which does not wait for anything.
        let local = unsafe { local::here() };
        let way = local.way.get();
        if way == way::PLAIN && !panicking() {
            if let Some(slot) = count::slot(local, site) {
                return Guard::placed(local, site, State::plain(local), slot, MaybeUninit::uninit());
            }
        } else if way & (way::ADAPTIVE | way::GRAPH) != 0 && !panicking() {
            if way == way::GRAPH {
                return graph::enter(local, site);
            } else if adaptive::skip(local, site) {
                return Guard::untimed(local, site, State::of(false));
            }
        }
        special::enter(local, site)
    }

    /// One whose time begins now, by the counter. Where it will be counted is looked up before, while the clock is being
    /// read; at the end everything would have to wait for it.
    #[inline(always)]
    pub(super) fn placed(
        local: &Local,
        site: &'static Site,
        state: State,
        slot: &Slot,
        frame: MaybeUninit<Frame>,
    ) -> Guard {
        let place = MaybeUninit::new((std::ptr::from_ref(slot), Recent::of(slot)));
        Guard::timed(local, site, state, place, frame, clock::start_by_counter)
    }

    /// The same where it was to be counted when it began.
    ///
    /// # Safety
    /// As for `slot`.
    #[inline(always)]
    pub(super) unsafe fn count_in_place(&self, local: &Local, ticks: u64) {
        // SAFETY: promised by the caller.
        let (slot, recent) = unsafe { (self.slot(), self.place.assume_init().1) };
        if local.memory.is_used() {
            return self.count(local, slot, ticks);
        }
        count::sum(slot, ticks);
        // SAFETY: as above.
        match unsafe { recent.counter(ticks) } {
            None => count::elsewhere(local, slot, self.site, ticks),
            Some(counter) => count::increment(slot, counter, ticks),
        }
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
    let local = guard.local();
    if unwinds || !guard.state.is_plain(local) {
        return end_otherwise(guard, unwinds);
    }
    let ticks = guard.difference(local, clock::end_by_counter());
    if count::is_backward(ticks) {
        return special::leave(guard, 0);
    }
    // SAFETY: it began plainly, and its thread still counts in the same block of the map.
    unsafe { guard.count_in_place(local, ticks) };
}

#[inline(always)]
fn end_otherwise(guard: &Guard, unwinds: bool) {
    if unwinds {
        special::end(guard, true);
    } else if guard.state.is_placed_frame(guard.local()) {
        graph::end(guard);
    } else if !guard.state.is_skipped() {
        special::end(guard, false);
    }
}
