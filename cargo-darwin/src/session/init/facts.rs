//! What there is, before anything is decided.

use std::path::{Path, PathBuf};

use super::source::Source;

/// Everything that the plan depends on.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The current folder.
    pub directory: PathBuf,
    /// Name of the package.
    pub package: String,
    /// The package was named with `-p`, and will have to be again.
    pub is_named: bool,
    /// Its manifest.
    pub manifest: TextFile,
    /// The manifest of the workspace, if it is another file.
    pub root: Option<TextFile>,
    /// The runtime among its dependencies.
    pub dependency: Option<Dependency>,
    /// Where the runtime is to come from, if it has to be added; or why that is not known.
    pub source: Result<Source, String>,
    /// The user has said where it is to come from.
    pub source_is_typed: bool,
    /// The library, if benches can call it.
    pub library: Option<Library>,
    /// Its programs.
    pub bins: Vec<String>,
    /// Bench targets of the package, and other files in its folder `benches`.
    pub benches: Vec<BenchFile>,
    /// Names of benches of other packages.
    pub other_benches: Vec<String>,
    /// What the first bench is to be called, if the user said so.
    pub bench_name: Option<String>,
    /// `darwin.toml`.
    pub config: ConfigFile,
    /// The package needs this version of Rust at least, which is older than the runtime's.
    pub older_rust: Option<String>,
    /// Does cargo find benches of this package only if they are declared, once one is?
    pub loses_benches: bool,
    /// Whether there is a repository; `None` where git refuses to tell.
    pub has_repository: Option<bool>,
}

/// A file with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Where.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
    /// Its owner wants it to stay as it is.
    pub is_read_only: bool,
}

impl TextFile {
    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }
}

/// The runtime as a dependency of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its key.
    pub key: String,
    /// Only benches, tests and examples see it.
    pub is_for_development: bool,
    /// The features of which one switches it on, where it is optional.
    pub features: Option<Vec<String>>,
}

/// A library that benches can call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// Its name in code.
    pub name: String,
    /// A public function.
    pub function: Option<Named>,
    /// Somewhere in the package's sources a global allocator is set.
    pub has_allocator: bool,
    /// It does without the standard library, at least sometimes.
    pub is_no_std: bool,
    /// Edition 2015: `use` finds no crate that was not declared.
    pub is_edition_2015: bool,
}

/// A function to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its path within the library.
    pub path: String,
    /// Its file, as seen from the package's folder.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// Does it take arguments?
    pub takes_arguments: bool,
}

/// A bench of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchFile {
    /// Name of the target, or of the file.
    pub name: String,
    /// Where.
    pub path: PathBuf,
    /// Its text; empty where it cannot be read.
    pub text: String,
    /// Does the manifest declare it, and with `harness = false`?
    pub declared: Option<bool>,
}

/// What there is of `darwin.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigFile {
    /// One that counts for the package.
    There {
        /// Where.
        path: PathBuf,
        /// How many workloads it declares.
        workloads: usize,
    },
    /// None.
    Missing {
        /// A package keeps its baseline file in its own folder, where it would not be found any more beside a `darwin.toml` at
        /// the root.
        baselines_lie_in_packages: bool,
    },
}
