//! What a count of errors proves: the limits of Clopper and Pearson (Biometrika 26, 1934), each at 95 % of its own.

/// How often a limit is wrong.
const RISK: f64 = 0.05;
/// Halvings of the interval from 0 to 1: more than a double can tell apart.
const HALVINGS: usize = 60;

/// The largest rate with which `errors` or fewer of `checks` still come in 5 of 100 series: 1 - 0.05^(1/n) for none.
pub fn at_most(errors: usize, checks: usize) -> f64 {
    if errors >= checks {
        return 1.0;
    }
    crossing(|rate| up_to(errors, checks, rate) > RISK)
}

/// The smallest rate with which `errors` or more of `checks` still come in 5 of 100 series.
pub fn at_least(errors: usize, checks: usize) -> f64 {
    match errors.checked_sub(1) {
        None => 0.0,
        Some(fewer) => crossing(|rate| 1.0 - up_to(fewer, checks, rate) < RISK),
    }
}

/// Where what holds at 0 holds no more.
fn crossing(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if holds(middle) { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// Probability of `most` or fewer errors in `checks` at a rate inside of 0 to 1.
fn up_to(most: usize, checks: usize, rate: f64) -> f64 {
    let (log_wrong, log_right) = (rate.ln(), (-rate).ln_1p());
    let mut log_choices = 0.0;
    let mut sum = 0.0;
    for errors in 0..=most {
        let right = (checks - errors) as f64;
        sum += (log_choices + errors as f64 * log_wrong + right * log_right).exp();
        log_choices += right.ln() - (errors as f64 + 1.0).ln();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is_near(value: f64, expected: f64) {
        assert!((value - expected).abs() < 5e-5, "{value} in place of {expected}");
    }

    #[test]
    fn no_error_proves_a_rate_below_one_less_the_nth_root_of_a_twentieth() {
        for checks in [1, 20, 50, 59, 100, 1000] {
            is_near(at_most(0, checks), 1.0 - 0.05_f64.powf(1.0 / checks as f64));
        }
        is_near(at_most(0, 1000), 0.002_99);
    }

    /// From tables of the binomial distribution.
    #[test]
    fn errors_widen_the_limits() {
        is_near(at_most(1, 100), 0.0466);
        is_near(at_most(2, 100), 0.0616);
        is_near(at_most(5, 10), 0.7776);
        is_near(at_least(5, 10), 0.2224);
        is_near(at_least(2, 100), 0.0036);
        is_near(at_least(1, 20), 0.0026);
    }

    /// Sums of exact binomial coefficients, in another language.
    #[test]
    fn few_checks_have_wide_limits() {
        for (errors, checks, limit) in
            [(0, 50, 0.05816), (1, 20, 0.21611), (5, 20, 0.45558), (19, 20, 0.99744)]
        {
            is_near(at_most(errors, checks), limit);
        }
    }

    #[test]
    fn the_ends_are_the_ends() {
        assert_eq!((at_most(10, 10), at_most(0, 0), at_least(0, 9)), (1.0, 1.0, 0.0));
        is_near(at_least(10, 10), 0.05_f64.powf(0.1));
    }
}
