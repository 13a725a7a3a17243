//! Builds contestants, each with its own features alone, and keeps their executables apart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::contestants::Contestant;
use crate::error::{At, Error};

/// This package.
pub fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where everything is built: one target directory for all.
pub fn target() -> PathBuf {
    home().join("target")
}

/// Darwin's own repository.
pub fn repository() -> &'static Path {
    home().parent().unwrap_or(Path::new("/"))
}

/// Executables by features.
#[derive(Debug, Default)]
pub struct Builds(BTreeMap<&'static [&'static str], PathBuf>);

impl Builds {
    /// Everyone's executable, built now where it is not fresh.
    ///
    /// # Errors
    /// When cargo fails.
    pub fn of(contestants: &[Contestant]) -> Result<Builds, Error> {
        Builds::made(contestants, |features| built("contestant", features))
    }

    /// The same, linked anew with their functions in an order drawn from `seed`: where a loop of a nanosecond lies decides on
    /// a tenth of what a call in it seems to cost, and one layout would be one sample of that.
    ///
    /// # Errors
    /// When cargo fails.
    pub fn in_order(contestants: &[Contestant], seed: u32) -> Result<Builds, Error> {
        Builds::made(contestants, |features| built_in_order("contestant", features, Some(seed)))
    }

    fn made(
        contestants: &[Contestant],
        make: impl Fn(&'static [&'static str]) -> Result<PathBuf, Error>,
    ) -> Result<Builds, Error> {
        let mut builds = Builds::default();
        for contestant in contestants {
            if !builds.0.contains_key(contestant.features) {
                builds.0.insert(contestant.features, make(contestant.features)?);
            }
        }
        Ok(builds)
    }

    /// The executable of one of them.
    pub fn get(&self, contestant: &Contestant) -> &Path {
        &self.0[contestant.features]
    }
}

/// An executable of the package `contestant`, in a place where the next build does not write over it.
///
/// # Errors
/// When cargo fails.
pub fn built(binary: &str, features: &[&str]) -> Result<PathBuf, Error> {
    built_in_order(binary, features, None)
}

fn built_in_order(binary: &str, features: &[&str], seed: Option<u32>) -> Result<PathBuf, Error> {
    let mut command = cargo("rustc");
    command.args(["--release", "--package", "contestant", "--bin", binary, "--manifest-path"]);
    command.arg(home().join("Cargo.toml")).arg("--features").arg(features.join(","));
    let order = seed.map(|seed| format!("-Clink-arg=-Wl,--shuffle-sections=.text*={seed}"));
    let executable = executable_with(&mut command, order.as_slice())?;
    let folder = target().join("contestants");
    std::fs::create_dir_all(&folder).at("make", &folder)?;
    let kept = folder.join(kept_name(binary, features));
    std::fs::copy(&executable, &kept).at("write", &kept)?;
    Ok(kept)
}

fn kept_name(binary: &str, features: &[&str]) -> String {
    let words: Vec<&str> = std::iter::once(binary).chain(features.iter().copied()).collect();
    words.join("+")
}

/// `cargo WORD` that builds into our target directory, with the flags of nobody else.
pub fn cargo(word: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg(word).arg("--target-dir").arg(target());
    command.stdin(Stdio::null());
    command
}

/// Runs a `cargo build` that makes one executable, and returns where that is.
///
/// # Errors
/// When cargo fails, or names no executable.
pub fn executable(command: &mut Command) -> Result<PathBuf, Error> {
    executable_with(command, &[])
}

/// The same of a `cargo rustc` with these arguments for the last crate.
fn executable_with(command: &mut Command, rustc: &[String]) -> Result<PathBuf, Error> {
    command.args(["--quiet", "--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    if !rustc.is_empty() {
        command.arg("--").args(rustc);
    }
    let output = command.output();
    let failed = |reason: &str| Error::Program { command: format!("{command:?}"), reason: reason.to_owned() };
    let output = output.map_err(|error| failed(&error.to_string()))?;
    if !output.status.success() {
        return Err(failed("the build failed; what cargo said stands above"));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    messages.lines().filter_map(named).next_back().ok_or_else(|| failed("it made no executable"))
}

/// The executable that a message of cargo's names.
fn named(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    message["executable"].as_str().map(PathBuf::from)
}

/// The version of a package in our lock file.
///
/// # Errors
/// When the file cannot be read.
pub fn version(package: &str) -> Result<String, Error> {
    let path = home().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).at("read", &path)?;
    Ok(locked(&lock, package).unwrap_or_else(|| "unknown".to_owned()))
}

fn locked(lock: &str, package: &str) -> Option<String> {
    let behind = lock.split_once(&format!("name = \"{package}\"\n"))?.1;
    Some(behind.strip_prefix("version = \"")?.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_that_of_the_package_of_this_very_name() {
        let lock = "[[package]]\nname = \"tracing-core\"\nversion = \"0.1.36\"\n\n[[package]]\nname = \"tracing\"\nversion = \"0.1.44\"\n";
        assert_eq!(locked(lock, "tracing").as_deref(), Some("0.1.44"));
        assert_eq!(locked(lock, "puffin"), None);
    }

    #[test]
    fn only_messages_about_executables_name_one() {
        assert_eq!(named(r#"{"reason":"compiler-artifact","executable":null}"#), None);
        assert_eq!(named("warning: something"), None);
        assert_eq!(named(r#"{"executable":"/t/contestant"}"#), Some(PathBuf::from("/t/contestant")));
    }

    #[test]
    fn builds_of_different_features_lie_apart() {
        assert_eq!(kept_name("contestant", &["darwin-on", "alloc"]), "contestant+darwin-on+alloc");
        assert_eq!(kept_name("contestant", &[]), "contestant");
    }
}
