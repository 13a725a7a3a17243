//! How measurement is switched on: the feature `enabled` of the runtime, named through whoever depends on it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cargo_metadata::{DependencyKind, Package};

use super::linked::below;
use super::workspace::depends_on_runtime;
use super::{CargoError, CargoOptions, RUNTIME, TargetRef, Workspace};

/// The packages and features of a cargo line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The manifest that cargo is given; with resolver 1 features are its package's, else it makes no difference.
    pub manifest_path: PathBuf,
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
///
/// # Errors
/// When nothing that the package is built from can be switched on, with the lines to add.
pub fn activation(
    workspace: &Workspace,
    package: &Package,
    targets: &[TargetRef],
    options: &CargoOptions,
) -> Result<Activation, CargoError> {
    if let Some(switch) = own_switch(package, targets) {
        return Ok(direct(workspace, package, switch, options));
    }
    let owners = owners(workspace, package, targets);
    if owners.is_empty() {
        return Err(not_measured(workspace, package, targets));
    }
    match workspace.has_resolver_1()? {
        true => through_manifest(workspace, package, &owners, options),
        false => Ok(through(workspace, package, &owners, options)),
    }
}

fn direct(workspace: &Workspace, package: &Package, switch: String, options: &CargoOptions) -> Activation {
    Activation {
        manifest_path: package.manifest_path.clone().into(),
        packages: vec![workspace.spec(package)],
        features: options.features.iter().cloned().chain([switch]).collect(),
        all_features: options.all_features,
        no_default_features: options.no_default_features,
    }
}

fn through(
    workspace: &Workspace,
    package: &Package,
    owners: &[&Package],
    options: &CargoOptions,
) -> Activation {
    let own = own_features(package, options).into_iter().map(|feature| qualified(package, &feature));
    let switches: BTreeSet<String> = owners.iter().filter_map(|owner| switch(owner, false)).collect();
    let names = std::iter::once(package).chain(owners.iter().copied());
    Activation {
        manifest_path: package.manifest_path.clone().into(),
        packages: names.map(|package| workspace.spec(package)).collect(),
        features: own.chain(switches).collect(),
        all_features: false,
        no_default_features: true,
    }
}

/// The same with resolver 1: cargo is given the manifest of one owner, whose the features without a name and the
/// missing defaults are then. One is enough, because all share the runtime; the package's defaults stay on.
fn through_manifest(
    workspace: &Workspace,
    package: &Package,
    owners: &[&Package],
    options: &CargoOptions,
) -> Result<Activation, CargoError> {
    let is_optional = |owner: &&&Package| owner.dependencies.iter().any(|d| d.name == RUNTIME && d.optional);
    let owner = owners.iter().min_by_key(is_optional).ok_or_else(|| not_measured(workspace, package, &[]))?;
    if options.no_default_features {
        return Err(CargoError::DefaultsStayOn {
            package: package.name.to_string(),
            owner: owner.name.to_string(),
            root: workspace.root().join("Cargo.toml"),
            manifest: package.manifest_path.clone().into(),
        });
    }
    let one = through(workspace, package, &[owner], options);
    Ok(Activation { manifest_path: owner.manifest_path.clone().into(), ..one })
}

/// The features that the user's options mean for the package, one by one.
fn own_features(package: &Package, options: &CargoOptions) -> Vec<String> {
    if options.all_features {
        return package.features.keys().cloned().collect();
    }
    let default =
        (!options.no_default_features && package.features.contains_key("default")).then_some("default");
    default.into_iter().chain(options.feature_names()).map(str::to_owned).collect()
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

fn not_measured(workspace: &Workspace, package: &Package, targets: &[TargetRef]) -> CargoError {
    let (name, manifest) = (package.name.to_string(), package.manifest_path.clone().into_std_path_buf());
    let blind = targets.iter().find(|target| !target.kind.sees_dev_dependencies());
    match (blind, owner_outside(workspace, package, targets)) {
        (Some(target), _) if depends_on_runtime(package) => {
            CargoError::DevelopmentOnly { package: name, kind: target.kind, manifest }
        }
        (_, Some((owner, runtime))) => CargoError::OwnerOutside {
            package: name,
            owner: owner.name.to_string(),
            owner_manifest: owner.manifest_path.clone().into(),
            line: line_for(runtime),
            manifest,
        },
        _ => CargoError::NotMeasured { package: name, manifest },
    }
}

/// A package below this one that is measured and no member, and the runtime that measures it.
fn owner_outside<'a>(
    workspace: &'a Workspace,
    package: &Package,
    targets: &[TargetRef],
) -> Option<(&'a Package, &'a Package)> {
    let development = targets.iter().any(|target| target.kind.sees_dev_dependencies());
    let below = below(workspace, &package.id, development);
    let runtime = workspace.packages_named(RUNTIME).into_iter().find(|one| below.contains(&one.id))?;
    let packages = below.iter().filter_map(|id| workspace.find(id));
    let measured = packages.filter(|one| !workspace.is_member(&one.id) && switch(one, false).is_some());
    Some((measured.min_by(|a, b| a.name.cmp(&b.name))?, runtime))
}

/// The line under `[dependencies]` that means this very package.
fn line_for(runtime: &Package) -> String {
    let source = runtime.source.as_ref().map(|source| source.repr.as_str());
    let folder = runtime.manifest_path.parent().map_or("", |folder| folder.as_str());
    format!("{RUNTIME} = {}", requirement(source, folder, &runtime.version.to_string()))
}

/// What a dependency says of a package: its folder where it has no `source`, else where it is downloaded from.
fn requirement(source: Option<&str>, folder: &str, version: &str) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let Some(source) = source else { return format!("{{ path = {} }}", quoted(folder)) };
    let Some(address) = source.strip_prefix("git+") else { return quoted(version) };
    let address = address.split('#').next().unwrap_or(address);
    let (url, which) = address.split_once('?').unwrap_or((address, ""));
    let which = which.split_once('=');
    let which = which.map_or_else(String::new, |(key, value)| format!(", {key} = {}", quoted(value)));
    format!("{{ git = {}{which} }}", quoted(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_means_the_very_runtime_that_is_there() {
        let said = |source| requirement(source, "/home/me/darwin-runtime", "0.1.0");
        assert_eq!(said(None), r#"{ path = "/home/me/darwin-runtime" }"#);
        assert_eq!(said(Some("registry+https://github.com/rust-lang/crates.io-index")), r#""0.1.0""#);
        assert_eq!(said(Some("git+https://host/darwin#0123abcd")), r#"{ git = "https://host/darwin" }"#);
        assert_eq!(
            said(Some("git+https://host/darwin?branch=next#0123abcd")),
            r#"{ git = "https://host/darwin", branch = "next" }"#
        );
    }
}
