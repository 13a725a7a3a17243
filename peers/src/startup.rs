//! `start`: how long a program of very many measured functions takes from its start to its end, when it calls one of
//! them, and when it calls each once.

use std::process::Command;
use std::time::Instant;

use cargo_darwin::model::Mode;
use serde::{Deserialize, Serialize};

use crate::cli::Wanted;
use crate::darwin::Measurement;
use crate::error::Error;
use crate::generated::{Flavour, Generated};
use crate::results::{Figures, Kept};
use crate::statistics::{median, paired, spread};
use crate::{builds, order, page, process, sizes, table};

/// Starts in a repetition, of which the median counts.
const STARTS: usize = 9;

/// Who starts: with what the functions are annotated, and how Darwin counts if it is to.
const STARTERS: [(&str, Flavour, Option<Mode>); 6] = [
    (BARE, Flavour::Bare, None),
    ("Darwin, off", Flavour::DarwinOff, None),
    ("Darwin, on, not started by `cargo darwin`", Flavour::DarwinOn, None),
    ("Darwin, exact", Flavour::DarwinOn, Some(Mode::Exact)),
    ("tracing, `#[instrument]` and a registry", Flavour::Tracing, None),
    ("hotpath, `#[measure]`, before its report", Flavour::HotpathOn, None),
];

/// What all others are compared with.
const BARE: &str = "no attribute";

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Startup {
    functions: usize,
    rows: Vec<Row>,
}

/// One starter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    name: String,
    /// Milliseconds when one function is called, for each repetition.
    one_ms: Vec<f64>,
    /// The same when each function is called once.
    all_ms: Vec<f64>,
}

/// Measures, shows and keeps.
///
/// # Errors
/// When a program cannot be built or fails, or Darwin's map has not all its sites.
pub fn run(wanted: &Wanted) -> Result<bool, Error> {
    let functions = sizes::start(wanted.quick);
    let mut starters = Vec::new();
    for (name, flavour, mode) in STARTERS.into_iter().filter(|(name, ..)| is_wanted(name, wanted)) {
        page::progress(&format!("building {functions} functions: {name}"));
        let executable = builds::executable(&mut Generated::write(flavour, functions)?.build(true))?;
        starters.push((name, executable, mode));
    }
    let empty = |name: &str| Row { name: name.to_owned(), one_ms: Vec::new(), all_ms: Vec::new() };
    let mut startup = Startup { functions, rows: starters.iter().map(|(name, ..)| empty(name)).collect() };
    for repetition in 0..wanted.repetitions {
        page::progress(&format!("repetition {} of {}", repetition + 1, wanted.repetitions));
        for at in order::shuffled(starters.len(), u64::from(repetition)) {
            let (_, executable, mode) = &starters[at];
            let start = |calls| started(executable, *mode, functions, calls);
            startup.rows[at].one_ms.push(median(&repeated(|| start(1))?));
            startup.rows[at].all_ms.push(median(&repeated(|| start(functions))?));
        }
    }
    page::finish(Kept::now(startup)?, wanted)?;
    Ok(true)
}

fn is_wanted(name: &str, wanted: &Wanted) -> bool {
    let has = |word: &String| name.to_lowercase().contains(&word.to_lowercase());
    wanted.only.is_empty() || name == BARE || wanted.only.iter().any(has)
}

fn repeated(start: impl Fn() -> Result<f64, Error>) -> Result<Vec<f64>, Error> {
    (0..STARTS).map(|_| start()).collect()
}

/// Milliseconds from start to end. Darwin's map, where there is one, must have every site and the calls.
fn started(
    executable: &std::path::Path,
    mode: Option<Mode>,
    sites: usize,
    calls: usize,
) -> Result<f64, Error> {
    let measurement = mode.map(Measurement::begin).transpose()?;
    let mut command = Command::new(executable);
    command.arg(calls.to_string()).env("HOTPATH_METRICS_SERVER_OFF", "1");
    if let Some(measurement) = &measurement {
        measurement.hand_to(&mut command);
    }
    let processors = process::processors(1).unwrap_or_default();
    let begin = Instant::now();
    process::on(&processors, &mut command)?;
    let millis = begin.elapsed().as_secs_f64() * 1e3;
    if let Some(measurement) = measurement {
        let found = measurement.end()?;
        let counted: u64 = found.iter().map(|site| site.calls).sum();
        if (found.len(), counted) != (sites, calls as u64) {
            let (found, reason) = (found.len(), "in place of");
            return Err(Error::Map(format!(
                "it has {found} sites and {counted} calls {reason} {sites} and {calls}"
            )));
        }
    }
    Ok(millis)
}

impl Startup {
    fn row(&self, row: &Row) -> Vec<String> {
        if row.name == BARE {
            let cell = |ms: &Vec<f64>| format!("process: {}", table::with_spread(spread(ms)));
            return std::iter::once(row.name.clone()).chain([&row.one_ms, &row.all_ms].map(cell)).collect();
        }
        let above =
            |ms: &[f64], bare: &[f64]| table::with_spread(spread(&paired(ms, bare, |ms, bare| ms - bare)));
        let bare = self.rows.iter().find(|row| row.name == BARE);
        let cells = bare.map(|bare| [above(&row.one_ms, &bare.one_ms), above(&row.all_ms, &bare.all_ms)]);
        std::iter::once(row.name.clone()).chain(cells.into_iter().flatten()).collect()
    }
}

impl Figures for Startup {
    const NAME: &'static str = "start";

    fn table(&self) -> String {
        let head = [
            format!("{} functions", self.functions),
            "one is called: ms above no attribute".to_owned(),
            "each is called once".to_owned(),
        ];
        table::table(&head, &self.rows.iter().map(|row| self.row(row)).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_told_above_that_of_the_program_without_attributes() {
        let row = |name: &str, one: f64, all: f64| Row {
            name: name.to_owned(),
            one_ms: vec![one; 3],
            all_ms: vec![all; 3],
        };
        let rows = vec![row(BARE, 1.0, 1.5), row("Darwin, exact", 5.0, 9.5)];
        let text = Startup { functions: 10_000, rows }.table();
        assert!(
            text.contains("| no attribute | process: 1.00 (1.00 to 1.00) | process: 1.50 (1.50 to 1.50) |")
        );
        assert!(text.contains("| Darwin, exact | 4.00 (4.00 to 4.00) | 8.00 (8.00 to 8.00) |"), "{text}");
    }
}
