//! The same work again and again: what slows some repetitions and not others will slow measured calls too.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::io::affinity;
use crate::model::Nanos;

/// Length of one repetition, a little less than a turn.
const SPIN: Duration = Duration::from_millis(2);
/// Repetitions: enough for a 90 % quantile that five of them lie above.
const REPETITIONS: usize = 50;
/// Idle time between two, so that they spread over 0.2 s.
const PAUSE: Duration = Duration::from_millis(2);
/// The length of a repetition is settled from a trial of at least this, in steps of twice as much.
const TRIAL: Duration = Duration::from_micros(500);
/// Steps after which the trial ends, whatever the clock says.
const MOST_ROUNDS: u64 = 1 << 32;

/// Works on `processor`, and gives the time of each repetition and whether a clock went backwards meanwhile.
pub(super) fn probe(processor: Option<usize>) -> (Vec<Nanos>, bool) {
    affinity::with_processor(processor, || {
        let rounds = rounds_of_a_spin();
        let mut last = clocks();
        let mut went_back = false;
        let spins = (0..REPETITIONS).map(|_| {
            std::thread::sleep(PAUSE);
            let spin = timed(rounds);
            let now = clocks();
            went_back |= now.iter().zip(last).any(|(now, last)| *now < last);
            last = now;
            Nanos(spin.as_nanos() as f64)
        });
        let spins = spins.collect();
        (spins, went_back)
    })
}

/// Readings of the clock of measured calls and of the operating system's.
fn clocks() -> [u64; 2] {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    [darwin_runtime::clock::end().0, time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64]
}

fn rounds_of_a_spin() -> u64 {
    let mut rounds = 1 << 10;
    loop {
        let trial = timed(rounds);
        if trial >= TRIAL || rounds >= MOST_ROUNDS {
            return (rounds as f64 * SPIN.as_secs_f64() / trial.as_secs_f64().max(1e-9)) as u64;
        }
        rounds *= 2;
    }
}

fn timed(rounds: u64) -> Duration {
    let begin = Instant::now();
    let mut state = black_box(1_u64);
    for _ in 0..rounds {
        // Each step needs the one before (Knuth's MMIX generator), so the processor cannot overlap them.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    }
    black_box(state);
    begin.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_repetition_has_a_time() {
        let (spins, went_back) = probe(None);
        assert_eq!(spins.len(), REPETITIONS);
        assert!(spins.iter().all(|spin| spin.0 > 0.0), "{spins:?}");
        assert!(!went_back, "the clocks of this machine go forwards");
    }
}
