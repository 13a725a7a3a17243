//! `darwin.run.v1`.

use schemars::JsonSchema;
use serde::Serialize;

use super::document;
use crate::model::{Edge, Mode, Nanos, Percent, Run, SiteKind, SiteRun, Timing};
use crate::render::compare::{self, Pair};
use crate::render::{Earlier, table};

const SCHEMA: &str = "darwin.run.v1";

/// The run as `darwin.run.v1`: every site, called or not, in the order of the run.
pub fn run(run: &Run) -> String {
    document(&run_document(run, None))
}

/// The run as `darwin.run.v1`, with the earlier run's figures under `compared_with`.
pub fn compare(run: &Run, earlier: &Earlier<'_>) -> String {
    let sites = compare::pairs(run, earlier.run).iter().map(change).collect();
    let compared_with = Comparison { run: earlier.name, note: compare::LABEL, sites };
    document(&run_document(run, Some(compared_with)))
}

/// What `cargo darwin run` measured.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "darwin.run.v1")]
pub(super) struct Document<'a> {
    /// Which document this is.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// How calls were counted.
    mode: Mode,
    /// Wall time of the measured processes.
    seconds: f64,
    /// Every site of every workload, called or not.
    sites: Vec<Site<'a>>,
    /// There only with `--compare`.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared_with: Option<Comparison<'a>>,
}

/// One site in one workload. Null is what the mode does not measure, or what no call was completed for.
#[derive(Serialize, JsonSchema)]
struct Site<'a> {
    /// Its full name.
    name: &'a str,
    /// Name of the workload.
    workload: &'a str,
    /// What kind of code it is.
    kind: SiteKind,
    /// Source file as the compiler saw it.
    file: &'a str,
    /// Line of the function's name, from 1.
    line: u32,
    /// Completed calls.
    calls: u64,
    /// Completed calls that were not made from within the site itself; null but in graph mode.
    primitive_calls: Option<u64>,
    /// Calls that ended in a panic.
    panicked: u64,
    /// Futures dropped before they were ready.
    cancelled: u64,
    /// Polls of completed calls; null but for an async function.
    polls: Option<u64>,
    /// Time of these polls; null where `polls` is.
    busy_ns: Option<Nanos>,
    /// Time without that of measured callees; null but in graph mode.
    self_ns: Option<Nanos>,
    /// Time of all calls together; in graph mode of the primitive ones, and of an async function that of its polls.
    cumulative_ns: Option<Nanos>,
    /// The same as a share of the wall time.
    time_percent: Option<Percent>,
    /// The fastest call.
    min_ns: Option<Nanos>,
    /// The mean call.
    mean_ns: Option<Nanos>,
    /// The median call.
    p50_ns: Option<Nanos>,
    /// 90 % quantile.
    p90_ns: Option<Nanos>,
    /// 99 % quantile.
    p99_ns: Option<Nanos>,
    /// 99.9 % quantile.
    p999_ns: Option<Nanos>,
    /// The slowest call; in adaptive mode of those that were timed.
    max_ns: Option<Nanos>,
    /// Allocations within all calls; null without `darwin_runtime::Alloc`, and in adaptive mode.
    allocs: Option<u64>,
    /// Bytes allocated within all calls; null where `allocs` is.
    bytes: Option<u64>,
    /// Frees within all calls; null where `allocs` is.
    frees: Option<u64>,
    /// Bytes freed within all calls; null where `allocs` is.
    freed_bytes: Option<u64>,
    /// Most bytes that one call held at once, above what was held when it began; null where `allocs` is.
    peak_bytes: Option<u64>,
    /// What measuring adds to one call; in adaptive mode, to one that is timed.
    call_cost_ns: Nanos,
    /// The part of it that was taken off every latency.
    empty_cost_ns: Nanos,
    /// Sites that called this one, by cumulative time; null but in graph mode.
    callers: Option<&'a [Edge]>,
    /// Sites that this one called, by cumulative time; null but in graph mode.
    callees: Option<&'a [Edge]>,
}

