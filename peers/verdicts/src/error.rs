//! Why nothing could be compared.

use std::path::PathBuf;

pub use darwin_kept::At;
use thiserror::Error;

/// What ends the driver. That a peer fails in a check does not: it is a result.
#[derive(Debug, Error)]
pub enum Error {
    /// Files, results, where they come from, the page.
    #[error(transparent)]
    Kept(#[from] darwin_kept::Error),
    /// A program that is needed before the first check.
    #[error("{command}: {reason}")]
    Program {
        /// As it could be typed.
        command: String,
        /// What happened, and what to do.
        reason: String,
    },
    /// A file that is not written as it should be.
    #[error("{path}: {reason}")]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// `--only` with a word that fits nothing.
    #[error(
        "`{word}` of --only is no PEER, SCENARIO or PEER/SCENARIO; peers: {peers}; scenarios: {scenarios}"
    )]
    Unknown {
        /// As typed.
        word: String,
        /// What there is.
        peers: String,
        /// What there is.
        scenarios: String,
    },
}
