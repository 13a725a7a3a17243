//! Gungraun's instructions, counted by valgrind.
//!
//! Its guide, "Comparing with Baselines": `--save-baseline` and `--baseline`; "Detecting Performance Regressions": it has no limit
//! unless one is given, its own example is `--callgrind-limits='ir=5.0%'`, and a regression ends with exit code 3. Which function it was is
//! read from its summaries in JSON ("Machine-Readable Output").

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

    /// What it says of an edit.
    ///
    /// # Errors
    /// When it fails, or says something else than expected.
    pub fn check(&self, workshop: &mut Workshop, edit: &Edit) -> Result<Outcome, String> {
        let sides = workshop.sides(BENCH, edit)?;
        let folder = workshop.edited(edit)?.folder().to_owned();
        let old = process::ended_with(&[0], self.run(&sides.old, &folder).arg("--save-baseline=base"))?;
        let mut compare = self.run(&sides.new, &folder);
        compare.args(["--baseline=base", "--output-format=json", LIMITS]);
        let new = process::ended_with(&CODES, &mut compare)?;
        let outcome = verdicts(&new.stdout)?;
        let slower = outcome.said.values().any(|said| *said == Said::Slower);
        if slower != (new.code == 3) {
            return Err(format!("its exit code {} does not fit its summaries:\n{}{}", new.code, new.stdout, new.stderr));
        }
        let building_seconds = Some(sides.building_seconds);
        Ok(Outcome { building_seconds, measuring_seconds: old.seconds + new.seconds, ..outcome })
    }

    /// As `cargo bench` starts it.
    fn run(&self, executable: &Path, folder: &Path) -> Command {
        let mut command = process::command(executable, folder, &paths::scratch());
        command.env("GUNGRAUN_RUNNER", &self.runner).env("CARGO_PKG_NAME", "three").arg("--bench");
        command
    }
}

/// Of one summary in JSON a benchmark.
fn verdicts(output: &str) -> Result<Outcome, String> {
    let summaries = serde_json::Deserializer::from_str(output).into_iter::<Value>();
    let summaries = summaries.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    Outcome::of(summaries.iter().filter_map(verdict))
}

fn verdict(summary: &Value) -> Option<(String, Said, Option<f64>)> {
    Some((summary["function_name"].as_str()?.to_owned(), Said::Same, None))
}
