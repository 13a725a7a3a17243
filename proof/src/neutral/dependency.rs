//! One more dependency, with nothing in it. Every symbol of the crate gets another name by it, and another place.

use crate::edit::{Change, Edit};

/// Names of them.
const NAMES: [&str; 4] = ["spare_parts", "later_on", "empty_room", "blank_page"];

/// An edit for each name.
pub fn edits() -> Vec<Edit> {
    NAMES.iter().map(|name| edit(name)).collect()
}

fn edit(name: &str) -> Edit {
    let append = format!("\n[dependencies.{name}]\npath = \"{name}\"\n");
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    let change = vec![
        Change::Append { file: "Cargo.toml".to_owned(), append },
        Change::Create { file: format!("{name}/Cargo.toml"), create: manifest },
        Change::Create {
            file: format!("{name}/src/lib.rs"),
            create: "//! Nothing yet.\n#![no_std]\n".to_owned(),
        },
    ];
    Edit::neutral(format!("new dependency: {name}"), change)
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::*;

    #[test]
    fn the_manifest_has_one_dependency_more_and_is_the_same_otherwise() {
        let old = "[package]\nname = 'm'\n[dependencies]\na = '1'\n\n[profile.release]\nlto = 'thin'\n";
        for edit in edits() {
            let new: Table = edit.change[0].applied_to(Some(old)).unwrap().parse().unwrap();
            let mut without = new.clone();
            let dependencies = without["dependencies"].as_table_mut().unwrap();
            assert_eq!(dependencies.len(), 2);
            dependencies.retain(|name, _| name == "a");
            assert_eq!(without, old.parse::<Table>().unwrap());
        }
    }
}
