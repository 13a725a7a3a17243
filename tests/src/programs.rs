//! Where the programs and folders of the tests are, and what environment the programs see.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Beginnings of variables that cargo sets for a test, that git sets for a hook, or that change what darwin does.
/// Everything else is handed on: a proxy, a registry mirror, `RUSTFLAGS`.
const HIDDEN: [&str; 17] = [
    "CARGO_BIN_",
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_CFG_",
    "CARGO_CRATE_NAME",
    "CARGO_FEATURE_",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_TMPDIR",
    "CLICOLOR",
    "COLUMNS",
    "DARWIN_",
    "GIT_",
    "NO_COLOR",
    "OUT_DIR",
    "RUST_BACKTRACE",
];

/// What the programs see besides.
const SHOWN: [(&str, &str); 9] = [
    ("CARGO_TERM_COLOR", "never"),
    ("GIT_AUTHOR_EMAIL", "tests@darwin.invalid"),
    ("GIT_AUTHOR_NAME", "Tests"),
    ("GIT_COMMITTER_EMAIL", "tests@darwin.invalid"),
    ("GIT_COMMITTER_NAME", "Tests"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("LC_ALL", "C"),
    ("NO_COLOR", "1"),
];

/// The folders that fixtures use, all below this workspace's target directory.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// Where the copy of a fixture lies.
    pub(crate) tree: PathBuf,
    /// Where cargo builds it.
    pub(crate) target: PathBuf,
    /// Where exported revisions go.
    pub(crate) cache: PathBuf,
    /// Who has the place now.
    pub(crate) lock: PathBuf,
}

impl Places {
    pub(crate) fn find(name: &str) -> Places {
        let folder = place(name);
        Places {
            tree: folder.join("tree"),
            target: folder.join("target"),
            cache: folder.join("cache"),
            lock: folder.join("lock"),
        }
    }

    /// Folders with what checks and runs have kept of earlier code, as far as they are there.
    pub(crate) fn kept(&self) -> Vec<PathBuf> {
        // A target directory outside the workspace has one folder for each workspace that uses it.
        let workspaces = fs::read_dir(self.target.join("darwin")).into_iter().flatten().flatten();
        let folders =
            workspaces.flat_map(|one| ["evidence", "code", "calibration"].map(|kept| one.path().join(kept)));
        folders.filter(|folder| folder.is_dir()).collect()
    }

    /// A program with the environment of a fixture.
    pub(crate) fn command(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if HIDDEN.iter().any(|hidden| name.as_encoded_bytes().starts_with(hidden.as_bytes())) {
                command.env_remove(name);
            }
        }
        command.envs(SHOWN).env("CARGO_TARGET_DIR", &self.target).env("XDG_CACHE_HOME", &self.cache);
        command
    }
}

/// The folder of this repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the repository")
}

/// The cargo that runs the tests.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// A folder of that name below this workspace's target directory; made where it is missing.
pub fn place(name: &str) -> PathBuf {
    let folder = target_directory().join(name);
    fs::create_dir_all(&folder).expect("the target directory can be written");
    folder
}

/// The executable under test. `cargo test --workspace` has built it; otherwise it is built now.
pub fn cargo_darwin() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    // `--workspace` asks for the features that `cargo test --workspace` asked for: nothing is built twice.
    PATH.get_or_init(|| built(&["--workspace"]))
}

/// The executable as users have it, built now if need be. The words are those of the alias `cargo darwin`: nothing
/// is built twice.
pub fn cargo_darwin_for_measuring() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| built(&["--release", "--package", "cargo-darwin"]))
}

fn built(words: &[&str]) -> PathBuf {
    let always = ["build", "--quiet", "--bin", "cargo-darwin", "--message-format", "json"];
    let messages = ask_cargo(always.into_iter().chain(words.iter().copied()));
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let path = message["executable"].as_str()?;
        (message["target"]["name"] == "cargo-darwin").then(|| PathBuf::from(path))
    };
    messages.lines().find_map(executable).expect("cargo names the executable")
}

fn target_directory() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let metadata = ask_cargo(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: Value = serde_json::from_str(&metadata).expect("cargo's metadata are JSON");
        metadata["target_directory"].as_str().expect("cargo names its target directory").into()
    })
}

fn ask_cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> String {
    let mut command = Command::new(cargo());
    command.args(args).current_dir(repository()).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().expect("cargo can be started");
    assert!(output.status.success(), "{command:?} failed");
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}
