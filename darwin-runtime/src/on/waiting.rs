//! Waiting for a turn: never without limit for the program's own threads, never for a side that has gone, and with an
//! eye on threads that compute while they should rest.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use std::time::Duration;

use super::turns::{self, Stage, owner};
use super::{control, cpu, start, thread};
use crate::layout::{Control, broken};

/// A side that computes nothing for so long in its turn waits for something, perhaps for what this side holds: a lock on a
/// file, a port. A prototype without this hung in 2 of 3 programs.
const IDLE_NANOS: u64 = 50_000_000;
/// The same before the first site, where programs read files and start threads.
const NO_START_NANOS: u64 = 500_000_000;
/// What counts as computing.
const PROGRESS_NANOS: u64 = 200_000;

/// How long a turn waits for threads of its own side: they may be in a long call, or wait for one that rests already.
const OWN_SIDE_NANOS: u64 = 2_000_000;
/// Between two looks at what they compute.
const OWN_SIDE_LOOK: Duration = Duration::from_micros(50);

/// When the other side was last seen computing.
#[derive(Debug)]
pub(super) struct Patience {
    computed: u64,
    since: u64,
}

impl Patience {
    pub(super) fn new() -> Patience {
        Patience { computed: 0, since: 0 }
    }

    /// Has it done nothing for `limit`?
    fn is_over(&mut self, computed: u64, now: u64, limit: u64) -> bool {
        if self.since == 0 || computed.abs_diff(self.computed) > PROGRESS_NANOS {
            *self = Patience { computed, since: now };
        }
        now - self.since >= limit
    }
}

/// Waits a little for the stage to become another one than `now`, and looks after those that make us wait.
pub(super) fn step(control: &Control, side: usize, now: u32, patience: &mut Patience) {
    let other = 1 - side;
    if control.gone[other].load(Acquire) != 0 {
        return turns::take_over(control, side, now);
    }
    let limit = match Stage::of(now) {
        Stage::NotStarted if control.arrived[other].load(Acquire) != 0 => return turns::start_turns(control),
        Stage::NotStarted => NO_START_NANOS,
        Stage::Turn { number, .. } if owner(control, number) == other => {
            note_rest(control, side, number);
            name_the_burner(control);
            IDLE_NANOS
        }
        // Our own turn is being closed by another thread, which does not take long.
        _ => u64::MAX,
    };
    let epoch = control.turn.load(Acquire);
    // Looked at before sleeping: what comes now wakes us.
    let slept_on = control.stage.load(Acquire) == now && !control::sleep(control, epoch);
    if slept_on && patience.is_over(computed(control, other), start::monotonic_nanos(), limit) {
        let why = if limit == IDLE_NANOS { broken::IDLE } else { broken::NO_START };
        control.broken.store(why, Release);
        turns::set_free(control);
    }
}

/// Waits while another thread makes the next stage out of `now`, unless it has died meanwhile.
pub(super) fn for_an_instant(control: &Control, side: usize, now: u32) {
    match control.gone[1 - side].load(Acquire) {
        0 => std::thread::yield_now(),
        _ => turns::take_over(control, side, now),
    }
}

/// What all processes of a side have computed.
fn computed(control: &Control, side: usize) -> u64 {
    control::members(control, side).filter_map(cpu::of_process).sum()
}

/// Waits until the other threads of this side rest: in the gate, or asleep, as their clocks tell. After some time the
/// turn ends all the same.
pub(super) fn for_own_side(control: &Control, side: usize) {
    let begin = start::monotonic_nanos();
    let mut before = None;
    while control.active[side].load(Acquire) != 0 {
        let now = thread::others_computed() + others_computed(control, side);
        if before == Some(now) {
            return;
        }
        if start::monotonic_nanos().saturating_sub(begin) > OWN_SIDE_NANOS {
            control.dirty[side].fetch_add(1, Relaxed);
            return;
        }
        before = Some(now);
        std::thread::sleep(OWN_SIDE_LOOK);
    }
}

/// What the other processes of this side have computed.
fn others_computed(control: &Control, side: usize) -> u64 {
    let own = std::process::id();
    control::members(control, side).filter(|pid| *pid != own).filter_map(cpu::of_process).sum()
}

/// Where this process rests: the turn of the other side (its number plus one; 0: it does not rest), since when, and
/// what it had computed by then.
static RESTS_IN: AtomicU32 = AtomicU32::new(0);
static RESTS_SINCE: AtomicU64 = AtomicU64::new(0);
static COMPUTED: AtomicU64 = AtomicU64::new(0);

/// This process rests from now on, for turn `number`, if that is the other side's.
pub(super) fn note_rest(control: &Control, side: usize, number: u32) {
    if owner(control, number) != side && RESTS_IN.swap(number + 1, AcqRel) != number + 1 {
        COMPUTED.store(cpu::of_this_process(), Relaxed);
        RESTS_SINCE.store(start::monotonic_nanos(), Relaxed);
    }
}

/// The process no longer rests: what it computed meanwhile should be nothing.
pub(super) fn settle(control: &Control, side: usize) {
    if RESTS_IN.swap(0, AcqRel) != 0 {
        let burnt = cpu::of_this_process().saturating_sub(COMPUTED.load(Relaxed));
        let waited = start::monotonic_nanos().saturating_sub(RESTS_SINCE.load(Relaxed));
        account(control, side, waited, burnt);
    }
}

/// A side has waited, and computed `burnt` nanoseconds meanwhile.
pub(super) fn account(control: &Control, side: usize, waited: u64, burnt: u64) {
    control.waited_nanos[side].fetch_add(waited, Relaxed);
    control.burnt_nanos[side].fetch_add(burnt, Relaxed);
    if burnt > waited / SUSPICIOUS_SHARE {
        NAME_WANTED.store(true, Relaxed);
    }
}

/// One part in so many of a wait; the gate voids at less, but over the whole block.
const SUSPICIOUS_SHARE: u64 = 5;
static NAME_WANTED: AtomicBool = AtomicBool::new(false);

/// Leaves the name of the thread that computes while all others wait.
fn name_the_burner(control: &Control) {
    if NAME_WANTED.swap(false, Relaxed)
        && let Some(name) = cpu::busiest_thread()
    {
        control.burner.iter().zip(name).for_each(|(field, half)| field.store(half, Relaxed));
    }
}

/// In a forked child: the parent rests, or not, by itself.
pub(super) fn forget() {
    RESTS_IN.store(0, Relaxed);
    NAME_WANTED.store(false, Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_only_with_one_who_does_nothing() {
        let mut patience = Patience::new();
        assert!(!patience.is_over(7, 1, 100));
        assert!(!patience.is_over(7, 100, 100));
        assert!(patience.is_over(7, 101, 100));
        assert!(!patience.is_over(7 + PROGRESS_NANOS + 1, 150, 100), "it has computed since");
        assert!(patience.is_over(8 + PROGRESS_NANOS, 250, 100));
    }
}
