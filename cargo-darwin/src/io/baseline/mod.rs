//! The baseline's executables: exported, built beside the candidate, and kept.
//!
//! Three places, and no two trees share one (cargo's freshness is by time stamp, and one tree's executable would
//! be taken for the other's):
//!
//! - `<target>/darwin/candidate`: where the candidate is built, or `<target>/darwin/exported`, if it is not the working tree
//!   (`io/candidate`);
//! - `<target>/darwin/baseline`: where revisions are built; begins as a copy of the candidate's, and before every
//!   build what was built of path packages is forgotten, so that only downloads are reused;
//! - `<cache home>/darwin/<repository>/<key>`: the exported revision. Not below the target directory: cargo would
//!   join in `.cargo/config.toml` of every folder above, the user's live tree among them. It stays as long as its
//!   executables, which may read files beside their manifest.

mod cache;
mod error;
mod key;
mod same_build;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cargo_metadata::Package;

pub use cache::Cache;
pub use error::BaselineError;
pub use same_build::same_build;

pub(super) use key::cargo_home;

use super::cargo::{self, BuildPlan, CargoOptions, Executable, Probe, TargetRef, Workspace};
use super::digest::Digest;
use super::files::{self, At, FileError};
use super::git::{Commit, Repository};
use super::tree::{self, Tree};
use crate::model::BaselineSource;

/// Where an exported candidate is built.
const EXPORTED: &str = "exported";

/// Revisions whose executables and files are kept.
const KEPT_REVISIONS: usize = 8;

/// Where a workspace is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
    candidate: &'static str,
}

impl Layout {
    /// `darwin` in the target directory; below it a folder of its own for a workspace that shares its target
    /// directory with others (`CARGO_TARGET_DIR`), because two trees of one package would be mixed there.
    pub fn of(workspace: &Workspace) -> Layout {
        let root = workspace.target_directory().join("darwin");
        let candidate = if workspace.is_exported() { EXPORTED } else { "candidate" };
        if workspace.target_directory().starts_with(workspace.user_root()) {
            return Layout { root, candidate };
        }
        Layout { root: root.join(short_digest(workspace.user_root())), candidate }
    }

    /// Everything of ours in the target directory.
    pub fn root(&self) -> PathBuf {
        self.root.clone()
    }

    /// Where the candidate is built.
    pub fn candidate(&self) -> PathBuf {
        self.root.join(self.candidate)
    }

    /// Where downloads may have been compiled before.
    fn others(&self) -> impl Iterator<Item = PathBuf> {
        ["candidate", "baseline", EXPORTED]
            .into_iter()
            .map(|name| self.root.join(name))
            .filter(|dir| dir.is_dir())
    }

    /// Where revisions are built.
    pub fn baseline(&self) -> PathBuf {
        self.root.join("baseline")
    }

    /// Built executables of revisions.
    pub fn cache(&self) -> Cache {
        Cache::at(self.root.join("cache"))
    }
}

/// A revision to be built beside a candidate that has been built.
#[derive(Debug)]
pub struct Request<'a> {
    /// The user's repository.
    pub repository: &'a Repository,
    /// The revision.
    pub commit: &'a Commit,
    /// The candidate's workspace, inside the repository or where that was exported to.
    pub candidate: &'a Workspace,
    /// Top folder of the candidate's tree: the repository's, or where it was exported to.
    pub candidate_top: &'a Path,
    /// The selected package in it.
    pub package: &'a Package,
    /// What is to be run.
    pub targets: &'a [TargetRef],
    /// The user's options for cargo.
    pub options: &'a CargoOptions,
    /// Folder for exported revisions, see [`trees_folder`].
    pub trees: &'a Path,
}

/// A built revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// One for each target, in their order.
    pub executables: Vec<Executable>,
    /// Folder of the package in the exported revision, where its workloads run.
    pub package_dir: PathBuf,
    /// Built now or before.
    pub source: BaselineSource,
}

/// `$XDG_CACHE_HOME/darwin` or `~/.cache/darwin`. Errors where there is neither, or where it is inside the
/// repository, whose cargo configuration would be joined in.
pub fn trees_folder(repository: &Repository) -> Result<PathBuf, BaselineError> {
    cache_home_beside(repository.root())
}

