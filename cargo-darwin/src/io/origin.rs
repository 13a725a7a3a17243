//! Where this program comes from: the runtime that fits it lies in the same place.

use std::path::{Component, Path, PathBuf};

use super::atomic::read_text;
use super::cargo::RUNTIME;

/// The folder that this program was built from.
const BUILT_FROM: &str = env!("CARGO_MANIFEST_DIR");

/// cargo's record of what it installed, beside the folder `bin`.
const RECORD: &str = ".crates.toml";

/// Larger ones are not read.
const CAP_BYTES: u64 = 1 << 20;

/// A place that has this program and its runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `cargo install --git`.
    Git {
        /// As it was given to cargo.
        url: String,
        /// Full hash of the commit.
        revision: String,
    },
    /// The folder of the runtime in a clone.
    Folder(PathBuf),
}

impl Origin {
    /// Of this program; `None` where it was copied here, or its clone is gone.
    pub fn of_this_program() -> Option<Origin> {
        let executable = std::env::current_exe().ok();
        executable.as_deref().and_then(installed).or_else(built_from_clone)
    }
}

/// The folder of the runtime: `folder` itself, or the one that a clone in `folder` has.
pub fn runtime_in(folder: &Path) -> Option<PathBuf> {
    [folder.to_owned(), folder.join(RUNTIME)].into_iter().find(|folder| is_runtime(folder))
}

fn is_runtime(folder: &Path) -> bool {
    let text = read_text(&folder.join("Cargo.toml"), CAP_BYTES).ok().flatten();
    let table = text.and_then(|text| text.parse::<toml::Table>().ok());
    table.is_some_and(|table| {
        table.get("package").and_then(|package| package.get("name")?.as_str()) == Some(RUNTIME)
    })
}

fn installed(executable: &Path) -> Option<Origin> {
    let record = executable.parent()?.parent()?.join(RECORD);
    let text = read_text(&record, CAP_BYTES).ok().flatten()?;
    noted(&text, executable.file_name()?.to_str()?)
}

/// What cargo's record says of an installed program, if it came from a git repository:
/// `"cargo-darwin 0.1.0 (git+https://host/darwin?branch=main#0123abc)" = ["cargo-darwin"]`.
fn noted(record: &str, program: &str) -> Option<Origin> {
    let record: toml::Table = record.parse().ok()?;
    let has_it = |programs: &toml::Value| {
        programs.as_array().is_some_and(|programs| programs.iter().any(|one| one.as_str() == Some(program)))
    };
    let of_ours = concat!(env!("CARGO_PKG_NAME"), " ");
    let mut packages = record.get("v1")?.as_table()?.iter();
    let (package, _) = packages.find(|(name, programs)| name.starts_with(of_ours) && has_it(programs))?;
    let (_, source) = package.split_once(" (git+")?;
    let (url, revision) = source.strip_suffix(')')?.split_once('#')?;
    let url = url.split_once('?').map_or(url, |(url, _)| url);
    Some(Origin::Git { url: url.to_owned(), revision: revision.to_owned() })
}

fn built_from_clone() -> Option<Origin> {
    let clone = Path::new(BUILT_FROM).parent()?;
    if is_cargos_own(clone) { None } else { runtime_in(clone).map(Origin::Folder) }
}

/// A checkout or download in cargo's home, which cargo empties as it likes.
fn is_cargos_own(folder: &Path) -> bool {
    let parts: Vec<Component<'_>> = folder.components().collect();
    let has = |pair: [&str; 2]| {
        parts.windows(2).any(|two| two == pair.map(|part| Component::Normal(part.as_ref())))
    };
    has(["git", "checkouts"]) || has(["registry", "src"])
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef01234567";

    fn record(source: &str) -> String {
        format!(
            "[v1]\n\"ripgrep 15.0.0 (registry+https://github.com/rust-lang/crates.io-index)\" = [\"rg\"]\n\
             \"cargo-darwin 0.1.0 ({source})\" = [\"cargo-darwin\"]\n"
        )
    }

    #[test]
    fn a_program_installed_from_git_comes_from_that_commit() {
        for source in
            [format!("git+https://host/darwin#{HASH}"), format!("git+https://host/darwin?branch=x#{HASH}")]
        {
            let expected = Origin::Git { url: "https://host/darwin".into(), revision: HASH.into() };
            assert_eq!(noted(&record(&source), "cargo-darwin"), Some(expected));
        }
    }

    #[test]
    fn other_records_say_nothing() {
        let git = record(&format!("git+https://host/darwin#{HASH}"));
        assert_eq!(noted(&git, "rg"), None);
        assert_eq!(noted(&record("path+file:///home/me/darwin/cargo-darwin"), "cargo-darwin"), None);
        assert_eq!(noted(&record("git+https://host/darwin"), "cargo-darwin"), None);
        assert_eq!(noted("[v1", "cargo-darwin"), None);
    }

    #[test]
    fn a_program_built_in_a_clone_comes_from_there() {
        let Some(Origin::Folder(folder)) = built_from_clone() else { panic!("this is a clone") };
        assert!(folder.ends_with(RUNTIME) && is_runtime(&folder), "{folder:?}");
        assert_eq!(runtime_in(folder.parent().unwrap()), Some(folder.clone()));
        assert_eq!(runtime_in(&folder), Some(folder.clone()));
        assert_eq!(runtime_in(Path::new(BUILT_FROM)), None);
    }

    #[test]
    fn what_lies_in_cargos_home_is_no_place_to_depend_on() {
        assert!(is_cargos_own(Path::new("/home/me/.cargo/git/checkouts/darwin-1f/3c5d44f")));
        assert!(is_cargos_own(Path::new("/home/me/.cargo/registry/src/index.crates.io-1/x-0.1.0")));
        assert!(!is_cargos_own(Path::new("/home/me/src/git/darwin")));
    }
}
