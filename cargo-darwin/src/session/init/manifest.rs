//! Lines that are added to a manifest, with everything that stands there left as it is.

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use crate::io::cargo::RUNTIME;

/// What a manifest is to have more.
#[derive(Debug, Clone)]
pub enum Addition {
    /// A dependency of the package.
    Dependency {
        /// Its key.
        key: String,
        /// Where it comes from; `None`: the workspace says.
        source: Option<Value>,
    },
    /// A dependency that packages of the workspace may share.
    Shared {
        /// Where it comes from.
        source: Value,
    },
    /// A bench with its own `main`.
    Bench {
        /// Its name.
        name: String,
        /// Features without which it is not built.
        required: Vec<String>,
    },
}

impl Addition {
    /// The manifest with it; `None` where it cannot be added without changing a line that stands there.
    pub fn to(&self, manifest: &str) -> Option<String> {
        // A table in order of names stays so; where that would move a line, it comes last.
        [true, false].into_iter().find_map(|sorted| {
            let mut document: DocumentMut = manifest.parse().ok()?;
            self.add(document.as_table_mut(), sorted)?;
            let edited = as_before(manifest, &document.to_string());
            keeps_every_line(manifest, &edited).then_some(edited)
        })
    }

    fn add(&self, document: &mut Table, sorted: bool) -> Option<()> {
        match self {
            Addition::Dependency { key, source } => {
                let table = document.entry("dependencies").or_insert_with(empty_table);
                insert(table.as_table_like_mut()?, key, source.as_ref(), sorted)
            }
            Addition::Shared { source } => {
                let workspace = document.get_mut("workspace")?.as_table_like_mut()?;
                insert(workspace.get_mut("dependencies")?.as_table_like_mut()?, RUNTIME, Some(source), sorted)
            }
            Addition::Bench { name, required } => {
                let benches =
                    document.entry("bench").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
                benches.as_array_of_tables_mut()?.push(bench(name, required));
                Some(())
            }
        }
    }

    /// The same as lines to be added by hand.
    pub fn lines(&self) -> Vec<String> {
        let (heading, table) = match self {
            Addition::Dependency { key, source } => ("[dependencies]", one(key, source.as_ref())),
            Addition::Shared { source } => ("[workspace.dependencies]", one(RUNTIME, Some(source))),
            Addition::Bench { name, required } => ("[[bench]]", bench(name, required)),
        };
        let lines = table.to_string();
        std::iter::once(heading).chain(lines.lines()).map(str::to_owned).collect()
    }

    /// Does it say where the runtime is?
    pub fn names_source(&self) -> bool {
        matches!(self, Addition::Dependency { source: Some(_), .. } | Addition::Shared { .. })
    }

    /// The same in a few words.
    pub fn words(&self) -> String {
        match self {
            Addition::Bench { name, .. } => format!("[[bench]] {name}"),
            Addition::Dependency { .. } | Addition::Shared { .. } => self.lines().join(" "),
        }
    }
}

/// Key of a dependency on the runtime that packages of the workspace can share, if it has one.
pub fn shared_key(root: &Table) -> Option<String> {
    let dependencies = shared_dependencies(root)?;
    let is_runtime = |key: &str, item: &Item| {
        let package = item.as_table_like().and_then(|table| table.get("package")).and_then(Item::as_str);
        package.unwrap_or(key) == RUNTIME
    };
    dependencies.iter().find(|(key, item)| is_runtime(key, item)).map(|(key, _)| key.to_owned())
}

/// Does the workspace have a place for dependencies that packages share?
pub fn shares_dependencies(root: &Table) -> bool {
    shared_dependencies(root).is_some()
}

/// The names of benches that the manifest declares, and whether each has `harness = false`.
pub fn declared_benches(manifest: &Table) -> Vec<(String, bool)> {
    let tables: Vec<&dyn TableLike> = match manifest.get("bench") {
        Some(Item::ArrayOfTables(tables)) => tables.iter().map(|table| table as &dyn TableLike).collect(),
        Some(Item::Value(Value::Array(array))) => {
            array.iter().filter_map(Value::as_inline_table).map(|table| table as &dyn TableLike).collect()
        }
        _ => Vec::new(),
    };
    let declared = |table: &dyn TableLike| {
        let own_main = table.get("harness").and_then(Item::as_bool) == Some(false);
        Some((table.get("name")?.as_str()?.to_owned(), own_main))
    };
    tables.into_iter().filter_map(declared).collect()
}

fn shared_dependencies(root: &Table) -> Option<&dyn TableLike> {
    root.get("workspace")?.as_table_like()?.get("dependencies")?.as_table_like()
}

fn empty_table() -> Item {
    Item::Table(Table::new())
}

