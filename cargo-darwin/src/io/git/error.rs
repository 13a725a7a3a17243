//! What can go wrong with git.

use std::path::PathBuf;

use crate::io::command::CommandError;
use crate::io::files::FileError;

/// A question to git that has no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git to ask.
    #[error("git cannot be started ({source}): install git 2.30 or later, or put it on PATH")]
    NotInstalled {
        /// What the system said.
        source: std::io::Error,
    },
    /// It would take revisions for options.
    #[error("{found} is too old: install git 2.30 or later, or put it first on PATH")]
    TooOld {
        /// What it calls itself.
        found: String,
    },
    /// There is a repository, but git refuses it (dubious ownership, damage).
    #[error("git refuses the repository at {}: {source}", dir.display())]
    Refused {
        /// Where it was looked for.
        dir: PathBuf,
        /// What git said.
        source: CommandError,
    },
    /// No such commit.
    #[error(
        "`{revision}` is not a commit of this repository: name a branch, a tag or a hash that `git log` shows; \
         in a shallow clone run `git fetch --unshallow` first"
    )]
    UnknownRevision {
        /// What the user wrote.
        revision: String,
        /// What git said.
        source: CommandError,
    },
    /// A path that no commit can hold.
    #[error(
        "{} is not inside the repository {}: keep it in the working tree, so that it can be committed",
        path.display(), root.display()
    )]
    Outside {
        /// The path.
        path: PathBuf,
        /// Top folder of the working tree.
        root: PathBuf,
    },
    /// A submodule at the revision is not in the user's clone of it.
    #[error(
        "the submodule {path} has no commit {commit} here: run `git -C {path} fetch`, then try again",
        path = path.display()
    )]
    Submodule {
        /// Folder of the submodule.
        path: PathBuf,
        /// The commit that the revision names.
        commit: String,
    },
    /// What is committed is not what a build would read, and only a program of the user's could tell.
    #[error(
        "{path} of the baseline is written by the filter `{filter}` of your git configuration, which is not run for a \
         check, and the file has changed since: accept the present state with `cargo darwin baseline` and commit it",
        path = path.display()
    )]
    Filtered {
        /// The file, seen from the root.
        path: PathBuf,
        /// Name of the filter.
        filter: String,
    },
    /// A large file of the revision that was never downloaded.
    #[error(
        "the content of {path} (Git LFS) at {commit} is not in this clone: run `git lfs fetch origin {commit}`, then \
         try again",
        path = path.display()
    )]
    LargeFile {
        /// The file, seen from the root.
        path: PathBuf,
        /// The revision.
        commit: String,
    },
    /// A clone without all objects, whose remote does not answer.
    #[error(
        "files of {commit} are not in this partial clone, and git could not fetch them: make its remote reachable, then \
         try again ({source})"
    )]
    NotFetched {
        /// The revision.
        commit: String,
        /// What git said.
        source: CommandError,
    },
    /// Any other call that failed.
    #[error("git could not answer: {0}")]
    Command(#[from] CommandError),
    /// A file or folder of ours.
    #[error(transparent)]
    File(#[from] FileError),
}
