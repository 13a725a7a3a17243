//! Why nothing could be proven.

use std::path::PathBuf;

pub use darwin_kept::At;
use thiserror::Error;

/// What ends the driver. That a check fails does not: it is a result.
#[derive(Debug, Error)]
pub enum Error {
    /// Files, results, where they come from, the page.
    #[error(transparent)]
    Kept(#[from] darwin_kept::Error),
    /// A workload, a set or an edit is not written as it should be.
    #[error("{path}: {reason}")]
    Data {
        /// The file.
        path: PathBuf,
        /// The reason, and what to do.
        reason: String,
    },
    /// A name that is not there.
    #[error("there is no {what} `{name}`; there are: {known}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// As typed.
        name: String,
        /// What could be typed.
        known: String,
    },
    /// The check does not know what it is asked for: every further one would fail likewise.
    #[error("`cargo {command}` is refused:\n{reason}")]
    Refused {
        /// Its arguments.
        command: String,
        /// What it says.
        reason: String,
    },
}
