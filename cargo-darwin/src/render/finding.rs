//! What a checked site amounts to, before any words are chosen.

use std::cmp::Ordering;

use crate::model::{
    CheckReport, CheckedSite, Delta, ExactCount, Metric, MetricReport, Percent, ThroughputUnit, Verdict,
};

/// What happened to a site, for its sign, tone and word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// Faster beyond the tolerance.
    Faster,
    /// Slower beyond the tolerance.
    Slower,
    /// Something else than time changed, or the direction could not be told.
    Other,
}

/// Work per second, before and after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Throughput {
    /// Per second, baseline.
    pub(super) baseline: f64,
    /// Per second, candidate.
    pub(super) candidate: f64,
    /// What is counted; `None`: calls.
    pub(super) unit: Option<ThroughputUnit>,
    /// Change of the throughput.
    pub(super) change: Percent,
    /// The 95 % interval of the change, where the mean latency was measured.
    pub(super) interval: Option<(Percent, Percent)>,
}

/// The metric of a site, when it was measured.
pub(super) fn metric(site: &CheckedSite, wanted: Metric) -> Option<&MetricReport> {
    site.metrics.iter().find(|report| report.metric == wanted)
}

/// The metric that stands for the latency of a site: the median, else the mean.
pub(super) fn headline(site: &CheckedSite) -> Option<&MetricReport> {
    metric(site, Metric::P50).or_else(|| metric(site, Metric::Mean))
}

/// Throughput as the bench told it; otherwise calls per second of the time within calls, the inverse of the mean.
pub(super) fn throughput(site: &CheckedSite) -> Option<Throughput> {
    let mean = metric(site, Metric::Mean).map(|report| report.delta);
    let interval = mean.map(|delta| (inverse(delta.high), inverse(delta.low)));
    if let Some((baseline, candidate, unit)) = site.throughput {
        let change = Percent((candidate / baseline - 1.0) * 100.0);
        return Some(Throughput { baseline, candidate, unit: Some(unit), change, interval });
    }
    let Delta { baseline, candidate, change, .. } = mean?;
    let (baseline, candidate) = (1e9 / baseline.0, 1e9 / candidate.0);
    Some(Throughput { baseline, candidate, unit: None, change: inverse(change), interval })
}

/// Change of 1/x when x changes by this much.
fn inverse(change: Percent) -> Percent {
    Percent(-change.0 / (1.0 + change.0 / 100.0))
}

/// True when the interval of a gated metric leaves out zero and the change is more than the tolerance.
pub(super) fn moved(report: &MetricReport) -> bool {
    let Delta { change, low, high, .. } = report.delta;
    report.verdict.is_some() && (low.0 > 0.0 || high.0 < 0.0) && change.0.abs() > report.tolerance.0
}

/// True when the site is proven faster, where that was asked for.
pub(super) fn won(site: &CheckedSite) -> bool {
    site.metrics.iter().any(|report| report.won == Some(true))
}

/// True when a gated change lies where neither verdict would be wrong: between half of the tolerance and all of it
/// (GATE.md section 3).
pub(super) fn lies_between(report: &MetricReport) -> bool {
    let share = report.delta.change.0 / report.tolerance.0;
    report.verdict.is_some() && (0.5..1.0).contains(&share)
}

/// How the count per call moved. Compared crosswise, so that nothing is rounded; without calls, the totals decide.
pub(super) fn count_order(count: &ExactCount) -> Ordering {
    let (before, after) = (count.baseline_calls.max(1), count.calls.max(1));
    let scaled = |total: u64, other_calls: u64| u128::from(total) * u128::from(other_calls);
    scaled(count.candidate, before).cmp(&scaled(count.baseline, after))
}

/// True when a count per call is not what it was.
pub(super) fn count_changed(count: &ExactCount) -> bool {
    count_order(count) != Ordering::Equal
}

/// Where in a report a site is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// By itself: something changed, broke or is open.
    Alone,
    /// Together with the others that are not judged for the same reason.
    NotJudged,
    /// In the number of those of which nothing was known when a REJECT ended the check.
    LeftOpen,
    /// In the number of those that did not change.
    Within,
}

