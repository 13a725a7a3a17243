//! A crate that is checked, and the edits there are for it: `proof/workloads/NAME.toml`.

use std::fs;
use std::path::PathBuf;

use darwin_tests::repository;
use serde::Deserialize;

use crate::edit::Edit;
use crate::error::{At, Error};
use crate::neutral;

/// Where the workloads are described, in this repository.
pub const FOLDER: &str = "proof/workloads";

/// What a workload's file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Its crate, in this repository.
    pub folder: PathBuf,
    /// Further arguments of `cargo darwin check`.
    #[serde(default)]
    pub args: Vec<String>,
    /// Source files that neutral edits are made for.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Edits by hand.
    #[serde(default)]
    pub edit: Vec<Edit>,
}

impl Workload {
    /// The workload of that name.
    ///
    /// # Errors
    /// When there is none, or its file is wrong.
    pub fn load(name: &str) -> Result<Workload, Error> {
        let path = repository().join(FOLDER).join(name).with_extension("toml");
        if !path.is_file() {
            let known = names()?.join(", ");
            return Err(Error::Unknown { what: "workload", name: name.to_owned(), known });
        }
        let text = fs::read_to_string(&path).at("read", &path)?;
        toml::from_str(&text).map_err(|error| Error::Data { path, reason: error.to_string() })
    }

    /// The edit by hand of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn edit(&self, name: &str) -> Result<Edit, Error> {
        let names = || self.edit.iter().map(|edit| edit.name.as_str()).collect::<Vec<_>>().join(", ");
        self.edit.iter().find(|edit| edit.name == name).cloned().ok_or_else(|| Error::Unknown {
            what: "edit",
            name: name.to_owned(),
            known: format!("unchanged, neutral, {}", names()),
        })
    }

    /// All neutral edits: those by hand, then those that can be made for any source.
    ///
    /// # Errors
    /// When a source cannot be read.
    pub fn neutral(&self) -> Result<Vec<Edit>, Error> {
        let by_hand = self.edit.iter().filter(|edit| edit.is_neutral()).cloned();
        let read = |file: &String| Ok((file.clone(), self.source(file)?));
        let files = self.sources.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
        Ok(by_hand.chain(neutral::edits(&files)).collect())
    }

    /// The text of one of the crate's files.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn source(&self, file: &str) -> Result<String, Error> {
        let path = repository().join(&self.folder).join(file);
        fs::read_to_string(&path).at("read", path)
    }
}

/// The names of all workloads, sorted.
///
/// # Errors
/// When the folder cannot be read.
pub fn names() -> Result<Vec<String>, Error> {
    let folder = repository().join(FOLDER);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).at("read", &folder)? {
        let path = entry.at("read", &folder)?.path();
        names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Applies the changes of an edit one after the other, as a check does.
    fn try_on(workload: &Workload, edit: &Edit) -> Result<(), String> {
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        for change in &edit.change {
            let read = || workload.source(change.file()).ok();
            let old = files.get(change.file()).cloned().or_else(read);
            files.insert(change.file(), change.applied_to(old.as_deref())?);
        }
        Ok(())
    }

    #[test]
    fn every_edit_fits_its_workload() {
        for name in names().unwrap() {
            let workload = Workload::load(&name).unwrap();
            let neutral = workload.neutral().unwrap();
            assert!(neutral.len() >= 12, "{name} has only {} neutral edits", neutral.len());
            for edit in workload.edit.iter().chain(&neutral) {
                try_on(&workload, edit).unwrap_or_else(|reason| panic!("{name}/{}: {reason}", edit.name));
                assert_eq!(edit.slower.is_some(), edit.site.is_some(), "{name}/{}", edit.name);
            }
        }
    }

    #[test]
    fn no_neutral_edit_comes_twice_in_fifty_checks() {
        let count = |name: &str| Workload::load(name).unwrap().neutral().unwrap().len();
        assert!(count("three") >= 50 && count("order-book") >= 50);
        assert!(count("three") + count("order-book") >= 150);
    }

    #[test]
    fn a_name_that_is_not_there_is_answered_with_those_that_are() {
        let error = Workload::load("thre").unwrap_err().to_string();
        assert!(error.contains("order-book"), "{error}");
        let error = Workload::load("three").unwrap().edit("slower-7").unwrap_err().to_string();
        assert!(error.contains("slower-2"), "{error}");
    }
}
