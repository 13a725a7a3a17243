//! A command from its arguments to its exit code: the only place where the parts meet.

mod baseline;
mod blocks;
mod check;
mod console;
mod counting;
mod failure;
mod findings;
mod layouts;
mod progress;
mod project;
mod random;
mod requests;
mod run;
mod runnables;
mod side;

use std::ffi::OsString;
use std::io::Write;

pub use failure::Failure;

use crate::cli::{self, Command, Format, OutputArgs};
use crate::exit_code::ExitCode;
use crate::io::baseline::Layout;
use crate::io::lock::Lock;
use crate::io::{interrupt, orphans, run_dir, warden};
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
    let typed = match cli::parse(arguments) {
        Ok(typed) => typed.command,
        Err(error) => error.exit(),
    };
    let output = typed.shared().output;
    let console = Console::new(output.color);
    interrupt::install();
    orphans::adopt();
    run_dir::remove_abandoned();
    let warden = warden::start();
    let outcome = run(&typed, &console);
    interrupt::settle();
    drop(warden);
    match outcome {
        Ok(ended) => {
            print(&ended.text);
            ended.code
        }
        Err(failure) => {
            report(&failure, &typed, output, &console);
            failure.exit_code()
        }
    }
}

fn run(typed: &Command, console: &Console) -> Result<Ended, Failure> {
    let directory = std::env::current_dir()
        .map_err(|source| Failure::System { doing: "cannot tell the current folder", source })?;
    let project = Project::load(typed, &directory)?;
    let _lock = Lock::take(&Layout::of(&project.workspace).root(), || {
        console.progress("waiting for another cargo darwin of this workspace to end");
    })
    .map_err(|source| Failure::System { doing: "cannot take the lock in the target directory", source })?;
    match &project.options.action {
        Action::Run { compare, top, .. } => run::run(&project, *compare, *top, console),
        Action::Baseline => baseline::baseline(&project, console),
        Action::Check { measure, against, limits } => {
            check::check(&project, &Asked { measure: *measure, against: against.as_deref(), limits }, console)
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

/// A failure goes to stderr; a check that was to give a document gives one that says INVALID.
fn report(failure: &Failure, typed: &Command, output: OutputArgs, console: &Console) {
    let reason = failure.to_string();
    let invalid = render::check::Invalid { reason: &reason, advice: failure.advice() };
    let is_invalid_check = matches!(typed, Command::Check(_)) && failure.exit_code() == ExitCode::Invalid;
    match (is_invalid_check, output.format) {
        (true, Format::Human) => print(&render::check::invalid(&invalid, console.paint())),
        (true, Format::Json) => print(&render::json::invalid_check(&invalid, failure.exit_code().code())),
        (true, Format::Markdown) => print(&render::markdown::invalid_check(&invalid)),
        (false, _) => console.error(&reason),
    }
}

fn print(text: &str) {
    // A reader that has gone (a pager) is no failure of ours.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
