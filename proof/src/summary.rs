//! Many checks of one scenario in a few figures.

use cargo_darwin::model::{Percent, Verdict};

use crate::record::{Answer, Record};
use crate::scenario::{Expected, Scenario};

/// Longest time of a check that says nothing else.
const USUAL_LIMIT_SECONDS: f64 = 30.0;

/// The figures of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// As it is written.
    pub scenario: String,
    /// The same, read.
    pub of: Scenario,
    /// What was expected.
    pub expected: Expected,
    /// How many checks.
    pub checks: usize,
    /// How many different edits.
    pub edits: usize,
    /// REJECT.
    pub reject: usize,
    /// Of these, those that name the site which is slower.
    pub named: usize,
    /// APPROVE.
    pub approve: usize,
    /// INCONCLUSIVE.
    pub inconclusive: usize,
    /// INVALID, or no verdict at all.
    pub invalid: usize,
    /// Not as expected.
    pub errors: usize,
    /// Of these, those whose verdict misleads; of a control all that do.
    pub misleading: usize,
    /// Decided, within the limit of time.
    pub in_time: usize,
    /// Of each check without its builds, in seconds.
    pub all_seconds: Vec<f64>,
    /// With its builds.
    pub wall_seconds: Option<Spread>,
    /// Of a check.
    pub blocks: Option<Spread>,
    /// Change of p50: of the site that is slower, otherwise of all sites.
    pub change: Option<Change>,
    /// What injected work came to: the median.
    pub injected: Option<Percent>,
}

impl Summary {
    /// Of a check without its builds, in seconds.
    pub fn seconds(&self) -> Option<Spread> {
        spread(self.all_seconds.clone())
    }
}

/// The middle of some numbers, and what nine in ten do not exceed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The 90 % quantile: the smallest number that nine in ten do not exceed.
    pub ninety: f64,
}

/// A change that was seen many times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The smallest.
    pub least: Percent,
    /// The median.
    pub median: Percent,
    /// The largest.
    pub most: Percent,
    /// Root of the mean square of the distances from the mean.
    pub deviation: Percent,
}

/// A summary of each scenario, in the order in which they first come.
pub fn summaries(records: &[Record]) -> Vec<Summary> {
    let mut names: Vec<&str> = Vec::new();
    for record in records {
        if !names.contains(&record.scenario.as_str()) {
            names.push(&record.scenario);
        }
    }
    let of = |name: &str| records.iter().filter(|record| record.scenario == name).collect::<Vec<_>>();
    names.iter().filter_map(|name| summary(&of(name))).collect()
}

fn summary(records: &[&Record]) -> Option<Summary> {
    let first = records.first()?;
    let of: Scenario = first.scenario.parse().ok()?;
    let limit = limit_seconds(&of);
    let count = |test: &dyn Fn(&Record) -> bool| records.iter().filter(|record| test(record)).count();
    let verdicts = |verdict: Verdict| count(&|record| record.outcome.verdict == verdict);
    let mut edits: Vec<&str> = records.iter().map(|record| record.edit.as_str()).collect();
    edits.sort_unstable();
    edits.dedup();
    Some(Summary {
        scenario: first.scenario.clone(),
        of: of.clone(),
        expected: first.expected,
        checks: records.len(),
        edits: edits.len(),
        reject: verdicts(Verdict::Reject),
        named: count(&|record| record.outcome.verdict == Verdict::Reject && record.names_its_site()),
        approve: verdicts(Verdict::Approve),
        inconclusive: verdicts(Verdict::Inconclusive),
        invalid: verdicts(Verdict::Invalid),
        errors: count(&|record| record.answer() != Answer::Right),
        misleading: count(&Record::misleads),
        in_time: count(&|record| is_in_time(record, limit)),
        all_seconds: records.iter().filter_map(|record| record.outcome.seconds).collect(),
        wall_seconds: spread(records.iter().map(|record| record.outcome.wall_seconds).collect()),
        blocks: spread(records.iter().map(|record| record.outcome.blocks as f64).collect()),
        change: change(records),
        injected: spread(records.iter().filter_map(|record| record.outcome.injected_percent).collect())
            .map(|spread| Percent(spread.median)),
    })
}

/// How long a check of the scenario may take.
pub fn limit_seconds(scenario: &Scenario) -> f64 {
    scenario.max_time.map_or(USUAL_LIMIT_SECONDS, |max_time| max_time.duration().as_secs_f64())
}

fn is_in_time(record: &Record, limit: f64) -> bool {
    let is_decided = matches!(record.outcome.verdict, Verdict::Approve | Verdict::Reject);
    is_decided && record.outcome.seconds.is_none_or(|seconds| seconds <= limit)
}

