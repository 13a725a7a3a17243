//! What a manifest says about other folders.

use std::collections::BTreeMap;

use toml::{Table, Value};

const DEPENDENCY_TABLES: [&str; 5] =
    ["dependencies", "dev-dependencies", "dev_dependencies", "build-dependencies", "build_dependencies"];
const TARGETS: [&str; 5] = ["lib", "bin", "bench", "example", "test"];

/// The paths of a `Cargo.toml`, as they are written there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// The name of its package.
    pub package: Option<String>,
    /// Is it a workspace's own?
    pub is_root: bool,
    /// Where the package says that its workspace is.
    pub root: Option<String>,
    /// Of dependencies, targets and build scripts.
    pub paths: Vec<String>,
    /// Of what stands in for other packages, in the manifest of a workspace.
    pub replaced: Vec<String>,
    /// Dependencies that are written out in the workspace's manifest.
    pub inherited: Vec<String>,
    /// Those that are written out in this one, with their paths.
    pub shared: BTreeMap<String, Option<String>>,
}

impl Manifest {
    /// Reads one; `None` where it is no TOML.
    pub fn parse(text: &str) -> Option<Manifest> {
        let table: Table = text.parse().ok()?;
        let (package, workspace) = (table.get("package"), table.get("workspace"));
        let mut found = Manifest {
            package: package.and_then(|package| text_at(package, "name")),
            is_root: workspace.is_some(),
            root: package.and_then(|package| text_at(package, "workspace")),
            replaced: replacements(&table),
            ..Manifest::default()
        };
        found.paths.extend(target_paths(&table));
        found.paths.extend(package.and_then(|package| package.get("build")).into_iter().flat_map(texts));
        let of_platforms = values(table.get("target")).filter_map(Value::as_table);
        for parent in [&table].into_iter().chain(of_platforms) {
            found.add_dependencies_of(parent);
        }
        for (name, dependency) in entries(workspace.and_then(|workspace| workspace.get("dependencies"))) {
            found.shared.insert(name.clone(), text_at(dependency, "path"));
        }
        Some(found)
    }

    fn add_dependencies_of(&mut self, parent: &Table) {
        for (name, dependency) in DEPENDENCY_TABLES.iter().flat_map(|table| entries(parent.get(*table))) {
            self.paths.extend(text_at(dependency, "path"));
            if dependency.get("workspace").and_then(Value::as_bool) == Some(true) {
                self.inherited.push(name.clone());
            }
        }
    }
}

fn target_paths(table: &Table) -> impl Iterator<Item = String> {
    let targets = TARGETS.iter().filter_map(|name| table.get(*name));
    let each = targets.flat_map(|found| match found {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    });
    each.filter_map(|target| text_at(target, "path"))
}

/// What stands in for other packages: `[patch.SOURCE]` and `[replace]`.
fn replacements(table: &Table) -> Vec<String> {
    let patches = values(table.get("patch")).flat_map(|source| values(Some(source)));
    patches.chain(values(table.get("replace"))).filter_map(|package| text_at(package, "path")).collect()
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_table).into_iter().flatten()
}

fn values(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    entries(value).map(|(_, value)| value)
}

fn text_at(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// A text, or a list of them.
fn texts(value: &Value) -> Vec<String> {
    let all = value.as_array().map_or_else(|| vec![value], |all| all.iter().collect());
    all.into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_that_cargo_follows_is_found() {
        let manifest = Manifest::parse(
            r#"
[package]
name = "app"
build = "../build.rs"
readme = "../README.md"
workspace = ".."
[[bench]]
path = "b.rs"
[lib]
path = "l.rs"
[dependencies]
serde = "1"
core = { path = "core" }
hot = { workspace = true, features = ["x"] }
[target.'cfg(unix)'.build-dependencies]
unix.path = "unix"
[patch.crates-io]
log = { path = "log" }
"#,
        )
        .unwrap();
        let paths: Vec<&str> = manifest.paths.iter().map(String::as_str).collect();
        assert_eq!(paths, ["l.rs", "b.rs", "../build.rs", "core", "unix"]);
        assert_eq!((manifest.package.as_deref(), manifest.root.as_deref()), (Some("app"), Some("..")));
        assert_eq!(
            (&manifest.inherited[..], &manifest.replaced[..]),
            (&["hot".into()][..], &["log".into()][..])
        );
        assert!(!manifest.is_root && Manifest::parse("no TOML").is_none());
    }

    #[test]
    fn a_workspace_knows_the_paths_of_its_dependencies() {
        let text = "[workspace.dependencies]\nlog = \"1\"\nhot = { path = \"hot\" }\n";
        let manifest = Manifest::parse(text).unwrap();
        let shared = [("hot".to_owned(), Some("hot".to_owned())), ("log".to_owned(), None)];
        assert!(manifest.is_root && manifest.package.is_none());
        assert_eq!(manifest.shared, BTreeMap::from(shared));
    }
}
