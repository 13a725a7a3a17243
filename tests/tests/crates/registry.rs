//! Published crates, fetched by cargo itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use darwin_tests::Ended;

/// The folder with the source of a published crate. It is cargo's own copy: nobody may write there.
///
/// # Panics
/// When cargo cannot get the crate, with what it said.
pub fn source(name: &str, version: &str) -> PathBuf {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |file: &str, text: &str| {
        fs::write(folder.path().join(file), text).expect("a file can be written");
    };
    write("lib.rs", "");
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"asks-for-a-crate\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[dependencies]\n{name} = \"={version}\"\n[workspace]\n"
        ),
    );
    let online = metadata(folder.path(), &[]);
    let told = match online.code {
        0 => online,
        // What an earlier fetch has left in cargo's home is enough.
        _ => {
            let offline = metadata(folder.path(), &["--offline"]);
            assert!(
                offline.code == 0,
                "cargo cannot get {name} {version}: these tests need the registry (crates.io), or what an earlier fetch has \
                 left in cargo's home\n{online}\n--- and with --offline\n{offline}"
            );
            offline
        }
    };
    let metadata = told.json();
    let packages = metadata["packages"].as_array().expect("metadata have packages");
    let wanted = packages.iter().find(|one| one["name"] == name && one["version"] == version);
    let manifest =
        wanted.and_then(|one| one["manifest_path"].as_str()).expect("the crate is among the packages");
    Path::new(manifest).parent().expect("a manifest is in a folder").to_owned()
}

fn metadata(folder: &Path, words: &[&str]) -> Ended {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    Ended::of(command.args(["metadata", "--format-version", "1"]).args(words).current_dir(folder))
}

/// A published manifest without what only its authors build: other benches, tests and examples, and what these depend on.
/// A test would spend minutes compiling that.
pub fn without_development(manifest: &str) -> String {
    let is_header = |line: &str| line.starts_with('[');
    let is_development = |header: &str| {
        ["[[bench]]", "[[test]]", "[[example]]"].iter().any(|kind| header.starts_with(kind))
            || header.contains("dev-dependencies")
    };
    let mut kept = String::new();
    let mut keeps = true;
    for line in manifest.lines() {
        if is_header(line) {
            keeps = !is_development(line);
        }
        if keeps {
            kept += line;
            kept.push('\n');
        }
    }
    kept
}
