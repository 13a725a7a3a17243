//! cargo, called as a child: what there is to build, how it is asked for, and what came out.
//!
//! Argument vectors are pure functions of data ([`build_argv`]); executables come from cargo's own messages and
//! are never guessed from a path. Measurement is switched on by a feature and a profile on the command line, without
//! an edit of a manifest; flags for rustc are the user's, and ours beside them ([`Probe`]).

mod activation;
mod build;
mod conflict;
mod error;
mod flags;
mod linked;
mod options;
mod plan;
mod targets;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod workspace;

use std::ffi::OsString;

pub use activation::{Activation, activation};
pub use build::{Executable, build, clean};
pub use conflict::Conflict;
pub use error::{BuildError, CargoError};
pub use flags::{FlagsError, Probe, Rustflags, probe_folder};
pub use options::CargoOptions;
pub use plan::{BuildPlan, Profile, build_argv, clean_argv, plans};
pub use targets::{TargetKind, TargetRef, default_targets, find_target};
pub use workspace::Workspace;

/// Name of the package that users depend on.
pub const RUNTIME: &str = "darwin-runtime";
/// Name of the package with its attributes.
pub const MACROS: &str = "darwin-macros";

/// The cargo that started us, so that the toolchain is the same; else the one on `PATH`.
pub fn program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The lines of which one makes a package measurable, as they are written under `[dependencies]`. There is no address
/// that could be taken for granted: the runtime has to be the one that this program was built with.
pub fn dependency_lines() -> String {
    format!(
        "    {RUNTIME} = {{ path = \"PATH/{RUNTIME}\" }}   # PATH: where you have cloned Darwin\n    {RUNTIME} = {{ git = \"URL\" }}   # or URL: where you have installed cargo-darwin from"
    )
}
