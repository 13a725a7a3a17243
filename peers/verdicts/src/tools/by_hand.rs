//! Whole runs in turn and a rank test: what people do who know that one run is not enough.
//!
//! As benchstat does it (golang.org/x/perf/cmd/benchstat, "Tips"): at least ten runs a side, interleaved; a difference is one
//! if p of the U-test is below 5 %.

use std::path::Path;

use crate::edit::Edit;
use crate::mann_whitney::p_value;
use crate::paths;
use crate::process;
use crate::record::{FUNCTIONS, Outcome, Said};
use crate::workshop::Workshop;

/// Its bench.
pub const BENCH: &str = "by_hand";

/// Runs of each side.
const RUNS: u32 = 10;

/// benchstat's `-alpha`.
const SIGNIFICANT: f64 = 0.05;

/// The figures of one run, by function.
type Run = Vec<(String, f64)>;

/// What the test says.
///
/// # Errors
/// When a run fails.
pub fn check(workshop: &mut Workshop, edit: &Edit) -> Result<Vec<Outcome>, String> {
    let sides = workshop.sides(BENCH, edit)?;
    let (mut old, mut new, mut seconds) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..RUNS {
        for (executable, runs) in [(&sides.old, &mut old), (&sides.new, &mut new)] {
            let (run, took) = run(executable)?;
            runs.push(run);
            seconds += took;
        }
    }
    let outcome = Outcome::of(FUNCTIONS.map(|function| judged(function, &old, &new)))?;
    Ok(vec![Outcome {
        building_seconds: Some(sides.building_seconds),
        measuring_seconds: seconds,
        ..outcome
    }])
}

fn run(executable: &Path) -> Result<(Run, f64), String> {
    let mut command = process::command(executable, &paths::scratch(), Path::new("target"));
    let ended = process::ended_with(&[0], command.arg("--bench"))?;
    let figure = |line: &str| {
        let (function, nanos) = line.split_once(' ')?;
        Some((function.to_owned(), nanos.parse().ok()?))
    };
    Ok((ended.stdout.lines().filter_map(figure).collect(), ended.seconds))
}

fn judged(function: &str, old: &[Run], new: &[Run]) -> (String, Said, Option<f64>) {
    let of = |runs: &[Run]| -> Vec<f64> {
        runs.iter().flatten().filter(|(name, _)| name == function).map(|(_, nanos)| *nanos).collect()
    };
    let (old, new) = (of(old), of(new));
    let change = median(&new) / median(&old) - 1.0;
    let said = match p_value(&old, &new) < SIGNIFICANT {
        true if change > 0.0 => Said::Slower,
        true => Said::Faster,
        false => Said::Same,
    };
    (function.to_owned(), said, Some(change * 100.0))
}

/// The middle value, or the mean of the two in the middle; NaN of nothing.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    f64::midpoint(sorted[last / 2], sorted[last.div_ceil(2)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(figures: impl IntoIterator<Item = f64>) -> Vec<Run> {
        figures.into_iter().map(|nanos| vec![("spin".to_owned(), nanos), ("sort".to_owned(), 1.0)]).collect()
    }

    #[test]
    fn ten_slower_runs_are_slower_and_ten_faster_ones_faster() {
        let low = runs((0..10).map(|run| 1000.0 + f64::from(run)));
        let high = runs((0..10).map(|run| 1020.0 + f64::from(run)));
        assert_eq!(judged("spin", &low, &high).1, Said::Slower);
        assert_eq!(judged("spin", &high, &low).1, Said::Faster);
        assert_eq!(judged("sort", &low, &high).1, Said::Same);
        assert_eq!(judged("spin", &low, &low).1, Said::Same);
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two_there() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median(&[]).is_nan());
    }
}
