//! Counting, then timing: what there is to do when the code is not the same.

use std::time::{Duration, Instant};

use super::accepted::{Accepted, Kept};
use super::gone::Gone;
use super::report::report;
use super::{Asked, Sides, layouts_folder};
use crate::gate::{
    self, BlockSamples, Findings, Judge, Outcome, Plan, Probe, Recorder, SiteRequest, Status, contradicted,
};
use crate::io::affinity;
use crate::io::baseline::Layout;
use crate::io::baseline_file::BaselineFile;
use crate::io::position::FileError;
use crate::model::{CheckReport, Resolved, SystemReport, Verdict, Workload};
use crate::render;
use crate::session::blocks::{Blocks, PairedWorkload};
use crate::session::calibrated::Calibrated;
use crate::session::code::Codes;
use crate::session::console::Console;
use crate::session::evidence::{Evidence, Opponents, Pair};
use crate::session::findings::{self, CountFindings};
use crate::session::layouts::Layouts;
use crate::session::pairing::Pairing;
use crate::session::progress::Bar;
use crate::session::project::Project;
use crate::session::random::Random;
use crate::session::requests::{Record, requests, unjudged_budgets};
use crate::session::runnables::runnables;
use crate::session::side::{BASELINE, Built, CANDIDATE, Runnable};
use crate::session::watcher::Watcher;
use crate::session::{Failure, doctor, inject, right_to_measure};

/// What the baseline file says.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The record in the working tree.
    pub recorded: &'a BaselineFile,
    /// What of it has changed since the revision that is judged against.
    pub accepted: &'a Accepted,
}

/// Judges what differs, going on from what earlier checks of the same pair found.
pub fn measure(
    project: &Project,
    asked: &Asked<'_>,
    sides: &Sides<'_>,
    built: [&[Built]; 2],
    known: Known<'_>,
    console: &Console,
) -> Result<CheckReport, Failure> {
    let _right = right_to_measure(console);
    let before = runnables(built[BASELINE], &project.options, " (baseline)")?;
    let before = before.into_iter().map(|runnable| runnable.known_as(&project.options.renames)).collect();
    let after = runnables(built[CANDIDATE], &project.options, "")?;
    let Pairings { pairings, gone, mut notes } = pair(before, after)?;
    notes.extend(project.build_note.clone().into_iter().chain(changed_workloads(project, sides)));
    let machine = project.machine()?;
    let calibrated = Calibrated::of(project, &machine, &pairings);
    let record = Record { file: known.recorded, machine: &machine, calibrated: &calibrated };
    let plan = |workloads: &[PairedWorkload]| {
        let requests = requests(workloads, asked.limits, record);
        known.accepted.plan(requests).require_faster(asked.limits.require_faster)
    };
    let mut evidence = evidence(project, asked, &machine, &pairings, &sides.codes, &mut notes)?;
    let earlier = evidence.earlier(&pairings, &plan, &mut notes)?;
    let (mut workloads, blocks, said) = match earlier {
        Some(earlier) => (earlier.workloads, earlier.blocks, earlier.notes),
        None => (prepare(pairings, project.limit(), console)?, Vec::new(), Vec::new()),
    };
    let injection = inject::if_asked(&mut workloads, asked.inject, project.limit())?;
    let told = |report| with_injection(injection, report);
    notes.extend(whole_runs(&workloads).chain(unjudged_budgets(&workloads)));
    let mut counts = findings::counts(&workloads);
    known.accepted.apply(&mut counts);
    let source = sides.baseline.source;
    if counts.iter().any(CountFindings::rejects) {
        notes.push("counts alone decide, so nothing was timed".to_owned());
        return Ok(told(gone.added(report(&counts, None, source, notes), &workloads, known.accepted)));
    }
    let requests = requests(&workloads, asked.limits, record);
    let plan = plan(&workloads);
    notes.extend(calibrated.notes(&workloads, &plan));
    let check =
        Check { project, workloads: &workloads, plan, accepted: known.accepted, requests, earlier: &blocks };
    let (mut timed, system) = match check.known() {
        Some(known) => {
            notes.extend(said);
            (known, SystemReport::NOT_ASKED)
        }
        None => {
            let system = doctor::before_check(console)?;
            (check.time(&mut evidence, asked.max_time(), console, &mut notes)?, system)
        }
    };
    if !asked.measure && timed.verdict == Verdict::Reject {
        let unchanged = sides.have_the_same_text()?;
        contradicted(&mut timed, unchanged, |site| findings::counts_are_equal(&workloads, site));
    }
    notes.extend(provenance(blocks.len(), timed.blocks));
    let report = gone.added(report(&counts, Some(&timed), source, notes), &workloads, known.accepted);
    Ok(told(CheckReport { system, earlier_blocks: timed.blocks.min(blocks.len() as u32), ..report }))
}

