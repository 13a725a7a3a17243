//! criterion with a saved baseline, and a threshold on what it measured.
//!
//! Its book, "Command-Line Options", "Baselines": `--save-baseline` on the one side, `--baseline` on the other. It ends with 0
//! whatever it finds, and its files do not have the verdict; so that is read from its output, which its book explains in
//! "Command-Line Output", "Change": a change counts if the t-test's p is below 5 % and the interval of the mean lies beyond
//! the noise threshold of 1 %.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::edit::Edit;
use crate::paths;
use crate::process;
use crate::record::{FUNCTIONS, Outcome, Said};
use crate::workshop::Workshop;

/// Its bench.
pub const BENCH: &str = "with_criterion";

/// Of the threshold: github-action-benchmark's `alert-threshold: '105%'` (its default is 200 %). It alerts if the new value
/// divided by the old one is greater.
const ALERT: f64 = 1.05;

/// What criterion says, and what the threshold says.
///
/// # Errors
/// When it fails, or says something else than expected.
pub fn check(workshop: &mut Workshop, edit: &Edit) -> Result<Vec<Outcome>, String> {
    let sides = workshop.sides(BENCH, edit)?;
    let home = home()?;
    let old = process::ended_with(&[0], run(&sides.old, &home).args(["--save-baseline", "base"]))?;
    let new = process::ended_with(&[0], run(&sides.new, &home).args(["--baseline", "base"]))?;
    let timed = |outcome: Outcome| Outcome {
        building_seconds: Some(sides.building_seconds),
        measuring_seconds: old.seconds + new.seconds,
        ..outcome
    };
    Ok(vec![timed(verdicts(&new.stdout)?), timed(threshold(&home)?)])
}

/// An empty folder for what it measures, so that nothing of the check before is compared with.
fn home() -> Result<PathBuf, String> {
    let home = paths::scratch().join("criterion");
    let emptied = if home.exists() { fs::remove_dir_all(&home) } else { Ok(()) };
    emptied.map_err(|error| format!("cannot empty {}: {error}", home.display()))?;
    Ok(home)
}

fn run(executable: &Path, home: &Path) -> Command {
    let mut command = process::command(executable, &paths::scratch(), home);
    // As `cargo bench` starts it.
    command.env("CRITERION_HOME", home).arg("--bench");
    command
}

/// The verdict and the change of the mean that its output has for each function.
fn verdicts(output: &str) -> Result<Outcome, String> {
    let mut found = Vec::new();
    let (mut function, mut percent) = (None, None);
    for line in output.lines() {
        if let Some((name, _)) = line.split_once("time:   [") {
            (function, percent) = (Some(name.trim().to_owned()), None);
        } else if let Some((_, change)) = line.split_once("change: [") {
            percent = change.split_whitespace().nth(1).and_then(in_percent);
        } else if let (Some(name), Some(said)) = (function.as_ref(), said(line.trim())) {
            found.push((name.clone(), said, percent));
        }
    }
    Outcome::of(found)
}

/// A minus sign of Unicode's comes, too.
fn in_percent(word: &str) -> Option<f64> {
    word.replace('\u{2212}', "-").trim_end_matches('%').parse().ok()
}

fn said(line: &str) -> Option<Said> {
    match line {
        "Performance has regressed." => Some(Said::Slower),
        "Performance has improved." => Some(Said::Faster),
        "Change within noise threshold." | "No change in performance detected." => Some(Said::Same),
        _ => None,
    }
}

/// A threshold on the mean of one run a side.
fn threshold(home: &Path) -> Result<Outcome, String> {
    let of = |function: &str| {
        let ratio = mean(&home.join(function).join("new"))? / mean(&home.join(function).join("base"))?;
        Ok((function.to_owned(), judged(ratio), Some((ratio - 1.0) * 100.0)))
    };
    Outcome::of(FUNCTIONS.into_iter().map(of).collect::<Result<Vec<_>, String>>()?)
}

fn judged(ratio: f64) -> Said {
    if ratio > ALERT { Said::Slower } else { Said::Same }
}

fn mean(folder: &Path) -> Result<f64, String> {
    let path = folder.join("estimates.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let estimates: Value =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    estimates["mean"]["point_estimate"].as_f64().ok_or_else(|| format!("{} has no mean", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_words_are_read_from_its_real_output() {
        let outcome = verdicts(include_str!("../../samples/criterion.txt")).unwrap();
        // Of a loop with 30 % more laps, while other programs ran beside the run of the baseline.
        assert!(outcome.said.values().all(|said| *said == Said::Faster), "{:?}", outcome.said);
        assert!((outcome.percent["spin"] + 12.588).abs() < 1e-9, "{:?}", outcome.percent);
    }

    #[test]
    fn all_of_its_verdicts_are_known() {
        assert_eq!(said("Performance has regressed."), Some(Said::Slower));
        assert_eq!(said("No change in performance detected."), Some(Said::Same));
        assert_eq!(said("Change within noise threshold."), Some(Said::Same));
        assert_eq!(said("Found 3 outliers among 100 measurements (3.00%)"), None);
    }

    #[test]
    fn output_without_a_function_is_refused() {
        assert!(verdicts("spin  time:   [1 ns 1 ns 1 ns]\n").unwrap_err().contains("spin"));
    }

    #[test]
    fn the_threshold_alerts_above_it_and_never_says_faster() {
        assert_eq!((judged(1.051), judged(1.05), judged(0.5)), (Said::Slower, Said::Same, Said::Same));
    }
}
