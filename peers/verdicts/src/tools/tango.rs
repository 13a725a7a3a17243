//! tango: both executables side by side.
//!
//! Its README, "Getting started": export the old executable, then `cargo bench --bench NAME -- compare OLD`; `-t` is the time of
//! each function in seconds. Its exit code says that some function is slower; which one is marked in its output with `*`:
//! a difference beyond 1 % whose z is 2.6 or more.

use std::path::Path;

use crate::edit::Edit;
use crate::paths;
use crate::process;
use crate::record::{Outcome, Said};
use crate::workshop::{Sides, Workshop};

/// Its bench.
pub const BENCH: &str = "with_tango";

/// Nothing found, and something slower.
const CODES: [i32; 2] = [0, 1];

/// What it says as it is, and with a second for each function.
///
/// # Errors
/// When it fails, or says something else than expected.
pub fn check(workshop: &mut Workshop, edit: &Edit) -> Result<Vec<Outcome>, String> {
    let sides = workshop.sides(BENCH, edit)?;
    Ok(vec![compared(&sides, &[])?, compared(&sides, &["-t", "1"])?])
}

fn compared(sides: &Sides, options: &[&str]) -> Result<Outcome, String> {
    let mut command = process::command(&sides.new, &paths::scratch(), Path::new("target"));
    command.arg("compare").args(options).arg(&sides.old).arg("--bench");
    let ended = process::ended_with(&CODES, &mut command)?;
    let outcome = verdicts(&ended.stdout)?;
    let slower = outcome.said.values().any(|said| *said == Said::Slower);
    if slower != (ended.code == 1) {
        return Err(format!(
            "its exit code {} does not fit its output:\n{}{}",
            ended.code, ended.stdout, ended.stderr
        ));
    }
    let building_seconds = Some(sides.building_seconds);
    Ok(Outcome { building_seconds, measuring_seconds: ended.seconds, ..outcome })
}

fn verdicts(output: &str) -> Result<Outcome, String> {
    Outcome::of(output.lines().filter_map(verdict))
}

/// Such as `spin   [ 1.1 us ... 1.2 us ]   +3.31%*`.
fn verdict(line: &str) -> Option<(String, Said, Option<f64>)> {
    let (function, rest) = line.split_once('[')?;
    let (_, change) = rest.split_once(']')?;
    let (percent, mark) = change.trim().split_once('%')?;
    let percent: f64 = percent.parse().ok()?;
    let said = match mark {
        "*" if percent > 0.0 => Said::Slower,
        "*" => Said::Faster,
        _ => Said::Same,
    };
    Some((function.trim().to_owned(), said, Some(percent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_marks_are_read_from_its_real_output() {
        let outcome = verdicts(include_str!("../../samples/tango.txt")).unwrap();
        assert_eq!(outcome.said["spin"], Said::Slower);
        assert_eq!(outcome.said.len(), 3);
    }

    #[test]
    fn only_a_marked_difference_is_one() {
        let said = |line: &str| verdict(line).map(|(function, said, _)| (function, said));
        let spin = |said| Some(("spin".to_owned(), said));
        assert_eq!(said("spin     [ 375.5 ns ... 369.0 ns ]      -1.58%*"), spin(Said::Faster));
        assert_eq!(said("spin     [ 375.5 ns ... 389.0 ns ]      +3.58%*"), spin(Said::Slower));
        assert_eq!(said("spin     [ 375.5 ns ... 389.0 ns ]      +3.58%"), spin(Said::Same));
        assert_eq!(said("WARN: spin benchmark spent too much time in system mode"), None);
    }
}
