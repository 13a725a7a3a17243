//! What can be run to exercise sites.

use std::fmt;

use thiserror::Error;

/// A target that cargo can build and `cargo darwin` can run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// `--bench NAME`.
    Bench(String),
    /// `--bin NAME`.
    Bin(String),
    /// `--example NAME`.
    Example(String),
    /// `--test NAME`.
    Test(String),
}

impl Target {
    /// The target's name in its package.
    pub fn name(&self) -> &str {
        match self {
            Target::Bench(name) | Target::Bin(name) | Target::Example(name) | Target::Test(name) => name,
        }
    }

    /// The word that cargo and `darwin.toml` use for this kind: `bench`, `bin`, `example` or `test`.
    pub fn kind(&self) -> &'static str {
        match self {
            Target::Bench(_) => "bench",
            Target::Bin(_) => "bin",
            Target::Example(_) => "example",
            Target::Test(_) => "test",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} `{}`", self.kind(), self.name())
    }
}

/// A target with the arguments it is run with, under the name that reports and the baseline file use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Distinct within the configuration; where a bench target holds several benches, each adds its own name.
    pub name: String,
    /// The package that holds the target; `None` for the one selected on the command line.
    pub package: Option<String>,
    /// What is run.
    pub target: Target,
    /// The arguments it is given.
    pub args: Vec<String>,
}

/// Why a text cannot be the name of a package, a target or a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a name must not be empty, start with `-`, or hold control characters")]
pub struct NotAName;

/// The text, if it can be a name: not empty, nothing that cargo would take for an option, and nothing that
/// breaks a line of a report.
///
/// # Errors
/// `NotAName` otherwise.
pub fn checked_name(text: &str) -> Result<String, NotAName> {
    if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
        return Err(NotAName);
    }
    Ok(text.to_owned())
}
