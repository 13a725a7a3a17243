//! `#[hotpath]` on an async function: one call lasts from the first poll to ready; busy time is the sum of the polls.
#![allow(unsafe_code, reason = "projects a pin to the wrapped future")]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{cold, hot, local, turns};
use crate::clock;
use crate::site::Site;

/// A measured future.
#[derive(Debug)]
pub struct Timed<F> {
    site: &'static Site,
    progress: Progress,
    polls: u64,
    busy: u64,
    paused: u64,
    allocated: (u64, u64),
    inner: F,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Progress {
    New,
    /// Polled first at this tick.
    Waiting(u64),
    /// Being polled: what unwinds from here is a panic, even when it is dropped later.
    Polled(u64),
    Ready,
}

/// Measures `inner` as a call of `site`.
pub fn timed<F: Future>(site: &'static Site, inner: F) -> Timed<F> {
    Timed { site, progress: Progress::New, polls: 0, busy: 0, paused: 0, allocated: (0, 0), inner }
}

impl<F: Future> Future for Timed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `inner` is pinned with `self` and never moved out; the other fields are not pinned.
        let this = unsafe { self.get_unchecked_mut() };
        enter(this.site, this.progress == Progress::New);
        let before = counters();
        let begin = clock::start().0;
        let first = match this.progress {
            Progress::Waiting(first) => first,
            _ => begin,
        };
        this.progress = Progress::Polled(first);
        // SAFETY: as above.
        let outcome = unsafe { Pin::new_unchecked(&mut this.inner) }.poll(context);
        let end = clock::end().0;
        this.note_poll(before, end.wrapping_sub(begin));
        this.progress = Progress::Waiting(first);
        if outcome.is_ready() {
            this.progress = Progress::Ready;
            this.complete(hot::forward(end.wrapping_sub(first).wrapping_sub(this.paused)));
        }
        outcome
    }
}

/// A poll waits for its turn; the first one of a future is work, how many follow may depend on the time.
fn enter(site: &'static Site, begins: bool) {
    if turns::are_taken() {
        local::with(|local| turns::enter(local, site, begins));
    }
}

/// This thread's pauses, allocations and bytes.
fn counters() -> (u64, u64, u64) {
    local::with(|local| (local.paused.get(), local.allocs.get(), local.bytes.get()))
}

impl<F> Timed<F> {
    fn note_poll(&mut self, before: (u64, u64, u64), ticks: u64) {
        let after = counters();
        self.polls += 1;
        let paused = after.0.wrapping_sub(before.0);
        self.paused += paused;
        self.busy += hot::forward(ticks.wrapping_sub(paused));
        self.allocated.0 += after.1.wrapping_sub(before.1);
        self.allocated.1 += after.2.wrapping_sub(before.2);
    }

    fn complete(&self, wall_ticks: u64) {
        cold::with_slot(self.site, |local, slot| {
            hot::add(&slot.polls, self.polls);
            hot::add(&slot.busy_ticks, self.busy);
            hot::add(&slot.allocs, self.allocated.0);
            hot::add(&slot.bytes, self.allocated.1);
            // Timers run on while the other side has its turn, so there the wall time says nothing.
            let ticks = if turns::are_taken() { self.busy } else { wall_ticks };
            cold::complete(local, slot, self.site, ticks);
        });
    }
}

impl<F> Drop for Timed<F> {
    fn drop(&mut self) {
        match self.progress {
            Progress::New | Progress::Ready => {}
            Progress::Waiting(_) => cold::with_slot(self.site, |_, slot| hot::add(&slot.cancelled, 1)),
            Progress::Polled(_) => cold::with_slot(self.site, |_, slot| hot::add(&slot.panicked, 1)),
        }
    }
}
