//! By how much the counter advances at a time.
//!
//! Counters of AMD's and ARM's processors follow a clock of some 100 MHz: they stand still for ten nanoseconds and then advance by
//! that many ticks at once, 25.96 on the average where they tick at 2.596 GHz.

use std::sync::OnceLock;

use darwin_runtime::{clock, injection};

/// Readings from which it is told: a tenth of a millisecond.
const READINGS: u32 = 4_096;

/// Between two readings lie up to so many links of a chain of additions, so that the time between them has each length.
const MOST_LINKS: u32 = 256;

/// Differences that were seen less often may come of an interruption.
const FEWEST_SEEN: usize = 4;

/// A step that is not whole shows as two neighbouring differences, or three.
const WIDEST: u64 = 2;

/// Smaller steps are as good as none.
const SMALLEST_STEP: f64 = 4.0;

/// Differences that must be seen of a counter with steps: fewer may have been chance.
const FEWEST_STEPS: usize = 4;

/// Ticks by which the counter of this machine advances at a time, on the average; 1 where it shows each tick, or nearly.
pub fn step_ticks() -> f64 {
    static STEP: OnceLock<f64> = OnceLock::new();
    *STEP.get_or_init(|| {
        clock::choose();
        let difference = |number: u32| {
            let before = clock::end();
            injection::chain(number % MOST_LINKS);
            clock::end().0.saturating_sub(before.0)
        };
        step_of((0..READINGS).map(difference).collect())
    })
}

/// The same from differences between readings at all distances.
fn step_of(mut differences: Vec<u64>) -> f64 {
    differences.sort_unstable();
    let groups = differences.chunk_by(|one, next| next - one <= WIDEST);
    let often = |group: &&[u64]| group.len() >= FEWEST_SEEN && group[0] > WIDEST;
    let groups: Vec<&[u64]> = groups.filter(often).collect();
    let is_wide = |group: &&[u64]| group[group.len() - 1] - group[0] > WIDEST;
    if groups.len() < FEWEST_STEPS || groups.iter().any(is_wide) {
        return 1.0;
    }
    let middle = |group: &[u64]| group.iter().sum::<u64>() as f64 / group.len() as f64;
    let between = |pair: &[&[u64]]| middle(pair[1]) - middle(pair[0]);
    let step = groups.windows(2).map(between).fold(f64::INFINITY, f64::min);
    if step < SMALLEST_STEP { 1.0 } else { step }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Differences of a counter that advances by `step`, between readings 30 to 286 ticks apart.
    fn differences(step: f64) -> Vec<u64> {
        let counter = |at: f64| ((at / step).floor() * step) as u64;
        let difference = |number: u32| {
            let begin = f64::from(number) * 1000.7;
            counter(begin + 30.0 + f64::from(number % MOST_LINKS)) - counter(begin)
        };
        (0..READINGS).map(difference).collect()
    }

    #[test]
    fn steps_are_told_whether_they_are_whole_or_not() {
        for step in [25.96, 26.0, 32.0, 41.67, 5.0] {
            let told = step_of(differences(step));
            assert!((told / step - 1.0).abs() < 0.05, "{step} told as {told}");
        }
    }

    #[test]
    fn a_counter_that_shows_each_tick_or_every_other_one_has_no_steps() {
        for step in [1.0, 2.0, 1.3, 3.0] {
            assert_eq!(step_of(differences(step)), 1.0, "{step}");
        }
    }

    #[test]
    fn interruptions_do_not_hide_the_steps_and_a_few_readings_tell_none() {
        let mut some = differences(25.96);
        some.extend([40, 1_000, 1_007, 70_000]);
        assert!((step_of(some) - 25.96).abs() < 1.0);
        assert_eq!(step_of(vec![26; 5_000]), 1.0);
        assert_eq!(step_of(Vec::new()), 1.0);
    }

    #[test]
    fn the_step_of_this_machine_stays() {
        let step = step_ticks();
        assert!(step >= 1.0);
        assert_eq!(step.to_bits(), step_ticks().to_bits());
    }
}
