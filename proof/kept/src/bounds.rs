//! What a count of errors proves: the limits of Clopper and Pearson (Biometrika 26, 1934), each at 95 % of its own. They are
//! those that `cargo darwin calibrate` tells its users.

use cargo_darwin::gate::calibrate::limit;

/// The largest rate with which `errors` or fewer of `checks` still come in 5 of 100 series: 1 - 0.05^(1/n) for none, 1 where
/// there is no check.
pub fn at_most(errors: usize, checks: usize) -> f64 {
    limit::upper(count(errors), count(checks))
}

/// The smallest rate with which `errors` or more of `checks` still come in 5 of 100 series. What is no error is the rest.
pub fn at_least(errors: usize, checks: usize) -> f64 {
    1.0 - at_most(checks - errors, checks)
}

fn count(checks: usize) -> u32 {
    u32::try_from(checks).unwrap_or(u32::MAX)
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
