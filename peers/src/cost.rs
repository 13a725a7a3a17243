//! `cost`: what a measured call takes above the bare one.

use contestant::{BODIES, Job};
use serde::{Deserialize, Serialize};

use crate::builds::Builds;
use crate::cli::Wanted;
use crate::contestants::{self, BARE, Contestant, FLOOR};
use crate::error::Error;
use crate::results::{Figures, Kept};
use crate::statistics::{median, paired, spread};
use crate::{order, page, process, sizes, table};

/// Most threads at the same time.
const MOST_THREADS: usize = 2;

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost(Vec<Row>);

/// One contestant with one body on some threads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    contestant: String,
    threads: usize,
    /// Number in [`BODIES`].
    body: usize,
    /// For each repetition, nanoseconds of a call.
    calls: Vec<Call>,
}

/// Medians over the slices of one process, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Call {
    /// Of a bare call, in a chain before anything else ran in the process.
    bare: f64,
    /// Of a call as the contestant measures it.
    measured: f64,
}

/// Measures, shows and keeps.
///
/// # Errors
/// When a contestant fails or did not record its calls.
pub fn run(wanted: &Wanted) -> Result<bool, Error> {
    let contestants = contestants::chosen(contestants::all(), &wanted.only, &[BARE, FLOOR])?;
    let mut cost = Cost(Vec::new());
    for repetition in 0..wanted.repetitions {
        page::progress(&format!("linking everyone in order {}", repetition + 1));
        let builds = Builds::in_order(&contestants, repetition + 1)?;
        page::progress(&format!("repetition {} of {}", repetition + 1, wanted.repetitions));
        for at in order::shuffled(contestants.len(), u64::from(repetition)) {
            for processors in (1..=MOST_THREADS).filter_map(process::processors) {
                measure(&contestants[at], &builds, processors, wanted.quick, &mut cost)?;
            }
        }
    }
    cost.sort(&contestants);
    page::finish(Kept::now(cost)?, wanted)?;
    Ok(true)
}

fn measure(
    contestant: &Contestant,
    builds: &Builds,
    processors: Vec<usize>,
    quick: bool,
    cost: &mut Cost,
) -> Result<(), Error> {
    let threads = processors.len();
    // A process for each body: what a worker thread has not done in time must not weigh on the next one.
    for one in sizes::cost(quick) {
        let (contestant_name, processors) = (contestant.entry.to_owned(), processors.clone());
        let job = Job { contestant: contestant_name, processors, loops: vec![one] };
        let report = process::contestant(contestant, builds.get(contestant), &job)?;
        for timed in &report.loops {
            let call = Call { bare: median(&timed.truth_ns), measured: median(&timed.call_ns) };
            cost.add(&contestant.name, threads, one.body, call);
        }
    }
    Ok(())
}

impl Cost {
    fn add(&mut self, contestant: &str, threads: usize, body: usize, call: Call) {
        let is_same =
            |row: &&mut Row| (row.contestant.as_str(), row.threads, row.body) == (contestant, threads, body);
        match self.0.iter_mut().find(is_same) {
            Some(row) => row.calls.push(call),
            None => self.0.push(Row { contestant: contestant.to_owned(), threads, body, calls: vec![call] }),
        }
    }

    /// Repetitions come in any order; tables do not.
    fn sort(&mut self, contestants: &[Contestant]) {
        let place = |row: &Row| contestants.iter().position(|one| one.name == row.contestant);
        self.0.sort_by_key(|row| (row.threads, place(row), row.body));
    }

    /// Nanoseconds above the bare call of the same process.
    fn above(&self, contestant: &str, threads: usize, body: usize) -> Vec<f64> {
        let is_same =
            |row: &&Row| (row.contestant.as_str(), row.threads, row.body) == (contestant, threads, body);
        let calls = self.0.iter().find(is_same).map_or(&[][..], |row| row.calls.as_slice());
        calls.iter().map(|call| call.measured - call.bare).collect()
    }

    /// What the bare call of all these processes takes.
    fn bare(&self, threads: usize, body: usize) -> Vec<f64> {
        let rows = self.0.iter().filter(|row| (row.threads, row.body) == (threads, body));
        rows.flat_map(|row| row.calls.iter().map(|call| call.bare)).collect()
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for row in &self.0 {
            if !names.contains(&row.contestant.as_str()) {
                names.push(&row.contestant);
            }
        }
        names
    }

