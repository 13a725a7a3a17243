//! Baseline files that nobody measured.

use std::collections::BTreeMap;

use cargo_darwin::io::baseline_file::{BaselineFile, Counts, Latencies, WorkloadRecord};
use cargo_darwin::model::Nanos;

/// Workloads of a version: the file is then larger than what one call writes to a pipe or a page.
const WORKLOADS: u32 = 60;

/// A file of one workload with one site, whose figures are `value`.
pub fn workload(name: &str, value: f64) -> BaselineFile {
    let counts = Counts { allocs_per_call: Some(value), bytes_per_call: Some(value) };
    let latencies = Latencies { mean_ns: Some(Nanos(value)), p50_ns: Some(Nanos(value)), p99_ns: None };
    let record = WorkloadRecord {
        counting: None,
        counts: BTreeMap::from([("a::site".to_owned(), counts)]),
        machines: BTreeMap::from([(
            "a machine".to_owned(),
            BTreeMap::from([("a::site".to_owned(), latencies)]),
        )]),
    };
    BaselineFile { workloads: BTreeMap::from([(name.to_owned(), record)]) }
}

/// A whole file in which every figure tells the version.
pub fn version(version: u32) -> BaselineFile {
    let all = (0..WORKLOADS).map(|number| workload(&format!("workload-{number}"), f64::from(version + 1)));
    BaselineFile { workloads: all.flat_map(|file| file.workloads).collect() }
}
