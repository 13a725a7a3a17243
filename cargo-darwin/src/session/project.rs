//! What a command works on: the workspace, the package, the configuration and the folders.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cargo_metadata::Package;

use super::side::Built;
use super::{Failure, candidate};
use crate::cli::Command;
use crate::io::baseline::{Layout, same_build};
use crate::io::baseline_file::BaselineFile;
use crate::io::candidate::Exported;
use crate::io::cargo::{self, BuildPlan, CargoOptions, Executable, TargetKind, TargetRef, Workspace};
use crate::io::link::Link;
use crate::io::{baseline_file, config, files, machine};
use crate::model::{Target, Workload};
use crate::options::{self, Options};

/// A loaded project.
#[derive(Debug)]
pub struct Project {
    /// What the user wants.
    pub options: Options,
    /// The same for cargo.
    pub cargo: CargoOptions,
    /// What cargo says.
    pub workspace: Workspace,
    /// The selected package.
    pub package: Package,
    /// What is run, in the order of the configuration.
    pub workloads: Vec<Workload>,
    /// The committed record.
    pub baseline_file: PathBuf,
    /// What a report has to say about how it was built.
    pub build_note: Option<String>,
    /// Where it was exported to, if it is not the working tree.
    pub exported: Option<Exported>,
    /// What a hook does.
    pub hook: config::Hook,
}

impl Project {
    /// Reads everything that can be wrong before anything is built.
    ///
    /// # Errors
    /// Wrong usage or configuration, with what to do.
    pub fn load(typed: &Command, directory: &Path) -> Result<Project, Failure> {
        let mut cargo = cargo_options(&typed.shared().cargo, typed.shared().output.verbose);
        let exported = candidate::exported(typed, directory)?;
        let workspace = candidate::workspace(exported.as_ref(), directory, &mut cargo)?;
        let package = workspace.package(cargo.package.as_deref())?.clone();
        cargo.package = Some(package.name.to_string());
        let folder = configuration_folder(&workspace, &package);
        let config = configuration(exported.as_ref(), &folder.join(config::FILE_NAME))?;
        let options = options::resolve(typed, |name| std::env::var_os(name), &config)?;
        let workloads = match options.workloads.is_empty() {
            true => default_workloads(&package)?,
            false => options.workloads.clone(),
        };
        let place = |workload: &Workload| match options.workloads == config.workloads {
            true => config.places.get(&workload.name).map_or_else(String::new, |place| format!("{place}: ")),
            false => String::new(),
        };
        require_one_package(&workloads, &package, &place)?;
        require_targets(&workloads, &package, &place)?;
        let baseline_file = folder.join(baseline_file::FILE_NAME);
        let (build_note, hook) = (None, config.hook);
        Ok(Project {
            options,
            cargo,
            workspace,
            package,
            workloads,
            baseline_file,
            build_note,
            exported,
            hook,
        })
    }

    /// The package's folder.
    pub fn package_folder(&self) -> &Path {
        folder_of(&self.package)
    }

    /// The class of this machine.
    ///
    /// # Errors
    /// When rustc cannot be asked.
    pub fn machine(&self) -> Result<String, Failure> {
        machine::class(self.workspace.root()).map_err(|error| Failure::Usage(error.to_string()))
    }

    /// What counts depend on beside the code, see [`same_build`].
    ///
    /// # Errors
    /// When rustc cannot be asked.
    pub fn same_build(&self) -> Result<String, Failure> {
        same_build(&self.workspace, &self.cargo).map_err(|error| Failure::Usage(error.to_string()))
    }

    /// How long a process may take before it counts as hung.
    pub fn limit(&self) -> Duration {
        self.options.timeout.duration()
    }

    /// Builds the candidate.
    ///
    /// # Errors
    /// When a target does not exist or does not build.
    pub fn build(&self, show: &mut dyn FnMut(&str)) -> Result<Vec<Executable>, Failure> {
        let failed = |source| match &self.exported {
            None => Failure::Build(source),
            Some(exported) => Failure::CandidateBuild { what: exported.name(), source },
        };
        let mut built = Vec::new();
        for plan in self.prepare()? {
            built.push(cargo::build(&plan, show).map_err(failed)?);
        }
        Ok(built)
    }

    /// How it is built; its target directory is then ready for it.
    ///
    /// # Errors
    /// When a target does not exist, or the directory cannot be made ready.
    pub fn prepare(&self) -> Result<Vec<BuildPlan>, Failure> {
        let targets = self.targets()?;
        let directory = Layout::of(&self.workspace).candidate();
        let plans = cargo::plans(&self.workspace, &self.package, &targets, &self.cargo, &directory)?;
        if let Some(exported) = &self.exported {
            exported.prepare(&self.workspace, &plans)?;
        }
        Ok(plans)
    }

