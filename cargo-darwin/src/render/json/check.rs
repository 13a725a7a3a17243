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
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;
    use crate::model::{Budget as Limit, Nanos};
    use crate::render::samples;

    #[test]
    fn the_document_has_the_fields_of_version_1() {
        assert_data_eq!(
            check(&samples::report(Vec::new()), 0),
            str![[r#"
{
  "schema": "darwin.check.v1",
  "verdict": "APPROVE",
  "exit_code": 0,
  "require_faster": false,
  "seconds": 7.9,
  "blocks": 22,
  "earlier_blocks": 0,
  "voided": 0,
  "void_reasons": [],
  "baseline": {
    "rev": "0123456789abcdef0123456789abcdef01234567",
    "how": "built"
  },
  "system": {
    "status": "ok",
    "checks": [
      {
        "name": "governor",
        "status": "ok",
        "value": "performance",
        "advice": ""
      }
    ]
  },
  "injected": null,
  "sites": [],
  "notes": [],
  "next_step": "",
  "error": null
}

"#]]
            .raw()
        );
    }

    /// With all that a site can have.
    fn full_site() -> CheckedSite {
        let mut site = samples::site("order_book::Book::insert", Verdict::Reject);
        site.metrics = vec![samples::metric(Metric::P50, 1200.0, 6.25, Some(Verdict::Reject))];
        site.allocs = Some(ExactCount {
            calls: 4,
            baseline_calls: 4,
            baseline: 8,
            candidate: 8,
            verdict: Some(Verdict::Approve),
        });
        site.budgets = vec![
            finding(BudgetMetric::P99, 50_000.0, 61_200.0, Verdict::Reject),
            finding(BudgetMetric::Allocs, 2.0, 2.0, Verdict::Approve),
        ];
        site
    }

    #[test]
    fn a_site_has_the_fields_of_version_1() {
        assert_data_eq!(
            document(&site(&full_site())),
            str![[r#"
{
  "name": "order_book::Book::insert",
  "workload": "replay",
  "place": "src/book.rs:42",
  "verdict": "REJECT",
  "metrics": {
    "p50": {
      "baseline_ns": 1200.0,
      "candidate_ns": 1275.0,
      "change_percent": 6.25,
      "low_percent": 5.55,
      "high_percent": 6.95,
      "tolerance_percent": 1.0,
      "verdict": "REJECT",
      "won": null,
      "resolution_percent": 0.7,
      "proven_tolerance_percent": null,
      "blocks_missing": null
    },
    "p99": null,
    "mean": null,
    "allocs": {
      "calls": 4,
      "baseline_calls": 4,
      "baseline": 8,
      "candidate": 8,
      "baseline_per_call": 2.0,
      "candidate_per_call": 2.0,
      "verdict": "APPROVE"
    },
    "bytes": null
  },
  "throughput": null,
  "budgets": [
    {
      "metric": "p99",
      "limit_ns": 50000.0,
      "value_ns": 61200.0,
      "verdict": "REJECT",
      "broken_before": false
    },
    {
      "metric": "allocs",
      "limit": 2.0,
      "value": 2.0,
      "verdict": "APPROVE",
      "broken_before": false
    }
  ],
  "accepted": false,
  "note": null
}

"#]]
            .raw()
        );
    }

    #[test]
    fn a_win_that_was_asked_for_is_told_by_metric() {
        let mut site = samples::timed_site("f", -9.0, Verdict::Approve);
        site.metrics[0].won = Some(true);
        site.metrics[2].won = Some(false);
        let report = CheckReport { require_faster: true, ..samples::report(vec![site]) };
        let document: serde_json::Value = serde_json::from_str(&check(&report, 0)).unwrap();
        assert_eq!(document["require_faster"], true);
        let won =
            ["p50", "p99", "mean"].map(|metric| document["sites"][0]["metrics"][metric]["won"].as_bool());
        assert_eq!(won, [Some(true), None, Some(false)]);
    }

    #[test]
    fn a_check_without_a_report_is_the_same_kind_of_document() {
        let failure = Invalid { reason: "the build failed\nerror[E0308]", advice: "mend it" };
        assert_data_eq!(
            invalid_check(&failure, 4),
            str![[r#"
{
  "schema": "darwin.check.v1",
  "verdict": "INVALID",
  "exit_code": 4,
  "require_faster": null,
  "seconds": null,
  "blocks": 0,
  "earlier_blocks": 0,
  "voided": 0,
  "void_reasons": [],
  "baseline": null,
  "system": null,
  "injected": null,
  "sites": [],
  "notes": [],
  "next_step": "mend it",
  "error": "the build failed\nerror[E0308]"
}

"#]]
            .raw()
        );
    }

    #[test]
    fn a_number_that_is_not_finite_is_null() {
        let mut site = samples::site("f", Verdict::Approve);
        site.metrics = vec![samples::metric(Metric::Mean, 100.0, 0.0, None)];
        site.metrics[0].delta.baseline = Nanos(f64::NAN);
        site.allocs =
            Some(ExactCount { calls: 0, baseline_calls: 0, baseline: 0, candidate: 0, verdict: None });
        let document: serde_json::Value =
            serde_json::from_str(&check(&samples::report(vec![site]), 0)).unwrap();
        let metrics = &document["sites"][0]["metrics"];
        assert!(metrics["mean"]["baseline_ns"].is_null(), "{metrics}");
        assert!(metrics["allocs"]["baseline_per_call"].is_null(), "{metrics}");
    }

    fn finding(metric: BudgetMetric, limit: f64, value: f64, verdict: Verdict) -> BudgetFinding {
        BudgetFinding { budget: Limit { metric, limit }, value, verdict, broken_before: false }
    }
}
