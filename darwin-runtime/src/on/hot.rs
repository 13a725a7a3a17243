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
        let way = local.way.get();
        if way == way::PLAIN && !panicking() {
            if let Some(slot) = count::slot(local, site) {
                return Guard::placed(local, site, slot);
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
}

impl Placed<'_> {
    /// Counts it where it was to be counted when it began.
    #[inline(always)]
    pub(super) fn count(self, local: &Local, ticks: u64) {
        let (slot, recent) = (self.slot(), self.recent());
        if local.memory.is_used() {
            return self.count_at(local, slot, ticks);
        }
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

/// Ends a call. A call itself: inlined, it would let the compiler move the end of the body behind the clock.
#[inline(never)]
fn end(guard: &Guard, unwinds: bool) {
    let local = guard.local;
    let Some(call) = guard.as_placed(local).filter(|_| !unwinds) else {
        return end_otherwise(guard, unwinds);
    };
    let ticks = call.difference(local, clock::end_by_counter());
    if count::is_backward(ticks) {
        return special::leave(call.timed(), 0);
    }
    call.count(local, ticks);
}

#[inline(always)]
fn end_otherwise(guard: &Guard, unwinds: bool) {
    if unwinds {
        special::end(guard, true);
    } else if let Some(call) = guard.as_framed(guard.local) {
        graph::end(call);
    } else if !guard.state.is_skipped() {
        special::end(guard, false);
    }
}
