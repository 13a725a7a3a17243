//! The workspace as `cargo metadata` tells it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use super::{CargoError, RUNTIME, program};
use crate::io::git;

/// cargo's own options as the user gave them, passed on to every call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoOptions {
    /// `--manifest-path`.
    pub manifest_path: Option<PathBuf>,
    /// `-p`: a name, or `name@version`.
    pub package: Option<String>,
    /// `--features`, each possibly a list separated by commas or blanks.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
    /// `--locked`.
    pub locked: bool,
    /// `--offline`.
    pub offline: bool,
    /// `--frozen`.
    pub frozen: bool,
    /// `--profile`: what the measuring profile inherits from; `None`: release, for benches bench.
    pub profile: Option<String>,
    /// `--config KEY=VALUE` or a file, also for `cargo metadata`.
    pub config: Vec<OsString>,
    /// Anything else for `cargo build`, e.g. `--jobs 1`.
    pub flags: Vec<OsString>,
    /// rustc's flags, the user's among them; `None`: cargo finds the user's itself.
    pub rustflags: Option<Vec<String>>,
    /// `-v`: shows every cargo line.
    pub verbose: bool,
}

impl CargoOptions {
    /// `--locked --offline --frozen --config ...`: what `cargo metadata`, `build` and `clean` all take.
    pub(super) fn common(&self) -> Vec<OsString> {
        let switches = [("--locked", self.locked), ("--offline", self.offline), ("--frozen", self.frozen)];
        let given = switches.into_iter().filter(|(_, on)| *on).map(|(switch, _)| switch.into());
        given.chain(self.config_words()).collect()
    }

    pub(super) fn config_words(&self) -> Vec<OsString> {
        self.config.iter().flat_map(|config| ["--config".into(), config.clone()]).collect()
    }
}

/// What `cargo metadata` says.
#[derive(Debug, Clone)]
pub struct Workspace {
    metadata: Metadata,
    /// Its root in the user's tree, where this one was exported from there.
    user_root: Option<PathBuf>,
}

impl Workspace {
    /// Asks cargo in the folder `dir`. A runtime that is an optional dependency is not among the packages until it
    /// is switched on; cargo is then asked again.
    pub fn load(dir: &Path, options: &CargoOptions) -> Result<Workspace, CargoError> {
        let plain = Workspace::ask(dir, options)?;
        let Some(switch) = plain.hidden_switch() else { return Ok(plain) };
        let mut options = options.clone();
        options.features.push(switch);
        Workspace::ask(dir, &options)
    }

    fn hidden_switch(&self) -> Option<String> {
        let is_there = self.metadata.packages.iter().any(|package| *package.name == RUNTIME);
        let dependencies = || self.members().into_iter().flat_map(|member| &member.dependencies);
        let optional = |d: &&cargo_metadata::Dependency| d.name == RUNTIME && d.optional;
        let found = if is_there { None } else { dependencies().find(optional) };
        found.map(|d| format!("{}/enabled", d.rename.as_ref().unwrap_or(&d.name)))
    }

    fn ask(dir: &Path, options: &CargoOptions) -> Result<Workspace, CargoError> {
        let place = options.manifest_path.clone().unwrap_or_else(|| dir.to_path_buf());
        let failed = |message: String| CargoError::Metadata { place: place.clone(), message };
        let mut command = metadata_command(dir, options).cargo_command();
        command.args(options.config_words()).env("CARGO_TERM_COLOR", "never");
        git::clear_environment(&mut command);
        let output = command.output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let json = text.lines().find(|line| line.starts_with('{')).unwrap_or_default();
        let metadata = MetadataCommand::parse(json).map_err(|error| failed(error.to_string()))?;
        Ok(Workspace { metadata, user_root: None })
    }

    /// Folder of the root manifest.
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Folder of the root manifest in the user's tree.
    pub fn user_root(&self) -> &Path {
        self.user_root.as_deref().unwrap_or(self.root())
    }

    /// Whether this is not the user's tree.
    pub fn is_exported(&self) -> bool {
        self.user_root.is_some()
    }

    /// The same workspace, known to stand below `top` for one below `repository`: it is built where that would be.
    pub fn exported_from(mut self, top: &Path, repository: &Path) -> Workspace {
        let back = |path: &Path| {
            let inside = path.strip_prefix(top);
            inside.map_or_else(
                |_| path.to_path_buf(),
                |inside| crate::io::files::normalized(&repository.join(inside)),
            )
        };
        let moved = |dir: &cargo_metadata::camino::Utf8PathBuf| {
            back(dir.as_std_path()).to_string_lossy().as_ref().into()
        };
        self.user_root = Some(back(self.root()));
        self.metadata.target_directory = moved(&self.metadata.target_directory);
        self.metadata.build_directory = self.metadata.build_directory.as_ref().map(moved);
        self
    }

