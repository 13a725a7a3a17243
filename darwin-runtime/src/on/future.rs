//! `#[hotpath]` on an async function: one call lasts from the first poll to ready; busy time is the sum of the polls.
#![allow(unsafe_code, reason = "projects a pin to the wrapped future")]

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll};

use super::{adaptive, cold, hot, local, mode, poll, turns};
use crate::clock;
use crate::layout::Slot;
use crate::site::Site;

/// A measured future.
#[derive(Debug)]
pub struct Timed<F> {
    site: &'static Site,
    progress: Progress,
    /// Adaptive mode: how many calls it stands for; zero: it is not timed.
    weight: u32,
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
    Timed { site, progress: Progress::New, weight: 1, polls: 0, busy: 0, paused: 0, allocated: (0, 0), inner }
}

impl<F: Future> Future for Timed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `inner` is pinned with `self` and never moved out; the other fields are not pinned.
        let this = unsafe { self.get_unchecked_mut() };
        if matches!(this.progress, Progress::Polled(_) | Progress::Ready) {
            // It has ended and is counted, or will be as one that has panicked: what this poll does is not the call's.
            // SAFETY: as above.
            return unsafe { Pin::new_unchecked(&mut this.inner) }.poll(context);
        }
        let begins = this.progress == Progress::New;
        if begins && mode::bits() == mode::ADAPTIVE {
            this.weight = adaptive::begin(this.site);
        }
        // SAFETY: as above.
        let inner = unsafe { Pin::new_unchecked(&mut this.inner) };
        let first = match this.progress {
            Progress::Waiting(first) => Some(first),
            _ => None,
        };
        if this.weight == 0 {
            this.progress = Progress::Polled(0);
            let outcome = inner.poll(context);
            this.progress = if outcome.is_ready() { Progress::Ready } else { Progress::Waiting(0) };
            return outcome;
        }
        enter(this.site, begins);
        let frame = poll::Poll::begin(this.site);
        let before = counters();
        let begin = clock::start().0;
        let first = first.unwrap_or(begin);
        this.progress = Progress::Polled(first);
        let outcome = inner.poll(context);
        let end = clock::end().0;
        let busy = this.note_poll(before, end.wrapping_sub(begin));
        frame.end(busy, outcome.is_ready());
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
    /// What a poll of `ticks` took without pauses.
    fn note_poll(&mut self, before: (u64, u64, u64), ticks: u64) -> u64 {
        let after = counters();
        self.polls += 1;
        let paused = after.0.wrapping_sub(before.0);
        // Wraps around where the clock went back in a pause, and again where what is taken off went back with it.
        self.paused = self.paused.wrapping_add(paused);
        let busy = hot::forward(ticks.wrapping_sub(paused));
        self.busy = self.busy.saturating_add(busy);
        self.allocated.0 = self.allocated.0.wrapping_add(after.1.wrapping_sub(before.1));
        self.allocated.1 = self.allocated.1.wrapping_add(after.2.wrapping_sub(before.2));
        busy
    }

    fn complete(&self, wall_ticks: u64) {
        cold::with_slot(self.site, |local, slot| {
            let weight = u64::from(self.weight);
            hot::add(&slot.polls, self.polls.saturating_mul(weight));
            hot::add(&slot.busy_ticks, self.busy.saturating_mul(weight));
            if mode::bits() == mode::ADAPTIVE {
                return adaptive::record(slot, wall_ticks, self.weight);
            }
            hot::add(&slot.allocs, self.allocated.0);
            hot::add(&slot.bytes, self.allocated.1);
            // Timers run on while the other side has its turn, so there the wall time says nothing.
            let ticks = if turns::are_taken() { self.busy } else { wall_ticks };
            cold::complete(local, slot, self.site, ticks);
        });
    }

    /// It ends without being ready.
    fn give_up(&self, why: impl Fn(&Slot) -> &AtomicU64) {
        match self.weight {
            0 => adaptive::unfinished(self.site, why),
            _ => cold::with_slot(self.site, |_, slot| hot::add(why(slot), 1)),
        }
    }
}

impl<F> Drop for Timed<F> {
    fn drop(&mut self) {
        match self.progress {
            Progress::New | Progress::Ready => {}
            Progress::Waiting(_) => self.give_up(|slot| &slot.cancelled),
            Progress::Polled(_) => self.give_up(|slot| &slot.panicked),
        }
    }
}
