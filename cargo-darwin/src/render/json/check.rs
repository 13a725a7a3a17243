//! `darwin.check.v1`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{document, injected, record};
use crate::model::{
    BaselineSource, BudgetFinding, BudgetMetric, CheckReport, CheckedSite, ExactCount, Metric, MetricReport,
    SystemReport, ThroughputUnit, Verdict, VoidCount,
};
use crate::render::budget;
use crate::render::check::Invalid;
use crate::render::finding;

const SCHEMA: &str = "darwin.check.v1";

/// The report as `darwin.check.v1`; `exit_code` is what the process will exit with.
pub fn check(report: &CheckReport, exit_code: u8) -> String {
    document(&Check {
        schema: SCHEMA,
        verdict: report.verdict,
        exit_code,
        require_faster: Some(report.require_faster),
        seconds: Some(report.seconds),
        blocks: report.blocks,
        earlier_blocks: report.earlier_blocks,
        voided: report.voided,
        void_reasons: &report.void_reasons,
        baseline: Some(Baseline {
            rev: Some(report.baseline_rev.as_str()).filter(|rev| !rev.is_empty()),
            how: report.baseline_source,
        }),
        record: report.record.as_ref().map(record::record),
        system: Some(&report.system),
        injected: report.injected.as_ref().map(injected::injected),
        sites: report.sites.iter().map(site).collect(),
        notes: &report.notes,
        next_step: &report.next_step,
        error: None,
    })
}

/// A check without a report as `darwin.check.v1`: verdict INVALID, no sites, the reason in `error`.
pub fn invalid_check(failure: &Invalid<'_>, exit_code: u8) -> String {
    without_report(Verdict::Invalid, failure, exit_code)
}

/// A change that breaks the tests as `darwin.check.v1`: verdict REJECT, no sites, the reason in `error`.
pub fn tests_failed(failure: &Invalid<'_>, exit_code: u8) -> String {
    without_report(Verdict::Reject, failure, exit_code)
}

fn without_report(verdict: Verdict, failure: &Invalid<'_>, exit_code: u8) -> String {
    document(&Check {
        schema: SCHEMA,
        verdict,
        exit_code,
        require_faster: None,
        seconds: None,
        blocks: 0,
        earlier_blocks: 0,
        voided: 0,
        void_reasons: &[],
        baseline: None,
        record: None,
        system: None,
        injected: None,
        sites: Vec::new(),
        notes: &[],
        next_step: failure.advice,
        error: Some(failure.reason),
    })
}

/// What `cargo darwin check` found.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "darwin.check.v1")]
pub(super) struct Check<'a> {
    /// Which document this is.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// The verdict over all sites.
    verdict: Verdict,
    /// What the process exits with.
    exit_code: u8,
    /// Did a site have to be proven faster? Null where nothing was judged.
    require_faster: Option<bool>,
    /// From the end of the build to the verdict.
    seconds: Option<f64>,
    /// Blocks that were judged.
    blocks: u32,
    /// Those of them that earlier checks of the same pair had measured.
    earlier_blocks: u32,
    /// Blocks thrown away on signs of the environment.
    voided: u32,
    /// Why, the commonest kind of reason first.
    void_reasons: &'a [VoidCount],
    /// What was compared with; null where nothing was judged.
    baseline: Option<Baseline<'a>>,
    /// There only if `how` is `record`.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<record::Record<'a>>,
    /// The machine; null where it was not looked at.
    system: Option<&'a SystemReport>,
    /// What the candidate was asked to do beside its own work; null in a check of the code as it is.
    injected: Option<injected::Injected<'a>>,
    /// Every site, in order of name within its workload.
    sites: Vec<Site<'a>>,
    /// What the reader should know.
    notes: &'a [String],
    /// What to do next; may be empty.
    next_step: &'a str,
    /// Why there is no report; null where there is one.
    error: Option<&'a str>,
}

/// The code that was compared with.
#[derive(Serialize, JsonSchema)]
struct Baseline<'a> {
    /// Full hash of its commit; null where it is not known.
    rev: Option<&'a str>,
    /// Where its code came from.
    how: BaselineSource,
}

/// One site in one workload.
#[derive(Serialize, JsonSchema)]
struct Site<'a> {
    /// Its full name.
    name: &'a str,
    /// Name of the workload.
    workload: &'a str,
    /// `file:line`; empty where it is not in the working tree.
    place: &'a str,
    /// The worst of its parts.
    verdict: Verdict,
    /// Null is what was not measured.
    metrics: Metrics,
    /// Null where the mean was not measured.
    throughput: Option<Throughput>,
    /// The limits written at the site.
    budgets: Vec<Budget>,
    /// What became of its latency and counts is accepted by a change of the baseline file, however large it is.
    accepted: bool,
    /// Why it is not judged, or what else must be said.
    note: Option<&'a str>,
}

/// What was compared.
#[derive(Serialize, JsonSchema)]
struct Metrics {
    /// The median call.
    p50: Option<Latency>,
    /// The slowest in a hundred calls.
    p99: Option<Latency>,
    /// The mean call.
    mean: Option<Latency>,
    /// Allocations.
    allocs: Option<Count>,
    /// Bytes allocated.
    bytes: Option<Count>,
}