/// The same for a tree that need not be a repository.
pub(super) fn cache_home_beside(root: &Path) -> Result<PathBuf, BaselineError> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME").map(|home| home.join(".cache"));
    let cache = absolute("XDG_CACHE_HOME").or_else(home).ok_or(BaselineError::NoCacheHome)?;
    let cache = files::physical(&cache);
    if cache.starts_with(root) {
        return Err(BaselineError::CacheInside { cache, repository: root.to_path_buf() });
    }
    Ok(cache.join("darwin"))
}

/// The executables of a revision: from the cache without any call of cargo but `rustc -vV`, or exported and built.
/// `show` is given every line of cargo's stderr.
pub fn baseline(request: &Request<'_>, show: &mut dyn FnMut(&str)) -> Result<Baseline, BaselineError> {
    let layout = Layout::of(request.candidate);
    let trees = request.trees.join(short_digest(request.repository.root()));
    std::fs::create_dir_all(&trees).at("create", &trees)?;
    let trees = trees.canonicalize().at("look at", &trees)?;
    let configs = outer_configs(request.repository, &trees);
    let key = key::of(request, &configs)?;
    let tree = Tree {
        root: trees.join(&key),
        repository: request.repository.root().to_path_buf(),
        candidate: request.candidate_top.to_path_buf(),
    };
    let package_dir = tree.here(package_folder(request.package));
    if let Some(executables) = layout.cache().find(&key, request.targets).filter(|_| package_dir.is_dir()) {
        files::touch(&tree.root)?;
        return Ok(Baseline { executables, package_dir, source: BaselineSource::Cached });
    }
    let mut options = request.options.clone();
    // An exported candidate has them already, and lists in them would be joined twice.
    options.config.retain(|config| !configs.contains(config));
    options.config.splice(0..0, configs);
    let replaced = export(request, &tree)?;
    let built = build(request, &layout, &tree, options, replaced, show);
    let built = built.map_err(|error| with_what_is_lacking(error, request))?;
    let executables = layout.cache().store(&key, &built, KEPT_REVISIONS)?;
    files::keep_newest(&trees, KEPT_REVISIONS)?;
    Ok(Baseline { executables, package_dir, source: BaselineSource::Built })
}

/// Writes the revision, made ready, to the tree's place; a half-written one is never seen there. Returns whether
/// the runtime was replaced.
fn export(request: &Request<'_>, tree: &Tree) -> Result<bool, BaselineError> {
    files::remove_tree(&tree.root)?;
    let partial = tree.root.with_extension("partial");
    files::remove_tree(&partial)?;
    request.repository.export(request.commit, &partial).inspect_err(|_| forget(&partial))?;
    std::fs::rename(&partial, &tree.root).at("rename", &partial)?;
    tree.keep_outside_paths()?;
    let replaced = tree::place_runtime(tree, request.candidate)?;
    let root = tree.here(request.candidate.root());
    if replaced || !root.join("Cargo.lock").exists() {
        tree::borrow_locks(request.candidate.root(), &root)?;
    }
    Ok(replaced)
}

fn build(
    request: &Request<'_>,
    layout: &Layout,
    tree: &Tree,
    mut options: CargoOptions,
    replaced: bool,
    show: &mut dyn FnMut(&str),
) -> Result<Vec<Executable>, BaselineError> {
    options.manifest_path = Some(tree.here(request.package.manifest_path.as_std_path()));
    if replaced {
        unlock(&mut options);
    }
    let directory = standing(tree, request.candidate);
    options.rustflags = rustflags(layout, &directory, &options)?;
    let mut workspace = load(&directory, &options, request)?;
    let patches = tree::runtime_patches(tree, request.candidate, &workspace)?;
    if !patches.is_empty() {
        options.config.extend(patches);
        unlock(&mut options);
        workspace = load(&directory, &options, request)?;
        tree::require_same_runtime(tree, request.candidate, &workspace)?;
    }
    let missing =
        |source| BaselineError::NotInRevision { commit: request.commit.clone(), source: Box::new(source) };
    let package = workspace.package(Some(&request.package.name)).map_err(missing)?;
    for target in request.targets {
        cargo::find_target(package, target.kind, &target.name).map_err(missing)?;
    }
    seed(layout, &layout.baseline())?;
    let plans =
        cargo::plans(&workspace, package, request.targets, &options, &layout.baseline()).map_err(missing)?;
    build_anew(&plans, &workspace, show)
}

