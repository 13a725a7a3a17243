//! Why nothing could be compared.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What ends the driver. That a peer fails in a check does not: it is a result.
#[derive(Debug, Error)]
pub enum Error {
    /// A file.
    #[error("cannot {doing} {path}: {source}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
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
    /// A line of the results is none of ours.
    #[error("{path}:{line}: {reason}; remove the line, or name another file with --out")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
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
    /// The machine or git cannot be asked.
    #[error("cannot tell what is measured where: {0}")]
    Origin(String),
    /// What is measured is not what was measured a minute ago.
    #[error("the sources have changed since this command began ({before}, now {after}): start it again")]
    SourcesChanged {
        /// At first.
        before: String,
        /// Now.
        after: String,
    },
    /// The page without a place for the table.
    #[error("{0} has no lines `{begin}` and `{end}` in this order: put them where the table goes", begin = crate::page::BEGIN, end = crate::page::END)]
    NoMarkers(PathBuf),
}

/// Says with which file something could not be done.
pub trait At<T> {
    /// The same with the path.
    fn at(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T, Error> {
        self.map_err(|source| Error::File { doing, path: path.into(), source })
    }
}
