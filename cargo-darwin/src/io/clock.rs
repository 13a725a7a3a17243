//! The reader's clock: ticks of the processor's counter and `CLOCK_MONOTONIC` at one instant.

mod agreement;
mod step;

use std::sync::OnceLock;

use darwin_runtime::clock;
use darwin_runtime::layout::clock_kind;

use super::map::ClockPair;
pub use agreement::ClockError;
pub use step::step_ticks;

/// Both clocks at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pair: ClockPair,
    /// By so many ticks it may be wrong.
    uncertain_ticks: u64,
}

/// Times that both are read; the closest reading counts.
const TRIES: usize = 8;

/// Reads both.
pub fn now() -> ClockPair {
    read().pair
}

/// Reads both, and how far apart the readings were.
pub fn read() -> Reading {
    clock::choose();
    closest(|| clock::end().0, monotonic_nanos)
}

fn monotonic_nanos() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The counter is read twice around the other clock, so that an interruption in between shows.
fn closest(mut counter: impl FnMut() -> u64, mut nanos: impl FnMut() -> u64) -> Reading {
    let mut one = || {
        let (before, nanos, after) = (counter(), nanos(), counter());
        // A counter that went back in between gives a very long time, and so another reading.
        let uncertain_ticks = after.wrapping_sub(before);
        let pair = ClockPair { ticks: before.wrapping_add(uncertain_ticks / 2), nanos };
        Reading { pair, uncertain_ticks }
    };
    let first = one();
    let others = (1..TRIES).map(|_| one());
    others.fold(first, |best, next| if next.uncertain_ticks < best.uncertain_ticks { next } else { best })
}

/// Between two pairs that tell the rate to 50 ppm, as each is known to half a microsecond.
const SHORTEST_NANOS: u64 = 20_000_000;

/// Notes the first reading of this process, from which the rate is told; before something is measured.
pub fn start() -> Reading {
    static FIRST: OnceLock<Reading> = OnceLock::new();
    *FIRST.get_or_init(read)
}

/// Nanoseconds per tick on this machine; `None` where it is not the counter that ticks, or right after [`start`]. It is
/// one for all processes, so that neither a pause in a process's own start nor damage in its map can make one side seem
/// faster.
pub fn nanos_per_tick() -> Option<f64> {
    let (first, last) = (start().pair, now());
    let nanos = last.nanos.saturating_sub(first.nanos);
    let is_told = clock::choose() == clock_kind::COUNTER && nanos >= SHORTEST_NANOS;
    is_told.then(|| nanos as f64 / last.ticks.saturating_sub(first.ticks).max(1) as f64)
}

/// Did the two clocks go on together since `began`, as they did before? Without a counter there is one clock only.
///
/// # Errors
/// When they did not: ticks of that time cannot be told in nanoseconds.
pub fn expect_agreement(began: Reading) -> Result<(), ClockError> {
    match clock::choose() {
        clock_kind::COUNTER => agreement::judge(start(), began, read()),
        _ => Ok(()),
    }
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

    /// A counter that shows these values, one after another.
    fn showing(values: &[u64]) -> impl FnMut() -> u64 {
        let mut values = values.iter().copied();
        move || values.next().expect("it is not read so often")
    }

    #[test]
    fn the_reading_with_the_least_between_counts() {
        let ticks: Vec<u64> =
            (0..8).flat_map(|number| [number * 1000, number * 1000 + 100 - number]).collect();
        let reading = closest(showing(&ticks), showing(&[0, 1, 2, 3, 4, 5, 6, 7]));
        assert_eq!((reading.uncertain_ticks, reading.pair.ticks, reading.pair.nanos), (93, 7046, 7));
    }

    #[test]
    fn a_counter_that_goes_back_between_two_readings_gives_another_one() {
        let mut ticks = vec![1000, 999];
        ticks.extend((1..8).flat_map(|number| [number * 1000, number * 1000 + 10]));
        assert_eq!(closest(showing(&ticks), || 5).pair.ticks, 1005);
        // All the time: no panic, and nothing that could be taken for certain.
        let mut left = u64::MAX;
        let backwards = closest(
            || {
                left -= 1;
                left
            },
            || 5,
        );
        assert!(backwards.uncertain_ticks > u64::MAX / 2);
    }
}
