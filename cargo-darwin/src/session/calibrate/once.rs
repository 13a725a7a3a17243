//! One whole check of the working tree against itself, as `check` would make it: counted, planned, laid out and judged
//! anew, nothing kept, nothing forgiven.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::gate::{
    self, BlockOutcome, BlockSamples, Outcome, Plan, Probe, ProbeError, Recorder, SiteRequest,
};
use crate::io::baseline_file::BaselineFile;
use crate::io::position::FileError;
use crate::model::{CheckedSite, Resolved, Verdict};
use crate::options::Limits;
use crate::session::Failure;
use crate::session::blocks::{Blocks, PairedWorkload};
use crate::session::calibrated::Calibrated;
use crate::session::check::{layouts_folder, whole_runs};
use crate::session::evidence::Opponents;
use crate::session::findings::{self, CountFindings};
use crate::session::layouts::Layouts;
use crate::session::project::Project;
use crate::session::random::Random;
use crate::session::requests::{Record, requests};
use crate::session::side::{BASELINE, CANDIDATE};
use crate::session::watcher::Watcher;

/// Void blocks one after another at which no more are tried.
const MOST_VOID: u32 = 10;

/// What every check of a calibration has in common.
#[derive(Debug)]
pub struct Setup<'a> {
    /// The project.
    pub project: &'a Project,
    /// What checks let through.
    pub limits: &'a Limits,
    /// The working tree against itself.
    pub opponents: Vec<Opponents>,
}

/// What the first counting runs saw.
#[derive(Debug)]
pub struct Subject {
    /// The workloads.
    pub workloads: Vec<PairedWorkload>,
    /// What a check judges.
    pub requests: Vec<SiteRequest>,
    /// The same, frozen.
    pub plan: Plan,
    /// What is to be said of how it is measured.
    pub notes: Vec<String>,
}

/// What became of a check.
#[derive(Debug)]
pub enum Checked {
    /// It came to a verdict, or to the end of its own time.
    Ended(Ended),
    /// The time for all checks was up before.
    CutOff,
}

/// A check that was made to its end.
#[derive(Debug)]
pub struct Ended {
    /// What it said.
    pub verdict: Verdict,
    /// Its sites.
    pub sites: Vec<CheckedSite>,
    /// Seconds with counting.
    pub seconds: f64,
    /// Seconds of its blocks.
    pub measuring_seconds: f64,
    /// Its blocks, without the one that warms up.
    pub blocks: Vec<BlockSamples>,
}

/// Keeps the blocks in memory.
#[derive(Debug, Default)]
struct Seen(Vec<BlockSamples>);

impl Recorder for Seen {
    fn record(&mut self, block: &BlockSamples) -> Result<(), ProbeError> {
        self.0.push(block.clone());
        Ok(())
    }
}

