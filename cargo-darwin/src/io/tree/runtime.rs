//! The candidate's runtime and macros in the baseline's tree.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cargo_metadata::Package;
use toml_edit::DocumentMut;

use super::{MACROS, RUNTIME, Tree, TreeError, manifest};
use crate::io::cargo::Workspace;
use crate::io::digest::Digest;
use crate::io::files::{self, At};

/// Copies the candidate's runtime and macros over those of the tree, where they are folders of the repository.
/// Returns whether anything was replaced: the lock file may then have to follow.
pub fn place_runtime(tree: &Tree, candidate: &Workspace) -> Result<bool, TreeError> {
    let mut replaced = false;
    for package in measuring_packages(candidate) {
        let folder = folder(package);
        if package.source.is_none() && folder.starts_with(&tree.candidate) {
            copy_package(tree, folder, &tree.here(folder))?;
            replaced = true;
        }
    }
    Ok(replaced)
}

/// `--config` values that make the baseline resolve to the candidate's runtime and macros; empty where it does.
/// A folder that the baseline has in another place is replaced where it stands.
pub fn runtime_patches(
    tree: &Tree,
    candidate: &Workspace,
    baseline: &Workspace,
) -> Result<Vec<OsString>, TreeError> {
    let mut patches = Vec::new();
    for (name, wanted, found) in differing(tree, candidate, baseline) {
        let here = folder(found);
        match &found.source {
            Some(source) => patches.push(patch(name, &source.repr, folder(wanted), tree)),
            None if here.starts_with(&tree.root) => copy_package(tree, folder(wanted), here)?,
            None => return Err(mismatch(tree, name, wanted, found)),
        }
    }
    Ok(patches)
}

/// The error for a baseline that still resolves to another runtime after it was patched.
pub fn require_same_runtime(
    tree: &Tree,
    candidate: &Workspace,
    baseline: &Workspace,
) -> Result<(), TreeError> {
    let placed = |found: &Package| found.source.is_none() && folder(found).starts_with(&tree.root);
    match differing(tree, candidate, baseline).into_iter().find(|(_, _, found)| !placed(found)) {
        Some((name, wanted, found)) => Err(mismatch(tree, name, wanted, found)),
        None => Ok(()),
    }
}

/// Runtime and macros that are not the same on both sides: name, the candidate's, the baseline's.
fn differing<'a>(
    tree: &Tree,
    candidate: &'a Workspace,
    baseline: &'a Workspace,
) -> Vec<(&'static str, &'a Package, &'a Package)> {
    let mut found = Vec::new();
    for name in [RUNTIME, MACROS] {
        let Some(wanted) = candidate.packages_named(name).pop() else { continue };
        let place = tree.here(wanted.manifest_path.as_std_path());
        for package in baseline.packages_named(name) {
            if package.manifest_path.as_std_path() != place {
                found.push((name, wanted, package));
            }
        }
    }
    found
}

fn mismatch(tree: &Tree, package: &'static str, wanted: &Package, found: &Package) -> TreeError {
    let wanted = tree.here(wanted.manifest_path.as_std_path()).display().to_string();
    TreeError::Runtime { package, found: found.manifest_path.to_string(), wanted }
}

fn patch(name: &str, source: &str, folder: &Path, tree: &Tree) -> OsString {
    let registry = source.starts_with("registry+https://github.com/rust-lang/crates.io-index");
    let url = source.split_once('+').map_or(source, |(_, url)| url);
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let key = if registry { "crates-io".to_owned() } else { toml::Value::from(url).to_string() };
    let path = toml::Value::from(tree.here(folder).to_string_lossy().into_owned());
    format!("patch.{key}.{name}.path={path}").into()
}

fn measuring_packages(workspace: &Workspace) -> Vec<&Package> {
    [RUNTIME, MACROS].into_iter().filter_map(|name| workspace.packages_named(name).pop()).collect()
}

fn folder(package: &Package) -> &Path {
    package.manifest_path.parent().map_or(Path::new(""), |dir| dir.as_std_path())
}

