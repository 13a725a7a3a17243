//! `#[hotpath]` on an async function: one call lasts from the first poll to ready; busy time is the sum of the polls.
#![allow(unsafe_code, reason = "projects a pin to the wrapped future")]

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll};

use super::memory::{Part, Used};
use super::{adaptive, cold, count, inject, local, mode, poll, turns};
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
    memory: Used,
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
    Timed {
        site,
        progress: Progress::New,
        weight: 1,
        polls: 0,
        busy: 0,
        paused: 0,
        memory: Used::default(),
        inner,
    }
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
            let began = inject::meets(this.site).then(|| (paused(), clock::start().0));
            let outcome = inner.poll(context);
            if let Some((paused, begin)) = began {
                this.note_poll(paused, clock::end().0.wrapping_sub(begin));
                this.work(&outcome, |this| this.busy);
            }
            this.progress = if outcome.is_ready() { Progress::Ready } else { Progress::Waiting(0) };
            return outcome;
        }
        enter(this.site, begins);
        let frame = poll::Poll::begin(this.site);
        let memory = Part::begin();
        let paused = paused();
        let begin = clock::start().0;
        let first = first.unwrap_or(begin);
        this.progress = Progress::Polled(first);
        let outcome = inner.poll(context);
        if inject::meets(this.site) {
            this.work(&outcome, |this| this.busy.saturating_add(this.busy_since(paused, begin)));
        }
        let end = clock::end().0;
        this.memory = this.memory.then(memory.end());
        let busy = this.note_poll(paused, end.wrapping_sub(begin));
        frame.end(busy, outcome.is_ready());
        this.progress = Progress::Waiting(first);
        if outcome.is_ready() {
            this.progress = Progress::Ready;
            this.complete(count::forward(end.wrapping_sub(first).wrapping_sub(this.paused)));
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

/// This thread's pauses so far.
fn paused() -> u64 {
    local::with(|local| local.paused.get())
}

impl<F> Timed<F> {
    /// What a poll of `ticks` took without pauses.
    fn note_poll(&mut self, paused_before: u64, ticks: u64) -> u64 {
        self.polls += 1;
        let paused = paused().wrapping_sub(paused_before);
        // Wraps around where the clock went back in a pause, and again where what is taken off went back with it.
        self.paused = self.paused.wrapping_add(paused);
        let busy = count::forward(ticks.wrapping_sub(paused));
        self.busy = self.busy.saturating_add(busy);
        busy
    }

    /// Busy ticks of a poll that goes on.
    fn busy_since(&self, paused_before: u64, begin: u64) -> u64 {
        let paused = paused().wrapping_sub(paused_before);
        count::forward(clock::end().0.wrapping_sub(begin).wrapping_sub(paused))
    }

    /// Does the work that was asked for at the end of the poll that completes it.
    fn work<T>(&self, outcome: &Poll<T>, busy: impl FnOnce(&Self) -> u64) {
        if outcome.is_ready() {
            inject::work(|| busy(self));
        }
    }

    fn complete(&self, wall_ticks: u64) {
        cold::with_slot(self.site, |local, slot| {
            let weight = u64::from(self.weight);
            count::add(&slot.polls, self.polls.saturating_mul(weight));
            count::add(&slot.busy_ticks, self.busy.saturating_mul(weight));
            if mode::bits() == mode::ADAPTIVE {
                return adaptive::record(slot, wall_ticks, self.weight);
            }
            self.memory.count(slot);
            // Timers run on while the other side has its turn, so there the wall time says nothing.
            let ticks = if turns::are_taken() { self.busy } else { wall_ticks };
            cold::complete(local, slot, self.site, ticks);
        });
    }

    /// It ends without being ready.
    fn give_up(&self, why: impl Fn(&Slot) -> &AtomicU64) {
        match self.weight {
            0 => adaptive::unfinished(self.site, why),
            _ => cold::with_slot(self.site, |_, slot| count::add(why(slot), 1)),
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
