//! What runs per measured call, from its entry to its end. What it is made of is in `guard` and `count`, other ways to
//! begin and to end in `special`, what is done once in `cold`.
//!
//! What costs are the waits: the second reading of the clock waits for all before it, the next call's first one for the
//! counting of this. So places are looked up before the clock is read, and nothing at the end waits for a division, a
//! logarithm or a table.

use std::thread::panicking;

use super::count;
use super::guard::{Guard, Placed};
use super::local::{self, Local};
use super::mode::way;
use super::special::{self, State};
use super::{adaptive, graph};
use crate::clock;
use crate::site::Site;

impl Guard {
    /// Begins a call of `site`; the clock is read last. Not inlined where nothing is optimized: what it works with would be
    /// on the stack as long as the call lasts, and a deep recursion would end earlier than without measurement.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn enter(site: &'static Site) -> Guard {
        let local = local::here();
        if local.way.get() & (way::PLAIN | way::GRAPH) != 0 && !panicking() {
            if let Some(slot) = count::slot(local, site) {
                if local.way.get() == way::PLAIN {
                    return Guard::placed(local, site, slot);
                }
                return match graph::open_usual(local, site, slot) {
                    Some(frame) => Guard::framed(local, site, slot, frame, State::placed_frame),
                    None => graph::enter(local, site),
                };
            }
        } else if local.way.get() == way::ADAPTIVE && !panicking() && adaptive::skip(local, site) {
            return Guard::untimed(local, site, State::of(false));
        }
        special::enter(local, site)
    }
}

impl Placed<'_> {
    /// Counts it where it was to be counted when it began.
    #[inline(always)]
    pub(super) fn count(self, local: &Local, ticks: u64) {
        if local.memory.is_used() {
            self.count_beside_memory(local, ticks)
        } else {
            self.count_time(local, ticks)
        }
    }

    /// The same where memory is counted too. A function of its own, and the next one again, so that what comes more often
    /// needs no room on the stack for what comes less often.
    #[inline(never)]
    fn count_beside_memory(self, local: &Local, ticks: u64) {
        if self.left_memory_alone(local) {
            self.count_time(local, ticks)
        } else {
            self.count_with_memory(local, ticks)
        }
    }

    #[inline(never)]
    fn count_with_memory(self, local: &Local, ticks: u64) {
        if let Some(used) = self.used(local) {
            used.count(self.slot());
        }
        self.count_time(local, ticks);
    }

    #[inline(always)]
    fn count_time(self, local: &Local, ticks: u64) {
        let (slot, recent) = (self.slot(), self.recent());
        count::sum(slot, ticks);
        match recent.counter(ticks) {
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

/// Ends a call. A call itself, and without a branch around it, even for calls that are not timed: in a block of its own, the
/// compiler moved the body behind the clock (`soak ordered` saw it).
#[inline(never)]
fn end(guard: &Guard, unwinds: bool) {
    let local = guard.local;
    if unwinds {
        return special::end_unwinding(guard);
    }
    let Some(call) = guard.as_placed(local) else { return graph::end(guard) };
    let ticks = call.difference(local, clock::end_by_counter());
    if count::is_backward(ticks) {
        return special::leave(call.timed(), 0);
    }
    call.count(local, ticks);
}
