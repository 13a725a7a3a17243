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
    let won = ["p50", "p99", "mean"].map(|metric| document["sites"][0]["metrics"][metric]["won"].as_bool());
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
    site.allocs = Some(ExactCount { calls: 0, baseline_calls: 0, baseline: 0, candidate: 0, verdict: None });
    let document: serde_json::Value = serde_json::from_str(&check(&samples::report(vec![site]), 0)).unwrap();
    let metrics = &document["sites"][0]["metrics"];
    assert!(metrics["mean"]["baseline_ns"].is_null(), "{metrics}");
    assert!(metrics["allocs"]["baseline_per_call"].is_null(), "{metrics}");
}

fn finding(metric: BudgetMetric, limit: f64, value: f64, verdict: Verdict) -> BudgetFinding {
    BudgetFinding { budget: Limit { metric, limit }, value, verdict, broken_before: false }
}
