//! One check: a copy of the workload in a repository of its own, edited, and judged by the product as users have it.

use std::fs;
use std::path::Path;
use std::time::Instant;

use darwin_kept::leftovers;
use darwin_tests::{Ended, Fixture, cargo_darwin_for_measuring, repository};
use serde_json::Value;

use crate::busy::Busy;
use crate::edit::Edit;
use crate::error::{At, Error};
use crate::record::Outcome;
use crate::scenario::{Condition, Scenario};
use crate::standalone;
use crate::workload::Workload;

/// Folder below the target directory that all workloads share: the runtime is compiled once.
pub const PLACE: &str = "proof";

/// What `cargo darwin` exits with where nothing was judged; with a report on stdout it is a result.
const WRONG_USAGE: i32 = 2;

/// A workload, ready to be edited and checked.
#[derive(Debug)]
pub struct Bench {
    workload: Workload,
    fixture: Fixture,
    /// The edit that is made now. Made again, its files would have new times, and cargo would build them again.
    made: Option<Edit>,
}

impl Bench {
    /// Copies the workload and commits it: the baseline.
    ///
    /// # Errors
    /// When its manifest cannot be read.
    pub fn of(workload: Workload) -> Result<Bench, Error> {
        let folder = repository().join(&workload.folder);
        let fixture = copy(PLACE, &folder)?;
        Ok(Bench { workload, fixture, made: Some(Edit::none()) })
    }

    /// Edits, unless that edit is made, and checks.
    ///
    /// # Errors
    /// When the edit does not fit, or files cannot be changed. A check that fails is an outcome.
    pub fn check(&mut self, scenario: &Scenario, edit: &Edit) -> Result<Outcome, Error> {
        self.make(edit)?;
        if !scenario.is(Condition::Free) {
            self.forget()?;
        }
        let mut command = self.fixture.command(cargo_darwin_for_measuring());
        let arguments = arguments(&self.workload, scenario, edit);
        command.args(&arguments);
        let neighbour = if scenario.is(Condition::Busy) { Some(Busy::start()?) } else { None };
        let begin = Instant::now();
        let ended = Ended::of(&mut command);
        drop(neighbour);
        if ended.code == WRONG_USAGE && ended.stdout.is_empty() {
            return Err(Error::Refused { command: arguments.join(" "), reason: ended.stderr });
        }
        Ok(outcome(&ended, begin.elapsed().as_secs_f64()))
    }

    /// Calibrates the workload as it is committed; the report. Nothing that is found is used by checks.
    ///
    /// # Errors
    /// When it cannot be calibrated.
    pub fn calibrate(&mut self) -> Result<Value, Error> {
        self.make(&Edit::none())?;
        self.forget()?;
        let mut command = self.fixture.command(cargo_darwin_for_measuring());
        let ended =
            Ended::of(command.args(["darwin", "calibrate", "--format", "json"]).args(&self.workload.args));
        self.forget()?;
        serde_json::from_str(&ended.stdout)
            .map_err(|_| Error::Refused { command: "darwin calibrate".to_owned(), reason: ended.stderr })
    }

    fn make(&mut self, edit: &Edit) -> Result<(), Error> {
        if self.made.as_ref() == Some(edit) {
            return Ok(());
        }
        self.made = None;
        make(&self.fixture, edit)?;
        self.made = Some(edit.clone());
        Ok(())
    }

    /// Removes what checks have kept, but for what they built.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn forget(&self) -> Result<(), Error> {
        Ok(leftovers::forget(self.fixture.target())?)
    }
}

/// A crate as a package of its own, copied and committed.
///
/// # Errors
/// When its manifest cannot be read.
pub fn copy(place: &str, folder: &Path) -> Result<Fixture, Error> {
    let read = |path: &Path| fs::read_to_string(path).at("read", path);
    let path = folder.join("Cargo.toml");
    let manifest = standalone::manifest(&read(&path)?, &read(&repository().join("Cargo.toml"))?)
        .map_err(|reason| Error::Data { path, reason })?;
    Ok(Fixture::of_folder(place, folder, &manifest))
}

/// Takes back what was edited before, and edits.
///
/// # Errors
/// When the edit does not fit.
pub fn make(fixture: &Fixture, edit: &Edit) -> Result<(), Error> {
    fixture.git(["checkout", "--quiet", "--", "."]);
    fixture.git(["clean", "--quiet", "--force", "-d"]);
    for change in &edit.change {
        let path = fixture.root().join(change.file());
        let old = fs::read_to_string(&path).ok();
        let new = change.applied_to(old.as_deref());
        let new = new.map_err(|reason| Error::Data { path, reason: format!("{}: {reason}", edit.name) })?;
        fixture.write(change.file(), &new);
    }
    Ok(())
}

/// What follows `cargo-darwin`.
fn arguments(workload: &Workload, scenario: &Scenario, edit: &Edit) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut all = words(&["darwin", "check", "--format", "json"]);
    if !scenario.is(Condition::Free) {
        all.extend(words(&["--measure"]));
    }
    all.extend(workload.args.iter().cloned());
    all.extend(option("--tolerance", scenario.tolerance));
    all.extend(option("--max-time", scenario.max_time));
    all.extend(option("--inject", edit.injected.clone()));
    all.extend(scenario.without.iter().flat_map(|measure| words(&["--without", measure])));
    all
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
    fn the_scenario_is_what_the_check_is_asked_for() {
        let of = |scenario: &str| {
            let scenario: Scenario = scenario.parse().unwrap();
            let workload = Workload::load(&scenario.workload).unwrap();
            let edit = workload.edits(&scenario.edit).unwrap().remove(0);
            arguments(&workload, &scenario, &edit).join(" ")
        };
        assert_eq!(of("three/unchanged"), "darwin check --format json --measure");
        assert_eq!(of("three/neutral+free"), "darwin check --format json");
        assert_eq!(
            of("three/injected-1.1@0.5%:20s+busy~coin+one-sample"),
            "darwin check --format json --measure --tolerance 0.5% --max-time 20s --inject three::Work::sort=1.1% \
             --without coin --without one-sample"
        );
    }

    #[test]
    fn what_ended_without_a_report_is_invalid_and_says_why() {
        let ended = Ended { code: 2, stdout: String::new(), stderr: "error: no such option".into() };
        let outcome = outcome(&ended, 1.0);
        assert_eq!((outcome.verdict, outcome.exit_code), (Verdict::Invalid, 2));
        assert!(outcome.error.unwrap().contains("no such option"));
    }
}
