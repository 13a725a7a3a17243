//! What allocation counts depend on beside the code that is judged: two builds with the same words here may be compared
//! to the last allocation.

use std::path::{Path, PathBuf};
use std::process::Command;

use darwin_runtime::layout;

use super::key::{build_environment, cargo_home, contents, rustc};
use crate::io::cargo::{CargoOptions, Workspace};
use crate::io::command::{self, CommandError};
use crate::io::digest::Digest;

/// Variables that name a toolchain or a wrapper of the compiler, or how much of the machine cargo may use. Names differ
/// between machines; what the compiler is, it says itself.
const NAMES_ONLY: [&str; 4] = ["RUSTUP_TOOLCHAIN", "RUSTC", "RUSTC_WRAPPER", "CARGO_BUILD_JOBS"];

/// Keys of a cargo configuration that change what is compiled; registries, aliases and the like do not.
const CONFIG_KEYS: [&str; 3] = ["env", "profile", "target"];
/// The same in its table `build`.
const BUILD_KEYS: [&str; 3] = ["rustflags", "target", "rustc"];

/// Compiler and target, and 16 digits for features, flags, environment, cargo configuration outside of the workspace,
/// and the measuring itself: `rustc 1.95.0 x86_64-unknown-linux-gnu 0123456789abcdef`. Nothing in it names a machine, a
/// user or a time. Manifests, lock file and the workspace's own cargo configuration are part of the code.
///
/// # Errors
/// When rustc cannot be asked.
pub fn same_build(workspace: &Workspace, options: &CargoOptions) -> Result<String, CommandError> {
    let version = command::output(Command::new(rustc()).arg("-vV").current_dir(workspace.root()))?;
    let mut digest = Digest::default();
    digest.part(&version).part(layout::VERSION.to_le_bytes());
    for word in words(options) {
        digest.part(word);
    }
    for (name, value) in build_environment(std::env::vars_os()) {
        if !NAMES_ONLY.iter().any(|only| name == *only) {
            digest.part(name.as_encoded_bytes()).part(value.as_encoded_bytes());
        }
    }
    if let Ok(inside) = workspace.directory().strip_prefix(workspace.root())
        && inside != Path::new("")
    {
        digest.part(inside.as_os_str().as_encoded_bytes());
    }
    for config in outer_configs(workspace.root()) {
        digest.part(what_is_compiled(&String::from_utf8_lossy(&contents(&config))));
    }
    let version = String::from_utf8_lossy(&version);
    Ok(format!("{} {}", told_by_rustc(&version), &digest.hex()[..16]))
}

/// `rustc 1.95.0 x86_64-unknown-linux-gnu`, from what `rustc -vV` prints.
fn told_by_rustc(version: &str) -> String {
    let field = |name: &str| version.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("unknown");
    format!("rustc {} {}", field("release: "), field("host: "))
}

/// The user's words for cargo that change what is built.
fn words(options: &CargoOptions) -> Vec<Vec<u8>> {
    let CargoOptions { features, all_features, no_default_features, profile, config, target, flags, .. } =
        options;
    let mut words: Vec<Vec<u8>> = features.iter().map(|feature| feature.clone().into_bytes()).collect();
    words.push(vec![u8::from(*all_features), u8::from(*no_default_features), u8::from(profile.is_some())]);
    words.extend(profile.iter().chain(target).map(|word| word.clone().into_bytes()));
    words.extend(config.iter().chain(flags).map(|word| word.as_encoded_bytes().to_vec()));
    words
}

/// cargo's configuration above the workspace and in its home, where there is any.
fn outer_configs(root: &Path) -> Vec<PathBuf> {
    let above = root.ancestors().skip(1).map(|folder| folder.join(".cargo"));
    let mut files: Vec<PathBuf> = above
        .chain(cargo_home())
        .flat_map(|folder| ["config", "config.toml"].map(|name| folder.join(name)))
        .filter(|file| file.is_file())
        .collect();
    files.dedup();
    files
}

/// The part of a cargo configuration that changes what is compiled, sorted; empty where nothing does. What is no TOML
/// is taken as it is.
fn what_is_compiled(config: &str) -> String {
    let Ok(mut table) = config.parse::<toml::Table>() else { return config.to_owned() };
    let build = table.remove("build");
    table.retain(|key, _| CONFIG_KEYS.contains(&key));
    if let Some(toml::Value::Table(mut build)) = build {
        build.retain(|key, _| BUILD_KEYS.contains(&key));
        table.extend((!build.is_empty()).then(|| ("build".to_owned(), build.into())));
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_reduced_to_what_is_compiled() {
        let config =
            "[net]\noffline = true\n[build]\njobs = 3\nrustflags = ['-g']\n[profile.bench]\nlto = true\n";
        let reduced: toml::Table = what_is_compiled(config).parse().unwrap();
        let expected: toml::Table =
            "[build]\nrustflags = ['-g']\n[profile.bench]\nlto = true\n".parse().unwrap();
        assert_eq!(reduced, expected);
        assert_eq!(what_is_compiled("[build]\njobs = 3\n[source.x]\nregistry = 'http://host'\n"), "");
        assert_eq!(what_is_compiled("= broken"), "= broken");
    }

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let (one, other) = ("[env]\na = '1'\nb = '2'\n", "[env]\nb = '2'\na = '1'\n");
        assert_eq!(what_is_compiled(one), what_is_compiled(other));
    }

    #[test]
    fn features_and_flags_make_another_build() {
        let plain = CargoOptions::default();
        let features = CargoOptions { features: vec!["a".into()], ..plain.clone() };
        let flags = CargoOptions { flags: vec!["a".into()], ..plain.clone() };
        let offline = CargoOptions { offline: true, verbose: true, ..plain.clone() };
        assert_ne!(words(&plain), words(&features));
        assert_ne!(words(&flags), words(&features));
        assert_eq!(words(&plain), words(&offline));
    }

    #[test]
    fn compiler_and_target_stand_in_front() {
        let version = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(told_by_rustc(version), "rustc 1.95.0 x86_64-unknown-linux-gnu");
    }
}
