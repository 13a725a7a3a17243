//! Quantiles of whole clock ticks, told finer than a tick.
//!
//! A clock of 41 ns a tick (common on ARM) shows a function of 100 ns as 2 or 3 ticks, and its median as 2 or 3:
//! a change of 10 % would be invisible or look like 50 %. And many counters advance by more than one tick at a time. A
//! sample that reads `v` lies anywhere between the middles to the next lower and the next higher reading, so the
//! quantile is interpolated among the samples that share its reading, as the grouped median of descriptive statistics
//! does (`statistics.median_grouped` of Python).

/// Most ticks by which a counter advances at a time: a crystal of 100 MHz behind a counter of 3.2 GHz. Readings further
/// apart than that are apart for another reason.
const COARSEST_STEP: u64 = 32;

/// The `q` quantile of `ticks`, in ticks; `None` for no samples. `q` lies in `0 ..= 1`. Reorders `ticks`.
///
/// For `q` = 1/2 and readings one tick apart this is the grouped median `m - 0.5 + (n / 2 - below) / equal`, where `m`
/// is the middle value, `below` counts the samples under it and `equal` those that share it.
pub fn quantile(ticks: &mut [u64], q: f64) -> Option<f64> {
    let wanted = q.clamp(0.0, 1.0) * ticks.len() as f64;
    let index = (wanted as usize).min(ticks.len().checked_sub(1)?);
    let (left, &mut value, right) = ticks.select_nth_unstable(index);
    let (equal_left, lower) = neighbours(left, value, u64::max);
    let (equal_right, higher) = neighbours(right, value, u64::min);
    let middle = |other: u64| (other as f64 + value as f64) / 2.0;
    let inside = (wanted - (index - equal_left) as f64) / (equal_left + 1 + equal_right) as f64;
    if let Some(previous) = lower.filter(|_| inside <= 0.0) {
        // The quantile falls exactly between two readings, which may lie far apart: take the middle.
        return Some(middle(previous));
    }
    let near = |other: &u64| other.abs_diff(value) <= COARSEST_STEP;
    let low = lower.filter(near).map_or(value as f64 - 0.5, middle);
    let high = higher.filter(near).map_or(value as f64 + 0.5, middle);
    Some(low + inside * (high - low))
}

/// How many of `samples` read `value`, and the nearest of the others.
fn neighbours(samples: &[u64], value: u64, nearer: fn(u64, u64) -> u64) -> (usize, Option<u64>) {
    let (mut equal, mut nearest) = (0, None);
    for &sample in samples {
        match sample == value {
            true => equal += 1,
            false => nearest = Some(nearest.map_or(sample, |nearest| nearer(nearest, sample))),
        }
    }
    (equal, nearest)
}

/// The mean of `ticks`, in ticks; `None` for no samples.
pub fn mean(ticks: &[u64]) -> Option<f64> {
    let sum: u128 = ticks.iter().map(|&tick| u128::from(tick)).sum();
    (!ticks.is_empty()).then(|| sum as f64 / ticks.len() as f64)
}

/// The mean of `ticks`, each counted as `ceiling` at most; `None` for no samples.
pub fn mean_below(ticks: &[u64], ceiling: u64) -> Option<f64> {
    let sum: u128 = ticks.iter().map(|&tick| u128::from(tick.min(ceiling))).sum();
    (!ticks.is_empty()).then(|| sum as f64 / ticks.len() as f64)
}

/// The median of `values`; the mean of the middle two for an even count, `None` for none. Reorders `values`.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let even = values.len().is_multiple_of(2);
    let (left, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even { left.iter().copied().max_by(f64::total_cmp).unwrap_or(upper) } else { upper };
    Some(lower + (upper - lower) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::Rng;

    #[test]
    fn nothing_has_no_quantile_and_no_mean() {
        assert_eq!(quantile(&mut [], 0.5), None);
        assert_eq!(mean(&[]), None);
        assert_eq!(median(&mut []), None);
    }

    #[test]
    fn one_sample_is_its_own_median() {
        assert_eq!(quantile(&mut [7], 0.5), Some(7.0));
    }

    #[test]
    fn a_counter_that_advances_by_two_is_told_as_finely_as_one_that_advances_by_one() {
        assert_eq!(quantile(&mut [4, 4, 6, 6], 0.5), Some(5.0));
        assert_eq!(quantile(&mut [4, 6, 6, 6, 8], 0.5), Some(6.0));
        assert_eq!(quantile(&mut [4, 4, 4, 6, 6, 6, 6, 6, 8], 4.0 / 9.0), Some(5.0 + 2.0 / 5.0));
    }

    #[test]
    fn the_median_moves_inside_its_tick_with_the_share_of_samples_below() {
        assert_eq!(quantile(&mut [2, 2, 3, 3], 0.5), Some(2.5));
        assert_eq!(quantile(&mut [2, 3, 3, 3], 0.5), Some(2.5 + 1.0 / 3.0));
        assert_eq!(quantile(&mut [2, 2, 2, 3], 0.5), Some(1.5 + 2.0 / 3.0));
    }

    #[test]
    fn a_median_between_two_distant_samples_is_their_middle() {
        assert_eq!(quantile(&mut [200, 100], 0.5), Some(150.0));
    }

    #[test]
    fn the_ends_of_the_range_are_the_edges_of_the_outermost_ticks() {
        assert_eq!(quantile(&mut [5, 4, 6], 0.0), Some(3.5));
        assert_eq!(quantile(&mut [5, 4, 6], 1.0), Some(6.5));
    }

    #[test]
    fn a_clock_of_forty_nanoseconds_tells_latencies_apart_to_two() {
        // True latencies are spread evenly around the median by more than a tick; the clock starts anywhere.
        let mut rng = Rng::new(1);
        for median_ns in [100.0, 103.0, 110.0] {
            let mut ticks: Vec<u64> = (0..50_000)
                .map(|_| ((median_ns + 60.0 * (rng.uniform() - 0.5)) / 41.0 + rng.uniform()) as u64)
                .collect();
            let seen = quantile(&mut ticks, 0.5).unwrap() * 41.0;
            assert!((seen - median_ns).abs() < 2.0, "{median_ns} ns seen as {seen}");
        }
    }

    #[test]
    fn quantiles_of_a_wide_spread_lie_between_the_neighbours_of_a_full_sort() {
        let mut rng = Rng::new(2);
        let mut ticks: Vec<u64> = (0..9_973).map(|_| (1_000.0 * rng.gaussian().exp()) as u64).collect();
        let mut sorted = ticks.clone();
        sorted.sort_unstable();
        for q in [0.01, 0.5, 0.9, 0.99, 0.999] {
            let index = (q * 9_973.0) as usize;
            let neighbours = sorted[index - 1] as f64 - 0.5..=sorted[index + 1] as f64 + 0.5;
            assert!(neighbours.contains(&quantile(&mut ticks, q).unwrap()));
        }
    }

    #[test]
    fn the_median_of_an_even_count_is_the_mean_of_the_middle_two() {
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
    }

    #[test]
    fn a_mean_of_huge_ticks_does_not_overflow() {
        assert_eq!(mean(&[u64::MAX, u64::MAX]), Some(u64::MAX as f64));
    }
}
