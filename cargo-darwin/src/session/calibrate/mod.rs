//! `cargo darwin calibrate`: how often the gate is wrong on this machine, with this workload, and what it can tell.
//!
//! Both sides are the working tree, built once. Whole checks of it, prepared and judged as `check` does it, count false
//! alarms; checks in which a site is really made slower count misses; neutral edits in a copy of the tree tell what
//! placement leaves; and the unchanged blocks predict the smallest slowdown that is caught.

mod edits;
mod injected;
mod keep;
mod neutral;
mod once;
mod predicted;
mod schedule;
mod shown;
mod sofar;

use std::time::{Duration, Instant};

use super::check::layouts_folder;
use super::console::Console;
use super::evidence::Opponents;
use super::project::Project;
use super::runnables::runnables;
use super::side::{BASELINE, CANDIDATE};
use super::{Ended, Failure, alike, doctor, right_to_measure};
use crate::exit_code::ExitCode;
use crate::io::affinity;
use crate::model::CalibrateReport;
use crate::options::{Calibrate, Limits};
use injected::Targets;
use once::{Checked, Setup};
use predicted::ENOUGH_BLOCKS;
use schedule::{Next, Schedule};
use shown::Shown;
use sofar::Sofar;

/// What the user asks of a calibration.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// How much of what.
    pub asked: &'a Calibrate,
    /// What the checks let through.
    pub limits: &'a Limits,
}

/// Calibrates.
pub fn calibrate(project: &Project, asked: &Asked<'_>, console: &Console) -> Result<Ended, Failure> {
    let built = project.build(&mut console.show_build_of("the working tree"))?;
    let _right = right_to_measure(console);
    let system = doctor::before_check(console)?;
    let begin = Instant::now();
    let schedule = Schedule::of(asked.asked, begin);
    let same = project.built(&built, project.package_folder());
    let placed = alike::placed(&layouts_folder(project), [same.clone(), same]);
    let setup = Setup { project, limits: asked.limits, opponents: opponents(project, &placed)? };
    let machine = project.machine()?;
    let sofar = Sofar::new(sofar::Circumstances { asked, machine: machine.clone(), system, begin });
    sofar.note(project.build_note.clone());
    let interrupted = sofar.last_words(project.options.format, *console);
    let shown = Shown::new(console, asked.asked.max_time);
    let _clear = affinity::keep_clear();
    let subject = setup.subject()?;
    sofar.note(subject.notes.iter().cloned());
    let targets = Targets::of(&setup, &subject, asked)?;
    sofar.aims(targets.reports());
    sofar.note(targets.notes());
    checks(&setup, &targets, &schedule, &sofar, &shown)?;
    let until = schedule.until_edits(Instant::now());
    let biases = neutral::biases(&setup, &subject, asked.asked.edits, until, &shown);
    sofar.bias(&biases);
    more_blocks(&setup, &schedule, &sofar, &shown)?;
    shown.phase("predicting the smallest slowdown that is caught");
    let (check_time, until) = (asked.limits.max_time.duration(), schedule.end());
    let predicted = predicted::predict(&subject, &biases, &sofar, check_time, until);
    drop(interrupted);
    let kept = keep::keep(project, &machine, &subject, &predicted.rows, &sofar);
    let mut report = sofar.report();
    report.resolution = predicted.rows;
    report.notes.extend(predicted.note);
    report.notes.extend(fewer(asked.asked, &sofar));
    report.notes.extend(kept.err().map(|error| keep::not_kept(&error)));
    report.next_step = next_step(&report, project);
    drop(shown);
    let code = exit_code(&report);
    Ok(Ended { text: sofar::text(&report, code, project.options.format, console), code })
}

/// The working tree against itself.
fn opponents(project: &Project, placed: &[Vec<super::side::Built>; 2]) -> Result<Vec<Opponents>, Failure> {
    let baseline = runnables(&placed[BASELINE], &project.options, "")?;
    let candidate = runnables(&placed[CANDIDATE], &project.options, "")?;
    let pairs = baseline.into_iter().zip(candidate);
    Ok(pairs.map(|(baseline, candidate)| Opponents { baseline, candidate }).collect())
}

/// Unchanged and slower checks in turn, so that both see the same moods of the machine.
fn checks(
    setup: &Setup<'_>,
    targets: &Targets,
    schedule: &Schedule,
    sofar: &Sofar,
    shown: &Shown,
) -> Result<(), Failure> {
    let until = schedule.end_of_checks();
    loop {
        let next = schedule.next(&sofar.done(), targets.count(), Instant::now());
        shown.checks(&sofar.done(), targets.is_empty());
        let target = match next {
            Next::Done => return Ok(()),
            Next::Unchanged => None,
            Next::Injected(number) => Some(number % targets.count()),
        };
        match setup.check(target.map(|target| targets.resolved(target)), until)? {
            // Cut off by the end of the time: it says nothing, and there is none for another.
            Checked::CutOff if sofar.done().unchanged > 0 => return Ok(()),
            Checked::CutOff => return Err(too_short()),
            Checked::Ended(ended) => match target {
                None => sofar.unchanged(ended),
                Some(target) => sofar.injected(target, targets.aim(target), &ended),
            },
        }
    }
}

/// Blocks of unchanged code for the prediction, where the checks made too few.
fn more_blocks(setup: &Setup<'_>, schedule: &Schedule, sofar: &Sofar, shown: &Shown) -> Result<(), Failure> {
    let missing = ENOUGH_BLOCKS.saturating_sub(sofar.fewest_blocks());
    if missing == 0 {
        return Ok(());
    }
    shown.phase(&format!("measuring {missing} more blocks of unchanged code"));
    let until = schedule.end_of_blocks();
    sofar.blocks(setup.blocks(missing, until)?);
    Ok(())
}

/// What to say where there was no time for the checks that were asked for.
fn fewer(asked: &Calibrate, sofar: &Sofar) -> Option<String> {
    let (wanted, done) = (asked.checks?, sofar.done().unchanged);
    (done < wanted)
        .then(|| format!("{done} of {wanted} unchanged checks were made: the time was up (see --max-time)"))
}

fn too_short() -> Failure {
    Failure::Blocks(
        "not one check came to its end in the time allowed: give it more with --max-time, or calibrate a shorter workload \
         with --workload"
            .to_owned(),
    )
}

fn exit_code(report: &CalibrateReport) -> ExitCode {
    if report.has_false_alarms() { ExitCode::Reject } else { ExitCode::Success }
}

/// What to do now.
fn next_step(report: &CalibrateReport, project: &Project) -> String {
    let package = &project.package.name;
    match report.has_false_alarms() {
        true => format!(
            "a check of unchanged code was rejected: see `cargo darwin doctor` for what disturbs this machine, widen the \
             tolerance of the sites named above in darwin.toml, and run `cargo darwin calibrate -p {package}` again"
        ),
        false => String::new(),
    }
}

/// A share of a time.
fn share(of: Duration, share: f64) -> Duration {
    of.mul_f64(share)
}
