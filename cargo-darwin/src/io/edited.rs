//! A copy of the workspace, in which edits are tried that the user's tree never sees: `calibrate` asks what an edit that
//! changes nothing does to the timings.
//!
//! The files lie in `<cache home>/darwin/<workspace>.edited`, not below the target directory, for cargo would join in the
//! configuration of the live tree; they are built in `<target>/darwin/edited`. Both go when this is dropped, and when the
//! command is interrupted.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use cargo_metadata::Package;

use super::baseline::{self, BaselineError, Cache, Layout};
use super::cargo::{self, BuildError, BuildPlan, CargoError, CargoOptions, Executable, TargetRef, Workspace};
use super::files::{self, At, FileError};
use super::interrupt;
use super::tree::{self, Tree, TreeError};

/// Workspaces with more than this beside what is built are not copied: it would take the time that checks should have.
const MOST_BYTES: u64 = 256 << 20;

/// The same in files.
const MOST_FILES: usize = 20_000;

/// What is not copied: what was built, what git keeps, and what other tools have downloaded.
const LEFT_OUT: [&str; 3] = ["target", ".git", "node_modules"];

/// Why there is no copy, or why it does not build.
#[derive(Debug, thiserror::Error)]
pub enum EditedError {
    /// A file or folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// What points outside cannot be kept.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// There is no place for it.
    #[error(transparent)]
    Place(#[from] BaselineError),
    /// cargo does not know it.
    #[error(transparent)]
    Cargo(#[from] CargoError),
    /// It does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// cargo took an executable for up to date that should have been built.
    #[error("cargo took {0} for up to date after an edit")]
    Stale(TargetRef),
    /// Too much to copy.
    #[error("the workspace has {files} files of {mebibytes} MiB in all, which is too much to copy")]
    TooLarge {
        /// Files beside what is built.
        files: usize,
        /// Their size.
        mebibytes: u64,
    },
}

/// The copy.
#[derive(Debug)]
pub struct Edited {
    tree: Tree,
    /// All that is removed in the end.
    folders: Vec<PathBuf>,
    package: Package,
    plans: Vec<BuildPlan>,
    cache: Cache,
    builds: AtomicU32,
}

impl Edited {
    /// Copies the workspace of `package`, which is to be built as the candidate is.
    ///
    /// # Errors
    /// No place, too much to copy, or a copy that cargo does not understand.
    pub fn copy(
        workspace: &Workspace,
        package: &Package,
        targets: &[TargetRef],
        options: &CargoOptions,
    ) -> Result<Edited, EditedError> {
        let root = workspace.root();
        let layout = Layout::of(workspace);
        let folder =
            baseline::cache_home_beside(root)?.join(format!("{}.edited", baseline::short_digest(root)));
        let [target, built] = ["edited", "edited-cache"].map(|name| layout.root().join(name));
        let folders = vec![folder.clone(), target.clone(), built.clone()];
        let removed = Removed::when_dropped(&folders)?;
        let (repository, candidate) = (root.to_path_buf(), root.to_path_buf());
        let tree = Tree { root: folder.join("tree"), repository, candidate };
        fill(&tree, workspace.target_directory())?;
        let (workspace, package) = load(&tree, workspace, package, options, &folder)?;
        baseline::seed(&layout, &target)?;
        let plans = cargo::plans(&workspace.0, &package, targets, &workspace.1, &target)?;
        let names: Vec<String> =
            workspace.0.path_packages().map(|package| package.name.to_string()).collect();
        plans.iter().try_for_each(|plan| cargo::clean(plan, &names))?;
        let folders = removed.keep();
        Ok(Edited { tree, folders, package, plans, cache: Cache::at(built), builds: AtomicU32::new(0) })
    }

    /// Its top folder.
    pub fn root(&self) -> &Path {
        &self.tree.root
    }

    /// Folder of the package in it.
    pub fn package_folder(&self) -> &Path {
        self.package.manifest_path.parent().map_or(Path::new("."), |folder| folder.as_std_path())
    }

    /// Builds it as it is now; the executables stay as long as the copy.
    ///
    /// # Errors
    /// When it does not build.
    pub fn build(&self, show: &mut dyn FnMut(&str)) -> Result<Vec<Executable>, EditedError> {
        let mut built = Vec::new();
        for plan in &self.plans {
            let executable = cargo::build(plan, show)?;
            if executable.fresh {
                return Err(EditedError::Stale(executable.target));
            }
            built.push(executable);
        }
        let number = self.builds.fetch_add(1, Ordering::Relaxed);
        Ok(self.cache.store(&format!("build-{number}"), &built, usize::MAX)?)
    }
}

impl Drop for Edited {
    fn drop(&mut self) {
        remove(&self.folders);
    }
}

/// Folders that an interrupt removes, and this unless they are kept.
struct Removed(Vec<PathBuf>);

impl Removed {
    fn when_dropped(folders: &[PathBuf]) -> Result<Removed, FileError> {
        let removed = Removed(folders.to_vec());
        for folder in folders {
            interrupt::hold().register_folder(folder);
            files::remove_tree(folder)?;
        }
        Ok(removed)
    }

    fn keep(mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Removed {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// What cannot be removed is overwritten next time.
fn remove(folders: &[PathBuf]) {
    for folder in folders {
        drop(files::remove_tree(folder));
        interrupt::unregister_folder(folder);
    }
}

/// Copies the files, but for what is built, and keeps what points outside pointing there.
fn fill(tree: &Tree, target: &Path) -> Result<(), EditedError> {
    let target = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let skip = |name: &str| LEFT_OUT.contains(&name) || name == target;
    let all = files::walk(&tree.repository, &skip)?;
    let bytes: u64 =
        all.iter().filter_map(|file| file.symlink_metadata().ok()).map(|about| about.len()).sum();
    if all.len() > MOST_FILES || bytes > MOST_BYTES {
        return Err(EditedError::TooLarge { files: all.len(), mebibytes: bytes >> 20 });
    }
    files::copy_tree(&tree.repository, &tree.root, &skip)?;
    Ok(tree.keep_outside_paths()?)
}

/// The workspace there with cargo's options for it, and its package.
fn load(
    tree: &Tree,
    live: &Workspace,
    package: &Package,
    options: &CargoOptions,
    folder: &Path,
) -> Result<((Workspace, CargoOptions), Package), EditedError> {
    let mut options = options.clone();
    let home = baseline::cargo_home();
    options.config.splice(0..0, tree::outer_configs(&tree.repository, folder, home.as_deref()));
    options.manifest_path = Some(tree.here(package.manifest_path.as_std_path()));
    let directory = tree.here(live.directory());
    std::fs::create_dir_all(&directory).at("create", &directory)?;
    let workspace = Workspace::load(&directory, &options)?;
    let package = workspace.package(Some(&package.name))?.clone();
    Ok(((workspace, options), package))
}
