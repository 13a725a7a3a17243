//! The reader's clock pair: ticks of the processor's counter and `CLOCK_MONOTONIC` at one instant.

use std::sync::OnceLock;

use darwin_runtime::clock;
use darwin_runtime::layout::clock_kind;

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

/// Between two pairs that tell the rate to 50 ppm, as each is known to half a microsecond.
const SHORTEST_NANOS: u64 = 20_000_000;

/// Notes the first pair of this process, from which the rate is told; before something is measured.
pub fn start() -> ClockPair {
    static FIRST: OnceLock<ClockPair> = OnceLock::new();
    *FIRST.get_or_init(now)
}

/// Nanoseconds per tick on this machine; `None` where it is not the counter that ticks, or right after [`start`]. It is
/// one for all processes, so that neither a pause in a process's own start nor damage in its map can make one side seem
/// faster.
pub fn nanos_per_tick() -> Option<f64> {
    let (first, last) = (start(), now());
    let nanos = last.nanos.saturating_sub(first.nanos);
    let is_told = clock::choose() == clock_kind::COUNTER && nanos >= SHORTEST_NANOS;
    is_told.then(|| nanos as f64 / last.ticks.saturating_sub(first.ticks).max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_told_after_a_while_and_stays() {
        start();
        if clock::choose() != clock_kind::COUNTER {
            assert_eq!(nanos_per_tick(), None);
            return;
        }
        let told = || std::iter::repeat_with(nanos_per_tick).find_map(|rate| rate).unwrap();
        let (first, second) = (told(), told());
        assert!((first / second - 1.0).abs() < 0.001, "{first} and {second}");
    }
}
