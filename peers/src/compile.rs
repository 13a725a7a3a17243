//! `compile`: what annotated functions add to the time of a build. Dependencies are built before; what is timed is
//! cargo and the one package.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::cli::Wanted;
use crate::error::Error;
use crate::generated::{Flavour, Generated};
use crate::results::{Figures, Kept};
use crate::statistics::{paired, spread};
use crate::{builds, order, page, sizes, table};

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compile {
    functions: usize,
    rows: Vec<Row>,
}

/// One flavour in one profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    name: String,
    release: bool,
    /// Seconds of a build, for each repetition.
    seconds: Vec<f64>,
}

/// Measures, shows and keeps.
///
/// # Errors
/// When a build fails.
pub fn run(wanted: &Wanted) -> Result<bool, Error> {
    let functions = sizes::compile(wanted.quick);
    let mut builds = Vec::new();
    for flavour in Flavour::ALL.into_iter().filter(|flavour| is_wanted(*flavour, wanted)) {
        page::progress(&format!("dependencies: {}", flavour.name()));
        for release in [false, true] {
            let package = Generated::write(flavour, functions)?;
            builds::executable(&mut package.build(release))?;
            builds.push((flavour, release, package));
        }
    }
    let row =
        |flavour: Flavour, release| Row { name: flavour.name().to_owned(), release, seconds: Vec::new() };
    let mut compile = Compile {
        functions,
        rows: builds.iter().map(|(flavour, release, _)| row(*flavour, *release)).collect(),
    };
    for repetition in 0..wanted.repetitions {
        page::progress(&format!("repetition {} of {}", repetition + 1, wanted.repetitions));
        for at in order::shuffled(builds.len(), u64::from(repetition)) {
            let (_, release, package) = &builds[at];
            package.touch()?;
            let begin = Instant::now();
            builds::executable(&mut package.build(*release))?;
            compile.rows[at].seconds.push(begin.elapsed().as_secs_f64());
        }
    }
    page::finish(Kept::now(compile)?, wanted)?;
    Ok(true)
}

/// Without attributes comes in any case, and so does what ratios are to.
fn is_wanted(flavour: Flavour, wanted: &Wanted) -> bool {
    let name = flavour.name().to_lowercase();
    let always = [Flavour::Bare, Flavour::Tracing, Flavour::HotpathOn];
    wanted.only.is_empty()
        || always.contains(&flavour)
        || wanted.only.iter().any(|word| name.contains(&word.to_lowercase()))
}

impl Compile {
    fn seconds(&self, flavour: Flavour, release: bool) -> &[f64] {
        let is_same = |row: &&Row| row.name == flavour.name() && row.release == release;
        self.rows.iter().find(is_same).map_or(&[], |row| row.seconds.as_slice())
    }

    /// Seconds that the attributes of 1000 functions add.
    fn added(&self, seconds: &[f64], release: bool) -> Vec<f64> {
        let per_thousand = 1000.0 / self.functions as f64;
        paired(seconds, self.seconds(Flavour::Bare, release), |one, bare| (one - bare) * per_thousand)
    }

    fn row(&self, row: &Row) -> Vec<String> {
        let profile = if row.release { "release" } else { "dev" };
        let mut cells = vec![row.name.clone(), profile.to_owned()];
        if row.name == Flavour::Bare.name() {
            cells.extend([
                format!("build: {}", table::with_spread(spread(&row.seconds))),
                "-".into(),
                "-".into(),
            ]);
            return cells;
        }
        let added = self.added(&row.seconds, row.release);
        cells.push(table::with_spread(spread(&added)));
        for other in [Flavour::Tracing, Flavour::HotpathOn] {
            let other = self.added(self.seconds(other, row.release), row.release);
            cells.push(table::ratio(spread(&paired(&added, &other, |added, other| added / other))));
        }
        cells
    }
}

impl Figures for Compile {
    const NAME: &'static str = "compile";

    fn table(&self) -> String {
        let head = [
            format!("{} functions", self.functions),
            "profile".to_owned(),
            "s added per 1000".to_owned(),
            "of tracing".to_owned(),
            "of hotpath, on".to_owned(),
        ];
        let rows = [false, true].into_iter().flat_map(|release| {
            self.rows.iter().filter(move |row| row.release == release).map(|row| self.row(row))
        });
        table::table(&head, &rows.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(functions: usize) -> Compile {
        let row = |flavour: Flavour, release: bool, seconds: f64| Row {
            name: flavour.name().to_owned(),
            release,
            seconds: vec![seconds, 2.0 * seconds],
        };
        let rows = [false, true].into_iter().flat_map(|release| {
            [
                row(Flavour::Bare, release, 1.0),
                row(Flavour::DarwinOff, release, 1.5),
                row(Flavour::Tracing, release, 5.0),
                row(Flavour::HotpathOn, release, 3.0),
            ]
        });
        Compile { functions, rows: rows.collect() }
    }

    #[test]
    fn what_is_added_is_compared_with_what_others_add_in_the_same_repetition() {
        let text = compile(1000).table();
        let row = text.lines().find(|line| line.starts_with("| Darwin, off | dev")).unwrap();
        assert_eq!(
            row,
            "| Darwin, off | dev | 0.75 (0.62 to 0.88) | 0.12 (0.12 to 0.12) | 0.25 (0.25 to 0.25) |"
        );
    }

    #[test]
    fn fewer_functions_are_told_as_a_thousand() {
        let text = compile(100).table();
        assert!(text.contains("| Darwin, off | release | 7.50 (6.25 to 8.75) |"), "{text}");
    }
}
