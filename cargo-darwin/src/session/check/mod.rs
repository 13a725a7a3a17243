//! `cargo darwin check`: the gate.

mod accepted;
mod gone;
mod measure;
mod report;
mod revision;
mod unchanged;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::code::Codes;
use super::console::Console;
use super::project::Project;
use super::runnables::runnables;
use super::side::Built;
use super::{Ended, Failure, alike, tests_first};
use crate::exit_code::ExitCode;
use crate::io::baseline::{Baseline, Layout};
use crate::io::cargo::Executable;
use crate::io::identical;
use crate::model::Injection;
use crate::options::{Limits, Tests};
use accepted::Accepted;
pub(super) use measure::whole_runs;
use measure::{Known, measure};
use report::next_step;
pub(super) use report::{empty_report, show};
use revision::{build_baseline, lock_note, repository, revision};
use unchanged::unchanged;

/// What the user asks of a check.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Measure even identical code.
    pub measure: bool,
    /// What the candidate does beside its own work: an experiment.
    pub inject: Option<&'a Injection>,
    /// A revision in place of the baseline's.
    pub against: Option<&'a str>,
    /// What is let through.
    pub limits: &'a Limits,
    /// What must pass first.
    pub tests: &'a Tests,
    /// When everything has to be done, if anyone waits.
    pub until: Option<Instant>,
}

impl Asked<'_> {
    /// How long may be measured from now on.
    fn max_time(&self) -> Duration {
        let max_time = self.limits.max_time.duration();
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        left.map_or(max_time, |left| max_time.min(left.mul_f64(MEASURING_SHARE)))
    }
}

/// Of the time that is left: the last block, and what is done with it, take their time too.
const MEASURING_SHARE: f64 = 0.8;

/// Judges the candidate.
pub fn check(project: &Project, asked: &Asked<'_>, console: &Console) -> Result<Ended, Failure> {
    let recorded = project.recorded()?;
    let repository = repository(project)?;
    let commit = revision(project, &repository, asked.against)?;
    let accepted = Accepted::since(project, &repository, &commit, &recorded)?;
    let tests = tests_first::run(asked.tests, project, console)?;
    let candidate = project.build(&mut console.show_build_of(project.candidate_name()))?;
    let baseline = build_baseline(project, &repository, &commit, console)?;
    let begin = Instant::now();
    let after = project.built(&candidate, project.package_folder());
    let before = project.built(&baseline.executables, &baseline.package_dir);
    let mut sides = Sides::read(&candidate, &baseline)?;
    let [before, after] = sides.placed(project, [before, after]);
    // Before anything is approved: a `--workload` that fits nothing is a mistake.
    let runnables = runnables(&after, &project.options, "")?;
    let mut report = match sides.are_identical() && !asked.measure {
        // Another revision's code may be the candidate's without being what was recorded.
        true => {
            let record = asked.against.is_none().then_some(&recorded);
            unchanged(project, &runnables, &sides.codes, record, asked.limits.require_faster, console)?
        }
        false => {
            let known = Known { recorded: &recorded, accepted: &accepted };
            measure(project, asked, &sides, [&before, &after], known, console)?
        }
    };
    report.notes.extend(accepted.note(commit.as_str()));
    report.seconds = begin.elapsed().as_secs_f64();
    report.baseline_rev = commit.as_str().to_owned();
    report.require_faster = asked.limits.require_faster;
    report.notes.extend(tests);
    report.notes.extend(lock_note(project, &repository, &commit));
    report.next_step = next_step(&report);
    let code = ExitCode::from(report.verdict);
    Ok(Ended { text: show(&report, code, project.options.format, console), code })
}

/// The executables of both.
struct Sides<'a> {
    candidate: &'a [Executable],
    baseline: &'a Baseline,
    codes: Codes,
}

impl<'a> Sides<'a> {
    fn read(candidate: &'a [Executable], baseline: &'a Baseline) -> Result<Sides<'a>, Failure> {
        let all = candidate.iter().chain(&baseline.executables);
        let codes = Codes::read(all.map(|executable| executable.path.as_path()))?;
        Ok(Sides { candidate, baseline, codes })
    }

    /// The same programs under names of equal length, known by those names too.
    fn placed(&mut self, project: &Project, built: [Vec<Built>; 2]) -> [Vec<Built>; 2] {
        let placed = alike::placed(&layouts_folder(project), built.clone());
        for (known, renamed) in built.iter().flatten().zip(placed.iter().flatten()) {
            self.codes.also(&known.executable, &renamed.executable);
        }
        placed
    }

    fn are_identical(&self) -> bool {
        self.candidate.iter().all(|after| {
            let before = self.baseline.executables.iter().find(|before| before.target == after.target);
            let code = |executable: &Executable| self.codes.of_executable(&executable.path);
            before.is_some_and(|before| code(before).is_some() && code(before) == code(after))
        })
    }

    /// Is all machine code the same, though data is not?
    fn have_the_same_text(&self) -> Result<bool, Failure> {
        for after in self.candidate {
            let before = self.baseline.executables.iter().find(|before| before.target == after.target);
            match before {
                Some(before) if identical::same_text(&before.path, &after.path)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// Where both sides have names of equal length.
pub(super) fn layouts_folder(project: &Project) -> PathBuf {
    Layout::of(&project.workspace).root().join("layouts")
}
