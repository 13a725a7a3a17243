//! When git calls a hook of ours.

use schemars::JsonSchema;
use serde::Serialize;

/// A hook that can judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Before a commit is made: judges the index.
    PreCommit,
    /// Before commits are pushed: judges them.
    PrePush,
}

impl Stage {
    /// All of them, in the order in which git comes to them.
    pub const ALL: [Stage; 2] = [Stage::PreCommit, Stage::PrePush];

    /// The hook's name, which is its file's name too.
    pub fn name(self) -> &'static str {
        match self {
            Stage::PreCommit => "pre-commit",
            Stage::PrePush => "pre-push",
        }
    }

    /// The command of git's that calls it.
    pub fn command(self) -> &'static str {
        match self {
            Stage::PreCommit => "git commit",
            Stage::PrePush => "git push",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}