/// Where a site is told of in a report with this verdict.
pub(super) fn told(site: &CheckedSite, overall: Verdict) -> Told {
    let moved = site.metrics.iter().any(moved)
        || [site.allocs, site.bytes].iter().flatten().any(count_changed)
        || site.budgets.iter().any(|budget| budget.verdict != Verdict::Approve)
        || won(site);
    let judged = site.metrics.iter().any(|report| report.verdict.is_some());
    match site.verdict {
        _ if moved || is_advice(site) => Told::Alone,
        Verdict::Approve if site.note.is_none() => Told::Within,
        Verdict::Approve | Verdict::Inconclusive if site.note.is_some() && !judged => Told::NotJudged,
        Verdict::Inconclusive if overall == Verdict::Reject && site.note.is_none() => Told::LeftOpen,
        _ => Told::Alone,
    }
}

/// Compared with the record alone: measured, open, and with nothing to judge it by.
pub(super) fn is_advice(site: &CheckedSite) -> bool {
    let no_verdicts = site.metrics.iter().all(|report| report.verdict.is_none());
    site.verdict == Verdict::Inconclusive && !site.metrics.is_empty() && no_verdicts
}

/// The sites of a report that are told of in this way.
pub(super) fn those(report: &CheckReport, way: Told) -> Vec<&CheckedSite> {
    report.sites.iter().filter(|site| told(site, report.verdict) == way).collect()
}

/// Where the time of a site went.
pub(super) fn direction(site: &CheckedSite) -> Direction {
    let rejected = site.metrics.iter().any(|report| report.verdict == Some(Verdict::Reject));
    let change = headline(site).filter(|report| moved(report)).map(|report| report.delta.change.0);
    match change {
        _ if rejected => Direction::Slower,
        Some(change) if change > 0.0 => Direction::Slower,
        Some(_) => Direction::Faster,
        None if won(site) => Direction::Faster,
        None => Direction::Other,
    }
}

/// Sites with this verdict, in the report's order.
pub(super) fn with_verdict(report: &CheckReport, verdict: Verdict) -> Vec<&CheckedSite> {
    report.sites.iter().filter(|site| site.verdict == verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples;

    #[test]
    fn half_the_mean_latency_is_twice_the_throughput() {
        let mut site = samples::site("f", Verdict::Approve);
        site.metrics = vec![samples::metric(Metric::Mean, 100.0, -50.0, Some(Verdict::Approve))];
        let throughput = throughput(&site).unwrap();
        assert!((throughput.change.0 - 100.0).abs() < 1e-9, "{throughput:?}");
        assert!((throughput.candidate / throughput.baseline - 2.0).abs() < 1e-9, "{throughput:?}");
    }

    #[test]
    fn the_interval_of_the_throughput_has_its_ends_in_order() {
        let mut site = samples::site("f", Verdict::Approve);
        site.metrics = vec![samples::metric(Metric::Mean, 100.0, 5.0, Some(Verdict::Approve))];
        let (low, high) = throughput(&site).unwrap().interval.unwrap();
        assert!(low < high, "{low:?} {high:?}");
    }

    #[test]
    fn a_change_within_the_tolerance_is_not_worth_a_line() {
        let mut site = samples::site("f", Verdict::Approve);
        site.metrics = vec![samples::metric(Metric::P50, 100.0, 0.8, Some(Verdict::Approve))];
        assert_eq!(told(&site, Verdict::Approve), Told::Within);
        site.metrics = vec![samples::metric(Metric::P50, 100.0, -8.0, Some(Verdict::Approve))];
        assert_eq!(told(&site, Verdict::Approve), Told::Alone);
        assert_eq!(direction(&site), Direction::Faster);
    }

    #[test]
    fn twice_the_calls_with_twice_the_allocations_is_no_change() {
        let count = |baseline_calls, baseline, calls, candidate| ExactCount {
            calls,
            baseline_calls,
            baseline,
            candidate,
            verdict: None,
        };
        assert!(!count_changed(&count(10, 20, 20, 40)));
        assert!(!count_changed(&count(u64::MAX, u64::MAX, 3, 3)));
        assert_eq!(count_order(&count(10, 20, 10, 21)), Ordering::Greater);
        assert_eq!(count_order(&count(0, 5, 0, 4)), Ordering::Less);
    }

    #[test]
    fn a_large_change_whose_interval_holds_zero_is_no_change() {
        let mut report = samples::metric(Metric::P50, 100.0, 8.0, Some(Verdict::Approve));
        report.delta.low = Percent(-1.0);
        assert!(!moved(&report));
    }
}
