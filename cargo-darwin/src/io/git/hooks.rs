//! Where git looks for the hooks of a repository, and who says so.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{GitError, Repository};
use crate::io::command::{self, CommandError};

/// Git's own answers about hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksPlace {
    /// Where it looks for them; links are not followed, and it need not be there.
    pub folder: PathBuf,
    /// The repository's own folder, shared by all its working trees.
    pub git_dir: PathBuf,
    /// Scope and value of `core.hooksPath`, if it is set.
    pub configured: Option<(String, String)>,
}

impl Repository {
    /// Where the hooks are.
    ///
    /// # Errors
    /// When git fails.
    pub fn hooks(&self) -> Result<HooksPlace, GitError> {
        let folder = self.answer(&["rev-parse", "--git-path", "hooks"])?;
        let git_dir = self.answer(&["rev-parse", "--git-common-dir"])?;
        Ok(HooksPlace {
            folder: self.root().join(folder),
            git_dir: self.root().join(git_dir),
            configured: self.configured_hooks()?,
        })
    }

    fn configured_hooks(&self) -> Result<Option<(String, String)>, GitError> {
        let told = match self.answer(&["config", "--show-scope", "--get", "core.hooksPath"]) {
            Ok(told) => told.to_string_lossy().into_owned(),
            // Code 1: it is not set.
            Err(CommandError::Failed { status, .. }) if status.code() == Some(1) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (scope, value) = told.split_once('\t').unwrap_or(("", &told));
        Ok(Some((scope.to_owned(), value.to_owned())))
    }

    /// All other calls switch hooks off, and would be told so here.
    fn answer(&self, words: &[&str]) -> Result<OsString, CommandError> {
        let quiet = self.command();
        let mut git = std::process::Command::new(quiet.get_program());
        git.arg("-C").arg(self.root()).args(words);
        for (name, value) in quiet.get_envs() {
            match value {
                Some(value) => git.env(name, value),
                None => git.env_remove(name),
            };
        }
        let mut told = command::output(&mut git)?;
        while told.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            told.pop();
        }
        Ok(super::os_string(told))
    }
}
