//! What the user's tree has and a revision has not: why a build may fail there that goes well here.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use super::{Commit, GitError, Repository, os_string};
use crate::io::command;

/// Names shown; more are counted.
const SHOWN: usize = 3;

/// What a revision may lack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Submodules without their files, seen from the root of the repository.
    submodules: Vec<PathBuf>,
    /// Files and folders of the tree that git does not know.
    unknown: Vec<PathBuf>,
}

impl Repository {
    /// What a build of `commit` may have lacked, of which it said `told`: submodules that are not checked out, and what
    /// it names of the files that git does not know, those in the folder `target` aside.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn left_out(&self, commit: &Commit, told: &str, target: &Path) -> Result<LeftOut, GitError> {
        let words = ["ls-files", "--others", "--directory", "--no-empty-directory", "-z"];
        let listed = command::output(self.command().args(words))?;
        let paths = listed.split(|byte| *byte == 0).map(|path| PathBuf::from(os_string(path.to_vec())));
        let is_named = |path: &PathBuf| self.root.join(path) != target && is_named(told, path);
        Ok(LeftOut { submodules: self.absent_submodules(commit)?, unknown: paths.filter(is_named).collect() })
    }
}

impl LeftOut {
    /// Is there nothing?
    pub fn is_empty(&self) -> bool {
        self.submodules.is_empty() && self.unknown.is_empty()
    }
}

/// One line, with what to do.
impl Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.submodules.is_empty() {
            write!(f, "not checked out: submodule {}", names(&self.submodules))?;
            f.write_str("; run `git submodule update --init`, then try again")?;
        }
        if !self.submodules.is_empty() && !self.unknown.is_empty() {
            f.write_str("; ")?;
        }
        if !self.unknown.is_empty() {
            write!(f, "in your tree but not in git, so that no revision has it: {}", names(&self.unknown))?;
            f.write_str("; commit it, or let a build script make it")?;
        }
        Ok(())
    }
}

fn names(paths: &[PathBuf]) -> String {
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|path| path.display().to_string()).collect();
    match paths.len().checked_sub(SHOWN) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Whether a message has the name of a file, or something in the folder; by the last part of the path, because builds
/// know it from another folder.
fn is_named(told: &str, path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let is_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let word = if is_folder { format!("{name}/") } else { name.to_owned() };
    let ends_before = |at: usize| !told[..at].ends_with(|c: char| c.is_alphanumeric() || "-_.".contains(c));
    let ends_after = |at: usize| {
        is_folder || !told[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c))
    };
    told.match_indices(&word).any(|(at, _)| ends_before(at) && ends_after(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_last_part_and_a_folder_by_what_is_in_it() {
        let told = "error: couldn't read `src/generated.rs`\n  create file \"src/tables/mod.rs\"";
        for named in ["app/src/generated.rs", "src/tables/"] {
            assert!(is_named(told, Path::new(named)), "{named}");
        }
        for other in ["rated.rs", "src/generated.r", "bles/", "src/other.rs", "src/"] {
            assert_eq!(is_named(told, Path::new(other)), other == "src/", "{other}");
        }
    }

    #[test]
    fn what_is_missing_is_told_in_one_line_with_what_to_do() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let none = LeftOut::default();
        assert!(none.is_empty() && none.to_string().is_empty());
        let some = LeftOut { submodules: paths(&["sub"]), unknown: paths(&["a", "b", "c", "d", "e"]) };
        let line = some.to_string();
        assert!(line.contains("submodule sub; run `git submodule update --init`"), "{line}");
        assert!(line.contains("a, b, c and 2 more; commit it") && !line.contains('\n'), "{line}");
    }
}
