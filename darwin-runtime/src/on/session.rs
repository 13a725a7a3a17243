//! What the bench harness asks of the runtime: counting while iterations run, and turns between two processes.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::time::Duration;

use super::{cold, control, local, sites, start, thread};
use crate::layout::{Control, plan};
use crate::site::Site;

/// What `cargo darwin` asks of a bench.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    /// Iterate for so many nanoseconds.
    Timed(u64),
    /// Iterate so often.
    Fixed(u64),
    /// Take turns with the other side.
    Turns(Turns),
}

/// This side's part in taking turns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turns {
    control: &'static Control,
    side: usize,
}

/// A part of a turn.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stint {
    /// For a time, one entry at least.
    For(Duration),
    /// So many entries.
    Entries(u64),
}

/// The order for this process; `None` when `cargo darwin` did not start it.
pub(crate) fn order() -> Option<Order> {
    if !start::is_measured() {
        return None;
    }
    /// A run without a control page: long enough for a look.
    const DEFAULT_NANOS: u64 = 500_000_000;
    let Some(control) = control::page() else { return Some(Order::Timed(DEFAULT_NANOS)) };
    Some(match control.plan.load(Relaxed) {
        plan::TURNS => Order::Turns(Turns { control, side: start::side() }),
        plan::FIXED | plan::SITES => Order::Fixed(control.iterations.load(Relaxed)),
        _ => Order::Timed(control.duration_nanos.load(Relaxed)),
    })
}

/// Holds counting back outside the iterations of a bench: its set-up calls measured functions too.
pub(crate) fn idle() {
    start::set_idle(true);
}

/// Counts while `iterations` runs, then leaves this thread's block.
pub(crate) fn counting(site: &'static Site, throughput: (u64, u64), iterations: impl FnOnce()) {
    start::set_idle(false);
    // Makes the map and this thread's block before the first iteration.
    cold::with_slot(site, |_, _| ());
    sites::set_throughput(site, throughput.0, throughput.1);
    iterations();
    local::with(thread::release);
    start::set_idle(true);
}

/// Runs `f` with measured calls of this thread ignored.
pub(crate) fn masked<T>(f: impl FnOnce() -> T) -> T {
    local::with(|local| {
        let block = local.count_in(None);
        let outer = local.masked.replace(true);
        let value = f();
        local.masked.set(outer);
        local.count_in(block);
        value
    })
}

impl Turns {
    /// Makes this side's turns. `work` iterates as it is told and says how often it did; the second mover of a pair
    /// does as much as the first, also of the warming up. Ends early when the other side has gone.
    pub(crate) fn make(self, mut work: impl FnMut(Stint) -> u64) {
        let control = self.control;
        control::enter_turns();
        let turns = control.pairs.load(Relaxed).saturating_mul(2);
        for turn in (0..turns).filter(|turn| control::owner(control, *turn) == self.side) {
            if !control::wait_for_turn(control, self.side, turn) {
                break;
            }
            let repeats = control::repeats(control, turn);
            let mut stint = |nanos: &AtomicU64, entries: &AtomicU64| match repeats {
                false => entries.store(work(Stint::For(Duration::from_nanos(nanos.load(Relaxed)))), Release),
                true => drop(work(Stint::Entries(entries.load(Acquire)))),
            };
            stint(&control.warm_up_nanos, &control.warm_up_entries);
            cold::mark_turn(Some(turn));
            stint(&control.turn_nanos, &control.entries);
            cold::mark_turn(None);
            control::end_turn(control, turn);
        }
    }
}