    /// cargo's target directory; ours is `darwin` inside it.
    pub fn target_directory(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// The same workspace, built elsewhere: tests share their environment's target directory otherwise.
    #[cfg(test)]
    pub(crate) fn with_target_directory(mut self, dir: &Path) -> Workspace {
        self.metadata.target_directory = dir.to_str().unwrap_or_default().into();
        self.metadata.build_directory = None;
        self
    }

    /// Whether the user has intermediate files in a directory of their own, which `--target-dir` does not move.
    pub(super) fn has_build_directory(&self) -> bool {
        self.metadata.build_directory.as_ref().is_some_and(|dir| *dir != self.metadata.target_directory)
    }

    /// The package to measure: as `spec` says; else the one of the current folder; else the only one that depends
    /// on the runtime, or the only one there is.
    pub fn package(&self, spec: Option<&str>) -> Result<&Package, CargoError> {
        match (spec, self.metadata.root_package()) {
            (Some(spec), _) => self.named(spec),
            (None, Some(root)) => Ok(root),
            (None, None) => self.only_candidate(),
        }
    }

    fn named(&self, spec: &str) -> Result<&Package, CargoError> {
        let fits = |package: &&Package| {
            let versioned = spec.split_once('@');
            *package.name == spec
                || package.id.repr == spec
                || versioned.is_some_and(|(n, v)| *package.name == n && package.version.to_string() == v)
        };
        let missing = || CargoError::NoPackage { name: spec.to_owned(), members: names(&self.members()) };
        self.members().into_iter().find(fits).ok_or_else(missing)
    }

    fn only_candidate(&self) -> Result<&Package, CargoError> {
        let mut candidates = self.metadata.workspace_default_packages();
        if candidates.iter().any(|package| depends_on_runtime(package)) {
            candidates.retain(|package| depends_on_runtime(package));
        }
        match candidates.as_slice() {
            [only] => Ok(only),
            _ => Err(CargoError::WhichPackage { members: names(&candidates) }),
        }
    }

    /// Members in order of name.
    pub fn members(&self) -> Vec<&Package> {
        let mut members = self.metadata.workspace_packages();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        members
    }

    /// Packages that are folders, not downloads: what a revision can change.
    pub fn path_packages(&self) -> impl Iterator<Item = &Package> {
        self.metadata.packages.iter().filter(|package| package.source.is_none())
    }

    /// All resolved packages of a name, in order of version.
    pub fn packages_named(&self, name: &str) -> Vec<&Package> {
        let mut found: Vec<_> =
            self.metadata.packages.iter().filter(|package| *package.name == name).collect();
        found.sort_by(|a, b| a.version.cmp(&b.version));
        found
    }

    /// What a package depends on, as resolved; empty for an unknown one.
    pub(super) fn dependencies(&self, id: &PackageId) -> impl Iterator<Item = &cargo_metadata::NodeDep> {
        let nodes = self.metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        nodes.filter(move |node| node.id == *id).flat_map(|node| &node.deps)
    }
}

fn metadata_command(dir: &Path, options: &CargoOptions) -> MetadataCommand {
    let mut command = MetadataCommand::new();
    command.cargo_path(program()).current_dir(dir);
    if let Some(manifest) = &options.manifest_path {
        command.manifest_path(manifest);
    }
    let mut words: Vec<String> = Vec::new();
    let switches = [
        ("--locked", options.locked),
        ("--offline", options.offline),
        ("--frozen", options.frozen),
        ("--all-features", options.all_features),
        ("--no-default-features", options.no_default_features),
    ];
    words.extend(switches.into_iter().filter(|(_, on)| *on).map(|(switch, _)| switch.to_owned()));
    words.extend(options.features.iter().map(|list| format!("--features={list}")));
    command.other_options(words);
    command
}

/// Directly, and not only in a build script.
pub(super) fn depends_on_runtime(package: &Package) -> bool {
    package.dependencies.iter().any(|d| d.name == RUNTIME && d.kind != DependencyKind::Build)
}

fn names(packages: &[&Package]) -> Vec<String> {
    packages.iter().map(|package| package.name.to_string()).collect()
}
