//! What the calls of the calibrating site have shown, in ticks.
//!
//! A mean, because only that is right to less than a step of a counter that advances by 26 ticks at a time: a median of
//! such readings would be wrong by up to 5 ns.

use darwin_runtime::layout::CALIBRATING_CALLS;
use hdrhistogram::Histogram;

/// The slowest hundredth are interruptions.
const UNDISTURBED: f64 = 0.99;

/// The mean of the cheapest round, as the body of those calls was timed; zero without any.
pub fn logged(samples: &[u64]) -> f64 {
    let whole = samples.chunks_exact(CALIBRATING_CALLS as usize);
    let rest = whole.remainder();
    let cheapest = whole.map(mean).fold(f64::INFINITY, f64::min);
    if cheapest.is_finite() { cheapest } else { mean(rest) }
}

/// The same where only their histogram is known: the mean of all but the slowest.
pub fn counted(histogram: &Histogram<u64>) -> f64 {
    let most = histogram.value_at_quantile(UNDISTURBED);
    let undisturbed = || histogram.iter_recorded().filter(|step| step.value_iterated_to() <= most);
    let calls: u64 = undisturbed().map(|step| step.count_at_value()).sum();
    let ticks = |value: u64, calls: u64| histogram.median_equivalent(value) as f64 * calls as f64;
    let all: f64 = undisturbed().map(|step| ticks(step.value_iterated_to(), step.count_at_value())).sum();
    if calls == 0 { 0.0 } else { all / calls as f64 }
}

fn mean(samples: &[u64]) -> f64 {
    samples.iter().sum::<u64>() as f64 / samples.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: usize = CALIBRATING_CALLS as usize;

    #[test]
    fn the_cheapest_round_counts_and_one_that_is_not_whole_does_not() {
        let rounds = [[60; CALLS], [30; CALLS], [52; CALLS]].concat();
        assert_eq!(logged(&rounds), 30.0);
        assert_eq!(logged(&[&rounds[..], &[1; 9]].concat()), 30.0);
        assert_eq!(logged(&[4, 5]), 4.5);
        assert_eq!(logged(&[]), 0.0);
    }

    #[test]
    fn a_counter_of_wide_steps_is_told_finer_than_a_step() {
        let round: Vec<u64> = (0..CALLS).map(|call| if call % 4 == 0 { 104 } else { 78 }).collect();
        assert_eq!(logged(&round), 84.5);
        let mut histogram = Histogram::new(3).unwrap();
        round.iter().for_each(|&ticks| histogram.record(ticks).unwrap());
        assert_eq!(counted(&histogram), 84.5);
    }

    #[test]
    fn interruptions_do_not_count_and_nothing_is_zero() {
        let mut histogram = Histogram::<u64>::new(3).unwrap();
        assert_eq!(counted(&histogram), 0.0);
        histogram.record_n(80, 500).unwrap();
        histogram.record_n(90_000, 3).unwrap();
        assert_eq!(counted(&histogram), 80.0);
    }
}