/// An earlier run beside this one: two separate runs, and no verdict.
#[derive(Serialize, JsonSchema)]
struct Comparison<'a> {
    /// Which run.
    run: &'a str,
    /// What such a comparison is not.
    note: &'static str,
    /// Every site that either run has.
    sites: Vec<Change>,
}

/// The earlier run's figures; null where it did not call the site.
#[derive(Serialize, JsonSchema)]
struct Change {
    /// Full name of the site.
    name: String,
    /// Name of the workload.
    workload: String,
    /// Completed calls.
    earlier_calls: Option<u64>,
    /// Time of all calls together.
    earlier_cumulative_ns: Option<f64>,
    /// The median call.
    earlier_p50_ns: Option<f64>,
    /// 99 % quantile.
    earlier_p99_ns: Option<f64>,
    /// Allocations within all calls.
    earlier_allocs: Option<u64>,
    /// Change of the median call; positive is slower.
    p50_change_percent: Option<f64>,
    /// Change of the 99 % quantile; positive is slower.
    p99_change_percent: Option<f64>,
}

fn run_document<'a>(run: &'a Run, compared_with: Option<Comparison<'a>>) -> Document<'a> {
    let sites = run.sites.iter().map(|site| site_entry(run, site)).collect();
    Document { schema: SCHEMA, mode: run.mode, seconds: run.seconds, sites, compared_with }
}

fn site_entry<'a>(run: &Run, site: &'a SiteRun) -> Site<'a> {
    let timing = |value: fn(&Timing) -> Nanos| site.timing.as_ref().map(value);
    Site {
        name: &site.site.name,
        workload: &site.workload,
        kind: site.site.kind,
        file: &site.site.file,
        line: site.site.line,
        calls: site.calls,
        primitive_calls: site.graph.as_ref().map(|graph| graph.primitive_calls),
        panicked: site.panicked,
        cancelled: site.cancelled,
        polls: site.polling.map(|polling| polling.polls),
        busy_ns: site.polling.map(|polling| polling.busy_ns),
        self_ns: site.graph.as_ref().map(|graph| graph.self_ns),
        cumulative_ns: timing(|timing| timing.cumulative_ns),
        time_percent: table::time_percent(run, site),
        min_ns: timing(|timing| timing.min_ns),
        mean_ns: timing(|timing| timing.mean_ns),
        p50_ns: timing(|timing| timing.p50_ns),
        p90_ns: timing(|timing| timing.p90_ns),
        p99_ns: timing(|timing| timing.p99_ns),
        p999_ns: timing(|timing| timing.p999_ns),
        max_ns: timing(|timing| timing.max_ns),
        allocs: site.allocs,
        bytes: site.bytes,
        frees: site.frees,
        freed_bytes: site.freed_bytes,
        peak_bytes: site.peak_bytes,
        call_cost_ns: site.call_cost_ns,
        empty_cost_ns: site.empty_cost_ns,
        callers: site.graph.as_ref().map(|graph| &graph.callers[..]),
        callees: site.graph.as_ref().map(|graph| &graph.callees[..]),
    }
}

