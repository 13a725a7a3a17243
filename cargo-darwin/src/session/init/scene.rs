//! Looks at the workspace, and at nothing that would have to be resolved, downloaded or built.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Edition, Package, Target, TargetKind};

use super::facts::{BenchFile, ConfigFile, Dependency, Facts, Library, Named, TextFile};
use super::functions::{self, Function};
use super::manifest::declared_benches;
use super::refusal::Refusal;
use super::source::{self, Source};
use crate::cli::InitArgs;
use crate::io::atomic::read_text;
use crate::io::cargo::{CargoOptions, RUNTIME, Workspace};
use crate::io::files;
use crate::io::git::Repository;
use crate::io::position;
use crate::io::together::{CAP_BYTES, is_read_only};
use crate::io::{baseline_file, config};
use crate::session::Failure;

/// Kinds of library that a bench can be linked with.
const LINKABLE: [TargetKind; 3] = [TargetKind::Lib, TargetKind::RLib, TargetKind::DyLib];

/// Everything that the plan depends on.
///
/// # Errors
/// No package, several, or a manifest that is none.
pub fn read(args: &InitArgs, directory: &Path) -> Result<Facts, Failure> {
    let nearest = nearest_manifest(args, directory);
    if let Some(manifest) = &nearest {
        require_toml(manifest)?;
    }
    let options = CargoOptions { manifest_path: args.manifest_path.clone(), ..CargoOptions::default() };
    let workspace = Workspace::outline(directory, &options).map_err(|error| match nearest {
        Some(_) => refused(Refusal::early(error.to_string())),
        None => error.into(),
    })?;
    let package = workspace.package_with(args.package.as_deref(), nearest.as_deref().unwrap_or(directory))?;
    let folder = folder_of(package);
    let manifest = text_file(package.manifest_path.as_std_path())?;
    let root_path = workspace.root().join("Cargo.toml");
    let is_root = root_path == manifest.path;
    Ok(Facts {
        directory: directory.to_owned(),
        package: package.name.to_string(),
        is_named: args.package.is_some(),
        root: if is_root { None } else { Some(text_file(&root_path)?) },
        dependency: dependency(package),
        source: source::choose(&args.source, directory, source_of_others(&workspace)),
        source_is_typed: args.source.path.is_some() || args.source.git.is_some(),
        library: library(package, folder),
        bins: targets(package, &TargetKind::Bin).map(|target| target.name.clone()).collect(),
        benches: benches(package, folder, &manifest),
        other_benches: benches_of_others(&workspace, package),
        bench_name: args.bench.clone(),
        config: config_file(&workspace, package)?,
        older_rust: older_rust(package),
        loses_benches: loses_benches(package, &manifest),
        has_repository: Repository::discover(folder).ok().map(|found| found.is_some()),
        manifest,
    })
}

/// In the form in which every failure of a command is told.
pub fn refused(refusal: Refusal) -> Failure {
    Failure::Usage(refusal.to_string())
}

fn nearest_manifest(args: &InitArgs, directory: &Path) -> Option<PathBuf> {
    match &args.manifest_path {
        Some(path) => {
            Some(directory.join(path)).filter(|path| path.is_file() && path.ends_with("Cargo.toml"))
        }
        None => directory.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file()),
    }
}

/// Cargo would say it too, in other words and without the lines to add.
fn require_toml(manifest: &Path) -> Result<(), Failure> {
    let Some(text) = read_text(manifest, CAP_BYTES)? else { return Ok(()) };
    let source = position::Source { path: manifest, text: &text };
    match text.parse::<toml::Table>() {
        Ok(_) => Ok(()),
        Err(error) => Err(refused(Refusal::early(source.toml_error(&error, "").to_string()))),
    }
}

fn text_file(path: &Path) -> Result<TextFile, Failure> {
    let text = read_text(path, CAP_BYTES)?.unwrap_or_default();
    Ok(TextFile { path: path.to_owned(), text, is_read_only: is_read_only(path) })
}

fn folder_of(package: &Package) -> &Path {
    package.manifest_path.parent().map_or(Path::new("."), |folder| folder.as_std_path())
}

fn targets<'a>(package: &'a Package, kind: &'a TargetKind) -> impl Iterator<Item = &'a Target> {
    package.targets.iter().filter(move |target| target.kind.contains(kind))
}

/// The runtime among the dependencies, first where all of the package sees it.
fn dependency(package: &Package) -> Option<Dependency> {
    let ours =
        || package.dependencies.iter().filter(|one| one.name == RUNTIME && one.kind != DependencyKind::Build);
    let found = ours().find(|one| one.kind == DependencyKind::Normal).or_else(|| ours().next())?;
    let key = found.rename.clone().unwrap_or_else(|| found.name.clone());
    let switches = [key.clone(), format!("dep:{key}")];
    let names_it = |values: &Vec<String>| values.iter().any(|value| switches.contains(value));
    let features = package.features.iter().filter(|(_, values)| names_it(values));
    let features = features.map(|(name, _)| name.clone()).collect();
    Some(Dependency {
        is_for_development: found.kind == DependencyKind::Development,
        features: found.optional.then_some(features),
        key,
    })
}

fn source_of_others(workspace: &Workspace) -> Option<Source> {
    let members = workspace.members();
    let dependencies = members.iter().flat_map(|member| &member.dependencies);
    dependencies.filter(|one| one.name == RUNTIME).find_map(Source::of)
}

