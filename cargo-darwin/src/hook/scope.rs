//! What the measured code is made of: the folders of the selected package and of what it is built with, and the files that
//! settle how.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::tree::Place;
use super::{Names, Tree, may_matter};

/// Files that settle how everything below their folder is built and measured.
const SETTINGS: [&str; 5] =
    ["Cargo.lock", "rust-toolchain", "rust-toolchain.toml", "darwin.toml", "darwin.baseline.toml"];

/// Ends of names of files in which a build, or what is measured, may name others.
const CODE: [&str; 18] = [
    ".rs", ".toml", ".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".inc", ".in", ".s", ".S",
    ".proto", ".pest", ".ld", ".x",
];

/// Settings whose strings are names of packages and sites. Paths in manifests are followed instead.
const RECORDS: [&str; 3] = ["Cargo.toml", "Cargo.lock", "darwin.baseline.toml"];

/// The folders of what is measured.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Those of packages. What lies deeper in a package of its own does not belong to them.
    packages: BTreeSet<PathBuf>,
    /// Files and folders elsewhere that belong to it all the same, whole.
    places: BTreeSet<PathBuf>,
    /// The folders above all of them, and above the one in which cargo is run.
    above: BTreeSet<PathBuf>,
}

impl Scope {
    /// All there is, for when it cannot be told what is measured.
    pub fn everything() -> Scope {
        Scope { places: BTreeSet::from([PathBuf::new()]), ..Scope::default() }
    }

    /// What these packages, measured from `folder`, are made of: themselves, their path dependencies and theirs, what patches
    /// put in, and where links in them lead. `None` where a path leads to nothing that the tree has.
    pub fn of(tree: &Tree, selected: &BTreeSet<PathBuf>, folder: &Path) -> Option<Scope> {
        let (mut scope, mut open) = (Scope::default(), Vec::from_iter(selected.iter().cloned()));
        for package in selected {
            let root = tree.root_of(package)?;
            scope.follow(tree, &root, &tree.manifest(&root)?.replaced, &mut open)?;
        }
        while let Some(package) = open.pop() {
            if scope.packages.insert(package.clone()) {
                let manifest = tree.manifest(&package)?;
                scope.follow(tree, &package, &manifest.paths, &mut open)?;
                scope.follow_inherited(tree, &package, &manifest.inherited, &mut open)?;
            }
        }
        scope.follow_links(tree)?;
        let inside = scope.packages.iter().chain(&scope.places).map(PathBuf::as_path).chain([folder]);
        scope.above = inside.flat_map(Path::ancestors).map(Path::to_owned).collect();
        Some(scope)
    }

    fn follow(
        &mut self,
        tree: &Tree,
        folder: &Path,
        paths: &[String],
        open: &mut Vec<PathBuf>,
    ) -> Option<()> {
        for path in paths {
            match tree.place(folder, Path::new(path))? {
                Place::Package(package) => open.push(package),
                // The modules of a target are beside its file.
                Place::File(file) if file.extension().is_some_and(|extension| extension == "rs") => {
                    self.places.insert(file.parent().unwrap_or(&file).to_owned());
                }
                // A submodule, or a package without a manifest.
                Place::File(_) | Place::Folder(_) => return None,
                Place::Outside => {}
            }
        }
        Some(())
    }

    fn follow_inherited(
        &mut self,
        tree: &Tree,
        package: &Path,
        names: &[String],
        open: &mut Vec<PathBuf>,
    ) -> Option<()> {
        let root = tree.root_of(package)?;
        for name in names {
            if let Some(path) = tree.manifest(&root)?.shared.get(name)? {
                self.follow(tree, &root, std::slice::from_ref(path), open)?;
            }
        }
        Some(())
    }

    /// Links may lead to folders with further links.
    fn follow_links(&mut self, tree: &Tree) -> Option<()> {
        let mut followed = BTreeSet::new();
        loop {
            let is_next = |link: &&PathBuf| !followed.contains(*link) && self.has(tree, link);
            let Some(link) = tree.links.keys().find(is_next) else { return Some(()) };
            followed.insert(link.clone());
            match tree.place(link.parent()?, tree.links.get(link)?)? {
                Place::Package(place) | Place::File(place) | Place::Folder(place) => {
                    self.places.insert(place);
                }
                Place::Outside => {}
            }
        }
    }

    fn has(&self, tree: &Tree, file: &Path) -> bool {
        self.places.iter().any(|place| file.starts_with(place))
            || tree.owner(file).is_some_and(|owner| self.packages.contains(owner))
    }

    /// Whether the change of a file may change what is built or measured, even if no code names it.
    pub fn may_change_by(&self, tree: &Tree, file: &Path) -> bool {
        self.is_setting(file) || (self.has(tree, file) && may_matter(in_package(tree, file)))
    }

    fn is_setting(&self, file: &Path) -> bool {
        let is_above = |folder: Option<&Path>| folder.is_some_and(|folder| self.above.contains(folder));
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // Any member's manifest has a say in which versions all of them get.
        name == "Cargo.toml"
            || (SETTINGS.contains(&name) && is_above(file.parent()))
            || file.ancestors().any(|folder| folder.ends_with(".cargo") && is_above(folder.parent()))
    }

    /// Whether code or settings in this file may name files that are to be built in or read.
    pub fn is_code(&self, tree: &Tree, file: &Path) -> bool {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_code = CODE.iter().any(|end| name.ends_with(end)) && self.has(tree, file);
        (is_code || self.is_setting(file)) && !RECORDS.contains(&name)
    }

    /// How code would have to name one of these files; `None` where a name is no text.
    ///
    /// A path to a file outside passes through the first folder that is not above the code too, unless it is a folder above
    /// that is named, whose files are then looked through.
    pub fn names_of<'a>(&self, tree: &Tree, files: impl IntoIterator<Item = &'a PathBuf>) -> Option<Names> {
        let mut names = Names::default();
        for file in files {
            let words: Vec<&str> = file.iter().map(|word| word.to_str()).collect::<Option<_>>()?;
            let (name, folders) = words.split_last()?;
            if self.has(tree, file) {
                names.add_file(name);
                folders.iter().for_each(|folder| names.add_folder(folder));
                continue;
            }
            for from in self.packages.iter().chain(&self.places) {
                let shared = from.iter().zip(&words).take_while(|(from, word)| from.to_str() == Some(**word));
                let shared = shared.count();
                match folders.get(shared) {
                    Some(folder) => names.add_folder(folder),
                    None => names.add_file(name),
                }
                folders.iter().take(shared).for_each(|folder| names.add_end(folder));
            }
            if may_matter(in_package(tree, file)) {
                // `..` alone says that whatever is there is looked through.
                names.add_end("..");
            }
        }
        Some(names)
    }
}

/// The file as its package sees it: what the folders above that are called says nothing about it.
fn in_package<'a>(tree: &Tree, file: &'a Path) -> &'a Path {
    tree.owner(file).and_then(|owner| file.strip_prefix(owner).ok()).unwrap_or(file)
}

#[cfg(test)]
mod tests;
