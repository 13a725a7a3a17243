//! What there is to say about the hooks of a repository.

use schemars::JsonSchema;
use serde::Serialize;

use super::Stage;

/// All that was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksReport {
    /// Where git looks for hooks.
    pub folder: String,
    /// The `cargo-darwin` that a hook would run, where there is one.
    pub program: Option<String>,
    /// One for each stage.
    pub hooks: Vec<HookReport>,
}

/// One hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HookReport {
    /// Which.
    pub stage: Stage,
    /// Its file.
    pub path: String,
    /// What is there now.
    pub state: HookState,
    /// Whether git runs what is there.
    pub is_run: bool,
    /// What its line hands to `hook run`; empty where there is none of ours.
    pub options: String,
    /// What was done about it; empty where nothing was asked.
    pub done: String,
    /// Why it is left alone; empty where it is not.
    pub refused: String,
    /// What to do; may be empty.
    pub advice: String,
}

/// What is at a hook's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HookState {
    /// Nothing.
    None,
    /// A hook that does not ask us.
    Other,
    /// Ours, as this version writes it.
    Installed,
    /// Ours, by another version or changed by hand.
    Outdated,
    /// One mark of ours without the other.
    Damaged,
}
