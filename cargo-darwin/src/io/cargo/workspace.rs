//! The workspace as `cargo metadata` tells it.

use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Edition, Metadata, MetadataCommand, Package, PackageId};

use super::targets::read_manifest;
use super::{CargoError, CargoOptions, RUNTIME, program};
use crate::io::git;

/// What `cargo metadata` says.
#[derive(Debug, Clone)]
pub struct Workspace {
    metadata: Metadata,
    /// The package of the folder or the manifest that the user named, if there is one.
    current: Option<PackageId>,
    directory: PathBuf,
    /// Its root in the user's tree, where this one was exported from there.
    user_root: Option<PathBuf>,
}

impl Workspace {
    /// Asks cargo in the folder `dir`. A runtime that is an optional dependency is not among the packages until it
    /// is switched on; cargo is then asked again.
    ///
    /// # Errors
    /// When cargo cannot read the workspace.
    pub fn load(dir: &Path, options: &CargoOptions) -> Result<Workspace, CargoError> {
        let plain = match options.chooses_features() {
            true => Workspace::with_features(dir, options)?,
            false => Workspace::ask(dir, options)?,
        };
        let Some((owner, switch)) = plain.hidden_switch(options) else { return Ok(plain) };
        let mut again = match plain.package(options.package.as_deref()) {
            Ok(package) if package.id != owner.id => options.with_features_of(package),
            _ => options.clone(),
        };
        again.features.push(switch);
        plain.ask_again(dir, &again, Some(owner.manifest_path.clone().into()))
    }

    /// With resolver 1 cargo gives features to the package whose manifest it is given, and to no other: the selected
    /// one has to be known before.
    fn with_features(dir: &Path, options: &CargoOptions) -> Result<Workspace, CargoError> {
        let plain = Workspace::ask(dir, &options.without_features())?;
        let package = plain.package(options.package.as_deref()).ok();
        plain.ask_again(dir, options, package.map(|package| package.manifest_path.clone().into()))
    }

    /// Asks with other options, about the same package.
    fn ask_again(
        &self,
        dir: &Path,
        options: &CargoOptions,
        manifest: Option<PathBuf>,
    ) -> Result<Workspace, CargoError> {
        let manifest_path = manifest.or_else(|| options.manifest_path.clone());
        let found = Workspace::ask(dir, &CargoOptions { manifest_path, ..options.clone() })?;
        Ok(Workspace { current: self.current.clone(), ..found })
    }

    /// Where the runtime is an optional dependency that nothing has switched on: whose, and the feature that does.
    /// The selected package goes before other members.
    fn hidden_switch(&self, options: &CargoOptions) -> Option<(&Package, String)> {
        if !self.packages_named(RUNTIME).is_empty() {
            return None;
        }
        let selected = self.package(options.package.as_deref()).ok();
        selected.into_iter().chain(self.members()).find_map(|member| {
            let optional = member.dependencies.iter().find(|d| d.name == RUNTIME && d.optional)?;
            Some((member, format!("{}/enabled", optional.rename.as_ref().unwrap_or(&optional.name))))
        })
    }

    /// Only what the manifests themselves say: nothing is resolved or downloaded, and no lock file is written.
    pub fn outline(dir: &Path, options: &CargoOptions) -> Result<Workspace, CargoError> {
        let mut command = metadata_command(dir, options);
        command.no_deps();
        Workspace::answer(dir, options, &command)
    }

    fn ask(dir: &Path, options: &CargoOptions) -> Result<Workspace, CargoError> {
        Workspace::answer(dir, options, &metadata_command(dir, options))
    }

    fn answer(
        dir: &Path,
        options: &CargoOptions,
        question: &MetadataCommand,
    ) -> Result<Workspace, CargoError> {
        let place = options.manifest_path.clone().unwrap_or_else(|| dir.to_path_buf());
        let failed = |message: String| CargoError::Metadata { place: place.clone(), message };
        let mut command = question.cargo_command();
        command.args(options.config_words()).env("CARGO_TERM_COLOR", "never");
        git::clear_environment(&mut command);
        let output = command.output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let json = text.lines().find(|line| line.starts_with('{')).unwrap_or_default();
        let metadata = MetadataCommand::parse(json).map_err(|error| failed(error.to_string()))?;
        let current = metadata.root_package().map(|package| package.id.clone());
        let directory = configured_folder(dir, metadata.workspace_root.as_std_path());
        Ok(Workspace { metadata, current, directory, user_root: None })
    }