fn library(package: &Package, folder: &Path) -> Option<Library> {
    let target =
        package.targets.iter().find(|target| LINKABLE.iter().any(|kind| target.kind.contains(kind)))?;
    Some(Library {
        name: target.name.replace('-', "_"),
        function: named(target.src_path.as_std_path(), folder),
        has_allocator: sets_allocator(&folder.join("src")),
        is_no_std: is_no_std(&text_of(target.src_path.as_std_path())),
        is_edition_2015: package.edition == Edition::E2015,
    })
}

/// A public function of the library's root, else of one of its public modules.
fn named(root: &Path, folder: &Path) -> Option<Named> {
    let shown = functions::shown(&text_of(root));
    let here = |file: &Path, module: &str, function: &Function| Named {
        path: format!("{module}{}", function.name),
        file: file.strip_prefix(folder).unwrap_or(file).display().to_string(),
        line: function.line,
        takes_arguments: function.takes_arguments,
    };
    if let Some(function) = functions::longest(&shown.functions) {
        return Some(here(root, "", function));
    }
    let beside = root.parent()?;
    shown.modules.iter().find_map(|module| {
        let files = [format!("{module}.rs"), format!("{module}/mod.rs")].map(|file| beside.join(file));
        files.iter().find_map(|file| {
            let shown = functions::shown(&text_of(file));
            functions::longest(&shown.functions).map(|function| here(file, &format!("{module}::"), function))
        })
    })
}

/// What cannot be read is no help, and no reason to stop.
fn text_of(path: &Path) -> String {
    read_text(path, CAP_BYTES).ok().flatten().unwrap_or_default()
}

/// `#![no_std]`, or `#![cfg_attr(not(feature = "std"), no_std)]`.
fn is_no_std(root: &str) -> bool {
    root.lines().any(|line| line.starts_with("#![") && line.contains("no_std"))
}

fn sets_allocator(sources: &Path) -> bool {
    let files = files::walk(sources, &|name| name == "target").unwrap_or_default();
    let is_code = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    files.iter().filter(is_code).any(|file| text_of(file).contains("#[global_allocator]"))
}

/// Bench targets, and files that would become some.
fn benches(package: &Package, folder: &Path, manifest: &TextFile) -> Vec<BenchFile> {
    let table = manifest.text.parse::<toml_edit::DocumentMut>().unwrap_or_default();
    let declared = declared_benches(&table);
    let bench = |name: String, path: PathBuf| BenchFile {
        declared: declared.iter().find(|(declared, _)| *declared == name).map(|(_, own_main)| *own_main),
        text: text_of(&path),
        name,
        path,
    };
    let targets = targets(package, &TargetKind::Bench);
    let mut found: Vec<BenchFile> = targets
        .map(|target| bench(target.name.clone(), target.src_path.clone().into_std_path_buf()))
        .collect();
    for entry in fs::read_dir(folder.join("benches")).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if found.iter().all(|one| one.name != name) {
            found.push(bench(name, path));
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn benches_of_others(workspace: &Workspace, package: &Package) -> Vec<String> {
    let members = workspace.members();
    let others = members.iter().filter(|member| member.id != package.id);
    others.flat_map(|member| targets(member, &TargetKind::Bench)).map(|target| target.name.clone()).collect()
}

/// The nearest `darwin.toml` from the package's folder up to the workspace's.
fn config_file(workspace: &Workspace, package: &Package) -> Result<ConfigFile, Failure> {
    let above = folder_of(package).ancestors().take_while(|folder| folder.starts_with(workspace.root()));
    let found = above.map(|folder| folder.join(config::FILE_NAME)).find(|path| path.exists());
    if let Some(path) = found {
        let workloads = config::load(&path)?.workloads.len();
        return Ok(ConfigFile::There { path, workloads });
    }
    let keeps_its_own = |member: &&Package| {
        let folder = folder_of(member);
        folder != workspace.root()
            && folder.join(baseline_file::FILE_NAME).exists()
            && !folder.join(config::FILE_NAME).exists()
    };
    Ok(ConfigFile::Missing { baselines_lie_in_packages: workspace.members().iter().any(keeps_its_own) })
}

fn older_rust(package: &Package) -> Option<String> {
    let version = package.rust_version.as_ref()?;
    let needed: cargo_metadata::semver::Version =
        format!("{}.0", env!("CARGO_PKG_RUST_VERSION")).parse().ok()?;
    (*version < needed).then(|| format!("{}.{}", version.major, version.minor))
}

/// Edition 2015 stops looking for benches once one is declared.
fn loses_benches(package: &Package, manifest: &TextFile) -> bool {
    let table: toml::Table = manifest.text.parse().unwrap_or_default();
    let says = table.get("package").is_some_and(|package| package.get("autobenches").is_some());
    let declares = table.contains_key("bench");
    package.edition == Edition::E2015
        && !says
        && !declares
        && targets(package, &TargetKind::Bench).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_without_the_standard_library_is_told_by_its_attribute() {
        assert!(is_no_std("//! Small.\n#![no_std]\n"));
        assert!(is_no_std("#![cfg_attr(not(feature = \"std\"), no_std)]\n"));
        assert!(!is_no_std("//! Not no_std.\n#![forbid(unsafe_code)]\n"));
    }
}
