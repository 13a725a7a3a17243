//! `cargo darwin check`: the gate.

mod measure;
mod report;
mod revision;

use std::time::Instant;

use super::console::Console;
use super::project::Project;
use super::runnables::runnables;
use super::{Ended, Failure};
use crate::exit_code::ExitCode;
use crate::io::baseline::Baseline;
use crate::io::cargo::Executable;
use crate::io::{baseline_file, identical, system};
use crate::options::Limits;
use measure::measure;
pub(super) use report::show;
use report::{identical_report, next_step};
use revision::{build_baseline, repository, revision};

/// What the user asks of a check.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Measure even identical code.
    pub measure: bool,
    /// A revision in place of the baseline's.
    pub against: Option<&'a str>,
    /// What is let through.
    pub limits: &'a Limits,
}

/// Judges the working tree.
pub fn check(project: &Project, asked: &Asked<'_>, console: &Console) -> Result<Ended, Failure> {
    let recorded = baseline_file::load(&project.baseline_file)?;
    let repository = repository(project)?;
    let commit = revision(project, &repository, asked.against)?;
    let system = system::check();
    let candidate = project.build(&mut console.show_build())?;
    let baseline = build_baseline(project, &repository, &commit, console)?;
    let begin = Instant::now();
    let after = project.built(&candidate, project.package_folder());
    // Before anything is approved: a `--workload` that fits nothing is a mistake.
    let after = runnables(&after, &project.options, "")?;
    let sides = Sides { candidate: &candidate, baseline: &baseline };
    let mut report = match sides.are_identical()? && !asked.measure {
        true => identical_report(),
        false => measure(project, asked, &sides, after, &recorded, console)?,
    };
    report.seconds = begin.elapsed().as_secs_f64();
    report.baseline_rev = commit.as_str().to_owned();
    report.system = system;
    report.next_step = next_step(&report);
    let code = ExitCode::from(report.verdict);
    Ok(Ended { text: show(&report, code, project.options.format, console), code })
}

/// The executables of both.
struct Sides<'a> {
    candidate: &'a [Executable],
    baseline: &'a Baseline,
}

impl Sides<'_> {
    fn are_identical(&self) -> Result<bool, Failure> {
        for after in self.candidate {
            let before = self.baseline.executables.iter().find(|before| before.target == after.target);
            match before {
                Some(before) if identical::same_code(&before.path, &after.path)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}
