//! The files of a revision, as far as they tell which of them a package is built from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::Manifest;

/// The files of a revision; all paths are seen from its top.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Where the top lies on the disk: paths may be written in full.
    pub top: PathBuf,
    /// Files, links and submodules.
    pub files: BTreeSet<PathBuf>,
    /// What is in the manifests, by their folders; `None` where that cannot be read.
    pub manifests: BTreeMap<PathBuf, Option<Manifest>>,
    /// Symbolic links, and what stands in them.
    pub links: BTreeMap<PathBuf, PathBuf>,
}

/// The package that is meant.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// What `-p` says.
    pub package: Option<String>,
    /// The folder of a named manifest, or the one from which a manifest is looked for upwards.
    pub folder: PathBuf,
}

/// Where a path leads.
#[derive(Debug, PartialEq)]
pub(super) enum Place {
    /// To the folder of a package.
    Package(PathBuf),
    /// To a file.
    File(PathBuf),
    /// To another folder.
    Folder(PathBuf),
    /// Out of the repository, where no commit of it changes anything.
    Outside,
}

impl Tree {
    /// The folders of the packages that may be meant; `None` where that cannot be told.
    pub fn selected(&self, selection: &Selection) -> Option<BTreeSet<PathBuf>> {
        let start = selection.folder.ancestors().find(|folder| self.manifests.contains_key(*folder))?;
        let named = |name: &str| {
            let is_it = |manifest: &Manifest| manifest.package.as_deref() == Some(name);
            self.folders_of(is_it)
        };
        let found = match &selection.package {
            // Cargo's long form says more than a name.
            Some(spec) if spec.contains(['/', ':', '#']) => return None,
            Some(spec) => named(spec.split_once('@').map_or(spec.as_str(), |(name, _)| name)),
            None if self.manifest(start)?.package.is_some() => BTreeSet::from([start.to_owned()]),
            None => self.folders_of(|manifest| manifest.package.is_some()),
        };
        (!found.is_empty()).then_some(found)
    }

    fn folders_of(&self, fits: impl Fn(&Manifest) -> bool) -> BTreeSet<PathBuf> {
        let all = self.manifests.iter();
        let fitting = all.filter(|(_, manifest)| manifest.as_ref().is_some_and(&fits));
        fitting.map(|(folder, _)| folder.clone()).collect()
    }

    pub(super) fn manifest(&self, folder: &Path) -> Option<&Manifest> {
        self.manifests.get(folder)?.as_ref()
    }

    /// The folder of the workspace that a package belongs to, which may be its own; `None` where that cannot be told.
    pub(super) fn root_of(&self, package: &Path) -> Option<PathBuf> {
        if let Some(root) = &self.manifest(package)?.root {
            return self.normalized(package, Path::new(root)).filter(|root| self.manifest(root).is_some());
        }
        for folder in package.ancestors().filter(|folder| self.manifests.contains_key(*folder)) {
            if self.manifest(folder)?.is_root {
                return Some(folder.to_owned());
            }
        }
        Some(package.to_owned())
    }

    /// The folder that `darwin.toml` and the baseline file of a package are in: its own, or the nearest one above it in the
    /// workspace that has a `darwin.toml`.
    pub fn configuration_folder(&self, package: &Path) -> PathBuf {
        let root = self.root_of(package).unwrap_or_default();
        let mut inside = package.ancestors().take_while(|folder| folder.starts_with(&root));
        inside.find(|folder| self.files.contains(&folder.join("darwin.toml"))).unwrap_or(package).to_owned()
    }

    /// The folder of the innermost package, or virtual workspace, that a file is in.
    pub(super) fn owner<'a>(&self, file: &'a Path) -> Option<&'a Path> {
        file.ancestors().skip(1).find(|folder| self.manifests.contains_key(*folder))
    }

    /// Where a path leads that is written in `folder`; `None` where nothing is there, as with submodules and generated files.
    pub(super) fn place(&self, folder: &Path, path: &Path) -> Option<Place> {
        let Some(inside) = self.normalized(folder, path) else { return Some(Place::Outside) };
        if self.manifest(&inside).is_some_and(|manifest| manifest.package.is_some()) {
            return Some(Place::Package(inside));
        }
        if self.files.contains(&inside) {
            return Some(Place::File(inside));
        }
        let first = self.files.range(inside.clone()..).find(|file| **file != inside);
        first.is_some_and(|file| file.starts_with(&inside)).then_some(Place::Folder(inside))
    }

    /// A path that is written in `folder`, without `.` and `..`; `None` where it leads out of the repository.
    fn normalized(&self, folder: &Path, path: &Path) -> Option<PathBuf> {
        let (mut clean, path) = match path.strip_prefix(&self.top) {
            Ok(inside) if path.is_absolute() => (PathBuf::new(), inside),
            _ if path.is_absolute() => return None,
            _ => (folder.to_owned(), path),
        };
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir if !clean.pop() => return None,
                Component::ParentDir => {}
                other => clean.push(other),
            }
        }
        Some(clean)
    }
}
