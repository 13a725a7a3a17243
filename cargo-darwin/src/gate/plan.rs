//! What is judged, with which weight and tolerance: frozen before the first block, because a choice made after
//! looking at the timings would bend the error rates.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::sample::{MIN_CALLS, P99_GATED_CALLS};
use crate::model::{Budget, BudgetMetric, LogRatio, Metric, Nanos, Percent, SiteKey, Verdict};

/// Most false REJECTs, as a share of checks, over all sites together.
pub const REJECT_ERROR: f64 = 0.01;

/// A mean moves with its few slowest calls; its tolerance is so many times that of the median (GATE.md section 3).
const MEAN_TOLERANCE_FACTOR: f64 = 2.0;

/// And that of p99, unless a tail tolerance is set.
const TAIL_TOLERANCE_FACTOR: f64 = 5.0;

/// How much slower a site may become.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tolerances {
    /// For p50; the mean has twice as much.
    pub median: Percent,
    /// For p99; `None`: five times that of p50.
    pub tail: Option<Percent>,
}

/// A latency budget and what is known of the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BudgetRequest {
    /// The limit. Counts (`Allocs`, `Bytes`) are left to [`super::exact::judge_budget`] and ignored here.
    pub budget: Budget,
    /// The baseline's value of the same metric as recorded on this machine class; `None`: no such record, and the
    /// finding is advisory.
    pub recorded: Option<Nanos>,
}

/// One site in one workload, with what the first, discarded counting run of each side saw of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteRequest {
    /// The site in its workload; each may stand in a plan once.
    pub key: SiteKey,
    /// Calls a block in the baseline's run; `None`: the baseline has no such site.
    pub baseline_calls: Option<u64>,
    /// Calls a block in the candidate's run; `None`: the candidate has no such site.
    pub candidate_calls: Option<u64>,
    /// Metrics wished for; `Metric::P99` is only shown where the calls do not suffice.
    pub metrics: BTreeSet<Metric>,
    /// Those of them that are shown and never gated.
    pub shown_only: BTreeSet<Metric>,
    /// How much slower it may become.
    pub tolerances: Tolerances,
    /// Upper 95 % limit of the placement bias found on this machine; zero where it was never looked for.
    pub placement_bias: LogRatio,
    /// Latency budgets.
    pub budgets: Vec<BudgetRequest>,
}

/// What is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    sites: Vec<PlannedSite>,
}

/// One site of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedSite {
    /// The site in its workload.
    pub key: SiteKey,
    /// Gated, or why not.
    pub standing: Standing,
    /// Gated and shown metrics; empty where the sides have nothing to compare.
    pub metrics: Vec<PlannedMetric>,
    /// Latency budgets; empty where the candidate never calls the site.
    pub budgets: Vec<BudgetRequest>,
}

/// Whether the latency of a site is gated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Standing {
    /// Yes, with this share of the permitted error; the shares of a plan add up to one.
    Gated {
        /// The share.
        weight: f64,
    },
    /// No.
    Excluded(Exclusion),
}

/// Why the latency of a site is not gated: decided on counts alone, before the first block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exclusion {
    /// The baseline does not have it, or never calls it.
    New,
    /// The candidate does not have it any more.
    Removed,
    /// The candidate does not call it any more.
    NoLongerCalled,
    /// Neither side calls it.
    NeverCalled,
    /// Too few calls.
    TooFewCalls {
        /// Calls a block.
        calls: u64,
        /// Calls a block that the metrics wished for need.
        needed: u64,
    },
    /// No metric of it was wished for.
    NothingWished,
}

/// One metric of a planned site.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PlannedMetric {
    /// Which.
    pub metric: Metric,
    /// How much slower it may become.
    pub tolerance: Percent,
    /// The tolerance as a log ratio: APPROVE proves a change below it.
    pub d1: LogRatio,
    /// REJECT proves a change above this, which lies between zero and the tolerance and covers what placement
    /// leaves.
    pub d0: LogRatio,
    /// Share in the evidence of its site, adding up to one; `None`: shown only.
    pub share: Option<f64>,
}

