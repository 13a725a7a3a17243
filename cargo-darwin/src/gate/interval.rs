//! What a handful of samples says about their median, without assuming a distribution.

use super::quantile::median;
use crate::model::{LogRatio, Percent};

/// A share of 2.5 % is left out at each end of a 95 % interval.
const ONE_SIDED_ERROR: f64 = 0.025;

/// The standard deviation of a normal distribution in units of its median absolute deviation.
const SD_PER_MAD: f64 = 1.4826;

/// `(blocks, smallest tolerance caught in 95 of 100 checks, in standard deviations of a block)` for three sites,
/// simulated: from 24 blocks on as GATE.md section 3 has it, below by the same simulation. Between them the
/// logarithms are interpolated.
const RESOLUTION: [(f64, f64); 8] =
    [(14.0, 5.0), (16.0, 4.0), (18.0, 3.5), (21.0, 3.0), (24.0, 2.7), (40.0, 2.0), (60.0, 1.6), (136.0, 1.0)];

/// A median and the 95 % interval around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MedianInterval {
    /// Lower end.
    pub low: LogRatio,
    /// The median.
    pub median: LogRatio,
    /// Upper end.
    pub high: LogRatio,
}

/// The median of `ys` and its 95 % interval by order statistics: the narrowest pair of sorted samples, equally
/// far from both ends, between which the true median lies with 95 %. Below six samples there is none that wide,
/// and it is the whole range. `None` for no samples.
///
/// Source: Hahn and Meeker, "Statistical Intervals", 1991, section 5.2.
pub fn median_interval(ys: &[LogRatio]) -> Option<MedianInterval> {
    let mut sorted: Vec<f64> = ys.iter().map(|y| y.0).collect();
    let middle = median(&mut sorted)?;
    sorted.sort_unstable_by(f64::total_cmp);
    let skipped = binomial_quantile(sorted.len(), ONE_SIDED_ERROR).unwrap_or(0);
    Some(MedianInterval {
        low: LogRatio(sorted[skipped]),
        median: LogRatio(middle),
        high: LogRatio(sorted[sorted.len() - 1 - skipped]),
    })
}

/// The chance that at most `successes` of `trials` fair coins fall heads.
pub fn fair_coin_at_most(successes: usize, trials: usize) -> f64 {
    let mut ln_chance = -(trials as f64) * std::f64::consts::LN_2;
    let mut sum = 0.0;
    for heads in 0..=successes.min(trials) {
        sum += ln_chance.exp();
        ln_chance += ((trials - heads) as f64 / (heads + 1) as f64).ln();
    }
    sum.min(1.0)
}

/// The largest number of heads of which the chance of seeing that many or fewer is at most `error`.
fn binomial_quantile(trials: usize, error: f64) -> Option<usize> {
    (0..trials).take_while(|&heads| fair_coin_at_most(heads, trials) <= error).last()
}

/// A standard deviation that outliers do not move, from the median absolute deviation. `None` for no samples.
pub fn robust_sd(ys: &[LogRatio]) -> Option<f64> {
    let mut values: Vec<f64> = ys.iter().map(|y| y.0).collect();
    let centre = median(&mut values)?;
    values.iter_mut().for_each(|value| *value = (*value - centre).abs());
    median(&mut values).map(|mad| mad * SD_PER_MAD)
}

/// The smallest slowdown that so many blocks with the spread of `ys` catch in 95 of 100 checks. `None` below 14
/// blocks: so few cannot prove even a large one every time.
pub fn resolution(ys: &[LogRatio]) -> Option<Percent> {
    let deviations = resolution_in_sd(ys.len() as f64)?;
    Some(Percent::from(LogRatio(deviations * robust_sd(ys)?)))
}

fn resolution_in_sd(blocks: f64) -> Option<f64> {
    let (last_blocks, last_deviations) = RESOLUTION[RESOLUTION.len() - 1];
    if blocks >= last_blocks {
        // Beyond the table, the standard error of a mean is the guide.
        return Some(last_deviations * (last_blocks / blocks).sqrt());
    }
    RESOLUTION.windows(2).find(|pair| (pair[0].0..pair[1].0).contains(&blocks)).map(|pair| {
        let share = (blocks / pair[0].0).ln() / (pair[1].0 / pair[0].0).ln();
        pair[0].1 * (pair[1].1 / pair[0].1).powf(share)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::Rng;

    fn ratios(values: &[f64]) -> Vec<LogRatio> {
        values.iter().copied().map(LogRatio).collect()
    }

    #[test]
    fn no_samples_have_no_interval() {
        assert_eq!(median_interval(&[]), None);
        assert_eq!(robust_sd(&[]), None);
    }

    #[test]
    fn few_samples_give_their_whole_range() {
        let interval = median_interval(&ratios(&[3.0, 1.0, 2.0])).unwrap();
        assert_eq!((interval.low.0, interval.median.0, interval.high.0), (1.0, 2.0, 3.0));
    }

    #[test]
    fn the_interval_takes_the_order_statistics_of_the_published_tables() {
        // (samples, rank from each end): Hahn and Meeker, table of 95 % intervals of the median.
        for (count, rank) in [(6, 1), (8, 1), (9, 2), (12, 3), (20, 6), (50, 18), (100, 40)] {
            let values: Vec<f64> = (1..=count).map(f64::from).collect();
            let interval = median_interval(&ratios(&values)).unwrap();
            assert_eq!(interval.low.0, f64::from(rank), "of {count}");
            assert_eq!(interval.high.0, f64::from(count + 1 - rank), "of {count}");
        }
    }

    #[test]
    fn the_interval_holds_the_true_median_in_at_least_95_of_100_for_any_tails() {
        let mut rng = Rng::new(3);
        let trials = 2_000;
        let held = (0..trials).filter(|_| {
            let ys: Vec<LogRatio> = (0..15).map(|_| LogRatio(rng.cauchy())).collect();
            let interval = median_interval(&ys).unwrap();
            interval.low.0 <= 0.0 && 0.0 <= interval.high.0
        });
        assert!(held.count() >= trials * 95 / 100);
    }

    #[test]
    fn chances_of_a_fair_coin_are_those_of_pascals_triangle() {
        assert_eq!(fair_coin_at_most(0, 0), 1.0);
        assert!((fair_coin_at_most(1, 8) - 9.0 / 256.0).abs() < 1e-12);
        assert!((fair_coin_at_most(8, 8) - 1.0).abs() < 1e-12);
        assert!((fair_coin_at_most(2_499, 4_999) - 0.5).abs() < 1e-9, "no underflow");
    }

    #[test]
    fn the_robust_deviation_is_that_of_a_normal_sample_and_ignores_outliers() {
        let mut rng = Rng::new(4);
        let mut ys: Vec<LogRatio> = (0..2_000).map(|_| LogRatio(0.01 * rng.gaussian())).collect();
        ys.extend([LogRatio(100.0); 20]);
        assert!((robust_sd(&ys).unwrap() - 0.01).abs() < 0.001);
    }

    #[test]
    fn the_resolution_follows_the_simulated_table_and_never_grows_with_more_blocks() {
        assert_eq!(resolution_in_sd(13.0), None);
        for (blocks, expected) in RESOLUTION {
            assert!((resolution_in_sd(blocks).unwrap() - expected).abs() < 1e-9);
        }
        let all: Vec<f64> = (14..400).filter_map(|blocks| resolution_in_sd(f64::from(blocks))).collect();
        assert_eq!(all.len(), 400 - 14);
        assert!(all.windows(2).all(|pair| pair[1] < pair[0]));
    }
}
