//! What injected work costs on this machine: timed by our own process, which has the same chain.

use std::hint::black_box;
use std::time::Instant;

use darwin_runtime::{clock, injection};

use super::affinity;
use crate::model::{Cost, Nanos};

/// Links that are timed at a time: some 100 us, of which calling and timing the chain is less than a thousandth.
const LINKS: u32 = 400_000;

/// Readings of the clock that are timed at a time.
const READINGS: u32 = 1_000;

/// Times that each is timed; the middle one counts.
const ROUNDS: usize = 101;

/// Rounds before them, in which the processor comes to its speed.
const WARM_UP_ROUNDS: usize = 20;

/// Times the chain and the clock on the processor that is measured on, for some ten milliseconds. `tick` is that of the measured
/// process.
pub fn cost(tick: Nanos) -> Cost {
    clock::choose();
    affinity::with_processor(affinity::measuring_processor(), || Cost {
        link: each(LINKS, || injection::chain(LINKS)),
        after_reading: each(READINGS, || {
            for _ in 0..READINGS {
                black_box(clock::end());
            }
        }),
        tick,
    })
}

/// What one of the `number` things takes that `all` does.
fn each(number: u32, all: impl Fn()) -> Nanos {
    let round = |_| {
        let begin = Instant::now();
        all();
        begin.elapsed()
    };
    let mut rounds: Vec<_> = (0..WARM_UP_ROUNDS + ROUNDS).map(round).skip(WARM_UP_ROUNDS).collect();
    rounds.sort_unstable();
    Nanos(rounds[ROUNDS / 2].as_secs_f64() * 1e9 / f64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_take_time_and_ten_times_as_many_take_longer() {
        let (one, ten) = (each(1, || injection::chain(LINKS)), each(1, || injection::chain(10 * LINKS)));
        assert!(one.0 > 0.0 && ten.0 > 2.0 * one.0, "{one:?}, {ten:?}");
    }

    #[test]
    fn the_cost_is_that_of_this_machine_with_the_tick_of_the_process() {
        let cost = cost(Nanos(0.5));
        assert!(cost.link.0 > 0.0 && cost.after_reading.0 > 0.0, "{cost:?}");
        assert_eq!(cost.tick, Nanos(0.5));
    }
}
