//! One block: a fresh pair of processes per workload, and one number per site and metric out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::counting::Counts;
use super::layouts::Layouts;
use super::random::Random;
use super::side::{BASELINE, CANDIDATE, Runnable};
use super::watcher::Watcher;
use crate::gate::sample::{self, BlockSamples, Clock, SideTurns, Turn};
use crate::gate::{BlockOutcome, Probe, ProbeError};
use crate::io::measure::{MeasureError, Measured, Pair, TurnPlan};
use crate::io::{figures, map};
use crate::model::{Nanos, SiteKey, SiteRun, VoidKind, VoidReason};

/// Length of a turn: long against a handover (5 us) and a cold cache, short against what changes on a shared machine.
pub const TURN: Duration = Duration::from_millis(5);

/// What each turn begins with and does not count: the other side has emptied the caches, and one or two calls in a
/// hundred would be slow for that alone, which is where p99 lies.
const WARM_UP: Duration = Duration::from_micros(500);

/// Pairs of turns that count. At a tolerance of 1 %, 20 pairs took 17 s with 88 % power, 6 pairs 7 s with 98 %
/// (GATE.md section 2, simulated on measured variance).
pub const FEWEST_PAIRS: u32 = 6;

/// Beyond this a block is no longer short, whatever its set-up costs.
const MOST_PAIRS: u32 = 40;

/// The pair in front of them, for warming up.
const WARM_UP_PAIRS: u32 = 1;

/// A workload on both sides, with what its counting runs said.
#[derive(Debug)]
pub struct PairedWorkload {
    /// The baseline's.
    pub baseline: Runnable,
    /// The candidate's.
    pub candidate: Runnable,
    /// What was counted.
    pub counts: Counts,
}

impl PairedWorkload {
    /// Pairs of turns: more than a few only where set-up would take most of a block.
    pub fn pairs(&self) -> u32 {
        let turns = self.counts.setup_seconds / (2.0 * self.turn_seconds());
        (turns.ceil() as u32).clamp(FEWEST_PAIRS, MOST_PAIRS)
    }

    /// A turn holds one iteration at least.
    fn turn_seconds(&self) -> f64 {
        self.counts.iteration_seconds.max(TURN.as_secs_f64())
    }

    /// Counting runs times this are the calls of a block.
    pub fn block_share(&self) -> f64 {
        match self.counts.iterations {
            None => 1.0,
            Some(iterations) => {
                let per_turn = (self.turn_seconds() / self.counts.iteration_seconds).floor().max(1.0);
                f64::from(self.pairs()) * per_turn / iterations as f64
            }
        }
    }
}

/// Measures blocks of real processes.
#[derive(Debug)]
pub struct Blocks<'a> {
    workloads: &'a [PairedWorkload],
    layouts: &'a Layouts,
    random: Random,
    limit: Duration,
    watcher: Watcher,
}

impl<'a> Blocks<'a> {
    /// Blocks of these workloads; each process is killed after `limit`.
    pub fn new(
        workloads: &'a [PairedWorkload],
        layouts: &'a Layouts,
        random: Random,
        limit: Duration,
        watcher: Watcher,
    ) -> Blocks<'a> {
        Blocks { workloads, layouts, random, limit, watcher }
    }

    /// The workload of `side` in the layout of this block.
    fn runnable(&self, workload: &PairedWorkload, side: usize) -> Runnable {
        let runnable = if side == BASELINE { &workload.baseline } else { &workload.candidate };
        runnable.in_layout(self.layouts.of(side, runnable.executable()))
    }

    fn measure(&mut self, workload: &PairedWorkload) -> Result<Option<BlockSamples>, MeasureError> {
        let coin = self.random.coin();
        if !workload.candidate.takes_turns() {
            return self.whole_runs(workload, coin).map(Some);
        }
        let turns = TurnPlan {
            turn: TURN,
            warm_up: WARM_UP,
            pairs: workload.pairs() + WARM_UP_PAIRS,
            coin,
            seeds: [self.random.seed(), self.random.seed()],
        };
        let candidate = self.runnable(workload, CANDIDATE);
        let pair = candidate.against(&self.runnable(workload, BASELINE), turns, self.limit)?;
        self.watcher.end(&pair.sides);
        if !pair.complete {
            return Ok(None);
        }
        samples_of(&workload.candidate.name, &pair).map(Some)
    }

    fn whole_runs(&mut self, workload: &PairedWorkload, coin: usize) -> Result<BlockSamples, MeasureError> {
        let plan = crate::io::control::Plan::Fixed { iterations: 0 };
        let mut runs: [Vec<SiteRun>; 2] = [Vec::new(), Vec::new()];
        let mut both = Vec::new();
        for side in [coin, 1 - coin] {
            let runnable = self.runnable(workload, side);
            let measured = runnable.alone(side, plan, self.limit)?;
            runs[side] = figures::site_runs(&runnable.name, &measured)?;
            both.push(measured);
        }
        self.watcher.end(&both);
        Ok(samples_of_whole_runs(&runs))
    }
}

