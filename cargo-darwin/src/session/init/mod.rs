//! `cargo darwin init`: the dependency, a `darwin.toml` and a first bench, each only where missing; all of them or none.

mod bench;
mod config;
mod facts;
mod functions;
mod manifest;
mod plan;
mod refusal;
mod scene;
mod source;
#[cfg(test)]
mod tests;
mod words;

use super::console::Console;
use super::{Ended, Failure};
use crate::cli::{Format, InitArgs};
use crate::exit_code::ExitCode;
use crate::io::cargo::Conflict;
use crate::io::together::{FileChange, write_together};
use crate::model::InitReport;
use crate::render;
use plan::Plan;

/// Looks, decides, writes, and says what was done.
///
/// # Errors
/// What cannot be done, with the lines to add by hand; nothing is then changed.
pub fn init(args: &InitArgs, console: &Console) -> Result<Ended, Failure> {
    let directory = std::env::current_dir()
        .map_err(|source| Failure::System { doing: "cannot tell the current folder", source })?;
    let facts = scene::read(args, &directory)?;
    let plan = plan::plan(&facts).map_err(scene::refused)?;
    if !args.dry_run {
        write(&plan)?;
    }
    let mut report = words::report(&facts, &plan, args.dry_run);
    let conflict = Conflict::ahead(&directory, &facts.manifest.path, &plan.key);
    report.notes.extend(conflict.as_ref().map(words::conflict));
    Ok(Ended { text: text(&report, args.output.format, console), code: ExitCode::Success })
}

fn write(plan: &Plan) -> Result<(), Failure> {
    let changed = plan.files.iter().filter_map(|file| Some((file, file.new.as_deref()?)));
    let changes: Vec<FileChange<'_>> =
        changed.map(|(file, new)| FileChange { path: &file.path, old: file.old.as_deref(), new }).collect();
    Ok(write_together(&changes)?)
}

fn text(report: &InitReport, format: Format, console: &Console) -> String {
    match format {
        Format::Human => render::init::human(report, console.paint()),
        Format::Json => render::json::init(report),
        Format::Markdown => render::init::markdown(report),
    }
}
