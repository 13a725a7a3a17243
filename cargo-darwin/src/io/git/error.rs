//! What can go wrong with git.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::Commit;
use crate::io::command::CommandError;
use crate::io::files::FileError;

/// A question to git that has no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git to ask.
    #[error("git cannot be started ({source}): install git 2.30 or later, or put it on PATH")]
    NotInstalled {
        /// What the system said.
        source: std::io::Error,
    },
    /// It would take revisions for options.
    #[error("{found} is too old: install git 2.30 or later, or put it first on PATH")]
    TooOld {
        /// What it calls itself.
        found: String,
    },
    /// There is a repository, but git refuses it (dubious ownership, damage).
    #[error("git refuses the repository at {}: {source}", dir.display())]
    Refused {
        /// Where it was looked for.
        dir: PathBuf,
        /// What git said.
        source: CommandError,
    },
    /// No such commit.
    #[error(
        "`{revision}` is not a commit of this repository: name a branch, a tag or a hash that `git log` shows; \
         in a shallow clone run `git fetch --unshallow` first"
    )]
    UnknownRevision {
        /// What the user wrote.
        revision: String,
        /// What git said.
        source: CommandError,
    },
    /// A path that no commit can hold.
    #[error(
        "{} is not inside the repository {}: keep it in the working tree, so that it can be committed",
        path.display(), root.display()
    )]
    Outside {
        /// The path.
        path: PathBuf,
        /// Top folder of the working tree.
        root: PathBuf,
    },
    /// A submodule at the revision is not in the user's clone of it.
    #[error(
        "the submodule {path} has no commit {commit} here: run `git -C {path} fetch`, then try again",
        path = path.display()
    )]
    Submodule {
        /// Folder of the submodule.
        path: PathBuf,
        /// The commit that the revision names.
        commit: String,
    },
    /// What is committed is not what a build would read, and only a program of the user's could tell.
    #[error(
        "{path} of {of} is written by the filter `{filter}` of your git configuration, which is not run for a check, and \
         the file in your tree is another one: {remedy}",
        path = path.display()
    )]
    Filtered {
        /// The file, seen from the root.
        path: PathBuf,
        /// Name of the filter.
        filter: String,
        /// What is exported.
        of: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A large file of the revision that was never downloaded.
    #[error(
        "the content of {path} (Git LFS) of {of} is not in this clone: run `git{folder} lfs fetch origin{revision}`, then \
         try again",
        path = path.display(),
        folder = words(" -C ", submodule.as_ref().map(|folder| folder.display())),
        revision = words(" ", commit.as_ref()),
    )]
    LargeFile {
        /// The file, seen from the root.
        path: PathBuf,
        /// What is exported.
        of: &'static str,
        /// A commit that has it, if there is one.
        commit: Option<String>,
        /// Folder of the submodule that it is in.
        submodule: Option<PathBuf>,
    },
    /// A clone without all objects, whose remote does not answer.
    #[error(
        "files of {of} are not in this partial clone, and git could not fetch them: make its remote reachable, then try \
         again ({source})"
    )]
    NotFetched {
        /// What is exported.
        of: &'static str,
        /// What git said.
        source: CommandError,
    },
    /// Any other call that failed.
    #[error("git could not answer: {0}")]
    Command(#[from] CommandError),
    /// A file or folder of ours.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What an export is of, unless it is said.
pub(super) const BASELINE: &str = "the baseline";

/// What to do about a file of it that only a filter could write.
pub(super) const ACCEPT: &str = "accept the present state with `cargo darwin baseline` and commit it";

/// The same for a candidate.
const CHECK_OUT: &str = "check that state out, and judge the working tree: `cargo darwin check`";

impl GitError {
    /// The same error in the export of a candidate that messages call `name`, and whose history ends at `commit`.
    #[must_use]
    pub fn of_candidate(self, name: &'static str, history: Option<&Commit>) -> GitError {
        let commit_of = |commit: Option<String>, submodule: &Option<PathBuf>| match submodule {
            Some(_) => commit,
            // The tree of what is staged is none that another repository could have.
            None => history.map(|commit| commit.as_str().to_owned()),
        };
        match self {
            GitError::Filtered { path, filter, .. } => {
                GitError::Filtered { path, filter, of: name, remedy: CHECK_OUT }
            }
            GitError::LargeFile { path, commit, submodule, .. } => {
                GitError::LargeFile { path, of: name, commit: commit_of(commit, &submodule), submodule }
            }
            GitError::NotFetched { source, .. } => GitError::NotFetched { of: name, source },
            other => other,
        }
    }

    /// The same error in the export of a submodule in `folder`, which is seen from the root.
    #[must_use]
    pub(super) fn of_submodule(self, folder: &Path) -> GitError {
        match self {
            GitError::Filtered { path, filter, of, remedy } => {
                GitError::Filtered { path: folder.join(path), filter, of, remedy }
            }
            GitError::LargeFile { path, of, commit, submodule } => {
                let inner = submodule.map_or_else(|| folder.to_owned(), |inner| folder.join(inner));
                GitError::LargeFile { path: folder.join(path), of, commit, submodule: Some(inner) }
            }
            other => other,
        }
    }
}

/// A part of a command line that may be left out.
fn words(before: &str, word: Option<impl Display>) -> String {
    word.map_or_else(String::new, |word| format!("{before}{word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn large() -> GitError {
        let (path, commit) = (PathBuf::from("a.bin"), Some("2222".to_owned()));
        GitError::LargeFile { path, of: BASELINE, commit, submodule: None }
    }

    fn filtered() -> GitError {
        GitError::Filtered { path: "data.up".into(), filter: "upper".into(), of: BASELINE, remedy: ACCEPT }
    }

    #[test]
    fn what_is_said_of_the_baseline_is_not_said_of_a_candidate() {
        assert!(filtered().to_string().contains("data.up of the baseline is written by the filter `upper`"));
        assert!(filtered().to_string().ends_with("`cargo darwin baseline` and commit it"));
        let candidate = filtered().of_candidate("what is staged", None).to_string();
        assert!(candidate.contains("data.up of what is staged is written by"), "{candidate}");
        assert!(
            !candidate.contains("baseline") && candidate.contains("judge the working tree"),
            "{candidate}"
        );
    }

    #[test]
    fn a_large_file_is_fetched_by_a_commit_that_others_have() {
        assert!(
            large()
                .to_string()
                .contains("of the baseline is not in this clone: run `git lfs fetch origin 2222`,")
        );
        let commit = Commit("1111".to_owned());
        let staged = large().of_candidate("what is staged", Some(&commit)).to_string();
        assert!(staged.contains("(Git LFS) of what is staged is not"), "{staged}");
        assert!(staged.contains("run `git lfs fetch origin 1111`,"), "{staged}");
        let first = large().of_candidate("what is staged", None).to_string();
        assert!(first.contains("run `git lfs fetch origin`,"), "{first}");
    }

    #[test]
    fn a_large_file_of_a_submodule_is_fetched_there() {
        let commit = Commit("1111".to_owned());
        let inner = large().of_submodule(Path::new("inner")).of_submodule(Path::new("outer"));
        let told = inner.of_candidate("the revision", Some(&commit)).to_string();
        assert!(told.contains("outer/inner/a.bin (Git LFS) of the revision"), "{told}");
        assert!(told.contains("run `git -C outer/inner lfs fetch origin 2222`,"), "{told}");
    }
}
