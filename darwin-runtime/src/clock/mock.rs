//! A clock that tests can move: the hardware's, seen through a [`Movement`].

use std::cell::Cell;

use super::{Ticks, hardware};

/// What happens to the clock of a thread from one of its readings on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Movement {
    /// It jumps by so many ticks.
    Jump(i64),
    /// It goes so many times as fast as before; backwards below zero.
    Rate(i64),
}

thread_local! {
    static MOVED: Cell<Option<(u64, Movement)>> = const { Cell::new(None) };
    static READINGS: Cell<u64> = const { Cell::new(0) };
    /// What the hardware showed when the movement began.
    static BEGAN: Cell<u64> = const { Cell::new(0) };
}

/// Runs `f` with a clock that moves at the number-th reading from now; gives how often it was read.
pub(crate) fn with(number: u64, movement: Movement, f: impl FnOnce()) -> u64 {
    READINGS.set(0);
    MOVED.set(Some((number, movement)));
    f();
    MOVED.set(None);
    READINGS.get()
}

/// What this thread's clock shows when the hardware shows `ticks`.
pub(super) fn moved(ticks: Ticks) -> Ticks {
    let reading = READINGS.replace(READINGS.get() + 1);
    let Some((first, movement)) = MOVED.get() else { return ticks };
    if reading == first {
        BEGAN.set(ticks.0);
    }
    match movement {
        _ if reading < first => ticks,
        Movement::Jump(by) => Ticks(ticks.0.wrapping_add_signed(by)),
        Movement::Rate(times) => {
            let since = ticks.0.wrapping_sub(BEGAN.get()).cast_signed();
            Ticks(BEGAN.get().wrapping_add_signed(since.wrapping_mul(times)))
        }
    }
}

#[inline(always)]
pub(super) fn start() -> Ticks {
    moved(hardware::start())
}

#[inline(always)]
pub(super) fn end() -> Ticks {
    moved(hardware::end())
}

pub(super) fn is_vouched_for() -> bool {
    hardware::is_vouched_for()
}
