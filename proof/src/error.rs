//! Why nothing could be proven.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What ends the driver. That a check fails does not: it is a result.
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
    /// A line of the results is none of ours.
    #[error("{path}:{line}: {reason}; remove the line, or name another file with --out")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The reason.
        reason: String,
    },
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
    /// What is measured is not what was measured a minute ago.
    #[error("the sources have changed since this command began ({before}, now {after}): start it again")]
    SourcesChanged {
        /// The revision at first.
        before: String,
        /// The revision now.
        after: String,
    },
    /// The check does not know what it is asked for: every further one would fail likewise.
    #[error("`cargo {command}` is refused:\n{reason}")]
    Refused {
        /// Its arguments.
        command: String,
        /// What it says.
        reason: String,
    },
    /// The machine cannot be asked what it is.
    #[error("cannot tell the machine's class: {0}")]
    Machine(String),
    /// The page without a place for the table.
    #[error("{0} has no lines `{begin}` and `{end}` in this order: put them where the table goes", begin = crate::table::BEGIN, end = crate::table::END)]
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
