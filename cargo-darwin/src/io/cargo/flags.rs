//! rustc's flags for our builds: the user's own, as cargo finds them, and ours.
//!
//! Ours must reach every crate, and only `RUSTFLAGS` or the configuration do that. Each of the places from which cargo
//! takes flags hides the others, so adding to one would lose the user's. cargo itself is asked instead: a package
//! without dependencies, in our target directory, whose build script says what it was given. With that and ours in
//! `CARGO_ENCODED_RUSTFLAGS`, which goes before all other places, nothing is lost. cargo takes the build script for
//! stale when the flags change, so an answer is never old; one that is still good takes 0.03 s.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use super::{BuildError, CargoOptions, program};
use crate::io::command;
use crate::io::files::{At, FileError};
use crate::io::git;

/// Aligns loops alike in both builds: a short loop that begins elsewhere in its cache line moved p50 by up to 1 %
/// (GATE.md section 1).
const ALIGNED_LOOPS: &str = "-Cllvm-args=-align-loops=64";
/// In flags of the user's: they have aligned loops themselves.
const ALIGNS_LOOPS: &str = "align-loops";

/// Between flags in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\x1f";
/// The variable that goes before all other places of flags.
pub(super) const VARIABLE: &str = "CARGO_ENCODED_RUSTFLAGS";

const MANIFEST: &str = "[package]\nname = \"darwin-flags-probe\"\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n[workspace]\n";

/// Why the flags are not known.
#[derive(Debug, thiserror::Error)]
pub enum FlagsError {
    /// The probe could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// cargo could not build it.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// It was built and said nothing, or several things.
    #[error("cargo built the probe and gave it {0}")]
    Answer(&'static str),
}

/// Where the flags are asked for.
#[derive(Debug)]
pub struct Probe<'a> {
    /// Folder of the probe, which is ours.
    pub folder: &'a Path,
    /// Folder in which cargo will build; it reads its configuration from here upwards.
    pub directory: &'a Path,
    /// The user's options.
    pub options: &'a CargoOptions,
}

/// The flags that cargo hands to rustc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rustflags {
    /// The user's.
    own: Vec<String>,
    /// Does rustc take ours beside them?
    takes_ours: bool,
}

impl Probe<'_> {
    /// Asks cargo.
    ///
    /// # Errors
    /// When the probe cannot be written, or cargo cannot build it.
    pub fn ask(&self) -> Result<Rustflags, FlagsError> {
        self.write()?;
        let mut cargo = self.command();
        git::clear_environment(&mut cargo);
        let stdout = command::output(&mut cargo).map_err(BuildError::from)?;
        let mut answers = Vec::new();
        for message in Message::parse_stream(stdout.as_slice()) {
            if let Message::BuildScriptExecuted(script) = message.map_err(BuildError::Messages)? {
                answers.extend(Rustflags::told(&script.env));
            }
        }
        answers.dedup();
        match answers.len() {
            0 => Err(FlagsError::Answer("no flags to tell")),
            1 => Ok(answers.remove(0)),
            _ => Err(FlagsError::Answer("other flags for each of several targets")),
        }
    }

    /// Files that are as they should be are left alone, or cargo would build them again.
    fn write(&self) -> Result<(), FileError> {
        let script = include_str!("flags/probe.rs").replace("{ALIGNED_LOOPS}", ALIGNED_LOOPS);
        for (name, text) in [("Cargo.toml", MANIFEST), ("build.rs", &script), ("src/lib.rs", "")] {
            let path = self.folder.join(name);
            if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
                continue;
            }
            let parent = path.parent().unwrap_or(self.folder);
            std::fs::create_dir_all(parent).at("create", parent)?;
            std::fs::write(&path, text).at("write", &path)?;
        }
        Ok(())
    }

    /// It has no dependencies and needs no network, whatever cargo must do for the user's packages.
    fn command(&self) -> Command {
        let target = self.folder.join("target");
        let build_dir = toml::Value::from(target.to_string_lossy().into_owned());
        let mut cargo = Command::new(program());
        cargo.args(["build", "--quiet", "--offline", "--message-format=json", "--manifest-path"]);
        cargo.arg(self.folder.join("Cargo.toml")).arg("--target-dir").arg(&target);
        cargo.args(self.options.config_words());
        cargo.arg("--config").arg(format!("build.build-dir={build_dir}"));
        cargo.args(self.options.target_words());
        cargo.args(&self.options.flags).current_dir(self.directory).stdin(Stdio::null());
        cargo
    }
}

impl Rustflags {
    fn told(variables: &[(String, String)]) -> Option<Rustflags> {
        let value = |name| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let digits = value("DARWIN_FLAGS")?;
        let byte = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        let bytes = (0..digits.len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>()?;
        let text = String::from_utf8(bytes).ok()?;
        let own = text.split(SEPARATOR).filter(|flag| !flag.is_empty()).map(str::to_owned).collect();
        Some(Rustflags { own, takes_ours: value("DARWIN_TAKES_OURS")? == "true" })
    }

    /// The user's and ours, for [`CargoOptions::rustflags`]; `None` where rustc does not take ours.
    pub fn with_aligned_loops(self) -> Option<Vec<String>> {
        match self.own.iter().any(|flag| flag.contains(ALIGNS_LOOPS)) {
            true => Some(self.own),
            false => {
                self.takes_ours.then(|| self.own.into_iter().chain([ALIGNED_LOOPS.to_owned()]).collect())
            }
        }
    }
}

/// Flags as one value of [`VARIABLE`].
pub(super) fn encoded(flags: &[String]) -> OsString {
    flags.join(SEPARATOR).into()
}

/// The variable as a shell takes it, to stand in front of a cargo line; the separator needs bash's or zsh's `$''`.
pub(super) fn shown(flags: &[String]) -> String {
    let value = encoded(flags).to_string_lossy().replace('\\', r"\\").replace('\'', r"\'");
    format!("{VARIABLE}=$'{}'", value.replace(SEPARATOR, r"\x1f"))
}

/// Folder of the probe below everything of ours in the target directory.
pub fn probe_folder(ours: &Path) -> PathBuf {
    ours.join("flags-probe")
}

#[cfg(test)]
mod tests;
