//! Runs a workload and brings back what it counted: alone, or two sides that take turns.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use darwin_runtime::listing;
use thiserror::Error;

use super::clock::{self, ClockError};
use super::control::{ControlPage, Plan, TurnPlan};
use super::map::{ClockPair, Map, MapError, SiteTotals};
use super::process::{Program, WorkloadError};
use super::run_dir::RunDir;
use crate::model::{Mode, Renames, TurnsMade, Usage};

/// Why there are no figures.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The program failed.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    /// Its map is not usable.
    #[error(transparent)]
    Map(#[from] MapError),
    /// Ticks cannot be told in nanoseconds.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// Our own files could not be made.
    #[error(
        "cannot make the run directory in {place}: {0}; make room there, or make it writable",
        place = super::run_dir::parent().display()
    )]
    RunDir(#[from] std::io::Error),
    /// Some of its processes could not say what they counted.
    #[error(
        "{0} of the workload's processes measured calls and could not make a map for them, so these are counted nowhere; make room in {place}, raise the limits on open files and on the size of files (ulimit -n, ulimit -f), or measure nothing in processes that may not write there",
        place = super::run_dir::parent().display()
    )]
    WithoutMap(u32),
    /// It ended well and counted nothing.
    #[error(
        "the workload ended without a single measured call; does it call a #[hotpath] function, and is the function in a crate that was built with darwin-runtime? An attribute behind a feature of yours needs --features"
    )]
    NothingMeasured,
}

/// What one side's processes counted.
#[derive(Debug)]
pub struct Measured {
    /// A map per process.
    pub maps: Vec<Map>,
    /// Wall time from start to end.
    pub seconds: f64,
    /// Taken when it had ended.
    pub end: ClockPair,
    /// What its first process used.
    pub usage: Usage,
}

impl Measured {
    /// Threads of all processes that counted at the same time.
    ///
    /// # Errors
    /// When a map is damaged.
    pub fn threads(&self) -> Result<usize, MapError> {
        self.maps.iter().map(Map::threads).sum()
    }

    /// Gives sites the names that they have now, unless the program has a site of that name as well.
    pub fn rename_sites(&mut self, renames: &Renames) {
        let sites = || self.maps.iter().flat_map(|map| &map.sites).filter_map(|raw| raw.site.as_ref());
        let renamed = renames.of_all(sites().map(|site| site.name.as_str()));
        for site in self.maps.iter_mut().flat_map(|map| &mut map.sites).filter_map(|raw| raw.site.as_mut()) {
            if let Some(new) = renamed.get(&site.name) {
                site.name.clone_from(new);
            }
        }
    }
}

/// Runs `program` alone.
///
/// # Errors
/// When it fails, hangs, or measured nothing.
pub fn alone(
    program: &Program,
    side: usize,
    (plan, mode): (Plan, Mode),
    limit: Duration,
) -> Result<Measured, MeasureError> {
    let folder = RunDir::new()?;
    let control = ControlPage::create(&folder.control(), plan, [0; 2])?;
    control.count_in(mode);
    let (began, begin) = (clock::read(), Instant::now());
    let usage = prepared(program, &folder, side).start()?.wait(limit, begin + limit)?;
    let seconds = begin.elapsed().as_secs_f64();
    clock::expect_agreement(began)?;
    expect_all_maps(&control, side)?;
    let measured = collect(&folder, side, mode, (seconds, usage))?;
    match any_call(&measured.maps)? {
        true => Ok(measured),
        false => Err(MeasureError::NothingMeasured),
    }
}