impl Probe for Blocks<'_> {
    fn block(&mut self, number: u32, open: &BTreeSet<String>) -> Result<BlockOutcome, ProbeError> {
        self.layouts.renew(&mut self.random).map_err(ProbeError::new)?;
        let mut all = BlockSamples::default();
        for workload in self.workloads.iter().filter(|workload| open.contains(&workload.candidate.name)) {
            self.watcher.begin(number, &workload.candidate);
            let measured = self.measure(workload).map_err(ProbeError::new)?;
            if let Some(disturbed) = self.watcher.disturbed() {
                return Ok(BlockOutcome::Void(disturbed));
            }
            match measured {
                None => {
                    let words = format!("{}: turns were broken off", workload.candidate.name);
                    return Ok(BlockOutcome::Void(VoidReason::new(VoidKind::Turns, words)));
                }
                Some(samples) => {
                    all.sites.extend(samples.sites);
                    all.candidate_only.extend(samples.candidate_only);
                }
            }
        }
        Ok(BlockOutcome::Judged(all))
    }
}

fn samples_of_whole_runs(runs: &[Vec<SiteRun>; 2]) -> BlockSamples {
    let mut samples = BlockSamples::default();
    for after in &runs[CANDIDATE] {
        match runs[BASELINE].iter().find(|before| before.site.name == after.site.name && before.calls > 0) {
            Some(before) => {
                samples.sites.extend(sample::from_histograms(before, after).map(|both| (after.key(), both)))
            }
            None => drop(samples.candidate_only.insert(after.key(), sample::levels_from_histogram(after))),
        }
    }
    samples
}

/// The turns of one side with sites numbered alike on both sides.
struct Side {
    turns: SideTurns,
    empty_ticks: f64,
    nanos_per_tick: f64,
}

fn samples_of(workload: &str, pair: &Pair) -> Result<BlockSamples, MeasureError> {
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let baseline = read_side(&pair.sides[BASELINE], &mut numbers)?;
    let candidate = read_side(&pair.sides[CANDIDATE], &mut numbers)?;
    let clock = Clock {
        tick: Nanos((baseline.nanos_per_tick + candidate.nanos_per_tick) / 2.0),
        baseline_empty_ticks: baseline.empty_ticks,
        candidate_empty_ticks: candidate.empty_ticks,
    };
    let key = |site: &str| SiteKey { workload: workload.to_owned(), site: site.to_owned() };
    let both = sample::from_turns(&baseline.turns, &candidate.turns, &clock);
    let mut samples = BlockSamples::default();
    for (site, number) in &numbers {
        match both.get(number) {
            Some(sample) => drop(samples.sites.insert(key(site), *sample)),
            None if candidate.turns.0.iter().any(|turn| turn.sites.contains_key(number)) => {
                let levels = sample::levels(&candidate.turns, *number, &clock);
                samples.candidate_only.insert(key(site), levels);
            }
            None => {}
        }
    }
    Ok(samples)
}

/// Puts the turns of all processes of a side together; the warming-up pair is left out.
fn read_side(measured: &Measured, numbers: &mut BTreeMap<String, u32>) -> Result<Side, MeasureError> {
    let mut pairs: BTreeMap<u32, Turn> = BTreeMap::new();
    let (mut empty_ticks, mut nanos_per_tick) = (0.0, 0.0);
    let share = 1.0 / measured.maps.len().max(1) as f64;
    for map in &measured.maps {
        let logs = map.logs()?;
        empty_ticks += share * figures::logged_empty_ticks(map, &logs);
        nanos_per_tick += share * map.clock.nanos_per_tick(measured.end);
        for (number, turn) in map::turns(&logs) {
            let pair = number / 2;
            if pair >= WARM_UP_PAIRS {
                add_turn(pairs.entry(pair).or_default(), turn, map, numbers);
            }
        }
    }
    Ok(Side { turns: SideTurns(pairs.into_values().collect()), empty_ticks, nanos_per_tick })
}

fn add_turn(into: &mut Turn, turn: map::Turn, map: &map::Map, numbers: &mut BTreeMap<String, u32>) {
    for (id, samples) in turn.samples.into_iter().enumerate().filter(|(_, samples)| !samples.is_empty()) {
        let raw = id.checked_sub(1).and_then(|index| map.sites.get(index));
        let Some(site) = raw.and_then(|raw| raw.site.as_ref()) else { continue };
        let next = numbers.len() as u32;
        let number = *numbers.entry(site.name.clone()).or_insert(next);
        into.sites.entry(number).or_default().extend(samples);
    }
}
