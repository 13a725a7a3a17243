//! Turns of any program, at the entries of its sites: a side runs while it is its turn, and stops at its next entry when
//! it is not. The first mover of a pair runs for some milliseconds, the second makes as many entries: equal work.
//!
//! All threads and processes of a side share the stage in the control page. An entry costs a look at it; every few
//! microseconds a thread asks for more entries, and then the time and the work that is left are looked at. Whoever finds
//! the turn over closes it: waits, not for long, until the other threads of its side have come to rest, and hands over.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use super::local::Local;
use super::waiting::{self, Patience};
use super::{cold, control, home, mode, start};
use crate::layout::Control;
use crate::layout::stage::{CHANGING, CLOSING, COUNTED, FREE, NOT_STARTED, TURN_SHIFT, WARM_UP};
use crate::site::{Kind, Site};

/// Does this process take turns at its sites?
#[inline(always)]
pub(super) fn are_taken() -> bool {
    mode::bits() & mode::TURNS != 0
}

/// From now on, if `cargo darwin` asks for it.
pub(super) fn begin(side: usize) {
    if let Some(control) = control::page().filter(|_| control::wants_turns_at_sites()) {
        control::join(control, side);
        mode::set(mode::TURNS);
    }
}

/// Lets a call of `site` go on when it is this side's turn; one that `begins` is work that is counted.
#[inline(never)]
pub(super) fn enter(local: &Local, site: &'static Site, begins: bool) {
    let Some(control) = control::page() else { return };
    if control.stage.load(Acquire) == local.stage.get() {
        // A site that is not registered yet may well pace.
        if site.id() != 0 && !(begins && site.paces()) {
            return;
        }
        if let Some(left) = local.left.get().checked_sub(1) {
            local.left.set(left);
            return;
        }
    }
    // The empty site is called by the runtime itself.
    if site.kind != Kind::Calibration {
        cold::with_slot(site, |local, _| pass(local, begins && site.paces(), control));
    }
}

/// What an entry may do.
enum Gate {
    Open,
    Shut,
}

/// Waits until this thread may go on. The caller is in the runtime.
fn pass(local: &Local, is_work: bool, control: &Control) {
    let side = start::side();
    let mut patience = Patience::new();
    control::arrive(control, side);
    loop {
        let now = control.stage.load(Acquire);
        let gate = match Stage::of(now) {
            Stage::Free => return go_free(local, control, side),
            Stage::Turn { part: CHANGING, .. } => {
                waiting::for_an_instant(control, side, now);
                continue;
            }
            Stage::Turn { number, part: part @ (WARM_UP | COUNTED) } if owner(control, number) == side => {
                admit(local, control, side, now);
                if is_work { ask(local, control, number, part) } else { Gate::Open }
            }
            Stage::NotStarted | Stage::Turn { .. } => {
                come_to_rest(local, control, side);
                waiting::step(control, side, now, &mut patience);
                continue;
            }
        };
        match gate {
            Gate::Open => return,
            Gate::Shut => advance(local, control, side, now),
        }
    }
}

/// A value of [`Control::stage`], taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    NotStarted,
    Free,
    Turn { number: u32, part: u32 },
}

impl Stage {
    pub(super) fn of(stage: u32) -> Stage {
        match stage {
            NOT_STARTED => Stage::NotStarted,
            FREE => Stage::Free,
            _ => Stage::Turn { number: (stage >> TURN_SHIFT) - 1, part: stage & CHANGING },
        }
    }

    pub(super) fn value(number: u32, part: u32) -> u32 {
        (number + 1) << TURN_SHIFT | part
    }
}

pub(super) fn owner(control: &Control, number: u32) -> usize {
    control::owner(control, number)
}

fn is_first_mover(number: u32) -> bool {
    number & 1 == 0
}

