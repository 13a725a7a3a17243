//! How the two sides of a workload are set against each other: settled by a rehearsal, before the first block.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::counting::{Counts, SideCounts};
use super::random::Random;
use super::side::{BASELINE, CANDIDATE, Pace, Runnable};
use crate::gate::turns::void_reason;
use crate::io::control::{Fair, TurnPlan, TurnsAt};
use crate::io::measure::{MeasureError, PairPlan};

/// Length of a turn at sites: long against a handover to several threads and a cold cache, short against what changes on a
/// shared machine.
const TURN: Duration = Duration::from_millis(3);

/// What each turn begins with and does not count: the other side has emptied the caches, and one or two calls in a
/// hundred would be slow for that alone, which is where p99 lies.
const WARM_UP: Duration = Duration::from_micros(500);

/// Turns at sites have that beginning only where so many entries fit into a turn: with slow functions it would be the
/// whole turn.
const ENTRIES_FOR_WARM_UP: f64 = 20.0;

/// Pairs of turns of a program whose samples are kept, evenly over its run and of both orders: at 20 ns a call 120 MB.
const LOGGED_PAIRS: f64 = 60.0;

/// One disturbed rehearsal may be chance.
const REHEARSALS: u32 = 2;

/// How the sides are set against each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Pairing {
    /// Turns between the iterations of a bench.
    Iterations,
    /// Turns at the entries of sites.
    Sites(SitePacing),
    /// One whole run after the other.
    WholeRuns {
        /// Why not in turns.
        why: String,
    },
}

/// How turns at sites are paced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SitePacing {
    /// The sites whose entries count as work, the most called first.
    sites: Vec<String>,
    stride: u32,
    warm_up: Duration,
}

impl Pairing {
    /// Settles it for a workload that has been counted.
    ///
    /// # Errors
    /// When either side fails, hangs, or measured nothing.
    pub fn settle(
        baseline: &Runnable,
        candidate: &Runnable,
        counts: &Counts,
        random: &mut Random,
        limit: Duration,
    ) -> Result<Pairing, MeasureError> {
        if matches!(candidate.pace, Pace::Bench { .. }) {
            return Ok(Pairing::Iterations);
        }
        let Some(pacing) = SitePacing::of(counts) else {
            let why = "no measured function is called equally often on both sides".to_owned();
            return Ok(Pairing::WholeRuns { why });
        };
        let mut why = String::new();
        for _ in 0..REHEARSALS {
            let plan = pacing.plan(random);
            let pair = candidate.against(baseline, &plan, limit)?;
            match void_reason(&pair.turns) {
                None => return Ok(Pairing::Sites(pacing)),
                Some(reason) => why = reason,
            }
        }
        Ok(Pairing::WholeRuns { why })
    }
}

impl SitePacing {
    /// By the sites that both sides call equally often; `None` where there is none.
    fn of(counts: &Counts) -> Option<SitePacing> {
        let [before, after] = [BASELINE, CANDIDATE].map(|side| calls_by_name(&counts.sides[side]));
        let mut paces: Vec<(u64, &str)> = before
            .iter()
            .filter(|(name, calls)| **calls > 0 && after.get(*name) == Some(calls))
            .map(|(name, calls)| (*calls, *name))
            .collect();
        paces.sort_unstable_by(|a, b| b.cmp(a));
        let entries: u64 = paces.iter().map(|(calls, _)| calls).sum();
        let turns = (counts.iteration_seconds / TURN.as_secs_f64()).max(1.0);
        let sites = paces.into_iter().map(|(_, name)| name.to_owned()).collect();
        (entries > 0).then(|| SitePacing {
            sites,
            stride: stride(turns),
            warm_up: if entries as f64 / turns >= ENTRIES_FOR_WARM_UP { WARM_UP } else { Duration::ZERO },
        })
    }

    /// The share of a run's calls that a block logs and counts.
    pub fn counted_share(&self) -> f64 {
        let turn = TURN.as_secs_f64();
        turn / (turn + self.warm_up.as_secs_f64()) / f64::from(self.stride)
    }

    /// A block of turns.
    pub fn plan(&self, random: &mut Random) -> PairPlan<'_> {
        let at = TurnsAt::Sites { stride: self.stride };
        PairPlan {
            turns: TurnPlan { turn: TURN, warm_up: self.warm_up, coin: random.coin(), at, fair: Fair::FULLY },
            pacing: &self.sites,
            seeds: [random.seed(), random.seed()],
        }
    }
}

/// Every so many of so many pairs of turns are kept. The number is odd: who goes first alternates from pair to pair.
fn stride(pairs: f64) -> u32 {
    (pairs / LOGGED_PAIRS).ceil().max(1.0) as u32 | 1
}

/// Calls in the first run by name, as the program knows it: without the number that tells repeats apart.
fn calls_by_name(counts: &SideCounts) -> BTreeMap<&str, u64> {
    let mut calls = BTreeMap::new();
    for (site, made) in counts.calls() {
        *calls.entry(without_number(site)).or_default() += made;
    }
    calls
}

fn without_number(site: &str) -> &str {
    let numbered = site.rsplit_once('#').filter(|(_, number)| number.parse::<u32>().is_ok());
    numbered.map_or(site, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_turns_that_are_kept_are_of_both_orders() {
        assert_eq!([1.0, 60.0, 61.0, 120.0, 200.0, 1e6].map(stride), [1, 1, 3, 3, 5, 16_667]);
    }
}
