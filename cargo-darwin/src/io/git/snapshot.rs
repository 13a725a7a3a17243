//! The files of a commit, or those that a commit made now would have, without a look at the working tree.
//!
//! What is staged becomes a tree through a copy of the index and a folder of objects of our own, so that nothing is written into
//! the repository. In a hook it is `GIT_INDEX_FILE` that says what will be committed (`git commit -a`, `git commit FILE`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use tempfile::TempDir;

use super::{Commit, GitError, OwnObjects, Repository, os_string};
use crate::io::command::{self, CommandError};
use crate::io::files::At;

/// A tree of files in the repository, by its hash.
#[derive(Debug, Clone)]
pub struct Snapshot {
    repository: Repository,
    tree: String,
    /// Kept as long as the tree is needed.
    _objects: Option<Rc<TempDir>>,
}

impl Repository {
    /// The files of a commit.
    ///
    /// # Errors
    /// When git cannot read it.
    pub fn committed(&self, commit: &Commit) -> Result<Snapshot, GitError> {
        Ok(Snapshot { repository: self.clone(), tree: self.tree_digest(commit)?, _objects: None })
    }

    /// The files that a commit made now would have.
    ///
    /// # Errors
    /// When files are not merged yet, or git fails.
    pub fn staged(&self) -> Result<Snapshot, GitError> {
        let temp = tempfile::tempdir().at("create a folder in", &std::env::temp_dir())?;
        let (copy, objects) = (temp.path().join("index"), temp.path().join("objects"));
        std::fs::create_dir(&objects).at("create", &objects)?;
        let index = self.index()?;
        if index.exists() {
            std::fs::copy(&index, &copy).at("copy", &index)?;
        }
        let own_objects = Some(OwnObjects { folder: objects, alternates: self.objects()? });
        let repository = Repository { own_objects, ..self.clone() };
        let mut write = repository.command();
        let tree = command::output(write.arg("write-tree").env("GIT_INDEX_FILE", &copy))?;
        let tree = String::from_utf8_lossy(&tree).trim().to_owned();
        Ok(Snapshot { repository, tree, _objects: Some(Rc::new(temp)) })
    }

    /// The index that the next commit is made from.
    fn index(&self) -> Result<PathBuf, GitError> {
        let own = self.root().join(self.line(["rev-parse", "--git-path", "index"])?);
        let Some(named) = std::env::var_os("GIT_INDEX_FILE").map(|file| self.root().join(file)) else {
            return Ok(own);
        };
        // An outer repository's hook names an index of its own.
        let of = |file: &Path| file.parent().and_then(|folder| folder.canonicalize().ok());
        Ok(if of(&named).is_some() && of(&named) == of(&own) { named } else { own })
    }

    /// Where the repository's objects are, as git takes it from the environment.
    fn objects(&self) -> Result<OsString, GitError> {
        let own = self.root().join(self.line(["rev-parse", "--git-path", "objects"])?).into_os_string();
        let handed = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").filter(|handed| !handed.is_empty());
        let mut all = own;
        if let Some(more) = handed {
            all.push(":");
            all.push(more);
        }
        Ok(all)
    }

    /// Whether `commit` holds anything that none of `known`, or no branch of `remote` as it was last seen, does.
    ///
    /// # Errors
    /// When git fails.
    pub fn is_new(&self, commit: &Commit, known: &[Commit], remote: Option<&str>) -> Result<bool, GitError> {
        let mut words = vec![
            "rev-list".to_owned(),
            "--max-count=1".to_owned(),
            commit.as_str().to_owned(),
            "--not".to_owned(),
        ];
        words.extend(known.iter().map(|commit| commit.as_str().to_owned()));
        words.extend(remote.map(|remote| format!("--remotes={}", literal(remote))));
        Ok(!self.line(words)?.is_empty())
    }

    /// The commits of `remote`, as it was last seen, that `commit` goes on from.
    ///
    /// # Errors
    /// When git fails.
    pub fn boundary(&self, commit: &Commit, remote: &str) -> Result<Vec<Commit>, GitError> {
        let not = format!("--remotes={}", literal(remote));
        let words = ["rev-list", "--boundary", commit.as_str(), "--not", &not];
        let listed = command::output(self.command().args(words))?;
        let listed = String::from_utf8_lossy(&listed);
        Ok(listed
            .lines()
            .filter_map(|line| line.strip_prefix('-'))
            .map(|hash| Commit(hash.to_owned()))
            .collect())
    }
}

/// A remote's name where git takes patterns.
fn literal(name: &str) -> String {
    name.chars().flat_map(|c| "*?[\\".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

impl Snapshot {
    /// Writes the files into the folder `dest`, as [`Repository::export`] does.
    ///
    /// # Errors
    /// When git fails, or the folder cannot be written.
    pub fn export(&self, dest: &Path) -> Result<(), GitError> {
        self.repository.export_tree(&self.tree, dest)
    }

    /// Paths that are not the same as in `commit`, from the top of the tree.
    ///
    /// # Errors
    /// When git fails.
    pub fn changed_since(&self, commit: &Commit) -> Result<Vec<PathBuf>, GitError> {
        let words = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", commit.as_str(), &self.tree];
        let listed = command::output(self.repository.command().args(words))?;
        let paths = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| PathBuf::from(os_string(path.to_vec()))).collect())
    }

    /// Whether code or configuration has a line that one of the patterns (extended regular expressions) fits.
    ///
    /// # Errors
    /// When git fails.
    pub fn mentions(&self, patterns: &[String]) -> Result<bool, GitError> {
        if patterns.is_empty() {
            return Ok(false);
        }
        let mut words: Vec<&str> = vec!["grep", "--quiet", "--extended-regexp"];
        words.extend(patterns.iter().flat_map(|pattern| ["-e", pattern]));
        words.extend([self.tree.as_str(), "--", "*.rs", "*darwin.toml"]);
        match command::output(self.repository.command().args(words)) {
            Ok(_) => Ok(true),
            Err(CommandError::Failed { status, .. }) if status.code() == Some(1) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the tree has such a file or folder; `path` is seen from its top, and empty for the top itself.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn has(&self, path: &Path) -> Result<bool, GitError> {
        let mut object = OsString::from(format!("{}:", self.tree));
        object.push(path);
        match command::output(self.repository.command().args([
            "cat-file".as_ref(),
            "-e".as_ref(),
            object.as_os_str(),
        ])) {
            Ok(_) => Ok(true),
            Err(CommandError::Failed { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
