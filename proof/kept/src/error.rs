//! Why results cannot be kept or shown.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What can go wrong with what is kept; each driver's own errors include these.
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
        /// What is wrong with it.
        reason: String,
    },
    /// The commits that count as others are not written as they should be.
    #[error("{path}: {reason}")]
    Same {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        reason: String,
    },
    /// The machine or git cannot be asked.
    #[error("cannot tell what is measured where: {0}")]
    Origin(String),
    /// What is measured is not what was measured a minute ago.
    #[error("the sources have changed since this command began ({before}, now {after}): start it again")]
    SourcesChanged {
        /// The revision at first.
        before: String,
        /// The revision now.
        after: String,
    },
    /// The page without a place for the table.
    #[error("{path} has no lines `{begin}` and `{end}` in this order: put them where the table goes")]
    NoMarkers {
        /// The page.
        path: PathBuf,
        /// The line above.
        begin: String,
        /// The line below.
        end: String,
    },
}

/// Says with which file something could not be done.
pub trait At<T> {
    /// The same with the path.
    ///
    /// # Errors
    /// When it could not be done.
    fn at(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T, Error> {
        self.map_err(|source| Error::File { doing, path: path.into(), source })
    }
}
