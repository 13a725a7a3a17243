//! The control page: what `cargo darwin` asks of this process, and the futex over which two processes take turns.

use std::ffi::CStr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU32};

use rustix::thread::futex;

use super::map;
use crate::layout::{Address, CONTROL_MAGIC, Control, VERSION, broken, left_out, plan};

static PAGE: Address<Control> = Address::none();

/// A waiter looks around this often, should a wake-up be lost.
const LOOK_AROUND_NANOS: i64 = 10_000_000;

/// Maps the page, if there is one and it is of this version.
pub(super) fn open(name: &CStr) {
    let Some(page) = map::map_existing(name) else { return };
    if page.magic.load(Relaxed) == CONTROL_MAGIC && page.version.load(Relaxed) == VERSION {
        PAGE.store(Some(page), Release);
    }
}

/// The page, when there is one.
pub(crate) fn page() -> Option<&'static Control> {
    PAGE.load(Acquire)
}

/// Unmaps the page: the code of this copy of the runtime is about to be unloaded.
pub(super) fn close() {
    if let Some(page) = PAGE.swap(None, Release) {
        map::close_existing(page);
    }
}

/// This process has measured calls and could not make a map.
pub(super) fn miss_map(side: usize) {
    if let Some(control) = page() {
        control.without_map[side].fetch_add(1, Relaxed);
    }
}

/// Do samples go to the log?
pub(super) fn wants_log() -> bool {
    page().is_some_and(|control| matches!(control.plan.load(Relaxed), plan::TURNS | plan::SITES))
}

/// Do turns change hands at the entries of sites?
pub(super) fn wants_turns_at_sites() -> bool {
    page().is_some_and(|control| control.plan.load(Relaxed) == plan::SITES)
}

/// Who makes a turn is settled by its number: the coin begins, and pairs alternate (A B, B A, A B ...).
pub(super) fn owner(control: &Control, turn: u32) -> usize {
    if is_left_out(control, left_out::COIN) {
        return (turn & 1) as usize;
    }
    in_alternation(control.coin.load(Relaxed), turn)
}

fn in_alternation(coin: u32, turn: u32) -> usize {
    let pair = turn >> 1;
    ((coin ^ pair ^ turn) & 1) as usize
}

/// Does the maker of a turn do as much as the first mover of its pair did?
pub(super) fn repeats(control: &Control, turn: u32) -> bool {
    turn & 1 != 0 && !is_left_out(control, left_out::EQUAL_WORK)
}

fn is_left_out(control: &Control, what: u32) -> bool {
    control.left_out.load(Relaxed) & what != 0
}

/// Does work in turns go by the entries of the site whose name has this hash?
pub(super) fn is_pacing(hash: impl FnOnce() -> u64) -> bool {
    page().is_some_and(|control| {
        let count = (control.pacing_count.load(Relaxed) as usize).min(control.pacing.len());
        let has =
            |hash| control.pacing[..count].binary_search_by_key(&hash, |field| field.load(Relaxed)).is_ok();
        count > 0 && has(hash())
    })
}

/// This process is one of `side`.
pub(super) fn join(control: &Control, side: usize) {
    let own = std::process::id();
    // It may be there already, by another copy of the runtime in this process.
    let is_own = |field: &&AtomicU32| match field.compare_exchange(0, own, Relaxed, Relaxed) {
        Ok(_) => true,
        Err(taken) => taken == own,
    };
    if control.members[side].iter().find(is_own).is_none() {
        control.broken.store(broken::TOO_MANY_PROCESSES, Release);
    }
}

/// Ids of the processes of `side`, also of those that have ended.
pub(super) fn members(control: &Control, side: usize) -> impl Iterator<Item = u32> {
    control.members[side].iter().map(|field| field.load(Relaxed)).take_while(|pid| *pid != 0)
}

/// This side has reached a site.
pub(super) fn arrive(control: &Control, side: usize) {
    if control.arrived[side].load(Relaxed) == 0 {
        control.arrived[side].store(1, Release);
        wake(&control.turn);
    }
}

pub(super) fn heap_seed(side: usize) -> u64 {
    page().map_or(0, |control| control.heap_seed[side].load(Relaxed))
}

/// Does this very process take turns? A child that it forks or starts must not speak for its side.
static TAKES_TURNS: AtomicBool = AtomicBool::new(false);

/// This process takes the turns of its side from now on.
pub(super) fn enter_turns() {
    TAKES_TURNS.store(true, Relaxed);
}

/// In a forked child: the turns are the parent's.
pub(super) fn forget_turns() {
    TAKES_TURNS.store(false, Relaxed);
}

/// This side takes no further turns; whoever waits for it may go on.
pub(super) fn leave_turns(side: usize) {
    let Some(control) = page() else { return };
    let is_main = || members(control, side).next() == Some(std::process::id());
    if TAKES_TURNS.load(Relaxed) || (wants_turns_at_sites() && is_main()) {
        control.gone[side].store(1, Release);
        wake(&control.turn);
    }
}

/// Waits until it is turn `number`; `false` when it never will be.
pub(crate) fn wait_for_turn(control: &Control, side: usize, number: u32) -> bool {
    let (begin, computed) = (super::start::monotonic_nanos(), super::cpu::of_this_process());
    let mut waits = false;
    loop {
        let now = control.turn.load(Acquire);
        if now >= number {
            break;
        }
        if control.gone[1 - side].load(Acquire) != 0 || control.broken.load(Relaxed) != 0 {
            return false;
        }
        waits = true;
        sleep(control, now);
    }
    if waits {
        let waited = super::start::monotonic_nanos().saturating_sub(begin);
        let computed = super::cpu::of_this_process().saturating_sub(computed);
        super::waiting::account(control, side, waited, computed);
    }
    true
}

/// Sleeps until the turn is no longer `now`, a little while at most; `false` when that is over. Interruptions count as
/// being woken: the caller looks again in any case.
pub(super) fn sleep(control: &Control, now: u32) -> bool {
    let timeout = futex::Timespec { tv_sec: 0, tv_nsec: LOOK_AROUND_NANOS };
    let woken = futex::wait(&control.turn, futex::Flags::empty(), now, Some(&timeout));
    woken != Err(rustix::io::Errno::TIMEDOUT)
}

/// Ends turn `number` and lets the next one begin.
pub(crate) fn end_turn(control: &Control, number: u32) {
    control.turn.store(number + 1, Release);
    wake(&control.turn);
}

pub(super) fn wake(turn: &AtomicU32) {
    let _ = futex::wake(turn, futex::Flags::empty(), u32::MAX >> 1);
}

#[cfg(test)]
mod tests {
    use super::in_alternation;

    #[test]
    fn pairs_alternate_and_the_coin_swaps_the_sides() {
        let order: Vec<usize> = (0..6).map(|turn| in_alternation(0, turn)).collect();
        assert_eq!(order, [0, 1, 1, 0, 0, 1]);
        let swapped: Vec<usize> = (0..6).map(|turn| in_alternation(1, turn)).collect();
        assert_eq!(swapped, [1, 0, 0, 1, 1, 0]);
    }
}
