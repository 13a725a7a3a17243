//! How measurement is switched on: the feature `enabled` of the runtime, named through whoever depends on it.

use std::collections::{BTreeSet, HashSet};

use cargo_metadata::{DependencyKind, Package, PackageId};

use super::workspace::depends_on_runtime;
use super::{CargoError, CargoOptions, RUNTIME, TargetKind, TargetRef, Workspace};

/// The packages and features of a cargo line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// Names for `-p`; the selected package first.
    pub packages: Vec<String>,
    /// Values for `--features`.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
}

/// What switches measurement on for these targets of `package`.
///
/// Where the package itself depends on the runtime, its key and `/enabled`. Otherwise the members that it is built
/// from and that do are selected beside it; cargo would then switch on their default features as well, so
/// defaults are off and those of the package are named.
pub fn activation(
    workspace: &Workspace,
    package: &Package,
    targets: &[TargetRef],
    options: &CargoOptions,
) -> Result<Activation, CargoError> {
    if let Some(switch) = own_switch(package, targets) {
        return Ok(direct(package, switch, options));
    }
    let owners = owners(workspace, package, targets);
    if owners.is_empty() {
        return Err(not_measured(package, targets));
    }
    Ok(through(package, &owners, options))
}

fn direct(package: &Package, switch: String, options: &CargoOptions) -> Activation {
    Activation {
        packages: vec![package.name.to_string()],
        features: options.features.iter().cloned().chain([switch]).collect(),
        all_features: options.all_features,
        no_default_features: options.no_default_features,
    }
}

fn through(package: &Package, owners: &[&Package], options: &CargoOptions) -> Activation {
    let own = own_features(package, options).into_iter().map(|feature| qualified(package, &feature));
    let switches: BTreeSet<String> = owners.iter().filter_map(|owner| switch(owner, false)).collect();
    let names = std::iter::once(package).chain(owners.iter().copied());
    Activation {
        packages: names.map(|package| package.name.to_string()).collect(),
        features: own.chain(switches).collect(),
        all_features: false,
        no_default_features: true,
    }
}

/// The features that the user's options mean for the package, one by one.
fn own_features(package: &Package, options: &CargoOptions) -> Vec<String> {
    if options.all_features {
        return package.features.keys().cloned().collect();
    }
    let default =
        (!options.no_default_features && package.features.contains_key("default")).then_some("default");
    let named =
        options.features.iter().flat_map(|list| list.split([',', ' '])).filter(|name| !name.is_empty());
    default.into_iter().chain(named).map(str::to_owned).collect()
}

/// A feature with a slash already says whose it is.
fn qualified(package: &Package, feature: &str) -> String {
    if feature.contains('/') { feature.to_owned() } else { format!("{}/{feature}", package.name) }
}

fn own_switch(package: &Package, targets: &[TargetRef]) -> Option<String> {
    if *package.name == RUNTIME {
        return Some("enabled".to_owned());
    }
    let development = !targets.is_empty() && targets.iter().all(|target| target.kind.sees_dev_dependencies());
    switch(package, development)
}

/// `KEY/enabled` for the direct dependency on the runtime; a renamed one goes by its new name.
fn switch(package: &Package, development: bool) -> Option<String> {
    let seen = |kind| kind == DependencyKind::Normal || (development && kind == DependencyKind::Development);
    let dependency = package.dependencies.iter().find(|d| d.name == RUNTIME && seen(d.kind))?;
    Some(format!("{}/enabled", dependency.rename.as_ref().unwrap_or(&dependency.name)))
}

/// Members below `package` in the graph that depend on the runtime themselves.
fn owners<'a>(workspace: &'a Workspace, package: &Package, targets: &[TargetRef]) -> Vec<&'a Package> {
    let development = targets.iter().any(|target| target.kind.sees_dev_dependencies());
    let below = below(workspace, &package.id, development);
    let members = workspace.members().into_iter();
    members.filter(|member| below.contains(&member.id) && switch(member, false).is_some()).collect()
}

/// Everything that a package is linked with.
fn below<'a>(workspace: &'a Workspace, package: &'a PackageId, development: bool) -> HashSet<&'a PackageId> {
    let mut found = HashSet::new();
    let mut open = vec![package];
    while let Some(id) = open.pop() {
        let development = development && id == package;
        let linked =
            |kind| kind == DependencyKind::Normal || (development && kind == DependencyKind::Development);
        for dependency in workspace.dependencies(id) {
            if dependency.dep_kinds.iter().any(|info| linked(info.kind)) && found.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    found
}

fn not_measured(package: &Package, targets: &[TargetRef]) -> CargoError {
    let manifest = package.manifest_path.clone().into_std_path_buf();
    let blind = targets.iter().find(|target| !target.kind.sees_dev_dependencies());
    match blind {
        Some(target) if depends_on_runtime(package) => {
            CargoError::DevelopmentOnly { package: package.name.to_string(), kind: target.kind, manifest }
        }
        _ => CargoError::NotMeasured { package: package.name.to_string(), manifest },
    }
}

impl TargetKind {
    /// cargo builds them with dev-dependencies.
    fn sees_dev_dependencies(self) -> bool {
        self != TargetKind::Bin
    }
}
