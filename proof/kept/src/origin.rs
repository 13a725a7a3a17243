//! What was measured, and where.

use std::path::Path;
use std::process::{Command, Stdio};

use cargo_darwin::io::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::error::Error;

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

/// What changes a figure when it changes.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The folder of the repository.
    pub repository: &'a Path,
    /// Files and folders in it.
    pub paths: &'a [&'a str],
}

impl Sources<'_> {
    /// As they are now.
    ///
    /// # Errors
    /// When git or the machine cannot be asked.
    pub fn origin(&self) -> Result<Origin, Error> {
        Ok(Origin { machine: machine(self.repository)?, commit: self.commit()? })
    }

    /// Refuses to go on if they have changed since.
    ///
    /// # Errors
    /// When they have, or cannot be asked.
    pub fn are_still(&self, origin: &Origin) -> Result<(), Error> {
        let now = self.origin()?;
        match now == *origin {
            true => Ok(()),
            false => Err(Error::SourcesChanged { before: origin.commit.clone(), after: now.commit }),
        }
    }

    fn commit(&self) -> Result<String, Error> {
        let git = |words: &[&str]| git(self.repository, words, self.paths);
        let commit = git(&["log", "-1", "--format=%h", "--"])?;
        let state = git(&["status", "--porcelain", "--untracked-files=all", "--"])?;
        if state.is_empty() {
            return Ok(commit.trim().to_owned());
        }
        let changes = git(&["diff", "HEAD", "--"])?;
        let digest = Digest::default().part(&state).part(&changes).hex();
        Ok(format!("{}+{}", commit.trim(), &digest[..SHORT]))
    }
}

/// The class of this machine.
///
/// # Errors
/// When it cannot be asked what it is.
pub fn machine(repository: &Path) -> Result<String, Error> {
    cargo_darwin::io::machine::class(repository).map_err(|error| Error::Origin(error.to_string()))
}

/// What git says of these paths in a repository.
///
/// # Errors
/// When it fails.
pub fn git(repository: &Path, words: &[&str], paths: &[&str]) -> Result<String, Error> {
    let failed = |reason: &str| Error::Origin(format!("git {}: {}", words[0], reason.trim()));
    let mut command = Command::new("git");
    command.args(words).args(paths).current_dir(repository).stdin(Stdio::null());
    let output = command.output().map_err(|error| failed(&error.to_string()))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(failed(&String::from_utf8_lossy(&output.stderr))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn run(folder: &Path, words: &[&str]) {
        let somebody = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.invalid"];
        git(folder, &[&somebody, words].concat(), &[]).unwrap();
    }

    fn commit(folder: &Path) {
        run(folder, &["add", "--all"]);
        run(folder, &["commit", "--quiet", "--message", "a commit"]);
    }

    /// With a source and a page in it.
    fn repository() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &["init", "--quiet"]);
        fs::create_dir(folder.path().join("sources")).unwrap();
        fs::write(folder.path().join("sources/a.rs"), "fn a() {}\n").unwrap();
        fs::write(folder.path().join("page.md"), "# Page\n").unwrap();
        commit(folder.path());
        folder
    }

    fn sources(repository: &TempDir) -> Sources<'_> {
        Sources { repository: repository.path(), paths: &["sources"] }
    }

    #[test]
    fn what_is_no_source_can_be_changed_and_committed() {
        let repository = repository();
        let origin = sources(&repository).origin().unwrap();
        assert!(origin.is_committed(), "{origin:?}");
        fs::write(repository.path().join("page.md"), "# Another page\n").unwrap();
        sources(&repository).are_still(&origin).unwrap();
        commit(repository.path());
        sources(&repository).are_still(&origin).unwrap();
    }

    #[test]
    fn each_state_of_the_sources_is_an_origin_of_its_own() {
        let repository = repository();
        let mut origins = vec![sources(&repository).origin().unwrap()];
        for (file, text) in [("a.rs", "fn b() {}\n"), ("a.rs", "fn c() {}\n"), ("new.rs", "fn d() {}\n")] {
            fs::write(repository.path().join("sources").join(file), text).unwrap();
            let origin = sources(&repository).origin().unwrap();
            assert!(origin.commit.starts_with(&format!("{}+", origins[0].commit)), "{origin:?}");
            assert!(!origins.contains(&origin), "{origin:?}");
            origins.push(origin);
        }
        commit(repository.path());
        let origin = sources(&repository).origin().unwrap();
        assert!(origin.is_committed() && !origins.contains(&origin), "{origin:?}");
    }

    #[test]
    fn who_goes_on_with_other_sources_is_told_both_revisions() {
        let repository = repository();
        let before = sources(&repository).origin().unwrap();
        fs::write(repository.path().join("sources/a.rs"), "fn b() {}\n").unwrap();
        let after = sources(&repository).origin().unwrap();
        let error = sources(&repository).are_still(&before).unwrap_err().to_string();
        assert!(error.contains(&format!("({}, now {})", before.commit, after.commit)), "{error}");
    }

    #[test]
    fn where_there_is_no_repository_git_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let error = sources(&folder).origin().unwrap_err().to_string();
        assert!(error.starts_with("cannot tell what is measured where: git log: fatal: "), "{error}");
    }

    #[test]
    fn each_commit_and_machine_has_a_file() {
        let machine = "Intel(R) Xeon(R) Processor, x86_64-linux, rustc 1.95.0".to_owned();
        let origin = Origin { commit: "c0ffee1".into(), machine };
        assert_eq!(origin.file_name(), "c0ffee1.intel-r-xeon-r-processor-x86_64-linux-rustc-1.95.0.jsonl");
        assert!(origin.is_committed());
        assert!(!Origin { commit: "c0ffee1+1a2b3c4d".into(), ..origin }.is_committed());
    }
}