/// Says in the report what was injected, and what it did.
fn with_injection(resolved: Option<Resolved>, mut report: CheckReport) -> CheckReport {
    report.injected = resolved.map(|resolved| inject::achieved(resolved, &report));
    report.notes.extend(report.injected.as_ref().map(render::injected::note));
    report
}

/// A note for each workload whose own source is not the baseline's.
fn changed_workloads(project: &Project, sides: &Sides<'_>) -> Vec<String> {
    let changed = project.changed_workloads(&sides.baseline.package_dir).into_iter();
    let note = |workload: &Workload| {
        format!("the source of {} itself has changed: a difference may be in what it does", workload.target)
    };
    changed.map(note).collect()
}

/// Where this check keeps its blocks, and finds those of earlier ones.
fn evidence(
    project: &Project,
    asked: &Asked<'_>,
    machine: &str,
    pairings: &[Opponents],
    codes: &Codes,
    notes: &mut Vec<String>,
) -> Result<Evidence, Failure> {
    if asked.measure {
        let why = if asked.inject.is_some() { "--inject" } else { "--measure" };
        notes.push(format!("measured anew, leaving stored evidence aside ({why})"));
        return Ok(Evidence::left_aside());
    }
    let root = Layout::of(&project.workspace).root();
    Ok(Evidence::about(&root, Pair::of(machine, pairings, codes)?))
}

/// What the reader must know of `earlier` blocks when `all` were judged.
fn provenance(earlier: usize, all: u32) -> Option<String> {
    let blocks = |count: usize| format!("{count} block{}", if count == 1 { "" } else { "s" });
    match earlier {
        0 => None,
        _ if all as usize <= earlier => Some(format!(
            "as found before: {} of earlier checks of this very pair decide; checking again changes nothing",
            blocks(all as usize)
        )),
        _ => Some(format!("goes on from {} of earlier checks of this very pair", blocks(earlier))),
    }
}

/// A check that is counted and planned.
struct Check<'a> {
    project: &'a Project,
    workloads: &'a [PairedWorkload],
    plan: Plan,
    accepted: &'a Accepted,
    /// What the plan was made of.
    requests: Vec<SiteRequest>,
    earlier: &'a [BlockSamples],
}

impl Check<'_> {
    /// What earlier blocks say, if they say it all.
    fn known(&self) -> Option<Findings> {
        let judge = Judge::replayed(self.plan.clone(), self.earlier);
        let Status::Decided(verdict) = judge.status() else { return None };
        let (challenge, mut sites) = (judge.challenge(), judge.findings());
        self.accepted.show(&self.requests, self.earlier, &mut sites);
        Some(Findings {
            verdict,
            blocks: judge.blocks(),
            voided: 0,
            void_reasons: Vec::new(),
            challenge,
            sites,
        })
    }

    fn time(
        self,
        evidence: &mut Evidence,
        max_time: Duration,
        console: &Console,
        notes: &mut Vec<String>,
    ) -> Result<Findings, Failure> {
        let folder = layouts_folder(self.project);
        let made = match self.project.options.measures.fresh_layouts {
            true => Layouts::new(&folder, self.workloads),
            false => Ok((Layouts::as_built(), Vec::new())),
        };
        let (layouts, fixed) = made.map_err(|error| {
            Failure::TargetDirectory(FileError::system(&folder, "cannot make the folder for layouts", &error))
        })?;
        evidence.begin(self.workloads, &self.plan, &fixed)?;
        notes.extend(fixed);
        notes.extend(self.project.options.measures.note());
        let watcher = Watcher::new(self.project.options.verbose.then_some(*console));
        let blocks =
            Blocks::new(self.workloads, &layouts, Random::from_the_system(), self.project.limit(), watcher);
        let mut blocks = blocks.with_measures(self.project.options.measures);
        let mut kept = Kept::new(evidence, self.earlier);
        let mut findings = time(self.plan, self.earlier, &mut blocks, &mut kept, max_time)?;
        notes.extend(blocks.spent().note().filter(|_| self.project.options.verbose));
        self.accepted.show(&self.requests, &kept.blocks(), &mut findings.sites);
        Ok(findings)
    }
}

