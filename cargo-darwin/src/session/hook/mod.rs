//! `cargo darwin hook`: put into git's hooks, looked at, taken out; and what the hook runs.

mod changes;
mod install;
mod measured;
mod run;

use std::path::{Path, PathBuf};

use super::console::Console;
use super::{Ended, Failure};
use crate::cli::{Format, HookVerb, OutputArgs};
use crate::exit_code::ExitCode;
use crate::io::git::Repository;
use crate::model::HooksReport;
use crate::render;

/// Does what was typed.
///
/// # Errors
/// When there is no repository, git fails, or a file cannot be written.
pub fn hook(verb: &HookVerb, console: &Console) -> Result<Ended, Failure> {
    match verb {
        HookVerb::Install(args) => install::install(args, console),
        HookVerb::Status(args) => install::status(args.output, console),
        HookVerb::Uninstall(args) => install::uninstall(&args.stages, args.output, console),
        HookVerb::Run(args) => run::run(args, console),
    }
}

/// The folder that this process was started in, and the repository that it is in.
fn here() -> Result<(PathBuf, Repository), Failure> {
    let folder = std::env::current_dir()
        .map_err(|source| Failure::System { doing: "cannot tell the current folder", source })?;
    let repository = Repository::discover(&folder)?.ok_or_else(|| no_repository(&folder))?;
    Ok((folder, repository))
}

fn no_repository(folder: &Path) -> Failure {
    Failure::Usage(format!(
        "{} is in no git repository with a working tree, which hooks belong to: run `git init`, or go to one",
        folder.display()
    ))
}

/// The report in the format that was asked for; refused is wrong usage.
fn shown(report: &HooksReport, output: OutputArgs, console: &Console) -> Ended {
    let text = match output.format {
        Format::Human => render::hook::human(report, console.paint()),
        Format::Json => render::json::hooks(report),
        Format::Markdown => render::hook::markdown(report),
    };
    let is_refused = report.hooks.iter().any(|hook| !hook.refused.is_empty());
    Ended { text, code: if is_refused { ExitCode::BadInput } else { ExitCode::Success } }
}