/// The thread's first entry in a stage: what it logs from here on belongs to it.
fn admit(local: &Local, control: &Control, side: usize, now: u32) {
    let Stage::Turn { number, part } = Stage::of(now) else { return };
    if local.stage.get() == now {
        return;
    }
    give_back(local, control);
    if !local.active.replace(true) {
        home::go(local);
        control.active[side].fetch_add(1, AcqRel);
        waiting::settle(control, side);
    }
    let is_logged = (number / 2).is_multiple_of(control.stride.load(Relaxed).max(1));
    local.unlogged.set(!is_logged);
    cold::mark_turn_now(local, Some(number).filter(|_| is_logged && part == COUNTED));
    local.stage.set(now);
    local.given_at.set(0);
}

/// Asks for entries of `part` of turn `number`.
fn ask(local: &Local, control: &Control, number: u32, part: u32) -> Gate {
    let now = start::monotonic_nanos();
    adapt(local, now);
    let (made, nanos) = match part {
        WARM_UP => (&control.warm_up_entries, &control.warm_up_nanos),
        _ => (&control.entries, &control.turn_nanos),
    };
    let given = if !control::repeats(control, number) {
        let is_over = now.saturating_sub(control.stage_began.load(Relaxed)) >= nanos.load(Relaxed);
        // One entry at least, however slow the site.
        match is_over && made.load(Relaxed) > 0 {
            true => 0,
            false => {
                made.fetch_add(local.batch.get(), AcqRel);
                local.batch.get()
            }
        }
    } else {
        take(&control.repeated, made.load(Acquire), local.batch.get())
    };
    // This entry is the first of them.
    local.left.set(given.saturating_sub(1));
    if given > 0 { Gate::Open } else { Gate::Shut }
}

/// Up to `batch` of what is left of `quota`.
fn take(taken: &AtomicU64, quota: u64, batch: u64) -> u64 {
    let mut before = taken.load(Relaxed);
    loop {
        let given = quota.saturating_sub(before).min(batch);
        match taken.compare_exchange_weak(before, before + given, AcqRel, Relaxed) {
            Ok(_) => return given,
            Err(now) => before = now,
        }
    }
}

/// The time that a thread makes entries without asking: short against a turn, long against the question (100 ns).
const BATCH_NANOS: std::ops::Range<u64> = 10_000..40_000;
/// At the fastest conceivable site, a few nanoseconds a call.
const MOST_ENTRIES: u64 = 4096;

/// Fits the size of the batches to the time that the last one took.
fn adapt(local: &Local, now: u64) {
    let given_at = local.given_at.replace(now);
    if given_at == 0 {
        return;
    }
    let took = now.saturating_sub(given_at);
    let batch = local.batch.get();
    if took < BATCH_NANOS.start {
        local.batch.set((batch * 2).min(MOST_ENTRIES));
    } else if took > BATCH_NANOS.end {
        local.batch.set((batch / 2).max(1));
    }
}

/// Entries that were given and not made are work that the other side need not repeat.
fn give_back(local: &Local, control: &Control) {
    let left = local.left.replace(0);
    let Stage::Turn { number, part } = Stage::of(local.stage.get()) else { return };
    let is_current =
        matches!(Stage::of(control.stage.load(Acquire)), Stage::Turn { number: now, .. } if now == number);
    if left > 0 && is_current && is_first_mover(number) {
        let made = if part == WARM_UP { &control.warm_up_entries } else { &control.entries };
        made.fetch_sub(left, AcqRel);
    }
}

/// This thread will not enter before its side's next turn.
pub(super) fn come_to_rest(local: &Local, control: &Control, side: usize) {
    give_back(local, control);
    if local.active.replace(false) {
        control.active[side].fetch_sub(1, AcqRel);
    }
}

/// The thread ends.
pub(super) fn retire(local: &Local) {
    if local.active.get() {
        control::page().into_iter().for_each(|control| come_to_rest(local, control, start::side()));
    }
}

/// The part `now` is over: the first thread that finds it so makes the next one.
fn advance(local: &Local, control: &Control, side: usize, now: u32) {
    let Stage::Turn { number, part } = Stage::of(now) else { return };
    match part {
        WARM_UP if change(control, now, Stage::value(number, CHANGING)) => {
            control.repeated.store(0, Relaxed);
            control.stage_began.store(start::monotonic_nanos(), Relaxed);
            control.stage.store(Stage::value(number, COUNTED), Release);
        }
        COUNTED if change(control, now, Stage::value(number, CLOSING)) => {
            come_to_rest(local, control, side);
            waiting::for_own_side(control, side);
            hand_over(control, side, number);
        }
        _ => {}
    }
}