/// The workloads of both sides, put together.
struct Pairings {
    pairings: Vec<Opponents>,
    gone: Gone,
    notes: Vec<String>,
}

/// Puts the workloads of both sides together; those that are new are noted.
fn pair(mut before: Vec<Runnable>, after: Vec<Runnable>) -> Result<Pairings, Failure> {
    let (mut pairings, mut notes) = (Vec::new(), Vec::new());
    for candidate in after {
        let found = before.iter().enumerate().find_map(|(at, one)| Some((at, one.become_of(&candidate)?)));
        let Some((at, baseline)) = found else {
            notes.push(format!("workload {} is new: it is judged from the next baseline on", candidate.name));
            continue;
        };
        before.swap_remove(at);
        pairings.push(Opponents { baseline, candidate });
    }
    let gone = Gone::new(&before);
    match pairings.is_empty() {
        true => Err(Failure::Usage(nothing_in_common(&before))),
        false => Ok(Pairings { pairings, gone, notes }),
    }
}

fn nothing_in_common(before: &[Runnable]) -> String {
    let names: Vec<&str> = before.iter().map(|runnable| runnable.name.as_str()).collect();
    let there = if names.is_empty() { String::new() } else { format!(" (it has {})", names.join(", ")) };
    format!(
        "baseline{there} and working tree have no workload in common: bring one back, or make the working tree the new baseline with `cargo darwin baseline` and commit the file"
    )
}

/// Counts each workload on both sides, and settles how it is measured.
fn prepare(
    pairings: Vec<Opponents>,
    limit: Duration,
    console: &Console,
) -> Result<Vec<PairedWorkload>, Failure> {
    let mut random = Random::from_the_system();
    let mut steps = console.steps("counting", pairings.len());
    let mut prepare = |Opponents { baseline, candidate }: Opponents| {
        let name = candidate.name.clone();
        steps.next(&name);
        let failed = |source| Failure::Workload { name, side: "", source };
        PairedWorkload::prepare(baseline, candidate, &mut random, limit).map_err(failed)
    };
    pairings.into_iter().map(&mut prepare).collect()
}

/// Workloads that cannot take turns.
pub fn whole_runs(workloads: &[PairedWorkload]) -> impl Iterator<Item = String> {
    workloads.iter().filter_map(|workload| match &workload.pairing {
        Pairing::WholeRuns { why } => Some(format!(
            "{} is judged by whole runs, which takes longer to tell, because {why}",
            workload.candidate.name
        )),
        _ => None,
    })
}

fn time(
    plan: Plan,
    earlier: &[BlockSamples],
    blocks: &mut dyn Probe,
    recorder: &mut dyn Recorder,
    max_time: Duration,
) -> Result<Findings, Failure> {
    let begin = Instant::now();
    let _clear = affinity::keep_clear();
    let mut bar = Bar::new(max_time);
    let mut is_time_up = || begin.elapsed() >= max_time;
    match gate::measure(plan, earlier, blocks, recorder, &mut is_time_up, &mut bar) {
        Outcome::Judged(findings) => Ok(findings),
        Outcome::Failed(error) => Err(Failure::Blocks(error.to_string())),
        Outcome::Unfit { voided, reason } => Err(Failure::Blocks(format!(
            "{voided} blocks in a row were disturbed, the last one because {reason}; end other programs and try again"
        ))),
    }
}
