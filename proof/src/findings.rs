//! What a report says beyond its verdict, in short lines: enough to find the cause of a wrong one.

use serde_json::Value;

/// The latencies of a site.
pub const METRICS: [&str; 3] = ["p50", "p99", "mean"];
/// What is counted exactly.
const COUNTS: [&str; 2] = ["allocs", "bytes"];

/// What was found of each metric that was judged, at each site; then what the report remarks.
pub fn findings(report: &Value) -> Vec<String> {
    let sites = report["sites"].as_array().into_iter().flatten();
    let notes = report["notes"].as_array().into_iter().flatten();
    let notes = notes.filter_map(|note| note.as_str().map(str::to_owned));
    sites.flat_map(of_site).chain(notes).collect()
}

/// Why blocks were thrown away, as `KIND COUNT`.
pub fn void_reasons(report: &Value) -> Vec<String> {
    let reasons = report["void_reasons"].as_array().into_iter().flatten();
    let reason = |one: &Value| Some(format!("{} {}", one["kind"].as_str()?, one["count"].as_u64()?));
    reasons.filter_map(reason).collect()
}

/// The first `percent_achieved` of what was injected, wherever it stands.
pub fn injected_percent(injected: &Value) -> Option<f64> {
    match injected {
        Value::Object(fields) => fields
            .get("percent_achieved")
            .and_then(Value::as_f64)
            .or_else(|| fields.values().find_map(injected_percent)),
        Value::Array(values) => values.iter().find_map(injected_percent),
        _ => None,
    }
}

fn of_site(site: &Value) -> Vec<String> {
    let name = |key: &str| site[key].as_str().unwrap_or_default().to_owned();
    let who = format!("{} {}", name("workload"), name("name"));
    let metrics = &site["metrics"];
    let latencies = METRICS.iter().filter_map(|metric| latency(metric, &metrics[*metric]));
    let counts = COUNTS.iter().filter_map(|count| counted(count, &metrics[*count]));
    latencies.chain(counts).map(|found| format!("{who} {found}")).collect()
}

fn latency(metric: &str, found: &Value) -> Option<String> {
    let verdict = found["verdict"].as_str()?;
    let percent =
        |key: &str| found[key].as_f64().map_or_else(|| "?".to_owned(), |value| format!("{value:+.2}"));
    let [change, low, high] = ["change_percent", "low_percent", "high_percent"].map(percent);
    Some(format!("{metric} {change} % ({low} to {high}) {verdict}"))
}

/// Counts that agree are no finding.
fn counted(metric: &str, found: &Value) -> Option<String> {
    let verdict = found["verdict"].as_str()?;
    let differs = found["baseline"] != found["candidate"];
    differs.then(|| format!("{metric} {} -> {} {verdict}", found["baseline"], found["candidate"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_judged_metric_is_a_line() {
        let report = json!({
            "sites": [{
                "name": "a::f", "workload": "w",
                "metrics": {
                    "p50": { "change_percent": 1.234, "low_percent": -0.5, "high_percent": null, "verdict": "REJECT" },
                    "p99": { "change_percent": 3.0, "verdict": null },
                    "mean": null,
                    "allocs": { "baseline": 10, "candidate": 11, "verdict": "REJECT" },
                    "bytes": { "baseline": 10, "candidate": 10, "verdict": "APPROVE" },
                },
            }],
            "notes": ["a remark"],
        });
        assert_eq!(
            findings(&report),
            ["w a::f p50 +1.23 % (-0.50 to ?) REJECT", "w a::f allocs 10 -> 11 REJECT", "a remark"]
        );
        assert!(findings(&json!({})).is_empty());
    }

    #[test]
    fn what_was_voided_and_injected_is_found() {
        let report = json!({ "void_reasons": [{ "kind": "steal", "count": 3 }] });
        assert_eq!(void_reasons(&report), ["steal 3"]);
        for injected in [
            json!({ "site": "a", "percent_achieved": 1.08 }),
            json!([{ "percent_achieved": 1.08 }]),
            json!({ "sites": [{ "p50": { "percent_achieved": 1.08 } }] }),
        ] {
            assert_eq!(injected_percent(&injected), Some(1.08));
        }
        assert_eq!(injected_percent(&Value::Null), None);
    }
}