fn change(control: &Control, from: u32, to: u32) -> bool {
    control.stage.compare_exchange(from, to, AcqRel, Relaxed).is_ok()
}

/// Ends turn `number`, which only the thread may do that has closed it.
fn hand_over(control: &Control, side: usize, number: u32) {
    if control.gone[1 - side].load(Acquire) != 0 {
        return set_free(control);
    }
    let next = number + 1;
    if is_first_mover(next) {
        control.entries.store(0, Relaxed);
        control.warm_up_entries.store(0, Relaxed);
    }
    waiting::note_rest(control, side, next);
    open(control, next);
}

fn open(control: &Control, number: u32) {
    control.repeated.store(0, Relaxed);
    control.stage_began.store(start::monotonic_nanos(), Relaxed);
    let part = if control.warm_up_nanos.load(Relaxed) > 0 { WARM_UP } else { COUNTED };
    control.stage.store(Stage::value(number, part), Release);
    control.turn.fetch_add(1, Release);
    control::wake(&control.turn);
}

/// Both sides have reached a site: the first turn begins.
pub(super) fn start_turns(control: &Control) {
    if change(control, NOT_STARTED, Stage::value(0, CHANGING)) {
        open(control, 0);
    }
}

/// No more turns, for either side.
pub(super) fn set_free(control: &Control) {
    control.stage.store(FREE, Release);
    control.turn.fetch_add(1, Release);
    control::wake(&control.turn);
}

/// The other side has ended at stage `now`. If that was in its turn as first mover, this side repeats what it did, to its
/// own end; else it may do as it likes.
pub(super) fn take_over(control: &Control, side: usize, now: u32) {
    match Stage::of(now) {
        Stage::Turn { number, part } if owner(control, number) != side && is_first_mover(number) => {
            let next = number + 1;
            if change(control, now, Stage::value(next, CHANGING)) {
                match part {
                    WARM_UP => control.warm_up_entries.store(u64::MAX, Relaxed),
                    // It had closed the turn, and said how much it did.
                    CLOSING => {}
                    _ => control.entries.store(u64::MAX, Relaxed),
                }
                open(control, next);
            }
        }
        Stage::Turn { number, .. } if owner(control, number) == side => {}
        _ => set_free(control),
    }
}

/// No more turns: what is counted from here on is not logged.
fn go_free(local: &Local, control: &Control, side: usize) {
    come_to_rest(local, control, side);
    local.unlogged.set(true);
    local.stage.set(FREE);
    local.left.set(u64::MAX);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_put_together_and_taken_apart() {
        for (number, part) in [(0, WARM_UP), (7, COUNTED), (1 << 20, CLOSING)] {
            assert_eq!(Stage::of(Stage::value(number, part)), Stage::Turn { number, part });
        }
        assert_eq!(Stage::of(NOT_STARTED), Stage::NotStarted);
        assert_eq!(Stage::of(FREE), Stage::Free);
    }

    #[test]
    fn the_second_mover_takes_no_more_than_the_first_has_made() {
        let taken = AtomicU64::new(0);
        let given: Vec<u64> = (0..4).map(|_| take(&taken, 100, 40)).collect();
        assert_eq!(given, [40, 40, 20, 0]);
    }

    #[test]
    fn batches_grow_until_they_last_long_enough_and_shrink_at_slow_sites() {
        super::super::local::with(|local| {
            local.batch.set(1);
            local.given_at.set(0);
            adapt(local, 1_000);
            assert_eq!(local.batch.get(), 1, "nothing is known yet");
            adapt(local, 2_000);
            adapt(local, 4_000);
            assert_eq!(local.batch.get(), 4);
            adapt(local, 24_000);
            assert_eq!(local.batch.get(), 4);
            adapt(local, 1_000_000);
            adapt(local, 9_000_000);
            adapt(local, 90_000_000);
            assert_eq!(local.batch.get(), 1);
        });
    }
}
