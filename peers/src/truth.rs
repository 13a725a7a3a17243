//! `truth`: reported medians of bodies whose duration is known.

use contestant::{BODIES, Job, Report};
use serde::{Deserialize, Serialize};

use crate::builds::Builds;
use crate::cli::Wanted;
use crate::contestants::{self, Contestant, Tells};
use crate::error::Error;
use crate::results::{Figures, Kept};
use crate::statistics::median;
use crate::{order, page, process, sizes, table};

/// How far a reported median may be off: the larger of this share ...
const TOLERANCE: f64 = 0.03;
/// ... and so many nanoseconds.
const TOLERANCE_NS: f64 = 5.0;

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth(Vec<Row>);

/// One contestant with one body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    contestant: String,
    /// Whether it is for us to mend.
    is_ours: bool,
    /// Number in [`BODIES`].
    body: usize,
    /// For each repetition, what the body took in a chain of its own, and the median that was reported: nanoseconds.
    pairs: Vec<(f64, f64)>,
}

/// Measures, shows and keeps. Returns whether all of Darwin's medians are true.
///
/// # Errors
/// When a contestant fails or did not record its calls.
pub fn run(wanted: &Wanted) -> Result<bool, Error> {
    let mut contestants = contestants::all();
    contestants.retain(|one| one.tells == Tells::Median && !one.features.contains(&"alloc"));
    let contestants = contestants::chosen(contestants, &wanted.only, &[])?;
    let builds = Builds::of(&contestants)?;
    let processors = process::processors(1).unwrap_or_default();
    let mut truth = Truth::of(&contestants);
    for repetition in 0..wanted.repetitions {
        page::progress(&format!("repetition {} of {}", repetition + 1, wanted.repetitions));
        for at in order::shuffled(contestants.len(), u64::from(repetition)) {
            let contestant = &contestants[at];
            let (processors, loops) = (processors.clone(), sizes::truth(wanted.quick));
            let job = Job { contestant: contestant.entry.to_owned(), processors, loops };
            let report = process::contestant(contestant, builds.get(contestant), &job)?;
            truth.add(contestant, &job, &report);
        }
    }
    let is_true = truth.0.iter().filter(|row| row.is_ours).all(Row::is_true);
    page::finish(Kept::now(truth)?, wanted)?;
    Ok(is_true)
}

impl Truth {
    fn of(contestants: &[Contestant]) -> Truth {
        let rows = contestants.iter().flat_map(|one| {
            (sizes::COST_BODIES..BODIES.len()).map(|body| Row {
                contestant: one.name.clone(),
                is_ours: one.mode.is_some(),
                body,
                pairs: Vec::new(),
            })
        });
        Truth(rows.collect())
    }

    fn add(&mut self, contestant: &Contestant, job: &Job, report: &Report) {
        for (one, timed) in job.loops.iter().zip(&report.loops) {
            let recorded = report.recorded.iter().flatten().find(|recorded| recorded.body == Some(one.body));
            let p50_ns = recorded.and_then(|recorded| recorded.p50_ns).unwrap_or(f64::NAN);
            let is_same = |row: &&mut Row| row.contestant == contestant.name && row.body == one.body;
            if let Some(row) = self.0.iter_mut().find(is_same) {
                row.pairs.push((median(&timed.truth_ns), p50_ns));
            }
        }
    }

    fn of_body(&self, body: usize) -> impl Iterator<Item = &Row> {
        self.0.iter().filter(move |row| row.body == body)
    }
}

impl Row {
    fn truth(&self) -> f64 {
        median(&self.pairs.iter().map(|(truth, _)| *truth).collect::<Vec<_>>())
    }

    /// Reported less true, over the repetitions.
    fn error_ns(&self) -> f64 {
        median(&self.pairs.iter().map(|(truth, reported)| reported - truth).collect::<Vec<_>>())
    }

    fn is_true(&self) -> bool {
        is_within(self.truth(), self.truth() + self.error_ns())
    }

    fn cell(&self) -> String {
        let (truth, error) = (self.truth(), self.error_ns());
        let true_ones = self.pairs.iter().filter(|(truth, reported)| is_within(*truth, *reported)).count();
        let text = format!(
            "{} ({:+.1} %; {true_ones} of {})",
            table::duration(truth + error),
            100.0 * error / truth,
            self.pairs.len()
        );
        if self.is_true() { text } else { format!("**{text}**") }
    }
}

/// Is a reported median that of a body of this duration? What is no number is not.
fn is_within(truth: f64, reported: f64) -> bool {
    (reported - truth).abs() <= (TOLERANCE * truth).max(TOLERANCE_NS)
}

impl Figures for Truth {
    const NAME: &'static str = "truth";

    fn table(&self) -> String {
        let bodies = sizes::COST_BODIES..BODIES.len();
        let true_of = |body: usize| median(&self.of_body(body).map(Row::truth).collect::<Vec<_>>());
        let head = bodies.clone().map(|body| format!("true: {}", table::duration(true_of(body))));
        let head: Vec<String> = std::iter::once("reported p50".to_owned()).chain(head).collect();
        let names = self.of_body(bodies.start).map(|row| row.contestant.clone());
        let row = |name: String| {
            let cells = self.0.iter().filter(|row| row.contestant == name).map(Row::cell);
            std::iter::once(name.clone()).chain(cells).collect()
        };
        table::table(&head, &names.map(row).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(body: usize, pairs: &[(f64, f64)]) -> Row {
        Row { contestant: "Darwin, exact".into(), is_ours: true, body, pairs: pairs.to_vec() }
    }

    #[test]
    fn three_percent_or_five_nanoseconds_are_forgiven_whichever_is_more() {
        for (truth, reported) in [(5.0, 9.9), (20.0, 15.1), (1000.0, 1030.0), (1e7, 1.029e7)] {
            assert!(is_within(truth, reported), "{reported} for {truth}");
        }
        for (truth, reported) in [(5.0, 10.1), (80.0, 30.0), (1000.0, 1031.0), (1e7, 0.969e7)] {
            assert!(!is_within(truth, reported), "{reported} for {truth}");
        }
        assert!(!is_within(20.0, f64::NAN));
    }

    #[test]
    fn a_median_is_compared_with_the_truth_of_the_same_process() {
        // The machine is half as fast in the second and third repetition.
        let row = row(5, &[(80.0, 81.0), (160.0, 161.0), (160.0, 162.0)]);
        assert!(row.is_true());
        assert_eq!(row.cell(), "161.0 ns (+0.6 %; 3 of 3)");
    }

    #[test]
    fn what_is_not_true_is_bold() {
        assert_eq!(row(5, &[(82.0, 30.0)]).cell(), "**30.0 ns (-63.4 %; 0 of 1)**");
    }

    #[test]
    fn each_body_has_a_column_with_its_true_duration() {
        let rows = (sizes::COST_BODIES..BODIES.len()).map(|body| row(body, &[(20.0, 21.0)])).collect();
        let text = Truth(rows).table();
        let mut lines = text.lines();
        assert!(lines.next().unwrap().starts_with("| reported p50 | true: 20.0 ns | true: 20.0 ns |"));
        assert_eq!(lines.nth(1).unwrap().matches("21.0 ns (+5.0 %; 1 of 1)").count(), 7);
    }
}
