//! The smallest slowdown that is caught in 95 of 100 checks, from checks with slowdowns of several sizes.

use std::collections::BTreeMap;

use cargo_darwin::model::{Percent, Verdict};

use crate::inject;
use crate::record::Record;
use crate::scenario::Scenario;

/// The share of checks that must catch it.
const CAUGHT: f64 = 0.95;

/// What begins the name of an edit by hand that slows all calls by a size in between.
const SIZED: &str = "sized-";

/// How the slowdowns came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The function does more of what it does already.
    Edited,
    /// `check` put work into it, which has a noise of its own.
    Injected,
}

impl Way {
    /// Of an edit, by its name.
    fn of(edit: &str) -> Option<Way> {
        match edit.starts_with(SIZED) {
            true => Some(Way::Edited),
            false => inject::is_of_p50(edit).then_some(Way::Injected),
        }
    }
}

/// Checks with slowdowns of one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// What the checks found of it, in the mean: a single one has its own noise.
    pub slowdown: Percent,
    /// How many.
    pub checks: usize,
    /// REJECT, and the site is named.
    pub caught: usize,
}

/// Where the share of caught slowdowns crosses 95 of 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found {
    /// Between two levels, on the straight line between their shares.
    At(Percent),
    /// The smallest level is caught so often already.
    AtMost(Percent),
    /// Not even the largest one is.
    Above(Percent),
}

/// By workload and way, the levels of p50, smallest first: of undisturbed checks at the workload's own tolerance and time,
/// with all measures.
pub fn levels(records: &[Record]) -> BTreeMap<(String, Way), Vec<Level>> {
    let mut by_scenario: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_scenario.entry(&record.scenario).or_default().push(record);
    }
    let mut levels: BTreeMap<(String, Way), Vec<Level>> = BTreeMap::new();
    for (name, records) in by_scenario {
        let Some(series) = name.parse().ok().and_then(|scenario| series(&scenario)) else { continue };
        levels.entry(series).or_default().extend(level(&records));
    }
    for levels in levels.values_mut() {
        levels.sort_by(|a, b| a.slowdown.0.total_cmp(&b.slowdown.0));
    }
    levels
}

/// Those of a scenario whose checks count.
fn series(scenario: &Scenario) -> Option<(String, Way)> {
    let plain =
        Scenario { workload: scenario.workload.clone(), edit: scenario.edit.clone(), ..Scenario::default() };
    let way = Way::of(&scenario.edit).filter(|_| *scenario == plain)?;
    Some((plain.workload, way))
}

fn level(records: &[&Record]) -> Option<Level> {
    let put_in: Vec<f64> = records.iter().filter_map(|record| change(record)).collect();
    let is_caught = |record: &&&Record| record.outcome.verdict == Verdict::Reject && record.names_its_site();
    (!put_in.is_empty()).then(|| Level {
        slowdown: Percent(put_in.iter().sum::<f64>() / put_in.len() as f64),
        checks: records.len(),
        caught: records.iter().filter(is_caught).count(),
    })
}

/// Of the median of the site that is slower, in percent.
fn change(record: &Record) -> Option<f64> {
    let of_site = || record.outcome.p50_percent.get(record.site.as_ref()?).copied();
    record.outcome.injected_percent.or_else(of_site)
}

/// From levels in their order; `None` without one.
pub fn found(levels: &[Level]) -> Option<Found> {
    let steps = steps(levels);
    let at = steps.iter().position(|step| step.share >= CAUGHT);
    let Some(at) = at else { return steps.last().map(|step| Found::Above(Percent(step.to))) };
    let Some(before) = at.checked_sub(1) else { return Some(Found::AtMost(Percent(steps[at].from))) };
    let (low, high) = (&steps[before], &steps[at]);
    let way = (CAUGHT - low.share) / (high.share - low.share);
    Some(Found::At(Percent(low.to + way * (high.from - low.to))))
}

/// Levels that are told apart by their shares.
struct Step {
    from: f64,
    to: f64,
    checks: f64,
    share: f64,
}

