//! Medians and their spread.

/// The middle of some values, and where the middle half of them lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// A quarter is below.
    pub low: f64,
    /// Half is below.
    pub median: f64,
    /// A quarter is above.
    pub high: f64,
}

/// The quantile between the two values beside it; NaN of nothing.
pub fn quantile(values: &[f64], quantile: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = quantile * last as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

/// The middle value, or the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Median and quartiles.
pub fn spread(values: &[f64]) -> Spread {
    Spread { low: quantile(values, 0.25), median: median(values), high: quantile(values, 0.75) }
}

/// One by one, for values of the same repetitions: `f` of both.
pub fn paired(left: &[f64], right: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    left.iter().zip(right).map(|(left, right)| f(*left, *right)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_there() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn the_middle_half_lies_between_the_quartiles() {
        let values: Vec<f64> = (1..=9).map(f64::from).collect();
        assert_eq!(spread(&values), Spread { low: 3.0, median: 5.0, high: 7.0 });
    }

    #[test]
    fn one_interrupted_repetition_moves_nothing_much() {
        let mut values = vec![10.0; 9];
        values[4] = 1e6;
        assert_eq!(spread(&values), Spread { low: 10.0, median: 10.0, high: 10.0 });
    }

    #[test]
    fn repetitions_are_compared_one_by_one() {
        // Twice as slow a machine in the second repetition: the ratio does not see it.
        let ratios = paired(&[30.0, 60.0], &[20.0, 40.0], |one, other| one / other);
        assert_eq!(ratios, [1.5, 1.5]);
    }
}
