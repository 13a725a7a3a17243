//! Scenarios that differ in nothing but the workload, added up: what their number proves.

use darwin_kept::bounds;

use crate::scenario::Scenario;
use crate::summary::{Spread, Summary, limit_seconds, spread};

/// Some scenarios as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// Their name without the workload.
    pub name: String,
    /// Checks.
    pub checks: usize,
    /// As expected.
    pub right: usize,
    /// Verdicts that mislead.
    pub misleading: usize,
    /// INCONCLUSIVE, INVALID.
    pub open: usize,
    /// Of each check without its builds, in seconds.
    pub all_seconds: Vec<f64>,
    /// Decided within the limit of time.
    pub in_time: usize,
    /// That limit, in seconds.
    pub limit_seconds: f64,
}

impl Total {
    /// The rate of misleading verdicts is below this.
    pub fn at_most(&self) -> f64 {
        bounds::at_most(self.misleading, self.checks)
    }

    /// Of its checks without their builds, in seconds.
    pub fn seconds(&self) -> Option<Spread> {
        spread(self.all_seconds.clone())
    }

    /// The rate is above this.
    pub fn at_least(&self) -> f64 {
        bounds::at_least(self.misleading, self.checks)
    }
}

/// In the order in which they first come.
pub fn totals(summaries: &[&Summary]) -> Vec<Total> {
    let mut totals: Vec<Total> = Vec::new();
    for one in summaries {
        let name = one.of.whatever_the_workload();
        let at = totals.iter().position(|total| total.name == name).unwrap_or_else(|| {
            totals.push(empty(name, &one.of));
            totals.len() - 1
        });
        let total = &mut totals[at];
        total.checks += one.checks;
        total.right += one.checks - one.errors;
        total.misleading += one.misleading;
        total.open += one.inconclusive + one.invalid;
        total.all_seconds.extend(&one.all_seconds);
        total.in_time += one.in_time;
    }
    totals
}

fn empty(name: String, scenario: &Scenario) -> Total {
    Total {
        name,
        checks: 0,
        right: 0,
        misleading: 0,
        open: 0,
        all_seconds: Vec::new(),
        in_time: 0,
        limit_seconds: limit_seconds(scenario),
    }
}

#[cfg(test)]
mod tests {
    use cargo_darwin::model::Verdict;

    use super::*;
    use crate::record::samples::record;
    use crate::scenario::Expected;
    use crate::summary::summaries;

    #[test]
    fn what_differs_in_the_workload_alone_is_added_up() {
        let all = summaries(&[
            record("a/neutral", Expected::Approve, Verdict::Approve),
            record("b/neutral", Expected::Approve, Verdict::Reject),
            record("b/neutral+busy:20s", Expected::Approve, Verdict::Approve),
            record("b/neutral:20s+busy", Expected::Approve, Verdict::Inconclusive),
        ]);
        let totals = totals(&all.iter().collect::<Vec<_>>());
        assert_eq!(totals.len(), 2, "what cannot be read is no scenario");
        let neutral = &totals[0];
        assert_eq!(
            (neutral.name.as_str(), neutral.checks, neutral.misleading, neutral.in_time),
            ("neutral", 2, 1, 2)
        );
        assert_eq!(neutral.limit_seconds, 30.0);
        assert_eq!(neutral.seconds(), Some(Spread { median: 2.0, ninety: 2.0 }));
        assert!(neutral.at_least() > 0.0 && neutral.at_most() < 1.0);
        let busy = &totals[1];
        assert_eq!((busy.checks, busy.open, busy.in_time, busy.limit_seconds), (1, 1, 0, 20.0));
        assert_eq!((neutral.right, busy.right), (1, 0));
    }
}