impl Setup<'_> {
    /// Counts once, and says what checks will judge.
    pub fn subject(&self) -> Result<Subject, Failure> {
        let workloads = self.prepared()?;
        let (_, mut notes) = self.layouts(&workloads)?;
        notes.extend(whole_runs(&workloads));
        let requests = self.requests(&workloads);
        Ok(Subject { plan: Plan::freeze(requests.clone()), requests, workloads, notes })
    }

    /// One check, with a site made slower where `injected` says so; no block is begun at `until` or later.
    pub fn check(&self, injected: Option<&Resolved>, until: Instant) -> Result<Checked, Failure> {
        let begin = Instant::now();
        let mut workloads = self.prepared()?;
        if let Some(resolved) = injected {
            for workload in workloads.iter_mut().filter(|one| one.candidate.name == resolved.workload) {
                *workload = workload.injected(resolved);
            }
        }
        let counts = findings::counts(&workloads);
        if counts.iter().any(CountFindings::rejects) {
            return Ok(Checked::Ended(by_counts(&counts, begin)));
        }
        let plan = Plan::freeze(self.requests(&workloads));
        let (layouts, _) = self.layouts(&workloads)?;
        let mut blocks = self.blocks_of(&workloads, &layouts);
        let mut seen = Seen::default();
        let (measuring, limit) = (Instant::now(), self.limits.max_time.duration());
        let mut is_time_up = || measuring.elapsed() >= limit || Instant::now() >= until;
        let outcome = gate::measure(plan, &[], &mut blocks, &mut seen, &mut is_time_up, &mut ());
        let found = match outcome {
            Outcome::Judged(found) => found,
            Outcome::Failed(error) => return Err(Failure::Blocks(error.to_string())),
            Outcome::Unfit { voided, reason } => return Err(disturbed(voided, &reason)),
        };
        let (sites, verdict) = findings::all(&counts, &found.sites);
        if verdict == Verdict::Inconclusive && measuring.elapsed() < limit && Instant::now() >= until {
            return Ok(Checked::CutOff);
        }
        let (seconds, measuring_seconds) = (begin.elapsed().as_secs_f64(), measuring.elapsed().as_secs_f64());
        Ok(Checked::Ended(Ended { verdict, sites, seconds, measuring_seconds, blocks: seen.0 }))
    }

    /// So many blocks of unchanged code; fewer where the time is up before.
    pub fn blocks(&self, count: usize, until: Instant) -> Result<Vec<BlockSamples>, Failure> {
        let workloads = self.prepared()?;
        let (layouts, _) = self.layouts(&workloads)?;
        measured(&mut self.blocks_of(&workloads, &layouts), &workloads, count, until)
    }

    fn prepared(&self) -> Result<Vec<PairedWorkload>, Failure> {
        prepared(&self.opponents, self.project.limit())
    }

    fn requests(&self, workloads: &[PairedWorkload]) -> Vec<SiteRequest> {
        let (file, calibrated) = (BaselineFile::default(), Calibrated::default());
        requests(workloads, self.limits, Record { file: &file, machine: "", calibrated: &calibrated })
    }

    fn layouts(&self, workloads: &[PairedWorkload]) -> Result<(Layouts, Vec<String>), Failure> {
        let folder = layouts_folder(self.project);
        Layouts::new(&folder, workloads).map_err(|error| {
            Failure::TargetDirectory(FileError::system(&folder, "cannot make the folder for layouts", &error))
        })
    }

    fn blocks_of<'b>(&self, workloads: &'b [PairedWorkload], layouts: &'b Layouts) -> Blocks<'b> {
        let random = Random::from_the_system();
        Blocks::new(workloads, layouts, random, self.project.limit(), Watcher::new(None))
    }
}

/// Counts each workload on both sides, and settles how it is measured. Budgets are left out: one that the working tree
/// breaks is no false alarm.
pub fn prepared(opponents: &[Opponents], limit: Duration) -> Result<Vec<PairedWorkload>, Failure> {
    let mut random = Random::from_the_system();
    let mut prepare = |Opponents { baseline, candidate }: Opponents| {
        let name = candidate.name.clone();
        let failed = |source| Failure::Workload { name, side: "", source };
        PairedWorkload::prepare(baseline, candidate, &mut random, limit).map_err(failed).map(without_budgets)
    };
    opponents.iter().cloned().map(&mut prepare).collect()
}

fn without_budgets(mut workload: PairedWorkload) -> PairedWorkload {
    for side in [BASELINE, CANDIDATE] {
        let runs = workload.counts.sides[side].runs.iter_mut();
        runs.flatten().for_each(|site| site.site.budgets.clear());
    }
    workload
}

/// So many blocks of all workloads that count, the first one left out; fewer where the time is up before.
pub fn measured(
    blocks: &mut Blocks<'_>,
    workloads: &[PairedWorkload],
    count: usize,
    until: Instant,
) -> Result<Vec<BlockSamples>, Failure> {
    let all: BTreeSet<String> = workloads.iter().map(|workload| workload.candidate.name.clone()).collect();
    let (mut samples, mut voided, mut number) = (Vec::new(), 0, 0);
    while samples.len() < count && Instant::now() < until {
        match blocks.block(number, &all) {
            Err(error) => return Err(Failure::Blocks(error.to_string())),
            Ok(BlockOutcome::Judged(_)) if number == 0 => {}
            Ok(BlockOutcome::Judged(block)) => {
                samples.push(block);
                voided = 0;
            }
            Ok(BlockOutcome::Void(reason)) => {
                voided += 1;
                if voided >= MOST_VOID {
                    return Err(disturbed(voided, &reason.words));
                }
            }
        }
        number += 1;
    }
    Ok(samples)
}

/// Allocations differ between two runs of the same code, and nothing is timed then.
fn by_counts(counts: &[CountFindings], begin: Instant) -> Ended {
    let (sites, verdict) = findings::all(counts, &[]);
    let seconds = begin.elapsed().as_secs_f64();
    Ended { verdict, sites, seconds, measuring_seconds: 0.0, blocks: Vec::new() }
}

fn disturbed(voided: u32, reason: &str) -> Failure {
    Failure::Blocks(format!(
        "{voided} blocks in a row were disturbed, the last one because {reason}; end other programs and try again"
    ))
}
