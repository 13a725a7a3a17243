//! Paths and inherited values in manifests.

use std::path::Path;

use toml_edit::{DocumentMut, InlineTable, Item, TableLike, Value, value};

use super::{MACROS, RUNTIME, Tree, files};

const DEPENDENCY_TABLES: [&str; 5] =
    ["dependencies", "dev-dependencies", "dev_dependencies", "build-dependencies", "build_dependencies"];

type Rewrite = fn(&Tree, &Path, &mut DocumentMut);

/// How a file is repointed; `None` for files that cargo does not read.
pub(super) fn rewriter(file: &Path) -> Option<Rewrite> {
    let in_cargo_folder = file.parent().is_some_and(|dir| dir.ends_with(".cargo"));
    match file.file_name()?.to_str()? {
        "Cargo.toml" => Some(repoint_manifest),
        "config.toml" | "config" if in_cargo_folder => Some(repoint_config),
        _ => None,
    }
}

fn repoint_manifest(tree: &Tree, file: &Path, document: &mut DocumentMut) {
    let dir = file.parent().unwrap_or(file);
    for_each_dependency(document.as_table_mut(), &mut |key, dependency| {
        repoint(tree, dir, dependency, "path");
        // The candidate's runtime takes the place of this one, whatever its version is.
        let package = dependency.get("package").and_then(Item::as_str).unwrap_or(key);
        if (package == RUNTIME || package == MACROS) && dependency.contains_key("path") {
            dependency.remove("version");
        }
    });
}

/// Paths in a configuration are relative to the folder that holds `.cargo`.
fn repoint_config(tree: &Tree, file: &Path, document: &mut DocumentMut) {
    let dir = file.parent().and_then(Path::parent).unwrap_or(file);
    for_each_dependency(document.as_table_mut(), &mut |_, dependency| repoint(tree, dir, dependency, "path"));
    for source in tables_of(document.get_mut("source")) {
        repoint_source(tree, dir, source, "directory");
        repoint_source(tree, dir, source, "local-registry");
    }
    if let Some(paths) = document.get_mut("paths").and_then(Item::as_array_mut) {
        for path in paths.iter_mut() {
            if let Some(new) = path.as_str().and_then(|old| tree.repointed(dir, old)) {
                *path = new.to_string_lossy().into_owned().into();
            }
        }
    }
}

fn repoint(tree: &Tree, dir: &Path, table: &mut dyn TableLike, key: &str) {
    if let Some(new) = table.get(key).and_then(Item::as_str).and_then(|old| tree.repointed(dir, old)) {
        table.insert(key, value(new.to_string_lossy().into_owned()));
    }
}

/// A source that git does not have, such as an ignored `vendor`, is the user's.
fn repoint_source(tree: &Tree, dir: &Path, source: &mut dyn TableLike, key: &str) {
    repoint(tree, dir, source, key);
    let Some(here) = source.get(key).and_then(Item::as_str).map(|path| dir.join(path)) else { return };
    let live = tree.live(&files::normalized(&here));
    if !here.exists() && live.exists() {
        source.insert(key, value(live.to_string_lossy().into_owned()));
    }
}

/// The dependencies of a manifest that are written as tables: of the package, of each target, of the workspace,
/// and patches.
fn for_each_dependency(root: &mut dyn TableLike, act: &mut dyn FnMut(&str, &mut dyn TableLike)) {
    in_dependency_tables(root, act);
    for target in tables_of(root.get_mut("target")) {
        in_dependency_tables(target, act);
    }
    if let Some(workspace) = root.get_mut("workspace").and_then(Item::as_table_like_mut) {
        in_dependency_tables(workspace, act);
    }
    for source in tables_of(root.get_mut("patch")) {
        in_dependencies(source, act);
    }
}

fn in_dependency_tables(parent: &mut dyn TableLike, act: &mut dyn FnMut(&str, &mut dyn TableLike)) {
    for name in DEPENDENCY_TABLES {
        if let Some(table) = parent.get_mut(name).and_then(Item::as_table_like_mut) {
            in_dependencies(table, act);
        }
    }
}

