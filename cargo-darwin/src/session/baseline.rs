//! `cargo darwin baseline`: this is how it should be.

use std::collections::BTreeMap;
use std::time::Duration;

use super::accept::accept;
use super::code::{self, Codes};
use super::console::Console;
use super::project::Project;
use super::recount::{Recount, recount};
use super::run;
use super::runnables::runnables;
use super::side::Runnable;
use super::{Ended, Failure, doctor};
use crate::cli::Format;
use crate::exit_code::ExitCode;
use crate::gate::exact::{self, Counted};
use crate::io::baseline::Layout;
use crate::io::baseline_file::{
    self, BaselineFile, Counting, Counts, EntryKey, Latencies, Quantity, Updated, WorkloadRecord,
};
use crate::io::cargo::Executable;
use crate::io::store::Store;
use crate::model::{Glob, Nanos, Percent, Run, SiteRun};
use crate::render::{self, baseline::Recorded};

/// Runs of each workload: their median is recorded, their spread says what is noise.
const RUNS: usize = 5;
/// Measured time of a bench in each.
const BENCH_TIME: Duration = Duration::from_millis(200);
/// A latency that moved by less than this is left as it stands, however quiet the runs were.
const NOISE_FLOOR: Percent = Percent(3.0);
/// So many times the spread of the runs counts as noise: runs of one session are more alike than those of two days.
const SPREAD_FACTOR: f64 = 2.0;

/// Measures every workload several times and records what moved; with sites to `accept`, those alone.
pub fn baseline(project: &Project, accepted: &[Glob], console: &Console) -> Result<Ended, Failure> {
    let machine = project.machine()?;
    let path = &project.baseline_file;
    let old = match accepted {
        [] => baseline_file::load_if_there(path)?.unwrap_or_default(),
        // There is nothing to leave as it is.
        _ => baseline_file::load(path)?,
    };
    let executables = project.build(&mut console.show_build())?;
    let built = project.built(&executables, project.package_folder());
    let runnables = runnables(&built, &project.options, "")?;
    doctor::before_figures(console);
    let right = super::right_to_measure(console);
    let runs = measure(&runnables, project.limit(), console)?;
    let counts = count(&runnables, &old, project.limit(), console)?;
    drop(right);
    keep(project, &executables, &runnables, &runs)?;
    let mut measured = BaselineFile { workloads: records(&runs, &counts, &machine) };
    say_how_counted(&mut measured, &counts, &project.same_build()?);
    let done = match accepted {
        [] => {
            let updated = baseline_file::update(path, &measured, |entry| noise(&runs, &counts, entry))?;
            Recorded { is_written: updated == Updated::Written, ..recorded(project, &measured)? }
        }
        accepted => accept(project, accepted, &measured, &runnables)?,
    };
    let text = match project.options.format {
        Format::Human => render::baseline::human(&done),
        Format::Markdown => render::baseline::markdown(&done),
        Format::Json => render::json::baseline(&done),
    };
    Ok(Ended { text, code: ExitCode::Success })
}

/// What is to be said of a measurement, before it is known what became of the file.
///
/// # Errors
/// When rustc cannot be asked for the class of this machine.
pub fn recorded(project: &Project, measured: &BaselineFile) -> Result<Recorded, Failure> {
    let sites = measured.workloads.values();
    Ok(Recorded {
        path: project.baseline_file.display().to_string(),
        machine: project.machine()?,
        is_written: false,
        sites: sites.map(|record| record.machines.values().map(BTreeMap::len).max().unwrap_or(0)).sum(),
        workloads: measured.workloads.values().filter(|record| !record.machines.is_empty()).count(),
        accepted: None,
        counts_left: Vec::new(),
    })
}

/// Keeps the runs with their code: they answer for budgets as long as the code stays as it is.
fn keep(
    project: &Project,
    executables: &[Executable],
    runnables: &[Runnable],
    runs: &[Run],
) -> Result<(), Failure> {
    let codes = Codes::read(executables.iter().map(|executable| executable.path.as_path()))?;
    let origin = code::origin(project, &codes, runnables)?;
    let store = Store::of_code(&Layout::of(&project.workspace).root());
    for run in runs {
        store.save(run, Some(&origin))?;
    }
    Ok(())
}

/// Measures every workload several times.
///
/// # Errors
/// When a run fails, hangs, or measured nothing.
pub fn measure(runnables: &[Runnable], limit: Duration, console: &Console) -> Result<Vec<Run>, Failure> {
    let round = |number| {
        let mut steps = console.steps(&format!("round {number} of {RUNS}: measuring"), runnables.len());
        run::measure(runnables, limit, BENCH_TIME, &mut steps)
    };
    (1..=RUNS).map(round).collect()
}