    /// The same for what is to be built in the workspace's own target directory, with reasons in our words where cargo
    /// cannot: its own come late, and name what it was doing.
    ///
    /// # Errors
    /// As [`Workspace::load`]; and names of folders that cargo cannot build in.
    pub fn load_to_build(dir: &Path, options: &CargoOptions) -> Result<Workspace, CargoError> {
        let mut given = std::iter::once(dir).chain(options.manifest_path.as_deref());
        if let Some(path) = given.find(|path| path.to_str().is_none()) {
            return Err(CargoError::NotUtf8 { path: path.to_owned() });
        }
        let workspace = Workspace::load(dir, options)?;
        // Loaders of shared libraries are told where to look by such a list.
        match std::env::join_paths([workspace.target_directory()]) {
            Ok(_) => Ok(workspace),
            Err(_) => Err(CargoError::NoPathOfAList { path: workspace.target_directory().to_owned() }),
        }
    }

    /// Folder of the root manifest.
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Folder that cargo is to run in; it reads its configuration from here upwards. That is the top of the workspace,
    /// unless a folder between it and the one in which the user stands has a configuration of its own.
    pub fn directory(&self) -> &Path {
        &self.directory
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
        match (spec, self.current.as_ref().and_then(|id| self.find(id))) {
            (Some(spec), _) => self.named(spec),
            (None, Some(current)) => Ok(current),
            (None, None) => self.only_candidate(),
        }
    }

    /// The same for an [outline](Workspace::outline), in which cargo does not tell the package of the current folder:
    /// it is the one with this manifest.
    pub fn package_with(&self, spec: Option<&str>, manifest: &Path) -> Result<&Package, CargoError> {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let manifest = real(manifest);
        let here = || {
            let mut members = self.members().into_iter();
            members.find(|member| real(member.manifest_path.as_std_path()) == manifest)
        };
        match spec {
            Some(spec) => self.named(spec),
            None => here().map_or_else(|| self.only_candidate(), Ok),
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

    /// How `-p` means this package and no other: by its name; by its version too where others share the name; in
    /// cargo's own long form where they share both.
    pub(super) fn spec(&self, package: &Package) -> String {
        let namesakes = self.packages_named(&package.name);
        match namesakes.iter().filter(|other| other.version == package.version).count() {
            _ if namesakes.len() == 1 => package.name.to_string(),
            1 => format!("{}@{}", package.name, package.version),
            _ => package.id.repr.clone(),
        }
    }

    /// The resolved package of this identity.
    pub(super) fn find(&self, id: &PackageId) -> Option<&Package> {
        self.metadata.packages.iter().find(|package| package.id == *id)
    }

    /// Is it one of the workspace's own?
    pub(super) fn is_member(&self, id: &PackageId) -> bool {
        self.metadata.workspace_members.contains(id)
    }

    /// Features of a package that are on, by whoever's wish, in any target of the workspace.
    pub(super) fn features_on(&self, id: &PackageId) -> Vec<&str> {
        let nodes = self.metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        nodes
            .filter(|node| node.id == *id)
            .flat_map(|node| &node.features)
            .map(|name| name.as_str())
            .collect()
    }

    /// Does cargo use resolver 1? It gives `--features` and `--no-default-features` to the package whose manifest it
    /// is given, and to no other. `cargo metadata` does not tell, so the root manifest is read.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub(super) fn has_resolver_1(&self) -> Result<bool, CargoError> {
        let manifest = self.root().join("Cargo.toml");
        let table = read_manifest(&manifest)?;
        let stated = |table_name: &str| table.get(table_name)?.get("resolver")?.as_str().map(str::to_owned);
        if let Some(stated) = stated("workspace").or_else(|| stated("package")) {
            return Ok(stated == "1");
        }
        let root = self.members().into_iter().find(|package| package.manifest_path.as_std_path() == manifest);
        Ok(root.is_none_or(|package| package.edition < Edition::E2021))
    }

    /// What a package depends on, as resolved; empty for an unknown one.
    pub(super) fn dependencies(&self, id: &PackageId) -> impl Iterator<Item = &cargo_metadata::NodeDep> {
        let nodes = self.metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        nodes.filter(move |node| node.id == *id).flat_map(|node| &node.deps)
    }
}

/// The nearest folder from `dir` up to `root` that has a configuration of cargo, or `root`.
fn configured_folder(dir: &Path, root: &Path) -> PathBuf {
    let is_configured = |folder: &&Path| {
        ["config.toml", "config"].iter().any(|name| folder.join(".cargo").join(name).is_file())
    };
    let inside = dir.ancestors().take_while(|folder| folder.starts_with(root));
    inside.into_iter().find(is_configured).unwrap_or(root).to_path_buf()
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