impl Tolerances {
    /// The tolerance of one metric.
    pub fn of(&self, metric: Metric) -> Percent {
        match metric {
            Metric::P50 => self.median,
            Metric::Mean => Percent(self.median.0 * MEAN_TOLERANCE_FACTOR),
            Metric::P99 => self.tail.unwrap_or(Percent(self.median.0 * TAIL_TOLERANCE_FACTOR)),
        }
    }
}

impl Plan {
    /// Fixes what is judged: the gated sites share the permitted error equally.
    pub fn freeze(requests: Vec<SiteRequest>) -> Plan {
        let gated = requests.iter().filter(|request| request.exclusion().is_none()).count();
        let weight = 1.0 / gated.max(1) as f64;
        Plan { sites: requests.into_iter().map(|request| request.planned(weight)).collect() }
    }

    /// Every site, in the order of the requests.
    pub fn sites(&self) -> &[PlannedSite] {
        &self.sites
    }

    /// Sites whose latency is gated.
    pub fn gated(&self) -> impl Iterator<Item = &PlannedSite> {
        self.sites.iter().filter(|site| matches!(site.standing, Standing::Gated { .. }))
    }
}

impl SiteRequest {
    fn exclusion(&self) -> Option<Exclusion> {
        let before = self.baseline_calls.unwrap_or(0);
        match self.candidate_calls {
            None if before > 0 => Some(Exclusion::Removed),
            Some(0) if before > 0 => Some(Exclusion::NoLongerCalled),
            None | Some(0) => Some(Exclusion::NeverCalled),
            Some(_) if before == 0 => Some(Exclusion::New),
            Some(_) => self.nothing_to_gate(),
        }
    }

    /// Why no metric is gated although both sides call the site.
    fn nothing_to_gate(&self) -> Option<Exclusion> {
        let calls = self.calls();
        let gated = self.metrics.difference(&self.shown_only);
        let Some(needed) = gated.map(|&metric| calls_needed(metric)).min() else {
            return Some(Exclusion::NothingWished);
        };
        (calls < needed).then_some(Exclusion::TooFewCalls { calls, needed })
    }

    /// Calls a block of the side that makes fewer.
    fn calls(&self) -> u64 {
        self.baseline_calls.unwrap_or(0).min(self.candidate_calls.unwrap_or(0))
    }

    fn planned(self, weight: f64) -> PlannedSite {
        let exclusion = self.exclusion();
        let candidate_calls = self.candidate_calls.unwrap_or(0);
        PlannedSite {
            standing: exclusion.map_or(Standing::Gated { weight }, Standing::Excluded),
            metrics: if exclusion.is_some() { Vec::new() } else { self.planned_metrics() },
            budgets: self
                .budgets
                .into_iter()
                .filter(|request| candidate_calls > 0 && is_latency(request.budget.metric))
                .collect(),
            key: self.key,
        }
    }

    fn planned_metrics(&self) -> Vec<PlannedMetric> {
        let shares: f64 = self.metrics.iter().filter_map(|&metric| self.share(metric)).sum();
        self.metrics.iter().map(|&metric| self.planned_metric(metric, shares)).collect()
    }

    fn planned_metric(&self, metric: Metric, shares: f64) -> PlannedMetric {
        let tolerance = self.tolerances.of(metric);
        let d1 = LogRatio::from(tolerance);
        let d0 = LogRatio((d1.0 / 2.0).max(self.placement_bias.0));
        PlannedMetric { metric, tolerance, d1, d0, share: self.share(metric).map(|share| share / shares) }
    }

    /// The share before it is scaled to what is gated; `None`: shown only.
    fn share(&self, metric: Metric) -> Option<f64> {
        let share = if metric == Metric::P50 { 0.5 } else { 0.25 };
        (self.calls() >= calls_needed(metric) && !self.shown_only.contains(&metric)).then_some(share)
    }
}

