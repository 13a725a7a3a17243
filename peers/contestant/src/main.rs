//! One contestant at work: calls bodies as it is asked to, in one process, and tells what it took and what was recorded.
//! The driver builds this once for each profiler, with nothing else in it.

mod body;
mod profilers;
mod rounds;

use std::io::Write;
use std::process::ExitCode;

use contestant::Job;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let job = std::env::args().nth(1).ok_or("one argument: the job, as the driver writes it")?;
    let job: Job = serde_json::from_str(&job)?;
    let mut entries = profilers::entries();
    let known: Vec<&str> = entries.keys().copied().collect();
    let known = known.join(", ");
    let entry = entries
        .remove(job.contestant.as_str())
        .ok_or_else(|| format!("no contestant `{}` in this build; there are: {known}", job.contestant))?;
    let report = rounds::run(&job, &entry).map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&report)?)?;
    Ok(())
}
