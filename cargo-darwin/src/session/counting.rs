//! Runs of fixed work: what allocates, how often is what called, how long is an iteration. They come before the blocks,
//! so that everything about a block is settled before the first one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::side::{BASELINE, CANDIDATE, Pace, Runnable};
use crate::gate::exact::{COUNTING_RUNS, Counted};
use crate::io::control::Plan;
use crate::io::figures;
use crate::io::measure::MeasureError;
use crate::model::SiteRun;

/// Time for which the candidate iterates to find out how much work a counting run does: a few turns.
const SIZING: Duration = Duration::from_millis(20);

/// What the counting runs of one side saw.
#[derive(Debug, Clone, Default)]
pub struct SideCounts {
    /// Each run's sites.
    pub runs: Vec<Vec<SiteRun>>,
}

/// What the counting runs of one workload saw.
#[derive(Debug, Clone)]
pub struct Counts {
    /// Baseline and candidate.
    pub sides: [SideCounts; 2],
    /// Iterations of a counting run; `None` for whole runs.
    pub iterations: Option<u64>,
    /// Seconds of one iteration of the candidate; for whole runs, of the run.
    pub iteration_seconds: f64,
    /// Seconds that a process needs beside its iterations.
    pub setup_seconds: f64,
    /// Threads that counted at the same time, of the side that had more.
    pub threads: usize,
}

impl SideCounts {
    /// Calls of each site in the first run.
    pub fn calls(&self) -> BTreeMap<&str, u64> {
        let first = self.runs.first().map_or(&[][..], Vec::as_slice);
        first.iter().map(|site| (site.site.name.as_str(), site.calls)).collect()
    }

    /// What every run saw of one count at `site`.
    pub fn of(&self, site: &str, count: impl Fn(&SiteRun) -> Option<u64>) -> Vec<Counted> {
        let find = |run: &Vec<SiteRun>| run.iter().find(|candidate| candidate.site.name == site).cloned();
        let counted = |site: SiteRun| count(&site).map(|total| Counted { calls: site.calls, total });
        self.runs.iter().filter_map(find).filter_map(counted).collect()
    }

    /// The site as the first run has it.
    pub fn site(&self, name: &str) -> Option<&SiteRun> {
        self.runs.first()?.iter().find(|site| site.site.name == name)
    }

    fn allocations_are_counted(&self) -> bool {
        self.runs.iter().flatten().any(|site| site.allocs.is_some())
    }
}

/// Counts one workload on both sides: once, and twice more where allocations are counted and must repeat.
///
/// # Errors
/// When a run fails, hangs, or measured nothing.
pub fn count(baseline: &Runnable, candidate: &Runnable, limit: Duration) -> Result<Counts, MeasureError> {
    let sizing = size(candidate, limit)?;
    let mut counts = Counts {
        sides: [SideCounts::default(), SideCounts::default()],
        iterations: sizing.iterations,
        iteration_seconds: sizing.iteration_seconds,
        setup_seconds: sizing.setup_seconds,
        threads: 0,
    };
    let plan = Plan::Fixed { iterations: sizing.iterations.unwrap_or(0) };
    for run in 0..COUNTING_RUNS {
        for (side, runnable) in [(BASELINE, baseline), (CANDIDATE, candidate)] {
            if run == 0 || counts.sides[side].allocations_are_counted() {
                let measured = runnable.alone(side, plan, limit)?;
                counts.threads = counts.threads.max(measured.threads()?);
                counts.sides[side].runs.push(figures::site_runs(&runnable.name, &measured)?);
            }
        }
    }
    Ok(counts)
}

/// Counts one workload of one side, as [`count`] does.
///
/// # Errors
/// When a run fails, hangs, or measured nothing.
pub fn count_alone(runnable: &Runnable, side: usize, limit: Duration) -> Result<SideCounts, MeasureError> {
    let sizing = size(runnable, limit)?;
    let plan = Plan::Fixed { iterations: sizing.iterations.unwrap_or(0) };
    let mut counts = SideCounts::default();
    for run in 0..COUNTING_RUNS {
        if run == 0 || counts.allocations_are_counted() {
            let measured = runnable.alone(side, plan, limit)?;
            counts.runs.push(figures::site_runs(&runnable.name, &measured)?);
        }
    }
    Ok(counts)
}

struct Sizing {
    iterations: Option<u64>,
    iteration_seconds: f64,
    setup_seconds: f64,
}

fn size(candidate: &Runnable, limit: Duration) -> Result<Sizing, MeasureError> {
    let nanos = SIZING.as_nanos() as u64;
    let measured = candidate.alone(CANDIDATE, Plan::Timed { nanos }, limit)?;
    let Pace::Bench { bench } = &candidate.pace else {
        return Ok(Sizing { iterations: None, iteration_seconds: measured.seconds, setup_seconds: 0.0 });
    };
    let sites = figures::site_runs(&candidate.name, &measured)?;
    let own = sites.iter().find(|site| is_the_bench(site, bench)).filter(|site| site.calls > 0);
    let iterations = own.map(|site| site.calls).ok_or(MeasureError::NothingMeasured)?;
    let cumulative = own.and_then(|site| site.timing).map_or(0.0, |timing| timing.cumulative_ns.0 / 1e9);
    Ok(Sizing {
        iterations: Some(iterations),
        iteration_seconds: SIZING.as_secs_f64().max(cumulative) / iterations as f64,
        setup_seconds: (measured.seconds - SIZING.as_secs_f64().max(cumulative)).max(0.0),
    })
}

fn is_the_bench(site: &SiteRun, bench: &str) -> bool {
    site.site.kind == crate::model::SiteKind::Bench && site.site.name == bench
}