/// Replaces the folder `to` by the candidate's `from`, with a manifest that needs no workspace: the revision's
/// root manifest may lack what it inherits.
fn copy_package(tree: &Tree, from: &Path, to: &Path) -> Result<(), TreeError> {
    if to == tree.root || from == tree.candidate {
        return Err(TreeError::RuntimeIsRoot);
    }
    // A folder behind a link that leaves the export is the user's own, and no place to write to.
    if !files::physical(to).starts_with(files::physical(&tree.root)) {
        let is_the_same = files::physical(to) == files::physical(from);
        return if is_the_same {
            Ok(())
        } else {
            Err(TreeError::RuntimeIsLinked { folder: to.to_path_buf() })
        };
    }
    files::remove_tree(to)?;
    files::copy_tree(from, to, &is_no_source)?;
    let manifest = from.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).at("read", &manifest)?;
    let root = workspace_manifest(from, &tree.candidate).unwrap_or_else(|| manifest.clone());
    let shared = std::fs::read_to_string(&root).at("read", &root)?;
    let dirs = (from, root.parent().unwrap_or(from));
    let text = manifest::standalone(&text, &shared, dirs, &|path| tree.here(path));
    let text = text.map_err(|error| TreeError::Manifest { manifest, message: error.to_string() })?;
    let copy = to.join("Cargo.toml");
    std::fs::write(&copy, text).at("write", &copy)?;
    Ok(())
}

fn is_no_source(name: &str) -> bool {
    matches!(name, "target" | ".git")
}

/// The nearest manifest above `dir` (inside `top`) that has a `[workspace]`.
fn workspace_manifest(dir: &Path, top: &Path) -> Option<PathBuf> {
    let inside = dir.ancestors().take_while(|folder| folder.starts_with(top));
    inside.map(|folder| folder.join("Cargo.toml")).find(|manifest| {
        let document =
            std::fs::read_to_string(manifest).ok().and_then(|text| text.parse::<DocumentMut>().ok());
        document.is_some_and(|document| document.contains_key("workspace"))
    })
}

/// A digest over the candidate's runtime and macros: the sources of folders, the identity of downloads. Folders below `top`,
/// the candidate's tree, count by their place in it, wherever it lies.
pub fn runtime_digest(candidate: &Workspace, top: &Path) -> Result<String, TreeError> {
    let mut digest = Digest::default();
    for package in measuring_packages(candidate) {
        if package.source.is_some() {
            digest.part(package.id.repr.as_bytes());
            continue;
        }
        digest.part(package.name.as_bytes()).part(package.version.to_string());
        for file in files::walk(folder(package), &is_no_source)? {
            let contents = std::fs::read(&file).at("read", &file)?;
            let place = file.strip_prefix(top).unwrap_or(&file);
            digest.part(place.as_os_str().as_encoded_bytes()).part(contents);
        }
    }
    Ok(digest.hex())
}

/// Gives the tree the candidate's locked versions of packages that its own lock file does not know (all of them
/// where it has none), so that a replaced runtime brings the same dependencies on both sides.
pub fn borrow_locks(candidate_root: &Path, baseline_root: &Path) -> Result<(), TreeError> {
    let (theirs, ours) = (candidate_root.join("Cargo.lock"), baseline_root.join("Cargo.lock"));
    let Ok(text) = std::fs::read_to_string(&theirs) else { return Ok(()) };
    let merged = match std::fs::read_to_string(&ours) {
        Ok(own) => merged_locks(&own, &text).unwrap_or(own),
        Err(_) => text,
    };
    std::fs::write(&ours, merged).at("write", &ours)?;
    Ok(())
}

/// `None` where one of them is no lock file that we understand: cargo will say so.
fn merged_locks(own: &str, other: &str) -> Option<String> {
    let mut own: DocumentMut = own.parse().ok()?;
    let other: DocumentMut = other.parse().ok()?;
    let packages = own.get_mut("package")?.as_array_of_tables_mut()?;
    let name = |table: &toml_edit::Table| table.get("name").and_then(|name| name.as_str()).map(str::to_owned);
    let known: Vec<_> = packages.iter().map(name).collect();
    for package in other.get("package")?.as_array_of_tables()? {
        if package.contains_key("source") && !known.contains(&name(package)) {
            packages.push(package.clone());
        }
    }
    Some(own.to_string())
}
