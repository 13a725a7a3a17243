//! Programs of a tool that come from the registry, in the version that the lock file has of its library.

use std::path::PathBuf;

use crate::error::Error;
use crate::paths;
use crate::process::{self, locked_version};

/// The program of that name of the package `package`, in the version of the library `library`; installed below our target
/// directory where it is missing.
///
/// # Errors
/// When cargo cannot install it.
pub fn installed(package: &str, program: &str, library: &str) -> Result<PathBuf, Error> {
    let failed = |reason: String| Error::Program { command: format!("cargo install {package}"), reason };
    let version = locked_version(library).map_err(failed)?;
    let root = paths::scratch().join(format!("{package}-{version}"));
    let path = root.join("bin").join(program);
    if path.is_file() {
        return Ok(path);
    }
    let mut command =
        process::command(process::cargo(), paths::peers(), &paths::scratch().join("installing"));
    command.args(["install", "--quiet", "--locked", "--root"]).arg(&root).arg(format!("{package}@{version}"));
    process::ended_with(&[0], &mut command).map_err(failed)?;
    Ok(path)
}
