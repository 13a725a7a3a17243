//! `cargo darwin check --measure` of this repository.

use std::fs;
use std::path::PathBuf;

use darwin_kept::leftovers;
use serde_json::Value;

use crate::edit::{Edit, Files, LAYOUT};
use crate::error::{At, Error};
use crate::paths;
use crate::process;
use crate::record::{Outcome, Said};
use crate::tree::{self, Tree};

/// The exit codes of APPROVE, REJECT and INCONCLUSIVE (docs/commands.md).
const VERDICTS: [i32; 3] = [0, 1, 3];

/// What stands in a fixture's manifest for the folder of the runtime.
const RUNTIME_PLACEHOLDER: &str = "{darwin-runtime}";

/// The workload as the proof checks it.
#[derive(Debug)]
pub struct Darwin {
    tree: Tree,
    executable: PathBuf,
}

impl Darwin {
    /// Builds `cargo darwin` as users have it, and copies the workload.
    ///
    /// # Errors
    /// When that fails.
    pub fn new() -> Result<Darwin, Error> {
        let repository = paths::repository();
        let mut command = process::command(process::cargo(), repository, &repository.join("target"));
        command.args(["build", "--quiet", "--release", "--package", "cargo-darwin", "--bin", "cargo-darwin"]);
        let built = process::built(&mut command, "cargo-darwin");
        let failed =
            |reason| Error::Program { command: "cargo build --release -p cargo-darwin".into(), reason };
        let (executable, _) = built.map_err(failed)?;
        Ok(Darwin { tree: Tree::new(&paths::scratch().join("darwin"), workload()?)?, executable })
    }

    /// Checks an edit. Identical code is measured, too, and no check knows of the one before.
    ///
    /// # Errors
    /// When there is no report, or an INVALID one.
    pub fn check(&mut self, edit: &Edit) -> Result<Vec<Outcome>, String> {
        self.tree.take(edit).map_err(|error| error.to_string())?;
        leftovers::forget(&self.tree.target()).map_err(|error| error.to_string())?;
        let mut command = process::command(&self.executable, self.tree.folder(), &self.tree.target());
        command.env("XDG_CACHE_HOME", self.tree.target().with_file_name("cache"));
        command.args(["darwin", "check", "--measure", "--format", "json"]);
        let ended = process::ended_with(&VERDICTS, &mut command)?;
        let report = serde_json::from_str(&ended.stdout).map_err(|error| error.to_string())?;
        Ok(vec![outcome(&report, ended.seconds)?])
    }
}

/// The fixture, and the file that orders functions anew.
fn workload() -> Result<Files, Error> {
    let mut files = tree::files(&paths::repository().join(paths::FIXTURE))?;
    let lock = paths::repository().join("Cargo.lock");
    files.insert("Cargo.lock".to_owned(), fs::read_to_string(&lock).at("read", lock)?);
    for file in ["build.rs", LAYOUT] {
        let path = paths::home().join("three").join(file);
        files.insert(file.to_owned(), fs::read_to_string(&path).at("read", path)?);
    }
    let runtime = paths::repository().join("darwin-runtime").display().to_string();
    let manifest = files.entry("Cargo.toml".to_owned()).or_default();
    *manifest = manifest.replace(RUNTIME_PLACEHOLDER, &runtime);
    Ok(files)
}

/// What a report says, after so many seconds with its builds. Its form: docs/schemas/check.v1.json.
///
/// # Errors
/// When it is no such report.
fn outcome(report: &Value, all_seconds: f64) -> Result<Outcome, String> {
    let sites = report["sites"].as_array().ok_or("the report has no `sites`")?;
    let measuring = report["seconds"].as_f64().ok_or("the report has no `seconds`")?;
    let of = |site: &Value| {
        let function = site["name"].as_str()?.strip_prefix("three::Work::")?.to_owned();
        Some((function, said(&site["verdict"])?, site["metrics"]["p50"]["change_percent"].as_f64()))
    };
    let outcome = Outcome::of(sites.iter().filter_map(of))?;
    Ok(Outcome { building_seconds: Some(all_seconds - measuring), measuring_seconds: measuring, ..outcome })
}

/// A plain check knows no "faster": what is not proven slower, and is proven not to be, is approved.
fn said(verdict: &Value) -> Option<Said> {
    match verdict.as_str()? {
        "REJECT" => Some(Said::Slower),
        "APPROVE" => Some(Said::Same),
        "INCONCLUSIVE" => Some(Said::Open),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_site_of_the_library_has_its_verdict() {
        let site = |name: &str, verdict: &str, change: f64| json!({ "name": name, "verdict": verdict, "metrics": { "p50": { "change_percent": change } } });
        let report = json!({ "verdict": "REJECT", "seconds": 2.5, "sites": [
            site("three::Work::spin", "REJECT", 2.0),
            site("three::Work::churn", "INCONCLUSIVE", 0.1),
            site("three::Work::sort", "APPROVE", 0.0),
            site("pieces::rounds", "APPROVE", 0.3),
        ] });
        let outcome = outcome(&report, 6.0).unwrap();
        let said: Vec<Said> = ["spin", "churn", "sort"].iter().map(|name| outcome.said[*name]).collect();
        assert_eq!(said, [Said::Slower, Said::Open, Said::Same]);
        assert_eq!((outcome.building_seconds, outcome.measuring_seconds), (Some(3.5), 2.5));
        assert_eq!((outcome.percent["spin"], outcome.said.len()), (2.0, 3));
    }

    #[test]
    fn a_report_without_a_function_is_none() {
        assert!(outcome(&json!({ "seconds": 1.0, "sites": [] }), 2.0).is_err());
        assert!(outcome(&json!({}), 2.0).is_err());
    }

    #[test]
    fn the_measured_source_is_the_same_for_all() {
        let (darwin, peers) = (workload().unwrap(), crate::workshop::workload().unwrap());
        for file in ["src/lib.rs", "build.rs", LAYOUT] {
            assert_eq!(darwin[file], peers[file], "{file}");
        }
    }
}
