//! Counting, then timing: what there is to do when the code is not the same.

use std::time::{Duration, Instant};

use super::report::report;
use super::{Asked, Sides};
use crate::gate::{self, Findings, Outcome, Plan};
use crate::io::baseline::Layout;
use crate::io::baseline_file::BaselineFile;
use crate::io::{affinity, machine};
use crate::model::CheckReport;
use crate::session::blocks::{Blocks, PairedWorkload};
use crate::session::console::Console;
use crate::session::findings::{self, CountFindings};
use crate::session::layouts::Layouts;
use crate::session::progress::Bar;
use crate::session::project::Project;
use crate::session::random::Random;
use crate::session::requests::{Record, requests};
use crate::session::runnables::runnables;
use crate::session::side::Runnable;
use crate::session::{Failure, counting};

/// Judges what differs.
pub fn measure(
    project: &Project,
    asked: &Asked<'_>,
    sides: &Sides<'_>,
    after: Vec<Runnable>,
    recorded: &BaselineFile,
    console: &Console,
) -> Result<CheckReport, Failure> {
    let before = project.built(&sides.baseline.executables, &sides.baseline.package_dir);
    let before = runnables(&before, &project.options, " (baseline)")?;
    let (workloads, mut notes) = pair(before, after, project.limit(), console)?;
    let changed = project.changed_workloads(&sides.baseline.package_dir);
    notes.extend(changed.into_iter().map(|workload| {
        format!("the source of {} itself has changed: a difference may be in what it does", workload.target)
    }));
    let counts = findings::counts(&workloads);
    let source = sides.baseline.source;
    if counts.iter().any(CountFindings::rejects) {
        notes.push("counts alone decide, so nothing was timed".to_owned());
        return Ok(report(&counts, None, source, notes));
    }
    let machine =
        machine::class(project.workspace.root()).map_err(|error| Failure::Usage(error.to_string()))?;
    let record = Record { file: recorded, machine: &machine };
    let plan = Plan::freeze(requests(&workloads, asked.limits, record));
    let folder = Layout::of(&project.workspace).root().join("layouts");
    let made = Layouts::new(&folder, &workloads);
    let (layouts, fixed) =
        made.map_err(|source| Failure::System { doing: "cannot make the folder for layouts", source })?;
    notes.extend(fixed);
    let blocks = Blocks::new(&workloads, &layouts, Random::from_the_system(), project.limit());
    let timed = time(plan, blocks, asked.limits.max_time.duration())?;
    Ok(report(&counts, Some(&timed), source, notes))
}

/// Puts the workloads of both sides together, and counts each; those that only one side has are noted.
fn pair(
    mut before: Vec<Runnable>,
    after: Vec<Runnable>,
    limit: Duration,
    console: &Console,
) -> Result<(Vec<PairedWorkload>, Vec<String>), Failure> {
    let (mut workloads, mut notes) = (Vec::new(), Vec::new());
    for candidate in after {
        let Some(at) = before.iter().position(|one| one.name == candidate.name && one.pace == candidate.pace)
        else {
            notes.push(format!("workload {} is new: it is judged from the next baseline on", candidate.name));
            continue;
        };
        let baseline = before.swap_remove(at);
        console.progress(&format!("counting {}", candidate.name));
        let failed = |source| Failure::Workload { name: candidate.name.clone(), side: "", source };
        let counts = counting::count(&baseline, &candidate, limit).map_err(failed)?;
        if !candidate.takes_turns() {
            notes.push(format!("{} is judged by whole runs, which takes longer to tell", candidate.name));
        }
        workloads.push(PairedWorkload { baseline, candidate, counts });
    }
    match (workloads.is_empty(), before.first()) {
        (_, Some(gone)) => Err(Failure::Usage(format!(
            "workload {} is in the baseline but not in the working tree: bring it back, or accept its end with `cargo darwin baseline`",
            gone.name
        ))),
        (true, None) => {
            Err(Failure::Usage("baseline and working tree have no workload in common".to_owned()))
        }
        (false, None) => Ok((workloads, notes)),
    }
}

fn time(plan: Plan, mut blocks: Blocks<'_>, max_time: Duration) -> Result<Findings, Failure> {
    let begin = Instant::now();
    let _clear = affinity::keep_clear();
    let mut bar = Bar::new(max_time);
    match gate::measure(plan, &[], &mut blocks, &mut (), &mut || begin.elapsed() >= max_time, &mut bar) {
        Outcome::Judged(findings) => Ok(findings),
        Outcome::Failed(error) => Err(Failure::Blocks(error.to_string())),
        Outcome::Unfit { voided, reason } => Err(Failure::Blocks(format!(
            "{voided} blocks in a row were disturbed, the last one because {reason}; end other programs and try again"
        ))),
    }
}
