//! Small workspaces without downloads, for the tests of this folder and its neighbours.

use std::fs;
use std::path::{Path, PathBuf};

use super::{CargoOptions, Workspace};

/// A package in a workspace: manifest after `[package]`, and files.
pub(crate) struct Sandbox {
    temp: tempfile::TempDir,
}

impl Sandbox {
    /// An empty folder.
    pub(crate) fn new() -> Sandbox {
        Sandbox { temp: tempfile::tempdir().unwrap() }
    }

    /// A folder `name` beside other sandboxes' folders, without symbolic links.
    pub(crate) fn root(&self) -> PathBuf {
        self.temp.path().canonicalize().unwrap()
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        write(&self.root().join(path), text);
    }

    /// A package `name` in the folder `dir`, with an empty library and these lines after `[package]`.
    pub(crate) fn package(&self, dir: &str, name: &str, rest: &str) {
        self.write(&format!("{dir}/Cargo.toml"), &manifest(name, rest));
        self.write(&format!("{dir}/src/lib.rs"), "");
    }

    /// Stand-ins for the runtime and its macros below `dir`: same names and features, no dependencies.
    pub(crate) fn runtime(&self, dir: &str) {
        let features = "[features]\nenabled = [\"darwin-macros/enabled\"]\n";
        let dependency = "[dependencies]\ndarwin-macros = { path = \"../darwin-macros\" }\n";
        self.package(&format!("{dir}darwin-runtime"), "darwin-runtime", &format!("{features}{dependency}"));
        self.write(
            &format!("{dir}darwin-runtime/src/lib.rs"),
            "pub const ON: bool = cfg!(feature = \"enabled\");\npub const MARK: u32 = 1;\n",
        );
        self.package(&format!("{dir}darwin-macros"), "darwin-macros", "[features]\nenabled = []\n");
    }

    /// The workspace at `dir`, without network.
    pub(crate) fn load(&self, dir: &str) -> Workspace {
        Workspace::load(&self.root().join(dir), &offline()).unwrap()
    }
}

/// Options for tests: nothing is downloaded.
pub(crate) fn offline() -> CargoOptions {
    CargoOptions { offline: true, ..CargoOptions::default() }
}

/// A manifest with these lines after `[package]`.
pub(crate) fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
