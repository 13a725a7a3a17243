//! Units are types, so that a ratio is never taken for a percentage or a tick for a nanosecond.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A duration in nanoseconds, with fractions: latencies of a few nanoseconds are told apart to a hundredth.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Nanos(pub f64);

/// A change in percent of the baseline: `+25.0` is a quarter more.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Percent(pub f64);

/// The natural logarithm of candidate / baseline: symmetric, and additive over blocks.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogRatio(pub f64);

impl LogRatio {
    /// The log ratio of two positive durations.
    pub fn of(candidate: Nanos, baseline: Nanos) -> LogRatio {
        LogRatio((candidate.0 / baseline.0).ln())
    }
}

impl std::iter::Sum for Nanos {
    fn sum<I: Iterator<Item = Nanos>>(parts: I) -> Nanos {
        Nanos(parts.map(|part| part.0).sum())
    }
}

impl From<LogRatio> for Percent {
    fn from(ratio: LogRatio) -> Percent {
        Percent(ratio.0.exp_m1() * 100.0)
    }
}

impl From<Percent> for LogRatio {
    fn from(percent: Percent) -> LogRatio {
        LogRatio((percent.0 / 100.0).ln_1p())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_survives_the_way_to_a_log_ratio_and_back() {
        for percent in [-50.0, -1.0, 0.0, 0.5, 100.0] {
            let back = Percent::from(LogRatio::from(Percent(percent)));
            assert!((back.0 - percent).abs() < 1e-9, "{percent} came back as {back:?}");
        }
    }

    #[test]
    fn a_slower_candidate_has_a_positive_log_ratio() {
        assert!(LogRatio::of(Nanos(110.0), Nanos(100.0)).0 > 0.0);
    }
}
