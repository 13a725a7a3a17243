//! Checks, until there are as many of each scenario as are wanted.

use crate::check::Bench;
use crate::cli::Proof;
use crate::edit::Edit;
use crate::error::Error;
use crate::origin::Origin;
use crate::plan::{self, Batch};
use crate::record::{Record, VERSION};
use crate::results::Results;
use crate::scenario::{self, Expected, Scenario, Wanted};
use crate::show;
use crate::workload::Workload;

/// Checks, shows each one and then the table. Returns whether each verdict was the expected one.
///
/// # Errors
/// When it cannot go on.
pub fn run(proof: &Proof) -> Result<bool, Error> {
    let wanted = wanted(proof)?;
    let origin = Origin::now()?;
    let mut results = Results::open(&proof.results())?;
    while let Some(batch) = plan::next(&wanted, |scenario| results.done(&origin, &scenario.to_string())) {
        same_sources(&origin)?;
        check(&batch, proof, &origin, &wanted, &mut results)?;
    }
    let names: Vec<String> = wanted.iter().map(|wanted| wanted.scenario.to_string()).collect();
    let of_ours = results.of(&origin).filter(|record| names.contains(&record.scenario));
    Ok(show::table(&of_ours.cloned().collect::<Vec<_>>()))
}

fn wanted(proof: &Proof) -> Result<Vec<Wanted>, Error> {
    let mut wanted = scenario::select(scenario::set(&proof.set)?, &proof.only)?;
    for Wanted { scenario, checks } in &mut wanted {
        scenario.tolerance = proof.tolerance.or(scenario.tolerance);
        *checks = proof.checks.unwrap_or(*checks);
        // Names are refused now, not after hours.
        edits(&Workload::load(&scenario.workload)?, scenario)?;
    }
    Ok(wanted)
}

fn same_sources(origin: &Origin) -> Result<(), Error> {
    let now = Origin::now()?;
    match now == *origin {
        true => Ok(()),
        false => Err(Error::SourcesChanged { before: origin.commit.clone(), after: now.commit }),
    }
}

fn check(
    batch: &Batch,
    proof: &Proof,
    origin: &Origin,
    wanted: &[Wanted],
    results: &mut Results,
) -> Result<(), Error> {
    let workload = Workload::load(&batch.scenario.workload)?;
    let edits = edits(&workload, &batch.scenario)?;
    let bench = Bench::of(workload)?;
    for number in batch.numbers.clone() {
        let edit = &edits[number as usize % edits.len()];
        let outcome = bench.check(&batch.scenario, edit, proof.max_time)?;
        let record = Record {
            version: VERSION,
            origin: origin.clone(),
            scenario: batch.scenario.to_string(),
            edit: edit.name.clone(),
            site: edit.site.clone(),
            expected: Expected::of(edit, &batch.scenario),
            outcome,
        };
        results.add(record.clone())?;
        let left = plan::left(wanted, |scenario| results.done(origin, &scenario.to_string()));
        show::progress(&record, number + 1, left);
    }
    Ok(())
}

/// What the checks of a scenario go through, one after the other and then again.
fn edits(workload: &Workload, scenario: &Scenario) -> Result<Vec<Edit>, Error> {
    match scenario.edit.as_str() {
        "unchanged" => Ok(vec![Edit::none()]),
        "neutral" => workload.neutral(),
        name => Ok(vec![workload.edit(name)?]),
    }
}