impl Exclusion {
    /// What it means for the check: a site that was measured and is not any more must be answered for, the others
    /// are listed and say nothing.
    pub fn verdict(self) -> Option<Verdict> {
        match self {
            Exclusion::Removed | Exclusion::NoLongerCalled => Some(Verdict::Inconclusive),
            Exclusion::New
            | Exclusion::NeverCalled
            | Exclusion::TooFewCalls { .. }
            | Exclusion::NothingWished => None,
        }
    }
}

impl fmt::Display for Exclusion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exclusion::New => write!(out, "new: only its budgets are judged until `cargo darwin baseline`"),
            Exclusion::Removed => {
                write!(out, "no longer in the program; drop it with `cargo darwin baseline` if that is meant")
            }
            Exclusion::NoLongerCalled => {
                write!(out, "no longer called; drop it with `cargo darwin baseline` if that is meant")
            }
            Exclusion::NeverCalled => write!(out, "never called by this workload, so never measured"),
            Exclusion::TooFewCalls { calls, needed } => {
                write!(out, "too few calls to judge its latency: {calls} a block, {needed} are needed")
            }
            Exclusion::NothingWished => write!(out, "none of its metrics is gated"),
        }
    }
}

/// Calls a block from which a metric is gated.
fn calls_needed(metric: Metric) -> u64 {
    match metric {
        Metric::P50 | Metric::Mean => MIN_CALLS,
        Metric::P99 => P99_GATED_CALLS,
    }
}

