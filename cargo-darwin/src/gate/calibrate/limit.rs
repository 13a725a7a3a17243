//! What counted checks prove of a rate.

/// What is left of every limit's chance to be wrong: 95 % confidence.
const ERROR: f64 = 0.05;

/// Halvings with which a limit is sought: to a billionth.
const HALVINGS: u32 = 30;

/// The upper 95 % limit of a rate of which `events` were counted in `trials`: with none of n it is 1 - 0.05^(1/n).
/// Without a trial nothing is known, and it is 1.
///
/// Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
/// Biometrika 1934.
pub fn upper(events: u32, trials: u32) -> f64 {
    if events >= trials {
        return 1.0;
    }
    let (mut low, mut high) = (f64::from(events) / f64::from(trials), 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if at_most(events, trials, middle) > ERROR { low = middle } else { high = middle }
    }
    high
}

/// Checks without a miss that prove a rate of misses of at most `rate`: 59 for 5 %.
pub fn trials_for(rate: f64) -> u32 {
    (ERROR.ln() / (-rate).ln_1p()).ceil() as u32
}

/// The chance of at most `events` in `trials` of a chance of `rate` each; `rate` lies above 0 and below 1.
fn at_most(events: u32, trials: u32, rate: f64) -> f64 {
    let mut ln_chance = f64::from(trials) * (-rate).ln_1p();
    let ln_odds = rate.ln() - (-rate).ln_1p();
    let mut sum = 0.0;
    for event in 0..=events {
        sum += ln_chance.exp();
        ln_chance += (f64::from(trials - event) / f64::from(event + 1)).ln() + ln_odds;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_of_n_prove_one_minus_the_nth_root_of_a_twentieth() {
        for trials in [1, 2, 10, 59, 212, 1000] {
            let expected = 1.0 - 0.05_f64.powf(1.0 / f64::from(trials));
            assert!((upper(0, trials) - expected).abs() < 1e-6, "{trials}");
        }
        assert!(upper(0, 59) <= 0.05 && upper(0, 58) > 0.05);
        assert_eq!(trials_for(0.05), 59);
    }

    #[test]
    fn limits_are_those_of_the_published_table() {
        // One-sided 95 % limits, as Hahn and Meeker tabulate them.
        for (events, trials, expected) in [(1, 10, 0.394), (2, 20, 0.283), (5, 100, 0.102), (1, 59, 0.0778)] {
            assert!(
                (upper(events, trials) - expected).abs() < 1e-3,
                "{events} of {trials}: {}",
                upper(events, trials)
            );
        }
    }

    #[test]
    fn without_a_trial_and_with_events_only_nothing_is_excluded() {
        assert_eq!((upper(0, 0), upper(3, 3)), (1.0, 1.0));
    }

    #[test]
    fn the_limit_covers_the_true_rate_in_at_least_95_of_100() {
        let covered = |rate: f64| -> f64 {
            let exactly = |events: u32| {
                at_most(events, 50, rate) - if events == 0 { 0.0 } else { at_most(events - 1, 50, rate) }
            };
            (0..=50).filter(|&events| upper(events, 50) >= rate).map(exactly).sum()
        };
        for rate in [0.01, 0.05, 0.2, 0.7] {
            assert!(covered(rate) >= 0.95 - 1e-9, "{rate}: {}", covered(rate));
        }
    }
}
