//! A command from its arguments to its exit code: the only place where the parts meet.

mod accept;
mod alike;
mod aside;
mod baseline;
mod blocks;
mod calibrate;
mod calibrated;
mod candidate;
mod check;
mod code;
mod console;
mod counting;
mod doctor;
mod evidence;
mod failure;
mod fallback;
mod findings;
mod flags;
mod hook;
mod init;
mod inject;
mod iterations;
mod layouts;
mod pairing;
mod progress;
mod project;
mod random;
mod raw;
mod recount;
mod requests;
mod run;
mod runnables;
mod screen;
mod side;
mod spent;
mod tests_first;
mod watcher;

use std::ffi::OsString;
use std::time::Instant;

pub use failure::Failure;

use crate::cli::{self, Command, Format, OutputArgs, Verb};
use crate::exit_code::ExitCode;
use crate::io::baseline::Layout;
use crate::io::lock::Lock;
use crate::io::position::FileError;
use crate::io::{clock, interrupt, orphans, run_dir, warden};
use crate::options::Action;
use crate::render;
use check::Asked;
use console::Console;
use darwin_runtime::layout::RUN_VARIABLE;
use project::Project;

/// How a command ended well.
#[derive(Debug)]
pub struct Ended {
    /// The result, for stdout.
    pub text: String,
    /// What the caller is told.
    pub code: ExitCode,
}

/// Runs the command line `arguments`; prints its result, and its failure.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if warden::is_asked_for(&arguments) {
        warden::watch();
        return ExitCode::Success;
    }
    // What comes before the first run tells the clock's rate, by which the runs are judged.
    clock::start();
    let typed = match cli::parse(arguments) {
        Ok(typed) => typed.verb,
        Err(error) => return screen::clap(&error),
    };
    let output = typed.output();
    let console = Console::new(output.color, output.verbose);
    let done = match &typed {
        Verb::Aside(asked) => aside::aside(asked),
        Verb::Doctor(args) => guarded(|| Ok(doctor::doctor(args.output.format, &console))),
        Verb::Init(args) => guarded(|| init::init(args, &console)),
        Verb::Hook(verb) => guarded(|| hook::hook(verb, &console)),
        Verb::Project(command) => guarded(|| run(command, &console)),
    };
    ended(done, &typed, output, &console)
}

/// Work that starts processes: none outlives it, however it ends.
fn guarded(work: impl FnOnce() -> Result<Ended, Failure>) -> Result<Ended, Failure> {
    interrupt::install();
    orphans::adopt();
    run_dir::remove_abandoned();
    let warden = warden::start();
    let done = work();
    interrupt::settle();
    drop(warden);
    done
}

/// Shows what came of a command.
fn ended(done: Result<Ended, Failure>, typed: &Verb, output: OutputArgs, console: &Console) -> ExitCode {
    match done {
        Ok(ended) => print(&ended.text, ended.code, console),
        Err(failure) => match report(&failure, typed, output, console) {
            Some(text) => print(&text, failure.exit_code(), console),
            None => failure.exit_code(),
        },
    }
}

fn run(typed: &Command, console: &Console) -> Result<Ended, Failure> {
    run_with(typed, console, |_| Terms::default())
}

/// What a caller adds to what was typed, once the project is known.
#[derive(Default)]
struct Terms {
    /// When all must be done.
    until: Option<Instant>,
    /// The revision to judge against, where none was typed.
    against: Option<String>,
}

/// Does what was typed, on these terms.
fn run_with(
    typed: &Command,
    console: &Console,
    terms: impl FnOnce(&Project) -> Terms,
) -> Result<Ended, Failure> {
    let directory = std::env::current_dir()
        .map_err(|source| Failure::System { doing: "cannot tell the current folder", source })?;
    let mut waiting = None;
    let mut project = Project::load(typed, &directory)?;
    let Terms { until, against: before } = terms(&project);
    let folder = Layout::of(&project.workspace).root();
    let _lock = Lock::take(&folder, || {
        waiting = Some(console.waiting("waiting for another cargo darwin of this workspace to end"));
    })
    .map_err(|error| {
        Failure::TargetDirectory(FileError::system(&folder, "cannot take the lock of this workspace", &error))
    })?;
    drop(waiting);
    (project.cargo.rustflags, project.build_note) = flags::settle(&project);
    match &project.options.action {
        Action::Run { compare, top, mode } => run::run(&project, *compare, (*top, *mode), console),
        Action::Baseline { accept } => baseline::baseline(&project, accept, console),
        Action::Check { measure, inject, against, limits, tests } => {
            let against = against.as_deref().or(before.as_deref());
            let asked = Asked { measure: *measure, inject: inject.as_ref(), against, limits, tests, until };
            let judged = check::check(&project, &asked, console);
            judged.or_else(|failure| fallback::from_record(failure, &project, &asked, console))
        }
        Action::Calibrate { asked, limits } => {
            calibrate::calibrate(&project, &calibrate::Asked { asked, limits }, console)
        }
    }
}

/// The right to measure, after those who have it.
fn right_to_measure(console: &Console) -> Option<Lock> {
    // What is itself measured has been given the right.
    if std::env::var_os(RUN_VARIABLE).is_some() {
        return None;
    }
    Lock::of_machine(|| console.progress("waiting for another cargo darwin of yours to end measuring"))
}

/// A failure goes to stderr; a check that was to give a document gives one that says INVALID, or REJECT where the tests
/// fail, which is returned.
fn report(failure: &Failure, typed: &Verb, output: OutputArgs, console: &Console) -> Option<String> {
    let reason = failure.to_string();
    let without = render::check::Invalid { reason: &reason, advice: failure.advice() };
    let code = failure.exit_code();
    let is_check = matches!(typed, Verb::Project(command) if matches!(**command, Command::Check(_)));
    Some(match (code, output.format) {
        (ExitCode::Invalid, Format::Human) if is_check => render::check::invalid(&without, console.paint()),
        (ExitCode::Invalid, Format::Json) if is_check => render::json::invalid_check(&without, code.code()),
        (ExitCode::Invalid, Format::Markdown) if is_check => render::markdown::invalid_check(&without),
        (ExitCode::Reject, Format::Human) => render::tests_failed::human(&without, console.paint()),
        (ExitCode::Reject, Format::Json) => render::json::tests_failed(&without, code.code()),
        (ExitCode::Reject, Format::Markdown) => render::tests_failed::markdown(&without),
        // What a check advises stands in its report; the others say it here.
        (ExitCode::Invalid, _) => {
            console.error(&format!("{reason}\n  help: {}", failure.advice()));
            return None;
        }
        _ => {
            console.error(&reason);
            return None;
        }
    })
}

/// Shows the result. One that nobody can read is no success: a pipeline would go on with half a document.
fn print(text: &str, code: ExitCode, console: &Console) -> ExitCode {
    match (console.result(text), code) {
        (Ok(()), code) => code,
        (Err(error), code) => {
            console.error(&format!("cannot write the result to stdout: {error}"));
            if code == ExitCode::Success { ExitCode::Invalid } else { code }
        }
    }
}
