//! The shift that an edit leaves which changes nothing: code is placed elsewhere, aligned and inlined in another way, and
//! no order of functions, which is drawn anew for each block, makes up for that.
//!
//! Each neutral edit gives one median at each site, known to its standard error. What the medians scatter beyond these
//! errors is the bias; its upper limit is what a REJECT has to prove more than.

use crate::gate::interval::robust_sd;
use crate::gate::quantile::median;
use crate::model::LogRatio;

/// Blocks of an edit below which its median says nothing: its error would be most of it.
const LEAST_BLOCKS: usize = 8;

/// Medians below which their scatter is not bounded: with two, the limit is five times what was seen.
pub const LEAST_SHIFTS: usize = 4;

/// The standard error of the median of normal samples, in standard errors of their mean.
const MEDIAN_ERROR: f64 = 1.2533;

/// 95 of 100 normal values lie below so many standard deviations.
const ONE_SIDED: f64 = 1.6449;

/// What one neutral edit did to one metric of one site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Median over the blocks.
    pub median: LogRatio,
    /// Its standard error.
    pub error: f64,
}

/// What these blocks say; `None` where they are too few.
pub fn shift(ys: &[LogRatio]) -> Option<Shift> {
    if ys.len() < LEAST_BLOCKS {
        return None;
    }
    let mut values: Vec<f64> = ys.iter().map(|y| y.0).collect();
    let middle = LogRatio(median(&mut values)?);
    Some(Shift { median: middle, error: MEDIAN_ERROR * robust_sd(ys)? / (ys.len() as f64).sqrt() })
}

/// What 95 of 100 neutral edits stay below, with 95 % confidence: 1.64 times the upper limit of the scatter that the errors
/// do not explain. `None` below [`LEAST_SHIFTS`] medians.
///
/// The sum of n squared medians over their variance has the chi-square distribution with n degrees of freedom, if medians
/// of different edits and sites are independent; the variance at which 5 % of such sums are smaller is the upper limit.
pub fn upper_limit(shifts: &[Shift]) -> Option<LogRatio> {
    if shifts.len() < LEAST_SHIFTS {
        return None;
    }
    let squares: f64 = shifts.iter().map(|shift| shift.median.0.powi(2)).sum();
    let noise = shifts.iter().map(|shift| shift.error.powi(2)).sum::<f64>() / shifts.len() as f64;
    let variance = squares / chi_square_5_percent(shifts.len() as f64) - noise;
    Some(LogRatio(ONE_SIDED * variance.max(0.0).sqrt()))
}

/// The 5 % quantile of the chi-square distribution, to 3 % from four degrees of freedom on.
///
/// Source: Wilson and Hilferty, "The distribution of chi-square", PNAS 1931.
fn chi_square_5_percent(freedom: f64) -> f64 {
    let ninth = 2.0 / (9.0 * freedom);
    freedom * (1.0 - ninth - ONE_SIDED * ninth.sqrt()).powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::Rng;

    /// `edits` edits that shift by a scatter of `scatter`, each seen in 40 blocks of the deviation `noise`.
    fn edits(rng: &mut Rng, edits: usize, scatter: f64, noise: f64) -> Vec<Shift> {
        let mut edit = || {
            let own = scatter * rng.gaussian();
            let ys: Vec<LogRatio> = (0..40).map(|_| LogRatio(own + noise * rng.gaussian())).collect();
            shift(&ys).unwrap()
        };
        (0..edits).map(|_| edit()).collect()
    }

    #[test]
    fn the_quantile_is_the_tabulated_one() {
        for (freedom, tabulated) in [(4.0, 0.711), (10.0, 3.940), (18.0, 9.390), (30.0, 18.493)] {
            let error: f64 = chi_square_5_percent(freedom) / tabulated - 1.0;
            assert!(error.abs() < 0.03, "{freedom}: {error}");
        }
    }

    #[test]
    fn the_limit_covers_95_of_100_edits_in_about_95_of_100_calibrations() {
        let mut rng = Rng::new(1);
        let covered = (0..400).filter(|_| {
            let limit = upper_limit(&edits(&mut rng, 12, 0.002, 0.004)).unwrap();
            limit.0 >= ONE_SIDED * 0.002
        });
        let covered = covered.count();
        assert!((360..=396).contains(&covered), "{covered} of 400");
    }

    #[test]
    fn noise_alone_leaves_a_small_bias_and_none_in_half_of_the_calibrations_without_noise_to_spare() {
        let mut rng = Rng::new(2);
        let mut limits: Vec<f64> =
            (0..200).map(|_| upper_limit(&edits(&mut rng, 18, 0.0, 0.004)).unwrap().0).collect();
        limits.sort_unstable_by(f64::total_cmp);
        // A median of 40 such blocks is known to 0.08 %.
        assert!(limits[100] < 0.0016, "{}", limits[100]);
    }

    #[test]
    fn too_few_blocks_or_edits_say_nothing() {
        assert_eq!(shift(&[LogRatio(0.01); 7]), None);
        let one = Shift { median: LogRatio(0.01), error: 0.001 };
        assert_eq!(upper_limit(&[one; 3]), None);
        assert!(upper_limit(&[one; 4]).is_some());
    }
}
