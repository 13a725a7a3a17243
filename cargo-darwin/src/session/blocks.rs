//! One block: a fresh pair of processes per workload, and one number per site and metric out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::counting::{self, Counts};
use super::layouts::Layouts;
use super::pairing::{Pairing, TURN, WARM_UP};
use super::random::Random;
use super::side::{BASELINE, CANDIDATE, Runnable};
use super::watcher::Watcher;
use crate::gate::sample::{self, BlockSamples, Clock, SideTurns, Turn};
use crate::gate::{self, BlockOutcome, Probe, ProbeError};
use crate::io::control::{Plan, TurnPlan, TurnsAt};
use crate::io::measure::{MeasureError, Measured, Pair, PairPlan};
use crate::io::{figures, map};
use crate::model::{Nanos, SiteKey, SiteRun, VoidKind, VoidReason};

/// Pairs of turns that count. At a tolerance of 1 %, 20 pairs took 17 s with 88 % power, 6 pairs 7 s with 98 %
/// (GATE.md section 2, simulated on measured variance).
const FEWEST_PAIRS: u32 = 6;

/// Beyond this a block is no longer short, whatever its set-up costs.
const MOST_PAIRS: u32 = 40;

/// The pair in front of them, for warming up.
const WARM_UP_PAIRS: u32 = 1;

/// A short program has few pairs of turns, and not one to spare.
const FEWEST_PAIRS_TO_WARM_UP: u32 = 4;

/// A workload on both sides, with what its counting runs said.
#[derive(Debug)]
pub struct PairedWorkload {
    /// The baseline's.
    pub baseline: Runnable,
    /// The candidate's.
    pub candidate: Runnable,
    /// What was counted.
    pub counts: Counts,
    /// How the sides are set against each other.
    pub pairing: Pairing,
}

impl PairedWorkload {
    /// Counts a workload on both sides and settles how it is measured.
    ///
    /// # Errors
    /// When either side fails, hangs, or measured nothing.
    pub fn prepare(
        baseline: Runnable,
        candidate: Runnable,
        random: &mut Random,
        limit: Duration,
    ) -> Result<PairedWorkload, MeasureError> {
        let counts = counting::count(&baseline, &candidate, limit)?;
        let mut workload = PairedWorkload::new(baseline, candidate, counts, Pairing::Iterations);
        let PairedWorkload { baseline, candidate, counts, .. } = &workload;
        workload.pairing = Pairing::settle(baseline, candidate, counts, random, limit)?;
        Ok(workload)
    }

    /// A workload that was counted and settled before.
    pub fn new(baseline: Runnable, candidate: Runnable, counts: Counts, pairing: Pairing) -> PairedWorkload {
        let (baseline, candidate) = match counts.threads {
            0 | 1 => (baseline.on_one_processor(), candidate.on_one_processor()),
            _ => (baseline, candidate),
        };
        PairedWorkload { baseline, candidate, counts, pairing }
    }

    /// Threads of one side must be able to run at the same time; a single one is bound.
    pub fn is_on_one_processor(&self) -> bool {
        self.counts.threads <= 1
    }

    /// Pairs of turns of a bench: more than a few only where set-up would take most of a block.
    fn pairs(&self) -> u32 {
        let turns = self.counts.setup_seconds / (2.0 * self.turn_seconds());
        (turns.ceil() as u32).clamp(FEWEST_PAIRS, MOST_PAIRS)
    }

    /// A turn holds one iteration at least.
    fn turn_seconds(&self) -> f64 {
        self.counts.iteration_seconds.max(TURN.as_secs_f64())
    }

