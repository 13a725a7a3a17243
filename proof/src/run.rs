//! Checks, until there are as many of each scenario as are wanted.

use std::time::{SystemTime, UNIX_EPOCH};

use darwin_kept::{Origin, same};
use darwin_tests::repository;

use crate::check::Bench;
use crate::cli::Proof;
use crate::edit::Edit;
use crate::error::Error;
use crate::load::Load;
use crate::origin;
use crate::plan::{self, Batch};
use crate::record::{Record, VERSION};
use crate::results::{self, Results};
use crate::scenario::{Expected, Scenario};
use crate::sets::{self, Wanted};
use crate::show;
use crate::workload::Workload;

/// Checks, shows each one and then the table. Returns whether each verdict was the expected one.
///
/// # Errors
/// When it cannot go on.
pub fn run(proof: &Proof) -> Result<bool, Error> {
    let wanted = wanted(proof)?;
    let sources = origin::sources();
    let measured = sources.origin()?;
    let origin = same::counted(&measured, &same::all(repository())?);
    let mut results = Results::open(&proof.out.clone().unwrap_or_else(|| results::file_of(&origin)))?;
    let mut series = Series { origin: &origin, revision: &measured.commit, wanted: &wanted, bench: None };
    while let Some(batch) = plan::next(&wanted, |scenario| results::done(&results, &origin, scenario)) {
        sources.are_still(&measured)?;
        series.check(&batch, &mut results)?;
    }
    let names: Vec<String> = wanted.iter().map(|wanted| wanted.scenario.to_string()).collect();
    let of_ours = results.of(&origin).filter(|record| names.contains(&record.scenario));
    Ok(show::table(&of_ours.cloned().collect::<Vec<_>>()))
}

fn wanted(proof: &Proof) -> Result<Vec<Wanted>, Error> {
    let mut wanted = sets::select(sets::set(&proof.set)?, &proof.only)?;
    for Wanted { scenario, checks, .. } in &mut wanted {
        scenario.tolerance = proof.tolerance.or(scenario.tolerance);
        scenario.max_time = proof.max_time.or(scenario.max_time);
        *checks = proof.checks.unwrap_or(*checks);
        // Names are refused now, not after hours.
        scenario.known_measures()?;
        Workload::load(&scenario.workload)?.edits(&scenario.edit)?;
    }
    Ok(wanted)
}

/// Checks one after another.
struct Series<'a> {
    /// What the results are counted with.
    origin: &'a Origin,
    /// The commit itself.
    revision: &'a str,
    wanted: &'a [Wanted],
    /// The workload that was checked last, by its name: another copy of it would be built again.
    bench: Option<(String, Bench)>,
}

impl Series<'_> {
    fn check(&mut self, batch: &Batch, results: &mut Results) -> Result<(), Error> {
        let (scenario, origin, wanted, revision) = (&batch.scenario, self.origin, self.wanted, self.revision);
        let edits = Workload::load(&scenario.workload)?.edits(&scenario.edit)?;
        let bench = self.bench(&scenario.workload)?;
        // What checks of other scenarios have left is not of these edits.
        bench.forget()?;
        for number in batch.numbers.clone() {
            let mut record = one(bench, origin, scenario, &edits[batch.edit_of(number, edits.len())])?;
            record.revision = (revision != origin.commit).then(|| revision.to_owned());
            results.add([record.clone()])?;
            let left = plan::left(wanted, |scenario| results::done(results, origin, scenario));
            show::progress(&record, number + 1, left);
        }
        Ok(())
    }

    fn bench(&mut self, name: &str) -> Result<&mut Bench, Error> {
        // There is one place for all of them: the last one goes before the next one comes.
        let bench = match self.bench.take().filter(|(known, _)| known == name) {
            Some(bench) => bench,
            None => (name.to_owned(), Bench::of(Workload::load(name)?)?),
        };
        Ok(&mut self.bench.insert(bench).1)
    }
}

fn one(bench: &mut Bench, origin: &Origin, scenario: &Scenario, edit: &Edit) -> Result<Record, Error> {
    let (began, load) = (seconds_since_1970(), Load::now());
    let outcome = bench.check(scenario, edit)?;
    let record = Record {
        version: VERSION,
        origin: origin.clone(),
        revision: None,
        scenario: scenario.to_string(),
        edit: edit.name.clone(),
        site: edit.site.clone(),
        expected: Expected::of(edit, scenario),
        began,
        load,
        outcome,
    };
    Ok(record.kept())
}

/// Of now.
pub fn seconds_since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
