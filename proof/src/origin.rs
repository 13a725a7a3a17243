//! What was measured, and where.

use std::path::Path;
use std::process::{Command, Stdio};

use cargo_darwin::io::machine;
use darwin_tests::repository;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What changes a figure when it changes. The pages of the book do not, nor do the results and the sets (the name of a
/// scenario says all of it): they can be committed and the proof go on.
const SOURCES: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    "cargo-darwin",
    "darwin-macros",
    "darwin-runtime",
    "examples",
    "proof/crates",
    "proof/src/check.rs",
    "proof/src/neutral",
    "proof/workloads",
    "tests/fixtures",
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
        let machine = machine::class(repository()).map_err(|error| Error::Machine(error.to_string()))?;
        Ok(Origin { commit: commit(repository())?, machine })
    }

    /// Can it be had again?
    pub fn is_committed(&self) -> bool {
        !self.commit.contains('+')
    }

    /// Name of the file with its results.
    pub fn file_name(&self) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let words = self.machine.split(|c: char| !is_plain(c)).filter(|word| !word.is_empty());
        let machine = words.collect::<Vec<_>>().join("-").to_lowercase();
        format!("{}.{machine}.jsonl", self.commit)
    }
}

fn commit(repository: &Path) -> Result<String, Error> {
    let commit = git(repository, &["log", "-1", "--format=%h", "--"])?;
    let state = git(repository, &["status", "--porcelain", "--untracked-files=all", "--"])?;
    if state.is_empty() {
        return Ok(commit.trim().to_owned());
    }
    let changes = git(repository, &["diff", "HEAD", "--"])?;
    let digest = cargo_darwin::io::digest::Digest::default().part(&state).part(&changes).hex();
    Ok(format!("{}+{}", commit.trim(), &digest[..SHORT]))
}

/// What git says of the sources.
fn git(repository: &Path, words: &[&str]) -> Result<String, Error> {
    let git = |reason: String| Error::Data {
        path: repository.to_owned(),
        reason: format!("git {}: {reason}", words[0]),
    };
    let mut command = Command::new("git");
    command.args(words).args(SOURCES).current_dir(repository).stdin(Stdio::null());
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

    #[test]
    fn each_commit_and_machine_has_a_file() {
        let machine = "Intel(R) Xeon(R) Processor, x86_64-linux, rustc 1.95.0".to_owned();
        let origin = Origin { commit: "c0ffee1".into(), machine };
        assert_eq!(origin.file_name(), "c0ffee1.intel-r-xeon-r-processor-x86_64-linux-rustc-1.95.0.jsonl");
        assert!(origin.is_committed());
        assert!(!Origin { commit: "c0ffee1+1a2b3c4d".into(), ..origin }.is_committed());
    }

    #[test]
    fn results_sets_and_pages_may_be_committed_while_the_proof_goes_on() {
        for free in ["proof/results", "proof/sets.toml", "docs", "peers"] {
            assert!(!SOURCES.iter().any(|source| free.starts_with(source)), "{free}");
        }
    }
}