/// Where cargo runs in the tree: where it runs for the candidate, or in the nearest folder above that the revision has.
fn standing(tree: &Tree, candidate: &Workspace) -> PathBuf {
    let here = tree.here(candidate.directory());
    here.ancestors().find(|folder| folder.is_dir()).unwrap_or(&here).to_path_buf()
}

/// A build of the revision that failed, and what only the user's tree has that it asked for.
fn with_what_is_lacking(error: BaselineError, request: &Request<'_>) -> BaselineError {
    if !matches!(error, BaselineError::Build(_) | BaselineError::NotInRevision { .. }) {
        return error;
    }
    let target = request.candidate.target_directory();
    match request.repository.left_out(request.commit, &error.to_string(), target) {
        Ok(left_out) if !left_out.is_empty() => BaselineError::Lacking { source: Box::new(error), left_out },
        _ => error,
    }
}

/// The revision's own flags, because a change of them is a change of the code; with ours if the candidate has them, or
/// the sides would differ in what we did.
fn rustflags(
    layout: &Layout,
    directory: &Path,
    options: &CargoOptions,
) -> Result<Option<Vec<String>>, BaselineError> {
    if options.rustflags.is_none() {
        return Ok(None);
    }
    let probe = Probe { folder: &cargo::probe_folder(&layout.root()), directory, options };
    let flags = probe.ask().map_err(|source| BaselineError::Flags(source.to_string()))?.with_aligned_loops();
    flags.map(Some).ok_or_else(|| BaselineError::Flags("rustc refuses to align loops beside them".to_owned()))
}

fn load(directory: &Path, options: &CargoOptions, request: &Request<'_>) -> Result<Workspace, BaselineError> {
    let unreadable =
        |source| BaselineError::NotInRevision { commit: request.commit.clone(), source: Box::new(source) };
    Workspace::load(directory, options).map_err(unreadable)
}

/// A replaced runtime may bring other dependencies than the revision's lock file knows.
fn unlock(options: &mut CargoOptions) {
    options.offline |= options.frozen;
    options.locked = false;
    options.frozen = false;
}

/// Forgets what another revision left of the path packages, and builds. cargo's own word that it built the
/// executables now is asked for: an old one would be measured in the revision's name.
fn build_anew(
    plans: &[BuildPlan],
    workspace: &Workspace,
    show: &mut dyn FnMut(&str),
) -> Result<Vec<Executable>, BaselineError> {
    let names: Vec<String> = workspace.path_packages().map(|package| package.name.to_string()).collect();
    // All of them before the first build: plans of one profile share what cleaning removes.
    for plan in plans {
        cargo::clean(plan, &names)?;
    }
    let mut built = Vec::new();
    for plan in plans {
        let executable = cargo::build(plan, show)?;
        if executable.fresh {
            let (target, dir) = (executable.target.to_string(), plan.target_dir.clone());
            return Err(BaselineError::Stale { target, dir });
        }
        built.push(executable);
    }
    Ok(built)
}

/// Downloads that another tree of the workspace has compiled need not be compiled again: `to` begins as a copy of its target
/// directory. Whether it did.
pub(super) fn seed(layout: &Layout, to: &Path) -> Result<bool, FileError> {
    let own = layout.candidate();
    let from = if own.exists() { Some(own) } else { layout.others().next() };
    let Some(from) = from.filter(|from| from != to && !to.exists()) else { return Ok(false) };
    let partial = to.with_extension("partial");
    files::remove_tree(&partial)?;
    files::copy_tree(&from, &partial, &|name| name == "incremental").inspect_err(|_| forget(&partial))?;
    std::fs::rename(&partial, to).at("rename", &partial)?;
    Ok(true)
}

/// Half a copy is of no use, and it would keep a full disk full. The error that it comes from is told, not this one.
fn forget(partial: &Path) {
    drop(files::remove_tree(partial));
}

/// cargo configuration above the repository, which trees exported to `trees` do not find.
pub(super) fn outer_configs(repository: &Repository, trees: &Path) -> Vec<OsString> {
    tree::outer_configs(repository.root(), trees, key::cargo_home().as_deref())
}

fn package_folder(package: &Package) -> &Path {
    package.manifest_path.parent().map_or(Path::new(""), |dir| dir.as_std_path())
}

/// A folder name for a path; 16 hexadecimal digits.
pub(super) fn short_digest(path: &Path) -> String {
    let mut digest = Digest::default().part(path.as_os_str().as_encoded_bytes()).hex();
    digest.truncate(16);
    digest
}
