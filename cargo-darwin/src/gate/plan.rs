//! What is judged, with which weight and tolerance: frozen before the first block, because a choice made after
//! looking at the timings would bend the error rates.

use std::collections::{BTreeMap, BTreeSet};
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

/// Calls that need no company: a call of a millisecond is long against what disturbs one call (an interrupt, a cold page:
/// some 10 us), so that 1 or 2 of them a block are worth comparing. A program with one measured function has no more.
const LONG_CALL: Nanos = Nanos(1e6);

/// Time of all calls of a block below which a site is too small to judge, unless it is called [`MANY_CALLS`] times: one
/// interrupt of a few microseconds is a tenth of that, and the tick of a clock of 40 ns a hundredth of five such calls.
const LITTLE_TIME: Nanos = Nanos(50e3);

/// Calls of a block from which a median is well known however short they are: its standard error is 1.25 / sqrt(300), a
/// fourteenth of the calls' own spread, and a handful of disturbed ones cannot move it.
const MANY_CALLS: u64 = 300;

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
    /// Time that its calls take in a block, of the side where they take less; `None`: not known, and the site is judged
    /// by its calls alone.
    pub nanos_per_block: Option<Nanos>,
    /// Metrics wished for; `Metric::P99` is only shown where the calls do not suffice.
    pub metrics: BTreeSet<Metric>,
    /// Those of them that are shown and never gated.
    pub shown_only: BTreeSet<Metric>,
    /// How much slower it may become.
    pub tolerances: Tolerances,
    /// Upper 95 % limit of the placement bias that `calibrate` found here, by metric; missing where it was never looked for.
    pub placement_bias: BTreeMap<Metric, LogRatio>,
    /// Latency budgets.
    pub budgets: Vec<BudgetRequest>,
}

/// What is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    sites: Vec<PlannedSite>,
    must_win: bool,
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

/// Why the latency of a site is not gated: decided on what the counting runs saw, before the first block, and never on how
/// the two sides compare.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
    /// Too little time in too few calls.
    TooLittleTime {
        /// Calls a block.
        calls: u64,
        /// Their time together.
        time: Nanos,
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

    /// All of them, so many times as wide.
    pub fn scaled(&self, factor: f64) -> Tolerances {
        let scaled = |tolerance: Percent| Percent(tolerance.0 * factor);
        Tolerances { median: scaled(self.median), tail: self.tail.map(scaled) }
    }
}

impl PlannedMetric {
    /// Has placement raised what REJECT must prove above half the tolerance?
    pub fn is_raised(&self) -> bool {
        self.d0.0 > self.d1.0 / 2.0
    }
}

impl Plan {
    /// Fixes what is judged: the gated sites share the permitted error equally.
    pub fn freeze(requests: Vec<SiteRequest>) -> Plan {
        let gated = requests.iter().filter(|request| request.exclusion().is_none()).count();
        let weight = 1.0 / gated.max(1) as f64;
        let sites = requests.into_iter().map(|request| request.planned(weight)).collect();
        Plan { sites, must_win: false }
    }

    /// The same, and a site must become faster (`--require-faster`), if so `asked`.
    pub fn require_faster(self, asked: bool) -> Plan {
        Plan { must_win: asked, ..self }
    }

    /// Must a site become faster?
    pub fn must_win(&self) -> bool {
        self.must_win
    }

    /// This site alone, with the weight that it has among the others.
    pub fn only(self, key: &SiteKey) -> Plan {
        Plan { sites: self.sites.into_iter().filter(|site| site.key == *key).collect(), ..self }
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
        let Some(needed) = gated.map(|&metric| self.calls_needed(metric)).min() else {
            return Some(Exclusion::NothingWished);
        };
        if calls < needed {
            return Some(Exclusion::TooFewCalls { calls, needed });
        }
        let time = self.nanos_per_block.filter(|time| calls < MANY_CALLS && time.0 < LITTLE_TIME.0)?;
        Some(Exclusion::TooLittleTime { calls, time })
    }

    /// Calls a block from which a metric is gated.
    fn calls_needed(&self, metric: Metric) -> u64 {
        match metric {
            Metric::P50 | Metric::Mean if self.calls_are_long() => 1,
            Metric::P50 | Metric::Mean => MIN_CALLS,
            Metric::P99 => P99_GATED_CALLS,
        }
    }

    /// Does a call take [`LONG_CALL`] on both sides? The time of the faster side over the calls of the side with more is
    /// no more than the mean call of either.
    fn calls_are_long(&self) -> bool {
        let calls = self.baseline_calls.max(self.candidate_calls).unwrap_or(0).max(1);
        self.nanos_per_block.is_some_and(|time| time.0 / calls as f64 >= LONG_CALL.0)
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
        let bias = self.placement_bias.get(&metric).map_or(0.0, |bias| bias.0);
        // Never beyond the tolerance: what is slower by more than that is to be rejected, whatever placement may explain.
        let d0 = LogRatio((d1.0 / 2.0).max(bias).min(d1.0));
        PlannedMetric { metric, tolerance, d1, d0, share: self.share(metric).map(|share| share / shares) }
    }

    /// The share before it is scaled to what is gated; `None`: shown only.
    fn share(&self, metric: Metric) -> Option<f64> {
        let share = if metric == Metric::P50 { 0.5 } else { 0.25 };
        (self.calls() >= self.calls_needed(metric) && !self.shown_only.contains(&metric)).then_some(share)
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
            | Exclusion::TooLittleTime { .. }
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
                write!(out, "too few calls to judge its latency: {calls} a block, {needed} are needed")?;
                let long = if *needed == MIN_CALLS { ", or one that takes 1ms" } else { "" };
                write!(out, "{long}")
            }
            Exclusion::TooLittleTime { calls, time } => {
                let calls = if *calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") };
                write!(out, "too little time to judge: {calls}, {} a block", short(*time))
            }
            Exclusion::NothingWished => write!(out, "none of its metrics is gated"),
        }
    }
}

/// A time below [`LITTLE_TIME`] in words.
fn short(time: Nanos) -> String {
    if time.0 < 1e3 { format!("{:.0}ns", time.0) } else { format!("{:.1}us", time.0 / 1e3) }
}

fn is_latency(metric: BudgetMetric) -> bool {
    !matches!(metric, BudgetMetric::Allocs | BudgetMetric::Bytes)
}

#[cfg(test)]
mod tests;
