//! What is to be judged, settled from the counting runs before the first block.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::PairedWorkload;
use super::calibrated::Calibrated;
use super::pairing::Pairing;
use super::side::{BASELINE, CANDIDATE};
use crate::gate::{BudgetRequest, SiteRequest, Tolerances};
use crate::io::baseline_file::{BaselineFile, Latencies};
use crate::model::{Budget, BudgetMetric, Metric, Nanos, SiteKey, SiteKind, SiteRun, TailTolerance};
use crate::options::Limits;

/// The record of the baseline on this class of machines.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The committed file.
    pub file: &'a BaselineFile,
    /// This machine's class.
    pub machine: &'a str,
    /// What was found of placement here.
    pub calibrated: &'a Calibrated,
}

/// One request per site of each workload, in order of name.
pub fn requests(workloads: &[PairedWorkload], limits: &Limits, record: Record<'_>) -> Vec<SiteRequest> {
    workloads.iter().flat_map(|workload| of_workload(workload, limits, record)).collect()
}

fn of_workload(workload: &PairedWorkload, limits: &Limits, record: Record<'_>) -> Vec<SiteRequest> {
    let share = workload.block_share();
    let scaled = |side: usize| -> BTreeMap<&str, u64> {
        let calls = workload.counts.sides[side].calls();
        calls.into_iter().map(|(site, calls)| (site, (calls as f64 * share).floor() as u64)).collect()
    };
    let (before, after) = (scaled(BASELINE), scaled(CANDIDATE));
    let biases = record.calibrated.biases(workload);
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let request = |name: &str| SiteRequest {
        key: SiteKey { workload: workload.candidate.name.clone(), site: name.to_owned() },
        baseline_calls: before.get(name).copied(),
        candidate_calls: after.get(name).copied(),
        nanos_per_block: nanos_per_block(workload, name),
        metrics: wished(limits, name),
        shown_only: shown_only(limits, name),
        tolerances: tolerances(limits, name),
        placement_bias: biases.get(name).cloned().unwrap_or_default(),
        budgets: latency_budgets(workload, name, record),
    };
    names.into_iter().map(request).collect()
}

/// Time that the calls of a site take in a block, of the side where they take less.
fn nanos_per_block(workload: &PairedWorkload, site: &str) -> Option<Nanos> {
    let of_side = |side: usize| workload.counts.sides[side].site(site)?.timing;
    let (before, after) = (of_side(BASELINE)?.cumulative_ns, of_side(CANDIDATE)?.cumulative_ns);
    Some(Nanos(before.0.min(after.0) * workload.block_share()))
}

fn wished(limits: &Limits, site: &str) -> BTreeSet<Metric> {
    match limits.of_site(site).gate {
        true => [Metric::P50, Metric::P99, Metric::Mean].into(),
        false => BTreeSet::new(),
    }
}

fn shown_only(limits: &Limits, site: &str) -> BTreeSet<Metric> {
    match limits.of_site(site).tail_tolerance {
        TailTolerance::Within(_) => BTreeSet::new(),
        TailTolerance::Off => [Metric::P99].into(),
    }
}

fn tolerances(limits: &Limits, site: &str) -> Tolerances {
    let limits = limits.of_site(site);
    let tail = match limits.tail_tolerance {
        TailTolerance::Within(tolerance) => Some(tolerance.percent()),
        TailTolerance::Off => None,
    };
    Tolerances { median: limits.tolerance.percent(), tail }
}

fn latency_budgets(workload: &PairedWorkload, site: &str, record: Record<'_>) -> Vec<BudgetRequest> {
    let Some(run) = workload.counts.sides[CANDIDATE].site(site) else { return Vec::new() };
    if times_are_not_of_the_wall(workload, run) {
        return Vec::new();
    }
    let recorded = record
        .file
        .workloads
        .get(&workload.candidate.name)
        .and_then(|workload| workload.machines.get(record.machine))
        .and_then(|machine| machine.get(site));
    let request = |budget: &Budget| BudgetRequest {
        budget: *budget,
        recorded: recorded.and_then(|latencies| recorded_value(latencies, budget.metric)),
    };
    run.site.budgets.iter().filter(|budget| !is_count(budget.metric)).map(request).collect()
}

/// In turns at sites an async function is timed while it is polled, and its budgets are for the time that passes.
fn times_are_not_of_the_wall(workload: &PairedWorkload, run: &SiteRun) -> bool {
    matches!(workload.pairing, Pairing::Sites(_)) && run.site.kind == SiteKind::Async
}

/// What is to be said of time budgets that cannot be judged in this way of measuring.
pub fn unjudged_budgets(workloads: &[PairedWorkload]) -> Vec<String> {
    let of_workload = |workload: &PairedWorkload| {
        let runs = workload.counts.sides[CANDIDATE].runs.first().into_iter().flatten();
        let has_time_budgets = |run: &&SiteRun| {
            times_are_not_of_the_wall(workload, run)
                && run.site.budgets.iter().any(|budget| !is_count(budget.metric))
        };
        let names: Vec<&str> = runs.filter(has_time_budgets).map(|run| run.site.name.as_str()).collect();
        (!names.is_empty()).then(|| {
            format!(
                "time budgets of async functions are judged in benches, not in {}: {}",
                workload.candidate.name,
                names.join(", ")
            )
        })
    };
    workloads.iter().filter_map(of_workload).collect()
}

/// Is it a budget on a count?
pub fn is_count(metric: BudgetMetric) -> bool {
    matches!(metric, BudgetMetric::Allocs | BudgetMetric::Bytes)
}

/// The recorded value of a metric that has one in the baseline file.
pub fn recorded_value(latencies: &Latencies, metric: BudgetMetric) -> Option<Nanos> {
    match metric {
        BudgetMetric::P50 => latencies.p50_ns,
        BudgetMetric::P99 => latencies.p99_ns,
        BudgetMetric::Mean => latencies.mean_ns,
        _ => None,
    }
}
