//! A candidate that is not the working tree: what is staged, or a commit, as files in a folder of their own.
//!
//! There is one folder for each repository, `<cache home>/darwin/<repository>.candidate`, and one target directory for it. Files
//! whose content has not changed keep their time, so that cargo builds what has changed and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use super::baseline::{self, BaselineError, Layout};
use super::cargo::{self, BuildError, BuildPlan, Workspace};
use super::files::{self, At, FileError};
use super::git::{Commit, GitError, Repository, Snapshot};
use super::lock::Lock;
use super::tree::{self, Tree, TreeError};

/// In the target directory: which folder it was built from.
const BUILT_FROM: &str = "built-from";

/// Why a candidate cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum CandidateError {
    /// git.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file or folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// The exported tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// There is no place for it, or nothing can be cleaned.
    #[error(transparent)]
    Place(#[from] BaselineError),
    /// cargo could not forget what was built of another tree.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl CandidateError {
    /// Told of a candidate that messages call `name`.
    fn of(self, name: &'static str, history: Option<&Commit>) -> CandidateError {
        match self {
            CandidateError::Git(error) => error.of_candidate(name, history).into(),
            other => other,
        }
    }
}

/// The files of a candidate, ours until this is dropped.
#[derive(Debug)]
pub struct Exported {
    name: &'static str,
    top: PathBuf,
    repository: Repository,
    /// Where its history ends: the commit itself, or the one that a commit of what is staged would follow.
    history: Option<Commit>,
    configs: Vec<std::ffi::OsString>,
    _lock: Lock,
}

impl Exported {
    /// Writes the files of `snapshot`, which messages call `name`; `waiting` is told if another command has the folder.
    ///
    /// # Errors
    /// When git fails, or the folder cannot be written.
    pub fn write(
        name: &'static str,
        repository: &Repository,
        snapshot: &Snapshot,
        history: Option<Commit>,
        waiting: impl FnOnce(),
    ) -> Result<Exported, CandidateError> {
        let trees = baseline::trees_folder(repository)?;
        fs::create_dir_all(&trees).at("create", &trees)?;
        let trees = trees.canonicalize().at("look at", &trees)?;
        let folder = trees.join(format!("{}.candidate", baseline::short_digest(repository.root())));
        let lock = Lock::take(&folder, waiting).at("lock", &folder)?;
        let top = folder.join("tree");
        fill(&top, &folder.join("partial"), repository, snapshot)
            .map_err(|error| error.of(name, history.as_ref()))?;
        let configs = baseline::outer_configs(repository, &trees);
        Ok(Exported { name, top, repository: repository.clone(), history, configs, _lock: lock })
    }

    /// What messages call it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its top folder.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The repository that it comes from.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Where its history ends.
    pub fn history(&self) -> Option<&Commit> {
        self.history.as_ref()
    }

    /// cargo configuration above the repository, to be handed to cargo.
    pub fn configs(&self) -> &[std::ffi::OsString] {
        &self.configs
    }

    /// Where a path of the user's tree lies in this one; `None` for one outside of the repository.
    pub fn here(&self, path: &Path) -> Option<PathBuf> {
        let path = files::normalized(path);
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let inside =
            path.strip_prefix(self.repository.root()).or_else(|_| real.strip_prefix(self.repository.root()));
        inside.ok().map(|inside| self.top.join(inside))
    }

    /// Where a path of this tree lies in the user's.
    pub fn back(&self, here: &Path) -> PathBuf {
        here.strip_prefix(&self.top)
            .map_or_else(|_| here.to_path_buf(), |inside| self.repository.root().join(inside))
    }

    /// Makes the target directory ready before the first build of it: downloads that are compiled already are taken over, path
    /// packages are forgotten. So is everything if it was built from another folder, because cargo goes by time alone.
    ///
    /// # Errors
    /// When a folder cannot be written, or cargo cannot clean.
    pub fn prepare(&self, workspace: &Workspace, plans: &[BuildPlan]) -> Result<(), CandidateError> {
        let target = Layout::of(workspace).candidate();
        let mark = target.join(BUILT_FROM);
        let top = self.top.as_os_str().as_encoded_bytes();
        if fs::read(&mark).is_ok_and(|from| from == top) {
            return Ok(());
        }
        files::remove_tree(&target)?;
        if baseline::seed(&Layout::of(workspace), &target)? {
            let names: Vec<String> =
                workspace.path_packages().map(|package| package.name.to_string()).collect();
            plans.iter().try_for_each(|plan| cargo::clean(plan, &names))?;
        }
        fs::create_dir_all(&target).at("create", &target)?;
        Ok(fs::write(&mark, top).at("write", &mark)?)
    }
}

/// Brings `top` to what `snapshot` holds, by way of the folder `partial`.
fn fill(
    top: &Path,
    partial: &Path,
    repository: &Repository,
    snapshot: &Snapshot,
) -> Result<(), CandidateError> {
    files::remove_tree(partial)?;
    snapshot.export(partial)?;
    let repository = repository.root().to_path_buf();
    let tree = Tree { root: top.to_path_buf(), candidate: repository.clone(), repository };
    tree.keep_outside_paths_of(partial)?;
    lend_locks(&tree.repository, partial)?;
    // cargo may have made a lock file where none is committed.
    files::bring_to(partial, top, &|name| name == "Cargo.lock")?;
    Ok(files::remove_tree(partial)?)
}

/// Workspaces whose lock file is not committed get the user's, so that both are built of the same.
fn lend_locks(repository: &Path, partial: &Path) -> Result<(), TreeError> {
    for manifest in files::walk(partial, &|name| name == "target")? {
        let (Some(folder), Some(name)) = (manifest.parent(), manifest.file_name()) else { continue };
        let Ok(inside) = folder.strip_prefix(partial) else { continue };
        if name == "Cargo.toml"
            && !folder.join("Cargo.lock").exists()
            && repository.join(inside).join("Cargo.lock").exists()
        {
            tree::borrow_locks(&repository.join(inside), folder)?;
        }
    }
    Ok(())
}
