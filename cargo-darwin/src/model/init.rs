//! What `init` did to a package, or would do.

use schemars::JsonSchema;
use serde::Serialize;

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitReport {
    /// Name of the package.
    pub package: String,
    /// Nothing was written.
    pub dry_run: bool,
    /// Each file that takes part, in order.
    pub files: Vec<FileReport>,
    /// What to do next, in order.
    pub next: Vec<NextStep>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// One thing to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextStep {
    /// The command; `None` for work in an editor.
    pub command: Option<String>,
    /// What it does, or what there is to do.
    pub what: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileReport {
    /// Where, as seen from the current folder.
    pub path: String,
    /// What happened to it.
    pub change: FileChanged,
    /// What is in it now, in a few words.
    pub what: String,
    /// The lines that came in; none where the whole file did.
    pub added_lines: Vec<String>,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileChanged {
    /// It is new.
    Created,
    /// Lines came in.
    Changed,
    /// It had all of it.
    Unchanged,
}

impl InitReport {
    /// Was there nothing to do?
    pub fn is_unchanged(&self) -> bool {
        self.files.iter().all(|file| file.change == FileChanged::Unchanged)
    }
}