fn change(pair: &Pair<'_>) -> Change {
    let value = |site: Option<&SiteRun>, value: fn(&Timing) -> Nanos| {
        site.and_then(|site| site.timing.as_ref()).map(|timing| value(timing).0)
    };
    let percent = |figure: fn(&Timing) -> Nanos| {
        let (before, after) = (value(pair.before, figure)?, value(pair.after, figure)?);
        Some((after / before - 1.0) * 100.0)
    };
    Change {
        name: pair.key.site.clone(),
        workload: pair.key.workload.clone(),
        earlier_calls: pair.before.map(|site| site.calls),
        earlier_cumulative_ns: value(pair.before, |timing| timing.cumulative_ns),
        earlier_p50_ns: value(pair.before, |timing| timing.p50_ns),
        earlier_p99_ns: value(pair.before, |timing| timing.p99_ns),
        earlier_allocs: pair.before.and_then(|site| site.allocs),
        p50_change_percent: percent(|timing| timing.p50_ns),
        p99_change_percent: percent(|timing| timing.p99_ns),
    }
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;
    use crate::model::Polling;
    use crate::render::samples;

    #[test]
    fn an_async_function_has_its_polls_and_their_time() {
        let mut told = samples::run(&[("w", "a", 10, 0.5)]);
        told.sites[0].polling = Some(Polling { polls: 34, busy_ns: Nanos(1250.5) });
        let document = run(&told);
        assert!(document.contains("\"polls\": 34,\n      \"busy_ns\": 1250.5,"), "{document}");
    }

    #[test]
    fn the_document_has_the_fields_of_version_1_and_lists_what_was_never_called() {
        assert_data_eq!(
            run(&samples::run(&[("w", "a", 10, 0.5), ("w", "idle", 0, 0.0)])),
            str![[r#"
{
  "schema": "darwin.run.v1",
  "mode": "exact",
  "seconds": 1.0,
  "sites": [
    {
      "name": "a",
      "workload": "w",
      "kind": "function",
      "file": "src/book.rs",
      "line": 42,
      "calls": 10,
      "primitive_calls": null,
      "panicked": 0,
      "cancelled": 0,
      "polls": null,
      "busy_ns": null,
      "self_ns": null,
      "cumulative_ns": 500000.0,
      "time_percent": 0.05,
      "min_ns": 25000.0,
      "mean_ns": 50000.0,
      "p50_ns": 45000.0,
      "p90_ns": 75000.0,
      "p99_ns": 150000.0,
      "p999_ns": 300000.0,
      "max_ns": 450000.0,
      "allocs": null,
      "bytes": null,
      "frees": null,
      "freed_bytes": null,
      "peak_bytes": null,
      "call_cost_ns": 31.4,
      "empty_cost_ns": 17.2,
      "callers": null,
      "callees": null
    },
    {
      "name": "idle",
      "workload": "w",
      "kind": "function",
      "file": "src/book.rs",
      "line": 42,
      "calls": 0,
      "primitive_calls": null,
      "panicked": 0,
      "cancelled": 0,
      "polls": null,
      "busy_ns": null,
      "self_ns": null,
      "cumulative_ns": null,
      "time_percent": null,
      "min_ns": null,
      "mean_ns": null,
      "p50_ns": null,
      "p90_ns": null,
      "p99_ns": null,
      "p999_ns": null,
      "max_ns": null,
      "allocs": null,
      "bytes": null,
      "frees": null,
      "freed_bytes": null,
      "peak_bytes": null,
      "call_cost_ns": 31.4,
      "empty_cost_ns": 17.2,
      "callers": null,
      "callees": null
    }
  ]
}

"#]]
            .raw()
        );
    }

    #[test]
    fn in_graph_mode_a_site_has_its_callers_and_callees() {
        let document: serde_json::Value = serde_json::from_str(&run(&samples::graph_run())).unwrap();
        assert_eq!(document["mode"], "graph");
        let fib = &document["sites"][0];
        assert_eq!((&fib["primitive_calls"], &fib["self_ns"]), (&1.into(), &300e6.into()));
        assert_eq!(fib["callers"][0]["name"], serde_json::Value::Null, "nobody");
        assert_eq!(fib["callers"][1]["name"], "fib");
        let leaf = &fib["callees"][1];
        let fields = ["name", "calls", "primitive_calls", "cumulative_ns", "self_ns"];
        assert_eq!(leaf.as_object().unwrap().keys().collect::<Vec<_>>().len(), fields.len());
        assert!(fields.iter().all(|field| !leaf[field].is_null()), "{leaf}");
    }

    #[test]
    fn a_comparison_is_the_same_document_with_the_earlier_figures() {
        let (before, after) = (samples::run(&[("w", "a", 10, 0.5)]), samples::run(&[("w", "a", 10, 0.4)]));
        let text = compare(&after, &Earlier { name: "run 7", run: &before });
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["schema"], "darwin.run.v1");
        assert_eq!(document["compared_with"]["note"], "two separate runs, not a verdict");
        let change = document["compared_with"]["sites"][0]["p50_change_percent"].as_f64().unwrap();
        assert!((change + 20.0).abs() < 1e-9, "{change}");
    }

    #[test]
    fn a_run_without_a_comparison_has_no_such_field() {
        assert!(!run(&samples::run(&[])).contains("compared_with"));
    }
}
