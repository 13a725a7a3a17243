//! Which code a workload runs, so that what is known of it can be found again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Failure;
use super::project::Project;
use super::side::Runnable;
use crate::io::digest::Digest;
use crate::io::store::Origin;
use crate::io::{identical, machine};

/// The executables of a command, each read once.
#[derive(Debug, Default)]
pub struct Codes(BTreeMap<PathBuf, String>);

impl Codes {
    /// Reads them.
    ///
    /// # Errors
    /// When one is no executable.
    pub fn read<'a>(executables: impl IntoIterator<Item = &'a Path>) -> Result<Codes, Failure> {
        let mut codes = Codes::default();
        for executable in executables {
            if !codes.0.contains_key(executable) {
                codes.0.insert(executable.to_owned(), identical::digest(executable)?);
            }
        }
        Ok(codes)
    }

    /// The executable `known` has a second name.
    pub fn also(&mut self, known: &Path, renamed: &Path) {
        if let Some(code) = self.0.get(known).cloned() {
            self.0.insert(renamed.to_owned(), code);
        }
    }

    /// Code and data of one that was read; `None` for any other.
    pub fn of_executable(&self, executable: &Path) -> Option<&str> {
        self.0.get(executable).map(String::as_str)
    }

    /// Code, data and arguments of a workload, in 32 hexadecimal digits: what it does.
    ///
    /// # Errors
    /// When its executable was not read yet, and is none.
    pub fn of(&self, runnable: &Runnable) -> Result<String, Failure> {
        let code = match self.of_executable(runnable.executable()) {
            Some(known) => known.to_owned(),
            None => identical::digest(runnable.executable())?,
        };
        let mut digest = Digest::default();
        digest.part(code).part(format!("{:?}", runnable.pace));
        for argument in runnable.arguments() {
            digest.part(argument.as_encoded_bytes());
        }
        // What was found of sites under other names is not found again.
        for rename in runnable.renames().iter() {
            digest.part(rename.to_string());
        }
        Ok(digest.hex())
    }

    /// The code of each workload, by its name.
    ///
    /// # Errors
    /// As [`Codes::of`].
    pub fn of_all(&self, runnables: &[Runnable]) -> Result<BTreeMap<String, String>, Failure> {
        runnables.iter().map(|runnable| Ok((runnable.name.clone(), self.of(runnable)?))).collect()
    }
}

/// What a run of these workloads, timed here, is a run of.
///
/// # Errors
/// As [`Codes::of`]; and when rustc cannot be asked for its version.
pub fn origin(project: &Project, codes: &Codes, runnables: &[Runnable]) -> Result<Origin, Failure> {
    let machine =
        machine::class(project.workspace.root()).map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(Origin { machine, code: codes.of_all(runnables)?, is_look: false })
}
