//! Two functions of which each is slow once in a while, as those are that fill a buffer or grow a table.

use std::hint::black_box;

use darwin_runtime::hotpath;

/// Laps of a usual call.
const USUAL: u64 = 300;
/// Laps of a slow call of `store`.
const SLOW: u64 = 1200;
/// Laps of a slow call of `fetch`.
const SLOW_FETCH: u64 = 1100;
/// Every so many calls one is slow: two in a hundred, so that p99 is the time of half of the slow calls.
const SLOW_EVERY: u64 = 50;

/// So many laps, of which each waits for the one before.
fn laps(seed: u64, count: u64) -> u64 {
    (0..count).fold(seed, |state, lap| (state ^ lap).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(7))
}

/// Stores a request.
#[hotpath]
pub fn store(seed: u64, number: u64) -> u64 {
    let is_slow = number.is_multiple_of(SLOW_EVERY);
    laps(seed, black_box(if is_slow { SLOW } else { USUAL }))
}

/// Fetches it again.
#[hotpath]
pub fn fetch(seed: u64, number: u64) -> u64 {
    let is_slow = number % SLOW_EVERY == SLOW_EVERY / 2;
    laps(seed, black_box(if is_slow { SLOW_FETCH } else { USUAL }))
}
