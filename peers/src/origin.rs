//! What was measured, and where.

use darwin_kept::origin::{git, machine};
use serde::{Deserialize, Serialize};

use crate::builds::{self, repository};
use crate::contestants;
use crate::error::Error;

/// Figures of one origin belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The commit, with ` and changes` behind it if there are some that are not committed.
    pub commit: String,
    /// The class of machine.
    pub machine: String,
    /// Packages and their versions.
    pub peers: Vec<(String, String)>,
}

impl Origin {
    /// As it is now.
    ///
    /// # Errors
    /// When git, rustc or the lock file cannot be read.
    pub fn now() -> Result<Origin, Error> {
        let machine = machine(repository())?;
        let commit = git(repository(), &["log", "-1", "--format=%h"], &[])?.trim().to_owned();
        let counted = [".", ":!docs", ":!peers/results"];
        let changed = git(repository(), &["status", "--porcelain", "--"], &counted)?;
        let commit = if changed.is_empty() { commit } else { format!("{commit} and changes") };
        let version = |package: &str| Ok((package.to_owned(), builds::version(package)?));
        Ok(Origin {
            commit,
            machine,
            peers: contestants::packages().map(version).collect::<Result<_, Error>>()?,
        })
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let peers: Vec<String> =
            self.peers.iter().map(|(name, version)| format!("{name} {version}")).collect();
        write!(f, "Commit {}, on {}; {}.", self.commit, self.machine, peers.join(", "))
    }
}
