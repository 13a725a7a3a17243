//! hotpath: `#[measure]` as it comes, with its worker thread, and without its metrics server. What it recorded is in the
//! report that it writes when its guard goes.

use std::path::PathBuf;
use std::sync::Mutex;

use contestant::Recorded;
use hotpath::{Format, HotpathGuard, HotpathGuardBuilder, Section};
use serde_json::Value;

use super::{Profiler, number_of};

crate::body::bodies!([#[hotpath::measure]] {});

/// The guard that reports, and where to.
struct Reporting {
    guard: Mutex<HotpathGuard>,
    path: PathBuf,
}

impl Profiler for Reporting {
    fn recorded(self: Box<Self>) -> Option<Vec<Recorded>> {
        let Reporting { guard, path } = *self;
        drop(guard);
        let text = std::fs::read_to_string(&path).expect("hotpath has written its report");
        let _ = std::fs::remove_file(&path);
        Some(recorded(&serde_json::from_str(&text).expect("the report is JSON")))
    }
}

fn recorded(report: &Value) -> Vec<Recorded> {
    let functions = report["functions_timing"]["data"].as_array().expect("the report has functions");
    let of = |function: &Value| {
        let body = number_of(function["name"].as_str()?)?;
        let p50_ns = function["p50"].as_str().and_then(nanos);
        Some(Recorded { body: Some(body), calls: function["calls"].as_u64()?, p50_ns })
    };
    functions.iter().filter_map(of).collect()
}

/// `12.34 µs`: three digits and a unit.
fn nanos(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let of_unit = match unit {
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * of_unit)
}

/// Starts its worker.
pub fn start() -> Box<dyn Profiler> {
    let path = std::env::temp_dir().join(format!("contestant-{}-hotpath.json", std::process::id()));
    let guard = HotpathGuardBuilder::new("contestant")
        .percentiles(&[50.0])
        .functions_limit(0)
        .sections(vec![Section::FunctionsTiming])
        .format(Format::Json)
        .output_path(&path)
        .build();
    Box::new(Reporting { guard: Mutex::new(guard), path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_each_of_their_units() {
        let times = [("17 ns", 17.0), ("1.27 µs", 1270.0), ("10.50 ms", 10.5e6), ("2.00 s", 2e9)];
        for (text, expected) in times {
            assert!((nanos(text).unwrap() - expected).abs() < 1e-6, "{text}");
        }
        assert_eq!(nanos("soon"), None);
    }
}
