//! What a program is linked with.

use std::collections::HashSet;

use cargo_metadata::{CrateType, DependencyKind, Package, PackageId, Target};

use super::{CargoError, CargoOptions, TargetRef, Workspace};

/// In flags of the user's: the standard library is loaded, not linked.
const PREFERS_DYNAMIC: &str = "prefer-dynamic";

/// Everything that a package is linked with; what a procedural macro is built from is not in the program.
pub(super) fn below<'a>(
    workspace: &'a Workspace,
    package: &'a PackageId,
    development: bool,
) -> HashSet<&'a PackageId> {
    let mut found = HashSet::new();
    let mut open = vec![package];
    while let Some(id) = open.pop() {
        let development = development && id == package;
        let linked =
            |kind| kind == DependencyKind::Normal || (development && kind == DependencyKind::Development);
        for dependency in workspace.dependencies(id) {
            let is_linked = dependency.dep_kinds.iter().any(|info| linked(info.kind))
                && !workspace.find(&dependency.pkg).is_some_and(is_macro);
            if is_linked && found.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    found
}

/// A procedural macro.
fn is_macro(package: &Package) -> bool {
    package.targets.iter().any(Target::is_proc_macro)
}

/// Refuses a program that loads libraries which cargo has built: only cargo knows where they are, and a kept baseline
/// would load those of another revision.
///
/// # Errors
/// With the line to change.
pub(super) fn require_static(
    workspace: &Workspace,
    package: &Package,
    target: &TargetRef,
    options: &CargoOptions,
) -> Result<(), CargoError> {
    let preferred = options.rustflags.iter().flatten().rfind(|flag| flag.contains(PREFERS_DYNAMIC));
    if let Some(flag) = preferred.filter(|flag| !flag.ends_with("=no")) {
        return Err(CargoError::PrefersDynamic { flag: flag.clone() });
    }
    let below = below(workspace, &package.id, target.kind.sees_dev_dependencies());
    let linked = std::iter::once(package).chain(below.into_iter().filter_map(|id| workspace.find(id)));
    let loaded = linked.filter(|one| is_only_loaded(one)).min_by(|a, b| a.name.cmp(&b.name));
    match loaded {
        Some(library) => Err(CargoError::SharedLibrary {
            library: library.name.to_string(),
            manifest: library.manifest_path.clone().into(),
        }),
        None => Ok(()),
    }
}

/// A library that can be loaded by Rust programs and not be linked into them.
fn is_only_loaded(package: &Package) -> bool {
    let has = |kinds: &[CrateType]| {
        package.targets.iter().flat_map(|target| &target.crate_types).any(|kind| kinds.contains(kind))
    };
    has(&[CrateType::DyLib]) && !has(&[CrateType::Lib, CrateType::RLib])
}
