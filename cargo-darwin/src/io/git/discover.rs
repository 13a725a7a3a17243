//! Which repository a folder belongs to, and whether this git can be asked about it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Environment, GitError, PATHSPECS, Repository, line_of};
use crate::io::command::CommandError;

/// `rev-parse --end-of-options`, without which a revision could be taken for an option, came with 2.30.
const LEAST: (u32, u32) = (2, 30);

impl Repository {
    /// The repository whose working tree holds `dir` (a full path); `None` when there is none. Where `GIT_DIR` names
    /// another one than is found by looking upwards, the inner one of both has it.
    ///
    /// # Errors
    /// When git is missing or too old, or refuses the repository.
    pub fn discover(dir: &Path) -> Result<Option<Repository>, GitError> {
        require_version()?;
        let found =
            Repository { root: dir.to_path_buf(), environment: Environment::Found, own_objects: None };
        let found = tree(dir, found.line(["rev-parse", "--show-toplevel"]))?;
        let found = found.map(|root| Repository { root, environment: Environment::Found, own_objects: None });
        let depth = |one: &Option<Repository>| one.as_ref().map(|one| one.root.components().count());
        match (given(dir), found) {
            (Ok(given), found) => Ok(if depth(&given) > depth(&found) { given } else { found }),
            // A hook that has gone to another folder still has the relative path of where it began.
            (Err(_), Some(found)) => Ok(Some(found)),
            (Err(error), None) => Err(error),
        }
    }
}

/// The repository that `GIT_DIR` names, if `dir` is in its working tree. Its relative paths, and a missing
/// `GIT_WORK_TREE`, are relative to our own folder, so that git is asked there.
fn given(dir: &Path) -> Result<Option<Repository>, GitError> {
    if std::env::var_os("GIT_DIR").is_none() {
        return Ok(None);
    }
    let ask = |what: &str| {
        let mut git = Command::new("git");
        for name in PATHSPECS.iter().chain(&["GIT_INDEX_FILE", "GIT_PREFIX"]) {
            git.env_remove(name);
        }
        line_of(git.env("LC_ALL", "C").args(["rev-parse", what]))
    };
    let (Some(root), Some(git_dir)) =
        (tree(dir, ask("--show-toplevel"))?, tree(dir, ask("--absolute-git-dir"))?)
    else {
        return Ok(None);
    };
    let holds_it = dir.canonicalize().is_ok_and(|dir| dir.starts_with(&root));
    Ok(holds_it.then_some(Repository { root, environment: Environment::Given(git_dir), own_objects: None }))
}

/// Beginnings of what git says where no folder above has a repository, or where it has no working tree. A `.git` that
/// points to nothing is said otherwise, and is an error.
const NONE_THERE: [&str; 2] = ["not a git repository (or any", "must be run in a work tree"];

/// The folder that git answered with; `None` where it knows no repository with a working tree.
fn tree(dir: &Path, answer: Result<OsString, CommandError>) -> Result<Option<PathBuf>, GitError> {
    match answer {
        Ok(folder) => Ok(Some(PathBuf::from(folder))),
        Err(CommandError::Failed { stderr, .. }) if NONE_THERE.iter().any(|none| stderr.contains(none)) => {
            Ok(None)
        }
        Err(source) => Err(GitError::Refused { dir: dir.to_path_buf(), source }),
    }
}

fn require_version() -> Result<(), GitError> {
    let answer = match line_of(Command::new("git").arg("version")) {
        Err(CommandError::NotStarted { source, .. }) => return Err(GitError::NotInstalled { source }),
        answer => answer?.to_string_lossy().into_owned(),
    };
    match version(&answer) {
        Some(found) if found < LEAST => Err(GitError::TooOld { found: answer }),
        _ => Ok(()),
    }
}

/// `git version 2.39.5 (Apple Git-154)`; `None` for what is no number, which is given a chance.
fn version(answer: &str) -> Option<(u32, u32)> {
    let mut numbers = answer.split_whitespace().nth(2)?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert!(version("git version 2.9.0.windows.1") < Some(LEAST));
        assert!(version("git version 2.100.0") > Some(LEAST));
        assert_eq!(version("git version built.from.source"), None);
        assert_eq!(version(""), None);
    }
}
