//! `cargo darwin check` where the baseline's code cannot be had: what the committed record alone supports (GATE.md,
//! section 6). Counts may reject, times are advice, and nothing is ever approved.

mod counts;
mod reason;
mod times;
mod words;

use std::time::Instant;

use super::check::{Asked, empty_report, show};
use super::console::Console;
use super::project::Project;
use super::runnables::runnables;
use super::side::Runnable;
use super::{Ended, Failure, baseline, doctor};
use crate::exit_code::ExitCode;
use crate::gate::record;
use crate::io::baseline::Layout;
use crate::io::baseline_file::BaselineFile;
use crate::io::store::{Store, StoredRun};
use crate::model::{
    BaselineSource, CheckReport, CheckedSite, ExactCount, RecordReport, RunRef, SystemReport, Verdict,
};
use counts::Counted;
pub(super) use words::gone_workloads;

/// A check that failed for want of the baseline's code goes on with the record. Any other failure stays what it is, and
/// so does this one where a revision was named, whose record the working tree does not hold, or where the record has
/// nothing to compare with.
///
/// # Errors
/// The failure that came in, or why the candidate could not be measured.
pub fn from_record(
    failure: Failure,
    project: &Project,
    asked: &Asked<'_>,
    console: &Console,
) -> Result<Ended, Failure> {
    // The record is of code to which nothing was done.
    if asked.against.is_some() || asked.inject.is_some() || !reason::is_about_the_code(&failure) {
        return Err(failure);
    }
    let recorded = project.recorded()?;
    if recorded.workloads.is_empty() {
        return Err(failure);
    }
    let candidate = Candidate::build(project, &recorded, console)?;
    if candidate.known.is_empty() {
        return Err(reason::nothing_recorded(&failure, &project.in_users_tree(&project.baseline_file)));
    }
    let _right = super::right_to_measure(console);
    let system = doctor::before_check(console)?;
    console.progress("the baseline's code cannot be had; going on with the record alone");
    let begin = Instant::now();
    let mut report = candidate.judge(reason::line(&failure), system, console)?;
    report.seconds = begin.elapsed().as_secs_f64();
    let code = ExitCode::from(report.verdict);
    Ok(Ended { text: show(&report, code, project.options.format, console), code })
}

/// The working tree, and the record beside which it is set.
struct Candidate<'a> {
    project: &'a Project,
    recorded: &'a BaselineFile,
    machine: String,
    /// Workloads of which the record has something to compare with here.
    known: Vec<Runnable>,
    notes: Vec<String>,
}

impl<'a> Candidate<'a> {
    fn build(
        project: &'a Project,
        recorded: &'a BaselineFile,
        console: &Console,
    ) -> Result<Candidate<'a>, Failure> {
        let machine = project.machine()?;
        let executables = project.build(&mut console.show_build_of(project.candidate_name()))?;
        let built = project.built(&executables, project.package_folder());
        let all = runnables(&built, &project.options, "")?;
        let has_something = |runnable: &Runnable| {
            let record = recorded.workloads.get(&runnable.name);
            record.is_some_and(|record| !record.counts.is_empty() || record.machines.contains_key(&machine))
        };
        let gone = words::gone(project, recorded, &all);
        let (known, unknown): (Vec<_>, Vec<_>) = all.into_iter().partition(has_something);
        let notes = gone.into_iter().chain(unknown.iter().map(|one| words::unknown(&one.name))).collect();
        Ok(Candidate { project, recorded, machine, known, notes })
    }

    /// Counts first: where they reject nothing is timed.
    fn judge(self, reason: String, system: SystemReport, console: &Console) -> Result<CheckReport, Failure> {
        let counted = self.count(console)?;
        let mut sites: Vec<CheckedSite> = counted.iter().flat_map(Counted::sites).collect();
        let mut notes: Vec<String> = counted.iter().filter_map(Counted::remark).collect();
        let mut record = RecordReport {
            reason,
            machine: self.machine.clone(),
            shares: Vec::new(),
            outstanding: Vec::new(),
            above_history: Vec::new(),
        };
        match verdict(&sites) {
            Verdict::Reject => notes.push("counts alone decide, so nothing was timed".to_owned()),
            _ => notes.splice(0..0, self.time(&mut sites, &mut record, console)?).for_each(drop),
        }
        notes.extend(self.notes);
        notes.push(words::WORK_MAY_DIFFER.to_owned());
        let verdict = verdict(&sites);
        let next_step = words::next_step(verdict).to_owned();
        let empty = empty_report(verdict, BaselineSource::Record);
        Ok(CheckReport { record: Some(record), system, sites, notes, next_step, ..empty })
    }

    fn count(&self, console: &Console) -> Result<Vec<Counted<'_>>, Failure> {
        let build = self.project.same_build()?;
        let mut counted = Vec::new();
        for runnable in &self.known {
            console.progress(&format!("counting {}", runnable.name));
            let failed = |source| Failure::Workload { name: runnable.name.clone(), side: "", source };
            let record = &self.recorded.workloads[&runnable.name];
            counted.push(Counted::of(runnable, record, &build, self.project.limit()).map_err(failed)?);
        }
        Ok(counted)
    }

    /// Measures as `cargo darwin baseline` does, where the record has times of this class of machines. Returns what is
    /// to be said of it.
    fn time(
        &self,
        sites: &mut [CheckedSite],
        record: &mut RecordReport,
        console: &Console,
    ) -> Result<Vec<String>, Failure> {
        let is_timed = |runnable: &&Runnable| {
            self.recorded.workloads[&runnable.name].machines.contains_key(&self.machine)
        };
        let timed: Vec<Runnable> = self.known.iter().filter(is_timed).cloned().collect();
        if timed.is_empty() {
            return Ok(vec![words::other_class(self.recorded, &self.machine)]);
        }
        let runs = baseline::measure(&timed, self.project.limit(), console)?;
        let history = self.history();
        let beside =
            times::Beside { recorded: self.recorded, machine: &self.machine, runs: &runs, history: &history };
        let advice = beside.add_to(sites);
        let remarks = [words::shares(&advice.shares), words::too_few_stored(history.len())];
        (record.shares, record.outstanding, record.above_history) =
            (advice.shares, advice.outstanding, advice.above_history);
        Ok(remarks.into_iter().flatten().collect())
    }

    /// Stored runs of this class of machines. A file that cannot be read only makes the history shorter.
    fn history(&self) -> Vec<StoredRun> {
        let store = Store::new(&Layout::of(&self.project.workspace).root());
        let numbers = store.numbers().unwrap_or_default();
        let loaded = numbers.into_iter().filter_map(|number| store.load(RunRef::Number(number)).ok());
        loaded
            .filter(|stored| stored.origin.as_ref().is_some_and(|from| from.machine == self.machine))
            .collect()
    }
}

fn verdict(sites: &[CheckedSite]) -> Verdict {
    let counts = sites.iter().flat_map(|site| [&site.allocs, &site.bytes]).flatten();
    record::verdict(counts.collect::<Vec<&ExactCount>>(), sites.iter().flat_map(|site| &site.budgets))
}