fn insert(table: &mut dyn TableLike, key: &str, source: Option<&Value>, sorted: bool) -> Option<()> {
    if table.contains_key(key) {
        return None;
    }
    let was_sorted = table.iter().map(|(key, _)| key).is_sorted();
    table.insert(key, dependency(source));
    if sorted && was_sorted {
        table.sort_values();
    }
    Some(())
}

/// `{ path = "…" }`, or `.workspace = true` after the key.
fn dependency(source: Option<&Value>) -> Item {
    match source {
        Some(source) => value(source.clone()),
        None => {
            let mut inherited = InlineTable::from_iter([("workspace", Value::from(true))]);
            inherited.set_dotted(true);
            value(inherited)
        }
    }
}

fn one(key: &str, source: Option<&Value>) -> Table {
    Table::from_iter([(key, dependency(source))])
}

fn bench(name: &str, required: &[String]) -> Table {
    let mut table = Table::from_iter([("name", value(name)), ("harness", value(false))]);
    if !required.is_empty() {
        table.insert("required-features", value(required.iter().collect::<toml_edit::Array>()));
    }
    table
}

/// With the byte order mark and the line ends that the file had; the TOML writer has its own.
fn as_before(old: &str, new: &str) -> String {
    let new = new.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let has_crlf = old.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n"));
    let new = if has_crlf { new.replace('\n', "\r\n") } else { new };
    if old.starts_with('\u{feff}') { format!("\u{feff}{new}") } else { new }
}

/// Are all old lines there, byte for byte and in their order? Only the end of a last line without one may differ.
fn keeps_every_line(old: &str, new: &str) -> bool {
    let mut new = new.split_inclusive('\n');
    let mut found = |line: &str| {
        if line.ends_with('\n') {
            return new.any(|one| one == line);
        }
        new.any(|one| one.trim_end_matches(['\r', '\n']) == line)
    };
    old.split_inclusive('\n').all(&mut found)
}