/// Before and after of one latency. A number that is not finite is null.
#[derive(Serialize, JsonSchema)]
struct Latency {
    /// Median over the blocks.
    #[schemars(with = "Option<f64>")]
    baseline_ns: f64,
    /// The baseline's, moved by the median change.
    #[schemars(with = "Option<f64>")]
    candidate_ns: f64,
    /// Median change; positive is slower.
    #[schemars(with = "Option<f64>")]
    change_percent: f64,
    /// Lower end of the 95 % interval of the change.
    #[schemars(with = "Option<f64>")]
    low_percent: f64,
    /// Upper end of it.
    #[schemars(with = "Option<f64>")]
    high_percent: f64,
    /// What is let through.
    tolerance_percent: f64,
    /// Null: shown, not judged.
    verdict: Option<Verdict>,
    /// Is it proven faster? Null where nobody asks.
    won: Option<bool>,
    /// The smallest slowdown that these blocks would catch in 95 of 100 checks.
    resolution_percent: Option<f64>,
    /// The smallest tolerance within which an open metric is proven by now.
    proven_tolerance_percent: Option<f64>,
    /// Blocks that an open metric still needs.
    blocks_missing: Option<u32>,
}

/// Totals, and the same per call.
#[derive(Serialize, JsonSchema)]
struct Count {
    /// Calls of the candidate.
    calls: u64,
    /// Calls of the baseline.
    baseline_calls: u64,
    /// Total of the baseline.
    baseline: u64,
    /// Total of the candidate.
    candidate: u64,
    /// The same of one call; null where there is none.
    #[schemars(with = "Option<f64>")]
    baseline_per_call: f64,
    /// The same of one call; null where there is none.
    #[schemars(with = "Option<f64>")]
    candidate_per_call: f64,
    /// Null: did not repeat exactly, shown only.
    verdict: Option<Verdict>,
}

/// Work per second. A number that is not finite is null.
#[derive(Serialize, JsonSchema)]
struct Throughput {
    /// `calls`, `items` or `bytes`.
    unit: &'static str,
    /// Before.
    #[schemars(with = "Option<f64>")]
    baseline_per_second: f64,
    /// After.
    #[schemars(with = "Option<f64>")]
    candidate_per_second: f64,
    /// Positive is more.
    #[schemars(with = "Option<f64>")]
    change_percent: f64,
    /// Lower end of the 95 % interval of the change.
    low_percent: Option<f64>,
    /// Upper end of it.
    high_percent: Option<f64>,
}

/// A limit written at the site, and the value that was found.
#[derive(Serialize, JsonSchema)]
struct Budget {
    /// `p50`, `p90`, `p99`, `p999`, `mean`, `max`, `allocs` or `bytes`.
    metric: &'static str,
    #[serde(flatten)]
    values: BudgetValues,
    /// Kept (APPROVE), broken, or not to be told.
    verdict: Verdict,
    /// The baseline breaks it already.
    broken_before: bool,
}

/// Limit and value: times in nanoseconds, counts per call.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum BudgetValues {
    /// Of a latency.
    Time {
        /// The limit.
        limit_ns: f64,
        /// What was found.
        #[schemars(with = "Option<f64>")]
        value_ns: f64,
    },
    /// Of a count.
    PerCall {
        /// The limit.
        limit: f64,
        /// What was found.
        #[schemars(with = "Option<f64>")]
        value: f64,
    },
}

fn site(site: &CheckedSite) -> Site<'_> {
    let timed = |metric| finding::metric(site, metric).map(latency);
    Site {
        name: &site.key.site,
        workload: &site.key.workload,
        place: &site.place,
        verdict: site.verdict,
        metrics: Metrics {
            p50: timed(Metric::P50),
            p99: timed(Metric::P99),
            mean: timed(Metric::Mean),
            allocs: site.allocs.map(count),
            bytes: site.bytes.map(count),
        },
        throughput: finding::throughput(site).map(throughput),
        budgets: site.budgets.iter().map(budget).collect(),
        accepted: site.accepted,
        note: site.note.as_deref(),
    }
}

fn latency(report: &MetricReport) -> Latency {
    Latency {
        baseline_ns: report.delta.baseline.0,
        candidate_ns: report.delta.candidate.0,
        change_percent: report.delta.change.0,
        low_percent: report.delta.low.0,
        high_percent: report.delta.high.0,
        tolerance_percent: report.tolerance.0,
        verdict: report.verdict,
        won: report.won,
        resolution_percent: report.resolution.map(|percent| percent.0),
        proven_tolerance_percent: report.proven_tolerance.map(|percent| percent.0),
        blocks_missing: report.blocks_missing,
    }
}

fn count(count: ExactCount) -> Count {
    let ExactCount { calls, baseline_calls, baseline, candidate, verdict } = count;
    let per_call = |total: u64, calls: u64| total as f64 / calls as f64;
    Count {
        calls,
        baseline_calls,
        baseline,
        candidate,
        baseline_per_call: per_call(baseline, baseline_calls),
        candidate_per_call: per_call(candidate, calls),
        verdict,
    }
}

fn throughput(throughput: finding::Throughput) -> Throughput {
    let unit = match throughput.unit {
        None => "calls",
        Some(ThroughputUnit::Items) => "items",
        Some(ThroughputUnit::Bytes) => "bytes",
    };
    Throughput {
        unit,
        baseline_per_second: throughput.baseline,
        candidate_per_second: throughput.candidate,
        change_percent: throughput.change.0,
        low_percent: throughput.interval.map(|(low, _)| low.0),
        high_percent: throughput.interval.map(|(_, high)| high.0),
    }
}

fn budget(finding: &BudgetFinding) -> Budget {
    let (limit, value) = (finding.budget.limit, finding.value);
    let values = match finding.budget.metric {
        BudgetMetric::Allocs | BudgetMetric::Bytes => BudgetValues::PerCall { limit, value },
        _ => BudgetValues::Time { limit_ns: limit, value_ns: value },
    };
    Budget {
        metric: budget::name(finding.budget.metric),
        values,
        verdict: finding.verdict,
        broken_before: finding.broken_before,
    }
}

#[cfg(test)]
mod tests;
