//! What a built revision depends on, as the name of its place in the cache.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use super::{BaselineError, Request, package_folder};
use crate::io::cargo::{BuildPlan, build_argv, plans};
use crate::io::command;
use crate::io::digest::Digest;
use crate::io::files::{self, At};
use crate::io::tree::runtime_digest;

/// Starts the key, so that a change of what is stored starts a new cache.
const KEY_VERSION: &str = "darwin.cache.v1";

/// Beginnings of variables that change what cargo, rustc or a build script's C compiler makes.
const BUILD_VARIABLES: [&str; 11] = [
    "RUSTFLAGS",
    "RUSTC",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "RUSTUP_TOOLCHAIN",
    "CC",
    "CXX",
    "CFLAGS",
    "LDFLAGS",
];

/// Variables that look like those above and only say where to build.
const PLACE_VARIABLES: [&str; 3] = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"];

/// `$CARGO_HOME`, or `~/.cargo`.
pub(in crate::io) fn cargo_home() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
}

/// 32 hexadecimal digits over the files of the revision, toolchain, cargo line, lock file, environment,
/// configuration outside of the revision, and the candidate's runtime.
pub(super) fn of(request: &Request<'_>, configs: &[OsString]) -> Result<String, BaselineError> {
    let mut digest = Digest::default();
    digest.part(KEY_VERSION).part(request.repository.tree_digest(request.commit)?);
    digest.part(inside(request)?.as_os_str().as_encoded_bytes());
    let directory = request.candidate.directory();
    digest.part(
        directory.strip_prefix(request.candidate.root()).unwrap_or(directory).as_os_str().as_encoded_bytes(),
    );
    digest.part(command::output(Command::new(rustc()).arg("-vV").current_dir(request.candidate.root()))?);
    for word in cargo_words(request)? {
        digest.part(word.as_encoded_bytes());
    }
    // Ours are in no file and no variable; the user's may come from a file that is included from elsewhere.
    for flag in request.options.rustflags.iter().flatten() {
        digest.part(flag);
    }
    digest.part(contents(&request.candidate.root().join("Cargo.lock")));
    for (name, value) in build_environment(std::env::vars_os()) {
        digest.part(name.as_encoded_bytes()).part(value.as_encoded_bytes());
    }
    let home =
        cargo_home().into_iter().flat_map(|home| ["config", "config.toml"].map(|name| home.join(name)));
    for config in configs.iter().map(PathBuf::from).chain(home) {
        digest.part(config.as_os_str().as_encoded_bytes()).part(contents(&config));
    }
    digest.part(runtime_digest(request.candidate, request.candidate_top)?);
    outside(request, &mut digest)?;
    Ok(digest.hex())
}

/// Packages outside of the candidate's tree have no revision: both sides are built with what they are now. Sizes and times
/// tell a change, as they do for cargo.
fn outside(request: &Request<'_>, digest: &mut Digest) -> Result<(), BaselineError> {
    let folders = request.candidate.path_packages().filter_map(|package| package.manifest_path.parent());
    for folder in folders.filter(|folder| !folder.starts_with(request.candidate_top)) {
        for file in files::walk(folder.as_std_path(), &|name| matches!(name, "target" | ".git"))? {
            let about = std::fs::symlink_metadata(&file).at("look at", &file)?;
            let changed = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            digest.part(file.as_os_str().as_encoded_bytes()).part(about.len().to_le_bytes());
            digest.part(changed.unwrap_or_default().as_nanos().to_le_bytes());
        }
    }
    Ok(())
}

/// The package's manifest seen from the top of the repository.
fn inside<'a>(request: &Request<'a>) -> Result<&'a Path, BaselineError> {
    let outside = |_| BaselineError::WorkspaceOutside {
        workspace: package_folder(request.package).to_path_buf(),
        repository: request.repository.root().to_path_buf(),
    };
    request.package.manifest_path.as_std_path().strip_prefix(request.candidate_top).map_err(outside)
}

/// The candidate's cargo lines without places.
fn cargo_words(request: &Request<'_>) -> Result<Vec<OsString>, BaselineError> {
    let lacking =
        |source| BaselineError::NotInRevision { commit: request.commit.clone(), source: Box::new(source) };
    let nowhere = Path::new("");
    let plans = plans(request.candidate, request.package, request.targets, request.options, nowhere);
    let without_places = |plan: BuildPlan| BuildPlan { manifest_path: PathBuf::new(), ..plan };
    Ok(plans.map_err(lacking)?.into_iter().flat_map(|plan| build_argv(&without_places(plan))).collect())
}

pub(super) fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// A file that is not there is as good as an empty one.
pub(super) fn contents(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap_or_default()
}

/// The variables that change what is built, in order of name.
pub(super) fn build_environment(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    let matters = |name: &OsStr| {
        let name = name.to_string_lossy();
        BUILD_VARIABLES.iter().any(|start| name.starts_with(start))
            && !PLACE_VARIABLES.contains(&name.as_ref())
    };
    let mut found: Vec<_> = all.filter(|(name, _)| matters(name)).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_that_change_what_is_built_are_in_the_key() {
        let names =
            ["RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_PROFILE_RELEASE_LTO", "PATH", "CARGO_BUILD_TARGET"];
        let all = names.iter().map(|name| (OsString::from(name), OsString::from("x")));
        let found: Vec<_> = build_environment(all).into_iter().map(|(name, _)| name).collect();
        assert_eq!(found, ["CARGO_BUILD_TARGET", "CARGO_PROFILE_RELEASE_LTO", "RUSTFLAGS"]);
    }
}
