//! A revision as plain files somewhere else, through an index of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Commit, Environment, GitError, Repository, os_string};
use crate::io::command;
use crate::io::files::At;

/// Mode of a submodule in a tree.
const SUBMODULE_MODE: &[u8] = b"160000 ";

impl Repository {
    /// Writes the files of `commit` into the folder `dest`, which is created and should be empty. Submodules come
    /// along where the user's tree has them checked out. Of the repository nothing is written: the index is a
    /// temporary file, and no worktree is registered.
    pub fn export(&self, commit: &Commit, dest: &Path) -> Result<(), GitError> {
        self.export_tree(commit.as_str(), dest)
    }

    /// The same of a tree, or of anything that has one, by its hash.
    pub(super) fn export_tree(&self, tree: &str, dest: &Path) -> Result<(), GitError> {
        std::fs::create_dir_all(dest).at("create", dest)?;
        let temp = tempfile::tempdir().at("create a folder in", &std::env::temp_dir())?;
        let index = temp.path().join("index");
        let mut prefix = OsString::from("--prefix=");
        prefix.push(dest);
        prefix.push("/");
        let mut read = self.command();
        command::output(read.args(["read-tree", tree]).env("GIT_INDEX_FILE", &index))?;
        let mut write = self.command();
        write.args(["checkout-index", "--all", "--force", "--quiet"]).arg(prefix);
        command::output(write.env("GIT_INDEX_FILE", &index))?;
        self.submodules(tree)?.iter().try_for_each(|(hash, path)| self.export_submodule(hash, path, dest))
    }

    fn export_submodule(&self, hash: &str, path: &Path, dest: &Path) -> Result<(), GitError> {
        let root = self.root.join(path);
        if !root.join(".git").exists() {
            return Ok(());
        }
        let inner = Repository { root, environment: Environment::Submodule, own_objects: None };
        let missing = |_| GitError::Submodule { path: inner.root.clone(), commit: hash.to_owned() };
        let commit = inner.resolve(hash).map_err(missing)?;
        inner.export(&commit, &dest.join(path))
    }

    /// Hash and path of every submodule of a tree.
    fn submodules(&self, tree: &str) -> Result<Vec<(String, PathBuf)>, GitError> {
        let listed = command::output(self.command().args(["ls-tree", "-r", "-z", "--full-tree", tree]))?;
        Ok(listed.split(|byte| *byte == 0).filter_map(submodule).collect())
    }
}

/// Reads `MODE SP TYPE SP HASH TAB PATH`; `None` for what is no submodule.
fn submodule(entry: &[u8]) -> Option<(String, PathBuf)> {
    entry.strip_prefix(SUBMODULE_MODE)?;
    let tab = entry.iter().position(|byte| *byte == b'\t')?;
    let hash = entry[..tab].rsplit(|byte| *byte == b' ').next()?;
    Some((String::from_utf8_lossy(hash).into_owned(), os_string(entry[tab + 1..].to_vec()).into()))
}