fn is_latency(metric: BudgetMetric) -> bool {
    !matches!(metric, BudgetMetric::Allocs | BudgetMetric::Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::{all_metrics, request};

    fn standing(baseline_calls: Option<u64>, candidate_calls: Option<u64>) -> Standing {
        let request = SiteRequest { baseline_calls, candidate_calls, ..request("a") };
        Plan::freeze(vec![request]).sites()[0].standing
    }

    #[test]
    fn what_the_counting_runs_saw_decides_what_is_gated() {
        use Exclusion::*;
        assert_eq!(standing(Some(3), Some(3)), Standing::Gated { weight: 1.0 });
        for (baseline, candidate, expected) in [
            (None, Some(9), New),
            (Some(0), Some(9), New),
            (Some(9), None, Removed),
            (Some(1), Some(0), NoLongerCalled),
            (Some(0), Some(0), NeverCalled),
            (None, Some(0), NeverCalled),
            (Some(2), Some(9), TooFewCalls { calls: 2, needed: 3 }),
            (Some(9), Some(1), TooFewCalls { calls: 1, needed: 3 }),
        ] {
            assert_eq!(
                standing(baseline, candidate),
                Standing::Excluded(expected),
                "{baseline:?} {candidate:?}"
            );
        }
    }

    #[test]
    fn a_site_without_a_gated_metric_is_excluded_and_not_approved_by_default() {
        let excluded = |metrics: BTreeSet<Metric>| {
            let request = SiteRequest { metrics, ..request("a") };
            Plan::freeze(vec![request]).sites()[0].standing
        };
        assert_eq!(excluded(BTreeSet::new()), Standing::Excluded(Exclusion::NothingWished));
        let reason = Exclusion::TooFewCalls { calls: 100, needed: 4_000 };
        assert_eq!(excluded(BTreeSet::from([Metric::P99])), Standing::Excluded(reason));
    }

    #[test]
    fn a_site_that_disappears_must_be_answered_for_and_the_others_say_nothing() {
        use Exclusion::*;
        assert_eq!(Removed.verdict(), Some(Verdict::Inconclusive));
        assert_eq!(NoLongerCalled.verdict(), Some(Verdict::Inconclusive));
        assert!(
            [New, NeverCalled, NothingWished, TooFewCalls { calls: 1, needed: 3 }]
                .iter()
                .all(|reason| reason.verdict().is_none())
        );
    }

    #[test]
    fn gated_sites_share_the_permitted_error_equally_and_excluded_ones_take_none() {
        let plan = Plan::freeze(vec![
            request("a"),
            SiteRequest { candidate_calls: None, ..request("b") },
            request("c"),
            request("d"),
        ]);
        let weights: Vec<Standing> = plan.gated().map(|site| site.standing).collect();
        assert_eq!(weights, [Standing::Gated { weight: 1.0 / 3.0 }; 3]);
    }

    #[test]
    fn shares_of_the_gated_metrics_add_up_to_one() {
        let all = [Some(0.5), Some(0.25), Some(0.25)];
        let without_tail = [Some(0.5 / 0.75), None, Some(0.25 / 0.75)];
        for (calls, expected) in [(4_000, all), (3_999, without_tail)] {
            let both = (Some(4_000), Some(calls));
            let request = SiteRequest { metrics: all_metrics(), ..request("a") };
            let request = SiteRequest { baseline_calls: both.0, candidate_calls: both.1, ..request };
            let plan = Plan::freeze(vec![request]);
            let shares: Vec<Option<f64>> =
                plan.sites()[0].metrics.iter().map(|metric| metric.share).collect();
            assert_eq!(shares, expected);
        }
    }

    #[test]
    fn a_metric_that_is_shown_only_has_no_share() {
        let calls = Some(5_000);
        let wish = SiteRequest { metrics: all_metrics(), shown_only: [Metric::P99].into(), ..request("a") };
        let plan = Plan::freeze(vec![SiteRequest { baseline_calls: calls, candidate_calls: calls, ..wish }]);
        let shares: Vec<Option<f64>> = plan.sites()[0].metrics.iter().map(|metric| metric.share).collect();
        assert_eq!(shares, [Some(0.5 / 0.75), None, Some(0.25 / 0.75)]);
    }

    #[test]
    fn mean_and_tail_have_wider_tolerances_unless_one_is_set() {
        let default = Tolerances { median: Percent(1.0), tail: None };
        assert_eq!(
            [Metric::P50, Metric::Mean, Metric::P99].map(|metric| default.of(metric).0),
            [1.0, 2.0, 5.0]
        );
        let set = Tolerances { tail: Some(Percent(3.0)), ..default };
        assert_eq!(set.of(Metric::P99), Percent(3.0));
    }

    #[test]
    fn rejection_starts_at_half_the_tolerance_or_at_the_placement_bias() {
        let d0 = |bias: f64| {
            let request = SiteRequest { placement_bias: LogRatio(bias), ..request("a") };
            Plan::freeze(vec![request]).sites()[0].metrics[0].d0
        };
        assert_eq!(d0(0.0), LogRatio(LogRatio::from(Percent(2.0)).0 / 2.0));
        assert_eq!(d0(0.015), LogRatio(0.015));
    }

    #[test]
    fn budgets_on_counts_and_of_sites_never_called_are_left_to_others() {
        let limit = |metric| BudgetRequest { budget: Budget { metric, limit: 5.0 }, recorded: None };
        let budgets = vec![limit(BudgetMetric::Allocs), limit(BudgetMetric::P99), limit(BudgetMetric::Bytes)];
        let called = SiteRequest { baseline_calls: None, budgets: budgets.clone(), ..request("a") };
        let uncalled = SiteRequest { candidate_calls: Some(0), budgets, ..request("b") };
        let plan = Plan::freeze(vec![called, uncalled]);
        assert_eq!(plan.sites()[0].budgets, [limit(BudgetMetric::P99)]);
        assert!(plan.sites()[1].budgets.is_empty());
    }

    #[test]
    fn a_stored_plan_is_the_same_plan_so_that_a_check_goes_on_only_with_what_was_frozen() {
        let new = SiteRequest { baseline_calls: None, ..request("new") };
        let few = SiteRequest { baseline_calls: Some(2), ..request("few") };
        let limit = Budget { metric: BudgetMetric::P99, limit: 5.1 };
        let budgets = vec![BudgetRequest { budget: limit, recorded: Some(Nanos(0.1 + 0.2)) }];
        let wish = SiteRequest { metrics: all_metrics(), budgets, ..request("a") };
        let plan = Plan::freeze(vec![wish, new, few, request("b")]);
        let stored = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan, "{stored}");
    }
}
