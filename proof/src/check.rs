//! One check: a copy of the workload in a repository of its own, edited, and judged by the product as users have it.

use std::fs;
use std::path::Path;
use std::time::Instant;

use cargo_darwin::model::MaxTime;
use darwin_tests::{Ended, Fixture, cargo_darwin_for_measuring, repository};

use crate::edit::Edit;
use crate::error::{At, Error};
use crate::record::Outcome;
use crate::scenario::{Scenario, measure_name};
use crate::standalone;
use crate::workload::Workload;

/// Folder below the target directory that all workloads share: the runtime is compiled once.
pub const PLACE: &str = "proof";

/// What `cargo darwin` may keep from one check to the next: builds, and nothing that was measured. Whatever else there
/// is goes before each check, or the next one would begin with the evidence of the last.
const KEPT: [&str; 4] = ["baseline", "cache", "candidate", "lock"];

/// A workload, ready to be edited and checked.
#[derive(Debug)]
pub struct Bench {
    workload: Workload,
    fixture: Fixture,
}

impl Bench {
    /// Copies the workload and commits it: the baseline.
    ///
    /// # Errors
    /// When its manifest cannot be read.
    pub fn of(workload: Workload) -> Result<Bench, Error> {
        let folder = repository().join(&workload.folder);
        let read = |path: &Path| fs::read_to_string(path).at("read", path);
        let path = folder.join("Cargo.toml");
        let manifest = standalone::manifest(&read(&path)?, &read(&repository().join("Cargo.toml"))?)
            .map_err(|reason| Error::Data { path, reason })?;
        let fixture = Fixture::of_folder(PLACE, &folder, &manifest);
        Ok(Bench { workload, fixture })
    }

    /// Takes back what was edited before, edits, and checks.
    ///
    /// # Errors
    /// When the edit does not fit, or files cannot be changed. A check that fails is an outcome.
    pub fn check(
        &self,
        scenario: &Scenario,
        edit: &Edit,
        max_time: Option<MaxTime>,
    ) -> Result<Outcome, Error> {
        self.fixture.git(["checkout", "--quiet", "--", "."]);
        self.fixture.git(["clean", "--quiet", "--force", "-d"]);
        self.apply(edit)?;
        self.forget()?;
        let mut command = self.fixture.command(cargo_darwin_for_measuring());
        command.args(["darwin", "check", "--measure", "--format", "json"]).args(&self.workload.args);
        command.args(option("--tolerance", scenario.tolerance)).args(option("--max-time", max_time));
        for measure in &scenario.without {
            command.args(["--without", &measure_name(measure)]);
        }
        let begin = Instant::now();
        let ended = Ended::of(&mut command);
        Ok(outcome(&ended, begin.elapsed().as_secs_f64()))
    }

    fn apply(&self, edit: &Edit) -> Result<(), Error> {
        for change in &edit.change {
            let path = self.fixture.root().join(change.file());
            let old = fs::read_to_string(&path).ok();
            let new = change.applied_to(old.as_deref());
            let new =
                new.map_err(|reason| Error::Data { path, reason: format!("{}: {reason}", edit.name) })?;
            self.fixture.write(change.file(), &new);
        }
        Ok(())
    }

    /// Removes what checks have kept, but for what they built.
    fn forget(&self) -> Result<(), Error> {
        let darwin = self.fixture.target().join("darwin");
        let workspaces = if darwin.is_dir() { entries(&darwin)? } else { Vec::new() };
        for workspace in workspaces {
            for path in entries(&workspace)? {
                let name = path.file_name().and_then(|name| name.to_str());
                match name.is_some_and(|name| KEPT.contains(&name)) {
                    true => {}
                    false if path.is_dir() => fs::remove_dir_all(&path).at("remove", &path)?,
                    false => fs::remove_file(&path).at("remove", &path)?,
                }
            }
        }
        Ok(())
    }
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, Error> {
    let read = fs::read_dir(folder).at("read", folder)?;
    read.map(|entry| Ok(entry.at("read", folder)?.path())).collect()
}

fn option(name: &str, value: Option<impl ToString>) -> Vec<String> {
    value.map_or_else(Vec::new, |value| vec![name.to_owned(), value.to_string()])
}

fn outcome(ended: &Ended, wall_seconds: f64) -> Outcome {
    let report = serde_json::from_str(&ended.stdout).map_err(|error| error.to_string());
    let outcome = report.and_then(|report| Outcome::of_report(&report, ended.code, wall_seconds));
    outcome.unwrap_or_else(|reason| {
        Outcome::failed(format!("{reason}\n{}", ended.stderr), ended.code, wall_seconds)
    })
}

#[cfg(test)]
mod tests {
    use cargo_darwin::model::Verdict;

    use super::*;

    #[test]
    fn what_ended_without_a_report_is_invalid_and_says_why() {
        let ended = Ended { code: 2, stdout: String::new(), stderr: "error: no such option".into() };
        let outcome = outcome(&ended, 1.0);
        assert_eq!((outcome.verdict, outcome.exit_code), (Verdict::Invalid, 2));
        assert!(outcome.error.unwrap().contains("no such option"));
    }
}
