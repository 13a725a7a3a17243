//! What can go wrong with git.

use std::path::PathBuf;

use crate::io::command::CommandError;
use crate::io::files::FileError;

/// A question to git that has no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
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
    /// Any other call that failed.
    #[error("git could not answer: {0}")]
    Command(#[from] CommandError),
    /// A file or folder of ours.
    #[error(transparent)]
    File(#[from] FileError),
}
