//! What of a package can be run.

use std::fmt;
use std::path::Path;

use cargo_metadata::{Package, Target};
use serde::{Deserialize, Serialize};

use super::{CargoError, RUNTIME, Workspace};

/// Kind of a target that becomes an executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// `[[bench]]`.
    Bench,
    /// `[[bin]]`.
    Bin,
    /// `[[example]]`.
    Example,
    /// `[[test]]`.
    Test,
}

impl TargetKind {
    const ALL: [TargetKind; 4] = [TargetKind::Bench, TargetKind::Bin, TargetKind::Example, TargetKind::Test];

    /// cargo's word for it, in options and messages.
    pub fn word(self) -> &'static str {
        match self {
            TargetKind::Bench => "bench",
            TargetKind::Bin => "bin",
            TargetKind::Example => "example",
            TargetKind::Test => "test",
        }
    }

    /// cargo builds them with dev-dependencies.
    pub(super) fn sees_dev_dependencies(self) -> bool {
        self != TargetKind::Bin
    }

    /// The kind of cargo's target; `None` for libraries and build scripts.
    pub(super) fn of(target: &Target) -> Option<TargetKind> {
        let is = |kind: &TargetKind| target.kind.iter().any(|word| word.to_string() == kind.word());
        TargetKind::ALL.into_iter().find(is)
    }
}

impl fmt::Display for TargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A target of the selected package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetRef {
    /// Its kind.
    pub kind: TargetKind,
    /// Its name.
    pub name: String,
}

impl fmt::Display for TargetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// The target of that kind and name; the error lists what there is.
pub fn find_target(package: &Package, kind: TargetKind, name: &str) -> Result<TargetRef, CargoError> {
    let wanted = TargetRef { kind, name: name.to_owned() };
    let there = targets(package);
    if there.contains(&wanted) {
        return Ok(wanted);
    }
    let there = there.iter().map(TargetRef::to_string).collect();
    Err(CargoError::NoTarget { package: package.name.to_string(), kind, name: wanted.name, there })
}

/// Refuses a target that cargo would not build, because features that it requires are off.
pub(super) fn require_features(
    workspace: &Workspace,
    package: &Package,
    target: &TargetRef,
) -> Result<(), CargoError> {
    let is_it = |other: &&Target| TargetKind::of(other) == Some(target.kind) && other.name == target.name;
    let required = package.targets.iter().find(is_it).map_or(&[][..], |found| &found.required_features);
    let on = workspace.features_on(&package.id);
    // One of a dependency, with a slash, is left to cargo.
    let is_off = |feature: &&String| !feature.contains('/') && !on.contains(&feature.as_str());
    let off: Vec<String> = required.iter().filter(is_off).cloned().collect();
    match off.is_empty() {
        true => Ok(()),
        false => {
            Err(CargoError::NeedsFeatures { package: package.name.to_string(), target: target.clone(), off })
        }
    }
}

/// What is run when no workload is declared: the benches that use the runtime and have a harness of their own. One of
/// another harness (criterion, divan) would run for minutes as a whole program; who wants that names it.
///
/// `cargo metadata` tells neither the harness nor what a bench uses, so manifest and source are read.
pub fn default_targets(package: &Package) -> Result<Vec<TargetRef>, CargoError> {
    let manifest = package.manifest_path.clone().into_std_path_buf();
    let table = read_manifest(&manifest)?;
    let own = benches_with_own_harness(&table);
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for target in package.targets.iter().filter(|target| TargetKind::of(target) == Some(TargetKind::Bench)) {
        match (own.contains(&target.name.as_str()), uses_runtime(package, target)) {
            (true, true) => found.push(TargetRef { kind: TargetKind::Bench, name: target.name.clone() }),
            (true, false) => others.push(format!("bench `{}` does not use {RUNTIME}", target.name)),
            (false, true) => others.push(format!("bench `{}` lacks `harness = false`", target.name)),
            (false, false) => {}
        }
    }
    if found.is_empty() {
        return Err(CargoError::NoWorkload { package: package.name.to_string(), manifest, others });
    }
    found.sort();
    Ok(found)
}

/// What stands in a manifest; for what `cargo metadata` leaves out.
pub(super) fn read_manifest(manifest: &Path) -> Result<toml::Table, CargoError> {
    let damaged = |message| CargoError::Manifest { manifest: manifest.to_owned(), message };
    let text = std::fs::read_to_string(manifest).map_err(|error| damaged(error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| damaged(error.to_string()))
}

fn benches_with_own_harness(manifest: &toml::Table) -> Vec<&str> {
    let benches = manifest.get("bench").and_then(toml::Value::as_array).into_iter().flatten();
    let own = benches.filter(|bench| bench.get("harness").and_then(toml::Value::as_bool) == Some(false));
    own.filter_map(|bench| bench.get("name")?.as_str()).collect()
}

/// Whether the source names the runtime, by the name that it has in this package. A package that does not depend on it
/// itself may be measured through one that does, by any bench.
fn uses_runtime(package: &Package, target: &Target) -> bool {
    let runtime = package.dependencies.iter().filter(|dependency| dependency.name == RUNTIME);
    let names: Vec<String> =
        runtime.map(|found| found.rename.as_ref().unwrap_or(&found.name).replace('-', "_")).collect();
    // What cannot be read is for the compiler to complain about.
    let Ok(source) = std::fs::read_to_string(&target.src_path) else { return true };
    names.is_empty() || names.iter().any(|name| source.contains(name.as_str()))
}

/// All targets that become executables, in order of kind and name.
fn targets(package: &Package) -> Vec<TargetRef> {
    let one = |target: &Target| Some(TargetRef { kind: TargetKind::of(target)?, name: target.name.clone() });
    let mut found: Vec<_> = package.targets.iter().filter_map(one).collect();
    found.sort();
    found
}
