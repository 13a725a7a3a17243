//! A member of this workspace as a package of its own.

use toml::{Table, Value};

/// The tables of a manifest whose entries may be inherited.
const INHERITING: [&str; 4] = ["package", "dependencies", "dev-dependencies", "build-dependencies"];

/// The manifest with everything written out that it inherits from `workspace`, the text of the workspace's manifest,
/// and with its profiles. A manifest that inherits nothing is given back as a workspace of its own. The runtime's path
/// becomes the placeholder of fixtures.
///
/// # Errors
/// When one of them is no manifest, or what is inherited is not there.
pub fn manifest(member: &str, workspace: &str) -> Result<String, String> {
    let mut manifest: Table = member.parse().map_err(|error| format!("{error}"))?;
    if manifest.contains_key("workspace") {
        return Ok(member.to_owned());
    }
    if !inherits(&manifest) {
        return Ok(format!("{member}\n[workspace]\n"));
    }
    let top: Table = workspace.parse().map_err(|error| format!("{error}"))?;
    let shared = top.get("workspace").and_then(Value::as_table).ok_or("no [workspace]")?;
    for name in INHERITING {
        let key = if name == "package" { name } else { "dependencies" };
        if let Some(Value::Table(table)) = manifest.get_mut(name) {
            inherit(table, shared.get(key))?;
        }
    }
    if let Some(lints) = shared.get("lints") {
        manifest.insert("lints".to_owned(), lints.clone());
    }
    if let Some(profile) = top.get("profile") {
        manifest.insert("profile".to_owned(), profile.clone());
    }
    manifest.insert("workspace".to_owned(), Value::Table(Table::new()));
    toml::to_string(&manifest).map_err(|error| error.to_string())
}

fn inherits(manifest: &Table) -> bool {
    let is_inherited = |value: &Value| value.get("workspace").and_then(Value::as_bool) == Some(true);
    let tables = INHERITING.iter().filter_map(|name| manifest.get(*name)?.as_table());
    tables.flat_map(Table::values).any(is_inherited)
}

fn inherit(table: &mut Table, shared: Option<&Value>) -> Result<(), String> {
    for (name, value) in table.iter_mut() {
        if value.get("workspace").and_then(Value::as_bool) == Some(true) {
            let found = shared.and_then(|shared| shared.get(name));
            *value = found.ok_or_else(|| format!("the workspace has no `{name}`"))?.clone();
        }
        if name == "darwin-runtime" {
            *value = Value::Table(Table::from_iter([("path".to_owned(), "{darwin-runtime}".into())]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: &str = "[workspace]\nmembers = ['m']\n[workspace.package]\nversion = '1.2.3'\n\
        [workspace.dependencies]\ndarwin-runtime = { path = 'r', version = '=1.2.3' }\n\
        [workspace.lints.rust]\nunsafe_code = 'deny'\n[profile.release]\nlto = 'thin'\n";

    #[test]
    fn what_is_inherited_is_written_out() {
        let member = "[package]\nname = 'm'\nversion.workspace = true\n\
            [dependencies]\ndarwin-runtime = { workspace = true }\n[lints]\nworkspace = true\n";
        let alone: Table = manifest(member, WORKSPACE).unwrap().parse().unwrap();
        assert_eq!(alone["package"]["version"].as_str(), Some("1.2.3"));
        assert_eq!(alone["dependencies"]["darwin-runtime"]["path"].as_str(), Some("{darwin-runtime}"));
        assert_eq!(alone["lints"]["rust"]["unsafe_code"].as_str(), Some("deny"));
        assert_eq!(alone["profile"]["release"]["lto"].as_str(), Some("thin"));
        assert!(alone["workspace"].as_table().is_some_and(Table::is_empty));
    }

    #[test]
    fn a_package_of_its_own_stays_as_it_is() {
        let alone = "# A remark.\n[package]\nname = 'm'\n[workspace]\n";
        assert_eq!(manifest(alone, WORKSPACE).as_deref(), Ok(alone));
        let published = "[package]\nname = 'm'\nversion = '1.0.0'\n";
        let alone: Table = manifest(published, WORKSPACE).unwrap().parse().unwrap();
        assert!(alone.contains_key("workspace") && !alone.contains_key("profile"));
    }

    #[test]
    fn what_the_workspace_lacks_cannot_be_inherited() {
        let member = "[package]\nname = 'm'\nedition.workspace = true\n";
        assert!(manifest(member, WORKSPACE).unwrap_err().contains("edition"));
    }
}
