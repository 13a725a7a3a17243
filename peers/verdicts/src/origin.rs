//! What was measured, and where.

use std::process::{Command, Stdio};

use cargo_darwin::io::digest::Digest;
use cargo_darwin::io::machine;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::paths::repository;

/// What changes a result when it changes: the page and the results do not.
const SOURCES: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    "cargo-darwin",
    "darwin-macros",
    "darwin-runtime",
    "tests/fixtures/three",
    "proof/workloads/three.toml",
    "peers/Cargo.lock",
    "peers/verdicts/edits.toml",
    "peers/verdicts/three",
    "peers/verdicts/src/tools",
];

/// Digits that tell uncommitted states apart.
const SHORT: usize = 8;

/// Results of one origin belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The last commit that changed the sources, and `+DIGEST` behind it if they have been changed since.
    pub commit: String,
    /// The class of machine.
    pub machine: String,
}

impl Origin {
    /// As it is now.
    ///
    /// # Errors
    /// When git or the machine cannot be asked.
    pub fn now() -> Result<Origin, Error> {
        let machine = machine::class(repository()).map_err(|error| Error::Origin(error.to_string()))?;
        Ok(Origin { commit: commit()?, machine })
    }

    /// Refuses to go on if the sources have changed.
    ///
    /// # Errors
    /// When they have.
    pub fn is_still(&self) -> Result<(), Error> {
        let now = Origin::now()?;
        match now == *self {
            true => Ok(()),
            false => Err(Error::SourcesChanged { before: self.commit.clone(), after: now.commit }),
        }
    }
}

fn commit() -> Result<String, Error> {
    let commit = git(&["log", "-1", "--format=%h", "--"])?;
    let state = git(&["status", "--porcelain", "--untracked-files=all", "--"])?;
    if state.is_empty() {
        return Ok(commit.trim().to_owned());
    }
    let changes = git(&["diff", "HEAD", "--"])?;
    let digest = Digest::default().part(&state).part(&changes).hex();
    Ok(format!("{}+{}", commit.trim(), &digest[..SHORT]))
}

/// What git says of the sources.
fn git(words: &[&str]) -> Result<String, Error> {
    let git = |reason: String| Error::Origin(format!("git {}: {reason}", words[0]));
    let mut command = Command::new("git");
    command.args(words).args(SOURCES).current_dir(repository()).stdin(Stdio::null());
    let output = command.output().map_err(|error| git(error.to_string()))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(git(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_there() {
        for source in SOURCES {
            assert!(repository().join(source).exists(), "{source}");
        }
    }
}
