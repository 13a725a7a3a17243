//! A command from its arguments to its exit code: the only place where the parts meet.

mod baseline;
mod blocks;
mod check;
mod console;
mod counting;
mod doctor;
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
mod watcher;

use std::ffi::OsString;
use std::io::Write;

pub use failure::Failure;

use crate::cli::{self, Command, Format, OutputArgs, Verb};
use crate::exit_code::ExitCode;
use crate::io::baseline::Layout;
use crate::io::interrupt;
use crate::io::lock::Lock;
use crate::options::Action;
use crate::render;
use check::Asked;
use console::Console;
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
    let typed = match cli::parse(arguments) {
        Ok(typed) => typed.verb,
        Err(error) => error.exit(),
    };
    let output = typed.output();
    let console = Console::new(output.color);
    interrupt::install();
    let ended = match &typed {
        Verb::Doctor(args) => Ok(doctor::doctor(args.output.format, &console)),
        Verb::Project(command) => run(command, &console),
    };
    match ended {
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

/// A failure goes to stderr; a check that was to give a document gives one that says INVALID.
fn report(failure: &Failure, typed: &Verb, output: OutputArgs, console: &Console) {
    let reason = failure.to_string();
    let invalid = render::check::Invalid { reason: &reason, advice: failure.advice() };
    let is_invalid_check = matches!(typed, Verb::Project(command) if matches!(**command, Command::Check(_)))
        && failure.exit_code() == ExitCode::Invalid;
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
