//! Checks, until there are as many as are wanted.

use std::path::Path;

use darwin_kept::{Origin, same};

use crate::cli::RunArgs;
use crate::edit::{Edits, SOURCE};
use crate::error::Error;
use crate::order::shuffled;
use crate::origin;
use crate::page;
use crate::paths::repository;
use crate::record::{Outcome, Record, VERSION};
use crate::results::{self, Results};
use crate::scenario::Scenario;
use crate::tools::{Tool, Tools};
use crate::workshop;

/// Makes what is missing of each round, in the round's order, and shows it.
///
/// # Errors
/// When it cannot go on. That a tool fails in a check is a result.
pub fn run(path: &Path, args: &RunArgs) -> Result<(), Error> {
    let wanted = args.wanted()?;
    let sources = origin::sources();
    let measured = sources.origin()?;
    let origin = same::counted(&measured, &same::all(repository())?);
    let mut results = Results::open(path)?;
    let missing = missing(&wanted, args.checks, |tool, scenario, round| {
        tool.peers().iter().all(|peer| results::has(&results, &origin, *peer, scenario, round))
    });
    let edits = Edits::load(&workshop::workload()?[SOURCE])?;
    let mut tools = Tools::prepare(&used(&missing))?;
    for (at, check) in missing.iter().enumerate() {
        sources.are_still(&measured)?;
        let records = made(check, &edits, &mut tools, &origin)?;
        page::progress(&records, missing.len() - at - 1);
        results.add(records)?;
    }
    Ok(())
}

/// A tool judges a scenario in a round.
type Check = (Tool, Scenario, u32);

/// The checks that there are not yet. In each round every tool judges every scenario once, in another order: nobody has
/// the quiet hours, and nobody always follows the same neighbour.
fn missing(
    wanted: &[(Tool, Scenario)],
    rounds: u32,
    done: impl Fn(Tool, Scenario, u32) -> bool,
) -> Vec<Check> {
    let of_round = |round: u32| {
        let order = shuffled(wanted.len(), u64::from(round));
        order.into_iter().map(move |at| (wanted[at].0, wanted[at].1, round))
    };
    (0..rounds).flat_map(of_round).filter(|&(tool, scenario, round)| !done(tool, scenario, round)).collect()
}

fn used(checks: &[Check]) -> Vec<Tool> {
    Tool::ALL.into_iter().filter(|tool| checks.iter().any(|check| check.0 == *tool)).collect()
}

fn made(
    &(tool, scenario, round): &Check,
    edits: &Edits,
    tools: &mut Tools,
    origin: &Origin,
) -> Result<Vec<Record>, Error> {
    let edit = scenario.edit(edits, round)?;
    let release = tool.release()?;
    let outcomes = tools.check(tool, &edit);
    let record = |(peer, outcome): (_, Outcome)| Record {
        version: VERSION,
        origin: origin.clone(),
        peer,
        release: release.clone(),
        scenario,
        edit: edit.name.clone(),
        slower: edit.slower().map(str::to_owned),
        round,
        outcome,
    };
    Ok(tool.peers().iter().copied().zip(outcomes).map(record).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const WANTED: [(Tool, Scenario); 3] = [
        (Tool::Darwin, Scenario::Unchanged),
        (Tool::Tango, Scenario::Unchanged),
        (Tool::Tango, Scenario::Tail),
    ];

    #[test]
    fn every_round_has_every_check_once() {
        let all = missing(&WANTED, 4, |_, _, _| false);
        for round in 0..4 {
            let of_round = &all[round as usize * 3..][..3];
            assert!(of_round.iter().all(|check| check.2 == round));
            assert!(WANTED.iter().all(|(tool, scenario)| of_round.contains(&(*tool, *scenario, round))));
        }
        let orders: BTreeSet<String> = all
            .chunks(3)
            .map(|of| format!("{:?}", of.iter().map(|c| (c.0, c.1)).collect::<Vec<_>>()))
            .collect();
        assert!(orders.len() > 1, "always in the same order");
    }

    #[test]
    fn stopped_anywhere_it_goes_on_with_the_same_checks() {
        let all = missing(&WANTED, 4, |_, _, _| false);
        for stop in 0..all.len() {
            let rest =
                missing(&WANTED, 4, |tool, scenario, round| all[..stop].contains(&(tool, scenario, round)));
            assert_eq!(rest, all[stop..]);
        }
    }

    #[test]
    fn only_tools_that_are_still_needed_are_made_ready() {
        let rest = missing(&WANTED, 1, |tool, _, _| tool == Tool::Tango);
        assert_eq!(used(&rest), [Tool::Darwin]);
    }
}
