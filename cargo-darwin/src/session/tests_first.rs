//! Tests before time: a change that breaks them is rejected, however fast it is.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

use super::Failure;
use super::console::Console;
use super::project::Project;
use crate::io::baseline::Layout;
use crate::io::command;
use crate::io::config::TestCommand;
use crate::io::process::{Program, WorkloadError};
use crate::options::Tests;

/// Where cargo is told to build.
const TARGET: &str = "CARGO_TARGET_DIR";

/// Lines of a failing test's output that are shown: the failure itself and the summary of most harnesses.
const SHOWN_LINES: usize = 40;

/// Runs the configured tests in the package's folder; the note that a report owes its reader when they were left out.
///
/// # Errors
/// A REJECT when they fail, INVALID when they do not end in time, wrong usage when there is no such program.
pub fn run(tests: &Tests, project: &Project, console: &Console) -> Result<Option<String>, Failure> {
    match tests {
        Tests::None => Ok(None),
        Tests::Skipped => Ok(Some("the tests were left out (--no-tests)".to_owned())),
        Tests::First(command) => pass(command, project, console).map(|()| None),
    }
}

fn pass(tests: &TestCommand, project: &Project, console: &Console) -> Result<(), Failure> {
    let Some((program, arguments)) = tests.words.split_first() else { return Ok(()) };
    let line = command::quoted(&tests.words);
    console.progress(&format!("running the tests: {line}"));
    let program = Program {
        path: PathBuf::from(program),
        args: arguments.iter().map(OsString::from).collect(),
        directory: project.package_folder().to_owned(),
        variables: target_directory(project)?.map(|dir| (TARGET.into(), dir.into())).into_iter().collect(),
        processor: None,
    };
    let limit = project.limit();
    let ended = program.start().and_then(|running| running.wait(limit, Instant::now() + limit));
    ended.map(drop).or_else(|error| verdict(error, line, tests))
}

/// Where cargo builds the tests of an exported candidate: below its own folder nothing would be compiled yet, and nothing stay.
fn target_directory(project: &Project) -> Result<Option<PathBuf>, Failure> {
    if project.exported.is_none() {
        return Ok(None);
    }
    project.prepare()?;
    Ok(Some(Layout::of(&project.workspace).candidate()))
}

/// What is to be made of tests that did not end as a workload must.
fn verdict(error: WorkloadError, line: String, tests: &TestCommand) -> Result<(), Failure> {
    Err(match error {
        // Tests that leave a server running have passed all the same.
        WorkloadError::LeftBehind { .. } => return Ok(()),
        WorkloadError::Start { path, source } => Failure::Usage(format!(
            "{}: cannot start `{}`: {source}; name a program that is on PATH, or an existing file",
            tests.place,
            path.display()
        )),
        WorkloadError::Failed { ending, output } => {
            Failure::TestsFailed { line, ending, output: last_lines(&output) }
        }
        WorkloadError::Hung { limit, output } => {
            Failure::TestsHung { line, limit, output: last_lines(&output) }
        }
    })
}

fn last_lines(output: &str) -> String {
    let lines: Vec<&str> = output.trim_end().lines().collect();
    if lines.is_empty() {
        return String::new();
    }
    let last = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    let shown: String = last.iter().map(|line| format!("\n    {line}")).collect();
    format!("; the end of its output:{shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_an_output_are_shown() {
        let output: String = (0..100).map(|line| format!("line {line}\n")).collect();
        let shown = last_lines(&output);
        assert_eq!(shown.lines().count(), 1 + SHOWN_LINES);
        assert!(shown.ends_with("\n    line 99"), "{shown}");
        assert_eq!(last_lines("\n \n"), "");
    }
}
