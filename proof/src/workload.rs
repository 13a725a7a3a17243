//! A crate that is checked, and the edits there are for it: `proof/workloads/NAME.toml`.

use std::fs;
use std::path::PathBuf;

use darwin_tests::repository;
use serde::Deserialize;

use crate::edit::Edit;
use crate::error::{At, Error};
use crate::inject;
use crate::neutral;

/// Where the workloads are described, in this repository.
pub const FOLDER: &str = "proof/workloads";

/// What a workload's file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Workload {
    /// Its crate, in this repository.
    pub folder: PathBuf,
    /// Further arguments of `cargo darwin check`.
    #[serde(default)]
    pub args: Vec<String>,
    /// Source files that neutral edits are made for.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The site that is made slower by injected work.
    pub inject: Option<String>,
    /// The site whose slow calls are: it needs 4000 calls a block.
    pub inject_tail: Option<String>,
    /// The site that is made to allocate.
    pub inject_allocation: Option<String>,
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

    /// Its crate.
    pub fn folder(&self) -> PathBuf {
        repository().join(&self.folder)
    }

    /// What the checks of a scenario go through, one after the other and then again.
    ///
    /// # Errors
    /// When there is no edit of that name, or a source cannot be read.
    pub fn edits(&self, name: &str) -> Result<Vec<Edit>, Error> {
        match name {
            "unchanged" => Ok(vec![Edit::none()]),
            "neutral" => self.neutral(),
            "comments" => {
                let mut all = self.neutral()?;
                all.retain(|edit| edit.name.contains("comment"));
                Ok(all)
            }
            name => Ok(vec![self.edit(name)?]),
        }
    }

    /// The edit by hand of that name, or by injection.
    ///
    /// # Errors
    /// When there is none.
    pub fn edit(&self, name: &str) -> Result<Edit, Error> {
        let by_hand = self.edit.iter().find(|edit| edit.name == name).cloned();
        let names = || self.edit.iter().map(|edit| edit.name.as_str()).collect::<Vec<_>>().join(", ");
        by_hand.or_else(|| inject::edit(self, name)).ok_or_else(|| Error::Unknown {
            what: "edit",
            name: name.to_owned(),
            known: format!(
                "unchanged, neutral, comments, injected-1 (any percentage), injected-p99-5, injected-alloc (if the \
                 workload names sites for them), {}",
                names()
            ),
        })
    }

    /// All neutral edits, numbered: those by hand, then those that can be made for any source.
    ///
    /// # Errors
    /// When a source cannot be read.
    pub fn neutral(&self) -> Result<Vec<Edit>, Error> {
        let by_hand = self.edit.iter().filter(|edit| edit.is_neutral()).cloned();
        let read = |file: &String| Ok((file.clone(), self.source(file)?));
        let files = self.sources.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
        Ok(numbered(by_hand.chain(neutral::edits(&files)).collect()))
    }

    /// The text of one of the crate's files.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn source(&self, file: &str) -> Result<String, Error> {
        let path = repository().join(&self.folder).join(file);
        Ok(fs::read_to_string(&path).at("read", path)?)
    }
}

/// The same edits with their numbers, from 1, before their names.
pub fn numbered(mut edits: Vec<Edit>) -> Vec<Edit> {
    for (at, edit) in edits.iter_mut().enumerate() {
        edit.name = format!("{} {}", at + 1, edit.name);
    }
    edits
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
            assert!(neutral.len() >= 12 || workload.sources.is_empty(), "{name}: only {}", neutral.len());
            for edit in workload.edit.iter().chain(&neutral) {
                try_on(&workload, edit).unwrap_or_else(|reason| panic!("{name}/{}: {reason}", edit.name));
                assert_eq!(!edit.is_neutral(), edit.site.is_some() || edit.faster, "{name}/{}", edit.name);
            }
        }
    }

    #[test]
    fn three_workloads_have_more_than_three_hundred_different_edits() {
        let names = ["three", "order-book", "threads"];
        let neutral = |name: &str| Workload::load(name).unwrap().neutral().unwrap();
        for name in names {
            let edits = neutral(name);
            assert!(edits.len() >= 60, "{name}: {}", edits.len());
            let changes: std::collections::HashSet<String> =
                edits.iter().map(|edit| format!("{:?}", edit.change)).collect();
            assert_eq!(changes.len(), edits.len(), "{name}");
        }
        assert!(names.iter().map(|name| neutral(name).len()).sum::<usize>() >= 300);
    }

    /// What each kind of edit is, is tested beside it.
    #[test]
    fn every_kind_is_among_the_first_hundred_edits_of_the_order_book() {
        let edits = Workload::load("order-book").unwrap().neutral().unwrap();
        for kind in [
            "comment",
            "unused-function",
            "unused-const",
            "unused-type",
            "unused-module",
            "public-function",
            "reordered",
            "moved to a module",
            "moved to a file",
            "renamed",
            "derived",
            "new dependency",
        ] {
            assert!(edits.iter().take(100).any(|edit| edit.name.contains(kind)), "{kind}");
        }
    }

    /// Whatever an edit does, each file of it is Rust, and what is measured is measured by the same attributes.
    #[test]
    fn every_neutral_edit_leaves_rust_and_all_that_is_measured() {
        for name in ["three", "order-book", "threads"] {
            let workload = Workload::load(name).unwrap();
            let measured = |text: &str| text.matches("#[hotpath").count();
            for edit in workload.neutral().unwrap() {
                let (mut before, mut after) = (0, 0);
                for change in edit.change.iter().filter(|change| change.file().ends_with(".rs")) {
                    let old = workload.source(change.file()).ok();
                    let new = change.applied_to(old.as_deref());
                    let Ok(new) = new else { continue };
                    syn::parse_file(&new).unwrap_or_else(|error| panic!("{name}/{}: {error}", edit.name));
                    if edit.change.len() == 1 {
                        before += old.as_deref().map_or(0, measured);
                        after += measured(&new);
                    }
                }
                assert_eq!(before, after, "{name}/{}", edit.name);
            }
        }
    }

    #[test]
    fn a_name_that_is_not_there_is_answered_with_those_that_are() {
        let error = Workload::load("thre").unwrap_err().to_string();
        assert!(error.contains("order-book"), "{error}");
        let error = Workload::load("three").unwrap().edit("slower-7").unwrap_err().to_string();
        assert!(error.contains("slower-2"), "{error}");
    }
}
