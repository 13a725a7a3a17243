//! `cargo darwin run`: where does the time go?

use std::time::Duration;

use super::code::{self, Codes};
use super::console::Console;
use super::progress::Steps;
use super::project::Project;
use super::runnables::runnables;
use super::side::{CANDIDATE, Runnable};
use super::{Ended, Failure, doctor};
use crate::cli::Format;
use crate::exit_code::ExitCode;
use crate::io::baseline::Layout;
use crate::io::control::Plan;
use crate::io::figures;
use crate::io::store::{Store, StoredRun};
use crate::model::{Mode, Run, RunRef};
use crate::render;

/// Measured time of each bench: enough for a p99.9 of functions of a few microseconds.
const BENCH_TIME: Duration = Duration::from_millis(500);

/// Measures every workload once, keeps the run, and shows it.
pub fn run(
    project: &Project,
    compare: Option<RunRef>,
    (top, mode): (u32, Mode),
    console: &Console,
) -> Result<Ended, Failure> {
    let store = Store::new(&Layout::of(&project.workspace).root());
    // Before this run is stored, or `last` would be this one.
    let earlier = compare.map(|which| store.load(which)).transpose()?;
    let executables = project.build(&mut console.show_build())?;
    let built = project.built(&executables, project.package_folder());
    let runnables = runnables(&built, &project.options, "")?;
    doctor::before_figures(console);
    let right = super::right_to_measure(console);
    let mut steps = console.steps("measuring", runnables.len());
    let run = measure_in(mode, &runnables, project.limit(), BENCH_TIME, &mut steps)?;
    drop(steps);
    drop(right);
    let codes = Codes::read(executables.iter().map(|executable| executable.path.as_path()))?;
    let origin = code::origin(project, &codes, &runnables)?;
    // Budgets are judged by runs in which every call was timed, and nothing else done.
    let number = store.save(&run, Some(&origin).filter(|_| mode == Mode::Exact))?;
    console.progress(&format!("kept as run {number}"));
    Ok(Ended {
        text: show(&run, earlier.as_ref(), top, project.options.format, console),
        code: ExitCode::Success,
    })
}

/// Runs every workload once, in exact mode; benches for `time`.
pub fn measure(
    runnables: &[Runnable],
    limit: Duration,
    time: Duration,
    steps: &mut Steps,
) -> Result<Run, Failure> {
    measure_in(Mode::Exact, runnables, limit, time, steps)
}

fn measure_in(
    mode: Mode,
    runnables: &[Runnable],
    limit: Duration,
    time: Duration,
    steps: &mut Steps,
) -> Result<Run, Failure> {
    let mut run = Run { mode, seconds: 0.0, sites: Vec::new() };
    let plan = Plan::Timed { nanos: time.as_nanos() as u64 };
    for runnable in runnables {
        steps.next(&runnable.name);
        let failed = |source| Failure::Workload { name: runnable.name.clone(), side: "", source };
        let measured = runnable.alone_in(mode, CANDIDATE, plan, limit).map_err(failed)?;
        run.seconds += measured.seconds;
        run.sites.extend(figures::site_runs(&runnable.name, &measured)?);
    }
    Ok(run)
}

fn show(run: &Run, earlier: Option<&StoredRun>, top: u32, format: Format, console: &Console) -> String {
    let name = earlier.map_or_else(String::new, |stored| format!("run {}", stored.number));
    let earlier = earlier.map(|stored| render::Earlier { name: &name, run: &stored.run });
    let view = console.view(top);
    match (format, &earlier) {
        (Format::Human, None) => render::run::human(run, &view),
        (Format::Human, Some(earlier)) => render::run::compare(run, earlier, &view),
        (Format::Markdown, None) => render::markdown::run(run, view.top),
        (Format::Markdown, Some(earlier)) => render::markdown::compare(run, earlier, view.top),
        (Format::Json, None) => render::json::run(run),
        (Format::Json, Some(earlier)) => render::json::compare(run, earlier),
    }
}
