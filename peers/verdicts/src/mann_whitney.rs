//! The rank test of Mann and Whitney (Annals of Mathematical Statistics 18, 1947), as benchstat uses it.

/// The two-sided probability of ranks at least as uneven as these, if both samples came from one distribution. Exact unless
/// values are tied; then by the normal approximation with the variance for ties. 1 of empty samples.
pub fn p_value(left: &[f64], right: &[f64]) -> f64 {
    let Some(greatest) = left.len().checked_mul(right.len()).filter(|pairs| *pairs > 0) else { return 1.0 };
    let pairs = left.iter().flat_map(|left| right.iter().map(move |right| (left, right)));
    let won: f64 = pairs
        .map(|(left, right)| {
            if left < right {
                1.0
            } else if left > right {
                0.0
            } else {
                0.5
            }
        })
        .sum();
    let fewer = won.min(greatest as f64 - won);
    let ties = ties(left, right);
    match ties.iter().all(|count| *count == 1) {
        true => exact(fewer as usize, left.len(), right.len()),
        false => approximate(fewer, left.len(), right.len(), &ties),
    }
}

/// How many values there are of each size.
fn ties(left: &[f64], right: &[f64]) -> Vec<usize> {
    let mut all = [left, right].concat();
    all.sort_by(f64::total_cmp);
    all.chunk_by(|one, next| one == next).map(<[f64]>::len).collect()
}

fn exact(fewer: usize, left: usize, right: usize) -> f64 {
    let orders = orders(left, right);
    let all: f64 = orders.iter().sum();
    let uneven: f64 = orders.iter().take(fewer + 1).sum();
    (2.0 * uneven / all).min(1.0)
}

/// In how many orders of the values the left ones win 0, 1, 2 ... pairs. Each order ends with a left value, which wins
/// nothing, or with a right one, against which all left ones win.
fn orders(left: usize, right: usize) -> Vec<f64> {
    let mut of = vec![vec![vec![1.0]; right + 1]; left + 1];
    for l in 1..=left {
        for r in 1..=right {
            let mut counts = of[l - 1][r].clone();
            counts.resize(l * r + 1, 0.0);
            of[l][r - 1].iter().enumerate().for_each(|(won, count)| counts[won + l] += count);
            of[l][r] = counts;
        }
    }
    of[left][right].clone()
}

fn approximate(fewer: f64, left: usize, right: usize, ties: &[usize]) -> f64 {
    let (l, r) = (left as f64, right as f64);
    let all = l + r;
    let tied: f64 = ties.iter().map(|&count| (count as f64).powi(3) - count as f64).sum();
    let variance = l * r / 12.0 * ((all + 1.0) - tied / (all * (all - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    // Corrected for continuity.
    let z = ((l * r / 2.0 - fewer - 0.5) / variance.sqrt()).max(0.0);
    (2.0 * normal_tail(z)).min(1.0)
}

/// The probability that a standard normal variable exceeds `z`, which is not negative (Abramowitz and Stegun 26.2.17; wrong
/// by less than 1e-7).
fn normal_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let coefficients = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_53];
    let polynomial = coefficients.iter().fold(0.0, |sum, coefficient| (sum + coefficient) * t);
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * polynomial
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, expected: f64) -> bool {
        (value - expected).abs() < 1e-4 * expected.max(0.01)
    }

    fn numbers(values: impl IntoIterator<Item = u32>) -> Vec<f64> {
        values.into_iter().map(f64::from).collect()
    }

    #[test]
    fn small_samples_are_counted_out() {
        // By hand: of the 20 orders of three and three, two are as uneven as this.
        assert!(near(p_value(&numbers([1, 2, 3]), &numbers([4, 5, 6])), 0.1));
        assert!(near(p_value(&numbers([4, 5, 6]), &numbers([1, 2, 3])), 0.1));
        assert!(near(p_value(&numbers([1, 3, 5]), &numbers([2, 4, 6])), 0.7));
    }

    #[test]
    fn ten_against_ten_has_the_critical_value_of_the_tables() {
        // Printed tables: at 5 %, two-sided, U of 23 is significant and 24 is not.
        let orders = orders(10, 10);
        assert!(near(orders.iter().sum(), 184_756.0), "20 over 10");
        assert!(near(exact(23, 10, 10), 0.043_257) && exact(24, 10, 10) > 0.05);
        assert!(near(p_value(&numbers(0..10), &numbers(10..20)), 2.0 / 184_756.0));
    }

    #[test]
    fn equal_samples_tell_nothing() {
        let same = numbers([7; 10]);
        assert!(near(p_value(&same, &same), 1.0));
        assert!(near(p_value(&[], &same), 1.0));
        assert!(p_value(&numbers(0..10), &numbers(0..10)) > 0.9);
    }

    #[test]
    fn ties_are_approximated() {
        // The same formula in another language, with its own normal distribution.
        assert!(near(p_value(&numbers([1, 2, 2, 3]), &numbers([2, 4, 5, 6])), 0.103_75));
    }

    #[test]
    fn the_normal_tail_is_that_of_the_tables() {
        assert!(near(normal_tail(0.0), 0.5) && near(normal_tail(1.959_964), 0.025));
    }
}
