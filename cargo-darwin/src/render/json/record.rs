//! The key `record` of `darwin.check.v1`, which is there when `how` is `record`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Metric, Outstanding, RecordReport, SiteKey};

/// Why there was no baseline to run, and what the record says beyond the sites' own figures.
#[derive(Serialize, JsonSchema)]
pub(super) struct Record<'a> {
    /// Why the baseline's code could not be had, and how to get it back.
    reason: &'a str,
    /// Class of this machine.
    machine: &'a str,
    /// By how much this machine differs from the record at all sites together.
    machine_share_percent: Shares,
    /// What stands out from that.
    advisory: Vec<Advisory<'a>>,
    /// Sites whose p50 is above that of every stored run.
    above_history: Vec<AboveHistory<'a>>,
}

/// A site above its history.
#[derive(Serialize, JsonSchema)]
struct AboveHistory<'a> {
    /// Name of the site.
    site: &'a str,
    /// Name of the workload.
    workload: &'a str,
}

/// Null where too few sites have the metric.
#[derive(Serialize, JsonSchema)]
struct Shares {
    /// Of the median call.
    p50: Option<f64>,
    /// Of the slowest in a hundred calls.
    p99: Option<f64>,
    /// Of the mean call.
    mean: Option<f64>,
}

/// A metric that stands out.
#[derive(Serialize, JsonSchema)]
struct Advisory<'a> {
    /// Name of the site.
    site: &'a str,
    /// Name of the workload.
    workload: &'a str,
    /// Which.
    metric: Metric,
    /// What is left of the change when the machine's share is taken off.
    #[schemars(with = "Option<f64>")]
    residual_percent: f64,
}

pub(super) fn record(report: &RecordReport) -> Record<'_> {
    let share = |wanted| {
        let found = report.shares.iter().find(|(metric, _)| *metric == wanted);
        found.map(|(_, share)| share.0)
    };
    let machine_share_percent =
        Shares { p50: share(Metric::P50), p99: share(Metric::P99), mean: share(Metric::Mean) };
    Record {
        reason: &report.reason,
        machine: &report.machine,
        machine_share_percent,
        advisory: report.outstanding.iter().map(advisory).collect(),
        above_history: report.above_history.iter().map(above_history).collect(),
    }
}

fn advisory(outstanding: &Outstanding) -> Advisory<'_> {
    Advisory {
        site: &outstanding.key.site,
        workload: &outstanding.key.workload,
        metric: outstanding.metric,
        residual_percent: outstanding.residual.0,
    }
}

fn above_history(key: &SiteKey) -> AboveHistory<'_> {
    AboveHistory { site: &key.site, workload: &key.workload }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::{json, samples};

    #[test]
    fn a_check_of_the_record_alone_says_so_and_knows_no_commit() {
        let mut report = samples::record_report();
        let record = report.record.as_mut().unwrap();
        record.above_history.push(record.outstanding[0].key.clone());
        let document: Value = serde_json::from_str(&json::check(&report, 3)).unwrap();
        assert_eq!(document["baseline"], json!({ "rev": null, "how": "record" }));
        assert_eq!(
            document["record"],
            json!({
                "reason": "this clone is too shallow; run `git fetch --unshallow`",
                "machine": "a processor, x86_64-linux, rustc 1.95.0",
                "machine_share_percent": { "p50": 12.0, "p99": null, "mean": 11.0 },
                "advisory": [
                    { "site": "g", "workload": "replay", "metric": "p50", "residual_percent": 60.0 }
                ],
                "above_history": [{ "site": "g", "workload": "replay" }],
            })
        );
    }

    #[test]
    fn any_other_check_has_no_such_key() {
        let document: Value = serde_json::from_str(&json::check(&samples::report(Vec::new()), 0)).unwrap();
        assert_eq!(document.get("record"), None);
    }
}
