//! `memory`: what is resident after very many calls.

use contestant::Job;
use serde::{Deserialize, Serialize};

use crate::builds::Builds;
use crate::cli::Wanted;
use crate::contestants::{self, BARE};
use crate::error::Error;
use crate::results::{Figures, Kept};
use crate::statistics::{paired, spread};
use crate::{order, page, process, sizes, table};

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    calls: u64,
    rows: Vec<Row>,
}

/// One contestant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    contestant: String,
    /// Peak when all calls had been made, in KiB, for each repetition.
    called_kib: Vec<f64>,
    /// Peak when it had reported as well.
    reported_kib: Vec<f64>,
}

/// Measures, shows and keeps.
///
/// # Errors
/// When a contestant fails or did not record its calls.
pub fn run(wanted: &Wanted) -> Result<bool, Error> {
    let contestants = contestants::chosen(contestants::all(), &wanted.only, &[BARE])?;
    let builds = Builds::of(&contestants)?;
    let loops = sizes::memory(wanted.quick);
    let empty = |name: &String| Row { contestant: name.clone(), called_kib: vec![], reported_kib: vec![] };
    let mut memory = Memory {
        calls: loops.iter().map(|one| one.all_calls()).sum(),
        rows: contestants.iter().map(|one| empty(&one.name)).collect(),
    };
    let processors = process::processors(1).unwrap_or_default();
    for repetition in 0..wanted.repetitions {
        page::progress(&format!("repetition {} of {}", repetition + 1, wanted.repetitions));
        for at in order::shuffled(contestants.len(), u64::from(repetition)) {
            let contestant = &contestants[at];
            let (processors, loops) = (processors.clone(), loops.clone());
            let job = Job { contestant: contestant.entry.to_owned(), processors, loops };
            let report = process::contestant(contestant, builds.get(contestant), &job)?;
            memory.rows[at].called_kib.push(report.peak_kib as f64);
            memory.rows[at].reported_kib.push(report.reported_peak_kib as f64);
        }
    }
    page::finish(Kept::now(memory)?, wanted)?;
    Ok(true)
}

impl Memory {
    fn row(&self, row: &Row) -> Vec<String> {
        if row.contestant == BARE {
            let all = [&row.called_kib, &row.reported_kib];
            let cell = |kib: &Vec<f64>| format!("process: {}", table::with_spread(spread(kib)));
            return std::iter::once(row.contestant.clone()).chain(all.map(cell)).collect();
        }
        let bare = self.rows.iter().find(|row| row.contestant == BARE);
        let above = |kib: &[f64], bare: &[f64]| {
            table::with_spread(spread(&paired(kib, bare, |kib, bare| kib - bare)))
        };
        let cells = bare.map(|bare| {
            [above(&row.called_kib, &bare.called_kib), above(&row.reported_kib, &bare.reported_kib)]
        });
        std::iter::once(row.contestant.clone()).chain(cells.into_iter().flatten()).collect()
    }
}

impl Figures for Memory {
    const NAME: &'static str = "memory";

    fn table(&self) -> String {
        let head = [
            format!("{} million calls of {}", self.calls as f64 / 1e6, contestant::BODIES[0].about),
            "KiB above bare".to_owned(),
            "with its report".to_owned(),
        ];
        table::table(&head, &self.rows.iter().map(|row| self.row(row)).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_above_that_of_the_bare_process() {
        let row = |name: &str, called: f64, reported: f64| Row {
            contestant: name.to_owned(),
            called_kib: vec![called; 3],
            reported_kib: vec![reported; 3],
        };
        let rows = vec![row(BARE, 2000.0, 2100.0), row("hotpath", 802_000.0, 1_502_100.0)];
        let text = Memory { calls: 20_000_000, rows }.table();
        assert!(
            text.starts_with("| 20 million calls of 1 ns | KiB above bare | with its report |\n"),
            "{text}"
        );
        assert!(text.contains("| bare call | process: 2000 (2000 to 2000) | process: 2100 (2100 to 2100) |"));
        assert!(text.contains("| hotpath | 800000 (800000 to 800000) | 1500000 (1500000 to 1500000) |"));
    }
}