/// Each workload's counting runs, by its name.
fn count(
    runnables: &[Runnable],
    old: &BaselineFile,
    limit: Duration,
    console: &Console,
) -> Result<BTreeMap<String, Recount>, Failure> {
    let mut steps = console.steps("counting", runnables.len());
    let one = |runnable: &Runnable| {
        steps.next(&runnable.name);
        let failed = |source| Failure::Workload { name: runnable.name.clone(), side: "", source };
        let counting = old.workloads.get(&runnable.name).and_then(|record| record.counting.as_ref());
        Ok((runnable.name.clone(), recount(runnable, counting, limit).map_err(failed)?))
    };
    runnables.iter().map(one).collect()
}

fn records(
    runs: &[Run],
    counts: &BTreeMap<String, Recount>,
    machine: &str,
) -> BTreeMap<String, WorkloadRecord> {
    let mut records: BTreeMap<String, WorkloadRecord> = BTreeMap::new();
    let called = runs.first().map_or(&[][..], |run| &run.sites).iter().filter(|site| site.calls > 0);
    for site in called {
        let (workload, name) = (site.workload.clone(), site.site.name.clone());
        let record = records.entry(workload.clone()).or_default();
        let latency = |quantity| median(&values(runs, &workload, &name, quantity)).map(Nanos);
        let latencies = Latencies {
            mean_ns: latency(Quantity::MeanNs),
            p50_ns: latency(Quantity::P50Ns),
            p99_ns: latency(Quantity::P99Ns),
        };
        record.machines.entry(machine.to_owned()).or_default().insert(name.clone(), latencies);
        let count = |quantity| median(&counted(counts, &workload, &name, quantity));
        let (allocs_per_call, bytes_per_call) =
            (count(Quantity::AllocsPerCall), count(Quantity::BytesPerCall));
        if allocs_per_call.or(bytes_per_call).is_some() {
            record.counts.insert(name, Counts { allocs_per_call, bytes_per_call });
        }
    }
    records
}

/// Counts can be compared by whoever builds alike and does the same work.
fn say_how_counted(measured: &mut BaselineFile, counts: &BTreeMap<String, Recount>, build: &str) {
    for (workload, record) in measured.workloads.iter_mut().filter(|(_, record)| !record.counts.is_empty()) {
        let iterations = counts.get(workload).and_then(|count| count.iterations);
        record.counting = Some(Counting { build: build.to_owned(), iterations });
    }
}

/// What the runs saw of one latency.
pub fn values(runs: &[Run], workload: &str, site: &str, quantity: Quantity) -> Vec<f64> {
    let find = |run: &Run| {
        let found = run.sites.iter().find(|one| one.workload == workload && one.site.name == site)?;
        latency(found, quantity)
    };
    runs.iter().filter_map(find).collect()
}

/// Calls from which a 99 % quantile is worth recording.
const P99_CALLS: u64 = 1000;

fn latency(site: &SiteRun, quantity: Quantity) -> Option<f64> {
    let timing = site.timing?;
    match quantity {
        Quantity::MeanNs => Some(timing.mean_ns.0),
        Quantity::P50Ns => Some(timing.p50_ns.0),
        Quantity::P99Ns => Some(timing.p99_ns.0).filter(|_| site.calls >= P99_CALLS),
        Quantity::AllocsPerCall | Quantity::BytesPerCall => None,
    }
}

/// What the counting runs saw of one count, per call.
fn counted(counts: &BTreeMap<String, Recount>, workload: &str, site: &str, quantity: Quantity) -> Vec<f64> {
    let count = |site: &SiteRun| if quantity == Quantity::AllocsPerCall { site.allocs } else { site.bytes };
    let runs = counts.get(workload).map_or_else(Vec::new, |count_of| count_of.side.of(site, count));
    // A count that varies by itself is no measure of anything later.
    let runs = if exact::repeats(&runs) { runs } else { Vec::new() };
    runs.iter().filter(|run| run.calls > 0).map(|run: &Counted| run.total as f64 / run.calls as f64).collect()
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    crate::gate::quantile::median(&mut sorted)
}

fn noise(runs: &[Run], counts: &BTreeMap<String, Recount>, entry: EntryKey<'_>) -> Percent {
    match entry.quantity {
        Quantity::AllocsPerCall | Quantity::BytesPerCall => {
            spread(&counted(counts, entry.workload, entry.site, entry.quantity))
        }
        _ => {
            let seen = spread(&values(runs, entry.workload, entry.site, entry.quantity));
            Percent((seen.0 * SPREAD_FACTOR).max(NOISE_FLOOR.0))
        }
    }
}

/// From the lowest to the highest, in percent of the lowest; zero where they are alike or there are none.
fn spread(values: &[f64]) -> Percent {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(0.0, f64::max);
    Percent(if high > low && low > 0.0 { (high / low - 1.0) * 100.0 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_that_of_the_extremes() {
        assert_eq!(spread(&[100.0, 150.0, 101.0]), Percent(50.0));
        assert_eq!(spread(&[2.0, 2.0]), Percent(0.0));
        assert_eq!(spread(&[]), Percent(0.0));
    }
}
