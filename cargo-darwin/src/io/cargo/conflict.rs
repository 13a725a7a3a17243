//! A lock file that holds another version than what is asked for now: told from cargo's words, which say everything but what
//! to do. It comes with the runtime: what measurement needs is not in a lock file before, and cargo leaves what is there alone.

use std::fmt;
use std::path::Path;

use super::{CargoError, CargoOptions, Workspace};

/// What stands in the way, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    what: String,
    remedy: String,
}

impl Conflict {
    /// Finds it in what cargo has written; `None` for every other failure.
    pub fn in_words_of_cargo(text: &str) -> Option<Conflict> {
        let package = after(text, "failed to select a version for ")?;
        let (_, held) = text.split_once(&format!("previously selected package `{package} v"))?;
        let (held, why) = held.split_once('\n')?;
        let held = held.split([' ', '`']).next()?;
        let why = why.lines().next().filter(|why| why.contains("(locked to "))?;
        let by = after(text, "... required by package ").map_or("what is needed now", name_and_version);
        let need = after(text, "versions that meet the requirements ").unwrap_or("another one");
        Some(Conflict {
            what: format!("Cargo.lock holds {package} {held}, and {by} needs {need}"),
            // The version tells it from namesakes of other versions.
            remedy: loosen(why).unwrap_or_else(|| format!("run `cargo update {package}@{held}`")),
        })
    }

    /// The same, where measuring the package with this manifest would meet it. Nothing is downloaded, and no file written.
    pub fn ahead(directory: &Path, manifest: &Path, key: &str) -> Option<Conflict> {
        let options = CargoOptions {
            manifest_path: Some(manifest.to_owned()),
            features: vec![format!("{key}/enabled")],
            locked: true,
            offline: true,
            ..CargoOptions::default()
        };
        match Workspace::load(directory, &options) {
            Err(CargoError::Metadata { message, .. }) => Conflict::in_words_of_cargo(&message),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// The remedy where a requirement allows no other version.
fn loosen(why: &str) -> Option<String> {
    let requirement = after(why, "dependency ").filter(|requirement| requirement.contains("\"="))?;
    let owner = after(why, " of package ").map_or("a package", name_and_version);
    Some(format!("{owner} asks for that very version: loosen `{requirement}`, then run `cargo update`"))
}

/// What stands between backquotes behind these words.
fn after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("{words}`"))?;
    rest.split_once('`').map(|(inside, _)| inside)
}

/// `app v0.1.0 (/home/me/app)` without its place.
fn name_and_version(package: &str) -> &str {
    package.split_once(" (").map_or(package, |(front, _)| front)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As cargo 1.95 writes it.
    const OLDER: &str = "    Updating crates.io index
error: failed to select a version for `libc`.
    ... required by package `rustix v1.1.1`
    ... which satisfies dependency `rustix = \"^1.1\"` of package `darwin-runtime v0.1.0 (/home/me/darwin)`
    ... which satisfies path dependency `darwin-runtime` (locked to 0.1.0) of package `app v0.1.0 (/home/me/app)`
versions that meet the requirements `^0.2.171` are: 0.2.191, 0.2.190

all possible versions conflict with previously selected packages.

  previously selected package `libc v0.2.169`
    ... which satisfies dependency `libc = \"^0.2\"` (locked to 0.2.169) of package `app v0.1.0 (/home/me/app)`

failed to select a version for `libc` which could resolve this conflict";

    #[test]
    fn an_older_locked_version_is_told_with_the_command_that_moves_it() {
        let conflict = Conflict::in_words_of_cargo(OLDER).unwrap();
        assert_eq!(conflict.to_string(), "Cargo.lock holds libc 0.2.169, and rustix v1.1.1 needs ^0.2.171");
        assert_eq!(conflict.remedy(), "run `cargo update libc@0.2.169`");
    }

    #[test]
    fn any_package_can_be_in_the_way() {
        let text = OLDER.replace("libc", "proc-macro2").replace("0.2.169", "1.0.80");
        let conflict = Conflict::in_words_of_cargo(&text).unwrap();
        assert_eq!(conflict.remedy(), "run `cargo update proc-macro2@1.0.80`");
    }

    #[test]
    fn a_requirement_that_allows_no_other_has_to_be_loosened() {
        let conflict = Conflict::in_words_of_cargo(&OLDER.replace("\"^0.2\"", "\"=0.2.169\"")).unwrap();
        assert_eq!(
            conflict.remedy(),
            "app v0.1.0 asks for that very version: loosen `libc = \"=0.2.169\"`, then run `cargo update`"
        );
    }

    #[test]
    fn other_failures_are_left_to_cargos_words() {
        assert_eq!(Conflict::in_words_of_cargo(&OLDER.replace("(locked to 0.2.169) ", "")), None);
        assert_eq!(Conflict::in_words_of_cargo("error: no matching package named `rustix` found"), None);
        // Cut off anywhere, it is understood or it is not; it never fails.
        for end in 0..OLDER.len() {
            let _ = Conflict::in_words_of_cargo(&OLDER[..end]);
            let _ = Conflict::in_words_of_cargo(&OLDER[end..]);
        }
    }
}
