//! What can go wrong around cargo: the user's question, and the build.

use std::path::PathBuf;

use super::{RUNTIME, TargetKind, dependency_lines};
use crate::io::command::CommandError;
use crate::io::files::FileError;

/// A question that the workspace cannot answer: usage or configuration, before anything is built.
#[derive(Debug, thiserror::Error)]
pub enum CargoError {
    /// `cargo metadata` failed.
    #[error("cargo could not read the workspace at {}: {message}", place.display())]
    Metadata {
        /// The manifest or the folder that was asked about.
        place: PathBuf,
        /// What cargo said.
        message: String,
    },
    /// `-p NAME` names nothing.
    #[error("there is no package `{name}` in this workspace: choose one with -p from {}", list(members))]
    NoPackage {
        /// What the user wrote.
        name: String,
        /// What there is.
        members: Vec<String>,
    },
    /// A virtual workspace with more than one candidate.
    #[error("this workspace has more than one package: choose one with -p from {}", list(members))]
    WhichPackage {
        /// What there is.
        members: Vec<String>,
    },
    /// Nothing that the package is built from depends on the runtime.
    #[error(
        "`{package}` is not measured: neither it nor a package of this workspace that it uses depends on {RUNTIME}; \
         add one of these lines to [dependencies] in {}:\n{}",
        manifest.display(), dependency_lines()
    )]
    NotMeasured {
        /// The selected package.
        package: String,
        /// Its manifest.
        manifest: PathBuf,
    },
    /// The runtime is a dev-dependency, which a bin does not see.
    #[error(
        "{RUNTIME} is a dev-dependency of `{package}`, which a {kind} does not see: in {} move its line from \
         [dev-dependencies] to [dependencies]",
        manifest.display()
    )]
    DevelopmentOnly {
        /// The selected package.
        package: String,
        /// Kind of the target that is to be measured.
        kind: TargetKind,
        /// Its manifest.
        manifest: PathBuf,
    },
    /// The package has no such target.
    #[error("`{package}` has no {kind} named `{name}`: it has {}", list(there))]
    NoTarget {
        /// The selected package.
        package: String,
        /// Kind of the missing target.
        kind: TargetKind,
        /// Its name.
        name: String,
        /// Targets that there are, as `kind name`.
        there: Vec<String>,
    },
    /// Nothing is declared and nothing can be taken by default.
    #[error(
        "`{package}` has nothing to run{}: write a bench with the `main!()` of {RUNTIME}, and name it in {} as a [[bench]] \
         with `harness = false`; or name a workload with --bench, --bin, --example or --test",
        in_brackets(others), manifest.display()
    )]
    NoWorkload {
        /// The selected package.
        package: String,
        /// Its manifest.
        manifest: PathBuf,
        /// Benches that nearly could be taken, each with what it lacks.
        others: Vec<String>,
    },
    /// A manifest that cargo could read and we could not.
    #[error("could not understand {}: {message}", manifest.display())]
    Manifest {
        /// Which.
        manifest: PathBuf,
        /// What is wrong, with its line.
        message: String,
    },
    /// A file or folder.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A build that gave no executables.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// cargo could not be started, or failed outside of a build.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// cargo said no; its own words are the tail of its output.
    #[error("the build failed ({status}); to see it alone, run:\n    {line}\n{tail}")]
    Failed {
        /// The command, quoted for a shell.
        line: String,
        /// How cargo ended.
        status: std::process::ExitStatus,
        /// Last lines of what cargo wrote to stderr.
        tail: String,
    },
    /// cargo was content, but the executable is not among the artifacts.
    #[error(
        "cargo built `{package}` but no executable for {target}: look at its `required-features` and at `test = \
         false` or `bench = false` in the manifest"
    )]
    NoExecutable {
        /// The package.
        package: String,
        /// The target, as `kind name`.
        target: String,
    },
    /// cargo's messages could not be read.
    #[error("could not read cargo's messages: {0}")]
    Messages(#[source] std::io::Error),
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "nothing that could be run".to_owned() } else { names.join(", ") }
}

fn in_brackets(what: &[String]) -> String {
    if what.is_empty() { String::new() } else { format!(" ({})", what.join(", ")) }
}
