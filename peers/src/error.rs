//! Why nothing could be measured.

use std::path::PathBuf;

pub use darwin_kept::At;
use thiserror::Error;

/// What ends the driver.
#[derive(Debug, Error)]
pub enum Error {
    /// Files, where figures come from, the page.
    #[error(transparent)]
    Kept(#[from] darwin_kept::Error),
    /// A program that we start.
    #[error("{command}: {reason}")]
    Program {
        /// As it could be typed.
        command: String,
        /// What happened.
        reason: String,
    },
    /// A contestant whose figures would be worthless.
    #[error(
        "{contestant} recorded {recorded} calls of {what} in place of {made}: its cost would be that of something else"
    )]
    NotRecorded {
        /// The contestant.
        contestant: String,
        /// Of which body.
        what: String,
        /// Calls that it tells of.
        recorded: u64,
        /// Calls that were made.
        made: u64,
    },
    /// Darwin's map.
    #[error("Darwin's map: {0}")]
    Map(String),
    /// `--only` with a word that nothing has.
    #[error("no contestant has one of the words of --only in its name; there are: {0}")]
    Nobody(String),
    /// Results of another version, or damaged ones.
    #[error("{path}: {reason}; make it anew with `{command}`")]
    Results {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// What makes it.
        command: &'static str,
    },
}