    /// What is judged, in words.
    pub fn candidate_name(&self) -> &'static str {
        self.exported.as_ref().map_or("the working tree", Exported::name)
    }

    /// The record of the candidate, by the sites' present names.
    ///
    /// # Errors
    /// No file, or a damaged one; told of the user's tree.
    pub fn recorded(&self) -> Result<BaselineFile, Failure> {
        let loaded = baseline_file::load(&self.baseline_file);
        let loaded = loaded.map_err(|error| candidate::in_users_tree(self.exported.as_ref(), error))?;
        Ok(loaded.renamed(&self.options.renames))
    }

    /// The file in the user's tree that stands at this place of the candidate's.
    pub fn in_users_tree(&self, path: &Path) -> PathBuf {
        self.exported.as_ref().map_or_else(|| path.to_owned(), |exported| exported.back(path))
    }

    /// The targets of the workloads, each once.
    ///
    /// # Errors
    /// When the package has no such target; the error lists those that there are.
    pub fn targets(&self) -> Result<Vec<TargetRef>, Failure> {
        let mut targets = Vec::new();
        for workload in &self.workloads {
            let target =
                cargo::find_target(&self.package, kind_of(&workload.target), workload.target.name())?;
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        Ok(targets)
    }

    /// Workloads whose own source is not the same in the package folder `other`: what they do may differ too.
    pub fn changed_workloads(&self, other: &Path) -> Vec<&Workload> {
        let is_changed = |workload: &&Workload| {
            let target = self.package.targets.iter().find(|target| {
                target.name == workload.target.name()
                    && target.kind.iter().any(|kind| kind.to_string() == workload.target.kind())
            });
            let source = target.map(|target| target.src_path.as_std_path());
            let inside =
                source.and_then(|source| source.strip_prefix(self.package_folder()).ok().zip(Some(source)));
            inside.is_some_and(|(inside, source)| !files::same_contents(source, &other.join(inside)))
        };
        self.workloads.iter().filter(is_changed).collect()
    }

    /// The workloads with the executables of one side, which runs in `folder`.
    pub fn built(&self, executables: &[Executable], folder: &Path) -> Vec<Built> {
        let find = |workload: &Workload| {
            let wanted =
                TargetRef { kind: kind_of(&workload.target), name: workload.target.name().to_owned() };
            let found = executables.iter().find(|executable| executable.target == wanted)?;
            let (executable, directory) = (found.path.clone(), folder.to_owned());
            let link = Link::find(&executable, &found.link);
            Some(Built { workload: workload.clone(), executable, link, directory })
        };
        self.workloads.iter().filter_map(find).collect()
    }
}

fn folder_of(package: &Package) -> &Path {
    package.manifest_path.parent().map_or(Path::new("."), |folder| folder.as_std_path())
}

/// Where `darwin.toml` and the baseline file are: in the package's folder, or the nearest one above it in the
/// workspace that has a `darwin.toml`.
fn configuration_folder(workspace: &Workspace, package: &Package) -> PathBuf {
    let own = folder_of(package);
    let inside = own.ancestors().take_while(|folder| folder.starts_with(workspace.root()));
    let found = inside.into_iter().find(|folder| folder.join(config::FILE_NAME).exists());
    found.unwrap_or(own).to_owned()
}

/// What `darwin.toml` says; its lines are told of the user's tree.
fn configuration(exported: Option<&Exported>, path: &Path) -> Result<config::Config, Failure> {
    let in_users_tree = |error| candidate::in_users_tree(exported, error);
    let shown = exported.map_or_else(|| path.to_owned(), |exported| exported.back(path));
    Ok(config::load_as(path, &shown).map_err(in_users_tree)?)
}

fn cargo_options(typed: &crate::cli::CargoArgs, verbose: bool) -> CargoOptions {
    CargoOptions {
        // As git will see it.
        manifest_path: typed.manifest_path.as_deref().map(without_links),
        package: typed.package.clone(),
        features: typed.features.features.clone(),
        all_features: typed.features.all_features,
        no_default_features: typed.features.no_default_features,
        locked: typed.locked,
        offline: typed.offline,
        profile: typed.profile.clone(),
        target: typed.target.clone(),
        verbose,
        ..CargoOptions::default()
    }
}

/// The manifest in its real folder; the last part may be a link.
fn without_links(manifest: &Path) -> PathBuf {
    let full = std::path::absolute(manifest).unwrap_or_else(|_| manifest.to_owned());
    match (full.parent(), full.file_name()) {
        (Some(folder), Some(name)) if cfg!(unix) => files::physical(folder).join(name),
        _ => manifest.to_owned(),
    }
}

fn default_workloads(package: &Package) -> Result<Vec<Workload>, Failure> {
    let workload = |target: TargetRef| Workload {
        name: target.name.clone(),
        package: None,
        target: Target::Bench(target.name),
        args: Vec::new(),
    };
    Ok(cargo::default_targets(package)?.into_iter().map(workload).collect())
}

/// Where a workload is declared, with a colon behind it; empty for one of the command line.
type Place<'a> = dyn Fn(&Workload) -> String + 'a;

fn require_one_package(workloads: &[Workload], package: &Package, place: &Place<'_>) -> Result<(), Failure> {
    let name = package.name.as_str();
    match workloads.iter().find(|one| one.package.as_deref().is_some_and(|other| other != name)) {
        None => Ok(()),
        Some(other) => Err(Failure::Usage(format!(
            "{}workload `{}` is in package `{}`, but `{name}` is selected; run one package at a time: -p {}",
            place(other),
            other.name,
            other.package.as_deref().unwrap_or_default(),
            other.package.as_deref().unwrap_or_default(),
        ))),
    }
}

/// Before anything is built, and with the line.
fn require_targets(workloads: &[Workload], package: &Package, place: &Place<'_>) -> Result<(), Failure> {
    for workload in workloads {
        cargo::find_target(package, kind_of(&workload.target), workload.target.name())
            .map_err(|error| Failure::Usage(format!("{}{error}", place(workload))))?;
    }
    Ok(())
}

fn kind_of(target: &Target) -> TargetKind {
    match target {
        Target::Bench(_) => TargetKind::Bench,
        Target::Bin(_) => TargetKind::Bin,
        Target::Example(_) => TargetKind::Example,
        Target::Test(_) => TargetKind::Test,
    }
}
