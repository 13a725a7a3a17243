//! An exported revision made buildable beside the candidate: what points outside the repository still does, and
//! both sides are measured by the candidate's runtime.

mod links;
mod manifest;
mod runtime;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use runtime::{borrow_locks, place_runtime, require_same_runtime, runtime_digest, runtime_patches};

use super::cargo::{MACROS, RUNTIME};
use super::files::{self, At, FileError};

/// A tree that cannot be made to measure like the candidate's.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A file or folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// A manifest of the candidate's runtime that could not be rewritten.
    #[error("could not take over {}: {message}", manifest.display())]
    Manifest {
        /// Which.
        manifest: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The runtime is the repository's root package: it cannot be replaced without replacing the revision.
    #[error(
        "the repository's root package is {RUNTIME} itself, so both sides cannot share one: move it into a folder of \
         its own, or depend on a published version"
    )]
    RuntimeIsRoot,
    /// The runtime's folder is reached by a link, and what it leads to is the user's.
    #[error(
        "the baseline's {RUNTIME} is in {}, which is a symbolic link out of the repository to another one than the \
         candidate's: both sides must be measured by the same one; let both lead to the same folder, or accept a new \
         baseline with `cargo darwin baseline`",
        folder.display()
    )]
    RuntimeIsLinked {
        /// Where the candidate's should be put.
        folder: PathBuf,
    },
    /// Both sides would be measured by different runtimes.
    #[error(
        "the baseline is built with {package} from {found}, the candidate with {wanted}: both sides must be measured \
         by the same one; make the requirement in the baseline's manifest fit it, or accept a new baseline with `cargo \
         darwin baseline`"
    )]
    Runtime {
        /// The runtime or its macros.
        package: &'static str,
        /// Manifest that the baseline resolves to.
        found: String,
        /// Manifest that it should resolve to.
        wanted: String,
    },
}

/// A revision's folder, and the repository it came from.
#[derive(Debug, Clone)]
pub struct Tree {
    /// Where the revision was exported to.
    pub root: PathBuf,
    /// Top folder of the user's working tree.
    pub repository: PathBuf,
    /// Top folder of the candidate: the working tree, or where it was exported to.
    pub candidate: PathBuf,
}

impl Tree {
    /// Where a path of the user's tree, or of the candidate's, lies in this one; paths outside of them stay.
    pub fn here(&self, live: &Path) -> PathBuf {
        let inside = live.strip_prefix(&self.candidate).or_else(|_| live.strip_prefix(&self.repository));
        inside.map_or_else(|_| live.to_path_buf(), |inside| self.root.join(inside))
    }

    /// Where a path of this tree lies in the user's.
    fn live(&self, here: &Path) -> PathBuf {
        here.strip_prefix(&self.root)
            .map_or_else(|_| here.to_path_buf(), |inside| self.repository.join(inside))
    }

    /// The path that a file in the folder `dir` of this tree means by `path`: `None` where it may stay as it is.
    /// What leaves the repository keeps pointing to the user's folders, what names the user's tree by its full
    /// path is brought here.
    fn repointed(&self, dir: &Path, path: impl AsRef<Path>) -> Option<PathBuf> {
        let meant = files::normalized(&self.live(dir).join(path.as_ref()));
        match (path.as_ref().is_absolute(), meant.starts_with(&self.repository)) {
            (true, true) => Some(self.here(&meant)),
            (false, false) => Some(meant),
            _ => None,
        }
    }

    /// Where a file that lies in `dir` for now will lie in the tree.
    fn place(&self, dir: &Path, file: &Path) -> PathBuf {
        file.strip_prefix(dir).map_or_else(|_| file.to_path_buf(), |inside| self.root.join(inside))
    }

    /// Repoints symbolic links, and the paths in all manifests and cargo configurations. Files that are no TOML stay as
    /// they are: fixtures may be broken on purpose, and cargo tells where one matters.
    pub fn keep_outside_paths(&self) -> Result<(), TreeError> {
        self.keep_outside_paths_of(&self.root)
    }

    /// The same while the files still lie in the folder `dir`, from where they will be moved to the tree's.
    pub fn keep_outside_paths_of(&self, dir: &Path) -> Result<(), TreeError> {
        links::keep_outside_links(self, dir)?;
        for file in files::walk(dir, &|name| name == "target")? {
            let place = self.place(dir, &file);
            let Some(rewrite) = manifest::rewriter(&place) else { continue };
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let Ok(mut document) = text.parse::<toml_edit::DocumentMut>() else { continue };
            rewrite(self, &place, &mut document);
            let new = document.to_string();
            if new != text {
                links::own(&file)?;
                std::fs::write(&file, new).at("write", &file)?;
            }
        }
        Ok(())
    }
}

/// cargo configuration in folders above the repository, nearest last: the export lies elsewhere and would miss it.
/// The one in `cargo_home` is read from everywhere and left out.
pub fn outer_configs(repository: &Path, export: &Path, cargo_home: Option<&Path>) -> Vec<OsString> {
    let above = repository.ancestors().skip(1).filter(|folder| !export.starts_with(folder));
    let folders =
        above.map(|folder| folder.join(".cargo")).filter(|folder| Some(folder.as_path()) != cargo_home);
    let file = |folder: PathBuf| {
        ["config", "config.toml"].map(|name| folder.join(name)).into_iter().find(|f| f.is_file())
    };
    let mut found: Vec<OsString> = folders.filter_map(file).map(PathBuf::into_os_string).collect();
    found.reverse();
    found
}