    fn of_threads(&self, threads: usize) -> String {
        let bodies = 0..sizes::COST_BODIES;
        let mut head = vec![match threads {
            1 => "one thread".to_owned(),
            _ => format!("{threads} threads"),
        }];
        for body in bodies.clone() {
            head.push(format!("{}: ns", BODIES[body].about));
            head.push("of the floor".to_owned());
        }
        let row = |name: &str| {
            let cells = bodies.clone().flat_map(|body| self.cells(name, threads, body));
            std::iter::once(name.to_owned()).chain(cells).collect()
        };
        table::table(&head, &self.names().into_iter().map(row).collect::<Vec<_>>())
    }

    fn cells(&self, name: &str, threads: usize, body: usize) -> [String; 2] {
        let above = self.above(name, threads, body);
        let ratios = paired(&above, &self.above(FLOOR, threads, body), |above, floor| above / floor);
        // Above itself a bare call should cost nothing: its ratio is a control.
        let nanos = match name {
            BARE => format!("call: {}", table::with_spread(spread(&self.bare(threads, body)))),
            _ => table::with_spread(spread(&above)),
        };
        [nanos, table::ratio(spread(&ratios))]
    }

    /// A call on two threads beside one on one.
    fn two_threads(&self) -> String {
        let row = |name: &str| {
            let cell = |body| {
                let (two, one) = (self.above(name, MOST_THREADS, body), self.above(name, 1, body));
                table::ratio(spread(&paired(&two, &one, |two, one| two / one)))
            };
            let cells = (0..sizes::COST_BODIES).map(cell);
            std::iter::once(name.to_owned()).chain(cells).collect()
        };
        let head = std::iter::once("two threads, of one".to_owned());
        let head = head.chain((0..sizes::COST_BODIES).map(|body| BODIES[body].about.to_owned()));
        let names = self.names().into_iter().filter(|name| *name != BARE);
        table::table(&head.collect::<Vec<_>>(), &names.map(row).collect::<Vec<_>>())
    }
}

impl Figures for Cost {
    const NAME: &'static str = "cost";

    fn table(&self) -> String {
        let has = |threads: usize| self.0.iter().any(|row| row.threads == threads);
        let mut tables: Vec<String> = (1..=MOST_THREADS)
            .filter(|threads| has(*threads))
            .map(|threads| self.of_threads(threads))
            .collect();
        match has(MOST_THREADS) {
            true => tables.push(self.two_threads()),
            false => tables.push("Not on two threads: there is one processor only.\n".to_owned()),
        }
        tables.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two repetitions, the machine half as fast in the second.
    fn cost() -> Cost {
        let mut cost = Cost(Vec::new());
        for (name, ns) in [("Darwin, exact", 26.0), (BARE, 1.0), (FLOOR, 21.0)] {
            for (repetition, threads, body) in
                (0..2).flat_map(|r| (1..=2).flat_map(move |t| (0..3).map(move |b| (r, t, b))))
            {
                let slower = f64::from(1 + repetition);
                cost.add(name, threads, body, Call { bare: slower, measured: ns * slower });
            }
        }
        cost.sort(&contestants::all());
        cost
    }

    #[test]
    fn cost_is_above_the_bare_call_and_compared_with_the_floor_of_the_same_repetition() {
        let text = cost().table();
        let row = text.lines().find(|line| line.starts_with("| Darwin, exact | 37.5")).unwrap();
        // 25 and 50 above the bare call; 1.25 of 20 and 40.
        assert!(row.contains("| 37.5 (31.2 to 43.8) | 1.25 (1.25 to 1.25) |"), "{row}");
    }

    #[test]
    fn the_bare_call_stands_first_with_what_it_takes() {
        let text = cost().table();
        let first = text.lines().nth(2).unwrap();
        assert!(
            first.starts_with("| bare call | call: 1.50 (1.00 to 2.00) | 0.00 (0.00 to 0.00) |"),
            "{first}"
        );
    }

    #[test]
    fn two_threads_are_compared_with_one() {
        let text = cost().table();
        let row = text.lines().rfind(|line| line.starts_with("| Darwin, exact")).unwrap();
        assert_eq!(
            row,
            "| Darwin, exact | 1.00 (1.00 to 1.00) | 1.00 (1.00 to 1.00) | 1.00 (1.00 to 1.00) |"
        );
    }

    #[test]
    fn a_machine_with_one_processor_says_so() {
        let mut cost = cost();
        cost.0.retain(|row| row.threads == 1);
        assert!(cost.table().ends_with("Not on two threads: there is one processor only.\n"));
    }
}
