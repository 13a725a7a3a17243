//! What a count of errors proves about their rate.

/// What is not excluded: one time in twenty the true rate is above the bound.
const DOUBT: f64 = 0.05;

/// Halvings of an interval of 1: more than a printed digit needs.
const HALVINGS: u32 = 50;

/// The upper bound of an error rate at 95 %, one-sided, after `errors` in `checks` independent checks: the rate at which so
/// few errors would come once in twenty times (Clopper and Pearson, Biometrika 26, 1934). 1 after no check.
pub fn upper_bound(errors: u32, checks: u32) -> f64 {
    if errors >= checks {
        return 1.0;
    }
    let (mut low, mut high) = (f64::from(errors) / f64::from(checks), 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if at_most(errors, checks, middle) > DOUBT { low = middle } else { high = middle }
    }
    high
}

/// The probability of at most so many errors, at a rate between 0 and 1 (both excluded).
fn at_most(errors: u32, checks: u32, rate: f64) -> f64 {
    let mut exactly = (1.0 - rate).powi(checks as i32);
    let mut sum = exactly;
    for count in 1..=errors {
        exactly *= f64::from(checks - count + 1) / f64::from(count) * rate / (1.0 - rate);
        sum += exactly;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, expected: f64) -> bool {
        (value - expected).abs() < 5e-5
    }

    #[test]
    fn without_an_error_it_is_the_rule_of_three_made_exact() {
        for checks in [1, 20, 50, 1000] {
            assert!(near(upper_bound(0, checks), 1.0 - 0.05_f64.powf(1.0 / f64::from(checks))));
        }
    }

    #[test]
    fn with_errors_it_is_the_rate_at_which_so_few_come_once_in_twenty_times() {
        // Sums of exact binomial coefficients, in another language.
        for (errors, checks, bound) in [(1, 20, 0.21611), (5, 20, 0.45558), (19, 20, 0.99744), (10, 10, 1.0)]
        {
            assert!(
                near(upper_bound(errors, checks), bound),
                "{errors} of {checks}: {}",
                upper_bound(errors, checks)
            );
        }
    }

    #[test]
    fn nothing_is_proven_by_no_check() {
        assert!(near(upper_bound(0, 0), 1.0));
    }
}
