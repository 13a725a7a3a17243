//! soothfast's gate.
//!
//! Its guide, "Gating": `cargo soothfast gate --against-ref REF` measures the working tree and, in a worktree, the merge base, in
//! turn, and ends with 1 if a metric regresses: instructions and allocations by more than 5 %, the median time by more than 10 %
//! or three times the noise that it measured. Which function it was is read from its lines, which begin with `FAIL`; in
//! JSON there is only the number of them (`.soothfast/gate-status.json`).
//! `--no-reuse-base` because times of a stored reference no longer fail a gate, and because every check shall be one of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::edit::Edit;
use crate::error::Error;
use crate::process;
use crate::record::{FUNCTIONS, Outcome, Said};
use crate::tools::install::installed;
use crate::workshop::Workshop;

/// Passed, and something regressed.
const CODES: [i32; 2] = [0, 1];

/// Its program.
#[derive(Debug)]
pub struct Soothfast {
    program: PathBuf,
}

impl Soothfast {
    /// Installs it.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn new() -> Result<Soothfast, Error> {
        Ok(Soothfast { program: installed("cargo-soothfast", "cargo-soothfast", "soothfast")? })
    }

    /// What it says of an edit. It builds by itself.
    ///
    /// # Errors
    /// When it fails, or says something else than expected.
    pub fn check(&self, workshop: &mut Workshop, edit: &Edit) -> Result<Vec<Outcome>, String> {
        let tree = workshop.edited(edit)?;
        forget(&tree.folder().join(".soothfast"))?;
        let mut command = process::command(&self.program, tree.folder(), &tree.target());
        command.args(["soothfast", "gate", "--package", "three", "--against-ref", "main", "--no-reuse-base"]);
        let ended = process::ended_with(&CODES, &mut command)?;
        let outcome = verdicts(&ended.stdout)?;
        let slower = outcome.said.values().any(|said| *said == Said::Slower);
        if slower != (ended.code == 1) {
            return Err(format!(
                "its exit code {} does not fit its output:\n{}{}",
                ended.code, ended.stdout, ended.stderr
            ));
        }
        Ok(vec![Outcome { measuring_seconds: ended.seconds, ..outcome }])
    }
}

/// Removes what it has kept of earlier checks.
fn forget(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn verdicts(output: &str) -> Result<Outcome, String> {
    let mut found: BTreeMap<String, (Said, Option<f64>)> = BTreeMap::new();
    for (function, failed, percent) in output.lines().filter_map(metric) {
        let of = found.entry(function).or_insert((Said::Same, None));
        of.1 = percent.or(of.1);
        if failed {
            of.0 = Said::Slower;
        }
    }
    found.retain(|function, _| FUNCTIONS.contains(&function.as_str()));
    Outcome::of(found.into_iter().map(|(function, (said, percent))| (function, said, percent)))
}

/// A line such as `FAIL  soothfast::spin walltime_median_ns 1000.0 -> 1200.0 (+20.0%)`: the function, whether it failed, and the
/// change of its time.
fn metric(line: &str) -> Option<(String, bool, Option<f64>)> {
    let mut words = line.split_whitespace();
    let failed = match words.next()? {
        "FAIL" => true,
        "ok" | "SOFT" => false,
        _ => return None,
    };
    let function = words.next()?.rsplit("::").next()?.to_owned();
    let is_time = words.next()? == "walltime_median_ns";
    let change = words.find_map(|word| word.strip_prefix('(')?.split_once("%)")?.0.parse().ok());
    Some((function, failed, change.filter(|_| is_time)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_read_from_its_real_output() {
        let outcome = verdicts(include_str!("../../samples/soothfast.txt")).unwrap();
        assert_eq!(outcome.said["sort"], Said::Slower);
        assert_eq!((outcome.said["spin"], outcome.said["churn"]), (Said::Same, Said::Same));
        assert_eq!(outcome.percent.len(), 3);
    }

    #[test]
    fn a_warning_fails_nothing() {
        let soft = metric("SOFT  three::spin walltime_median_ns 1000.0 -> 1200.0 (+20.0%) (counters flat)");
        assert_eq!(soft, Some(("spin".to_owned(), false, Some(20.0))));
        let fail = metric("FAIL  three::spin allocs 1 -> 2 (allowed <= 1)");
        assert_eq!(fail, Some(("spin".to_owned(), true, None)));
        assert_eq!(metric("gate: FAILED (1 regression(s))"), None);
    }
}
