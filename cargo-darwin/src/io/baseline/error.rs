//! Why there is no baseline to measure.

use std::path::PathBuf;

use crate::io::cargo::{BuildError, CargoError, Conflict};
use crate::io::command::CommandError;
use crate::io::files::FileError;
use crate::io::git::{Commit, GitError, LeftOut};
use crate::io::tree::TreeError;

/// The baseline's executables could not be had: the check is INVALID, never a guess.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// No place for exported revisions.
    #[error(
        "there is no place to export the baseline to: set HOME, or XDG_CACHE_HOME to a folder outside of it"
    )]
    NoCacheHome,
    /// The place for exported revisions is in the user's tree.
    #[error(
        "the cache folder {} is inside the repository {}, whose .cargo/config.toml would be joined in: set \
         XDG_CACHE_HOME to a folder outside of it",
        cache.display(), repository.display()
    )]
    CacheInside {
        /// The cache home.
        cache: PathBuf,
        /// Top folder of the working tree.
        repository: PathBuf,
    },
    /// The workspace or the package is not in the repository: no revision of it can be had.
    #[error(
        "{} is not inside the repository {}, so there is no earlier revision of it: commit the whole workspace to one \
         repository, or give the package a workspace of its own ([workspace] in its Cargo.toml)",
        workspace.display(), repository.display()
    )]
    WorkspaceOutside {
        /// Folder of the workspace, or of the package.
        workspace: PathBuf,
        /// Top folder of the working tree.
        repository: PathBuf,
    },
    /// The revision lacks the package, the target, or the runtime.
    #[error(
        "the baseline revision {commit} cannot be measured: {source}; choose another with --against, or accept the \
         present state with `cargo darwin baseline` and commit it"
    )]
    NotInRevision {
        /// The revision.
        commit: Commit,
        /// What it lacks.
        source: Box<CargoError>,
    },
    /// cargo took an executable for up to date that should have been built.
    #[error(
        "cargo took {target} for up to date while another revision was to be built: remove {} and try again",
        dir.display()
    )]
    Stale {
        /// The target.
        target: String,
        /// The baseline's target directory.
        dir: PathBuf,
    },
    /// The candidate is built with flags of ours, and the revision cannot be.
    #[error(
        "the baseline's flags for rustc cannot be joined with those that the working tree is built with: {0}; to build \
         both sides with their own flags alone, add --as-shipped"
    )]
    Flags(String),
    /// The toolchain could not be asked.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// git.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The exported tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The revision lacks something that only the user's tree has.
    #[error("{}\n{left_out}", source.to_string().trim_end())]
    Lacking {
        /// How that showed.
        source: Box<BaselineError>,
        /// What it may be.
        left_out: LeftOut,
    },
    /// The revision's lock file holds a version that measurement cannot use, and nobody can update it there.
    #[error(
        "the baseline could not be built: in its commit {0}; accept the present state: run `cargo darwin baseline` and \
         commit the file together with Cargo.lock"
    )]
    Locked(Conflict),
    /// The build.
    #[error("the baseline could not be built: {0}")]
    Build(BuildError),
    /// A file or folder.
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<BuildError> for BaselineError {
    fn from(error: BuildError) -> BaselineError {
        match error {
            BuildError::Locked(conflict) => BaselineError::Locked(conflict),
            other => BaselineError::Build(other),
        }
    }
}
