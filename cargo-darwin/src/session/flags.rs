//! Which flags for rustc all builds of a command have.

use super::project::Project;
use crate::io::baseline::Layout;
use crate::io::cargo::{Probe, probe_folder};

/// What the report says where loops are not aligned alike.
const CONSEQUENCE: &str = "a shift of up to 1 % in a function with a short loop may be placement";

/// The flags, and what the report says about them. Where ours cannot be joined with the user's, cargo finds the user's
/// itself: that costs precision and nothing else.
pub fn settle(project: &Project) -> (Option<Vec<String>>, Option<String>) {
    match flags(project) {
        Ok(flags) => (Some(flags), None),
        Err(why) => (None, Some(format!("loops are not aligned alike ({why}): {CONSEQUENCE}"))),
    }
}

fn flags(project: &Project) -> Result<Vec<String>, String> {
    if !project.options.measures.aligned_loops {
        return Err("both sides are built as shipped".to_owned());
    }
    let folder = probe_folder(&Layout::of(&project.workspace).root());
    let probe = Probe { folder: &folder, directory: project.workspace.directory(), options: &project.cargo };
    let found =
        probe.ask().map_err(|error| format!("cargo does not tell your flags: {}", last_line(&error)))?;
    found.with_aligned_loops().ok_or_else(|| "rustc refuses it beside your flags".to_owned())
}

/// cargo's reason comes last.
fn last_line(error: &impl ToString) -> String {
    error.to_string().trim().lines().last().unwrap_or_default().to_owned()
}
