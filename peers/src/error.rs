//! Why nothing could be measured.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What ends the driver.
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
    /// The machine cannot be asked what it is.
    #[error("cannot tell what is measured where: {0}")]
    Origin(String),
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
    /// The page without a place for a table.
    #[error("{path} has no lines `{begin}` and `{end}` in this order: put them where the table goes")]
    NoMarkers {
        /// The page.
        path: PathBuf,
        /// The line above.
        begin: String,
        /// The line below.
        end: &'static str,
    },
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
