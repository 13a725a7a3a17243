//! One measured run, in nanoseconds, as it is shown, stored and compared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Budget, BudgetMetric, Nanos};

/// How a run counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Every call is timed.
    Exact,
    /// Every call is timed, with self times, callers and callees.
    Graph,
    /// Every call is counted; some, picked at random, are timed.
    Adaptive,
}

/// What kind of code a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SiteKind {
    /// `#[hotpath]` on a function.
    Function,
    /// `#[hotpath]` on an async function: latency is wall time from first poll to ready.
    Async,
    /// `#[bench]`: one call is one iteration.
    Bench,
    /// `scope!`.
    Scope,
}

/// A site in a workload: what the gate judges.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SiteKey {
    /// Name of the workload, e.g. `replay::mixed`.
    pub workload: String,
    /// Name of the site, e.g. `order_book::book::Book::insert`.
    pub site: String,
}

/// Where a site stands in the source, and what was written there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Full, distinct, stable name.
    pub name: String,
    /// What kind of code it is.
    pub kind: SiteKind,
    /// Source file as the compiler saw it.
    pub file: String,
    /// Line of the function's name, from 1.
    pub line: u32,
    /// The limits written at the site.
    pub budgets: Vec<Budget>,
    /// Items that one call handles (`Bencher::items`); zero when not told.
    pub items_per_call: u64,
    /// Bytes that one call handles (`Bencher::bytes`); zero when not told.
    pub bytes_per_call: u64,
}

/// Latencies of one site, the cost of an empty site already taken off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Sum over all calls.
    pub cumulative_ns: Nanos,
    /// Fastest call.
    pub min_ns: Nanos,
    /// Mean.
    pub mean_ns: Nanos,
    /// Median.
    pub p50_ns: Nanos,
    /// 90 % quantile.
    pub p90_ns: Nanos,
    /// 99 % quantile.
    pub p99_ns: Nanos,
    /// 99.9 % quantile.
    pub p999_ns: Nanos,
    /// Slowest call.
    pub max_ns: Nanos,
}

impl Timing {
    /// What a budget of this name limits; `None` for counts, which are no latencies.
    pub fn budgeted(&self, metric: BudgetMetric) -> Option<Nanos> {
        match metric {
            BudgetMetric::P50 => Some(self.p50_ns),
            BudgetMetric::P90 => Some(self.p90_ns),
            BudgetMetric::P99 => Some(self.p99_ns),
            BudgetMetric::P999 => Some(self.p999_ns),
            BudgetMetric::Mean => Some(self.mean_ns),
            BudgetMetric::Max => Some(self.max_ns),
            BudgetMetric::Allocs | BudgetMetric::Bytes => None,
        }
    }
}

/// Who called a site, whom it called, and what it took without them. The rules of recursion are those of Python's cProfile.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Graph {
    /// Completed calls that were not made from within the site itself.
    pub primitive_calls: u64,
    /// Time of all calls without that of the measured calls in them.
    pub self_ns: Nanos,
    /// Who called it, by cumulative time, largest first.
    pub callers: Vec<Edge>,
    /// Whom it called, in the same order.
    pub callees: Vec<Edge>,
}

/// The calls that one site made of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Edge {
    /// Name of the site at the other end; null: none that is measured.
    pub name: Option<String>,
    /// Completed calls.
    pub calls: u64,
    /// Those of them that were not made from within another one of the two.
    pub primitive_calls: u64,
    /// Time of these together.
    pub cumulative_ns: Nanos,
    /// Time of all of them without that of the measured calls in them.
    pub self_ns: Nanos,
}

/// How the completed calls of an async function were polled. In adaptive mode told from the calls that were timed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Polling {
    /// Polls of all calls together.
    pub polls: u64,
    /// Time within these polls; what is missing to the wall time was waiting.
    pub busy_ns: Nanos,
}

/// What one run measured at one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteRun {
    /// The workload that exercised it.
    pub workload: String,
    /// The site.
    #[serde(flatten)]
    pub site: Site,
    /// Completed calls; zero for a site that was never called.
    pub calls: u64,
    /// Calls that ended in a panic; not in the latency.
    pub panicked: u64,
    /// Futures dropped before they were ready; not in the latency.
    pub cancelled: u64,
    /// How it was polled; `None` but for an async function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polling: Option<Polling>,
    /// Latencies; `None` when there was no completed call.
    pub timing: Option<Timing>,
    /// Self time, callers and callees; `None` but in graph mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<Graph>,
    /// Allocations within all calls; `None` where `darwin_runtime::Alloc` is not installed, and in adaptive mode.
    pub allocs: Option<u64>,
    /// Bytes allocated within all calls; `None` where `allocs` is.
    pub bytes: Option<u64>,
    /// Frees within all calls; `None` where `allocs` is.
    #[serde(default)]
    pub frees: Option<u64>,
    /// Bytes freed within all calls; `None` where `allocs` is.
    #[serde(default)]
    pub freed_bytes: Option<u64>,
    /// Most bytes that one call held at once, above what its thread held when it began; `None` where `allocs` is.
    #[serde(default)]
    pub peak_bytes: Option<u64>,
    /// What measuring adds to one call, as calibrated in the same process.
    pub call_cost_ns: Nanos,
    /// What an empty site shows, the part of that cost which lies between the two clock reads: taken off every latency.
    pub empty_cost_ns: Nanos,
}

impl SiteRun {
    /// The site in its workload.
    pub fn key(&self) -> SiteKey {
        SiteKey { workload: self.workload.clone(), site: self.site.name.clone() }
    }
}

/// One run of one or more workloads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// How calls were counted.
    pub mode: Mode,
    /// Wall time of the measured processes in seconds.
    pub seconds: f64,
    /// Every site of every workload, called or not.
    pub sites: Vec<SiteRun>,
}