fn in_dependencies(table: &mut dyn TableLike, act: &mut dyn FnMut(&str, &mut dyn TableLike)) {
    for (key, item) in table.iter_mut() {
        if let Some(dependency) = item.as_table_like_mut() {
            act(key.get(), dependency);
        }
    }
}

fn tables_of(item: Option<&mut Item>) -> impl Iterator<Item = &mut dyn TableLike> {
    let tables = item.and_then(Item::as_table_like_mut).map(TableLike::iter_mut).into_iter().flatten();
    tables.filter_map(|(_, item)| item.as_table_like_mut())
}

/// A member's manifest with everything it inherits from its workspace written out, and its path dependencies by
/// their full path. `dir` and `root_dir` are the folders of the two manifests in the candidate's tree, whose paths
/// `place` maps to where the copy will find them.
pub(super) fn standalone(
    member: &str,
    root: &str,
    (dir, root_dir): (&Path, &Path),
    place: &dyn Fn(&Path) -> std::path::PathBuf,
) -> Result<String, toml_edit::TomlError> {
    let mut member: DocumentMut = member.parse()?;
    let root: DocumentMut = root.parse()?;
    let workspace = root.get("workspace");
    let full = |base: &Path, path: &str| {
        place(&super::files::normalized(&base.join(path))).to_string_lossy().into_owned()
    };
    if let Some(package) = member.get_mut("package").and_then(Item::as_table_like_mut) {
        package.remove("workspace");
        inherit_fields(package, workspace.and_then(|table| table.get("package")));
    }
    inherit_lints(member.as_table_mut(), workspace.and_then(|table| table.get("lints")));
    let shared = workspace.and_then(|table| table.get("dependencies"));
    for_each_dependency(member.as_table_mut(), &mut |key, dependency| {
        if let Some(path) = dependency.get("path").and_then(Item::as_str).map(|path| full(dir, path)) {
            dependency.insert("path", value(path));
        }
        if inherits(dependency) {
            dependency.remove("workspace");
            let shared = shared.and_then(|table| table.get(key));
            inherit_dependency(dependency, shared, &|path| full(root_dir, path));
        }
    });
    Ok(member.to_string())
}

fn inherits(table: &dyn TableLike) -> bool {
    table.get("workspace").and_then(Item::as_bool) == Some(true)
}

/// Fields of `[package]`; those that are files beside the root manifest are not needed for a build.
fn inherit_fields(package: &mut dyn TableLike, shared: Option<&Item>) {
    let inherited: Vec<String> = package
        .iter()
        .filter(|(_, item)| item.as_table_like().is_some_and(inherits))
        .map(|(key, _)| key.to_owned())
        .collect();
    for key in inherited {
        package.remove(&key);
        if let Some(item) = shared.and_then(|table| table.get(&key))
            && !matches!(key.as_str(), "readme" | "license-file")
        {
            package.insert(&key, item.clone());
        }
    }
}

fn inherit_lints(member: &mut dyn TableLike, shared: Option<&Item>) {
    if member.get("lints").and_then(Item::as_table_like).is_some_and(inherits) {
        member.remove("lints");
        if let Some(value) = shared.and_then(|lints| lints.clone().into_value().ok()) {
            member.insert("lints", Item::Value(value));
        }
    }
}

/// Adds what the workspace says to what the member says; features add up, the member's other keys win.
fn inherit_dependency(own: &mut dyn TableLike, shared: Option<&Item>, full: &dyn Fn(&str) -> String) {
    let shared = match shared.and_then(|item| item.clone().into_value().ok()) {
        Some(Value::String(version)) => InlineTable::from_iter([("version", Value::String(version))]),
        Some(Value::InlineTable(table)) => table,
        _ => return,
    };
    for (key, mut item) in shared {
        if key == "path"
            && let Some(path) = item.as_str()
        {
            item = full(path).into();
        }
        match own.get_mut(&key) {
            None => {
                own.insert(&key, Item::Value(item));
            }
            Some(own) if key == "features" => extend(own, &item),
            Some(_) => {}
        }
    }
}

fn extend(own: &mut Item, more: &Value) {
    if let (Some(own), Some(more)) = (own.as_array_mut(), more.as_array()) {
        own.extend(more.iter().cloned());
    }
}
