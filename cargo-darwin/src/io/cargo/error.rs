//! What can go wrong around cargo: the user's question, and the build.

use std::path::PathBuf;

use super::{Conflict, RUNTIME, TargetKind, TargetRef, dependency_lines};
use crate::io::command::CommandError;
use crate::io::files::FileError;

/// A question that the workspace cannot answer: usage or configuration, before anything is built.
#[derive(Debug, thiserror::Error)]
pub enum CargoError {
    /// `cargo metadata` failed.
    #[error(
        "cargo could not read the workspace at {}: {}\n  help: {}",
        place.display(), message.trim_start_matches("error: "), remedy_of_cargo(message)
    )]
    Metadata {
        /// The manifest or the folder that was asked about.
        place: PathBuf,
        /// What cargo said.
        message: String,
    },
    /// cargo knows paths as UTF-8 only.
    #[error("{} is a path whose name is not UTF-8, which cargo cannot build in: rename the folder", path.display())]
    NotUtf8 {
        /// The folder or the manifest.
        path: PathBuf,
    },
    /// cargo puts folders of the target directory into a list of paths.
    #[error(
        "the target directory {} has a `:` in its name, which cargo cannot build in: rename the folder, or set \
         CARGO_TARGET_DIR to one without it",
        path.display()
    )]
    NoPathOfAList {
        /// The target directory.
        path: PathBuf,
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
         `cargo darwin init` adds it, or add one of these lines to [dependencies] in {}:\n{}",
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
    /// It is measured outside of the workspace, where cargo switches no features on.
    #[error(
        "`{package}` is not measured: `{owner}` ({}), which it uses, depends on {RUNTIME}, but is no member of this \
         workspace, and cargo switches on features of members only; add this line to [dependencies] in {}:\n    {line}",
        owner_manifest.display(), manifest.display()
    )]
    OwnerOutside {
        /// The selected package.
        package: String,
        /// The one that is measured.
        owner: String,
        /// Its manifest.
        owner_manifest: PathBuf,
        /// The dependency on the very runtime that the owner has.
        line: String,
        /// The selected package's manifest.
        manifest: PathBuf,
    },
    /// Resolver 1 cannot keep off what the user wants off.
    #[error(
        "cargo's resolver 1 does not turn the default features of `{package}` off while it is measured through \
         `{owner}`: add `resolver = \"2\"` to [workspace] in {}, or one of these lines to [dependencies] in {}:\n{}",
        root.display(), manifest.display(), dependency_lines()
    )]
    DefaultsStayOn {
        /// The selected package.
        package: String,
        /// The one that depends on the runtime.
        owner: String,
        /// The workspace's manifest.
        root: PathBuf,
        /// The selected package's manifest.
        manifest: PathBuf,
    },
    /// cargo leaves a target out whose features are off.
    #[error("`{package}` builds its {target} only with more features: add --features {}", off.join(","))]
    NeedsFeatures {
        /// The selected package.
        package: String,
        /// The target.
        target: TargetRef,
        /// What it requires and is off.
        off: Vec<String>,
    },
    /// The program would load a library that cargo builds.
    #[error(
        "`{library}` is a library that programs load and cannot link, and where it lies is known to cargo alone: add \
         \"rlib\" to crate-type under [lib] in {}:\n    crate-type = [\"rlib\", \"dylib\"]",
        manifest.display()
    )]
    SharedLibrary {
        /// The library.
        library: String,
        /// Its manifest.
        manifest: PathBuf,
    },
    /// The program would load the standard library.
    #[error(
        "your flags for rustc have `{flag}`, and where the standard library lies to be loaded is known to cargo alone: \
         take it out, or add `-C prefer-dynamic=no` behind it"
    )]
    PrefersDynamic {
        /// The flag.
        flag: String,
    },
    /// The package has no such target.
    #[error(
        "`{package}` has no {kind} named `{name}`: it has {}; name one of these, or add the target",
        list(there)
    )]
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
        "`{package}` has nothing to run{}: `cargo darwin init` adds a first bench; or write one with the `main!()` of \
         {RUNTIME}, and name it in {} as a [[bench]] with `harness = false`; or name a workload with --bench, --bin, \
         --example or --test",
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
    #[error("could not understand {}: {message}; `cargo metadata` reads it too and may say more", manifest.display())]
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
    #[error(
        "the build failed ({status}{}); to see it alone, run:\n    {line}\n{tail}",
        room.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default()
    )]
    Failed {
        /// The command, quoted for a shell.
        line: String,
        /// How cargo ended.
        status: std::process::ExitStatus,
        /// That the target directory's disk may be full, where it may: see [`crate::io::room::hint`].
        room: Option<String>,
        /// Last lines of what cargo wrote to stderr.
        tail: String,
    },
    /// The lock file holds a version that measurement cannot use; cargo's own words have been shown.
    #[error("{_0}: {}", _0.remedy())]
    Locked(Conflict),
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

/// What `cargo metadata` says, and what to do about it.
const REMEDIES: [(&str, &str); 8] = [
    (
        "could not find `Cargo.toml`",
        "run this in the folder of a package, or name its Cargo.toml with --manifest-path",
    ),
    ("manifest path", "run this in the folder of a package, or name its Cargo.toml with --manifest-path"),
    ("requires `-Zscript`", "--manifest-path takes the file: write FOLDER/Cargo.toml"),
    ("manifest-path must be", "--manifest-path takes the file: write FOLDER/Cargo.toml"),
    ("feature", "the features of a package stand under [features] in its Cargo.toml: mend --features"),
    ("--locked", "run `cargo build` once without --locked, and commit Cargo.lock"),
    ("--offline", "run `cargo fetch` once with the network"),
    ("", "mend that first: `cargo metadata` says the same"),
];

fn remedy_of_cargo(message: &str) -> String {
    if let Some(conflict) = Conflict::in_words_of_cargo(message) {
        return format!("{conflict}: {}", conflict.remedy());
    }
    REMEDIES.iter().find(|(words, _)| message.contains(words)).map_or("", |(_, remedy)| *remedy).to_owned()
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "nothing that could be run".to_owned() } else { names.join(", ") }
}

fn in_brackets(what: &[String]) -> String {
    if what.is_empty() { String::new() } else { format!(" ({})", what.join(", ")) }
}