/// More slowdown is not caught less often: neighbours that say so are pooled (Ayer and others, Ann. Math. Stat. 26, 1955).
fn steps(levels: &[Level]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for level in levels {
        let checks = level.checks as f64;
        let (from, share) = (level.slowdown.0, level.caught as f64 / checks);
        let mut step = Step { from, to: from, checks, share };
        while let Some(before) = steps.pop_if(|before| before.share >= step.share) {
            let checks = before.checks + step.checks;
            let share = (before.share * before.checks + step.share * step.checks) / checks;
            step = Step { from: before.from, to: step.to, checks, share };
        }
        steps.push(step);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::samples::record;
    use crate::scenario::Expected;

    fn level(slowdown: f64, caught: usize) -> Level {
        Level { slowdown: Percent(slowdown), checks: 40, caught }
    }

    fn at(levels: &[Level]) -> f64 {
        match found(levels) {
            Some(Found::At(percent)) => percent.0,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_lies_where_the_line_between_two_levels_crosses_95_of_100() {
        assert!((at(&[level(0.6, 10), level(0.7, 36), level(0.8, 40)]) - 0.75).abs() < 1e-9);
        assert!((at(&[level(0.7, 36), level(0.8, 38), level(0.9, 40)]) - 0.8).abs() < 1e-9);
    }

    #[test]
    fn beyond_the_levels_only_a_limit_is_known() {
        assert_eq!(found(&[level(0.6, 40), level(0.7, 40)]), Some(Found::AtMost(Percent(0.6))));
        assert_eq!(found(&[level(0.6, 1), level(0.7, 37)]), Some(Found::Above(Percent(0.7))));
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn levels_that_contradict_each_other_are_pooled() {
        // 38 and 36 of 40 together are 92.5 of 100.
        let crossing = at(&[level(0.6, 20), level(0.7, 38), level(0.8, 36), level(0.9, 40)]);
        assert!((crossing - (0.8 + 0.1 / 3.0)).abs() < 1e-9, "{crossing}");
    }

    #[test]
    fn only_plain_checks_of_sized_medians_count() {
        let of = |scenario: &str, percent: f64, verdict: Verdict| {
            let mut record = record(scenario, Expected::Reject, verdict);
            record.outcome.injected_percent = Some(percent);
            record.outcome.named = record.site.iter().cloned().collect();
            record
        };
        let records = [
            of("three/injected-0.8", 0.81, Verdict::Reject),
            of("three/injected-0.8", 0.79, Verdict::Approve),
            of("three/injected-0.7", 0.71, Verdict::Inconclusive),
            of("three/injected-0.8@0.5%", 0.8, Verdict::Reject),
            of("three/injected-0.8+busy", 0.8, Verdict::Reject),
            of("three/injected-0.8~coin", 0.8, Verdict::Reject),
            of("tails/injected-p99-5", 5.0, Verdict::Reject),
            of("three/injected-alloc", 0.0, Verdict::Reject),
            of("three/slower-1", 1.0, Verdict::Reject),
        ];
        let levels = levels(&records);
        let levels_of_three = &levels[&("three".to_owned(), Way::Injected)];
        let counts: Vec<(usize, usize)> =
            levels_of_three.iter().map(|one| (one.checks, one.caught)).collect();
        assert_eq!((levels.len(), counts), (1, vec![(1, 0), (2, 1)]));
        assert!((levels_of_three[1].slowdown.0 - 0.8).abs() < 1e-9);
    }

    #[test]
    fn edits_are_kept_apart_and_their_size_is_what_checks_found_of_it() {
        let mut edited = record("three/sized-0.6", Expected::Reject, Verdict::Reject);
        edited.outcome.p50_percent = [("a::f".to_owned(), 0.61), ("a::g".to_owned(), 5.0)].into();
        let levels = levels(&[edited]);
        let level = levels[&("three".to_owned(), Way::Edited)][0];
        assert_eq!(level, Level { slowdown: Percent(0.61), checks: 1, caught: 1 });
    }
}