fn change(records: &[&Record]) -> Option<Change> {
    let of = |record: &&Record| -> Vec<f64> {
        let all = &record.outcome.p50_percent;
        match &record.site {
            Some(site) => all.get(site).copied().into_iter().collect(),
            None => all.values().copied().collect(),
        }
    };
    let sorted = sorted(records.iter().flat_map(of).collect());
    let (least, most) = (*sorted.first()?, *sorted.last()?);
    Some(Change {
        least: Percent(least),
        median: Percent(median(&sorted)),
        most: Percent(most),
        deviation: Percent(deviation(&sorted)),
    })
}

fn deviation(numbers: &[f64]) -> f64 {
    let mean_of = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
    let mean = mean_of(numbers);
    mean_of(&numbers.iter().map(|number| (number - mean).powi(2)).collect::<Vec<_>>()).sqrt()
}

/// `None` of nothing.
pub fn spread(numbers: Vec<f64>) -> Option<Spread> {
    let sorted = sorted(numbers);
    let rank = (sorted.len() as f64 * 0.9).ceil() as usize;
    let ninety = *sorted.get(rank.checked_sub(1)?)?;
    Some(Spread { median: median(&sorted), ninety })
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// Of sorted numbers, at least one.
fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::samples::record;

    #[test]
    fn the_quantile_is_the_smallest_number_that_nine_in_ten_do_not_exceed() {
        let tenth = |count: u32| spread((1..=count).map(f64::from).collect()).map(|spread| spread.ninety);
        assert_eq!(tenth(10), Some(9.0));
        assert_eq!(tenth(1), Some(1.0));
        assert_eq!(tenth(50), Some(45.0));
        assert_eq!(spread(Vec::new()), None);
        assert_eq!(spread(vec![4.0, 1.0, 2.0, 3.0]).map(|spread| spread.median), Some(2.5));
    }

    #[test]
    fn verdicts_are_counted_by_scenario() {
        let mut elsewhere = record("a/slower-2", Expected::Reject, Verdict::Reject);
        elsewhere.outcome.named = vec!["a::g".into()];
        let records = [
            record("a/slower-2", Expected::Reject, Verdict::Reject),
            record("a/unchanged", Expected::Approve, Verdict::Approve),
            elsewhere,
            record("a/slower-2", Expected::Reject, Verdict::Inconclusive),
            record("a/unchanged", Expected::Approve, Verdict::Reject),
        ];
        let all = summaries(&records);
        assert_eq!(all.len(), 2);
        let slower = &all[0];
        assert_eq!((slower.checks, slower.reject, slower.named, slower.inconclusive), (3, 2, 1, 1));
        assert_eq!(slower.errors, 2, "no verdict, and another site");
        let unchanged = &all[1];
        assert_eq!((unchanged.approve, unchanged.reject, unchanged.errors), (1, 1, 1));
    }

    #[test]
    fn the_change_is_that_of_the_slower_site_and_otherwise_of_all() {
        let mut slower = record("a/slower-2", Expected::Reject, Verdict::Reject);
        slower.outcome.p50_percent.insert("a::g".into(), -9.0);
        let change = summaries(&[slower])[0].change.unwrap();
        assert_eq!((change.least, change.most), (Percent(2.0), Percent(2.0)));
        let mut unchanged = record("a/unchanged", Expected::Approve, Verdict::Approve);
        unchanged.outcome.p50_percent.insert("a::g".into(), -0.3);
        let change = summaries(&[unchanged])[0].change.unwrap();
        assert_eq!((change.least, change.most), (Percent(-0.3), Percent(0.1)));
        assert!((change.deviation.0 - 0.2).abs() < 1e-12);
    }

    #[test]
    fn a_check_without_a_report_has_no_seconds() {
        let mut failed = record("a/unchanged", Expected::Approve, Verdict::Invalid);
        failed.outcome.seconds = None;
        let summary = &summaries(&[failed])[0];
        assert_eq!((summary.seconds(), summary.invalid, summary.errors), (None, 1, 1));
    }

    #[test]
    fn what_is_decided_after_the_limit_or_not_at_all_is_not_in_time() {
        let after = |scenario: &str, seconds: f64, verdict| {
            let mut one = record(scenario, Expected::Approve, verdict);
            one.outcome.seconds = Some(seconds);
            summaries(&[one])[0].in_time
        };
        assert_eq!(after("a/unchanged", 29.0, Verdict::Approve), 1);
        assert_eq!(after("a/unchanged", 31.0, Verdict::Approve), 0);
        assert_eq!(after("a/unchanged:20s", 29.0, Verdict::Approve), 0);
        assert_eq!(after("a/unchanged", 3.0, Verdict::Inconclusive), 0);
    }

    #[test]
    fn what_was_injected_is_the_median_of_what_it_came_to() {
        let injected = |percent| {
            let mut one = record("a/injected-1", Expected::Reject, Verdict::Reject);
            one.outcome.injected_percent = Some(percent);
            one
        };
        let summary = &summaries(&[injected(1.0), injected(1.2), injected(1.1)])[0];
        assert_eq!(summary.injected, Some(Percent(1.1)));
    }
}
