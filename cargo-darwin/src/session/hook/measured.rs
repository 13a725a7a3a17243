//! What of a revision is measured, as far as its manifests tell without cargo.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::JudgedArgs;
use crate::hook::{Manifest, Scope, Selection, Tree};
use crate::io::git::{Entry, GitError, Snapshot};
use crate::io::{baseline_file, config, files};

/// Files that are read at a time: memory holds so many, and the first that names a changed one ends it.
const READ_AT_ONCE: usize = 500;

/// The files of a revision, and the packages that are meant.
#[derive(Debug)]
pub struct Measured<'a> {
    snapshot: &'a Snapshot,
    entries: Vec<Entry>,
    tree: Tree,
    /// The folder that cargo is run in, from the top of the repository.
    folder: PathBuf,
    selected: Option<BTreeSet<PathBuf>>,
}

impl<'a> Measured<'a> {
    /// Looks at `snapshot`, of the repository at `top`, as a check in `folder` would.
    ///
    /// # Errors
    /// When git fails.
    pub fn of(
        snapshot: &'a Snapshot,
        judged: &JudgedArgs,
        folder: &Path,
        top: &Path,
    ) -> Result<Measured<'a>, GitError> {
        let entries = snapshot.entries()?;
        let tree = tree(snapshot, &entries, top)?;
        let inside = |path: &Path| path.strip_prefix(top).ok().map(Path::to_owned);
        let named = judged.cargo.manifest_path.as_ref();
        let named = named.map(|manifest| files::normalized(&folder.join(manifest)));
        let start = match named.as_deref() {
            Some(manifest) => manifest.parent().and_then(inside),
            None => inside(folder),
        };
        let selection = start.map(|folder| Selection { package: judged.cargo.package.clone(), folder });
        let selected = selection.and_then(|selection| tree.selected(&selection));
        let folder = inside(folder).unwrap_or_default();
        Ok(Measured { snapshot, entries, tree, folder, selected })
    }

    /// Whether none of these changed files can change what is built or measured.
    ///
    /// # Errors
    /// When git fails.
    pub fn is_untouched_by(&self, changed: &BTreeSet<PathBuf>) -> Result<bool, GitError> {
        let scope = self.selected.as_ref().and_then(|all| Scope::of(&self.tree, all, &self.folder));
        let scope = scope.unwrap_or_else(Scope::everything);
        if changed.iter().any(|file| scope.may_change_by(&self.tree, file)) {
            return Ok(false);
        }
        let Some(names) = scope.names_of(&self.tree, changed) else { return Ok(false) };
        let code =
            self.entries.iter().filter(|entry| !entry.is_link && scope.is_code(&self.tree, &entry.path));
        let code: Vec<&Entry> = code.collect();
        for some in code.chunks(READ_AT_ONCE) {
            let read = some.iter().zip(self.snapshot.contents(some)?);
            let mut texts = read.filter_map(|(entry, content)| Some((&entry.path, content?)));
            if texts
                .any(|(path, content)| names.are_in(&String::from_utf8_lossy(&content), is_settings(path)))
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What its configuration says about hooks; `None` where it cannot be told yet which one it is, or what it says.
    ///
    /// # Errors
    /// When git fails.
    pub fn settings(&self) -> Result<Option<config::Hook>, GitError> {
        let places: BTreeSet<PathBuf> = self.configurations().collect();
        let (Some(place), 1) = (places.first(), places.len()) else { return Ok(None) };
        let path = place.join(config::FILE_NAME);
        let Some(entry) = self.entries.iter().find(|entry| entry.path == path) else { return Ok(None) };
        let content = self.snapshot.contents(&[entry])?.pop().flatten().unwrap_or_default();
        let config = String::from_utf8(content).ok().and_then(|text| config::parse(&path, &text).ok());
        Ok(config.map(|config| config.hook))
    }

    /// The name of the baseline file, if no package that may be meant has one, nor had one before in `bases`. Whoever takes it
    /// away is told.
    ///
    /// # Errors
    /// When git fails.
    pub fn lacks_baseline(&self, bases: &[Snapshot]) -> Result<Option<PathBuf>, GitError> {
        let Some(first) = self.configurations().next() else { return Ok(None) };
        let is_there = |folder: PathBuf| self.tree.files.contains(&folder.join(baseline_file::FILE_NAME));
        if self.configurations().any(is_there) {
            return Ok(None);
        }
        let selected = self.selected.iter().flatten();
        let above: BTreeSet<&Path> = selected.flat_map(|folder| folder.ancestors()).collect();
        for base in bases {
            let is_baseline = |entry: &Entry| entry.path.ends_with(baseline_file::FILE_NAME);
            let mut had = base.entries()?.into_iter().filter(is_baseline);
            if had.any(|entry| entry.path.parent().is_some_and(|folder| above.contains(folder))) {
                return Ok(None);
            }
        }
        Ok(Some(first.join(baseline_file::FILE_NAME)))
    }

    fn configurations(&self) -> impl Iterator<Item = PathBuf> {
        self.selected.iter().flatten().map(|package| self.tree.configuration_folder(package))
    }
}

fn tree(snapshot: &Snapshot, entries: &[Entry], top: &Path) -> Result<Tree, GitError> {
    let is_manifest = |entry: &Entry| entry.path.file_name().is_some_and(|name| name == "Cargo.toml");
    let read: Vec<&Entry> = entries.iter().filter(|entry| entry.is_link || is_manifest(entry)).collect();
    let files = entries.iter().map(|entry| entry.path.clone()).collect();
    let mut tree = Tree { top: top.to_owned(), files, ..Tree::default() };
    for (entry, content) in read.iter().zip(snapshot.contents(&read)?) {
        let text = || content.as_ref().and_then(|content| std::str::from_utf8(content).ok());
        if is_manifest(entry) {
            let folder = entry.path.parent().unwrap_or(&entry.path).to_owned();
            // What a link leads to has other folders around it.
            let manifest = text().filter(|_| !entry.is_link).and_then(Manifest::parse);
            tree.manifests.insert(folder, manifest);
        }
        if entry.is_link {
            // One that is no text leads to its own folder, for all we know.
            tree.links.insert(entry.path.clone(), PathBuf::from(text().unwrap_or_default()));
        }
    }
    Ok(tree)
}

/// TOML, whose strings may stand in single quotes.
fn is_settings(path: &Path) -> bool {
    path.extension().is_none_or(|extension| extension == "toml")
}
