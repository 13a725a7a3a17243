//! Runs of fixed work for the record, and beside it: as much work as the record was counted with, because what a program
//! allocates once is shared by all its calls.

use std::time::Duration;

use super::counting::{self, SideCounts};
use super::side::{CANDIDATE, Pace, Runnable};
use crate::gate::exact::COUNTING_RUNS;
use crate::io::baseline_file::Counting;
use crate::io::control::Plan;
use crate::io::figures;
use crate::io::measure::MeasureError;
use crate::model::{SiteKind, SiteRun};

/// Time in which the candidate shows how many iterations are reasonable: that of a counting run.
const SIZING: Duration = Duration::from_millis(20);

/// The record's number of iterations is taken as long as it is within this factor of a reasonable one: a counting run may
/// take two seconds in place of 20 ms, but not half an hour.
const MOST_TIMES: u64 = 100;

/// What the counting runs of one workload saw, and how much work they did.
#[derive(Debug, Clone)]
pub struct Recount {
    /// The runs.
    pub side: SideCounts,
    /// Iterations of each; `None` for whole runs.
    pub iterations: Option<u64>,
}

/// Counts the working tree's `runnable`, with the iterations of the record if it has a reasonable number.
///
/// # Errors
/// When a run fails, hangs, or measured nothing.
pub fn recount(
    runnable: &Runnable,
    recorded: Option<&Counting>,
    limit: Duration,
) -> Result<Recount, MeasureError> {
    if let Some(iterations) = recorded.and_then(|counting| counting.iterations)
        && is_reasonable(iterations, size(runnable, limit)?)
    {
        return Ok(Recount { side: fixed(runnable, iterations, limit)?, iterations: Some(iterations) });
    }
    let side = counting::count_alone(runnable, CANDIDATE, limit)?;
    let iterations = side.runs.first().and_then(|sites| iterations(runnable, sites));
    Ok(Recount { side, iterations })
}

fn is_reasonable(recorded: u64, sized: Option<u64>) -> bool {
    let within = |sized: u64| {
        recorded <= sized.saturating_mul(MOST_TIMES) && sized <= recorded.saturating_mul(MOST_TIMES)
    };
    sized.is_some_and(within)
}

fn size(runnable: &Runnable, limit: Duration) -> Result<Option<u64>, MeasureError> {
    let measured = runnable.alone(CANDIDATE, Plan::Timed { nanos: SIZING.as_nanos() as u64 }, limit)?;
    Ok(iterations(runnable, &figures::site_runs(&runnable.name, &measured)?))
}

fn fixed(runnable: &Runnable, iterations: u64, limit: Duration) -> Result<SideCounts, MeasureError> {
    let one = |_| {
        let measured = runnable.alone(CANDIDATE, Plan::Fixed { iterations }, limit)?;
        Ok(figures::site_runs(&runnable.name, &measured)?)
    };
    Ok(SideCounts { runs: (0..COUNTING_RUNS).map(one).collect::<Result<_, MeasureError>>()? })
}

/// One call of a bench is one iteration.
fn iterations(runnable: &Runnable, sites: &[SiteRun]) -> Option<u64> {
    let Pace::Bench { bench } = &runnable.pace else { return None };
    let own = sites.iter().find(|site| site.site.kind == SiteKind::Bench && site.site.name == *bench)?;
    Some(own.calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_work_is_done_again_unless_it_would_take_minutes() {
        for (recorded, sized, expected) in [
            (1500, Some(1500), true),
            (1500, Some(15), true),
            (1500, Some(150_000), true),
            (1500, Some(14), false),
            (1500, Some(150_001), false),
            (u64::MAX, Some(1), false),
            (1, None, false),
        ] {
            assert_eq!(is_reasonable(recorded, sized), expected, "{recorded} {sized:?}");
        }
    }
}