/// Lines of the new text that the old one does not have, in order.
pub fn added_lines(old: &str, new: &str) -> Vec<String> {
    let mut old = old.lines().peekable();
    let is_new = |line: &&str| old.next_if_eq(line).is_none();
    new.lines().filter(is_new).filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Value {
        Value::InlineTable(InlineTable::from_iter([("path", "../rt")]))
    }

    fn dependency() -> Addition {
        Addition::Dependency { key: RUNTIME.into(), source: Some(source()) }
    }

    fn inherited() -> Addition {
        Addition::Dependency { key: RUNTIME.into(), source: None }
    }

    fn bench(required: &[&str]) -> Addition {
        Addition::Bench { name: "hotpath".into(), required: required.iter().map(|&one| one.into()).collect() }
    }

    const LINE: &str = "darwin-runtime = { path = \"../rt\" }\n";
    const ENTRY: &str = "\n[[bench]]\nname = \"hotpath\"\nharness = false\n";

    #[test]
    fn a_new_packages_manifest_gets_both_at_its_end() {
        let new = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";
        let with_both = bench(&[]).to(&dependency().to(new).unwrap()).unwrap();
        assert_eq!(with_both, format!("{new}{LINE}{ENTRY}"));
    }

    #[test]
    fn a_dependency_goes_to_its_place_among_sorted_ones_with_their_comments() {
        let manifest = "[dependencies]\n# for bytes\nbytes = \"1\" # b\n\n# for serde\nserde = { version = \"1\",  features=[\"derive\"] }\n\n# fast\n[profile.release]\nlto = true\n";
        let expected = manifest.replace("\n\n# for serde", &format!("\n{LINE}\n# for serde"));
        assert_eq!(dependency().to(manifest).unwrap(), expected);
    }

    #[test]
    fn a_dependency_comes_last_among_unsorted_ones() {
        let manifest = "[dependencies]\nserde = \"1\"\nbytes = \"1\"\n";
        assert_eq!(dependency().to(manifest).unwrap(), format!("{manifest}{LINE}"));
    }

    #[test]
    fn a_missing_table_is_made() {
        let manifest = "# mine\n[package]\nname = \"a\" # a\n";
        assert_eq!(dependency().to(manifest).unwrap(), format!("{manifest}\n[dependencies]\n{LINE}"));
        let only_headings = "[package]\nname = \"a\"\n\n[dependencies.serde]\nversion = \"1\"\n";
        let edited = dependency().to(only_headings).unwrap();
        assert_eq!(declared(&edited, "dependencies"), ["darwin-runtime", "serde"]);
        assert!(
            edited.ends_with(&format!("\n[dependencies]\n{LINE}\n[dependencies.serde]\nversion = \"1\"\n")),
            "{edited}"
        );
    }

    fn declared(manifest: &str, table: &str) -> Vec<String> {
        let document: DocumentMut = manifest.parse().unwrap();
        document[table].as_table_like().unwrap().iter().map(|(key, _)| key.to_owned()).collect()
    }

    #[test]
    fn a_dependency_of_the_workspace_is_inherited() {
        let root = "[workspace]\nmembers = [\"a\"]\n\n[workspace.dependencies]\nserde = \"1\"\n";
        let shared = Addition::Shared { source: source() };
        let edited = shared.to(root).unwrap();
        assert_eq!(edited, root.replace("serde", &format!("{LINE}serde")));
        let root: DocumentMut = edited.parse().unwrap();
        assert_eq!(shared_key(&root).as_deref(), Some(RUNTIME));
        assert_eq!(
            inherited().to("[dependencies]\nserde.workspace = true\n").unwrap(),
            "[dependencies]\ndarwin-runtime.workspace = true\nserde.workspace = true\n"
        );
    }

    #[test]
    fn a_renamed_dependency_of_the_workspace_is_found_by_its_package() {
        let root =
            "[workspace.dependencies]\nserde = \"1\"\nrt = { package = \"darwin-runtime\", path = \"rt\" }\n";
        let root: DocumentMut = root.parse().unwrap();
        assert_eq!(shared_key(&root).as_deref(), Some("rt"));
        assert!(shares_dependencies(&root));
        assert!(!shares_dependencies(&"[workspace]\n".parse::<DocumentMut>().unwrap()));
    }

    #[test]
    fn benches_that_are_there_stay_in_front() {
        let manifest = "[[bench]]\nname = \"one\" # first\nharness = false\n\n[dependencies]\n";
        let edited = bench(&["fast"]).to(manifest).unwrap();
        assert!(
            edited.contains("name = \"one\" # first\nharness = false\n\n[[bench]]\nname = \"hotpath\"\n"),
            "{edited}"
        );
        assert!(edited.contains("required-features = [\"fast\"]\n"), "{edited}");
        let table: DocumentMut = edited.parse().unwrap();
        assert_eq!(declared_benches(&table), [("one".into(), true), ("hotpath".into(), true)]);
    }

    #[test]
    fn line_ends_and_byte_order_marks_stay() {
        let manifest = "\u{feff}[package]\r\nname = \"a\"\r\n\r\n[dependencies]\r\n";
        let edited = bench(&[]).to(&dependency().to(manifest).unwrap()).unwrap();
        assert_eq!(
            edited,
            format!("{manifest}{}{}", LINE.replace('\n', "\r\n"), ENTRY.replace('\n', "\r\n"))
        );
        let no_end = "[package]\nname = \"a\"\n[dependencies]\nserde = \"1\"";
        assert_eq!(dependency().to(no_end).unwrap(), no_end.replace("serde", &format!("{LINE}serde")) + "\n");
    }

    #[test]
    fn what_cannot_be_added_without_changing_a_line_is_not_added() {
        assert_eq!(dependency().to("dependencies = { serde = \"1\" }\n"), None);
        assert_eq!(bench(&[]).to("bench = [{ name = \"one\", harness = false }]\n"), None);
        assert_eq!(dependency().to("[dependencies]\ndarwin-runtime = \"1\"\n"), None);
        assert_eq!(dependency().to("dependencies = 1\n"), None);
        assert_eq!(dependency().to("[dependencies\n"), None);
        let mixed = "[package]\r\nname = \"a\"\n[dependencies]\r\n";
        assert_eq!(dependency().to(mixed), None);
    }

    #[test]
    fn benches_are_told_however_they_are_written() {
        let inline = "bench = [{ name = \"one\", harness = false }, { name = \"two\" }, { path = \"x\" }]\n";
        let document: DocumentMut = inline.parse().unwrap();
        assert_eq!(declared_benches(&document), [("one".into(), true), ("two".into(), false)]);
    }

    #[test]
    fn lines_for_the_hand_are_those_that_would_have_been_added() {
        assert_eq!(dependency().lines(), ["[dependencies]", LINE.trim_end()]);
        assert_eq!(inherited().lines(), ["[dependencies]", "darwin-runtime.workspace = true"]);
        assert_eq!(bench(&[]).lines(), ["[[bench]]", "name = \"hotpath\"", "harness = false"]);
        assert_eq!(
            Addition::Shared { source: source() }.words(),
            format!("[workspace.dependencies] {}", LINE.trim_end())
        );
    }

    #[test]
    fn lines_that_came_in_are_told_apart() {
        let old = "[package]\nname = \"a\"\n\n[dependencies]\n";
        let new = bench(&[]).to(&dependency().to(old).unwrap()).unwrap();
        assert_eq!(
            added_lines(old, &new),
            [LINE.trim_end(), "[[bench]]", "name = \"hotpath\"", "harness = false"]
        );
        assert_eq!(added_lines(old, old), [""; 0]);
    }
}
