//! `cargo darwin doctor`, and the same look at the machine before anything is measured.

use std::time::Duration;

use super::console::Console;
use super::{Ended, Failure};
use crate::cli::Format;
use crate::exit_code::ExitCode;
use crate::gate::environment;
use crate::io::system::Here;
use crate::model::{Facts, Load, SystemReport, SystemStatus};
use crate::render;

/// How long one wait for a quieter moment takes.
const WAIT: Duration = Duration::from_secs(5);
/// So many of them at most: after that the machine is as quiet as it will be.
const MOST_WAITS: u32 = 3;

/// Looks at the machine and says what it found; needs no project.
pub fn doctor(format: Format, console: &Console) -> Ended {
    let report = environment::report(&Here::of_this_process().facts());
    let text = match format {
        Format::Human => render::doctor::human(&report, console.paint()),
        Format::Json => render::json::doctor(&report),
        Format::Markdown => render::doctor::markdown(&report),
    };
    Ended { text, code: exit_code(&report) }
}

/// An unfit machine is one that could not measure.
fn exit_code(report: &SystemReport) -> ExitCode {
    match report.status {
        SystemStatus::Ok | SystemStatus::Noisy => ExitCode::Success,
        SystemStatus::Unfit => ExitCode::Invalid,
    }
}

/// Looks before a verdict is measured; waits a little where others are at work.
///
/// # Errors
/// When the machine is unfit: a verdict from it would be worth nothing.
pub fn before_check(console: &Console) -> Result<SystemReport, Failure> {
    let here = Here::of_this_process();
    let mut facts = here.facts();
    fit(environment::report(&facts))?;
    let mut world = World { here: &here, console };
    facts.load = quieter(facts.load, &mut world);
    fit(environment::report(&facts))
}

/// The report, unless it says unfit.
fn fit(report: SystemReport) -> Result<SystemReport, Failure> {
    match report.status {
        SystemStatus::Ok | SystemStatus::Noisy => Ok(report),
        SystemStatus::Unfit => Err(Failure::Unfit(render::doctor::unfit(&report))),
    }
}

/// Looks before figures are taken that no verdict hangs on: says what is not in order, and goes on.
pub fn before_figures(console: &Console) {
    let facts: Facts = Here::of_this_process().facts();
    for line in render::doctor::complaints(&environment::report(&facts)) {
        console.progress(&line);
    }
}

/// What waiting needs of the world; without it, it is a decision that tests can follow.
trait Moments {
    /// Lets some time pass, and looks again.
    fn next(&mut self, wait: Duration) -> Load;
    /// Says what is going on.
    fn tell(&mut self, line: &str);
}

struct World<'a> {
    here: &'a Here,
    console: &'a Console,
}

impl Moments for World<'_> {
    fn next(&mut self, wait: Duration) -> Load {
        std::thread::sleep(wait);
        self.here.load()
    }

    fn tell(&mut self, line: &str) {
        self.console.progress(line);
    }
}

/// The load as it is after a few waits at most.
fn quieter(mut load: Load, moments: &mut dyn Moments) -> Load {
    for turn in 1..=MOST_WAITS {
        if !environment::is_busy(&load) {
            return load;
        }
        let seconds = WAIT.as_secs();
        moments.tell(&format!(
            "others keep the processors busy: waiting {seconds} s for a quieter moment ({turn} of {MOST_WAITS})"
        ));
        load = moments.next(WAIT);
    }
    if environment::is_busy(&load) {
        moments.tell("still busy: measuring all the same, which takes more blocks");
    }
    load
}

#[cfg(test)]
mod tests;
