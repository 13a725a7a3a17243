//! Gungraun's instructions, counted by valgrind.
//!
//! Its guide, "Comparing with Baselines": `--save-baseline` and `--baseline`; "Detecting Performance Regressions": it has no limit
//! unless one is given, its own example is `--callgrind-limits='ir=5.0%'`, and a regression ends with exit code 3. Which function it was is
//! read from its summaries in JSON ("Machine-Readable Output"). As counts repeat, a smaller limit is what a careful user sets: the same
//! summaries are judged by 1 %, too.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::edit::Edit;
use crate::error::Error;
use crate::paths;
use crate::process;
use crate::record::{Outcome, Said};
use crate::tools::install::installed;
use crate::workshop::Workshop;

/// Its bench.
pub const BENCH: &str = "with_gungraun";

/// Its own example of a limit.
const LIMITS: &str = "--callgrind-limits=ir=5.0%";

/// The limit of a careful user, in percent.
const STRICT_PERCENT: f64 = 1.0;

/// Nothing found, and a regression.
const CODES: [i32; 2] = [0, 3];

/// Its program.
#[derive(Debug)]
pub struct Gungraun {
    runner: PathBuf,
}

impl Gungraun {
    /// Installs its runner, and looks for valgrind.
    ///
    /// # Errors
    /// When one of them cannot be had.
    pub fn new() -> Result<Gungraun, Error> {
        let missing = |reason| Error::Program {
            command: "valgrind".to_owned(),
            reason: format!("{reason}; peers/install-valgrind.sh installs it, --only leaves gungraun out"),
        };
        process::ended_with(&[0], Command::new("valgrind").arg("--version")).map_err(missing)?;
        Ok(Gungraun { runner: installed("gungraun-runner", "gungraun-runner", "gungraun")? })
    }

    /// What it says of an edit, and what it would say with the stricter limit.
    ///
    /// # Errors
    /// When it fails, or says something else than expected.
    pub fn check(&self, workshop: &mut Workshop, edit: &Edit) -> Result<Vec<Outcome>, String> {
        let sides = workshop.sides(BENCH, edit)?;
        let folder = workshop.edited(edit)?.folder().to_owned();
        let old = process::ended_with(&[0], self.run(&sides.old, &folder)?.arg("--save-baseline=base"))?;
        let mut compare = self.run(&sides.new, &folder)?;
        compare.args(["--baseline=base", "--output-format=json", LIMITS]);
        let new = process::ended_with(&CODES, &mut compare)?;
        let (lax, strict) = verdicts(&new.stdout)?;
        let slower = lax.said.values().any(|said| *said == Said::Slower);
        if slower != (new.code == 3) {
            return Err(format!(
                "its exit code {} does not fit its summaries:\n{}{}",
                new.code, new.stdout, new.stderr
            ));
        }
        let timed = |outcome| Outcome {
            building_seconds: Some(sides.building_seconds),
            measuring_seconds: old.seconds + new.seconds,
            ..outcome
        };
        Ok(vec![timed(lax), timed(strict)])
    }

    /// As `cargo bench` starts it. Its runner is looked for in the folders of `PATH`.
    fn run(&self, executable: &Path, folder: &Path) -> Result<Command, String> {
        let mut command = process::command(executable, folder, &paths::scratch());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders =
            self.runner.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).map_err(|error| error.to_string())?;
        command.env("PATH", path).env("CARGO_PKG_NAME", "three").arg("--bench");
        Ok(command)
    }
}

/// By its own verdict and by the stricter limit, from one summary in JSON for each benchmark.
fn verdicts(output: &str) -> Result<(Outcome, Outcome), String> {
    let summaries = serde_json::Deserializer::from_str(output).into_iter::<Value>();
    let summaries = summaries.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let by = |rule: fn(&Value, f64) -> bool| {
        Outcome::of(summaries.iter().filter_map(|summary| verdict(summary, rule)))
    };
    Ok((by(|total, _| is_regression(total))?, by(|_, percent| percent > STRICT_PERCENT)?))
}

fn is_regression(total: &Value) -> bool {
    total["regressions"].as_array().is_some_and(|found| !found.is_empty())
}

/// A function, what a rule says of it, and the change of its instructions.
fn verdict(summary: &Value, rule: fn(&Value, f64) -> bool) -> Option<(String, Said, Option<f64>)> {
    let total = &summary["profiles"][0]["data"]["total"];
    // A string, as JSON has no infinity.
    let percent: f64 = total["metrics"]["Ir"]["change"]["diff_pct"].as_str()?.parse().ok()?;
    let said = if rule(total, percent) { Said::Slower } else { Said::Same };
    Some((summary["function_name"].as_str()?.to_owned(), said, Some(percent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a run with a limit of 3 %; of each summary only what is read here and a little around it.
    const SUMMARIES: &str = include_str!("../../samples/gungraun.jsonl");

    #[test]
    fn regressions_are_read_from_its_real_summaries() {
        let (lax, strict) = verdicts(SUMMARIES).unwrap();
        for outcome in [lax, strict] {
            assert_eq!(outcome.said["spin"], Said::Slower);
            assert_eq!((outcome.said["churn"], outcome.said["sort"]), (Said::Same, Said::Same));
            assert!((4.5..5.0).contains(&outcome.percent["spin"]), "{:?}", outcome.percent);
        }
    }

    #[test]
    fn the_strict_limit_needs_no_regression_of_its_own() {
        let (lax, strict) = verdicts(&SUMMARIES.replace("\"regressions\": [", "\"others\": [")).unwrap();
        assert_eq!((lax.said["spin"], strict.said["spin"]), (Said::Same, Said::Slower));
    }

    #[test]
    fn what_is_no_summary_is_refused() {
        assert!(verdicts("gungraun: Error").is_err());
        assert!(verdicts("{}").unwrap_err().contains("spin"));
    }
}
