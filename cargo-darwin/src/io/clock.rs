//! The reader's clock pair: ticks of the processor's counter and `CLOCK_MONOTONIC` at one instant.

use darwin_runtime::clock;

use super::map::ClockPair;

/// Reads both. The counter is read twice around the other, so that an interruption in between shows.
pub fn now() -> ClockPair {
    clock::choose();
    let tries = (0..8).map(|_| {
        let before = clock::end().0;
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let after = clock::end().0;
        let nanos = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
        (after - before, ClockPair { ticks: before + (after - before) / 2, nanos })
    });
    tries.min_by_key(|(uncertain, _)| *uncertain).map_or(ClockPair { ticks: 0, nanos: 0 }, |(_, pair)| pair)
}