/// Whether any process entered a measured function; the runtime's own sites, which have no name, do not count.
fn any_call(maps: &[Map]) -> Result<bool, MapError> {
    for map in maps {
        let totals = map.totals()?;
        let mut named = map.sites.iter().zip(&totals).filter(|(raw, _)| raw.site.is_some());
        let is_called = |totals: &SiteTotals| totals.calls.max(totals.panicked).max(totals.cancelled) > 0;
        if named.any(|(_, totals)| is_called(totals)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How long a bench target may take to name its benches: one that is not ours may run them instead.
const LISTING_LIMIT: Duration = Duration::from_secs(10);

/// The `#[bench]` functions that a bench target holds; empty when its harness is not ours.
///
/// # Errors
/// When it cannot be started.
pub fn list_benches(executable: &Path, directory: &Path) -> Result<Vec<String>, MeasureError> {
    let program = Program {
        path: executable.to_owned(),
        args: vec![listing::LIST_FOR_DARWIN.into()],
        directory: directory.to_owned(),
        variables: Vec::new(),
        processor: None,
    };
    let output = program.start()?.output(Instant::now() + LISTING_LIMIT);
    Ok(output.lines().filter_map(|line| line.strip_prefix(listing::LISTED)).map(str::to_owned).collect())
}

/// What both processes of a pair are told.
#[derive(Debug, Clone, Copy)]
pub struct PairPlan<'a> {
    /// Their turns.
    pub turns: TurnPlan,
    /// For turns at sites: the names of those whose entries count as work, the most called first.
    pub pacing: &'a [String],
    /// Seeds of the sides' heap starts and environment sizes.
    pub seeds: [u64; 2],
}

/// What a pair of processes left.
#[derive(Debug)]
pub struct Pair {
    /// Baseline (0) and candidate (1).
    pub sides: [Measured; 2],
    /// What became of their turns.
    pub turns: TurnsMade,
}

/// Runs baseline and candidate at the same time, taking turns.
///
/// # Errors
/// When either fails, hangs, or measured nothing.
pub fn pair(programs: [&Program; 2], plan: &PairPlan<'_>, limit: Duration) -> Result<Pair, MeasureError> {
    let folder = RunDir::new()?;
    let control = ControlPage::create(&folder.control(), Plan::Turns(plan.turns), plan.seeds)?;
    control.pace_by(plan.pacing);
    let (began, begin) = (clock::read(), Instant::now());
    let mut running = Vec::new();
    for side in [plan.turns.coin, 1 - plan.turns.coin] {
        let mut program = prepared(programs[side], &folder, side);
        program.variables.push((PADDING_VARIABLE.into(), padding(plan.seeds[side])));
        running.push((side, program.start()?));
    }
    let mut usages = [Usage::default(); 2];
    std::thread::scope(|scope| {
        let control = &control;
        let reapers: Vec<_> = running
            .into_iter()
            .map(|(side, process)| {
                scope.spawn(move || {
                    let outcome = process.wait(limit, begin + limit);
                    control.mark_gone(side);
                    outcome.map(|usage| (side, usage))
                })
            })
            .collect();
        reapers.into_iter().try_for_each(|reaper| {
            let (side, usage) = reaper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            usages[side] = usage;
            Ok::<(), WorkloadError>(())
        })
    })?;
    let seconds = begin.elapsed().as_secs_f64();
    clock::expect_agreement(began)?;
    [0, 1].into_iter().try_for_each(|side| expect_all_maps(&control, side))?;
    let of_side = |side: usize| collect(&folder, side, Mode::Exact, (seconds, usages[side]));
    let sides = [of_side(0)?, of_side(1)?];
    Ok(Pair { sides, turns: control.turns_made() })
}

/// Shifts the stack by a random amount, so that its placement is a coin and not a constant.
const PADDING_VARIABLE: &str = "DARWIN_PADDING";
/// Environment sizes move the stack by up to a page.
const MOST_PADDING_BYTES: u64 = 4096;

fn padding(seed: u64) -> OsString {
    "x".repeat((seed % MOST_PADDING_BYTES) as usize).into()
}

fn prepared(program: &Program, folder: &RunDir, side: usize) -> Program {
    let mut program = program.clone();
    let (key, value) = folder.variable(side);
    program.variables.push((key.into(), value.into()));
    program
}

/// A process that could not make its map measured nothing that anyone could read.
fn expect_all_maps(control: &ControlPage, side: usize) -> Result<(), MeasureError> {
    match control.without_map(side) {
        0 => Ok(()),
        processes => Err(MeasureError::WithoutMap(processes)),
    }
}

fn collect(
    folder: &RunDir,
    side: usize,
    mode: Mode,
    (seconds, usage): (f64, Usage),
) -> Result<Measured, MeasureError> {
    let end = clock::now();
    let maps = folder.maps(side)?;
    maps.iter().try_for_each(|map| map.expect_mode(mode))?;
    if maps.is_empty() {
        return Err(MeasureError::NothingMeasured);
    }
    Ok(Measured { maps, seconds, end, usage })
}
