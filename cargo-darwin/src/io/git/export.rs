//! A revision as plain files somewhere else, through an index of its own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::BASELINE;
use super::{Commit, Environment, GitError, Repository, os_string};
use crate::io::command::{self, CommandError};
use crate::io::files::At;
use crate::io::room;

/// Mode of a submodule in a tree.
const SUBMODULE_MODE: &[u8] = b"160000 ";

impl Repository {
    /// Writes the files of `commit` into the folder `dest`, which is created and should be empty. Submodules come
    /// along where the user's tree has them checked out. Line ends and encodings are those of a checkout of the
    /// revision, by its own attributes; filters are not run (see `filters`). Of the repository nothing is written: the
    /// index is a temporary file, and no worktree is registered.
    pub fn export(&self, commit: &Commit, dest: &Path) -> Result<(), GitError> {
        self.export_tree(commit.as_str(), dest)
    }

    /// The same of a tree, or of anything that has one, by its hash.
    pub(super) fn export_tree(&self, tree: &str, dest: &Path) -> Result<(), GitError> {
        std::fs::create_dir_all(dest).at("create", dest)?;
        let temp = tempfile::tempdir().at("create a folder in", &std::env::temp_dir())?;
        let index = temp.path().join("index");
        let mut read = self.command();
        command::output(read.args(["read-tree", tree]).env("GIT_INDEX_FILE", &index))?;
        let filters = self.filters()?;
        let exported = Exported { tree, git_dir: self.git_dir()?, index, dest };
        let mut write = exported.command(self, filters.iter().flat_map(|filter| filter.switched_off()));
        command::output(write.args(["checkout-index", "--all", "--force", "--quiet"]))
            .map_err(|error| not_written(error, dest))?;
        if !filters.is_empty() {
            self.restore_filtered(&exported, &filters)?;
        }
        self.submodules(tree)?.iter().try_for_each(|(hash, path)| self.export_submodule(hash, path, dest))
    }

    /// The folder with the index and `HEAD` of the working tree.
    fn git_dir(&self) -> Result<PathBuf, GitError> {
        Ok(PathBuf::from(self.line(["rev-parse", "--absolute-git-dir"])?))
    }

    fn export_submodule(&self, hash: &str, path: &Path, dest: &Path) -> Result<(), GitError> {
        let root = self.root.join(path);
        if !is_checked_out(&root) {
            return Ok(());
        }
        let inner = Repository { root, environment: Environment::Submodule, own_objects: None };
        let missing = |_| GitError::Submodule { path: inner.root.clone(), commit: hash.to_owned() };
        let commit = inner.resolve(hash).map_err(missing)?;
        inner.export(&commit, &dest.join(path)).map_err(|error| error.of_submodule(path))
    }

    /// Submodules of a commit that cannot come along, because the user's tree does not have them.
    pub(super) fn absent_submodules(&self, commit: &Commit) -> Result<Vec<PathBuf>, GitError> {
        let all = self.submodules(commit.as_str())?.into_iter().map(|(_, path)| path);
        Ok(all.filter(|path| !is_checked_out(&self.root.join(path))).collect())
    }

    /// Hash and path of every submodule of a tree.
    fn submodules(&self, tree: &str) -> Result<Vec<(String, PathBuf)>, GitError> {
        let listed = command::output(self.command().args(["ls-tree", "-r", "-z", "--full-tree", tree]))?;
        Ok(listed.split(|byte| *byte == 0).filter_map(submodule).collect())
    }
}

/// A revision on its way into a folder.
pub(super) struct Exported<'a> {
    /// Of a commit, or of a tree.
    pub(super) tree: &'a str,
    git_dir: PathBuf,
    /// An index with its files.
    index: PathBuf,
    pub(super) dest: &'a Path,
}

impl Exported<'_> {
    /// git with the folder as its working tree: the attributes of the revision hold, not those of the user's tree.
    pub(super) fn command(
        &self,
        repository: &Repository,
        settings: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Command {
        let mut git = repository.command();
        git.arg("-C").arg(self.dest);
        for setting in settings {
            git.arg("-c").arg(setting);
        }
        git.env("GIT_DIR", &self.git_dir).env("GIT_WORK_TREE", self.dest).env("GIT_INDEX_FILE", &self.index);
        git
    }
}

fn not_written(source: CommandError, dest: &Path) -> GitError {
    match source {
        CommandError::Failed { ref stderr, .. } if stderr.contains("promisor") => {
            GitError::NotFetched { of: BASELINE, source }
        }
        CommandError::Failed { line, status, stderr } => {
            // In front of git's lines: a check that goes on with the record tells the first one alone.
            let hint = room::hint(dest).map(|hint| format!("{hint}; ")).unwrap_or_default();
            CommandError::Failed { line, status, stderr: hint + &stderr }.into()
        }
        CommandError::NotStarted { .. } => source.into(),
    }
}

/// Has the folder of a submodule its files?
fn is_checked_out(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// Reads `MODE SP TYPE SP HASH TAB PATH`; `None` for what is no submodule.
fn submodule(entry: &[u8]) -> Option<(String, PathBuf)> {
    entry.strip_prefix(SUBMODULE_MODE)?;
    let tab = entry.iter().position(|byte| *byte == b'\t')?;
    let hash = entry[..tab].rsplit(|byte| *byte == b' ').next()?;
    Some((String::from_utf8_lossy(hash).into_owned(), os_string(entry[tab + 1..].to_vec()).into()))
}
