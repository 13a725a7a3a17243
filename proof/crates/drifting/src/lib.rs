//! A program whose input grows as it runs. Who gets through more of it in the same time has more to do at the end.

use std::hint::black_box;

use darwin_runtime::hotpath;

/// Laps of what is worked off each day.
const ORDERS: u64 = 1000;
/// Laps of the first look back.
const FIRST_DAY: u64 = 300;
/// A lap more each so many days.
const DAYS: u64 = 8;
/// The look back grows no more from this day on.
const LAST_DAY: u64 = 40_000;

/// So many laps, of which each waits for the one before.
fn laps(seed: u64, count: u64) -> u64 {
    (0..count).fold(seed, |state, lap| (state ^ lap).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(7))
}

/// The same amount of work every day.
#[hotpath]
pub fn orders(seed: u64) -> u64 {
    laps(seed, black_box(ORDERS))
}

/// A little more work each day.
#[hotpath]
pub fn look_back(seed: u64, day: u64) -> u64 {
    laps(seed, black_box(FIRST_DAY + day.min(LAST_DAY) / DAYS))
}
