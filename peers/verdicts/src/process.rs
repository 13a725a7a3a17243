//! Programs that are run to their end, with the environment of somebody who has just opened a terminal.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::paths;

/// Beginnings of variables that cargo sets for us, or that change what a tool does.
const HIDDEN: [&str; 14] = [
    "CARGO_BIN_",
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_CFG_",
    "CARGO_CRATE_NAME",
    "CARGO_FEATURE_",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PRIMARY_PACKAGE",
    "CRITERION_",
    "DARWIN_",
    "GIT_",
    "GUNGRAUN_",
    "OUT_DIR",
    "SOOTHFAST_",
];

/// What all see besides.
const SHOWN: [(&str, &str); 9] = [
    ("CARGO_TERM_COLOR", "never"),
    ("GIT_AUTHOR_EMAIL", "verdicts@darwin.invalid"),
    ("GIT_AUTHOR_NAME", "Verdicts"),
    ("GIT_COMMITTER_EMAIL", "verdicts@darwin.invalid"),
    ("GIT_COMMITTER_NAME", "Verdicts"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("LC_ALL", "C"),
    ("NO_COLOR", "1"),
];

/// How a program ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Its exit code; -1 where a signal killed it.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// How long it took.
    pub seconds: f64,
}

/// A program in that environment, which builds into `target`.
pub fn command(program: impl AsRef<OsStr>, folder: &Path, target: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if HIDDEN.iter().any(|hidden| name.as_encoded_bytes().starts_with(hidden.as_bytes())) {
            command.env_remove(name);
        }
    }
    command.envs(SHOWN).env("CARGO_TARGET_DIR", target).current_dir(folder);
    command
}

/// The cargo that started us.
pub fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs it to its end, without input.
///
/// # Errors
/// When it cannot be started.
pub fn ended(command: &mut Command) -> Result<Ended, String> {
    let begin = Instant::now();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{}: {error}", shown(command)))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
        seconds: begin.elapsed().as_secs_f64(),
    })
}

/// The same of a program that has to end with one of these codes.
///
/// # Errors
/// When it does not; the text has what it said.
pub fn ended_with(codes: &[i32], command: &mut Command) -> Result<Ended, String> {
    let ended = ended(command)?;
    match codes.contains(&ended.code) {
        true => Ok(ended),
        false => {
            let said = [ended.stderr.trim(), ended.stdout.trim()].join("\n");
            Err(format!("{} ended with {}: {}", shown(command), ended.code, said.trim()))
        }
    }
}

/// Runs a `cargo build` or `cargo bench --no-run`, and returns the executable of the target `name` and how long it took.
///
/// # Errors
/// When it fails, or makes no such executable.
pub fn built(command: &mut Command, name: &str) -> Result<(PathBuf, f64), String> {
    command.args(["--message-format", "json-render-diagnostics"]);
    let ended = ended_with(&[0], command)?;
    let found = ended.stdout.lines().filter_map(|line| executable(line, name)).next_back();
    let found = found.ok_or_else(|| format!("{} made no executable `{name}`", shown(command)))?;
    Ok((found, ended.seconds))
}

/// The executable that a message of cargo's names.
fn executable(message: &str, name: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message["executable"].as_str()?;
    (message["target"]["name"] == name).then(|| PathBuf::from(path))
}

/// As it could be typed.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The version of a package in the lock file of the peers.
///
/// # Errors
/// When it is not there.
pub fn locked_version(package: &str) -> Result<String, String> {
    let path = paths::peers().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    version_in(&lock, package).ok_or_else(|| format!("{} has no `{package}`", path.display()))
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let behind = lock.split_once(&format!("name = \"{package}\"\n"))?.1;
    Some(behind.strip_prefix("version = \"")?.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_executable_is_that_of_the_target_of_this_very_name() {
        let message = r#"{"executable":"/t/three-1","target":{"name":"with_tango"}}"#;
        assert_eq!(executable(message, "with_tango"), Some(PathBuf::from("/t/three-1")));
        assert_eq!(executable(message, "by_hand"), None);
        assert_eq!(executable("warning: something", "by_hand"), None);
    }

    #[test]
    fn every_peer_is_pinned_by_the_lock_file() {
        for package in ["cargo-darwin", "criterion", "gungraun", "soothfast", "tango-bench"] {
            assert!(locked_version(package).is_ok(), "{package}");
        }
        assert!(locked_version("no-such-package").is_err());
    }

    #[test]
    fn what_a_program_said_is_told_when_it_fails() {
        let mut command = Command::new("git");
        command.args(["no-such-word"]);
        let reason = ended_with(&[0], &mut command).unwrap_err();
        assert!(
            reason.starts_with("git no-such-word ended with 1: ") && reason.contains("not a git command"),
            "{reason}"
        );
    }
}
