//! Starts programs on the processors that they are to have.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use cargo_darwin::io::affinity;
use contestant::{Job, Report};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::contestants::Contestant;
use crate::darwin::Measurement;
use crate::error::Error;
use crate::recorded;

/// The last `count` processors that we may use, as interrupts tend to go to the first; `None` if there are fewer.
pub fn processors(count: usize) -> Option<Vec<usize>> {
    let allowed = affinity::allowed_processors();
    Some(allowed[allowed.len().checked_sub(count)?..].to_vec())
}

/// Runs a contestant, and makes sure that it recorded what it was made to call.
///
/// # Errors
/// When it fails, or did not record its calls.
pub fn contestant(contestant: &Contestant, executable: &Path, job: &Job) -> Result<Report, Error> {
    let mut command = Command::new(executable);
    command.arg(serde_json::to_string(job).unwrap_or_default());
    // Its worker would answer a browser that nobody opens.
    command.env("HOTPATH_METRICS_SERVER_OFF", "1");
    let measurement = contestant.mode.map(Measurement::begin).transpose()?;
    if let Some(measurement) = &measurement {
        measurement.hand_to(&mut command);
    }
    let output = on(&job.processors, &mut command)?;
    let mut report = parsed(&output).map_err(|reason| failed(&command, &reason))?;
    if let Some(measurement) = measurement {
        report.recorded = Some(recorded::of_sites(&measurement.end()?));
    }
    recorded::check(contestant, job, &report)?;
    Ok(report)
}

fn parsed(output: &Output) -> Result<Report, String> {
    serde_json::from_slice(&output.stdout).map_err(|error| format!("its report cannot be read: {error}"))
}

/// Runs a command to its end on these processors, of which its threads may choose, or on all if none is named.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn on(processors: &[usize], command: &mut Command) -> Result<Output, Error> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A child inherits the binding of the thread that starts it.
    let child = std::thread::scope(|scope| {
        let starting = scope.spawn(|| bind(processors).and_then(|()| command.spawn()));
        starting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let output = child.and_then(std::process::Child::wait_with_output);
    let output = output.map_err(|error| failed(command, &error.to_string()))?;
    if output.status.success() {
        return Ok(output);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(failed(command, &format!("{}; {}", output.status, words.trim())))
}

fn bind(processors: &[usize]) -> std::io::Result<()> {
    if processors.is_empty() {
        return Ok(());
    }
    let mut set = CpuSet::new();
    processors.iter().for_each(|processor| set.set(*processor));
    Ok(sched_setaffinity(None, &set)?)
}

fn failed(command: &Command, reason: &str) -> Error {
    Error::Program { command: format!("{command:?}"), reason: reason.to_owned() }
}