    /// Counting runs times this are the calls of a block.
    pub fn block_share(&self) -> f64 {
        match (self.counts.iterations, &self.pairing) {
            (None, Pairing::Sites(pacing)) => pacing.counted_share(),
            (None, _) => 1.0,
            (Some(iterations), _) => {
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

    fn measure(&mut self, workload: &PairedWorkload) -> Result<BlockOutcome, MeasureError> {
        let pair = match &workload.pairing {
            Pairing::WholeRuns { .. } => {
                let coin = self.random.coin();
                return self.whole_runs(workload, coin).map(BlockOutcome::Judged);
            }
            Pairing::Iterations => {
                let plan = self.iterations(workload);
                self.pair(workload, &plan)?
            }
            Pairing::Sites(pacing) => {
                let plan = pacing.plan(&mut self.random);
                self.pair(workload, &plan)?
            }
        };
        self.watcher.end(&pair.sides);
        match gate::turns::void_reason(&pair.turns) {
            Some(why) => Ok(BlockOutcome::Void(VoidReason::new(VoidKind::Turns, why))),
            None => samples_of(workload, &pair).map(BlockOutcome::Judged),
        }
    }

    fn iterations(&mut self, workload: &PairedWorkload) -> PairPlan<'static> {
        let at = TurnsAt::Iterations { pairs: workload.pairs() + WARM_UP_PAIRS };
        PairPlan {
            turns: TurnPlan { turn: TURN, warm_up: WARM_UP, coin: self.random.coin(), at },
            pacing: &[],
            seeds: [self.random.seed(), self.random.seed()],
        }
    }

    fn pair(&self, workload: &PairedWorkload, plan: &PairPlan<'_>) -> Result<Pair, MeasureError> {
        self.runnable(workload, CANDIDATE).against(&self.runnable(workload, BASELINE), plan, self.limit)
    }

    fn whole_runs(&mut self, workload: &PairedWorkload, coin: usize) -> Result<BlockSamples, MeasureError> {
        let plan = Plan::Fixed { iterations: 0 };
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
            self.watcher.begin(number, workload);
            let measured = self.measure(workload).map_err(ProbeError::new)?;
            if let Some(disturbed) = self.watcher.disturbed() {
                return Ok(BlockOutcome::Void(disturbed));
            }
            match measured {
                BlockOutcome::Void(reason) => {
                    let words = format!("{}: {}", workload.candidate.name, reason.words);
                    return Ok(BlockOutcome::Void(VoidReason { words, ..reason }));
                }
                BlockOutcome::Judged(samples) => {
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

/// The pairs of turns of one side with sites numbered alike on both sides.
struct Side {
    pairs: BTreeMap<u32, Turn>,
    empty_ticks: f64,
    nanos_per_tick: f64,
}

fn samples_of(workload: &PairedWorkload, pair: &Pair) -> Result<BlockSamples, MeasureError> {
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut baseline = read_side(&pair.sides[BASELINE], &mut numbers)?;
    let mut candidate = read_side(&pair.sides[CANDIDATE], &mut numbers)?;
    keep_common(&mut baseline.pairs, &mut candidate.pairs);
    let clock = Clock {
        tick: Nanos((baseline.nanos_per_tick + candidate.nanos_per_tick) / 2.0),
        baseline_empty_ticks: baseline.empty_ticks,
        candidate_empty_ticks: candidate.empty_ticks,
    };
    let turns = |side: Side| SideTurns(side.pairs.into_values().collect());
    let (baseline, candidate) = (turns(baseline), turns(candidate));
    let key = |site: &str| SiteKey { workload: workload.candidate.name.clone(), site: site.to_owned() };
    let both = sample::from_turns(&baseline, &candidate, &clock);
    let mut samples = BlockSamples::default();
    for (site, number) in &numbers {
        match both.get(number) {
            Some(sample) => drop(samples.sites.insert(key(site), *sample)),
            None if candidate.0.iter().any(|turn| turn.sites.contains_key(number)) => {
                let levels = sample::levels(&candidate, *number, &clock);
                samples.candidate_only.insert(key(site), levels);
            }
            None => {}
        }
    }
    Ok(samples)
}

/// Leaves the pairs of turns that both sides made, without the first, which warms up, where there are enough of them, and
/// without the last if a side ended in the middle of it: that one did less work. Settled on counts of both sides.
fn keep_common(before: &mut BTreeMap<u32, Turn>, after: &mut BTreeMap<u32, Turn>) {
    let work = |turn: &Turn| turn.sites.values().map(Vec::len).sum::<usize>();
    let mut kept: Vec<u32> = before.keys().copied().filter(|pair| after.contains_key(pair)).collect();
    if kept.len() as u32 > FEWEST_PAIRS_TO_WARM_UP {
        kept.drain(..WARM_UP_PAIRS as usize);
    }
    if kept.len() > 1 {
        kept.pop_if(|last| work(&before[last]) != work(&after[last]));
    }
    before.retain(|pair, _| kept.contains(pair));
    after.retain(|pair, _| kept.contains(pair));
}

/// Puts the turns of all processes of a side together, by their pairs.
fn read_side(measured: &Measured, numbers: &mut BTreeMap<String, u32>) -> Result<Side, MeasureError> {
    let mut pairs: BTreeMap<u32, Turn> = BTreeMap::new();
    let (mut empty_ticks, mut nanos_per_tick) = (0.0, 0.0);
    let share = 1.0 / measured.maps.len().max(1) as f64;
    for map in &measured.maps {
        let logs = map.logs()?;
        empty_ticks += share * figures::logged_empty_ticks(map, &logs);
        nanos_per_tick += share * map.clock.nanos_per_tick(measured.end);
        for (number, turn) in map::turns(&logs) {
            add_turn(pairs.entry(number / 2).or_default(), turn, map, numbers);
        }
    }
    Ok(Side { pairs, empty_ticks, nanos_per_tick })
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
