//! Commits whose results add up, though sources differ: `proof/same.toml`.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::error::{At, Error};
use crate::origin::Origin;

/// Where they are named, in this repository.
const FILE: &str = "proof/same.toml";

/// A commit that changed nothing of what is measured, and of how it is judged.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Same {
    /// As origins name it.
    pub commit: String,
    /// The commit that its results are counted with.
    pub counts_as: String,
    /// What it changed.
    pub because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct All {
    #[serde(default)]
    same: Vec<Same>,
}

/// All that the repository names.
///
/// # Errors
/// When they cannot be read.
pub fn all(repository: &Path) -> Result<Vec<Same>, Error> {
    let path = repository.join(FILE);
    let text = fs::read_to_string(&path).at("read", &path)?;
    let all: All = toml::from_str(&text).map_err(|error| Error::Same { path, reason: error.to_string() })?;
    Ok(all.same)
}

/// What results of `origin` are counted with: itself, unless it is named.
pub fn counted(origin: &Origin, all: &[Same]) -> Origin {
    let commit = all.iter().find(|same| same.commit == origin.commit).map(|same| same.counts_as.clone());
    Origin { commit: commit.unwrap_or_else(|| origin.commit.clone()), machine: origin.machine.clone() }
}

/// The commits that are counted with this one, and why; empty if there are none.
pub fn note(commit: &str, all: &[Same]) -> String {
    let with_it = all.iter().filter(|same| same.counts_as == commit);
    let names: Vec<String> = with_it.map(|same| format!("{} ({})", same.commit, same.because)).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!(
            "Counted with {commit} are commits that measure and judge alike: {}.\n\n",
            names.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(commit: &str) -> Origin {
        Origin { commit: commit.into(), machine: "a machine".into() }
    }

    fn some() -> Vec<Same> {
        let same = |commit: &str| Same {
            commit: commit.into(),
            counts_as: "c0ffee".into(),
            because: format!("why {commit}"),
        };
        vec![same("b"), same("c")]
    }

    #[test]
    fn a_commit_that_is_named_counts_as_another_and_any_other_as_itself() {
        assert_eq!(counted(&origin("b"), &some()), origin("c0ffee"));
        assert_eq!(counted(&origin("b+1a2b3c4d"), &some()), origin("b+1a2b3c4d"));
        assert_eq!(counted(&origin("d"), &some()), origin("d"));
    }

    #[test]
    fn the_table_says_which_commits_and_why() {
        assert!(note("c0ffee", &some()).contains("alike: b (why b), c (why c).\n"));
        assert_eq!(note("d", &some()), "");
    }

    #[test]
    fn each_counts_as_one_that_counts_as_itself() {
        let all = all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
        for same in &all {
            let target = counted(&origin(&same.counts_as), &all);
            assert_eq!(target.commit, same.counts_as, "{}: name the first of them", same.commit);
        }
    }
}
